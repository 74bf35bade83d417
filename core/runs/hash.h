/* hash -- a 64-bit hash for "is it still the same?": rows, folders, text.
 *
 * Why      comparing 750,000 tags with what is here must not need a lookup each. The
 *          hashes of an owner's rows are added up, so that their order does not
 *          matter, and two sums are compared.
 * Method   words of 8 bytes multiplied and folded, the length at the end; the constants
 *          are odd numbers without pattern. Not for tables that an enemy can fill.
 */
#ifndef MLYARD_RUNS_HASH_H
#define MLYARD_RUNS_HASH_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HASH_START = 1 };

static inline uint64_t hash_word(uint64_t h, uint64_t w)
{
	h = (h ^ w) * UINT64_C(0x9fb21c651e98df25);
	return h ^ (h >> 35);
}

static inline uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t w;

	for (size_t left = n; left >= 8; b += 8, left -= 8) {
		memcpy(&w, b, 8);
		h = hash_word(h, w);
	}
	w = 0;
	if (n & 7)
		memcpy(&w, b, n & 7);
	return hash_word(hash_word(h, w), n + UINT64_C(0x51ed270b7a14c1d3));
}
#endif
