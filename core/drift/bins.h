/* bins -- the shares of both sides over common bins, that distances between distributions are computed from.
 *
 * Numbers of more than 20 distinct reference values: equal bins over the pooled range, as many as Sturges says, placed like NumPy's histogram
 * (half open, the last one closed), by searching the edges in the sorted values. Else a bin for each distinct value.
 * Words: a bin for each category. Equal bins suffer from outliers; they are what other tools show under these names.
 */
#ifndef MLYARD_DRIFT_BINS_H
#define MLYARD_DRIFT_BINS_H
#include "core/drift/drift_test.h"

enum bin_rule {
	BINS_OF_ROWS,          /* Sturges on the number of rows */
	BINS_OF_DISTINCT,      /* Sturges on the number of distinct values, numbers always in equal bins */
	BINS_OF_VALUES,        /* one for each value */
};
struct bins {
	size_t n; double *ref, *cur;                 /* counts */
	double n_ref, n_cur, lo, hi;                 /* lo < hi: of equal bins, else both 0 */
};
void bins_make(const struct pair *p, enum bin_rule rule, bool numpy1, struct bins *out);
void bins_free(struct bins *b);
/* NumPy's edges by Sturges for a range and a count; returns how many bins. `whole`: at least 1 wide. */
size_t sturges_bins(double lo, double hi, size_t rows, bool whole);
double bin_edge(double lo, double hi, size_t n, size_t i);
/* Bins that hold anything, and the sum of 1/n: what chance alone does to a distance is their product. */
size_t bins_used(const struct bins *b);
double bins_noise(const struct bins *b);
#endif
