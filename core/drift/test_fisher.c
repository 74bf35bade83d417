/* Fisher's exact test of two categories (Fisher 1935), two-sided: the sum of all tables with these margins that are at most as likely. Statistic: the odds ratio of the first
 * category. Effect: change of its share. Evidently's variant refuses sides of different sizes and missing or infinite values. */
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

static const char *refusal(const struct pair *p, bool evidently)
{
	if (evidently && (p->ref.missing || p->cur.missing || p->ref.inf || p->cur.inf))
		return "missing or infinite values";
	if (p->n_cats > 2)
		return "more than two categories";
	if (evidently && p->n_ref != p->n_cur)
		return "the sides differ in size";
	return NULL;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	const char *why = refusal(p, o->evidently);
	if (why) {
		test_cannot(r, why);
		return;
	}
	double n = (double)p->n_ref, m = (double)p->n_cur, a = p->cats[0].ref, c = p->cats[0].cur;
	double up = a * (m - c), down = (n - a) * c;
	r->statistic = up == 0 && down == 0 ? 1 : up / down;
	r->p = hypergeometric_two_sided(a, n - a, c, m - c);
	r->effect = c / m - a / n, r->null_value = 1;
}

const struct drift_test drift_test_fisher = {
	.id = "fisher", .title = "Fisher's exact test", .source = "Fisher 1935",
	.kind = TEST_P_VALUE, .types = FOR_WORDS, .effect = "change of share", .effect_floor = 0.05,
	.evidently_id = "fisher_exact", .evidently_title = "Fisher's Exact test", .evidently_threshold = 0.1, .evidently_op = '<', .run = run,
};
