/* Commands on columns: show, add, move, size, pin, hide. What the user changes is kept per experiment. */
#include "views/runs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/runs_commands.h"

void columns_changed(struct runs_view *v)
{
	struct str text = STR_INIT;
	char key[64];
	v->tab.automatic = false;
	columns_save(&v->tab.columns, &text);
	runs_setting_key(v, "columns", key, sizeof key);
	ui_set_setting(v->ui, key, text.p);
	str_free(&text);
	table_place_columns(v);
	table_want_spark(v);
	for (size_t i = 0; i < v->tab.columns.n; i++)
		if (v->tab.cell_of[i] < 0) {
			runs_load(v, 0);
			return;
		}
}

static const char *const plain_columns[] = { "name", "state", "age", "took", "user", "source", "experiment", "id", "start", "end" };
enum { PLAIN = sizeof plain_columns / sizeof *plain_columns };

/* In what order keys are offered: metrics, params, lines of metrics, tags, tags that the tracker itself sets. */
static const struct { enum col_kind of, as; bool own; } groups[] = {
	{ COL_METRIC, COL_METRIC, false }, { COL_PARAM, COL_PARAM, false }, { COL_METRIC, COL_SPARK, false }, { COL_TAG, COL_TAG, false }, { COL_TAG, COL_TAG, true } };

/* Every column that these runs could have, by spec: attributes, then keys. */
static void each_spec(const struct runs_view *v, void (*fn)(void *arg, const char *spec, int64_t runs), void *arg)
{
	for (size_t i = 0; i < PLAIN; i++)
		fn(arg, plain_columns[i], -1);
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (size_t i = 0; v->keys && i < v->keys->n; i++) {
			const struct run_key *k = &v->keys->at[i];
			if (k->kind != groups[g].of || (k->kind == COL_TAG && groups[g].own == (strncmp(k->key, "mlflow.", 7) != 0)))
				continue;
			struct str spec = STR_INIT;
			col_format(&spec, &(struct col){ groups[g].as, k->key });
			fn(arg, spec.p, k->runs);
			str_free(&spec);
		}
}

/* ---- the menu ------------------------------------------------------------------------------------------ */

struct menu_fill { struct runs_view *v; struct ui_item *items; char (*counts)[FMT_MAX + 8]; char **labels; size_t n, cap; };

static void add_item(void *arg, const char *spec, int64_t runs)
{
	struct menu_fill *m = arg;
	char a[FMT_MAX];
	struct str clean = STR_INIT;
	if (m->n == m->cap)
		return;
	text_clean(&clean, spec, strlen(spec), 0);
	m->labels[m->n] = str_take(&clean);
	m->v->menu[m->n] = mem_strdup(spec);
	snprintf(m->counts[m->n], sizeof *m->counts, "%s%s", runs < 0 ? "" : fmt_count(a, runs), runs < 0 ? "" : runs == 1 ? " run" : " runs");
	m->items[m->n] = (struct ui_item){ .label = m->labels[m->n], .detail = m->counts[m->n], .checked = columns_find(&m->v->tab.columns, spec) >= 0 };
	m->n++;
}

/* The column cursor goes to what was added, so that it is in sight. */
static bool add_column(struct runs_view *v, const char *spec, struct err *e)
{
	if (!columns_add(&v->tab.columns, spec, e))
		return false;
	v->tab.w.col_cursor = (int)v->tab.columns.n - 1;
	return true;
}

static void column_picked(void *view, size_t i, bool on)
{
	struct runs_view *v = view;
	struct err e = { 0 };
	int64_t at = i < v->n_menu ? columns_find(&v->tab.columns, v->menu[i]) : -1;
	if (i >= v->n_menu)
		return;
	if (on && at < 0 && !add_column(v, v->menu[i], &e))
		ui_message(v->ui, e.code, "%s", e.text);
	else if (!on && at >= 0 && v->tab.columns.n > 1)
		columns_remove(&v->tab.columns, (size_t)at);
	columns_changed(v);
}

RUNS_CMD(columns)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	size_t cap = PLAIN + 2 * (v->keys ? v->keys->n : 0);
	struct menu_fill m = { v, mem_array(cap, sizeof *m.items), mem_array(cap, sizeof *m.counts), mem_array(cap, sizeof *m.labels), 0, cap };
	runs_menu_take(v, cap);
	each_spec(v, add_item, &m);
	v->n_menu = m.n;
	ui_menu(v->ui, v, "Columns", m.items, m.n, true, column_picked);
	for (size_t i = 0; i < m.n; i++)
		free(m.labels[i]);
	free(m.items);
	free(m.counts);
	free(m.labels);
	return ST_OK;
}

/* ---- by name ---------------------------------------------------------------------------------------------- */

struct completion { const char *word; struct str *out; };

static void offer(void *arg, const char *spec, int64_t runs)
{
	struct completion *f = arg;
	(void)runs;
	if (*f->word && !text_fuzzy(spec, f->word))
		return;
	text_clean(f->out, spec, strlen(spec), 0);
	str_addc(f->out, '\n');
}

void runs_complete_column(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)index;
	each_spec(c->view, offer, &(struct completion){ word, out });
}

void runs_complete_order(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	(void)index;
	str_add(out, *word ? "" : "none\n");
	each_spec(c->view, offer, &(struct completion){ word, out });
}

/* A column that is there but gave way for want of room comes into sight with the column cursor on it. */
static enum status show_column(struct runs_view *v, size_t at, struct err *e)
{
	if (!v->tab.cols[at].hidden && v->tab.cols[at].at_w)
		return err_set(e, ST_REFUSED, "%.60s is a column already", v->tab.columns.at[at].title);
	v->tab.w.col_cursor = (int)at;
	return err_set(e, ST_OK, "%.60s had no room: %s", v->tab.columns.at[at].title, runs_words(v, "{runs.column-left} moves it left, {pane.zoom} widens the table"));
}

RUNS_CMD(column_add)
{
	struct runs_view *v = c->view;
	(void)argc;
	struct str spec = STR_INIT;
	struct col col;
	char *key;
	enum status st = columns_resolve(v, argv[1], &col, &key, e);
	if (st == ST_OK) {
		col_format(&spec, &col);
		int64_t at = columns_find(&v->tab.columns, spec.p);
		if (at >= 0) {
			st = show_column(v, (size_t)at, e);
		} else {
			add_column(v, spec.p, NULL);
			columns_changed(v);
		}
	}
	str_free(&spec);
	free(key);
	return st;
}

/* ---- the column under the column cursor ------------------------------------------------------------------------- */

const char *runs_why_no_column(const struct cmd_ctx *c)
{
	return table_column(c->view) >= 0 ? NULL : runs_words(c->view, "no column is chosen; {list.right} goes to one");
}

RUNS_CMD(column_move)
{
	struct runs_view *v = c->view;
	struct runs_columns *cols = &v->tab.columns;
	(void)argc, (void)argv;
	int at = table_column(v), to = at + (int)c->arg;
	if (to < 0 || to >= (int)cols->n)
		return err_set(e, ST_REFUSED, c->arg < 0 ? "this is the first column" : "this is the last column");
	struct runs_column moved = cols->at[at];
	cols->at[at] = cols->at[to];
	cols->at[to] = moved;
	v->tab.w.col_cursor = to;
	columns_changed(v);
	return ST_OK;
}

RUNS_CMD(column_width)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	int at = table_column(v);
	struct runs_column *col = &v->tab.columns.at[at];
	int shown = v->tab.cols[at].at_w ? v->tab.cols[at].at_w : 10, w = (col->width ? col->width : shown) + (int)c->arg;
	if (w < 3 || w > 200)
		return err_set(e, ST_REFUSED, "a column is 3 to 200 wide");
	col->width = w;
	columns_changed(v);
	return ST_OK;
}

RUNS_CMD(column_pin)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	struct runs_column *col = &v->tab.columns.at[table_column(v)];
	col->pinned = !col->pinned;
	columns_changed(v);
	return err_set(e, ST_OK, col->pinned ? "%s stays in sight" : "%s scrolls with the others", col->title);
}

RUNS_CMD(column_hide)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	int at = table_column(v);
	if (v->tab.columns.n == 1)
		return err_set(e, ST_REFUSED, "this is the only column");
	err_set(e, ST_OK, "%.80s is hidden; %s", v->tab.columns.at[at].title, runs_words(v, "{runs.columns} brings it back"));
	columns_remove(&v->tab.columns, (size_t)at);
	columns_changed(v);
	return ST_OK;
}
