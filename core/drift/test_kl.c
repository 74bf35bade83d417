/* Kullback-Leibler divergence of the reference from the current data: sum p ln(p/q), natural logarithm (Kullback and Leibler 1951). From 0, without bound. Empty bins are
 * filled, then both shares are normed again. Expected with no drift: (B-1)(1/n+1/m)/2, too low where filling matters. */
#include <math.h>
#include <stdlib.h>
#include "core/base/mem.h"
#include "core/drift/divergence.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct bins b;
	bins_make(p, BINS_OF_ROWS, o->numpy1, &b);
	double *x = mem_array(2 * b.n, sizeof *x), *y = x + b.n, sum = 0, all_x = 0, all_y = 0;
	shares_filled(b.ref, b.n, b.n_ref, x);
	shares_filled(b.cur, b.n, b.n_cur, y);
	for (size_t i = 0; i < b.n; i++)
		all_x += x[i], all_y += y[i];
	for (size_t i = 0; i < b.n; i++)
		sum += x[i] / all_x * log(x[i] / all_x / (y[i] / all_y));
	divergence_result(&b, sum, 2, false, false, r);
	free(x);
	bins_free(&b);
}

const struct drift_test drift_test_kl = {
	.id = "kl", .title = "Kullback-Leibler divergence", .source = "Kullback and Leibler 1951",
	.kind = TEST_DISTANCE, .types = FOR_NUMBERS | FOR_WORDS, .effect = "KL", .extra_names = DIVERGENCE_EXTRAS, .effect_floor = 0.1,
	.evidently_id = "kl_div", .evidently_title = "Kullback-Leibler divergence", .evidently_threshold = 0.1, .evidently_op = 'g', .run = run,
};
