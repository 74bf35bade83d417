/* theme -- roles to colours, from text files; colours to what the terminal can show.
 *
 * File     lines `role = [fg] [on bg] [bold dim underline reverse italic strike]`; colours are #rrggbb, a
 *          basic name (red, bright-blue, default), or a 256 index; `# comment` on lines of its own.
 *          First lines may say `name = ...`, `kind = dark|light`. Unknown roles and bad colours are
 *          reported with line and column and skipped; the rest loads.
 * Parents  a role without a line is its parent; with one, what the line leaves out (fg, bg)
 *          comes from the parent, attributes do not.
 * Cells    a cell whose bg is ROLE_TEXT shows its fg role's own bg (so a tab can be a filled box);
 *          any other bg role gives the cell its bg and adds its attributes.
 * Depth    24 bit -> 256 (nearest in CIELAB) -> 16 (nearest, contrast kept) -> mono (attributes only).
 */
#ifndef MLYARD_TUI_THEME_H
#define MLYARD_TUI_THEME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"
#include "tui/role.h"

enum color_kind { COLOR_NONE, COLOR_DEFAULT, COLOR_BASIC, COLOR_256, COLOR_RGB };
struct color { uint8_t kind, index, r, g, b; };
enum color_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB };
struct style { struct color fg, bg; uint8_t attr; };
struct theme { char name[48]; bool light; struct style style[ROLE_COUNT]; };   /* parents resolved */

/* `where` names the source in messages. Problems: one line each appended to `problems` ("where:3:7: ..."). */
void theme_parse(struct theme *t, const char *where, const char *text, size_t n, struct str *problems);
/* A built-in by name, or a file path, or NAME.theme in the user's themes folder. */
enum status theme_load(struct theme *t, const char *name, struct str *problems, struct err *e);
size_t theme_builtin_count(void);
const char *theme_builtin_name(size_t i);
/* Where a file theme lives (for hot reload): new string, or NULL for a built-in. */
char *theme_path(const char *name);
struct color color_reduce(struct color c, enum color_depth depth, bool background);
/* The theme as a terminal of that depth shows it; the result is what the painter uses. At 24 bit
 * a colour that the 256 palette holds (or nearly: it could not be told apart) becomes its index, which costs half
 * the bytes. With 16 colours and fewer, row backgrounds become reverse video, since a state's colour would not be
 * readable on any of them; foregrounds keep a contrast of 3:1. Mono takes the attributes of the built-in `mono`. */
void theme_reduce(const struct theme *in, enum color_depth depth, struct theme *out);

/* Colour arithmetic, also for tests. Default and none count as black (light: white) on their side; basic ones as xterm's. */
void color_rgb(struct color c, uint8_t rgb[3]);
double color_contrast(struct color a, struct color b);   /* WCAG 2 ratio, 1..21 */
double color_distance(struct color a, struct color b);   /* CIE76 delta E */
/* The nearest entry of the 256 palette that keeps `contrast` against another colour, and how far it is. */
struct color color_nearest_256(struct color c, struct color against, double contrast, double *distance);
/* The nearest of the first `count` (8, 16) basic colours that keeps `contrast` against another. */
struct color color_nearest_basic(struct color c, int count, struct color against, double contrast);
bool color_parse(const char *word, size_t n, struct color *c);
bool color_same(struct color a, struct color b);
#endif
