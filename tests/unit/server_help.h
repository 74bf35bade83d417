/* server_help -- a web server and a mail server of our own on this machine, one thread each, that answer as told and keep what they got. */
#ifndef MLYARD_TESTS_SERVER_HELP_H
#define MLYARD_TESTS_SERVER_HELP_H
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"

/* What the n-th connection gets: an HTTP status (or an SMTP reply to DATA); HANG_UP: closed after the request; SILENT: no answer until the client goes away. Beyond the list: 200 (250). */
enum { HANG_UP = -1, SILENT = -2, REDIRECT = 302, SERVER_MOST = 64 };
struct server {
	int listener, port; pthread_t thread; pthread_mutex_t mu; bool mail;
	const int *answers; size_t n_answers;
	const char *extra;                           /* header lines of an answer that is no 200, "\r\n" at the end of each */
	char *got[SERVER_MOST]; size_t n;            /* requests with their bodies; mails with their envelope */
};

static inline bool server_take(int fd, struct str *into, bool (*whole)(const struct str *))
{
	char buf[4096];
	ssize_t n;
	while (!whole(into)) {
		if ((n = read(fd, buf, sizeof buf)) <= 0)
			return false;
		str_addn(into, buf, (size_t)n);
	}
	return true;
}

static inline bool request_whole(const struct str *s)
{
	const char *end = strstr(s->p, "\r\n\r\n"), *length = strcasestr(s->p, "\r\ncontent-length:");
	return end && length && s->len >= (size_t)(end + 4 - s->p) + (size_t)strtoul(length + 17, NULL, 10);
}

static inline bool line_whole(const struct str *s) { return strstr(s->p, "\r\n") != NULL; }
static inline bool mail_whole(const struct str *s) { return strstr(s->p, "\r\n.\r\n") != NULL; }

static inline void server_say(int fd, const char *text)
{
	for (size_t n = strlen(text); n; ) {
		ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
		if (k <= 0)
			return;
		text += k, n -= (size_t)k;
	}
}

static inline void server_keep(struct server *s, const struct str *text)
{
	pthread_mutex_lock(&s->mu);
	if (s->n < SERVER_MOST)
		s->got[s->n++] = mem_strdup(text->p);
	pthread_mutex_unlock(&s->mu);
}

static inline void wait_for_end(int fd)
{
	char c;
	while (read(fd, &c, 1) > 0)
		;
}

static inline void serve_web(struct server *s, int fd, int answer)
{
	struct str in = STR_INIT, out = STR_INIT;
	if (server_take(fd, &in, request_whole)) {
		server_keep(s, &in);
		str_addf(&out, "HTTP/1.1 %d x\r\nConnection: close\r\nContent-Length: 2\r\n%s\r\nok", answer, answer != 200 && s->extra ? s->extra : "");
		if (answer == SILENT)
			wait_for_end(fd);
		else if (answer != HANG_UP)
			server_say(fd, out.p);
	}
	str_free(&in), str_free(&out);
}

/* One line of the client's; what came behind it stays in *in. */
static inline bool mail_line(int fd, struct str *in, struct str *line)
{
	str_clear(line);
	if (!server_take(fd, in, line_whole))
		return false;
	size_t n = (size_t)(strstr(in->p, "\r\n") + 2 - in->p);
	str_addn(line, in->p, n);
	memmove(in->p, in->p + n, in->len - n + 1);
	in->len -= n;
	return true;
}

static inline void serve_mail(struct server *s, int fd, int answer)
{
	struct str in = STR_INIT, line = STR_INIT, mail = STR_INIT, out = STR_INIT;
	server_say(fd, "220 here\r\n");
	while (mail_line(fd, &in, &line)) {
		if (!strncasecmp(line.p, "EHLO", 4)) {
			server_say(fd, "250-here\r\n250 8BITMIME\r\n");
		} else if (!strncasecmp(line.p, "DATA", 4)) {
			server_say(fd, "354 go on\r\n");
			if (!server_take(fd, &in, mail_whole))
				break;
			str_add(&mail, in.p);
			server_keep(s, &mail);
			if (answer == HANG_UP)
				break;
			str_addf(&out, "%d so\r\n", answer);
			server_say(fd, out.p);
			str_clear(&in);
		} else if (!strncasecmp(line.p, "QUIT", 4)) {
			server_say(fd, "221 bye\r\n");
			break;
		} else {
			str_add(&mail, line.p);
			server_say(fd, "250 ok\r\n");
		}
	}
	str_free(&in), str_free(&line), str_free(&mail), str_free(&out);
}

static inline void *serve(void *arg)
{
	struct server *s = arg;
	for (size_t i = 0;; i++) {
		int fd = accept(s->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		const int answer = i < s->n_answers ? s->answers[i] : s->mail ? 250 : 200;
		if (s->mail)
			serve_mail(s, fd, answer);
		else
			serve_web(s, fd, answer);
		close(fd);
	}
}

static inline void server_start(struct server *s, bool mail, const int *answers, size_t n, const char *extra)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	*s = (struct server){ .mail = mail, .answers = answers, .n_answers = n, .extra = extra };
	pthread_mutex_init(&s->mu, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->listener, 16), 0);
	getsockname(s->listener, (struct sockaddr *)&at, &len);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static inline void server_stop(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	for (size_t i = 0; i < s->n; i++)
		free(s->got[i]);
	pthread_mutex_destroy(&s->mu);
}

static inline size_t server_count(struct server *s)
{
	pthread_mutex_lock(&s->mu);
	size_t n = s->n;
	pthread_mutex_unlock(&s->mu);
	return n;
}

/* The value of a header of request i; new string, NULL when there is none. */
static inline char *server_header(const struct server *s, size_t i, const char *name)
{
	struct str want = STR_INIT;
	str_addf(&want, "\r\n%s: ", name);
	const char *at = strcasestr(s->got[i], want.p);
	char *value = at ? mem_strndup(at + want.len, strcspn(at + want.len, "\r\n")) : NULL;
	str_free(&want);
	return value;
}

static inline const char *server_body(const struct server *s, size_t i) { return strstr(s->got[i], "\r\n\r\n") + 4; }
#endif
