/* The text view and the tree: wrapping, scrolling, searching; folding and lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/screen.h"
#include "tui/textview.h"
#include "tui/tree.h"

static const char poem[] = "A short line.\n\nA line that is quite a bit longer than the others, and wraps.\n"
	"    indented\nnowordbreaksinthislineatallbutitmustwrapsomewhere\n日本語の長い行も折り返す\nlast line";

static void assert_view(struct textview *t, int w, int h, const char *name)
{
	struct screen sc = screen_new(w, h, GLYPHS_BRAILLE);
	textview_paint(t, &sc.p);
	screen_assert(&sc, name);
	screen_free(&sc);
}

static void set(struct textview *t, const char *text)
{
	textview_set(t, text, strlen(text), ROLE_TEXT);
}

static void pictures(void **state)
{
	(void)state;
	struct textview t;
	textview_init(&t);
	set(&t, poem);
	assert_int_equal(t.n_lines, 7);
	assert_view(&t, 30, 8, "text-plain-30x8");
	t.numbers = true;
	textview_scroll(&t, 0, 3);
	assert_view(&t, 30, 8, "text-numbers-30x8");
	t.wrap = true;
	assert_view(&t, 24, 14, "text-wrap-24x14");
	textview_find(&t, "LINE", 1);
	t.page = 5;
	textview_end(&t);
	assert_view(&t, 24, 5, "text-wrap-end-24x5");
	textview_done(&t);
}

static void scrolling_by_rows_of_wrapped_lines(void **state)
{
	(void)state;
	struct textview t;
	struct screen sc = screen_new(10, 3, GLYPHS_BRAILLE);
	textview_init(&t);
	set(&t, "aaaa bbbb cccc dddd eeee ffff\nend");
	t.wrap = true;
	textview_paint(&t, &sc.p);
	textview_scroll(&t, 1, 0);
	assert_true(t.top == 0 && t.top_row == 1);
	textview_scroll(&t, 100, 0);
	assert_true(t.top == 0 && t.top_row == 1);             /* four rows in all, three on screen */
	textview_scroll(&t, -100, 0);
	assert_true(t.top == 0 && t.top_row == 0);
	textview_scroll(&t, LONG_MAX, 0);
	textview_paint(&t, &sc.p);
	assert_int_equal(screen_at(&sc, 0, 2), 'e');
	t.wrap = false;
	textview_scroll(&t, LONG_MIN, INT_MIN / 2);
	assert_true(t.top == 0 && t.left == 0);
	textview_scroll(&t, LONG_MAX, 5);
	assert_true(t.top == 0 && t.left == 5);                /* two lines fit */
	screen_free(&sc);
	textview_done(&t);
}

static void searching_goes_round(void **state)
{
	(void)state;
	struct textview t;
	char line[32];
	textview_init(&t);
	for (int i = 0; i < 100; i++) {
		int n = snprintf(line, sizeof line, i % 25 == 7 ? "Needle %d" : "hay %d", i);
		textview_add(&t, i % 2 ? ROLE_BAD : ROLE_TEXT, line, (size_t)n);
	}
	t.page = 10;
	assert_true(textview_find(&t, "nEEDLE", 1));
	assert_int_equal(t.hit, 7);
	assert_int_equal(t.top, 0);
	static const size_t next[] = { 32, 57, 82, 7 };
	for (size_t i = 0; i < 4; i++) {
		assert_true(textview_find(&t, "nEEDLE", 1));
		assert_int_equal(t.hit, next[i]);
		assert_true(t.hit >= t.top && t.hit < t.top + 10);
	}
	assert_true(textview_find(&t, "nEEDLE", -1));
	assert_int_equal(t.hit, 82);
	assert_false(textview_find(&t, "nothing like it", 1));
	assert_string_equal(t.find, "nothing like it");
	assert_false(textview_find(&t, "", 1));
	assert_null(t.find);
	assert_false(textview_find(&t, NULL, 1));
	textview_done(&t);
}

/* As the log does when lines were added to it. */
static void a_new_text_keeps_the_search(void **state)
{
	(void)state;
	struct textview t;
	textview_init(&t);
	set(&t, "a\nneedle\nb\nneedle\nc");
	t.page = 2;
	assert_true(textview_find(&t, "needle", 1) && textview_find_again(&t, 1));
	textview_scroll(&t, 0, 3);
	assert_int_equal(t.hit, 3);
	set(&t, "a\nneedle\nb\nneedle\nc\nneedle");
	assert_int_equal(t.left, 3);
	assert_string_equal(t.find, "needle");
	assert_true(textview_find_again(&t, 1));
	assert_int_equal(t.hit, 5);
	set(&t, "short");                                    /* the line of the hit is no more */
	assert_false(textview_find_again(&t, -1));
	textview_done(&t);
}

static void matches_are_painted(void **state)
{
	(void)state;
	struct textview t;
	struct screen sc = screen_new(20, 2, GLYPHS_BRAILLE);
	textview_init(&t);
	set(&t, "abcabc xabc\nabc");
	textview_find(&t, "BC", 1);
	textview_paint(&t, &sc.p);
	static const char want[] = ".##.##...##.........";
	for (int x = 0; x < 20; x++)
		assert_int_equal(screen_cell(&sc, x, 0)->fg == ROLE_MATCH, want[x] == '#');
	assert_int_equal(screen_cell(&sc, 1, 0)->attr, ATTR_REVERSE);
	assert_int_equal(screen_cell(&sc, 1, 1)->attr, ATTR_UNDERLINE);
	screen_free(&sc);
	textview_done(&t);
}

static char *note_of(const struct textview *t)
{
	struct str out = STR_INIT;
	textview_note(t, &out);
	return str_take(&out);
}

#define NOTE(t, words) do { char *said = note_of(t); assert_string_equal(said, words); free(said); } while (0)

static void what_is_cut_is_said(void **state)
{
	(void)state;
	struct textview t;
	struct screen sc = screen_new(10, 2, GLYPHS_BRAILLE);
	textview_init(&t);
	NOTE(&t, "0-0 of 0");
	set(&t, "short\n0123456789\n0123456789a\nend");
	textview_paint(&t, &sc.p);
	NOTE(&t, "1-2 of 4");
	textview_move(&t, TEXTVIEW_RIGHT);                       /* nothing is hidden there */
	assert_int_equal(t.left, 0);
	textview_move(&t, TEXTVIEW_DOWN);
	textview_paint(&t, &sc.p);
	NOTE(&t, "2-3 of 4 · long lines cut");
	textview_move(&t, TEXTVIEW_RIGHT);
	textview_paint(&t, &sc.p);
	NOTE(&t, "2-3 of 4 · from column 9");
	textview_move(&t, TEXTVIEW_RIGHT);
	assert_int_equal(t.left, 8);
	textview_wrap(&t, true);
	textview_paint(&t, &sc.p);
	assert_false(t.cut);
	assert_int_equal(t.left, 0);
	NOTE(&t, "line 2 of 4 · wrapped");
	assert_false(textview_at_end(&t));
	textview_move(&t, TEXTVIEW_BOTTOM);
	assert_true(textview_at_end(&t));
	assert_int_equal(t.top_row, 1);
	textview_done(&t);
	screen_free(&sc);
}

static void endless_lines_are_continued(void **state)
{
	(void)state;
	struct textview t;
	struct screen sc = screen_framed(40, 10, GLYPHS_BRAILLE);
	size_t n = 300000, sum = 0;
	char *big = malloc(n);
	assert_non_null(big);
	for (size_t i = 0; i < n; i += 3)
		memcpy(big + i, "\xe6\x97\xa5", 3);
	textview_init(&t);
	textview_set(&t, big, n, ROLE_TEXT);
	for (size_t i = 0; i < t.n_lines; i++) {
		assert_true(t.lines[i].n <= 8192 && t.lines[i].n % 3 == 0);
		assert_int_equal(t.lines[i].more, i + 1 < t.n_lines);
		sum += t.lines[i].n;
	}
	assert_int_equal(sum, n);
	t.wrap = true;
	t.numbers = true;
	textview_paint(&t, &sc.p);
	textview_end(&t);
	textview_paint(&t, &sc.p);
	screen_assert_margin(&sc);
	free(big);
	screen_free(&sc);
	textview_done(&t);
}

static void any_text_stays_inside(void **state)
{
	(void)state;
	static const char *const bits[] = { "word ", "日本", "e\u0301", "\n", "  ", "longerwordwithoutend", "\U0001F469\u200D\U0001F467", "\n\n", "x" };
	uint64_t s = 2;
	for (int k = 0; k < 400; k++) {
		struct textview t;
		struct str text = STR_INIT;
		for (int i = 0; i < 60; i++) {
			s = s * 6364136223846793005u + 1442695040888963407u;
			str_add(&text, bits[(s >> 33) % (sizeof bits / sizeof *bits)]);
		}
		struct screen sc = screen_framed(1 + (int)(s >> 40) % 30, 1 + (int)(s >> 50) % 12, GLYPHS_BRAILLE);
		textview_init(&t);
		t.wrap = k & 1;
		t.numbers = k & 2;
		set(&t, text.p);
		for (int i = 0; i < 8; i++) {
			textview_paint(&t, &sc.p);
			screen_assert_margin(&sc);
			textview_scroll(&t, (long)(s >> (i * 4)) % 9 - 4, i - 3);
			if (i == 4)
				textview_find(&t, "word", 1);
			assert_true(t.top < t.n_lines || t.top == 0);
		}
		textview_done(&t);
		screen_free(&sc);
		str_free(&text);
	}
}

/* ---- the tree ---- */

static const struct { uint16_t depth; const char *text, *note; } files[] = {
	{ 0, "model", NULL }, { 1, "MLmodel", "1.2 kB" }, { 1, "code", NULL }, { 2, "train.py", "3.4 kB" }, { 2, "util.py", "812 B" }, { 1, "weights.bin", "12 MB" },
	{ 0, "plots", NULL }, { 1, "loss.png", "48 kB" }, { 1, "deep", NULL }, { 2, "deeper", NULL }, { 3, "a-very-long-file-name-that-does-not-fit-anywhere.txt", "1 B" },
	{ 0, "log.txt", "9.1 kB" },
};
enum { N_FILES = sizeof files / sizeof *files };

static void tree_cell(void *data, size_t i, char *buf, size_t cap, struct tree_row *out)
{
	(void)data;
	snprintf(buf, cap, "%s", files[i].text);
	out->text = buf;
	out->note = files[i].note;
}

static void tree_fixture(struct tree *t, unsigned open_depth)
{
	uint16_t depth[N_FILES];
	for (size_t i = 0; i < N_FILES; i++)
		depth[i] = files[i].depth;
	tree_init(t);
	t->row = tree_cell;
	tree_set(t, depth, N_FILES, open_depth);
}

static void assert_tree(struct tree *t, enum glyphs g, const char *name)
{
	struct screen sc = screen_new(36, 13, g);
	tree_paint(t, &sc.p);
	screen_assert(&sc, name);
	screen_free(&sc);
}

static void tree_pictures(void **state)
{
	(void)state;
	struct tree t;
	tree_fixture(&t, 9);
	t.cursor = 3;
	assert_tree(&t, GLYPHS_BRAILLE, "tree-open");
	assert_tree(&t, GLYPHS_ASCII, "tree-open-ascii");
	tree_fold(&t, 2, true);
	assert_tree(&t, GLYPHS_BRAILLE, "tree-folded");
	tree_done(&t);
	tree_fixture(&t, 1);
	assert_tree(&t, GLYPHS_BRAILLE, "tree-open-one");
	tree_done(&t);
}

static size_t at(const struct tree *t)
{
	size_t i = SIZE_MAX;
	tree_at(t, &i);
	return i;
}

static void tree_moves(void **state)
{
	(void)state;
	struct tree t;
	size_t k;
	tree_fixture(&t, 0);
	assert_int_equal(t.n_shown, 3);
	tree_right(&t);
	assert_int_equal(t.n_shown, 6);
	tree_right(&t);
	assert_int_equal(at(&t), 1);
	tree_right(&t);                                    /* a leaf */
	assert_int_equal(at(&t), 1);
	tree_left(&t);
	assert_int_equal(at(&t), 0);
	tree_left(&t);
	assert_int_equal(t.n_shown, 3);
	tree_left(&t);
	assert_int_equal(at(&t), 0);
	tree_show(&t, 10);
	assert_int_equal(at(&t), 10);
	assert_false(t.folded[6] || t.folded[8] || t.folded[9]);
	tree_fold(&t, 6, true);                            /* folding above the cursor takes it along */
	assert_int_equal(at(&t), 6);
	tree_toggle(&t);
	assert_false(t.folded[6]);
	tree_move(&t, LONG_MAX);
	assert_int_equal(at(&t), 11);
	tree_move(&t, LONG_MIN);
	assert_int_equal(at(&t), 0);
	t.page = 2;
	tree_page(&t, 2);
	assert_int_equal(t.cursor, 1);
	tree_scroll(&t, 3);
	assert_true(t.top == 3 && t.cursor == 3);
	assert_true(tree_hit(&t, 1, &k) && k == 4);
	assert_false(tree_hit(&t, 2, &k));
	tree_done(&t);
	tree_left(&t), tree_right(&t), tree_toggle(&t), tree_move(&t, 1);
	assert_false(tree_at(&t, &k));
}

static void any_tree_draws_its_lines_right(void **state)
{
	(void)state;
	uint64_t s = 6;
	for (int k = 0; k < 300; k++) {
		enum { N = 40 };
		uint16_t depth[N] = { 0 };
		struct tree t;
		for (int i = 1; i < N; i++) {
			s = s * 6364136223846793005u + 1442695040888963407u;
			depth[i] = (uint16_t)((s >> 33) % (k % 5 == 0 ? 90u : depth[i - 1] + 2u));
		}
		tree_init(&t);
		tree_set(&t, depth, N, 1000);
		for (int f = 0; f < 6; f++)
			tree_fold(&t, (size_t)(s >> (f * 5)) % N, true);
		for (size_t r = 0; r < t.n_shown; r++)
			for (unsigned d = 0; d <= depth[t.shown[r]] && d < 63; d++) {
				bool later = false;                        /* a shown row further down at depth d before one above it */
				for (size_t q = r + 1; q < t.n_shown && depth[t.shown[q]] >= d && !later; q++)
					later = depth[t.shown[q]] == d;
				assert_int_equal(t.lines[r] >> d & 1, later);
			}
		struct screen sc = screen_framed(1 + (int)(s >> 40) % 50, 1 + (int)(s >> 50) % 20, (enum glyphs)(k % 3));
		tree_paint(&t, &sc.p);
		screen_assert_margin(&sc);
		screen_free(&sc);
		tree_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures), cmocka_unit_test(scrolling_by_rows_of_wrapped_lines), cmocka_unit_test(searching_goes_round), cmocka_unit_test(a_new_text_keeps_the_search),
		cmocka_unit_test(matches_are_painted), cmocka_unit_test(what_is_cut_is_said), cmocka_unit_test(endless_lines_are_continued), cmocka_unit_test(any_text_stays_inside),
		cmocka_unit_test(tree_pictures), cmocka_unit_test(tree_moves), cmocka_unit_test(any_tree_draws_its_lines_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
