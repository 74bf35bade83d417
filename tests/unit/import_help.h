/* import_help -- what the importers' tests share: recorded stores, imports with their report, questions to a workspace. */
#ifndef MLYARD_TESTS_IMPORT_HELP_H
#define MLYARD_TESTS_IMPORT_HELP_H
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "core/base/fs.h"
#include "core/runs/import.h"
#include "tests/unit/store_help.h"

static struct store_pool *pool;
static struct store *db;                 /* for questions; not held during an import */
static struct import_report report;      /* of the last import */

static inline int import_setup(void **state)
{
	if (help_folder_make(state))
		return -1;
	pool = pool_of("w.mlyard");
	db = conn_of(pool);
	report = (struct import_report){ .lines = STR_INIT };
	return 0;
}

static inline int import_teardown(void **state)
{
	import_report_free(&report);
	store_put(pool, db);
	store_pool_close(pool);
	return help_folder_remove(state);
}

static inline enum status try_import(const char *path, bool hot)
{
	import_report_free(&report);
	return (hot ? import_hot : import_path)(pool, path, NULL, &report, &why);
}

#define IMPORT(path) help_ok(try_import((path), false), "import", __FILE__, __LINE__)
#define IMPORT_HOT(path) help_ok(try_import((path), true), "hot import", __FILE__, __LINE__)

/* A file or folder of tests/data/mlflow. */
static inline const char *recorded(const char *name)
{
	static char buffers[2][512];
	static unsigned turn;
	char *b = buffers[turn++ % 2];
	const char *srcdir = getenv("srcdir");

	snprintf(b, sizeof *buffers, "%s/tests/data/mlflow/%s", srcdir ? srcdir : ".", name);
	return b;
}

static inline void write_file(const char *name, const void *bytes, size_t n)
{
	char *folder = mem_strdup(in_folder(name));
	FILE *f;

	*strrchr(folder, '/') = 0;
	OK(fs_mkdirs(folder, &why));
	free(folder);
	f = fopen(in_folder(name), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline void write_text(const char *name, const char *text) { write_file(name, text, strlen(text)); }

/* Copies a recorded file into the test's folder, where it may be changed. */
static inline const char *copy_recorded(const char *name, const char *as)
{
	struct str s = STR_INIT;

	OK(fs_read(recorded(name), 64 << 20, &s, &why));
	write_file(as, s.p, s.len);
	str_free(&s);
	return in_folder(as);
}

/* All rows of a query, columns joined by '|', a line each. Parameters are texts. In one of four buffers by turns. */
static inline const char *rows_of(const char *sql, const char *a, const char *b)
{
	static struct str buffers[4] = { STR_INIT, STR_INIT, STR_INIT, STR_INIT };
	static unsigned turn;
	struct str *out = &buffers[turn++ % 4];
	sqlite3_stmt *st = NULL;

	str_clear(out);
	if (sqlite3_prepare_v2(store_db(db), sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(store_db(db)));
	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_text(st, i, i == 1 ? a : b, -1, SQLITE_TRANSIENT);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int c = 0; c < sqlite3_column_count(st); c++) {
			const char *p = (const char *)sqlite3_column_text(st, c);

			str_add(out, c ? "|" : "");
			str_addn(out, p ? p : "NULL", p ? (size_t)sqlite3_column_bytes(st, c) : 4);
		}
		str_addc(out, '\n');
	}
	sqlite3_finalize(st);
	return out->p;
}

#define ROWS(expected, sql) assert_string_equal(rows_of((sql), NULL, NULL), (expected))

static inline int64_t count_of(const char *sql) { return strtoll(rows_of(sql, NULL, NULL), NULL, 10); }

struct points_text { struct str text; };

static inline bool add_point(void *arg, const struct point *p)
{
	struct str *s = arg;

	if (isnan(p->value))
		str_addf(s, "%" PRId64 " %" PRId64 " nan\n", p->step, p->ms);
	else
		str_addf(s, "%" PRId64 " %" PRId64 " %.17g\n", p->step, p->ms, p->value);
	return true;
}

/* "step ms value" lines of a series, in stored order. */
static inline const char *history(const char *uuid, const char *key)
{
	static struct str text = STR_INIT;
	const int64_t run = strtoll(rows_of("SELECT id FROM run WHERE uuid=?1", uuid, NULL), NULL, 10);
	const int64_t name = strtoll(rows_of("SELECT id FROM name WHERE text=?1", key, NULL), NULL, 10);

	str_clear(&text);
	OK(series_each(db, run, name, AXIS_STEP, INT64_MIN, INT64_MAX, add_point, &text, &why));
	return text.p;
}

/* Every ledger of the workspace agrees: SQLite's own checks, points against blocks, keys counted against rows. */
static inline void expect_sound(void)
{
	struct str findings = STR_INIT;

	if (store_verify(db, false, NULL, &findings, &why) != ST_OK)
		fail_msg("%s", findings.p);
	str_free(&findings);
	ROWS("", "SELECT experiment_id,0,name_id,runs FROM experiment_key WHERE kind=0 EXCEPT"
		" SELECT r.experiment_id,0,m.name_id,count(*) FROM metric m JOIN run r ON r.id=m.run_id GROUP BY 1,3");
	ROWS("", "SELECT experiment_id,kind,name_id,runs FROM experiment_key EXCEPT SELECT * FROM ("
		"SELECT r.experiment_id,0,m.name_id,count(*) FROM metric m JOIN run r ON r.id=m.run_id GROUP BY 1,3 UNION ALL "
		"SELECT r.experiment_id,1,m.name_id,count(*) FROM param m JOIN run r ON r.id=m.run_id GROUP BY 1,3 UNION ALL "
		"SELECT r.experiment_id,2,m.name_id,count(*) FROM tag m JOIN run r ON r.id=m.run_id GROUP BY 1,3)");
	ROWS("", "SELECT r.experiment_id,0,m.name_id,count(*) FROM metric m JOIN run r ON r.id=m.run_id GROUP BY 1,3 UNION ALL "
		"SELECT r.experiment_id,1,m.name_id,count(*) FROM param m JOIN run r ON r.id=m.run_id GROUP BY 1,3 UNION ALL "
		"SELECT r.experiment_id,2,m.name_id,count(*) FROM tag m JOIN run r ON r.id=m.run_id GROUP BY 1,3 "
		"EXCEPT SELECT experiment_id,kind,name_id,runs FROM experiment_key");
}

/* The source is the test's to change. */
static inline void source_exec(const char *path, const char *sql)
{
	sqlite3 *s = NULL;
	char *error = NULL;

	assert_int_equal(sqlite3_open(path, &s), SQLITE_OK);
	sqlite3_busy_timeout(s, 120000);
	if (sqlite3_exec(s, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(s);
}
#endif
