#include "core/base/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

/* Watches are few (terminal, tasks, signals, inotify): arrays, scanned. A watch removed while the turn
 * that found it ready is running is only marked, so that indices stay right. */
struct watch { loop_fd_fn fn; void *arg; };
struct timer { int64_t due_us; int id; loop_timer_fn fn; void *arg; };
struct loop {
	struct pollfd *fds; size_t cap_fds;
	struct watch *watches; size_t n, cap_watches;
	struct timer *timers; size_t n_timers, cap_timers;
	int next_id;
	bool stop;
	loop_timer_fn before_sleep; void *before_arg;
};

struct loop *loop_new(void)
{
	struct loop *l = mem_zalloc(sizeof *l);
	l->next_id = 1;
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	free(l->fds);
	free(l->watches);
	free(l->timers);
	free(l);
}

static size_t index_of(const struct loop *l, int fd)
{
	size_t i = 0;
	while (i < l->n && l->fds[i].fd != fd)
		i++;
	return i;
}

void loop_watch(struct loop *l, int fd, short events, loop_fd_fn fn, void *arg)
{
	size_t i = index_of(l, fd);
	if (i == l->n) {
		MEM_GROW(l->fds, l->cap_fds, l->n + 1);
		MEM_GROW(l->watches, l->cap_watches, l->n + 1);
		l->n++;
	}
	l->fds[i] = (struct pollfd){ .fd = fd, .events = events };
	l->watches[i] = (struct watch){ fn, arg };
}

void loop_unwatch(struct loop *l, int fd)
{
	size_t i = index_of(l, fd);
	if (i < l->n) {
		l->fds[i].fd = -1;           /* poll() skips it; swept before the next sleep */
		l->watches[i].fn = NULL;
	}
}

static void sweep(struct loop *l)
{
	size_t k = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->fds[i].fd >= 0) {
			l->fds[k] = l->fds[i];
			l->watches[k++] = l->watches[i];
		}
	l->n = k;
}

int loop_after(struct loop *l, int64_t ms, loop_timer_fn fn, void *arg)
{
	MEM_GROW(l->timers, l->cap_timers, l->n_timers + 1);
	int id = l->next_id++;
	l->timers[l->n_timers++] = (struct timer){ clock_mono_us() + (ms > 0 ? ms : 0) * 1000, id, fn, arg };
	return id;
}

void loop_cancel(struct loop *l, int id)
{
	for (size_t i = 0; i < l->n_timers; i++)
		if (l->timers[i].id == id) {
			l->timers[i] = l->timers[--l->n_timers];
			return;
		}
}

void loop_before_sleep(struct loop *l, loop_timer_fn fn, void *arg)
{
	l->before_sleep = fn;
	l->before_arg = arg;
}

/* Each timer due now fires once; one that a callback adds waits for the next turn. */
static void fire_timers(struct loop *l)
{
	int64_t now = clock_mono_us();
	int newest = l->next_id;
	for (size_t i = 0; i < l->n_timers;) {
		struct timer t = l->timers[i];
		if (t.due_us > now || t.id >= newest) {
			i++;
			continue;
		}
		l->timers[i] = l->timers[--l->n_timers];
		t.fn(t.arg);
		i = 0;                       /* the callback may have moved others */
	}
}

static int timeout_ms(const struct loop *l, int64_t most)
{
	int64_t us = most < 0 ? INT64_MAX : most * 1000, now = clock_mono_us();
	for (size_t i = 0; i < l->n_timers; i++) {
		int64_t left = l->timers[i].due_us - now;
		if (left < us)
			us = left < 0 ? 0 : left;
	}
	if (us == INT64_MAX)
		return -1;
	int64_t ms = (us + 999) / 1000;
	return ms > 3600000 ? 3600000 : (int)ms;
}

bool loop_turn(struct loop *l, int64_t most)
{
	if (l->before_sleep)
		l->before_sleep(l->before_arg);
	if (l->stop)
		return false;
	sweep(l);
	int ready = poll(l->fds, (nfds_t)l->n, timeout_ms(l, most));
	if (ready < 0 && errno != EINTR)
		l->stop = true;
	size_t n = l->n;                     /* watches added by callbacks wait for the next turn */
	for (size_t i = 0; ready > 0 && i < n; i++)
		if (l->fds[i].fd >= 0 && l->fds[i].revents) {
			short got = l->fds[i].revents;
			l->fds[i].revents = 0;
			l->watches[i].fn(l->watches[i].arg, l->fds[i].fd, got);
		}
	fire_timers(l);
	return !l->stop;
}

void loop_run(struct loop *l)
{
	while (loop_turn(l, -1))
		continue;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
