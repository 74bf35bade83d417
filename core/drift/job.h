/* job -- a comparison from two names to a report: what `drift run`, monitors and panes do.
 *
 * Names    a path, or anything a reader takes (core/io). Both sides are read at the same time. What does not fit into the budget is
 *          sketched (sketch.h): the report then says so, gives bounds instead of values, and p-values at both ends of them; what needs whole rows is of
 *          a sample of them.
 * Types    are those of the reference where the current side does not say otherwise, so that both sides are read alike.
 * Threads  its own; the caller may be a worker. Progress and cancel through the task.
 */
#ifndef MLYARD_DRIFT_JOB_H
#define MLYARD_DRIFT_JOB_H
#include "core/drift/joint.h"
#include "core/drift/roles.h"
#include "core/drift/verdict.h"
#include "core/io/frame.h"

/* Rows of a side, by number or by a time column; nothing set: all. */
struct drift_rows { size_t first, count; const char *time_column; int64_t from_ms, to_ms; };      /* count 0: to the end; times half open; 0, 0: no limit */
/* What several jobs, one after the other, need not read again: the reference, and the current side where only its rows differ. The jobs must be alike but for `current` and the
 * rows. A file whose size or time of change is another is read again. */
struct drift_kept;
struct drift_kept *drift_kept_new(void);
void drift_kept_free(struct drift_kept *k);
struct drift_job {
	const char *reference, *current;
	struct frame_options read_reference, read_current;   /* types and budget are said once, in read_reference */
	struct drift_rows rows_reference, rows_current;
	struct drift_roles roles;
	struct drift_options compare;
	enum joint_choice joint;
	struct drift_kept *kept;                     /* NULL: nothing is kept */
	bool no_digest;                              /* of delimited text and Parquet, for a report that is neither stored nor written: a fifth of the time of reading */
};
enum status drift_job_run(const struct drift_job *j, struct task *t, struct report **out, struct err *e);
#endif
