/* Welch's t for two means with unequal variances (Welch 1947), degrees of freedom by Satterthwaite, two-sided. Statistic: reference less current.
 * Effect: Cohen's d, positive when the current mean is the greater. Sees the mean only. */
#include <math.h>
#include "core/drift/means.h"
#include "core/drift/special.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct means a;
	means_of(p, o->evidently, &a);
	if (a.n < 2 || a.m < 2) {
		if (!o->evidently)
			test_cannot(r, "each side needs two values");
		return;
	}
	double x = a.m2_ref / (a.n - 1) / a.n, y = a.m2_cur / (a.m - 1) / a.m, all = x + y;
	double df = all > 0 ? 1 / (x / all * (x / all) / (a.n - 1) + y / all * (y / all) / (a.m - 1)) : 1;
	r->statistic = all == 0 && a.gap == 0 && !o->evidently ? 0 : a.gap / sqrt(all);
	r->p = isinf(all) ? 1 : student_two_sided(r->statistic, df);
	r->effect = a.cohen_d, r->null_value = 0, r->extra[0] = df;
}

const struct drift_test drift_test_welch = {
	.id = "welch", .title = "Welch's t", .source = "Welch 1947; Cohen 1988",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "Cohen's d", .extra_names = { "df" }, .effect_floor = 0.2, .run = run,
};
