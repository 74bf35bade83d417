/* Chi-square test of homogeneity of the 2 x K table (Pearson 1900; Yates 1934 for K = 2), K - 1 degrees of freedom. From 0.
 * Effect: Cramer's V with Bergsma's correction. p is an approximation where expected counts are small. Evidently's variant takes the reference for the truth
 * itself (goodness of fit): it flags a third of columns where nothing changed, and any category the reference lacks makes p 0. */
#include <math.h>
#include "core/drift/bins.h"
#include "core/drift/special.h"

static double fit(const struct bins *b)
{
	double sum = 0;
	for (size_t i = 0; i < b->n; i++) {
		double e = b->ref[i] * b->n_cur / b->n_ref, gap = b->cur[i] - e;
		sum += e > 0 ? gap * gap / e : INFINITY;
	}
	return sum;
}

static double homogeneity(const struct bins *b)
{
	double all = b->n_ref + b->n_cur, sum = 0;
	for (size_t i = 0; i < b->n; i++) {
		double total = b->ref[i] + b->cur[i], x = total * b->n_ref / all, y = total * b->n_cur / all, gap = fabs(b->ref[i] - x);
		if (b->n == 2)
			gap -= fmin(0.5, gap);
		sum += gap * gap / x + gap * gap / y;
	}
	return sum;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct bins b;
	bins_make(p, BINS_OF_VALUES, false, &b);
	double df = (double)b.n - 1;
	r->statistic = o->evidently ? fit(&b) : homogeneity(&b);
	r->p = df == 0 && !o->evidently ? 1 : chi2_upper(r->statistic, df);
	r->effect = df == 0 ? 0 : cramers_v(homogeneity(&b), 2, (double)b.n, b.n_ref + b.n_cur);
	r->null_value = df, r->extra[0] = df;
	bins_free(&b);
}

const struct drift_test drift_test_chi_square = {
	.id = "chi_square", .title = "Chi-square", .source = "Pearson 1900; Yates 1934; Bergsma 2013",
	.kind = TEST_P_VALUE, .types = FOR_WORDS, .effect = "Cramer's V", .extra_names = { "df" }, .effect_floor = 0.1,
	.evidently_id = "chisquare", .evidently_title = "chi-square p_value", .evidently_threshold = 0.05, .evidently_op = '<', .run = run,
};
