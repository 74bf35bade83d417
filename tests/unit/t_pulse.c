/* The pulse of a workspace: what pulse_load makes of monitors, windows, reports and columns. Expected values: tests/unit/pulse_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/drift/pulse.h"
#include "core/drift/report.h"
#include "tests/unit/pulse_fixture.h"

static struct pulse *loaded(struct fixture *f, size_t most)
{
	struct err e = { 0 };
	struct pulse *p;
	struct store *s = store_get(f->pool, &e);
	if (pulse_load(s, &(struct pulse_query){ most }, NULL, &p, &e) != ST_OK)
		fail_msg("%s", e.text);
	store_put(f->pool, s);
	return p;
}

static const struct pulse_group *group(const struct pulse *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->groups[i].name, name) == 0)
			return &p->groups[i];
	fail_msg("no group %s", name);
	return NULL;
}

static const struct pulse_row *row(const struct pulse_group *g, const char *name)
{
	for (size_t i = 0; i < g->n_rows; i++)
		if (strcmp(g->rows[i].name, name) == 0)
			return &g->rows[i];
	fail_msg("no row %s", name);
	return NULL;
}

static void filled(struct fixture *f)
{
	fx_open(f);
	pulse_fill(f);
	fx_commit(f);
}

static void nothing_is_an_empty_pulse(void **state)
{
	(void)state;
	struct fixture f;
	fx_open(&f);
	fx_commit(&f);
	struct pulse *p = loaded(&f, 0);
	assert_int_equal(p->n, 0);
	pulse_free(p);
	fx_close(&f);
}

static void groups_come_worst_first(void **state)
{
	(void)state;
	struct fixture f;
	filled(&f);
	struct pulse *p = loaded(&f, 0);
	static const char *const order[] = { "uploads", "churn-daily", "credit-weekly", "wine by hand" };
	assert_int_equal(p->n, 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(p->groups[i].name, order[i]);
	const struct pulse_group *g = &p->groups[1];
	assert_string_equal(g->model, "churn");
	assert_int_equal(g->version, 2);
	assert_int_equal(g->alerts_open, 1);
	assert_int_equal(g->alerts_acked, 1);
	assert_true(group(p, "credit-weekly")->silent_until_ms > FIXTURE_NOW);
	assert_int_equal(group(p, "wine by hand")->monitor_id, 0);
	assert_string_equal(group(p, "wine by hand")->state, "stable");
	assert_int_equal(group(p, "wine by hand")->n_windows, 3);
	assert_string_equal(group(p, "wine by hand")->baseline, "");
	pulse_free(p);
	fx_close(&f);
}

static void windows_that_were_not_looked_at_differ_from_missing_and_failed_ones(void **state)
{
	(void)state;
	struct fixture f;
	filled(&f);
	struct pulse *p = loaded(&f, 0);
	const struct pulse_group *g = group(p, "churn-daily");
	assert_int_equal(g->n_windows, PULSE_CHURN_WINDOWS);
	for (size_t i = 0; i < g->n_windows; i++) {
		enum pulse_state want = i == 20 ? PULSE_MISSING : i == 41 ? PULSE_FAILED : i == 50 || i == 51 ? PULSE_NOT_RUN : PULSE_DONE;
		assert_int_equal(g->windows[i].state, want);
		assert_int_equal(g->windows[i].report_id != 0, want == PULSE_DONE);
		assert_int_equal(isnan(g->rows[0].cells[i].severity), want != PULSE_DONE);
	}
	assert_string_equal(g->windows[20].why, "the source has no rows for it");
	assert_string_equal(g->windows[59].key, "2026-11-17");
	assert_string_equal(g->windows[59].label, "11-17");
	assert_string_equal(g->windows[50].label, "11-08");  /* between its neighbours, though nobody wrote it */
	assert_string_equal(group(p, "uploads")->windows[4].label, "batch-05");
	pulse_free(p);
	fx_close(&f);
}

static void cells_are_what_reports_said(void **state)
{
	(void)state;
	struct fixture f;
	filled(&f);
	struct pulse *p = loaded(&f, 0);
	const struct pulse_group *g = group(p, "churn-daily");
	const struct pulse_row *tenure = row(g, "tenure_months"), *region = row(g, "region"), *calls = row(g, "support_calls");
	assert_int_equal(g->n_rows, PULSE_CHURN_COLUMNS);
	assert_string_equal(g->rows[2].name, "tenure_months");       /* the order of the data */
	assert_int_equal(tenure->n_drifted, 8);
	assert_float_equal(tenure->worst, 4.5, 1e-6);
	assert_float_equal(tenure->last, 4.5, 1e-6);
	assert_float_equal(tenure->cells[52].severity, 1, 1e-6);
	assert_float_equal(tenure->cells[52].effect, 0.05, 1e-6);
	assert_true(tenure->cells[52].drifted);
	assert_false(tenure->cells[49].drifted);
	assert_true(calls->cells[59].watch);
	assert_true(calls->cells[55].watch);
	assert_false(calls->cells[54].watch);
	assert_true(isnan(region->cells[29].severity));
	assert_false(isnan(region->cells[30].severity));
	assert_string_equal(tenure->type, "number");
	assert_string_equal(tenure->role, "");
	pulse_free(p);
	fx_close(&f);
}

static void only_the_newest_windows_are_read(void **state)
{
	(void)state;
	struct fixture f;
	filled(&f);
	struct pulse *p = loaded(&f, 10);
	const struct pulse_group *g = group(p, "churn-daily");
	assert_int_equal(g->n_windows, 10);
	assert_string_equal(g->windows[9].key, "2026-11-17");
	assert_int_equal(g->windows[0].state, PULSE_NOT_RUN);
	assert_int_equal(group(p, "wine by hand")->n_windows, 3);
	assert_float_equal(row(g, "tenure_months")->worst, 4.5, 1e-6);
	assert_int_equal(row(g, "total_charges")->n_drifted, 0);      /* its only one is older */
	pulse_free(p);
	fx_close(&f);
}

static void a_stored_report_says_what_is_watched(void **state)
{
	(void)state;
	struct fixture f;
	struct err e = { 0 };
	fx_open(&f);
	fx_commit(&f);
	struct store *s = store_get(f.pool, &e);
	struct report_column c[2] = {
		{ .name = "target", .type = "category", .role = "target", .status = "compared", .watch = true, .severity = 0.9, .note = "", .differs = "", .missing_low = NAN, .missing_high = NAN },
		{ .name = "gone", .type = "number", .role = "", .status = "only in reference", .position = 1, .severity = 0, .note = "", .differs = "", .missing_low = NAN, .missing_high = NAN },
	};
	struct report r = { .name = "", .origin = "", .mode = "mlyard", .ms = FIXTURE_NOW, .reference = "a.csv", .current = "b.csv", .model = "", .verdict = "watch", .share = 0,
		.columns = c, .n_columns = 2, .performance = { .task = "", .target = "", .prediction = "", .probability = "", .positive = "", .assumption = "", .segment_metric = "", .why_not = "" } };
	int64_t id;
	if (report_save(s, &r, &id, &e) != ST_OK)
		fail_msg("%s", e.text);
	store_put(f.pool, s);
	struct pulse *p = loaded(&f, 0);
	assert_int_equal(p->n, 1);
	assert_string_equal(p->groups[0].name, "reports");
	assert_true(row(&p->groups[0], "target")->cells[0].watch);
	assert_string_equal(row(&p->groups[0], "target")->role, "target");
	assert_true(isnan(row(&p->groups[0], "gone")->cells[0].severity));   /* the window does not have it */
	pulse_free(p);
	fx_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_pulse), cmocka_unit_test(groups_come_worst_first),
		cmocka_unit_test(windows_that_were_not_looked_at_differ_from_missing_and_failed_ones), cmocka_unit_test(cells_are_what_reports_said),
		cmocka_unit_test(only_the_newest_windows_are_read), cmocka_unit_test(a_stored_report_says_what_is_watched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
