/* theme -- roles to colours, from text files; colours to what the terminal can show.
 *
 * File     lines `role = fg [on bg] [bold dim underline reverse italic]`; colours are #rrggbb, a
 *          basic name (red, bright-blue, default), or a 256 index; `# comment`. First lines
 *          may say `name = ...`, `kind = dark|light`. Unknown roles and bad colours are
 *          reported with line and column and skipped; the rest loads.
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
#endif
