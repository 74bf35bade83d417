/* audit -- appending, the head, the identity of the workspace.
 *
 * Bytes    of a record: the domain, then every field in the order of the columns, each with its length in 8 bytes; a NULL has the length
 *          2^64-1. So no field can borrow from its neighbour and no two records have the same bytes.
 * Head     is read inside the change that appends: the gate makes that the head which everybody sees.
 */
#include <endian.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/registry/audit_impl.h"

static const char record_domain[] = "mlyard/audit/v1", genesis_domain[] = "mlyard/audit/genesis/v1";

/* ---- bytes ---- */

static unsigned char *put_64(unsigned char *at, uint64_t v)
{
	v = htole64(v);
	memcpy(at, &v, sizeof v);
	return at + sizeof v;
}

void audit_put_bytes(struct str *out, const void *bytes, size_t n)
{
	unsigned char length[8];
	put_64(length, n);
	str_addn(out, length, sizeof length);
	str_addn(out, bytes, n);
}

void audit_put_int(struct str *out, int64_t v)
{
	unsigned char both[16];
	put_64(put_64(both, 8), (uint64_t)v);
	str_addn(out, both, sizeof both);
}

/* The same into a buffer that is known to have room: half a million records a second are verified through these. */
static unsigned char *put_field(unsigned char *at, const void *bytes, size_t n)
{
	at = put_64(at, n);
	memcpy(at, bytes, n);
	return at + n;
}

static unsigned char *put_number(unsigned char *at, int64_t v)
{
	return put_64(put_64(at, 8), (uint64_t)v);
}

static unsigned char *put_text(unsigned char *at, const struct audit_text *t)
{
	return t->p ? put_field(at, t->p, t->n) : put_64(at, UINT64_MAX);
}

void audit_record_bytes(const struct audit_record *r, struct str *out)
{
	enum { FIXED = 8 + sizeof record_domain + 4 * 16 + 8 + AUDIT_HASH + AUDIT_TEXTS * 8 };
	size_t texts = 0;
	for (int i = 0; i < AUDIT_TEXTS; i++)
		texts += r->text[i].n;
	str_reserve(out, FIXED + texts);
	unsigned char *begin = (unsigned char *)out->p + out->len, *at = put_field(begin, record_domain, sizeof record_domain - 1);
	at = put_number(at, r->seq);
	at = put_field(at, r->prev, AUDIT_HASH);
	at = put_number(at, r->ms);
	at = put_number(at, r->up_ms);
	at = put_text(at, &r->text[AUDIT_ACTOR]);
	at = put_number(at, r->uid);
	for (int i = AUDIT_KEY_ID; i < AUDIT_TEXTS; i++)
		at = put_text(at, &r->text[i]);
	out->len += (size_t)(at - begin);
	out->p[out->len] = '\0';
}

void audit_hash(const struct audit_record *r, struct str *scratch, unsigned char hash[AUDIT_HASH])
{
	str_clear(scratch);
	audit_record_bytes(r, scratch);
	crypto_generichash(hash, AUDIT_HASH, (const unsigned char *)scratch->p, scratch->len, NULL, 0);
}

void audit_genesis(const char *uuid, unsigned char hash[AUDIT_HASH])
{
	struct str bytes = STR_INIT;
	audit_put_bytes(&bytes, genesis_domain, sizeof genesis_domain - 1);
	audit_put_bytes(&bytes, uuid, strlen(uuid));
	crypto_generichash(hash, AUDIT_HASH, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
	str_free(&bytes);
}

void audit_hex(const unsigned char hash[AUDIT_HASH], char hex[2 * AUDIT_HASH + 1])
{
	sodium_bin2hex(hex, 2 * AUDIT_HASH + 1, hash, AUDIT_HASH);
}

/* ---- identity and head ---- */

enum status audit_done(struct store *s, sqlite3_stmt *q, struct err *e, const char *what)
{
	int rc = sqlite3_step(q);
	enum status st = rc == SQLITE_DONE ? ST_OK : store_error(s, e, what);
	sqlite3_reset(q);
	return st;
}

static enum status read_failed(struct store *s, sqlite3_stmt *q, int rc, struct err *e)
{
	enum status st = rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot read the audit log");
	sqlite3_reset(q);
	return st;
}

enum status audit_uuid(struct store *s, char out[AUDIT_UUID + 1], struct err *e)
{
	*out = '\0';
	sqlite3_stmt *q = store_stmt(s, "SELECT uuid FROM reg_workspace WHERE id = 1", e);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		snprintf(out, AUDIT_UUID + 1, "%s", (const char *)sqlite3_column_text(q, 0));
	return read_failed(s, q, rc, e);
}

enum status audit_head(struct store *s, struct audit_head *out, struct err *e)
{
	*out = (struct audit_head){ .seq = 0 };
	sqlite3_stmt *q = store_stmt(s, "SELECT seq, ms, hash FROM audit ORDER BY seq DESC LIMIT 1", e);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	bool whole = rc != SQLITE_ROW || sqlite3_column_bytes(q, 2) == AUDIT_HASH;
	if (rc == SQLITE_ROW && whole) {
		out->seq = sqlite3_column_int64(q, 0);
		out->ms = sqlite3_column_int64(q, 1);
		memcpy(out->hash, sqlite3_column_blob(q, 2), AUDIT_HASH);
	}
	enum status st = read_failed(s, q, rc, e);
	return st != ST_OK || whole ? st : err_set(e, ST_CHECK, "the last audit record has no hash; run: mlyard audit verify");
}

/* A random (version 4) UUID. */
static void new_uuid(char out[AUDIT_UUID + 1])
{
	unsigned char b[16];
	char hex[33];
	randombytes_buf(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	sodium_bin2hex(hex, sizeof hex, b, sizeof b);
	snprintf(out, AUDIT_UUID + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static enum status make_uuid(struct store *s, int64_t now_ms, char uuid[AUDIT_UUID + 1], struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO reg_workspace(id, uuid, created_ms) VALUES(1, ?, ?)", e);
	if (!q)
		return ST_FAILED;
	new_uuid(uuid);
	sqlite3_bind_text(q, 1, uuid, -1, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, now_ms);
	return audit_done(s, q, e, "cannot name the workspace");
}

/* ---- appending ---- */

static enum status hash_before(struct store *s, int64_t now_ms, struct audit_head *head, struct err *e)
{
	char uuid[AUDIT_UUID + 1];
	enum status st = audit_head(s, head, e);
	if (st != ST_OK || head->seq)
		return st;
	st = audit_uuid(s, uuid, e);
	if (st == ST_OK && !*uuid)
		st = make_uuid(s, now_ms, uuid, e);
	if (st == ST_OK)
		audit_genesis(uuid, head->hash);
	return st;
}

static struct audit_text text_of(const char *s)
{
	return (struct audit_text){ s, s ? strlen(s) : 0 };
}

static enum status insert(struct store *s, const struct audit_record *r, const unsigned char hash[AUDIT_HASH], struct err *e)
{
	static const int column[AUDIT_TEXTS] = { 5, 7, 8, 9, 10, 11, 12 };
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO audit(seq, prev, ms, up_ms, actor, uid, key_id, action, object, before, after, reason, hash)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, r->seq);
	sqlite3_bind_blob(q, 2, r->prev, AUDIT_HASH, SQLITE_STATIC);
	sqlite3_bind_int64(q, 3, r->ms);
	sqlite3_bind_int64(q, 4, r->up_ms);
	sqlite3_bind_int64(q, 6, r->uid);
	for (int i = 0; i < AUDIT_TEXTS; i++)
		if (r->text[i].p)
			sqlite3_bind_text64(q, column[i], r->text[i].p, r->text[i].n, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_blob(q, 13, hash, AUDIT_HASH, SQLITE_STATIC);
	return audit_done(s, q, e, "cannot record the change");
}

enum status audit_append(struct store *s, const struct actor *who, const struct audit_entry *x, int64_t *seq, struct err *e)
{
	struct audit_head head;
	unsigned char hash[AUDIT_HASH];
	if (!store_in_write(s))
		return err_set(e, ST_REFUSED, "%s: an audit record is part of a change, and none was begun", x->action);
	if (sodium_init() < 0)
		return err_set(e, ST_FAILED, "libsodium does not start: no source of random numbers");
	int64_t now_ms = clock_wall_ms();
	enum status st = hash_before(s, now_ms, &head, e);
	if (st != ST_OK)
		return st;
	struct audit_record r = { .seq = head.seq + 1, .ms = now_ms, .up_ms = clock_boot_ms(), .uid = who->uid, .prev = head.hash, .text = {
		[AUDIT_ACTOR] = text_of(who->name), [AUDIT_KEY_ID] = text_of(who->key_id), [AUDIT_ACTION] = text_of(x->action), [AUDIT_OBJECT] = text_of(x->object),
		[AUDIT_BEFORE] = text_of(x->before), [AUDIT_AFTER] = text_of(x->after), [AUDIT_REASON] = text_of(x->reason ? x->reason : "") } };
	struct str scratch = STR_INIT;
	audit_hash(&r, &scratch, hash);
	str_free(&scratch);
	st = insert(s, &r, hash, e);
	if (st == ST_OK && seq)
		*seq = r.seq;
	return st;
}
