/* Reading the log: newest first for people, oldest first and exactly as stored for export. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/audit_impl.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

enum { PIECE = 1 << 16, RECORDS_BETWEEN_LOOKS = 4096 };

/* Requests belong to the model they are about, though their records name the request. */
#define WHERE " FROM audit a WHERE (?1 IS NULL OR object = ?1 OR substr(object, 1, length(?1) + 1) = ?1 || '/'" \
	" OR object IN (SELECT 'request:' || r.id FROM reg_request r JOIN model m ON m.id = r.model_id" \
	" WHERE 'model:' || " REG_MODEL_NAME " = ?1))" \
	" AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.')" \
	" AND (?4 = 0 OR ms >= ?4) AND (?5 = 0 OR ms < ?5) AND (?6 = 0 OR seq < ?6)"
#define COLUMNS "SELECT seq, ms, up_ms, uid, actor, key_id, action, object, before, after, reason, prev, hash"
enum { C_SEQ, C_MS, C_UP_MS, C_UID, C_ACTOR, C_KEY_ID, C_ACTION, C_OBJECT, C_BEFORE, C_AFTER, C_REASON, C_PREV, C_HASH };

static sqlite3_stmt *ask(struct store *s, const struct audit_query *q, bool newest_first, struct err *e)
{
	return reg_query(s, e, newest_first ? COLUMNS WHERE " ORDER BY seq DESC" : COLUMNS WHERE " ORDER BY seq", "tttiii", q->object_prefix, q->actor,
		q->action_prefix, q->since_ms, q->until_ms, q->before_seq);
}

static bool says(sqlite3_stmt *q, const char *text)
{
	static const int searched[] = { C_ACTOR, C_ACTION, C_OBJECT, C_REASON, C_BEFORE, C_AFTER };
	for (size_t i = 0; i < sizeof searched / sizeof *searched; i++) {
		const char *s = reg_column(q, searched[i]);
		if (text_contains(s, strlen(s), text, strlen(text)))
			return true;
	}
	return false;
}

static void read_row(sqlite3_stmt *q, struct arena *a, struct audit_row *r)
{
	*r = (struct audit_row){ .seq = sqlite3_column_int64(q, C_SEQ), .ms = sqlite3_column_int64(q, C_MS), .uid = sqlite3_column_int64(q, C_UID),
		.actor = reg_cell(a, q, C_ACTOR), .key_id = reg_cell(a, q, C_KEY_ID), .action = reg_cell(a, q, C_ACTION), .object = reg_cell(a, q, C_OBJECT),
		.before = reg_cell_lines(a, q, C_BEFORE), .after = reg_cell_lines(a, q, C_AFTER), .reason = reg_cell_lines(a, q, C_REASON) };
	if (sqlite3_column_bytes(q, C_HASH) == AUDIT_HASH)
		memcpy(r->hash, sqlite3_column_blob(q, C_HASH), AUDIT_HASH);
}

enum status audit_rows_load(struct store *s, const struct audit_query *query, struct audit_rows **out, struct err *e)
{
	struct audit_rows *rows = mem_zalloc(sizeof *rows);
	struct audit_row *at = NULL;
	struct audit_head head;
	size_t cap = 0;
	*out = NULL;
	rows->arena = arena_new();
	enum status st = audit_head(s, &head, e);
	sqlite3_stmt *q = st == ST_OK ? ask(s, query, true, e) : NULL;
	int rc = SQLITE_DONE;
	while (q && (!query->most || rows->n < query->most) && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (query->text && *query->text && !says(q, query->text))
			continue;
		MEM_GROW(at, cap, rows->n + 1);
		read_row(q, rows->arena, &at[rows->n++]);
	}
	rows->at = reg_keep(rows->arena, at, rows->n, sizeof *at);
	rows->total = head.seq;
	if (st == ST_OK)
		st = q ? reg_done(s, q, rc, e) : ST_FAILED;
	if (st == ST_OK)
		*out = rows;
	else
		audit_rows_free(rows);
	return st;
}

void audit_rows_free(struct audit_rows *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r);
}

/* ---- export ---- */

/* JSON is UTF-8; what is not goes out in hex, so that nothing is lost and the hash can be computed from the line. */
static void put_exact(struct jsonw *w, const char *key, sqlite3_stmt *q, int column)
{
	const char *s = (const char *)sqlite3_column_text(q, column);
	size_t n = s ? (size_t)sqlite3_column_bytes(q, column) : 0;
	jsonw_key(w, key);
	if (!s) {
		jsonw_null(w);
	} else if (text_utf8_valid(s, n)) {
		jsonw_strn(w, s, n);
	} else {
		char *hex = mem_alloc(2 * n + 1);
		jsonw_open(w, '{');
		jsonw_put_str(w, "hex", sodium_bin2hex(hex, 2 * n + 1, (const unsigned char *)s, n));
		jsonw_close(w, '}');
		free(hex);
	}
}

static void put_hex(struct jsonw *w, const char *key, sqlite3_stmt *q, int column)
{
	size_t n = (size_t)sqlite3_column_bytes(q, column);
	char *hex = mem_alloc(2 * n + 1);
	jsonw_put_str(w, key, n ? sodium_bin2hex(hex, 2 * n + 1, sqlite3_column_blob(q, column), n) : "");
	free(hex);
}

static void put_int(struct jsonw *w, const char *key, sqlite3_stmt *q, int column)
{
	jsonw_key(w, key);
	if (sqlite3_column_type(q, column) == SQLITE_NULL)
		jsonw_null(w);
	else
		jsonw_int(w, sqlite3_column_int64(q, column));
}

static void put_record(struct jsonw *w, sqlite3_stmt *q)
{
	static const struct { const char *key; int column; } ints[] = { { "seq", C_SEQ }, { "ms", C_MS }, { "up_ms", C_UP_MS }, { "uid", C_UID } },
		texts[] = { { "actor", C_ACTOR }, { "key_id", C_KEY_ID }, { "action", C_ACTION }, { "object", C_OBJECT }, { "before", C_BEFORE }, { "after", C_AFTER }, { "reason", C_REASON } };
	jsonw_put_str(w, "type", "record");
	for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
		put_int(w, ints[i].key, q, ints[i].column);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		put_exact(w, texts[i].key, q, texts[i].column);
	put_hex(w, "prev", q, C_PREV);
	put_hex(w, "hash", q, C_HASH);
}

static void put_checkpoint(struct jsonw *w, sqlite3_stmt *q)
{
	jsonw_put_str(w, "type", "checkpoint");
	put_int(w, "n", q, 0);
	put_int(w, "seq", q, 1);
	put_hex(w, "hash", q, 2);
	put_int(w, "ms", q, 3);
	put_exact(w, "key_id", q, 4);
	put_hex(w, "signature", q, 5);
}

static void put_key(struct jsonw *w, sqlite3_stmt *q)
{
	jsonw_put_str(w, "type", "key");
	put_exact(w, "key_id", q, 0);
	put_exact(w, "actor", q, 1);
	put_int(w, "uid", q, 2);
	put_exact(w, "kind", q, 3);
	put_hex(w, "public", q, 4);
	put_int(w, "created_ms", q, 5);
	put_int(w, "revoked_ms", q, 6);
	put_int(w, "seq", q, 7);
}

struct lines { struct store *s; FILE *f; struct task *t; struct str text; int64_t n; const char *grep; struct err *e; };

static bool write_out(struct lines *l)
{
	bool good = fwrite(l->text.p, 1, l->text.len, l->f) == l->text.len;
	str_clear(&l->text);
	return good;
}

static enum status look_up(struct lines *l)
{
	if (l->n % RECORDS_BETWEEN_LOOKS == 0 && task_cancelled(l->t))
		return err_set(l->e, ST_CANCELLED, "the export was stopped after %" PRId64 " lines", l->n);
	if (l->n % RECORDS_BETWEEN_LOOKS == 0 && l->t)
		task_progress(l->t, l->n, 0);
	return l->text.len < PIECE || write_out(l) ? ST_OK : err_set(l->e, ST_FAILED, "cannot write the audit log");
}

/* A line a row. */
static enum status each_line(struct lines *l, sqlite3_stmt *q, void (*put)(struct jsonw *w, sqlite3_stmt *q))
{
	enum status st = q ? ST_OK : ST_FAILED;
	int rc = SQLITE_DONE;
	while (st == ST_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct jsonw w;
		if (put == put_record && l->grep && !says(q, l->grep))
			continue;
		jsonw_init(&w, &l->text);
		jsonw_open(&w, '{');
		put(&w, q);
		jsonw_close(&w, '}');
		str_addc(&l->text, '\n');
		l->n++;
		st = look_up(l);
	}
	if (st == ST_OK)
		return reg_done(l->s, q, rc, l->e);
	if (q)
		sqlite3_reset(q);
	return st;
}

/* So that a line's hash can be checked from the beginning: whose log this is. */
static enum status put_workspace(struct lines *l)
{
	char uuid[AUDIT_UUID + 1];
	struct jsonw w;
	enum status st = audit_uuid(l->s, uuid, l->e);
	if (st != ST_OK)
		return st;
	jsonw_init(&w, &l->text);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "type", "workspace");
	jsonw_put_str(&w, "uuid", uuid);
	jsonw_close(&w, '}');
	str_addc(&l->text, '\n');
	return ST_OK;
}

enum status audit_export(struct store *s, const struct audit_query *q, FILE *f, struct task *t, struct err *e)
{
	struct lines l = { .s = s, .f = f, .t = t, .text = STR_INIT, .grep = q->text && *q->text ? q->text : NULL, .e = e };
	enum status st = store_read_begin(s, e);
	if (st != ST_OK)
		return st;
	st = put_workspace(&l);
	if (st == ST_OK)
		st = each_line(&l, ask(s, q, false, e), put_record);
	if (st == ST_OK)
		st = each_line(&l, reg_query(s, e, "SELECT n, seq, hash, ms, key_id, signature FROM audit_checkpoint ORDER BY n", ""), put_checkpoint);
	if (st == ST_OK)
		st = each_line(&l, reg_query(s, e, "SELECT key_id, actor, uid, kind, public, created_ms, revoked_ms, seq FROM reg_key ORDER BY seq", ""), put_key);
	store_read_end(s);
	if (st == ST_OK && (!write_out(&l) || fflush(f) != 0))
		st = err_set(e, ST_FAILED, "cannot write the audit log");
	str_free(&l.text);
	return st;
}
