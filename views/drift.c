/* The Drift view: its life, what it reads, what all its pages look up. The rooms are listed in drift_internal.h.
 *
 * One task reads the pulse; every page finds its group, window and column in it by name. A refresh waits for the reading under way, so that
 * a burst of changes costs two. */
#include "views/drift_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/notice.h"
#include "views/drift_acts.h"
#include "views/drift_commands.h"
#include "views/drift_pulse.h"

static const struct drift_page *const pages[DRIFT_PAGE_COUNT] = {
#define X(id) [DRIFT_PAGE_##id] = &drift_page_##id,
	DRIFT_PAGES(X)
#undef X
};

/* ---- reading ------------------------------------------------------------------------------------------ */

struct trip { struct pulse *pulse; };

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	pulse_free(t->pulse);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	return pulse_load(s, &(struct pulse_query){ .most_windows = 0 }, task, &t->pulse, e);
}

static void told(struct drift_view *v)
{
	for (int i = 0; i < DRIFT_PAGE_COUNT; i++)
		if (pages[i]->want && (i == DRIFT_PAGE_pulse || pages[i] == drift_page(v)))
			pages[i]->want(v, true);
}

static void notice_alerts(const struct pulse *p)
{
	size_t open = 0;
	for (size_t i = 0; i < p->n; i++)
		open += p->groups[i].alerts_open;
	if (open)
		notice_post("drift.alerts", NOTICE_WARN, "tab drift", "%zu drift alert%s that nobody has taken", open, open == 1 ? "" : "s");
	else
		notice_clear("drift.alerts");
}

static void load(struct drift_view *v);

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct drift_view *v = view;
	struct trip *t = arg;
	v->loading = false;
	v->load_err.code = st;
	if (st == ST_OK) {
		pulse_free(v->pulse);
		v->pulse = t->pulse;
		t->pulse = NULL;
		v->loaded = true;
		notice_alerts(v->pulse);
		told(v);
	} else if (st != ST_CANCELLED) {
		v->load_err = *e;
		ui_message(v->ui, st, "%s", e->text);
	}
	trip_drop(t);
	bool again = v->again;
	v->again = false;
	if (again)
		load(v);
}

static void load(struct drift_view *v)
{
	v->loading = true;
	ui_task(v->ui, v, &(struct ui_task){ .title = "pulse", .cls = TASK_QUICK, .hidden = true, .slot = DRIFT_SLOT_LOAD,
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = mem_zalloc(sizeof(struct trip)) });
}

static void reload(struct drift_view *v)
{
	if (v->loading)
		v->again = true;
	else
		load(v);
}

DRIFT_CMD(refresh)
{
	(void)argc, (void)argv, (void)e;
	reload(c->view);
	return ST_OK;
}

/* ---- life ----------------------------------------------------------------------------------------------- */

static void *drift_open(struct ui *ui)
{
	struct drift_view *v = mem_zalloc(sizeof *v);
	v->ui = ui;
	v->n_stack = 1;
	v->stack[0].page = DRIFT_PAGE_pulse;
	for (int i = 0; i < DRIFT_PAGE_COUNT; i++)
		v->state[i] = pages[i]->open ? pages[i]->open(v) : NULL;
	return v;
}

static void drift_close(void *view)
{
	struct drift_view *v = view;
	while (drift_leave(v))
		;
	for (int i = 0; i < DRIFT_PAGE_COUNT; i++)
		if (pages[i]->close)
			pages[i]->close(v->state[i]);
	drift_acts_close(v);
	pulse_free(v->pulse);
	free(v->stack[0].group);
	free(v->stack[0].column);
	free(v);
}

static void drift_refresh(void *view, uint32_t topics)
{
	struct drift_view *v = view;
	if (!v->loaded || (topics & TOPIC_DRIFT))
		reload(v);
}

/* ---- the pulse, for all pages ------------------------------------------------------------------------------ */

const struct drift_page *drift_page(const struct drift_view *v)
{
	return pages[drift_page_id(v)];
}

const struct pulse_group *drift_group(const struct drift_view *v, const char *name)
{
	for (size_t i = 0; name && v->pulse && i < v->pulse->n; i++)
		if (strcmp(v->pulse->groups[i].name, name) == 0)
			return &v->pulse->groups[i];
	return NULL;
}

const struct pulse_window *drift_window_of(const struct pulse_group *g, int64_t report_id)
{
	for (size_t i = 0; g && report_id && i < g->n_windows; i++)
		if (g->windows[i].report_id == report_id)
			return &g->windows[i];
	return NULL;
}

const struct pulse_row *drift_row(const struct pulse_group *g, const char *column)
{
	for (size_t i = 0; g && column && i < g->n_rows; i++)
		if (strcmp(g->rows[i].name, column) == 0)
			return &g->rows[i];
	return NULL;
}

const struct pulse_group *drift_in_hand(const struct drift_view *v)
{
	if (drift_page_id(v) == DRIFT_PAGE_pulse)
		return pulse_at(v);
	return drift_page_id(v) == DRIFT_PAGE_alerts ? drift_alerts_group(v) : drift_group(v, drift_about(v)->group);
}

const struct pulse_window *drift_walk(const struct pulse_group *g, int64_t report_id, int dir)
{
	const struct pulse_window *w = drift_window_of(g, report_id);
	if (!w)
		return NULL;
	for (ptrdiff_t i = (w - g->windows) + dir; i >= 0 && i < (ptrdiff_t)g->n_windows; i += dir)
		if (g->windows[i].report_id)
			return &g->windows[i];
	return NULL;
}

/* ---- signs and words --------------------------------------------------------------------------------------- */

enum role drift_role(bool drifted, bool watch)
{
	return drifted ? ROLE_BAD : watch ? ROLE_WARN : ROLE_DIM;
}

const char *drift_sign(const struct paint *p, bool drifted, bool watch)
{
	static const char *const signs[2][3] = { { "✓", "◌", "▲" }, { ".", "o", "^" } };
	return signs[p->ascii][drifted ? 2 : watch ? 1 : 0];
}

/* ---- the class ---------------------------------------------------------------------------------------------- */

static void drift_paint(void *view, struct paint *p)
{
	struct drift_view *v = view;
	v->area = p->r;
	drift_page(v)->paint(v, p);
}

static void drift_model(const void *view, struct str *out)
{
	const struct drift_view *v = view;
	const struct drift_stop *about = drift_about(v);
	str_addf(out, "page: %s\ndepth: %d\ngroups: %zu\n", drift_page(v)->id, v->n_stack, v->pulse ? v->pulse->n : 0);
	str_addf(out, "report: %lld\ngroup: %s\ncolumn: %s\n", (long long)about->report_id, about->group ? about->group : "", about->column ? about->column : "");
	drift_page(v)->model(v, out);
}

static const char *drift_context(const void *view)
{
	return drift_page(view)->context;
}

static const char *drift_hints(const void *view)
{
	return drift_page(view)->hints(view);
}

extern const struct view_class view_drift;
const struct view_class view_drift = {
	.id = "drift", .title = "Drift", .topics = TOPIC_DRIFT | TOPIC_CLOCK,
	.open = drift_open, .close = drift_close, .refresh = drift_refresh, .paint = drift_paint, .model = drift_model,
	.context = drift_context, .hints = drift_hints, .mouse = drift_mouse, .cmds = drift_cmds, .n_cmds = DRIFT_CMDS,
};
