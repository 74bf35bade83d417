/* The timeline of a model: a lane a stage and alias, bars of the versions that held it, and a cursor over time.
 *
 * Events   beginnings and ends of the spans of the lane under the cursor. Left and right go from one to the next. Where a beginning is not
 *          known the first sight stands for it.
 * Window   a stretch of time; 0 shows everything from the first span to now. Zooming keeps the cursor where it is; the window follows
 *          a cursor that leaves it.
 * Tracks   spans of a lane in order of their beginning go to the first track that is free: the fewest tracks that keep them apart. */
#include "views/registry_timeline.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/registry/when.h"
#include "views/registry_commands.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS, LEAST_SPAN_MS = 10 * 60 * 1000, WEEKS_FROM_DAYS = 60 };

struct trip { int64_t model_id; struct reg_timeline *data; };

struct timeline *timeline_of(const struct registry_view *v)
{
	return v->state[PAGE_timeline];
}

const struct timeline_lane *timeline_lane(const struct registry_view *v)
{
	const struct timeline *t = timeline_of(v);
	return t->lane < t->n_lanes ? &t->lanes[t->lane] : NULL;
}

/* ---- what the spans say ---------------------------------------------------------------------------------- */

const struct reg_held_row *timeline_holder(const struct timeline_lane *l, int64_t ms, size_t *others)
{
	const struct reg_held_row *found = NULL;
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct reg_held_row *h = l->at[i].held;
		if (h->from_ms > ms || ms >= h->to_ms)
			continue;
		found = h;
		n++;
	}
	if (others)
		*others = n ? n - 1 : 0;
	return found;
}

const struct reg_held_row *timeline_event(const struct timeline_lane *l, int64_t ms, int64_t *seq)
{
	const struct reg_held_row *ended = NULL;
	for (size_t i = 0; i < l->n; i++) {
		const struct reg_held_row *h = l->at[i].held;
		if (h->from_ms == ms) {
			*seq = h->from_seq;
			return h;
		}
		ended = h->to_ms == ms ? h : ended;
	}
	*seq = ended ? ended->to_seq : 0;
	return ended;
}

/* The nearest event before (by < 0) or after a moment; false: there is none. */
static bool next_event(const struct timeline_lane *l, int64_t ms, int by, int64_t *out)
{
	bool found = false;
	for (size_t i = 0; i < l->n; i++) {
		const struct reg_held_row *h = l->at[i].held;
		const int64_t ends[] = { h->from_ms, h->to_ms };
		for (int k = 0; k < 2; k++) {
			if (k && h->to_ms == INT64_MAX)
				continue;
			bool beyond = by < 0 ? ends[k] < ms : ends[k] > ms;
			if (beyond && (!found || (by < 0 ? ends[k] > *out : ends[k] < *out))) {
				*out = ends[k];
				found = true;
			}
		}
	}
	return found;
}

/* ---- lanes -------------------------------------------------------------------------------------------------- */

static struct timeline_lane *lane_for(struct timeline *t, const char *kind, const char *name)
{
	for (size_t i = 0; i < t->n_lanes; i++)
		if (!strcmp(t->lanes[i].kind, kind) && !strcmp(t->lanes[i].name, name))
			return &t->lanes[i];
	return NULL;
}

/* A stage stands where the policy has it, the one that serves first and the archive last; other stages, then aliases, by name. */
static int lane_rank(const struct registry_view *v, const struct timeline_lane *l)
{
	const struct policy *p = v->policy;
	int n = p ? (int)p->n_lanes : 0;
	if (strcmp(l->kind, "stage"))
		return n + 3;
	if (p && !strcmp(l->name, p->archive))
		return n + 2;
	for (int i = 0; i < n; i++)
		if (!strcmp(p->lanes[i], l->name))
			return n - i;
	return n + 1;
}

static void sort_lanes(const struct registry_view *v, struct timeline *t)
{
	for (size_t i = 1; i < t->n_lanes; i++)
		for (size_t k = i; k > 0; k--) {
			struct timeline_lane *a = &t->lanes[k - 1], *b = &t->lanes[k], swap = *a;
			int ra = lane_rank(v, a), rb = lane_rank(v, b);
			if (ra < rb || (ra == rb && strcmp(a->name, b->name) <= 0))
				break;
			*a = *b;
			*b = swap;
		}
}

static void lay_tracks(struct timeline_lane *l)
{
	int64_t ends[TIMELINE_TRACKS] = { 0 };
	for (size_t i = 0; i < l->n; i++) {
		const struct reg_held_row *h = l->at[i].held;
		int track = 0;
		while (track < TIMELINE_TRACKS - 1 && track < l->tracks && ends[track] > h->from_ms)
			track++;
		l->at[i].track = track;
		l->tracks = track >= l->tracks ? track + 1 : l->tracks;
		ends[track] = h->to_ms > ends[track] ? h->to_ms : ends[track];
	}
}

static void make_lanes(const struct registry_view *v, struct timeline *t)
{
	struct reg_timeline *d = t->data;
	t->lanes = arena_array(d->arena, d->n ? d->n : 1, sizeof *t->lanes);
	t->n_lanes = 0;
	for (size_t i = 0; i < d->n; i++) {
		struct timeline_lane *l = lane_for(t, d->at[i].kind, d->at[i].name);
		if (!l) {
			l = &t->lanes[t->n_lanes++];
			*l = (struct timeline_lane){ .kind = d->at[i].kind, .name = d->at[i].name };
		}
		l->n++;
	}
	for (size_t i = 0; i < t->n_lanes; i++) {
		t->lanes[i].at = arena_array(d->arena, t->lanes[i].n, sizeof *t->lanes[i].at);
		t->lanes[i].n = 0;
	}
	for (size_t i = 0; i < d->n; i++) {
		struct timeline_lane *l = lane_for(t, d->at[i].kind, d->at[i].name);
		l->at[l->n++].held = &d->at[i];
	}
	for (size_t i = 0; i < t->n_lanes; i++)
		lay_tracks(&t->lanes[i]);
	sort_lanes(v, t);
	t->lane_y = arena_array(d->arena, t->n_lanes + 1, sizeof *t->lane_y);
}

static void lane_to(struct timeline *t, size_t lane)
{
	t->lane = lane;
	free(t->lane_kind);
	free(t->lane_name);
	t->lane_kind = lane < t->n_lanes ? mem_strdup(t->lanes[lane].kind) : NULL;
	t->lane_name = lane < t->n_lanes ? mem_strdup(t->lanes[lane].name) : NULL;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	timeline_free(t->data);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return timeline_load(s, t->model_id, &t->data, e);
}

static void install(struct registry_view *v, struct reg_timeline *data)
{
	struct timeline *t = timeline_of(v);
	bool same = t->data && !strcmp(t->data->model, data->model);
	timeline_free(t->data);
	t->data = data;
	int64_t wall = clock_wall_ms();
	t->now_ms = wall > data->last_ms ? wall : data->last_ms;      /* time here is never before the latest record */
	make_lanes(v, t);
	size_t lane = 0;
	for (size_t i = 0; t->lane_name && i < t->n_lanes; i++)
		if (!strcmp(t->lanes[i].kind, t->lane_kind) && !strcmp(t->lanes[i].name, t->lane_name))
			lane = i;
	lane_to(t, lane);
	if (!same) {
		t->lo_ms = t->hi_ms = 0;
		t->top = 0;
		t->follow = true;
	}
	if (t->follow)
		t->at_ms = t->now_ms;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct timeline *t = timeline_of(v);
	struct trip *trip = arg;
	if (st != ST_CANCELLED)
		t->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK && trip->model_id == v->model_id) {
		install(v, trip->data);
		trip->data = NULL;
	}
	trip_drop(trip);
}

static void timeline_want(struct registry_view *v, bool again)
{
	struct trip *t = mem_zalloc(sizeof *t);
	(void)again;
	t->model_id = v->model_id;
	ui_task(v->ui, v, &(struct ui_task){ .title = "timeline", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_timeline),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

/* ---- time --------------------------------------------------------------------------------------------------------- */

void timeline_window(const struct timeline *t, int64_t *lo_ms, int64_t *hi_ms)
{
	*lo_ms = t->lo_ms;
	*hi_ms = t->hi_ms;
	if (t->lo_ms < t->hi_ms || !t->data)
		return;
	int64_t first = t->data->n ? t->data->first_ms : t->now_ms, span = t->now_ms - first;
	span = span < HOUR_MS ? HOUR_MS : span;
	*lo_ms = first - span / 40;
	*hi_ms = t->now_ms + span / 40;
}

static void time_to(struct timeline *t, int64_t ms)
{
	int64_t lo, hi;
	t->follow = ms >= t->now_ms;
	t->at_ms = t->follow ? t->now_ms : ms;
	timeline_window(t, &lo, &hi);
	int64_t span = hi - lo;
	if (t->at_ms >= lo && t->at_ms <= hi)
		return;
	t->lo_ms = t->at_ms < lo ? t->at_ms - span / 8 : t->at_ms - span * 7 / 8;
	t->hi_ms = t->lo_ms + span;
}

static void step_event(struct registry_view *v, int by)
{
	struct timeline *t = timeline_of(v);
	const struct timeline_lane *l = timeline_lane(v);
	int64_t to = t->at_ms;
	if (l && next_event(l, t->at_ms, by, &to))
		time_to(t, to);
	else if (by > 0)
		time_to(t, t->now_ms);
	else if (v->panes.models.w)
		registry_focus(v, FOCUS_MODELS);
}

static void timeline_move(struct registry_view *v, enum registry_move m)
{
	struct timeline *t = timeline_of(v);
	if (m == REG_LEFT || m == REG_RIGHT) {
		step_event(v, m == REG_LEFT ? -1 : 1);
		return;
	}
	long n = (long)t->n_lanes, to = (long)t->lane + registry_rows_of(m, t->rows, t->n_lanes);
	if (n)
		lane_to(t, (size_t)(to < 0 ? 0 : to >= n ? n - 1 : to));
}

const char *registry_why_no_timeline(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	if (registry_page_id(v) != PAGE_timeline)
		return registry_words(v, "this is about the timeline; {registry.timeline} shows it");
	return timeline_of(v)->n_lanes ? NULL : "there is nothing on this timeline";
}

/* A day; a week where the window holds months. */
REGISTRY_CMD(time_step)
{
	struct registry_view *v = c->view;
	struct timeline *t = timeline_of(v);
	(void)argc, (void)argv, (void)e;
	int64_t lo, hi;
	timeline_window(t, &lo, &hi);
	int64_t step = hi - lo > (int64_t)WEEKS_FROM_DAYS * DAY_MS ? 7 * (int64_t)DAY_MS : hi - lo > 3 * (int64_t)DAY_MS ? DAY_MS : HOUR_MS;
	time_to(t, t->at_ms + (int64_t)c->arg * step);
	return ST_OK;
}

REGISTRY_CMD(time_end)
{
	struct timeline *t = timeline_of(c->view);
	(void)argc, (void)argv, (void)e;
	time_to(t, c->arg < 0 ? t->data->first_ms : t->now_ms);
	return ST_OK;
}

REGISTRY_CMD(time_zoom)
{
	struct timeline *t = timeline_of(c->view);
	int64_t lo, hi;
	(void)argc, (void)argv;
	timeline_window(t, &lo, &hi);
	int64_t span = hi - lo, all = t->now_ms - t->data->first_ms;
	if (c->arg == 0 || (c->arg < 0 && span * 2 >= all)) {
		if (t->lo_ms == t->hi_ms)
			return err_set(e, ST_REFUSED, "all of it is in sight");
		t->lo_ms = t->hi_ms = 0;
		return ST_OK;
	}
	int64_t wanted = c->arg > 0 ? span / 2 : span * 2;
	if (wanted < LEAST_SPAN_MS)
		return err_set(e, ST_REFUSED, "there is nothing between: a column is a few seconds already");
	double share = (double)(t->at_ms - lo) / (double)span;
	t->lo_ms = t->at_ms - (int64_t)(share * (double)wanted);
	t->hi_ms = t->lo_ms + wanted;
	return ST_OK;
}

static enum status go_to(struct registry_view *v, const char *text, struct err *e)
{
	int64_t ms;
	struct timeline *t = timeline_of(v);
	enum status st = when_parse(text, clock_wall_ms(), &ms, e);
	if (st != ST_OK)
		return st;
	time_to(t, ms);
	if (t->data && ms < t->data->first_ms)
		return err_set(e, ST_OK, "that is before the first that is known of this model");
	return ms > t->now_ms ? err_set(e, ST_OK, "that is yet to come; the cursor is at now") : ST_OK;
}

static void date_given(void *view, const char *text)
{
	struct registry_view *v = view;
	struct err e = { .code = ST_OK };
	if (!text || !*text)
		return;
	enum status st = go_to(v, text, &e);
	if (e.text[0])
		ui_message(v->ui, st, "%s", e.text);
}

REGISTRY_CMD(time_at)
{
	struct registry_view *v = c->view;
	if (argc > 1) {
		struct str words = STR_INIT;
		cmd_rest(&words, argc, argv);
		enum status st = go_to(v, words.p, e);
		str_free(&words);
		return st;
	}
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "go to (2026-11-20, 2026-11-20 14:30, 3d, now): ", .history = "registry.when", .done = date_given });
	return ST_OK;
}

/* ---- the page ---------------------------------------------------------------------------------------------------------- */

static void *timeline_open(struct registry_view *v)
{
	(void)v;
	struct timeline *t = mem_zalloc(sizeof *t);
	t->follow = true;
	return t;
}

static void timeline_close(void *state)
{
	struct timeline *t = state;
	timeline_free(t->data);
	free(t->lane_kind);
	free(t->lane_name);
	free(t);
}

static enum status timeline_enter(struct registry_view *v, struct err *e)
{
	const struct timeline *t = timeline_of(v);
	const struct timeline_lane *l = timeline_lane(v);
	int64_t seq = 0;
	if (!l)
		return err_set(e, ST_REFUSED, "there is nothing on this timeline");
	const struct reg_held_row *h = timeline_event(l, t->at_ms, &seq);
	if (!h) {
		h = timeline_holder(l, t->at_ms, NULL);
		seq = h ? h->from_seq : 0;
	}
	if (!h)
		return err_set(e, ST_REFUSED, "nothing held %s then", l->name);
	if (!seq)
		return err_set(e, ST_REFUSED, "v%lld held %s already when it was first seen: there is no record of how it came there", (long long)h->version, l->name);
	registry_go(v, PAGE_audit, &(struct registry_subject){ .version = h->version, .seq = seq });
	return ST_OK;
}

static void timeline_model(const struct registry_view *v, struct str *out)
{
	const struct timeline *t = timeline_of(v);
	const struct timeline_lane *l = timeline_lane(v);
	char at[FMT_MAX], lo_text[FMT_MAX], hi_text[FMT_MAX];
	int64_t lo, hi, seq;
	str_addf(out, "timeline-lanes: %zu\n", t->n_lanes);
	if (!l)
		return;
	timeline_window(t, &lo, &hi);
	str_addf(out, "timeline-lane: %s %s\nat: %s%s\nwindow: %s to %s\n", l->kind, l->name, fmt_time_iso(at, t->at_ms), t->follow ? ", now" : "", fmt_time_iso(lo_text, lo),
		fmt_time_iso(hi_text, hi));
	const struct reg_held_row *h = timeline_holder(l, t->at_ms, NULL);
	if (h)
		str_addf(out, "holds: v%lld%s\n", (long long)h->version, h->from_known ? "" : ", beginning unknown");
	if (timeline_event(l, t->at_ms, &seq))
		str_addf(out, "event: record %lld\n", (long long)seq);
}

static const char *timeline_hints(const struct registry_view *v)
{
	(void)v;
	return "list.left event before; list.right event after; timeline.back week; timeline.at date; timeline.zoom-in zoom; registry.open record; cancel back; help help";
}

static int64_t timeline_version(const struct registry_view *v)
{
	const struct timeline_lane *l = timeline_lane(v);
	const struct reg_held_row *h = l ? timeline_holder(l, timeline_of(v)->at_ms, NULL) : NULL;
	return h ? h->version : 0;
}

static void timeline_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct timeline *t = timeline_of(v);
	int64_t lo, hi;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		timeline_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
		return;
	}
	if (ev->mouse != MOUSE_PRESS || !t->n_lanes)
		return;
	for (size_t i = t->top; i < t->n_lanes; i++)
		if (y >= t->lane_y[i] && y < t->lane_y[i + 1])
			lane_to(t, i);
	timeline_window(t, &lo, &hi);
	if (x >= t->plot_x && x < t->plot_x + t->plot_w && y < t->lane_y[t->n_lanes])
		time_to(t, lo + (hi - lo) * (x - t->plot_x) / t->plot_w);
}

const struct registry_page page_timeline = { .id = "timeline", .context = "registry.timeline", .of_model = true, .open = timeline_open, .close = timeline_close,
	.want = timeline_want, .paint = timeline_paint, .model = timeline_model, .hints = timeline_hints, .move = timeline_move, .enter = timeline_enter,
	.version = timeline_version, .mouse = timeline_mouse };
