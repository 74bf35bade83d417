/* Blocks in order; each knows how many lines it takes at a width. Painting walks over all of them and draws those in sight. */
#include "views/drift_leaf.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum block_kind { BLOCK_HEAD, BLOCK_TEXT, BLOCK_TABLE, BLOCK_PICTURE };
enum { GAP = 2, INDENT = 1 };
struct leaf_cell { const char *text; uint8_t role; };
struct block {
	enum block_kind kind;
	uint8_t role; const char *text, *note;
	int n_cols, width[LEAF_COLUMNS]; bool right[LEAF_COLUMNS], used[LEAF_COLUMNS], headed; const char *head[LEAF_COLUMNS];
	struct leaf_cell *cells; size_t n_cells, cap;
	int rows; void (*fn)(const void *data, struct paint *p); const void *data;
};
struct leaf { struct arena *arena; struct block *at; size_t n, cap; };

struct leaf *leaf_new(void)
{
	struct leaf *s = mem_zalloc(sizeof *s);
	s->arena = arena_new();
	return s;
}

void leaf_free(struct leaf *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->at[i].cells);
	free(s->at);
	arena_free(s->arena);
	free(s);
}

static struct block *push(struct leaf *s, enum block_kind kind)
{
	MEM_GROW(s->at, s->cap, s->n + 1);
	s->at[s->n] = (struct block){ .kind = kind };
	return &s->at[s->n++];
}

static const char *__attribute__((format(printf, 2, 0))) clean(struct leaf *s, const char *fmt, va_list ap)
{
	struct str text = STR_INIT;
	text_vcleanf(&text, fmt, ap);
	const char *copy = arena_strndup(s->arena, text.p ? text.p : "", text.len);
	str_free(&text);
	return copy;
}

void leaf_head(struct leaf *s, const char *title, const char *fmt, ...)
{
	va_list ap;
	struct block *b = push(s, BLOCK_HEAD);
	b->text = arena_strdup(s->arena, title);
	va_start(ap, fmt);
	b->note = clean(s, fmt, ap);
	va_end(ap);
}

void leaf_text(struct leaf *s, enum role role, const char *fmt, ...)
{
	va_list ap;
	struct block *b = push(s, BLOCK_TEXT);
	b->role = (uint8_t)role;
	va_start(ap, fmt);
	b->text = clean(s, fmt, ap);
	va_end(ap);
}

void leaf_table(struct leaf *s, const char *heads)
{
	struct block *b = push(s, BLOCK_TABLE);
	for (const char *at = heads; b->n_cols < LEAF_COLUMNS; at++) {
		size_t n = strcspn(at, "|");
		int c = b->n_cols++;
		b->right[c] = *at == '>';
		b->head[c] = arena_strndup(s->arena, at + b->right[c], n - b->right[c]);
		b->width[c] = text_width(b->head[c], strlen(b->head[c]));
		b->headed |= b->width[c] > 0;
		at += n;
		if (!*at)
			break;
	}
}

void leaf_cell(struct leaf *s, enum role role, const char *fmt, ...)
{
	va_list ap;
	struct block *b = &s->at[s->n - 1];
	int c = (int)(b->n_cells % (size_t)b->n_cols);
	va_start(ap, fmt);
	const char *text = clean(s, fmt, ap);
	va_end(ap);
	int w = text_width(text, strlen(text));
	b->width[c] = w > b->width[c] ? w : b->width[c];
	b->used[c] |= w > 0;
	MEM_GROW(b->cells, b->cap, b->n_cells + 1);
	b->cells[b->n_cells++] = (struct leaf_cell){ text, (uint8_t)role };
}

void leaf_number(struct leaf *s, enum role role, double v, int digits)
{
	char buf[FMT_MAX];
	leaf_cell(s, role, "%s", isnan(v) ? "" : fmt_number(buf, v, digits));
}

void leaf_picture(struct leaf *s, int rows, void (*fn)(const void *data, struct paint *p), const void *data)
{
	struct block *b = push(s, BLOCK_PICTURE);
	b->rows = rows, b->fn = fn, b->data = data;
}

/* ---- layout ------------------------------------------------------------------------------------------------- */

static size_t text_lines(const char *text, int width)
{
	size_t n = 0;
	do {
		text += text_break(text, width);
		n++;
	} while (*text);
	return n;
}

static int text_room(int width)
{
	return width > 2 * INDENT + 1 ? width - 2 * INDENT : 1;
}

static size_t block_lines(const struct block *b, int width, bool first)
{
	switch (b->kind) {
	case BLOCK_HEAD:
		return first ? 1 : 2;
	case BLOCK_TEXT:
		return text_lines(b->text, text_room(width));
	case BLOCK_TABLE:
		return (size_t)b->headed + b->n_cells / (size_t)b->n_cols;
	case BLOCK_PICTURE:
		return (size_t)b->rows;
	}
	return 0;
}

size_t leaf_lines(const struct leaf *s, int width)
{
	size_t n = 0;
	for (size_t i = 0; s && i < s->n; i++)
		n += block_lines(&s->at[i], width, i == 0);
	return n;
}

size_t leaf_section(const struct leaf *s, int width, size_t line)
{
	size_t at = 0, found = 0;
	for (size_t i = 0; i < s->n; i++) {
		size_t start = at + (i > 0);             /* the blank line above a head stays behind */
		if (s->at[i].kind == BLOCK_HEAD && i > 0 && start <= line)
			found = start;
		at += block_lines(&s->at[i], width, i == 0);
	}
	return found;
}

/* Widths for this room; columns that are not shown get 0. */
static void fit_columns(const struct block *b, int room, int w[LEAF_COLUMNS])
{
	int sum = -GAP, longest = -1;
	for (int c = 0; c < b->n_cols; c++) {
		w[c] = b->used[c] ? b->width[c] : 0;
		sum += w[c] ? w[c] + GAP : 0;
		if (!b->right[c] && (longest < 0 || w[c] > w[longest]))
			longest = c;
	}
	if (sum > room && longest >= 0 && w[longest] > LEAF_CUT) {
		int cut = sum - room < w[longest] - LEAF_CUT ? sum - room : w[longest] - LEAF_CUT;
		w[longest] -= cut;
		sum -= cut;
	}
	for (int c = b->n_cols - 1; c > 0 && sum > room; c--) {
		sum -= w[c] ? w[c] + GAP : 0;
		w[c] = 0;
	}
	if (longest >= 0 && w[longest] && sum < room)        /* what going columns left */
		w[longest] += room - sum < b->width[longest] - w[longest] ? room - sum : b->width[longest] - w[longest];
}

/* ---- painting ------------------------------------------------------------------------------------------------ */

static void paint_text_block(const struct block *b, const struct paint *p, long y)
{
	const char *text = b->text;
	int room = text_room(p->r.w);
	do {
		size_t n = text_break(text, room);
		if (y >= 0 && y < p->r.h)
			paint_field(p, INDENT, (int)y, room, -1, PEN(b->role), text, n);
		text += n;
		y++;
	} while (*text);
}

static void paint_table_cell(const struct block *b, const struct paint *p, struct rect at, int c, const struct leaf_cell *cell)
{
	const char *text = cell ? cell->text : b->head[c];
	bool missing = cell && !*text && b->right[c] && b->headed;
	if (missing)
		text = p->ascii ? "." : "·";
	paint_field(p, at.x, at.y, at.w, b->right[c] ? 1 : -1, PEN(missing ? (uint8_t)ROLE_DIM : cell ? cell->role : (uint8_t)ROLE_HEAD), text, strlen(text));
}

static void paint_table(const struct block *b, const struct paint *p, long y)
{
	int w[LEAF_COLUMNS];
	fit_columns(b, text_room(p->r.w), w);
	for (size_t row = !b->headed; row <= b->n_cells / (size_t)b->n_cols; row++, y++) {
		if (y < 0 || y >= p->r.h)
			continue;
		int x = INDENT;
		for (int c = 0; c < b->n_cols; c++) {
			const struct leaf_cell *cell = row ? &b->cells[(row - 1) * (size_t)b->n_cols + (size_t)c] : NULL;
			if (w[c])
				paint_table_cell(b, p, (struct rect){ x, (int)y, w[c], 1 }, c, cell);
			x += w[c] ? w[c] + GAP : 0;
		}
	}
}

static void paint_block(const struct block *b, const struct paint *p, long y)
{
	if (b->kind == BLOCK_TEXT)
		paint_text_block(b, p, y);
	if (b->kind == BLOCK_TABLE)
		paint_table(b, p, y);
	if (b->kind == BLOCK_PICTURE && y >= 0 && y < p->r.h) {
		struct paint in = paint_sub(p, INDENT, (int)y, text_room(p->r.w), b->rows);
		b->fn(b->data, &in);
	}
	if (b->kind == BLOCK_HEAD && y >= 0 && y < p->r.h) {
		int x = paint_text(p, INDENT, (int)y, PEN(ROLE_STRONG), b->text);
		if (*b->note && x + GAP < p->r.w)
			paint_field(p, x + GAP, (int)y, p->r.w - x - GAP, -1, PEN(ROLE_DIM), b->note, strlen(b->note));
	}
}

void leaf_paint(const struct leaf *s, const struct paint *p, size_t top)
{
	long y = -(long)top;
	for (size_t i = 0; s && i < s->n && y < p->r.h; i++) {
		size_t lines = block_lines(&s->at[i], p->r.w, i == 0);
		if (y + (long)lines > 0)
			paint_block(&s->at[i], p, y + (s->at[i].kind == BLOCK_HEAD && i > 0));
		y += (long)lines;
	}
}
