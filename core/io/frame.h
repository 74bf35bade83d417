/* frame -- a table in memory, column by column: what readers of data files make and what drift, quality and features ask.
 *
 * Values   numbers and times as doubles in row order (missing: NaN; a NaN written in the data counts apart; infinities stay and
 *          are counted); categories and text as codes into a dictionary of the distinct values in order of first sight.
 * Types    inferred over all rows unless told: boolean (true/false), number, time (ISO 8601, milliseconds since 1970 UTC), category, text
 *          (more than half of the values distinct, and more than 50 of them). A column is a number, time or boolean when 95 % of its values
 *          are; `mixed` counts what did not fit the type and became missing. The choice can be overridden by name.
 * Missing  empty fields, and the spellings of frame_missing_words; quoted empty strings too.
 * Identity a category is its bytes: no trimming, no case folding, no normalisation.
 * Owns     the frame owns all; free with frame_free. Immutable once read; threads may share it.
 * Limits   2^31 rows, 16,384 columns; a field at most 16 MB. Memory is bounded by frame_options.budget (ST_REFUSED names the cure),
 *          see sketch.h for what does not fit.
 */
#ifndef MLYARD_IO_FRAME_H
#define MLYARD_IO_FRAME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/base/tasks.h"

enum frame_type { FRAME_NUMBER, FRAME_BOOLEAN, FRAME_TIME, FRAME_CATEGORY, FRAME_TEXT, FRAME_TYPES };
const char *frame_type_name(enum frame_type t);              /* "numeric", "boolean", "datetime", "categorical", "text" */
#define FRAME_NO_CODE UINT32_MAX                             /* missing */
struct frame_word { const char *p; uint32_t n; };            /* not NUL-terminated; may hold any byte */
struct frame_col {
	char *name;                                              /* as in the file; "" when it had none; second of a name gets ".1" */
	enum frame_type type; bool integer;                      /* integer: all numbers are whole and written without a point */
	size_t n, missing, nan, inf, mixed;                      /* rows; of which missing (nan and mixed included) */
	double *num;                                             /* NUMBER, BOOLEAN (0, 1), TIME; NULL else */
	uint32_t *code; struct frame_word *words; size_t n_words;   /* CATEGORY, TEXT */
	char *mixed_example;                                     /* first value that did not fit, cleaned; NULL: none */
};
struct frame {
	struct frame_col *cols; size_t n_cols, n_rows;
	char *name;                                              /* path or query */
	struct str notes;                                        /* one line each: ragged rows, encodings, doubled names, ... with place and count */
	unsigned char digest[32];                                /* of the file: frame_digest_file; SQLite: of the values read */
	void *arena;                                             /* what words point into: struct frame_memory (frame_build.h) */
};
const struct frame_col *frame_find(const struct frame *f, const char *name);      /* NULL: none */
void frame_free(struct frame *f);

struct frame_override { const char *name; enum frame_type type; };
struct frame_options {
	const char *format;                                      /* "csv", "jsonl", "parquet", "sqlite"; NULL: by content, then name */
	char delimiter, decimal;                                 /* 0: found out */
	const char *encoding;                                    /* NULL: UTF-8 (a BOM says otherwise), else as Latin-1 with a note */
	bool no_header;
	const char *query;                                       /* SQLite: a table or a SELECT */
	const char *const *columns; size_t n_columns;            /* only these; none: all */
	const struct frame_override *types; size_t n_types;
	const struct frame_override *guesses; size_t n_guesses;      /* types that were found out before, where none is told: nobody named them, so that only what would be inferred fits */
	bool no_digest;                                          /* of delimited text and Parquet: `digest` stays zero */
	bool lax;                                                /* columns and types may name what is not there: passed over */
	size_t budget;                                           /* bytes; 0: 1 GiB */
	size_t pipe_limit;                                       /* bytes that are copied of a pipe at most; 0: 64 GiB */
	int threads;                                             /* 0: as many as there are processors, at most 8 */
};
/* Format by content (magic bytes) and name. Progress in bytes; cancel. Errors name file, line and column. */
enum status frame_read(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e);
extern const char *const frame_missing_words[];              /* NULL-terminated: NA, N/A, null, NaN, None, ... */

/* A format is one file (core/io/read_<id>.c) and one row in io.am. plan and sketch are those of sketch.h, for data beyond the budget: NULL where the format has none.
 * A reader of names that are no files (addresses of databases) is `named`: its probe is asked before any file is looked for, with head NULL. Where counting happens where the
 * data lie, so that sketching is cheaper than reading, it `pushes`: comparisons then never ask it to read. */
struct sketch; struct sketch_plan;
struct frame_reader {
	const char *id, *title;
	bool (*probe)(const char *path, const unsigned char *head, size_t n);        /* head: the first bytes of the file */
	enum status (*read)(const char *path, const struct frame_options *o, struct task *t, struct frame **out, struct err *e);
	enum status (*plan)(const char *path, const struct frame_options *o, struct task *t, struct sketch_plan **out, struct err *e);
	enum status (*sketch)(const char *path, const struct frame_options *o, const struct sketch_plan *plan, struct task *t, struct sketch **out, struct err *e);
	bool named, pushes, queries;             /* queries: obeys frame_options.query; the others refuse it */
};
/* The reader for a name, by options, name and content. */
enum status frame_reader_for(const char *path, const struct frame_options *o, const struct frame_reader **out, struct err *e);

/* For readers: columns filled by appending; types decided at the end (or told). */
double frame_number(const char *p, size_t n, char decimal, bool *ok, bool *integer);   /* correctly rounded; accepts inf, Infinity, nan */
bool frame_time(const char *p, size_t n, double *ms);        /* ISO 8601 date, date and time, zone; false: is none */
bool frame_is_missing(const char *p, size_t n);
/* The digest of a file: BLAKE2b-256 over the BLAKE2b-256 sums of its parts of 1 MiB (the last may be shorter; no byte: no part), so
 * that several threads can compute it. */
enum { FRAME_DIGEST_PART = 1 << 20 };
void frame_digest_part(unsigned char sum[32], const void *bytes, size_t n);
void frame_digest_whole(unsigned char sum[32], const unsigned char (*parts)[32], size_t n);
enum status frame_digest_file(const char *path, unsigned char sum[32], struct err *e);
enum status frame_cannot(struct err *e, const char *what, const char *path);   /* "cannot open PATH: " and what errno says */
#endif
