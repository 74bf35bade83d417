/* term_frame -- the difference of two screens as few bytes.
 *
 * A frame    cells that differ are marked (todo) and gathered into runs of one pen on one row; small gaps that
 *            cost less to write again than to jump are taken in. Then the runs are written in an
 *            order that need not be the reading order.
 * Passes     a colour change costs 5 to 38 bytes there and back, a jump 2 to 8. So a pen whose runs are
 *            scattered between others (column rules, marks, states) is taken out of the reading
 *            order and written in a pass of its own, down its columns if that is shorter: a column rule then
 *            costs five bytes a row (itself, BS, LF). Which pens leave is decided greedily by estimated
 *            saving; the frame is composed with and without passes and the shorter one sent.
 * Blanks     belong to any pen that has their background. Long spans become EL, ECH or REP,
 *            whichever is shortest; a row that is new from some column on is first erased as a whole when
 *            jumping over its gaps then costs less than filling them. Erasing paints the background only where terminfo promises that (bce);
 *            elsewhere it is used for the default background alone, under the default pen.
 * Scrolling  see term_scroll.c; composed both ways as well.
 * Wide       if one half of a double-width cell changes, old or new, both are written. After a cluster the
 *            cursor's column counts as unknown and some cells behind it are written again, because terminals
 *            disagree about the width of clusters. It is unknown after the last column, too.
 * Cost       a full 200x50 frame takes well under a millisecond, a cursor key some 50 us.
 */
#include "tui/term_priv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"

enum { STYLES_MAX = 64, PASSES_MAX = 10, WORTH_PASSES = 6, SCROLL_ROWS = 2, WORTH_PASS = 6, CLUSTER_SPILL = 6 };

/* any: blanks only, pen.bg counts; erase: an EL that comes before everything else on its row. */
struct run { int y, x0, x1; struct tpen pen; bool any, erase; uint8_t style, pass; };

struct frame {
	struct term *t;
	const struct tcell *old;
	uint8_t *todo;
	uint8_t *in_order;               /* rows with a cluster: nothing of theirs leaves the reading order */
	struct run *runs;
	size_t n_runs, cap_runs;
	struct str out;
	int x, y;
	struct tpen pen;
	bool pen_known;
};

static bool is_blank(const struct tcell *c)
{
	return c->ch == ' ' && !(c->attr & ATTR_SHOWS_ON_BLANK);
}

static struct tpen pen_of(const struct tcell *c)
{
	return (struct tpen){ c->fg, c->bg, c->attr };
}

static bool same_pen(struct tpen a, struct tpen b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attr == b.attr;
}

static bool same_cell(const struct tcell *a, const struct tcell *b)
{
	uint64_t p, q;
	_Static_assert(sizeof *a == sizeof p, "a cell is compared as one word");
	memcpy(&p, a, sizeof p);
	memcpy(&q, b, sizeof q);
	return p == q;
}

static const struct tcell *new_row(const struct frame *f, int y)
{
	return f->t->back + (size_t)y * (size_t)f->t->w;
}

static uint8_t *todo_row(const struct frame *f, int y)
{
	return f->todo + (size_t)y * (size_t)f->t->w;
}

/* ---- what differs */

/* A terminal that does not know a cluster draws its parts one after the other, over cells that may have stood right. */
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
	while (n && (spread(todo, old, f->t->w) | spread(todo, now, f->t->w) | spill(todo, now, f->t->w)))
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
		if (bytes > 4)
			return -1;
	}
	return x < f->t->w && fits(r, row + x) ? x : -1;
}

static int csi_length(int n)
{
	return n == 1 ? 3 : n < 10 ? 4 : n < 100 ? 5 : n < 1000 ? 6 : 7;
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

static size_t collect(struct frame *f)
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

/* ---- passes */

struct styles { struct tpen pen[STYLES_MAX]; int n; uint8_t cost[STYLES_MAX][STYLES_MAX]; /* bytes of a change, 0: not asked yet */ };

static void find_styles(struct frame *f, struct styles *s)
{
	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < f->n_runs; i++) {
		int k = 0;
		while (k < s->n && !same_pen(s->pen[k], f->runs[i].pen))
			k++;
		if (k == s->n && s->n < STYLES_MAX)
			s->pen[s->n++] = f->runs[i].pen;
		f->runs[i].style = (uint8_t)(k < STYLES_MAX ? k : STYLES_MAX - 1);
		f->runs[i].pass = 0;
	}
}

static int change_cost(const struct frame *f, struct styles *s, const struct run *from, const struct run *to)
{
	char sgr[SGR_MAX];
	if (!from || !to || from->style == to->style)
		return 0;
	uint8_t *cost = &s->cost[from->style][to->style];
	if (!*cost)
		*cost = (uint8_t)sgr_change(&f->t->palette, &f->t->tc, &s->pen[from->style], s->pen[to->style], sgr);
	return *cost;
}

/* Rough bytes of a jump from the end of one run to the start of another. */
static int jump_cost(const struct run *from, const struct run *to)
{
	int across = abs(to->x0 - from->x1);
	if (to->y == from->y)
		return across == 0 ? 0 : across < 4 && to->x0 > from->x1 ? across : 5;
	int down = to->y - from->y;
	int vertical = down > 0 && down < 4 ? down : 4;
	int horizontal = to->x0 <= from->x1 && across < 4 ? across : to->x0 == 0 ? 1 : 5;
	return vertical + horizontal < 8 ? vertical + horizontal : 8;
}

/* What each style would save if its runs left the reading order. */
static void weigh(const struct frame *f, struct styles *s, int *save)
{
	const struct run *last[STYLES_MAX] = { NULL }, *before = NULL, *before_blank = NULL;
	for (int k = 0; k < s->n; k++)
		save[k] = -12;
	for (size_t i = 0; i < f->n_runs; i++) {
		const struct run *r = &f->runs[i], *after = NULL;
		if (r->pass)
			continue;
		for (size_t j = i + 1; j < f->n_runs && j < i + 64 && !after; j++)
			after = f->runs[j].pass || f->runs[j].any ? NULL : &f->runs[j];
		if (!r->any) {
			int in_place = change_cost(f, s, before, r) + change_cost(f, s, r, after) - change_cost(f, s, before, after);
			const struct run *neighbour = before_blank ? before_blank : before;
			bool inside = neighbour && neighbour->y == r->y && i + 1 < f->n_runs && f->runs[i + 1].y == r->y;
			int gap = inside ? (r->x1 - r->x0 < 4 ? r->x1 - r->x0 : 4) : 0;
			if (!f->in_order[r->y] && !r->erase) {
				save[r->style] += in_place - gap - (last[r->style] ? jump_cost(last[r->style], r) : 8);
				last[r->style] = r;
			}
			before = r;
		}
		before_blank = r;
	}
}

static int choose_passes(struct frame *f, struct styles *s)
{
	int passes = 0, save[STYLES_MAX];
	while (passes < PASSES_MAX) {
		int best = 0;
		weigh(f, s, save);
		for (int k = 1; k < s->n; k++)
			best = save[k] > save[best] ? k : best;
		if (s->n == 0 || save[best] < WORTH_PASS)
			break;
		passes++;
		for (size_t i = 0; i < f->n_runs; i++)
			if (f->runs[i].style == best && !f->runs[i].any && !f->runs[i].erase && !f->runs[i].pass && !f->in_order[f->runs[i].y])
				f->runs[i].pass = (uint8_t)passes;
	}
	return passes;
}

static int by_row(const void *a, const void *b)
{
	const struct run *p = a, *q = b;
	return p->y != q->y ? p->y - q->y : p->x0 != q->x0 ? p->x0 - q->x0 : q->erase - p->erase;
}

static int by_column(const void *a, const void *b)
{
	const struct run *p = a, *q = b;
	return p->x0 != q->x0 ? p->x0 - q->x0 : p->y - q->y;
}

static int way_through(const struct run *r, size_t n)
{
	int sum = 0;
	for (size_t i = 1; i < n; i++)
		sum += jump_cost(&r[i - 1], &r[i]);
	return sum;
}

static int by_pass(const void *a, const void *b)
{
	const struct run *p = a, *q = b;
	return p->pass != q->pass ? p->pass - q->pass : by_row(a, b);
}

/* Puts the runs into writing order: the reading order first, then pass after pass. */
static void order_passes(struct frame *f)
{
	qsort(f->runs, f->n_runs, sizeof *f->runs, by_pass);
	for (size_t i = 0, end; i < f->n_runs; i = end) {
		for (end = i; end < f->n_runs && f->runs[end].pass == f->runs[i].pass; end++)
			;
		if (f->runs[i].pass == 0)
			continue;
		int rows = way_through(f->runs + i, end - i);
		qsort(f->runs + i, end - i, sizeof *f->runs, by_column);
		if (way_through(f->runs + i, end - i) >= rows)
			qsort(f->runs + i, end - i, sizeof *f->runs, by_row);
	}
}

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
	bool repeat = f->t->tc.rep && n > 1 && len * (size_t)(n - 1) > (size_t)csi_length(n - 1);
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

/* Writes the difference in reading order and, if there is enough of it, in passes too; keeps the shorter one. Returns the rows touched. */
static size_t compose(struct frame *f)
{
	size_t rows = collect(f);
	if (f->n_runs >= WORTH_PASSES) {
		struct styles styles;
		find_styles(f, &styles);
		struct frame g = *f;
		if (choose_passes(&g, &styles)) {
			size_t cells = (size_t)f->t->w * (size_t)f->t->h;
			g.todo = mem_alloc(cells);
			memcpy(g.todo, f->todo, cells);
			str_init(&g.out);
			str_addn(&g.out, f->out.p, f->out.len);
			order_passes(&g);
			write_runs(&g);
			qsort(f->runs, f->n_runs, sizeof *f->runs, by_row);
			write_runs(f);
			if (g.out.len < f->out.len) {
				struct str shorter = g.out;
				g.out = f->out;
				f->out = shorter;
				f->x = g.x;
				f->y = g.y;
				f->pen = g.pen;
				f->pen_known = g.pen_known;
			}
			free(g.todo);
			str_free(&g.out);
			return rows;
		}
	}
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
