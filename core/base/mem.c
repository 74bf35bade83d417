#include "core/base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void (*exhausted)(size_t wanted);
static atomic_long fail_after;

void mem_on_exhausted(void (*fn)(size_t wanted))
{
	exhausted = fn;
}

void mem_fail_after(long n)
{
	atomic_store(&fail_after, n);
}

void mem_exhausted(size_t wanted)
{
	if (exhausted)
		exhausted(wanted);
	fprintf(stderr, "mlyard: out of memory (%zu bytes wanted); what was saved is safe\n", wanted);
	abort();
}

void *mem_alloc(size_t n)
{
	void *p = malloc(n ? n : 1);
	if (!p)
		mem_exhausted(n);
	return p;
}

void *mem_zalloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);
	if (!p)
		mem_exhausted(n);
	return p;
}

void *mem_array(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		mem_exhausted(SIZE_MAX);
	return mem_zalloc(count * size);
}

void *mem_realloc(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);
	if (!q)
		mem_exhausted(n);
	return q;
}

char *mem_strndup(const char *s, size_t n)
{
	char *p = mem_alloc(n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

void *mem_try(size_t count, size_t size)
{
	if (atomic_load(&fail_after) > 0 && atomic_fetch_sub(&fail_after, 1) == 1)
		return NULL;
	if (size && count > SIZE_MAX / size)
		return NULL;
	return calloc(count ? count : 1, size ? size : 1);
}

void mem_advise_huge(void *p, size_t bytes)
{
	const size_t page = (size_t)2 << 20, skip = (page - (uintptr_t)p % page) % page;
	if (bytes >= skip + page)
		madvise((char *)p + skip, (bytes - skip) / page * page, MADV_HUGEPAGE);
}

void mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return;
	size_t want = *cap ? *cap : 8;
	while (want < need) {
		if (want > SIZE_MAX / 2 / size)
			mem_exhausted(SIZE_MAX);
		want *= 2;
	}
	void *at;
	memcpy(&at, p, sizeof at);           /* the caller's pointer has its own type: copy its bytes */
	at = mem_realloc(at, want * size);
	memcpy(p, &at, sizeof at);
	*cap = want;
}
