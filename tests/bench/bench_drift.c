/* bench_drift -- what the statistics of one column pair cost: sorting, the pair as a whole, and every test.
 * bench_drift [ROWS]: rows a side, a million when not said. Prints milliseconds, the best of five. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/drift/drift_test.h"
#include "core/drift/random.h"

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

enum { REPEATS = 5 };

static void fill(double *a, size_t n, uint64_t seed, double shift)
{
	struct random r = { seed };
	for (size_t i = 0; i < n; i++)
		a[i] = nearbyint((random_normal(&r) + shift) * 1e6) / 1e6;
}

static void bench_sort(const double *from, size_t n, const char *name)
{
	double *a = malloc(n * sizeof *a), *scratch = malloc(n * sizeof *a), best = INFINITY;
	if (!a || !scratch)
		exit(1);
	for (int i = 0; i < REPEATS; i++) {
		memcpy(a, from, n * sizeof *a);
		double start = now_ms();
		sort_doubles(a, scratch, n);
		best = fmin(best, now_ms() - start);
	}
	printf("%-24s %9.2f ms\n", name, best);
	free(a), free(scratch);
}

static void bench_tests(const struct pair *p)
{
	for (size_t k = 0; k < drift_test_count(); k++) {
		const struct drift_test *t = drift_test_at(k);
		struct test_result r;
		double best = INFINITY;
		for (int i = 0; i < REPEATS; i++) {
			double start = now_ms();
			drift_test_run(t, p, NULL, &r);
			best = fmin(best, now_ms() - start);
		}
		if (!r.why_not)
			printf("%-24s %9.3f ms  statistic %-12.6g p %-12.6g null %.6g\n", t->id, best, r.statistic, r.p, r.null_value);
	}
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), *few = malloc(n * sizeof *few), best = INFINITY;
	struct pair *p = NULL;
	if (!x || !y || !few || n == 0)
		return 1;
	fill(x, n, 1, 0), fill(y, n, 2, 0.01);
	for (size_t i = 0; i < n; i++)
		few[i] = floor(fabs(x[i]) * 10);
	bench_sort(x, n, "sort, random");
	bench_sort(few, n, "sort, few values");
	for (int i = 0; i < REPEATS; i++) {
		pair_free(p);
		double start = now_ms();
		if (pair_numbers(x, n, y, n, &p, NULL) != ST_OK)
			return 1;
		best = fmin(best, now_ms() - start);
	}
	printf("%-24s %9.2f ms\n", "pair", best);
	bench_tests(p);
	pair_free(p);
	free(x), free(y), free(few);
	return 0;
}
