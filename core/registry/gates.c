/* Design
 *
 * A check goes through: what is moved (version, stage, run), which rule, whether the move makes sense at all, freezes, every gate of
 * the rule, the checklist, the approvals, the basis. Everything is measured even when the first thing failed: people want to see all
 * that is left to do. `allowed` is the conjunction; why_not is the first thing that does not hold, in the order above.
 *
 * Rollback  may have no rule of its own ("Archived to Production"), and must not slip through for that: without one the first rule to
 *           that lane counts, whatever it says of `from`, with its waivers. A freeze is waived as gates are.
 * Time      registry time (change.h): the clock, but never before the latest record, so that turning it back ends no freeze.
 * Cost      a handful of indexed lookups a version and one a gate; the board asks for hundreds of cards.
 */
#include "core/registry/gates_impl.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/fmt.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

/* ---- what is moved ---- */

static enum status no_version(const struct gate_report *r, bool deleted, struct err *e)
{
	return err_set(e, ST_NOT_FOUND, deleted ? "%s v%" PRId64 " was deleted" : "%s has no version %" PRId64, r->model, r->version);
}

static enum status find_version(struct measuring *m, struct err *e)
{
	struct gate_report *r = m->r;
	sqlite3_stmt *q = reg_query(m->s, e, "SELECT v.id," REG_STAGE "," REG_DELETED "," REG_SINCE ", r.version_id IS NOT NULL AND NOT EXISTS(SELECT 1 FROM reg_held h WHERE"
		" h.model_id = v.model_id AND h.kind = 'stage' AND h.version = v.version AND h.to_ms IS NULL AND NOT h.from_known),"
		" (SELECT u.id FROM run u JOIN model o ON o.id = v.model_id WHERE u.uuid = v.run_uuid ORDER BY u.source_id = o.source_id DESC, u.id LIMIT 1),"
		" (SELECT rev FROM reg_model WHERE model_id = v.model_id) FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND v.version = ?2", "ii", r->model_id, r->version);
	if (!q)
		return ST_FAILED;
	bool found = sqlite3_step(q) == SQLITE_ROW, deleted = found && sqlite3_column_int(q, 2);
	if (found) {
		r->version_id = sqlite3_column_int64(q, 0);
		r->from = reg_cell(r->arena, q, 1);
		m->since_ms = reg_cell_ms(q, 3);
		m->since_known = sqlite3_column_int(q, 4) != 0;
		m->run_id = sqlite3_column_int64(q, 5);
		r->rev = sqlite3_column_int64(q, 6);
	}
	enum status rc = reg_end(m->s, q, e);
	return rc == ST_OK && (!found || deleted) ? no_version(r, deleted, e) : rc;
}

static enum status find_lane(struct gate_report *r, const char *to, struct err *e)
{
	const struct policy *p = r->policy;
	struct str lanes = STR_INIT;
	const char *shown = reg_clean(r->arena, to, strnlen(to, KEY_OWNER_MAX), 0);
	if (*to == '@')
		r->to = shown;
	else
		r->to = policy_lane(p, to);
	for (size_t i = 0; i < p->n_lanes; i++)
		str_addf(&lanes, "%s%s", i ? ", " : "", p->lanes[i]);
	enum status rc = r->to ? ST_OK : err_set(e, ST_USAGE, "there is no lane \"%s\"; the lanes are %s", shown, lanes.p);
	str_free(&lanes);
	return rc;
}

/* ---- who goes, who asked ---- */

static enum status alias_holder(struct measuring *m, const char *alias, int64_t *version, struct err *e)
{
	return reg_int(m->s, e, 0, version, "SELECT version FROM (" REG_ALIASES ") WHERE alias = ?2", "it", m->r->model_id, alias);
}

static enum status find_replaced(struct measuring *m, struct err *e)
{
	struct gate_report *r = m->r;
	int64_t id;
	if (*r->to == '@')
		return alias_holder(m, r->to + 1, &r->replaces, e);
	return policy_lane_single(r->policy, r->to) ? lane_holder(m, r->to, &r->replaces, &id, e) : ST_OK;
}

/* Items ticked with the request are kept as their texts. */
static void tick(struct gate_report *r, const char *json)
{
	json_t *list = json_loads(json, 0, NULL);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *item = json_string_value(json_array_get(list, i));
		for (size_t k = 0; k < r->n_checklist && item; k++)
			r->checked[k] |= strcmp(r->checklist[k], item) == 0;
	}
	json_decref(list);
}

static enum status find_request(struct measuring *m, struct err *e)
{
	struct gate_report *r = m->r;
	sqlite3_stmt *q = reg_query(m->s, e, "SELECT id, checked FROM reg_request WHERE model_id = ?1 AND state = 'open' AND version = ?2 AND to_stage = ?3 AND expires_ms > ?4"
		" ORDER BY id DESC LIMIT 1", "iiti", r->model_id, r->version, r->to, m->now_ms);
	if (!q)
		return ST_FAILED;
	if (sqlite3_step(q) == SQLITE_ROW) {
		r->request_id = sqlite3_column_int64(q, 0);
		tick(r, reg_column(q, 1));
	}
	return reg_end(m->s, q, e);
}

static void take_checklist(struct gate_report *r, const bool *checked, size_t n_checked)
{
	if (!r->rule)
		return;
	r->checklist = r->rule->checklist;
	r->n_checklist = r->rule->n_checklist;
	r->checked = arena_array(r->arena, r->n_checklist, sizeof *r->checked);
	for (size_t i = 0; i < r->n_checklist && i < n_checked; i++)
		r->checked[i] = checked[i];
}

/* ---- results ---- */

static const char *rule_words(const struct gate_report *r)
{
	const struct policy *p = r->policy;
	const char *name = reg_clean(r->arena, p->name, strlen(p->name), 0);
	if (!r->rule)
		return name;
	return arena_printf(r->arena, strncmp(name, "policy ", 7) ? "%s (%s:%d)" : "%s (%s, line %d)", r->rule->name, name, r->rule->line);
}

static void refuse(struct gate_report *r, const char *why)
{
	if (!r->why_not)
		r->why_not = why;
	r->allowed = false;
}

static struct gate_result *add_result(struct gate_report *r, const char *name, const char *value, const char *why)
{
	struct gate_result *g = &r->at[r->n++];
	*g = (struct gate_result){ .name = name, .value = value, .limit = "", .source = "", .rule = rule_words(r) };
	if (why)
		refuse(r, why);
	return g;
}

static void check_sense(struct gate_report *r)
{
	if (strcasecmp(r->from, r->to) == 0)
		add_result(r, "move", r->to, arena_printf(r->arena, "%s v%" PRId64 " is in %s already", r->model, r->version, r->to));
	if (!r->rule && r->policy->strict)
		add_result(r, "rule", "none", arena_printf(r->arena, "no rule lets %s move from %s to %s, and the policy is strict (%s)", r->model, r->from, r->to, rule_words(r)));
}

static const char *frozen_words(struct gate_report *r, const struct freeze *f)
{
	char until[FMT_MAX];
	const char *name = reg_clean(r->arena, r->policy->name, strlen(r->policy->name), 0);
	return arena_printf(r->arena, "frozen until %s%s%s (%s, line %d)", fmt_time(until, f->to_ms), *f->why ? ": " : "", f->why, name, f->line);
}

static void check_freeze(struct measuring *m, const char *stored_name, bool waived)
{
	struct gate_report *r = m->r;
	const struct freeze *f = policy_frozen(r->policy, stored_name, r->to, m->now_ms);
	char until[FMT_MAX];
	if (!f)
		return;
	struct gate_result *g = add_result(r, "frozen", arena_printf(r->arena, "until %s", fmt_time(until, f->to_ms)), waived ? NULL : frozen_words(r, f));
	g->source = *f->why ? f->why : "freeze";
	g->waived = waived;
}

static const char *failed_words(const struct gate_report *r, const struct gate_result *g)
{
	if (g->spec->kind == GATE_METRIC && !g->has_number)
		return arena_printf(r->arena, "%s is not known (%s), and %s asks for %s", g->name, g->source, g->rule, g->spec->text);
	if (g->spec->kind == GATE_DRIFT)
		return arena_printf(r->arena, "%s is %s (%s), and %s asks for %s", g->name, g->value, g->source, g->rule, g->spec->text);
	return arena_printf(r->arena, "%s is %s, and %s asks for %s", g->name, *g->value ? g->value : g->source, g->rule,
		g->spec->kind == GATE_METRIC ? arena_printf(r->arena, "%s (%s)", g->limit, g->spec->text) : g->spec->text);
}

static enum status check_gates(struct measuring *m, bool waived, struct err *e)
{
	struct gate_report *r = m->r;
	enum status rc = ST_OK;
	for (size_t i = 0; r->rule && i < r->rule->n_gates && rc == ST_OK; i++) {
		struct gate_result *g = &r->at[r->n++];
		*g = (struct gate_result){ .spec = &r->rule->gates[i], .rule = rule_words(r), .waived = waived };
		rc = measure_gate(m, g, e);
		if (rc == ST_OK && !g->ok && !waived)
			refuse(r, failed_words(r, g));
	}
	return rc;
}

static void check_checklist(struct gate_report *r, bool waived)
{
	size_t left = 0, first = 0;
	for (size_t i = r->n_checklist; i-- > 0;)
		if (!r->checked[i]) {
			left++;
			first = i;
		}
	if (left && !waived)
		refuse(r, arena_printf(r->arena, "the checklist of %s has %zu item%s left: %s%s", rule_words(r), left, left == 1 ? "" : "s", r->checklist[first], left > 1 ? ", ..." : ""));
}

static enum status check_approvals(struct measuring *m, bool waived, struct err *e)
{
	struct gate_report *r = m->r;
	struct str why = STR_INIT;
	enum status rc = ST_OK;
	r->approvals_needed = r->rule && !waived ? r->rule->approvals : 0;
	if (r->approvals_needed && r->request_id)
		rc = votes_count(m->s, r->policy, r->rule, r->request_id, r->basis, &r->approvals_given, &why, e);
	if (rc == ST_OK && r->approvals_given < r->approvals_needed)
		refuse(r, arena_printf(r->arena, "%d of %d approvals, asked for by %s%s%.*s", r->approvals_given, r->approvals_needed, rule_words(r),
			r->request_id ? *why.p ? "; " : "" : "; open a request first", (int)strcspn(why.p, "\n"), why.p));
	str_free(&why);
	return rc;
}

/* ---- the whole ---- */

static enum status check(struct measuring *m, enum gate_purpose purpose, const bool *checked, size_t n_checked, struct err *e)
{
	struct gate_report *r = m->r;
	struct reg_name name;
	enum status rc = model_name(m->s, r->model_id, r->arena, &name, e);
	if (rc != ST_OK)
		return rc;
	r->model = name.name;
	rc = find_version(m, e);
	if (rc == ST_OK)
		rc = registry_now(m->s, &m->now_ms, e);
	if (rc == ST_OK)
		rc = find_replaced(m, e);
	if (rc != ST_OK)
		return rc;
	bool rollback = purpose == GATES_FOR_ROLLBACK;
	r->rule = rollback ? policy_rollback_rule(r->policy, name.stored, r->from, r->to) : policy_rule_for(r->policy, name.stored, r->from, r->to);
	bool waived = rollback && r->rule && r->rule->waive_on_rollback;
	enum { BESIDE_GATES = 3 };
	r->at = arena_array(r->arena, BESIDE_GATES + (r->rule ? r->rule->n_gates : 0), sizeof *r->at);
	take_checklist(r, checked, n_checked);
	rc = find_request(m, e);
	if (rc == ST_OK)
		rc = measure_basis(m, e);
	if (rc == ST_OK) {
		check_sense(r);
		check_freeze(m, name.stored, waived);
		rc = check_gates(m, waived, e);
	}
	check_checklist(r, waived);
	return rc == ST_OK ? check_approvals(m, rollback && r->rule && r->rule->waive_approvals_on_rollback, e) : rc;
}

static struct gate_report *report_new(const struct policy *p, int64_t model_id, int64_t version)
{
	struct arena *a = arena_new();
	struct gate_report *r = arena_zalloc(a, sizeof *r);
	*r = (struct gate_report){ .arena = a, .policy = p, .model_id = model_id, .version = version, .model = "", .from = "", .to = "", .allowed = true };
	return r;
}

enum status gates_check(struct store *s, const struct policy *p, int64_t model_id, int64_t version, const char *to, enum gate_purpose purpose,
	const bool *checked, size_t n_checked, struct gate_report **out, struct err *e)
{
	struct measuring m = { .s = s, .r = report_new(p, model_id, version) };
	enum status rc = find_lane(m.r, to, e);
	if (rc == ST_OK)
		rc = check(&m, purpose, checked, n_checked, e);
	*out = rc == ST_OK ? m.r : NULL;
	if (rc != ST_OK)
		gate_report_free(m.r);
	return rc;
}

static enum status check_red(struct measuring *m, struct err *e)
{
	struct gate_report *r = m->r;
	const struct policy_rule *rule = r->rule;
	enum status rc = ST_OK;
	r->at = arena_array(r->arena, rule->n_rollback_when, sizeof *r->at);
	for (size_t i = 0; i < rule->n_rollback_when && rc == ST_OK; i++) {
		struct gate_result *g = &r->at[r->n++];
		*g = (struct gate_result){ .spec = &rule->rollback_when[i], .rule = rule_words(r) };
		rc = measure_gate(m, g, e);
		g->ok &= g->spec->kind != GATE_METRIC || g->has_bound;
		if (rc == ST_OK && g->ok)
			refuse(r, arena_printf(r->arena, "%s is %s, and %s rolls back when %s", g->name, g->value, g->rule, g->spec->text));
	}
	return rc;
}

enum status gates_red(struct store *s, const struct policy *p, const struct policy_rule *rule, int64_t model_id, int64_t version, struct gate_report **out, struct err *e)
{
	struct measuring m = { .s = s, .r = report_new(p, model_id, version) };
	struct reg_name name = { .name = "" };
	enum status rc = model_name(s, model_id, m.r->arena, &name, e);
	m.r->model = name.name;
	m.r->rule = rule;
	if (rc == ST_OK)
		rc = find_version(&m, e);
	m.r->to = m.r->from;
	if (rc == ST_OK)
		rc = registry_now(s, &m.now_ms, e);
	if (rc == ST_OK)
		rc = check_red(&m, e);
	*out = rc == ST_OK ? m.r : NULL;
	if (rc != ST_OK)
		gate_report_free(m.r);
	return rc;
}

void gate_report_free(struct gate_report *r)
{
	if (r)
		arena_free(r->arena);
}
