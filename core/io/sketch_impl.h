/* What the files of the sketch share. */
#ifndef MLYARD_IO_SKETCH_IMPL_H
#define MLYARD_IO_SKETCH_IMPL_H
#include "core/io/dict.h"
#include "core/io/sketch.h"

/* Counts of words while they are gathered. */
struct sketch_counts { struct dict dict; struct arena *arena; uint64_t *count; size_t cap; uint64_t error; };
struct sketch_counts *sketch_counts_new(void);
void sketch_counts_free(struct sketch_counts *w);
void sketch_counts_add(struct sketch_counts *w, const char *p, size_t n, uint64_t times);
void sketch_counts_shrink(struct sketch_counts *w, size_t most);       /* to at most that many words */
void sketch_words_finish(struct sketch_col *c);                        /* state to words */

void sketch_add_numbers(struct sketch_col *c, const double *x, size_t n);      /* NaN and infinities are left out: counted elsewhere */
/* Sorts the sample. */
void sketch_edges_make(struct sketch_edges *g, double *sample, size_t n, size_t bins);
size_t sketch_bins_for(size_t budget, size_t columns);
/* The reader of delimited text; sketch_csv.c. */
enum status sketch_csv_plan(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
enum status sketch_csv_read(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
#endif
