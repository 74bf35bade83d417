/* drift_leaf -- a page of text that scrolls: headings, paragraphs, tables, pictures, laid out for the width it is painted in.
 *
 * Tables   columns are as wide as their widest text, those without any are left out; where they do not fit, the longest left-aligned column is cut down to LEAF_CUT cells, then
 *          columns go from the right: put what matters most first. A number that is missing under a head is a dim dot, never blank.
 * Owns     copies of all texts, in an arena. Texts are clean.
 */
#ifndef MLYARD_VIEWS_DRIFT_LEAF_H
#define MLYARD_VIEWS_DRIFT_LEAF_H
#include "tui/widget.h"

enum { LEAF_COLUMNS = 12, LEAF_CUT = 18 };
struct leaf;
struct leaf *leaf_new(void);
void leaf_free(struct leaf *s);                        /* NULL is fine */
void leaf_head(struct leaf *s, const char *title, const char *fmt, ...) __attribute__((format(printf, 3, 4)));      /* fmt: a dim note behind it */
void leaf_text(struct leaf *s, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A table: its heads, '|' between them, '>' before those of numbers; all empty: no head line. Rows follow as cells, one a column. */
void leaf_table(struct leaf *s, const char *heads);
void leaf_cell(struct leaf *s, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void leaf_number(struct leaf *s, enum role role, double v, int digits);      /* NaN: missing */
/* `rows` lines that fn paints. */
void leaf_picture(struct leaf *s, int rows, void (*fn)(const void *data, struct paint *p), const void *data);
size_t leaf_lines(const struct leaf *s, int width);
size_t leaf_section(const struct leaf *s, int width, size_t line);      /* where the last section starts that does so at this line or before; 0: none but the first */
void leaf_paint(const struct leaf *s, const struct paint *p, size_t top);
#endif
