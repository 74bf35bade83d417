/* map -- byte-string keys to pointers or integers; open addressing, insertion order kept.
 *
 * Why      names (metric keys, run ids) must be found in O(1) and listed in the
 *          order they came; keys are copied in.
 * Limits   2^31 entries. No deletion: nothing needed it.
 */
#ifndef MLYARD_BASE_MAP_H
#define MLYARD_BASE_MAP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;
struct map *map_new(void);
void map_free(struct map *m);                      /* values are the caller's */
size_t map_count(const struct map *m);
/* Index of the key in insertion order, or -1. */
int64_t map_find(const struct map *m, const void *key, size_t n);
/* Index of the key, added when absent (*added says so; may be NULL). */
size_t map_add(struct map *m, const void *key, size_t n, bool *added);
const char *map_key(const struct map *m, size_t i, size_t *n);   /* NUL-terminated; n may be NULL */
intptr_t *map_value(struct map *m, size_t i);      /* valid until the next map_add */
#endif
