/* Columns filled value by value. A column is an array of numbers until a word comes; then what is there becomes words of a dictionary. Columns without a value in a row lag
 * behind and are filled up when they go on, so that a row costs what it holds and not the width of the table. */
#include "core/io/frame_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/io/dict.h"

/* A column lags behind until its next value: rows without one are missing. */
struct building {
	struct frame_col col;
	size_t cap;
	struct dict dict;                      /* once words have come: col.code, dict.words */
	bool started;
};
struct frame_builder { struct frame *f; struct arena *arena; struct building *at; size_t n, cap, rows, bytes; };

struct frame_builder *frame_builder_new(const char *name)
{
	struct frame_builder *b = mem_zalloc(sizeof *b);
	b->f = frame_new(name);
	b->arena = arena_new();
	frame_keep(b->f, b->arena);
	return b;
}

void frame_builder_free(struct frame_builder *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++) {
		struct building *x = &b->at[i];
		free(x->col.name);
		free(x->col.num);
		free(x->col.code);
		free(x->col.words);
		dict_free(&x->dict);
	}
	free(b->at);
	frame_free(b->f);
	free(b);
}

struct frame *frame_builder_frame(struct frame_builder *b) { return b->f; }
size_t frame_builder_rows(const struct frame_builder *b) { return b->rows; }
size_t frame_builder_bytes(const struct frame_builder *b) { return b->bytes + arena_bytes(b->arena); }

size_t frame_builder_column(struct frame_builder *b, const char *name, size_t n)
{
	MEM_GROW(b->at, b->cap, b->n + 1);
	b->at[b->n] = (struct building){ .col.name = mem_strndup(name, n) };
	return b->n++;
}

static void room_for(struct frame_builder *b, struct building *x, size_t need)
{
	if (need <= x->cap)
		return;
	const size_t unit = x->col.code ? sizeof *x->col.code : sizeof *x->col.num, was = x->cap;
	x->cap = need < 64 ? 64 : need + need / 2;
	b->bytes += (x->cap - was) * unit;
	if (x->col.code)
		x->col.code = mem_realloc(x->col.code, x->cap * unit);
	else
		x->col.num = mem_realloc(x->col.num, x->cap * unit);
}

/* Rows up to `to` that got no value. */
static void fill_missing(struct frame_builder *b, struct building *x, size_t to)
{
	room_for(b, x, to);
	for (; x->col.n < to; x->col.n++, x->col.missing++) {
		if (x->col.code)
			x->col.code[x->col.n] = FRAME_NO_CODE;
		else
			x->col.num[x->col.n] = NAN;
	}
}

static void to_words(struct frame_builder *b, struct building *x)
{
	struct frame_col *c = &x->col;
	if (c->code)
		return;
	frame_to_words(c, b->arena);
	dict_init(&x->dict, b->arena);
	for (size_t i = 0; i < c->n_words; i++)
		dict_add(&x->dict, c->words[i].p, c->words[i].n, 0);
	free(c->words);
	c->words = NULL;
	x->cap = c->n + 1;                     /* what frame_to_words made */
}

/* One value a row: a second one for the same column in the same row is dropped. */
static struct building *place(struct frame_builder *b, size_t col)
{
	struct building *x = &b->at[col];
	if (x->col.n > b->rows)
		return NULL;
	fill_missing(b, x, b->rows);
	room_for(b, x, b->rows + 1);
	return x;
}

static void add_word(struct building *x, const char *p, size_t n)
{
	const bool missing = frame_is_missing(p, n);
	x->col.missing += missing;
	x->col.code[x->col.n] = missing ? FRAME_NO_CODE : dict_add(&x->dict, p, n, (uint32_t)x->col.n);
	x->col.n++;
}

static void add_value(struct frame_builder *b, size_t col, enum frame_type type, double v, bool integer)
{
	struct building *x = place(b, col);
	if (!x)
		return;
	struct frame_col *c = &x->col;
	if (!x->started && !c->code) {
		c->type = type;
		c->integer = true;
		x->started = true;
	}
	if (c->code || c->type != type) {
		struct frame_col one = { .type = type, .integer = integer, .n = 1, .num = mem_array(1, sizeof(double)) };
		to_words(b, x);
		room_for(b, x, b->rows + 1);
		one.num[0] = v;
		frame_to_words(&one, b->arena);
		add_word(x, one.n_words ? one.words[0].p : "", one.n_words ? one.words[0].n : 0);
		free(one.code);
		free(one.words);
		return;
	}
	c->integer &= integer;
	c->nan += isnan(v);
	c->missing += isnan(v);
	c->inf += isinf(v) != 0;
	c->num[c->n++] = v;
}

void frame_builder_number(struct frame_builder *b, size_t col, double v, bool integer) { add_value(b, col, FRAME_NUMBER, v, integer); }
void frame_builder_boolean(struct frame_builder *b, size_t col, bool v) { add_value(b, col, FRAME_BOOLEAN, v, false); }
void frame_builder_time(struct frame_builder *b, size_t col, double ms) { add_value(b, col, FRAME_TIME, ms, false); }

void frame_builder_text(struct frame_builder *b, size_t col, const char *p, size_t n)
{
	struct building *x = frame_is_missing(p, n) ? NULL : place(b, col);
	if (!x)
		return;
	to_words(b, x);
	room_for(b, x, b->rows + 1);
	const size_t was = dict_bytes(&x->dict);
	add_word(x, p, n);
	b->bytes += dict_bytes(&x->dict) - was;
}

void frame_builder_end_row(struct frame_builder *b)
{
	b->rows++;
}

static void finish_column(struct frame_builder *b, struct building *x, const struct frame_options *o)
{
	fill_missing(b, x, b->rows);
	struct frame_col *c = &x->col;
	if (c->code) {
		c->words = x->dict.words;
		c->n_words = x->dict.n;
		x->dict.words = NULL;
	} else if (!x->started) {
		c->type = FRAME_NUMBER;
		room_for(b, x, 1);
	}
	c->integer &= c->n > c->missing && c->type == FRAME_NUMBER;
	const enum frame_type *told = frame_told(o, c->name), *guess = told ? NULL : frame_guessed(o, c->name);
	if (guess)
		frame_settle_guessed(c, *guess, 0, b->arena);
	else
		frame_settle(c, told, 0, b->arena);
}

enum status frame_builder_finish(struct frame_builder *b, const struct frame_options *o, struct frame **out, struct err *e)
{
	struct frame *f = b->f;
	f->cols = mem_array(b->n + 1, sizeof *f->cols);
	f->n_rows = b->rows;
	for (size_t i = 0; i < b->n; i++) {
		finish_column(b, &b->at[i], o);
		f->cols[i] = b->at[i].col;
		dict_free(&b->at[i].dict);
	}
	f->n_cols = b->n;
	b->n = 0;
	frame_names(f);
	const enum status rc = frame_check_options(f, o, e);
	if (rc == ST_OK) {
		*out = f;
		b->f = NULL;
	}
	return rc;
}
