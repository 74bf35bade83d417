/* The pulse: what is shown, its cursor, and its commands. drift_pulse.h lists the rooms.
 *
 * The cursor is a row of order[] and an age. Sideways it goes by steps and stands on the window that the step shows, so that what is under it
 * is what is seen. Reasons are in the report's document: it is read when the cursor comes to rest on a window, by a task that the next move cancels. */
#include "views/drift_pulse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/report.h"
#include "views/drift_commands.h"

/* ---- what is shown ------------------------------------------------------------------------------------------- */

const struct pulse_group *pulse_chosen(const struct drift_view *v)
{
	const struct pulse_page *s = pulse_page(v);
	return drift_group(v, s->group);
}

const struct pulse_group *pulse_at(const struct drift_view *v)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	return g ? g : s->cursor < s->n_order ? &v->pulse->groups[s->order[s->cursor]] : NULL;
}

const char *pulse_row_name(const struct drift_view *v, size_t row)
{
	const struct pulse_group *g = pulse_chosen(v);
	return g ? g->rows[row].name : v->pulse->groups[row].name;
}

size_t pulse_windows(const struct drift_view *v)
{
	const struct pulse_group *g = pulse_chosen(v);
	size_t most = g ? g->n_windows : 0;
	for (size_t i = 0; !g && v->pulse && i < v->pulse->n; i++)
		most = v->pulse->groups[i].n_windows > most ? v->pulse->groups[i].n_windows : most;
	return most;
}

const struct pulse_window *pulse_window(const struct pulse_group *g, size_t age)
{
	return g && age < g->n_windows ? &g->windows[g->n_windows - 1 - age] : NULL;
}

static void set_text(char **at, const char *text)
{
	char *copy = text ? mem_strdup(text) : NULL;         /* text may be what is replaced */
	free(*at);
	*at = copy;
}

/* ---- reasons of the window under the cursor ------------------------------------------------------------------ */

struct trip { int64_t id; struct report *report; };

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	report_free(t->report);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	return task_cancelled(task) ? ST_CANCELLED : report_load(s, t->id, &t->report, e);
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct pulse_page *s = pulse_page(view);
	struct trip *t = arg;
	(void)e;                                             /* without its document a window simply gives no reasons here; its page says why */
	report_free(s->report);
	s->report = st == ST_OK ? t->report : NULL;
	if (st == ST_OK)
		t->report = NULL;
	trip_drop(t);
}

static void want_report(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	const struct pulse_window *w = pulse_window(pulse_at(v), s->age);
	if (!w || !w->report_id || s->asked == w->report_id)
		return;
	struct trip *t = mem_zalloc(sizeof *t);
	t->id = s->asked = w->report_id;
	ui_task(v->ui, v, &(struct ui_task){ .title = "drift report", .cls = TASK_QUICK, .hidden = true, .slot = DRIFT_SLOT(DRIFT_PAGE_pulse),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

/* ---- the cursor ----------------------------------------------------------------------------------------------- */

void pulse_keep(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	const struct pulse_window *w = pulse_window(pulse_at(v), s->age);
	set_text(&s->row, s->cursor < s->n_order ? pulse_row_name(v, s->order[s->cursor]) : NULL);
	set_text(&s->window, w && s->age ? w->key : NULL);
	want_report(v);
}

/* After a load: the window of that key, else the same age. */
static void find_age(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_at(v);
	size_t n = pulse_windows(v);
	for (size_t age = 0; g && s->window && *s->window && age < g->n_windows; age++)
		if (strcmp(pulse_window(g, age)->key, s->window) == 0)
			s->age = age;
	if (s->age >= n)
		s->age = n ? n - 1 : 0;
}

void pulse_choose(struct drift_view *v, const char *group)
{
	struct pulse_page *s = pulse_page(v);
	bool other = !group != !s->group || (group && strcmp(group, s->group) != 0);
	set_text(&s->group, group);
	if (!other)
		return;
	set_text(&s->row, NULL);
	set_text(&s->window, NULL);
	set_text(&s->filter, "");
	s->cursor = s->top = s->age = s->left = 0;
	if (!group)
		s->list_focus = s->drawer = false;
	pulse_order(v);
	pulse_keep(v);
}

/* Less than twice too many are scrolled: putting two in a cell would leave up to half of the room empty. */
struct pulse_steps pulse_steps_of(const struct drift_view *v, int room)
{
	const struct pulse_page *s = pulse_page(v);
	size_t n = pulse_windows(v), cells = room > 0 ? (size_t)room : 1;
	if (s->scale > 0)
		return (struct pulse_steps){ s->scale, 1 };
	if (s->scale < 0)
		return (struct pulse_steps){ 1, (size_t)-s->scale };
	size_t wide = n ? cells / n : 1;
	if (wide)
		return (struct pulse_steps){ wide > SCALE_MOST ? SCALE_MOST : (int)wide, 1 };
	return (struct pulse_steps){ 1, n < cells * 2 ? 1 : (n + cells - 1) / cells };
}

size_t pulse_worst_age(const struct drift_view *v, size_t row, size_t step, size_t each)
{
	size_t best = step * each, n = pulse_windows(v);
	for (size_t age = best + 1; age < (step + 1) * each && age < n; age++)
		if (pulse_heat(v, row, age) > pulse_heat(v, row, best))
			best = age;
	return best < n ? best : n ? n - 1 : 0;
}

/* The cursor onto a step, and the step into sight. */
static void to_step(struct drift_view *v, size_t step)
{
	struct pulse_page *s = pulse_page(v);
	struct pulse_steps k = pulse_steps_of(v, s->cells_w);
	size_t n = pulse_windows(v), last = n ? (n - 1) / k.each : 0;
	step = step < last ? step : last;
	s->age = s->n_order ? pulse_worst_age(v, s->order[s->cursor], step, k.each) : 0;
	if (step < s->left)
		s->left = step;
	if (s->steps > 0 && step >= s->left + (size_t)s->steps)
		s->left = step + 1 - (size_t)s->steps;
}

static void go_sideways(struct drift_view *v, long by)
{
	struct pulse_page *s = pulse_page(v);
	struct pulse_steps k = pulse_steps_of(v, s->cells_w);
	long step = (long)(s->age / k.each) + by;
	to_step(v, step > 0 ? (size_t)step : 0);
	pulse_keep(v);
}

static void go_rows(struct drift_view *v, long by)
{
	struct pulse_page *s = pulse_page(v);
	long to = (long)s->cursor + by, last = (long)s->n_order - 1;
	s->cursor = to < 0 || last < 0 ? 0 : to > last ? (size_t)last : (size_t)to;
	pulse_keep(v);
}

static void pulse_move(struct drift_view *v, enum drift_move m)
{
	struct pulse_page *s = pulse_page(v);
	if (s->list_focus)
		pulse_list_move(v, m);
	else if (m == DRIFT_LEFT || m == DRIFT_RIGHT)
		go_sideways(v, m == DRIFT_LEFT ? 1 : -1);
	else
		go_rows(v, drift_rows_of(m, s->page, s->n_order));
}

static enum status pulse_enter(struct drift_view *v, struct err *e)
{
	struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_at(v);
	const struct pulse_window *w = pulse_window(g, s->age);
	if (s->list_focus) {
		s->list_focus = s->drawer = false;
		return ST_OK;
	}
	if (!g)
		return err_set(e, ST_REFUSED, "there is nothing to open here");
	if (!pulse_chosen(v)) {
		pulse_choose(v, g->name);
		return ST_OK;
	}
	if (!w || !w->report_id)
		return err_set(e, ST_REFUSED, "this window has no report: %s%s%s", w ? heat_words(heat_of_cell(w, NULL)) : "there is none", w && *w->why ? ", " : "", w ? w->why : "");
	drift_go(v, DRIFT_PAGE_report, &(struct drift_subject){ w->report_id, g->name, s->n_order ? g->rows[s->order[s->cursor]].name : NULL });
	return ST_OK;
}

static bool pulse_leave(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	if (s->drawer || s->list_focus) {
		s->drawer = s->list_focus = false;
		return true;
	}
	if (*s->filter) {
		set_text(&s->filter, "");
		pulse_order(v);
		return true;
	}
	if (!s->group || !v->pulse || v->pulse->n < 2)
		return false;
	char *was = mem_strdup(s->group);
	pulse_choose(v, NULL);
	set_text(&s->row, was);
	free(was);
	pulse_order(v);
	pulse_keep(v);
	return true;
}

static void pulse_filter(struct drift_view *v, const char *text)
{
	struct pulse_page *s = pulse_page(v);
	set_text(&s->filter, text);
	pulse_order(v);
	pulse_keep(v);
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static void *pulse_open(struct drift_view *v)
{
	struct pulse_page *s = mem_zalloc(sizeof *s);
	const char *kept = ui_setting(v->ui, "drift.sort");
	s->filter = mem_strdup("");
	for (int i = 0; kept && i < SORT_COUNT; i++)
		if (strcmp(kept, pulse_sort_names[i]) == 0)
			s->sort = (enum pulse_sort)i;
	return s;
}

static void pulse_close(void *state)
{
	struct pulse_page *s = state;
	char *const texts[] = { s->group, s->row, s->window, s->filter, s->pending };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	free(s->order);
	arena_free(s->over_arena);
	report_free(s->report);
	free(s);
}

const struct pulse_group *pulse_of_model(const struct drift_view *v, const char *model)
{
	for (size_t i = 0; v->pulse && i < v->pulse->n; i++)         /* worst first */
		if (strcmp(v->pulse->groups[i].model, model) == 0)
			return &v->pulse->groups[i];
	return NULL;
}

static void take_pending(struct drift_view *v)
{
	struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = !s->pending ? NULL : s->pending_model ? pulse_of_model(v, s->pending) : drift_group(v, s->pending);
	if (g)
		set_text(&s->group, g->name);
	else if (s->pending)
		ui_message(v->ui, ST_NOT_FOUND, "no monitor and no report is about %s\"%s\"", s->pending_model ? "the model " : "", s->pending);
	set_text(&s->pending, NULL);
}

static void pulse_want(struct drift_view *v, bool again)
{
	struct pulse_page *s = pulse_page(v);
	if (!again || !v->pulse)
		return;
	pulse_over_make(v);
	take_pending(v);
	if (!drift_group(v, s->group))                       /* it is gone, or this is the first look */
		set_text(&s->group, v->pulse->n == 1 ? v->pulse->groups[0].name : NULL);
	pulse_order(v);
	find_age(v);
	s->asked = s->report ? s->asked : 0;
	pulse_keep(v);
}

static void pulse_model(const struct drift_view *v, struct str *out)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_window *w = pulse_window(pulse_at(v), s->age);
	struct pulse_steps k = pulse_steps_of(v, s->cells_w);
	str_addf(out, "focus: %s\nshown: %s\nsort: %s\nonly: %s\nfilter: %s\n", s->list_focus ? "list" : "map", s->group ? s->group : "all", pulse_sort_names[s->sort],
		s->only ? "drifted" : "all", s->filter);
	str_addf(out, "rows: %zu\nrow: %s\nage: %zu\nwindow: %s\ncell: %s\n", s->n_order, s->row ? s->row : "none", s->age, w ? w->key : "none",
		s->n_order ? heat_words(pulse_heat(v, s->order[s->cursor], s->age)) : "none");
	str_addf(out, "step: %d cells, %zu windows\nscrolled: %zu\n", k.cells, k.each, s->left);
	str_addf(out, "order:");
	for (size_t i = 0; i < s->n_order && i < 8; i++)
		str_addf(out, " %s", pulse_row_name(v, s->order[i]));
	str_addc(out, '\n');
}

static const char *pulse_hints(const struct drift_view *v)
{
	const struct pulse_page *s = pulse_page(v);
	if (!v->pulse || !v->pulse->n)
		return "drift.add add monitor; drift.reports reports; help help; palette command; quit quit";
	if (s->list_focus)
		return "drift.open map; list.down next; drift.run look now; drift.ack acknowledge; drift.silence silence; pane.next pane; help help; palette command";
	if (!pulse_chosen(v))
		return "drift.open open; drift.next-red next red; drift.alerts alerts; drift.reports reports; drift.run look now; drift.ack acknowledge; help help; palette command; quit quit";
	return "drift.open report; drift.next-red next red; drift.sort sort; drift.only drifted; drift.filter filter; drift.ack acknowledge; drift.baseline baseline; "
		"drift.alerts alerts; drift.zoom-in zoom; help help; palette command; quit quit";
}

/* ---- mouse ------------------------------------------------------------------------------------------------------------ */

static void click_map(struct drift_view *v, int x, int y)
{
	struct pulse_page *s = pulse_page(v);
	struct pulse_steps k = pulse_steps_of(v, s->cells_w);
	long row = (long)s->top + y - s->rows_y;
	if (y < s->rows_y || row >= (long)s->n_order)
		return;
	s->list_focus = false;
	s->cursor = (size_t)row;
	if (x >= s->cells_x && x < s->cells_x + s->cells_w)
		to_step(v, s->left + (size_t)((s->cells_x + s->cells_w - 1 - x) / k.cells));
	pulse_keep(v);
}

static void pulse_mouse(struct drift_view *v, const struct event *ev, int x, int y)
{
	struct pulse_page *s = pulse_page(v);
	bool list = s->list.w && rect_has(s->list, x + v->area.x, y + v->area.y);
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		enum drift_move m = ev->mouse == MOUSE_WHEEL_UP ? DRIFT_UP : DRIFT_DOWN;
		if (list)
			pulse_list_move(v, m);
		else
			go_rows(v, m == DRIFT_UP ? -3 : 3);
	} else if (ev->mouse == MOUSE_PRESS && list) {
		s->list_focus = true;
		pulse_list_click(v, y + v->area.y - s->list.y);
	} else if (ev->mouse == MOUSE_PRESS) {
		click_map(v, x + v->area.x - s->map.x, y + v->area.y - s->map.y);
	}
}

const struct drift_page drift_page_pulse = { .id = "pulse", .context = "drift.pulse", .open = pulse_open, .close = pulse_close, .want = pulse_want, .paint = pulse_paint,
	.model = pulse_model, .hints = pulse_hints, .move = pulse_move, .enter = pulse_enter, .leave = pulse_leave, .filter = pulse_filter, .mouse = pulse_mouse };
