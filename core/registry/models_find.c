/* What people call a model or a version.
 *
 * Models    the name; "ns/name" for MLflow workspaces other than "default"; "store:name" when two stores have one of that name (store: the last
 *           part of its path). Models that are not deleted come first.
 * Versions  tried in this order: a number, an alias, a lane, "latest", a semantic version. "@" says alias and nothing else. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

enum { NEAR_MOST = 5, WORD_MAX = 48, SHOWN_MAX = 100 };

/* ---- models ---- */

struct hits { int64_t id; int n, alive; struct str list; };

static void clean_into(struct str *out, const char *s)
{
	text_clean(out, s, strnlen(s, SHOWN_MAX), 0);
}

static enum status hits_read(struct store *s, const char *space, size_t space_n, const char *name, const char *store, size_t store_n, struct hits *h, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT m.id," REG_MODEL_DELETED ", o.uri, m.is_prompt FROM" REG_MODELS "JOIN source o ON o.id = m.source_id "
		"WHERE m.namespace = ?1 AND m.name = ?2 ORDER BY 2, m.id", e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_text(st, 1, space, (int)space_n, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, name, -1, SQLITE_TRANSIENT);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *label = reg_source_label((const char *)sqlite3_column_text(st, 2));
		if (store && (strlen(label) != store_n || memcmp(label, store, store_n)))
			continue;
		if (!h->n++)
			h->id = sqlite3_column_int64(st, 0);
		h->alive += !sqlite3_column_int(st, 1);
		str_add(&h->list, h->n > 1 ? ", " : "");
		clean_into(&h->list, label);
		str_addc(&h->list, ':');
		clean_into(&h->list, name);
	}
	return reg_end(s, st, e);
}

/* Edit distance of two short words, case ignored. */
static int distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	int row[WORD_MAX + 1];
	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int diagonal = row[0];
		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			int change = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
			int least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			diagonal = row[j];
			row[j] = change < least ? change : least;
		}
	}
	return row[m];
}

static enum status near_names(struct store *s, const char *text, struct str *out, struct err *e)
{
	int n = 0;
	sqlite3_stmt *st = store_stmt(s, "SELECT m.name FROM" REG_MODELS "WHERE NOT" REG_MODEL_DELETED "ORDER BY m.name", e);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW && n < NEAR_MOST) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		size_t len = strlen(name), typed = strlen(text);
		bool near = distance(name, text) <= 1 + (int)typed / 4 || (typed >= 2 && text_contains(name, len, text, typed)) || (len >= 3 && text_contains(text, typed, name, len));
		if (!near)
			continue;
		str_add(out, n++ ? ", " : "");
		clean_into(out, name);
	}
	return reg_end(s, st, e);
}

static enum status no_model(struct store *s, const char *text, struct err *e)
{
	struct str near = STR_INIT, clean = STR_INIT;
	enum status rc = near_names(s, text, &near, e);
	clean_into(&clean, text);
	if (rc == ST_OK && near.len)
		rc = err_set(e, ST_NOT_FOUND, "no model is called \"%s\"; near it: %s", clean.p, near.p);
	else if (rc == ST_OK)
		rc = err_set(e, ST_NOT_FOUND, "no model is called \"%s\"; `mlyard models list` shows what there is", clean.p);
	str_free(&near);
	str_free(&clean);
	return rc;
}

enum status model_find(struct store *s, const char *name, int64_t *model_id, struct err *e)
{
	struct hits h = { .list = STR_INIT };
	const char *slash = strchr(name, '/'), *colon = strchr(name, ':');
	enum status rc = hits_read(s, "default", 7, name, NULL, 0, &h, e);
	if (rc == ST_OK && !h.n && slash)
		rc = hits_read(s, name, (size_t)(slash - name), slash + 1, NULL, 0, &h, e);
	if (rc == ST_OK && !h.n && colon)
		rc = hits_read(s, "default", 7, colon + 1, name, (size_t)(colon - name), &h, e);
	*model_id = 0;
	if (rc == ST_OK && !h.n)
		rc = no_model(s, name, e);
	else if (rc == ST_OK && h.n > 1 && h.alive != 1)
		rc = err_set(e, ST_USAGE, "several stores have a model of that name; say which one: %s", h.list.p);
	else if (rc == ST_OK)
		*model_id = h.id;
	str_free(&h.list);
	return rc;
}

/* ---- versions ---- */

/* The number in "7" or "v7"; false for anything else. */
static bool version_number(const char *text, int64_t *out)
{
	const char *digits = text + (*text == 'v' || *text == 'V');
	size_t n = strspn(digits, "0123456789");
	if (!n || digits[n] || n > 18)
		return false;
	*out = strtoll(digits, NULL, 10);
	return true;
}

/* The first version that a query over (model, text) gives; 0: none. */
static enum status first_version(struct store *s, const char *sql, int64_t model_id, const char *text, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, sql, "i", model_id);
	if (!st)
		return ST_FAILED;
	if (text)
		sqlite3_bind_text(st, 2, text, -1, SQLITE_TRANSIENT);
	*out = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	return reg_end(s, st, e);
}

static const char by_alias[] = "SELECT version FROM (" REG_ALIASES ") WHERE alias = ?2";
static const char by_number[] = "SELECT version FROM model_version WHERE model_id = ?1 AND version = CAST(?2 AS INTEGER)";
/* In the order of trial behind numbers. */
static const char *const ways[] = {
	by_alias,
	"SELECT v.version FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND" REG_STAGE "= ?2 COLLATE NOCASE AND NOT" REG_DELETED "ORDER BY v.version DESC LIMIT 1",
	"SELECT v.version FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND lower(?2) = 'latest' AND NOT" REG_DELETED "ORDER BY v.version DESC LIMIT 1",
	"SELECT v.version FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND r.semver = ?2 AND NOT" REG_DELETED,
};

/* What there is instead, for the words of a refusal. */
static enum status no_version(struct store *s, int64_t model_id, const char *text, struct err *e)
{
	struct arena *a = arena_new();
	struct str clean = STR_INIT, there = STR_INIT;
	struct reg_name name = { .name = "" };
	int64_t newest = 0;
	enum status rc = model_name(s, model_id, a, &name, e);
	if (rc == ST_OK)
		rc = first_version(s, "SELECT max(version) FROM model_version WHERE model_id = ?1", model_id, NULL, &newest, e);
	sqlite3_stmt *st = rc == ST_OK ? reg_query(s, e, REG_ALIASES, "i", model_id) : NULL;
	for (int n = 0; st && n < NEAR_MOST && sqlite3_step(st) == SQLITE_ROW; n++)
		str_addf(&there, "%s%s", n ? ", " : "; its aliases: ", reg_cell(a, st, 0));
	if (rc == ST_OK)
		rc = st ? reg_end(s, st, e) : ST_FAILED;
	clean_into(&clean, text);
	if (rc == ST_OK && newest)
		rc = err_set(e, ST_NOT_FOUND, "\"%s\" is no version, alias or lane in use of %s; its newest version is %" PRId64 "%s", clean.p, name.name, newest, there.p);
	else if (rc == ST_OK)
		rc = err_set(e, ST_NOT_FOUND, "%s has no versions yet", name.name);
	str_free(&clean);
	str_free(&there);
	arena_free(a);
	return rc;
}

static enum status numbered(struct store *s, int64_t model_id, int64_t number, int64_t *out, struct err *e)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%" PRId64, number);
	return first_version(s, by_number, model_id, digits, out, e);
}

/* An alias of a version that is gone says so: "no such alias" would send people looking in the wrong place. */
static enum status alias_target(struct store *s, int64_t model_id, int64_t version, const char *alias, struct err *e)
{
	int64_t there;
	struct str clean = STR_INIT;
	enum status rc = numbered(s, model_id, version, &there, e);
	clean_into(&clean, alias);
	if (rc == ST_OK && !there)
		rc = err_set(e, ST_NOT_FOUND, "the alias \"%s\" points at version %" PRId64 ", which is not there", clean.p, version);
	str_free(&clean);
	return rc;
}

enum status version_find(struct store *s, int64_t model_id, const char *text, int64_t *version, struct err *e)
{
	const bool alias_only = *text == '@';
	int64_t number;
	enum status rc = ST_OK;
	*version = 0;
	if (version_number(text, &number)) {
		rc = numbered(s, model_id, number, version, e);
		return rc == ST_OK && !*version ? no_version(s, model_id, text, e) : rc;
	}
	for (size_t i = 0; i < sizeof ways / sizeof *ways && rc == ST_OK && !*version; i++) {
		if (alias_only && i)
			break;
		rc = first_version(s, ways[i], model_id, text + alias_only, version, e);
		if (rc == ST_OK && *version && ways[i] == by_alias)
			rc = alias_target(s, model_id, *version, text + alias_only, e);
	}
	if (rc == ST_OK && !*version)
		rc = no_version(s, model_id, text, e);
	if (rc != ST_OK)
		*version = 0;
	return rc;
}
