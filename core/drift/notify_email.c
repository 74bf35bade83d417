/* Mail through libcurl's SMTP.
 *
 * Secure   TLS is required (STARTTLS or smtps) unless the server is on this machine.
 * Form     headers in ASCII only: addresses are checked (mail_address_wrong), the subject is an encoded word (RFC 2047), so nothing from outside can add a
 *          header. The body is base64 (RFC 2045): no line begins with a dot, none is longer than 76 bytes, whatever is told.
 * Repeats  Message-ID is the message's key; a recovery refers to its alert, so that mail programs show one thread. */
#include <curl/curl.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "core/drift/notify.h"

enum { CONNECT_MS = 10000, WHOLE_MS = 60000, MOST_TO = 50, WORD_BYTES = 42, LINE_BYTES = 57 };   /* 57 bytes are 76 characters of base64 */

/* ---- the file ---- */

static void take_server(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct monitor_tell *t = into;
	const char *wrong;
	if (x->kind == YAMLDOC_SCALAR && (wrong = url_wrong(x->text, URL_SMTP)))
		finding_at(r, x->at, "\"server\" %s", wrong);
	else
		tell_take_secret(r, x, &t->url, NULL);
}

static void take_password(struct reading *r, const struct yamldoc_node *x, void *into)
{
	tell_take_secret(r, x, &((struct monitor_tell *)into)->password, "is a secret, and this file is no place for it");
}
static void take_user(struct reading *r, const struct yamldoc_node *x, void *into) { ((struct monitor_tell *)into)->user = read_word(r, x, YAMLREAD_WORD_MAX); }

static void check_address(struct reading *r, const struct yamldoc_node *x, const char *address)
{
	const char *wrong = address ? mail_address_wrong(address) : NULL;
	if (wrong)
		finding_at(r, x->at, "%s %s", quoted(r, address, strlen(address)), wrong);
}

static void take_from(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct monitor_tell *t = into;
	t->from = read_word(r, x, YAMLREAD_WORD_MAX);
	check_address(r, x, t->from);
}

static void take_to(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct monitor_tell *t = into;
	t->to = read_words(r, x, MOST_TO, &t->n_to);
	for (size_t i = 0; i < t->n_to; i++)
		check_address(r, x, t->to[i]);
}

static void check(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t)
{
	static const char *const needed[] = { "server", "from", "to" };
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!yamldoc_get(x, needed[i]))
			finding_at(r, x->at, "email needs \"%s\"", needed[i]);
	if (!t->user != !yamldoc_get(x, "password"))
		finding_at(r, x->at, "user and password go together");
	if (yamldoc_get(x, "to") && !t->n_to)
		finding_at(r, yamldoc_get(x, "to")->at, "nobody is named");
}

static void target(const struct monitor_tell *t, struct str *out)
{
	str_addf(out, "mail to %s", t->n_to ? t->to[0] : "nobody");
	if (t->n_to > 1)
		str_addf(out, " and %zu more", t->n_to - 1);
}

/* ---- the message ---- */

static void add_base64(struct str *out, const char *p, size_t n)
{
	char text[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	sodium_bin2base64(text, sizeof text, (const unsigned char *)p, n, sodium_base64_VARIANT_ORIGINAL);
	str_add(out, text);
}

/* Encoded words of at most 75 characters, cut between characters of the text (RFC 2047, 2 and 5). */
static void add_subject(struct str *out, const char *title)
{
	str_add(out, "Subject: ");
	for (size_t left = strlen(title), first = 1; left || first; first = 0) {
		size_t n = left < WORD_BYTES ? left : WORD_BYTES;
		while (n < left && n && ((unsigned char)title[n] & 0xc0) == 0x80)
			n--;
		str_add(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
		add_base64(out, title, n);
		str_add(out, "?=");
		title += n, left -= n;
	}
	str_add(out, "\r\n");
}

static void add_date(struct str *out, int64_t ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t seconds = (time_t)(ms / 1000);
	struct tm t;
	gmtime_r(&seconds, &t);
	str_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void mail_of(const struct monitor_tell *t, const struct notify_message *m, struct str *out)
{
	const char *host = strchr(t->from, '@') + 1;
	str_addf(out, "From: <%s>\r\nTo: ", t->from);
	for (size_t i = 0; i < t->n_to; i++)
		str_addf(out, "%s<%s>", i ? ",\r\n " : "", t->to[i]);
	str_add(out, "\r\n");
	add_subject(out, m->title);
	add_date(out, m->ms);
	str_addf(out, "Message-ID: <%s@%s>\r\n", m->key, host);
	str_addf(out, "References: <%s@%s>\r\n", m->thread, host);
	str_add(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	for (size_t at = 0, n = strlen(m->text); at < n; at += LINE_BYTES) {
		add_base64(out, m->text + at, n - at < LINE_BYTES ? n - at : LINE_BYTES);
		str_add(out, "\r\n");
	}
}

/* ---- sending ---- */

struct upload { const char *p; size_t n; };

static size_t give(char *to, size_t size, size_t n, void *arg)
{
	struct upload *u = arg;
	size_t room = size * n, take = u->n < room ? u->n : room;
	memcpy(to, u->p, take);
	u->p += take, u->n -= take;
	return take;
}

static int go_on(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return task_cancelled(arg);
}

static size_t drop(char *p, size_t size, size_t n, void *arg)
{
	(void)p, (void)arg;
	return size * n;
}

static enum notify_outcome judge(CURL *c, CURLcode rc, const char *host, struct notify_answer *a)
{
	long code = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	if (rc == CURLE_OK)
		return NOTIFY_SENT;
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return NOTIFY_STOPPED;
	const bool refused = code >= 500 && code < 600 && (rc == CURLE_SEND_ERROR || rc == CURLE_LOGIN_DENIED || rc == CURLE_WEIRD_SERVER_REPLY || rc == CURLE_RECV_ERROR);
	if (rc == CURLE_USE_SSL_FAILED)
		err_set(&a->err, ST_REFUSED, "%s offers no encryption (STARTTLS), which is required off this machine", host);
	else if (code > 0)
		err_set(&a->err, ST_UNREACHABLE, "%s answered %ld: %s", host, code, curl_easy_strerror(rc));
	else
		err_set(&a->err, ST_UNREACHABLE, "%s: %s", host, curl_easy_strerror(rc));
	return refused ? NOTIFY_REFUSED : NOTIFY_LATER;
}

static void set_options(CURL *c, const char *url, struct upload *u, size_t n, struct task *task)
{
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(url_is_local(url) ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, go_on);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, task);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, u);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)n);
}

static enum notify_outcome deliver(const struct monitor_tell *t, const char *url, const char *password, const struct str *mail, struct task *task,
	struct notify_answer *answer)
{
	struct curl_slist *to = NULL;
	struct str address = STR_INIT, host = STR_INIT;
	struct upload u = { mail->p, mail->len };
	notify_curl();
	CURL *c = curl_easy_init();
	if (!c) {
		err_set(&answer->err, ST_FAILED, "no memory for a mail");
		return NOTIFY_LATER;
	}
	set_options(c, url, &u, mail->len, task);
	for (size_t i = 0; i < t->n_to; i++) {
		str_clear(&address);
		str_addf(&address, "<%s>", t->to[i]);
		to = curl_slist_append(to, address.p);
	}
	str_clear(&address);
	str_addf(&address, "<%s>", t->from);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, address.p);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	if (t->user) {
		curl_easy_setopt(c, CURLOPT_USERNAME, t->user);
		curl_easy_setopt(c, CURLOPT_PASSWORD, password);
	}
	url_redact(url, &host);
	enum notify_outcome outcome = judge(c, curl_easy_perform(c), host.p, answer);
	curl_easy_cleanup(c);
	curl_slist_free_all(to);
	str_free(&address), str_free(&host);
	return outcome;
}

static enum notify_outcome send_it(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task,
	struct notify_answer *answer)
{
	struct str url = STR_INIT, password = STR_INIT, mail = STR_INIT;
	enum notify_outcome outcome = NOTIFY_LATER;
	enum status st = secret_read(f, &t->url, "the mail server", &url, &answer->err);
	const char *wrong = st == ST_OK ? url_wrong(url.p, URL_SMTP) : NULL;
	if (wrong)
		st = err_set(&answer->err, ST_FAILED, "the mail server's address %s", wrong);
	if (st == ST_OK && t->user)
		st = secret_read(f, &t->password, "the password of the mail server", &password, &answer->err);
	if (st == ST_OK) {
		mail_of(t, m, &mail);
		outcome = deliver(t, url.p, password.p, &mail, task, answer);
	}
	secret_forget(&url), secret_forget(&password);
	str_free(&mail);
	return outcome;
}

static const struct field fields[] = { { "server", take_server }, { "from", take_from }, { "to", take_to }, { "user", take_user },
	{ "password", take_password }, { "on", tell_take_on } };
const struct notify_kind notify_email = { "email", false, fields, sizeof fields / sizeof *fields, check, target, send_it };
