/* Following: a change is named soon after it was made, once, also when the source goes and comes back. */
#include <poll.h>

#include "core/base/clock.h"
#include "tests/unit/import_help.h"

enum { PATIENCE_MS = 300000, ROUND_MS = 100 };
static const char schema[] = "CREATE TABLE experiments(experiment_id INTEGER PRIMARY KEY, name, lifecycle_stage);"
	"CREATE TABLE runs(run_uuid PRIMARY KEY, name, status, lifecycle_stage, experiment_id); CREATE TABLE metrics(key, value FLOAT, timestamp, run_uuid, step, is_nan);"
	"INSERT INTO experiments VALUES(0,'e','active'); INSERT INTO runs VALUES('r','r','RUNNING','active',0)";
static char path[256];
static struct follow *f;

static void start(const char *source)
{
	snprintf(path, sizeof path, "%s", source);
	f = follow_new(pool, (char *const[]){ path, NULL });
	assert_true(follow_fd(f) >= 0);
	assert_true(follow_poll_ms(f) > 0);
}

static bool is_due(void)
{
	char *const *due = follow_due(f);

	if (!due[0])
		return false;
	assert_string_equal(due[0], path);
	assert_null(due[1]);
	return true;
}

/* Waits as a program would, on the descriptor alone; for long only when the machine is that slow. */
static bool gets_due(void)
{
	const int64_t until = clock_mono_us() / 1000 + PATIENCE_MS;

	for (int64_t left = PATIENCE_MS; left > 0; left = until - clock_mono_us() / 1000) {
		struct pollfd p = { .fd = follow_fd(f), .events = POLLIN };

		if (poll(&p, 1, (int)left) > 0 && is_due())
			return true;
	}
	return false;
}

/* The change just made is known at once: the kernel told of it, no poll was waited for. */
static bool is_noticed(void)
{
	struct pollfd p = { .fd = follow_fd(f), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Looks so many times, with the time between them in which a burst is merged: what had happened would be named, however late each look comes. */
static bool stays_quiet(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		struct pollfd p = { .fd = follow_fd(f), .events = POLLIN };

		poll(&p, 1, ROUND_MS);
		if (is_due())
			return false;
	}
	return true;
}

/* Takes what a first import brings about: its watch list differs from the bare path. */
static void settle(void)
{
	for (int i = 0; i < 5; i++) {
		(void)try_import(path, true);
		follow_rescan(f, path);
		if (stays_quiet(6))
			return;
	}
	fail_msg("it never settles");
}

static int teardown(void **state)
{
	follow_stop(f);
	follow_free(f);
	f = NULL;
	return import_teardown(state);
}

static void a_database(void **state)
{
	(void)state;
	source_exec(in_folder("m.db"), schema);
	start(in_folder("m.db"));
	settle();
	for (int i = 0; i < 3; i++) {
		const int64_t before_us = clock_mono_us();

		source_exec(path, "INSERT INTO metrics SELECT 'm',1,1,'r',count(*),0 FROM metrics; INSERT INTO metrics SELECT 'm',1,1,'r',count(*),0 FROM metrics");
		assert_true(is_noticed() && gets_due());
		IMPORT_HOT(path);
		assert_int_equal(report.points, 2);                      /* the burst is one change */
		source_exec(path, "INSERT INTO metrics SELECT 'm',1,1,'r',count(*),0 FROM metrics");
		if (!stays_quiet(3))                                     /* while its import is not reported ended; after ten seconds it is taken for lost */
			assert_true(clock_mono_us() - before_us >= 10000000);
		follow_rescan(f, path);
		assert_true(gets_due());
		IMPORT_HOT(path);
		assert_int_equal(report.points, 1);
		follow_rescan(f, path);
	}
}

static void a_database_with_a_wal(void **state)
{
	sqlite3 *s;

	(void)state;
	source_exec(in_folder("m.db"), schema);
	assert_int_equal(sqlite3_open(in_folder("m.db"), &s), SQLITE_OK);
	assert_int_equal(sqlite3_exec(s, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
	start(in_folder("m.db"));
	settle();
	assert_int_equal(sqlite3_exec(s, "INSERT INTO metrics VALUES('m',1,1,'r',1,0)", NULL, NULL, NULL), SQLITE_OK);
	assert_true(is_noticed() && gets_due());
	IMPORT_HOT(path);
	assert_int_equal(report.points, 1);
	sqlite3_close(s);
}

static void gone_and_back(void **state)
{
	(void)state;
	OK(fs_mkdirs(in_folder("d"), &why));
	source_exec(in_folder("d/m.db"), schema);
	start(in_folder("d/m.db"));
	settle();
	assert_int_equal(rename(in_folder("d/m.db"), in_folder("d/away")), 0);
	assert_true(is_noticed() && gets_due());
	assert_int_equal(try_import(path, true), ST_NOT_FOUND);
	follow_rescan(f, path);
	source_exec(in_folder("d/away"), "INSERT INTO metrics VALUES('m',1,1,'r',1,0)");
	assert_int_equal(rename(in_folder("d/away"), in_folder("d/m.db")), 0);
	assert_true(gets_due());
	IMPORT_HOT(path);
	assert_int_equal(report.points, 1);
	follow_rescan(f, path);
	/* the whole folder goes */
	assert_int_equal(rename(in_folder("d"), in_folder("e")), 0);
	assert_true(gets_due());
	assert_int_equal(try_import(path, true), ST_NOT_FOUND);
	follow_rescan(f, path);
	assert_int_equal(rename(in_folder("e"), in_folder("d")), 0);
	assert_true(gets_due());                                         /* this is found by looking */
	follow_rescan(f, path);
	settle();
	source_exec(path, "INSERT INTO metrics VALUES('m',1,1,'r',2,0)");
	assert_true(gets_due());
}

static void other_files_of_the_folder(void **state)
{
	(void)state;
	source_exec(in_folder("m.db"), schema);
	start(in_folder("m.db"));
	settle();
	write_text("other.txt", "x");
	write_text("m.db.backup", "x");
	assert_true(stays_quiet(3));
}

static void append(const char *name, const char *text)
{
	FILE *o = fopen(in_folder(name), "ab");

	assert_non_null(o);
	fputs(text, o);
	fclose(o);
}

static void a_file_store(void **state)
{
	(void)state;
	write_text("s/1/meta.yaml", "experiment_id: '1'\nname: one\n");
	write_text("s/1/r/meta.yaml", "run_id: r\nexperiment_id: '1'\nstatus: 1\n");
	write_text("s/1/r/metrics/train/loss", "1 1 1\n");
	start(in_folder("s"));
	settle();
	append("s/1/r/metrics/train/loss", "2 2 2\n");
	assert_true(is_noticed() && gets_due());
	IMPORT_HOT(path);
	assert_int_equal(report.points, 1);
	follow_rescan(f, path);
	settle();
	write_text("s/1/new/meta.yaml", "run_id: new\nexperiment_id: '1'\nstatus: 1\n");
	assert_true(gets_due());
	follow_rescan(f, path);
	settle();
	ROWS("new\nr\n", "SELECT uuid FROM run ORDER BY uuid");
	write_text("s/1/new/metrics/acc", "1 1 1\n");
	assert_true(gets_due());
	follow_rescan(f, path);
	settle();
	append("s/1/new/metrics/acc", "2 2 2\n");
	assert_true(gets_due());
	IMPORT_HOT(path);
	ROWS("2\n", "SELECT n FROM metric JOIN name n ON n.id=name_id WHERE n.text='acc'");
}

static void what_was_put_off_is_named_again(void **state)
{
	(void)state;
	source_exec(in_folder("m.db"), schema);
	start(in_folder("m.db"));
	settle();
	OK(store_begin(db, &why));
	OK(store_exec(db, "UPDATE source SET state=json_set(state,'$.again_ms',1)", &why));
	OK(store_commit(db, 0, &why));
	follow_rescan(f, path);
	assert_true(gets_due());
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, import_setup, teardown)
	const struct CMUnitTest tests[] = { TEST(a_database), TEST(a_database_with_a_wal), TEST(gone_and_back), TEST(other_files_of_the_folder), TEST(a_file_store),
		TEST(what_was_put_off_is_named_again) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
