/* The graph around a version, walked twice: up to what it came from, down to what came of it.
 *
 * Nodes    a data set, feature or place is its name, a run or logged model its id, a version (model, number). Each is expanded once; met
 *          again it is shown without its children (`seen`), so circles end and a diamond is not drawn twice.
 * Edges    one query a kind of node and direction, all over indexed columns. Targets of links are texts ("churn/4"): what names no version here
 *          is shown as the text it is.
 * Order    depth-first; children in the order of their kinds, then by name. */
#include "core/registry/lineage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

enum { MOST_NODES = 4096, MOST_DEPTH = 64 };

struct walk { struct store *s; struct arena *a; struct map *met; struct lineage_node *at; size_t n, cap; bool cut, up; };
struct children { struct lineage_node *at; size_t n, cap; };

static enum status expand(struct walk *w, size_t index, struct err *e);

static void child_add(struct children *c, struct lineage_node x)
{
	MEM_GROW(c->at, c->cap, c->n + 1);
	c->at[c->n++] = x;
}

/* ---- queries: each row is (name, detail, edge, model_id, version, run_id) of a node of one kind ---- */

static enum status take_rows(struct walk *w, struct children *c, enum lineage_kind kind, sqlite3_stmt *st, struct err *e)
{
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *detail = reg_cell(w->a, st, 1);
		child_add(c, (struct lineage_node){ .kind = kind, .name = reg_cell(w->a, st, 0), .detail = *detail == '{' ? reg_detail_words(w->a, detail) : detail, .edge = reg_cell(w->a, st, 2),
			.model_id = sqlite3_column_int64(st, 3), .version = sqlite3_column_int64(st, 4), .run_id = sqlite3_column_int64(st, 5) });
	}
	return reg_end(w->s, st, e);
}

#define VERSION_NAME REG_MODEL_NAME " || ' v' || v.version"
#define LINK_WORDS "replace(l.kind, '_', ' ')"

/* "churn/4": the version of that model; what names none stays a place. */
static void resolve(struct walk *w, struct lineage_node *x)
{
	const char *slash = strrchr(x->name, '/');
	int64_t model, version;
	struct err ignored;
	if (!slash)
		return;
	char *name = mem_strndup(x->name, (size_t)(slash - x->name));
	if (model_find(w->s, name, &model, &ignored) == ST_OK && version_find(w->s, model, slash + 1, &version, &ignored) == ST_OK) {
		*x = (struct lineage_node){ .kind = LINEAGE_VERSION, .name = arena_printf(w->a, "%s v%" PRId64, name, version), .detail = x->detail, .edge = x->edge, .model_id = model, .version = version };
	}
	free(name);
}

static enum status version_up(struct walk *w, const struct lineage_node *x, struct children *c, struct err *e)
{
	enum status rc = take_rows(w, c, LINEAGE_LOGGED, reg_query(w->s, e, "SELECT coalesce(nullif(l.name, ''), l.model_id), l.model_id, 'registered from', 0, 0, l.id FROM model_version v"
		" JOIN logged_model l ON l.model_id = substr(v.source, 9) AND l.source_id IN (SELECT id FROM source) WHERE v.model_id = ? AND v.version = ? AND v.source LIKE 'models:/m-%' LIMIT 1",
		"ii", x->model_id, x->version), e);
	if (rc == ST_OK && !c->n)
		rc = take_rows(w, c, LINEAGE_RUN, reg_query(w->s, e, "SELECT r.name, r.uuid, 'made by', 0, 0, r.id FROM model_version v JOIN run r ON r.uuid = v.run_uuid WHERE v.model_id = ? AND v.version = ?"
			" ORDER BY r.source_id = (SELECT source_id FROM model WHERE id = v.model_id) DESC LIMIT 1", "ii", x->model_id, x->version), e);
	size_t first = c->n;
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_PLACE, reg_query(w->s, e, "SELECT l.target, l.detail, " LINK_WORDS ", 0, 0, 0 FROM reg_link l JOIN model_version v ON v.id = l.version_id"
			" WHERE v.model_id = ? AND v.version = ? AND l.kind IN ('fine_tuned_from', 'distilled_from', 'retrained_on') ORDER BY l.kind, l.target", "ii", x->model_id, x->version), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_PLACE, reg_query(w->s, e, "SELECT substr(source, 9), '', 'copied from', 0, 0, 0 FROM model_version WHERE model_id = ? AND version = ?"
			" AND source LIKE 'models:/%/%'", "ii", x->model_id, x->version), e);
	for (size_t i = first; i < c->n; i++)
		resolve(w, &c->at[i]);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_DATASET, reg_query(w->s, e, "SELECT l.target, l.detail, 'data', 0, 0, 0 FROM reg_link l JOIN model_version v ON v.id = l.version_id"
			" WHERE v.model_id = ? AND v.version = ? AND l.kind = 'dataset' ORDER BY l.target", "ii", x->model_id, x->version), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_FEATURE, reg_query(w->s, e, "SELECT l.target, l.detail, 'feature', 0, 0, 0 FROM reg_link l JOIN model_version v ON v.id = l.version_id"
			" WHERE v.model_id = ? AND v.version = ? AND l.kind = 'feature' ORDER BY l.target", "ii", x->model_id, x->version), e);
	return rc;
}

static enum status run_up(struct walk *w, const struct lineage_node *x, struct children *c, struct err *e)
{
	enum status rc = take_rows(w, c, LINEAGE_RUN, reg_query(w->s, e, "SELECT p.name, p.uuid, 'part of', 0, 0, p.id FROM run r JOIN run p ON p.uuid = r.parent AND p.source_id = r.source_id"
		" WHERE r.id = ? LIMIT 1", "i", x->run_id), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_LOGGED, reg_query(w->s, e, "SELECT coalesce(nullif(l.name, ''), l.model_id), l.model_id, 'used', 0, 0, l.id FROM run r JOIN run_model u ON u.run_id = r.id AND u.direction = 0"
			" JOIN logged_model l ON l.source_id = r.source_id AND l.model_id = u.model_id WHERE r.id = ? ORDER BY 1", "i", x->run_id), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_DATASET, reg_query(w->s, e, "SELECT d.name, json_set(CASE WHEN json_valid(u.tags) THEN u.tags ELSE '{}' END, '$.digest', d.digest), 'data', 0, 0, 0 FROM run_dataset u"
			" JOIN dataset d ON d.id = u.dataset_id WHERE u.run_id = ? ORDER BY d.name, d.digest", "i", x->run_id), e);
	return rc;
}

static enum status logged_up(struct walk *w, const struct lineage_node *x, struct children *c, struct err *e)
{
	return take_rows(w, c, LINEAGE_RUN, reg_query(w->s, e, "SELECT r.name, r.uuid, 'made by', 0, 0, r.id FROM logged_model l JOIN run r ON r.uuid = l.source_run AND r.source_id = l.source_id"
		" WHERE l.id = ? LIMIT 1", "i", x->run_id), e);
}

/* Versions that say they came of this one, where it runs, and the runs that used the logged model it was registered from. */
static enum status version_down(struct walk *w, const struct lineage_node *x, struct children *c, struct err *e)
{
	enum status rc = take_rows(w, c, LINEAGE_VERSION, reg_query(w->s, e, "SELECT " VERSION_NAME ", l.detail, " LINK_WORDS ", v.model_id, v.version, 0 FROM model p, reg_link l JOIN model_version v ON v.id = l.version_id"
		" JOIN model m ON m.id = v.model_id WHERE p.id = ?1 AND l.kind IN ('fine_tuned_from', 'distilled_from', 'retrained_on')"
		" AND l.target = CASE p.namespace WHEN 'default' THEN '' ELSE p.namespace || '/' END || p.name || '/' || ?2 ORDER BY m.name, v.version", "ii", x->model_id, x->version), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_VERSION, reg_query(w->s, e, "SELECT " VERSION_NAME ", '', 'copied to', v.model_id, v.version, 0 FROM model p, model_version v JOIN model m ON m.id = v.model_id"
			" WHERE p.id = ?1 AND v.source = 'models:/' || p.name || '/' || ?2 AND m.source_id = p.source_id ORDER BY m.name, v.version", "ii", x->model_id, x->version), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_RUN, reg_query(w->s, e, "SELECT r.name, r.uuid, 'evaluated by', 0, 0, r.id FROM model_version v JOIN model m ON m.id = v.model_id JOIN run r ON r.source_id = m.source_id"
			" JOIN run_model u ON u.run_id = r.id AND u.direction = 0 AND u.model_id = substr(v.source, 9) WHERE v.model_id = ? AND v.version = ? AND v.source LIKE 'models:/m-%' ORDER BY r.id",
			"ii", x->model_id, x->version), e);
	if (rc == ST_OK)
		rc = take_rows(w, c, LINEAGE_PLACE, reg_query(w->s, e, "SELECT l.target, l.detail, 'deployed', 0, 0, 0 FROM reg_link l JOIN model_version v ON v.id = l.version_id"
			" WHERE v.model_id = ? AND v.version = ? AND l.kind = 'deployed' ORDER BY l.target", "ii", x->model_id, x->version), e);
	return rc;
}

/* ---- the walk ---- */

static bool met_before(struct walk *w, const struct lineage_node *x)
{
	struct str key = STR_INIT;
	bool added;
	str_addf(&key, "%d/%" PRId64 "/%" PRId64 "/%" PRId64 "/%s/%s", (int)x->kind, x->model_id, x->version, x->run_id, x->run_id || x->model_id ? "" : x->name,
		x->kind == LINEAGE_DATASET ? x->detail : "");
	map_add(w->met, key.p, key.len, &added);
	str_free(&key);
	return !added;
}

static enum status find_children(struct walk *w, const struct lineage_node *x, struct children *c, struct err *e)
{
	typedef enum status (*finder)(struct walk *, const struct lineage_node *, struct children *, struct err *);
	static const finder up[] = { [LINEAGE_VERSION] = version_up, [LINEAGE_RUN] = run_up, [LINEAGE_LOGGED] = logged_up, [LINEAGE_PLACE] = NULL };
	static const finder down[] = { [LINEAGE_VERSION] = version_down, [LINEAGE_PLACE] = NULL };
	finder f = w->up ? up[x->kind] : down[x->kind];
	return f ? f(w, x, c, e) : ST_OK;
}

static enum status add_children(struct walk *w, const struct children *c, int depth, struct err *e)
{
	enum status rc = ST_OK;
	for (size_t i = 0; i < c->n && rc == ST_OK; i++) {
		if (w->n == MOST_NODES || depth > MOST_DEPTH) {
			w->cut = true;
			break;
		}
		size_t index = w->n++;
		MEM_GROW(w->at, w->cap, w->n);
		w->at[index] = c->at[i];
		w->at[index].depth = depth;
		w->at[index].last = i + 1 == c->n;
		w->at[index].seen = met_before(w, &c->at[i]);
		if (!w->at[index].seen)
			rc = expand(w, index, e);
	}
	return rc;
}

static enum status expand(struct walk *w, size_t index, struct err *e)
{
	struct children c = { 0 };
	const struct lineage_node x = w->at[index];          /* a copy: the array grows below */
	enum status rc = find_children(w, &x, &c, e);
	if (rc == ST_OK)
		rc = add_children(w, &c, x.depth + 1, e);
	free(c.at);
	return rc;
}

static enum status walk(struct store *s, struct arena *a, const struct lineage_node *root, bool up, struct lineage_node **out, size_t *n, bool *cut, struct err *e)
{
	struct walk w = { .s = s, .a = a, .met = map_new(), .up = up };
	MEM_GROW(w.at, w.cap, 1);
	w.at[w.n++] = *root;
	met_before(&w, root);
	enum status rc = expand(&w, 0, e);
	*n = w.n;
	*out = reg_keep(a, w.at, w.n, sizeof *w.at);
	*cut |= w.cut;
	map_free(w.met);
	return rc;
}

static enum status load_root(struct store *s, struct arena *a, struct lineage_node *root, struct err *e)
{
	struct children c = { 0 };
	struct walk w = { .s = s, .a = a };
	enum status rc = take_rows(&w, &c, LINEAGE_VERSION, reg_query(s, e, "SELECT " VERSION_NAME "," REG_STAGE ", '', v.model_id, v.version, 0 FROM" REG_VERSIONS "JOIN model m ON m.id = v.model_id"
		" WHERE v.model_id = ? AND v.version = ?", "ii", root->model_id, root->version), e);
	if (rc == ST_OK && c.n)
		*root = c.at[0];
	else if (rc == ST_OK)
		rc = err_set(e, ST_NOT_FOUND, "there is no version %" PRId64 " of this model", root->version);
	root->last = true;
	free(c.at);
	return rc;
}

enum status lineage_load(struct store *s, int64_t model_id, int64_t version, struct lineage **out, struct err *e)
{
	struct arena *a = arena_new();
	struct lineage *l = arena_zalloc(a, sizeof *l);
	struct lineage_node root = { .kind = LINEAGE_VERSION, .model_id = model_id, .version = version };
	l->arena = a;
	*out = NULL;
	enum status rc = store_read_begin(s, e);
	if (rc == ST_OK) {
		rc = load_root(s, a, &root, e);
		if (rc == ST_OK)
			rc = walk(s, a, &root, true, &l->up, &l->n_up, &l->cut, e);
		if (rc == ST_OK)
			rc = walk(s, a, &root, false, &l->down, &l->n_down, &l->cut, e);
		store_read_end(s);
	}
	if (rc == ST_OK)
		*out = l;
	else
		arena_free(a);
	return rc;
}

void lineage_free(struct lineage *l)
{
	if (l)
		arena_free(l->arena);
}
