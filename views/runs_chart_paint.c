/* The chart pane: one chart, or a grid of them where there is room; what its title says; what scripts see of it.
 *
 * The widget draws curves, axes, the values at the ends or at the crosshair. Here is decided which series it gets, in
 * what colours, and which words: the rule above says what all charts share, each chart's own line what it lacks. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { CHART_MIN_W = 58, CHART_MIN_H = 10, GAP = 2 };
static const char *const axis_words[] = { "step", "time since start", "clock" };

/* ---- which series ------------------------------------------------------------------------------------ */

static const char *run_label(const struct runs_view *v, int64_t id)
{
	int64_t at = v->tab.snap ? runs_snap_find(v->tab.snap, id) : -1;
	const struct run_row *r = at >= 0 ? runs_snap_row(v->tab.snap, (size_t)at) : NULL;
	return !r ? "hidden run" : *r->name ? r->name : r->uuid;
}

static const char *chart_metric(const struct runs_view *v, size_t chart)
{
	const struct runs_chart *c = &v->chart;
	return c->n_metrics ? c->metrics[(c->first + chart) % c->n_metrics] : "";
}

size_t chart_series_of(struct runs_view *v, size_t chart)
{
	struct runs_chart *c = &v->chart;
	const char *metric = chart_metric(v, chart);
	size_t n = 0;
	MEM_GROW(c->scratch, c->cap_scratch, c->n_subject + 1);
	MEM_GROW(c->stamps, c->cap_stamps, c->n_subject + 1);
	for (size_t i = 0; i < c->n_subject; i++) {
		const struct curve *k = chart_curve(v, c->subject[i], metric);
		if (!k || k->missing || !k->n_raw)
			continue;
		bool here = k->run_id == v->chart_run;
		c->stamps[n] = k->used;
		c->scratch[n++] = (struct chart_series){ .label = run_label(v, k->run_id), .role = marks_role(v, k->run_id),
			.mark = marks_sign(v, k->run_id) ? marks_sign(v, k->run_id) : v->tab.ascii || ui_is_mono(v->ui) ? 0 : 0x25C6, .raw = k->raw, .n_raw = k->n_raw, .smooth = k->n_smooth ? k->smooth : NULL, .n_smooth = k->n_smooth,
			.last = k->sum.last, .focused = here && c->n_subject > 1, .cross = k->cross, .has_cross = k->has_cross && k->cross_x == c->cross };
	}
	return n;
}

/* ---- the window ----------------------------------------------------------------------------------------- */

static bool curve_range(const struct runs_view *v, const struct curve *k, double *lo, double *hi)
{
	if (!k || k->missing || !k->sum.n)
		return false;
	double base = v->chart.axis == CHART_RELATIVE ? (double)k->start_ms : 0;
	*lo = (double)(v->chart.axis == CHART_STEP ? k->sum.first_step : k->sum.first_ms) - base;
	*hi = (double)(v->chart.axis == CHART_STEP ? k->sum.last_step : k->sum.last_ms) - base;
	return true;
}

static bool is_running(const struct runs_view *v, int64_t id)
{
	int64_t at = v->tab.snap ? runs_snap_find(v->tab.snap, id) : -1;
	return at >= 0 && runs_snap_row(v->tab.snap, (size_t)at)->status == RUN_RUNNING;
}

/* The next of 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten: while points arrive the axis grows in jumps, and
 * between two jumps a new point changes a few cells instead of the whole picture. */
static double roomy(double span)
{
	static const double steps[] = { 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 };
	if (!(span > 0))
		return span;
	double ten = pow(10, floor(log10(span)));
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (span <= steps[i] * ten)
			return steps[i] * ten;
	return span;
}

/* Fitted charts have windows of their own, because metrics are logged at different steps; a zoomed window is one for all. */
bool chart_range(const struct runs_view *v, size_t chart, double *lo, double *hi)
{
	const struct runs_chart *c = &v->chart;
	bool any = false, live = false;
	if (c->windowed) {
		*lo = c->lo;
		*hi = c->hi;
		return true;
	}
	for (size_t i = 0; i < c->n_subject; i++) {
		double a, b;
		if (!curve_range(v, chart_curve(v, c->subject[i], chart_metric(v, chart)), &a, &b))
			continue;
		*lo = any && *lo < a ? *lo : a;
		*hi = any && *hi > b ? *hi : b;
		live |= is_running(v, c->subject[i]);
		any = true;
	}
	if (live)
		*hi = *lo + roomy(*hi - *lo);
	return any;
}

/* ---- one chart --------------------------------------------------------------------------------------------- */

static void count_points(const struct runs_view *v, size_t chart, int64_t *most, int64_t *nan, bool *too_long)
{
	*most = *nan = 0;
	*too_long = false;
	for (size_t i = 0; i < v->chart.n_subject; i++) {
		const struct curve *k = chart_curve(v, v->chart.subject[i], chart_metric(v, chart));
		if (!k || k->missing)
			continue;
		*most = k->sum.n > *most ? k->sum.n : *most;
		*nan += k->sum.nan;
		*too_long |= k->too_long;
	}
}

/* What the drawing does to the points. */
static void footnotes(const struct runs_view *v, size_t chart, struct str *out)
{
	int64_t most, nan;
	bool too_long;
	char a[FMT_MAX], b[FMT_MAX];
	count_points(v, chart, &most, &nan, &too_long);
	int columns = v->chart.plot_w > 0 ? v->chart.plot_w : 1;
	if (most > columns && !v->chart.windowed)
		str_addf(out, "%s points%s, %s a column", fmt_count(a, most), v->chart.n_subject > 1 ? " at most" : "", fmt_si(b, ceil((double)most / columns)));
	else if (most)
		str_addf(out, "%s points", fmt_count(a, most));
	if (nan)
		str_addf(out, " · %s NaN", fmt_count(a, nan));
	if (too_long && v->chart.weight > 0)
		str_add(out, " · too long to smooth");
	changes_words(v, chart, false, out);
}

void chart_fill(struct runs_view *v, size_t chart, struct chart *out)
{
	const struct runs_chart *c = &v->chart;
	*out = (struct chart){ .n_series = chart_series_of(v, chart), .log_x = c->log_x, .log_y = c->log_y, .grid = false, .labels = true,
		.x_kind = c->axis, .crosshair = c->cross, .has_crosshair = c->has_cross, .empty = "no points of this metric here" };
	out->series = c->scratch;
	double lo, hi;
	if (chart_range(v, chart, &lo, &hi)) {
		out->x_lo = lo;
		out->x_hi = hi;
	}
	out->n_flags = changes_flags(v, chart);
	out->flags = c->flags;
}

static void paint_chart(struct runs_view *v, const struct paint *p, size_t chart, bool titled)
{
	struct chart c;
	struct str notes = STR_INIT, title = STR_INIT;
	struct paint inner = *p;
	chart_fill(v, chart, &c);
	if (titled) {
		const char *metric = chart_metric(v, chart);
		text_clean(&title, metric, strlen(metric), 0);
		c.title = title.p;
		footnotes(v, chart, &notes);
		snprintf(c.footer, sizeof c.footer, "%s", notes.p);
	}
	chart_paint_kept(&v->chart.kept[chart], &c, v->chart.stamps, &inner);
	struct rect plot = chart_plot(&c, (struct rect){ 0, 0, p->r.w, p->r.h });
	if (!chart)
		v->chart.plot_w = plot.w;
	str_free(&notes);
	str_free(&title);
}

/* ---- the pane -------------------------------------------------------------------------------------------------- */

/* A grid where each chart keeps a size at which it can be read. */
static void choose_grid(struct runs_view *v, struct rect r, int *cols, int *rows)
{
	int n = (int)v->chart.n_metrics;
	*cols = *rows = 1;
	if (!v->chart.grid_one && n > 1) {
		*cols = r.w / CHART_MIN_W > 1 ? r.w / CHART_MIN_W : 1;
		*rows = r.h / CHART_MIN_H > 1 ? r.h / CHART_MIN_H : 1;
		*cols = *cols > 3 ? 3 : *cols;
		*rows = *rows > 3 ? 3 : *rows;
		while (*cols * (*rows - 1) >= n)
			--*rows;
		while (*rows * (*cols - 1) >= n)
			--*cols;
	}
	v->chart.per_row = *cols;
	v->chart.rows = *rows;
	v->chart.shown = *cols * *rows;
}

/* The first row has what the others leave over, fewer and wider: the first metric is the one that matters. */
static struct rect chart_cell(const struct runs_view *v, struct rect r, int chart, int rows)
{
	int n = (int)chart_visible(v), cols = v->chart.per_row, first = n - (rows - 1) * cols;
	int y = chart < first ? 0 : 1 + (chart - first) / cols, x = chart < first ? chart : (chart - first) % cols, in_row = y ? cols : first;
	int w = (r.w - (in_row - 1) * GAP) / in_row, h = r.h / rows;
	return (struct rect){ x * (w + GAP), y * h, x == in_row - 1 ? r.w - x * (w + GAP) : w, y == rows - 1 ? r.h - y * h : h };
}

struct rect chart_place(const struct runs_view *v, size_t chart)
{
	return chart_cell(v, v->chart.rect, (int)chart, v->chart.rows > 0 ? v->chart.rows : 1);
}

static void paint_words(const struct paint *p, const char *first, const char *second)
{
	int y = p->r.h / 2 - 1;
	paint_field(p, 0, y > 0 ? y : 0, p->r.w, 0, PEN(ROLE_TEXT), first, strlen(first));
	if (second)
		paint_field(p, 0, y + 1, p->r.w, 0, PEN(ROLE_DIM), second, strlen(second));
}

void chart_pane_paint(struct runs_view *v, struct paint *p)
{
	int cols, rows;
	v->chart.rect = p->r;
	if (!v->tab.w.n_rows && !v->marks.n) {
		if (v->loaded)
			paint_words(p, "Curves of the marked runs, or of the one under the cursor.", NULL);
		return;
	}
	if (!v->chart.n_metrics) {
		if (v->det.run)
			paint_words(p, "No metric to draw.", "These runs have at most one point a metric; the table shows it.");
		return;
	}
	if (chart_is_bare(v)) {
		paint_words(p, v->chart.n_wanted > 1 ? "No metric of these runs has more than one point." : "No metric of this run has more than one point.", NULL);
		return;
	}
	choose_grid(v, p->r, &cols, &rows);
	size_t n = chart_visible(v);
	for (size_t i = 0; i < n; i++) {
		struct rect r = chart_cell(v, p->r, (int)i, rows);
		struct paint sub = paint_sub(p, r.x, r.y, r.w, r.h);
		paint_chart(v, &sub, i, n > 1);
	}
}

/* How many of the drawn runs have this metric at all. */
static size_t with_metric(const struct runs_view *v, size_t chart)
{
	size_t n = 0;
	for (size_t i = 0; i < v->chart.n_subject; i++) {
		const struct curve *k = chart_curve(v, v->chart.subject[i], chart_metric(v, chart));
		n += !(k && k->missing);
	}
	return n;
}

static void title_subject(const struct runs_view *v, struct str *out)
{
	const struct runs_chart *c = &v->chart;
	size_t have = chart_visible(v) == 1 ? with_metric(v, 0) : c->n_subject;
	if (c->n_subject == 1)
		str_addf(out, " · %s", run_label(v, c->subject[0]));
	else if (have < c->n_subject)
		str_addf(out, " · %zu of %zu runs have it", have, c->n_subject);
	else if (c->n_subject)
		str_addf(out, " · %zu runs", c->n_subject);
	if (c->left_out)
		str_addf(out, ", %zu more marked", c->left_out);
}

void chart_title(const struct runs_view *v, struct str *out)
{
	const struct runs_chart *c = &v->chart;
	size_t n = chart_visible(v);
	if (!n || chart_is_bare(v)) {
		str_add(out, "Charts");
		return;
	}
	const char *metric = chart_metric(v, 0);
	if (n > 1)
		str_addf(out, "%zu of %zu metrics", n, c->n_metrics);
	else
		text_clean(out, metric, strlen(metric), 0);
	title_subject(v, out);
	str_addf(out, " · by %s", axis_words[c->axis]);
	if (c->log_x || c->log_y)
		str_addf(out, " · log %s", c->log_x && c->log_y ? "x and y" : c->log_x ? "x" : "y");
	if (c->weight > 0)
		str_addf(out, " · smoothed %.2g, raw dim", c->weight);
	if (c->windowed)
		str_add(out, " · zoomed");
	if (n == 1) {
		struct str notes = STR_INIT;
		footnotes(v, 0, &notes);
		if (notes.len)
			str_addf(out, " · %s", notes.p);
		str_free(&notes);
	}
}

/* ---- what scripts see --------------------------------------------------------------------------------------------- */

static void model_series(const struct runs_view *v, const struct curve *k, struct str *out)
{
	char a[FMT_MAX];
	str_addf(out, "curve: %s · %s · %lld points · last %s", run_label(v, k->run_id), k->metric, (long long)k->sum.n, fmt_exact(a, k->sum.last));
	if (v->chart.has_cross && k->has_cross && k->cross_x == v->chart.cross)
		str_addf(out, " · at crosshair %s", fmt_exact(a, k->cross));
	str_addc(out, '\n');
}

void chart_model(const struct runs_view *v, struct str *out)
{
	const struct runs_chart *c = &v->chart;
	char a[FMT_MAX], b[FMT_MAX];
	double lo, hi;
	str_addf(out, "charts: %zu\nmetrics:", chart_visible(v));
	for (size_t m = 0; m < chart_visible(v); m++)
		str_addf(out, " %s", chart_metric(v, m));
	str_addf(out, "\naxis: %s\nlog: %s%s\nsmooth: %s\n", axis_words[c->axis], c->log_x ? "x" : "", c->log_y ? "y" : "", fmt_exact(a, c->weight));
	if (chart_range(v, 0, &lo, &hi))
		str_addf(out, "window: %s to %s%s\n", fmt_exact(a, lo), fmt_exact(b, hi), c->windowed ? "" : ", fitted");
	if (c->has_cross)
		str_addf(out, "crosshair: %s\n", fmt_exact(a, c->cross));
	for (size_t m = 0; c->changes && m < chart_visible(v); m++) {
		str_addf(out, "changes: %s", chart_metric(v, m));
		changes_words(v, m, true, out);
		str_addc(out, '\n');
	}
	for (size_t m = 0; m < chart_visible(v); m++)
		for (size_t i = 0; i < c->n_subject; i++) {
			const struct curve *k = chart_curve(v, c->subject[i], chart_metric(v, m));
			if (k && !k->missing)
				model_series(v, k, out);
		}
}
