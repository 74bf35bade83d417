/* drift compare: two reports side by side, bin by bin where their edges are the same. */
#include <math.h>

#include "core/drift/compare.h"
#include "core/drift/verbs_impl.h"

static void json_line(struct jsonw *w, const struct compare_line *l)
{
	const struct { const char *key; double value; } numbers[] = { { "effect_first", l->effect_first }, { "effect_second", l->effect_second }, { "moved", l->moved } };
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", l->name);
	jsonw_put_str(w, "first", l->verdict_first);
	jsonw_put_str(w, "second", l->verdict_second);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		jsonw_put_known(w, numbers[i].key, numbers[i].value);
	jsonw_close(w, '}');
}

static void table_line(struct out_table *t, const struct compare_line *l)
{
	const double numbers[] = { l->effect_first, l->effect_second, l->moved };
	char buf[FMT_MAX];
	out_table_cell(t, l->name), out_table_cell(t, l->verdict_first), out_table_cell(t, l->verdict_second);
	for (int i = 0; i < 3; i++)
		out_table_cell(t, isnan(numbers[i]) ? NULL : fmt_number(buf, numbers[i], 3));
}

static enum status print(struct out *o, const struct report *x, const struct report *y, struct err *e)
{
	static const char *const titles[] = { "column", "first", "second", "effect", "effect now", "rows moved" };
	size_t n;
	const struct compare_line *lines = report_compare(x, y, x->arena, &n);
	if (o->json) {
		struct json_out j;
		json_out_init(&j, o->out);
		jsonw_open(&j.w, '{');
		jsonw_put_int(&j.w, "first", x->id);
		jsonw_put_int(&j.w, "second", y->id);
		jsonw_put_open(&j.w, "columns", '[');
		for (size_t i = 0; i < n; i++)
			json_line(&j.w, &lines[i]);
		jsonw_close(&j.w, ']');
		jsonw_close(&j.w, '}');
		return json_out_end(&j, e);
	}
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i < 3 ? OUT_LEFT : OUT_RIGHT);
	for (size_t i = 0; i < n; i++)
		table_line(t, &lines[i]);
	out_table_end(t);
	return out_check(o->out, e);
}

DRIFT_VERB(verb_drift_compare)
{
	struct report *x = NULL, *y = NULL;
	enum status st = drift_load(ws, a, 0, &x, e);
	if (st == ST_OK)
		st = drift_load(ws, a, 1, &y, e);
	if (st == ST_OK && !report_same_reference(x, y))
		fprintf(o->msg, "note: the reports have different references, so bars are compared only where their edges are equal\n");
	if (st == ST_OK)
		st = print(o, x, y, e);
	report_free(x);
	report_free(y);
	return st;
}
