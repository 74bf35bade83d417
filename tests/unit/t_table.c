/* The table: pictures, fitting, dropping, walking, and that only what is visible is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "tests/unit/screen.h"
#include "tui/table.h"

enum { N_COLS = 10, N_SPARK = 24 };
static const struct table_col cols_template[N_COLS] = {
	{ .title = "name", .min = 14, .max = 24, .align = -1, .weight = 255, .pinned = true },
	{ .title = "state", .min = 8, .max = 10, .align = -1, .weight = 250, .pinned = true },
	{ .title = "age", .align = 1, .weight = 200 },
	{ .title = "lr", .align = 1, .weight = 180 },
	{ .title = "val_auc", .align = 1, .weight = 220, .sort = -1 },
	{ .title = "loss", .align = 1, .weight = 210, .sort = 1, .sort_rank = 2 },
	{ .title = "user", .min = 4, .max = 10, .align = -1, .weight = 60 },
	{ .title = "hidden", .hidden = true, .weight = 255 },
	{ .title = "loss by step", .min = 12, .max = 24, .weight = 20, .spark = true },
	{ .title = "source", .min = 8, .max = 20, .align = -1, .weight = 50 },
};
struct fixture { struct table t; struct table_col cols[N_COLS]; size_t asked, rows_asked; double spark[4][N_SPARK]; bool wide; };

static void row(void *data, size_t i, struct table_row *out)
{
	struct fixture *f = data;
	f->rows_asked++;
	out->marked = i % 4 == 1;
	out->role = ROLE_S2;
	out->prefix = i % 6 == 2 ? "\u25be " : i % 6 == 3 ? "\u251c " : i % 6 == 4 ? "\u2514 " : NULL;
}

static void cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	struct fixture *f = data;
	bool bad = i % 5 == 3;
	f->asked++;
	out->text = buf;
	buf[0] = '\0';
	switch (col) {
	case 0: snprintf(buf, cap, i % 3 ? "trial-%zu" : "a-long-name-of-a-run-%zu", i); break;
	case 1: out->text = bad ? "\u2717 failed" : "\u2713 done"; out->pen = PEN(bad ? ROLE_BAD : ROLE_GOOD); break;
	case 2: snprintf(buf, cap, "%zu%c", i % 23 + 1, "hdm"[i % 3]); break;
	case 3: out->text = i % 3 == 0 ? "0.03" : i % 3 == 1 ? "3e-05" : "\u00b7"; break;
	case 4: snprintf(buf, cap, "0.%04zu", 9412 - i % 5000); break;
	case 5:
		if (bad)
			out->text = "NaN";
		else
			snprintf(buf, cap, "%zu.%0*d", f->wide && i > 50 && i < 150 ? (size_t)123456 : i % 12, (int)(i % 3) + 1, 5);
		break;
	case 6: out->text = i % 2 ? "\u65e5\u672c\u8a9e" : NULL; break;
	case 8: out->spark = f->spark[i % 4]; out->n_spark = N_SPARK; break;
	default: snprintf(buf, cap, "train_%zu.py", i % 3);
	}
}

static void fixture(struct fixture *f, size_t rows)
{
	*f = (struct fixture){ 0 };
	table_init(&f->t);
	memcpy(f->cols, cols_template, sizeof f->cols);
	for (int k = 0; k < 4; k++)
		for (int i = 0; i < N_SPARK; i++)
			f->spark[k][i] = 1.0 / (1 + i * (k + 1));
	f->t.cols = f->cols;
	f->t.n_cols = N_COLS;
	f->t.n_rows = rows;
	f->t.data = f;
	f->t.row = row;
	f->t.cell = cell;
}

static void picture(struct fixture *f, int w, int h, enum glyphs g, const char *name)
{
	struct screen sc = screen_new(w, h, g);
	table_forget(&f->t);
	table_paint(&f->t, &sc.p);
	screen_assert(&sc, name);
	screen_free(&sc);
}

static void pictures(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 1000);
	f.t.cursor = 3;
	picture(&f, 200, 12, GLYPHS_BRAILLE, "table-200x12");
	picture(&f, 120, 12, GLYPHS_BRAILLE, "table-120x12");
	picture(&f, 120, 12, GLYPHS_BLOCK, "table-120x12-block");
	picture(&f, 80, 10, GLYPHS_BRAILLE, "table-80x10");
	picture(&f, 80, 10, GLYPHS_ASCII, "table-80x10-ascii");
	picture(&f, 40, 8, GLYPHS_BRAILLE, "table-40x8");
	picture(&f, 16, 5, GLYPHS_BRAILLE, "table-16x5");
	f.t.show_marks = false;
	f.t.show_head = false;
	picture(&f, 60, 6, GLYPHS_BRAILLE, "table-plain-60x6");
}

static void walking_sideways_shows_every_column(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 20);
	struct screen sc = screen_new(60, 6, GLYPHS_BRAILLE);
	table_paint(&f.t, &sc.p);
	assert_true(f.t.dropped > 0);
	int seen[N_COLS] = { 0 };
	for (int k = 0; k < N_COLS; k++) {
		table_col_move(&f.t, 1);
		surface_clear(sc.s);
		table_paint(&f.t, &sc.p);
		assert_true(f.cols[f.t.col_cursor].at_w > 0);          /* the column cursor is always on screen */
		seen[f.t.col_cursor]++;
	}
	for (int i = 0; i < N_COLS; i++)
		assert_int_equal(seen[i] > 0, i != 7);
	screen_assert(&sc, "table-sideways-60x6");
	table_col_move(&f.t, -100);
	assert_int_equal(f.t.col_cursor, -1);
	assert_int_equal(f.t.left, 0);
	screen_free(&sc);
}

static void texts_stay_readable(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 20);
	f.cols[1] = (struct table_col){ .title = "state", .min = 1, .max = 11, .align = -1, .weight = 250, .firm = true };
	for (int w = 40; w < 140; w++) {
		struct screen sc = screen_new(w, 8, GLYPHS_BRAILLE);
		table_forget(&f.t);
		f.t.col_cursor = -1;
		f.t.left = 0;
		for (int k = 0; k < N_COLS; k++) {
			table_paint(&f.t, &sc.p);
			assert_true(f.cols[0].at_w >= 14);
			assert_true(f.cols[1].at_w == 0 || f.cols[1].at_w == 8);         /* "x failed" */
			assert_true(f.cols[6].at_w == 0 || f.cols[6].at_w == 6);
			assert_true(f.cols[9].at_w == 0 || f.cols[9].at_w >= 8);
			table_col_move(&f.t, 1);
		}
		screen_free(&sc);
	}
}

static void the_least_important_columns_go_first(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 20);
	for (int w = 160; w >= 20; w--) {
		struct screen sc = screen_new(w, 6, GLYPHS_BRAILLE);
		table_forget(&f.t);
		table_paint(&f.t, &sc.p);
		for (int a = 0; a < N_COLS; a++)
			for (int b = 0; b < N_COLS; b++)
				if (f.cols[a].at_w == 0 && f.cols[b].at_w > 0 && !f.cols[a].hidden && !f.cols[b].spark && !f.cols[a].spark
				    && (f.cols[a].pinned || f.cols[a].weight > f.cols[b].weight) && !f.cols[b].pinned)
					fail_msg("width %d: %s is shown, %s is not", w, f.cols[b].title, f.cols[a].title);
		assert_true(f.cols[0].at_w > 0);
		screen_free(&sc);
	}
}

static void numbers_stand_on_the_point(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 12);
	struct screen sc = screen_new(120, 13, GLYPHS_BRAILLE);
	table_paint(&f.t, &sc.p);
	const struct table_col *c = &f.cols[5];
	int point = -1;
	for (int y = 1; y < 13; y++)
		for (int x = c->at_x; x < c->at_x + c->at_w; x++)
			if (screen_at(&sc, x, y) == '.') {
				assert_true(point < 0 || point == x);
				point = x;
			}
	assert_true(point > 0);
	assert_int_equal(screen_at(&sc, c->at_x + c->at_w - 1, 4), 'N');       /* NaN, flush right */
	screen_free(&sc);
}

static void fitting_only_widens(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 200);
	f.wide = true;
	struct screen sc = screen_new(120, 13, GLYPHS_BRAILLE);
	table_paint(&f.t, &sc.p);
	int narrow = f.cols[5].at_w;
	table_to(&f.t, 100);
	table_paint(&f.t, &sc.p);
	int wide = f.cols[5].at_w;
	assert_true(wide > narrow);
	table_to(&f.t, 0);
	table_paint(&f.t, &sc.p);
	assert_int_equal(f.cols[5].at_w, wide);
	table_forget(&f.t);
	table_paint(&f.t, &sc.p);
	assert_int_equal(f.cols[5].at_w, narrow);
	screen_free(&sc);
}

static void going_to_the_end_and_back_moves_nothing(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 1000);
	struct screen sc = screen_new(120, 13, GLYPHS_BRAILLE);
	int x[N_COLS];
	table_paint(&f.t, &sc.p);
	for (int i = 0; i < N_COLS; i++)
		x[i] = f.cols[i].at_x;
	assert_true(f.cols[0].fit > 22);                       /* "a-long-name-of-a-run-999" */
	for (int k = 0; k < 2; k++) {
		table_to(&f.t, k ? 0 : 999);
		table_paint(&f.t, &sc.p);
		for (int i = 0; i < N_COLS; i++)
			assert_int_equal(f.cols[i].at_x, x[i]);
	}
	screen_free(&sc);
}

static void only_visible_rows_are_asked_for(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 1000000);
	struct screen sc = screen_new(200, 50, GLYPHS_BRAILLE);
	table_to(&f.t, 999999);
	table_paint(&f.t, &sc.p);
	assert_true(f.asked <= 3 * 49 * N_COLS && f.rows_asked <= 4 * 49);      /* with the first and the last page */
	assert_int_equal(f.t.top, 1000000 - 49);
	f.asked = f.rows_asked = 0;
	table_paint(&f.t, &sc.p);
	assert_true(f.asked <= 49 * N_COLS && f.rows_asked == 49);
	screen_free(&sc);

	/* thousands of columns: those that cannot fit are not asked for either */
	static struct table_col many[3000];
	for (int i = 0; i < 3000; i++)
		many[i] = (struct table_col){ .title = "metric", .align = 1, .weight = (uint8_t)(i % 250) };
	fixture(&f, 1000);
	f.t.cols = many;
	f.t.n_cols = 3000;
	sc = screen_new(200, 50, GLYPHS_BRAILLE);
	table_paint(&f.t, &sc.p);
	assert_true(f.asked <= 3 * 49 * 30);
	f.asked = 0;
	table_col_move(&f.t, 2500);
	table_paint(&f.t, &sc.p);
	assert_true(f.t.col_cursor == 2499 && many[2499].at_w > 0);
	screen_free(&sc);
}

static void the_cursor_bar_keeps_the_colour_of_the_text(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 10);
	struct screen sc = screen_new(80, 8, GLYPHS_BRAILLE);
	f.t.cursor = 3;
	table_paint(&f.t, &sc.p);
	for (int x = 0; x < 80; x++) {
		assert_int_equal(screen_cell(&sc, x, 4)->bg, ROLE_CURSOR);
		assert_int_equal(screen_cell(&sc, x, 5)->bg, ROLE_TEXT);
	}
	assert_int_equal(screen_cell(&sc, f.cols[1].at_x, 4)->fg, ROLE_BAD);
	assert_int_equal(screen_cell(&sc, 1, 2)->fg, ROLE_S2);
	sc.p.focus = false;
	table_paint(&f.t, &sc.p);
	assert_int_equal(screen_cell(&sc, 79, 4)->bg, ROLE_CURSOR_OFF);
	screen_free(&sc);
}

static void moving(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 100);
	struct screen sc = screen_new(60, 11, GLYPHS_BRAILLE);
	table_paint(&f.t, &sc.p);
	assert_int_equal(f.t.page, 10);
	table_move(&f.t, 9);
	assert_true(f.t.cursor == 9 && f.t.top == 0);
	table_move(&f.t, 1);
	assert_true(f.t.cursor == 10 && f.t.top == 1);
	table_move(&f.t, -1000000000L);
	assert_true(f.t.cursor == 0 && f.t.top == 0);
	table_page(&f.t, 2);
	assert_int_equal(f.t.cursor, 9);
	table_page(&f.t, 1);
	assert_int_equal(f.t.cursor, 13);
	table_move(&f.t, LONG_MAX);
	assert_true(f.t.cursor == 99 && f.t.top == 90);
	table_scroll(&f.t, -5);
	assert_true(f.t.top == 85 && f.t.cursor == 94);
	table_scroll(&f.t, LONG_MIN);
	assert_true(f.t.top == 0 && f.t.cursor == 9);
	table_scroll(&f.t, 3);
	assert_true(f.t.top == 3 && f.t.cursor == 9);
	table_to(&f.t, SIZE_MAX);
	assert_int_equal(f.t.cursor, 99);
	f.t.n_rows = 4;                                        /* the data shrink under the cursor */
	table_paint(&f.t, &sc.p);
	assert_true(f.t.cursor == 3 && f.t.top == 0);
	f.t.n_rows = 0;
	table_paint(&f.t, &sc.p);
	table_move(&f.t, 1);
	assert_true(f.t.cursor == 0 && f.t.top == 0);
	screen_free(&sc);
}

static void mouse(void **state)
{
	(void)state;
	struct fixture f;
	fixture(&f, 100);
	struct screen sc = screen_new(80, 11, GLYPHS_BRAILLE);
	int col;
	f.t.top = f.t.cursor = 20;
	table_paint(&f.t, &sc.p);
	assert_int_equal(table_hit(&f.t, f.cols[1].at_x, 1, &col), f.t.top);
	assert_int_equal(col, 1);
	assert_int_equal(table_hit(&f.t, f.cols[4].at_x + f.cols[4].at_w - 1, 0, &col), -1);
	assert_int_equal(col, 4);
	assert_int_equal(table_hit(&f.t, 0, 5, &col), f.t.top + 4);
	assert_int_equal(col, -1);
	assert_int_equal(table_hit(&f.t, 5, 11, &col), -2);
	assert_int_equal(table_hit(&f.t, -1, 3, &col), -2);
	assert_int_equal(table_edge(&f.t, f.cols[4].at_x + f.cols[4].at_w), 4);
	assert_int_equal(table_edge(&f.t, f.cols[4].at_x), -1);
	screen_free(&sc);
}

static void any_size_stays_inside(void **state)
{
	(void)state;
	uint64_t s = 1;
	for (int k = 0; k < 600; k++) {
		struct fixture f;
		s = s * 6364136223846793005u + 1442695040888963407u;
		fixture(&f, (size_t)(s >> 40) % 200);
		int w = 1 + (int)(s >> 33) % 140, h = 1 + (int)(s >> 50) % 20;
		f.t.cursor = (size_t)(s >> 20) % 300;
		f.t.col_cursor = (int)(s >> 13) % (N_COLS + 1) - 1;
		f.t.show_marks = s >> 9 & 1;
		f.t.show_head = s >> 10 & 1;
		for (int i = 0; i < N_COLS; i++)
			f.cols[i].width = s >> (i + 11) & 1 ? 1 + i * 3 : 0;
		struct screen sc = screen_framed(w, h, (enum glyphs)(k % 3));
		table_paint(&f.t, &sc.p);
		table_paint(&f.t, &sc.p);
		screen_assert_margin(&sc);
		screen_free(&sc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures), cmocka_unit_test(walking_sideways_shows_every_column), cmocka_unit_test(texts_stay_readable),
		cmocka_unit_test(the_least_important_columns_go_first), cmocka_unit_test(numbers_stand_on_the_point), cmocka_unit_test(fitting_only_widens),
		cmocka_unit_test(going_to_the_end_and_back_moves_nothing), cmocka_unit_test(only_visible_rows_are_asked_for),
		cmocka_unit_test(the_cursor_bar_keeps_the_colour_of_the_text), cmocka_unit_test(moving), cmocka_unit_test(mouse),
		cmocka_unit_test(any_size_stays_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
