/* Distances, then kernels, are kept once for each pair of points, the later point's row by row: row i has i of them. A permutation needs the sum of kernels within the
 * first group and across: each row of a point in the group is read up to the point itself, and what lies across is the rest of its points' whole sums. Several
 * permutations are asked at a time, so that a row comes from memory once for all of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/lanes.h"
#include "core/drift/mmd.h"
#include "core/drift/pair.h"
#include "core/drift/random.h"

enum { BLOCK = 8, DRAWS = 8 };

struct gram { double *k, *row; size_t all, n; double total; };       /* k: packed rows; row: sums of whole rows */

static double *row_of(const struct gram *g, size_t i) { return g->k + (i ? i * (i - 1) / 2 : 0); }

/* BLOCK points, coordinate by coordinate; what lies behind the last one is 0. */
static void take_block(const struct gram *g, const double *points, size_t from, size_t dims, double *block)
{
	for (size_t d = 0; d < dims; d++)
		for (size_t k = 0; k < BLOCK; k++)
			block[d * BLOCK + k] = from + k < g->all ? points[(from + k) * dims + d] : 0;
}

static void block_distances(const double *a, const double *block, size_t dims, double *out)
{
	lanes s = { 0 }, t = { 0 }, u = { 0 }, v = { 0 };
	for (size_t d = 0; d < dims; d++, block += BLOCK) {
		const lanes p = a[d] - lanes_at(block), q = a[d] - lanes_at(block + 2), x = a[d] - lanes_at(block + 4), y = a[d] - lanes_at(block + 6);
		s += p * p, t += q * q, u += x * x, v += y * y;
	}
	lanes_put(out, s), lanes_put(out + 2, t), lanes_put(out + 4, u), lanes_put(out + 6, v);
}

/* Squared distances of all pairs into k. */
static void distances_fill(struct gram *g, const double *points, size_t dims)
{
	double *block = mem_array(dims * BLOCK, sizeof *block), d[BLOCK];
	for (size_t from = 0; from < g->all; from += BLOCK) {
		take_block(g, points, from, dims, block);
		for (size_t i = from + 1; i < g->all; i++) {
			block_distances(points + i * dims, block, dims, d);
			memcpy(row_of(g, i) + from, d, (i - from < BLOCK ? i - from : BLOCK) * sizeof *d);
		}
	}
	free(block);
}

/* Half of the median squared distance of all ordered pairs of the reference, each with itself too: the element that NumPy calls nearest. 1/2 when it is 0.
 * In order they are n zeros, then each pair's distance twice. */
static double half_median(const struct gram *g)
{
	const size_t pairs = g->n * (g->n - 1) / 2, at = (size_t)nearbyint(0.5 * (double)(g->n * g->n - 1));
	double *d = mem_array(pairs, sizeof *d), *scratch = mem_array(pairs, sizeof *d);
	memcpy(d, g->k, pairs * sizeof *d);
	sort_doubles(d, scratch, pairs);
	const double median = at < g->n ? 0 : d[(at - g->n) / 2];
	free(d), free(scratch);
	return median > 0 ? median / 2 : 0.5;
}

static void kernels_fill(struct gram *g, double half)
{
	for (size_t i = 0; i < g->all; i++) {
		double *k = row_of(g, i);
		for (size_t j = 0; j < i; j++) {
			k[j] = exp(-k[j] / (2 * half));
			g->row[i] += k[j], g->row[j] += k[j];
		}
	}
	/* by rows, so that the other side's sum, a small difference from it, keeps its digits */
	for (size_t i = 0; i < g->all; i++)
		g->total += g->row[i];
}

/* in: for each draw a number per point, 1 in the first group, else 0. */
static void estimate(const struct gram *g, const double *in, size_t draws, double *out)
{
	double within[DRAWS] = { 0 }, rows[DRAWS] = { 0 };
	const double n = (double)g->n, m = (double)(g->all - g->n);
	for (size_t i = 0; i < g->all; i++)
		for (size_t d = 0; d < draws; d++)
			if (in[d * g->all + i] > 0)
				within[d] += 2 * lanes_dot(row_of(g, i), in + d * g->all, i), rows[d] += g->row[i];
	for (size_t d = 0; d < draws; d++) {
		const double across = rows[d] - within[d], other = g->total - within[d] - 2 * across;
		out[d] = within[d] / (n * (n - 1)) + other / (m * (m - 1)) - 2 * across / (n * m);
	}
}

/* The first group anew: the first n of the order, each exchanged with one that follows or itself. */
static void draw(const struct gram *g, struct random *r, uint32_t *order, double *in)
{
	memset(in, 0, g->all * sizeof *in);
	for (size_t i = 0; i < g->n; i++) {
		const size_t j = i + random_below(r, g->all - i);
		const uint32_t swap = order[i];
		order[i] = order[j], order[j] = swap;
		in[order[i]] = 1;
	}
}

static double permute(const struct gram *g, const struct mmd_options *o, double mmd2, double *in)
{
	struct random r = { o->seed };
	uint32_t *order = mem_array(g->all, sizeof *order);
	int hits = 0, done = 0;
	for (size_t i = 0; i < g->all; i++)
		order[i] = (uint32_t)i;
	while (done < o->most && (!o->enough || hits < o->enough)) {
		double found[DRAWS];
		const int draws = o->most - done < DRAWS ? o->most - done : DRAWS;
		for (int d = 0; d < draws; d++)
			draw(g, &r, order, in + (size_t)d * g->all);
		estimate(g, in, (size_t)draws, found);
		for (int d = 0; d < draws && (!o->enough || hits < o->enough); d++, done++)
			hits += found[d] >= mmd2;
	}
	free(order);
	return o->enough && hits >= o->enough ? (double)hits / done : (hits + 1.0) / (done + 1.0);
}

bool mmd_points(const double *x, size_t n, const double *y, size_t m, size_t dims, const struct mmd_options *o, double *mmd2, double *p)
{
	*mmd2 = *p = NAN;
	if (n < 2 || m < 2 || n > MMD_MOST || m > MMD_MOST || dims == 0)
		return false;
	struct gram g = { .all = n + m, .n = n };
	double *points = mem_array(g.all * dims, sizeof *points), *in = mem_array(DRAWS * g.all, sizeof *in);
	g.k = mem_array(g.all * (g.all - 1) / 2, sizeof *g.k);
	g.row = mem_array(g.all, sizeof *g.row);
	memcpy(points, x, n * dims * sizeof *points);
	memcpy(points + n * dims, y, m * dims * sizeof *points);
	distances_fill(&g, points, dims);
	kernels_fill(&g, half_median(&g));
	for (size_t i = 0; i < n; i++)
		in[i] = 1;
	estimate(&g, in, 1, mmd2);
	if (o->most > 0)
		*p = permute(&g, o, *mmd2, in);
	free(points), free(in), free(g.row), free(g.k);
	return true;
}
