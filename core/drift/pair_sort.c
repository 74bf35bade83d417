/* pair_sort -- sorting of doubles, and questions to sorted values.
 *
 * A double's bits, with the sign bit flipped for positive numbers and all bits for negative ones, order as unsigned numbers. Less the least of them they are the keys. Three
 * stable passes of 11 bits sort by the 33 highest bits that differ at all, which leaves few keys of real data unsorted; what is left lies
 * within groups that share those 33 bits and is sorted group by group, a large one by the same method on its lower bits. So two rounds suffice whatever
 * the data, and an array costs three moves of its values, not six. A digit that all keys share costs nothing. Short arrays are merged instead: counting 3 x 2048
 * digits would cost more. Decimals of few digits, which most files hold, go another way (pair_decimal.c). Keys live in the arrays of doubles, written and read as bytes.
 */
#include <math.h>
#include <string.h>
#include "core/drift/pair_impl.h"

enum { DIGIT_BITS = 11, DIGITS = 3, DIGIT_VALUES = 1 << DIGIT_BITS, SHORT = 1500, RUN = 12 };

static inline uint64_t load(const double *p)
{
	uint64_t k;
	memcpy(&k, p, sizeof k);
	return k;
}

static inline void store(double *p, uint64_t k)
{
	memcpy(p, &k, sizeof k);
}

static inline uint64_t key_of(uint64_t bits)
{
	return bits ^ ((uint64_t)-(int64_t)(bits >> 63) | (UINT64_C(1) << 63));
}

static inline uint64_t bits_of(uint64_t key)
{
	return key ^ (((key >> 63) - 1) | (UINT64_C(1) << 63));
}

static void insert_keys(double *a, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t v = load(a + i);
		size_t j = i;
		for (; j > 0 && load(a + j - 1) > v; j--)
			store(a + j, load(a + j - 1));
		store(a + j, v);
	}
}

static void merge_runs(const double *a, size_t mid, size_t end, double *out)
{
	size_t i = 0, j = mid, k = 0;
	while (i < mid && j < end)
		store(out + k++, load(a + j) < load(a + i) ? load(a + j++) : load(a + i++));
	memcpy(out + k, a + i, (mid - i) * sizeof *a);
	memcpy(out + k + mid - i, a + j, (end - j) * sizeof *a);
}

static void merge_keys(double *a, double *scratch, size_t n)
{
	double *from = a, *to = scratch;
	for (size_t i = 0; i < n; i += RUN)
		insert_keys(a + i, n - i < RUN ? n - i : RUN);
	for (size_t w = RUN; w < n; w *= 2) {
		for (size_t i = 0; i < n; i += 2 * w) {
			size_t end = n - i < 2 * w ? n - i : 2 * w;
			merge_runs(from + i, w < end ? w : end, end, to + i);
		}
		double *t = from;
		from = to, to = t;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
}

/* Counts become the places where each digit's values begin; false: all values share one digit. */
static bool places(size_t *count, size_t n)
{
	size_t at = 0;
	for (size_t v = 0; v < DIGIT_VALUES; v++) {
		size_t c = count[v];
		if (c == n)
			return false;
		count[v] = at, at += c;
	}
	return true;
}

static void scatter(const double *from, double *to, size_t n, int shift, size_t *place)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t k = load(from + i);
		store(to + place[k >> shift & (DIGIT_VALUES - 1)]++, k);
	}
}

static void sort_keys(double *a, double *scratch, size_t n, uint64_t least, uint64_t most);

/* Keys are sorted down to bit `shift`; sorts the groups that share all bits above it. */
static void finish_groups(double *a, double *scratch, size_t n, int shift)
{
	for (size_t from = 0, to; from < n; from = to) {
		uint64_t group = load(a + from) >> shift, least = load(a + from), most = least;
		for (to = from + 1; to < n && load(a + to) >> shift == group; to++) {
			uint64_t k = load(a + to);
			least = k < least ? k : least, most = k > most ? k : most;
		}
		if (to - from < SHORT)
			merge_keys(a + from, scratch, to - from);
		else if (least != most)
			sort_keys(a + from, scratch, to - from, least, most);
	}
}

/* Keys between least and most. */
static void sort_keys(double *a, double *scratch, size_t n, uint64_t least, uint64_t most)
{
	size_t count[DIGITS][DIGIT_VALUES] = { { 0 } };
	int bits = least == most ? 0 : 64 - __builtin_clzll(most - least), shift = bits > DIGITS * DIGIT_BITS ? bits - DIGITS * DIGIT_BITS : 0;
	double *from = a, *to = scratch;
	for (size_t i = 0; i < n; i++) {
		uint64_t k = load(a + i) - least;
		store(a + i, k);
		for (int d = 0; d < DIGITS; d++)
			count[d][k >> (shift + d * DIGIT_BITS) & (DIGIT_VALUES - 1)]++;
	}
	for (int d = 0; d < DIGITS; d++) {
		if (!places(count[d], n))
			continue;
		scatter(from, to, n, shift + d * DIGIT_BITS, count[d]);
		double *t = from;
		from = to, to = t;
	}
	if (from != a)
		memcpy(a, from, n * sizeof *a);
	if (shift > 0)
		finish_groups(a, scratch, n, shift);
	for (size_t i = 0; i < n; i++)
		store(a + i, load(a + i) + least);
}

void sort_doubles(double *a, double *scratch, size_t n)
{
	uint64_t least = UINT64_MAX, most = 0;
	if (n >= SHORT && sort_decimals(a, scratch, n))
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t k = key_of(load(a + i));
		least = k < least ? k : least, most = k > most ? k : most;
		store(a + i, k);
	}
	if (n < SHORT)
		merge_keys(a, scratch, n);
	else
		sort_keys(a, scratch, n, least, most);
	for (size_t i = 0; i < n; i++)
		store(a + i, bits_of(load(a + i)));
}

/* NumPy's interpolation: from the nearer end, so that it is exact at both. */
static double between(double a, double b, double t)
{
	double d = b - a;
	if (!isfinite(d))
		return a * (1 - t) + b * t;
	return t < 0.5 ? a + d * t : b - d * (1 - t);
}

double quantile_sorted(const double *sorted, size_t n, double q)
{
	if (n == 0 || !(q >= 0 && q <= 1))
		return NAN;
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;
	return i + 1 >= n ? sorted[n - 1] : between(sorted[i], sorted[i + 1], at - (double)i);
}

size_t count_below(const double *sorted, size_t n, double v)
{
	size_t lo = 0;
	while (n > 0) {
		size_t half = n / 2;
		if (sorted[lo + half] < v)
			lo += half + 1, n -= half + 1;
		else
			n = half;
	}
	return lo;
}

size_t count_to(const double *sorted, size_t n, double v)
{
	size_t lo = 0;
	while (n > 0) {
		size_t half = n / 2;
		if (sorted[lo + half] <= v)
			lo += half + 1, n -= half + 1;
		else
			n = half;
	}
	return lo;
}

/* The k-th smallest (from 0) of two sorted arrays: how many of the first are among the k smallest, by halving. Of k - at->k values more, no more than so many are the first's. */
static double pooled_at(const struct pair *p, size_t k, struct pooled *at)
{
	const double *x = p->ref.sorted, *y = p->cur.sorted;
	const size_t n = p->ref.n, m = p->cur.n, least = k > m ? k - m : 0, more = at->i + (k - at->k);
	size_t lo = least > at->i ? least : at->i, hi = more < n ? more : n;
	while (lo < hi) {
		size_t i = lo + (hi - lo) / 2;
		if (x[i] < y[k - i - 1])
			lo = i + 1;
		else
			hi = i;
	}
	*at = (struct pooled){ k, lo };
	size_t j = k - lo;
	if (lo == n)
		return y[j];
	return j == m || x[lo] <= y[j] ? x[lo] : y[j];
}

double pair_quantile_on(const struct pair *p, double q, struct pooled *from)
{
	size_t n = p->ref.n + p->cur.n;
	if (n == 0 || !(q >= 0 && q <= 1) || (p->ref.n && !p->ref.sorted) || (p->cur.n && !p->cur.sorted))
		return NAN;
	double at = q * (double)(n - 1);
	const size_t i = (size_t)at;
	const double low = pooled_at(p, i, from);
	struct pooled next = *from;
	return i + 1 >= n ? low : between(low, pooled_at(p, i + 1, &next), at - (double)i);
}

double pair_quantile(const struct pair *p, double q)
{
	return pair_quantile_on(p, q, &(struct pooled){ 0, 0 });
}
