/* mmd -- maximum mean discrepancy of two samples of points: a distance between distributions in any number of dimensions (Gretton et al. 2012).
 *
 * Unbiased estimate with a Gaussian kernel whose width is the median distance within the reference; p by permutation.
 * Cost     (n+m)^2 kernels and as many additions per permutation. Limit: MMD_MOST points a side; callers draw a sample first.
 */
#ifndef MLYARD_DRIFT_MMD_H
#define MLYARD_DRIFT_MMD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
enum { MMD_MOST = 4096 };
/* At most `most` permutations, 0: no p (NaN). With `enough` > 0 they end when so many were as extreme as the data, and p is their share (Besag and Clifford 1991):
 * a p that is not small needs few. */
struct mmd_options { int most, enough; uint64_t seed; };
/* x: n rows of `dims` values, y: m. False: fewer than 2 points a side or more than MMD_MOST. */
bool mmd_points(const double *x, size_t n, const double *y, size_t m, size_t dims, const struct mmd_options *o, double *mmd2, double *p);
#endif
