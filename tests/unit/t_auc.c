/* t_auc -- the area under the ROC curve against its definition: all pairs of a positive and a negative row, written out. */
#include <math.h>
#include "tests/unit/verdict_help.h"
#include "core/drift/auc.h"

enum { MOST = 400 };

static double half_steps(double x, double y) { return x > y ? 1 : x == y ? 0.5 : 0; }

/* DeLong et al. 1988, equations 5 and 6: variances of the placements of single rows. */
static void by_definition(const double *score, const bool *positive, size_t n, double *value, double *variance)
{
	double sum[2] = { 0 }, sum2[2] = { 0 }, count[2] = { 0 };
	for (size_t i = 0; i < n; i++)
		count[positive[i]]++;
	for (size_t i = 0; i < n; i++) {
		double place = 0;
		for (size_t k = 0; k < n; k++)
			if (positive[k] != positive[i])
				place += positive[i] ? half_steps(score[i], score[k]) : half_steps(score[k], score[i]);
		place /= count[!positive[i]];
		sum[positive[i]] += place, sum2[positive[i]] += place * place;
	}
	*value = sum[1] / count[1], *variance = 0;
	for (int k = 0; k < 2; k++)
		*variance += (sum2[k] - sum[k] * sum[k] / count[k]) / (count[k] - 1) / count[k];
}

static void test_definition(void **state)
{
	(void)state;
	double score[MOST];
	bool positive[MOST];
	uint64_t seed = 7;
	for (int round = 0; round < 12; round++) {
		size_t n = 10 + 35 * (size_t)round;
		for (size_t i = 0; i < n; i++) {
			positive[i] = i < 3 || (i > 5 && stream_unit(&seed) < 0.3);
			score[i] = stream_unit(&seed) + 0.3 * positive[i];
			score[i] = round % 3 ? floor(score[i] * 5 * round) : score[i];       /* two rounds of three have ties */
		}
		double value, variance;
		struct auc a;
		by_definition(score, positive, n, &value, &variance);
		assert_true(auc_compute(score, positive, n, &a));
		assert_true(near(a.value, value, 1e-13, 0) && near(a.variance, variance, 1e-11, 1e-15));
		assert_true(a.low >= 0 && a.low <= a.value && a.high >= a.value && a.high <= 1 && a.positives + a.negatives == n);
	}
}

/* Worked by hand: positives 3 and 1, negatives 2, 2, 0: placements 1, 1/3; 1/2, 1/2, 1. */
static void test_by_hand(void **state)
{
	(void)state;
	const double score[] = { 3, 2, NAN, 1, 2, 0 };
	const bool positive[] = { true, false, true, true, false, false };
	struct auc a;
	assert_true(auc_compute(score, positive, 6, &a));
	assert_int_equal(a.positives, 2);
	assert_int_equal(a.negatives, 3);
	assert_true(near(a.value, 2.0 / 3, 1e-15, 0));
	assert_true(near(a.variance, (2.0 / 9) / 2 + (1.0 / 12) / 3, 1e-14, 0));
	assert_true(near(a.null_variance, (6 - 6.0 / 20) / (12 * 6), 1e-14, 0));     /* one tie of two: 2^3 - 2 = 6 */
}

static void test_edges(void **state)
{
	(void)state;
	const double up[] = { 1, 2, 3, 4 }, same[] = { 5, 5, 5, 5 }, infinite[] = { -INFINITY, 0, 0, INFINITY };
	const bool positive[] = { false, false, true, true }, none[4] = { false };
	struct auc a;
	assert_true(auc_compute(up, positive, 4, &a) && a.value == 1 && a.variance == 0 && a.high == 1 && a.p < 0.1);
	assert_true(auc_compute(same, positive, 4, &a) && a.value == 0.5 && a.p == 1);
	assert_true(auc_compute(infinite, positive, 4, &a) && near(a.value, 0.875, 1e-15, 0));
	assert_true(!auc_compute(up, none, 4, &a) && isnan(a.value) && isnan(a.p) && isnan(a.low) && a.negatives == 4);
	assert_true(!auc_compute(up, none, 0, &a) && a.negatives == 0);
	assert_true(auc_compute(up + 1, positive + 1, 2, &a) && a.value == 1 && isnan(a.variance) && isnan(a.low) && a.p < 0.5);
}

/* 95 of 100 intervals hold the truth (normal scores one sd apart: Phi(1 / sqrt 2) = 0.7602); 4 sd of a count of 500 trials are 20. */
static void test_coverage(void **state)
{
	(void)state;
	int inside = 0;
	for (uint64_t trial = 0; trial < 500; trial++) {
		struct table t;
		double score[200];
		bool positive[200];
		struct auc a;
		table_init(&t, 200, 1000 + trial);
		for (size_t i = 0; i < 200; i++)
			positive[i] = i % 2, score[i] = table_normal(&t) + (double)(i % 2);
		assert_true(auc_compute(score, positive, 200, &a));
		inside += a.low <= 0.7602 && a.high >= 0.7602;
		table_done(&t);
	}
	assert_true(inside >= 455 && inside <= 495);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_definition), cmocka_unit_test(test_by_hand), cmocka_unit_test(test_edges), cmocka_unit_test(test_coverage) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
