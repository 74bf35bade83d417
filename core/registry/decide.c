/* What every decision shares: opening (adopt, gate, lookup, policy, expiry), closing, the reason, members of records. */
#include "core/registry/decide_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/registry/log_says.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"

const char *decide_clean(struct arena *a, const char *text)
{
	return reg_clean(a, text, strlen(text), 0);
}

enum status decide_reason(const char *reason, struct err *e)
{
	size_t n = reason ? strnlen(reason, DECIDE_REASON_MAX + 1) : 0;
	if (!n || strspn(reason, " \t\r\n") == n)
		return err_set(e, ST_USAGE, "a reason is required: those who read the history later need to know why");
	if (n > DECIDE_REASON_MAX)
		return err_set(e, ST_USAGE, "the reason is longer than %d bytes; put the rest into the model card", DECIDE_REASON_MAX);
	return ST_OK;
}

static enum status read_model(struct decision *d, struct store *s, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT " REG_MODEL_NAME ", o.kind = '" REG_LOCAL_KIND "',"
		REG_MODEL_DELETED "FROM" REG_MODELS "JOIN source o ON o.id = m.source_id WHERE m.id = ?", "i", d->model_id);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	bool deleted = false;
	if (rc == SQLITE_ROW) {
		d->model = arena_strdup(d->arena, reg_column(q, 0));
		d->shown = decide_clean(d->arena, d->model);
		d->local = sqlite3_column_int(q, 1) != 0;
		deleted = sqlite3_column_int(q, 2) != 0;
	}
	enum status st = reg_done(s, q, rc, e);
	if (st != ST_OK)
		return st;
	if (!d->model)
		return err_set(e, ST_NOT_FOUND, "there is no such model");
	return deleted ? err_set(e, ST_NOT_FOUND, "model %s was deleted", d->shown) : ST_OK;
}

static enum status read_version(struct decision *d, struct err *e)
{
	sqlite3_stmt *q = reg_query(d->c.s, e, "SELECT v.id, r.stage, r.deleted, r.registered_by FROM model_version v JOIN reg_version r ON r.version_id = v.id "
		"WHERE v.model_id = ? AND v.version = ?", "ii", d->model_id, d->version);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	bool deleted = false;
	if (rc == SQLITE_ROW) {
		d->version_id = sqlite3_column_int64(q, 0);
		d->stage = arena_strdup(d->arena, reg_column(q, 1));
		deleted = sqlite3_column_int(q, 2) != 0;
		d->registered_by = arena_strdup(d->arena, reg_column(q, 3));
	}
	enum status st = reg_done(d->c.s, q, rc, e);
	if (st != ST_OK)
		return st;
	if (!d->version_id)
		return err_set(e, ST_NOT_FOUND, "%s has no version %" PRId64, d->shown, d->version);
	return deleted ? err_set(e, ST_NOT_FOUND, "%s v%" PRId64 " was deleted", d->shown, d->version) : ST_OK;
}

static enum status adopt(struct store *s, struct err *e)
{
	int n;
	return models_adopt_due(s) ? models_adopt(s, &n, e) : ST_OK;
}

enum status decide_open(struct decision *d, struct store *s, const struct actor *who, enum act act, int64_t model_id, int64_t version, const char *object,
	int64_t expect_rev, struct err *e)
{
	*d = (struct decision){ .arena = arena_new(), .model_id = model_id, .version = version };
	enum status st = read_model(d, s, e);
	if (st == ST_OK && !d->local)
		st = adopt(s, e);
	if (st == ST_OK) {
		d->object = object ? arena_strdup(d->arena, object) : version ? arena_printf(d->arena, "model:%s/%" PRId64, d->model, version)
			: arena_printf(d->arena, "model:%s", d->model);
		st = change_begin(&d->c, s, who, act, d->object, model_id, expect_rev, e);
	}
	if (st == ST_OK)
		st = read_model(d, s, e);                /* again: nobody can change it any more */
	if (st == ST_OK)
		st = log_doubts_model(s, model_id, e);
	if (st == ST_OK && version)
		st = read_version(d, e);
	if (st == ST_OK)
		st = policy_load(s, &d->policy, NULL, e);
	if (st == ST_OK)
		st = requests_expire(&d->c, e);
	return st == ST_OK ? ST_OK : decide_close(d, st, NULL, e);
}

enum status decide_close(struct decision *d, enum status st, const char *said, struct err *e)
{
	if (st == ST_OK && said) {
		struct err done;
		err_set(&done, ST_OK, "%s, record %" PRId64, said, d->c.seq);
		st = change_commit(&d->c, TOPIC_MODELS, e);
		if (st == ST_OK && e)
			*e = done;
	}
	change_cancel(&d->c);
	policy_free(d->policy);
	arena_free(d->arena);
	d->policy = NULL;
	d->arena = NULL;
	return st;
}

enum status decide_touch(struct decision *d, int64_t version, struct err *e)
{
	return reg_exec(d->c.s, e, "UPDATE reg_version SET rev = ?1 WHERE version_id = (SELECT id FROM model_version WHERE model_id = ?2 AND version = ?3)", "iii",
		d->c.seq, d->model_id, version);
}

void json_member_version(struct jsonw *w, int64_t version, const char *stage, bool deleted)
{
	char key[24];
	snprintf(key, sizeof key, "%" PRId64, version);
	jsonw_put_open(w, key, '{');
	jsonw_put_str(w, "stage", stage);
	if (deleted)
		jsonw_put_bool(w, "deleted", true);
	jsonw_close(w, '}');
}

enum status alias_put(struct change *c, const char *alias, int64_t version, struct err *e)
{
	return reg_exec(c->s, e, "INSERT INTO reg_alias(model_id, alias, version, since_ms) VALUES(?1, ?2, nullif(?3, 0), ?4) "
		"ON CONFLICT(model_id, alias) DO UPDATE SET version = excluded.version, since_ms = excluded.since_ms", "itii", c->model_id, alias, version, c->now_ms);
}
