/* The store lets nothing change the registry's tables without an audit record in the same transaction. */
#include "tests/unit/store_help.h"

static struct store_pool *pool;
static struct store *s;

static int begin(void **state)
{
	if (help_folder_make(state) != 0 || store_pool_open(in_folder("w.db"), STORE_CREATE, &pool, &why) != ST_OK)
		return -1;
	s = store_get(pool, &why);
	return s ? 0 : -1;
}

static int end(void **state)
{
	store_put(pool, s);
	store_pool_close(pool);
	return help_folder_remove(state);
}

static const char change[] = "INSERT INTO reg_workspace VALUES(1, 'u', 0)";
static const char record[] = "INSERT INTO audit VALUES(1, x'00', 0, 0, 'a', 0, '', 'x', 'y', NULL, NULL, '', x'01')";

static int64_t count(const char *sql)
{
	sqlite3_stmt *q = store_stmt(s, sql, &why);
	assert_non_null(q);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return n;
}

static void a_change_without_a_record_is_undone(void **state)
{
	(void)state;
	OK(store_begin(s, &why));
	OK(store_exec(s, change, &why));
	assert_int_equal(store_commit(s, 0, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "audit record"));
	assert_int_equal(count("SELECT count(*) FROM reg_workspace"), 0);
}

static void a_change_with_a_record_stays(void **state)
{
	(void)state;
	OK(store_begin(s, &why));
	OK(store_exec(s, change, &why));
	OK(store_exec(s, record, &why));
	OK(store_commit(s, 0, &why));
	assert_int_equal(count("SELECT count(*) FROM reg_workspace"), 1);
	/* and the record of one change does not cover the next */
	OK(store_begin(s, &why));
	OK(store_exec(s, "UPDATE reg_workspace SET created_ms = 1", &why));
	assert_int_equal(store_commit(s, 0, &why), ST_REFUSED);
}

static void records_are_never_touched_again(void **state)
{
	(void)state;
	OK(store_begin(s, &why));
	OK(store_exec(s, record, &why));
	OK(store_commit(s, 0, &why));
	static const char *const refused[] = {
		"UPDATE audit SET reason = 'other'", "DELETE FROM audit",
		"INSERT INTO audit VALUES(3, x'00', 0, 0, 'a', 0, '', 'x', 'y', NULL, NULL, '', x'01')",
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		OK(store_begin(s, &why));
		assert_int_not_equal(store_exec(s, refused[i], &why), ST_OK);
		store_rollback(s);
	}
	assert_int_equal(count("SELECT count(*) FROM audit"), 1);
}

static void a_foreign_trigger_makes_the_file_read_only(void **state)
{
	(void)state;
	OK(store_begin(s, &why));
	OK(store_exec(s, "CREATE TRIGGER sly AFTER INSERT ON name BEGIN DELETE FROM run; END", &why));
	OK(store_commit(s, 0, &why));
	store_put(pool, s);
	store_pool_close(pool);
	OK(store_pool_open(in_folder("w.db"), 0, &pool, &why));
	assert_true(store_pool_read_only(pool));
	assert_non_null(strstr(store_pool_why_read_only(pool), "triggers"));
	s = store_get(pool, &why);
	assert_non_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_change_without_a_record_is_undone, begin, end),
		cmocka_unit_test_setup_teardown(a_change_with_a_record_stays, begin, end),
		cmocka_unit_test_setup_teardown(a_foreign_trigger_makes_the_file_read_only, begin, end),
		cmocka_unit_test_setup_teardown(records_are_never_touched_again, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
