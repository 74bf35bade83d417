#include "tui/term_probe.h"

#include <curses.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
/* after the standard headers: it defines words like "lines" */
#include <term.h>

/* terminfo answers -1 for "not a string capability". */
static bool has_string(const char *name)
{
	const char *s = tigetstr(name);
	return s != NULL && s != (const char *)(intptr_t)-1 && *s;
}

void term_probe(struct term_probe *out)
{
	int why;
	*out = (struct term_probe){ .library = curses_version(), .colors = -1 };
	if (!getenv("TERM") || setupterm(NULL, STDOUT_FILENO, &why) != OK)
		return;
	out->known = true;
	out->cursor = has_string("cup");
	out->scroll = has_string("csr");
	out->paste = has_string("BE");
	out->mouse = has_string("kmous");
	out->colors = tigetnum("colors");
	del_curterm(cur_term);
}
