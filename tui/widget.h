/* widget -- what all widgets share: they are plain state; they paint, and they answer commands.
 *
 * A widget never binds keys: the view turns commands into calls (table_move, chart_zoom). Painting
 * changes nothing: same state, same cells. Each header under tui/ says its own contract.
 */
#ifndef MLYARD_TUI_WIDGET_H
#define MLYARD_TUI_WIDGET_H
#include "tui/event.h"
#include "tui/surface.h"
enum glyphs { GLYPHS_BRAILLE, GLYPHS_BLOCK, GLYPHS_ASCII };       /* how charts and sparklines draw */
/* Drawing environment handed to paint functions. */
struct paint { struct surface *s; struct rect r; bool focus; enum glyphs glyphs; bool ascii; };
#endif
