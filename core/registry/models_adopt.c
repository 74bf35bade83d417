/* Adopting: what sources say of models, taken over where it changed since it was last looked at.
 *
 * Merge    three ways, an item at a time (the stage of a version, whether it is deleted, an alias): what the source says now, what it said last time
 *          (the _seen columns), what holds here. The source's word is taken when it differs from its last one, else what holds here stays. So a
 *          decision made here outlives any number of imports, and gives way to the next decision made at the source.
 * Order    one query finds the models with a difference; nothing else happens when there is none. Then, inside the gate, each of them
 *          is read again (another process may have been faster), recorded with before and after, and written. BATCH models share a transaction.
 * Times    a source bumps a version's update time with every transition, so a change seen here happened at that time, or since the last look
 *          when the time does not fit. First sights: it held its stage at the update time at the latest; a version that was never
 *          updated has held it from the beginning. An alias has no time at all: it holds from now on, as far as anybody can prove. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/jsonw.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/registry/change.h"
#include "core/registry/decide_impl.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

enum { BATCH = 256 };

/* A version whose source says something new; and an alias. */
struct version_news {
	int64_t id, version, created_ms, updated_ms, since_ms;
	char *stage, *source_stage;
	bool known, deleted, source_deleted, seen_deleted, stage_moves, delete_moves;
};
struct alias_news { char *alias; int64_t version, seen, source, since_ms; bool known; };      /* 0: none */
struct news {
	struct store *s; struct change *c; int64_t model_id;
	struct version_news *v; size_t n_v, cap_v;
	struct alias_news *a; size_t n_a, cap_a;
};

#define FOREIGN(alias) " JOIN model m ON m.id = " alias ".model_id WHERE m.source_id NOT IN (SELECT id FROM source WHERE kind = '" REG_LOCAL_KIND "') AND "
#define VERSION_DIFFERS "(r.version_id IS NULL OR r.deleted_seen <> v.deleted OR (NOT v.deleted AND r.stage_seen IS NOT v.stage))"
#define ALIASES_HERE " model_alias a LEFT JOIN reg_alias r ON r.model_id = a.model_id AND r.alias = a.alias "
#define ALIASES_GONE " reg_alias r LEFT JOIN model_alias a ON a.model_id = r.model_id AND a.alias = r.alias "

static const char differing[] =
	"SELECT v.model_id FROM" REG_VERSIONS FOREIGN("v") VERSION_DIFFERS
	" UNION SELECT m.id FROM" REG_MODELS "WHERE g.model_id IS NULL AND m.source_id NOT IN (SELECT id FROM source WHERE kind = '" REG_LOCAL_KIND "')"
	" UNION SELECT a.model_id FROM" ALIASES_HERE FOREIGN("a") "r.version_seen IS NOT a.version"
	" UNION SELECT r.model_id FROM" ALIASES_GONE FOREIGN("r") "r.version_seen IS NOT NULL AND a.version IS NULL";

bool models_adopt_due(struct store *s)
{
	sqlite3_stmt *st = reg_query(s, NULL, differing, "");
	bool due = st && sqlite3_step(st) == SQLITE_ROW;
	if (st)
		sqlite3_reset(st);
	return due;
}

/* ---- reading one model's news ---- */

static char *column(sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	return mem_strdup(s ? s : "");
}

static void news_clear(struct news *n)
{
	for (size_t i = 0; i < n->n_v; i++) {
		free(n->v[i].stage);
		free(n->v[i].source_stage);
	}
	for (size_t i = 0; i < n->n_a; i++)
		free(n->a[i].alias);
	n->n_v = n->n_a = 0;
}

static enum status read_versions(struct news *n, struct err *e)
{
	sqlite3_stmt *st = reg_query(n->s, e, "SELECT v.id, v.version, v.created_ms, v.updated_ms, v.stage, v.deleted, r.version_id, r.stage, r.stage_seen IS v.stage, r.deleted, r.deleted_seen, r.since_ms"
		" FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND " VERSION_DIFFERS " ORDER BY v.version", "i", n->model_id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(n->v, n->cap_v, n->n_v + 1);
		struct version_news *v = &n->v[n->n_v++];
		*v = (struct version_news){ .id = sqlite3_column_int64(st, 0), .version = sqlite3_column_int64(st, 1), .created_ms = reg_cell_ms(st, 2), .updated_ms = reg_cell_ms(st, 3),
			.source_stage = column(st, 4), .source_deleted = sqlite3_column_int(st, 5) != 0, .known = sqlite3_column_type(st, 6) != SQLITE_NULL, .stage = column(st, 7),
			.deleted = sqlite3_column_int(st, 9) != 0, .seen_deleted = sqlite3_column_int(st, 10) != 0, .since_ms = sqlite3_column_int64(st, 11) };
		/* What a source says of the stage of a deleted version is only that it is deleted. */
		v->stage_moves = !v->source_deleted && (!v->known || (!sqlite3_column_int(st, 8) && strcmp(v->stage, v->source_stage)));
		v->delete_moves = v->source_deleted != v->seen_deleted && v->deleted != v->source_deleted;
	}
	return reg_end(n->s, st, e);
}

static enum status read_aliases(struct news *n, const char *sql, struct err *e)
{
	sqlite3_stmt *st = reg_query(n->s, e, sql, "i", n->model_id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(n->a, n->cap_a, n->n_a + 1);
		n->a[n->n_a++] = (struct alias_news){ .alias = column(st, 0), .source = sqlite3_column_int64(st, 1), .version = sqlite3_column_int64(st, 2), .seen = sqlite3_column_int64(st, 3),
			.since_ms = sqlite3_column_int64(st, 4), .known = sqlite3_column_type(st, 5) != SQLITE_NULL };
	}
	return reg_end(n->s, st, e);
}

static enum status read_news(struct news *n, struct err *e)
{
	enum status rc = read_versions(n, e);
	if (rc == ST_OK)
		rc = read_aliases(n, "SELECT a.alias, a.version, r.version, r.version_seen, r.since_ms, r.id FROM" ALIASES_HERE "WHERE a.model_id = ?1 AND r.version_seen IS NOT a.version ORDER BY 1", e);
	if (rc == ST_OK)
		rc = read_aliases(n, "SELECT r.alias, 0, r.version, r.version_seen, r.since_ms, r.id FROM" ALIASES_GONE
			"WHERE r.model_id = ?1 AND r.version_seen IS NOT NULL AND a.version IS NULL ORDER BY 1", e);
	return rc;
}

/* ---- the record ---- */

static const char *stage_after(const struct version_news *v)
{
	return v->stage_moves ? v->source_stage : v->known ? v->stage : "None";
}

static bool deleted_after(const struct version_news *v)
{
	return v->delete_moves || !v->known ? v->source_deleted : v->deleted;
}

static void json_versions(struct jsonw *w, const struct news *n, bool after)
{
	jsonw_put_open(w, "versions", '{');
	for (size_t i = 0; i < n->n_v; i++) {
		const struct version_news *v = &n->v[i];
		if (!after && !v->known)
			continue;
		json_member_version(w, v->version, after ? stage_after(v) : v->stage, after ? deleted_after(v) : v->deleted);
	}
	jsonw_close(w, '}');
}

static void json_aliases(struct jsonw *w, const struct news *n, bool after)
{
	jsonw_put_open(w, "aliases", '{');
	for (size_t i = 0; i < n->n_a; i++) {
		int64_t version = after ? n->a[i].source : n->a[i].version;
		jsonw_put_nonzero(w, n->a[i].alias, version);
	}
	jsonw_close(w, '}');
}

static char *news_json(const struct news *n, bool after)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	json_versions(&w, n, after);
	json_aliases(&w, n, after);
	jsonw_close(&w, '}');
	return str_take(&out);
}

/* ---- writing ---- */

/* Ends what is held of (kind, name of an alias or NULL for any stage) by a version (0: any). A span never ends before it began. */
static enum status hold_end(struct news *n, const char *kind, const char *name, int64_t version, int64_t ms, struct err *e)
{
	return reg_exec(n->s, e, "UPDATE reg_held SET to_ms = max(from_ms, ?2), to_seq = ?3 WHERE model_id = ?1 AND kind = ?4 AND to_ms IS NULL"
		" AND (?5 IS NULL OR name = ?5) AND (?6 = 0 OR version = ?6)", "iiitti", n->model_id, ms, n->c->seq, kind, name, version);
}

static enum status hold_start(struct news *n, const char *kind, const char *name, int64_t version, int64_t ms, bool known, struct err *e)
{
	return reg_exec(n->s, e, "INSERT INTO reg_held(model_id, kind, name, version, from_ms, from_seq, from_known, by, how) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 'source')", "ittiiiit",
		n->model_id, kind, name, version, ms, n->c->seq, (int64_t)known, n->c->who.name);
}

/* When what is new in a version that we knew happened. */
static int64_t happened(const struct news *n, const struct version_news *v)
{
	return v->updated_ms != INT64_MIN && v->updated_ms > v->since_ms && v->updated_ms <= n->c->now_ms ? v->updated_ms : n->c->now_ms;
}

/* How long a version that is seen for the first time has held its stage, as far as anything proves it. */
static int64_t first_since(const struct news *n, const struct version_news *v, bool *known)
{
	int64_t ms = v->updated_ms != INT64_MIN ? v->updated_ms : v->created_ms;
	*known = v->created_ms != INT64_MIN && ms == v->created_ms && !strcmp(v->source_stage, "None");
	return ms == INT64_MIN || ms > n->c->now_ms ? n->c->now_ms : ms;
}

static enum status write_first(struct news *n, const struct version_news *v, struct err *e)
{
	bool known;
	int64_t since = first_since(n, v, &known);
	enum status rc = reg_exec(n->s, e, "INSERT INTO reg_version(version_id, stage, since_ms, stage_seen, deleted, deleted_seen, rev) VALUES(?1, ?2, ?3, ?4, ?5, ?5, ?6)", "ititii",
		v->id, stage_after(v), since, v->source_stage, (int64_t)v->source_deleted, n->c->seq);
	if (rc == ST_OK && !v->source_deleted)
		rc = hold_start(n, "stage", v->source_stage, v->version, since, known, e);
	return rc;
}

static enum status write_version(struct news *n, const struct version_news *v, struct err *e)
{
	if (!v->known)
		return write_first(n, v, e);
	const bool was = !v->deleted, is = !deleted_after(v), moved = v->stage_moves || was != is;
	int64_t when = happened(n, v);
	enum status rc = reg_exec(n->s, e, "UPDATE reg_version SET stage = ?2, since_ms = ?3, deleted = ?4, deleted_seen = ?5, stage_seen = CASE WHEN ?5 THEN stage_seen ELSE ?6 END, rev = ?7"
		" WHERE version_id = ?1", "itiiiti", v->id, stage_after(v), moved ? when : v->since_ms, (int64_t)!is, (int64_t)v->source_deleted, v->source_stage, n->c->seq);
	if (rc == ST_OK && was && moved)
		rc = hold_end(n, "stage", NULL, v->version, when, e);
	if (rc == ST_OK && is && moved)
		rc = hold_start(n, "stage", stage_after(v), v->version, when, true, e);
	return rc;
}

static enum status write_alias_row(struct news *n, const struct alias_news *a, struct err *e)
{
	if (!a->source)
		return reg_exec(n->s, e, "DELETE FROM reg_alias WHERE model_id = ? AND alias = ?", "it", n->model_id, a->alias);
	return reg_exec(n->s, e, "INSERT INTO reg_alias(model_id, alias, version, version_seen, since_ms) VALUES(?1, ?2, ?3, ?3, ?4)"
		" ON CONFLICT(model_id, alias) DO UPDATE SET version = ?3, version_seen = ?3, since_ms = ?4", "itii", n->model_id, a->alias, a->source,
		a->source == a->version ? a->since_ms : n->c->now_ms);
}

static enum status write_alias(struct news *n, const struct alias_news *a, struct err *e)
{
	enum status rc = write_alias_row(n, a, e);
	if (rc == ST_OK && a->version && a->version != a->source)
		rc = hold_end(n, "alias", a->alias, 0, n->c->now_ms, e);
	if (rc == ST_OK && a->source && a->version != a->source)
		rc = hold_start(n, "alias", a->alias, a->source, n->c->now_ms, a->known, e);
	return rc;
}

/* ---- a model ---- */

/* Names the model and its source for the record. *first: it was never seen. */
static enum status name_it(struct news *n, struct str *object, bool *first, struct err *e)
{
	sqlite3_stmt *st = reg_query(n->s, e, "SELECT m.name, m.namespace, o.uri, g.model_id FROM" REG_MODELS "JOIN source o ON o.id = m.source_id WHERE m.id = ?1", "i", n->model_id);
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW) {
		const char *space = (const char *)sqlite3_column_text(st, 1);
		struct str who = STR_INIT;
		str_add(object, "model:");
		if (strcmp(space, "default"))
			str_addf(object, "%s/", space);
		str_add(object, (const char *)sqlite3_column_text(st, 0));
		str_addf(&who, "source %s", reg_source_label((const char *)sqlite3_column_text(st, 2)));
		actor_named(&n->c->who, who.p);
		str_free(&who);
		*first = sqlite3_column_type(st, 3) == SQLITE_NULL;
	}
	return reg_end(n->s, st, e);
}

static enum status adopt_model(struct news *n, bool *adopted, struct err *e)
{
	struct str object = STR_INIT;
	bool first = false;
	char *before = NULL, *after = NULL;
	enum status rc = name_it(n, &object, &first, e);
	if (rc == ST_OK)
		rc = read_news(n, e);
	*adopted = rc == ST_OK && (first || n->n_v || n->n_a);
	if (*adopted) {
		n->c->model_id = n->model_id;
		before = first ? NULL : news_json(n, false);
		after = news_json(n, true);
		rc = change_record(n->c, NULL, object.p, before, after, first ? "first seen" : "changed at the source", e);
		for (size_t i = 0; i < n->n_v && rc == ST_OK; i++)
			rc = write_version(n, &n->v[i], e);
		for (size_t i = 0; i < n->n_a && rc == ST_OK; i++)
			rc = write_alias(n, &n->a[i], e);
	}
	free(before);
	free(after);
	str_free(&object);
	news_clear(n);
	return rc;
}

/* One transaction over ids[0..n). */
static enum status adopt_batch(struct store *s, const int64_t *ids, size_t count, int *adopted, struct err *e)
{
	struct change c;
	struct actor who;
	int here = 0;
	actor_named(&who, "source");
	enum status rc = change_begin(&c, s, &who, ACT_SOURCE, "workspace", 0, -1, e);
	if (rc != ST_OK)
		return rc;
	struct news n = { .s = s, .c = &c };
	for (size_t i = 0; i < count && rc == ST_OK; i++) {
		bool any;
		n.model_id = ids[i];
		rc = adopt_model(&n, &any, e);
		here += any;
	}
	if (rc == ST_OK && here)
		rc = change_commit(&c, TOPIC_MODELS, e);
	change_cancel(&c);
	free(n.v);
	free(n.a);
	if (rc == ST_OK)
		*adopted += here;
	return rc;
}

enum status models_adopt(struct store *s, int *n, struct err *e)
{
	int64_t *ids = NULL;
	size_t count = 0, cap = 0;
	*n = 0;
	sqlite3_stmt *st = reg_query(s, e, differing, "");
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(ids, cap, count + 1);
		ids[count++] = sqlite3_column_int64(st, 0);
	}
	enum status rc = reg_end(s, st, e);
	for (size_t i = 0; i < count && rc == ST_OK; i += BATCH)
		rc = adopt_batch(s, ids + i, count - i < BATCH ? count - i : BATCH, n, e);
	free(ids);
	return rc;
}

enum status models_adopt_pool(struct store_pool *pool, struct err *e)
{
	int n;
	struct store *s = store_get(pool, e);
	if (!s)
		return ST_FAILED;
	enum status rc = models_adopt_due(s) ? models_adopt(s, &n, e) : ST_OK;
	store_put(pool, s);
	return rc;
}
