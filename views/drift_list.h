/* drift_list -- what pages that are one table have in common: rows in the order in which they were read, filtered by typing, a cursor that stays on its
 * row by id whatever else comes or goes. The page owns the rows and says what is in them.
 */
#ifndef MLYARD_VIEWS_DRIFT_LIST_H
#define MLYARD_VIEWS_DRIFT_LIST_H
#include "tui/table.h"
#include "views/drift_internal.h"

enum { DRIFT_LIST_COLS = 12, DRIFT_LIST_TEXTS = 8 };
struct drift_list_class {
	const struct table_col *cols; size_t n_cols;
	size_t (*count)(const void *page);                                           /* of all rows */
	int64_t (*id)(const void *page, size_t i);
	void (*texts)(const void *page, size_t i, const char *out[DRIFT_LIST_TEXTS]);    /* what the filter looks at; the rest NULL */
	void (*row)(void *page, size_t shown, struct table_row *out);                /* may be NULL: no marks */
	void (*cell)(void *page, size_t shown, size_t col, char *buf, size_t cap, struct table_cell *out);
	const char *const *none; size_t n_none;                                      /* words when there is no row at all */
};
struct drift_list {
	const struct drift_list_class *cls; void *page;
	bool read, ascii; struct err err;        /* read: once at least */
	int64_t id;                              /* under the cursor; 0: none */
	char *filter;                            /* "": none */
	size_t *shown, cap;                      /* rows that pass */
	struct table table; struct table_col cols[DRIFT_LIST_COLS];
};
void drift_list_init(struct drift_list *l, const struct drift_list_class *cls, void *page);
void drift_list_done(struct drift_list *l);
/* An answer came: the page has put its rows in place, or kept the old ones. */
void drift_list_read(struct drift_list *l, enum status st, const struct err *e);
long drift_list_at(const struct drift_list *l);              /* the row under the cursor; -1: none */
void drift_list_move(struct drift_list *l, enum drift_move m);
void drift_list_mouse(struct drift_list *l, const struct event *ev, int x, int y);      /* y 0: the title */
void drift_list_filter(struct drift_list *l, const char *text);
bool drift_list_leave(struct drift_list *l);                 /* ends the filter; false: there is none */
void drift_list_words(const struct drift_list *l, const char *all, struct str *out);    /* for the title: " · 3 of 7, with "x"", or " · 7" and `all` */
/* Below a title; the last `below` rows stay free. */
void drift_list_paint(struct drift_list *l, struct ui *ui, const struct paint *p, int below);
#endif
