/* pair_walk -- moments of a side, and the walk over both.
 *
 * Invariant  I1 behind a side's last value stands infinity, so that the walk needs no bounds.
 * The walk visits the distinct pooled values once. i and j count reference and current values up to and with the present one, so i*m - j*n is the
 * difference of the distribution functions times n*m, a whole number, exact however large the samples. Sums over distances are doubles,
 * gathered in blocks so that rounding does not grow with the number of values. A step cannot begin before the one before it is decided, so four quarters of
 * the values are walked side by side: first the steps alone, which leave a trail, then the sums along it. What only rank tests ask is in pair_ranks.c.
 */
#include <math.h>
#include "core/drift/pair_impl.h"

enum { BLOCK = 1024, LANES = 4, WALKS = 4, STEPS = 128 };

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

/* From the middle value, which is never farther from the mean than one standard deviation: the subtraction loses one bit or two, so that one pass will do.
 * It is within both middles of an even number, so the sum of distances from it is that from the median. */
static void moments(struct side *s)
{
	double most = fmax(fabs(s->min), fabs(s->max)), squares;
	const size_t half = s->n / 2;
	s->unit = unit_for(most);
	double scale = 1 / s->unit, n = (double)s->n, middle = s->sorted[half] * scale, more;
	const double below = sum_gaps(s->sorted, half, scale, middle, &squares), above = sum_gaps(s->sorted + half, s->n - half, scale, middle, &more), sum = below + above;
	s->m2 = s->min == s->max ? 0 : fmax(0, squares + more - sum * (sum / n));
	s->mean = s->min == s->max ? s->min : (middle + sum / n) * s->unit;
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
struct sums { struct peak plus, minus; double area; size_t distinct; };

static void finish(struct walk *w, const struct sums *s, double n, double m)
{
	double nm = n * m;
	const struct peak *plus = &s->plus, *minus = &s->minus;
	w->d_plus = (double)(plus->k > 0 ? plus->k : 0) / nm;
	w->d_minus = (double)(minus->k > 0 ? minus->k : 0) / nm;
	w->d_sign = minus->k > plus->k || (minus->k == plus->k && minus->f > plus->f) ? -1 : 1;
	w->d_at = w->d_sign < 0 ? minus->at : plus->at;
	w->area = s->area / nm;
	w->distinct = s->distinct;
}

/* A range of values from i and j on, until `end` values of both sides are passed; i, j, last value and k as add_trail left them. */
struct lane { size_t i, j, end, seen; double last; int64_t k; struct sums s; };
/* What a lane passed: distinct values, and the counts with each. */
struct trail { double v[STEPS]; size_t i[STEPS], j[STEPS]; };

/* One distinct value on. Which side comes next cannot be predicted: no branch on it. */
static inline __attribute__((always_inline)) void step(struct lane *l, struct trail *t, size_t at, const double *x, const double *y)
{
	size_t i = l->i, j = l->j;
	const double a = x[i], b = y[j], v = a < b ? a : b;
	i += a <= b, j += b <= a;
	while (x[i] == v)
		i++;
	while (y[j] == v)
		j++;
	t->v[at] = v, t->i[at] = l->i = i, t->j[at] = l->j = j;
}

static void add_trail(struct lane *l, const struct trail *t, size_t steps, size_t n, size_t m, double scale)
{
	struct sums *s = &l->s;
	double last = l->last, part = 0;
	int64_t k = l->k;
	size_t seen = l->seen;
	for (size_t at = 0; at < steps; at++) {
		const double v = t->v[at] * scale;
		const size_t i = t->i[at], j = t->j[at];
		part += fabs((double)k) * (v - last), last = v;
		k = (int64_t)i * (int64_t)m - (int64_t)j * (int64_t)n;
		if (k >= s->plus.k || -k >= s->minus.k) {
			const double f = (double)i / (double)n - (double)j / (double)m;
			climb(&s->plus, k, f, t->v[at], i > seen);
			climb(&s->minus, -k, -f, t->v[at], i > seen);
		}
		seen = i;
	}
	s->area += part, s->distinct += steps;
	l->last = last, l->k = k, l->seen = seen;
}

/* Every lane waits for its own loads most of the time: side by side they wait together. */
static void walk_together(struct lane *lanes, const double *x, const double *y, size_t n, size_t m, double scale)
{
	struct trail t[WALKS];
	struct lane a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
	while (a.i + a.j < a.end && b.i + b.j < b.end && c.i + c.j < c.end && d.i + d.j < d.end) {
		size_t at = 0;
		for (; at < STEPS && a.i + a.j < a.end && b.i + b.j < b.end && c.i + c.j < c.end && d.i + d.j < d.end; at++) {
			step(&a, &t[0], at, x, y);
			step(&b, &t[1], at, x, y);
			step(&c, &t[2], at, x, y);
			step(&d, &t[3], at, x, y);
		}
		add_trail(&a, &t[0], at, n, m, scale);
		add_trail(&b, &t[1], at, n, m, scale);
		add_trail(&c, &t[2], at, n, m, scale);
		add_trail(&d, &t[3], at, n, m, scale);
	}
	lanes[0] = a, lanes[1] = b, lanes[2] = c, lanes[3] = d;
}

static void walk_alone(struct lane *l, const double *x, const double *y, size_t n, size_t m, double scale)
{
	struct trail t;
	while (l->i + l->j < l->end) {
		size_t at = 0;
		for (; at < STEPS && l->i + l->j < l->end; at++)
			step(l, &t, at, x, y);
		add_trail(l, &t, at, n, m, scale);
	}
}

/* Lanes begin at quarters of the reference, in front of all values equal to theirs. */
static void set_out(struct lane *lanes, const struct side *sx, const struct side *sy, double scale)
{
	const double *x = sx->sorted, *y = sy->sorted;
	for (size_t q = 0; q < WALKS; q++) {
		const double v = x[sx->n / WALKS * q];
		const size_t i = q ? count_below(x, sx->n, v) : 0, j = q ? count_below(y, sy->n, v) : 0;
		struct lane *l = &lanes[q];
		*l = (struct lane){ .i = i, .j = j, .seen = i, .s.plus.k = INT64_MIN, .s.minus.k = INT64_MIN };
		l->k = (int64_t)i * (int64_t)sy->n - (int64_t)j * (int64_t)sx->n;
		l->last = i + j == 0 ? fmin(sx->min, sy->min) : fmax(i ? x[i - 1] : y[j - 1], j ? y[j - 1] : x[i - 1]);
		l->last *= scale;
		if (q)
			lanes[q - 1].end = i + j;
	}
	lanes[WALKS - 1].end = sx->n + sy->n;
}

void walk_fill(struct walk *w, const struct side *sx, const struct side *sy)
{
	struct lane lanes[WALKS];
	struct sums all = { .plus.k = INT64_MIN, .minus.k = INT64_MIN };
	w->unit = fmax(sx->unit, sy->unit);
	const double scale = 1 / w->unit;
	set_out(lanes, sx, sy, scale);
	walk_together(lanes, sx->sorted, sy->sorted, sx->n, sy->n, scale);
	for (size_t q = 0; q < WALKS; q++) {
		const struct sums *s = &lanes[q].s;
		walk_alone(&lanes[q], sx->sorted, sy->sorted, sx->n, sy->n, scale);
		if (!s->distinct)
			continue;
		climb(&all.plus, s->plus.k, s->plus.f, s->plus.at, s->plus.of_ref);
		climb(&all.minus, s->minus.k, s->minus.f, s->minus.at, s->minus.of_ref);
		all.area += s->area, all.distinct += s->distinct;
	}
	finish(w, &all, (double)sx->n, (double)sy->n);
}
