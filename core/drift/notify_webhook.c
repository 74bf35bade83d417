/* The alert's JSON document (docs/monitors.md) by POST, with headers of one's own. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/drift/notify.h"

/* Headers that carry secrets by their name. */
static bool name_is_secret(const char *name)
{
	static const char *const words[] = { "auth", "cookie", "key", "token", "secret", "password", "signature" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

static const char *name_wrong(const char *name)
{
	static const char *const ours[] = { "host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "idempotency-key", "user-agent" };
	if (!*name)
		return "is empty";
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			return "is no name of a header";
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!strcasecmp(name, ours[i]))
			return "is set by mlyard itself";
	return NULL;
}

static void take_headers(struct reading *r, const struct yamldoc_node *x, void *into)
{
	struct monitor_tell *t = into;
	if (x->kind != YAMLDOC_MAP) {
		wrong_kind(r, x, "a map from header to value");
		return;
	}
	t->headers = arena_array(r->arena, MONITOR_MOST_HEADERS, sizeof *t->headers);
	for (const struct yamldoc_node *c = x->child; c; c = c->next) {
		const char *name = arena_strndup(r->arena, c->key, c->key_n), *wrong = name_wrong(name);
		struct monitor_header h = { .name = name };
		if (wrong)
			finding_at(r, c->key_at, "%s %s", quoted(r, c->key, c->key_n), wrong);
		else if (t->n_headers == MONITOR_MOST_HEADERS)
			finding_at(r, c->key_at, "at most %d headers", MONITOR_MOST_HEADERS);
		else if (tell_take_secret(r, c, &h.value, name_is_secret(name) ? "carries a secret, and this file is no place for it" : NULL))
			t->headers[t->n_headers++] = h;
	}
}

static void check(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t)
{
	(void)t;
	if (!yamldoc_get(x, "url"))
		finding_at(r, x->at, "webhook needs \"url\"");
}

static void target(const struct monitor_tell *t, struct str *out)
{
	str_add(out, "webhook ");
	secret_source(&t->url, out);
}

/* "Name: value" of each; values may be secrets, so all of them are wiped. */
struct lines { struct str at[MONITOR_MOST_HEADERS + 1]; const char *text[MONITOR_MOST_HEADERS + 1]; size_t n; };

static enum status lines_make(struct lines *l, const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct err *e)
{
	enum status st = ST_OK;
	*l = (struct lines){ .n = 0 };
	for (size_t i = 0; i <= t->n_headers; i++)
		str_init(&l->at[i]);
	str_addf(&l->at[l->n++], "Idempotency-Key: %s", m->key);
	for (size_t i = 0; st == ST_OK && i < t->n_headers; i++) {
		struct str value = STR_INIT;
		st = secret_read(f, &t->headers[i].value, t->headers[i].name, &value, e);
		str_reserve(&l->at[l->n], strlen(t->headers[i].name) + value.len + 3);
		if (st == ST_OK)
			str_addf(&l->at[l->n++], "%s: %s", t->headers[i].name, value.p);
		secret_forget(&value);
	}
	for (size_t i = 0; i < l->n; i++)
		l->text[i] = l->at[i].p;
	return st;
}

static enum notify_outcome send_it(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task,
	struct notify_answer *answer)
{
	struct str url = STR_INIT;
	struct lines lines;
	enum notify_outcome outcome = NOTIFY_LATER;
	enum status st = lines_make(&lines, f, t, m, &answer->err);
	if (st == ST_OK)
		st = secret_read(f, &t->url, "the address of the webhook", &url, &answer->err);
	if (st == ST_OK)
		outcome = notify_post(&(struct http_post){ .url = url.p, .type = "application/json", .headers = lines.text, .n_headers = lines.n, .body = m->document,
		.n = strlen(m->document),
			.timeout_ms = t->timeout_ms }, task, answer);
	for (size_t i = 0; i <= t->n_headers; i++)
		secret_forget(&lines.at[i]);
	secret_forget(&url);
	return outcome;
}

static const struct field fields[] = { { "url", tell_take_url }, { "headers", take_headers }, { "timeout", tell_take_timeout }, { "on", tell_take_on } };
const struct notify_kind notify_webhook = { "webhook", false, fields, sizeof fields / sizeof *fields, check, target, send_it };
