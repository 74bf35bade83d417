/* Panes of the Runs view: experiments and detail at the left, table and charts at the right.
 *
 * Layout   two rows of two: experiments | table above detail | charts, both cut at the same column. Until the user
 *          moves a border the cuts follow the size of the screen; then the shares are his and kept per workspace.
 * Small    what does not fit folds away (layout.h): first detail, then experiments, then charts, the table never.
 *          A folded pane that is asked for is laid over the others as a drawer, and goes when the focus leaves it. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "views/runs_commands.h"

enum { NODE_ROOT = RUNS_PANES, NODE_TOP, NODE_BOTTOM, NODES };
static const char *const names[RUNS_PANES] = { "experiments", "table", "detail", "chart" };

const char *pane_name(enum runs_pane id)
{
	return id >= 0 && id < RUNS_PANES ? names[id] : "none";
}

void panes_init(struct runs_view *v)
{
	static const struct pane_node nodes[NODES] = {
		[PANE_EXPERIMENTS] = { .min_w = 20, .min_h = 4, .weight = 2, .id = PANE_EXPERIMENTS },
		[PANE_TABLE] = { .min_w = 60, .min_h = 6, .weight = 9, .id = PANE_TABLE },
		[PANE_DETAIL] = { .min_w = 22, .min_h = 5, .weight = 1, .id = PANE_DETAIL },
		[PANE_CHART] = { .min_w = 58, .min_h = 6, .weight = 3, .id = PANE_CHART },
		[NODE_ROOT] = { .dir = PANE_COL, .a = NODE_TOP, .b = NODE_BOTTOM, .share = 0.55f },
		[NODE_TOP] = { .dir = PANE_ROW, .a = PANE_EXPERIMENTS, .b = PANE_TABLE, .share = 0.2f },
		[NODE_BOTTOM] = { .dir = PANE_ROW, .a = PANE_DETAIL, .b = PANE_CHART, .share = 0.2f },
	};
	struct runs_panes *p = &v->panes;
	memcpy(p->layout.node, nodes, sizeof nodes);
	p->layout.n = NODES;
	p->layout.root = NODE_ROOT;
	p->layout.zoom = PANE_NONE;
	p->focus = PANE_TABLE;
	p->drawer = PANE_NONE;
	p->drag = p->drag_column = -1;
	const char *kept = ui_setting(v->ui, "layout.runs");
	p->shaped = kept && layout_load(&p->layout, kept);
	p->layout.zoom = PANE_NONE;
}

static void save_layout(struct runs_view *v)
{
	struct str text = STR_INIT;
	v->panes.shaped = true;
	layout_save(&v->panes.layout, &text);
	ui_set_setting(v->ui, "layout.runs", text.p);
	str_free(&text);
}

/* Sizes for a screen that nobody has shaped: the left column as wide as names and numbers need, the table half. */
static void choose_shares(struct runs_panes *p, struct rect area)
{
	int left = area.w * 23 / 100;
	left = left < 26 ? 26 : left > 46 ? 46 : left;
	p->layout.node[NODE_TOP].share = p->layout.node[NODE_BOTTOM].share = (float)left / (float)(area.w > 1 ? area.w - 1 : 1);
	p->layout.node[NODE_ROOT].share = area.h >= 40 ? 0.46f : 0.52f;
}

void panes_place(struct runs_view *v, struct rect area)
{
	struct runs_panes *p = &v->panes;
	if (!p->shaped)
		choose_shares(p, area);
	p->area = area;
	p->n = layout_place(&p->layout, area, p->at);
}

static struct placed drawer_place(const struct runs_panes *p)
{
	struct rect a = p->area;
	int w = a.w < 60 ? a.w : a.w * 2 / 5 > 44 ? a.w * 2 / 5 : 44;
	int x = p->drawer == PANE_EXPERIMENTS ? a.x : a.x + a.w - w;
	if (p->drawer == PANE_CHART)
		x = a.x, w = a.w;
	return (struct placed){ p->drawer, { x, a.y + 1, w, a.h - 1 }, { x, a.y, w, 1 } };
}

bool panes_has(const struct runs_view *v, enum runs_pane id, struct placed *out)
{
	const struct runs_panes *p = &v->panes;
	if (id != PANE_NONE && p->drawer == id) {
		*out = drawer_place(p);
		return true;
	}
	for (int i = 0; i < p->n; i++)
		if (p->at[i].id == (int)id) {
			*out = p->at[i];
			return true;
		}
	return false;
}

/* Lines between side-by-side panes, with stubs where a title rule will meet them. */
void panes_paint_rules(const struct runs_view *v, struct paint *p)
{
	const struct runs_panes *ps = &v->panes;
	struct rect all = surface_all(p->s);
	struct pen pen = PEN(ROLE_RULE);
	for (int i = 0; i < ps->n; i++) {
		const struct placed *at = &ps->at[i];
		int end = at->title.x + at->title.w;
		if (at->title.x > ps->area.x) {
			surface_vline(p->s, all, at->title.x - 1, at->title.y, at->r.h + 1 + (at->r.y + at->r.h < ps->area.y + ps->area.h), pen);
			surface_hline(p->s, all, at->title.x - 1, at->title.y, 2, pen);
		}
		if (end < ps->area.x + ps->area.w)
			surface_hline(p->s, all, end - 1, at->title.y, 2, pen);
	}
}

void panes_clear_drawer(const struct runs_view *v, struct paint *p, const struct placed *at)
{
	struct rect all = surface_all(p->s), area = v->panes.area;
	int sides[] = { at->title.x - 1, at->title.x + at->title.w };
	surface_fill(p->s, all, (struct rect){ at->title.x, at->title.y, at->title.w, at->r.h + 1 }, PEN(ROLE_TEXT), ' ');
	for (int i = 0; i < 2; i++)
		if (sides[i] >= area.x && sides[i] < area.x + area.w) {
			surface_fill(p->s, all, (struct rect){ sides[i], at->r.y, 1, at->r.h }, PEN(ROLE_TEXT), ' ');
			surface_vline(p->s, all, sides[i], at->title.y, at->r.h + 1, PEN(ROLE_RULE));
		}
}

/* ---- focus --------------------------------------------------------------------------------------------- */

static void focus_on(struct runs_view *v, enum runs_pane id)
{
	struct runs_panes *p = &v->panes;
	if (p->drawer != PANE_NONE && p->drawer != id)
		p->drawer = PANE_NONE;
	if (p->layout.zoom != PANE_NONE && p->layout.zoom != (int)id)
		p->layout.zoom = (int)id;
	p->focus = id;
	panes_place(v, p->area);
}

void panes_show(struct runs_view *v, enum runs_pane id)
{
	struct runs_panes *p = &v->panes;
	struct placed at;
	p->layout.node[id].hidden = false;
	panes_place(v, p->area);
	if (!panes_has(v, id, &at))
		p->drawer = id;
	focus_on(v, id);
	chart_want(v);
	detail_want(v, false);
}

bool panes_back(struct runs_view *v)
{
	struct runs_panes *p = &v->panes;
	if (v->det.picture) {
		preview_close(v);
	} else if (p->drawer != PANE_NONE) {
		p->drawer = PANE_NONE;
		p->focus = PANE_TABLE;
	} else if (v->chart.has_cross) {
		v->chart.has_cross = false;
	} else if (p->layout.zoom != PANE_NONE) {
		p->layout.zoom = PANE_NONE;
	} else if (p->focus != PANE_TABLE) {
		p->focus = PANE_TABLE;
	} else {
		return false;
	}
	panes_place(v, p->area);
	return true;
}

/* ---- commands -------------------------------------------------------------------------------------------- */

RUNS_CMD(pane_step)
{
	struct runs_view *v = c->view;
	struct placed at;
	(void)argc, (void)argv, (void)e;
	int id = v->panes.focus;
	for (int i = 0; i < RUNS_PANES; i++) {
		id = (id + (int)c->arg + RUNS_PANES) % RUNS_PANES;
		if (v->panes.layout.zoom != PANE_NONE ? !v->panes.layout.node[id].hidden : panes_has(v, (enum runs_pane)id, &at))
			break;
	}
	focus_on(v, (enum runs_pane)id);
	return ST_OK;
}

/* Shows a pane and goes there; from there, back to the table. */
RUNS_CMD(pane_show)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	bool there = v->panes.focus == (enum runs_pane)c->arg;
	panes_show(v, there ? PANE_TABLE : (enum runs_pane)c->arg);
	return ST_OK;
}

RUNS_CMD(pane_zoom)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	v->panes.layout.zoom = v->panes.layout.zoom == PANE_NONE ? (int)v->panes.focus : PANE_NONE;
	v->panes.drawer = PANE_NONE;
	panes_place(v, v->panes.area);
	return ST_OK;
}

/* The left panes grow in width, the right ones in height: that is where each of them is short. */
RUNS_CMD(pane_grow)
{
	struct runs_view *v = c->view;
	struct pane_node *node = v->panes.layout.node;
	enum runs_pane id = v->panes.focus;
	bool left = id == PANE_EXPERIMENTS || id == PANE_DETAIL, wide = argc > 1 ? !strcmp(argv[1], "width") : left;
	if (argc > 1 && strcmp(argv[1], "width") && strcmp(argv[1], "height"))
		return err_set(e, ST_USAGE, "%s: width or height, not %s", argv[0], argv[1]);
	float by = (float)c->arg * 0.04f * (wide ? (left ? 1 : -1) : (id == PANE_EXPERIMENTS || id == PANE_TABLE ? 1 : -1));
	bool top = id == PANE_EXPERIMENTS || id == PANE_TABLE;
	float *share = wide ? &node[top ? NODE_TOP : NODE_BOTTOM].share : &node[NODE_ROOT].share;
	float to = *share + by;
	*share = to < 0.08f ? 0.08f : to > 0.92f ? 0.92f : to;
	save_layout(v);
	panes_place(v, v->panes.area);
	return ST_OK;
}

static int pane_by_name(const char *name)
{
	for (int i = 0; i < RUNS_PANES; i++)
		if (!strcmp(names[i], name))
			return i;
	return PANE_NONE;
}

void runs_complete_pane(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)c, (void)index;
	for (int i = 0; i < RUNS_PANES; i++)
		if (i != PANE_TABLE && text_fuzzy(names[i], word))
			str_addf(out, "%s\n", names[i]);
}

RUNS_CMD(pane_toggle)
{
	struct runs_view *v = c->view;
	struct runs_panes *p = &v->panes;
	struct placed at;
	(void)argc;
	int id = pane_by_name(argv[1]);
	if (id == PANE_NONE || id == PANE_TABLE)
		return err_set(e, ST_USAGE, "no pane of that name to fold: %s; there are experiments, detail and chart", argv[1]);
	if (panes_has(v, (enum runs_pane)id, &at)) {
		if (p->drawer == (enum runs_pane)id)
			p->drawer = PANE_NONE;
		else
			p->layout.node[id].hidden = true;
		p->focus = p->focus == (enum runs_pane)id ? PANE_TABLE : p->focus;
		panes_place(v, p->area);
	} else {
		panes_show(v, (enum runs_pane)id);
	}
	save_layout(v);
	return ST_OK;
}

/* ---- mouse -------------------------------------------------------------------------------------------------- */

static void table_press(struct runs_view *v, const struct event *ev, int x, int y)
{
	int col = -1, edge = table_edge(&v->tab.w, x);
	long row = table_hit(&v->tab.w, x, y, &col);
	if (row == -1 && edge >= 0) {
		v->panes.drag_column = edge;
	} else if (row == -1 && col >= 0) {
		table_head_click(v, (size_t)col, ev->key & MOD_SHIFT);
	} else if (row >= 0) {
		bool again = v->tab.w.cursor == (size_t)row;
		table_to(&v->tab.w, (size_t)row);
		table_moved(v);
		if (ev->button == 3 || (again && ev->key & MOD_CTRL))
			ui_run(v->ui, "runs.mark");
	}
}

static void pane_press(struct runs_view *v, const struct placed *at, const struct event *ev)
{
	int x = ev->x - at->r.x, y = ev->y - at->r.y;
	focus_on(v, (enum runs_pane)at->id);
	if (y < 0)
		return;
	if (at->id == PANE_TABLE) {
		table_press(v, ev, x, y);
	} else if (at->id == PANE_EXPERIMENTS) {
		exps_move(v, (long)(v->exps.top + (size_t)y) - (long)v->exps.cursor);
	} else if (at->id == PANE_DETAIL) {
		bool again = v->det.cursor == v->det.top + (size_t)y;
		detail_to(v, v->det.top + (size_t)y);
		if (again)
			detail_open_row(v);
	} else {
		chart_click(v, x, y);
	}
}

static void pane_wheel(struct runs_view *v, const struct placed *at, const struct event *ev)
{
	long by = ev->mouse == MOUSE_WHEEL_DOWN ? 3 : -3;
	if (at->id == PANE_TABLE) {
		table_scroll(&v->tab.w, by);
		table_moved(v);
	} else if (at->id == PANE_EXPERIMENTS) {
		exps_move(v, by > 0 ? 1 : -1);
	} else if (at->id == PANE_DETAIL) {
		detail_move(v, by);
	} else {
		chart_wheel(v, ev->x - at->r.x, ev->y - at->r.y, by < 0);
	}
}

static bool pane_at(const struct runs_view *v, int x, int y, struct placed *out)
{
	if (v->panes.drawer != PANE_NONE && panes_has(v, v->panes.drawer, out) && (rect_has(out->r, x, y) || rect_has(out->title, x, y)))
		return true;
	for (int i = 0; i < v->panes.n; i++)
		if (rect_has(v->panes.at[i].r, x, y) || rect_has(v->panes.at[i].title, x, y)) {
			*out = v->panes.at[i];
			return true;
		}
	return false;
}

static void mouse_drag(struct runs_view *v, const struct event *ev)
{
	struct runs_panes *p = &v->panes;
	struct placed at;
	if (p->drag >= 0) {
		p->shaped = true;
		layout_drag(&p->layout, p->area, p->drag, ev->x, ev->y);
		panes_place(v, p->area);
	} else if (p->drag_column >= 0 && p->drag_column < (int)v->tab.w.n_cols && panes_has(v, PANE_TABLE, &at)) {
		int w = ev->x - at.r.x - v->tab.cols[p->drag_column].at_x + 1;
		v->tab.columns.at[p->drag_column].width = w < 3 ? 3 : w > 200 ? 200 : w;
		table_place_columns(v);
	}
}

static void mouse_release(struct runs_view *v)
{
	if (v->panes.drag >= 0)
		save_layout(v);
	if (v->panes.drag_column >= 0)
		columns_changed(v);
	v->panes.drag = v->panes.drag_column = -1;
}

void panes_mouse(void *view, const struct event *ev, struct rect r)
{
	struct runs_view *v = view;
	struct placed at;
	panes_place(v, r);
	if (ev->mouse == MOUSE_DRAG) {
		mouse_drag(v, ev);
	} else if (ev->mouse == MOUSE_RELEASE) {
		mouse_release(v);
	} else if (v->det.picture) {
		preview_close(v);
	} else if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		if (pane_at(v, ev->x, ev->y, &at))
			pane_wheel(v, &at, ev);
	} else {
		v->panes.drag = v->panes.drawer == PANE_NONE && v->panes.layout.zoom == PANE_NONE ? layout_border(&v->panes.layout, r, ev->x, ev->y) : -1;
		if (pane_at(v, ev->x, ev->y, &at) && (v->panes.drag < 0 || ev->y == at.title.y))
			pane_press(v, &at, ev);
	}
}
