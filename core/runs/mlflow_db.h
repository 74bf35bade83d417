/* mlflow_db -- the parts of the importer of MLflow databases: one file for entities, one for sets, one for points.
 *
 * Memory   source.state is a JSON object: "rows" {table: [rowid, check]} says up to which
 *          row each table was read and how that row looked; "stage" {name: [cost_us,
 *          at_ms]} when a full comparison was last made and what it cost; "again_ms"
 *          when put-off ones are due; "seq" grows with each commit.
 * Passes   new rows are read behind the cursor. Everything that MLflow changes in place or
 *          removes is found by comparing: always, but in a hot pass only as far as that takes
 *          a twentieth of the time.
 */
#ifndef MLYARD_RUNS_MLFLOW_DB_H
#define MLYARD_RUNS_MLFLOW_DB_H
#include <jansson.h>
#include "core/runs/mlflow_src.h"
#include "core/runs/sink.h"

struct mlflow_db {
	struct import_job *job; struct src src; struct sink *sink; json_t *state;
	int64_t owed_ms, stage_us;       /* when a put-off stage is due (0: none); when the running one began */
	int64_t rows_done, rows_total;
	bool full;                       /* a cursor does not hold any more: compare everything, also in a hot pass */
};
enum cursor { CURSOR_NONE, CURSOR_OK, CURSOR_BAD };   /* BAD: the row it points to is not the one it was */

enum cursor db_cursor(struct mlflow_db *m, const struct src_table *t, int64_t *rowid);
void db_cursor_set(struct mlflow_db *m, const struct src_table *t, int64_t rowid);
void db_cursor_put(struct mlflow_db *m, const struct src_table *t, int64_t rowid, uint64_t check);   /* check: src_row_check of that row */
void db_stage_begin(struct mlflow_db *m);
bool db_stage_due(struct mlflow_db *m, const char *stage);
void db_stage_done(struct mlflow_db *m, const char *stage);
void db_progress(struct mlflow_db *m, const char *table, int64_t rows);
enum status db_flush(struct mlflow_db *m, struct err *e);
/* In a scan, after each row: reports progress, flushes when much waits (with the cursor, when t says whose). */
enum status db_pace(struct mlflow_db *m, struct scan *sc, bool cursor, struct err *e);
int64_t db_last_count(struct mlflow_db *m, const char *table);
void db_set_count(struct mlflow_db *m, const char *table, int64_t n);

enum status db_read_experiments(struct mlflow_db *m, struct err *e);
enum status db_read_runs(struct mlflow_db *m, struct err *e);
enum status db_read_logged_models(struct mlflow_db *m, struct err *e);
enum status db_read_registry(struct mlflow_db *m, struct err *e);
enum status db_read_traces(struct mlflow_db *m, struct err *e);
enum status db_read_run_items(struct mlflow_db *m, struct err *e);
enum status db_read_logged_items(struct mlflow_db *m, struct err *e);
enum status db_read_registry_items(struct mlflow_db *m, struct err *e);
enum status db_read_trace_items(struct mlflow_db *m, struct err *e);
enum status db_read_inputs(struct mlflow_db *m, struct err *e);
enum cursor db_metrics_cursor(struct mlflow_db *m);
enum cursor db_runs_cursor(struct mlflow_db *m);
enum status db_read_metrics(struct mlflow_db *m, struct err *e);
enum status db_read_logged_metrics(struct mlflow_db *m, struct err *e);
enum status db_read_spans(struct mlflow_db *m, struct err *e);
enum status db_read_trace_files(struct mlflow_db *m, struct err *e);   /* spans kept as artifacts; after tags and spans */
#endif
