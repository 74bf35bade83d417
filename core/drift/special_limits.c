/* special_limits -- limiting distributions of quadratic statistics of distribution functions, and K_{1/4}.
 *
 * Both limits are those of sum Z_i^2 / (2 s_i) with independent normal Z_i; D(s) = prod (1 - s/s_i) is known in closed form. N. V. Smirnov's formula gives
 * the upper tail itself, without a difference from 1, as an alternating sum of integrals between pairs of the s_i:
 *     P(Q > z) = 1/pi * sum_k (-1)^(k+1) integral from s_{2k-1} to s_{2k} of exp(-s z) / (s sqrt|D(s)|) ds.
 * The integrand grows like an inverse square root at both ends; s = mid + half * cos(theta) takes that away, and the midpoint
 * rule in theta then converges geometrically (Chebyshev-Gauss).
 * Cramer-von Mises: s_i = (i pi)^2 / 2, D = sin(sqrt(2 s)) / sqrt(2 s). Anderson-Darling (1954): s_i = i (i + 1) / 2,
 * D = -cos(pi/2 sqrt(1 + 8 s)) / (2 pi s). Where z is so small that the sum would need many pairs, the probability is 1 to more digits than asked for.
 */
#include <math.h>
#include "core/drift/special.h"

enum { NODES = 160, MOST_PAIRS = 400 };

struct limit { double (*root)(int i); double (*det)(double s); double least; };      /* below `least` the probability is 1 */

static double cvm_root(int i)
{
	return (i * M_PI) * (i * M_PI) / 2;
}

static double cvm_det(double s)
{
	return sin(sqrt(2 * s)) / sqrt(2 * s);
}

static double ad_root(int i)
{
	return i * (i + 1) / 2.0;
}

static double ad_det(double s)
{
	return cos(M_PI / 2 * sqrt(1 + 8 * s)) / (2 * M_PI * s);
}

static double pair_integral(const struct limit *l, double lo, double hi, double z)
{
	double mid = (lo + hi) / 2, half = (hi - lo) / 2, sum = 0;
	for (int i = 0; i < NODES; i++) {
		double theta = M_PI * (i + 0.5) / NODES, s = mid + half * cos(theta);
		sum += exp(-(s - lo) * z) * sin(theta) / (s * sqrt(fabs(l->det(s))));
	}
	return sum * M_PI / NODES * half * exp(-lo * z);
}

static double limit_upper(const struct limit *l, double z)
{
	if (isnan(z))
		return NAN;
	if (z < l->least)
		return 1;
	double sum = 0;
	for (int k = 0; k < MOST_PAIRS; k++) {
		double part = pair_integral(l, l->root(2 * k + 1), l->root(2 * k + 2), z);
		sum += k % 2 ? -part : part;
		if (part <= 1e-17 * sum)
			break;
	}
	return fmin(1, fmax(0, sum / M_PI));
}

double cvm_limit_upper(double z)
{
	static const struct limit l = { cvm_root, cvm_det, 0.004 };
	return limit_upper(&l, z);
}

double ad_limit_upper(double z)
{
	static const struct limit l = { ad_root, ad_det, 0.025 };
	return limit_upper(&l, z);
}

/* K_nu(x) is the integral over t >= 0 of exp(-x cosh t) cosh(nu t); the trapezoid rule converges faster than any power of its step there. */
double bessel_k_quarter(double x)
{
	const double h = 1.0 / 64;
	if (!(x > 0))
		return x == 0 ? INFINITY : NAN;
	double sum = 0.5;
	for (int i = 1; i < 60000; i++) {
		double t = i * h, less = x * (cosh(t) - 1);
		if (less > 745)
			break;
		sum += exp(-less) * cosh(t / 4);
	}
	return sum * h * exp(-x);
}
