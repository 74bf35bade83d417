/* sketch -- a table that does not fit into memory, as counts in fixed bins: one pass, bounded memory, sketches of parts can be added up.
 *
 * Numbers  up to 16,384 bins (which stay in the cache while a block is counted) whose edges are quantiles of a sample of the reference; both sides are counted in the same bins. A value that the
 *          sample holds more than once has a bin of its own. Each bin has its count and the sum of its values; moments, least and greatest are exact.
 * Bounds   counts at edges are exact, so every statement is an interval that surely holds the exact value, whatever the sample was: a poor sample makes
 *          wide intervals, not wrong ones. No p-value is given: who makes one from D makes two, from both ends of the interval.
 * Words    those that the sample of the reference holds most often, up to SKETCH_FIXED, are fixed by the plan as edges are, and counted exactly in both sides. Beside them exact counts up to SKETCH_WORDS distinct values, or as many as the budget has room for; beyond that, by Agarwal et al., "Mergeable Summaries" (2012), counts that are too small by at
 *          most word_error <= rows / (words kept + 1); a word that is not there occurs at most word_error times, and not at all where it is fixed.
 * Rows     a sample of whole rows, up to SKETCH_SAMPLE_ROWS, as many as a sixteenth of the budget holds: the same whatever parts and threads the data come in (sketch_sample.c).
 * Types    from the sample; values that do not fit are mixed, however many (a table in memory would be read again as words).
 * Reads    through the readers that have `plan` and `sketch` (frame.h). One that counts elsewhere (SQL) fills a plan with sketch_edges_of and a sketch with sketch_new,
 *          sketch_bin_add, sketch_word_add, sketch_finish; it reports counts of exactly the bins x <= edge, or its bounds are no bounds.
 * Threads  a sketch is one thread's at a time; the reader of delimited text parses in several and takes a lock per column.
 */
#ifndef MLYARD_IO_SKETCH_H
#define MLYARD_IO_SKETCH_H
#include "core/io/frame.h"

enum { SKETCH_BINS = 16384, SKETCH_WORDS = 4096, SKETCH_FIXED = 1000, SKETCH_WORD_BYTES = 256, SKETCH_SAMPLE_ROWS = 20000, SKETCH_SAMPLE_WORD = 4096 };
/* Bin i holds edge[i-1] < x <= edge[i]; n edges make n + 1 bins. */
struct sketch_edges {
	char *name; enum frame_type type;
	double *edge; size_t n;
	uint32_t *grid; size_t cells; double lo, scale;        /* where to begin searching: bins of equal cells of [lo, ...] */
	struct frame_word *fixed; size_t n_fixed; char *fixed_bytes;
	double fixed_from, fixed_of;                           /* every word that the sample holds at least so often is fixed; values of the sample */
};
struct sketch_plan { struct sketch_edges *cols; size_t n_cols, cap, sampled, room, sample_room; };      /* room: bytes for the words of a column, more or less; 0: only their number is limited */
struct sketch_word { const char *p; uint32_t n; uint64_t count; bool fixed; };       /* fixed: the count is exact whatever word_error is */
struct sketch_col {
	char *name; enum frame_type type; bool integer, absent;        /* absent: the file has no such column */
	size_t n, missing, nan, inf, mixed;                    /* as in frame_col */
	char *mixed_example;
	size_t finite; double mean, m2, min, max;              /* of finite values; min > max: none */
	uint64_t *count; double *sum;                          /* bins */
	struct sketch_word *words; size_t n_words;             /* most frequent first */
	uint64_t word_error;
	const struct sketch_edges *edges;                      /* of the plan, which must live longer */
	void *state;
};
struct sketch_other { char *name; enum frame_type type; };   /* a column that the plan does not have */
struct sketch {
	char *name; struct sketch_col *cols; size_t n_cols, n_rows;
	struct sketch_other *others; size_t n_others, cap_others;
	struct str notes; unsigned char digest[32];
	struct frame *sample;                                  /* whole rows: the columns that are not absent, in their order; NULL: the reader gives none */
	struct sketch_rows *rows;                              /* the same while it is gathered */
};
struct interval { double lo, hi; };

/* From a sample of the reference: what its reader thinks best. Memory for bins is kept within half of the budget. ST_REFUSED: the format has no sketches. */
enum status sketch_plan_new(const char *reference, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
/* From a table that is in memory. */
struct sketch_plan *sketch_plan_of(const struct frame *reference, size_t budget);
void sketch_plan_free(struct sketch_plan *p);
/* For readers that make plans: adds a column whose edges are quantiles of sample[0..n), which is sorted in place; `columns`: how many there will be. Columns of words need no sample. */
void sketch_plan_add(struct sketch_plan *p, const char *name, enum frame_type type, double *sample, size_t n, size_t budget, size_t columns);

enum status sketch_read(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
struct sketch *sketch_of(const struct frame *f, const struct sketch_plan *plan);
/* For readers that count themselves. Columns begin absent, without rows; n, missing, nan, inf, mixed and the sketch's rows, notes and digest are plain fields. */
struct sketch *sketch_new(const char *name, const struct sketch_plan *plan);
size_t sketch_bin_of(const struct sketch_edges *g, double x);
/* `count` finite values of a bin with their sum; then all finite values at once: least, greatest, mean and sum of squared deviations. */
void sketch_bin_add(struct sketch_col *c, size_t bin, uint64_t count, double sum);
void sketch_moments_add(struct sketch_col *c, size_t n, double mean, double m2, double min, double max);
void sketch_word_add(struct sketch_col *c, const char *p, size_t n, uint64_t times);
void sketch_other_add(struct sketch *s, const char *name, enum frame_type type);       /* once each, however often it is said */
void sketch_finish(struct sketch *s);                  /* words are brought in order */
void sketch_free(struct sketch *s);
/* The rows of both sides together from which on a word is surely fixed unless the sides differ: whoever judges fixed words judges these alone. The others are there because chance made them
 * frequent in the sample, which is part of the reference, so that they would seem to become rarer. */
double sketch_fixed_total(const struct sketch_col *ref, const struct sketch_col *cur);
/* Words of more different values than are kept: categories or text, by how many there probably are, as the reference has them; `o` may tell types. Only with a sample. */
void sketch_settle_words(struct sketch *ref, struct sketch *cur, const struct frame_options *o);
/* Adds b to a; both of one plan. The sum has no sample: rows of both have the same numbers. */
void sketch_merge(struct sketch *a, const struct sketch *b);

/* The exact value lies in the interval. Empty sides: NaN. */
struct interval sketch_ks(const struct sketch_col *ref, const struct sketch_col *cur);                 /* sup |F - G| */
struct interval sketch_wasserstein(const struct sketch_col *ref, const struct sketch_col *cur);        /* in units of the data */
struct interval sketch_quantile(const struct sketch_col *c, double q);         /* the value of rank ceil(q n), at least 1 */
/* The largest share of values in a bin that is no single value: the error of a rank. */
double sketch_rank_error(const struct sketch_col *c);
#endif
