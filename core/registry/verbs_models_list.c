/* models list, models versions, models show: the registry as tables for people and as documents for programs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"
#include "core/registry/verbs_impl.h"

static const char *shown_time(const struct out *o, int64_t ms, char buf[FMT_MAX])
{
	return ms == INT64_MIN ? NULL : o->tty ? fmt_time(buf, ms) : fmt_time_iso(buf, ms);
}

/* {"champion":4,...} of a model. */
static enum status json_aliases(struct jsonw *w, struct store *s, int64_t model_id, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, REG_ALIASES, "i", model_id);
	if (!st)
		return ST_FAILED;
	jsonw_put_open(w, "aliases", '{');
	while (sqlite3_step(st) == SQLITE_ROW) {
		jsonw_keyn(w, (const char *)sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0));
		jsonw_int(w, sqlite3_column_int64(st, 1));
	}
	jsonw_close(w, '}');
	return reg_end(s, st, e);
}

/* The newest version of each stage, as MLflow's latest_versions. */
static enum status json_latest(struct jsonw *w, struct store *s, int64_t model_id, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT" REG_STAGE ", max(v.version) FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND NOT" REG_DELETED "GROUP BY 1 ORDER BY 1", "i", model_id);
	if (!st)
		return ST_FAILED;
	jsonw_put_open(w, "latest_versions", '{');
	while (sqlite3_step(st) == SQLITE_ROW) {
		jsonw_keyn(w, (const char *)sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0));
		jsonw_int(w, sqlite3_column_int64(st, 1));
	}
	jsonw_close(w, '}');
	return reg_end(s, st, e);
}

/* The members of a model's object, without its braces. */
static enum status model_json(struct jsonw *w, struct store *s, const struct reg_model_row *m, struct err *e)
{
	jsonw_put_str(w, "name", m->name);
	jsonw_put_str(w, "source", m->source);
	jsonw_put_bool(w, "local", m->local);
	jsonw_put_str(w, "description", m->description);
	jsonw_put_int(w, "versions_count", m->versions);
	jsonw_put_nonzero(w, "latest_version", m->latest);
	jsonw_key(w, "production");
	if (m->production) {
		jsonw_open(w, '{');
		jsonw_put_int(w, "version", m->production);
		json_time(w, "since_ms", m->production_since_ms);
		jsonw_close(w, '}');
	} else {
		jsonw_null(w);
	}
	jsonw_put_int(w, "open_requests", m->requests);
	json_time(w, "creation_time_ms", m->created_ms);
	json_time(w, "last_update_time_ms", m->updated_ms);
	jsonw_put_bool(w, "deleted", m->deleted);
	jsonw_put_bool(w, "prompt", m->prompt);
	enum status rc = json_latest(w, s, m->id, e);
	return rc == ST_OK ? json_aliases(w, s, m->id, e) : rc;
}

static enum status list_json(struct store *s, const struct reg_models *m, struct out *o, struct err *e)
{
	struct json_out j;
	enum status rc = ST_OK;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_open(&j.w, "models", '[');
	for (size_t i = 0; i < m->n && rc == ST_OK; i++) {
		jsonw_open(&j.w, '{');
		rc = model_json(&j.w, s, &m->at[i], e);
		jsonw_close(&j.w, '}');
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "total", (int64_t)m->n);
	jsonw_close(&j.w, '}');
	enum status written = json_out_end(&j, rc == ST_OK ? e : NULL);
	return rc != ST_OK ? rc : written;
}

static void list_table(const struct reg_models *m, struct out *o)
{
	static const struct { const char *title; enum out_align align; } columns[] = {
		{ "name", OUT_LEFT }, { "versions", OUT_RIGHT }, { "latest", OUT_RIGHT }, { "production", OUT_RIGHT }, { "since", OUT_LEFT }, { "aliases", OUT_LEFT }, { "requests", OUT_RIGHT }, { "source", OUT_LEFT },
	};
	char buf[FMT_MAX];
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		out_table_column(t, columns[i].title, columns[i].align);
	for (size_t i = 0; i < m->n; i++) {
		const struct reg_model_row *r = &m->at[i];
		out_table_cellf(t, "%s%s", r->name, r->deleted ? " (deleted)" : r->prompt ? " (prompt)" : "");
		out_table_cellf(t, "%" PRId64, r->versions);
		if (r->latest)
			out_table_cellf(t, "%" PRId64, r->latest);
		else
			out_table_cell(t, NULL);
		if (r->production)
			out_table_cellf(t, "%" PRId64, r->production);
		else
			out_table_cell(t, NULL);
		out_table_cell(t, r->production ? shown_time(o, r->production_since_ms, buf) : NULL);
		out_table_cell(t, *r->aliases ? r->aliases : NULL);
		if (r->requests)
			out_table_cellf(t, "%" PRId64, r->requests);
		else
			out_table_cell(t, NULL);
		out_table_cell(t, r->source);
	}
	out_table_end(t);
	if (o->tty && !m->n)
		fputs("no models; `mlyard models register NAME --run RUN` registers one\n", o->out);
}

VERB_FN(verb_models_list)
{
	struct store *s;
	struct reg_models *m;
	enum status rc = reg_verb_open(ws, o, &s, e);
	if (rc != ST_OK)
		return rc;
	rc = models_load(s, verb_flag(a, "prompts"), verb_flag(a, "deleted"), &m, e);
	if (rc == ST_OK) {
		if (o->json) {
			rc = list_json(s, m, o, e);
		} else {
			list_table(m, o);
			rc = out_check(o->out, e);
		}
		models_free(m);
	}
	store_put(ws->pool, s);
	return rc;
}

/* ---- versions ---- */

static const char versions_sql[] =
	"SELECT v.version," REG_STAGE "," REG_SINCE ", r.semver, v.run_uuid, (SELECT name FROM run WHERE uuid = v.run_uuid ORDER BY deleted LIMIT 1), coalesce(nullif(r.registered_by, ''), v.user),"
	" v.created_ms," REG_DELETED ", coalesce(r.description, v.description), coalesce(lower(hex(r.digest)), ''),"
	" (SELECT group_concat(alias, ', ') FROM (SELECT alias FROM reg_alias WHERE model_id = v.model_id AND version = v.version UNION ALL SELECT a.alias FROM model_alias a"
	" WHERE a.model_id = v.model_id AND a.version = v.version AND NOT EXISTS(SELECT 1 FROM reg_alias x WHERE x.model_id = a.model_id AND x.alias = a.alias) ORDER BY 1))"
	" FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND" REG_DELETED "<= ?2 ORDER BY v.version DESC";
struct version_row { int64_t version, since_ms, created_ms; const char *stage, *semver, *run_uuid, *run_name, *user, *description, *digest, *aliases; bool deleted; };

static void row_take(struct version_row *r, struct arena *a, sqlite3_stmt *st)
{
	*r = (struct version_row){ .version = sqlite3_column_int64(st, 0), .stage = reg_cell(a, st, 1), .since_ms = reg_cell_ms(st, 2), .semver = reg_cell(a, st, 3), .run_uuid = reg_cell(a, st, 4),
		.run_name = reg_cell(a, st, 5), .user = reg_cell(a, st, 6), .created_ms = reg_cell_ms(st, 7), .deleted = sqlite3_column_int(st, 8) != 0, .description = reg_cell_lines(a, st, 9),
		.digest = reg_cell(a, st, 10), .aliases = reg_cell(a, st, 11) };
}

static void row_json(struct jsonw *w, const struct version_row *r)
{
	jsonw_open(w, '{');
	jsonw_put_int(w, "version", r->version);
	jsonw_put_str(w, "stage", r->stage);
	json_time(w, "since_ms", r->since_ms);
	jsonw_put_str(w, "semver", *r->semver ? r->semver : NULL);
	jsonw_put_open(w, "aliases", '[');
	for (const char *p = r->aliases, *end; *p; p = *end ? end + 2 : end) {
		end = strchrnul(p, ',');
		jsonw_strn(w, p, (size_t)(end - p));
	}
	jsonw_close(w, ']');
	jsonw_put_str(w, "run_id", *r->run_uuid ? r->run_uuid : NULL);
	jsonw_put_str(w, "run_name", *r->run_name ? r->run_name : NULL);
	jsonw_put_str(w, "user", r->user);
	jsonw_put_str(w, "description", r->description);
	jsonw_put_str(w, "digest", *r->digest ? r->digest : NULL);
	json_time(w, "creation_time_ms", r->created_ms);
	jsonw_put_bool(w, "deleted", r->deleted);
	jsonw_close(w, '}');
}

static enum status versions_json(struct jsonw *w, struct store *s, int64_t model_id, bool deleted, struct err *e)
{
	struct arena *a = arena_new();
	struct version_row r;
	sqlite3_stmt *st = reg_query(s, e, versions_sql, "ii", model_id, (int64_t)deleted);
	enum status rc = st ? ST_OK : ST_FAILED;
	jsonw_put_open(w, "versions", '[');
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		row_take(&r, a, st);
		row_json(w, &r);
	}
	jsonw_close(w, ']');
	if (st)
		rc = reg_end(s, st, e);
	arena_free(a);
	return rc;
}

static void version_cells(struct out_table *t, const struct version_row *r, struct out *o)
{
	char buf[FMT_MAX];
	out_table_cellf(t, "%" PRId64, r->version);
	out_table_cellf(t, "%s%s", r->stage, r->deleted ? " (deleted)" : "");
	out_table_cell(t, shown_time(o, r->since_ms, buf));
	out_table_cell(t, *r->aliases ? r->aliases : NULL);
	out_table_cell(t, *r->semver ? r->semver : NULL);
	out_table_cell(t, *r->run_name ? r->run_name : *r->run_uuid ? r->run_uuid : NULL);
	out_table_cell(t, *r->user ? r->user : NULL);
	out_table_cell(t, shown_time(o, r->created_ms, buf));
	out_table_cell(t, *r->description ? r->description : NULL);
}

static enum status versions_table(struct store *s, int64_t model_id, bool deleted, struct out *o, struct err *e)
{
	static const char *const titles[] = { "version", "stage", "since", "aliases", "semver", "run", "user", "created", "description" };
	struct arena *a = arena_new();
	struct version_row r;
	sqlite3_stmt *st = reg_query(s, e, versions_sql, "ii", model_id, (int64_t)deleted);
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		out_table_column(t, titles[i], i ? OUT_LEFT : OUT_RIGHT);
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		row_take(&r, a, st);
		version_cells(t, &r, o);
	}
	out_table_end(t);
	arena_free(a);
	return st ? reg_end(s, st, e) : ST_FAILED;
}

VERB_FN(verb_models_versions)
{
	struct store *s;
	int64_t id;
	struct json_out j;
	enum status rc = reg_verb_model(ws, a, o, &s, &id, e), written;
	if (rc != ST_OK)
		return rc;
	if (o->json) {
		json_out_init(&j, o->out);
		jsonw_open(&j.w, '{');
		jsonw_put_str(&j.w, "model", verb_arg(a, 0));
		rc = versions_json(&j.w, s, id, verb_flag(a, "deleted"), e);
		jsonw_close(&j.w, '}');
		written = json_out_end(&j, rc == ST_OK ? e : NULL);
	} else {
		rc = versions_table(s, id, verb_flag(a, "deleted"), o, e);
		written = out_check(o->out, rc == ST_OK ? e : NULL);
	}
	store_put(ws->pool, s);
	return rc != ST_OK ? rc : written;
}

/* ---- show ---- */

static enum status json_tags(struct jsonw *w, struct store *s, int64_t model_id, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT key, value FROM (SELECT key, value FROM model_tag t WHERE model_id = ?1 AND NOT EXISTS(SELECT 1 FROM reg_tag g WHERE g.model_id = ?1 AND g.version = 0"
		" AND g.key = t.key) UNION ALL SELECT key, value FROM reg_tag WHERE model_id = ?1 AND version = 0 AND value IS NOT NULL) ORDER BY 1", "i", model_id);
	if (!st)
		return ST_FAILED;
	jsonw_put_open(w, "tags", '{');
	while (sqlite3_step(st) == SQLITE_ROW) {
		jsonw_keyn(w, reg_column(st, 0), (size_t)sqlite3_column_bytes(st, 0));
		jsonw_strn(w, reg_column(st, 1), (size_t)sqlite3_column_bytes(st, 1));
	}
	jsonw_close(w, '}');
	return reg_end(s, st, e);
}

static enum status show_model_json(struct store *s, const struct reg_model_row *m, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	enum status rc = model_json(&j.w, s, m, e);
	if (rc == ST_OK)
		rc = json_tags(&j.w, s, m->id, e);
	if (rc == ST_OK)
		rc = versions_json(&j.w, s, m->id, false, e);
	jsonw_close(&j.w, '}');
	enum status written = json_out_end(&j, rc == ST_OK ? e : NULL);
	return rc != ST_OK ? rc : written;
}

static enum status show_model_text(struct store *s, const struct reg_model_row *m, struct out *o, struct err *e)
{
	char buf[FMT_MAX];
	fprintf(o->out, "%s%s\n", m->name, m->deleted ? " (deleted)" : "");
	if (*m->description) {
		out_text(o, m->description, strlen(m->description));
		fputc('\n', o->out);
	}
	fprintf(o->out, "source      %s\n", m->local ? "this workspace" : m->source);
	if (m->created_ms != INT64_MIN)
		fprintf(o->out, "created     %s\n", shown_time(o, m->created_ms, buf));
	if (m->production)
		fprintf(o->out, "production  v%" PRId64 "\n", m->production);
	if (*m->aliases)
		fprintf(o->out, "aliases     %s\n", m->aliases);
	fputc('\n', o->out);
	enum status rc = versions_table(s, m->id, false, o, e);
	return rc != ST_OK ? rc : out_check(o->out, e);
}

static enum status show_model(struct store *s, int64_t id, struct out *o, struct err *e)
{
	struct reg_models *all;
	enum status rc = models_load(s, true, true, &all, e);
	if (rc != ST_OK)
		return rc;
	const struct reg_model_row *m = NULL;
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].id == id)
			m = &all->at[i];
	rc = !m ? err_set(e, ST_NOT_FOUND, "this model is no longer in the workspace") : o->json ? show_model_json(s, m, o, e) : show_model_text(s, m, o, e);
	models_free(all);
	return rc;
}

static enum status show_version(struct store *s, int64_t model_id, int64_t version, struct out *o, struct err *e)
{
	struct reg_version *v;
	struct json_out j;
	enum status rc = version_load(s, model_id, version, &v, e);
	if (rc != ST_OK)
		return rc;
	if (o->json) {
		json_out_init(&j, o->out);
		version_json(&j.w, v);
		rc = json_out_end(&j, e);
	} else {
		version_print(v, o);
		rc = out_check(o->out, e);
	}
	version_free(v);
	return rc;
}

VERB_FN(verb_models_show)
{
	struct store *s;
	int64_t id, version = 0;
	enum status rc = verb_argc(a) == 2 ? reg_verb_version(ws, a, 1, o, &s, &id, &version, e) : reg_verb_model(ws, a, o, &s, &id, e);
	if (rc != ST_OK)
		return rc;
	rc = version ? show_version(s, id, version, o, e) : show_model(s, id, o, e);
	store_put(ws->pool, s);
	return rc;
}
