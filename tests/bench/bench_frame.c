/* bench_frame -- makes a large table of numbers, and says how long reading tables takes.
 *
 * bench_frame make ROWS SEED SHIFT > FILE   50 columns from SplitMix64: 30 sums of twelve uniforms (as good as normal) of growing spread, 10 small
 *     integers, 5 skewed, 5 normal with 5 % missing; SHIFT moves a part of them. bench_frame read FILE...: seconds, rows, columns, resident memory;
 *     bench_frame sketch REFERENCE CURRENT: the same by sketches, and the widest interval of D. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/drift/random.h"
#include "core/io/frame.h"
#include "core/io/sketch.h"

static struct random dice;

static double uniform(void) { return random_unit(&dice); }

static double normal(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

static void put_value(int j, double shift)
{
	if (j < 30) {
		printf("%.6f", normal() * (1 + j) + (j % 3 == 0 ? shift * (1 + j) * 0.1 : 0));
	} else if (j < 40) {
		printf("%d", (int)(uniform() * (10 + j * 10) + (j % 2 ? shift : 0)));
	} else if (j < 45) {
		const double u = uniform();
		printf("%.4f", u * u * u * u * 1e5 + (j % 2 ? shift * 100 : 0));
	} else if (uniform() >= 0.05) {
		printf("%.3f", normal() + shift * 0.05 * (j - 44));
	}
}

static int make(long rows, uint64_t seed, double shift)
{
	dice.s = seed;
	for (int j = 0; j < 50; j++)
		printf("%sf%02d", j ? "," : "", j);
	putchar('\n');
	for (long i = 0; i < rows; i++)
		for (int j = 0; j < 50; j++) {
			put_value(j, shift);
			putchar(j < 49 ? ',' : '\n');
		}
	return fflush(stdout) == 0 ? 0 : 1;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_use(double start)
{
	struct rusage use;
	const double end = now();
	getrusage(RUSAGE_SELF, &use);
	printf("%.3f s wall, %.3f s processor, %ld MB resident", end - start,
		(double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6, use.ru_maxrss / 1024);
}

static int sketch_both(char **path)
{
	const double start = now();
	struct sketch_plan *p;
	struct sketch *s[2] = { NULL, NULL };
	struct err e;
	double widest = 0;
	enum status rc = sketch_plan_new(path[0], NULL, NULL, &p, &e);
	for (int i = 0; i < 2 && rc == ST_OK; i++)
		rc = sketch_read(path[i], NULL, p, NULL, &s[i], &e);
	for (size_t j = 0; rc == ST_OK && j < p->n_cols; j++) {
		const struct interval d = sketch_ks(&s[0]->cols[j], &s[1]->cols[j]);
		widest = d.hi - d.lo > widest ? d.hi - d.lo : widest;
	}
	if (rc == ST_OK) {
		print_use(start);
		printf("; widest interval of D %.2g\n", widest);
	} else {
		fprintf(stderr, "%s\n", e.text);
	}
	sketch_free(s[0]);
	sketch_free(s[1]);
	sketch_plan_free(p);
	return rc != ST_OK;
}

static int read_all(int n, char **path)
{
	struct frame *f[16];
	struct err e = { 0 };
	const double start = now();
	int read = 0;
	for (; read < n && read < 16; read++) {
		if (frame_read(path[read], NULL, NULL, &f[read], &e) != ST_OK) {
			fprintf(stderr, "%s\n", e.text);
			break;
		}
		fputs(f[read]->notes.p, stdout);
	}
	print_use(start);
	for (int i = 0; i < read; i++) {
		printf("; %zu rows, %zu columns", f[i]->n_rows, f[i]->n_cols);
		frame_free(f[i]);
	}
	putchar('\n');
	return read == n ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "make"))
		return make(strtol(argv[2], NULL, 10), strtoull(argv[3], NULL, 10), strtod(argv[4], NULL));
	if (argc > 2 && !strcmp(argv[1], "read"))
		return read_all(argc - 2, argv + 2);
	if (argc == 4 && !strcmp(argv[1], "sketch"))
		return sketch_both(argv + 2);
	fprintf(stderr, "usage: bench_frame make ROWS SEED SHIFT | read FILE... | sketch REFERENCE CURRENT\n");
	return 2;
}
