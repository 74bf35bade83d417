/* term_frame -- what the three files that make a frame share: the difference (term_diff.c), the
 * order in which it is written (term_pass.c), and the writing (term_frame.c).
 */
#ifndef MLYARD_TUI_TERM_FRAME_H
#define MLYARD_TUI_TERM_FRAME_H
#include <string.h>
#include "tui/term_priv.h"

/* Cells of one pen on one row. any: blanks only, of the pen only bg counts; erase: an EL that comes before everything else on
 * its row. */
struct run { int y, x0, x1; struct tpen pen; bool any, erase; uint8_t style, pass; };

struct frame {
	struct term *t;
	const struct tcell *old;
	uint8_t *todo;                   /* a byte per cell: to be written */
	uint8_t *in_order;               /* rows with a cluster: nothing of theirs leaves the reading order */
	struct run *runs;
	size_t n_runs, cap_runs;
	struct str out;
	int x, y;
	struct tpen pen;
	bool pen_known;
};

/* Fills todo and runs, in reading order; returns how many rows differ. */
size_t frame_diff(struct frame *f);
/* Puts the runs into a writing order that should be shorter; false: there is none. The erase runs stay first on their rows. */
bool frame_reorder(struct frame *f);
int run_by_row(const void *a, const void *b);            /* qsort: reading order */

static inline bool is_blank(const struct tcell *c)
{
	return c->ch == ' ' && !(c->attr & ATTR_SHOWS_ON_BLANK);
}

static inline struct tpen pen_of(const struct tcell *c)
{
	return (struct tpen){ c->fg, c->bg, c->attr };
}

static inline bool same_pen(struct tpen a, struct tpen b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attr == b.attr;
}

static inline const struct tcell *new_row(const struct frame *f, int y)
{
	return f->t->back + (size_t)y * (size_t)f->t->w;
}

static inline uint8_t *todo_row(const struct frame *f, int y)
{
	return f->todo + (size_t)y * (size_t)f->t->w;
}

/* Bytes of CSI n X. */
static inline int csi_length(int n)
{
	return n == 1 ? 3 : n < 10 ? 4 : n < 100 ? 5 : n < 1000 ? 6 : 7;
}
#endif
