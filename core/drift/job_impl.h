/* job_impl -- what the files of a job share: both sides while they are read. */
#ifndef MLYARD_DRIFT_JOB_IMPL_H
#define MLYARD_DRIFT_JOB_IMPL_H
#include "core/drift/job.h"

struct job_side {
	const char *what, *path;
	struct frame_options o;                      /* as said, with types, columns and the side's part of the budget */
	const struct drift_rows *rows;
	struct frame_override *types;
	struct task *part;
	struct job_side *other;
	struct frame *frame; bool kept;              /* kept: the frame is of job.kept */
	enum status st; struct err err;
};
struct job_run {
	const struct drift_job *job;
	struct job_side side[2];                     /* reference, current */
	const char **columns; size_t n_columns;      /* none: all */
};
/* job_kept.c: side i as it was read before, NULL: it must be read (the reference is asked for first); what was read, to be kept from now on. */
struct frame *kept_frame(struct drift_kept *k, int i, const char *path);
void keep_frame(struct drift_kept *k, int i, struct frame *f);
/* job_sketch.c */
bool job_pushes(const struct job_run *r);            /* a side is counted where it lies */
enum status job_sketches(struct job_run *r, struct task *t, struct report **out, struct err *e);
#endif
