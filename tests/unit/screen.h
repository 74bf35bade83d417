/* screen -- painted cells against pictures kept as text files under tests/data/screens/.
 *
 * A picture is what surface_dump() gives. With MLYARD_UPDATE_SCREENS in the environment the files are
 * written instead of compared: look at them before they are committed.
 */
#ifndef MLYARD_TESTS_SCREEN_H
#define MLYARD_TESTS_SCREEN_H
#include <stdbool.h>
#include "tui/widget.h"

/* A surface of w x h cells and a paint of all of it, focused. */
struct screen { struct surface *s; struct paint p; };
struct screen screen_new(int w, int h, enum glyphs glyphs);
void screen_free(struct screen *sc);
/* Fails the test with both pictures when they differ. */
void screen_assert(const struct screen *sc, const char *name);

/* A paint of w x h cells in the middle of a larger surface full of '#'; screen_assert_margin fails if any of those has changed. */
enum { SCREEN_MARGIN = 3 };
struct screen screen_framed(int w, int h, enum glyphs glyphs);
void screen_assert_margin(const struct screen *sc);
/* True when no cell inside the paint shows anything but blanks; the code point of one cell of the paint. */
bool screen_blank(const struct screen *sc);
uint32_t screen_at(const struct screen *sc, int x, int y);
const struct cell *screen_cell(const struct screen *sc, int x, int y);
#endif
