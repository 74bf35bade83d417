/* From md4c's events to blocks.
 *
 * An event opens a block where it is clear which (heading, code, row); text that comes without one, as in tight lists, opens a paragraph. A list item's bullet
 * waits for the first block in the item; later blocks of the item stand below it, indented alike. */
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/text.h"
#include "tui/markdown.h"

enum { DEPTH_MOST = 12, CELL_MOST = 60, CELLS_MOST = 32, INDENT = 2 };

struct cells { char *text[CELLS_MOST]; size_t n; bool head; };
struct list { bool ordered; unsigned next; };
struct parsing {
	struct markdown *m;
	struct str text; struct markdown_mark *marks; size_t n_marks, cap_marks;
	bool open, gap; enum markdown_kind kind; int level;
	struct list lists[DEPTH_MOST]; int depth, quote;
	char bullet[16];
	int strong, em, code, del, link;
	bool in_code, in_html, in_cell;
	struct cells *rows; size_t n_rows, cap_rows;
};

/* ---- blocks ------------------------------------------------------------------------------------------- */

static struct markdown_mark style(const struct parsing *p)
{
	struct markdown_mark k = { .at = p->text.len, .role = ROLE_TEXT };
	k.role = p->kind == MARKDOWN_HEAD ? (p->level == 1 ? ROLE_ACCENT : ROLE_STRONG) : p->code || p->in_code ? ROLE_CODE_STRING : p->in_html ? ROLE_DIM : ROLE_TEXT;
	k.attr = (uint8_t)((p->strong || p->kind == MARKDOWN_HEAD ? ATTR_BOLD : 0) | (p->em || p->in_html ? ATTR_ITALIC : 0) | (p->del ? ATTR_STRIKE : 0) | (p->link ? ATTR_UNDERLINE : 0));
	return k;
}

static void open_block(struct parsing *p, enum markdown_kind kind, int level)
{
	p->open = true;
	p->kind = kind;
	p->level = level;
	str_clear(&p->text);
	p->n_marks = 0;
}

static void put_mark(struct parsing *p, struct markdown_mark k)
{
	if (p->n_marks && p->marks[p->n_marks - 1].role == k.role && p->marks[p->n_marks - 1].attr == k.attr)
		return;
	MEM_GROW(p->marks, p->cap_marks, p->n_marks + 1);
	p->marks[p->n_marks++] = k;
}

static void add(struct parsing *p, const char *s, size_t n)
{
	if (!p->open)
		open_block(p, MARKDOWN_TEXT, 0);
	put_mark(p, style(p));
	str_addn(&p->text, s, n);
}

static void close_block(struct parsing *p)
{
	struct markdown *m = p->m;
	if (!p->open)
		return;
	p->open = false;
	MEM_GROW(m->blocks, m->cap, m->n + 1);
	struct markdown_mark *marks = arena_array(m->arena, p->n_marks ? p->n_marks : 1, sizeof *marks);
	if (p->n_marks)
		memcpy(marks, p->marks, p->n_marks * sizeof *marks);
	int depth = p->depth < DEPTH_MOST ? p->depth : DEPTH_MOST;
	m->blocks[m->n++] = (struct markdown_block){ .kind = p->kind, .level = p->level, .quote = p->quote, .gap = p->gap,
		.indent = depth * INDENT + (p->kind == MARKDOWN_CODE ? INDENT : 0), .bullet = *p->bullet ? arena_strdup(m->arena, p->bullet) : NULL,
		.text = arena_strndup(m->arena, p->text.p, p->text.len), .n = p->text.len, .marks = marks, .n_marks = p->n_marks };
	p->bullet[0] = '\0';
	p->gap = false;
}

/* Code and HTML come in pieces; each of their lines is a block. */
static void add_lines(struct parsing *p, enum markdown_kind kind, const char *s, size_t n)
{
	while (n) {
		const char *end = memchr(s, '\n', n);
		size_t len = end ? (size_t)(end - s) : n;
		if (!p->open)
			open_block(p, kind, 0);
		add(p, s, len);
		if (!end)
			return;
		close_block(p);
		s += len + 1;
		n -= len + 1;
	}
}

/* ---- tables --------------------------------------------------------------------------------------------- */

static void cell_end(struct parsing *p)
{
	struct cells *row = &p->rows[p->n_rows - 1];
	if (row->n < CELLS_MOST)
		row->text[row->n++] = mem_strndup(p->text.p, p->text.len);
	p->open = false;
	p->in_cell = false;
}

static void row_out(struct parsing *p, const struct cells *row, const int *width, size_t columns)
{
	open_block(p, MARKDOWN_ROW, row->head);
	put_mark(p, (struct markdown_mark){ .at = 0, .role = row->head ? ROLE_HEAD : ROLE_TEXT });
	for (size_t k = 0; k < columns; k++) {
		const char *text = k < row->n ? row->text[k] : "";
		int used = text_fit(&p->text, text, strlen(text), width[k]);
		if (k + 1 < columns)
			str_addrep(&p->text, ' ', (size_t)(width[k] - used) + 2);
	}
	close_block(p);
}

static void table_end(struct parsing *p)
{
	int width[CELLS_MOST] = { 0 };
	size_t columns = 0;
	for (size_t i = 0; i < p->n_rows; i++)
		for (size_t k = 0; k < p->rows[i].n; k++) {
			int w = text_width(p->rows[i].text[k], strlen(p->rows[i].text[k]));
			width[k] = w > CELL_MOST ? CELL_MOST : w > width[k] ? w : width[k];
			columns = k + 1 > columns ? k + 1 : columns;
		}
	p->gap = true;
	for (size_t i = 0; i < p->n_rows; i++) {
		row_out(p, &p->rows[i], width, columns);
		for (size_t k = 0; k < p->rows[i].n; k++)
			free(p->rows[i].text[k]);
	}
	p->n_rows = 0;
}

/* ---- events ---------------------------------------------------------------------------------------------- */

static void item_start(struct parsing *p, const MD_BLOCK_LI_DETAIL *d)
{
	close_block(p);
	struct list *l = p->depth && p->depth <= DEPTH_MOST ? &p->lists[p->depth - 1] : NULL;
	if (d->is_task)
		snprintf(p->bullet, sizeof p->bullet, "[%c]", d->task_mark == ' ' ? ' ' : 'x');
	else if (l && l->ordered)
		snprintf(p->bullet, sizeof p->bullet, "%u.", l->next++);
	else
		snprintf(p->bullet, sizeof p->bullet, "-");
}

static void list_start(struct parsing *p, bool ordered, unsigned first)
{
	close_block(p);
	p->gap = p->depth == 0;
	if (p->depth < DEPTH_MOST)
		p->lists[p->depth] = (struct list){ ordered, first };
	p->depth++;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct parsing *p = arg;
	switch (type) {
	case MD_BLOCK_QUOTE: close_block(p); p->quote++; p->gap = true; break;
	case MD_BLOCK_UL: list_start(p, false, 1); break;
	case MD_BLOCK_OL: list_start(p, true, ((MD_BLOCK_OL_DETAIL *)detail)->start); break;
	case MD_BLOCK_LI: item_start(p, detail); break;
	case MD_BLOCK_HR: close_block(p); p->gap = true; open_block(p, MARKDOWN_RULE, 0); close_block(p); break;
	case MD_BLOCK_H: close_block(p); p->gap = true; open_block(p, MARKDOWN_HEAD, (int)((MD_BLOCK_H_DETAIL *)detail)->level); break;
	case MD_BLOCK_CODE: close_block(p); p->gap = true; p->in_code = true; break;
	case MD_BLOCK_HTML: close_block(p); p->gap = true; p->in_html = true; break;
	case MD_BLOCK_P: close_block(p); p->gap |= !*p->bullet; open_block(p, MARKDOWN_TEXT, 0); break;
	case MD_BLOCK_TR:
		MEM_GROW(p->rows, p->cap_rows, p->n_rows + 1);
		p->rows[p->n_rows++] = (struct cells){ .n = 0 };
		break;
	case MD_BLOCK_TH: case MD_BLOCK_TD:
		p->rows[p->n_rows - 1].head = type == MD_BLOCK_TH;
		open_block(p, MARKDOWN_ROW, 0);
		p->in_cell = true;
		break;
	default: break;
	}
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct parsing *p = arg;
	(void)detail;
	switch (type) {
	case MD_BLOCK_QUOTE: close_block(p); p->quote--; p->gap = true; break;
	case MD_BLOCK_UL: case MD_BLOCK_OL: close_block(p); p->depth--; p->gap = p->depth == 0; break;
	case MD_BLOCK_LI: close_block(p); p->bullet[0] = '\0'; break;
	case MD_BLOCK_CODE: close_block(p); p->in_code = false; break;
	case MD_BLOCK_HTML: close_block(p); p->in_html = false; break;
	case MD_BLOCK_TH: case MD_BLOCK_TD: cell_end(p); break;
	case MD_BLOCK_TABLE: table_end(p); break;
	case MD_BLOCK_H: case MD_BLOCK_P: close_block(p); break;
	default: break;
	}
	return 0;
}

static int *counter(struct parsing *p, MD_SPANTYPE type)
{
	switch (type) {
	case MD_SPAN_EM: return &p->em;
	case MD_SPAN_STRONG: return &p->strong;
	case MD_SPAN_CODE: return &p->code;
	case MD_SPAN_DEL: return &p->del;
	case MD_SPAN_A: return &p->link;
	default: return NULL;
	}
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct parsing *p = arg;
	int *n = counter(p, type);
	(void)detail;
	if (n)
		(*n)++;
	if (type == MD_SPAN_IMG)
		add(p, "[picture: ", 10);
	return 0;
}

/* Where a link leads stands behind it, unless its text says so already. */
static void link_end(struct parsing *p, const MD_SPAN_A_DETAIL *d)
{
	size_t n = d->href.size;
	if (!n || (p->text.len >= n && !memcmp(p->text.p + p->text.len - n, d->href.text, n)))
		return;
	struct markdown_mark k = style(p);
	k.role = ROLE_DIM;
	put_mark(p, k);
	str_add(&p->text, " <");
	str_addn(&p->text, d->href.text, n);
	str_addc(&p->text, '>');
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct parsing *p = arg;
	int *n = counter(p, type);
	if (n)
		(*n)--;
	if (type == MD_SPAN_A && p->open)
		link_end(p, detail);
	if (type == MD_SPAN_IMG)
		add(p, "]", 1);
	return 0;
}

static void add_entity(struct parsing *p, const char *s, size_t n)
{
	static const struct { const char *name, *text; } known[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&nbsp;", " " } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == n && !memcmp(known[i].name, s, n)) {
			add(p, known[i].text, strlen(known[i].text));
			return;
		}
	add(p, s, n);
}

/* A comment loses its brackets. */
static void add_html(struct parsing *p, const char *s, size_t n)
{
	struct str out = STR_INIT;
	for (size_t i = 0; i < n; i++) {
		if (n - i >= 4 && !memcmp(s + i, "<!--", 4))
			i += 4 + (n - i > 4 && s[i + 4] == ' ') - 1u;
		else if (n - i >= 3 && !memcmp(s + i, "-->", 3))
			i += 2;
		else
			str_addc(&out, s[i]);
	}
	bool block = p->in_html;
	p->in_html = true;
	if (block)
		add_lines(p, MARKDOWN_TEXT, out.p, out.len);
	else
		add(p, out.p, out.len);
	p->in_html = block;
	str_free(&out);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *arg)
{
	struct parsing *p = arg;
	switch (type) {
	case MD_TEXT_BR: add(p, p->in_cell ? " " : "\n", 1); break;
	case MD_TEXT_SOFTBR: add(p, " ", 1); break;
	case MD_TEXT_ENTITY: add_entity(p, s, n); break;
	case MD_TEXT_HTML: add_html(p, s, n); break;
	case MD_TEXT_NULLCHAR: add(p, "\xef\xbf\xbd", 3); break;
	default:
		if (p->in_code)
			add_lines(p, MARKDOWN_CODE, s, n);
		else
			add(p, s, n);
	}
	return 0;
}

struct markdown *markdown_parse(const char *text, size_t n)
{
	static const MD_PARSER parser = { .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS,
		.enter_block = enter_block, .leave_block = leave_block, .enter_span = enter_span, .leave_span = leave_span, .text = on_text };
	if (n > MARKDOWN_MOST)
		return NULL;
	struct markdown *m = mem_zalloc(sizeof *m);
	struct parsing p = { .m = m, .text = STR_INIT };
	m->arena = arena_new();
	m->hit = SIZE_MAX;
	int failed = md_parse(text, (MD_SIZE)n, &parser, &p);
	close_block(&p);
	for (size_t i = 0; i < p.n_rows; i++)
		for (size_t k = 0; k < p.rows[i].n; k++)
			free(p.rows[i].text[k]);
	str_free(&p.text);
	free(p.marks);
	free(p.rows);
	if (failed)
		mem_exhausted(n);                /* it fails for want of memory alone */
	return m;
}
