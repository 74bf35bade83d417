/* drift_help -- golden cases of drift: their columns, read from small CSV files or generated, and near-equality. */
#ifndef MLYARD_TESTS_DRIFT_HELP_H
#define MLYARD_TESTS_DRIFT_HELP_H
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include "core/base/arena.h"
#include "core/io/frame.h"

/* The reference or current column of a case ("ref", "cur"); lives in the arena. */
struct frame_col *golden_column(struct arena *a, const json_t *one, const char *side);
char *golden_read(const char *name, size_t *n);      /* a file under tests/data/drift; caller frees */
double golden_number(const json_t *v);               /* numbers, and "nan", "inf", "-inf" */
/* Both NaN, both the same infinity, or within `relative`, or within `absolute`. */
bool near(double got, double want, double relative, double absolute);
double stream_unit(uint64_t *state);                 /* SplitMix64, as the generated cases and streams use it */
#endif
