/* performance_levels -- probabilities in order: levels of equal ones, equal-count bins, calibration error.
 *
 * Probabilities are sorted by kind (hits and misses) with the radix sort of pairs, then merged; -0 is 0. The calibration error is that of Naeini, Cooper and
 * Hauskrecht (2015), over bins of equal counts whose ends the reference sets; equal probabilities stay in one bin. Its interval is that of the basic bootstrap (Davison and Hinkley 1997),
 * which takes off what sizes of noise add to the error: a draw gives each bin's sum of (p - hit) a normal deviation with the variance that drawing rows anew gives it. An error that the
 * deviations alone reach in one of 40 draws may be none: the interval begins at 0.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/drift/pair.h"
#include "core/drift/performance_impl.h"
#include "core/drift/random.h"

enum { DRAWS = 1000 };

void ranked_of(const struct problem *p, const struct sample *s, struct ranked *r)
{
	*r = (struct ranked){ .hits = mem_array(s->n + 1, sizeof(double)), .misses = mem_array(s->n + 1, sizeof(double)) };
	for (size_t i = 0; i < s->n; i++) {
		if (isnan(s->p[i]))
			continue;
		if (sample_hit(p, s, i))
			r->hits[r->n_hits++] = s->p[i] + 0.0;
		else
			r->misses[r->n_misses++] = s->p[i] + 0.0;
	}
	ranked_sort(r);
}

void ranked_sort(struct ranked *r)
{
	size_t most = r->n_hits > r->n_misses ? r->n_hits : r->n_misses;
	double *scratch = mem_array(most + 1, sizeof *scratch);
	sort_doubles(r->hits, scratch, r->n_hits);
	sort_doubles(r->misses, scratch, r->n_misses);
	free(scratch);
}

void ranked_free(struct ranked *r)
{
	free(r->hits);
	free(r->misses);
}

struct level *ranked_levels(const struct ranked *r, size_t *n)
{
	struct level *l = mem_array(r->n_hits + r->n_misses + 1, sizeof *l);
	size_t i = 0, k = 0;
	for (*n = 0; i < r->n_hits || k < r->n_misses; ++*n) {
		double v = k == r->n_misses || (i < r->n_hits && r->hits[i] <= r->misses[k]) ? r->hits[i] : r->misses[k];
		struct level *x = &l[*n];
		*x = (struct level){ .p = v };
		for (; i < r->n_hits && r->hits[i] == v; i++)
			x->hits++;
		for (; k < r->n_misses && r->misses[k] == v; k++)
			x->misses++;
	}
	return l;
}

size_t calibration_edges(const struct level *l, size_t n, double edges[CALIBRATION_BINS])
{
	double all = 0, seen = 0;
	size_t bins = 0;
	for (size_t i = 0; i < n; i++)
		all += l[i].hits + l[i].misses;
	for (size_t i = 0; i < n; i++) {
		double before = seen;
		seen += l[i].hits + l[i].misses;
		if (floor(seen * CALIBRATION_BINS / all) > floor(before * CALIBRATION_BINS / all))
			edges[bins++] = l[i].p;
	}
	return bins;
}

void calibration_count(const struct level *l, size_t n, const double *edges, size_t bins, struct calibration_bin *out)
{
	size_t b = 0;
	for (size_t i = 0; i < bins; i++)
		out[i] = (struct calibration_bin){ 0 };
	for (size_t i = 0; bins && i < n; i++) {
		while (b + 1 < bins && l[i].p > edges[b])
			b++;
		double rows = l[i].hits + l[i].misses;
		out[b].p += rows * l[i].p, out[b].hits += l[i].hits, out[b].rows += rows;
	}
	for (size_t i = 0; i < bins; i++)
		out[i].p = out[i].rows > 0 ? out[i].p / out[i].rows : NAN;
}

double calibration_error(const struct calibration_bin *b, size_t n)
{
	double sum = 0, rows = 0;
	for (size_t i = 0; i < n; i++)
		if (b[i].rows > 0)
			sum += fabs(b[i].p * b[i].rows - b[i].hits), rows += b[i].rows;
	return rows > 0 ? sum / rows : NAN;
}

/* ---- its interval ---- */

struct bin_sum { double off, squares; };         /* of p - hit over the rows of a bin */

static double sum_bins(const struct level *l, size_t n, const double *edges, size_t bins, struct bin_sum *out)
{
	double rows = 0;
	for (size_t i = 0, b = 0; i < n; i++) {
		while (b + 1 < bins && l[i].p > edges[b])
			b++;
		out[b].off += l[i].misses * l[i].p - l[i].hits * (1 - l[i].p);
		out[b].squares += l[i].misses * l[i].p * l[i].p + l[i].hits * (1 - l[i].p) * (1 - l[i].p);
		rows += l[i].hits + l[i].misses;
	}
	return rows;
}

void calibration_interval(const struct level *l, size_t n, const double *edges, size_t bins, double *low, double *high)
{
	struct bin_sum sum[CALIBRATION_BINS] = { 0 };
	struct random rng = { 20 };
	double drawn[2 * DRAWS], noise[2 * DRAWS], error = 0;
	const double rows = bins ? sum_bins(l, n, edges, bins, sum) : 0;
	*low = *high = NAN;
	if (rows < 2)
		return;
	for (size_t b = 0; b < bins; b++)
		error += fabs(sum[b].off) / rows;
	for (size_t i = 0; i < DRAWS; i++) {
		drawn[i] = noise[i] = 0;
		for (size_t b = 0; b < bins; b++) {
			const double z = random_normal(&rng) * sqrt(fmax(0, sum[b].squares - sum[b].off * sum[b].off / rows));
			drawn[i] += fabs(sum[b].off + z) / rows, noise[i] += fabs(z) / rows;
		}
	}
	sort_doubles(drawn, drawn + DRAWS, DRAWS);
	sort_doubles(noise, noise + DRAWS, DRAWS);
	*low = error <= quantile_sorted(noise, DRAWS, 0.975) ? 0 : fmax(0, 2 * error - quantile_sorted(drawn, DRAWS, 0.975));
	*high = fmax(error, 2 * error - quantile_sorted(drawn, DRAWS, 0.025));
}
