/* special -- normal, gamma, beta and binomial functions.
 *
 * Everything that multiplies large powers goes through one form: a binomial or Poisson probability written as
 * exp(stirling errors - deviances) / sqrt (Loader 2000, "Fast and accurate computation of binomial probabilities"). It has no cancellation, so that tails
 * and large parameters keep their digits where differences of lgamma lose them. Incomplete gamma: series below a + 1, Lentz's continued
 * fraction above. Incomplete beta: Lentz's continued fraction of the nearer side (Numerical Recipes 6.4; DiDonato and Morris 1992 give its error).
 */
#include <float.h>
#include <math.h>
#include "core/drift/special.h"

enum { MOST_STEPS = 200000 };
static const double two_pi = 6.283185307179586476925286766559;
#define TINY 1e-300
#define HILL_FROM 20000

double normal_upper(double z)
{
	return 0.5 * erfc(z * M_SQRT1_2);
}

double normal_two_sided(double z)
{
	return erfc(fabs(z) * M_SQRT1_2);
}

static double horner(const double *c, int n, double x)
{
	double v = c[n - 1];
	for (int i = n - 2; i >= 0; i--)
		v = v * x + c[i];
	return v;
}

/* Wichura 1988, algorithm AS 241 (PPND16): three rational approximations, 1e-16 relative. */
double normal_quantile(double p)
{
	static const double a[] = { 3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3 };
	static const double b[] = { 1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3 };
	static const double c[] = { 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4 };
	static const double d[] = { 1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9 };
	static const double e[] = { 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7 };
	static const double f[] = { 1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15 };
	if (!(p >= 0 && p <= 1))
		return NAN;
	double q = p - 0.5;
	if (fabs(q) <= 0.425) {
		double r = 0.180625 - q * q;
		return q * horner(a, 8, r) / horner(b, 8, r);
	}
	double tail = q < 0 ? p : 1 - p;
	if (tail <= 0)
		return q < 0 ? -INFINITY : INFINITY;
	double r = sqrt(-log(tail));
	double z = r <= 5 ? horner(c, 8, r - 1.6) / horner(d, 8, r - 1.6) : horner(e, 8, r - 5) / horner(f, 8, r - 5);
	return q < 0 ? -z : z;
}

/* ln n! - ((n + 1/2) ln n - n + ln sqrt(2 pi)): by its series, and below 15 by lgamma, whose values are small there. */
double stirling_error(double n)
{
	static const double s[] = { 1 / 12.0, -1 / 360.0, 1 / 1260.0, -1 / 1680.0, 1 / 1188.0, -691 / 360360.0, 1 / 156.0 };
	if (!(n >= 0))
		return NAN;
	if (n == 0)
		return INFINITY;
	if (n > 15)
		return horner(s, 7, 1 / (n * n)) / n;
	int sign;
	return lgamma_r(n + 1, &sign) - (n + 0.5) * log(n) + n - 0.5 * log(two_pi);
}

/* x ln(x/np) + np - x, by a series where both are near. */
double bd0(double x, double np)
{
	if (!(x >= 0 && np > 0) || isinf(x))
		return NAN;
	if (x == 0)
		return np;
	if (fabs(x - np) >= 0.1 * (x + np))
		return x * log(x / np) + np - x;
	double v = (x - np) / (x + np), sum = (x - np) * v, term = 2 * x * v;
	for (int j = 1; j < 1000; j++) {
		term *= v * v;
		double next = sum + term / (2 * j + 1);
		if (next == sum)
			break;
		sum = next;
	}
	return sum;
}

/* With the other share given as well: 1 - p would lose it where p is near 1. */
static double binomial_of(double k, double n, double p, double q)
{
	if (p <= 0)
		return k == 0 ? 1 : 0;
	if (q <= 0)
		return k == n ? 1 : 0;
	if (k == 0)
		return n == 0 ? 1 : exp(p < 0.1 ? -bd0(n, n * q) - n * p : n * log(q));
	if (k == n)
		return exp(q < 0.1 ? -bd0(n, n * p) - n * q : n * log(p));
	double ln = stirling_error(n) - stirling_error(k) - stirling_error(n - k) - bd0(k, n * p) - bd0(n - k, n * q);
	return exp(ln) * sqrt(n / (two_pi * k * (n - k)));
}

double binomial_pmf(double k, double n, double p)
{
	if (!(n >= 0 && k >= 0 && k <= n && p >= 0 && p <= 1) || isinf(n))
		return NAN;
	return binomial_of(k, n, p, 1 - p);
}

double log_binomial(double n, double k)
{
	if (!(n >= 0 && k >= 0 && k <= n) || isinf(n))
		return NAN;
	if (k == 0 || k == n)
		return 0;
	if (k > n - k)
		k = n - k;
	double ln = stirling_error(n) - stirling_error(k) - stirling_error(n - k) + 0.5 * log(n / (two_pi * k * (n - k)));
	return ln - k * log(k / n) - (n - k) * log1p(-k / n);
}

/* x^a e^-x / Gamma(a + 1). */
static double poisson(double a, double x)
{
	return exp(-stirling_error(a) - bd0(a, x)) / sqrt(two_pi * a);
}

static double gamma_series(double a, double x)
{
	double term = 1, sum = 1;
	for (int n = 1; n < MOST_STEPS && term > sum * DBL_EPSILON / 4; n++)
		term *= x / (a + n), sum += term;
	return sum * poisson(a, x);
}

static double gamma_fraction(double a, double x)
{
	double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
	for (int n = 1; n < MOST_STEPS; n++) {
		double an = -n * (n - a);
		b += 2;
		d = an * d + b, c = b + an / c;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = fabs(c) < TINY ? TINY : c;
		h *= d * c;
		if (fabs(d * c - 1) < DBL_EPSILON)
			break;
	}
	return h * poisson(a, x) * a;
}

double gamma_q(double a, double x)
{
	if (!(a > 0 && x >= 0) || isinf(a))
		return NAN;
	if (x == 0)
		return 1;
	if (isinf(x))
		return 0;
	return x < a + 1 ? fmax(0, 1 - gamma_series(a, x)) : gamma_fraction(a, x);
}

double gamma_p(double a, double x)
{
	if (!(a > 0 && x >= 0) || isinf(a))
		return NAN;
	if (x == 0)
		return 0;
	if (isinf(x))
		return 1;
	return x < a + 1 ? fmin(1, gamma_series(a, x)) : fmax(0, 1 - gamma_fraction(a, x));
}

double chi2_upper(double x, double df)
{
	if (!(df > 0) || isnan(x))
		return NAN;
	return x <= 0 ? 1 : gamma_q(df / 2, x / 2);
}

/* By halving between bounds that grow until they hold the answer; for display, not for speed. */
double chi2_quantile(double p, double df)
{
	if (!(p > 0 && p <= 1 && df > 0) || isinf(df))
		return NAN;
	double lo = 0, hi = df + 10;
	while (chi2_upper(hi, df) > p)
		lo = hi, hi *= 2;
	for (int i = 0; i < 200 && hi - lo > 1e-14 * hi; i++) {
		double mid = lo + (hi - lo) / 2;
		if (chi2_upper(mid, df) > p)
			lo = mid;
		else
			hi = mid;
	}
	return lo + (hi - lo) / 2;
}

static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;
	d = 1 / (fabs(d) < TINY ? TINY : d), h = d;
	for (int m = 1; m < MOST_STEPS; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + even * d, c = 1 + even / c;
		d = 1 / (fabs(d) < TINY ? TINY : d), c = fabs(c) < TINY ? TINY : c;
		h *= d * c;
		d = 1 + odd * d, c = 1 + odd / c;
		d = 1 / (fabs(d) < TINY ? TINY : d), c = fabs(c) < TINY ? TINY : c;
		h *= d * c;
		if (fabs(d * c - 1) < DBL_EPSILON)
			break;
	}
	return h;
}

/* y = 1 - x, given by who knows it better than a difference would. */
static double beta_of(double a, double b, double x, double y)
{
	if (x <= 0)
		return 0;
	if (y <= 0)
		return 1;
	double front = binomial_of(a, a + b, x, y) * b / (a + b);       /* x^a y^b / (a B(a, b)) */
	if (x < (a + 1) / (a + b + 2))
		return fmin(1, front * beta_fraction(a, b, x));
	return fmax(0, 1 - front * a / b * beta_fraction(b, a, y));
}

double beta_i(double a, double b, double x)
{
	if (!(a > 0 && b > 0 && x >= 0 && x <= 1) || isinf(a) || isinf(b))
		return NAN;
	return beta_of(a, b, x, 1 - x);
}

/* Hill 1970 (algorithm 395): the normal deviate of the same probability, a series in 1/df whose first missing term is below rounding here. The fraction would take
 * thousands of steps and lose digits on the way. */
static double student_hill(double t, double df)
{
	double a = df - 0.5, b = 48 * a * a, y = a * log1p(t / df * t);
	double z = (((((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b) + y + 3) / b + 1) * sqrt(y);
	return normal_two_sided(z);
}

double student_two_sided(double t, double df)
{
	if (!(df > 0) || isnan(t))
		return NAN;
	if (isinf(t))
		return 0;
	if (df > HILL_FROM)
		return student_hill(t, df);
	double u = t / sqrt(df);                /* |t| near the greatest double squares to infinity, not its share */
	if (fabs(u) > 1e150)
		return df < 1 ? NAN : 0;
	return beta_of(df / 2, 0.5, 1 / (1 + u * u), u * u / (1 + u * u));
}

double f_upper(double f, double d1, double d2)
{
	if (!(d1 > 0 && d2 > 0) || isnan(f))
		return NAN;
	if (f <= 0)
		return 1;
	if (isinf(f))
		return 0;
	double u = d1 * f / d2;
	return isinf(u) ? 0 : beta_of(d2 / 2, d1 / 2, 1 / (1 + u), u / (1 + u));
}

/* Fisher's exact test: one table's probability by Loader's form, its neighbours' by their ratio, so that the sum costs one term per table.
 * Tables within 1e-11 of this one's probability count as equal: rounding must not decide. */
double hypergeometric_two_sided(double a, double b, double c, double d)
{
	if (!(a >= 0 && b >= 0 && c >= 0 && d >= 0))
		return NAN;
	double row = a + b, col = a + c, all = row + c + d;
	if (row == 0 || col == 0 || row == all || col == all)
		return 1;
	double lo = fmax(0, row + col - all), hi = fmin(row, col), share = row / all;
	double mode = fmin(hi, fmax(lo, floor((row + 1) * (col + 1) / (all + 2))));
	double top = binomial_pmf(mode, col, share) * binomial_pmf(row - mode, all - col, share) / binomial_pmf(row, all, share);
	double seen = binomial_pmf(a, col, share) * binomial_pmf(b, all - col, share) / binomial_pmf(row, all, share);
	double limit = seen * (1 + 1e-11), p = 0;
	for (double k = mode, t = top; k <= hi; k++) {
		p += t <= limit ? t : 0;
		if (t < seen * 1e-18)
			break;
		t *= (row - k) * (col - k) / ((k + 1) * (all - row - col + k + 1));
	}
	for (double k = mode, t = top; k > lo; k--) {
		t *= k * (all - row - col + k) / ((row - k + 1) * (col - k + 1));
		p += t <= limit ? t : 0;
		if (t < seen * 1e-18)
			break;
	}
	return fmin(1, p);
}
