/* Epps-Singleton: the empirical characteristic functions of both sides at two points, 0.4 and 0.8 over half the pooled interquartile range, as a quadratic form in the inverse of
 * their covariance (Epps and Singleton 1986; small samples corrected as Goerg and Kaiser 2009 have it). Chi-square with the covariance's rank as
 * degrees of freedom. Sees any change of shape; needs 5 values a side and a pooled interquartile range. */
#include <float.h>
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

enum { DIM = 4 };
#define NOISE 1e-14

/* Ours measures from the middle: cosines of huge arguments are noise, and a common shift only turns the features. */
static void features(double x, const double at[3], double out[DIM])
{
	double u = at[0] * (x - at[2]), v = at[1] * (x - at[2]);
	out[0] = cos(u), out[1] = cos(v), out[2] = sin(u), out[3] = sin(v);
}

/* Means of the features, and their covariance times `weight` added to cov. */
static void moments(const struct side *s, const double at[3], double weight, double mean[DIM], double cov[DIM][DIM])
{
	double f[DIM], sum[DIM][DIM] = { { 0 } };
	for (int i = 0; i < DIM; i++)
		mean[i] = 0;
	for (size_t k = 0; k < s->n; k++) {
		features(s->sorted[k], at, f);
		for (int i = 0; i < DIM; i++)
			mean[i] += (f[i] - mean[i]) / (double)(k + 1);
	}
	for (size_t k = 0; k < s->n; k++) {
		features(s->sorted[k], at, f);
		for (int i = 0; i < DIM; i++)
			for (int j = 0; j <= i; j++)
				sum[i][j] += (f[i] - mean[i]) * (f[j] - mean[j]);
	}
	for (int i = 0; i < DIM; i++)
		for (int j = 0; j < DIM; j++)
			cov[i][j] += (j <= i ? sum[i][j] : sum[j][i]) / (double)s->n * weight;
}

static void rotate(double a[DIM][DIM], double v[DIM][DIM], int p, int q)
{
	if (a[p][q] == 0)
		return;
	double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]), t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
	double c = 1 / sqrt(t * t + 1), s = t * c;
	for (int k = 0; k < DIM; k++) {
		double x = a[k][p], y = a[k][q];
		a[k][p] = c * x - s * y, a[k][q] = s * x + c * y;
	}
	for (int k = 0; k < DIM; k++) {
		double x = a[p][k], y = a[q][k];
		a[p][k] = c * x - s * y, a[q][k] = s * x + c * y;
		x = v[k][p], y = v[k][q];
		v[k][p] = c * x - s * y, v[k][q] = s * x + c * y;
	}
}

/* g' pinv(cov) g by Jacobi's rotations; eigenvalues below NOISE of the greatest count as 0, which is what rounding leaves of them. */
static double quadratic_form(double cov[DIM][DIM], const double g[DIM], int *rank)
{
	double v[DIM][DIM] = { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 1 } }, most = 0, least = INFINITY, sum = 0;
	for (int sweep = 0; sweep < 30; sweep++)
		for (int p = 0; p < DIM; p++)
			for (int q = p + 1; q < DIM; q++)
				rotate(cov, v, p, q);
	for (int i = 0; i < DIM; i++)
		most = fmax(most, fabs(cov[i][i]));
	*rank = 0;
	if (most < 1e-28)
		return 0;
	for (int i = 0; i < DIM; i++)
		if (fabs(cov[i][i]) > NOISE * most)
			least = fmin(least, fabs(cov[i][i]));
	for (int i = 0; i < DIM; i++) {
		double l = cov[i][i], along = 0;
		if (fabs(l) <= NOISE * most)
			continue;
		for (int k = 0; k < DIM; k++)
			along += v[k][i] * g[k];
		sum += along * along / l;
		*rank += 1 / fabs(l) > DIM * DBL_EPSILON / least;
	}
	return sum;
}

static const char *refusal(const struct pair *p, double half)
{
	if (p->ref.n < 5 || p->cur.n < 5)
		return "each side needs five values";
	if (!(half > 0))
		return "half of all values are equal";
	if (isinf(0.8 / half))
		return "the values are too small";
	return NULL;
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double half = pair_quantile(p, 0.75) / 2 - pair_quantile(p, 0.25) / 2, n = (double)p->ref.n, m = (double)p->cur.n, all = n + m;
	const char *why = refusal(p, half);
	if (why) {
		test_cannot(r, why);
		return;
	}
	double at[3] = { 0.4 / half, 0.8 / half, o->evidently ? 0 : pair_quantile(p, 0.5) }, x[DIM], y[DIM], g[DIM], cov[DIM][DIM] = { { 0 } };
	int rank;
	moments(&p->ref, at, all / n, x, cov);
	moments(&p->cur, at, all / m, y, cov);
	for (int i = 0; i < DIM; i++)
		g[i] = x[i] - y[i];
	r->statistic = all * quadratic_form(cov, g, &rank);
	if (n < 25 && m < 25)
		r->statistic /= 1 + pow(all, -0.45) + 10.1 * (pow(n, -1.7) + pow(m, -1.7));
	r->p = rank ? chi2_upper(r->statistic, rank) : 0;        /* two different constants: certain */
	r->statistic = rank ? r->statistic : INFINITY;
	r->null_value = rank, r->extra[0] = rank;
}

const struct drift_test drift_test_epps_singleton = {
	.id = "epps_singleton", .title = "Epps-Singleton", .source = "Epps and Singleton 1986; Goerg and Kaiser 2009",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .extra_names = { "df" }, .effect_floor = NAN,
	.evidently_id = "es", .evidently_title = "Epps-Singleton", .evidently_threshold = 0.05, .evidently_op = '<', .run = run,
};
