/* store -- one workspace is one SQLite file: open, migrate, the write gate, backup.
 *
 * Why a gate   SQLite before 3.51.3 (but 3.44.6+ and 3.50.7+ of their series) can
 *              lose committed transactions when a checkpoint of one process races a
 *              writer of another (the WAL-reset race). So automatic checkpoints are
 *              off, also on close, and every write transaction and every checkpoint
 *              holds an exclusive flock on "<file>.gate". The gate also makes
 *              writers fair: they stand in a queue. Nothing else writes the file: a
 *              statement that changes something outside of it is undone.
 * Settings     WAL, synchronous=FULL, foreign_keys=ON, application_id 'mlyd',
 *              user_version = schema number, trusted_schema off, DEFENSIVE, no
 *              extensions. On network file systems, NFS, SMB, FUSE, 9p, ... by statfs: rollback journal
 *              instead, because a WAL needs memory that all its programs share.
 * Migrations   a table of SQL steps; a backup beside the file precedes the first;
 *              a schema newer than the program's opens read-only with a notice.
 * Owns         store_pool owns its connections; store_get lends one to a thread,
 *              store_put gives it back. Statements from store_stmt belong to the
 *              connection and are valid until store_put.
 * Threads      the pool: any. A lent connection: its borrower.
 * Full disk    a change that finds no space is undone and makes the pool read-only until there is some; an
 *              existing file on a full disk opens read-only, and what others write meanwhile is not seen.
 * Errors       ST_REFUSED: read-only, newer schema, not a mlyard file. ST_FAILED: I/O,
 *              disk full, corrupt; the words name the file and the cure.
 */
#ifndef MLYARD_STORE_STORE_H
#define MLYARD_STORE_STORE_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/base/tasks.h"

enum { STORE_APPLICATION_ID = 0x6d6c7964 /* "mlyd" */, STORE_BUSY_MS = 5000 };
enum store_flag { STORE_CREATE = 1, STORE_READ_ONLY = 2 };

struct store_pool;
struct store;

enum status store_pool_open(const char *path, unsigned flags, struct store_pool **out, struct err *e);
void store_pool_close(struct store_pool *p);               /* every connection must be back */
const char *store_pool_path(const struct store_pool *p);
bool store_pool_read_only(const struct store_pool *p);     /* asked for, forced by a newer schema or by the file system, or for now by a full disk */
const char *store_pool_why_read_only(const struct store_pool *p);   /* NULL when it is writable */
/* False while a full disk makes it read-only. Looks again, which is cheap: ask every second. */
bool store_pool_has_room(struct store_pool *p);
const char *store_pool_network(const struct store_pool *p);         /* "NFS", ...: the network file system it lies on; NULL: none known */
/* The file only mirrors other stores and may be deleted: no place for decisions. Set before connections are lent. */
void store_pool_set_mirror(struct store_pool *p, bool mirror);
bool store_is_mirror(const struct store *s);
struct store *store_get(struct store_pool *p, struct err *e);       /* NULL on failure */
void store_put(struct store_pool *p, struct store *s);              /* rolls back an open transaction */

sqlite3 *store_db(struct store *s);
/* A prepared statement, cached by its text, reset and with bindings cleared; NULL on failure. */
sqlite3_stmt *store_stmt(struct store *s, const char *sql, struct err *e);
/* Turns SQLite's last error on this connection into words: "what: ..., cure". Returns the status. */
enum status store_error(struct store *s, struct err *e, const char *what);
enum status store_exec(struct store *s, const char *sql, struct err *e);

/* Tables named reg_... are the registry's: a commit that changed one and appended nothing to audit is refused, so
 * that no path goes round core/registry/change.h.
 * The gate. Begin waits for the lock (at most STORE_BUSY_MS), then BEGIN IMMEDIATE.
 * Commit makes it durable and adds `topics` (core/base/topic.h) to the change log that other
 * processes and the interface read. Not nestable. */
enum status store_begin(struct store *s, struct err *e);
enum status store_commit(struct store *s, uint32_t topics, struct err *e);
void store_rollback(struct store *s);
bool store_in_write(const struct store *s);
/* A read transaction, so that several statements see one state. Keep it short. */
enum status store_read_begin(struct store *s, struct err *e);
void store_read_end(struct store *s);

/* Topics changed by anybody since *cursor (0: now); advances *cursor. Cheap enough for every second. */
uint32_t store_changed(struct store *s, int64_t *cursor);
/* Folds the WAL into the file when it is longer than 4 MB, or always when `force`. Under the gate. */
enum status store_checkpoint(struct store *s, bool force, struct err *e);
/* A consistent copy at `dest` (must not exist unless `replace`), checked, renamed into place. */
enum status store_backup(struct store_pool *p, const char *dest, bool replace, struct task *t, struct err *e);
/* integrity_check, foreign_key_check and our own ledgers (points counted against blocks); one finding
 * per line appended to out; ST_OK when clean, ST_CHECK when not. `quick`: quick_check only. */
enum status store_verify(struct store *s, bool quick, struct task *t, struct str *out, struct err *e);
/* Small named values of the workspace (layout, settings): NULL when absent; new string else. */
char *store_setting(struct store *s, const char *key);
enum status store_set_setting(struct store *s, const char *key, const char *value, struct err *e);   /* NULL value removes; opens the gate itself when it is not open */
/* id of an interned name (metric, param or tag key), made when absent (needs an open gate). 0 on failure. */
int64_t store_name_id(struct store *s, const char *text, size_t n, struct err *e);
bool store_sqlite_has_wal_race(void);                      /* of the linked library */
int store_schema_version(void);                            /* what this program writes */
#endif
