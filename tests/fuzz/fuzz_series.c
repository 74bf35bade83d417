/* Blobs of a damaged or hostile file: any bytes unpack or are refused, within the room they were given; what unpacks
 * packs and unpacks to the same columns again. Input: kind, n (2 bytes), the blob without its checksum. */
#include <string.h>
#include "core/store/series_internal.h"
#include "tests/fuzz/fuzz.h"

static void check_again(struct codec *c, enum pack_kind kind, uint64_t *const col[], size_t n)
{
	struct str blob = STR_INIT;
	struct series_block again = { 0 };
	series_block_room(&again, COLUMNS_MOST, n);
	codec_pack(c, kind, col, n, &blob);
	MUST(codec_unpack(c, kind, UINT32_MAX, blob.p, blob.len, again.col, n));
	for (int k = 0; k < codec_columns(kind); k++)
		MUST(memcmp(col[k], again.col[k], n * sizeof *col[k]) == 0);
	series_block_free(&again);
	str_free(&blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	enum pack_kind kind = data[0] & 1 ? PACK_ENTRIES : PACK_POINTS;
	size_t n = 1 + ((size_t)data[1] | (size_t)data[2] << 8) % BLOCK_MOST;
	static struct codec *c;
	if (!c)
		c = codec_new();
	struct series_block out = { 0 };
	struct str blob = STR_INIT;
	str_addn(&blob, data + 3, size - 3);
	codec_seal(&blob);
	series_block_room(&out, COLUMNS_MOST, n);
	memset(out.memory, 0, COLUMNS_MOST * out.room * sizeof *out.memory);
	codec_unpack(c, kind, 1u << P_VALUE, blob.p, blob.len, out.col, n);
	if (codec_unpack(c, kind, UINT32_MAX, blob.p, blob.len, out.col, n))
		check_again(c, kind, out.col, n);
	str_free(&blob);
	series_block_free(&out);
	return 0;
}
