/* runs_help -- a workspace with runs made by hand, for the tests of core/runs. Built on store_help. */
#ifndef MLYARD_TESTS_RUNS_HELP_H
#define MLYARD_TESTS_RUNS_HELP_H
#include <math.h>
#include <stdbool.h>

#include "core/base/clock.h"
#include "core/base/topic.h"
#include "core/runs/runs.h"
#include "tests/unit/store_help.h"

#define NOW 1700000000000                /* what clock_wall_ms() says in these tests */
#define NO_TIME INT64_MIN

static struct store_pool *pool;
static struct store *db;

static inline void bind_text(sqlite3_stmt *st, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(st, i, text, -1, SQLITE_TRANSIENT);
}

static inline void step_done(sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		fail_msg("%s", sqlite3_errmsg(store_db(db)));
	sqlite3_reset(st);
}

static inline sqlite3_stmt *prepared(const char *sql)
{
	sqlite3_stmt *st = store_stmt(db, sql, &why);
	if (!st)
		fail_msg("%s", why.text);
	return st;
}

/* Opens an empty workspace "w" with source 1. The caller is inside a change until commit(). */
static inline void workspace_make(void)
{
	clock_set_wall_ms(NOW);
	pool = pool_of("w");
	db = conn_of(pool);
	OK(store_begin(db, &why));
	OK(store_exec(db, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'mlflow-sqlite', '/nowhere/mlflow.db', 0, 0)", &why));
}

static inline void commit(uint32_t topics)
{
	OK(store_commit(db, topics, &why));
}

static inline void change(void)
{
	OK(store_begin(db, &why));
}

static inline void workspace_drop(void)
{
	store_put(pool, db);
	store_pool_close(pool);
	clock_set_wall_ms(-1);
}

static inline void put_experiment(int64_t id, const char *name, bool deleted)
{
	sqlite3_stmt *st = prepared("INSERT INTO experiment(id, source_id, ext_id, name, deleted, created_ms) VALUES(?1, 1, ?1, ?2, ?3, 1000)");
	sqlite3_bind_int64(st, 1, id);
	bind_text(st, 2, name);
	sqlite3_bind_int(st, 3, deleted);
	step_done(st);
}

struct new_run { int64_t id, experiment; const char *name, *parent, *uuid, *user, *source; int64_t start, end; int status; bool deleted; };

/* uuid NULL: "u<id>"; experiment 0: 1; status 0: finished. start and end NO_TIME: NULL. */
static inline void put_run(struct new_run r)
{
	char uuid[32];
	snprintf(uuid, sizeof uuid, "u%lld", (long long)r.id);
	sqlite3_stmt *st = prepared("INSERT INTO run(id, experiment_id, source_id, uuid, name, status, user, entry, start_ms, end_ms, deleted, parent, artifact_uri) "
		"VALUES(?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '')");
	sqlite3_bind_int64(st, 1, r.id);
	sqlite3_bind_int64(st, 2, r.experiment ? r.experiment : 1);
	bind_text(st, 3, r.uuid ? r.uuid : uuid);
	bind_text(st, 4, r.name ? r.name : "");
	sqlite3_bind_int(st, 5, r.status ? r.status : RUN_FINISHED);
	bind_text(st, 6, r.user ? r.user : "");
	bind_text(st, 7, r.source ? r.source : "");
	if (r.start != NO_TIME)
		sqlite3_bind_int64(st, 8, r.start);
	if (r.end != NO_TIME)
		sqlite3_bind_int64(st, 9, r.end);
	sqlite3_bind_int(st, 10, r.deleted);
	bind_text(st, 11, r.parent);
	step_done(st);
}

static inline int64_t put_key(int kind, int64_t run, const char *key)
{
	int64_t name = store_name_id(db, key, strlen(key), &why);
	assert_true(name > 0);
	sqlite3_stmt *st = prepared("INSERT INTO experiment_key(experiment_id, kind, name_id, runs) SELECT experiment_id, ?1, ?2, 1 FROM run WHERE id = ?3 "
		"ON CONFLICT DO UPDATE SET runs = runs + 1");
	sqlite3_bind_int(st, 1, kind);
	sqlite3_bind_int64(st, 2, name);
	sqlite3_bind_int64(st, 3, run);
	step_done(st);
	return name;
}

/* A metric of one point at step 0; its min and max are given apart so that tests can tell them from the last value. */
static inline void put_metric3(int64_t run, const char *key, double last, double min, double max)
{
	int64_t name = put_key(0, run, key);
	sqlite3_stmt *st = prepared("INSERT INTO metric(name_id, run_id, n, nan, first_step, last_step, first_ms, last_ms, last, min, min_step, max, max_step) "
		"VALUES(?1, ?2, 1, ?6, 0, 0, 5, 5, ?3, ?4, 0, ?5, 0)");
	sqlite3_bind_int64(st, 1, name);
	sqlite3_bind_int64(st, 2, run);
	for (int i = 0; i < 3; i++) {
		double v = i == 0 ? last : i == 1 ? min : max;
		if (!isnan(v))
			sqlite3_bind_double(st, 3 + i, v);
	}
	sqlite3_bind_int(st, 6, isnan(last));
	step_done(st);
}

static inline void put_metric(int64_t run, const char *key, double v)
{
	put_metric3(run, key, v, v, v);
}

static inline void put_text(int kind, int64_t run, const char *key, const char *value, size_t n)
{
	int64_t name = put_key(kind, run, key);
	sqlite3_stmt *st = prepared(kind == 1 ? "INSERT INTO param(name_id, run_id, value) VALUES(?1, ?2, ?3)" : "INSERT INTO tag(name_id, run_id, value) VALUES(?1, ?2, ?3)");
	sqlite3_bind_int64(st, 1, name);
	sqlite3_bind_int64(st, 2, run);
	sqlite3_bind_text(st, 3, value, (int)n, SQLITE_TRANSIENT);
	step_done(st);
}

static inline void put_param(int64_t run, const char *key, const char *value) { put_text(1, run, key, value, strlen(value)); }
static inline void put_tag(int64_t run, const char *key, const char *value) { put_text(2, run, key, value, strlen(value)); }

/* Points of a series through the store's own packing. */
static inline void put_series(int64_t run, const char *key, const struct point *p, size_t n)
{
	size_t added;
	int64_t name = put_key(0, run, key);
	OK(series_append(db, run, name, p, n, false, &added, &why));
}

/* Setup and teardown of a test: one experiment, inside a change. */
static inline int empty_workspace(void **state)
{
	if (help_folder_make(state))
		return -1;
	workspace_make();
	put_experiment(1, "one", false);
	return 0;
}

static inline int drop_workspace(void **state)
{
	workspace_drop();
	return help_folder_remove(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, empty_workspace, drop_workspace)
#endif
