/* monitor add, list, show, ack, silence, remove, baseline: what is kept of monitors. */
#include "core/drift/verbs_monitor.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registry/actor.h"
#include "core/registry/regsql.h"
#include "core/registry/when.h"

enum { SHOWN_WINDOWS = 20, SHOWN_ALERTS = 10 };

/* ---- shared ---- */

enum status verb_monitor(struct workspace *ws, const struct verb_args *a, int i, struct store **s, int64_t *id, struct err *e)
{
	*s = store_get(ws->pool, e);
	return *s ? monitor_find(*s, verb_arg(a, i), id, e) : ST_FAILED;
}

static enum status done_with(struct workspace *ws, struct store *s, enum status st)
{
	if (s)
		store_put(ws->pool, s);
	return st;
}

void moment_cell(struct out_table *t, int64_t ms)
{
	char buf[FMT_MAX];
	out_table_cell(t, ms ? fmt_time(buf, ms) : NULL);
}

void verb_say_line(void *arg, const char *line)
{
	struct out *o = arg;
	fprintf(o->msg, "%s\n", line);
	fflush(o->msg);
}

/* ---- add ---- */

DRIFT_VERB(verb_monitor_add)
{
	struct store *s = store_get(ws->pool, e);
	struct str clean = STR_INIT;
	int64_t id;
	enum status st = s ? monitor_add(s, verb_arg(a, 0), &id, e) : ST_FAILED;
	if (st == ST_OK && o->json)
		fprintf(o->out, "{\"id\":%" PRId64 "}\n", id);
	else if (st == ST_OK)
		fprintf(o->msg, "%s is a monitor of this workspace now; mlyard monitor run looks at it\n", verb_clean(&clean, verb_arg(a, 0)));
	str_free(&clean);
	return done_with(ws, s, st == ST_OK ? out_check(o->out, e) : st);
}

/* ---- list ---- */

static void row_json(struct jsonw *w, const struct monitor_row *r)
{
	jsonw_put_int(w, "id", r->id);
	const struct { const char *key, *value; } words[] = { { "name", r->name }, { "state", r->state }, { "path", r->path }, { "model", r->model },
		{ "baseline", r->baseline },
		{ "last_window", r->last_key }, { "last_verdict", r->last_verdict }, { "silent_why", r->silent_why } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		jsonw_put_str(w, words[i].key, words[i].value);
	const struct { const char *key; size_t value; } counts[] = { { "windows", r->windows }, { "missing", r->missing }, { "failed", r->failed },
		{ "alerts_open", r->alerts_open },
		{ "waiting", r->waiting } };
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		jsonw_put_int(w, counts[i].key, (int64_t)counts[i].value);
	jsonw_put_nonzero(w, "version", r->version);
	jsonw_put_nonzero(w, "last_report", r->last_report);
	jsonw_put_nonzero(w, "state_ms", r->state_ms);
	jsonw_put_nonzero(w, "ran_ms", r->ran_ms);
	jsonw_put_nonzero(w, "next_ms", r->next_ms);
	jsonw_put_nonzero(w, "silent_until_ms", r->silent_until_ms);
}

static enum status list_json(struct out *o, const struct monitor_rows *rows, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '[');
	for (size_t i = 0; i < rows->n; i++) {
		jsonw_open(&j.w, '{');
		row_json(&j.w, &rows->at[i]);
		jsonw_close(&j.w, '}');
	}
	jsonw_close(&j.w, ']');
	return json_out_end(&j, e);
}

static void list_table(struct out *o, const struct monitor_rows *rows)
{
	static const char *const titles[] = { "monitor", "state", "model", "windows", "missing", "failed", "alerts", "last window", "ran", "next", "note" };
	const int64_t now = clock_wall_ms();
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i >= 3 && i <= 6 ? OUT_RIGHT : OUT_LEFT);
	for (size_t i = 0; i < rows->n; i++) {
		const struct monitor_row *r = &rows->at[i];
		struct str note = STR_INIT;
		char when[FMT_MAX];
		if (r->silent_until_ms > now)
			str_addf(&note, "silent until %s", fmt_time(when, r->silent_until_ms));
		if (r->waiting)
			str_addf(&note, "%s%zu to be sent", note.len ? ", " : "", r->waiting);
		out_table_cell(t, r->name), out_table_cell(t, r->state), out_table_cell(t, *r->model ? r->model : NULL);
		out_table_cellf(t, "%zu", r->windows), out_table_cellf(t, "%zu", r->missing), out_table_cellf(t, "%zu", r->failed), out_table_cellf(t, "%zu", r->alerts_open);
		out_table_cell(t, *r->last_key ? r->last_key : NULL);
		moment_cell(t, r->ran_ms), moment_cell(t, r->next_ms);
		out_table_cell(t, note.len ? note.p : NULL);
		str_free(&note);
	}
	out_table_end(t);
}

DRIFT_VERB(verb_monitor_list)
{
	struct monitor_rows *rows = NULL;
	struct store *s = store_get(ws->pool, e);
	(void)a;
	enum status st = s ? monitor_list(s, &rows, e) : ST_FAILED;
	if (st == ST_OK && o->json) {
		st = list_json(o, rows, e);
	} else if (st == ST_OK) {
		if (!rows->n)
			fprintf(o->msg, "there are no monitors; mlyard monitor example prints a file to start from\n");
		else
			list_table(o, rows);
		st = out_check(o->out, e);
	}
	monitor_rows_free(rows);
	return done_with(ws, s, st);
}

/* ---- show ---- */

struct shown { const struct monitor_row *row; struct alert_rows *alerts; struct store *s; int64_t limit; };

static sqlite3_stmt *windows_of(const struct shown *w, struct err *e)
{
	return reg_query(w->s, e, "SELECT seq, key, state, rows, ifnull(report_id, 0), verdict, red, why, first, last, ran_ms FROM monitor_window WHERE monitor_id = ?1 ORDER BY seq DESC LIMIT ?2", "ii",
		w->row->id, w->limit ? w->limit : (int64_t)-1);
}

static enum status show_json(struct out *o, const struct shown *w, struct err *e)
{
	struct json_out j;
	int rc = SQLITE_DONE;
	sqlite3_stmt *q = windows_of(w, e);
	if (!q)
		return ST_FAILED;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	row_json(&j.w, w->row);
	jsonw_put_open(&j.w, "window", '[');
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		static const char *const keys[] = { "seq", "key", "state", "rows", "report", "verdict", "red", "why", "first", "last", "ran_ms" };
		jsonw_open(&j.w, '{');
		for (int i = 0; i < 11; i++) {
			jsonw_key(&j.w, keys[i]);
			if (i == 6)
				jsonw_bool(&j.w, sqlite3_column_int(q, i));
			else if (sqlite3_column_type(q, i) == SQLITE_INTEGER)
				jsonw_int(&j.w, sqlite3_column_int64(q, i));
			else
				jsonw_str(&j.w, reg_column(q, i));
		}
		jsonw_close(&j.w, '}');
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_open(&j.w, "alerts", '[');
	for (size_t i = 0; i < w->alerts->n; i++)
		alert_json(&j.w, &w->alerts->at[i]);
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	enum status st = reg_done(w->s, q, rc, e), written = json_out_end(&j, e);
	return st == ST_OK ? written : st;
}

static enum status show_windows(struct out *o, const struct shown *w, struct err *e)
{
	static const char *const titles[] = { "window", "state", "verdict", "limits", "rows", "report", "why" };
	int rc;
	sqlite3_stmt *q = windows_of(w, e);
	if (!q)
		return ST_FAILED;
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i == 4 || i == 5 ? OUT_RIGHT : OUT_LEFT);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const bool done = !strcmp(reg_column(q, 2), "done");
		out_table_cell(t, reg_column(q, 1)), out_table_cell(t, reg_column(q, 2)), out_table_cell(t, done ? reg_column(q, 5) : NULL);
		out_table_cell(t, !done ? NULL : sqlite3_column_int(q, 6) ? "RED" : "within");
		if (done)
			out_table_cellf(t, "%" PRId64, (int64_t)sqlite3_column_int64(q, 3));
		else
			out_table_cell(t, NULL);
		if (sqlite3_column_int64(q, 4))
			out_table_cellf(t, "%" PRId64, (int64_t)sqlite3_column_int64(q, 4));
		else
			out_table_cell(t, NULL);
		out_table_cell(t, *reg_column(q, 7) ? reg_column(q, 7) : NULL);
	}
	out_table_end(t);
	return reg_done(w->s, q, rc, e);
}

static void show_head(struct out *o, const struct monitor_row *r)
{
	char when[FMT_MAX];
	fprintf(o->out, "%s: %s", r->name, r->state);
	if (r->silent_until_ms > clock_wall_ms())
		fprintf(o->out, ", silent until %s%s%s", fmt_time(when, r->silent_until_ms), *r->silent_why ? ": " : "", r->silent_why);
	fprintf(o->out, "\nfile %s\n", r->path);
	if (*r->model)
		fprintf(o->out, "model %s%s\n", r->model, r->version ? "" : ", all versions");
	if (*r->baseline)
		fprintf(o->out, "reference: its own window %s\n", r->baseline);
	if (r->ran_ms)
		fprintf(o->out, "last run %s\n", fmt_time(when, r->ran_ms));
	fputc('\n', o->out);
}

static enum status show(struct out *o, struct shown *w, struct err *e)
{
	if (o->json)
		return show_json(o, w, e);
	show_head(o, w->row);
	enum status st = show_windows(o, w, e);
	if (st == ST_OK && w->alerts->n) {
		fputc('\n', o->out);
		alert_table(o, w->alerts, false);
	}
	return st == ST_OK ? out_check(o->out, e) : st;
}

DRIFT_VERB(verb_monitor_show)
{
	struct monitor_rows *rows = NULL;
	struct shown w = { 0 };
	int64_t id;
	enum status st = verb_limit(a, SHOWN_WINDOWS, &w.limit, e);
	if (st == ST_OK)
		st = verb_monitor(ws, a, 0, &w.s, &id, e);
	if (st == ST_OK)
		st = monitor_list(w.s, &rows, e);
	for (size_t i = 0; st == ST_OK && i < rows->n; i++)
		if (rows->at[i].id == id)
			w.row = &rows->at[i];
	if (st == ST_OK)
		st = w.row ? alert_list(w.s, &(struct alert_query){ .monitor_id = id, .most = SHOWN_ALERTS }, &w.alerts, e) : err_set(e, ST_NOT_FOUND,
		"the monitor was removed meanwhile");
	if (st == ST_OK)
		st = show(o, &w, e);
	alert_rows_free(w.alerts);
	monitor_rows_free(rows);
	return done_with(ws, w.s, st);
}

/* ---- changes ---- */

DRIFT_VERB(verb_monitor_ack)
{
	struct alert_rows *rows = NULL;
	struct store *s;
	struct actor self;
	int64_t id;
	enum status st = verb_monitor(ws, a, 0, &s, &id, e);
	if (st == ST_OK)
		st = alert_list(s, &(struct alert_query){ .monitor_id = id, .open_only = true }, &rows, e);
	if (st == ST_OK && !rows->n)
		st = err_set(e, ST_REFUSED, "monitor %s has no open alert", verb_arg(a, 0));
	actor_self(&self);
	for (size_t i = 0; st == ST_OK && i < rows->n; i++)
		st = alert_ack(s, rows->at[i].id, self.name, verb_opt(a, "note"), e);
	if (st == ST_OK)
		fprintf(o->msg, "%zu alert%s acknowledged by %s\n", rows->n, rows->n == 1 ? "" : "s", self.name);
	if (st == ST_OK)
		st = verb_facts(o, (const struct verb_fact[]){ { "monitor", verb_arg(a, 0), 0 }, { "acknowledged", NULL, (int64_t)rows->n } }, 2, e);
	alert_rows_free(rows);
	done_with(ws, s, st);
	if (st == ST_OK)
		verb_tell_acks(ws, o);
	return st;
}

static enum status silent_until(const struct verb_args *a, int64_t *ms, struct err *e)
{
	const char *until = verb_opt(a, "until"), *span = verb_opt(a, "for");
	const int64_t now = clock_wall_ms();
	enum status st = ST_OK;
	if (!!until + !!span + verb_flag(a, "off") != 1)
		return err_set(e, ST_USAGE, "say until when: one of --until DATE, --for 2d and --off");
	*ms = 0;
	if (until)
		st = when_parse(until, now, ms, e);
	if (span && !word_span(span, ms))
		st = err_set(e, ST_USAGE, "--for needs a span of time with its unit, like 2d or 12h");
	else if (span)
		*ms += now;
	return st == ST_OK && until && *ms <= now ? err_set(e, ST_USAGE, "--until is in the past; --off ends a silence") : st;
}

DRIFT_VERB(verb_monitor_silence)
{
	struct store *s = NULL;
	char when[FMT_MAX];
	int64_t id, ms;
	enum status st = silent_until(a, &ms, e);
	if (st == ST_OK)
		st = verb_monitor(ws, a, 0, &s, &id, e);
	if (st == ST_OK)
		st = monitor_silence(s, id, ms, verb_opt(a, "reason"), e);
	if (st == ST_OK && ms)
		fprintf(o->msg, "%s looks and keeps, and tells nobody until %s\n", verb_arg(a, 0), fmt_time(when, ms));
	else if (st == ST_OK)
		fprintf(o->msg, "%s tells again\n", verb_arg(a, 0));
	if (st == ST_OK)
		st = verb_facts(o, (const struct verb_fact[]){ { "monitor", verb_arg(a, 0), 0 }, { "silent_until_ms", NULL, ms } }, 2, e);
	return done_with(ws, s, st);
}

DRIFT_VERB(verb_monitor_remove)
{
	struct store *s;
	int64_t id;
	enum status st = verb_monitor(ws, a, 0, &s, &id, e);
	if (st == ST_OK)
		st = monitor_remove(s, id, e);
	if (st == ST_OK)
		fprintf(o->msg, "%s is removed, with its windows and alerts; its reports stay\n", verb_arg(a, 0));
	if (st == ST_OK)
		st = verb_facts(o, &(struct verb_fact){ "monitor", verb_arg(a, 0), 0 }, 1, e);
	return done_with(ws, s, st);
}

DRIFT_VERB(verb_monitor_baseline)
{
	const bool file = verb_flag(a, "file");
	struct store *s = NULL;
	int64_t id;
	enum status st = file == (verb_argc(a) > 1) ? err_set(e, ST_USAGE, "name a window, or say --file for the reference of the file") : verb_monitor(ws, a, 0, &s, &id, e);
	if (st == ST_OK)
		st = monitor_baseline(s, id, file ? "" : verb_arg(a, 1), e);
	if (st == ST_OK)
		fprintf(o->msg, "%s compares with %s from now on\n", verb_arg(a, 0), file ? "the reference of its file" : "that window");
	if (st == ST_OK)
		st = verb_facts(o, (const struct verb_fact[]){ { "monitor", verb_arg(a, 0), 0 }, { "window", file ? NULL : verb_arg(a, 1), 0 } }, 2, e);
	return done_with(ws, s, st);
}
