/* PagerDuty's Events API v2: an alert triggers, its acknowledgement acknowledges, its recovery resolves; all carry the alert's thread as dedup_key, by which repeats are one. */
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
	jsonw_put_strn(w, "summary", m->title, n < SUMMARY_MOST ? n : SUMMARY_MOST);
	jsonw_put_str(w, "source", m->host);
	jsonw_put_str(w, "severity", strcmp(m->kind, "trouble") ? "warning" : "error");
	jsonw_put_str(w, "timestamp", fmt_time_iso(when, m->ms));
	jsonw_put_str(w, "component", m->monitor);
	if (*m->model)
		jsonw_put_str(w, "group", m->model);
	jsonw_put_str(w, "class", m->kind);
	jsonw_put_open(w, "custom_details", '{');
	jsonw_put_str(w, "window", m->window);
	jsonw_put_int(w, "report", m->report_id);
	jsonw_put_str(w, "text", m->text);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static const char *action_of(const char *kind) { return !strcmp(kind, "recovered") ? "resolve" : !strcmp(kind, "acknowledged") ? "acknowledge" : "trigger"; }

static enum notify_outcome send_it(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task,
	struct notify_answer *answer)
{
	struct str url = STR_INIT, key = STR_INIT, body = STR_INIT, again = STR_INIT;
	struct jsonw w;
	enum notify_outcome outcome = NOTIFY_LATER;
	if (secret_read(f, &t->password, "the routing key", &key, &answer->err) == ST_OK && secret_read(f, &t->url, "the address of PagerDuty", &url, &answer->err) == ST_OK) {
		jsonw_init(&w, &body);
		jsonw_open(&w, '{');
		jsonw_put_str(&w, "routing_key", key.p);
		jsonw_put_str(&w, "event_action", action_of(m->kind));
		jsonw_put_str(&w, "dedup_key", m->thread);
		if (!strcmp(action_of(m->kind), "trigger"))
			jsonw_put_str(&w, "client", "mlyard"), jsonw_key(&w, "payload"), payload(&w, m);
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
const struct notify_kind notify_pagerduty = { "pagerduty", true, fields, sizeof fields / sizeof *fields, check, target, send_it };
