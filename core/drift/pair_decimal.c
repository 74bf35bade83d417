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

/* Keys of all values; false: some value is no such decimal. */
static bool make_keys(const double *a, size_t n, const struct scale *s, char *keys)
{
	for (size_t at = 0; at < n; at += BLOCK) {
		const size_t end = n - at < BLOCK ? n : at + BLOCK;
		unsigned odd = 0;
		for (size_t i = at; i < end; i++) {
			const double w = whole(a[i], s->ten);
			odd |= w / s->ten != a[i];
			put(keys, i, (uint32_t)(int64_t)(w - s->least));
		}
		if (odd)
			return false;
	}
	return true;
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

static const char *sort_keys(char *from, char *to, size_t n, uint64_t span)
{
	const int bits = 64 - __builtin_clzll(span - 1), passes = (bits + MOST_BITS - 1) / MOST_BITS, width = (bits + passes - 1) / passes;
	const uint32_t mask = (1u << width) - 1;
	uint32_t count[3][1 << MOST_BITS] = { { 0 } };
	for (size_t i = 0; i < n; i++) {
		const uint32_t k = get(from, i);
		for (int d = 0; d < passes; d++)
			count[d][k >> d * width & mask]++;
	}
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
	double low = a[0], high = a[0];
	struct scale s;
	for (size_t i = 1; i < n; i++)
		low = a[i] < low ? a[i] : low, high = a[i] > high ? a[i] : high;
	for (int power = 0; find_scale(a, n, low, high, &power, &s); power++) {
		if (!make_keys(a, n, &s, keys))
			continue;
		if (s.span <= COUNTED) {
			count_out(a, n, &s, keys);
			return true;
		}
		const char *sorted = sort_keys(keys, other, n, s.span);
		for (size_t i = 0; i < n; i++)
			a[i] = (s.least + (double)get(sorted, i)) / s.ten;
		return true;
	}
	return false;
}
