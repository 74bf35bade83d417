/* Where detectors see a curve change: signs on the chart and words behind its name.
 *
 * Which     the run under the cursor, or the first drawn one; the curves of other runs stay without signs, because signs of several
 *           curves on one axis cannot be told apart.
 * When      in the task that reads the curve, which runs again when points have come: a series whose summary did not change is not
 *           watched again. Two million points take about half a second there; longer series are left out, and the words say so.
 * Place     the step (or time) of the value at which a detector fired, which is later than what it reacts to. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "views/runs_commands.h"
#include "views/runs_internal.h"

enum { WORDS_MOST = 2 /* changes told one by one */ };

int64_t changes_run(const struct runs_view *v)
{
	const struct runs_chart *c = &v->chart;
	if (!c->changes || !c->n_wanted)
		return 0;
	for (size_t i = 0; i < c->n_wanted; i++)
		if (c->wanted[i] == v->chart_run)
			return v->chart_run;
	return c->wanted[0];
}

static bool take_point(void *arg, const struct point *p)
{
	changes_add(arg, p->step, p->ms, p->value);
	return true;
}

enum status changes_load(struct store *s, int64_t name_id, struct curve *c, struct err *e)
{
	const struct stream_class *by[CHANGES_DETECTORS];
	size_t n;
	enum status st = changes_detectors(NULL, 0, by, &n, e);
	if (st != ST_OK)
		return st;
	struct change_watch *w = changes_watch(by, n);
	st = series_each(s, c->run_id, name_id, AXIS_STEP, INT64_MIN, INT64_MAX, take_point, w, e);
	c->changes = changes_done(w);
	return st;
}

static const struct curve *watched_curve(const struct runs_view *v, size_t chart)
{
	const struct runs_chart *c = &v->chart;
	int64_t run = changes_run(v);
	const struct curve *k = run && c->n_metrics ? chart_curve(v, run, c->metrics[(c->first + chart) % c->n_metrics]) : NULL;
	return k && !k->missing ? k : NULL;
}

static double drawn_at(const struct runs_view *v, const struct curve *k, const struct seen_change *at)
{
	switch (v->chart.axis) {
	case CHART_RELATIVE: return (double)(at->at.ms - k->start_ms);
	case CHART_WALL: return (double)at->at.ms;
	default: return (double)at->at.step;
	}
}

size_t changes_flags(struct runs_view *v, size_t chart)
{
	struct runs_chart *c = &v->chart;
	const struct curve *k = watched_curve(v, chart);
	size_t n = 0;
	if (!k || !k->changes)
		return 0;
	MEM_GROW(c->flags, c->cap_flags, changes_count(k->changes) + 1);
	for (size_t i = 0; i < k->changes->n_detectors; i++)
		for (size_t j = 0; j < k->changes->detector[i].n; j++)
			c->flags[n++].x = drawn_at(v, k, &k->changes->detector[i].at[j]);
	return n;
}

static void one_change(const struct change_detector *d, const struct seen_change *c, struct str *out)
{
	char step[FMT_MAX], a[FMT_MAX], b[FMT_MAX];
	str_addf(out, "%s at step %s (mean %s ", d->by->title, fmt_count(step, c->at.step), fmt_metric(a, c->before));
	if (c->n_after)
		str_addf(out, "to %s)", fmt_metric(b, c->after));
	else
		str_add(out, "so far)");
}

void changes_words(const struct runs_view *v, size_t chart, bool all, struct str *out)
{
	const struct curve *k = watched_curve(v, chart);
	size_t told = 0, n = k && k->changes ? changes_count(k->changes) : 0;
	if (!k || !k->watch)
		return;
	if (!k->changes || !n) {
		str_add(out, k->changes ? " · no change seen" : k->too_long ? " · too long to look for changes" : "");
		return;
	}
	for (size_t i = 0; i < k->changes->n_detectors; i++)
		for (size_t j = 0; j < k->changes->detector[i].n && (all || told < WORDS_MOST); j++, told++) {
			str_add(out, " · ");
			one_change(&k->changes->detector[i], &k->changes->detector[i].at[j], out);
		}
	if (told < n)
		str_addf(out, " · %zu more changes", n - told);
}

RUNS_CMD(drift)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	v->chart.changes = !v->chart.changes;
	ui_set_setting(v->ui, "runs.drift", v->chart.changes ? "1" : NULL);
	chart_want(v);
	return err_set(e, ST_OK, v->chart.changes ? "changes that ADWIN and HDDM_A see are marked" : "changes are not marked");
}
