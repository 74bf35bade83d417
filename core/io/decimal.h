/* decimal -- decimal digits to the nearest double, fast enough for files of a hundred million numbers.
 *
 * Method   digits are gathered eight at a time (word arithmetic on the eight bytes); up to 2^53 with a power of ten up to 10^22 both are exact
 *          and one division or multiplication rounds once (Clinger, "How to read floating point numbers accurately", 1990, fast path). Else the 64-bit
 *          mantissa is multiplied by a 128-bit power of five, truncated, with a known bound of the error: where the bound leaves one
 *          nearest double that is it, else strtod in the C locale decides (near ties, subnormals, overflow). The idea of deciding by a truncated
 *          128-bit product is that of Eisel and Lemire (2021); table and error bound are made here (decimal.c).
 * Needs    decimal_quick reads up to 8 bytes past a digit run, decimal_field 24 behind its beginning: the buffer must have DECIMAL_SLACK readable bytes behind its end.
 * Threads  pure; the table is made once.
 */
#ifndef MLYARD_IO_DECIMAL_H
#define MLYARD_IO_DECIMAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { DECIMAL_SLACK = 32 };
extern const double decimal_ten[23];               /* 10^0 .. 10^22, exact */

/* m * 10^e10, more digits behind m when `more`; false: not decided, ask strtod. */
bool decimal_scale(uint64_t m, int e10, bool more, double *out);
/* The whole of p[0..n) is one decimal number (sign, digits, point, exponent); false: it is none. */
bool decimal_parse(const char *p, size_t n, char point, double *out, bool *integer);

/* How many of the eight bytes are digits from the first on; *value is theirs. */
static inline unsigned decimal_eight(const char *p, uint64_t *value)
{
	uint64_t w;
	memcpy(&w, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	w ^= UINT64_C(0x3030303030303030);
	const uint64_t odd = ((w + UINT64_C(0x7676767676767676)) | w) & UINT64_C(0x8080808080808080);
	const unsigned k = odd ? (unsigned)__builtin_ctzll(odd) >> 3 : 8;
	if (!k) {
		*value = 0;
		return 0;
	}
	w <<= 64 - 8 * k;                          /* leading zeros in front of what is there */
	w = w * 10 + (w >> 8);
	*value = ((w & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
		((w >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >> 32;
	return k;
}

/* The common shapes -12, 3.25, 0.123456: *p moves behind the number. False: another shape or none, *p stays. */
static inline bool decimal_quick(const char **p, char point, double *out, bool *integer)
{
	const char *s = *p;
	static const uint32_t ten[8] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
	const bool minus = *s == '-';
	uint64_t whole, part = 0;
	s += minus;
	const unsigned n = decimal_eight(s, &whole);
	if (n == 8 || !n)
		return false;
	s += n;
	*integer = *s != point;
	double v = (double)(int64_t)whole;
	if (!*integer) {
		const unsigned k = decimal_eight(++s, &part);
		if (k == 8)
			return false;
		s += k;
		v = (double)(int64_t)(whole * ten[k] + part) / (double)ten[k];
	}
	*p = s;
	*out = minus ? -v : v;
	return true;
}

#ifdef __SSE2__
/* Value of the k bytes at p, 1 <= k <= 8; *odd becomes non-zero when one of them is no digit. */
static inline uint64_t decimal_run(const char *p, unsigned k, uint64_t *odd)
{
	uint64_t w;
	memcpy(&w, p, 8);
	w = (w ^ UINT64_C(0x3030303030303030)) << (64 - 8 * k);
	*odd |= ((w + UINT64_C(0x7676767676767676)) | w) & UINT64_C(0x8080808080808080);
	w = w * 10 + (w >> 8);
	return ((w & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) + ((w >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >> 32;
}

/* A field of one of those shapes, up to a delimiter or line end within 16 bytes. Where it ends is known before its digits are looked at, so that the next
 * field can begin at once: a processor works at two or three together. */
static inline bool decimal_field(const char **p, char delimiter, char point, double *out, bool *integer)
{
	const char *const s = *p;
	const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
	const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(delimiter)), _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'))));
	const unsigned stops = (unsigned)_mm_movemask_epi8(ends), points = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(point)));
	const unsigned n = (unsigned)__builtin_ctz(stops | 1u << 16), at = (unsigned)__builtin_ctz(points | 1u << n), minus = *s == '-', whole = at - minus, part = n - at - 1;
	uint64_t odd = 0;
	if (n == 16 || whole - 1 > 7)
		return false;
	*integer = at == n;
	int64_t m = (int64_t)decimal_run(s + minus, whole, &odd);
	double value = (double)m;
	if (!*integer) {
		static const uint32_t ten[8] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
		if (part - 1 > 6)
			return false;
		m = m * ten[part] + (int64_t)decimal_run(s + at + 1, part, &odd);
		value = (double)m / (double)ten[part];
	}
	if (odd)
		return false;
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	bits |= (uint64_t)minus << 63;
	memcpy(out, &bits, sizeof bits);
	*p = s + n;
	return true;
}
#else
static inline bool decimal_field(const char **p, char delimiter, char point, double *out, bool *integer)
{
	const char *s = *p;
	if (!decimal_quick(&s, point, out, integer) || (*s != delimiter && *s != '\n' && *s != '\r'))
		return false;
	*p = s;
	return true;
}
#endif
#endif
