/* MLflow databases that change between imports, while they are read, or under a kill. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "core/runs/sink.h"
#include "tests/unit/import_help.h"

static const char *source;

/* The tables of MLflow 2.x as far as runs need them, with one experiment and two runs. */
static void make_store(const char *name)
{
	char sql[400];

	source = in_folder(name);
	source = mem_strdup(source);
	source_exec(source, "CREATE TABLE alembic_version(version_num VARCHAR(32) NOT NULL);"
		"CREATE TABLE experiments(experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256) NOT NULL UNIQUE, artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32),"
		" creation_time BIGINT, last_update_time BIGINT);"
		"CREATE TABLE experiment_tags(key VARCHAR(250) NOT NULL, value VARCHAR(5000), experiment_id INTEGER NOT NULL, PRIMARY KEY(key, experiment_id));"
		"CREATE TABLE runs(run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20), source_name VARCHAR(500), entry_point_name VARCHAR(50),"
		" user_id VARCHAR(256), status VARCHAR(9), start_time BIGINT, end_time BIGINT, source_version VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),"
		" experiment_id INTEGER, deleted_time BIGINT);"
		"CREATE TABLE metrics(key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL,"
		" is_nan BOOLEAN DEFAULT '0' NOT NULL, PRIMARY KEY(key, timestamp, step, run_uuid, value, is_nan));"
		"CREATE TABLE params(key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY(key, run_uuid));"
		"CREATE TABLE tags(key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY(key, run_uuid));"
		"INSERT INTO experiments VALUES(0,'Default','/a/0','active',1,1);"
		"INSERT INTO runs VALUES('r1','one','UNKNOWN','','','ann','FINISHED',1000,2000,'','active','/a/0/r1/artifacts',0,NULL),"
		"('r2','two','UNKNOWN','','','ann','RUNNING',1500,NULL,'','active','/a/0/r2/artifacts',0,NULL);"
		"INSERT INTO params VALUES('lr','0.1','r1'),('lr','0.2','r2');"
		"INSERT INTO tags VALUES('note','first','r1'),('mlflow.source.name','train.py','r1');");
	for (int i = 0; i < 20; i++) {
		snprintf(sql, sizeof sql, "INSERT INTO metrics VALUES('loss',%d.5,%d,'%s',%d,0)", i, 1000 + i, i % 2 ? "r2" : "r1", i / 2);
		source_exec(source, sql);
	}
}

static int setup(void **state)
{
	if (import_setup(state))
		return -1;
	make_store("mlflow.db");
	return 0;
}

static int teardown(void **state)
{
	free((char *)(uintptr_t)source);
	sink_limit_for_tests(0, 0);
	return import_teardown(state);
}

static void append_points(int first, int n, const char *run)
{
	struct str sql = STR_INIT;

	str_add(&sql, "BEGIN;");
	for (int i = first; i < first + n; i++)
		str_addf(&sql, "INSERT INTO metrics VALUES('loss',%d.25,%d,'%s',%d,0);", i, 5000 + i, run, i);
	str_add(&sql, "COMMIT");
	source_exec(source, sql.p);
	str_free(&sql);
}

/* ---- again and again ---- */

static void an_unchanged_store_is_left_alone(void **state)
{
	(void)state;
	IMPORT(source);
	assert_false(report.unchanged);
	assert_int_equal(report.runs, 2);
	assert_int_equal(report.points, 20);
	source_exec(source, "PRAGMA user_version=0");
	IMPORT(source);
	const int64_t changes = count_of("SELECT max(seq) FROM change");

	IMPORT(source);
	assert_int_equal(report.runs + report.points + report.params + report.tags + report.experiments, 0);
	assert_int_equal(count_of("SELECT max(seq) FROM change"), changes);
}

static void only_new_rows_are_added(void **state)
{
	(void)state;
	IMPORT(source);
	append_points(100, 7, "r2");
	source_exec(source, "INSERT INTO runs(run_uuid,name,status,start_time,lifecycle_stage,experiment_id) VALUES('r3','three','RUNNING',3000,'active',0);"
		"INSERT INTO params VALUES('depth','4','r3'); INSERT INTO tags VALUES('mlflow.parentRunId','r2','r3'),('mlflow.user','bob','r3')");
	IMPORT(source);
	assert_int_equal(report.points, 7);
	assert_int_equal(report.runs, 1);
	assert_int_equal(report.params, 1);
	assert_int_equal(report.tags, 2);
	ROWS("r3|three|1|bob||r2\n", "SELECT uuid,name,status,user,entry,parent FROM run WHERE uuid='r3'");
	ROWS("17\n", "SELECT n FROM metric JOIN run ON run.id=run_id WHERE uuid='r2'");
	expect_sound();
}

static void what_changes_in_place_follows(void **state)
{
	(void)state;
	IMPORT(source);
	source_exec(source, "UPDATE tags SET value='second' WHERE key='note'; DELETE FROM tags WHERE key='mlflow.source.name';"
		"UPDATE runs SET name='renamed',status='FAILED',end_time=9 WHERE run_uuid='r2'; UPDATE runs SET lifecycle_stage='deleted',deleted_time=7 WHERE run_uuid='r1';"
		"UPDATE experiments SET name='Moved',last_update_time=5; INSERT INTO experiment_tags VALUES('team','x',0)");
	IMPORT(source);
	ROWS("one||1|7|3\nrenamed||0|NULL|4\n", "SELECT name,entry,deleted,deleted_ms,status FROM run ORDER BY uuid");
	ROWS("note|second\n", "SELECT n.text,value FROM tag JOIN name n ON n.id=name_id");
	ROWS("Moved|5|team|x\n", "SELECT name,updated_ms,key,value FROM experiment JOIN experiment_tag ON experiment_id=experiment.id");
	source_exec(source, "UPDATE runs SET lifecycle_stage='active',deleted_time=NULL WHERE run_uuid='r1'; DELETE FROM experiment_tags");
	IMPORT(source);
	ROWS("0\n", "SELECT sum(deleted) FROM run");
	ROWS("0\n", "SELECT count(*) FROM experiment_tag");
	expect_sound();
}

/* `mlflow gc` takes a deleted run's rows away for good, here the last ones; then new rows get their numbers. */
static void what_gc_removed_is_marked_deleted(void **state)
{
	(void)state;
	append_points(100, 10, "r1");
	IMPORT(source);
	source_exec(source, "DELETE FROM metrics WHERE run_uuid='r1'; DELETE FROM params WHERE run_uuid='r1'; DELETE FROM tags WHERE run_uuid='r1';"
		"DELETE FROM runs WHERE run_uuid='r1'");
	append_points(200, 25, "r2");
	source_exec(source, "INSERT INTO tags VALUES('a','b','r2'),('c','d','r2')");
	IMPORT(source);
	ROWS("r1|1|20\nr2|0|35\n", "SELECT uuid,deleted,n FROM run JOIN metric ON run_id=run.id ORDER BY uuid");
	ROWS("a|b\nc|d\n", "SELECT n.text,value FROM tag JOIN name n ON n.id=name_id JOIN run r ON r.id=run_id WHERE r.uuid='r2' ORDER BY 1");
	expect_sound();
}

static void an_older_copy_put_back_is_followed(void **state)
{
	struct str old = STR_INIT;

	(void)state;
	OK(fs_read(source, 1 << 24, &old, &why));
	append_points(100, 10, "r2");
	source_exec(source, "INSERT INTO params VALUES('extra','1','r2'); INSERT INTO tags VALUES('extra','1','r2');"
		"INSERT INTO runs(run_uuid,name,status,lifecycle_stage,experiment_id) VALUES('r3','three','RUNNING','active',0)");
	IMPORT(source);
	ROWS("20\n", "SELECT n FROM metric JOIN run ON run.id=run_id WHERE uuid='r2'");
	write_file("mlflow.db", old.p, old.len);
	str_free(&old);
	IMPORT(source);
	ROWS("10\n", "SELECT n FROM metric JOIN run ON run.id=run_id WHERE uuid='r2'");
	ROWS("lr\n", "SELECT n.text FROM param JOIN name n ON n.id=name_id JOIN run r ON r.id=run_id WHERE r.uuid='r2'");
	ROWS("1\n", "SELECT deleted FROM run WHERE uuid='r3'");
	ROWS("0\n", "SELECT count(*) FROM tag JOIN run r ON r.id=run_id WHERE r.uuid='r2'");
	expect_sound();
}

static void vacuum_changes_nothing(void **state)
{
	(void)state;
	source_exec(source, "DELETE FROM metrics WHERE step=3");
	IMPORT(source);
	source_exec(source, "VACUUM");
	append_points(300, 1, "r2");
	IMPORT(source);
	assert_int_equal(report.points, 1);
	assert_int_equal(report.runs + report.tags + report.params, 0);
	expect_sound();
}

static void a_source_that_vanishes_keeps_what_was_imported(void **state)
{
	(void)state;
	IMPORT(source);
	assert_int_equal(rename(source, in_folder("away")), 0);
	assert_int_equal(try_import(source, true), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "nothing at this path"));
	ROWS("2\n", "SELECT count(*) FROM run WHERE deleted=0");
	assert_int_equal(rename(in_folder("away"), source), 0);
	append_points(100, 1, "r2");
	IMPORT_HOT(source);
	assert_int_equal(report.points, 1);
}

static void registry_changes_follow(void **state)
{
	(void)state;
	source_exec(source, "CREATE TABLE registered_models(name PRIMARY KEY, creation_time, last_updated_time, description);"
		"CREATE TABLE model_versions(name, version INTEGER, creation_time, last_updated_time, description, user_id, current_stage, source, run_id, status, status_message, run_link,"
		" PRIMARY KEY(name,version));"
		"CREATE TABLE registered_model_aliases(alias, version INTEGER, name, PRIMARY KEY(name,alias)); CREATE TABLE registered_model_tags(key, value, name, PRIMARY KEY(key,name));"
		"CREATE TABLE model_version_tags(key, value, name, version, PRIMARY KEY(key,name,version));"
		"INSERT INTO registered_models VALUES('m',1,1,NULL),('gone',1,1,'d'),('p',1,1,NULL);"
		"INSERT INTO model_versions(name,version,current_stage,source) VALUES('m',1,'Production','s'),('m',2,'None','s'),('gone',1,'None','s');"
		"INSERT INTO registered_model_aliases VALUES('champion',1,'m'),('dangling',9,'m'); INSERT INTO registered_model_tags VALUES('mlflow.prompt.is_prompt','true','p'),('k','v','m');"
		"INSERT INTO model_version_tags VALUES('x','y','m',2)");
	IMPORT(source);
	ROWS("gone|0|0\nm|0|0\np|1|0\n", "SELECT name,is_prompt,deleted FROM model ORDER BY name");
	source_exec(source, "UPDATE model_versions SET current_stage='Archived' WHERE version=1 AND name='m'; UPDATE model_versions SET current_stage='Production' WHERE version=2;"
		"UPDATE registered_model_aliases SET version=2 WHERE alias='champion'; DELETE FROM registered_model_aliases WHERE alias='dangling'; DELETE FROM registered_model_tags WHERE key='k';"
		"DELETE FROM model_versions WHERE name='gone'; DELETE FROM registered_models WHERE name='gone'; UPDATE model_version_tags SET value='z'");
	IMPORT(source);
	ROWS("gone|1\nm|0\np|0\n", "SELECT name,deleted FROM model ORDER BY name");
	ROWS("1|Archived|0\n2|Production|0\n", "SELECT version,stage,v.deleted FROM model_version v JOIN model m ON m.id=model_id WHERE name='m' ORDER BY version");
	ROWS("1\n", "SELECT v.deleted FROM model_version v JOIN model m ON m.id=model_id WHERE name='gone'");
	ROWS("champion|2\n", "SELECT alias,version FROM model_alias");
	ROWS("z\n", "SELECT value FROM model_version_tag");
	ROWS("1\n", "SELECT count(*) FROM model_tag");
}

static void edges_follow(void **state)
{
	(void)state;
	source_exec(source, "CREATE TABLE datasets(dataset_uuid, experiment_id INTEGER, name, digest, dataset_source_type, dataset_source, dataset_schema, dataset_profile);"
		"CREATE TABLE inputs(input_uuid, source_type, source_id, destination_type, destination_id); CREATE TABLE input_tags(input_uuid, name, value);"
		"INSERT INTO datasets VALUES('d1',0,'iris','abc','local','{}',NULL,NULL),('d2',0,'wine','def','local','{}',NULL,NULL);"
		"INSERT INTO inputs VALUES('i1','DATASET','d1','RUN','r1'),('i2','DATASET','d2','RUN','r1'),('i3','DATASET','nowhere','RUN','r2');"
		"INSERT INTO input_tags VALUES('i1','mlflow.data.context','tra\"in'),('i1','n','2')");
	IMPORT(source);
	assert_int_equal(report.problems, 1);
	assert_non_null(strstr(report.lines.p, "nowhere"));
	ROWS("iris|{\"mlflow.data.context\":\"tra\\\"in\",\"n\":\"2\"}\nwine|{}\n", "SELECT name,tags FROM run_dataset JOIN dataset d ON d.id=dataset_id ORDER BY name");
	source_exec(source, "DELETE FROM inputs WHERE input_uuid='i2'; DELETE FROM input_tags WHERE name='n'");
	IMPORT(source);
	ROWS("iris|{\"mlflow.data.context\":\"tra\\\"in\"}\n", "SELECT name,tags FROM run_dataset JOIN dataset d ON d.id=dataset_id");
}

/* Enough rows for the reader to have a thread of its own. */
static void put_single(const char *run, int key, const char *value)
{
	char sql[200];

	snprintf(sql, sizeof sql, "INSERT INTO metrics VALUES('s%02d',%s,%d,'%s',%d,%d)", key, value, 100 + key, run, key, !strcmp(value, "0"));
	source_exec(source, sql);
}

/* Metrics of one point: of runs that had none, also when a flush ends in the middle of a run; of runs that have some; a second point later. */
static void single_points_of_new_and_of_known_runs(void **state)
{
	(void)state;
	sink_limit_for_tests(50, 0);
	source_exec(source, "INSERT INTO runs SELECT 'n1',name,source_type,source_name,entry_point_name,user_id,status,start_time,end_time,source_version,lifecycle_stage,"
		"artifact_uri,experiment_id,deleted_time FROM runs WHERE run_uuid='r1'");
	for (int i = 0; i < 70; i++)
		put_single("n1", i, i % 7 ? "0.5" : "0");
	IMPORT(source);
	assert_int_equal(report.points, 90);
	expect_sound();
	for (int i = 0; i < 20; i++)
		put_single("r2", i, "1.5");
	put_single("n1", 3, "9.5");
	put_single("nobody", 4, "1.5");
	IMPORT(source);
	assert_int_equal(report.points, 21);
	assert_int_equal(report.problems, 1);
	assert_non_null(strstr(report.lines.p, "run nobody"));
	assert_string_equal(history("n1", "s00"), "0 100 nan\n");
	assert_string_equal(history("n1", "s03"), "3 103 0.5\n3 103 9.5\n");
	assert_string_equal(history("r2", "s19"), "19 119 1.5\n");
	ROWS("92\n", "SELECT count(*) FROM metric");
	expect_sound();
	IMPORT(source);
	assert_int_equal(report.points, 0);
}

static void many_points_are_read_ahead(void **state)
{
	(void)state;
	source_exec(source, "INSERT INTO metrics WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i+1 FROM n WHERE i<300099)"
		" SELECT iif(i%3,'b','a'), iif(i%1000,i*0.5,0), i, iif(i%2,'r1','r2'), i, i%1000=0 FROM n");
	IMPORT(source);
	assert_int_equal(report.points, 300020);
	ROWS("a|50000|52.5|150049.5\nb|100000|50.5|150048.5\n", "SELECT n.text,m.n,m.min,m.max FROM metric m JOIN name n ON n.id=name_id JOIN run r ON r.id=run_id"
		" WHERE uuid='r1' AND n.text<>'loss' ORDER BY 1");
	ROWS("300\n", "SELECT sum(nan) FROM metric");
	append_points(400000, 5, "r2");
	IMPORT(source);
	assert_int_equal(report.points, 5);
	source_exec(source, "DELETE FROM metrics WHERE step>200000; INSERT INTO metrics VALUES('new',1,1,'r1',1,0)");
	IMPORT(source);
	ROWS("200000|1\n", "SELECT max(last_step),(SELECT m.n FROM metric m JOIN name n ON n.id=name_id WHERE n.text='new') FROM metric JOIN name n ON n.id=name_id WHERE n.text='b'");
	expect_sound();
}

/* ---- hot passes ---- */

static void a_hot_pass_brings_new_rows(void **state)
{
	(void)state;
	IMPORT(source);
	append_points(100, 3, "r2");
	source_exec(source, "INSERT INTO runs(run_uuid,name,status,lifecycle_stage,experiment_id) VALUES('r3','three','RUNNING','active',0); INSERT INTO params VALUES('p','1','r3');"
		"UPDATE runs SET status='FINISHED',end_time=99 WHERE run_uuid='r2'");
	IMPORT_HOT(source);
	assert_int_equal(report.points, 3);
	assert_int_equal(report.params, 1);
	ROWS("r2|3|99\nr3|1|NULL\n", "SELECT uuid,status,end_ms FROM run WHERE uuid<>'r1' ORDER BY uuid");
	IMPORT_HOT(source);
	assert_true(report.unchanged);
	source_exec(source, "UPDATE tags SET value='edited' WHERE key='note'");
	IMPORT_HOT(source);
	IMPORT(source);
	ROWS("edited\n", "SELECT value FROM tag JOIN name n ON n.id=name_id WHERE n.text='note'");
	expect_sound();
}

/* ---- while somebody writes ---- */

static pid_t fork_writer(void (*work)(int ready), int *ready)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		work(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	*ready = fds[0];
	return pid;
}

static void wait_for(int fd)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
}

static void expect_success(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void hold_exclusive(int ready)
{
	sqlite3 *s;

	if (sqlite3_open(source, &s) != SQLITE_OK || sqlite3_exec(s, "BEGIN EXCLUSIVE; INSERT INTO metrics VALUES('late',1,1,'r1',1,0)", NULL, NULL, NULL) != SQLITE_OK)
		_exit(1);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	poll(NULL, 0, 60);               /* the import meets the lock and has to wait for it */
	_exit(sqlite3_exec(s, "COMMIT", NULL, NULL, NULL) != SQLITE_OK);
}

static void a_locked_source_is_waited_for(void **state)
{
	int ready;
	const pid_t pid = fork_writer(hold_exclusive, &ready);

	(void)state;
	wait_for(ready);
	IMPORT(source);
	expect_success(pid);
	close(ready);
	IMPORT(source);
	ROWS("1\n", "SELECT n FROM metric JOIN name ON name.id=name_id WHERE text='late'");
}

static void write_all_the_time(int ready)
{
	sqlite3 *s;
	char sql[200];

	if (sqlite3_open(source, &s) != SQLITE_OK)
		_exit(1);
	sqlite3_busy_timeout(s, 120000);
	for (int i = 0; i < 300; i++) {
		snprintf(sql, sizeof sql, "INSERT INTO metrics VALUES('live',%d,%d,'r2',%d,0)", i, i, i);
		if (sqlite3_exec(s, sql, NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		if (i == 0 && write(ready, "x", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void imports_do_not_hinder_the_writer(void **state)
{
	int ready, status = 0;
	const pid_t pid = fork_writer(write_all_the_time, &ready);

	(void)state;
	wait_for(ready);
	while (waitpid(pid, &status, WNOHANG) == 0)
		IMPORT_HOT(source);
	assert_int_equal(status, 0);
	close(ready);
	IMPORT(source);
	ROWS("300|0|299\n", "SELECT n,first_step,last_step FROM metric JOIN name ON name.id=name_id WHERE text='live'");
	expect_sound();
}

static int entries_beside_the_source(void)
{
	int n = 0;
	char **names = NULL;

	(void)names;
	for (const char *const *p = (const char *const[]){ "-wal", "-shm", "-journal", NULL }; *p; p++) {
		char path[256];

		snprintf(path, sizeof path, "%s%s", source, *p);
		n += access(path, F_OK) == 0;
	}
	return n;
}

static void nothing_is_left_beside_the_source(void **state)
{
	(void)state;
	IMPORT(source);
	assert_int_equal(entries_beside_the_source(), 0);
	source_exec(source, "PRAGMA journal_mode=WAL; INSERT INTO tags VALUES('w','al','r1')");
	assert_int_equal(entries_beside_the_source(), 0);
	IMPORT(source);
	assert_int_equal(entries_beside_the_source(), 0);
	ROWS("al\n", "SELECT value FROM tag JOIN name n ON n.id=name_id WHERE n.text='w'");
}

static void an_open_wal_database_is_read(void **state)
{
	sqlite3 *s;

	(void)state;
	IMPORT(source);
	assert_int_equal(sqlite3_open(source, &s), SQLITE_OK);
	assert_int_equal(sqlite3_exec(s, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sqlite3_exec(s, "INSERT INTO metrics SELECT 'wal',1,count(*),'r1',count(*),0 FROM metrics", NULL, NULL, NULL), SQLITE_OK);
		IMPORT_HOT(source);
		assert_int_equal(report.points, 1);
	}
	sqlite3_close(s);
	ROWS("3\n", "SELECT n FROM metric JOIN name ON name.id=name_id WHERE text='wal'");
}

/* ---- kills, cancels, several at once ---- */

static void import_in_a_child(void)
{
	struct store_pool *p;
	struct import_report r;

	sink_limit_for_tests(700, 50);
	if (store_pool_open(in_folder("w.mlyard"), 0, &p, &why) != ST_OK || import_path(p, source, NULL, &r, &why) != ST_OK)
		_exit(1);
	store_pool_close(p);
	_exit(0);
}

static void killed_imports_go_on(void **state)
{
	(void)state;
	append_points(1000, 20000, "r1");
	for (int i = 0; i < 25; i++) {
		const pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			import_in_a_child();
		poll(NULL, 0, 1 + i % 7);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (i % 5 == 0)
			expect_sound();
	}
	IMPORT(source);
	ROWS("r1|20010\nr2|10\n", "SELECT uuid,n FROM metric JOIN run ON run.id=run_id ORDER BY uuid");
	expect_sound();
}

static void two_importers_at_once_do_no_harm(void **state)
{
	pid_t pids[3];

	(void)state;
	append_points(1000, 20000, "r2");
	for (int i = 0; i < 3; i++)
		if ((pids[i] = fork()) == 0)
			import_in_a_child();
	for (int i = 0; i < 3; i++)
		waitpid(pids[i], NULL, 0);       /* one that lost the race five times may have given up */
	IMPORT(source);
	ROWS("r1|10\nr2|20010\n", "SELECT uuid,n FROM metric JOIN run ON run.id=run_id ORDER BY uuid");
	ROWS("1\n", "SELECT count(*) FROM source");
	expect_sound();
}

struct cancel_case { struct import_report report; enum status st; bool done; };

static enum status import_work(struct task *t, void *arg, struct err *e)
{
	struct cancel_case *c = arg;

	return import_path(pool, source, t, &c->report, e);
}

static void import_done(void *arg, enum status st, const struct err *e)
{
	struct cancel_case *c = arg;

	(void)e;
	c->st = st;
	c->done = true;
}

static void a_cancelled_import_keeps_what_it_committed(void **state)
{
	struct cancel_case c = { .report = { .lines = STR_INIT } };
	struct tasks *tasks = tasks_new(1, 1);

	(void)state;
	append_points(1000, 60000, "r1");
	sink_limit_for_tests(500, 50);
	const uint64_t id = tasks_submit(tasks, &(struct task_spec){ .title = "import", .cls = TASK_LONG, .work = import_work, .done = import_done, .arg = &c });

	while (count_of("SELECT coalesce(sum(n),0) FROM metric") == 0)
		poll(NULL, 0, 1);
	assert_true(tasks_cancel(tasks, id));
	while (!c.done) {
		struct pollfd p = { .fd = tasks_fd(tasks), .events = POLLIN };

		poll(&p, 1, 1000);
		tasks_drain(tasks);
	}
	assert_int_equal(c.st, ST_CANCELLED);
	import_report_free(&c.report);
	tasks_free(tasks);
	sink_limit_for_tests(0, 0);
	const int64_t before = count_of("SELECT coalesce(sum(n),0) FROM metric");

	expect_sound();
	IMPORT(source);
	assert_int_equal(report.points, 60020 - before);
	ROWS("60020\n", "SELECT sum(n) FROM metric");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(an_unchanged_store_is_left_alone), TEST(only_new_rows_are_added), TEST(what_changes_in_place_follows),
		TEST(what_gc_removed_is_marked_deleted), TEST(an_older_copy_put_back_is_followed), TEST(vacuum_changes_nothing),
		TEST(a_source_that_vanishes_keeps_what_was_imported), TEST(registry_changes_follow), TEST(edges_follow), TEST(single_points_of_new_and_of_known_runs), TEST(many_points_are_read_ahead), TEST(a_hot_pass_brings_new_rows),
		TEST(a_locked_source_is_waited_for), TEST(imports_do_not_hinder_the_writer), TEST(nothing_is_left_beside_the_source), TEST(an_open_wal_database_is_read),
		TEST(killed_imports_go_on), TEST(two_importers_at_once_do_no_harm), TEST(a_cancelled_import_keeps_what_it_committed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
