#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

const char *reg_clean(struct arena *a, const char *s, size_t n, unsigned flags)
{
	if (text_is_clean(s, n, flags))
		return arena_strndup(a, n ? s : "", n);
	struct str out = STR_INIT;
	text_clean(&out, s, n, flags);
	const char *kept = arena_strndup(a, out.p, out.len);
	str_free(&out);
	return kept;
}

static const char *column(struct arena *a, sqlite3_stmt *st, int i, unsigned flags)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	return s ? reg_clean(a, s, (size_t)sqlite3_column_bytes(st, i), flags) : "";
}

const char *reg_cell(struct arena *a, sqlite3_stmt *st, int i) { return column(a, st, i, 0); }
const char *reg_cell_lines(struct arena *a, sqlite3_stmt *st, int i) { return column(a, st, i, TEXT_LINES); }

int64_t reg_cell_ms(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(st, i);
}

void *reg_keep(struct arena *a, void *at, size_t n, size_t size)
{
	void *kept = arena_array(a, n, size);
	if (n)
		memcpy(kept, at, n * size);
	free(at);
	return kept;
}

enum status reg_end(struct store *s, sqlite3_stmt *st, struct err *e)
{
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "read the registry");
}

const char *reg_source_label(const char *uri)
{
	const char *slash = strrchr(uri, '/');
	return slash && slash[1] ? slash + 1 : uri;
}

enum status model_name(struct store *s, int64_t model_id, struct arena *a, struct reg_name *out, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT m.name, m.namespace, o.kind, o.uri, o.id," REG_MODEL_DELETED "FROM" REG_MODELS "JOIN source o ON o.id = m.source_id WHERE m.id = ?1",
		"i", model_id);
	if (!st)
		return ST_FAILED;
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		const char *space = reg_cell(a, st, 1), *name = reg_cell(a, st, 0);
		out->name = strcmp(space, "default") ? arena_printf(a, "%s/%s", space, name) : name;
		out->stored = arena_printf(a, "%s%s%s", strcmp(space, "default") ? (const char *)sqlite3_column_text(st, 1) : "", strcmp(space, "default") ? "/" : "",
			(const char *)sqlite3_column_text(st, 0));
		out->local = !strcmp((const char *)sqlite3_column_text(st, 2), REG_LOCAL_KIND);
		out->source = out->local ? "here" : reg_cell(a, st, 3);
		out->source_id = sqlite3_column_int64(st, 4);
		out->deleted = sqlite3_column_int(st, 5) != 0;
	}
	enum status rc = reg_end(s, st, e);
	if (rc == ST_OK && !found)
		rc = err_set(e, ST_NOT_FOUND, "this model is no longer in the workspace");
	return rc;
}

void reg_hash(const void *p, size_t n, unsigned char out[32])
{
	crypto_generichash_blake2b(out, 32, p, n, NULL, 0);
}

void reg_hex(const unsigned char *p, size_t n, char *out)
{
	sodium_bin2hex(out, 2 * n + 1, p, n);
}
