/* Slack's incoming webhooks: header, text and context blocks. Mrkdwn is escaped (& < >), so that no name in the data becomes a link or calls a channel. */
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/notify.h"

enum { HEADER_MOST = 150, SECTION_MOST = 2900 };  /* Slack's limits: 150 and 3000 characters */

static void take_hook(struct reading *r, const struct yamldoc_node *x, void *into)
{
	/* A server of the tests' or of the house that speaks Slack's way has no secret in its path. */
	if (x->kind == YAMLDOC_SCALAR && !url_is_local(x->text))
		tell_take_secret(r, x, &((struct monitor_tell *)into)->url, "of Slack is a secret, and this file is no place for it");
	else
		tell_take_url(r, x, into);
}

static void check(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t)
{
	(void)t;
	if (!yamldoc_get(x, "url"))
		finding_at(r, x->at, "slack needs the \"url\" of an incoming webhook: {from_env: NAME} or {from_file: PATH}");
}

static void target(const struct monitor_tell *t, struct str *out)
{
	str_add(out, "Slack, ");
	secret_source(&t->url, out);
}

/* At most `most` bytes, cut between characters. */
static void escape(struct str *out, const char *s, size_t most)
{
	const size_t from = out->len;
	for (; *s && out->len - from < most; s++)
		if (*s == '&' || *s == '<' || *s == '>')
			str_add(out, *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : "&gt;");
		else
			str_addc(out, *s);
	if (!*s)
		return;
	while (out->len > from && (*s & 0xc0) == 0x80) {
		s--;
		str_cut(out, out->len - 1);
	}
	str_add(out, "\xe2\x80\xa6");
}

static void block(struct jsonw *w, const char *type, const char *text_type, const char *text, bool list)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "type", type);
	jsonw_key(w, list ? "elements" : "text");
	if (list)
		jsonw_open(w, '[');
	jsonw_open(w, '{');
	jsonw_put_str(w, "type", text_type);
	jsonw_put_str(w, "text", text);
	jsonw_close(w, '}');
	if (list)
		jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void body_of(const struct notify_message *m, struct str *out)
{
	struct str head = STR_INIT, text = STR_INIT, foot = STR_INIT, short_text = STR_INIT;
	struct jsonw w;
	char when[FMT_MAX];
	/* plain_text is not parsed, so the header is not escaped; it is cut by bytes, which is never too long. */
	const size_t n = strlen(m->title);
	str_addn(&head, m->title, n < HEADER_MOST ? n : HEADER_MOST - 1);
	while (n >= HEADER_MOST && head.len && ((unsigned char)m->title[head.len] & 0xc0) == 0x80)
		str_cut(&head, head.len - 1);
	escape(&text, m->text, SECTION_MOST);
	escape(&short_text, head.p, SECTION_MOST);
	str_addf(&foot, "%s", fmt_time_iso(when, m->ms));
	if (*m->model) {
		str_add(&foot, " \xc2\xb7 ");
		escape(&foot, m->model, HEADER_MOST);
	}
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "text", short_text.p);
	jsonw_put_open(&w, "blocks", '[');
	block(&w, "header", "plain_text", head.p, false);
	block(&w, "section", "mrkdwn", text.p, false);
	block(&w, "context", "mrkdwn", foot.p, true);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	str_free(&head), str_free(&text), str_free(&foot), str_free(&short_text);
}

static enum notify_outcome send_it(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task,
	struct notify_answer *answer)
{
	struct str url = STR_INIT, body = STR_INIT, key = STR_INIT;
	enum notify_outcome outcome = NOTIFY_LATER;
	if (secret_read(f, &t->url, "the address of Slack", &url, &answer->err) == ST_OK) {
		body_of(m, &body);
		str_addf(&key, "Idempotency-Key: %s", m->key);
		outcome = notify_post(&(struct http_post){ .url = url.p, .type = "application/json; charset=utf-8", .headers = (const char *[]){ key.p }, .n_headers = 1,
			.body = body.p, .n = body.len },
			task, answer);
	}
	secret_forget(&url);
	str_free(&body), str_free(&key);
	return outcome;
}

static const struct field fields[] = { { "url", take_hook }, { "on", tell_take_on } };
const struct notify_kind notify_slack = { "slack", true, fields, sizeof fields / sizeof *fields, check, target, send_it };
