/* Alerts of all monitors, open ones first: what happened, who took it, whether everybody was told; on tall screens which columns drifted then, and whether they
 * still do, from the pulse. Enter opens the report that raised it. */
#include "views/drift_acts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/report.h"
#include "views/drift_list.h"

enum { COL_STATE, COL_MONITOR, COL_KIND, COL_WINDOW, COL_WHAT, COL_TOLD, COL_AGE, COLS, MOST = 1000, BELOW = 4, COLUMNS_MOST = 12, COLUMNS_FROM = 30 };
static const struct table_col columns[COLS] = {
	{ .title = "state", .min = 6, .align = -1, .weight = 255, .firm = true }, { .title = "monitor", .min = 8, .max = 28, .align = -1, .weight = 200 },
	{ .title = "kind", .min = 5, .align = -1, .weight = 120, .firm = true }, { .title = "window", .min = 6, .max = 20, .align = -1, .weight = 150 },
	{ .title = "what", .min = 12, .max = 90, .align = -1, .weight = 180 }, { .title = "told", .min = 6, .max = 30, .align = -1, .weight = 100 },
	{ .title = "age", .min = 3, .align = 1, .weight = 220 },
};
static const struct { const char *state, *sign, *ascii; enum role role; } states[] = {
	{ "open", "▲ open", "^ open", ROLE_BAD }, { "acknowledged", "● taken", "* taken", ROLE_WARN }, { "closed", "✓ closed", "+ closed", ROLE_DIM },
};

struct page { struct alert_rows *rows; struct drift_list list; };
struct trip { struct alert_rows *rows; };

static struct page *page_of(const struct drift_view *v)
{
	return v->state[DRIFT_PAGE_alerts];
}

static const struct alert_row *at_cursor(const struct page *s)
{
	long i = drift_list_at(&s->list);
	return i < 0 ? NULL : &s->rows->at[i];
}

const struct pulse_group *drift_alerts_group(const struct drift_view *v)
{
	const struct alert_row *a = at_cursor(page_of(v));
	return a ? drift_group(v, a->monitor) : NULL;
}

int64_t drift_alert_in_hand(const struct drift_view *v)
{
	const struct alert_row *a = drift_page_id(v) == DRIFT_PAGE_alerts ? at_cursor(page_of(v)) : NULL;
	return a ? a->id : 0;
}

static size_t state_row(const struct alert_row *a)
{
	size_t i = 0;
	while (i < 2 && strcmp(states[i].state, a->state) != 0)
		i++;
	return i;
}

/* ---- the list ------------------------------------------------------------------------------------------------ */

static void add_told(struct str *out, const struct alert_row *a)
{
	alert_told_words(a, out);
	if (!out->len)
		str_add(out, "nobody");
}

/* The monitor has a column of its own. */
static const char *title_without_monitor(const struct alert_row *a)
{
	const size_t n = strlen(a->monitor);
	return strncmp(a->title, a->monitor, n) == 0 && strncmp(a->title + n, ": ", 2) == 0 ? a->title + n + 2 : a->title;
}

static void cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	const struct page *s = data;
	const struct alert_row *a = &s->rows->at[s->list.shown[i]];
	bool closed = state_row(a) == 2;
	out->pen = PEN(closed ? ROLE_DIM : ROLE_TEXT);
	const char *const texts[COLS] = { [COL_MONITOR] = a->monitor, [COL_KIND] = a->kind, [COL_WINDOW] = a->window_key, [COL_WHAT] = title_without_monitor(a) };
	if (col == COL_STATE) {
		out->text = s->list.ascii ? states[state_row(a)].ascii : states[state_row(a)].sign;
		out->pen = PEN(states[state_row(a)].role);
	} else if (col == COL_AGE) {
		out->text = fmt_age(buf, clock_wall_ms() > a->ms ? clock_wall_ms() - a->ms : 0);
		out->pen = PEN(ROLE_DIM);
	} else if (col == COL_TOLD) {
		struct str told = STR_INIT;
		add_told(&told, a);
		snprintf(buf, cap, "%s", told.p);
		str_free(&told);
		out->text = buf;
		out->pen = PEN(a->failed ? ROLE_BAD : a->waiting ? ROLE_WARN : ROLE_DIM);
	} else {
		out->text = texts[col];
	}
}

static size_t count(const void *page)
{
	const struct page *s = page;
	return s->rows ? s->rows->n : 0;
}

static int64_t id_of(const void *page, size_t i)
{
	return ((const struct page *)page)->rows->at[i].id;
}

static void texts_of(const void *page, size_t i, const char *out[DRIFT_LIST_TEXTS])
{
	const struct alert_row *a = &((const struct page *)page)->rows->at[i];
	out[0] = a->monitor, out[1] = a->title, out[2] = a->kind, out[3] = a->window_key, out[4] = a->state;
}

static const char *const none[] = { "There is no alert.", "Monitors raise one when windows drift beyond their limits,", "or when their source cannot be read.", "{cancel} goes back to the pulse." };
static const struct drift_list_class list_class = { .cols = columns, .n_cols = COLS, .count = count, .id = id_of, .texts = texts_of, .cell = cell,
	.none = none, .n_none = sizeof none / sizeof *none };

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	alert_rows_free(t->rows);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return alert_list(s, &(struct alert_query){ .most = MOST }, &t->rows, e);
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct page *s = page_of(view);
	struct trip *t = arg;
	if (st == ST_OK) {
		alert_rows_free(s->rows);
		s->rows = t->rows;
		t->rows = NULL;
	}
	drift_list_read(&s->list, st, e);
	trip_drop(t);
}

static void alerts_want(struct drift_view *v, bool again)
{
	(void)again;
	ui_task(v->ui, v, &(struct ui_task){ .title = "alerts", .cls = TASK_QUICK, .hidden = true, .slot = DRIFT_SLOT(DRIFT_PAGE_alerts),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = mem_zalloc(sizeof(struct trip)) });
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static void *alerts_open(struct drift_view *v)
{
	struct page *s = mem_zalloc(sizeof *s);
	(void)v;
	drift_list_init(&s->list, &list_class, s);
	return s;
}

static void alerts_close(void *state)
{
	struct page *s = state;
	alert_rows_free(s->rows);
	drift_list_done(&s->list);
	free(s);
}

/* ---- picture ----------------------------------------------------------------------------------------------------------- */

/* The columns that drifted in a window, worst first, into out; how many there are. */
static size_t drifted_then(const struct pulse_group *g, size_t window, const struct pulse_row *out[COLUMNS_MOST])
{
	size_t n = 0, all = 0;
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct pulse_row *r = &g->rows[i];
		size_t at = n;
		if (!r->cells[window].drifted)
			continue;
		all++;
		while (at > 0 && r->cells[window].severity > out[at - 1]->cells[window].severity)
			at--;
		if (at == COLUMNS_MOST)
			continue;
		n += n < COLUMNS_MOST;
		memmove(&out[at + 1], &out[at], (n - at - 1) * sizeof *out);
		out[at] = r;
	}
	return all;
}

static void paint_effect(const struct paint *p, int x, int y, const struct pulse_cell *c)
{
	char text[FMT_MAX];
	const char *shown = !isnan(c->effect) ? report_effect_say(text, (double)c->effect, c->unit) : p->ascii ? "." : "·";
	paint_field(p, x, y, 9, 1, PEN(c->drifted ? ROLE_BAD : isnan(c->effect) ? ROLE_DIM : ROLE_TEXT), shown, strlen(shown));
}

/* What drifted in the alert's window, and what became of it since. */
static void paint_columns(const struct drift_view *v, const struct alert_row *a, const struct paint *p, int y, int rows)
{
	const struct pulse_group *g = drift_group(v, a->monitor);
	const struct pulse_row *worst[COLUMNS_MOST];
	size_t at = 0, newest = g ? g->n_windows : 0;
	while (g && at < g->n_windows && strcmp(g->windows[at].key, a->window_key) != 0)
		at++;
	while (newest && g->windows[newest - 1].state != PULSE_DONE)
		newest--;
	if (!g || at == g->n_windows || !newest)
		return;
	size_t all = drifted_then(g, at, worst), shown = all < COLUMNS_MOST ? all : COLUMNS_MOST;
	paint_text(p, 4, y, PEN(ROLE_HEAD), "drifted then");
	paint_field(p, 30, y, 9, 1, PEN(ROLE_HEAD), "effect", 6);
	paint_field(p, 41, y, 9, 1, PEN(ROLE_HEAD), "newest", 6);
	for (size_t i = 0; i < shown && (int)i + 1 < rows; i++) {
		const struct pulse_cell *now = &worst[i]->cells[newest - 1];
		int line = y + 1 + (int)i;
		paint_text(p, 2, line, PEN(drift_role(now->drifted, now->watch)), drift_sign(p, now->drifted, now->watch));
		paint_field(p, 4, line, 25, -1, PEN(ROLE_TEXT), worst[i]->name, strlen(worst[i]->name));
		paint_effect(p, 30, line, &worst[i]->cells[at]);
		paint_effect(p, 41, line, now);
		paint_text(p, 52, line, PEN(ROLE_DIM), at + 1 == newest ? "" : now->drifted ? "still drifted" : now->watch ? "on watch" : isnan(now->severity) ? "not in the data" : "over");
	}
}

static void paint_below(const struct page *s, struct paint *p, int y)
{
	const struct alert_row *a = at_cursor(s);
	char text[FMT_MAX];
	struct str line = STR_INIT;
	ui_rule(p, (struct rect){ p->r.x, p->r.y + y, p->r.w, 1 }, a->title, NULL, false);
	str_addf(&line, "raised %s for window %s", fmt_time(text, a->ms), a->window_key);
	if (a->closed_ms)
		str_addf(&line, ", closed %s", fmt_time(text, a->closed_ms));
	paint_field(p, 2, y + 1, p->r.w - 3, -1, PEN(ROLE_TEXT), line.p, line.len);
	str_clear(&line);
	if (*a->acked_by)
		str_addf(&line, "taken by %s %s%s%s", a->acked_by, fmt_time(text, a->acked_ms), *a->note ? ": " : "", a->note);
	else
		str_add(&line, state_row(a) == 0 ? "nobody has taken it yet" : "nobody took it");
	paint_field(p, 2, y + 2, p->r.w - 3, -1, PEN(state_row(a) == 0 && !*a->acked_by ? ROLE_WARN : ROLE_DIM), line.p, line.len);
	str_clear(&line);
	str_add(&line, "told: ");
	struct str told = STR_INIT;
	add_told(&told, a);
	str_add(&line, told.p);
	str_free(&told);
	paint_field(p, 2, y + 3, p->r.w - 3, -1, PEN(ROLE_DIM), line.p, line.len);
	str_free(&line);
}

static void alerts_paint(struct drift_view *v, struct paint *p)
{
	struct page *s = page_of(v);
	struct str title = STR_INIT;
	size_t open = 0;
	for (size_t i = 0; s->rows && i < s->rows->n; i++)
		open += state_row(&s->rows->at[i]) == 0;
	str_addf(&title, "Alerts · %zu open", open);
	drift_list_words(&s->list, " in all", &title);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, NULL, p->focus);
	str_free(&title);
	bool below = at_cursor(s) && p->r.h >= 12;
	int then = below && p->r.h >= COLUMNS_FROM ? COLUMNS_MOST + 2 : 0;
	drift_list_paint(&s->list, v->ui, p, below ? BELOW + then : 0);
	if (below)
		paint_below(s, p, p->r.h - BELOW - then);
	if (then)
		paint_columns(v, at_cursor(s), p, p->r.h - then + 1, then - 1);
}

static void alerts_model(const struct drift_view *v, struct str *out)
{
	const struct page *s = page_of(v);
	const struct alert_row *a = at_cursor(s);
	str_addf(out, "alerts: %zu\nfilter: %s\n", s->list.table.n_rows, s->list.filter);
	if (a)
		str_addf(out, "alert: %lld %s %s %s %s by %s\ntold: %zu sent %zu waiting %zu failed\n", (long long)a->id, a->monitor, a->kind, a->window_key, a->state,
			*a->acked_by ? a->acked_by : "nobody", a->sent, a->waiting, a->failed);
}

static const char *alerts_hints(const struct drift_view *v)
{
	(void)v;
	return "drift.open report; drift.ack acknowledge; drift.silence silence; drift.filter filter; cancel back; help help; palette command";
}

static void alerts_move(struct drift_view *v, enum drift_move m)
{
	drift_list_move(&page_of(v)->list, m);
}

static enum status alerts_enter(struct drift_view *v, struct err *e)
{
	const struct alert_row *a = at_cursor(page_of(v));
	if (!a || !a->report_id)
		return err_set(e, ST_REFUSED, a ? "this alert has no report: its window could not be compared" : "there is no alert here");
	drift_go(v, DRIFT_PAGE_report, &(struct drift_subject){ a->report_id, a->monitor, NULL });
	return ST_OK;
}

static void alerts_filter(struct drift_view *v, const char *text)
{
	drift_list_filter(&page_of(v)->list, text);
}

static bool alerts_leave(struct drift_view *v)
{
	return drift_list_leave(&page_of(v)->list);
}

static void alerts_mouse(struct drift_view *v, const struct event *ev, int x, int y)
{
	drift_list_mouse(&page_of(v)->list, ev, x, y);
}

const struct drift_page drift_page_alerts = { .id = "alerts", .context = "drift.alerts", .open = alerts_open, .close = alerts_close, .want = alerts_want, .paint = alerts_paint,
	.model = alerts_model, .hints = alerts_hints, .move = alerts_move, .enter = alerts_enter, .leave = alerts_leave, .filter = alerts_filter, .mouse = alerts_mouse };
