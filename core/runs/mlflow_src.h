/* mlflow_src -- an MLflow SQLite database, read without getting in anybody's way.
 *
 * Locks    read-only connection; a scan holds its read transaction for at most about
 *          50 ms, then lets go and finds its place again by rowid, so that a writer
 *          in rollback-journal mode waits no longer than that. Busy: back-off with
 *          jitter up to 20 s. A WAL database that nobody has open is read as
 *          immutable, because opening it would leave -wal and -shm files of ours
 *          beside it; should a -wal appear meanwhile, nothing read since counts.
 * Schema   never assumed: tables and columns are looked up, absent ones read as NULL.
 *          Views and virtual tables are not read. When the schema changes under a
 *          scan (MLflow migrates in place) job->again is set.
 * Damage   a scan that meets a malformed page searches the next readable row behind
 *          it and counts what it skipped.
 * Cold disk   pages are read as SQLite asks for them. The file is not read ahead of it: a descriptor of our own
 *          would, when closed, drop the locks that SQLite holds on the file in this process.
 * Limits   values up to 256 MB.
 */
#ifndef MLYARD_RUNS_MLFLOW_SRC_H
#define MLYARD_RUNS_MLFLOW_SRC_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "core/base/map.h"
#include "core/runs/import.h"
#include "core/runs/sink.h"

struct src {
	sqlite3 *db; struct import_job *job;
	struct map *tables;              /* table -> 1 readable, 0 not; "table.column" -> 1 */
	bool immutable; struct stat stamp;
	int64_t busy_since_us;
};
/* What of a table is read. The first `n_check` columns tell rows apart. `id` names its cursor. */
struct src_table { const char *name, *id; const char *const *cols; int n, n_check; };
#define SRC_TABLE(name, cols, n_check) { name, name, cols, (int)(sizeof cols / sizeof *cols), n_check }

enum status src_open(struct src *s, struct import_job *job, struct err *e);
void src_close(struct src *s);
bool src_has(struct src *s, const char *table, const char *column);      /* column NULL: the table */
/* Whether what was read still counts (always, unless the database is read as immutable). */
bool src_settled(const struct src *s);
/* A hash of the row's telling columns, 0 when there is no such row. */
uint64_t src_row_check(struct src *s, const struct src_table *t, int64_t rowid);
int64_t src_count(struct src *s, const char *table, const char *what);   /* "count(*)", "max(rowid)"; 0 when unreadable */
/* The file's first 100 bytes, read through SQLite: closing a plain descriptor would drop this process's locks on it. */
bool src_header(const char *path, unsigned char head[100]);
/* Whether it is a SQLite database with MLflow's tables, or one too damaged to tell. Else appends why not. */
bool src_is_mlflow(const char *path, struct str *why);

struct scan {
	struct src *src; const struct src_table *t;
	sqlite3_stmt *st; bool running, done, moved;   /* moved: the source is not what it was; scan_end sets job->again */
	int64_t last, slice_us, rows, lost;
	enum status rc; struct err err;      /* why it ended early */
};
/* Rows with rowid > after in that order; `where` (may be NULL) is an SQL condition with ?2 bound to the text `arg`. */
void scan_begin(struct scan *sc, struct src *s, const struct src_table *t, int64_t after, const char *where, const char *arg, size_t arg_n);
bool scan_next(struct scan *sc);             /* false: at the end, or stopped: see scan_end */
void scan_pause(struct scan *sc);            /* lets go of the lock; the row is gone, the next one is found again */
/* Closes it. ST_OK also when rows were skipped as unreadable: then that was reported and sc->lost > 0. */
enum status scan_end(struct scan *sc, struct err *e);

/* Values of the current row; i counts the table's columns from 0. Borrowed until the next step. */
const char *row_text(const struct scan *sc, int i, size_t *n);           /* NULL stays NULL */
int64_t row_int(const struct scan *sc, int i);                           /* NULL: 0 */
bool row_null(const struct scan *sc, int i);
struct val row_val_text(const struct scan *sc, int i);                   /* NULL: VAL_NULL */
struct val row_val_word(const struct scan *sc, int i);                   /* NULL: "" */
struct val row_val_int(const struct scan *sc, int i);
bool row_is(const struct scan *sc, int i, const char *word);
#endif
