/* options -- what the command line asked of the interface. Strings are borrowed from argv. */
#ifndef MLYARD_APP_OPTIONS_H
#define MLYARD_APP_OPTIONS_H
#include <stdbool.h>
#include "core/workspace.h"

struct app_options {
	struct workspace_spec workspace;         /* for workspace_open */
	const char *theme, *keymap, *script;     /* NULL: not given */
};
#endif
