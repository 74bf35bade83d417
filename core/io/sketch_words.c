#include "core/io/sketch_impl.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { FEWEST_WORDS = 64, FIXED_PART = 2, FIXED_TIMES = 2, WORD_COST = 64 };

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
	w->all += times;
	if (n > SKETCH_WORD_BYTES)
		add(w, key, key_of(p, n, key), times);
	else
		add(w, p, n, times);
	const size_t loose = w->dict.n - w->fixed;
	if (loose > 2 * SKETCH_WORDS)
		sketch_counts_shrink(w, SKETCH_WORDS);
	else if (w->room && loose > FEWEST_WORDS && arena_bytes(w->arena) + dict_bytes(&w->dict) > w->room)
		sketch_counts_shrink(w, loose / 2);
}

void sketch_counts_fix(struct sketch_counts *w, const struct frame_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(w, words[i].p, words[i].n, 0);
	w->fixed = w->dict.n;
}

void sketch_counts_column(struct sketch_counts *w, const struct frame_col *c)
{
	uint64_t *times = mem_array(c->n_words + 1, sizeof *times);
	for (size_t i = 0; i < c->n; i++)
		if (c->code[i] != FRAME_NO_CODE)
			times[c->code[i]]++;
	for (size_t k = 0; k < c->n_words; k++)
		if (times[k])
			sketch_counts_add(w, c->words[k].p, c->words[k].n, times[k]);
	free(times);
}

static int descending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x < y) - (x > y);
}

/* The count of the first word that is one too many is taken off all that are not fixed: each word that goes took as much from `most` others. */
void sketch_counts_shrink(struct sketch_counts *w, size_t most)
{
	struct sketch_counts fresh = { .arena = arena_new(), .error = w->error, .room = w->room, .fixed = w->fixed, .all = w->all };
	const size_t loose = w->dict.n - w->fixed;
	if (loose <= most) {
		arena_free(fresh.arena);
		return;
	}
	uint64_t *sorted = mem_array(loose, sizeof *sorted);
	memcpy(sorted, w->count + w->fixed, loose * sizeof *sorted);
	qsort(sorted, loose, sizeof *sorted, descending);
	const uint64_t off = sorted[most];
	free(sorted);
	dict_init(&fresh.dict, fresh.arena);
	fresh.error += off;
	for (size_t i = 0; i < w->dict.n; i++)
		if (i < w->fixed || w->count[i] > off)
			add(&fresh, w->dict.words[i].p, w->dict.words[i].n, w->count[i] - (i < w->fixed ? 0 : off));
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
	c->n_words = 0;
	c->words = mem_array(w->dict.n + 1, sizeof *c->words);
	for (size_t i = 0; i < w->dict.n; i++)
		if (w->count[i])
			c->words[c->n_words++] = (struct sketch_word){ w->dict.words[i].p, w->dict.words[i].n, w->count[i], i < w->fixed };
	qsort(c->words, c->n_words, sizeof *c->words, by_count);
	c->word_error = w->error;
}

/* ---- words of a plan ---- */

/* So many are expected in the sample that fewer than fixed_from come four times in 100,000, or less: four deviations of Poisson's distribution, and more where it is skewed. */
double sketch_fixed_total(const struct sketch_col *ref, const struct sketch_col *cur)
{
	const struct sketch_edges *g = ref->edges;
	const double n = (double)(ref->n - ref->missing), m = (double)(cur->n - cur->missing), expected = g->fixed_from + 4 * sqrt(g->fixed_from) + 8;
	return g->fixed_of > 0 && n > 0 ? expected * (n / fmin(n, g->fixed_of)) * ((n + m) / n) : INFINITY;
}

/* What occurs once is no frequent word. A part of the room, counting what a dictionary takes for a word, so that others have some too. */
void sketch_plan_fix(struct sketch_plan *p, struct sketch_counts *seen)
{
	struct sketch_edges *g = &p->cols[p->n_cols - 1];
	struct sketch_col all = { .state = seen };
	size_t bytes = 0, n = 0;
	sketch_words_finish(&all);
	for (; n < all.n_words && n < SKETCH_FIXED && all.words[n].count >= FIXED_TIMES; n++)
		if ((bytes += all.words[n].n + WORD_COST) > p->room / FIXED_PART)
			break;
	g->fixed_of = (double)seen->all;
	g->fixed_from = (double)(seen->error + (n < all.n_words && all.words[n].count >= FIXED_TIMES ? all.words[n].count + 1 : FIXED_TIMES));
	g->fixed = mem_array(n + 1, sizeof *g->fixed);
	g->fixed_bytes = mem_alloc(bytes + 1);
	for (size_t at = 0; g->n_fixed < n; at += all.words[g->n_fixed++].n) {
		memcpy(g->fixed_bytes + at, all.words[g->n_fixed].p, all.words[g->n_fixed].n);
		g->fixed[g->n_fixed] = (struct frame_word){ g->fixed_bytes + at, all.words[g->n_fixed].n };
	}
	free(all.words);
}
