#include "tests/unit/store_help.h"

#include "core/base/topic.h"

/* ---- statements, settings, names ---- */

static void statements_are_kept_and_clean(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	sqlite3_stmt *a = store_stmt(s, "SELECT ?1 IS NULL", &why);
	sqlite3_bind_int(a, 1, 5);
	assert_int_equal(sqlite3_step(a), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(a, 0), 0);
	sqlite3_stmt *b = store_stmt(s, "SELECT ?1 IS NULL", &why);
	assert_ptr_equal(a, b);
	assert_int_equal(sqlite3_step(b), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(b, 0), 1);
	assert_null(store_stmt(s, "SELECT x FROM nowhere", &why));
	assert_non_null(strstr(why.text, "nowhere"));
	assert_null(store_stmt(s, "", &why));
	assert_null(store_stmt(s, "SELECT \"not a column\"", &why));   /* a name in double quotes is never a string */
	for (int i = 0; i < 1000; i++) {
		char sql[64];
		snprintf(sql, sizeof sql, "SELECT %d", i);
		assert_int_equal(number_of(s, sql), i);
	}
	sqlite3_reset(a);
	assert_int_equal(sqlite3_step(a), SQLITE_ROW);     /* valid until it is put back, however many follow */
	store_put(p, s);
	s = conn_of(p);
	assert_in_range(s->n_statements, 1, STORE_STATEMENTS_KEPT);
	assert_int_equal(number_of(s, "SELECT 7"), 7);
	store_put(p, s);
	store_pool_close(p);
}

static void settings_and_names(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	assert_null(store_setting(s, "theme"));
	OK(store_set_setting(s, "theme", "dusk", &why));
	OK(store_set_setting(s, "theme", "dawn", &why));
	char *v = store_setting(s, "theme");
	assert_string_equal(v, "dawn");
	free(v);
	OK(store_set_setting(s, "theme", NULL, &why));
	assert_null(store_setting(s, "theme"));
	assert_int_equal(store_name_id(s, "loss", 4, &why), 0);      /* new, and no change open */
	OK(store_begin(s, &why));
	int64_t loss = store_name_id(s, "loss", 4, &why), acc = store_name_id(s, "accuracy", 8, &why);
	assert_true(loss > 0 && acc > 0 && loss != acc);
	assert_int_equal(store_name_id(s, "lossless", 4, &why), loss);
	OK(store_set_setting(s, "inside", "1", &why));
	OK(store_commit(s, TOPIC_RUNS, &why));
	assert_int_equal(store_name_id(s, "loss", 4, &why), loss);
	v = store_setting(s, "inside");
	assert_string_equal(v, "1");
	free(v);
	store_put(p, s);
	store_pool_close(p);
}

/* ---- the gate, in one process ---- */

static void changes_are_all_or_nothing(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p), *t = conn_of(p);
	OK(store_begin(s, &why));
	assert_true(store_in_write(s));
	assert_int_equal(store_begin(s, &why), ST_REFUSED);          /* not nestable */
	OK(store_set_setting(s, "k", "v", &why));
	assert_null(store_setting(t, "k"));
	store_rollback(s);
	assert_false(store_in_write(s));
	assert_null(store_setting(s, "k"));
	assert_int_equal(store_commit(s, 0, &why), ST_REFUSED);
	OK(store_begin(s, &why));
	OK(store_set_setting(s, "k", "v", &why));
	store_put(p, s);                                             /* what is open when it is put back is undone */
	assert_null(store_setting(t, "k"));
	OK(store_set_setting(t, "k", "w", &why));
	store_put(p, t);
	store_pool_close(p);
}

static void nothing_is_committed_outside_of_a_change(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	assert_int_not_equal(store_exec(s, "INSERT INTO setting VALUES('k', 'v')", &why), ST_OK);
	assert_null(store_setting(s, "k"));
	/* An error that ends the transaction inside SQLite: the rest must not go in on its own. */
	OK(store_begin(s, &why));
	OK(store_set_setting(s, "a", "1", &why));
	OK(store_exec(s, "ROLLBACK", &why));
	assert_int_equal(store_set_setting(s, "b", "2", &why), ST_FAILED);
	assert_int_not_equal(store_exec(s, "INSERT INTO setting VALUES('c', '3')", &why), ST_OK);
	assert_int_equal(store_commit(s, TOPIC_SETTINGS, &why), ST_FAILED);
	assert_int_equal(number_of(s, "SELECT count(*) FROM setting"), 0);
	OK(store_set_setting(s, "d", "4", &why));
	store_put(p, s);
	store_pool_close(p);
}

static void a_read_sees_one_state(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p), *t = conn_of(p);
	OK(store_read_begin(t, &why));
	OK(store_read_begin(t, &why));
	OK(store_set_setting(s, "k", "v", &why));
	assert_null(store_setting(t, "k"));
	store_read_end(t);
	assert_null(store_setting(t, "k"));
	assert_int_equal(store_begin(t, &why), ST_REFUSED);
	store_read_end(t);
	char *v = store_setting(t, "k");
	assert_string_equal(v, "v");
	free(v);
	OK(store_begin(t, &why));
	OK(store_read_begin(t, &why));                               /* harmless inside a change */
	store_read_end(t);
	OK(store_set_setting(t, "l", "w", &why));
	OK(store_commit(t, 0, &why));
	store_put(p, t);
	store_put(p, s);
	store_pool_close(p);
}

static void change(struct store *s, uint32_t topics)
{
	OK(store_begin(s, &why));
	OK(store_commit(s, topics, &why));
}

static void topics_reach_the_others(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db"), *q = pool_of("a.db");
	struct store *s = conn_of(p), *t = conn_of(q);
	int64_t cursor = 0, late = 0;
	assert_int_equal(store_changed(t, &cursor), 0);
	assert_int_equal(store_changed(t, &cursor), 0);
	change(s, TOPIC_RUNS);                                       /* the very first change of a file is not missed */
	change(s, TOPIC_METRICS);
	change(s, 0);
	assert_int_equal(store_changed(t, &cursor), TOPIC_RUNS | TOPIC_METRICS);
	assert_int_equal(store_changed(t, &cursor), 0);
	assert_int_equal(store_changed(t, &late), 0);
	for (int i = 0; i < STORE_CHANGES_KEPT; i++)
		change(s, TOPIC_SOURCES);
	assert_int_equal(store_changed(t, &cursor), TOPIC_SOURCES);
	for (int i = 0; i <= STORE_CHANGES_KEPT; i++)
		change(s, TOPIC_SOURCES);
	assert_int_equal(store_changed(t, &cursor), UINT32_MAX);     /* some are gone: everything may have changed */
	assert_int_equal(store_changed(t, &cursor), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM change"), STORE_CHANGES_KEPT);
	store_put(q, t);
	store_put(p, s);
	store_pool_close(q);
	store_pool_close(p);
}

static off_t size_of(const char *name)
{
	struct stat st;
	return stat(in_folder(name), &st) == 0 ? st.st_size : 0;
}

static void big_change(struct store *s, int megabytes)
{
	OK(store_begin(s, &why));
	char sql[100];
	snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO setting VALUES('big', hex(zeroblob(%d)))", megabytes << 19);
	OK(store_exec(s, sql, &why));
	OK(store_commit(s, TOPIC_SETTINGS, &why));
}

static void a_long_log_is_folded_in(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p), *t = conn_of(p);
	big_change(s, 1);
	assert_in_range(size_of("a.db-wal"), 1 << 20, STORE_WAL_BYTES);
	OK(store_checkpoint(s, false, &why));
	assert_in_range(size_of("a.db-wal"), 1 << 20, STORE_WAL_BYTES);
	OK(store_checkpoint(s, true, &why));
	assert_int_equal(size_of("a.db-wal"), 0);
	big_change(s, 6);
	assert_int_equal(size_of("a.db-wal"), 0);
	OK(store_read_begin(t, &why));                               /* a reader holds it up, nobody waits for him */
	big_change(s, 6);
	assert_in_range(size_of("a.db-wal"), 6 << 20, 8 << 20);
	store_read_end(t);
	for (int i = 0; i < 3; i++)
		big_change(s, 2);
	assert_int_equal(size_of("a.db-wal"), 0);
	store_put(p, t);
	store_put(p, s);
	store_pool_close(p);
}

static void two_pools_take_turns(void **state)
{
	(void)state;
	struct store_tuning quick = { .gate_wait_ms = 30 };
	struct store_pool *p, *q;
	OK(store_pool_open_tuned(in_folder("a.db"), STORE_CREATE, &quick, &p, &why));
	OK(store_pool_open_tuned(in_folder("a.db"), STORE_CREATE, &quick, &q, &why));
	struct store *s = conn_of(p), *t = conn_of(q);
	OK(store_begin(s, &why));
	assert_int_equal(store_begin(t, &why), ST_FAILED);
	assert_non_null(strstr(why.text, "another mlyard"));
	assert_int_equal(store_checkpoint(t, true, &why), ST_FAILED);
	OK(store_commit(s, 0, &why));
	OK(store_begin(t, &why));
	store_rollback(t);
	store_put(q, t);
	store_put(p, s);
	store_pool_close(q);
	store_pool_close(p);
}

/* ---- backup and verify ---- */

static void clean(struct store *s)
{
	struct str out = STR_INIT;
	enum status st = store_verify(s, false, NULL, &out, &why);
	if (st != ST_OK)
		fail_msg("%s\n%s", why.text, out.p);
	assert_string_equal(out.p, "");
	str_free(&out);
}

static void a_backup_is_a_workspace(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	OK(store_begin(s, &why));
	rows_for_series(s, 3);
	OK(store_commit(s, TOPIC_RUNS, &why));
	OK(store_backup(p, in_folder("b.db"), false, NULL, &why));
	assert_int_equal(store_backup(p, in_folder("b.db"), false, NULL, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "already there"));
	OK(store_set_setting(s, "later", "1", &why));
	OK(store_backup(p, in_folder("b.db"), true, NULL, &why));
	assert_int_equal(store_backup(p, in_folder("a.db"), true, NULL, &why), ST_REFUSED);
	assert_int_equal(store_backup(p, in_folder("nowhere/b.db"), false, NULL, &why), ST_FAILED);
	assert_int_equal(mode_of("b.db"), 0600);
	struct store_pool *q = pool_of("b.db");
	struct store *t = conn_of(q);
	assert_int_equal(number_of(t, "SELECT count(*) FROM run"), 3);
	char *v = store_setting(t, "later");
	assert_string_equal(v, "1");
	free(v);
	clean(t);
	OK(store_set_setting(t, "own", "1", &why));
	assert_int_equal(store_backup(p, in_folder("b.db"), true, NULL, &why), ST_REFUSED);   /* its WAL would be replayed over the new file */
	assert_non_null(strstr(why.text, "in use"));
	store_put(q, t);
	store_pool_close(q);
	store_put(p, s);
	store_pool_close(p);
}

static void verify_names_what_is_wrong(void **state)
{
	(void)state;
	static const struct { const char *sql, *words; } wrong[] = {
		{ "UPDATE metric SET n = n + 1 WHERE run_id = 1", "blocks do not hold" },
		{ "DELETE FROM block WHERE run_id = 1 AND level = 0 AND seq > 0", "blocks do not hold" },
		{ "DELETE FROM block WHERE run_id = 1 AND level = 1", "blocks do not hold" },
		{ "UPDATE metric SET max = 99 WHERE run_id = 1", "does not fit its points" },
		{ "UPDATE metric SET last_step = 7 WHERE run_id = 1", "does not fit its points" },
		{ "UPDATE block SET data = zeroblob(100) WHERE run_id = 1 AND level = 0 AND seq = 0", "does not unpack" },
		{ "UPDATE block SET data = (SELECT data FROM block WHERE run_id = 2 AND level = 1) WHERE run_id = 1 AND level = 1", "summary does not fit" },
		{ "DELETE FROM metric WHERE run_id = 1", "without a series" },
		{ "DELETE FROM run WHERE id = 1", "run 1, which is not there" },
		{ "DELETE FROM name WHERE id = 1", "name 1, which is not there" },
		{ "UPDATE metric SET n = -5 WHERE run_id = 1", "number of points" },
		{ "UPDATE metric SET n = 1 WHERE run_id = 1", "without a series that has them" },
		{ "UPDATE metric SET max = 99 WHERE run_id = 3", "metric 1 of run 3: what is known of it" },
		{ "UPDATE metric SET last_ms = 99 WHERE run_id = 3", "metric 1 of run 3: what is known of it" },
		{ "UPDATE metric SET nan = 1 WHERE run_id = 3", "metric 1 of run 3: what is known of it" },
		{ "UPDATE block SET run_id = 3, seq = 4096 WHERE id = 2", "points of run 3 without a series" },
		{ "UPDATE run SET experiment_id = 55 WHERE id = 3", "reference: run row 3" },
	};
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	struct point points[5000];
	OK(store_begin(s, &why));
	rows_for_series(s, 3);
	for (int run = 1; run <= 2; run++) {
		for (int i = 0; i < 5000; i++)
			points[i] = (struct point){ i, 1000 * i, run * (i % 97) };
		OK(series_append(s, run, 1, points, 5000, true, NULL, &why));
	}
	OK(series_append(s, 3, 1, points + 7, 1, true, NULL, &why));
	OK(store_commit(s, TOPIC_METRICS, &why));
	clean(s);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct str out = STR_INIT;
		OK(store_exec(s, "PRAGMA foreign_keys = OFF", &why));
		OK(store_begin(s, &why));
		OK(store_exec(s, wrong[i].sql, &why));
		assert_int_equal(store_verify(s, false, NULL, &out, &why), ST_CHECK);
		if (!strstr(out.p, wrong[i].words))
			fail_msg("%s: \"%s\" does not say \"%s\"", wrong[i].sql, out.p, wrong[i].words);
		store_rollback(s);
		str_free(&out);
	}
	clean(s);
	store_put(p, s);
	store_pool_close(p);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(statements_are_kept_and_clean), EACH(settings_and_names), EACH(changes_are_all_or_nothing),
		EACH(nothing_is_committed_outside_of_a_change), EACH(a_read_sees_one_state), EACH(topics_reach_the_others),
		EACH(a_long_log_is_folded_in), EACH(two_pools_take_turns), EACH(a_backup_is_a_workspace), EACH(verify_names_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
