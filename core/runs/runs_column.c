/* One metric, param or tag of every run of a base, as arrays.
 *
 * Reading  the store keeps (name, run) together, so a column is one range scan in run order, merged with the
 *          base's rows in id order. When the base's runs are few and far apart, single look-ups are cheaper.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/runs/runs_impl.h"

/* For each kind: the range in run order, and one run. */
static const struct { enum col_kind kind; const char *range, *one; } queries[] = {
#define BOTH(what, table) "SELECT run_id, " what " FROM " table " WHERE name_id = ?1 AND run_id BETWEEN ?2 AND ?3 ORDER BY run_id", \
	"SELECT run_id, " what " FROM " table " WHERE name_id = ?1 AND run_id = ?2"
	{ COL_METRIC, BOTH("last", "metric") },
	{ COL_METRIC_MIN, BOTH("min", "metric") },
	{ COL_METRIC_MAX, BOTH("max", "metric") },
	{ COL_PARAM, BOTH("value", "param") },
	{ COL_TAG, BOTH("value", "tag") },
#undef BOTH
};

static void column_take(void *arg, uint32_t row, sqlite3_stmt *st)
{
	struct runs_column *c = arg;
	c->present++;
	if (c->value) {
		const char *s = (const char *)sqlite3_column_text(st, 1);
		c->value[row] = texts_add(&c->texts, s ? s : "", (size_t)sqlite3_column_bytes(st, 1));
		return;
	}
	c->have[row] = 1;
	c->num[row] = sqlite3_column_type(st, 1) == SQLITE_NULL ? NAN : sqlite3_column_double(st, 1);
}

static enum status column_look_up(struct store *s, const struct runs_base *b, sqlite3_stmt *st, struct runs_column *c, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		uint32_t row = b->by_id[i];
		sqlite3_bind_int64(st, 2, b->rows[row].id);
		if (sqlite3_step(st) == SQLITE_ROW)
			column_take(c, row, st);
		if (sqlite3_reset(st) != SQLITE_OK)
			return store_error(s, e, "read a column");
	}
	return ST_OK;
}

static enum status column_fill(struct store *s, const struct runs_base *b, struct runs_column *c, struct err *e)
{
	int64_t name = run_name_id(s, c->key);
	if (!name || !b->n)
		return ST_OK;
	bool sparse = base_is_sparse(b);
	size_t q = 0;
	while (queries[q].kind != c->kind)
		q++;
	sqlite3_stmt *st = store_stmt(s, sparse ? queries[q].one : queries[q].range, e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, name);
	return sparse ? column_look_up(s, b, st, c, e) : base_each_row(s, b, st, column_take, c, "read a column", e);
}

enum status column_load(struct store *s, const struct runs_base *b, enum col_kind kind, const char *key, struct runs_column **out, struct err *e)
{
	struct runs_column *c = mem_zalloc(sizeof *c);
	bool text = kind == COL_PARAM || kind == COL_TAG;
	atomic_init(&c->refs, 1);
	c->kind = kind;
	c->key = mem_strdup(key);
	c->n = b->n;
	if (text) {
		c->value = mem_array(b->n, sizeof *c->value);
		texts_init(&c->texts, CELL_MAX);
	} else {
		c->num = mem_array(b->n, sizeof *c->num);
		c->have = mem_zalloc(b->n);
	}
	enum status rc = column_fill(s, b, c, e);
	if (rc != ST_OK) {
		column_unref(c);
		return rc;
	}
	if (text)
		texts_finish(&c->texts, true);
	c->numeric = !text || c->texts.all_numbers;
	*out = c;
	return ST_OK;
}

void column_unref(struct runs_column *c)
{
	if (!c || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	texts_done(&c->texts);
	free(c->key);
	free(c->num);
	free(c->have);
	free(c->value);
	free(c);
}
