/* term_diff -- which cells differ, and the runs that will be written.
 *
 * Marks       a cell is to be written when its eight bytes differ. If one half of a double-width character
 *             changes, old or new, both are written. A terminal that does not know a cluster draws its parts over
 *             the cells behind it, so those are written again.
 * Runs        marked cells of one pen; blanks belong to any pen that has their background; small gaps that
 *             cost less to write again than to jump are taken in.
 * Erase       a row that is new from some column on is first erased as a whole when jumping over
 *             its gaps then costs less than filling them.
 */
#include "tui/term_frame.h"
#include "core/base/mem.h"

enum { CLUSTER_SPILL = 6, BRIDGE_MAX = 4 };

static bool same_cell(const struct tcell *a, const struct tcell *b)
{
	uint64_t p, q;
	_Static_assert(sizeof *a == sizeof p, "a cell is compared as one word");
	memcpy(&p, a, sizeof p);
	memcpy(&q, b, sizeof q);
	return p == q;
}

static bool spill(uint8_t *todo, const struct tcell *row, int w)
{
	bool more = false;
	for (int x = 0; x < w; x++)
		if ((row[x].ch & CELL_CLUSTER) && todo[x])
			for (int i = x + 1; i < w && i <= x + CLUSTER_SPILL; i++)
				more |= !todo[i] && (todo[i] = 1);
	return more;
}

static bool spread(uint8_t *todo, const struct tcell *row, int w)
{
	bool more = false;
	for (int x = 0; x + 1 < w; x++)
		if (row[x].w == 2 && todo[x] != todo[x + 1]) {
			todo[x] = todo[x + 1] = 1;
			more = true;
		}
	return more;
}

static bool has_clusters(const uint8_t *todo, const struct tcell *row, int w)
{
	for (int x = 0; x < w; x++)
		if ((row[x].ch & CELL_CLUSTER) && todo[x])
			return true;
	return false;
}

static size_t mark_row(struct frame *f, int y)
{
	const struct tcell *old = f->old + (size_t)y * (size_t)f->t->w, *now = new_row(f, y);
	uint8_t *todo = todo_row(f, y);
	size_t n = 0;
	for (int x = 0; x < f->t->w; x++)
		n += todo[x] = !same_cell(old + x, now + x);
	while (n && (spread(todo, old, f->t->w) || spread(todo, now, f->t->w) || spill(todo, now, f->t->w)))
		;
	f->in_order[y] = n && has_clusters(todo, now, f->t->w);
	/* Where the line wraps at once, writing the last cell would scroll the screen. */
	if (f->t->tc.am && !f->t->tc.xenl && y == f->t->h - 1)
		todo[f->t->w - 1] = 0;
	return n;
}

/* ---- runs */

static bool fits(const struct run *r, const struct tcell *c)
{
	if (is_blank(c))
		return r->any ? c->bg == r->pen.bg : pen_shows_blank(r->pen, c->bg);
	return r->any ? pen_shows_blank(pen_of(c), r->pen.bg) : same_pen(r->pen, pen_of(c));
}

static void take(struct run *r, const struct tcell *c)
{
	if (r->any && !is_blank(c)) {
		r->pen = pen_of(c);
		r->any = false;
	}
}

/* Where the next cell to write is when the cells up to it are cheaper to write again than to jump over; else -1. */
static int bridge(const struct frame *f, const struct run *r, const struct tcell *row, const uint8_t *todo)
{
	size_t bytes = 0;
	char text[64];
	int x = r->x1;
	for (; x < f->t->w && !todo[x]; x++) {
		if (r->any || !fits(r, row + x) || row[x].w != 1 || row[x].ch & CELL_CLUSTER)
			return -1;
		bytes += tcell_bytes(f->t, row + x, text);
		if (bytes > BRIDGE_MAX)
			return -1;
	}
	return x < f->t->w && fits(r, row + x) ? x : -1;
}

static bool can_erase(const struct frame *f, uint8_t bg)
{
	return f->t->tc.el && (f->t->tc.bce || bg == 0);
}

/* What erasing the row from x to its end with the background of its last cell would save. */
static int erase_saving(const struct frame *f, int y, int x)
{
	const struct tcell *row = new_row(f, y);
	const uint8_t *todo = todo_row(f, y);
	const struct tcaps *c = &f->t->tc;
	uint8_t bg = row[f->t->w - 1].bg;
	int saving = -3;
	char text[64];
	for (int end; x < f->t->w; x = end) {
		end = x + 1;
		if (!is_blank(row + x) || row[x].bg != bg) {
			saving -= todo[x] ? 0 : (int)tcell_bytes(f->t, row + x, text);
			continue;
		}
		bool fresh = todo[x];
		while (end < f->t->w && is_blank(row + end) && row[end].bg == bg)
			fresh &= todo[end++] != 0;
		int n = end - x, jump = n < csi_length(n) ? n : csi_length(n);
		int filled = c->rep && n > 1 ? 1 + csi_length(n - 1) : c->ech ? 2 * csi_length(n) : n;
		if (end == f->t->w)
			saving += fresh && n > 3 ? 3 : 0;
		else if (fresh)
			saving += (filled < n ? filled : n) - jump;
	}
	return saving;
}

/* Takes the row as erased from x on, when that pays. */
static void maybe_erase(struct frame *f, int y, int x)
{
	const struct tcell *row = new_row(f, y), *last = row + f->t->w - 1;
	if (!is_blank(last) || !can_erase(f, last->bg) || erase_saving(f, y, x) <= 0)
		return;
	struct run r = { .y = y, .x0 = x, .x1 = x, .pen = pen_of(last), .any = true, .erase = true };
	for (int i = x; i < f->t->w && r.any; i++)
		if (!is_blank(row + i) && pen_shows_blank(pen_of(row + i), last->bg)) {
			r.pen = pen_of(row + i);
			r.any = false;
		}
	MEM_GROW(f->runs, f->cap_runs, f->n_runs + 1);
	f->runs[f->n_runs++] = r;
	uint8_t *todo = todo_row(f, y);
	for (int i = x; i < f->t->w; i++)
		todo[i] = !is_blank(row + i) || row[i].bg != last->bg;
	spill(todo, row, f->t->w);
	f->in_order[y] = has_clusters(todo, row, f->t->w);
}

static int collect_run(struct frame *f, int y, int x)
{
	const struct tcell *row = new_row(f, y);
	const uint8_t *todo = todo_row(f, y);
	struct run r = { .y = y, .x0 = x, .x1 = x + 1, .pen = pen_of(row + x), .any = is_blank(row + x) };
	while (r.x1 < f->t->w) {
		int next = todo[r.x1] ? r.x1 : bridge(f, &r, row, todo);
		if (next < 0 || (row[next].w != 0 && !fits(&r, row + next)))
			break;
		take(&r, row + next);
		r.x1 = next + 1;
	}
	MEM_GROW(f->runs, f->cap_runs, f->n_runs + 1);
	f->runs[f->n_runs++] = r;
	return r.x1;
}

size_t frame_diff(struct frame *f)
{
	size_t rows = 0;
	f->n_runs = 0;
	for (int y = 0; y < f->t->h; y++) {
		if (!mark_row(f, y))
			continue;
		rows++;
		const uint8_t *todo = todo_row(f, y);
		int first = 0;
		while (first < f->t->w && !todo[first])
			first++;
		if (first < f->t->w)
			maybe_erase(f, y, first);
		for (int x = first; x < f->t->w;)
			x = todo[x] ? collect_run(f, y, x) : x + 1;
	}
	return rows;
}
