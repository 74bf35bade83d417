/* A category of c rows in both sides together is absent from a side of n among N rows by chance with probability C(N-c, n) / C(N, n). Summed over categories this
 * is the number to be expected; these events hinder each other, so a Poisson tail with that mean does not understate p. */
#include <math.h>
#include "core/drift/absent.h"
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

static double chance_absent(double rows, double side, double c)
{
	return c > rows - side ? 0 : exp(log_binomial(rows - c, side) - log_binomial(rows, side));
}

void absent_count(const struct pair *p, bool of_ref, struct test_result *r)
{
	double n = (double)p->n_ref, m = (double)p->n_cur, side = of_ref ? n : m, count = 0, rows = 0, expected = 0, before = -1, chance = 0;
	for (size_t i = 0; i < p->n_cats; i++) {
		double here = of_ref ? p->cats[i].ref : p->cats[i].cur, there = of_ref ? p->cats[i].cur : p->cats[i].ref;
		if (here + there != before)
			chance = chance_absent(n + m, side, here + there), before = here + there;
		expected += chance;
		if (here == 0)
			count++, rows += there;
	}
	r->statistic = count, r->null_value = expected;
	r->effect = rows / (of_ref ? m : n);
	r->p = count == 0 ? 1 : expected > 0 ? gamma_p(count, expected) : 0;
}
