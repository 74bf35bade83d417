#include "core/drift/job.h"

enum status drift_job_run(const struct drift_job *j, struct task *t, struct report **out, struct err *e)
{
	struct frame *ref = NULL, *cur = NULL;
	struct drift_options o = j->compare;
	o.task = t;
	enum status st = frame_read(j->reference, &j->read_reference, t, &ref, e);
	if (st == ST_OK)
		st = frame_read(j->current, &j->read_current, t, &cur, e);
	if (st == ST_OK)
		st = drift_compare(ref, cur, &o, out, e);
	frame_free(ref);
	frame_free(cur);
	return st;
}
