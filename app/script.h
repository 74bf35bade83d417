/* script -- drives the real interface from a text file on a terminal that only keeps its cells.
 *
 * One line, one step; after each the script waits until nothing runs and nothing is left to paint, never for a clock.
 *   size W H         a resize               key K...        keys by their names        type TEXT     text as keys
 *   paste TEXT       bracketed paste        mouse X Y [wheel-up|wheel-down]            now MS        the wall clock
 *   screen           prints the screen      styles          prints it with its roles   model         prints the view's model
 *   expect TEXT      the screen has it      reject TEXT     the screen has it not      expect-model LINE
 *   changed          everything is said to have changed, as after an import
 *   anything else is a command line, which must succeed; `fails LINE` is one that must not; # starts a comment
 * A step that does not hold ends the script with ST_CHECK, naming file and line, and prints the screen.
 */
#ifndef MLYARD_APP_SCRIPT_H
#define MLYARD_APP_SCRIPT_H
#include "app/background.h"
#include <stdio.h>
#include "views/ui.h"
struct script_env { struct ui *ui; struct loop *loop; struct tasks *tasks; struct term *term; struct background *background; };
/* Size from MLYARD_SIZE (COLSxROWS, else 120x36), colours from MLYARD_COLORS (mono 8 16 256 rgb, else 256), ASCII in a
 * locale that is not UTF-8. */
struct term *script_terminal(void);
enum status script_run(const struct script_env *env, const char *path, FILE *out, struct err *e);
#endif
