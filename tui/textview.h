/* textview -- a scrollable text with search; lines may carry a role. tree -- foldable rows. */
#ifndef MLYARD_TUI_TEXTVIEW_H
#define MLYARD_TUI_TEXTVIEW_H
#include "core/base/str.h"
#include "tui/widget.h"
struct text_line { const char *text; uint32_t n; uint8_t role; };
struct textview { struct text_line *lines; size_t n_lines; size_t top; int left, page; bool wrap, numbers; char *find; size_t hit; };
void textview_init(struct textview *t);
void textview_done(struct textview *t);
/* Takes clean text, splits at '\n'; `role` for all lines; replaces what was there. */
void textview_set(struct textview *t, const char *text, size_t n, enum role role);
void textview_add(struct textview *t, enum role role, const char *line, size_t n);
void textview_paint(struct textview *t, struct paint *p);
void textview_scroll(struct textview *t, long lines, int cols);
/* Case-insensitive; moves to the next hit from the top line (dir 1 or -1); false: no hit. Sets find. */
bool textview_find(struct textview *t, const char *needle, int dir);
#endif
