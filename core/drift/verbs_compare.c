/* drift compare: two reports side by side, bin by bin where their edges are the same. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/drift/verbs_impl.h"

static bool same_bins(const struct report_picture *a, const struct report_picture *b)
{
	if (!a->n || a->n != b->n || !a->edges != !b->edges)
		return false;
	for (size_t i = 0; a->edges && i <= a->n; i++)
		if (a->edges[i] != b->edges[i])
			return false;
	for (size_t i = 0; a->labels && b->labels && i < a->n; i++)
		if (strcmp(a->labels[i], b->labels[i]) != 0)
			return false;
	return true;
}

static double total(const struct report_picture *p)
{
	double sum = p->cur_outside[0] + p->cur_outside[1];
	for (size_t i = 0; i < p->n; i++)
		sum += p->cur[i];
	return sum;
}

/* Share of the rows that would have to move for the first report's current data to become the second's; NaN: not comparable. */
static double moved(const struct report_picture *a, const struct report_picture *b)
{
	double n = total(a), m = total(b), sum = 0;
	if (!same_bins(a, b) || !(n > 0) || !(m > 0))
		return NAN;
	for (size_t i = 0; i < a->n; i++)
		sum += fabs(a->cur[i] / n - b->cur[i] / m);
	for (int i = 0; i < 2; i++)
		sum += fabs(a->cur_outside[i] / n - b->cur_outside[i] / m);
	return sum / 2;
}

static double effect_of(const struct report_column *c)
{
	for (size_t i = 0; c && i < c->n_tests; i++)
		if (c->tests[i].primary)
			return c->tests[i].effect;
	return NAN;
}

static const char *verdict_of(const struct report_column *c)
{
	return !c ? "absent" : c->drifted ? "drifted" : c->watch ? "watch" : strcmp(c->status, "compared") == 0 ? "stable" : c->status;
}

struct line { const char *name; const struct report_column *a, *b; };

static void json_line(struct jsonw *w, const struct line *l)
{
	const struct { const char *key; double value; } numbers[] = { { "effect_first", effect_of(l->a) }, { "effect_second", effect_of(l->b) },
		{ "moved", l->a && l->b ? moved(&l->a->picture, &l->b->picture) : NAN } };
	jsonw_open(w, '{');
	jsonw_key(w, "name"), jsonw_str(w, l->name);
	jsonw_key(w, "first"), jsonw_str(w, verdict_of(l->a));
	jsonw_key(w, "second"), jsonw_str(w, verdict_of(l->b));
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		jsonw_key(w, numbers[i].key);
		if (isnan(numbers[i].value))
			jsonw_null(w);
		else
			jsonw_num(w, numbers[i].value);
	}
	jsonw_close(w, '}');
}

static void table_line(struct out_table *t, const struct line *l)
{
	const double numbers[] = { effect_of(l->a), effect_of(l->b), l->a && l->b ? moved(&l->a->picture, &l->b->picture) : NAN };
	char buf[FMT_MAX];
	out_table_cell(t, l->name), out_table_cell(t, verdict_of(l->a)), out_table_cell(t, verdict_of(l->b));
	for (int i = 0; i < 3; i++)
		out_table_cell(t, isnan(numbers[i]) ? NULL : fmt_number(buf, numbers[i], 3));
}

/* Columns of the first in its order, then those of the second alone. */
static size_t lines_of(const struct report *x, const struct report *y, struct line *out)
{
	size_t n = 0;
	for (size_t i = 0; i < x->n_columns; i++)
		out[n++] = (struct line){ x->columns[i].name, &x->columns[i], report_column(y, x->columns[i].name) };
	for (size_t i = 0; i < y->n_columns; i++)
		if (!report_column(x, y->columns[i].name))
			out[n++] = (struct line){ y->columns[i].name, NULL, &y->columns[i] };
	return n;
}

static enum status print(struct out *o, const struct report *x, const struct report *y, struct err *e)
{
	static const char *const titles[] = { "column", "first", "second", "effect", "effect now", "rows moved" };
	struct line *lines = arena_array(x->arena, x->n_columns + y->n_columns, sizeof *lines);
	size_t n = lines_of(x, y, lines);
	if (o->json) {
		struct json_out j;
		json_out_init(&j, o->out);
		jsonw_open(&j.w, '{');
		jsonw_key(&j.w, "first"), jsonw_int(&j.w, x->id);
		jsonw_key(&j.w, "second"), jsonw_int(&j.w, y->id);
		jsonw_key(&j.w, "columns"), jsonw_open(&j.w, '[');
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
	if (st == ST_OK && x->has_digests && y->has_digests && memcmp(x->reference_digest, y->reference_digest, 32) != 0)
		fprintf(o->msg, "note: the reports have different references, so bars are compared only where their edges are equal\n");
	if (st == ST_OK)
		st = print(o, x, y, e);
	report_free(x);
	report_free(y);
	return st;
}
