/* input -- one line of editable text with history: grapheme-wise moves, kill and yank, paste. */
#ifndef MLYARD_TUI_INPUT_H
#define MLYARD_TUI_INPUT_H
#include "core/base/str.h"
#include "tui/widget.h"
struct input_history { char **at; size_t n; };
struct input { struct str text, kill; size_t cursor; int left; struct input_history *history; size_t history_at; struct str draft; const char *hint; };
void input_init(struct input *in, struct input_history *h);
void input_done(struct input *in);
void input_set(struct input *in, const char *text);
/* Edits by named action: left right home end word-left word-right backspace delete kill-word kill-line kill-all yank prev next. False: unknown. */
bool input_do(struct input *in, const char *action);
void input_insert(struct input *in, const char *bytes, size_t n);       /* cleaned; newlines become spaces */
void input_paint(struct input *in, struct paint *p, const char *prompt);/* also places the cursor */
void input_history_add(struct input_history *h, const char *line);      /* skips repeats; keeps 500 */
void input_history_free(struct input_history *h);
#endif
