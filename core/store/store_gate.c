/* store_gate -- one writer at a time, across threads and processes; checkpoints are writers too.
 *
 * Why      SQLite's own writer lock does not cover checkpoints: a PASSIVE one may read the WAL's header,
 *          lose the processor while another process resets the WAL, and then mark frames as folded in
 *          that are not. Whoever holds the gate is alone, so neither half of that can happen; the
 *          TRUNCATE mode used here holds SQLite's writer lock besides.
 * Lock     flock() on "<file>.gate": it belongs to the open file description, so connections of one
 *          process exclude each other too, and the kernel frees it when a process is killed.
 * Fairness flock() lets whoever asks next win, and a writer in a tight loop asks next. So those who wait
 *          stand in a queue of one: an OFD lock on byte 0 of the same file, held while asking for the
 *          gate. A writer that comes again finds it taken and lines up behind.
 * Waiting  by polling (50 us growing to 2 ms), because flock() cannot time out, and a process that was
 *          suspended inside a change must not hang the others.
 * Policy   after a commit that left the WAL longer than 4 MB, its writer folds it in. When readers hold
 *          a snapshot the rest is done later, tried again after 4 MB more.
 */
#include "core/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/store/store_internal.h"

int store_gate_wait_ms(const struct store_pool *p)
{
	return p->tuning.gate_wait_ms ? p->tuning.gate_wait_ms : STORE_BUSY_MS;
}

static enum status gate_open(struct store *s, struct err *e)
{
	const struct store_pool *p = s->pool;
	if (s->gate_fd >= 0)
		return ST_OK;
	struct stat st;
	mode_t mode = stat(p->path, &st) == 0 ? st.st_mode & 0660 : 0600;   /* who may write the file may pass its gate */
	s->gate_fd = open(p->gate_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->gate_fd < 0)
		return err_set(e, ST_FAILED, "cannot open %s: %s; check the rights of its folder", p->gate_path, strerror(errno));
	if (fstat(s->gate_fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 0777) != mode)
		fchmod(s->gate_fd, mode);
	return ST_OK;
}

/* The two locks that take turns in gate_poll(): each tries once; 0, or an errno. */
static int try_queue(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
	return fcntl(fd, F_OFD_SETLK, &whole) == 0 ? 0 : errno == EACCES ? EAGAIN : errno;
}

static int try_gate(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

static void leave_queue(int fd)
{
	struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
	fcntl(fd, F_OFD_SETLK, &whole);
}

static int gate_poll(int (*try_lock)(int), int fd, int64_t until_us)
{
	for (unsigned pause_us = 50;; pause_us = pause_us < 1000 ? pause_us * 2 : 1000) {
		int why = try_lock(fd);
		if (why != EAGAIN && why != EINTR)
			return why;
		if (clock_mono_us() >= until_us)
			return EAGAIN;
		unsigned random;
		sqlite3_randomness(sizeof random, &random);
		usleep(pause_us + random % pause_us);
	}
}

enum status store_gate_lock(struct store *s, int wait_ms, struct err *e)
{
	enum status st = gate_open(s, e);
	if (st != ST_OK)
		return st;
	int64_t until_us = clock_mono_us() + wait_ms * INT64_C(1000);
	/* Over a network flock() may itself be a lock on the whole file and meet the queue's. */
	bool queue = !s->pool->network;
	int why = queue ? gate_poll(try_queue, s->gate_fd, until_us) : 0;
	if (!why) {
		why = gate_poll(try_gate, s->gate_fd, until_us);
		if (queue)
			leave_queue(s->gate_fd);
	}
	if (why == EAGAIN)
		return err_set(e, ST_FAILED, "%s: another mlyard has been writing for %.1f s; try again, or look for a stopped one", s->pool->path, wait_ms / 1e3);
	if (why)
		return err_set(e, ST_FAILED, "cannot lock %s: %s", s->pool->gate_path, strerror(why));
	s->gate_held = true;
	return ST_OK;
}

void store_gate_unlock(struct store *s)
{
	if (!s->gate_held)
		return;
	s->gate_held = false;
	flock(s->gate_fd, LOCK_UN);
}

/* ---- transactions ---- */

bool store_in_write(const struct store *s) { return s->in_write; }

int store_on_commit(void *arg)
{
	struct store *s = arg;
	if (s->committing)
		return 0;
	log_add(LOG_ERROR, "%s: a change outside of store_begin() and store_commit() was undone", s->pool->path);
	return 1;
}

void store_on_row(void *arg, int op, const char *schema, const char *table, sqlite3_int64 rowid)
{
	(void)schema, (void)rowid;
	struct store *s = arg;
	s->guarded |= strncmp(table, "reg_", 4) == 0;
	s->recorded |= op == SQLITE_INSERT && strcmp(table, "audit") == 0;
}

void store_cache_kb(struct store *s, int kb)
{
	char sql[48];
	if ((s->cache_kb ? s->cache_kb : STORE_CACHE_READING_KB) == kb)
		return;
	s->cache_kb = kb;
	snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d", kb);
	sqlite3_exec(s->db, sql, NULL, NULL, NULL);      /* only a hint */
}

static void write_end(struct store *s)
{
	s->in_write = false;
	s->reading = 0;
	store_gate_unlock(s);
}

enum status store_begin(struct store *s, struct err *e)
{
	if (s->pool->read_only)
		return err_set(e, ST_REFUSED, "%s: %s", s->pool->path, s->pool->why);
	if (!store_pool_has_room(s->pool))
		return err_set(e, ST_FAILED, "%s: %s", s->pool->path, STORE_DISK_FULL);
	if (s->in_write || s->reading)
		return err_set(e, ST_REFUSED, "%s: a change was begun inside another %s", s->pool->path, s->in_write ? "change" : "read");
	enum status st = store_gate_lock(s, store_gate_wait_ms(s->pool), e);
	if (st != ST_OK)
		return st;
	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
		st = store_error(s, e, "cannot begin a change");
		store_gate_unlock(s);
		return st;
	}
	s->in_write = true;
	s->guarded = s->recorded = false;
	store_cache_kb(s, STORE_CACHE_WRITING_KB);
	return ST_OK;
}

static enum status note_change(struct store *s, uint32_t topics, struct err *e)
{
	sqlite3_stmt *add = store_stmt(s, "INSERT INTO change(seq, topics) SELECT coalesce(max(seq), 0) + 1, ? FROM change", e);
	if (!add)
		return ST_FAILED;
	sqlite3_bind_int64(add, 1, topics);
	if (sqlite3_step(add) != SQLITE_DONE)
		return store_error(s, e, "cannot note a change");
	sqlite3_stmt *trim = store_stmt(s, "DELETE FROM change WHERE seq <= ?", e);
	if (!trim)
		return ST_FAILED;
	sqlite3_bind_int64(trim, 1, sqlite3_last_insert_rowid(s->db) - STORE_CHANGES_KEPT);
	return sqlite3_step(trim) == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot note a change");
}

static void checkpoint_when_long(struct store *s);

enum status store_commit(struct store *s, uint32_t topics, struct err *e)
{
	if (!s->in_write)
		return err_set(e, ST_REFUSED, "%s: there is no change to commit", s->pool->path);
	enum status st = ST_OK;
	if (sqlite3_get_autocommit(s->db))
		st = err_set(e, ST_FAILED, "%s: the change was undone after an earlier error", s->pool->path);
	else if (s->guarded && !s->recorded)
		st = err_set(e, ST_REFUSED, "%s: a change of the registry without an audit record was undone", s->pool->path);
	else if (topics)
		st = note_change(s, topics, e);
	if (st == ST_OK) {
		s->committing = true;
		if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
			st = store_error(s, e, "cannot commit");
		s->committing = false;
	}
	if (st != ST_OK) {
		store_rollback(s);
		return st;
	}
	atomic_store(&s->pool->wrote, true);
	checkpoint_when_long(s);
	write_end(s);
	return ST_OK;
}

void store_rollback(struct store *s)
{
	if (!s->in_write)
		return;
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);   /* its failure leaves the transaction to be undone on the next open */
	write_end(s);
}

/* ---- checkpoints ---- */

static int64_t wal_bytes(const struct store *s)
{
	char name[4096];
	struct stat st;
	int n = snprintf(name, sizeof name, "%s-wal", s->pool->path);
	return n < (int)sizeof name && stat(name, &st) == 0 ? st.st_size : 0;
}

/* Without a busy handler: readers are not waited for while everybody else waits for us. */
enum status store_checkpoint_held(struct store *s, bool *whole, struct err *e)
{
	if (s->pool->network) {
		*whole = true;
		return ST_OK;
	}
	sqlite3_busy_handler(s->db, NULL, NULL);
	int rc = sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_handler(s->db, store_busy, s);
	*whole = rc == SQLITE_OK;
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? ST_OK : store_error(s, e, "cannot fold in the log");
}

static void checkpoint_when_long(struct store *s)
{
	bool whole;
	struct err why;
	int64_t bytes = wal_bytes(s);
	if (bytes <= STORE_WAL_BYTES || bytes <= s->wal_retry_bytes)
		return;
	/* What was committed is safe in the WAL: a failure here only leaves it longer. */
	if (store_checkpoint_held(s, &whole, &why) != ST_OK) {
		log_add(LOG_WARN, "%s", why.text);
		whole = false;
	}
	s->wal_retry_bytes = whole ? 0 : bytes + STORE_WAL_BYTES;
}

enum status store_checkpoint(struct store *s, bool force, struct err *e)
{
	bool whole;
	if (s->pool->read_only || (!force && wal_bytes(s) <= STORE_WAL_BYTES))
		return ST_OK;
	if (s->in_write || s->reading)
		return err_set(e, ST_REFUSED, "%s: the log cannot be folded in inside a %s", s->pool->path, s->in_write ? "change" : "read");
	enum status st = store_gate_lock(s, store_gate_wait_ms(s->pool), e);
	if (st != ST_OK)
		return st;
	st = store_checkpoint_held(s, &whole, e);
	store_gate_unlock(s);
	return st;
}
