/* The real back end on a pseudo-terminal: a child process is the program, this one is the user's end of the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>
#include "tui/term.h"
#include "vt.h"

enum { W = 80, H = 24, PATIENCE_MS = 300000 };

struct line { int fd, keep; pid_t pid; struct vt vt; struct termios before; };

/* ---- the child */

struct child { struct term *t; struct surface *s; char keys[64]; size_t n; struct event resize; };

static void on_event(void *arg, const struct event *ev)
{
	struct child *c = arg;
	if (ev->type == EV_KEY && c->n + 1 < sizeof c->keys)
		c->keys[c->n++] = (char)ev->key;
	if (ev->type == EV_RESIZE)
		c->resize = *ev;
}

static void open_child(struct child *c)
{
	struct term_options o = { .depth = DEPTH_256 };
	struct err e;
	memset(c, 0, sizeof *c);
	if (term_open(&o, &c->t, &e) != ST_OK)
		_exit(70);
	c->s = surface_new(term_caps(c->t)->w, term_caps(c->t)->h);
}

/* Waits for input; false at its end. */
static bool turn(struct child *c)
{
	struct pollfd p = { term_fd(c->t), POLLIN, 0 };
	poll(&p, 1, PATIENCE_MS);
	return term_read(c->t, on_event, c);
}

static bool wait_for(struct child *c, char key)
{
	while (!memchr(c->keys, key, c->n))
		if (!turn(c))
			return false;
	c->n = 0;
	return true;
}

static void paint(struct child *c, int frame)
{
	surface_clear(c->s);
	for (int y = 0; y < surface_h(c->s); y++)
		surface_textf(c->s, surface_all(c->s), 0, y, PEN(ROLE_TEXT), "frame %d row %d %0*d", frame, y, 50, frame * 7919 + y);
	term_present(c->t, c->s);
}

/* ---- the user's end */

static void start(struct line *l, void (*program)(void))
{
	struct winsize size = { H, W, 0, 0 };
	l->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(l->fd >= 0 && grantpt(l->fd) == 0 && unlockpt(l->fd) == 0);
	l->keep = open(ptsname(l->fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(l->keep >= 0);
	ioctl(l->keep, TIOCSWINSZ, &size);
	tcgetattr(l->keep, &l->before);
	vt_init(&l->vt, W, H);
	l->vt.bce = true;
	l->pid = fork();
	assert_true(l->pid >= 0);
	if (l->pid == 0) {
		alarm(600);
		signal(SIGHUP, SIG_IGN);
		setsid();
		ioctl(l->keep, TIOCSCTTY, 0);
		dup2(l->keep, 0);
		dup2(l->keep, 1);
		close(l->keep);
		close(l->fd);
		setenv("TERM", "xterm-256color", 1);
		program();
		_exit(0);
	}
}

static bool ended_well(struct line *l)
{
	int status;
	if (waitpid(l->pid, &status, WNOHANG) != l->pid)
		return false;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return true;
}

static bool shows(struct line *l, const char *text)
{
	struct str row = STR_INIT;
	for (int x = 0; x < W; x++)
		str_add(&row, vt_at(&l->vt, x, 0)->text);
	bool found = strstr(row.p, text) != NULL;
	str_free(&row);
	return found;
}

/* Reads until row 0 shows `text` (NULL: until the program has ended and everything is read). */
static void read_until(struct line *l, const char *text)
{
	char buf[65536];
	struct pollfd p = { l->fd, POLLIN, 0 };
	while (!text || !shows(l, text)) {
		int ready = poll(&p, 1, text ? PATIENCE_MS : 1);
		if (ready == 0 && text)
			fail_msg("never showed '%s'", text);
		if (ready == 0 && ended_well(l))
			break;
		if (ready > 0) {
			ssize_t n = read(l->fd, buf, sizeof buf);
			assert_true(n > 0);
			vt_feed(&l->vt, buf, (size_t)n);
		}
	}
	/* What the program wrote before it ended is there by now. */
	while (!text && poll(&p, 1, 0) > 0) {
		ssize_t n = read(l->fd, buf, sizeof buf);
		assert_true(n > 0);
		vt_feed(&l->vt, buf, (size_t)n);
	}
}

static void type(struct line *l, const char *keys)
{
	assert_int_equal(write(l->fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static void assert_restored(struct line *l)
{
	struct termios after;
	assert_false(l->vt.alternate || l->vt.paste || l->vt.mouse);
	assert_true(l->vt.cursor);
	assert_int_equal(tcgetattr(l->keep, &after), 0);
	assert_int_equal(after.c_lflag, l->before.c_lflag);
	assert_int_equal(after.c_iflag, l->before.c_iflag);
	assert_int_equal(after.c_oflag, l->before.c_oflag);
}

static void finish(struct line *l)
{
	close(l->keep);
	close(l->fd);
	vt_done(&l->vt);
}

/* ---- scenes */

static void closes(void)
{
	struct child c;
	open_child(&c);
	paint(&c, 1);
	if (!wait_for(&c, 'q'))
		_exit(71);
	term_close(c.t);
	surface_free(c.s);
}

static void closing_restores_the_terminal(void **state)
{
	(void)state;
	struct line l;
	struct termios raw;
	start(&l, closes);
	read_until(&l, "frame 1 row 0");
	assert_true(l.vt.alternate && l.vt.paste && l.vt.mouse && !l.vt.cursor);
	tcgetattr(l.keep, &raw);
	assert_false(raw.c_lflag & (ICANON | ECHO | ISIG));
	assert_false(raw.c_iflag & IXON);
	type(&l, "abc\003q");
	read_until(&l, NULL);
	assert_restored(&l);
	finish(&l);
}

static void crash_handler(int sig)
{
	(void)sig;
	term_emergency_restore();
	_exit(0);
}

static void crashes(void)
{
	struct child c;
	open_child(&c);
	signal(SIGSEGV, crash_handler);
	paint(&c, 1);
	wait_for(&c, 'q');
	raise(SIGSEGV);
}

static void a_crash_restores_the_terminal(void **state)
{
	(void)state;
	struct line l;
	start(&l, crashes);
	read_until(&l, "frame 1 row 0");
	type(&l, "q");
	read_until(&l, NULL);
	assert_restored(&l);
	finish(&l);
}

static void loses_its_line(void)
{
	struct child c;
	open_child(&c);
	paint(&c, 1);
	while (turn(&c))
		;
	for (int i = 0; i < 5; i++)
		paint(&c, i);                /* writes into nothing */
	term_close(c.t);
	surface_free(c.s);
}

static void a_lost_line_is_the_end_of_input(void **state)
{
	(void)state;
	struct line l;
	int status;
	start(&l, loses_its_line);
	read_until(&l, "frame 1 row 0");
	close(l.keep);
	close(l.fd);
	assert_int_equal(waitpid(l.pid, &status, 0), l.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	vt_done(&l.vt);
}

static void writes_much(void)
{
	struct child c;
	open_child(&c);
	for (int i = 0; i < 400; i++)
		paint(&c, i);                /* nobody reads: must not block */
	paint(&c, 9999);
	if (!wait_for(&c, 'q'))
		_exit(72);
	term_close(c.t);
	surface_free(c.s);
}

static void a_stuck_line_skips_frames_but_the_newest(void **state)
{
	(void)state;
	struct line l;
	start(&l, writes_much);
	read_until(&l, "frame 9999 row 0");
	assert_int_equal(l.vt.unknown, 0);
	assert_string_equal(vt_at(&l.vt, 0, H - 1)->text, "f");
	type(&l, "q");
	read_until(&l, NULL);
	assert_restored(&l);
	finish(&l);
}

static void suspends(void)
{
	struct child c;
	open_child(&c);
	paint(&c, 1);
	wait_for(&c, 's');
	term_suspend(c.t);
	paint(&c, 2);                        /* not shown */
	if (write(1, "shell\r\n", 7) != 7)
		_exit(73);
	term_resume(c.t);
	paint(&c, 3);
	wait_for(&c, 'q');
	term_close(c.t);
	surface_free(c.s);
}

static void suspending_gives_the_terminal_back_and_resuming_repaints(void **state)
{
	(void)state;
	struct line l;
	start(&l, suspends);
	read_until(&l, "frame 1 row 0");
	type(&l, "s");
	read_until(&l, "frame 3 row 0");
	assert_true(l.vt.alternate && l.vt.paste);
	assert_int_equal(l.vt.clears, 2);
	type(&l, "q");
	read_until(&l, NULL);
	assert_restored(&l);
	finish(&l);
}

static void resizes(void)
{
	struct child c;
	open_child(&c);
	paint(&c, 1);
	wait_for(&c, 'r');
	term_check_size(c.t, on_event, &c);
	if (c.resize.w != 40 || c.resize.h != 12 || term_caps(c.t)->w != 40)
		_exit(74);
	c.resize.w = 0;
	term_check_size(c.t, on_event, &c);
	if (c.resize.w)
		_exit(75);
	surface_resize(c.s, 40, 12);
	paint(&c, 2);
	wait_for(&c, 'q');
	term_close(c.t);
	surface_free(c.s);
}

static void a_new_size_is_an_event(void **state)
{
	(void)state;
	struct line l;
	struct winsize size = { 12, 40, 0, 0 };
	start(&l, resizes);
	read_until(&l, "frame 1 row 0");
	ioctl(l.keep, TIOCSWINSZ, &size);
	type(&l, "r");
	read_until(&l, "frame 2 row 0");
	assert_int_equal(l.vt.clears, 2);
	type(&l, "q");
	read_until(&l, NULL);
	finish(&l);
}

static void no_terminal_is_refused_in_words(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		struct term *t;
		struct err e = { 0 };
		struct term_options o = { .depth = -1 };
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		setenv("TERM", "xterm", 1);
		if (term_open(&o, &t, &e) != ST_REFUSED || !strstr(e.text, "no terminal"))
			_exit(1);
		setenv("TERM", "dumb", 1);
		_exit(term_open(&o, &t, &e) == ST_REFUSED && strstr(e.text, "dumb") ? 0 : 2);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	term_emergency_restore();            /* nothing is open: nothing happens */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_restores_the_terminal), cmocka_unit_test(a_crash_restores_the_terminal), cmocka_unit_test(a_lost_line_is_the_end_of_input),
		cmocka_unit_test(a_stuck_line_skips_frames_but_the_newest), cmocka_unit_test(suspending_gives_the_terminal_back_and_resuming_repaints),
		cmocka_unit_test(a_new_size_is_an_event), cmocka_unit_test(no_terminal_is_refused_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
