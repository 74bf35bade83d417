/* compare -- two reports column by column, and bar by bar where their edges are the same.
 *
 * Moved    share of the rows that would have to move for the first report's current data to become the second's: half the sum of the differences of all bars
 *          (total variation). Only reports on one reference have the same bars; NaN: not comparable.
 */
#ifndef MLYARD_DRIFT_COMPARE_H
#define MLYARD_DRIFT_COMPARE_H
#include "core/drift/report.h"

struct compare_line { const char *name, *verdict_first, *verdict_second; const struct report_column *first, *second; double effect_first, effect_second, moved; };
/* Columns of the first in its order, then those of the second alone; in the arena. */
struct compare_line *report_compare(const struct report *first, const struct report *second, struct arena *a, size_t *n);
bool report_same_reference(const struct report *first, const struct report *second);         /* as far as their digests tell */
#endif
