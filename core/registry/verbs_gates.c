/* gates check: may this version move? For people a table of everything that must hold, for programs one object, for CI an exit code. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/registry/verbs_impl.h"
#include "core/registry/verbs_policy.h"

/* ---- JSON ---- */

static void json_measure(struct jsonw *w, const char *key, bool is_number, double number, const char *text)
{
	jsonw_key(w, key);
	if (is_number)
		jsonw_num(w, number);
	else if (*text)
		jsonw_str(w, text);
	else
		jsonw_null(w);
}

static void json_gate(struct jsonw *w, const struct gate_result *g)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", g->name);
	json_measure(w, "value", g->has_number, g->number, g->value);
	json_measure(w, "limit", g->has_bound, g->bound, g->limit);
	jsonw_put_bool(w, "ok", g->ok || g->waived);
	jsonw_put_str(w, "source", g->source);
	jsonw_close(w, '}');
}

static void json_rule(struct jsonw *w, const struct gate_report *r)
{
	jsonw_key(w, "rule");
	if (!r->rule) {
		jsonw_null(w);
		return;
	}
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", r->rule->name);
	jsonw_put_str(w, "file", r->policy->name);
	jsonw_put_int(w, "line", r->rule->line);
	jsonw_close(w, '}');
}

static void json_checklist(struct jsonw *w, const struct gate_report *r)
{
	jsonw_put_open(w, "checklist", '[');
	for (size_t i = 0; i < r->n_checklist; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "item", r->checklist[i]);
		jsonw_put_bool(w, "checked", r->checked[i]);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void gates_members(struct jsonw *w, const struct gate_report *r)
{
	jsonw_put_bool(w, "allowed", r->allowed);
	jsonw_put_open(w, "gates", '[');
	for (size_t i = 0; i < r->n; i++)
		json_gate(w, &r->at[i]);
	jsonw_close(w, ']');
	jsonw_put_open(w, "approvals", '{');
	jsonw_put_int(w, "needed", r->approvals_needed);
	jsonw_put_int(w, "given", r->approvals_given);
	jsonw_close(w, '}');
	jsonw_put_str(w, "why_not", r->why_not);
	jsonw_put_int(w, "policy_version", r->policy->version);
	json_rule(w, r);
	json_checklist(w, r);
}

static void print_json(const struct gate_report *r, struct out *o)
{
	struct str text = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &text);
	jsonw_open(&w, '{');
	gates_members(&w, r);
	jsonw_close(&w, '}');
	str_addc(&text, '\n');
	fwrite(text.p, 1, text.len, o->out);
	str_free(&text);
}

/* ---- a table ---- */

static void row(struct out_table *t, const char *name, const char *value, const char *limit, const char *verdict, const char *source)
{
	out_table_cell(t, name);
	out_table_cell(t, *value ? value : NULL);
	out_table_cell(t, *limit ? limit : NULL);
	out_table_cell(t, verdict);
	out_table_cell(t, *source ? source : NULL);
}

void gates_table(const struct gate_report *r, struct out *o)
{
	static const char *const titles[] = { "gate", "value", "limit", "verdict", "source" };
	char given[FMT_MAX], needed[FMT_MAX];
	if (!r->n && !r->n_checklist && !r->approvals_needed)
		return;
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], OUT_LEFT);
	for (size_t i = 0; i < r->n; i++) {
		const struct gate_result *g = &r->at[i];
		row(t, g->name, g->value, g->limit, g->waived ? "waived" : g->ok ? "holds" : "FAILS", g->source);
	}
	for (size_t i = 0; i < r->n_checklist; i++)
		row(t, "checklist", r->checked[i] ? "ticked" : "", "ticked", r->checked[i] ? "holds" : "waits", r->checklist[i]);
	if (r->approvals_needed)
		row(t, "approvals", fmt_count(given, r->approvals_given), fmt_count(needed, r->approvals_needed), r->approvals_given >= r->approvals_needed ? "holds" : "waits",
			r->request_id ? "open request" : "no open request");
	out_table_end(t);
}

/* Which move by which rule; for people only, so not in the way of a pipe. */
static void print_head(const struct gate_report *r, struct out *o)
{
	struct str line = STR_INIT;
	str_addf(&line, "%s v%" PRId64 ": %s to %s", r->model, r->version, r->from, r->to);
	if (r->rule)
		str_addf(&line, ", rule %s (%s:%d)", r->rule->name, r->policy->name, r->rule->line);
	else
		str_addf(&line, ", no rule (%s)", r->policy->name);
	if (r->replaces)
		str_addf(&line, "; v%" PRId64 " would make room", r->replaces);
	str_addc(&line, '\n');
	out_text(o, line.p, line.len);
	str_free(&line);
}

static void print_report(const struct gate_report *r, struct out *o)
{
	if (o->json) {
		print_json(r, o);
		return;
	}
	if (o->tty)
		print_head(r, o);
	gates_table(r, o);
	if (o->tty && r->allowed)
		out_text(o, "allowed\n", strlen("allowed\n"));
}

/* ---- the command ---- */

static enum status verb_gates_check(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	int64_t model, version;
	struct store *s;
	struct policy *p = NULL;
	struct gate_report *r = NULL;
	char *note = NULL;
	enum status rc = reg_verb_version(ws, a, 1, o, &s, &model, &version, e);
	if (rc != ST_OK)
		return rc;
	rc = policy_load(s, &p, &note, e);
	if (rc == ST_OK && *note)
		fprintf(o->msg, "note: %s\n", note);
	if (rc == ST_OK)
		rc = gates_check(s, p, model, version, verb_arg(a, 2), verb_flag(a, "rollback") ? GATES_FOR_ROLLBACK : GATES_FOR_PROMOTION, NULL, 0, &r, e);
	if (rc == ST_OK) {
		print_report(r, o);
		if (!r->allowed)
			rc = err_set(e, ST_CHECK, "%s", r->why_not);
	}
	gate_report_free(r);
	policy_free(p);
	free(note);
	store_put(ws->pool, s);
	return rc;
}

static const struct verb_opt check_opts[] = { { "rollback", OPT_FLAG, NULL, "As a rollback would be measured, with the rule's waivers" } };
static const struct verb_opt apply_opts[] = { { "reason", OPT_STRING, "R", "Why; it is recorded (required)" } };
#define OPTS(rows) rows, sizeof rows / sizeof *rows

static const struct verb rows[] = {
	{ "gates check", "NAME V STAGE", "Say whether a version may move to a stage or @alias, and what is missing; exit 10 when it may not", OPTS(check_opts), VERB_READS, 3, 3, verb_gates_check },
	{ "policy check", "[FILE]", "Check a policy file, every finding with line and column; exit 10 when there are any", NULL, 0, VERB_NO_WORKSPACE, 0, 1, verb_policy_check },
	{ "policy show", "", "Print the policy in force; the default one as a start for a file of your own", NULL, 0, VERB_READS, 0, 0, verb_policy_show },
	{ "policy apply", "[FILE]", "Bring a policy file into force", OPTS(apply_opts), VERB_WRITES, 0, 1, verb_policy_apply },
};
const struct verb_table gates_verbs = { rows, sizeof rows / sizeof *rows };
