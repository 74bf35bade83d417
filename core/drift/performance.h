/* performance -- how good a model is, where labels exist; how good it probably is, where they do not yet (CBPE).
 *
 * Classification   accuracy, precision, recall, F1 (binary: of the positive class; else macro), ROC AUC, log loss, Brier score, calibration error,
 *          confusion matrix. Regression: mean error, MAE, RMSE, R2, MAPE (targets of zero left out, and said), largest error.
 * Worse    a metric is worse where its difference from the reference is certain (95 % interval: Wilson, DeLong, or normal of the mean) and passes a floor.
 * CBPE     NannyML's confidence-based performance estimation: probabilities calibrated on the reference by isotonic regression where that helps,
 *          then the expected confusion matrix of the current rows. Holds when features drift, not when the concept does; the report says so.
 * Source   DeLong et al. 1988; Wilson 1927; Zadrozny and Elkan 2002 (isotonic); Ayer et al. 1955 (PAVA).
 */
#ifndef MLYARD_DRIFT_PERFORMANCE_H
#define MLYARD_DRIFT_PERFORMANCE_H
#include "core/drift/report.h"
#include "core/drift/roles.h"
/* Fills r->performance and what it adds to the notes; roles as settled. Nothing to say (no prediction): n_metrics 0 and why_not. */
void performance_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct drift_roles *roles);
/* Where rows are not at hand, as of sketches: the columns that were named, and the reason why nothing is measured. why lives as long as the report. */
void performance_without_rows(struct report *r, const struct drift_roles *roles, const char *why);
const char *performance_metric_name(size_t i);   /* "accuracy", ...; NULL beyond the last */
bool performance_is_judged(const char *metric);      /* whether a metric of that name may be called worse */
#endif
