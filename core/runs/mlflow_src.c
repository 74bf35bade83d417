/* Scans, slices, damage.
 *
 * A scan is one statement "SELECT rowid, ... WHERE rowid > ?1 ORDER BY rowid". It is stepped until its slice
 * is over, reset (which ends the read transaction), and started again behind the last row. SQLite
 * re-prepares a statement when the schema moved; seeing that count grow is how a migration is noticed.
 * After a malformed page the gap to the next readable row is first doubled, then narrowed by bisection:
 * some 60 probes at most, each of one row. A table that cannot be read is ST_FAILED and the others are still
 * tried; ST_UNREACHABLE says that none can be. */
#include "core/runs/mlflow_src.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/runs/hash.h"

enum { SLICE_US = 50000, BUSY_LIMIT_US = 20000000, VALUE_LIMIT = 256 << 20, MAX_GAPS = 200, PROGRESS_OPS = 20000 };

/* ---- opening ---- */

static int on_busy(void *arg, int tries)
{
	struct src *s = arg;
	const int64_t now = clock_mono_us();

	if (tries == 0)
		s->busy_since_us = now;
	if (task_cancelled(s->job->task) || now - s->busy_since_us > BUSY_LIMIT_US)
		return 0;
	const unsigned most = tries < 5 ? 1000u << tries : 25000u;      /* 1 ms doubling to 25 ms, the upper half of it random */

	usleep(most / 2 + (unsigned)(now % (most / 2)));
	return 1;
}

static int on_progress(void *arg) { return task_cancelled(((struct src *)arg)->job->task); }

static void add_uri(struct str *u, const char *path, bool immutable)
{
	str_add(u, "file:");
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		if (isalnum(*p) || strchr("/._-~", *p))
			str_addc(u, (char)*p);
		else
			str_addf(u, "%%%02x", *p);
	}
	str_add(u, immutable ? "?mode=ro&immutable=1" : "?mode=ro");
}

static int open_uri(const char *path, bool immutable, sqlite3 **db)
{
	struct str uri = STR_INIT;

	add_uri(&uri, path, immutable);
	const int rc = sqlite3_open_v2(uri.p, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

	str_free(&uri);
	if (rc != SQLITE_OK) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return rc;
}

static bool read_header(sqlite3 *db, unsigned char head[100])
{
	sqlite3_file *f = NULL;

	return sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && f && f->pMethods
		&& f->pMethods->xRead(f, head, 100, 0) == SQLITE_OK && !memcmp(head, "SQLite format 3", 16);
}

bool src_header(const char *path, unsigned char head[100])
{
	sqlite3 *db;

	if (open_uri(path, false, &db) != SQLITE_OK)
		return false;
	const bool ok = read_header(db, head);

	sqlite3_close(db);
	return ok;
}

static bool has_wal(const char *path)
{
	struct str wal = STR_INIT;
	struct stat sb;

	str_addf(&wal, "%s-wal", path);
	const bool there = stat(wal.p, &sb) == 0;

	str_free(&wal);
	return there;
}

static void set_up(struct src *s)
{
	sqlite3_busy_handler(s->db, on_busy, s);
	sqlite3_progress_handler(s->db, PROGRESS_OPS, on_progress, s);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_LIMIT);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_exec(s->db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON", NULL, NULL, NULL);
}

/* Opens it as it may be: see the header of this module about immutable. */
static int open_best(const char *path, sqlite3 **db, bool *immutable)
{
	unsigned char head[100];
	int rc = open_uri(path, false, db);

	*immutable = false;
	if (rc != SQLITE_OK)
		return rc;
	if (!read_header(*db, head)) {
		sqlite3_close(*db);
		return SQLITE_NOTADB;
	}
	if (head[18] == 2 && !has_wal(path)) {
		sqlite3_close(*db);
		*immutable = true;
		rc = open_uri(path, true, db);
	}
	return rc;
}

static enum status open_error(const char *path, int rc, struct err *e)
{
	if (rc == SQLITE_NOTADB)
		return err_set(e, ST_FAILED, "%s: not a SQLite database", path);
	return err_set(e, ST_FAILED, "%s: cannot be opened (%s); check that you may read it and its folder", path, sqlite3_errstr(rc));
}

enum status src_open(struct src *s, struct import_job *job, struct err *e)
{
	*s = (struct src){ .job = job, .tables = map_new() };
	if (stat(job->path, &s->stamp) != 0)
		return err_set(e, ST_NOT_FOUND, "%s: it is not there any more; what was imported stays, and it is read again when it comes back", job->path);
	int rc = open_best(job->path, &s->db, &s->immutable);

	if (rc != SQLITE_OK)
		return open_error(job->path, rc, e);
	set_up(s);
	rc = sqlite3_exec(s->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	if (rc == SQLITE_BUSY)
		return err_set(e, ST_UNREACHABLE, "%s: its writer has kept it locked for 20 seconds; it is tried again at the next change", job->path);
	if (rc == SQLITE_INTERRUPT)
		return err_set(e, ST_CANCELLED, "%s: the import was stopped", job->path);
	if (rc != SQLITE_OK)
		return err_set(e, ST_FAILED, "%s: its tables cannot be listed (%s); `sqlite3 %s .recover` may save what is in it", job->path,
			sqlite3_errmsg(s->db), job->path);
	return ST_OK;
}

static bool has_mlflow_tables(sqlite3 *db, struct str *why)
{
	sqlite3_stmt *st = NULL;
	int n = 3, rc = sqlite3_prepare_v2(db, "SELECT count(*) FROM sqlite_master WHERE type='table' AND name IN ('experiments','runs','metrics')", -1, &st, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (n < 3)
		str_add(why, "a SQLite database, but without MLflow's tables (experiments, runs, metrics)");
	else if (rc == SQLITE_NOTADB)
		str_add(why, "not a SQLite database, or an encrypted one");
	return n == 3 && rc != SQLITE_NOTADB;
}

bool src_is_mlflow(const char *path, struct str *why)
{
	struct stat sb;
	sqlite3 *db = NULL;
	bool immutable, yes = false;

	if (stat(path, &sb) != 0 || !S_ISREG(sb.st_mode)) {
		str_add(why, "not a file");
	} else if (sb.st_size == 0) {
		str_add(why, "an empty file");
	} else if (access(path, R_OK) != 0) {
		str_addf(why, "not readable (%s)", strerror(errno));
	} else if (open_best(path, &db, &immutable) != SQLITE_OK) {
		str_add(why, "not a SQLite database");
	} else {
		sqlite3_busy_timeout(db, 2000);
		yes = has_mlflow_tables(db, why);
		sqlite3_close(db);
	}
	return yes;
}

void src_close(struct src *s)
{
	sqlite3_close(s->db);
	map_free(s->tables);
	*s = (struct src){ 0 };
}

bool src_settled(const struct src *s)
{
	struct stat now;

	if (!s->immutable)
		return true;
	return stat(s->job->path, &now) == 0 && !has_wal(s->job->path) && now.st_ino == s->stamp.st_ino && now.st_size == s->stamp.st_size
		&& now.st_mtim.tv_sec == s->stamp.st_mtim.tv_sec && now.st_mtim.tv_nsec == s->stamp.st_mtim.tv_nsec;
}

/* ---- schema ---- */

static bool is_plain_table(struct src *s, const char *table)
{
	sqlite3_stmt *st = NULL;
	bool yes = false;

	if (sqlite3_prepare_v2(s->db, "SELECT 1 FROM sqlite_master WHERE name=?1 AND type='table' AND sql NOT LIKE 'create virtual%'", -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
		yes = sqlite3_step(st) == SQLITE_ROW;
	}
	sqlite3_finalize(st);
	return yes;
}

static void look_up(struct src *s, const char *table, size_t index)
{
	sqlite3_stmt *st = NULL;
	struct str key = STR_INIT;

	*map_value(s->tables, index) = is_plain_table(s, table);
	if (*map_value(s->tables, index) && sqlite3_prepare_v2(s->db, "SELECT lower(name) FROM pragma_table_info(?1)", -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
		while (sqlite3_step(st) == SQLITE_ROW) {
			str_clear(&key);
			str_addf(&key, "%s.%s", table, (const char *)sqlite3_column_text(st, 0));
			*map_value(s->tables, map_add(s->tables, key.p, key.len, NULL)) = 1;
		}
	}
	sqlite3_finalize(st);
	str_free(&key);
}

bool src_has(struct src *s, const char *table, const char *column)
{
	bool added;
	const size_t i = map_add(s->tables, table, strlen(table), &added);
	struct str key = STR_INIT;

	if (added)
		look_up(s, table, i);
	if (!column || !*map_value(s->tables, i))
		return *map_value(s->tables, i) != 0;
	str_addf(&key, "%s.%s", table, column);
	const bool yes = map_find(s->tables, key.p, key.len) >= 0;

	str_free(&key);
	return yes;
}

static void add_columns(struct str *q, struct src *s, const struct src_table *t, int n)
{
	for (int i = 0; i < n; i++) {
		if (src_has(s, t->name, t->cols[i]))
			str_addf(q, ",\"%s\"", t->cols[i]);
		else
			str_add(q, ",NULL");
	}
}

int64_t src_count(struct src *s, const char *table, const char *what)
{
	struct str q = STR_INIT;
	sqlite3_stmt *st = NULL;
	int64_t n = 0;

	if (!src_has(s, table, NULL))
		return 0;
	str_addf(&q, "SELECT %s FROM \"%s\"", what, table);
	if (sqlite3_prepare_v2(s->db, q.p, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	str_free(&q);
	return n;
}

uint64_t src_row_check(struct src *s, const struct src_table *t, int64_t rowid)
{
	struct str q = STR_INIT;
	sqlite3_stmt *st = NULL;
	uint64_t h = 0;

	str_add(&q, "SELECT rowid");
	add_columns(&q, s, t, t->n_check);
	str_addf(&q, " FROM \"%s\" WHERE rowid=?1", t->name);
	if (sqlite3_prepare_v2(s->db, q.p, -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(st, 1, rowid);
		if (sqlite3_step(st) == SQLITE_ROW) {
			h = HASH_START;
			for (int i = 1; i <= t->n_check; i++) {
				const void *p = sqlite3_column_blob(st, i);

				h = hash_bytes(h, p ? p : "", (size_t)sqlite3_column_bytes(st, i));
			}
			h |= 1;
		}
	}
	sqlite3_finalize(st);
	str_free(&q);
	return h;
}

/* ---- scans ---- */

__attribute__((format(printf, 3, 4)))
static void stop(struct scan *sc, enum status rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sc->err.text, sizeof sc->err.text, fmt, ap);
	va_end(ap);
	sc->err.code = sc->rc = rc;
	sc->done = true;
}

void scan_begin(struct scan *sc, struct src *s, const struct src_table *t, int64_t after, const char *where, const char *arg, size_t arg_n)
{
	struct str q = STR_INIT;

	*sc = (struct scan){ .src = s, .t = t, .last = after };
	if (!src_has(s, t->name, NULL)) {
		sc->done = true;
		return;
	}
	str_add(&q, "SELECT rowid");
	add_columns(&q, s, t, t->n);
	str_addf(&q, " FROM \"%s\" WHERE rowid>?1", t->name);
	if (where)
		str_addf(&q, " AND %s", where);
	str_add(&q, " ORDER BY rowid");
	if (sqlite3_prepare_v2(s->db, q.p, (int)q.len, &sc->st, NULL) != SQLITE_OK)
		stop(sc, ST_FAILED, "%s: table %s cannot be read (%s)", s->job->path, t->name, sqlite3_errmsg(s->db));
	else if (where)
		sqlite3_bind_text64(sc->st, 2, arg, arg_n, SQLITE_TRANSIENT, SQLITE_UTF8);
	str_free(&q);
}

void scan_pause(struct scan *sc)
{
	if (sc->running)
		sqlite3_reset(sc->st);
	sc->running = false;
}

/* The first readable rowid >= from, by the table's tree alone. 1 found, 0 none, -1 unreadable. */
static int first_from(struct scan *sc, int64_t from, int64_t *rowid)
{
	struct str q = STR_INIT;
	sqlite3_stmt *st = NULL;
	int got = -1;

	str_addf(&q, "SELECT rowid FROM \"%s\" WHERE rowid>=?1 ORDER BY rowid LIMIT 1", sc->t->name);
	if (sqlite3_prepare_v2(sc->src->db, q.p, -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(st, 1, from);
		const int rc = sqlite3_step(st);

		got = rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
		if (got == 1)
			*rowid = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	str_free(&q);
	return got;
}

/* Sets sc->last just before the next readable row behind the damage. False: there is none. */
static bool step_over(struct scan *sc)
{
	const int64_t bad = sc->last < 0 ? 0 : sc->last;
	int64_t lo = 1, hi = 1, rowid = 0;
	int got = -1;

	for (; hi < INT64_MAX / 4 && bad < INT64_MAX - hi && (got = first_from(sc, bad + 1 + hi, &rowid)) == -1; hi *= 2)
		lo = hi;
	if (got != 1)
		return false;
	for (int64_t best = rowid; lo < hi;) {
		const int64_t mid = lo + (hi - lo) / 2;

		if (first_from(sc, bad + 1 + mid, &best) == 1) {
			rowid = best;
			hi = mid;
		} else {
			lo = mid + 1;
		}
	}
	sc->last = rowid - 1;
	return true;
}

static bool fatal(int rc)
{
	return rc == SQLITE_BUSY || rc == SQLITE_LOCKED || rc == SQLITE_INTERRUPT || rc == SQLITE_NOMEM || rc == SQLITE_ERROR || rc == SQLITE_CANTOPEN;
}

/* After a failed step: go on behind the damage, or stop. */
static bool recover(struct scan *sc, int rc)
{
	struct src *s = sc->src;

	const char *path = s->job->path, *table = sc->t->name;

	if (task_cancelled(s->job->task))
		stop(sc, ST_CANCELLED, "%s: the import was stopped while reading %s", path, table);
	else if (!src_settled(s))
		sc->moved = true, stop(sc, ST_FAILED, "%s: it was opened by its writer while %s was read", path, table);
	else if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		stop(sc, ST_UNREACHABLE, "%s: its writer has kept it locked for 20 seconds while %s was to be read; it is tried again at the next change", path, table);
	else if ((rc & 0xff) == SQLITE_READONLY)
		stop(sc, ST_UNREACHABLE, "%s: its last writer was killed in the middle of a change, and only a program that may write can repair it"
			" (%s cannot be read): open it once with MLflow or the sqlite3 shell", path, table);
	else if (fatal(rc & 0xff))
		stop(sc, ST_FAILED, "%s: table %s cannot be read (%s)", path, table, sqlite3_errmsg(s->db));
	else {
		const int64_t before = sc->last;

		if (sc->lost < MAX_GAPS && step_over(sc)) {
			sc->lost++;
			return sc->last > before || sc->last < 0;
		}
		sc->lost++;
		sc->done = true;
	}
	return false;
}

static bool schema_moved(struct scan *sc)
{
	if (sqlite3_stmt_status(sc->st, SQLITE_STMTSTATUS_REPREPARE, 1) == 0 || sc->rows == 0)
		return false;
	sc->moved = true;
	stop(sc, ST_FAILED, "%s: its tables changed while %s was read", sc->src->job->path, sc->t->name);
	return true;
}

bool scan_next(struct scan *sc)
{
	if (sc->running && (sc->rows & 63) == 0 && clock_mono_us() - sc->slice_us > SLICE_US)
		scan_pause(sc);
	while (!sc->done) {
		const bool starts = !sc->running;

		if (starts) {
			sqlite3_bind_int64(sc->st, 1, sc->last);
			sc->slice_us = clock_mono_us();
			sc->running = true;
		}
		const int rc = sqlite3_step(sc->st);

		if (starts && schema_moved(sc))
			break;
		if (rc == SQLITE_ROW) {
			sc->last = sqlite3_column_int64(sc->st, 0);
			sc->rows++;
			return true;
		}
		scan_pause(sc);
		if (rc == SQLITE_DONE)
			sc->done = true;
		else if (!recover(sc, rc))
			break;
	}
	sc->done = true;
	return false;
}

enum status scan_end(struct scan *sc, struct err *e)
{
	const enum status rc = sc->rc;

	sqlite3_finalize(sc->st);
	sc->st = NULL;
	sc->src->job->again |= sc->moved;
	if (rc != ST_OK && e)
		*e = sc->err;
	if (rc == ST_OK && sc->lost)
		import_problem(sc->src->job, "%s: table %s is damaged in %s%lld places (%lld rows were read); `sqlite3 %s .recover` may save more",
			sc->src->job->path, sc->t->name, sc->lost > MAX_GAPS ? "more than " : "", (long long)(sc->lost > MAX_GAPS ? MAX_GAPS : sc->lost),
			(long long)sc->rows, sc->src->job->path);
	return rc;
}

/* ---- the current row ---- */

const char *row_text(const struct scan *sc, int i, size_t *n)
{
	const char *p = (const char *)sqlite3_column_text(sc->st, i + 1);

	*n = p ? (size_t)sqlite3_column_bytes(sc->st, i + 1) : 0;
	return p;
}

int64_t row_int(const struct scan *sc, int i) { return sqlite3_column_int64(sc->st, i + 1); }
bool row_null(const struct scan *sc, int i) { return sqlite3_column_type(sc->st, i + 1) == SQLITE_NULL; }

struct val row_val_text(const struct scan *sc, int i)
{
	size_t n;
	const char *p = row_text(sc, i, &n);

	return val_text(p, n);
}

struct val row_val_word(const struct scan *sc, int i)
{
	const struct val v = row_val_text(sc, i);

	return v.type == VAL_NULL ? val_text("", 0) : v;
}

struct val row_val_int(const struct scan *sc, int i) { return row_null(sc, i) ? val_null() : val_int(row_int(sc, i)); }

bool row_is(const struct scan *sc, int i, const char *word)
{
	size_t n;
	const char *p = row_text(sc, i, &n);

	return p && n == strlen(word) && !memcmp(p, word, n);
}
