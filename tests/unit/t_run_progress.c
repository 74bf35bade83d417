/* How far a run is: only where it says how far it means to go, and never beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/runs/runs.h"
#include "tests/unit/runs_fixture.h"

enum { PARAM = 1, TAG = 2, STEP_MS = 120, AGE_S = 600 };
#define START (FIXTURE_NOW - AGE_S * 1000)

struct setting { int kind; const char *key, *value; };
struct curve_of { const char *key; size_t points; double last; };
struct row { const char *name; struct setting says[3]; struct curve_of has[2]; double share; int64_t left_ms; };
#define UNKNOWN INT64_MIN

static const struct row rows[] = {
	{ "no plan", { { PARAM, "lr", "0.1" } }, { { "loss", 160, 1 } }, NAN, UNKNOWN },
	{ "steps from 0", { { PARAM, "max_steps", "320" } }, { { "loss", 160, 1 } }, 0.5, 160 * STEP_MS },
	{ "a tag", { { TAG, "total_steps", "1600" } }, { { "loss", 160, 1 } }, 0.1, 1440 * STEP_MS },
	{ "done", { { PARAM, "n_estimators", "160" } }, { { "loss", 160, 1 } }, 1, 0 },
	{ "beyond the plan", { { PARAM, "max_iter", "100" } }, { { "loss", 160, 1 } }, NAN, UNKNOWN },
	{ "no limit", { { PARAM, "max_steps", "-1" } }, { { "loss", 160, 1 } }, NAN, UNKNOWN },
	{ "no number", { { PARAM, "max_steps", "auto" } }, { { "loss", 160, 1 } }, NAN, UNKNOWN },
	{ "endless", { { PARAM, "max_steps", "1e300" } }, { { "loss", 160, 1 } }, NAN, UNKNOWN },
	{ "no metric", { { PARAM, "max_steps", "300" } }, { { 0 } }, NAN, UNKNOWN },
	{ "samples of the machine", { { PARAM, "max_steps", "300" } }, { { "system/cpu", 160, 1 } }, NAN, UNKNOWN },
	{ "one point", { { PARAM, "max_steps", "4" } }, { { "loss", 1, 1 } }, 0.25, UNKNOWN },
	{ "the step counts epochs", { { PARAM, "epochs", "200" } }, { { "loss", 160, 1 } }, 0.8, 40 * STEP_MS },
	{ "a metric counts epochs", { { PARAM, "num_train_epochs", "10" } }, { { "loss", 160, 1 }, { "epoch", 160, 2.5 } }, 0.25, 480 * STEP_MS },
	{ "the plan that can be", { { PARAM, "max_steps", "-1" }, { PARAM, "epochs", "5" } }, { { "loss", 160, 1 }, { "epoch", 160, 4 } }, 0.8, 40 * STEP_MS },
};
enum { ROWS = sizeof rows / sizeof *rows };

static void fill_run(struct fixture *f, int64_t id, const struct row *r)
{
	fx_run(f, id, 1, r->name, RUN_RUNNING, AGE_S, -1, NULL);
	for (size_t i = 0; i < 3 && r->says[i].key; i++)
		fx_item(f, r->says[i].kind, id, r->says[i].key, r->says[i].value);
	for (size_t i = 0; i < 2 && r->has[i].key; i++) {
		struct point p[200];
		for (size_t k = 0; k < r->has[i].points; k++)
			p[k] = (struct point){ (int64_t)k, START + (int64_t)k * STEP_MS, r->has[i].last };
		fx_points(f, id, r->has[i].key, p, r->has[i].points);
	}
}

static void each_run_says_what_it_can(void **state)
{
	(void)state;
	struct fixture f;
	struct err e = { 0 };
	struct run_progress at[ROWS] = { { 0 } };
	fx_open(&f);
	fx_fill(&f);
	for (int i = 0; i < ROWS; i++) {
		fill_run(&f, 1000 + i, &rows[i]);
		at[i].run_id = 1000 + i;
	}
	fx_commit(&f);
	struct store *s = store_get(f.pool, &e);
	assert_int_equal(runs_progress(s, at, ROWS, &e), ST_OK);
	assert_int_equal(runs_progress(s, NULL, 0, &e), ST_OK);
	store_put(f.pool, s);
	for (int i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];
		int64_t end = r->left_ms == UNKNOWN ? UNKNOWN : START + ((int64_t)r->has[0].points - 1) * STEP_MS + r->left_ms;
		if (isnan(r->share) != isnan(at[i].share) || (!isnan(r->share) && fabs(at[i].share - r->share) > 1e-9))
			fail_msg("%s: %g", r->name, at[i].share);
		if (at[i].end_ms != end)
			fail_msg("%s: ends at %lld, not %lld", r->name, (long long)(at[i].end_ms - START), (long long)(end - START));
	}
	fx_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_run_says_what_it_can) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
