/* The emitter against a terminal of its own: whatever is painted before and after, the bytes in between
 * must make the one from the other, on every kind of terminal. Then the bytes are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/base/clock.h"
#include "core/base/text.h"
#include "tui/term.h"
#include "tui/term_caps.h"
#include "vt.h"

struct rig {
	struct term *t;
	struct surface *s;
	struct str sink;
	struct vt vt;
	struct theme theme;
	uint8_t attrs, ncv;
	size_t bytes;            /* of the last frame */
};

static const char *const terminals[] = { "xterm-256color", "tmux-256color", "screen", "screen-256color", "linux", "vt100", "xterm", "rxvt-unicode-256color" };
enum { TERMINALS = sizeof terminals / sizeof *terminals };

static void rig_open(struct rig *r, const char *name, int w, int h, const char *theme, int depth, bool ascii)
{
	struct term_options o = { .depth = depth, .ascii = ascii };
	struct tcaps caps;
	struct err e;
	memset(r, 0, sizeof *r);
	str_init(&r->sink);
	assert_int_equal(tcaps_load(&caps, name, &e), ST_OK);
	r->t = term_open_sink(name, w, h, &o, &r->sink, &e);
	assert_non_null(r->t);
	assert_int_equal(theme_load(&r->theme, theme, NULL, &e), ST_OK);
	term_set_theme(r->t, &r->theme);
	theme_reduce(&r->theme, term_caps(r->t)->depth, &r->theme);
	r->s = surface_new(w, h);
	vt_init(&r->vt, w, h);
	r->vt.bce = caps.bce;
	r->attrs = caps.attrs;
	r->ncv = caps.ncv;
	tcaps_done(&caps);
}

static void rig_close(struct rig *r)
{
	term_close(r->t);
	surface_free(r->s);
	str_free(&r->sink);
	vt_done(&r->vt);
}

/* What a cell should look like, worked out from the theme's contract. */
static struct vt_cell expected(const struct rig *r, const struct cell *c)
{
	const struct style *fg = &r->theme.style[c->fg], *bg = &r->theme.style[c->bg == ROLE_TEXT ? c->fg : c->bg];
	struct vt_cell e = { .fg = fg->fg, .bg = bg->bg, .attr = c->attr | (fg->attr & r->attrs) };
	if (c->bg != ROLE_TEXT)
		e.attr |= bg->attr;
	e.attr &= r->attrs;
	if (e.fg.kind != COLOR_DEFAULT || e.bg.kind != COLOR_DEFAULT)
		e.attr &= ~(unsigned)r->ncv;
	surface_cell_text(r->s, c, e.text);
	return e;
}

static bool shown_right(const struct vt_cell *e, const struct vt_cell *v)
{
	const unsigned visible = ATTR_UNDERLINE | ATTR_REVERSE | ATTR_STRIKE;
	if (strcmp(e->text, v->text) != 0 || !color_same(e->bg, v->bg))
		return false;
	if (strcmp(e->text, " ") == 0 && !(e->attr & visible))
		return !(v->attr & visible);
	return e->attr == v->attr && color_same(e->fg, v->fg);
}

static void check_screen(struct rig *r, bool spill)
{
	int x, y, cx, cy;
	for (y = 0; y < r->vt.h; y++)
		for (x = 0; x < r->vt.w; x++) {
			const struct cell *c = surface_row(r->s, y) + x;
			struct vt_cell e = expected(r, c), *v = vt_at(&r->vt, x, y);
			if (spill && ((c->ch & CELL_CLUSTER) || (c->ch == 0 && (c[-1].ch & CELL_CLUSTER))))
				continue;
			if (!shown_right(&e, v))
				fail_msg("%d,%d: want '%s' %d/%d %x, shown '%s' %d/%d %x", x, y, e.text, e.fg.index, e.bg.index, e.attr, v->text, v->fg.index, v->bg.index, v->attr);
		}
	assert_int_equal(r->vt.unknown, 0);
	assert_int_equal(r->vt.wrapped, 0);
	bool cursor = surface_get_cursor(r->s, &cx, &cy);
	if (cursor)
		assert_true(r->vt.x == cx && r->vt.y == cy);
}

static void present(struct rig *r)
{
	str_clear(&r->sink);
	term_present(r->t, r->s);
	r->bytes = r->sink.len;
	vt_feed(&r->vt, r->sink.p, r->sink.len);
}

static void show(struct rig *r)
{
	present(r);
	check_screen(r, false);
}

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
	case 5: if (x < w - 6) { surface_text(s, all, x, y, p, odd[rnd(3)]); break; } /* fall through */
	default: surface_text(s, all, x, y, p, texts[rnd(11)]);
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
		present(&r);
		check_screen(&r, !clusters);
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
			show(&r);
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
	show(&r);
	show(&r);
	assert_int_equal(r.bytes, 0);
	/* A role that looks the same, a blank in another colour. */
	surface_text(r.s, surface_all(r.s), 0, 0, PEN(ROLE_GOOD), "   ");
	show(&r);
	assert_int_equal(r.bytes, 0);
	term_redraw(r.t);
	show(&r);
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
	show(&r);
	for (size_t i = 0; i < theme_builtin_count(); i++) {
		assert_int_equal(theme_load(&r.theme, theme_builtin_name(i), NULL, &e), ST_OK);
		term_set_theme(r.t, &r.theme);
		theme_reduce(&r.theme, DEPTH_256, &r.theme);
		show(&r);
	}
	assert_int_equal(r.vt.clears, 1);
	rig_close(&r);
}

static void a_new_size_starts_afresh(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, false);
	show(&r);
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
		show(&r);
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
	show(&r);
	assert_true(r.vt.alternate && r.vt.paste && r.vt.mouse && r.vt.cursor);
	assert_null(strstr(r.sink.p, "\033[?2026"));
	assert_null(strstr(r.sink.p, "\033[6n"));
	assert_null(strstr(r.sink.p, "\033[c"));
	surface_cursor(r.s, surface_all(r.s), -1, 0);
	show(&r);
	assert_false(r.vt.cursor);
	rig_close(&r);
	rig_open(&r, "linux", 80, 24, "night", -1, false);
	show(&r);
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
	assert_int_equal(tcaps_load(&c, "xterm-256color", NULL), ST_OK);
	bool has = c.rep;
	tcaps_done(&c);
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

static void copying_wraps_for_multiplexers_and_refuses_too_much(void **state)
{
	(void)state;
	struct rig r;
	rig_open(&r, "xterm-256color", 80, 24, "night", -1, false);
	show(&r);
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
	present(&r);
	for (size_t i = 0; i < r.sink.len; i++)
		assert_true((unsigned char)r.sink.p[i] < 0x80);
	struct str out = STR_INIT;
	term_dump(r.t, &out);
	*strchr(out.p, '\n') = 0;
	assert_string_equal(out.p, "-|+++++++++ + x ~ . - \"x\" < ^v _.:-=+*# | e U n ? ?  e ?");
	str_free(&out);
	rig_close(&r);
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

/* ---- the byte budget, on a screen like the Runs view: 200x50, experiments, runs, detail, chart */

struct runs_screen { int cursor, top; bool chart; int tick; };

static void paint_row(struct surface *s, struct rect pane, int y, int i, bool cursor)
{
	unsigned id = (unsigned)(i + 11) * 2654435761u;
	struct pen text = PEN(ROLE_TEXT), dim = PEN(ROLE_DIM);
	if (i % 9 == 4)
		surface_put(s, pane, 1, y, PEN(ROLE_MARK), 0x25C6);
	surface_textf(s, pane, 3, y, text, "%s%s-%s-%u", i % 5 == 3 ? "├ " : "", (id & 1) ? "gbm" : "mlp", (id & 2) ? "seed" : "trial", id % 997);
	bool bad = id % 11 == 0;
	surface_text(s, pane, 28, y, PEN(bad ? ROLE_BAD : ROLE_GOOD), bad ? "✗ failed" : "✓ done");
	surface_textf(s, pane, 39, y, text, "%3ud", id % 90);
	surface_textf(s, pane, 45, y, text, "%2um%02us", id % 60, id / 60 % 60);
	surface_text(s, pane, 53, y, text, "ada");
	for (int c = 0; c < 8; c++) {
		unsigned v = (id >> c) * 40503u;
		if (v % 13 == 0)
			surface_put(s, pane, 62 + c * 11 + 9, y, dim, 0xB7);
		else
			surface_textf(s, pane, 62 + c * 11 + 4, y, text, "0.%04u", v % 10000);
	}
	if (pane.w > 170)
		for (int x = 0; x < 12; x++)
			surface_put(s, pane, 152 + x, y, PEN(ROLE_SPARK), x < 3 ? 0x2809u + (id >> x & 3) * 9u : 0x28C0);
	if (cursor) {
		surface_paint_bg(s, pane, (struct rect){ 0, y, pane.w, 1 }, ROLE_CURSOR);
		surface_put(s, pane, 0, y, PEN_ON(ROLE_ACCENT, ROLE_CURSOR), 0x258C);
	}
}

static void paint_bars(struct surface *s)
{
	struct rect all = surface_all(s), low = { 0, all.h - 1, all.w, 1 };
	surface_fill(s, all, (struct rect){ 0, 0, all.w, 1 }, PEN(ROLE_BAR), ' ');
	int x = surface_text(s, all, 1, 0, PEN_ON(ROLE_STRONG, ROLE_BAR), "mlyard  demo");
	static const char *const tabs[] = { " 2 Registry ", " 3 Features ", " 4 Drift ", " 5 Chat ", " 6 Tasks " };
	x = surface_text(s, all, x + 8, 0, PEN(ROLE_TAB_ACTIVE), " 1 Runs ");
	for (int i = 0; i < 5; i++)
		x = surface_text(s, all, x, 0, PEN(ROLE_TAB), tabs[i]);
	surface_text(s, all, all.w - 20, 0, PEN(ROLE_BAR_DIM), "mlflow.db 12 s ago");
	surface_fill(s, low, (struct rect){ 0, 0, all.w, 1 }, PEN(ROLE_BAR), ' ');
	static const char *const hints[] = { "space", "mark", "/", "filter", "s", "sort", "c", "columns", "v", "charts", "?", "help", ":", "command" };
	x = 1;
	for (int i = 0; i < 14; i += 2) {
		x = surface_text(s, low, x, 0, PEN(ROLE_BAR_KEY), hints[i]) + 1;
		x = surface_text(s, low, x, 0, PEN(ROLE_BAR), hints[i + 1]) + 2;
	}
}

static void paint_title(struct surface *s, struct rect at, const char *title, bool focus)
{
	surface_hline(s, at, 0, 0, at.w, PEN(focus ? ROLE_RULE_FOCUS : ROLE_RULE));
	surface_textf(s, at, 1, 0, PEN(focus ? ROLE_TITLE_FOCUS : ROLE_TITLE), " %s ", title);
}

static void paint_chart(struct surface *s, struct rect r, int tick)
{
	for (int y = 0; y < r.h - 1; y += 4)
		surface_textf(s, r, 0, y, PEN(ROLE_AXIS), "%.2f ┤", 0.7 - y * 0.03);
	for (int k = 0; k < 3; k++)
		for (int x = 7; x < r.w - 12; x++) {
			double v = exp(-(x + tick) / (30.0 + 9 * k)) + 0.02 * ((x * 7 + k * 3 + tick) % 5);
			int y = (int)((1 - v) * (r.h - 4));
			surface_put(s, r, x, y < 0 ? 0 : y, PEN(role_series((unsigned)k)), 0x2812u + (unsigned)(x * 5 + k) % 16 * 8);
		}
	surface_textf(s, r, 5, r.h - 1, PEN(ROLE_AXIS), "└┬");
	surface_text(s, r, 7, r.h - 1, PEN(ROLE_AXIS), "────────────────────────────┬────────────────────────────┬────────────────────────────┬───────────");
}

static void paint_runs(struct surface *s, const struct runs_screen *r)
{
	surface_clear(s);
	struct rect all = surface_all(s);
	int left = 23, upper = r->chart ? 30 : all.h - 2;
	paint_bars(s);
	struct rect list = { 0, 2, left - 1, upper - 1 }, runs = { left, 3, all.w - left, upper - 2 };
	paint_title(s, (struct rect){ 0, 1, left - 1, 1 }, "Experiments", false);
	paint_title(s, (struct rect){ left, 1, all.w - left, 1 }, "Runs of churn-gbm · 1,024 · val_auc > 0.9 · 3 marked", true);
	static const char *const names[] = { "all experiments    60", "churn-gbm          24", "digits-mlp         20", "wine-sweeps        16", "", "archived", "first-tries         8" };
	for (int i = 0; i < 7; i++)
		surface_text(s, list, 1, i, PEN(i > 4 ? ROLE_DIM : ROLE_TEXT), names[i]);
	surface_paint_bg(s, list, (struct rect){ 0, 1, list.w, 1 }, ROLE_CURSOR_OFF);
	surface_vline(s, all, left - 1, 1, all.h - 2, PEN(ROLE_RULE));
	surface_text(s, all, left + 3, 2, PEN(ROLE_HEAD), "name                     state       age    took    user          lr      depth    val_auc       loss   accuracy    f1");
	surface_text(s, all, left + 92, 2, PEN(ROLE_HEAD_SORT), "val_auc ▾");
	for (int y = 0; y < runs.h; y++)
		paint_row(s, runs, y, r->top + y, r->top + y == r->cursor);
	if (!r->chart)
		return;
	paint_title(s, (struct rect){ 0, upper + 1, left - 1, 1 }, "trial-5", false);
	for (int i = 0; i < 12; i++) {
		surface_textf(s, all, 1, upper + 2 + i, PEN(ROLE_DIM), "metric_%d", i);
		surface_textf(s, all, 13, upper + 2 + i, PEN(ROLE_TEXT), "0.%04d", (r->cursor * 37 + i * 411) % 10000);
	}
	paint_title(s, (struct rect){ left, upper + 1, all.w - left, 1 }, "loss · 3 runs · by step · smoothed 0.6", false);
	paint_chart(s, (struct rect){ left + 1, upper + 2, all.w - left - 1, all.h - upper - 3 }, r->tick);
}

static size_t frame(struct rig *r, const struct runs_screen *screen)
{
	paint_runs(r->s, screen);
	show(r);
	return r->bytes;
}

static void measure(const char *term, const char *theme, int depth, bool checked)
{
	struct rig r;
	struct runs_screen a = { .cursor = 5 };
	rig_open(&r, term, 200, 50, theme, depth, false);
	size_t table = frame(&r, &a);
	a.cursor++;
	size_t key = frame(&r, &a);
	rig_close(&r);
	struct runs_screen b = { .cursor = 27, .chart = true };
	rig_open(&r, term, 200, 50, theme, depth, false);
	size_t page = frame(&r, &b);
	b.cursor = b.top = 1;
	b.cursor = 28;
	size_t past = frame(&r, &b);
	b.tick = 1;
	size_t chart = frame(&r, &b);
	b.cursor += 20;
	b.top += 20;
	size_t jump = frame(&r, &b);
	struct runs_screen c = { .cursor = 47 };
	frame(&r, &c);
	c.top = 1;
	c.cursor = 48;
	size_t tall = frame(&r, &c);
	printf("%-22s %-8s depth %d: table %5zu, with chart %5zu, cursor key %3zu, past the last row %4zu (no chart %4zu), page %5zu, new chart %5zu\n",
		term, theme, depth, table, page, key, past, tall, jump, chart);
	rig_close(&r);
	if (!checked)
		return;
	assert_true(table <= 10240);
	assert_true(page <= 12288);
	assert_true(key <= 450);
	assert_true(past <= 1024);
	assert_true(tall <= 1024);
}

static void the_byte_budget_holds(void **state)
{
	(void)state;
	measure("xterm-256color", "night", DEPTH_256, true);
	measure("xterm-256color", "night", DEPTH_RGB, true);
	measure("xterm-256color", "dusk", DEPTH_RGB, false);
	measure("xterm-256color", "basic", DEPTH_256, true);
	measure("xterm-256color", "mono", DEPTH_256, true);
	measure("tmux-256color", "night", DEPTH_256, false);
	measure("linux", "night", DEPTH_8, false);
	measure("vt100", "mono", DEPTH_MONO, false);
}

static void frames_are_quick(void **state)
{
	(void)state;
	struct rig r;
	struct runs_screen a = { .cursor = 5, .chart = true };
	int64_t full = INT64_MAX, key = INT64_MAX, scroll = INT64_MAX;
	rig_open(&r, "xterm-256color", 200, 50, "night", DEPTH_RGB, false);
	for (int i = 0; i < 40; i++) {
		paint_runs(r.s, &a);
		term_redraw(r.t);
		int64_t t = clock_mono_us();
		term_present(r.t, r.s);
		t = clock_mono_us() - t;
		full = t < full ? t : full;
		a.cursor ^= 1;
		paint_runs(r.s, &a);
		t = clock_mono_us();
		term_present(r.t, r.s);
		t = clock_mono_us() - t;
		key = t < key ? t : key;
		a.top ^= 1;
		paint_runs(r.s, &a);
		t = clock_mono_us();
		term_present(r.t, r.s);
		t = clock_mono_us() - t;
		scroll = t < scroll ? t : scroll;
	}
	printf("compose 200x50 in us: full %lld, cursor key %lld, scroll %lld\n", (long long)full, (long long)key, (long long)scroll);
	assert_true(full < 50000);
	rig_close(&r);
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
		cmocka_unit_test(every_braille_glyph_has_a_printable_twin), cmocka_unit_test(the_byte_budget_holds), cmocka_unit_test(frames_are_quick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
