/* Mann-Whitney: U1 = R1 - n(n+1)/2 with midranks (Mann and Whitney 1947). Two-sided p: exact by counting while a side has at most 8 values and none are tied,
 * else normal with continuity and tie correction. Effect: Cliff's delta, -1..1, positive when current values are the greater (Cliff 1993).
 * Sees shifts only. Evidently's variant is one-sided: current greater than reference; a fall is never detected. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

enum { EXACT_TO = 8 };
#define MOST_STATES 4e6                          /* of U in the exact count: 32 MB */

/* P(U <= most): the Gaussian binomial coefficient, prod (1 - q^(m+i)) / (1 - q^i), as a polynomial in q. */
static double exact_lower(size_t n, size_t m, double most)
{
	if (most < 0)
		return 0;
	size_t states = n * m + 1, last = most >= (double)states ? states - 1 : (size_t)most;
	double *ways = mem_zalloc(states * sizeof *ways), sum = 0;
	ways[0] = 1;
	for (size_t i = 1; i <= n; i++) {
		for (size_t k = i; k < states; k++)
			ways[k] += ways[k - i];
		for (size_t k = states - 1; k >= m + i; k--)
			ways[k] -= ways[k - m - i];
	}
	for (size_t k = 0; k <= last; k++)
		sum += ways[k];
	free(ways);
	return sum / exp(log_binomial((double)(n + m), (double)n));
}

/* P(U >= u), from the nearer end. */
static double exact_upper(size_t n, size_t m, double u)
{
	size_t few = n < m ? n : m, many = n < m ? m : n;
	double nm = (double)n * (double)m;
	return u > nm / 2 ? exact_lower(few, many, nm - ceil(u)) : 1 - exact_lower(few, many, ceil(u) - 1);
}

static double normal_p(double u, double n, double m, double ties)
{
	double all = n + m, sd = sqrt(n * m / 12 * (all + 1 - ties / (all * (all - 1)))), gap = u - n * m / 2 - 0.5;
	if (!(sd > 0))
		return gap > 0 ? 0 : 1;
	return normal_upper(gap / sd);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	size_t n = p->ref.n, m = p->cur.n;
	struct ranks ranks;
	pair_ranks(p, &ranks);
	double nm = (double)n * (double)m, u1 = ranks.rank_sum - (double)n * ((double)n + 1) / 2, u2 = nm - u1;
	double u = o->evidently ? u2 : fmax(u1, u2), sides = o->evidently ? 1 : 2;
	bool exact = (n <= EXACT_TO || m <= EXACT_TO) && ranks.tie3 == 0 && nm <= MOST_STATES;
	double tail = exact ? exact_upper(n, m, u) : normal_p(u, (double)n, (double)m, ranks.tie3);
	r->statistic = u1, r->null_value = nm / 2;
	r->p = fmin(1, sides * tail);
	r->effect = 2 * u2 / nm - 1;
	r->extra[0] = exact;
}

const struct drift_test drift_test_mann_whitney = {
	.id = "mann_whitney", .title = "Mann-Whitney U", .source = "Mann and Whitney 1947; Cliff 1993",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "Cliff's delta", .extra_names = { "exact" }, .effect_floor = 0.11,
	.evidently_id = "mannw", .evidently_title = "Mann-Whitney U-rank test", .evidently_threshold = 0.05, .evidently_op = '<', .run = run,
};
