#include "views/drift_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

void drift_list_init(struct drift_list *l, const struct drift_list_class *cls, void *page)
{
	*l = (struct drift_list){ .cls = cls, .page = page, .filter = mem_strdup("") };
	memcpy(l->cols, cls->cols, cls->n_cols * sizeof *cls->cols);
	table_init(&l->table);
	l->table.cols = l->cols;
	l->table.n_cols = cls->n_cols;
	l->table.show_marks = cls->row != NULL;
	l->table.data = page;
	l->table.row = cls->row;
	l->table.cell = cls->cell;
}

void drift_list_done(struct drift_list *l)
{
	free(l->filter);
	free(l->shown);
}

long drift_list_at(const struct drift_list *l)
{
	return l->table.cursor < l->table.n_rows ? (long)l->shown[l->table.cursor] : -1;
}

static void keep(struct drift_list *l)
{
	long at = drift_list_at(l);
	l->id = at < 0 ? 0 : l->cls->id(l->page, (size_t)at);
}

static bool passes(const struct drift_list *l, size_t i)
{
	const char *texts[DRIFT_LIST_TEXTS] = { NULL };
	l->cls->texts(l->page, i, texts);
	for (size_t k = 0; k < DRIFT_LIST_TEXTS && texts[k]; k++)
		if (text_contains(texts[k], strlen(texts[k]), l->filter, strlen(l->filter)))
			return true;
	return false;
}

/* A row that is gone leaves the cursor where it stood. */
static void order(struct drift_list *l)
{
	size_t n = 0, at = l->table.cursor, all = l->cls->count(l->page);
	MEM_GROW(l->shown, l->cap, all + 1);
	for (size_t i = 0; i < all; i++)
		if (passes(l, i)) {
			at = l->cls->id(l->page, i) == l->id ? n : at;
			l->shown[n++] = i;
		}
	l->table.n_rows = n;
	l->table.cursor = at < n ? at : n ? n - 1 : 0;
	keep(l);
}

void drift_list_read(struct drift_list *l, enum status st, const struct err *e)
{
	l->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	l->read |= st == ST_OK;
	if (st == ST_OK)
		order(l);
}

void drift_list_move(struct drift_list *l, enum drift_move m)
{
	table_move(&l->table, drift_rows_of(m, l->table.page, l->table.n_rows));
	keep(l);
}

void drift_list_mouse(struct drift_list *l, const struct event *ev, int x, int y)
{
	int col;
	long row = table_hit(&l->table, x, y - 1, &col);
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		table_scroll(&l->table, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3);
	else if (ev->mouse == MOUSE_PRESS && row >= 0)
		table_to(&l->table, (size_t)row);
	keep(l);
}

void drift_list_filter(struct drift_list *l, const char *text)
{
	char *copy = mem_strdup(text);
	free(l->filter);
	l->filter = copy;
	order(l);
}

bool drift_list_leave(struct drift_list *l)
{
	bool filtered = *l->filter;
	if (filtered)
		drift_list_filter(l, "");
	return filtered;
}

void drift_list_words(const struct drift_list *l, const char *all, struct str *out)
{
	size_t n = l->cls->count(l->page);
	if (l->read && l->table.n_rows != n)
		str_addf(out, " · %zu of %zu, with \"%s\"", l->table.n_rows, n, l->filter);
	else if (l->read)
		str_addf(out, " · %zu%s", n, all);
}

void drift_list_paint(struct drift_list *l, struct ui *ui, const struct paint *p, int below)
{
	static const char *const unfound[] = { "No row has these letters.", "{drift.filter-clear} shows all again, {drift.filter} looks for others." };
	struct paint in = paint_sub(p, 0, 1, p->r.w, p->r.h - 1 - below);
	in.focus = p->focus;
	l->ascii = p->ascii;
	if (l->err.code)
		paint_field(&in, 2, 1, p->r.w - 4, -1, PEN(ROLE_BAD), l->err.text, strlen(l->err.text));
	else if (l->read && !l->cls->count(l->page))
		ui_empty(ui, &in, l->cls->none, l->cls->n_none);
	else if (l->read && !l->table.n_rows)
		ui_empty(ui, &in, unfound, sizeof unfound / sizeof *unfound);
	else if (l->read)
		table_paint(&l->table, &in);
}
