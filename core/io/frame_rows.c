#include "core/io/frame_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Words that no row holds any more go, and the others are numbered anew by first sight: a dictionary is what the rows hold. `from` may be the column's own codes, and
 * its words stay whoever's they are. */
static void take_codes(struct frame_col *c, const uint32_t *from, const uint32_t *rows, size_t n)
{
	uint32_t *fresh = mem_array(c->n_words + 1, sizeof *fresh);
	struct frame_word *words = mem_array(c->n_words + 1, sizeof *words);
	uint32_t used = 0;
	memset(fresh, 0xFF, (c->n_words + 1) * sizeof *fresh);
	for (size_t i = 0; i < n; i++) {
		const uint32_t code = from[rows[i]];
		c->missing += code == FRAME_NO_CODE;
		if (code != FRAME_NO_CODE && fresh[code] == FRAME_NO_CODE) {
			words[used] = c->words[code];
			fresh[code] = used++;
		}
		c->code[i] = code == FRAME_NO_CODE ? FRAME_NO_CODE : fresh[code];
	}
	free(fresh);
	c->words = words;
	c->n_words = used;
}

static void take_numbers(struct frame_col *c, const double *from, const uint32_t *rows, size_t n)
{
	c->inf = 0;
	for (size_t i = 0; i < n; i++) {
		const double v = from[rows[i]];
		c->missing += isnan(v);
		c->inf += isinf(v) != 0;
		c->num[i] = v;
	}
}

static void count_anew(struct frame_col *c, size_t n, size_t *unknown)
{
	*unknown += c->mixed > 0;
	c->n = n;
	c->missing = c->nan = c->mixed = 0;
}

static void note_unknown(struct frame *f, size_t unknown)
{
	if (unknown)
		frame_note(f, "%zu column%s values that do not fit the type; among the chosen rows they count as missing and are not counted apart", unknown, unknown == 1 ? " has" : "s have");
}

void frame_take_rows(struct frame *f, const uint32_t *rows, size_t n)
{
	size_t unknown = 0;
	if (n == f->n_rows)
		return;
	for (size_t j = 0; j < f->n_cols; j++) {
		struct frame_col *c = &f->cols[j];
		struct frame_word *words = c->words;
		count_anew(c, n, &unknown);
		if (c->code) {
			take_codes(c, c->code, rows, n);
			free(words);
		} else {
			take_numbers(c, c->num, rows, n);
		}
		c->integer &= n > c->missing;
	}
	f->n_rows = n;
	note_unknown(f, unknown);
}

/* Everything of a column but its values. */
static struct frame_col like(const struct frame_col *from)
{
	struct frame_col c = *from;
	c.name = mem_strdup(from->name);
	c.mixed_example = from->mixed_example ? mem_strdup(from->mixed_example) : NULL;
	c.num = NULL, c.code = NULL, c.words = NULL;
	return c;
}

static struct frame_col pick(const struct frame_col *from, const uint32_t *rows, size_t n, size_t *unknown)
{
	struct frame_col c = like(from);
	count_anew(&c, n, unknown);
	if (from->code) {
		c.code = mem_array(n + 1, sizeof *c.code);
		c.words = from->words;
		take_codes(&c, from->code, rows, n);
	} else {
		c.num = mem_array(n + 1, sizeof *c.num);
		take_numbers(&c, from->num, rows, n);
	}
	c.integer &= n > c.missing;
	return c;
}

static struct frame_col copy(const struct frame_col *from)
{
	struct frame_col c = like(from);
	if (from->code) {
		c.code = mem_array(from->n + 1, sizeof *c.code);
		c.words = mem_array(from->n_words + 1, sizeof *c.words);
		memcpy(c.code, from->code, from->n * sizeof *c.code);
		memcpy(c.words, from->words, from->n_words * sizeof *c.words);
	} else {
		c.num = mem_array(from->n + 1, sizeof *c.num);
		memcpy(c.num, from->num, from->n * sizeof *c.num);
	}
	return c;
}

struct frame *frame_pick_rows(const struct frame *f, const uint32_t *rows, size_t n)
{
	struct frame *out = frame_new(f->name);
	size_t unknown = 0;
	out->cols = mem_array(f->n_cols + 1, sizeof *out->cols);
	for (out->n_cols = 0; out->n_cols < f->n_cols; out->n_cols++) {
		const struct frame_col *from = &f->cols[out->n_cols];
		out->cols[out->n_cols] = n == f->n_rows ? copy(from) : pick(from, rows, n, &unknown);
	}
	out->n_rows = n;
	memcpy(out->digest, f->digest, sizeof out->digest);
	str_addn(&out->notes, f->notes.p, f->notes.len);
	note_unknown(out, unknown);
	return out;
}
