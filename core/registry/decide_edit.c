/* Design
 *
 * Descriptions, tags, links and deletion: changes of a model or a version that are no transition. Each reads what holds now (decided here, else
 * the source's), compares, and only when it differs records before and after and writes; so saying a thing twice leaves one record. What is
 * decided stands in reg_ tables over the source's own, also that a tag is gone (a row with NULL).
 * Deletion marks, it removes nothing: numbers stay taken, history stays readable. A version in a lane that holds one is in use and stays.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/decide_impl.h"

enum { TAG_KEY_MAX = 250, TAG_VALUE_MAX = 8000, LINK_TARGET_MAX = 1024, LINK_DETAIL_MAX = 4096 };

static char *member_json(const char *member, const char *key, const char *value)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_key(&w, member);
	if (key) {
		jsonw_open(&w, '{');
		jsonw_key(&w, key);
	}
	jsonw_str(&w, value);
	if (key)
		jsonw_close(&w, '}');
	jsonw_close(&w, '}');
	return str_take(&out);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* "churn v7" or "churn" */
static const char *subject(const struct decision *d)
{
	return d->version ? arena_printf(d->arena, "%s v%" PRId64, d->shown, d->version) : d->shown;
}

static enum status record(struct decision *d, const char *before, const char *after, const char *reason, struct err *e)
{
	enum status st = change_record(&d->c, NULL, d->object, before, after, reason, e);
	return st == ST_OK && d->version ? decide_touch(d, d->version, e) : st;
}

/* ---- descriptions ---- */

static enum status describe(struct decision *d, const char *text, const char **said, struct err *e)
{
	char *old;
	const char *of_version = "SELECT coalesce(r.description, v.description, '') FROM model_version v JOIN reg_version r ON r.version_id = v.id WHERE v.model_id = ?1 AND v.version = ?2";
	const char *of_model = "SELECT coalesce(g.description, m.description, '') FROM model m LEFT JOIN reg_model g ON g.model_id = m.id WHERE m.id = ?1 AND ?2 = 0";
	enum status st = reg_text(d->c.s, e, &old, d->version ? of_version : of_model, "ii", d->model_id, d->version);
	if (st == ST_OK && !same(old, text)) {
		char *before = member_json("description", NULL, old), *after = member_json("description", NULL, text);
		st = record(d, before, after, "", e);
		free(before);
		free(after);
		if (st == ST_OK && d->version)
			st = reg_exec(d->c.s, e, "UPDATE reg_version SET description = ? WHERE version_id = ?", "ti", text, d->version_id);
		else if (st == ST_OK)
			st = reg_exec(d->c.s, e, "UPDATE reg_model SET description = ? WHERE model_id = ?", "ti", text, d->model_id);
		*said = arena_printf(d->arena, "%s is described anew", subject(d));
	}
	free(old);
	return st;
}

enum status decide_describe(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *text, struct err *e)
{
	struct decision d;
	const char *said = NULL;
	if (strnlen(text, DECIDE_TEXT_MAX + 1) > DECIDE_TEXT_MAX)
		return err_set(e, ST_USAGE, "the description is longer than %d bytes; use the model card", DECIDE_TEXT_MAX);
	enum status st = decide_open(&d, s, who, ACT_DESCRIBE, model_id, version, NULL, -1, e);
	if (st != ST_OK)
		return st;
	st = describe(&d, text, &said, e);
	if (st == ST_OK && !said)
		err_set(e, ST_OK, "%s is described so already", subject(&d));
	return decide_close(&d, st, said, e);
}

/* ---- tags ---- */

static const char *const source_tags[] = {
	"SELECT value FROM model_tag WHERE model_id = ?1 AND key = ?3 AND ?2 = 0",
	"SELECT t.value FROM model_version_tag t JOIN model_version v ON v.id = t.version_id WHERE v.model_id = ?1 AND v.version = ?2 AND t.key = ?3",
};

/* The value that holds: decided here, else the source's; NULL: none. */
static enum status tag_now(struct decision *d, const char *key, char **value, struct err *e)
{
	int64_t decided;
	enum status st = reg_int(d->c.s, e, 0, &decided, "SELECT count(*) FROM reg_tag WHERE model_id = ? AND version = ? AND key = ?", "iit", d->model_id, d->version, key);
	const char *sql = decided ? "SELECT value FROM reg_tag WHERE model_id = ? AND version = ? AND key = ?" : source_tags[d->version != 0];
	*value = NULL;
	return st == ST_OK ? reg_text(d->c.s, e, value, sql, "iit", d->model_id, d->version, key) : st;
}

static enum status tag(struct decision *d, const char *key, const char *value, const char **said, struct err *e)
{
	char *old;
	enum status st = tag_now(d, key, &old, e);
	if (st == ST_OK && !same(old, value)) {
		char *before = member_json("tags", key, old), *after = member_json("tags", key, value);
		st = record(d, before, after, "", e);
		free(before);
		free(after);
		if (st == ST_OK)
			st = reg_exec(d->c.s, e, "INSERT INTO reg_tag(model_id, version, key, value) VALUES(?, ?, ?, ?) ON CONFLICT(model_id, version, key) DO UPDATE SET value = excluded.value",
				"iitt", d->model_id, d->version, key, value);
		*said = arena_printf(d->arena, value ? "tag %s of %s is set" : "tag %s of %s is removed", decide_clean(d->arena, key), subject(d));
	}
	free(old);
	return st;
}

enum status decide_tag(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *key, const char *value, struct err *e)
{
	struct decision d;
	const char *said = NULL;
	size_t n = strnlen(key, TAG_KEY_MAX + 1);
	if (!n || n > TAG_KEY_MAX)
		return err_set(e, ST_USAGE, "a tag's key has 1 to %d bytes", TAG_KEY_MAX);
	if (value && strnlen(value, TAG_VALUE_MAX + 1) > TAG_VALUE_MAX)
		return err_set(e, ST_USAGE, "the tag's value is longer than %d bytes", TAG_VALUE_MAX);
	enum status st = decide_open(&d, s, who, ACT_TAG, model_id, version, NULL, -1, e);
	if (st != ST_OK)
		return st;
	st = tag(&d, key, value, &said, e);
	if (st == ST_OK && !said)
		err_set(e, ST_OK, value ? "%s has that tag already" : "%s has no such tag", subject(&d));
	return decide_close(&d, st, said, e);
}

/* ---- links ---- */

static const char *const link_kinds[] = {      /* three of parents first */
	"fine_tuned_from", "distilled_from", "retrained_on", "dataset", "feature", "deployed",
};

static bool is_parent(const char *kind)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(kind, link_kinds[i]) == 0)
			return true;
	return false;
}

enum status link_check(const struct register_link *l, struct err *e)
{
	bool known = false;
	for (size_t i = 0; i < sizeof link_kinds / sizeof *link_kinds; i++)
		known |= strcmp(l->kind, link_kinds[i]) == 0;
	if (!known)
		return err_set(e, ST_USAGE, "a link is fine_tuned_from, distilled_from, retrained_on, dataset, feature or deployed, not \"%.60s\"", l->kind);
	size_t n = strnlen(l->target, LINK_TARGET_MAX + 1);
	if (!n || n > LINK_TARGET_MAX)
		return err_set(e, ST_USAGE, "the target of a link has 1 to %d bytes", LINK_TARGET_MAX);
	if (!l->detail)
		return ST_OK;
	json_t *detail = strnlen(l->detail, LINK_DETAIL_MAX + 1) > LINK_DETAIL_MAX ? NULL : json_loads(l->detail, JSON_REJECT_DUPLICATES, NULL);
	bool object = json_is_object(detail);
	json_decref(detail);
	return object ? ST_OK : err_set(e, ST_USAGE, "the detail of a link is a JSON object of at most %d bytes", LINK_DETAIL_MAX);
}

enum status link_put(struct change *c, int64_t version_id, const struct register_link *l, struct err *e)
{
	return reg_exec(c->s, e, "INSERT INTO reg_link(version_id, kind, target, detail) VALUES(?, ?, ?, ?) ON CONFLICT(version_id, kind, target) DO UPDATE SET detail = excluded.detail",
		"ittt", version_id, l->kind, l->target, l->detail ? l->detail : "{}");
}

void links_json(struct jsonw *w, const struct register_link *l, size_t n)
{
	jsonw_put_open(w, "links", '[');
	for (size_t i = 0; i < n; i++) {
		const char *const parts[] = { l[i].kind, l[i].target, l[i].detail ? l[i].detail : "{}" };
		jsonw_open(w, '[');
		for (size_t k = 0; k < 3; k++)
			jsonw_str(w, parts[k]);
		jsonw_close(w, ']');
	}
	jsonw_close(w, ']');
}

static char *link_json(const struct register_link *l)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	links_json(&w, l, 1);
	jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status link_change(struct decision *d, const struct register_link *l, bool remove, const char **said, struct err *e)
{
	char *old;
	const char *detail = l->detail ? l->detail : "{}";
	enum status st = reg_text(d->c.s, e, &old, "SELECT detail FROM reg_link WHERE version_id = ? AND kind = ? AND target = ?", "itt", d->version_id, l->kind, l->target);
	if (st == ST_OK && remove && !old)
		st = err_set(e, ST_NOT_FOUND, "%s has no such link", subject(d));
	if (st == ST_OK && (remove || !same(old, detail))) {
		const struct register_link was = { l->kind, l->target, old };
		char *before = old ? link_json(&was) : NULL, *after = remove ? NULL : link_json(l);
		st = record(d, before, after, "", e);
		free(before);
		free(after);
		if (st == ST_OK && remove)
			st = reg_exec(d->c.s, e, "DELETE FROM reg_link WHERE version_id = ? AND kind = ? AND target = ?", "itt", d->version_id, l->kind, l->target);
		else if (st == ST_OK)
			st = link_put(&d->c, d->version_id, l, e);
		*said = arena_printf(d->arena, "%s is %s %s %s", subject(d), remove ? "no longer linked:" : "linked:", l->kind, decide_clean(d->arena, l->target));
	}
	free(old);
	return st;
}

enum status decide_link(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const struct register_link *l, bool remove, struct err *e)
{
	struct decision d;
	const char *said = NULL;
	enum status st = link_check(l, e);
	if (st == ST_OK && !version)
		st = err_set(e, ST_USAGE, "links belong to a version; name one");
	if (st == ST_OK)
		st = decide_open(&d, s, who, ACT_LINK, model_id, version, NULL, -1, e);
	if (st != ST_OK)
		return st;
	if (!remove && is_parent(l->kind) && strcmp(l->target, arena_printf(d.arena, "%s/%" PRId64, d.model, version)) == 0)
		st = err_set(e, ST_USAGE, "%s v%" PRId64 " did not come from itself", d.shown, version);
	if (st == ST_OK)
		st = link_change(&d, l, remove, &said, e);
	if (st == ST_OK && !said)
		err_set(e, ST_OK, "%s is linked so already", subject(&d));
	return decide_close(&d, st, said, e);
}

/* ---- deletion ---- */

/* What goes: the living versions asked about, and the aliases that point at them. */
struct going { int64_t *versions; const char **stages; size_t n, cap, cap_s; const char **aliases; int64_t *held_by; size_t n_aliases, cap_a, cap_h; };

static void going_free(struct going *g)
{
	free(g->versions);
	free(g->stages);
	free(g->aliases);
	free(g->held_by);
}

static enum status find_going(struct decision *d, struct going *g, struct err *e)
{
	int rc;
	sqlite3_stmt *q = reg_query(d->c.s, e, "SELECT v.version, r.stage FROM model_version v JOIN reg_version r ON r.version_id = v.id WHERE v.model_id = ?1 AND (?2 = 0 OR v.version = ?2) "
		"AND NOT r.deleted ORDER BY 1", "ii", d->model_id, d->version);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(g->versions, g->cap, g->n + 1);
		MEM_GROW(g->stages, g->cap_s, g->n + 1);
		g->versions[g->n] = sqlite3_column_int64(q, 0);
		g->stages[g->n++] = arena_strdup(d->arena, reg_column(q, 1));
	}
	enum status st = reg_done(d->c.s, q, rc, e);
	if (st == ST_OK)
		q = reg_query(d->c.s, e, "SELECT alias, version FROM reg_alias WHERE model_id = ?1 AND version IS NOT NULL AND (?2 = 0 OR version = ?2) ORDER BY 1", "ii", d->model_id, d->version);
	if (st != ST_OK || !q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(g->aliases, g->cap_a, g->n_aliases + 1);
		MEM_GROW(g->held_by, g->cap_h, g->n_aliases + 1);
		g->held_by[g->n_aliases] = sqlite3_column_int64(q, 1);
		g->aliases[g->n_aliases++] = arena_strdup(d->arena, reg_column(q, 0));
	}
	return reg_done(d->c.s, q, rc, e);
}

static enum status may_go(const struct decision *d, const struct going *g, struct err *e)
{
	for (size_t i = 0; i < g->n; i++)
		if (policy_lane_single(d->policy, g->stages[i]))
			return err_set(e, ST_REFUSED, "%s v%" PRId64 " is in %s: move it to another lane before it is deleted", d->shown, g->versions[i], g->stages[i]);
	return ST_OK;
}

static char *going_json(const struct going *g, bool after)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_put_open(&w, "versions", '{');
	for (size_t i = 0; i < g->n; i++)
		json_member_version(&w, g->versions[i], g->stages[i], after);
	jsonw_close(&w, '}');
	jsonw_put_open(&w, "aliases", '{');
	for (size_t i = 0; i < g->n_aliases; i++)
		jsonw_put_nonzero(&w, g->aliases[i], after ? 0 : g->held_by[i]);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status let_go(struct decision *d, const struct going *g, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; i < g->n && st == ST_OK; i++) {
		st = reg_exec(d->c.s, e, "UPDATE reg_version SET deleted = 1, since_ms = max(since_ms, ?1), rev = ?2 WHERE version_id = (SELECT id FROM model_version WHERE model_id = ?3 AND version = ?4)",
			"iiii", d->c.now_ms, d->c.seq, d->model_id, g->versions[i]);
		if (st == ST_OK)
			st = held_end(&d->c, "stage", g->stages[i], g->versions[i], e);
		if (st == ST_OK)
			st = reg_exec(d->c.s, e, "UPDATE reg_request SET state = 'withdrawn', closed_ms = ? WHERE model_id = ? AND version = ? AND state = 'open'", "iii",
				d->c.now_ms, d->model_id, g->versions[i]);
	}
	for (size_t i = 0; i < g->n_aliases && st == ST_OK; i++) {
		st = alias_put(&d->c, g->aliases[i], 0, e);
		if (st == ST_OK)
			st = held_end(&d->c, "alias", g->aliases[i], 0, e);
	}
	if (st == ST_OK && !d->version)
		st = reg_exec(d->c.s, e, "UPDATE reg_model SET deleted = 1 WHERE model_id = ?", "i", d->model_id);
	return st;
}

enum status decide_delete(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *reason, struct err *e)
{
	struct decision d;
	struct going g = { 0 };
	const char *said = NULL;
	enum status st = decide_reason(reason, e);
	if (st == ST_OK)
		st = decide_open(&d, s, who, ACT_DELETE, model_id, version, NULL, -1, e);
	if (st != ST_OK)
		return st;
	st = find_going(&d, &g, e);
	if (st == ST_OK)
		st = may_go(&d, &g, e);
	if (st == ST_OK) {
		char *before = going_json(&g, false), *after = going_json(&g, true);
		st = change_record(&d.c, NULL, d.object, before, after, reason, e);
		free(before);
		free(after);
	}
	if (st == ST_OK)
		st = let_go(&d, &g, e);
	if (st == ST_OK)
		said = arena_printf(d.arena, g.n_aliases ? "%s is deleted with %zu alias%s" : "%s is deleted", subject(&d), g.n_aliases, g.n_aliases == 1 ? "" : "es");
	going_free(&g);
	return decide_close(&d, st, said, e);
}
