/* term_pass -- the order in which a frame's runs are written.
 *
 * A colour change costs 5 to 38 bytes there and back, a jump 2 to 8. So a pen whose runs are scattered between
 * others (column rules, marks, states) is taken out of the reading order and written in a pass of its own, down
 * its columns if that is shorter: a column rule then costs five bytes a row (itself, BS, LF). Which pens
 * leave is decided greedily by estimated saving. It is an estimate; the frame is written both ways and the
 * shorter one sent.
 */
#include <stdlib.h>
#include "tui/term_frame.h"

enum { STYLES_MAX = 64, PASSES_MAX = 10, WORTH = 6, ENTRY = 12, LOOK_AHEAD = 64 };

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
		save[k] = -ENTRY;
	for (size_t i = 0; i < f->n_runs; i++) {
		const struct run *r = &f->runs[i], *after = NULL;
		if (r->pass)
			continue;
		for (size_t j = i + 1; j < f->n_runs && j < i + LOOK_AHEAD && !after; j++)
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

static bool choose_passes(struct frame *f, struct styles *s)
{
	int passes = 0, save[STYLES_MAX];
	while (passes < PASSES_MAX) {
		int best = 0;
		weigh(f, s, save);
		for (int k = 1; k < s->n; k++)
			best = save[k] > save[best] ? k : best;
		if (s->n == 0 || save[best] < WORTH)
			break;
		passes++;
		for (size_t i = 0; i < f->n_runs; i++)
			if (f->runs[i].style == best && !f->runs[i].any && !f->runs[i].erase && !f->runs[i].pass && !f->in_order[f->runs[i].y])
				f->runs[i].pass = (uint8_t)passes;
	}
	return passes > 0;
}

int run_by_row(const void *a, const void *b)
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
	return p->pass != q->pass ? p->pass - q->pass : run_by_row(a, b);
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
			qsort(f->runs + i, end - i, sizeof *f->runs, run_by_row);
	}
}

bool frame_reorder(struct frame *f)
{
	struct styles styles;
	find_styles(f, &styles);
	if (!choose_passes(f, &styles))
		return false;
	order_passes(f);
	return true;
}
