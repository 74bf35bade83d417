/* Keys of a workspace: introduced with a record, taken out of use with another. A row is never removed: old signatures must stay checkable. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/topic.h"
#include "core/registry/audit_impl.h"
#include "core/registry/change.h"
#include "core/registry/regsql.h"

static enum status key_known(struct store *s, const struct key_public *k, bool *known, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT public, revoked_ms FROM reg_key WHERE key_id = ?", "t", k->id);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	*known = rc == SQLITE_ROW;
	bool same = *known && sqlite3_column_bytes(q, 0) == KEY_PUBLIC && memcmp(sqlite3_column_blob(q, 0), k->bytes, KEY_PUBLIC) == 0;
	bool revoked = *known && sqlite3_column_type(q, 1) != SQLITE_NULL;
	enum status st = reg_done(s, q, rc, e);
	if (st == ST_OK && *known && !same)
		return err_set(e, ST_REFUSED, "another key with the id %s is known here", k->id);
	if (st == ST_OK && revoked)
		return err_set(e, ST_REFUSED, "the key %s was revoked here; make a new one with: mlyard key init", k->id);
	return st;
}

static enum status key_insert(struct store *s, const struct actor *who, const struct key_public *k, int64_t seq, struct err *e)
{
	return reg_exec(s, e, "INSERT INTO reg_key(key_id, actor, uid, kind, public, created_ms, seq) VALUES(?, ?, ?, ?, ?, ?, ?)", "ttitbii",
		k->id, who->name, who->uid, key_kind_name(k->kind), (const void *)k->bytes, (size_t)KEY_PUBLIC, k->created_ms, seq);
}

enum status audit_key_introduce(struct store *s, const struct actor *who, const struct key_public *k, struct err *e)
{
	struct str after = STR_INIT;
	struct jsonw w;
	char hex[2 * KEY_PUBLIC + 1], object[8 + KEY_ID_HEX];
	bool known;
	int64_t seq = 0;
	enum status st = key_known(s, k, &known, e);
	if (st != ST_OK || known)
		return st;
	snprintf(object, sizeof object, "key:%s", k->id);
	jsonw_init(&w, &after);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "kind", key_kind_name(k->kind));
	jsonw_put_str(&w, "owner", k->owner);
	jsonw_put_str(&w, "public", sodium_bin2hex(hex, sizeof hex, k->bytes, KEY_PUBLIC));
	jsonw_close(&w, '}');
	struct audit_entry x = { "key.introduce", object, NULL, after.p, "first use here" };
	st = audit_append(s, who, &x, &seq, e);
	str_free(&after);
	return st == ST_OK ? key_insert(s, who, k, seq, e) : st;
}

/* ---- out of use ---- */

/* Its owner, or an admin. */
static enum status may_revoke(struct store *s, const struct actor *who, const char *owner, struct err *e)
{
	enum member_role role;
	enum status st = actor_role(s, who, &role, e);
	if (st != ST_OK || role == MEMBER_ADMIN || strcmp(owner, who->name) == 0)
		return st;
	return err_set(e, ST_REFUSED, "the key of %s is revoked by its owner or by an admin", owner);
}

static enum status revoke_inside(struct change *c, const char *key_id, const char *object, const char *reason, struct err *e)
{
	char *owner = NULL;
	int64_t revoked = 0;
	enum status st = reg_text(c->s, e, &owner, "SELECT actor FROM reg_key WHERE key_id = ?", "t", key_id);
	if (st == ST_OK)
		st = reg_int(c->s, e, 0, &revoked, "SELECT revoked_ms IS NOT NULL FROM reg_key WHERE key_id = ?", "t", key_id);
	if (st == ST_OK && !owner)
		st = err_set(e, ST_NOT_FOUND, "no key %s was introduced here", key_id);
	if (st == ST_OK && revoked)
		st = err_set(e, ST_REFUSED, "the key %s was revoked before", key_id);
	if (st == ST_OK)
		st = may_revoke(c->s, &c->who, owner, e);
	if (st == ST_OK)
		st = change_record(c, "key.revoke", object, NULL, NULL, reason, e);
	if (st == ST_OK)
		st = reg_exec(c->s, e, "UPDATE reg_key SET revoked_ms = ? WHERE key_id = ?", "it", c->now_ms, key_id);
	free(owner);
	return st;
}

enum status audit_key_revoke(struct store *s, const struct actor *who, const char *key_id, const char *reason, struct err *e)
{
	struct change c;
	char object[8 + KEY_ID_HEX];
	struct err words;
	if (!e)
		e = &words;
	if (strlen(key_id) != KEY_ID_HEX || strspn(key_id, "0123456789abcdef") != KEY_ID_HEX)
		return err_set(e, ST_USAGE, "the id of a key has %d hexadecimal digits; see: mlyard key show", KEY_ID_HEX);
	if (!reason || !reason[strspn(reason, " \t\n")])
		return err_set(e, ST_USAGE, "revoking a key needs a reason");
	snprintf(object, sizeof object, "key:%s", key_id);
	enum status st = change_begin(&c, s, who, ACT_KEY, object, 0, -1, e);
	if (st != ST_OK)
		return st;
	st = revoke_inside(&c, key_id, object, reason, e);
	if (st == ST_OK)
		return change_commit(&c, TOPIC_MODELS, e);
	change_cancel(&c);
	return st;
}
