#include "app/ui_main.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/background.h"
#include "app/demo_monitors.h"
#include "app/demo_registry.h"
#include "app/script.h"
#include "app/signals.h"
#include "app/witness.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "views/ui.h"

enum { QUICK_WORKERS = 2, LONG_WORKERS = 1, SECOND = 1000 };

struct app {
	struct workspace *ws;
	struct loop *loop; struct tasks *tasks; struct term *term; struct ui *ui; struct background *background; struct witness *witness; struct demo_monitors *demo;
	int signal_fd, exit_code, flush_timer;
};

static void on_event(void *arg, const struct event *ev)
{
	struct app *a = arg;
	if (ev->type == EV_KEY && ev->key == ('z' | MOD_CTRL))
		raise(SIGTSTP);              /* blocked, so it arrives through the loop */
	else
		ui_event(a->ui, ev);
}

static void end(struct app *a, int code)
{
	a->exit_code = code;
	loop_stop(a->loop);
}

static void flush_input(void *arg)
{
	struct app *a = arg;
	a->flush_timer = 0;
	term_flush_input(a->term, on_event, a);
}

static void input_ready(void *arg, int fd, short revents)
{
	(void)fd;
	struct app *a = arg;
	if (!term_read(a->term, on_event, a) || ((revents & (POLLHUP | POLLERR | POLLNVAL)) && !(revents & POLLIN))) {
		end(a, 128 + SIGHUP);
		return;
	}
	if (a->flush_timer)
		loop_cancel(a->loop, a->flush_timer);
	int wait = term_wait_ms(a->term);
	a->flush_timer = wait >= 0 ? loop_after(a->loop, wait, flush_input, a) : 0;
}

static void stop_and_come_back(struct app *a)
{
	term_suspend(a->term);
	kill(getpid(), SIGSTOP);
	/* Here the shell has continued us; a SIGCONT is pending and resumes the terminal. */
}

static void on_signal(struct app *a, int sig)
{
	if (sig == SIGWINCH) {
		term_check_size(a->term, on_event, a);
	} else if (sig == SIGTSTP) {
		stop_and_come_back(a);
	} else if (sig == SIGCONT) {
		term_resume(a->term);
		term_check_size(a->term, on_event, a);
		term_redraw(a->term);
		ui_dirty(a->ui);
	} else {
		end(a, 128 + sig);
	}
}

static void signal_ready(void *arg, int fd, short revents)
{
	(void)revents;
	for (int sig; (sig = signals_next(fd));)
		on_signal(arg, sig);
}

static void tasks_ready(void *arg, int fd, short revents)
{
	(void)fd, (void)revents;
	tasks_drain(((struct app *)arg)->tasks);
}

static void before_sleep(void *arg)
{
	struct app *a = arg;
	int code;
	if (ui_quit_asked(a->ui, &code))
		end(a, code);
	else
		ui_paint(a->ui);
}

static void every_second(void *arg)
{
	struct app *a = arg;
	ui_second(a->ui);
	loop_after(a->loop, SECOND, every_second, a);
}

static void exhausted(size_t wanted)
{
	(void)wanted;
	term_emergency_restore();
}

bool app_can_run_ui(struct err *e)
{
	const char *term = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(e, ST_REFUSED, "no terminal here, so the runs are printed instead");
		return false;
	}
	if (!term || !*term || !strcmp(term, "dumb")) {
		err_set(e, ST_REFUSED, "TERM=%s cannot move the cursor, so the runs are printed instead; set TERM to your terminal's name", term ? term : "");
		return false;
	}
	return true;
}

static bool start(struct app *a, const struct app_options *o, struct err *e)
{
	if (workspace_open(&o->workspace, &a->ws, e) != ST_OK)
		return false;
	struct err why;
	if (o->workspace.demo && demo_registry(a->ws, &why) != ST_OK)
		log_add(LOG_WARN, "the demo's registry is not complete: %s", why.text);
	a->loop = loop_new();
	a->tasks = tasks_new(QUICK_WORKERS, LONG_WORKERS);
	if (o->script)
		a->term = script_terminal();
	else if (term_open(&(struct term_options){ .depth = -1 }, &a->term, e) != ST_OK)
		return false;
	mem_on_exhausted(exhausted);
	struct ui_spec spec = { .ws = a->ws, .loop = a->loop, .tasks = a->tasks, .term = a->term, .theme = o->theme, .keymap = o->keymap };
	a->ui = ui_new(&spec, e);
	if (!a->ui)
		return false;
	loop_watch(a->loop, tasks_fd(a->tasks), POLLIN, tasks_ready, a);
	if (a->signal_fd >= 0)
		loop_watch(a->loop, a->signal_fd, POLLIN, signal_ready, a);
	if (term_fd(a->term) >= 0)
		loop_watch(a->loop, term_fd(a->term), POLLIN, input_ready, a);
	a->background = background_new(a->ui, a->ws, a->loop, a->tasks);
	if (o->workspace.demo)
		a->demo = demo_monitors_new(a->ui, a->ws, a->tasks);
	a->witness = witness_new(a->ws, a->loop, a->tasks);
	loop_before_sleep(a->loop, before_sleep, a);
	loop_after(a->loop, SECOND, every_second, a);
	return true;
}

/* The terminal first: whatever tasks still take, the user has the shell's screen back. */
static void finish(struct app *a)
{
	if (a->background)
		background_stop(a->background);
	if (a->witness)
		witness_stop(a->witness);
	demo_monitors_stop(a->demo);
	if (a->term)
		term_suspend(a->term);
	ui_free(a->ui);
	tasks_free(a->tasks);
	demo_monitors_free(a->demo);
	witness_free(a->witness);
	if (a->term)
		term_close(a->term);
	loop_free(a->loop);
	if (a->signal_fd >= 0)
		signals_close(a->signal_fd);
	mem_on_exhausted(NULL);
	if (a->ws)
		workspace_close(a->ws);
	if (a->background)
		background_free(a->background);      /* last: see follow_stop */
}

int app_run_ui(const struct app_options *o)
{
	struct app a = { .signal_fd = signals_open() };
	struct err e = { 0 };
	signals_catch_crashes();
	if (!start(&a, o, &e)) {
		a.exit_code = e.code ? (int)e.code : ST_FAILED;
	} else if (o->script) {
		a.exit_code = script_run(&(struct script_env){ a.ui, a.loop, a.tasks, a.term, a.background }, o->script, stdout, &e);
	} else {
		loop_run(a.loop);
	}
	finish(&a);
	if (e.text[0])
		fprintf(stderr, "mlyard: %s\n", e.text);
	return a.exit_code;
}
