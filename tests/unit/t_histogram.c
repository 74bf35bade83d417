/* Pictures of two distributions: histograms, distribution functions, quantiles against quantiles, bars of labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/base/str.h"
#include "tests/unit/screen.h"
#include "tui/category_bars.h"
#include "tui/distribution.h"
#include "tui/histogram.h"

enum { BINS = 12, QUANTILES = 41 };
static double edges[BINS + 1], ref[BINS] = { 20, 40, 80, 120, 160, 180, 160, 110, 70, 40, 15, 5 }, cur[BINS] = { 90, 160, 190, 170, 130, 100, 70, 40, 25, 15, 8, 2 };

static struct histogram shape(void)
{
	for (int i = 0; i <= BINS; i++)
		edges[i] = 6 * i;
	return (struct histogram){ .n = BINS, .edges = edges, .ref = ref, .cur = cur };
}

static void picture(const struct histogram *h, int w, int hh, enum glyphs g, const char *name)
{
	struct screen sc = screen_framed(w, hh, g);
	histogram_paint(h, &sc.p);
	screen_assert_margin(&sc);
	screen_assert(&sc, name);
	screen_free(&sc);
}

static void histograms(void **state)
{
	struct histogram h = shape();
	(void)state;
	picture(&h, 64, 14, GLYPHS_BRAILLE, "histogram-64x14");
	picture(&h, 64, 14, GLYPHS_BLOCK, "histogram-64x14-block");
	picture(&h, 64, 14, GLYPHS_ASCII, "histogram-64x14-ascii");
	h.beside = true;
	h.cur_beyond[1] = 31;
	picture(&h, 100, 12, GLYPHS_BRAILLE, "histogram-beside-100x12");
}

/* The lowest cell of each column, counted from the left edge of the plot. */
static bool column_holds(const struct screen *sc, int x, uint8_t role)
{
	for (int y = 0; y < sc->p.r.h; y++)
		if (screen_cell(sc, x, y)->fg == role && screen_at(sc, x, y) != ' ')
			return true;
	return false;
}

static void a_bar_of_one_row_in_a_million_is_seen(void **state)
{
	static double much[BINS] = { 1e6 }, few[BINS] = { 1e6 };
	(void)state;
	struct histogram h = shape();
	much[7] = 1, h.ref = much, h.cur = NULL;
	struct screen sc = screen_new(60, 10, GLYPHS_BRAILLE);
	histogram_paint(&h, &sc.p);
	assert_true(column_holds(&sc, 6 + 54 * 15 / 24, ROLE_FILL));         /* the middle of the eighth of twelve bars, behind six cells of labels */
	screen_free(&sc);
	h.cur = few, h.ref = NULL;
	sc = screen_new(60, 10, GLYPHS_BRAILLE);
	histogram_paint(&h, &sc.p);
	assert_true(column_holds(&sc, 8, ROLE_S2));
	assert_false(column_holds(&sc, 8, ROLE_FILL));
	screen_free(&sc);
}

static void odd_histograms_stay_inside(void **state)
{
	const double flat[2] = { 3, 3 }, wide[3] = { -1e308, 0, 1e308 }, none[2] = { 0, 0 }, one[2] = { 5, 0 };
	const struct histogram odd[] = {
		{ .n = 1, .edges = flat, .ref = one, .cur = one }, { .n = 2, .edges = wide, .ref = one, .cur = none }, { .n = 0 },
		{ .n = 2, .edges = edges, .ref = none, .cur = none }, { .n = 2, .edges = edges, .ref = one, .cur = none, .ref_beyond = { NAN, NAN } } };
	(void)state;
	shape();
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		for (int w = 1; w < 40; w += 6)
			for (int h = 1; h < 12; h++) {
				struct screen sc = screen_framed(w, h, GLYPHS_BRAILLE);
				histogram_paint(&odd[i], &sc.p);
				screen_assert_margin(&sc);
				screen_free(&sc);
			}
}

/* ---- distribution functions -------------------------------------------------------------------------------------------------- */

static double q_ref[QUANTILES], q_cur[QUANTILES];

/* Even on 0..100, and the same on 20..120: the functions stand 0.2 apart from 20 to 100. */
static struct distribution moved(void)
{
	for (int i = 0; i < QUANTILES; i++)
		q_ref[i] = 2.5 * i, q_cur[i] = 20 + 2.5 * i;
	return (struct distribution){ .ref = q_ref, .cur = q_cur, .n = QUANTILES };
}

static void the_gap_of_a_move(void **state)
{
	double x;
	(void)state;
	const struct distribution d = moved();
	assert_float_equal(distribution_at(q_ref, QUANTILES, 50), 0.5, 1e-12);
	assert_float_equal(distribution_at(q_ref, QUANTILES, -1), 0, 0);
	assert_float_equal(distribution_at(q_ref, QUANTILES, 101), 1, 0);
	assert_float_equal(distribution_gap(&d, &x), 0.2, 1e-12);
	assert_true(x >= 20 && x <= 100);
}

/* Three quarters of 1 and a quarter of 2: the function is 0.75 from 1 up to 2, and nowhere between. */
static void tied_values_step(void **state)
{
	double tied[5] = { 1, 1, 1, 1, 2 }, even[5] = { 1, 1, 2, 2, 2 }, x;
	(void)state;
	assert_float_equal(distribution_at(tied, 5, 1), 0.75, 1e-12);
	assert_float_equal(distribution_at(even, 5, 1.99), 0.25, 1e-12);
	const struct distribution d = { .ref = tied, .cur = even, .n = 5 };
	assert_float_equal(distribution_gap(&d, &x), 0.5, 1e-12);
	assert_float_equal(x, 1, 0);
	assert_true(isnan(distribution_gap(&(struct distribution){ .ref = tied, .n = 5 }, &x)));
}

static void functions_and_quantiles(void **state)
{
	const struct distribution d = moved();
	(void)state;
	struct screen sc = screen_framed(72, 14, GLYPHS_BRAILLE);
	distribution_paint_ecdf(&d, &sc.p);
	screen_assert_margin(&sc);
	screen_assert(&sc, "ecdf-72x14");
	screen_free(&sc);
	sc = screen_framed(60, 14, GLYPHS_BRAILLE);
	distribution_paint_qq(&d, &sc.p);
	screen_assert_margin(&sc);
	screen_assert(&sc, "qq-60x14");
	screen_free(&sc);
	sc = screen_framed(60, 14, GLYPHS_ASCII);
	distribution_paint_qq(&d, &sc.p);
	screen_assert(&sc, "qq-60x14-ascii");
	screen_free(&sc);
}

static void quantiles_that_are_not_known_are_said(void **state)
{
	struct str text = STR_INIT;
	(void)state;
	struct screen sc = screen_new(60, 9, GLYPHS_BRAILLE);
	distribution_paint_ecdf(&(struct distribution){ 0 }, &sc.p);
	surface_dump(sc.s, &text);
	assert_non_null(strstr(text.p, "no quantiles are known"));
	str_free(&text);
	screen_free(&sc);
}

/* ---- labels ---------------------------------------------------------------------------------------------------------------------- */

static const struct category_bar plans[] = { { "month-to-month", 0.55, 0.41, CATEGORY_KEPT }, { "one year", 0.21, 0.20, CATEGORY_KEPT }, { "two years", 0.24, 0.005, CATEGORY_KEPT },
	{ "flex", 0, 0.385, CATEGORY_NEW }, { "prepaid", 0.0004, 0, CATEGORY_LOST }, { "others", 0.0, 0.0, CATEGORY_OTHERS } };

static void bars_of_labels(void **state)
{
	const struct category_bars b = { plans, sizeof plans / sizeof *plans, 0 };
	static const struct { int w, h; enum glyphs g; const char *name; } at[] = { { 76, 14, GLYPHS_BRAILLE, "bars-76x14" }, { 60, 7, GLYPHS_BRAILLE, "bars-60x7" }, { 60, 5, GLYPHS_ASCII, "bars-60x5-ascii" },
		{ 30, 13, GLYPHS_BLOCK, "bars-30x13-block" } };
	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct screen sc = screen_framed(at[i].w, at[i].h, at[i].g);
		category_bars_paint(&b, &sc.p);
		screen_assert_margin(&sc);
		screen_assert(&sc, at[i].name);
		screen_free(&sc);
	}
	assert_int_equal(category_bars_shown(&b, 14), 6);
	assert_int_equal(category_bars_shown(&b, 7), 6);
	assert_int_equal(category_bars_shown(&b, 5), 3);
	assert_int_equal(category_bars_shown(&b, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histograms), cmocka_unit_test(a_bar_of_one_row_in_a_million_is_seen), cmocka_unit_test(odd_histograms_stay_inside),
		cmocka_unit_test(the_gap_of_a_move), cmocka_unit_test(tied_values_step), cmocka_unit_test(functions_and_quantiles),
		cmocka_unit_test(quantiles_that_are_not_known_are_said), cmocka_unit_test(bars_of_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
