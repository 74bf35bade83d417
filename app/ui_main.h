/* ui_main -- the interface from start to end: workspace, terminal, loop, signals, imports in the background.
 *
 * Ends     on quit, hang-up, end of input, TERM, INT and QUIT: the terminal is restored first, then tasks are
 *          cancelled and joined (a write under way finishes). Returns the exit code; 128 + n for signal n.
 * Script   with --script there is no terminal: commands come from the file, screens go to standard output.
 */
#ifndef MLYARD_APP_UI_MAIN_H
#define MLYARD_APP_UI_MAIN_H
#include "app/options.h"
/* False and words in e when there is no terminal that could show it (then print plainly). */
bool app_can_run_ui(struct err *e);
int app_run_ui(const struct app_options *o);
#endif
