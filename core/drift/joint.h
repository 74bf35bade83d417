/* joint -- drift that no single column shows: a classifier that tells the two data sets apart, MMD, changed correlations.
 *
 * Sample     at most 20,000 rows a side and fewer the more columns there are (classifier.h says how they are drawn); the larger side at most four times the smaller.
 * Classifier logistic regression (L2; numbers about the reference's median in units of its spread and cut at 5 of them, missing as an indicator, categories one-hot
 *            up to 30 values); with up to 20 numeric columns and rows enough their squares and products too, so that a changed relation is seen. AUC of rows that
 *            were not trained on in 5 folds, its interval by DeLong, p of AUC <= 0.5. Drifts where p is below a tenth of alpha and AUC passes 0.55.
 * MMD        RBF kernel, median heuristic, permutation p (Gretton et al. 2012), on at most 400 rows a side.
 * Verdict    any of these alone makes the data set "watch"; "drifted" only where the whole interval of the AUC lies above 0.55 (docs/drift.md says why).
 * Text       logistic regression on words (TF-IDF, at most 2^16 features); the words with the greatest weights are named with their shares.
 * Seeds      fixed: the same data give the same numbers.
 */
#ifndef MLYARD_DRIFT_JOINT_H
#define MLYARD_DRIFT_JOINT_H
#include "core/drift/report.h"
#include "core/drift/roles.h"
struct task;
enum joint_choice { JOINT_USUAL, JOINT_ALWAYS, JOINT_NEVER };        /* usual: up to JOINT_COLUMNS columns, and not where another rule set decides */
enum { JOINT_COLUMNS = 200 };
/* Fills r->joint and lets it count in the verdict; columns that have a role other than segment stay out. roles may be NULL. */
void joint_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct drift_roles *roles, enum joint_choice choice, struct task *t);
/* The same in pieces, for threads that have other work beside it. NULL: nothing is asked for; the other functions take it. What the plan names lives as long. */
struct joint_plan {
	const char *const *names; size_t n_names;    /* columns; NULL: all */
	const struct drift_roles *roles; enum joint_choice choice; bool evidently; struct task *task;
};
struct joint;
struct joint *joint_new(const struct frame *ref, const struct frame *cur, const struct joint_plan *plan);
/* Does one piece; with `wait` it waits for one while there may be more. False: none is left, or none now. Any thread. */
bool joint_work(void *joint, bool wait);
void joint_finish(struct joint *j, struct report *r);        /* when no thread works on it */
void joint_free(struct joint *j);
/* Where rows are not at hand, as of sketches: the first result alone, with the reason why it says nothing. why lives as long as the report. */
void joint_without_rows(struct report *r, const char *why);
/* The frames were samples: results say so, in these words. */
void joint_sampled(struct report *r, const char *words);
/* What a text column says beyond its length: words that the reference does not know, share of letters, the classifier; into tests and words of the column.
 * p of the three: NaN where there are too few rows. */
struct text_result {
	double auc, low, high, p, null_auc;          /* null_auc: what 95 of 100 classifiers that only guess stay below */
	double oov_ref, oov_cur, oov_p, letters_ref, letters_cur, letters_p;     /* means over texts of the share of their words, of their characters */
	const char *why_not;                         /* "" */
	const struct report_word *words; size_t n_words;
};
void joint_text(const struct frame_col *ref, const struct frame_col *cur, struct arena *a, struct text_result *out);
#endif
