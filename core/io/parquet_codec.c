#include <snappy-c.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "core/io/parquet.h"

static const char *unpack_none(const void *from, size_t n, void *to, size_t to_n)
{
	if (n != to_n)
		return "its size is not what its header says";
	memcpy(to, from, n);
	return NULL;
}

static const char *unpack_snappy(const void *from, size_t n, void *to, size_t to_n)
{
	size_t made;
	if (snappy_uncompressed_length(from, n, &made) != SNAPPY_OK || made != to_n)
		return "SNAPPY: not the size that its header says";
	return snappy_uncompress(from, n, to, &made) == SNAPPY_OK ? NULL : "SNAPPY: damaged";
}

/* Several members may follow each other. */
static const char *unpack_gzip(const void *from, size_t n, void *to, size_t to_n)
{
	z_stream z = { .next_in = (void *)(uintptr_t)from, .avail_in = (uInt)n, .next_out = to, .avail_out = (uInt)to_n };
	if (inflateInit2(&z, 15 + 32) != Z_OK)
		return "GZIP: no memory";
	int rc = Z_OK;
	while (rc == Z_OK) {
		rc = inflate(&z, Z_FINISH);
		if (rc == Z_STREAM_END && z.avail_out && z.avail_in)
			rc = inflateReset(&z);
	}
	const bool whole = rc == Z_STREAM_END && !z.avail_out;
	inflateEnd(&z);
	return whole ? NULL : "GZIP: damaged, or not the size that its header says";
}

static const char *unpack_zstd(const void *from, size_t n, void *to, size_t to_n)
{
	return ZSTD_decompress(to, to_n, from, n) == to_n ? NULL : "ZSTD: damaged, or not the size that its header says";
}

static const struct { const char *name; const char *(*unpack)(const void *from, size_t n, void *to, size_t to_n); } codecs[PARQUET_CODECS] = {
	[PARQUET_UNCOMPRESSED] = { "UNCOMPRESSED", unpack_none }, [PARQUET_SNAPPY] = { "SNAPPY", unpack_snappy }, [PARQUET_GZIP] = { "GZIP", unpack_gzip },
	[PARQUET_ZSTD] = { "ZSTD", unpack_zstd }, [PARQUET_LZO] = { "LZO", NULL }, [PARQUET_BROTLI] = { "BROTLI", NULL }, [PARQUET_LZ4] = { "LZ4", NULL },
	[PARQUET_LZ4_RAW] = { "LZ4_RAW", NULL },
};

const char *parquet_codec_name(unsigned codec) { return codec < PARQUET_CODECS ? codecs[codec].name : "a codec without a name"; }
bool parquet_can_unpack(unsigned codec) { return codec < PARQUET_CODECS && codecs[codec].unpack; }

const char *parquet_unpack(unsigned codec, const void *from, size_t n, void *to, size_t to_n)
{
	return parquet_can_unpack(codec) ? codecs[codec].unpack(from, n, to, to_n) : "a codec that is not read here";
}
