/* divergence -- what the distances between binned shares have in common.
 *
 * With no drift and n, m rows, each of them is, scaled, chi-square with one degree of freedom fewer than bins: PSI / (1/n + 1/m), 2 KL, 8 JS^2 and 8 H^2
 * likewise. So each has a value that chance alone is expected to give and one that it exceeds in one case of twenty.
 */
#ifndef MLYARD_DRIFT_DIVERGENCE_H
#define MLYARD_DRIFT_DIVERGENCE_H
#include "core/drift/bins.h"

#define DIVERGENCE_EXTRAS { "bins", "noise_95" }
/* Shares with empty bins filled as Evidently fills them: a millionth of the least share when that is at most 0.0001, else 0.0001. */
void shares_filled(const double *count, size_t n, double all, double *share);
/* statistic, null_value and extras from a squared distance and the factor that makes it chi-square; root: the statistic is its square root.
 * with_p: the limit holds for empty bins as well, so it also gives a p. */
void divergence_result(const struct bins *b, double squared, double factor, bool root, bool with_p, struct test_result *r);
/* The distances of bins that are there already. */
void jensen_shannon_of_bins(const struct bins *b, bool with_p, struct test_result *r);
void psi_of_bins(const struct bins *b, struct test_result *r);
#endif
