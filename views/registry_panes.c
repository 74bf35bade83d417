/* Panes of the Registry view: the models at the left, a page at the right, and the stack the pages lie on.
 *
 * Wide     from REG_WIDE columns on the models stand beside the page; below that they are a drawer over it.
 * Tall     a page that is a panel (the promotion sheet) lies below the board from REG_TALL rows on, else it has the page's whole place. */
#include "views/registry_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/registry_commands.h"

enum { MODELS_MIN = 24, MODELS_MOST = 60, DRAWER_W = 44, PANEL_MIN = 8, BOARD_MIN = 8, PREVIEW_MIN = 10, PREVIEW_MOST = 16 };

/* ---- places -------------------------------------------------------------------------------------------- */

void registry_panes_load(struct registry_view *v)
{
	const char *kept = ui_setting(v->ui, "layout.registry");
	struct registry_panes *p = &v->panes;
	int folded = 0, w = 0, h = 0;
	p->focus = FOCUS_PAGE;
	if (kept && sscanf(kept, "%1d %4d %4d", &folded, &w, &h) == 3) {
		p->folded = folded == 1;
		p->models_w = w < 0 ? 0 : w;
		p->panel_h = h < 0 ? 0 : h;
	}
}

static void save_layout(struct registry_view *v)
{
	char text[64];
	snprintf(text, sizeof text, "%d %d %d", v->panes.folded, v->panes.models_w, v->panes.panel_h);
	ui_set_setting(v->ui, "layout.registry", text);
}

static int clamp(int n, int least, int most)
{
	return n > most ? most : n < least ? least : n;
}

static bool models_beside(const struct registry_panes *p, struct rect area)
{
	return area.w >= REG_WIDE && !p->folded && !(p->zoom && p->focus == FOCUS_PAGE);
}

bool registry_preview(const struct registry_view *v)
{
	return registry_page_id(v) == PAGE_board && v->panes.area.h >= REG_TALL && !v->panes.zoom && v->board.version;
}

static void place_page(struct registry_view *v, struct rect right)
{
	struct registry_panes *p = &v->panes;
	p->page = right;
	p->panel = (struct rect){ 0, 0, 0, 0 };
	bool panel = registry_page(v)->panel, preview = !panel && registry_preview(v);
	if ((!panel && !preview) || right.h < REG_TALL || p->zoom)
		return;
	int least = clamp(right.h * 2 / 5, PREVIEW_MIN, PREVIEW_MOST);
	int wanted = preview ? least : registry_page(v)->rows ? registry_page(v)->rows(v, right.w) : right.h / 2, most = right.h * 3 / 5;
	int h = p->panel_h ? p->panel_h : wanted < least ? least : wanted < most ? wanted : most;
	h = clamp(h, PANEL_MIN, right.h - BOARD_MIN);
	p->page.h = right.h - h;
	p->panel = (struct rect){ right.x, right.y + right.h - h, right.w, h };
}

void registry_panes_place(struct registry_view *v, struct rect area)
{
	struct registry_panes *p = &v->panes;
	struct rect right = area;
	p->area = area;
	p->models = (struct rect){ 0, 0, 0, 0 };
	if (models_beside(p, area)) {
		p->drawer = false;
		int most = area.w * 30 / 100, wanted = models_wanted_w(v);
		int w = p->models_w ? clamp(p->models_w, MODELS_MIN, area.w / 2) : clamp(wanted, MODELS_MIN, most);
		p->models = (struct rect){ area.x, area.y, w, area.h };
		right.x += p->models.w + 1;
		right.w -= p->models.w + 1;
	}
	place_page(v, right);
	if (p->drawer)
		p->models = (struct rect){ area.x, area.y, area.w < DRAWER_W + 16 ? area.w : DRAWER_W, area.h };
	if (p->focus == FOCUS_MODELS && !p->models.w)
		p->focus = FOCUS_PAGE;
}

/* ---- picture --------------------------------------------------------------------------------------------- */

static void paint_models(struct registry_view *v, struct paint *p)
{
	struct registry_panes *ps = &v->panes;
	struct rect r = ps->models;
	char title[64], waits[64] = "";
	size_t n = v->models.list ? v->models.list->n : 0;
	bool beside = !ps->drawer;
	if (!beside)
		surface_fill(p->s, p->r, (struct rect){ r.x - p->r.x, r.y - p->r.y, r.w + 1, r.h }, PEN(ROLE_TEXT), ' ');
	snprintf(title, sizeof title, "Models · %zu", n);
	if (v->models.waiting)
		snprintf(waits, sizeof waits, "%zu %s for you", v->models.waiting, v->models.waiting == 1 ? "request" : "requests");
	bool focus = p->focus && ps->focus == FOCUS_MODELS;
	ui_rule(p, (struct rect){ r.x, r.y, r.w, 1 }, title, *waits ? waits : NULL, focus);
	struct paint inner = *p;
	inner.r = (struct rect){ r.x, r.y + 1, r.w, r.h - 1 };
	inner.focus = focus;
	models_paint(v, &inner);
	if (r.x + r.w < ps->area.x + ps->area.w)
		registry_vline(p, r.x + r.w, r.y, r.h);
}

void registry_vline(struct paint *p, int x, int y, int h)
{
	struct rect all = surface_all(p->s);
	struct pen pen = PEN(ROLE_RULE);
	surface_vline(p->s, all, x, y, h, pen);
	surface_hline(p->s, all, x - 1, y, 2, pen);
	surface_hline(p->s, all, x, y, 2, pen);
}

static void paint_page(struct registry_view *v, const struct registry_page *page, struct rect r, bool focus, struct paint *p)
{
	struct paint inner = *p;
	inner.r = r;
	inner.focus = focus;
	page->paint(v, &inner);
}

void registry_panes_paint(struct registry_view *v, struct paint *p)
{
	struct registry_panes *ps = &v->panes;
	bool focus = p->focus && ps->focus == FOCUS_PAGE;
	if (ps->panel.w) {
		bool preview = registry_page_id(v) == PAGE_board;
		paint_page(v, &page_board, ps->page, focus && preview, p);
		paint_page(v, preview ? &page_sheet : registry_page(v), ps->panel, focus && !preview, p);
	} else {
		paint_page(v, registry_page(v), ps->page, focus, p);
	}
	if (ps->models.w)
		paint_models(v, p);
	if (ps->models.w && ps->panel.w && !ps->drawer)
		surface_hline(p->s, surface_all(p->s), ps->models.x + ps->models.w, ps->panel.y, 2, PEN(ROLE_RULE));
}

/* ---- focus and the stack ----------------------------------------------------------------------------------- */

void registry_focus(struct registry_view *v, enum registry_focus f)
{
	struct registry_panes *p = &v->panes;
	p->focus = f;
	if (f == FOCUS_PAGE)
		p->drawer = false;
	else if (!models_beside(p, p->area))
		p->drawer = true;
	registry_panes_place(v, p->area);
}

static void stop_drop(struct registry_stop *stop)
{
	free(stop->about.lane);
	*stop = (struct registry_stop){ .page = PAGE_board };
}

static void stop_set(struct registry_stop *stop, enum registry_page_id page, const struct registry_subject *about)
{
	struct registry_subject copy = about ? *about : (struct registry_subject){ .version = 0 };
	copy.lane = copy.lane ? mem_strdup(copy.lane) : NULL;      /* about may be this very stop's */
	free(stop->about.lane);
	*stop = (struct registry_stop){ page, copy };
}

void registry_go(struct registry_view *v, enum registry_page_id page, const struct registry_subject *about)
{
	int at = 0;
	while (at < v->n_stack && v->stack[at].page != page)
		at++;
	if (at == REG_STACK)
		at = REG_STACK - 1;
	if (at == v->n_stack)
		v->stack[at] = (struct registry_stop){ .page = page };
	struct registry_stop fresh = { .page = page };
	stop_set(&fresh, page, about);
	for (int i = at; i < v->n_stack; i++)
		stop_drop(&v->stack[i]);
	v->stack[at] = fresh;
	v->n_stack = at + 1;
	registry_focus(v, FOCUS_PAGE);
	if (registry_page(v)->want)
		registry_page(v)->want(v, false);
}

bool registry_leave(struct registry_view *v)
{
	if (v->n_stack == 1)
		return false;
	stop_drop(&v->stack[--v->n_stack]);
	registry_panes_place(v, v->panes.area);
	if (registry_page(v)->want)
		registry_page(v)->want(v, true);
	return true;
}

void registry_home(struct registry_view *v)
{
	while (v->n_stack > 1)
		stop_drop(&v->stack[--v->n_stack]);
	registry_panes_place(v, v->panes.area);
}

/* ---- commands ------------------------------------------------------------------------------------------------ */

long registry_rows_of(enum registry_move m, int page, size_t n)
{
	long p = page > 1 ? page - 1 : 1, all = (long)n;
	const long by[] = { 1, -1, p, -p, (p + 1) / 2, -(p + 1) / 2, -all, all };
	return m < REG_LEFT ? by[m] : 0;
}

REGISTRY_CMD(list)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	if (v->panes.focus == FOCUS_MODELS)
		models_move(v, (enum registry_move)c->arg);
	else if (registry_page(v)->move)
		registry_page(v)->move(v, (enum registry_move)c->arg);
	return ST_OK;
}

REGISTRY_CMD(open)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv;
	if (v->panes.focus == FOCUS_MODELS)
		registry_focus(v, FOCUS_PAGE);
	else if (registry_page(v)->enter)
		return registry_page(v)->enter(v, e);
	return ST_OK;
}

/* One step out: the drawer, what the page itself can undo, zoom, the page, the models. */
REGISTRY_CMD(cancel)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	const struct registry_page *top = registry_page(v);
	if (v->panes.drawer || v->panes.focus == FOCUS_MODELS)
		registry_focus(v, FOCUS_PAGE);
	else if (top->leave && top->leave(v))
		return ST_OK;
	else if (v->panes.zoom)
		v->panes.zoom = false;
	else
		registry_leave(v);
	registry_panes_place(v, v->panes.area);
	return ST_OK;
}

REGISTRY_CMD(pane_step)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	registry_focus(v, v->panes.focus == FOCUS_MODELS ? FOCUS_PAGE : FOCUS_MODELS);
	return ST_OK;
}

REGISTRY_CMD(pane_zoom)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	v->panes.zoom = !v->panes.zoom;
	registry_focus(v, FOCUS_PAGE);
	return ST_OK;
}

REGISTRY_CMD(pane_grow)
{
	struct registry_view *v = c->view;
	struct registry_panes *p = &v->panes;
	(void)argc, (void)argv;
	int by = (int)c->arg;
	if (p->panel.w && p->focus == FOCUS_PAGE)
		p->panel_h = clamp(p->panel.h + by, PANEL_MIN, p->page.h + p->panel.h - BOARD_MIN);
	else if (p->models.w && !p->drawer)
		p->models_w = clamp(p->models.w + (p->focus == FOCUS_MODELS ? 2 : -2) * by, MODELS_MIN, MODELS_MOST);
	else
		return err_set(e, ST_REFUSED, "there is one pane only; it has all the room");
	save_layout(v);
	registry_panes_place(v, p->area);
	return ST_OK;
}

REGISTRY_CMD(pane_toggle)
{
	struct registry_view *v = c->view;
	struct registry_panes *p = &v->panes;
	if (argc > 1 && strcmp(argv[1], "models"))
		return err_set(e, ST_USAGE, "no pane of that name to fold: %s; there is models", argv[1]);
	if (p->drawer) {
		registry_focus(v, FOCUS_PAGE);
	} else if (p->models.w) {
		p->folded = true;
		registry_focus(v, FOCUS_PAGE);
	} else {
		p->folded = p->zoom = false;
		registry_focus(v, FOCUS_MODELS);
	}
	save_layout(v);
	return ST_OK;
}

REGISTRY_CMD(model)
{
	struct registry_view *v = c->view;
	(void)argc;
	if (!v->loaded) {                                    /* just opened: it starts with this one */
		free(v->model_name);
		v->model_name = mem_strdup(argv[1]);
		registry_load(v);
		return ST_OK;
	}
	const struct reg_model_row *m = models_by_name(v, argv[1]);
	if (!m)
		return err_set(e, ST_NOT_FOUND, "no model \"%s\"", argv[1]);
	models_choose(v, m->id);
	return ST_OK;
}

void registry_complete_model(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	const struct registry_view *v = c->view;
	for (size_t i = 0; index == 1 && v->models.list && i < v->models.list->n; i++)
		if (text_fuzzy(v->models.list->at[i].name, word))
			str_addf(out, "%s\n", v->models.list->at[i].name);
}

REGISTRY_CMD(refresh)
{
	(void)argc, (void)argv, (void)e;
	struct registry_view *v = c->view;
	registry_reload(v);
	if (registry_page(v)->want)
		registry_page(v)->want(v, true);
	return ST_OK;
}

/* Brings up a page about the version in hand; from there, leaves it again. */
REGISTRY_CMD(page)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	enum registry_page_id page = (enum registry_page_id)c->arg;
	if (registry_page_id(v) == page)
		registry_leave(v);
	else
		registry_go(v, page, &(struct registry_subject){ .version = registry_version(v) });
	return ST_OK;
}

const char *registry_why_no_model(const struct cmd_ctx *c)
{
	return models_row(c->view) ? NULL : "there is no model here";
}

const char *registry_why_no_version(const struct cmd_ctx *c)
{
	return registry_why_no_model(c) ? registry_why_no_model(c) : registry_version(c->view) ? NULL : "there is no version under the cursor";
}

/* ---- mouse ------------------------------------------------------------------------------------------------------ */

static void page_mouse(struct registry_view *v, const struct registry_page *page, struct rect r, const struct event *ev)
{
	if (page->mouse)
		page->mouse(v, ev, ev->x - r.x, ev->y - r.y);
}

void registry_mouse(void *view, const struct event *ev, struct rect r)
{
	struct registry_view *v = view;
	struct registry_panes *p = &v->panes;
	registry_panes_place(v, r);
	bool press = ev->mouse == MOUSE_PRESS;
	if (p->models.w && rect_has(p->models, ev->x, ev->y)) {
		if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
			models_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
		else if (press) {
			registry_focus(v, FOCUS_MODELS);
			models_click(v, ev->y - p->models.y - 2);
		}
	} else if (p->panel.w && rect_has(p->panel, ev->x, ev->y)) {
		if (registry_page_id(v) != PAGE_board)
			page_mouse(v, registry_page(v), p->panel, ev);
	} else if (rect_has(p->page, ev->x, ev->y)) {
		if (press)
			registry_focus(v, FOCUS_PAGE);
		page_mouse(v, p->panel.w ? &page_board : registry_page(v), p->page, ev);
	}
}
