#include "core/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"

/* Entries in insertion order; `slot` is an open-addressing index into them (entry + 1, 0 empty) at a
 * load of at most one half. The hash is FNV-1a with a final mix: keys are names, not adversaries'
 * choice of bucket - a degenerate table is slow, never wrong. */
struct entry { const char *key; size_t n; uint64_t hash; intptr_t value; };
struct map { struct entry *at; size_t count, cap; uint32_t *slot; size_t mask; struct arena *keys; };

static uint64_t hash_bytes(const unsigned char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

struct map *map_new(void)
{
	struct map *m = mem_zalloc(sizeof *m);
	m->mask = 15;
	m->slot = mem_array(m->mask + 1, sizeof *m->slot);
	m->keys = arena_new();
	return m;
}

void map_free(struct map *m)
{
	if (!m)
		return;
	arena_free(m->keys);
	free(m->slot);
	free(m->at);
	free(m);
}

size_t map_count(const struct map *m)
{
	return m->count;
}

/* The slot that holds the key, or the empty one where it belongs. */
static size_t probe(const struct map *m, const void *key, size_t n, uint64_t h)
{
	size_t i = (size_t)h & m->mask;
	for (uint32_t s; (s = m->slot[i]); i = (i + 1) & m->mask) {
		const struct entry *e = &m->at[s - 1];
		if (e->hash == h && e->n == n && (!n || !memcmp(e->key, key, n)))
			break;
	}
	return i;
}

static void rehash(struct map *m)
{
	m->mask = m->mask * 2 + 1;
	free(m->slot);
	m->slot = mem_array(m->mask + 1, sizeof *m->slot);
	for (size_t k = 0; k < m->count; k++) {
		size_t i = (size_t)m->at[k].hash & m->mask;
		while (m->slot[i])
			i = (i + 1) & m->mask;
		m->slot[i] = (uint32_t)k + 1;
	}
}

int64_t map_find(const struct map *m, const void *key, size_t n)
{
	return (int64_t)m->slot[probe(m, key, n, hash_bytes(key, n))] - 1;
}

size_t map_add(struct map *m, const void *key, size_t n, bool *added)
{
	uint64_t h = hash_bytes(key, n);
	size_t i = probe(m, key, n, h);
	if (added)
		*added = !m->slot[i];
	if (m->slot[i])
		return m->slot[i] - 1;
	if (m->count * 2 >= m->mask) {
		rehash(m);
		i = probe(m, key, n, h);
	}
	MEM_GROW(m->at, m->cap, m->count + 1);
	m->at[m->count] = (struct entry){ arena_strndup(m->keys, n ? key : "", n), n, h, 0 };
	m->slot[i] = (uint32_t)++m->count;
	return m->count - 1;
}

const char *map_key(const struct map *m, size_t i, size_t *n)
{
	if (n)
		*n = m->at[i].n;
	return m->at[i].key;
}

intptr_t *map_value(struct map *m, size_t i)
{
	return &m->at[i].value;
}
