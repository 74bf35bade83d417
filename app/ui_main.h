/* ui_main -- the interactive program: opens the workspace, the terminal (or none for --script) and runs the loop. */
#ifndef MLYARD_APP_UI_MAIN_H
#define MLYARD_APP_UI_MAIN_H
#include "app/options.h"
int app_run_ui(const struct app_options *o);   /* the exit code */
#endif
