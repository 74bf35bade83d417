/* series_read -- points in a range, and what a chart of W columns needs of any range.
 *
 * Buckets in order (steps, and times that never go back): a walk down the pyramid. An entry that lies in
 * the window and is at most half a column wide is taken whole; one that is wider, or reaches over an edge of
 * the window, is opened. At most about 2W entries are opened on each level, whatever the length of the
 * series, and blocks are met in order, so that each is unpacked once. A window with more than 2W items
 * is folded on the way: items go together while they span no more than a quarter of a column.
 * A quarter, because evenly spaced points folded so are never fewer than 2W.
 *
 * Times that go back (a run that was resumed, clocks of several machines): stored order is not the order of
 * x. The same walk then drops items into 2W bins of half a column each; an entry may go whole when its
 * times never go back and one bin holds it. That reads every point of a jumbled series, and is exact.
 */
#include "core/store/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/store/series_internal.h"

enum status series_summary(struct store *s, int64_t run_id, int64_t name_id, struct series_sum *out, struct err *e)
{
	struct series v;
	enum status st = series_open(&v, s, run_id, name_id, e);
	if (st == ST_OK && !v.exists)
		st = err_set(e, ST_NOT_FOUND, "run %lld has no metric %lld", (long long)run_id, (long long)name_id);
	*out = v.sum;
	series_close(&v);
	return st;
}

/* Opens for reading inside a read transaction; series_close() and store_read_end() when it was ST_OK. */
static enum status open_to_read(struct series *v, struct store *s, int64_t run_id, int64_t name_id, struct err *e)
{
	enum status st = store_read_begin(s, e);
	if (st != ST_OK)
		return st;
	st = series_open(v, s, run_id, name_id, e);
	if (st == ST_OK && !v->exists)
		st = err_set(e, ST_NOT_FOUND, "run %lld has no metric %lld", (long long)run_id, (long long)name_id);
	if (st != ST_OK)
		store_read_end(s);
	return st;
}

/* ---- every point ---- */

struct block_range { int64_t step0, step1, ms0, ms1; };

static enum status read_range(struct series *v, int64_t start, struct block_range *out, struct err *e)
{
	if (v->sum.n == 1) {
		*out = (struct block_range){ v->only.step, v->only.step, v->only.ms, v->only.ms };
		return ST_OK;
	}
	sqlite3_stmt *q = store_stmt(v->store, "SELECT step0, step1, ms0, ms1 FROM block WHERE run_id = ? AND name_id = ? AND level = 0 AND seq = ?", e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, v->run_id);
	sqlite3_bind_int64(q, 2, v->name_id);
	sqlite3_bind_int64(q, 3, start);
	int rc = sqlite3_step(q);
	enum status st = ST_OK;
	if (rc == SQLITE_ROW)
		*out = (struct block_range){ sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3) };
	else
		st = rc == SQLITE_DONE ? series_damaged(v, e, "a block is missing") : store_error(v->store, e, "cannot read points");
	sqlite3_reset(q);
	return st;
}

/* Position of a block before which no point has a step of lo or more. */
static enum status skip_to_step(struct series *v, int64_t lo, int64_t *start, struct err *e)
{
	int64_t low = 0, high = (v->sum.n - 1) / BLOCK_MOST;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		struct block_range r;
		enum status st = read_range(v, block_start(0, v->sum.n, middle * BLOCK_MOST), &r, e);
		if (st != ST_OK)
			return st;
		if (r.step1 < lo)
			low = middle + 1;
		else
			high = middle;
	}
	*start = low * BLOCK_MOST;
	return ST_OK;
}

static bool give_block(const struct series_block *b, enum series_axis axis, int64_t lo, int64_t hi, series_point_fn fn, void *arg)
{
	for (int64_t i = 0; i < b->n; i++) {
		struct point p = { (int64_t)b->col[P_STEP][i], (int64_t)b->col[P_MS][i], double_of(b->col[P_VALUE][i]) };
		int64_t x = axis == AXIS_STEP ? p.step : p.ms;
		if (x >= lo && x <= hi && !fn(arg, &p))
			return false;
	}
	return true;
}

static enum status each_block(struct series *v, enum series_axis axis, int64_t lo, int64_t hi, series_point_fn fn, void *arg, struct err *e)
{
	int64_t at = 0;
	enum status st = axis == AXIS_STEP ? skip_to_step(v, lo, &at, e) : ST_OK;
	for (; st == ST_OK && at < v->sum.n; at += block_length(0, v->sum.n, at)) {
		struct block_range r;
		if ((st = read_range(v, at, &r, e)) != ST_OK)
			break;
		if (axis == AXIS_STEP && r.step0 > hi)
			break;
		if (axis == AXIS_STEP ? r.step1 < lo : r.ms1 < lo || r.ms0 > hi)
			continue;
		if ((st = series_load(v, 0, at, e)) == ST_OK && !give_block(&v->block[0], axis, lo, hi, fn, arg))
			break;
	}
	return st;
}

enum status series_each(struct store *s, int64_t run_id, int64_t name_id, enum series_axis axis, int64_t lo, int64_t hi,
	series_point_fn fn, void *arg, struct err *e)
{
	struct series v;
	enum status st = open_to_read(&v, s, run_id, name_id, e);
	if (st != ST_OK)
		return st;
	st = each_block(&v, axis, lo, hi, fn, arg, e);
	series_close(&v);
	store_read_end(s);
	return st;
}

/* ---- buckets: the walk ---- */

struct walk {
	struct series *v;
	enum series_axis axis;
	int64_t lo, hi;                  /* the window, cut to where the series has points */
	uint64_t half, quarter;          /* of a column, in units of x */
	size_t most_unfolded;
	bool jumbled, folding, binned, past;
	struct bucket *out; size_t n, room;
	struct bucket *bins; size_t n_bins; uint64_t bin_width;
	struct bucket before, after;     /* n 0: none yet */
	struct err *e;
};

static uint64_t span(int64_t from, int64_t to) { return (uint64_t)to - (uint64_t)from; }

/* `next` lies behind `to` on the axis, or beside it; the earlier of equal extremes stays. */
static void bucket_extend(struct bucket *to, const struct bucket *next)
{
	if (next->min < to->min || isnan(to->min)) {
		to->min = next->min;
		to->x_min = next->x_min;
	}
	if (next->max > to->max || isnan(to->max)) {
		to->max = next->max;
		to->x_max = next->x_max;
	}
	to->last = next->last;
	to->x1 = next->x1;
	to->n += next->n;
	to->nan += next->nan;
	to->inf += next->inf;
}

/* As bucket_extend(), but next may lie anywhere: what comes first and last is decided by x. */
static void bucket_join(struct bucket *to, const struct bucket *next)
{
	struct bucket a = *to;
	bucket_extend(to, next);
	if (next->min == a.min && a.x_min > next->x_min)
		to->x_min = next->x_min;
	if (next->max == a.max && a.x_max > next->x_max)
		to->x_max = next->x_max;
	if (next->x0 < a.x0) {
		to->x0 = next->x0;
		to->first = next->first;
	}
	if (next->x1 < a.x1) {
		to->x1 = a.x1;
		to->last = a.last;
	}
}

static void fold_into(struct walk *w, struct bucket *out, size_t *n, const struct bucket *b)
{
	if (*n && span(out[*n - 1].x0, b->x1) <= w->quarter)
		bucket_extend(&out[*n - 1], b);
	else
		out[(*n)++] = *b;
}

static void bin_add(struct walk *w, const struct bucket *b)
{
	struct bucket *bin = &w->bins[span(w->lo, b->x0) / w->bin_width];
	if (bin->n)
		bucket_join(bin, b);
	else
		*bin = *b;
}

/* More items than the chart can tell apart: from here on they go together. */
static void begin_folding(struct walk *w)
{
	size_t n = 0;
	if (w->jumbled) {
		w->bins = mem_zalloc(w->n_bins * sizeof *w->bins);
		w->binned = true;
		for (size_t i = 0; i < w->n; i++)
			bin_add(w, &w->out[i]);
	} else {
		w->folding = true;
		for (size_t i = 0; i < w->n; i++)
			fold_into(w, w->out, &n, &w->out[i]);
	}
	w->n = n;
}

static void emit(struct walk *w, const struct bucket *b)
{
	if (!w->folding && !w->binned && (b->n > 1 || w->n >= w->most_unfolded))
		begin_folding(w);
	if (w->binned) {
		bin_add(w, b);
		return;
	}
	if (w->n == w->room)
		MEM_GROW(w->out, w->room, w->n + 1);
	if (w->folding)
		fold_into(w, w->out, &w->n, b);
	else
		w->out[w->n++] = *b;
}

/* A point outside: kept when it is the nearest one on its side. */
static void outside(struct walk *w, int64_t x, double value)
{
	bool left = x < w->lo;
	struct bucket *keep = left ? &w->before : &w->after;
	if (keep->n && (left ? x < keep->x0 : x >= keep->x0))
		return;
	bool finite = isfinite(value);
	*keep = (struct bucket){ .x0 = x, .x1 = x, .first = value, .last = value, .min = finite ? value : (double)NAN, .max = finite ? value : (double)NAN,
		.x_min = x, .x_max = x, .n = 1, .nan = isnan(value), .inf = isinf(value) != 0 };
}

static void give_point(struct walk *w, int64_t x, double value)
{
	bool finite = isfinite(value);
	if (x < w->lo || x > w->hi) {
		outside(w, x, value);
		w->past = !w->jumbled && x > w->hi;
		return;
	}
	struct bucket b = { .x0 = x, .x1 = x, .first = value, .last = value, .min = finite ? value : (double)NAN, .max = finite ? value : (double)NAN,
		.x_min = x, .x_max = x, .n = 1, .nan = isnan(value), .inf = isinf(value) != 0 };
	emit(w, &b);
}

/* What most points of a long series need: to be counted into the bucket at hand. False: it takes more than that. */
static inline bool fold_point(struct walk *w, int64_t x, double value)
{
	if (!w->folding || !w->n)
		return false;
	struct bucket *b = &w->out[w->n - 1];
	if (span(b->x0, x) > w->quarter || x > w->hi || !(value - value == 0))       /* the difference is NaN for what is not finite */
		return false;
	if (value < b->min || isnan(b->min)) {
		b->min = value;
		b->x_min = x;
	}
	if (value > b->max || isnan(b->max)) {
		b->max = value;
		b->x_max = x;
	}
	b->last = value;
	b->x1 = x;
	b->n++;
	return true;
}

static enum status walk_points(struct walk *w, int64_t from, int64_t to)
{
	for (int64_t i = from; i < to && !w->past; ) {
		enum status st = series_load(w->v, 0, i, w->e);
		if (st != ST_OK)
			return st;
		const struct series_block *b = &w->v->block[0];
		const uint64_t *x = b->col[w->axis == AXIS_STEP ? P_STEP : P_MS], *value = b->col[P_VALUE];
		int64_t end = to < b->start + b->n ? to : b->start + b->n;
		for (; i < end && !w->past; i++) {
			int64_t at = (int64_t)x[i - b->start];
			double v = double_of(value[i - b->start]);
			if (!fold_point(w, at, v))
				give_point(w, at, v);
		}
	}
	return ST_OK;
}

static const struct entry_axis { enum entry_column x0, x1, x_min, x_max; } entry_axes[] = {
	[AXIS_STEP] = { E_STEP0, E_STEP1, E_MIN_STEP, E_MAX_STEP }, [AXIS_TIME] = { E_MS0, E_MS1, E_MIN_MS, E_MAX_MS },
};

static int64_t points_of_entry(int level)
{
	int64_t n = 1;
	for (; level > 0; level--)
		n *= level_fan(level);
	return n;
}

static void entry_bucket(struct bucket *to, const struct walk *w, const struct series_block *b, int64_t i, int level)
{
	const struct entry_axis *a = &entry_axes[w->axis];
	*to = (struct bucket){ .x0 = (int64_t)b->col[a->x0][i], .x1 = (int64_t)b->col[a->x1][i], .first = double_of(b->col[E_FIRST][i]),
		.last = double_of(b->col[E_LAST][i]), .min = double_of(b->col[E_MIN][i]), .max = double_of(b->col[E_MAX][i]),
		.x_min = (int64_t)b->col[a->x_min][i], .x_max = (int64_t)b->col[a->x_max][i], .n = (uint32_t)points_of_entry(level),
		.nan = (uint32_t)b->col[E_NAN][i], .inf = (uint32_t)b->col[E_INF][i] };
}

enum verdict { TAKE, OPEN, SKIP };

/* What to do with an entry of range x0..x1; monotone: its points are in order of x. */
static enum verdict judge(struct walk *w, const struct bucket *b, bool monotone)
{
	if (b->x1 < w->lo) {
		if (!monotone)
			return w->before.n && b->x1 < w->before.x0 ? SKIP : OPEN;
		outside(w, b->x1, b->last);
		return SKIP;
	}
	if (b->x0 > w->hi) {
		if (!monotone)
			return w->after.n && b->x0 >= w->after.x0 ? SKIP : OPEN;
		outside(w, b->x0, b->first);
		w->past = !w->jumbled;
		return SKIP;
	}
	if (b->x0 < w->lo || b->x1 > w->hi || !monotone)
		return OPEN;
	/* As long as all points so far and these may come one by one, they do. */
	if (!w->folding && !w->binned && w->n + b->n <= w->most_unfolded)
		return OPEN;
	if (w->jumbled)
		return span(w->lo, b->x0) / w->bin_width == span(w->lo, b->x1) / w->bin_width ? TAKE : OPEN;
	return span(b->x0, b->x1) <= w->half ? TAKE : OPEN;
}

static enum status walk_entries(struct walk *w, int level, int64_t from, int64_t to)
{
	if (!level)
		return walk_points(w, from, to);
	for (int64_t i = from; i < to && !w->past; i++) {
		struct bucket b;
		enum status st = series_load(w->v, level, i, w->e);
		if (st != ST_OK)
			return st;
		const struct series_block *in = &w->v->block[level];
		entry_bucket(&b, w, in, i - in->start, level);
		bool monotone = w->axis == AXIS_STEP || in->col[E_MONOTONE][i - in->start];
		switch (judge(w, &b, monotone)) {
		case TAKE:
			emit(w, &b);
			break;
		case OPEN:
			st = walk_entries(w, level - 1, i * level_fan(level), (i + 1) * level_fan(level));
			if (st != ST_OK)
				return st;
			break;
		case SKIP:
			break;
		}
	}
	return ST_OK;
}

/* The whole series as the top level and what is left over to its right on each level below. */
static enum status walk_all(struct walk *w)
{
	const struct series_layout *l = &w->v->layout;
	enum status st = ST_OK;
	for (int level = l->levels - 1; st == ST_OK && level >= 0; level--) {
		int64_t covered = level + 1 < l->levels ? l->count[level + 1] * level_fan(level + 1) : 0;
		st = walk_entries(w, level, covered, l->count[level]);
	}
	return st;
}

/* ---- buckets: before and after the walk ---- */

struct extent { int64_t x0, x1; bool ordered; };

static void extent_add(struct extent *x, bool *first, int64_t x0, int64_t x1, bool monotone)
{
	x->ordered = (*first || x->x1 <= x0) && x->ordered && monotone;
	if (*first || x0 < x->x0)
		x->x0 = x0;
	if (*first || x1 > x->x1)
		x->x1 = x1;
	*first = false;
}

/* Range of the times, and whether they ever go back: from the items walk_all() starts with. */
static enum status time_extent(struct series *v, struct extent *out, struct err *e)
{
	bool first = true;
	*out = (struct extent){ .ordered = true };
	for (int level = v->layout.levels - 1; level >= 0; level--) {
		int64_t i = level + 1 < v->layout.levels ? v->layout.count[level + 1] * level_fan(level + 1) : 0;
		for (; i < v->layout.count[level]; i++) {
			enum status st = series_load(v, level, i, e);
			if (st != ST_OK)
				return st;
			const struct series_block *b = &v->block[level];
			int64_t k = i - b->start;
			if (level)
				extent_add(out, &first, (int64_t)b->col[E_MS0][k], (int64_t)b->col[E_MS1][k], b->col[E_MONOTONE][k] != 0);
			else
				extent_add(out, &first, (int64_t)b->col[P_MS][k], (int64_t)b->col[P_MS][k], true);
		}
	}
	return ST_OK;
}

static const uint32_t point_wants[] = {
	[AXIS_STEP] = 1u << P_STEP | 1u << P_VALUE, [AXIS_TIME] = 1u << P_MS | 1u << P_VALUE,
};
static const uint32_t entry_values = 1u << E_FIRST | 1u << E_LAST | 1u << E_MIN | 1u << E_MAX | 1u << E_NAN | 1u << E_INF;
static const uint32_t entry_wants[] = {
	[AXIS_STEP] = 1u << E_STEP0 | 1u << E_STEP1 | 1u << E_MIN_STEP | 1u << E_MAX_STEP,
	[AXIS_TIME] = 1u << E_MS0 | 1u << E_MS1 | 1u << E_MIN_MS | 1u << E_MAX_MS | 1u << E_MONOTONE,
};

static enum status walk_init(struct walk *w, struct series *v, enum series_axis axis, int64_t lo, int64_t hi, int columns, struct err *e)
{
	struct extent x = { v->sum.first_step, v->sum.last_step, true };
	v->want_points = point_wants[axis];
	v->want_entries = entry_wants[axis] | entry_values;
	if (axis == AXIS_TIME) {
		enum status st = time_extent(v, &x, e);
		if (st != ST_OK)
			return st;
	}
	columns = columns < 1 ? 1 : columns > SERIES_MOST_COLUMNS ? SERIES_MOST_COLUMNS : columns;
	uint64_t columns2 = 2 * (uint64_t)columns;
	*w = (struct walk){ .v = v, .axis = axis, .e = e, .lo = lo > x.x0 ? lo : x.x0, .hi = hi < x.x1 ? hi : x.x1, .jumbled = !x.ordered, .most_unfolded = columns2 };
	if (w->lo > w->hi) {                 /* nothing inside: only the neighbours are looked for */
		w->lo = lo;
		w->hi = hi;
	}
	uint64_t wide = w->lo <= w->hi ? span(w->lo, w->hi) : 0;
	w->half = wide / columns2;
	w->quarter = wide / (2 * columns2);
	w->n_bins = columns2;
	w->bin_width = wide / columns2 + 1;
	return ST_OK;
}

static int by_x(const void *a, const void *b)
{
	const struct bucket *p = a, *q = b;
	if (p->x0 != q->x0)
		return p->x0 < q->x0 ? -1 : 1;
	return (p->x1 > q->x1) - (p->x1 < q->x1);
}

/* Single points met out of order; equal x keep the order they were met in, by way of x1. */
static void sort_points(struct bucket *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b[i].x1 = (int64_t)i;
	if (n)
		qsort(b, n, sizeof *b, by_x);
	for (size_t i = 0; i < n; i++)
		b[i].x1 = b[i].x0;
}

static void walk_done(struct walk *w, struct bucket **out, size_t *n)
{
	if (w->jumbled && !w->binned)
		sort_points(w->out, w->n);
	const struct bucket *from = w->binned ? w->bins : w->out;
	size_t count = w->binned ? w->n_bins : w->n;
	struct bucket *all = mem_array(count + 2, sizeof *all);
	size_t k = 0;
	if (w->before.n)
		all[k++] = w->before;
	for (size_t i = 0; i < count; i++)
		if (from[i].n)
			all[k++] = from[i];
	if (w->after.n)
		all[k++] = w->after;
	*out = all;
	*n = k;
}

enum status series_buckets(struct store *s, int64_t run_id, int64_t name_id, enum series_axis axis, int64_t lo, int64_t hi,
	int columns, struct bucket **out, size_t *n, struct err *e)
{
	struct series v;
	struct walk w = { 0 };
	*out = NULL;
	*n = 0;
	if (lo > hi)
		return err_set(e, ST_USAGE, "the window ends before it begins");
	enum status st = open_to_read(&v, s, run_id, name_id, e);
	if (st != ST_OK)
		return st;
	st = walk_init(&w, &v, axis, lo, hi, columns, e);
	if (st == ST_OK)
		st = walk_all(&w);
	if (st == ST_OK)
		walk_done(&w, out, n);
	free(w.out);
	free(w.bins);
	series_close(&v);
	store_read_end(s);
	return st;
}
