#include "core/store/series_internal.h"

#include <math.h>
#include <string.h>

#include "core/store/store_internal.h"

enum { MOST_FINDINGS = 100 };

struct ledger { struct store *s; struct str *out; size_t *findings; };

static void finding(struct ledger *l, const struct series *v, const char *what)
{
	if ((*l->findings)++ < MOST_FINDINGS)
		str_addf(l->out, "ledger: metric %lld of run %lld: %s\n", (long long)v->name_id, (long long)v->run_id, what);
}

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/* Blocks that are there, against those the layout asks for. */
static enum status check_blocks(struct ledger *l, struct series *v, struct err *e)
{
	sqlite3_stmt *q = store_stmt(l->s, "SELECT level, seq, n FROM block WHERE run_id = ? AND name_id = ? ORDER BY level, seq", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, v->run_id);
	sqlite3_bind_int64(q, 2, v->name_id);
	int levels = v->layout.levels, level = 0, rc;
	int64_t next = 0;
	bool sound = true;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW && sound) {
		if (level < levels && next == v->layout.count[level]) {
			level++;
			next = 0;
		}
		sound = level < levels && sqlite3_column_int(q, 0) == level && sqlite3_column_int64(q, 1) == next
			&& sqlite3_column_int64(q, 2) == block_length(level, v->layout.count[level], next);
		next += sqlite3_column_int64(q, 2);
	}
	sound = sound && level == levels - 1 && next == v->layout.count[level];
	enum status st = rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : store_error(l->s, e, "cannot read points");
	sqlite3_reset(q);
	if (st == ST_OK && !sound)
		finding(l, v, "its blocks do not hold the points it counts");
	return st == ST_OK && !sound ? ST_CHECK : st;
}

/* all: the sum of all points, whose last one came at last_ms. */
static void check_sum(struct ledger *l, const struct series *v, const struct entry *all, int64_t last_ms)
{
	const struct series_sum *s = &v->sum;
	if (s->first_step != all->step0 || s->last_step != all->step1 || s->last_ms != last_ms || !same(s->last, all->last)
		|| !same(s->min, all->min) || !same(s->max, all->max) || s->nan != (int64_t)all->nan
		|| (!isnan(all->min) && (s->min_step != all->min_step || s->max_step != all->max_step)))
		finding(l, v, "what is known of it as a whole does not fit its points");
}

static enum status check_points(struct ledger *l, struct series *v, struct err *e)
{
	struct entry all = { 0 }, one;
	struct point before = { 0 };
	for (int64_t i = 0; i < v->sum.n; i++) {
		enum status st = series_load(v, 0, i, e);
		if (st != ST_OK)
			return st;
		const struct series_block *b = &v->block[0];
		struct point p = { (int64_t)b->col[P_STEP][i - b->start], (int64_t)b->col[P_MS][i - b->start], double_of(b->col[P_VALUE][i - b->start]) };
		entry_of_point(&one, p.step, p.ms, p.value);
		if (i)
			entry_add(&all, &one);
		else
			all = one;
		if (i && point_order(&before, &p) > 0) {
			finding(l, v, "its points are out of order");
			return ST_CHECK;
		}
		before = p;
	}
	check_sum(l, v, &all, before.ms);
	return ST_OK;
}

static bool same_entry(const struct entry *a, const struct entry *b)
{
	return a->step0 == b->step0 && a->step1 == b->step1 && a->ms0 == b->ms0 && a->ms1 == b->ms1 && same(a->first, b->first) && same(a->last, b->last)
		&& same(a->min, b->min) && same(a->max, b->max) && a->min_step == b->min_step && a->min_ms == b->min_ms
		&& a->max_step == b->max_step && a->max_ms == b->max_ms && a->nan == b->nan && a->inf == b->inf && a->monotone == b->monotone;
}

static enum status check_entries(struct ledger *l, struct series *v, struct err *e)
{
	for (int level = 1; level < v->layout.levels; level++) {
		for (int64_t i = 0; i < v->layout.count[level]; i++) {
			struct entry kept, right;
			enum status st = series_load(v, level, i, e);
			if (st != ST_OK)
				return st;
			entry_get(&kept, &v->block[level], i - v->block[level].start);
			st = series_sum_up(v, level, i, &right, e);
			if (st != ST_OK)
				return st;
			if (!same_entry(&kept, &right)) {
				finding(l, v, "a summary does not fit the points below it");
				return ST_CHECK;
			}
		}
	}
	return ST_OK;
}

static void check_single(struct ledger *l, const struct series *v)
{
	struct entry all;
	entry_of_point(&all, v->only.step, v->only.ms, v->only.value);
	check_sum(l, v, &all, v->only.ms);
}

/* Damage is a finding, not an error: the next series is looked at all the same. */
static void check_series(struct ledger *l, struct series *v)
{
	struct err why = { .code = ST_OK };
	enum status st = series_plausible(v, &why);
	if (st == ST_OK && v->sum.n == 1) {
		check_single(l, v);              /* that it has no blocks is asked for all of them at once */
		return;
	}
	if (st == ST_OK)
		st = check_blocks(l, v, &why);
	if (st == ST_OK)
		st = check_points(l, v, &why);
	if (st == ST_OK)
		st = check_entries(l, v, &why);
	if (st != ST_OK && st != ST_CHECK)
		finding(l, v, why.text);
	series_close(v);
}

enum status series_verify_all(struct store *s, struct task *t, struct str *out, size_t *findings, struct err *e)
{
	struct ledger l = { s, out, findings };
	struct series v;
	enum status st;
	int64_t total = store_query_int(s, "SELECT count(*) FROM metric", 0, &st, NULL), done = 0;
	sqlite3_stmt *q = store_stmt(s, "SELECT " SERIES_ROW " FROM metric NOT INDEXED", e);      /* in the order in which they lie */
	if (!q)
		return ST_FAILED;
	int rc;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW && !task_cancelled(t)) {
		series_of_row(&v, s, q);
		check_series(&l, &v);
		if (t)
			task_progress(t, ++done, total);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE && !task_cancelled(t) && (*findings)++ < MOST_FINDINGS)
		str_addf(out, "ledger: %s\n", sqlite3_errmsg(store_db(s)));
	sqlite3_reset(q);
	return task_cancelled(t) ? err_set(e, ST_CANCELLED, "the check was stopped") : ST_OK;
}
