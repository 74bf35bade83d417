/* Blocks of Markdown broken into lines for a width, painted and searched. Text stays below MEASURE cells a line, for longer ones are hard to read. */
#include "tui/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { MEASURE = 100, LEAST = 12 };

void markdown_free(struct markdown *m)
{
	if (!m)
		return;
	free(m->blocks);
	free(m->lines);
	free(m->find);
	arena_free(m->arena);
	free(m);
}

/* ---- lines --------------------------------------------------------------------------------------------- */

static int bullet_w(const struct markdown_block *b)
{
	return b->bullet ? (int)strlen(b->bullet) + 1 : 0;
}

/* Cells left of the text: quotes, lists; a bullet stands within the indent of its list. */
static int margin(const struct markdown_block *b)
{
	int w = b->indent + 2 * b->quote, bullet = bullet_w(b);
	return bullet > 2 && b->indent ? w + bullet - 2 : w;
}

static void push(struct markdown *m, struct markdown_line l)
{
	MEM_GROW(m->lines, m->cap_lines, m->n_lines + 1);
	m->lines[m->n_lines++] = l;
}

/* Bytes that fit into w cells; *skip: what of the text behind them belongs to no line (the blank or line end it was broken at). */
static size_t piece(const char *s, const char *end, int w, size_t *skip)
{
	const char *at = s, *blank = NULL;
	struct grapheme g;
	int used = 0;
	*skip = 0;
	while (at < end && *at != '\n' && text_next(&at, end, &g)) {
		if (used + g.width > w) {
			*skip = blank ? 1 : 0;
			return blank ? (size_t)(blank - s) : g.p > s ? (size_t)(g.p - s) : g.n;
		}
		used += g.width;
		blank = g.n == 1 && *g.p == ' ' && g.p > s ? g.p : blank;
	}
	*skip = at < end;
	return (size_t)(at - s);
}

static void lay_block(struct markdown *m, size_t i, int w)
{
	const struct markdown_block *b = &m->blocks[i];
	const char *at = b->text, *end = at + b->n;
	int room = w - margin(b);
	if (b->kind == MARKDOWN_ROW || b->kind == MARKDOWN_RULE) {
		push(m, (struct markdown_line){ .block = i, .n = b->n });
		return;
	}
	do {
		size_t skip, n = piece(at, end, room < LEAST ? LEAST : room, &skip);
		push(m, (struct markdown_line){ .block = i, .at = (size_t)(at - b->text), .n = n });
		at += n + skip;
	} while (at < end);
}

static void lay(struct markdown *m, int width)
{
	int w = width < MEASURE ? width : MEASURE;
	m->width = width;
	m->n_lines = 0;
	m->hit = SIZE_MAX;
	for (size_t i = 0; i < m->n; i++) {
		if (m->blocks[i].gap && i && (m->blocks[i - 1].kind != MARKDOWN_HEAD || m->blocks[i].kind == MARKDOWN_HEAD))
			push(m, (struct markdown_line){ .block = i, .blank = true });
		lay_block(m, i, m->blocks[i].kind == MARKDOWN_CODE ? width : w);
	}
}

/* ---- picture --------------------------------------------------------------------------------------------- */

static void paint_marks(const struct paint *p, int x, int y, const struct markdown_block *b, const struct markdown_line *l, bool found)
{
	size_t end = l->at + l->n;
	for (size_t k = 0; k < b->n_marks; k++) {
		size_t from = b->marks[k].at > l->at ? b->marks[k].at : l->at, to = k + 1 < b->n_marks && b->marks[k + 1].at < end ? b->marks[k + 1].at : end;
		if (from >= to)
			continue;
		struct pen pen = { found ? ROLE_MATCH : b->marks[k].role, ROLE_TEXT, b->marks[k].attr };
		x = surface_textn(p->s, p->r, x, y, pen, b->text + from, to - from);
	}
}

static void paint_line(const struct markdown *m, const struct paint *p, int y, size_t i)
{
	const struct markdown_line *l = &m->lines[i];
	const struct markdown_block *b = &m->blocks[l->block];
	int x = margin(b);
	if (l->blank)
		return;
	for (int q = 0; q < b->quote; q++)
		paint_put(p, 2 * q, y, PEN(ROLE_RULE), paint_sign(p, SIGN_RULE));
	if (b->kind == MARKDOWN_RULE) {
		surface_hline(p->s, p->r, x, y, (p->r.w < MEASURE ? p->r.w : MEASURE) - x, PEN(ROLE_RULE));
		return;
	}
	if (b->bullet && !l->at) {
		bool dash = !strcmp(b->bullet, "-");
		int at = x - bullet_w(b);
		if (dash)
			paint_put(p, at, y, PEN(ROLE_ACCENT), p->ascii ? '-' : 0x2022);
		else
			paint_text(p, at, y, PEN(ROLE_ACCENT), b->bullet);
	}
	bool found = i == m->hit;
	if (b->kind == MARKDOWN_ROW)
		paint_field(p, x, y, p->r.w - x, -1, (struct pen){ found ? ROLE_MATCH : b->level ? ROLE_HEAD : ROLE_TEXT, ROLE_TEXT, 0 }, b->text, b->n);
	else
		paint_marks(p, x, y, b, l, found);
}

static void keep_inside(struct markdown *m)
{
	size_t most = m->n_lines > (size_t)m->page ? m->n_lines - (size_t)m->page : 0;
	m->top = m->top > most ? most : m->top;
}

void markdown_paint(struct markdown *m, const struct paint *p)
{
	m->page = p->r.h > 0 ? p->r.h : 0;
	if (m->width != p->r.w)
		lay(m, p->r.w);
	keep_inside(m);
	for (int y = 0; y < p->r.h && m->top + (size_t)y < m->n_lines; y++)
		paint_line(m, p, y, m->top + (size_t)y);
}

void markdown_scroll(struct markdown *m, long rows)
{
	long to = (long)m->top + rows;
	m->top = to < 0 ? 0 : (size_t)to;
	keep_inside(m);
}

/* ---- search ------------------------------------------------------------------------------------------------ */

static bool is_hit(const struct markdown *m, size_t i)
{
	const struct markdown_line *l = &m->lines[i];
	return !l->blank && text_contains(m->blocks[l->block].text + l->at, l->n, m->find, strlen(m->find));
}

bool markdown_find(struct markdown *m, const char *needle, int dir)
{
	if (needle) {
		free(m->find);
		m->find = *needle ? mem_strdup(needle) : NULL;
		m->hit = SIZE_MAX;
	}
	if (!m->find)
		return needle != NULL;
	size_t n = m->n_lines, from = m->hit == SIZE_MAX ? (dir > 0 ? n - 1 : 0) : m->hit;
	for (size_t k = 1; k <= n; k++) {
		size_t i = (from + (dir > 0 ? k : n - k)) % n;
		if (!is_hit(m, i))
			continue;
		m->hit = i;
		if (i < m->top || i >= m->top + (size_t)m->page)
			m->top = i > (size_t)m->page / 3 ? i - (size_t)m->page / 3 : 0;
		keep_inside(m);
		return true;
	}
	return false;
}

void markdown_keep_place(struct markdown *m, struct markdown *before)
{
	if (!before->width)
		return;                          /* never painted: there is no place yet */
	lay(m, before->width);
	m->page = before->page;
	m->top = before->top;
	keep_inside(m);
	m->find = before->find;
	before->find = NULL;
	if (m->find && before->hit < m->n_lines && is_hit(m, before->hit))
		m->hit = before->hit;
}
