/* What comes of a window: its row, the report, the state of the monitor, an alert, what is to be sent. All in one transaction, so that a run that is
 * killed anywhere has either looked at a window and told of it, or not looked at it. */
#include <inttypes.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/drift/monitor_impl.h"
#include "core/registry/regsql.h"

/* ---- hysteresis ---- */

enum hysteresis_step hysteresis_step(struct hysteresis *h, bool red, int after, int clear)
{
	h->red = red ? h->red + 1 : 0;
	h->green = red ? 0 : h->green + 1;
	if (!h->open && h->red >= after) {
		h->open = true;
		return STEP_OPENS;
	}
	if (h->open && h->green >= clear) {
		h->open = false;
		return STEP_CLOSES;
	}
	return STEP_NONE;
}

/* ---- reading and writing the monitor's row ---- */

struct state { struct hysteresis h; int64_t drift_alert, trouble_alert, missing_alert, silent_until_ms, version; };

static enum status state_load(struct store *s, int64_t id, struct state *out, struct err *e)
{
	*out = (struct state){ 0 };
	sqlite3_stmt *q = reg_query(s, e, "SELECT red, green, silent_until_ms, version FROM monitor WHERE id = ?1", "i", id);
	int rc = q ? sqlite3_step(q) : SQLITE_ERROR;
	if (!q)
		return ST_FAILED;
	if (rc == SQLITE_DONE) {
		sqlite3_reset(q);
		return err_set(e, ST_NOT_FOUND, "the monitor was removed meanwhile");
	}
	out->h.red = sqlite3_column_int64(q, 0), out->h.green = sqlite3_column_int64(q, 1), out->silent_until_ms = sqlite3_column_int64(q, 2),
		out->version = sqlite3_column_int64(q, 3);
	enum status st = reg_done(s, q, rc, e);
	if (st == ST_OK)
		st = reg_int(s, e, 0, &out->drift_alert, "SELECT id FROM alert WHERE monitor_id = ?1 AND kind = 'drift' AND state <> 'closed' ORDER BY id DESC", "i", id);
	if (st == ST_OK)
		st = reg_int(s, e, 0, &out->trouble_alert, "SELECT id FROM alert WHERE monitor_id = ?1 AND kind = 'trouble' AND state <> 'closed' ORDER BY id DESC", "i", id);
	if (st == ST_OK)
		st = reg_int(s, e, 0, &out->missing_alert, "SELECT id FROM alert WHERE monitor_id = ?1 AND kind = 'missing' AND state <> 'closed' ORDER BY id DESC", "i", id);
	out->h.open = out->drift_alert != 0;
	return st;
}

/* The state that people see. A limit that was passed too few times yet is worth a look. */
static const char *state_word(const struct state *st, const char *verdict)
{
	return st->trouble_alert ? "trouble" : st->h.open ? "drifted" : st->h.red || !strcmp(verdict, "watch") ? "watch" : *verdict ? "stable" : "new";
}

static enum status state_save(struct store *s, int64_t id, const struct state *st, const char *word, int64_t now_ms, struct err *e)
{
	return reg_exec(s, e, "UPDATE monitor SET state_ms = CASE state WHEN ?2 THEN state_ms ELSE ?3 END, state = ?2, red = ?4, green = ?5 WHERE id = ?1",
		"itiii", id, word, now_ms,
		st->h.red, st->h.green);
}

/* ---- trouble ---- */

static enum status trouble_begin(struct store *s, const struct monitor_file *f, int64_t id, struct state *st, const char *window, const char *why,
	int64_t now_ms, struct monitor_done *done,
	struct err *e)
{
	if (st->trouble_alert)
		return ST_OK;
	struct str title = STR_INIT;
	str_addf(&title, "%s: trouble%s%s", f->name, *window ? " with window " : " with its source", window);
	enum status rc = alert_make(s, f, &(struct alert_new){ .monitor_id = id, .ms = now_ms, .window = window, .kind = "trouble", .title = title.p, .why = why,
		.version = st->version,
		.silenced = st->silent_until_ms > now_ms }, &st->trouble_alert, e);
	done->alerts += rc == ST_OK;
	str_free(&title);
	return rc;
}

static enum status trouble_end(struct store *s, const struct monitor_file *f, int64_t id, struct state *st, const char *window, int64_t now_ms, struct err *e)
{
	int64_t ended;
	if (!st->trouble_alert)
		return ST_OK;
	struct str title = STR_INIT;
	str_addf(&title, "%s: the trouble is over", f->name);
	enum status rc = alert_close(s, st->trouble_alert, now_ms, e);
	if (rc == ST_OK)
		rc = alert_make(s, f, &(struct alert_new){ .monitor_id = id, .of = st->trouble_alert, .ms = now_ms, .window = window, .kind = "recovered", .title = title.p,
			.why = "its data can be read again", .version = st->version, .silenced = st->silent_until_ms > now_ms }, &ended, e);
	st->trouble_alert = 0;
	str_free(&title);
	return rc;
}

static enum status last_verdict(struct store *s, int64_t id, char verdict[16], struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT verdict FROM monitor_window WHERE monitor_id = ?1 AND state = 'done' ORDER BY seq DESC LIMIT 1", "i", id);
	*verdict = '\0';
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		strncat(verdict, reg_column(q, 0), 15);
	return reg_done(s, q, rc, e);
}

static enum status trouble_in_change(struct store *s, const struct monitor_file *f, int64_t id, const char *window, const char *why, int64_t now_ms,
	struct monitor_done *done, struct err *e)
{
	struct state st;
	char verdict[16];
	enum status rc = state_load(s, id, &st, e);
	if (rc == ST_OK)
		rc = last_verdict(s, id, verdict, e);
	if (rc == ST_OK)
		rc = why ? trouble_begin(s, f, id, &st, window, why, now_ms, done, e) : trouble_end(s, f, id, &st, window, now_ms, e);
	return rc == ST_OK ? state_save(s, id, &st, state_word(&st, verdict), now_ms, e) : rc;
}

enum status monitor_trouble(struct store *s, const struct monitor_file *f, int64_t id, const char *window, const char *why, int64_t now_ms,
	struct monitor_done *done, struct err *e)
{
	enum status rc = store_begin(s, e);
	if (rc != ST_OK)
		return rc;
	rc = trouble_in_change(s, f, id, window, why, now_ms, done, e);
	if (rc == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return rc;
}

/* ---- a window ---- */

static enum status drift_alert(struct store *s, const struct monitor_file *f, int64_t id, struct state *st, enum hysteresis_step step,
	const struct window_result *w, int64_t report,
	const char *why, int64_t now_ms, struct monitor_done *done, struct err *e)
{
	struct str title = STR_INIT;
	int64_t made;
	enum status rc = ST_OK;
	const bool opens = step == STEP_OPENS;
	str_addf(&title, opens ? "%s: drift in window %s" : "%s: recovered, window %s is within its limits", f->name, w->w->key);
	if (!opens)
		rc = alert_close(s, st->drift_alert, now_ms, e);
	if (rc == ST_OK)
		rc = alert_make(s, f, &(struct alert_new){ .monitor_id = id, .of = opens ? 0 : st->drift_alert, .ms = now_ms, .report_id = report,
		.version = w->report->version, .window = w->w->key,
			.kind = opens ? "drift" : "recovered", .title = title.p, .why = why, .report = w->report, .silenced = st->silent_until_ms > now_ms }, &made, e);
	done->alerts += rc == ST_OK && opens;
	str_free(&title);
	return rc;
}

static enum status save_window(struct store *s, int64_t id, const struct window_result *w, int64_t report, bool red, const char *why, int64_t now_ms, struct err *e)
{
	static const char *const states[] = { [RESULT_DONE] = "done", [RESULT_MISSING] = "missing", [RESULT_FAILED] = "failed" };
	struct str clean = STR_INIT;
	text_clean(&clean, why, strlen(why), 0);
	sqlite3_stmt *q = reg_query(s, e, "INSERT INTO monitor_window(monitor_id, seq, key, first, last, state, rows, report_id, verdict, red, why, ran_ms)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10, ?11, ?12) ON CONFLICT(monitor_id, seq) DO UPDATE SET key = excluded.key, state = excluded.state, rows = excluded.rows,"
		" report_id = excluded.report_id, verdict = excluded.verdict, red = excluded.red, why = excluded.why, ran_ms = excluded.ran_ms", "iitiitiititi", id,
		w->w->seq, w->w->key, w->w->first,
		w->w->last, states[w->kind], w->report ? (int64_t)w->report->n_cur : (int64_t)0, report, w->report ? w->report->verdict : "", (int64_t)red, clean.p, now_ms);
	enum status rc = q ? reg_done(s, q, sqlite3_step(q), e) : ST_FAILED;
	str_free(&clean);
	return rc;
}

/* ---- gaps ---- */

/* Windows at the end that all are missing, or that all are not. */
static enum status in_a_row(struct store *s, int64_t id, bool missing, int64_t *n, struct err *e)
{
	return reg_int(s, e, 0, n, "SELECT count(*) FROM monitor_window WHERE monitor_id = ?1 AND seq > ifnull((SELECT max(seq) FROM monitor_window WHERE monitor_id = ?1"
		" AND (state = 'missing') <> ?2), -1)", "ii", id, (int64_t)missing);
}

/* A gap that later windows follow; the end of all data is trouble instead. */
static enum status gap_begin(struct store *s, const struct monitor_file *f, int64_t id, struct state *st, const struct window_result *w, int64_t now_ms,
	struct monitor_done *done, struct err *e)
{
	struct str title = STR_INIT, why = STR_INIT;
	int64_t n = 0;
	if (f->missing != MISSING_ALERT || w->w->silent || st->missing_alert)
		return ST_OK;
	enum status rc = in_a_row(s, id, true, &n, e);
	if (rc == ST_OK && n >= f->limits.after) {
		str_addf(&title, "%s: window %s is missing", f->name, w->w->key);
		str_addf(&why, n == 1 ? "the source has nothing for it" : "the source has nothing for it and the %" PRId64 " before it", n - 1);
		rc = alert_make(s, f, &(struct alert_new){ .monitor_id = id, .ms = now_ms, .window = w->w->key, .kind = "missing", .title = title.p, .why = why.p,
			.version = st->version, .silenced = st->silent_until_ms > now_ms }, &st->missing_alert, e);
		done->alerts += rc == ST_OK;
	}
	str_free(&title), str_free(&why);
	return rc;
}

static enum status gap_end(struct store *s, const struct monitor_file *f, int64_t id, struct state *st, const char *window, int64_t now_ms, struct err *e)
{
	struct str title = STR_INIT;
	int64_t n = 0, ended;
	enum status rc = st->missing_alert ? in_a_row(s, id, false, &n, e) : ST_OK;
	if (rc != ST_OK || n < f->limits.clear)
		return rc;
	str_addf(&title, "%s: no window is missing any more", f->name);
	rc = alert_close(s, st->missing_alert, now_ms, e);
	if (rc == ST_OK)
		rc = alert_make(s, f, &(struct alert_new){ .monitor_id = id, .of = st->missing_alert, .ms = now_ms, .window = window, .kind = "recovered", .title = title.p,
			.why = "its windows are there again", .version = st->version, .silenced = st->silent_until_ms > now_ms }, &ended, e);
	st->missing_alert = 0;
	str_free(&title);
	return rc;
}

static enum status keep_done(struct store *s, const struct monitor_file *f, int64_t id, struct state *st, const struct window_result *w, int64_t now_ms,
	struct monitor_done *done, struct err *e)
{
	struct str why = STR_INIT;
	int64_t report;
	const bool red = monitor_is_red(&f->limits, w->report, &why);
	/* A late one is kept, but says nothing of how things are now. */
	const enum hysteresis_step step = w->w->late ? STEP_NONE : hysteresis_step(&st->h, red, f->limits.after, f->limits.clear);
	enum status rc = report_save(s, w->report, &report, e);
	if (rc == ST_OK)
		rc = save_window(s, id, w, report, red, why.p, now_ms, e);
	if (rc == ST_OK && !w->w->late)
		rc = trouble_end(s, f, id, st, w->w->key, now_ms, e);
	if (rc == ST_OK && !w->w->late)
		rc = gap_end(s, f, id, st, w->w->key, now_ms, e);
	if (rc == ST_OK && step != STEP_NONE)
		rc = drift_alert(s, f, id, st, step, w, report, why.p, now_ms, done, e);
	if (rc == ST_OK && !w->w->late)
		rc = state_save(s, id, st, state_word(st, w->report->verdict), now_ms, e);
	done->windows++, done->drifted += red;
	str_free(&why);
	return rc;
}

static enum status keep_in_change(struct store *s, const struct monitor_file *f, int64_t id, const struct window_result *w, int64_t now_ms,
	struct monitor_done *done, struct err *e)
{
	struct state st;
	enum status rc = state_load(s, id, &st, e);
	if (rc != ST_OK)
		return rc;
	if (w->kind == RESULT_DONE)
		return keep_done(s, f, id, &st, w, now_ms, done, e);
	done->missing += w->kind == RESULT_MISSING, done->failed += w->kind == RESULT_FAILED;
	rc = save_window(s, id, w, 0, false, w->why, now_ms, e);
	if (rc == ST_OK && w->kind == RESULT_MISSING)
		rc = gap_begin(s, f, id, &st, w, now_ms, done, e);
	return rc == ST_OK && w->kind == RESULT_FAILED ? trouble_in_change(s, f, id, w->w->key, w->why, now_ms, done, e) : rc;
}

enum status monitor_keep(struct store *s, const struct monitor_file *f, int64_t id, const struct window_result *w, int64_t now_ms,
	struct monitor_done *done, struct err *e)
{
	struct monitor_done so_far = *done;
	enum status rc = store_begin(s, e);
	if (rc != ST_OK)
		return rc;
	rc = keep_in_change(s, f, id, w, now_ms, &so_far, e);
	monitor_at_point("stored");
	if (rc == ST_OK)
		rc = store_commit(s, TOPIC_DRIFT | (*f->model ? (unsigned)TOPIC_MODELS : 0u), e);
	else
		store_rollback(s);
	if (rc == ST_OK)
		*done = so_far;
	return rc;
}
