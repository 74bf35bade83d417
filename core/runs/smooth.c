#include "core/runs/smooth.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool all_equal(const double *y, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (y[i] != y[0])
			return false;
	return true;
}

void smooth_ema(const double *y, size_t n, double w, double *out)
{
	w = w > 0 ? fmin(w, 1) : 0;
	if (w == 0 || all_equal(y, n)) {
		if (n)
			memmove(out, y, n * sizeof *y);
		return;
	}
	double s = 0, decay = 1;                           /* decay = w^n */
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(y[i])) {
			out[i] = y[i];
			continue;
		}
		s = s * w + (1 - w) * y[i];
		decay *= w;
		out[i] = w < 1 ? s / (1 - decay) : s;
	}
}
