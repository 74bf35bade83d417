/* t_drift_tests -- pairs of columns and the tests on them: sorting, cleaning, mixed types, odd values, false alarms and expectations with no drift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base/mem.h"
#include "core/drift/drift_test.h"
#include "core/drift/random.h"
#include "tests/unit/drift_help.h"

static struct pair *pair_of(const double *x, size_t n, const double *y, size_t m)
{
	struct pair *p;
	struct err e;
	assert_int_equal(pair_numbers(x, n, y, m, &p, &e), ST_OK);
	return p;
}

static struct test_result result_of(const char *id, const struct pair *p)
{
	struct test_result r;
	drift_test_run(drift_test_find(id), p, NULL, &r);
	return r;
}

/* ---- sorting ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double any_double(struct random *g, int kind)
{
	double v;
	uint64_t bits = random_next(g);
	switch (kind) {
	case 0: memcpy(&v, &bits, sizeof v); return isfinite(v) ? v : 0;
	case 1: return floor(random_unit(g) * 5);
	case 2: return 1e9 + random_unit(g) * 1e-3;
	case 3: return random_unit(g) < 0.001 ? 1e300 : 1 + random_unit(g) * 1e-12;
	case 6: return bits % 5000 ? floor(random_unit(g) * 100) * 1e3 + random_unit(g) * 1e-9 : -1e300;    /* clusters that differ in low bits only */
	case 4: return (double)(bits % 1000) * 5e-324;
	default: return random_normal(g);
	}
}

static void sorts_as_qsort_does(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 11, 12, 13, 100, 1499, 1500, 1501, 5000, 70000 };
	struct random g = { 3 };
	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (int kind = 0; kind < 7; kind++) {
			size_t n = sizes[s];
			double *a = malloc((n + 1) * sizeof *a), *b = malloc((n + 1) * sizeof *b), *scratch = malloc((n + 1) * sizeof *scratch);
			assert_true(a && b && scratch);
			for (size_t i = 0; i < n; i++)
				a[i] = b[i] = any_double(&g, kind) + 0.0;
			sort_doubles(a, scratch, n);
			qsort(b, n, sizeof *b, by_value);
			assert_memory_equal(a, b, n * sizeof *a);
			free(a), free(b), free(scratch);
		}
}

/* Decimals as files hold them (i / 10^k is the double nearest to the decimal), few and many different ones, negative ones, wide ranges; and one value among them that is none. */
static void decimals_sort_as_qsort_does(void **state)
{
	static const struct { double ten; uint64_t span; int64_t from; bool odd; } kinds[] = { { 1, 300, -100, false }, { 1, UINT64_C(1) << 32, 0, false }, { 1, UINT64_C(1) << 40, -5, false },
		{ 1e3, 2000, -1000, false }, { 1e6, 90000000, -45000000, false }, { 1e6, 90000000, -45000000, true }, { 1e9, UINT64_C(4294967290), -7, false }, { 100, 65536, 0, false }, { 100, 65537, -65537, false },
		{ 1, 1, 4503599627370496, false }, { 10, 1000, 0, true } };
	enum { N = 20000 };
	struct random g = { 4 };
	double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b), *scratch = malloc(N * sizeof *scratch);
	(void)state;
	assert_true(a && b && scratch);
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		for (size_t i = 0; i < N; i++)
			a[i] = b[i] = (double)((int64_t)random_below(&g, kinds[k].span) + kinds[k].from) / kinds[k].ten + 0.0;
		if (kinds[k].odd)
			a[N - 2] = b[N - 2] = M_PI;
		sort_doubles(a, scratch, N);
		qsort(b, N, sizeof *b, by_value);
		assert_memory_equal(a, b, N * sizeof *a);
	}
	free(a), free(b), free(scratch);
}

static void quantiles_and_counts(void **state)
{
	static const double a[] = { 1, 2, 2, 5, 9 }, y[] = { 0, 2, 7 };
	struct pair *p = pair_of(a, 5, y, 3);
	(void)state;
	assert_true(quantile_sorted(a, 5, 0) == 1 && quantile_sorted(a, 5, 1) == 9 && quantile_sorted(a, 5, 0.5) == 2 && quantile_sorted(a, 5, 0.875) == 7);
	assert_true(isnan(quantile_sorted(a, 0, 0.5)) && isnan(quantile_sorted(a, 5, 1.1)) && isnan(quantile_sorted(a, 5, NAN)));
	assert_true(count_below(a, 5, 2) == 1 && count_to(a, 5, 2) == 3 && count_below(a, 5, 0) == 0 && count_to(a, 5, 10) == 5);
	/* pooled: 0 1 2 2 2 5 7 9 */
	static const double pooled[] = { 0, 1, 2, 2, 2, 5, 7, 9 };
	for (int i = 0; i <= 20; i++)
		assert_true(pair_quantile(p, i / 20.0) == quantile_sorted(pooled, 8, i / 20.0));
	pair_free(p);
}

/* ---- cleaning, types, categories ---- */

static void cleaning_counts_what_it_leaves_out(void **state)
{
	static const double x[] = { 3, NAN, -0.0, INFINITY, 0, -INFINITY, 1 }, y[] = { NAN, NAN };
	struct pair *p = pair_of(x, 7, y, 2);
	(void)state;
	assert_true(p->ref.rows == 7 && p->ref.n == 4 && p->ref.missing == 1 && p->ref.inf == 2 && p->ref.distinct == 3);
	assert_true(p->ref.min == 0 && !signbit(p->ref.sorted[0]) && !signbit(p->ref.sorted[1]) && p->ref.mean == 1 && p->ref.m2 == 6);
	assert_true(p->cur.n == 0 && p->cur.missing == 2 && isnan(p->cur.mean));
	for (size_t i = 0; i < drift_test_count(); i++) {
		struct test_result r = result_of(drift_test_at(i)->id, p);
		if (strcmp(drift_test_at(i)->id, "missing") != 0)
			assert_string_equal(r.why_not, "the current data holds no value");
	}
	struct test_result r = result_of("missing", p);
	assert_true(!r.why_not && near(r.statistic, 6.0 / 7, 1e-15, 0) && r.extra[2] < 0.15 && r.extra[3] == 1 && near(r.p, 1.0 / 12, 1e-12, 0));
	pair_free(p);
}

static char column_name[] = "c";

static struct frame_col words_col(struct frame_word *words, size_t n_words, uint32_t *code, size_t n)
{
	return (struct frame_col){ .name = column_name, .type = FRAME_CATEGORY, .n = n, .code = code, .words = words, .n_words = n_words };
}

static void words_are_merged_bytewise(void **state)
{
	struct frame_word a[] = { { "b", 1 }, { "", 0 }, { "a\0x", 3 }, { "unused", 6 } }, b[] = { { "a", 1 }, { "b", 1 } };
	uint32_t ca[] = { 0, 1, 2, FRAME_NO_CODE, 0 }, cb[] = { 1, 0, FRAME_NO_CODE };
	struct frame_col x = words_col(a, 4, ca, 5), y = words_col(b, 2, cb, 3);
	struct pair *p;
	(void)state;
	assert_int_equal(pair_new(&x, &y, &p, NULL), ST_OK);
	assert_int_equal(p->n_cats, 4);
	static const struct { size_t n; double ref, cur; } want[] = { { 0, 1, 0 }, { 1, 0, 1 }, { 3, 1, 0 }, { 1, 2, 1 } };
	for (size_t i = 0; i < 4; i++)
		assert_true(p->cats[i].word.n == want[i].n && p->cats[i].ref == want[i].ref && p->cats[i].cur == want[i].cur && isnan(p->cats[i].value));
	assert_true(p->n_ref == 4 && p->n_cur == 2 && p->ref.missing == 1 && p->cur.missing == 1 && p->n_new == 1 && p->n_lost == 2);
	assert_true(p->row_ref[0] == 3 && p->row_ref[1] == 0 && p->row_ref[2] == 2 && p->row_ref[3] == 3 && p->row_cur[0] == 3 && p->row_cur[1] == 1);
	assert_string_equal(result_of("ks", p).why_not, "it is for numbers");
	assert_true(result_of("new_categories", p).statistic == 1 && result_of("lost_categories", p).statistic == 2);
	pair_free(p);
}

static void other_types_are_read_as_the_reference(void **state)
{
	struct frame_word a[] = { { "1", 1 }, { "2.5", 3 }, { "x", 1 } };
	uint32_t code[] = { 0, 1, 2, 0 };
	double num[] = { 1, 2.5, NAN, 7 };
	struct frame_col words = words_col(a, 3, code, 4), numbers = { .name = column_name, .type = FRAME_NUMBER, .n = 4, .num = num };
	struct pair *p;
	(void)state;
	assert_int_equal(pair_new(&numbers, &words, &p, NULL), ST_OK);
	assert_true(p->cur.n == 3 && p->cur.missing == 1 && p->cur.max == 2.5 && p->n_cats == 3 && p->note[0]);
	pair_free(p);
	assert_int_equal(pair_new(&words, &numbers, &p, NULL), ST_OK);
	assert_true(p->n_cats == 4 && p->n_cur == 3 && p->cats[0].cur == 1 && p->cats[0].ref == 2 && p->cats[2].cur == 1 && p->n_new == 1 && p->row_cur[2] == 2);
	pair_free(p);
	assert_int_equal(pair_new(NULL, &numbers, &p, NULL), ST_OK);
	assert_true(p->ref.rows == 0 && p->cur.n == 3 && strstr(p->note, "current"));
	assert_null(drift_test_evidently_choice(p, false));
	pair_free(p);
	struct err e;
	assert_int_equal(pair_new(NULL, NULL, &p, &e), ST_USAGE);
	assert_null(p);
}

/* ---- odd values ---- */

static void sane(const struct drift_test *t, const struct pair *p, bool evidently)
{
	struct test_options o = { .evidently = evidently, .seed = 9, .permutations = 5 };
	struct test_result r;
	drift_test_run(t, p, &o, &r);
	if (r.why_not || evidently)
		return;
	if (isnan(r.statistic) || !(isnan(r.p) || (r.p >= 0 && r.p <= 1)))
		fail_msg("%s: statistic %g, p %g", t->id, r.statistic, r.p);
	if (t->effect && isnan(r.effect) && p->n_ref > 2 && p->n_cur > 2)
		fail_msg("%s: no effect", t->id);
	if (isinf(r.null_value) && isfinite(r.statistic) && strcmp(t->id, "wasserstein_plain") != 0)
		fail_msg("%s: expects infinity", t->id);
}

static void fill_odd(double *a, size_t n, int kind, struct random *g)
{
	for (size_t i = 0; i < n; i++)
		a[i] = kind == 6 ? 42 : kind == 7 ? (double)(i % 2) * 1e308 : kind == 8 ? (i % 2 ? DBL_MAX : -DBL_MAX) : kind == 9 ? -0.0 : any_double(g, kind);
}

static void odd_values_give_answers_or_reasons(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 8, 21, 60, 600 };
	enum { KINDS = 10, SIZES = 8 };
	double x[600], y[600];
	struct random g = { 17 };
	(void)state;
	for (int kind = 0; kind < KINDS * KINDS; kind++)
		for (size_t s = 0; s < SIZES; s++) {
			size_t n = sizes[s % SIZES], m = sizes[(s * 5 + 3) % SIZES];
			if (n * m > 20000 && kind % 7)
				continue;
			fill_odd(x, n, kind % KINDS, &g), fill_odd(y, m, kind / KINDS, &g);
			struct pair *p = pair_of(x, n, y, m);
			for (size_t t = 0; t < drift_test_count(); t++)
				if (n * m < 500 || (strcmp(drift_test_at(t)->id, "mmd") != 0 && strcmp(drift_test_at(t)->id, "total_variation") != 0))
					sane(drift_test_at(t), p, false), sane(drift_test_at(t), p, true);
			pair_free(p);
		}
}

static void scale_does_not_matter(void **state)
{
	static const char *const ids[] = { "ks", "wasserstein", "anderson", "cramer_von_mises", "mann_whitney", "t", "welch", "levene", "epps_singleton", "quantiles" };
	static const double scales[] = { 1e-300, 1e-160, 1e-6, 1e200, 1e300 };
	double x[300], y[200], sx[300], sy[200];
	struct random g = { 4 };
	(void)state;
	for (int i = 0; i < 300; i++)
		x[i] = random_normal(&g);
	for (int i = 0; i < 200; i++)
		y[i] = random_normal(&g) + 0.3;
	struct pair *p = pair_of(x, 300, y, 200);
	for (size_t s = 0; s < 5; s++) {
		for (int i = 0; i < 300; i++)
			sx[i] = x[i] * scales[s];
		for (int i = 0; i < 200; i++)
			sy[i] = y[i] * scales[s];
		struct pair *q = pair_of(sx, 300, sy, 200);
		for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
			struct test_result a = result_of(ids[i], p), b = result_of(ids[i], q);
			if (!near(b.statistic, a.statistic, 1e-9, 0) || !near(b.p, a.p, 1e-8, 0))
				fail_msg("%s at scale %g: %.15g p %g, not %.15g p %g", ids[i], scales[s], b.statistic, b.p, a.statistic, a.p);
		}
		pair_free(q);
	}
	pair_free(p);
}

/* ---- with no drift ---- */

enum { TRIALS = 400 };

static struct pair *same_numbers(struct random *g, size_t n, size_t m)
{
	static double x[3000], y[3000];
	for (size_t i = 0; i < n; i++)
		x[i] = random_normal(g);
	for (size_t i = 0; i < m; i++)
		y[i] = random_normal(g);
	return pair_of(x, n, y, m);
}

static struct pair *same_words(struct random *g, size_t n, size_t m, size_t k)
{
	static double x[3000], y[3000];
	for (size_t i = 0; i < n; i++)
		x[i] = floor(random_unit(g) * (double)k);
	for (size_t i = 0; i < m; i++)
		y[i] = floor(random_unit(g) * (double)k);
	return pair_of(x, n, y, m);
}

/* 400 trials at 5 %: 20 expected, deviation 4.4; four deviations either way. Discrete and conservative tests may fire less. */
static void alarms_come_at_the_stated_rate(void **state)
{
	static const struct { const char *id; size_t values; bool exact; } rows[] = {
		{ "ks", 0, false }, { "anderson", 0, true }, { "cramer_von_mises", 0, true }, { "mann_whitney", 0, true }, { "t", 0, true }, { "welch", 0, true },
		{ "epps_singleton", 0, true }, { "range", 0, false }, { "chi_square", 10, true }, { "g", 5, true }, { "fisher", 2, false }, { "z", 2, true },
		{ "total_variation", 8, true }, { "jensen_shannon", 6, true }, { "hellinger", 0, false }, { "new_categories", 40, false },
		{ "cramer_von_mises", 2, true }, { "cramer_von_mises", 4, true }, { "cramer_von_mises", 60, true }, { "levene", 0, true },
	};
	(void)state;
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct random g = { 100 + k };
		int fired = 0, trials = rows[k].values == 8 ? TRIALS / 4 : TRIALS;
		for (int i = 0; i < trials; i++) {
			struct pair *p = rows[k].values ? same_words(&g, 300, 240, rows[k].values) : same_numbers(&g, 300, 240);
			struct test_options o = { .seed = g.s, .permutations = 199 };
			struct test_result r;
			drift_test_run(drift_test_find(rows[k].id), p, &o, &r);
			fired += r.p <= 0.05;
			pair_free(p);
		}
		double share = (double)fired / trials, room = 4 * sqrt(0.05 * 0.95 / trials);
		if (share > 0.05 + room || (rows[k].exact && share < 0.05 - room))
			fail_msg("%s fires in %.1f %% of trials without drift", rows[k].id, 100 * share);
	}
}

static void expectations_hold(void **state)
{
	static const struct { const char *id; size_t n, m, values; double within; } rows[] = {
		{ "ks", 1001, 100, 0, 0.1 }, { "wasserstein", 1001, 100, 0, 0.1 }, { "wasserstein", 1001, 1000, 0, 0.1 }, { "wasserstein_plain", 500, 300, 0, 0.1 },
		{ "energy", 500, 300, 0, 0.15 }, { "cramer_von_mises", 300, 200, 0, 0.15 }, { "jensen_shannon", 1001, 1000, 0, 0.1 }, { "jensen_shannon", 500, 500, 6, 0.1 },
		{ "psi", 1001, 1000, 8, 0.12 }, { "kl", 1001, 1000, 8, 0.12 }, { "hellinger", 500, 500, 6, 0.1 }, { "total_variation", 500, 300, 6, 0.1 },
		{ "chi_square", 500, 500, 7, 0.12 }, { "g", 500, 500, 7, 0.12 }, { "epps_singleton", 300, 300, 0, 0.12 }, { "new_categories", 60, 60, 45, 0.15 },
		{ "lost_categories", 60, 30, 45, 0.1 }, { "range", 100, 300, 0, 0.15 }, { "cramer_von_mises", 300, 200, 3, 0.15 },
	};
	(void)state;
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct random g = { 500 + k };
		struct test_options o = { .permutations = 1, .seed = 1 };
		double sum = 0, expected = 0;
		for (int i = 0; i < TRIALS / 2; i++) {
			struct pair *p = rows[k].values ? same_words(&g, rows[k].n, rows[k].m, rows[k].values) : same_numbers(&g, rows[k].n, rows[k].m);
			struct test_result r;
			drift_test_run(drift_test_find(rows[k].id), p, &o, &r);
			sum += r.statistic, expected += r.null_value;
			pair_free(p);
		}
		if (!near(sum, expected, rows[k].within, 0))
			fail_msg("%s at %zu and %zu: %.4g on average, %.4g expected", rows[k].id, rows[k].n, rows[k].m, sum / (TRIALS / 2), expected / (TRIALS / 2));
	}
}

/* As many values as no memory holds: told with words, and nothing is kept. */
static void memory_may_fail(void **state)
{
	const double x[] = { 1, 2, 3 }, y[] = { 2, 3, 4 };
	enum status st = ST_FAILED;
	(void)state;
	for (long n = 1; st != ST_OK; n++) {
		struct pair *p = NULL;
		struct err e = { 0 };
		mem_fail_after(n);
		st = pair_numbers(x, 3, y, 3, &p, &e);
		mem_fail_after(0);
		assert_true(st == ST_OK ? n > 1 && p : st == ST_REFUSED && !p && strstr(e.text, "do not fit in memory"));
		pair_free(p);
	}
}

/* ---- with drift, and the table ---- */

static void effects_have_the_right_size(void **state)
{
	static double x[20000], y[20000];
	struct random g = { 8 };
	(void)state;
	for (int i = 0; i < 20000; i++)
		x[i] = random_normal(&g), y[i] = random_normal(&g) + 0.5;
	struct pair *p = pair_of(x, 20000, y, 20000);
	/* normal, shifted by d = 1/2: D = 2 Phi(d/2) - 1, W = d, delta = 2 Phi(d/sqrt 2) - 1, H^2 = 1 - exp(-d^2/8) */
	assert_true(near(result_of("ks", p).effect, 0.1974, 0.06, 0) && near(result_of("wasserstein", p).effect, 0.5, 0.04, 0));
	assert_true(near(result_of("t", p).effect, 0.5, 0.04, 0) && near(result_of("welch", p).effect, 0.5, 0.04, 0));
	assert_true(near(result_of("mann_whitney", p).effect, 0.2763, 0.06, 0) && near(result_of("hellinger", p).effect, 0.1754, 0.06, 0));
	assert_true(near(result_of("quantiles", p).effect, 0.5 / 1.349, 0.15, 0));
	assert_true(result_of("mmd", p).p <= 0.01 && result_of("mmd", p).statistic > 0.02);
	static const char *const all[] = { "ks", "anderson", "cramer_von_mises", "mann_whitney", "t", "welch", "epps_singleton", "jensen_shannon", "hellinger" };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		assert_true(result_of(all[i], p).p < 1e-100);
	pair_free(p);
}

static void every_row_is_complete(void **state)
{
	(void)state;
	assert_true(drift_test_count() >= 26);
	for (size_t i = 0; i < drift_test_count(); i++) {
		const struct drift_test *t = drift_test_at(i);
		assert_true(t->id && t->title && t->source && t->types && t->run);
		assert_ptr_equal(drift_test_find(t->id), t);
		assert_true((t->effect != NULL) == !isnan(t->effect_floor));
		if (t->evidently_id) {
			assert_ptr_equal(drift_test_find(t->evidently_id), t);
			assert_true(t->evidently_title && strchr("<lg>", t->evidently_op) && t->evidently_threshold > 0);
		}
	}
	assert_null(drift_test_find("none"));
	assert_null(drift_test_at(drift_test_count()));
}

/* Ties, sorted input and unlucky bits must not cost more than random data by much: generous, as machines differ. */
static void no_input_is_slow(void **state)
{
	enum { N = 200000 };
	double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
	struct random g = { 6 };
	(void)state;
	assert_true(x && y);
	for (int kind = 0; kind < 7; kind++) {
		fill_odd(x, N, kind, &g), fill_odd(y, N, kind, &g);
		clock_t start = clock();
		struct pair *p = pair_of(x, N, y, N);
		for (size_t t = 0; t < drift_test_count(); t++)
			if (strcmp(drift_test_at(t)->id, "mmd") != 0)
				sane(drift_test_at(t), p, false);
		pair_free(p);
		assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	}
	free(x), free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_as_qsort_does), cmocka_unit_test(decimals_sort_as_qsort_does), cmocka_unit_test(quantiles_and_counts), cmocka_unit_test(cleaning_counts_what_it_leaves_out),
		cmocka_unit_test(words_are_merged_bytewise), cmocka_unit_test(other_types_are_read_as_the_reference),
		cmocka_unit_test(odd_values_give_answers_or_reasons), cmocka_unit_test(scale_does_not_matter),
		cmocka_unit_test(alarms_come_at_the_stated_rate), cmocka_unit_test(expectations_hold),
		cmocka_unit_test(effects_have_the_right_size), cmocka_unit_test(memory_may_fail), cmocka_unit_test(every_row_is_complete), cmocka_unit_test(no_input_is_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
