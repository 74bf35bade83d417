/* sketch_sample -- whole rows beside the counts, for what needs several columns at once.
 *
 * Choice   each row has a rank, SplitMix64's output number (seed + its number), which no two rows share. The sample is the longest run of rows by rank that is no more than SKETCH_SAMPLE_ROWS
 *          and takes no more than the room (bottom-k: Broder 1997). That depends on the data alone: not on the parts they come in, their order, or threads. A row that is behind the
 *          end of such a run among some of the rows is behind it among all, so that it can be forgotten at once.
 * Cells    numbers as they are (missing: NaN), words as codes into a dictionary a column, cut at SKETCH_SAMPLE_WORD bytes. A row costs 8 bytes a column and its words, each time they occur.
 * Memory   rows are gathered until they are twice too many, then the surplus goes: twice the room, and what one part brings.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/random.h"
#include "core/io/sketch_impl.h"

enum { FEW_WORDS = 50 };
static const uint64_t seed = 0x6d6c79617264u;

struct sample_col { double *num; uint32_t *code; struct dict dict; };
struct slot { uint64_t rank, row; size_t bytes; };
struct pick { uint64_t rank; uint32_t at; };
struct sketch_rows {
	struct sample_col *cols; size_t n_cols;
	struct slot *slot; size_t n, cap;
	struct pick *pick; size_t n_pick;             /* rows of the part that is being taken; 2 * most of them at most */
	size_t most, room, held;                     /* held: bytes of the slots */
	uint64_t limit;                              /* rows of a greater rank are out */
	struct arena *arena;                         /* what words point into */
};

static bool is_words(enum frame_type t) { return t == FRAME_CATEGORY || t == FRAME_TEXT; }

static uint64_t rank_of(uint64_t row)
{
	struct random r = { seed + row * UINT64_C(0x9e3779b97f4a7c15) };
	return random_next(&r);
}

struct sketch_rows *sketch_rows_new(const struct sketch_plan *plan)
{
	struct sketch_rows *s = mem_zalloc(sizeof *s);
	const size_t fit = plan->sample_room / (sizeof(double) * (plan->n_cols + 1));
	s->n_cols = plan->n_cols, s->room = plan->sample_room, s->limit = UINT64_MAX;
	s->most = fit < 1 ? 1 : fit < SKETCH_SAMPLE_ROWS ? fit : SKETCH_SAMPLE_ROWS;
	s->cap = 2 * s->most;
	s->arena = arena_new();
	s->slot = mem_array(s->cap, sizeof *s->slot);
	s->pick = mem_array(2 * s->most, sizeof *s->pick);
	s->cols = mem_zalloc((plan->n_cols + 1) * sizeof *s->cols);
	for (size_t j = 0; j < plan->n_cols; j++)
		if (is_words(plan->cols[j].type)) {
			s->cols[j].code = mem_array(s->cap, sizeof *s->cols[j].code);
			dict_init(&s->cols[j].dict, s->arena);
		} else {
			s->cols[j].num = mem_array(s->cap, sizeof *s->cols[j].num);
		}
	return s;
}

void sketch_rows_free(struct sketch_rows *s)
{
	if (!s)
		return;
	for (size_t j = 0; j < s->n_cols; j++) {
		if (s->cols[j].code)
			dict_free(&s->cols[j].dict);
		free(s->cols[j].code);
		free(s->cols[j].num);
	}
	arena_free(s->arena);
	free(s->cols), free(s->slot), free(s->pick);
	free(s);
}

/* ---- what is too much goes ---- */

static int slot_by_rank(const void *a, const void *b)
{
	const struct slot *x = *(const struct slot *const *)a, *y = *(const struct slot *const *)b;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int slot_by_row(const void *a, const void *b)
{
	const struct slot *x = *(const struct slot *const *)a, *y = *(const struct slot *const *)b;
	return (x->row > y->row) - (x->row < y->row);
}

/* How many of the rows by rank stay. */
static size_t run_of(const struct sketch_rows *s, struct slot *const *by_rank)
{
	size_t kept = 0;
	for (size_t bytes = 0; kept < s->n && kept < s->most; kept++)
		if ((bytes += by_rank[kept]->bytes) > s->room)
			break;
	return kept;
}

static void keep_words(struct sample_col *c, const struct sketch_rows *s, struct slot *const *kept, size_t n, struct arena *fresh)
{
	struct dict dict;
	uint32_t *code = mem_array(s->cap, sizeof *code);
	dict_init(&dict, fresh);
	for (size_t i = 0; i < n; i++) {
		const uint32_t was = c->code[kept[i] - s->slot];
		code[i] = was == FRAME_NO_CODE ? was : dict_add(&dict, c->dict.words[was].p, c->dict.words[was].n, (uint32_t)i);
	}
	dict_free(&c->dict);
	free(c->code);
	c->dict = dict, c->code = code;
}

static void keep_numbers(struct sample_col *c, const struct sketch_rows *s, struct slot *const *kept, size_t n)
{
	double *num = mem_array(s->cap, sizeof *num);
	for (size_t i = 0; i < n; i++)
		num[i] = c->num[kept[i] - s->slot];
	free(c->num);
	c->num = num;
}

/* Afterwards rows stand in their order, and words in that of first sight. */
static void trim(struct sketch_rows *s)
{
	struct slot **list = mem_array(s->n + 1, sizeof *list), *slot = mem_array(s->cap, sizeof *slot);
	struct arena *fresh = arena_new();
	for (size_t i = 0; i < s->n; i++)
		list[i] = &s->slot[i];
	qsort(list, s->n, sizeof *list, slot_by_rank);
	const size_t kept = run_of(s, list);
	if (kept < s->n)
		s->limit = list[kept]->rank - 1;
	qsort(list, kept, sizeof *list, slot_by_row);
	for (size_t j = 0; j < s->n_cols; j++)
		if (s->cols[j].code)
			keep_words(&s->cols[j], s, list, kept, fresh);
		else
			keep_numbers(&s->cols[j], s, list, kept);
	s->held = 0;
	for (size_t i = 0; i < kept; i++)
		slot[i] = *list[i], s->held += slot[i].bytes;
	arena_free(s->arena);
	free(s->slot), free(list);
	s->slot = slot, s->n = kept, s->arena = fresh;
}

/* ---- a part ---- */

static int pick_by_rank(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int pick_by_place(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static void fewer_picks(struct sketch_rows *s, uint64_t *limit)
{
	if (s->n_pick <= s->most)
		return;
	qsort(s->pick, s->n_pick, sizeof *s->pick, pick_by_rank);
	s->n_pick = s->most;
	*limit = s->pick[s->most - 1].rank;
}

static void grow(struct sketch_rows *s, size_t need)
{
	if (need <= s->cap)
		return;
	s->cap = need;
	s->slot = mem_realloc(s->slot, s->cap * sizeof *s->slot);
	for (size_t j = 0; j < s->n_cols; j++)
		if (s->cols[j].code)
			s->cols[j].code = mem_realloc(s->cols[j].code, s->cap * sizeof *s->cols[j].code);
		else
			s->cols[j].num = mem_realloc(s->cols[j].num, s->cap * sizeof *s->cols[j].num);
}

void sketch_rows_begin(struct sketch_rows *s, uint64_t first, size_t n)
{
	uint64_t limit = s->limit;
	s->n_pick = 0;
	for (size_t i = 0; i < n; i++) {
		const uint64_t rank = rank_of(first + i);
		if (rank > limit)
			continue;
		s->pick[s->n_pick++] = (struct pick){ rank, (uint32_t)i };
		if (s->n_pick == 2 * s->most)
			fewer_picks(s, &limit);
	}
	fewer_picks(s, &limit);
	qsort(s->pick, s->n_pick, sizeof *s->pick, pick_by_place);
	grow(s, s->n + s->n_pick);
	for (size_t k = 0; k < s->n_pick; k++) {
		s->slot[s->n + k] = (struct slot){ s->pick[k].rank, first + s->pick[k].at, s->n_cols * sizeof(double) };
		for (size_t j = 0; j < s->n_cols; j++)
			if (s->cols[j].code)
				s->cols[j].code[s->n + k] = FRAME_NO_CODE;
			else
				s->cols[j].num[s->n + k] = NAN;
	}
}

void sketch_rows_column(struct sketch_rows *s, size_t column, const struct frame_col *from)
{
	struct sample_col *c = &s->cols[column];
	if (c->code ? !from->code : !from->num)
		return;
	for (size_t k = 0; k < s->n_pick; k++) {
		const size_t at = s->pick[k].at, to = s->n + k;
		if (c->num) {
			c->num[to] = from->num[at];
			continue;
		}
		if (from->code[at] == FRAME_NO_CODE)
			continue;
		const struct frame_word w = from->words[from->code[at]];
		const size_t n = w.n < SKETCH_SAMPLE_WORD ? w.n : SKETCH_SAMPLE_WORD;
		c->code[to] = dict_add(&c->dict, w.p, n, 0);
		s->slot[to].bytes += n;
	}
}

void sketch_rows_end(struct sketch_rows *s)
{
	for (size_t k = 0; k < s->n_pick; k++)
		s->held += s->slot[s->n + k].bytes;
	s->n += s->n_pick;
	s->n_pick = 0;
	if (s->n >= 2 * s->most || s->held > 2 * s->room)
		trim(s);
}

/* ---- all of it ---- */

static void take_column(struct sample_col *c, size_t n, struct frame_col *out)
{
	out->n = n;
	out->num = c->num, out->code = c->code;
	c->num = NULL, c->code = NULL;
	for (size_t i = 0; i < n; i++)
		if (out->num)
			out->missing += isnan(out->num[i]), out->inf += isinf(out->num[i]) != 0;
		else
			out->missing += out->code[i] == FRAME_NO_CODE;
	if (!out->code)
		return;
	out->words = c->dict.words, out->n_words = c->dict.n;
	c->dict.words = NULL;
	dict_free(&c->dict);
}

void sketch_rows_finish(struct sketch *s)
{
	struct sketch_rows *r = s->rows;
	if (!r)
		return;
	struct frame *f = frame_new(s->name);
	trim(r);
	f->n_rows = r->n;
	f->cols = mem_array(s->n_cols + 1, sizeof *f->cols);
	for (size_t j = 0; j < s->n_cols; j++) {
		const struct sketch_col *c = &s->cols[j];
		if (c->absent)
			continue;
		struct frame_col *out = &f->cols[f->n_cols++];
		*out = (struct frame_col){ .name = mem_strdup(c->name), .type = c->type, .integer = c->integer };
		take_column(&r->cols[j], r->n, out);
	}
	frame_keep(f, r->arena);
	r->arena = arena_new();
	sketch_rows_free(r);
	s->rows = NULL;
	s->sample = f;
}

/* ---- categories or text ---- */

/* How many different values a column probably has: from how many the sample holds once and twice (Chao 1984). Infinite where no two rows agree. */
static double distinct_of(const struct frame_col *c)
{
	double once = 0, twice = 0;
	uint32_t *times = mem_zalloc((c->n_words + 1) * sizeof *times);
	for (size_t i = 0; i < c->n; i++)
		if (c->code[i] != FRAME_NO_CODE)
			times[c->code[i]]++;
	for (size_t k = 0; k < c->n_words; k++)
		once += times[k] == 1, twice += times[k] == 2;
	free(times);
	const bool all = once == (double)c->n_words && once == (double)(c->n - c->missing);
	return all ? INFINITY : (double)c->n_words + once * (once - 1) / (2 * (twice + 1));
}

static enum frame_type words_type(const struct sketch_col *c, const struct frame_col *sampled)
{
	const double distinct = c->word_error ? distinct_of(sampled) : (double)c->n_words;
	return distinct > FEW_WORDS && distinct > (double)(c->n - c->missing) / 2 ? FRAME_TEXT : FRAME_CATEGORY;
}

static void set_type(struct sketch *s, const char *name, enum frame_type type)
{
	for (size_t j = 0; j < s->n_cols; j++)
		if (!strcmp(s->cols[j].name, name))
			s->cols[j].type = type;
	for (size_t j = 0; s->sample && j < s->sample->n_cols; j++)
		if (!strcmp(s->sample->cols[j].name, name))
			s->sample->cols[j].type = type;
}

void sketch_settle_words(struct sketch *ref, struct sketch *cur, const struct frame_options *o)
{
	for (size_t j = 0; ref->sample && j < ref->n_cols; j++) {
		const struct sketch_col *c = &ref->cols[j];
		const enum frame_type *told = frame_told(o, c->name);
		const struct frame_col *sampled = frame_find(ref->sample, c->name);
		if (!is_words(c->type) || !sampled || !sampled->code || c->n == c->missing)
			continue;
		const enum frame_type type = told ? *told : words_type(c, sampled);
		set_type(ref, c->name, type), set_type(cur, c->name, type);
	}
}
