#include "core/drift/classifier.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/drift/random.h"

size_t sample_rows(size_t n, size_t most, uint64_t seed, uint32_t *out)
{
	struct random r = { seed };
	size_t k = n < most ? n : most;
	for (size_t i = 0; i < k; i++) {
		size_t from = (size_t)((double)i * (double)n / (double)k), to = (size_t)((double)(i + 1) * (double)n / (double)k);
		out[i] = (uint32_t)(n == k ? i : from + random_below(&r, to > from ? to - from : 1));
	}
	return k;
}

/* ---- folds ---- */

static void deal(const bool *positive, size_t n, bool class_, struct random *r, unsigned char *fold)
{
	uint32_t *rows = mem_array(n ? n : 1, sizeof *rows);
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (positive[i] == class_)
			rows[k++] = (uint32_t)i;
	for (size_t i = 0; i < k; i++) {
		size_t j = i + random_below(r, k - i);
		uint32_t row = rows[j];
		rows[j] = rows[i];
		fold[row] = (unsigned char)(i % CLASSIFIER_FOLDS);
	}
	free(rows);
}

struct crossing { const struct logistic_rows *x; unsigned char *fold; size_t positives; struct auc auc[CLASSIFIER_FOLDS]; };

struct crossing *crossing_new(const struct logistic_rows *x)
{
	struct random r = { 1 };
	size_t positives = 0;
	for (size_t i = 0; i < x->n; i++)
		positives += x->positive[i];
	if (positives < CLASSIFIER_FEWEST_ROWS || x->n - positives < CLASSIFIER_FEWEST_ROWS)
		return NULL;
	struct crossing *c = mem_zalloc(sizeof *c);
	c->x = x, c->positives = positives, c->fold = mem_zalloc(x->n);
	deal(x->positive, x->n, true, &r, c->fold);
	deal(x->positive, x->n, false, &r, c->fold);
	return c;
}

void crossing_fold(struct crossing *c, size_t k)
{
	size_t n = c->x->n, learn = 0, held = 0;
	uint32_t *rows = mem_array(n, sizeof *rows);
	double *score = mem_array(n, sizeof *score);
	bool *positive = mem_array(n, sizeof *positive);
	const struct logistic_options o = { .l2 = 1, .tolerance = 1e-3, .rounds = 50 };       /* ranks do not need digits */
	struct logistic m;
	for (size_t i = 0; i < n; i++)
		if (c->fold[i] != k)
			rows[learn++] = (uint32_t)i;
	logistic_fit(c->x, rows, learn, &o, &m);
	for (size_t i = 0; i < n; i++)
		if (c->fold[i] == k)
			positive[held] = c->x->positive[i], score[held++] = logistic_score(&m, c->x, i);
	auc_compute(score, positive, held, &c->auc[k]);
	logistic_free(&m);
	free(rows), free(score), free(positive);
}

/* Folds share what they are trained on and err together; an average over them varies by 1/K + 1/(K-1) of what one fold does, not by 1/K (Nadeau and Bengio 2003). */
static const double of_one_fold = 1.0 / CLASSIFIER_FOLDS + 1.0 / (CLASSIFIER_FOLDS - 1);

void crossing_end(struct crossing *c, struct auc *out)
{
	*out = (struct auc){ .positives = c->positives, .negatives = c->x->n - c->positives };
	for (size_t k = 0; k < CLASSIFIER_FOLDS; k++) {
		out->value += c->auc[k].value / CLASSIFIER_FOLDS;
		out->variance += c->auc[k].variance / CLASSIFIER_FOLDS * of_one_fold;
		out->null_variance += c->auc[k].null_variance / CLASSIFIER_FOLDS * of_one_fold;
	}
	auc_finish(out);
	free(c->fold);
	free(c);
}

bool classifier_auc(const struct logistic_rows *x, struct auc *out)
{
	struct crossing *c = crossing_new(x);
	*out = (struct auc){ .variance = 0, .null_variance = 0 };
	if (!c)
		return false;
	for (size_t k = 0; k < CLASSIFIER_FOLDS; k++)
		crossing_fold(c, k);
	crossing_end(c, out);
	return true;
}
