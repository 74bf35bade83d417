/* pair_decimal -- sorting of numbers that people wrote: decimals of few digits are whole numbers over a power of ten.
 *
 * A value v with v = round(v * 10^k) / 10^k, as the division rounds it, is known by the whole number alone. Where that holds for all values with one k and the whole numbers span less than
 * 2^32, they are sorted instead: counted where they are few (one pass over the values), else by at most three passes of 8 to 11 bits over keys of four bytes. The values are then divided out of
 * the keys, which gives back exactly the doubles that were there. 64 values decide whether it is worth a try.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/drift/pair_impl.h"

enum { MOST_POWER = 9, PROBED = 64, BLOCK = 1024, COUNTED = 1 << 16, MOST_BITS = 11 };
static const double to_whole = 0x1.8p52, most_whole = 0x1p50;     /* adding and taking off to_whole rounds what is smaller than 2^51 */

struct scale { double ten, least; uint64_t span; };

typedef double double4 __attribute__((vector_size(32)));
typedef uint64_t whole4 __attribute__((vector_size(32)));
typedef uint32_t key4 __attribute__((vector_size(16)));
typedef int32_t int4 __attribute__((vector_size(16)));

static double whole(double v, double ten) { return (v * ten + to_whole) - to_whole; }

static inline uint32_t get(const char *p, size_t i)
{
	uint32_t k;
	memcpy(&k, p + i * sizeof k, sizeof k);
	return k;
}

static inline void put(char *p, size_t i, uint32_t k) { memcpy(p + i * sizeof k, &k, sizeof k); }

static bool probe(const double *a, size_t n, double ten)
{
	const size_t step = n / PROBED;
	for (size_t i = 0; i < PROBED; i++)
		if (whole(a[i * step], ten) / ten != a[i * step])
			return false;
	return true;
}

/* The first power of ten from `from` on that the probe allows and whose range fits; false: none. */
static bool find_scale(const double *a, size_t n, double low, double high, int *from, struct scale *s)
{
	double ten = pow(10, *from);
	for (; *from <= MOST_POWER; ++*from, ten *= 10) {
		if (!(fmax(fabs(low), fabs(high)) * ten < most_whole) || !((high - low) * ten < 0x1p32 - 2))
			return false;
		if (probe(a, n, ten)) {
			*s = (struct scale){ ten, whole(low, ten), (uint64_t)(whole(high, ten) - whole(low, ten)) + 1 };
			return true;
		}
	}
	return false;
}

/* Keys of all values; false: some value is no such decimal. Four at a time; adding 2^52 to a whole number leaves it in the lowest bits. */
static bool make_keys(const double *a, size_t n, const struct scale *s, char *keys)
{
	const double ten = s->ten, least = s->least;
	size_t i = 0;
	while (i + 4 <= n) {
		const size_t end = n - i < BLOCK ? n : i + BLOCK;
		whole4 odd = { 0 };
		for (; i + 4 <= end; i += 4) {
			double4 v;
			memcpy(&v, a + i, sizeof v);
			const double4 w = (v * ten + to_whole) - to_whole, low = (w - least) + 0x1p52;
			const key4 k = __builtin_convertvector((whole4)low, key4);
			odd |= (whole4)(w / ten != v);
			memcpy(keys + i * sizeof(uint32_t), &k, sizeof k);
		}
		if (odd[0] | odd[1] | odd[2] | odd[3])
			return false;
	}
	for (; i < n; i++) {
		const double w = whole(a[i], ten);
		if (w / ten != a[i])
			return false;
		put(keys, i, (uint32_t)(int64_t)(w - least));
	}
	return true;
}

static void put_values(double *a, size_t n, const struct scale *s, const char *keys)
{
	const double ten = s->ten, least = s->least;
	size_t i = 0;
	for (; i + 4 <= n; i += 4) {
		key4 k;
		memcpy(&k, keys + i * sizeof(uint32_t), sizeof k);
		const double4 v = (least + __builtin_convertvector((int4)(k ^ 0x80000000u), double4) + 0x1p31) / ten;
		memcpy(a + i, &v, sizeof v);
	}
	for (; i < n; i++)
		a[i] = (least + (double)get(keys, i)) / ten;
}

static void range_of(const double *a, size_t n, double *low, double *high)
{
	double lo[4] = { a[0], a[0], a[0], a[0] }, hi[4] = { a[0], a[0], a[0], a[0] };
	size_t i = 0;
	for (; i + 4 <= n; i += 4)
		for (size_t k = 0; k < 4; k++) {
			const double v = a[i + k];
			lo[k] = v < lo[k] ? v : lo[k], hi[k] = v > hi[k] ? v : hi[k];
		}
	*low = *high = a[0];
	for (int k = 0; k < 4; k++)
		*low = lo[k] < *low ? lo[k] : *low, *high = hi[k] > *high ? hi[k] : *high;
	for (; i < n; i++)
		*low = a[i] < *low ? a[i] : *low, *high = a[i] > *high ? a[i] : *high;
}

static void count_out(double *a, size_t n, const struct scale *s, const char *keys)
{
	uint32_t *count = mem_array(s->span, sizeof *count);
	size_t at = 0;
	for (size_t i = 0; i < n; i++)
		count[get(keys, i)]++;
	for (uint64_t k = 0; k < s->span; k++) {
		const double v = count[k] ? (s->least + (double)k) / s->ten : 0;
		for (uint32_t c = count[k]; c; c--)
			a[at++] = v;
	}
	free(count);
}

static void pass(const char *from, char *to, size_t n, int shift, uint32_t mask, uint32_t *place)
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t k = get(from, i);
		put(to, place[k >> shift & mask]++, k);
	}
}

/* `passes` is a constant wherever this is called: a loop inside the loop over the keys would cost more than the counting. */
static inline __attribute__((always_inline)) void count_digits(const char *keys, size_t n, int passes, int width, uint32_t (*count)[1 << MOST_BITS])
{
	const uint32_t mask = (1u << width) - 1;
	for (size_t i = 0; i < n; i++) {
		const uint32_t k = get(keys, i);
		count[0][k & mask]++;
		if (passes > 1)
			count[1][k >> width & mask]++;
		if (passes > 2)
			count[2][k >> 2 * width & mask]++;
	}
}

static const char *sort_keys(char *from, char *to, size_t n, uint64_t span)
{
	const int bits = 64 - __builtin_clzll(span - 1), passes = (bits + MOST_BITS - 1) / MOST_BITS, width = (bits + passes - 1) / passes;
	const uint32_t mask = (1u << width) - 1;
	uint32_t count[3][1 << MOST_BITS] = { { 0 } };
	if (passes > 2)
		count_digits(from, n, 3, width, count);
	else
		count_digits(from, n, 2, width, count);
	for (int d = 0; d < passes; d++) {
		uint32_t at = 0;
		for (uint32_t v = 0; v <= mask; v++) {
			const uint32_t c = count[d][v];
			count[d][v] = at, at += c;
		}
		pass(from, to, n, d * width, mask, count[d]);
		char *t = from;
		from = to, to = t;
	}
	return from;
}

bool sort_decimals(double *a, double *scratch, size_t n)
{
	char *keys = (char *)scratch, *other = keys + n * sizeof(uint32_t);
	double low, high;
	struct scale s;
	range_of(a, n, &low, &high);
	for (int power = 0; find_scale(a, n, low, high, &power, &s); power++) {
		if (!make_keys(a, n, &s, keys))
			continue;
		if (s.span <= COUNTED) {
			count_out(a, n, &s, keys);
			return true;
		}
		put_values(a, n, &s, sort_keys(keys, other, n, s.span));
		return true;
	}
	return false;
}
