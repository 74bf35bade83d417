/* Log: what the program did and met, newest at the end, searchable. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "tui/textview.h"
#include "views/ui.h"

extern const struct view_class view_log;
struct log_view { struct ui *ui; struct textview text; };

static void *log_open(struct ui *ui)
{
	struct log_view *v = mem_zalloc(sizeof *v);
	v->ui = ui;
	textview_init(&v->text);
	return v;
}

static void log_close(void *view)
{
	struct log_view *v = view;
	textview_done(&v->text);
	free(v);
}

static void log_refresh(void *view, uint32_t topics)
{
	static const enum role roles[] = { ROLE_DIM, ROLE_TEXT, ROLE_WARN, ROLE_BAD };
	(void)topics;
	struct log_view *v = view;
	bool at_end = textview_at_end(&v->text);
	size_t top = v->text.top;
	int top_row = v->text.top_row;
	struct log_line *lines;
	size_t n = log_lines(&lines, 2000);
	textview_set(&v->text, "", 0, ROLE_TEXT);
	for (size_t i = 0; i < n; i++) {
		char when[FMT_MAX];
		struct str line = STR_INIT;
		str_addf(&line, "%s  %s", fmt_time(when, lines[i].ms), lines[i].text);
		textview_add(&v->text, roles[lines[i].level], line.p, line.len);
		str_free(&line);
	}
	log_lines_free(lines, n);
	if (at_end) {
		textview_end(&v->text);
	} else {
		textview_to(&v->text, top);
		textview_scroll(&v->text, top_row, 0);
	}
}

static void log_paint(void *view, struct paint *p)
{
	static const char *const none[] = { "Nothing was logged yet.", "Messages, and what of a source could not be read, appear here." };
	struct log_view *v = view;
	struct paint inner = *p;
	inner.r = (struct rect){ p->r.x + 1, p->r.y + 1, p->r.w - 2, p->r.h - 1 };
	struct str title = STR_INIT, note = STR_INIT;
	str_addf(&title, "Log · %zu line%s", v->text.n_lines, v->text.n_lines == 1 ? "" : "s");
	if (v->text.n_lines) {
		textview_paint(&v->text, &inner);
		textview_note(&v->text, &note);
	} else {
		ui_empty(v->ui, &inner, none, sizeof none / sizeof *none);
	}
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.p, p->focus);
	str_free(&title);
	str_free(&note);
}

static void log_mouse(void *view, const struct event *ev, struct rect r)
{
	struct log_view *v = view;
	(void)r;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		textview_scroll(&v->text, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3, 0);
}

static void log_model(const void *view, struct str *out)
{
	const struct log_view *v = view;
	str_addf(out, "lines: %zu\ntop: %zu\n", v->text.n_lines, v->text.top);
}

static const char *log_hints(const void *view)
{
	(void)view;
	return "log.find find; log.next next; log.wrap wrap; list.page-up older; list.bottom newest; tab runs runs; help help; quit quit";
}

static enum status log_move(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	textview_move(&((struct log_view *)c->view)->text, (enum textview_move)c->arg);
	return ST_OK;
}

static enum status log_wrap(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv, (void)e;
	struct textview *t = &((struct log_view *)c->view)->text;
	textview_wrap(t, !t->wrap);
	return ST_OK;
}

static void log_search(void *view, const char *needle)
{
	struct log_view *v = view;
	if (needle && *needle && !textview_find(&v->text, needle, -1))
		ui_message(v->ui, ST_NOT_FOUND, "\"%s\" is not in the log", needle);
}

static enum status log_find(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
{
	(void)argc, (void)argv;
	struct log_view *v = c->view;
	if (!c->arg) {
		ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "find: ", .history = "find", .done = log_search });
		return ST_OK;
	}
	return textview_find_again(&v->text, (int)c->arg) ? ST_OK : err_set(e, ST_NOT_FOUND, "no further match");
}

static const char *nothing_searched(const struct cmd_ctx *c)
{
	return c->view && ((const struct log_view *)c->view)->text.find ? NULL : "nothing was searched for yet";
}

#define MOVE(i, key, words) { .name = "list." key, .help = words, .where = "log", .flags = CMD_REPEAT | CMD_HIDDEN, .run = log_move, .arg = i }
static const struct cmd cmds[] = {
	{ .name = "log.find", .help = "Search the log", .where = "log", .run = log_find },
	{ .name = "log.next", .help = "Go to the next match", .where = "log", .run = log_find, .arg = 1, .why_not = nothing_searched },
	{ .name = "log.prev", .help = "Go to the previous match", .where = "log", .run = log_find, .arg = -1, .why_not = nothing_searched },
	{ .name = "log.wrap", .help = "Wrap long lines, or cut them at the edge", .where = "log", .run = log_wrap },
	MOVE(TEXTVIEW_DOWN, "down", "Scroll one line down"), MOVE(TEXTVIEW_UP, "up", "Scroll one line up"), MOVE(TEXTVIEW_PAGE_DOWN, "page-down", "A page down"), MOVE(TEXTVIEW_PAGE_UP, "page-up", "A page up"),
	MOVE(TEXTVIEW_HALF_DOWN, "half-down", "Half a page down"), MOVE(TEXTVIEW_HALF_UP, "half-up", "Half a page up"), MOVE(TEXTVIEW_TOP, "top", "First line"), MOVE(TEXTVIEW_BOTTOM, "bottom", "Last line"),
	MOVE(TEXTVIEW_LEFT, "left", "Scroll left"), MOVE(TEXTVIEW_RIGHT, "right", "Scroll right"),
};
const struct view_class view_log = {
	.id = "log", .title = "Log", .topics = TOPIC_LOG, .open = log_open, .close = log_close, .refresh = log_refresh, .paint = log_paint,
	.model = log_model, .hints = log_hints, .mouse = log_mouse, .cmds = cmds, .n_cmds = sizeof cmds / sizeof cmds[0],
};
