/* models_help -- a workspace with models of a source, made by hand, for the tests of what the registry reads. */
#ifndef MLYARD_TESTS_MODELS_HELP_H
#define MLYARD_TESTS_MODELS_HELP_H
#include <inttypes.h>

#include "core/base/clock.h"
#include "core/base/topic.h"
#include "core/registry/models.h"
#include "tests/unit/store_help.h"

#define NOW INT64_C(1700000000000)       /* what clock_wall_ms() says at first */
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct store_pool *pool;
static struct store *db;

/* SQL as an import would do it. */
static inline void source_says(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline void source_says(const char *fmt, ...)
{
	struct str sql = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&sql, fmt, ap);
	va_end(ap);
	OK(store_begin(db, &why));
	OK(store_exec(db, sql.p, &why));
	OK(store_commit(db, TOPIC_MODELS, &why));
	str_free(&sql);
}

static inline void source_model(int64_t id, const char *name)
{
	source_says("INSERT INTO model(id, source_id, name, created_ms, updated_ms) VALUES(%" PRId64 ", 1, '%s', %" PRId64 ", %" PRId64 ")", id, name, NOW - 90 * DAY, NOW - 90 * DAY);
}

/* id of the row: 100 * model + version. */
static inline void source_version(int64_t model, int64_t version, const char *stage, int64_t created_ms, int64_t updated_ms)
{
	source_says("INSERT INTO model_version(id, model_id, version, stage, created_ms, updated_ms, status) VALUES(%" PRId64 ", %" PRId64 ", %" PRId64 ", '%s', %" PRId64 ", %" PRId64 ", 'READY')",
		100 * model + version, model, version, stage, created_ms, updated_ms);
}

static inline void source_stage(int64_t model, int64_t version, const char *stage, int64_t ms)
{
	source_says("UPDATE model_version SET stage = '%s', updated_ms = %" PRId64 " WHERE model_id = %" PRId64 " AND version = %" PRId64, stage, ms, model, version);
}

static inline void source_alias(int64_t model, const char *alias, int64_t version)
{
	source_says("INSERT OR REPLACE INTO model_alias(model_id, alias, version) VALUES(%" PRId64 ", '%s', %" PRId64 ")", model, alias, version);
}

/* Settings of this user, away from those of who runs the tests. */
static inline void private_user(void)
{
	setenv("XDG_CONFIG_HOME", in_folder("config"), 1);
	setenv("XDG_STATE_HOME", in_folder("state"), 1);
	setenv("XDG_DATA_HOME", in_folder("data"), 1);
	setenv("XDG_CACHE_HOME", in_folder("cache"), 1);
	setenv("MLYARD_USER", "registrar", 1);
}

static inline int registry_open(void **state)
{
	if (help_folder_make(state))
		return -1;
	private_user();
	clock_set_wall_ms(NOW);
	pool = pool_of("w.mlyard");
	db = conn_of(pool);
	source_says("INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'mlflow-sqlite', '/nowhere/mlflow.db', 0, 0), (2, 'local', 'mlyard:here', 0, 0)");
	return 0;
}

static inline int registry_close(void **state)
{
	store_put(pool, db);
	store_pool_close(pool);
	clock_set_wall_ms(-1);
	return help_folder_remove(state);
}

/* Adopts; gives how many models changed. */
static inline int adopt(void)
{
	int n;
	OK(models_adopt(db, &n, &why));
	return n;
}

static inline char *text_of(const char *sql)
{
	static char kept[4][512];
	static unsigned turn;
	char *out = kept[turn++ % 4];
	sqlite3_stmt *st = store_stmt(db, sql, &why);
	if (!st)
		fail_msg("%s", why.text);
	const char *s = sqlite3_step(st) == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : "(no row)";
	snprintf(out, sizeof kept[0], "%s", s ? s : "(null)");
	sqlite3_reset(st);
	return out;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_open, registry_close)
#endif
