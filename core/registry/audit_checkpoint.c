/* Signed heads. The witness key lies unsealed beside the user's own, because it signs while nobody is there: it proves that a history was written by
 * a program of this user, not that a person agreed with it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registry/audit_impl.h"
#include "core/registry/change.h"
#include "core/registry/regsql.h"

const char audit_signed_domain[] = "mlyard/checkpoint/v1";

void audit_signed_bytes(const struct audit_signed *c, const char *uuid, struct str *out)
{
	str_clear(out);
	audit_put_bytes(out, uuid, strlen(uuid));
	audit_put_int(out, c->n);
	audit_put_int(out, c->seq);
	audit_put_bytes(out, c->hash, AUDIT_HASH);
	audit_put_int(out, c->ms);
	audit_put_bytes(out, c->key_id, strlen(c->key_id));
	audit_put_bytes(out, c->before, KEY_SIGNATURE);
}

enum status audit_signed_last(struct store *s, struct audit_signed *out, struct err *e)
{
	*out = (struct audit_signed){ .n = 0 };
	sqlite3_stmt *q = reg_query(s, e, "SELECT n, seq, ms, signature FROM audit_checkpoint ORDER BY n DESC LIMIT 1", "");
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		out->n = sqlite3_column_int64(q, 0);
		out->seq = sqlite3_column_int64(q, 1);
		out->ms = sqlite3_column_int64(q, 2);
		if (sqlite3_column_bytes(q, 3) == KEY_SIGNATURE)
			memcpy(out->signature, sqlite3_column_blob(q, 3), KEY_SIGNATURE);
	}
	return reg_done(s, q, rc, e);
}

/* An hour also counts backwards: a clock that was set back must not stop the signing for as long as it was wrong. */
static enum status is_due(struct store *s, bool *due, struct err *e)
{
	struct audit_signed last;
	struct audit_head head;
	int64_t since = 0, now = clock_wall_ms();
	*due = false;
	enum status st = audit_head(s, &head, e);
	if (st == ST_OK)
		st = audit_signed_last(s, &last, e);
	if (st == ST_OK)
		st = last.n ? ST_OK : reg_int(s, e, now, &since, "SELECT ms FROM audit WHERE seq = 1", "");
	if (st != ST_OK || !head.seq)
		return st;
	if (last.n)
		since = last.ms;
	*due = head.seq - last.seq >= AUDIT_CHECKPOINT_EVERY || llabs((long long)(now - since)) >= AUDIT_CHECKPOINT_MS;
	return ST_OK;
}

/* Another program of the same user may make it at the same moment; then that one is used. */
static enum status witness_key(const struct actor *who, struct key **out, struct err *e)
{
	struct key_public ignored;
	char *path = key_path(KEY_WITNESS);
	enum status st = key_read_public(path, &ignored, e);
	if (st == ST_NOT_FOUND) {
		st = key_create(path, KEY_WITNESS, KEY_SEAL_NONE, who->name, NULL, &ignored, e);
		if (st == ST_REFUSED)
			st = key_read_public(path, &ignored, e);
	}
	if (st == ST_OK)
		st = key_unlock(path, NULL, out, e);
	if (st == ST_OK && key_of(*out)->kind != KEY_WITNESS)
		st = err_set(e, ST_REFUSED, "%s is no witness key", path);
	free(path);
	return st;
}

static enum status introduce(struct store *s, const struct actor *who, const struct key *k, struct err *e)
{
	int64_t known = 0;
	enum status st = reg_int(s, e, 0, &known, "SELECT count(*) FROM reg_key WHERE key_id = ? AND revoked_ms IS NULL", "t", key_of(k)->id);
	if (st != ST_OK || known)
		return st;
	struct str object = STR_INIT;
	str_addf(&object, "key:%s", key_of(k)->id);
	st = authorise(s, who, ACT_KEY, object.p, e);
	str_free(&object);
	return st == ST_OK ? audit_key_introduce(s, who, key_of(k), e) : st;
}

static enum status sign_head(struct store *s, const struct key *k, struct err *e)
{
	char uuid[AUDIT_UUID + 1];
	struct audit_head head;
	struct audit_signed last, c = { .ms = clock_wall_ms() };
	enum status st = audit_uuid(s, uuid, e);
	if (st == ST_OK)
		st = audit_head(s, &head, e);
	if (st == ST_OK)
		st = audit_signed_last(s, &last, e);
	if (st != ST_OK)
		return st;
	c.n = last.n + 1;
	c.seq = head.seq;
	memcpy(c.hash, head.hash, AUDIT_HASH);
	memcpy(c.before, last.signature, KEY_SIGNATURE);
	memcpy(c.key_id, key_of(k)->id, KEY_ID_HEX + 1);
	struct str bytes = STR_INIT;
	audit_signed_bytes(&c, uuid, &bytes);
	key_sign(k, audit_signed_domain, bytes.p, bytes.len, c.signature);
	str_free(&bytes);
	return reg_exec(s, e, "INSERT INTO audit_checkpoint(n, seq, hash, ms, key_id, signature) VALUES(?, ?, ?, ?, ?, ?)", "iibitb", c.n, c.seq,
		(const void *)c.hash, (size_t)AUDIT_HASH, c.ms, c.key_id, (const void *)c.signature, (size_t)KEY_SIGNATURE);
}

/* Looks again under the gate: of several programs that found it due one signs. */
static enum status sign_under_gate(struct store *s, const struct actor *who, const struct key *k, bool force, struct err *e)
{
	bool due = true;
	enum status st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	if (!force)
		st = is_due(s, &due, e);
	if (st == ST_OK && due)
		st = introduce(s, who, k, e);
	if (st == ST_OK && due)
		st = sign_head(s, k, e);
	if (st == ST_OK && due)
		return store_commit(s, 0, e);
	store_rollback(s);
	return st;
}

enum status audit_checkpoint(struct store *s, const struct actor *who, bool force, struct err *e)
{
	bool due = force;
	struct key *k = NULL;
	struct err words;
	if (!e)
		e = &words;
	if (store_is_mirror(s))
		return force ? err_set(e, ST_REFUSED, "this is a mirror of what the paths hold and no place for keys; name a workspace: mlyard -w FILE PATH") : ST_OK;
	enum status st = audit_memory_check(s, e);             /* a broken history is not signed as if it were whole */
	if (st == ST_OK && !force)
		st = is_due(s, &due, e);
	if (st != ST_OK || !due)
		return st;
	st = witness_key(who, &k, e);
	if (st == ST_OK)
		st = sign_under_gate(s, who, k, force, e);
	key_free(k);
	return st == ST_OK ? audit_memory_keep(s, e) : st;
}
