/* Curves for the charts: which are wanted, which are here, and what is asked next.
 *
 * Wanted    the marked runs (or the one under the cursor) times the metrics on the screen.
 * Here      curves kept by (run, metric), each with the number of the question (window, axis, pixels, smoothing, state of the
 *           data) that it answers. What answers an older question is drawn until the new answer comes, so a zoom
 *           never blanks. The set of drawn runs changes only when something of the new set has arrived.
 * Tasks     one at a time, each for as many curves as fit into BUDGET_US: with 200 runs the first ones appear at once.
 *           New points: only series whose summary changed are read again.
 * Metric    unless the user chose it, one that the drawn runs have: when all that was asked for is missing, the runs are
 *           asked for their curves, once for each state of the data.
 * Memory    a curve is at most two buckets (72 bytes) a pixel column, one when many runs are drawn; beyond KEEP curves the
 *           longest unused go. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

enum { BUDGET_US = 25000, KEEP = 64, MANY_RUNS = 32, PIXELS_STEP = 64 };

/* ---- the curves at hand ------------------------------------------------------------------------------- */

/* Place of (run, metric) among the curves, which are kept in that order. */
static size_t curve_place(const struct runs_chart *c, int64_t run_id, const char *metric, bool *found)
{
	size_t lo = 0, hi = c->n_curves;
	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct curve *at = c->curves[mid];
		int order = at->run_id != run_id ? (at->run_id < run_id ? -1 : 1) : strcmp(at->metric, metric);
		if (!order) {
			*found = true;
			return mid;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct curve *chart_curve(const struct runs_view *v, int64_t run_id, const char *metric)
{
	bool found;
	size_t i = curve_place(&v->chart, run_id, metric, &found);
	return found ? v->chart.curves[i] : NULL;
}

static bool is_wanted(const struct runs_chart *c, int64_t run_id)
{
	for (size_t i = 0; i < c->n_wanted; i++)
		if (c->wanted[i] == run_id)
			return true;
	return false;
}

static void forget_unused(struct runs_chart *c)
{
	while (c->n_curves > KEEP + c->n_wanted * RUNS_CHARTS) {
		size_t oldest = 0;
		for (size_t i = 1; i < c->n_curves; i++)
			if (c->curves[i]->used < c->curves[oldest]->used)
				oldest = i;
		if (is_wanted(c, c->curves[oldest]->run_id))
			return;
		curve_free(c->curves[oldest]);
		memmove(&c->curves[oldest], &c->curves[oldest + 1], (c->n_curves - oldest - 1) * sizeof *c->curves);
		c->n_curves--;
	}
}

static void keep_curve(struct runs_view *v, struct curve *fresh)
{
	struct runs_chart *c = &v->chart;
	bool found;
	size_t i = curve_place(c, fresh->run_id, fresh->metric, &found);
	fresh->used = ++c->stamp;
	if (found && fresh->same) {
		c->curves[i]->asked = fresh->asked;      /* its stamp stays: it is drawn as before */
		curve_free(fresh);
	} else if (found) {
		curve_free(c->curves[i]);
		c->curves[i] = fresh;
	} else {
		MEM_GROW(c->curves, c->cap_curves, c->n_curves + 1);
		memmove(&c->curves[i + 1], &c->curves[i], (c->n_curves - i) * sizeof *c->curves);
		c->curves[i] = fresh;
		c->n_curves++;
	}
}

/* ---- the question ----------------------------------------------------------------------------------------- */

/* Columns are asked for in steps, so that a border that moves by a cell asks nothing new. */
static int pixels_wanted(const struct runs_view *v)
{
	int cells = v->chart.plot_w > 16 ? v->chart.plot_w : 80;
	int pixels = (cells + PIXELS_STEP - 1) / PIXELS_STEP * PIXELS_STEP;
	return v->chart.n_wanted > MANY_RUNS ? pixels : pixels * 2;
}

static void settle_question(struct runs_view *v)
{
	struct runs_chart *c = &v->chart;
	struct curve_question q = { .axis = c->axis, .log_x = c->log_x, .windowed = c->windowed, .lo = c->windowed ? c->lo : 0,
		.hi = c->windowed ? c->hi : 0, .weight = c->weight, .pixels = pixels_wanted(v) };
	const struct curve_question *old = &c->ask;
	bool same = old->axis == q.axis && old->log_x == q.log_x && old->windowed == q.windowed && old->lo == q.lo && old->hi == q.hi
		&& old->weight == q.weight && old->pixels == q.pixels;
	if (!same) {
		c->ask = q;
		c->version++;
		c->asked_anew = c->version;
	}
}

void chart_stale(struct runs_view *v)
{
	v->chart.version++;
	chart_want(v);
}

static void wanted_runs(struct runs_view *v)
{
	struct runs_chart *c = &v->chart;
	size_t n = v->marks.n ? v->marks.n : v->chart_run ? 1 : 0;
	c->left_out = n > RUNS_CURVES_MAX ? n - RUNS_CURVES_MAX : 0;
	n -= c->left_out;
	free(c->wanted);
	c->wanted = mem_array(n ? n : 1, sizeof *c->wanted);
	c->n_wanted = n;
	for (size_t i = 0; i < n; i++)
		c->wanted[i] = v->marks.n ? v->marks.at[i].id : v->chart_run;
}

static void draw_wanted(struct runs_chart *c)
{
	free(c->subject);
	c->subject = mem_array(c->n_wanted ? c->n_wanted : 1, sizeof *c->subject);
	memcpy(c->subject, c->wanted, c->n_wanted * sizeof *c->subject);
	c->n_subject = c->n_wanted;
}

/* ---- tasks ---------------------------------------------------------------------------------------------------- */

struct curves_trip { struct curve_question ask; uint64_t version; struct curve **at; size_t n, done; };

static void curves_drop(void *arg)
{
	struct curves_trip *t = arg;
	for (size_t i = 0; i < t->n; i++)
		curve_free(t->at[i]);
	free(t->at);
	free(t);
}

static enum status curves_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct curves_trip *t = arg;
	int64_t end = clock_mono_us() + BUDGET_US;
	enum status st = ST_OK;
	for (; st == ST_OK && t->done < t->n && !task_cancelled(task); t->done++) {
		if (t->done && clock_mono_us() > end)
			break;
		t->at[t->done]->asked = t->version;
		st = curve_load(s, task, &t->ask, t->at[t->done], e);
	}
	return st;
}

static void curves_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct curves_trip *t = arg;
	v->chart.busy = false;
	for (size_t i = 0; st == ST_OK && i < t->done; i++) {
		keep_curve(v, t->at[i]);
		t->at[i] = NULL;
	}
	if (st != ST_OK && st != ST_CANCELLED)
		ui_message(v->ui, st, "%s", e->text);
	bool go_on = st == ST_OK;
	if (go_on)
		draw_wanted(&v->chart);
	curves_drop(t);
	forget_unused(&v->chart);
	if (go_on)
		chart_want(v);
}

static int64_t start_of(const struct runs_view *v, int64_t run_id)
{
	int64_t at = v->tab.snap ? runs_snap_find(v->tab.snap, run_id) : -1;
	const struct run_row *r = at >= 0 ? runs_snap_row(v->tab.snap, (size_t)at) : NULL;
	for (size_t i = 0; !r && i < v->chart.n_curves; i++)
		if (v->chart.curves[i]->run_id == run_id)
			return v->chart.curves[i]->start_ms;     /* filtered away since it was marked */
	return r && r->start_ms != INT64_MIN ? r->start_ms : 0;
}

static void ask_curve(struct runs_view *v, struct curves_trip *t, size_t *cap, int64_t run_id, const char *metric)
{
	struct curve *old = chart_curve(v, run_id, metric), *c;
	bool watch = run_id == changes_run(v);
	if (old && old->asked == v->chart.version && (old->watch || !watch || old->missing))
		return;
	c = mem_zalloc(sizeof *c);
	c->run_id = run_id;
	c->start_ms = start_of(v, run_id);
	c->metric = mem_strdup(metric);
	c->watch = watch;
	if (old && !old->missing && (old->watch || !watch) && old->asked >= v->chart.asked_anew) {
		c->same_if = true;
		c->was = old->sum;
	}
	MEM_GROW(t->at, *cap, t->n + 1);
	t->at[t->n++] = c;
}

static void look_further(struct runs_view *v);

void chart_want(struct runs_view *v)
{
	struct runs_chart *c = &v->chart;
	struct placed at;
	wanted_runs(v);
	settle_question(v);
	if (c->busy || !panes_has(v, PANE_CHART, &at))
		return;
	struct curves_trip *t = mem_zalloc(sizeof *t);
	size_t cap = 0, charts = chart_visible(v);
	for (size_t m = 0; m < charts; m++)
		for (size_t i = 0; i < c->n_wanted; i++)
			ask_curve(v, t, &cap, c->wanted[i], c->metrics[(c->first + m) % c->n_metrics]);
	if (!t->n) {
		curves_drop(t);
		draw_wanted(c);
		look_further(v);
		return;
	}
	t->ask = c->ask;
	t->version = c->version;
	c->busy = true;
	ui_task(v->ui, v, &(struct ui_task){ .title = "curves", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_CURVES,
		.work = curves_work, .apply = curves_apply, .drop = curves_drop, .arg = t });
}

/* ---- metrics ----------------------------------------------------------------------------------------------------- */

static int64_t metric_at(const struct runs_chart *c, const char *key)
{
	for (size_t i = 0; i < c->n_metrics; i++)
		if (!strcmp(c->metrics[i], key))
			return (int64_t)i;
	return -1;
}

static void add_metric(struct runs_chart *c, const char *key)
{
	c->metrics = mem_realloc(c->metrics, (c->n_metrics + 1) * sizeof *c->metrics);
	c->metrics[c->n_metrics++] = mem_strdup(key);
}

bool chart_select_metric(struct runs_view *v, const char *key)
{
	int64_t at = metric_at(&v->chart, key);
	char name[64];
	if (at < 0)
		return false;
	v->chart.first = (size_t)at;
	v->chart.picked = true;
	runs_setting_key(v, "metric", name, sizeof name);
	ui_set_setting(v->ui, name, key);
	chart_want(v);
	return true;
}

/* What the newest runs have; the metric that was shown stays first when it is among them. */
void chart_set_metrics(struct runs_view *v, const struct rank_probe *probe)
{
	struct runs_chart *c = &v->chart;
	char name[64];
	for (size_t i = 0; i < c->n_metrics; i++)
		free(c->metrics[i]);
	c->n_metrics = c->first = 0;
	for (size_t i = 0; i < probe->n_curves; i++)
		add_metric(c, probe->curves[i]);
	runs_setting_key(v, "metric", name, sizeof name);
	const char *kept = ui_setting(v->ui, name);
	int64_t at = kept ? metric_at(c, kept) : -1;
	c->picked = at >= 0;
	c->first = c->picked ? (size_t)at : 0;
	c->looked = c->bare = 0;
}

/* A run that was not probed may have curves of its own: they come last. */
void chart_add_metrics(struct runs_view *v, const struct run_detail *d)
{
	bool none = !v->chart.n_metrics;
	for (size_t i = 0; i < d->n_metrics; i++)
		if (d->metrics[i].sum.n > 1 && metric_at(&v->chart, d->metrics[i].key) < 0)
			add_metric(&v->chart, d->metrics[i].key);
	if (none && v->chart.n_metrics)
		chart_want(v);
}

size_t chart_visible(const struct runs_view *v)
{
	size_t room = v->chart.shown > 0 ? (size_t)v->chart.shown : 1;
	return v->chart.n_metrics < room ? v->chart.n_metrics : room;
}

/* ---- a metric that these runs have --------------------------------------------------------------------------------- */

static uint64_t wanted_hash(const struct runs_chart *c, uint64_t more)
{
	uint64_t h = (14695981039346656037u ^ more) * 1099511628211u;          /* FNV-1a */
	for (size_t i = 0; i < c->n_wanted; i++)
		h = (h ^ (uint64_t)c->wanted[i]) * 1099511628211u;
	return h | 1;
}

bool chart_is_bare(const struct runs_view *v)
{
	return v->chart.n_wanted && v->chart.bare == wanted_hash(&v->chart, 0);
}

struct look_trip { uint64_t runs; int64_t id[RUNS_CURVES_MAX]; struct run_detail *found[RUNS_CURVES_MAX]; size_t n; };

static void look_drop(void *arg)
{
	struct look_trip *t = arg;
	for (size_t i = 0; i < t->n; i++)
		run_detail_free(t->found[i]);
	free(t);
}

/* Up to the first run that has something to draw. */
static enum status look_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct look_trip *t = arg;
	enum status st = ST_OK;
	for (size_t i = 0; i < t->n && !task_cancelled(task) && (st == ST_OK || st == ST_NOT_FOUND); i++) {
		st = run_detail_load_parts(s, t->id[i], RUN_CURVES, &t->found[i], e);
		if (t->found[i] && t->found[i]->n_metrics)
			break;
	}
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static bool trip_has_curve(const struct look_trip *t, const char *metric)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; t->found[i] && k < t->found[i]->n_metrics; k++)
			if (!strcmp(t->found[i]->metrics[k].key, metric))
				return true;
	return false;
}

static void look_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct runs_chart *c = &v->chart;
	struct look_trip *t = arg;
	if (st != ST_OK && st != ST_CANCELLED)
		ui_message(v->ui, st, "%s", e->text);
	if (st == ST_OK && !c->picked && t->runs == wanted_hash(c, 0)) {
		size_t m = 0;
		for (size_t i = 0; i < t->n; i++)
			if (t->found[i])
				chart_add_metrics(v, t->found[i]);
		while (m < c->n_metrics && !trip_has_curve(t, c->metrics[m]))
			m++;
		c->bare = m < c->n_metrics ? 0 : t->runs;
		c->first = m < c->n_metrics ? m : c->first;
		chart_want(v);
	}
	look_drop(t);
}

static bool all_missing(const struct runs_view *v)
{
	const struct runs_chart *c = &v->chart;
	for (size_t m = 0; m < chart_visible(v); m++)
		for (size_t i = 0; i < c->n_wanted; i++) {
			const struct curve *k = chart_curve(v, c->wanted[i], c->metrics[(c->first + m) % c->n_metrics]);
			if (k && !k->missing)
				return false;
		}
	return c->n_wanted > 0;
}

static void look_further(struct runs_view *v)
{
	struct runs_chart *c = &v->chart;
	uint64_t now = wanted_hash(c, c->version);
	if (c->picked || c->looked == now || !all_missing(v))
		return;
	c->looked = now;
	struct look_trip *t = mem_zalloc(sizeof *t);
	t->runs = wanted_hash(c, 0);
	t->n = c->n_wanted;
	memcpy(t->id, c->wanted, t->n * sizeof *t->id);
	ui_task(v->ui, v, &(struct ui_task){ .title = "metrics to draw", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_LOOK,
		.work = look_work, .apply = look_apply, .drop = look_drop, .arg = t });
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

void chart_init(struct runs_view *v)
{
	static const char *const axes[] = { "step", "relative", "wall" };
	const char *axis = ui_setting(v->ui, "runs.axis"), *weight = ui_setting(v->ui, "runs.smooth");
	for (int i = 0; axis && i < 3; i++)
		if (!strcmp(axis, axes[i]))
			v->chart.axis = (enum chart_x)i;
	double w = weight ? strtod(weight, NULL) : 0;
	v->chart.weight = w > 0 && w < 1 ? w : 0;
	v->chart.changes = ui_setting(v->ui, "runs.drift") != NULL;
	v->chart.grid_one = ui_setting(v->ui, "runs.one-chart") != NULL;
}

void chart_free(struct runs_view *v)
{
	struct runs_chart *c = &v->chart;
	for (size_t i = 0; i < c->n_curves; i++)
		curve_free(c->curves[i]);
	for (size_t i = 0; i < c->n_metrics; i++)
		free(c->metrics[i]);
	free(c->curves);
	free(c->metrics);
	free(c->subject);
	free(c->wanted);
	free(c->scratch);
	free(c->stamps);
	free(c->flags);
	for (size_t i = 0; i < RUNS_CHARTS; i++)
		chart_kept_free(&c->kept[i]);
}
