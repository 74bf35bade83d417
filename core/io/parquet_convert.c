/* What the values of a column become, by physical and logical type: one row each. */
#include <math.h>
#include <string.h>

#include "core/io/parquet.h"

enum { LIMBS = 16, WIDEST = 4 * LIMBS };

/* From values next to each other to doubles. */
#define CONVERT(name, type, expression) \
	static void name(const struct parquet_leaf *leaf, const unsigned char *from, size_t n, double *to) \
	{ \
		(void)leaf; \
		for (size_t i = 0; i < n; i++) { \
			type v; \
			memcpy(&v, from + i * sizeof v, sizeof v); \
			to[i] = (expression); \
		} \
	}
CONVERT(of_truth, unsigned char, v != 0)
CONVERT(of_int32, int32_t, v)
CONVERT(of_uint32, uint32_t, v)
CONVERT(of_int64, int64_t, (double)v)
CONVERT(of_uint64, uint64_t, (double)v)
CONVERT(of_float, float, (double)v)
CONVERT(of_days, int32_t, v * 86400e3)
CONVERT(of_micros, int64_t, (double)(v / 1000) + (double)(v % 1000) / 1e3)
CONVERT(of_nanos, int64_t, (double)(v / 1000000) + (double)(v % 1000000) / 1e6)

static void of_double(const struct parquet_leaf *leaf, const unsigned char *from, size_t n, double *to)
{
	(void)leaf;
	memcpy(to, from, n * sizeof *to);
}

static void of_time(const struct parquet_leaf *leaf, const unsigned char *from, size_t n, double *to)
{
	(leaf->unit == 9 ? of_nanos : leaf->unit == 6 ? of_micros : of_int64)(leaf, from, n, to);
}

/* Nanoseconds of the day, then the Julian day. */
static void of_int96(const struct parquet_leaf *leaf, const unsigned char *from, size_t n, double *to)
{
	(void)leaf;
	for (size_t i = 0; i < n; i++, from += 12) {
		uint64_t nanos;
		uint32_t day;
		memcpy(&nanos, from, 8);
		memcpy(&day, from + 8, 4);
		int64_t ms = ((int64_t)day - 2440588) * 86400000 + (int64_t)(nanos / 1000000), rest = (int64_t)(nanos % 1000000);
		if (ms < 0 && rest) {
			ms++;                          /* of one sign, so that nothing is lost in the sum */
			rest -= 1000000;
		}
		to[i] = (double)ms + (double)rest / 1e6;
	}
}

static double of_half(uint16_t h)
{
	const int exponent = h >> 10 & 31, fraction = h & 1023;
	const double v = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY) : exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
	return h >> 15 ? -v : v;
}
CONVERT(of_float16, uint16_t, of_half(v))

/* ---- decimals ---- */

/* Magnitude in limbs, least first, to decimal digits from the end of buf; returns where they begin. */
static char *digits_of(uint32_t limb[LIMBS], char *end)
{
	for (size_t top = LIMBS; top;) {
		uint64_t rest = 0;
		for (size_t i = top; i--;) {
			const uint64_t v = rest << 32 | limb[i];
			limb[i] = (uint32_t)(v / 1000000000);
			rest = v % 1000000000;
		}
		for (int k = 0; k < 9; k++, rest /= 10)
			*--end = (char)('0' + rest % 10);
		while (top && !limb[top - 1])
			top--;
	}
	return end;
}

double parquet_decimal(const unsigned char *p, size_t n, int scale)
{
	uint32_t limb[LIMBS] = { 0 };
	char buf[9 * 18 + 16];
	const bool minus = n && p[0] >> 7;
	unsigned carry = minus;
	if (n > WIDEST)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		const unsigned b = (minus ? (unsigned char)~p[n - 1 - i] : p[n - 1 - i]) + carry;
		carry = b >> 8;
		limb[i / 4] |= (uint32_t)(b & 255) << i % 4 * 8;
	}
	if (carry && n < WIDEST)
		limb[n / 4] |= UINT32_C(1) << n % 4 * 8;
	/* Room for an exponent of -400 behind the digits. */
	char *end = buf + sizeof buf - 8, *from = digits_of(limb, end);
	size_t len = (size_t)(end - from);
	if (scale) {
		const unsigned power = (unsigned)(scale < 0 ? -scale : scale);
		const char exponent[5] = { 'e', scale < 0 ? '+' : '-', (char)('0' + power / 100), (char)('0' + power / 10 % 10), (char)('0' + power % 10) };
		memcpy(end, exponent, sizeof exponent);
		len += sizeof exponent;
	}
	bool ok, integer;
	const double v = frame_number(from, len, '.', &ok, &integer);
	return !ok ? (double)NAN : minus ? -v : v;
}

/* Whole numbers below 2^53 and powers of ten up to 10^22 are exact: their quotient is correctly rounded. */
static double scaled(int64_t v, int scale)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	unsigned char big[8];
	if (scale >= 0 && scale <= 22 && v > -(INT64_C(1) << 53) && v < INT64_C(1) << 53)
		return (double)v / powers[scale];
	for (int i = 0; i < 8; i++)
		big[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
	return parquet_decimal(big, 8, scale);
}
CONVERT(of_decimal32, int32_t, scaled(v, leaf->scale))
CONVERT(of_decimal64, int64_t, scaled(v, leaf->scale))

static void of_decimal_bytes(const struct parquet_leaf *leaf, const unsigned char *from, size_t n, double *to)
{
	for (size_t i = 0; i < n; i++)
		to[i] = parquet_decimal(from + i * leaf->width, leaf->width, leaf->scale);
}

static const struct parquet_kind kinds[] = {
	{ PARQUET_BOOLEAN, PARQUET_PLAIN, FRAME_BOOLEAN, false, of_truth },
	{ PARQUET_INT32, PARQUET_PLAIN, FRAME_NUMBER, true, of_int32 },
	{ PARQUET_INT32, PARQUET_UNSIGNED, FRAME_NUMBER, true, of_uint32 },
	{ PARQUET_INT32, PARQUET_DATE, FRAME_TIME, false, of_days },
	{ PARQUET_INT32, PARQUET_TIME, FRAME_NUMBER, true, of_int32 },          /* of the day: milliseconds since midnight */
	{ PARQUET_INT32, PARQUET_DECIMAL, FRAME_NUMBER, false, of_decimal32 },
	{ PARQUET_INT64, PARQUET_PLAIN, FRAME_NUMBER, true, of_int64 },
	{ PARQUET_INT64, PARQUET_UNSIGNED, FRAME_NUMBER, true, of_uint64 },
	{ PARQUET_INT64, PARQUET_TIME, FRAME_NUMBER, false, of_time },
	{ PARQUET_INT64, PARQUET_TIMESTAMP, FRAME_TIME, false, of_time },
	{ PARQUET_INT64, PARQUET_DECIMAL, FRAME_NUMBER, false, of_decimal64 },
	{ PARQUET_INT96, PARQUET_PLAIN, FRAME_TIME, false, of_int96 },
	{ PARQUET_INT96, PARQUET_TIMESTAMP, FRAME_TIME, false, of_int96 },
	{ PARQUET_FLOAT, PARQUET_PLAIN, FRAME_NUMBER, false, of_float },
	{ PARQUET_DOUBLE, PARQUET_PLAIN, FRAME_NUMBER, false, of_double },
	{ PARQUET_BYTES, PARQUET_PLAIN, FRAME_TEXT, false, NULL },
	{ PARQUET_BYTES, PARQUET_STRING, FRAME_TEXT, false, NULL },
	{ PARQUET_BYTES, PARQUET_DECIMAL, FRAME_NUMBER, false, NULL },
	{ PARQUET_FIXED, PARQUET_PLAIN, FRAME_TEXT, false, NULL },
	{ PARQUET_FIXED, PARQUET_STRING, FRAME_TEXT, false, NULL },
	{ PARQUET_FIXED, PARQUET_UUID, FRAME_TEXT, false, NULL },
	{ PARQUET_FIXED, PARQUET_FLOAT16, FRAME_NUMBER, false, of_float16 },
	{ PARQUET_FIXED, PARQUET_DECIMAL, FRAME_NUMBER, false, of_decimal_bytes },
};

const struct parquet_kind *parquet_kind_of(const struct parquet_leaf *l)
{
	if ((l->logical == PARQUET_FLOAT16 && l->width != 2) || (l->logical == PARQUET_UUID && l->width != 16))
		return NULL;
	if (l->logical == PARQUET_DECIMAL && l->width > WIDEST)
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].physical == l->physical && kinds[i].logical == l->logical)
			return &kinds[i];
	return NULL;
}
