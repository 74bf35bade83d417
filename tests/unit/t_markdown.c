/* Markdown read and laid out: what stands on which line, in which role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/unit/screen.h"
#include "tui/markdown.h"

/* What a picture of w x h cells says, its rows joined by line ends. */
static char *picture(const char *text, int w, int h)
{
	struct screen sc = screen_new(w, h, GLYPHS_BRAILLE);
	struct markdown *m = markdown_parse(text, strlen(text));
	struct str out = STR_INIT;
	assert_non_null(m);
	markdown_paint(m, &sc.p);
	surface_dump(sc.s, &out);
	markdown_free(m);
	screen_free(&sc);
	while (out.len && out.p[out.len - 1] == '\n')
		str_cut(&out, out.len - 1);
	return str_take(&out);
}

static void shows(const char *text, int w, const char *wanted)
{
	char *got = picture(text, w, 24);
	assert_string_equal(got, wanted);
	free(got);
}

static void blocks_stand_apart(void **state)
{
	(void)state;
	shows("# Title\nfirst\n\nsecond\nstill second\n\n---\n\nthird", 40, "Title\nfirst\n\nsecond still second\n\n────────────────────────────────────────\n\nthird");
	shows("", 40, "");
	shows("> said\n> more", 40, "│ said more");
	shows("a  \nb", 40, "a\nb");
}

static void lists_have_bullets_and_indents(void **state)
{
	(void)state;
	shows("- one\n- two\n  - inner\n- three", 40, "• one\n• two\n  • inner\n• three");
	shows("3. one\n4. two", 40, "3. one\n4. two");
	shows("- [x] done\n- [ ] open", 40, "[x] done\n[ ] open");
	shows("- a long item that must be broken", 20, "• a long item that\n  must be broken");
}

static void tables_stand_in_columns(void **state)
{
	(void)state;
	shows("| k | value |\n|---|---|\n| long key | 1 |\n| b | |", 40, "k         value\nlong key  1\nb");
}

static void code_keeps_its_lines(void **state)
{
	(void)state;
	shows("```\nx = 1\n\n  y = 2\n```", 40, "  x = 1\n\n    y = 2");
}

static void comments_are_shown_without_brackets(void **state)
{
	(void)state;
	shows("<!-- what for? -->\ntext", 40, "what for?\n\ntext");
	shows("a &amp; b &lt;c&gt; &copy;", 40, "a & b <c> &copy;");
	shows("[here](http://x.org) and <http://y.org>", 60, "here <http://x.org> and http://y.org");
}

static void words_are_broken_at_the_edge(void **state)
{
	(void)state;
	shows("abcdefghij klm", 12, "abcdefghij\nklm");
	shows("abcdefghijklmnopq", 12, "abcdefghijkl\nmnopq");
	shows("日本語日本語日本語", 12, "日本語日本語\n日本語");
}

static void emphasis_is_a_style(void **state)
{
	(void)state;
	struct screen sc = screen_new(40, 3, GLYPHS_BRAILLE);
	const char text[] = "a **b** *c* `d` ~~e~~";
	struct markdown *m = markdown_parse(text, strlen(text));
	markdown_paint(m, &sc.p);
	assert_int_equal(screen_cell(&sc, 0, 0)->attr, 0);
	assert_int_equal(screen_cell(&sc, 2, 0)->attr, ATTR_BOLD);
	assert_int_equal(screen_cell(&sc, 4, 0)->attr, ATTR_ITALIC);
	assert_int_equal(screen_cell(&sc, 6, 0)->fg, ROLE_CODE_STRING);
	assert_int_equal(screen_cell(&sc, 8, 0)->attr, ATTR_STRIKE);
	markdown_free(m);
	screen_free(&sc);
}

static void search_goes_round(void **state)
{
	(void)state;
	struct screen sc = screen_new(20, 2, GLYPHS_BRAILLE);
	const char text[] = "one\n\ntwo\n\nthree one";
	struct markdown *m = markdown_parse(text, strlen(text));
	markdown_paint(m, &sc.p);
	assert_true(markdown_find(m, "ONE", 1));
	assert_int_equal(m->hit, 0);
	assert_true(markdown_find(m, NULL, 1));
	assert_int_equal(m->hit, 4);
	assert_true(m->top >= 3);
	assert_true(markdown_find(m, NULL, 1));
	assert_int_equal(m->hit, 0);
	assert_true(markdown_find(m, NULL, -1));
	assert_int_equal(m->hit, 4);
	assert_false(markdown_find(m, "none", 1));
	markdown_scroll(m, -100);
	assert_int_equal(m->top, 0);
	markdown_scroll(m, 100);
	assert_int_equal(m->top, 3);
	markdown_free(m);
	screen_free(&sc);
}

/* As a page does that is read anew. */
static void a_text_read_again_keeps_the_place(void **state)
{
	(void)state;
	static const char text[] = "one\n\ntwo needle\n\nthree\n\nfour needle\n\nfive", less[] = "one\n\ntwo\n\nneedle";
	struct screen sc = screen_new(20, 2, GLYPHS_BRAILLE);
	struct markdown *m = markdown_parse(text, strlen(text)), *next = markdown_parse(text, strlen(text));
	markdown_keep_place(next, m);                        /* nobody saw it: nothing to keep */
	assert_int_equal(next->n_lines, 0);
	markdown_paint(m, &sc.p);
	assert_true(markdown_find(m, "needle", 1) && markdown_find(m, NULL, 1));
	const size_t hit = m->hit, top = m->top;
	assert_true(hit == 6 && top > 0);
	markdown_keep_place(next, m);
	markdown_free(m);
	assert_true(next->hit == hit && next->top == top && next->page == 2);
	markdown_scroll(next, 1);                            /* also before it is painted */
	assert_int_equal(next->top, top + 1);
	assert_true(markdown_find(next, NULL, 1));
	assert_int_equal(next->hit, 2);
	m = markdown_parse(less, strlen(less));              /* that line says something else now */
	markdown_keep_place(m, next);
	assert_true(m->hit == SIZE_MAX && markdown_find(m, NULL, 1));
	assert_int_equal(m->hit, 4);
	markdown_free(next);
	markdown_free(m);
	screen_free(&sc);
}

static void odd_texts_do_no_harm(void **state)
{
	(void)state;
	static const char *const odd[] = { "> > > > > > > > > > > > > > > > deep", "| a |\n|", "- - - - - - - - - - - - - - - x", "[x](", "```", "<div>\n<!-- open", "\\", "**", "&#0;",
		"| a | b |\n|---|---|\n| 1 | 2 | 3 | 4 |", "![pic](x.png)" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		for (int w = 1; w < 30; w += 7)
			free(picture(odd[i], w, 5));
	struct str nested = STR_INIT;
	for (int i = 0; i < 3000; i++)
		str_add(&nested, "- ");
	str_add(&nested, "x");
	free(picture(nested.p, 30, 5));
	str_clear(&nested);
	str_addrep(&nested, 'x', MARKDOWN_MOST + 1);
	assert_null(markdown_parse(nested.p, nested.len));
	str_free(&nested);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_stand_apart), cmocka_unit_test(lists_have_bullets_and_indents), cmocka_unit_test(tables_stand_in_columns),
		cmocka_unit_test(code_keeps_its_lines), cmocka_unit_test(comments_are_shown_without_brackets), cmocka_unit_test(words_are_broken_at_the_edge),
		cmocka_unit_test(emphasis_is_a_style), cmocka_unit_test(search_goes_round), cmocka_unit_test(a_text_read_again_keeps_the_place), cmocka_unit_test(odd_texts_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
