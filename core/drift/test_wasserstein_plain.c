/* Wasserstein distance of order 1: the area between F and G, in the unit of the data. From 0; says by how much values moved on average. No effect of its
 * own: its size depends on the unit. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/wasserstein.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	(void)o;
	r->statistic = p->walk.area * p->walk.unit;
	r->null_value = wasserstein_noise(p) * p->walk.unit;
}

const struct drift_test drift_test_wasserstein_plain = {
	.id = "wasserstein_plain", .title = "Wasserstein distance", .source = "Vaserstein 1969",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS, .effect_floor = NAN, .run = run,
};
