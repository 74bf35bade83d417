/* Current values outside the reference's range: their share (statistic and effect). With no drift the number outside is beta-binomial with 2 and n - 1 (exceedances: Gumbel and
 * von Schelling 1950); p is its upper tail, expected share 2/(n+1). Ties only make p larger. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

/* P(K >= k) of K values outside among m: P(K = l) = (l + 1) C(N-l-2, n-2) / C(N, n), summed upwards by the ratio of neighbours. */
static double at_least(double k, double n, double m)
{
	double all = n + m, term = (k + 1) * exp(log_binomial(all - k - 2, n - 2) - log_binomial(all, n)), sum = 0;
	for (double l = k; l <= m; l++) {
		sum += term;
		if (term < sum * 1e-17)
			break;
		term *= (l + 2) / (l + 1) * (m - l) / (all - l - 2);
	}
	return fmin(1, sum);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double n = (double)p->ref.n, m = (double)p->cur.n;
	double below = (double)count_below(p->cur.sorted, p->cur.n, p->ref.min), above = m - (double)count_to(p->cur.sorted, p->cur.n, p->ref.max);
	(void)o;
	r->statistic = r->effect = (below + above) / m;
	r->null_value = 2 / (n + 1);
	r->p = below + above == 0 ? 1 : n < 2 ? NAN : at_least(below + above, n, m);
	r->extra[0] = below, r->extra[1] = above, r->extra[2] = p->ref.min, r->extra[3] = p->ref.max;
}

const struct drift_test drift_test_range = {
	.id = "range", .title = "Out of range", .source = "Gumbel and von Schelling 1950",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "share of current rows", .extra_names = { "below", "above", "low", "high" },
	.effect_floor = 0.01, .run = run,
};
