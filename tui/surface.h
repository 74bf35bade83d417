/* surface -- the grid of cells that everything paints on; knows no terminal.
 *
 * Why      one painter, two back ends (terminal, none), screens as test data.
 * Cell     a code point, or (ch >= CELL_CLUSTER) an index into the surface's pool of
 *          longer grapheme clusters; a double-width character is followed by a
 *          cell with ch == 0. Foreground, background and attributes are
 *          independent: a row under the cursor keeps its state's colour.
 * Text     callers pass text_clean()ed UTF-8 (core/base/text.h); surface_text() replaces
 *          anything else by U+FFFD rather than trust it.
 * Clip     every call takes the rectangle it may touch; coordinates are relative to it.
 */
#ifndef MLYARD_TUI_SURFACE_H
#define MLYARD_TUI_SURFACE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/str.h"
#include "tui/role.h"

struct rect { int x, y, w, h; };
enum attr { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8, ATTR_ITALIC = 16, ATTR_STRIKE = 32 };
struct pen { uint8_t fg, bg, attr; };              /* roles; bg ROLE_TEXT: the screen's background */
#define PEN(role) ((struct pen){ (role), ROLE_TEXT, 0 })
#define PEN_ON(role, back) ((struct pen){ (role), (back), 0 })
enum { CELL_CLUSTER = 0x80000000u };
struct cell { uint32_t ch; uint8_t fg, bg, attr, flags; };
struct surface;

struct surface *surface_new(int w, int h);         /* at least 1x1 */
void surface_free(struct surface *s);
void surface_resize(struct surface *s, int w, int h);   /* contents are lost */
int surface_w(const struct surface *s);
int surface_h(const struct surface *s);
struct rect surface_all(const struct surface *s);
const struct cell *surface_row(const struct surface *s, int y);
/* The UTF-8 of a cell into out (NUL-terminated); 0 for the right half of a wide one. */
size_t surface_cell_text(const struct surface *s, const struct cell *c, char out[64]);
void surface_clear(struct surface *s);             /* blanks, cluster pool emptied, cursor hidden */

/* Draws from (x, y), cut at the clip; returns the x after the last cell (may be beyond the clip:
 * the full width). A NULL text draws nothing. */
int surface_text(struct surface *s, struct rect clip, int x, int y, struct pen p, const char *text);
int surface_textn(struct surface *s, struct rect clip, int x, int y, struct pen p, const char *text, size_t n);
int surface_textf(struct surface *s, struct rect clip, int x, int y, struct pen p, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Exactly `width` cells: cut with an ellipsis or padded; align < 0 left, 0 middle, > 0 right. */
void surface_field(struct surface *s, struct rect clip, int x, int y, int width, int align, struct pen p, const char *text);
void surface_put(struct surface *s, struct rect clip, int x, int y, struct pen p, uint32_t ch);   /* one narrow code point */
void surface_fill(struct surface *s, struct rect clip, struct rect area, struct pen p, uint32_t ch);
void surface_paint_bg(struct surface *s, struct rect clip, struct rect area, uint8_t bg);         /* keeps text and fg */
void surface_paint_attr(struct surface *s, struct rect clip, struct rect area, uint8_t attr);     /* or-ed in */
/* Lines that join: crossing calls turn into the right corner or tee. */
void surface_hline(struct surface *s, struct rect clip, int x, int y, int w, struct pen p);
void surface_vline(struct surface *s, struct rect clip, int x, int y, int h, struct pen p);
void surface_cursor(struct surface *s, struct rect clip, int x, int y);   /* where the terminal's cursor stands; x < 0 hides */
bool surface_get_cursor(const struct surface *s, int *x, int *y);

/* Text of all rows, right-trimmed; for tests and for plain output. */
void surface_dump(const struct surface *s, struct str *out);
/* The same with roles: after each row a line per run of equal pens, "y x..x fg/bg/attr". */
void surface_dump_styles(const struct surface *s, struct str *out);
bool rect_has(struct rect r, int x, int y);
struct rect rect_cut(struct rect r, struct rect by);     /* intersection; w, h >= 0 */
#endif
