/* Energy distance: sqrt(2 integral of (F - G)^2) (Szekely 1989; Rizzo and Szekely 2016). From 0, in the square root of the data's unit.
 * Effect: D^2 / (2 E|X - Y|), between 0 (equal) and 1, free of units. Expected D^2 with no drift: (1/n + 1/m) E|X - X'|. */
#include <math.h>
#include "core/drift/drift_test.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct ranks ranks, *w = &ranks;
	double root = sqrt(p->walk.unit);
	pair_ranks(p, w);
	(void)o;
	r->statistic = sqrt(2 * w->area2) * root;
	r->effect = w->cross > 0 ? w->area2 / w->cross : 0;
	r->null_value = sqrt(w->cross * (1 / (double)p->ref.n + 1 / (double)p->cur.n)) * root;
}

const struct drift_test drift_test_energy = {
	.id = "energy", .title = "Energy distance", .source = "Szekely 1989; Rizzo and Szekely 2016",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS, .effect = "D^2 / 2E|X-Y|", .effect_floor = 0.01,
	.evidently_id = "ed", .evidently_title = "Energy-distance", .evidently_threshold = 0.1, .evidently_op = '>', .run = run,
};
