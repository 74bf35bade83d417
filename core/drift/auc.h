/* auc -- the area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half.
 *
 * Value      Mann-Whitney U / (n m) by one walk over both classes' sorted scores.
 * Variance   DeLong, DeLong and Clarke-Pearson (1988), by midranks (Sun and Xu 2014); the interval is the normal one, clipped to [0, 1].
 * p          of "no better than chance", one-sided: U's own variance under equal distributions, corrected for ties.
 * Rows       whose score is NaN are left out.
 */
#ifndef MLYARD_DRIFT_AUC_H
#define MLYARD_DRIFT_AUC_H
#include <stdbool.h>
#include <stddef.h>
struct auc {
	double value, variance, low, high;           /* 95 % interval; NaN with fewer than two rows of a class */
	double p, null_variance;                     /* of value <= 0.5; variance of the value were both classes alike */
	size_t positives, negatives;
};
/* False: a class is missing; everything but the counts is NaN then. */
bool auc_compute(const double *score, const bool *positive, size_t n, struct auc *out);
/* The same of scores that are sorted, a class each; no NaN, no -0. */
bool auc_sorted(const double *positive, size_t n, const double *negative, size_t m, struct auc *out);
/* Interval and p out of value, variance and null_variance, as auc_compute does; for averages over folds. */
void auc_finish(struct auc *a);
#endif
