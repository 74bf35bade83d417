/* A list with a line to type in. Menus, the palette, help and the notices are pickers with different fillers.
 *
 * The filler is asked anew for each text; items live in an arena that is thrown away then.
 * Where labels leave no room for the details beside them, those of the entry under the cursor stand below the list, with its
 * whole label when that is cut, and with the reason when it does not apply now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/ui_internal.h"

enum { KEY_MOST = 12, DETAIL_LEAST = 20, FOOT_ROWS = 3 };

struct picker {
	struct layer layer;
	struct picker_spec spec;
	char *title, *hint, *prompt;
	struct arena *arena;
	struct pick_item *items; size_t n, cap;
	size_t cursor, top;
	int page;
	struct input input;
	struct rect frame, box;              /* of the whole and of the list at the last paint, for the mouse */
};

void picker_add(struct picker *p, const struct pick_item *item)
{
	MEM_GROW(p->items, p->cap, p->n + 1);
	struct pick_item *it = &p->items[p->n++];
	*it = *item;
	it->label = arena_strdup(p->arena, item->label ? item->label : "");
	it->detail = arena_strdup(p->arena, item->detail ? item->detail : "");
	it->key = arena_strdup(p->arena, item->key ? item->key : "");
	it->why_not = item->why_not ? arena_strdup(p->arena, item->why_not) : NULL;
}

static void refill(struct picker *p)
{
	arena_free(p->arena);
	p->arena = arena_new();
	p->n = 0;
	p->spec.fill(p->spec.arg, p, p->input.text.p);
	if (p->cursor >= p->n)
		p->cursor = p->n ? p->n - 1 : 0;
}

const char *picker_text(const struct picker *p)
{
	return p->input.text.p;
}

void picker_set_text(struct picker *p, struct ui *ui, const char *text)
{
	input_set(&p->input, text);
	refill(p);
	ui_dirty(ui);
}

/* ---- painting ---------------------------------------------------------------------------------------------- */

static void paint_item(struct picker *p, struct paint *pt, struct rect list, int y, const struct pick_item *it, bool cursor, int key_w, int label_w)
{
	uint8_t back = cursor ? ROLE_CURSOR : ROLE_DIALOG;
	struct pen text = PEN_ON(it->why_not ? ROLE_DIM : cursor ? ROLE_STRONG : ROLE_TEXT, back);
	surface_fill(pt->s, list, (struct rect){ 0, y, list.w, 1 }, PEN_ON(ROLE_DIALOG, back), ' ');
	int x = 1;
	if (p->spec.multi) {
		surface_text(pt->s, list, x, y, PEN_ON(ROLE_MARK, back), !it->checked ? " " : pt->ascii ? "x" : "✓");
		x += 2;
	}
	if (key_w) {
		surface_field(pt->s, list, x, y, key_w, 1, PEN_ON(ROLE_BAR_KEY, back), it->key);
		x += key_w + 2;
	}
	surface_field(pt->s, list, x, y, label_w, -1, text, it->label);
	int struck = text_width(it->label, strlen(it->label));
	if (it->why_not)
		surface_paint_attr(pt->s, list, (struct rect){ x, y, struck < label_w ? struck : label_w, 1 }, ATTR_STRIKE);
	x += label_w + 2;
	if (x <= list.w - DETAIL_LEAST)
		surface_field(pt->s, list, x, y, list.w - x - 1, -1, PEN_ON(ROLE_DIM, back), it->why_not && cursor ? it->why_not : it->detail);
}

static void widths(const struct picker *p, int w, int *key_w, int *label_w)
{
	*key_w = *label_w = 0;
	for (size_t i = 0; i < p->n; i++) {
		int k = text_width(p->items[i].key, strlen(p->items[i].key)), l = text_width(p->items[i].label, strlen(p->items[i].label));
		*key_w = k > *key_w ? k : *key_w;
		*label_w = l > *label_w ? l : *label_w;
	}
	*key_w = *key_w > KEY_MOST ? KEY_MOST : *key_w;
	int room = w - *key_w - 5;
	if (p->spec.label_most && *label_w > p->spec.label_most)
		*label_w = p->spec.label_most;
	if (*label_w > room)
		*label_w = room > 8 ? room : 8;
}

/* Are there details, and do they not fit beside the labels? */
static bool needs_foot(const struct picker *p, int w, int key_w, int label_w)
{
	bool details = false;
	int longest = 0;
	for (size_t i = 0; i < p->n; i++) {
		int d = text_width(p->items[i].detail, strlen(p->items[i].detail)), r = p->items[i].why_not ? text_width(p->items[i].why_not, strlen(p->items[i].why_not)) : 0;
		longest = d > longest ? d : longest;
		longest = r > longest ? r : longest;
		details = details || d || r;
	}
	return details && w - key_w - label_w - 6 < longest;
}

static void paint_foot(const struct picker *p, struct paint *pt, struct rect foot, int label_w)
{
	struct pen text = PEN_ON(ROLE_TEXT, ROLE_DIALOG);
	surface_hline(pt->s, foot, 0, 0, foot.w, PEN_ON(ROLE_DIALOG_RULE, ROLE_DIALOG));
	if (!p->n)
		return;
	const struct pick_item *it = &p->items[p->cursor];
	int y = 1;
	if (text_width(it->label, strlen(it->label)) > label_w)
		surface_field(pt->s, foot, 2, y++, foot.w - 3, -1, PEN_ON(ROLE_STRONG, ROLE_DIALOG), it->label);
	if (y == 1 || !it->why_not)
		surface_field(pt->s, foot, 2, y++, foot.w - 3, -1, text, it->detail);
	if (it->why_not)
		surface_field(pt->s, foot, 2, y, foot.w - 3, -1, PEN_ON(ROLE_WARN, ROLE_DIALOG), it->why_not);
}

static struct rect place(const struct picker *p, struct rect all)
{
	enum { WIDE = 100, ROOMY = 104 };
	int w = all.w > ROOMY ? WIDE : all.w, h = (int)p->n + 2, most = all.w > ROOMY ? all.h - 4 : all.h - 2;      /* a page where the rest would be in shreds */
	h = h < 8 ? 8 : h;
	if (h > most)
		h = most;
	return (struct rect){ (all.w - w) / 2, all.h > 30 ? 3 : 1, w, h };
}

static void picker_paint(struct layer *l, struct ui *ui, struct paint *pt)
{
	(void)ui;
	struct picker *p = (struct picker *)l;
	struct rect box = place(p, pt->r);
	surface_fill(pt->s, pt->r, box, PEN_ON(ROLE_DIALOG, ROLE_DIALOG), ' ');
	surface_hline(pt->s, box, 0, 0, box.w, PEN_ON(ROLE_DIALOG_RULE, ROLE_DIALOG));
	char note[64];
	snprintf(note, sizeof note, " %zu of %zu ", p->n ? p->cursor + 1 : 0, p->n);
	int x = surface_textf(pt->s, box, 1, 0, (struct pen){ ROLE_TITLE_FOCUS, ROLE_DIALOG, ATTR_BOLD }, " %s ", p->title);
	surface_text(pt->s, box, box.w - (int)strlen(note) - 1, 0, PEN_ON(ROLE_DIM, ROLE_DIALOG), note);
	int hint_w = text_width(p->hint, strlen(p->hint)) + 2;
	if (x + hint_w + (int)strlen(note) + 4 < box.w)
		surface_textf(pt->s, box, box.w - (int)strlen(note) - hint_w - 3, 0, PEN_ON(ROLE_DIM, ROLE_DIALOG), " %s ", p->hint);
	struct rect list = { box.x, box.y + 2, box.w, box.h - 2 };
	int key_w, label_w;
	widths(p, list.w, &key_w, &label_w);
	if (list.h > FOOT_ROWS + 4 && needs_foot(p, list.w, key_w, label_w)) {
		list.h -= FOOT_ROWS;
		paint_foot(p, pt, (struct rect){ box.x, list.y + list.h, box.w, FOOT_ROWS }, label_w);
	}
	p->frame = box;
	p->box = list;
	p->page = list.h;
	if (p->cursor < p->top)
		p->top = p->cursor;
	if (p->cursor >= p->top + (size_t)p->page)
		p->top = p->cursor + 1 - (size_t)p->page;
	for (int y = 0; y < list.h && p->top + (size_t)y < p->n; y++)
		paint_item(p, pt, list, y, &p->items[p->top + (size_t)y], p->top + (size_t)y == p->cursor, key_w, label_w);
	if (!p->n)
		surface_text(pt->s, list, 3, 0, PEN_ON(ROLE_DIM, ROLE_DIALOG), "nothing matches; Backspace widens the search");
	struct paint line = *pt;
	line.r = (struct rect){ box.x + 1, box.y + 1, box.w - 2, 1 };
	input_paint(&p->input, &line, p->prompt);
}

/* ---- keys ---------------------------------------------------------------------------------------------------- */

static bool picker_key(struct layer *l, struct ui *ui, uint32_t key)
{
	(void)ui;
	if (key < 0x20 || key >= 0x110000 || key == 0x7f)
		return false;
	struct picker *p = (struct picker *)l;
	char utf8[4];
	input_insert(&p->input, utf8, text_encode(key, utf8));
	p->cursor = p->top = 0;
	refill(p);
	return true;
}

static void picker_paste(struct layer *l, struct ui *ui, const char *text, size_t n)
{
	(void)ui;
	struct picker *p = (struct picker *)l;
	input_insert(&p->input, text, n);
	p->cursor = p->top = 0;
	refill(p);
}

static void picker_free(struct layer *l)
{
	struct picker *p = (struct picker *)l;
	if (p->spec.free)
		p->spec.free(p->spec.arg);
	arena_free(p->arena);
	free(p->items);
	free(p->title);
	free(p->hint);
	free(p->prompt);
	input_done(&p->input);
	free(p);
}

static enum status take(struct picker *p, struct ui *ui, bool toggle)
{
	struct pick_item *it = p->n ? &p->items[p->cursor] : NULL;
	if (it && it->why_not) {
		ui_message(ui, ST_REFUSED, "%s", it->why_not);
		return ST_REFUSED;
	}
	if (p->spec.multi && it && toggle) {
		it->checked = !it->checked;
		p->spec.pick(p->spec.arg, ui, &(struct pick_choice){ it->id, it->checked, p->input.text.p, it->label });
		return ST_OK;
	}
	/* The layer goes before the choice acts, so that it may open another. */
	struct picker_spec spec = p->spec;
	bool close_only = p->spec.multi;
	char *text = mem_strdup(p->input.text.p), *label = mem_strdup(it ? it->label : "");
	struct pick_choice choice = { it ? it->id : SIZE_MAX, true, text, label };
	p->spec.free = NULL;
	ui_layer_pop(ui, &p->layer);
	if (!close_only)
		spec.pick(spec.arg, ui, &choice);
	if (spec.free)
		spec.free(spec.arg);
	free(text);
	free(label);
	return ST_OK;
}

static void picker_mouse(struct layer *l, struct ui *ui, const struct event *ev)
{
	struct picker *p = (struct picker *)l;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		if (ev->mouse == MOUSE_WHEEL_UP && p->cursor)
			p->cursor--;
		else if (ev->mouse == MOUSE_WHEEL_DOWN && p->cursor + 1 < p->n)
			p->cursor++;
		return;
	}
	if (ev->mouse != MOUSE_PRESS)
		return;
	if (!rect_has(p->frame, ev->x, ev->y)) {
		ui_layer_pop(ui, l);
		return;
	}
	if (!rect_has(p->box, ev->x, ev->y))
		return;
	size_t row = p->top + (size_t)(ev->y - p->box.y);
	if (row < p->n) {
		p->cursor = row;
		take(p, ui, true);
	}
}

#define PICKER .id = "menu", .paint = picker_paint, .key = picker_key, .paste = picker_paste, .mouse = picker_mouse, .free = picker_free
static const struct layer_class choose_class = { PICKER, .hints = "menu.accept choose; cancel back" };
static const struct layer_class complete_class = { PICKER, .hints = "menu.accept run; complete complete; cancel back" };
static const struct layer_class toggle_class = { PICKER, .hints = "menu.toggle toggle; menu.accept close; cancel back" };
#undef PICKER

struct picker *picker_open(struct ui *ui, void *view, const struct picker_spec *spec, const char *initial)
{
	struct picker *p = mem_zalloc(sizeof *p);
	p->layer = (struct layer){ spec->multi ? &toggle_class : spec->complete ? &complete_class : &choose_class, view };
	p->spec = *spec;
	p->title = mem_strdup(spec->title);
	p->hint = mem_strdup(spec->hint ? spec->hint : "");
	p->prompt = mem_strdup(spec->prompt ? spec->prompt : "/ ");
	input_init(&p->input, NULL);
	if (initial)
		input_set(&p->input, initial);
	refill(p);
	ui_layer_push(ui, &p->layer);
	return p;
}

static enum status picker_accept(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	return take(c->view, c->ui, c->arg);
}

static enum status picker_toggle(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	struct picker *p = c->view;
	if (p->spec.multi)
		return picker_accept(c, argc, argv, e);
	picker_key(&p->layer, c->ui, ' ');       /* in a plain list a space is part of what is typed */
	return ST_OK;
}

static enum status picker_cancel(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	ui_layer_pop(c->ui, c->view);
	return ST_OK;
}

static enum status picker_tab(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct picker *p = c->view;
	if (p->spec.complete && p->n) {
		p->spec.complete(p->spec.arg, p, &p->items[p->cursor]);
		refill(p);
	} else if (p->n) {
		p->cursor = (p->cursor + 1) % p->n;
	}
	return ST_OK;
}

static enum status picker_move(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct picker *p = c->view;
	const long page = p->page > 1 ? p->page - 1 : 1, last = (long)p->n - 1;
	const long by[] = { 1, -1, page, -page, (page + 1) / 2, -(page + 1) / 2, -last, last };
	long to = (long)p->cursor + by[c->arg];
	p->cursor = (size_t)(to < 0 ? 0 : to > last ? (last < 0 ? 0 : last) : to);
	return ST_OK;
}

static const char *const edits[] = { "left", "right", "home", "end", "word-left", "word-right", "backspace", "delete",
	"kill-word", "kill-line", "kill-all", "yank" };

static enum status picker_edit(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct picker *p = c->view;
	input_do(&p->input, edits[c->arg]);
	p->cursor = p->top = 0;
	refill(p);
	return ST_OK;
}

#define MOVE(i, key, words) { .name = "list." key, .help = words, .where = "menu", .flags = CMD_HIDDEN | CMD_REPEAT, .run = picker_move, .arg = i }
#define EDIT(i, key, words) { .name = "input." key, .help = words, .where = "menu", .flags = CMD_HIDDEN | CMD_REPEAT, .run = picker_edit, .arg = i }
const struct cmd ui_picker_cmds[] = {
	{ .name = "menu.accept", .help = "Take the entry under the cursor", .where = "menu", .flags = CMD_HIDDEN, .run = picker_accept },
	{ .name = "menu.toggle", .help = "Switch the entry on or off", .where = "menu", .flags = CMD_HIDDEN, .run = picker_toggle, .arg = 1 },
	{ .name = "cancel", .help = "Close the list", .where = "menu", .flags = CMD_HIDDEN, .run = picker_cancel },
	{ .name = "complete", .help = "Complete, or go to the next entry", .where = "menu", .flags = CMD_HIDDEN, .run = picker_tab },
	MOVE(0, "down", "Next entry"), MOVE(1, "up", "Previous entry"), MOVE(2, "page-down", "A page down"), MOVE(3, "page-up", "A page up"),
	MOVE(4, "half-down", "Half a page down"), MOVE(5, "half-up", "Half a page up"), MOVE(6, "top", "First entry"), MOVE(7, "bottom", "Last entry"),
	EDIT(0, "left", "Move one character left"), EDIT(1, "right", "Move one character right"), EDIT(2, "home", "Move to the start"), EDIT(3, "end", "Move to the end"),
	EDIT(4, "word-left", "Move one word left"), EDIT(5, "word-right", "Move one word right"), EDIT(6, "backspace", "Delete the character before the cursor"),
	EDIT(7, "delete", "Delete the character under the cursor"), EDIT(8, "kill-word", "Cut the word before the cursor"),
	EDIT(9, "kill-line", "Cut to the end of the line"), EDIT(10, "kill-all", "Cut the whole line"), EDIT(11, "yank", "Insert what was cut"),
};
const size_t ui_picker_cmds_count = sizeof ui_picker_cmds / sizeof ui_picker_cmds[0];

/* ---- menus ------------------------------------------------------------------------------------------------------ */

struct menu { struct ui_item *items; size_t n; void *view; void (*pick)(void *view, size_t i, bool on); };

static void menu_fill(void *arg, struct picker *p, const char *text)
{
	struct menu *m = arg;
	for (size_t i = 0; i < m->n; i++)
		if (text_contains(m->items[i].label, strlen(m->items[i].label), text, strlen(text)))
			picker_add(p, &(struct pick_item){ m->items[i].label, m->items[i].detail, NULL, m->items[i].why_not, m->items[i].checked, i });
}

static void menu_pick(void *arg, struct ui *ui, const struct pick_choice *choice)
{
	(void)ui;
	struct menu *m = arg;
	if (choice->id >= m->n)
		return;
	m->items[choice->id].checked = choice->on;
	m->pick(m->view, choice->id, choice->on);
}

static void menu_free(void *arg)
{
	struct menu *m = arg;
	for (size_t i = 0; i < m->n; i++) {
		free((char *)(uintptr_t)m->items[i].label);
		free((char *)(uintptr_t)m->items[i].detail);
		free((char *)(uintptr_t)m->items[i].why_not);
	}
	free(m->items);
	free(m);
}

void ui_menu(struct ui *ui, void *view, const char *title, const struct ui_item *items, size_t n, bool multi, void (*pick)(void *view, size_t i, bool on))
{
	struct menu *m = mem_zalloc(sizeof *m);
	*m = (struct menu){ mem_array(n, sizeof *items), n, view, pick };
	size_t start = 0;
	for (size_t i = 0; i < n; i++) {
		m->items[i] = (struct ui_item){ mem_strdup(items[i].label), items[i].detail ? mem_strdup(items[i].detail) : NULL,
			items[i].why_not ? mem_strdup(items[i].why_not) : NULL, items[i].checked };
		if (!multi && items[i].checked)
			start = i;
	}
	struct picker *p = picker_open(ui, view, &(struct picker_spec){ .title = title, .multi = multi, .hint = multi ? "Space toggles, Enter closes" : "Enter chooses",
		.fill = menu_fill, .pick = menu_pick, .free = menu_free, .arg = m }, NULL);
	p->cursor = start;
}
