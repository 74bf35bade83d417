/* Change of the share of missing values. Statistic and effect: current share less reference share. p: Fisher's exact test while both sides together have at most 100,000 rows, else
 * the z test. Interval: Newcombe 1998 (method 10), from Wilson's intervals of both shares. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

static void wilson(double k, double n, double *lo, double *hi)
{
	const double z = 1.959963984540054;
	double p = k / n, mid = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)), scale = 1 + z * z / n;
	*lo = fmax(0, (mid - half) / scale), *hi = fmin(1, (mid + half) / scale);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double n = (double)p->ref.rows, m = (double)p->cur.rows, a = (double)p->ref.missing, b = (double)p->cur.missing;
	(void)o;
	if (n == 0 || m == 0) {
		test_cannot(r, "a side has no rows");
		return;
	}
	double x = a / n, y = b / m, lo1, hi1, lo2, hi2, all = (a + b) / (n + m);
	wilson(a, n, &lo1, &hi1);
	wilson(b, m, &lo2, &hi2);
	r->statistic = r->effect = y - x, r->null_value = 0;
	r->extra[0] = y - x - sqrt((y - lo2) * (y - lo2) + (hi1 - x) * (hi1 - x));
	r->extra[1] = y - x + sqrt((hi2 - y) * (hi2 - y) + (x - lo1) * (x - lo1));
	r->extra[2] = x, r->extra[3] = y;
	if (n + m <= 100000)
		r->p = hypergeometric_two_sided(a, n - a, b, m - b);
	else
		r->p = x == y ? 1 : normal_two_sided((x - y) / sqrt(all * (1 - all) * (1 / n + 1 / m)));
}

const struct drift_test drift_test_missing = {
	.id = "missing", .title = "Missing share", .source = "Fisher 1935; Newcombe 1998",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS | FOR_WORDS | FOR_TEXT, .effect = "change of share",
	.extra_names = { "low", "high", "reference", "current" }, .effect_floor = 0.01, .run = run,
};
