/* frame_build -- what readers of data files share: columns filled value by value, types settled at the end, memory counted.
 *
 * Columns  a column is numbers (or times, or booleans) as long as only such come; the first value of another kind turns what is there into
 *          words (numbers in their shortest exact form). frame_settle then decides the type over all values.
 * Owns     the builder owns everything until frame_builder_finish hands the frame over; frame_builder_free is fine after that.
 * Threads  one at a time; a reader that fills arrays itself may settle columns in parallel.
 */
#ifndef MLYARD_IO_FRAME_BUILD_H
#define MLYARD_IO_FRAME_BUILD_H
#include "core/base/arena.h"
#include "core/io/frame.h"

enum { FRAME_MOST_COLUMNS = 16384, FRAME_MOST_FIELD = 16 << 20 };
#define FRAME_MOST_ROWS ((size_t)INT32_MAX)
#define FRAME_BUDGET ((size_t)1 << 30)

/* Arenas that words point into. */
struct frame_memory { struct arena **at; size_t n, cap; };
struct frame *frame_new(const char *name);
void frame_keep(struct frame *f, struct arena *a);                             /* the frame owns it from now on */
void frame_memory_free(void *memory);
void frame_note(struct frame *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));      /* a line; cleaned */
/* Second of a name gets ".1", and so on, with a note. Names are cut at their first NUL. */
void frame_names(struct frame *f);

/* The type that the options ask for; NULL: none. */
const enum frame_type *frame_told(const struct frame_options *o, const char *name);
const enum frame_type *frame_guessed(const struct frame_options *o, const char *name);
bool frame_wants(const struct frame_options *o, const char *name);             /* by o->columns */
/* ST_NOT_FOUND naming the first column of o->columns or o->types that is not in the frame. */
enum status frame_check_options(const struct frame *f, const struct frame_options *o, struct err *e);
/* Decides type and makes the final arrays of a column that holds num (with type, integer, missing, nan, inf set) or codes and
 * words (n and missing set). `decimal` of numbers in words; 0: a point.
 * `room` is where words are put that numbers become; it is the frame's. */
void frame_settle(struct frame_col *c, const enum frame_type *told, char decimal, struct arena *room);
/* To a type that was found out, not told. */
void frame_settle_guessed(struct frame_col *c, enum frame_type guess, char decimal, struct arena *room);
void frame_to_words(struct frame_col *c, struct arena *room);                  /* numbers to their words; type stays */
/* A value as a column of that type takes it; false: does not fit. `told`: the user named the type, so that 0, 1, yes, no, t, f are booleans and
 * numbers are times (seconds since 1970; from 1e11 on milliseconds). */
bool frame_fit(enum frame_type type, bool told, const char *p, size_t n, char decimal, double *v, bool *integer);
/* Keeps the rows rows[0..n), which ascend. A NaN that was written cannot be told from a missing value afterwards: `nan` and `mixed` become 0. */
void frame_take_rows(struct frame *f, const uint32_t *rows, size_t n);
/* The same as a frame of its own, whose words are those of f: it must not outlive it. */
struct frame *frame_pick_rows(const struct frame *f, const uint32_t *rows, size_t n);
enum status frame_too_large(struct err *e, const char *name, size_t needed, size_t budget);

struct frame_builder;
struct frame_builder *frame_builder_new(const char *name);
void frame_builder_free(struct frame_builder *b);
struct frame *frame_builder_frame(struct frame_builder *b);                    /* for notes and digest */
size_t frame_builder_column(struct frame_builder *b, const char *name, size_t n);       /* added after the others; earlier rows are missing */
void frame_builder_number(struct frame_builder *b, size_t col, double v, bool integer);
void frame_builder_boolean(struct frame_builder *b, size_t col, bool v);
void frame_builder_time(struct frame_builder *b, size_t col, double ms);
void frame_builder_text(struct frame_builder *b, size_t col, const char *p, size_t n);  /* the words of missing values are missing */
void frame_builder_end_row(struct frame_builder *b);                           /* columns without a value in it: missing */
size_t frame_builder_rows(const struct frame_builder *b);
size_t frame_builder_bytes(const struct frame_builder *b);                     /* held now */
enum status frame_builder_finish(struct frame_builder *b, const struct frame_options *o, struct frame **out, struct err *e);
#endif
