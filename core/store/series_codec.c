/* series_codec -- how a column of words becomes few bytes.
 *
 * Blob      format(1) kind(1) n(varint), then per column: length(varint) and that many bytes:
 *           predictor | shape << 4, [decimals], width, heads, base, planes. At the end a checksum (4) of
 *           all that: SQLite has none, and a bit that flips in a plane of noise shows nowhere else.
 * Predictor 0 the words, 1 their differences, 2 the differences of those; the first 0, 1 or 2 words are
 *           kept as `heads`. The least residual is kept as `base` and taken off, so that what is left is
 *           small and not negative. The predictor whose residuals have the fewest bits is taken.
 * Shape     whole: int64; some columns are kept relative to another one (the end of a range to its start).
 *           real: the bits of a double mapped to an int64 of the same order, so that near values are near words.
 *           decimal: doubles that are all exactly i / 10^k for small k, kept as i: what people log rounded.
 * Planes    residual bytes of equal weight stand together, `width` planes; each is one constant byte,
 *           raw, or zstd when that is shorter. Noise stays raw and costs nothing to read; exponents and
 *           small residuals shrink to what their distribution allows.
 * Transposition  eight words at a time as an 8x8 matrix of bytes, three rounds of masked swaps
 *           (Warren, Hacker's Delight, 7-3): four operations a word whatever the width.
 */
#include "core/store/series_codec.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/base/mem.h"

enum { FORMAT = 1, PREDICTORS = 3, ZSTD_LEVEL = 1, ZSTD_LEAST = 48, MOST_DECIMALS = 9 };
enum shape { SHAPE_WHOLE, SHAPE_REAL, SHAPE_DECIMAL };
enum coding { CODE_RAW, CODE_CONSTANT, CODE_ZSTD };

struct codec {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	uint64_t words[BLOCK_MOST], residual[PREDICTORS][BLOCK_MOST + 8];
	unsigned char plane[8][BLOCK_MOST + 8], squeezed[BLOCK_MOST];
};

/* relative: kept as the difference to that column; -1: as it is. */
static const struct column { bool real; int relative; } point_layout[POINT_COLUMNS] = {
	[P_STEP] = { false, -1 }, [P_MS] = { false, -1 }, [P_VALUE] = { true, -1 },
}, entry_layout[ENTRY_COLUMNS] = {
	[E_STEP0] = { false, -1 }, [E_STEP1] = { false, E_STEP0 }, [E_MS0] = { false, -1 }, [E_MS1] = { false, E_MS0 },
	[E_FIRST] = { true, -1 }, [E_LAST] = { true, -1 }, [E_MIN] = { true, -1 }, [E_MAX] = { true, -1 },
	[E_MIN_STEP] = { false, E_STEP0 }, [E_MIN_MS] = { false, E_MS0 }, [E_MAX_STEP] = { false, E_STEP0 }, [E_MAX_MS] = { false, E_MS0 },
	[E_NAN] = { false, -1 }, [E_INF] = { false, -1 }, [E_MONOTONE] = { false, -1 },
};
static const struct { const struct column *at; int n; } layouts[] = {
	[PACK_POINTS] = { point_layout, POINT_COLUMNS }, [PACK_ENTRIES] = { entry_layout, ENTRY_COLUMNS },
};
static const double power_of_ten[MOST_DECIMALS + 1] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };

struct codec *codec_new(void) { return mem_zalloc(sizeof(struct codec)); }

void codec_free(struct codec *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->pack);
	ZSTD_freeDCtx(c->unpack);
	free(c);
}

int codec_columns(enum pack_kind kind) { return layouts[kind].n; }

/* ---- words ---- */

/* With order INT64_MAX: bits of a double to an int64 in the same order; its own inverse. With 0: the word itself. */
static inline uint64_t ordered(uint64_t word, uint64_t order)
{
	return word ^ ((uint64_t)((int64_t)word >> 63) & order);
}

static uint64_t zigzag(uint64_t v) { return v << 1 ^ (0 - (v >> 63)); }
static uint64_t unzigzag(uint64_t v) { return v >> 1 ^ (0 - (v & 1)); }

static inline void transpose8(uint64_t a[8])
{
	uint64_t t;
	for (int i = 0; i < 4; i++) {
		t = (a[i] >> 32 ^ a[i + 4]) & 0xffffffffu;
		a[i + 4] ^= t;
		a[i] ^= t << 32;
	}
	for (int k = 0; k < 4; k++) {
		int i = k < 2 ? k : k + 2;
		t = (a[i] >> 16 ^ a[i + 2]) & UINT64_C(0x0000ffff0000ffff);
		a[i + 2] ^= t;
		a[i] ^= t << 16;
	}
	for (int i = 0; i < 8; i += 2) {
		t = (a[i] >> 8 ^ a[i + 1]) & UINT64_C(0x00ff00ff00ff00ff);
		a[i + 1] ^= t;
		a[i] ^= t << 8;
	}
}

static inline uint64_t load8(const unsigned char *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return le64toh(v);
}

static inline void store8(unsigned char *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, 8);
}

static void add_varint(struct str *out, uint64_t v)
{
	char b[10];
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		b[n++] = (char)(v | 0x80);
	b[n++] = (char)v;
	str_addn(out, b, n);
}

/* Four lanes, each a bijection of its words, so that a change of one word always shows in its lane; 1 cycle a byte or less. */
static uint32_t checksum(const unsigned char *p, size_t n)
{
	uint64_t lane[4] = { n, 1, 2, 3 }, all = 0;
	for (; n >= 32; p += 32, n -= 32)
		for (int i = 0; i < 4; i++)
			lane[i] = (lane[i] ^ load8(p + 8 * i)) * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; i < n; i++)
		lane[i % 4] = (lane[i % 4] ^ p[i]) * UINT64_C(0x9e3779b97f4a7c15);
	for (int i = 0; i < 4; i++) {
		all = (all ^ lane[i]) * UINT64_C(0xd6e8feb86659fd93);
		all ^= all >> 32;
	}
	return (uint32_t)all;
}

void codec_seal(struct str *blob)
{
	uint32_t sum = htole32(checksum((const unsigned char *)blob->p, blob->len));
	str_addn(blob, &sum, sizeof sum);
}

/* ---- packing ---- */

/* The word as i / 10^decimals when it is exactly that. */
static bool as_decimal(uint64_t bits, int decimals, uint64_t *whole)
{
	double v = double_of(bits), scaled = v * power_of_ten[decimals];
	if (!(fabs(scaled) < 0x1p52))
		return false;
	int64_t i = llrint(scaled);
	*whole = (uint64_t)i;
	return bits_of((double)i / power_of_ten[decimals]) == bits;
}

static int common_decimals(const uint64_t *bits, size_t n, uint64_t *whole)
{
	int d = 0;
	for (size_t i = 0; i < n; ) {
		if (as_decimal(bits[i], d, &whole[i])) {
			i++;
		} else {
			if (++d > MOST_DECIMALS)
				return -1;
			i = 0;
		}
	}
	return d;
}

static enum shape to_words(uint64_t *words, int *decimals, const struct column *how, uint64_t *const col[], int c, size_t n)
{
	if (how->real) {
		*decimals = common_decimals(col[c], n, words);
		if (*decimals >= 0)
			return SHAPE_DECIMAL;
		for (size_t i = 0; i < n; i++)
			words[i] = ordered(col[c][i], INT64_MAX);
		return SHAPE_REAL;
	}
	const uint64_t *rel = how->relative >= 0 ? col[how->relative] : NULL;
	for (size_t i = 0; i < n; i++)
		words[i] = col[c][i] - (rel ? rel[i] : 0);
	return SHAPE_WHOLE;
}

/* Takes the least off all of them; returns the sum of the bit lengths that remain, *base and *any (all ORed). */
static uint64_t take_base(uint64_t *r, size_t n, uint64_t *base, uint64_t *any)
{
	int64_t least = n ? INT64_MAX : 0;
	for (size_t i = 0; i < n; i++)
		if ((int64_t)r[i] < least)
			least = (int64_t)r[i];
	uint64_t cost = 0;
	*any = 0;
	for (size_t i = 0; i < n; i++) {
		r[i] -= (uint64_t)least;
		*any |= r[i];
		cost += r[i] ? 64 - (unsigned)__builtin_clzll(r[i]) : 0;
	}
	*base = (uint64_t)least;
	return cost;
}

static void differences(uint64_t *to, const uint64_t *from, size_t n)
{
	for (size_t i = 1; i < n; i++)
		to[i - 1] = from[i] - from[i - 1];
}

static void pack_plane(struct codec *c, const unsigned char *plane, size_t n, struct str *out)
{
	if (memcmp(plane, plane + 1, n - 1) == 0) {
		str_addc(out, CODE_CONSTANT);
		str_addc(out, (char)plane[0]);
		return;
	}
	size_t squeezed = 0;
	if (n >= ZSTD_LEAST) {
		/* A result that is no shorter does not fit and is an error, which means raw. */
		squeezed = ZSTD_compressCCtx(c->pack, c->squeezed, n - n / 32, plane, n, ZSTD_LEVEL);
		if (ZSTD_isError(squeezed))
			squeezed = 0;
	}
	str_addc(out, squeezed ? CODE_ZSTD : CODE_RAW);
	if (squeezed)
		add_varint(out, squeezed);
	str_addn(out, squeezed ? c->squeezed : plane, squeezed ? squeezed : n);
}

static void pack_planes(struct codec *c, uint64_t *r, size_t n, int width, struct str *out)
{
	for (size_t i = n; i % 8; i++)
		r[i] = 0;
	for (size_t i = 0; i < n; i += 8) {
		uint64_t a[8];
		memcpy(a, r + i, sizeof a);
		transpose8(a);
		for (int b = 0; b < width; b++)
			store8(c->plane[b] + i, a[b]);
	}
	for (int b = 0; b < width; b++)
		pack_plane(c, c->plane[b], n, out);
}

static void pack_column(struct codec *c, const struct column *how, uint64_t *const col[], int k, size_t n, struct str *out)
{
	int decimals = 0, best = 0;
	enum shape shape = to_words(c->words, &decimals, how, col, k, n);
	uint64_t base[PREDICTORS] = { 0 }, any[PREDICTORS] = { 0 }, cost[PREDICTORS] = { 0 };
	memcpy(c->residual[0], c->words, n * sizeof *c->words);
	for (int p = 1; p < PREDICTORS && (size_t)p < n; p++)
		differences(c->residual[p], c->residual[p - 1], n - (size_t)p + 1);
	uint64_t head1 = n > 1 ? c->residual[1][0] : 0;
	for (int p = 0; p < PREDICTORS && (size_t)p < n; p++) {
		cost[p] = take_base(c->residual[p], n - (size_t)p, &base[p], &any[p]);
		if (cost[p] < cost[best])
			best = p;
	}
	int width = any[best] ? (64 - __builtin_clzll(any[best]) + 7) / 8 : 0;
	str_addc(out, (char)(best | shape << 4));
	if (shape == SHAPE_DECIMAL)
		str_addc(out, (char)decimals);
	str_addc(out, (char)width);
	if (best > 0)
		add_varint(out, zigzag(c->words[0]));
	if (best > 1)
		add_varint(out, zigzag(head1));
	add_varint(out, zigzag(base[best]));
	pack_planes(c, c->residual[best], n - (size_t)best, width, out);
}

void codec_pack(struct codec *c, enum pack_kind kind, uint64_t *const col[], size_t n, struct str *out)
{
	struct str one = STR_INIT;
	if (!c->pack)
		c->pack = ZSTD_createCCtx();
	str_addc(out, FORMAT);
	str_addc(out, (char)kind);
	add_varint(out, n);
	for (int k = 0; k < layouts[kind].n; k++) {
		str_clear(&one);
		pack_column(c, &layouts[kind].at[k], col, k, n, &one);
		add_varint(out, one.len);
		str_addn(out, one.p, one.len);
	}
	str_free(&one);
	codec_seal(out);
}

/* ---- unpacking ---- */

struct reader { const unsigned char *p, *end; bool bad; };

static unsigned take_byte(struct reader *r)
{
	if (r->p < r->end)
		return *r->p++;
	r->bad = true;
	return 0;
}

static uint64_t take_varint(struct reader *r)
{
	uint64_t v = 0;
	for (int shift = 0; shift < 64; shift += 7) {
		unsigned b = take_byte(r);
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

static const unsigned char *take_bytes(struct reader *r, uint64_t n)
{
	const unsigned char *p = r->p;
	if (r->bad || n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

/* Plane b of n bytes into c->plane[b]. */
static void unpack_plane(struct codec *c, struct reader *r, int b, size_t n)
{
	const unsigned char *from;
	uint64_t bytes;
	switch (take_byte(r)) {
	case CODE_CONSTANT:
		memset(c->plane[b], (int)take_byte(r), n);
		break;
	case CODE_RAW:
		if ((from = take_bytes(r, n)))
			memcpy(c->plane[b], from, n);
		break;
	case CODE_ZSTD:
		bytes = take_varint(r);
		if ((from = take_bytes(r, bytes)) && ZSTD_decompressDCtx(c->unpack, c->plane[b], n, from, bytes) != n)
			r->bad = true;
		break;
	default:
		r->bad = true;
	}
}

static void unpack_planes(struct codec *c, struct reader *r, int width, size_t n)
{
	uint64_t *to = c->residual[0];
	for (int b = 0; b < width; b++)
		unpack_plane(c, r, b, n);
	if (!width || r->bad) {
		memset(to, 0, n * sizeof *to);
		return;
	}
	for (size_t i = 0; i < n; i += 8) {
		uint64_t a[8] = { 0 };
		for (int b = 0; b < width; b++)
			a[b] = load8(c->plane[b] + i);
		transpose8(a);
		memcpy(to + i, a, sizeof a);
	}
}

static void undo_prediction(uint64_t *to, const uint64_t *r, size_t n, unsigned predictor, const uint64_t head[2], uint64_t base, uint64_t order)
{
	uint64_t word = head[0], step = head[1];
	switch (predictor) {
	case 0:
		for (size_t i = 0; i < n; i++)
			to[i] = ordered(r[i] + base, order);
		break;
	case 1:
		to[0] = ordered(word, order);
		for (size_t i = 1; i < n; i++)
			to[i] = ordered(word += r[i - 1] + base, order);
		break;
	default:
		to[0] = ordered(word, order);
		to[1] = ordered(word += step, order);
		for (size_t i = 2; i < n; i++)
			to[i] = ordered(word += step += r[i - 2] + base, order);
	}
}

static bool unpack_column(struct codec *c, const struct column *how, struct reader *r, uint64_t *const col[], int k, size_t n)
{
	unsigned tag = take_byte(r), predictor = tag & 15, shape = tag >> 4;
	unsigned decimals = shape == SHAPE_DECIMAL ? take_byte(r) : 0, width = take_byte(r);
	uint64_t head[2] = { 0, 0 };
	if (predictor >= PREDICTORS || predictor >= n || width > 8 || decimals > MOST_DECIMALS
		|| shape > SHAPE_DECIMAL || how->real != (shape != SHAPE_WHOLE))
		return false;
	for (unsigned i = 0; i < predictor; i++)
		head[i] = unzigzag(take_varint(r));
	uint64_t base = unzigzag(take_varint(r));
	unpack_planes(c, r, (int)width, n - predictor);
	if (r->bad || r->p != r->end)
		return false;
	uint64_t *to = col[k];
	undo_prediction(to, c->residual[0], n, predictor, head, base, shape == SHAPE_REAL ? INT64_MAX : 0);
	if (shape == SHAPE_DECIMAL)
		for (size_t i = 0; i < n; i++)
			to[i] = bits_of((double)(int64_t)to[i] / power_of_ten[decimals]);
	if (how->relative >= 0)
		for (size_t i = 0; i < n; i++)
			to[i] += col[how->relative][i];
	return true;
}

bool codec_unpack(struct codec *c, enum pack_kind kind, uint32_t want, const void *blob, size_t bytes, uint64_t *const col[], size_t n)
{
	uint32_t sum;
	if (bytes < sizeof sum)
		return false;
	struct reader r = { .p = blob, .end = (const unsigned char *)blob + bytes - sizeof sum };
	memcpy(&sum, r.end, sizeof sum);
	if (le32toh(sum) != checksum(blob, bytes - sizeof sum))
		return false;
	if (!c->unpack)
		c->unpack = ZSTD_createDCtx();
	if (take_byte(&r) != FORMAT || take_byte(&r) != (unsigned)kind || take_varint(&r) != n || !n || n > BLOCK_MOST || r.bad)
		return false;
	for (int k = 0; k < layouts[kind].n; k++) {
		struct reader one;
		uint64_t length = take_varint(&r);
		one.p = take_bytes(&r, length);
		one.end = r.p;
		one.bad = r.bad;
		if (r.bad)
			return false;
		if ((want >> k & 1) && !unpack_column(c, &layouts[kind].at[k], &one, col, k, n))
			return false;
	}
	return r.p == r.end;
}
