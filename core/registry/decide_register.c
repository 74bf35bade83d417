/* Design
 *
 * What a new version is made of is looked up before the gate is opened (run, files), because files may lie on a slow disk; its number
 * is given inside. The rows that other modules read as "what the source says" are written once, here, for a source of our own
 * (kind local); everything decided later lives in reg_ tables. A name that an MLflow store uses is refused: two
 * registries would give one number twice.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/registry/decide_impl.h"
#include "core/registry/models_impl.h"
#include "core/registry/semver.h"
#include "core/runs/artifacts.h"
#include "core/runs/runs.h"

enum { NAME_MAX_BYTES = 256, SOURCE_MAX_BYTES = 4096, LISTED_MOST = 20000, CANDIDATES_MOST = 8, LINK_MAX_BYTES = 1024 };

/* ---- what was asked for ---- */

static enum status check_name(const char *name, struct err *e)
{
	size_t n = name ? strnlen(name, NAME_MAX_BYTES + 1) : 0;
	if (!n || n > NAME_MAX_BYTES)
		return err_set(e, ST_USAGE, "a model's name has 1 to %d bytes", NAME_MAX_BYTES);
	if (strpbrk(name, "/:") || !text_is_clean(name, n, 0) || *name == ' ' || name[n - 1] == ' ')
		return err_set(e, ST_USAGE, "a model's name is plain text without '/', ':', control characters and blanks at its ends");
	return ST_OK;
}

/* A URI or an absolute path, without parts that lead upwards. */
static enum status check_source(const char *source, struct err *e)
{
	if (strnlen(source, SOURCE_MAX_BYTES + 1) > SOURCE_MAX_BYTES)
		return err_set(e, ST_USAGE, "the source is longer than %d bytes", SOURCE_MAX_BYTES);
	if (*source != '/' && !strstr(source, ":/"))
		return err_set(e, ST_USAGE, "source %s: give an absolute path or a URI", source);
	for (const char *p = source; (p = strstr(p, "..")); p += 2)
		if ((p == source || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return err_set(e, ST_USAGE, "source %s: '..' is not allowed in it; give the place itself", source);
	return ST_OK;
}

static enum status check_spec(const struct register_spec *r, struct err *e)
{
	enum status st = check_name(r->model, e);
	if (st == ST_OK && !r->run && !r->source)
		st = err_set(e, ST_USAGE, "a version needs a run or a source to come from");
	if (st == ST_OK && r->source)
		st = check_source(r->source, e);
	if (st == ST_OK && r->description && strnlen(r->description, DECIDE_TEXT_MAX + 1) > DECIDE_TEXT_MAX)
		st = err_set(e, ST_USAGE, "the description is longer than %d bytes; use the model card", DECIDE_TEXT_MAX);
	if (st == ST_OK && r->semver && !semver_valid(r->semver))
		st = err_set(e, ST_USAGE, "\"%.100s\" is no semantic version: MAJOR.MINOR.PATCH, as in 2.1.0 or 2.1.0-rc.1 (semver.org)", r->semver);
	for (size_t i = 0; i < r->n_links && st == ST_OK; i++)
		st = link_check(&r->links[i], e);
	return st;
}

/* ---- the run and its model files ---- */

struct origin { int64_t run_id; char *run_uuid, *run_name, *source; };

static void origin_free(struct origin *o)
{
	free(o->run_uuid);
	free(o->run_name);
	free(o->source);
}

static char *join_uri(const char *base, const char *rest)
{
	struct str s = STR_INIT;
	str_add(&s, base);
	while (s.len && s.p[s.len - 1] == '/')
		str_cut(&s, s.len - 1);
	if (*rest)
		str_addf(&s, "/%s", rest);
	return str_take(&s);
}

/* Where a path among the run's files lies: in its own folder, or in that of a model it logged. */
static char *place_of(const struct run_detail *d, const char *path)
{
	size_t first = strcspn(path, "/");
	for (size_t i = 0; i < d->n_models; i++) {
		const struct run_model *m = &d->models[i];
		bool named = (strlen(m->name) == first && memcmp(m->name, path, first) == 0) || (strlen(m->model_id) == first && memcmp(m->model_id, path, first) == 0);
		if (m->output && named && *m->artifact_uri)
			return join_uri(m->artifact_uri, path[first] ? path + first + 1 : "");
	}
	return join_uri(d->artifact_uri, path);
}

/* The folder of the only MLmodel among the files; "" when there is none, or the files are not here. */
static enum status find_mlmodel(const struct run_detail *d, char **path, struct err *e)
{
	struct artifacts *files;
	struct str several = STR_INIT;
	size_t found = 0;
	*path = NULL;
	if (artifacts_list(d, LISTED_MOST, &files, NULL) != ST_OK) {
		*path = mem_strdup("");
		return ST_OK;
	}
	for (size_t i = 0; i < files->n; i++) {
		const char *p = files->at[i].path, *slash = strrchr(p, '/');
		if (files->at[i].is_dir || strcmp(slash ? slash + 1 : p, "MLmodel") != 0)
			continue;
		char *folder = slash ? mem_strndup(p, (size_t)(slash - p)) : mem_strdup("");
		if (++found <= CANDIDATES_MOST)
			str_addf(&several, "%s%s", found > 1 ? ", " : "", *folder ? folder : ".");
		free(*path);
		*path = folder;
	}
	artifacts_free(files);
	enum status st = ST_OK;
	if (found > 1)
		st = err_set(e, ST_USAGE, "the run has %zu models: say which with its path: %s", found, several.p);
	if (!*path)
		*path = mem_strdup("");
	str_free(&several);
	return st;
}

static enum status find_origin(struct store *s, const struct register_spec *r, struct origin *o, struct err *e)
{
	struct run_detail *d;
	char *path = NULL;
	if (!r->run) {
		o->source = mem_strdup(r->source);
		return ST_OK;
	}
	enum status st = run_find(s, r->run, &o->run_id, e);
	if (st == ST_OK)
		st = run_detail_load_parts(s, o->run_id, RUN_MODELS, &d, e);
	if (st != ST_OK)
		return st;
	o->run_uuid = mem_strdup(d->row.uuid);
	o->run_name = mem_strdup(d->row.name);
	if (r->source)
		o->source = mem_strdup(r->source);
	else if (r->path)
		path = mem_strdup(r->path);
	else
		st = find_mlmodel(d, &path, e);
	if (st == ST_OK && path)
		o->source = place_of(d, path);
	free(path);
	run_detail_free(d);
	return st == ST_OK ? check_source(o->source, e) : st;
}

/* ---- numbers and names, inside the gate ---- */

static enum status local_source(struct change *c, int64_t *id, struct err *e)
{
	enum status st = reg_exec(c->s, e, "INSERT INTO source(kind, uri, first_ms, last_ms) VALUES('" REG_LOCAL_KIND "', 'mlyard:here', ?1, ?1) ON CONFLICT(uri) DO NOTHING", "i", c->now_ms);
	return st == ST_OK ? reg_int(c->s, e, 0, id, "SELECT id FROM source WHERE uri = 'mlyard:here'", "") : st;
}

static enum status local_model(struct change *c, const char *name, struct err *e)
{
	int64_t source, elsewhere;
	char *where = NULL;
	enum status st = local_source(c, &source, e);
	if (st == ST_OK)
		st = reg_int(c->s, e, 0, &elsewhere, "SELECT id FROM model WHERE name = ? AND source_id <> ? AND NOT deleted", "ti", name, source);
	if (st == ST_OK && elsewhere) {
		reg_text(c->s, NULL, &where, "SELECT o.uri FROM model m JOIN source o ON o.id = m.source_id WHERE m.id = ?", "i", elsewhere);
		err_set(e, ST_REFUSED, "model %s lives in %s: register its versions there, or two registries would give one number twice", name, where ? where : "another store");
		free(where);
		return ST_REFUSED;
	}
	if (st == ST_OK)
		st = reg_exec(c->s, e, "INSERT INTO model(source_id, name, created_ms, updated_ms) VALUES(?1, ?2, ?3, ?3) ON CONFLICT(source_id, namespace, name) DO UPDATE SET updated_ms = ?3",
			"iti", source, name, c->now_ms);
	return st == ST_OK ? reg_int(c->s, e, 0, &c->model_id, "SELECT id FROM model WHERE source_id = ? AND name = ?", "it", source, name) : st;
}

static enum status check_order(struct change *c, const char *semver, struct err *e)
{
	struct err late = { 0 };
	sqlite3_stmt *q = reg_query(c->s, e, "SELECT r.semver, v.version FROM model_version v JOIN reg_version r ON r.version_id = v.id WHERE v.model_id = ? AND r.semver IS NOT NULL", "i", c->model_id);
	int rc = SQLITE_DONE;
	if (!q)
		return ST_FAILED;
	while (!late.code && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *before = reg_column(q, 0);
		if (semver_valid(before) && semver_compare(semver, before) <= 0)
			err_set(&late, ST_REFUSED, "semantic version %s does not come after %s of v%lld: they only grow", semver, before, (long long)sqlite3_column_int64(q, 1));
	}
	enum status st = reg_done(c->s, q, rc, e);
	return st == ST_OK && late.code ? err_set(e, late.code, "%s", late.text) : st;
}

/* ---- the snapshot ---- */

static enum status snapshot_part(struct store *s, struct jsonw *w, const char *key, const char *sql, int64_t run_id, struct err *e)
{
	int rc;
	sqlite3_stmt *q = reg_query(s, e, sql, "i", run_id);
	if (!q)
		return ST_FAILED;
	jsonw_put_open(w, key, '{');
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		jsonw_keyn(w, reg_column(q, 0), (size_t)sqlite3_column_bytes(q, 0));
		if (sqlite3_column_type(q, 1) == SQLITE_TEXT)
			jsonw_strn(w, reg_column(q, 1), (size_t)sqlite3_column_bytes(q, 1));
		else if (sqlite3_column_type(q, 1) == SQLITE_NULL)
			jsonw_str(w, "NaN");
		else
			jsonw_num(w, sqlite3_column_double(q, 1));
	}
	jsonw_close(w, '}');
	return reg_done(s, q, rc, e);
}

static enum status snapshot(struct store *s, int64_t run_id, struct str *out, struct err *e)
{
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	enum status st = snapshot_part(s, &w, "metrics", "SELECT n.text, m.last FROM metric m JOIN name n ON n.id = m.name_id WHERE m.run_id = ? ORDER BY 1", run_id, e);
	if (st == ST_OK)
		st = snapshot_part(s, &w, "params", "SELECT n.text, p.value FROM param p JOIN name n ON n.id = p.name_id WHERE p.run_id = ? ORDER BY 1", run_id, e);
	jsonw_close(&w, '}');
	return st;
}

/* ---- writing ---- */

static void describe(const struct register_spec *r, const struct origin *o, int64_t version, const char *stage, struct str *out)
{
	const struct { const char *key, *value; } members[] = { { "source", o->source }, { "run", o->run_uuid }, { "semver", r->semver }, { "description", r->description } };
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "stage", stage);
	jsonw_put_open(&w, "versions", '{');
	json_member_version(&w, version, stage, false);
	jsonw_close(&w, '}');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (!members[i].value)
			continue;
		jsonw_put_str(&w, members[i].key, members[i].value);
	}
	if (r->n_links)
		links_json(&w, r->links, r->n_links);
	jsonw_close(&w, '}');
}

static enum status write_rows(struct change *c, const struct register_spec *r, const struct origin *o, int64_t version, const char *stage, struct err *e)
{
	int64_t id;
	struct str values = STR_INIT;
	enum status st = reg_exec(c->s, e, "INSERT INTO model_version(model_id, version, created_ms, updated_ms, description, user, source, run_uuid, status, storage_location) "
		"VALUES(?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, 'READY', ?6)", "iiitttt", c->model_id, version, c->now_ms, r->description, c->who.name, o->source, o->run_uuid);
	id = sqlite3_last_insert_rowid(store_db(c->s));
	if (st == ST_OK)
		st = snapshot(c->s, o->run_id, &values, e);
	if (st == ST_OK)
		st = reg_exec(c->s, e, "INSERT INTO reg_version(version_id, stage, since_ms, stage_seen, registered_by, semver, snapshot, rev) VALUES(?, ?, ?, 'None', ?, ?, ?, ?)",
			"itittti", id, stage, c->now_ms, c->who.name, r->semver, values.p, c->seq);
	for (size_t i = 0; i < r->n_links && st == ST_OK; i++)
		st = link_put(c, id, &r->links[i], e);
	str_free(&values);
	return st;
}

static enum status register_inside(struct change *c, const struct register_spec *r, const struct origin *o, int64_t *version, struct err *e)
{
	struct policy *p = NULL;
	struct str after = STR_INIT, object = STR_INIT;
	enum status st = local_model(c, r->model, e);
	if (st == ST_OK && r->semver)
		st = check_order(c, r->semver, e);
	if (st == ST_OK)
		st = reg_int(c->s, e, 0, version, "SELECT max(version) FROM model_version WHERE model_id = ?", "i", c->model_id);
	if (st == ST_OK)
		st = policy_load(c->s, &p, NULL, e);
	if (st == ST_OK) {
		const char *none = policy_lane(p, "None"), *stage = none ? none : p->lanes[0];
		++*version;
		describe(r, o, *version, stage, &after);
		str_addf(&object, "model:%s/%" PRId64, r->model, *version);
		st = change_record(c, NULL, object.p, NULL, after.p, "", e);
		if (st == ST_OK)
			st = write_rows(c, r, o, *version, stage, e);
		if (st == ST_OK)
			st = held_start(c, "stage", stage, *version, "register", e);
		if (st == ST_OK)
			st = reg_exec(c->s, e, "UPDATE reg_model SET deleted = 0 WHERE model_id = ?", "i", c->model_id);
	}
	policy_free(p);
	str_free(&after);
	str_free(&object);
	return st;
}

enum status decide_register(struct store *s, const struct actor *who, const struct register_spec *r, int64_t *version, struct err *e)
{
	struct change c;
	struct origin o = { 0 };
	struct str object = STR_INIT;
	enum status st = check_spec(r, e);
	if (st == ST_OK)
		st = find_origin(s, r, &o, e);
	if (st == ST_OK) {
		str_addf(&object, "model:%s", r->model);
		st = change_begin(&c, s, who, ACT_REGISTER, object.p, 0, -1, e);
		if (st == ST_OK)
			st = register_inside(&c, r, &o, version, e);
		int64_t seq = c.seq;
		if (st == ST_OK)
			st = change_commit(&c, TOPIC_MODELS, e);
		else
			change_cancel(&c);
		if (st == ST_OK)
			err_set(e, ST_OK, "%s v%" PRId64 " is registered%s%s, record %" PRId64, r->model, *version, o.run_name ? " from run " : "", o.run_name ? o.run_name : "", seq);
	}
	origin_free(&o);
	str_free(&object);
	return st;
}
