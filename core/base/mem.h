/* mem -- allocation that either succeeds or ends the program cleanly.
 *
 * Why      every write goes through a transaction, so ending on exhaustion
 *          loses nothing; a return code on each of a thousand small
 *          allocations would hide the logic. Sizes that come from outside
 *          (files, the network, the user) use mem_try(), which can fail.
 * Errors   on exhaustion the handler set by mem_on_exhausted() runs (the
 *          terminal is restored there), then abort().
 * Threads  any; the handler is set before threads start.
 */
#ifndef MLYARD_BASE_MEM_H
#define MLYARD_BASE_MEM_H
#include <stddef.h>

void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull, alloc_size(1)));
void *mem_zalloc(size_t n) __attribute__((malloc, returns_nonnull, alloc_size(1)));
void *mem_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));
void *mem_realloc(void *p, size_t n) __attribute__((returns_nonnull, alloc_size(2)));
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull, nonnull));
char *mem_strndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull, nonnull));
/* May return NULL: for sizes named by outside data. */
void *mem_try(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2)));

/* Large arrays that are about to be filled: asks for huge pages, which spare most of the time that the first touch of each small one costs. */
void mem_advise_huge(void *p, size_t bytes);

/* Grows *p (elements of `size` bytes) so that `need` of them fit; doubles. */
void mem_grow(void *p, size_t *cap, size_t need, size_t size);
#define MEM_GROW(ptr, cap, need) mem_grow((void *)&(ptr), &(cap), (need), sizeof *(ptr))

void mem_on_exhausted(void (*fn)(size_t wanted));
/* Ends the program as an allocation of `wanted` bytes that failed would. */
_Noreturn void mem_exhausted(size_t wanted);
/* Test hook: the n-th mem_try() from now fails (n = 1: the next); 0 turns it off. */
void mem_fail_after(long n);
#endif
