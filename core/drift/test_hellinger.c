/* Hellinger distance: sqrt(1 - sum sqrt(p q)) (Hellinger 1909; Bhattacharyya 1943). 0 .. 1. Numbers in equal bins, as many as Sturges says for the number of distinct
 * pooled values. p by 8 H^2 / (1/n + 1/m) as chi-square. */
#include <math.h>
#include "core/drift/divergence.h"

/* By densities, as Evidently has it: their products vanish for huge values, their quotients overflow for tiny ones, and far from 0 the edges' rounding shows. */
static double overlap_of_densities(const struct bins *b)
{
	double sum = 0, mean = (b->hi - b->lo) / (double)b->n;
	for (size_t i = 0; i < b->n; i++) {
		double width = bin_edge(b->lo, b->hi, b->n, i + 1) - bin_edge(b->lo, b->hi, b->n, i);
		sum += sqrt(b->ref[i] / width / b->n_ref * (b->cur[i] / width / b->n_cur)) * mean;
	}
	return sum;
}

static double overlap(const struct bins *b)
{
	double sum = 0;
	for (size_t i = 0; i < b->n; i++)
		sum += sqrt(b->ref[i] / b->n_ref * (b->cur[i] / b->n_cur));
	return sum;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct bins b;
	bins_make(p, BINS_OF_DISTINCT, o->numpy1, &b);
	double same = o->evidently && b.lo < b.hi ? overlap_of_densities(&b) : overlap(&b);
	divergence_result(&b, same > 1 ? 0 : 1 - same, 8, true, !o->evidently, r);
	bins_free(&b);
}

const struct drift_test drift_test_hellinger = {
	.id = "hellinger", .title = "Hellinger distance", .source = "Hellinger 1909; Bhattacharyya 1943",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS | FOR_WORDS, .effect = "H", .extra_names = DIVERGENCE_EXTRAS, .effect_floor = 0.1,
	.evidently_id = "hellinger", .evidently_title = "Hellinger distance", .evidently_threshold = 0.1, .evidently_op = 'g', .run = run,
};
