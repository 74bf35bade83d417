/* All stored reports, newest first: filtered by typing, marked, deleted, opened, and two of them compared bin by bin (core/drift/compare.h). */
#include "views/drift_acts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/compare.h"
#include "tui/table.h"
#include "views/drift_commands.h"

enum { COL_ID, COL_NAME, COL_VERDICT, COL_SHARE, COL_COLUMNS, COL_ROWS, COL_MODEL, COL_CURRENT, COL_REFERENCE, COL_AGE, COLS, MARKS_MOST = 500, COMPARE_BAR = 20 };
static const struct table_col columns[COLS] = {
	{ .title = "report", .min = 4, .align = 1, .weight = 255 }, { .title = "name", .min = 10, .max = 32, .align = -1, .weight = 240 },
	{ .title = "verdict", .min = 7, .align = -1, .weight = 250, .firm = true }, { .title = "drifted", .min = 4, .align = 1, .weight = 180 },
	{ .title = "columns", .min = 3, .align = 1, .weight = 110 }, { .title = "rows", .min = 4, .align = 1, .weight = 120 }, { .title = "model", .min = 6, .max = 24, .align = -1, .weight = 150 },
	{ .title = "current", .min = 8, .max = 40, .align = -1, .weight = 170 }, { .title = "reference", .min = 8, .max = 40, .align = -1, .weight = 100 },
	{ .title = "age", .min = 3, .align = 1, .weight = 230 },
};

struct page {
	struct report_rows *rows; struct err err; int64_t id; char *filter;
	int64_t marks[MARKS_MOST]; size_t n_marks;
	size_t *shown, cap; bool ascii;
	struct table table; struct table_col cols[COLS];
};

static struct page *page_of(const struct drift_view *v)
{
	return v->state[DRIFT_PAGE_reports];
}

static const struct report_row *at_cursor(const struct page *s)
{
	return s->table.cursor < s->table.n_rows ? &s->rows->at[s->shown[s->table.cursor]] : NULL;
}

static size_t mark_of(const struct page *s, int64_t id)
{
	size_t i = 0;
	while (i < s->n_marks && s->marks[i] != id)
		i++;
	return i;
}

/* ---- the list ------------------------------------------------------------------------------------------------ */

static void row(void *data, size_t i, struct table_row *out)
{
	const struct page *s = data;
	out->marked = mark_of(s, s->rows->at[s->shown[i]].id) < s->n_marks;
	out->role = ROLE_MARK;
}

static void number_cell(const struct report_row *r, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	out->text = buf;
	if (col == COL_ID)
		snprintf(buf, cap, "%" PRId64, r->id);
	else if (col == COL_SHARE)
		isnan(r->share) ? (void)snprintf(buf, cap, "·") : (void)snprintf(buf, cap, "%.0f %%", r->share * 100);
	else if (col == COL_COLUMNS)
		snprintf(buf, cap, "%" PRId64, r->columns);
	else if (col == COL_ROWS)
		fmt_si(buf, r->n_cur);
	else
		fmt_age(buf, clock_wall_ms() > r->ms ? clock_wall_ms() - r->ms : 0);
}

static void cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	const struct page *s = data;
	const struct report_row *r = &s->rows->at[s->shown[i]];
	const char *const texts[COLS] = { [COL_NAME] = r->name, [COL_MODEL] = r->model, [COL_CURRENT] = r->current, [COL_REFERENCE] = r->reference };
	bool drifted = strcmp(r->verdict, "drifted") == 0, watch = strcmp(r->verdict, "watch") == 0;
	out->pen = PEN(col == COL_NAME ? ROLE_TEXT : ROLE_DIM);
	if (col == COL_VERDICT) {
		struct paint p = { .ascii = s->ascii };
		snprintf(buf, cap, "%s %s", drift_sign(&p, drifted, watch), r->verdict);
		out->text = buf;
		out->pen = PEN(drift_role(drifted, watch));
	} else if (texts[col]) {
		out->text = texts[col];
	} else {
		number_cell(r, col, buf, cap, out);
	}
}

static bool wanted(const struct page *s, const struct report_row *r)
{
	const char *const texts[] = { r->name, r->model, r->verdict, r->current, r->reference, r->origin };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (text_contains(texts[i], strlen(texts[i]), s->filter, strlen(s->filter)))
			return true;
	return false;
}

static void order(struct page *s)
{
	size_t n = 0, at = s->table.cursor;
	bool found = false;
	MEM_GROW(s->shown, s->cap, (s->rows ? s->rows->n : 0) + 1);
	for (size_t i = 0; s->rows && i < s->rows->n; i++)
		if (wanted(s, &s->rows->at[i])) {
			if (s->rows->at[i].id == s->id)
				at = n, found = true;
			s->shown[n++] = i;
		}
	s->table.n_rows = n;
	s->table.cursor = found || at < n ? at : n ? n - 1 : 0;
	const struct report_row *r = at_cursor(s);
	s->id = r ? r->id : 0;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

struct trip { struct report_rows *rows; };

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	report_rows_free(t->rows);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return report_list(s, &(struct report_query){ .model = NULL }, &t->rows, e);
}

static bool is_there(const struct page *s, int64_t id)
{
	for (size_t i = 0; i < s->rows->n; i++)
		if (s->rows->at[i].id == id)
			return true;
	return false;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct page *s = page_of(view);
	struct trip *t = arg;
	s->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK) {
		size_t n = 0;
		report_rows_free(s->rows);
		s->rows = t->rows;
		t->rows = NULL;
		for (size_t i = 0; i < s->n_marks; i++)
			if (is_there(s, s->marks[i]))
				s->marks[n++] = s->marks[i];
		s->n_marks = n;
		order(s);
	}
	trip_drop(t);
}

static void reports_want(struct drift_view *v, bool again)
{
	(void)again;
	ui_task(v->ui, v, &(struct ui_task){ .title = "drift reports", .cls = TASK_QUICK, .hidden = true, .slot = DRIFT_SLOT(DRIFT_PAGE_reports),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = mem_zalloc(sizeof(struct trip)) });
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static void *reports_open(struct drift_view *v)
{
	struct page *s = mem_zalloc(sizeof *s);
	(void)v;
	s->filter = mem_strdup("");
	memcpy(s->cols, columns, sizeof columns);
	table_init(&s->table);
	s->table.cols = s->cols;
	s->table.n_cols = COLS;
	s->table.data = s;
	s->table.row = row;
	s->table.cell = cell;
	return s;
}

static void reports_close(void *state)
{
	struct page *s = state;
	report_rows_free(s->rows);
	free(s->filter);
	free(s->shown);
	free(s);
}

/* ---- marks, deleting, comparing -------------------------------------------------------------------------------------- */

const char *drift_why_no_reports(const struct cmd_ctx *c)
{
	const struct drift_view *v = c->view;
	return drift_page_id(v) != DRIFT_PAGE_reports ? "the list of reports is not on the screen" : at_cursor(page_of(v)) ? NULL : "there is no report here";
}

DRIFT_CMD(mark)
{
	struct page *s = page_of(c->view);
	(void)argc, (void)argv;
	size_t at = mark_of(s, s->id);
	if (at < s->n_marks)
		s->marks[at] = s->marks[--s->n_marks];
	else if (s->n_marks == MARKS_MOST)
		return err_set(e, ST_REFUSED, "%d reports are marked already, which is as many as can be", MARKS_MOST);
	else
		s->marks[s->n_marks++] = s->id;
	table_move(&s->table, 1);
	s->id = at_cursor(s)->id;
	return ST_OK;
}

DRIFT_CMD(delete)
{
	struct page *s = page_of(c->view);
	char question[160];
	(void)argc, (void)argv, (void)e;
	if (s->n_marks)
		snprintf(question, sizeof question, "Delete the %zu marked report%s?", s->n_marks, s->n_marks == 1 ? "" : "s");
	else
		snprintf(question, sizeof question, "Delete report %" PRId64 " (%.80s)?", s->id, at_cursor(s)->name);
	drift_delete_reports(c->view, s->n_marks ? s->marks : &s->id, s->n_marks ? s->n_marks : 1, question);
	return ST_OK;
}

struct two { int64_t id[2]; struct str text; bool ascii; };

static void two_drop(void *arg)
{
	struct two *p = arg;
	str_free(&p->text);
	free(p);
}

static void add_number(struct str *out, double x, int width)
{
	char text[FMT_MAX];
	str_addf(out, " %*s", width, isnan(x) ? "." : fmt_number(text, x, 3));
}

static void add_line(struct str *out, const struct compare_line *l, int name_w, bool ascii)
{
	int used = text_fit(out, l->name, strlen(l->name), name_w);
	str_addrep(out, ' ', (size_t)(name_w - used));
	str_addf(out, "  %-8.8s  %-8.8s", l->verdict_first, l->verdict_second);
	add_number(out, l->effect_first, 9);
	add_number(out, l->effect_second, 9);
	if (isnan(l->moved)) {
		str_add(out, "        .");
	} else {
		str_addf(out, "   %5.1f %%  ", l->moved * 100);
		for (int i = 0; i < (int)ceil(l->moved * COMPARE_BAR); i++)
			str_add(out, ascii ? "#" : "▇");
	}
	str_addc(out, '\n');
}

static void write_two(struct two *p, const struct report *x, const struct report *y)
{
	char when[FMT_MAX];
	size_t n;
	const struct compare_line *lines = report_compare(x, y, x->arena, &n);
	str_addf(&p->text, "first   report %" PRId64 "  %s  %s  %s\n", x->id, fmt_time(when, x->ms), x->verdict, x->current);
	str_addf(&p->text, "second  report %" PRId64 "  %s  %s  %s\n\n", y->id, fmt_time(when, y->ms), y->verdict, y->current);
	if (!report_same_reference(x, y))
		str_add(&p->text, "Their references differ, so bars are compared only where their edges are equal.\n\n");
	str_addf(&p->text, "%-28s  %-8s  %-8s %9s %9s   %s\n", "column", "first", "second", "effect", "now", "rows that moved");
	for (size_t i = 0; i < n; i++)
		add_line(&p->text, &lines[i], 28, p->ascii);
}

static enum status two_work(struct store *s, struct task *t, void *arg, struct err *e)
{
	struct two *p = arg;
	struct report *r[2] = { NULL, NULL };
	enum status st = ST_OK;
	for (int i = 0; i < 2 && st == ST_OK; i++)
		st = task_cancelled(t) ? ST_CANCELLED : report_load(s, p->id[i], &r[i], e);
	if (st == ST_OK)
		write_two(p, r[0], r[1]);
	report_free(r[0]);
	report_free(r[1]);
	return st;
}

static void two_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct drift_view *v = view;
	struct two *p = arg;
	struct str clean = STR_INIT;
	if (st == ST_OK) {
		text_clean(&clean, p->text.p, p->text.len, TEXT_LINES);
		ui_text(v->ui, "Two reports, column by column", clean.p, clean.len, false);
	} else if (st != ST_CANCELLED) {
		ui_message(v->ui, st, "%s", e->text);
	}
	str_free(&clean);
	two_drop(p);
}

/* The older of the two is the first. */
DRIFT_CMD(compare)
{
	struct drift_view *v = c->view;
	struct page *s = page_of(v);
	(void)argc, (void)argv;
	bool with_cursor = s->n_marks == 1 && s->marks[0] != s->id;
	if (s->n_marks != 2 && !with_cursor)
		return err_set(e, ST_REFUSED, "mark the two reports to compare; %zu are marked", s->n_marks);
	int64_t x = s->marks[0], y = with_cursor ? s->id : s->marks[1];
	struct two *p = mem_zalloc(sizeof *p);
	str_init(&p->text);
	p->id[0] = x < y ? x : y;
	p->id[1] = x < y ? y : x;
	p->ascii = ui_glyphs(v->ui) == GLYPHS_ASCII;
	ui_task(v->ui, v, &(struct ui_task){ .title = "compare reports", .cls = TASK_QUICK, .hidden = true, .slot = DRIFT_SLOT_PAIR,
		.work = two_work, .apply = two_apply, .drop = two_drop, .arg = p });
	return ST_OK;
}

/* ---- picture and cursor --------------------------------------------------------------------------------------------- */

static void reports_paint(struct drift_view *v, struct paint *p)
{
	static const char *const none[] = { "There is no report.", "Compare two files in a shell:", "  mlyard drift run --reference R.csv --current C.csv",
		"or bring Evidently's along:", "  mlyard drift import FILE.json" };
	struct page *s = page_of(v);
	struct str title = STR_INIT;
	str_add(&title, "Reports");
	if (s->rows && s->table.n_rows != s->rows->n)
		str_addf(&title, " · %zu of %zu, with \"%s\"", s->table.n_rows, s->rows->n, s->filter);
	else if (s->rows)
		str_addf(&title, " · %zu · newest first", s->rows->n);
	if (s->n_marks)
		str_addf(&title, " · %zu marked", s->n_marks);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, NULL, p->focus);
	str_free(&title);
	s->ascii = p->ascii;
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	inner.focus = p->focus;
	if (s->err.code)
		paint_field(&inner, 2, 1, p->r.w - 4, -1, PEN(ROLE_BAD), s->err.text, strlen(s->err.text));
	else if (s->rows && !s->rows->n)
		ui_empty(v->ui, &inner, none, sizeof none / sizeof *none);
	else if (s->rows)
		table_paint(&s->table, &inner);
}

static void reports_model(const struct drift_view *v, struct str *out)
{
	const struct page *s = page_of(v);
	const struct report_row *r = at_cursor(s);
	str_addf(out, "reports: %zu\nmarked: %zu\nfilter: %s\n", s->table.n_rows, s->n_marks, s->filter);
	if (r)
		str_addf(out, "at: %" PRId64 " %s %s\n", r->id, r->name, r->verdict);
}

static const char *reports_hints(const struct drift_view *v)
{
	return page_of(v)->n_marks ? "drift.compare compare; drift.mark mark; drift.delete delete; drift.open open; cancel back; help help; palette command"
		: "drift.open open; drift.mark mark; drift.filter filter; drift.delete delete; cancel back; help help; palette command";
}

static void moved(struct page *s)
{
	const struct report_row *r = at_cursor(s);
	s->id = r ? r->id : 0;
}

static void reports_move(struct drift_view *v, enum drift_move m)
{
	struct page *s = page_of(v);
	table_move(&s->table, drift_rows_of(m, s->table.page, s->table.n_rows));
	moved(s);
}

/* A report that belongs to a series can be walked from there. */
static enum status reports_enter(struct drift_view *v, struct err *e)
{
	const struct report_row *r = at_cursor(page_of(v));
	const char *group = NULL;
	if (!r)
		return err_set(e, ST_REFUSED, "there is no report here");
	for (size_t i = 0; v->pulse && i < v->pulse->n && !group; i++)
		if (drift_window_of(&v->pulse->groups[i], r->id))
			group = v->pulse->groups[i].name;
	drift_go(v, DRIFT_PAGE_report, &(struct drift_subject){ r->id, group, NULL });
	return ST_OK;
}

static void reports_filter(struct drift_view *v, const char *text)
{
	struct page *s = page_of(v);
	char *copy = mem_strdup(text);
	free(s->filter);
	s->filter = copy;
	order(s);
}

static bool reports_leave(struct drift_view *v)
{
	struct page *s = page_of(v);
	bool inside = *s->filter || s->n_marks;
	if (*s->filter)
		reports_filter(v, "");
	else
		s->n_marks = 0;
	return inside;
}

static void reports_mouse(struct drift_view *v, const struct event *ev, int x, int y)
{
	struct page *s = page_of(v);
	int col;
	long at = table_hit(&s->table, x, y - 1, &col);
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		table_scroll(&s->table, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3);
	else if (ev->mouse == MOUSE_PRESS && at >= 0)
		table_to(&s->table, (size_t)at);
	moved(s);
}

const struct drift_page drift_page_reports = { .id = "reports", .context = "drift.reports", .open = reports_open, .close = reports_close, .want = reports_want, .paint = reports_paint,
	.model = reports_model, .hints = reports_hints, .move = reports_move, .enter = reports_enter, .leave = reports_leave, .filter = reports_filter, .mouse = reports_mouse };
