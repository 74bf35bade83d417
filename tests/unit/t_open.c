#include "tests/unit/store_help.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- opening ---- */

static void a_new_file_is_ours_and_private(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	assert_false(store_pool_read_only(p));
	assert_null(store_pool_why_read_only(p));
	assert_int_equal(number_of(s, "PRAGMA application_id"), STORE_APPLICATION_ID);
	assert_int_equal(number_of(s, "PRAGMA user_version"), store_schema_version());
	assert_int_equal(number_of(s, "PRAGMA synchronous"), 2);
	assert_int_equal(number_of(s, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number_of(s, "PRAGMA wal_autocheckpoint"), 0);
	assert_int_equal(number_of(s, "PRAGMA mmap_size"), 0);
	assert_int_equal(number_of(s, "PRAGMA cell_size_check"), 1);
	assert_int_equal(number_of(s, "PRAGMA trusted_schema"), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM run"), 0);
	OK(store_begin(s, &why));
	assert_int_equal(mode_of("a.db"), 0600);
	assert_int_equal(mode_of("a.db-wal"), 0600);
	assert_int_equal(mode_of("a.db.gate"), 0600);
	store_put(p, s);
	store_pool_close(p);
}

static void closing_leaves_one_file(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "v", &why));
	assert_int_equal(access(in_folder("a.db-wal"), F_OK), 0);
	store_put(p, s);
	store_pool_close(p);
	assert_int_equal(access(in_folder("a.db-wal"), F_OK), -1);
	assert_int_equal(access(in_folder("a.db-shm"), F_OK), -1);
	p = pool_of("a.db");
	s = conn_of(p);
	char *v = store_setting(s, "k");
	assert_string_equal(v, "v");
	free(v);
	store_put(p, s);
	store_pool_close(p);
}

/* The WAL of another process is not taken away under its feet. */
static void closing_beside_another_leaves_it_whole(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db"), *q = pool_of("a.db");
	struct store *s = conn_of(p), *t = conn_of(q);
	OK(store_set_setting(s, "k", "1", &why));
	OK(store_read_begin(t, &why));
	assert_int_equal(number_of(t, "SELECT count(*) FROM setting"), 1);
	OK(store_set_setting(s, "l", "2", &why));
	store_put(p, s);
	store_pool_close(p);
	assert_int_equal(number_of(t, "SELECT count(*) FROM setting"), 1);
	store_read_end(t);
	assert_int_equal(number_of(t, "SELECT count(*) FROM setting"), 2);
	OK(store_set_setting(t, "m", "3", &why));
	store_put(q, t);
	store_pool_close(q);
}

/* Dies in the middle of a write in rollback mode, with changed pages already in the file and their old content in the journal. */
static void die_writing(const char *path)
{
	sqlite3 *db;
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child) {
		sqlite3_open(path, &db);
		sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; BEGIN;"
			" WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 2000) INSERT INTO setting SELECT 'k' || n, hex(zeroblob(400)) FROM i",
			NULL, NULL, NULL);
		kill(getpid(), SIGKILL);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void the_journal_of_a_killed_write_is_rolled_back_also_read_only(void **state)
{
	(void)state;
	store_pool_close(pool_of("a.db"));
	die_writing(in_folder("a.db"));
	struct stat sb;
	assert_int_equal(stat(in_folder("a.db-journal"), &sb), 0);
	assert_true(sb.st_size > 0);
	struct store_pool *p = NULL;
	OK(store_pool_open(in_folder("a.db"), STORE_READ_ONLY, &p, &why));
	struct store *s = conn_of(p);
	assert_int_equal(number_of(s, "SELECT count(*) FROM setting"), 0);
	store_put(p, s);
	store_pool_close(p);
	assert_int_equal(access(in_folder("a.db-journal"), F_OK), -1);
}

static void write_file(const char *name, const void *bytes, size_t n)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void refused(const char *name, unsigned flags, enum status as, const char *words)
{
	struct store_pool *p = NULL;
	assert_int_equal(store_pool_open(in_folder(name), flags, &p, &why), as);
	assert_null(p);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
	assert_non_null(strstr(why.text, name));
	assert_int_equal(store_pool_open(in_folder(name), flags, &p, NULL), as);   /* the words may be declined */
}

static void make_database(const char *name, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(in_folder(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void what_is_no_workspace_is_refused(void **state)
{
	(void)state;
	static const char text[] = "step,loss\n1,0.5\n2,0.25\nthis is a text file that somebody named .db, long enough to hold a header of one hundred bytes\n";
	refused("none.db", 0, ST_NOT_FOUND, "no workspace");
	refused("none.db", STORE_READ_ONLY | STORE_CREATE, ST_NOT_FOUND, "no workspace");
	refused("nowhere/none.db", STORE_CREATE, ST_NOT_FOUND, "folder");
	write_file("text.db", text, sizeof text - 1);
	refused("text.db", STORE_CREATE, ST_REFUSED, "no database");
	make_database("other.db", "CREATE TABLE t(x); PRAGMA application_id = 252006674;");
	refused("other.db", STORE_CREATE, ST_REFUSED, "another program");
	make_database("plain.db", "CREATE TABLE t(x); INSERT INTO t VALUES(1);");
	refused("plain.db", STORE_CREATE, ST_REFUSED, "another program");
	make_database("mlflow.db", "CREATE TABLE alembic_version(v); CREATE TABLE experiments(e); CREATE TABLE runs(r);");
	refused("mlflow.db", STORE_CREATE, ST_REFUSED, "MLflow");
	write_file("empty.db", "", 0);
	refused("empty.db", 0, ST_NOT_FOUND, "empty");
	refused("empty.db", STORE_READ_ONLY, ST_NOT_FOUND, "empty");
	assert_int_equal(mkdir(in_folder("dir.db"), 0700), 0);
	refused("dir.db", STORE_CREATE, ST_REFUSED, "folder");
	store_pool_close(pool_of("real.db"));
	assert_int_equal(symlink("real.db", in_folder("link.db")), 0);
	refused("link.db", STORE_CREATE, ST_REFUSED, "symbolic link");
	assert_int_equal(chmod(in_folder("real.db"), 0666), 0);
	refused("real.db", 0, ST_REFUSED, "everybody");
	assert_int_equal(mkfifo(in_folder("fifo.db"), 0600), 0);
	refused("fifo.db", 0, ST_REFUSED, "plain file");
}

static void what_is_refused_is_left_alone(void **state)
{
	(void)state;
	make_database("other.db", "CREATE TABLE t(x); INSERT INTO t VALUES(42);");
	struct stat before, after;
	assert_int_equal(stat(in_folder("other.db"), &before), 0);
	refused("other.db", STORE_CREATE, ST_REFUSED, "another program");
	assert_int_equal(stat(in_folder("other.db"), &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
}

static void an_empty_file_becomes_a_workspace_when_asked(void **state)
{
	(void)state;
	write_file("a.db", "", 0);
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	assert_int_equal(number_of(s, "PRAGMA user_version"), store_schema_version());
	store_put(p, s);
	store_pool_close(p);
}

static void a_folder_may_be_a_link(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("real"), 0700), 0);
	assert_int_equal(symlink("real", in_folder("link")), 0);
	store_pool_close(pool_of("link/a.db"));
	assert_int_equal(access(in_folder("real/a.db"), F_OK), 0);
}

static void odd_names_are_only_names(void **state)
{
	(void)state;
	static const char *const names[] = { "a?mode=memory.db", "b#c%41.db", "file:x.db", " ", "-wal" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct store_pool *p = pool_of(names[i]);
		struct store *s = conn_of(p);
		OK(store_set_setting(s, "k", "v", &why));
		store_put(p, s);
		store_pool_close(p);
		assert_int_equal(access(in_folder(names[i]), F_OK), 0);
		OK(store_pool_open(in_folder(names[i]), STORE_READ_ONLY, &p, &why));
		store_pool_close(p);
	}
}

static void read_only_refuses_to_write(void **state)
{
	(void)state;
	store_pool_close(pool_of("a.db"));
	struct store_pool *p;
	OK(store_pool_open(in_folder("a.db"), STORE_READ_ONLY, &p, &why));
	assert_true(store_pool_read_only(p));
	assert_non_null(strstr(store_pool_why_read_only(p), "asked"));
	struct store *s = conn_of(p);
	assert_int_equal(store_begin(s, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "read-only"));
	assert_int_equal(store_set_setting(s, "k", "v", &why), ST_REFUSED);
	assert_int_equal(store_exec(s, "INSERT INTO setting VALUES('k', 'v')", &why), ST_REFUSED);
	OK(store_checkpoint(s, true, &why));
	store_put(p, s);
	store_pool_close(p);
}

/* In a process of its own, which gives up root's rights when it has them: those bind nobody. */
static int in_child(int (*what)(void))
{
	int status;
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(geteuid() == 0 && setresuid(65534, 65534, 65534) < 0 ? 99 : what());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static int reads_but_is_told(const char *word)
{
	struct store_pool *p;
	if (store_pool_open(in_folder("a.db"), 0, &p, &why) != ST_OK) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	struct store *s = store_get(p, &why);
	char *v = s ? store_setting(s, "k") : NULL;
	bool right = v && strcmp(v, "v") == 0 && store_pool_read_only(p) && strstr(store_pool_why_read_only(p), word)
		&& store_begin(s, &why) == ST_REFUSED;
	free(v);
	store_put(p, s);
	store_pool_close(p);
	return right ? 0 : 2;
}

static int may_not_write_the_file(void) { return reads_but_is_told("the file"); }
static int may_not_write_the_folder(void) { return reads_but_is_told("folder"); }

static int may_not_read_it(void)
{
	struct store_pool *p;
	return store_pool_open(in_folder("a.db"), 0, &p, &why) == ST_FAILED && strstr(why.text, "rights") ? 0 : 1;
}

static void without_rights_it_opens_read_only(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "v", &why));
	store_put(p, s);
	store_pool_close(p);
	assert_int_equal(chmod(in_folder("a.db"), 0444), 0);
	assert_int_equal(chmod(help_folder, 0777), 0);
	assert_int_equal(in_child(may_not_write_the_file), 0);
	assert_int_equal(chmod(help_folder, 0555), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(in_folder("a.db"), 65534, (gid_t)-1), 0);
	assert_int_equal(chmod(in_folder("a.db"), 0600), 0);
	assert_int_equal(in_child(may_not_write_the_folder), 0);
	assert_int_equal(chmod(in_folder("a.db"), 0), 0);
	assert_int_equal(in_child(may_not_read_it), 0);
	assert_int_equal(chmod(help_folder, 0700), 0);
}

/* ---- migrations ---- */

static struct store_pool *open_steps(const char *name, const char *const *steps, int n, enum status expect)
{
	struct store_pool *p = NULL;
	struct store_tuning t = { .steps = steps, .n_steps = n };
	enum status st = store_pool_open_tuned(in_folder(name), STORE_CREATE, &t, &p, &why);
	if (st != expect)
		fail_msg("%s: %s", status_name(st), why.text);
	return p;
}

static const char *const steps[] = {
	"CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL); CREATE TABLE change(seq INTEGER PRIMARY KEY, topics INTEGER NOT NULL);"
		"CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a INTEGER REFERENCES a(id)); INSERT INTO a VALUES(1); INSERT INTO b VALUES(1);",
	"ALTER TABLE setting ADD COLUMN note TEXT; CREATE TABLE a2(id INTEGER PRIMARY KEY, extra TEXT); INSERT INTO a2(id) SELECT id FROM a;"
		"DROP TABLE a; ALTER TABLE a2 RENAME TO a;",
	"CREATE TABLE third(x);",
};

static void an_older_schema_is_brought_up_to_date_after_a_backup(void **state)
{
	(void)state;
	struct store_pool *p = open_steps("a.db", steps, 1, ST_OK);
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "v", &why));
	store_put(p, s);
	store_pool_close(p);
	p = open_steps("a.db", steps, 3, ST_OK);
	s = conn_of(p);
	assert_int_equal(number_of(s, "PRAGMA user_version"), 3);
	assert_int_equal(number_of(s, "SELECT count(*) FROM setting WHERE note IS NULL AND value = 'v'"), 1);
	assert_int_equal(number_of(s, "SELECT count(*) FROM third"), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM a WHERE extra IS NULL"), 1);
	assert_int_equal(number_of(s, "PRAGMA foreign_keys"), 1);
	store_put(p, s);
	store_pool_close(p);
	p = open_steps("a.db.schema-1.bak", steps, 1, ST_OK);
	s = conn_of(p);
	assert_int_equal(number_of(s, "PRAGMA user_version"), 1);
	assert_int_equal(number_of(s, "SELECT count(*) FROM setting WHERE value = 'v'"), 1);
	store_put(p, s);
	store_pool_close(p);
	assert_int_equal(mode_of("a.db.schema-1.bak"), 0600);
}

static void a_migration_that_fails_changes_nothing(void **state)
{
	(void)state;
	const char *const wrong[] = { steps[0], "CREATE TABLE half(x); INSERT INTO nowhere VALUES(1);" };
	const char *const dangling[] = { steps[0], "DELETE FROM a;" };
	store_pool_close(open_steps("a.db", steps, 1, ST_OK));
	open_steps("a.db", wrong, 2, ST_FAILED);
	assert_non_null(strstr(why.text, "nowhere"));
	open_steps("a.db", dangling, 2, ST_FAILED);
	assert_non_null(strstr(why.text, "point nowhere"));
	struct store_pool *p = open_steps("a.db", steps, 1, ST_OK);
	struct store *s = conn_of(p);
	assert_int_equal(number_of(s, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM a"), 1);
	store_put(p, s);
	store_pool_close(p);
}

static void a_newer_schema_opens_read_only(void **state)
{
	(void)state;
	store_pool_close(open_steps("a.db", steps, 3, ST_OK));
	struct store_pool *p = open_steps("a.db", steps, 2, ST_OK);
	assert_true(store_pool_read_only(p));
	assert_non_null(strstr(store_pool_why_read_only(p), "newer mlyard"));
	assert_non_null(strstr(store_pool_why_read_only(p), "schema 3"));
	struct store *s = conn_of(p);
	assert_int_equal(store_begin(s, &why), ST_REFUSED);
	assert_int_equal(number_of(s, "SELECT count(*) FROM setting"), 0);
	store_put(p, s);
	store_pool_close(p);
}

static void an_older_schema_cannot_be_opened_read_only(void **state)
{
	(void)state;
	store_pool_close(open_steps("a.db", steps, 1, ST_OK));
	struct store_pool *p = NULL;
	struct store_tuning t = { .steps = steps, .n_steps = 2 };
	assert_int_equal(store_pool_open_tuned(in_folder("a.db"), STORE_READ_ONLY, &t, &p, &why), ST_REFUSED);
	assert_non_null(strstr(why.text, "older schema"));
}

/* ---- network file systems ---- */

static void a_network_file_system_gets_a_rollback_journal(void **state)
{
	(void)state;
	struct store_pool *p = pool_of("a.db");         /* made where WAL is right */
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "v", &why));
	store_put(p, s);
	store_pool_close(p);
	struct store_tuning t = { .fs_kind = NFS_SUPER_MAGIC };
	OK(store_pool_open_tuned(in_folder("a.db"), STORE_CREATE, &t, &p, &why));
	s = conn_of(p);
	sqlite3_stmt *q = store_stmt(s, "PRAGMA journal_mode", &why);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(q, 0), "delete");
	sqlite3_reset(q);
	OK(store_set_setting(s, "k", "w", &why));
	OK(store_checkpoint(s, true, &why));
	assert_int_equal(access(in_folder("a.db-wal"), F_OK), -1);
	store_put(p, s);
	store_pool_close(p);
	p = pool_of("a.db");                             /* and back */
	s = conn_of(p);
	char *v = store_setting(s, "k");
	assert_string_equal(v, "w");
	free(v);
	assert_int_equal(access(in_folder("a.db-wal"), F_OK), 0);
	store_put(p, s);
	store_pool_close(p);
}

static void the_race_is_known_by_version(void **state)
{
	(void)state;
	int v = sqlite3_libversion_number();
	if (v < 3044006 || v >= 3051003)
		assert_int_equal(store_sqlite_has_wal_race(), v < 3051003);
}

static const char *journal_of(struct store_pool *p)
{
	static char mode[16];
	struct store *s = conn_of(p);
	sqlite3_stmt *q = store_stmt(s, "PRAGMA journal_mode", &why);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	snprintf(mode, sizeof mode, "%s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_reset(q);
	store_put(p, s);
	return mode;
}

static void file_systems_of_the_network_are_known(void **state)
{
	(void)state;
	static const struct { unsigned kind; const char *name; } rows[] = {
		{ NFS_SUPER_MAGIC, "NFS" }, { SMB_SUPER_MAGIC, "SMB" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB2" }, { V9FS_MAGIC, "9p" }, { 0x65735546, "FUSE" },
		{ 0x0bd00bd0, "Lustre" }, { EXT4_SUPER_MAGIC, NULL }, { TMPFS_MAGIC, NULL }, { OVERLAYFS_SUPER_MAGIC, NULL }, { BTRFS_SUPER_MAGIC, NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct store_tuning t = { .fs_kind = rows[i].kind };
		struct store_pool *p = NULL;
		OK(store_pool_open_tuned(in_folder("a.db"), STORE_CREATE, &t, &p, &why));
		assert_string_equal(store_pool_network(p) ? store_pool_network(p) : "", rows[i].name ? rows[i].name : "");
		assert_string_equal(journal_of(p), rows[i].name ? "delete" : "wal");
		store_pool_close(p);
	}
}

/* Two machines cannot share a log: while somebody else has one, and for who may not change it, the file is not opened; and it is said why. */
static void a_log_on_a_network_file_system_is_refused(void **state)
{
	(void)state;
	struct store_pool *local = pool_of("a.db"), *p = NULL;
	struct store *s = conn_of(local);
	struct store_tuning t = { .fs_kind = NFS_SUPER_MAGIC, .gate_wait_ms = 50 };
	OK(store_set_setting(s, "k", "v", &why));
	OK(store_read_begin(s, &why));
	assert_int_equal(store_pool_open_tuned(in_folder("a.db"), 0, &t, &p, &why), ST_FAILED);
	assert_null(p);
	assert_non_null(strstr(why.text, "journal mode"));
	assert_int_equal(store_pool_open_tuned(in_folder("a.db"), STORE_READ_ONLY, &t, &p, &why), ST_REFUSED);
	assert_null(p);
	assert_non_null(strstr(why.text, "lies on NFS"));
	assert_non_null(strstr(why.text, "copy it to a local disk"));
	store_read_end(s);
	OK(store_set_setting(s, "k", "still works", &why));
	store_put(local, s);
	store_pool_close(local);
	OK(store_pool_open_tuned(in_folder("a.db"), 0, &t, &p, &why));           /* nobody has it open any more */
	store_pool_close(p);
	OK(store_pool_open_tuned(in_folder("a.db"), STORE_READ_ONLY, &t, &p, &why));
	s = conn_of(p);
	char *v = store_setting(s, "k");
	assert_string_equal(v, "still works");
	free(v);
	store_put(p, s);
	store_pool_close(p);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_new_file_is_ours_and_private), EACH(closing_leaves_one_file), EACH(closing_beside_another_leaves_it_whole),
		EACH(the_journal_of_a_killed_write_is_rolled_back_also_read_only),
		EACH(what_is_no_workspace_is_refused), EACH(what_is_refused_is_left_alone), EACH(an_empty_file_becomes_a_workspace_when_asked),
		EACH(a_folder_may_be_a_link), EACH(odd_names_are_only_names), EACH(read_only_refuses_to_write),
		EACH(without_rights_it_opens_read_only), EACH(an_older_schema_is_brought_up_to_date_after_a_backup),
		EACH(a_migration_that_fails_changes_nothing), EACH(a_newer_schema_opens_read_only),
		EACH(an_older_schema_cannot_be_opened_read_only), EACH(a_network_file_system_gets_a_rollback_journal),
		EACH(file_systems_of_the_network_are_known), EACH(a_log_on_a_network_file_system_is_refused),
		EACH(the_race_is_known_by_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
