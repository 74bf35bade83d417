/* pair_ranks -- what rank tests and the energy distance ask of both sides, in a walk of its own, since most comparisons ask none of it.
 *
 * i and j count the reference and current values before a group of equal ones, as in pair_walk.c. Sums over ranks are whole numbers, 128 bits wide; sums over distances are
 * doubles, gathered in blocks.
 */
#include <math.h>
#include "core/drift/pair.h"

__extension__ typedef unsigned __int128 wide;
enum { BLOCK = 1024 };

struct sums {
	wide ranks, ties, u_ref, u_cur;              /* 2 * rank sum; sum t^3 - t; the two parts of 4 u */
	double area2, cross, ad, part2, part_cross, part_ad;
	size_t in_block;
};

static void flush(struct sums *s)
{
	s->area2 += s->part2, s->cross += s->part_cross, s->ad += s->part_ad;
	s->part2 = s->part_cross = s->part_ad = 0, s->in_block = 0;
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

static void finish(struct ranks *w, const struct sums *s, double n, double m)
{
	double nm = n * m, all = n + m;
	w->area2 = s->area2 / nm / nm, w->cross = s->cross / nm;
	w->rank_sum = (double)s->ranks / 2, w->tie3 = (double)s->ties;
	wide k = (wide)n * (wide)m, u4 = (wide)n * s->u_ref + (wide)m * s->u_cur, twice = 2 * k * (4 * k - 1);
	double top = 3 * u4 >= twice ? (double)(3 * u4 - twice) : -(double)(twice - 3 * u4);
	w->cvm_t = top / (12 * nm * all);
	w->ad2 = s->ad / all * (1 / n + 1 / m) * (all - 1) / all;
}

void pair_ranks(const struct pair *p, struct ranks *out)
{
	const double *x = p->ref.sorted, *y = p->cur.sorted;      /* infinity stands behind the last value of each */
	const size_t n = p->ref.n, m = p->cur.n;
	size_t i = 0, j = 0;
	double scale = 1 / p->walk.unit, last = fmin(p->ref.min, p->cur.min) * scale, dn = (double)n, all = (double)(n + m), dk = 0;
	struct sums s = { 0 };
	while (i < n || j < m) {
		double v = x[i] < y[j] ? x[i] : y[j];
		size_t a = i, b = j;
		i += x[i] == v, j += y[j] == v;
		while (x[i] == v)
			i++;
		while (y[j] == v)
			j++;
		double gap = v * scale - last;
		s.part2 += dk * dk * gap, last = v * scale;
		s.part_cross += ((double)a * (double)(m - b) + (double)b * (double)(n - a)) * gap;
		add_ranks(&s, a, b, i - a, j - b);
		s.part_ad += ad_term((double)a, (double)b, (double)(i - a), (double)(j - b), dn, all);
		if (++s.in_block == BLOCK)
			flush(&s);
		dk = fabs((double)((int64_t)i * (int64_t)m - (int64_t)j * (int64_t)n));
	}
	flush(&s);
	finish(out, &s, dn, (double)m);
}
