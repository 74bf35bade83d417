#include "core/drift/auc.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/drift/special.h"

struct scored { double score; bool positive; };

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;
	return x->score < y->score ? -1 : x->score > y->score;
}

static size_t collect(const double *score, const bool *positive, size_t n, struct scored *rows, struct auc *out)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(score[i])) {
			rows[k++] = (struct scored){ score[i], positive[i] };
			out->positives += positive[i];
		}
	out->negatives = k - out->positives;
	return k;
}

/* Sums and sums of squares of a class's placements: for a positive row the share of negatives below it, for a negative one the share of positives above. */
struct sums { double sum[2], sum2[2], ties; };

static void add_group(struct sums *s, size_t k, double placement, double rows)
{
	s->sum[k] += rows * placement;
	s->sum2[k] += rows * (placement - 0.5) * (placement - 0.5);
}

/* Rows in order of their scores, equal scores together. Squares are taken about 0.5, so that the difference below loses little. */
static void walk(const struct scored *rows, size_t n, const struct auc *a, struct sums *s)
{
	double before[2] = { 0, 0 }, all[2] = { (double)a->negatives, (double)a->positives };
	for (size_t i = 0, k; i < n; i = k) {
		double here[2] = { 0, 0 };
		for (k = i; k < n && rows[k].score == rows[i].score; k++)
			here[rows[k].positive]++;
		add_group(s, 1, (before[0] + here[0] / 2) / all[0], here[1]);
		add_group(s, 0, (all[1] - before[1] - here[1] / 2) / all[1], here[0]);
		double t = here[0] + here[1];
		s->ties += t * t * t - t;
		before[0] += here[0], before[1] += here[1];
	}
}

static double variance_of_mean(double sum, double sum2, double n)
{
	double mean = sum / n - 0.5;
	return n < 2 ? NAN : fmax(0, sum2 - n * mean * mean) / (n - 1) / n;
}

void auc_finish(struct auc *a)
{
	double half = normal_quantile(0.975) * sqrt(a->variance), excess = a->value - 0.5;
	a->low = isnan(half) ? NAN : fmax(0, a->value - half);
	a->high = isnan(half) ? NAN : fmin(1, a->value + half);
	a->p = a->null_variance > 0 ? normal_upper(excess / sqrt(a->null_variance)) : a->null_variance == 0 ? 1 : NAN;
}

bool auc_compute(const double *score, const bool *positive, size_t n, struct auc *out)
{
	struct sums s = { { 0, 0 }, { 0, 0 }, 0 };
	*out = (struct auc){ .value = NAN, .variance = NAN, .null_variance = NAN, .low = NAN, .high = NAN, .p = NAN };
	struct scored *rows = mem_array(n ? n : 1, sizeof *rows);
	n = collect(score, positive, n, rows, out);
	double p = (double)out->positives, q = (double)out->negatives;
	if (p > 0 && q > 0) {
		qsort(rows, n, sizeof *rows, by_score);
		walk(rows, n, out, &s);
		out->value = s.sum[1] / p;
		out->variance = variance_of_mean(s.sum[1], s.sum2[1], p) + variance_of_mean(s.sum[0], s.sum2[0], q);
		out->null_variance = fmax(0, (p + q + 1 - s.ties / ((p + q) * (p + q - 1))) / (12 * p * q));
		auc_finish(out);
	}
	free(rows);
	return p > 0 && q > 0;
}
