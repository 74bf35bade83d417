/* What does not fit into the budget, or is counted where it lies: a plan from the reference, then a sketch of each side. What needs whole rows is asked of the samples that
 * sketches keep, and the report says so; where there are none, it says why it is not there. */

#include "core/drift/job_impl.h"
#include "core/drift/joint.h"
#include "core/drift/performance.h"
#include "core/io/sketch.h"

enum { ID_ROWS = 5000 };

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

/* What nobody named there is none of. */
static void name_rest(struct drift_roles *r)
{
	const char **const each[] = { &r->target, &r->prediction, &r->probability, &r->timestamp, &r->id };
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		*each[i] = *each[i] ? *each[i] : "";
}

/* That no value of an id repeats a sample shows when it is large: 5,000 rows without a repeated one are improbable (below 1 in 100) with fewer than 2.7 million different values. A time
 * axis gives floors in memory only, and its numbers are compared here. */
static enum status settle_roles(const struct job_run *r, struct sketch *s[2], struct drift_roles *roles, struct arena *a, struct err *e)
{
	*roles = r->job->roles;
	if (!roles->id && s[0]->sample && s[0]->sample->n_rows < ID_ROWS)
		roles->id = "";
	roles->timestamp = roles->timestamp || !r->job->compare.time_column ? roles->timestamp : "";
	const enum status st = s[0]->sample && s[1]->sample ? roles_settle(roles, s[0]->sample, s[1]->sample, a, e) : ST_OK;
	name_rest(roles);
	return st;
}

static bool is_role(const struct drift_roles *roles) { return *roles->target || *roles->prediction || *roles->probability; }

static void without_rows(const struct job_run *r, struct report *out, const struct drift_roles *roles)
{
	if (is_role(roles))
		performance_without_rows(out, roles, "metrics need whole rows, and the data were counted column by column: a larger budget, or fewer columns, keeps them");
	if (r->job->joint != JOINT_NEVER)
		joint_without_rows(out, "the data were counted column by column, and this needs whole rows: a larger budget, or fewer columns, keeps them");
}

static void from_samples(const struct job_run *r, struct sketch *s[2], struct report *out, const struct drift_roles *roles, struct task *t)
{
	const char *words = report_sample_words(out->arena, out);
	joint_fill(out, s[0]->sample, s[1]->sample, roles, r->job->joint, t);
	joint_sampled(out, words);
	performance_fill(out, s[0]->sample, s[1]->sample, roles);
	out->performance.sample = out->performance.n_metrics ? words : "";
}

static enum status compare(const struct job_run *r, struct sketch *s[2], struct task *t, struct report **out, struct err *e)
{
	struct drift_options o = r->job->compare;
	struct drift_roles roles;
	struct arena *a = arena_new();
	sketch_settle_words(s[0], s[1], &r->side[0].o);
	enum status st = settle_roles(r, s, &roles, a, e);
	o.task = t, o.roles = &roles;
	if (st == ST_OK)
		st = drift_compare_sketches(s[0], s[1], &o, out, e);
	if (st == ST_OK && (*out)->sample_ref > 0 && (*out)->sample_cur > 0)
		from_samples(r, s, *out, &roles, t);
	else if (st == ST_OK)
		without_rows(r, *out, &roles);
	arena_free(a);
	return st;
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
	if (st == ST_OK)
		st = compare(r, s, t, out, e);
	for (int i = 0; i < 2; i++)
		sketch_free(s[i]);
	sketch_plan_free(plan);
	return st;
}
