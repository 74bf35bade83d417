/* special_ks -- distributions of Kolmogorov's and Smirnov's statistics.
 *
 * One sample (Simard and L'Ecuyer 2011 say which method is exact where): tiny and huge d in closed form; the matrix of Durbin as Marsaglia, Tsang and
 * Wang 2003 multiply it for small n; the series of Pelz and Good 1976 for large n in the body; twice the one-sided tail elsewhere.
 * The one-sided tail is a sum of n positive terms (Birnbaum and Tingey 1951). In Loader's form a term is a smooth function of a real
 * index, so for large n only the 64 terms at either end are added up; between them the sum is an integral (Euler and Maclaurin, midpoints): eight
 * panels, shorter towards the ends, of 64 Gauss-Legendre nodes. 640 terms instead of a million, to 3e-13.
 * Two samples: the product of Gnedenko and Korolyuk for equal sizes, else lattice paths that leave a band (Hodges 1957), one
 * antidiagonal at a time: its cells depend on the one before only, so the compiler works on several at once.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/special.h"

enum { NODES = 64, ENDS = 64, PANELS = 8, PLAIN_SUM = 2000, MOST_EXACT = 10000 };

struct smirnov { double n, d; };

static double smirnov_term(const struct smirnov *s, double v)
{
	double p = s->d + v / s->n;
	if (p >= 1)
		return 0;
	return s->d / p * binomial_pmf(v, s->n, p);
}

/* Nodes and weights on (-1, 1): Newton's method on the Legendre polynomial, from Tricomi's guess. */
static void gauss_legendre(double *x, double *w)
{
	for (int i = 0; i < NODES / 2; i++) {
		double z = cos(M_PI * (i + 0.75) / (NODES + 0.5)), slope = 1;
		for (int round = 0; round < 6; round++) {
			double p = 1, before = 0;
			for (int j = 0; j < NODES; j++) {
				double older = before;
				before = p, p = ((2 * j + 1) * z * before - j * older) / (j + 1);
			}
			slope = NODES * (z * p - before) / (z * z - 1);
			z -= p / slope;
		}
		x[i] = -z, x[NODES - 1 - i] = z;
		w[i] = w[NODES - 1 - i] = 2 / ((1 - z * z) * slope * slope);
	}
}

static double smirnov_middle(const struct smirnov *s, double from, double to)
{
	double x[NODES], w[NODES], sum = 0;
	gauss_legendre(x, w);
	for (int k = 0; k < PANELS; k++) {
		double lo = from + (to - from) * (1 - cos(M_PI * k / PANELS)) / 2;
		double hi = from + (to - from) * (1 - cos(M_PI * (k + 1) / PANELS)) / 2;
		for (int i = 0; i < NODES; i++)
			sum += w[i] * (hi - lo) / 2 * smirnov_term(s, (lo + hi) / 2 + x[i] * (hi - lo) / 2);
	}
	double slope_to = smirnov_term(s, to + 0.5) - smirnov_term(s, to - 0.5);
	double slope_from = smirnov_term(s, from + 0.5) - smirnov_term(s, from - 0.5);
	return sum - (slope_to - slope_from) / 24;
}

static double smirnov_tail(double n, double d)
{
	struct smirnov s = { n, d };
	double last = floor(n * (1 - d)), sum = 0;
	double ends = last < PLAIN_SUM ? last + 1 : ENDS;
	for (double v = 0; v < ends; v++)
		sum += smirnov_term(&s, v);
	if (ends > last)
		return sum;
	for (double v = last - ENDS + 1; v <= last; v++)
		sum += smirnov_term(&s, v);
	return sum + smirnov_middle(&s, ENDS - 0.5, last - ENDS + 0.5);
}

/* ---- Durbin's matrix ---- */

struct power { double *a; int exponent; };                 /* a * 10^exponent */

static void multiply(const double *a, const double *b, double *to, int m)
{
	for (int i = 0; i < m; i++)
		for (int j = 0; j < m; j++) {
			double sum = 0;
			for (int k = 0; k < m; k++)
				sum += a[i * m + k] * b[k * m + j];
			to[i * m + j] = sum;
		}
}

static void keep_small(struct power *p, int m)
{
	if (p->a[(m / 2) * m + m / 2] > 1e140) {
		for (int i = 0; i < m * m; i++)
			p->a[i] *= 1e-140;
		p->exponent += 140;
	}
}

static void raise_power(const double *h, struct power *v, int m, int n, double *scratch)
{
	if (n == 1) {
		memcpy(v->a, h, sizeof(double) * (size_t)(m * m));
		v->exponent = 0;
		return;
	}
	raise_power(h, v, m, n / 2, scratch);
	multiply(v->a, v->a, scratch, m);
	v->exponent *= 2;
	if (n % 2 == 0)
		memcpy(v->a, scratch, sizeof(double) * (size_t)(m * m));
	else
		multiply(h, scratch, v->a, m);
	keep_small(v, m);
}

static void durbin_matrix(double *h, int m, double rest)
{
	for (int i = 0; i < m; i++)
		for (int j = 0; j < m; j++)
			h[i * m + j] = i - j + 1 < 0 ? 0 : 1;
	for (int i = 0; i < m; i++) {
		h[i * m] -= pow(rest, i + 1);
		h[(m - 1) * m + i] -= pow(rest, m - i);
	}
	h[(m - 1) * m] += 2 * rest - 1 > 0 ? pow(2 * rest - 1, m) : 0;
	for (int i = 0; i < m; i++)
		for (int j = 0; j <= i && j < m; j++)
			for (int g = 1; g <= i - j + 1; g++)
				h[i * m + j] /= g;
}

/* P(D_n < d) */
static double durbin(int n, double d)
{
	int k = (int)(n * d) + 1, m = 2 * k - 1;
	size_t cells = (size_t)m * (size_t)m;
	double *room = mem_array(3 * cells, sizeof *room);
	struct power v = { room + cells, 0 };
	durbin_matrix(room, m, k - n * d);
	raise_power(room, &v, m, n, room + 2 * cells);
	double p = v.a[(k - 1) * m + k - 1];
	for (int i = 1; i <= n; i++) {
		p = p * i / n;
		if (p < 1e-140)
			p *= 1e140, v.exponent -= 140;
	}
	free(room);
	return p * pow(10, v.exponent);
}

/* ---- Pelz and Good's series, of P(D_n < d) ---- */

static double pelz_good(double n, double d)
{
	double z = sqrt(n) * d, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4, z10 = z8 * z2;
	double pi2 = M_PI * M_PI, k0 = 0, k1 = 0, k2 = 0, k3 = 0, extra2 = 0, extra3 = 0;
	for (int k = 0; k < 60; k++) {
		double h2 = (k + 0.5) * (k + 0.5) * pi2, e = exp(-h2 / (2 * z2));      /* (pi (k + 1/2))^2 */
		k0 += e;
		k1 += (h2 - z2) * e;
		k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * h2 + (1 - 2 * z2) * h2 * h2) * e;
		k3 += ((5 - 30 * z2) * h2 * h2 * h2 + (-60 * z2 + 212 * z4) * h2 * h2 + (135 * z4 - 96 * z6) * h2 - (30 * z6 + 90 * z8)) * e;
		double w2 = (double)k * k * pi2, g = exp(-w2 / (2 * z2));
		extra2 += w2 * g;
		extra3 += (3 * z2 - w2) * w2 * g;
	}
	double root = sqrt(2 * M_PI);
	k0 *= root / z;
	k1 *= root / (6 * z4);
	k2 = k2 * root / (72 * z4 * z2 * z) - extra2 * root / (36 * z2 * z);
	k3 = k3 * root / (6480 * z10) + extra3 * root / (216 * z6);
	return k0 + k1 / sqrt(n) + k2 / n + k3 / (n * sqrt(n));
}

static double clip(double p)
{
	return p < 0 ? 0 : p > 1 ? 1 : p;
}

double kolmogorov_upper(double n, double d)
{
	if (!(n >= 1) || isnan(d) || isinf(n))
		return NAN;
	double t = n * d, q = t * d;
	if (d >= 1)
		return 0;
	if (t <= 0.5)
		return 1;
	if (t <= 1)
		return clip(1 - exp(stirling_error(n) - n + n * log(2 * t - 1)) * sqrt(2 * M_PI * n));
	if (t >= n - 1)
		return clip(2 * pow(1 - d, n));
	if (d >= 0.5)
		return clip(2 * smirnov_tail(n, d));
	if (n <= 140)
		return q <= 4 ? clip(1 - durbin((int)n, d)) : clip(2 * smirnov_tail(n, d));
	if (q >= 370)
		return 0;
	if (q >= 2.2)
		return clip(2 * smirnov_tail(n, d));
	if (q < 0.036)
		return 1;                       /* 1e-13 of it is missing */
	return clip(1 - (n <= 100000 && n * pow(d, 1.5) <= 1.4 ? durbin((int)n, d) : pelz_good(n, d)));
}

/* ---- two samples ---- */

static int64_t common_divisor(int64_t a, int64_t b)
{
	while (b) {
		int64_t r = a % b;
		a = b, b = r;
	}
	return a;
}

/* P(D >= h/n) of two samples of n: 2 sum (-1)^(k+1) C(2n, n-kh) / C(2n, n), Horner's way. */
static double equal_sizes(int n, int64_t h)
{
	double p = 0;
	for (int64_t k = n / h; k >= 1; k--) {
		double a = 1;
		for (int64_t j = 0; j < h; j++)
			a *= (double)(n - (k - 1) * h - j) / (double)(n + (k - 1) * h + j + 1);
		p = a * (1 - p);
	}
	return 2 * p;
}

/* Cells (i, s - i) of antidiagonal s that lie inside the band |i ng - (s - i) mg| < h: the least and greatest such i. */
static void inside(int64_t s, int64_t mg, int64_t ng, int64_t h, int m, int n, int *lo, int *hi)
{
	int64_t sum = mg + ng, from = s * mg - h, to = s * mg + h;       /* from < i (mg + ng) < to */
	int64_t least = from < 0 ? 0 : from / sum + 1, most = (to + sum - 1) / sum - 1;
	least = least < s - n ? s - n : least;
	most = most > m ? m : most > s ? s : most;
	*lo = (int)least, *hi = (int)most;
}

/* The share of paths from (0, 0) to (m, n) that touch the band's edge, by the share at each cell: a path to (i, j) came from (i-1, j) with
 * probability i / (i + j). Cells outside hold 1. Inside cells of two neighbouring antidiagonals differ by at most one at each end. */
static double unequal_sizes(int m, int n, int64_t mg, int64_t ng, int64_t h)
{
	double *room = mem_array(2 * ((size_t)m + 3), sizeof *room), *was = room + 1, *now = room + m + 4;
	for (int i = 0; i < 2 * (m + 3); i++)
		room[i] = 1;
	was[0] = 0;
	for (int64_t s = 1; s <= (int64_t)m + n; s++) {
		int lo, hi;
		inside(s, mg, ng, h, m, n, &lo, &hi);
		double r = 1 / (double)s;
		for (int i = lo; i <= hi; i++) {
			double from_i = i * r, from_j = (double)(s - i) * r;      /* 1 - from_i would not be 0 where j is */
			now[i] = was[i - 1] * from_i + was[i] * from_j;
		}
		if (lo > 0)
			now[lo - 1] = 1;
		if (hi < m)
			now[hi + 1] = 1;
		double *t = was;
		was = now, now = t;
	}
	double p = was[m];
	free(room);
	return p;
}

double smirnov_two_sample_exact(double d, int n, int m)
{
	if (n < 1 || m < 1 || n > MOST_EXACT || m > MOST_EXACT || isnan(d))
		return NAN;
	int64_t g = common_divisor(n, m), mg = m / g, ng = n / g, lcm = mg * n;
	int64_t h = (int64_t)nearbyint(fmin(fmax(d, 0), 1) * (double)lcm);
	if (h == 0)
		return 1;
	double share = (double)h / (double)lcm, en = (double)n * m / ((double)n + m);
	if (2 * en * share * share > 800)
		return 0;                       /* less than the least double */
	if (n == m)
		return clip(equal_sizes(n, h));
	return clip(n < m ? unequal_sizes(m, n, mg, ng, h) : unequal_sizes(n, m, ng, mg, h));
}
