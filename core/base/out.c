/* Design
 *
 * In a pipe rows are written as they are complete, so that a table of any length needs one line of memory. On a
 * terminal all cells are kept, in one byte string with an offset per cell, until the widths are known. When the
 * table is wider than the screen, the widest left-aligned columns give way, down to a minimum; what is
 * still too wide is left to the terminal to wrap rather than hidden.
 */
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/verb.h"

enum { GAP = 2, COLUMN_MIN = 10, WIDTH_OTHERWISE = 80, WIDTH_OF_PAGES = 132 };
static const char MISSING[] = "\xC2\xB7";     /* middle dot */

struct out_column { char *title; enum out_align align; int width; };
struct out_table {
	struct out *o;
	struct out_column *cols;
	size_t n_cols, cap_cols;
	struct str text;              /* cleaned cells, one after the other */
	size_t *ends, n_cells, cap_ends;
	bool *missing; size_t cap_missing;
	size_t at;                    /* in a pipe: cells of the present row so far */
	bool head_done;
};

void out_init(struct out *o)
{
	struct winsize ws = { 0 };
	const char *term = getenv("TERM");
	*o = (struct out){ .out = stdout, .msg = stderr, .tty = isatty(STDOUT_FILENO) };
	o->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	o->style = o->tty && term && *term && strcmp(term, "dumb") != 0;
	if (o->tty)
		o->width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col ? ws.ws_col : WIDTH_OTHERWISE;
}

struct out out_page(const struct out *o)
{
	struct out page = *o;
	if (!o->tty)
		page.tty = page.utf8 = page.uncut = true, page.style = false, page.width = WIDTH_OF_PAGES;
	return page;
}

/* Clean text for a terminal that may know ASCII only: '.' for our own signs, '?' for each cell it cannot show. */
static void write_cells(struct out *o, const char *s, size_t n)
{
	if (o->utf8) {
		fwrite(s, 1, n, o->out);
		return;
	}
	struct grapheme g;
	const char *end = s + n;
	while (text_next(&s, end, &g)) {
		bool ours = (g.n == 3 && memcmp(g.p, "\xE2\x80\xA6", 3) == 0) || (g.n == 2 && memcmp(g.p, MISSING, 2) == 0);
		for (int i = 0; i < g.width; i++)
			fputc(g.n == 1 ? g.p[0] : ours ? '.' : '?', o->out);
	}
}

void out_text(struct out *o, const char *s, size_t n)
{
	if (!o->tty) {
		fwrite(s, 1, n, o->out);
		return;
	}
	struct str t = STR_INIT;
	text_clean(&t, s, n, TEXT_LINES);
	write_cells(o, t.p, t.len);
	str_free(&t);
}

struct out_table *out_table_new(struct out *o)
{
	struct out_table *t = mem_zalloc(sizeof *t);
	t->o = o;
	str_init(&t->text);
	return t;
}

void out_table_column(struct out_table *t, const char *title, enum out_align align)
{
	struct str s = STR_INIT;
	text_clean(&s, title, strlen(title), 0);
	MEM_GROW(t->cols, t->cap_cols, t->n_cols + 1);
	t->cols[t->n_cols++] = (struct out_column){ str_take(&s), align, 0 };
}

static void pipe_head(struct out_table *t)
{
	if (t->head_done)
		return;
	for (size_t c = 0; c < t->n_cols; c++)
		fprintf(t->o->out, "%s%s", t->cols[c].title, c + 1 < t->n_cols ? "\t" : "\n");
	t->head_done = true;
}

static void pipe_cell(struct out_table *t, const char *text)
{
	pipe_head(t);
	if (text)
		text_clean(&t->text, text, strlen(text), 0);
	t->at = (t->at + 1) % t->n_cols;
	str_addc(&t->text, t->at ? '\t' : '\n');
	if (t->at == 0) {
		fwrite(t->text.p, 1, t->text.len, t->o->out);
		str_clear(&t->text);
	}
}

void out_table_cell(struct out_table *t, const char *text)
{
	if (t->n_cols == 0)
		return;
	if (!t->o->tty) {
		pipe_cell(t, text);
		return;
	}
	const char *shown = text ? text : MISSING;
	text_clean(&t->text, shown, strlen(shown), 0);
	MEM_GROW(t->ends, t->cap_ends, t->n_cells + 1);
	MEM_GROW(t->missing, t->cap_missing, t->n_cells + 1);
	t->missing[t->n_cells] = text == NULL;
	t->ends[t->n_cells++] = t->text.len;
}

void out_table_cellf(struct out_table *t, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	out_table_cell(t, s.p);
	str_free(&s);
}

static const char *cell_at(const struct out_table *t, size_t i, size_t *n)
{
	size_t from = i ? t->ends[i - 1] : 0;
	*n = t->ends[i] - from;
	return t->text.p + from;
}

static void fit_content(struct out_table *t)
{
	for (size_t c = 0; c < t->n_cols; c++)
		t->cols[c].width = text_width(t->cols[c].title, strlen(t->cols[c].title));
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t n;
		const char *s = cell_at(t, i, &n);
		int w = text_width(s, n);
		struct out_column *col = &t->cols[i % t->n_cols];
		if (w > col->width)
			col->width = w;
	}
}

/* The widest and the second widest column that may give way. */
static struct out_column *widest(struct out_table *t, int *second)
{
	struct out_column *best = NULL;
	*second = COLUMN_MIN;
	for (size_t c = 0; c < t->n_cols; c++) {
		struct out_column *col = &t->cols[c];
		if (col->align != OUT_LEFT || col->width <= COLUMN_MIN)
			continue;
		if (!best || col->width > best->width) {
			if (best)
				*second = best->width;
			best = col;
		} else if (col->width > *second) {
			*second = col->width;
		}
	}
	return best;
}

static void fit_screen(struct out_table *t)
{
	int total = -GAP;
	for (size_t c = 0; c < t->n_cols; c++)
		total += t->cols[c].width + GAP;
	while (total > t->o->width) {
		int second, excess = total - t->o->width;
		struct out_column *w = widest(t, &second);
		if (!w)
			return;
		int give = w->width - second > 1 ? w->width - second : 1;
		if (give > excess)
			give = excess;
		w->width -= give;
		total -= give;
	}
}

static void put_spaces(struct out *o, int n)
{
	if (n > 0)
		fprintf(o->out, "%*s", n, "");
}

static void put_cell(struct out_table *t, size_t c, const char *s, size_t n, const char *style)
{
	struct str fitted = STR_INIT;
	const struct out_column *col = &t->cols[c];
	int width = t->o->uncut ? text_width(s, n) : 0;
	if (width < col->width)
		width = col->width;
	int pad = width - text_fit(&fitted, s, n, width);
	if (col->align == OUT_RIGHT)
		put_spaces(t->o, pad);
	if (style && t->o->style)
		fputs(style, t->o->out);
	write_cells(t->o, fitted.p, fitted.len);
	if (style && t->o->style)
		fputs("\x1b[0m", t->o->out);
	bool last = c + 1 == t->n_cols;
	if (!last)
		put_spaces(t->o, GAP + (col->align == OUT_LEFT ? pad : 0));
	else
		fputc('\n', t->o->out);
	str_free(&fitted);
}

static void print_screen(struct out_table *t)
{
	fit_content(t);
	fit_screen(t);
	for (size_t c = 0; c < t->n_cols; c++)
		put_cell(t, c, t->cols[c].title, strlen(t->cols[c].title), "\x1b[1m");
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t n;
		const char *s = cell_at(t, i, &n);
		put_cell(t, i % t->n_cols, s, n, t->missing[i] ? "\x1b[2m" : NULL);
	}
}

void out_table_end(struct out_table *t)
{
	while (t->n_cols && (t->o->tty ? t->n_cells % t->n_cols : t->at))    /* a row left short */
		out_table_cell(t, NULL);
	if (t->n_cols && t->o->tty)
		print_screen(t);
	else if (t->n_cols)
		pipe_head(t);
	for (size_t c = 0; c < t->n_cols; c++)
		free(t->cols[c].title);
	free(t->cols);
	free(t->ends);
	free(t->missing);
	str_free(&t->text);
	free(t);
}
