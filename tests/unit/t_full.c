/* A disk that fills up: while an import writes, while a program only looks, and at the limit that `ulimit -f` sets. */
#include <signal.h>
#include <sys/resource.h>

#include "core/base/notice.h"
#include "tests/unit/import_help.h"
#include "tests/unit/shim_vfs.h"

static struct disk { long writes_left; bool full; } disk;       /* writes_left < 0: plenty */

static bool no_room(void) { return disk.full; }

static int count_writes(enum shim_call call)
{
	if (call != SHIM_WRITE || disk.writes_left < 0)
		return SQLITE_OK;
	if (disk.writes_left && !disk.full) {
		disk.writes_left--;
		return SQLITE_OK;
	}
	disk.full = true;
	return SQLITE_FULL;
}

static struct store_pool *open_here(const char *name, unsigned flags, enum status expected)
{
	struct store_tuning t = { .no_room = no_room };
	struct store_pool *p = NULL;
	enum status st = store_pool_open_tuned(in_folder(name), flags, &t, &p, &why);
	if (st != expected)
		fail_msg("%s: %s: %s", name, status_name(st), why.text);
	return p;
}

static int setup(void **state)
{
	if (help_folder_make(state))
		return -1;
	shim_install();
	shim.no_sync = true;
	shim.step = count_writes;
	disk = (struct disk){ .writes_left = -1 };
	report = (struct import_report){ .lines = STR_INIT };
	pool = open_here("w.db", STORE_CREATE, ST_OK);
	db = conn_of(pool);
	return 0;
}

static int teardown(void **state)
{
	import_report_free(&report);
	store_put(pool, db);
	store_pool_close(pool);
	shim.step = NULL;
	shim_remove();
	return help_folder_remove(state);
}

static bool notice_of_full_disk(void)
{
	struct notice *n;
	size_t count = notice_list(&n);
	bool is = false;
	for (size_t i = 0; i < count; i++)
		is = is || !strcmp(n[i].key, "store.full");
	notice_list_free(n, count);
	return is;
}

static void expect_read_only(int64_t points)
{
	assert_true(store_pool_read_only(pool));
	assert_non_null(strstr(store_pool_why_read_only(pool), "disk is full"));
	assert_true(notice_of_full_disk());
	assert_false(store_pool_has_room(pool));
	assert_int_equal(store_begin(db, &why), ST_FAILED);
	assert_non_null(strstr(why.text, "free some space"));
	assert_int_equal(count_of("SELECT coalesce(sum(n), 0) FROM metric"), points);      /* and it can be read */
}

static void expect_recovered(void)
{
	disk = (struct disk){ .writes_left = -1 };
	assert_true(store_pool_has_room(pool));
	assert_false(store_pool_read_only(pool));
	assert_null(store_pool_why_read_only(pool));
	assert_false(notice_of_full_disk());
}

/* Wherever the space ends: what was committed stays, the rest comes when there is space again. */
static void an_import_stops_and_goes_on(void **state)
{
	(void)state;
	int64_t points = 0;
	int times = 0;
	for (long writes = 0;; writes += 1 + writes / 3) {
		disk = (struct disk){ .writes_left = writes };
		enum status st = try_import(recorded("mlflow_3.6.1dev.db"), false);
		int64_t now = count_of("SELECT coalesce(sum(n), 0) FROM metric");
		assert_true(now >= points);
		points = now;
		if (st == ST_OK && !disk.full)
			break;
		times++;
		if (st != ST_OK)                     /* else only folding in the log found no space, which is no loss */
			assert_non_null(strstr(why.text, "disk is full"));
		expect_read_only(points);
		expect_recovered();
		expect_sound();
	}
	assert_true(times > 3);
	ROWS("8\n", "SELECT sum(n) FROM metric m JOIN run r ON r.id=m.run_id JOIN name n ON n.id=m.name_id WHERE n.text IN ('loss','m/sub','inf','ninf','mm')"
		" AND uuid IN ('b9be55ffa068451687928480867cce83','c573cdd833c343f5ba7634eed2f59f71')");
	expect_sound();
}

static int no_shared_memory(enum shim_call call)
{
	return call == SHIM_SHM_MAP ? SQLITE_IOERR_SHMSIZE : count_writes(call);
}

static void a_full_disk_can_be_read(void **state)
{
	(void)state;
	struct store_pool *p = open_here("old.db", STORE_CREATE, ST_OK);
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "v", &why));
	store_put(p, s);
	store_pool_close(p);
	disk = (struct disk){ .writes_left = 0, .full = true };
	shim.step = no_shared_memory;
	for (unsigned flags = 0; flags <= STORE_READ_ONLY; flags++) {
		p = open_here("old.db", flags, ST_OK);
		assert_true(store_pool_read_only(p));
		if (!(flags & STORE_READ_ONLY))
			assert_non_null(strstr(store_pool_why_read_only(p), "disk is full"));
		s = conn_of(p);
		char *v = store_setting(s, "k");
		assert_string_equal(v, "v");
		free(v);
		assert_int_equal(store_begin(s, &why), ST_REFUSED);
		store_put(p, s);
		store_pool_close(p);
	}
	open_here("new.db", STORE_CREATE, ST_FAILED);
	shim.step = count_writes;
	disk = (struct disk){ .writes_left = -1 };
	p = open_here("old.db", 0, ST_OK);
	assert_false(store_pool_read_only(p));
	store_pool_close(p);
	notice_clear("store.read-only");
}

enum { ENOUGH = 10 };

static void import_small(const char *name, rlim_t bytes)
{
	struct store_pool *p = NULL;
	struct import_report r = { .lines = STR_INIT };
	struct rlimit limit = { bytes, bytes };
	signal(SIGXFSZ, SIG_IGN);
	if (store_pool_open(in_folder(name), STORE_CREATE, &p, &why) != ST_OK || setrlimit(RLIMIT_FSIZE, &limit))
		_exit(1);
	enum status st = import_path(p, recorded("mlflow_3.6.1dev.db"), NULL, &r, &why);
	if (st != ST_FAILED)
		_exit(st == ST_OK ? ENOUGH : 2);
	if (!strstr(why.text, "ulimit -f") || !strstr(why.text, "nothing was half done"))
		_exit(3);
	store_pool_close(p);
	_exit(0);
}

static void the_limit_of_a_file_is_named(void **state)
{
	(void)state;
	int how = 0, times = 0;
	for (rlim_t kb = 4; WEXITSTATUS(how) != ENOUGH; kb += 32, times++) {
		char name[16];
		snprintf(name, sizeof name, "l%d.db", (int)kb);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (!pid)
			import_small(name, kb << 10);
		assert_int_equal(waitpid(pid, &how, 0), pid);
		assert_true(WIFEXITED(how));
		if (WEXITSTATUS(how) && WEXITSTATUS(how) != ENOUGH)
			fail_msg("%d kB: the import ended with %d", (int)kb, WEXITSTATUS(how));
		struct store_pool *p = pool_of(name);
		struct store *s = conn_of(p);
		struct str out = STR_INIT;
		OK(store_verify(s, false, NULL, &out, &why));
		str_free(&out);
		store_put(p, s);
		store_pool_close(p);
	}
	assert_in_range(times, 3, 50);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(an_import_stops_and_goes_on), TEST(a_full_disk_can_be_read), TEST(the_limit_of_a_file_is_named) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
