/* Odd and hostile databases: old and partial schemas, strange text and numbers, damage of every kind. */
#include <fcntl.h>

#include "tests/unit/import_help.h"

static const char *make(const char *name, const char *sql)
{
	source_exec(in_folder(name), sql);
	return in_folder(name);
}

#define RUNS "CREATE TABLE experiments(experiment_id INTEGER PRIMARY KEY, name, artifact_location, lifecycle_stage);" \
	"CREATE TABLE runs(run_uuid PRIMARY KEY, name, source_name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, experiment_id);" \
	"CREATE TABLE metrics(key, value FLOAT, timestamp BIGINT, run_uuid, step BIGINT, is_nan);" \
	"CREATE TABLE params(key, value, run_uuid); CREATE TABLE tags(key, value, run_uuid);" \
	"INSERT INTO experiments VALUES(0,'Default','/a','active');"
#define RUN(uuid) "INSERT INTO runs(run_uuid,name,status,lifecycle_stage,experiment_id) VALUES('" uuid "','name of " uuid "','FINISHED','active',0);"

/* ---- schemas ---- */

/* 1.0 had neither steps nor NaN flags, and kept a run's name in a tag. */
static void the_oldest_tables(void **state)
{
	(void)state;
	IMPORT(make("old.db", "CREATE TABLE experiments(experiment_id INTEGER PRIMARY KEY, name, artifact_location, lifecycle_stage);"
		"CREATE TABLE runs(run_uuid PRIMARY KEY, name, source_type, source_name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, experiment_id);"
		"CREATE TABLE metrics(key, value FLOAT, timestamp BIGINT, run_uuid); CREATE TABLE params(key, value, run_uuid); CREATE TABLE tags(key, value, run_uuid);"
		"INSERT INTO experiments VALUES(3,'x','/a','active'); INSERT INTO runs VALUES('r','','LOCAL','old.py','eve','KILLED',1,2,'active','/a/r',3);"
		"INSERT INTO tags VALUES('mlflow.runName','from the tag','r'); INSERT INTO metrics VALUES('m',0.25,10,'r'),('m',0.5,11,'r')"));
	assert_int_equal(report.problems, 0);
	ROWS("from the tag|old.py|eve|5\n", "SELECT name,entry,user,status FROM run");
	assert_string_equal(history("r", "m"), "0 10 0.25\n0 11 0.5\n");
	source_exec(in_folder("old.db"), "UPDATE tags SET value='renamed'");
	IMPORT(in_folder("old.db"));
	ROWS("renamed\n", "SELECT name FROM run");
	expect_sound();
}

static void workspaces_are_kept_apart(void **state)
{
	(void)state;
	IMPORT(make("ws.db", RUNS "ALTER TABLE experiments ADD COLUMN workspace DEFAULT 'default'; INSERT INTO experiments VALUES(1,'Default','/b','active','team');"
		"CREATE TABLE registered_models(name, creation_time, last_updated_time, description, workspace, PRIMARY KEY(workspace,name));"
		"CREATE TABLE model_versions(name, version INTEGER, current_stage, workspace, PRIMARY KEY(workspace,name,version));"
		"CREATE TABLE registered_model_aliases(alias, version INTEGER, name, workspace);"
		"INSERT INTO registered_models VALUES('m',1,1,'one','default'),('m',1,1,'two','team');"
		"INSERT INTO model_versions VALUES('m',1,'None','default'),('m',1,'Production','team'),('m',2,'None','team'); INSERT INTO registered_model_aliases VALUES('best',2,'m','team')"));
	ROWS("Default|default\nDefault|team\n", "SELECT name,namespace FROM experiment ORDER BY ext_id");
	ROWS("default|one|1|NULL\nteam|two|2|2\n", "SELECT namespace,description,(SELECT count(*) FROM model_version v WHERE v.model_id=m.id),"
		"(SELECT version FROM model_alias a WHERE a.model_id=m.id) FROM model m ORDER BY namespace");
}

static void only_the_tables_that_are_there(void **state)
{
	(void)state;
	IMPORT(make("few.db", "CREATE TABLE experiments(experiment_id INTEGER PRIMARY KEY, name); CREATE TABLE runs(run_uuid, experiment_id); CREATE TABLE metrics(key, run_uuid);"
		"INSERT INTO experiments VALUES(1,'e'); INSERT INTO runs VALUES('r',1); INSERT INTO metrics VALUES('m','r')"));
	ROWS("r||1|e|0\n", "SELECT uuid,r.name,status,e.name,r.deleted FROM run r JOIN experiment e ON e.id=experiment_id");
	ROWS("1|1\n", "SELECT n,nan FROM metric");
	source_exec(in_folder("few.db"), "ALTER TABLE experiments ADD COLUMN lifecycle_stage; ALTER TABLE runs ADD COLUMN status; UPDATE runs SET status='FAILED'");
	IMPORT(in_folder("few.db"));
	ROWS("4\n", "SELECT status FROM run");
}

/* Views and virtual tables can do anything; they are not read. */
static void views_are_not_read(void **state)
{
	(void)state;
	IMPORT(make("view.db", RUNS RUN("r") "DROP TABLE tags; CREATE VIEW tags AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
		" SELECT 'k'||i AS key, 'v' AS value, 'r' AS run_uuid FROM n"));
	ROWS("1|0\n", "SELECT (SELECT count(*) FROM run),(SELECT count(*) FROM tag)");
}

static void secrets_stay_where_they_are(void **state)
{
	struct str file = STR_INIT;

	(void)state;
	IMPORT(make("secret.db", RUNS RUN("r") "CREATE TABLE secrets(secret_id, secret_name, encrypted_value); INSERT INTO secrets VALUES('1','key','sealed-XYZZY-bytes')"));
	OK(store_checkpoint(db, true, &why));
	OK(fs_read(in_folder("w.mlyard"), 1 << 26, &file, &why));
	assert_null(memmem(file.p, file.len, "XYZZY", 5));
	str_free(&file);
}

/* ---- values ---- */

static void numbers_of_every_kind(void **state)
{
	(void)state;
	IMPORT(make("n.db", RUNS RUN("r") "INSERT INTO metrics VALUES('m',1,5,'r',9223372036854775807,0),('m',2,5,'r',-9223372036854775808,0),('m',0,5,'r',7,1),('m',-1,5,'r',7,0),"
		"('m',1e308,0,'r',7,0),('m',-1.7976931348623157e308,-4,'r',7,0),('m',3,5,'r',7,0),('m',3,5,'r',7,0),('m',2.5,6,'r',2,0)"));
	assert_int_equal(report.points, 8);
	assert_string_equal(history("r", "m"), "-9223372036854775808 5 2\n2 6 2.5\n7 -4 -1.7976931348623157e+308\n7 0 1e+308\n7 5 -1\n7 5 3\n7 5 nan\n9223372036854775807 5 1\n");
	ROWS("8|1|9223372036854775807|1.0\n", "SELECT n,nan,last_step,last FROM metric");
	expect_sound();
}

static void text_of_every_kind(void **state)
{
	struct str sql = STR_INIT;

	(void)state;
	str_add(&sql, RUNS RUN("r") "INSERT INTO runs(run_uuid,name,status,lifecycle_stage,experiment_id) VALUES('e',char(27)||'[2J'||char(8238)||'evil'||char(7),'FINISHED','active',0);"
		"INSERT INTO tags VALUES('nul','a'||char(0)||'b','r'),('a'||char(0)||'key','v','r'),('broken',CAST(x'fffe41' AS TEXT),'r'),('empty','','r'),('none',NULL,'r'),"
		"('big',hex(zeroblob(5000000)),'r'); INSERT INTO params VALUES('blob',x'0001ff','r'),('number',17,'r')");
	IMPORT(make("t.db", sql.p));
	str_free(&sql);
	ROWS("610062|3\n", "SELECT hex(value),length(CAST(value AS BLOB)) FROM tag JOIN name n ON n.id=name_id WHERE n.text='nul'");
	ROWS("61006B6579\n", "SELECT hex(n.text) FROM tag JOIN name n ON n.id=name_id WHERE tag.value='v'");
	ROWS("FFFE41\n", "SELECT hex(value) FROM tag JOIN name n ON n.id=name_id WHERE n.text='broken'");
	ROWS("10000000\n", "SELECT length(value) FROM tag JOIN name n ON n.id=name_id WHERE n.text='big'");
	ROWS("2\n", "SELECT count(*) FROM tag JOIN name n ON n.id=name_id WHERE value='' AND n.text IN ('empty','none')");
	ROWS("0001FF\n17\n", "SELECT iif(n.text='blob',hex(value),value) FROM param JOIN name n ON n.id=name_id ORDER BY n.text");
	ROWS("1B5B324AE280AE6576696C07\n", "SELECT hex(name) FROM run WHERE uuid='e'");
	IMPORT(in_folder("t.db"));
	assert_int_equal(report.tags + report.params, 0);
}

static void rows_without_their_owner(void **state)
{
	(void)state;
	IMPORT(make("o.db", RUNS RUN("r") "INSERT INTO runs(run_uuid,name,status,lifecycle_stage,experiment_id) VALUES('lost','l','RUNNING','active',77),"
		"('odd','o','EXPLODED','active',0); INSERT INTO metrics VALUES('m',1,1,'nobody',1,0),('n',1,1,'nobody',1,0); INSERT INTO tags VALUES('k'||char(27),'v','nobody'||char(10))"));
	ROWS("experiment 77\n", "SELECT e.name FROM run r JOIN experiment e ON e.id=r.experiment_id WHERE uuid='lost'");
	ROWS("1\n", "SELECT status FROM run WHERE uuid='odd'");
	assert_int_equal(report.problems, 4);
	assert_non_null(strstr(report.lines.p, "nobody"));
	assert_non_null(strstr(report.lines.p, "EXPLODED"));
	assert_null(strchr(report.lines.p, 27));
	ROWS("0\n", "SELECT count(*) FROM metric");
	source_exec(in_folder("o.db"), "INSERT INTO experiments VALUES(77,'found','/x','active')");
	IMPORT(in_folder("o.db"));
	ROWS("found\n", "SELECT e.name FROM run r JOIN experiment e ON e.id=r.experiment_id WHERE uuid='lost'");
	expect_sound();
}

/* ---- what is not a store ---- */

static void files_that_are_no_store(void **state)
{
	static const struct { const char *name, *text, *word; } files[] = { { "notes.db", "these are notes\n", "not a SQLite database" }, { "empty.db", "", "empty" },
		{ "short.db", "SQLite format 3", "not a SQLite database" } };

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		write_text(files[i].name, files[i].text);
		assert_int_equal(try_import(in_folder(files[i].name), false), ST_FAILED);
		assert_non_null(strstr(why.text, files[i].word));
		assert_non_null(strstr(why.text, files[i].name));
	}
	assert_int_equal(try_import(make("other.db", "CREATE TABLE x(y)"), false), ST_FAILED);
	assert_non_null(strstr(why.text, "without MLflow's tables"));
	assert_int_equal(try_import(in_folder("nowhere.db"), false), ST_NOT_FOUND);
	assert_int_equal(try_import("/dev/null", false), ST_FAILED);
	OK(fs_mkdirs(in_folder("folder"), &why));
	assert_int_equal(try_import(in_folder("folder"), false), ST_FAILED);
	assert_non_null(strstr(why.text, "meta.yaml"));
	ROWS("0\n", "SELECT count(*) FROM source");
}

static void a_text_file_in_place_of_a_known_store(void **state)
{
	(void)state;
	IMPORT(make("m.db", RUNS RUN("r")));
	write_text("m.db", "not any more\n");
	assert_int_equal(try_import(in_folder("m.db"), false), ST_FAILED);
	assert_non_null(strstr(why.text, "not a SQLite database"));
	ROWS("1|0\n", "SELECT count(*),deleted FROM run");
	assert_non_null(strstr(rows_of("SELECT report FROM source", NULL, NULL), "not a SQLite database"));
}

static void discovery(void **state)
{
	char **found;

	(void)state;
	OK(fs_mkdirs(in_folder("p/q/r"), &why));
	OK(fs_mkdirs(in_folder("p/.hidden"), &why));
	make("p/one.db", RUNS);
	make("p/q/two.sqlite", RUNS);
	make("p/q/r/deep.db", RUNS);
	make("p/.hidden/three.db", RUNS);
	make("p/other.db", "CREATE TABLE x(y)");
	write_text("p/text.db", "text");
	write_text("p/mlruns/0/meta.yaml", "experiment_id: '0'\nname: Default\nlifecycle_stage: active\n");
	write_text("p/artifacts/1/abc/artifacts/x.txt", "x");
	found = import_discover(in_folder("p"));
	assert_non_null(strstr(found[0], "/p/mlruns"));
	assert_non_null(strstr(found[1], "/p/one.db"));
	assert_non_null(strstr(found[2], "/p/q/two.sqlite"));
	assert_null(found[3]);
	import_paths_free(found);
	found = import_discover(in_folder("p/mlruns"));
	assert_non_null(found[0]);
	assert_null(found[1]);
	import_paths_free(found);
	found = import_discover(in_folder("nowhere"));
	assert_null(found[0]);
	import_paths_free(found);
}

/* ---- damage ---- */

/* A page in the middle of the largest table is overwritten: the rows before and after it must come through. */
static void one_lost_page_costs_little(void **state)
{
	struct str sql = STR_INIT, file = STR_INIT;

	(void)state;
	str_add(&sql, RUNS RUN("r") "BEGIN;");
	for (int i = 0; i < 3000; i++)
		str_addf(&sql, "INSERT INTO metrics VALUES('metric with a rather long name',%d.5,%d,'r',%d,0);", i, i, i);
	str_add(&sql, "COMMIT");
	make("d.db", sql.p);
	OK(fs_read(in_folder("d.db"), 1 << 24, &file, &why));
	char *middle = memmem(file.p + file.len / 2, file.len / 2, "metric with", 11);

	assert_non_null(middle);
	memset(file.p + (middle - file.p) / 4096 * 4096, 0xa5, 4096);
	write_file("d.db", file.p, file.len);
	IMPORT(in_folder("d.db"));
	const int64_t n = count_of("SELECT n FROM metric");

	assert_true(n > 2700 && n < 3000);
	ROWS("0|2999\n", "SELECT first_step,last_step FROM metric");
	assert_int_equal(report.problems, 1);
	assert_non_null(strstr(report.lines.p, "metrics is damaged"));
	assert_non_null(strstr(report.lines.p, ".recover"));
	expect_sound();
	str_free(&sql);
	str_free(&file);
}

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	return *x ^= *x << 5;
}

/* Whatever bytes flip and wherever the file ends: no crash, no hang, words when it fails, a sound workspace. */
static void damaged_files_never_crash(void **state)
{
	struct str good = STR_INIT, bad = STR_INIT;
	uint32_t x = 20231121;

	(void)state;
	OK(fs_read(recorded("mlflow_3.6.1dev.db"), 1 << 24, &good, &why));
	for (int round = 0; round < 240; round++) {
		str_clear(&bad);
		str_addn(&bad, good.p, good.len);
		if (round % 4 == 0)
			str_cut(&bad, round % 8 ? next_random(&x) % good.len : next_random(&x) % 110 * 4096);
		for (unsigned flips = round % 4 ? 1u << round % 10 : 0; flips; flips--) {
			const uint32_t at = round % 3 ? next_random(&x) % (uint32_t)good.len : next_random(&x) % 8192;

			bad.p[at] = (char)(bad.p[at] ^ 1 << next_random(&x) % 8);
		}
		write_file("x.db", bad.p, bad.len);
		if (try_import(in_folder("x.db"), false) != ST_OK)
			assert_true(*why.text);
	}
	expect_sound();
	write_file("x.db", good.p, good.len);
	IMPORT(in_folder("x.db"));
	ROWS("3|2|8\n", "SELECT (SELECT count(*) FROM experiment WHERE ext_id IN ('0','1','2')),"
		"(SELECT count(*) FROM run WHERE uuid IN ('b9be55ffa068451687928480867cce83','c573cdd833c343f5ba7634eed2f59f71')),"
		"(SELECT sum(n) FROM metric m JOIN run r ON r.id=m.run_id JOIN name n ON n.id=m.name_id WHERE n.text IN ('loss','m/sub','inf','ninf','mm')"
		" AND uuid IN ('b9be55ffa068451687928480867cce83','c573cdd833c343f5ba7634eed2f59f71'))");
	str_free(&good);
	str_free(&bad);
}

/* ---- spans kept as artifacts ---- */

#define TRACE_TABLES "CREATE TABLE trace_info(request_id VARCHAR(50) PRIMARY KEY, experiment_id INTEGER, timestamp_ms BIGINT, execution_time_ms BIGINT, status VARCHAR(50));" \
	"CREATE TABLE trace_tags(key, value, request_id, PRIMARY KEY(key, request_id)); CREATE TABLE trace_request_metadata(key, value, request_id);" \
	"CREATE TABLE spans(trace_id, experiment_id, span_id, parent_span_id, name, type, status, start_time_unix_nano, end_time_unix_nano, content, PRIMARY KEY(trace_id, span_id));"
#define TRACE(id, status, uri) "INSERT INTO trace_info VALUES('" id "',0,1000,20,'" status "'); INSERT INTO trace_tags VALUES('mlflow.artifactLocation','" uri "','" id "');"

static void spans_kept_as_artifacts_are_read(void **state)
{
	static const char old[] = "{\"spans\":[{\"name\":\"root\",\"context\":{\"span_id\":\"0x00000000000000a1\"},\"parent_id\":null,\"start_time\":5,\"end_time\":9,"
		"\"status_code\":\"OK\",\"attributes\":{\"mlflow.spanType\":\"\\\"CHAIN\\\"\"}},{\"name\":\"leaf\",\"context\":{\"span_id\":\"0x00000000000000a2\"},"
		"\"parent_id\":\"0x00000000000000a1\",\"start_time\":6,\"end_time\":7,\"status_code\":\"ERROR\"}]}";
	static const char new[] = "{\"spans\":[{\"span_id\":\"AAAAAAAAAKM=\",\"parent_span_id\":null,\"name\":\"only\",\"start_time_unix_nano\":50,\"end_time_unix_nano\":90,"
		"\"status\":{\"code\":\"STATUS_CODE_OK\"}}]}";

	(void)state;
	write_text("art/1/traces/t-old/artifacts/traces.json", old);
	write_text("mlruns/1/traces/t-new/artifacts/traces.json", new);          /* recorded elsewhere, found beside the database */
	write_text("art/1/traces/t-bad/artifacts/traces.json", "{\"spans\": [");
	write_text("art/1/traces/t-odd/artifacts/traces.json", "[1, 2]");
	struct str sql = STR_INIT;

	str_addf(&sql, RUNS TRACE_TABLES TRACE("t-new", "OK", "file:///srv/elsewhere/mlruns/1/traces/t-new/artifacts")
		TRACE("t-far", "OK", "s3://bucket/1/traces/t-far/artifacts") TRACE("t-here", "OK", "/nowhere/1/traces/t-here/artifacts")
		"INSERT INTO trace_tags VALUES('mlflow.trace.spansLocation','TRACKING_STORE','t-here');"
		TRACE("t-run", "IN_PROGRESS", "/nowhere/1/traces/t-run/artifacts"));
	for (int i = 0; i < 3; i++) {
		const char *id = i == 0 ? "t-old" : i == 1 ? "t-bad" : "t-odd";

		str_addf(&sql, "INSERT INTO trace_info VALUES('%s',0,1000,20,'OK'); INSERT INTO trace_tags VALUES('mlflow.artifactLocation','%s/art/1/traces/%s/artifacts','%s');",
			id, help_folder, id, id);
	}
	IMPORT(make("t.db", sql.p));
	assert_int_equal(report.traces, 7);
	ROWS("t-new|00000000000000a3|NULL|only|NULL|OK|50|90\nt-old|00000000000000a1|NULL|root|CHAIN|OK|5|9\nt-old|00000000000000a2|00000000000000a1|leaf|NULL|ERROR|6|7\n",
		"SELECT t.trace_id,span_id,parent_id,s.name,type,s.status,start_ns,end_ns FROM span s JOIN trace t ON t.id=s.trace_id ORDER BY 1,2");
	assert_int_equal(report.problems, 1);
	assert_non_null(strstr(report.lines.p, "the spans of 3 traces cannot be read"));
	write_text("art/1/traces/t-bad/artifacts/traces.json", new);
	write_text("art/1/traces/t-run/artifacts/traces.json", new);
	str_clear(&sql);
	str_addf(&sql, "UPDATE trace_info SET status='OK', execution_time_ms=30 WHERE request_id='t-run'; UPDATE trace_tags SET value='%s/art/1/traces/t-run/artifacts'"
		" WHERE request_id='t-run' AND key='mlflow.artifactLocation'", help_folder);
	source_exec(in_folder("t.db"), sql.p);
	IMPORT(in_folder("t.db"));                                               /* a trace that ended, and a file that was mended */
	ROWS("t-bad\nt-new\nt-old\nt-run\n", "SELECT DISTINCT t.trace_id FROM span s JOIN trace t ON t.id=s.trace_id ORDER BY 1");
	assert_non_null(strstr(report.lines.p, "the spans of 2 traces cannot be read"));
	expect_sound();
	str_free(&sql);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, import_setup, import_teardown)
	const struct CMUnitTest tests[] = { TEST(the_oldest_tables), TEST(workspaces_are_kept_apart), TEST(only_the_tables_that_are_there), TEST(views_are_not_read),
		TEST(secrets_stay_where_they_are), TEST(numbers_of_every_kind), TEST(text_of_every_kind), TEST(rows_without_their_owner), TEST(files_that_are_no_store),
		TEST(a_text_file_in_place_of_a_known_store), TEST(discovery), TEST(one_lost_page_costs_little), TEST(damaged_files_never_crash),
		TEST(spans_kept_as_artifacts_are_read) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
