/* The table holds, for q = -342 .. 308, the first 128 bits of 5^q, rounded down: for q >= 0 from exact products by 5, for q < 0 from exact
 * quotients of 2^1152 by 5 (a floor of a floor is the floor of the whole). For a mantissa m of 64 bits, m * T <= m * 5^q * 2^s < m * T + 2^64:
 * of the upper 128 bits of the product the true value lies less than two units above. Rounding to 53 bits can only go wrong when those two units reach or
 * cross the middle between two doubles: then the answer is "not decided". */
#include "core/io/decimal.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum { LEAST = -342, MOST = 308, LIMBS = 37, QUOTIENT_BITS = 1152 };
__extension__ typedef unsigned __int128 wide;
struct power { uint64_t hi, lo; int exp2; };           /* 5^q = (hi:lo) * 2^exp2, rounded down */

const double decimal_ten[23] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	1e19, 1e20, 1e21, 1e22 };
static struct power powers[MOST - LEAST + 1];
static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int top_bit(const uint32_t *a)
{
	int i = LIMBS - 1;
	while (i > 0 && !a[i])
		i--;
	return i * 32 + 31 - __builtin_clz(a[i] | 1u);
}

static uint64_t bits_at(const uint32_t *a, int from)           /* 64 bits whose lowest is bit `from`, which may be below 0 */
{
	uint64_t v = 0;
	for (int i = 63; i >= 0; i--) {
		const int b = from + i;
		v = v << 1 | (b >= 0 ? a[b / 32] >> (b % 32) & 1u : 0);
	}
	return v;
}

static struct power power_of(const uint32_t *a, int scale)
{
	const int low = top_bit(a) - 127;
	return (struct power){ bits_at(a, low + 64), bits_at(a, low), low + scale };
}

static void make_table(void)
{
	uint32_t a[LIMBS] = { 1 };
	for (int q = 0; q <= MOST; q++) {
		uint64_t carry = 0;
		powers[q - LEAST] = power_of(a, 0);
		for (int i = 0; i < LIMBS; i++) {
			carry += (uint64_t)a[i] * 5;
			a[i] = (uint32_t)carry;
			carry >>= 32;
		}
	}
	memset(a, 0, sizeof a);
	a[QUOTIENT_BITS / 32] = 1;
	for (int q = -1; q >= LEAST; q--) {
		uint64_t rest = 0;
		for (int i = LIMBS - 1; i >= 0; i--) {
			rest = rest << 32 | a[i];
			a[i] = (uint32_t)(rest / 5);
			rest %= 5;
		}
		powers[q - LEAST] = power_of(a, -QUOTIENT_BITS);
	}
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* Nearest double of m * 10^e10, m > 0; false: too near the middle between two, or not a normal number. */
static bool scale_one(uint64_t m, int e10, double *out)
{
	if (e10 < LEAST || e10 > MOST)
		return false;
	const struct power *t = &powers[e10 - LEAST];
	const int up = __builtin_clzll(m);
	m <<= up;
	const wide low = (wide)m * t->lo, high = (wide)m * t->hi + (uint64_t)(low >> 64);
	const int spare = 128 - 53 - !(high >> 127);       /* bits below the 53 that stay */
	const wide half = (wide)1 << (spare - 1), below = high & (((wide)1 << spare) - 1);
	if (below + 2 >= half && below <= half)
		return false;
	const uint64_t bits = (uint64_t)(high >> spare) + (below > half);
	const int exp2 = t->exp2 + e10 - up + 64 + spare;     /* 10^q = 5^q * 2^q; the product's lower 64 bits are gone */
	if (exp2 < -1074 + 1 || exp2 > 971 - 1)
		return false;
	*out = ldexp((double)bits, exp2);
	return true;
}

bool decimal_scale(uint64_t m, int e10, bool more, double *out)
{
	double next;
	if (!more && m <= UINT64_C(1) << 53 && e10 >= -22 && e10 <= 22) {
		*out = e10 < 0 ? (double)m / decimal_ten[-e10] : (double)m * decimal_ten[e10];
		return true;
	}
	if (!m) {
		*out = 0;
		return !more;
	}
	pthread_once(&once, make_table);
	return scale_one(m, e10, out) && (!more || (m < UINT64_MAX && scale_one(m + 1, e10, &next) && *out == next));
}

/* p[0..n) is a checked number: the copy bounds what strtod may read and has a point for a comma. */
static double ask_strtod(const char *p, size_t n, char point)
{
	char small[128], *copy = n < sizeof small ? small : mem_alloc(n + 1);
	memcpy(copy, p, n);
	copy[n] = '\0';
	char *at = point == '.' ? NULL : memchr(copy, point, n);
	if (at)
		*at = '.';
	pthread_once(&once, make_table);
	const double v = strtod_l(copy, NULL, c_locale);
	if (copy != small)
		free(copy);
	return v;
}

struct digits { uint64_t m; int n, scale; bool more, any; };       /* first 19 significant digits; scale: power of ten for m */

static const char *take_digits(const char *p, const char *end, struct digits *d, bool fraction)
{
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		d->any = true;
		if (d->n < 19) {
			d->m = d->m * 10 + (uint64_t)(*p - '0');
			d->n += d->m != 0;
			d->scale -= fraction;
		} else {
			d->more |= *p != '0';
			d->scale += !fraction;
		}
	}
	return p;
}

static const char *take_exponent(const char *p, const char *end, int *e10)
{
	const char *s = p + 1;
	bool minus = false;
	int v = 0;
	if (s < end && (*s == '-' || *s == '+'))
		minus = *s++ == '-';
	if (s == end || *s < '0' || *s > '9')
		return p;
	for (; s < end && *s >= '0' && *s <= '9'; s++)
		v = v < 100000 ? v * 10 + *s - '0' : v;
	*e10 = minus ? -v : v;
	return s;
}

bool decimal_parse(const char *p, size_t n, char point, double *out, bool *integer)
{
	const char *const start = p, *const end = p + n;
	struct digits d = { 0 };
	int e10 = 0;
	const bool minus = n && *p == '-';
	if (n && (*p == '-' || *p == '+'))
		p++;
	p = take_digits(p, end, &d, false);
	*integer = p == end;
	if (p < end && *p == point)
		p = take_digits(p + 1, end, &d, true);
	if (!d.any)
		return false;
	if (p < end && (*p == 'e' || *p == 'E'))
		p = take_exponent(p, end, &e10);
	if (p != end)
		return false;
	double v;
	if (n > 100000 || !decimal_scale(d.m, d.scale + e10, d.more, &v))
		v = fabs(ask_strtod(start, n, point));
	*out = minus ? -v : v;
	return true;
}
