/* Design
 *
 * Moves from the shell: promote, rollback, auto; and what they would do. A dry run asks the same functions as the move (authorise, gates_check, plan_make)
 * in one read transaction and writes nothing, prints changes and gates, and ends with status 4 when the move would be refused.
 */
#include "core/registry/verbs_decide_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"

/* ---- the checklist ---- */

static enum status find_item(const struct gate_report *g, const char *word, size_t *at, struct err *e)
{
	char *end;
	long long number = strtoll(word, &end, 10);
	for (*at = 0; *at < g->n_checklist; ++*at)
		if (strcasecmp(g->checklist[*at], word) == 0 || (end != word && !*end && number == (long long)*at + 1))
			return ST_OK;
	struct str items = STR_INIT;
	for (size_t i = 0; i < g->n_checklist; i++)
		str_addf(&items, "%s%s", i ? "; " : "", g->checklist[i]);
	enum status st = err_set(e, ST_USAGE, items.len ? "'%.100s' is not on the checklist, which has: %s" : "'%.100s': there is no checklist for this move", word, items.p);
	str_free(&items);
	return st;
}

enum status verb_checked(struct asked *q, const struct verb_args *a, const char *to, bool **checked, size_t *n, struct err *e)
{
	struct policy *p;
	struct gate_report *g;
	size_t at;
	*checked = NULL;
	*n = 0;
	if (!verb_opt(a, "check"))
		return ST_OK;
	enum status st = policy_load(q->s, &p, NULL, e);
	if (st != ST_OK)
		return st;
	st = gates_check(q->s, p, q->model_id, q->version, to, GATES_FOR_PROMOTION, NULL, 0, &g, e);
	if (st == ST_OK) {
		*n = g->n_checklist;
		*checked = mem_zalloc((*n ? *n : 1) * sizeof **checked);
		for (int i = 0; verb_opt_at(a, "check", i) && st == ST_OK; i++) {
			st = find_item(g, verb_opt_at(a, "check", i), &at, e);
			if (st == ST_OK)
				(*checked)[at] = true;
		}
		gate_report_free(g);
	}
	policy_free(p);
	return st;
}

/* ---- what would happen ---- */

static void changes_json(struct jsonw *w, const struct plan *p)
{
	jsonw_put_open(w, "changes", '{');
	jsonw_put_open(w, "versions", '[');
	for (size_t i = 0; i < p->n_steps; i++) {
		jsonw_open(w, '{');
		jsonw_put_int(w, "version", p->steps[i].version);
		jsonw_put_str(w, "from", p->steps[i].from);
		jsonw_put_str(w, "to", p->steps[i].to);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_put_open(w, "aliases", '[');
	for (size_t i = 0; i < p->n_aliases; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "alias", p->aliases[i].alias);
		jsonw_put_nonzero(w, "from", p->aliases[i].from);
		jsonw_put_int(w, "to", p->aliases[i].to);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_put_open(w, "overtaken_requests", '[');
	for (size_t i = 0; i < p->n_overtaken; i++)
		jsonw_int(w, p->overtaken[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static enum status plan_print_json(const struct plan *p, struct out *o, struct err *e)
{
	const struct gate_report *g = p->gates;
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "dry_run", true);
	jsonw_put_str(&j.w, "model", g->model);
	jsonw_put_int(&j.w, "version", g->version);
	jsonw_put_str(&j.w, "from", g->from);
	jsonw_put_str(&j.w, "to", g->to);
	changes_json(&j.w, p);
	gates_members(&j.w, g);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static enum status plan_print_text(const struct plan *p, struct out *o, struct err *e)
{
	const struct gate_report *g = p->gates;
	struct str words = STR_INIT;
	plan_words(p, g->model, true, &words);
	out_text(o, words.p, words.len);
	fputc('\n', o->out);
	str_free(&words);
	gates_table(g, o);
	return out_check(o->out, e);
}

/* The report and the plan in one state of the store; refused with the reason when it would be. */
static enum status preview(struct asked *q, const char *to, enum move_kind kind, const struct move *m, struct out *o, struct err *e)
{
	struct policy *p = NULL;
	struct gate_report *g = NULL;
	struct plan plan;
	struct arena *a = arena_new();
	int64_t current = 0;
	enum status st = policy_load(q->s, &p, NULL, e);
	if (st == ST_OK && kind == MOVE_ROLLBACK) {
		struct reg_name name;
		st = model_name(q->s, q->model_id, a, &name, e);
		if (st == ST_OK)
			st = rollback_target(q->s, p, q->model_id, name.name, to, &current, &q->version, e);
	}
	if (st == ST_OK)
		st = gates_check(q->s, p, q->model_id, q->version, to, kind == MOVE_ROLLBACK ? GATES_FOR_ROLLBACK : GATES_FOR_PROMOTION, m->checked, m->n_checked, &g, e);
	if (st == ST_OK)
		st = plan_make(q->s, a, g, kind, current, &plan, e);
	if (st == ST_OK)
		st = o->json ? plan_print_json(&plan, o, e) : plan_print_text(&plan, o, e);
	if (st == ST_OK)
		st = gates_hold(g, e);
	gate_report_free(g);
	policy_free(p);
	arena_free(a);
	return st;
}

static enum status dry_run(struct asked *q, const char *to, enum move_kind kind, const struct move *m, struct out *o, struct err *e)
{
	enum status st = authorise(q->s, &q->who, kind == MOVE_ROLLBACK ? ACT_ROLLBACK : *to == '@' ? ACT_ALIAS : ACT_PROMOTE, "model", e);
	if (st == ST_OK)
		st = store_read_begin(q->s, e);
	if (st != ST_OK)
		return st;
	st = preview(q, to, kind, m, o, e);
	store_read_end(q->s);
	return st;
}

/* ---- the commands ---- */

enum status verb_models_promote(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct asked q;
	bool *checked = NULL;
	struct move m = { .to = verb_arg(a, 2), .reason = verb_opt(a, "reason") };
	enum status st = asked_open(&q, ws, e);
	if (st != ST_OK)
		return st;
	st = asked_version(&q, a, true, e);
	if (st == ST_OK)
		st = verb_checked(&q, a, m.to, &checked, &m.n_checked, e);
	m.model_id = q.model_id;
	m.version = q.version;
	m.expect_rev = q.rev;
	m.checked = checked;
	if (st == ST_OK && verb_flag(a, "dry-run")) {
		st = dry_run(&q, m.to, MOVE_PROMOTE, &m, o, e);
	} else if (st == ST_OK) {
		st = decide_promote(q.s, &q.who, &m, e);
		const struct told t[] = { { "model", verb_arg(a, 0), 0 }, { "version", NULL, q.version }, { "to", m.to, 0 } };
		if (st == ST_OK)
			st = verb_told(o, t, sizeof t / sizeof *t, version_record(q.s, q.model_id, q.version), e);
	}
	free(checked);
	asked_done(&q);
	return st;
}

enum status verb_models_rollback(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct asked q;
	const char *lane = verb_arg(a, 1);
	enum status st = asked_open(&q, ws, e);
	if (st != ST_OK)
		return st;
	st = asked_version(&q, a, false, e);
	if (st == ST_OK && verb_flag(a, "dry-run")) {
		const struct move none = { 0 };
		st = dry_run(&q, lane, MOVE_ROLLBACK, &none, o, e);
	} else if (st == ST_OK) {
		st = decide_rollback(q.s, &q.who, q.model_id, lane, verb_opt(a, "reason"), q.rev, &q.version, e);
		const struct told t[] = { { "model", verb_arg(a, 0), 0 }, { "version", NULL, q.version }, { "to", lane, 0 } };
		if (st == ST_OK)
			st = verb_told(o, t, sizeof t / sizeof *t, version_record(q.s, q.model_id, q.version), e);
	}
	asked_done(&q);
	return st;
}

static enum status auto_json(const struct str *lines, int n, bool dry, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "dry_run", dry);
	jsonw_put_int(&j.w, "moved", n);
	jsonw_put_open(&j.w, "lines", '[');
	for (const char *p = lines->p; *p;) {
		size_t len = strcspn(p, "\n");
		jsonw_strn(&j.w, p, len);
		p += len + (p[len] == '\n');
	}
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

enum status verb_models_auto(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct asked q;
	struct str lines = STR_INIT;
	int n = 0;
	bool dry = verb_flag(a, "dry-run");
	enum status st = asked_open(&q, ws, e);
	if (st != ST_OK)
		return st;
	st = decide_auto(q.s, &q.who, dry, &lines, &n, e);
	if (st == ST_OK && o->json) {
		st = auto_json(&lines, n, dry, o, e);
	} else {
		out_text(o, lines.p, lines.len);
		fputs(lines.len ? "\n" : "", o->out);
		if (st == ST_OK && !lines.len)
			fputs("nothing is red, and nothing waits that the policy would move by itself\n", o->msg);
		enum status written = out_check(o->out, st == ST_OK ? e : NULL);
		st = st == ST_OK ? written : st;
	}
	str_free(&lines);
	asked_done(&q);
	return st;
}
