/* The pulse of a workspace, read from the narrow tables: monitors, their windows, reports and what each said of each column.
 *
 * Layout   a group has windows, oldest first, and rows, one a column; a row's cells lie side by side, one a window. Windows that were not looked
 *          at are the gaps in a monitor's numbering; they get a place of their own.
 * Rows     are found window by window from the newest on, so that the newest order of the data is theirs. Neighbouring windows nearly always have the same
 *          columns in the same order: the next row is tried first, and the map of names is asked only where that fails.
 * Severity is what reports sort by: at least 1 where a column drifts. A column that the window lacks stays NaN.
 * Cost     one indexed walk over drift_column, one row a cell. 200 columns by 365 windows are 73,000 rows. */
#include "core/drift/pulse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/drift/report.h"

/* Read once a statement: monitor_window has no index on it, and asking it a report would take the square of both. */
#define OF_MONITORS "(SELECT report_id FROM monitor_window WHERE report_id IS NOT NULL)"
enum { MOST_WINDOWS = 400, LABEL_MAX = 24 };
#define DAY_MS INT64_C(86400000)
#define EARLIEST_MS INT64_C(100000000000)   /* 1973: numbers below are of rows, not times */

struct list { struct pulse_group *at; size_t n, cap; };

static const char *text_of(struct arena *a, sqlite3_stmt *q, int i)
{
	const char *s = (const char *)sqlite3_column_text(q, i);
	return s ? arena_strndup(a, s, (size_t)sqlite3_column_bytes(q, i)) : "";
}

static enum status end_of(struct store *s, sqlite3_stmt *q, int rc, struct err *e)
{
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot read the pulse");
}

/* ---- groups ---- */

static enum status load_monitors(struct store *s, struct arena *a, struct list *out, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT id, name, model, version, state, silent_until_ms, baseline,"
		" (SELECT count(*) FROM alert WHERE monitor_id = m.id AND state = 'open'), (SELECT count(*) FROM alert WHERE monitor_id = m.id AND state = 'acknowledged')"
		" FROM monitor m ORDER BY name", e);
	int rc;
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(out->at, out->cap, out->n + 1);
		out->at[out->n++] = (struct pulse_group){ .monitor_id = sqlite3_column_int64(q, 0), .name = text_of(a, q, 1), .model = text_of(a, q, 2),
			.version = sqlite3_column_int64(q, 3), .state = text_of(a, q, 4), .silent_until_ms = sqlite3_column_int64(q, 5), .baseline = text_of(a, q, 6),
			.alerts_open = (size_t)sqlite3_column_int64(q, 7), .alerts_acked = (size_t)sqlite3_column_int64(q, 8) };
	}
	return end_of(s, q, rc, e);
}

/* Names are what pages keep: a series of reports that has the name of another group says which model it is about. */
static const char *free_name(struct arena *a, const struct list *l, const char *name, const char *model)
{
	const char *base = *name ? name : *model ? model : "reports", *out = base;
	for (int k = 0;; k++) {
		size_t i = 0;
		while (i < l->n && strcmp(l->at[i].name, out) != 0)
			i++;
		if (i == l->n)
			return out;
		out = k == 0 && *model && strcmp(base, model) != 0 ? arena_printf(a, "%s (%s)", base, model) : arena_printf(a, "%s (%d)", base, k + 1);
	}
}

static enum status load_series(struct store *s, struct arena *a, struct list *out, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT name, model, max(version) FROM drift_report r WHERE id NOT IN " OF_MONITORS
		" GROUP BY name, model ORDER BY name, model", e);
	int rc;
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *name = text_of(a, q, 0), *model = text_of(a, q, 1);
		MEM_GROW(out->at, out->cap, out->n + 1);
		out->at[out->n] = (struct pulse_group){ .name = free_name(a, out, name, model), .model = model, .version = sqlite3_column_int64(q, 2), .state = "new",
			.baseline = name };              /* until its windows are read: how the reports are called */
		out->n++;
	}
	return end_of(s, q, rc, e);
}

/* ---- windows ---- */

static const char *time_label(struct arena *a, int64_t ms, int64_t span_ms, bool local)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[LABEL_MAX];
	if (!(local ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)))
		return "";
	bool within = span_ms > 0 && span_ms < DAY_MS && (tm.tm_hour || tm.tm_min);
	strftime(text, sizeof text, within ? "%H:%M" : "%m-%d", &tm);
	return arena_strdup(a, text);
}

/* What stands on an axis: the day or hour a window begins, its first row, or the name of its file without folder and ending. */
static const char *window_label(struct arena *a, const struct pulse_window *w)
{
	char text[FMT_MAX];
	if (w->first >= EARLIEST_MS)
		return time_label(a, w->first, w->last - w->first, false);
	if (w->last > w->first)
		return arena_strdup(a, fmt_si(text, (double)w->last));
	const char *base = strrchr(w->key, '/') ? strrchr(w->key, '/') + 1 : w->key, *dot = strrchr(base, '.');
	return arena_strndup(a, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static enum pulse_state state_of(const char *text)
{
	return strcmp(text, "done") == 0 ? PULSE_DONE : strcmp(text, "missing") == 0 ? PULSE_MISSING : PULSE_FAILED;
}

struct windows { struct pulse_window *at; size_t n, cap; };

/* Newest first. Gaps in the numbering become windows that were not looked at; label them as they lie between their neighbours. */
static void add_gap(struct windows *w, int64_t count, size_t most)
{
	const struct pulse_window *newer = &w->at[w->n - 1];
	int64_t width = newer->last - newer->first, first = newer->first;
	for (int64_t i = 0; i < count && w->n < most; i++) {
		MEM_GROW(w->at, w->cap, w->n + 1);
		first -= width;
		w->at[w->n++] = (struct pulse_window){ .key = "", .label = "", .verdict = "", .why = "", .state = PULSE_NOT_RUN, .rows = NAN,
			.first = first > 0 ? first : 0, .last = first > 0 ? first + width : 0 };
	}
}

static enum status load_monitor_windows(struct store *s, struct arena *a, const struct pulse_group *g, size_t most, struct windows *w, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT seq, key, first, last, state, rows, report_id, verdict, why, ran_ms FROM monitor_window WHERE monitor_id = ?1 ORDER BY seq DESC LIMIT ?2", e);
	int64_t before = 0;
	int rc;
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, g->monitor_id), sqlite3_bind_int64(q, 2, (int64_t)most);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		int64_t seq = sqlite3_column_int64(q, 0);
		if (w->n && before - seq > 1)
			add_gap(w, before - seq - 1, most);
		before = seq;
		if (w->n >= most)
			continue;
		MEM_GROW(w->at, w->cap, w->n + 1);
		w->at[w->n++] = (struct pulse_window){ .key = text_of(a, q, 1), .first = sqlite3_column_int64(q, 2), .last = sqlite3_column_int64(q, 3),
			.state = state_of((const char *)sqlite3_column_text(q, 4)), .rows = sqlite3_column_double(q, 5), .report_id = sqlite3_column_int64(q, 6),
			.verdict = text_of(a, q, 7), .why = text_of(a, q, 8), .ms = sqlite3_column_int64(q, 9) };
	}
	for (size_t i = 0; i < w->n; i++)
		w->at[i].label = w->at[i].first || *w->at[i].key ? window_label(a, &w->at[i]) : "";
	return end_of(s, q, rc, e);
}

static enum status load_report_windows(struct store *s, struct arena *a, const struct pulse_group *g, size_t most, struct windows *w, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT id, ms, verdict, n_cur, current FROM drift_report r WHERE name = ?1 AND model = ?2"
		" AND id NOT IN " OF_MONITORS " ORDER BY ms DESC, id DESC LIMIT ?3", e);
	int rc;
	if (!q)
		return ST_FAILED;
	sqlite3_bind_text(q, 1, g->baseline, -1, SQLITE_STATIC), sqlite3_bind_text(q, 2, g->model, -1, SQLITE_STATIC), sqlite3_bind_int64(q, 3, (int64_t)most);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		int64_t ms = sqlite3_column_int64(q, 1);
		MEM_GROW(w->at, w->cap, w->n + 1);
		w->at[w->n++] = (struct pulse_window){ .key = arena_printf(a, "report %lld", sqlite3_column_int64(q, 0)), .label = time_label(a, ms, 0, true), .ms = ms,
			.report_id = sqlite3_column_int64(q, 0), .verdict = text_of(a, q, 2), .rows = sqlite3_column_double(q, 3), .why = text_of(a, q, 4), .state = PULSE_DONE };
	}
	return end_of(s, q, rc, e);
}

static void keep_windows(struct arena *a, struct pulse_group *g, const struct windows *w)
{
	g->windows = arena_array(a, w->n ? w->n : 1, sizeof *g->windows);
	for (size_t i = 0; i < w->n; i++)
		g->windows[i] = w->at[w->n - 1 - i];
	g->n_windows = w->n;
	if (!g->monitor_id) {
		g->state = w->n ? w->at[0].verdict : "new";
		g->baseline = "";
	}
}

/* ---- rows ---- */

struct reader { struct store *store; struct arena *arena; struct pulse_group *g; struct map *names; size_t cap, next; };

static struct pulse_row *row_for(struct reader *r, const char *name, size_t n)
{
	struct pulse_group *g = r->g;
	bool added;
	if (r->next < g->n_rows && strncmp(g->rows[r->next].name, name, n) == 0 && !g->rows[r->next].name[n])
		return &g->rows[r->next++];
	size_t at = map_add(r->names, name, n, &added);
	if (added) {
		MEM_GROW(g->rows, r->cap, g->n_rows + 1);
		struct pulse_row *row = &g->rows[g->n_rows++];
		*row = (struct pulse_row){ .name = map_key(r->names, at, NULL), .worst = NAN, .last = NAN };
		row->cells = arena_array(r->arena, g->n_windows, sizeof *row->cells);
		for (size_t i = 0; i < g->n_windows; i++)
			row->cells[i] = (struct pulse_cell){ .severity = NAN, .effect = NAN };
	}
	r->next = at + 1;
	return &g->rows[at];
}

/* Asked once a row and not once a cell: words are most of what reading a cell costs. */
static void take_type(struct reader *r, struct pulse_row *row, int position, size_t window)
{
	sqlite3_stmt *q = store_stmt(r->store, "SELECT type, role FROM drift_column WHERE report_id = ?1 AND position = ?2", NULL);
	row->type = row->role = "";
	if (!q)
		return;
	sqlite3_bind_int64(q, 1, r->g->windows[window].report_id), sqlite3_bind_int(q, 2, position);
	if (sqlite3_step(q) == SQLITE_ROW) {
		row->type = text_of(r->arena, q, 0);
		row->role = text_of(r->arena, q, 1);
	}
	sqlite3_reset(q);
}

static void take_cell(struct reader *r, sqlite3_stmt *q, size_t window)
{
	const char *name = (const char *)sqlite3_column_text(q, 0);
	struct pulse_row *row = row_for(r, name ? name : "", (size_t)sqlite3_column_bytes(q, 0));
	struct pulse_cell *c = &row->cells[window];
	if (!row->type)
		take_type(r, row, sqlite3_column_int(q, 5), window);
	int flags = sqlite3_column_int(q, 3);
	bool absent = sqlite3_column_int(q, 4) && !(flags & 1);
	c->drifted = flags & 1;
	c->watch = flags & 2;
	c->severity = absent ? NAN : fminf((float)sqlite3_column_double(q, 1), REPORT_MOST_SEVERE);
	c->effect = sqlite3_column_type(q, 2) == SQLITE_NULL ? NAN : (float)sqlite3_column_double(q, 2);
	const int unit = sqlite3_column_int(q, 6);
	c->unit = unit < 0 || unit > EFFECT_P ? EFFECT_NUMBER : (uint8_t)unit;
	row->n_drifted += c->drifted;
	if (!(c->severity <= row->worst) && !isnan(c->severity))
		row->worst = c->severity;
}

static enum status load_cells(struct store *s, struct reader *r, struct task *t, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT name, severity, effect, drifted + 2 * watch, CASE WHEN severity > 0 THEN 0 ELSE status IN ('only in reference', 'no labels yet') END, position, effect_unit FROM drift_column WHERE report_id = ?1 ORDER BY position", e);
	enum status st = q ? ST_OK : ST_FAILED;
	for (size_t i = r->g->n_windows; i-- && st == ST_OK;) {
		int rc = SQLITE_DONE;
		if (!r->g->windows[i].report_id)
			continue;
		if (task_cancelled(t))
			return ST_CANCELLED;
		r->next = 0;
		sqlite3_bind_int64(q, 1, r->g->windows[i].report_id);
		while ((rc = sqlite3_step(q)) == SQLITE_ROW)
			take_cell(r, q, i);
		st = end_of(s, q, rc, e);
	}
	return st;
}

/* Names live in the map while it is filled, then in the arena with everything else. */
static void keep_rows(struct reader *r)
{
	struct pulse_group *g = r->g;
	struct pulse_row *rows = arena_array(r->arena, g->n_rows ? g->n_rows : 1, sizeof *rows);
	size_t newest = g->n_windows;
	while (newest && g->windows[newest - 1].state != PULSE_DONE)
		newest--;
	for (size_t i = 0; i < g->n_rows; i++) {
		rows[i] = g->rows[i];
		rows[i].name = arena_strdup(r->arena, g->rows[i].name);
		rows[i].last = newest ? rows[i].cells[newest - 1].severity : NAN;
	}
	free(g->rows);
	g->rows = rows;
}

static enum status load_group(struct store *s, struct arena *a, struct pulse_group *g, size_t most, struct task *t, struct err *e)
{
	struct windows w = { 0 };
	enum status st = g->monitor_id ? load_monitor_windows(s, a, g, most, &w, e) : load_report_windows(s, a, g, most, &w, e);
	keep_windows(a, g, &w);
	free(w.at);
	struct reader r = { s, a, g, map_new(), 0, 0 };
	if (st == ST_OK)
		st = load_cells(s, &r, t, e);
	keep_rows(&r);
	map_free(r.names);
	return st;
}

/* ---- all of it ---- */

static int rank(const struct pulse_group *g)
{
	static const char *const states[] = { "trouble", "drifted", "watch", "new" };
	int i = 0;
	while (i < 4 && strcmp(states[i], g->state) != 0)
		i++;
	return i;
}

static int worst_first(const void *a, const void *b)
{
	const struct pulse_group *x = a, *y = b;
	int by = rank(x) - rank(y);
	if (!by)
		by = (x->alerts_open < y->alerts_open) - (x->alerts_open > y->alerts_open);
	return by ? by : strcmp(x->name, y->name);
}

static enum status load_all(struct store *s, struct pulse *p, struct list *l, size_t most, struct task *t, struct err *e)
{
	enum status st = load_monitors(s, p->arena, l, e);
	if (st == ST_OK)
		st = load_series(s, p->arena, l, e);
	for (size_t i = 0; i < l->n && st == ST_OK; i++)
		st = load_group(s, p->arena, &l->at[i], most, t, e);
	if (l->n)
		qsort(l->at, l->n, sizeof *l->at, worst_first);
	return st;
}

enum status pulse_load(struct store *s, const struct pulse_query *query, struct task *t, struct pulse **out, struct err *e)
{
	struct list l = { 0 };
	*out = NULL;
	enum status st = store_read_begin(s, e);
	if (st != ST_OK)
		return st;
	struct pulse *p = mem_zalloc(sizeof *p);
	p->arena = arena_new();
	st = load_all(s, p, &l, query->most_windows ? query->most_windows : MOST_WINDOWS, t, e);
	store_read_end(s);
	p->groups = arena_array(p->arena, l.n ? l.n : 1, sizeof *p->groups);
	if (l.n)
		memcpy(p->groups, l.at, l.n * sizeof *l.at);
	p->n = l.n;
	free(l.at);
	if (st == ST_OK)
		*out = p;
	else
		pulse_free(p);
	return st;
}

void pulse_free(struct pulse *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	free(p);
}
