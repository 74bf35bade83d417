/* Student's t for two means with a pooled variance (Student 1908), n + m - 2 degrees of freedom, two-sided. Statistic: reference less current, from 0 both ways.
 * Effect: Cohen's d, positive when the current mean is the greater. Assumes equal variances; sees the mean only. */
#include <math.h>
#include "core/drift/means.h"
#include "core/drift/special.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct means a;
	means_of(p, o->evidently, &a);
	double df = a.n + a.m - 2;
	if (df < 1 || (o->evidently && (a.n < 2 || a.m < 2))) {
		if (!o->evidently)
			test_cannot(r, "too few rows");
		return;
	}
	double se = sqrt((a.m2_ref + a.m2_cur) / df * (1 / a.n + 1 / a.m));
	r->statistic = se == 0 && a.gap == 0 && !o->evidently ? 0 : a.gap / se;
	r->p = student_two_sided(r->statistic, df);
	r->effect = a.cohen_d, r->null_value = 0, r->extra[0] = df;
}

const struct drift_test drift_test_t = {
	.id = "t", .title = "Student's t", .source = "Student 1908; Cohen 1988",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "Cohen's d", .extra_names = { "df" }, .effect_floor = 0.2,
	.evidently_id = "t_test", .evidently_title = "t_test", .evidently_threshold = 0.05, .evidently_op = '<', .run = run,
};
