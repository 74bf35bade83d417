/* The debiased moving average against values worked out by hand from its rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "core/runs/smooth.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static void close_to(double got, double want)
{
	if (isnan(want) || isinf(want)) {
		assert_true(isnan(want) ? isnan(got) : got == want);
		return;
	}
	if (fabs(got - want) > 1e-12 * fmax(1, fabs(want)))
		fail_msg("got %.17g, want %.17g", got, want);
}

static void check(const double *y, const double *want, size_t n, double w)
{
	double out[16];
	assert_true(n <= COUNT(out));
	smooth_ema(y, n, w, out);
	for (size_t i = 0; i < n; i++)
		close_to(out[i], want[i]);
}

static void by_hand(void **state)
{
	(void)state;
	/* s: 1/2, 5/4, 21/8; divided by 1/2, 3/4, 7/8 */
	const double y[] = { 1, 2, 4 }, want[] = { 1, 5.0 / 3, 3 };
	check(y, want, 3, 0.5);
	/* w = 0.6: s = 0.4*10, 0.6*4 + 0.4*20, 0.6*10.4 + 0; divided by 0.4, 0.64, 0.784 */
	const double z[] = { 10, 20, 0 }, zw[] = { 10, 16.25, 6.24 / 0.784 };
	check(z, zw, 3, 0.6);
}

static void not_finite_values_pass_through(void **state)
{
	(void)state;
	const double y[] = { NAN, 1, INFINITY, 2, -INFINITY, NAN, 4 };
	const double want[] = { NAN, 1, INFINITY, 5.0 / 3, -INFINITY, NAN, 3 };
	check(y, want, COUNT(y), 0.5);
	const double all[] = { NAN, NAN, INFINITY };
	check(all, all, COUNT(all), 0.9);
}

static void constant_series_is_untouched(void **state)
{
	(void)state;
	double y[10], out[10];
	for (size_t i = 0; i < COUNT(y); i++)
		y[i] = 0.1;
	smooth_ema(y, COUNT(y), 0.999, out);
	for (size_t i = 0; i < COUNT(y); i++)
		assert_true(out[i] == 0.1);                /* to the last bit */
	smooth_ema(y, COUNT(y), 1, out);
	assert_true(out[9] == 0.1);
}

static void ends_of_the_weight(void **state)
{
	(void)state;
	const double y[] = { 3, 1, NAN, 2 }, zero[] = { 0, 0, NAN, 0 };
	check(y, y, COUNT(y), 0);
	check(y, zero, COUNT(y), 1);
	check(y, y, COUNT(y), -1);
	check(y, zero, COUNT(y), 7);
	check(y, y, COUNT(y), NAN);
}

static void nothing_and_one(void **state)
{
	(void)state;
	double one = 5;
	smooth_ema(NULL, 0, 0.5, NULL);
	smooth_ema(&one, 1, 0.5, &one);
	assert_true(one == 5);
}

static void in_place_and_long(void **state)
{
	(void)state;
	enum { N = 20000 };
	static double y[N], out[N];
	uint32_t seed = 7;
	for (size_t i = 0; i < N; i++) {
		seed = seed * 1664525 + 1013904223;
		y[i] = seed / 4294967296.0;
	}
	smooth_ema(y, N, 0.999, out);
	double s = 0;
	for (size_t i = 0; i < N; i++) {
		s = s * 0.999 + (1 - 0.999) * y[i];
		close_to(out[i], s / (1 - pow(0.999, (double)i + 1)));
	}
	smooth_ema(y, N, 0.999, y);
	for (size_t i = 0; i < N; i++)
		assert_true(y[i] == out[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand), cmocka_unit_test(not_finite_values_pass_through), cmocka_unit_test(constant_series_is_untouched),
		cmocka_unit_test(ends_of_the_weight), cmocka_unit_test(nothing_and_one), cmocka_unit_test(in_place_and_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
