#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/text.h"

#define S(s) s, sizeof(s) - 1

static void expect_clean(const char *in, size_t n, unsigned flags, const char *want, size_t wn)
{
	struct str out = STR_INIT;
	text_clean(&out, in, n, flags);
	assert_int_equal(out.len, wn);
	assert_memory_equal(out.p, want, wn);
	assert_true(text_is_clean(out.p, out.len, flags));
	str_free(&out);
}

/* What may never come out, said without the tables that the cleaner uses. */
static bool is_forbidden(uint32_t cp, unsigned flags)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x09 }, { 0x0B, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C }, { 0x115F, 0x1160 },
		{ 0x180B, 0x180F }, { 0x200B, 0x200C }, { 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 },
		{ 0xD800, 0xDFFF }, { 0xFDD0, 0xFDEF }, { 0xFE00, 0xFE0D }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB },
		{ 0xFFFE, 0xFFFF }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF }, { 0x10FFFE, 0x10FFFF },
	};
	if (cp == '\n')
		return !(flags & TEXT_LINES);
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

static void check_invariants(const char *in, size_t n, unsigned flags)
{
	struct str once = STR_INIT, twice = STR_INIT;
	text_clean(&once, in, n, flags);
	text_clean(&twice, once.p, once.len, flags);
	assert_int_equal(once.len, twice.len);
	assert_memory_equal(once.p, twice.p, once.len);
	assert_true(text_utf8_valid(once.p, once.len));
	assert_true(text_is_clean(once.p, once.len, flags));
	assert_int_equal(text_is_clean(in, n, flags), once.len == n && memcmp(once.p, in, n) == 0);
	for (size_t i = 0; i < once.len;) {
		uint32_t cp;
		i += text_decode(once.p + i, once.len - i, &cp);
		assert_false(is_forbidden(cp, flags));
	}
	str_free(&once);
	str_free(&twice);
}

static const struct { const char *s; size_t n; } hostile[] = {
	{ S("\x1b[2J\x1b[31mred\x1b]0;title\a") }, { S("\x1b]52;c;ZWNobw==\x1b\\") }, { S("\x9b" "31m\x90\x9c") }, { S("\xC2\x9B" "31m") },
	{ S("a\0b\0") }, { S("\r\r\n\n\t\t\b\b\v\f\x7f") }, { S("\xC0\xAF\xE0\x80\xAF\xF0\x80\x80\xAF") }, { S("\xED\xA0\x80\xED\xBF\xBF") },
	{ S("\xF4\x90\x80\x80\xF8\x88\x80\x80\x80\xFF\xFE") }, { S("\xE2\x82") }, { S("\xE2\x82" "B") }, { S("\xF0\x9F") }, { S("\x80\xBF\x80") },
	{ S("\xE2\x80\xAE" "txt.exe\xE2\x81\xA6x\xE2\x81\xA9\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F") }, { S("\xF3\xA0\x81\xA1\xF3\xA0\x81\xBF") },
	{ S("zero\xE2\x80\x8Bwidth\xE2\x80\x8C\xE2\x81\xA0\xEF\xBB\xBF\xC2\xAD") }, { S("\xCC\x81") }, { S("\n\xCC\x81\xCC\x81") },
	{ S("e\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81") }, { S("\xE2\x80\x8D\xE2\x80\x8D") }, { S("a\xE2\x80\x8D" "b") },
	{ S("\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7") }, { S("\xF0\x9F\x91\xA8\xE2\x80\x8D") },
	{ S("\xF0\x9F\x91\xA8\xE2\x80\x8D\xE2\x80\xAE\xF0\x9F\x91\xA9") }, { S("\xE2\x9D\xA4\xEF\xB8\x8F\xEF\xB8\x8F\xEF\xB8\x8E") },
	{ S("\xF0\x9F\x8F\xBB\xF0\x9F\x8F\xBB") }, { S("\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBB\xF0\x9F\x8F\xBC\xEF\xB8\x8F") }, { S("1\xEF\xB8\x8F\xE2\x83\xA3") },
	{ S("\xE1\x85\x9F\xE1\x85\xA0\xE3\x85\xA4\xEF\xBE\xA0") }, { S("\xE2\x80\xA8\xE2\x80\xA9\xC2\x85") }, { S("\xEF\xB7\x90\xEF\xBF\xBE\xF4\x8F\xBF\xBF") },
	{ S("\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87") }, { S("\xEE\x80\x80\xF3\xB0\x80\x80") }, { S("\xD8\x80\xDB\x9D\xDC\x8F") },
	{ S("\xED\x95\x9C\xEA\xB5\xAD\xEC\x96\xB4 \xE6\xBC\xA2\xE5\xAD\x97") }, { S("\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7\xE0\xA4\xBF") }, { S("") },
	{ S("\xCD\x8F\xE1\xA0\x8B\xEF\xB8\x80\xF3\xA0\x84\x80") }, { S("\xF0\x9F\x91\xA8\xCC\x81\xE2\x80\x8D\xF0\x9F\x91\xA9") },
};

static void hostile_strings_keep_the_invariants(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		for (unsigned flags = 0; flags <= TEXT_LINES; flags++)
			check_invariants(hostile[i].s, hostile[i].n, flags);
}

static void hostile_pairs_keep_the_invariants(void **state)
{
	(void)state;
	size_t n = sizeof hostile / sizeof *hostile;
	for (size_t i = 0; i < n * n; i++) {
		struct str s = STR_INIT;
		str_addn(&s, hostile[i / n].s, hostile[i / n].n);
		str_addn(&s, hostile[i % n].s, hostile[i % n].n);
		check_invariants(s.p, s.len, i & 1);
		str_free(&s);
	}
}

static void every_code_point_keeps_the_invariants(void **state)
{
	(void)state;
	for (uint32_t from = 0; from <= 0x10FFFF; from += 64) {
		struct str s = STR_INIT;
		for (uint32_t cp = from; cp < from + 64; cp++) {
			char b[4];
			str_addn(&s, b, text_encode(cp, b));
			str_addc(&s, 'x');
			str_addn(&s, b, text_encode(cp, b));
		}
		check_invariants(s.p, s.len, from & 64 ? TEXT_LINES : 0);
		str_free(&s);
	}
}

static void random_bytes_keep_the_invariants(void **state)
{
	(void)state;
	uint64_t seed = 0x9E3779B97F4A7C15u;
	for (int round = 0; round < 3000; round++) {
		char b[64];
		size_t n = 0;
		while (n < sizeof b) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			uint32_t r = (uint32_t)(seed >> 33);
			if (r % 3 == 0)
				b[n++] = (char)(r >> 8);
			else {
				size_t k = (r >> 8) % (sizeof hostile / sizeof *hostile);
				for (size_t i = 0; i < hostile[k].n && i < 5 && n < sizeof b; i++)
					b[n++] = hostile[k].s[i];
			}
		}
		check_invariants(b, n, round & 1);
	}
}

static void control_characters_become_marks(void **state)
{
	(void)state;
	expect_clean(S("a\x1b[31mb"), 0, S("a\xEF\xBF\xBD[31mb"));
	expect_clean(S("\x7f\xC2\x9B"), 0, S("\xEF\xBF\xBD\xEF\xBF\xBD"));
	expect_clean(S("a\0b"), 0, S("a\xEF\xBF\xBD" "b"));
	expect_clean(S("\xE2\x82" "B"), 0, S("\xEF\xBF\xBD\xEF\xBF\xBD" "B"));
}

static void lines_and_tabs(void **state)
{
	(void)state;
	expect_clean(S("a\tb\nc"), 0, S("a b c"));
	expect_clean(S("a\r\nb\rc"), 0, S("a b\xEF\xBF\xBD" "c"));
	expect_clean(S("a\tb\n\tc\r\nabcd\te"), TEXT_LINES, S("a   b\n    c\nabcd    e"));
	expect_clean(S("\xE6\xBC\xA2\tx"), TEXT_LINES, S("\xE6\xBC\xA2  x"));
	expect_clean(S("a\xE2\x80\xA8" "b"), TEXT_LINES, S("a\nb"));
}

static void cleaning_appends(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	str_add(&s, "x\n");
	text_clean(&s, S("\t|"), TEXT_LINES);
	assert_string_equal(s.p, "x\n    |");
	str_free(&s);
}

static void invisible_characters_go(void **state)
{
	(void)state;
	expect_clean(S("ad\xE2\x80\xAEmin"), 0, S("admin"));
	expect_clean(S("a\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD" "b"), 0, S("ab"));
	expect_clean(S("x\xF3\xA0\x81\xA1"), 0, S("x"));
	expect_clean(S("\xEF\xBF\xBF"), 0, S(""));
}

static void emoji_sequences_stay_whole(void **state)
{
	(void)state;
	static const char *const kept[] = {
		"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\xE2\x80\x8D\xF0\x9F\x91\xA6", "\xE2\x9D\xA4\xEF\xB8\x8F",
		"\xF0\x9F\x8F\xB3\xEF\xB8\x8F\xE2\x80\x8D\xF0\x9F\x8C\x88", "\xF0\x9F\x91\xA9\xF0\x9F\x8F\xBD\xE2\x80\x8D\xF0\x9F\x94\xAC",
		"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA",
	};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		expect_clean(kept[i], strlen(kept[i]), 0, kept[i], strlen(kept[i]));
	expect_clean(S("a\xE2\x80\x8D" "b"), 0, S("ab"));
	expect_clean(S("a\xEF\xB8\x8F"), 0, S("a"));
}

static void marks_need_a_base_and_have_a_limit(void **state)
{
	(void)state;
	expect_clean(S("e\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86z"), 0, S("e\xCC\x81\xCC\x82\xCC\x83\xCC\x84z"));
	expect_clean(S("\xCC\x81x"), 0, S("\xE2\x97\x8C\xCC\x81x"));
	expect_clean(S("a\n\xCC\x81"), TEXT_LINES, S("a\n\xE2\x97\x8C\xCC\x81"));
}

static void decoding_is_strict(void **state)
{
	(void)state;
	static const struct { const char *s; size_t n, len; uint32_t cp; } rows[] = {
		{ S("A"), 1, 'A' }, { S("\xC3\xA9"), 2, 0xE9 }, { S("\xE2\x82\xAC"), 3, 0x20AC }, { S("\xF0\x9F\x98\x80"), 4, 0x1F600 },
		{ S("\xF4\x8F\xBF\xBF"), 4, 0x10FFFF }, { S("\xEF\xBF\xBD"), 3, 0xFFFD }, { S("\xC1\x81"), 1, 0xFFFD }, { S("\xE0\x9F\xBF"), 1, 0xFFFD },
		{ S("\xED\xA0\x80"), 1, 0xFFFD }, { S("\xF4\x90\x80\x80"), 1, 0xFFFD }, { S("\xF0\x8F\xBF\xBF"), 1, 0xFFFD }, { S("\xE2\x82"), 1, 0xFFFD },
		{ S("\x80"), 1, 0xFFFD },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint32_t cp;
		assert_int_equal(text_decode(rows[i].s, rows[i].n, &cp), rows[i].len);
		assert_int_equal(cp, rows[i].cp);
	}
	char b[4];
	assert_int_equal(text_encode(0xD800, b), 3);
	assert_memory_equal(b, "\xEF\xBF\xBD", 3);
}

static void widths(void **state)
{
	(void)state;
	static const struct { const char *s; int width; size_t clusters; } rows[] = {
		{ "", 0, 0 }, { "abc", 3, 3 }, { "\xE6\xBC\xA2\xE5\xAD\x97", 4, 2 }, { "e\xCC\x81", 1, 1 }, { "\xF0\x9F\x98\x80", 2, 1 },
		{ "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", 2, 1 }, { "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 2, 1 },
		{ "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7", 4, 2 }, { "\xE2\x9D\xA4", 1, 1 }, { "\xE2\x9D\xA4\xEF\xB8\x8F", 2, 1 },
		{ "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 2, 1 }, { "\xED\x95\x9C", 2, 1 }, { "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 2, 1 },
		{ "\xEF\xBC\xA1", 2, 1 }, { "\xC3\xA9" "b", 2, 2 }, { "\xE2\x80\xA6", 1, 1 }, { "\xE2\xA3\xBF", 1, 1 }, { "a\nb", 2, 3 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *p = rows[i].s, *end = p + strlen(p);
		struct grapheme g;
		size_t n = 0;
		assert_int_equal(text_width(p, strlen(p)), rows[i].width);
		while (text_next(&p, end, &g))
			n++;
		assert_int_equal(n, rows[i].clusters);
	}
}

static void clusters_are_bounded(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	for (int i = 0; i < 100; i++)
		str_add(&s, "\xE1\x84\x92");      /* leading jamos join without end */
	const char *p = s.p, *end = s.p + s.len;
	struct grapheme g;
	size_t total = 0;
	while (text_next(&p, end, &g)) {
		assert_true(g.n >= 1 && g.n <= 63 && g.width >= 0 && g.width <= 2);
		total += g.n;
	}
	assert_int_equal(total, s.len);
	str_free(&s);
}

static void fitting(void **state)
{
	(void)state;
	static const struct { const char *s; int width, used; const char *want; } rows[] = {
		{ "abcdef", 6, 6, "abcdef" }, { "abcdef", 5, 5, "abcd\xE2\x80\xA6" }, { "abcdef", 1, 1, "\xE2\x80\xA6" }, { "abcdef", 0, 0, "" },
		{ "", 3, 0, "" }, { "\xE6\xBC\xA2\xE5\xAD\x97", 4, 4, "\xE6\xBC\xA2\xE5\xAD\x97" }, { "\xE6\xBC\xA2\xE5\xAD\x97", 3, 3, "\xE6\xBC\xA2\xE2\x80\xA6" },
		{ "\xE6\xBC\xA2\xE5\xAD\x97", 2, 1, "\xE2\x80\xA6" }, { "a", -1, 0, "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out = STR_INIT;
		assert_int_equal(text_fit(&out, rows[i].s, strlen(rows[i].s), rows[i].width), rows[i].used);
		assert_string_equal(out.p, rows[i].want);
		str_free(&out);
	}
}

static bool contains(const char *hay, const char *needle)
{
	return text_contains(hay, strlen(hay), needle, strlen(needle));
}

static void searching_ignores_case(void **state)
{
	(void)state;
	assert_true(contains("Learning Rate", "rate"));
	assert_true(contains("STRA\xC3\x9F" "E \xC3\x84RGER", "\xC3\xA4rger"));
	assert_true(contains("\xCE\xA3\xCE\x9F\xCE\xA6\xCE\x9F\xCE\xA3", "\xCF\x83\xCE\xBF\xCF\x86\xCE\xBF\xCF\x82"));   /* final sigma */
	assert_true(contains("aaab", "aab"));
	assert_true(contains("x", ""));
	assert_false(contains("", "x"));
	assert_false(contains("abc", "abcd"));
	assert_true(contains("a\xFFz", "\xEF\xBF\xBDz"));
}

static void fuzzy_ranks_word_starts_and_runs(void **state)
{
	(void)state;
	assert_int_equal(text_fuzzy("runs.sort", "xyz"), 0);
	assert_true(text_fuzzy("runs.sort", "") > 0);
	assert_true(text_fuzzy("runs.sort", "RSO") > 0);
	assert_true(text_fuzzy("runs.sort", "sort") > text_fuzzy("sigmoid.other.t", "sort"));
	assert_true(text_fuzzy("theme.next", "tn") > text_fuzzy("patience", "tn"));
	assert_true(text_fuzzy("help", "help") > text_fuzzy("help.more", "help"));
	assert_true(text_fuzzy("help", "help") > text_fuzzy("runs.help", "help"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_strings_keep_the_invariants), cmocka_unit_test(hostile_pairs_keep_the_invariants),
		cmocka_unit_test(every_code_point_keeps_the_invariants), cmocka_unit_test(random_bytes_keep_the_invariants),
		cmocka_unit_test(control_characters_become_marks), cmocka_unit_test(lines_and_tabs), cmocka_unit_test(cleaning_appends),
		cmocka_unit_test(invisible_characters_go), cmocka_unit_test(emoji_sequences_stay_whole),
		cmocka_unit_test(marks_need_a_base_and_have_a_limit), cmocka_unit_test(decoding_is_strict), cmocka_unit_test(widths),
		cmocka_unit_test(clusters_are_bounded), cmocka_unit_test(fitting), cmocka_unit_test(searching_ignores_case),
		cmocka_unit_test(fuzzy_ranks_word_starts_and_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
