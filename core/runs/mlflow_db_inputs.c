/* Data sets and the edges of runs: what went in, what came out.
 *
 * Three tables make one thing, and rows change in none of them often: their hash decides whether anything is
 * to be done. Then data sets are put, tags of inputs are gathered into one JSON object an edge, edges are
 * put and tracked, and edges that are not there any more go. */
#include <stdlib.h>
#include <string.h>
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/mlflow_db.h"

static const char *const dataset_cols[] = { "dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema", "dataset_profile" };
static const struct src_table datasets = SRC_TABLE("datasets", dataset_cols, 1);
static const char *const input_cols[] = { "input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step" };
static const struct src_table inputs = SRC_TABLE("inputs", input_cols, 5);
static const char *const input_tag_cols[] = { "input_uuid", "name", "value" };
static const struct src_table input_tags = SRC_TABLE("input_tags", input_tag_cols, 2);
static const enum sink_set edge_sets[] = { SET_RUN_DATASET, SET_RUN_INPUT, SET_RUN_OUTPUT };

struct inputs_reader {
	struct mlflow_db *m;
	struct map *datasets;            /* uuid -> entity */
	struct map *tags; struct str *json; size_t cap_json;   /* input uuid -> {"name":"value",... without the closing brace */
	bool *edges; size_t n_edges, cap_edges;                /* runs that have edges */
	bool lost;
};

static enum status hash_table(struct mlflow_db *m, const struct src_table *t, uint64_t *sum, struct err *e)
{
	struct scan sc;

	scan_begin(&sc, &m->src, t, INT64_MIN, NULL, NULL, 0);
	while (scan_next(&sc)) {
		uint64_t h = HASH_START;

		for (int i = 0; i < t->n; i++) {
			const struct val v = row_val_text(&sc, i);

			h = val_hash(h, &v);
		}
		*sum += h;
	}
	return scan_end(&sc, e);
}

static enum status read_datasets(struct inputs_reader *r, struct err *e)
{
	struct mlflow_db *m = r->m;
	struct scan sc;
	enum status rc = sink_load(m->sink, SINK_DATASET, e);

	if (rc != ST_OK)
		return rc;
	scan_begin(&sc, &m->src, &datasets, INT64_MIN, NULL, NULL, 0);
	while (rc == ST_OK && scan_next(&sc)) {
		const struct val uuid = row_val_word(&sc, 0), id = row_val_word(&sc, 1), name = row_val_word(&sc, 2), digest = row_val_word(&sc, 3);
		const struct val v[] = { row_val_text(&sc, 4), row_val_text(&sc, 5), row_val_text(&sc, 6), row_val_text(&sc, 7) };
		const size_t experiment = sink_entity(m->sink, SINK_EXPERIMENT, SINK_NONE, id.u.p, id.n, NULL, 0);
		const size_t index = sink_entity(m->sink, SINK_DATASET, experiment, name.u.p, name.n, digest.u.p, digest.n);

		*map_value(r->datasets, map_add(r->datasets, uuid.u.p, uuid.n, NULL)) = (intptr_t)index;
		sink_put_new(m->sink, SINK_DATASET, index, v);
		rc = db_pace(m, &sc, false, e);
	}
	r->lost |= sc.lost > 0;
	const enum status end = scan_end(&sc, e);

	return rc != ST_OK ? rc : end;
}

static enum status read_tags(struct inputs_reader *r, struct err *e)
{
	struct scan sc;

	scan_begin(&sc, &r->m->src, &input_tags, INT64_MIN, NULL, NULL, 0);
	while (scan_next(&sc)) {
		const struct val uuid = row_val_word(&sc, 0), name = row_val_word(&sc, 1), value = row_val_word(&sc, 2);
		bool added;
		const size_t i = map_add(r->tags, uuid.u.p, uuid.n, &added);
		struct jsonw w;

		MEM_GROW(r->json, r->cap_json, i + 1);
		if (added)
			str_init(&r->json[i]);
		str_addc(&r->json[i], added ? '{' : ',');
		jsonw_init(&w, &r->json[i]);
		jsonw_strn(&w, name.u.p, name.n);
		str_addc(&r->json[i], ':');
		jsonw_init(&w, &r->json[i]);
		jsonw_strn(&w, value.u.p, value.n);
	}
	r->lost |= sc.lost > 0;
	return scan_end(&sc, e);
}

static void mark_edge(struct inputs_reader *r, size_t run)
{
	if (run >= r->n_edges) {
		MEM_GROW(r->edges, r->cap_edges, run + 1);
		memset(r->edges + r->n_edges, 0, (run + 1 - r->n_edges) * sizeof *r->edges);
		r->n_edges = run + 1;
	}
	r->edges[run] = true;
}

static size_t run_at(struct inputs_reader *r, struct val uuid)
{
	const size_t run = sink_entity(r->m->sink, SINK_RUN, SINK_NONE, uuid.u.p, uuid.n, NULL, 0);

	mark_edge(r, run);
	return run;
}

static void put_dataset_edge(struct inputs_reader *r, const struct scan *sc)
{
	const struct val uuid = row_val_word(sc, 0), from = row_val_word(sc, 2), to = row_val_word(sc, 4);
	const int64_t dataset = map_find(r->datasets, from.u.p, from.n), tags = map_find(r->tags, uuid.u.p, uuid.n);
	struct str json = STR_INIT;

	if (dataset < 0) {
		import_problem(r->m->job, "run %.*s: its data set %.*s is not in the table of data sets", (int)to.n, to.u.p, (int)from.n, from.u.p);
		return;
	}
	if (tags >= 0)
		str_addn(&json, r->json[tags].p, r->json[tags].len);
	str_add(&json, tags >= 0 ? "}" : "{}");
	sink_item(r->m->sink, SET_RUN_DATASET, run_at(r, to), val_ref(SINK_DATASET, (size_t)*map_value(r->datasets, (size_t)dataset)), val_text(json.p, json.len));
	str_free(&json);
}

static enum status read_edges(struct inputs_reader *r, struct err *e)
{
	struct mlflow_db *m = r->m;
	struct scan sc;
	enum status rc = ST_OK;

	for (size_t i = 0; i < 3; i++)
		sink_track(m->sink, edge_sets[i]);
	scan_begin(&sc, &m->src, &inputs, INT64_MIN, NULL, NULL, 0);
	while (rc == ST_OK && scan_next(&sc)) {
		if (row_is(&sc, 1, "DATASET") && row_is(&sc, 3, "RUN"))
			put_dataset_edge(r, &sc);
		else if (row_is(&sc, 1, "RUN_INPUT") && row_is(&sc, 3, "MODEL_INPUT"))
			sink_item(m->sink, SET_RUN_INPUT, run_at(r, row_val_word(&sc, 2)), row_val_word(&sc, 4), val_int(row_int(&sc, 5)));
		else if (row_is(&sc, 1, "RUN_OUTPUT") && row_is(&sc, 3, "MODEL_OUTPUT"))
			sink_item(m->sink, SET_RUN_OUTPUT, run_at(r, row_val_word(&sc, 2)), row_val_word(&sc, 4), val_int(row_int(&sc, 5)));
		rc = db_pace(m, &sc, false, e);
	}
	r->lost |= sc.lost > 0;
	const enum status end = scan_end(&sc, e);

	return rc != ST_OK ? rc : end;
}

static void mark_old(void *arg, size_t run, sqlite3_stmt *st)
{
	(void)st;
	mark_edge(arg, run);
}

static enum status remove_others(struct inputs_reader *r, struct err *e)
{
	enum status rc = sink_each_owned(r->m->sink, SINK_RUN, "SELECT DISTINCT run_id FROM run_dataset", mark_old, r, e);

	if (rc == ST_OK)
		rc = sink_each_owned(r->m->sink, SINK_RUN, "SELECT DISTINCT run_id FROM run_model", mark_old, r, e);
	for (size_t run = 0; run < r->n_edges && rc == ST_OK; run++)
		for (size_t i = 0; i < 3 && r->edges[run]; i++)
			sink_keep_owner(r->m->sink, edge_sets[i], run);
	return rc;
}

static enum status read_all(struct inputs_reader *r, struct err *e)
{
	enum status rc = sink_load(r->m->sink, SINK_RUN, e);

	if (rc == ST_OK)
		rc = read_datasets(r, e);

	if (rc == ST_OK)
		rc = read_tags(r, e);
	if (rc == ST_OK)
		rc = read_edges(r, e);
	if (rc == ST_OK)
		rc = db_flush(r->m, e);
	if (rc == ST_OK && !r->lost)
		rc = remove_others(r, e);
	return rc;
}

enum status db_read_inputs(struct mlflow_db *m, struct err *e)
{
	struct inputs_reader r = { .m = m, .datasets = map_new(), .tags = map_new() };
	uint64_t sum = 0;
	enum status rc = ST_OK;

	db_stage_begin(m);
	if (!db_stage_due(m, "inputs"))
		goto out;
	if ((rc = hash_table(m, &datasets, &sum, e)) != ST_OK || (rc = hash_table(m, &inputs, &sum, e)) != ST_OK
		|| (rc = hash_table(m, &input_tags, &sum, e)) != ST_OK)
		goto out;
	if ((int64_t)sum != db_last_count(m, "inputs"))
		rc = read_all(&r, e);
	if (rc == ST_OK)
		db_set_count(m, "inputs", (int64_t)sum);
	db_stage_done(m, "inputs");
out:
	for (size_t i = 0; i < map_count(r.tags); i++)
		str_free(&r.json[i]);
	free(r.json);
	free(r.edges);
	map_free(r.datasets);
	map_free(r.tags);
	return rc;
}
