/* monitor_help -- files to watch, made in the tests' folder by a stated rule, and monitors over them.
 *
 * Data     column x: (i * 37 mod 101) / 10 + shift, so that every hundred rows have nearly the same distribution; column c: "a" or "b" by turns.
 *          A shift of 10 is beyond the whole range, so that any test sees it; no shift means equal distributions.
 */
#ifndef MLYARD_TESTS_MONITOR_HELP_H
#define MLYARD_TESTS_MONITOR_HELP_H
#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/drift/monitor_impl.h"
#include "core/drift/outbox.h"
#include "tests/unit/store_help.h"

static const int64_t HELP_DAY_MS = 86400000, HELP_START_MS = INT64_C(1795219200000);     /* 2026-11-21 00:00 UTC */

static inline void help_write(const char *name, const char *text) { OK(fs_replace(in_folder(name), text, strlen(text), &why)); }

static inline void help_rows(struct str *out, int rows, double shift)
{
	for (int i = 0; i < rows; i++)
		str_addf(out, "%.1f,%s\n", (i * 37 % 101) / 10.0 + shift, i % 2 ? "a" : "b");
}

static inline void help_data(const char *name, int rows, double shift)
{
	struct str text = STR_INIT;
	str_add(&text, "x,c\n");
	help_rows(&text, rows, shift);
	help_write(name, text.p);
	str_free(&text);
}

/* Rows spread evenly over a day. */
static inline void help_day(struct str *out, int64_t day, int rows, double shift)
{
	char when[FMT_MAX];
	for (int i = 0; i < rows; i++)
		str_addf(out, "%s,%.1f\n", fmt_time_iso(when, HELP_START_MS + day * HELP_DAY_MS + i * (HELP_DAY_MS / rows)), (i * 37 % 101) / 10.0 + shift);
}

static inline int64_t help_add(struct store_pool *pool, const char *name, const char *text)
{
	int64_t id;
	struct store *s = conn_of(pool);
	help_write(name, text);
	OK(monitor_add(s, in_folder(name), &id, &why));
	store_put(pool, s);
	return id;
}

static inline int64_t help_number(struct store_pool *pool, const char *sql)
{
	struct store *s = conn_of(pool);
	int64_t n = number_of(s, sql);
	store_put(pool, s);
	return n;
}

static inline char *help_text(struct store_pool *pool, const char *sql)
{
	struct store *s = conn_of(pool);
	sqlite3_stmt *q = store_stmt(s, sql, &why);
	assert_non_null(q);
	char *text = mem_strdup(sqlite3_step(q) == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : "");
	sqlite3_reset(q);
	store_put(pool, s);
	return text;
}

#define SAYS(pool, sql, expected) do { char *said_ = help_text(pool, sql); assert_string_equal(said_, expected); free(said_); } while (0)

static inline struct monitor_done help_run(struct store_pool *pool, int64_t id, int64_t now_ms)
{
	struct monitor_done done;
	OK(monitor_run(pool, id, now_ms, NULL, &done, &why));
	return done;
}
#endif
