/* Equality of spread: Levene's test with medians (Brown and Forsythe 1974). z = |x - median of its side|; statistic: the F of both sides' means of z, which is the square
 * of Student's t with a pooled variance; p two-sided with n + m - 2 degrees of freedom. From 0.
 * Effect: ln of the current mean distance from the median over the reference's; 0.1 is a tenth more, whatever the shape; infinite where one side is constant.
 * Medians make it hold its level for tails and skewness that the F test of variances does not survive, as long as the sides are of like size: of lognormal values, 1000 against 50, p below 0.001
 * comes four times too often. Extra 2 is p by Welch with the variances apart, which fails on other data than this one does; the larger of both is careful. Sees spread only. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

/* Mean of z, and the sum of its squared deviations. sum z^2 = sum (x - mean)^2 + n (mean - median)^2. */
static double mean_distance(const struct side *s, double unit, double *rest)
{
	const double n = (double)s->n, own = s->unit / unit, mean = s->spread / n * own;
	const double gap = s->mean / unit - quantile_sorted(s->sorted, s->n, 0.5) / unit;
	*rest = s->distinct == 1 ? 0 : fmax(0, s->m2 * own * own + n * (gap * gap - mean * mean));
	return mean;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	const double n = (double)p->ref.n, m = (double)p->cur.n;
	double rest_ref, rest_cur;
	(void)o;
	if (n < 2 || m < 2) {
		test_cannot(r, "each side needs two values");
		return;
	}
	const double x = mean_distance(&p->ref, p->walk.unit, &rest_ref), y = mean_distance(&p->cur, p->walk.unit, &rest_cur), rest = rest_ref + rest_cur;
	if (rest == 0 && (x - y) * (x - y) == 0) {
		test_cannot(r, "all values lie equally far from the median");
		return;
	}
	r->statistic = (x - y) * (x - y) * (n * m / (n + m)) / (rest / (n + m - 2));
	r->p = student_two_sided(sqrt(r->statistic), n + m - 2);
	r->effect = log(y / x);
	r->null_value = 1;
	const double a = rest_ref / (n - 1) / n, b = rest_cur / (m - 1) / m, all = a + b;
	const double df = all > 0 ? 1 / (a / all * (a / all) / (n - 1) + b / all * (b / all) / (m - 1)) : 1;
	r->extra[0] = x * p->walk.unit, r->extra[1] = y * p->walk.unit, r->extra[2] = student_two_sided(fabs(x - y) / sqrt(all), df);
}

const struct drift_test drift_test_levene = {
	.id = "levene", .title = "Levene, with medians", .source = "Brown and Forsythe 1974",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "ln of spread", .extra_names = { "reference", "current", "Welch's p" }, .effect_floor = 0.1, .run = run,
};
