#include "core/registry/regsql.h"

#include <stdarg.h>

#include "core/base/mem.h"

static sqlite3_stmt *query(struct store *s, struct err *e, const char *sql, const char *types, va_list ap)
{
	sqlite3_stmt *q = store_stmt(s, sql, e);
	for (int i = 1; q && *types; i++, types++) {
		int rc = SQLITE_OK;
		if (*types == 'i') {
			rc = sqlite3_bind_int64(q, i, va_arg(ap, int64_t));
		} else if (*types == 't') {
			rc = sqlite3_bind_text(q, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else {
			const void *bytes = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(q, i, bytes, va_arg(ap, size_t), SQLITE_TRANSIENT);
		}
		if (rc != SQLITE_OK) {
			store_error(s, e, "a value does not fit");
			return NULL;
		}
	}
	return q;
}

sqlite3_stmt *reg_query(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = query(s, e, sql, types, ap);
	va_end(ap);
	return q;
}

enum status reg_done(struct store *s, sqlite3_stmt *q, int rc, struct err *e)
{
	enum status st = rc == SQLITE_DONE || rc == SQLITE_ROW ? ST_OK : store_error(s, e, "the registry cannot be read or written");
	sqlite3_reset(q);
	return st;
}

enum status reg_exec(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = query(s, e, sql, types, ap);
	va_end(ap);
	return q ? reg_done(s, q, sqlite3_step(q), e) : ST_FAILED;
}

enum status reg_int(struct store *s, struct err *e, int64_t missing, int64_t *out, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = query(s, e, sql, types, ap);
	va_end(ap);
	*out = missing;
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(q, 0);
	return reg_done(s, q, rc, e);
}

enum status reg_text(struct store *s, struct err *e, char **out, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *q = query(s, e, sql, types, ap);
	va_end(ap);
	*out = NULL;
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL)
		*out = mem_strdup(reg_column(q, 0));
	return reg_done(s, q, rc, e);
}

const char *reg_column(sqlite3_stmt *q, int i)
{
	const char *text = (const char *)sqlite3_column_text(q, i);
	return text ? text : "";
}
