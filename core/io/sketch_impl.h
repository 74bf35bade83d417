/* What the files of the sketch share. */
#ifndef MLYARD_IO_SKETCH_IMPL_H
#define MLYARD_IO_SKETCH_IMPL_H
#include "core/io/dict.h"
#include "core/io/frame_build.h"
#include "core/io/sketch.h"

/* Counts of words while they are gathered. */
struct sketch_counts { struct dict dict; struct arena *arena; uint64_t *count; size_t cap, room, fixed; uint64_t error, all; };      /* room: bytes; 0: no limit; fixed: the first so many words are never forgotten; all: times that were added */
struct sketch_counts *sketch_counts_new(size_t room);
void sketch_counts_free(struct sketch_counts *w);
void sketch_counts_add(struct sketch_counts *w, const char *p, size_t n, uint64_t times);
void sketch_counts_shrink(struct sketch_counts *w, size_t most);       /* to at most that many words beside the fixed ones */
void sketch_counts_fix(struct sketch_counts *w, const struct frame_word *words, size_t n);     /* before any other word */
void sketch_counts_column(struct sketch_counts *w, const struct frame_col *c);
void sketch_words_finish(struct sketch_col *c);                        /* state to words */

/* Adds the rows of a part of a table; columns that it does not have are missing in them. */
void sketch_add(struct sketch *s, const struct frame *part);
void sketch_col_add(struct sketch_col *c, const struct frame_col *part);

/* The sample, part by part (sketch_sample.c): begin with the rows first..first+n, give each column's values in them, end. What is not given is missing. */
struct sketch_rows *sketch_rows_new(const struct sketch_plan *plan);
void sketch_rows_free(struct sketch_rows *s);
void sketch_rows_begin(struct sketch_rows *s, uint64_t first, size_t n);
void sketch_rows_column(struct sketch_rows *s, size_t column, const struct frame_col *from);
void sketch_rows_end(struct sketch_rows *s);
void sketch_rows_finish(struct sketch *s);             /* rows to sample */

/* Reading in parts (sketch_parts.c): `fill` reads like a reader does, but hands a part over whenever its builder holds `room` bytes (sketch_part), and the last one in *out, with notes
 * and digest. `sample`: nothing is handed over; *out holds rows from all over the data, of about `room` bytes. */
struct sketch_parts { size_t room, rows; bool sample; const struct frame_options *o; struct sketch *s; };
enum status sketch_part(struct sketch_parts *p, struct frame_builder **b, struct err *e);
struct sketch_filler { enum status (*fill)(const char *path, const struct frame_options *o, struct sketch_parts *p, struct task *t, struct frame **out, struct err *e); };
enum status sketch_filled_plan(const struct sketch_filler *f, const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
enum status sketch_filled(const struct sketch_filler *f, const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
size_t sketch_sample_room(size_t budget);              /* bytes of a sample */
/* The types of a plan, for frame_options.guesses; to be freed. */
struct frame_override *sketch_guesses(const struct sketch_plan *plan);

void sketch_add_numbers(struct sketch_col *c, const double *x, size_t n);      /* NaN and infinities are left out: counted elsewhere */
/* Sorts the sample. */
void sketch_edges_make(struct sketch_edges *g, double *sample, size_t n, size_t bins);
size_t sketch_bins_for(size_t budget, size_t columns);
size_t sketch_word_room(size_t budget, size_t columns);                 /* bytes for the words of a column */
size_t sketch_sampled_room(size_t budget, size_t columns);              /* the same while a plan is made: all columns together a quarter of the budget */
/* Fixes the words that a sample of the column added last holds most often. */
void sketch_plan_fix(struct sketch_plan *p, struct sketch_counts *seen);
/* The reader of delimited text; sketch_csv.c. */
enum status sketch_csv_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
enum status sketch_csv_read(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
#endif
