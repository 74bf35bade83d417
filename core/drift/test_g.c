/* G test of homogeneity of the 2 x K table: 2 sum O ln(O/E) (Wilks 1935), K - 1 degrees of freedom. From 0. Effect: Cramer's V, from G in the place of chi-square.
 * Evidently's variant measures the fit to the reference's counts as they are, so it is defined for equal sizes only. */
#include <math.h>
#include "core/drift/bins.h"
#include "core/drift/special.h"

static double fit(const struct bins *b)
{
	double sum = 0;
	for (size_t i = 0; i < b->n; i++)
		sum += b->cur[i] > 0 ? b->cur[i] * log(b->cur[i] / b->ref[i]) : 0;
	return 2 * sum;
}

static double homogeneity(const struct bins *b)
{
	double all = b->n_ref + b->n_cur, sum = 0;
	for (size_t i = 0; i < b->n; i++) {
		double total = b->ref[i] + b->cur[i];
		sum += b->ref[i] > 0 ? b->ref[i] * log(b->ref[i] * all / (total * b->n_ref)) : 0;
		sum += b->cur[i] > 0 ? b->cur[i] * log(b->cur[i] * all / (total * b->n_cur)) : 0;
	}
	return fmax(0, 2 * sum);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct bins b;
	bins_make(p, BINS_OF_VALUES, false, &b);
	double df = (double)b.n - 1;
	if (o->evidently && fabs(b.n_ref - b.n_cur) > 1e-8 * fmin(b.n_ref, b.n_cur)) {
		bins_free(&b);
		test_cannot(r, "the sides differ in size");
		return;
	}
	r->statistic = o->evidently ? fit(&b) : homogeneity(&b);
	r->p = df == 0 && !o->evidently ? 1 : chi2_upper(r->statistic, df);
	r->effect = df == 0 ? 0 : cramers_v(homogeneity(&b), 2, (double)b.n, b.n_ref + b.n_cur);
	r->null_value = df, r->extra[0] = df;
	bins_free(&b);
}

const struct drift_test drift_test_g = {
	.id = "g", .title = "G test", .source = "Wilks 1935; Bergsma 2013",
	.kind = TEST_P_VALUE, .types = FOR_WORDS, .effect = "Cramer's V", .extra_names = { "df" }, .effect_floor = 0.1,
	.evidently_id = "g_test", .evidently_title = "g_test", .evidently_threshold = 0.1, .evidently_op = '<', .run = run,
};
