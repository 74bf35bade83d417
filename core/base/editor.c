#include "core/base/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cmd.h"
#include "core/base/fs.h"
#include "core/base/mem.h"

static enum status write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t k = write(fd, text, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return ST_FAILED;
		text += k;
		n -= (size_t)k;
	}
	return ST_OK;
}

static enum status write_draft(const char *text, size_t n, const char *suffix, char **path, struct err *e)
{
	const char *folder = getenv("TMPDIR");
	struct str name = STR_INIT;
	str_addf(&name, "%s/mlyard-XXXXXX%s", folder && *folder ? folder : "/tmp", suffix);
	int fd = mkostemps(name.p, (int)strlen(suffix), O_CLOEXEC);
	if (fd < 0) {
		err_set(e, ST_FAILED, "no file for the editor: %s: %s", name.p, strerror(errno));
		str_free(&name);
		return ST_FAILED;
	}
	enum status st = write_all(fd, text, n);
	int why = errno;
	if (close(fd) < 0 && st == ST_OK) {
		why = errno;
		st = ST_FAILED;
	}
	if (st != ST_OK) {
		unlink(name.p);
		err_set(e, st, "%s: %s", name.p, strerror(why));
		str_free(&name);
		return st;
	}
	*path = str_take(&name);
	return ST_OK;
}

static void become(char *const argv[])
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	_exit(127);
}

/* Setting a signal to be ignored throws away one that waits, even where it is blocked. */
static void drop_pending(int sig)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	if (sigaction(sig, &ignore, &old) == 0)
		sigaction(sig, &old, NULL);
}

static enum status wait_for(pid_t child, const char *name, struct err *e)
{
	int how = 0;
	for (;;) {
		pid_t got = waitpid(child, &how, WUNTRACED);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == child && WIFSTOPPED(how)) {
			raise(SIGSTOP);
			continue;
		}
		break;
	}
	drop_pending(SIGINT);
	drop_pending(SIGQUIT);
	if (WIFEXITED(how) && WEXITSTATUS(how) == 127)
		return err_set(e, ST_FAILED, "the editor %.100s cannot be started", name);
	if (!WIFEXITED(how) || WEXITSTATUS(how))
		return err_set(e, ST_FAILED, "the editor %.100s ended with an error; nothing was saved", name);
	return ST_OK;
}

static enum status start(const char *editor, char *path, struct err *e)
{
	char *words[CMD_MAX_ARGS + 2], *buf = NULL;
	int n = 0;
	enum status st = cmd_split(editor, &buf, &n, words, e);
	if (st == ST_OK && !n)
		st = err_set(e, ST_USAGE, "$EDITOR names no program");
	if (st == ST_OK) {
		words[n] = path;
		words[n + 1] = NULL;
		pid_t child = fork();
		if (child == 0)
			become(words);
		st = child < 0 ? err_set(e, ST_FAILED, "the editor cannot be started: %s", strerror(errno)) : wait_for(child, words[0], e);
	}
	free(buf);
	return st;
}

enum status editor_run(const char *text, size_t n, const char *suffix, size_t limit, struct str *out, char **path, struct err *e)
{
	const char *visual = getenv("VISUAL"), *editor = visual && *visual ? visual : getenv("EDITOR");
	*path = NULL;
	if (!editor || !*editor)
		return err_set(e, ST_USAGE, "which editor? $VISUAL and $EDITOR are not set");
	enum status st = write_draft(text, n, suffix, path, e);
	if (st == ST_OK)
		st = start(editor, *path, e);
	return st == ST_OK ? fs_read(*path, limit, out, e) : st;
}
