/* Facts laid out: headings with their lines go, whole, to the column that is shortest so far; values are broken at words. */
#include "views/registry_facts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { COLUMN_LEAST = 64, GAP = 2, VALUE_LEAST = 12 };

struct facts *facts_new(void)
{
	struct facts *f = mem_zalloc(sizeof *f);
	f->arena = arena_new();
	f->hit = SIZE_MAX;
	return f;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	for (int i = 0; i < FACTS_COLUMNS; i++)
		free(f->column[i].at);
	free(f->at);
	free(f->find);
	arena_free(f->arena);
	free(f);
}

static void add(struct facts *f, const char *label, bool head, enum role role, const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
static void add(struct facts *f, const char *label, bool head, enum role role, const char *fmt, va_list ap)
{
	struct str value = STR_INIT;
	str_vaddf(&value, fmt, ap);
	if (value.len || head) {
		MEM_GROW(f->at, f->cap, f->n + 1);
		f->at[f->n++] = (struct fact){ .label = arena_strdup(f->arena, label), .value = arena_strdup(f->arena, value.p), .role = (uint8_t)role, .head = head };
	}
	str_free(&value);
}

void facts_head(struct facts *f, const char *label, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(f, label, true, ROLE_STRONG, fmt, ap);
	va_end(ap);
}

void facts_add(struct facts *f, enum role role, const char *label, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(f, label, false, role, fmt, ap);
	va_end(ap);
}

/* ---- layout ------------------------------------------------------------------------------------------ */

static void push(struct fact_column *c, size_t fact, const char *p, size_t n)
{
	MEM_GROW(c->at, c->cap, c->n + 1);
	c->at[c->n++] = (struct fact_line){ fact, p, n };
}

static void lay_value(struct fact_column *c, size_t i, const char *value, int w)
{
	do {
		size_t n = text_break(value, w);
		push(c, i, value, n);
		value += n;
		value += *value == '\n';
	} while (*value);
}

static size_t section_end(const struct facts *f, size_t i)
{
	for (i++; i < f->n && !f->at[i].head; i++)
		;
	return i;
}

static struct fact_column *shortest(struct facts *f)
{
	struct fact_column *best = &f->column[0];
	for (int i = 1; i < f->columns; i++)
		if (f->column[i].n < best->n)
			best = &f->column[i];
	return best;
}

static int column_w(const struct facts *f)
{
	return (f->width - GAP * (f->columns - 1)) / f->columns;
}

static void lay(struct facts *f, int width)
{
	int label_w = 8;
	f->width = width;
	f->columns = width / COLUMN_LEAST > FACTS_COLUMNS ? FACTS_COLUMNS : width < 2 * COLUMN_LEAST ? 1 : width / COLUMN_LEAST;
	for (size_t i = 0; i < f->n; i++) {
		int w = f->at[i].head ? 0 : text_width(f->at[i].label, strlen(f->at[i].label));
		label_w = w > label_w ? w : label_w;
	}
	label_w = label_w > FACTS_LABEL_MOST ? FACTS_LABEL_MOST : label_w;
	for (int i = 0; i < FACTS_COLUMNS; i++) {
		f->column[i].n = 0;
		f->column[i].label_w = label_w;
	}
	int w = column_w(f) - label_w - 5;
	for (size_t i = 0; i < f->n; i = section_end(f, i)) {
		struct fact_column *c = shortest(f);
		if (c->n)
			push(c, i, NULL, 0);
		for (size_t k = i; k < section_end(f, i); k++) {
			if (f->at[k].head)
				push(c, k, f->at[k].value, strlen(f->at[k].value));
			else
				lay_value(c, k, f->at[k].value, w < VALUE_LEAST ? VALUE_LEAST : w);
		}
	}
	f->lines = 0;
	for (int i = 0; i < f->columns; i++)
		f->lines = f->column[i].n > f->lines ? f->column[i].n : f->lines;
}

/* ---- picture ------------------------------------------------------------------------------------------- */

static void paint_line(const struct facts *f, const struct fact_column *c, size_t line, const struct paint *p, int y)
{
	const struct fact_line *l = &c->at[line];
	const struct fact *x = &f->at[l->fact];
	if (!l->p)
		return;
	bool found = l->fact == f->hit, first = !line || c->at[line - 1].fact != l->fact || !c->at[line - 1].p;
	if (x->head) {
		int end = paint_text(p, 1, y, PEN(found ? ROLE_MATCH : ROLE_STRONG), x->label);
		paint_field(p, end + 2, y, p->r.w - end - 3, -1, PEN(ROLE_DIM), l->p, l->n);
		return;
	}
	if (first)
		paint_field(p, 3, y, c->label_w, -1, PEN(found ? ROLE_MATCH : ROLE_DIM), x->label, strlen(x->label));
	paint_field(p, c->label_w + 4, y, p->r.w - c->label_w - 5, -1, PEN(found ? ROLE_MATCH : x->role), l->p, l->n);
}

void facts_paint(struct facts *f, const struct paint *p)
{
	f->page = p->r.h;
	if (f->width != p->r.w)
		lay(f, p->r.w);
	size_t most = f->lines > (size_t)p->r.h ? f->lines - (size_t)p->r.h : 0;
	f->top = f->top > most ? most : f->top;
	int w = column_w(f);
	for (int i = 0; i < f->columns; i++) {
		struct paint column = paint_sub(p, i * (w + GAP), 0, w, p->r.h);
		for (int y = 0; y < p->r.h && f->top + (size_t)y < f->column[i].n; y++)
			paint_line(f, &f->column[i], f->top + (size_t)y, &column, y);
	}
}

void facts_move(struct facts *f, enum registry_move m)
{
	long most = f->lines > (size_t)f->page ? (long)f->lines - f->page : 0, to = (long)f->top + registry_rows_of(m, f->page, f->lines);
	f->top = to < 0 ? 0 : to > most ? (size_t)most : (size_t)to;
}

/* ---- search ---------------------------------------------------------------------------------------------- */

static bool says(const struct fact *x, const char *needle)
{
	size_t n = strlen(needle);
	return text_contains(x->label, strlen(x->label), needle, n) || text_contains(x->value, strlen(x->value), needle, n);
}

static void show(struct facts *f, size_t fact)
{
	for (int c = 0; c < f->columns; c++)
		for (size_t i = 0; i < f->column[c].n; i++)
			if (f->column[c].at[i].fact == fact && f->column[c].at[i].p) {
				if (i < f->top || i >= f->top + (size_t)f->page)
					f->top = i > (size_t)f->page / 3 ? i - (size_t)f->page / 3 : 0;
				return;
			}
}

void facts_keep_place(struct facts *f, struct facts *before)
{
	f->top = before->top;
	f->find = before->find;
	before->find = NULL;
	for (size_t i = 0; before->hit != SIZE_MAX && i < f->n && f->hit == SIZE_MAX; i++)
		if (!strcmp(f->at[i].label, before->at[before->hit].label) && f->at[i].head == before->at[before->hit].head)
			f->hit = i;
}

bool facts_find(struct facts *f, const char *needle, int dir)
{
	if (needle) {
		free(f->find);
		f->find = *needle ? mem_strdup(needle) : NULL;
		f->hit = SIZE_MAX;
	}
	if (!f->find)
		return needle != NULL;
	for (size_t k = 0; k < f->n; k++) {
		size_t from = f->hit == SIZE_MAX ? (dir > 0 ? f->n - 1 : 0) : f->hit;
		size_t i = dir > 0 ? (from + 1 + k) % f->n : (from + 2 * f->n - 1 - k) % f->n;
		if (says(&f->at[i], f->find)) {
			f->hit = i;
			show(f, i);
			return true;
		}
	}
	return false;
}
