/* The tree. `shown` lists the rows that no fold hides, `lines` says for each at which depths a later sibling follows (a bit per
 * depth), which is all that the drawing of ├ └ │ needs. Both are rebuilt in one pass from the end after a fold. */
#include "tui/tree.h"
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"

enum { DEPTH_MAX = 63, CELL_BYTES = 512 };

void tree_init(struct tree *t)
{
	*t = (struct tree){ 0 };
}

void tree_done(struct tree *t)
{
	free(t->depth);
	free(t->folded);
	free(t->shown);
	free(t->lines);
	*t = (struct tree){ .data = t->data, .row = t->row };
}

bool tree_has_children(const struct tree *t, size_t i)
{
	return i + 1 < t->n && t->depth[i + 1] > t->depth[i];
}

/* ---- what is shown ---- */

static unsigned level(const struct tree *t, size_t i)
{
	return t->depth[i] < DEPTH_MAX ? t->depth[i] : DEPTH_MAX;
}

static void rebuild(struct tree *t)
{
	uint64_t below = 0;                                /* depths that the rows further down still use */
	t->n_shown = 0;
	for (size_t i = 0; i < t->n;) {
		t->shown[t->n_shown++] = (uint32_t)i;
		size_t next = i + 1;
		if (t->folded[i])
			while (next < t->n && t->depth[next] > t->depth[i])
				next++;
		i = next;
	}
	for (size_t k = t->n_shown; k-- > 0;) {
		unsigned d = level(t, t->shown[k]);
		t->lines[k] = below & (d < DEPTH_MAX ? ((uint64_t)2 << d) - 1 : UINT64_MAX);
		below = t->lines[k] | (uint64_t)1 << d;
	}
}

static void keep(struct tree *t)
{
	size_t page = t->page > 0 ? (size_t)t->page : 1;
	if (t->cursor >= t->n_shown)
		t->cursor = t->n_shown ? t->n_shown - 1 : 0;
	if (t->cursor < t->top)
		t->top = t->cursor;
	if (t->cursor >= t->top + page)
		t->top = t->cursor - page + 1;
	if (t->top + page > t->n_shown)
		t->top = t->n_shown > page ? t->n_shown - page : 0;
}

void tree_set(struct tree *t, const uint16_t *depth, size_t n, unsigned open_depth)
{
	tree_done(t);
	if (n == 0)
		return;
	t->n = n;
	t->depth = mem_array(n, sizeof *t->depth);
	t->folded = mem_array(n, sizeof *t->folded);
	t->shown = mem_array(n, sizeof *t->shown);
	t->lines = mem_array(n, sizeof *t->lines);
	memcpy(t->depth, depth, n * sizeof *depth);
	for (size_t i = 0; i < n; i++)
		t->folded[i] = tree_has_children(t, i) && depth[i] >= open_depth;
	rebuild(t);
}

/* The shown row of data row i, or of the nearest one above that is shown. */
static size_t shown_of(const struct tree *t, size_t i)
{
	size_t lo = 0, hi = t->n_shown;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (t->shown[mid] <= i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : 0;
}

void tree_fold(struct tree *t, size_t i, bool folded)
{
	size_t at = 0;
	if (i >= t->n || !tree_has_children(t, i) || t->folded[i] == folded)
		return;
	tree_at(t, &at);
	t->folded[i] = folded;
	rebuild(t);
	t->cursor = shown_of(t, at);
	keep(t);
}

bool tree_at(const struct tree *t, size_t *i)
{
	if (t->cursor >= t->n_shown)
		return false;
	*i = t->shown[t->cursor];
	return true;
}

void tree_show(struct tree *t, size_t i)
{
	unsigned d;
	if (i >= t->n)
		return;
	d = t->depth[i];
	for (size_t k = i; k-- > 0 && d > 0;)
		if (t->depth[k] < d) {
			t->folded[k] = false;
			d = t->depth[k];
		}
	rebuild(t);
	t->cursor = shown_of(t, i);
	keep(t);
}

/* ---- painting ---- */

/* Lines of the depths above, the branch, the fold sign: `│ ├ ▾ `. Returns the x behind. */
static int draw_lines(const struct tree *t, const struct paint *p, size_t k, int x, int y)
{
	size_t i = t->shown[k];
	unsigned d = level(t, i);
	const struct pen pen = PEN(ROLE_RULE);
	for (unsigned a = 1; a < d; a++, x += 2)
		if (t->lines[k] >> a & 1)
			paint_put(p, x, y, pen, p->ascii ? '|' : 0x2502);
	if (d > 0) {
		bool more = t->lines[k] >> d & 1;
		paint_put(p, x, y, pen, p->ascii ? (more ? '+' : '`') : more ? 0x251C : 0x2514);
		x += 2;
	}
	if (tree_has_children(t, i))
		paint_put(p, x, y, PEN(ROLE_ACCENT), paint_sign(p, t->folded[i] ? SIGN_SHUT : SIGN_OPEN));
	return x + 2;
}

static void draw_row(struct tree *t, const struct paint *p, size_t k, int y)
{
	char buf[CELL_BYTES];
	struct tree_row row = { .pen = PEN(ROLE_TEXT) };
	int right = p->r.w;
	if (t->row)
		t->row(t->data, t->shown[k], buf, sizeof buf, &row);
	int x = draw_lines(t, p, k, 2, y);
	size_t n = row.text ? (row.n ? row.n : strlen(row.text)) : 0;
	int note = row.note ? text_width(row.note, strlen(row.note)) : 0, own = n ? text_width(row.text, n) : 0;
	if (note && x + (own < 12 ? own : 12) + 2 + note < p->r.w) {
		paint_field(p, p->r.w - note - 1, y, note, 1, PEN(ROLE_DIM), row.note, strlen(row.note));
		right = p->r.w - note - 3;
	}
	if (n && x < right)
		paint_field(p, x, y, right - x, -1, row.pen, row.text, n);
	if (k != t->cursor)
		return;
	paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_DIM), paint_sign(p, SIGN_BAR));
	surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
}

void tree_paint(struct tree *t, struct paint *p)
{
	t->page = p->r.h;
	keep(t);
	for (int y = 0; y < p->r.h && t->top + (size_t)y < t->n_shown; y++)
		draw_row(t, p, t->top + (size_t)y, y);
}

/* ---- moving ---- */

void tree_move(struct tree *t, long rows)
{
	size_t by = rows < 0 ? (size_t)0 - (size_t)rows : (size_t)rows;
	if (rows < 0)
		t->cursor = by > t->cursor ? 0 : t->cursor - by;
	else
		t->cursor = by > t->n_shown ? t->n_shown : t->cursor + by;
	keep(t);
}

void tree_page(struct tree *t, int pages_times_two)
{
	tree_move(t, (long)(t->page > 1 ? t->page - 1 : 1) * pages_times_two / 2);
}

void tree_left(struct tree *t)
{
	size_t i;
	if (!tree_at(t, &i))
		return;
	if (tree_has_children(t, i) && !t->folded[i]) {
		tree_fold(t, i, true);
		return;
	}
	for (size_t k = i; k-- > 0;)
		if (t->depth[k] < t->depth[i]) {
			t->cursor = shown_of(t, k);
			break;
		}
	keep(t);
}

void tree_right(struct tree *t)
{
	size_t i;
	if (!tree_at(t, &i) || !tree_has_children(t, i))
		return;
	if (t->folded[i])
		tree_fold(t, i, false);
	else
		tree_move(t, 1);
}

void tree_toggle(struct tree *t)
{
	size_t i;
	if (tree_at(t, &i))
		tree_fold(t, i, !t->folded[i]);
}

void tree_scroll(struct tree *t, long rows)
{
	size_t page = t->page > 0 ? (size_t)t->page : 1, last = t->n_shown > page ? t->n_shown - page : 0;
	size_t by = rows < 0 ? (size_t)0 - (size_t)rows : (size_t)rows;
	t->top = rows < 0 ? (by > t->top ? 0 : t->top - by) : (by > last || t->top + by > last ? last : t->top + by);
	if (t->cursor < t->top)
		t->cursor = t->top;
	if (t->cursor >= t->top + page)
		t->cursor = t->top + page - 1;
	keep(t);
}

bool tree_hit(const struct tree *t, int y, size_t *shown)
{
	if (y < 0 || y >= t->page || t->top + (size_t)y >= t->n_shown)
		return false;
	*shown = t->top + (size_t)y;
	return true;
}
