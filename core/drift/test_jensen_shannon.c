/* Jensen-Shannon distance: the square root of the mean divergence of both shares from their middle, natural logarithm (Lin 1991; Endres and Schindelin 2003).
 * 0 .. sqrt(ln 2) = 0.83. p by 8 JS^2 / (1/n + 1/m) as chi-square; expected with no drift: sqrt((B-1)(1/n+1/m)/8), within 5 % by simulation. */
#include <math.h>
#include "core/drift/divergence.h"

void jensen_shannon_of_bins(const struct bins *b, bool with_p, struct test_result *r)
{
	double sum = 0;
	for (size_t i = 0; i < b->n; i++) {
		double x = b->ref[i] / b->n_ref, y = b->cur[i] / b->n_cur, mid = (x + y) / 2;
		sum += (x > 0 ? x * log(x / mid) : 0) + (y > 0 ? y * log(y / mid) : 0);
	}
	divergence_result(b, sum / 2, 8, true, with_p, r);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct bins b;
	bins_make(p, BINS_OF_ROWS, o->numpy1, &b);
	jensen_shannon_of_bins(&b, !o->evidently, r);
	bins_free(&b);
}

const struct drift_test drift_test_jensen_shannon = {
	.id = "jensen_shannon", .title = "Jensen-Shannon distance", .source = "Lin 1991; Endres and Schindelin 2003",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS | FOR_WORDS, .effect = "JS", .extra_names = DIVERGENCE_EXTRAS, .effect_floor = 0.1,
	.evidently_id = "jensenshannon", .evidently_title = "Jensen-Shannon distance", .evidently_threshold = 0.1, .evidently_op = 'g', .run = run,
};
