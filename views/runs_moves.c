/* Moving, marking, folding, copying: what the keys of a list do in the pane that has the focus. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/runs_commands.h"

/* ---- list.* ------------------------------------------------------------------------------------------- */

enum move { DOWN, UP, PAGE_DOWN, PAGE_UP, HALF_DOWN, HALF_UP, TOP, BOTTOM, LEFT, RIGHT };

/* Rows that a move means in a list of n rows with a page of `page`. */
static long rows_of(enum move m, int page, size_t n)
{
	long p = page > 1 ? page - 1 : 1, all = (long)n;
	const long by[] = { 1, -1, p, -p, (p + 1) / 2, -(p + 1) / 2, -all, all };
	return by[m];
}

static void move_table(struct runs_view *v, enum move m)
{
	struct table *w = &v->tab.w;
	if (m >= LEFT)
		table_col_move(w, m == LEFT ? -1 : 1);
	else if (m == PAGE_DOWN || m == PAGE_UP)
		table_page(w, m == PAGE_DOWN ? 2 : -2);
	else if (m == HALF_DOWN || m == HALF_UP)
		table_page(w, m == HALF_DOWN ? 1 : -1);
	else
		table_move(w, rows_of(m, w->page, w->n_rows));
	table_moved(v);
}

static void move_experiments(struct runs_view *v, enum move m)
{
	if (m == RIGHT)
		panes_show(v, PANE_TABLE);
	else if (m != LEFT)
		exps_move(v, rows_of(m, v->exps.page, exps_rows(v)));
}

static void move_detail(struct runs_view *v, enum move m)
{
	if (m >= LEFT)
		ui_run(v->ui, m == RIGHT ? "detail.next-section" : "detail.next-section back");
	else
		detail_move(v, rows_of(m, v->det.page, v->det.n));
}

static void move_chart(struct runs_view *v, enum move m)
{
	static const char *const lines[] = { "chart.metric-next", "chart.metric-prev", "chart.pan-right", "chart.pan-left", "chart.pan-right",
		"chart.pan-left", "chart.start", "chart.end", "chart.left", "chart.right" };
	ui_run(v->ui, lines[m]);
}

RUNS_CMD(list)
{
	static void (*const by_pane[RUNS_PANES])(struct runs_view *, enum move) = { move_experiments, move_table, move_detail, move_chart };
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	by_pane[v->panes.focus](v, (enum move)c->arg);
	return ST_OK;
}

RUNS_CMD(open)
{
	struct runs_view *v = c->view;
	if (v->panes.focus == PANE_DETAIL)
		return runs_cmd_detail_open(c, argc, argv, e);
	if (v->panes.focus == PANE_EXPERIMENTS)
		panes_show(v, PANE_TABLE);
	else if (v->panes.focus == PANE_CHART)
		return runs_cmd_pane_zoom(c, argc, argv, e);
	else if (table_cursor_run(v))
		panes_show(v, PANE_DETAIL);
	return ST_OK;
}

RUNS_CMD(back)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	if (!panes_back(v) && v->marks.n)
		return err_set(e, ST_OK, "%s", runs_words(v, "{runs.mark-clear} takes the marks away"));
	return ST_OK;
}

const char *runs_why_no_run(const struct cmd_ctx *c)
{
	return table_cursor_run(c->view) ? NULL : "there is no run under the cursor";
}

/* ---- marks --------------------------------------------------------------------------------------------------- */

RUNS_CMD(mark)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	if (v->panes.focus == PANE_EXPERIMENTS)
		return exps_mark(v, e);
	const struct run_row *r = table_cursor_run(v);
	int64_t id = r->id;
	marks_set(v, &id, 1, !marks_has(v, id));
	v->marks.anchor = id;
	if (v->tab.w.cursor + 1 < v->tab.w.n_rows)
		table_move(&v->tab.w, 1);
	table_moved(v);
	return ST_OK;
}

static int64_t *shown_ids(const struct runs_view *v, size_t from, size_t to, size_t *n)
{
	int64_t *ids = mem_array(to > from ? to - from : 1, sizeof *ids);
	*n = 0;
	for (size_t i = from; i < to; i++)
		if (!(table_run(v, i)->flags & RUN_CONTEXT))
			ids[(*n)++] = table_run(v, i)->id;
	return ids;
}

RUNS_CMD(mark_range)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	int64_t anchor = table_row_of(v, v->marks.anchor);
	size_t n, cursor = v->tab.w.cursor, a = anchor < 0 ? cursor : (size_t)anchor, from = a < cursor ? a : cursor, to = (a > cursor ? a : cursor) + 1;
	int64_t *ids = shown_ids(v, from, to, &n);
	marks_set(v, ids, n, true);
	v->marks.anchor = table_cursor_run(v)->id;
	free(ids);
	return err_set(e, ST_OK, "%zu marked", v->marks.n);
}

RUNS_CMD(mark_invert)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	size_t n, n_off = 0, n_on = 0;
	int64_t *ids = shown_ids(v, 0, v->tab.w.n_rows, &n), *off = mem_array(n ? n : 1, sizeof *off);
	for (size_t i = 0; i < n; i++)
		if (marks_has(v, ids[i]))
			off[n_off++] = ids[i];
		else
			ids[n_on++] = ids[i];
	marks_set(v, off, n_off, false);
	marks_set(v, ids, n_on, true);
	free(ids);
	free(off);
	return err_set(e, ST_OK, "%zu marked", v->marks.n);
}

/* Is it about the marked experiments? */
static bool means_experiments(const struct runs_view *v)
{
	return v->panes.focus == PANE_EXPERIMENTS && v->ask.several.n;
}

RUNS_CMD(mark_clear)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	if (means_experiments(v))
		exps_choose(v, exps_id(v, v->exps.cursor));
	else
		marks_clear(v);
	return ST_OK;
}

const char *runs_why_no_mark(const struct cmd_ctx *c)
{
	const struct runs_view *v = c->view;
	return v->panes.focus == PANE_EXPERIMENTS && exps_rows(v) ? NULL : runs_why_no_run(c);
}

const char *runs_why_no_marks(const struct cmd_ctx *c)
{
	const struct runs_view *v = c->view;
	return v->marks.n || means_experiments(v) ? NULL : runs_words(v, "no run is marked; {runs.mark} marks one");
}

/* ---- folds ------------------------------------------------------------------------------------------------------ */

static void folded(struct runs_view *v)
{
	int64_t id = v->tab.cursor_id;
	table_show_rows(v);
	table_goto(v, id);
	table_want_spark(v);
}

/* On a child the fold of its parent, so that a family closes from anywhere inside it. */
RUNS_CMD(fold)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	const struct run_row *r = table_cursor_run(v);
	if (!r->subtree) {
		int64_t at = runs_snap_find(v->tab.snap, r->id);
		r = runs_snap_row(v->tab.snap, v->tab.shape->parent[at]);
	}
	idset_put(&v->tab.folded, r->id, !idset_has(&v->tab.folded, r->id));
	folded(v);
	return ST_OK;
}

const char *runs_why_no_children(const struct cmd_ctx *c)
{
	const struct runs_view *v = c->view;
	const struct run_row *r = table_cursor_run(v);
	if (!r || !v->tab.shape->nested)
		return v->ask.tree ? "no run here has runs inside" : runs_words(v, "the table is flat; {runs.tree} shows the nesting");
	return r->subtree || r->depth ? NULL : "this run has no runs inside";
}

RUNS_CMD(fold_all)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	bool fold = !v->tab.folded.n;
	size_t n = runs_snap_count(v->tab.snap), parents = 0;
	int64_t *ids = mem_array(n ? n : 1, sizeof *ids);
	for (size_t i = 0; fold && i < n; i++)
		if (runs_snap_row(v->tab.snap, i)->subtree)
			ids[parents++] = runs_snap_row(v->tab.snap, i)->id;
	idset_fill(&v->tab.folded, ids, parents);
	free(ids);
	folded(v);
	return ST_OK;
}

/* ---- matches ------------------------------------------------------------------------------------------------------- */

/* Under a filter the tree also shows the parents of what matches: go from match to match. */
RUNS_CMD(match)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	if (v->panes.focus == PANE_DETAIL)
		return detail_search(v, (int)c->arg) ? ST_OK : err_set(e, ST_NOT_FOUND, v->det.find ? "\"%s\" is not in this run" : "nothing was searched for yet", v->det.find);
	size_t n = v->tab.w.n_rows, at = v->tab.w.cursor;
	for (size_t k = 0; k < n; k++) {
		at = (at + n + (size_t)c->arg) % n;
		if (!(table_run(v, at)->flags & RUN_CONTEXT))
			break;
	}
	table_to(&v->tab.w, at);
	table_moved(v);
	return ST_OK;
}

/* ---- copy ----------------------------------------------------------------------------------------------------------- */

static enum status copy(struct runs_view *v, const struct str *text, const char *what, struct err *e)
{
	term_copy(ui_term(v->ui), text->p, text->len);
	return err_set(e, ST_OK, "copied %s", what);
}

RUNS_CMD(copy)
{
	struct runs_view *v = c->view;
	struct str text = STR_INIT, what = STR_INIT;
	(void)argc, (void)argv;
	int col = table_column(v);
	char buf[FMT_MAX];
	if (v->panes.focus == PANE_DETAIL && v->det.cursor < v->det.n && *detail_value(&v->det, &v->det.rows[v->det.cursor], buf)) {
		str_add(&text, detail_value(&v->det, &v->det.rows[v->det.cursor], buf));
		str_addf(&what, "%.60s", v->det.rows[v->det.cursor].key ? v->det.rows[v->det.cursor].key : "the line");
	} else if (col >= 0) {
		table_cell_exact(v, v->tab.w.cursor, (size_t)col, &text);
		str_addf(&what, "%s %.80s", v->tab.columns.at[col].title, text.p);
	} else {
		str_add(&text, table_cursor_run(v)->uuid);
		str_addf(&what, "the run id %s", text.p);
	}
	enum status st = copy(v, &text, what.p, e);
	str_free(&text);
	str_free(&what);
	return st;
}

RUNS_CMD(copy_row)
{
	struct runs_view *v = c->view;
	struct str text = STR_INIT;
	(void)argc, (void)argv;
	for (size_t i = 0; i < v->tab.columns.n; i++) {
		if (i)
			str_addc(&text, '\t');
		table_cell_exact(v, v->tab.w.cursor, i, &text);
	}
	enum status st = copy(v, &text, "the row, a tab between columns", e);
	str_free(&text);
	return st;
}
