#include "core/io/frame_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Words that no row holds any more go, and the others are numbered anew by first sight: a dictionary is what the rows hold. */
static void take_codes(struct frame_col *c, const uint32_t *rows, size_t n)
{
	uint32_t *fresh = mem_array(c->n_words + 1, sizeof *fresh);
	struct frame_word *words = mem_array(c->n_words + 1, sizeof *words);
	uint32_t used = 0;
	memset(fresh, 0xFF, (c->n_words + 1) * sizeof *fresh);
	for (size_t i = 0; i < n; i++) {
		const uint32_t code = c->code[rows[i]];
		c->missing += code == FRAME_NO_CODE;
		if (code != FRAME_NO_CODE && fresh[code] == FRAME_NO_CODE) {
			words[used] = c->words[code];
			fresh[code] = used++;
		}
		c->code[i] = code == FRAME_NO_CODE ? FRAME_NO_CODE : fresh[code];
	}
	free(c->words);
	free(fresh);
	c->words = words;
	c->n_words = used;
}

static void take_numbers(struct frame_col *c, const uint32_t *rows, size_t n)
{
	c->inf = 0;
	for (size_t i = 0; i < n; i++) {
		const double v = c->num[rows[i]];
		c->missing += isnan(v);
		c->inf += isinf(v) != 0;
		c->num[i] = v;
	}
}

void frame_take_rows(struct frame *f, const uint32_t *rows, size_t n)
{
	size_t unknown = 0;
	if (n == f->n_rows)
		return;
	for (size_t j = 0; j < f->n_cols; j++) {
		struct frame_col *c = &f->cols[j];
		unknown += c->mixed > 0;
		c->n = n;
		c->missing = c->nan = c->mixed = 0;
		if (c->code)
			take_codes(c, rows, n);
		else
			take_numbers(c, rows, n);
		c->integer &= n > c->missing;
	}
	f->n_rows = n;
	if (unknown)
		frame_note(f, "%zu column%s values that do not fit the type; among the chosen rows they count as missing and are not counted apart", unknown, unknown == 1 ? " has" : "s have");
}
