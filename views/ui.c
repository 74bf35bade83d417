/* The workbench: one surface, a row of tabs, a stack of layers above the active view.
 *
 * Events change state and mark it dirty; ui_paint() runs once before the loop sleeps, so that a burst
 * of keys is one repaint. Results of tasks come back through task_back() on the loop's thread. */
#include "views/ui_internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/* ---- settings ------------------------------------------------------------------------------------ */

const char *ui_setting(struct ui *ui, const char *key)
{
	int64_t at = map_find(ui->settings, key, strlen(key));
	if (at >= 0)
		return (const char *)*map_value(ui->settings, (size_t)at);
	struct err e = { 0 };
	struct store *s = store_get(ui->spec.ws->pool, &e);
	char *value = s ? store_setting(s, key) : NULL;
	if (s)
		store_put(ui->spec.ws->pool, s);
	*map_value(ui->settings, map_add(ui->settings, key, strlen(key), NULL)) = (intptr_t)value;
	return value;
}

struct setting_job { char *key, *value; };

static void setting_free(struct setting_job *j)
{
	free(j->key);
	free(j->value);
	free(j);
}

struct setting_task { struct ui *ui; struct store_pool *pool; struct setting_job *job; };

static enum status setting_work(struct task *t, void *arg, struct err *e)
{
	(void)t;
	struct setting_task *st = arg;
	struct store *s = store_get(st->pool, e);
	if (!s)
		return e->code;
	enum status rc = store_set_setting(s, st->job->key, st->job->value, e);
	store_put(st->pool, s);
	return rc;
}

static void setting_done(void *arg, enum status st, const struct err *e)
{
	struct setting_task *job = arg;
	bool full = !store_pool_has_room(job->pool);
	job->ui->unsaved |= st != ST_OK && full;
	if (st != ST_OK && st != ST_CANCELLED && !full)
		notice_post("settings", NOTICE_WARN, NULL, "the layout could not be saved: %s", e->text);
	setting_free(job->job);
	free(job);
}

static void save_setting(struct ui *ui, const char *key, const char *value)
{
	struct setting_task *job = mem_zalloc(sizeof *job);
	*job = (struct setting_task){ ui, ui->spec.ws->pool, mem_zalloc(sizeof *job->job) };
	*job->job = (struct setting_job){ mem_strdup(key), value ? mem_strdup(value) : NULL };
	tasks_submit(ui->spec.tasks, &(struct task_spec){ .title = "save settings", .cls = TASK_QUICK, .hidden = true,
		.work = setting_work, .done = setting_done, .arg = job });
}

void ui_set_setting(struct ui *ui, const char *key, const char *value)
{
	size_t at = map_add(ui->settings, key, strlen(key), NULL);
	char *old = (char *)*map_value(ui->settings, at);
	if (old && value && !strcmp(old, value))
		return;
	free(old);
	*map_value(ui->settings, at) = (intptr_t)(value ? mem_strdup(value) : NULL);
	if (ui_read_only(ui))
		ui->unsaved = true;          /* kept until the program ends, or until a full disk has room */
	else
		save_setting(ui, key, value);
}

/* What a full disk held back. */
static void save_unsaved(struct ui *ui)
{
	if (!ui->unsaved || ui_read_only(ui))
		return;
	ui->unsaved = false;
	for (size_t i = 0; i < map_count(ui->settings); i++)
		save_setting(ui, map_key(ui->settings, i, NULL), (const char *)*map_value(ui->settings, i));
	notice_clear("settings");
}

/* ---- theme and keymap ------------------------------------------------------------------------------ */

static int64_t mtime_of(const char *path)
{
	struct stat sb;
	return path && stat(path, &sb) == 0 ? (int64_t)sb.st_mtim.tv_sec * 1000000000 + sb.st_mtim.tv_nsec : 0;
}

/* All of them go to the log, the first one and their number into the notice. */
static void report_problems(const char *key, const struct str *problems)
{
	size_t n = 0;
	for (const char *l = problems->p; *l; l += strcspn(l, "\n"), l += *l == '\n', n++)
		log_add(LOG_WARN, "%.*s", (int)strcspn(l, "\n"), l);
	int first = (int)strcspn(problems->p, "\n");
	if (!n)
		notice_clear(key);
	else if (n == 1)
		notice_post(key, NOTICE_WARN, "tab log", "%.*s", first, problems->p);
	else
		notice_post(key, NOTICE_WARN, "tab log", "%.*s (and %zu more; the log has them all)", first, problems->p, n - 1);
}

enum status ui_load_theme(struct ui *ui, const char *name, struct err *e)
{
	struct theme fresh;
	struct str problems = STR_INIT;
	enum status st = theme_load(&fresh, name, &problems, e);
	if (st == ST_OK) {
		ui->theme = fresh;
		char *kept = mem_strdup(name);   /* name may be ui->theme_name itself */
		free(ui->theme_name);
		free(ui->theme_path);
		ui->theme_name = kept;
		ui->theme_path = theme_path(kept);
		ui->theme_mtime = mtime_of(ui->theme_path);
		report_problems("theme", &problems);
		term_set_theme(ui->spec.term, &ui->theme);
		ui->dirty = true;
	}
	str_free(&problems);
	return st;
}

enum status ui_load_keymap(struct ui *ui, const char *name, struct err *e)
{
	struct keymap *fresh = keymap_new();
	struct str problems = STR_INIT;
	char *config = fs_config_dir(), *user = fs_join(config, "keys");
	enum status st = keymap_load(fresh, name, user, &problems, e);
	if (st == ST_OK) {
		ui_check_keymap(fresh, &problems);
		keymap_free(ui->keymap);
		ui->keymap = fresh;
		char *kept = mem_strdup(name);
		free(ui->keymap_name);
		ui->keymap_name = kept;
		report_problems("keymap", &problems);
		ui->dirty = true;
	} else {
		keymap_free(fresh);
	}
	str_free(&problems);
	free(config);
	free(user);
	return st;
}

/* A name that cannot be loaded is said and replaced by the default: a typing error must not lock the door. */
static enum status load_or_default(struct ui *ui, enum status (*load)(struct ui *, const char *, struct err *), const char *name,
	const char *fallback, const char *key, struct err *e)
{
	struct err why = { 0 };
	if (name && load(ui, name, &why) == ST_OK)
		return ST_OK;
	enum status st = load(ui, fallback, e);      /* first: loading well takes an older notice back */
	if (name)
		notice_post(key, NOTICE_WARN, NULL, "%s; using %s", why.text, fallback);
	return st;
}

/* ---- life -------------------------------------------------------------------------------------------- */

static const char *const glyph_names[] = { "braille", "block", "ascii" };

static enum glyphs choose_glyphs(struct ui *ui)
{
	if (ui->spec.glyphs_given)
		return ui->spec.glyphs;
	if (!term_caps(ui->spec.term)->utf8)
		return GLYPHS_ASCII;
	const char *kept = ui_setting(ui, "glyphs");
	for (int i = 0; kept && i < 3; i++)
		if (!strcmp(kept, glyph_names[i]))
			return (enum glyphs)i;
	/* The Linux console has no braille in its fonts. */
	return !strncmp(term_caps(ui->spec.term)->name, "linux", 5) ? GLYPHS_BLOCK : GLYPHS_BRAILLE;
}

struct ui *ui_new(const struct ui_spec *spec, struct err *e)
{
	struct ui *ui = mem_zalloc(sizeof *ui);
	ui->spec = *spec;
	ui->settings = map_new();
	ui->histories = map_new();
	const struct term_caps *caps = term_caps(spec->term);
	ui->surface = surface_new(caps->w, caps->h);
	if (load_or_default(ui, ui_load_theme, spec->theme ? spec->theme : ui_setting(ui, "theme"), theme_builtin_name(0), "theme", e) != ST_OK
	    || load_or_default(ui, ui_load_keymap, spec->keymap ? spec->keymap : ui_setting(ui, "keymap"), "default", "keymap", e) != ST_OK) {
		ui_free(ui);
		return NULL;
	}
	ui->glyphs = choose_glyphs(ui);
	ui->reg = cmd_reg_new();
	cmd_reg_add(ui->reg, ui_cmds, ui_cmds_count);
	cmd_reg_add(ui->reg, ui_layer_cmds, ui_layer_cmds_count);
	cmd_reg_add(ui->reg, ui_picker_cmds, ui_picker_cmds_count);
	for (size_t i = 0; i < view_count() && i < UI_TABS; i++) {
		ui->tab[i] = (struct tab){ .cls = view_at(i), .stale = ~0u };
		cmd_reg_add(ui->reg, ui->tab[i].cls->cmds, ui->tab[i].cls->n_cmds);
		ui->n_tabs++;
	}
	ui_data_read(ui);
	ui->side = -1;
	ui_set_tab(ui, 0);
	const char *split = ui_setting(ui, "split");
	for (int i = 1; split && i < ui->n_tabs; i++)
		if (!strcmp(ui->tab[i].cls->id, split))
			ui_set_side(ui, i);
	return ui;
}

static void free_histories(struct ui *ui)
{
	for (size_t i = 0; i < map_count(ui->histories); i++) {
		struct input_history *h = (struct input_history *)*map_value(ui->histories, i);
		input_history_free(h);
		free(h);
	}
	map_free(ui->histories);
	for (size_t i = 0; i < map_count(ui->settings); i++)
		free((char *)*map_value(ui->settings, i));
	map_free(ui->settings);
}

void ui_free(struct ui *ui)
{
	if (!ui)
		return;
	ui->freeing = true;
	while (ui->n_layers)
		ui_layer_pop(ui, ui->layers[ui->n_layers - 1]);
	for (int i = 0; i < ui->n_tabs; i++) {
		for (int k = 0; k < UI_SLOTS; k++)
			if (ui->tab[i].task[k])
				tasks_cancel(ui->spec.tasks, ui->tab[i].task[k]);
		if (ui->tab[i].view)
			ui->tab[i].cls->close(ui->tab[i].view);
		ui->tab[i].view = NULL;
	}
	if (ui->busy_timer)
		loop_cancel(ui->spec.loop, ui->busy_timer);
	if (ui->pending_timer)
		loop_cancel(ui->spec.loop, ui->pending_timer);
	while (!tasks_idle(ui->spec.tasks)) {    /* their results point at us */
		struct pollfd p = { tasks_fd(ui->spec.tasks), POLLIN, 0 };
		poll(&p, 1, 100);
		tasks_drain(ui->spec.tasks);
	}
	free_histories(ui);
	keymap_free(ui->keymap);
	cmd_reg_free(ui->reg);
	surface_free(ui->surface);
	free(ui->theme_name);
	free(ui->theme_path);
	free(ui->keymap_name);
	free(ui->waiting);
	free(ui);
}

struct input_history *ui_history(struct ui *ui, const char *name)
{
	size_t at = map_add(ui->histories, name, strlen(name), NULL);
	intptr_t *v = map_value(ui->histories, at);
	if (!*v)
		*v = (intptr_t)mem_zalloc(sizeof(struct input_history));
	return (struct input_history *)*v;
}

bool ui_read_only(const struct ui *ui) { return ui->spec.ws->read_only || store_pool_read_only(ui->spec.ws->pool); }
struct workspace *ui_workspace(struct ui *ui) { return ui->spec.ws; }
struct loop *ui_loop(struct ui *ui) { return ui->spec.loop; }
struct tasks *ui_tasks(struct ui *ui) { return ui->spec.tasks; }
struct term *ui_term(struct ui *ui) { return ui->spec.term; }

bool ui_is_mono(const struct ui *ui)
{
	return term_caps(ui->spec.term)->depth == DEPTH_MONO || !strcmp(ui->theme_name, "mono");
}

enum glyphs ui_glyphs(const struct ui *ui) { return ui->glyphs; }
const struct surface *ui_surface(const struct ui *ui) { return ui->surface; }
struct tab *ui_active(struct ui *ui) { return &ui->tab[ui->active]; }
void ui_dirty(struct ui *ui) { ui->dirty = true; }

bool ui_quit_asked(const struct ui *ui, int *exit_code)
{
	if (exit_code)
		*exit_code = ui->exit_code;
	return ui->quit;
}

bool ui_idle(const struct ui *ui)
{
	return !ui->dirty && tasks_idle(ui->spec.tasks);
}

void ui_model(struct ui *ui, struct str *out)
{
	struct tab *t = ui_active(ui);
	str_addf(out, "view: %s\nlayer: %s\nmessage: %s\n", t->cls->id, ui->n_layers ? ui_layer_top(ui)->cls->id : "none", ui->message);
	if (t->view && t->cls->model)
		t->cls->model(t->view, out);
}

/* ---- tabs and staleness ------------------------------------------------------------------------------- */

static void refresh_tab(struct ui *ui, int i)
{
	struct tab *t = &ui->tab[i];
	uint32_t topics = t->stale;
	if (!topics || !t->view)
		return;
	t->stale = 0;
	t->cls->refresh(t->view, topics);
	ui->dirty = true;
}

static void refresh_shown(struct ui *ui)
{
	refresh_tab(ui, ui->active);
	if (ui_split_shown(ui))
		refresh_tab(ui, ui->side);
}

static void open_tab(struct ui *ui, int i)
{
	if (!ui->tab[i].view)
		ui->tab[i].view = ui->tab[i].cls->open(ui);
}

void ui_set_tab(struct ui *ui, int i)
{
	if (i < 0 || i >= ui->n_tabs)
		return;
	if (i == ui->side) {
		ui_swap_focus(ui);
		return;
	}
	ui->active = i;
	open_tab(ui, i);
	refresh_shown(ui);
	ui_keys_reset(ui);
	ui->dirty = true;
}

/* ---- two tabs side by side -------------------------------------------------------------------------- */

enum { SPLIT_MIN_W = 100 };

bool ui_split_shown(const struct ui *ui)
{
	return ui->side >= 0 && surface_w(ui->surface) >= SPLIT_MIN_W;
}

void ui_set_side(struct ui *ui, int i)
{
	ui->side = i == ui->active ? -1 : i;
	ui->side_left = false;
	if (ui->side >= 0)
		open_tab(ui, ui->side);
	refresh_shown(ui);
	ui_set_setting(ui, "split", ui->side < 0 ? NULL : ui->tab[ui->side].cls->id);
	ui->dirty = true;
}

void ui_swap_focus(struct ui *ui)
{
	int was = ui->active;
	ui->active = ui->side;
	ui->side = was;
	ui->side_left = !ui->side_left;
	refresh_shown(ui);
	ui_keys_reset(ui);
	ui->dirty = true;
}

/* The halves: mine[0] of the active tab, mine[1] of the other; one column between them. */
static void halves(const struct ui *ui, struct rect all, struct rect out[2])
{
	struct rect left = all, right = all;
	left.w = (all.w - 1) / 2;
	right.x = all.x + left.w + 1;
	right.w = all.w - left.w - 1;
	out[0] = ui->side_left ? right : left;
	out[1] = ui->side_left ? left : right;
}

static void paint_tab(struct ui *ui, int i, struct paint p)
{
	if (ui->tab[i].view)
		ui->tab[i].cls->paint(ui->tab[i].view, &p);
}

static void paint_tabs(struct ui *ui, struct paint *p)
{
	struct rect half[2];
	if (!ui_split_shown(ui)) {
		paint_tab(ui, ui->active, *p);
		return;
	}
	halves(ui, p->r, half);
	for (int i = 0; i < 2; i++) {
		struct paint side = *p;
		side.r = half[i];
		side.focus = p->focus && i == 0;
		paint_tab(ui, i == 0 ? ui->active : ui->side, side);
	}
	surface_vline(p->s, surface_all(p->s), (half[0].x > half[1].x ? half[0].x : half[1].x) - 1, p->r.y, p->r.h, PEN(ROLE_RULE));
}

void ui_changed(struct ui *ui, uint32_t topics)
{
	for (int i = 0; i < ui->n_tabs; i++)
		ui->tab[i].stale |= topics & ui->tab[i].cls->topics;
	if (topics & (TOPIC_RUNS | TOPIC_METRICS | TOPIC_MODELS | TOPIC_SOURCES))
		ui_data_read(ui);
	refresh_shown(ui);
}

void ui_second(struct ui *ui)
{
	uint32_t topics = 0;
	struct store *s = store_get(ui->spec.ws->pool, NULL);
	if (s) {
		topics = store_changed(s, &ui->change_cursor);
		store_put(ui->spec.ws->pool, s);
	}
	store_pool_has_room(ui->spec.ws->pool);      /* clears what a full disk left, when there is some */
	save_unsaved(ui);
	if (notice_version() != ui->seen_notices) {
		ui->seen_notices = notice_version();
		topics |= TOPIC_NOTICES;
		ui->dirty = true;
	}
	if (log_count() != ui->seen_log) {
		ui->seen_log = log_count();
		topics |= TOPIC_LOG;
	}
	if (ui->theme_path && mtime_of(ui->theme_path) != ui->theme_mtime) {
		struct err e = { 0 };
		if (ui_load_theme(ui, ui->theme_name, &e) != ST_OK) {
			ui->theme_mtime = mtime_of(ui->theme_path);
			ui_message(ui, ST_FAILED, "%s", e.text);
		}
	}
	ui_data_tick(ui);
	ui_changed(ui, topics | TOPIC_CLOCK);
}

/* ---- tasks of views ------------------------------------------------------------------------------------- */

struct view_task { struct ui *ui; int tab; uint64_t generation; struct ui_task spec; };

static enum status task_work(struct task *t, void *arg, struct err *e)
{
	struct view_task *vt = arg;
	struct store *s = store_get(vt->ui->spec.ws->pool, e);
	if (!s)
		return e->code;
	enum status st = vt->spec.work(s, t, vt->spec.arg, e);
	store_put(vt->ui->spec.ws->pool, s);
	return st;
}

static void task_back(void *arg, enum status st, const struct err *e)
{
	struct view_task *vt = arg;
	struct tab *t = &vt->ui->tab[vt->tab];
	bool current = !vt->ui->freeing && t->view && t->generation[vt->spec.slot] == vt->generation;
	if (current) {
		t->task[vt->spec.slot] = 0;
		vt->spec.apply(t->view, vt->spec.arg, st, e);
		vt->ui->dirty = true;
	} else {
		vt->spec.drop(vt->spec.arg);
	}
	free(vt);
}

static void busy_tick(void *arg)
{
	struct ui *ui = arg;
	ui->busy_timer = 0;
	struct task_info info[1];
	bool live = tasks_list(ui->spec.tasks, info, 1) && info[0].state <= TASK_RUNNING;
	ui->dirty = true;
	ui_changed(ui, TOPIC_TASKS);
	if (live)
		ui->busy_timer = loop_after(ui->spec.loop, 250, busy_tick, ui);
}

void ui_task(struct ui *ui, void *view, const struct ui_task *spec)
{
	int i = 0;
	while (i < ui->n_tabs && ui->tab[i].view != view)
		i++;
	if (i == ui->n_tabs) {               /* called from open(): the tab is the one being opened */
		i = ui->active;
	}
	struct tab *t = &ui->tab[i];
	if (t->task[spec->slot])
		tasks_cancel(ui->spec.tasks, t->task[spec->slot]);
	struct view_task *vt = mem_zalloc(sizeof *vt);
	*vt = (struct view_task){ ui, i, ++t->generation[spec->slot], *spec };
	t->task[spec->slot] = tasks_submit(ui->spec.tasks, &(struct task_spec){ .title = spec->title, .cls = spec->cls, .hidden = spec->hidden,
		.work = task_work, .done = task_back, .arg = vt });
	if (!spec->hidden)
		ui_watch_tasks(ui);
}

void ui_watch_tasks(struct ui *ui)
{
	if (!ui->busy_timer)
		ui->busy_timer = loop_after(ui->spec.loop, 100, busy_tick, ui);
}

/* ---- words for the user ------------------------------------------------------------------------------------ */

void ui_message(struct ui *ui, enum status level, const char *fmt, ...)
{
	struct str clean = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	text_vcleanf(&clean, fmt, ap);
	va_end(ap);
	size_t n = clean.len < sizeof ui->message ? clean.len : sizeof ui->message - 1;
	while (n && n < clean.len && (clean.p[n] & 0xc0) == 0x80)
		n--;                         /* not inside a character */
	memcpy(ui->message, clean.p, n);
	ui->message[n] = '\0';
	ui->message_level = level;
	ui->message_set = n > 0;
	if (n)
		log_add(level == ST_OK ? LOG_INFO : LOG_WARN, "%s", ui->message);
	str_free(&clean);
	ui->dirty = true;
}

/* ---- painting ------------------------------------------------------------------------------------------------ */

static void paint_too_small(struct ui *ui, struct rect all)
{
	surface_textf(ui->surface, all, 0, 0, PEN(ROLE_TEXT), "mlyard needs 40x10,");
	surface_textf(ui->surface, all, 0, 1, PEN(ROLE_TEXT), "this is %dx%d.", all.w, all.h);
	surface_text(ui->surface, all, 0, 2, PEN(ROLE_DIM), "q quits.");
}

void ui_paint(struct ui *ui)
{
	if (!ui->dirty)
		return;
	ui->dirty = false;
	struct surface *s = ui->surface;
	surface_clear(s);
	struct rect all = surface_all(s);
	struct paint p = { .s = s, .r = { 0, 1, all.w, all.h - 2 }, .focus = !ui->n_layers, .glyphs = ui->glyphs,
		.ascii = !term_caps(ui->spec.term)->utf8 || ui->glyphs == GLYPHS_ASCII };
	if (all.w < 40 || all.h < 10) {
		paint_too_small(ui, all);
	} else {
		paint_tabs(ui, &p);
		ui_paint_bars(ui, s);
		p.r = all;
		p.focus = true;
		for (int i = 0; i < ui->n_layers; i++)
			ui->layers[i]->cls->paint(ui->layers[i], ui, &p);
	}
	term_set_ascii(ui->spec.term, ui->glyphs == GLYPHS_ASCII);
	term_present(ui->spec.term, s);
}

void ui_rule(struct paint *p, struct rect title, const char *text, const char *note, bool focus)
{
	struct pen rule = PEN(focus ? ROLE_RULE_FOCUS : ROLE_RULE);
	surface_hline(p->s, title, 0, 0, title.w, rule);
	struct str cut = STR_INIT, cut_note = STR_INIT;
	int text_w = text ? text_width(text, strlen(text)) : 0, half = title.w / 2 - 4, rest = title.w - text_w - 9;
	int note_w = note && title.w > 20 ? text_fit(&cut_note, note, strlen(note), rest > half ? rest : half) : 0;
	int room = title.w - 3 - (note_w ? note_w + 3 : 0);
	if (room > 3 && text_w) {
		text_fit(&cut, text, strlen(text), room - 2);
		surface_textf(p->s, title, 1, 0, PEN(focus ? ROLE_TITLE_FOCUS : ROLE_TITLE), " %s ", cut.p);
	}
	if (note_w)
		surface_textf(p->s, title, title.w - note_w - 3, 0, PEN(ROLE_DIM), " %s ", cut_note.p);
	str_free(&cut);
	str_free(&cut_note);
}

/* ---- events ------------------------------------------------------------------------------------------------- */

static void view_mouse(struct ui *ui, const struct event *ev, struct rect all)
{
	struct rect half[2] = { all, all };
	if (ui_split_shown(ui)) {
		halves(ui, all, half);
		if (ev->mouse == MOUSE_PRESS && rect_has(half[1], ev->x, ev->y)) {
			ui_swap_focus(ui);
			halves(ui, all, half);
		}
	}
	if (ui_active(ui)->cls->mouse)
		ui_active(ui)->cls->mouse(ui_active(ui)->view, ev, half[0]);
}

static void on_mouse(struct ui *ui, const struct event *ev)
{
	struct layer *top = ui_layer_top(ui);
	int h = surface_h(ui->surface);
	if (ev->y == h - 1) {
		if (ev->mouse == MOUSE_PRESS)
			ui_hint_click(ui, ev->x);
	} else if (top) {
		if (top->cls->mouse)
			top->cls->mouse(top, ui, ev);
	} else if (ev->y == 0) {
		ui_bar_click(ui, ev);
	} else {
		view_mouse(ui, ev, (struct rect){ 0, 1, surface_w(ui->surface), h - 2 });
	}
	ui->dirty = true;
}

void ui_event(struct ui *ui, const struct event *ev)
{
	switch (ev->type) {
	case EV_KEY:
		ui_key(ui, ev->key);
		break;
	case EV_PASTE: {
		struct layer *top = ui_layer_top(ui);
		if (top && top->cls->paste)
			top->cls->paste(top, ui, ev->text, ev->n);
		ui->dirty = true;
		break;
	}
	case EV_MOUSE:
		on_mouse(ui, ev);
		break;
	case EV_RESIZE:
		surface_resize(ui->surface, ev->w, ev->h);
		ui->dirty = true;
		break;
	case EV_HANGUP:
		ui->quit = true;
		break;
	case EV_FOCUS:
		break;
	}
}
