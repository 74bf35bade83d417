/* The experiment list, keys, finding a run, everything about one, sparklines. */
#include "core/base/text.h"
#include "tests/unit/runs_help.h"

static void experiment_list(void **state)
{
	(void)state;
	put_experiment(2, "Beta", false);
	put_experiment(3, "alpha", true);
	put_experiment(4, "al\x1b[0mpha", false);
	OK(store_exec(db, "UPDATE experiment SET namespace = 'team' WHERE id = 2; INSERT INTO experiment_tag VALUES(1, 'mlflow.note.content', 'line 1' || char(10) || 'line 2')", &why));
	put_run((struct new_run){ .id = 1, .status = RUN_RUNNING });
	put_run((struct new_run){ .id = 2 });
	put_run((struct new_run){ .id = 3, .deleted = true, .status = RUN_RUNNING });
	put_run((struct new_run){ .id = 4, .experiment = 3, .deleted = true });
	commit(TOPIC_RUNS);
	struct experiments *x;
	OK(experiments_load(db, &x, &why));
	assert_int_equal(x->n, 4);
	assert_int_equal(x->at[0].id, 4);
	assert_true(text_is_clean(x->at[0].name, strlen(x->at[0].name), 0));
	assert_memory_equal(x->at[0].stored_name.value, "al\x1b[0mpha", x->at[0].stored_name.n);
	assert_string_equal(x->at[1].name, "one");
	assert_string_equal(x->at[1].note, "line 1\nline 2");
	assert_int_equal(x->at[1].runs, 2);
	assert_int_equal(x->at[1].running, 1);
	assert_int_equal(x->at[1].deleted_runs, 1);
	assert_int_equal(x->at[1].created_ms, 1000);
	assert_int_equal(x->at[1].updated_ms, NO_TIME);
	assert_string_equal(x->at[2].name, "team/Beta");
	assert_string_equal(x->at[2].namespace, "team");
	assert_true(x->at[3].deleted && x->at[3].id == 3 && x->at[3].runs == 0);
	experiments_free(x);
}

static void keys(void **state)
{
	(void)state;
	put_experiment(2, "two", false);
	for (int i = 1; i <= 3; i++) {
		put_run((struct new_run){ .id = i, .experiment = i == 3 ? 2 : 1 });
		put_metric(i, "loss", 1);
		put_param(i, i == 1 ? "a" : "b", "1");
	}
	put_tag(3, "loss", "x");
	commit(TOPIC_RUNS);
	struct run_keys *k;
	static const int64_t both[] = { 2, 1 }, one[] = { 1 };
	for (int all = 0; all < 2; all++) {
		OK(run_keys_load(db, both, all ? 0 : 2, &k, &why));
		assert_int_equal(k->n, 4);
		assert_true(k->at[0].kind == COL_METRIC && k->at[0].runs == 3 && !strcmp(k->at[0].key, "loss"));
		assert_true(k->at[1].kind == COL_PARAM && k->at[1].runs == 2 && !strcmp(k->at[1].key, "b"));
		assert_true(k->at[2].kind == COL_PARAM && k->at[2].runs == 1 && !strcmp(k->at[2].key, "a"));
		assert_true(k->at[3].kind == COL_TAG && !strcmp(k->at[3].key, "loss"));
		run_keys_free(k);
	}
	OK(run_keys_load(db, one, 1, &k, &why));
	assert_int_equal(k->n, 3);
	assert_int_equal(k->at[0].runs, 2);
	run_keys_free(k);
}

static void finding(void **state)
{
	(void)state;
	put_run((struct new_run){ .id = 1, .uuid = "abcd1111", .name = "twin" });
	put_run((struct new_run){ .id = 2, .uuid = "abcd2222", .name = "twin" });
	put_run((struct new_run){ .id = 3, .uuid = "ffff0000", .name = "abcd" });
	put_run((struct new_run){ .id = 4, .uuid = "eeee0000", .name = "solo" });
	put_run((struct new_run){ .id = 5, .uuid = "eeee1111", .name = "solo", .deleted = true });
	commit(TOPIC_RUNS);
	static const struct { const char *text; enum status st; int64_t id; } rows[] = {
		{ "abcd1111", ST_OK, 1 }, { "abcd2", ST_OK, 2 }, { "fff", ST_NOT_FOUND, 0 }, { "ffff", ST_OK, 3 }, { "solo", ST_OK, 4 }, { "eeee1", ST_OK, 5 },
		{ "twin", ST_USAGE, 0 }, { "abcd", ST_USAGE, 0 }, { "", ST_NOT_FOUND, 0 }, { "nobody\x1b", ST_NOT_FOUND, 0 }, { "eeee", ST_OK, 4 }, { "abcd%", ST_NOT_FOUND, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t id = -1;
		if (run_find(db, rows[i].text, &id, &why) != rows[i].st || id != rows[i].id)
			fail_msg("\"%s\" finds %lld: %s", rows[i].text, (long long)id, why.text);
	}
	int64_t id;
	run_find(db, "twin", &id, &why);
	assert_non_null(strstr(why.text, "abcd1111 (twin), abcd2222 (twin)"));
	assert_true(run_name_id(db, "nope") == 0);
}

static void detail(void **state)
{
	(void)state;
	put_run((struct new_run){ .id = 1, .name = "parent\x07" });
	put_run((struct new_run){ .id = 2, .name = "child\x07", .parent = "u1", .start = 5, .end = NO_TIME, .status = RUN_RUNNING, .user = "ann", .source = "t.py" });
	struct point points[] = { { 0, 10, 3 }, { 1, 20, NAN }, { 2, 30, 1 }, { 3, 40, INFINITY }, { 4, 50, 2 } };
	put_series(2, "loss", points, 5);
	put_series(2, "acc", points, 1);
	put_param(2, "z", "1");
	put_text(1, 2, "a", "x\0y", 3);
	put_tag(2, "mlflow.note.content", "# note");
	OK(store_exec(db, "INSERT INTO dataset(id, experiment_id, name, digest, source_type, source, schema, profile) VALUES(1, 1, 'wine', 'd1', 'local', '{}', NULL, NULL);"
		"INSERT INTO run_dataset VALUES(2, 1, '{\"mlflow.data.context\":\"training\",\"x\":\"y\"}');"
		"INSERT INTO run_model VALUES(2, 1, 'm-out', 3), (2, 0, 'm-in', 0);"
		"INSERT INTO logged_model(source_id, model_id, experiment_id, name, artifact_uri) VALUES(1, 'm-out', 1, 'best', '/m/out');"
		" UPDATE run SET artifact_uri = '/a/b'", &why));
	commit(TOPIC_RUNS);
	struct run_detail *d;
	OK(run_detail_load(db, 2, &d, &why));
	assert_string_equal(d->row.uuid, "u2");
	assert_true(text_is_clean(d->row.name, strlen(d->row.name), 0));
	assert_true(d->stored_name.n == 6 && !memcmp(d->stored_name.value, "child\x07", 6));
	assert_string_equal(d->experiment, "one");
	assert_string_equal(d->experiment_ext_id, "1");
	assert_string_equal(d->parent, "u1");
	assert_string_equal(d->note, "# note");
	assert_string_equal(d->artifact_uri, "/a/b");
	assert_string_equal(d->source_kind, "mlflow-sqlite");
	assert_int_equal(d->row.end_ms, NO_TIME);
	assert_int_equal(d->n_params, 2);
	assert_string_equal(d->params[0].key, "a");
	assert_true(d->params[0].n == 3 && !memcmp(d->params[0].value, "x\0y", 3));
	assert_int_equal(d->n_metrics, 2);
	assert_string_equal(d->metrics[0].key, "acc");
	const struct series_sum *s = &d->metrics[1].sum;
	assert_true(s->n == 5 && s->nan == 1 && s->last == 2 && s->min == 1 && s->min_step == 2 && s->max == 3 && s->max_step == 0 && s->last_step == 4 && s->last_ms == 50);
	assert_int_equal(d->n_datasets, 1);
	assert_string_equal(d->datasets[0].context, "training");
	assert_string_equal(d->datasets[0].schema, "");
	assert_int_equal(d->n_models, 2);
	assert_true(d->models[0].output && d->models[0].step == 3 && !strcmp(d->models[0].model_id, "m-out"));
	assert_string_equal(d->models[0].name, "best");
	assert_string_equal(d->models[0].artifact_uri, "/m/out");
	assert_string_equal(d->models[1].name, "");
	run_detail_free(d);
	OK(run_detail_load_parts(db, 2, RUN_CURVES | RUN_MODELS, &d, &why));
	assert_string_equal(d->row.uuid, "u2");
	assert_int_equal(d->n_metrics, 1);               /* acc has one point */
	assert_string_equal(d->metrics[0].key, "loss");
	assert_true(d->metrics[0].sum.n == 5 && d->n_models == 2 && d->n_params + d->n_tags + d->n_datasets == 0);
	assert_string_equal(d->note, "");
	run_detail_free(d);
	OK(run_detail_load(db, 1, &d, &why));
	assert_null(d->parent);
	assert_string_equal(d->note, "");
	assert_true(d->n_params + d->n_tags + d->n_metrics + d->n_datasets + d->n_models == 0);
	run_detail_free(d);
	assert_int_equal(run_detail_load(db, 99, &d, &why), ST_NOT_FOUND);
}

static void sparklines(void **state)
{
	(void)state;
	enum { W = 9 };
	put_run((struct new_run){ .id = 1 });
	put_run((struct new_run){ .id = 2 });
	put_run((struct new_run){ .id = 3 });
	put_run((struct new_run){ .id = 4 });
	put_run((struct new_run){ .id = 5 });
	struct point line[] = { { 0, 1, 0 }, { 4, 2, 8 }, { 8, 3, 0 } }, one[] = { { 7, 7, 5 } }, broken[] = { { 0, 1, 1 }, { 4, 2, NAN }, { 8, 3, 3 } },
		by_time[] = { { 0, 1000, 1 }, { 0, 2000, 2 }, { 0, 3000, 3 } };
	put_series(1, "m", line, 3);
	put_series(2, "m", one, 1);
	put_series(3, "m", broken, 3);
	put_series(4, "m", by_time, 3);
	commit(TOPIC_RUNS);
	static const int64_t ids[] = { 1, 2, 3, 4, 5, 99 };
	double v[6 * W];
	OK(runs_spark(db, ids, 6, "m", W, v, &why));
	static const double first[W] = { 0, 2, 4, 6, 8, 6, 4, 2, 0 };
	for (int i = 0; i < W; i++) {
		assert_true(v[i] == first[i]);
		assert_true(i == 0 ? v[W] == 5 : isnan(v[W + i]));
		assert_true(i == 0 || i == 8 ? !isnan(v[2 * W + i]) : isnan(v[2 * W + i]));
		assert_true(fabs(v[3 * W + i] - (1 + i * 0.25)) < 1e-9);
		assert_true(isnan(v[4 * W + i]) && isnan(v[5 * W + i]));
	}
	OK(runs_spark(db, ids, 1, "nope", W, v, &why));
	assert_true(isnan(v[0]));
	assert_int_equal(runs_spark(db, ids, 1, "m", 0, v, &why), ST_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(experiment_list), TEST(keys), TEST(finding), TEST(detail), TEST(sparklines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
