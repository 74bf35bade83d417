/* Time zones: files made here byte by byte, after RFC 8536. Expected moments are from the rules as they are published: the European Union changes at 01:00 UTC on the
 * last Sundays of March and October (directive 2000/84/EC: 2026-03-29 and 2026-10-25), New South Wales on the first Sundays of October and April at 02:00 and 03:00. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/fs.h"
#include "core/io/zone.h"
#include "tests/unit/store_help.h"

enum { HOUR = 3600, DAY = 86400 };
#define MAR_29 INT64_C(1774746000)               /* 2026-03-29 01:00 UTC; date -u -d ... +%s, as all below */
#define OCT_25 INT64_C(1792890000)               /* 2026-10-25 01:00 UTC */
#define OCT_04 INT64_C(1791043200)               /* 2026-10-03 16:00 UTC, 02:00 of October 4 in Sydney */
#define APR_05 INT64_C(1775318400)               /* 2026-04-04 16:00 UTC, 03:00 of April 5 in Sydney */

struct change { int64_t at; int32_t offset; };

static void add_long(struct str *s, int64_t v) { for (int i = 56; i >= 0; i -= 8) str_addc(s, (char)((uint64_t)v >> i)); }
static void add_word(struct str *s, int32_t v) { for (int i = 24; i >= 0; i -= 8) str_addc(s, (char)((uint32_t)v >> i)); }

static void add_head(struct str *s, char version, int32_t leap, int32_t times, int32_t types)
{
	const int32_t counts[] = { 0, 0, leap, times, types, 4 };
	str_addn(s, "TZif", 4);
	str_addc(s, version);
	str_addn(s, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
	for (int i = 0; i < 6; i++)
		add_word(s, counts[i]);
}

/* A type of its own for each change, and one for what was before them. */
static void make(struct str *s, int32_t first, const struct change *c, int n, const char *footer)
{
	add_head(s, '2', 0, 0, 1);
	add_word(s, 0), str_addn(s, "\0\0LMT\0", 6);
	add_head(s, '2', 0, n, n + 1);
	for (int i = 0; i < n; i++)
		add_long(s, c[i].at);
	for (int i = 0; i < n; i++)
		str_addc(s, (char)(i + 1));
	add_word(s, first), str_addn(s, "\0\0", 2);
	for (int i = 0; i < n; i++)
		add_word(s, c[i].offset), str_addn(s, "\0\0", 2);
	str_addn(s, "LMT\0", 4);
	str_addf(s, "\n%s\n", footer);
}

static const struct zone *zone_of(struct arena *a, int32_t first, const struct change *c, int n, const char *footer)
{
	struct str s = STR_INIT;
	const struct zone *z;
	make(&s, first, c, n, footer);
	OK(zone_parse("Test/Zone", s.p, s.len, a, &z, &why));
	str_free(&s);
	return z;
}

static void rules_tell_summer_from_winter(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	const struct zone *berlin = zone_of(a, 3600, NULL, 0, "CET-1CEST,M3.5.0,M10.5.0/3"), *sydney = zone_of(a, 36000, NULL, 0, "AEST-10AEDT,M10.1.0,M4.1.0/3"),
		*kolkata = zone_of(a, 19800, NULL, 0, "IST-5:30"), *odd = zone_of(a, 0, NULL, 0, "<-03>3<-02>,J60/0,300/-1:30");
	const struct { const struct zone *z; int64_t at; int hours_2; } cases[] = {       /* in half hours */
		{ berlin, MAR_29 - 1, 2 }, { berlin, MAR_29, 4 }, { berlin, OCT_25 - 1, 4 }, { berlin, OCT_25, 2 }, { berlin, MAR_29 - 365 * DAY, 2 },
		{ sydney, APR_05 - 1, 22 }, { sydney, APR_05, 20 }, { sydney, OCT_04 - 1, 20 }, { sydney, OCT_04, 22 }, { sydney, 1798761600, 22 },     /* 2027-01-01 */
		{ kolkata, 0, 11 }, { kolkata, OCT_25, 11 },
		/* Day 60 of a Julian year is March 1 in leap years too: 2028-03-01 00:00 at -3. 300 days after January 1, at -1:30: 2028-10-26 22:30 at -2. */
		{ odd, 1835492400 - 1, -6 }, { odd, 1835492400, -4 }, { odd, 1856219400 - 1, -4 }, { odd, 1856219400, -6 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(zone_offset_s(cases[i].z, cases[i].at), cases[i].hours_2 * 1800);
	arena_free(a);
}

static void transitions_come_before_the_rule(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	const struct zone *z = zone_of(a, 1172, (const struct change[]){ { 1000, 3600 }, { 2000, -7200 }, { MAR_29, 7200 } }, 3, "CET-1CEST,M3.5.0,M10.5.0/3");
	const struct zone *silent = zone_of(a, 60, (const struct change[]){ { 1000, 3600 } }, 1, "");
	assert_int_equal(zone_offset_s(z, 999), 1172);
	assert_int_equal(zone_offset_s(z, 1000), 3600);
	assert_int_equal(zone_offset_s(z, 1999), 3600);
	assert_int_equal(zone_offset_s(z, MAR_29 - 1), -7200);
	assert_int_equal(zone_offset_s(z, MAR_29), 7200);
	assert_int_equal(zone_offset_s(z, OCT_25), 3600);
	assert_int_equal(zone_offset_s(silent, OCT_25), 3600);      /* without a rule the last offset stays */
	arena_free(a);
}

static void days_have_23_24_and_25_hours(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	const struct zone *berlin = zone_of(a, 3600, NULL, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
	const int64_t spring = (MAR_29 - HOUR) / DAY, autumn = (OCT_25 - HOUR) / DAY;
	assert_int_equal(zone_midnight_s(berlin, spring), spring * DAY - HOUR);
	assert_int_equal(zone_midnight_s(berlin, spring + 1) - zone_midnight_s(berlin, spring), 23 * HOUR);
	assert_int_equal(zone_midnight_s(berlin, autumn + 1) - zone_midnight_s(berlin, autumn), 25 * HOUR);
	assert_int_equal(zone_midnight_s(berlin, autumn + 2) - zone_midnight_s(berlin, autumn + 1), 24 * HOUR);
	/* Clocks that skip midnight (00:00 becomes 01:00): the day begins when they do. */
	const struct zone *skips = zone_of(a, -14400, (const struct change[]){ { 100 * DAY + 4 * HOUR, -10800 } }, 1, "");
	assert_int_equal(zone_midnight_s(skips, 100), 100 * DAY + 4 * HOUR);
	/* A zone that changes sides of the date line leaves out a day: Samoa had no December 30 of 2011. */
	const struct zone *samoa = zone_of(a, -36000, (const struct change[]){ { 200 * DAY + 10 * HOUR, 50400 } }, 1, "");
	assert_int_equal(zone_midnight_s(samoa, 200), 200 * DAY + 10 * HOUR);
	assert_int_equal(zone_midnight_s(samoa, 201), 200 * DAY + 10 * HOUR);
	assert_int_equal(zone_midnight_s(samoa, 202), 201 * DAY + 10 * HOUR);
	arena_free(a);
}

static void damaged_files_are_refused_at_any_byte(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	const struct zone *z;
	make(&s, 3600, (const struct change[]){ { 1000, 3600 }, { 2000, 7200 } }, 2, "CET-1CEST,M3.5.0,M10.5.0/3");
	for (size_t n = 0; n < s.len; n++) {
		struct arena *a = arena_new();
		char *cut = memcpy(malloc(n + 1), s.p, n);
		assert_int_equal(zone_parse("Test/Zone", cut, n, a, &z, &why), ST_FAILED);
		assert_null(z);
		free(cut);
		arena_free(a);
	}
	for (size_t i = 0; i < s.len; i++)               /* any byte may be anything: refused or not, nothing is read that is not there */
		for (int bits = 1; bits < 256; bits = 2 * bits + 1) {
			struct arena *a = arena_new();
			s.p[i] = (char)(s.p[i] ^ bits);
			if (zone_parse("Test/Zone", s.p, s.len, a, &z, &why) == ST_OK)
				zone_midnight_s(z, 20000);
			s.p[i] = (char)(s.p[i] ^ bits);
			arena_free(a);
		}
	str_free(&s);
	static const char *const rules[] = { "CET", "C-1", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0",
		"CET-1CEST,J0,J5", "CET-1CEST,366,5", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1:60", "CET-99", "<CET-1", "CET-1CEST,M3.5.0,M10.5.0,", "CET-1CEST,M3.5.0/1:,M10.5.0" };
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct arena *a = arena_new();
		struct str bad = STR_INIT;
		make(&bad, 0, NULL, 0, rules[i]);
		assert_int_equal(zone_parse("Test/Zone", bad.p, bad.len, a, &z, &why), ST_FAILED);
		assert_non_null(strstr(why.text, "no rule for the future"));
		str_free(&bad);
		arena_free(a);
	}
}

static void names_do_not_lead_out_of_the_folder(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct str s = STR_INIT;
	const struct zone *z;
	make(&s, 3600, NULL, 0, "CET-1");
	OK(fs_mkdirs(in_folder("zones/Test"), &why));
	OK(fs_replace(in_folder("zones/Test/There"), s.p, s.len, &why));
	OK(fs_replace(in_folder("Outside"), s.p, s.len, &why));
	setenv("TZDIR", in_folder("zones"), 1);
	OK(zone_load("Test/There", a, &z, &why));
	assert_string_equal(zone_name(z), "Test/There");
	assert_int_equal(zone_offset_s(z, 0), 3600);
	assert_int_equal(zone_load("Test/Away", a, &z, &why), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "there is no time zone Test/Away in "));
	static const char *const odd[] = { "../Outside", "Test/../../Outside", "/etc/passwd", "", "Test/\033[2J", "a.b" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_int_equal(zone_load(odd[i], a, &z, &why), ST_USAGE);
		assert_null(strchr(why.text, '\033'));
	}
	OK(fs_replace(in_folder("zones/Short"), "TZif", 4, &why));
	assert_int_equal(zone_load("Short", a, &z, &why), ST_FAILED);
	setenv("TZDIR", in_folder("nowhere"), 1);
	assert_int_equal(zone_load("Test/There", a, &z, &why), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "are not installed"));
	OK(zone_load("UTC", a, &z, &why));
	assert_int_equal(zone_midnight_s(z, 3), 3 * DAY);
	unsetenv("TZDIR");
	str_free(&s);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_tell_summer_from_winter), cmocka_unit_test(transitions_come_before_the_rule), cmocka_unit_test(days_have_23_24_and_25_hours),
		cmocka_unit_test(damaged_files_are_refused_at_any_byte),
		cmocka_unit_test_setup_teardown(names_do_not_lead_out_of_the_folder, help_folder_make, help_folder_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
