/* Design
 *
 * Two passes over all models, each find in its own decision, so that one refusal does not hold up the others:
 *   1  rollbacks: for each rule with rollback_when, the newest version in each lane the rule leads to; one red gate is enough
 *   2  promotions: for each automatic rule, the newest version that waits in a lane it leads from
 * What is found is looked at again inside the decision, because somebody may have been faster.
 * No circles: a version that has ever held the lane is not brought there by itself (else a rollback would be undone by the next run), nor
 * is one that is older than the newest that has held it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/decide_impl.h"
#include "core/registry/models.h"
#include "core/registry/policy_impl.h"

struct find { int64_t model_id, version; const char *model, *lane; const struct policy_rule *rule; };
struct round {
	struct store *s; const struct actor *who; struct arena *a; struct policy *p;
	bool dry; struct str *out; int *n;
	struct find *at; size_t found, cap;
};

static void say(struct round *r, const char *what, const struct find *f, const char *why)
{
	str_addf(r->out, "%s%s: %s v%" PRId64 ", %s: %s", r->out->len ? "\n" : "", what, decide_clean(r->a, f->model), f->version, f->lane, why);
}

/* ---- finding ---- */

/* The newest living version of every model that is in a lane; with `fresh` only those that never held `to` and came after all that did. */
static enum status candidates(struct round *r, const struct policy_rule *rule, const char *lane, const char *to, bool fresh, struct err *e)
{
	int rc;
	sqlite3_stmt *q = reg_query(r->s, e, "SELECT m.id, " REG_MODEL_NAME ", max(v.version) FROM model m JOIN model_version v ON v.model_id = m.id JOIN reg_version x ON x.version_id = v.id "
		"LEFT JOIN reg_model g ON g.model_id = m.id WHERE x.stage = ?1 COLLATE NOCASE AND NOT x.deleted AND NOT m.deleted AND NOT coalesce(g.deleted, 0) AND (?3 = 0 OR v.version > "
		"coalesce((SELECT max(h.version) FROM reg_held h WHERE h.model_id = m.id AND h.kind = 'stage' AND h.name = ?2 COLLATE NOCASE), 0)) GROUP BY m.id ORDER BY 2", "tti", lane, to, (int64_t)fresh);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *name = reg_column(q, 1);
		if (policy_rule_for(r->p, name, lane, to) != rule && fresh)
			continue;
		if (!policy_glob(rule->models, name, false))
			continue;
		MEM_GROW(r->at, r->cap, r->found + 1);
		r->at[r->found++] = (struct find){ sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 2), arena_strdup(r->a, name), to, rule };
	}
	return reg_done(r->s, q, rc, e);
}

static bool leads_to(const struct policy_rule *rule, const char *lane)
{
	return rule->to && *rule->to != '@' && policy_glob(rule->to, lane, true);
}

static enum status find_holders(struct round *r, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; i < r->p->n_rules; i++)
		for (size_t k = 0; r->p->rules[i].n_rollback_when && k < r->p->n_lanes && st == ST_OK; k++)
			if (leads_to(&r->p->rules[i], r->p->lanes[k]))
				st = candidates(r, &r->p->rules[i], r->p->lanes[k], r->p->lanes[k], false, e);
	return st;
}

static enum status find_waiting(struct round *r, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; i < r->p->n_rules; i++)
		for (size_t k = 0; r->p->rules[i].automatic && k < r->p->n_lanes * r->p->n_lanes && st == ST_OK; k++) {
			const char *from = r->p->lanes[k / r->p->n_lanes], *to = r->p->lanes[k % r->p->n_lanes];
			if (leads_to(&r->p->rules[i], to) && strcmp(from, to) != 0)
				st = candidates(r, &r->p->rules[i], from, to, true, e);
		}
	return st;
}

/* ---- rollbacks ---- */

/* The first gate that is red, in words; NULL: none. */
static enum status red_gate(struct round *r, struct store *s, const struct policy *p, const struct find *f, const char **why, struct err *e)
{
	struct gate_report *g;
	*why = NULL;
	enum status st = gates_red(s, p, f->rule, f->model_id, f->version, &g, e);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < g->n && !*why; i++)
		if (g->at[i].ok)
			*why = arena_printf(r->a, "%s is %s (red: %s, rule %s)", g->at[i].name, *g->at[i].value ? g->at[i].value : "missing", g->at[i].limit, g->at[i].rule);
	gate_report_free(g);
	return ST_OK;
}

static enum status roll_back(struct round *r, const struct find *f, const char *why, struct err *e)
{
	struct decision d;
	struct str said = STR_INIT;
	struct err own;
	int64_t current, previous;
	if (r->dry) {
		enum status st = rollback_target(r->s, r->p, f->model_id, decide_clean(r->a, f->model), f->lane, &current, &previous, &own);
		say(r, st == ST_OK ? "would roll back" : "held back", f, st == ST_OK ? arena_printf(r->a, "%s; v%" PRId64 " would come back", why, previous) : own.text);
		*r->n += st == ST_OK;
		return ST_OK;
	}
	enum status st = decide_open(&d, r->s, r->who, ACT_AUTO, f->model_id, 0, NULL, -1, e);
	if (st != ST_OK)
		return st;
	st = rollback_target(r->s, d.policy, f->model_id, d.shown, f->lane, &current, &previous, &own);
	if (st == ST_OK && current != f->version)
		st = err_set(&own, ST_REFUSED, "somebody moved it meanwhile");
	if (st == ST_OK)
		st = rollback_inside(&d, f->lane, arena_printf(r->a, "by itself: %s", why), &said, &own);
	st = decide_close(&d, st, said.p, &own);
	str_free(&said);
	say(r, st == ST_OK ? "rolled back" : "held back", f, arena_printf(r->a, "%s; %s", why, own.text));
	*r->n += st == ST_OK;
	return st == ST_FAILED ? err_set(e, st, "%s", own.text) : ST_OK;
}

static enum status roll_back_red(struct round *r, struct err *e)
{
	enum status st = find_holders(r, e);
	for (size_t i = 0; i < r->found && st == ST_OK; i++) {
		const char *why;
		st = red_gate(r, r->s, r->p, &r->at[i], &why, e);
		if (st == ST_OK && why)
			st = roll_back(r, &r->at[i], why, e);
	}
	r->found = 0;
	return st;
}

/* ---- promotions ---- */

static enum status promote_one(struct round *r, const struct find *f, struct err *e)
{
	struct decision d;
	struct gate_report *g;
	struct str said = STR_INIT;
	struct err own;
	enum status st = gates_check(r->s, r->p, f->model_id, f->version, f->lane, GATES_FOR_PROMOTION, NULL, 0, &g, e);
	if (st != ST_OK)
		return st;
	bool allowed = g->allowed;
	gate_report_free(g);
	if (!allowed)
		return ST_OK;
	const char *why = arena_printf(r->a, "rule %s holds in everything", f->rule->name);
	if (!r->dry) {
		st = decide_open(&d, r->s, r->who, ACT_AUTO, f->model_id, f->version, NULL, -1, e);
		if (st != ST_OK)
			return st;
		st = promote_inside(&d, f->lane, arena_printf(r->a, "by itself: %s", why), &said, &own);
		st = decide_close(&d, st, said.p, &own);
		str_free(&said);
		why = arena_printf(r->a, "%s; %s", why, own.text);
	}
	say(r, r->dry ? "would promote" : st == ST_OK ? "promoted" : "held back", f, why);
	*r->n += st == ST_OK;
	return st == ST_FAILED ? err_set(e, st, "%s", own.text) : ST_OK;
}

static enum status promote_waiting(struct round *r, struct err *e)
{
	enum status st = find_waiting(r, e);
	for (size_t i = 0; i < r->found && st == ST_OK; i++)
		st = promote_one(r, &r->at[i], e);
	return st;
}

enum status decide_auto(struct store *s, const struct actor *who, bool dry, struct str *out, int *n, struct err *e)
{
	int adopted;
	struct round r = { .s = s, .who = who, .a = arena_new(), .dry = dry, .out = out, .n = n };
	*n = 0;
	enum status st = authorise(s, who, ACT_AUTO, "workspace", e);
	if (st == ST_OK && !dry && models_adopt_due(s))
		st = models_adopt(s, &adopted, e);
	if (st == ST_OK && !dry)
		st = decide_expire(s, who, e);
	if (st == ST_OK)
		st = policy_load(s, &r.p, NULL, e);
	if (st == ST_OK)
		st = roll_back_red(&r, e);
	if (st == ST_OK)
		st = promote_waiting(&r, e);
	if (st == ST_OK)
		err_set(e, ST_OK, dry ? "%d would move" : "%d moved", *n);
	free(r.at);
	policy_free(r.p);
	arena_free(r.a);
	return st;
}
