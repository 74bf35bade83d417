/* dict -- the distinct values of a column and their codes, in order of first sight.
 *
 * Table    open addressing, at most half full; a slot is 32 bits of hash and the code, so that most misses do not touch the words.
 *          The hash starts from a random number: files cannot be made to collide.
 * Owns     slots, words and rows; the bytes live in the arena that was handed over.
 * Threads  one at a time.
 */
#ifndef MLYARD_IO_DICT_H
#define MLYARD_IO_DICT_H
#include "core/base/arena.h"
#include "core/io/frame.h"

struct dict {
	struct frame_word *words; uint32_t *first;             /* first: row of first sight */
	size_t n, cap, cap_first;
	uint64_t *slots; size_t mask;
	struct arena *arena; char *room; size_t left;          /* arena NULL: words are borrowed */
};
void dict_init(struct dict *d, struct arena *arena);
void dict_free(struct dict *d);
void dict_clear(struct dict *d);                           /* keeps the table; the arena is the caller's */
uint32_t dict_add(struct dict *d, const char *p, size_t n, uint32_t row);      /* its code, new or known */
uint32_t dict_find(const struct dict *d, const char *p, size_t n);             /* FRAME_NO_CODE: not there */
size_t dict_bytes(const struct dict *d);                   /* without the arena */
#endif
