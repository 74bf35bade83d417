/* keymap -- key sequences to command lines, from text files.
 *
 * File     `context  keys  command line  # note`; context: `global`, a view id or a layer id; keys: a
 *          sequence joined with spaces inside <...> or one key: `g`, `<g g>`, `C-x`; command `none`
 *          unbinds. Later lines win; the user's file is read after the built-in one by the
 *          same parser. Problems name line and column; the rest loads.
 * Free     C-a C-b (screen, tmux), C-s C-q (flow control), C-z (suspend) are refused with a word.
 */
#ifndef MLYARD_TUI_KEYMAP_H
#define MLYARD_TUI_KEYMAP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"

enum { KEY_SEQ_MAX = 4 };
struct binding {
	const char *context, *command, *note;
	const char *where; int line;            /* where it was read */
	uint32_t keys[KEY_SEQ_MAX]; int n_keys;
};
struct keymap;
struct keymap *keymap_new(void);
void keymap_free(struct keymap *k);
void keymap_parse(struct keymap *k, const char *where, const char *text, size_t n, struct str *problems);
/* Built-in (default, vim, emacs) or a file path; then `user_file` on top when it exists. */
enum status keymap_load(struct keymap *k, const char *name, const char *user_file, struct str *problems, struct err *e);
size_t keymap_builtin_count(void);
const char *keymap_builtin_name(size_t i);
size_t keymap_count(const struct keymap *k);
const struct binding *keymap_at(const struct keymap *k, size_t i);          /* in file order, unbound and overridden ones left out */
/* contexts: innermost first, NULL-terminated. KEYMAP_PREFIX: more keys may follow. A complete binding of an inner
 * context wins over a prefix of an outer one. */
enum keymap_hit { KEYMAP_NONE, KEYMAP_PREFIX, KEYMAP_FOUND };
enum keymap_hit keymap_lookup(const struct keymap *k, const char *const *contexts, const uint32_t *keys, int n, const char **command);
/* The binding with the fewest keys, the first of those in the file, for exactly this command line (or its first word when no exact one) in these contexts, as text; "" none. */
const char *keymap_key_for(const struct keymap *k, const char *const *contexts, const char *command, struct str *buf);
#endif
