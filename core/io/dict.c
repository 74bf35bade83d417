#include "core/io/dict.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/runs/hash.h"

enum { FIRST_SLOTS = 64, ROOM = 32 << 10 };

static uint64_t hash_of(const struct dict *d, const char *p, size_t n)
{
	const uint64_t h = hash_bytes(d->slots[d->mask + 1], p, n);
	return h ^ h >> 29;
}

/* Slots are followed by the number that hashes start from. */
static void make_slots(struct dict *d, size_t count, uint64_t start)
{
	free(d->slots);
	d->slots = mem_array(count + 1, sizeof *d->slots);
	memset(d->slots, 0, (count + 1) * sizeof *d->slots);
	d->mask = count - 1;
	d->slots[count] = start;
}

void dict_init(struct dict *d, struct arena *arena)
{
	uint64_t start;
	randombytes_buf(&start, sizeof start);
	*d = (struct dict){ .arena = arena };
	make_slots(d, FIRST_SLOTS, start);
}

void dict_free(struct dict *d)
{
	free(d->words);
	free(d->first);
	free(d->slots);
	*d = (struct dict){ 0 };
}

void dict_clear(struct dict *d)
{
	memset(d->slots, 0, (d->mask + 1) * sizeof *d->slots);
	d->n = d->left = 0;
}

size_t dict_bytes(const struct dict *d)
{
	return d->cap * sizeof *d->words + d->cap_first * sizeof *d->first + (d->mask + 2) * sizeof *d->slots;
}

/* The slot that holds the word, or the empty one where it belongs. */
static size_t probe(const struct dict *d, const char *p, size_t n, uint64_t h)
{
	size_t i = (size_t)(h >> 32) & d->mask;
	for (uint64_t s; (s = d->slots[i]); i = (i + 1) & d->mask) {
		if ((uint32_t)(s >> 32) != (uint32_t)h)
			continue;
		const struct frame_word *w = &d->words[(uint32_t)s - 1];
		if (w->n == n && (!n || !memcmp(w->p, p, n)))
			break;
	}
	return i;
}

static void grow(struct dict *d)
{
	make_slots(d, (d->mask + 1) * 2, d->slots[d->mask + 1]);
	for (size_t k = 0; k < d->n; k++) {
		const uint64_t h = hash_of(d, d->words[k].p, d->words[k].n);
		size_t i = (size_t)(h >> 32) & d->mask;
		while (d->slots[i])
			i = (i + 1) & d->mask;
		d->slots[i] = h << 32 | (k + 1);
	}
}

static const char *keep(struct dict *d, const char *p, size_t n)
{
	if (!d->arena)
		return p;
	if (n > ROOM / 4)
		return memcpy(arena_alloc(d->arena, n), p, n);
	if (n > d->left) {
		d->left = d->n < 16 ? 256 : ROOM;              /* most columns have a handful of words */
		if (d->left < n)
			d->left = n;
		d->room = arena_alloc(d->arena, d->left);
	}
	char *at = d->room;
	memcpy(at, p, n);
	d->room += n;
	d->left -= n;
	return at;
}

uint32_t dict_add(struct dict *d, const char *p, size_t n, uint32_t row)
{
	const uint64_t h = hash_of(d, p, n);
	const size_t i = probe(d, p, n, h);
	if (d->slots[i])
		return (uint32_t)d->slots[i] - 1;
	MEM_GROW(d->words, d->cap, d->n + 1);
	MEM_GROW(d->first, d->cap_first, d->n + 1);
	d->words[d->n] = (struct frame_word){ n ? keep(d, p, n) : "", (uint32_t)n };
	d->first[d->n] = row;
	d->slots[i] = h << 32 | (d->n + 1);
	if (++d->n * 2 > d->mask)
		grow(d);
	return (uint32_t)(d->n - 1);
}

uint32_t dict_find(const struct dict *d, const char *p, size_t n)
{
	const size_t i = probe(d, p, n, hash_of(d, p, n));
	return d->slots[i] ? (uint32_t)d->slots[i] - 1 : FRAME_NO_CODE;
}
