/* ui_internal -- what the rooms of the workbench share: its state, the stack of layers.
 *
 * A layer is modal state drawn above the view: it gets keys first, through its own key context; a
 * key that no binding claims goes to its key(). It ends by ui_layer_pop(), which frees it; callbacks run after
 * that, so that they may push another layer.
 * Invariants  I1 layers[n-1] is the innermost.  I2 a layer never outlives its view (closing a view pops its layers).
 */
#ifndef MLYARD_VIEWS_UI_INTERNAL_H
#define MLYARD_VIEWS_UI_INTERNAL_H
#include "core/base/map.h"
#include "core/base/notice.h"
#include "tui/input.h"
#include "tui/textview.h"
#include "views/ui.h"

enum { UI_TABS = 16, UI_LAYERS = 8, UI_SLOTS = 16, UI_PENDING = KEY_SEQ_MAX };

struct layer;
struct layer_class {
	const char *id;                                       /* its key context and the `where` of its commands */
	void (*paint)(struct layer *l, struct ui *ui, struct paint *p);
	bool (*key)(struct layer *l, struct ui *ui, uint32_t key);   /* unbound keys; true: used */
	void (*paste)(struct layer *l, struct ui *ui, const char *text, size_t n);
	void (*mouse)(struct layer *l, struct ui *ui, const struct event *ev);
	void (*free)(struct layer *l);
	const char *hints;
	bool whole;                                           /* hides the view's cursor and hints */
};
struct layer { const struct layer_class *cls; void *view; };   /* embedded first in each kind */

struct tab { const struct view_class *cls; void *view; uint32_t stale; uint64_t generation[UI_SLOTS], task[UI_SLOTS]; };

struct ui {
	struct ui_spec spec;
	struct surface *surface;
	struct theme theme; char *theme_name, *theme_path; int64_t theme_mtime;
	struct keymap *keymap; char *keymap_name;
	enum glyphs glyphs;
	struct cmd_reg *reg;
	struct tab tab[UI_TABS]; int n_tabs;
	int active, side;                                     /* the tab with the focus; the one shown beside it, or -1 */
	bool side_left;                                       /* which half the other one has: halves do not move when the focus does */
	struct layer *layers[UI_LAYERS]; int n_layers;
	uint32_t pending[UI_PENDING]; int n_pending, pending_timer;
	char message[256]; enum status message_level; bool message_set;
	struct map *histories, *settings; struct str settings_buf;
	int64_t change_cursor; uint64_t seen_notices, seen_log;
	bool unsaved;                        /* settings that a full disk held back */
	int64_t data_ms; size_t unread; char data_shown[64];  /* ui_fresh.c: last news of a source, 0: none; sources that cannot be read; what was last said of it */
	int busy_timer;
	char *waiting;                                        /* the dangerous command that waits for a yes */
	bool dirty, quit, freeing; int exit_code;
};

void ui_layer_push(struct ui *ui, struct layer *l);
void ui_layer_pop(struct ui *ui, struct layer *l);            /* frees it */
struct layer *ui_layer_top(const struct ui *ui);
struct tab *ui_active(struct ui *ui);
void ui_set_tab(struct ui *ui, int i);
void ui_set_side(struct ui *ui, int i);                       /* show tab i beside the active one; -1: nobody */
void ui_swap_focus(struct ui *ui);
bool ui_split_shown(const struct ui *ui);                     /* there is a second tab and the room for it */
struct input_history *ui_history(struct ui *ui, const char *name);
enum status ui_load_theme(struct ui *ui, const char *name, struct err *e);
/* Bindings whose context or command no view and no layer has: a line each, with their place. */
void ui_check_keymap(const struct keymap *k, struct str *problems);
enum status ui_load_keymap(struct ui *ui, const char *name, struct err *e);
/* Key contexts of what has the focus, innermost first, NULL-terminated. */
void ui_contexts(const struct ui *ui, const char *out[6]);
void ui_view_contexts(const struct ui *ui, const char *out[6]);   /* as if no layer were open */
/* "data 3m ago", or without its first word; nothing where there is no source. */
void ui_data_words(const struct ui *ui, bool brief, struct str *out);
void ui_data_read(struct ui *ui);                             /* asks the store anew */
void ui_data_tick(struct ui *ui);                             /* a repaint is due when it would read differently */
void ui_bar_click(struct ui *ui, const struct event *ev);
void ui_hint_click(struct ui *ui, int x);
void ui_keys_reset(struct ui *ui);
void ui_key(struct ui *ui, uint32_t key);
void ui_paint_bars(struct ui *ui, struct surface *s);
const char *ui_cmd_refused(struct ui *ui, const struct cmd *c, void *view);   /* the reason, or NULL */
void *ui_cmd_view(struct ui *ui, const struct cmd *c);

extern const struct cmd ui_cmds[]; extern const size_t ui_cmds_count;          /* everywhere */
extern const struct cmd ui_layer_cmds[]; extern const size_t ui_layer_cmds_count;   /* prompt, menu, text, confirm */
extern const struct cmd ui_picker_cmds[]; extern const size_t ui_picker_cmds_count; /* pickers */
void ui_open_palette(struct ui *ui, const char *initial);
void ui_open_help(struct ui *ui);
void ui_open_notices(struct ui *ui);

/* A list with a line to type in: menus, the palette, help, notices. `fill` rebuilds items for the typed text. */
struct pick_item { const char *label, *detail, *key, *why_not; bool checked; size_t id; };
struct picker;
struct pick_choice { size_t id; bool on; const char *text, *label; };   /* id SIZE_MAX, label "": no entry, only the typed text */
struct picker_spec {
	const char *title, *hint, *prompt;
	bool multi;
	int label_most;                  /* cells for the labels, so that details stay in sight; 0: as many as they need */
	void (*fill)(void *arg, struct picker *p, const char *text);
	void (*pick)(void *arg, struct ui *ui, const struct pick_choice *choice);
	void (*complete)(void *arg, struct picker *p, const struct pick_item *at);        /* Tab; may be NULL */
	void (*free)(void *arg);
	void *arg;
};
struct picker *picker_open(struct ui *ui, void *view, const struct picker_spec *spec, const char *initial);
void picker_add(struct picker *p, const struct pick_item *item);   /* strings are copied */
const char *picker_text(const struct picker *p);                    /* what is typed */
void picker_set_text(struct picker *p, struct ui *ui, const char *text);
#endif
