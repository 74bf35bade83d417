#include "core/registry/policy_impl.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/registry/log_says.h"
#include "core/registry/regsql.h"

static const char file_name[] = "policy.yaml";

void policy_hash_of(const void *text, size_t n, unsigned char out[POLICY_HASH])
{
	crypto_generichash(out, POLICY_HASH, text, n, NULL, 0);
}

char *policy_file(struct store *s)
{
	const char *db = sqlite3_db_filename(store_db(s), "main"), *slash = db ? strrchr(db, '/') : NULL;
	char *dir = slash ? mem_strndup(db, (size_t)(slash - db + 1)) : mem_strdup("."), *path = fs_join(dir, file_name);
	free(dir);
	return path;
}

/* ---- reading ---- */

/* The newest text that came into force; version 0 when there is none. */
static enum status stored(struct store *s, int64_t *version, struct str *text, struct err *e)
{
	*version = 0;
	sqlite3_stmt *q = reg_query(s, e, "SELECT version, text FROM reg_policy ORDER BY version DESC LIMIT 1", "");
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		*version = sqlite3_column_int64(q, 0);
		str_addn(text, reg_column(q, 1), (size_t)sqlite3_column_bytes(q, 1));
	}
	enum status st = reg_done(s, q, rc == SQLITE_ROW ? SQLITE_DONE : rc, e);
	unsigned char hash[POLICY_HASH];
	policy_hash_of(text->p, text->len, hash);
	return st == ST_OK ? log_doubts_policy(s, *version, hash, e) : st;
}

/* *there false: no file, or a mirror, which decides nothing. */
static enum status on_disk(struct store *s, bool *there, struct str *text, struct err *e)
{
	char *path = policy_file(s);
	enum status rc = ST_OK;
	*there = !store_is_mirror(s) && (access(path, F_OK) == 0 || errno != ENOENT);
	if (*there)
		rc = fs_read(path, POLICY_MOST_BYTES, text, e);
	free(path);
	return rc;
}

static enum status load_stored(struct store *s, int64_t version, const struct str *text, struct policy **out, struct str *note, struct err *e)
{
	struct str file = STR_INIT, name = STR_INIT;
	struct err why;
	bool there;
	enum status readable = on_disk(s, &there, &file, &why);
	bool same = there && readable == ST_OK && file.len == text->len && memcmp(file.p, text->p, text->len) == 0;
	str_addf(&name, "policy %lld", (long long)version);
	if (there && readable != ST_OK)
		str_addf(note, "%s is in force; its file cannot be read: %s", name.p, why.text);
	else if (there && !same)
		str_addf(note, "%s differs from %s in force: mlyard policy apply", file_name, name.p);
	enum status rc = policy_parse(text->p, text->len, same ? file_name : name.p, out, NULL, e);
	if (rc == ST_OK)
		(*out)->version = (int)version;
	str_free(&file);
	str_free(&name);
	return rc;
}

static enum status load_file(struct store *s, struct policy **out, struct str *note, struct err *e)
{
	struct str text = STR_INIT;
	bool there;
	enum status rc = on_disk(s, &there, &text, e);
	if (rc == ST_OK && there)
		rc = policy_parse(text.p, text.len, file_name, out, NULL, e);
	else if (rc == ST_OK)
		*out = policy_default();
	if (rc == ST_OK && there)
		str_addf(note, "%s comes into force with the first decision", file_name);
	str_free(&text);
	return rc == ST_OK ? ST_OK : err_set(e, ST_FAILED, "%s; until it is mended nothing may move", e ? e->text : "");
}

enum status policy_load(struct store *s, struct policy **out, char **note, struct err *e)
{
	struct str text = STR_INIT, words = STR_INIT;
	int64_t version;
	struct err own;
	*out = NULL;
	enum status rc = stored(s, &version, &text, &own);
	if (rc == ST_OK)
		rc = version ? load_stored(s, version, &text, out, &words, &own) : load_file(s, out, &words, &own);
	str_free(&text);
	if (note) {
		struct str clean = STR_INIT;
		text_clean(&clean, words.p, words.len, 0);
		*note = mem_strdup(clean.p);
		str_free(&clean);
	}
	str_free(&words);
	return rc == ST_OK ? ST_OK : err_set(e, rc, "%s", own.text);
}

/* ---- bringing into force ---- */

static void hash_json(struct str *out, int64_t version, const unsigned char hash[POLICY_HASH])
{
	char hex[2 * POLICY_HASH + 1];
	struct jsonw w;
	jsonw_init(&w, out);
	jsonw_open(&w, '{');
	jsonw_put_int(&w, "version", version);
	jsonw_put_str(&w, "hash", sodium_bin2hex(hex, sizeof hex, hash, POLICY_HASH));
	jsonw_close(&w, '}');
}

static enum status record(struct change *c, int64_t version, const struct str *old, const struct policy *p, const char *reason, struct err *e)
{
	struct str before = STR_INIT, after = STR_INIT, object = STR_INIT;
	unsigned char hash[POLICY_HASH];
	policy_hash_of(old->p, old->len, hash);
	if (version > 1)
		hash_json(&before, version - 1, hash);
	hash_json(&after, version, p->hash);
	str_addf(&object, "policy:%lld", (long long)version);
	enum status rc = change_record(c, "policy.apply", object.p, version > 1 ? before.p : NULL, after.p, reason, e);
	str_free(&before);
	str_free(&after);
	str_free(&object);
	return rc;
}

enum status policy_put(struct change *c, const char *text, size_t n, const char *reason, struct err *e)
{
	struct policy *p;
	struct str old = STR_INIT;
	int64_t version;
	enum status rc = policy_parse(text, n, file_name, &p, NULL, e);
	if (rc != ST_OK)
		return rc;
	rc = stored(c->s, &version, &old, e);
	if (rc == ST_OK)
		rc = record(c, version + 1, &old, p, reason, e);
	if (rc == ST_OK)
		rc = reg_exec(c->s, e, "INSERT INTO reg_policy(version, hash, text, ms, actor, seq) VALUES(?, ?, CAST(? AS TEXT), ?, ?, ?)", "ibbiti", version + 1,
			p->hash, (size_t)POLICY_HASH, text, n, c->now_ms, c->who.name, c->seq);
	if (rc == ST_OK)
		err_set(e, ST_OK, "policy %lld is in force, record %lld", (long long)version + 1, (long long)c->seq);
	policy_free(p);
	str_free(&old);
	return rc;
}

static enum status already(struct store *s, const char *text, size_t n, bool *same, struct err *e)
{
	struct str now = STR_INIT;
	int64_t version;
	enum status rc = stored(s, &version, &now, e);
	*same = rc == ST_OK && version && now.len == n && memcmp(now.p, text, n) == 0;
	if (*same)
		err_set(e, ST_OK, "policy %lld is this text already", (long long)version);
	str_free(&now);
	return rc;
}

enum status policy_apply(struct store *s, const struct actor *who, const char *text, size_t n, const char *reason, struct err *e)
{
	struct change c;
	struct err done;
	bool same;
	enum status rc = already(s, text, n, &same, e);
	if (rc != ST_OK || same)
		return rc;
	if (!reason || !*reason)
		return err_set(e, ST_USAGE, "a new policy needs a reason");
	rc = change_begin(&c, s, who, ACT_POLICY, "policy", 0, -1, e);
	if (rc != ST_OK)
		return rc;
	rc = policy_put(&c, text, n, reason, &done);
	if (rc == ST_OK) {
		rc = change_commit(&c, TOPIC_MODELS, e);
	} else {
		err_set(e, rc, "%s", done.text);
		change_cancel(&c);
	}
	return rc == ST_OK ? err_set(e, ST_OK, "%s", done.text) : rc;
}
