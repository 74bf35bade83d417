/* classifier -- can a logistic regression tell rows of two data sets apart? AUC of rows that it was not trained on.
 *
 * Folds    FOLDS, each class dealt out in a seeded random order, so that every fold has its share of both (stratified). The AUC is the mean over the folds
 *          (LeDell, Petersen and van der Laan 2015): scores of different folds are never ranked against each other. Its variance is the mean of DeLong's times
 *          1/K + 1/(K-1) (Nadeau and Bengio 2003), because folds share their training rows: with 1/K alone, 11 of 100 data sets without drift had p < 0.05.
 * Sampling one row from each of k equal stretches of a side, at a seeded random place: it spreads over time as the data do, and no period can hide from it.
 * Threads  folds are independent of each other: a crossing's may be trained by several threads, in any order.
 */
#ifndef MLYARD_DRIFT_CLASSIFIER_H
#define MLYARD_DRIFT_CLASSIFIER_H
#include "core/drift/auc.h"
#include "core/drift/logistic.h"

enum { CLASSIFIER_FOLDS = 5, CLASSIFIER_FEWEST_ROWS = 50 };
/* x->positive: rows of the current side. False: fewer than CLASSIFIER_FEWEST_ROWS of a class. */
bool classifier_auc(const struct logistic_rows *x, struct auc *out);
/* The same fold by fold. NULL: too few rows. x lives as long; every fold once; the end frees. */
struct crossing;
struct crossing *crossing_new(const struct logistic_rows *x);
void crossing_fold(struct crossing *c, size_t k);
void crossing_end(struct crossing *c, struct auc *out);
/* Rows to look at: min(n, most) of n, ascending; returns how many. */
size_t sample_rows(size_t n, size_t most, uint64_t seed, uint32_t *out);
#endif
