/* store_internal -- what the files of this folder share: the two structs, migrations, the gate's lock. */
#ifndef MLYARD_STORE_INTERNAL_H
#define MLYARD_STORE_INTERNAL_H
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>
#include "core/store/store.h"

enum { STORE_WAL_BYTES = 4 << 20, STORE_CHANGES_KEPT = 64, STORE_STATEMENTS_KEPT = 96 };

/* What only tests set; zeroes and NULLs mean the usual. */
struct store_tuning {
	const char *const *steps; int n_steps;   /* step i brings a file of schema i to schema i + 1; 0 is an empty file */
	int gate_wait_ms;                    /* 0: STORE_BUSY_MS */
	bool (*no_room)(void);               /* instead of asking the disk */
	unsigned fs_kind;                    /* as statfs() would name the file system; 0: ask it */
};
enum status store_pool_open_tuned(const char *path, unsigned flags, const struct store_tuning *tuning, struct store_pool **out, struct err *e);

struct store_pool {
	char *path, *gate_path;              /* absolute; the folder without symbolic links */
	struct store_tuning tuning;
	bool read_only, immutable, mirror;
	bool made; dev_t dev; ino_t ino;     /* made: by this opening; which file it is */
	const char *network;                 /* name of the network file system it lies on: rollback journal; NULL: none, WAL */
	char *why;                           /* why it is read-only, NULL when it is not */
	atomic_bool full;                    /* a write found no space: read-only until there is some (store_room.c) */
	atomic_bool wrote;                   /* a commit went through this pool */
	pthread_mutex_t mu;                  /* guards idle and lent */
	struct store *idle;
	int lent;
};

struct statement;
struct codec;
struct store {
	struct store *next;                  /* in pool->idle */
	struct store_pool *pool;
	sqlite3 *db;
	struct statement *statements[64]; size_t n_statements; uint64_t statement_clock;
	int gate_fd;                         /* -1 until first used */
	bool gate_held, in_write, committing;
	bool guarded, recorded;              /* this change touched a reg_ table; appended to audit */
	int cache_kb;                        /* its page cache, 0: as opened */
	int reading;                         /* depth of store_read_begin */
	int64_t busy_since_us;               /* when the statement at hand first met SQLITE_BUSY; 0: not yet */
	int64_t wal_retry_bytes;             /* a checkpoint that readers held up is tried again beyond this */
	struct codec *codec;                 /* series packing; made when first needed */
};

/* store_open.c */
struct store *store_conn_open(struct store_pool *p, struct err *e);
void store_conn_close(struct store *s);

/* store.c */
void store_forget_statements(struct store *s);
enum status store_sqlite_error(sqlite3 *db, const char *path, struct err *e, const char *what);
/* First column of the first row; `missing` when there is none, *st says how it went. */
int64_t store_query_int(struct store *s, const char *sql, int64_t missing, enum status *st, struct err *e);
int store_busy(void *arg, int count);

/* store_gate.c: the lock alone, without a transaction. wait_ms 0 tries once. */
enum status store_gate_lock(struct store *s, int wait_ms, struct err *e);
void store_gate_unlock(struct store *s);
int store_gate_wait_ms(const struct store_pool *p);
/* TRUNCATE checkpoint; the gate must be held. *whole: everything went into the file. */
enum status store_checkpoint_held(struct store *s, bool *whole, struct err *e);
/* The size of the page cache until the connection is put back: who writes or checks everything touches more pages than who reads. */
enum { STORE_CACHE_READING_KB = 2000, STORE_CACHE_WRITING_KB = 32000, STORE_CACHE_CHECKING_KB = 64000 };
void store_cache_kb(struct store *s, int kb);
/* Nothing is committed except by store_commit: a commit hook. */
int store_on_commit(void *arg);
/* An update hook: remembers for store_commit what kind of tables a change touched. */
void store_on_row(void *arg, int op, const char *schema, const char *table, sqlite3_int64 rowid);

/* store_room.c: why there is no space for what was just tried; whether the disk has none to speak of; what a write that met that says. */
enum no_space { SPACE_IS_NOT_IT, NO_SPACE_DISK, NO_SPACE_QUOTA, NO_SPACE_LIMIT };
#define STORE_DISK_FULL "its disk is full; free some space"
enum no_space store_no_space(sqlite3 *db);
bool store_no_room(const struct store_pool *p);
void store_pool_is_full(struct store_pool *p);

/* store_backup.c: copies the connection's database to a new file beside `dest`, checks it and renames it. */
enum status store_copy(struct store *s, const char *dest, bool replace, struct task *t, struct err *e);

/* series_verify.c: the ledgers of all series; findings as in store_verify. */
enum status series_verify_all(struct store *s, struct task *t, struct str *out, size_t *findings, struct err *e);
#endif
