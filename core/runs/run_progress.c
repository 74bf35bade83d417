/* How far a running run is, where it says how far it means to go.
 *
 * Planned  a param, or a tag, that is known to state a number of steps or epochs (plans[], the first that makes sense).
 * Done     the greatest step of its metrics, counted from 1 where the steps begin at 0. Epochs: the value of a metric
 *          "epoch" where there is one, else the step, which is what loggers by epoch count. MLflow's own samples of the
 *          machine (system/...) have steps of another kind.
 * No guess more steps than planned, no plan, no metric: nothing is said.
 * End      by the pace between the first and the last point, so that time before the first step does not count.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/runs/number.h"
#include "core/runs/runs.h"

enum unit { STEPS, EPOCHS };
static const struct { const char *key; enum unit unit; } plans[] = {
	{ "max_steps", STEPS }, { "total_steps", STEPS }, { "num_steps", STEPS }, { "train_steps", STEPS }, { "num_training_steps", STEPS },
	{ "total_timesteps", STEPS }, { "max_iter", STEPS }, { "max_iters", STEPS }, { "max_iterations", STEPS }, { "num_iterations", STEPS },
	{ "iterations", STEPS }, { "n_estimators", STEPS }, { "num_boost_round", STEPS }, { "num_rounds", STEPS },
	{ "num_train_epochs", EPOCHS }, { "max_epochs", EPOCHS }, { "num_epochs", EPOCHS }, { "total_epochs", EPOCHS }, { "n_epochs", EPOCHS }, { "epochs", EPOCHS },
};
enum { PLANS = sizeof plans / sizeof *plans };
#define PLANNED_MOST 1e12

/* What the metrics of a run say. */
struct reached { int64_t first_step, last_step, first_ms, last_ms; double epoch; };

static void take_plan(double planned[PLANS], const char *key, const char *value, size_t n)
{
	double x;
	for (size_t i = 0; i < PLANS; i++)
		if (!strcmp(key, plans[i].key) && number_parse(value, n, &x) && x >= 1 && x <= PLANNED_MOST)
			planned[i] = x;
}

static enum status read_plans(struct store *s, int64_t run_id, double planned[PLANS], bool *any, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT n.text, t.value FROM tag t JOIN name n ON n.id = t.name_id WHERE t.run_id = ?1 "
		"UNION ALL SELECT n.text, p.value FROM param p JOIN name n ON n.id = p.name_id WHERE p.run_id = ?1", e);
	if (!st)
		return ST_FAILED;
	memset(planned, 0, PLANS * sizeof *planned);
	sqlite3_bind_int64(st, 1, run_id);
	while (sqlite3_step(st) == SQLITE_ROW)
		take_plan(planned, (const char *)sqlite3_column_text(st, 0), (const char *)sqlite3_column_text(st, 1), (size_t)sqlite3_column_bytes(st, 1));
	*any = false;
	for (size_t i = 0; i < PLANS; i++)
		*any = *any || planned[i] > 0;
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "read what a run plans");
}

static enum status read_reached(struct store *s, int64_t run_id, struct reached *r, bool *any, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT min(m.first_step), max(m.last_step), min(m.first_ms), max(m.last_ms), max(CASE WHEN n.text = 'epoch' THEN m.last END) "
		"FROM metric m JOIN name n ON n.id = m.name_id WHERE m.run_id = ?1 AND substr(n.text, 1, 7) <> 'system/'", e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, run_id);
	*any = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL;
	if (*any)
		*r = (struct reached){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
			sqlite3_column_type(st, 4) == SQLITE_NULL ? NAN : sqlite3_column_double(st, 4) };
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "read how far a run is");
}

static double steps_done(const struct reached *r)
{
	return (double)r->last_step + (r->first_step == 0);
}

static double share_of(const double planned[PLANS], const struct reached *r)
{
	for (size_t i = 0; i < PLANS; i++) {
		double done = plans[i].unit == EPOCHS && isfinite(r->epoch) ? r->epoch : steps_done(r);
		if (planned[i] > 0 && done >= 0 && done <= planned[i])
			return done / planned[i];
	}
	return NAN;
}

/* When the rest is done at the pace so far; INT64_MIN when no pace is known. */
static int64_t end_of(double share, const struct reached *r)
{
	double steps = (double)r->last_step - (double)r->first_step, ms = (double)r->last_ms - (double)r->first_ms;
	double left = steps_done(r) * (1 - share) / share * ms / steps;
	return steps > 0 && ms > 0 && isfinite(left) && left < 1e15 ? r->last_ms + llround(left) : INT64_MIN;
}

static enum status progress_one(struct store *s, struct run_progress *p, struct err *e)
{
	double planned[PLANS];
	struct reached r = { 0 };
	bool any;
	enum status rc = read_plans(s, p->run_id, planned, &any, e);
	if (rc == ST_OK && any)
		rc = read_reached(s, p->run_id, &r, &any, e);
	if (rc == ST_OK && any) {
		p->share = share_of(planned, &r);
		p->end_ms = end_of(p->share, &r);
	}
	return rc;
}

enum status runs_progress(struct store *s, struct run_progress *at, size_t n, struct err *e)
{
	enum status rc = n ? store_read_begin(s, e) : ST_OK;
	if (!n || rc != ST_OK)
		return rc;
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		at[i].share = NAN;
		at[i].end_ms = INT64_MIN;
		rc = progress_one(s, &at[i], e);
	}
	store_read_end(s);
	return rc;
}
