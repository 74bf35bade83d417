/* The kernel matrix is kept whole (floats would do; doubles keep the estimate's digits). A permutation needs the sum of kernels within the first group and across:
 * with g_i the sum of row i over the first group, that is one pass over rows of the first group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/mmd.h"
#include "core/drift/pair.h"
#include "core/drift/random.h"

static double squared_distance(const double *a, const double *b, size_t dims)
{
	double sum = 0;
	for (size_t i = 0; i < dims; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sum;
}

/* Half of the median squared distance of all ordered pairs of the reference, each with itself too: the element that NumPy calls nearest. 1/2 when it is 0. */
static double half_median(const double *x, size_t n, size_t dims)
{
	double *d = mem_array(n * n, sizeof *d), *scratch = mem_array(n * n, sizeof *d);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			d[i * n + j] = squared_distance(x + i * dims, x + j * dims, dims);
	sort_doubles(d, scratch, n * n);
	double median = d[(size_t)nearbyint(0.5 * (double)(n * n - 1))];
	free(d), free(scratch);
	return median > 0 ? median / 2 : 0.5;
}

struct gram { double *k, *row; size_t all, n; double total; };       /* row: sums of rows */

/* in: room for a number per point; rows are read through, as picking columns in the order of a permutation would wait for memory. */
static double estimate(const struct gram *g, const uint32_t *order, double *in)
{
	double within = 0, rows = 0, n = (double)g->n, m = (double)(g->all - g->n);
	for (size_t i = 0; i < g->all; i++)
		in[order[i]] = i < g->n;
	for (size_t i = 0; i < g->n; i++) {
		const double *row = g->k + (size_t)order[i] * g->all;
		double sum[4] = { 0 };
		size_t j = 0;
		for (; j + 4 <= g->all; j += 4)
			for (size_t k = 0; k < 4; k++)
				sum[k] += row[j + k] * in[j + k];
		for (; j < g->all; j++)
			sum[0] += row[j] * in[j];
		within += sum[0] + sum[1] + sum[2] + sum[3], rows += g->row[order[i]];
	}
	double across = rows - within, other = g->total - within - 2 * across;
	return within / (n * (n - 1)) + other / (m * (m - 1)) - 2 * across / (n * m);
}

static void gram_fill(struct gram *g, const double *x, const double *y, size_t dims, double half)
{
	for (size_t i = 0; i < g->all; i++)
		for (size_t j = 0; j <= i; j++) {
			const double *a = i < g->n ? x + i * dims : y + (i - g->n) * dims, *b = j < g->n ? x + j * dims : y + (j - g->n) * dims;
			double v = i == j ? 0 : exp(-squared_distance(a, b, dims) / (2 * half));
			g->k[i * g->all + j] = g->k[j * g->all + i] = v;
			g->row[i] += v, g->row[j] += v;
		}
	/* by rows, so that the other side's sum, a small difference from it, keeps its digits */
	for (size_t i = 0; i < g->all; i++)
		g->total += g->row[i];
}

bool mmd_points(const double *x, size_t n, const double *y, size_t m, size_t dims, const struct mmd_options *o, double *mmd2, double *p)
{
	*mmd2 = *p = NAN;
	if (n < 2 || m < 2 || n > MMD_MOST || m > MMD_MOST || dims == 0)
		return false;
	struct gram g = { NULL, NULL, n + m, n, 0 };
	struct random r = { o->seed };
	g.k = mem_array(g.all * g.all, sizeof *g.k);
	g.row = mem_zalloc(g.all * sizeof *g.row);
	uint32_t *order = mem_array(g.all, sizeof *order);
	double *in = mem_array(g.all, sizeof *in);
	int hits = 0, done = 0;
	gram_fill(&g, x, y, dims, half_median(x, n, dims));
	for (size_t i = 0; i < g.all; i++)
		order[i] = (uint32_t)i;
	*mmd2 = estimate(&g, order, in);
	for (; done < o->most && (!o->enough || hits < o->enough); done++) {
		for (size_t i = 0; i < n; i++) {
			size_t j = i + random_below(&r, g.all - i);
			uint32_t swap = order[i];
			order[i] = order[j], order[j] = swap;
		}
		hits += estimate(&g, order, in) >= *mmd2;
	}
	if (o->most > 0)
		*p = o->enough && hits >= o->enough ? (double)hits / done : (hits + 1.0) / (done + 1.0);
	free(order), free(in), free(g.row), free(g.k);
	return true;
}
