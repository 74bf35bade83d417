/* A store that MLflow 3.17.2 wrote, against what MLflow's own client says of it: every value. And one of 3.6. */
#include "tests/unit/import_help.h"

/* The first column of the only row must be this JSON value. */
static void expect(const json_t *want, const char *sql, const char *a, const char *b)
{
	sqlite3_stmt *st = NULL;

	assert_int_equal(sqlite3_prepare_v2(store_db(db), sql, -1, &st, NULL), SQLITE_OK);
	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_text(st, i, i == 1 ? a : b, -1, SQLITE_TRANSIENT);
	if (sqlite3_step(st) != SQLITE_ROW)
		fail_msg("no row: %s [%s] [%s]", sql, a, b ? b : "");
	if (json_is_string(want)) {
		assert_string_equal((const char *)sqlite3_column_text(st, 0), json_string_value(want));
		assert_int_equal(sqlite3_column_bytes(st, 0), json_string_length(want));
	} else if (json_is_integer(want)) {
		assert_int_equal(sqlite3_column_type(st, 0), SQLITE_INTEGER);
		assert_true(sqlite3_column_int64(st, 0) == json_integer_value(want));
	} else if (json_is_real(want)) {
		assert_true(sqlite3_column_double(st, 0) == json_real_value(want));
	} else {
		assert_true(json_is_null(want));
		assert_int_equal(sqlite3_column_type(st, 0), SQLITE_NULL);
	}
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
}

/* Each member of `fields` against a query that ends in "=?1 [AND ..=?2]" and starts with the column. */
struct field { const char *member, *column; };

static void expect_fields(const json_t *object, const struct field *f, size_t n, const char *from, const char *a, const char *b)
{
	for (size_t i = 0; i < n; i++) {
		struct str sql = STR_INIT;
		const json_t *want = json_object_get(object, f[i].member);

		assert_non_null(want);
		str_addf(&sql, "SELECT %s FROM %s", f[i].column, from);
		expect(want, sql.p, a, b);
		str_free(&sql);
	}
}
#define FIELDS(object, fields, from, a, b) expect_fields(object, fields, sizeof fields / sizeof *fields, from, a, b)

/* {"key": "value"} against a query for the value (?1 owner, ?2 key) and one for their number. */
static void expect_map(const json_t *map, const char *value_sql, const char *count_sql, const char *owner)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)map, key, value)
		expect(value, value_sql, owner, key);
	assert_int_equal(strtoll(rows_of(count_sql, owner, NULL), NULL, 10), json_object_size(map));
}

static const char *member(const json_t *x, const char *name) { return json_string_value(json_object_get(x, name)); }

static void check_experiments(const json_t *all)
{
	static const struct field fields[] = { { "name", "name" }, { "artifact_location", "artifact_uri" }, { "creation_time", "created_ms" },
		{ "last_update_time", "updated_ms" }, { "workspace", "namespace" }, { "lifecycle_stage", "iif(deleted,'deleted','active')" } };
	size_t i;
	json_t *x;

	json_array_foreach(all, i, x) {
		const char *id = member(x, "experiment_id");

		FIELDS(x, fields, "experiment WHERE ext_id=?1", id, NULL);
		expect_map(json_object_get(x, "tags"), "SELECT value FROM experiment_tag JOIN experiment e ON e.id=experiment_id WHERE e.ext_id=?1 AND key=?2",
			"SELECT count(*) FROM experiment_tag JOIN experiment e ON e.id=experiment_id WHERE e.ext_id=?1", id);
	}
	assert_int_equal(count_of("SELECT count(*) FROM experiment"), json_array_size(all));
}

static double number(const json_t *x)
{
	const char *word = json_string_value(x);

	return word ? !strcmp(word, "NaN") ? NAN : strtod(word, NULL) : json_number_value(x);
}

/* [[step, ms, value], ...] in MLflow's order, which need not be ours: as a set. */
static void check_history(const char *uuid, const char *key, const json_t *points)
{
	size_t i;
	json_t *p;
	int lines = 0;
	char *text = mem_strdup(history(uuid, key));

	json_array_foreach(points, i, p) {
		struct str line = STR_INIT;
		const struct point want = { json_integer_value(json_array_get(p, 0)), json_integer_value(json_array_get(p, 1)), number(json_array_get(p, 2)) };

		add_point(&line, &want);
		if (!strstr(text, line.p))
			fail_msg("%s %s lacks %s", uuid, key, line.p);
		str_free(&line);
	}
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, json_array_size(points));
	free(text);
}

static void check_latest(const char *uuid, const char *key, const json_t *latest)
{
	static const char from[] = "SELECT %s FROM metric m JOIN run r ON r.id=m.run_id JOIN name n ON n.id=m.name_id WHERE r.uuid=?1 AND n.text=?2";
	char sql[256];

	snprintf(sql, sizeof sql, from, "last_step");
	expect(json_object_get(latest, "step"), sql, uuid, key);
	snprintf(sql, sizeof sql, from, "last");
	if (isnan(number(json_object_get(latest, "value"))))
		assert_string_equal(rows_of(sql, uuid, key), "NULL\n");
	else
		expect(json_object_get(latest, "value"), sql, uuid, key);
}

static void check_run_sets(const json_t *run, const char *uuid)
{
	static const struct field dataset[] = { { "source_type", "source_type" }, { "source", "source" }, { "schema", "schema" }, { "profile", "profile" } };
	size_t i;
	json_t *x;

	expect_map(json_object_get(run, "params"), "SELECT value FROM param JOIN run r ON r.id=run_id JOIN name n ON n.id=name_id WHERE r.uuid=?1 AND n.text=?2",
		"SELECT count(*) FROM param JOIN run r ON r.id=run_id WHERE r.uuid=?1", uuid);
	expect_map(json_object_get(run, "tags"), "SELECT value FROM tag JOIN run r ON r.id=run_id JOIN name n ON n.id=name_id WHERE r.uuid=?1 AND n.text=?2",
		"SELECT count(*) FROM tag JOIN run r ON r.id=run_id WHERE r.uuid=?1", uuid);
	json_array_foreach(json_object_get(run, "datasets"), i, x) {
		const char *from = "run_dataset d JOIN run r ON r.id=d.run_id JOIN dataset s ON s.id=d.dataset_id WHERE r.uuid=?1 AND s.name=?2";
		struct str sql = STR_INIT;

		FIELDS(x, dataset, from, uuid, member(x, "name"));
		str_addf(&sql, "SELECT tags FROM %s AND s.digest='%s'", from, member(x, "digest"));
		json_t *tags = json_loads(rows_of(sql.p, uuid, member(x, "name")), JSON_DISABLE_EOF_CHECK, NULL);

		assert_true(json_equal(tags, json_object_get(x, "tags")));
		json_decref(tags);
		str_free(&sql);
	}
	assert_int_equal(strtoll(rows_of("SELECT count(*) FROM run_dataset d JOIN run r ON r.id=d.run_id WHERE r.uuid=?1", uuid, NULL), NULL, 10),
		json_array_size(json_object_get(run, "datasets")));
	json_array_foreach(json_object_get(run, "model_inputs"), i, x)
		assert_string_equal(rows_of("SELECT direction FROM run_model m JOIN run r ON r.id=m.run_id WHERE r.uuid=?1 AND model_id=?2 AND direction=0", uuid,
			json_string_value(x)), "0\n");
	json_array_foreach(json_object_get(run, "model_outputs"), i, x)
		expect(json_array_get(x, 1), "SELECT step FROM run_model m JOIN run r ON r.id=m.run_id WHERE r.uuid=?1 AND model_id=?2 AND direction=1", uuid,
			json_string_value(json_array_get(x, 0)));
}

static void check_runs(const json_t *all)
{
	static const struct field fields[] = { { "run_name", "name" }, { "user_id", "user" }, { "start_time", "start_ms" }, { "end_time", "end_ms" },
		{ "artifact_uri", "r.artifact_uri" }, { "lifecycle_stage", "iif(r.deleted,'deleted','active')" }, { "experiment_id", "ext_id" },
		{ "status", "CASE status WHEN 1 THEN 'RUNNING' WHEN 2 THEN 'SCHEDULED' WHEN 3 THEN 'FINISHED' WHEN 4 THEN 'FAILED' ELSE 'KILLED' END" } };
	size_t i;
	json_t *x;

	json_array_foreach(all, i, x) {
		const char *uuid = member(x, "run_id"), *key;
		json_t *value, *tag = json_object_get(json_object_get(x, "tags"), "mlflow.parentRunId");
		struct str sql = STR_INIT;

		for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
			str_clear(&sql);
			str_addf(&sql, "SELECT %s FROM run r JOIN experiment e ON e.id=r.experiment_id WHERE uuid=?1",
				strcmp(fields[f].column, "name") ? fields[f].column : "r.name");
			expect(json_object_get(x, fields[f].member), sql.p, uuid, NULL);
		}
		expect(tag ? tag : json_null(), "SELECT parent FROM run WHERE uuid=?1", uuid, NULL);
		expect(json_object_get(json_object_get(x, "tags"), "mlflow.source.name"), "SELECT entry FROM run WHERE uuid=?1", uuid, NULL);
		check_run_sets(x, uuid);
		json_object_foreach(json_object_get(x, "history"), key, value)
			check_history(uuid, key, value);
		json_object_foreach(json_object_get(x, "metrics"), key, value)
			check_latest(uuid, key, value);
		assert_int_equal(strtoll(rows_of("SELECT count(*) FROM metric m JOIN run r ON r.id=m.run_id WHERE r.uuid=?1", uuid, NULL), NULL, 10),
			json_object_size(json_object_get(x, "history")));
		str_free(&sql);
	}
	assert_int_equal(count_of("SELECT count(*) FROM run"), json_array_size(all));
}

static void check_version(const json_t *v, const char *model)
{
	static const struct field fields[] = { { "creation_timestamp", "v.created_ms" }, { "last_updated_timestamp", "v.updated_ms" }, { "description", "v.description" },
		{ "current_stage", "stage" }, { "source", "source" }, { "run_id", "run_uuid" }, { "run_link", "run_link" }, { "status", "status" },
		{ "status_message", "status_message" }, { "user_id", "user" }, { "download_uri", "coalesce(storage_location,source)" } };
	char number_text[24];
	size_t i;
	json_t *alias;

	snprintf(number_text, sizeof number_text, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(v, "version")));
	FIELDS(v, fields, "model_version v JOIN model m ON m.id=v.model_id WHERE m.name=?1 AND v.version=?2 AND v.deleted=0", model, number_text);
	struct str value = STR_INIT, count = STR_INIT;

	str_addf(&value, "SELECT value FROM model_version_tag t JOIN model_version v ON v.id=t.version_id JOIN model m ON m.id=v.model_id"
		" WHERE m.name=?1 AND t.key=?2 AND v.version=%s", number_text);
	str_addf(&count, "SELECT count(*) FROM model_version_tag t JOIN model_version v ON v.id=t.version_id JOIN model m ON m.id=v.model_id"
		" WHERE m.name=?1 AND v.version=%s", number_text);
	expect_map(json_object_get(v, "tags"), value.p, count.p, model);
	str_free(&value);
	str_free(&count);
	json_array_foreach(json_object_get(v, "aliases"), i, alias)
		expect(json_object_get(v, "version"), "SELECT version FROM model_alias a JOIN model m ON m.id=a.model_id WHERE m.name=?1 AND alias=?2", model,
			json_string_value(alias));
}

/* Models and prompts; MLflow's client hides the tag that makes a model a prompt. */
static void check_models(const json_t *all, bool prompts)
{
	static const struct field fields[] = { { "creation_timestamp", "created_ms" }, { "last_updated_timestamp", "updated_ms" }, { "description", "description" } };
	size_t i, k;
	json_t *x, *v;

	json_array_foreach(all, i, x) {
		const char *name = member(x, "name");

		FIELDS(x, fields, prompts ? "model WHERE name=?1 AND is_prompt=1 AND deleted=0" : "model WHERE name=?1 AND is_prompt=0 AND deleted=0", name, NULL);
		expect_map(json_object_get(x, "tags"), "SELECT value FROM model_tag t JOIN model m ON m.id=t.model_id WHERE m.name=?1 AND key=?2",
			"SELECT count(*) FROM model_tag t JOIN model m ON m.id=t.model_id WHERE m.name=?1 AND key<>'mlflow.prompt.is_prompt'", name);
		expect_map(json_object_get(x, "aliases"), "SELECT version FROM model_alias a JOIN model m ON m.id=a.model_id WHERE m.name=?1 AND alias=?2",
			"SELECT count(*) FROM model_alias a JOIN model m ON m.id=a.model_id WHERE m.name=?1", name);
		json_array_foreach(json_object_get(x, "versions"), k, v)
			check_version(v, name);
		assert_int_equal(strtoll(rows_of("SELECT count(*) FROM model_version v JOIN model m ON m.id=v.model_id WHERE m.name=?1 AND v.deleted=0", name, NULL), NULL, 10),
			json_array_size(json_object_get(x, "versions")));
	}
	assert_int_equal(count_of(prompts ? "SELECT count(*) FROM model WHERE is_prompt=1" : "SELECT count(*) FROM model WHERE is_prompt=0"), json_array_size(all));
}

static void check_logged_models(const json_t *all)
{
	static const struct field fields[] = { { "name", "l.name" }, { "experiment_id", "ext_id" }, { "artifact_location", "l.artifact_uri" },
		{ "creation_timestamp", "l.created_ms" }, { "last_updated_timestamp", "l.updated_ms" }, { "model_type", "model_type" }, { "source_run_id", "source_run" },
		{ "status_message", "status_message" }, { "status", "CASE status WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' ELSE 'FAILED' END" } };
	size_t i, k;
	json_t *x, *m;

	json_array_foreach(all, i, x) {
		const char *id = member(x, "model_id");

		FIELDS(x, fields, "logged_model l JOIN experiment e ON e.id=l.experiment_id WHERE model_id=?1", id, NULL);
		expect_map(json_object_get(x, "params"), "SELECT value FROM logged_model_item JOIN logged_model l ON l.id=logged_model_id WHERE l.model_id=?1 AND kind=1 AND key=?2",
			"SELECT count(*) FROM logged_model_item JOIN logged_model l ON l.id=logged_model_id WHERE l.model_id=?1 AND kind=1", id);
		expect_map(json_object_get(x, "tags"), "SELECT value FROM logged_model_item JOIN logged_model l ON l.id=logged_model_id WHERE l.model_id=?1 AND kind=2 AND key=?2",
			"SELECT count(*) FROM logged_model_item JOIN logged_model l ON l.id=logged_model_id WHERE l.model_id=?1 AND kind=2", id);
		json_array_foreach(json_object_get(x, "metrics"), k, m) {
			static const char *const columns[] = { NULL, "m.step", "m.ms", "m.value", "m.run_uuid", "m.dataset_name", "m.dataset_digest" };

			for (int c = 1; c < 7; c++) {
				char sql[200];

				snprintf(sql, sizeof sql, "SELECT %s FROM logged_model_metric m JOIN logged_model l ON l.id=m.logged_model_id WHERE l.model_id=?1 AND m.key=?2", columns[c]);
				expect(json_array_get(m, (size_t)c), sql, id, json_string_value(json_array_get(m, 0)));
			}
		}
	}
	assert_int_equal(count_of("SELECT count(*) FROM logged_model"), json_array_size(all));
}

static void check_traces(const json_t *all)
{
	static const struct field fields[] = { { "experiment_id", "ext_id" }, { "state", "status" }, { "timestamp_ms", "start_ms" }, { "execution_time_ms", "took_ms" } };
	size_t i, k;
	json_t *x, *span;

	json_array_foreach(all, i, x) {
		const char *id = member(x, "trace_id");

		FIELDS(x, fields, "trace t JOIN experiment e ON e.id=t.experiment_id WHERE trace_id=?1", id, NULL);
		json_array_foreach(json_object_get(x, "spans"), k, span) {
			const char *name = json_string_value(json_array_get(span, 0));

			expect(json_array_get(span, 1), "SELECT s.type FROM span s JOIN trace t ON t.id=s.trace_id WHERE t.trace_id=?1 AND s.name=?2", id, name);
			assert_string_equal(rows_of("SELECT s.parent_id IS NULL FROM span s JOIN trace t ON t.id=s.trace_id WHERE t.trace_id=?1 AND s.name=?2", id, name),
				json_is_true(json_array_get(span, 2)) ? "1\n" : "0\n");
		}
		assert_int_equal(strtoll(rows_of("SELECT count(*) FROM span s JOIN trace t ON t.id=s.trace_id WHERE t.trace_id=?1", id, NULL), NULL, 10),
			json_array_size(json_object_get(x, "spans")));
	}
	assert_int_equal(count_of("SELECT count(*) FROM trace"), json_array_size(all));
}

static void check_counts(const json_t *counts)
{
	static const struct { const char *name, *sql; } rows[] = {
		{ "experiments", "SELECT count(*) FROM experiment" }, { "active_experiments", "SELECT count(*) FROM experiment WHERE deleted=0" },
		{ "runs", "SELECT count(*) FROM run" }, { "active_runs", "SELECT count(*) FROM run WHERE deleted=0" }, { "params", "SELECT count(*) FROM param" },
		{ "tags", "SELECT count(*) FROM tag" }, { "metric_keys", "SELECT count(*) FROM metric" }, { "points", "SELECT sum(n) FROM metric" },
		{ "registered_models", "SELECT count(*) FROM model WHERE is_prompt=0" },
		{ "versions", "SELECT count(*) FROM model_version v JOIN model m ON m.id=v.model_id WHERE m.is_prompt=0 AND v.deleted=0" },
		{ "prompts", "SELECT count(*) FROM model WHERE is_prompt=1" }, { "logged_models", "SELECT count(*) FROM logged_model" } };

	assert_int_equal(json_object_size(counts), sizeof rows / sizeof *rows);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(count_of(rows[i].sql), json_integer_value(json_object_get(counts, rows[i].name)));
}

static void every_value_of_mlflow_3_17(void **state)
{
	json_error_t error;
	json_t *want = json_load_file(recorded("mlflow_3.17.2.expected.json"), 0, &error);

	(void)state;
	if (!want)
		fail_msg("%s", error.text);
	IMPORT(copy_recorded("mlflow_3.17.2.db", "mlflow.db"));
	assert_int_equal(report.problems, 0);
	check_experiments(json_object_get(want, "experiments"));
	check_runs(json_object_get(want, "runs"));
	check_models(json_object_get(want, "registered_models"), false);
	check_models(json_object_get(want, "prompts"), true);
	check_logged_models(json_object_get(want, "logged_models"));
	check_traces(json_object_get(want, "traces"));
	check_counts(json_object_get(want, "counts"));
	expect_sound();
	json_decref(want);
}

/* What the client does not show but the store holds. */
static void the_rest_of_mlflow_3_17(void **state)
{
	(void)state;
	IMPORT(copy_recorded("mlflow_3.17.2.db", "mlflow.db"));
	ROWS("m1|3|Deleted_Internal|1\n", "SELECT m.name,version,stage,v.deleted FROM model_version v JOIN model m ON m.id=v.model_id WHERE v.deleted");
	ROWS("1|trace_name|root\n", "SELECT kind,key,value FROM trace_item WHERE kind=1");
	ROWS("12|2\n", "SELECT sum(kind=0),sum(kind=2) FROM trace_item");
	ROWS("feedback|true|CODE\n", "SELECT json_extract(content,'$.assessment_type'),json_extract(content,'$.value'),json_extract(content,'$.source_type') FROM assessment");
	ROWS("1795258740552\n", "SELECT deleted_ms FROM run WHERE deleted");
	ROWS("1\n", "SELECT json_extract(content,'$.name') IS name FROM span LIMIT 1");
}

static void mlflow_3_6(void **state)
{
	(void)state;
	IMPORT(copy_recorded("mlflow_3.6.1dev.db", "mlflow.db"));
	assert_int_equal(report.problems, 0);
	ROWS("Default|0\nexp one|0\nexp2|1\n", "SELECT name,deleted FROM experiment ORDER BY ext_id");
	ROWS("child|3|root|/data/gen.py|1|b9be55ffa068451687928480867cce83\nparent|3|root|/data/gen.py|0|NULL\n",
		"SELECT name,status,user,entry,deleted,parent FROM run ORDER BY name");
	assert_string_equal(history("b9be55ffa068451687928480867cce83", "loss"),
		"0 1795221252120 1\n1 1795221252125 0.5\n2 1795221252131 0.33333333333333331\n");
	ROWS("champion|2\nold|1\n", "SELECT alias,version FROM model_alias ORDER BY alias");
	ROWS("1|2|1\n", "SELECT (SELECT count(*) FROM trace),(SELECT count(*) FROM span),(SELECT count(*) FROM assessment)");
	expect_sound();
}

static void two_sources_side_by_side(void **state)
{
	(void)state;
	IMPORT(copy_recorded("mlflow_3.17.2.db", "one.db"));
	IMPORT(copy_recorded("mlflow_3.6.1dev.db", "two.db"));
	ROWS("2|6|4\n", "SELECT (SELECT count(*) FROM source),(SELECT count(*) FROM experiment),(SELECT count(*) FROM run)");
	ROWS("2\n", "SELECT count(*) FROM model WHERE name='m1'");
	expect_sound();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_value_of_mlflow_3_17, import_setup, import_teardown),
		cmocka_unit_test_setup_teardown(the_rest_of_mlflow_3_17, import_setup, import_teardown),
		cmocka_unit_test_setup_teardown(mlflow_3_6, import_setup, import_teardown),
		cmocka_unit_test_setup_teardown(two_sources_side_by_side, import_setup, import_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
