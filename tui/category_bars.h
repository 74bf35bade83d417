/* category_bars -- shares of labels on two sides, as bars beside their numbers.
 *
 * Rows     two a label where all fit so: reference above (shaded), current below (solid). Else one: the current bar with a stroke where the
 *          reference's ends. The last row counts what is not shown.
 * Columns  label, bars, share of the reference, of the current data, change in points; narrow rectangles lose the change, then the bars.
 * Threads  pure: paints from what is handed in, keeps nothing.
 */
#ifndef MLYARD_TUI_CATEGORY_BARS_H
#define MLYARD_TUI_CATEGORY_BARS_H
#include "tui/widget.h"

enum category_fate { CATEGORY_KEPT, CATEGORY_NEW, CATEGORY_LOST, CATEGORY_OTHERS };
struct category_bar { const char *label; double ref, cur; enum category_fate fate; };       /* label: clean text; shares 0..1, NaN: unknown */
struct category_bars { const struct category_bar *at; size_t n, top; };                     /* top: first one shown */
void category_bars_paint(const struct category_bars *b, struct paint *p);
size_t category_bars_shown(const struct category_bars *b, int h);                           /* labels in so many rows, without the one that counts */
#endif
