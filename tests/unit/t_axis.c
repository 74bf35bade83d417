/* Ticks and labels: round, few, inside, told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tui/chart_parts.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

static double random_unit(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (double)(*s >> 11) / 9007199254740992.0;
}

static const char *joined(char label[][AXIS_LABEL_MAX], int n)
{
	static char out[AXIS_TICKS_MAX * AXIS_LABEL_MAX + 1];
	size_t at = 0;
	for (int i = 0; i < n; i++) {
		size_t len = strlen(label[i]);
		if (i)
			out[at++] = ' ';
		memcpy(out + at, label[i], len);
		at += len;
	}
	out[at] = '\0';
	return out;
}

/* Labels of the ticks, joined by blanks. */
static const char *ticks_text(int (*fn)(double, double, int, double *), double lo, double hi, int most, bool log)
{
	double t[AXIS_TICKS_MAX];
	char label[AXIS_TICKS_MAX][AXIS_LABEL_MAX];
	int n = fn(lo, hi, most, t);
	assert_true(n >= 0 && n <= most);
	axis_labels(t, n, log, label);
	return joined(label, n);
}

static void linear_examples(void **state)
{
	(void)state;
	static const struct { double lo, hi; int most; const char *want; } cases[] = {
		{ 0, 600, 5, "0 200 400 600" }, { 0, 599, 7, "0 100 200 300 400 500" }, { 0.21, 0.70, 5, "0.3 0.4 0.5 0.6 0.7" },
		{ 0, 1, 5, "0 0.5 1.0" }, { -1, 1, 5, "-1.0 -0.5 0 0.5 1.0" }, { 0, 12000, 5, "0 5k 10k" }, { 0, 2000000, 5, "0 0.5M 1.0M 1.5M 2.0M" },
		{ 0.9991, 0.9994, 4, "0.9991 0.9992 0.9993 0.9994" }, { 0, 3e-5, 4, "0 1e-5 2e-5 3e-5" }, { 0, 2e20, 3, "0 1e20 2e20" }, { 0, 1.7e308, 5, "0 0.5e308 1.0e308 1.5e308" }, { 0, 1.5e-320, 4, "0 0.5e-320 1.0e-320 1.5e-320" },
		{ 1000000, 1000000.4, 3, "1000000 +0.2 +0.4" }, { 41, 49, 1, "45" }, { 3, 3, 5, "3" }, { 0, 9999, 5, "0 2000 4000 6000 8000" },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(ticks_text(axis_ticks, cases[i].lo, cases[i].hi, cases[i].most, false), cases[i].want);
}

static void log_examples(void **state)
{
	(void)state;
	static const struct { double lo, hi; int most; const char *want; } cases[] = {
		{ 1, 1000, 5, "1 10 100 1000" }, { 1, 100, 8, "1 2 5 10 20 50 100" }, { 1e-6, 1, 5, "1e-6 1e-4 0.01 1" },
		{ 0.21, 0.71, 5, "0.3 0.4 0.5 0.6 0.7" }, { 1e-300, 1e300, 5, "1e-200 1 1e200" }, { 20, 50000, 4, "100 1000 10k" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(ticks_text(axis_log_ticks, cases[i].lo, cases[i].hi, cases[i].most, true), cases[i].want);
	}
}

static const char *time_text(double lo, double hi, int most, bool wall)
{
	double t[AXIS_TICKS_MAX];
	char label[AXIS_TICKS_MAX][AXIS_LABEL_MAX];
	int n = axis_time_ticks(lo, hi, most, wall, t);
	assert_true(n >= 0 && n <= most);
	axis_time_labels(t, n, wall, label);
	return joined(label, n);
}

static void time_examples(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_string_equal(time_text(0, 40e3, 5, false), "0 10s 20s 30s 40s");
	assert_string_equal(time_text(0, 130e3, 5, false), "0 30s 1m 1m30s 2m");
	assert_string_equal(time_text(0, 5 * 3600e3, 5, false), "0 2h 4h");
	assert_string_equal(time_text(3600e3, 3720e3, 5, false), "1h 1h00m30s 1h01m 1h01m30s 1h02m");
	assert_string_equal(time_text(0, 3 * 86400e3, 4, false), "0 1d 2d 3d");
	assert_string_equal(time_text(0, 1500, 4, false), "0 0.5s 1.0s 1.5s");
	assert_string_equal(time_text(0, 400 * 86400e3, 5, false), "0 100d 200d 300d 400d");
	/* 2025-11-21 12:00 UTC */
	double noon = 1763726400e3;
	assert_string_equal(time_text(noon, noon + 20 * 60e3, 5, true), "12:00 12:05 12:10 12:15 12:20");
	assert_string_equal(time_text(noon, noon + 24 * 3600e3, 5, true), "12:00 18:00 22 Nov 06:00 12:00");
	assert_string_equal(time_text(noon, noon + 4 * 86400e3, 5, true), "22 Nov 23 Nov 24 Nov 25 Nov");
	assert_string_equal(time_text(noon, noon + 200 * 86400e3, 8, true), "Dec Jan 2026 Feb Mar Apr May Jun");
	assert_string_equal(time_text(noon, noon + 2000 * 86400e3, 6, true), "2026 2027 2028 2029 2030 2031");
	assert_string_equal(time_text(noon, noon + 20e3, 3, true), "12:00:00 12:00:10 12:00:20");
	/* steps far beyond any calendar */
	assert_true(*time_text(-9e18, 9e18, 5, true));
}

static void local_midnights(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "XST-5:30", 1), 0);       /* half an hour off the hour */
	tzset();
	double t[8];
	int n = axis_time_ticks(1763726400e3, 1763726400e3 + 3 * 86400e3, 4, true, t);
	assert_int_equal(n, 3);
	for (int i = 0; i < n; i++)
		assert_true(fmod(t[i] + 5.5 * 3600e3, 86400e3) == 0);
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
}

static void random_window(uint64_t *rng, double *lo, double *hi)
{
	double size = pow(10, random_unit(rng) * 40 - 20), at = (random_unit(rng) - 0.5) * pow(10, random_unit(rng) * 40 - 20);
	*lo = at;
	*hi = at + size;
}

static void ticks_are_round_inside_and_few(void **state)
{
	(void)state;
	uint64_t rng = 11;
	for (int k = 0; k < 20000; k++) {
		double lo, hi, t[AXIS_TICKS_MAX];
		int most = 2 + k % 11;
		random_window(&rng, &lo, &hi);
		if (!(hi - lo > fmax(fabs(lo), fabs(hi)) * 1e-12))
			continue;
		int n = axis_ticks(lo, hi, most, t);
		assert_true(n >= (most >= 5 ? 2 : 1) && n <= most);
		double slack = (hi - lo) * 1e-6 + fmax(fabs(lo), fabs(hi)) * 1e-15;
		for (int i = 0; i < n; i++)
			assert_true(t[i] >= lo - slack && t[i] <= hi + slack);
		for (int i = 2; i < n; i++)
			assert_true(fabs((t[i] - t[i - 1]) - (t[1] - t[0])) <= slack);
		if (n >= 2) {
			double step = t[1] - t[0], m = step / pow(10, floor(log10(step) + 1e-6));
			if (!(fabs(m - 1) < 1e-2 || fabs(m - 2) < 1e-2 || fabs(m - 5) < 1e-2 || fabs(m - 10) < 1e-2 || most < 5))
				fail_msg("%.17g..%.17g, %d: step %.17g", lo, hi, most, step);
		}
	}
}

static void labels_differ(void **state)
{
	(void)state;
	uint64_t rng = 5;
	for (int k = 0; k < 20000; k++) {
		double lo, hi, t[AXIS_TICKS_MAX];
		char label[AXIS_TICKS_MAX][AXIS_LABEL_MAX];
		random_window(&rng, &lo, &hi);
		if (!(hi - lo > fmax(fabs(lo), fabs(hi)) * 1e-12))
			continue;
		int n = k % 2 && lo > 0 ? axis_log_ticks(lo, hi, 6, t) : axis_ticks(lo, hi, 6, t);
		axis_labels(t, n, k % 2 && lo > 0, label);
		for (int i = 0; i < n; i++) {
			assert_in_range(strlen(label[i]), 1, 16);
			for (int j = 0; j < i; j++)
				if (strcmp(label[i], label[j]) == 0)
					fail_msg("%g..%g: two labels %s", lo, hi, label[i]);
		}
	}
}

static void impossible_windows_have_no_ticks(void **state)
{
	(void)state;
	double t[8];
	assert_int_equal(axis_ticks(1, 0, 5, t), 0);
	assert_int_equal(axis_ticks(NAN, 1, 5, t), 0);
	assert_int_equal(axis_ticks(-INFINITY, INFINITY, 5, t), 0);
	assert_int_equal(axis_ticks(0, 1, 0, t), 0);
	assert_int_equal(axis_log_ticks(0, 1, 5, t), 0);
	assert_int_equal(axis_log_ticks(-1, 1, 5, t), 0);
	assert_int_equal(axis_time_ticks(NAN, 1, 5, true, t), 0);
	assert_true(axis_ticks(-1.7e308, 1.7e308, 5, t) >= 2);
	assert_true(axis_ticks(0, 5e-324, 5, t) >= 1);
}

static void positions_go_back_and_forth(void **state)
{
	(void)state;
	static const struct { double lo, hi; bool log; } windows[] = { { 0, 1, false }, { -1e308, 1e308, false }, { 0, 1e-310, false },
		{ 1e15, 1e15 + 64, false }, { 1e-300, 1e300, true }, { 1, 10, true } };
	for (size_t i = 0; i < COUNT(windows); i++) {
		struct axis a;
		axis_set(&a, windows[i].lo, windows[i].hi, windows[i].log);
		for (double p = 0; p <= 1; p += 0.125)
			assert_true(fabs(axis_pos(&a, axis_value(&a, p)) - p) < 1e-2);
		assert_true(axis_pos(&a, windows[i].lo) == 0 && fabs(axis_pos(&a, windows[i].hi) - 1) < 1e-12);
		assert_true(axis_pos(&a, DBL_MAX) >= 1 - 1e-12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linear_examples), cmocka_unit_test(log_examples), cmocka_unit_test(time_examples), cmocka_unit_test(local_midnights),
		cmocka_unit_test(ticks_are_round_inside_and_few), cmocka_unit_test(labels_differ), cmocka_unit_test(impossible_windows_have_no_ticks),
		cmocka_unit_test(positions_go_back_and_forth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
