/* t_logistic -- weights against scikit-learn 1.9.1 (LogisticRegression, solver newton-cholesky, tol 1e-12) on data given by formulas, and what must not break. */
#include <math.h>
#include "tests/unit/verdict_help.h"
#include "core/drift/logistic.h"

enum { ROWS = 120, WIDE = 5 };
static double dense[ROWS * WIDE], two[ROWS * 2];
static bool mixed_class[ROWS], separable[ROWS];

static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < ROWS; i++) {
		for (int k = 0; k < WIDE; k++)
			dense[i * WIDE + k] = sin(1 + 0.37 * i * (k + 1));
		two[2 * i] = dense[i * WIDE], two[2 * i + 1] = dense[i * WIDE + 1];
		mixed_class[i] = sin(2.1 * i) + dense[i * WIDE] - 0.5 * dense[i * WIDE + 1] > 0;
		separable[i] = dense[i * WIDE] > 0;
	}
	return 0;
}

static void check(const struct logistic_rows *x, double l2, const double *want, double intercept)
{
	const struct logistic_options o = { .l2 = l2, .tolerance = 1e-11, .rounds = 1000 };
	struct logistic m;
	logistic_fit(x, NULL, 0, &o, &m);
	assert_true(m.converged);
	for (size_t i = 0; i < x->n_columns; i++)
		assert_true(near(m.weights[i], want[i], 1e-6, 1e-9));
	assert_true(near(m.intercept, intercept, 1e-6, 0));
	logistic_free(&m);
}

static void test_dense(void **state)
{
	(void)state;
	struct logistic_rows x = { .n = ROWS, .n_columns = WIDE, .n_dense = WIDE, .dense = dense, .positive = mixed_class };
	check(&x, 1, (const double[]){ 1.64567672681, -1.12465276743, 0.309637969677, 0.0529377106413, -0.00717041307242 }, -0.254635086844);
	check(&x, 10, (const double[]){ 0.840111429277, -0.529494179587, 0.0964883525239, 0.0746363503935, -0.0199435879629 }, -0.0992708688195);
	check(&x, 0.001, (const double[]){ 2.07624308799, -1.49431269173, 0.521148842023, -0.0443431825514, 0.0446844899975 }, -0.406591566973);
	x.positive = separable;
	check(&x, 1, (const double[]){ 4.2743750891, 0.297391393046, -0.623959924343, 0.269204150479, -0.939707138547 }, -0.316772169349);
}

/* Five columns of 0 and 1 behind two dense ones; two pairs of them are equal and one is empty. */
static size_t sparse_fill(size_t start[ROWS + 1], uint32_t *index, float *value)
{
	size_t n = 0;
	for (int i = 0; i < ROWS; i++) {
		start[i] = n;
		for (int k = 0; k < WIDE; k++)
			if ((i * (k + 1) + k) % 3 == 0)
				value[n] = 1, index[n++] = (uint32_t)k + 2;
	}
	return start[ROWS] = n;
}

static void test_mixed(void **state)
{
	(void)state;
	static const double want[] = { 2.26348539854, -1.44531182039, 1.7770628996, 2.07128713376, 0, 1.7770628996, 2.07128713376 };
	size_t start[ROWS + 1];
	uint32_t index[ROWS * WIDE];
	float value[ROWS * WIDE];
	sparse_fill(start, index, value);
	struct logistic_rows x = { .n = ROWS, .n_columns = WIDE + 2, .n_dense = 2, .dense = two, .start = start, .index = index, .value = value, .positive = mixed_class };
	check(&x, 1, want, -2.89763438088);
	x.value = NULL;
	check(&x, 1, want, -2.89763438088);
}

/* All sparse gives what all dense gives; chosen rows give what a copy of them gives. */
static void test_same_data(void **state)
{
	(void)state;
	size_t start[ROWS + 1];
	uint32_t index[ROWS * WIDE], chosen[ROWS];
	float value[ROWS * WIDE];
	double copy[ROWS * WIDE] = { 0 };
	size_t n = sparse_fill(start, index, value), even = 0;
	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = start[i]; k < start[i + 1]; k++)
			copy[i * WIDE + (index[k] -= 2)] = 1;
	assert_true(n > ROWS);
	struct logistic_rows sparse = { .n = ROWS, .n_columns = WIDE, .start = start, .index = index, .value = value, .positive = mixed_class };
	struct logistic_rows plain = { .n = ROWS, .n_columns = WIDE, .n_dense = WIDE, .dense = copy, .positive = mixed_class };
	struct logistic_options o = { .tolerance = 1e-11, .rounds = 1000 };
	struct logistic a, b;
	for (uint32_t i = 0; i < ROWS / 2; i++)
		chosen[even++] = i;
	for (int round = 0; round < 2; round++) {
		logistic_fit(&sparse, round ? chosen : NULL, even, &o, &a);
		plain.n = round ? even : ROWS;
		logistic_fit(&plain, NULL, 0, &o, &b);
		for (size_t i = 0; i < WIDE; i++)
			assert_true(near(a.weights[i], b.weights[i], 1e-7, 1e-9));
		assert_true(near(logistic_score(&a, &sparse, 3), logistic_score(&b, &plain, 3), 1e-7, 0));
		logistic_free(&a), logistic_free(&b);
	}
}

static void test_edges(void **state)
{
	(void)state;
	static const bool all[ROWS] = { false };
	double wild[4] = { 1e150, -1e150, 1e-300, 0 };
	const bool half[4] = { true, false, true, false };
	struct logistic m;
	struct logistic_rows one_class = { .n = ROWS, .n_columns = WIDE, .n_dense = WIDE, .dense = dense, .positive = all };
	logistic_fit(&one_class, NULL, 0, NULL, &m);
	assert_true(!m.converged && m.weights[0] == 0 && m.intercept == 0);
	logistic_free(&m);
	struct logistic_rows none = { .n = 0, .n_columns = 0 }, empty = { .n = 4, .n_columns = 0, .positive = half };
	logistic_fit(&none, NULL, 0, NULL, &m);
	logistic_free(&m);
	logistic_fit(&empty, NULL, 0, NULL, &m);
	assert_true(m.intercept == 0);
	logistic_free(&m);
	struct logistic_rows large = { .n = 4, .n_columns = 1, .n_dense = 1, .dense = wild, .positive = half };
	logistic_fit(&large, NULL, 0, NULL, &m);
	assert_true(isfinite(m.weights[0]) && isfinite(m.intercept));
	logistic_free(&m);
	const double apart[4] = { 5, -5, 4, -4 };
	struct logistic_options tiny = { .l2 = 1e-9, .rounds = 500 };
	large.dense = apart;
	logistic_fit(&large, NULL, 0, &tiny, &m);
	assert_true(isfinite(m.weights[0]) && m.weights[0] > 1 && logistic_score(&m, &large, 0) > 0 && logistic_score(&m, &large, 1) < 0);
	logistic_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_dense), cmocka_unit_test(test_mixed), cmocka_unit_test(test_same_data), cmocka_unit_test(test_edges) };
	return cmocka_run_group_tests(tests, setup, NULL);
}
