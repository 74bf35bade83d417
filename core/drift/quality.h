/* quality -- what is wrong with the data whatever their distribution: findings beside the verdict.
 *
 * Checks   missing, duplicate rows, constants, outliers (Tukey's fences of the reference), range, types, mixed types, infinities, variants that
 *          differ in case or white space only, cardinality, changed correlations, freshness.
 * Limits   correlations are Pearson's over at most 20,000 rows and 200 columns; variants are looked for among at most 20,000 values a column.
 * Threads  pure; the report is the caller's until it is done.
 */
#ifndef MLYARD_DRIFT_QUALITY_H
#define MLYARD_DRIFT_QUALITY_H
#include "core/drift/report.h"
#include "core/io/frame.h"
struct correlation { size_t a, b; double ref, cur, p; };     /* columns of the reference */
/* What takes a while and needs whole tables; made part by part, in any order, by several threads. */
enum { QUALITY_CORRELATIONS = 2, QUALITY_PARTS = 3 };
struct quality_pairs { size_t duplicates[2]; struct correlation *changed; size_t n_changed; };
void quality_part(struct quality_pairs *q, int part, const struct frame *ref, const struct frame *cur);
void quality_fill(struct report *r, const struct frame *ref, const struct frame *cur, const struct quality_pairs *q);
/* Rows that equal an earlier one; missing values equal each other. By 64-bit hash. */
size_t quality_duplicates(const struct frame *f);
/* quality_pairs.c */
/* Pairs of numeric columns whose correlation changed by 0.2 and more, certain over all pairs at 1 %; greatest change first; free. */
size_t quality_correlations(const struct frame *ref, const struct frame *cur, struct correlation **out);
#endif
