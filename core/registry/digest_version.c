/* The digest of a version: computed without the gate (it may take minutes), then recorded in a change of its own. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/registry/change.h"
#include "core/registry/digest.h"
#include "core/registry/mlmodel.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

enum { HEX = 2 * DIGEST_BYTES_OUT + 1 };
/* What is recorded so far. */
struct recorded { int64_t version_id; char *hex, *stamp; };

static void recorded_free(struct recorded *r)
{
	free(r->hex);
	free(r->stamp);
}

static enum status read_recorded(struct store *s, int64_t model_id, int64_t version, struct recorded *out, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT v.id, lower(hex(r.digest)), r.digest_stamp FROM" REG_VERSIONS "WHERE v.model_id = ?1 AND v.version = ?2", "ii", model_id, version);
	*out = (struct recorded){ 0 };
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW)
		*out = (struct recorded){ sqlite3_column_int64(st, 0), mem_strdup(reg_column(st, 1)), mem_strdup(reg_column(st, 2)) };
	enum status rc = reg_end(s, st, e);
	return rc == ST_OK && !out->version_id ? err_set(e, ST_NOT_FOUND, "there is no version %" PRId64, version) : rc;
}

static char *digest_json(const char *hex, int64_t bytes, int64_t files)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "digest", *hex ? hex : NULL);
	if (bytes >= 0) {
		jsonw_put_int(&w, "bytes", bytes);
		jsonw_put_int(&w, "files", files);
	}
	jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status write_it(struct change *c, const struct recorded *was, const struct digest *d, const char *stamp, const char *mlmodel, struct err *e)
{
	enum status rc = reg_exec(c->s, e, "INSERT INTO reg_version(version_id, stage, since_ms, deleted) SELECT id, stage, coalesce(updated_ms, created_ms, ?2), deleted FROM model_version"
		" WHERE id = ?1 ON CONFLICT DO NOTHING", "ii", was->version_id, c->now_ms);
	return rc != ST_OK ? rc : reg_exec(c->s, e, "UPDATE reg_version SET digest = ?2, digest_ms = ?3, digest_stamp = ?4, bytes = ?5, files = ?6, mlmodel = ?7, rev = ?8 WHERE version_id = ?1",
		"ibitiiti", was->version_id, (const void *)d->hash, sizeof d->hash, c->now_ms, stamp, d->bytes, d->files, mlmodel, c->seq);
}

static enum status record(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const struct digest *d, const char *stamp, const char *mlmodel, struct err *e)
{
	struct change c;
	struct recorded was = { 0 };
	struct reg_name name = { .name = "" };
	struct arena *a = arena_new();
	char hex[HEX];
	enum status rc = model_name(s, model_id, a, &name, e);
	const char *object = arena_printf(a, "model:%s/%" PRId64, name.stored, version);
	sodium_bin2hex(hex, sizeof hex, d->hash, sizeof d->hash);
	if (rc == ST_OK)
		rc = change_begin(&c, s, who, ACT_DIGEST, object, model_id, -1, e);
	if (rc != ST_OK) {
		arena_free(a);
		return rc;
	}
	rc = read_recorded(s, model_id, version, &was, e);
	if (rc == ST_OK && !(was.hex && !strcmp(was.hex, hex) && !strcmp(was.stamp, stamp))) {
		const bool other = *was.hex && strcmp(was.hex, hex);
		char *before = digest_json(was.hex, -1, 0), *after = digest_json(hex, d->bytes, d->files);
		rc = change_record(&c, NULL, object, before, after, other ? "the files are not those of the digest before" : *was.hex ? "the same files, written anew" : "", e);
		if (rc == ST_OK)
			rc = write_it(&c, &was, d, stamp, mlmodel, e);
		if (rc == ST_OK)
			rc = change_commit(&c, TOPIC_MODELS, e);
		free(before);
		free(after);
	}
	change_cancel(&c);
	recorded_free(&was);
	arena_free(a);
	return rc;
}

enum status digest_version(struct store *s, const struct actor *who, int64_t model_id, int64_t version, struct task *t, struct digest *out, struct err *e)
{
	char *root = NULL;
	struct str stamp = STR_INIT, mlmodel = STR_INIT;
	struct err ignored;
	*out = (struct digest){ 0 };
	enum status rc = version_files(s, model_id, version, &root, e);
	if (rc == ST_OK)
		rc = digest_path(root, t, out, &stamp, e);
	if (rc == ST_OK && !out->files)
		rc = err_set(e, ST_NOT_FOUND, "no files at %.300s", root);
	if (rc == ST_OK) {
		/* A model without a readable MLmodel has a digest all the same; version_load says what is wrong with it. */
		bool described = mlmodel_read(root, &mlmodel, &ignored) == ST_OK;
		rc = record(s, who, model_id, version, out, stamp.p, described ? mlmodel.p : NULL, e);
	}
	free(root);
	str_free(&stamp);
	str_free(&mlmodel);
	return rc;
}

enum status digest_state(struct store *s, int64_t model_id, int64_t version, struct str *out, struct err *e)
{
	struct recorded r;
	struct str now = STR_INIT;
	struct err why = { 0 };
	char *root = NULL;
	enum status rc = read_recorded(s, model_id, version, &r, e);
	if (rc == ST_OK && !*r.hex) {
		str_add(out, "not computed");
	} else if (rc == ST_OK) {
		bool there = version_files(s, model_id, version, &root, &why) == ST_OK && digest_stamp(root, &now, &why) == ST_OK;
		if (there)
			str_add(out, strcmp(now.p, r.stamp) ? "changed since" : "verified");
		else
			str_addf(out, "files not here: %s", why.text);
	}
	recorded_free(&r);
	free(root);
	str_free(&now);
	return rc;
}
