/* A program of one's own, started without a shell: the alert's document on its standard input, MLYARD_... in its environment, a time limit.
 *
 * It runs in the folder of the monitor's file and in a process group of its own, which the time limit ends as a whole (TERM, and KILL two seconds later).
 * Exit 0 is delivered. What it prints goes to the log, at most LOG_LIMIT bytes, and without a log to nowhere: it may hold anything.
 * The monitor's own death does not end it: a retraining that was started goes on. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/notify.h"

enum { DEFAULT_MS = 30000, LOG_LIMIT = 1 << 20, STEP_MS = 20, READS_MOST = 64 /* at once: what prints without end still has a time limit */, GRACE_MS = 2000, MOST_VARIABLES = 12 };
extern char **environ;

/* ---- the file ---- */

static void check(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t)
{
	(void)t;
	if (!yamldoc_get(x, "run"))
		finding_at(r, x->at, "command needs \"run\": a list of the program and its arguments");
}

static void target(const struct monitor_tell *t, struct str *out) { str_addf(out, "command %s", t->n_argv ? t->argv[0] : ""); }

/* ---- its environment ---- */

struct variables { char *own[MOST_VARIABLES]; size_t n; char **all; };

static void add(struct variables *v, const char *name, const char *value)
{
	struct str line = STR_INIT;
	str_addf(&line, "%s=%s", name, value);
	v->own[v->n++] = str_take(&line);
}

static void add_number(struct variables *v, const char *name, int64_t value)
{
	char text[32];
	snprintf(text, sizeof text, "%" PRId64, value);
	add(v, name, text);
}

static bool is_own(const struct variables *v, const char *line)
{
	const size_t n = strcspn(line, "=");
	for (size_t i = 0; i < v->n; i++)
		if (!strncmp(v->own[i], line, n) && v->own[i][n] == '=')
			return true;
	return false;
}

static void variables_make(struct variables *v, const struct notify_message *m)
{
	size_t n = 0, k = 0;
	*v = (struct variables){ .n = 0 };
	const struct { const char *name, *value; } words[] = { { "MLYARD_MONITOR", m->monitor }, { "MLYARD_WINDOW", m->window }, { "MLYARD_MODEL", m->model },
		{ "MLYARD_ALERT_KIND", m->kind },
		{ "MLYARD_KEY", m->key } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		add(v, words[i].name, words[i].value);
	add_number(v, "MLYARD_MODEL_VERSION", m->version);
	add_number(v, "MLYARD_REPORT", m->report_id);
	add_number(v, "MLYARD_ALERT", m->alert_id);
	while (environ[n])
		n++;
	v->all = mem_array(n + v->n + 1, sizeof *v->all);
	for (size_t i = 0; i < n; i++)
		if (!is_own(v, environ[i]))
			v->all[k++] = environ[i];
	for (size_t i = 0; i < v->n; i++)
		v->all[k++] = v->own[i];
	v->all[k] = NULL;
}

static void variables_free(struct variables *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->own[i]);
	free(v->all);
}

/* ---- running ---- */

struct child { pid_t pid; int in, out, log; size_t logged; const char *p; size_t left; };

/* Between fork and exec: only what is safe in a process that has threads. The words of a failure go up the pipe of the output. */
static void run_child(const char *folder, const char *const *argv, char *const *env, int in, int out)
{
	sigset_t none;
	setpgid(0, 0);
	sigemptyset(&none);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(folder) != 0)
		_exit(127);
	execvpe(argv[0], (char *const *)(const void *)argv, env);
	_exit(errno == ENOENT ? 127 : 126);
}

static bool start(struct child *c, const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct err *e)
{
	int in[2], out[2];
	struct variables v;
	if (pipe2(in, O_CLOEXEC) != 0)
		return err_set(e, ST_FAILED, "cannot make a pipe: %s", strerror(errno)) == ST_OK;
	if (pipe2(out, O_CLOEXEC) != 0) {
		err_set(e, ST_FAILED, "cannot make a pipe: %s", strerror(errno));
		close(in[0]), close(in[1]);
		return false;
	}
	variables_make(&v, m);
	c->pid = fork();
	if (c->pid == 0)
		run_child(f->folder, t->argv, v.all, in[0], out[1]);
	variables_free(&v);
	close(in[0]), close(out[1]);
	c->in = in[1], c->out = out[0];
	c->p = m->document, c->left = strlen(m->document);
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	if (c->pid > 0)
		return true;
	err_set(e, ST_FAILED, "cannot start %s: %s", t->argv[0], strerror(errno));
	close(c->in), close(c->out);
	return false;
}

static void close_input(struct child *c)
{
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
}

static void keep(struct child *c, const char *p, size_t n)
{
	static const char cut[] = "\n(the rest is left out)\n";
	size_t room = LOG_LIMIT - c->logged, take = n < room ? n : room;
	if (c->log >= 0 && take && write(c->log, p, take) < 0)
		take = room;                             /* a full disk: the program is worth more than its log */
	c->logged += take;
	if (c->log >= 0 && take < n && room)
		take = write(c->log, cut, sizeof cut - 1) < 0 ? 0 : take;
}

/* What can be moved now. */
static void move(struct child *c)
{
	char text[8192];
	ssize_t n = -1;
	struct pollfd fds[2] = { { c->out, POLLIN, 0 }, { c->in, POLLOUT, 0 } };
	poll(fds, 2, STEP_MS);
	while (c->in >= 0 && c->left && (n = write(c->in, c->p, c->left)) > 0)
		c->p += n, c->left -= (size_t)n;
	if (c->in >= 0 && (!c->left || (fds[1].revents & POLLERR)))
		close_input(c);
	n = -1;
	for (int i = 0; i < READS_MOST && c->out >= 0 && (n = read(c->out, text, sizeof text)) > 0; i++)
		keep(c, text, (size_t)n);
	if (c->out >= 0 && n == 0) {
		close(c->out);
		c->out = -1;
	}
}

/* Ended, but not yet waited for, so that its number, which is the group's, belongs to nobody else. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/* What the program started and left behind when it heeded the request is ended with it. */
static void end_group(struct child *c, int *wait_status, int64_t grace_ms)
{
	const int64_t until_us = clock_mono_us() + grace_ms * 1000;
	kill(-c->pid, SIGTERM);
	while (!has_ended(c->pid) && clock_mono_us() < until_us) {
		move(c);
		usleep(1000);
	}
	kill(-c->pid, SIGKILL);
	waitpid(c->pid, wait_status, 0);
}

/* Until it ends, the time is up or the task is cancelled. */
static enum notify_outcome follow(struct child *c, const struct monitor_tell *t, struct task *task, struct err *e)
{
	const int64_t limit_ms = t->timeout_ms ? t->timeout_ms : DEFAULT_MS, until_us = clock_mono_us() + limit_ms * 1000;
	char limit[FMT_MAX];
	int status = 0;
	pid_t got;
	while ((got = waitpid(c->pid, &status, WNOHANG)) == 0) {
		if (task_cancelled(task)) {
			end_group(c, &status, STEP_MS);
			return NOTIFY_STOPPED;
		}
		if (clock_mono_us() >= until_us) {
			end_group(c, &status, GRACE_MS);
			err_set(e, ST_FAILED, "%s took longer than %s and was ended", t->argv[0], fmt_duration(limit, limit_ms));
			return NOTIFY_LATER;
		}
		if (c->out < 0)
			usleep(1000);
		move(c);
	}
	move(c);
	if (got < 0)
		err_set(e, ST_FAILED, "%s: %s", t->argv[0], strerror(errno));
	else if (WIFSIGNALED(status))
		err_set(e, ST_FAILED, "%s was ended by signal %d", t->argv[0], WTERMSIG(status));
	else if (WEXITSTATUS(status) >= 126)
		err_set(e, ST_FAILED, "%s cannot be started: %s", t->argv[0], WEXITSTATUS(status) == 127 ? "it is not there" : "it may not be run");
	else if (WEXITSTATUS(status))
		err_set(e, ST_FAILED, "%s ended with exit code %d", t->argv[0], WEXITSTATUS(status));
	else
		return NOTIFY_SENT;
	return NOTIFY_LATER;
}

static enum notify_outcome send_it(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task,
	struct notify_answer *answer)
{
	struct child c = { .log = -1, .in = -1, .out = -1 };
	enum notify_outcome outcome = NOTIFY_LATER;
	if (m->log && (c.log = open(m->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0) {
		err_set(&answer->err, ST_FAILED, "cannot write %s: %s", m->log, strerror(errno));
		return outcome;
	}
	if (start(&c, f, t, m, &answer->err)) {
		outcome = follow(&c, t, task, &answer->err);
		close_input(&c);
		if (c.out >= 0)
			close(c.out);
	}
	if (c.log >= 0)
		close(c.log);
	return outcome;
}

static const struct field fields[] = { { "run", tell_take_argv }, { "timeout", tell_take_timeout }, { "on", tell_take_on } };
const struct notify_kind notify_command = { "command", false, fields, sizeof fields / sizeof *fields, check, target, send_it };
