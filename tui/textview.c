/* The text view. Lines point into an arena; wrapping happens while painting, for the lines on screen only. A position is
 * (top, top_row): a line and, when wrapped, a row of it; scrolling walks rows from there, so its cost does not depend on the
 * length of the text. */
#include "tui/textview.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/text.h"

enum { LINE_BYTES_MAX = 8192, WIDTH_BEFORE_PAINT = 80 };

void textview_init(struct textview *t)
{
	*t = (struct textview){ .text = arena_new() };
}

void textview_done(struct textview *t)
{
	arena_free(t->text);
	free(t->lines);
	free(t->find);
	*t = (struct textview){ 0 };
}

/* ---- filling ---- */

static void push(struct textview *t, enum role role, const char *text, size_t n, bool more)
{
	MEM_GROW(t->lines, t->cap, t->n_lines + 1);
	t->lines[t->n_lines++] = (struct text_line){ text, (uint32_t)n, (uint8_t)role, more };
}

/* Where to break a line that is too long: at a cluster's end shortly before the limit. */
static size_t piece_length(const char *s, size_t n)
{
	size_t cut = LINE_BYTES_MAX - 64;
	struct grapheme g;
	while (cut > 0 && ((unsigned char)s[cut] & 0xC0) == 0x80)
		cut--;
	for (const char *at = s + cut; text_next(&at, s + n, &g) && at <= s + LINE_BYTES_MAX;)
		cut = (size_t)(at - s);
	return cut;
}

static void add_line(struct textview *t, enum role role, const char *s, size_t n)
{
	while (n > LINE_BYTES_MAX) {
		size_t k = piece_length(s, n);
		push(t, role, s, k, true);
		s += k;
		n -= k;
	}
	push(t, role, s, n, false);
}

void textview_add(struct textview *t, enum role role, const char *line, size_t n)
{
	add_line(t, role, arena_strndup(t->text, line, n), n);
}

void textview_set(struct textview *t, const char *text, size_t n, enum role role)
{
	struct textview before = *t;
	t->find = NULL;                          /* it goes on */
	textview_done(t);
	textview_init(t);
	t->wrap = before.wrap, t->numbers = before.numbers;
	t->page = before.page, t->width = before.width;
	t->left = before.left;
	t->find = before.find, t->hit = before.hit;
	if (n == 0)
		return;
	const char *at = arena_strndup(t->text, text, n), *end = at + n;
	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((nl ? nl : end) - at);
		add_line(t, role, at, len);
		at += len + 1;
	}
}

/* ---- rows ---- */

static int text_cells(const struct textview *t)
{
	return t->width > 0 ? t->width : WIDTH_BEFORE_PAINT;
}

/* Bytes of the row that starts at s: up to `width` cells, after the last blank if there is one. At least one cluster. */
static size_t row_length(const char *s, size_t n, int width)
{
	const char *at = s, *end = s + n;
	size_t blank = 0;
	struct grapheme g;
	int used = 0;
	while (text_next(&at, end, &g)) {
		if (used + g.width > width && g.p > s) {
			size_t here = (size_t)(g.p - s);
			return *g.p == ' ' ? here : blank > here / 2 ? blank : here;      /* a row less than half full looks broken */
		}
		used += g.width;
		if (*g.p == ' ')
			blank = (size_t)(at - s);
	}
	return n;
}

/* The rows of a line, one after the other. A blank that a break falls on goes with neither row. */
struct rows { const char *at, *end; int width; bool wrap, begun; };

static struct rows rows_of(const struct textview *t, size_t line)
{
	const struct text_line *l = &t->lines[line];
	return (struct rows){ l->text, l->text + l->n, text_cells(t), t->wrap, false };
}

static bool rows_next(struct rows *r, const char **s, size_t *n)
{
	if (r->begun && (!r->wrap || r->at >= r->end))
		return false;
	*s = r->at;
	*n = r->wrap ? row_length(r->at, (size_t)(r->end - r->at), r->width) : (size_t)(r->end - r->at);
	r->at += *n;
	if (r->at < r->end && *r->at == ' ')
		r->at++;
	r->begun = true;
	return true;
}

static int line_rows(const struct textview *t, size_t line)
{
	const char *s;
	size_t n;
	int rows = 0;
	if (!t->wrap || line >= t->n_lines)
		return 1;
	for (struct rows r = rows_of(t, line); rows_next(&r, &s, &n);)
		rows++;
	return rows;
}

/* ---- scrolling ---- */

static void back(struct textview *t)
{
	if (t->top_row > 0)
		t->top_row--;
	else if (t->top > 0)
		t->top_row = line_rows(t, --t->top) - 1;
}

static void forth(struct textview *t)
{
	if (t->top_row + 1 < line_rows(t, t->top)) {
		t->top_row++;
	} else if (t->top + 1 < t->n_lines) {
		t->top++;
		t->top_row = 0;
	}
}

void textview_end(struct textview *t)
{
	t->top = t->n_lines ? t->n_lines - 1 : 0;
	t->top_row = t->n_lines ? line_rows(t, t->top) - 1 : 0;
	for (int i = 1; i < t->page; i++)
		back(t);
}

static bool is_after(size_t line, int row, size_t line2, int row2)
{
	return line != line2 ? line > line2 : row > row2;
}

/* A page of lines further on there is still a line: this cannot be the last page, however the lines wrap. */
static bool is_far_from_end(const struct textview *t)
{
	return t->top + (size_t)(t->page > 0 ? t->page : 1) < t->n_lines;
}

bool textview_at_end(const struct textview *t)
{
	struct textview end = *t;
	textview_end(&end);
	return !is_far_from_end(t) && !is_after(end.top, end.top_row, t->top, t->top_row);
}

/* Not beyond the last page. */
static void hold(struct textview *t)
{
	struct textview end = *t;
	if (is_far_from_end(t))
		return;
	textview_end(&end);
	if (is_after(t->top, t->top_row, end.top, end.top_row)) {
		t->top = end.top;
		t->top_row = end.top_row;
	}
}

void textview_scroll(struct textview *t, long lines, int cols)
{
	if (!t->wrap) {
		size_t by = lines < 0 ? (size_t)0 - (size_t)lines : (size_t)lines;
		t->top_row = 0;
		t->top = lines < 0 ? (by > t->top ? 0 : t->top - by) : (by > t->n_lines - t->top ? t->n_lines : t->top + by);
		t->left = t->left + cols > 0 ? t->left + cols : 0;
	}
	for (long i = 0; t->wrap && i < labs(lines); i++) {
		size_t top = t->top;
		int row = t->top_row;
		(lines < 0 ? back : forth)(t);
		if (top == t->top && row == t->top_row)
			break;
	}
	hold(t);
}

void textview_page(struct textview *t, int pages_times_two)
{
	textview_scroll(t, (long)(t->page > 1 ? t->page - 1 : 1) * pages_times_two / 2, 0);
}

void textview_to(struct textview *t, size_t line)
{
	t->top = line < t->n_lines ? line : t->n_lines ? t->n_lines - 1 : 0;
	t->top_row = 0;
	hold(t);
}

void textview_move(struct textview *t, enum textview_move m)
{
	enum { SIDEWAYS = 8 };
	const long page = t->page > 1 ? t->page - 1 : 1, all = (long)t->n_lines;
	const long lines[] = { 1, -1, page, -page, (page + 1) / 2, -(page + 1) / 2, -all, all, 0, 0 };
	if (m == TEXTVIEW_BOTTOM)
		textview_end(t);
	else
		textview_scroll(t, lines[m], m == TEXTVIEW_LEFT ? -SIDEWAYS : m == TEXTVIEW_RIGHT && t->cut ? SIDEWAYS : 0);
}

void textview_wrap(struct textview *t, bool on)
{
	t->wrap = on;
	t->left = t->top_row = 0;
	hold(t);
}

void textview_note(const struct textview *t, struct str *out)
{
	size_t page = t->page > 0 ? (size_t)t->page : 1, last = t->n_lines - t->top > page ? t->top + page : t->n_lines;
	if (t->wrap)
		str_addf(out, "line %zu of %zu · wrapped", t->n_lines ? t->top + 1 : 0, t->n_lines);
	else
		str_addf(out, "%zu-%zu of %zu", t->n_lines ? t->top + 1 : 0, last, t->n_lines);
	if (!t->wrap && t->left)
		str_addf(out, " · from column %d", t->left + 1);
	else if (!t->wrap && t->cut)
		str_add(out, " · long lines cut");
}

/* ---- searching ---- */

/* A line that is not on the page comes to stand a third down; its match is scrolled sideways into view. */
static void show_match(struct textview *t, size_t line, size_t at)
{
	if (t->wrap || line < t->top || line >= t->top + (size_t)(t->page > 0 ? t->page : 1)) {
		t->top = line;
		t->top_row = 0;
		for (int i = 0; i < t->page / 3; i++)
			back(t);
		hold(t);
	}
	int cell = text_width(t->lines[line].text, at), room = text_cells(t);
	if (!t->wrap && (cell < t->left || cell >= t->left + room - 1))
		t->left = cell > room / 2 ? cell - room / 2 : 0;
}

bool textview_find(struct textview *t, const char *needle, int dir)
{
	size_t at, len, n = needle ? strlen(needle) : 0;
	bool again = n && t->find && strcmp(t->find, needle) == 0;
	char *find = n ? mem_strdup(needle) : NULL;
	free(t->find);
	t->find = find;
	if (!find || !t->n_lines)
		return false;
	size_t from = again && t->hit < t->n_lines ? t->hit : t->top;
	for (size_t k = again ? 1 : 0; k <= t->n_lines; k++) {
		size_t step = k % t->n_lines, i = (dir < 0 ? from + t->n_lines - step : from + step) % t->n_lines;
		if (!text_search(t->lines[i].text, t->lines[i].n, find, n, &at, &len))
			continue;
		t->hit = i;
		show_match(t, i, at);
		return true;
	}
	return false;
}

bool textview_find_again(struct textview *t, int dir)
{
	char *needle = t->find ? mem_strdup(t->find) : NULL;      /* the search replaces it */
	bool hit = textview_find(t, needle, dir);
	free(needle);
	return hit;
}

/* ---- painting ---- */

/* Draws s from cell `left` on; true when it goes on beyond the right edge. */
static bool draw_from(const struct paint *p, int x, int y, struct pen pen, const char *s, size_t n, int left)
{
	const char *at = s, *end = s + n;
	struct grapheme g;
	int cell = 0;
	while (cell < left && text_next(&at, end, &g))
		cell += g.width;
	if (cell < left || at >= end)
		return false;
	x = x + cell - left;
	surface_textn(p->s, p->r, x, y, pen, at, (size_t)(end - at));
	while (x <= p->r.w && text_next(&at, end, &g))
		x += g.width;
	return x > p->r.w;
}

static void draw_hits(const struct textview *t, const struct paint *p, int x, int y, const char *s, size_t n, bool current)
{
	size_t from = 0, at, len, nn = strlen(t->find);
	struct pen pen = PEN(ROLE_MATCH);
	pen.attr = current ? ATTR_REVERSE : ATTR_UNDERLINE;
	while (from < n && text_search(s + from, n - from, t->find, nn, &at, &len)) {
		int cell = text_width(s, from + at) - t->left;
		if (cell >= 0)
			surface_textn(p->s, p->r, x + cell, y, pen, s + from + at, len);
		from += at + len;
	}
}

static int number_width(const struct textview *t)
{
	char buf[32];
	return t->numbers ? snprintf(buf, sizeof buf, "%zu", t->n_lines) + 1 : 0;
}

static void draw_row(struct textview *t, const struct paint *p, size_t line, const char *s, size_t n, int y)
{
	int left = t->wrap ? 0 : t->left;
	bool goes_on = draw_from(p, 0, y, PEN(t->lines[line].role), s, n, left) && !t->wrap;
	if (t->find)
		draw_hits(t, p, 0, y, s, n, line == t->hit);
	if (left && n)
		surface_text(p->s, p->r, 0, y, PEN(ROLE_DIM), p->ascii ? "<" : "…");
	if (goes_on)
		surface_text(p->s, p->r, p->r.w - 1, y, PEN(ROLE_DIM), p->ascii ? ">" : "…");
	t->cut = t->cut || goes_on;
}

static void draw_number(const struct textview *t, const struct paint *p, size_t line, int indent, int y)
{
	char number[32];
	if (line > 0 && t->lines[line - 1].more)
		return;
	int len = snprintf(number, sizeof number, "%zu", line + 1);
	paint_field(p, 0, y, indent - 1, 1, PEN(ROLE_DIM), number, (size_t)len);
}

void textview_paint(struct textview *t, struct paint *p)
{
	int indent = number_width(t), y = 0;
	indent = indent < p->r.w / 2 ? indent : 0;
	struct paint text = paint_sub(p, indent, 0, p->r.w - indent, p->r.h);
	t->page = p->r.h;
	t->width = text.r.w;
	t->cut = false;
	if (t->wrap)
		t->left = 0;
	else
		t->top_row = 0;
	hold(t);
	for (size_t line = t->top; line < t->n_lines && y < p->r.h; line++) {
		const char *s;
		size_t n;
		int row = 0;
		for (struct rows r = rows_of(t, line); y < p->r.h && rows_next(&r, &s, &n); row++) {
			if (line == t->top && row < t->top_row)
				continue;
			if (indent && row == 0)
				draw_number(t, p, line, indent, y);
			draw_row(t, &text, line, s, n, y++);
		}
	}
}
