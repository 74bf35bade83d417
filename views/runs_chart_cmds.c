/* Commands of the charts: crosshair, zoom, pan, axes, smoothing, which metric.
 *
 * Crosshair  stands on points of the focused curve: it moves by a cell, then to the nearest end of a bucket, so that the step
 *            it names is one that exists; where points are further apart than cells it goes from point to point.
 *            Exact values of all series come from the store a moment later; until then the widget reads them
 *            off the buckets.
 * Zoom       around the crosshair, else around the middle; never closer than two points could be told apart. On a
 *            logarithmic axis all of it happens in decades. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/runs_commands.h"

const char *runs_why_no_chart(const struct cmd_ctx *c)
{
	const struct runs_view *v = c->view;
	if (!v->chart.n_metrics)
		return "no metric here has a curve";
	return v->chart.n_subject ? NULL : runs_words(v, "no curve is drawn; {runs.mark} adds a run");
}

/* ---- crosshair -------------------------------------------------------------------------------------------- */

struct cross_trip { struct curve_question ask; double x; int64_t *runs, *starts; char **metrics; double *values; bool *found; size_t n; };

static void cross_drop(void *arg)
{
	struct cross_trip *t = arg;
	for (size_t i = 0; i < t->n; i++)
		free(t->metrics[i]);
	free(t->runs);
	free(t->starts);
	free(t->metrics);
	free(t->values);
	free(t->found);
	free(t);
}

/* The last point at or before x: the store gives one point on either side of a window. */
static enum status value_at(struct store *s, const struct cross_trip *t, size_t i, double *value, bool *found, struct err *e)
{
	struct bucket *b = NULL;
	size_t n = 0;
	int64_t name = run_name_id(s, t->metrics[i]), x = (int64_t)floor(t->x) + (t->ask.axis == CHART_RELATIVE ? t->starts[i] : 0);
	enum status st = series_buckets(s, t->runs[i], name, t->ask.axis == CHART_STEP ? AXIS_STEP : AXIS_TIME, x, x, 1, &b, &n, e);
	for (size_t k = 0; st == ST_OK && k < n; k++)
		if (b[k].x1 <= x) {
			*value = b[k].last;
			*found = true;
		}
	free(b);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static enum status cross_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct cross_trip *t = arg;
	enum status st = ST_OK;
	for (size_t i = 0; st == ST_OK && i < t->n && !task_cancelled(task); i++)
		st = value_at(s, t, i, &t->values[i], &t->found[i], e);
	return task_cancelled(task) ? ST_CANCELLED : st;
}

static void cross_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct cross_trip *t = arg;
	for (size_t i = 0; st == ST_OK && i < t->n; i++) {
		struct curve *k = chart_curve(v, t->runs[i], t->metrics[i]);
		if (!k)
			continue;
		k->cross = t->values[i];
		k->cross_x = t->x;
		k->has_cross = t->found[i];
	}
	if (st != ST_OK && st != ST_CANCELLED)
		ui_message(v->ui, st, "%s", e->text);
	cross_drop(t);
}

void chart_cross_want(struct runs_view *v)
{
	const struct runs_chart *c = &v->chart;
	size_t most = c->n_subject * chart_visible(v) + 1;
	struct cross_trip *t = mem_zalloc(sizeof *t);
	*t = (struct cross_trip){ c->ask, c->cross, mem_array(most, sizeof *t->runs), mem_array(most, sizeof *t->starts), mem_array(most, sizeof *t->metrics),
		mem_array(most, sizeof *t->values), mem_array(most, sizeof *t->found), 0 };
	t->ask.axis = c->axis;
	memset(t->found, 0, most * sizeof *t->found);
	for (size_t m = 0; m < chart_visible(v); m++)
		for (size_t i = 0; i < c->n_subject; i++) {
			const struct curve *k = chart_curve(v, c->subject[i], c->metrics[(c->first + m) % c->n_metrics]);
			if (!k || k->missing)
				continue;
			t->runs[t->n] = k->run_id;
			t->starts[t->n] = k->start_ms;
			t->metrics[t->n++] = mem_strdup(k->metric);
		}
	ui_task(v->ui, v, &(struct ui_task){ .title = "values at the crosshair", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_CROSS,
		.work = cross_work, .apply = cross_apply, .drop = cross_drop, .arg = t });
}

/* The curve that the crosshair stands on: the focused one, else the first. */
static const struct chart_series *lead_series(struct runs_view *v)
{
	size_t n = chart_series_of(v, 0);
	for (size_t i = 0; i < n; i++)
		if (v->chart.scratch[i].focused)
			return &v->chart.scratch[i];
	return n ? v->chart.scratch : NULL;
}

/* The bucket end nearest to x; from `from` on and beyond it in direction dir, when dir is not 0. */
static double snap_to(const struct chart_series *s, double x, double from, int dir)
{
	double best = NAN;
	for (size_t i = 0; i < s->n_raw; i++) {
		double at = s->raw[i].x1;
		if ((dir > 0 && at <= from) || (dir < 0 && at >= from))
			continue;
		if (isnan(best) || fabs(at - x) < fabs(best - x))
			best = at;
	}
	return best;
}

static double held(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

static void put_cross(struct runs_view *v, double x)
{
	v->chart.cross = x;
	v->chart.has_cross = true;
	chart_cross_want(v);
}

RUNS_CMD(chart_move)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	struct chart chart;
	double lo, hi;
	const struct chart_series *s = lead_series(v);
	if (!s || !chart_range(v, 0, &lo, &hi))
		return ST_OK;
	if (!v->chart.has_cross) {
		put_cross(v, held(snap_to(s, c->arg < 0 ? hi : lo, 0, 0), lo, hi));
		return ST_OK;
	}
	chart_fill(v, 0, &chart);
	double span = chart_cell_span(&chart, chart_place(v, 0)), from = v->chart.cross;
	double to = snap_to(lead_series(v), from + (double)c->arg * span, from, c->arg < 0 ? -1 : 1);
	if (!isnan(to) && to >= lo && to <= hi)
		put_cross(v, to);
	return ST_OK;
}

RUNS_CMD(chart_jump)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	double lo, hi;
	const struct chart_series *s = lead_series(v);
	if (s && chart_range(v, 0, &lo, &hi))
		put_cross(v, held(snap_to(s, c->arg < 0 ? lo : hi, 0, 0), lo, hi));
	return ST_OK;
}

/* ---- window -------------------------------------------------------------------------------------------------- */

static double to_scale(const struct runs_chart *c, double x)
{
	return c->log_x ? log10(x > 1e-9 ? x : 1e-9) : x;
}

static double from_scale(const struct runs_chart *c, double u)
{
	return c->log_x ? pow(10, u) : u;
}

static bool full_range(struct runs_view *v, double *lo, double *hi)
{
	bool was = v->chart.windowed;
	v->chart.windowed = false;
	bool any = chart_range(v, 0, lo, hi);
	v->chart.windowed = was;
	return any;
}

static void set_window(struct runs_view *v, double lo, double hi)
{
	struct runs_chart *c = &v->chart;
	c->windowed = true;
	c->lo = lo;
	c->hi = hi;
	if (c->has_cross && (c->cross < lo || c->cross > hi))
		c->has_cross = false;
	chart_want(v);
}

static enum status zoom(struct runs_view *v, double factor, double around, struct err *e)
{
	struct runs_chart *c = &v->chart;
	double lo, hi, all_lo, all_hi;
	if (!chart_range(v, 0, &lo, &hi) || !full_range(v, &all_lo, &all_hi))
		return ST_OK;
	double a = to_scale(c, lo), b = to_scale(c, hi), m = to_scale(c, held(around, lo, hi)), keep = b > a ? (m - a) / (b - a) : 0.5;
	double span = (b - a) * factor, least = c->log_x ? 1e-3 : 2;
	if (factor < 1 && span < least)
		return err_set(e, ST_REFUSED, "closer than this there is nothing between two points");
	double from = m - keep * span, end = from + span, u0 = to_scale(c, all_lo), u1 = to_scale(c, all_hi);
	if (factor > 1 && span >= u1 - u0) {
		c->windowed = false;
		chart_want(v);
		return ST_OK;
	}
	if (from < u0)
		end += u0 - from, from = u0;
	if (end > u1)
		from -= end - u1, end = u1;
	set_window(v, from_scale(c, from), from_scale(c, end));
	return ST_OK;
}

RUNS_CMD(chart_zoom)
{
	struct runs_view *v = c->view;
	double lo, hi;
	(void)argc, (void)argv;
	if (!chart_range(v, 0, &lo, &hi))
		return ST_OK;
	double middle = from_scale(&v->chart, (to_scale(&v->chart, lo) + to_scale(&v->chart, hi)) / 2);
	return zoom(v, c->arg > 0 ? 0.5 : 2, v->chart.has_cross ? v->chart.cross : middle, e);
}

RUNS_CMD(chart_fit)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	v->chart.windowed = false;
	chart_want(v);
	return ST_OK;
}

RUNS_CMD(chart_pan)
{
	struct runs_view *v = c->view;
	struct runs_chart *ch = &v->chart;
	(void)argc, (void)argv;
	double lo, hi, all_lo, all_hi;
	if (!ch->windowed)
		return err_set(e, ST_REFUSED, "%s", runs_words(v, "all points are in sight; {chart.zoom-in} looks closer"));
	if (!chart_range(v, 0, &lo, &hi) || !full_range(v, &all_lo, &all_hi))
		return ST_OK;
	double a = to_scale(ch, lo), b = to_scale(ch, hi), by = (double)c->arg * (b - a) / 4;
	double u0 = to_scale(ch, all_lo), u1 = to_scale(ch, all_hi);
	by = held(by, u0 - a, u1 - b);
	set_window(v, from_scale(ch, a + by), from_scale(ch, b + by));
	return ST_OK;
}

/* ---- how it is drawn -------------------------------------------------------------------------------------------- */

RUNS_CMD(chart_log)
{
	struct runs_view *v = c->view;
	bool *which = c->arg == 'x' ? &v->chart.log_x : &v->chart.log_y;
	(void)argc, (void)argv;
	if (c->arg == 'x' && v->chart.axis == CHART_WALL && !*which)
		return err_set(e, ST_REFUSED, "%s", runs_words(v, "clock time has no logarithm; {chart.axis} draws over steps"));
	*which = !*which;
	chart_want(v);
	return ST_OK;
}

RUNS_CMD(chart_axis)
{
	static const char *const axes[] = { "step", "relative", "wall" };
	struct runs_view *v = c->view;
	int to = ((int)v->chart.axis + 1) % 3;
	if (argc > 1)
		for (to = 0; to < 3 && strcmp(axes[to], argv[1]); to++)
			continue;
	if (to == 3)
		return err_set(e, ST_USAGE, "the axis is step, relative or wall, not %s", argv[1]);
	v->chart.axis = (enum chart_x)to;
	v->chart.windowed = v->chart.has_cross = false;
	v->chart.log_x &= to != CHART_WALL;
	ui_set_setting(v->ui, "runs.axis", axes[to]);
	chart_want(v);
	return ST_OK;
}

/* The slider's useful places, closer together near 1. */
RUNS_CMD(chart_smooth)
{
	static const double weights[] = { 0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999 };
	enum { LAST = sizeof weights / sizeof *weights - 1 };
	struct runs_view *v = c->view;
	char buf[FMT_MAX];
	int at = 0;
	(void)argc, (void)argv;
	while (at < LAST && weights[at] < v->chart.weight)
		at++;
	at += (int)c->arg;
	if (at < 0 || at > LAST)
		return err_set(e, ST_REFUSED, at < 0 ? "nothing is smoothed" : "it is as smooth as it gets");
	v->chart.weight = weights[at];
	ui_set_setting(v->ui, "runs.smooth", fmt_exact(buf, weights[at]));
	chart_want(v);
	return err_set(e, ST_OK, at ? "smoothed by %.3g, the raw curve is dim" : "not smoothed", weights[at]);
}

RUNS_CMD(chart_metric_step)
{
	struct runs_view *v = c->view;
	struct runs_chart *ch = &v->chart;
	(void)argc, (void)argv, (void)e;
	chart_select_metric(v, ch->metrics[(ch->first + ch->n_metrics + (size_t)c->arg) % ch->n_metrics]);
	if (ch->has_cross)
		chart_cross_want(v);
	return ST_OK;
}

RUNS_CMD(chart_metric)
{
	(void)argc;
	return chart_select_metric(c->view, argv[1]) ? ST_OK : err_set(e, ST_NOT_FOUND, "no metric with a curve is called %s here", argv[1]);
}

void runs_complete_metric(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	const struct runs_chart *ch = &((const struct runs_view *)c->view)->chart;
	(void)index;
	for (size_t i = 0; i < ch->n_metrics; i++)
		if (!*word || text_fuzzy(ch->metrics[i], word)) {
			text_clean(out, ch->metrics[i], strlen(ch->metrics[i]), 0);
			str_addc(out, '\n');
		}
}

RUNS_CMD(chart_grid)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	v->chart.grid_one = !v->chart.grid_one;
	v->chart.shown = v->chart.grid_one ? 1 : v->chart.shown;
	ui_set_setting(v->ui, "runs.one-chart", v->chart.grid_one ? "1" : NULL);
	return err_set(e, ST_OK, v->chart.grid_one ? "one chart at a time" : "as many charts as there is room for");
}

/* ---- mouse ---------------------------------------------------------------------------------------------------------- */

static bool x_under(struct runs_view *v, int x, int y, double *out)
{
	struct chart chart;
	for (size_t i = 0; i < chart_visible(v); i++) {
		struct rect r = chart_place(v, i);
		if (!rect_has(r, x, y))
			continue;
		chart_fill(v, i, &chart);
		*out = chart_x_at(&chart, r, x - r.x);
		return chart.n_series && !isnan(*out);
	}
	return false;
}

void chart_click(struct runs_view *v, int x, int y)
{
	double at;
	const struct chart_series *s = lead_series(v);
	if (s && x_under(v, x, y, &at))
		put_cross(v, snap_to(lead_series(v), at, 0, 0));
}

void chart_wheel(struct runs_view *v, int x, int y, bool in)
{
	struct err e = { 0 };
	double at;
	if (x_under(v, x, y, &at) && zoom(v, in ? 0.5 : 2, at, &e) != ST_OK)
		ui_message(v->ui, e.code, "%s", e.text);
}
