/* z test of two proportions with a pooled variance: the share of rows that are not in the first category. Effect: change of that share.
 * For two categories; Evidently's variant takes any number, the first against the rest, and loses small p in 1 - cdf. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double n = (double)p->n_ref, m = (double)p->n_cur;
	if (p->n_cats > 2 && !o->evidently) {
		test_cannot(r, "more than two categories");
		return;
	}
	double x = (n - p->cats[0].ref) / n, y = (m - p->cats[0].cur) / m, all = (x * n + y * m) / (n + m);
	r->null_value = 0, r->effect = y - x;
	if (p->n_cats == 1) {
		r->statistic = 0, r->p = 1;
		return;
	}
	r->statistic = (x - y) / sqrt(all * (1 - all) * (1 / n + 1 / m));
	double cdf = 1 - normal_upper(fabs(r->statistic));
	r->p = o->evidently ? 2 * (1 - cdf) : normal_two_sided(r->statistic);
}

const struct drift_test drift_test_z = {
	.id = "z", .title = "z test of proportions", .source = "Laplace 1812; Pearson 1900",
	.kind = TEST_P_VALUE, .types = FOR_WORDS, .effect = "change of share", .effect_floor = 0.05,
	.evidently_id = "z", .evidently_title = "Z-test p_value", .evidently_threshold = 0.05, .evidently_op = '<', .run = run,
};
