/* The emitter against a terminal of its own: whatever is painted before and after, the bytes in between
 * must make the one from the other, on every kind of terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/base/text.h"
#include "tui/term.h"
#include "tui/term_caps.h"
#include "rig.h"

static const char *const terminals[] = { "xterm-256color", "tmux-256color", "screen", "screen-256color", "linux", "vt100", "xterm", "rxvt-unicode-256color" };
enum { TERMINALS = sizeof terminals / sizeof *terminals };

/* ---- random screens */

static uint64_t seed;
static unsigned rnd(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static struct pen random_pen(void)
{
	static const uint8_t roles[] = { ROLE_TEXT, ROLE_TEXT, ROLE_DIM, ROLE_GOOD, ROLE_BAD, ROLE_ACCENT, ROLE_TAB_ACTIVE, ROLE_S1, ROLE_STRONG, ROLE_MATCH };
	static const uint8_t grounds[] = { ROLE_TEXT, ROLE_TEXT, ROLE_TEXT, ROLE_CURSOR, ROLE_DIALOG, ROLE_SELECTION };
	static const uint8_t attrs[] = { 0, 0, 0, ATTR_BOLD, ATTR_UNDERLINE, ATTR_REVERSE, ATTR_BOLD | ATTR_DIM, ATTR_ITALIC | ATTR_STRIKE };
	return (struct pen){ roles[rnd(sizeof roles)], grounds[rnd(sizeof grounds)], attrs[rnd(sizeof attrs)] };
}

static void random_stroke(struct surface *s)
{
	static const char *const texts[] = { "a", "run-17", "0.9412", "           ", "⣀⣀⣀⣀⣀⠤⠒", "日本語", "─────────────────", "xxxxxxxxxxxxxxxxxxxxxxxxxx", "é", "✓ done", "本" };
	static const char *const odd[] = { "e\xCC\x81", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80", "n\xCC\x83o" };
	struct rect all = surface_all(s);
	int w = all.w, h = all.h, x = (int)rnd((unsigned)w), y = (int)rnd((unsigned)h);
	struct pen p = random_pen();
	switch (rnd(9)) {
	case 0: surface_fill(s, all, (struct rect){ x, y, (int)rnd(40), (int)rnd(6) }, p, rnd(3) ? ' ' : '#'); break;
	case 1: surface_paint_bg(s, all, (struct rect){ 0, y, w, 1 }, p.bg); break;
	case 2: surface_hline(s, all, x, y, (int)rnd(60), p); break;
	case 3: surface_vline(s, all, x, y, (int)rnd(20), p); break;
	case 4: surface_cursor(s, all, rnd(2) ? x : -1, y); break;
	case 5: surface_text(s, all, x, y, p, x < w - 6 ? odd[rnd(3)] : texts[rnd(11)]); break;
	default: surface_text(s, all, x, y, p, texts[rnd(11)]); break;
	}
}

/* Rows of the surface move, as a list does, inside a column range. */
static void random_list(struct surface *s, int top)
{
	struct rect all = surface_all(s);
	struct rect pane = { 12, 2, all.w - 12, all.h - 4 };
	for (int y = 0; y < pane.h; y++) {
		unsigned id = (unsigned)(top + y) * 2654435761u;
		surface_fill(s, pane, (struct rect){ 0, y, pane.w, 1 }, PEN(ROLE_TEXT), ' ');
		surface_textf(s, pane, 1, y, PEN(ROLE_TEXT), "run-%u", id % 9973);
		surface_textf(s, pane, 16, y, PEN(id & 64 ? ROLE_GOOD : ROLE_BAD), "%s", id & 64 ? "✓ done" : "✗ failed");
		surface_textf(s, pane, 28, y, PEN(ROLE_TEXT), "0.%04u  0.%04u", id % 9999, id / 7 % 9999);
	}
}

static void exercise(const char *name, const char *theme, int depth, bool bce, bool clusters, int rounds)
{
	struct rig r;
	rig_open(&r, name, 60, 20, theme, depth, false);
	r.vt.bce |= bce;
	r.vt.clusters = clusters;
	for (int i = 0; i < rounds; i++) {
		if (rnd(12) == 0)
			surface_clear(r.s);
		if (rnd(3) == 0)
			random_list(r.s, (int)rnd(40));
		for (unsigned n = rnd(30); n > 0; n--)
			random_stroke(r.s);
		rig_present(&r);
		rig_check(&r, !clusters);
	}
	assert_int_equal(r.vt.clears, 1);
	rig_close(&r);
}

static void every_terminal_ends_up_with_the_screen_that_was_painted(void **state)
{
	(void)state;
	seed = 88172645463325252u;
	for (int i = 0; i < TERMINALS; i++)
		for (int theme = 0; theme < 2; theme++) {
			exercise(terminals[i], theme ? "basic" : "night", -1, false, true, 250);
			exercise(terminals[i], theme ? "mono" : "paper", -1, true, true, 120);
		}
}

static void every_depth_does(void **state)
{
	(void)state;
	seed = 1234567;
	for (int depth = DEPTH_MONO; depth <= DEPTH_RGB; depth++)
		exercise("xterm-256color", "dusk", depth, true, true, 200);
}

static void terminals_that_know_no_clusters_keep_the_rest_right(void **state)
{
	(void)state;
	seed = 42;
	exercise("xterm-256color", "night", DEPTH_256, true, false, 300);
	exercise("linux", "night", DEPTH_8, true, false, 200);
}

static void lists_scroll_right_in_both_directions(void **state)
{
	(void)state;
	for (int i = 0; i < TERMINALS; i++) {
		struct rig r;
		rig_open(&r, terminals[i], 80, 24, "night", -1, false);
		seed = 7 + (uint64_t)i;
		surface_text(r.s, surface_all(r.s), 0, 4, PEN(ROLE_ACCENT), "left pane");
		for (int step = 0; step < 150; step++) {
			static int top = 100;
			top += (int)rnd(7) - 3;
			random_list(r.s, top < 0 ? top = 50 : top);
			rig_show(&r);
		}
		rig_close(&r);
	}
}

static void nothing_new_is_nothing_sent(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, false);
	random_list(r.s, 3);
	surface_cursor(r.s, surface_all(r.s), 5, 5);
	rig_show(&r);
	rig_show(&r);
	assert_int_equal(r.bytes, 0);
	/* A role that looks the same, a blank in another colour. */
	surface_text(r.s, surface_all(r.s), 0, 0, PEN(ROLE_GOOD), "   ");
	rig_show(&r);
	assert_int_equal(r.bytes, 0);
	term_redraw(r.t);
	rig_show(&r);
	assert_int_equal(r.vt.clears, 2);
	assert_true(term_bytes_written(r.t) > r.bytes);
	rig_close(&r);
}

static void a_new_theme_repaints_without_a_clear(void **state)
{
	(void)state;
	struct rig r;
	struct err e;
	rig_open(&r, "xterm-256color", 80, 24, "night", DEPTH_256, false);
	random_list(r.s, 3);
	rig_show(&r);
	for (size_t i = 0; i < theme_builtin_count(); i++) {
		assert_int_equal(theme_load(&r.theme, theme_builtin_name(i), NULL, &e), ST_OK);
		term_set_theme(r.t, &r.theme);
		theme_reduce(&r.theme, DEPTH_256, &r.theme);
		rig_show(&r);
	}
	assert_int_equal(r.vt.clears, 1);
	rig_close(&r);
}

static void a_new_size_starts_afresh(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, false);
	rig_show(&r);
	static const int sizes[][2] = { { 1, 1 }, { 2, 1 }, { 1, 5 }, { 40, 12 }, { 300, 100 }, { 80, 24 } };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int w = sizes[i][0], h = sizes[i][1];
		surface_resize(r.s, w, h);
		str_clear(&r.sink);
		term_present(r.t, r.s);          /* of another size than the terminal yet: not shown */
		assert_int_equal(r.sink.len, 0);
		term_null_resize(r.t, w, h);
		struct vt before = r.vt;
		vt_done(&r.vt);
		vt_init(&r.vt, w, h);
		r.vt.bce = true;
		r.vt.bg = before.bg;
		r.vt.attr = before.attr;
		surface_fill(r.s, surface_all(r.s), surface_all(r.s), PEN(ROLE_TEXT), 'x');
		surface_text(r.s, surface_all(r.s), 0, 0, PEN(ROLE_GOOD), "some text");
		rig_show(&r);
	}
	rig_close(&r);
}

/* ---- what else goes out */

static void entering_asks_for_what_the_terminal_has(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, false);
	surface_cursor(r.s, surface_all(r.s), 3, 3);
	rig_show(&r);
	assert_true(r.vt.alternate && r.vt.paste && r.vt.mouse && r.vt.cursor);
	assert_null(strstr(r.sink.p, "\033[?2026"));
	assert_null(strstr(r.sink.p, "\033[6n"));
	assert_null(strstr(r.sink.p, "\033[c"));
	surface_cursor(r.s, surface_all(r.s), -1, 0);
	rig_show(&r);
	assert_false(r.vt.cursor);
	rig_close(&r);
	rig_open(&r, "linux", 80, 24, "night", -1, false);
	rig_show(&r);
	assert_false(r.vt.alternate || r.vt.paste);
	assert_false(term_caps(r.t)->braille);
	rig_close(&r);
}

static void terminals_that_cannot_move_are_refused_in_words(void **state)
{
	(void)state;
	struct str sink = STR_INIT;
	struct err e;
	struct term_options o = { .depth = -1 };
	static const char *const dumb[] = { "dumb", "", "unknown" };
	for (size_t i = 0; i < sizeof dumb / sizeof *dumb; i++) {
		e.text[0] = 0;
		assert_null(term_open_sink(dumb[i], 80, 24, &o, &sink, &e));
		assert_int_equal(e.code, ST_REFUSED);
		assert_non_null(strstr(e.text, "set TERM"));
	}
	struct term *t = term_open_sink("no-such-terminal", 80, 24, &o, &sink, &e);
	assert_non_null(t);
	assert_string_equal(term_caps(t)->name, "xterm-256color");
	assert_true(term_caps(t)->paste);
	term_close(t);
	str_free(&sink);
}

static enum color_depth depth_of(const char *term, const char *colorterm, const char *no_color)
{
	struct tcaps c;
	setenv("COLORTERM", colorterm, 1);
	setenv("NO_COLOR", no_color, 1);
	assert_int_equal(tcaps_load(&c, term, NULL), ST_OK);
	enum color_depth d = tcaps_depth(&c);
	tcaps_done(&c);
	unsetenv("COLORTERM");
	unsetenv("NO_COLOR");
	return d;
}

static void depth_comes_from_the_environment(void **state)
{
	(void)state;
	unsetenv("TMUX");
	assert_int_equal(depth_of("xterm-256color", "", ""), DEPTH_256);
	assert_int_equal(depth_of("xterm-256color", "truecolor", ""), DEPTH_RGB);
	assert_int_equal(depth_of("xterm-256color", "24bit", ""), DEPTH_RGB);
	assert_int_equal(depth_of("xterm-256color", "truecolor", "1"), DEPTH_MONO);
	assert_int_equal(depth_of("xterm", "truecolor", ""), DEPTH_8);
	assert_int_equal(depth_of("linux", "truecolor", ""), DEPTH_8);
	assert_int_equal(depth_of("screen-256color", "truecolor", ""), DEPTH_256);
	assert_int_equal(depth_of("vt100", "", ""), DEPTH_MONO);
}

static void repeat_is_not_used_where_terminals_lie(void **state)
{
	(void)state;
	struct tcaps c;
	unsetenv("TMUX");
	unsetenv("STY");
	unsetenv("SSH_TTY");
	unsetenv("SSH_CONNECTION");
	assert_int_equal(tcaps_load(&c, "xterm-256color", NULL), ST_OK);
	bool has = c.rep && c.rep_utf8;
	tcaps_done(&c);
	setenv("SSH_CONNECTION", "::1 1 ::1 22", 1);
	assert_int_equal(tcaps_load(&c, "xterm-256color", NULL), ST_OK);
	assert_true(c.rep && !c.rep_utf8);
	tcaps_done(&c);
	unsetenv("SSH_CONNECTION");
	setenv("TMUX", "/tmp/x,1,0", 1);
	assert_int_equal(tcaps_load(&c, "xterm-256color", NULL), ST_OK);
	assert_false(c.rep);
	tcaps_done(&c);
	unsetenv("TMUX");
	setenv("TERMINAL_EMULATOR", "JetBrains-JediTerm", 1);
	assert_int_equal(tcaps_load(&c, "xterm-256color", NULL), ST_OK);
	assert_false(c.rep);
	tcaps_done(&c);
	unsetenv("TERMINAL_EMULATOR");
	assert_true(has);
}

/* What terminfo does not say of tmux: its name in TERM tells most, its name in TERM_PROGRAM the rest. */
static void tmux_erases_in_colour(void **state)
{
	(void)state;
	static const struct { const char *term, *program; bool erases, repeats; } rows[] = {
		{ "tmux-256color", "", true, false }, { "tmux-256color", "tmux", true, true }, { "screen-256color", "tmux", true, true },
		{ "screen-256color", "", false, false }, { "vt100", "tmux", false, false },
	};
	unsetenv("TMUX");
	unsetenv("STY");
	unsetenv("SSH_TTY");
	unsetenv("SSH_CONNECTION");
	unsetenv("TERMINAL_EMULATOR");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tcaps c;
		setenv("TERM_PROGRAM", rows[i].program, 1);
		assert_int_equal(tcaps_load(&c, rows[i].term, NULL), ST_OK);
		if (c.bce != rows[i].erases || c.ech != rows[i].erases || c.rep != rows[i].repeats || c.rep_utf8)
			fail_msg("%s in \"%s\": bce %d, ech %d, rep %d, rep_utf8 %d", rows[i].term, rows[i].program, c.bce, c.ech, c.rep, c.rep_utf8);
		tcaps_done(&c);
	}
	unsetenv("TERM_PROGRAM");
}

static void copying_wraps_for_multiplexers_and_refuses_too_much(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, false);
	rig_show(&r);
	unsetenv("TMUX");
	unsetenv("STY");
	str_clear(&r.sink);
	assert_true(term_copy(r.t, "h\xC3\xA9llo", 6));
	assert_string_equal(r.sink.p, "\033]52;c;aMOpbGxv\a");
	str_clear(&r.sink);
	assert_true(term_copy(r.t, "ab", 2));
	assert_string_equal(r.sink.p, "\033]52;c;YWI=\a");
	setenv("TMUX", "x", 1);
	str_clear(&r.sink);
	term_copy(r.t, "a", 1);
	assert_string_equal(r.sink.p, "\033]52;c;YQ==\a\033Ptmux;\033\033]52;c;YQ==\a\033\\");
	unsetenv("TMUX");
	str_clear(&r.sink);
	char *big = calloc(1, 74995);
	assert_false(term_copy(r.t, big, 74995));
	assert_int_equal(r.sink.len, 0);
	assert_true(term_copy(r.t, big, 74994));
	free(big);
	str_clear(&r.sink);
	term_bell(r.t);
	assert_string_equal(r.sink.p, "\a");
	rig_close(&r);
}

/* ---- ASCII twins */

static void without_utf8_only_ascii_goes_out(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, true);
	struct rect all = surface_all(r.s);
	surface_text(r.s, all, 0, 0, PEN(ROLE_TEXT), "─│┌┐└┘├┤┬┴┼ ✓ ✗ … · – “x” ≤ ▲▼ ▁▂▃▄▅▆▇█ ▌ é Ü ñ 日本 e\xCC\x81 \xF0\x9F\x9A\x80");
	random_list(r.s, 4);
	rig_present(&r);
	for (size_t i = 0; i < r.sink.len; i++)
		assert_true((unsigned char)r.sink.p[i] < 0x80);
	struct str out = STR_INIT;
	term_dump(r.t, &out);
	*strchr(out.p, '\n') = 0;
	assert_string_equal(out.p, "-|+++++++++ + x ~ . - \"x\" < ^v _.:-=+*# | e U n ? ?  e ?");
	str_free(&out);
	rig_close(&r);
}

static void twins_come_and_go_on_request(void **state)
{
	(void)state;
	static const char *const want[] = { "\u2500 \u00e9 \u65e5", "- e ?", "\u2500 \u00e9 \u65e5" };
	struct term *t = term_open_null(10, 1, DEPTH_MONO, true);
	struct surface *s = surface_new(10, 1);
	surface_text(s, surface_all(s), 0, 0, PEN(ROLE_TEXT), want[0]);
	for (int i = 0; i < 3; i++) {
		struct str out = STR_INIT;
		term_set_ascii(t, i == 1);
		term_present(t, s);
		term_dump(t, &out);
		assert_memory_equal(out.p, want[i], strlen(want[i]));
		str_free(&out);
	}
	surface_free(s);
	term_close(t);
}

static void every_braille_glyph_has_a_printable_twin(void **state)
{
	(void)state;
	struct term *t = term_open_null(16, 16, DEPTH_MONO, false);
	struct surface *s = surface_new(16, 16);
	for (int i = 0; i < 256; i++)
		surface_put(s, surface_all(s), i % 16, i / 16, PEN(ROLE_TEXT), 0x2800u + (unsigned)i);
	term_present(t, s);
	struct str out = STR_INIT;
	term_dump(t, &out);
	int dots = 0;
	for (const char *p = out.p; *p; p++) {
		assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7F));
		dots += *p > ' ';
	}
	assert_int_equal(dots, 255);
	/* Empty, dots 1 2 3 7 alone, and the full cell. */
	assert_memory_equal(out.p, " '`", 3);
	static const struct { int bits; char twin; } some[] = { { 0x09, '"' }, { 0x12, '-' }, { 0x24, '-' }, { 0xC0, '_' }, { 0x40, '.' }, { 0x47, '|' }, { 0x81, '\\' }, { 0x48, '/' }, { 0xFF, '#' } };
	for (size_t i = 0; i < sizeof some / sizeof *some; i++)
		assert_int_equal(out.p[some[i].bits / 16 * 17 + some[i].bits % 16], some[i].twin);
	str_free(&out);
	surface_free(s);
	term_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_terminal_ends_up_with_the_screen_that_was_painted), cmocka_unit_test(every_depth_does),
		cmocka_unit_test(terminals_that_know_no_clusters_keep_the_rest_right), cmocka_unit_test(lists_scroll_right_in_both_directions),
		cmocka_unit_test(nothing_new_is_nothing_sent), cmocka_unit_test(a_new_theme_repaints_without_a_clear), cmocka_unit_test(a_new_size_starts_afresh),
		cmocka_unit_test(entering_asks_for_what_the_terminal_has), cmocka_unit_test(terminals_that_cannot_move_are_refused_in_words),
		cmocka_unit_test(depth_comes_from_the_environment), cmocka_unit_test(repeat_is_not_used_where_terminals_lie),
		cmocka_unit_test(copying_wraps_for_multiplexers_and_refuses_too_much), cmocka_unit_test(without_utf8_only_ascii_goes_out),
		cmocka_unit_test(twins_come_and_go_on_request), cmocka_unit_test(every_braille_glyph_has_a_printable_twin), cmocka_unit_test(tmux_erases_in_colour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
