/* markdown -- Markdown as people read it in a terminal: headings, paragraphs, lists, quotes, code, tables, emphasis.
 *
 * Parsing  md4c does it (CommonMark with tables, task lists, strikethrough). What comes out is a flat list of blocks, each a text with marks where
 *          its style changes; a table row is a block of its own, its cells padded to their columns.
 * Layout   lines for a width, made when the width changes. HTML is never run: comments are shown dim, for they are questions to the author;
 *          other tags stand as they were written.
 * Owns     a copy of everything. Takes text_clean(TEXT_LINES)ed text.
 * Limits   MARKDOWN_MOST bytes; lists deeper than 12 are drawn at 12; table cells longer than 60 cells are cut.
 * Kept     lines, top, page.
 */
#ifndef MLYARD_TUI_MARKDOWN_H
#define MLYARD_TUI_MARKDOWN_H
#include "core/base/arena.h"
#include "tui/widget.h"

enum { MARKDOWN_MOST = 4 << 20 };
enum markdown_kind { MARKDOWN_TEXT, MARKDOWN_HEAD, MARKDOWN_CODE, MARKDOWN_ROW, MARKDOWN_RULE };
struct markdown_mark { size_t at; uint8_t role, attr; };                     /* from this byte on */
struct markdown_block { enum markdown_kind kind; int level, indent, quote; bool gap; const char *bullet, *text; size_t n; struct markdown_mark *marks; size_t n_marks; };
struct markdown_line { size_t block, at, n; bool blank; };                   /* n bytes of the block's text from `at` on */
struct markdown {
	struct arena *arena;
	struct markdown_block *blocks; size_t n, cap;
	struct markdown_line *lines; size_t n_lines, cap_lines; int width;
	size_t top; int page;
	char *find; size_t hit;          /* line of the last hit; SIZE_MAX: none */
};
/* NULL: too long. Empty text gives no blocks. */
struct markdown *markdown_parse(const char *text, size_t n);
void markdown_free(struct markdown *m);
void markdown_paint(struct markdown *m, const struct paint *p);
void markdown_scroll(struct markdown *m, long rows);
/* m is what `before` has become: it is laid out like that; the scroll position, what was searched for and the hit, where it still is one, are taken over. */
void markdown_keep_place(struct markdown *m, struct markdown *before);
/* As textview_find: NULL: the same again. False: no (further) match. */
bool markdown_find(struct markdown *m, const char *needle, int dir);
#endif
