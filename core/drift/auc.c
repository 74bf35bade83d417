#include "core/drift/auc.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/drift/pair.h"
#include "core/drift/special.h"

/* Scores of one class, ascending; -0 is 0. */
static double *collect(const double *score, const bool *positive, bool which, size_t n, size_t *count)
{
	double *v = mem_array(2 * n + 1, sizeof *v);
	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (positive[i] == which && !isnan(score[i]))
			v[(*count)++] = score[i] + 0.0;
	sort_doubles(v, v + n, *count);
	return v;
}

/* Sums and sums of squares of a class's placements: for a positive row the share of negatives below it, for a negative one the share of positives above. */
struct sums { double sum[2], sum2[2], ties; };

static void add_group(struct sums *s, size_t k, double placement, double rows)
{
	s->sum[k] += rows * placement;
	s->sum2[k] += rows * (placement - 0.5) * (placement - 0.5);
}

/* Both classes in order of their scores, equal scores together. Squares are taken about 0.5, so that the difference below loses little. */
static void walk(const double *positive, const double *negative, const struct auc *a, struct sums *s)
{
	size_t n = a->positives, m = a->negatives, i = 0, k = 0;
	double p = (double)n, q = (double)m;
	while (i < n || k < m) {
		double v = k == m || (i < n && positive[i] <= negative[k]) ? positive[i] : negative[k], below = (double)k, above = p - (double)i;
		size_t from = i, other = k;
		while (i < n && positive[i] == v)
			i++;
		while (k < m && negative[k] == v)
			k++;
		double here = (double)(i - from), there = (double)(k - other), t = here + there;
		add_group(s, 1, (below + there / 2) / q, here);
		add_group(s, 0, (above - here / 2) / p, there);
		s->ties += t * t * t - t;
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

bool auc_sorted(const double *positive, size_t n, const double *negative, size_t m, struct auc *out)
{
	struct sums s = { { 0, 0 }, { 0, 0 }, 0 };
	double p = (double)n, q = (double)m;
	*out = (struct auc){ .value = NAN, .variance = NAN, .null_variance = NAN, .low = NAN, .high = NAN, .p = NAN, .positives = n, .negatives = m };
	if (!n || !m)
		return false;
	walk(positive, negative, out, &s);
	out->value = s.sum[1] / p;
	out->variance = variance_of_mean(s.sum[1], s.sum2[1], p) + variance_of_mean(s.sum[0], s.sum2[0], q);
	out->null_variance = fmax(0, (p + q + 1 - s.ties / ((p + q) * (p + q - 1))) / (12 * p * q));
	auc_finish(out);
	return true;
}

bool auc_compute(const double *score, const bool *positive, size_t n, struct auc *out)
{
	size_t p, q;
	double *hits = collect(score, positive, true, n, &p), *misses = collect(score, positive, false, n, &q);
	bool done = auc_sorted(hits, p, misses, q, out);
	free(hits);
	free(misses);
	return done;
}
