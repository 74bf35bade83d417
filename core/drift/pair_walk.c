/* pair_walk -- moments of a side, and the one walk over both.
 *
 * Invariant  I1 behind a side's last value stands infinity, so that the walk needs no bounds.
 * The walk visits the distinct pooled values once. i and j count reference and current values up to and with the present one, so i*m - j*n is the
 * difference of the distribution functions times n*m: all sums over ranks are whole numbers (128 bits wide), exact however large the
 * samples. Sums over distances are doubles, gathered in blocks so that rounding does not grow with the number of values.
 */
#include <math.h>
#include "core/drift/pair_impl.h"

__extension__ typedef unsigned __int128 wide;
enum { BLOCK = 1024, LANES = 4 };

/* 2^e with e near the exponent of the greatest magnitude when its square, times any count, would leave the range; else 1. */
static double unit_for(double most)
{
	if (most == 0 || (most < 0x1p+480 && most > 0x1p-480))
		return 1;
	int e = ilogb(most);
	return ldexp(1, e < -1000 ? -1000 : e);
}

/* Sum of (x/unit - shift)^power, power 1 or 2, block by block. */
static double sum_power(const double *a, size_t n, double scale, double shift, bool squares)
{
	double sum = 0;
	for (size_t at = 0; at < n; at += BLOCK) {
		size_t end = n - at < BLOCK ? n : at + BLOCK;
		double part[LANES] = { 0 };
		size_t i = at;
		for (; i + LANES <= end; i += LANES)
			for (size_t k = 0; k < LANES; k++) {
				double gap = a[i + k] * scale - shift;
				part[k] += squares ? gap * gap : gap;
			}
		for (; i < end; i++) {
			double gap = a[i] * scale - shift;
			part[0] += squares ? gap * gap : gap;
		}
		sum += (part[0] + part[1]) + (part[2] + part[3]);
	}
	return sum;
}

static void moments(struct side *s)
{
	double most = fmax(fabs(s->min), fabs(s->max));
	s->unit = unit_for(most);
	double scale = 1 / s->unit, n = (double)s->n, first = s->sorted[s->n / 2] * scale;
	double mean = first + sum_power(s->sorted, s->n, scale, first, false) / n;
	double left = sum_power(s->sorted, s->n, scale, mean, false);        /* what rounding of the mean left over */
	s->m2 = s->min == s->max ? 0 : fmax(0, sum_power(s->sorted, s->n, scale, mean, true) - left * left / n);
	s->mean = s->min == s->max ? s->min : mean * s->unit;
}

void side_fill(struct side *s, double *a, size_t n, double *scratch)
{
	s->sorted = a, s->n = n, s->unit = 1;
	a[n] = INFINITY;                     /* I1 */
	s->mean = s->m2 = s->min = s->max = NAN;
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
struct sums {
	struct peak plus, minus;
	wide ranks, ties, u_ref, u_cur;              /* 2 * rank sum; sum t^3 - t; the two parts of 4 u */
	double area, area2, cross, ad, part, part2, part_cross, part_ad;
	size_t in_block, distinct;
};

static void flush(struct sums *s)
{
	s->area += s->part, s->area2 += s->part2, s->cross += s->part_cross, s->ad += s->part_ad;
	s->part = s->part2 = s->part_cross = s->part_ad = 0, s->in_block = 0;
}

/* One group of equal values: i, j come before it, a and b are in it. */
static inline void add_ranks(struct sums *s, uint64_t i, uint64_t j, uint64_t a, uint64_t b)
{
	uint64_t t = a + b, r2 = 2 * (i + j) + t + 1;
	if (t == 1) {                   /* most groups of most columns; 4 i i fits, as there are fewer than 2^31 rows */
		s->ranks += a ? r2 : 0;
		s->u_ref += a ? 4 * j * j : 0, s->u_cur += a ? 0 : 4 * i * i;
		return;
	}
	s->ranks += (wide)a * r2;
	s->ties += ((wide)t * t - 1) * t;
	s->u_ref += ((wide)a * a * a - a) / 3, s->u_cur += ((wide)b * b * b - b) / 3;
	s->u_ref += (wide)a * ((wide)(2 * j + b) * (2 * j + b));
	s->u_cur += (wide)b * ((wide)(2 * i + a) * (2 * i + a));
}

/* Scholz and Stephens' term of a group, of one sample; the other sample's differs by the factor n/m, as both deviations are equal. */
static inline double ad_term(double i, double j, double a, double b, double n, double all)
{
	double l = a + b, before = i + j + l / 2, dev = all * (i + a / 2) - before * n;
	double below = before * (all - before) - all * l / 4;
	return below > 0 ? l * (dev / below) * dev : 0;
}

static void finish(struct walk *w, struct sums *s, double n, double m)
{
	double nm = n * m, all = n + m;
	const struct peak *plus = &s->plus, *minus = &s->minus;
	w->d_plus = (double)(plus->k > 0 ? plus->k : 0) / nm;
	w->d_minus = (double)(minus->k > 0 ? minus->k : 0) / nm;
	w->d_sign = minus->k > plus->k || (minus->k == plus->k && minus->f > plus->f) ? -1 : 1;
	w->d_at = w->d_sign < 0 ? minus->at : plus->at;
	w->area = s->area / nm, w->area2 = s->area2 / nm / nm, w->cross = s->cross / nm;
	w->rank_sum = (double)s->ranks / 2, w->tie3 = (double)s->ties;
	wide k = (wide)n * (wide)m, u4 = (wide)n * s->u_ref + (wide)m * s->u_cur, twice = 2 * k * (4 * k - 1);
	double top = 3 * u4 >= twice ? (double)(3 * u4 - twice) : -(double)(twice - 3 * u4);
	w->cvm_t = top / (12 * nm * all);
	w->ad2 = s->ad / all * (1 / n + 1 / m) * (all - 1) / all;
	w->distinct = s->distinct;
}

void walk_fill(struct walk *w, const struct side *sx, const struct side *sy)
{
	const double *x = sx->sorted, *y = sy->sorted;
	size_t n = sx->n, m = sy->n, i = 0, j = 0;
	double scale, last = 0, dn = (double)n, all = (double)(n + m);
	struct sums s = { .plus.k = INT64_MIN, .minus.k = INT64_MIN };
	w->unit = fmax(sx->unit, sy->unit), scale = 1 / w->unit;
	int64_t k = 0;
	while (i < n || j < m) {
		double v = x[i] < y[j] ? x[i] : y[j];
		size_t a = i, b = j;
		i += x[i] == v, j += y[j] == v;      /* which side comes next cannot be predicted: no branch on it */
		while (x[i] == v)
			i++;
		while (y[j] == v)
			j++;
		double gap = s.distinct++ ? v * scale - last : 0, dk = fabs((double)k);
		s.part += dk * gap, s.part2 += dk * dk * gap, last = v * scale;
		s.part_cross += ((double)a * (double)(m - b) + (double)b * (double)(n - a)) * gap;
		add_ranks(&s, a, b, i - a, j - b);
		s.part_ad += ad_term((double)a, (double)b, (double)(i - a), (double)(j - b), dn, all);
		if (++s.in_block == BLOCK)
			flush(&s);
		k = (int64_t)i * (int64_t)m - (int64_t)j * (int64_t)n;
		if (k >= s.plus.k || -k >= s.minus.k) {
			double f = (double)i / dn - (double)j / (double)m;
			climb(&s.plus, k, f, v, i > a);
			climb(&s.minus, -k, -f, v, i > a);
		}
	}
	flush(&s);
	finish(w, &s, dn, (double)m);
}
