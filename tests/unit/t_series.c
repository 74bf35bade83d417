/* Series against a plain array: whatever is appended in whatever order, every way of reading must give what sorting an
 * array and looking at all of it gives. Random, with seeds that are printed when something does not hold. */
#include "tests/unit/store_help.h"

#include <float.h>
#include <math.h>

#include "core/store/series_internal.h"

/* ---- random numbers ---- */

static uint64_t random_state;

static uint64_t rnd(void)           /* splitmix64 */
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int64_t below(int64_t n) { return (int64_t)(rnd() % (uint64_t)n); }
static double unit(void) { return (double)(rnd() >> 11) * 0x1p-53; }

/* ---- the reference: a sorted array ---- */

struct reference { struct point *p; size_t n, room; };

static int value_order(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return a < b ? -1 : a > b;
}

static int ref_order(const void *x, const void *y)
{
	const struct point *a = x, *b = y;
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	return value_order(a->value, b->value);
}

static size_t ref_add(struct reference *r, const struct point *p, size_t n, bool distinct)
{
	size_t had = r->n;
	MEM_GROW(r->p, r->room, r->n + n);
	for (size_t i = 0; i < n; i++)
		r->p[r->n++] = p[i];
	qsort(r->p, r->n, sizeof *r->p, ref_order);
	if (distinct) {
		size_t k = 0;
		for (size_t i = 0; i < r->n; i++)
			if (!k || ref_order(&r->p[k - 1], &r->p[i]) != 0)
				r->p[k++] = r->p[i];
		r->n = k;
	}
	return r->n - had;
}

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/* ---- reading, compared ---- */

struct reader { const struct reference *r; enum series_axis axis; int64_t lo, hi; size_t at, given, most; bool wrong; };

static int64_t x_of(const struct point *p, enum series_axis axis) { return axis == AXIS_STEP ? p->step : p->ms; }
static bool inside(const struct reader *d, const struct point *p) { int64_t x = x_of(p, d->axis); return x >= d->lo && x <= d->hi; }

static bool compare_point(void *arg, const struct point *p)
{
	struct reader *d = arg;
	while (d->at < d->r->n && !inside(d, &d->r->p[d->at]))
		d->at++;
	d->wrong = d->wrong || d->at >= d->r->n || ref_order(p, &d->r->p[d->at]) != 0 || !same(p->value, d->r->p[d->at].value) || (p->value == 0 && signbit(p->value));
	d->at++;
	return ++d->given < d->most && !d->wrong;
}

static void check_each(struct store *s, int64_t run, const struct reference *r, enum series_axis axis, int64_t lo, int64_t hi)
{
	struct reader d = { .r = r, .axis = axis, .lo = lo, .hi = hi, .most = SIZE_MAX };
	OK(series_each(s, run, 1, axis, lo, hi, compare_point, &d, &why));
	assert_false(d.wrong);
	for (; d.at < r->n; d.at++)
		assert_false(inside(&d, &r->p[d.at]));
	size_t all = d.given;
	d = (struct reader){ .r = r, .axis = axis, .lo = lo, .hi = hi, .most = 1 + all / 2 };
	OK(series_each(s, run, 1, axis, lo, hi, compare_point, &d, &why));
	assert_int_equal(d.given, all ? d.most < all ? d.most : all : 0);      /* stops when told */
}

static void check_summary(struct store *s, int64_t run, const struct reference *r)
{
	struct series_sum sum, is = { .n = (int64_t)r->n, .min = (double)NAN, .max = (double)NAN };
	const struct point *last = &r->p[r->n - 1];
	for (size_t i = 0; i < r->n; i++) {
		double v = r->p[i].value;
		is.nan += isnan(v);
		if (isfinite(v) && !(v >= is.min)) {
			is.min = v;
			is.min_step = r->p[i].step;
		}
		if (isfinite(v) && !(v <= is.max)) {
			is.max = v;
			is.max_step = r->p[i].step;
		}
	}
	OK(series_summary(s, run, 1, &sum, &why));
	assert_true(sum.n == is.n && sum.nan == is.nan);
	assert_true(sum.first_step == r->p[0].step && sum.first_ms == r->p[0].ms);
	assert_true(sum.last_step == last->step && sum.last_ms == last->ms && same(sum.last, last->value));
	assert_true(same(sum.min, is.min) && same(sum.max, is.max) && sum.min_step == is.min_step && sum.max_step == is.max_step);
}

struct numbered { struct point p; int64_t x; size_t at; };

static int by_x(const void *a, const void *b)
{
	const struct numbered *p = a, *q = b;
	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return p->at < q->at ? -1 : p->at > q->at;
}

/* A bucket against the consecutive points it should stand for. */
static void check_bucket(const struct bucket *b, const struct numbered *p)
{
	double min = (double)NAN, max = (double)NAN;
	int64_t x_min = 0, x_max = 0;
	uint32_t nan = 0, inf = 0;
	for (uint32_t i = 0; i < b->n; i++) {
		double v = p[i].p.value;
		nan += isnan(v);
		inf += isinf(v) != 0;
		if (isfinite(v) && !(v >= min)) {
			min = v;
			x_min = p[i].x;
		}
		if (isfinite(v) && !(v <= max)) {
			max = v;
			x_max = p[i].x;
		}
	}
	assert_true(b->x0 == p[0].x && b->x1 == p[b->n - 1].x);
	assert_true(same(b->first, p[0].p.value) && same(b->last, p[b->n - 1].p.value));
	assert_true(b->nan == nan && b->inf == inf);
	assert_true(same(b->min, min) && same(b->max, max));
	if (!isnan(min))
		assert_true(b->x_min == x_min && b->x_max == x_max);
}

static void check_buckets(struct store *s, int64_t run, const struct reference *r, enum series_axis axis, int64_t lo, int64_t hi, int columns)
{
	struct numbered *p = mem_array(r->n, sizeof *p);
	struct bucket *b;
	size_t n, from = 0, to, i = 0;
	for (size_t k = 0; k < r->n; k++)
		p[k] = (struct numbered){ r->p[k], x_of(&r->p[k], axis), k };
	qsort(p, r->n, sizeof *p, by_x);
	while (from < r->n && p[from].x < lo)
		from++;
	for (to = from; to < r->n && p[to].x <= hi; to++)
		;
	OK(series_buckets(s, run, 1, axis, lo, hi, columns, &b, &n, &why));
	if (from > 0) {
		assert_true(n > 0 && b[0].n == 1);
		check_bucket(&b[i++], &p[from - 1]);
	}
	int64_t left = from < r->n && p[0].x > lo ? p[0].x : lo, right = p[r->n - 1].x < hi ? p[r->n - 1].x : hi;
	uint64_t half = left <= right ? ((uint64_t)right - (uint64_t)left) / (2 * (uint64_t)columns) : 0;
	size_t within = 0;
	for (size_t k = from; k < to; k += b[i++].n, within++) {
		assert_true(i < n && b[i].n > 0 && k + b[i].n <= to);
		check_bucket(&b[i], &p[k]);
		assert_true(b[i].n == 1 || (uint64_t)b[i].x1 - (uint64_t)b[i].x0 <= half);
		if (to - from <= 2 * (size_t)columns)
			assert_int_equal(b[i].n, 1);
	}
	assert_true(within <= 8 * (size_t)columns + 1);
	if (to < r->n) {
		assert_true(i < n && b[i].n == 1);
		check_bucket(&b[i++], &p[to]);
	}
	assert_int_equal(i, n);
	free(b);
	free(p);
}

static int64_t random_x(const struct reference *r, enum series_axis axis)
{
	int64_t x = x_of(&r->p[below((int64_t)r->n)], axis);
	switch (below(8)) {
	case 0: return INT64_MIN;
	case 1: return INT64_MAX;
	case 2: return (int64_t)((uint64_t)x + rnd() % 1000);
	case 3: return (int64_t)((uint64_t)x - rnd() % 1000);
	default: return x;
	}
}

static void check_windows(struct store *s, int64_t run, const struct reference *r, int windows)
{
	for (int i = 0; i < windows; i++) {
		enum series_axis axis = i % 2 ? AXIS_TIME : AXIS_STEP;
		int64_t lo = i < 2 ? INT64_MIN : random_x(r, axis), hi = i < 2 ? INT64_MAX : random_x(r, axis);
		if (lo > hi) {
			int64_t t = lo;
			lo = hi;
			hi = t;
		}
		check_buckets(s, run, r, axis, lo, hi, (int)(1 + below(below(2) ? 10 : 300)));
		check_each(s, run, r, axis, lo, hi);
	}
}

/* ---- random series ---- */

enum steps { STEP_ONE, STEP_GAPS, STEP_ZERO, STEP_WILD, STEP_FEW, STEP_RESUMED, STEP_KINDS };
enum times { TIME_JITTER, TIME_SAME, TIME_WILD, TIME_BACK, TIME_KINDS };
enum values { VALUE_NOISE, VALUE_CURVE, VALUE_DECIMAL, VALUE_ODD, VALUE_NAN, VALUE_WILD, VALUE_KINDS };

static int64_t random_step(enum steps kind, int64_t i, int64_t n, int64_t before)
{
	switch (kind) {
	case STEP_ONE: return i;
	case STEP_GAPS: return before + below(50);
	case STEP_ZERO: return 0;
	case STEP_WILD: return below(10) ? (int64_t)rnd() : below(2) ? INT64_MIN : INT64_MAX;
	case STEP_FEW: return below(3);
	default: return i < n / 2 ? i : i - n / 3;
	}
}

static int64_t random_time(enum times kind, int64_t i)
{
	switch (kind) {
	case TIME_JITTER: return INT64_C(1760000000000) + i * 730 + below(700);
	case TIME_SAME: return 1760000000000;
	case TIME_WILD: return below(10) ? (int64_t)rnd() : below(2) ? INT64_MIN : INT64_MAX;
	default: return INT64_C(1760000000000) + i * 1000 - (below(20) ? 0 : below(5000));
	}
}

static double random_value(enum values kind, int64_t i)
{
	static const double odd[] = { (double)NAN, (double)INFINITY, -(double)INFINITY, 0.0, -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, 1, -1, 0.1 };
	switch (kind) {
	case VALUE_NOISE: return unit() - 0.5;
	case VALUE_CURVE: return 2 * exp(-(double)i / 500) + 0.01 * unit();
	case VALUE_DECIMAL: return round(unit() * 1e4) / 1e4;
	case VALUE_ODD: return odd[below(sizeof odd / sizeof *odd)];
	case VALUE_NAN: return (double)NAN;
	default: return double_of(rnd());
	}
}

struct recipe { enum steps steps; enum times times; enum values values; size_t n; bool distinct, shuffled; };

static struct point *cook(const struct recipe *c)
{
	struct point *p = mem_array(c->n, sizeof *p);
	int64_t step = 0;
	for (size_t i = 0; i < c->n; i++) {
		step = random_step(c->steps, (int64_t)i, (int64_t)c->n, step);
		p[i] = (struct point){ step, random_time(c->times, (int64_t)i), random_value(c->values, (int64_t)i) };
		if (i && !below(20))
			p[i] = p[below((int64_t)i)];         /* the same again */
	}
	for (size_t i = c->n; c->shuffled && i > 1; i--) {
		size_t j = (size_t)below((int64_t)i);
		struct point t = p[i - 1];
		p[i - 1] = p[j];
		p[j] = t;
	}
	return p;
}

static void append_in_batches(struct store *s, int64_t run, const struct recipe *c, int batches, int windows)
{
	struct point *p = cook(c);
	struct reference r = { 0 };
	for (size_t from = 0; from < c->n; ) {
		size_t n = batches > 1 ? 1 + (size_t)below((int64_t)(2 * c->n / (size_t)batches) + 1) : c->n, added;
		size_t back = from && !below(4) ? (size_t)below((int64_t)(from < 200 ? from : 200)) : 0;   /* some of it was sent before */
		n = n + from > c->n ? c->n - from : n;
		OK(store_begin(s, &why));
		OK(series_append(s, run, 1, p + from - back, n + back, c->distinct, &added, &why));
		OK(store_commit(s, 0, &why));
		assert_int_equal(added, ref_add(&r, p + from - back, n + back, c->distinct));
		from += n;
		if (!below(8))
			check_windows(s, run, &r, 3);
	}
	check_summary(s, run, &r);
	check_windows(s, run, &r, windows);
	free(r.p);
	free(p);
}

static void verify(struct store *s)
{
	struct str out = STR_INIT;
	enum status st = store_verify(s, false, NULL, &out, &why);
	if (st != ST_OK)
		fail_msg("%s\n%s", why.text, out.p);
	str_free(&out);
}

static struct store_pool *series_pool(struct store **s, int runs)
{
	struct store_pool *p = pool_of("s.db");
	*s = conn_of(p);
	OK(store_exec(*s, "PRAGMA synchronous = OFF", &why));      /* what is on trial here is not the disk */
	OK(store_begin(*s, &why));
	rows_for_series(*s, runs);
	OK(store_commit(*s, 0, &why));
	return p;
}

static void done(struct store_pool *p, struct store *s)
{
	verify(s);
	store_put(p, s);
	store_pool_close(p);
}

static struct recipe random_recipe(size_t most)
{
	return (struct recipe){ (enum steps)below(STEP_KINDS), (enum times)below(TIME_KINDS), (enum values)below(VALUE_KINDS),
		1 + (size_t)below((int64_t)most), below(2), !below(3) };
}

static void small_series_of_every_kind(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 300);
	for (int run = 1; run <= 300; run++) {
		random_state = (uint64_t)run;
		struct recipe c = random_recipe(run % 3 ? 40 : 600);
		append_in_batches(s, run, &c, 1 + (int)below(10), 8);
	}
	done(p, s);
}

static void long_series_of_every_kind(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 24);
	for (int run = 1; run <= 24; run++) {
		random_state = 1000 + (uint64_t)run;
		struct recipe c = random_recipe(1);
		c.n = (size_t)(run % 6 ? 3000 + below(9000) : 30000 + below(20000));
		append_in_batches(s, run, &c, run % 6 ? 12 : 5, 12);
	}
	done(p, s);
}

/* Sizes where a block is full, a level begins, a tail becomes a body. */
static void every_edge_of_the_layout(void **state)
{
	(void)state;
	static const size_t edges[] = { 1, 2, 127, 128, 129, 255, 256, 257, 4095, 4096, 4097, 4223, 4224, 8191, 8192, 8193, 32767, 32768, 32769, 32832 };
	struct store *s;
	struct store_pool *p = series_pool(&s, 40);
	for (size_t k = 0; k < sizeof edges / sizeof *edges; k++) {
		struct recipe c = { STEP_ONE, TIME_JITTER, VALUE_CURVE, edges[k], true, false };
		random_state = 77;
		append_in_batches(s, 1 + (int)k, &c, 1, 6);
		size_t added;
		struct point one = { (int64_t)edges[k], 0, 1 };
		OK(store_begin(s, &why));
		OK(series_append(s, 1 + (int)k, 1, &one, 1, true, &added, &why));
		OK(store_commit(s, 0, &why));
		assert_int_equal(added, 1);
	}
	done(p, s);
}

static void point_by_point(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 3);
	struct reference r = { 0 };
	random_state = 5;
	OK(store_begin(s, &why));
	for (int64_t i = 0; i < 9000; i++) {
		struct point one = { i, i * 1000 + below(900), unit() };
		OK(series_append(s, 1, 1, &one, 1, true, NULL, &why));
		MEM_GROW(r.p, r.room, r.n + 1);
		r.p[r.n++] = one;
		if (i % 1000 == 999) {
			check_windows(s, 1, &r, 4);
			check_summary(s, 1, &r);
		}
	}
	OK(store_commit(s, 0, &why));
	free(r.p);
	done(p, s);
}

static void many_points_and_a_spike(void **state)
{
	(void)state;
	enum { N = 700000 };
	struct store *s;
	struct store_pool *p = series_pool(&s, 2);
	struct point *all = mem_array(N, sizeof *all);
	random_state = 9;
	for (int64_t i = 0; i < N; i++)
		all[i] = (struct point){ i, INT64_C(1760000000000) + i * 100 + below(90), unit() };
	all[345678].value = 1e6;
	all[345679].value = -1e6;
	all[500000].value = (double)NAN;
	OK(store_begin(s, &why));
	OK(series_append(s, 1, 1, all, N, true, NULL, &why));
	OK(store_commit(s, 0, &why));
	struct bucket *b;
	size_t n, highs = 0, lows = 0, nans = 0;
	uint64_t points = 0;
	OK(series_buckets(s, 1, 1, AXIS_STEP, INT64_MIN, INT64_MAX, 200, &b, &n, &why));
	assert_in_range(n, 400, 1601);
	for (size_t i = 0; i < n; i++) {
		highs += b[i].max == 1e6 && b[i].x_max == 345678;
		lows += b[i].min == -1e6 && b[i].x_min == 345679;
		nans += b[i].nan;
		points += b[i].n;
	}
	assert_true(highs == 1 && lows == 1 && nans == 1 && points == N);
	free(b);
	struct reference r = { all, N, N };
	for (int i = 0; i < 6; i++) {
		int64_t lo = below(N), hi = lo + below(i % 2 ? 3000 : N / 2);
		check_buckets(s, 1, &r, AXIS_STEP, lo, hi, 200);
		check_buckets(s, 1, &r, AXIS_TIME, all[lo].ms, all[hi < N ? hi : N - 1].ms, 200);
	}
	/* late: near the end, then at the very beginning */
	struct point late = { N - 5000, 3, 0.5 }, first = { -1, 0, 0.25 };
	OK(store_begin(s, &why));
	OK(series_append(s, 1, 1, &late, 1, true, NULL, &why));
	OK(series_append(s, 1, 1, &first, 1, true, NULL, &why));
	OK(store_commit(s, 0, &why));
	r = (struct reference){ 0 };
	ref_add(&r, all, N, true);
	ref_add(&r, &late, 1, true);
	ref_add(&r, &first, 1, true);
	check_each(s, 1, &r, AXIS_STEP, INT64_MIN, INT64_MAX);
	check_buckets(s, 1, &r, AXIS_TIME, INT64_MIN, INT64_MAX, 100);    /* times go back now */
	check_buckets(s, 1, &r, AXIS_STEP, N - 6000, N - 4000, 300);
	free(r.p);
	free(all);
	done(p, s);
}

static void evenly_spaced_points_fill_the_columns(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 1);
	struct point all[3000];
	for (int i = 0; i < 3000; i++)
		all[i] = (struct point){ i * 10, i, i };
	OK(store_begin(s, &why));
	OK(series_append(s, 1, 1, all, 3000, true, NULL, &why));
	OK(store_commit(s, 0, &why));
	for (int columns = 1; columns < 2000; columns += 7) {
		for (int64_t hi = 29990; hi > 100; hi /= 2) {
			struct bucket *b;
			size_t n, inside_window = (size_t)hi / 10 + 1, least = 2 * (size_t)columns;
			OK(series_buckets(s, 1, 1, AXIS_STEP, 0, hi, columns, &b, &n, &why));
			n -= b[n - 1].x0 > hi;
			assert_true(n >= (least < inside_window ? least : inside_window));
			free(b);
		}
	}
	done(p, s);
}

/* ---- the edges of the calls ---- */

static void what_cannot_be_done_is_said(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 1);
	struct point one = { 1, 2, 3 };
	struct series_sum sum;
	struct bucket *b;
	size_t n;
	assert_int_equal(series_append(s, 1, 1, &one, 1, true, NULL, &why), ST_REFUSED);
	assert_int_equal(series_drop(s, 1, 1, &why), ST_REFUSED);
	assert_int_equal(series_summary(s, 1, 1, &sum, &why), ST_NOT_FOUND);
	assert_int_equal(series_buckets(s, 1, 1, AXIS_STEP, 0, 1, 10, &b, &n, &why), ST_NOT_FOUND);
	assert_null(b);
	assert_int_equal(series_each(s, 1, 1, AXIS_STEP, 0, 1, compare_point, NULL, &why), ST_NOT_FOUND);
	OK(store_begin(s, &why));
	OK(series_append(s, 1, 1, NULL, 0, true, &n, &why));
	assert_int_equal(n, 0);
	assert_int_equal(series_summary(s, 1, 1, &sum, &why), ST_NOT_FOUND);
	OK(series_append(s, 1, 1, &one, 1, true, &n, &why));
	assert_int_equal(number_of(s, "SELECT count(*) FROM block"), 0);       /* one point needs none */
	OK(series_append(s, 1, 1, &one, 1, true, &n, &why));
	assert_int_equal(n, 0);
	OK(series_append(s, 1, 1, &one, 1, false, &n, &why));
	assert_int_equal(n, 1);
	assert_int_equal(number_of(s, "SELECT count(*) FROM block"), 1);
	assert_int_equal(series_buckets(s, 1, 1, AXIS_STEP, 2, 1, 10, &b, &n, &why), ST_USAGE);
	OK(series_drop(s, 1, 1, &why));
	assert_int_equal(number_of(s, "SELECT count(*) FROM block"), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM metric"), 0);
	OK(store_commit(s, 0, &why));
	done(p, s);
}

/* What is written many at a time is what would have been written one by one, and can be added to afterwards. */
static void singles_are_as_if_appended(void **state)
{
	(void)state;
	enum { N = 77 };                               /* two whole statements of many rows and 13 of one */
	static const double odd[] = { (double)NAN, (double)INFINITY, -(double)INFINITY, -0.0, 0.0, DBL_MIN, -DBL_MAX, 1.0 / 3 };
	struct store *s;
	struct store_pool *p = series_pool(&s, N);
	struct series_single all[N];
	random_state = 12;
	for (int i = 0; i < N; i++)
		all[i] = (struct series_single){ 1 + i, 2, { i % 3 ? (int64_t)rnd() : i, i % 5 ? (int64_t)rnd() : -i, i < 24 ? odd[i % 8] : unit() } };
	assert_int_equal(series_add_singles(s, all, N, &why), ST_REFUSED);
	OK(store_begin(s, &why));
	OK(series_add_singles(s, all, N, &why));
	OK(series_add_singles(s, all, 0, &why));
	for (int i = 0; i < N; i++)
		OK(series_append(s, 1, all[i].name_id, &all[i].p, 1, true, NULL, &why));
	OK(store_commit(s, 0, &why));
	assert_int_equal(number_of(s, "SELECT count(*) FROM metric"), 2 * N);
	assert_int_equal(number_of(s, "SELECT count(*) FROM metric a JOIN metric b ON b.name_id = a.name_id AND b.run_id = 2 AND b.n IS a.n AND b.nan IS a.nan"
		" AND b.first_step IS a.first_step AND b.last_step IS a.last_step AND b.first_ms IS a.first_ms AND b.last_ms IS a.last_ms AND b.last IS a.last"
		" AND b.min IS a.min AND b.min_step IS a.min_step AND b.max IS a.max AND b.max_step IS a.max_step AND typeof(b.last) = typeof(a.last)"
		" WHERE a.run_id = 1"), N);
	OK(store_begin(s, &why));
	for (int i = 0; i < N; i++) {
		size_t added = 9;
		OK(series_append(s, 2, all[i].name_id, &all[i].p, 1, true, &added, &why));
		assert_int_equal(added, 0);
	}
	assert_int_equal(series_add_singles(s, all + 40, 1, &why), ST_FAILED);       /* it is there */
	store_rollback(s);
	struct str out = STR_INIT;
	OK(store_verify(s, false, NULL, &out, &why));
	str_free(&out);
	done(p, s);
}

static void a_point_a_second_is_cheap(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 1);
	struct point *all = mem_array(200000, sizeof *all);
	random_state = 3;
	for (int64_t i = 0; i < 200000; i++)
		all[i] = (struct point){ i, i * 1000, unit() };
	OK(store_begin(s, &why));
	OK(series_append(s, 1, 1, all, 100000, true, NULL, &why));
	OK(store_commit(s, 0, &why));
	OK(store_checkpoint(s, true, &why));
	for (int64_t i = 100000; i < 101000; i++) {
		OK(store_begin(s, &why));
		OK(series_append(s, 1, 1, &all[i], 1, true, NULL, &why));
		OK(store_commit(s, 4, &why));
	}
	struct stat st;
	assert_int_equal(stat(in_folder("s.db-wal"), &st), 0);
	/* A frame is a page of 4096 bytes: the tail, the metric, the change, now and then a body. */
	assert_in_range(st.st_size, 0, 1000 * 6 * 4120);
	free(all);
	done(p, s);
}

static void damage_is_named(void **state)
{
	(void)state;
	struct store *s;
	struct store_pool *p = series_pool(&s, 1);
	struct recipe c = { STEP_ONE, TIME_JITTER, VALUE_NOISE, 6000, true, false };
	struct point *all = cook(&c);
	struct bucket *b;
	size_t n;
	OK(store_begin(s, &why));
	OK(series_append(s, 1, 1, all, c.n, true, NULL, &why));
	OK(store_commit(s, 0, &why));
	static const char *const wrong[] = {
		"UPDATE block SET data = x'00' WHERE level = 0", "UPDATE block SET data = x'' WHERE level = 0", "DELETE FROM block WHERE level = 0 AND seq = 0",
		"UPDATE block SET n = 7", "UPDATE block SET data = substr(data, 1, length(data) - 1)", "UPDATE block SET data = data || x'00'",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		OK(store_begin(s, &why));
		OK(store_exec(s, wrong[i], &why));
		assert_int_equal(series_buckets(s, 1, 1, AXIS_STEP, 100, 200, 10, &b, &n, &why), ST_FAILED);
		assert_non_null(strstr(why.text, "damaged"));
		assert_null(b);
		store_rollback(s);
	}
	free(all);
	done(p, s);
}

/* ---- the codec alone ---- */

static void columns_come_back(void **state)
{
	(void)state;
	struct codec *c = codec_new();
	struct series_block in = { 0 }, out = { 0 };
	for (int round = 0; round < 300; round++) {
		random_state = 5000 + (uint64_t)round;
		enum pack_kind kind = below(2) ? PACK_ENTRIES : PACK_POINTS;
		int columns = codec_columns(kind);
		size_t n = 1 + (size_t)below(round % 4 ? 50 : BLOCK_MOST);
		series_block_room(&in, COLUMNS_MOST, n);
		series_block_room(&out, COLUMNS_MOST, n);
		for (int k = 0; k < columns; k++) {
			int shift = (int)below(64);
			for (size_t i = 0; i < n; i++)
				in.col[k][i] = below(4) ? rnd() >> shift : bits_of((double)i / 8);
		}
		struct str blob = STR_INIT;
		codec_pack(c, kind, in.col, n, &blob);
		assert_true(codec_unpack(c, kind, UINT32_MAX, blob.p, blob.len, out.col, n));
		for (int k = 0; k < columns; k++)
			assert_memory_equal(in.col[k], out.col[k], n * 8);
		assert_false(codec_unpack(c, kind, UINT32_MAX, blob.p, blob.len, out.col, n + 1));
		for (size_t cut = 0; cut < blob.len; cut += 1 + blob.len / 50)
			assert_false(codec_unpack(c, kind, UINT32_MAX, blob.p, cut, out.col, n));
		str_free(&blob);
	}
	series_block_free(&in);
	series_block_free(&out);
	codec_free(c);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_come_back), EACH(small_series_of_every_kind), EACH(long_series_of_every_kind), EACH(every_edge_of_the_layout),
		EACH(point_by_point), EACH(many_points_and_a_spike), EACH(evenly_spaced_points_fill_the_columns), EACH(what_cannot_be_done_is_said),
		EACH(singles_are_as_if_appended), EACH(a_point_a_second_is_cheap), EACH(damage_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
