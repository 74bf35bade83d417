/* A run as a JSON object, straight from the store: nothing is cut or cleaned here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/runs/verbs_impl.h"

struct key_name { const char *text; size_t n; };
struct run_json {
	struct store *s;
	struct arena *arena;
	struct key_name *names; size_t n_names;      /* by name id; small and dense */
	const struct col *only; size_t n_only; bool limited;
};

enum { PIECE = 1 << 16 };

void json_out_init(struct json_out *j, FILE *f)
{
	j->text = (struct str)STR_INIT;
	j->f = f;
	jsonw_init(&j->w, &j->text);
}

void json_out_step(struct json_out *j)
{
	if (j->text.len < PIECE)
		return;
	fwrite(j->text.p, 1, j->text.len, j->f);
	str_clear(&j->text);
}

enum status out_check(FILE *f, struct err *e)
{
	return fflush(f) == 0 && !ferror(f) ? ST_OK : err_set(e, ST_FAILED, "the output could not be written: is the disk full or the pipe closed?");
}

enum status json_out_end(struct json_out *j, struct err *e)
{
	str_addc(&j->text, '\n');
	fwrite(j->text.p, 1, j->text.len, j->f);
	str_free(&j->text);
	return out_check(j->f, e);
}

void json_time(struct jsonw *w, const char *key, int64_t ms)
{
	jsonw_key(w, key);
	if (ms == INT64_MIN)
		jsonw_null(w);
	else
		jsonw_int(w, ms);
}

struct run_json *run_json_new(struct store *s, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT id, text FROM name ORDER BY id", e);
	if (!st)
		return NULL;
	struct run_json *r = mem_zalloc(sizeof *r);
	size_t cap = 0;
	r->s = s;
	r->arena = arena_new();
	while (sqlite3_step(st) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(st, 0);
		if (id < 0 || id > INT32_MAX)
			continue;
		MEM_GROW(r->names, cap, (size_t)id + 1);
		while (r->n_names <= (size_t)id)
			r->names[r->n_names++] = (struct key_name){ NULL, 0 };
		const char *text = (const char *)sqlite3_column_text(st, 1);
		size_t n = (size_t)sqlite3_column_bytes(st, 1);
		r->names[id] = (struct key_name){ arena_strndup(r->arena, text ? text : "", n), n };
	}
	if (sqlite3_reset(st) != SQLITE_OK) {
		store_error(s, e, "read the names of keys");
		run_json_free(r);
		return NULL;
	}
	return r;
}

void run_json_free(struct run_json *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r->names);
	free(r);
}

void run_json_only(struct run_json *r, const struct col *cols, size_t n)
{
	r->only = cols;
	r->n_only = n;
	r->limited = true;
}

static void put_text(struct jsonw *w, const char *key, sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	jsonw_key(w, key);
	if (s)
		jsonw_strn(w, s, (size_t)sqlite3_column_bytes(st, i));
	else
		jsonw_null(w);
}

static void put_time(struct jsonw *w, const char *key, sqlite3_stmt *st, int i)
{
	json_time(w, key, sqlite3_column_type(st, i) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(st, i));
}

static enum status put_row(struct run_json *r, struct jsonw *w, int64_t run_id, struct err *e)
{
	sqlite3_stmt *st = store_stmt(r->s, "SELECT r.uuid, r.name, x.name, r.status, r.start_ms, r.end_ms, x.ext_id, r.deleted, r.parent, r.user, r.entry "
		"FROM run r JOIN experiment x ON x.id = r.experiment_id WHERE r.id = ?1", e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, run_id);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		put_text(w, "run_id", st, 0);
		put_text(w, "run_name", st, 1);
		put_text(w, "experiment", st, 2);
		jsonw_put_str(w, "status", run_status_name(sqlite3_column_int(st, 3)));
		put_time(w, "start_time_ms", st, 4);
		put_time(w, "end_time_ms", st, 5);
		put_text(w, "experiment_id", st, 6);
		jsonw_put_str(w, "lifecycle_stage", sqlite3_column_int(st, 7) ? "deleted" : "active");
		put_text(w, "parent_run_id", st, 8);
		put_text(w, "user", st, 9);
		put_text(w, "source", st, 10);
	}
	if (sqlite3_reset(st) != SQLITE_OK)
		return store_error(r->s, e, "read a run");
	return found ? ST_OK : err_set(e, ST_NOT_FOUND, "a run vanished while it was read");
}

static const struct { const char *title; enum col_kind kind; const char *sql; } groups[] = {
	{ "params", COL_PARAM, "SELECT name_id, value FROM param WHERE run_id = ?1" },
	{ "metrics", COL_METRIC, "SELECT name_id, last FROM metric WHERE run_id = ?1" },
	{ "tags", COL_TAG, "SELECT name_id, value FROM tag WHERE run_id = ?1" },
};

static bool is_wanted(const struct run_json *r, enum col_kind kind, const char *key)
{
	for (size_t i = 0; i < r->n_only; i++) {
		enum col_kind k = r->only[i].kind;
		if (k == COL_METRIC_MIN || k == COL_METRIC_MAX || k == COL_SPARK)
			k = COL_METRIC;
		if (k == kind && !strcmp(r->only[i].key, key))
			return true;
	}
	return !r->limited;
}

static void put_value(struct jsonw *w, enum col_kind kind, sqlite3_stmt *st)
{
	if (kind == COL_METRIC) {
		jsonw_num(w, sqlite3_column_type(st, 1) == SQLITE_NULL ? NAN : sqlite3_column_double(st, 1));
		return;
	}
	const char *s = (const char *)sqlite3_column_text(st, 1);
	jsonw_strn(w, s ? s : "", (size_t)sqlite3_column_bytes(st, 1));
}

static enum status put_group(struct run_json *r, struct jsonw *w, size_t group, int64_t run_id, struct err *e)
{
	sqlite3_stmt *st = store_stmt(r->s, groups[group].sql, e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, run_id);
	jsonw_put_open(w, groups[group].title, '{');
	while (sqlite3_step(st) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(st, 0);
		if (id < 0 || (size_t)id >= r->n_names || !r->names[id].text || !is_wanted(r, groups[group].kind, r->names[id].text))
			continue;
		jsonw_keyn(w, r->names[id].text, r->names[id].n);
		put_value(w, groups[group].kind, st);
	}
	jsonw_close(w, '}');
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(r->s, e, "read a run");
}

enum status run_json_members(struct run_json *r, struct jsonw *w, int64_t run_id, struct err *e)
{
	enum status rc = put_row(r, w, run_id, e);
	for (size_t g = 0; g < sizeof groups / sizeof *groups && rc == ST_OK; g++)
		rc = put_group(r, w, g, run_id, e);
	return rc;
}
