/* joint -- drift that no single column shows: a classifier that tells the two data sets apart, MMD, changed correlations.
 *
 * Classifier   logistic regression (L2, standardised columns, missing as an indicator, categories one-hot up to 30 values) on a balanced sample of at most 20,000 rows
 *          a side, 5 folds; AUC of rows that were not trained on, DeLong interval, p of AUC <= 0.5. Drifts where the interval lies above 0.5 and AUC passes 0.55.
 * Text     the same on hashed words (TF-IDF, 2^16 buckets); the words with the greatest weights are named with their shares.
 * MMD      RBF kernel, median heuristic, permutation p (Gretton et al. 2012), on a sample.
 * Seeds    fixed: the same data give the same numbers.
 */
#ifndef MLYARD_DRIFT_JOINT_H
#define MLYARD_DRIFT_JOINT_H
#include "core/drift/report.h"
#include "core/drift/roles.h"
struct task;
/* Fills r->joint; columns that have a role other than segment stay out. */
void joint_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct drift_roles *roles, struct task *t);
/* What a text column says beyond its length: words that the reference does not know, share of letters, the classifier; into tests and words of the column. */
struct text_result { double auc, low, high, p; double oov_ref, oov_cur, letters_ref, letters_cur, length_ref, length_cur; const char *why_not; const struct report_word *words; size_t n_words; };
void joint_text(const struct frame_col *ref, const struct frame_col *cur, struct arena *a, struct text_result *out);
#endif
