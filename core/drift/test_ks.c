/* Kolmogorov-Smirnov: D = sup |F - G| (Smirnov 1939). p exact by lattice paths while both sides have at most 10,000 values (Hodges 1957), else Kolmogorov's
 * exact one-sample distribution at nm/(n+m) rounded to even (Simard and L'Ecuyer 2011), which is closer than the limit in n. 0 <= D <= 1.
 * Effect: D itself. Ties make p larger than it need be. Expected D with no drift: sqrt(pi/2) ln 2 sqrt(1/n + 1/m). */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double n = (double)p->ref.n, m = (double)p->cur.n, d = fmax(p->walk.d_plus, p->walk.d_minus);
	bool exact = n <= 10000 && m <= 10000;
	(void)o;
	r->statistic = r->effect = d;
	r->p = exact ? smirnov_two_sample_exact(d, (int)n, (int)m) : kolmogorov_upper(nearbyint(n * m / (n + m)), d);
	r->null_value = 0.868731160636160 * sqrt(1 / n + 1 / m);
	r->extra[0] = p->walk.d_at, r->extra[1] = p->walk.d_sign, r->extra[2] = exact;
}

const struct drift_test drift_test_ks = {
	.id = "ks", .title = "Kolmogorov-Smirnov", .source = "Smirnov 1939; Hodges 1957; Simard and L'Ecuyer 2011",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "D", .extra_names = { "location", "sign", "exact" }, .effect_floor = 0.1,
	.evidently_id = "ks", .evidently_title = "K-S p_value", .evidently_threshold = 0.05, .evidently_op = 'l', .run = run,
};
