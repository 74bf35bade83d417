/* The words of the audit page: the line that narrows the log, and a record told field by field. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/when.h"
#include "views/registry_audit.h"

enum { NESTED_MOST = 4 };

/* ---- the filter --------------------------------------------------------------------------------------------- */

void audit_filter_done(struct audit_filter *f)
{
	free(f->line);
	free(f->object);
	free(f->actor);
	free(f->action);
	free(f->text);
	*f = (struct audit_filter){ .line = NULL };
}

static void put(char **at, const char *prefix, const char *word, size_t n)
{
	struct str s = STR_INIT;
	str_add(&s, prefix);
	str_addn(&s, word, n);
	free(*at);
	*at = str_take(&s);
}

static enum status put_time(int64_t *at, const char *word, size_t n, struct err *e)
{
	char *text = mem_strndup(word, n);
	enum status st = when_parse(text, clock_wall_ms(), at, e);
	free(text);
	return st;
}

static void put_text(struct audit_filter *f, const char *word, size_t n)
{
	struct str s = STR_INIT;
	if (f->text)
		str_addf(&s, "%s ", f->text);
	str_addn(&s, word, n);
	free(f->text);
	f->text = str_take(&s);
}

static enum status put_word(struct audit_filter *f, const char *w, size_t n, struct err *e)
{
	static const char *const keys[] = { "model:", "object:", "actor:", "action:", "since:", "until:" };
	size_t k = 0, kn = 0;
	for (; k < sizeof keys / sizeof *keys; k++) {
		kn = strlen(keys[k]);
		if (n >= kn && !strncmp(w, keys[k], kn))
			break;
	}
	const char *rest = w + kn;
	size_t rn = n - (kn < n ? kn : n);
	if (k < sizeof keys / sizeof *keys && !rn)
		return err_set(e, ST_USAGE, "say what after %s", keys[k]);
	switch (k) {
	case 0: put(&f->object, "model:", rest, rn); return ST_OK;
	case 1: put(&f->object, "", rest, rn); return ST_OK;
	case 2: put(&f->actor, "", rest, rn); return ST_OK;
	case 3: put(&f->action, "", rest, rn); return ST_OK;
	case 4: return put_time(&f->since_ms, rest, rn, e);
	case 5: return put_time(&f->until_ms, rest, rn, e);
	default: put_text(f, w, n); return ST_OK;
	}
}

enum status audit_filter_set(struct audit_filter *f, const char *line, struct err *e)
{
	struct audit_filter fresh = { .line = NULL };
	const char *at = line + strspn(line, " ");
	if (*at)
		fresh.line = mem_strdup(line);
	while (*at) {
		size_t n = strcspn(at, " ");
		enum status st = put_word(&fresh, at, n, e);
		if (st != ST_OK) {
			audit_filter_done(&fresh);
			return st;
		}
		at += n;
		at += strspn(at, " ");
	}
	audit_filter_done(f);
	*f = fresh;
	return ST_OK;
}

void audit_filter_query(const struct audit_filter *f, struct audit_query *q)
{
	q->object_prefix = f->object;
	q->actor = f->actor;
	q->action_prefix = f->action;
	q->text = f->text;
	q->since_ms = f->since_ms;
	q->until_ms = f->until_ms;
}

/* ---- a record ------------------------------------------------------------------------------------------------- */

/* A value on one line; texts without their quotes. */
static void add_value(const json_t *x, struct str *out)
{
	if (!x || json_is_null(x)) {
		str_add(out, "nothing");
		return;
	}
	char *text = json_is_string(x) ? NULL : json_dumps(x, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
	const char *s = text ? text : json_is_string(x) ? json_string_value(x) : "?";
	text_clean(out, s, strlen(s), 0);
	free(text);
}

static void add_change(const char *key, const json_t *before, const json_t *after, bool ascii, struct str *out)
{
	text_clean(out, key, strlen(key), 0);
	str_add(out, ": ");
	if (before) {
		add_value(before, out);
		str_add(out, ascii ? " -> " : " → ");
	}
	add_value(after, out);
	str_addc(out, '\n');
}

/* Objects within objects are told by their path: "versions.3.stage: Staging -> Production". What is new and empty says nothing. */
static void add_fields(const char *path, const json_t *before, const json_t *after, int depth, bool ascii, struct str *out);

static void add_field(const char *path, const char *key, const json_t *old, const json_t *x, int depth, bool ascii, struct str *out)
{
	struct str name = STR_INIT;
	bool empty = !x || json_is_null(x) || (json_is_array(x) && !json_array_size(x)) || (json_is_object(x) && !json_object_size(x));
	str_addf(&name, "%s%s%s", path, *path ? "." : "", key);
	if (depth < NESTED_MOST && json_is_object(x) && (!old || json_is_object(old)))
		add_fields(name.p, old, x, depth + 1, ascii, out);
	else if (old || !empty)
		add_change(name.p, old, x, ascii, out);
	str_free(&name);
}

static void add_fields(const char *path, const json_t *before, const json_t *after, int depth, bool ascii, struct str *out)
{
	const char *key;
	json_t *x;
	json_object_foreach((json_t *)(uintptr_t)after, key, x) {
		const json_t *old = json_object_get(before, key);
		if (!old || !json_equal(old, x))
			add_field(path, key, old, x, depth, ascii, out);
	}
	json_object_foreach((json_t *)(uintptr_t)before, key, x)
		if (!json_object_get(after, key))
			add_field(path, key, x, NULL, depth, ascii, out);
}

void audit_changes(const struct audit_row *r, bool ascii, struct str *out)
{
	json_t *before = *r->before ? json_loads(r->before, 0, NULL) : NULL, *after = *r->after ? json_loads(r->after, 0, NULL) : NULL;
	bool readable = (before || !*r->before) && (after || !*r->after) && (!before || json_is_object(before)) && (!after || json_is_object(after));
	if (readable) {
		add_fields("", before, after, 0, ascii, out);
	} else {
		str_addf(out, "before: %s\n", *r->before ? r->before : "nothing");
		str_addf(out, "after: %s\n", *r->after ? r->after : "nothing");
	}
	json_decref(before);
	json_decref(after);
}

static void add_json(const char *title, const char *text, struct str *out)
{
	json_t *x = *text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	char *pretty = x ? json_dumps(x, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL;
	const char *s = pretty ? pretty : *text ? text : "nothing";
	str_addf(out, "\n%s\n", title);
	text_clean(out, s, strlen(s), TEXT_LINES);
	str_addc(out, '\n');
	free(pretty);
	json_decref(x);
}

void audit_story(const struct audit_row *r, bool ascii, struct str *out)
{
	char when[FMT_MAX], iso[FMT_MAX];
	str_addf(out, "action    %s\nobject    %s\nactor     %s, uid %lld%s%s\n", r->action, r->object, r->actor, (long long)r->uid, *r->key_id ? ", key " : "", r->key_id);
	str_addf(out, "time      %s   %s\n", fmt_time(when, r->ms), fmt_time_iso(iso, r->ms));
	str_addf(out, "reason    %s\nhash      ", *r->reason ? r->reason : "none");
	for (int i = 0; i < AUDIT_HASH; i++)
		str_addf(out, "%02x", r->hash[i]);
	str_add(out, "\n\nwhat changed\n");
	audit_changes(r, ascii, out);
	add_json("before", r->before, out);
	add_json("after", r->after, out);
}
