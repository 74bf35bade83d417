/* The commands of alerts, and the table of all commands of monitors and alerts. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/drift/verbs.h"
#include "core/drift/verbs_monitor.h"
#include "core/registry/actor.h"
#include "core/registry/regsql.h"

enum { LISTED = 50 };

/* ---- printing ---- */

void alert_table(struct out *o, const struct alert_rows *rows, bool with_monitor)
{
	static const char *const titles[] = { "alert", "monitor", "kind", "state", "since", "window", "told", "by", "title" };
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		if (i != 1 || with_monitor)
			out_table_column(t, titles[i], i ? OUT_LEFT : OUT_RIGHT);
	for (size_t i = 0; i < rows->n; i++) {
		const struct alert_row *r = &rows->at[i];
		struct str told = STR_INIT;
		alert_told_words(r, &told);
		out_table_cellf(t, "%" PRId64, r->id);
		if (with_monitor)
			out_table_cell(t, r->monitor);
		out_table_cell(t, r->kind), out_table_cell(t, r->state);
		moment_cell(t, r->ms);
		out_table_cell(t, *r->window_key ? r->window_key : NULL), out_table_cell(t, told.len ? told.p : NULL), out_table_cell(t,
			*r->acked_by ? r->acked_by : NULL), out_table_cell(t, r->title);
		str_free(&told);
	}
	out_table_end(t);
}

static void members(struct jsonw *w, const struct alert_row *r)
{
	jsonw_put_int(w, "id", r->id);
	const struct { const char *key, *value; } words[] = { { "monitor", r->monitor }, { "window", r->window_key }, { "kind", r->kind }, { "state", r->state },
		{ "title", r->title },
		{ "acked_by", r->acked_by }, { "note", r->note } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		jsonw_put_str(w, words[i].key, words[i].value);
	jsonw_put_nonzero(w, "ms", r->ms);
	jsonw_put_nonzero(w, "acked_ms", r->acked_ms);
	jsonw_put_nonzero(w, "closed_ms", r->closed_ms);
	jsonw_put_nonzero(w, "report", r->report_id);
	jsonw_put_int(w, "waiting", (int64_t)r->waiting);
	jsonw_put_int(w, "sent", (int64_t)r->sent);
	jsonw_put_int(w, "failed", (int64_t)r->failed);
	if (*r->retrain)
		jsonw_put_str(w, "retraining", r->retrain);
}

void alert_json(struct jsonw *w, const struct alert_row *r)
{
	jsonw_open(w, '{');
	members(w, r);
	jsonw_close(w, '}');
}

/* ---- list ---- */

static enum status print_list(struct out *o, const struct alert_rows *rows, struct err *e)
{
	struct json_out j;
	if (!o->json) {
		if (rows->n)
			alert_table(o, rows, true);
		else
			fprintf(o->msg, "there are no such alerts\n");
		return out_check(o->out, e);
	}
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '[');
	for (size_t i = 0; i < rows->n; i++)
		alert_json(&j.w, &rows->at[i]);
	jsonw_close(&j.w, ']');
	return json_out_end(&j, e);
}

/* What was given up is said whatever the list shows: nobody was told of it. */
static enum status say_given_up(struct out *o, struct store *s, struct err *e)
{
	int64_t n, id;
	enum status st = reg_int(s, e, 0, &n, "SELECT count(*) FROM outbox WHERE state = 'failed'", "");
	if (st == ST_OK && n)
		st = reg_int(s, e, 0, &id, "SELECT alert_id FROM outbox WHERE state = 'failed' ORDER BY id DESC LIMIT 1", "");
	if (st == ST_OK && n)
		fprintf(o->msg, "%" PRId64 " message%s given up; mlyard alerts show %" PRId64 " says why, mlyard alerts retry tries again\n", n, n == 1 ? " was" : "s were", id);
	return st;
}

DRIFT_VERB(verb_alerts_list)
{
	struct alert_query query = { .open_only = !verb_flag(a, "all") };
	int64_t most;
	struct alert_rows *rows = NULL;
	struct store *s = store_get(ws->pool, e);
	const char *monitor = verb_opt(a, "monitor");
	enum status st = verb_limit(a, LISTED, &most, e);
	query.most = (size_t)most;
	if (st == ST_OK)
		st = !s ? ST_FAILED : monitor ? monitor_find(s, monitor, &query.monitor_id, e) : ST_OK;
	if (st == ST_OK)
		st = alert_list(s, &query, &rows, e);
	if (st == ST_OK)
		st = print_list(o, rows, e);
	if (st == ST_OK)
		st = say_given_up(o, s, e);
	alert_rows_free(rows);
	if (s)
		store_put(ws->pool, s);
	return st;
}

/* ---- show ---- */

static enum status alert_id(const struct verb_args *a, int i, int64_t *id, struct err *e)
{
	const char *text = verb_arg(a, i);
	char *end;
	*id = strtoll(text, &end, 10);
	return *text && !*end && *id > 0 ? ST_OK : err_set(e, ST_USAGE, "an alert is named by its number; mlyard alerts list tells them");
}

static enum status find_alert(struct store *s, int64_t id, struct alert_rows **rows, const struct alert_row **out, struct err *e)
{
	enum status st = alert_list(s, &(struct alert_query){ .most = 0 }, rows, e);
	*out = NULL;
	for (size_t i = 0; st == ST_OK && i < (*rows)->n; i++)
		if ((*rows)->at[i].id == id)
			*out = &(*rows)->at[i];
	return st == ST_OK && !*out ? err_set(e, ST_NOT_FOUND, "there is no alert %" PRId64 "; mlyard alerts list --all tells which there are", id) : st;
}

static enum status show_json(struct out *o, const struct alert_row *r, const struct outbox_rows *told, const char *document, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	members(&j.w, r);
	jsonw_put_open(&j.w, "told", '[');
	for (size_t i = 0; i < told->n; i++) {
		const struct outbox_row *x = &told->at[i];
		const struct { const char *key, *value; } words[] = { { "kind", x->kind }, { "target", x->target }, { "state", x->state }, { "key", x->key }, { "error", x->error } };
		jsonw_open(&j.w, '{');
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			jsonw_put_str(&j.w, words[k].key, words[k].value);
		jsonw_put_int(&j.w, "attempts", x->attempts);
		jsonw_put_nonzero(&j.w, "sent_ms", x->sent_ms), jsonw_put_nonzero(&j.w, "next_ms", strcmp(x->state, "waiting") ? 0 : x->next_ms);
		jsonw_close(&j.w, '}');
	}
	jsonw_close(&j.w, ']');
	jsonw_put_str(&j.w, "document", document);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

/* What was told, and what came of on_red. */
static void show_words(struct out *o, const struct store_pool *pool, const struct alert_row *r, const char *document)
{
	char when[FMT_MAX];
	struct str log = STR_INIT;
	json_t *j = json_loads(document, 0, NULL);
	const char *text = json_string_value(json_object_get(j, "text"));
	if (text && *text)
		fprintf(o->out, "\n%s", text);
	json_decref(j);
	if (!*r->retrain || !strcmp(r->retrain, "withheld"))
		return;
	outbox_log_path(pool, r->monitor, r->id, &log);
	fprintf(o->out, "\n%s, begun %s%s%s\n", alert_retrain_words(r), fmt_time(when, r->retrain_ms), *r->retrain_error ? ": " : "", r->retrain_error);
	if (access(log.p, R_OK) == 0)
		fprintf(o->out, "its output: %s\n", log.p);
	str_free(&log);
}

static void show_text(struct out *o, const struct store_pool *pool, const struct alert_row *r, const struct outbox_rows *told, const char *document)
{
	static const char *const titles[] = { "receiver", "state", "attempts", "sent", "next", "error" };
	char when[FMT_MAX];
	fprintf(o->out, "alert %" PRId64 ": %s\n%s, %s since %s\n", r->id, r->title, r->kind, r->state, fmt_time(when, r->ms));
	if (r->acked_ms)
		fprintf(o->out, "acknowledged by %s, %s%s%s\n", r->acked_by, fmt_time(when, r->acked_ms), *r->note ? ": " : "", r->note);
	if (r->closed_ms)
		fprintf(o->out, "closed %s\n", fmt_time(when, r->closed_ms));
	if (r->report_id)
		fprintf(o->out, "drift report %" PRId64 "\n", r->report_id);
	show_words(o, pool, r, document);
	if (!told->n)
		return;
	fputc('\n', o->out);
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i == 2 ? OUT_RIGHT : OUT_LEFT);
	for (size_t i = 0; i < told->n; i++) {
		const struct outbox_row *x = &told->at[i];
		out_table_cellf(t, "%s%s", x->channel < 0 ? "on_red: " : "", x->target), out_table_cell(t, x->state), out_table_cellf(t, "%" PRId64, x->attempts);
		moment_cell(t, x->sent_ms), moment_cell(t, strcmp(x->state, "waiting") ? 0 : x->next_ms);
		out_table_cell(t, *x->error ? x->error : NULL);
	}
	out_table_end(t);
}

DRIFT_VERB(verb_alerts_show)
{
	struct alert_rows *rows = NULL;
	struct outbox_rows *told = NULL;
	const struct alert_row *r;
	struct store *s = store_get(ws->pool, e);
	char *document = NULL;
	int64_t id;
	enum status st = s ? alert_id(a, 0, &id, e) : ST_FAILED;
	if (st == ST_OK)
		st = find_alert(s, id, &rows, &r, e);
	if (st == ST_OK)
		st = outbox_list(s, id, &told, e);
	if (st == ST_OK)
		st = reg_text(s, e, &document, "SELECT document FROM alert WHERE id = ?1", "i", id);
	if (st == ST_OK && o->json) {
		st = show_json(o, r, told, document ? document : "", e);
	} else if (st == ST_OK) {
		show_text(o, ws->pool, r, told, document ? document : "");
		st = out_check(o->out, e);
	}
	free(document);
	outbox_rows_free(told);
	alert_rows_free(rows);
	if (s)
		store_put(ws->pool, s);
	return st;
}

/* ---- ack, retry ---- */

/* That somebody sees to it is told at once; what cannot be told now waits, and acknowledging has not failed. */
void verb_tell_acks(struct workspace *ws, struct out *o)
{
	struct outbox_done done;
	struct err why;
	if (outbox_send_messages(ws->pool, clock_wall_ms(), NULL, &done, &why) != ST_OK)
		fprintf(o->msg, "what is to be sent waits: %s\n", why.text);
	else if (done.sent + done.later + done.failed)
		fprintf(o->msg, "%zu sent, %zu to be tried again, %zu given up\n", done.sent, done.later, done.failed);
}

DRIFT_VERB(verb_alerts_ack)
{
	struct actor self;
	int64_t id;
	struct store *s = store_get(ws->pool, e);
	enum status st = s ? alert_id(a, 0, &id, e) : ST_FAILED;
	actor_self(&self);
	if (st == ST_OK)
		st = alert_ack(s, id, self.name, verb_opt(a, "note"), e);
	if (st == ST_OK)
		fprintf(o->msg, "alert %" PRId64 " is acknowledged by %s\n", id, self.name);
	if (st == ST_OK)
		st = verb_facts(o, (const struct verb_fact[]){ { "id", NULL, id }, { "acked_by", self.name, 0 } }, 2, e);
	if (s)
		store_put(ws->pool, s);
	if (st == ST_OK)
		verb_tell_acks(ws, o);
	return st;
}

static enum status send_now(struct workspace *ws, struct out *o, struct err *e)
{
	struct outbox_done done;
	enum status st = outbox_send(ws->pool, clock_wall_ms(), NULL, &done, e);
	if (st == ST_OK && o->json)
		fprintf(o->out, "{\"sent\":%zu,\"later\":%zu,\"failed\":%zu}\n", done.sent, done.later, done.failed);
	else if (st == ST_OK)
		fprintf(o->msg, "%zu sent, %zu to be tried again, %zu given up\n", done.sent, done.later, done.failed);
	if (st == ST_OK)
		st = out_check(o->out, e);
	return st == ST_OK && done.later + done.failed ? err_set(e, ST_UNREACHABLE, "not everybody could be told; mlyard alerts show ID says why") : st;
}

DRIFT_VERB(verb_alerts_retry)
{
	int64_t id = 0;
	size_t n;
	struct store *s = store_get(ws->pool, e);
	enum status st = !s ? ST_FAILED : verb_argc(a) ? alert_id(a, 0, &id, e) : ST_OK;
	if (st == ST_OK)
		st = outbox_retry(s, id, clock_wall_ms(), &n, e);
	if (st == ST_OK && id && !n)
		st = err_set(e, ST_NOT_FOUND, "alert %" PRId64 " has nothing that waits or was given up", id);
	if (s)
		store_put(ws->pool, s);
	return st == ST_OK ? send_now(ws, o, e) : st;
}

/* ---- the table ---- */

static const struct verb_opt note_opts[] = { { "note", OPT_STRING, "TEXT", "What is known or done about it" } };
static const struct verb_opt show_opts[] = { { "limit", OPT_INT, "N", "At most N windows; 0: all (default 20)" } };
static const struct verb_opt run_opts[] = { { "all", OPT_FLAG, NULL, "Run every monitor" }, { "again", OPT_FLAG, NULL, "Windows that failed, too" },
	{ "fail-on-drift", OPT_FLAG, NULL, "Exit with 10 when a window that was looked at is beyond the limits" } };
static const struct verb_opt silence_opts[] = {
	{ "until", OPT_STRING, "DATE", "Until this moment: 2026-12-01, 2026-12-01 08:00" }, { "for", OPT_STRING, "SPAN", "For so long: 2d, 12h" },
	{ "off", OPT_FLAG, NULL, "No longer" }, { "reason", OPT_STRING, "TEXT", "Why" },
};
static const struct verb_opt baseline_opts[] = { { "file", OPT_FLAG, NULL, "The reference of the file again" } };
static const struct verb_opt list_opts[] = {
	{ "all", OPT_FLAG, NULL, "Closed ones too" }, { "monitor", OPT_STRING, "NAME", "Only of this monitor" }, { "limit", OPT_INT, "N",
		"At most N alerts; 0: all (default 50)" },
};
#define OPTS(rows) rows, sizeof rows / sizeof *rows

const struct verb monitor_verbs[] = {
	{ "monitor add", "FILE", "Add the monitor that a file describes, or take its changes over", NULL, 0, VERB_WRITES, 1, 1, verb_monitor_add },
	{ "monitor list", "", "List monitors, worst first", NULL, 0, VERB_READS, 0, 0, verb_monitor_list },
	{ "monitor show", "NAME", "Print a monitor's windows and alerts, newest first", OPTS(show_opts), VERB_READS, 1, 1, verb_monitor_show },
	{ "monitor run", "[NAME]", "Look at the windows that are complete and were not looked at, and tell who is to be told", OPTS(run_opts), VERB_WRITES, 0, 1,
	verb_monitor_run },
	{ "monitor watch", "[NAME]", "Stay and run monitors when they are due or their data change, until interrupted", NULL, 0, VERB_WRITES, 0, 1, verb_monitor_watch },
	{ "monitor check", "FILE", "Say what is wrong with a monitor's file, or what it would do, without doing it", NULL, 0, VERB_NO_WORKSPACE, 1, 1, verb_monitor_check },
	{ "monitor example", "", "Print a monitor's file to start from", NULL, 0, VERB_NO_WORKSPACE, 0, 0, verb_monitor_example },
	{ "monitor ack", "NAME", "Acknowledge the open alerts of a monitor", OPTS(note_opts), VERB_WRITES, 1, 1, verb_monitor_ack },
	{ "monitor silence", "NAME", "Let a monitor look and keep, but tell nobody for a while", OPTS(silence_opts), VERB_WRITES, 1, 1, verb_monitor_silence },
	{ "monitor baseline", "NAME [WINDOW]", "Compare with one of the monitor's own windows from now on", OPTS(baseline_opts), VERB_WRITES, 1, 2, verb_monitor_baseline },
	{ "monitor remove", "NAME", "Remove a monitor with its windows and alerts; its reports stay", NULL, 0, VERB_WRITES, 1, 1, verb_monitor_remove },
	{ "alerts list", "", "List open alerts, newest first", OPTS(list_opts), VERB_READS, 0, 0, verb_alerts_list },
	{ "alerts show", "ID", "Print an alert and who was told of it", NULL, 0, VERB_READS, 1, 1, verb_alerts_show },
	{ "alerts ack", "ID", "Acknowledge an alert", OPTS(note_opts), VERB_WRITES, 1, 1, verb_alerts_ack },
	{ "alerts retry", "[ID]", "Send again what was given up or withheld, at once", NULL, 0, VERB_WRITES, 0, 1, verb_alerts_retry },
};
const size_t monitor_n_verbs = sizeof monitor_verbs / sizeof *monitor_verbs;
