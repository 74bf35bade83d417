#include "core/drift/job.h"

/* The time axis and the timestamp are one unless both are named. Rules of another tool know only what is named. */
static enum status settle_roles(struct drift_roles *roles, struct drift_options *o, const struct frame *ref, const struct frame *cur, struct arena *a, struct err *e)
{
	if (!roles->timestamp)
		roles->timestamp = o->time_column ? o->time_column : o->evidently ? "" : NULL;
	if (!roles->id && o->evidently)
		roles->id = "";
	enum status st = roles_settle(roles, ref, cur, a, e);
	if (st == ST_OK && !o->time_column && *roles->timestamp && frame_find(ref, roles->timestamp)->num)
		o->time_column = roles->timestamp;
	o->roles = roles;
	return st;
}

enum status drift_job_run(const struct drift_job *j, struct task *t, struct report **out, struct err *e)
{
	struct frame *ref = NULL, *cur = NULL;
	struct drift_options o = j->compare;
	struct drift_roles roles = j->roles;
	struct arena *a = arena_new();
	o.task = t;
	enum status st = frame_read(j->reference, &j->read_reference, t, &ref, e);
	if (st == ST_OK)
		st = frame_read(j->current, &j->read_current, t, &cur, e);
	if (st == ST_OK)
		st = settle_roles(&roles, &o, ref, cur, a, e);
	if (st == ST_OK)
		st = drift_compare(ref, cur, &o, out, e);
	if (st == ST_OK)
		joint_fill(*out, ref, cur, &roles, j->joint, t);
	arena_free(a);
	frame_free(ref);
	frame_free(cur);
	return st;
}
