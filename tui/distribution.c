/* Distribution functions and quantiles against quantiles, as series of a chart. */
#include "tui/distribution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "tui/chart.h"

static bool usable(const struct distribution *d)
{
	if (!d->ref || !d->cur || d->n < 2 || d->n > DISTRIBUTION_MOST)
		return false;
	for (size_t i = 0; i < d->n; i++)
		if (!isfinite(d->ref[i]) || !isfinite(d->cur[i]))
			return false;
	return true;
}

double distribution_at(const double *q, size_t n, double x)
{
	size_t i = 0;
	if (!(x >= q[0]))
		return 0;
	while (i + 1 < n && q[i + 1] <= x)
		i++;
	if (i + 1 == n)
		return 1;
	bool tied = (i > 0 && q[i - 1] == q[i]) || (i + 2 < n && q[i + 2] == q[i + 1]);
	double part = tied ? 0 : (x - q[i]) / (q[i + 1] - q[i]);
	return ((double)i + part) / (double)(n - 1);
}

double distribution_gap(const struct distribution *d, double *x)
{
	double best = NAN;
	*x = NAN;
	if (!usable(d))
		return NAN;
	for (size_t i = 0; i < 2 * d->n; i++) {
		double at = i < d->n ? d->ref[i] : d->cur[i - d->n];
		double gap = fabs(distribution_at(d->ref, d->n, at) - distribution_at(d->cur, d->n, at));
		if (!(gap <= best + 1e-12)) {
			best = gap;
			*x = at;
		}
	}
	return best;
}

static struct chart_bucket point(double x, double y)
{
	return (struct chart_bucket){ .x0 = x, .x1 = x, .first = y, .last = y, .min = y, .max = y, .x_min = x, .x_max = x, .n = 1 };
}

/* The function as vertices: where values are tied it goes level up to the value and rises there. Returns how many; out holds 2n. */
static size_t function_points(const double *q, size_t n, struct chart_bucket *out)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		bool tied_before = i > 1 && q[i - 1] == q[i - 2], tied_here = i > 0 && i + 1 < n && q[i + 1] == q[i];
		if (i > 0 && q[i] > q[i - 1] && (tied_before || tied_here))
			out[k++] = point(q[i], (double)(i - 1) / (double)(n - 1));
		out[k++] = point(q[i], (double)i / (double)(n - 1));
	}
	return k;
}

static void nothing(struct paint *p)
{
	static const char words[] = "no quantiles are known of both sides";
	paint_field(p, 0, p->r.h / 2, p->r.w, 0, PEN(ROLE_DIM), words, strlen(words));
}

void distribution_paint_ecdf(const struct distribution *d, struct paint *p)
{
	double x, gap = distribution_gap(d, &x);
	if (isnan(gap)) {
		nothing(p);
		return;
	}
	char number[FMT_MAX], at[FMT_MAX];
	struct chart_bucket *points = mem_array(4 * d->n, sizeof *points);
	size_t n_ref = function_points(d->ref, d->n, points), n_cur = function_points(d->cur, d->n, points + 2 * d->n);
	const struct chart_series series[2] = {
		{ .label = "reference", .role = ROLE_S1, .mark = 'r', .raw = points, .n_raw = n_ref, .last = 1, .has_cross = true, .cross = distribution_at(d->ref, d->n, x) },
		{ .label = "current", .role = ROLE_S2, .mark = 'c', .raw = points + 2 * d->n, .n_raw = n_cur, .last = 1, .focused = true, .has_cross = true, .cross = distribution_at(d->cur, d->n, x) },
	};
	struct chart c = { .title = "share of rows up to a value", .series = series, .n_series = 2, .x_lo = d->lo, .x_hi = d->hi, .y_lo = 0, .y_hi = 1, .y_fixed = true, .labels = true,
		.x_kind = CHART_NUMBER, .crosshair = x, .has_crosshair = gap > 0, .order = CHART_BY_SERIES };
	if (gap > 0)
		snprintf(c.footer, sizeof c.footer, "largest gap about %s at %s", fmt_number(number, gap, 2), fmt_number(at, x, 4));
	chart_paint(&c, p);
	free(points);
}

/* The middle 95 % of both, so that one far value does not push all others into a corner. */
static void middle(const struct distribution *d, double *lo, double *hi)
{
	size_t cut = d->n / 40;
	*lo = fmin(d->ref[cut], d->cur[cut]);
	*hi = fmax(d->ref[d->n - 1 - cut], d->cur[d->n - 1 - cut]);
	if (!(*hi > *lo)) {
		*lo = fmin(d->ref[0], d->cur[0]);
		*hi = fmax(d->ref[d->n - 1], d->cur[d->n - 1]);
	}
}

void distribution_paint_qq(const struct distribution *d, struct paint *p)
{
	double lo, hi;
	if (!usable(d)) {
		nothing(p);
		return;
	}
	middle(d, &lo, &hi);
	const struct chart_bucket line[2] = { point(lo, lo), point(hi, hi) };
	struct chart_bucket *points = mem_array(d->n, sizeof *points);
	for (size_t i = 0; i < d->n; i++)
		points[i] = point(d->ref[i], d->cur[i]);
	const struct chart_series series[2] = {
		{ .label = "no change", .role = ROLE_RAW, .mark = 'n', .raw = line, .n_raw = 2, .last = hi },
		{ .label = "current", .role = ROLE_S2, .mark = 'c', .raw = points, .n_raw = d->n, .last = d->cur[d->n - 1], .focused = true },
	};
	struct chart c = { .title = "quantiles, current over reference", .series = series, .n_series = 2, .x_lo = lo, .x_hi = hi, .y_lo = lo, .y_hi = hi, .y_fixed = true,
		.x_kind = CHART_NUMBER, .order = CHART_BY_SERIES, .footer = "above the straight line: higher now" };
	chart_paint(&c, p);
	free(points);
}
