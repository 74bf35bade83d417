/* The pulse of a monitor with many columns and windows. Prints, asserts nothing.
 *
 *   bench_pulse build FILE [COLUMNS WINDOWS]     makes a workspace with such a monitor (200 columns, 365 windows)
 *   bench_pulse time FILE                        reads its pulse: the first time on a fresh connection, and the best of twenty
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/drift/pulse.h"

static struct err why;
static struct store_pool *pool;
static struct store *s;

static void must(enum status st)
{
	if (st == ST_OK)
		return;
	fprintf(stderr, "%s\n", why.text);
	exit(1);
}

static void open_file(const char *path, unsigned flags)
{
	must(store_pool_open(path, flags, &pool, &why));
	s = store_get(pool, &why);
	must(s ? ST_OK : ST_FAILED);
}

static void build(int columns, int windows)
{
	char sql[1600];
	snprintf(sql, sizeof sql,
		"INSERT INTO monitor(id, name, path, text, state, state_ms, added_ms) VALUES(1, 'large', '/m.yaml', '', 'drifted', 0, 0);"
		"WITH RECURSIVE w(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM w WHERE i < %2$d) INSERT INTO drift_report(id, name, ms, reference, current, mode, verdict, drifted, n_ref, n_cur, columns,"
		" document_bytes, document) SELECT i, 'large', i * 86400000, 'r', 'c', 'mlyard', 'stable', 0, 1, 1, %1$d, 20000, randomblob(20000) FROM w;"
		"WITH RECURSIVE w(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM w WHERE i < %2$d) INSERT INTO monitor_window(monitor_id, seq, key, first, last, state, rows, report_id, verdict, ran_ms)"
		" SELECT 1, i, date(i * 86400, 'unixepoch'), i * 86400000, (i + 1) * 86400000, 'done', 10000, i, 'stable', 0 FROM w;"
		"WITH RECURSIVE w(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM w WHERE i < %2$d), c(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM c WHERE k + 1 < %1$d)"
		" INSERT INTO drift_column(report_id, position, name, type, status, drifted, severity, effect, p_adjusted, missing_ref, missing_cur, watch, role)"
		" SELECT i, k, printf('feature_%%03d', k), 'number', 'compared', i * k %% 97 = 5, i * k %% 97 / 60.0, 0.01, 0.5, 0, 0, 0, '' FROM w, c;", columns, windows);
	must(store_begin(s, &why));
	must(store_exec(s, sql, &why));
	must(store_commit(s, 0, &why));
}

static double once_ms(size_t *cells)
{
	struct pulse *p;
	int64_t from = clock_mono_us();
	must(pulse_load(s, &(struct pulse_query){ .most_windows = 0 }, NULL, &p, &why));
	double ms = (double)(clock_mono_us() - from) / 1000;
	*cells = 0;
	for (size_t i = 0; i < p->n; i++)
		*cells += p->groups[i].n_rows * p->groups[i].n_windows;
	pulse_free(p);
	return ms;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "build") == 0) {
		open_file(argv[2], STORE_CREATE);
		build(argc > 3 ? (int)strtol(argv[3], NULL, 10) : 200, argc > 4 ? (int)strtol(argv[4], NULL, 10) : 365);
	} else if (argc > 2 && strcmp(argv[1], "time") == 0) {
		size_t cells;
		open_file(argv[2], 0);
		double first = once_ms(&cells), best = first;
		for (int i = 0; i < 20; i++) {
			double ms = once_ms(&cells);
			best = ms < best ? ms : best;
		}
		printf("%zu cells: first %.1f ms, best of 20 %.1f ms\n", cells, first, best);
	} else {
		fprintf(stderr, "usage: bench_pulse build FILE [COLUMNS WINDOWS] | bench_pulse time FILE\n");
		return 2;
	}
	store_put(pool, s);
	store_pool_close(pool);
	return 0;
}
