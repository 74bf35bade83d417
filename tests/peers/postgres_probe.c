/* postgres_probe -- what PostgreSQL's reader and its counting say, held against each other; the script peer_postgres.sh gives it a server.
 *
 * compare REFERENCE CURRENT   both read into memory and both counted on the server: every count equal, moments to 1e-9, and the exact KS D and Wasserstein distance of the values
 *                             within the bounds that the counts give. Prints times and, a line each, columns with both.
 * cancel ADDRESS QUERY        a statement that lasts is ended within seconds of the wish to stop. */
#include "config.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef HAVE_LIBPQ
int main(void)
{
	puts("built without libpq");
	return 77;
}
#else
#include "core/drift/pair.h"
#include "core/io/postgres.h"
#include "core/io/sketch.h"

static int wrong;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum status st, const struct err *e)
{
	if (st == ST_OK)
		return;
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

static void expect(const char *column, const char *what, double got, double want, double relative)
{
	if (got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= relative * fmax(1e-9, fabs(want)))
		return;
	wrong++;
	printf("%s: %s is %.17g counted there, %.17g of the values\n", column, what, got, want);
}

static void compare_moments(const struct sketch_col *s, const struct frame_col *f)
{
	struct pair *p = NULL;
	struct err e = { 0 };
	must(pair_new(f, f, &p, &e), &e);
	expect(f->name, "finite", (double)s->finite, (double)p->ref.n, 0);
	expect(f->name, "mean", s->mean, p->ref.mean, 1e-9);
	expect(f->name, "sd", sqrt(s->m2 / (double)s->finite), side_sd(&p->ref, 0), 1e-7);
	expect(f->name, "min", s->min, p->ref.min, 0);
	expect(f->name, "max", s->max, p->ref.max, 0);
	uint64_t all = 0;
	for (size_t i = 0; i <= s->edges->n; i++)
		all += s->count[i];
	expect(f->name, "all bins", (double)all, (double)p->ref.n, 0);
	for (size_t i = 0; i < s->edges->n; i += 1 + s->edges->n / 50) {
		uint64_t to = 0;
		for (size_t k = 0; k <= i; k++)
			to += s->count[k];
		expect(f->name, "count up to an edge", (double)to, (double)count_to(p->ref.sorted, p->ref.n, s->edges->edge[i]), 0);
	}
	pair_free(p);
}

static void compare_words(const struct sketch_col *s, const struct frame_col *f)
{
	struct pair *p = NULL;
	struct err e = { 0 };
	must(pair_new(f, f, &p, &e), &e);
	for (size_t i = 0; i < s->n_words; i++) {
		double want = -1;
		for (size_t k = 0; k < p->n_cats; k++)
			if (p->cats[k].word.n == s->words[i].n && memcmp(p->cats[k].word.p, s->words[i].p, s->words[i].n) == 0)
				want = p->cats[k].ref;
		expect(f->name, "rows of a word", (double)s->words[i].count, want, 0);
	}
	expect(f->name, "words", (double)s->n_words, (double)(p->n_cats < SKETCH_WORDS ? p->n_cats : SKETCH_WORDS), 0);
	pair_free(p);
}

static void compare_side(const struct sketch *s, const struct frame *f)
{
	expect(f->name, "rows", (double)s->n_rows, (double)f->n_rows, 0);
	for (size_t j = 0; j < s->n_cols; j++) {
		const struct sketch_col *c = &s->cols[j];
		const struct frame_col *x = frame_find(f, c->name);
		if (!x || c->absent) {
			expect(c->name, "absent", c->absent, !x, 0);
			continue;
		}
		expect(c->name, "missing", (double)c->missing, (double)x->missing, 0);
		expect(c->name, "nan", (double)c->nan, (double)x->nan, 0);
		expect(c->name, "infinite", (double)c->inf, (double)x->inf, 0);
		if (c->count)
			compare_moments(c, x);
		else
			compare_words(c, x);
	}
}

static void within(const char *column, const char *what, struct interval got, double exact)
{
	printf("%s: %s %.6g, between %.6g and %.6g\n", column, what, exact, got.lo, got.hi);
	if (!(got.lo <= exact * (1 + 1e-9) + 1e-15 && exact <= got.hi * (1 + 1e-9) + 1e-15)) {
		wrong++;
		printf("%s: %s is not within the bounds\n", column, what);
	}
}

static void compare_bounds(const struct sketch *a, const struct sketch *b, const struct frame *x, const struct frame *y)
{
	for (size_t j = 0; j < a->n_cols; j++) {
		struct pair *p = NULL;
		struct err e = { 0 };
		const struct frame_col *ref = frame_find(x, a->cols[j].name), *cur = frame_find(y, a->cols[j].name);
		if (!ref || !cur || !a->cols[j].count || !b->cols[j].count)
			continue;
		must(pair_new(ref, cur, &p, &e), &e);
		within(ref->name, "D", sketch_ks(&a->cols[j], &b->cols[j]), fmax(p->walk.d_plus, p->walk.d_minus));
		within(ref->name, "W", sketch_wasserstein(&a->cols[j], &b->cols[j]), p->walk.area * p->walk.unit);
		pair_free(p);
	}
}

static int compare(const char *reference, const char *current)
{
	const struct frame_options whole = { .budget = (size_t)4 << 30 };
	struct frame *f[2];
	struct sketch *s[2];
	struct sketch_plan *plan;
	struct err e = { 0 };
	double t0 = now();
	must(frame_read(reference, &whole, NULL, &f[0], &e), &e);
	must(frame_read(current, &whole, NULL, &f[1], &e), &e);
	double t1 = now();
	must(sketch_plan_new(reference, NULL, NULL, &plan, &e), &e);
	must(sketch_read(reference, NULL, plan, NULL, &s[0], &e), &e);
	must(sketch_read(current, NULL, plan, NULL, &s[1], &e), &e);
	printf("%zu + %zu rows, %zu columns: read in %.2f s, counted there in %.2f s\n", f[0]->n_rows, f[1]->n_rows, f[0]->n_cols, t1 - t0, now() - t1);
	for (int i = 0; i < 2; i++)
		compare_side(s[i], f[i]);
	compare_bounds(s[0], s[1], f[0], f[1]);
	for (int i = 0; i < 2; i++) {
		sketch_free(s[i]);
		frame_free(f[i]);
	}
	sketch_plan_free(plan);
	printf("%s - %d differ\n", wrong ? "not ok" : "ok", wrong);
	return wrong > 0;
}

/* ---- cancel ---- */

struct canceller { const char *address; struct task *part; };

static enum status take_active(void *arg, const PGresult *r, struct err *e)
{
	(void)e;
	*(double *)arg = postgres_double(r, 0);
	return ST_OK;
}

/* Asks to stop once the server says that the statement runs. */
static void *cancel_when_active(void *arg)
{
	const struct canceller *c = arg;
	const struct frame_options o = { .query = "SELECT 1 AS one" };
	struct err e = { 0 };
	for (double active = 0, end = now() + 30; active < 1 && now() < end;) {
		struct postgres *p;
		must(postgres_open(c->address, &o, NULL, &p, &e), &e);
		must(postgres_rows(p, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()", 0, NULL, take_active, &active, &e), &e);
		postgres_close(p);
	}
	task_part_stop(c->part);
	return NULL;
}

static int cancel(const char *address, const char *query)
{
	struct canceller c = { address, task_part_new(NULL) };
	const struct frame_options o = { .query = query };
	pthread_t thread;
	struct frame *f = NULL;
	struct err e = { 0 };
	if (pthread_create(&thread, NULL, cancel_when_active, &c))
		return 1;
	const double began = now();
	const enum status st = frame_read(address, &o, c.part, &f, &e);
	pthread_join(thread, NULL);
	task_part_free(c.part);
	frame_free(f);
	printf("%s: %s after %.1f s\n", st == ST_CANCELLED ? "ok" : "not ok", e.text, now() - began);
	return st != ST_CANCELLED || now() - began > 20;
}

int main(int argc, char *argv[])
{
	if (argc == 4 && !strcmp(argv[1], "compare"))
		return compare(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "cancel"))
		return cancel(argv[2], argv[3]);
	fprintf(stderr, "postgres_probe compare REFERENCE CURRENT | cancel ADDRESS QUERY\n");
	return 2;
}
#endif
