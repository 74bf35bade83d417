#include "app/signals.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "config.h"
#ifdef HAVE_EXECINFO_H
#include <execinfo.h>
#endif

#include "tui/term.h"

static const int watched[] = { SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT };

int signals_open(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
		struct sigaction old;
		if (watched[i] == SIGHUP && sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;            /* nohup asked for it */
		sigaddset(&set, watched[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;
	return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void signals_close(int fd)
{
	close(fd);
}

/* Only async-signal-safe calls from here on. */
static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;                       /* nothing better can be done about it here */
}

static void crashed(int sig)
{
	term_emergency_restore();
	say("\nmlyard crashed (signal ");
	char digits[3] = { (char)('0' + sig / 10), (char)('0' + sig % 10), 0 };
	say(digits);
	say("). What was committed is safe. Where:\n");
#ifdef HAVE_EXECINFO_H
	void *frames[48];
	backtrace_symbols_fd(frames, backtrace(frames, 48), STDERR_FILENO);
#endif
	signal(sig, SIG_DFL);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

void signals_catch_crashes(void)
{
	enum { STACK = 64 * 1024 };
	static char stack[STACK];
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	stack_t ss = { .ss_sp = stack, .ss_size = STACK };
	sigaltstack(&ss, NULL);
#ifdef HAVE_EXECINFO_H
	void *frame[1];
	backtrace(frame, 1);                 /* loads its library now: loading is not safe in a handler */
#endif
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
		struct sigaction sa = { .sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_NODEFER };
		sigaction(deadly[i], &sa, NULL);
	}
}
