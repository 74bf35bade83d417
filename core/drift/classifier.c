#include "core/drift/classifier.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/drift/random.h"

enum { USUAL_THREADS = 2, MOST_THREADS = CLASSIFIER_FOLDS };

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

struct crossing { const struct logistic_rows *x; const unsigned char *fold; struct auc auc[CLASSIFIER_FOLDS]; atomic_size_t next; };

static void run_fold(struct crossing *c, size_t k)
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

static void *run_folds(void *arg)
{
	struct crossing *c = arg;
	for (size_t k; (k = atomic_fetch_add(&c->next, 1)) < CLASSIFIER_FOLDS; )
		run_fold(c, k);
	return NULL;
}

/* This thread works too, so that nothing is lost where no other can be made. */
static void run_all(struct crossing *c, int threads)
{
	pthread_t t[MOST_THREADS];
	int made = 1, n = threads > 0 ? threads : USUAL_THREADS;
	n = n > MOST_THREADS ? MOST_THREADS : n;
	while (made < n && pthread_create(&t[made], NULL, run_folds, c) == 0)
		made++;
	run_folds(c);
	for (int i = 1; i < made; i++)
		pthread_join(t[i], NULL);
}

/* Folds share what they are trained on and err together; an average over them varies by 1/K + 1/(K-1) of what one fold does, not by 1/K (Nadeau and Bengio 2003). */
static const double of_one_fold = 1.0 / CLASSIFIER_FOLDS + 1.0 / (CLASSIFIER_FOLDS - 1);

bool classifier_auc(const struct logistic_rows *x, int threads, struct auc *out)
{
	struct crossing c = { .x = x };
	struct random r = { 1 };
	*out = (struct auc){ .variance = 0, .null_variance = 0 };
	for (size_t i = 0; i < x->n; i++)
		out->positives += x->positive[i];
	out->negatives = x->n - out->positives;
	if (out->positives < CLASSIFIER_FEWEST_ROWS || out->negatives < CLASSIFIER_FEWEST_ROWS)
		return false;
	unsigned char *fold = mem_zalloc(x->n);
	deal(x->positive, x->n, true, &r, fold);
	deal(x->positive, x->n, false, &r, fold);
	c.fold = fold;
	run_all(&c, threads);
	for (size_t k = 0; k < CLASSIFIER_FOLDS; k++) {
		out->value += c.auc[k].value / CLASSIFIER_FOLDS;
		out->variance += c.auc[k].variance / CLASSIFIER_FOLDS * of_one_fold;
		out->null_variance += c.auc[k].null_variance / CLASSIFIER_FOLDS * of_one_fold;
	}
	auc_finish(out);
	free(fold);
	return true;
}
