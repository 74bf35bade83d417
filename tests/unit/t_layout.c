/* Panes: placing, folding by weight, dragging, neighbours, text form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "tui/layout.h"

/* Experiments | (runs / (detail | chart)), as the Runs view has it. */
static struct layout sample(void)
{
	struct layout l = { .n = 7, .root = 0, .zoom = -1 };
	l.node[0] = (struct pane_node){ .dir = PANE_ROW, .a = 1, .b = 2, .share = 0.2f };
	l.node[1] = (struct pane_node){ .dir = PANE_LEAF, .id = 10, .min_w = 16, .min_h = 3, .weight = 50 };
	l.node[2] = (struct pane_node){ .dir = PANE_COL, .a = 3, .b = 4, .share = 0.5f };
	l.node[3] = (struct pane_node){ .dir = PANE_LEAF, .id = 11, .min_w = 40, .min_h = 5, .weight = 200 };
	l.node[4] = (struct pane_node){ .dir = PANE_ROW, .a = 5, .b = 6, .share = 0.3f };
	l.node[5] = (struct pane_node){ .dir = PANE_LEAF, .id = 12, .min_w = 20, .min_h = 5, .weight = 30 };
	l.node[6] = (struct pane_node){ .dir = PANE_LEAF, .id = 13, .min_w = 30, .min_h = 6, .weight = 100 };
	return l;
}

static const struct placed *find(const struct placed *p, int n, int id)
{
	for (int i = 0; i < n; i++)
		if (p[i].id == id)
			return &p[i];
	return NULL;
}

/* Every cell belongs to one pane's title or inside, or to a column between two panes. */
static void assert_tiling(const struct layout *l, struct rect all)
{
	static uint8_t used[300][200];
	struct placed p[LAYOUT_MAX];
	int n = layout_place(l, all, p), free_cells = 0;
	memset(used, 0, sizeof used);
	assert_true(n >= 1);
	for (int i = 0; i < n; i++)
		for (int y = p[i].title.y; y < p[i].r.y + p[i].r.h; y++)
			for (int x = p[i].r.x; x < p[i].r.x + p[i].r.w; x++) {
				assert_true(rect_has(all, x, y));
				assert_int_equal(used[x - all.x][y - all.y]++, 0);
			}
	for (int x = 0; x < all.w; x++)
		for (int y = 0; y < all.h; y++)
			if (!used[x][y]) {
				free_cells++;
				assert_true(x > 0 && x + 1 < all.w && used[x - 1][y] && used[x + 1][y]);
			}
	assert_true(free_cells <= (n - 1) * all.h);
}

static void placing(void **state)
{
	(void)state;
	struct layout l = sample();
	struct rect all = { 3, 1, 160, 40 };
	struct placed p[LAYOUT_MAX];
	int n = layout_place(&l, all, p);
	assert_int_equal(n, 4);
	const struct placed *e = find(p, n, 10), *r = find(p, n, 11), *d = find(p, n, 12), *c = find(p, n, 13);
	assert_true(e->title.x == 3 && e->title.y == 1 && e->r.y == 2 && e->r.w == 32 && e->r.h == 39);
	assert_true(r->r.x == 3 + 32 + 1 && r->r.w == 160 - 33 && r->r.h == 19);
	assert_true(d->title.y == 21 && d->r.w == 38 && c->r.x == d->r.x + 38 + 1);
	assert_tiling(&l, all);
}

static void folding_by_weight(void **state)
{
	(void)state;
	struct layout l = sample();
	struct placed p[LAYOUT_MAX];
	int n = layout_place(&l, (struct rect){ 0, 0, 60, 40 }, p);      /* too narrow for experiments beside runs: detail is least, but helps only below */
	assert_true(find(p, n, 11) && find(p, n, 13));
	assert_false(find(p, n, 12) && find(p, n, 10));
	n = layout_place(&l, (struct rect){ 0, 0, 120, 8 }, p);          /* too low for two rows of panes */
	assert_true(find(p, n, 11) && !find(p, n, 12) && !find(p, n, 13));
	n = layout_place(&l, (struct rect){ 0, 0, 12, 3 }, p);           /* too small for anything: the weightiest stays */
	assert_int_equal(n, 1);
	assert_int_equal(p[0].id, 11);
	n = layout_place(&l, (struct rect){ 0, 0, 35, 40 }, p);          /* the others would fit: it stays all the same */
	assert_int_equal(n, 1);
	assert_true(p[0].id == 11 && p[0].r.w == 35);
	for (int w = 1; w < 180; w += 3)
		for (int h = 2; h < 60; h += 3)
			assert_tiling(&l, (struct rect){ 0, 0, w, h });
}

static void hiding_and_zoom(void **state)
{
	(void)state;
	struct layout l = sample();
	struct rect all = { 0, 0, 120, 40 };
	struct placed p[LAYOUT_MAX];
	l.node[1].hidden = true;
	int n = layout_place(&l, all, p);
	assert_true(n == 3 && !find(p, n, 10) && find(p, n, 11)->r.w == 120);
	l.zoom = 13;
	n = layout_place(&l, all, p);
	assert_true(n == 1 && p[0].id == 13 && p[0].r.w == 120 && p[0].r.h == 39);
	l.zoom = 10;                                       /* a hidden pane cannot be zoomed */
	assert_int_equal(layout_place(&l, all, p), 3);
	l.zoom = 99;
	assert_int_equal(layout_place(&l, all, p), 3);
}

static void borders_and_dragging(void **state)
{
	(void)state;
	struct layout l = sample();
	struct rect all = { 2, 1, 160, 40 };
	struct placed p[LAYOUT_MAX];
	assert_int_equal(layout_border(&l, all, 2 + 32, 10), 0);
	assert_int_equal(layout_border(&l, all, 2 + 31, 10), -1);
	assert_int_equal(layout_border(&l, all, 100, 21), 2);          /* the title row of the lower panes */
	assert_int_equal(layout_border(&l, all, 2 + 33 + 38, 30), 4);
	layout_drag(&l, all, 0, 2 + 60, 10);
	int n = layout_place(&l, all, p);
	assert_int_equal(find(p, n, 10)->r.w, 60);
	assert_int_equal(layout_border(&l, all, 2 + 60, 10), 0);
	layout_drag(&l, all, 0, 2, 10);                                /* not below the minimum */
	n = layout_place(&l, all, p);
	assert_int_equal(find(p, n, 10)->r.w, 16);
	layout_drag(&l, all, 2, 0, 1000);
	n = layout_place(&l, all, p);
	assert_int_equal(find(p, n, 13)->r.h, 6);
	layout_drag(&l, all, 3, 5, 5);                                 /* a leaf has no border */
	layout_drag(&l, all, 44, 5, 5);
	assert_tiling(&l, all);
}

static void neighbours(void **state)
{
	(void)state;
	struct layout l = sample();
	struct rect all = { 0, 0, 160, 40 };
	static const struct { int from, dx, dy, to; } cases[] = { { 10, 1, 0, 11 }, { 11, -1, 0, 10 }, { 11, 0, 1, 13 }, { 12, 1, 0, 13 },
		{ 13, -1, 0, 12 }, { 12, -1, 0, 10 }, { 13, 0, -1, 11 }, { 10, 0, 1, -1 }, { 11, 1, 0, -1 }, { 77, 1, 0, -1 }, { 11, 0, 0, -1 }, { 11, 1, 1, -1 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(layout_neighbour(&l, all, cases[i].from, cases[i].dx, cases[i].dy), cases[i].to);
}

static void text_form(void **state)
{
	(void)state;
	struct layout l = sample(), m = sample();
	struct str s = STR_INIT;
	l.node[0].share = 0.37f;
	l.node[5].hidden = true;
	l.zoom = 13;
	layout_save(&l, &s);
	assert_string_equal(s.p, "(row 370 10 (col 500 11 (row 300 12- 13))) zoom 13");
	assert_true(layout_load(&m, s.p));
	assert_true(m.zoom == 13 && m.node[5].hidden && m.node[0].share == 0.37f);
	str_clear(&s);
	layout_save(&m, &s);
	assert_string_equal(s.p, "(row 370 10 (col 500 11 (row 300 12- 13))) zoom 13");
	static const char *const bad[] = { "", "10", "(col 370 10 (col 500 11 (row 300 12 13)))", "(row 370 10 (col 500 11 (row 300 13 12)))",
		"(row 0 10 (col 500 11 (row 300 12 13)))", "(row 1000 10 (col 500 11 (row 300 12 13)))", "(row 370 10 (col 500 11 (row 300 12 13))) x",
		"(row 370 10 (col 500 11 (row 300 12 13)", "(row 99999999999999999999 10 (col 500 11 (row 300 12 13)))", "(row 370 10 (col 500 11 (row 300 12 13))) zoom x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct layout before = m;
		assert_false(layout_load(&m, bad[i]));
		assert_memory_equal(&before, &m, sizeof m);
	}
	for (size_t i = 0; i < s.len; i++) {                           /* no beginning of it crashes or half-loads */
		char cut[128] = "";
		memcpy(cut, s.p, i);
		struct layout before = m;
		if (!layout_load(&m, cut))
			assert_memory_equal(&before, &m, sizeof m);
	}
	str_free(&s);
}

static void broken_trees_end(void **state)
{
	(void)state;
	struct layout l = sample();
	struct placed p[LAYOUT_MAX];
	l.node[2].b = 0;                                   /* a cycle */
	layout_place(&l, (struct rect){ 0, 0, 100, 30 }, p);
	l.node[2].b = 300;
	layout_place(&l, (struct rect){ 0, 0, 100, 30 }, p);
	l = (struct layout){ .zoom = -1 };
	assert_int_equal(layout_place(&l, (struct rect){ 0, 0, 100, 30 }, p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placing), cmocka_unit_test(folding_by_weight), cmocka_unit_test(hiding_and_zoom), cmocka_unit_test(borders_and_dragging),
		cmocka_unit_test(neighbours), cmocka_unit_test(text_form), cmocka_unit_test(broken_trees_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
