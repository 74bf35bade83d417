/* parquet_thrift -- the compact protocol of Thrift, as far as Parquet's footers and page headers need it.
 *
 * Why      a generated parser would bring a library and allocate what a file asks for; this one holds two pointers.
 * Method   the caller loops over the fields of a struct and reads or skips each. A wrong byte sets `bad`, after which everything reads as zero
 *          and every loop ends, so that callers check once.
 * Limits   nesting of 24 in what is skipped; a list has at most as many elements as bytes are left.
 */
#ifndef MLYARD_IO_PARQUET_THRIFT_H
#define MLYARD_IO_PARQUET_THRIFT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thrift { const unsigned char *p, *end; bool bad, small; };      /* small: it was bad because the bytes ended */
enum thrift_type { THRIFT_STOP, THRIFT_TRUE, THRIFT_FALSE, THRIFT_BYTE, THRIFT_I16, THRIFT_I32, THRIFT_I64, THRIFT_DOUBLE, THRIFT_BINARY,
	THRIFT_LIST, THRIFT_SET, THRIFT_MAP, THRIFT_STRUCT, THRIFT_TYPES };
struct thrift_field { int id; enum thrift_type type; };

/* Next field of the struct; start with f zeroed. False: its end. */
bool thrift_next(struct thrift *t, struct thrift_field *f);
void thrift_skip(struct thrift *t, enum thrift_type type);
/* The value of a field; one of another type is skipped and makes `bad`. */
int64_t thrift_int(struct thrift *t, const struct thrift_field *f);
bool thrift_bool(struct thrift *t, const struct thrift_field *f);
const char *thrift_binary(struct thrift *t, const struct thrift_field *f, size_t *n);      /* points into the bytes */
size_t thrift_list(struct thrift *t, const struct thrift_field *f, enum thrift_type of);   /* elements that follow */
bool thrift_struct(struct thrift *t, const struct thrift_field *f);                        /* its fields follow */
#endif
