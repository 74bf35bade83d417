/* Maximum mean discrepancy of one column (Gretton et al. 2012): the unbiased squared distance of both sides' means in the feature space of a Gaussian kernel of median width.
 * Around 0 with no drift (it may be negative), at most 2. p by permutation. Of a side of more than 500 values 500 random ones are used, so
 * that the cost is bounded. Evidently's variant uses all values (up to 4,096 a side here) and 100 permutations, whose p is random there. */
#include <stdlib.h>
#include "core/base/mem.h"
#include "core/drift/drift_test.h"
#include "core/drift/mmd.h"
#include "core/drift/random.h"

enum { MOST = 500, EVIDENTLY_DRAWS = 100 };

/* A random choice of `most` values, in the walk's unit. Evenly spaced ones would be more alike than random rows are. */
static double *sample(const struct side *s, double unit, size_t most, struct random *g, size_t *n)
{
	double *to = mem_array(s->n < most ? s->n : most, sizeof *to);
	size_t left = s->n, want = s->n < most ? s->n : most;
	*n = 0;
	for (size_t i = 0; i < s->n && *n < want; i++, left--)
		if (random_below(g, left) < want - *n)
			to[(*n)++] = s->sorted[i] / unit;
	return to;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct random g = { o->seed ^ 0x6d6d64 };
	double unit = o->evidently ? 1 : p->walk.unit;
	size_t n, m;
	int draws = o->permutations > 0 ? o->permutations : o->evidently ? EVIDENTLY_DRAWS : TEST_PERMUTATIONS;
	if (o->evidently && (p->ref.n > MMD_MOST || p->cur.n > MMD_MOST)) {
		test_cannot(r, "more than 4,096 values a side");
		return;
	}
	double *x = sample(&p->ref, unit, o->evidently ? MMD_MOST : MOST, &g, &n);
	double *y = sample(&p->cur, unit, o->evidently ? MMD_MOST : MOST, &g, &m);
	if (!mmd_points(x, n, y, m, 1, &(struct mmd_options){ .most = draws, .seed = o->seed }, &r->statistic, &r->p))
		test_cannot(r, "each side needs two values");
	else
		r->effect = r->statistic, r->null_value = 0, r->extra[0] = (double)n, r->extra[1] = (double)m;
	free(x), free(y);
}

const struct drift_test drift_test_mmd = {
	.id = "mmd", .title = "Maximum mean discrepancy", .source = "Gretton, Borgwardt, Rasch, Schoelkopf and Smola 2012",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect = "MMD^2", .extra_names = { "sampled_ref", "sampled_cur" }, .effect_floor = 0.01,
	.evidently_id = "empirical_mmd", .evidently_title = "empirical_mmd", .evidently_threshold = 0.1, .evidently_op = '<', .run = run,
};
