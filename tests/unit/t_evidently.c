/* t_evidently -- files that Evidently 0.7.21 wrote, in its old and new formats, read as reports; and files that are none. */
#include "tests/unit/verdict_help.h"
#include "core/drift/import_evidently.h"

static struct report *read_sample(const char *name)
{
	char path[128];
	size_t n;
	struct report *r;
	struct err e = { 0 };
	snprintf(path, sizeof path, "evidently/%s", name);
	char *text = golden_read(path, &n);
	if (import_evidently(text, n, name, &r, &e) != ST_OK)
		fail_msg("%s", e.text);
	free(text);
	return r;
}

static void check_sample(const char *name, bool types)
{
	struct report *r = read_sample(name);
	const struct report_column *age = report_column(r, "age"), *city = report_column(r, "city"), *income = report_column(r, "income");
	assert_true(age && city && income);
	assert_int_equal(r->n_columns, 6);
	assert_int_equal(r->n_drifted, 2);
	assert_true(!r->drifted && !strcmp(r->verdict, "watch") && near(r->share, 1.0 / 3, 1e-12, 0));
	assert_true(age->drifted && city->drifted && !income->drifted);
	assert_string_equal(age->tests[0].name, "ks");
	assert_true(near(age->tests[0].p_value, 4.7325883063145465e-06, 1e-12, 0) && age->tests[0].threshold == 0.05 && age->tests[0].drifted);
	assert_string_equal(r->columns[0].name, r->columns[0].position < r->columns[1].position ? r->columns[0].name : "drifted ones in their order");
	if (types)
		assert_true(!strcmp(age->type, "numeric") && !strcmp(city->type, "categorical") && city->picture.labels && city->picture.n >= 3);
	report_free(r);
}

static void test_samples(void **state)
{
	(void)state;
	check_sample("v04_drift.json", true);
	check_sample("v04_drift.snapshot.json", true);
	check_sample("v04_drift.incl_render.json", true);
	check_sample("v07_drift.json", false);
	check_sample("v07_drift_notests.json", false);
	check_sample("v07_drift.snapshot.json", false);
}

static struct report *read_text(const char *text)
{
	struct report *r;
	struct err e = { 0 };
	if (import_evidently(text, strlen(text), "file.json", &r, &e) != ST_OK)
		fail_msg("%s", e.text);
	return r;
}

/* Files before 0.7.16 name neither method nor threshold, and column names hold what they like. */
static void test_odd_ones(void **state)
{
	(void)state;
	struct report *r = read_text("{\"metrics\":[{\"id\":\"1\",\"metric_id\":\"ValueDrift(column=a,b=(c))\",\"value\":NaN},{\"id\":\"2\",\"metric_name\":\"ValueDrift(column=x,method=ks,threshold=0.05)\","
		"\"config\":{\"type\":\"evidently:metric_v2:ValueDrift\",\"column\":\"x\",\"method\":\"Wasserstein distance (normed)\",\"threshold\":0.1},\"value\":Infinity}],\"tests\":[]}");
	const struct report_column *odd = report_column(r, "a,b=(c)"), *x = report_column(r, "x");
	assert_true(odd && !odd->drifted && !strcmp(odd->status, "unknown") && *odd->note);
	assert_true(x && x->drifted && isinf(x->tests[0].statistic));
	assert_true(r->drifted && r->n_compared == 1);
	report_free(r);
	r = read_text("{\"version\":\"0.2.0\",\"metrics\":[{\"metric\":\"ColumnDriftMetric\",\"result\":{\"column_name\":\"NaN \\\" Infinity\",\"column_type\":\"num\",\"stattest_name\":\"PSI\",\"threshold\":0.1,"
		"\"drift_score\":0.2,\"drift_detected\":true}}]}");
	assert_non_null(report_column(r, "NaN \" Infinity"));
	assert_true(r->columns[0].tests[0].statistic == 0.2 && r->columns[0].tests[0].threshold == 0.1);
	report_free(r);
}

static void test_none(void **state)
{
	static const struct { const char *text; enum status want; } bad[] = { { "", ST_FAILED }, { "{", ST_FAILED }, { "[]", ST_FAILED }, { "{}", ST_FAILED }, { "{\"metrics\":3}", ST_FAILED },
		{ "{\"metrics\":[],\"version\":\"1\"}", ST_NOT_FOUND }, { "{\"suite\":{}}", ST_NOT_FOUND }, { "{\"metric_results\":{\"a\":3}}", ST_NOT_FOUND },
		{ "{\"metrics\":[3,{},{\"metric_name\":\"ValueDrift(column=\"},{\"metric_name\":\"\"}],\"tests\":[]}", ST_NOT_FOUND } };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct report *r;
		struct err e = { 0 };
		assert_int_equal(import_evidently(bad[i].text, strlen(bad[i].text), "file.json", &r, &e), bad[i].want);
		assert_null(r);
		assert_non_null(strstr(e.text, "file.json"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_samples), cmocka_unit_test(test_odd_ones), cmocka_unit_test(test_none) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
