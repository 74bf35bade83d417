/* Design
 *
 * Promotions, rollbacks and aliases: gates measured and the plan (decide_plan.c) carried out inside one gate of the store.
 * Rollback target   the lane's spans in order, read as a stack: a version that comes in goes on top; a rollback takes off everything above whom it
 *                   put back. Whoever lies below the present holder, lives and is elsewhere comes back. So a second rollback goes one further
 *                   back, never to what was just found bad; O(spans of the lane).
 * Aliases           an alias is moved by the same plan without steps, under the rules for "@alias".
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/decide_impl.h"

enum { ALIAS_MAX = 255 };

/* Measures, plans and moves; the decision is open. */
static enum status move_inside(struct decision *d, const char *to, enum move_kind kind, int64_t current, const struct move *m, struct str *said, struct err *e)
{
	struct gate_report *g;
	struct plan p;
	enum status st = gates_check(d->c.s, d->policy, d->model_id, d->version, to, kind == MOVE_ROLLBACK ? GATES_FOR_ROLLBACK : GATES_FOR_PROMOTION,
		m->checked, m->n_checked, &g, e);
	if (st != ST_OK)
		return st;
	if (*g->to != '@' && strcasecmp(g->from, g->to) == 0)
		st = err_set(e, ST_REFUSED, "%s v%" PRId64 " is in %s already", d->shown, d->version, g->to);
	if (st == ST_OK)
		st = gates_hold(g, e);
	if (st == ST_OK)
		st = plan_make(d->c.s, d->arena, g, kind, current, &p, e);
	if (st == ST_OK && (p.n_steps || p.n_aliases)) {
		st = plan_apply(d, &p, m->reason, e);
		plan_words(&p, d->shown, false, said);
	}
	gate_report_free(g);
	return st;
}

enum status decide_promote(struct store *s, const struct actor *who, const struct move *m, struct err *e)
{
	struct decision d;
	struct str said = STR_INIT;
	enum status st = decide_reason(m->reason, e);
	if (st == ST_OK && *m->to == '@')
		return decide_alias(s, who, m->model_id, m->to + 1, m->version, m->reason, e);
	if (st == ST_OK)
		st = decide_open(&d, s, who, ACT_PROMOTE, m->model_id, m->version, NULL, m->expect_rev, e);
	if (st != ST_OK)
		return st;
	st = move_inside(&d, m->to, MOVE_PROMOTE, 0, m, &said, e);
	st = decide_close(&d, st, said.p, e);
	str_free(&said);
	if (st == ST_REFUSED)
		votes_void_stale(s, who, m->model_id, m->version, m->to);
	return st;
}

/* ---- rollback ---- */

/* The lane's history as a stack: who comes in by promotion goes on top, a rollback takes off everything above whom it put back. */
struct stack { int64_t *at; size_t n, cap; };

static void push(struct stack *k, int64_t version, bool rollback)
{
	size_t i = k->n;
	while (rollback && i > 0 && k->at[i - 1] != version)
		i--;
	if (rollback && i > 0) {
		k->n = i;
		return;
	}
	MEM_GROW(k->at, k->cap, k->n + 1);
	k->at[k->n++] = version;
}

static enum status lane_history(struct store *s, int64_t model_id, const char *lane, struct stack *k, struct err *e)
{
	int rc;
	sqlite3_stmt *q = reg_query(s, e, "SELECT version, how = 'rollback' FROM reg_held WHERE model_id = ? AND kind = 'stage' AND name = ? COLLATE NOCASE ORDER BY from_seq, from_ms, id", "it", model_id, lane);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW)
		push(k, sqlite3_column_int64(q, 0), sqlite3_column_int(q, 1) != 0);
	return reg_done(s, q, rc, e);
}

static enum status can_return(struct store *s, int64_t model_id, int64_t version, const char *lane, bool *yes, struct err *e)
{
	int64_t n;
	enum status st = reg_int(s, e, 0, &n, "SELECT count(*) FROM model_version v JOIN reg_version r ON r.version_id = v.id WHERE v.model_id = ? AND v.version = ? AND NOT r.deleted "
		"AND r.stage <> ? COLLATE NOCASE", "iit", model_id, version, lane);
	*yes = n > 0;
	return st;
}

enum status rollback_target(struct store *s, const struct policy *p, int64_t model_id, const char *model, const char *lane, int64_t *current, int64_t *previous, struct err *e)
{
	const char *canonical = policy_lane(p, lane);
	struct stack k = { 0 };
	*previous = 0;
	if (!canonical)
		return err_set(e, ST_USAGE, "there is no lane \"%.100s\" in the policy", lane);
	enum status st = reg_int(s, e, 0, current, "SELECT h.version FROM reg_held h JOIN model_version v ON v.model_id = h.model_id AND v.version = h.version JOIN reg_version r ON r.version_id = v.id "
		"WHERE h.model_id = ?1 AND h.kind = 'stage' AND h.name = ?2 COLLATE NOCASE AND h.to_ms IS NULL AND NOT r.deleted ORDER BY h.from_seq DESC, h.version DESC LIMIT 1", "it", model_id, canonical);
	if (st == ST_OK)
		st = lane_history(s, model_id, canonical, &k, e);
	size_t i = k.n;
	while (*current && i > 0 && k.at[i - 1] != *current)
		i--;
	for (i -= i > 0 && *current; i > 0 && !*previous && st == ST_OK; i--) {
		bool yes = false;
		if (k.at[i - 1] != *current)
			st = can_return(s, model_id, k.at[i - 1], canonical, &yes, e);
		if (yes)
			*previous = k.at[i - 1];
	}
	free(k.at);
	if (st == ST_OK && !*previous)
		st = err_set(e, ST_NOT_FOUND, "no version of %s that could come back has held %s before%s", model, canonical, *current ? " the one that holds it now" : "");
	return st;
}

enum status rollback_inside(struct decision *d, const char *lane, const char *reason, struct str *said, struct err *e)
{
	int64_t current;
	const struct move m = { .reason = reason };
	enum status st = rollback_target(d->c.s, d->policy, d->model_id, d->shown, lane, &current, &d->version, e);
	if (st != ST_OK)
		return st;
	d->object = arena_printf(d->arena, "model:%s/%" PRId64, d->model, d->version);
	return move_inside(d, lane, MOVE_ROLLBACK, current, &m, said, e);
}

enum status promote_inside(struct decision *d, const char *to, const char *reason, struct str *said, struct err *e)
{
	const struct move m = { .reason = reason };
	return move_inside(d, to, MOVE_AUTO, 0, &m, said, e);
}

enum status decide_rollback(struct store *s, const struct actor *who, int64_t model_id, const char *lane, const char *reason, int64_t expect_rev, int64_t *version, struct err *e)
{
	struct decision d;
	struct str said = STR_INIT;
	enum status st = decide_reason(reason, e);
	if (st == ST_OK)
		st = decide_open(&d, s, who, ACT_ROLLBACK, model_id, 0, NULL, expect_rev, e);
	if (st != ST_OK)
		return st;
	st = rollback_inside(&d, lane, reason, &said, e);
	if (version)
		*version = d.version;
	st = decide_close(&d, st, said.p, e);
	str_free(&said);
	return st;
}

/* ---- aliases ---- */

static bool all_digits(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

static enum status check_alias(const char *alias, struct err *e)
{
	size_t n = strnlen(alias, ALIAS_MAX + 1);
	bool plain = n > 0 && n <= ALIAS_MAX;
	for (size_t i = 0; plain && i < n; i++)
		plain = isalnum((unsigned char)alias[i]) || alias[i] == '_' || alias[i] == '-' || (unsigned char)alias[i] >= 0x80;
	if (!plain || !text_is_clean(alias, n, 0))
		return err_set(e, ST_USAGE, "an alias has 1 to %d letters, digits, '_' and '-'", ALIAS_MAX);
	if (strcasecmp(alias, "latest") == 0)
		return err_set(e, ST_USAGE, "\"latest\" is reserved: it means the newest version");
	if ((*alias == 'v' || *alias == 'V') && all_digits(alias + 1))
		return err_set(e, ST_USAGE, "\"%s\" is reserved: it means a version number", alias);
	return ST_OK;
}

/* Taking an alias away is no move that gates could measure; but where the policy asks for approvals or freezes, not just anybody does it. */
static enum status may_remove(const struct decision *d, const char *alias, int64_t from, struct err *e)
{
	const char *to = arena_printf(d->arena, "@%s", alias);
	const struct freeze *f = policy_frozen(d->policy, d->model, to, d->c.now_ms);
	if (f)
		return err_set(e, ST_REFUSED, "alias %s of %s is frozen (%s:%d): %s", alias, d->shown, d->policy->name, f->line, f->why ? f->why : "");
	char *stage;
	enum status st = reg_text(d->c.s, e, &stage, "SELECT r.stage FROM reg_version r JOIN model_version v ON v.id = r.version_id WHERE v.model_id = ? AND v.version = ?", "ii", d->model_id, from);
	if (st != ST_OK)
		return st;
	const struct policy_rule *rule = policy_rule_for(d->policy, d->model, stage ? stage : "", to);
	free(stage);
	if (rule && rule->approvals > 0 && policy_role(d->policy, d->c.who.name) < MEMBER_APPROVER)
		return err_set(e, ST_REFUSED, "rule %s (%s:%d) wants approvals for alias %s: only approvers and above take it away", rule->name, d->policy->name, rule->line, alias);
	return ST_OK;
}

static enum status remove_alias(struct decision *d, const char *alias, const char *reason, struct str *said, struct err *e)
{
	int64_t from;
	enum status st = reg_int(d->c.s, e, 0, &from, "SELECT version FROM reg_alias WHERE model_id = ? AND alias = ?", "it", d->model_id, alias);
	if (st == ST_OK && from)
		st = may_remove(d, alias, from, e);
	if (st != ST_OK || !from)
		return st;
	struct gate_report g = { .policy = d->policy, .model_id = d->model_id, .to = alias };
	struct alias_step step = { alias, from, 0 };
	const struct plan p = { .gates = &g, .aliases = &step, .n_aliases = 1, .how = "alias" };
	st = plan_apply(d, &p, reason, e);
	str_addf(said, "alias %s of %s is removed (before: v%" PRId64 ")", alias, d->shown, from);
	return st;
}

enum status decide_alias(struct store *s, const struct actor *who, int64_t model_id, const char *alias, int64_t version, const char *reason, struct err *e)
{
	struct decision d;
	struct str said = STR_INIT;
	const struct move m = { .reason = reason ? reason : "" };
	enum status st = version ? check_alias(alias, e) : ST_OK;      /* what a source let in may always be removed */
	if (st == ST_OK)
		st = decide_open(&d, s, who, ACT_ALIAS, model_id, version, NULL, -1, e);
	if (st != ST_OK)
		return st;
	if (version)
		st = move_inside(&d, arena_printf(d.arena, "@%s", alias), MOVE_PROMOTE, 0, &m, &said, e);
	else
		st = remove_alias(&d, alias, m.reason, &said, e);
	if (st == ST_OK && !said.len)
		err_set(e, ST_OK, version ? "%s points there already" : "%s has no such alias", version ? alias : d.shown);
	st = decide_close(&d, st, said.len ? said.p : NULL, e);
	str_free(&said);
	return st;
}
