/* editor -- a text in the user's own editor: $VISUAL, else $EDITOR.
 *
 * Why      no shell: the variable is taken apart as a command line (quotes and backslashes count, nothing is expanded), the file's path is its last
 *          argument.
 * Terminal the caller hands it over before and takes it back after; the editor gets this process's standard files.
 * Signals  those the program has blocked are let through to the editor. What the terminal sent meanwhile (interrupt, quit) was meant for
 *          the editor and is dropped. When the editor is stopped, so are we, until the shell continues both.
 * Threads  one; it waits for the editor to end.
 */
#ifndef MLYARD_BASE_EDITOR_H
#define MLYARD_BASE_EDITOR_H
#include <stddef.h>
#include "core/base/status.h"
#include "core/base/str.h"

/* The text goes into a file of the user's own (0600) whose name ends in `suffix`; what is there when the editor ends is appended to out,
 * at most `limit` bytes. *path: new string, the file: to be removed by the caller when the text is safe, else to be named in words; NULL when there is none. */
enum status editor_run(const char *text, size_t n, const char *suffix, size_t limit, struct str *out, char **path, struct err *e);
#endif
