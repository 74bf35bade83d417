/* Monitors: windows of files, time and rows; hysteresis; catching up; trouble; silence; what a crash leaves behind. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/monitor_help.h"

#define FILES "name: m\nreference: ref.csv\nsource:\n  folder: in\n  glob: \"*.csv\"\nwindow:\n  files: 1\n"

static struct store_pool *files_pool(void)
{
	OK(fs_mkdirs(in_folder("in"), &why));
	help_data("ref.csv", 400, 0);
	return pool_of("w.db");
}

/* ---- windows ---- */

static void test_files(void **state)
{
	(void)state;
	struct store_pool *pool = files_pool();
	const int64_t id = help_add(pool, "m.yaml", FILES);
	help_data("in/day-2.csv", 400, 0);
	help_data("in/day-10.csv", 400, 10);
	help_data("in/day-11.csv.tmp", 400, 10);
	help_data("in/other.txt", 400, 10);
	struct monitor_done done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 2);
	assert_int_equal(done.drifted, 1);
	assert_int_equal(done.alerts, 1);
	SAYS(pool, "SELECT group_concat(key || ' ' || verdict || ' ' || red, ', ') FROM (SELECT * FROM monitor_window ORDER BY seq)", "day-2.csv stable 0, day-10.csv drifted 1");
	SAYS(pool, "SELECT state FROM monitor", "drifted");
	done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 0);
	/* A file that comes later comes later, whatever its name. */
	help_data("in/day-1.csv", 400, 0);
	done = help_run(pool, id, HELP_START_MS);
	assert_int_equal(done.windows, 1);
	SAYS(pool, "SELECT key FROM monitor_window ORDER BY seq DESC LIMIT 1", "day-1.csv");
	SAYS(pool, "SELECT group_concat(kind || ' ' || state, ', ') FROM (SELECT * FROM alert ORDER BY id)", "drift closed, recovered closed");
	assert_int_equal(help_number(pool, "SELECT count(*) FROM drift_report WHERE name = 'm'"), 3);
	store_pool_close(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, help_folder_make, help_folder_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
