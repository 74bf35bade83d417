/* The run table: rows of the snapshot through folds to the widget; the cursor; which columns have room.
 *
 * Rows     shown row -> snapshot row by `rows` (only when something is folded); snapshot row -> tree lines by the shape.
 * Cursor   kept by run id. After a new snapshot it is put back on its run and the view scrolls with it, so that
 *          a run that arrives above moves nothing; only a table that stands at its top stays at the top.
 * Cells    runs_cells.c. */
#include "views/runs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { NAME_MIN = 12, NAME_MAX = 34, PARAM_TITLE = 10, BRIEF = 60 };

/* ---- columns for the widget ------------------------------------------------------------------------- */

struct column_look { int min, max, align; uint8_t weight; };
static const struct column_look looks[COL_KINDS] = {
	[COL_NAME] = { NAME_MIN, NAME_MAX, -1, 255 }, [COL_STATE] = { 1, 11, -1, 250 }, [COL_AGE] = { 3, 5, 1, 235 }, [COL_TOOK] = { 4, 9, 1, 130 },
	[COL_USER] = { 4, 16, -1, 100 }, [COL_SOURCE] = { 6, 24, -1, 100 }, [COL_EXPERIMENT] = { 6, 20, -1, 200 }, [COL_ID] = { 8, 32, -1, 90 },
	[COL_START] = { 19, 19, -1, 110 }, [COL_END] = { 19, 19, -1, 110 }, [COL_METRIC] = { 5, 14, 1, 220 }, [COL_METRIC_MIN] = { 5, 14, 1, 219 },
	[COL_METRIC_MAX] = { 5, 14, 1, 219 }, [COL_PARAM] = { 3, 18, -1, 180 }, [COL_TAG] = { 4, 20, -1, 140 }, [COL_SPARK] = { 10, RUNS_SPARK_CELLS, -1, 60 },
};

static int sort_of(const struct runs_view *v, const char *spec, uint8_t *rank)
{
	for (size_t i = 0; i < v->ask.n_order; i++)
		if (!strcmp(v->ask.order[i].spec, spec)) {
			*rank = v->ask.n_order > 1 ? (uint8_t)(i + 1) : 0;
			return v->ask.order[i].desc ? -1 : 1;
		}
	return 0;
}

static uint64_t spec_hash(const char *spec)
{
	uint64_t h = 14695981039346656037u;          /* FNV-1a */
	for (; *spec; spec++)
		h = (h ^ (unsigned char)*spec) * 1099511628211u;
	return h;
}

/* A column that was there keeps the width it was fitted to, wherever it stands now. */
static void keep_fit(const struct runs_table *t, struct table_col *w, uint64_t hash)
{
	for (size_t i = 0; i < t->w.n_cols; i++)
		if (t->placed[i] == hash) {
			w->fit = t->w.cols[i].fit;
			w->fit_int = t->w.cols[i].fit_int;
			w->fit_frac = t->w.cols[i].fit_frac;
		}
}

static struct table_col place_column(const struct runs_view *v, const struct runs_column *c, int cell, uint8_t rank)
{
	const struct column_look *look = &looks[c->col.kind];
	struct table_col w = { .title = c->title, .min = look->min, .max = look->max, .width = c->width, .align = look->align,
		.pinned = c->pinned, .firm = c->col.kind == COL_STATE, .spark = c->col.kind == COL_SPARK };
	w.weight = look->weight == 255 ? 255 : (uint8_t)(look->weight - (rank < 40 ? rank : 40));
	w.sort = (int8_t)sort_of(v, c->spec, &w.sort_rank);
	if (c->col.kind == COL_PARAM && cell >= 0 && v->tab.snap && runs_snap_col_numeric(v->tab.snap, (size_t)cell))
		w.align = 1;
	return w;
}

void table_place_columns(struct runs_view *v)
{
	struct runs_table *t = &v->tab;
	size_t n = t->columns.n;
	uint8_t taken[COL_KINDS] = { 0 };            /* of a kind, the first is dearest */
	struct table_col *cols = mem_array(n + 1, sizeof *cols);
	uint64_t *placed = mem_array(n + 1, sizeof *placed);
	MEM_GROW(t->cell_of, t->cap_cell_of, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct runs_column *c = &t->columns.at[i];
		t->cell_of[i] = (int)columns_find(&t->answered, c->spec);
		cols[i] = place_column(v, c, t->cell_of[i], taken[c->col.kind]);
		taken[c->col.kind] += taken[c->col.kind] < UINT8_MAX;
		placed[i] = spec_hash(c->spec);
		keep_fit(t, &cols[i], placed[i]);
	}
	free(t->cols);
	free(t->placed);
	t->w.cols = t->cols = cols;
	t->w.n_cols = n;
	t->placed = placed;
	if (t->w.col_cursor >= (int)n)
		t->w.col_cursor = (int)n - 1;
}

/* On a small screen the state is its sign, and names give way. */
bool table_is_brief(int width)
{
	return width > 0 && width < BRIEF;
}

/* What a column takes with the gap before it: its title, its cells as far as they were seen, or what its kind needs. */
static int cells_wanted(const struct table_col *c, enum col_kind kind, bool brief)
{
	static const int least[COL_KINDS] = { [COL_NAME] = 18, [COL_STATE] = 11, [COL_SPARK] = 12, [COL_METRIC] = 9, [COL_TOOK] = 8 };
	if (brief && (kind == COL_NAME || kind == COL_STATE))
		return kind == COL_NAME ? 14 : 3;
	if (kind == COL_SPARK)
		return least[kind];
	int title = text_width(c->title, strlen(c->title)), need = (title > c->fit ? title : c->fit) + 2;
	int most = (kind == COL_PARAM && c->align > 0 ? PARAM_TITLE : c->max) + 2;
	need = need > most ? most : need;
	return need > least[kind] ? need : least[kind];
}

/* While the columns are our choice, as many are shown as leave room for the line of the loss, the dearest first: a
 * picture of each run tells more than a fifth number. Who walks sideways sees all. */
static void fit_automatic(struct runs_view *v, int width)
{
	static const int order[] = { COL_NAME, COL_STATE, COL_EXPERIMENT, COL_AGE, COL_METRIC, COL_TOOK, COL_PARAM, COL_METRIC, COL_SPARK, COL_PARAM, COL_METRIC, COL_PARAM };
	enum { ROUNDS = 10, FIXED = sizeof order / sizeof *order };
	struct runs_table *t = &v->tab;
	size_t seen[COL_KINDS] = { 0 };
	int left = width - 6;
	bool all = !t->automatic || t->w.col_cursor >= 0 || t->w.left > 0;
	for (size_t i = 0; i < t->w.n_cols; i++) {
		t->cols[i].hidden = !all;
		if (t->columns.at[i].col.kind == COL_PARAM && !t->columns.at[i].width)
			t->cols[i].max = all || t->cols[i].align < 0 ? looks[COL_PARAM].max : PARAM_TITLE;
		if (t->columns.at[i].col.kind == COL_STATE) {
			t->cols[i].title = table_is_brief(width) ? "" : t->columns.at[i].title;
			t->cols[i].max = table_is_brief(width) ? 1 : looks[COL_STATE].max;
		}
	}
	for (int k = 0; !all && k < FIXED + ROUNDS; k++) {
		int kind = k < FIXED ? order[k] : k % 2 ? COL_METRIC : COL_PARAM;
		size_t i = seen[kind];
		while (i < t->w.n_cols && (int)t->columns.at[i].col.kind != kind)
			i++;
		if (i == t->w.n_cols)
			continue;
		seen[kind] = i + 1;
		int need = cells_wanted(&t->cols[i], (enum col_kind)kind, table_is_brief(width));
		t->cols[i].hidden = need > left && kind != COL_NAME;
		left -= t->cols[i].hidden ? 0 : need;
	}
}

int table_column(const struct runs_view *v)
{
	return v->tab.w.col_cursor < (int)v->tab.columns.n ? v->tab.w.col_cursor : -1;
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

size_t table_snap_row(const struct runs_table *t, size_t shown)
{
	return t->rows ? t->rows[shown] : shown;
}

const struct run_row *table_run(const struct runs_view *v, size_t shown)
{
	return v->tab.snap && shown < v->tab.w.n_rows ? runs_snap_row(v->tab.snap, table_snap_row(&v->tab, shown)) : NULL;
}

const struct run_row *table_cursor_run(const struct runs_view *v)
{
	return table_run(v, v->tab.w.cursor);
}

int64_t table_row_of(const struct runs_view *v, int64_t run_id)
{
	const struct runs_table *t = &v->tab;
	int64_t at = t->snap && run_id ? runs_snap_find(t->snap, run_id) : -1;
	if (at < 0 || !t->rows)
		return at;
	size_t lo = 0, hi = t->n_rows;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (t->rows[mid] < (uint32_t)at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n_rows && t->rows[lo] == (uint32_t)at ? (int64_t)lo : -1;
}

/* A folded run hides its subtree; the snapshot stays as it is. */
void table_show_rows(struct runs_view *v)
{
	struct runs_table *t = &v->tab;
	size_t n = t->snap ? runs_snap_count(t->snap) : 0;
	free(t->rows);
	t->rows = NULL;
	t->n_rows = n;
	if (t->folded.n && t->shape && t->shape->nested) {
		t->rows = mem_array(n ? n : 1, sizeof *t->rows);
		t->n_rows = 0;
		for (size_t i = 0; i < n; i++) {
			const struct run_row *r = runs_snap_row(t->snap, i);
			t->rows[t->n_rows++] = (uint32_t)i;
			if (r->subtree && idset_has(&t->folded, r->id))
				i += r->subtree;
		}
	}
	t->w.n_rows = t->n_rows;
}

/* What a filter finds must be in sight: its rows start unfolded, and the folds from before come back when it is cleared.
 * True when the filter is another one than before. */
static bool folds_follow_filter(struct runs_view *v)
{
	struct runs_table *t = &v->tab;
	const char *filter = v->ask.filter;
	if (!strcmp(t->folds_of ? t->folds_of : "", filter))
		return false;
	struct idset kept = t->folds_of ? t->folded_before : t->folded;
	if (t->folds_of)
		idset_free(&t->folded);
	t->folded = *filter ? (struct idset){ 0 } : kept;
	t->folded_before = *filter ? kept : (struct idset){ 0 };
	free(t->folds_of);
	t->folds_of = *filter ? mem_strdup(filter) : NULL;
	return true;
}

/* The run that the cursor's run hides under, when a fold has swallowed it. */
static int64_t shown_ancestor(const struct runs_view *v, int64_t run_id)
{
	const struct runs_table *t = &v->tab;
	int64_t at = t->snap && run_id ? runs_snap_find(t->snap, run_id) : -1;
	while (at >= 0) {
		int64_t shown = table_row_of(v, runs_snap_row(t->snap, (size_t)at)->id);
		if (shown >= 0)
			return shown;
		at = t->shape->parent[at] == UINT32_MAX ? -1 : (int64_t)t->shape->parent[at];
	}
	return -1;
}

/* The first row that the filter found: those above it are parents, there only to show where it belongs. */
static int64_t first_match(const struct runs_view *v)
{
	size_t i = 0;
	while (i < v->tab.w.n_rows && table_run(v, i)->flags & RUN_CONTEXT)
		i++;
	return i < v->tab.w.n_rows ? (int64_t)i : -1;
}

static bool is_match(const struct runs_view *v, int64_t row)
{
	return row >= 0 && !(table_run(v, (size_t)row)->flags & RUN_CONTEXT);
}

static void put_cursor_back(struct runs_view *v, bool new_filter)
{
	struct table *w = &v->tab.w;
	size_t from = w->cursor, screen = from >= w->top ? from - w->top : 0;
	bool at_top = w->top == 0;
	int64_t to = shown_ancestor(v, v->tab.recall_id ? v->tab.recall_id : v->tab.cursor_id);
	if (to >= 0 || !runs_snap_partial(v->tab.snap))
		v->tab.recall_id = 0;
	if (new_filter && *v->ask.filter && !is_match(v, to))
		to = first_match(v);
	if (to < 0)
		to = (int64_t)(from < w->n_rows ? from : w->n_rows ? w->n_rows - 1 : 0);
	table_to(w, (size_t)to);
	if (!(at_top && w->page > 0 && (size_t)to < (size_t)w->page))
		w->top = (size_t)to > screen ? (size_t)to - screen : 0;
	const struct run_row *r = table_cursor_run(v);
	v->tab.cursor_id = r ? r->id : 0;
}

void table_install(struct runs_view *v, struct runs_snap *snap, struct runs_shape *shape)
{
	struct runs_table *t = &v->tab;
	int64_t before = t->cursor_id;
	runs_snap_unref(t->snap);
	runs_shape_free(t->shape);
	t->snap = snap;
	t->shape = shape;
	bool new_filter = folds_follow_filter(v);
	table_show_rows(v);
	table_place_columns(v);
	put_cursor_back(v, new_filter);
	if (new_filter)
		filter_say_odd(v);
	t->spark_version++;
	table_want_spark(v);
	if (!t->cursor_id)
		v->chart_run = 0;            /* no row: what was drawn of another experiment's run goes */
	if (t->cursor_id != before || !v->det.run)
		runs_follow(v);
	chart_want(v);
}

void table_moved(struct runs_view *v)
{
	const struct run_row *r = table_cursor_run(v);
	int64_t id = r ? r->id : 0;
	if (id != v->tab.cursor_id) {
		v->tab.cursor_id = id;
		runs_follow(v);
	}
	table_want_spark(v);
}

void table_goto(struct runs_view *v, int64_t run_id)
{
	int64_t at = shown_ancestor(v, run_id);
	if (at >= 0) {
		table_to(&v->tab.w, (size_t)at);
		table_moved(v);
	}
}

/* ---- the pane ------------------------------------------------------------------------------------------------------ */

static void title_order(const struct runs_view *v, struct str *out)
{
	for (size_t i = 0; i < v->ask.n_order; i++) {
		int64_t at = columns_find(&v->tab.columns, v->ask.order[i].spec);
		str_addf(out, "%s%s %s", i ? ", " : " · by ", at >= 0 ? v->tab.columns.at[at].title : v->ask.order[i].spec,
			v->ask.order[i].desc ? "↓" : "↑");
	}
}

void table_title(const struct runs_view *v, struct str *out)
{
	const struct runs_snap *sn = v->tab.snap;
	const struct experiment *x = exps_find(v, v->ask.several.n ? v->ask.several.at[0] : v->ask.experiment);
	char a[FMT_MAX], b[FMT_MAX];
	if (v->ask.several.n > 1)
		str_addf(out, "Runs of %s experiments", fmt_count(a, (int64_t)v->ask.several.n));
	else
		str_addf(out, "Runs of %s", x ? x->name : "all experiments");
	if (!sn)
		return;
	size_t matched = runs_snap_matched(sn), total = runs_snap_total(sn);
	if (*v->ask.filter)
		str_addf(out, " · %s of %s · ", fmt_count(a, (int64_t)matched), fmt_count(b, (int64_t)total));
	else
		str_addf(out, " · %s", fmt_count(a, (int64_t)total));
	text_clean(out, v->ask.filter, strlen(v->ask.filter), 0);
	if (v->marks.n)
		str_addf(out, " · %s marked", fmt_count(a, (int64_t)v->marks.n));
	title_order(v, out);
	if (v->tab.folded.n && v->tab.rows)
		str_add(out, " · folded");
	if (!v->ask.tree && v->tab.shape && v->tab.shape->nested)
		str_add(out, " · flat");
	if (v->ask.deleted)
		str_add(out, " · with deleted");
}

void table_pane_paint(struct runs_view *v, struct paint *p)
{
	struct runs_table *t = &v->tab;
	t->ascii = p->ascii;
	MEM_GROW(t->prefix, t->cap_prefix, (size_t)p->r.h + 1);
	t->now_ms = clock_wall_ms();
	fit_automatic(v, p->r.w);
	t->w.data = v;
	t->w.row = table_row_fn;
	t->w.cell = table_cell_fn;
	if (t->w.n_rows)
		table_paint(&t->w, p);
	else
		empty_paint(v, p);
}

void table_free(struct runs_view *v)
{
	struct runs_table *t = &v->tab;
	runs_snap_unref(t->snap);
	runs_shape_free(t->shape);
	free(t->cols);
	free(t->placed);
	free(t->cell_of);
	free(t->rows);
	free(t->spark);
	free(t->spark_key);
	free(t->prefix);
	free(t->folds_of);
	idset_free(&t->folded);
	idset_free(&t->folded_before);
}
