/* store_help -- what the store's tests share: a folder of their own, a workspace in it, rows to hang series on. */
#ifndef MLYARD_TESTS_STORE_HELP_H
#define MLYARD_TESTS_STORE_HELP_H
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/store/series.h"
#include "core/store/store.h"
#include "core/store/store_internal.h"

static char help_folder[64];
static struct err why;

#define OK(call) help_ok((call), #call, __FILE__, __LINE__)

static inline void help_ok(enum status st, const char *what, const char *file, int line)
{
	if (st != ST_OK) {
		print_error("%s: %s: %s\n", what, status_name(st), why.text);
		_fail(file, line);
	}
}

static inline int help_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline int help_folder_make(void **state)
{
	(void)state;
	snprintf(help_folder, sizeof help_folder, "/tmp/mlyard-store-XXXXXX");
	return mkdtemp(help_folder) ? 0 : -1;
}

static inline int help_folder_remove(void **state)
{
	(void)state;
	chmod(help_folder, 0700);
	return nftw(help_folder, help_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Path of a name in the folder; in one of the thread's four buffers by turns. */
static inline const char *in_folder(const char *name)
{
	static _Thread_local char buffers[4][160];
	static _Thread_local unsigned turn;
	char *b = buffers[turn++ % 4];
	snprintf(b, sizeof *buffers, "%s/%s", help_folder, name);
	return b;
}

static inline struct store_pool *pool_of(const char *name)
{
	struct store_pool *p = NULL;
	const struct store_tuning patient = { .gate_wait_ms = 300000 };     /* several writers on a slow machine */
	OK(store_pool_open_tuned(in_folder(name), STORE_CREATE, &patient, &p, &why));
	return p;
}

static inline struct store *conn_of(struct store_pool *p)
{
	struct store *s = store_get(p, &why);
	if (!s)
		fail_msg("%s", why.text);
	return s;
}

static inline int64_t number_of(struct store *s, const char *sql)
{
	enum status st;
	int64_t v = store_query_int(s, sql, INT64_MIN, &st, &why);
	help_ok(st, sql, __FILE__, __LINE__);
	return v;
}

static inline mode_t mode_of(const char *name)
{
	struct stat st;
	assert_int_equal(stat(in_folder(name), &st), 0);
	return st.st_mode & 0777;
}

/* Runs 1..n and names 1..n, so that verify finds what series refer to. Inside a change. */
static inline void rows_for_series(struct store *s, int n)
{
	OK(store_exec(s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'test', 'test:', 0, 0);"
		"INSERT INTO experiment(id, source_id, ext_id, name) VALUES(1, 1, '1', 'e');", &why));
	for (int i = 1; i <= n; i++) {
		char sql[200];
		snprintf(sql, sizeof sql, "INSERT INTO run(id, experiment_id, source_id, uuid, status) VALUES(%d, 1, 1, 'r%d', 1); INSERT INTO name(id, text) VALUES(%d, 'm%d');", i, i, i, i);
		OK(store_exec(s, sql, &why));
	}
}
#endif
