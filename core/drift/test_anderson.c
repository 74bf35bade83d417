/* Anderson-Darling for two samples, midranks (Scholz and Stephens 1987, equation 7): the squared difference of F and G weighted by 1/(H(1-H)), so that tails
 * count; standardised by its exact mean 1 and deviation. Expected with no drift: 0.
 * p: the standardised value moved onto the limit distribution (mean 1, variance 2(pi^2 - 9)/3), whose upper tail is integrated. Evidently's and SciPy's
 * variant fits a parabola to seven critical values and stops at 0.001 and 0.25, which no correction for many columns survives. */
#include <math.h>
#include "core/drift/drift_test.h"
#include "core/drift/special.h"

static double harmonic(double n)
{
	double sum = 0;
	if (n > 50) {
		double i2 = 1 / (n * n);
		return log(n) + 0.57721566490153286 + 0.5 / n - i2 / 12 + i2 * i2 / 120 - i2 * i2 * i2 / 252;
	}
	for (double i = n; i >= 1; i--)
		sum += 1 / i;
	return sum;
}

static double harmonic_squares(double n)
{
	double sum = 0;
	if (n > 50) {
		double i = 1 / n, i2 = i * i;
		return M_PI * M_PI / 6 - i + i2 / 2 - i2 * i / 6 + i2 * i2 * i / 30 - i2 * i2 * i2 * i / 42;
	}
	for (double i = n; i >= 1; i--)
		sum += 1 / (i * i);
	return sum;
}

/* Of A^2 at k = 2. The paper's double sum g is in closed form: by sum H_j / (N-j) = H_N^2 - H_N^(2) it is H_{N-1}^2 - H_N^2 + H_N^(2). */
static double variance(double n, double m)
{
	double all = n + m, big = 1 / n + 1 / m, h = harmonic(all - 1), g = harmonic_squares(all) - (2 * h + 1 / all) / all;
	double a = (4 * g - 6) + (10 - 6 * g) * big;
	double b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * big - 8 * h + 4 * g - 6;
	double c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * big + 4 * h;
	double d = (2 * h + 6) * 4 - 8 * h;
	return (((a * all + b) * all + c) * all + d) / ((all - 1) * (all - 2) * (all - 3));
}

/* Least squares of ln(significance) on critical values, a parabola about their middle: three normal equations. */
static double parabola_p(double a2)
{
	static const double at[] = { 0.325, 1.226, 1.961, 2.718, 3.752, 4.592, 6.546 }, sig[] = { 0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001 };
	enum { POINTS = 7 };
	if (a2 < at[0])
		return sig[0];
	if (a2 > at[POINTS - 1])
		return sig[POINTS - 1];
	double s[5] = { 0 }, t[3] = { 0 }, mid = 3;
	for (int i = 0; i < POINTS; i++) {
		double x = 1;
		for (int k = 0; k < 5; k++, x *= at[i] - mid) {
			s[k] += x;
			if (k < 3)
				t[k] += x * log(sig[i]);
		}
	}
	double d = s[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (s[1] * s[4] - s[3] * s[2]) + s[2] * (s[1] * s[3] - s[2] * s[2]);
	double c0 = t[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (t[1] * s[4] - s[3] * t[2]) + s[2] * (t[1] * s[3] - s[2] * t[2]);
	double c1 = s[0] * (t[1] * s[4] - t[2] * s[3]) - t[0] * (s[1] * s[4] - s[3] * s[2]) + s[2] * (s[1] * t[2] - t[1] * s[2]);
	double c2 = s[0] * (s[2] * t[2] - s[3] * t[1]) - s[1] * (s[1] * t[2] - t[1] * s[2]) + t[0] * (s[1] * s[3] - s[2] * s[2]);
	double x = a2 - mid;
	return exp((c0 + c1 * x + c2 * x * x) / d);
}

static void run(const struct pair *p, const struct test_options *o, struct test_result *r)
{
	double n = (double)p->ref.n, m = (double)p->cur.n;
	if (p->walk.distinct < 2) {
		test_cannot(r, "all values are equal");
		return;
	}
	if (n + m < 4) {
		test_cannot(r, "too few rows");
		return;
	}
	struct ranks ranks;
	pair_ranks(p, &ranks);
	r->statistic = (ranks.ad2 - 1) / sqrt(variance(n, m));
	r->p = o->evidently ? parabola_p(r->statistic) : ad_limit_upper(1 + r->statistic * sqrt(2 * (M_PI * M_PI - 9) / 3));
	r->null_value = 0;
	r->extra[0] = ranks.ad2;
}

const struct drift_test drift_test_anderson = {
	.id = "anderson", .title = "Anderson-Darling", .source = "Scholz and Stephens 1987; Anderson and Darling 1954",
	.kind = TEST_P_VALUE, .types = FOR_NUMBERS, .extra_names = { "A2" }, .effect_floor = NAN,
	.evidently_id = "anderson", .evidently_title = "Anderson-Darling", .evidently_threshold = 0.1, .evidently_op = '<', .run = run,
};
