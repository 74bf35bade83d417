/* t_evidently -- files that Evidently 0.7.21 wrote, in its old and new formats (pages: 0.7.23, without their fonts and programs), read as reports; and files that are none. */
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

/* ---- every file of the set ---- */

/* Counted by hand in the files. performance: metrics that are single numbers. */
static const struct sample { const char *name; size_t columns, compared, drifted, findings, wrong, metrics; double digits; bool pictures; } samples[] = {
	{ "v04_drift.json", 6, 6, 2, 0, 0, 0, 1e-12, true }, { "v04_drift.snapshot.json", 6, 6, 2, 0, 0, 0, 1e-12, true }, { "v04_drift.incl_render.json", 6, 6, 2, 0, 0, 0, 1e-12, true },
	{ "v04_drift.html", 6, 6, 2, 0, 0, 0, 5e-7, true }, { "v04_quality.json", 6, 0, 0, 0, 0, 0, 0, false }, { "v04_target.json", 2, 2, 0, 0, 0, 0, 1e-12, true },
	{ "v04_tests_drift.json", 6, 6, 2, 1, 1, 0, 5e-4, false }, { "v04_tests.html", 6, 6, 2, 1, 1, 0, 5e-4, false },
	{ "v07_drift.json", 6, 6, 2, 1, 0, 0, 1e-12, false }, { "v07_drift_notests.json", 6, 6, 2, 0, 0, 0, 1e-12, false },
	{ "v07_drift.snapshot.json", 6, 6, 2, 1, 0, 0, 1e-12, true }, { "v07_drift.html", 6, 6, 2, 1, 0, 0, 5e-7, true },
	{ "v07_classification.json", 0, 0, 0, 8, 0, 8, 0, false },
};

static void check_scores(const struct report *r, const struct sample *s)
{
	static const struct { const char *column, *test; double p; } want[] = { { "age", "ks", 4.7325883063145465e-06 }, { "income", "ks", 0.4848571013472629 }, { "city", "chisquare", 0 },
		{ "flag", "z", 0.7199614448773597 }, { "target", "z", 0.12703519777272199 }, { "prediction", "z", 0.9502755277369734 } };
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct report_column *c = report_column(r, want[i].column);
		if (!c && s->compared < 6)
			continue;
		if (!c || c->n_tests != 1 || strcmp(c->tests[0].name, want[i].test) != 0 || !near(c->tests[0].p_value, want[i].p, 1e-12, s->digits) || c->tests[0].threshold != 0.05)
			fail_msg("%s: %s is not as in the file", s->name, want[i].column);
		if (s->pictures && (!c->picture.n || !c->picture.ref || !c->picture.cur || !c->picture.edges == !c->picture.labels))
			fail_msg("%s: %s has no picture", s->name, want[i].column);
	}
}

static void test_every_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *s = &samples[i];
		struct report *r = read_sample(s->name);
		size_t wrong = 0;
		for (size_t k = 0; k < r->n_findings; k++)
			wrong += r->findings[k].level == 2;
		if (r->n_columns != s->columns || r->n_compared != s->compared || r->n_drifted != s->drifted || r->n_findings != s->findings || wrong != s->wrong ||
			r->performance.n_metrics != s->metrics)
			fail_msg("%s: %zu columns, %zu compared, %zu drifted, %zu findings, %zu wrong, %zu metrics", s->name, r->n_columns, r->n_compared, r->n_drifted, r->n_findings, wrong,
				r->performance.n_metrics);
		if (s->compared)
			check_scores(r, s);
		report_free(r);
	}
}

static double sum(const double *v, size_t n)
{
	double all = 0;
	for (size_t i = 0; i < n; i++)
		all += v[i];
	return all;
}

/* Plots of a snapshot and of a page: counts over shared edges; labels joined, with those that one side lacks. */
static void test_pictures(void **state)
{
	static const char *const files[] = { "v07_drift.snapshot.json", "v07_drift.html", "v04_drift.html", "v04_drift.incl_render.json" };
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct report *r = read_sample(files[i]);
		const struct report_column *age = report_column(r, "age"), *city = report_column(r, "city");
		assert_true(age->picture.n == 11 && age->picture.edges && near(age->picture.edges[0], 12.3, 1e-12, 0) && near(age->picture.edges[11], 73.1, 1e-9, 0));
		assert_true(age->picture.ref[0] == 3 && age->picture.cur[0] == 1 && sum(age->picture.ref, 11) == 300 && sum(age->picture.cur, 11) == 250);
		assert_true(city->picture.n == 4 && city->picture.labels && sum(city->picture.ref, 4) == 300 && sum(city->picture.cur, 4) == 250);
		assert_true(city->n_gained == 1 && !strcmp(city->gained[0].name, "Lima") && city->gained[0].rows == 80 && city->n_lost == 1 && city->lost[0].rows == 87);
		report_free(r);
	}
	struct report *r = read_sample("v04_drift.json");        /* densities over each side's own range: mass on one axis */
	const struct report_column *age = report_column(r, "age");
	assert_true(age->picture.n == 20 && near(sum(age->picture.ref, 20), 1, 1e-9, 0) && near(sum(age->picture.cur, 20), 1, 1e-9, 0));
	assert_true(near(age->picture.edges[0], 12.3, 1e-12, 0) && near(age->picture.edges[20], 73.1, 1e-12, 0) && age->picture.ref[19] == 0);
	report_free(r);
}

static void test_descriptions(void **state)
{
	(void)state;
	struct report *r = read_sample("v04_quality.json");
	const struct report_column *income = report_column(r, "income");
	assert_true(r->n_ref == 300 && r->n_cur == 250 && !strcmp(income->status, "described"));
	assert_true(income->ref.missing == 10 && income->cur.missing == 5 && income->ref.mean == 30980.9 && income->cur.max == 256999.41 && income->cur.distinct == 245);
	report_free(r);
	r = read_sample("v07_summary.json");
	const struct report_column *age = report_column(r, "age");
	assert_true(r->n_cur == 250 && age->cur.rows == 250 && age->cur.min == 14.8 && near(age->cur.sd, 10.060849573298777, 1e-15, 0));
	assert_true(r->n_findings == 35 && !strcmp(r->verdict, "watch") && r->findings[0].level == 2 && r->findings[34].level == 0);
	report_free(r);
	r = read_sample("v07_classification.json");
	assert_true(!strcmp(r->performance.metrics[0].name, "accuracy") && r->performance.metrics[0].cur == 0.52 && isnan(r->performance.metrics[0].ref));
	report_free(r);
	r = read_sample("v04_tests_stability.json");
	assert_true(r->n_findings > 10 && !strcmp(r->findings[0].check, "Number of Rows") && r->findings[0].level == 2 && !strchr(r->findings[1].text, '*'));
	report_free(r);
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

/* Arrays of Plotly 6 (little-endian doubles and bytes in base64), a profile of 0.1, and a test that names method and threshold in words only. */
static void test_other_spellings(void **state)
{
	(void)state;
	struct report *r = read_text("{\"metric_results\":{\"1\":{\"metric_value_location\":{\"metric\":{\"params\":{\"type\":\"evidently:metric_v2:ValueDrift\",\"column\":\"a\",\"method\":\"psi\","
		"\"threshold\":0.1}}},\"value\":0.05,\"widget\":[{\"type\":\"tabs\",\"tabs\":[{\"title\":\"DATA DISTRIBUTION\",\"widget\":{\"params\":{\"data\":["
		"{\"type\":\"bar\",\"name\":\"reference\",\"x\":{\"dtype\":\"f8\",\"bdata\":\"AAAAAAAA4D8AAAAAAAD4Pw==\"},\"y\":{\"dtype\":\"i1\",\"bdata\":\"BQc=\"}},"
		"{\"type\":\"bar\",\"name\":\"current\",\"x\":{\"dtype\":\"f8\",\"bdata\":\"AAAAAAAA4D8AAAAAAAD4Pw==\"},\"y\":{\"dtype\":\"i1\",\"bdata\":\"AQI=\"}}]}}}]}]}},"
		"\"widgets\":[{\"type\":\"big_table\",\"params\":{\"data\":[{\"column_name\":\"a\",\"column_type\":\"num\",\"stattest_name\":\"PSI\",\"data_drift\":\"Detected\",\"drift_score\":0.1}]}}]}");
	const struct report_column *a = report_column(r, "a");
	assert_true(a && !a->drifted && a->tests[0].statistic == 0.05 && a->picture.n == 2 && a->picture.edges[0] == 0.5 && a->picture.edges[2] == 2.5);
	assert_true(a->picture.ref[0] == 5 && a->picture.ref[1] == 7 && a->picture.cur[1] == 2);
	report_free(r);
	r = read_text("{\"data_drift\":{\"datetime\":\"2021-09-01\",\"data\":{\"utility_columns\":{\"drift_conf_level\":0.95},\"metrics\":{\"n_features\":2,\"dataset_drift\":true,\"x\":{\"feature_type\":\"num\","
		"\"p_value\":0.01,\"ref_small_hist\":[[1,0],[0,1,2]],\"prod_small_hist\":[[0.5,0.5],[0,1,2]]},\"y\":{\"feature_type\":\"cat\",\"p_value\":0.2}}}}}");
	const struct report_column *x = report_column(r, "x"), *y = report_column(r, "y");
	assert_true(r->drifted && x->drifted && !y->drifted && near(x->tests[0].threshold, 0.05, 1e-12, 0) && x->picture.n == 20 && !strcmp(y->tests[0].name, "chisquare"));
	report_free(r);
	r = read_text("{\"metrics\":[{\"id\":\"m\",\"metric_id\":\"ValueDrift(column=a)\",\"value\":0.3}],\"tests\":[{\"id\":\"drift\",\"name\":\"d\",\"status\":\"FAIL\",\"metric_config\":{\"metric_id\":\"m\",\"params\":{}},"
		"\"description\":\"Drift score is 0.30. The drift detection method is Wasserstein distance (normed). The drift threshold is 0.1.\"}]}");
	assert_true(r->columns[0].drifted && !strcmp(r->columns[0].tests[0].name, "wasserstein") && r->columns[0].tests[0].threshold == 0.1);
	report_free(r);
}

static void test_none(void **state)
{
	static const struct { const char *text; enum status want; } bad[] = { { "", ST_FAILED }, { "{", ST_FAILED }, { "[]", ST_FAILED }, { "{}", ST_FAILED }, { "{\"metrics\":3}", ST_FAILED }, { "<html>", ST_FAILED }, { "<html><script>var a = {\"widgets\": []};</script>", ST_NOT_FOUND }, { "<p>var a = 3", ST_FAILED },
		{ "{\"tests\":[],\"summary\":{}}", ST_NOT_FOUND }, { "{\"data_drift\":{\"data\":{\"metrics\":{}}}}", ST_NOT_FOUND },
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_samples), cmocka_unit_test(test_every_file), cmocka_unit_test(test_pictures), cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_other_spellings), cmocka_unit_test(test_odd_ones), cmocka_unit_test(test_none) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
