/* One curve for the screen: points of a series to at most two buckets a pixel column, raw and smoothed.
 *
 * Raw       the store answers a window in time that depends on the pixels only, with more buckets than there are
 *           pixels; those of one pixel column are merged here, extremes keeping their own x. What is lost is what no
 *           raster could show. On a logarithmic axis each decade is asked for by itself, else the first would
 *           be one bucket.
 * Smoothed  the moving average needs every point from the start, so the series is read whole, up to SMOOTH_MAX points;
 *           longer ones are drawn raw, and the pane says so.
 * x         as drawn: steps, milliseconds since the run's start, or Unix milliseconds. */
#include "views/runs_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/runs/smooth.h"

enum { SMOOTH_MAX = 2000000, DECADES_MAX = 19 };

struct sink {                                 /* where merged buckets go */
	const struct curve_question *q;
	double lo, hi;                        /* the window in drawn x; lo < hi */
	struct chart_bucket *at; size_t n, cap;
	long pixel;                           /* of the last bucket */
};

static double drawn_x(const struct curve_question *q, const struct curve *c, int64_t x)
{
	return q->axis == CHART_RELATIVE ? (double)(x - c->start_ms) : (double)x;
}

static int64_t stored_x(const struct curve_question *q, const struct curve *c, double x)
{
	double base = q->axis == CHART_RELATIVE ? (double)c->start_ms : 0;
	x += base;
	return x <= -9e18 ? INT64_MIN : x >= 9e18 ? INT64_MAX : (int64_t)x;
}

static long pixel_of(const struct sink *k, double x)
{
	double lo = k->lo, hi = k->hi;
	if (k->q->log_x) {
		lo = log10(lo > 0 ? lo : 1);
		hi = log10(hi > 0 ? hi : 1);
		x = x > 0 ? log10(x) : lo - 1;
	}
	if (!(hi > lo))
		return 0;
	double at = floor((x - lo) / (hi - lo) * k->q->pixels);
	return at < -1 ? -1 : at > k->q->pixels ? k->q->pixels : (long)at;
}

static void take_extremes(struct chart_bucket *to, const struct chart_bucket *from)
{
	if (!(to->min <= from->min) && !isnan(from->min)) {
		to->min = from->min;
		to->x_min = from->x_min;
	}
	if (!(to->max >= from->max) && !isnan(from->max)) {
		to->max = from->max;
		to->x_max = from->x_max;
	}
}

/* Points beyond the window stay single: they only say where the line goes. A gap stays a gap. */
static void sink_put(struct sink *k, const struct chart_bucket *b)
{
	long pixel = pixel_of(k, b->x0), end = pixel_of(k, b->x1);
	struct chart_bucket *last = k->n ? &k->at[k->n - 1] : NULL;
	bool inside = pixel >= 0 && end < k->q->pixels;
	if (last && pixel == k->pixel && end == pixel && inside && !b->gap && !last->gap) {
		take_extremes(last, b);
		last->x1 = b->x1;
		last->last = b->last;
		last->n += b->n;
		return;
	}
	MEM_GROW(k->at, k->cap, k->n + 1);
	k->at[k->n++] = *b;
	k->pixel = end == pixel ? pixel : -2;
}

static struct chart_bucket of_bucket(const struct curve_question *q, const struct curve *c, const struct bucket *b)
{
	bool finite = isfinite(b->min);
	return (struct chart_bucket){ .x0 = drawn_x(q, c, b->x0), .x1 = drawn_x(q, c, b->x1), .first = b->first, .last = b->last,
		.min = b->min, .max = b->max, .x_min = finite ? drawn_x(q, c, b->x_min) : 0, .x_max = finite ? drawn_x(q, c, b->x_max) : 0,
		.n = b->n, .gap = !finite };
}

/* ---- raw -------------------------------------------------------------------------------------------- */

struct raw { struct store *s; int64_t name_id; const struct curve_question *q; const struct curve *c; struct sink *sink; };

static enum status raw_part(const struct raw *r, double lo, double hi, int columns, struct err *e)
{
	struct bucket *b = NULL;
	size_t n = 0;
	enum series_axis axis = r->q->axis == CHART_STEP ? AXIS_STEP : AXIS_TIME;
	double seen = r->sink->n ? r->sink->at[r->sink->n - 1].x1 : -INFINITY;
	enum status st = series_buckets(r->s, r->c->run_id, r->name_id, axis, stored_x(r->q, r->c, lo), stored_x(r->q, r->c, hi), columns, &b, &n, e);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct chart_bucket cb = of_bucket(r->q, r->c, &b[i]);
		if (r->q->log_x && seen > -INFINITY && cb.x0 <= seen)
			continue;                    /* the neighbour that the decade before ended with */
		sink_put(r->sink, &cb);
	}
	free(b);
	return st;
}

static enum status raw_log(const struct raw *r, struct err *e)
{
	double lo = r->sink->lo >= 1 ? r->sink->lo : 1, hi = r->sink->hi;
	enum status st = ST_OK;
	int decades = hi > lo ? (int)ceil(log10(hi / lo)) : 1;
	for (int i = 0; st == ST_OK && i < DECADES_MAX && lo <= hi; i++) {
		double end = pow(10, floor(log10(lo)) + 1);
		bool last = end > hi;
		st = raw_part(r, lo, last ? hi : end - 1, r->q->pixels / (decades > 0 ? decades : 1) + 8, e);
		lo = last ? hi + 1 : end;
	}
	return st;
}

/* ---- smoothed ------------------------------------------------------------------------------------------ */

struct points { int64_t *x; double *y; size_t n, cap; bool time; };

static bool take_point(void *arg, const struct point *p)
{
	struct points *all = arg;
	if (all->n == all->cap)
		return false;
	all->x[all->n] = all->time ? p->ms : p->step;
	all->y[all->n++] = p->value;
	return true;
}

/* Clocks of workers differ: by time, points need not come in the order of their steps. */
static void order_by_x(struct points *all)
{
	size_t i = 1;
	while (i < all->n && all->x[i] >= all->x[i - 1])
		i++;
	for (; i < all->n; i++) {                    /* nearly sorted: a point moves a few places */
		int64_t x = all->x[i];
		double y = all->y[i];
		size_t k = i;
		for (; k && all->x[k - 1] > x; k--) {
			all->x[k] = all->x[k - 1];
			all->y[k] = all->y[k - 1];
		}
		all->x[k] = x;
		all->y[k] = y;
	}
}

static void sink_point(struct sink *k, double x, double y)
{
	bool finite = isfinite(y);
	sink_put(k, &(struct chart_bucket){ .x0 = x, .x1 = x, .first = y, .last = y, .min = finite ? y : NAN, .max = finite ? y : NAN,
		.x_min = x, .x_max = x, .n = 1, .gap = !finite });
}

static enum status load_smooth(const struct raw *r, struct sink *out, struct err *e)
{
	size_t n = (size_t)r->c->sum.n;
	struct points all = { mem_try(n, sizeof(int64_t)), mem_try(n, sizeof(double)), 0, n, r->q->axis != CHART_STEP };
	enum status st = all.x && all.y ? ST_OK : err_set(e, ST_FAILED, "no memory to smooth %zu points", n);
	if (st == ST_OK)
		st = series_each(r->s, r->c->run_id, r->name_id, AXIS_STEP, INT64_MIN, INT64_MAX, take_point, &all, e);
	if (st == ST_OK)
		smooth_ema(all.y, all.n, r->q->weight, all.y);
	if (all.time)
		order_by_x(&all);
	for (size_t i = 0; st == ST_OK && i < all.n; i++) {
		double x = drawn_x(r->q, r->c, all.x[i]);
		bool before = i + 1 < all.n && drawn_x(r->q, r->c, all.x[i + 1]) < out->lo;
		bool behind = i && drawn_x(r->q, r->c, all.x[i - 1]) > out->hi;
		if (!before && !behind)              /* one point beyond either end stays */
			sink_point(out, x, all.y[i]);
	}
	free(all.x);
	free(all.y);
	return st;
}

/* ---- one curve ---------------------------------------------------------------------------------------------- */

static void window_of(const struct curve_question *q, const struct curve *c, double *lo, double *hi)
{
	if (q->windowed) {
		*lo = q->lo;
		*hi = q->hi;
	} else if (q->axis == CHART_STEP) {
		*lo = (double)c->sum.first_step;
		*hi = (double)c->sum.last_step;
	} else {
		*lo = drawn_x(q, c, c->sum.first_ms);
		*hi = drawn_x(q, c, c->sum.last_ms);
	}
}

static bool same_points(const struct series_sum *a, const struct series_sum *b)
{
	return a->n == b->n && a->last_step == b->last_step && a->last_ms == b->last_ms && !memcmp(&a->last, &b->last, sizeof a->last);
}

static void take_sink(struct sink *k, struct chart_bucket **at, size_t *n)
{
	free(*at);
	*at = k->n ? mem_realloc(k->at, k->n * sizeof *k->at) : NULL;
	*n = k->n;
	if (!k->n)
		free(k->at);
}

enum status curve_load(struct store *s, struct task *t, const struct curve_question *q, struct curve *c, struct err *e)
{
	int64_t name_id = run_name_id(s, c->metric);
	enum status st = name_id ? series_summary(s, c->run_id, name_id, &c->sum, e) : ST_NOT_FOUND;
	if (st == ST_NOT_FOUND) {
		c->missing = true;
		return ST_OK;
	}
	if (st == ST_OK && c->same_if && same_points(&c->sum, &c->was)) {
		c->same = true;
		return ST_OK;
	}
	struct sink raw = { .q = q, .pixel = -2 }, smooth = { .q = q, .pixel = -2 };
	if (st == ST_OK)
		window_of(q, c, &raw.lo, &raw.hi);
	smooth.lo = raw.lo;
	smooth.hi = raw.hi;
	struct raw r = { s, name_id, q, c, &raw };
	if (st == ST_OK)
		st = q->log_x ? raw_log(&r, e) : q->windowed ? raw_part(&r, raw.lo, raw.hi, q->pixels / 2 + 1, e)
			: raw_part(&r, -INFINITY, INFINITY, q->pixels / 2 + 1, e);
	c->too_long = c->sum.n > SMOOTH_MAX;
	if (st == ST_OK && c->watch && !c->too_long && !task_cancelled(t))
		st = changes_load(s, name_id, c, e);
	if (st == ST_OK && q->weight > 0 && !c->too_long && c->sum.n > 1 && !task_cancelled(t))
		st = load_smooth(&r, &smooth, e);
	take_sink(&raw, &c->raw, &c->n_raw);
	take_sink(&smooth, &c->smooth, &c->n_smooth);
	return st;
}

void curve_free(struct curve *c)
{
	if (!c)
		return;
	free(c->metric);
	free(c->raw);
	free(c->smooth);
	changes_free(c->changes);
	free(c);
}
