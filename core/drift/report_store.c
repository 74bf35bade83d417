/* report_store -- reports in a workspace: the document packed, and beside it what lists and heat maps ask. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/drift/report.h"

enum { DOCUMENT_LIMIT = 256 << 20, PACK_LEVEL = 3 };

static void bind_text(sqlite3_stmt *q, int i, const char *s) { sqlite3_bind_text(q, i, s, -1, SQLITE_TRANSIENT); }

static void bind_number(sqlite3_stmt *q, int i, double v)
{
	if (isnan(v))
		sqlite3_bind_null(q, i);
	else
		sqlite3_bind_double(q, i, v);
}

static enum status finish(struct store *s, sqlite3_stmt *q, struct err *e)
{
	int rc = sqlite3_step(q);
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot store the drift report");
}

/* ---- save ---- */

static char *pack(const struct report *r, size_t *bytes, size_t *packed, struct err *e)
{
	struct str text = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &text);
	report_json(&w, r);
	char *out = NULL;
	if (text.len > DOCUMENT_LIMIT) {
		err_set(e, ST_REFUSED, "the report is larger than %d MB; compare fewer columns", DOCUMENT_LIMIT >> 20);
	} else {
		size_t room = ZSTD_compressBound(text.len);
		out = mem_alloc(room);
		*bytes = text.len;
		*packed = ZSTD_compress(out, room, text.p, text.len, PACK_LEVEL);
		if (ZSTD_isError(*packed)) {
			err_set(e, ST_FAILED, "cannot pack the drift report: %s", ZSTD_getErrorName(*packed));
			free(out);
			out = NULL;
		}
	}
	str_free(&text);
	return out;
}

static enum status save_head(struct store *s, const struct report *r, const char *document, size_t bytes, size_t packed, int64_t *id, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO drift_report(name, ms, origin, reference, current, reference_digest, current_digest, model, version, mode, verdict, drifted, share,"
		" n_ref, n_cur, columns, document_bytes, document) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)", e);
	if (!q)
		return ST_FAILED;
	bind_text(q, 1, r->name), sqlite3_bind_int64(q, 2, r->ms), bind_text(q, 3, r->origin), bind_text(q, 4, r->reference), bind_text(q, 5, r->current);
	if (r->has_digests) {
		sqlite3_bind_blob(q, 6, r->reference_digest, 32, SQLITE_STATIC);
		sqlite3_bind_blob(q, 7, r->current_digest, 32, SQLITE_STATIC);
	}
	bind_text(q, 8, r->model), sqlite3_bind_int64(q, 9, r->version), bind_text(q, 10, r->mode), bind_text(q, 11, r->verdict), sqlite3_bind_int(q, 12, r->drifted);
	bind_number(q, 13, r->share), sqlite3_bind_int64(q, 14, (int64_t)r->n_ref), sqlite3_bind_int64(q, 15, (int64_t)r->n_cur), sqlite3_bind_int64(q, 16, (int64_t)r->n_columns);
	sqlite3_bind_int64(q, 17, (int64_t)bytes), sqlite3_bind_blob64(q, 18, document, packed, SQLITE_STATIC);
	enum status st = finish(s, q, e);
	*id = sqlite3_last_insert_rowid(store_db(s));
	return st;
}

static enum status save_column(struct store *s, int64_t id, size_t i, const struct report_column *c, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO drift_column(report_id, position, name, type, status, drifted, severity, effect, p_adjusted, missing_ref, missing_cur,"
		" watch, role, effect_unit) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)", e);
	const struct report_effect shown = report_effect_of(c);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, id), sqlite3_bind_int64(q, 2, (int64_t)i), bind_text(q, 3, c->name), bind_text(q, 4, c->type), bind_text(q, 5, c->status);
	sqlite3_bind_int(q, 6, c->drifted), sqlite3_bind_double(q, 7, isnan(c->severity) ? 0 : c->severity);
	bind_number(q, 8, shown.value), bind_number(q, 9, shown.test ? shown.test->p_adjusted : NAN);
	sqlite3_bind_int64(q, 10, (int64_t)c->ref.missing), sqlite3_bind_int64(q, 11, (int64_t)c->cur.missing);
	sqlite3_bind_int(q, 12, c->watch), bind_text(q, 13, c->role ? c->role : ""), sqlite3_bind_int(q, 14, (int)shown.unit);
	return finish(s, q, e);
}

/* Reports of one reference about one model are a series; the newest of a series counts in a gate. */
static enum status save_verdict(struct store *s, const struct report *r, int64_t id, struct err *e)
{
	struct str where = STR_INIT;
	if (!*r->model)
		return ST_OK;
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO drift_verdict(model, version, monitor, ms, verdict, report) VALUES(?1, ?2, ?3, ?4, ?5, ?6)", e);
	if (!q)
		return ST_FAILED;
	str_addf(&where, "drift report %" PRId64, id);
	bind_text(q, 1, r->model), sqlite3_bind_int64(q, 2, r->version), bind_text(q, 3, r->name), sqlite3_bind_int64(q, 4, r->ms), bind_text(q, 5, r->verdict);
	bind_text(q, 6, where.p);
	str_free(&where);
	return finish(s, q, e);
}

enum status report_save(struct store *s, const struct report *r, int64_t *id, struct err *e)
{
	size_t bytes, packed;
	if (store_is_mirror(s) && *r->model)
		return err_set(e, ST_REFUSED, "this workspace only mirrors other stores and may be deleted, so verdicts about models have no place here; name one: mlyard -w FILE");
	char *document = pack(r, &bytes, &packed, e);
	if (!document)
		return ST_FAILED;
	const bool own = !store_in_write(s);
	enum status st = own ? store_begin(s, e) : ST_OK;
	if (st == ST_OK) {
		st = save_head(s, r, document, bytes, packed, id, e);
		for (size_t i = 0; st == ST_OK && i < r->n_columns; i++)
			st = save_column(s, *id, r->columns[i].position, &r->columns[i], e);
		if (st == ST_OK)
			st = save_verdict(s, r, *id, e);
		if (own && st == ST_OK)
			st = store_commit(s, TOPIC_DRIFT | (*r->model ? (unsigned)TOPIC_MODELS : 0u), e);
		else if (own)
			store_rollback(s);
	}
	free(document);
	return st;
}

enum status report_delete(struct store *s, int64_t id, struct err *e)
{
	enum status st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	sqlite3_stmt *q = store_stmt(s, "DELETE FROM drift_report WHERE id = ?1", e);
	if (q)
		sqlite3_bind_int64(q, 1, id);
	st = q ? finish(s, q, e) : ST_FAILED;
	if (st == ST_OK && sqlite3_changes(store_db(s)) == 0)
		st = err_set(e, ST_NOT_FOUND, "there is no drift report %" PRId64, id);
	if (st == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return st;
}

/* ---- read ---- */

static const char *column_text(struct arena *a, sqlite3_stmt *q, int i)
{
	const char *s = (const char *)sqlite3_column_text(q, i);
	return s ? arena_strndup(a, s, (size_t)sqlite3_column_bytes(q, i)) : "";
}

static void read_row(struct arena *a, sqlite3_stmt *q, struct report_row *r)
{
	*r = (struct report_row){ .id = sqlite3_column_int64(q, 0), .ms = sqlite3_column_int64(q, 1), .version = sqlite3_column_int64(q, 2), .name = column_text(a, q, 3),
		.origin = column_text(a, q, 4), .reference = column_text(a, q, 5), .current = column_text(a, q, 6), .model = column_text(a, q, 7), .mode = column_text(a, q, 8),
		.verdict = column_text(a, q, 9), .drifted = sqlite3_column_int(q, 10), .share = sqlite3_column_type(q, 11) == SQLITE_NULL ? NAN : sqlite3_column_double(q, 11),
		.n_ref = sqlite3_column_double(q, 12), .n_cur = sqlite3_column_double(q, 13), .columns = sqlite3_column_int64(q, 14) };
}

enum status report_list(struct store *s, const struct report_query *query, struct report_rows **out, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT id, ms, version, name, origin, reference, current, model, mode, verdict, drifted, share, n_ref, n_cur, columns FROM drift_report"
		" WHERE ?1 IS NULL OR model = ?1 ORDER BY ms DESC, id DESC LIMIT ?2", e);
	size_t cap = 0;
	int rc;
	*out = NULL;
	if (!q)
		return ST_FAILED;
	struct report_rows *rows = mem_zalloc(sizeof *rows);
	rows->arena = arena_new();
	if (query->model)
		bind_text(q, 1, query->model);
	sqlite3_bind_int64(q, 2, query->most ? (int64_t)query->most : -1);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(rows->at, cap, rows->n + 1);
		read_row(rows->arena, q, &rows->at[rows->n++]);
	}
	sqlite3_reset(q);
	if (rc == SQLITE_DONE) {
		*out = rows;
		return ST_OK;
	}
	report_rows_free(rows);
	return store_error(s, e, "cannot list drift reports");
}

void report_rows_free(struct report_rows *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r->at);
	free(r);
}

static enum status unpack(const void *packed, size_t n, int64_t bytes, int64_t id, struct report **out, struct err *e)
{
	char name[64], *text = bytes >= 0 && bytes <= DOCUMENT_LIMIT ? mem_try(1, (size_t)bytes + 1) : NULL;
	snprintf(name, sizeof name, "drift report %" PRId64, id);
	if (!text)
		return err_set(e, ST_FAILED, "%s: its size is not one that reports have; the workspace is damaged, see mlyard doctor", name);
	size_t got = ZSTD_decompress(text, (size_t)bytes, packed, n);
	enum status st = got == (size_t)bytes ? report_read(text, got, name, out, e) : err_set(e, ST_FAILED, "%s is damaged; see mlyard doctor", name);
	free(text);
	return st;
}

enum status report_load(struct store *s, int64_t id, struct report **out, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT document, document_bytes FROM drift_report WHERE id = ?1", e);
	enum status st;
	*out = NULL;
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, id);
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		st = unpack(sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0), sqlite3_column_int64(q, 1), id, out, e);
	else
		st = rc == SQLITE_DONE ? err_set(e, ST_NOT_FOUND, "there is no drift report %" PRId64 "; mlyard drift list tells which there are", id) : store_error(s, e, "cannot read the drift report");
	sqlite3_reset(q);
	if (st == ST_OK)
		(*out)->id = id;
	return st;
}
