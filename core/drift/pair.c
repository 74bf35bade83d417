/* pair -- makes one column of reference and current data ready for every test.
 *
 * Each side is copied once without its missing and infinite values, -0 made 0, and sorted in place; the walk and the categories follow. When the
 * sides' types differ, the reference decides: words of a numeric column are read as numbers, numbers of a column of words become the shortest
 * words that read back as they are; a note says so.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/pair_impl.h"

static bool is_words(enum frame_type t)
{
	return t == FRAME_CATEGORY || t == FRAME_TEXT;
}

static double word_number(struct frame_word w)
{
	char text[64], *end;
	if (w.n == 0 || w.n >= sizeof text || memchr(w.p, 0, w.n))
		return NAN;
	memcpy(text, w.p, w.n);
	text[w.n] = 0;
	double v = strtod(text, &end);
	return *end ? NAN : v;
}

/* The finite values of numbers in row order; counts what was left out. */
static size_t clean(const double *from, size_t n, double *to, struct side *s)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		double v = from[i];
		to[kept] = v + 0.0;          /* -0 + 0 is 0 */
		kept += isfinite(v) ? 1 : 0;
		s->missing += isnan(v) ? 1 : 0, s->inf += isinf(v) ? 1 : 0;
	}
	return kept;
}

static size_t clean_words(const struct frame_col *c, double *to, struct side *s)
{
	double *meaning = mem_array(c->n_words ? c->n_words : 1, sizeof *meaning);
	size_t kept = 0;
	for (size_t i = 0; i < c->n_words; i++)
		meaning[i] = word_number(c->words[i]);
	for (size_t i = 0; i < c->n; i++) {
		double v = c->code[i] == FRAME_NO_CODE ? NAN : meaning[c->code[i]];
		to[kept] = v + 0.0;
		kept += isfinite(v) ? 1 : 0;
		s->missing += isnan(v) ? 1 : 0, s->inf += isinf(v) ? 1 : 0;
	}
	free(meaning);
	return kept;
}

static enum status no_room(size_t n, struct err *e)
{
	return err_set(e, ST_REFUSED, "%zu rows do not fit in memory; compare fewer rows or a sample", n);
}

/* Array `which` of the pair: values of a side, or scratch. One more than needed: a value is written before it is known to be kept. */
static double *room(struct pair *p, int which, size_t n)
{
	const struct pair_memory *mem = p->memory;
	struct pair_room *r = mem->room;
	if (r->cap[which] > n)
		return r->at[which];
	free(r->at[which]);
	r->at[which] = mem_try(n + 1, sizeof(double));
	if (r->at[which])
		mem_advise_huge(r->at[which], n * sizeof(double));
	r->cap[which] = r->at[which] ? n + 1 : 0;
	return r->at[which];
}

void pair_room_free(struct pair_room *r)
{
	for (int i = 0; i < 3; i++)
		free(r->at[i]);
	*r = (struct pair_room){ 0 };
}

static void empty_side(struct side *s)
{
	*s = (struct side){ .unit = 1, .mean = NAN, .m2 = NAN, .spread = NAN, .min = NAN, .max = NAN };
}

static struct pair *pair_empty(struct pair_room *outside)
{
	struct pair *p = mem_zalloc(sizeof *p);
	struct pair_memory *mem = mem_zalloc(sizeof *mem);
	mem->arena = arena_new();
	mem->room = outside ? outside : &mem->own;
	p->memory = mem, p->name = "", p->note = arena_strdup(mem->arena, "");
	empty_side(&p->ref), empty_side(&p->cur);
	return p;
}

static enum status finish_numbers(struct pair *p, const size_t kept[2], struct err *e)
{
	struct pair_memory *mem = p->memory;
	size_t most = kept[0] > kept[1] ? kept[0] : kept[1];
	double *scratch = room(p, 2, most);
	if (!scratch)
		return no_room(most, e);
	side_fill(&p->ref, mem->values[0], kept[0], scratch);
	side_fill(&p->cur, mem->values[1], kept[1], scratch);
	p->n_ref = p->ref.n, p->n_cur = p->cur.n;
	if (p->ref.n && p->cur.n)
		walk_fill(&p->walk, &p->ref, &p->cur);
	pair_number_cats(p);
	return ST_OK;
}

static enum status give(struct pair *p, enum status st, struct pair **out)
{
	if (st != ST_OK)
		pair_free(p), p = NULL;
	*out = p;
	return st;
}

enum status pair_numbers(const double *x, size_t n, const double *y, size_t m, struct pair **out, struct err *e)
{
	struct pair *p = pair_empty(NULL);
	struct pair_memory *mem = p->memory;
	size_t kept[2];
	p->type = FRAME_NUMBER, p->ref.rows = n, p->cur.rows = m;
	mem->values[0] = room(p, 0, n), mem->values[1] = room(p, 1, m);
	if (!mem->values[0] || !mem->values[1])
		return give(p, no_room(n > m ? n : m, e), out);
	kept[0] = clean(x, n, mem->values[0], &p->ref);
	kept[1] = clean(y, m, mem->values[1], &p->cur);
	return give(p, finish_numbers(p, kept, e), out);
}

static enum status number_side(struct pair *p, int which, struct side *s, const struct frame_col *c, size_t *kept, struct err *e)
{
	struct pair_memory *mem = p->memory;
	size_t n = c ? c->n : 0;
	double *to = mem->values[which] = room(p, which, n);
	if (!to)
		return no_room(n, e);
	*kept = 0;
	if (!c)
		return ST_OK;
	s->rows = n, s->nan = c->nan;
	*kept = is_words(c->type) ? clean_words(c, to, s) : clean(c->num, n, to, s);
	s->integer = c->integer && !is_words(c->type) && s->missing == 0;
	return ST_OK;
}

static void word_side(struct side *s, const struct frame_col *c)
{
	if (!c)
		return;
	s->rows = c->n;
	for (size_t i = 0; i < c->n; i++)
		s->missing += is_words(c->type) ? c->code[i] == FRAME_NO_CODE : isnan(c->num[i]);
}

static bool has_values(const struct frame_col *c) { return c->n > c->missing; }

/* The reference decides, unless it has no values: then nothing is known of it, and the current side's type spares it from being told wrong. */
static enum frame_type type_of(const struct frame_col *ref, const struct frame_col *cur)
{
	return !ref || (cur && !has_values(ref) && has_values(cur)) ? cur->type : ref->type;
}

static void say_types(struct pair *p, const struct frame_col *ref, const struct frame_col *cur)
{
	static const char *const names[FRAME_TYPES] = { "numbers", "truth values", "times", "categories", "text" };
	struct pair_memory *mem = p->memory;
	if (!ref || !cur)
		p->note = arena_printf(mem->arena, "only in the %s data", ref ? "reference" : "current");
	else if (ref->type != cur->type && has_values(ref) && has_values(cur))
		p->note = arena_printf(mem->arena, "reference holds %s, current %s; compared as %s", names[ref->type], names[cur->type], names[ref->type]);
}

enum status pair_new_in(struct pair_room *outside, const struct frame_col *ref, const struct frame_col *cur, struct pair **out, struct err *e)
{
	const struct frame_col *named = ref ? ref : cur;
	if (!named) {
		*out = NULL;
		return err_set(e, ST_USAGE, "a pair needs a column on one side at least");
	}
	struct pair *p = pair_empty(outside);
	struct pair_memory *mem = p->memory;
	size_t kept[2];
	p->name = arena_strdup(mem->arena, named->name ? named->name : "");
	p->type = type_of(ref, cur);
	say_types(p, ref, cur);
	if (is_words(p->type)) {
		word_side(&p->ref, ref), word_side(&p->cur, cur);
		pair_word_cats(p, ref, cur);
		return give(p, ST_OK, out);
	}
	enum status st = number_side(p, 0, &p->ref, ref, &kept[0], e);
	if (st == ST_OK)
		st = number_side(p, 1, &p->cur, cur, &kept[1], e);
	if (st == ST_OK)
		st = finish_numbers(p, kept, e);
	return give(p, st, out);
}

enum status pair_new(const struct frame_col *ref, const struct frame_col *cur, struct pair **out, struct err *e)
{
	return pair_new_in(NULL, ref, cur, out, e);
}

void pair_free(struct pair *p)
{
	if (!p)
		return;
	struct pair_memory *mem = p->memory;
	pair_room_free(&mem->own);
	arena_free(mem->arena);
	free(mem);
	free(p);
}
