/* The list of experiments with their counts, and the keys their runs have. Both come from small tables and
 * covering indexes: neither touches the runs, however many there are. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/runs.h"

enum { NAME_MAX_BYTES = 1024, NOTE_MAX_BYTES = 1 << 20 };

static const char experiments_sql[] =
	"WITH c AS (SELECT experiment_id, sum(n) FILTER (WHERE NOT deleted) AS runs, sum(n) FILTER (WHERE deleted) AS gone FROM "
	"(SELECT experiment_id, deleted, count(*) AS n FROM run INDEXED BY run_by_start GROUP BY experiment_id, deleted) GROUP BY experiment_id), "
	"l AS (SELECT experiment_id, count(*) AS n FROM run INDEXED BY run_live WHERE status = 1 AND deleted = 0 GROUP BY experiment_id) "
	"SELECT x.id, coalesce(c.runs, 0), coalesce(l.n, 0), coalesce(c.gone, 0), x.created_ms, x.updated_ms, x.deleted, x.ext_id, "
	"CASE x.namespace WHEN 'default' THEN x.name ELSE x.namespace || '/' || x.name END, t.value, x.name, x.namespace, x.artifact_uri "
	"FROM experiment x LEFT JOIN c ON c.experiment_id = x.id LEFT JOIN l ON l.experiment_id = x.id "
	"LEFT JOIN experiment_tag t ON t.experiment_id = x.id AND t.key = 'mlflow.note.content' ORDER BY x.deleted, 9 COLLATE NOCASE, 9, x.id";

static const char *column_clean(struct arena *a, sqlite3_stmt *st, int i, size_t most, unsigned flags)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	size_t n = (size_t)sqlite3_column_bytes(st, i);
	struct str out = STR_INIT;
	text_clean(&out, s ? s : "", n < most ? n : most, flags);
	const char *copy = arena_strndup(a, out.p, out.len);
	str_free(&out);
	return copy;
}

static struct run_item column_item(struct arena *a, sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	size_t n = (size_t)sqlite3_column_bytes(st, i);
	return (struct run_item){ .value = arena_strndup(a, s ? s : "", n), .n = n };
}

static int64_t column_ms(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(st, i);
}

static struct experiment experiment_take(struct arena *a, sqlite3_stmt *st)
{
	return (struct experiment){
		.id = sqlite3_column_int64(st, 0), .runs = sqlite3_column_int64(st, 1), .running = sqlite3_column_int64(st, 2),
		.deleted_runs = sqlite3_column_int64(st, 3), .created_ms = column_ms(st, 4), .updated_ms = column_ms(st, 5),
		.deleted = sqlite3_column_int(st, 6) != 0, .ext_id = column_clean(a, st, 7, NAME_MAX_BYTES, 0),
		.name = column_clean(a, st, 8, NAME_MAX_BYTES, 0), .note = column_clean(a, st, 9, NOTE_MAX_BYTES, TEXT_LINES),
		.stored_name = column_item(a, st, 10), .namespace = column_clean(a, st, 11, NAME_MAX_BYTES, 0), .artifact_uri = column_item(a, st, 12),
	};
}

enum status experiments_load(struct store *s, struct experiments **out, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, experiments_sql, e);
	if (!st)
		return ST_FAILED;
	struct experiments *x = mem_zalloc(sizeof *x);
	struct experiment *at = NULL;
	size_t cap = 0;
	x->arena = arena_new();
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(at, cap, x->n + 1);
		at[x->n++] = experiment_take(x->arena, st);
	}
	x->at = arena_array(x->arena, x->n, sizeof *at);
	if (x->n)
		memcpy(x->at, at, x->n * sizeof *at);
	free(at);
	if (sqlite3_reset(st) != SQLITE_OK) {
		experiments_free(x);
		return store_error(s, e, "read experiments");
	}
	*out = x;
	return ST_OK;
}

void experiments_free(struct experiments *x)
{
	if (!x)
		return;
	arena_free(x->arena);
	free(x);
}

/* Keys of one experiment, or of all (0), beside what earlier ones gave. */
struct key_row { int kind; int64_t name_id, runs; };
struct key_rows { struct key_row *at; size_t n, cap; };

static enum status keys_read(struct store *s, int64_t experiment, struct key_rows *rows, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, experiment ? "SELECT kind, name_id, runs FROM experiment_key WHERE experiment_id = ?1"
		: "SELECT kind, name_id, runs FROM experiment_key", e);
	if (!st)
		return ST_FAILED;
	if (experiment)
		sqlite3_bind_int64(st, 1, experiment);
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(rows->at, rows->cap, rows->n + 1);
		rows->at[rows->n++] = (struct key_row){ sqlite3_column_int(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2) };
	}
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "read keys");
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct key_row *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->name_id > y->name_id) - (x->name_id < y->name_id);
}

/* One row per key: the experiments' counts added up. */
static void keys_merge(struct key_rows *rows)
{
	size_t n = 0;
	if (rows->n)
		qsort(rows->at, rows->n, sizeof *rows->at, by_kind_and_name);
	for (size_t i = 0; i < rows->n; i++) {
		if (n && !by_kind_and_name(&rows->at[n - 1], &rows->at[i]))
			rows->at[n - 1].runs += rows->at[i].runs;
		else
			rows->at[n++] = rows->at[i];
	}
	rows->n = n;
}

static int by_runs_and_key(const void *a, const void *b)
{
	const struct run_key *x = a, *y = b;
	if (x->runs != y->runs)
		return x->runs < y->runs ? 1 : -1;
	int by_key = strcmp(x->key, y->key);
	return by_key ? by_key : (int)x->kind - (int)y->kind;
}

static enum status keys_name(struct store *s, const struct key_rows *rows, struct run_keys *k, struct err *e)
{
	static const enum col_kind kinds[] = { COL_METRIC, COL_PARAM, COL_TAG };
	sqlite3_stmt *st = store_stmt(s, "SELECT text FROM name WHERE id = ?1", e);
	if (!st)
		return ST_FAILED;
	k->at = arena_array(k->arena, rows->n, sizeof *k->at);
	for (size_t i = 0; i < rows->n; i++) {
		const struct key_row *r = &rows->at[i];
		if (r->runs <= 0 || r->kind < 0 || r->kind > 2)
			continue;
		sqlite3_bind_int64(st, 1, r->name_id);
		if (sqlite3_step(st) == SQLITE_ROW)
			k->at[k->n++] = (struct run_key){ kinds[r->kind], column_item(k->arena, st, 0).value, r->runs };
		if (sqlite3_reset(st) != SQLITE_OK)
			return store_error(s, e, "read keys");
	}
	if (k->n)
		qsort(k->at, k->n, sizeof *k->at, by_runs_and_key);
	return ST_OK;
}

enum status run_keys_load(struct store *s, const int64_t *experiments, size_t n, struct run_keys **out, struct err *e)
{
	struct key_rows rows = { 0 };
	struct run_keys *k = mem_zalloc(sizeof *k);
	enum status rc = n ? ST_OK : keys_read(s, 0, &rows, e);
	k->arena = arena_new();
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = keys_read(s, experiments[i], &rows, e);
	if (rc == ST_OK) {
		keys_merge(&rows);
		rc = keys_name(s, &rows, k, e);
	}
	free(rows.at);
	if (rc != ST_OK) {
		run_keys_free(k);
		return rc;
	}
	*out = k;
	return ST_OK;
}

void run_keys_free(struct run_keys *k)
{
	if (!k)
		return;
	arena_free(k->arena);
	free(k);
}
