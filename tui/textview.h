/* textview -- a scrollable text with search; lines may carry a role.
 *
 * Owns     a copy of the text. Lines longer than 8,192 bytes are continued on further lines, so that one endless
 *          line of JSON costs no more than others.
 * Wrap     at words where there is one, else at a cell; `top_row` counts rows within a wrapped top line.
 * Cut      without wrapping a dim sign at either end of a row says that the line goes on there.
 * Kept     page, width, cut: of the last paint.
 */
#ifndef MLYARD_TUI_TEXTVIEW_H
#define MLYARD_TUI_TEXTVIEW_H
#include "core/base/arena.h"
#include "core/base/str.h"
#include "tui/widget.h"
struct text_line { const char *text; uint32_t n; uint8_t role; bool more; /* continued on the next */ };
struct textview {
	struct text_line *lines; size_t n_lines; size_t top; int left, page; bool wrap, numbers;
	bool cut;                        /* kept: a line on the screen goes on beyond its edge */
	char *find; size_t hit;          /* what is searched for (NULL: nothing), and the line of the last hit */
	size_t cap; int top_row, width; struct arena *text;      /* kept by the widget; width: cells of text at the last paint */
};
void textview_init(struct textview *t);
void textview_done(struct textview *t);
/* Takes clean text (it is copied), splits at '\n'; `role` for all lines; replaces what was there. What is searched for stays, with the number of the line that was hit, and so does the column. */
void textview_set(struct textview *t, const char *text, size_t n, enum role role);
void textview_add(struct textview *t, enum role role, const char *line, size_t n);
void textview_paint(struct textview *t, struct paint *p);
void textview_scroll(struct textview *t, long lines, int cols);          /* rows of the screen, when wrapped */
void textview_page(struct textview *t, int pages_times_two);             /* halves */
void textview_end(struct textview *t);                                   /* the last page */
bool textview_at_end(const struct textview *t);
void textview_to(struct textview *t, size_t line);                       /* at the top of the page, or as near as the end allows */
enum textview_move { TEXTVIEW_DOWN, TEXTVIEW_UP, TEXTVIEW_PAGE_DOWN, TEXTVIEW_PAGE_UP, TEXTVIEW_HALF_DOWN, TEXTVIEW_HALF_UP, TEXTVIEW_TOP,
	TEXTVIEW_BOTTOM, TEXTVIEW_LEFT, TEXTVIEW_RIGHT };
void textview_move(struct textview *t, enum textview_move m);
void textview_wrap(struct textview *t, bool on);                         /* the top line stays where it is */
/* Appends which lines are on the screen and how the long ones are shown: "1-20 of 33 · wrapped". */
void textview_note(const struct textview *t, struct str *out);
/* Case-insensitive; moves to the next hit from the top line (dir 1 or -1; from the last hit when the needle is the same), round
 * the ends; false: no hit. Sets find. NULL or "": no search any more. */
bool textview_find(struct textview *t, const char *needle, int dir);
bool textview_find_again(struct textview *t, int dir);                   /* the same needle */
#endif
