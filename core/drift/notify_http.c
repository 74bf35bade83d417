/* One POST through libcurl, and what its outcome means. */
#include <curl/curl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "core/drift/notify.h"

enum { CONNECT_MS = 10000, WHOLE_MS = 30000, ANSWER_LIMIT = 64 << 10, LONGEST_RETRY_S = 3600 };

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

void notify_curl(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start);
}

/* Answers are counted, not kept. */
static size_t take_answer(char *p, size_t size, size_t n, void *arg)
{
	size_t *got = arg;
	(void)p;
	*got += size * n;
	return *got > ANSWER_LIMIT ? 0 : size * n;
}

static int go_on(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return task_cancelled(arg);
}

static enum notify_outcome judge_code(long code, const char *host, struct notify_answer *a)
{
	const bool later = code == 408 || code == 425 || code == 429 || code >= 500;
	if (code >= 200 && code < 300)
		return NOTIFY_SENT;
	err_set(&a->err, later ? ST_UNREACHABLE : ST_REFUSED, "%s answered %ld%s", host, code,
		code >= 300 && code < 400 ? ", a redirect, which is not followed; name the final address" : code == 404 || code == 410 ? ": the address is not known there" :
		code == 401 || code == 403 ? ": it takes no messages with this secret" : "");
	return later ? NOTIFY_LATER : NOTIFY_REFUSED;
}

static enum notify_outcome judge(CURL *c, CURLcode rc, const char *host, size_t got, struct notify_answer *a)
{
	long code = 0;
	curl_off_t wait = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait);
	a->retry_after_ms = (wait < 0 ? 0 : wait > LONGEST_RETRY_S ? LONGEST_RETRY_S : (int64_t)wait) * 1000;
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return NOTIFY_STOPPED;
	if (rc == CURLE_OK || (rc == CURLE_WRITE_ERROR && got > ANSWER_LIMIT))   /* the head decides; nobody reads a body without end */
		return judge_code(code, host, a);
	if (rc == CURLE_UNSUPPORTED_PROTOCOL)          /* the address was looked at before: it is the answer */
		err_set(&a->err, ST_UNREACHABLE, "%s: what answers there does not speak HTTP", host);
	else
		err_set(&a->err, ST_UNREACHABLE, "%s: %s", host, curl_easy_strerror(rc));
	return rc == CURLE_URL_MALFORMAT ? NOTIFY_REFUSED : NOTIFY_LATER;
}

static void set_limits(CURL *c, const struct http_post *p, struct task *task, size_t *got)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, url_is_local(p->url) ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(p->timeout_ms > 0 && p->timeout_ms < INT_MAX ? p->timeout_ms : WHOLE_MS));
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, got);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, go_on);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, task);
	if (url_is_local(p->url))
		curl_easy_setopt(c, CURLOPT_PROXY, "");
}

enum notify_outcome notify_post(const struct http_post *p, struct task *task, struct notify_answer *answer)
{
	struct curl_slist *headers = NULL;
	struct str host = STR_INIT, type = STR_INIT;
	size_t got = 0;
	notify_curl();
	CURL *c = curl_easy_init();
	const char *wrong = url_wrong(p->url, URL_HTTP);
	enum notify_outcome outcome = NOTIFY_REFUSED;
	if (!c || wrong) {
		err_set(&answer->err, ST_FAILED, "the address %s", wrong ? wrong : "cannot be used: no memory");
		curl_easy_cleanup(c);
		return outcome;
	}
	url_redact(p->url, &host);
	str_addf(&type, "Content-Type: %s", p->type);
	headers = curl_slist_append(headers, type.p);
	headers = curl_slist_append(headers, "Expect:");
	headers = curl_slist_append(headers, "User-Agent: mlyard");
	for (size_t i = 0; i < p->n_headers; i++)
		headers = curl_slist_append(headers, p->headers[i]);
	set_limits(c, p, task, &got);
	curl_easy_setopt(c, CURLOPT_URL, p->url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_POST, 1L);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->n);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, p->body);
	CURLcode rc = curl_easy_perform(c);
	outcome = judge(c, rc, host.p, got, answer);
	curl_easy_cleanup(c);
	curl_slist_free_all(headers);
	str_free(&host);
	str_free(&type);
	return outcome;
}
