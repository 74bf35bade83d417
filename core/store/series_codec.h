/* series_codec -- columns of 64-bit words packed into a blob, and back.
 *
 * Why      a row a point costs 60 bytes; a column of steps costs nothing, one of
 *          times a byte, one of noisy doubles six or seven. Columns are packed on
 *          their own, so that a chart over steps never unpacks the times.
 * Input    blobs may come from a damaged or hostile file: every length is checked,
 *          the number of items is the caller's and bounded by BLOCK_MOST.
 * Threads  a struct codec: one at a time.
 */
#ifndef MLYARD_STORE_SERIES_CODEC_H
#define MLYARD_STORE_SERIES_CODEC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/str.h"

enum { BLOCK_MOST = 4096, COLUMNS_MOST = 15 };
enum point_column { P_STEP, P_MS, P_VALUE, POINT_COLUMNS };
enum entry_column { E_STEP0, E_STEP1, E_MS0, E_MS1, E_FIRST, E_LAST, E_MIN, E_MAX, E_MIN_STEP, E_MIN_MS, E_MAX_STEP, E_MAX_MS,
	E_NAN, E_INF, E_MONOTONE, ENTRY_COLUMNS };
enum pack_kind { PACK_POINTS, PACK_ENTRIES };

struct codec;
struct codec *codec_new(void);
void codec_free(struct codec *c);                    /* NULL is fine */
int codec_columns(enum pack_kind kind);
/* Appends n (1..BLOCK_MOST) items to an empty out. Words are int64 or the bits of a double (bits_of()). */
void codec_pack(struct codec *c, enum pack_kind kind, uint64_t *const col[], size_t n, struct str *out);
/* Unpacks the columns of `want` (a bit each; others are left alone) into col[], each with room for n rounded
 * up to 8 words. False when the blob is not one of exactly n items. */
bool codec_unpack(struct codec *c, enum pack_kind kind, uint32_t want, const void *blob, size_t bytes, uint64_t *const col[], size_t n);

/* Adds the checksum that codec_unpack() asks for; codec_pack() has done it. Separate, so that hostile blobs can be made with a right one. */
void codec_seal(struct str *blob);

static inline uint64_t bits_of(double v)
{
	union { double d; uint64_t u; } x = { .d = v };
	return x.u;
}

static inline double double_of(uint64_t u)
{
	union { double d; uint64_t u; } x = { .u = u };
	return x.d;
}
#endif
