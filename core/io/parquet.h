/* parquet -- the parts of the Parquet reader: footer, pages, values. read_parquet.c puts them together.
 *
 * File     "PAR1", column chunks made of pages, footer (Thrift: schema, row groups, where their chunks are), its length, "PAR1".
 * Here     a flat table: leaves of the schema's root. What is nested has `refused` set and is left out.
 * Reading  by pread in pieces, not by mapping: a file that is cut while it is read must end in an error, not in a signal. A column chunk is
 *          read through a window that is about as large as a page.
 * Trust    none: every offset, size and count is held against the file, the footer and the limits below before it is used.
 */
#ifndef MLYARD_IO_PARQUET_H
#define MLYARD_IO_PARQUET_H
#include <stdbool.h>
#include <stdint.h>
#include "core/io/frame.h"
#include "core/io/parquet_bits.h"

enum { PARQUET_MOST_FOOTER = 256 << 20, PARQUET_MOST_PAGE = 512 << 20, PARQUET_MOST_GROUPS = 1 << 20, PARQUET_PAGE_VALUES = 1 << 26 };
#define PARQUET_MOST_CHUNKS ((size_t)16 << 20)

enum parquet_physical { PARQUET_BOOLEAN, PARQUET_INT32, PARQUET_INT64, PARQUET_INT96, PARQUET_FLOAT, PARQUET_DOUBLE, PARQUET_BYTES, PARQUET_FIXED, PARQUET_PHYSICALS };
enum parquet_logical { PARQUET_PLAIN, PARQUET_STRING, PARQUET_DECIMAL, PARQUET_DATE, PARQUET_TIME, PARQUET_TIMESTAMP, PARQUET_UNSIGNED, PARQUET_UUID,
	PARQUET_FLOAT16, PARQUET_NESTED, PARQUET_STRANGE };
enum parquet_codec { PARQUET_UNCOMPRESSED, PARQUET_SNAPPY, PARQUET_GZIP, PARQUET_LZO, PARQUET_BROTLI, PARQUET_LZ4, PARQUET_ZSTD, PARQUET_LZ4_RAW, PARQUET_CODECS };
enum parquet_encoding { PARQUET_ENC_PLAIN = 0, PARQUET_ENC_PLAIN_DICTIONARY = 2, PARQUET_ENC_RLE = 3, PARQUET_ENC_BIT_PACKED = 4, PARQUET_ENC_DELTA = 5,
	PARQUET_ENC_DELTA_LENGTH = 6, PARQUET_ENC_DELTA_BYTES = 7, PARQUET_ENC_DICTIONARY = 8, PARQUET_ENC_SPLIT = 9 };

struct parquet_leaf {
	char *name;
	enum parquet_physical physical; enum parquet_logical logical;
	size_t width;                              /* bytes of a value; 0: they differ */
	unsigned unit;                             /* of times: 3 milliseconds, 6 microseconds, 9 nanoseconds */
	int scale; bool optional;
	const char *refused;                       /* why it is not read; NULL: it is */
};
struct parquet_chunk { uint64_t at, bytes; unsigned char codec; bool hidden; };       /* hidden: encrypted */
struct parquet_group { size_t row, rows; };
struct parquet_file {
	const char *path; int fd; uint64_t size, footer_at; uint32_t footer_bytes;
	struct parquet_leaf *leaves; size_t n_leaves, chunk_leaves;          /* chunk_leaves: columns below nested ones counted */
	size_t *chunk_of;                          /* leaf -> place among the chunks of a group */
	struct parquet_group *groups; size_t n_groups, n_rows;
	struct parquet_chunk *chunks;              /* n_groups x chunk_leaves */
};
enum status parquet_open(const char *path, struct parquet_file *f, struct err *e);
void parquet_close(struct parquet_file *f);
const char *parquet_codec_name(unsigned codec);
/* NULL, or what is wrong; to_n bytes come out or it is an error. */
const char *parquet_unpack(unsigned codec, const void *from, size_t n, void *to, size_t to_n);
bool parquet_can_unpack(unsigned codec);
/* All n bytes at `at`, or ST_FAILED. */
enum status parquet_pread(const struct parquet_file *f, void *to, size_t n, uint64_t at, struct err *e);

/* ---- pages ---- */
struct parquet_page {
	uint64_t at; size_t number;                /* for messages */
	bool dictionary; unsigned encoding;
	size_t n, present;                         /* values with and without the missing ones */
	unsigned char *levels;                     /* per value: 0 missing; NULL: none is missing */
	const unsigned char *p; size_t n_bytes;    /* the values */
};
struct parquet_pages {
	const struct parquet_file *file; const struct parquet_leaf *leaf; const struct parquet_chunk *chunk;
	uint64_t at; size_t number, rows_left;
	unsigned char *window; size_t cap, from, have;       /* bytes of the file: window + from are those at `at` */
	unsigned char *room; size_t room_cap; unsigned char *levels; size_t levels_cap;
	struct parquet_page page;
};
void parquet_pages_init(struct parquet_pages *p);
void parquet_pages_free(struct parquet_pages *p);
void parquet_pages_start(struct parquet_pages *p, const struct parquet_file *f, const struct parquet_leaf *leaf, const struct parquet_chunk *c, size_t rows);
/* NULL with p->page set (page.n 0 and not a dictionary: the end), or what is wrong with the page. */
const char *parquet_pages_next(struct parquet_pages *p);

/* ---- values ---- */
struct parquet_kind {
	enum parquet_physical physical; enum parquet_logical logical;
	enum frame_type type; bool integer;        /* FRAME_TEXT: words */
	void (*convert)(const struct parquet_leaf *leaf, const unsigned char *from, size_t n, double *to);
};
const struct parquet_kind *parquet_kind_of(const struct parquet_leaf *leaf);
/* A number of n bytes, big end first, two's complement, by 10^-scale. */
double parquet_decimal(const unsigned char *p, size_t n, int scale);

/* Where the values of a page go, in order. `word` gets each value of a column of words or of decimals without a width. */
struct parquet_sink {
	const struct parquet_leaf *leaf; const struct parquet_kind *kind;
	double *num;                               /* the next goes here */
	const char *(*word)(void *arg, const char *p, size_t n);
	const char *(*seen)(void *arg, uint32_t index);      /* a value of the dictionary; for words */
	void *arg;
	double *dict; size_t n_dict;               /* dict: of numbers; the owner frees it */
};
/* A dictionary page. Its words go through `word` too and must stay where they are; `seen` names them by number then. */
const char *parquet_dictionary(struct parquet_sink *s, const struct parquet_page *page);
const char *parquet_values(struct parquet_sink *s, const struct parquet_page *page);
#endif
