/* metric_line -- one line of a file store's metric file: "<ms> <value> <step>".
 *
 * Reads    2 fields (no step: 0), 3, and 5 with a data set's name and digest; with
 *          `model`, a logged model's 4 and 6, which have the run's id fourth. Values are
 *          what Python's float() writes: also nan, inf, -inf and "infinity" in any case.
 * Pure     does not depend on the locale; bounded by n, no NUL needed.
 */
#ifndef MLYARD_RUNS_METRIC_LINE_H
#define MLYARD_RUNS_METRIC_LINE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word { const char *p; size_t n; };
struct metric_line { int64_t ms, step; double value; struct word run, dataset, digest; };
bool metric_line_parse(const char *p, size_t n, bool model, struct metric_line *out);
bool metric_number(const char *p, size_t n, double *out);
bool metric_integer(const char *p, size_t n, int64_t *out);
#endif
