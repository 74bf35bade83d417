/* term_frame -- the difference of two screens as few bytes.
 *
 * A frame    is the difference (term_diff.c) written run by run, in the order that costs least (term_pass.c): composed in
 *            reading order and in passes, without and with a scroll (term_scroll.c) when rows moved; the
 *            shortest is sent.
 * Blanks     long spans become EL, ECH or REP, whichever is shortest. Erasing paints the background only where
 *            terminfo promises that (bce); elsewhere it is used for the default background alone, under the default
 *            pen. Scrolling leaves blanks by the same rule.
 * Column     of the cursor: unknown after the last one (the line is about to wrap) and after a cluster, because terminals
 *            disagree about the width of clusters.
 * Cost       a full 200x50 frame takes well under a millisecond, a cursor key a third of that.
 */
#include "tui/term_frame.h"
#include <stdio.h>
#include <stdlib.h>
#include "core/base/mem.h"

enum { WORTH_PASSES = 6, SCROLL_ROWS = 2 };

/* ---- writing */

static void go(struct frame *f, int y, int x)
{
	char s[MOVE_MAX];
	if (f->y == y && f->x == x)
		return;
	struct mover m = { f->t, f->t->back, f->todo, f->x, f->y, f->pen };
	str_addn(&f->out, s, move_bytes(&m, y, x, s));
	f->x = x;
	f->y = y;
}

static void use_pen(struct frame *f, struct tpen pen)
{
	char s[SGR_MAX];
	str_addn(&f->out, s, sgr_change(&f->t->palette, &f->t->tc, f->pen_known ? &f->pen : NULL, pen, s));
	f->pen = pen;
	f->pen_known = true;
}

static void add_csi(struct frame *f, int n, char final)
{
	char s[CSI_MAX];
	str_addn(&f->out, s, csi_bytes(n, final, s));
}

static void advance(struct frame *f, int cells)
{
	f->x += cells;
	if (f->x < f->t->w)
		return;
	f->x = f->t->tc.am ? -1 : f->t->w - 1;
	if (f->t->tc.am && !f->t->tc.xenl)
		f->y = -1;
}

static bool blank_to_the_end(const struct frame *f, int y, int x)
{
	const struct tcell *row = new_row(f, y);
	uint8_t bg = row[x].bg;
	for (; x < f->t->w; x++)
		if (!is_blank(row + x) || row[x].bg != bg)
			return false;
	return true;
}

/* n blanks at the cursor; `last`: nothing follows on the row, so the cursor may stay where it is. */
static void write_blanks(struct frame *f, int n, bool last)
{
	uint8_t bg = new_row(f, f->y)[f->x].bg;
	const struct tcaps *c = &f->t->tc;
	bool erase = f->t->tc.bce || bg == 0;
	if (erase && c->el && last && n > 3 && blank_to_the_end(f, f->y, f->x)) {
		str_addn(&f->out, "\033[K", 3);
		memset(todo_row(f, f->y) + f->x, 0, (size_t)(f->t->w - f->x));
		return;
	}
	int by_rep = c->rep && n > 1 ? 1 + csi_length(n - 1) : n;
	int by_ech = erase && c->ech && c->cuf ? csi_length(n) + (last ? 0 : csi_length(n)) : n;
	if (by_ech < n && by_ech <= by_rep) {
		add_csi(f, n, 'X');
		if (!last) {
			add_csi(f, n, 'C');
			f->x += n;
		}
		return;
	}
	if (by_rep < n) {
		str_addc(&f->out, ' ');
		add_csi(f, n - 1, 'b');
	} else {
		str_addrep(&f->out, ' ', (size_t)n);
	}
	advance(f, n);
}

/* The same narrow character n times. */
static void write_same(struct frame *f, const struct tcell *c, int n)
{
	char text[64];
	size_t len = tcell_bytes(f->t, c, text);
	bool repeat = (c->ch < 0x80 ? f->t->tc.rep : f->t->tc.rep_utf8) && n > 1 && len * (size_t)(n - 1) > (size_t)csi_length(n - 1);
	for (int i = 0; i < (repeat ? 1 : n); i++)
		str_addn(&f->out, text, len);
	if (repeat)
		add_csi(f, n - 1, 'b');
	advance(f, n);
}

static int span(const struct tcell *row, int x, int x1)
{
	int end = x + 1;
	if (is_blank(row + x))
		while (end < x1 && is_blank(row + end))
			end++;
	else if (row[x].w == 1 && !(row[x].ch & CELL_CLUSTER))
		while (end < x1 && row[end].ch == row[x].ch && row[end].w == 1)
			end++;
	return end;
}

/* `more`: the run that is written next continues on this row. */
static void write_run(struct frame *f, const struct run *r, bool more)
{
	const struct tcell *row = new_row(f, r->y);
	uint8_t *todo = todo_row(f, r->y);
	int x = r->x0;
	while (x < r->x1 && !todo[x])
		x++;                         /* an EL went before us */
	if (x == r->x1 && !r->erase)
		return;
	go(f, r->y, x);
	if (!r->any)
		use_pen(f, r->pen);
	else if (!f->pen_known || !pen_shows_blank(f->pen, r->pen.bg))
		use_pen(f, pen_for_blank(f->pen_known ? f->pen : (struct tpen){ 0, 0, 0 }, r->pen.bg));
	if (r->erase)
		str_addn(&f->out, "\033[K", 3);
	while (x < r->x1) {
		int end = span(row, x, r->x1);
		memset(todo + x, 0, (size_t)(end - x));
		if (row[x].w != 0)
			go(f, r->y, x);
		if (is_blank(row + x)) {
			write_blanks(f, end - x, end == r->x1 && !more);
		} else if (row[x].w == 1 && !(row[x].ch & CELL_CLUSTER)) {
			write_same(f, row + x, end - x);
		} else if (row[x].w != 0) {
			char text[64];
			str_addn(&f->out, text, tcell_bytes(f->t, row + x, text));
			advance(f, row[x].w);
			if (row[x].ch & CELL_CLUSTER)
				f->x = -1;
		}
		x = end;
	}
}

static void write_runs(struct frame *f)
{
	for (size_t i = 0; i < f->n_runs; i++) {
		const struct run *r = &f->runs[i], *next = i + 1 < f->n_runs ? r + 1 : NULL;
		write_run(f, r, next && next->y == r->y && next->x0 >= r->x1);
	}
}

static void place_cursor(struct frame *f)
{
	struct term *t = f->t;
	bool show = t->cursor_x >= 0;
	if (show)
		go(f, t->cursor_y, t->cursor_x);
	if (show != t->cursor_shown || !t->cursor_known)
		str_add(&f->out, show ? t->tc.cnorm : t->tc.civis);
}

/* ---- scrolling and clearing */

static void fill(struct tcell *at, size_t n, struct tcell c)
{
	for (size_t i = 0; i < n; i++)
		at[i] = c;
}

static struct tcell blank_of(const struct term *t)
{
	uint8_t bg = t->tc.bce ? t->palette.bg[ROLE_TEXT] : 0;
	return (struct tcell){ ' ', 0, bg, 0, 1 };
}

static void use_erasing_pen(struct frame *f)
{
	struct tcell blank = blank_of(f->t);
	if (!f->pen_known || !pen_shows_blank(f->pen, blank.bg))
		use_pen(f, pen_for_blank(f->pen_known ? f->pen : (struct tpen){ 0, 0, 0 }, blank.bg));
}

static void add_repeated(struct frame *f, const char *unit, int n)
{
	for (int i = 0; i < n; i++)
		str_add(&f->out, unit);
}

static bool can_scroll(const struct tcaps *c, int by)
{
	return by > 0 ? c->indn || c->ind : c->rin || c->ri;
}

static void write_scroll(struct frame *f, const struct scroll *s)
{
	const struct tcaps *c = &f->t->tc;
	use_erasing_pen(f);
	str_addf(&f->out, "\033[%d;%dr", s->top + 1, s->bottom + 1);
	f->x = f->y = 0;                     /* setting the region homes the cursor */
	if (s->by > 0 && c->indn) {
		add_csi(f, s->by, 'S');
	} else if (s->by > 0) {
		go(f, s->bottom, 0);
		add_repeated(f, "\n", s->by);
	} else if (c->rin) {
		add_csi(f, -s->by, 'T');
	} else {
		go(f, s->top, 0);
		add_repeated(f, "\033M", -s->by);
	}
	str_add(&f->out, "\033[r");
	f->x = f->y = 0;
}

/* The old screen as it looks after the scroll. */
static struct tcell *scrolled(const struct term *t, const struct scroll *s)
{
	size_t w = (size_t)t->w, rows = (size_t)(s->bottom - s->top + 1), by = (size_t)abs(s->by);
	struct tcell *to = mem_array(w * (size_t)t->h, sizeof *to);
	memcpy(to, t->front, w * (size_t)t->h * sizeof *to);
	struct tcell *region = to + (size_t)s->top * w;
	const struct tcell *from = t->front + (size_t)s->top * w;
	size_t kept = (rows - by) * w;
	memcpy(region + (s->by > 0 ? 0 : by * w), from + (s->by > 0 ? by * w : 0), kept * sizeof *to);
	fill(region + (s->by > 0 ? kept : 0), by * w, blank_of(t));
	return to;
}

static void write_clear(struct frame *f)
{
	struct term *t = f->t;
	use_erasing_pen(f);
	str_add(&f->out, t->tc.clear);
	f->x = f->y = 0;
	fill(t->front, (size_t)t->w * (size_t)t->h, blank_of(t));
}

/* ---- composing */

static void frame_init(struct frame *f, struct term *t)
{
	*f = (struct frame){ .t = t, .old = t->front, .x = t->x, .y = t->y, .pen = t->pen, .pen_known = t->pen_known };
	f->todo = mem_zalloc((size_t)t->w * (size_t)t->h);
	f->in_order = mem_zalloc((size_t)t->h);
	str_init(&f->out);
}

static void frame_done(struct frame *f)
{
	free(f->todo);
	free(f->in_order);
	free(f->runs);
	str_free(&f->out);
}

/* The same difference in another order; f keeps the shorter one. */
static void try_reordered(struct frame *f)
{
	struct frame g = *f;
	size_t cells = (size_t)f->t->w * (size_t)f->t->h;
	if (!frame_reorder(&g)) {
		write_runs(f);
		return;
	}
	g.todo = mem_alloc(cells);
	memcpy(g.todo, f->todo, cells);
	str_init(&g.out);
	str_addn(&g.out, f->out.p, f->out.len);
	write_runs(&g);
	qsort(f->runs, f->n_runs, sizeof *f->runs, run_by_row);
	write_runs(f);
	if (g.out.len < f->out.len) {
		struct str longer = f->out;
		f->out = g.out;
		g.out = longer;
		f->x = g.x;
		f->y = g.y;
		f->pen = g.pen;
		f->pen_known = g.pen_known;
	}
	free(g.todo);
	str_free(&g.out);
}

/* Returns the rows touched. */
static size_t compose(struct frame *f)
{
	size_t rows = frame_diff(f);
	if (f->n_runs >= WORTH_PASSES)
		try_reordered(f);
	else
		write_runs(f);
	return rows;
}

static void keep(struct term *t, const struct frame *f)
{
	str_addn(&t->out, f->out.p, f->out.len);
	t->x = f->x;
	t->y = f->y;
	t->pen = f->pen;
	t->pen_known = f->pen_known;
}

void frame_compose(struct term *t)
{
	struct frame plain, moved;
	struct scroll s;
	size_t cells = (size_t)t->w * (size_t)t->h;
	frame_init(&plain, t);
	if (t->clear_first)
		write_clear(&plain);
	else if (!t->front_known)
		fill(t->front, cells, (struct tcell){ TCELL_UNKNOWN, 0, 0, 0, 1 });
	bool known = t->front_known && !t->clear_first;
	size_t rows = compose(&plain);
	place_cursor(&plain);
	struct frame *best = &plain;
	if (known && rows > SCROLL_ROWS && scroll_find(t, &s) && can_scroll(&t->tc, s.by)) {
		struct tcell *old = scrolled(t, &s);
		frame_init(&moved, t);
		moved.old = old;
		write_scroll(&moved, &s);
		compose(&moved);
		place_cursor(&moved);
		best = moved.out.len < plain.out.len ? &moved : &plain;
		keep(t, best);
		frame_done(&moved);
		free(old);
	} else {
		keep(t, best);
	}
	frame_done(&plain);
	memcpy(t->front, t->back, cells * sizeof *t->front);
	t->cursor_shown = t->cursor_x >= 0;
	t->cursor_known = t->front_known = true;
	t->clear_first = t->stale = false;
}
