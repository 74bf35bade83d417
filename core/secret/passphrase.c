/* Asking for a passphrase.
 *
 * Echo     is off while somebody types and on again on every way out. Signals that would end or stop the program are held back except
 *          while we wait in ppoll(), where their handlers only note them: the terminal is put right first, then the signal is sent again with the
 *          handler it had. After a stop and a continue the question is asked anew.
 * Bytes    go from the terminal into guarded memory, one read at a time; the line's own buffer is wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/secret/key.h"
#include "core/secret/private.h"

enum { FILE_MOST = KEY_PASSPHRASE_MAX + 2, LINE_MOST = 4096 };

static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };
enum { DEADLY = sizeof deadly / sizeof *deadly };

/* Signal handlers can reach nothing else. */
static volatile sig_atomic_t caught;

static void note_signal(int sig)
{
	caught = sig;
}

struct asking {
	int fd;
	struct termios was;
	struct sigaction handlers[DEADLY];
	sigset_t mask;
};

static void hold_signals(struct asking *a)
{
	struct sigaction note = { .sa_handler = note_signal };
	sigset_t set;
	sigemptyset(&set);
	for (int i = 0; i < DEADLY; i++)
		sigaddset(&set, deadly[i]);
	pthread_sigmask(SIG_BLOCK, &set, &a->mask);
	caught = 0;
	for (int i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &note, &a->handlers[i]);
}

static void release_signals(struct asking *a)
{
	for (int i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &a->handlers[i], NULL);
	pthread_sigmask(SIG_SETMASK, &a->mask, NULL);
}

static bool echo_off(struct asking *a)
{
	struct termios quiet;
	if (tcgetattr(a->fd, &a->was) < 0)
		return false;
	quiet = a->was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	return tcsetattr(a->fd, TCSAFLUSH, &quiet) == 0;
}

static void say(int fd, const char *text)
{
	ssize_t ignored = write(fd, text, strlen(text));      /* a prompt that nobody sees is no reason to fail */
	(void)ignored;
}

/* Room for the longest passphrase and its NUL. */
static char *room(void)
{
	return sodium_malloc(KEY_PASSPHRASE_MAX + 1);
}

/* One line of the terminal, in canonical mode: one read has it all. ST_CANCELLED: a signal came. */
static enum status read_line(const struct asking *a, char *pass, size_t *n, struct err *e)
{
	char line[LINE_MOST];
	struct pollfd p = { .fd = a->fd, .events = POLLIN };
	sigset_t open_mask = a->mask;
	for (int i = 0; i < DEADLY; i++)
		sigdelset(&open_mask, deadly[i]);
	ssize_t got = ppoll(&p, 1, NULL, &open_mask) < 0 ? -1 : read(a->fd, line, sizeof line);
	enum status st = ST_OK;
	if (caught || (got < 0 && errno == EINTR))
		st = ST_CANCELLED;
	else if (got < 0)
		st = err_set(e, ST_FAILED, "cannot read from the terminal: %s", strerror(errno));
	else if (got == 0 || line[got - 1] != '\n')
		st = err_set(e, ST_REFUSED, "no passphrase was given");
	else if (got - 1 > KEY_PASSPHRASE_MAX)
		st = err_set(e, ST_USAGE, "a passphrase has at most %d bytes", KEY_PASSPHRASE_MAX);
	if (st == ST_OK) {
		*n = (size_t)got - 1;
		memcpy(pass, line, *n);
		pass[*n] = '\0';
	}
	sodium_memzero(line, sizeof line);
	return st;
}

/* Asks once. The signal that came while it was asked, 0: none, is sent again when all is as it was. */
static enum status ask_once(struct asking *a, const char *prompt, char *pass, size_t *n, struct err *e)
{
	enum status st;
	do {
		hold_signals(a);
		bool quiet = echo_off(a);
		if (quiet) {
			say(a->fd, prompt);
			st = read_line(a, pass, n, e);
			tcsetattr(a->fd, TCSAFLUSH, &a->was);
			say(a->fd, "\n");
		} else {
			st = err_set(e, ST_REFUSED, "the terminal cannot be kept from showing what is typed: %s", strerror(errno));
		}
		release_signals(a);
		if (caught)
			raise(caught);
	} while (st == ST_CANCELLED && (caught == SIGTSTP || caught == SIGTTIN || caught == SIGTTOU));
	return st == ST_CANCELLED ? err_set(e, st, "stopped while a passphrase was asked for") : st;
}

static enum status ask_again(struct asking *a, const char *pass, size_t n, struct err *e)
{
	char *second = room();
	size_t k = 0;
	if (!second)
		return err_set(e, ST_FAILED, "no memory that can be kept from the disk for a passphrase");
	enum status st = ask_once(a, "once more: ", second, &k, e);
	if (st == ST_OK && (k != n || sodium_memcmp(second, pass, n) != 0))
		st = err_set(e, ST_USAGE, "the two passphrases differ; nothing was made");
	sodium_free(second);
	return st;
}

static enum status from_terminal(const char *prompt, bool again, char *pass, size_t *n, struct err *e)
{
	struct asking a = { .fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) };
	if (a.fd < 0)
		return err_set(e, ST_REFUSED, "there is no terminal to ask for the passphrase; name a file of mode 600 that holds it in MLYARD_PASSPHRASE_FILE");
	enum status st = ask_once(&a, prompt, pass, n, e);
	if (st == ST_OK && again)
		st = ask_again(&a, pass, *n, e);
	close(a.fd);
	return st;
}

/* The first line, without its end. */
static enum status from_file(const char *path, char *pass, size_t *n, struct err *e)
{
	char text[FILE_MOST];
	size_t got;
	enum status st = private_read(path, text, sizeof text, &got, e);
	const char *end = st == ST_OK ? memchr(text, '\n', got) : NULL;
	size_t len = end ? (size_t)(end - text) : got;
	if (st == ST_OK && len > KEY_PASSPHRASE_MAX)
		st = err_set(e, ST_USAGE, "%s: a passphrase has at most %d bytes", path, KEY_PASSPHRASE_MAX);
	if (st == ST_OK) {
		memcpy(pass, text, len);
		pass[len] = '\0';
		*n = len;
	}
	sodium_memzero(text, sizeof text);
	return st;
}

enum status key_ask_passphrase(const char *prompt, bool again, char **pass, size_t *n, struct err *e)
{
	const char *file = getenv("MLYARD_PASSPHRASE_FILE");
	struct err words;
	*pass = NULL;
	*n = 0;
	if (sodium_init() < 0)
		return err_set(e, ST_FAILED, "libsodium does not start: no source of random numbers");
	char *p = room();
	if (!p)
		return err_set(e, ST_FAILED, "no memory that can be kept from the disk for a passphrase");
	enum status st = file && *file ? from_file(file, p, n, e ? e : &words) : from_terminal(prompt, again, p, n, e ? e : &words);
	if (st == ST_OK)
		*pass = p;
	else
		sodium_free(p);
	return st;
}
