#include "core/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Chunks double up to CHUNK_MAX; an object larger than a quarter of that gets its own chunk, put
 * behind the current one so that the room left there is still used. */
enum { CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20, ALIGN = _Alignof(max_align_t) };

struct chunk {
	struct chunk *next;
	size_t used, cap;
	max_align_t bytes[];
};
struct arena { struct chunk *head; size_t total; };

struct arena *arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->head, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

static struct chunk *chunk_new(struct arena *a, size_t cap)
{
	struct chunk *c = mem_alloc(sizeof *c + cap);
	c->next = NULL;
	c->used = 0;
	c->cap = cap;
	a->total += sizeof *c + cap;
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		mem_exhausted(n);
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	struct chunk *c = a->head;
	if (c && c->cap - c->used >= n) {
		void *p = (char *)c->bytes + c->used;
		c->used += n;
		return p;
	}
	if (c && n > CHUNK_MAX / 4) {
		struct chunk *own = chunk_new(a, n);
		own->used = n;
		own->next = c->next;
		c->next = own;
		return own->bytes;
	}
	size_t cap = c ? c->cap * 2 : CHUNK_MIN;
	if (cap > CHUNK_MAX)
		cap = CHUNK_MAX;
	if (cap < n)
		cap = n;
	struct chunk *fresh = chunk_new(a, cap);
	fresh->next = c;
	fresh->used = n;
	a->head = fresh;
	return fresh->bytes;
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 2 / size)
		mem_exhausted(SIZE_MAX);
	return arena_zalloc(a, count * size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *p = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
	vsnprintf(p, (size_t)(n < 0 ? 0 : n) + 1, fmt, again);
	va_end(again);
	return p;
}

size_t arena_bytes(const struct arena *a)
{
	return a->total;
}
