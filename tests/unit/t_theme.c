#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/base/fs.h"
#include "tui/surface.h"
#include "tui/theme.h"

static struct theme parse(const char *text, const char *want_problems)
{
	struct theme t;
	struct str problems = STR_INIT;
	theme_parse(&t, "x.theme", text, strlen(text), &problems);
	assert_string_equal(problems.p, want_problems);
	str_free(&problems);
	return t;
}

static struct color rgb(uint8_t r, uint8_t g, uint8_t b)
{
	return (struct color){ COLOR_RGB, 0, r, g, b };
}

static struct color index_of(uint8_t kind, uint8_t i)
{
	return (struct color){ kind, i, 0, 0, 0 };
}

static void roles_take_what_is_missing_from_their_parents(void **state)
{
	(void)state;
	struct theme t = parse("name = My theme\nkind = light\n# note\ntext = #102030 on white\n  accent = bright-red bold\ntitle.focus = on 17\r\nlist.cursor = on #aabbcc\n", "");
	assert_string_equal(t.name, "My theme");
	assert_true(t.light);
	assert_true(color_same(t.style[ROLE_TEXT].fg, rgb(0x10, 0x20, 0x30)));
	assert_true(color_same(t.style[ROLE_DIM].bg, index_of(COLOR_BASIC, 7)));
	assert_true(color_same(t.style[ROLE_ACCENT].fg, index_of(COLOR_BASIC, 9)));
	assert_int_equal(t.style[ROLE_RULE_FOCUS].attr, ATTR_BOLD);
	assert_true(color_same(t.style[ROLE_TITLE_FOCUS].fg, index_of(COLOR_BASIC, 9)));
	assert_true(color_same(t.style[ROLE_TITLE_FOCUS].bg, index_of(COLOR_256, 17)));
	assert_int_equal(t.style[ROLE_TITLE_FOCUS].attr, 0);
	assert_true(color_same(t.style[ROLE_SELECTION].bg, rgb(0xAA, 0xBB, 0xCC)));
}

static void problems_name_line_and_column(void **state)
{
	(void)state;
	struct theme t = parse("text = #12345\n\nnosuch = red\naccent red\ntext.dim =\ntext.strong = red on\nkind = dusk\nrule = red blink\ngood\nstate.good = 256\nstate.bad = #ff0000 on #000000 bold\n",
		"x.theme:1:8: '#12345' is no colour and no attribute; use #rrggbb, a name like bright-blue, 0..255, or bold\n"
		"x.theme:3:1: unknown role 'nosuch'\n"
		"x.theme:4:8: a line is: role = colour [on colour] [bold ...]\n"
		"x.theme:5:11: the style is missing: role = colour [on colour] [bold ...]\n"
		"x.theme:6:21: a colour is missing after 'on'\n"
		"x.theme:7:8: kind is dark or light\n"
		"x.theme:8:12: 'blink' is no colour and no attribute; use #rrggbb, a name like bright-blue, 0..255, or bold\n"
		"x.theme:9:5: a line is: role = colour [on colour] [bold ...]\n"
		"x.theme:10:14: '256' is no colour and no attribute; use #rrggbb, a name like bright-blue, 0..255, or bold\n");
	assert_true(color_same(t.style[ROLE_BAD].fg, rgb(255, 0, 0)));
	assert_int_equal(t.style[ROLE_RULE].fg.kind, COLOR_DEFAULT);
}

static void messages_are_bounded_and_clean(void **state)
{
	(void)state;
	struct str text = STR_INIT, problems = STR_INIT;
	struct theme t;
	for (int i = 0; i < 1000; i++)
		str_add(&text, "\x1b]0;x\x07 = red\n");
	str_addrep(&text, 'x', 5000);
	theme_parse(&t, "bad", text.p, text.len, &problems);
	assert_null(strchr(problems.p, 0x1b));
	assert_null(strchr(problems.p, 7));
	assert_true(problems.len < 5000);
	assert_non_null(strstr(problems.p, "bad: more problems than 50"));
	str_free(&text);
	str_free(&problems);
}

static void built_in_themes_load_without_a_problem(void **state)
{
	(void)state;
	assert_true(theme_builtin_count() >= 8);
	bool light = false, dark = false;
	for (size_t i = 0; i < theme_builtin_count(); i++) {
		struct theme t;
		struct str problems = STR_INIT;
		assert_int_equal(theme_load(&t, theme_builtin_name(i), &problems, NULL), ST_OK);
		assert_string_equal(problems.p, "");
		assert_string_equal(t.name, theme_builtin_name(i));
		light |= t.light;
		dark |= !t.light;
		str_free(&problems);
	}
	assert_true(light && dark);
}

static bool is_plain(const char *name)
{
	return strcmp(name, "basic") == 0 || strcmp(name, "mono") == 0;
}

static void want_contrast(const char *theme, enum role r, struct color fg, struct color bg, double least)
{
	double c = color_contrast(fg, bg);
	if (c < least) {
		print_error("%s: %s has contrast %.2f, wanted %.1f\n", theme, role_name(r), c, least);
		fail();
	}
}

/* Roles that are read in a row of a list, on whichever background the row has. */
static const enum role row_text[] = { ROLE_TEXT, ROLE_DIM, ROLE_STRONG, ROLE_ACCENT, ROLE_MARK, ROLE_MATCH, ROLE_GOOD, ROLE_WARN, ROLE_BAD, ROLE_LIVE, ROLE_OFF };
/* Roles that are read on their own background. */
static const enum role own_text[] = { ROLE_TITLE, ROLE_TITLE_FOCUS, ROLE_BAR, ROLE_BAR_DIM, ROLE_BAR_KEY, ROLE_TAB, ROLE_TAB_ACTIVE, ROLE_HEAD, ROLE_HEAD_SORT,
	ROLE_INPUT, ROLE_INPUT_HINT, ROLE_DIALOG, ROLE_AXIS, ROLE_CODE_KEY, ROLE_CODE_STRING };
#define COUNT(a) (sizeof(a) / sizeof *(a))

static void check_contrast(const struct theme *t, const char *name, double text)
{
	static const enum role under[] = { ROLE_TEXT, ROLE_CURSOR, ROLE_CURSOR_OFF, ROLE_SELECTION, ROLE_DIALOG };
	for (size_t i = 0; i < COUNT(row_text); i++)
		for (size_t b = 0; b < COUNT(under); b++)
			want_contrast(name, row_text[i], t->style[row_text[i]].fg, t->style[under[b]].bg, text);
	for (size_t i = 0; i < COUNT(own_text); i++)
		want_contrast(name, own_text[i], t->style[own_text[i]].fg, t->style[own_text[i]].bg, text);
	for (unsigned i = 0; i < 8; i++)
		want_contrast(name, role_series(i), t->style[role_series(i)].fg, t->style[ROLE_TEXT].bg, 4.4);    /* values are written in them */
	want_contrast(name, ROLE_RULE, t->style[ROLE_RULE].fg, t->style[ROLE_TEXT].bg, 1.4);
}

/* Text at 4.5:1 (WCAG AA) with 24 bits; with 256 colours the row bars move to the nearest entry, which may cost a little. */
static void text_can_be_read_on_every_ground(void **state)
{
	(void)state;
	for (size_t i = 0; i < theme_builtin_count(); i++) {
		struct theme t, reduced;
		theme_load(&t, theme_builtin_name(i), NULL, NULL);
		if (is_plain(t.name))
			continue;
		check_contrast(&t, t.name, strcmp(t.name, "contrast") == 0 ? 7 : 4.5);
		theme_reduce(&t, DEPTH_RGB, &reduced);
		check_contrast(&reduced, t.name, 4.4);
		theme_reduce(&t, DEPTH_256, &reduced);
		check_contrast(&reduced, t.name, 4.5);
	}
}

static void want_apart(const char *name, enum role a, enum role b, struct color x, struct color y, double least)
{
	double d = color_distance(x, y);
	if (d < least) {
		print_error("%s: %s and %s differ by %.1f, wanted %.0f\n", name, role_name(a), role_name(b), d, least);
		fail();
	}
}

static void series_and_states_can_be_told_apart(void **state)
{
	(void)state;
	static const enum role states[] = { ROLE_GOOD, ROLE_WARN, ROLE_BAD, ROLE_LIVE };
	for (size_t n = 0; n < theme_builtin_count(); n++) {
		struct theme t, r;
		theme_load(&t, theme_builtin_name(n), NULL, NULL);
		if (strcmp(t.name, "mono") == 0)
			continue;
		for (int depth = DEPTH_256; depth <= DEPTH_RGB; depth++) {
			theme_reduce(&t, (enum color_depth)depth, &r);
			for (unsigned i = 0; i < 8; i++)
				for (unsigned j = 0; j < i; j++)
					want_apart(t.name, role_series(i), role_series(j), r.style[role_series(i)].fg, r.style[role_series(j)].fg, is_plain(t.name) ? 15 : 20);
			for (size_t i = 0; i < COUNT(states); i++)
				for (size_t j = 0; j < i; j++)
					want_apart(t.name, states[i], states[j], r.style[states[i]].fg, r.style[states[j]].fg, 20);
		}
	}
}

static void the_cursor_row_can_be_seen_at_every_depth(void **state)
{
	(void)state;
	for (size_t n = 0; n < theme_builtin_count(); n++) {
		struct theme t, r;
		theme_load(&t, theme_builtin_name(n), NULL, NULL);
		for (int depth = DEPTH_MONO; depth <= DEPTH_RGB; depth++) {
			theme_reduce(&t, (enum color_depth)depth, &r);
			const struct style *cursor = &r.style[ROLE_CURSOR];
			if (!(cursor->attr & ATTR_REVERSE))
				want_apart(t.name, ROLE_TEXT, ROLE_CURSOR, r.style[ROLE_TEXT].bg, cursor->bg, 5);
			const struct style *off = &r.style[ROLE_CURSOR_OFF];
			if (!(off->attr & ATTR_UNDERLINE))
				want_apart(t.name, ROLE_TEXT, ROLE_CURSOR_OFF, r.style[ROLE_TEXT].bg, off->bg, 2);
		}
	}
}

/* With sixteen colours or eight nothing is written in a colour that vanishes on its ground, nor in the dark blue that does on most. */
static void few_colours_stay_readable(void **state)
{
	(void)state;
	for (size_t n = 0; n < theme_builtin_count(); n++) {
		struct theme t, r;
		theme_load(&t, theme_builtin_name(n), NULL, NULL);
		for (int depth = DEPTH_8; depth <= DEPTH_16; depth++) {
			theme_reduce(&t, (enum color_depth)depth, &r);
			for (size_t i = 0; i < COUNT(own_text) + COUNT(row_text); i++) {
				enum role role = i < COUNT(own_text) ? own_text[i] : row_text[i - COUNT(own_text)];
				const struct style *st = &r.style[role];
				assert_true(st->fg.kind == COLOR_DEFAULT || st->fg.kind == COLOR_BASIC);
				assert_true(st->bg.kind == COLOR_DEFAULT || st->bg.kind == COLOR_BASIC);
				if (depth == DEPTH_8)
					assert_true(st->fg.kind == COLOR_DEFAULT || st->fg.index < 8);
				struct color ground = st->bg.kind == COLOR_DEFAULT ? index_of(COLOR_BASIC, t.light ? 15 : 0) : st->bg;
				if (st->fg.kind == COLOR_BASIC && depth == DEPTH_16)
					want_contrast(t.name, role, st->fg, ground, 3);
			}
		}
	}
}

static void mono_has_no_colour(void **state)
{
	(void)state;
	for (size_t n = 0; n < theme_builtin_count(); n++) {
		struct theme t, r;
		theme_load(&t, theme_builtin_name(n), NULL, NULL);
		theme_reduce(&t, DEPTH_MONO, &r);
		for (int i = 0; i < ROLE_COUNT; i++) {
			assert_int_equal(r.style[i].fg.kind, COLOR_DEFAULT);
			assert_int_equal(r.style[i].bg.kind, COLOR_DEFAULT);
		}
		assert_true(r.style[ROLE_CURSOR].attr & ATTR_REVERSE);
		assert_true(r.style[ROLE_TAB_ACTIVE].attr & ATTR_REVERSE);
	}
}

static void colours_reduce_to_the_nearest(void **state)
{
	(void)state;
	assert_true(color_same(color_reduce(rgb(0x87, 0xAF, 0xFF), DEPTH_RGB, false), index_of(COLOR_256, 111)));
	assert_true(color_same(color_reduce(rgb(0x88, 0xAF, 0xFF), DEPTH_RGB, false), index_of(COLOR_256, 111)));
	assert_true(color_same(color_reduce(rgb(0x2B, 0x33, 0x50), DEPTH_RGB, true), rgb(0x2B, 0x33, 0x50)));
	assert_true(color_same(color_reduce(rgb(0x1C, 0x1C, 0x1C), DEPTH_256, true), index_of(COLOR_256, 234)));
	assert_true(color_same(color_reduce(index_of(COLOR_BASIC, 12), DEPTH_256, false), index_of(COLOR_BASIC, 12)));
	assert_true(color_same(color_reduce(index_of(COLOR_BASIC, 12), DEPTH_8, false), index_of(COLOR_BASIC, 4)));
	assert_int_equal(color_reduce(rgb(255, 90, 90), DEPTH_16, false).index % 8, 1);
	assert_int_equal(color_reduce(rgb(0x87, 0xD7, 0x87), DEPTH_8, false).index, 2);
	assert_int_equal(color_reduce(rgb(1, 2, 3), DEPTH_MONO, false).kind, COLOR_DEFAULT);
	assert_float_equal(color_contrast(rgb(255, 255, 255), rgb(0, 0, 0)), 21, 1e-9);
	assert_float_equal(color_distance(rgb(9, 9, 9), rgb(9, 9, 9)), 0, 1e-9);
	assert_float_equal(color_distance(rgb(255, 255, 255), rgb(0, 0, 0)), 100, 0.01);
}

static void files_are_found_and_refused_in_words(void **state)
{
	(void)state;
	char dir[] = "/tmp/t_themeXXXXXX";
	assert_non_null(mkdtemp(dir));
	setenv("XDG_CONFIG_HOME", dir, 1);
	struct theme t;
	struct err e = { 0 };
	assert_int_equal(theme_load(&t, "mine", NULL, &e), ST_NOT_FOUND);
	assert_non_null(strstr(e.text, "mine.theme"));
	assert_non_null(strstr(e.text, "night"));
	assert_null(theme_path("night"));
	char *path = theme_path("mine");
	char *slash = strrchr(path, '/');
	*slash = 0;
	assert_int_equal(fs_mkdirs(path, &e), ST_OK);
	*slash = '/';
	assert_int_equal(fs_replace(path, "text = red\n", 11, &e), ST_OK);
	assert_int_equal(theme_load(&t, "mine", NULL, &e), ST_OK);
	assert_string_equal(t.name, "mine");
	assert_int_equal(theme_load(&t, path, NULL, &e), ST_OK);
	assert_true(color_same(t.style[ROLE_TEXT].fg, index_of(COLOR_BASIC, 1)));
	assert_int_not_equal(theme_load(&t, "/nonexistent/x.theme", NULL, &e), ST_OK);
	unlink(path);
	for (int i = 0; i < 2; i++) {
		*strrchr(path, '/') = 0;
		rmdir(path);
	}
	rmdir(dir);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_take_what_is_missing_from_their_parents), cmocka_unit_test(problems_name_line_and_column),
		cmocka_unit_test(messages_are_bounded_and_clean), cmocka_unit_test(built_in_themes_load_without_a_problem),
		cmocka_unit_test(text_can_be_read_on_every_ground), cmocka_unit_test(series_and_states_can_be_told_apart),
		cmocka_unit_test(the_cursor_row_can_be_seen_at_every_depth), cmocka_unit_test(few_colours_stay_readable),
		cmocka_unit_test(mono_has_no_colour), cmocka_unit_test(colours_reduce_to_the_nearest),
		cmocka_unit_test(files_are_found_and_refused_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
