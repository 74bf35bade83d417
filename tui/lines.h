/* lines -- reading small text files of the user line by line, with problems that name the place.
 *
 * Themes and keymaps are hostile input like any other file: lines are bounded, what a message
 * quotes is cleaned, and the number of messages is bounded.
 */
#ifndef MLYARD_TUI_LINES_H
#define MLYARD_TUI_LINES_H
#include <stdbool.h>
#include <stddef.h>
#include "core/base/str.h"

enum { LINES_MAX_LENGTH = 1000, LINES_MAX_PROBLEMS = 50 };
struct lines {
	const char *where;               /* names the source in problems */
	const char *next, *end;          /* what is left */
	const char *start, *at, *stop;   /* the line, the reading position in it, its end */
	int number;
	int n_problems;
	struct str *problems;            /* may be NULL */
};
void lines_init(struct lines *l, const char *where, const char *text, size_t n, struct str *problems);
/* The next line that holds more than blanks and a comment; its leading blanks are skipped. */
bool lines_next(struct lines *l);
/* The next word up to a blank: false at the end of the line. */
bool lines_word(struct lines *l, const char **word, size_t *n);
/* A problem with the word that starts at `place` (NULL: the reading position). */
void lines_problem(struct lines *l, const char *place, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#endif
