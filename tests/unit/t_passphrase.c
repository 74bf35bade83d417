/* Asking for a passphrase: on a pseudo-terminal, in a child whose controlling terminal it is. */
#include "tests/unit/store_help.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "core/base/fs.h"
#include "core/secret/key.h"

enum { PATIENCE_MS = 300000 };

struct terminal { int master, slave; pid_t child; struct str shown; };

/* The child asks and ends with 0 when it got "correct horse", else with the status. */
static _Noreturn void ask_as_child(const struct terminal *t, bool again)
{
	char *pass;
	size_t n;
	struct err e = { 0 };
	setsid();
	if (ioctl(t->slave, TIOCSCTTY, 0) < 0)
		_exit(99);
	enum status st = key_ask_passphrase("secret word: ", again, &pass, &n, &e);
	if (st == ST_OK) {
		st = n == 13 && memcmp(pass, "correct horse", 14) == 0 ? ST_OK : ST_CHECK;
		sodium_free(pass);
	}
	_exit((int)st);
}

/* Whoever started the tests may ignore some (nohup does). */
static void signals_as_usual(void)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		signal(ours[i], SIG_DFL);
}

static struct terminal begin(bool again)
{
	struct terminal t = { .master = posix_openpt(O_RDWR | O_NOCTTY), .shown = STR_INIT };
	assert_true(t.master >= 0 && grantpt(t.master) == 0 && unlockpt(t.master) == 0);
	t.slave = open(ptsname(t.master), O_RDWR | O_NOCTTY);
	assert_true(t.slave >= 0);
	fflush(NULL);
	t.child = fork();
	assert_true(t.child >= 0);
	if (t.child == 0) {
		signals_as_usual();
		ask_as_child(&t, again);
	}
	return t;
}

/* Reads what the terminal shows until it ends with these words. */
static void expect(struct terminal *t, const char *words)
{
	char part[256];
	while (!strstr(t->shown.p, words)) {
		struct pollfd p = { t->master, POLLIN, 0 };
		if (poll(&p, 1, PATIENCE_MS) != 1)
			fail_msg("no \"%s\" on the terminal: \"%s\"", words, t->shown.p);
		ssize_t n = read(t->master, part, sizeof part);
		assert_true(n > 0);
		str_addn(&t->shown, part, (size_t)n);
	}
}

static void type(const struct terminal *t, const char *text)
{
	assert_int_equal(write(t->master, text, strlen(text)), strlen(text));
}

static bool echoes(const struct terminal *t)
{
	struct termios now;
	assert_int_equal(tcgetattr(t->slave, &now), 0);
	return now.c_lflag & ECHO;
}

/* What is shown until the child has ended; its wait status. */
static int end(struct terminal *t)
{
	int status;
	assert_int_equal(waitpid(t->child, &status, 0), t->child);
	assert_true(echoes(t));
	struct pollfd p = { t->master, POLLIN, 0 };
	char part[256];
	while (poll(&p, 1, 0) == 1 && p.revents & POLLIN) {
		ssize_t n = read(t->master, part, sizeof part);
		if (n <= 0)
			break;
		str_addn(&t->shown, part, (size_t)n);
	}
	assert_null(strstr(t->shown.p, "horse"));
	str_free(&t->shown);
	close(t->master);
	close(t->slave);
	return status;
}

static void what_is_typed_is_not_shown(void **state)
{
	(void)state;
	struct terminal t = begin(false);
	expect(&t, "secret word: ");
	assert_false(echoes(&t));
	type(&t, "correct horse\n");
	assert_int_equal(end(&t), 0);
}

static void a_new_one_is_asked_for_twice(void **state)
{
	(void)state;
	struct terminal t = begin(true);
	expect(&t, "secret word: ");
	type(&t, "correct horse\n");
	expect(&t, "once more: ");
	assert_false(echoes(&t));
	type(&t, "correct horse\n");
	assert_int_equal(end(&t), 0);
	t = begin(true);
	expect(&t, "secret word: ");
	type(&t, "correct horse\n");
	expect(&t, "once more: ");
	type(&t, "correct hearse\n");
	assert_int_equal(WEXITSTATUS(end(&t)), ST_USAGE);
}

static void nothing_typed_is_no_passphrase(void **state)
{
	(void)state;
	struct terminal t = begin(false);
	expect(&t, "secret word: ");
	type(&t, "\x04");
	assert_int_equal(WEXITSTATUS(end(&t)), ST_REFUSED);
}

static void too_long_is_refused(void **state)
{
	(void)state;
	char line[KEY_PASSPHRASE_MAX + 3];
	memset(line, 'x', sizeof line);
	line[sizeof line - 2] = '\n';
	line[sizeof line - 1] = '\0';
	struct terminal t = begin(false);
	expect(&t, "secret word: ");
	type(&t, line);
	assert_int_equal(WEXITSTATUS(end(&t)), ST_USAGE);
}

/* Whatever ends the program, the terminal shows again what is typed, and the program dies as it would have. */
static void signals_find_the_terminal_as_it_was(void **state)
{
	(void)state;
	static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
		struct terminal t = begin(false);
		expect(&t, "secret word: ");
		assert_false(echoes(&t));
		kill(t.child, deadly[i]);
		int status = end(&t);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), deadly[i]);
	}
}

static void after_a_stop_it_is_asked_again(void **state)
{
	(void)state;
	struct terminal t = begin(false);
	expect(&t, "secret word: ");
	/* Without a shell above it the child is not stopped, it goes on where a continued one would. */
	str_clear(&t.shown);
	kill(t.child, SIGTSTP);
	expect(&t, "secret word: ");
	type(&t, "correct horse\n");
	assert_int_equal(end(&t), 0);
}

static void a_file_can_hold_it(void **state)
{
	(void)state;
	char *pass, *path = mem_strdup(in_folder("pass"));
	size_t n;
	setenv("MLYARD_PASSPHRASE_FILE", path, 1);
	assert_int_equal(key_ask_passphrase("", true, &pass, &n, &why), ST_NOT_FOUND);
	static const char *const contents[] = { "correct horse\nsecond line", "correct horse", "correct horse\n" };
	for (size_t i = 0; i < 3; i++) {
		OK(fs_replace(path, contents[i], strlen(contents[i]), &why));
		assert_int_equal(chmod(path, 0600), 0);
		OK(key_ask_passphrase("", true, &pass, &n, &why));
		assert_int_equal(n, 13);
		assert_string_equal(pass, "correct horse");
		sodium_free(pass);
	}
	chmod(path, 0644);
	assert_int_equal(key_ask_passphrase("", false, &pass, &n, &why), ST_REFUSED);
	assert_null(pass);
	unsetenv("MLYARD_PASSPHRASE_FILE");
	free(path);
}

/* No terminal and no file: refused, with the way out. */
static void without_a_terminal_it_is_refused(void **state)
{
	(void)state;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		char *pass;
		size_t n;
		setsid();
		enum status st = key_ask_passphrase("", false, &pass, &n, &why);
		_exit(st == ST_REFUSED && strstr(why.text, "MLYARD_PASSPHRASE_FILE") ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, help_folder_make, help_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(what_is_typed_is_not_shown), EACH(a_new_one_is_asked_for_twice), EACH(nothing_typed_is_no_passphrase), EACH(too_long_is_refused),
		EACH(signals_find_the_terminal_as_it_was), EACH(after_a_stop_it_is_asked_again), EACH(a_file_can_hold_it), EACH(without_a_terminal_it_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
