/* pair_impl -- what the files that make a pair share: its memory, and the steps. */
#ifndef MLYARD_DRIFT_PAIR_IMPL_H
#define MLYARD_DRIFT_PAIR_IMPL_H
#include "core/base/arena.h"
#include "core/drift/pair.h"

struct pair_memory { struct arena *arena; double *values[2]; struct pair_room *room, own; };     /* own: where no room was handed over */
/* Sorts values of which all are decimals of few digits; false: they are not, and nothing has changed. n at least 64, -0 counts as 0. */
bool sort_decimals(double *a, double *scratch, size_t n);
/* Fills everything of a side but the counts of rows; a[n] becomes its own, and there is room for one value more. */
void side_fill(struct side *s, double *a, size_t n, double *scratch);
/* The merge walk, and the distinct values of the pool. */
void walk_fill(struct walk *w, const struct side *x, const struct side *y);
void pair_number_cats(struct pair *p);
void pair_word_cats(struct pair *p, const struct frame_col *ref, const struct frame_col *cur);
#endif
