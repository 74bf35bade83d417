/* File stores: a recorded one, one with every oddity, and stores that change between imports. */
#include <poll.h>
#include <signal.h>

#include "core/runs/sink.h"
#include "tests/unit/import_help.h"

static void put(const char *name, const char *text)
{
	struct str path = STR_INIT;

	str_addf(&path, "s/%s", name);
	write_text(path.p, text);
	str_free(&path);
}

static void append(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof path, "%s/s/%s", help_folder, name);
	FILE *f = fopen(path, "ab");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void drop(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/s/%s", help_folder, name);
	assert_int_equal(nftw(path, help_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void put_run(const char *uuid, int status, const char *more)
{
	struct str path = STR_INIT, text = STR_INIT;

	str_addf(&path, "s/1/%s/meta.yaml", uuid);
	str_addf(&text, "artifact_uri: file:///a/1/%s/artifacts\nend_time: %s\nentry_point_name: ''\nexperiment_id: '1'\nlifecycle_stage: active\nrun_id: %s\nrun_name: run %s\n"
		"source_type: 4\nstart_time: 1000\nstatus: %d\ntags: []\nuser_id: ann\n%s", uuid, status == 1 ? "null" : "2000", uuid, uuid, status, more);
	write_text(path.p, text.p);
	str_free(&path);
	str_free(&text);
}

static int setup(void **state)
{
	if (import_setup(state))
		return -1;
	put("0/meta.yaml", "artifact_location: file:///a/0\nexperiment_id: '0'\nlifecycle_stage: active\nname: Default\n");
	put("1/meta.yaml", "artifact_location: file:///a/1\ncreation_time: 11\nexperiment_id: '1'\nlast_update_time: 12\nlifecycle_stage: active\nname: one\n");
	return 0;
}

static int teardown(void **state)
{
	sink_limit_for_tests(0, 0);
	return import_teardown(state);
}

static const char *store_path(void) { return in_folder("s"); }

/* ---- recorded ---- */

static void mlflow_2_17(void **state)
{
	(void)state;
	IMPORT(recorded("mlruns_2.17.2"));
	assert_int_equal(report.problems, 0);
	ROWS("Default|0|1795221243685|1795221243685\nexp one|0|1795221243689|1795221243689\nexp2|1|1795221243690|1795221243825\n",
		"SELECT name,deleted,created_ms,updated_ms FROM experiment ORDER BY name");
	ROWS("a|b\n", "SELECT key,value FROM experiment_tag");
	ROWS("child|3|root|/data/gen.py|1795221243723|1795221243725|1|1795221243729|1a85aa27a0f247fca93e6ca45e356223\n"
		"parent|3|root|/data/gen.py|1795221243717|1795221243727|0|NULL|NULL\n",
		"SELECT name,status,user,entry,start_ms,end_ms,deleted,deleted_ms,parent FROM run ORDER BY name");
	ROWS("lr|0.1\np/q|line1\nline2\n", "SELECT n.text,value FROM param JOIN name n ON n.id=name_id ORDER BY 1");
	ROWS("desc\n", "SELECT value FROM tag JOIN name n ON n.id=name_id WHERE n.text='mlflow.note.content'");
	assert_string_equal(history("1a85aa27a0f247fca93e6ca45e356223", "loss"), "0 1795221243720 1\n1 1795221243720 0.5\n2 1795221243720 0.33333333333333331\n");
	assert_string_equal(history("1a85aa27a0f247fca93e6ca45e356223", "m/sub"), "5 1795221243720 nan\n");
	assert_string_equal(history("1a85aa27a0f247fca93e6ca45e356223", "inf"), "0 1795221243721 inf\n");
	assert_string_equal(history("1a85aa27a0f247fca93e6ca45e356223", "ninf"), "0 1795221243721 -inf\n");
	ROWS("d1|abc|local|{\"uri\":\"x\"}|{\"s\":1}|{\"num_rows\":3}|{\"mlflow.data.context\":\"training\"}\n",
		"SELECT name,digest,source_type,source,schema,profile,tags FROM run_dataset JOIN dataset d ON d.id=dataset_id");
	ROWS("1|Archived|0\n2|Production|0\n3|Deleted_Internal|1\n", "SELECT version,stage,deleted FROM model_version ORDER BY version");
	ROWS("champion|2\nold|1\n", "SELECT alias,version FROM model_alias ORDER BY alias");
	ROWS("42ec6fd6e8954727873f2929c7a2ed2e|OK|1795221243792|29\n", "SELECT trace_id,status,start_ms,took_ms FROM trace");
	ROWS("kid|LLM|OK|64a77ad8073b34b8|d90d7547698fd511\nroot|UNKNOWN|OK|NULL|64a77ad8073b34b8\n", "SELECT name,type,status,parent_id,span_id FROM span ORDER BY name");
	ROWS("3|5\n", "SELECT sum(kind=0),sum(kind=2) FROM trace_item");
	expect_sound();
	IMPORT(recorded("mlruns_2.17.2"));
	assert_true(report.unchanged);
}

/* ---- oddities ---- */

static void metric_lines_of_every_kind(void **state)
{
	(void)state;
	put_run("r", 3, "");
	put("1/r/metrics/two", "10 1.5\n11 2.5\n");
	put("1/r/metrics/five", "10 1.5 3 name digest\n");
	put("1/r/metrics/words", "1 nan 0\n2 NaN 1\n3 inf 2\n4 -inf 3\n5 Infinity 4\n6 1e-05 5\n7 -0.0 6\n");
	put("1/r/metrics/twice", "1 2.0 3\n1 2.0 3\n1 2.0 3\n");
	put("1/r/metrics/back", "5 5.0 5\n4 4.0 4\n3 3.0 -3\n");
	put("1/r/metrics/bad", "1 1.0 0\nx 1.0 0\n2 one 0\n3 3.0 x\n4 4.0 1 2\n\n99999999999999999999 1.0 0\n5 0x1p3 0\n6 6.0 1\n");
	put("1/r/metrics/unfinished", "1 1.0 0\n2 2.0 1");
	put("1/r/metrics/empty", "");
	put("1/r/metrics/deep/er/key", "1 9 9\n");
	IMPORT(store_path());
	assert_string_equal(history("r", "two"), "0 10 1.5\n0 11 2.5\n");
	assert_string_equal(history("r", "five"), "3 10 1.5\n");
	assert_string_equal(history("r", "words"), "0 1 nan\n1 2 nan\n2 3 inf\n3 4 -inf\n4 5 inf\n5 6 1.0000000000000001e-05\n6 7 0\n");
	assert_string_equal(history("r", "twice"), "3 1 2\n3 1 2\n3 1 2\n");
	assert_string_equal(history("r", "back"), "-3 3 3\n4 4 4\n5 5 5\n");
	assert_string_equal(history("r", "bad"), "0 1 1\n1 6 6\n");
	assert_string_equal(history("r", "unfinished"), "0 1 1\n1 2 2\n");
	assert_string_equal(history("r", "deep/er/key"), "9 1 9\n");
	assert_true(report.problems >= 6);
	assert_non_null(strstr(report.lines.p, "metrics/bad:2:"));
	ROWS("0\n", "SELECT count(*) FROM metric JOIN name n ON n.id=name_id WHERE n.text='empty'");
	expect_sound();
}

static void runs_that_are_not_as_they_should_be(void **state)
{
	(void)state;
	put_run("good", 3, "");
	for (int status = 1; status <= 5; status++)
		put_run((const char *const[]){ "s1", "s2", "s3", "s4", "s5" }[status - 1], status, "");
	put("1/nostatus/meta.yaml", "run_uuid: nostatus\nexperiment_id: 1\n");
	put("1/deleted/meta.yaml", "run_id: deleted\nexperiment_id: '1'\nlifecycle_stage: deleted\ndeleted_time: 77\nstatus: 4\n");
	put("1/broken/meta.yaml", "run_id: 'broken\nexperiment_id: [");
	put("1/emptied/meta.yaml", "");
	put("1/list/meta.yaml", "- a\n- b\n");
	put("1/alias/meta.yaml", "a: &x 1\nb: *x\n");
	put("1/elsewhere/meta.yaml", "run_id: elsewhere\nexperiment_id: '0'\nstatus: 3\n");
	put("1/renamed/meta.yaml", "run_id: other\nexperiment_id: '1'\nstatus: 3\n");
	put("1/nometa/metrics/loss", "1 1 1\n");
	put("1/onlyartifacts/artifacts/model.txt", "x");
	put("2/noexperiment/artifacts/x", "x");
	put("3/meta.yaml", "experiment_id: '4'\nname: wrong\n");
	put("tagged/meta.yaml", "experiment_id: tagged\nname: 'it''s ''quoted'''\n");
	put("tagged/tags/a/b", "nested\nvalue");
	IMPORT(store_path());
	ROWS("deleted|1|77|4\ngood|0|NULL|3\nnostatus|0|NULL|1\ns1|0|NULL|1\ns2|0|NULL|2\ns3|0|NULL|3\ns4|0|NULL|4\ns5|0|NULL|5\n",
		"SELECT uuid,deleted,deleted_ms,status FROM run ORDER BY uuid");
	ROWS("Default\nit's 'quoted'\none\n", "SELECT name FROM experiment ORDER BY name");
	ROWS("a/b|nested\nvalue\n", "SELECT key,value FROM experiment_tag");
	assert_int_equal(report.problems, 8);
	for (const char *const *p = (const char *const[]){ "1/broken/meta.yaml:", "1/emptied/meta.yaml", "1/list/meta.yaml", "1/alias/meta.yaml:2:", "elsewhere", "run 'other'", "1/nometa",
		"3/meta.yaml", NULL }; *p; p++)
		if (!strstr(report.lines.p, *p))
			fail_msg("no word of %s in:\n%s", *p, report.lines.p);
	expect_sound();
}

/* Neither hangs nor leaves the store: a FIFO, a device, a loop of links, a key as deep as a well. */
static void traps(void **state)
{
	struct str deep = STR_INIT;

	(void)state;
	put_run("r", 1, "");
	put("1/r/metrics/ok", "1 1 1\n");
	put("1/r/params/p", "v");
	assert_int_equal(mkfifo(in_folder("s/1/r/metrics/fifo"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", in_folder("s/1/r/params/zero")), 0);
	assert_int_equal(symlink("..", in_folder("s/1/r/metrics/up")), 0);
	assert_int_equal(symlink(".", in_folder("s/1/r/params/self")), 0);
	assert_int_equal(symlink("../..", in_folder("s/1/loop")), 0);
	str_add(&deep, "1/r/params");
	for (int i = 0; i < 12; i++)
		str_add(&deep, "/d");
	put(deep.p, "deep");
	str_free(&deep);
	put("1/r/inputs/i/meta.yaml", "source_type: DATASET\nsource_id: ../../../../etc\ndestination_type: RUN\n");
	IMPORT(store_path());
	ROWS("ok\n", "SELECT n.text FROM metric JOIN name n ON n.id=name_id");
	ROWS("d/d/d/d/d/d/d/d/d/d/d/d\np\n", "SELECT n.text FROM param JOIN name n ON n.id=name_id ORDER BY 1");
	ROWS("1\n", "SELECT count(*) FROM run");
	assert_int_equal(report.problems, 1);
	expect_sound();
}

static void unreadable_folders_lose_nothing(void **state)
{
	(void)state;
	if (geteuid() == 0)
		skip();                          /* root may read everything */
	put_run("r", 3, "");
	IMPORT(store_path());
	assert_int_equal(chmod(in_folder("s/1"), 0), 0);
	IMPORT(store_path());
	chmod(in_folder("s/1"), 0700);
	assert_true(report.problems > 0);
	ROWS("0\n", "SELECT deleted FROM run");
	for (int mode = 0; mode <= 0600; mode += 0200) {
		assert_int_equal(chmod(in_folder("s/1/r"), (mode_t)mode), 0);
		IMPORT(store_path());
		chmod(in_folder("s/1/r"), 0700);
		assert_true(report.problems > 0);
		ROWS("0\n", "SELECT deleted FROM run");
	}
}

static void models_of_3_x(void **state)
{
	(void)state;
	put_run("r", 3, "");
	put("1/datasets/ds/meta.yaml", "digest: dg\nname: data\nprofile: null\nschema: '{}'\nsource: src\nsource_type: local\n");
	put("1/r/inputs/a/meta.yaml", "destination_id: ds\ndestination_type: RUN\nsource_id: ds\nsource_type: DATASET\ntags:\n  mlflow.data.context: eval\n");
	put("1/r/inputs/b/meta.yaml", "destination_id: r\ndestination_type: RUN\nsource_id: m-1\nsource_type: MODEL\ntags: {}\n");
	put("1/r/outputs/m-1/meta.yaml", "destination_id: m-1\ndestination_type: MODEL_OUTPUT\nsource_id: r\nsource_type: RUN_OUTPUT\nstep: 4\ntags: {}\n");
	put("1/models/m-1/meta.yaml", "artifact_location: file:///m\ncreation_timestamp: 5\nexperiment_id: '1'\nlast_updated_timestamp: 6\nlifecycle_stage: active\nmodel_id: m-1\n"
		"model_type: sk\nname: lm\nsource_run_id: r\nstatus: 2\nstatus_message: null\n");
	put("1/models/m-1/metrics/acc", "7 0.5 1 r\n8 0.75 2 r data dg\n");
	put("1/models/m-1/params/p", "1");
	put("1/models/m-1/tags/t", "2");
	IMPORT(store_path());
	assert_int_equal(report.problems, 0);
	ROWS("lm|sk|r|2|5|6|file:///m|0\n", "SELECT name,model_type,source_run,status,created_ms,updated_ms,artifact_uri,deleted FROM logged_model");
	ROWS("acc|7|1|0.5|r|NULL|NULL\nacc|8|2|0.75|r|data|dg\n", "SELECT key,ms,step,value,run_uuid,dataset_name,dataset_digest FROM logged_model_metric ORDER BY ms");
	ROWS("1|p|1\n2|t|2\n", "SELECT kind,key,value FROM logged_model_item ORDER BY kind");
	ROWS("0|m-1|0\n1|m-1|4\n", "SELECT direction,model_id,step FROM run_model ORDER BY direction");
	ROWS("data|{\"mlflow.data.context\":\"eval\"}\n", "SELECT name,tags FROM run_dataset JOIN dataset d ON d.id=dataset_id");
	drop("1/models/m-1");
	drop("1/r/inputs/a");
	IMPORT(store_path());
	ROWS("1\n", "SELECT deleted FROM logged_model");
	ROWS("0|2\n", "SELECT (SELECT count(*) FROM run_dataset),(SELECT count(*) FROM run_model)");
}

static void traces_of_3_x(void **state)
{
	(void)state;
	put("1/traces/tr-9/trace_info.yaml", "execution_duration_ms: 12\nrequest_preview: '{\"q\": 1}'\nrequest_time: '2025-11-19T12:00:00.250Z'\nresponse_preview: null\nstate: OK\n"
		"trace_id: tr-9\ntrace_location:\n  mlflow_experiment:\n    experiment_id: '1'\n  type: MLFLOW_EXPERIMENT\n");
	put("1/traces/tr-9/tags/mlflow.traceName", "root");
	put("1/traces/tr-9/request_metadata/mlflow.user", "ann");
	put("1/traces/tr-9/assessments/a-1.yaml", "assessment_id: a-1\nassessment_name: good\nfeedback:\n  value: true\nsource:\n  source_type: HUMAN\n");
	put("1/traces/tr-9/artifacts/traces.json", "{\"spans\":[{\"trace_id\":\"9OrLGAkjC4sAUPhbyg+gBA==\",\"span_id\":\"h++DB+CEGjQ=\",\"parent_span_id\":null,\"name\":\"root\","
		"\"start_time_unix_nano\":1,\"end_time_unix_nano\":2,\"status\":{\"code\":\"STATUS_CODE_ERROR\"},\"attributes\":{\"mlflow.spanType\":\"\\\"CHAIN\\\"\"}}]}");
	IMPORT(store_path());
	assert_int_equal(report.problems, 0);
	ROWS("tr-9|OK|1763553600250|12|{\"q\": 1}\n", "SELECT trace_id,status,start_ms,took_ms,request_preview FROM trace");
	ROWS("87ef8307e0841a34|root|CHAIN|ERROR|1|2\n", "SELECT span_id,name,type,status,start_ns,end_ns FROM span");
	ROWS("good|1|HUMAN\n", "SELECT json_extract(content,'$.assessment_name'),json_extract(content,'$.feedback.value'),json_extract(content,'$.source.source_type') FROM assessment");
	put("1/traces/tr-9/artifacts/traces.json", "{\"spans\":[");
	IMPORT(store_path());
	assert_int_equal(report.problems, 1);
	drop("1/traces/tr-9");
	IMPORT(store_path());
	ROWS("1\n", "SELECT deleted FROM trace");
}

/* ---- again and again ---- */

static void a_live_run_is_read_where_it_was_left(void **state)
{
	(void)state;
	put_run("r", 1, "");
	put("1/r/metrics/loss", "1 1.0 0\n2 2.0 1\n3 3");
	put("1/r/metrics/a%b\nc", "1 1 1\n");
	IMPORT(store_path());
	assert_int_equal(report.points, 3);
	IMPORT(store_path());
	assert_int_equal(report.points, 0);
	append("1/r/metrics/loss", ".5 2\n4 4.0 3\n");
	append("1/r/metrics/a%b\nc", "2 2 2\n");
	IMPORT_HOT(store_path());
	assert_int_equal(report.points, 3);
	assert_string_equal(history("r", "loss"), "0 1 1\n1 2 2\n2 3 3.5\n3 4 4\n");
	append("1/r/metrics/loss", "5 5.0 4");
	IMPORT_HOT(store_path());
	assert_int_equal(report.points, 0);
	put_run("r", 3, "");
	IMPORT_HOT(store_path());
	assert_int_equal(report.points, 1);
	ROWS("3|2000\n", "SELECT status,end_ms FROM run");
	append("1/r/metrics/loss", "\n6 6.0 5\n");
	IMPORT(store_path());
	assert_string_equal(history("r", "loss"), "0 1 1\n1 2 2\n2 3 3.5\n3 4 4\n4 5 5\n5 6 6\n");
	expect_sound();
}

static void a_rewritten_file_replaces_its_series(void **state)
{
	(void)state;
	put_run("r", 1, "");
	put("1/r/metrics/loss", "1 1.0 0\n2 2.0 1\n3 3.0 2\n");
	put("1/r/metrics/acc", "1 1.0 0\n");
	IMPORT(store_path());
	put("1/r/metrics/loss", "1 1.0 0\n2 2.0 1\n");
	IMPORT(store_path());
	assert_string_equal(history("r", "loss"), "0 1 1\n1 2 2\n");
	put("1/r/metrics/loss", "9 9.0 0\n8 8.0 1\n");
	IMPORT(store_path());
	assert_string_equal(history("r", "loss"), "0 9 9\n1 8 8\n");
	put("1/r/metrics/loss", "9 9.5 0\n8 8.0 1\n7 7.0 2\n7 7.0 3\n");
	IMPORT(store_path());
	assert_string_equal(history("r", "loss"), "0 9 9.5\n1 8 8\n2 7 7\n3 7 7\n");
	drop("1/r/metrics/acc");
	IMPORT(store_path());
	ROWS("loss\n", "SELECT n.text FROM metric JOIN name n ON n.id=name_id");
	expect_sound();
}

static void edits_deletions_and_returns(void **state)
{
	(void)state;
	put_run("r", 3, "");
	put_run("q", 3, "");
	put("1/r/tags/mlflow.source.name", "a.py");
	put("1/r/tags/mlflow.parentRunId", "q");
	put("1/r/params/lr", "1");
	IMPORT(store_path());
	ROWS("a.py|q\n", "SELECT entry,parent FROM run WHERE uuid='r'");
	put("1/r/tags/mlflow.source.name", "b.py");
	drop("1/r/tags/mlflow.parentRunId");
	drop("1/q");
	IMPORT(store_path());
	ROWS("b.py|NULL\n", "SELECT entry,parent FROM run WHERE uuid='r'");
	ROWS("q|1\nr|0\n", "SELECT uuid,deleted FROM run ORDER BY uuid");
	put_run("q", 3, "");
	OK(fs_mkdirs(in_folder("s/.trash"), &why));
	assert_int_equal(rename(in_folder("s/1"), in_folder("s/.trash/1")), 0);
	IMPORT(store_path());
	ROWS("Default|0\none|1\n", "SELECT name,deleted FROM experiment ORDER BY name");
	ROWS("0\n", "SELECT sum(deleted) FROM run");
	assert_int_equal(rename(in_folder("s/.trash/1"), in_folder("s/1")), 0);
	put("1/r/meta.yaml", "broken: [");
	IMPORT(store_path());
	assert_int_equal(report.problems, 1);
	ROWS("Default|0\none|0\n", "SELECT name,deleted FROM experiment ORDER BY name");
	ROWS("run r|0\n", "SELECT name,deleted FROM run WHERE uuid='r'");
	expect_sound();
}

static void the_registry_changes(void **state)
{
	(void)state;
	put("models/m/meta.yaml", "aliases:\n  best: '1'\ncreation_timestamp: 1\ndescription: d\nlast_updated_timestamp: 2\nname: m\n");
	put("models/m/aliases/best", "1");
	put("models/m/aliases/odd", "one");
	put("models/m/tags/mlflow.prompt.is_prompt", "true");
	put("models/m/version-1/meta.yaml", "creation_timestamp: 1\ncurrent_stage: Staging\nname: m\nrun_id: r\nsource: s\nstatus: READY\nversion: 1\n");
	put("models/m/version-1/tags/k", "v");
	put("models/m/version-x/meta.yaml", "name: m\n");
	put("models/n/meta.yaml", "name: n\n");
	IMPORT(store_path());
	ROWS("m|1|0|d\nn|0|0|NULL\n", "SELECT name,is_prompt,deleted,description FROM model ORDER BY name");
	ROWS("1|Staging|r\n", "SELECT version,stage,run_uuid FROM model_version");
	ROWS("best|1\n", "SELECT alias,version FROM model_alias");
	assert_int_equal(report.problems, 1);
	put("models/m/version-1/meta.yaml", "creation_timestamp: 1\ncurrent_stage: Deleted_Internal\nname: m\nversion: 1\n");
	put("models/m/version-2/meta.yaml", "creation_timestamp: 3\nname: m\nversion: 2\n");
	put("models/m/aliases/best", "2");
	drop("models/m/tags/mlflow.prompt.is_prompt");
	drop("models/n");
	IMPORT(store_path());
	ROWS("m|0|0\nn|0|1\n", "SELECT name,is_prompt,deleted FROM model ORDER BY name");
	ROWS("1|Deleted_Internal|1\n2|None|0\n", "SELECT version,stage,deleted FROM model_version ORDER BY version");
	ROWS("best|2\n", "SELECT alias,version FROM model_alias");
}

static void a_hot_pass_sees_new_runs(void **state)
{
	(void)state;
	put_run("r", 3, "");
	IMPORT(store_path());
	put_run("s", 1, "");
	put("1/s/metrics/loss", "1 1 1\n");
	put("1/s/tags/mlflow.runName", "named");
	IMPORT_HOT(store_path());
	assert_int_equal(report.points, 1);
	ROWS("s|1\n", "SELECT uuid,status FROM run WHERE uuid='s'");
	IMPORT_HOT(store_path());
	assert_true(report.unchanged);
	append("1/s/metrics/loss", "2 2 2\n");
	IMPORT_HOT(store_path());
	assert_int_equal(report.points, 1);
	expect_sound();
}

/* ---- long files, kills ---- */

static void put_long(int n, const char *uuid)
{
	struct str text = STR_INIT, path = STR_INIT;

	for (int i = 0; i < n; i++)
		str_addf(&text, "%d %d.25 %d\n", 1000 + i / 3, i, i / 2);
	str_addf(&path, "1/%s/metrics/long", uuid);
	put(path.p, text.p);
	str_free(&text);
	str_free(&path);
}

static void import_in_a_child(void)
{
	struct store_pool *p;
	struct import_report r;

	sink_limit_for_tests(900, 30);
	if (store_pool_open(in_folder("w.mlyard"), 0, &p, &why) != ST_OK || import_path(p, store_path(), NULL, &r, &why) != ST_OK)
		_exit(1);
	store_pool_close(p);
	_exit(0);
}

/* File stores may hold the same point twice, so that reading something again would show. */
static void killed_imports_repeat_nothing(void **state)
{
	(void)state;
	put_run("a", 1, "");
	put_run("b", 3, "");
	put_long(60000, "a");
	put_long(70000, "b");
	for (int i = 0; i < 25; i++) {
		const pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			import_in_a_child();
		poll(NULL, 0, 1 + i % 9);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	pid_t pids[2];

	for (int i = 0; i < 2; i++)
		if ((pids[i] = fork()) == 0)
			import_in_a_child();
	for (int i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
	IMPORT(store_path());
	ROWS("a|60000|29999\nb|70000|34999\n", "SELECT uuid,n,last_step FROM metric JOIN run ON run.id=run_id ORDER BY uuid");
	append("1/a/metrics/long", "1 1 1\n");
	IMPORT(store_path());
	assert_int_equal(report.points, 1);
	expect_sound();
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(mlflow_2_17), TEST(metric_lines_of_every_kind), TEST(runs_that_are_not_as_they_should_be), TEST(traps),
		TEST(unreadable_folders_lose_nothing), TEST(models_of_3_x), TEST(traces_of_3_x), TEST(a_live_run_is_read_where_it_was_left),
		TEST(a_rewritten_file_replaces_its_series), TEST(edits_deletions_and_returns), TEST(the_registry_changes), TEST(a_hot_pass_sees_new_runs),
		TEST(killed_imports_repeat_nothing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
