/* verdict -- compares two frames column by column and says which columns drift, how sure that is, and why.
 *
 * Rule     a column drifts when the p of its primary test, adjusted over all columns (Benjamini and Hochberg 1995), is below alpha and
 *          an effect passes its floor. Growth of the missing share and new and lost categories are judged on their own. Distributions get four fifths of
 *          alpha, those checks the rest, so that all together keep below alpha. docs/drift.md says it in words.
 * Floors   those of the tests; where the reference has a time axis, mean + 3 sd of the effect of its own chunks against the whole.
 * Trouble  stays in its column: "no data", "too few rows", "constant", "time", "only in reference", "only in current", "id".
 * Roles    target and prediction stand first whatever their severity, and the notes say what became of them; ids and timestamps are not compared.
 * Threads  columns are compared in parallel, each thread one at a time, so that no more than a pair a thread is in memory.
 */
#ifndef MLYARD_DRIFT_VERDICT_H
#define MLYARD_DRIFT_VERDICT_H
#include "core/drift/drift_test.h"
#include "core/drift/report.h"
#include "core/drift/roles.h"

/* Work of others that the threads of a comparison do beside the columns: one piece a call, longest first. False: none is left, or, without `wait`, none now. */
struct drift_beside { bool (*work)(void *arg, bool wait); void *arg; };
enum { VERDICT_FEWEST_ROWS = 10, VERDICT_TESTS = 24 };
struct drift_options {
	double alpha;                                /* 0: 0.05 */
	bool evidently;                              /* its choices, bins, thresholds and rule decide; ours are told beside it */
	double share, threshold;                     /* of Evidently: 0: 0.5 of the columns; 0: the test's own */
	const char *const *columns; size_t n_columns;                /* none: all */
	const struct drift_test *const *tests; size_t n_tests;       /* none: by type; at most VERDICT_TESTS */
	const char *time_column;                     /* NULL: the only one there is */
	bool no_calibration;
	int threads;                                 /* 0: as many as there are processors, 2 to 8 */
	const char *name, *model; int64_t version;   /* of the report; may be NULL */
	const char *const *notes; size_t n_notes;    /* for the report, before its own */
	struct task *task;                           /* may be NULL */
	const struct drift_roles *roles;             /* settled; NULL: no column has one */
	struct drift_beside beside;                  /* work NULL: none */
};
/* ST_USAGE: a column or time axis that neither side has. */
enum status drift_compare(const struct frame *ref, const struct frame *cur, const struct drift_options *o, struct report **out, struct err *e);
/* The same of two sketches of one plan: with intervals instead of values. Tests and floors are those by type, whatever the options say. */
struct sketch;
enum status drift_compare_sketches(const struct sketch *ref, const struct sketch *cur, const struct drift_options *o, struct report **out, struct err *e);
/* Adjusts p[0..n) in place; NaN stays and does not count. */
void adjust_benjamini_hochberg(double *p, size_t n);
#endif
