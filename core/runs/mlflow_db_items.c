/* Sets: tags, params, aliases, metadata, assessments.
 *
 * Rows behind the cursor are put. Edited and removed ones are found by sums: the hashes of each owner's
 * (key, value) rows are added up on both sides, two sequential scans without a look-up; owners whose sums
 * differ are read again. Params never change in place, so for them an equal number of rows is proof
 * enough. A first import needs no comparison. */
#include <stdlib.h>
#include <string.h>
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/runs/mlflow_db.h"

struct item { size_t owner; const char *key, *value; size_t kn, vn; };
typedef void (*item_fn)(void *arg, const struct item *it);
struct item_source {
	struct src_table t; enum sink_set set;
	bool frozen, number;             /* rows never change; the value is an integer */
	size_t (*owner)(struct mlflow_db *m, const struct scan *sc);
	int key, value;
	void (*emit)(struct mlflow_db *m, const struct item_source *x, const struct scan *sc, item_fn fn, void *arg);   /* NULL: one item a row */
};

static size_t owner_plain(struct mlflow_db *m, enum sink_kind k, const struct scan *sc)
{
	size_t n;
	const char *p = row_text(sc, 1, &n);

	return sink_entity(m->sink, k, SINK_NONE, p ? p : "", n, NULL, 0);
}

static size_t owner_experiment(struct mlflow_db *m, const struct scan *sc) { return owner_plain(m, SINK_EXPERIMENT, sc); }
static size_t owner_run(struct mlflow_db *m, const struct scan *sc) { return owner_plain(m, SINK_RUN, sc); }
static size_t owner_logged(struct mlflow_db *m, const struct scan *sc) { return owner_plain(m, SINK_LOGGED, sc); }
static size_t owner_trace(struct mlflow_db *m, const struct scan *sc) { return owner_plain(m, SINK_TRACE, sc); }

static size_t owner_model(struct mlflow_db *m, const struct scan *sc)
{
	const struct val space = row_val_word(sc, 2);
	size_t n;
	const char *p = row_text(sc, 1, &n);

	return sink_entity(m->sink, SINK_MODEL, SINK_NONE, space.n ? space.u.p : "default", space.n ? space.n : 7, p ? p : "", n);
}

static size_t owner_version(struct mlflow_db *m, const struct scan *sc)
{
	const size_t model = owner_model(m, sc);
	size_t n;
	const char *p = row_text(sc, 3, &n);

	return sink_entity(m->sink, SINK_VERSION, model, p ? p : "", n, NULL, 0);
}

/* One item for each column that says something. */
static void emit_columns(struct mlflow_db *m, const struct item_source *x, const struct scan *sc, item_fn fn, void *arg)
{
	struct item it = { .owner = x->owner(m, sc) };

	for (int i = 2; i < x->t.n; i++) {
		it.value = row_text(sc, i, &it.vn);
		it.key = x->t.cols[i];
		it.kn = strlen(it.key);
		if (it.value)
			fn(arg, &it);
	}
}

/* The whole row as one JSON object: columns differ between versions, and all are kept. */
static void emit_json(struct mlflow_db *m, const struct item_source *x, const struct scan *sc, item_fn fn, void *arg)
{
	struct str json = STR_INIT;
	struct jsonw w;
	struct item it = { .owner = x->owner(m, sc) };

	jsonw_init(&w, &json);
	jsonw_open(&w, '{');
	for (int i = 2; i < x->t.n; i++) {
		const struct val v = row_val_text(sc, i);

		if (v.type == VAL_NULL)
			continue;
		jsonw_put_strn(&w, x->t.cols[i], v.u.p, v.n);
	}
	jsonw_close(&w, '}');
	it.key = row_text(sc, 0, &it.kn);
	it.value = json.p;
	it.vn = json.len;
	if (it.key)
		fn(arg, &it);
	str_free(&json);
}

static const char *const tag_cols[] = { "key", "run_uuid", "value" };
static const char *const experiment_tag_cols[] = { "key", "experiment_id", "value" };
static const char *const model_tag_cols[] = { "key", "name", "workspace", "value" };
static const char *const version_tag_cols[] = { "key", "name", "workspace", "version", "value" };
static const char *const alias_cols[] = { "alias", "name", "workspace", "version" };
static const char *const logged_param_cols[] = { "param_key", "model_id", "param_value" };
static const char *const logged_tag_cols[] = { "tag_key", "model_id", "tag_value" };
static const char *const trace_item_cols[] = { "key", "request_id", "value" };
static const char *const trace_attr_cols[] = { "timestamp_ms", "request_id", "trace_name", "session_id", "input_tokens", "output_tokens", "total_tokens",
	"cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation_input_tokens_above_1hr", "input_cost", "output_cost", "total_cost" };
static const char *const assessment_cols[] = { "assessment_id", "trace_id", "name", "assessment_type", "value", "error", "created_timestamp",
	"last_updated_timestamp", "source_type", "source_id", "run_id", "span_id", "rationale", "overrides", "valid", "assessment_metadata" };

static const struct item_source run_items[] = {
	{ SRC_TABLE("experiment_tags", experiment_tag_cols, 2), SET_EXPERIMENT_TAG, false, false, owner_experiment, 0, 2, NULL },
	{ SRC_TABLE("tags", tag_cols, 2), SET_TAG, false, false, owner_run, 0, 2, NULL },
	{ SRC_TABLE("params", tag_cols, 2), SET_PARAM, true, false, owner_run, 0, 2, NULL },
};
static const struct item_source logged_items[] = {
	{ SRC_TABLE("logged_model_params", logged_param_cols, 2), SET_LOGGED_PARAM, false, false, owner_logged, 0, 2, NULL },
	{ SRC_TABLE("logged_model_tags", logged_tag_cols, 2), SET_LOGGED_TAG, false, false, owner_logged, 0, 2, NULL },
};
static const struct item_source registry_items[] = {
	{ SRC_TABLE("registered_model_tags", model_tag_cols, 3), SET_MODEL_TAG, false, false, owner_model, 0, 3, NULL },
	{ SRC_TABLE("model_version_tags", version_tag_cols, 4), SET_VERSION_TAG, false, false, owner_version, 0, 4, NULL },
	{ SRC_TABLE("registered_model_aliases", alias_cols, 3), SET_ALIAS, false, true, owner_model, 0, 3, NULL },
};
static const struct item_source trace_items[] = {
	{ SRC_TABLE("trace_tags", trace_item_cols, 2), SET_TRACE_TAG, false, false, owner_trace, 0, 2, NULL },
	{ SRC_TABLE("trace_request_metadata", trace_item_cols, 2), SET_TRACE_META, false, false, owner_trace, 0, 2, NULL },
	{ { "trace_info", "trace attributes", trace_attr_cols, sizeof trace_attr_cols / sizeof *trace_attr_cols, 2 }, SET_TRACE_ATTR, false, false,
		owner_trace, 0, 0, emit_columns },
	{ SRC_TABLE("assessments", assessment_cols, 2), SET_ASSESSMENT, false, false, owner_trace, 0, 0, emit_json },
};

/* ---- reading ---- */

static void each_item(struct mlflow_db *m, const struct item_source *x, const struct scan *sc, item_fn fn, void *arg)
{
	if (x->emit) {
		x->emit(m, x, sc, fn, arg);
		return;
	}
	struct item it = { .owner = x->owner(m, sc) };

	it.key = row_text(sc, x->key, &it.kn);
	it.value = row_text(sc, x->value, &it.vn);
	if (!it.value)
		it.value = "";
	if (it.key)
		fn(arg, &it);
}

struct putting { struct mlflow_db *m; const struct item_source *x; const bool *only; size_t n_only; };

static void put_item(void *arg, const struct item *it)
{
	const struct putting *p = arg;

	if (p->only && (it->owner >= p->n_only || !p->only[it->owner]))
		return;
	sink_item(p->m->sink, p->x->set, it->owner, val_text(it->key, it->kn),
		p->x->number ? val_int(strtoll(it->value, NULL, 10)) : val_text(it->value, it->vn));
}

static void sum_item(void *arg, const struct item *it)
{
	sums_add(arg, it->owner, sink_item_hash(it->key, it->kn, it->value, it->vn));
}

static enum status scan_items(struct mlflow_db *m, const struct item_source *x, int64_t after, bool cursor, item_fn fn, void *arg,
	struct scan *sc, struct err *e)
{
	enum status rc = ST_OK;

	scan_begin(sc, &m->src, &x->t, after, NULL, NULL, 0);
	while (rc == ST_OK && scan_next(sc)) {
		each_item(m, x, sc, fn, arg);
		rc = db_pace(m, sc, cursor, e);
	}
	const enum status end = scan_end(sc, e);

	return rc != ST_OK ? rc : end;
}

/* Reads the owners whose sums differ once more; what they have besides is removed (unless rows were unreadable). */
static enum status read_again(struct mlflow_db *m, const struct item_source *x, const bool *differ, size_t n, struct err *e)
{
	struct putting p = { m, x, differ, n };
	struct scan sc;

	sink_track(m->sink, x->set);
	const enum status rc = scan_items(m, x, INT64_MIN, false, put_item, &p, &sc, e);

	if (rc != ST_OK || sc.lost)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (differ[i])
			sink_keep_owner(m->sink, x->set, i);
	db_cursor_set(m, &x->t, sc.rows ? sc.last : 0);
	return ST_OK;
}

static enum status compare(struct mlflow_db *m, const struct item_source *x, struct err *e)
{
	struct sums there = { 0 }, here = { 0 };
	struct scan sc = { 0 };
	enum status rc = db_flush(m, e);

	if (rc == ST_OK)
		rc = sink_load(m->sink, sink_owner_kind(x->set), e);
	if (rc == ST_OK)
		rc = scan_items(m, x, INT64_MIN, false, sum_item, &there, &sc, e);
	if (rc == ST_OK)
		rc = sink_sums(m->sink, x->set, &here, e);
	const size_t n = there.n > here.n ? there.n : here.n;
	bool *differ = mem_zalloc(n + 1), any = false;

	for (size_t i = 0; i < n; i++)
		any |= differ[i] = sums_get(&there, i) != sums_get(&here, i);
	if (rc == ST_OK && any)
		rc = read_again(m, x, differ, n, e);
	else if (rc == ST_OK)
		db_cursor_set(m, &x->t, sc.rows ? sc.last : 0);
	free(differ);
	free(there.at);
	free(here.at);
	return rc;
}

/* The new rows, then, when it is time, whatever else changed. */
static enum status read_items(struct mlflow_db *m, const struct item_source *x, struct err *e)
{
	struct putting p = { m, x, NULL, 0 };
	struct scan sc = { 0 };
	int64_t after = INT64_MIN;
	enum status rc;
	const enum cursor at = db_cursor(m, &x->t, &after);

	if (!src_has(&m->src, x->t.name, x->t.cols[x->emit ? 2 : x->key]))
		return ST_OK;
	db_stage_begin(m);
	if (at != CURSOR_BAD) {
		if ((rc = scan_items(m, x, after, true, put_item, &p, &sc, e)) != ST_OK)
			return rc;
		if (sc.rows || at == CURSOR_NONE)
			db_cursor_set(m, &x->t, sc.rows ? sc.last : 0);
	}
	if (at == CURSOR_OK && !db_stage_due(m, x->t.id))
		return ST_OK;
	const int64_t count = src_count(&m->src, x->t.name, "count(*)");

	if (at == CURSOR_BAD || (at == CURSOR_OK && !(x->frozen && count == db_last_count(m, x->t.id) + sc.rows)))
		rc = compare(m, x, e);
	else
		rc = ST_OK;
	db_set_count(m, x->t.id, count);
	db_stage_done(m, x->t.id);
	return rc;
}

static enum status read_each(struct mlflow_db *m, const struct item_source *x, size_t n, struct err *e)
{
	enum status rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = read_items(m, &x[i], e);
	return rc;
}

#define READ_EACH(name, table) enum status name(struct mlflow_db *m, struct err *e) { return read_each(m, table, sizeof table / sizeof *table, e); }
READ_EACH(db_read_run_items, run_items)
READ_EACH(db_read_logged_items, logged_items)
READ_EACH(db_read_registry_items, registry_items)
READ_EACH(db_read_trace_items, trace_items)
