/* drift list, show, compare, export: what is stored. And how a report is printed. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/drift/export.h"
#include "core/drift/report_parts.h"
#include "core/drift/verbs_impl.h"

enum { LIST_LINES = 50 };

/* ---- printing ---- */

static enum status print_json(struct out *o, const struct report *r, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	report_json(&j.w, r);
	return json_out_end(&j, e);
}

static const char *verdict_of(const struct report_column *c)
{
	return c->drifted ? "DRIFTED" : c->watch ? "watch" : strcmp(c->status, "compared") == 0 ? "stable" : c->status;
}

static const struct report_test *main_test(const struct report_column *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].primary)
			return &c->tests[i];
	return NULL;
}

static void number_cell(struct out_table *t, double v)
{
	char buf[FMT_MAX];
	out_table_cell(t, isnan(v) ? NULL : fmt_number(buf, v, 3));
}

static void missing_cell(struct out_table *t, const struct report_side *s)
{
	if (s->rows > 0)
		out_table_cellf(t, "%.1f%%", 100 * s->missing / s->rows);
	else
		out_table_cell(t, NULL);
}

/* All that is said of a column, in one line. */
static void why_line(struct str *why, const struct report_column *c)
{
	for (size_t i = 0; i < c->n_reasons; i++)
		str_addf(why, "%s%s", i ? "; " : "", c->reasons[i]);
	if (*c->differs)
		str_addf(why, "%sother rule: %s", why->len ? "; " : "", c->differs);
	else if (!why->len)
		str_add(why, c->note);
}

static void column_row(struct out_table *t, const struct report_column *c, bool ours)
{
	const struct report_test *x = main_test(c);
	out_table_cell(t, c->name);
	out_table_cell(t, c->type);
	out_table_cell(t, verdict_of(c));
	out_table_cell(t, x ? x->name : NULL);
	number_cell(t, !x ? NAN : ours ? x->p_adjusted : isnan(x->p_value) ? x->statistic : x->p_value);
	number_cell(t, !x ? NAN : ours ? x->effect : x->threshold);
	missing_cell(t, &c->ref);
	missing_cell(t, &c->cur);
}

/* A cell has no room for reasons: they stand below, whole. */
static void print_why(struct out *o, const struct report *r)
{
	struct str line = STR_INIT, why = STR_INIT;
	for (size_t i = 0; i < r->n_columns; i++) {
		str_clear(&why);
		why_line(&why, &r->columns[i]);
		if (why.len)
			str_addf(&line, "%s: %s\n", *r->columns[i].name ? r->columns[i].name : "(no name)", why.p);
	}
	if (line.len) {
		out_text(o, "\nWhy\n", strlen("\nWhy\n"));
		out_text(o, line.p, line.len);
	}
	str_free(&line);
	str_free(&why);
}

static void print_findings(struct out *o, const struct report *r)
{
	struct str line = STR_INIT;
	for (size_t i = 0; i < r->n_findings; i++)
		if (r->findings[i].level > 0)
			str_addf(&line, "%s%s%s: %s\n", r->findings[i].check, *r->findings[i].column ? ", " : "", r->findings[i].column, r->findings[i].text);
	if (line.len) {
		out_text(o, "\nData quality\n", strlen("\nData quality\n"));
		out_text(o, line.p, line.len);
	}
	str_free(&line);
}

static void print_joint(struct out *o, const struct report *r)
{
	struct str line = STR_INIT;
	str_add(&line, r->n_joint ? "\nAll columns together\n" : "");
	for (size_t i = 0; i < r->n_joint; i++) {
		report_joint_line(&line, &r->joint[i]);
		str_addc(&line, '\n');
	}
	out_text(o, line.p, line.len);
	str_free(&line);
}

static void print_head(struct out *o, const struct report *r)
{
	char n[FMT_MAX], m[FMT_MAX];
	struct str line = STR_INIT;
	str_addf(&line, "%s: %zu of %zu columns drifted; %s rows against %s of reference%s%s%s\n", r->verdict, r->n_drifted, r->n_compared, fmt_count(n, (int64_t)r->n_cur), fmt_count(m, (int64_t)r->n_ref),
		strcmp(r->mode, "mlyard") == 0 ? "" : " (rule: ", strcmp(r->mode, "mlyard") == 0 ? "" : r->mode, strcmp(r->mode, "mlyard") == 0 ? "" : ")");
	out_text(o, line.p, line.len);
	str_free(&line);
}

static void print_columns(struct out *o, const struct report *r)
{
	static const struct { const char *title, *ours; enum out_align align; } columns[] = { { "column", NULL, OUT_LEFT }, { "type", NULL, OUT_LEFT }, { "verdict", NULL, OUT_LEFT },
		{ "test", NULL, OUT_LEFT }, { "score", "adjusted p", OUT_RIGHT }, { "threshold", "effect", OUT_RIGHT }, { "missing", NULL, OUT_RIGHT }, { "now", NULL, OUT_RIGHT } };
	const bool ours = strcmp(r->mode, "mlyard") == 0;
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		out_table_column(t, ours && columns[i].ours ? columns[i].ours : columns[i].title, columns[i].align);
	for (size_t i = 0; i < r->n_columns; i++)
		column_row(t, &r->columns[i], ours);
	out_table_end(t);
}

enum status drift_print(struct out *o, const struct report *r, struct err *e)
{
	struct out page = out_page(o);
	if (o->json)
		return print_json(o, r, e);
	print_head(&page, r);
	print_columns(&page, r);
	print_why(&page, r);
	print_joint(&page, r);
	performance_print(&page, r);
	print_findings(&page, r);
	fflush(o->out);                              /* notes come after the text also where both go to one place */
	for (size_t i = 0; i < r->n_notes; i++) {
		struct str s = STR_INIT;
		text_clean(&s, r->notes[i], strlen(r->notes[i]), 0);
		fprintf(o->msg, "note: %s\n", s.p);
		str_free(&s);
	}
	return out_check(o->out, e);
}

enum status verb_facts(struct out *o, const struct verb_fact *facts, size_t n, struct err *e)
{
	struct json_out j;
	if (!o->json)
		return ST_OK;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	for (size_t i = 0; i < n; i++)
		if (facts[i].text)
			jsonw_put_str(&j.w, facts[i].key, facts[i].text);
		else
			jsonw_put_nonzero(&j.w, facts[i].key, facts[i].number);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

enum status verb_limit(const struct verb_args *a, int64_t otherwise, int64_t *out, struct err *e)
{
	*out = verb_int(a, "limit", otherwise);
	return *out >= 0 ? ST_OK : err_set(e, ST_USAGE, "--limit needs a number from 0 on");
}

/* ---- finding ---- */

static enum status newest(struct store *s, int64_t *id, struct err *e)
{
	struct report_rows *rows;
	enum status st = report_list(s, &(struct report_query){ .most = 1 }, &rows, e);
	if (st == ST_OK && rows->n == 0)
		st = err_set(e, ST_NOT_FOUND, "there are no drift reports here; mlyard drift run --save makes one");
	else if (st == ST_OK)
		*id = rows->at[0].id;
	report_rows_free(rows);
	return st;
}

static enum status load(struct store *s, const char *word, struct report **out, struct err *e)
{
	char *end;
	errno = 0;
	int64_t id = strtoll(word, &end, 10);
	if (strcmp(word, "last") == 0) {
		enum status st = newest(s, &id, e);
		if (st != ST_OK)
			return st;
	} else if (end == word || *end || errno || id <= 0) {
		return err_set(e, ST_USAGE, "a drift report is named by its number or 'last', not '%s'", word);
	}
	return report_load(s, id, out, e);
}

enum status drift_load(struct workspace *ws, const struct verb_args *a, int i, struct report **out, struct err *e)
{
	struct store *s = store_get(ws->pool, e);
	*out = NULL;
	if (!s)
		return ST_FAILED;
	enum status st = load(s, verb_arg(a, i), out, e);
	store_put(ws->pool, s);
	return st;
}

/* ---- list ---- */

static void list_table(struct out *o, const struct report_rows *rows)
{
	static const char *const titles[] = { "id", "time", "verdict", "drifted", "rows", "model", "current", "reference", "rule" };
	char when[FMT_MAX], n[FMT_MAX];
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i == 0 || i == 3 || i == 4 ? OUT_RIGHT : OUT_LEFT);
	for (size_t i = 0; i < rows->n; i++) {
		const struct report_row *r = &rows->at[i];
		out_table_cellf(t, "%" PRId64, r->id);
		out_table_cell(t, o->tty ? fmt_time(when, r->ms) : fmt_time_iso(when, r->ms));
		out_table_cell(t, r->verdict);
		if (isnan(r->share))
			out_table_cell(t, NULL);
		else
			out_table_cellf(t, "%.0f%%", 100 * r->share);
		out_table_cell(t, fmt_count(n, (int64_t)r->n_cur));
		if (r->version)
			out_table_cellf(t, "%s/%" PRId64, r->model, r->version);
		else
			out_table_cell(t, *r->model ? r->model : NULL);
		out_table_cell(t, r->current), out_table_cell(t, r->reference), out_table_cell(t, r->mode);
	}
	out_table_end(t);
}

static enum status list_json(struct out *o, const struct report_rows *rows, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_open(&j.w, "reports", '[');
	for (size_t i = 0; i < rows->n; i++) {
		const struct report_row *r = &rows->at[i];
		const struct { const char *key, *value; } words[] = { { "name", r->name }, { "origin", r->origin }, { "reference", r->reference }, { "current", r->current }, { "model", r->model }, { "mode", r->mode },
			{ "verdict", r->verdict } };
		const struct { const char *key; int64_t value; } numbers[] = { { "id", r->id }, { "ms", r->ms }, { "version", r->version }, { "n_ref", (int64_t)r->n_ref }, { "n_cur", (int64_t)r->n_cur }, { "columns", r->columns } };
		jsonw_open(&j.w, '{');
		for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
			jsonw_put_int(&j.w, numbers[k].key, numbers[k].value);
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			jsonw_put_str(&j.w, words[k].key, words[k].value);
		jsonw_put_bool(&j.w, "drifted", r->drifted);
		jsonw_put_known(&j.w, "share", r->share);
		jsonw_close(&j.w, '}');
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

DRIFT_VERB(verb_drift_list)
{
	int64_t limit;
	struct report_rows *rows = NULL;
	enum status st = verb_limit(a, LIST_LINES, &limit, e);
	struct store *s = st == ST_OK ? store_get(ws->pool, e) : NULL;
	if (!s)
		return st == ST_OK ? ST_FAILED : st;
	st = report_list(s, &(struct report_query){ .model = verb_opt(a, "model"), .most = (size_t)limit }, &rows, e);
	store_put(ws->pool, s);
	if (st == ST_OK && o->json)
		st = list_json(o, rows, e);
	else if (st == ST_OK)
		list_table(o, rows);
	report_rows_free(rows);
	return st;
}

DRIFT_VERB(verb_drift_show)
{
	struct report *r;
	enum status st = drift_load(ws, a, 0, &r, e);
	if (st == ST_OK)
		st = drift_print(o, r, e);
	report_free(r);
	return st;
}

DRIFT_VERB(verb_drift_export)
{
	struct report *r = NULL;
	enum status st = report_export_check(verb_arg(a, 1), e);
	if (st == ST_OK && verb_flag(a, "all-pictures") && !report_export_draws(verb_arg(a, 1)))
		st = err_set(e, ST_USAGE, "--all-pictures belongs to a FILE.html");
	if (st == ST_OK)
		st = drift_load(ws, a, 0, &r, e);
	if (st == ST_OK)
		st = report_export(r, verb_arg(a, 1), &(struct export_options){ verb_flag(a, "all-pictures") }, e);
	if (st == ST_OK)
		fprintf(o->msg, "written to %s\n", verb_arg(a, 1));
	if (st == ST_OK)
		st = verb_facts(o, (const struct verb_fact[]){ { "id", NULL, r->id }, { "file", verb_arg(a, 1), 0 } }, 2, e);
	report_free(r);
	return st;
}
