/* The gate: writers of several processes, writers that are killed, and the WAL-reset race with its interleaving forced. */
#include "tests/unit/store_help.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "core/base/clock.h"
#include "core/base/topic.h"
#include "tests/unit/shim_vfs.h"

/* ---- writers in processes ---- */

enum { WRITERS = 4, KILLS = 200 };

static void writer_ends(int writer, const struct err *e, int code)
{
	fprintf(stderr, "writer %d: %s\n", writer, e->text);
	_exit(code);
}

static void writer_open(int writer, struct store_pool **p, struct store **s)
{
	const struct store_tuning patient = { .gate_wait_ms = 300000 };
	struct err e;
	if (store_pool_open_tuned(in_folder("g.db"), STORE_CREATE, &patient, p, &e) != ST_OK)
		writer_ends(writer, &e, 20);
	*s = store_get(*p, &e);
	if (!*s)
		writer_ends(writer, &e, 21);
}

static enum status write_one(struct store *s, int writer, int64_t i, struct err *e)
{
	char key[16], text[32];
	struct point one = { i, i * 10, (double)i };
	snprintf(key, sizeof key, "w%d", writer);
	snprintf(text, sizeof text, "%lld", (long long)i + 1);
	enum status st = store_begin(s, e);
	if (st == ST_OK)
		st = series_append(s, writer + 1, 1, &one, 1, true, NULL, e);
	if (st == ST_OK)
		st = store_set_setting(s, key, text, e);
	return st == ST_OK ? store_commit(s, TOPIC_METRICS, e) : st;
}

/* A child's work, until it is killed or has made `most` commits: one point and one setting a commit, which belong together;
 * then the number of points in its series goes down the pipe, which says "this is committed". Checkpoints and closing,
 * which takes the WAL away when nobody else has the file open, come in between. */
static void write_until_killed(int writer, int pipe_fd, int64_t most)
{
	struct store_pool *p;
	struct store *s;
	struct err e;
	struct series_sum sum = { 0 };
	writer_open(writer, &p, &s);
	if (series_summary(s, writer + 1, 1, &sum, &e) == ST_FAILED)
		writer_ends(writer, &e, 22);
	for (int64_t i = sum.n; most < 0 || i < sum.n + most; i++) {
		if (write_one(s, writer, i, &e) != ST_OK || (i % 16 == 15 && store_checkpoint(s, true, &e) != ST_OK))
			writer_ends(writer, &e, 23);
		int64_t committed = i + 1;
		if (write(pipe_fd, &committed, sizeof committed) != sizeof committed)
			_exit(24);
		if (i % 20 == 19) {
			store_put(p, s);
			store_pool_close(p);
			writer_open(writer, &p, &s);
		}
	}
	store_put(p, s);
	store_pool_close(p);
	_exit(0);
}

struct writer { pid_t pid; int fd; int64_t acknowledged; int silent; /* lives that ended since it last said something, this one too */ };

static void writer_start(struct writer *w, int number, int64_t most)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(NULL);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		close(ends[0]);
		write_until_killed(number, ends[1], most);
	}
	close(ends[1]);
	w->fd = ends[0];
}

/* What the child said before its end of the pipe closed. */
static void writer_collect(struct writer *w)
{
	int64_t n;
	ssize_t got;
	int64_t before = w->acknowledged;
	while ((got = read(w->fd, &n, sizeof n)) == sizeof n)
		w->acknowledged = n;
	w->silent = w->acknowledged == before ? w->silent + 1 : 1;
	assert_int_equal(got, 0);
	close(w->fd);
}

static int writer_wait(struct writer *w)
{
	int status;
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	return status;
}

static void workspace_for_writers(void)
{
	struct store_pool *p = pool_of("g.db");
	struct store *s = conn_of(p);
	OK(store_begin(s, &why));
	rows_for_series(s, WRITERS);
	OK(store_commit(s, TOPIC_RUNS, &why));
	store_put(p, s);
	store_pool_close(p);
}

static bool is_next_step(void *arg, const struct point *p)
{
	int64_t *next = arg;
	return p->step == (*next)++ && p->value == (double)p->step;
}

/* Everything acknowledged is there, at most `slack` commits more for each life that ended without saying so, in one piece; and
 * the file is sound. */
static void check_writers(const struct writer *w, int slack)
{
	struct store_pool *p = pool_of("g.db");
	struct store *s = conn_of(p);
	struct str out = STR_INIT;
	if (store_verify(s, false, NULL, &out, &why) != ST_OK)
		fail_msg("%s\n%s", why.text, out.p);
	str_free(&out);
	for (int i = 0; i < WRITERS; i++) {
		struct series_sum sum = { 0 };
		char key[16];
		int64_t next = 0;
		snprintf(key, sizeof key, "w%d", i);
		char *setting = store_setting(s, key);
		if (series_summary(s, i + 1, 1, &sum, &why) == ST_OK)
			OK(series_each(s, i + 1, 1, AXIS_STEP, INT64_MIN, INT64_MAX, is_next_step, &next, &why));
		assert_int_equal(next, sum.n);
		assert_int_equal(setting ? strtoll(setting, NULL, 10) : 0, sum.n);
		assert_in_range(sum.n, w[i].acknowledged, w[i].acknowledged + slack * w[i].silent);
		free(setting);
	}
	store_put(p, s);
	store_pool_close(p);
}

static void writers_of_several_processes_take_turns(void **state)
{
	(void)state;
	struct writer w[WRITERS] = { { 0 } };
	workspace_for_writers();
	for (int i = 0; i < WRITERS; i++)
		writer_start(&w[i], i, 100);
	for (int i = 0; i < WRITERS; i++) {
		writer_collect(&w[i]);
		assert_int_equal(writer_wait(&w[i]), 0);
		assert_int_equal(w[i].acknowledged, 100);
	}
	check_writers(w, 0);
}

/* One after the other is killed at a moment nobody chose and started again, while the others go on. */
static void nothing_acknowledged_is_lost_to_a_kill(void **state)
{
	(void)state;
	struct writer w[WRITERS] = { { 0 } };
	uint64_t random = 88172645463325252u;
	workspace_for_writers();
	for (int i = 0; i < WRITERS; i++)
		writer_start(&w[i], i, -1);
	for (int k = 0; k < KILLS; k++) {
		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		struct writer *one = &w[k % WRITERS];
		struct pollfd first = { one->fd, POLLIN, 0 };
		poll(&first, 1, random % 4 ? 60000 : 0);           /* most are killed at work, some while they open */
		usleep((useconds_t)(random / 8 % 4000));
		kill(one->pid, SIGKILL);
		int status = writer_wait(one);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		writer_collect(one);
		if (k < KILLS - WRITERS)
			writer_start(one, k % WRITERS, -1);
	}
	check_writers(w, 1);
}

static void programs_that_start_at_once_make_one_workspace(void **state)
{
	(void)state;
	struct writer w[WRITERS] = { { 0 } };
	for (int round = 0; round < 12; round++) {
		int start[2];
		assert_int_equal(pipe(start), 0);
		fflush(NULL);
		for (int i = 0; i < WRITERS; i++) {
			w[i].pid = fork();
			assert_true(w[i].pid >= 0);
			if (w[i].pid == 0) {
				char go;
				struct store_pool *p;
				struct store *s;
				struct err e;
				close(start[1]);
				if (read(start[0], &go, 1) < 0)        /* the end of the pipe is the word to go */
					_exit(1);
				writer_open(i, &p, &s);
				if (store_set_setting(s, (char[]){ (char)('a' + i), 0 }, "here", &e) != ST_OK)
					writer_ends(i, &e, 2);
				store_put(p, s);
				store_pool_close(p);
				_exit(0);
			}
		}
		close(start[0]);
		close(start[1]);
		for (int i = 0; i < WRITERS; i++)
			assert_int_equal(writer_wait(&w[i]), 0);
		struct store_pool *p = pool_of("g.db");
		struct store *s = conn_of(p);
		assert_int_equal(number_of(s, "SELECT count(*) FROM setting"), WRITERS);
		store_put(p, s);
		store_pool_close(p);
		assert_int_equal(unlink(in_folder("g.db")), 0);
	}
}

/* ---- threads ---- */

enum { THREADS = 3, COMMITS_A_THREAD = 40 };
static struct store_pool *shared;

static void *thread_work(void *arg)
{
	int number = (int)(intptr_t)arg;
	struct err e;
	for (int64_t i = 0; i < COMMITS_A_THREAD; i++) {
		struct store *s = store_get(shared, &e);
		struct bucket *b;
		size_t n;
		if (!s || write_one(s, number, i, &e) != ST_OK)
			writer_ends(number, &e, 30);
		for (int run = 1; run <= THREADS; run++)
			if (series_buckets(s, run, 1, AXIS_STEP, INT64_MIN, INT64_MAX, 10, &b, &n, &e) == ST_OK)
				free(b);
		store_put(shared, s);
	}
	return NULL;
}

static void threads_share_a_pool(void **state)
{
	(void)state;
	pthread_t thread[THREADS];
	struct writer w[WRITERS] = { { 0 } };
	workspace_for_writers();
	shared = pool_of("g.db");
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&thread[i], NULL, thread_work, (void *)(intptr_t)i), 0);
		w[i].acknowledged = COMMITS_A_THREAD;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	store_pool_close(shared);
	check_writers(w, 0);
}

/* ---- the lock alone ---- */

static void a_stopped_writer_is_named_and_not_waited_for(void **state)
{
	(void)state;
	struct store_pool *p;
	struct store_tuning quick = { .gate_wait_ms = 60 };
	OK(store_pool_open_tuned(in_folder("g.db"), STORE_CREATE, &quick, &p, &why));
	struct store *s = conn_of(p);
	OK(store_set_setting(s, "k", "v", &why));
	int fd = open(in_folder("g.db.gate"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	int64_t began = clock_mono_us();
	assert_int_equal(store_set_setting(s, "k", "w", &why), ST_FAILED);
	int64_t took_ms = (clock_mono_us() - began) / 1000;
	assert_true(took_ms >= 50);                             /* it did wait; both clocks round */
	assert_non_null(strstr(why.text, "stopped"));
	assert_false(store_in_write(s));
	close(fd);
	OK(store_set_setting(s, "k", "w", &why));
	store_put(p, s);
	store_pool_close(p);
}

static void whoever_waits_comes_before_who_comes_again(void **state)
{
	(void)state;
	struct writer greedy[2] = { { 0 } };
	workspace_for_writers();
	writer_start(&greedy[0], 0, -1);
	writer_start(&greedy[1], 1, -1);
	struct store_pool *p = pool_of("g.db");
	struct store *s = conn_of(p);
	for (int i = 0; i < 20; i++) {
		OK(store_begin(s, &why));        /* who starves waits STORE_BUSY_MS and is refused */
		store_rollback(s);
	}
	for (int i = 0; i < 2; i++) {
		kill(greedy[i].pid, SIGKILL);
		writer_wait(&greedy[i]);
		close(greedy[i].fd);
	}
	store_put(p, s);
	store_pool_close(p);
}

/* ---- the WAL-reset race ---- */

static struct race {
	sqlite3 *plain;                      /* the writer that steps in: a plain connection, */
	struct store *gated;                 /* or one of ours */
	int after;                           /* calls to let through first */
	enum shim_call at;                   /* for the plain one: at this call */
	int64_t committed;                   /* rows that were acknowledged */
	int tried, refused;
} race;

static bool plain_add(sqlite3 *db)
{
	return sqlite3_exec(db, "INSERT INTO t(x) VALUES(hex(randomblob(100)))", NULL, NULL, NULL) == SQLITE_OK && ++race.committed;
}

static int step_in_plain(enum shim_call call)
{
	if (call == race.at && race.plain && !race.tried++)
		assert_true(plain_add(race.plain));
	return SQLITE_OK;
}

static sqlite3 *plain_open(const char *name)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(in_folder(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, x);"
		"SELECT count(*) FROM t", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static int64_t plain_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

/* Two connections as any two programs would use them. A's PASSIVE checkpoint has read the WAL's header when B, which
 * finds every frame folded in already, starts the WAL over; A then notes the old length as folded in, and what B
 * commits below it is never read again. */
static void without_the_gate_commits_can_be_lost(void **state)
{
	(void)state;
	shim_install();
	race = (struct race){ .at = SHIM_UNFETCH };
	sqlite3 *a = plain_open("plain.db"), *b = plain_open("plain.db");
	for (int i = 0; i < 60; i++)
		assert_true(plain_add(b));
	assert_int_equal(sqlite3_wal_checkpoint_v2(b, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), SQLITE_OK);
	race.plain = b;
	shim.step = step_in_plain;
	assert_int_equal(sqlite3_wal_checkpoint_v2(a, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), SQLITE_OK);
	shim.step = NULL;
	assert_int_equal(race.tried > 0, 1);
	for (int i = 0; i < 10; i++)
		assert_true(plain_add(b));
	sqlite3_close(a);
	sqlite3_close(b);
	a = plain_open("plain.db");
	int64_t there = plain_number(a, "SELECT count(*) FROM t");
	if (store_sqlite_has_wal_race())
		assert_true(there < race.committed);
	else
		assert_int_equal(there, race.committed);
	sqlite3_close(a);
	shim_remove();
}

static bool gated_add(struct store *s)
{
	char key[32];
	snprintf(key, sizeof key, "%lld", (long long)race.committed);
	if (store_begin(s, NULL) != ST_OK)
		return false;
	bool done = store_set_setting(s, key, "committed", NULL) == ST_OK && store_commit(s, TOPIC_SETTINGS, NULL) == ST_OK;
	if (!done)
		store_rollback(s);
	race.committed += done;
	return done;
}

/* The other writer steps in before the `after`-th call that the first one makes of the file system. */
static int step_in_gated(enum shim_call call)
{
	(void)call;
	if (race.after-- != 0)
		return SQLITE_OK;
	race.tried++;
	race.refused += !gated_add(race.gated);
	return SQLITE_OK;
}

static void count_settings(struct store_pool *p)
{
	struct store *s = conn_of(p);
	assert_int_equal(number_of(s, "SELECT count(*) FROM setting WHERE value = 'committed'"), race.committed);
	store_put(p, s);
}

/* The same moment, and every other one: whichever call of a checkpoint or of a commit the other writer steps in before,
 * he waits or he is done before, and nothing is lost. */
static void through_the_gate_nothing_is_lost(void **state)
{
	(void)state;
	shim_install();
	shim.no_sync = true;
	struct store_tuning quick = { .gate_wait_ms = 1 };
	struct store_pool *p, *q;
	OK(store_pool_open_tuned(in_folder("g.db"), STORE_CREATE, &quick, &p, &why));
	OK(store_pool_open_tuned(in_folder("g.db"), STORE_CREATE, &quick, &q, &why));
	struct store *a = conn_of(p), *b = conn_of(q);
	race = (struct race){ .gated = b };
	for (int moment = 0, tried = 1; tried; moment++) {
		for (int i = 0; i < 4; i++)
			assert_true(gated_add(b));
		if (moment % 2)       /* every frame folded in already: what the race needs. Alone here, so this is no race itself */
			assert_int_equal(sqlite3_wal_checkpoint_v2(store_db(b), "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), SQLITE_OK);
		race.tried = 0;
		race.after = moment / 2;
		shim.step = step_in_gated;
		OK(store_checkpoint(a, true, &why));
		assert_true(gated_add(a));
		tried = race.tried;
		shim.step = NULL;
		for (int i = 0; i < 2; i++)
			assert_true(gated_add(b));
		count_settings(p);
		count_settings(q);
	}
	assert_true(race.refused > 10);
	store_put(p, a);
	store_put(q, b);
	store_pool_close(p);
	store_pool_close(q);
	p = pool_of("g.db");
	count_settings(p);
	store_pool_close(p);
	shim_remove();
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(writers_of_several_processes_take_turns), EACH(nothing_acknowledged_is_lost_to_a_kill),
		EACH(programs_that_start_at_once_make_one_workspace), EACH(threads_share_a_pool), EACH(a_stopped_writer_is_named_and_not_waited_for),
		EACH(whoever_waits_comes_before_who_comes_again),
		EACH(without_the_gate_commits_can_be_lost), EACH(through_the_gate_nothing_is_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
