/* Design
 *
 * A transition is first worked out as a plan (pure reading, so that a dry run and the sheet see what would happen), then recorded with
 * before and after of everything that moves, then written; all inside one transaction. Steps:
 *   the version itself            its lane -> the new lane
 *   who holds a single lane       that lane -> the archive lane; a rollback sends away whom it replaces in any lane
 *   aliases of the policy's rule  to the version; with a rollback also those that came with the promotion it undoes
 *   requests that no longer fit   open ones of versions that leave the lane they were asked from: withdrawn
 * Who makes room gets a record of its own first, so that a version's own history is whole; the record of the move comes last and has all of it.
 * It carries the gates as measured, the request and the policy's version, so that a decision can be read later without
 * the policy of that day.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/decide_impl.h"

/* ---- working it out ---- */

static void add_step(struct arena *a, struct plan *p, struct step step)
{
	struct step *more = arena_array(a, p->n_steps + 1, sizeof *more);
	if (p->n_steps)
		memcpy(more, p->steps, p->n_steps * sizeof *more);
	more[p->n_steps++] = step;
	p->steps = more;
}

static bool has_alias(const struct plan *p, const char *alias)
{
	for (size_t i = 0; i < p->n_aliases; i++)
		if (strcmp(p->aliases[i].alias, alias) == 0)
			return true;
	return false;
}

/* An alias that is there already does not move. */
static enum status add_alias(struct store *s, struct arena *a, struct plan *p, const char *alias, struct err *e)
{
	int64_t from;
	if (has_alias(p, alias))
		return ST_OK;
	enum status st = reg_int(s, e, 0, &from, "SELECT version FROM reg_alias WHERE model_id = ? AND alias = ?", "it", p->gates->model_id, alias);
	if (st != ST_OK || from == p->gates->version)
		return st;
	struct alias_step *more = arena_array(a, p->n_aliases + 1, sizeof *more);
	if (p->n_aliases)
		memcpy(more, p->aliases, p->n_aliases * sizeof *more);
	more[p->n_aliases++] = (struct alias_step){ arena_strdup(a, alias), from, p->gates->version };
	p->aliases = more;
	return ST_OK;
}

static enum status add_leaving(struct store *s, struct arena *a, struct plan *p, enum move_kind kind, int64_t current, struct err *e)
{
	const struct gate_report *g = p->gates;
	int rc;
	sqlite3_stmt *q = reg_query(s, e, "SELECT v.version, v.id, r.stage FROM model_version v JOIN reg_version r ON r.version_id = v.id WHERE v.model_id = ?1 AND NOT r.deleted "
		"AND r.stage = ?2 COLLATE NOCASE AND v.version <> ?3 AND (?4 OR v.version = ?5) ORDER BY 1", "itiii", g->model_id, g->to, g->version,
		(int64_t)policy_lane_single(g->policy, g->to), current);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		int64_t version = sqlite3_column_int64(q, 0);
		add_step(a, p, (struct step){ version, sqlite3_column_int64(q, 1), arena_strdup(a, reg_column(q, 2)), g->policy->archive,
			kind == MOVE_ROLLBACK && version == current ? "rolled back" : "archive" });
	}
	return reg_done(s, q, rc, e);
}

/* Aliases that came with the step which a rollback undoes, and are still where it put them. */
static enum status add_returning(struct store *s, struct arena *a, struct plan *p, int64_t current, struct err *e)
{
	int rc;
	const char **names = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q = reg_query(s, e, "SELECT h.name FROM reg_held h JOIN reg_held l ON l.model_id = h.model_id AND l.kind = 'stage' AND l.name = ?3 COLLATE NOCASE AND l.version = ?2 "
		"AND l.to_ms IS NULL AND l.from_seq = h.from_seq WHERE h.model_id = ?1 AND h.kind = 'alias' AND h.version = ?2 AND h.to_ms IS NULL ORDER BY 1", "iit",
		p->gates->model_id, current, p->gates->to);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(names, cap, n + 1);
		names[n++] = arena_strdup(a, reg_column(q, 0));
	}
	enum status st = reg_done(s, q, rc, e);
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = add_alias(s, a, p, names[i], e);
	free(names);
	return st;
}

static enum status add_overtaken(struct store *s, struct arena *a, struct plan *p, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; i < p->n_steps && st == ST_OK; i++) {
		int rc;
		sqlite3_stmt *q = reg_query(s, e, "SELECT id FROM reg_request WHERE model_id = ? AND version = ? AND state = 'open' AND id <> ? AND to_stage NOT LIKE '@%'", "iii",
			p->gates->model_id, p->steps[i].version, p->gates->request_id);
		if (!q)
			return ST_FAILED;
		while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
			int64_t *more = arena_array(a, p->n_overtaken + 1, sizeof *more);
			if (p->n_overtaken)
				memcpy(more, p->overtaken, p->n_overtaken * sizeof *more);
			more[p->n_overtaken++] = sqlite3_column_int64(q, 0);
			p->overtaken = more;
		}
		st = reg_done(s, q, rc, e);
	}
	return st;
}

enum status plan_make(struct store *s, struct arena *a, struct gate_report *g, enum move_kind kind, int64_t current, struct plan *out, struct err *e)
{
	static const char *const hows[] = { [MOVE_PROMOTE] = "promote", [MOVE_ROLLBACK] = "rollback", [MOVE_AUTO] = "auto" };
	enum status st = ST_OK;
	*out = (struct plan){ .gates = g, .how = hows[kind] };
	if (*g->to == '@')
		return add_alias(s, a, out, g->to + 1, e);
	add_step(a, out, (struct step){ g->version, g->version_id, g->from, g->to, out->how });
	st = add_leaving(s, a, out, kind, current, e);
	for (size_t i = 0; g->rule && i < g->rule->n_aliases && st == ST_OK; i++)
		st = add_alias(s, a, out, g->rule->aliases[i], e);
	if (st == ST_OK && kind == MOVE_ROLLBACK)
		st = add_returning(s, a, out, current, e);
	return st == ST_OK ? add_overtaken(s, a, out, e) : st;
}

enum status gates_hold(const struct gate_report *g, struct err *e)
{
	if (g->allowed)
		return ST_OK;
	return err_set(e, ST_REFUSED, "%s v%" PRId64 " may not go to %s: %s", g->model, g->version, g->to, g->why_not ? g->why_not : "the policy does not allow it");
}

/* ---- in words ---- */

void plan_words(const struct plan *p, const char *model, bool future, struct str *out)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *x = &p->steps[i];
		if (i == 0)
			str_addf(out, "%s v%" PRId64 " %s %s (from %s)", model, x->version, future ? "would be in" : "is in", x->to, x->from);
		else
			str_addf(out, ", v%" PRId64 " %s to %s", x->version, future ? "would go" : "went", x->to);
	}
	for (size_t i = 0; i < p->n_aliases; i++) {
		const struct alias_step *x = &p->aliases[i];
		str_addf(out, "%s%s %s ", out->len ? ", " : "", x->alias, future ? "would point" : "points");
		if (x->to)
			str_addf(out, "to %s%sv%" PRId64, p->n_steps ? "" : model, p->n_steps ? "" : " ", x->to);
		else
			str_add(out, "nowhere");
		if (x->from)
			str_addf(out, " (before: v%" PRId64 ")", x->from);
	}
	for (size_t i = 0; i < p->n_overtaken; i++)
		str_addf(out, ", request %" PRId64 " %s overtaken", p->overtaken[i], future ? "would be" : "is");
}

/* ---- the record ---- */

static void members(struct jsonw *w, const struct plan *p, bool after)
{
	jsonw_put_open(w, "versions", '{');
	for (size_t i = 0; i < p->n_steps; i++)
		json_member_version(w, p->steps[i].version, after ? p->steps[i].to : p->steps[i].from, false);
	jsonw_close(w, '}');
	jsonw_put_open(w, "aliases", '{');
	for (size_t i = 0; i < p->n_aliases; i++)
		jsonw_put_nonzero(w, p->aliases[i].alias, after ? p->aliases[i].to : p->aliases[i].from);
	jsonw_close(w, '}');
}

static void gate_members(struct jsonw *w, const struct gate_report *g)
{
	jsonw_put_open(w, "gates", '[');
	for (size_t i = 0; i < g->n; i++) {
		const struct { const char *key, *value; } texts[] = { { "name", g->at[i].name }, { "value", g->at[i].value }, { "limit", g->at[i].limit }, { "source", g->at[i].source } };
		jsonw_open(w, '{');
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			jsonw_put_str(w, texts[k].key, texts[k].value);
		jsonw_put_bool(w, "ok", g->at[i].ok);
		jsonw_put_bool(w, "waived", g->at[i].waived);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void json_ids(struct jsonw *w, const char *key, const int64_t *ids, size_t n)
{
	jsonw_put_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_int(w, ids[i]);
	jsonw_close(w, ']');
}

/* What people did for it: items ticked, approvals that counted. */
static void people_members(struct jsonw *w, const struct gate_report *g, const struct judgement *j)
{
	if (g->n_checklist) {
		jsonw_put_open(w, "checked", '[');
		for (size_t i = 0; i < g->n_checklist; i++)
			if (g->checked[i])
				jsonw_str(w, g->checklist[i]);
		jsonw_close(w, ']');
	}
	if (g->approvals_needed) {
		jsonw_put_open(w, "approved_by", '[');
		for (size_t i = 0; i < j->n; i++)
			if (!j->at[i].why)
				jsonw_str(w, j->at[i].actor);
		jsonw_close(w, ']');
	}
}

static char *plan_json(const struct plan *p, const struct judgement *j, int64_t behind_ms, bool after)
{
	const struct gate_report *g = p->gates;
	const struct { const char *key; int64_t value; } numbers[] = { { "policy", g->policy->version }, { "request", g->request_id },
		{ "approvals_needed", g->approvals_needed }, { "approvals_given", g->approvals_given }, { "clock_behind_ms", behind_ms } };
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	if (after && p->n_steps)
		jsonw_put_str(&w, "stage", p->steps[0].to);
	members(&w, p, after);
	if (after) {
		jsonw_put_str(&w, "rule", g->rule ? g->rule->name : NULL);
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
			if (!numbers[i].value && i != 0)
				continue;
			jsonw_put_int(&w, numbers[i].key, numbers[i].value);
		}
		gate_members(&w, g);
		people_members(&w, g, j);
		if (p->n_overtaken)
			json_ids(&w, "overtaken", p->overtaken, p->n_overtaken);
	}
	jsonw_close(&w, '}');
	return str_take(&out);
}

/* ---- doing it ---- */

static enum status take_step(struct decision *d, const struct step *x, struct err *e)
{
	enum status st = reg_exec(d->c.s, e, "UPDATE reg_version SET stage = ?, since_ms = ?, rev = ? WHERE version_id = ?", "tiii", x->to, d->c.now_ms, d->c.seq, x->version_id);
	if (st == ST_OK)
		st = held_end(&d->c, "stage", x->from, x->version, e);
	return st == ST_OK ? held_start(&d->c, "stage", x->to, x->version, x->how, e) : st;
}

static enum status take_alias(struct decision *d, const struct alias_step *x, const char *how, struct err *e)
{
	enum status st = alias_put(&d->c, x->alias, x->to, e);
	if (st == ST_OK)
		st = held_end(&d->c, "alias", x->alias, 0, e);
	if (st == ST_OK && x->to)
		st = held_start(&d->c, "alias", x->alias, x->to, how, e);
	const int64_t touched[] = { x->from, x->to };
	for (size_t i = 0; i < 2 && st == ST_OK; i++)
		if (touched[i])
			st = decide_touch(d, touched[i], e);
	return st;
}

static char *leaving_json(const struct step *x, bool after)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "stage", after ? x->to : x->from);
	jsonw_put_open(&w, "versions", '{');
	json_member_version(&w, x->version, after ? x->to : x->from, false);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status leave(struct decision *d, const struct plan *p, const struct step *x, struct err *e)
{
	char *before = leaving_json(x, false), *after = leaving_json(x, true);
	const char *object = arena_printf(d->arena, "model:%s/%" PRId64, d->model, x->version);
	enum status st = change_record(&d->c, "model.archive", object, before, after, arena_printf(d->arena, "v%" PRId64 " takes its place", p->gates->version), e);
	free(before);
	free(after);
	return st == ST_OK ? take_step(d, x, e) : st;
}

static enum status close_request(struct decision *d, int64_t id, const char *state, struct err *e)
{
	return id ? reg_exec(d->c.s, e, "UPDATE reg_request SET state = ?, closed_ms = ? WHERE id = ?", "tii", state, d->c.now_ms, id) : ST_OK;
}

static enum status who_approved(struct decision *d, const struct gate_report *g, struct judgement *out, struct err *e)
{
	struct request r;
	if (!g->approvals_needed || !g->request_id)
		return ST_OK;
	enum status st = request_read(d->c.s, d->arena, g->request_id, &r, e);
	return st == ST_OK ? votes_judge(d->c.s, d->arena, d->policy, g->rule, &r, g->basis, out, e) : st;
}

enum status plan_apply(struct decision *d, const struct plan *p, const char *reason, struct err *e)
{
	struct judgement j = { 0 };
	enum status st = who_approved(d, p->gates, &j, e);
	for (size_t i = 1; i < p->n_steps && st == ST_OK; i++)
		st = leave(d, p, &p->steps[i], e);
	if (st == ST_OK) {
		char *before = plan_json(p, &j, 0, false), *after = plan_json(p, &j, d->c.behind_ms, true);
		st = change_record(&d->c, NULL, d->object, before, after, reason, e);
		free(before);
		free(after);
	}
	if (st == ST_OK && p->n_steps)
		st = take_step(d, &p->steps[0], e);
	for (size_t i = 0; i < p->n_aliases && st == ST_OK; i++)
		st = take_alias(d, &p->aliases[i], p->n_steps ? p->how : "alias", e);
	if (st == ST_OK)
		st = close_request(d, p->gates->request_id, "done", e);
	for (size_t i = 0; i < p->n_overtaken && st == ST_OK; i++)
		st = close_request(d, p->overtaken[i], "withdrawn", e);
	return st;
}
