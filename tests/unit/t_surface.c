#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tui/surface.h"

static void assert_dump(const struct surface *s, const char *want)
{
	struct str out = STR_INIT;
	surface_dump(s, &out);
	assert_string_equal(out.p, want);
	str_free(&out);
}

static void text_is_clipped_on_all_sides(void **state)
{
	(void)state;
	struct surface *s = surface_new(10, 3);
	struct rect clip = { 2, 1, 4, 1 };
	assert_int_equal(surface_text(s, clip, -2, 0, PEN(ROLE_TEXT), "abcdefghij"), 8);
	surface_text(s, clip, 0, 1, PEN(ROLE_TEXT), "below");
	surface_text(s, clip, 0, -1, PEN(ROLE_TEXT), "above");
	assert_dump(s, "\n  cdef\n\n");
	assert_int_equal(surface_text(s, clip, 1, 0, PEN(ROLE_TEXT), NULL), 1);
	surface_free(s);
}

static void clip_may_leave_the_surface(void **state)
{
	(void)state;
	struct surface *s = surface_new(4, 2);
	struct rect clip = { -2, -1, 100, 100 };
	surface_text(s, clip, 0, 1, PEN(ROLE_TEXT), "abcdefgh");
	surface_fill(s, clip, (struct rect){ 3, 2, 50, 50 }, PEN(ROLE_TEXT), '#');
	surface_put(s, clip, 99, 99, PEN(ROLE_TEXT), 'x');
	assert_dump(s, "cdef\n ###\n");
	surface_free(s);
}

static void wide_characters_take_two_cells_or_none(void **state)
{
	(void)state;
	struct surface *s = surface_new(5, 1);
	struct rect all = surface_all(s);
	assert_int_equal(surface_text(s, all, 0, 0, PEN(ROLE_TEXT), "日本語"), 6);
	assert_dump(s, "日本\n");
	assert_int_equal(surface_row(s, 0)[1].ch, 0);
	surface_put(s, all, 1, 0, PEN(ROLE_TEXT), 'x');
	assert_dump(s, " x本\n");
	surface_put(s, all, 2, 0, PEN(ROLE_TEXT), 'y');
	assert_dump(s, " xy\n");
	surface_free(s);
}

static void clusters_survive_whole(void **state)
{
	(void)state;
	struct surface *s = surface_new(8, 1);
	surface_text(s, surface_all(s), 0, 0, PEN(ROLE_TEXT), "e\xCC\x81x\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80z");
	assert_dump(s, "e\xCC\x81x\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80z\n");
	const struct cell *row = surface_row(s, 0);
	char text[64];
	assert_true(row[0].ch & CELL_CLUSTER);
	assert_int_equal(surface_cell_text(s, row, text), 3);
	assert_int_equal(row[3].ch, 0);
	assert_int_equal(row[4].ch, 'z');
	surface_free(s);
}

static void a_very_long_cluster_is_cut_at_a_character(void **state)
{
	(void)state;
	struct surface *s = surface_new(40, 1);
	struct str t = STR_INIT;
	str_add(&t, "a");
	for (int i = 0; i < 100; i++)
		str_add(&t, "\xCC\x81");
	surface_text(s, surface_all(s), 0, 0, PEN(ROLE_TEXT), t.p);
	char text[64];
	size_t n = surface_cell_text(s, surface_row(s, 0), text);
	assert_true(n > 0 && n < 64 && n % 2 == 1);
	str_free(&t);
	surface_free(s);
}

static void what_is_not_clean_becomes_visible(void **state)
{
	(void)state;
	struct surface *s = surface_new(12, 1);
	surface_text(s, surface_all(s), 0, 0, PEN(ROLE_TEXT), "a\x1b[b\xC2\x9B\xFF" "c\xE2\x80\xAE\n");
	assert_dump(s, "a\xEF\xBF\xBD[b\xEF\xBF\xBD\xEF\xBF\xBD" "c\xEF\xBF\xBD\xEF\xBF\xBD\n");
	surface_put(s, surface_all(s), 0, 0, PEN(ROLE_TEXT), 7);
	assert_int_equal(surface_row(s, 0)[0].ch, 0xFFFD);
	surface_free(s);
}

static void fields_pad_and_cut(void **state)
{
	(void)state;
	struct surface *s = surface_new(24, 1);
	struct rect all = surface_all(s);
	surface_fill(s, all, all, PEN(ROLE_TEXT), '.');
	surface_field(s, all, 0, 0, 4, -1, PEN(ROLE_TEXT), "ab");
	surface_field(s, all, 5, 0, 4, 1, PEN(ROLE_TEXT), "ab");
	surface_field(s, all, 10, 0, 4, 0, PEN(ROLE_TEXT), "ab");
	surface_field(s, all, 15, 0, 4, 1, PEN(ROLE_TEXT), "abcdef");
	surface_field(s, all, 20, 0, 4, -1, PEN(ROLE_TEXT), "日本語");
	assert_dump(s, "ab  .  ab. ab .abc….日 …\n");
	surface_field(s, all, 20, 0, 40, 1, PEN(ROLE_TEXT), "right");
	surface_field(s, (struct rect){ 4, 0, 3, 1 }, -2, 0, 4, -1, PEN(ROLE_TEXT), "wxyz");
	assert_dump(s, "ab  yz ab. ab .abc….\n");
	surface_free(s);
}

static void lines_join(void **state)
{
	(void)state;
	struct surface *s = surface_new(9, 5);
	struct rect all = surface_all(s);
	struct pen p = PEN(ROLE_RULE);
	surface_hline(s, all, 0, 0, 9, p);
	surface_hline(s, all, 0, 4, 9, p);
	surface_vline(s, all, 0, 0, 5, p);
	surface_vline(s, all, 8, 0, 5, p);
	surface_vline(s, all, 4, 0, 5, p);
	surface_hline(s, all, 4, 2, 5, p);
	surface_hline(s, all, 2, 3, 1, p);
	assert_dump(s, "┌───┬───┐\n│   │   │\n│   ├───┤\n│ ─ │   │\n└───┴───┘\n");
	surface_text(s, all, 1, 0, p, "ab");
	surface_vline(s, all, 2, 0, 2, p);
	assert_dump(s, "┌a│─┬───┐\n│ │ │   │\n│   ├───┤\n│ ─ │   │\n└───┴───┘\n");
	surface_free(s);
}

static void background_and_attributes_leave_text_alone(void **state)
{
	(void)state;
	struct surface *s = surface_new(8, 2);
	struct rect all = surface_all(s);
	surface_text(s, all, 0, 0, PEN(ROLE_GOOD), "ok");
	surface_text(s, all, 3, 0, PEN(ROLE_TEXT), "日x");
	surface_paint_bg(s, all, (struct rect){ 1, 0, 3, 1 }, ROLE_CURSOR);
	surface_paint_attr(s, all, (struct rect){ 0, 0, 1, 1 }, ATTR_BOLD);
	struct str out = STR_INIT;
	surface_dump_styles(s, &out);
	assert_string_equal(out.p, "ok 日x\n0 0..0 state.good/text/b\n0 1..1 state.good/list.cursor/\n0 2..4 text/list.cursor/\n\n");
	str_free(&out);
	surface_free(s);
}

static void the_cursor_is_clipped(void **state)
{
	(void)state;
	struct surface *s = surface_new(8, 2);
	int x, y;
	assert_false(surface_get_cursor(s, &x, &y));
	surface_cursor(s, (struct rect){ 2, 1, 3, 1 }, 1, 0);
	assert_true(surface_get_cursor(s, &x, &y));
	assert_int_equal(x, 3);
	assert_int_equal(y, 1);
	surface_cursor(s, (struct rect){ 2, 1, 3, 1 }, 3, 0);
	assert_false(surface_get_cursor(s, &x, &y));
	surface_free(s);
}

static void sizes_are_bounded(void **state)
{
	(void)state;
	struct surface *s = surface_new(0, -5);
	assert_int_equal(surface_w(s), 1);
	assert_int_equal(surface_h(s), 1);
	surface_resize(s, 3, 2);
	surface_text(s, surface_all(s), 0, 1, PEN(ROLE_TEXT), "xyz");
	assert_dump(s, "\nxyz\n");
	assert_int_equal(rect_cut((struct rect){ 0, 0, 5, 5 }, (struct rect){ 7, 2, 5, 5 }).w, 0);
	assert_true(rect_has((struct rect){ 1, 1, 2, 2 }, 2, 2));
	assert_false(rect_has((struct rect){ 1, 1, 2, 2 }, 3, 2));
	surface_free(s);
}

static void roles_have_names_and_end_at_text(void **state)
{
	(void)state;
	for (int r = 0; r < ROLE_COUNT; r++) {
		assert_int_equal(role_find(role_name((enum role)r), strlen(role_name((enum role)r))), r);
		enum role up = (enum role)r;
		for (int i = 0; i < 10 && up != ROLE_TEXT; i++)
			up = role_parent(up);
		assert_int_equal(up, ROLE_TEXT);
	}
	assert_int_equal(role_find("text", 3), -1);
	assert_int_equal(role_series(8), ROLE_S1);
}

/* 200x50 painted in full, a quarter of it not ASCII. The figure is printed; the limit is far above it, since the machine may be busy. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_on_all_sides), cmocka_unit_test(clip_may_leave_the_surface),
		cmocka_unit_test(wide_characters_take_two_cells_or_none), cmocka_unit_test(clusters_survive_whole),
		cmocka_unit_test(a_very_long_cluster_is_cut_at_a_character), cmocka_unit_test(what_is_not_clean_becomes_visible),
		cmocka_unit_test(fields_pad_and_cut), cmocka_unit_test(lines_join), cmocka_unit_test(background_and_attributes_leave_text_alone),
		cmocka_unit_test(the_cursor_is_clipped), cmocka_unit_test(sizes_are_bounded), cmocka_unit_test(roles_have_names_and_end_at_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
