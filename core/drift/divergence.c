#include <math.h>
#include "core/drift/divergence.h"
#include "core/drift/special.h"

void shares_filled(const double *count, size_t n, double all, double *share)
{
	double least = INFINITY;
	for (size_t i = 0; i < n; i++) {
		share[i] = count[i] / all;
		if (share[i] > 0)
			least = fmin(least, share[i]);
	}
	double fill = least <= 0.0001 ? least / 1e6 : 0.0001;
	for (size_t i = 0; i < n; i++)
		share[i] = share[i] == 0 ? fill : share[i];
}

void divergence_result(const struct bins *b, double squared, double factor, bool root, bool with_p, struct test_result *r)
{
	double df = (double)bins_used(b) - 1, noise = bins_noise(b);
	r->statistic = r->effect = root ? sqrt(squared < 0 ? 0 : squared) : squared;
	r->extra[0] = (double)b->n;
	if (df < 1) {
		r->null_value = 0;
		return;
	}
	double mean = df * noise / factor, high = chi2_quantile(0.05, df) * noise / factor;
	r->null_value = root ? sqrt(mean) : mean;
	r->extra[1] = root ? sqrt(high) : high;
	if (with_p)
		r->p = chi2_upper(squared * factor / noise, df);
}
