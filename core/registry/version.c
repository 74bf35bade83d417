/* Everything about one version: its row, what was decided over it, what its run measured, what its files say.
 *
 * The tables are read in one transaction; the files (MLmodel, environment, stamp of the digest) after it, so that a slow disk
 * holds nobody up. What the digest recorded of MLmodel is used when the files are not here. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/registry/digest.h"
#include "core/registry/mlmodel.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

struct loading { struct store *s; struct arena *a; struct reg_version *v; int64_t logged_id; const char *snapshot, *recorded; };

/* ---- the row ---- */

static enum status load_row(struct loading *l, struct err *e)
{
	struct reg_version *v = l->v;
	struct arena *a = l->a;
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT v.id, v.created_ms, v.updated_ms," REG_SINCE "," REG_DELETED "," REG_STAGE ", r.semver, coalesce(r.description, v.description), v.user, r.registered_by,"
		" v.source, v.run_uuid, v.status, v.status_message, v.storage_location, lower(hex(r.digest)), r.digest_ms, coalesce(r.bytes, 0), coalesce(r.files, 0), r.mlmodel,"
		" coalesce(r.snapshot, '{}'), coalesce(g.rev, 0),"
		" coalesce((SELECT h.from_known FROM reg_held h WHERE h.model_id = v.model_id AND h.kind = 'stage' AND h.version = v.version AND h.to_ms IS NULL LIMIT 1), 0)"
		" FROM" REG_VERSIONS "LEFT JOIN reg_model g ON g.model_id = v.model_id WHERE v.model_id = ?1 AND v.version = ?2", "ii", v->model_id, v->version);
	if (!st)
		return ST_FAILED;
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		v->version_id = sqlite3_column_int64(st, 0);
		v->created_ms = reg_cell_ms(st, 1);
		v->updated_ms = reg_cell_ms(st, 2);
		v->stage_since_ms = reg_cell_ms(st, 3);
		v->deleted = sqlite3_column_int(st, 4) != 0;
		const char **texts[] = { &v->stage, &v->semver, &v->description, &v->user, &v->registered_by, &v->source, &v->run_uuid, &v->status, &v->status_message, &v->storage, &v->digest };
		for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
			*texts[i] = texts[i] == &v->description ? reg_cell_lines(a, st, 5 + i) : reg_cell(a, st, 5 + i);
		v->digest_ms = reg_cell_ms(st, 16);
		v->bytes = sqlite3_column_int64(st, 17);
		v->files = sqlite3_column_int64(st, 18);
		l->recorded = reg_cell(a, st, 19);
		l->snapshot = arena_strdup(a, reg_column(st, 20));
		v->rev = sqlite3_column_int64(st, 21);
		v->since_known = sqlite3_column_int(st, 22) != 0;
	}
	enum status rc = reg_end(l->s, st, e);
	return rc == ST_OK && !found ? err_set(e, ST_NOT_FOUND, "%s has no version %" PRId64, v->model, v->version) : rc;
}

static enum status load_run(struct loading *l, struct err *e)
{
	struct reg_version *v = l->v;
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT r.id, r.name, x.name FROM model_version v JOIN run r ON r.uuid = v.run_uuid JOIN experiment x ON x.id = r.experiment_id WHERE v.id = ?1"
		" ORDER BY r.source_id = (SELECT source_id FROM model WHERE id = v.model_id) DESC, r.id LIMIT 1", "i", v->version_id);
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW) {
		v->run_id = sqlite3_column_int64(st, 0);
		v->run_name = reg_cell(l->a, st, 1);
		v->experiment = reg_cell(l->a, st, 2);
	}
	enum status rc = reg_end(l->s, st, e);
	if (rc == ST_OK)
		rc = reg_int(l->s, e, 0, &l->logged_id, "SELECT l.id FROM model_version v JOIN logged_model l ON l.model_id = substr(v.source, 9) AND l.source_id IN (SELECT id FROM source)"
			" WHERE v.id = ? AND v.source LIKE 'models:/m-%' LIMIT 1", "i", v->version_id);
	return rc;
}

/* ---- metrics and params: now, of the logged model, and at registration ---- */

struct metrics { struct map *keys; struct reg_metric *at; size_t cap; };

static struct reg_metric *metric_add(struct loading *l, struct metrics *m, const char *key)
{
	bool added;
	size_t i = map_add(m->keys, key, strlen(key), &added);
	if (added) {
		MEM_GROW(m->at, m->cap, i + 1);
		m->at[i] = (struct reg_metric){ .key = arena_strdup(l->a, key), .value = NAN, .at_registration = NAN };
	}
	return &m->at[i];
}

static enum status metrics_read(struct loading *l, struct metrics *m, const char *sql, int64_t id, struct err *e)
{
	sqlite3_stmt *st = reg_query(l->s, e, sql, "i", id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct reg_metric *x = metric_add(l, m, reg_cell(l->a, st, 0));
		if (x->has_value)
			continue;
		x->has_value = true;
		x->value = sqlite3_column_type(st, 1) == SQLITE_NULL ? NAN : sqlite3_column_double(st, 1);
		x->step = sqlite3_column_int64(st, 2);
	}
	return reg_end(l->s, st, e);
}

static double number_of(json_t *x)
{
	const char *word = json_string_value(x);
	if (word && !strcmp(word, "Infinity"))
		return INFINITY;
	if (word && !strcmp(word, "-Infinity"))
		return -INFINITY;
	return json_is_number(x) ? json_number_value(x) : NAN;
}

static void metrics_then(struct loading *l, struct metrics *m, json_t *then)
{
	const char *key;
	json_t *x;
	json_object_foreach(then, key, x) {
		struct reg_metric *r = metric_add(l, m, reg_clean(l->a, key, strlen(key), 0));
		r->has_then = true;
		r->at_registration = number_of(x);
	}
}

static int by_metric(const void *a, const void *b)
{
	return strcmp(((const struct reg_metric *)a)->key, ((const struct reg_metric *)b)->key);
}

static enum status load_metrics(struct loading *l, json_t *snapshot, struct err *e)
{
	struct metrics m = { .keys = map_new() };
	enum status rc = metrics_read(l, &m, "SELECT n.text, m.last, m.last_step FROM metric m JOIN name n ON n.id = m.name_id WHERE m.run_id = ?1", l->v->run_id, e);
	if (rc == ST_OK)
		rc = metrics_read(l, &m, "SELECT key, value, step FROM logged_model_metric WHERE logged_model_id = ?1 ORDER BY key, step DESC, ms DESC", l->logged_id, e);
	metrics_then(l, &m, json_object_get(snapshot, "metrics"));
	l->v->n_metrics = map_count(m.keys);
	if (l->v->n_metrics)
		qsort(m.at, l->v->n_metrics, sizeof *m.at, by_metric);
	l->v->metrics = reg_keep(l->a, m.at, l->v->n_metrics, sizeof *m.at);
	map_free(m.keys);
	return rc;
}

struct pairs { struct reg_kv *at; size_t n, cap; };

static void pair_add(struct pairs *p, const char *key, const char *value)
{
	MEM_GROW(p->at, p->cap, p->n + 1);
	p->at[p->n++] = (struct reg_kv){ key, value };
}

static enum status pairs_read(struct loading *l, struct pairs *p, const char *sql, int64_t one, int64_t two, struct err *e)
{
	sqlite3_stmt *st = reg_query(l->s, e, sql, "ii", one, two);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *key = reg_cell(l->a, st, 0);
		pair_add(p, key, reg_cell_lines(l->a, st, 1));
	}
	return reg_end(l->s, st, e);
}

/* Params never change in a run; the snapshot is what is left when the run is not here. */
static enum status load_params(struct loading *l, json_t *snapshot, struct err *e)
{
	struct pairs p = { 0 };
	const char *key;
	json_t *x;
	enum status rc = pairs_read(l, &p, "SELECT n.text, p.value FROM param p JOIN name n ON n.id = p.name_id WHERE p.run_id = ?1 AND ?2 = ?2 ORDER BY 1", l->v->run_id, 0, e);
	if (rc == ST_OK && !p.n)
		rc = pairs_read(l, &p, "SELECT key, value FROM logged_model_item WHERE logged_model_id = ?1 AND kind = ?2 ORDER BY 1", l->logged_id, 1, e);
	if (rc == ST_OK && !p.n)
		json_object_foreach(json_object_get(snapshot, "params"), key, x) {
			const char *value = json_is_string(x) ? json_string_value(x) : "";
			pair_add(&p, reg_clean(l->a, key, strlen(key), 0), reg_clean(l->a, value, strlen(value), 0));
		}
	l->v->n_params = p.n;
	l->v->params = reg_keep(l->a, p.at, p.n, sizeof *p.at);
	return rc;
}

/* ---- tags, aliases, links ---- */

static enum status load_tags(struct loading *l, struct err *e)
{
	struct pairs p = { 0 };
	enum status rc = pairs_read(l, &p, "SELECT key, value FROM (SELECT t.key, t.value FROM model_version_tag t WHERE t.version_id = (SELECT id FROM model_version WHERE model_id = ?1 AND version = ?2)"
		" AND NOT EXISTS(SELECT 1 FROM reg_tag g WHERE g.model_id = ?1 AND g.version = ?2 AND g.key = t.key)"
		" UNION ALL SELECT key, value FROM reg_tag WHERE model_id = ?1 AND version = ?2 AND value IS NOT NULL) ORDER BY 1", l->v->model_id, l->v->version, e);
	l->v->n_tags = p.n;
	l->v->tags = reg_keep(l->a, p.at, p.n, sizeof *p.at);
	return rc;
}

static enum status load_aliases(struct loading *l, struct err *e)
{
	const char **at = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT alias FROM (" REG_ALIASES ") WHERE version = ?2", "ii", l->v->model_id, l->v->version);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(at, cap, n + 1);
		at[n++] = reg_cell(l->a, st, 0);
	}
	l->v->n_aliases = n;
	l->v->aliases = reg_keep(l->a, at, n, sizeof *at);
	return reg_end(l->s, st, e);
}

/* {"digest":"9f2c","split":"train"} as "digest 9f2c, split train". */
const char *reg_detail_words(struct arena *a, const char *json)
{
	json_t *x = json_loads(json, 0, NULL), *value;
	const char *key;
	struct str out = STR_INIT;
	json_object_foreach(x, key, value) {
		if (json_is_string(value) && *json_string_value(value))
			str_addf(&out, "%s%s %s", out.len ? ", " : "", !strcmp(key, "mlflow.data.context") ? "split" : key, json_string_value(value));
	}
	const char *words = reg_clean(a, out.p, out.len, 0);
	str_free(&out);
	json_decref(x);
	return words;
}

/* What was linked here, then the data sets that the run says it used. */
static enum status load_links(struct loading *l, struct err *e)
{
	struct reg_link_row *at = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT kind, target, detail, '' FROM reg_link WHERE version_id = ?1 UNION ALL SELECT 'dataset', d.name, x.tags, d.digest FROM run_dataset x"
		" JOIN dataset d ON d.id = x.dataset_id WHERE x.run_id = ?2 AND NOT EXISTS(SELECT 1 FROM reg_link k WHERE k.version_id = ?1 AND k.kind = 'dataset' AND k.target = d.name) ORDER BY 1, 2",
		"ii", l->v->version_id, l->v->run_id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(at, cap, n + 1);
		const char *words = reg_detail_words(l->a, reg_column(st, 2)), *digest = reg_cell(l->a, st, 3);
		at[n++] = (struct reg_link_row){ .kind = reg_cell(l->a, st, 0), .target = reg_cell(l->a, st, 1),
			.detail = *digest ? arena_printf(l->a, "digest %s%s%s", digest, *words ? ", " : "", words) : words };
	}
	l->v->n_links = n;
	l->v->links = reg_keep(l->a, at, n, sizeof *at);
	return reg_end(l->s, st, e);
}

/* ---- files ---- */

static enum status load_files(struct loading *l, struct err *e)
{
	struct reg_version *v = l->v;
	struct str state = STR_INIT, json = STR_INIT;
	struct mlmodel m;
	struct err why = { 0 };
	char *root = NULL;
	enum status rc = digest_state(l->s, v->model_id, v->version, &state, e);
	enum status read = version_files(l->s, v->model_id, v->version, &root, &why);
	if (read == ST_OK) {
		read = mlmodel_read(root, &json, &why);
		v->environment = mlmodel_environment(root, l->a);
	}
	if (read != ST_OK)
		v->mlmodel_note = reg_clean(l->a, why.text, strlen(why.text), 0);
	v->mlmodel = read == ST_OK ? reg_clean(l->a, json.p, json.len, 0) : l->recorded;
	mlmodel_describe(v->mlmodel, l->a, &m);
	v->flavors = m.flavors;
	v->signature = m.signature;
	v->bytes = v->bytes ? v->bytes : m.bytes;
	v->digest_state = reg_clean(l->a, state.p, state.len, 0);
	free(root);
	str_free(&state);
	str_free(&json);
	return rc;
}

/* ---- all of it ---- */

static enum status load_tables(struct loading *l, struct err *e)
{
	struct reg_name name = { .name = "" };
	enum status rc = model_name(l->s, l->v->model_id, l->a, &name, e);
	l->v->model = name.name;
	l->v->local = name.local;
	if (rc == ST_OK)
		rc = load_row(l, e);
	if (rc == ST_OK)
		rc = load_run(l, e);
	json_t *snapshot = rc == ST_OK ? json_loads(l->snapshot, 0, NULL) : NULL;
	if (rc == ST_OK)
		rc = load_metrics(l, snapshot, e);
	if (rc == ST_OK)
		rc = load_params(l, snapshot, e);
	json_decref(snapshot);
	if (rc == ST_OK)
		rc = load_tags(l, e);
	if (rc == ST_OK)
		rc = load_aliases(l, e);
	return rc == ST_OK ? load_links(l, e) : rc;
}

enum status version_load(struct store *s, int64_t model_id, int64_t version, struct reg_version **out, struct err *e)
{
	struct arena *a = arena_new();
	struct reg_version *v = arena_zalloc(a, sizeof *v);
	struct loading l = { .s = s, .a = a, .v = v };
	*v = (struct reg_version){ .arena = a, .model_id = model_id, .version = version, .run_name = "", .experiment = "", .flavors = "", .signature = "", .mlmodel = "", .mlmodel_note = "",
		.environment = "", .digest_state = "" };
	*out = NULL;
	enum status rc = store_read_begin(s, e);
	if (rc == ST_OK) {
		rc = load_tables(&l, e);
		store_read_end(s);
	}
	if (rc == ST_OK)
		rc = load_files(&l, e);
	if (rc == ST_OK)
		*out = v;
	else
		arena_free(a);
	return rc;
}

void version_free(struct reg_version *v)
{
	if (v)
		arena_free(v->arena);
}
