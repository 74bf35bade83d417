/* series -- adding points: order them, merge them into place, bring the pyramid and the metric row up to date.
 *
 * Batch    sorted (usually it is already), -0 and odd NaNs made plain, with `distinct` without repeats and
 *          without what the series has. After that the new number of points is known, and with it the
 *          layout of every level.
 * Level 0  from the first place that changes on, blocks are written again. Old points wait in a queue: a
 *          block is read before the row of the same position is overwritten, so the queue never holds more
 *          than the batch and a block, whatever the length of the series.
 * Above    level by level: entries before the first changed one stay, those after are summed up from the
 *          level below. Appending ends at the first level where no entry was completed.
 * Cost     one point at the end: the metric row and a block of fewer than 128 points. One point in the
 *          middle: everything behind it.
 */
#include "core/store/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/series_internal.h"
#include "core/store/store_internal.h"

/* ---- the batch ---- */

struct batch { const struct point *p; struct point *own; size_t n; };   /* own: NULL while p is the caller's */

static int by_order(const void *a, const void *b)
{
	return point_order(a, b);
}

static bool is_plain(double v)
{
	return v == v ? bits_of(v) != bits_of(-0.0) : bits_of(v) == bits_of((double)NAN);
}

static bool batch_is_ready(const struct point *p, size_t n, bool distinct)
{
	for (size_t i = 0; i < n; i++)
		if (!is_plain(p[i].value) || (i && point_order(&p[i - 1], &p[i]) > (distinct ? -1 : 0)))
			return false;
	return true;
}

static void batch_own(struct batch *b)
{
	if (b->own)
		return;
	b->own = mem_array(b->n, sizeof *b->own);
	memcpy(b->own, b->p, b->n * sizeof *b->own);
	b->p = b->own;
}

static void batch_init(struct batch *b, const struct point *p, size_t n, bool distinct)
{
	*b = (struct batch){ .p = p, .n = n };
	if (batch_is_ready(p, n, distinct))
		return;
	batch_own(b);
	for (size_t i = 0; i < n; i++)
		if (!is_plain(b->own[i].value))
			b->own[i].value = isnan(b->own[i].value) ? (double)NAN : 0;
	qsort(b->own, n, sizeof *b->own, by_order);
	if (!distinct)
		return;
	b->n = 0;
	for (size_t i = 0; i < n; i++)
		if (!b->n || point_order(&b->own[b->n - 1], &b->own[i]) != 0)
			b->own[b->n++] = b->own[i];
}

/* ---- where it goes ---- */

static struct point block_point(const struct series_block *b, int64_t i)
{
	return (struct point){ (int64_t)b->col[P_STEP][i], (int64_t)b->col[P_MS][i], double_of(b->col[P_VALUE][i]) };
}

static bool goes_behind(const struct series *v, const struct point *p)
{
	struct point last = { v->sum.last_step, v->sum.last_ms, v->sum.last };
	return point_order(&last, p) < 0;
}

/* Start of the first block that may hold points not before p. Looked for from the end: late points are seldom very late. */
static enum status first_block(struct series *v, const struct point *p, int64_t *start, struct err *e)
{
	sqlite3_stmt *q = store_stmt(v->store, "SELECT seq + n FROM block WHERE run_id = ?1 AND name_id = ?2 AND level = 0"
		" AND (step1 < ?3 OR (step0 = ?3 AND step1 = ?3 AND ms1 < ?4)) ORDER BY seq DESC LIMIT 1", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, v->run_id);
	sqlite3_bind_int64(q, 2, v->name_id);
	sqlite3_bind_int64(q, 3, p->step);
	sqlite3_bind_int64(q, 4, p->ms);
	int rc = sqlite3_step(q);
	*start = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	enum status st = rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : store_error(v->store, e, "cannot read points");
	sqlite3_reset(q);
	if (st == ST_OK && (*start < 0 || *start > v->sum.n))
		return series_damaged(v, e, "the place of a block");
	return st;
}

/* Position of the first point that is not before p. */
static enum status find_place(struct series *v, const struct point *p, int64_t *at, struct err *e)
{
	*at = v->sum.n;
	if (goes_behind(v, p))
		return ST_OK;
	enum status st = first_block(v, p, at, e);
	while (st == ST_OK && *at < v->sum.n) {
		st = series_load(v, 0, *at, e);
		if (st != ST_OK)
			break;
		const struct series_block *b = &v->block[0];
		for (; *at < b->start + b->n; ++*at) {
			struct point here = block_point(b, *at - b->start);
			if (point_order(&here, p) >= 0)
				return ST_OK;
		}
	}
	return st;
}

/* Takes out of the batch what the series has already; `at` as from find_place() for its first point. */
static enum status drop_known(struct series *v, int64_t at, struct batch *b, struct err *e)
{
	size_t i = 0, kept = 0;
	batch_own(b);
	while (i < b->n && at < v->sum.n) {
		enum status st = series_load(v, 0, at, e);
		if (st != ST_OK)
			return st;
		const struct series_block *old = &v->block[0];
		while (i < b->n && at < old->start + old->n) {
			struct point here = block_point(old, at - old->start);
			int order = point_order(&here, &b->own[i]);
			if (order < 0)
				at++;
			else if (order == 0)
				i++;
			else
				b->own[kept++] = b->own[i++];
		}
	}
	memmove(b->own + kept, b->own + i, (b->n - i) * sizeof *b->own);
	b->n = kept + (b->n - i);
	return ST_OK;
}

/* ---- writing a level ---- */

struct level_writer { struct series *v; int level; int64_t total, start, n, length; struct series_block b; };

static void writer_next(struct level_writer *w, int64_t start)
{
	w->start = start;
	w->n = 0;
	w->length = start < w->total ? block_length(w->level, w->total, start) : 0;
	series_block_room(&w->b, w->level ? ENTRY_COLUMNS : POINT_COLUMNS, (size_t)w->length);
}

static void writer_init(struct level_writer *w, struct series *v, int level, int64_t total, int64_t start)
{
	*w = (struct level_writer){ .v = v, .level = level, .total = total };
	writer_next(w, start);
}

static void column_range(const uint64_t *low, const uint64_t *high, int64_t n, int64_t *least, int64_t *most)
{
	*least = (int64_t)low[0];
	*most = (int64_t)high[0];
	for (int64_t i = 1; i < n; i++) {
		*least = (int64_t)low[i] < *least ? (int64_t)low[i] : *least;
		*most = (int64_t)high[i] > *most ? (int64_t)high[i] : *most;
	}
}

static enum status writer_flush(struct level_writer *w, struct err *e)
{
	struct store *s = w->v->store;
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO block(run_id, name_id, level, seq, n, step0, step1, ms0, ms1, data) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT(run_id, name_id, level, seq) DO UPDATE SET n = excluded.n, step0 = excluded.step0, step1 = excluded.step1,"
		" ms0 = excluded.ms0, ms1 = excluded.ms1, data = excluded.data", e);
	if (!q)
		return ST_FAILED;
	struct str blob = STR_INIT;
	uint64_t *const *col = w->b.col;
	int64_t ms0, ms1;
	codec_pack(series_codec(s), w->level ? PACK_ENTRIES : PACK_POINTS, col, (size_t)w->n, &blob);
	column_range(col[w->level ? E_MS0 : P_MS], col[w->level ? E_MS1 : P_MS], w->n, &ms0, &ms1);
	const int64_t values[] = { w->v->run_id, w->v->name_id, w->level, w->start, w->n,
		(int64_t)col[w->level ? E_STEP0 : P_STEP][0], (int64_t)col[w->level ? E_STEP1 : P_STEP][w->n - 1], ms0, ms1 };
	for (int i = 0; i < 9; i++)
		sqlite3_bind_int64(q, i + 1, values[i]);
	sqlite3_bind_blob64(q, 10, blob.p, blob.len, SQLITE_STATIC);
	enum status st = sqlite3_step(q) == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot keep points");
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	str_free(&blob);
	writer_next(w, w->start + w->n);
	return st;
}

/* Only the tail of the old layout can have a position where the new one begins no block. */
static enum status drop_old_tail(struct series *old, int level, int64_t new_count, struct err *e)
{
	int64_t count = level < old->layout.levels ? old->layout.count[level] : 0;
	if (!count)
		return ST_OK;
	int64_t tail = block_start(level, count, count - 1);
	if (block_start(level, new_count, tail) == tail)
		return ST_OK;
	sqlite3_stmt *q = store_stmt(old->store, "DELETE FROM block WHERE run_id = ? AND name_id = ? AND level = ? AND seq = ?", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, old->run_id);
	sqlite3_bind_int64(q, 2, old->name_id);
	sqlite3_bind_int(q, 3, level);
	sqlite3_bind_int64(q, 4, tail);
	enum status st = sqlite3_step(q) == SQLITE_DONE ? ST_OK : store_error(old->store, e, "cannot keep points");
	sqlite3_reset(q);
	return st;
}

/* ---- level 0 ---- */

struct queue { struct point *at; size_t head, n, room; int64_t next; };   /* next: position of the first old point not yet in it */

static enum status queue_load(struct queue *q, struct series *old, struct err *e)
{
	enum status st = series_load(old, 0, q->next, e);
	if (st != ST_OK)
		return st;
	const struct series_block *b = &old->block[0];
	if (q->head == q->n)
		q->head = q->n = 0;
	MEM_GROW(q->at, q->room, q->n + (size_t)b->n);
	for (; q->next < b->start + b->n; q->next++)
		q->at[q->n++] = block_point(b, q->next - b->start);
	return ST_OK;
}

static enum status write_points(struct series *old, struct level_writer *w, struct queue *q, const struct batch *b, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; st == ST_OK && w->length; ) {
		if (q->head == q->n && q->next < old->sum.n && (st = queue_load(q, old, e)) != ST_OK)
			break;
		bool take_new = q->head == q->n || (i < b->n && point_order(&b->p[i], &q->at[q->head]) < 0);
		const struct point *p = take_new ? &b->p[i++] : &q->at[q->head++];
		w->b.col[P_STEP][w->n] = (uint64_t)p->step;
		w->b.col[P_MS][w->n] = (uint64_t)p->ms;
		w->b.col[P_VALUE][w->n] = bits_of(p->value);
		if (++w->n < w->length)
			continue;
		while (st == ST_OK && q->next < old->sum.n && q->next <= w->start)
			st = queue_load(q, old, e);
		if (st == ST_OK)
			st = writer_flush(w, e);
	}
	return st;
}

static enum status merge_points(struct series *old, const struct batch *b, int64_t place, struct err *e)
{
	int64_t total = old->sum.n + (int64_t)b->n;
	if (total == 1)
		return ST_OK;
	struct level_writer w;
	writer_init(&w, old, 0, total, block_start(0, total, place));
	struct queue q = { .next = w.start };
	enum status st = write_points(old, &w, &q, b, e);
	if (st == ST_OK)
		st = drop_old_tail(old, 0, total, e);
	free(q.at);
	series_block_free(&w.b);
	return st;
}

/* ---- the levels above ---- */

static enum status writer_add(struct level_writer *w, const struct entry *one, struct err *e)
{
	entry_put(one, &w->b, w->n);
	return ++w->n < w->length ? ST_OK : writer_flush(w, e);
}

static enum status write_entries(struct series *old, struct series *now, struct level_writer *w, int64_t changed, struct err *e)
{
	enum status st = ST_OK;
	struct entry one;
	for (int64_t i = w->start; st == ST_OK && i < changed; i++) {
		st = series_load(old, w->level, i, e);
		if (st == ST_OK) {
			entry_get(&one, &old->block[w->level], i - old->block[w->level].start);
			st = writer_add(w, &one, e);
		}
	}
	for (int64_t i = changed; st == ST_OK && i < w->total; i++) {
		st = series_sum_up(now, w->level, i, &one, e);
		if (st == ST_OK)
			st = writer_add(w, &one, e);
	}
	return st;
}

/* changed: the first position of level 0 that is not as it was. */
static enum status raise_levels(struct series *old, struct series *now, int64_t changed, struct err *e)
{
	enum status st = ST_OK;
	for (int level = 1; st == ST_OK && level < now->layout.levels; level++) {
		int64_t total = now->layout.count[level];
		changed = level < old->layout.levels ? changed / level_fan(level) : 0;
		if (changed >= total)
			break;
		struct level_writer w;
		writer_init(&w, now, level, total, block_start(level, total, changed));
		st = write_entries(old, now, &w, changed, e);
		if (st == ST_OK)
			st = drop_old_tail(old, level, total, e);
		series_block_free(&w.b);
	}
	return st;
}

/* ---- the metric row ---- */

static void sum_add(struct series_sum *s, const struct point *p)
{
	struct point last = { s->last_step, s->last_ms, s->last };
	if (!s->n || p->step < s->first_step || (p->step == s->first_step && p->ms < s->first_ms)) {
		s->first_step = p->step;
		s->first_ms = p->ms;
	}
	if (!s->n || point_order(&last, p) < 0) {
		s->last_step = p->step;
		s->last_ms = p->ms;
		s->last = p->value;
	}
	s->n++;
	s->nan += isnan(p->value);
	if (!isfinite(p->value))
		return;
	if (isnan(s->min) || p->value < s->min || (p->value == s->min && p->step < s->min_step)) {
		s->min = p->value;
		s->min_step = p->step;
	}
	if (isnan(s->max) || p->value > s->max || (p->value == s->max && p->step < s->max_step)) {
		s->max = p->value;
		s->max_step = p->step;
	}
}

static void bind_real(sqlite3_stmt *q, int at, double value, int step_at, int64_t step)
{
	if (isnan(value))
		return;
	sqlite3_bind_double(q, at, value);
	if (step_at)
		sqlite3_bind_int64(q, step_at, step);
}

static enum status write_sum(struct series *v, const struct series_sum *sum, struct err *e)
{
	sqlite3_stmt *q = store_stmt(v->store, "INSERT INTO metric(name_id, run_id, n, nan, first_step, last_step, first_ms, last_ms,"
		" last, min, min_step, max, max_step) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(name_id, run_id) DO UPDATE SET"
		" n = excluded.n, nan = excluded.nan, first_step = excluded.first_step, last_step = excluded.last_step, first_ms = excluded.first_ms,"
		" last_ms = excluded.last_ms, last = excluded.last, min = excluded.min, min_step = excluded.min_step, max = excluded.max,"
		" max_step = excluded.max_step", e);
	if (!q)
		return ST_FAILED;
	const int64_t whole[] = { v->name_id, v->run_id, sum->n, sum->nan, sum->first_step, sum->last_step, sum->first_ms, sum->last_ms };
	for (int i = 0; i < 8; i++)
		sqlite3_bind_int64(q, i + 1, whole[i]);
	bind_real(q, 9, sum->last, 0, 0);
	bind_real(q, 10, sum->min, 11, sum->min_step);
	bind_real(q, 12, sum->max, 13, sum->max_step);
	enum status st = sqlite3_step(q) == SQLITE_DONE ? ST_OK : store_error(v->store, e, "cannot keep a metric");
	sqlite3_reset(q);
	return st;
}

/* ---- append, drop ---- */

static enum status add_batch(struct series *old, const struct batch *b, int64_t place, struct err *e)
{
	struct series now = { .store = old->store, .run_id = old->run_id, .name_id = old->name_id, .want_points = UINT32_MAX, .want_entries = UINT32_MAX };
	now.sum = old->sum;
	if (!old->exists)
		now.sum.min = now.sum.max = (double)NAN;
	for (size_t i = 0; i < b->n; i++)
		sum_add(&now.sum, &b->p[i]);
	now.layout = series_layout_of(now.sum.n);
	enum status st = merge_points(old, b, place, e);
	if (st == ST_OK)
		st = raise_levels(old, &now, place, e);
	if (st == ST_OK)
		st = write_sum(&now, &now.sum, e);
	series_close(&now);
	return st;
}

enum status series_append(struct store *s, int64_t run_id, int64_t name_id, const struct point *p, size_t n,
	bool distinct, size_t *added, struct err *e)
{
	struct series old;
	struct batch b;
	int64_t place = 0;
	if (added)
		*added = 0;
	if (!store_in_write(s))
		return err_set(e, ST_REFUSED, "points can only be added inside a change");
	enum status st = n ? series_open(&old, s, run_id, name_id, e) : ST_OK;
	if (!n || st != ST_OK)
		return st;
	batch_init(&b, p, n, distinct);
	if (old.exists)
		st = find_place(&old, &b.p[0], &place, e);
	if (st == ST_OK && distinct && place < old.sum.n) {
		st = drop_known(&old, place, &b, e);
		if (st == ST_OK && b.n)
			st = find_place(&old, &b.p[0], &place, e);
	}
	if (st == ST_OK && (int64_t)b.n > SERIES_MOST_POINTS - old.sum.n)
		st = err_set(e, ST_REFUSED, "a metric may have up to %lld points", (long long)SERIES_MOST_POINTS);
	if (st == ST_OK && b.n)
		st = add_batch(&old, &b, place, e);
	if (st == ST_OK && added)
		*added = b.n;
	free(b.own);
	series_close(&old);
	return st;
}

enum status series_drop(struct store *s, int64_t run_id, int64_t name_id, struct err *e)
{
	static const char *const sql[] = {
		"DELETE FROM block WHERE run_id = ?1 AND name_id = ?2", "DELETE FROM metric WHERE run_id = ?1 AND name_id = ?2",
	};
	if (!store_in_write(s))
		return err_set(e, ST_REFUSED, "points can only be removed inside a change");
	for (size_t i = 0; i < 2; i++) {
		sqlite3_stmt *q = store_stmt(s, sql[i], e);
		if (!q)
			return ST_FAILED;
		sqlite3_bind_int64(q, 1, run_id);
		sqlite3_bind_int64(q, 2, name_id);
		int rc = sqlite3_step(q);
		sqlite3_reset(q);
		if (rc != SQLITE_DONE)
			return store_error(s, e, "cannot remove points");
	}
	return ST_OK;
}
