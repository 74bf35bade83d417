/* The greatest shift of a decile, in units of the reference's interquartile range (its standard deviation where that is 0). From 0. Says where a distribution moved; has no p.
 * A quantile's own noise depends on the density there, so no expectation is given. */
#include <math.h>
#include "core/drift/drift_test.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double unit = p->walk.unit, most = 0, where = 0.5, sign = 0;
	double spread = quantile_sorted(p->ref.sorted, p->ref.n, 0.75) / unit - quantile_sorted(p->ref.sorted, p->ref.n, 0.25) / unit;
	(void)o;
	if (!(spread > 0))
		spread = sqrt(p->ref.m2 / (double)p->ref.n) * (p->ref.unit / unit);
	for (int i = 1; i < 10; i++) {
		double gap = quantile_sorted(p->cur.sorted, p->cur.n, i / 10.0) / unit - quantile_sorted(p->ref.sorted, p->ref.n, i / 10.0) / unit;
		if (fabs(gap) > most)
			most = fabs(gap), where = i / 10.0, sign = gap > 0 ? 1 : -1;
	}
	if (!(spread > 0) && most > 0) {
		test_cannot(r, "the reference is constant");
		return;
	}
	r->statistic = r->effect = most > 0 ? most / spread : 0;
	r->extra[0] = where, r->extra[1] = sign * most * unit;
}

const struct drift_test drift_test_quantiles = {
	.id = "quantiles", .title = "Shift of deciles", .source = "Doksum 1974",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS, .effect = "shift/IQR", .extra_names = { "at", "shift" }, .effect_floor = 0.15, .run = run,
};
