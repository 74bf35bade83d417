/* Tasks: what runs in this process, how far it is, how long it will take; what ended, and why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "tui/table.h"
#include "views/ui.h"

enum { MOST = 64 };
extern const struct view_class view_tasks;

struct tasks_view {
	struct ui *ui;
	struct task_info at[MOST]; size_t n;
	struct table table;
	struct table_col cols[4];
};

static const struct { const char *word, *mark, *ascii; enum role role; } states[] = {
	[TASK_WAITING] = { "waiting", "◌", "o", ROLE_DIM }, [TASK_RUNNING] = { "running", "●", "*", ROLE_LIVE }, [TASK_DONE] = { "done", "✓", "+", ROLE_GOOD },
	[TASK_FAILED] = { "failed", "✗", "x", ROLE_BAD }, [TASK_CANCELLED] = { "cancelled", "■", "#", ROLE_OFF },
};

static void tasks_row(void *data, size_t i, struct table_row *out)
{
	(void)data, (void)i;
	*out = (struct table_row){ .prefix = "" };
}

static void describe_time(const struct task_info *t, char *buf, size_t cap)
{
	char a[FMT_MAX], b[FMT_MAX];
	if (t->state == TASK_WAITING)
		snprintf(buf, cap, "·");
	else if (t->state != TASK_RUNNING)
		snprintf(buf, cap, "%s", fmt_duration(a, t->end_ms - t->start_ms));
	else if (t->left_ms >= 0)
		snprintf(buf, cap, "%s, %s left", fmt_duration(a, clock_wall_ms() - t->start_ms), fmt_duration(b, t->left_ms));
	else
		snprintf(buf, cap, "%s", fmt_duration(a, clock_wall_ms() - t->start_ms));
}

static void tasks_cell(void *data, size_t i, size_t col, char *buf, size_t cap, struct table_cell *out)
{
	struct tasks_view *v = data;
	const struct task_info *t = &v->at[i];
	bool ascii = !term_caps(ui_term(v->ui))->utf8 || ui_glyphs(v->ui) == GLYPHS_ASCII;
	out->text = buf;
	out->pen = PEN(col == 0 ? states[t->state].role : col == 1 ? ROLE_STRONG : ROLE_TEXT);
	if (col == 0)
		snprintf(buf, cap, "%s %s", ascii ? states[t->state].ascii : states[t->state].mark, states[t->state].word);
	else if (col == 1)
		snprintf(buf, cap, "%s", t->title);
	else if (col == 2)
		describe_time(t, buf, cap);
	else if (t->state == TASK_FAILED)
		snprintf(buf, cap, "%.250s", t->err.text);
	else if (t->state == TASK_DONE)
		buf[0] = '\0';              /* how far it was matters no more */
	else if (t->total > 0)
		snprintf(buf, cap, "%.0f %%  %s", 100.0 * (double)t->done / (double)t->total, t->note);
	else
		snprintf(buf, cap, "%s", t->note);
}

static void *tasks_open(struct ui *ui)
{
	struct tasks_view *v = mem_zalloc(sizeof *v);
	v->ui = ui;
	static const struct table_col cols[] = {
		{ .title = "state", .min = 11, .max = 11, .align = -1, .weight = 255 }, { .title = "task", .min = 16, .max = 60, .align = -1, .weight = 255 },
		{ .title = "took", .min = 8, .max = 22, .align = 1, .weight = 200 }, { .title = "", .min = 10, .max = 120, .align = -1, .weight = 100 } };
	memcpy(v->cols, cols, sizeof cols);
	v->table = (struct table){ .cols = v->cols, .n_cols = 4, .col_cursor = -1, .show_head = true, .data = v, .row = tasks_row, .cell = tasks_cell };
	return v;
}

static void tasks_refresh(void *view, uint32_t topics)
{
	(void)topics;
	struct tasks_view *v = view;
	v->n = tasks_list(ui_tasks(v->ui), v->at, MOST);
	v->table.n_rows = v->n;
	table_move(&v->table, 0);
}

static size_t live(const struct tasks_view *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++)
		n += v->at[i].state <= TASK_RUNNING;
	return n;
}

static void tasks_paint(void *view, struct paint *p)
{
	static const char *const none[] = { "Nothing has run yet.", "Imports, backups and other long work appear here, with progress and cancel." };
	struct tasks_view *v = view;
	char title[80];
	snprintf(title, sizeof title, "Tasks · %zu running or waiting · %zu ended", live(v), v->n - live(v));
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title, NULL, p->focus);
	struct paint inner = *p;
	inner.r = (struct rect){ p->r.x, p->r.y + 1, p->r.w, p->r.h - 1 };
	if (v->n)
		table_paint(&v->table, &inner);
	else
		ui_empty(v->ui, &inner, none, sizeof none / sizeof *none);
}

static void tasks_mouse(void *view, const struct event *ev, struct rect r)
{
	struct tasks_view *v = view;
	int col;
	long row = table_hit(&v->table, ev->x - r.x, ev->y - r.y - 1, &col);
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		table_scroll(&v->table, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3);
	else if (ev->mouse == MOUSE_PRESS && row >= 0)
		table_to(&v->table, (size_t)row);
}

static void tasks_model(const void *view, struct str *out)
{
	const struct tasks_view *v = view;
	str_addf(out, "tasks: %zu\nlive: %zu\ncursor: %zu\n", v->n, live(v), v->table.cursor);
}

static const char *tasks_hints(const void *view)
{
	(void)view;
	return "tasks.cancel cancel; list.down down; tab runs runs; help help; palette command; quit quit";
}

static enum status tasks_move(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct tasks_view *v = c->view;
	const long all = (long)v->n;
	const long by[] = { 1, -1, 10, -10, 5, -5, -all, all };
	table_move(&v->table, by[c->arg]);
	return ST_OK;
}

static const char *no_live_task(const struct cmd_ctx *c)
{
	const struct tasks_view *v = c->view;
	if (!v || v->table.cursor >= v->n)
		return "there is no task";
	return v->at[v->table.cursor].state > TASK_RUNNING ? "this task has ended" : NULL;
}

static enum status tasks_stop(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv;
	struct tasks_view *v = c->view;
	const struct task_info *t = &v->at[v->table.cursor];
	if (!tasks_cancel(ui_tasks(v->ui), t->id))
		return err_set(e, ST_NOT_FOUND, "it has just ended");
	return err_set(e, ST_OK, "cancelling %s", t->title);
}

#define MOVE(i, key, words) { .name = "list." key, .help = words, .where = "tasks", .flags = CMD_REPEAT | CMD_HIDDEN, .run = tasks_move, .arg = i }
static const struct cmd cmds[] = {
	{ .name = "tasks.cancel", .help = "Cancel the task under the cursor", .where = "tasks", .run = tasks_stop, .why_not = no_live_task },
	MOVE(0, "down", "Next task"), MOVE(1, "up", "Previous task"), MOVE(2, "page-down", "A page down"), MOVE(3, "page-up", "A page up"),
	MOVE(4, "half-down", "Half a page down"), MOVE(5, "half-up", "Half a page up"), MOVE(6, "top", "First task"), MOVE(7, "bottom", "Last task"),
};
const struct view_class view_tasks = {
	.id = "tasks", .title = "Tasks", .topics = TOPIC_TASKS | TOPIC_CLOCK, .open = tasks_open, .close = free, .refresh = tasks_refresh,
	.paint = tasks_paint, .model = tasks_model, .hints = tasks_hints, .mouse = tasks_mouse, .cmds = cmds, .n_cmds = sizeof cmds / sizeof cmds[0],
};
