/* The type of a column. Words are looked at once each, with how often they occur: 1,000 spellings of a million numbers are 1,000 conversions. */
#include "core/io/frame_build.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/fmt.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/io/dict.h"

enum { TEXT_WORDS = 50, EXAMPLE = 200 };
#define FIT_SHARE 0.95

static bool fit_boolean(const char *p, size_t n, bool told, double *v)
{
	static const struct { const char *word; double value; bool told; } words[] = { { "true", 1, false }, { "false", 0, false }, { "1", 1, true }, { "0", 0, true },
		{ "yes", 1, true }, { "no", 0, true }, { "t", 1, true }, { "f", 0, true }, { "y", 1, true }, { "n", 0, true } };
	for (size_t i = 0; i < sizeof words / sizeof *words && n <= 5; i++)
		if (words[i].told <= told && strlen(words[i].word) == n && !strncasecmp(words[i].word, p, n)) {
			*v = words[i].value;
			return true;
		}
	return false;
}

static double time_of_number(double v)
{
	return fabs(v) < 1e11 ? v * 1e3 : v;
}

bool frame_fit(enum frame_type type, bool told, const char *p, size_t n, char decimal, double *v, bool *integer)
{
	bool ok;
	*integer = false;
	switch (type) {
	case FRAME_NUMBER:  *v = frame_number(p, n, decimal, &ok, integer); return ok;
	case FRAME_BOOLEAN: return fit_boolean(p, n, told, v);
	case FRAME_TIME:
		if (frame_time(p, n, v))
			return true;
		if (!told)
			return false;
		*v = time_of_number(frame_number(p, n, decimal, &ok, integer));
		return ok && isfinite(*v);
	default:            return false;
	}
}

/* ---- words to numbers ---- */

static uint32_t *count_words(const struct frame_col *c)
{
	uint32_t *count = mem_array(c->n_words + 1, sizeof *count);
	memset(count, 0, (c->n_words + 1) * sizeof *count);
	for (size_t i = 0; i < c->n; i++)
		if (c->code[i] != FRAME_NO_CODE)
			count[c->code[i]]++;
	return count;
}

/* Values that a type takes; gives up when it cannot be the type any more. */
static bool mostly(const struct frame_col *c, const uint32_t *count, enum frame_type type, char decimal)
{
	const size_t values = c->n - c->missing;
	const double most = (double)values * (1 - FIT_SHARE);
	size_t odd = 0;
	double v;
	bool integer;
	for (size_t i = 0; i < c->n_words; i++) {
		odd += frame_fit(type, false, c->words[i].p, c->words[i].n, decimal, &v, &integer) ? 0 : count[i];
		if ((double)odd > most)
			return false;
	}
	return values > 0;
}

static enum frame_type type_of_words(const struct frame_col *c, char decimal)
{
	static const enum frame_type tried[] = { FRAME_NUMBER, FRAME_BOOLEAN, FRAME_TIME };
	const size_t values = c->n - c->missing;
	enum frame_type type = c->n_words > TEXT_WORDS && c->n_words * 2 > values ? FRAME_TEXT : FRAME_CATEGORY;
	uint32_t *count = count_words(c);
	for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
		if (mostly(c, count, tried[i], decimal)) {
			type = tried[i];
			break;
		}
	free(count);
	return values ? type : FRAME_NUMBER;
}

static char *example(const struct frame_word *w)
{
	struct str s = STR_INIT;
	text_clean(&s, w->p, w->n < EXAMPLE ? w->n : EXAMPLE, 0);
	return str_take(&s);
}

static void words_to_numbers(struct frame_col *c, bool told, char decimal)
{
	double *value = mem_array(c->n_words + 1, sizeof *value);
	bool *fits = mem_array(c->n_words + 1, sizeof *fits), whole = true, integer;
	for (size_t i = 0; i < c->n_words; i++)
		if ((fits[i] = frame_fit(c->type, told, c->words[i].p, c->words[i].n, decimal, &value[i], &integer)))
			whole &= integer;
	c->num = mem_array(c->n + 1, sizeof *c->num);
	for (size_t i = 0; i < c->n; i++) {
		const uint32_t code = c->code[i];
		const bool ok = code != FRAME_NO_CODE && fits[code];
		c->num[i] = ok ? value[code] : NAN;
		if (ok) {
			c->nan += isnan(value[code]);
			c->inf += isinf(value[code]) != 0;
			c->missing += isnan(value[code]);
		} else if (code != FRAME_NO_CODE) {
			if (!c->mixed++)
				c->mixed_example = example(&c->words[code]);
			c->missing++;
		}
	}
	c->integer = whole && c->n > c->missing;
	free(value);
	free(fits);
	free(c->code);
	free(c->words);
	c->code = NULL;
	c->words = NULL;
	c->n_words = 0;
}

/* ---- numbers to words ---- */

static void number_word(char buf[FMT_MAX], const struct frame_col *c, double v)
{
	if (c->type == FRAME_BOOLEAN)
		memcpy(buf, v != 0 ? "true" : "false", v != 0 ? 5 : 6);
	else if (c->type == FRAME_TIME && fabs(v) < 8e15)
		fmt_time_iso(buf, (int64_t)v);
	else
		fmt_exact(buf, v);
}

void frame_to_words(struct frame_col *c, struct arena *arena)
{
	struct dict d;
	char buf[FMT_MAX];
	dict_init(&d, arena);
	c->code = mem_array(c->n + 1, sizeof *c->code);
	for (size_t i = 0; i < c->n; i++) {
		c->code[i] = FRAME_NO_CODE;
		if (isnan(c->num[i]))
			continue;
		number_word(buf, c, c->num[i]);
		c->code[i] = dict_add(&d, buf, strlen(buf), (uint32_t)i);
	}
	free(c->num);
	c->num = NULL;
	c->nan = c->inf = 0;
	c->integer = false;
	c->words = d.words;
	c->n_words = d.n;
	d.words = NULL;
	dict_free(&d);
}

void frame_settle_guessed(struct frame_col *c, enum frame_type guess, char decimal, struct arena *room)
{
	if (c->num && guess == c->type)
		return;
	if (c->num)
		frame_to_words(c, room);
	c->type = guess;
	if (c->type != FRAME_CATEGORY && c->type != FRAME_TEXT)
		words_to_numbers(c, false, decimal);
}

void frame_settle(struct frame_col *c, const enum frame_type *told, char decimal, struct arena *room)
{
	if (c->num && (!told || *told == c->type))
		return;
	if (c->num && *told == FRAME_TIME && c->type == FRAME_NUMBER) {
		for (size_t i = 0; i < c->n; i++)
			c->num[i] = time_of_number(c->num[i]);
		c->type = FRAME_TIME;
		c->integer = false;
		return;
	}
	if (c->num)
		frame_to_words(c, room);
	c->type = told ? *told : type_of_words(c, decimal);
	if (c->type == FRAME_CATEGORY || c->type == FRAME_TEXT)
		return;
	words_to_numbers(c, told != NULL, decimal);
}

/* ---- the frame ---- */

struct frame *frame_new(const char *name)
{
	struct frame *f = mem_zalloc(sizeof *f);
	f->name = mem_strdup(name);
	str_init(&f->notes);
	f->arena = mem_zalloc(sizeof(struct frame_memory));
	return f;
}

void frame_keep(struct frame *f, struct arena *a)
{
	struct frame_memory *m = f->arena;
	MEM_GROW(m->at, m->cap, m->n + 1);
	m->at[m->n++] = a;
}

void frame_memory_free(void *memory)
{
	struct frame_memory *m = memory;
	for (size_t i = 0; m && i < m->n; i++)
		arena_free(m->at[i]);
	if (m)
		free(m->at);
	free(m);
}

void frame_note(struct frame *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	text_vcleanf(&f->notes, fmt, ap);
	va_end(ap);
	str_addc(&f->notes, '\n');
}

static char *another_name(const char *name, const struct map *taken)
{
	struct str s = STR_INIT;
	for (int i = 1;; i++) {
		str_clear(&s);
		str_addf(&s, "%s.%d", name, i);
		if (map_find(taken, s.p, s.len) < 0)
			return str_take(&s);
	}
}

void frame_names(struct frame *f)
{
	struct map *taken = map_new();
	size_t doubled = 0, first = 0;
	for (size_t i = 0; i < f->n_cols; i++) {
		bool added;
		map_add(taken, f->cols[i].name, strlen(f->cols[i].name), &added);
		if (added)
			continue;
		char *name = another_name(f->cols[i].name, taken);
		if (!doubled++)
			first = i;
		free(f->cols[i].name);
		f->cols[i].name = name;
		map_add(taken, name, strlen(name), NULL);
	}
	if (doubled)
		frame_note(f, "%zu column%s a name that was there before; column %zu is called \"%s\" here", doubled, doubled == 1 ? " has" : "s have",
			first + 1, f->cols[first].name);
	map_free(taken);
}

const enum frame_type *frame_told(const struct frame_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_types; i++)
		if (!strcmp(o->types[i].name, name))
			return &o->types[i].type;
	return NULL;
}

const enum frame_type *frame_guessed(const struct frame_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_guesses; i++)
		if (!strcmp(o->guesses[i].name, name))
			return &o->guesses[i].type;
	return NULL;
}

bool frame_wants(const struct frame_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_columns; i++)
		if (!strcmp(o->columns[i], name))
			return true;
	return !o->n_columns;
}

static enum status no_column(const struct frame *f, const char *name, struct err *e)
{
	struct str said = STR_INIT;
	const char *near = NULL;
	int best = INT_MAX;
	for (size_t i = 0; i < f->n_cols; i++)
		if (text_near(name, f->cols[i].name, &best))
			near = f->cols[i].name;
	str_add(&said, f->name);
	str_addf(&said, " has no column \"%s\"", name);
	if (near)
		str_addf(&said, "; is \"%s\" meant?", near);
	struct str clean = STR_INIT;
	text_clean(&clean, said.p, said.len, 0);
	err_set(e, ST_NOT_FOUND, "%s", clean.p);
	str_free(&clean);
	str_free(&said);
	return ST_NOT_FOUND;
}

enum status frame_check_options(const struct frame *f, const struct frame_options *o, struct err *e)
{
	for (size_t i = 0; i < o->n_columns && !o->lax; i++)
		if (!frame_find(f, o->columns[i]))
			return no_column(f, o->columns[i], e);
	for (size_t i = 0; i < o->n_types && !o->lax; i++)
		if (!frame_find(f, o->types[i].name) && frame_wants(o, o->types[i].name))
			return no_column(f, o->types[i].name, e);
	return ST_OK;
}

enum status frame_too_large(struct err *e, const char *name, size_t needed, size_t budget)
{
	char a[FMT_MAX], b[FMT_MAX];
	struct str clean = STR_INIT;
	text_clean(&clean, name, strnlen(name, 300), 0);
	err_set(e, ST_REFUSED, "%s needs about %s of memory, more than the budget of %s: choose columns, raise the budget, or compare by sketches", clean.p,
		fmt_bytes(a, (int64_t)needed), fmt_bytes(b, (int64_t)budget));
	str_free(&clean);
	return ST_REFUSED;
}
