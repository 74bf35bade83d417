/* What is to be told, one row a receiver, written in the transaction of its alert.
 *
 * States   waiting -> sending -> sent, failed, or waiting again with a later moment; withheld: silenced. "sending" is committed before anything leaves this process. Who holds the
 *          lock and finds one knows that its sender died, and sends again with the same key: receivers that know keys hear it once, others perhaps twice, nobody never.
 * Order    of one monitor to one receiver: a message waits for those before it, so that no end is told before its beginning.
 * Delay    doubles from attempt to attempt, a quarter more or less by key and attempt, so that tests know it and messages do not come in step.
 * Locks    two: messages, and commands (on_red), which may run for an hour and hold up nothing else.
 */
#include "core/drift/outbox.h"

#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/drift/notify.h"
#include "core/drift/random.h"
#include "core/registry/regsql.h"
#include "core/runs/hash.h"

enum { LOCK_WAIT_MS = 5000 };
static const int NOT_TOLD = -1;                  /* the channel of on_red */

int64_t outbox_delay_ms(const char *key, int64_t attempts)
{
	int64_t delay = OUTBOX_FIRST_MS;
	for (int64_t i = 1; i < attempts && delay < OUTBOX_MOST_MS; i++)
		delay *= 2;
	if (delay > OUTBOX_MOST_MS)
		delay = OUTBOX_MOST_MS;
	struct random r = { hash_word(hash_bytes(HASH_START, key, strlen(key)), (uint64_t)attempts) };
	return delay * 3 / 4 + (int64_t)((double)delay / 2 * random_unit(&r));
}

/* ---- a row and its message ---- */

struct letter {
	struct arena *arena; struct monitor_file *f; const struct monitor_tell *tell; struct notify_message m; char host[256];
	int64_t id, channel, attempts, silent_until_ms; const char *kind, *target;
};

static const struct monitor_tell *find_tell(const struct letter *l)
{
	const struct monitor_tell *found = NULL;
	struct str target = STR_INIT, clean = STR_INIT;
	for (size_t i = 0; i < l->f->n_tell; i++) {
		const struct monitor_tell *t = &l->f->tell[i];
		str_clear(&target), str_clear(&clean);
		t->kind->target(t, &target);
		text_clean(&clean, target.p, target.len, 0);
		const bool same = !strcmp(t->kind->id, l->kind) && !strcmp(clean.p, l->target);
		if (same && (!found || (int64_t)i == l->channel))
			found = t;
	}
	str_free(&target), str_free(&clean);
	return l->channel == NOT_TOLD ? (l->f->has_on_red ? &l->f->on_red : NULL) : found;
}

static enum status find_receiver(struct letter *l, const char *text, const char *path, struct err *e)
{
	enum status st = monitor_parse(text, strlen(text), path, &l->f, e);
	if (st == ST_OK && !(l->tell = find_tell(l)))
		st = err_set(e, ST_NOT_FOUND, "the monitor's file does not name this receiver any more");
	return st;
}

static const char *text_of(struct arena *a, const char *document)
{
	json_t *j = json_loads(document, 0, NULL);
	const char *text = json_string_value(json_object_get(j, "text"));
	const char *copy = arena_strdup(a, text ? text : "");
	json_decref(j);
	return copy;
}

#define LETTER "SELECT o.id, o.channel, o.attempts, m.silent_until_ms, a.id, a.ms, ifnull(a.report_id, 0), m.version, o.kind, o.target, o.key, a.kind, a.thread, a.title, a.document, a.window_key," \
	" m.name, m.model FROM outbox o JOIN alert a ON a.id = o.alert_id JOIN monitor m ON m.id = a.monitor_id "
/* Nothing is put off by more than an hour and a quarter: what is to wait longer was put off by a clock that was ahead. */
#define IS_DUE(next, now) "(" next " <= " now " OR " next " > " now " + 7200000)"
/* The first unsent one of each monitor and receiver: what follows it waits. One pass over what is unsent, whatever its number. */
#define DUE "SELECT id FROM outbox WHERE state = 'waiting' AND " IS_DUE("next_ms", "?1") " AND (channel < 0) = ?2 AND id IN (SELECT min(p.id) FROM outbox p JOIN alert b ON b.id = p.alert_id" \
	" WHERE p.state IN ('waiting', 'sending') GROUP BY b.monitor_id, p.channel) ORDER BY id"

static void take_letter(struct letter *l, sqlite3_stmt *q)
{
	int64_t *const numbers[] = { &l->id, &l->channel, &l->attempts, &l->silent_until_ms, &l->m.alert_id, &l->m.ms, &l->m.report_id, &l->m.version };
	const char **const texts[] = { &l->kind, &l->target, &l->m.key, &l->m.kind, &l->m.thread, &l->m.title, &l->m.document, &l->m.window, &l->m.monitor, &l->m.model };
	int at = 0;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = sqlite3_column_int64(q, at++);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = arena_strdup(l->arena, reg_column(q, at++));
	l->m.text = text_of(l->arena, l->m.document);
	l->m.host = l->host;
	if (gethostname(l->host, sizeof l->host - 1) != 0 || !text_is_clean(l->host, strlen(l->host), 0))
		memcpy(l->host, "mlyard", sizeof "mlyard");
}

static enum status due_letters(struct store *s, bool on_red, int64_t now_ms, int64_t **ids, size_t *n, struct err *e)
{
	size_t cap = 0;
	int rc;
	*ids = NULL, *n = 0;
	sqlite3_stmt *q = reg_query(s, e, DUE, "ii", now_ms, (int64_t)on_red);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(*ids, cap, *n + 1);
		(*ids)[(*n)++] = sqlite3_column_int64(q, 0);
	}
	return reg_done(s, q, rc, e);
}

/* *found: it still waits, and is due. */
static enum status load_letter(struct store *s, int64_t id, int64_t now_ms, struct letter *l, bool *found, struct err *e)
{
	*l = (struct letter){ .arena = arena_new() };
	sqlite3_stmt *q = reg_query(s, e, LETTER "WHERE o.id = ?1 AND o.state = 'waiting' AND " IS_DUE("o.next_ms", "?2"), "ii", id, now_ms);
	*found = false;
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		take_letter(l, q);
		*found = true;
	}
	return reg_done(s, q, rc, e);
}

static void letter_free(struct letter *l)
{
	monitor_file_free(l->f);
	arena_free(l->arena);
}

/* ---- states ---- */

static enum status mark(struct store *s, int64_t id, const char *state, int64_t attempts, int64_t next_ms, int64_t sent_ms, const char *error, struct err *e)
{
	struct str clean = STR_INIT;
	text_clean(&clean, error, strlen(error), 0);
	enum status st = store_begin(s, e);
	if (st == ST_OK) {
		st = reg_exec(s, e, "UPDATE outbox SET state = ?2, attempts = ?3, next_ms = ?4, sent_ms = nullif(?5, 0), error = ?6 WHERE id = ?1", "itiiit", id, state,
			attempts, next_ms, sent_ms, clean.p);
		if (st == ST_OK)
			st = store_commit(s, TOPIC_DRIFT, e);
		else
			store_rollback(s);
	}
	str_free(&clean);
	return st;
}

/* Under the lock nobody is sending: what says so was left by a process that ended. */
static enum status recover(struct store *s, bool on_red, struct err *e)
{
	int64_t left;
	enum status st = reg_int(s, e, 0, &left, "SELECT count(*) FROM outbox WHERE state = 'sending' AND (channel < 0) = ?1", "i", (int64_t)on_red);
	if (st != ST_OK || !left)
		return st;
	st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	st = on_red ? reg_exec(s, e, "UPDATE outbox SET state = 'failed', error = 'mlyard ended while it ran, so whether it finished is not known; its log may tell. mlyard alerts retry starts it again'"
			" WHERE state = 'sending' AND channel < 0", "") : reg_exec(s, e, "UPDATE outbox SET state = 'waiting' WHERE state = 'sending' AND channel >= 0", "");
	if (st == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return st;
}

static enum status keep_outcome(struct store *s, const struct letter *l, enum notify_outcome outcome, const struct notify_answer *a, int64_t now_ms,
	struct outbox_done *done, struct err *e)
{
	const int64_t attempts = l->attempts + 1, asked = a->retry_after_ms, own = outbox_delay_ms(l->m.key, attempts);
	const bool once = l->channel == NOT_TOLD, over = once || attempts >= OUTBOX_ATTEMPTS;
	switch (outcome) {
	case NOTIFY_SENT:
		done->sent++;
		return mark(s, l->id, "sent", attempts, now_ms, now_ms, "", e);
	case NOTIFY_STOPPED:
		return once ? mark(s, l->id, "failed", attempts, now_ms, 0, "it was ended together with mlyard", e) : mark(s, l->id, "waiting", l->attempts, now_ms, 0, "", e);
	case NOTIFY_LATER:
		if (!over) {
			done->later++;
			return mark(s, l->id, "waiting", attempts, now_ms + (asked > own ? asked : own), 0, a->err.text, e);
		}
		break;
	case NOTIFY_REFUSED:
		break;
	}
	done->failed++;
	log_add(LOG_WARN, "alert %" PRId64 ", %s: given up after %" PRId64 " attempt%s: %s", l->m.alert_id, l->target, attempts, attempts == 1 ? "" : "s", a->err.text);
	return mark(s, l->id, "failed", attempts, now_ms, 0, a->err.text, e);
}

/* ---- sending ---- */

static void log_folder(const struct store_pool *pool, struct str *out) { str_addf(out, "%s.on-red", store_pool_path(pool)); }

void outbox_log_path(const struct store_pool *pool, const char *monitor, int64_t alert_id, struct str *out)
{
	log_folder(pool, out);
	str_addf(out, "/%s-alert-%" PRId64 ".log", monitor, alert_id);
}

static enum status log_path(struct store_pool *pool, struct letter *l, struct err *e)
{
	struct str path = STR_INIT;
	log_folder(pool, &path);
	enum status st = fs_mkdirs(path.p, e);
	str_clear(&path);
	outbox_log_path(pool, l->m.monitor, l->m.alert_id, &path);
	l->m.log = arena_strdup(l->arena, path.p);
	str_free(&path);
	return st;
}

static enum status monitor_text(struct store *s, const struct letter *l, char **text, char **path, struct err *e)
{
	enum status st = reg_text(s, e, text, "SELECT m.text FROM monitor m WHERE m.name = ?1", "t", l->m.monitor);
	return st == ST_OK ? reg_text(s, e, path, "SELECT m.path FROM monitor m WHERE m.name = ?1", "t", l->m.monitor) : st;
}

static enum status send_one(struct store_pool *pool, struct store *s, struct letter *l, int64_t now_ms, struct task *t, struct outbox_done *done, struct err *e)
{
	struct notify_answer answer = { 0 };
	enum notify_outcome outcome = NOTIFY_REFUSED;
	char *text = NULL, *path = NULL;
	if (l->silent_until_ms > now_ms)
		return mark(s, l->id, "withheld", l->attempts, now_ms, 0, "", e);
	enum status st = monitor_text(s, l, &text, &path, e);
	if (st == ST_OK)
		st = mark(s, l->id, "sending", l->attempts, now_ms, 0, "", e);
	if (st == ST_OK) {
		monitor_at_point("sending");
		enum status ready = find_receiver(l, text ? text : "", path ? path : "", &answer.err);
		if (ready == ST_OK && l->channel == NOT_TOLD)
			ready = log_path(pool, l, &answer.err);
		if (ready == ST_OK)
			outcome = l->tell->kind->send(l->f, l->tell, &l->m, t, &answer);
		monitor_at_point("sent");
		st = keep_outcome(s, l, outcome, &answer, now_ms, done, e);
	}
	free(text);
	free(path);
	return st == ST_OK && outcome == NOTIFY_STOPPED ? err_set(e, ST_CANCELLED, "stopped") : st;
}

static enum status send_by_id(struct store_pool *pool, struct store *s, int64_t id, int64_t now_ms, struct task *t, struct outbox_done *done, struct err *e)
{
	struct letter l;
	bool found;
	if (task_cancelled(t))
		return err_set(e, ST_CANCELLED, "stopped");
	enum status st = load_letter(s, id, now_ms, &l, &found, e);
	if (st == ST_OK && found)
		st = send_one(pool, s, &l, now_ms, t, done, e);
	letter_free(&l);
	return st;
}

/* Round by round: what waited for its turn is due when what was before it is sent, and others may have added some. */
static enum status send_all(struct store_pool *pool, struct store *s, bool on_red, int64_t now_ms, struct task *t, struct outbox_done *done, struct err *e)
{
	enum status st = recover(s, on_red, e);
	for (size_t n = 1; st == ST_OK && n; ) {
		int64_t *ids = NULL;
		st = due_letters(s, on_red, now_ms, &ids, &n, e);
		for (size_t i = 0; st == ST_OK && i < n; i++)
			st = send_by_id(pool, s, ids[i], now_ms, t, done, e);
		free(ids);
	}
	return st;
}

/* A receiver that hangs up while it is written to must not end the program. */
static void hold_sigpipe(sigset_t *before, bool *pending)
{
	sigset_t pipe_only, now;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&now);
	*pending = sigismember(&now, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, before);
}

static void release_sigpipe(const sigset_t *before, bool pending)
{
	sigset_t pipe_only;
	const struct timespec at_once = { 0, 0 };
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	if (!pending)
		sigtimedwait(&pipe_only, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static enum status send_kind(struct store_pool *pool, struct store *s, bool on_red, int64_t now_ms, struct task *t, struct outbox_done *done, struct err *e)
{
	int lock = -1;
	int64_t any = 0;
	enum status st = reg_int(s, e, 0, &any,
		"SELECT 1 FROM outbox WHERE (channel < 0) = ?1 AND (state = 'sending' OR (state = 'waiting' AND " IS_DUE("next_ms", "?2") ")) LIMIT 1", "ii", (int64_t)on_red, now_ms);
	if (st != ST_OK || !any)
		return st;
	/* A command may take an hour; who runs it takes what was added meanwhile as well. */
	st = monitor_lock(store_pool_path(pool), on_red ? "on-red" : "outbox", on_red ? 0 : LOCK_WAIT_MS, &lock, e);
	if (st != ST_OK)
		return st;
	st = send_all(pool, s, on_red, now_ms, t, done, e);
	monitor_unlock(lock);
	return st;
}

static enum status send_held(struct store_pool *pool, bool commands, int64_t now_ms, struct task *t, struct outbox_done *out, struct err *e)
{
	sigset_t before;
	bool pending;
	*out = (struct outbox_done){ 0 };
	struct store *s = store_get(pool, e);
	if (!s)
		return ST_FAILED;
	hold_sigpipe(&before, &pending);
	enum status st = send_kind(pool, s, false, now_ms, t, out, e);
	if (st == ST_OK && commands)
		st = send_kind(pool, s, true, now_ms, t, out, e);
	release_sigpipe(&before, pending);
	if (st == ST_OK)
		st = reg_int(s, e, 0, &out->next_ms, "SELECT min(next_ms) FROM outbox WHERE state = 'waiting'", "");
	store_put(pool, s);
	return st;
}

enum status outbox_send(struct store_pool *pool, int64_t now_ms, struct task *t, struct outbox_done *out, struct err *e)
{
	return send_held(pool, true, now_ms, t, out, e);
}

enum status outbox_send_messages(struct store_pool *pool, int64_t now_ms, struct task *t, struct outbox_done *out, struct err *e)
{
	return send_held(pool, false, now_ms, t, out, e);
}

/* ---- for people ---- */

enum status outbox_retry(struct store *s, int64_t alert_id, int64_t now_ms, size_t *n, struct err *e)
{
	*n = 0;
	enum status st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	st = reg_exec(s, e, "UPDATE outbox SET state = 'waiting', attempts = 0, next_ms = ?2 WHERE (?1 = 0 AND state = 'failed') OR (?1 <> 0 AND alert_id = ?1 AND state IN ('failed', 'withheld'))"
		" OR (state = 'waiting' AND (?1 = 0 OR alert_id = ?1))", "ii", alert_id, now_ms);
	*n = (size_t)sqlite3_changes(store_db(s));
	if (st == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return st;
}

enum status outbox_list(struct store *s, int64_t alert_id, struct outbox_rows **out, struct err *e)
{
	size_t cap = 0;
	int rc;
	*out = NULL;
	sqlite3_stmt *q = reg_query(s, e,
		"SELECT id, alert_id, channel, attempts, next_ms, ifnull(sent_ms, 0), kind, target, key, state, error FROM outbox WHERE alert_id = ?1 OR (?1 = 0 AND state <> 'sent')"
		" ORDER BY id", "i", alert_id);
	if (!q)
		return ST_FAILED;
	struct outbox_rows *rows = mem_zalloc(sizeof *rows);
	rows->arena = arena_new();
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(rows->at, cap, rows->n + 1);
		struct outbox_row *r = &rows->at[rows->n++];
		int64_t *const numbers[] = { &r->id, &r->alert_id, &r->channel, &r->attempts, &r->next_ms, &r->sent_ms };
		const char **const texts[] = { &r->kind, &r->target, &r->key, &r->state, &r->error };
		for (int i = 0; i < 6; i++)
			*numbers[i] = sqlite3_column_int64(q, i);
		for (int i = 0; i < 5; i++)
			*texts[i] = arena_strdup(rows->arena, reg_column(q, 6 + i));
	}
	enum status st = reg_done(s, q, rc, e);
	if (st == ST_OK)
		*out = rows;
	else
		outbox_rows_free(rows);
	return st;
}

void outbox_rows_free(struct outbox_rows *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r->at);
	free(r);
}
