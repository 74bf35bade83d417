/* The line above (workspace, tabs, what is fresh) and the line below (keys that apply, last message, running task). */
#include <stdio.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "views/ui_internal.h"

static void paint_bar_ground(struct surface *s, struct rect bar)
{
	surface_fill(s, bar, (struct rect){ 0, 0, bar.w, 1 }, PEN_ON(ROLE_BAR, ROLE_BAR), ' ');
}

/* Where tab i's label starts and ends: for painting and for the mouse. Short labels when space is short. */
static int tab_label(const struct ui *ui, int i, int w, char *out, size_t cap)
{
	const char *title = ui->tab[i].cls->title;
	int cut = w < 60 ? 5 : 20;
	return snprintf(out, cap, "%d %.*s", i + 1, cut, title);
}

static int tabs_start(const struct ui *ui)
{
	int title = text_width(ui->spec.ws->title, strlen(ui->spec.ws->title));
	return 1 + 6 + 2 + (title > 24 ? 24 : title) + 3;
}

static const char *state_text(struct ui *ui, struct str *out, enum role *role)
{
	struct notice *n;
	size_t count = notice_list(&n);
	*role = ROLE_BAR_DIM;
	if (!ui->spec.ws->read_only && store_pool_read_only(ui->spec.ws->pool)) {
		*role = ROLE_BAD;
		str_add(out, "! disk full");
	} else if (count) {
		*role = n[0].level == NOTICE_BAD ? ROLE_BAD : n[0].level == NOTICE_WARN ? ROLE_WARN : ROLE_BAR;
		str_addf(out, "! %zu %s", count, count == 1 ? "notice" : "notices");
	} else if (ui_read_only(ui)) {
		str_add(out, "read-only");
	}
	notice_list_free(n, count);
	return out->p;
}

static int tabs_width(const struct ui *ui, int w)
{
	int sum = 0;
	for (int i = 0; i < ui->n_tabs; i++) {
		char label[64];
		sum += tab_label(ui, i, w, label, sizeof label) + 2;
	}
	return sum;
}

/* What stands at the right end: the state, then the age of the data where the tabs leave room for it, in full or in brief. */
struct corner { struct str state, data; enum role state_role; int state_x, data_x; };

static void corner_make(struct ui *ui, int w, struct corner *c)
{
	*c = (struct corner){ .state = STR_INIT, .data = STR_INIT };
	state_text(ui, &c->state, &c->state_role);
	int state_w = text_width(c->state.p, c->state.len), room = w - tabs_start(ui) - tabs_width(ui, w) - (state_w ? state_w + 2 : 0);
	for (int brief = 0; brief < 2; brief++) {
		ui_data_words(ui, brief, &c->data);
		if ((int)c->data.len < room)
			break;
		str_clear(&c->data);
	}
	c->data_x = w - 1 - (int)c->data.len;
	c->state_x = c->data_x - (c->data.len ? 2 : 0) - state_w;
}

static void corner_free(struct corner *c)
{
	str_free(&c->state);
	str_free(&c->data);
}

static void paint_top(struct ui *ui, struct surface *s)
{
	struct rect bar = { 0, 0, surface_w(s), 1 };
	paint_bar_ground(s, bar);
	surface_text(s, bar, 1, 0, (struct pen){ ROLE_ACCENT, ROLE_BAR, ATTR_BOLD }, "mlyard");
	struct str title = STR_INIT;
	struct corner c;
	text_fit(&title, ui->spec.ws->title, strlen(ui->spec.ws->title), 24);
	surface_text(s, bar, 9, 0, PEN_ON(ROLE_BAR, ROLE_BAR), title.p);
	corner_make(ui, bar.w, &c);
	surface_text(s, bar, c.state_x, 0, PEN_ON(c.state_role, ROLE_BAR), c.state.p);
	surface_text(s, bar, c.data_x, 0, PEN_ON(ui->unread ? ROLE_WARN : ROLE_BAR_DIM, ROLE_BAR), c.data.p);
	int x = tabs_start(ui), end = c.state_x;
	for (int i = 0; i < ui->n_tabs; i++) {
		char label[64];
		tab_label(ui, i, bar.w, label, sizeof label);
		struct pen pen = i == ui->active ? (struct pen){ ROLE_TAB_ACTIVE, ROLE_TAB_ACTIVE, ATTR_BOLD } : PEN_ON(ROLE_TAB, ROLE_BAR);
		if (x + (int)strlen(label) > end - 1)
			break;
		x = surface_text(s, bar, x, 0, pen, label) + 2;
	}
	str_free(&title);
	corner_free(&c);
}

/* "command word; command word": the next hint of the list; false at its end. */
static bool next_hint(const char **at, char *command, size_t cap, const char **word, int *word_n)
{
	const char *p = *at + strspn(*at, "; ");
	if (!*p)
		return false;
	const char *end = p + strcspn(p, ";");
	const char *gap = end;
	for (const char *q = p; q < end; q++)      /* the word is after the last space */
		if (*q == ' ')
			gap = q;
	snprintf(command, cap, "%.*s", (int)(gap - p), p);
	*word = gap < end ? gap + 1 : p;
	*word_n = (int)(end - *word);
	*at = end;
	return true;
}

/* What moves left and right is shown as the arrows where both do it: a pair looks like one, and letters may mean something else on a page. */
static void hint_key(struct ui *ui, const char *const *contexts, const char *command, struct str *key)
{
	static const struct { const char *command, *sign; uint32_t code; } arrows[] = { { "list.left", "←", KEY_LEFT_ }, { "list.right", "→", KEY_RIGHT_ },
		{ "chart.left", "←", KEY_LEFT_ }, { "chart.right", "→", KEY_RIGHT_ } };
	bool ascii = !term_caps(ui->spec.term)->utf8 || ui->glyphs == GLYPHS_ASCII;
	const char *does = NULL;
	int at = -1;
	for (int i = 0; i < 4; i++)
		if (strncmp(command, arrows[i].command, strlen(arrows[i].command)) == 0 && strchr(" ", command[strlen(arrows[i].command)]))
			at = i;
	keymap_key_for(ui->keymap, contexts, command, key);
	for (int i = at & ~1; i < (at & ~1) + 2; i++)
		if (at < 0 || keymap_lookup(ui->keymap, contexts, &arrows[i].code, 1, &does) != KEYMAP_FOUND || strcmp(does, arrows[i].command) != 0)
			return;
	str_clear(key);
	if (ascii)
		key_format(key, arrows[at].code);
	else
		str_add(key, arrows[at].sign);
}

typedef bool (*hint_fn)(void *arg, int x, int w, const char *command);

/* Walks the hints that fit into `room` cells, painting when s is given, telling fn each one's place. */
static void each_hint(struct ui *ui, struct surface *s, int room, hint_fn fn, void *arg)
{
	struct layer *top = ui_layer_top(ui);
	struct tab *t = ui_active(ui);
	const char *contexts[6], *at = top ? top->cls->hints : t->view && t->cls->hints ? t->cls->hints(t->view) : "", *word;
	char command[128];
	int x = 1, n;
	struct rect bar = { 0, surface_h(ui->surface) - 1, surface_w(ui->surface), 1 };
	ui_contexts(ui, contexts);
	while (at && next_hint(&at, command, sizeof command, &word, &n)) {
		struct str key = STR_INIT;
		hint_key(ui, contexts, command, &key);
		int w = text_width(key.p, key.len) + 1 + text_width(word, (size_t)n);
		bool fits = key.len && x + w <= room;
		if (fits && s) {
			surface_text(s, bar, x, 0, PEN_ON(ROLE_BAR_KEY, ROLE_BAR), key.p);
			surface_textn(s, bar, x + w - text_width(word, (size_t)n), 0, PEN_ON(ROLE_BAR_DIM, ROLE_BAR), word, (size_t)n);
		}
		str_free(&key);
		if (fits && fn && fn(arg, x, w, command))
			return;
		if (fits)
			x += w + 2;
	}
}

static int task_text(struct ui *ui, struct str *out)
{
	struct task_info t[1];
	if (!tasks_list(ui->spec.tasks, t, 1) || t[0].state > TASK_RUNNING)
		return -1;
	str_add(out, t[0].title);
	int percent = -1;
	if (t[0].total > 0) {
		percent = (int)(100.0 * (double)t[0].done / (double)t[0].total);
		str_addf(out, " %d %%", percent);
	}
	if (t[0].left_ms >= 0) {
		char left[FMT_MAX];
		str_addf(out, ", %s left", fmt_duration(left, t[0].left_ms));
	}
	return percent;
}

static enum role message_role(const struct ui *ui)
{
	return ui->message_level == ST_OK ? ROLE_BAR : ui->message_level == ST_FAILED ? ROLE_BAD : ROLE_WARN;
}

static void paint_bottom(struct ui *ui, struct surface *s)
{
	struct rect bar = { 0, surface_h(s) - 1, surface_w(s), 1 };
	paint_bar_ground(s, bar);
	struct str right = STR_INIT, cut = STR_INIT;
	enum role role = ROLE_BAR_DIM;
	if (ui->n_pending) {
		for (int i = 0; i < ui->n_pending; i++)
			key_format(&right, ui->pending[i]), str_add(&right, " ");
		role = ROLE_ACCENT;
	} else if (ui->message_set) {
		str_add(&right, ui->message);
		role = message_role(ui);
	} else {
		task_text(ui, &right);
	}
	int most = bar.w * (ui->message_set ? 3 : 2) / 4;
	int w = text_fit(&cut, right.p, right.len, most);
	surface_text(s, bar, bar.w - 1 - w, 0, PEN_ON(role, ROLE_BAR), cut.p);
	each_hint(ui, s, bar.w - 2 - (w ? w + 2 : 0), NULL, NULL);
	str_free(&right);
	str_free(&cut);
}

void ui_paint_bars(struct ui *ui, struct surface *s)
{
	paint_top(ui, s);
	paint_bottom(ui, s);
}

void ui_bar_click(struct ui *ui, const struct event *ev)
{
	if (ev->mouse != MOUSE_PRESS)
		return;
	int x = tabs_start(ui);
	for (int i = 0; i < ui->n_tabs; i++) {
		char label[64];
		int w = tab_label(ui, i, surface_w(ui->surface), label, sizeof label);
		if (ev->x >= x && ev->x < x + w) {
			ui_set_tab(ui, i);
			return;
		}
		x += w + 2;
	}
	struct corner c;
	corner_make(ui, surface_w(ui->surface), &c);
	if (ev->x >= c.state_x && ev->x < c.state_x + (int)c.state.len)
		ui_run(ui, "notices");
	corner_free(&c);
}

struct click { int x; char command[128]; };

static bool at_click(void *arg, int x, int w, const char *command)
{
	struct click *c = arg;
	if (c->x < x || c->x >= x + w)
		return false;
	snprintf(c->command, sizeof c->command, "%s", command);
	return true;
}

void ui_hint_click(struct ui *ui, int x)
{
	struct click c = { .x = x };
	each_hint(ui, NULL, surface_w(ui->surface), at_click, &c);
	if (c.command[0])
		ui_run(ui, c.command);
}
