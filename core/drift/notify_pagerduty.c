/* PagerDuty's Events API v2: an alert triggers, its recovery resolves; both carry the alert's thread as dedup_key, by which repeats are one. */
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/notify.h"

static const char EVENTS[] = "https://events.pagerduty.com/v2/enqueue";
enum { SUMMARY_MOST = 1000 };                    /* PagerDuty's limit is 1024 */

static void take_key(struct reading *r, const struct yamldoc_node *x, void *into)
{
	tell_take_secret(r, x, &((struct monitor_tell *)into)->password, "is a secret, and this file is no place for it");
}

static void check(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t)
{
	if (!yamldoc_get(x, "routing_key"))
		finding_at(r, x->at, "pagerduty needs its \"routing_key\": {from_env: NAME} or {from_file: PATH}");
	if (!yamldoc_get(x, "url"))
		t->url.literal = EVENTS;
}

static void target(const struct monitor_tell *t, struct str *out)
{
	str_add(out, "PagerDuty, key of ");
	secret_source(&t->password, out);
}

static void payload(struct jsonw *w, const struct notify_message *m)
{
	char when[FMT_MAX];
	const size_t n = strlen(m->title);
	jsonw_open(w, '{');
	jsonw_key(w, "summary"), jsonw_strn(w, m->title, n < SUMMARY_MOST ? n : SUMMARY_MOST);
	jsonw_key(w, "source"), jsonw_str(w, m->host);
	jsonw_key(w, "severity"), jsonw_str(w, strcmp(m->kind, "trouble") ? "warning" : "error");
	jsonw_key(w, "timestamp"), jsonw_str(w, fmt_time_iso(when, m->ms));
	jsonw_key(w, "component"), jsonw_str(w, m->monitor);
	if (*m->model)
		jsonw_key(w, "group"), jsonw_str(w, m->model);
	jsonw_key(w, "class"), jsonw_str(w, m->kind);
	jsonw_key(w, "custom_details"), jsonw_open(w, '{');
	jsonw_key(w, "window"), jsonw_str(w, m->window);
	jsonw_key(w, "report"), jsonw_int(w, m->report_id);
	jsonw_key(w, "text"), jsonw_str(w, m->text);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static enum notify_outcome send_it(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task,
	struct notify_answer *answer)
{
	struct str url = STR_INIT, key = STR_INIT, body = STR_INIT, again = STR_INIT;
	struct jsonw w;
	enum notify_outcome outcome = NOTIFY_LATER;
	if (secret_read(f, &t->password, "the routing key", &key, &answer->err) == ST_OK && secret_read(f, &t->url, "the address of PagerDuty", &url, &answer->err) == ST_OK) {
		jsonw_init(&w, &body);
		jsonw_open(&w, '{');
		jsonw_key(&w, "routing_key"), jsonw_str(&w, key.p);
		jsonw_key(&w, "event_action"), jsonw_str(&w, m->resolves ? "resolve" : "trigger");
		jsonw_key(&w, "dedup_key"), jsonw_str(&w, m->thread);
		if (!m->resolves)
			jsonw_key(&w, "client"), jsonw_str(&w, "mlyard"), jsonw_key(&w, "payload"), payload(&w, m);
		jsonw_close(&w, '}');
		str_addf(&again, "Idempotency-Key: %s", m->key);
		outcome = notify_post(&(struct http_post){ .url = url.p, .type = "application/json", .headers = (const char *[]){ again.p }, .n_headers = 1,
			.body = body.p, .n = body.len }, task, answer);
	}
	secret_forget(&url), secret_forget(&key), secret_forget(&body);
	str_free(&again);
	return outcome;
}

static const struct field fields[] = { { "routing_key", take_key }, { "url", tell_take_url }, { "on", tell_take_on } };
const struct notify_kind notify_pagerduty = { "pagerduty", fields, sizeof fields / sizeof *fields, check, target, send_it };
