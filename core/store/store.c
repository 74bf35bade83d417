/* store -- the pool of connections, statements by their text, reading, and the small tables.
 *
 * Statements   a hash of 64 chains keyed by the SQL text. A statement stays valid for its borrower
 *              until store_put(), so the cache is trimmed only there, least recently used first.
 * Reading      store_read_begin() nests; the outermost one pins the snapshot with a first read
 *              (BEGIN alone would take it later, at a moment nobody chose).
 * Changes      each commit adds one row {seq, topics}; the last 64 stay. Whoever finds that rows
 *              before its cursor are gone is told that everything changed.
 */
#include "core/store/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/store/series_codec.h"
#include "core/store/store_internal.h"

struct statement { struct statement *next; sqlite3_stmt *stmt; char *sql; uint64_t used; };

/* ---- errors ---- */

static const struct sqlite_words { int code; enum status st; const char *words, *cure; } sqlite_words[] = {
	{ SQLITE_READONLY, ST_REFUSED, "it is read-only", "check the rights of the file and its folder, or give another file with -w" },
	{ SQLITE_BUSY, ST_FAILED, "another program holds it", "try again, or close that program" },
	{ SQLITE_LOCKED, ST_FAILED, "this program holds it elsewhere", "try again" },
	{ SQLITE_CORRUPT, ST_FAILED, "the file is damaged", "run mlyard doctor; a backup can take its place" },
	{ SQLITE_NOTADB, ST_REFUSED, "it is no database but some other kind of file", "give the path of a workspace" },
	{ SQLITE_CANTOPEN, ST_FAILED, "it cannot be opened", "check that the path is right, and the rights of the file and its folder" },
	{ SQLITE_IOERR, ST_FAILED, "the disk did not do as asked", "check the disk and try again; nothing was half done" },
	{ SQLITE_NOMEM, ST_FAILED, "out of memory", "close something and try again" },
	{ SQLITE_TOOBIG, ST_REFUSED, "a value is too big", "values may have up to 1 GB" },
	{ SQLITE_INTERRUPT, ST_CANCELLED, "stopped", "" },
};

static const struct { const char *words, *cure; } no_space_words[] = {
	[NO_SPACE_DISK] = { "the disk is full", "free some space" },
	[NO_SPACE_QUOTA] = { "your quota of the disk is used up", "remove some files" },
	[NO_SPACE_LIMIT] = { "the file has the largest size that is allowed here", "raise the limit (ulimit -f)" },
};

enum status store_sqlite_error(sqlite3 *db, const char *path, struct err *e, const char *what)
{
	int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
	const char *detail = db ? sqlite3_errmsg(db) : "";
	enum no_space space = db ? store_no_space(db) : SPACE_IS_NOT_IT;
	if (space != SPACE_IS_NOT_IT)
		return err_set(e, ST_FAILED, "%s: %s: %s (%s); %s and try again; nothing was half done", what, path, no_space_words[space].words, detail, no_space_words[space].cure);
	for (size_t i = 0; i < sizeof sqlite_words / sizeof *sqlite_words; i++) {
		const struct sqlite_words *w = &sqlite_words[i];
		if (w->code == code)
			return err_set(e, w->st, "%s: %s: %s (%s)%s%s", what, path, w->words, detail, *w->cure ? "; " : "", w->cure);
	}
	return err_set(e, ST_FAILED, "%s: %s: %s", what, path, detail);
}

enum status store_error(struct store *s, struct err *e, const char *what)
{
	if (store_no_space(s->db) != SPACE_IS_NOT_IT)
		store_pool_is_full(s->pool);
	return store_sqlite_error(s->db, s->pool->path, e, what);
}

/* Waits of growing length with a random part, so that programs that met once do not meet again; STORE_BUSY_MS in all. */
int store_busy(void *arg, int count)
{
	struct store *s = arg;
	int64_t now = clock_mono_us();
	if (!count)
		s->busy_since_us = now;
	if (now - s->busy_since_us >= STORE_BUSY_MS * INT64_C(1000))
		return 0;
	unsigned random;
	sqlite3_randomness(sizeof random, &random);
	unsigned most_us = count < 6 ? 200u << count : 10000;
	usleep(most_us / 2 + random % most_us);
	return 1;
}

/* ---- statements ---- */

/* Eight bytes at a time: statements are long and asked for often. */
static size_t chain_of(const char *sql)
{
	uint64_t h = 0, w;
	for (size_t n = strlen(sql); n; ) {
		size_t k = n < sizeof w ? n : sizeof w;
		w = 0;
		memcpy(&w, sql, k);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
		sql += k;
		n -= k;
	}
	return h % 64;
}

static sqlite3_stmt *statement_ready(struct store *s, struct statement *st)
{
	st->used = ++s->statement_clock;
	sqlite3_reset(st->stmt);
	sqlite3_clear_bindings(st->stmt);
	return st->stmt;
}

sqlite3_stmt *store_stmt(struct store *s, const char *sql, struct err *e)
{
	/* Some errors end a transaction inside SQLite; going on would run the rest without one. */
	if (s->in_write && sqlite3_get_autocommit(s->db)) {
		err_set(e, ST_FAILED, "%s: the change was undone after an earlier error", s->pool->path);
		return NULL;
	}
	struct statement **chain = &s->statements[chain_of(sql)];
	for (struct statement *st = *chain; st; st = st->next)
		if (strcmp(st->sql, sql) == 0)
			return statement_ready(s, st);
	sqlite3_stmt *stmt;
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK || !stmt) {
		store_error(s, e, "cannot ask the workspace");
		return NULL;
	}
	struct statement *st = mem_alloc(sizeof *st);
	*st = (struct statement){ .next = *chain, .stmt = stmt, .sql = mem_strdup(sql), .used = ++s->statement_clock };
	*chain = st;
	s->n_statements++;
	return stmt;
}

/* Drops every statement last used before `oldest`, resets the others. */
static void statements_trim(struct store *s, uint64_t oldest)
{
	for (size_t i = 0; i < 64; i++) {
		for (struct statement **at = &s->statements[i]; *at; ) {
			struct statement *st = *at;
			if (st->used >= oldest) {
				sqlite3_reset(st->stmt);
				at = &st->next;
				continue;
			}
			*at = st->next;
			sqlite3_finalize(st->stmt);
			free(st->sql);
			free(st);
			s->n_statements--;
		}
	}
}

void store_forget_statements(struct store *s)
{
	statements_trim(s, UINT64_MAX);
}

enum status store_exec(struct store *s, const char *sql, struct err *e)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(s, e, "the workspace did not take a statement");
	return ST_OK;
}

int64_t store_query_int(struct store *s, const char *sql, int64_t missing, enum status *st, struct err *e)
{
	int64_t value = missing;
	sqlite3_stmt *q = store_stmt(s, sql, e);
	*st = q ? ST_OK : ST_FAILED;
	if (!q)
		return missing;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		value = sqlite3_column_int64(q, 0);
	else if (rc != SQLITE_DONE)
		*st = store_error(s, e, "cannot read");
	sqlite3_reset(q);
	return value;
}

/* ---- pool ---- */

const char *store_pool_path(const struct store_pool *p) { return p->path; }
bool store_pool_read_only(const struct store_pool *p) { return p->read_only || atomic_load(&p->full); }

const char *store_pool_why_read_only(const struct store_pool *p)
{
	return p->read_only ? p->why : atomic_load(&p->full) ? STORE_DISK_FULL : NULL;
}

void store_pool_set_mirror(struct store_pool *p, bool mirror) { p->mirror = mirror; }
bool store_is_mirror(const struct store *s) { return s->pool->mirror; }
sqlite3 *store_db(struct store *s) { return s->db; }

struct store *store_get(struct store_pool *p, struct err *e)
{
	pthread_mutex_lock(&p->mu);
	struct store *s = p->idle;
	if (s)
		p->idle = s->next;
	p->lent++;
	pthread_mutex_unlock(&p->mu);
	if (!s)
		s = store_conn_open(p, e);
	if (!s) {
		pthread_mutex_lock(&p->mu);
		p->lent--;
		pthread_mutex_unlock(&p->mu);
	}
	return s;
}

void store_put(struct store_pool *p, struct store *s)
{
	if (!s)
		return;
	store_rollback(s);
	store_cache_kb(s, STORE_CACHE_READING_KB);
	statements_trim(s, s->n_statements > STORE_STATEMENTS_KEPT ? s->statement_clock - STORE_STATEMENTS_KEPT / 2 : 0);
	if (s->reading) {
		s->reading = 1;
		store_read_end(s);
	}
	pthread_mutex_lock(&p->mu);
	s->next = p->idle;
	p->idle = s;
	p->lent--;
	pthread_mutex_unlock(&p->mu);
}

/* The last writer leaves one whole file behind: the WAL is folded in and, when nobody else has the
 * file open, removed. Done under the gate; when somebody holds it, the WAL simply stays. */
static void leave_one_file(struct store *last)
{
	bool whole;
	if (!atomic_load(&last->pool->wrote) || store_gate_lock(last, 0, NULL) != ST_OK)
		return;
	if (store_checkpoint_held(last, &whole, NULL) == ST_OK && whole)
		sqlite3_db_config(last->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
}

void store_pool_close(struct store_pool *p)
{
	if (!p)
		return;
	if (p->lent)
		log_add(LOG_ERROR, "%s: closed while %d of its connections were still lent", p->path, p->lent);
	while (p->idle) {
		struct store *s = p->idle;
		p->idle = s->next;
		if (!p->idle && !p->lent)
			leave_one_file(s);
		store_conn_close(s);
	}
	pthread_mutex_destroy(&p->mu);
	free(p->path);
	free(p->gate_path);
	free(p->why);
	free(p);
}

/* ---- reading ---- */

enum status store_read_begin(struct store *s, struct err *e)
{
	if (s->in_write || s->reading) {
		s->reading++;
		return ST_OK;
	}
	enum status st = store_exec(s, "BEGIN", e);
	if (st != ST_OK)
		return st;
	s->reading = 1;
	store_query_int(s, "SELECT 1 FROM sqlite_schema LIMIT 1", 0, &st, e);
	if (st != ST_OK)
		store_read_end(s);
	return st;
}

void store_read_end(struct store *s)
{
	if (s->reading && --s->reading == 0 && !s->in_write && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);   /* nothing was written: ends the snapshot and cannot fail */
}

uint32_t store_changed(struct store *s, int64_t *cursor)
{
	enum status st;
	if (!*cursor) {
		*cursor = store_query_int(s, "SELECT seq FROM change ORDER BY seq DESC LIMIT 1", -1, &st, NULL);
		return 0;
	}
	sqlite3_stmt *q = store_stmt(s, "SELECT seq, topics FROM change WHERE seq > ? ORDER BY seq", NULL);
	if (!q)
		return 0;
	sqlite3_bind_int64(q, 1, *cursor);
	uint32_t topics = 0;
	int64_t before = *cursor < 0 ? 0 : *cursor;
	while (sqlite3_step(q) == SQLITE_ROW) {
		int64_t seq = sqlite3_column_int64(q, 0);
		topics |= seq == before + 1 ? (uint32_t)sqlite3_column_int64(q, 1) : UINT32_MAX;
		*cursor = before = seq;
	}
	sqlite3_reset(q);
	return topics;
}

/* ---- settings and names ---- */

char *store_setting(struct store *s, const char *key)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT value FROM setting WHERE key = ?", NULL);
	if (!q)
		return NULL;
	sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
	char *value = NULL;
	if (sqlite3_step(q) == SQLITE_ROW && sqlite3_column_text(q, 0))
		value = mem_strdup((const char *)sqlite3_column_text(q, 0));
	sqlite3_reset(q);
	return value;
}

static enum status setting_write(struct store *s, const char *key, const char *value, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, value ? "INSERT INTO setting(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value"
		: "DELETE FROM setting WHERE key = ?", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
	if (value)
		sqlite3_bind_text(q, 2, value, -1, SQLITE_STATIC);
	enum status st = sqlite3_step(q) == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot keep a setting");
	sqlite3_reset(q);
	return st;
}

enum status store_set_setting(struct store *s, const char *key, const char *value, struct err *e)
{
	if (s->in_write)
		return setting_write(s, key, value, e);
	enum status st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	st = setting_write(s, key, value, e);
	if (st == ST_OK)
		return store_commit(s, TOPIC_SETTINGS, e);
	store_rollback(s);
	return st;
}

int64_t store_name_id(struct store *s, const char *text, size_t n, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT id FROM name WHERE text = ?", e);
	if (!q)
		return 0;
	sqlite3_bind_text64(q, 1, text, n, SQLITE_STATIC, SQLITE_UTF8);
	int64_t id = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	if (sqlite3_reset(q) != SQLITE_OK) {
		store_error(s, e, "cannot look up a name");
		return 0;
	}
	if (id)
		return id;
	if (!s->in_write) {
		err_set(e, ST_REFUSED, "%s: a new name needs an open change", s->pool->path);
		return 0;
	}
	q = store_stmt(s, "INSERT INTO name(text) VALUES(?)", e);
	if (!q)
		return 0;
	sqlite3_bind_text64(q, 1, text, n, SQLITE_STATIC, SQLITE_UTF8);
	if (sqlite3_step(q) == SQLITE_DONE)
		id = sqlite3_last_insert_rowid(s->db);
	else
		store_error(s, e, "cannot keep a name");
	sqlite3_reset(q);
	return id;
}
