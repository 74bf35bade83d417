/* term_probe -- what terminfo says about this terminal, without opening it: nothing is written. For doctor. */
#ifndef MLYARD_TUI_TERM_PROBE_H
#define MLYARD_TUI_TERM_PROBE_H
#include <stdbool.h>

struct term_probe {
	bool known;              /* terminfo has an entry for $TERM */
	bool cursor, scroll;     /* can move its cursor; has scroll regions */
	bool paste, mouse;       /* bracketed paste, mouse reports: by its entry */
	int colors;              /* by its entry; -1: none */
	const char *library;     /* name and version of the terminal library */
};
void term_probe(struct term_probe *out);
#endif
