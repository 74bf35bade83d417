/* A table or a SELECT of an SQLite file.
 *
 * Safety   a connection of its own, read-only; an authorizer lets through reading and functions, nothing else (no ATTACH, no PRAGMA, no writing); one statement; limits on
 *          lengths and on the machine's size; cancel by the progress handler.
 * Live files   a program that writes without a write-ahead log waits for readers. Tables with row ids are therefore read in slices of SLICE rows with the lock
 *          given back between them; a query is read in one go. */
#include <ctype.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/frame_build.h"
#include "core/io/sketch_impl.h"

enum { SLICE = 20000, BUSY_MS = 5000, STEPS = 20000, MOST_SQL = 1 << 20, LISTED = 12, PLACES = 64 };
#define ALL_OF "SELECT * FROM "

struct reading {
	const char *path; const struct frame_options *o; struct task *task;
	sqlite3 *db; sqlite3_stmt *stmt;
	struct str sql;                        /* what is read, for counting it */
	bool sliced;                           /* column 0 is the row id, parameter 1 where to go on */
	struct frame_builder *b;
	struct sketch_parts *parts;            /* reading in parts; NULL: all at once */
	size_t every, seen, enough;            /* of a sample: each such row; rows that came; bytes after which the next place is looked at */
	intptr_t *col; bool *boolean; int n;   /* columns of the statement in the frame, -1: not wanted */
	size_t blobs, budget;
	crypto_generichash_state hash;
};

static enum status sql_error(const struct reading *r, const char *what, struct err *e)
{
	struct str clean = STR_INIT;
	const char *why = sqlite3_errmsg(r->db);
	text_clean(&clean, why, strlen(why), 0);
	const bool stopped = sqlite3_errcode(r->db) == SQLITE_INTERRUPT;
	const enum status rc = stopped ? ST_CANCELLED : sqlite3_errcode(r->db) == SQLITE_AUTH ? ST_REFUSED : ST_FAILED;
	err_set(e, rc, "%.300s: %s: %.150s%s", r->path, what, clean.p, rc == ST_REFUSED ? " (only reading is let through)" : "");
	str_free(&clean);
	return rc;
}

static int authorize(void *arg, int action, const char *a, const char *b, const char *db, const char *trigger)
{
	(void)arg, (void)a, (void)db, (void)trigger;
	if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE)
		return SQLITE_OK;
	return action == SQLITE_FUNCTION && b && strcasecmp(b, "load_extension") ? SQLITE_OK : SQLITE_DENY;
}

static int stop_asked(void *arg) { return task_cancelled(((struct reading *)arg)->task); }

static void set_limits(struct reading *r)
{
	sqlite3_busy_timeout(r->db, BUSY_MS);
	sqlite3_limit(r->db, SQLITE_LIMIT_LENGTH, FRAME_MOST_FIELD);
	sqlite3_limit(r->db, SQLITE_LIMIT_SQL_LENGTH, MOST_SQL);
	sqlite3_limit(r->db, SQLITE_LIMIT_COLUMN, FRAME_MOST_COLUMNS);
	sqlite3_limit(r->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(r->db, SQLITE_LIMIT_EXPR_DEPTH, 200);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_progress_handler(r->db, STEPS, stop_asked, r);
	sqlite3_set_authorizer(r->db, authorize, NULL);
}

static enum status open_file(struct reading *r, struct err *e)
{
	struct str uri = STR_INIT;
	str_add(&uri, "file:");
	for (const unsigned char *p = (const unsigned char *)r->path; *p; p++)
		str_addf(&uri, isalnum(*p) || strchr("/._-~", *p) ? "%c" : "%%%02x", *p);
	str_add(&uri, "?mode=ro");
	const int rc = sqlite3_open_v2(uri.p, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	str_free(&uri);
	if (rc != SQLITE_OK)
		return sql_error(r, "cannot open", e);
	set_limits(r);
	return ST_OK;
}

/* ---- what to read ---- */

static void add_quoted(struct str *sql, const char *name)
{
	str_addc(sql, '"');
	for (; *name; name++)
		str_addf(sql, *name == '"' ? "\"\"" : "%c", *name);
	str_addc(sql, '"');
}

/* The tables and views people made, by name; value 1: a table. */
static enum status list_tables(struct reading *r, struct map *names, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(r->db, "SELECT name, type = 'table' FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name", -1, &s,
		NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		if (name)
			*map_value(names, map_add(names, name, strlen(name), NULL)) = sqlite3_column_int(s, 1);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? ST_OK : sql_error(r, "cannot list its tables", e);
}

static enum status which_table(const struct reading *r, const struct map *names, struct err *e)
{
	struct str all = STR_INIT, clean = STR_INIT;
	for (size_t i = 0; i < map_count(names) && i < LISTED; i++)
		str_addf(&all, "%s%s", i ? ", " : "", map_key(names, i, NULL));
	if (map_count(names) > LISTED)
		str_addf(&all, " and %zu more", map_count(names) - LISTED);
	text_clean(&clean, all.p, all.len < 300 ? all.len : 300, 0);
	err_set(e, ST_USAGE, map_count(names) ? "%.150s: name a table or a SELECT; there are: %s" : "%.150s: no tables%s", r->path, clean.p);
	str_free(&all);
	str_free(&clean);
	return ST_USAGE;
}

static bool is_select(const char *sql)
{
	while (isspace((unsigned char)*sql) || *sql == '(')
		sql++;
	return !strncasecmp(sql, "select", 6) || !strncasecmp(sql, "with", 4) || !strncasecmp(sql, "values", 6);
}

static bool has_column(sqlite3_stmt *s, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(s); i++)
		if (!strcasecmp(sqlite3_column_name(s, i), name))
			return true;
	return false;
}

/* In slices where the table has row ids and no column that hides them. */
static enum status prepare_table(struct reading *r, const char *table, bool is_table, struct err *e)
{
	struct str sql = STR_INIT;
	str_add(&sql, ALL_OF);
	add_quoted(&sql, table);
	str_add(&r->sql, sql.p);
	if (sqlite3_prepare_v2(r->db, sql.p, -1, &r->stmt, NULL) != SQLITE_OK) {
		str_free(&sql);
		return sql_error(r, "cannot read the table", e);
	}
	if (is_table && !has_column(r->stmt, "_rowid_")) {
		sqlite3_stmt *slices = NULL;
		str_clear(&sql);
		str_add(&sql, "SELECT _rowid_, * FROM ");
		add_quoted(&sql, table);
		str_addf(&sql, " WHERE _rowid_ > ?1 ORDER BY _rowid_ LIMIT %d", SLICE);
		if (sqlite3_prepare_v2(r->db, sql.p, -1, &slices, NULL) == SQLITE_OK) {
			sqlite3_finalize(r->stmt);
			r->stmt = slices;
			r->sliced = true;
		} else {
			sqlite3_finalize(slices);
		}
	}
	str_free(&sql);
	return ST_OK;
}

static enum status prepare_query(struct reading *r, const char *sql, struct err *e)
{
	const char *rest = NULL;
	if (!is_select(sql))
		return err_set(e, ST_USAGE, "%.200s: \"%.80s\" is no table there and does not begin with SELECT", r->path, sql);
	if (sqlite3_prepare_v2(r->db, sql, -1, &r->stmt, &rest) != SQLITE_OK)
		return sql_error(r, "cannot run the query", e);
	size_t n = (size_t)(rest - sql);
	while (n && (isspace((unsigned char)sql[n - 1]) || sql[n - 1] == ';'))
		n--;
	str_addn(&r->sql, sql, n);
	while (isspace((unsigned char)*rest) || *rest == ';')
		rest++;
	if (*rest || !r->stmt || !sqlite3_stmt_readonly(r->stmt))
		return err_set(e, ST_USAGE, "%.200s: one SELECT statement is run, nothing behind it", r->path);
	return ST_OK;
}

static enum status prepare(struct reading *r, struct err *e)
{
	struct map *names = map_new();
	const char *q = r->o->query;
	enum status rc = list_tables(r, names, e);
	if (rc == ST_OK && !q)
		rc = map_count(names) == 1 ? prepare_table(r, map_key(names, 0, NULL), *map_value(names, 0), e) : which_table(r, names, e);
	else if (rc == ST_OK && map_find(names, q, strlen(q)) >= 0)
		rc = prepare_table(r, q, *map_value(names, (size_t)map_find(names, q, strlen(q))), e);
	else if (rc == ST_OK)
		rc = prepare_query(r, q, e);
	map_free(names);
	return rc;
}

/* ---- rows ---- */

static void name_columns(struct reading *r)
{
	for (int i = r->sliced; i < r->n; i++) {
		const char *name = sqlite3_column_name(r->stmt, i), *type = sqlite3_column_decltype(r->stmt, i);
		r->col[i] = frame_wants(r->o, name) ? (intptr_t)frame_builder_column(r->b, name, strlen(name)) : -1;
		r->boolean[i] = type && !strncasecmp(type, "bool", 4);
	}
}

static void make_columns(struct reading *r)
{
	r->n = sqlite3_column_count(r->stmt);
	r->col = mem_array((size_t)r->n + 1, sizeof *r->col);
	r->boolean = mem_array((size_t)r->n + 1, sizeof *r->boolean);
	name_columns(r);
}

/* The digest is over types, lengths and values in the order they came. */
static void hash_value(struct reading *r, int type, const void *p, size_t n)
{
	const uint32_t head[2] = { (uint32_t)type, (uint32_t)n };
	crypto_generichash_update(&r->hash, (const unsigned char *)head, sizeof head);
	if (n)
		crypto_generichash_update(&r->hash, p, n);
}

static void add_bytes(struct reading *r, int i, int type)
{
	const char *p = type == SQLITE_BLOB ? sqlite3_column_blob(r->stmt, i) : (const char *)sqlite3_column_text(r->stmt, i);
	const size_t n = (size_t)sqlite3_column_bytes(r->stmt, i);
	r->blobs += type == SQLITE_BLOB;
	frame_builder_text(r->b, (size_t)r->col[i], p ? p : "", p ? n : 0);
	hash_value(r, type, p, p ? n : 0);
}

static void add_value(struct reading *r, int i)
{
	const int type = sqlite3_column_type(r->stmt, i);
	if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
		add_bytes(r, i, type);
		return;
	}
	const double v = sqlite3_column_double(r->stmt, i);
	const sqlite3_int64 whole = type == SQLITE_INTEGER ? sqlite3_column_int64(r->stmt, i) : 0;
	if (type == SQLITE_INTEGER && r->boolean[i] && (whole == 0 || whole == 1))
		frame_builder_boolean(r->b, (size_t)r->col[i], whole == 1);
	else if (type != SQLITE_NULL)
		frame_builder_number(r->b, (size_t)r->col[i], v, type == SQLITE_INTEGER);
	hash_value(r, type, type == SQLITE_INTEGER ? (const void *)&whole : (const void *)&v, type == SQLITE_NULL ? 0 : 8);
}

static enum status hand_over(struct reading *r, struct err *e)
{
	const enum status rc = task_cancelled(r->task) ? err_set(e, ST_CANCELLED, "cancelled") : sketch_part(r->parts, &r->b, e);
	if (rc == ST_OK)
		name_columns(r);
	return rc;
}

static enum status add_row(struct reading *r, struct err *e)
{
	for (int i = r->sliced; i < r->n; i++)
		if (r->col[i] >= 0)
			add_value(r, i);
	frame_builder_end_row(r->b);
	const size_t rows = frame_builder_rows(r->b), before = r->parts ? r->parts->rows : 0;
	if (rows > FRAME_MOST_ROWS)
		return err_set(e, ST_REFUSED, "%.300s: more than %zu rows", r->path, FRAME_MOST_ROWS);
	if (r->parts && !r->parts->sample && frame_builder_bytes(r->b) > r->parts->room)
		return hand_over(r, e);
	if (rows % 1024)
		return ST_OK;
	task_progress(r->task, (int64_t)(before + rows), 0);
	if (task_cancelled(r->task))
		return err_set(e, ST_CANCELLED, "cancelled");
	if (r->parts)
		return ST_OK;
	return frame_builder_bytes(r->b) > r->budget ? frame_too_large(e, r->path, frame_builder_bytes(r->b), r->budget) : ST_OK;
}

/* One slice, or everything. *rows: how many came; *last: the last row id. */
static enum status read_slice(struct reading *r, size_t *rows, sqlite3_int64 *last, struct err *e)
{
	enum status rc = ST_OK;
	int step = SQLITE_ROW;
	*rows = 0;
	if (r->sliced)
		sqlite3_bind_int64(r->stmt, 1, *last);
	while (rc == ST_OK && step == SQLITE_ROW && (step = sqlite3_step(r->stmt)) == SQLITE_ROW) {
		if (sqlite3_column_count(r->stmt) != r->n)
			rc = err_set(e, ST_FAILED, "%.300s: the table changed its columns while it was read; read it again", r->path);
		else if (!r->every || r->seen++ % r->every == 0)
			rc = add_row(r, e);
		*last = r->sliced ? sqlite3_column_int64(r->stmt, 0) : 0;
		++*rows;
		if (frame_builder_bytes(r->b) > r->enough)
			step = SQLITE_DONE;
	}
	if (rc == ST_OK && step != SQLITE_DONE)
		rc = sql_error(r, "cannot read on", e);
	sqlite3_reset(r->stmt);
	return rc;
}

static enum status read_rows(struct reading *r, struct err *e)
{
	sqlite3_int64 last = INT64_MIN;
	enum status rc = ST_OK;
	for (size_t rows = SLICE; rc == ST_OK && rows == SLICE;) {
		rc = read_slice(r, &rows, &last, e);
		if (!r->sliced)
			break;
	}
	return rc;
}

/* ---- a sample ---- */

static enum status ask(struct reading *r, const char *what, sqlite3_int64 *a, sqlite3_int64 *b, struct err *e)
{
	struct str sql = STR_INIT;
	sqlite3_stmt *s = NULL;
	str_addf(&sql, r->sliced ? "SELECT %s FROM %s" : "SELECT %s FROM (%s\n)", what, r->sql.p + (r->sliced ? strlen(ALL_OF) : 0));
	int rc = sqlite3_prepare_v2(r->db, sql.p, -1, &s, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		*a = sqlite3_column_int64(s, 0), *b = sqlite3_column_count(s) > 1 ? sqlite3_column_int64(s, 1) : 0;
		rc = SQLITE_OK;
	}
	const enum status st = rc == SQLITE_OK ? ST_OK : sql_error(r, "cannot count", e);
	sqlite3_finalize(s);
	str_free(&sql);
	return st;
}

/* Of a table with row ids: places evenly spread over them. */
static enum status sample_places(struct reading *r, struct err *e)
{
	sqlite3_int64 least = 0, most = 0, done = INT64_MIN;
	enum status rc = ask(r, "min(_rowid_), max(_rowid_)", &least, &most, e);
	for (int i = 0; i < PLACES && rc == ST_OK; i++) {
		const double at = (double)least - 1 + ((double)most - (double)least) * i / PLACES;
		sqlite3_int64 last = i && at < 9e18 && at > -9e18 ? (sqlite3_int64)at : INT64_MIN;
		size_t rows;
		last = last > done ? last : done;
		r->enough = r->parts->room / PLACES * (size_t)(i + 1);
		rc = task_cancelled(r->task) ? err_set(e, ST_CANCELLED, "cancelled") : read_slice(r, &rows, &last, e);
		done = last;
	}
	return rc;
}

/* Of anything else: each row of so many, after a count; columns are taken to be three words wide. */
static enum status sample_query(struct reading *r, struct err *e)
{
	sqlite3_int64 rows = 0, none, last = INT64_MIN;
	size_t came;
	enum status rc = ask(r, "count(*)", &rows, &none, e);
	r->every = (size_t)((double)rows * (double)r->n * 24 / (double)r->parts->room) + 1;
	r->enough = 2 * r->parts->room;
	return rc == ST_OK ? read_slice(r, &came, &last, e) : rc;
}

static enum status fill(const char *path, const struct frame_options *o, struct sketch_parts *parts, struct task *t, struct frame **out, struct err *e)
{
	struct reading r = { .path = path, .o = o, .task = t, .budget = o->budget ? o->budget : FRAME_BUDGET, .b = frame_builder_new(path), .parts = parts, .enough = SIZE_MAX, .sql = STR_INIT };
	crypto_generichash_init(&r.hash, NULL, 0, 32);
	enum status rc = open_file(&r, e);
	if (rc == ST_OK)
		rc = prepare(&r, e);
	if (rc == ST_OK) {
		make_columns(&r);
		rc = !parts || !parts->sample ? read_rows(&r, e) : r.sliced ? sample_places(&r, e) : sample_query(&r, e);
	}
	struct frame *f = frame_builder_frame(r.b);
	crypto_generichash_final(&r.hash, f->digest, 32);
	if (rc == ST_OK && r.blobs)
		frame_note(f, "%zu value%s of bytes (BLOB) read as text", r.blobs, r.blobs == 1 ? "" : "s");
	if (rc == ST_OK)
		rc = frame_builder_finish(r.b, o, out, e);
	frame_builder_free(r.b);
	sqlite3_finalize(r.stmt);
	sqlite3_close(r.db);
	free(r.col);
	free(r.boolean);
	str_free(&r.sql);
	return rc;
}

static enum status sqlite_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e) { return fill(path, o, NULL, t, out, e); }

static const struct sketch_filler filler = { fill };

static enum status sqlite_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e)
{
	return sketch_filled_plan(&filler, path, o, t, out, e);
}

static enum status sqlite_sketch(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e)
{
	return sketch_filled(&filler, path, o, plan, t, out, e);
}

static bool sqlite_probe(const char *path, const unsigned char *head, size_t n)
{
	(void)path;
	return n >= 16 && !memcmp(head, "SQLite format 3", 16);
}

extern const struct frame_reader frame_reader_sqlite;
const struct frame_reader frame_reader_sqlite = { .id = "sqlite", .title = "SQLite table or query", .probe = sqlite_probe, .read = sqlite_read, .plan = sqlite_plan, .sketch = sqlite_sketch,
	.queries = true };
