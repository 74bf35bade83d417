/* Sets: (owner, key, value) rows, written one by one; what an owner has besides those tracked is removed.
 * Some keys of tags also fill columns of their owner; a row of `hooks` says which and how. A hook runs
 * before its tag is written, so that it can tell a column that came from the tag's old value. */
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/sink_priv.h"

/* ?1 owner, ?2 value, ?3 id of the key. */
static const struct hook { enum sink_set set; const char *key, *on_put, *on_remove; } hooks[] = {
	{ SET_TAG, "mlflow.runName", "UPDATE run SET name=?2 WHERE id=?1 AND name IS NOT ?2 AND (name='' OR name=(SELECT value FROM tag WHERE run_id=?1 AND name_id=?3))", NULL },
	{ SET_TAG, "mlflow.user", "UPDATE run SET user=?2 WHERE id=?1 AND user IS NOT ?2 AND (user='' OR user=(SELECT value FROM tag WHERE run_id=?1 AND name_id=?3))", NULL },
	{ SET_TAG, "mlflow.source.name", "UPDATE run SET entry=?2 WHERE id=?1 AND entry IS NOT ?2", "UPDATE run SET entry='' WHERE id=?1" },
	{ SET_TAG, "mlflow.parentRunId", "UPDATE run SET parent=nullif(?2,'') WHERE id=?1 AND parent IS NOT nullif(?2,'')", "UPDATE run SET parent=NULL WHERE id=?1" },
	{ SET_MODEL_TAG, "mlflow.prompt.is_prompt", "UPDATE model SET is_prompt=(lower(?2)='true') WHERE id=?1", "UPDATE model SET is_prompt=0 WHERE id=?1" },
};

static struct set_sql *sql_of(struct sink *s, enum sink_set t)
{
	const struct set_def *d = &sink_sets[t];
	struct set_sql *q = &s->set_sql[t];
	struct str o = STR_INIT, kind = STR_INIT;

	if (q->insert)
		return q;
	if (d->kind)
		str_addf(&kind, " AND %s", d->kind);
	if (d->kind)
		str_addf(&o, "INSERT OR IGNORE INTO %s(%s,%s,%s,%.*s) VALUES(?1,?2,?3,%s)", d->table, d->owner, d->key, d->value,
			(int)strcspn(d->kind, "="), d->kind, strchr(d->kind, '=') + 1);
	else
		str_addf(&o, "INSERT OR IGNORE INTO %s(%s,%s,%s) VALUES(?1,?2,?3)", d->table, d->owner, d->key, d->value);
	q->insert = str_take(&o);
	str_addf(&o, "UPDATE %s SET %s=?3 WHERE %s=?1 AND %s=?2%s AND %s IS NOT ?3", d->table, d->value, d->owner, d->key, kind.p, d->value);
	q->update = str_take(&o);
	str_addf(&o, "SELECT %s FROM %s WHERE %s=?1%s", d->key, d->table, d->owner, kind.p);
	q->keys = str_take(&o);
	str_addf(&o, "DELETE FROM %s WHERE %s=?1 AND %s=?2%s", d->table, d->owner, d->key, kind.p);
	q->remove = str_take(&o);
	str_free(&kind);
	return q;
}

static void changed(struct sink *s, const struct set_def *d)
{
	s->topics |= d->topic;
	if (d->counter != SIZE_MAX)
		++*(int64_t *)(void *)((char *)s->job->report + d->counter);
}

/* The key as stored: interned names and referred entities become numbers. */
static enum status stored_key(struct sink *s, const struct set_def *d, const struct val *in, struct val *out, struct err *e)
{
	enum status rc = ST_OK;

	*out = *in;
	if (d->interned) {
		const size_t name = sink_name(s, in->u.p, in->n);

		out->type = VAL_INT;
		rc = sink_name_id(s, name, &out->u.i, e);
	} else if (in->type == VAL_REF) {
		out->type = VAL_INT;
		rc = sink_resolve(s, in->kind, (size_t)in->u.i, &out->u.i, e);
	}
	return rc;
}

/* Bytes that tell one stored key of a set from another. */
static const void *key_bytes(const struct val *key, size_t *n)
{
	*n = key->type == VAL_INT ? sizeof key->u.i : key->n;
	return key->type == VAL_INT ? (const void *)&key->u.i : key->u.p;
}

static struct val column_key(sqlite3_stmt *st, int i)
{
	if (sqlite3_column_type(st, i) == SQLITE_INTEGER)
		return val_int(sqlite3_column_int64(st, i));
	const char *p = (const char *)sqlite3_column_text(st, i);

	return val_text(p ? p : "", (size_t)sqlite3_column_bytes(st, i));
}

static uint64_t item_hash(int64_t owner, const struct val *key)
{
	size_t n;
	const void *p = key_bytes(key, &n);

	return hash_bytes(hash_word(HASH_START, (uint64_t)owner), p, n);
}

static enum status run_hook(struct sink *s, enum sink_set set, int64_t owner, const struct val *key, const struct val *value, int64_t key_id, struct err *e)
{
	if ((set != SET_TAG && set != SET_MODEL_TAG) || key->type != VAL_TEXT || key->n < 7 || memcmp(key->u.p, "mlflow.", 7))
		return ST_OK;
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
		const char *sql = value ? hooks[i].on_put : hooks[i].on_remove;

		if (hooks[i].set != set || strlen(hooks[i].key) != key->n || memcmp(hooks[i].key, key->u.p, key->n) || !sql)
			continue;
		sqlite3_stmt *st = store_stmt(s->job->store, sql, e);

		if (!st)
			return ST_FAILED;
		sqlite3_bind_int64(st, 1, owner);
		if (value)
			sink_bind(st, 2, value, 0);
		sqlite3_bind_int64(st, 3, key_id);
		return sink_step(s, st, "writing what a tag says of its owner", e);
	}
	return ST_OK;
}

static enum status exec_item(struct sink *s, const char *sql, const char *what, int64_t owner, const struct val *key, const struct val *value,
	bool *did, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s->job->store, sql, e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, owner);
	sink_bind(st, 2, key, 0);
	if (value)
		sink_bind(st, 3, value, 0);
	const enum status rc = sink_step(s, st, what, e);

	*did = rc == ST_OK && sqlite3_changes(store_db(s->job->store)) > 0;
	return rc;
}

static void name_orphan(struct sink *s, const struct set_def *d, size_t owner)
{
	struct entity *ent = &s->kinds[d->owner_kind].at[owner];
	const struct entity_key key = sink_key(s, d->owner_kind, owner);

	if (!ent->named)
		import_problem(s->job, "%s %.*s%s%.*s: a %s names it, but it is not there; what belongs to it is left out", sink_kinds[d->owner_kind].what,
			(int)key.an, key.a, key.has_b ? "/" : "", (int)(key.has_b ? key.bn : 0), key.b, d->what);
	ent->named = true;
}

enum status sink_write_item(struct sink *s, const struct op_row *r, struct err *e)
{
	const enum sink_set t = r->which;
	const struct set_def *d = &sink_sets[t];
	struct set_sql *q = sql_of(s, t);
	int64_t owner;
	struct val key;
	bool made, updated = false;
	enum status rc = sink_resolve(s, d->owner_kind, r->owner, &owner, e);

	if (rc != ST_OK || (rc = stored_key(s, d, &r->v[0], &key, e)) != ST_OK)
		return rc;
	if (!owner || (r->v[0].type == VAL_REF && !key.u.i)) {
		name_orphan(s, d, r->owner);
		return ST_OK;
	}
	if ((rc = run_hook(s, t, owner, &r->v[0], &r->v[1], d->interned ? key.u.i : 0, e)) != ST_OK
		|| (rc = exec_item(s, q->insert, d->what, owner, &key, &r->v[1], &made, e)) != ST_OK
		|| (!made && (rc = exec_item(s, q->update, d->what, owner, &key, &r->v[1], &updated, e)) != ST_OK))
		return rc;
	if (made && d->key_kind >= 0)
		sink_count_key(s, r->owner, d->key_kind, key.u.i, 1);
	if (made || updated)
		changed(s, d);
	if (s->track[t])
		u64s_add(&s->tracked[t], item_hash(owner, &key));
	return ST_OK;
}

/* The text of an interned key, for hooks. */
static enum status key_text(struct sink *s, int64_t name_id, struct str *out, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s->job->store, "SELECT text FROM name WHERE id=?1", e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, name_id);
	if (sqlite3_step(st) == SQLITE_ROW)
		str_addn(out, sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0));
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s->job->store, e, "looking up a key");
}

static enum status remove_item(struct sink *s, enum sink_set t, int64_t owner, size_t owner_index, const struct val *key, struct err *e)
{
	const struct set_def *d = &sink_sets[t];
	struct str text = STR_INIT;
	bool did;
	enum status rc = ST_OK;

	if (d->interned)
		rc = key_text(s, key->u.i, &text, e);
	else if (key->type == VAL_TEXT)
		str_addn(&text, key->u.p, key->n);
	const struct val shown = val_text(text.p, text.len);

	if (rc == ST_OK && (rc = run_hook(s, t, owner, &shown, NULL, 0, e)) == ST_OK
		&& (rc = exec_item(s, sql_of(s, t)->remove, d->what, owner, key, NULL, &did, e)) == ST_OK && did) {
		changed(s, d);
		if (d->key_kind >= 0)
			sink_count_key(s, owner_index, d->key_kind, key->u.i, -1);
	}
	str_free(&text);
	return rc;
}

enum status sink_write_keep_owner(struct sink *s, const struct op_row *r, struct err *e)
{
	const enum sink_set t = r->which;
	const struct set_def *d = &sink_sets[t];
	struct val *gone = NULL;
	size_t n = 0, cap = 0;
	int64_t owner;
	enum status rc = sink_resolve(s, d->owner_kind, r->owner, &owner, e);

	if (rc != ST_OK || !owner)
		return rc;
	sqlite3_stmt *st = store_stmt(s->job->store, sql_of(s, t)->keys, e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, owner);
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct val key = column_key(st, 0);

		if (u64s_has(&s->tracked[t], item_hash(owner, &key)))
			continue;
		if (key.type == VAL_TEXT)
			key.u.p = arena_strndup(s->arena, key.u.p, key.n);
		MEM_GROW(gone, cap, n + 1);
		gone[n++] = key;
	}
	if (sqlite3_reset(st) != SQLITE_OK)
		rc = store_error(s->job->store, e, d->what);
	for (size_t i = 0; i < n && rc == ST_OK; i++)
		rc = remove_item(s, t, owner, r->owner, &gone[i], e);
	free(gone);
	return rc;
}
