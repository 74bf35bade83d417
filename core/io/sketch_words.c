#include "core/io/sketch_impl.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { FEWEST_WORDS = 64 };

struct sketch_counts *sketch_counts_new(size_t room)
{
	struct sketch_counts *w = mem_zalloc(sizeof *w);
	w->room = room;
	w->arena = arena_new();
	dict_init(&w->dict, w->arena);
	return w;
}

void sketch_counts_free(struct sketch_counts *w)
{
	if (!w)
		return;
	dict_free(&w->dict);
	arena_free(w->arena);
	free(w->count);
	free(w);
}

/* A long word is its beginning and its hash: what is kept of a column has a limit. */
static size_t key_of(const char *p, size_t n, char key[SKETCH_WORD_BYTES])
{
	enum { SUM = 16, MARK = 2 };
	unsigned char sum[SUM];
	const size_t head = SKETCH_WORD_BYTES - MARK - 2 * SUM - 1;
	memcpy(key, p, head);
	memcpy(key + head, "~ ", MARK);
	crypto_generichash(sum, sizeof sum, (const unsigned char *)p, n, NULL, 0);
	sodium_bin2hex(key + head + MARK, 2 * SUM + 1, sum, sizeof sum);
	return head + MARK + 2 * SUM;
}

static void add(struct sketch_counts *w, const char *p, size_t n, uint64_t times)
{
	const uint32_t code = dict_add(&w->dict, p, n, 0);
	const size_t was = w->cap;
	MEM_GROW(w->count, w->cap, w->dict.n);
	if (w->cap > was)
		memset(w->count + was, 0, (w->cap - was) * sizeof *w->count);
	w->count[code] += times;
}

void sketch_counts_add(struct sketch_counts *w, const char *p, size_t n, uint64_t times)
{
	char key[SKETCH_WORD_BYTES];
	if (n > SKETCH_WORD_BYTES)
		add(w, key, key_of(p, n, key), times);
	else
		add(w, p, n, times);
	if (w->dict.n > 2 * SKETCH_WORDS)
		sketch_counts_shrink(w, SKETCH_WORDS);
	else if (w->room && w->dict.n > FEWEST_WORDS && arena_bytes(w->arena) + dict_bytes(&w->dict) > w->room)
		sketch_counts_shrink(w, w->dict.n / 2);
}

static int descending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x < y) - (x > y);
}

/* The count of the first word that is one too many is taken off all: each word that goes took as much from `most` others. */
void sketch_counts_shrink(struct sketch_counts *w, size_t most)
{
	struct sketch_counts fresh = { .arena = arena_new(), .error = w->error, .room = w->room };
	if (w->dict.n <= most) {
		arena_free(fresh.arena);
		return;
	}
	uint64_t *sorted = mem_array(w->dict.n, sizeof *sorted);
	memcpy(sorted, w->count, w->dict.n * sizeof *sorted);
	qsort(sorted, w->dict.n, sizeof *sorted, descending);
	const uint64_t off = sorted[most];
	free(sorted);
	dict_init(&fresh.dict, fresh.arena);
	fresh.error += off;
	for (size_t i = 0; i < w->dict.n; i++)
		if (w->count[i] > off)
			add(&fresh, w->dict.words[i].p, w->dict.words[i].n, w->count[i] - off);
	dict_free(&w->dict);
	arena_free(w->arena);
	free(w->count);
	*w = fresh;
}

static int by_count(const void *a, const void *b)
{
	const struct sketch_word *x = a, *y = b;
	const int bytes = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
	return x->count != y->count ? (x->count < y->count ? 1 : -1) : bytes ? bytes : (x->n > y->n) - (x->n < y->n);
}

void sketch_words_finish(struct sketch_col *c)
{
	struct sketch_counts *w = c->state;
	if (!w)
		return;
	sketch_counts_shrink(w, SKETCH_WORDS);
	free(c->words);
	c->n_words = w->dict.n;
	c->words = mem_array(c->n_words + 1, sizeof *c->words);
	for (size_t i = 0; i < c->n_words; i++)
		c->words[i] = (struct sketch_word){ w->dict.words[i].p, w->dict.words[i].n, w->count[i] };
	qsort(c->words, c->n_words, sizeof *c->words, by_count);
	c->word_error = w->error;
}
