/* Model cards: every text that was ever saved is kept; what nobody wrote yet is made up from what is known.
 *
 * Template  a section the policy names, each filled with what the registry knows itself (data sets and features, metrics and params, signature, the
 *           owner tag); where only people know, a comment asks and CARD_HINT stands, so that the section does not count as written (card_text.c). */
#include "core/registry/card.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/fmt.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/registry/change.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/policy.h"
#include "core/registry/regsql.h"

/* ---- the template ---- */

static void add_hint(struct str *out, const char *question)
{
	str_addf(out, "<!-- %s -->\n" CARD_HINT "\n", question);
}

static void add_escaped(struct str *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '|')
			str_addc(out, '\\');
		str_addc(out, *s == '\n' ? ' ' : *s);
	}
}

static void add_table_row(struct str *out, const char *key, const char *value)
{
	str_add(out, "| ");
	add_escaped(out, key);
	str_add(out, " | ");
	add_escaped(out, value);
	str_add(out, " |\n");
}

static void add_metrics(struct str *out, const struct reg_version *v)
{
	char buf[FMT_MAX];
	if (!v || !v->n_metrics) {
		add_hint(out, "What was measured, on which data");
		return;
	}
	str_add(out, "| metric | value |\n|---|---|\n");
	for (size_t i = 0; i < v->n_metrics; i++)
		if (v->metrics[i].has_value)
			add_table_row(out, v->metrics[i].key, fmt_number(buf, v->metrics[i].value, 6));
	if (v->n_params)
		str_add(out, "\nTrained with:\n\n| param | value |\n|---|---|\n");
	for (size_t i = 0; i < v->n_params; i++)
		add_table_row(out, v->params[i].key, v->params[i].value);
}

static void add_data(struct str *out, const struct reg_version *v)
{
	bool any = false;
	for (size_t i = 0; v && i < v->n_links; i++) {
		const struct reg_link_row *l = &v->links[i];
		if (strcmp(l->kind, "dataset") && strcmp(l->kind, "feature"))
			continue;
		str_addf(out, "- %s%s%s%s\n", strcmp(l->kind, "feature") ? "" : "feature ", l->target, *l->detail ? ", " : "", l->detail);
		any = true;
	}
	if (v && *v->signature)
		str_addf(out, "%sSignature: `%s`\n", any ? "\n" : "", v->signature);
	if (!any && !(v && *v->signature))
		add_hint(out, "Which data it was trained and tested on, where they come from");
}

static const char *tag_of(const struct reg_version *v, const char *key)
{
	for (size_t i = 0; v && i < v->n_tags; i++)
		if (!strcasecmp(v->tags[i].key, key))
			return v->tags[i].value;
	return "";
}

static void add_owner(struct str *out, const struct reg_version *v)
{
	const char *owner = tag_of(v, "owner");
	if (*owner)
		str_addf(out, "%s\n", owner);
	else
		add_hint(out, "Who answers for it, how to reach them");
}

static void add_use(struct str *out, const struct reg_version *v)
{
	(void)v;
	add_hint(out, "What it decides, for whom, and what it is not for");
}

static void add_limitations(struct str *out, const struct reg_version *v)
{
	(void)v;
	add_hint(out, "Where it fails, what it was not tested on");
}

static void add_fairness(struct str *out, const struct reg_version *v)
{
	(void)v;
	add_hint(out, "Groups that were looked at, differences between them, what was done about it");
}

static const struct { const char *section; void (*fill)(struct str *out, const struct reg_version *v); } sections[] = {
	{ "intended use", add_use }, { "data", add_data }, { "metrics", add_metrics }, { "limitations", add_limitations }, { "fairness", add_fairness }, { "owner", add_owner },
};

static void add_section(struct str *out, const char *name, const struct reg_version *v)
{
	str_addf(out, "\n## %c%s\n\n", toupper((unsigned char)*name), *name ? name + 1 : "");
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (!strcasecmp(sections[i].section, name)) {
			sections[i].fill(out, v);
			return;
		}
	add_hint(out, name);
}

static void add_template(struct str *out, const char *model, const struct reg_version *v, const struct policy *p)
{
	str_addf(out, "# %s", model);
	if (v)
		str_addf(out, " v%" PRId64, v->version);
	str_add(out, "\n\n<!-- A section counts as written when it says something other than comments like this one and \"" CARD_HINT "\". -->\n");
	if (v && *v->description)
		str_addf(out, "\n%s\n", v->description);
	for (size_t i = 0; i < p->n_card_sections; i++)
		add_section(out, p->card_sections[i], v);
}

static enum status make_template(struct store *s, int64_t model_id, int64_t version, struct str *out, struct err *e)
{
	struct arena *a = arena_new();
	struct reg_name name = { .name = "" };
	struct reg_version *v = NULL;
	struct policy *p = NULL;
	enum status rc = model_name(s, model_id, a, &name, e);
	if (rc == ST_OK && version)
		rc = version_load(s, model_id, version, &v, e);
	if (rc == ST_OK)
		rc = policy_load(s, &p, NULL, e);
	if (rc == ST_OK)
		add_template(out, name.name, v, p);
	policy_free(p);
	version_free(v);
	arena_free(a);
	return rc;
}

/* ---- loading and saving ---- */

/* The newest text of exactly this card; *rev 0: none. */
static enum status newest(struct store *s, int64_t model_id, int64_t version, struct str *out, int64_t *rev, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT rev, text FROM reg_card WHERE model_id = ? AND version = ? ORDER BY rev DESC LIMIT 1", "ii", model_id, version);
	*rev = 0;
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW) {
		*rev = sqlite3_column_int64(st, 0);
		str_addn(out, reg_column(st, 1), (size_t)sqlite3_column_bytes(st, 1));
	}
	return reg_end(s, st, e);
}

enum status card_load(struct store *s, int64_t model_id, int64_t version, struct str *out, int64_t *rev, struct err *e)
{
	enum status rc = newest(s, model_id, version, out, rev, e);
	if (rc == ST_OK && !*rev && version) {
		int64_t of_model;
		rc = newest(s, model_id, 0, out, &of_model, e);
		if (rc == ST_OK && of_model)
			return ST_OK;                /* shown for the version; a revision of the version's own does not exist yet */
	}
	return rc == ST_OK && !*rev ? make_template(s, model_id, version, out, e) : rc;
}

static enum status check_text(const char *text, size_t n, struct err *e)
{
	if (n > CARD_MOST_BYTES)
		return err_set(e, ST_REFUSED, "the card has %zu bytes; %d are kept at most", n, CARD_MOST_BYTES);
	if (!text_utf8_valid(text, n) || memchr(text, '\0', n))
		return err_set(e, ST_USAGE, "the card is no UTF-8 text");
	size_t blank = 0;
	while (blank < n && isspace((unsigned char)text[blank]))
		blank++;
	return blank < n ? ST_OK : err_set(e, ST_USAGE, "the card is empty; nothing was saved");
}

static char *card_json(const char *text, size_t n, int64_t rev)
{
	struct str out = STR_INIT;
	struct jsonw w;
	unsigned char hash[POLICY_HASH];
	char hex[2 * POLICY_HASH + 1];
	reg_hash(text, n, hash);
	reg_hex(hash, sizeof hash, hex);
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_put_int(&w, "rev", rev);
	jsonw_put_int(&w, "bytes", (int64_t)n);
	jsonw_put_str(&w, "hash", hex);
	jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status write_card(struct change *c, const char *object, int64_t version, const struct str *old, int64_t rev, const char *text, size_t n, struct err *e)
{
	char *before = rev ? card_json(old->p, old->len, rev) : NULL, *after = card_json(text, n, rev + 1);
	enum status rc = change_record(c, NULL, object, before, after, "", e);
	char *copy = mem_strndup(text, n);
	if (rc == ST_OK)
		rc = reg_exec(c->s, e, "INSERT INTO reg_card(model_id, version, rev, ms, actor, text, seq) VALUES(?, ?, ?, ?, ?, ?, ?)", "iiiitti", c->model_id, version, rev + 1, c->now_ms,
			c->who.name, copy, c->seq);
	free(copy);
	free(before);
	free(after);
	return rc;
}

static void say_saved(struct err *e, const char *model, int64_t version, int64_t rev, int64_t seq)
{
	char which[24] = "";
	if (version)
		snprintf(which, sizeof which, " v%" PRId64, version);
	if (rev)
		err_set(e, ST_OK, "the card of %s%s was saved, revision %" PRId64 ", record %" PRId64, model, which, rev, seq);
	else
		err_set(e, ST_OK, "the card of %s%s is unchanged", model, which);
}

enum status card_save(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *text, size_t n, int64_t expect_rev, struct err *e)
{
	struct change c;
	struct arena *a = arena_new();
	struct reg_name name = { .name = "", .stored = "" };
	struct str old = STR_INIT;
	int64_t rev = 0;
	enum status rc = check_text(text, n, e);
	if (rc == ST_OK)
		rc = model_name(s, model_id, a, &name, e);
	const char *object = version ? arena_printf(a, "model:%s/%" PRId64, name.stored, version) : arena_printf(a, "model:%s", name.stored);
	if (rc == ST_OK)
		rc = change_begin(&c, s, who, ACT_CARD, object, model_id, -1, e);
	if (rc != ST_OK) {
		arena_free(a);
		return rc;
	}
	rc = newest(s, model_id, version, &old, &rev, e);
	bool same = rc == ST_OK && rev && old.len == n && !memcmp(old.p, text, n);
	if (rc == ST_OK && rev != expect_rev)
		rc = err_set(e, ST_REFUSED, "somebody saved this card meanwhile: revision %" PRId64 " is there, %" PRId64 " was edited; look at theirs and edit again", rev, expect_rev);
	if (rc == ST_OK && !same)
		rc = write_card(&c, object, version, &old, rev, text, n, e);
	if (rc == ST_OK && !same)
		rc = change_commit(&c, TOPIC_MODELS, e);
	change_cancel(&c);
	if (rc == ST_OK)
		say_saved(e, name.name, version, same ? 0 : rev + 1, c.seq);
	str_free(&old);
	arena_free(a);
	return rc;
}
