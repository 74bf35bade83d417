/* csv -- delimited text in blocks of whole records: what read_csv.c (into memory) and sketch.c (in bounded memory) share.
 *
 * Flow     a source hands out blocks: about 1 MiB of text that begins and ends at records. Blocks are cut one after the other (under the caller's lock):
 *          where no quote is in sight that is a search for the last line end; else a walk through the quotes from a place known to be the
 *          beginning of a record, so that no guess about quotes is needed. Blocks are then parsed by as many threads as there are.
 * Why read and not a mapping: a file that another program cuts short ends a mapped reader with SIGBUS, mapped pages count as
 *          memory of the process, and copying a block that is parsed right away costs a few percent.
 * Quotes   begin a quoted field only at its first byte; doubled inside they mean one; what follows the closing one up to the delimiter is
 *          part of the field. A quote that is never closed takes the rest of the file, with a note, or a limit is met.
 * Lines    end with LF, CRLF or CR; empty ones are no records.
 * Limits   a field 16 MB, a record 64 MB, 16,384 columns; of a pipe CSV_PIPE_LIMIT unless told.
 */
#ifndef MLYARD_IO_CSV_H
#define MLYARD_IO_CSV_H
#include "core/io/dict.h"
#include "core/io/frame_build.h"

enum { CSV_BLOCK = FRAME_DIGEST_PART, CSV_MOST_RECORD = 64 << 20, CSV_SAMPLE_ROWS = 2000 };
#define CSV_PIPE_LIMIT 0x1p36                    /* bytes: 64 GiB */
struct csv_dialect { char delimiter, quote, decimal; bool lf_only; };         /* quote 0: none; lf_only: CR ends no line */
struct csv_block {
	char *bytes; size_t cap;
	size_t n;                              /* whole records; DECIMAL_SLACK readable bytes behind */
	size_t records;                        /* at most: empty lines may be counted */
	size_t index;                          /* from 0 */
	uint64_t line;                         /* number of the first line, from 1 */
	bool added;                            /* the file's last line had no end: the last byte is not the file's */
	size_t raw_from, raw_n, first_part;    /* bytes as in the file that came with this block: for the digest; raw_n 0: none */
};
enum csv_encoding { CSV_UTF8, CSV_LATIN1, CSV_UTF16LE, CSV_UTF16BE };
struct csv_source {
	int fd; char *path; size_t size, at;   /* size: when it was opened */
	enum csv_encoding encoding; bool encoding_told, quiet, undigested;
	struct csv_dialect dialect;
	struct str carry;                      /* the beginning of the next block */
	unsigned char *raw; uint32_t half;     /* UTF-16: bytes before transcoding; a high surrogate that waits for its other half */
	uint64_t line; size_t blocks;
	unsigned char (*parts)[32]; size_t n_parts;
};
enum status csv_open(const char *path, const struct frame_options *o, struct csv_source *s, struct err *e);
/* What `from` gives until it ends, as a file without a name: *to. most 0: CSV_PIPE_LIMIT. */
enum status csv_spool(const char *name, int from, size_t most, int *to, struct err *e);
void csv_close(struct csv_source *s);
void csv_rewind(struct csv_source *s);     /* to the beginning; later blocks bring no bytes for the digest */
/* The text of the first block, before the dialect is known: b->bytes[0..n) is the beginning of the file. */
enum status csv_first(struct csv_source *s, struct csv_block *b, struct err *e);
/* The next block, or n == 0 at the end. `b` keeps its memory between calls. After csv_first: cuts that text. */
enum status csv_next(struct csv_source *s, struct csv_block *b, struct err *e);
void csv_block_digest(struct csv_source *s, const struct csv_block *b);        /* any thread; parts do not overlap */
void csv_block_free(struct csv_block *b);
/* Whole records at the beginning of p[0..n): where the last ends and how many they are. last: the end of the file. */
size_t csv_cut(const struct csv_dialect *d, const char *p, size_t n, bool last, size_t *records);
size_t csv_lines(const char *p, size_t n);

/* ---- layout: found in the first block ---- */
struct csv_layout {
	char **names; size_t n;
	size_t data_from;                      /* where data begins in the first block */
	enum frame_type *guess; bool *words;   /* by the sample; words: read as words first, since no type fits */
	bool row_names, header_is_data, guessed_decimal;
};
/* After csv_first; then csv_next cuts that text into the first block, from which csv_layout_find makes the layout. */
enum status csv_dialect_find(struct csv_source *s, const struct csv_block *b, const struct frame_options *o, struct err *e);
enum status csv_layout_find(const struct csv_source *s, const struct csv_block *b, const struct frame_options *o, struct csv_layout *l, struct err *e);
void csv_layout_free(struct csv_layout *l);

/* ---- parsing ---- */
enum csv_mode { CSV_SKIP, CSV_NUMBER, CSV_TYPED, CSV_WORDS };
struct csv_out {
	enum csv_mode mode; enum frame_type type; bool told;
	double *num; uint32_t *code;           /* the block's row 0 */
	struct dict dict;
	size_t missing, nan, inf, misfits, fractional;
	size_t misfit_row; char *misfit;       /* the first that did not fit its type, cleaned */
};
struct csv_worker {
	struct csv_dialect dialect;
	struct csv_out *out; size_t n;
	struct arena *arena;
	struct csv_block block;
	struct str scratch;
	size_t held;                           /* bytes of words and dictionaries, after the last block */
	size_t row0;                           /* of the block's row 0 in the file: for first sights and misfits */
	size_t short_rows, long_rows, blank, nuls, utf8_good, utf8_bad, open_quotes;
	uint64_t short_line, long_line, utf8_line, nul_line, open_line;
	enum status rc; struct err err;
};
void csv_worker_init(struct csv_worker *w, const struct csv_dialect *d, size_t n_fields);
void csv_worker_free(struct csv_worker *w);
size_t csv_parse(struct csv_worker *w, size_t from, const char *path);        /* w->block from byte `from` on: rows made; w->rc */
/* One field at p < end: its bytes (maybe in scratch), and where the delimiter or line end behind it is. */
const char *csv_field(const struct csv_dialect *d, const char *p, const char *end, struct str *scratch, const char **s, size_t *n, bool *open);
void csv_notes(struct frame *f, const struct csv_source *s, const struct csv_layout *l, const struct csv_worker *w, size_t n_workers);
void csv_latin1(struct str *out, const char *p, size_t n);
#endif
