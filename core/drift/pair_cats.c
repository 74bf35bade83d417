/* pair_cats -- the categories of both sides: their union in order, with counts.
 *
 * Words: each side's dictionary is counted through its codes, sorted bytewise, and both are merged. Codes point into the frames, which may be freed
 * before the pair: words are copied. Numbers: the sorted values are stepped through, from one distinct value to the next.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/pair_impl.h"

static int by_word(const void *a, const void *b)
{
	const struct category *x = a, *y = b;
	size_t n = x->word.n < y->word.n ? x->word.n : y->word.n;
	int c = n ? memcmp(x->word.p, y->word.p, n) : 0;
	return c ? c : (x->word.n > y->word.n) - (x->word.n < y->word.n);
}

static struct category number_cat(struct arena *a, double v)
{
	char text[FMT_MAX];
	fmt_exact(text, v);
	return (struct category){ .word = { arena_strdup(a, text), (uint32_t)strlen(text) }, .value = v };
}

static void note_changes(struct pair *p)
{
	for (size_t i = 0; i < p->n_cats; i++) {
		p->n_new += p->cats[i].ref == 0;
		p->n_lost += p->cats[i].cur == 0;
	}
}

void pair_number_cats(struct pair *p)
{
	const struct side *x = &p->ref, *y = &p->cur;
	struct pair_memory *mem = p->memory;
	size_t distinct = x->n && y->n ? p->walk.distinct : x->distinct + y->distinct;
	if (distinct == 0 || distinct > PAIR_NUMBER_CATS)
		return;
	p->cats = arena_array(mem->arena, distinct, sizeof *p->cats);
	for (size_t i = 0, j = 0; i < x->n || j < y->n; ) {
		double v = j == y->n || (i < x->n && x->sorted[i] < y->sorted[j]) ? x->sorted[i] : y->sorted[j];
		size_t next_i = i + count_to(x->sorted + i, x->n - i, v), next_j = j + count_to(y->sorted + j, y->n - j, v);
		struct category *c = &p->cats[p->n_cats++];
		*c = number_cat(mem->arena, v);
		c->ref = (double)(next_i - i), c->cur = (double)(next_j - j);
		i = next_i, j = next_j;
	}
	note_changes(p);
}

/* The words of a side that occur, sorted, with counts in `ref`. */
static struct category *count_words(const struct frame_col *c, size_t *n)
{
	struct category *cats = mem_array(c->n_words ? c->n_words : 1, sizeof *cats);
	size_t kept = 0;
	for (size_t i = 0; i < c->n_words; i++)
		cats[i] = (struct category){ .word = c->words[i], .value = NAN };
	for (size_t i = 0; i < c->n; i++)
		if (c->code[i] != FRAME_NO_CODE)
			cats[c->code[i]].ref++;
	for (size_t i = 0; i < c->n_words; i++)
		if (cats[i].ref > 0)
			cats[kept++] = cats[i];
	qsort(cats, kept, sizeof *cats, by_word);
	*n = kept;
	return cats;
}

/* Numbers as words: each distinct value is printed once. */
static struct category *count_numbers(const struct frame_col *c, struct arena *a, size_t *n)
{
	double *v = mem_array(c->n + 1, sizeof *v), *scratch = mem_array(c->n + 1, sizeof *scratch);
	size_t kept = 0, cats_n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (isfinite(c->num[i]))
			v[kept++] = c->num[i] + 0.0;
	sort_doubles(v, scratch, kept);
	free(scratch);
	struct category *cats = mem_array(kept + 1, sizeof *cats);
	for (size_t i = 0, next; i < kept; i = next) {
		next = i + count_to(v + i, kept - i, v[i]);
		cats[cats_n] = number_cat(a, v[i]);
		cats[cats_n].value = NAN, cats[cats_n++].ref = (double)(next - i);
	}
	free(v);
	qsort(cats, cats_n, sizeof *cats, by_word);
	*n = cats_n;
	return cats;
}

static bool is_words(const struct frame_col *c)
{
	return c->type == FRAME_CATEGORY || c->type == FRAME_TEXT;
}

static struct category *count_side(const struct frame_col *c, struct arena *a, size_t *n)
{
	*n = 0;
	if (!c)
		return NULL;
	return is_words(c) ? count_words(c, n) : count_numbers(c, a, n);
}

/* A number's category, by its words. */
static uint32_t cat_of_number(const struct pair *p, double v)
{
	char text[FMT_MAX];
	struct category key = { .word = { fmt_exact(text, v), 0 } };
	key.word.n = (uint32_t)strlen(text);
	const struct category *at = bsearch(&key, p->cats, p->n_cats, sizeof *p->cats, by_word);
	return (uint32_t)(at - p->cats);
}

static uint32_t *rows_of(const struct pair *p, const struct frame_col *c, size_t n, struct arena *a)
{
	uint32_t *rows = arena_array(a, n ? n : 1, sizeof *rows);
	size_t kept = 0;
	if (!c)
		return rows;
	if (!is_words(c)) {
		for (size_t i = 0; i < c->n; i++)
			if (isfinite(c->num[i]))
				rows[kept++] = cat_of_number(p, c->num[i] + 0.0);
		return rows;
	}
	uint32_t *cat = mem_array(c->n_words ? c->n_words : 1, sizeof *cat);
	for (size_t i = 0; i < c->n_words; i++) {
		struct category key = { .word = c->words[i] }, *at = bsearch(&key, p->cats, p->n_cats, sizeof *p->cats, by_word);
		cat[i] = at ? (uint32_t)(at - p->cats) : 0;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->code[i] != FRAME_NO_CODE)
			rows[kept++] = cat[c->code[i]];
	free(cat);
	return rows;
}

void pair_word_cats(struct pair *p, const struct frame_col *ref, const struct frame_col *cur)
{
	struct pair_memory *mem = p->memory;
	size_t n, m, i = 0, j = 0;
	struct category *x = count_side(ref, mem->arena, &n), *y = count_side(cur, mem->arena, &m);
	p->cats = arena_array(mem->arena, n + m ? n + m : 1, sizeof *p->cats);
	while (i < n || j < m) {
		int c = i == n ? 1 : j == m ? -1 : by_word(&x[i], &y[j]);
		struct category *to = &p->cats[p->n_cats++];
		*to = c <= 0 ? x[i] : y[j];
		to->word.p = arena_strndup(mem->arena, to->word.n ? to->word.p : "", to->word.n);
		to->ref = c <= 0 ? x[i].ref : 0, to->cur = c >= 0 ? y[j].ref : 0;
		p->n_ref += (size_t)to->ref, p->n_cur += (size_t)to->cur;
		i += c <= 0, j += c >= 0;
	}
	p->ref.distinct = n, p->cur.distinct = m;
	free(x), free(y);
	p->row_ref = rows_of(p, ref, p->n_ref, mem->arena), p->row_cur = rows_of(p, cur, p->n_cur, mem->arena);
	note_changes(p);
}
