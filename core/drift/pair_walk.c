/* pair_walk -- moments of a side, and the walk over both.
 *
 * Invariant  I1 behind a side's last value stands infinity, so that the walk needs no bounds.
 * The walk visits the distinct pooled values once. i and j count reference and current values up to and with the present one, so i*m - j*n is the
 * difference of the distribution functions times n*m, a whole number, exact however large the samples. Sums over distances are doubles,
 * gathered in blocks so that rounding does not grow with the number of values. What only rank tests ask is in pair_ranks.c.
 */
#include <math.h>
#include "core/drift/pair_impl.h"

enum { BLOCK = 1024, LANES = 4 };

/* 2^e with e near the exponent of the greatest magnitude when its square, times any count, would leave the range; else 1. */
static double unit_for(double most)
{
	if (most == 0 || (most < 0x1p+480 && most > 0x1p-480))
		return 1;
	int e = ilogb(most);
	return ldexp(1, e < -1000 ? -1000 : e);
}

/* Sum of x * scale - shift, and of its squares, block by block. */
static double sum_gaps(const double *a, size_t n, double scale, double shift, double *squares)
{
	double sum = 0, sum2 = 0;
	for (size_t at = 0; at < n; at += BLOCK) {
		const size_t end = n - at < BLOCK ? n : at + BLOCK;
		double part[LANES] = { 0 }, part2[LANES] = { 0 };
		size_t i = at;
		for (; i + LANES <= end; i += LANES)
			for (size_t k = 0; k < LANES; k++) {
				const double gap = a[i + k] * scale - shift;
				part[k] += gap, part2[k] += gap * gap;
			}
		for (; i < end; i++) {
			const double gap = a[i] * scale - shift;
			part[0] += gap, part2[0] += gap * gap;
		}
		sum += (part[0] + part[1]) + (part[2] + part[3]);
		sum2 += (part2[0] + part2[1]) + (part2[2] + part2[3]);
	}
	*squares = sum2;
	return sum;
}

/* The middle value is within both middles of an even number, so the sum of distances from it is that from the median. */
static void moments(struct side *s)
{
	double most = fmax(fabs(s->min), fabs(s->max)), squares;
	const size_t half = s->n / 2;
	s->unit = unit_for(most);
	double scale = 1 / s->unit, n = (double)s->n, middle = s->sorted[half] * scale;
	const double below = sum_gaps(s->sorted, half, scale, middle, &squares), above = sum_gaps(s->sorted + half, s->n - half, scale, middle, &squares);
	double mean = middle + (below + above) / n;
	double left = sum_gaps(s->sorted, s->n, scale, mean, &squares);        /* what rounding of the mean left over */
	s->m2 = s->min == s->max ? 0 : fmax(0, squares - left * left / n);
	s->mean = s->min == s->max ? s->min : mean * s->unit;
	s->spread = s->min == s->max ? 0 : above - below;
}

void side_fill(struct side *s, double *a, size_t n, double *scratch)
{
	s->sorted = a, s->n = n, s->unit = 1;
	a[n] = INFINITY;                     /* I1 */
	s->mean = s->m2 = s->spread = s->min = s->max = NAN;
	if (n == 0)
		return;
	sort_doubles(a, scratch, n);
	s->min = a[0], s->max = a[n - 1], s->distinct = 1;
	for (size_t i = 1; i < n; i++)
		s->distinct += a[i] != a[i - 1];
	moments(s);
}

double side_sd(const struct side *s, size_t lost)
{
	return s->n > lost ? sqrt(s->m2 / (double)(s->n - lost)) * s->unit : NAN;
}

/* Where a difference is greatest. Several values may share it; which one is named follows SciPy: by the rounded difference of the two quotients, then values
 * of the reference before others, then the least. */
struct peak { int64_t k; double f, at; bool of_ref; };

static void climb(struct peak *p, int64_t k, double f, double at, bool of_ref)
{
	if (k > p->k || (k == p->k && (f > p->f || (f == p->f && of_ref && !p->of_ref))))
		*p = (struct peak){ k, f, at, of_ref };
}

/* What the walk adds up; differences are kept as whole numbers k = i*m - j*n. */
struct sums { struct peak plus, minus; double area, part; size_t in_block, distinct; };

static void finish(struct walk *w, const struct sums *s, double n, double m)
{
	double nm = n * m;
	const struct peak *plus = &s->plus, *minus = &s->minus;
	w->d_plus = (double)(plus->k > 0 ? plus->k : 0) / nm;
	w->d_minus = (double)(minus->k > 0 ? minus->k : 0) / nm;
	w->d_sign = minus->k > plus->k || (minus->k == plus->k && minus->f > plus->f) ? -1 : 1;
	w->d_at = w->d_sign < 0 ? minus->at : plus->at;
	w->area = (s->area + s->part) / nm;
	w->distinct = s->distinct;
}

void walk_fill(struct walk *w, const struct side *sx, const struct side *sy)
{
	const double *x = sx->sorted, *y = sy->sorted;
	const size_t n = sx->n, m = sy->n;
	size_t i = 0, j = 0;
	struct sums s = { .plus.k = INT64_MIN, .minus.k = INT64_MIN };
	w->unit = fmax(sx->unit, sy->unit);
	const double scale = 1 / w->unit;
	double last = fmin(sx->min, sy->min) * scale;
	int64_t k = 0;
	while (i < n || j < m) {
		const double v = x[i] < y[j] ? x[i] : y[j];
		const size_t a = i;
		i += x[i] == v, j += y[j] == v;      /* which side comes next cannot be predicted: no branch on it */
		while (x[i] == v)
			i++;
		while (y[j] == v)
			j++;
		s.distinct++;
		s.part += fabs((double)k) * (v * scale - last), last = v * scale;
		if (++s.in_block == BLOCK)
			s.area += s.part, s.part = 0, s.in_block = 0;
		k = (int64_t)i * (int64_t)m - (int64_t)j * (int64_t)n;
		if (k >= s.plus.k || -k >= s.minus.k) {
			double f = (double)i / (double)n - (double)j / (double)m;
			climb(&s.plus, k, f, v, i > a);
			climb(&s.minus, -k, -f, v, i > a);
		}
	}
	finish(w, &s, (double)n, (double)m);
}
