/* Pictures of a column, from what a report holds of it: bars over edges or labels, and quantiles of both sides. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tui/category_bars.h"
#include "tui/distribution.h"
#include "tui/histogram.h"
#include "views/drift_report.h"

enum { GONE_SHOWN = 10 };

static bool has_quantiles(const struct report_column *c)
{
	return c->ref.quantiles && c->cur.quantiles;
}

bool report_has_picture(const struct report_column *c, enum report_picture_mode mode)
{
	if (mode == PICTURE_HISTOGRAM || mode == PICTURE_BESIDE)
		return c->picture.n > 0 || has_quantiles(c);
	return has_quantiles(c);
}

/* Shares of the rows that hold a value; the labels that one side alone has stand behind the others, and what the report does not list last. */
static void paint_labels(const struct report_column *c, struct paint *p)
{
	const struct report_picture *pic = &c->picture;
	size_t new_shown = c->n_gained < GONE_SHOWN ? c->n_gained : GONE_SHOWN, n = 0;
	struct category_bar *bars = mem_array(pic->n + new_shown + 1, sizeof *bars);
	double ref = histogram_rows(pic->ref, pic->n, pic->ref_outside), cur = histogram_rows(pic->cur, pic->n, pic->cur_outside), others = fmax(0, pic->cur_outside[0]) + fmax(0, pic->cur_outside[1]);
	ref = ref > 0 ? ref : NAN, cur = cur > 0 ? cur : NAN;
	for (size_t i = 0; i < pic->n; i++)
		bars[n++] = (struct category_bar){ pic->labels[i], pic->ref[i] / ref, pic->cur[i] / cur, pic->ref[i] > 0 && pic->cur[i] == 0 ? CATEGORY_LOST : CATEGORY_KEPT };
	for (size_t i = 0; i < new_shown; i++) {
		bars[n++] = (struct category_bar){ c->gained[i].name, 0, c->gained[i].rows / cur, CATEGORY_NEW };
		others -= fmax(0, c->gained[i].rows);
	}
	if (pic->ref_outside[1] > 0 || others > 0)
		bars[n++] = (struct category_bar){ "others", fmax(0, pic->ref_outside[1]) / ref, fmax(0, others) / cur, CATEGORY_OTHERS };
	category_bars_paint(&(struct category_bars){ .at = bars, .n = n }, p);
	free(bars);
}

static struct distribution distribution_of(const struct report_column *c)
{
	const struct report_picture *pic = &c->picture;
	struct distribution d = { .ref = c->ref.quantiles, .cur = c->cur.quantiles, .n = REPORT_QUANTILES };
	if (pic->edges && pic->edges[pic->n] > pic->edges[0])
		d.lo = pic->edges[0], d.hi = pic->edges[pic->n];
	return d;
}

static void paint_quantiles(const struct report_column *c, struct paint *p)
{
	static const struct { int at; const char *name; } rows[] = { { 0, "min" }, { 1, "2.5 %" }, { 2, "5 %" }, { 4, "10 %" }, { 8, "20 %" }, { 10, "25 %" }, { 12, "30 %" }, { 16, "40 %" },
		{ 20, "median" }, { 24, "60 %" }, { 28, "70 %" }, { 30, "75 %" }, { 32, "80 %" }, { 36, "90 %" }, { 38, "95 %" }, { 39, "97.5 %" }, { 40, "max" } };
	const size_t n = sizeof rows / sizeof *rows;
	char change[FMT_MAX];
	struct leaf *s = leaf_new();
	leaf_table(s, "quantile|>reference|>current|>change|>relative");
	for (size_t i = 0; i < n; i++) {
		if (p->r.h < (int)n + 1 && i % 2 && i != n - 2)                /* every other one where there is not the room for all */
			continue;
		double ref = c->ref.quantiles[rows[i].at], cur = c->cur.quantiles[rows[i].at];
		enum role role = rows[i].at == 20 ? ROLE_STRONG : ROLE_TEXT;
		leaf_cell(s, ROLE_DIM, "%s", rows[i].name);
		leaf_number(s, role, ref, 5);
		leaf_number(s, role, cur, 5);
		leaf_number(s, role, cur - ref, 3);
		leaf_cell(s, role, "%s", ref > 0 && cur > 0 ? report_change_words(change, ref, cur) : "");
	}
	leaf_paint(s, p, 0);
	leaf_free(s);
}

static void paint_words(struct paint *p, const char *words)
{
	paint_field(p, 0, p->r.h / 2, p->r.w, 0, PEN(ROLE_DIM), words, strlen(words));
}

static void paint_bars(const struct report_column *c, bool beside, struct paint *p)
{
	const struct report_picture *pic = &c->picture;
	const struct histogram h = { .n = pic->n, .edges = pic->edges, .ref = pic->ref, .cur = pic->cur, .beside = beside,
		.ref_beyond = { pic->ref_outside[0], pic->ref_outside[1] }, .cur_beyond = { pic->cur_outside[0], pic->cur_outside[1] } };
	if (pic->labels)
		paint_labels(c, p);
	else
		histogram_paint(&h, p);
}

void report_picture_paint(const struct report_column *c, enum report_picture_mode mode, struct paint *p)
{
	struct distribution d = distribution_of(c);
	if (!report_has_picture(c, mode) && c->picture.n == 0) {
		paint_words(p, "this report holds no picture of the column");
		return;
	}
	if (mode >= PICTURE_ECDF && !has_quantiles(c))
		mode = PICTURE_HISTOGRAM;
	if (mode <= PICTURE_BESIDE && c->picture.n)
		paint_bars(c, mode == PICTURE_BESIDE, p);
	else if (mode == PICTURE_QQ)
		distribution_paint_qq(&d, p);
	else if (mode == PICTURE_QUANTILES)
		paint_quantiles(c, p);
	else
		distribution_paint_ecdf(&d, p);
}
