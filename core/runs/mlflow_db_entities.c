/* Things with an identity: experiments, runs, logged models, registered models and versions, traces.
 *
 * Each has a row of `sources`: the columns to read and a function that turns them into the sink's key and
 * attributes. A full pass loads hashes of what is here, puts what differs and marks what is gone. A hot
 * pass of those that grow large reads the rows behind the cursor and, by their key, those that are
 * not finished here. */
#include <string.h>
#include "core/base/mem.h"
#include "core/runs/mlflow_db.h"

struct entity_source {
	struct src_table t; enum sink_kind kind; const char *stage;
	bool grows;                      /* large: load before comparing, hot passes */
	const char *key, *live;          /* its key column; keys of what is unfinished here */
	size_t (*fill)(struct mlflow_db *m, const struct scan *sc, struct val *v);   /* SINK_NONE: nothing to put */
};

static size_t entity_at(struct mlflow_db *m, enum sink_kind k, const struct scan *sc, int col)
{
	size_t n;
	const char *p = row_text(sc, col, &n);

	return sink_entity(m->sink, k, SINK_NONE, p ? p : "", n, NULL, 0);
}

static struct val deleted(const struct scan *sc, int col) { return val_int(row_is(sc, col, "deleted")); }

static struct val workspace(const struct scan *sc, int col)
{
	const struct val v = row_val_word(sc, col);

	return v.n ? v : val_str("default");
}

static size_t fill_experiment(struct mlflow_db *m, const struct scan *sc, struct val *v)
{
	v[0] = workspace(sc, 6);
	v[1] = row_val_word(sc, 1);
	v[2] = row_val_word(sc, 2);
	v[3] = row_val_int(sc, 4);
	v[4] = row_val_int(sc, 5);
	v[5] = deleted(sc, 3);
	return entity_at(m, SINK_EXPERIMENT, sc, 0);
}

static struct val run_status(struct mlflow_db *m, const struct scan *sc, int col)
{
	static const char *const words[] = { "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED" };
	size_t n, un;

	for (int i = 0; i < 5; i++)
		if (row_is(sc, col, words[i]))
			return val_int(i + 1);
	const char *p = row_text(sc, col, &n), *uuid = row_text(sc, 0, &un);

	if (p)
		import_problem(m->job, "run %.*s: its status '%.*s' is not one MLflow knows; shown as running", (int)un, uuid, (int)(n < 40 ? n : 40), p);
	return val_int(1);
}

static size_t fill_run(struct mlflow_db *m, const struct scan *sc, struct val *v)
{
	v[0] = val_ref(SINK_EXPERIMENT, entity_at(m, SINK_EXPERIMENT, sc, 1));
	v[1] = row_val_word(sc, 2);
	v[2] = run_status(m, sc, 3);
	v[3] = row_val_word(sc, 4);
	v[4] = row_val_word(sc, 5);
	v[5] = row_val_int(sc, 6);
	v[6] = row_val_int(sc, 7);
	v[7] = row_val_int(sc, 8);
	v[8] = row_val_word(sc, 9);
	v[9] = deleted(sc, 10);
	return entity_at(m, SINK_RUN, sc, 0);
}

static size_t fill_logged(struct mlflow_db *m, const struct scan *sc, struct val *v)
{
	v[0] = val_ref(SINK_EXPERIMENT, entity_at(m, SINK_EXPERIMENT, sc, 1));
	v[1] = row_val_text(sc, 2);
	v[2] = row_val_text(sc, 3);
	v[3] = row_val_int(sc, 4);
	v[4] = row_val_int(sc, 5);
	v[5] = val_int(row_int(sc, 6));
	v[6] = row_val_text(sc, 8);
	v[7] = row_val_text(sc, 9);
	v[8] = row_val_text(sc, 10);
	v[9] = deleted(sc, 7);
	return entity_at(m, SINK_LOGGED, sc, 0);
}

static size_t model_at(struct mlflow_db *m, const struct scan *sc, int name, int space)
{
	const struct val ns = workspace(sc, space);
	size_t n;
	const char *p = row_text(sc, name, &n);

	return sink_entity(m->sink, SINK_MODEL, SINK_NONE, ns.u.p, ns.n, p ? p : "", n);
}

static size_t fill_model(struct mlflow_db *m, const struct scan *sc, struct val *v)
{
	v[0] = row_val_int(sc, 1);
	v[1] = row_val_int(sc, 2);
	v[2] = row_val_text(sc, 3);
	v[3] = val_int(0);
	return model_at(m, sc, 0, 4);
}

static size_t fill_version(struct mlflow_db *m, const struct scan *sc, struct val *v)
{
	size_t n;
	const size_t model = model_at(m, sc, 0, 13);

	for (int i = 0; i < 2; i++)
		v[i] = row_val_int(sc, 2 + i);
	v[2] = row_val_text(sc, 4);
	v[3] = row_val_text(sc, 5);
	v[4] = row_null(sc, 6) ? val_str("None") : row_val_text(sc, 6);
	for (int i = 5; i < 11; i++)
		v[i] = row_val_text(sc, i + 2);
	v[11] = val_int(row_is(sc, 6, "Deleted_Internal"));
	const char *version = row_text(sc, 1, &n);

	return sink_entity(m->sink, SINK_VERSION, model, version ? version : "", n, NULL, 0);
}

static size_t fill_trace(struct mlflow_db *m, const struct scan *sc, struct val *v)
{
	v[0] = val_ref(SINK_EXPERIMENT, entity_at(m, SINK_EXPERIMENT, sc, 1));
	v[1] = row_val_int(sc, 2);
	v[2] = row_val_int(sc, 3);
	for (int i = 3; i < 7; i++)
		v[i] = row_val_text(sc, i + 1);
	v[7] = val_int(0);
	return entity_at(m, SINK_TRACE, sc, 0);
}

static const char *const experiment_cols[] = { "experiment_id", "name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time", "workspace" };
static const char *const run_cols[] = { "run_uuid", "experiment_id", "name", "status", "user_id", "source_name", "start_time", "end_time", "deleted_time",
	"artifact_uri", "lifecycle_stage" };
static const char *const logged_cols[] = { "model_id", "experiment_id", "name", "artifact_location", "creation_timestamp_ms", "last_updated_timestamp_ms",
	"status", "lifecycle_stage", "model_type", "source_run_id", "status_message" };
static const char *const model_cols[] = { "name", "creation_time", "last_updated_time", "description", "workspace" };
static const char *const version_cols[] = { "name", "version", "creation_time", "last_updated_time", "description", "user_id", "current_stage", "source", "run_id",
	"status", "status_message", "run_link", "storage_location", "workspace" };
static const char *const trace_cols[] = { "request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status", "client_request_id", "request_preview",
	"response_preview" };

enum { E_EXPERIMENTS, E_RUNS, E_LOGGED, E_MODELS, E_VERSIONS, E_TRACES };
static const struct entity_source sources[] = {
	[E_EXPERIMENTS] = { SRC_TABLE("experiments", experiment_cols, 1), SINK_EXPERIMENT, "experiments", false, NULL, NULL, fill_experiment },
	[E_RUNS] = { SRC_TABLE("runs", run_cols, 1), SINK_RUN, "runs", true, "run_uuid",
		"SELECT uuid FROM run WHERE source_id=?1 AND status IN (1,2) AND deleted=0", fill_run },
	[E_LOGGED] = { SRC_TABLE("logged_models", logged_cols, 1), SINK_LOGGED, "logged_models", true, "model_id",
		"SELECT model_id FROM logged_model WHERE source_id=?1 AND status IN (0,1) AND deleted=0", fill_logged },
	[E_MODELS] = { SRC_TABLE("registered_models", model_cols, 1), SINK_MODEL, "registry", false, NULL, NULL, fill_model },
	[E_VERSIONS] = { SRC_TABLE("model_versions", version_cols, 2), SINK_VERSION, "registry", false, NULL, NULL, fill_version },
	[E_TRACES] = { SRC_TABLE("trace_info", trace_cols, 1), SINK_TRACE, "traces", true, "request_id",
		"SELECT trace_id FROM trace WHERE source_id=?1 AND status='IN_PROGRESS' AND deleted=0", fill_trace },
};

static enum status put_rows(struct mlflow_db *m, const struct entity_source *x, struct scan *sc, bool cursor, struct err *e)
{
	struct val v[SINK_MAX_VALS];
	enum status rc = ST_OK;

	while (rc == ST_OK && scan_next(sc)) {
		const size_t index = x->fill(m, sc, v);

		sink_put_new(m->sink, x->kind, index, v);
		rc = db_pace(m, sc, cursor, e);
	}
	const enum status end = scan_end(sc, e);

	return rc != ST_OK ? rc : end;
}

/* Compares the whole table with what is here. */
static enum status read_all(struct mlflow_db *m, const struct entity_source *x, struct err *e)
{
	struct scan sc;
	enum status rc;

	if ((rc = sink_load(m->sink, x->kind, e)) != ST_OK)
		return rc;
	scan_begin(&sc, &m->src, &x->t, INT64_MIN, NULL, NULL, 0);
	if ((rc = put_rows(m, x, &sc, false, e)) != ST_OK)
		return rc;
	if (!sc.lost && src_has(&m->src, x->t.name, NULL))
		sink_keep_seen(m->sink, x->kind);
	if (x->grows && sc.rows)
		db_cursor_set(m, &x->t, sc.last);
	return ST_OK;
}

static enum status read_live(struct mlflow_db *m, const struct entity_source *x, struct err *e)
{
	struct map *keys = map_new();
	struct str where = STR_INIT;
	sqlite3_stmt *st = store_stmt(m->job->store, x->live, e);
	enum status rc = st ? ST_OK : ST_FAILED;

	if (st)
		sqlite3_bind_int64(st, 1, m->job->source_id);
	while (st && sqlite3_step(st) == SQLITE_ROW)
		map_add(keys, sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0), NULL);
	if (st && sqlite3_reset(st) != SQLITE_OK)
		rc = store_error(m->job->store, e, "reading what is unfinished");
	str_addf(&where, "\"%s\"=?2", x->key);
	for (size_t i = 0; i < map_count(keys) && rc == ST_OK; i++) {
		size_t n;
		const char *key = map_key(keys, i, &n);
		struct scan sc;

		scan_begin(&sc, &m->src, &x->t, INT64_MIN, where.p, key, n);
		rc = put_rows(m, x, &sc, false, e);
	}
	str_free(&where);
	map_free(keys);
	return rc;
}

static enum status read_entities(struct mlflow_db *m, const struct entity_source *x, struct err *e)
{
	int64_t after = INT64_MIN;
	struct scan sc;
	const enum cursor at = x->grows ? db_cursor(m, &x->t, &after) : CURSOR_NONE;
	enum status rc;

	db_stage_begin(m);
	if (at != CURSOR_OK || db_stage_due(m, x->stage)) {
		if ((rc = read_all(m, x, e)) == ST_OK && x->grows)
			db_stage_done(m, x->stage);
		return rc;
	}
	if ((rc = read_live(m, x, e)) != ST_OK)
		return rc;
	scan_begin(&sc, &m->src, &x->t, after, NULL, NULL, 0);
	if ((rc = put_rows(m, x, &sc, true, e)) == ST_OK && sc.rows)
		db_cursor_set(m, &x->t, sc.last);
	return rc;
}

enum status db_read_experiments(struct mlflow_db *m, struct err *e) { return read_entities(m, &sources[E_EXPERIMENTS], e); }
enum status db_read_runs(struct mlflow_db *m, struct err *e) { return read_entities(m, &sources[E_RUNS], e); }
enum status db_read_logged_models(struct mlflow_db *m, struct err *e) { return read_entities(m, &sources[E_LOGGED], e); }
enum status db_read_traces(struct mlflow_db *m, struct err *e) { return read_entities(m, &sources[E_TRACES], e); }

enum cursor db_runs_cursor(struct mlflow_db *m)
{
	int64_t rowid;

	return db_cursor(m, &sources[E_RUNS].t, &rowid);
}

enum status db_read_registry(struct mlflow_db *m, struct err *e)
{
	const enum status rc = read_entities(m, &sources[E_MODELS], e);

	return rc == ST_OK ? read_entities(m, &sources[E_VERSIONS], e) : rc;
}
