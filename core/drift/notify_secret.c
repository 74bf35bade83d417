/* Values from environment and files, and what an address may be. */
#include <curl/curl.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/drift/notify.h"

enum { SECRET_LIMIT = 4096, TOKEN_LENGTH = 16 };

/* ---- reading ---- */

void secret_forget(struct str *s)
{
	if (s->cap)
		sodium_memzero(s->p, s->cap);
	str_free(s);
}

static enum status open_secret(const char *path, int *fd, struct err *e)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return err_set(e, ST_FAILED, "cannot open %.200s: %s", path, strerror(errno));
	enum status rc = ST_OK;
	if (fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode))
		rc = err_set(e, ST_FAILED, "%.200s is no file", path);
	else if (st.st_mode & (S_IROTH | S_IWOTH))
		rc = err_set(e, ST_REFUSED, "%.200s holds a secret and everybody may read or write it; run: chmod o-rw %.200s", path, path);
	else if (st.st_size > SECRET_LIMIT)
		rc = err_set(e, ST_REFUSED, "%.200s is longer than the %d bytes of a secret", path, SECRET_LIMIT);
	if (rc != ST_OK)
		close(*fd);
	return rc;
}

static enum status read_file(const char *path, struct str *out, struct err *e)
{
	int fd;
	enum status st = open_secret(path, &fd, e);
	if (st != ST_OK)
		return st;
	str_reserve(out, SECRET_LIMIT + 1);          /* at once: growing would leave copies behind */
	ssize_t n;
	while (out->len <= SECRET_LIMIT && (n = read(fd, out->p + out->len, SECRET_LIMIT + 1 - out->len)) > 0)
		out->len += (size_t)n;
	out->p[out->len] = '\0';
	close(fd);
	return ST_OK;
}

enum status secret_read(const struct monitor_file *f, const struct monitor_secret *s, const char *what, struct str *out, struct err *e)
{
	enum status st = ST_OK;
	str_clear(out);
	if (s->literal) {
		str_add(out, s->literal);
	} else if (s->env) {
		const char *value = getenv(s->env);
		if (!value || !*value)
			return err_set(e, ST_FAILED, "%s: the environment has no $%s; set it where mlyard runs", what, s->env);
		if (strlen(value) > SECRET_LIMIT)
			return err_set(e, ST_REFUSED, "%s: $%s is longer than the %d bytes of a secret", what, s->env, SECRET_LIMIT);
		str_reserve(out, strlen(value) + 1);
		str_add(out, value);
	} else if (s->file) {
		char *path = monitor_path(f, s->file);
		st = read_file(path, out, e);
		free(path);
	}
	while (st == ST_OK && out->len && isspace((unsigned char)out->p[out->len - 1]))
		str_cut(out, out->len - 1);
	if (st == ST_OK && !out->len)
		st = err_set(e, ST_FAILED, "%s: %s%s is empty", what, s->env ? "$" : "", s->env ? s->env : s->file ? s->file : "the value");
	for (size_t i = 0; st == ST_OK && i < out->len; i++)
		if ((unsigned char)out->p[i] < ' ' || out->p[i] == 127)
			st = err_set(e, ST_FAILED, "%s: %s%s is more than one line of text", what, s->env ? "$" : "", s->env ? s->env : s->file ? s->file : "the value");
	if (st != ST_OK)
		secret_forget(out);
	return st;
}

void secret_source(const struct monitor_secret *s, struct str *out)
{
	if (s->env)
		str_addf(out, "$%s", s->env);
	else if (s->file)
		str_addf(out, "file %s", s->file);
	else
		url_redact(s->literal ? s->literal : "", out);
}

/* ---- addresses ---- */

struct url { CURLU *u; char *scheme, *host, *port, *path, *query, *user, *password; };

static bool url_take(const char *text, struct url *out)
{
	*out = (struct url){ .u = curl_url() };
	if (!out->u || curl_url_set(out->u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		return false;
	const struct { CURLUPart part; char **to; } parts[] = { { CURLUPART_SCHEME, &out->scheme }, { CURLUPART_HOST, &out->host }, { CURLUPART_PORT, &out->port },
		{ CURLUPART_PATH, &out->path },
		{ CURLUPART_QUERY, &out->query }, { CURLUPART_USER, &out->user }, { CURLUPART_PASSWORD, &out->password } };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (curl_url_get(out->u, parts[i].part, parts[i].to, 0) != CURLUE_OK)
			*parts[i].to = NULL;
	return out->scheme && out->host && *out->host;
}

static void url_drop(struct url *u)
{
	char *const parts[] = { u->scheme, u->host, u->port, u->path, u->query, u->user, u->password };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i])
			sodium_memzero(parts[i], strlen(parts[i]));
		curl_free(parts[i]);
	}
	curl_url_cleanup(u->u);
}

/* 127.0.0.0/8 written as four numbers, ::1, localhost. Names that only resolve to this machine are not meant: they can change. */
static bool host_is_local(const char *host)
{
	if (!strcasecmp(host, "localhost") || !strcmp(host, "[::1]"))
		return true;
	int dots = 0;
	for (const char *c = host; *c; c++) {
		if (*c != '.' && !isdigit((unsigned char)*c))
			return false;
		dots += *c == '.';
	}
	return dots == 3 && !strncmp(host, "127.", 4);
}

const char *url_wrong(const char *url, enum url_for what)
{
	static const struct { const char *plain, *safe, *is_none, *unsafe; } kinds[] = {
		[URL_HTTP] = { "http", "https", "is no address of the web: https://HOST/PATH", "is not encrypted: http is for this machine only, say https" },
		[URL_SMTP] = { "smtp", "smtps", "is no mail server: smtp://HOST:587 or smtps://HOST:465", NULL },
	};
	struct url u;
	const char *wrong = kinds[what].is_none;
	if (url_take(url, &u)) {
		const bool plain = !strcasecmp(u.scheme, kinds[what].plain), safe = !strcasecmp(u.scheme, kinds[what].safe);
		wrong = !plain && !safe ? kinds[what].is_none : u.user || u.password ? "has a user or a password in it; they have keys of their own, or come as a secret header"
			: plain && kinds[what].unsafe && !host_is_local(u.host) ? kinds[what].unsafe : NULL;
	}
	url_drop(&u);
	return wrong;
}

bool url_is_local(const char *url)
{
	struct url u;
	bool local = url_take(url, &u) && host_is_local(u.host);
	url_drop(&u);
	return local;
}

/* A long run of letters and digits, both of them, is no word that somebody chose. */
static bool looks_like_token(const char *p, size_t n)
{
	size_t digits = 0, letters = 0;
	for (size_t i = 0; i < n; i++) {
		digits += isdigit((unsigned char)p[i]) != 0;
		letters += isalpha((unsigned char)p[i]) != 0;
	}
	return n >= TOKEN_LENGTH && digits && letters;
}

bool url_holds_secret(const char *url)
{
	static const char *const hooks[] = { "hooks.slack.com", "discord.com", "discordapp.com", "webhook.office.com", "outlook.office.com", "chat.googleapis.com",
		"api.telegram.org" };
	struct url u;
	bool secret = false;
	if (url_take(url, &u)) {
		secret = u.user || u.password || u.query;
		for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
			size_t n = strlen(hooks[i]), h = strlen(u.host);
			secret |= h >= n && !strcasecmp(u.host + h - n, hooks[i]) && (h == n || u.host[h - n - 1] == '.');
		}
		for (const char *p = u.path; p && *p; ) {
			size_t n = strcspn(p, "/");
			secret |= looks_like_token(p, n);
			p += n + (p[n] == '/');
		}
	} else {
		secret = strchr(url, '@') || strchr(url, '?');
	}
	url_drop(&u);
	return secret;
}

void url_redact(const char *url, struct str *out)
{
	struct url u;
	if (url_take(url, &u)) {
		struct str clean = STR_INIT;
		text_clean(&clean, u.host, strlen(u.host), 0);
		str_addf(out, "%s://%s%s%s", u.scheme, clean.p, u.port ? ":" : "", u.port ? u.port : "");
		str_free(&clean);
	} else {
		str_add(out, "an address that is none");
	}
	url_drop(&u);
}

/* One address without a name: what SMTP and a header take as it is. */
const char *mail_address_wrong(const char *address)
{
	const char *at = strrchr(address, '@');
	if (!at || at == address || !at[1] || strlen(address) > 254)
		return "is no mail address: NAME@HOST";
	for (const char *c = address; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127 || strchr("<>()[],;:\\\"", *c))
			return "is no mail address: only ASCII letters, digits and signs, no blanks, brackets or quotes";
	return strchr(address, '@') != at ? "is no mail address: it has two @" : NULL;
}
