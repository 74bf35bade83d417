/* series_internal -- how a series lies in its blocks, and one open series: shared by append, read and verify.
 *
 * Layout is a function of the number of points alone, so blocks are found by arithmetic and not by search,
 * and verify can check them:
 *   level 0   the points; an item is a point.
 *   level k   exists while level k-1 has more items than one block holds; an item ("entry") sums up 64 points
 *             (k = 1) or 8 entries (k > 1). Only whole entries are stored: what is left over at the right edge
 *             is summed up from the level below when it is read.
 *   block     of level k is keyed by the position of its first item. All hold exactly `whole` items but the last
 *             two: a body (a multiple of `tail` items) and a tail of fewer than `tail`. One more point rewrites the tail only.
 */
#ifndef MLYARD_STORE_SERIES_INTERNAL_H
#define MLYARD_STORE_SERIES_INTERNAL_H
#include "core/store/series.h"
#include "core/store/series_codec.h"

enum { SERIES_LEVELS = 9, POINTS_AN_ENTRY = 64, ENTRIES_AN_ENTRY = 8 };
#define SERIES_MOST_POINTS INT64_C(0xffffffff)       /* a bucket counts in 32 bits */

struct level_shape { int64_t whole, tail; };
static inline struct level_shape level_shape(int level)
{
	return level ? (struct level_shape){ 512, 32 } : (struct level_shape){ BLOCK_MOST, 128 };
}
static inline int64_t level_fan(int level) { return level == 1 ? POINTS_AN_ENTRY : ENTRIES_AN_ENTRY; }

struct series_layout { int levels; int64_t count[SERIES_LEVELS + 1]; };   /* items of each level; 0 from `levels` on */
struct series_layout series_layout_of(int64_t points);
/* First position and length of the block that holds item `at` in a level of `count` items. */
int64_t block_start(int level, int64_t count, int64_t at);
int64_t block_length(int level, int64_t count, int64_t start);

/* What an entry says, as numbers. */
struct entry {
	int64_t step0, step1, ms0, ms1;              /* of the first and last point; least and greatest time */
	double first, last, min, max;                /* min, max: finite values only, NAN when there are none */
	int64_t min_step, min_ms, max_step, max_ms;  /* of the first point that has it; of the first point when none has */
	uint64_t nan, inf;
	bool monotone;                               /* times never go back */
};
void entry_of_point(struct entry *to, int64_t step, int64_t ms, double value);
void entry_add(struct entry *to, const struct entry *next);      /* next follows to */

struct series_block { int64_t start, n; uint64_t *col[COLUMNS_MOST], *memory; size_t room; };   /* n 0: nothing loaded */
struct series {
	struct store *store;
	int64_t run_id, name_id;
	struct series_layout layout;
	struct series_sum sum;
	bool exists;
	struct point only;                           /* when there is one point */
	uint32_t want_points, want_entries;          /* columns to unpack */
	struct series_block block[SERIES_LEVELS];    /* the last one loaded of each level */
};
/* Reads the metric row. A series that is not there is opened with exists = false. */
enum status series_open(struct series *v, struct store *s, int64_t run_id, int64_t name_id, struct err *e);
/* The same from a row of these columns; whoever has it asks whether it is plausible. */
#define SERIES_ROW "run_id, name_id, n, nan, first_step, last_step, first_ms, last_ms, last, min, min_step, max, max_step"
void series_of_row(struct series *v, struct store *s, sqlite3_stmt *q);
enum status series_plausible(const struct series *v, struct err *e);
void series_close(struct series *v);
/* Makes block[level] hold item `at`; its index in the columns is at - block.start. */
enum status series_load(struct series *v, int level, int64_t at, struct err *e);
enum status series_damaged(const struct series *v, struct err *e, const char *what);
struct codec *series_codec(struct store *s);
void entry_get(struct entry *to, const struct series_block *b, int64_t i);
void entry_put(const struct entry *from, struct series_block *b, int64_t i);
void series_block_room(struct series_block *b, int columns, size_t items);
void series_block_free(struct series_block *b);
/* Sums up the fan items of level - 1 that entry `at` of `level` stands for. */
enum status series_sum_up(struct series *v, int level, int64_t at, struct entry *out, struct err *e);

/* (step, ms, value), NaN last. */
static inline int point_order(const struct point *a, const struct point *b)
{
	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	int a_nan = a->value != a->value, b_nan = b->value != b->value;
	if (a_nan | b_nan)
		return a_nan - b_nan;
	return (a->value > b->value) - (a->value < b->value);
}
#endif
