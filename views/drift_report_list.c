/* The features of a report: ordered, filtered, each with its score over all windows.
 *
 * Sparklines   come from the pulse's row of the column, newest LINE_MOST windows, on one scale for all rows from 0 to LINE_TOP times the severity at
 *              which a column drifts: noise stays flat, and a line at the top is a column far out. A window that did not see the column leaves a blank.
 *              They lie in a ring of LINE_ROWS rows, more than a screen has, so that each lives until the paint ends. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/drift_report.h"

enum { LINE_ROWS = 256, LINE_MOST = 60, NAME_LEAST = 16, LINE_LEAST = 10, LINE_WIDEST = 26, REASON_LEAST = 20, LEADERS_FROM_W = 56, TYPE_FROM_W = 56, REASON_FROM_W = 76 };
enum { COL_SIGN, COL_NAME, COL_EFFECT, COL_LINE, COL_TYPE, COL_REASON, COLS };
static const double line_top = 2;

/* ---- order ------------------------------------------------------------------------------------------------ */

struct ranked { const struct report_column *c; size_t i; enum report_order order; };

/* Times and keys, which nobody compares, go last: they are no better and no worse than others. */
static int idle(const struct report_column *c)
{
	return strcmp(c->status, "time") == 0 || strcmp(c->status, "id") == 0;
}

static int by_order(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int first = x->order == ORDER_SEVERITY && idle(x->c) != idle(y->c) ? idle(x->c) - idle(y->c) : x->order == ORDER_NAME ? strcmp(x->c->name, y->c->name) : x->order == ORDER_POSITION ? (x->c->position > y->c->position) - (x->c->position < y->c->position) : 0;
	return first ? first : (x->i > y->i) - (x->i < y->i);
}

static bool passes(const struct report_page *s, const struct report_column *c)
{
	const char *f = s->filter ? s->filter : "";
	return (!s->only || c->drifted) && text_contains(c->name, strlen(c->name), f, strlen(f));
}

void report_list_sort(struct report_page *s)
{
	const struct report *r = s->shown;
	size_t n = 0;
	free(s->rows);
	s->rows = mem_array(r && r->n_columns ? r->n_columns : 1, sizeof *s->rows);
	struct ranked *all = mem_array(r && r->n_columns ? r->n_columns : 1, sizeof *all);
	for (size_t i = 0; r && i < r->n_columns; i++)
		if (passes(s, &r->columns[i]))
			all[n++] = (struct ranked){ &r->columns[i], i, s->order };
	qsort(all, n, sizeof *all, by_order);
	for (size_t i = 0; i < n; i++)
		s->rows[i] = all[i].i;
	free(all);
	s->list.n_rows = n;
	size_t at = s->list.cursor < n ? s->list.cursor : n ? n - 1 : 0;
	for (size_t i = 0; s->column && i < n; i++)
		if (strcmp(r->columns[s->rows[i]].name, s->column) == 0)
			at = i;
	table_to(&s->list, at);
}

const struct report_column *report_chosen(const struct report_page *s)
{
	return s->shown && s->list.cursor < s->list.n_rows ? &s->shown->columns[s->rows[s->list.cursor]] : NULL;
}

void report_choose(struct drift_view *v, const char *column)
{
	struct report_page *s = report_page(v);
	if (s->column && strcmp(s->column, column) == 0)
		return;
	char *copy = mem_strdup(column);
	free(s->column);
	s->column = copy;
	s->top[TAB_FEATURES] = 0;
	report_list_sort(s);
	report_uses_want(v);
}

/* ---- cells --------------------------------------------------------------------------------------------------- */

static void line_cell(struct report_page *s, size_t i, const struct report_column *c, struct table_cell *out)
{
	const struct pulse_group *g = drift_group(s->view, drift_about(s->view)->group);
	const struct pulse_row *row = drift_row(g, c->name);
	if (!row || !s->lines.v)
		return;
	size_t n = g->n_windows < LINE_MOST ? g->n_windows : LINE_MOST, first = g->n_windows - n;
	double *v = s->lines.v + i % LINE_ROWS * LINE_MOST;
	for (size_t k = 0; k < n; k++)
		v[k] = fmin(row->cells[first + k].severity, line_top);
	for (size_t k = 0; k < n; k++)
		if (isnan(row->cells[first + k].severity))
			v[k] = NAN;
	*out = (struct table_cell){ .pen = PEN(c->drifted ? ROLE_BAD : c->watch ? ROLE_WARN : ROLE_SPARK), .spark = v, .n_spark = (int)n, .spark_hi = line_top };
}

static void list_cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	struct report_page *s = data;
	const struct report_column *c = &s->shown->columns[s->rows[i]];
	struct paint signs = { .ascii = s->ascii };
	char effect[FMT_MAX];
	bool compared = strcmp(c->status, "compared") == 0;
	enum role role = drift_role(c->drifted, c->watch);
	switch (col) {
	case COL_SIGN:
		*out = (struct table_cell){ compared || c->watch || c->drifted ? drift_sign(&signs, c->drifted, c->watch) : s->ascii ? "-" : "·", PEN((uint8_t)role), NULL, 0, 0, 0 };
		break;
	case COL_NAME:
		out->text = c->name;
		out->pen = PEN(c->drifted ? ROLE_STRONG : compared || c->watch ? ROLE_TEXT : ROLE_DIM);
		break;
	case COL_EFFECT:
		snprintf(buf, cap, "%s", report_effect_words(effect, c));
		out->text = buf;
		out->pen = PEN(c->drifted || c->watch ? (uint8_t)role : (uint8_t)ROLE_TEXT);
		break;
	case COL_LINE:
		line_cell(s, i, c, out);
		break;
	case COL_TYPE:
		out->text = c->role && *c->role ? c->role : c->type;
		out->pen = PEN(c->role && *c->role ? ROLE_ACCENT : ROLE_DIM);
		break;
	case COL_REASON:
		out->text = c->n_reasons ? c->reasons[0] : compared ? "" : c->status;
		out->pen = PEN(ROLE_DIM);
		break;
	}
}

void report_list_init(struct report_page *s)
{
	static const struct table_col cols[COLS] = {
		[COL_SIGN] = { .title = "", .width = 1, .weight = 255, .firm = true },
		[COL_NAME] = { .title = "feature", .min = NAME_LEAST, .max = 40, .align = -1, .weight = 254 },
		[COL_EFFECT] = { .title = "effect", .min = 6, .max = 10, .align = 1, .weight = 200 },
		[COL_LINE] = { .title = "windows", .min = LINE_LEAST, .max = LINE_WIDEST, .weight = 150, .spark = true },
		[COL_TYPE] = { .title = "type", .min = 4, .max = 11, .align = -1, .weight = 60, .firm = true },
		[COL_REASON] = { .title = "why", .min = REASON_LEAST, .max = 90, .align = -1, .weight = 40 } };
	table_init(&s->list);
	memcpy(s->cols, cols, sizeof cols);
	s->list.cols = s->cols;
	s->list.n_cols = COLS;
	s->list.show_marks = false;
	s->list.data = s;
	s->list.cell = list_cell;
}

/* ---- painting -------------------------------------------------------------------------------------------------- */

/* A test whose effect is its statistic, so that what it would be without drift compares with what the list shows. */
static const struct report_test *distance(const struct report_column *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (!isnan(c->tests[i].null_value) && c->tests[i].effect == c->tests[i].statistic)
			return &c->tests[i];
	return NULL;
}

static void paint_footer(const struct report_page *s, const struct paint *p, int y)
{
	const struct report *r = s->shown;
	const struct report_column *c = report_chosen(s);
	const struct report_test *t = c ? distance(c) : NULL;
	char text[160], noise[FMT_MAX], alpha[FMT_MAX];
	if (t) {
		int n = snprintf(text, sizeof text, "unchanged data would show %s about %s here", *t->effect_name ? t->effect_name : t->title, fmt_number(noise, t->null_value, 2));
		paint_field(p, 1, y, p->r.w - 1, -1, PEN(ROLE_DIM), text, (size_t)n);
	}
	int n = snprintf(text, sizeof text, "found at %s %% false discoveries, %zu tested", fmt_number(alpha, 100 * r->alpha, 2), r->n_compared);
	if (!isnan(r->alpha) && r->n_compared)
		paint_field(p, 1, y + 1, p->r.w - 1, -1, PEN(ROLE_DIM), text, (size_t)n);
}

/* Reports list target and prediction before all others. */
static bool roles_lead(const struct report_page *s)
{
	const char *role = s->order == ORDER_SEVERITY && s->list.n_rows > 1 ? s->shown->columns[s->rows[0]].role : NULL;
	return role && (strcmp(role, "target") == 0 || strcmp(role, "prediction") == 0);
}

static void paint_title(const struct report_page *s, struct paint *p)
{
	static const char *const orders[ORDER_COUNT] = { "by severity", "by name", "as in the data" };
	struct str title = STR_INIT;
	str_addf(&title, "%zu %s%s%s", s->list.n_rows, s->only ? "drifted" : s->list.n_rows == 1 ? "feature" : "features", p->r.w >= LEADERS_FROM_W && roles_lead(s) ? ": target, prediction, then " : " ", orders[s->order]);
	if (s->filter && *s->filter)
		str_addf(&title, " · with \"%s\"", s->filter);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, NULL, p->focus && !s->zoom);
	str_free(&title);
}

void report_list_paint(struct drift_view *v, struct paint *p)
{
	struct report_page *s = report_page(v);
	const char *none[] = { s->only && !(s->filter && *s->filter) ? "no column drifted" : "no column has these letters in its name", "{report.only} shows all again, {drift.filter-clear} ends the filter" };
	int foot = p->r.h >= 12 ? 3 : 0;
	struct paint in = paint_sub(p, 0, 1, p->r.w, p->r.h - 1 - foot);
	if (!s->lines.v)
		s->lines.v = mem_array(LINE_ROWS * LINE_MOST, sizeof *s->lines.v);
	s->ascii = p->ascii;
	bool series = drift_group(v, drift_about(v)->group) != NULL;
	s->cols[COL_LINE].hidden = !series;
	s->cols[COL_TYPE].hidden = p->r.w < TYPE_FROM_W;
	s->cols[COL_REASON].hidden = p->r.w < REASON_FROM_W;
	s->list_at = in.r;
	paint_title(s, p);
	if (!s->list.n_rows) {
		ui_empty(v->ui, &in, none, s->shown->n_columns ? 2 : 0);
		return;
	}
	table_paint(&s->list, &in);
	if (foot)
		paint_footer(s, p, p->r.h - 2);
}
