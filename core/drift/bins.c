#include <math.h>
#include <stdlib.h>
#include "core/base/mem.h"
#include "core/drift/bins.h"

enum { BY_VALUE_TO = 20 };

size_t sturges_bins(double lo, double hi, size_t rows, bool whole)
{
	double range = hi - lo, width = range / (log2((double)rows) + 1);
	if (whole && width < 1)
		width = 1;
	if (!(width > 0) || !isfinite(range))
		return isfinite(range) ? 1 : (size_t)ceil(log2((double)rows) + 1);
	return (size_t)fmin(4096, fmax(1, ceil(range / width)));
}

double bin_edge(double lo, double hi, size_t n, size_t i)
{
	if (i >= n)
		return hi;
	double step = (hi - lo) / (double)n;
	return isfinite(step) ? (double)i * step + lo : lo + (hi / (double)n - lo / (double)n) * (double)i;
}

static void bins_room(struct bins *b, size_t n)
{
	b->n = n;
	b->ref = mem_array(2 * n + 1, sizeof *b->ref);
	b->cur = b->ref + n;
}

static void of_categories(const struct pair *p, struct bins *b)
{
	bins_room(b, p->n_cats);
	for (size_t i = 0; i < p->n_cats; i++)
		b->ref[i] = p->cats[i].ref, b->cur[i] = p->cats[i].cur;
}

static void of_values(const struct pair *p, struct bins *b)
{
	const struct side *x = &p->ref, *y = &p->cur;
	bins_room(b, x->distinct + y->distinct);
	b->n = 0;
	for (size_t i = 0, j = 0; i < x->n || j < y->n; b->n++) {
		double v = j == y->n || (i < x->n && x->sorted[i] < y->sorted[j]) ? x->sorted[i] : y->sorted[j];
		size_t a = i, c = j;
		while (i < x->n && x->sorted[i] == v)
			i++;
		while (j < y->n && y->sorted[j] == v)
			j++;
		b->ref[b->n] = (double)(i - a), b->cur[b->n] = (double)(j - c);
	}
}

static void count_between(const struct side *s, double lo, double hi, size_t n, double *count)
{
	size_t before = 0;
	for (size_t i = 0; i < n; i++) {
		size_t end = i + 1 == n ? count_to(s->sorted, s->n, hi) : count_below(s->sorted, s->n, bin_edge(lo, hi, n, i + 1));
		count[i] = (double)(end - before), before = end;
	}
}

static void of_range(const struct pair *p, size_t rows, bool whole, struct bins *b)
{
	double lo = fmin(p->ref.min, p->cur.min), hi = fmax(p->ref.max, p->cur.max);
	size_t n = sturges_bins(lo, hi, rows, whole);
	if (lo == hi)
		lo -= 0.5, hi += 0.5;
	bins_room(b, n);
	count_between(&p->ref, lo, hi, n, b->ref);
	count_between(&p->cur, lo, hi, n, b->cur);
	b->lo = lo, b->hi = hi;
}

void bins_make(const struct pair *p, enum bin_rule rule, bool numpy1, struct bins *out)
{
	*out = (struct bins){ .n_ref = (double)p->n_ref, .n_cur = (double)p->n_cur };
	bool whole = p->ref.integer && p->cur.integer && !numpy1;
	if (!p->ref.sorted || !p->cur.sorted)
		of_categories(p, out);
	else if (rule == BINS_OF_DISTINCT)
		of_range(p, p->walk.distinct, whole, out);
	else if (rule == BINS_OF_ROWS && p->ref.distinct > BY_VALUE_TO)
		of_range(p, p->ref.n + p->cur.n, whole, out);
	else
		of_values(p, out);
}

void bins_free(struct bins *b)
{
	free(b->ref);
	*b = (struct bins){ 0 };
}

size_t bins_used(const struct bins *b)
{
	size_t used = 0;
	for (size_t i = 0; i < b->n; i++)
		used += b->ref[i] + b->cur[i] > 0;
	return used;
}

double bins_noise(const struct bins *b)
{
	return 1 / b->n_ref + 1 / b->n_cur;
}
