/* Tables that only grow: metric points, metrics of logged models, spans.
 *
 * Metrics are read in rowid order behind the cursor, on a thread of their own when they are many.
 * MLflow never changes a point; only `mlflow gc` removes a run's. So when the row at the cursor is still
 * the same, everything before it is. When it is not (gc took the last rows, the file was replaced, VACUUM
 * renumbered), all rows are read again: points already here are dropped as equal, series that have more
 * points here than there are removed and read a third time. */
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/mlflow_ahead.h"
#include "core/runs/mlflow_db.h"

static const char *const metric_cols[] = { "run_uuid", "key", "step", "timestamp", "value", "is_nan" };
static const struct src_table metrics = SRC_TABLE("metrics", metric_cols, 6);
static const char *const logged_metric_cols[] = { "model_id", "metric_name", "metric_timestamp_ms", "metric_step", "metric_value", "run_id", "dataset_name", "dataset_digest" };
static const struct src_table logged_metrics = SRC_TABLE("logged_model_metrics", logged_metric_cols, 6);
static const char *const span_cols[] = { "trace_id", "span_id", "parent_span_id", "name", "type", "status", "start_time_unix_nano", "end_time_unix_nano", "content" };
static const struct src_table spans = SRC_TABLE("spans", span_cols, 2);

/* ---- metrics ---- */

enum { MANY_ROWS = 50000 };              /* worth a thread */

static uint64_t pair(size_t run, size_t name) { return (uint64_t)run << 32 | (uint32_t)name; }

struct reread {
	struct map *counts;              /* pair -> points in the source; NULL: not counted */
	struct map *only;                /* pairs to read; NULL: all */
};
/* The reader's numbers of runs and names as the sink's. */
struct numbers { size_t *at, n, cap; };
struct metrics_scan {
	struct mlflow_db *m; const struct reread *again;
	struct numbers runs, names;
	int64_t rows, last, lost;
};

static void learn(struct numbers *to, size_t index)
{
	MEM_GROW(to->at, to->cap, to->n + 1);
	to->at[to->n++] = index;
}

static void learn_texts(struct metrics_scan *x, const struct ahead_batch *b)
{
	uint32_t n;

	for (const char *p = b->runs.p, *end = p + b->runs.len; p < end; p += sizeof n + n) {
		memcpy(&n, p, sizeof n);
		learn(&x->runs, sink_entity(x->m->sink, SINK_RUN, SINK_NONE, p + sizeof n, n, NULL, 0));
	}
	for (const char *p = b->names.p, *end = p + b->names.len; p < end; p += sizeof n + n) {
		memcpy(&n, p, sizeof n);
		learn(&x->names, sink_name(x->m->sink, p + sizeof n, n));
	}
}

/* Counts a row when rows are read again; whether its point is wanted. */
static bool wanted(const struct reread *again, uint64_t key)
{
	if (again->counts)
		++*map_value(again->counts, map_add(again->counts, &key, sizeof key, NULL));
	return !again->only || map_find(again->only, &key, sizeof key) >= 0;
}

static enum status take_batch(struct metrics_scan *x, const struct ahead_batch *b, struct err *e)
{
	struct sink *sink = x->m->sink;
	enum status rc = ST_OK;

	learn_texts(x, b);
	for (size_t i = 0; i < b->n && rc == ST_OK; i++) {
		const struct ahead_row *r = &b->rows[i];
		const size_t run = x->runs.at[r->run], name = x->names.at[r->name];

		if (x->again && !wanted(x->again, pair(run, name)))
			continue;
		sink_point(sink, sink_series(sink, run, name), r->p.step, r->p.ms, r->p.value);
		if (sink_full(sink))
			rc = db_flush(x->m, e);
	}
	x->m->rows_done += (int64_t)b->n;
	db_progress(x->m, metrics.name, b->scanned);
	return rc;
}

/* `cursor`: it moves with each batch, and a flush in the middle of one leaves it before the batch: points that are
 * read a second time after a kill are dropped as equal. */
static enum status scan_metrics(struct mlflow_db *m, int64_t after, bool cursor, const struct reread *again, struct metrics_scan *x, struct err *e)
{
	const int64_t most = src_count(&m->src, metrics.name, "max(rowid)");
	struct ahead *a = ahead_start(&m->src, &metrics, after, most - (after < 0 ? 0 : after) > MANY_ROWS);
	const struct ahead_batch *b;
	enum status rc = ST_OK;

	*x = (struct metrics_scan){ .m = m, .again = again };
	while (rc == ST_OK && (b = ahead_next(a))) {
		rc = take_batch(x, b, e);
		if (cursor)
			db_cursor_put(m, &metrics, b->last, b->check);
	}
	const enum status end = ahead_end(a, &x->rows, &x->last, &x->lost, rc == ST_OK ? e : NULL);

	free(x->runs.at);
	free(x->names.at);
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
	struct metrics_scan sc;
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
	struct metrics_scan sc;
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
