/* The table.
 *
 * A paint    asks for the visible rows of the columns that may be shown, once, and keeps the texts in one growing string (struct
 *            page); fitting, decimal points and drawing all read from there. So a paint costs rows x columns callbacks
 *            whatever the size of the table, and columns that cannot fit are never asked for. Only a column's first paint
 *            asks for two pages more, the first and the last.
 * Choosing   columns enter by weight, then by place, as long as the narrowest widths add up to the room; sparklines
 *            only as long as the wanted widths do. What is left over goes to the shrunk text columns from the left, then to
 *            sparklines. Walking sideways, columns enter by place from `left` on, uncut.
 * Points     a number's part before the point and the part from it on are measured apart; the column is as wide as the widest
 *            of both together. */
#include "tui/table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/text.h"
#include "tui/chart.h"

enum { SHOWN_MAX = 64, GAP = 2, SPLIT_GAP = 3, FIT_MAX = 40, TEXT_MIN = 8, CELL_BYTES = 512, ROWS_MAX = 1024 };

struct page_cell { size_t off; uint32_t len; uint16_t width; struct pen pen; const double *spark; int n_spark; double spark_lo, spark_hi; };
struct page {
	struct table *t;
	struct paint *p;
	int gutter, room, rows;              /* cells left of the columns, for them; rows of data */
	struct str text;
	struct page_cell *cell[SHOWN_MAX];   /* rows of each asked column */
	int col[SHOWN_MAX]; int n;           /* asked columns; col[i] belongs to cell[i] */
	struct table_row row[ROWS_MAX];
};

void table_init(struct table *t)
{
	*t = (struct table){ .col_cursor = -1, .show_head = true, .show_marks = true };
}

void table_forget(struct table *t)
{
	for (size_t i = 0; i < t->n_cols; i++)
		t->cols[i].fit = t->cols[i].fit_int = t->cols[i].fit_frac = 0;
}

/* ---- numbers ---- */

/* Cells left of the decimal point and from it on; false: not a number. Digits are one cell wide. */
static bool number_parts(const char *s, size_t n, int *whole, int *frac)
{
	size_t i = n && (s[0] == '-' || s[0] == '+'), digits = 0, point = n;
	for (; i < n && s[i] != 'e' && s[i] != 'E'; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (s[i] == '.' && point == n)
			point = i;
		else if (s[i] != ',')
			return false;
	}
	if (digits == 0)
		return false;
	if (point == n)
		point = i;
	if (i < n) {                                           /* exponent */
		size_t k = i + 1 + (i + 1 < n && (s[i + 1] == '-' || s[i + 1] == '+'));
		if (k == n)
			return false;
		for (; k < n; k++)
			if (s[k] < '0' || s[k] > '9')
				return false;
	}
	*whole = (int)point;
	*frac = (int)(n - point);
	return true;
}

/* ---- asking ---- */

static void ask_rows(struct page *pg)
{
	struct table *t = pg->t;
	for (int i = 0; i < pg->rows; i++) {
		pg->row[i] = (struct table_row){ 0 };
		if (t->row)
			t->row(t->data, t->top + (size_t)i, &pg->row[i]);
	}
}

static void measure(struct page *pg, const struct table_col *c, int *fit, int *fit_int, int *fit_frac)
{
	const struct page_cell *cell = pg->cell[pg->n];
	for (int i = 0; i < pg->rows; i++) {
		int whole, frac;
		if (cell[i].width > *fit)
			*fit = cell[i].width;
		if (c->align > 0 && number_parts(pg->text.p + cell[i].off, cell[i].len, &whole, &frac)) {
			*fit_int = whole > *fit_int ? whole : *fit_int;
			*fit_frac = frac > *fit_frac ? frac : *fit_frac;
		}
	}
}

static int prefix_width(const struct page *pg, int i)
{
	const char *prefix = pg->row[i].prefix;
	return prefix ? text_width(prefix, strlen(prefix)) : 0;
}

static void ask_cell(struct page *pg, int col, int i, bool first)
{
	struct table *t = pg->t;
	struct page_cell *cell = &pg->cell[pg->n][i];
	char buf[CELL_BYTES];
	struct table_cell out = { .pen = PEN(ROLE_TEXT) };
	t->cell(t->data, t->top + (size_t)i, (size_t)col, buf, sizeof buf, &out);
	size_t len = out.text ? strlen(out.text) : 0;
	*cell = (struct page_cell){ .off = pg->text.len, .len = (uint32_t)len, .pen = out.pen, .spark = out.spark, .n_spark = out.n_spark,
		.spark_lo = out.spark_lo, .spark_hi = out.spark_hi };
	if (len)
		str_addn(&pg->text, out.text, len);
	int width = (int)(len ? text_width(out.text, len) : 0) + (first ? prefix_width(pg, i) : 0);
	cell->width = (uint16_t)(width > 9999 ? 9999 : width);
}

static int title_width(const struct table_col *c)
{
	int w = c->title ? text_width(c->title, strlen(c->title)) : 0;
	return w + (c->sort ? 2 + (c->sort_rank > 1) : 0);
}

/* The column that stands first: the tree's prefixes go there. */
static int first_column(const struct table *t)
{
	int loose = -1;
	for (size_t i = 0; i < t->n_cols; i++) {
		if (t->cols[i].hidden)
			continue;
		if (t->cols[i].pinned)
			return (int)i;
		loose = loose < 0 ? (int)i : loose;
	}
	return loose;
}

/* Asks for a page of cells of a column and widens its fit. */
static void ask_page(struct page *pg, int col, bool first)
{
	struct table_col *c = &pg->t->cols[col];
	for (int i = 0; i < pg->rows; i++)
		ask_cell(pg, col, i, first);
	measure(pg, c, &c->fit, &c->fit_int, &c->fit_frac);
}

/* A column that is new is fitted to the first and the last page too, so that going to the end and back moves nothing. */
static void fit_ends(struct page *pg, int col, bool first)
{
	struct table *t = pg->t;
	size_t shown = t->top, ends[2] = { 0, t->n_rows - (size_t)pg->rows }, len = pg->text.len;
	for (int k = 0; k < 2; k++) {
		if (ends[k] == shown)
			continue;
		t->top = ends[k];
		if (first)
			ask_rows(pg);
		ask_page(pg, col, first);
		str_cut(&pg->text, len);
	}
	t->top = shown;
	if (first)
		ask_rows(pg);                                  /* the prefixes of the shown rows again */
}

static void ask_column(struct page *pg, int col)
{
	struct table *t = pg->t;
	struct table_col *c = &t->cols[col];
	pg->col[pg->n] = col;
	pg->cell[pg->n] = mem_array((size_t)(pg->rows > 0 ? pg->rows : 1), sizeof **pg->cell);
	bool first = col == first_column(t);
	if (c->fit == 0 && !c->spark)
		fit_ends(pg, col, first);
	ask_page(pg, col, first);
	pg->n++;
	int head = t->show_head ? title_width(c) : 0;
	c->fit = head > c->fit ? head : c->fit;
	if (c->fit_int + c->fit_frac > c->fit)
		c->fit = c->fit_int + c->fit_frac;
}

/* ---- widths ---- */

static bool shrinks(const struct table_col *c)
{
	return c->width == 0 && c->align <= 0 && !c->spark && !c->firm;
}

static int wanted_width(const struct table_col *c)
{
	int max = c->max > 0 ? c->max : FIT_MAX, min = c->min > 0 ? c->min : 1;
	if (c->width > 0)
		return c->width;
	if (c->spark)
		return min;
	return c->fit > max ? max : c->fit < min ? min : c->fit;
}

static int least_width(const struct table_col *c)
{
	int wanted = wanted_width(c), min = c->min > TEXT_MIN ? c->min : TEXT_MIN;
	return shrinks(c) && min < wanted ? min : wanted;
}

/* ---- choosing ---- */

/* Sums with gaps; whether there are columns of both kinds; whether a column must fit uncut. */
struct choice { int least, wanted; bool pinned, loose, whole; };

static int gap_before(const struct choice *ch, const struct table_col *c)
{
	if (c->pinned ? !ch->pinned : !ch->loose)          /* first of its kind: a rule when the other kind is there */
		return (c->pinned ? ch->loose : ch->pinned) ? SPLIT_GAP : 0;
	return GAP;
}

/* Takes the column if it fits. */
static bool choose(struct page *pg, struct choice *ch, int col)
{
	struct table_col *c = &pg->t->cols[col];
	if (pg->n == SHOWN_MAX || ch->least + gap_before(ch, c) + (c->min > 0 ? c->min : 1) > pg->room)
		return false;
	ask_column(pg, col);
	int gap = gap_before(ch, c);
	if (ch->least + gap + least_width(c) > pg->room || ((c->spark || ch->whole) && ch->wanted + gap + wanted_width(c) > pg->room)) {
		free(pg->cell[--pg->n]);
		return false;
	}
	ch->least += gap + least_width(c);
	ch->wanted += gap + wanted_width(c);
	*(c->pinned ? &ch->pinned : &ch->loose) = true;
	c->at_w = least_width(c);
	return true;
}

static unsigned rank(const struct table_col *c)
{
	return c->pinned ? 0 : 255u - c->weight;
}

/* Columns by falling weight, ties by place: a counting sort into order[]. */
static int by_weight(const struct table *t, int *order)
{
	int start[257] = { 0 }, n = 0;
	for (size_t i = 0; i < t->n_cols; i++)
		if (!t->cols[i].hidden) {
			start[rank(&t->cols[i]) + 1]++;
			n++;
		}
	for (int w = 1; w <= 256; w++)
		start[w] += start[w - 1];
	for (size_t i = 0; i < t->n_cols; i++)
		if (!t->cols[i].hidden)
			order[start[rank(&t->cols[i])]++] = (int)i;
	return n;
}

static void choose_by_weight(struct page *pg, struct choice *ch)
{
	int *order = mem_array(pg->t->n_cols + 1, sizeof *order), n = by_weight(pg->t, order), i = 0;
	while (i < n && choose(pg, ch, order[i]))
		i++;
	if (i < n && pg->n == 0) {                             /* narrower than the narrowest: show what fits of it */
		struct table_col *c = &pg->t->cols[order[0]];
		ask_column(pg, order[0]);
		c->at_w = pg->room;
		ch->least = ch->wanted = pg->room;
	}
	pg->t->dropped = n - pg->n;
	free(order);
}

static void choose_from_left(struct page *pg, struct choice *ch)
{
	struct table *t = pg->t;
	int shown = 0, all = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		all += !t->cols[i].hidden;
		if (!t->cols[i].hidden && t->cols[i].pinned)
			shown += choose(pg, ch, (int)i);
	}
	if (ch->wanted > pg->room / 2)
		ch->wanted = ch->least > pg->room / 2 ? ch->least : pg->room / 2;
	for (size_t i = (size_t)t->left; i < t->n_cols; i++) {
		if (t->cols[i].hidden || t->cols[i].pinned)
			continue;
		if (!choose(pg, ch, (int)i))
			break;
		ch->whole = true;                              /* the first may be cut: it might never fit */
		shown++;
	}
	t->dropped = all - shown;
}

static int by_place(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Hands out the cells that are left over: to shrunk texts first, then to sparklines. */
static void widen(struct page *pg, int left_over)
{
	int col[SHOWN_MAX];
	memcpy(col, pg->col, sizeof col);
	qsort(col, (size_t)pg->n, sizeof *col, by_place);
	for (int sparks = 0; sparks < 2; sparks++)
		for (int i = 0; i < pg->n && left_over > 0; i++) {
			struct table_col *c = &pg->t->cols[col[i]];
			if (c->spark != (sparks == 1))
				continue;
			int most = c->spark && c->width == 0 ? c->max : wanted_width(c), more = most - c->at_w;
			more = more > left_over ? left_over : more;
			if (more > 0) {
				c->at_w += more;
				left_over -= more;
			}
		}
}

static void place(struct page *pg, bool pinned, int *x, bool *any)
{
	struct table *t = pg->t;
	bool first = true;
	for (size_t i = 0; i < t->n_cols; i++) {
		struct table_col *c = &t->cols[i];
		if (c->at_w == 0 || c->pinned != pinned)
			continue;
		*x += *any ? (first ? SPLIT_GAP : GAP) : 0;
		c->at_x = *x;
		*x += c->at_w;
		*any = true;
		first = false;
	}
}

static void lay_out(struct page *pg)
{
	struct table *t = pg->t;
	struct choice ch = { 0 };
	for (size_t i = 0; i < t->n_cols; i++)
		t->cols[i].at_w = 0;
	if (pg->room < 1)
		return;
	if (t->col_cursor >= 0 || t->left > 0)
		choose_from_left(pg, &ch);
	else
		choose_by_weight(pg, &ch);
	widen(pg, pg->room - ch.least);
	int x = pg->gutter;
	bool any = false;
	place(pg, true, &x, &any);
	place(pg, false, &x, &any);
}

/* ---- scroll positions ---- */

static void keep_rows(struct table *t)
{
	size_t page = t->page > 0 ? (size_t)t->page : 1;
	if (t->cursor >= t->n_rows)
		t->cursor = t->n_rows ? t->n_rows - 1 : 0;
	if (t->cursor < t->top)
		t->top = t->cursor;
	if (t->cursor >= t->top + page)
		t->top = t->cursor - page + 1;
	if (t->top + page > t->n_rows)
		t->top = t->n_rows > page ? t->n_rows - page : 0;
}

static void keep_columns(struct table *t)
{
	int n = (int)t->n_cols;
	if (t->col_cursor >= n)
		t->col_cursor = n - 1;
	t->left = t->left >= n ? (n ? n - 1 : 0) : t->left < 0 ? 0 : t->left;
	if (t->col_cursor >= 0 && !t->cols[t->col_cursor].pinned && t->col_cursor < t->left)
		t->left = t->col_cursor;
}

/* True when the column cursor stands on a column that is not shown, further right. */
static bool cursor_beyond(const struct table *t)
{
	return t->col_cursor >= 0 && t->left < t->col_cursor && !t->cols[t->col_cursor].hidden && !t->cols[t->col_cursor].pinned
		&& t->cols[t->col_cursor].at_w == 0;
}

/* ---- drawing ---- */

static void draw_head(struct page *pg)
{
	struct table *t = pg->t;
	struct paint *p = pg->p;
	char sort[8];
	for (int i = 0; i < pg->n; i++) {
		const struct table_col *c = &t->cols[pg->col[i]];
		struct pen pen = PEN(c->sort ? ROLE_HEAD_SORT : ROLE_HEAD);
		if (pg->col[i] == t->col_cursor)
			pen.attr = ATTR_REVERSE;
		const char *title = c->title ? c->title : "";
		int sort_w = c->sort ? 2 + (c->sort_rank > 1) : 0, room = c->at_w - sort_w;
		if (room < 1) {
			paint_field(p, c->at_x, 0, c->at_w, c->align > 0 ? 1 : -1, pen, title, strlen(title));
			continue;
		}
		int own = text_width(title, strlen(title)), width = own < room ? own : room;
		int x = c->at_x + (c->align > 0 ? room - width : 0);
		paint_field(p, x, 0, width, -1, pen, title, strlen(title));
		if (!c->sort)
			continue;
		size_t n = text_encode(paint_sign(p, c->sort > 0 ? SIGN_UP : SIGN_DOWN), sort);
		if (c->sort_rank > 1)
			sort[n++] = (char)('0' + (c->sort_rank < 10 ? c->sort_rank : 9));
		sort[n] = '\0';
		paint_text(p, x + width + 1, 0, pen, sort);
	}
}

/* How many columns are not shown, where the head has room for it; else only that there are more. */
static void draw_dropped(struct page *pg)
{
	struct table *t = pg->t;
	int used = 0, w = pg->p->r.w;
	char text[16];
	if (t->dropped <= 0 || !t->show_head || w < 2)
		return;
	for (int i = 0; i < pg->n; i++) {
		const struct table_col *c = &t->cols[pg->col[i]];
		used = c->at_x + c->at_w > used ? c->at_x + c->at_w : used;
	}
	int n = snprintf(text, sizeof text, "+%d", t->dropped);
	if (used + n + 2 <= w)
		paint_text(pg->p, w - 1 - n, 0, PEN(ROLE_HEAD), text);
	paint_put(pg->p, w - 1, 0, PEN(ROLE_HEAD), paint_sign(pg->p, SIGN_RIGHT));
}

/* A number on the point, other text flush right. */
static void draw_right(struct page *pg, const struct table_col *c, int y, struct pen pen, const char *text, size_t n, int cells)
{
	int whole, frac, pad = 0;
	if (number_parts(text, n, &whole, &frac))
		pad = c->fit_frac - frac;
	if (cells + pad > c->at_w)
		pad = c->at_w - cells;
	paint_field(pg->p, c->at_x, y, c->at_w - (pad > 0 ? pad : 0), 1, pen, text, n);
}

static void draw_cell(struct page *pg, int i, int row, int y, bool first)
{
	const struct table_col *c = &pg->t->cols[pg->col[i]];
	const struct page_cell *cell = &pg->cell[i][row];
	const char *text = pg->text.p + cell->off;
	struct pen pen = cell->pen;
	int x = c->at_x, w = c->at_w;
	pen.bg = ROLE_TEXT;
	if (c->spark && cell->spark) {
		if (cell->spark_lo < cell->spark_hi)
			spark_paint_scaled(pg->p, x, y, w, pen, cell->spark, cell->n_spark, cell->spark_lo, cell->spark_hi);
		else
			spark_paint(pg->p, x, y, w, pen, cell->spark, cell->n_spark);
		return;
	}
	if (first && pg->row[row].prefix) {
		const char *prefix = pg->row[row].prefix;
		int used = prefix_width(pg, row);
		used = used < w ? used : w;
		paint_field(pg->p, x, y, used, -1, PEN(ROLE_RULE), prefix, strlen(prefix));
		x += used;
		w -= used;
	}
	if (c->align > 0 && !(first && pg->row[row].prefix))
		draw_right(pg, c, y, pen, text, cell->len, cell->width);
	else
		paint_field(pg->p, x, y, w, c->align, pen, text, cell->len);
}

static void draw_row(struct page *pg, int row, int y)
{
	struct table *t = pg->t;
	struct paint *p = pg->p;
	bool cursor = t->top + (size_t)row == t->cursor;
	int first = first_column(t);
	for (int i = 0; i < pg->n; i++)
		draw_cell(pg, i, row, y, pg->col[i] == first);
	if (t->show_marks && pg->row[row].marked)
		paint_put(p, 1, y, PEN(pg->row[row].role ? pg->row[row].role : (uint8_t)ROLE_MARK), pg->row[row].sign ? pg->row[row].sign : paint_sign(p, SIGN_MARK));
	if (!cursor)
		return;
	paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_DIM), paint_sign(p, SIGN_BAR));
	surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
}

/* The rule between pinned and other columns, head included. */
static void draw_split(struct page *pg, int h)
{
	int pinned = -1, loose = -1;
	for (int i = 0; i < pg->n; i++) {
		const struct table_col *c = &pg->t->cols[pg->col[i]];
		if (c->pinned && c->at_x + c->at_w > pinned)
			pinned = c->at_x + c->at_w;
		if (!c->pinned && (loose < 0 || c->at_x < loose))
			loose = c->at_x;
	}
	if (pinned >= 0 && loose >= 0)
		surface_fill(pg->p->s, pg->p->r, (struct rect){ pinned + 1, 0, 1, h }, PEN(ROLE_RULE), paint_sign(pg->p, SIGN_RULE));
}

static void page_done(struct page *pg)
{
	while (pg->n > 0)
		free(pg->cell[--pg->n]);
	str_free(&pg->text);
}

void table_paint(struct table *t, struct paint *p)
{
	int head = t->show_head ? 1 : 0;
	struct page *pg = mem_zalloc(sizeof *pg);
	*pg = (struct page){ .t = t, .p = p, .gutter = t->show_marks ? 3 : 2, .text = STR_INIT };
	t->w = p->r.w;
	t->h = p->r.h;
	t->page = p->r.h - head;
	t->page = t->page < 0 ? 0 : t->page > ROWS_MAX ? ROWS_MAX : t->page;
	keep_rows(t);
	keep_columns(t);
	pg->room = p->r.w - pg->gutter - 1;                   /* the last column says that there is more */
	pg->rows = (int)(t->n_rows - t->top < (size_t)t->page ? t->n_rows - t->top : (size_t)t->page);
	ask_rows(pg);
	lay_out(pg);
	if (cursor_beyond(t) && t->col_cursor - t->left > SHOWN_MAX)
		t->left = t->col_cursor - SHOWN_MAX;
	while (cursor_beyond(t)) {
		t->left++;
		page_done(pg);
		lay_out(pg);
	}
	if (head)
		draw_head(pg);
	draw_split(pg, head + pg->rows);
	for (int i = 0; i < pg->rows; i++)
		draw_row(pg, i, head + i);
	draw_dropped(pg);
	page_done(pg);
	free(pg);
}

/* ---- moving ---- */

void table_to(struct table *t, size_t row)
{
	t->cursor = row < t->n_rows ? row : t->n_rows ? t->n_rows - 1 : 0;
	keep_rows(t);
}

void table_move(struct table *t, long rows)
{
	size_t by = rows < 0 ? (size_t)0 - (size_t)rows : (size_t)rows;
	if (rows < 0)
		table_to(t, by > t->cursor ? 0 : t->cursor - by);
	else
		table_to(t, by > SIZE_MAX - t->cursor ? SIZE_MAX : t->cursor + by);
}

void table_page(struct table *t, int pages_times_two)
{
	long rows = (long)(t->page > 1 ? t->page - 1 : 1) * pages_times_two / 2;
	table_move(t, rows);
}

void table_scroll(struct table *t, long rows)
{
	size_t page = t->page > 0 ? (size_t)t->page : 1, last = t->n_rows > page ? t->n_rows - page : 0;
	size_t by = rows < 0 ? (size_t)0 - (size_t)rows : (size_t)rows;
	if (rows < 0)
		t->top = by > t->top ? 0 : t->top - by;
	else
		t->top = by > last || t->top + by > last ? last : t->top + by;
	if (t->cursor < t->top)
		t->cursor = t->top;
	if (t->cursor >= t->top + page)
		t->cursor = t->top + page - 1;
	keep_rows(t);
}

void table_col_move(struct table *t, int cols)
{
	int step = cols < 0 ? -1 : 1, at = t->col_cursor;
	for (int k = 0; k != cols; k += step) {
		int next = at + step;
		while (next >= 0 && next < (int)t->n_cols && t->cols[next].hidden)
			next += step;
		if (next >= (int)t->n_cols)
			break;
		at = next < 0 ? -1 : next;
		if (at < 0)
			break;
	}
	t->col_cursor = at;
	if (at <= 0)
		t->left = 0;
}

/* ---- mouse ---- */

long table_hit(const struct table *t, int x, int y, int *col)
{
	*col = -1;
	if (x < 0 || y < 0 || x >= t->w || y >= t->h)
		return -2;
	for (size_t i = 0; i < t->n_cols; i++)
		if (t->cols[i].at_w > 0 && x >= t->cols[i].at_x && x < t->cols[i].at_x + t->cols[i].at_w)
			*col = (int)i;
	if (t->show_head && y-- == 0)
		return -1;
	size_t row = t->top + (size_t)y;
	return row < t->n_rows && y < t->page ? (long)row : -2;
}

int table_edge(const struct table *t, int x)
{
	for (size_t i = 0; i < t->n_cols; i++)
		if (t->cols[i].at_w > 0 && x == t->cols[i].at_x + t->cols[i].at_w)
			return (int)i;
	return -1;
}
