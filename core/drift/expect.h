/* expect -- expectations of data in a file: proposed from a reference, edited by people, checked on every batch.
 *
 * File     YAML: `rows: {min: 100}`, `duplicates_at_most: 0.01`, and `columns:`, a list of maps: name, type, required, missing_at_most, min, max,
 *          values (a list), distinct_at_most, unique. What a map does not say is not expected. The first mistake is told with its place, and how many more there are.
 * Limits   those of yamldoc; at most EXPECT_VALUES values are proposed for a column.
 * Owns     expectations and results live in their arena.
 */
#ifndef MLYARD_DRIFT_EXPECT_H
#define MLYARD_DRIFT_EXPECT_H
#include "core/base/arena.h"
#include "core/io/frame.h"

enum { EXPECT_VALUES = 50 };
struct expect_column {
	const char *name, *type;                     /* type: "" any */
	bool required, unique, has_values;
	double missing_at_most, min, max, distinct_at_most;          /* NaN: not expected */
	const struct frame_word *values; size_t n_values;
	int line;
};
struct expectations { struct arena *arena; const char *name; double rows_min, rows_max, duplicates_at_most; struct expect_column *columns; size_t n; };
struct expect_result { const char *column, *check, *expected, *found; bool ok; int line; };
struct expect_results { struct arena *arena; struct expect_result *at; size_t n, failed; };

/* The text of a file that the reference itself meets, with room for what a sample of the same process may show. */
void expect_propose(const struct frame *ref, struct str *out);
enum status expect_parse(const char *text, size_t n, const char *name, struct expectations **out, struct err *e);
void expectations_free(struct expectations *x);
void expectations_check(const struct expectations *x, const struct frame *f, struct expect_results **out);
void expect_results_free(struct expect_results *r);
#endif
