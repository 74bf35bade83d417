/* What does not fit into the budget, or is counted where it lies: a plan from the reference, then a sketch of each side. */
#include <stdlib.h>

#include "core/drift/job_impl.h"
#include "core/drift/performance.h"
#include "core/drift/joint.h"
#include "core/io/sketch.h"

bool job_pushes(const struct job_run *r)
{
	for (int i = 0; i < 2; i++) {
		const struct frame_reader *reader;
		struct err e;
		if (frame_reader_for(r->side[i].path, &r->side[i].o, &reader, &e) == ST_OK && reader->pushes)
			return true;
	}
	return false;
}

static bool chooses_rows(const struct drift_rows *w) { return w->first || w->count || w->time_column; }

/* Roles are those that somebody named: to find them takes the values. */
static struct drift_roles named_roles(const struct drift_roles *said)
{
	struct drift_roles r = *said;
	const char **const each[] = { &r.target, &r.prediction, &r.probability, &r.timestamp, &r.id };
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		*each[i] = *each[i] ? *each[i] : "";
	return r;
}

enum status job_sketches(struct job_run *r, struct task *t, struct report **out, struct err *e)
{
	const size_t budget = r->side[0].o.budget + r->side[1].o.budget;
	struct sketch_plan *plan = NULL;
	struct sketch *s[2] = { NULL, NULL };
	if (chooses_rows(r->side[0].rows) || chooses_rows(r->side[1].rows))
		return err_set(e, ST_REFUSED, "rows cannot be chosen from data that are larger than the budget: raise it, or choose columns");
	r->side[0].o.budget = budget;
	enum status st = sketch_plan_new(r->side[0].path, &r->side[0].o, t, &plan, e);
	for (int i = 0; i < 2 && st == ST_OK; i++)
		st = sketch_read(r->side[i].path, &r->side[i].o, plan, t, &s[i], e);
	struct drift_options o = r->job->compare;
	struct drift_roles roles = named_roles(&r->job->roles);
	o.task = t, o.roles = &roles;
	if (st == ST_OK)
		st = drift_compare_sketches(s[0], s[1], &o, out, e);
	if (st == ST_OK && (*roles.target || *roles.prediction || *roles.probability))
		performance_without_rows(*out, &roles, "metrics need whole rows, and the data were counted column by column: a larger budget, or fewer columns, keeps them");
	if (st == ST_OK && r->job->joint != JOINT_NEVER)
		joint_without_rows(*out, "the data were counted column by column, and this needs whole rows: a larger budget, or fewer columns, keeps them");
	for (int i = 0; i < 2; i++)
		sketch_free(s[i]);
	sketch_plan_free(plan);
	return st;
}
