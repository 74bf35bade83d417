/* term_life -- the tty's modes, reading, writing, and giving the terminal back however we end.
 *
 * Descriptor   the tty is opened once more under its own name, so that O_NONBLOCK is ours alone: on the
 *              shared description of stdin and stdout it would reach the shell. If that cannot be (another user's
 *              tty), stdin and stdout are used as they are and a stuck line blocks.
 * Writing      one write per frame. What a slow line does not take stays pending; meanwhile frames are not composed
 *              but skipped, and the newest is composed when the line is free. Nothing waits.
 * Watching     the caller watches one descriptor for POLLIN: an epoll instance that is ready when there is input
 *              or when pending output can go on.
 * Restoring    the bytes and modes are prepared while all is well; term_emergency_restore() only writes and
 *              sets. They start with an escape, which ends a sequence that was cut off.
 * Global       `guard`, because a signal handler has no other way to the terminal. One terminal is open at a time.
 */
#include "tui/term_priv.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "core/base/mem.h"

enum { READ_CHUNK = 1 << 16, READ_TURN = 1 << 20, LEAVE_MS = 50, SIDE_MAX = 4096 };

struct life { int in, out, epoll; bool own; struct termios saved; };

static struct {
	volatile sig_atomic_t modes, screen;     /* what has to be undone */
	int fd;
	struct termios saved;
	char bytes[256];
	size_t n;
} guard;

/* ---- modes */

static void set_raw(const struct life *l)
{
	struct termios raw = l->saved;
	raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON | PARMRK | INPCK);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	guard.modes = 1;
	tcsetattr(l->out, TCSANOW, &raw);
}

static int open_own(void)
{
	char name[128];
	if (ttyname_r(STDOUT_FILENO, name, sizeof name) != 0)
		return -1;
	return open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void watch(const struct life *l, bool output)
{
	struct epoll_event in = { .events = EPOLLIN, .data.fd = l->in };
	struct epoll_event out = { .events = (output ? EPOLLOUT : 0u) | (l->own ? EPOLLIN : 0u), .data.fd = l->out };
	if (!l->own)
		epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->in, &in);
	if (l->own || output)
		epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->out, &out);
}

enum status life_open(struct term *t, struct err *e)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, ST_REFUSED, "standard input and output are no terminal; use the commands that print");
	struct life *l = mem_zalloc(sizeof *l);
	l->out = l->in = open_own();
	l->own = l->out >= 0;
	if (!l->own) {
		l->in = STDIN_FILENO;
		l->out = STDOUT_FILENO;
	}
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = l->in };
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	bool ok = l->epoll >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->in, &ev) == 0 && tcgetattr(l->out, &l->saved) == 0;
	t->life = l;
	if (!ok) {
		enum status st = err_set(e, ST_FAILED, "the terminal cannot be used: %s", strerror(errno));
		life_close(t);
		return st;
	}
	guard.fd = l->out;
	guard.saved = l->saved;
	life_size(t);
	set_raw(l);
	return ST_OK;
}

void life_close(struct term *t)
{
	struct life *l = t->life;
	if (!l)
		return;
	if (l->epoll >= 0)
		close(l->epoll);
	if (l->own)
		close(l->out);
	free(l);
	t->life = NULL;
}

int life_fd(const struct term *t)
{
	return t->life ? t->life->epoll : -1;
}

void life_size(struct term *t)
{
	struct winsize ws = { 0, 0, 0, 0 };
	if (ioctl(t->life->out, TIOCGWINSZ, &ws) != 0 || ws.ws_col == 0 || ws.ws_row == 0) {
		ws.ws_col = 80;
		ws.ws_row = 24;
	}
	t->w = ws.ws_col < SIDE_MAX ? ws.ws_col : SIDE_MAX;
	t->h = ws.ws_row < SIDE_MAX ? ws.ws_row : SIDE_MAX;
}

/* ---- entering and leaving */

static void prepare_guard(const struct term *t)
{
	const struct tcaps *c = &t->tc;
	struct str s = STR_INIT;
	str_add(&s, "\033[m");
	str_add(&s, c->csr ? "\033[r" : "");
	str_add(&s, t->caps.mouse ? "\033[?1006l\033[?1002l" : "");
	str_add(&s, t->caps.paste ? "\033[?2004l" : "");
	if (!*c->rmcup) {
		char cup[64];
		str_addn(&s, cup, tcaps_cup(c, t->h - 1, 0, cup));
		str_add(&s, c->el ? "\033[K" : "");
	}
	str_add(&s, c->rmcup);
	str_add(&s, c->cnorm);
	guard.n = s.len < sizeof guard.bytes ? s.len : 0;
	memcpy(guard.bytes, s.p, guard.n);
	str_free(&s);
}

void life_enter(struct term *t)
{
	const struct tcaps *c = &t->tc;
	str_add(&t->out, c->smcup);
	str_add(&t->out, c->civis);
	str_add(&t->out, t->caps.paste ? "\033[?2004h" : "");
	str_add(&t->out, t->caps.mouse ? "\033[?1002h\033[?1006h" : "");
	t->cursor_shown = !*c->civis;
	t->cursor_known = true;
	t->pen_known = false;
	t->x = t->y = -1;
	t->clear_first = t->entered = true;
	if (t->life) {
		prepare_guard(t);
		guard.screen = 1;
	}
}

/* Async-signal-safe. Gives a full line a short time to take the bytes. */
static void write_all(int fd, const char *p, size_t n)
{
	for (int tries = 0; n && tries < 10; tries++) {
		ssize_t got = write(fd, p, n);
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		} else if (got < 0 && errno == EAGAIN) {
			struct pollfd pf = { fd, POLLOUT, 0 };
			poll(&pf, 1, LEAVE_MS / 5);
		} else if (got == 0 || errno != EINTR) {
			return;
		}
	}
}

void term_emergency_restore(void)
{
	int kept = errno;
	if (guard.screen)
		write_all(guard.fd, guard.bytes, guard.n);
	if (guard.modes)
		tcsetattr(guard.fd, TCSANOW, &guard.saved);
	guard.screen = guard.modes = 0;
	errno = kept;
}

void life_leave(struct term *t)
{
	if (life_pending(t) && t->life->own) {
		struct pollfd pf = { t->life->out, POLLOUT, 0 };
		poll(&pf, 1, LEAVE_MS);
		life_write(t);
	}
	str_clear(&t->out);
	t->sent = 0;
	t->entered = false;
	term_emergency_restore();
}

bool life_resume(struct term *t)
{
	struct life *l = t->life;
	if (tcgetattr(l->out, &l->saved) != 0)
		return false;
	guard.saved = l->saved;
	set_raw(l);
	return true;
}

/* ---- bytes out and in */

bool life_pending(const struct term *t)
{
	return t->sent < t->out.len;
}

void life_write(struct term *t)
{
	bool waited = t->sent > 0;
	while (life_pending(t) && !t->dead) {
		ssize_t n = write(t->life->out, t->out.p + t->sent, t->out.len - t->sent);
		if (n > 0) {
			t->sent += (size_t)n;
			t->written += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			break;
		} else if (n == 0 || errno != EINTR) {
			t->dead = true;
		}
	}
	bool pending = life_pending(t) && !t->dead;
	if (pending || waited)
		watch(t->life, pending);
	if (!pending) {
		str_clear(&t->out);
		t->sent = 0;
	}
}

static bool readable(const struct life *l)
{
	struct pollfd pf = { l->in, POLLIN, 0 };
	return l->own || poll(&pf, 1, 0) > 0;
}

bool life_read(struct term *t, event_fn fn, void *arg)
{
	static const size_t chunk = READ_CHUNK;
	char *buf = mem_alloc(chunk);
	bool open = !t->dead;
	for (size_t total = 0; open && total < READ_TURN && readable(t->life);) {
		ssize_t n = read(t->life->in, buf, chunk);
		if (n > 0) {
			total += (size_t)n;
			decoder_feed(t->decoder, buf, (size_t)n, fn, arg);
		} else if (n < 0 && errno == EAGAIN) {
			break;
		} else if (n == 0 || errno != EINTR) {
			open = false;
		}
	}
	free(buf);
	return open;
}
