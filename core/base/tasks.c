/* Two queues of waiting tasks (one a class), one list of finished ones, a ring of what ended for the
 * tasks view. A worker takes from its class only. Everything shared is under `mu`; a running task's
 * progress is written by its worker with atomics and read by tasks_list without stopping it.
 *
 * Invariants  I1 a task is in exactly one of: a queue, active[], the finished list, nowhere (freed).
 *             I2 done() runs once, on the loop's thread.
 *             I3 the pipe holds at least one byte while the finished list is not empty. */
#include "core/base/tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"

enum { MOST_WORKERS = 8, ENDED_KEPT = 32 };

struct task {
	struct task *next, *whole;           /* whole: of a part */
	struct tasks *owner;
	uint64_t id;
	struct task_spec spec;
	char title[96];
	atomic_bool cancel;
	_Atomic int64_t done, total;
	int64_t start_ms, end_ms;
	char note[96];                       /* under mu */
	enum status status;
	struct err err;
};
struct queue { struct task *head, **tail; };
struct worker { struct tasks *ts; enum task_class cls; pthread_t thread; struct task *active; };
struct tasks {
	pthread_mutex_t mu;
	pthread_cond_t wake[TASK_CLASSES];
	struct queue todo[TASK_CLASSES], ended;
	struct worker worker[TASK_CLASSES * MOST_WORKERS];
	int n_workers, pipe[2];
	bool stop;
	uint64_t next_id;
	size_t live;                         /* submitted and not yet drained */
	struct task_info past[ENDED_KEPT]; size_t n_past;
};

static void queue_init(struct queue *q)
{
	q->head = NULL;
	q->tail = &q->head;
}

static void queue_push(struct queue *q, struct task *t)
{
	t->next = NULL;
	*q->tail = t;
	q->tail = &t->next;
}

static struct task *queue_pop(struct queue *q)
{
	struct task *t = q->head;
	if (t && !(q->head = t->next))
		q->tail = &q->head;
	return t;
}

static void wake_loop(struct tasks *ts)
{
	while (write(ts->pipe[1], "x", 1) < 0 && errno == EINTR)
		continue;                    /* EAGAIN: the pipe is full, so the loop is awake already */
}

static void run_task(struct task *t)
{
	if (atomic_load(&t->cancel)) {
		t->status = err_set(&t->err, ST_CANCELLED, "cancelled before it started");
		return;
	}
	t->status = t->spec.work(t, t->spec.arg, &t->err);
	if (t->status != ST_OK && !t->err.text[0])
		err_set(&t->err, t->status, "%s", status_name(t->status));
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct tasks *ts = w->ts;
	pthread_mutex_lock(&ts->mu);
	for (;;) {
		struct task *t;
		while (!(t = queue_pop(&ts->todo[w->cls])) && !ts->stop)
			pthread_cond_wait(&ts->wake[w->cls], &ts->mu);
		if (!t)
			break;
		w->active = t;
		t->start_ms = clock_wall_ms();
		pthread_mutex_unlock(&ts->mu);
		run_task(t);
		pthread_mutex_lock(&ts->mu);
		t->end_ms = clock_wall_ms();
		w->active = NULL;
		queue_push(&ts->ended, t);
		wake_loop(ts);
	}
	pthread_mutex_unlock(&ts->mu);
	return NULL;
}

static void start_workers(struct tasks *ts, enum task_class cls, int n)
{
	for (int i = 0; i < n && i < MOST_WORKERS; i++) {
		struct worker *w = &ts->worker[ts->n_workers];
		*w = (struct worker){ .ts = ts, .cls = cls };
		int failed = pthread_create(&w->thread, NULL, work, w);
		if (failed) {
			if (!i) {
				fprintf(stderr, "mlyard: cannot start a worker thread: %s\n", strerror(failed));
				abort();
			}
			return;
		}
		ts->n_workers++;
	}
}

struct tasks *tasks_new(int quick, int longs)
{
	struct tasks *ts = mem_zalloc(sizeof *ts);
	if (pipe2(ts->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		fprintf(stderr, "mlyard: cannot make a pipe: %s\n", strerror(errno));
		abort();
	}
	pthread_mutex_init(&ts->mu, NULL);
	queue_init(&ts->ended);
	for (int c = 0; c < TASK_CLASSES; c++) {
		pthread_cond_init(&ts->wake[c], NULL);
		queue_init(&ts->todo[c]);
	}
	sigset_t all, old;                   /* signals stay with the loop's thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	start_workers(ts, TASK_QUICK, quick);
	start_workers(ts, TASK_LONG, longs);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ts;
}

int tasks_fd(const struct tasks *ts)
{
	return ts->pipe[0];
}

uint64_t tasks_submit(struct tasks *ts, const struct task_spec *spec)
{
	struct task *t = mem_zalloc(sizeof *t);
	t->spec = *spec;
	t->owner = ts;
	snprintf(t->title, sizeof t->title, "%s", spec->title);
	pthread_mutex_lock(&ts->mu);
	uint64_t id = t->id = ++ts->next_id;
	ts->live++;
	queue_push(&ts->todo[spec->cls], t);
	pthread_cond_signal(&ts->wake[spec->cls]);
	pthread_mutex_unlock(&ts->mu);
	return id;
}

/* A waiting task that is cancelled skips its queue, so that it ends now and not after those before it. */
static bool cancel_waiting(struct tasks *ts, struct queue *q, uint64_t id)
{
	for (struct task **at = &q->head; *at; at = &(*at)->next) {
		struct task *t = *at;
		if (t->id != id)
			continue;
		if (!(*at = t->next))
			q->tail = at;
		atomic_store(&t->cancel, true);
		t->start_ms = t->end_ms = clock_wall_ms();
		run_task(t);                 /* only says that it was cancelled */
		queue_push(&ts->ended, t);
		wake_loop(ts);
		return true;
	}
	return false;
}

bool tasks_cancel(struct tasks *ts, uint64_t id)
{
	bool found = false;
	pthread_mutex_lock(&ts->mu);
	for (int c = 0; c < TASK_CLASSES && !found; c++)
		found = cancel_waiting(ts, &ts->todo[c], id);
	for (int i = 0; i < ts->n_workers && !found; i++) {
		struct task *t = ts->worker[i].active;
		if ((found = t && t->id == id))
			atomic_store(&t->cancel, true);
	}
	pthread_mutex_unlock(&ts->mu);
	return found;
}

static enum task_state state_of(const struct task *t)
{
	if (!t->end_ms)
		return t->start_ms ? TASK_RUNNING : TASK_WAITING;
	return t->status == ST_OK ? TASK_DONE : t->status == ST_CANCELLED ? TASK_CANCELLED : TASK_FAILED;
}

static void describe(const struct task *t, struct task_info *out)
{
	*out = (struct task_info){ .id = t->id, .state = state_of(t), .done = atomic_load(&t->done), .total = atomic_load(&t->total),
		.start_ms = t->start_ms, .end_ms = t->end_ms, .left_ms = -1 };
	if (t->end_ms)
		out->err = t->err;               /* before that the worker may be writing it */
	memcpy(out->title, t->title, sizeof out->title);
	memcpy(out->note, t->note, sizeof out->note);
	int64_t gone = clock_wall_ms() - t->start_ms;
	if (out->state == TASK_RUNNING && out->total > 0 && out->done > 0 && out->done <= out->total && gone > 500)
		out->left_ms = (int64_t)((double)gone * (double)(out->total - out->done) / (double)out->done);
}

static void remember(struct tasks *ts, const struct task *t)
{
	if (t->spec.hidden && t->status != ST_FAILED)
		return;
	pthread_mutex_lock(&ts->mu);
	if (ts->n_past == ENDED_KEPT)
		memmove(&ts->past[0], &ts->past[1], (--ts->n_past) * sizeof ts->past[0]);
	describe(t, &ts->past[ts->n_past++]);
	pthread_mutex_unlock(&ts->mu);
}

int tasks_drain(struct tasks *ts)
{
	char bytes[64];
	pthread_mutex_lock(&ts->mu);
	while (read(ts->pipe[0], bytes, sizeof bytes) > 0)
		continue;
	struct task *t = ts->ended.head;
	queue_init(&ts->ended);
	pthread_mutex_unlock(&ts->mu);
	int n = 0;
	for (struct task *next; t; t = next, n++) {
		next = t->next;
		if (t->status != ST_OK && t->status != ST_CANCELLED)
			log_add(LOG_WARN, "%s: %s", t->title, t->err.text);
		remember(ts, t);
		t->spec.done(t->spec.arg, t->status, &t->err);
		pthread_mutex_lock(&ts->mu);
		ts->live--;
		pthread_mutex_unlock(&ts->mu);
		free(t);
	}
	return n;
}

bool tasks_idle(struct tasks *ts)
{
	pthread_mutex_lock(&ts->mu);
	bool idle = !ts->live;
	pthread_mutex_unlock(&ts->mu);
	return idle;
}

static void add_live(const struct task *t, struct task_info *out, size_t *n, size_t most)
{
	if (t && !t->spec.hidden && *n < most)
		describe(t, &out[(*n)++]);
}

size_t tasks_list(struct tasks *ts, struct task_info *out, size_t most)
{
	size_t n = 0;
	pthread_mutex_lock(&ts->mu);
	for (int i = 0; i < ts->n_workers; i++)
		add_live(ts->worker[i].active, out, &n, most);
	for (int c = 0; c < TASK_CLASSES; c++)
		for (const struct task *t = ts->todo[c].head; t; t = t->next)
			add_live(t, out, &n, most);
	for (size_t i = ts->n_past; i-- > 0 && n < most;)
		out[n++] = ts->past[i];
	pthread_mutex_unlock(&ts->mu);
	return n;
}

static void cancel_all(struct tasks *ts)
{
	ts->stop = true;
	for (int c = 0; c < TASK_CLASSES; c++) {
		for (struct task *t = ts->todo[c].head; t; t = t->next)
			atomic_store(&t->cancel, true);
		pthread_cond_broadcast(&ts->wake[c]);
	}
	for (int i = 0; i < ts->n_workers; i++)
		if (ts->worker[i].active)
			atomic_store(&ts->worker[i].active->cancel, true);
}

void tasks_free(struct tasks *ts)
{
	if (!ts)
		return;
	pthread_mutex_lock(&ts->mu);
	cancel_all(ts);
	pthread_mutex_unlock(&ts->mu);
	for (int i = 0; i < ts->n_workers; i++)
		pthread_join(ts->worker[i].thread, NULL);
	tasks_drain(ts);
	close(ts->pipe[0]);
	close(ts->pipe[1]);
	for (int c = 0; c < TASK_CLASSES; c++)
		pthread_cond_destroy(&ts->wake[c]);
	pthread_mutex_destroy(&ts->mu);
	free(ts);
}

void task_progress(struct task *t, int64_t done, int64_t total)
{
	if (!t)
		return;
	const int64_t was_done = atomic_exchange(&t->done, done), was_total = atomic_exchange(&t->total, total);
	if (t->whole) {
		atomic_fetch_add(&t->whole->done, done - was_done);
		atomic_fetch_add(&t->whole->total, total - was_total);
	}
}

void task_note(struct task *t, const char *fmt, ...)
{
	t = t && !t->owner ? t->whole : t;
	if (!t)
		return;
	char note[sizeof t->note];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(note, sizeof note, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&t->owner->mu);
	memcpy(t->note, note, sizeof note);
	pthread_mutex_unlock(&t->owner->mu);
}

bool task_cancelled(const struct task *t)
{
	return t && (atomic_load(&t->cancel) || (t->whole && atomic_load(&t->whole->cancel)));
}

struct task *task_part_new(struct task *whole)
{
	struct task *t = mem_zalloc(sizeof *t);
	t->whole = whole;
	return t;
}

void task_part_stop(struct task *part) { atomic_store(&part->cancel, true); }
void task_part_free(struct task *part) { free(part); }
