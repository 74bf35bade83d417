#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tui/event.h"

/* Events as words: "Up C-x paste(abc) mouse(press 1 4,2)". */
static void record(void *arg, const struct event *ev)
{
	static const char *const kinds[] = { "press", "release", "drag", "wheel-up", "wheel-down" };
	struct str *out = arg;
	str_add(out, out->len ? " " : "");
	if (ev->type == EV_KEY) {
		key_format(out, ev->key);
	} else if (ev->type == EV_MOUSE) {
		str_addf(out, "mouse(%s %d %d,%d", kinds[ev->mouse], ev->button, ev->x, ev->y);
		str_add(out, ev->key & MOD_CTRL ? " C" : "");
		str_add(out, ev->key & MOD_SHIFT ? " S" : "");
		str_add(out, ev->key & MOD_META ? " M)" : ")");
	} else if (ev->type == EV_PASTE) {
		str_add(out, "paste(");
		str_addn(out, ev->text, ev->n);
		str_add(out, ")");
	} else {
		str_add(out, ev->focus ? "focus" : "blur");
	}
}

static void feed_in_pieces(const char *bytes, size_t n, size_t first, size_t then, struct str *out)
{
	struct decoder *d = decoder_new();
	for (size_t at = 0; at < n;) {
		size_t piece = at == 0 && first ? first : then;
		piece = piece > n - at ? n - at : piece;
		decoder_feed(d, bytes + at, piece, record, out);
		at += piece;
	}
	if (decoder_wait_ms(d) >= 0)
		decoder_flush(d, record, out);
	assert_int_equal(decoder_wait_ms(d), -1);
	decoder_free(d);
}

struct sample { const char *bytes, *want; };
#define E "\033"
static const struct sample samples[] = {
	{ "abc ?Z", "a b c Space ? Z" },
	{ "\001\003\r\t\n\177\010\000x", "C-a C-c Enter Tab C-j Backspace C-h" },
	{ "\034\035\036\037", "C-\\ C-] C-^ C-_" },
	{ "äß日🚀", "ä ß 日 🚀" },
	{ "\xC3(\xFF" "a\xE6\x97x\x80", "\xEF\xBF\xBD ( \xEF\xBF\xBD a \xEF\xBF\xBD x \xEF\xBF\xBD" },
	{ E "[A" E "[B" E "[C" E "[D" E "[H" E "[F", "Up Down Right Left Home End" },
	{ E "OA" E "OB" E "OC" E "OD" E "OH" E "OF", "Up Down Right Left Home End" },
	{ E "[1~" E "[2~" E "[3~" E "[4~" E "[5~" E "[6~" E "[7~" E "[8~", "Home Insert Delete End PgUp PgDn Home End" },
	{ E "OP" E "OQ" E "OR" E "OS" E "[15~" E "[17~" E "[18~" E "[19~" E "[20~" E "[21~" E "[23~" E "[24~", "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12" },
	{ E "[11~" E "[12~" E "[13~" E "[14~", "F1 F2 F3 F4" },
	{ E "[[A" E "[[E" E "[25~" E "[34~", "F1 F5 S-F1 S-F8" },
	{ E "[1;2A" E "[1;3B" E "[1;5C" E "[1;6D" E "[1;8H" E "[1;9F", "S-Up M-Down C-Right C-S-Left C-M-S-Home End" },
	{ E "[1;2P" E "[1;5R" E "[15;5~" E "[3;2~" E "[6;3~", "S-F1 C-F3 C-F5 S-Delete M-PgDn" },
	{ E "[Z" E "[27;5;9~" E "[27;2;13~", "S-Tab C-Tab S-Enter" },
	{ E "[97;5u" E "[97;3u" E "[65;2u" E "[97;2u" E "[13;2u" E "[27u" E "[127;3u" E "[57358u", "C-a M-a A A S-Enter Esc M-Backspace" },
	{ E "[97;5:3u" E "[97;5:1u" E "[1;1:3A", "C-a" },
	{ E "[3$" E "[3^" E "[3@" E "[a" E "Oa", "S-Delete C-Delete C-S-Delete S-Up C-Up" },
	{ E "x" E "X" E "\r" E "\177" E "ä" E "\001", "M-x M-X M-Enter M-Backspace M-ä C-M-a" },
	{ E "OM" E "Oj" E "Oy" E "O5A" E "O2P", "Enter * 9 C-Up S-F1" },
	{ E E "[A" E E "OB", "M-Up M-Down" },
	{ E E "x", "Esc M-x" },
	{ E E E "[A", "Esc M-Up" },
	{ E "Oé", "M-O é" },
	{ E "]x" E "_x" E "Px", "M-] x M-_ x M-P x" },
	{ E "]11;rgb:1c1c/1c1c/1c1c\007a" E "P1$r0m" E "\\b" E "]0;t" E "\\c", "a b c" },
	{ E "[?62;1;2c" E "[12;40R" E "[?2004;1$y" E "[>41;370;0cq", "q" },
	{ E "[200~hello\r\n" E "[A" E "[201~x", "paste(hello\r\n" E "[A) x" },
	{ E "[200~" E "[201~" E "[201~y", "paste() y" },
	{ E E "[200~p" E "[201~", "Esc paste(p)" },
	{ E "[<0;5;3M" E "[<0;5;3m" E "[<32;6;3M" E "[<64;1;1M" E "[<65;1;1M" E "[<66;1;1M", "mouse(press 1 4,2) mouse(release 1 4,2) mouse(drag 1 5,2) mouse(wheel-up 0 0,0) mouse(wheel-down 0 0,0)" },
	{ E "[<18;5;3M" E "[<4;5;3M" E "[<10;200;300M" E "[<35;2;2M", "mouse(press 3 4,2 C) mouse(press 1 4,2 S) mouse(press 3 199,299 M)" },
	{ E "[M !\"" E "[M#!\"z" E "[32;7;9M", "mouse(press 1 0,1) mouse(release 0 0,1) z mouse(press 1 6,8)" },
	{ E "[I" E "[O", "focus blur" },
	{ E "[99999999999999999999;99999999999999A", "Up" },
	{ E "[1;5" E "[Aq", "Up q" },
	{ E "[1;\nx", "C-j x" },
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static void sequences_mean_the_same_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		size_t n = strlen(samples[i].bytes);
		for (size_t cut = 0; cut <= n; cut++) {
			struct str out = STR_INIT;
			feed_in_pieces(samples[i].bytes, n, cut, n, &out);
			assert_string_equal(out.p, samples[i].want);
			str_free(&out);
		}
		struct str out = STR_INIT;
		feed_in_pieces(samples[i].bytes, n, 0, 1, &out);
		assert_string_equal(out.p, samples[i].want);
		str_free(&out);
	}
}

static void a_nul_is_control_space(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	feed_in_pieces("\0a", 2, 0, 2, &out);
	assert_string_equal(out.p, "C-Space a");
	str_free(&out);
}

static void a_lone_escape_waits_and_is_a_key_when_flushed(void **state)
{
	(void)state;
	static const struct sample flushed[] = {
		{ E, "Esc" }, { E E, "Esc Esc" }, { E "[", "M-[" }, { E "O", "M-O" }, { E "]", "M-]" }, { E "[1;5", "" }, { E "]11;rgb", "" },
		{ E "[M!", "" }, { "\xE6\x97", "\xEF\xBF\xBD" }, { E "[200~abc", "paste(abc)" }, { E "[200~abc" E "[20", "paste(abc" E "[20)" },
	};
	for (size_t i = 0; i < sizeof flushed / sizeof *flushed; i++) {
		struct str out = STR_INIT;
		struct decoder *d = decoder_new();
		decoder_feed(d, flushed[i].bytes, strlen(flushed[i].bytes), record, &out);
		assert_true(decoder_wait_ms(d) >= 25 && decoder_wait_ms(d) <= 500);
		decoder_flush(d, record, &out);
		assert_int_equal(decoder_wait_ms(d), -1);
		assert_string_equal(out.p, flushed[i].want);
		str_clear(&out);
		decoder_feed(d, "k", 1, record, &out);
		assert_string_equal(out.p, "k");
		decoder_free(d);
		str_free(&out);
	}
}

static void half_a_sequence_at_the_end_of_a_read_is_kept(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	struct decoder *d = decoder_new();
	for (int i = 0; i < 100; i++)
		decoder_feed(d, i % 2 ? "[B" : E, i % 2 ? 2 : 1, record, &out);
	assert_int_equal(out.len, 50 * 5 - 1);
	assert_null(strstr(out.p, "Esc"));
	decoder_free(d);
	str_free(&out);
}

static void fifty_keys_in_one_read_are_fifty_keys(void **state)
{
	(void)state;
	struct str in = STR_INIT, out = STR_INIT;
	for (int i = 0; i < 50; i++)
		str_add(&in, E "[B");
	feed_in_pieces(in.p, in.len, 0, in.len, &out);
	assert_int_equal(out.len, 50 * 5 - 1);
	str_free(&in);
	str_free(&out);
}

static void count_paste(void *arg, const struct event *ev)
{
	size_t *n = arg;
	if (ev->type == EV_PASTE)
		*n = ev->n;
	else
		assert_int_equal(ev->key, 'q');
}

static void a_paste_is_bounded_and_gives_no_keys(void **state)
{
	(void)state;
	struct str in = STR_INIT;
	size_t got = 0;
	str_add(&in, E "[200~");
	str_addrep(&in, 'q', 3 << 20);
	str_add(&in, E "[201~q");
	struct decoder *d = decoder_new();
	for (size_t at = 0; at < in.len; at += 4000)
		decoder_feed(d, in.p + at, in.len - at < 4000 ? in.len - at : 4000, count_paste, &got);
	assert_int_equal(got, 1 << 20);
	assert_int_equal(decoder_wait_ms(d), -1);
	decoder_free(d);
	str_free(&in);
}

static void endless_strings_end(void **state)
{
	(void)state;
	struct str out = STR_INIT, in = STR_INIT;
	str_add(&in, E "]0;");
	str_addrep(&in, ' ', 70000);
	feed_in_pieces(in.p, in.len, 0, in.len, &out);
	assert_true(out.len > 0);
	str_free(&in);
	str_free(&out);
}

static void key_names_go_both_ways(void **state)
{
	(void)state;
	static const struct { const char *name, *canonical; } names[] = {
		{ "a", "a" }, { "?", "?" }, { "Space", "Space" }, { "Enter", "Enter" }, { "C-x", "C-x" }, { "C-X", "C-x" }, { "M-x", "M-x" }, { "S-Up", "S-Up" },
		{ "M-C-Left", "C-M-Left" }, { "C-M-Left", "C-M-Left" }, { "F12", "F12" }, { "C-i", "Tab" }, { "C-m", "Enter" }, { "C-[", "Esc" }, { "S-a", "A" },
		{ "C-/", "C-_" }, { "C-@", "C-Space" }, { "C-Space", "C-Space" }, { "-", "-" }, { "M--", "M--" }, { "<", "<" }, { "#", "#" }, { "ä", "ä" },
		{ "S-Tab", "S-Tab" }, { "PgDn", "PgDn" }, { "M-Backspace", "M-Backspace" },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		uint32_t key, again;
		struct str out = STR_INIT;
		assert_true(key_parse(names[i].name, strlen(names[i].name), &key));
		key_format(&out, key);
		assert_string_equal(out.p, names[i].canonical);
		assert_true(key_parse(out.p, out.len, &again));
		assert_int_equal(key, again);
		str_free(&out);
	}
	static const char *const bad[] = { "", "ab", "C-", "X-a", "C-C-a", "up", "F13", "\x1b", " ", "\xFF", "M-C-", "日本" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint32_t key;
		assert_false(key_parse(bad[i], strlen(bad[i]), &key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_mean_the_same_however_they_are_cut), cmocka_unit_test(a_nul_is_control_space),
		cmocka_unit_test(a_lone_escape_waits_and_is_a_key_when_flushed), cmocka_unit_test(half_a_sequence_at_the_end_of_a_read_is_kept),
		cmocka_unit_test(fifty_keys_in_one_read_are_fifty_keys), cmocka_unit_test(a_paste_is_bounded_and_gives_no_keys),
		cmocka_unit_test(endless_strings_end), cmocka_unit_test(key_names_go_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
