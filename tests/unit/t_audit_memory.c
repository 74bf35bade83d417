/* What a user remembers of the log, and signed checkpoints. */
#include "tests/unit/audit_help.h"

#include <sys/wait.h>

#include "core/base/fs.h"
#include "core/base/notice.h"
#include "core/registry/audit_impl.h"

static char *memory_file(void)
{
	char uuid[AUDIT_UUID + 1];
	struct str path = STR_INIT;
	OK(audit_uuid(s, uuid, &why));
	str_addf(&path, "%s/mlyard/%s.head", getenv("XDG_STATE_HOME"), uuid);
	return str_take(&path);
}

/* As somebody with another program would. */
static void tamper(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;
	help_close();
	assert_int_equal(sqlite3_open(in_folder("w.db"), &db), SQLITE_OK);
	sqlite3_exec(db, "DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete; DROP TRIGGER IF EXISTS audit_no_gap", NULL, NULL, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
	help_open();
}

static struct audit_memory memory_now(void)
{
	char uuid[AUDIT_UUID + 1];
	struct audit_memory m;
	OK(audit_uuid(s, uuid, &why));
	OK(audit_memory_load(uuid, &m, &why));
	return m;
}

static void nothing_is_remembered_of_an_empty_log(void **state)
{
	(void)state;
	OK(audit_memory_keep(s, &why));
	OK(audit_memory_check(s, &why));
	assert_int_equal(access(getenv("XDG_STATE_HOME"), F_OK), -1);
}

static void the_memory_follows_the_log(void **state)
{
	(void)state;
	help_records(3);
	OK(audit_memory_check(s, &why));
	OK(audit_memory_keep(s, &why));
	char *path = memory_file();
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(path);
	assert_int_equal(memory_now().head.seq, 3);
	help_records(2);
	OK(audit_memory_check(s, &why));
	OK(audit_memory_keep(s, &why));
	assert_int_equal(memory_now().head.seq, 5);
}

static void what_is_not_committed_is_not_remembered(void **state)
{
	(void)state;
	help_records(1);
	OK(store_begin(s, &why));
	assert_int_equal(audit_memory_keep(s, &why), ST_REFUSED);
	store_rollback(s);
}

static void a_cut_tail_is_noticed(void **state)
{
	(void)state;
	help_records(5);
	OK(audit_memory_keep(s, &why));
	tamper("DELETE FROM audit WHERE seq > 3");
	assert_int_equal(audit_memory_check(s, &why), ST_CHECK);
	assert_non_null(strstr(why.text, "history was cut"));
	assert_non_null(strstr(why.text, "record 5"));
	assert_int_equal(audit_memory_keep(s, &why), ST_CHECK);
	assert_int_equal(memory_now().head.seq, 5);
	/* growing beyond it hides nothing */
	help_records(4);
	assert_int_equal(audit_memory_check(s, &why), ST_CHECK);
	assert_non_null(strstr(why.text, "history was replaced"));
}

static void an_older_copy_put_back_is_noticed(void **state)
{
	(void)state;
	struct str copy = STR_INIT;
	help_records(5);
	OK(audit_memory_keep(s, &why));
	help_close();
	OK(fs_read(in_folder("w.db"), 1 << 24, &copy, &why));
	help_open();
	help_records(1);
	OK(audit_memory_keep(s, &why));
	help_close();
	OK(fs_replace(in_folder("w.db"), copy.p, copy.len, &why));
	help_open();
	assert_int_equal(audit_memory_check(s, &why), ST_CHECK);
	str_free(&copy);
}

static void a_memory_never_goes_back(void **state)
{
	(void)state;
	help_records(2);
	struct store *old = conn_of(pool);
	OK(store_read_begin(old, &why));
	help_records(3);
	OK(audit_memory_keep(s, &why));
	assert_int_equal(memory_now().head.seq, 5);
	OK(audit_memory_check(old, &why));             /* its view began before: nothing can be said */
	OK(audit_memory_keep(old, &why));
	assert_int_equal(memory_now().head.seq, 5);
	store_read_end(old);
	OK(audit_memory_check(old, &why));
	store_put(pool, old);
}

static void a_memory_that_cannot_be_read_is_told_and_made_anew(void **state)
{
	(void)state;
	struct notice *n;
	help_records(2);
	OK(audit_memory_keep(s, &why));
	char *path = memory_file();
	OK(fs_replace(path, "{}", 2, &why));
	OK(audit_memory_check(s, &why));
	size_t count = notice_list(&n);
	assert_int_equal(count, 1);
	assert_non_null(strstr(n->text, "cannot be read"));
	notice_list_free(n, count);
	notice_clear("audit.memory");
	OK(audit_memory_keep(s, &why));
	assert_int_equal(memory_now().head.seq, 2);
	free(path);
}

static void programs_remember_at_once(void **state)
{
	(void)state;
	enum { PROGRAMS = 4, ROUNDS = 12 };
	pid_t child[PROGRAMS];
	help_records(1);
	help_close();
	fflush(NULL);
	for (int i = 0; i < PROGRAMS; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			help_open();
			for (int k = 0; k < ROUNDS; k++) {
				help_records(1);
				if (audit_memory_check(s, &why) != ST_OK || audit_memory_keep(s, &why) != ST_OK) {
					fprintf(stderr, "%s\n", why.text);
					_exit(1);
				}
			}
			help_close();
			_exit(0);
		}
	}
	for (int i = 0; i < PROGRAMS; i++) {
		int status;
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	help_open();
	assert_int_equal(memory_now().head.seq, 1 + PROGRAMS * ROUNDS);
	OK(audit_memory_check(s, &why));
}

static void a_broken_history_is_accepted_with_a_record(void **state)
{
	(void)state;
	help_records(5);
	OK(audit_memory_keep(s, &why));
	assert_int_equal(audit_acknowledge(s, &somebody, "x", &why), ST_REFUSED);
	tamper("DELETE FROM audit WHERE seq > 3");
	assert_int_equal(audit_acknowledge(s, &somebody, " ", &why), ST_USAGE);
	OK(audit_acknowledge(s, &somebody, "a backup was put back", &why));
	OK(audit_memory_check(s, &why));
	assert_int_equal(memory_now().head.seq, 4);
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit WHERE seq = 4 AND action = 'audit.acknowledge' AND reason = 'a backup was put back'"
		" AND json_extract(before, '$.seq') = 5 AND json_extract(after, '$.seq') = 3"), 1);
}

static void others_are_told_once_who_accepted_it(void **state)
{
	(void)state;
	struct notice *n;
	help_records(5);
	OK(audit_memory_keep(s, &why));
	setenv("XDG_STATE_HOME", in_folder("other"), 1);
	OK(audit_memory_keep(s, &why));
	tamper("DELETE FROM audit WHERE seq > 3");
	assert_int_equal(audit_memory_check(s, &why), ST_CHECK);
	setenv("XDG_STATE_HOME", in_folder("state"), 1);
	OK(audit_acknowledge(s, &somebody, "a backup was put back", &why));
	setenv("XDG_STATE_HOME", in_folder("other"), 1);
	OK(audit_memory_check(s, &why));
	size_t count = notice_list(&n);
	assert_int_equal(count, 1);
	assert_non_null(strstr(n->text, "requester accepted this"));
	assert_non_null(strstr(n->text, "a backup was put back"));
	notice_list_free(n, count);
	OK(audit_memory_keep(s, &why));
	notice_clear("audit.accepted");
	OK(audit_memory_check(s, &why));
	assert_int_equal(notice_list(&n), 0);
	notice_list_free(n, 0);
	assert_int_equal(memory_now().head.seq, 4);
}

/* ---- checkpoints ---- */

static int64_t checkpoints(void)
{
	return number_of(s, "SELECT count(*) FROM audit_checkpoint");
}

static void a_checkpoint_is_signed_when_it_is_due(void **state)
{
	(void)state;
	help_records(10);
	OK(audit_checkpoint(s, &somebody, false, &why));
	assert_int_equal(checkpoints(), 0);
	help_records(AUDIT_CHECKPOINT_EVERY - 10);
	OK(audit_checkpoint(s, &somebody, false, &why));
	assert_int_equal(checkpoints(), 1);
	assert_int_equal(number_of(s, "SELECT count(*) FROM reg_key WHERE kind = 'witness'"), 1);
	assert_int_equal(number_of(s, "SELECT seq FROM audit_checkpoint"), AUDIT_CHECKPOINT_EVERY + 1);     /* the key's record is under it */
	assert_int_equal(mode_of("config/mlyard/keys/witness.key"), 0600);
	OK(audit_checkpoint(s, &somebody, false, &why));
	assert_int_equal(checkpoints(), 1);
	clock_set_wall_ms(INT64_C(1795300000000) + AUDIT_CHECKPOINT_MS);
	OK(audit_checkpoint(s, &somebody, false, &why));             /* an hour later although nothing happened */
	assert_int_equal(checkpoints(), 2);
	clock_set_wall_ms(INT64_C(1795300000000) - 2 * (int64_t)AUDIT_CHECKPOINT_MS);
	OK(audit_checkpoint(s, &somebody, false, &why));             /* nor does a clock that was set back stop it */
	assert_int_equal(checkpoints(), 3);
	assert_int_equal(number_of(s, "SELECT max(n) FROM audit_checkpoint"), 3);
	assert_int_equal(number_of(s, "SELECT count(*) FROM reg_key"), 1);
	assert_int_equal(memory_now().checkpoint, 3);
}

static void a_checkpoint_is_bound_to_all_that_it_says(void **state)
{
	(void)state;
	struct audit_signed c = { .n = 1, .seq = 7, .ms = 9, .hash = { 1 }, .before = { 2 }, .key_id = "0011223344556677" }, d;
	struct str a = STR_INIT, b = STR_INIT;
	audit_signed_bytes(&c, "uuid", &a);
	for (int field = 0; field < 7; field++) {
		d = c;
		d.n += field == 1;
		d.seq += field == 2;
		d.ms += field == 3;
		d.hash[31] ^= field == 4;
		d.before[63] ^= field == 5;
		d.key_id[0] ^= field == 6;
		audit_signed_bytes(&d, field ? "uuid" : "uuie", &b);
		assert_false(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	}
	str_free(&a);
	str_free(&b);
}

static void a_broken_history_is_not_signed(void **state)
{
	(void)state;
	help_records(5);
	OK(audit_memory_keep(s, &why));
	tamper("DELETE FROM audit WHERE seq > 3");
	assert_int_equal(audit_checkpoint(s, &somebody, true, &why), ST_CHECK);
	assert_int_equal(checkpoints(), 0);
}

static void a_checkpoint_that_was_taken_away_is_noticed(void **state)
{
	(void)state;
	help_records(5);
	OK(audit_checkpoint(s, &somebody, true, &why));
	OK(audit_memory_check(s, &why));
	tamper("DELETE FROM audit_checkpoint");
	assert_int_equal(audit_memory_check(s, &why), ST_CHECK);
	assert_non_null(strstr(why.text, "checkpoint 1"));
}

static void an_agent_introduces_no_key(void **state)
{
	(void)state;
	struct actor agent = somebody;
	agent.agent = true;
	help_records(5);
	assert_int_equal(audit_checkpoint(s, &agent, true, &why), ST_REFUSED);
	assert_int_equal(checkpoints(), 0);
	OK(audit_checkpoint(s, &somebody, true, &why));
	OK(audit_checkpoint(s, &agent, true, &why));             /* but signs with one that is known */
	assert_int_equal(checkpoints(), 2);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_begin, help_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(nothing_is_remembered_of_an_empty_log), EACH(the_memory_follows_the_log), EACH(what_is_not_committed_is_not_remembered),
		EACH(a_cut_tail_is_noticed), EACH(an_older_copy_put_back_is_noticed), EACH(a_memory_never_goes_back),
		EACH(a_memory_that_cannot_be_read_is_told_and_made_anew), EACH(programs_remember_at_once),
		EACH(a_broken_history_is_accepted_with_a_record), EACH(others_are_told_once_who_accepted_it),
		EACH(a_checkpoint_is_signed_when_it_is_due), EACH(a_checkpoint_is_bound_to_all_that_it_says), EACH(a_broken_history_is_not_signed),
		EACH(a_checkpoint_that_was_taken_away_is_noticed), EACH(an_agent_introduces_no_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
