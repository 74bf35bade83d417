/* tree -- foldable rows with lines: artifacts, nested configuration.
 *
 * Data     rows in depth-first order, each with its depth; text comes from a callback for visible rows only. Only depth
 *          and fold state are kept here: 10 bytes a row.
 * Limits   2^31 rows; deeper than 63 levels is drawn at level 63.
 * Kept     top, page: of the last paint.
 */
#ifndef MLYARD_TUI_TREE_H
#define MLYARD_TUI_TREE_H
#include "tui/widget.h"
struct tree_row { const char *text; size_t n; struct pen pen; const char *note; /* dim, at the right end; may be NULL */ };
struct tree {
	size_t n;                        /* rows of the data */
	uint16_t *depth; bool *folded;   /* per row */
	uint32_t *shown; uint64_t *lines; size_t n_shown;   /* rows not hidden by a fold; per shown row: bit d set = a later sibling at depth d */
	size_t cursor, top; int page;    /* cursor and top count shown rows */
	void *data;
	void (*row)(void *data, size_t i, char *buf, size_t cap, struct tree_row *out);   /* may use buf (cap >= 256); *out comes zeroed */
};
void tree_init(struct tree *t);
void tree_done(struct tree *t);
/* Takes over the depths (a copy); all rows deeper than `open_depth` start hidden under folds. Keeps nothing of the old rows. */
void tree_set(struct tree *t, const uint16_t *depth, size_t n, unsigned open_depth);
bool tree_has_children(const struct tree *t, size_t i);
void tree_fold(struct tree *t, size_t i, bool folded);
bool tree_at(const struct tree *t, size_t *i);              /* data row under the cursor; false when empty */
void tree_show(struct tree *t, size_t i);                   /* opens what hides row i and puts the cursor there */
void tree_paint(struct tree *t, struct paint *p);
void tree_move(struct tree *t, long rows);
void tree_page(struct tree *t, int pages_times_two);
void tree_left(struct tree *t);                             /* folds an open row, else goes to its parent */
void tree_right(struct tree *t);                            /* opens a folded row, else goes to its first child */
void tree_toggle(struct tree *t);
void tree_scroll(struct tree *t, long rows);
bool tree_hit(const struct tree *t, int y, size_t *shown);  /* shown row under line y of the last paint */
#endif
