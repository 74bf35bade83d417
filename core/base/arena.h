/* arena -- many small objects that die together; what snapshots live in.
 *
 * Owns     the arena owns every pointer it gave out until arena_free().
 * Threads  one at a time; hand over as a whole (task -> UI thread).
 * Limits   alignment is that of max_align_t.
 */
#ifndef MLYARD_BASE_ARENA_H
#define MLYARD_BASE_ARENA_H
#include <stddef.h>

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *a);                  /* NULL is fine */
void *arena_alloc(struct arena *a, size_t n);      /* uninitialised */
void *arena_zalloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size);   /* zeroed; overflow checked */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);   /* copies NUL bytes too; adds one */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_bytes(const struct arena *a);         /* held from the system */
#endif
