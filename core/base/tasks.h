/* tasks -- work that is slower than a frame, on worker threads; results come back to the loop.
 *
 * Why      the screen never waits. An argument goes out, the same argument comes
 *          back filled in; a byte on a self-pipe wakes the loop.
 * Owns     `arg` belongs to the worker between submit and done, then to done().
 *          done() always runs exactly once, on the loop's thread, also after a
 *          cancel (then status is ST_CANCELLED and work may never have run).
 * Threads  submit, cancel, drain, list: the loop's thread. progress, cancelled,
 *          fail: inside work().
 * Two classes: TASK_QUICK (queries; must finish in well under a second) and
 * TASK_LONG (imports, digests) have their own workers, so that a long one never
 * holds up a query.
 */
#ifndef MLYARD_BASE_TASKS_H
#define MLYARD_BASE_TASKS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"

enum task_class { TASK_QUICK, TASK_LONG, TASK_CLASSES };
enum task_state { TASK_WAITING, TASK_RUNNING, TASK_DONE, TASK_FAILED, TASK_CANCELLED };
struct tasks;
struct task;
struct task_spec {
	const char *title;                                   /* copied; shown to people            */
	enum task_class cls;
	bool hidden;                                         /* not listed: refreshes and the like */
	enum status (*work)(struct task *t, void *arg, struct err *e);
	void (*done)(void *arg, enum status st, const struct err *e);
	void *arg;
};
struct task_info {                                       /* a copy, for the tasks view */
	uint64_t id; enum task_state state; char title[96], note[96];
	int64_t done, total;                                 /* total 0: unknown */
	int64_t start_ms, end_ms;                            /* wall clock; end 0 while it runs */
	int64_t left_ms;                                     /* estimated time left; -1 unknown */
	struct err err;
};

struct tasks *tasks_new(int quick, int longs);           /* worker threads of each class, 1..8 */
void tasks_free(struct tasks *ts);                       /* cancels, joins, runs the remaining done() */
int tasks_fd(const struct tasks *ts);                    /* readable when tasks_drain has work */
uint64_t tasks_submit(struct tasks *ts, const struct task_spec *spec);   /* id > 0 */
bool tasks_cancel(struct tasks *ts, uint64_t id);        /* false: no such live task */
int tasks_drain(struct tasks *ts);                       /* runs done(); how many */
bool tasks_idle(struct tasks *ts);                       /* nothing waiting, running or undrained */
size_t tasks_list(struct tasks *ts, struct task_info *out, size_t most);   /* live first, then the newest ended (32 kept) */

void task_progress(struct task *t, int64_t done, int64_t total);
void task_note(struct task *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool task_cancelled(const struct task *t);               /* NULL: false, so that work code also runs without a task */

/* Work that a task gives to several threads: each gets a part, which is handed on like a task. What the parts report is added up in the whole;
 * a part is cancelled with the whole, or alone. whole NULL: parts of nothing, which can be stopped all the same. Free them before the task ends. */
struct task *task_part_new(struct task *whole);
void task_part_stop(struct task *part);
void task_part_free(struct task *part);
#endif
