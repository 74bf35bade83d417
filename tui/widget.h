/* widget -- what all widgets share: they are plain state; they paint, and they answer commands.
 *
 * A widget never binds keys: the view turns commands into calls (table_move, chart_zoom). Painting
 * changes nothing but what the widget's header names as kept (scroll position, fitted widths): same state,
 * same cells. Coordinates inside a paint are relative to its rectangle. Each header under tui/ says its own contract.
 */
#ifndef MLYARD_TUI_WIDGET_H
#define MLYARD_TUI_WIDGET_H
#include "tui/event.h"
#include "tui/surface.h"
enum glyphs { GLYPHS_BRAILLE, GLYPHS_BLOCK, GLYPHS_ASCII };       /* how charts, pictures and sparklines draw */
/* Drawing environment handed to paint functions. ascii: rules, arrows, marks and ellipses in ASCII too (a C locale). */
struct paint { struct surface *s; struct rect r; bool focus; enum glyphs glyphs; bool ascii; };

/* The part (x, y, w, h) of p, cut to p. */
struct paint paint_sub(const struct paint *p, int x, int y, int w, int h);
/* Signs that have an ASCII twin. */
enum sign { SIGN_MARK, SIGN_BAR, SIGN_UP, SIGN_DOWN, SIGN_OPEN, SIGN_SHUT, SIGN_LEFT, SIGN_RIGHT, SIGN_RULE, SIGN_ELLIPSIS, SIGN_MISSING, SIGN_COUNT };
uint32_t paint_sign(const struct paint *p, enum sign s);
int paint_text(const struct paint *p, int x, int y, struct pen pen, const char *text);          /* returns the x behind it */
void paint_put(const struct paint *p, int x, int y, struct pen pen, uint32_t ch);
/* Exactly `width` cells: cut with the ellipsis of the environment, or padded; align < 0 left, 0 middle, > 0 right. */
void paint_field(const struct paint *p, int x, int y, int width, int align, struct pen pen, const char *text, size_t n);
#endif
