/* layout -- a tree of panes: splits with shares, minimum sizes, zoom; a pure function of the size.
 *
 * A leaf is a pane; a split divides its rectangle left/right or top/bottom with a one-cell
 * rule between. Panes that do not fit their minimum fold away in order of `weight`; the heaviest stays.
 */
#ifndef MLYARD_TUI_LAYOUT_H
#define MLYARD_TUI_LAYOUT_H
#include <stdbool.h>
#include "core/base/str.h"
#include "tui/surface.h"
#include <stdint.h>
enum { LAYOUT_MAX = 16 };
enum pane_dir { PANE_LEAF, PANE_ROW /* side by side */, PANE_COL /* stacked */ };
struct pane_node { enum pane_dir dir; int a, b; /* children */ float share; /* of a */ int min_w, min_h; uint8_t weight; bool hidden; int id; };
struct layout { struct pane_node node[LAYOUT_MAX]; int n, root; int zoom; /* leaf id or -1 */ };
struct placed { int id; struct rect r; /* inner, below the title rule */ struct rect title; /* the rule row above */ };
/* Places the leaves into `all`; returns how many; draws nothing. Rules: every pane has its title row on top, and one column
 * between side-by-side panes. */
int layout_place(const struct layout *l, struct rect all, struct placed out[LAYOUT_MAX]);
/* Node of the split whose border is at (x, y), or -1; layout_drag moves it there. */
int layout_border(const struct layout *l, struct rect all, int x, int y);
void layout_drag(struct layout *l, struct rect all, int node, int x, int y);
int layout_neighbour(const struct layout *l, struct rect all, int id, int dx, int dy);   /* leaf id or -1 */
void layout_save(const struct layout *l, struct str *out);           /* one line of text */
bool layout_load(struct layout *l, const char *text);                /* false: leaves l as it was; ids and tree must match */
#endif
