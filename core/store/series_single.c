#include "core/store/series.h"

#include <math.h>

#include "core/store/series_internal.h"
#include "core/store/store_internal.h"

enum { ROWS_AT_ONCE = 32, FIELDS = 8 };

/* "INSERT ... VALUES(...),(...)": a row takes FIELDS parameters, the rest of its columns repeat them. OR FAIL, because for a
 * statement of many rows that could be undone alone SQLite keeps a copy of each page it touches; here the whole change is undone. */
static void add_sql(struct str *sql, int rows)
{
	str_add(sql, "INSERT OR FAIL INTO metric(name_id, run_id, n, nan, first_step, last_step, first_ms, last_ms, last, min, min_step, max, max_step) VALUES");
	for (int i = 0, k = 1; i < rows; i++, k += FIELDS)
		str_addf(sql, "%s(?%d,?%d,1,?%d,?%d,?%d,?%d,?%d,?%d,?%d,?%d,?%d,?%d)", i ? "," : "",
			k, k + 1, k + 2, k + 3, k + 3, k + 4, k + 4, k + 5, k + 6, k + 7, k + 6, k + 7);
}

static void bind_row(sqlite3_stmt *q, int k, const struct series_single *v)
{
	sqlite3_bind_int64(q, k, v->name_id);
	sqlite3_bind_int64(q, k + 1, v->run_id);
	sqlite3_bind_int(q, k + 2, isnan(v->p.value));
	sqlite3_bind_int64(q, k + 3, v->p.step);
	sqlite3_bind_int64(q, k + 4, v->p.ms);
	sqlite3_bind_double(q, k + 5, v->p.value + 0.0);         /* a NaN becomes NULL, -0 becomes 0 */
	if (isfinite(v->p.value)) {
		sqlite3_bind_double(q, k + 6, v->p.value + 0.0);
		sqlite3_bind_int64(q, k + 7, v->p.step);
	} else {
		sqlite3_bind_null(q, k + 6);
		sqlite3_bind_null(q, k + 7);
	}
}

static enum status add_rows(struct store *s, const char *sql, int rows, const struct series_single **v, size_t *n, struct err *e)
{
	sqlite3_stmt *q = *n >= (size_t)rows ? store_stmt(s, sql, e) : NULL;
	if (!q)
		return *n >= (size_t)rows ? ST_FAILED : ST_OK;
	enum status st = ST_OK;
	while (st == ST_OK && *n >= (size_t)rows) {
		for (int i = 0; i < rows; i++)
			bind_row(q, 1 + i * FIELDS, &(*v)[i]);
		if (sqlite3_step(q) != SQLITE_DONE)
			st = store_error(s, e, "cannot keep metrics");
		sqlite3_reset(q);
		*v += rows;
		*n -= (size_t)rows;
	}
	return st;
}

enum status series_add_singles(struct store *s, const struct series_single *v, size_t n, struct err *e)
{
	static const int rows[] = { ROWS_AT_ONCE, 1 };
	enum status st = ST_OK;
	if (!store_in_write(s))
		return err_set(e, ST_REFUSED, "points can only be added inside a change");
	for (size_t i = 0; st == ST_OK && i < sizeof rows / sizeof *rows; i++) {
		struct str sql = STR_INIT;
		add_sql(&sql, rows[i]);
		st = add_rows(s, sql.p, rows[i], &v, &n, e);
		str_free(&sql);
	}
	return st;
}
