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
#include "views/drift_commands.h"
#include "views/drift_list.h"

enum { COL_ID, COL_NAME, COL_VERDICT, COL_SHARE, COL_COLUMNS, COL_ROWS, COL_MODEL, COL_CURRENT, COL_REFERENCE, COL_AGE, COLS, MARKS_MOST = 500, COMPARE_BAR = 20, COMPARE_NAME = 28, BELOW = 4, BELOW_FROM = 16 };
static const struct table_col columns[COLS] = {
	{ .title = "report", .min = 4, .align = 1, .weight = 255 }, { .title = "name", .min = 18, .max = 32, .align = -1, .weight = 240 },
	{ .title = "verdict", .min = 7, .align = -1, .weight = 250, .firm = true }, { .title = "drifted", .min = 4, .align = 1, .weight = 180 },
	{ .title = "columns", .min = 3, .align = 1, .weight = 110 }, { .title = "rows", .min = 4, .align = 1, .weight = 120 }, { .title = "model", .min = 12, .max = 24, .align = -1, .weight = 150 },
	{ .title = "current", .min = 14, .max = 40, .align = -1, .weight = 170 }, { .title = "reference", .min = 14, .max = 40, .align = -1, .weight = 100 },
	{ .title = "age", .min = 3, .align = 1, .weight = 230 },
};

struct page { struct report_rows *rows; struct drift_list list; int64_t marks[MARKS_MOST]; size_t n_marks; };

static struct page *page_of(const struct drift_view *v)
{
	return v->state[DRIFT_PAGE_reports];
}

static const struct report_row *at_cursor(const struct page *s)
{
	long i = drift_list_at(&s->list);
	return i < 0 ? NULL : &s->rows->at[i];
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
	out->marked = mark_of(s, s->rows->at[s->list.shown[i]].id) < s->n_marks;
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

/* Folders would push the name out of sight; the whole path stands below the list. */
static const char *file_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static void cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	const struct page *s = data;
	const struct report_row *r = &s->rows->at[s->list.shown[i]];
	const char *const texts[COLS] = { [COL_NAME] = r->name, [COL_MODEL] = r->model, [COL_CURRENT] = file_of(r->current), [COL_REFERENCE] = file_of(r->reference) };
	bool drifted = strcmp(r->verdict, "drifted") == 0, watch = strcmp(r->verdict, "watch") == 0;
	out->pen = PEN(col == COL_NAME ? ROLE_TEXT : ROLE_DIM);
	if (col == COL_VERDICT) {
		struct paint p = { .ascii = s->list.ascii };
		snprintf(buf, cap, "%s %s", drift_sign(&p, drifted, watch), r->verdict);
		out->text = buf;
		out->pen = PEN(drift_role(drifted, watch));
	} else if (texts[col]) {
		out->text = texts[col];
	} else {
		number_cell(r, col, buf, cap, out);
	}
}

static size_t count(const void *page)
{
	const struct page *s = page;
	return s->rows ? s->rows->n : 0;
}

static int64_t id_of(const void *page, size_t i)
{
	return ((const struct page *)page)->rows->at[i].id;
}

static void texts_of(const void *page, size_t i, const char *out[DRIFT_LIST_TEXTS])
{
	const struct report_row *r = &((const struct page *)page)->rows->at[i];
	out[0] = r->name, out[1] = r->model, out[2] = r->verdict, out[3] = r->current, out[4] = r->reference, out[5] = r->origin;
}

static const char *const none[] = { "There is no report.", "Compare two files in a shell:", "  mlyard drift run --reference R.csv --current C.csv",
	"or bring Evidently's along:", "  mlyard drift import FILE.json" };
static const struct drift_list_class list_class = { .cols = columns, .n_cols = COLS, .count = count, .id = id_of, .texts = texts_of, .row = row, .cell = cell,
	.none = none, .n_none = sizeof none / sizeof *none };

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
	if (st == ST_OK) {
		size_t n = 0;
		report_rows_free(s->rows);
		s->rows = t->rows;
		t->rows = NULL;
		for (size_t i = 0; i < s->n_marks; i++)
			if (is_there(s, s->marks[i]))
				s->marks[n++] = s->marks[i];
		s->n_marks = n;
	}
	drift_list_read(&s->list, st, e);
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
	drift_list_init(&s->list, &list_class, s);
	return s;
}

static void reports_close(void *state)
{
	struct page *s = state;
	report_rows_free(s->rows);
	drift_list_done(&s->list);
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
	size_t at = mark_of(s, s->list.id);
	if (at < s->n_marks)
		s->marks[at] = s->marks[--s->n_marks];
	else if (s->n_marks == MARKS_MOST)
		return err_set(e, ST_REFUSED, "%d reports are marked already, which is as many as can be", MARKS_MOST);
	else
		s->marks[s->n_marks++] = s->list.id;
	drift_list_move(&s->list, DRIFT_DOWN);
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
		snprintf(question, sizeof question, "Delete report %" PRId64 " (%.80s)?", s->list.id, at_cursor(s)->name);
	drift_delete_reports(c->view, s->n_marks ? s->marks : &s->list.id, s->n_marks ? s->n_marks : 1, question);
	return ST_OK;
}

struct two { int64_t id[2]; struct str text; bool ascii; };

static void two_drop(void *arg)
{
	struct two *p = arg;
	str_free(&p->text);
	free(p);
}

static void add_number(struct str *out, double x, int width, bool ascii)
{
	char text[FMT_MAX];
	const char *shown = !isnan(x) ? fmt_number(text, x, 3) : ascii ? "." : "·";
	str_addrep(out, ' ', (size_t)(1 + width - text_width(shown, strlen(shown))));
	str_add(out, shown);
}

static void add_line(struct str *out, const struct compare_line *l, int name_w, bool ascii)
{
	int used = text_fit(out, l->name, strlen(l->name), name_w);
	str_addrep(out, ' ', (size_t)(name_w - used));
	str_addf(out, "  %-8.8s  %-8.8s", l->verdict_first, l->verdict_second);
	add_number(out, l->effect_first, 9, ascii);
	add_number(out, l->effect_second, 9, ascii);
	if (isnan(l->moved)) {
		add_number(out, NAN, 9, ascii);
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
		str_add(&p->text, "The references differ: bars are compared only where their edges are equal.\n\n");
	int name_w = text_width("column", 6);
	for (size_t i = 0; i < n; i++) {
		int w = text_width(lines[i].name, strlen(lines[i].name));
		name_w = w > name_w ? w : name_w;
	}
	name_w = name_w < COMPARE_NAME ? name_w : COMPARE_NAME;
	str_addf(&p->text, "%-*s  %-8s  %-8s %9s %9s   %s\n", name_w, "column", "first", "second", "effect 1", "effect 2", "rows that moved");
	for (size_t i = 0; i < n; i++)
		add_line(&p->text, &lines[i], name_w, p->ascii);
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
	bool with_cursor = s->n_marks == 1 && s->marks[0] != s->list.id;
	if (s->n_marks != 2 && !with_cursor)
		return err_set(e, ST_REFUSED, "mark the two reports to compare; %zu are marked", s->n_marks);
	int64_t x = s->marks[0], y = with_cursor ? s->list.id : s->marks[1];
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

static void paint_below(const struct report_row *r, struct paint *p, int y)
{
	char when[FMT_MAX], ref[FMT_MAX], cur[FMT_MAX];
	const struct { const char *name, *text, *rows; } sides[] = { { "current", r->current, isnan(r->n_cur) ? "" : fmt_count(cur, (int64_t)r->n_cur) },
		{ "reference", r->reference, isnan(r->n_ref) ? "" : fmt_count(ref, (int64_t)r->n_ref) } };
	struct str line = STR_INIT;
	str_addf(&line, "report %" PRId64 ": %s", r->id, r->name);
	ui_rule(p, (struct rect){ p->r.x, p->r.y + y, p->r.w, 1 }, line.p, NULL, false);
	str_clear(&line);
	str_addf(&line, "%s, made %s by the rules of %s", r->verdict, fmt_time(when, r->ms), r->mode);
	if (*r->model)
		str_addf(&line, ", about %s", r->model);
	if (*r->model && r->version)
		str_addf(&line, " v%" PRId64, r->version);
	paint_field(p, 2, y + 1, p->r.w - 3, -1, PEN(ROLE_TEXT), line.p, line.len);
	for (int i = 0; i < 2; i++) {
		str_clear(&line);
		str_addf(&line, "%-9s  %s%s%s%s", sides[i].name, sides[i].text, *sides[i].rows ? ", " : "", sides[i].rows, *sides[i].rows ? " rows" : "");
		paint_field(p, 2, y + 2 + i, p->r.w - 3, -1, PEN(ROLE_DIM), line.p, line.len);
	}
	str_free(&line);
}

static void reports_paint(struct drift_view *v, struct paint *p)
{
	struct page *s = page_of(v);
	struct str title = STR_INIT;
	str_add(&title, "Reports");
	drift_list_words(&s->list, " · newest first", &title);
	if (s->n_marks)
		str_addf(&title, " · %zu marked", s->n_marks);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, NULL, p->focus);
	str_free(&title);
	const struct report_row *r = at_cursor(s);
	int below = r && p->r.h >= BELOW_FROM ? BELOW : 0;
	drift_list_paint(&s->list, v->ui, p, below);
	if (below)
		paint_below(r, p, p->r.h - BELOW);
}

static void reports_model(const struct drift_view *v, struct str *out)
{
	const struct page *s = page_of(v);
	const struct report_row *r = at_cursor(s);
	str_addf(out, "reports: %zu\nmarked: %zu\nfilter: %s\n", s->list.table.n_rows, s->n_marks, s->list.filter);
	if (r)
		str_addf(out, "at: %" PRId64 " %s %s\n", r->id, r->name, r->verdict);
}

static const char *reports_hints(const struct drift_view *v)
{
	return page_of(v)->n_marks ? "drift.compare compare; drift.mark mark; drift.delete delete; drift.open open; cancel back; help help; palette command"
		: "drift.open open; drift.mark mark; drift.filter filter; drift.delete delete; cancel back; help help; palette command";
}

static void reports_move(struct drift_view *v, enum drift_move m)
{
	drift_list_move(&page_of(v)->list, m);
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
	drift_list_filter(&page_of(v)->list, text);
}

static bool reports_leave(struct drift_view *v)
{
	struct page *s = page_of(v);
	bool marked = s->n_marks > 0;
	if (drift_list_leave(&s->list))
		return true;
	s->n_marks = 0;
	return marked;
}

static void reports_mouse(struct drift_view *v, const struct event *ev, int x, int y)
{
	drift_list_mouse(&page_of(v)->list, ev, x, y);
}

const struct drift_page drift_page_reports = { .id = "reports", .context = "drift.reports", .open = reports_open, .close = reports_close, .want = reports_want, .paint = reports_paint,
	.model = reports_model, .hints = reports_hints, .move = reports_move, .enter = reports_enter, .leave = reports_leave, .filter = reports_filter, .mouse = reports_mouse };
