/* drift_test -- one statistical comparison of two samples: a file core/drift/test_<id>.c and a row in tests.am.
 *
 * Each file's head gives formula and source (paper), the range of the statistic, what the effect means, and its limits.
 * Honesty  p NaN where the method has none; `null_value`: what the statistic would be expected to be with no drift at these sample sizes
 *          (closed form or NaN), so that a distance is never shown without its noise.
 * Threads  pure functions.
 */
#ifndef MLYARD_DRIFT_DRIFT_TEST_H
#define MLYARD_DRIFT_DRIFT_TEST_H
#include "core/drift/pair.h"

enum test_kind { TEST_P_VALUE, TEST_DISTANCE };
enum test_for { FOR_NUMBERS = 1, FOR_WORDS = 2, FOR_TEXT = 4 };
struct test_result {
	double statistic, p, effect, null_value;     /* NaN: has none */
	double extra[4];                             /* what else the method gives, named by extra_names */
	const char *why_not;                         /* static words when it could not be computed ("too few rows"); NULL when it was */
};
struct test_options { bool evidently; uint64_t seed; int permutations; const struct category *bins; };   /* evidently: its variant, quirks included */
struct drift_test {
	const char *id, *title, *source;             /* "ks", "Kolmogorov-Smirnov", "Smirnov 1939; Simard and L'Ecuyer 2011" */
	enum test_kind kind; unsigned types;
	const char *effect, *extra_names[4];         /* what effect is: "D", "W/sd", "Cramer's V" */
	double effect_floor;                         /* of the default verdict; NaN: no effect of its own */
	const char *evidently_id, *evidently_title; double evidently_threshold; char evidently_op;   /* '<' p < t, 'l' p <= t, 'g' d >= t, '>' d > t; id NULL: not there */
	void (*run)(const struct pair *p, const struct test_options *o, struct test_result *out);
};
size_t drift_test_count(void);
const struct drift_test *drift_test_at(size_t i);
const struct drift_test *drift_test_find(const char *id);    /* also Evidently's ids */
#endif
