/* drift_test -- one statistical comparison of two samples: a file core/drift/test_<id>.c and a row in tests.am.
 *
 * Each file's head gives formula and source (paper), the range of the statistic, what the effect means, and its limits.
 * Honesty  p NaN where the method has none; `null_value`: what the statistic would be expected to be with no drift at these sample sizes
 *          (closed form or NaN), so that a distance is never shown without its noise.
 * Threads  pure functions.
 * Options  permutations and seed matter to total_variation and mmd only.
 */
#ifndef MLYARD_DRIFT_DRIFT_TEST_H
#define MLYARD_DRIFT_DRIFT_TEST_H
#include "core/drift/pair.h"

enum test_kind { TEST_P_VALUE, TEST_DISTANCE };
enum test_for { FOR_NUMBERS = 1, FOR_WORDS = 2, FOR_TEXT = 4 };
enum { TEST_EXTRAS = 4, TEST_PERMUTATIONS = 500 };
struct test_result {
	double statistic, p, effect, null_value;     /* NaN: has none */
	double extra[TEST_EXTRAS];                   /* what else the method gives, named by extra_names */
	const char *why_not;                         /* static words when it could not be computed ("too few rows"); NULL when it was */
};
struct test_options {
	bool evidently;                              /* Evidently's variant, quirks included; else ours */
	bool numpy1;                                 /* bins of whole numbers as NumPy before 2.0 makes them */
	uint64_t seed;                               /* of permutations */
	int permutations;                            /* 0: TEST_PERMUTATIONS */
};
struct drift_test {
	const char *id, *title, *source;             /* "ks", "Kolmogorov-Smirnov", "Smirnov 1939; Simard and L'Ecuyer 2011" */
	enum test_kind kind; unsigned types;
	const char *effect, *extra_names[TEST_EXTRAS];   /* what effect is: "D", "W/sd", "Cramer's V" */
	double effect_floor;                         /* of the default verdict; NaN: no effect of its own */
	const char *evidently_id, *evidently_title; double evidently_threshold; char evidently_op;   /* '<' p < t, 'l' p <= t, 'g' d >= t, '>' d > t; id NULL: not there */
	void (*run)(const struct pair *p, const struct test_options *o, struct test_result *out);
};
size_t drift_test_count(void);
const struct drift_test *drift_test_at(size_t i);
const struct drift_test *drift_test_find(const char *id);    /* also Evidently's ids; NULL: none */
/* Runs it where it can be run: clears the result, refuses sides without values and types it is not for. o NULL: defaults. */
void drift_test_run(const struct drift_test *t, const struct pair *p, const struct test_options *o, struct test_result *out);
/* What a threshold is compared with: p or the statistic; and the outcome by the test's own operator (false for NaN). */
double drift_test_score(const struct drift_test *t, const struct test_result *r);
bool drift_test_evidently_drifted(const struct drift_test *t, double score, double threshold);
/* The test that Evidently would choose for this pair; category: it takes the column as one. NULL where a side is empty. */
const struct drift_test *drift_test_evidently_choice(const struct pair *p, bool category);

/* For the tests' own files. */
void test_cannot(struct test_result *r, const char *why);
double cramers_v(double chi2, double rows, double columns, double n);        /* of a 2 x K table, Bergsma's correction (2013) */
#endif
