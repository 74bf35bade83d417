/* Total variation distance: half of sum |p - q|, the share of rows that would have to change their category. 0 .. 1. p by permutation: the share of random
 * divisions of all rows that differ at least as much. Up to 20,000 rows rows are drawn; beyond, the counts' normal limit is (as many
 * draws, at a cost that does not grow with rows). Expected with no drift: half of sum sqrt(2/pi p (1-p) (1/n+1/m)).
 * Evidently's variant draws 1,000 divisions from the Mersenne Twister seeded with 0 and counts hits / 1,000; ours (hits + 1) / (draws + 1). Limits: 2^18 rows there; ours gives no p for
 * more than 100,000 categories, and draws less often for many. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/bins.h"
#include "core/drift/random.h"

enum { ROWS_TO = 20000, EVIDENTLY_DRAWS = 1000, MOST_ROWS = 1 << 18, MOST_CATEGORIES = 100000, MOST_NUMBERS = 20000000 };

static double distance(const struct bins *b, const double *ref)
{
	double sum = 0;
	for (size_t i = 0; i < b->n; i++)
		sum += fabs(ref[i] / b->n_ref - (b->ref[i] + b->cur[i] - ref[i]) / b->n_cur);
	return sum / 2;
}

/* Every row's category: those of the reference first. In what order categories come does not matter to a random division's distribution. */
static uint32_t *rows_of(const struct bins *b)
{
	uint32_t *rows = mem_array((size_t)(b->n_ref + b->n_cur), sizeof *rows), *at = rows;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < b->n; i++)
			for (double k = side ? b->cur[i] : b->ref[i]; k > 0; k--)
				*at++ = (uint32_t)i;
	return rows;
}

static double count_first(const struct bins *b, const uint32_t *rows, const uint32_t *order, double *ref)
{
	for (size_t i = 0; i < b->n; i++)
		ref[i] = 0;
	for (size_t i = 0; i < (size_t)b->n_ref; i++)
		ref[rows[order ? order[i] : i]]++;
	return distance(b, ref);
}

/* The order of rows decides which draw makes which division. */
static double evidently_p(const struct pair *p, const struct bins *b, double seen, double *ref)
{
	uint32_t all = (uint32_t)(b->n_ref + b->n_cur), *rows = rows_of(b), *order = mem_array(all, sizeof *order);
	struct twister t;
	int hits = 0;
	if (p->row_ref && p->row_cur) {
		memcpy(rows, p->row_ref, p->n_ref * sizeof *rows);
		memcpy(rows + p->n_ref, p->row_cur, p->n_cur * sizeof *rows);
	}
	twister_seed(&t, 0);
	for (int draw = 0; draw < EVIDENTLY_DRAWS; draw++) {
		for (uint32_t i = 0; i < all; i++)
			order[i] = i;
		for (uint32_t i = all - 1; i > 0; i--) {
			uint32_t j = twister_to(&t, i), swap = order[i];
			order[i] = order[j], order[j] = swap;
		}
		hits += seen <= count_first(b, rows, order, ref);
	}
	free(rows), free(order);
	return (double)hits / EVIDENTLY_DRAWS;
}

/* Moves a random choice of n_ref rows to the front. */
static void draw_rows(uint32_t *rows, const struct bins *b, struct random *g)
{
	uint64_t all = (uint64_t)(b->n_ref + b->n_cur);
	for (uint64_t i = 0; i < (uint64_t)b->n_ref; i++) {
		uint64_t j = i + random_below(g, all - i);
		uint32_t swap = rows[i];
		rows[i] = rows[j], rows[j] = swap;
	}
}

/* Counts of a random division in the limit: normal, with the covariance of drawing without replacement. */
static double draw_limit(const struct bins *b, struct random *g, double *z)
{
	double all = b->n_ref + b->n_cur, common = 0, sum = 0, noise = sqrt(bins_noise(b));
	for (size_t i = 0; i < b->n; i++) {
		z[i] = random_normal(g) * sqrt((b->ref[i] + b->cur[i]) / all);
		common += z[i];
	}
	for (size_t i = 0; i < b->n; i++)
		sum += fabs(z[i] - (b->ref[i] + b->cur[i]) / all * common);
	return sum / 2 * noise;
}

static double our_p(const struct bins *b, double seen, const struct test_options *o, double *ref)
{
	struct random g = { o->seed };
	int draws = o->permutations > 0 ? o->permutations : TEST_PERMUTATIONS, hits = 0;
	bool by_rows = b->n_ref + b->n_cur <= ROWS_TO;
	if (b->n > MOST_CATEGORIES)
		return NAN;
	if (!by_rows && (size_t)draws * b->n > MOST_NUMBERS)
		draws = MOST_NUMBERS / (int)b->n < 99 ? 99 : MOST_NUMBERS / (int)b->n;
	uint32_t *rows = by_rows ? rows_of(b) : NULL;
	for (int i = 0; i < draws; i++) {
		if (by_rows)
			draw_rows(rows, b, &g);
		hits += (by_rows ? count_first(b, rows, NULL, ref) : draw_limit(b, &g, ref)) >= seen * (1 - 1e-12);
	}
	free(rows);
	return (hits + 1.0) / (draws + 1.0);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	struct bins b;
	double all = (double)p->n_ref + (double)p->n_cur, noise = 0, most = 0;
	bins_make(p, BINS_OF_VALUES, false, &b);
	for (size_t i = 0; i < b.n; i++) {
		double share = (b.ref[i] + b.cur[i]) / all;
		noise += sqrt(M_2_PI * share * (1 - share) * bins_noise(&b)) / 2;
		most = fmax(most, fabs(b.ref[i] / b.n_ref - b.cur[i] / b.n_cur));
	}
	r->statistic = r->effect = distance(&b, b.ref), r->null_value = noise, r->extra[0] = most;
	if (o->evidently && all > MOST_ROWS) {
		bins_free(&b);
		test_cannot(r, "too many rows for a permutation of each");
		return;
	}
	double *room = mem_array(b.n, sizeof *room);
	r->p = o->evidently ? evidently_p(p, &b, r->statistic, room) : our_p(&b, r->statistic, o, room);
	free(room);
	bins_free(&b);
}

const struct drift_test drift_test_total_variation = {
	.id = "total_variation", .title = "Total variation distance", .source = "Gibbs and Su 2002; Good 2005",
	.kind = TEST_P_VALUE, .types = FOR_WORDS, .effect = "TV", .extra_names = { "l_infinity" }, .effect_floor = 0.05,
	.evidently_id = "TVD", .evidently_title = "Total-Variation-Distance", .evidently_threshold = 0.1, .evidently_op = '<', .run = run,
};
