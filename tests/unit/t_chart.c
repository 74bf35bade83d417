/* Charts: pictures at several sizes and glyphs, and what must hold for any data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "tests/unit/screen.h"
#include "tui/chart_parts.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
enum { POINTS = 300, CURVES = 30 };

static double random_unit(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (double)(*s >> 11) / 9007199254740992.0;
}

static struct chart_bucket point(double x, double y)
{
	bool finite = isfinite(y);
	return (struct chart_bucket){ .x0 = x, .x1 = x, .first = y, .last = y, .min = finite ? y : NAN, .max = finite ? y : NAN,
		.x_min = x, .x_max = x, .n = 1, .gap = !finite };
}

/* Sums up points[0..n) with rising x. */
static struct chart_bucket sum_up(const struct vertex *p, size_t n)
{
	struct chart_bucket b = { .x0 = p[0].x, .x1 = p[n - 1].x, .first = p[0].y, .last = p[n - 1].y, .min = NAN, .max = NAN, .n = (uint32_t)n, .gap = true };
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(p[i].y))
			continue;
		b.gap = false;
		if (!(b.min <= p[i].y)) { b.min = p[i].y; b.x_min = p[i].x; }
		if (!(b.max >= p[i].y)) { b.max = p[i].y; b.x_max = p[i].x; }
	}
	return b;
}

/* ---- pictures ---- */

/* Curves from rational functions, so that every machine paints the same dots. */
struct fixture { struct chart_bucket raw[CURVES][POINTS], smooth[CURVES][POINTS]; struct chart_series s[CURVES]; char label[CURVES][24]; struct chart c; };

static double curve(int i, double t, uint64_t *rng)
{
	return 0.2 + 0.02 * i + 0.5 / (1 + (12 - i % 4) * t) + 0.06 * (random_unit(rng) - 0.5) * (1 - t);
}

static struct fixture *fixture(int curves, bool smooth)
{
	struct fixture *f = mem_zalloc(sizeof *f);
	for (int i = 0; i < curves; i++) {
		uint64_t rng = (uint64_t)i + 1;
		int n = POINTS - (i % 3) * 40;
		double s = 0, w = 1;
		for (int k = 0; k < n; k++) {
			double y = curve(i, (double)k / POINTS, &rng);
			f->raw[i][k] = point(k, y);
			s = s * 0.9 + 0.1 * y;
			w *= 0.9;
			f->smooth[i][k] = point(k, s / (1 - w));
		}
		snprintf(f->label[i], sizeof f->label[i], i % 3 == 2 ? "gbm-wide-%d" : "trial-%d", i);
		f->s[i] = (struct chart_series){ .label = f->label[i], .role = role_series((unsigned)i), .raw = f->raw[i], .n_raw = (size_t)n,
			.smooth = smooth ? f->smooth[i] : NULL, .n_smooth = smooth ? (size_t)n : 0, .last = f->raw[i][n - 1].last, .focused = i == 0 };
	}
	f->c = (struct chart){ .title = "val/loss", .series = f->s, .n_series = (size_t)curves, .labels = true };
	snprintf(f->c.footer, sizeof f->c.footer, "%d points a curve", POINTS);
	return f;
}

static void picture(const struct chart *c, int w, int h, enum glyphs g, const char *name)
{
	struct screen sc = screen_new(w, h, g);
	chart_paint(c, &sc.p);
	screen_assert(&sc, name);
	screen_free(&sc);
}

static void pictures_of_three_curves(void **state)
{
	(void)state;
	struct fixture *f = fixture(3, false);
	picture(&f->c, 120, 20, GLYPHS_BRAILLE, "chart-three-120x20");
	picture(&f->c, 80, 12, GLYPHS_BRAILLE, "chart-three-80x12");
	picture(&f->c, 80, 12, GLYPHS_BLOCK, "chart-three-80x12-block");
	picture(&f->c, 80, 12, GLYPHS_ASCII, "chart-three-80x12-ascii");
	picture(&f->c, 40, 10, GLYPHS_BRAILLE, "chart-three-40x10");
	picture(&f->c, 24, 6, GLYPHS_BRAILLE, "chart-three-24x6");
	picture(&f->c, 12, 3, GLYPHS_BRAILLE, "chart-three-12x3");
	f->c.grid = true;
	f->c.x_lo = 50, f->c.x_hi = 100;
	picture(&f->c, 80, 12, GLYPHS_BRAILLE, "chart-window-80x12");
	free(f);
}

static void pictures_with_crosshair(void **state)
{
	(void)state;
	struct fixture *f = fixture(3, true);
	f->c.has_crosshair = true;
	f->c.crosshair = 200;
	picture(&f->c, 120, 16, GLYPHS_BRAILLE, "chart-cross-120x16");
	picture(&f->c, 80, 12, GLYPHS_BLOCK, "chart-cross-80x12-block");
	picture(&f->c, 80, 12, GLYPHS_ASCII, "chart-cross-80x12-ascii");
	picture(&f->c, 40, 10, GLYPHS_BRAILLE, "chart-cross-40x10");
	f->c.order = CHART_BY_SERIES;
	f->c.crosshair = 290;
	picture(&f->c, 80, 12, GLYPHS_BRAILLE, "chart-cross-ended-80x12");
	free(f);
	f = fixture(CURVES, false);
	f->c.has_crosshair = true;
	f->c.crosshair = 100;
	picture(&f->c, 100, 12, GLYPHS_BRAILLE, "chart-cross-many-100x12");
	f->c.has_crosshair = false;
	picture(&f->c, 100, 12, GLYPHS_BRAILLE, "chart-many-100x12");
	free(f);
}

static void pictures_on_log_and_time_axes(void **state)
{
	(void)state;
	struct fixture *f = fixture(2, false);
	f->c.log_x = f->c.log_y = true;
	picture(&f->c, 80, 14, GLYPHS_BRAILLE, "chart-log-80x14");
	f->c.log_x = f->c.log_y = false;
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < POINTS; k++) {
			struct chart_bucket *b = &f->raw[i][k];
			b->x0 = b->x1 = b->x_min = b->x_max = b->x0 * 7000;
		}
	f->c.x_kind = CHART_RELATIVE;
	f->c.has_crosshair = true;
	f->c.crosshair = 901000;
	picture(&f->c, 80, 12, GLYPHS_BRAILLE, "chart-relative-80x12");
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < POINTS; k++) {
			struct chart_bucket *b = &f->raw[i][k];
			b->x0 = b->x1 = b->x_min = b->x_max = b->x0 + 1763726400e3;
		}
	f->c.x_kind = CHART_WALL;
	f->c.crosshair += 1763726400e3;
	picture(&f->c, 80, 12, GLYPHS_BRAILLE, "chart-wall-80x12");
	free(f);
}

static void pictures_that_say_why_they_are_empty(void **state)
{
	(void)state;
	struct chart c = { .title = "loss" };
	picture(&c, 40, 5, GLYPHS_BRAILLE, "chart-empty-none");
	c.empty = "mark runs to see their curves";
	picture(&c, 40, 5, GLYPHS_BRAILLE, "chart-empty-own-words");
	struct chart_bucket b[] = { point(1, NAN), point(2, INFINITY), point(3, NAN) };
	struct chart_series s = { .label = "a", .role = ROLE_S1, .raw = b, .n_raw = COUNT(b), .last = NAN };
	c.series = &s;
	c.n_series = 1;
	picture(&c, 40, 5, GLYPHS_BRAILLE, "chart-empty-nan");
	b[0] = point(1, -1), b[1] = point(2, 0), b[2] = point(1003, -5);
	c.log_y = true;
	picture(&c, 40, 5, GLYPHS_BRAILLE, "chart-empty-log");
	c.log_y = false;
	c.x_lo = 5000, c.x_hi = 6000;
	picture(&c, 60, 5, GLYPHS_BRAILLE, "chart-empty-window");
}

static void footer_says_what_is_missing(void **state)
{
	(void)state;
	struct chart_bucket b[] = { point(1, 0), point(2, 3), point(3, -2), point(4, 30), point(5, 9) };
	struct chart_series s = { .label = "a", .role = ROLE_S1, .raw = b, .n_raw = COUNT(b), .last = 9 };
	struct chart c = { .title = "loss", .series = &s, .n_series = 1, .log_y = true, .labels = true };
	picture(&c, 60, 8, GLYPHS_BRAILLE, "chart-footer-log");
	c.log_y = false;
	c.y_fixed = true;
	c.y_lo = 1, c.y_hi = 10;
	picture(&c, 60, 8, GLYPHS_BRAILLE, "chart-footer-cut");
}

/* ---- what must hold ---- */

/* Dot column of x, from the definition. */
static int cell_of(double x, double lo, double hi, int w)
{
	return (int)lrint((x - lo) / (hi - lo) * (2 * w - 1)) / 2;
}

static void a_spike_of_one_point_is_always_seen(void **state)
{
	(void)state;
	uint64_t rng = 3;
	for (int k = 0; k < 300; k++) {
		size_t n = 10 + (size_t)(random_unit(&rng) * 50000), at = (size_t)(random_unit(&rng) * (double)n), per = 1 + (size_t)(random_unit(&rng) * 64);
		struct vertex *p = mem_array(n, sizeof *p);
		struct chart_bucket *b = mem_array(n / per + 1, sizeof *b);
		for (size_t i = 0; i < n; i++)
			p[i] = (struct vertex){ (double)i, i == at ? 100 : random_unit(&rng) };
		size_t m = 0;
		for (size_t i = 0; i < n; i += per)
			b[m++] = sum_up(p + i, n - i < per ? n - i : per);
		struct chart_series s = { .label = "s", .role = ROLE_S1, .raw = b, .n_raw = m, .last = p[n - 1].y };
		struct chart c = { .title = "t", .series = &s, .n_series = 1, .labels = k % 2 };
		int w = 8 + (int)(random_unit(&rng) * 150), h = 3 + (int)(random_unit(&rng) * 40);
		struct screen sc = screen_framed(w, h, (enum glyphs)(k % 3));
		chart_paint(&c, &sc.p);
		screen_assert_margin(&sc);
		struct rect plot = chart_plot(&c, (struct rect){ 0, 0, w, h });
		int x = cell_of((double)at, 0, (double)n - 1, plot.w);
		if (screen_at(&sc, plot.x + x, plot.y) == ' ')
			fail_msg("%zu points, %zu a bucket, spike at %zu not seen in %dx%d", n, per, at, w, h);
		screen_free(&sc);
		free(p);
		free(b);
	}
}

/* Awkward numbers on purpose. */
static double awkward(uint64_t *rng)
{
	static const double odd[] = { 0, -0.0, 1, -1, 1e300, -1e300, DBL_MAX, -DBL_MAX, 5e-324, -5e-324, 1e-310, 9.2e18, 1e15, 1 + 1e-15 };
	double r = random_unit(rng);
	if (r < 0.05)
		return NAN;
	if (r < 0.1)
		return r < 0.07 ? INFINITY : -INFINITY;
	if (r < 0.4)
		return odd[(size_t)(random_unit(rng) * COUNT(odd))];
	return (random_unit(rng) - 0.5) * pow(10, random_unit(rng) * 20 - 10);
}

static int rising(const void *a, const void *b)
{
	double x = ((const struct vertex *)a)->x, y = ((const struct vertex *)b)->x;
	return (x > y) - (x < y);
}

static void any_data_stays_inside(void **state)
{
	(void)state;
	enum { N = 60 };
	uint64_t rng = 77;
	for (int k = 0; k < 4000; k++) {
		struct vertex p[N];
		struct chart_bucket b[N];
		size_t n = (size_t)(random_unit(&rng) * N), per = 1 + (size_t)(random_unit(&rng) * 8), m = 0;
		for (size_t i = 0; i < n; i++) {
			p[i] = (struct vertex){ k % 3 ? (double)i : awkward(&rng), awkward(&rng) };
			if (!isfinite(p[i].x))
				p[i].x = 0;
		}
		qsort(p, n, sizeof *p, rising);
		for (size_t i = 0; i < n; i += per)
			b[m++] = sum_up(p + i, n - i < per ? n - i : per);
		struct chart_series s[2] = { { .label = "one", .role = ROLE_S1, .raw = b, .n_raw = m, .smooth = k % 5 ? NULL : b, .n_smooth = m, .last = awkward(&rng) },
			{ .label = "two", .role = ROLE_S2, .raw = b, .n_raw = m / 2, .focused = true, .last = 1 } };
		struct chart c = { .title = "title of the chart", .series = s, .n_series = 1 + (size_t)(k % 2), .labels = k % 7, .grid = k % 4 == 0,
			.log_x = k % 11 == 0, .log_y = k % 6 == 0, .x_kind = (enum chart_x)(k % 3), .has_crosshair = k % 5 < 2, .crosshair = awkward(&rng),
			.y_fixed = k % 13 == 0, .y_lo = awkward(&rng), .y_hi = awkward(&rng), .x_lo = k % 8 ? 0 : awkward(&rng), .x_hi = k % 8 ? 0 : awkward(&rng) };
		int w = 1 + (int)(random_unit(&rng) * 130), h = 1 + (int)(random_unit(&rng) * 25);
		struct screen sc = screen_framed(w, h, (enum glyphs)(k % 3));
		struct rect r = { 0, 0, w, h };
		chart_paint(&c, &sc.p);
		screen_assert_margin(&sc);
		struct rect plot = chart_plot(&c, r);
		assert_true(plot.x >= 0 && plot.y >= 0 && plot.w >= 1 && plot.h >= 1 && plot.x + plot.w <= w && plot.y + plot.h <= h);
		double lo, hi, x = chart_x_at(&c, r, w / 2);
		if (chart_window(&c, &lo, &hi))
			assert_true(lo < hi && isfinite(lo) && isfinite(hi) && x >= lo && x <= hi && chart_cell_span(&c, r) >= 0);
		screen_free(&sc);
	}
}

static void lines_are_cut_at_the_window_not_dropped(void **state)
{
	(void)state;
	struct chart_bucket b[] = { point(0, 0), point(1000, 1000) };
	struct chart_series s = { .label = "s", .role = ROLE_S1, .raw = b, .n_raw = 2, .last = 1000 };
	struct chart c = { .series = &s, .n_series = 1, .x_lo = 500, .x_hi = 501 };
	struct screen sc = screen_new(60, 12, GLYPHS_BRAILLE);
	struct chart_fit f;
	assert_int_equal(chart_fit(&c, &f), FIT_OK);
	assert_true(fabs(f.y.lo - 500) < 1e-9 && fabs(f.y.hi - 501) < 1e-9);
	chart_paint(&c, &sc.p);
	struct rect plot = chart_plot(&c, sc.p.r);
	for (int x = 0; x < plot.w; x++) {
		bool any = false;
		for (int y = 0; y < plot.h; y++)
			any |= screen_at(&sc, plot.x + x, plot.y + y) != ' ';
		assert_true(any);
	}
	/* from the lower left to the upper right corner */
	assert_int_not_equal(screen_at(&sc, plot.x, plot.y + plot.h - 1), ' ');
	assert_int_not_equal(screen_at(&sc, plot.x + plot.w - 1, plot.y), ' ');
	screen_free(&sc);
}

static void y_refits_to_what_the_window_shows(void **state)
{
	(void)state;
	uint64_t rng = 9;
	enum { N = 400 };
	for (int k = 0; k < 300; k++) {
		struct vertex p[N];
		struct chart_bucket b[N];
		for (int i = 0; i < N; i++)
			p[i] = (struct vertex){ i, random_unit(&rng) < 0.02 ? 1000 * random_unit(&rng) : random_unit(&rng) };
		for (int i = 0; i < N; i++)
			b[i] = point(p[i].x, p[i].y);
		double x0 = random_unit(&rng) * (N - 12), x1 = x0 + 2 + random_unit(&rng) * (N - x0 - 4), lo = INFINITY, hi = -INFINITY;
		for (int i = 0; i < N; i++) {
			double edge[2] = { x0, x1 };
			for (int e = 0; e < 2 && i > 0; e++)
				if (p[i - 1].x < edge[e] && p[i].x > edge[e]) {
					double y = p[i - 1].y + (p[i].y - p[i - 1].y) * (edge[e] - p[i - 1].x);
					lo = fmin(lo, y), hi = fmax(hi, y);
				}
			if (p[i].x >= x0 && p[i].x <= x1)
				lo = fmin(lo, p[i].y), hi = fmax(hi, p[i].y);
		}
		struct chart_series s = { .raw = b, .n_raw = N };
		struct chart c = { .series = &s, .n_series = 1, .x_lo = x0, .x_hi = x1 };
		struct chart_fit f;
		assert_int_equal(chart_fit(&c, &f), FIT_OK);
		assert_true(fabs(f.y.lo - lo) < 1e-9 && fabs(f.y.hi - hi) < 1e-9);
		c.x_lo = x1, c.x_hi = x0;                          /* reversed is taken the right way round */
		assert_int_equal(chart_fit(&c, &f), FIT_OK);
		assert_true(f.x.lo == x0 && f.x.hi == x1 && fabs(f.y.lo - lo) < 1e-9);
	}
}

static void gaps_break_the_line(void **state)
{
	(void)state;
	struct chart_bucket b[] = { point(0, 1), point(10, 1), point(15, NAN), point(20, 1), point(30, 1) };
	struct chart_series s = { .label = "s", .role = ROLE_S1, .raw = b, .n_raw = COUNT(b), .last = 1 };
	struct chart c = { .series = &s, .n_series = 1 };
	struct screen sc = screen_new(62, 1, GLYPHS_BRAILLE);
	chart_paint(&c, &sc.p);
	struct rect plot = chart_plot(&c, sc.p.r);
	for (int x = 0; x < plot.w; x++) {
		double at = chart_x_at(&c, sc.p.r, plot.x + x);
		if (at > 10.8 && at < 19.2)
			assert_int_equal(screen_at(&sc, plot.x + x, 0), ' ');
		else if (at < 9.5 || at > 20.5)
			assert_int_not_equal(screen_at(&sc, plot.x + x, 0), ' ');
	}
	screen_free(&sc);
}

static void shared_cells_take_the_focused_colour(void **state)
{
	(void)state;
	struct chart_bucket b[] = { point(0, 1), point(10, 2) };
	struct chart_series s[3] = { { .label = "a", .role = ROLE_S1, .raw = b, .n_raw = 2, .last = 2 }, { .label = "b", .role = ROLE_S2, .raw = b, .n_raw = 2, .last = 2 },
		{ .label = "c", .role = ROLE_S3, .raw = b, .n_raw = 2, .last = 2 } };
	struct chart c = { .series = s, .n_series = 3 };
	struct screen sc = screen_new(40, 10, GLYPHS_BRAILLE);
	struct rect plot = chart_plot(&c, sc.p.r);
	chart_paint(&c, &sc.p);
	int turns[ROLE_COUNT] = { 0 }, lit = 0;
	for (int x = 0; x < plot.w; x++)
		for (int y = 0; y < plot.h; y++)
			turns[screen_at(&sc, plot.x + x, plot.y + y) == ' ' ? ROLE_TEXT : screen_cell(&sc, plot.x + x, plot.y + y)->fg]++;
	assert_true(turns[ROLE_S1] > 8 && turns[ROLE_S2] > 8 && turns[ROLE_S3] > 8);     /* unfocused: they take turns */
	s[2].focused = true;
	chart_paint(&c, &sc.p);
	for (int x = 0; x < plot.w; x++)
		for (int y = 0; y < plot.h; y++)
			if (screen_at(&sc, plot.x + x, plot.y + y) != ' ') {
				lit++;
				assert_int_equal(screen_cell(&sc, plot.x + x, plot.y + y)->fg, ROLE_S3);
			}
	assert_true(lit >= plot.w);
	screen_free(&sc);
}

static void a_smoothed_line_stands_before_its_raw_data(void **state)
{
	(void)state;
	struct chart_bucket raw[] = { point(0, 0), point(5, 1), point(10, 0) }, smooth[] = { point(0, 0.5), point(5, 0.5), point(10, 0.5) };
	struct chart_series s = { .label = "a", .role = ROLE_S1, .raw = raw, .n_raw = 3, .smooth = smooth, .n_smooth = 3, .last = 0 };
	struct chart c = { .series = &s, .n_series = 1 };
	struct screen sc = screen_new(40, 12, GLYPHS_BRAILLE);
	chart_paint(&c, &sc.p);
	int dim = 0, line = 0;
	for (int y = 0; y < 12; y++)
		for (int x = 0; x < 40; x++) {
			dim += screen_cell(&sc, x, y)->fg == ROLE_RAW && screen_at(&sc, x, y) >= 0x2800 && screen_at(&sc, x, y) < 0x2900;
			line += screen_cell(&sc, x, y)->fg == ROLE_S1;
		}
	struct rect plot = chart_plot(&c, sc.p.r);
	assert_true(dim > 10);
	assert_int_equal(line, plot.w);                        /* one cell a column: a level line */
	screen_free(&sc);
}

static void values_at_an_x(void **state)
{
	(void)state;
	const struct vertex p[] = { { 10, 1 }, { 20, 5 }, { 30, -2 }, { 40, 3 } };
	struct chart_bucket b[] = { point(0, 7), sum_up(p, 4), point(50, NAN), point(60, 8) };
	struct chart_series s = { .raw = b, .n_raw = COUNT(b) };
	assert_true(isnan(chart_value_at(&s, -1)));
	assert_true(chart_value_at(&s, 0) == 7 && chart_value_at(&s, 9.9) == 7 && chart_value_at(&s, 10) == 1);
	assert_true(chart_value_at(&s, 25) == 5 && chart_value_at(&s, 30) == -2 && chart_value_at(&s, 45) == 3);
	assert_true(isnan(chart_value_at(&s, 55)) && chart_value_at(&s, 60) == 8 && chart_value_at(&s, 1e9) == 8);
	s.smooth = b + 3;
	s.n_smooth = 1;
	assert_true(isnan(chart_value_at(&s, 30)) && chart_value_at(&s, 60) == 8);
}

static void cells_and_x_agree(void **state)
{
	(void)state;
	struct fixture *f = fixture(2, false);
	struct rect r = { 7, 5, 100, 20 }, plot = chart_plot(&f->c, r);
	assert_true(plot.x > r.x && plot.y > r.y && plot.x + plot.w <= r.x + r.w);
	for (int x = 0; x < plot.w; x++) {
		double at = chart_x_at(&f->c, r, plot.x - r.x + x);
		assert_int_equal(cell_of(at, 0, POINTS - 1, plot.w), x);
	}
	assert_true(chart_x_at(&f->c, r, -50) == 0 && chart_x_at(&f->c, r, 5000) == POINTS - 1);
	assert_true(fabs(chart_cell_span(&f->c, r) - (POINTS - 1) * 2.0 / (2 * plot.w - 1)) < 1e-9);
	struct chart none = { .title = "" };
	assert_true(isnan(chart_x_at(&none, r, 3)) && isnan(chart_cell_span(&none, r)));
	free(f);
}

/* ---- sparklines ---- */

static void sparklines(void **state)
{
	(void)state;
	struct screen sc = screen_new(12, 3, GLYPHS_BRAILLE);
	double v[100], flat[3] = { 2, 2, 2 };
	for (int i = 0; i < 100; i++)
		v[i] = i;
	spark_paint(&sc.p, 1, 0, 10, PEN(ROLE_SPARK), v, 100);
	sc.p.glyphs = GLYPHS_BLOCK;
	spark_paint(&sc.p, 1, 1, 10, PEN(ROLE_SPARK), v, 100);
	sc.p.ascii = true;
	spark_paint(&sc.p, 1, 2, 10, PEN(ROLE_SPARK), v, 100);
	screen_assert(&sc, "spark-rising");
	for (int i = 0; i < 100; i++)
		v[i] = i == 33 ? 9 : i >= 70 && i < 90 ? NAN : 1;
	surface_clear(sc.s);
	spark_paint(&sc.p, 1, 2, 10, PEN(ROLE_SPARK), v, 100);
	sc.p.ascii = false;
	spark_paint(&sc.p, 1, 1, 10, PEN(ROLE_SPARK), v, 100);
	sc.p.glyphs = GLYPHS_BRAILLE;
	spark_paint(&sc.p, 1, 0, 10, PEN(ROLE_SPARK), v, 100);
	screen_assert(&sc, "spark-spike-and-gap");
	surface_clear(sc.s);
	spark_paint(&sc.p, 1, 0, 10, PEN(ROLE_SPARK), flat, 3);
	spark_paint(&sc.p, 1, 1, 10, PEN(ROLE_SPARK), flat, 1);
	for (int i = 0; i < 3; i++)
		flat[i] = NAN;
	spark_paint(&sc.p, 1, 2, 10, PEN(ROLE_SPARK), flat, 3);
	spark_paint(&sc.p, 1, 2, 0, PEN(ROLE_SPARK), v, 3);
	spark_paint(&sc.p, 1, 2, 5, PEN(ROLE_SPARK), v, 0);
	screen_assert(&sc, "spark-flat");
	screen_free(&sc);
}

static void sparklines_show_spikes_and_stay_inside(void **state)
{
	(void)state;
	uint64_t rng = 8;
	for (int k = 0; k < 2000; k++) {
		double v[300];
		int n = 1 + (int)(random_unit(&rng) * 300), w = 1 + (int)(random_unit(&rng) * 30), at = (int)(random_unit(&rng) * n);
		for (int i = 0; i < n; i++)
			v[i] = i == at ? 1e6 : random_unit(&rng);
		struct screen sc = screen_framed(w, 1, (enum glyphs)(k % 3));
		spark_paint(&sc.p, 0, 0, w, PEN(ROLE_SPARK), v, n);
		screen_assert_margin(&sc);
		bool high = n == 1;
		for (int x = 0; x < w && k % 3 == GLYPHS_BRAILLE; x++)
			high |= (screen_at(&sc, x, 0) & 0x09) != 0;        /* a dot of the top row */
		for (int x = 0; x < w && k % 3 == GLYPHS_BLOCK; x++)
			high |= screen_at(&sc, x, 0) == 0x2588;
		assert_true(high || k % 3 == GLYPHS_ASCII);
		screen_free(&sc);
	}
}

static void every_mask_has_a_glyph(void **state)
{
	(void)state;
	for (int g = GLYPHS_BRAILLE; g <= GLYPHS_ASCII; g++)
		for (unsigned m = 1; m < 256; m++) {
			uint32_t ch = raster_glyph((uint8_t)m, (enum glyphs)g);
			assert_true(ch != ' ' && ch != 0x2800 && (g != GLYPHS_ASCII || (ch > 0x20 && ch < 0x7f)));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_of_three_curves), cmocka_unit_test(pictures_with_crosshair), cmocka_unit_test(pictures_on_log_and_time_axes),
		cmocka_unit_test(pictures_that_say_why_they_are_empty), cmocka_unit_test(footer_says_what_is_missing),
		cmocka_unit_test(a_spike_of_one_point_is_always_seen), cmocka_unit_test(any_data_stays_inside),
		cmocka_unit_test(lines_are_cut_at_the_window_not_dropped), cmocka_unit_test(y_refits_to_what_the_window_shows),
		cmocka_unit_test(gaps_break_the_line), cmocka_unit_test(shared_cells_take_the_focused_colour),
		cmocka_unit_test(a_smoothed_line_stands_before_its_raw_data), cmocka_unit_test(values_at_an_x), cmocka_unit_test(cells_and_x_agree),
		cmocka_unit_test(sparklines), cmocka_unit_test(sparklines_show_spikes_and_stay_inside), cmocka_unit_test(every_mask_has_a_glyph),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
