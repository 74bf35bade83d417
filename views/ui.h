/* ui -- the workbench that views live in: bars, tabs, layers, keys, tasks, messages.
 *
 * One painter, one loop, no nested loops: a prompt, menu or dialog is a layer on a stack that gets
 * the keys first and reports through a callback. Every call is for the UI thread.
 */
#ifndef MLYARD_VIEWS_UI_H
#define MLYARD_VIEWS_UI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/cmd.h"
#include "core/base/loop.h"
#include "core/base/tasks.h"
#include "core/workspace.h"
#include "tui/keymap.h"
#include "tui/term.h"
#include "tui/theme.h"
#include "tui/widget.h"
#include "views/view.h"

struct ui;
struct ui_spec {
	struct workspace *ws; struct loop *loop; struct tasks *tasks; struct term *term;
	const char *theme, *keymap;             /* NULL: the workspace's, else default */
	enum glyphs glyphs; bool glyphs_given;
};
struct ui *ui_new(const struct ui_spec *spec, struct err *e);
void ui_free(struct ui *ui);
void ui_event(struct ui *ui, const struct event *ev);
void ui_paint(struct ui *ui);                            /* if dirty: lays out, paints, presents */
void ui_changed(struct ui *ui, uint32_t topics);         /* mark views stale; the visible one refreshes now, others when shown */
void ui_unread_sources(struct ui *ui, size_t n);         /* how many sources could not be read when last tried */
bool ui_idle(const struct ui *ui);                       /* no task running, nothing dirty */
bool ui_quit_asked(const struct ui *ui, int *exit_code);

/* For views -------------------------------------------------------------- */
struct workspace *ui_workspace(struct ui *ui);
bool ui_read_only(const struct ui *ui);                  /* asked for on the command line, or forced by the file */
struct loop *ui_loop(struct ui *ui);
struct tasks *ui_tasks(struct ui *ui);
struct term *ui_term(struct ui *ui);
bool ui_is_mono(const struct ui *ui);        /* colours tell nothing apart: the terminal has none, or the theme uses none */
enum glyphs ui_glyphs(const struct ui *ui);
void ui_dirty(struct ui *ui);
/* Runs a command line in the active view's context; words for the user go to the message line. */
enum status ui_run(struct ui *ui, const char *line);
enum status ui_run_line(struct ui *ui, const char *line, struct err *e);   /* the same, the words go to e */
void ui_watch_tasks(struct ui *ui);                      /* repaint progress while listed tasks run */
void ui_message(struct ui *ui, enum status level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Work for a view: `work` on a worker with its own connection; then, when the view is still open and the call not
 * superseded by a later one with the same slot, apply(view, arg); else drop(arg). slot 0..15 names what is refreshed; a new
 * call cancels the running one of the slot. apply owns arg. */
struct ui_task {
	const char *title; enum task_class cls; bool hidden; int slot;
	enum status (*work)(struct store *s, struct task *t, void *arg, struct err *e);
	void (*apply)(void *view, void *arg, enum status st, const struct err *e);
	void (*drop)(void *arg);
	void *arg;
};
void ui_task(struct ui *ui, void *view, const struct ui_task *spec);
/* Layers. Texts are copied. `done` is called once: text or NULL when the user went back. */
struct ui_prompt {
	const char *prompt, *initial, *history;              /* history: name under which lines are kept */
	void (*change)(void *view, const char *text);        /* live; may be NULL */
	void (*done)(void *view, const char *text);
	cmd_complete_fn complete;                            /* Tab; may be NULL */
	bool secret;                                         /* a passphrase: masked, without history, in locked memory that is wiped after `done` */
};
void ui_prompt(struct ui *ui, void *view, const struct ui_prompt *p);
void ui_confirm(struct ui *ui, void *view, const char *question, const char *detail, void (*yes)(void *view));   /* default is no */
struct ui_item { const char *label, *detail, *why_not; bool checked; };
/* A list to pick from: typing filters it. `multi`: space toggles, pick is called for each toggle and the list stays. */
void ui_menu(struct ui *ui, void *view, const char *title, const struct ui_item *items, size_t n, bool multi,
	void (*pick)(void *view, size_t i, bool on));
/* A read-only text in a layer, with search: help pages, details. Takes clean text. */
void ui_text(struct ui *ui, const char *title, const char *text, size_t n, bool wrap);   /* wrap: prose; not for tables */
/* Settings of the workspace, cached: layout, columns. Written behind. NULL when absent; borrowed until the next set. */
const char *ui_setting(struct ui *ui, const char *key);
void ui_set_setting(struct ui *ui, const char *key, const char *value);
/* Pane frame helpers, so that all views look alike: the rule row with title left and note right. */
void ui_rule(struct paint *p, struct rect title, const char *text, const char *note, bool focus);
/* The key that runs this command line in the active view, appended to out; without one the command line itself. */
void ui_key_for(struct ui *ui, const char *command, struct str *out);
/* "{runs.mark} marks one": the commands in braces become the keys that run them; appends. */
void ui_words(struct ui *ui, const char *text, struct str *out);
/* A few lines in the middle of an empty pane: the first says what is missing, the others what to do; {command} becomes its key. */
void ui_empty(struct ui *ui, const struct paint *p, const char *const *lines, size_t n);
/* Rows of the workbench itself and of every view, with the keys of the given keymap: what
 * `mlyard commands` prints and the tests walk through. */
struct out;
enum status ui_commands_print(struct out *o, const char *keymap, struct err *e);
/* Everything a script may ask of the screen: text of the last painted frame, the active view's model. */
const struct surface *ui_surface(const struct ui *ui);
void ui_model(struct ui *ui, struct str *out);
void ui_second(struct ui *ui);                           /* once a second: other processes' changes, clocks, edited theme files */
#endif
