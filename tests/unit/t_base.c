#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/loop.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/notice.h"
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/base/tasks.h"

static void errors_carry_context(void **state)
{
	(void)state;
	struct err e;
	assert_int_equal(err_set(&e, ST_NOT_FOUND, "no run %s", "abc"), ST_NOT_FOUND);
	assert_int_equal(err_wrap(&e, "in %s", "demo"), ST_NOT_FOUND);
	assert_string_equal(e.text, "in demo: no run abc");
	char big[2000];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	err_set(&e, ST_FAILED, "%s", big);
	err_wrap(&e, "%s", big);
	assert_int_equal(strlen(e.text) < sizeof e.text, 1);
	assert_int_equal(err_set(NULL, ST_USAGE, "lost words"), ST_USAGE);
}

static void strings_grow(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	assert_string_equal(s.p, "");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(s.len, strlen(s.p));
	assert_string_equal(s.p + s.len - 4, "999,");
	str_cut(&s, 2);
	assert_string_equal(s.p, "0,");
	str_addrep(&s, '-', 3);
	char *own = str_take(&s);
	assert_string_equal(own, "0,---");
	free(own);
	own = str_take(&s);
	assert_string_equal(own, "");
	free(own);
}

static void arena_keeps_what_it_gave(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	char *p[2000];
	for (int i = 0; i < 2000; i++)
		p[i] = arena_printf(a, "item %d %*s", i, i % 700, "");
	char *large = arena_zalloc(a, 3000000);
	assert_int_equal(large[2999999], 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(strtol(p[i] + 5, NULL, 10), i);
	assert_true((uintptr_t)arena_alloc(a, 3) % _Alignof(max_align_t) == 0);
	arena_free(a);
}

static void map_finds_everything_it_was_given(void **state)
{
	(void)state;
	struct map *m = map_new();
	char key[32];
	for (int i = 0; i < 20000; i++) {
		bool added;
		int n = snprintf(key, sizeof key, "key-%d", i);
		assert_int_equal(map_add(m, key, (size_t)n, &added), i);
		assert_true(added);
		*map_value(m, (size_t)i) = i * 3;
	}
	for (int i = 0; i < 20000; i++) {
		int n = snprintf(key, sizeof key, "key-%d", i);
		assert_int_equal(map_find(m, key, (size_t)n), i);
		assert_int_equal(*map_value(m, (size_t)i), i * 3);
	}
	assert_int_equal(map_find(m, "key-20000", 9), -1);
	assert_int_equal(map_find(m, "", 0), -1);
	assert_int_equal(map_add(m, "a\0b", 3, NULL), 20000);
	assert_int_equal(map_find(m, "a", 1), -1);
	map_free(m);
}

static void a_file_is_replaced_whole(void **state)
{
	(void)state;
	char dir[] = "/tmp/mlyard-base-XXXXXX";
	assert_non_null(mkdtemp(dir));
	char *deep = fs_join(dir, "a/b"), *file = fs_join(deep, "f");
	struct err e = { 0 };
	assert_int_equal(fs_mkdirs(deep, &e), ST_OK);
	assert_int_equal(fs_replace(file, "one", 3, &e), ST_OK);
	assert_int_equal(fs_replace(file, "second", 6, &e), ST_OK);
	struct str got = STR_INIT;
	assert_int_equal(fs_read(file, 100, &got, &e), ST_OK);
	assert_string_equal(got.p, "second");
	assert_int_equal(fs_read(file, 3, &got, &e), ST_REFUSED);
	assert_int_equal(fs_read(deep, 100, &got, &e), ST_FAILED);
	assert_int_equal(fs_read("/nonexistent/x", 100, &got, &e), ST_NOT_FOUND);
	assert_int_equal(fs_mkdirs(file, &e), ST_FAILED);
	str_free(&got);
	unlink(file);
	rmdir(deep);
	*strrchr(deep, '/') = '\0';
	rmdir(deep);
	rmdir(dir);
	free(deep);
	free(file);
}

struct job { int in, out; enum status st; int runs; pthread_t ran_on; };

static enum status twice(struct task *t, void *arg, struct err *e)
{
	(void)t, (void)e;
	struct job *j = arg;
	j->out = j->in * 2;
	return ST_OK;
}

static void take(void *arg, enum status st, const struct err *e)
{
	(void)e;
	struct job *j = arg;
	j->st = st;
	j->runs++;
	j->ran_on = pthread_self();
}

static void drain_all(struct tasks *ts)
{
	while (!tasks_idle(ts)) {
		struct pollfd p = { tasks_fd(ts), POLLIN, 0 };
		assert_true(poll(&p, 1, 300000) > 0);
		tasks_drain(ts);
	}
}

static void tasks_come_back_to_their_thread(void **state)
{
	(void)state;
	enum { N = 1000 };
	static struct job j[N];
	struct tasks *ts = tasks_new(3, 1);
	for (int i = 0; i < N; i++) {
		j[i] = (struct job){ .in = i };
		assert_true(tasks_submit(ts, &(struct task_spec){ .title = "t", .cls = i % 2 ? TASK_LONG : TASK_QUICK, .work = twice, .done = take, .arg = &j[i] }) > 0);
	}
	drain_all(ts);
	for (int i = 0; i < N; i++) {
		assert_int_equal(j[i].out, 2 * i);
		assert_int_equal(j[i].runs, 1);
		assert_int_equal(j[i].st, ST_OK);
		assert_true(pthread_equal(j[i].ran_on, pthread_self()));
	}
	struct task_info info[64];
	assert_int_equal(tasks_list(ts, info, 64), 32);
	tasks_free(ts);
}

static enum status until_cancelled(struct task *t, void *arg, struct err *e)
{
	(void)arg;
	task_progress(t, 1, 4);
	task_note(t, "waiting");
	while (!task_cancelled(t))
		usleep(100);
	return err_set(e, ST_CANCELLED, "stopped");
}

static void cancel_reaches_running_and_waiting(void **state)
{
	(void)state;
	struct job a = { 0 }, b = { 0 };
	struct tasks *ts = tasks_new(1, 1);
	struct task_spec spec = { .title = "long one", .cls = TASK_LONG, .work = until_cancelled, .done = take, .arg = &a };
	uint64_t first = tasks_submit(ts, &spec);
	spec.arg = &b;
	uint64_t second = tasks_submit(ts, &spec);
	struct task_info info[4];
	do {
		assert_int_equal(tasks_list(ts, info, 4), 2);
	} while (strcmp(info[0].note, "waiting") != 0);
	assert_int_equal(info[0].state, TASK_RUNNING);
	assert_int_equal(info[0].total, 4);
	assert_int_equal(info[1].state, TASK_WAITING);
	assert_true(tasks_cancel(ts, second));
	assert_true(tasks_cancel(ts, first));
	drain_all(ts);
	assert_int_equal(a.st, ST_CANCELLED);
	assert_int_equal(b.st, ST_CANCELLED);
	assert_int_equal(b.runs, 1);
	assert_false(tasks_cancel(ts, first));
	tasks_submit(ts, &spec);             /* freeing cancels what still runs */
	tasks_free(ts);
	assert_int_equal(b.runs, 2);
}

static void count_up(void *arg)
{
	++*(int *)arg;
}

static void read_byte(void *arg, int fd, short revents)
{
	(void)revents;
	char c;
	if (read(fd, &c, 1) == 1)
		++*(int *)arg;
}

static void loop_runs_timers_and_watches(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	int fired = 0, never = 0, bytes = 0, turns = 0, p[2];
	assert_int_equal(pipe(p), 0);
	loop_watch(l, p[0], POLLIN, read_byte, &bytes);
	loop_before_sleep(l, count_up, &turns);
	loop_after(l, 0, count_up, &fired);
	int id = loop_after(l, 0, count_up, &never);
	loop_cancel(l, id);
	assert_int_equal(write(p[1], "ab", 2), 2);
	while (bytes < 2 || !fired)
		assert_true(loop_turn(l, 1000));
	assert_int_equal(fired, 1);
	assert_int_equal(never, 0);
	assert_true(turns >= 2);
	loop_unwatch(l, p[0]);
	assert_int_equal(write(p[1], "c", 1), 1);
	loop_turn(l, 0);
	assert_int_equal(bytes, 2);
	loop_stop(l);
	assert_false(loop_turn(l, 0));
	close(p[0]);
	close(p[1]);
	loop_free(l);
}

static void notices_replace_by_key(void **state)
{
	(void)state;
	uint64_t v = notice_version();
	notice_post("a", NOTICE_WARN, "tasks", "disk %s", "full");
	notice_post("b", NOTICE_INFO, NULL, "second");
	notice_post("a", NOTICE_BAD, NULL, "disk \x1b[31mfuller");
	notice_post("a", NOTICE_BAD, NULL, "disk \x1b[31mfuller");
	assert_int_equal(notice_version(), v + 3);
	struct notice *n;
	size_t count = notice_list(&n);
	assert_int_equal(count, 2);
	assert_string_equal(n[0].key, "a");
	assert_null(strchr(n[0].text, 0x1b));
	notice_list_free(n, count);
	notice_clear("a");
	notice_clear("b");
	count = notice_list(&n);
	assert_int_equal(count, 0);
	notice_list_free(n, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_carry_context), cmocka_unit_test(strings_grow), cmocka_unit_test(arena_keeps_what_it_gave),
		cmocka_unit_test(map_finds_everything_it_was_given), cmocka_unit_test(a_file_is_replaced_whole),
		cmocka_unit_test(tasks_come_back_to_their_thread), cmocka_unit_test(cancel_reaches_running_and_waiting),
		cmocka_unit_test(loop_runs_timers_and_watches), cmocka_unit_test(notices_replace_by_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
