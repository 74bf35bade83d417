#include "core/registry/gates.h"

#include <stdlib.h>
#include <string.h>
#include "core/base/text.h"

static const char *clean_column(struct arena *a, sqlite3_stmt *q, int column)
{
	struct str clean = STR_INIT;
	const char *text = (const char *)sqlite3_column_text(q, column);
	text_clean(&clean, text ? text : "", (size_t)sqlite3_column_bytes(q, column), 0);
	const char *out = arena_strdup(a, clean.p);
	str_free(&clean);
	return out;
}

static enum status find_version(struct store *s, struct gate_report *r, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT m.name, v.id, coalesce(r.stage, v.stage), coalesce(g.rev, 0), v.deleted OR coalesce(r.deleted, 0) FROM model m "
		"JOIN model_version v ON v.model_id = m.id LEFT JOIN reg_version r ON r.version_id = v.id LEFT JOIN reg_model g ON g.model_id = m.id "
		"WHERE m.id = ?1 AND v.version = ?2", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, r->model_id);
	sqlite3_bind_int64(q, 2, r->version);
	if (sqlite3_step(q) != SQLITE_ROW)
		return err_set(e, ST_NOT_FOUND, "there is no version %lld of this model", (long long)r->version);
	r->model = clean_column(r->arena, q, 0);
	r->version_id = sqlite3_column_int64(q, 1);
	r->from = clean_column(r->arena, q, 2);
	r->rev = sqlite3_column_int64(q, 3);
	if (sqlite3_column_int(q, 4))
		return err_set(e, ST_NOT_FOUND, "version %lld of %s was deleted", (long long)r->version, r->model);
	return ST_OK;
}

enum status gates_check(struct store *s, const struct policy *p, int64_t model_id, int64_t version, const char *to, enum gate_purpose purpose,
	const bool *checked, size_t n_checked, struct gate_report **out, struct err *e)
{
	(void)purpose, (void)checked, (void)n_checked;
	struct arena *a = arena_new();
	struct gate_report *r = arena_zalloc(a, sizeof *r);
	*r = (struct gate_report){ .arena = a, .policy = p, .model_id = model_id, .version = version, .allowed = true };
	r->to = *to == '@' ? arena_strdup(a, to) : policy_lane(p, to);
	enum status rc = r->to ? find_version(s, r, e) : err_set(e, ST_USAGE, "there is no lane \"%s\"", to);
	if (rc == ST_OK)
		r->rule = policy_rule_for(p, r->model, r->from, r->to);
	*out = rc == ST_OK ? r : NULL;
	if (rc != ST_OK)
		gate_report_free(r);
	return rc;
}

void gate_report_free(struct gate_report *r)
{
	if (r)
		arena_free(r->arena);
}
