/* What a chart shows: the x window, the y range of what is in it, values at an x.
 *
 * The y range takes in every point inside the window and the places where lines cross its borders, nothing else: a spike
 * outside does not flatten the chart. Buckets wholly inside give their extremes at once; only the one or two that straddle
 * a border are taken apart.
 */
#include "tui/chart_parts.h"
#include <math.h>
#include <stdlib.h>

const struct chart_bucket *series_line(const struct chart_series *s, size_t *n)
{
	*n = s->smooth ? s->n_smooth : s->n_raw;
	return s->smooth ? s->smooth : s->raw;
}

/* ---- the x window ---- */

/* Buckets are in x order, so the ends are found from the ends. */
static void span_of(const struct chart_bucket *b, size_t n, bool log, double *lo, double *hi)
{
	for (size_t i = 0; i < n; i++) {
		double x = log && !(b[i].x0 > 0) ? b[i].x1 : b[i].x0;
		if (!isfinite(x) || (log && !(x > 0)))
			continue;
		*lo = x < *lo ? x : *lo;
		break;
	}
	while (n > 0 && !isfinite(b[n - 1].x1))
		n--;
	if (n > 0 && b[n - 1].x1 > *hi)
		*hi = b[n - 1].x1;
}

static bool data_span(const struct chart *c, double *lo, double *hi)
{
	*lo = INFINITY, *hi = -INFINITY;
	for (size_t i = 0; i < c->n_series; i++) {
		span_of(c->series[i].raw, c->series[i].n_raw, c->log_x, lo, hi);
		if (c->series[i].smooth)
			span_of(c->series[i].smooth, c->series[i].n_smooth, c->log_x, lo, hi);
	}
	return *lo <= *hi;
}

/* A lone x gets half a step on either side, so that ticks beside it make sense. */
static void open_x(double *lo, double *hi, bool log)
{
	if (*lo == *hi && !log && fabs(*lo) < 1e15) {
		*lo -= 0.5;
		*hi += 0.5;
	}
	axis_open(lo, hi, log);
}

bool chart_window(const struct chart *c, double *lo, double *hi)
{
	double data_lo, data_hi;
	bool given = c->x_lo != c->x_hi && isfinite(c->x_lo) && isfinite(c->x_hi);
	*lo = given ? fmin(c->x_lo, c->x_hi) : 0;
	*hi = given ? fmax(c->x_lo, c->x_hi) : 0;
	if (!given || (c->log_x && !(*lo > 0))) {
		if (!data_span(c, &data_lo, &data_hi))
			return false;
		*lo = given && *hi > 0 && *hi < data_lo ? *hi : data_lo;
		*hi = given ? *hi : data_hi;
	}
	open_x(lo, hi, c->log_x);
	return true;
}

/* ---- the y range ---- */

struct fitter { double lo, hi; bool log_x, log_y; double y_lo, y_hi; bool has; double px, py; bool finite; uint64_t dropped; bool dropped_more; };

static void take(struct fitter *f, double y)
{
	f->y_lo = y < f->y_lo ? y : f->y_lo;
	f->y_hi = y > f->y_hi ? y : f->y_hi;
}

/* y of the line from (x0, y0) to (x1, y1) at x, straight on the axes as drawn. */
static double between(bool log_x, bool log_y, double x0, double y0, double x1, double y1, double x)
{
	double t = log_x ? log(x / x0) / log(x1 / x0) : (x / 2 - x0 / 2) / (x1 / 2 - x0 / 2);
	if (!(t >= 0 && t <= 1))
		t = t > 1;
	return log_y ? exp(log(y0) * (1 - t) + log(y1) * t) : y0 * (1 - t) + y1 * t;
}

static void fit_vertex(struct fitter *f, double x, double y)
{
	if (!isfinite(x) || (f->log_y && y <= 0) || (f->log_x && x <= 0)) {
		f->has = false;
		return;
	}
	if (f->has && (f->px < f->lo) != (x < f->lo))
		take(f, between(f->log_x, f->log_y, f->px, f->py, x, y, f->lo));
	if (f->has && (f->px > f->hi) != (x > f->hi))
		take(f, between(f->log_x, f->log_y, f->px, f->py, x, y, f->hi));
	if (x >= f->lo && x <= f->hi)
		take(f, y);
	f->has = true;
	f->px = x;
	f->py = y;
}

static void count_dropped(struct fitter *f, const struct chart_bucket *b)
{
	if (b->gap || b->x1 < f->lo || b->x0 > f->hi)
		return;
	if (f->log_y && b->max <= 0)
		f->dropped += b->n;
	else if (f->log_y && b->min <= 0) {
		f->dropped++;
		f->dropped_more |= b->n > 1;
	}
}

/* How many of the first buckets lie wholly in the window, behind a point that does: all of a curve but its ends, mostly. */
static size_t fit_inside(struct fitter *f, const struct chart_bucket *b, size_t n)
{
	double y_lo = f->y_lo, y_hi = f->y_hi, lo = f->lo, hi = f->hi, above = f->log_y ? 0 : -INFINITY;
	size_t i = 0;
	if (!f->has || !(f->px >= lo && f->px <= hi))
		return 0;
	for (; i < n && bucket_plain(&b[i]) && b[i].min > above && b[i].x0 >= lo && b[i].x1 <= hi; i++) {
		y_lo = b[i].min < y_lo ? b[i].min : y_lo;
		y_hi = b[i].max > y_hi ? b[i].max : y_hi;
	}
	if (i == 0)
		return 0;
	f->finite = true;
	f->y_lo = y_lo;
	f->y_hi = y_hi;
	f->px = b[i - 1].x1;
	f->py = b[i - 1].last;
	return i;
}

static void fit_buckets(struct fitter *f, const struct chart_bucket *all, size_t n)
{
	f->has = false;
	for (size_t i = 0; n && (i += fit_inside(f, &all[i], n - i)) < n; i++) {
		const struct chart_bucket *b = &all[i];
		bool plain = bucket_plain(b) && (!f->log_y || b->min > 0);
		f->finite |= plain;
		struct vertex v[4];
		bool before, after;
		int k = bucket_vertices(b, v, &before, &after);
		f->finite |= k > 0;
		f->has &= !before;
		for (int j = 0; j < k; j++)
			fit_vertex(f, v[j].x, v[j].y);
		f->has &= !after;
		if (!plain)
			count_dropped(f, b);
	}
}

static void fit_y(const struct chart *c, const struct fitter *s, struct chart_fit *f)
{
	bool fixed = c->y_fixed && isfinite(c->y_lo) && isfinite(c->y_hi) && (!c->log_y || fmax(c->y_lo, c->y_hi) > 0);
	double lo = fixed ? fmin(c->y_lo, c->y_hi) : s->y_lo, hi = fixed ? fmax(c->y_lo, c->y_hi) : s->y_hi;
	axis_open(&lo, &hi, c->log_y);
	axis_set(&f->y, lo, hi, c->log_y);
}

enum fit_state chart_fit(const struct chart *c, struct chart_fit *f)
{
	double lo, hi;
	*f = (struct chart_fit){ 0 };
	if (!chart_window(c, &lo, &hi))
		return FIT_NO_POINTS;
	axis_set(&f->x, lo, hi, c->log_x);
	struct fitter s = { .lo = lo, .hi = hi, .log_x = c->log_x, .log_y = c->log_y, .y_lo = INFINITY, .y_hi = -INFINITY };
	for (size_t i = 0; i < c->n_series; i++) {
		const struct chart_series *cs = &c->series[i];
		fit_buckets(&s, cs->raw, cs->n_raw);
		if (cs->smooth) {
			uint64_t dropped = s.dropped;
			fit_buckets(&s, cs->smooth, cs->n_smooth);
			s.dropped = dropped;               /* the same points once more */
		}
	}
	f->dropped = s.dropped;
	f->dropped_more = s.dropped_more;
	if (!(s.y_lo <= s.y_hi)) {
		bool any = data_span(c, &f->data_lo, &f->data_hi);
		return !any ? FIT_NO_POINTS : !s.finite ? FIT_NOT_FINITE : s.dropped ? FIT_NOT_POSITIVE : FIT_OUTSIDE;
	}
	fit_y(c, &s, f);
	return FIT_OK;
}

/* ---- values ---- */

double buckets_at(const struct chart_bucket *b, size_t n, double x, bool *beyond)
{
	size_t lo = 0, hi = n;
	*beyond = true;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (b[mid].x0 <= x)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return NAN;
	b += lo - 1;
	*beyond = lo == n && x > b->x1;
	if (x >= b->x1)
		return b->last;
	struct vertex v[4];
	bool before, after;
	double y = b->first;
	int k = bucket_vertices(b, v, &before, &after);
	for (int j = 0; j < k; j++)
		if (v[j].x <= x)
			y = v[j].y;
	return y;
}

double chart_value_at(const struct chart_series *s, double x)
{
	bool beyond;
	size_t n;
	const struct chart_bucket *b = series_line(s, &n);
	return buckets_at(b, n, x, &beyond);
}

bool series_end(const struct chart_series *s, const struct chart_fit *f, double *x, double *y, bool *last)
{
	size_t n;
	const struct chart_bucket *b = series_line(s, &n);
	struct vertex next = { 0, 0 };
	bool has_next = false;
	*last = true;
	while (n--) {
		struct vertex v[4];
		bool before, after;
		int k = bucket_vertices(&b[n], v, &before, &after);
		has_next &= !after;
		while (k--) {
			if ((f->y.log && v[k].y <= 0) || (f->x.log && v[k].x <= 0)) {
				has_next = false;
				continue;
			}
			if (v[k].x <= f->x.hi) {
				*x = has_next ? f->x.hi : v[k].x;
				*y = has_next ? between(f->x.log, f->y.log, v[k].x, v[k].y, next.x, next.y, f->x.hi) : v[k].y;
				return *x >= f->x.lo;
			}
			next = v[k];
			has_next = true;
			*last = false;
		}
		has_next &= !before;
	}
	return false;
}
