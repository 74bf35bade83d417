/* Times what the Runs view asks of the engine, on stores made for it: bench_runs FOLDER
 *
 * FOLDER keeps tall.db (75,000 runs in 50 experiments, 20 metrics, 20 params, 10 tags each) and wide.db (2,000 runs with 1,500
 * metrics each); they are made when they are not there. Printed are medians of wall and of processor time (on a busy machine
 * only the latter says much); it judges nothing.
 */
#include <malloc.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/topic.h"
#include "core/runs/runs.h"

enum { TIMES = 9, BATCH = 2500, EXPERIMENTS = 50, START_MS = 1600000000 };
struct shape { const char *file; int runs, metrics, params, tags; };
static const struct shape tall = { "tall.db", 75000, 20, 20, 10 }, wide = { "wide.db", 2000, 1500, 5, 5 };
static struct err why;

static void must(enum status st, const char *what)
{
	if (st == ST_OK)
		return;
	fprintf(stderr, "bench_runs: %s: %s\n", what, why.text);
	exit(1);
}

static double next_random(void)
{
	static uint64_t x = 88172645463325252u;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (double)(x >> 11) / 9007199254740992.0;
}

static sqlite3_stmt *prepared(struct store *s, const char *sql)
{
	sqlite3_stmt *st = store_stmt(s, sql, &why);
	must(st ? ST_OK : ST_FAILED, sql);
	return st;
}

static void insert(sqlite3_stmt *st)
{
	must(sqlite3_step(st) == SQLITE_DONE ? ST_OK : ST_FAILED, "insert");
	sqlite3_reset(st);
}

static int64_t name_of(struct store *s, const char *kind, int i)
{
	char text[32];
	snprintf(text, sizeof text, "%s_%03d", kind, i);
	int64_t id = store_name_id(s, text, strlen(text), &why);
	must(id ? ST_OK : ST_FAILED, "name");
	return id;
}

static void put_run(struct store *s, int run)
{
	char uuid[33], name[32], user[16], parent[33];
	sqlite3_stmt *st = prepared(s, "INSERT INTO run(id, experiment_id, source_id, uuid, name, status, user, entry, start_ms, end_ms, parent) VALUES(?, ?, 1, ?, ?, 3, ?, 'train.py', ?, ?, ?)");
	snprintf(uuid, sizeof uuid, "%08x%024x", (unsigned)run * 2654435761u, (unsigned)run);
	snprintf(name, sizeof name, "trial-%06d-seed%d", run, run % 7);
	snprintf(user, sizeof user, "user%d", run % 12);
	/* every hundred runs of an experiment are a sweep: one parent, 99 children */
	int head = run - run / EXPERIMENTS % 100 * EXPERIMENTS;
	snprintf(parent, sizeof parent, "%08x%024x", (unsigned)head * 2654435761u, (unsigned)head);
	sqlite3_bind_int(st, 1, run);
	sqlite3_bind_int(st, 2, 1 + run % EXPERIMENTS);
	sqlite3_bind_text(st, 3, uuid, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 4, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, user, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 6, (START_MS + run * 60ll) * 1000);
	sqlite3_bind_int64(st, 7, (START_MS + run * 60ll + 55) * 1000);
	if (head != run && head > 0)
		sqlite3_bind_text(st, 8, parent, -1, SQLITE_STATIC);
	insert(st);
}

static void put_metrics(struct store *s, int run, int n, const int64_t *names)
{
	sqlite3_stmt *st = prepared(s, "INSERT INTO metric(name_id, run_id, n, first_step, last_step, first_ms, last_ms, last, min, min_step, max, max_step) VALUES(?, ?, 1, 0, 100, ?3, ?3, ?4, ?4, 0, ?4, 0)");
	for (int i = 0; i < n; i++) {
		sqlite3_bind_int64(st, 1, names[i]);
		sqlite3_bind_int(st, 2, run);
		sqlite3_bind_int64(st, 3, (START_MS + run * 60ll) * 1000);
		if (next_random() < 0.01)
			sqlite3_bind_null(st, 4);
		else
			sqlite3_bind_double(st, 4, next_random());
		insert(st);
	}
}

static void put_texts(struct store *s, const char *sql, int run, int n, const int64_t *names)
{
	char text[48];
	sqlite3_stmt *st = prepared(s, sql);
	for (int i = 0; i < n; i++) {
		if (i % 4 == 0)
			snprintf(text, sizeof text, "%.6f", next_random());
		else if (i % 4 == 1)
			snprintf(text, sizeof text, "%d", (int)(next_random() * 8));
		else
			snprintf(text, sizeof text, "value-%d", (int)(next_random() * (i % 4 == 2 ? 20 : 75000)));
		sqlite3_bind_int64(st, 1, names[i]);
		sqlite3_bind_int(st, 2, run);
		sqlite3_bind_text(st, 3, text, -1, SQLITE_TRANSIENT);
		insert(st);
	}
}

static void put_experiments(struct store *s)
{
	must(store_exec(s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'bench', 'bench:', 0, 0)", &why), "source");
	sqlite3_stmt *st = prepared(s, "INSERT INTO experiment(id, source_id, ext_id, name) VALUES(?1, 1, ?1, 'experiment ' || ?1)");
	for (int i = 1; i <= EXPERIMENTS; i++) {
		sqlite3_bind_int(st, 1, i);
		insert(st);
	}
}

static void put_keys(struct store *s, int kind, const int64_t *names, int n, int runs)
{
	sqlite3_stmt *st = prepared(s, "INSERT INTO experiment_key(experiment_id, kind, name_id, runs) SELECT id, ?1, ?2, ?3 FROM experiment");
	for (int i = 0; i < n; i++) {
		sqlite3_bind_int(st, 1, kind);
		sqlite3_bind_int64(st, 2, names[i]);
		sqlite3_bind_int(st, 3, runs / EXPERIMENTS);
		insert(st);
	}
}

static void fill(struct store *s, const struct shape *sh)
{
	int64_t *metrics = calloc((size_t)sh->metrics, sizeof *metrics), params[64], tags[64];
	must(metrics ? store_begin(s, &why) : ST_FAILED, "begin");
	put_experiments(s);
	for (int i = 0; i < sh->metrics; i++)
		metrics[i] = name_of(s, "metric", i);
	for (int i = 0; i < sh->params; i++)
		params[i] = name_of(s, "param", i);
	for (int i = 0; i < sh->tags; i++)
		tags[i] = name_of(s, "tag", i);
	put_keys(s, 0, metrics, sh->metrics, sh->runs);
	put_keys(s, 1, params, sh->params, sh->runs);
	put_keys(s, 2, tags, sh->tags, sh->runs);
	for (int run = 1; run <= sh->runs; run++) {
		put_run(s, run);
		put_metrics(s, run, sh->metrics, metrics);
		put_texts(s, "INSERT INTO param(name_id, run_id, value) VALUES(?, ?, ?)", run, sh->params, params);
		put_texts(s, "INSERT INTO tag(name_id, run_id, value) VALUES(?, ?, ?)", run, sh->tags, tags);
		if (run % BATCH == 0) {
			must(store_commit(s, TOPIC_RUNS, &why), "commit");
			must(store_begin(s, &why), "begin");
		}
	}
	must(store_commit(s, TOPIC_RUNS, &why), "commit");
	must(store_checkpoint(s, true, &why), "checkpoint");
	free(metrics);
}

static struct store_pool *open_shape(const char *folder, const struct shape *sh)
{
	struct store_pool *pool;
	char *path = fs_join(folder, sh->file);
	bool there = fs_is_file(path);
	must(store_pool_open(path, STORE_CREATE, &pool, &why), path);
	if (!there) {
		int64_t began = clock_mono_us();
		struct store *s = store_get(pool, &why);
		must(s ? store_exec(s, "PRAGMA cache_size = -200000", &why) : ST_FAILED, path);
		fill(s, sh);
		store_put(pool, s);
		printf("%s made in %.1f s\n", sh->file, (double)(clock_mono_us() - began) / 1e6);
	}
	free(path);
	return pool;
}

/* What something took, on the clock and of the processor. */
struct took { double wall_ms, cpu_ms; };

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct took start(void)
{
	return (struct took){ (double)clock_mono_us() / 1e3, cpu_ms() };
}

static struct took since(struct took began)
{
	return (struct took){ (double)clock_mono_us() / 1e3 - began.wall_ms, cpu_ms() - began.cpu_ms };
}

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(const struct took *t, bool cpu)
{
	double v[TIMES];
	for (int i = 0; i < TIMES; i++)
		v[i] = cpu ? t[i].cpu_ms : t[i].wall_ms;
	qsort(v, TIMES, sizeof *v, by_number);
	return v[TIMES / 2];
}

static void say(const char *what, const struct took *t, size_t rows)
{
	printf("%-64s %8.2f ms   cpu %8.2f ms   %zu rows\n", what, median(t, false), median(t, true), rows);
	fflush(stdout);
}

static void time_build(struct store *s, const char *what, const struct runs_query *q, const struct runs_snap *prev)
{
	struct took t[TIMES];
	size_t rows = 0;
	for (int i = 0; i < TIMES; i++) {
		struct runs_snap *sn;
		struct took began = start();
		must(runs_snap_build(s, q, prev, &sn, &why), what);
		t[i] = since(began);
		rows = runs_snap_count(sn);
		runs_snap_unref(sn);
	}
	say(what, t, rows);
}

static size_t load_experiments(struct store *s, int i)
{
	struct experiments *x;
	(void)i;
	must(experiments_load(s, &x, &why), "experiments");
	size_t n = x->n;
	experiments_free(x);
	return n;
}

static size_t load_keys(struct store *s, int i)
{
	struct run_keys *k;
	(void)i;
	must(run_keys_load(s, NULL, 0, &k, &why), "keys");
	size_t n = k->n;
	run_keys_free(k);
	return n;
}

static size_t load_detail(struct store *s, int i)
{
	struct run_detail *d;
	must(run_detail_load(s, 1 + i * 97, &d, &why), "detail");
	size_t n = d->n_metrics + d->n_params + d->n_tags;
	run_detail_free(d);
	return n;
}

static void time_lists(struct store *s)
{
	static const struct { const char *what; size_t (*load)(struct store *s, int i); } lists[] = {
		{ "experiments with counts", load_experiments }, { "keys that can be columns", load_keys }, { "one run with everything", load_detail },
	};
	for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
		struct took t[TIMES];
		size_t n = 0;
		for (int i = 0; i < TIMES; i++) {
			struct took began = start();
			n = lists[k].load(s, i);
			t[i] = since(began);
		}
		say(lists[k].what, t, n);
	}
}

#define METRIC(i) { COL_METRIC, "metric_00" #i }
static const struct col columns[] = {
	{ COL_NAME, NULL }, { COL_STATE, NULL }, { COL_AGE, NULL }, { COL_TOOK, NULL }, METRIC(0), METRIC(1), METRIC(2), METRIC(3), METRIC(4), METRIC(5),
	{ COL_PARAM, "param_000" }, { COL_PARAM, "param_001" }, { COL_PARAM, "param_002" }, { COL_PARAM, "param_003" }, { COL_TAG, "tag_002" }, { COL_TAG, "tag_003" },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* Each time of a snapshot of its own; the last one is of `prev`, which keeps them. */
static void time_words(struct store *s, const struct runs_query *q, struct runs_snap *prev)
{
	struct took t[TIMES];
	for (int i = 0; i < TIMES; i++) {
		struct runs_snap *sn = runs_snap_ref(prev);
		if (i + 1 < TIMES) {
			runs_snap_unref(sn);
			must(runs_snap_build(s, q, NULL, &sn, &why), "snapshot");
		}
		struct took began = start();
		must(runs_snap_words(s, sn, &why), "words");
		t[i] = since(began);
		runs_snap_unref(sn);
	}
	say("tag texts for search, before the first word", t, runs_snap_count(prev));
}

static void time_filters(struct store *s, const struct runs_query *whole, const struct runs_snap *prev)
{
	static const char *const filters[] = {
		"metric_001 > 0.9", "metric_009 > 0.9", "seed5", "seed5 value-17", "params.param_002 ~ ^value-1.$ metrics.metric_000 < 0.5", "name ~ seed[35]$", "age < 2w state=fin",
	};
	char what[96];
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		struct runs_query q = *whole;
		struct runs_snap *first;
		q.filter = filters[i];
		struct took began = start();
		must(runs_snap_build(s, &q, prev, &first, &why), filters[i]);
		struct took once = since(began);
		printf("filter %-57s %8.2f ms   cpu %8.2f ms   the first time\n", filters[i], once.wall_ms, once.cpu_ms);
		snprintf(what, sizeof what, "filter %s", filters[i]);
		time_build(s, what, &q, first);
		runs_snap_unref(first);
	}
}

static void time_sorts(struct store *s, const struct runs_query *whole, const struct runs_snap *prev)
{
	static const struct { const char *what; struct run_sort by[3]; size_t n; } sorts[] = {
		{ "sort by a metric", { { METRIC(1), true } }, 1 }, { "sort by name", { { { COL_NAME, NULL }, false } }, 1 }, { "sort by id", { { { COL_ID, NULL }, false } }, 1 },
		{ "sort by a param of texts", { { { COL_PARAM, "param_003" }, false } }, 1 },
		{ "sort by state, a param, a metric", { { { COL_STATE, NULL }, false }, { { COL_PARAM, "param_001" }, true }, { METRIC(2), true } }, 3 },
	};
	for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
		struct runs_query q = *whole;
		q.sort = sorts[i].by;
		q.n_sort = sorts[i].n;
		time_build(s, sorts[i].what, &q, prev);
	}
}

static void bench(const char *folder, const struct shape *sh)
{
	struct store_pool *pool = open_shape(folder, sh);
	struct store *s = store_get(pool, &why);
	must(s ? ST_OK : ST_FAILED, sh->file);
	printf("\n%s: %d runs, %d metrics, %d params, %d tags each\n", sh->file, sh->runs, sh->metrics, sh->params, sh->tags);
	time_lists(s);
	static const int64_t one[] = { 7 };
	struct runs_query first = { .first = 100, .cols = columns, .n_cols = COLUMNS }, whole = { .cols = columns, .n_cols = COLUMNS }, tree;
	time_build(s, "first 100 rows, 16 columns", &first, NULL);
	first.tree = true;
	time_build(s, "first 100 rows as a tree", &first, NULL);
	first.experiments = one;
	first.n_experiments = 1;
	time_build(s, "first 100 rows of one experiment as a tree", &first, NULL);
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
	struct runs_snap *prev;
	must(runs_snap_build(s, &whole, NULL, &prev, &why), "snapshot");
	printf("%-64s %8.2f MB\n", "memory of the whole snapshot, 16 columns", (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / 1e6);
	time_build(s, "all from nothing, 16 columns", &whole, NULL);
	struct runs_query some = whole;
	some.experiments = one;
	some.n_experiments = 1;
	time_build(s, "one experiment from nothing, 16 columns", &some, NULL);
	time_build(s, "all again, nothing changed", &whole, prev);
	tree = whole;
	tree.tree = true;
	time_build(s, "as a tree", &tree, prev);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	time_words(s, &whole, prev);
	printf("%-64s %8.2f MB\n", "memory of every tag text for search", (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / 1e6);
	time_filters(s, &tree, prev);
	time_sorts(s, &tree, prev);
	runs_snap_unref(prev);
	store_put(pool, s);
	store_pool_close(pool);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: bench_runs FOLDER\n");
		return 2;
	}
	must(fs_mkdirs(argv[1], &why), argv[1]);
	bench(argv[1], &tall);
	bench(argv[1], &wide);
	return 0;
}
