/* series_block -- the layout as arithmetic, entries as numbers and as columns, and one open series.
 *
 * An open series holds the metric row as it was read, the layout that follows from it, and of each level the block
 * that was asked for last. Whoever goes through a level in order unpacks each of its blocks once; a walk that goes up
 * and down the levels does too, because the blocks of all levels stay side by side. */
#include "core/store/series_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/store_internal.h"

/* ---- layout ---- */

struct series_layout series_layout_of(int64_t points)
{
	struct series_layout l = { .levels = points > 0 ? 1 : 0, .count = { points } };
	while (l.levels > 0 && l.levels < SERIES_LEVELS && l.count[l.levels - 1] > level_shape(l.levels - 1).whole) {
		l.count[l.levels] = l.count[l.levels - 1] / level_fan(l.levels);
		l.levels++;
	}
	return l;
}

int64_t block_start(int level, int64_t count, int64_t at)
{
	struct level_shape s = level_shape(level);
	int64_t start = at - at % s.whole;
	if (start + s.whole <= count)
		return start;
	int64_t rest = count - start, body = rest - rest % s.tail;
	return at < start + body ? start : start + body;
}

int64_t block_length(int level, int64_t count, int64_t start)
{
	struct level_shape s = level_shape(level);
	int64_t base = start - start % s.whole;
	if (base + s.whole <= count)
		return s.whole;
	int64_t rest = count - base, body = rest - rest % s.tail;
	return start < base + body ? body : rest - body;
}

/* ---- entries ---- */

void entry_of_point(struct entry *to, int64_t step, int64_t ms, double value)
{
	bool finite = isfinite(value);
	*to = (struct entry){ .step0 = step, .step1 = step, .ms0 = ms, .ms1 = ms, .first = value, .last = value,
		.min = finite ? value : (double)NAN, .max = finite ? value : (double)NAN, .min_step = step, .min_ms = ms, .max_step = step, .max_ms = ms,
		.nan = isnan(value), .inf = isinf(value) != 0, .monotone = true };
}

void entry_add(struct entry *to, const struct entry *next)
{
	if (next->min < to->min || (isnan(to->min) && !isnan(next->min))) {
		to->min = next->min;
		to->min_step = next->min_step;
		to->min_ms = next->min_ms;
	}
	if (next->max > to->max || (isnan(to->max) && !isnan(next->max))) {
		to->max = next->max;
		to->max_step = next->max_step;
		to->max_ms = next->max_ms;
	}
	to->monotone = to->monotone && next->monotone && to->ms1 <= next->ms0;
	to->ms0 = next->ms0 < to->ms0 ? next->ms0 : to->ms0;
	to->ms1 = next->ms1 > to->ms1 ? next->ms1 : to->ms1;
	to->step1 = next->step1;
	to->last = next->last;
	to->nan += next->nan;
	to->inf += next->inf;
}

static const struct { enum entry_column column; size_t at; } whole_fields[] = {
	{ E_STEP0, offsetof(struct entry, step0) }, { E_STEP1, offsetof(struct entry, step1) }, { E_MS0, offsetof(struct entry, ms0) },
	{ E_MS1, offsetof(struct entry, ms1) }, { E_FIRST, offsetof(struct entry, first) }, { E_LAST, offsetof(struct entry, last) },
	{ E_MIN, offsetof(struct entry, min) }, { E_MAX, offsetof(struct entry, max) }, { E_MIN_STEP, offsetof(struct entry, min_step) },
	{ E_MIN_MS, offsetof(struct entry, min_ms) }, { E_MAX_STEP, offsetof(struct entry, max_step) }, { E_MAX_MS, offsetof(struct entry, max_ms) },
	{ E_NAN, offsetof(struct entry, nan) }, { E_INF, offsetof(struct entry, inf) },
};
enum { WHOLE_FIELDS = sizeof whole_fields / sizeof *whole_fields };

void entry_get(struct entry *to, const struct series_block *b, int64_t i)
{
	for (size_t k = 0; k < WHOLE_FIELDS; k++)
		memcpy((char *)to + whole_fields[k].at, &b->col[whole_fields[k].column][i], 8);
	to->monotone = b->col[E_MONOTONE][i] != 0;
}

void entry_put(const struct entry *from, struct series_block *b, int64_t i)
{
	for (size_t k = 0; k < WHOLE_FIELDS; k++)
		memcpy(&b->col[whole_fields[k].column][i], (const char *)from + whole_fields[k].at, 8);
	b->col[E_MONOTONE][i] = from->monotone;
}

/* ---- an open series ---- */

struct codec *series_codec(struct store *s)
{
	if (!s->codec)
		s->codec = codec_new();
	return s->codec;
}

enum status series_damaged(const struct series *v, struct err *e, const char *what)
{
	return err_set(e, ST_FAILED, "%s: the points of metric %lld of run %lld are damaged (%s); run mlyard doctor", store_pool_path(v->store->pool),
		(long long)v->name_id, (long long)v->run_id, what);
}

static double column_real(sqlite3_stmt *q, int i)
{
	return sqlite3_column_type(q, i) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(q, i);
}

void series_of_row(struct series *v, struct store *s, sqlite3_stmt *q)
{
	*v = (struct series){ .store = s, .run_id = sqlite3_column_int64(q, 0), .name_id = sqlite3_column_int64(q, 1), .exists = true,
		.want_points = UINT32_MAX, .want_entries = UINT32_MAX };
	v->sum = (struct series_sum){ .n = sqlite3_column_int64(q, 2), .nan = sqlite3_column_int64(q, 3), .first_step = sqlite3_column_int64(q, 4),
		.last_step = sqlite3_column_int64(q, 5), .first_ms = sqlite3_column_int64(q, 6), .last_ms = sqlite3_column_int64(q, 7), .last = column_real(q, 8),
		.min = column_real(q, 9), .min_step = sqlite3_column_int64(q, 10), .max = column_real(q, 11), .max_step = sqlite3_column_int64(q, 12) };
	v->only = (struct point){ v->sum.first_step, v->sum.first_ms, v->sum.last };
	v->layout = series_layout_of(v->sum.n);
}

enum status series_plausible(const struct series *v, struct err *e)
{
	return v->exists && (v->sum.n < 1 || v->sum.n > SERIES_MOST_POINTS) ? series_damaged(v, e, "its number of points") : ST_OK;
}

enum status series_open(struct series *v, struct store *s, int64_t run_id, int64_t name_id, struct err *e)
{
	*v = (struct series){ .store = s, .run_id = run_id, .name_id = name_id, .want_points = UINT32_MAX, .want_entries = UINT32_MAX };
	sqlite3_stmt *q = store_stmt(s, "SELECT " SERIES_ROW " FROM metric WHERE name_id = ? AND run_id = ?", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, name_id);
	sqlite3_bind_int64(q, 2, run_id);
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		series_of_row(v, s, q);
	enum status st = rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot read a metric");
	sqlite3_reset(q);
	return st == ST_OK ? series_plausible(v, e) : st;
}

void series_block_room(struct series_block *b, int columns, size_t items)
{
	items = (items + 7) / 8 * 8;
	if (b->room < items) {
		free(b->memory);
		b->memory = mem_array((size_t)columns * items, sizeof *b->memory);
		b->room = items;
		for (int k = 0; k < columns; k++)
			b->col[k] = b->memory + (size_t)k * items;
	}
	b->n = 0;
}

void series_block_free(struct series_block *b)
{
	free(b->memory);
	*b = (struct series_block){ 0 };
}

void series_close(struct series *v)
{
	for (int level = 0; level < SERIES_LEVELS; level++)
		series_block_free(&v->block[level]);
}

static enum status unpack_row(struct series *v, int level, sqlite3_stmt *q, struct series_block *b, int64_t start, int64_t n, struct err *e)
{
	if (sqlite3_column_int64(q, 0) != n)
		return series_damaged(v, e, "the length of a block");
	const void *blob = sqlite3_column_blob(q, 1);
	int bytes = sqlite3_column_bytes(q, 1);
	series_block_room(b, level ? ENTRY_COLUMNS : POINT_COLUMNS, (size_t)n);
	if (!blob || !codec_unpack(series_codec(v->store), level ? PACK_ENTRIES : PACK_POINTS, level ? v->want_entries : v->want_points,
			blob, (size_t)bytes, b->col, (size_t)n))
		return series_damaged(v, e, "a block does not unpack");
	b->start = start;
	b->n = n;
	return ST_OK;
}

enum status series_load(struct series *v, int level, int64_t at, struct err *e)
{
	struct series_block *b = &v->block[level];
	if (b->n && at >= b->start && at < b->start + b->n)
		return ST_OK;
	if (!level && v->layout.count[0] == 1) {
		series_block_room(b, POINT_COLUMNS, 1);
		b->col[P_STEP][0] = (uint64_t)v->only.step;
		b->col[P_MS][0] = (uint64_t)v->only.ms;
		b->col[P_VALUE][0] = bits_of(v->only.value);
		b->start = 0;
		b->n = 1;
		return ST_OK;
	}
	int64_t start = block_start(level, v->layout.count[level], at), n = block_length(level, v->layout.count[level], start);
	sqlite3_stmt *q = store_stmt(v->store, "SELECT n, data FROM block WHERE run_id = ? AND name_id = ? AND level = ? AND seq = ?", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, v->run_id);
	sqlite3_bind_int64(q, 2, v->name_id);
	sqlite3_bind_int(q, 3, level);
	sqlite3_bind_int64(q, 4, start);
	int rc = sqlite3_step(q);
	enum status st = rc == SQLITE_ROW ? unpack_row(v, level, q, b, start, n, e) : rc == SQLITE_DONE ? series_damaged(v, e, "a block is missing")
		: store_error(v->store, e, "cannot read points");
	sqlite3_reset(q);
	return st;
}

enum status series_sum_up(struct series *v, int level, int64_t at, struct entry *out, struct err *e)
{
	int64_t fan = level_fan(level);
	for (int64_t i = at * fan; i < (at + 1) * fan; i++) {
		struct entry one;
		enum status st = series_load(v, level - 1, i, e);
		if (st != ST_OK)
			return st;
		const struct series_block *b = &v->block[level - 1];
		int64_t k = i - b->start;
		if (level > 1)
			entry_get(&one, b, k);
		else
			entry_of_point(&one, (int64_t)b->col[P_STEP][k], (int64_t)b->col[P_MS][k], double_of(b->col[P_VALUE][k]));
		if (i == at * fan)
			*out = one;
		else
			entry_add(out, &one);
	}
	return ST_OK;
}
