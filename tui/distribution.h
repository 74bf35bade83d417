/* distribution -- two distributions known by their quantiles, as distribution functions or one against the other. Drawn by chart.h.
 *
 * Quantiles evenly spaced from the least (0) to the greatest (1). Between two of them a function rises evenly; where values are tied it
 *          steps. So a distance read from them is good to one over their number: what needs it exactly knows it from a test.
 * Threads  pure: paints from what is handed in, keeps nothing.
 */
#ifndef MLYARD_TUI_DISTRIBUTION_H
#define MLYARD_TUI_DISTRIBUTION_H
#include "tui/widget.h"

enum { DISTRIBUTION_MOST = 256 };
struct distribution {
	const double *ref, *cur; size_t n;           /* 2..DISTRIBUTION_MOST quantiles a side */
	double lo, hi;                               /* window of values; lo == hi: all of them */
};
/* Share of values at or below x. */
double distribution_at(const double *q, size_t n, double x);
/* The largest distance of the two functions and where it is; NaN: unknown. */
double distribution_gap(const struct distribution *d, double *x);
/* Both functions over the values; a line marks the largest gap. */
void distribution_paint_ecdf(const struct distribution *d, struct paint *p);
/* Quantiles of the current data over those of the reference, and the diagonal on which unchanged data lie. */
void distribution_paint_qq(const struct distribution *d, struct paint *p);
#endif
