/* Alerts: what is told, as a document and in words; who is told; lists; who has seen to it. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/cmd.h"
#include "core/base/fmt.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/drift/notify.h"
#include "core/registry/regsql.h"

enum { THREAD_BYTES = 12, TOLD_COLUMNS = 10, TOLD_REASONS = 3 };

/* ---- what is told ---- */

static bool is_told(const struct report_column *c) { return c->drifted || c->watch; }

static void add_clean(struct str *out, const char *text) { text_clean(out, text, strlen(text), 0); }

/* A few lines for people; docs/monitors.md shows them. */
static void text_of(struct store *s, const struct monitor_file *f, const struct alert_new *a, int64_t report_id, struct str *out)
{
	const struct report *r = a->report;
	size_t told = 0;
	if (*a->why)
		add_clean(out, a->why), str_addc(out, '\n');
	for (size_t i = 0; r && i < r->n_columns && told < TOLD_COLUMNS; i++) {
		const struct report_column *c = &r->columns[i];
		if (!is_told(c))
			continue;
		told++;
		str_add(out, "- "), add_clean(out, c->name);
		str_add(out, c->drifted ? " drifted" : " is to be watched");
		if (c->n_reasons)
			str_add(out, ": "), add_clean(out, c->reasons[0]);
		str_addc(out, '\n');
	}
	str_addf(out, "Monitor %s", f->name);
	if (*a->window)
		str_add(out, ", window "), add_clean(out, a->window);
	if (*f->model)
		str_add(out, ", model "), add_clean(out, f->model);
	if (a->version)
		str_addf(out, " version %" PRId64, a->version);
	str_addc(out, '\n');
	if (report_id) {
		str_add(out, "mlyard -w "), cmd_quote(out, sqlite3_db_filename(store_db(s), "main"));
		str_addf(out, " drift show %" PRId64 "\n", report_id);
	}
}

static void column_json(struct jsonw *w, const struct report_column *c)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", c->name);
	jsonw_put_bool(w, "drifted", c->drifted);
	jsonw_put_known(w, "severity", c->severity);
	jsonw_put_strs(w, "reasons", c->reasons, c->n_reasons < TOLD_REASONS ? c->n_reasons : TOLD_REASONS);
	jsonw_close(w, '}');
}

static void report_members(struct jsonw *w, const struct report *r)
{
	size_t told = 0;
	jsonw_put_str(w, "verdict", r->verdict);
	jsonw_put_known(w, "share", r->share);
	jsonw_put_int(w, "drifted", (int64_t)r->n_drifted);
	jsonw_put_int(w, "compared", (int64_t)r->n_compared);
	jsonw_put_num(w, "rows", r->n_cur);
	jsonw_put_open(w, "columns", '[');
	for (size_t i = 0; i < r->n_columns && told < TOLD_COLUMNS; i++)
		if (is_told(&r->columns[i]))
			told++, column_json(w, &r->columns[i]);
	jsonw_close(w, ']');
}

static void document_of(const struct monitor_file *f, const struct alert_new *a, int64_t id, const char *thread, const char *text, struct str *out)
{
	struct jsonw w;
	char when[FMT_MAX];
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "schema", "mlyard.alert/1");
	jsonw_put_int(&w, "alert", id);
	jsonw_put_nonzero(&w, "of", a->of);
	const struct { const char *key, *value; } words[] = { { "thread", thread }, { "kind", a->kind }, { "time", fmt_time_iso(when, a->ms) },
		{ "monitor", f->name }, { "model", f->model } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		jsonw_put_str(&w, words[i].key, words[i].value);
	jsonw_put_nonzero(&w, "version", a->version);
	jsonw_put_str(&w, "window", a->window);
	jsonw_put_str(&w, "title", a->title);
	jsonw_put_str(&w, "why", a->why);
	jsonw_put_str(&w, "text", text);
	jsonw_put_nonzero(&w, "report", a->report_id);
	if (a->report)
		report_members(&w, a->report);
	jsonw_close(&w, '}');
}

/* ---- who is told ---- */

/* Who was not told of an alert is not told of its end either, nor that somebody sees to it. */
static enum status was_told(struct store *s, int64_t alert, int64_t channel, bool *told, struct err *e)
{
	int64_t n;
	enum status st = reg_int(s, e, 0, &n, "SELECT count(*) FROM outbox WHERE alert_id = ?1 AND channel = ?2 AND state <> 'withheld'", "ii", alert, channel);
	*told = n > 0;
	return st;
}

static enum status enqueue(struct store *s, int64_t alert, int64_t channel, const struct monitor_tell *t, const char *thread, bool withheld, int64_t ms,
	const char *kind, struct err *e)
{
	struct str target = STR_INIT, clean = STR_INIT, key = STR_INIT;
	t->kind->target(t, &target);
	add_clean(&clean, target.p);
	str_addf(&key, "%s-%s-", thread, kind);
	if (channel < 0)
		str_add(&key, "run");
	else
		str_addf(&key, "%" PRId64, channel);
	enum status st = reg_exec(s, e, "INSERT INTO outbox(alert_id, channel, kind, target, key, state, next_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", "iitttti",
		alert, channel, t->kind->id, clean.p,
		key.p, withheld ? "withheld" : "waiting", ms);
	str_free(&target), str_free(&clean), str_free(&key);
	return st;
}

static enum status enqueue_all(struct store *s, const struct monitor_file *f, const struct alert_new *a, int64_t id, const char *thread, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; st == ST_OK && i < f->n_tell; i++) {
		bool told = true;
		if (!(f->tell[i].on & tell_bit(a->kind)))
			continue;
		if (a->of)
			st = was_told(s, a->of, (int64_t)i, &told, e);
		if (st == ST_OK)
			st = enqueue(s, id, (int64_t)i, &f->tell[i], thread, a->silenced || !told, a->ms, a->kind, e);
	}
	if (st == ST_OK && f->has_on_red && !strcmp(a->kind, "drift"))
		st = enqueue(s, id, -1, &f->on_red, thread, a->silenced, a->ms, a->kind, e);
	return st;
}

/* ---- making, closing ---- */

static enum status thread_of(struct store *s, int64_t of, char thread[2 * THREAD_BYTES + 8], struct err *e)
{
	unsigned char bytes[THREAD_BYTES];
	char hex[2 * THREAD_BYTES + 1], *known = NULL;
	enum status st = of ? reg_text(s, e, &known, "SELECT thread FROM alert WHERE id = ?1", "i", of) : ST_OK;
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
	snprintf(thread, 2 * THREAD_BYTES + 8, "%s%s", known ? "" : "mlyard-", known ? known : hex);
	free(known);
	return st;
}

enum status alert_make(struct store *s, const struct monitor_file *f, const struct alert_new *a, int64_t *id, struct err *e)
{
	char thread[2 * THREAD_BYTES + 8];
	struct str text = STR_INIT, document = STR_INIT, title = STR_INIT;
	add_clean(&title, a->title);
	enum status st = thread_of(s, a->of, thread, e);
	if (st == ST_OK)
		st = reg_exec(s, e, "INSERT INTO alert(monitor_id, window_key, kind, state, ms, title, document, report_id, closed_ms, of, thread) VALUES(?1, ?2, ?3, ?4, ?5, ?6, '', nullif(?7, 0),"
			" nullif(?8, 0), nullif(?9, 0), ?10)", "itttitiiit", a->monitor_id, a->window, a->kind, a->of ? "closed" : "open", a->ms, title.p, a->report_id,
			a->of ? a->ms : (int64_t)0, a->of, thread);
	*id = sqlite3_last_insert_rowid(store_db(s));
	if (st == ST_OK) {
		text_of(s, f, a, a->report_id, &text);
		document_of(f, a, *id, thread, text.p, &document);
		st = reg_exec(s, e, "UPDATE alert SET document = ?2 WHERE id = ?1", "it", *id, document.p);
	}
	if (st == ST_OK)
		st = enqueue_all(s, f, a, *id, thread, e);
	str_free(&text), str_free(&document), str_free(&title);
	return st;
}

enum status alert_close(struct store *s, int64_t id, int64_t now_ms, struct err *e)
{
	return reg_exec(s, e, "UPDATE alert SET state = 'closed', closed_ms = ?2 WHERE id = ?1", "ii", id, now_ms);
}

/* ---- lists ---- */

/* What became of the messages of each alert, and of its on_red (channel -1), in one pass. */
#define TOLD "(SELECT alert_id, sum(channel >= 0 AND state IN ('waiting', 'sending')) AS waiting, sum(channel >= 0 AND state = 'sent') AS sent," \
	" sum(channel >= 0 AND state = 'failed') AS failed, max(CASE WHEN channel < 0 THEN state END) AS retrain, max(CASE WHEN channel < 0 THEN error END) AS retrain_error," \
	" max(CASE WHEN channel < 0 THEN ifnull(sent_ms, next_ms) END) AS retrain_ms FROM outbox GROUP BY alert_id)"

const char *alert_retrain_words(const struct alert_row *a)
{
	static const struct { const char *state, *words; } all[] = { { "waiting", "retraining waits" }, { "sending", "retraining runs" }, { "sent", "retraining ended well" },
		{ "failed", "retraining failed" }, { "withheld", "no retraining while silenced" } };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i].state, a->retrain))
			return all[i].words;
	return "";
}

void alert_told_words(const struct alert_row *a, struct str *out)
{
	const struct { size_t n; const char *word; } parts[] = { { a->failed, "given up" }, { a->waiting, "waiting" }, { a->sent, "sent" } };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].n)
			str_addf(out, "%s%zu %s", out->len ? ", " : "", parts[i].n, parts[i].word);
	if (*alert_retrain_words(a))
		str_addf(out, "%s%s", out->len ? ", " : "", alert_retrain_words(a));
}

static void read_row(struct arena *arena, sqlite3_stmt *q, struct alert_row *r)
{
	const char **const texts[] = { &r->monitor, &r->window_key, &r->kind, &r->state, &r->title, &r->acked_by, &r->note, &r->retrain, &r->retrain_error };
	int64_t *const numbers[] = { &r->id, &r->monitor_id, &r->ms, &r->acked_ms, &r->closed_ms, &r->report_id, &r->retrain_ms };
	size_t *const counts[] = { &r->waiting, &r->sent, &r->failed };
	int at = 0;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = sqlite3_column_int64(q, at++);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = arena_strdup(arena, reg_column(q, at++));
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		*counts[i] = (size_t)sqlite3_column_int64(q, at++);
}

enum status alert_list(struct store *s, const struct alert_query *query, struct alert_rows **out, struct err *e)
{
	size_t cap = 0;
	int rc;
	*out = NULL;
	sqlite3_stmt *q = reg_query(s, e,
		"SELECT a.id, a.monitor_id, a.ms, ifnull(a.acked_ms, 0), ifnull(a.closed_ms, 0), ifnull(a.report_id, 0), ifnull(o.retrain_ms, 0), m.name, a.window_key, a.kind, a.state, a.title,"
		" a.acked_by, a.note, ifnull(o.retrain, ''), ifnull(o.retrain_error, ''), ifnull(o.waiting, 0), ifnull(o.sent, 0), ifnull(o.failed, 0)"
		" FROM alert a JOIN monitor m ON m.id = a.monitor_id LEFT JOIN " TOLD " o ON o.alert_id = a.id WHERE (?1 = 0 OR a.monitor_id = ?1) AND (?2 = 0 OR a.state <> 'closed')"
		" ORDER BY CASE a.state WHEN 'open' THEN 0 WHEN 'acknowledged' THEN 1 ELSE 2 END, a.ms DESC, a.id DESC LIMIT ?3", "iii", query->monitor_id, (int64_t)query->open_only,
		query->most ? (int64_t)query->most : (int64_t)-1);
	if (!q)
		return ST_FAILED;
	struct alert_rows *rows = mem_zalloc(sizeof *rows);
	rows->arena = arena_new();
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(rows->at, cap, rows->n + 1);
		read_row(rows->arena, q, &rows->at[rows->n++]);
	}
	enum status st = reg_done(s, q, rc, e);
	if (st == ST_OK)
		*out = rows;
	else
		alert_rows_free(rows);
	return st;
}

void alert_rows_free(struct alert_rows *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r->at);
	free(r);
}

/* ---- seen to ---- */

static enum status anybody_told(struct store *s, const struct monitor_file *f, int64_t id, bool *any, struct err *e)
{
	enum status st = ST_OK;
	*any = false;
	for (size_t i = 0; st == ST_OK && !*any && i < f->n_tell; i++)
		if (f->tell[i].on & TELL_ACKNOWLEDGED)
			st = was_told(s, id, (int64_t)i, any, e);
	return st;
}

/* What is acknowledged, as the row of its monitor has it. Texts live in the arena. */
struct acknowledged { int64_t id, monitor_id, version, silent_until_ms; const char *window, *title, *text, *path; };

static enum status acknowledged_load(struct store *s, int64_t id, struct arena *arena, struct acknowledged *out, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT m.id, m.version, m.silent_until_ms, a.window_key, a.title, m.text, m.path FROM alert a JOIN monitor m ON m.id = a.monitor_id WHERE a.id = ?1",
		"i", id);
	*out = (struct acknowledged){ .id = id, .window = "", .title = "", .text = "", .path = "" };
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		const char **const texts[] = { &out->window, &out->title, &out->text, &out->path };
		out->monitor_id = sqlite3_column_int64(q, 0), out->version = sqlite3_column_int64(q, 1), out->silent_until_ms = sqlite3_column_int64(q, 2);
		for (int i = 0; i < 4; i++)
			*texts[i] = arena_strdup(arena, reg_column(q, 3 + i));
	}
	return reg_done(s, q, rc, e);
}

/* Once, however often it is acknowledged: an entry of its own, as a recovery is, where somebody is to be told. A file that does not hold any more keeps nobody from
 * acknowledging. */
static enum status tell_ack(struct store *s, int64_t id, const char *who, const char *note, int64_t now_ms, struct err *e)
{
	struct monitor_file *f = NULL;
	struct acknowledged a;
	struct arena *arena = arena_new();
	struct str title = STR_INIT, what = STR_INIT;
	struct err own;
	bool any = false;
	int64_t made;
	enum status st = acknowledged_load(s, id, arena, &a, e);
	if (st == ST_OK && monitor_parse(a.text, strlen(a.text), a.path, &f, &own) != ST_OK)
		log_add(LOG_WARN, "alert %" PRId64 ": nobody is told that it is acknowledged: %s", id, own.text);
	if (f)
		st = anybody_told(s, f, id, &any, e);
	if (st == ST_OK && any) {
		str_addf(&title, "%s: acknowledged by %s", f->name, *who ? who : "somebody");
		str_addf(&what, "%s%s%s", a.title, *note ? "; " : "", note);
		st = alert_make(s, f, &(struct alert_new){ .monitor_id = a.monitor_id, .of = id, .ms = now_ms, .version = a.version, .window = a.window, .kind = "acknowledged",
			.title = title.p, .why = what.p, .silenced = a.silent_until_ms > now_ms }, &made, e);
	}
	str_free(&title), str_free(&what);
	monitor_file_free(f);
	arena_free(arena);
	return st;
}

static enum status ack_in_change(struct store *s, int64_t id, const char *by, const char *note, struct err *e)
{
	const int64_t now_ms = clock_wall_ms();
	char *state = NULL;
	struct str who = STR_INIT, what = STR_INIT;
	enum status st = reg_text(s, e, &state, "SELECT state FROM alert WHERE id = ?1", "i", id);
	if (st == ST_OK && !state)
		st = err_set(e, ST_NOT_FOUND, "there is no alert %" PRId64 "; mlyard alerts list tells which there are", id);
	if (st == ST_OK && !strcmp(state, "closed"))
		st = err_set(e, ST_REFUSED, "alert %" PRId64 " is closed already", id);
	add_clean(&who, by ? by : "");
	add_clean(&what, note ? note : "");
	if (st == ST_OK)
		st = reg_exec(s, e, "UPDATE alert SET state = 'acknowledged', acked_ms = ?2, acked_by = ?3, note = CASE ?4 WHEN '' THEN note ELSE ?4 END WHERE id = ?1",
			"iitt", id, now_ms, who.p, what.p);
	if (st == ST_OK && !strcmp(state, "open"))
		st = tell_ack(s, id, who.p, what.p, now_ms, e);
	str_free(&who), str_free(&what);
	free(state);
	return st;
}

enum status alert_ack(struct store *s, int64_t id, const char *by, const char *note, struct err *e)
{
	enum status st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	st = ack_in_change(s, id, by, note, e);
	if (st == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return st;
}
