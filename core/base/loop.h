/* loop -- the one event loop of the program: descriptors, timers, signals, a hook before sleep.
 *
 * Why      one thread, one poll(); nothing nests. What is slower than a frame is
 *          a task (tasks.h) whose descriptor is watched here.
 * Threads  the thread that made it; loop_wake() from any thread or signal handler.
 */
#ifndef MLYARD_BASE_LOOP_H
#define MLYARD_BASE_LOOP_H
#include <stdbool.h>
#include <stdint.h>

struct loop;
typedef void (*loop_fd_fn)(void *arg, int fd, short revents);     /* poll(2) events */
typedef void (*loop_timer_fn)(void *arg);
struct loop *loop_new(void);
void loop_free(struct loop *l);
void loop_watch(struct loop *l, int fd, short events, loop_fd_fn fn, void *arg);   /* again: replaces */
void loop_unwatch(struct loop *l, int fd);
/* One shot after `ms`; the id (> 0) cancels it. */
int loop_after(struct loop *l, int64_t ms, loop_timer_fn fn, void *arg);
void loop_cancel(struct loop *l, int id);
/* Runs after all ready work and before sleeping: where the frame is painted. */
void loop_before_sleep(struct loop *l, loop_timer_fn fn, void *arg);
void loop_run(struct loop *l);                     /* until loop_stop */
/* One turn: handles what is ready, waits at most `ms` (-1: until something happens). False after loop_stop. */
bool loop_turn(struct loop *l, int64_t ms);
void loop_stop(struct loop *l);
#endif
