/* mlflow_ahead -- reads metric rows on a thread of its own while the rows before are packed and written.
 *
 * Why      reading a million rows out of SQLite takes two thirds of a core second, packing and
 *          writing them the other third: two cores do both in the time of the first.
 * Batch    rows with small numbers instead of texts; a text's first appearance comes with its
 *          batch, so that nothing is shared between the threads but the batch handed over.
 * Threads  between ahead_start and ahead_end the source's connection belongs to the reader. Few
 *          rows are read on the caller's thread.
 */
#ifndef MLYARD_RUNS_MLFLOW_AHEAD_H
#define MLYARD_RUNS_MLFLOW_AHEAD_H
#include "core/base/str.h"
#include "core/runs/mlflow_src.h"
#include "core/store/series.h"

struct ahead_row { uint32_t run, name; struct point p; };
struct ahead_batch {
	struct ahead_row *rows; size_t n;
	struct str runs, names;          /* texts that got the next numbers: length (uint32_t) and bytes, one after the other */
	int64_t last; uint64_t check;    /* the cursor behind this batch */
	int64_t scanned;                 /* rows since the start */
};
struct ahead;
/* t: run_uuid, key, step, timestamp, value, is_nan. `many`: worth a thread. */
struct ahead *ahead_start(struct src *s, const struct src_table *t, int64_t after, bool many);
/* The next batch, valid until the next call; NULL at the end. */
const struct ahead_batch *ahead_next(struct ahead *a);
/* Stops and frees. As scan_end; *rows, *last and *lost as in a scan. */
enum status ahead_end(struct ahead *a, int64_t *rows, int64_t *last, int64_t *lost, struct err *e);
#endif
