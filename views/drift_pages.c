/* Pages of the Drift view: the stack they lie on, and the commands that all of them answer: moves, Enter, Escape, the filter, the mouse. */
#include "views/drift_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "views/drift_commands.h"

/* ---- the stack ---------------------------------------------------------------------------------------------- */

enum drift_page_id drift_page_id(const struct drift_view *v)
{
	return v->stack[v->n_stack - 1].page;
}

const struct drift_stop *drift_about(const struct drift_view *v)
{
	return &v->stack[v->n_stack - 1];
}

static void stop_drop(struct drift_stop *stop)
{
	free(stop->group);
	free(stop->column);
	*stop = (struct drift_stop){ .page = DRIFT_PAGE_pulse };
}

/* about may be a stop of this very stack: it is copied before anything is freed. */
static struct drift_stop stop_of(enum drift_page_id page, const struct drift_subject *about)
{
	struct drift_stop s = { .page = page };
	if (about) {
		s.report_id = about->report_id;
		s.group = about->group ? mem_strdup(about->group) : NULL;
		s.column = about->column ? mem_strdup(about->column) : NULL;
	}
	return s;
}

void drift_go(struct drift_view *v, enum drift_page_id page, const struct drift_subject *about)
{
	struct drift_stop fresh = stop_of(page, about);
	int at = 0;
	while (at < v->n_stack && v->stack[at].page != page)
		at++;
	if (at == DRIFT_STACK)
		at = DRIFT_STACK - 1;
	for (int i = at; i < v->n_stack; i++)
		stop_drop(&v->stack[i]);
	v->stack[at] = fresh;
	v->n_stack = at + 1;
	if (drift_page(v)->want)
		drift_page(v)->want(v, false);
}

void drift_about_set(struct drift_view *v, const struct drift_subject *about)
{
	struct drift_stop *top = &v->stack[v->n_stack - 1], fresh = stop_of(top->page, about);
	stop_drop(top);
	*top = fresh;
	if (drift_page(v)->want)
		drift_page(v)->want(v, false);
}

bool drift_leave(struct drift_view *v)
{
	if (v->n_stack == 1)
		return false;
	stop_drop(&v->stack[--v->n_stack]);
	if (drift_page(v)->want)
		drift_page(v)->want(v, true);
	return true;
}

long drift_rows_of(enum drift_move m, int page, size_t n)
{
	long p = page > 1 ? page - 1 : 1, all = (long)n;
	const long by[] = { 1, -1, p, -p, (p + 1) / 2, -(p + 1) / 2, -all, all };
	return m < DRIFT_LEFT ? by[m] : 0;
}

/* ---- commands ------------------------------------------------------------------------------------------------ */

DRIFT_CMD(list)
{
	struct drift_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	drift_page(v)->move(v, (enum drift_move)c->arg);
	return ST_OK;
}

DRIFT_CMD(open)
{
	struct drift_view *v = c->view;
	(void)argc, (void)argv;
	return drift_page(v)->enter ? drift_page(v)->enter(v, e) : ST_OK;
}

DRIFT_CMD(cancel)
{
	struct drift_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	if (!drift_page(v)->leave || !drift_page(v)->leave(v))
		drift_leave(v);
	return ST_OK;
}

/* Brings up a page of its own; from there, leaves it again. */
DRIFT_CMD(page)
{
	struct drift_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	enum drift_page_id page = (enum drift_page_id)c->arg;
	if (drift_page_id(v) == page)
		drift_leave(v);
	else
		drift_go(v, page, NULL);
	return ST_OK;
}

const char *drift_why_no_filter(const struct cmd_ctx *c)
{
	return drift_page(c->view)->filter ? NULL : "this page has nothing to filter";
}

static void filter_change(void *view, const char *text)
{
	struct drift_view *v = view;
	if (drift_page(v)->filter)
		drift_page(v)->filter(v, text);
	ui_dirty(v->ui);
}

static void filter_done(void *view, const char *text)
{
	if (!text)
		filter_change(view, "");
}

DRIFT_CMD(filter)
{
	struct drift_view *v = c->view;
	(void)e;
	if (argc > 1)
		drift_page(v)->filter(v, argv[1]);
	else
		ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "filter: ", .history = "drift.filter", .change = filter_change, .done = filter_done });
	return ST_OK;
}

DRIFT_CMD(filter_clear)
{
	struct drift_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	drift_page(v)->filter(v, "");
	return ST_OK;
}

void drift_mouse(void *view, const struct event *ev, struct rect r)
{
	struct drift_view *v = view;
	v->area = r;
	if (drift_page(v)->mouse)
		drift_page(v)->mouse(v, ev, ev->x - r.x, ev->y - r.y);
}
