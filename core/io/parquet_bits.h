/* parquet_bits -- Parquet's two packings of whole numbers: runs mixed with bit-packed groups, and deltas in miniblocks.
 *
 * Both are read piece by piece, so that nothing is allocated, however many values a few bytes claim to be.
 * Errors   functions return NULL or what is wrong with the bytes.
 */
#ifndef MLYARD_IO_PARQUET_BITS_H
#define MLYARD_IO_PARQUET_BITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits { const unsigned char *p, *end; };                   /* what is left of them */

/* RLE / bit-packed hybrid; width 0..32 bits. */
struct hybrid { struct bits in; unsigned width; size_t run, packed; uint32_t value; const unsigned char *from; size_t bit; };
void hybrid_open(struct hybrid *h, const unsigned char *p, size_t n, unsigned width);
bool hybrid_is_run(const struct hybrid *h, size_t n, uint32_t value);      /* the next n are one run of it; reads nothing */
const char *hybrid_read(struct hybrid *h, uint32_t *out, size_t n);

/* DELTA_BINARY_PACKED. total: values that the head claims. */
struct delta { struct bits in; uint64_t total, left, last, least; size_t per_mini, minis, mini, in_mini, bit; const unsigned char *widths, *from; unsigned width; };
const char *delta_open(struct delta *d, const unsigned char *p, size_t n);
const char *delta_read(struct delta *d, int64_t *out, size_t n);
const char *delta_end(struct delta *d, const unsigned char **after);      /* skips the values that are left; where the next thing begins */
#endif
