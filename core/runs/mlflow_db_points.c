/* Tables that only grow: metric points, metrics of logged models, spans.
 *
 * Metrics are read in rowid order behind the cursor; equal neighbours (same run, same key) skip the look-up.
 * MLflow never changes a point; only `mlflow gc` removes a run's. So when the row at the cursor is still
 * the same, everything before it is. When it is not (gc took the last rows, the file was replaced, VACUUM
 * renumbered), all rows are read again: points already here are dropped as equal, series that have more
 * points here than there are removed and read a third time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/mlflow_db.h"

static const char *const metric_cols[] = { "run_uuid", "key", "step", "timestamp", "value", "is_nan" };
static const struct src_table metrics = SRC_TABLE("metrics", metric_cols, 6);
static const char *const logged_metric_cols[] = { "model_id", "metric_name", "metric_timestamp_ms", "metric_step", "metric_value", "run_id", "dataset_name", "dataset_digest" };
static const struct src_table logged_metrics = SRC_TABLE("logged_model_metrics", logged_metric_cols, 6);
static const char *const span_cols[] = { "trace_id", "span_id", "parent_span_id", "name", "type", "status", "start_time_unix_nano", "end_time_unix_nano", "content" };
static const struct src_table spans = SRC_TABLE("spans", span_cols, 2);

/* ---- metrics ---- */

/* The run and the key of the current row. Texts are compared with the row before: mostly they are the same. */
struct ids { size_t run, name; struct str run_text, name_text; };

static size_t run_of(struct mlflow_db *m, struct ids *ids, const struct scan *sc)
{
	size_t n;
	const char *p = row_text(sc, 0, &n);

	if (!p)
		p = "";
	if (ids->run != SINK_NONE && n == ids->run_text.len && !memcmp(p, ids->run_text.p, n))
		return ids->run;
	str_clear(&ids->run_text);
	str_addn(&ids->run_text, p, n);
	return ids->run = sink_entity(m->sink, SINK_RUN, SINK_NONE, p, n, NULL, 0);
}

static size_t name_of(struct mlflow_db *m, struct ids *ids, const struct scan *sc)
{
	size_t n;
	const char *p = row_text(sc, 1, &n);

	if (!p)
		p = "";
	if (ids->name != SINK_NONE && n == ids->name_text.len && !memcmp(p, ids->name_text.p, n))
		return ids->name;
	str_clear(&ids->name_text);
	str_addn(&ids->name_text, p, n);
	return ids->name = sink_name(m->sink, p, n);
}

static double value_of(const struct scan *sc)
{
	return row_int(sc, 5) || row_null(sc, 4) ? (double)NAN : sqlite3_column_double(sc->st, 5);
}

static uint64_t pair(size_t run, size_t name) { return (uint64_t)run << 32 | (uint32_t)name; }

struct reread {
	struct map *counts;              /* pair -> points in the source; NULL: not counted */
	struct map *only;                /* pairs to read; NULL: all */
};

static enum status scan_metrics(struct mlflow_db *m, int64_t after, bool cursor, const struct reread *again, struct scan *sc, struct err *e)
{
	struct ids ids = { SINK_NONE, SINK_NONE, STR_INIT, STR_INIT };
	enum status rc = ST_OK;

	scan_begin(sc, &m->src, &metrics, after, NULL, NULL, 0);
	while (rc == ST_OK && scan_next(sc)) {
		const size_t run = run_of(m, &ids, sc), name = name_of(m, &ids, sc);

		if (again) {
			const uint64_t key = pair(run, name);

			if (again->counts)
				++*map_value(again->counts, map_add(again->counts, &key, sizeof key, NULL));
			if (again->only && map_find(again->only, &key, sizeof key) < 0)
				continue;
		}
		sink_point(m->sink, sink_series(m->sink, run, name), row_int(sc, 2), row_int(sc, 3), value_of(sc));
		rc = db_pace(m, sc, cursor, e);
	}
	str_free(&ids.run_text);
	str_free(&ids.name_text);
	const enum status end = scan_end(sc, e);

	return rc != ST_OK ? rc : end;
}

struct finding { struct mlflow_db *m; struct map *counts, *more; };

/* A series of a run that is still there, with more points here than there. */
static void find_more(void *arg, size_t run, sqlite3_stmt *st)
{
	struct finding *f = arg;
	const char *key = (const char *)sqlite3_column_text(st, 1);
	const size_t n = (size_t)sqlite3_column_bytes(st, 1);
	const uint64_t p = pair(run, sink_name(f->m->sink, key ? key : "", n));
	const int64_t i = map_find(f->counts, &p, sizeof p);
	const int64_t there = i < 0 ? 0 : *map_value(f->counts, (size_t)i);

	if (!sink_is_seen(f->m->sink, SINK_RUN, run) || sqlite3_column_int64(st, 2) <= there)
		return;
	map_add(f->more, &p, sizeof p, NULL);
	sink_series_remove(f->m->sink, run, key ? key : "", n);
}

/* All rows again, in up to two rounds; the cursor moves only at the end, so that a killed round starts over. */
static enum status read_metrics_again(struct mlflow_db *m, struct err *e)
{
	struct finding f = { m, map_new(), map_new() };
	const struct reread count = { f.counts, NULL }, only = { NULL, f.more };
	struct scan sc;
	enum status rc = scan_metrics(m, INT64_MIN, false, &count, &sc, e);

	if (rc == ST_OK)
		rc = db_flush(m, e);
	if (rc == ST_OK && !sc.lost)
		rc = sink_each_owned(m->sink, SINK_RUN, "SELECT s.run_id,n.text,s.n FROM metric s JOIN name n ON n.id=s.name_id", find_more, &f, e);
	if (rc == ST_OK && map_count(f.more))
		rc = scan_metrics(m, INT64_MIN, false, &only, &sc, e);
	if (rc == ST_OK)
		db_cursor_set(m, &metrics, sc.rows ? sc.last : 0);
	map_free(f.counts);
	map_free(f.more);
	return rc;
}

enum cursor db_metrics_cursor(struct mlflow_db *m)
{
	int64_t rowid;

	return db_cursor(m, &metrics, &rowid);
}

enum status db_read_metrics(struct mlflow_db *m, struct err *e)
{
	int64_t after = INT64_MIN;
	struct scan sc;
	const enum cursor at = db_cursor(m, &metrics, &after);

	if (at == CURSOR_BAD)
		return read_metrics_again(m, e);
	const enum status rc = scan_metrics(m, after, true, NULL, &sc, e);

	if (rc == ST_OK && (sc.rows || at == CURSOR_NONE))
		db_cursor_set(m, &metrics, sc.rows ? sc.last : 0);
	return rc;
}

/* ---- metrics of logged models ---- */

static void put_logged_metric(struct mlflow_db *m, const struct scan *sc)
{
	size_t n;
	const char *p = row_text(sc, 0, &n);
	const struct val v[] = { row_val_word(sc, 1), val_int(row_int(sc, 2)), val_int(row_int(sc, 3)),
		row_null(sc, 4) ? val_null() : val_real(sqlite3_column_double(sc->st, 5)), row_val_word(sc, 5), row_val_text(sc, 6), row_val_text(sc, 7) };

	sink_row(m->sink, ROW_LOGGED_METRIC, sink_entity(m->sink, SINK_LOGGED, SINK_NONE, p ? p : "", n, NULL, 0), v);
}

static void put_span(struct mlflow_db *m, const struct scan *sc)
{
	size_t n;
	const char *p = row_text(sc, 0, &n);
	const struct val v[] = { row_val_word(sc, 1), row_val_text(sc, 2), row_val_text(sc, 3), row_val_text(sc, 4), row_val_text(sc, 5),
		row_val_int(sc, 6), row_val_int(sc, 7), row_val_text(sc, 8) };

	sink_row(m->sink, ROW_SPAN, sink_entity(m->sink, SINK_TRACE, SINK_NONE, p ? p : "", n, NULL, 0), v);
}

/* Puts the rows behind the cursor, or all of them. */
static enum status read_rows(struct mlflow_db *m, const struct src_table *t, void (*put)(struct mlflow_db *, const struct scan *), bool all, int64_t *rows, struct err *e)
{
	int64_t after = INT64_MIN;
	struct scan sc;
	const enum cursor at = db_cursor(m, t, &after);
	enum status rc = ST_OK;

	scan_begin(&sc, &m->src, t, at == CURSOR_OK && !all ? after : INT64_MIN, NULL, NULL, 0);
	while (rc == ST_OK && scan_next(&sc)) {
		put(m, &sc);
		rc = db_pace(m, &sc, !all && at != CURSOR_BAD, e);
	}
	const enum status end = scan_end(&sc, e);

	*rows = sc.rows;
	if (rc != ST_OK || end != ST_OK)
		return rc != ST_OK ? rc : end;
	if (sc.rows || at == CURSOR_NONE)
		db_cursor_set(m, t, sc.rows ? sc.last : 0);
	return ST_OK;
}

/* Rows that only grow: equal numbers are proof that nothing else changed. */
enum status db_read_logged_metrics(struct mlflow_db *m, struct err *e)
{
	const char *table = logged_metrics.name;
	int64_t rows, all;

	db_stage_begin(m);
	enum status rc = read_rows(m, &logged_metrics, put_logged_metric, false, &rows, e);

	if (rc != ST_OK || !db_stage_due(m, table))
		return rc;
	const int64_t count = src_count(&m->src, table, "count(*)");

	if (count != db_last_count(m, table) + rows && rows != count)
		rc = read_rows(m, &logged_metrics, put_logged_metric, true, &all, e);
	db_set_count(m, table, count);
	db_stage_done(m, table);
	return rc;
}

/* ---- spans: written again in place while a trace runs ---- */

static uint64_t span_hash(const char *id, size_t n, const char *status, size_t sn, int64_t end_ns)
{
	return hash_word(sink_item_hash(id, n, status, sn), (uint64_t)end_ns);
}

static void sum_span_here(void *arg, size_t trace, sqlite3_stmt *st)
{
	const char *id = (const char *)sqlite3_column_text(st, 1), *status = (const char *)sqlite3_column_text(st, 2);

	sums_add(arg, trace, span_hash(id ? id : "", (size_t)sqlite3_column_bytes(st, 1), status ? status : "", (size_t)sqlite3_column_bytes(st, 2),
		sqlite3_column_int64(st, 3)));
}

static enum status spans_differ(struct mlflow_db *m, bool *differ, struct err *e)
{
	struct sums there = { 0 }, here = { 0 };
	struct scan sc;
	enum status rc = db_flush(m, e);

	if (rc != ST_OK || (rc = sink_load(m->sink, SINK_TRACE, e)) != ST_OK)
		return rc;
	scan_begin(&sc, &m->src, &spans, INT64_MIN, NULL, NULL, 0);
	while (scan_next(&sc)) {
		size_t tn, n, sn;
		const char *trace = row_text(&sc, 0, &tn), *id = row_text(&sc, 1, &n), *status = row_text(&sc, 5, &sn);

		if (trace && id)
			sums_add(&there, sink_entity(m->sink, SINK_TRACE, SINK_NONE, trace, tn, NULL, 0), span_hash(id, n, status ? status : "", sn, row_int(&sc, 7)));
	}
	rc = scan_end(&sc, e);
	if (rc == ST_OK)
		rc = sink_each_owned(m->sink, SINK_TRACE, "SELECT trace_id,span_id,status,end_ns FROM span", sum_span_here, &here, e);
	for (size_t i = 0; i < there.n; i++)
		*differ |= sums_get(&there, i) != sums_get(&here, i);
	free(there.at);
	free(here.at);
	return rc;
}

enum status db_read_spans(struct mlflow_db *m, struct err *e)
{
	bool differ = false;
	int64_t rows, after;
	const bool known = db_cursor(m, &spans, &after) != CURSOR_NONE;

	db_stage_begin(m);
	enum status rc = read_rows(m, &spans, put_span, false, &rows, e);

	if (rc != ST_OK || !db_stage_due(m, spans.name))
		return rc;
	if (known)
		rc = spans_differ(m, &differ, e);
	if (rc == ST_OK && differ)
		rc = read_rows(m, &spans, put_span, true, &rows, e);
	db_stage_done(m, spans.name);
	return rc;
}
