/* Cramer-von Mises for two samples, midranks: T (Anderson 1962), from the walk. Expected with no drift: (1 + 1/N)/6.
 * p: exact by counting lattice paths by their sum of squares (Xiao, Gordon and Yakovlev 2007) up to 20 values a side, else T brought to the mean and variance of its
 * limit, whose upper tail is integrated; ties have a form of their own. Evidently's and SciPy's variant subtracts a series in K_{1/4} from 1, which leaves
 * 1e-7 of noise in small p, and takes tied values for differences: it gives p near 0 for equal columns of a few values. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include "core/base/mem.h"
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

enum { EXACT_TO = 20, MOST_TERMS = 1 << 20 };

/* How many paths reach a cell with each sum; sums ascending. */
struct sums { int64_t *sum; double *paths; size_t n; };

static void sums_free(struct sums *s)
{
	free(s->sum), free(s->paths);
}

/* Both ways into a cell together, with the cell's own square added; sums that reach `limit` leave, times the paths on to the end. */
static struct sums join(const struct sums *a, const struct sums *b, int64_t square, int64_t limit, double onward, double *over)
{
	struct sums s = { mem_array(a->n + b->n + 1, sizeof(int64_t)), mem_array(a->n + b->n + 1, sizeof(double)), 0 };
	for (size_t i = 0, j = 0; i < a->n || j < b->n; ) {
		int64_t v = j == b->n || (i < a->n && a->sum[i] < b->sum[j]) ? a->sum[i] : b->sum[j];
		double paths = 0;
		if (i < a->n && a->sum[i] == v)
			paths += a->paths[i++];
		if (j < b->n && b->sum[j] == v)
			paths += b->paths[j++];
		if (v + square >= limit)
			*over += paths * onward;
		else
			s.sum[s.n] = v + square, s.paths[s.n++] = paths;
	}
	return s;
}

static double rounded(double v, int digits)
{
	int e;
	double f = frexp(v, &e);
	return digits == 53 ? v : ldexp(nearbyint(ldexp(f, digits)), e - digits);
}

/* Share of paths from (0, 0) to (n, m) whose sum of (a v - b u)^2 is at least `limit`. */
static double share_of_paths(int n, int m, int64_t limit, int digits)
{
	int64_t g = n, k = m;
	while (k) {
		int64_t t = g % k;
		g = k, k = t;
	}
	int64_t a = n / g, b = m / g;
	struct sums row[EXACT_TO + 1] = { { 0 } }, start = { mem_alloc(sizeof(int64_t)), mem_alloc(sizeof(double)), 1 }, none = { 0 };
	start.sum[0] = 0, start.paths[0] = 1;
	double over = 0, total = exp(log_binomial(n + m, n));
	for (int u = 0; u <= n; u++)
		for (int v = 0; v <= m; v++) {
			const struct sums *left = v ? &row[v - 1] : &none, *above = u ? &row[v] : !v ? &start : &none;
			bool last = u == n && v == m;
			double onward = exp(log_binomial(n - u + m - v, n - u));
			struct sums s = join(left, above, (a * v - b * u) * (a * v - b * u), last || digits == 53 ? limit : INT64_MAX, onward, &over);
			for (size_t i = 0; i < s.n; i++)
				s.paths[i] = rounded(s.paths[i], digits);
			sums_free(&row[v]);
			row[v] = s;
		}
	for (int v = 0; v <= m; v++)
		sums_free(&row[v]);
	sums_free(&start);
	if (digits < 53)
		return rounded(over, digits) / total;
	return limit <= 0 ? 1 : fmin(1, over / total);
}

/* The sum of squares that T stands for is whole without ties; with ties the next lower whole one counts, as in SciPy. Evidently counts paths in the least floating type
 * that holds their number: half or single precision, so that its p may exceed 1. */
static double exact_p(int n, int m, double t, bool evidently)
{
	int64_t g = n, k = m;
	while (k) {
		int64_t r = g % k;
		g = k, k = r;
	}
	double lcm = (double)n / (double)g * m, sum = t * lcm * lcm * (n + m) * (n + m) / ((double)n * m);
	double whole = nearbyint(sum), total = exp(log_binomial(n + m, n)), most = lcm * lcm * (n + m);
	int64_t limit = (int64_t)(fabs(sum - whole) < 1e-6 ? whole : floor(sum));
	int digits = !evidently || most > total ? 53 : total <= 65504 ? 11 : 24;
	return share_of_paths(n, m, limit, digits);
}

/* Anderson and Darling's series of the limit, as SciPy cuts it off. */
static double series_p(double x)
{
	double cdf = 0;
	int sign;
	for (int k = 0; k < MOST_TERMS; k++) {
		double y = 4 * k + 1, q = y * y / (16 * x);
		double term = exp(lgamma_r(k + 0.5, &sign) - lgamma_r(k + 1.0, &sign)) / (pow(M_PI, 1.5) * sqrt(x)) * sqrt(y) * exp(-q) * bessel_k_quarter(q);
		cdf += term;
		if (fabs(term) < 1e-7)
			break;
	}
	return fmin(1, fmax(0, 1 - cdf));
}

/* With ties the midrank form of T counts the spread within ties, which is no difference of the sides: many equal values make it thousands. Ours is then nm/N^2 times the sum of
 * (F - G)^2 over all rows, whose mean over all divisions of the rows is exact and whose variance is that of its limit, the integral of a squared Brownian bridge seen at the
 * distinct values only. Mean and variance brought to those without ties, the same upper tail fits: even two values' (chi-square of 1) has nearly its shape. */
struct tied { double t, mean, var; };

static struct tied tied_moments(const struct side *x, const struct side *y)
{
	double n = (double)x->n, m = (double)y->n, all = n + m, sum = 0, within = 0, below = 0, cross = 0;
	size_t i = 0, j = 0;
	while (i < x->n || j < y->n) {
		const double v = j == y->n || (i < x->n && x->sorted[i] <= y->sorted[j]) ? x->sorted[i] : y->sorted[j];
		const size_t before = i + j;
		while (i < x->n && x->sorted[i] == v)
			i++;
		while (j < y->n && y->sorted[j] == v)
			j++;
		const double weight = (double)(i + j - before) / all, h = (double)(i + j) / all, gap = (double)i / n - (double)j / m;
		sum += weight * gap * gap, within += weight * h * (1 - h);
		cross += weight * (1 - h) * (1 - h) * (2 * below + weight * h * h);
		below += weight * h * h;
	}
	return (struct tied){ n * m / all * sum, within * all / (all - 1), 2 * cross };
}

static void run_tied(const struct pair *p, struct test_result *r)
{
	const struct tied x = tied_moments(&p->ref, &p->cur);
	r->statistic = x.t, r->null_value = x.mean;
	r->p = x.var > 0 && x.t > 0 ? cvm_limit_upper(1.0 / 6 + (x.t - x.mean) / sqrt(45 * x.var)) : 1;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double n = (double)p->ref.n, m = (double)p->cur.n, all = n + m, k = n * m;
	if (n < 2 || m < 2) {
		test_cannot(r, "each side needs two values");
		return;
	}
	struct ranks ranks;
	pair_ranks(p, &ranks);
	if (ranks.tie3 > 0 && !o->evidently) {
		run_tied(p, r);
		return;
	}
	double mean = (1 + 1 / all) / 6, var = (all + 1) * (4 * k * all - 3 * (n * n + m * m) - 2 * k) / (45 * all * all * 4 * k);
	double x = 1.0 / 6 + (ranks.cvm_t - mean) / sqrt(45 * var);
	r->statistic = ranks.cvm_t, r->null_value = mean;
	if (n <= EXACT_TO && m <= EXACT_TO)
		r->p = exact_p((int)n, (int)m, ranks.cvm_t, o->evidently);
	else if (o->evidently)
		r->p = x < 0.003 ? 1 : series_p(x);
	else
		r->p = cvm_limit_upper(x);
}

const struct drift_test drift_test_cramer_von_mises = {
	.id = "cramer_von_mises", .title = "Cramer-von Mises", .source = "Anderson 1962; Xiao, Gordon and Yakovlev 2007",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .effect_floor = NAN,
	.evidently_id = "cramer_von_mises", .evidently_title = "Cramer-von Mises", .evidently_threshold = 0.1, .evidently_op = 'l', .run = run,
};
