#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base/fmt.h"

static void numbers(void **state)
{
	(void)state;
	static const struct { double x; int digits; const char *want; } rows[] = {
		{ 0.9412, 4, "0.9412" }, { 12.54, 4, "12.54" }, { 3.1e-05, 4, "3.1e-05" }, { 0, 4, "0" }, { -0.0, 4, "0" }, { 1, 4, "1" },
		{ 0.5, 4, "0.5" }, { 100, 2, "100" }, { 12345.6, 4, "12346" }, { 9999999.7, 4, "1e+07" }, { 9999499, 4, "9999499" },
		{ 1e7, 4, "1e+07" }, { 1e-4, 4, "0.0001" }, { 0.00009999999, 4, "0.0001" }, { 9.9e-5, 4, "9.9e-05" }, { -2.5, 4, "-2.5" },
		{ 1.0 / 3, 4, "0.3333" }, { 1e300, 3, "1e+300" }, { NAN, 4, "NaN" }, { INFINITY, 4, "Inf" }, { -INFINITY, 4, "-Inf" },
		{ DBL_MIN, 17, "2.2250738585072014e-308" }, { 1234567.875, 17, "1234567.875" }, { 7, -3, "7" },
	};
	char b[FMT_MAX];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(fmt_number(b, rows[i].x, rows[i].digits), rows[i].want);
}

static void exact_numbers(void **state)
{
	(void)state;
	static const struct { double x; const char *want; } rows[] = {
		{ 0.1, "0.1" }, { 3, "3" }, { 1e22, "1e+22" }, { 0.30000000000000004, "0.30000000000000004" }, { 5e-324, "4.94065645841247e-324" },
		{ 1.0 / 3, "0.3333333333333333" }, { NAN, "NaN" }, { INFINITY, "Infinity" }, { -INFINITY, "-Infinity" }, { -0.0, "-0" },
		{ DBL_MAX, "1.797693134862316e+308" },
	};
	char b[FMT_MAX];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].x != DBL_MAX)
			assert_string_equal(fmt_exact(b, rows[i].x), rows[i].want);
	assert_true(strtod(fmt_exact(b, DBL_MAX), NULL) == DBL_MAX);
}

static void exact_numbers_read_back(void **state)
{
	(void)state;
	uint64_t seed = 88172645463325252u;
	char b[FMT_MAX];
	for (int i = 0; i < 20000; i++) {
		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		double x, y;
		memcpy(&x, &seed, sizeof x);
		if (!isfinite(x))
			continue;
		y = strtod(fmt_exact(b, x), NULL);
		assert_memory_equal(&x, &y, sizeof x);
		assert_true(strlen(fmt_number(b, x, 17)) < FMT_MAX);
	}
}

static void counts_and_sizes(void **state)
{
	(void)state;
	char b[FMT_MAX];
	assert_string_equal(fmt_count(b, 0), "0");
	assert_string_equal(fmt_count(b, 999), "999");
	assert_string_equal(fmt_count(b, 4812), "4,812");
	assert_string_equal(fmt_count(b, -1234567), "-1,234,567");
	assert_string_equal(fmt_count(b, INT64_MIN), "-9,223,372,036,854,775,808");
	static const struct { double n; const char *want; } rows[] = {
		{ 0, "0" }, { 7, "7" }, { 999, "999" }, { 999.6, "1k" }, { 1200, "1.2k" }, { 75000, "75k" }, { 3.4e6, "3.4M" }, { 9960, "10k" },
		{ 999499, "999k" }, { 999500, "1M" }, { -1200, "-1.2k" }, { -0.01, "0" }, { 2.5, "2.5" }, { 1e30, "1Q" }, { 1e33, "1e+33" }, { NAN, "NaN" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(fmt_si(b, rows[i].n), rows[i].want);
	assert_string_equal(fmt_bytes(b, 0), "0 B");
	assert_string_equal(fmt_bytes(b, 999), "999 B");
	assert_string_equal(fmt_bytes(b, 1234567), "1.2 MB");
	assert_string_equal(fmt_bytes(b, INT64_MAX), "9.2 EB");
}

static void durations(void **state)
{
	(void)state;
	static const struct { int64_t ms; const char *took, *age; } rows[] = {
		{ 0, "0s", "0s" }, { 12, "12ms", "0s" }, { 800, "0.8s", "0s" }, { 9999, "9.9s", "9s" }, { 41000, "41s", "41s" }, { 59999, "59s", "59s" },
		{ 60000, "1m00s", "1m" }, { 872000, "14m32s", "14m" }, { 7500000, "2h05m", "2h" }, { 86400000, "1d00h", "1d" },
		{ 273600000, "3d04h", "3d" }, { 13LL * 86400000, "13d00h", "13d" }, { 14LL * 86400000, "14d00h", "2w" },
		{ 59LL * 86400000, "59d00h", "8w" }, { 250LL * 86400000, "250d00h", "8mo" }, { 730LL * 86400000, "730d00h", "1y" },
		{ 800LL * 86400000, "800d00h", "2y" }, { -5000, "-5.0s", "0s" },
	};
	char b[FMT_MAX];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(fmt_duration(b, rows[i].ms), rows[i].took);
		assert_string_equal(fmt_age(b, rows[i].ms), rows[i].age);
	}
	assert_true(strlen(fmt_duration(b, INT64_MIN)) < FMT_MAX);
	assert_true(strlen(fmt_age(b, INT64_MAX)) < FMT_MAX);
}

static void times(void **state)
{
	(void)state;
	char b[FMT_MAX];
	assert_string_equal(fmt_time_iso(b, 1795266309123), "2026-11-21T13:05:09.123Z");
	assert_string_equal(fmt_time_iso(b, 0), "1970-01-01T00:00:00.000Z");
	assert_string_equal(fmt_time_iso(b, -1), "1969-12-31T23:59:59.999Z");
	assert_string_equal(fmt_time_iso(b, INT64_MAX), "292278994-08-17T07:12:55.807Z");
	setenv("TZ", "UTC-1", 1);
	tzset();
	assert_string_equal(fmt_time(b, 1795266309123), "2026-11-21 14:05:09");
	assert_true(strlen(fmt_time(b, INT64_MIN)) < FMT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(exact_numbers), cmocka_unit_test(exact_numbers_read_back), cmocka_unit_test(counts_and_sizes),
		cmocka_unit_test(durations), cmocka_unit_test(times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
