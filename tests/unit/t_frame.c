/* Frames: what is a number, a time, missing; how types are chosen; what builders make. */
#include <math.h>

#include "core/base/arena.h"
#include "core/drift/random.h"
#include "core/io/decimal.h"
#include "core/io/dict.h"
#include "core/io/frame_build.h"
#include "tests/unit/frame_help.h"

static double number(const char *s, char decimal, bool *ok, bool *integer)
{
	return frame_number(s, strlen(s), decimal, ok, integer);
}

static void numbers_are_read(void **state)
{
	static const struct { const char *text; char decimal; double value; bool ok, integer; } t[] = {
		{ "0", 0, 0, true, true }, { "-0", 0, -0.0, true, true }, { "+7", 0, 7, true, true }, { " 12\t", 0, 12, true, true }, { "007", 0, 7, true, true },
		{ "1.", 0, 1, true, false }, { ".5", 0, 0.5, true, false }, { "-1.25", 0, -1.25, true, false }, { "1e3", 0, 1000, true, false },
		{ "1E+3", 0, 1000, true, false }, { "1e-3", 0, 0.001, true, false }, { "1,5", ',', 1.5, true, false }, { "-0,001", ',', -0.001, true, false },
		{ "1.5", ',', 0, false, false }, { "1,5", 0, 0, false, false }, { "inf", 0, INFINITY, true, false }, { "-Infinity", 0, -INFINITY, true, false },
		{ "+INF", 0, INFINITY, true, false }, { "", 0, 0, false, false }, { "-", 0, 0, false, false }, { ".", 0, 0, false, false }, { "e5", 0, 0, false, false },
		{ "1e", 0, 0, false, false }, { "1e+", 0, 0, false, false }, { "0x10", 0, 0, false, false }, { "1 2", 0, 0, false, false }, { "1_000", 0, 0, false, false },
		{ "12a", 0, 0, false, false }, { "--1", 0, 0, false, false }, { "infin", 0, 0, false, false }, { "1e400", 0, INFINITY, true, false },
		{ "1e-400", 0, 0, true, false }, { "1e99999999999999999999", 0, INFINITY, true, false }, { "0e99999", 0, 0, true, false },
		{ "9007199254740993", 0, 9007199254740992.0, true, true }, { "9007199254740995", 0, 9007199254740996.0, true, true },
		{ "9007199254740993.00000000000000000000001", 0, 9007199254740994.0, true, false },
		{ "2.2250738585072011e-308", 0, 2.2250738585072011e-308, true, false }, { "4.9e-324", 0, 4.9e-324, true, false },
		{ "1.7976931348623157e308", 0, 1.7976931348623157e308, true, false }, { "1.7976931348623159e308", 0, INFINITY, true, false },
		{ "123456789012345678901234567890", 0, 123456789012345678901234567890.0, true, true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		bool ok, integer;
		const double v = number(t[i].text, t[i].decimal, &ok, &integer);
		if (ok != t[i].ok || (ok && (memcmp(&v, &t[i].value, sizeof v) || integer != t[i].integer)))
			fail_msg("\"%s\": %d %.17g %d", t[i].text, ok, v, integer);
	}
	bool ok, integer;
	assert_true(isnan(number("-NaN", 0, &ok, &integer)) && ok);
}

static void must_be(const char *text, double want)
{
	bool ok, integer;
	const double v = number(text, 0, &ok, &integer);
	if (!ok || memcmp(&v, &want, sizeof v))
		fail_msg("%s: %a, not %a", text, v, want);
}

/* Random bit patterns written with 17 and fewer digits, random digits with random exponents, and exact middles between two doubles. */
static void numbers_are_correctly_rounded(void **state)
{
	struct random s = { 20261121 };
	char buf[1200];
	(void)state;
	for (int i = 0; i < 60000; i++) {
		const uint64_t bits = random_next(&s);
		double v, up;
		memcpy(&v, &bits, sizeof v);
		if (!isfinite(v))
			continue;
		snprintf(buf, sizeof buf, "%.*e", 5 + (int)(random_next(&s) % 20), v);
		must_be(buf, strtod(buf, NULL));
		snprintf(buf, sizeof buf, "%llue%d", (unsigned long long)random_next(&s), (int)(random_next(&s) % 700) - 360);
		must_be(buf, strtod(buf, NULL));
		snprintf(buf, sizeof buf, "%.6f", fmod(v, 1e9));
		must_be(buf, strtod(buf, NULL));
		if (i % 20 || fabs(v) > 1e40 || fabs(v) < 1e-40)
			continue;
		up = nextafter(v, INFINITY);
		snprintf(buf, sizeof buf, "%.*Lf", 200, ((long double)v + (long double)up) / 2);
		must_be(buf, strtod(buf, NULL));
	}
}

static void quick_numbers_agree(void **state)
{
	static const char *const t[] = { "0,", "-12.345678,", "3\n", "1234567.\r", "0.1;", "-0.5,", "1234567.1234567,", "999,", "-0,", "-0.0," };
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char buf[64] = { 0 };
		bool integer, whole, ok;
		double v;
		snprintf(buf, sizeof buf, "%s", t[i]);
		const char *p = buf;
		assert_true(decimal_quick(&p, '.', &v, &integer));
		assert_int_equal(p - buf, strlen(buf) - 1);
		const double want = frame_number(buf, strlen(buf) - 1, '.', &ok, &whole);
		assert_memory_equal(&v, &want, sizeof v);
		assert_int_equal(integer, whole);
	}
	char buf[64] = "12345678,";
	const char *p = buf;
	bool integer;
	double v;
	assert_false(decimal_quick(&p, '.', &v, &integer));
	assert_ptr_equal(p, buf);
}

/* Against frame_number, on all shapes that the characters of numbers make: what is taken is the whole field and the same bits. */
static void fields_agree(void **state)
{
	static const char letters[] = "0123456789012345678901234567890123456789..---+eE ,;x\n\r\xC3";
	uint64_t seed = 7;
	size_t taken = 0;
	(void)state;
	for (int round = 0; round < 400000; round++) {
		char buf[64] = { 0 };
		bool integer, whole, ok;
		double v = 0;
		for (size_t i = 0; i < 20; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			buf[i] = letters[(seed >> 33) % (round % 2 ? sizeof letters - 1 : 43)];
		}
		buf[1 + (seed >> 40) % 18] = ",\n\r"[(seed >> 50) % 3];
		const char *p = buf;
		if (!decimal_field(&p, ',', '.', &v, &integer))
			continue;
		const size_t n = strcspn(buf, ",\n\r");
		const double want = frame_number(buf, n, '.', &ok, &whole);
		if (p != buf + n || !ok || memcmp(&v, &want, sizeof v) || integer != whole)
			fail_msg("\"%.*s\": %.17g, not %.17g", (int)n, buf, v, want);
		taken++;
	}
	assert_true(taken > 100000);
}

static void times_are_read(void **state)
{
	static const struct { const char *text; bool ok; double ms; } t[] = {
		{ "1970-01-01", true, 0 }, { "1969-12-31", true, -86400e3 }, { "2000-02-29", true, 951782400e3 }, { "1900-02-29", false, 0 },
		{ "2026-11-21T12:05:09Z", true, 1795262709e3 }, { "2026-11-21 12:05:09.250", true, 1795262709250.0 }, { "2026-11-21T12:05:09+01:00", true, 1795259109e3 },
		{ "2026-11-21T12:05:09-0130", true, 1795268109e3 }, { "2026-11-21T12:05+02", true, 1795255500e3 }, { "2026-11-21T12:05", true, 1795262700e3 },
		{ "2026-11-21 12:05:09,5", true, 1795262709500.0 }, { "0001-01-01", true, -62135596800e3 }, { "9999-12-31", true, 253402214400e3 },
		{ "2026-13-01", false, 0 }, { "2026-00-10", false, 0 }, { "2026-04-31", false, 0 }, { "2026-1-1", false, 0 }, { "20261121", false, 0 }, { "2026-11-21T", false, 0 },
		{ "2026-11-21T25:00", false, 0 }, { "2026-11-21T12:60", false, 0 }, { "2026-11-21T12:05:60", false, 0 }, { "2026-11-21T12:05:09.", false, 0 },
		{ "2026-11-21T12:05:09+1", false, 0 }, { "2026-11-21x", false, 0 }, { "", false, 0 }, { "12:05", false, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		double ms = 0;
		const bool ok = frame_time(t[i].text, strlen(t[i].text), &ms);
		if (ok != t[i].ok || (ok && ms != t[i].ms))
			fail_msg("\"%s\": %d %.17g", t[i].text, ok, ms);
	}
}

static void missing_words(void **state)
{
	static const char *const present[] = { "na", "Na", " NA", "NA ", "none", "0", "-", "nil", "Null", "\\n" };
	(void)state;
	assert_true(frame_is_missing("", 0));
	for (const char *const *w = frame_missing_words; *w; w++)
		assert_true(frame_is_missing(*w, strlen(*w)));
	for (size_t i = 0; i < sizeof present / sizeof *present; i++)
		assert_false(frame_is_missing(present[i], strlen(present[i])));
	assert_false(frame_is_missing("\0\0", 2));
}

static void words_get_codes_in_order(void **state)
{
	struct arena *a = arena_new();
	struct dict d;
	char buf[32];
	(void)state;
	dict_init(&d, a);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 100000; i++) {
			const int n = snprintf(buf, sizeof buf, "w%u", i * 7919u);
			assert_int_equal(dict_add(&d, buf, (size_t)n, i), i);
		}
	assert_int_equal(d.n, 100000);
	assert_int_equal(dict_add(&d, "", 0, 5), 100000);
	assert_int_equal(dict_find(&d, "", 0), 100000);
	assert_int_equal(dict_add(&d, "a\0b", 3, 5), 100001);
	assert_int_equal(dict_add(&d, "a\0c", 3, 5), 100002);
	assert_int_equal(dict_find(&d, "absent", 6), FRAME_NO_CODE);
	assert_int_equal(d.first[77], 77);
	dict_clear(&d);
	assert_int_equal(dict_add(&d, "x", 1, 0), 0);
	dict_free(&d);
	arena_free(a);
}

static void builders_change_their_mind(void **state)
{
	static const struct frame_options none;
	struct frame_builder *b = frame_builder_new("made");
	struct frame *f;
	struct err e;
	(void)state;
	const size_t n = frame_builder_column(b, "n", 1), w = frame_builder_column(b, "w", 1), t = frame_builder_column(b, "t", 1);
	for (int i = 0; i < 100; i++) {
		frame_builder_number(b, n, i / 2.0, false);
		frame_builder_number(b, w, i, true);
		if (i % 2)
			frame_builder_boolean(b, t, i % 3 == 0);
		if (i == 60) {
			const size_t late = frame_builder_column(b, "late", 4);
			frame_builder_time(b, late, 5000);
			frame_builder_time(b, late, 6000);          /* a second value in a row is dropped */
		}
		frame_builder_end_row(b);
	}
	for (int i = 0; i < 50; i++) {
		frame_builder_text(b, w, i ? "word" : "NA", i ? 4 : 2);
		frame_builder_end_row(b);
	}
	assert_int_equal(frame_builder_finish(b, &none, &f, &e), ST_OK);
	frame_builder_free(b);
	assert_int_equal(f->n_rows, 150);
	assert_int_equal(f->n_cols, 4);
	assert_int_equal(f->cols[0].type, FRAME_NUMBER);
	assert_int_equal(f->cols[0].missing, 50);
	assert_false(f->cols[0].integer);
	assert_int_equal(f->cols[1].type, FRAME_TEXT);      /* 101 words of 149 values */
	assert_string_equal(cell(f, 1, 42), "42");
	assert_string_equal(cell(f, 1, 100), "-");
	assert_string_equal(cell(f, 1, 101), "word");
	assert_int_equal(f->cols[2].type, FRAME_BOOLEAN);
	assert_int_equal(f->cols[2].missing, 100);
	assert_int_equal(f->cols[3].type, FRAME_TIME);
	assert_int_equal(f->cols[3].missing, 149);
	assert_string_equal(cell(f, 3, 60), "5000");
	frame_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read), cmocka_unit_test(numbers_are_correctly_rounded), cmocka_unit_test(quick_numbers_agree), cmocka_unit_test(fields_agree),
		cmocka_unit_test(times_are_read), cmocka_unit_test(missing_words), cmocka_unit_test(words_get_codes_in_order),
		cmocka_unit_test(builders_change_their_mind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
