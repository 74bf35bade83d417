/* series -- metric histories of any length: packed points and a pyramid of exact extremes.
 *
 * Why      a chart of ten million points must open in milliseconds and may never
 *          lose a spike. Sampling loses them (MLflow's, TensorBoard's do); one row
 *          a point costs 60 bytes and a scan.
 * Layout   level 0: points in blocks of 4096, as delta-coded columns, byte planes, zstd
 *          (series_codec.h). Level 1: entries that sum up 64 points, level k > 1: entries
 *          that sum up 8 of level k-1: first, last, minimum and maximum with their step
 *          and time, ranges, NaNs, infinities; packed the same way (series_internal.h).
 *          A series of one point lives in its metric row alone.
 * Order    by (step, ms, value), NaN last among equals; -0 becomes 0. Points that arrive
 *          out of order are merged into place (the blocks from there on are rewritten).
 * Cost     a window of W columns reads O(W) items whatever the series' length; one more
 *          point at the end rewrites one block of fewer than 128 points.
 * Threads  as the store connection passed in. Reading runs inside one read transaction.
 * Errors   ST_FAILED when blocks are damaged: named, never a crash.
 * Limits   2^32 - 1 points a series; steps and times are any int64.
 */
#ifndef MLYARD_STORE_SERIES_H
#define MLYARD_STORE_SERIES_H
#include <stddef.h>
#include <stdint.h>
#include "core/store/store.h"

struct point { int64_t step, ms; double value; };

/* Adds points of one series (any order) inside an open gate and brings its metric row and pyramid
 * up to date. `distinct`: points equal to one already there in all three fields are dropped
 * (SQL stores guarantee that; file stores keep duplicates). Returns how many were new in *added. */
enum status series_append(struct store *s, int64_t run_id, int64_t name_id, const struct point *p, size_t n,
	bool distinct, size_t *added, struct err *e);
/* Adds series of one point each, none of which may be there yet: many rows a statement. Cheapest in order of name, then run,
 * which is how they lie. */
struct series_single { int64_t name_id, run_id; struct point p; };
enum status series_add_singles(struct store *s, const struct series_single *v, size_t n, struct err *e);
/* Removes the series with all its blocks and its metric row (open gate). */
enum status series_drop(struct store *s, int64_t run_id, int64_t name_id, struct err *e);

enum series_axis { AXIS_STEP, AXIS_TIME };
struct series_sum {                          /* the metric row */
	int64_t n, nan, first_step, last_step, first_ms, last_ms; double last, min, max; int64_t min_step, max_step;
};
enum status series_summary(struct store *s, int64_t run_id, int64_t name_id, struct series_sum *out, struct err *e);   /* ST_NOT_FOUND */

/* Every point with lo <= x <= hi on the axis, in stored order, through fn; fn returns false to stop. */
typedef bool (*series_point_fn)(void *arg, const struct point *p);
enum status series_each(struct store *s, int64_t run_id, int64_t name_id, enum series_axis axis, int64_t lo, int64_t hi,
	series_point_fn fn, void *arg, struct err *e);

/* One drawn item: a run of consecutive points. Extremes carry their own x, so that a spike lands in
 * its own pixel column. A single point has n == 1. min/max are over finite values (NAN when none);
 * inf counts infinities, nan NaNs. first/last may be NaN or infinite. */
struct bucket {
	int64_t x0, x1;                  /* first and last x on the asked axis */
	double first, last, min, max;
	int64_t x_min, x_max;
	uint32_t n, nan, inf;
};
/* Buckets in order of x that together hold every point of the window, each once. lo..hi is first cut to where
 * the series has points; a column is 1/columns of that. Up to 2*columns points come one by one (n == 1); when
 * there are more, a bucket spans at most half a column, and there are about 4*columns of them and never more than 8*columns + 1; evenly
 * spaced points no fewer than 2*columns. One point (n == 1) outside the window on either side is added when there
 * is one, so that lines run off the edge instead of stopping: it is the nearest in x. Of equal extremes the one
 * with the least x is named. Points of equal x keep their stored order; they may share a bucket. columns is cut to
 * 1..SERIES_MOST_COLUMNS. *out is malloc'd. */
enum { SERIES_MOST_COLUMNS = 1 << 16 };
enum status series_buckets(struct store *s, int64_t run_id, int64_t name_id, enum series_axis axis, int64_t lo, int64_t hi,
	int columns, struct bucket **out, size_t *n, struct err *e);
#endif
