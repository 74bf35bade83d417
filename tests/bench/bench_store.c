/* What the store does in a second: append rate, bytes a point, how long a chart's window takes. Prints, asserts nothing.
 * bench_store [POINTS] [FOLDER]. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/store/series.h"
#include "core/store/store_internal.h"

static struct err why;
static uint64_t random_state = 1;

static uint64_t rnd(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double unit(void) { return (double)(rnd() >> 11) * 0x1p-53; }

static void must(enum status st)
{
	if (st == ST_OK)
		return;
	fprintf(stderr, "%s\n", why.text);
	exit(1);
}

/* ---- curves ---- */

static double noisy(int64_t i) { return 2 * exp(-(double)i / 2e5) + 0.3 + 0.05 * (unit() + unit() - 1); }
static double single(int64_t i) { return (float)noisy(i); }
static double rounded(int64_t i) { return round(noisy(i) * 1e4) / 1e4; }
static double smooth(int64_t i) { return 0.001 * 0.5 * (1 + cos((double)i / 1e6 * 3.14159265358979)); }
static double whole(int64_t i) { return (double)(i / 938); }

static const struct curve { const char *name; double (*value)(int64_t); } curves[] = {
	{ "noisy double", noisy }, { "float32 noise", single }, { "4 decimals", rounded }, { "smooth schedule", smooth }, { "epoch counter", whole },
};
enum { CURVES = sizeof curves / sizeof *curves };

static struct point *draw(const struct curve *c, size_t n, bool jumbled)
{
	struct point *p = mem_array(n, sizeof *p);
	for (size_t i = 0; i < n; i++)
		p[i] = (struct point){ (int64_t)i, INT64_C(1760000000000) + (int64_t)i * 137 + (int64_t)(rnd() % 30) + (jumbled && i > n / 2 ? -50000000 : 0), c->value((int64_t)i) };
	return p;
}

/* ---- measuring ---- */

/* Of this thread alone: what else runs on the machine does not count. */
static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static void percentiles(const char *what, int64_t *us, int n, const char *more)
{
	qsort(us, (size_t)n, sizeof *us, by_time);
	printf("  %-34s median %6.2f ms   99%% %6.2f ms   worst %6.2f ms%s\n", what, (double)us[n / 2] / 1e3, (double)us[n - 1 - n / 100] / 1e3, (double)us[n - 1] / 1e3, more);
}

static int64_t bytes_of(struct store *s, const char *sql)
{
	enum status st;
	return store_query_int(s, sql, 0, &st, &why);
}

static void bench_append(struct store *s, int64_t run, const struct curve *c, const struct point *p, size_t n)
{
	int64_t before = bytes_of(s, "PRAGMA page_count") * 4096, t = clock_mono_us(), cpu = cpu_us();
	must(store_begin(s, &why));
	must(series_append(s, run, 1, p, n, true, NULL, &why));
	must(store_commit(s, 4, &why));
	double took = (double)(clock_mono_us() - t) / 1e6, worked = (double)(cpu_us() - cpu) / 1e6;
	int64_t after = bytes_of(s, "PRAGMA page_count") * 4096;
	printf("  %-18s %5.2f M points/s (%5.2f by processor time)   %5.2f bytes/point on disk\n", c->name, (double)n / took / 1e6, (double)n / worked / 1e6,
		(double)(after - before) / (double)n);
}

static void bench_windows(struct store *s, int64_t run, const char *name, const struct point *p, size_t n, enum series_axis axis, int columns)
{
	enum { ROUNDS = 400 };
	int64_t us[ROUNDS];
	size_t most = 0;
	for (int i = 0; i < ROUNDS; i++) {
		size_t wide = (size_t)((double)n * pow(0.5, unit() * 17)), from = (size_t)(unit() * (double)(n - wide));
		const struct point *a = &p[from], *b = &p[from + wide - (wide > 0)];
		struct bucket *out;
		size_t k;
		int64_t x = axis == AXIS_STEP ? a->step : a->ms, y = axis == AXIS_STEP ? b->step : b->ms, t = cpu_us();
		must(series_buckets(s, run, 1, axis, x < y ? x : y, x < y ? y : x, columns, &out, &k, &why));
		us[i] = cpu_us() - t;
		most = k > most ? k : most;
		free(out);
	}
	char what[64], more[64];
	snprintf(what, sizeof what, "%s, %s, %d columns", name, axis == AXIS_STEP ? "step" : "time", columns);
	snprintf(more, sizeof more, "   (at most %zu buckets)", most);
	percentiles(what, us, ROUNDS, more);
}

/* The worst zooms: just before the walk can stay a level higher. */
static void bench_worst_zoom(struct store *s, int64_t run, size_t n, int columns)
{
	double worst = 0;
	size_t at = 0;
	for (size_t wide = (size_t)columns * 2; wide < n; wide += wide / 16 + 1) {
		struct bucket *out;
		size_t k;
		int64_t best = INT64_MAX, from = (int64_t)((n - wide) / 3);
		for (int i = 0; i < 5; i++) {
			int64_t t = cpu_us();
			must(series_buckets(s, run, 1, AXIS_STEP, from, from + (int64_t)wide, columns, &out, &k, &why));
			t = cpu_us() - t;
			best = t < best ? t : best;
			free(out);
		}
		if ((double)best > worst) {
			worst = (double)best;
			at = wide;
		}
	}
	printf("  worst zoom at %d columns: %.2f ms (a window of %zu points)\n", columns, worst / 1e3, at);
}

static void bench_live(struct store *s, int64_t run, size_t n)
{
	enum { ROUNDS = 150 };
	int64_t us[ROUNDS];
	struct stat st;
	char wal[4200];
	must(store_checkpoint(s, true, &why));
	for (int i = 0; i < ROUNDS; i++) {
		struct point one = { (int64_t)n + i, INT64_C(1760000000000) + ((int64_t)n + i) * 137, unit() };
		int64_t t = clock_mono_us();
		must(store_begin(s, &why));
		must(series_append(s, run, 1, &one, 1, true, NULL, &why));
		must(store_commit(s, 4, &why));
		us[i] = clock_mono_us() - t;
	}
	percentiles("one live point, committed", us, ROUNDS, "");
	snprintf(wal, sizeof wal, "%s-wal", store_pool_path(s->pool));
	if (stat(wal, &st) == 0)
		printf("  log: %.1f KB a point\n", (double)st.st_size / ROUNDS / 1e3);
}

static void bench_many_small(struct store *s)
{
	enum { SERIES = 20000, POINTS = 50 };
	struct point p[POINTS];
	for (int i = 0; i < POINTS; i++)
		p[i] = (struct point){ i, INT64_C(1760000000000) + i * 1000, unit() };
	int64_t before = bytes_of(s, "PRAGMA page_count") * 4096, t = clock_mono_us();
	must(store_begin(s, &why));
	for (int i = 0; i < SERIES; i++)
		must(series_append(s, 1000 + i, 2 + i % 20, p, POINTS, true, NULL, &why));
	must(store_commit(s, 4, &why));
	double took = (double)(clock_mono_us() - t) / 1e6;
	printf("  %d series of %d points: %.2f M points/s, %.1f bytes/point\n", SERIES, POINTS, SERIES * POINTS / took / 1e6,
		(double)(bytes_of(s, "PRAGMA page_count") * 4096 - before) / (SERIES * POINTS));
	struct bucket *out;
	size_t k;
	t = clock_mono_us();
	for (int i = 0; i < SERIES; i++) {
		must(series_buckets(s, 1000 + i, 2 + i % 20, AXIS_STEP, INT64_MIN, INT64_MAX, 10, &out, &k, &why));
		free(out);
	}
	printf("  sparklines: %.1f us a series\n", (double)(clock_mono_us() - t) / SERIES);
}

static bool count_point(void *arg, const struct point *p)
{
	*(double *)arg += p->value;
	return true;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	char folder[4096], path[4200];
	struct store_pool *pool;
	snprintf(folder, sizeof folder, "%s/mlyard-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
	if (n < 10000 || !mkdtemp(folder))
		return 2;
	snprintf(path, sizeof path, "%s/bench.db", folder);
	must(store_pool_open(path, STORE_CREATE, &pool, &why));
	struct store *s = store_get(pool, &why);
	printf("append, %zu points at once\n", n);
	bytes_of(s, "SELECT count(*) FROM block");
	struct point *first = NULL;
	for (int i = 0; i < CURVES; i++) {
		struct point *p = draw(&curves[i], n, false);
		bench_append(s, i + 1, &curves[i], p, n);
		if (i == 0)
			first = p;
		else
			free(p);
	}
	struct point *jumbled = draw(&curves[0], n, true);
	bench_append(s, CURVES + 1, &(struct curve){ "times that go back", noisy }, jumbled, n);
	printf("windows of random width and place, processor time\n");
	for (int columns = 200; columns <= 400; columns += 200) {
		bench_windows(s, 1, "noisy double", first, n, AXIS_STEP, columns);
		bench_windows(s, 1, "noisy double", first, n, AXIS_TIME, columns);
		bench_windows(s, 4, "smooth schedule", first, n, AXIS_STEP, columns);
		bench_worst_zoom(s, 1, n, columns);
	}
	bench_windows(s, CURVES + 1, "times that go back", jumbled, n, AXIS_TIME, 400);
	double sum = 0;
	int64_t t = clock_mono_us();
	must(series_each(s, 1, 1, AXIS_STEP, INT64_MIN, INT64_MAX, count_point, &sum, &why));
	printf("  every point: %.1f M points/s\n", (double)n / (double)(clock_mono_us() - t));
	printf("live and small\n");
	bench_live(s, 1, n);
	bench_many_small(s);
	store_put(pool, s);
	store_pool_close(pool);
	free(first);
	free(jumbled);
	unlink(path);
	snprintf(path, sizeof path, "%s/bench.db.gate", folder);
	unlink(path);
	return rmdir(folder) < 0;
}
