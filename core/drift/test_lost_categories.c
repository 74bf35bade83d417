/* Categories that the current data lack: how many (statistic), the share of reference rows in them (effect), how many chance would make at these sizes, and the
 * Poisson probability of at least as many. */
#include "core/drift/absent.h"
#include "core/drift/drift_test.h"

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	(void)o;
	absent_count(p, false, r);
}

const struct drift_test drift_test_lost_categories = {
	.id = "lost_categories", .title = "Lost categories", .source = "hypergeometric; Poisson 1837",
	.kind = TEST_P_VALUE, .types = FOR_WORDS, .effect = "share of reference rows", .effect_floor = 0.01, .run = run,
};
