/* table -- a virtual table: a million rows, only the visible ones are asked for (and once the first and last page).
 *
 * Columns are data: one row per column says title, width policy, alignment; the cells come from a
 * callback. Drawing, moving, marking, column moves and resizing are the widget's; order and
 * filtering belong to the data.
 * Layout   a gutter (cursor bar, mark), pinned columns, a rule, the others. What does not fit: first text columns
 *          (width 0, align <= 0, not firm) shrink to `min`, though not below 8, sparklines go before that, then the
 *          columns with the lowest `weight` go, rightmost first; the head's right end counts them (`+3 >`). Once
 *          col_cursor or `left` is set, the user walks sideways: then nothing is dropped, the columns follow from
 *          `left` on and only pinned ones shrink, when they take more than half the room.
 * Numbers  (align 1, text that reads as a number) stand on the decimal point; other text (NaN, a dot for missing) is
 *          flush right.
 * Kept     top, left, page; per column the width fitted so far (it only widens, so that nothing jumps while
 *          scrolling) and where it was painted. table_forget() starts fitting anew: call it for other data.
 * Limits   columns without bound: only those that fit are measured; 64 shown at once.
 */
#ifndef MLYARD_TUI_TABLE_H
#define MLYARD_TUI_TABLE_H
#include "tui/widget.h"

struct table_col {
	const char *title;               /* borrowed; clean text */
	int min, max, width;             /* cells; width 0: fit to visible content between min and max (max 0: 40) */
	int align;                       /* -1 left, 1 right (numbers: on the point) */
	uint8_t weight;                  /* 255: never dropped; small ones go first when space is short */
	bool pinned, hidden;
	bool firm;                       /* text that is never cut to make room: a state's sign says nothing as an ellipsis */
	int8_t sort;                     /* 0 none, 1 ascending, -1 descending */
	uint8_t sort_rank;               /* 1.. when several */
	bool spark;                      /* cells are drawn as sparklines; takes up to `max` cells when there is room */
	int fit, fit_int, fit_frac;      /* kept: cells of the widest text; left and right of the point */
	int at_x, at_w;                  /* kept: where it was painted; at_w 0: not shown */
};
struct table_cell { const char *text; struct pen pen; const double *spark; int n_spark; double spark_lo, spark_hi; };   /* pen.bg is ignored; spark is borrowed until the paint ends; its scale, both 0: its own */
struct table_row { bool marked; uint8_t role; /* colour of the mark */ uint32_t sign; /* its character; 0: the usual one */ const char *prefix; /* tree lines before the first column's text; "" or NULL: none */ };
struct table {
	struct table_col *cols; size_t n_cols;       /* owned by the view */
	size_t n_rows;
	size_t cursor, top; int col_cursor, left;    /* col_cursor: -1 none; left: first unpinned column shown */
	int page;                                    /* rows shown at the last paint */
	bool show_marks, show_head;
	void *data;
	void (*row)(void *data, size_t i, struct table_row *out);    /* NULL: plain rows; *out comes zeroed */
	void (*cell)(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out);   /* may use buf (cap >= 256) for text; *out comes zeroed */
	int dropped;                                 /* kept: columns not shown for want of space */
	int w, h;                                    /* kept: size of the last paint */
};
/* An empty table with heads and marks, no column cursor. */
void table_init(struct table *t);
void table_forget(struct table *t);
void table_paint(struct table *t, struct paint *p);         /* also brings top/left into range of the cursor */
void table_move(struct table *t, long rows);
void table_page(struct table *t, int pages_times_two);      /* halves */
void table_to(struct table *t, size_t row);
void table_col_move(struct table *t, int cols);             /* among the columns that are not hidden; left of the first: none again */
void table_scroll(struct table *t, long rows);              /* wheel: the view moves, the cursor stays on screen */
/* Row and column under a cell (relative to the rectangle last painted); row -1 for the head, -2 outside; *col -1 between columns. */
long table_hit(const struct table *t, int x, int y, int *col);
/* Column borders for dragging: the column whose right edge is at x, or -1. */
int table_edge(const struct table *t, int x);
#endif
