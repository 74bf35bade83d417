/* How good the model is on both sides: metrics, where it errs, whether its probabilities hold, and for whom it got worse. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/performance.h"
#include "tui/chart.h"
#include "views/drift_report.h"

enum { CONFUSION_MOST = 8, SEGMENTS_SHOWN = 40, CURVE_ROWS = 14, CURVE_W = 84, BINS_MOST = 64 };

/* All with four digits, so that values below each other look alike. */
static void value(struct leaf *s, enum role role, double v)
{
	char buf[FMT_MAX];
	leaf_cell(s, role, "%s", isnan(v) ? "" : fmt_metric(buf, v));
}

static void rows(struct leaf *s, double n)
{
	char buf[FMT_MAX];
	leaf_cell(s, ROLE_DIM, "%s", isnan(n) ? "" : fmt_count(buf, (int64_t)n));
}

static void metrics(struct leaf *s, const struct report_performance *p)
{
	char change[FMT_MAX], low[FMT_MAX], high[FMT_MAX];
	bool band = false;
	for (size_t i = 0; i < p->n_metrics; i++)
		band |= p->metrics[i].estimated;
	leaf_head(s, "Metrics", "%s%s%s", p->task, *p->target ? " of " : "", p->target);
	leaf_table(s, band ? "metric|>reference|>current|>change|verdict|>95 % interval or band|" : "metric|>reference|>current|>change|verdict|>95 % interval|");
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct report_metric *m = &p->metrics[i];
		enum role role = m->worse ? ROLE_BAD : ROLE_TEXT;
		double by = m->cur - m->ref;
		leaf_cell(s, role, "%s", m->title);
		value(s, ROLE_TEXT, m->ref);
		value(s, role, m->cur);
		leaf_cell(s, role, "%s", report_change_words(change, m->ref, m->cur));
		leaf_cell(s, role, "%s", m->worse ? "worse" : isnan(by) || by == 0 || !performance_is_judged(m->name) ? "" : (by < 0) == m->less_is_better ? "not worse" : "within chance");
		if (isnan(m->low) || isnan(m->high))
			leaf_cell(s, ROLE_DIM, "%s", "");
		else
			leaf_cell(s, ROLE_DIM, "%s to %s", fmt_metric(low, m->low), fmt_metric(high, m->high));
		leaf_cell(s, ROLE_WARN, "%s", m->estimated ? "estimated" : "");
	}
	if (p->sample && *p->sample)
		leaf_text(s, ROLE_DIM, "Measured %s.", p->sample);
	if (*p->assumption)
		leaf_text(s, ROLE_WARN, "%s", p->assumption);
}

static void confusion(struct leaf *s, const struct report_performance *p, const double *counts, const char *side)
{
	struct str heads = STR_INIT;
	size_t n = p->n_labels;
	if (!counts || !n)
		return;
	leaf_head(s, "Confusion", "%s: rows by target, columns by prediction", side);
	if (n > CONFUSION_MOST) {
		leaf_text(s, ROLE_DIM, "%zu labels: too many to draw; the exported report has them all", n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		str_addf(&heads, "|>%s", p->labels[i]);
	for (char *at = heads.p + 1; at < heads.p + heads.len; at++)             /* a label may hold what parts the heads */
		if (*at == '|' && at[1] != '>')
			*at = '/';
	leaf_table(s, heads.p);
	str_free(&heads);
	for (size_t i = 0; i < n; i++) {
		double all = 0;
		for (size_t k = 0; k < n; k++)
			all += counts[i * n + k];
		leaf_cell(s, ROLE_DIM, "%s", p->labels[i]);
		for (size_t k = 0; k < n; k++) {
			char number[FMT_MAX];
			leaf_cell(s, i == k ? ROLE_GOOD : counts[i * n + k] > 0 ? ROLE_TEXT : ROLE_DIM, "%s %3.0f %%", fmt_count(number, (int64_t)counts[i * n + k]), all > 0 ? 100 * counts[i * n + k] / all : 0);
		}
	}
}

/* ---- calibration ------------------------------------------------------------------------------------------------ */

static struct chart_bucket point(double x, double y)
{
	return (struct chart_bucket){ .x0 = x, .x1 = x, .first = y, .last = y, .min = y, .max = y, .x_min = x, .x_max = x, .n = 1 };
}

static void curve(const void *data, struct paint *p)
{
	const struct report_performance *perf = data;
	const struct chart_bucket even[2] = { point(0, 0), point(1, 1) };
	struct chart_bucket *ref = mem_array(BINS_MOST, sizeof *ref), *cur = mem_array(BINS_MOST, sizeof *cur);
	size_t n_ref = 0, n_cur = 0;
	for (size_t i = 0; i < perf->n_calibration && i < BINS_MOST; i++) {
		const struct report_calibration *c = &perf->calibration[i];
		if (c->rows_ref > 0 && isfinite(c->predicted_ref))
			ref[n_ref++] = point(c->predicted_ref, c->observed_ref);
		if (c->rows_cur > 0 && isfinite(c->predicted_cur))
			cur[n_cur++] = point(c->predicted_cur, c->observed_cur);
	}
	const struct chart_series series[3] = { { .label = "right", .role = ROLE_RAW, .mark = '=', .raw = even, .n_raw = 2, .last = 1 },
		{ .label = "reference", .role = ROLE_S1, .mark = 'r', .raw = ref, .n_raw = n_ref, .last = n_ref ? ref[n_ref - 1].last : NAN },
		{ .label = "current", .role = ROLE_S2, .mark = 'c', .raw = cur, .n_raw = n_cur, .last = n_cur ? cur[n_cur - 1].last : NAN, .focused = true } };
	struct chart c = { .title = "observed share over predicted probability", .series = series, .n_series = 3, .x_lo = 0, .x_hi = 1, .y_lo = 0, .y_hi = 1, .y_fixed = true, .labels = true,
		.x_kind = CHART_NUMBER, .order = CHART_BY_SERIES };
	struct paint in = paint_sub(p, 0, 0, p->r.w < CURVE_W ? p->r.w : CURVE_W, p->r.h);
	chart_paint(&c, &in);
	free(ref);
	free(cur);
}

static void calibration(struct leaf *s, const struct report_performance *p)
{
	if (!p->n_calibration)
		return;
	leaf_head(s, "Calibration", "whether a predicted 0.8 comes true in 80 of 100 rows");
	leaf_picture(s, CURVE_ROWS, curve, p);
	leaf_table(s, ">predicted|>reference|>of rows|>predicted now|>current|>of rows");
	for (size_t i = 0; i < p->n_calibration; i++) {
		const struct report_calibration *c = &p->calibration[i];
		leaf_number(s, ROLE_DIM, c->predicted_ref, 3);
		leaf_number(s, ROLE_TEXT, c->observed_ref, 3);
		rows(s, c->rows_ref);
		leaf_number(s, ROLE_DIM, c->predicted_cur, 3);
		leaf_number(s, ROLE_TEXT, c->observed_cur, 3);
		rows(s, isnan(c->observed_cur) ? NAN : c->rows_cur);
	}
}

static void segments(struct leaf *s, const struct report_performance *p)
{
	char change[FMT_MAX];
	if (!p->n_segments)
		return;
	leaf_head(s, "Slices", "%s, those that got worst first", p->segment_metric);
	leaf_table(s, "slice|>reference|>current|>change||>rows before|>rows now");
	for (size_t i = 0; i < p->n_segments && i < SEGMENTS_SHOWN; i++) {
		const struct report_segment *g = &p->segments[i];
		enum role role = g->worse ? ROLE_BAD : ROLE_TEXT;
		leaf_cell(s, role, "%s = %s", g->column, g->value);
		value(s, ROLE_TEXT, g->ref);
		value(s, role, g->cur);
		leaf_cell(s, role, "%s", report_change_words(change, g->ref, g->cur));
		leaf_cell(s, ROLE_BAD, "%s", g->worse ? "worse" : "");
		rows(s, g->rows_ref);
		rows(s, g->rows_cur);
	}
}

struct leaf *report_performance_leaf(const struct report *r)
{
	const struct report_performance *p = &r->performance;
	struct leaf *s = leaf_new();
	if (!p->n_metrics) {
		leaf_text(s, ROLE_DIM, "%s", p->why_not && *p->why_not ? p->why_not : "nothing is known of the model's performance: no column is known to be its target; name one with --target, or as a role in the monitor's file");
		return s;
	}
	metrics(s, p);
	confusion(s, p, p->confusion_cur, "current");
	confusion(s, p, p->confusion_ref, "reference");
	segments(s, p);
	calibration(s, p);
	return s;
}
