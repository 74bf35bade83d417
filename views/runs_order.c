/* Order and filter of the run table, as commands.
 *
 * Filter   every change of the typed line asks anew and supersedes the question before; the old rows stay until the answer
 *          is there. Escape goes back to the filter from before the prompt. Opening the prompt has the texts that words are
 *          looked for in read ahead: with many runs that takes longer than the first letter may.
 * Sort     one column at a time by key or click (first the way that puts the best on top for what the name says,
 *          then the other, then none), several by naming them. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/filter.h"
#include "views/runs_commands.h"

/* ---- filter ---------------------------------------------------------------------------------------- */

static void set_filter(struct runs_view *v, const char *text)
{
	if (!strcmp(text, v->ask.filter))
		return;
	free(v->ask.filter);
	v->ask.filter = mem_strdup(text);
	runs_load(v, 0);
}

struct words_trip { struct runs_snap *snap; };

static enum status words_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	(void)task;
	return runs_snap_words(s, ((struct words_trip *)arg)->snap, e);
}

static void words_drop(void *arg)
{
	struct words_trip *t = arg;
	runs_snap_unref(t->snap);
	free(t);
}

static void words_apply(void *view, void *arg, enum status st, const struct err *e)
{
	(void)view, (void)st, (void)e;               /* an error comes again, and is told, when a filter needs them */
	words_drop(arg);
}

void filter_read_ahead(struct runs_view *v)
{
	if (!v->filter_before || !v->tab.snap || runs_snap_partial(v->tab.snap))
		return;
	struct words_trip *t = mem_zalloc(sizeof *t);
	t->snap = runs_snap_ref(v->tab.snap);
	ui_task(v->ui, v, &(struct ui_task){ .title = "texts to search", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_WORDS,
		.work = words_work, .apply = words_apply, .drop = words_drop, .arg = t });
}

static void filter_typed(void *view, const char *text)
{
	set_filter(view, text);
}

/* What of the filter makes no sense: of these runs, when they are here, else of any. While it is typed the pane's rule says so. */
void filter_say_odd(struct runs_view *v)
{
	struct err e = { 0 };
	if (v->filter_before)
		return;
	if (v->tab.snap && !v->loading) {
		if (runs_snap_filter_odd(v->tab.snap))
			ui_message(v->ui, ST_USAGE, "%s", runs_snap_filter_note(v->tab.snap));
		return;
	}
	struct filter *f = filter_parse(v->ask.filter, &e);
	if (e.code != ST_OK)
		ui_message(v->ui, ST_USAGE, "%s", e.text);
	filter_free(f);
}

static void filter_done(void *view, const char *text)
{
	struct runs_view *v = view;
	if (!text && strcmp(v->filter_before, v->ask.filter) != 0)
		v->tab.recall_id = v->run_before;
	set_filter(v, text ? text : v->filter_before);
	free(v->filter_before);
	v->filter_before = NULL;
	filter_say_odd(v);
}

/* Candidates for the word being typed: attributes, then the keys of these runs. */
static void complete_filter(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	static const char *const plain[] = { "name", "state", "user", "source", "experiment", "age", "took" };
	const struct runs_view *v = c->view;
	size_t n = strlen(word);
	(void)index;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!strncmp(plain[i], word, n))
			str_addf(out, "%s\n", plain[i]);
	for (size_t i = 0; n && v->keys && i < v->keys->n; i++) {
		struct str spec = STR_INIT;
		col_format(&spec, &(struct col){ v->keys->at[i].kind, v->keys->at[i].key });
		bool whole = !strncmp(spec.p, word, n);
		if ((whole || !strncmp(v->keys->at[i].key, word, n)) && !strchr(spec.p, ' ')) {
			text_clean(out, whole ? spec.p : v->keys->at[i].key, strlen(whole ? spec.p : v->keys->at[i].key), 0);
			str_addc(out, '\n');
		}
		str_free(&spec);
	}
}

RUNS_CMD(filter)
{
	struct runs_view *v = c->view;
	(void)e;
	if (argc > 1) {
		struct str text = STR_INIT;
		cmd_rest(&text, argc, argv);
		set_filter(v, text.p);
		str_free(&text);
		filter_say_odd(v);
		return ST_OK;
	}
	free(v->filter_before);
	v->filter_before = mem_strdup(v->ask.filter);
	v->run_before = v->tab.cursor_id;
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "filter: ", .initial = v->ask.filter, .history = "runs.filter",
		.change = filter_typed, .done = filter_done, .complete = complete_filter });
	filter_read_ahead(v);
	return ST_OK;
}

RUNS_CMD(filter_clear)
{
	(void)argc, (void)argv, (void)e;
	set_filter(c->view, "");
	return ST_OK;
}

const char *runs_why_no_filter(const struct cmd_ctx *c)
{
	return *((const struct runs_view *)c->view)->ask.filter ? NULL : "no filter is set";
}

/* ---- sort ------------------------------------------------------------------------------------------------- */

static int order_of(const struct runs_ask *a, const char *spec)
{
	for (size_t i = 0; i < a->n_order; i++)
		if (!strcmp(a->order[i].spec, spec))
			return (int)i;
	return -1;
}

static void drop_order(struct runs_ask *a, size_t i)
{
	free(a->order[i].spec);
	memmove(&a->order[i], &a->order[i + 1], (a->n_order - i - 1) * sizeof *a->order);
	a->n_order--;
}

static void clear_order(struct runs_ask *a)
{
	while (a->n_order)
		drop_order(a, a->n_order - 1);
}

/* The way that puts the best, newest or longest first. */
static bool first_way_is_down(const struct col *c)
{
	switch (c->kind) {
	case COL_METRIC: case COL_METRIC_MIN: case COL_METRIC_MAX: case COL_SPARK: return !metric_is_loss(c->key);
	case COL_START: case COL_END: case COL_TOOK: return true;
	default: return false;
	}
}

static void sorted(struct runs_view *v)
{
	table_place_columns(v);
	runs_load(v, 0);
}

static void toggle_sort(struct runs_view *v, const struct runs_column *col, bool add)
{
	struct runs_ask *a = &v->ask;
	const char *spec = col->spec;
	struct str metric = STR_INIT;
	if (col->col.kind == COL_SPARK) {            /* a line sorts as the metric it draws */
		col_format(&metric, &(struct col){ COL_METRIC, col->key });
		spec = metric.p;
	}
	int at = order_of(a, spec);
	bool down = first_way_is_down(&col->col), was_first_way = at >= 0 && a->order[at].desc == down;
	if (!add && (at < 0 || a->n_order > 1)) {
		clear_order(a);
		at = -1;
	}
	if (at >= 0 && !was_first_way)
		drop_order(a, (size_t)at);
	else if (at >= 0)
		a->order[at].desc = !down;
	else if (a->n_order < RUNS_SORTS)
		a->order[a->n_order++] = (struct runs_order){ mem_strdup(spec), down };
	str_free(&metric);
	sorted(v);
}

void table_head_click(struct runs_view *v, size_t col, bool add)
{
	toggle_sort(v, &v->tab.columns.at[col], add);
}

static void sort_picked(void *view, size_t i, bool on)
{
	struct runs_view *v = view;
	(void)on;
	int64_t at = i < v->n_menu ? columns_find(&v->tab.columns, v->menu[i]) : -1;
	if (at >= 0)
		toggle_sort(v, &v->tab.columns.at[at], false);
}

static enum status sort_menu(struct runs_view *v)
{
	size_t n = v->tab.columns.n;
	struct ui_item *items = mem_array(n ? n : 1, sizeof *items);
	runs_menu_take(v, n);
	for (size_t i = 0; i < n; i++) {
		int at = order_of(&v->ask, v->tab.columns.at[i].spec);
		v->menu[i] = mem_strdup(v->tab.columns.at[i].spec);
		items[i] = (struct ui_item){ .label = v->tab.columns.at[i].title, .detail = at < 0 ? "" : v->ask.order[at].desc ? "falling" : "rising",
			.checked = at >= 0 };
	}
	ui_menu(v->ui, v, "Sort by", items, n, false, sort_picked);
	free(items);
	return ST_OK;
}

RUNS_CMD(sort_column)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	int col = table_column(v);
	if (col < 0)
		return sort_menu(v);
	toggle_sort(v, &v->tab.columns.at[col], false);
	return ST_OK;
}

/* "COLUMN[:asc|:desc]": metrics.loss:min:desc has both. */
static enum status parse_order(struct runs_view *v, const char *word, struct runs_order *out, struct err *e)
{
	const char *colon = strrchr(word, ':');
	bool given = colon && (!strcmp(colon, ":desc") || !strcmp(colon, ":asc"));
	char *spec = mem_strndup(word, given ? (size_t)(colon - word) : strlen(word)), *key = NULL;
	struct col col;
	enum status st = columns_resolve(v, spec, &col, &key, e);
	if (st == ST_OK) {
		struct str text = STR_INIT;
		col_format(&text, &col);
		*out = (struct runs_order){ str_take(&text), given ? !strcmp(colon, ":desc") : first_way_is_down(&col) };
	}
	free(spec);
	free(key);
	return st;
}

RUNS_CMD(sort)
{
	struct runs_view *v = c->view;
	struct runs_order fresh[RUNS_SORTS];
	size_t n = 0;
	enum status st = ST_OK;
	if (argc == 1)
		return sort_menu(v);
	if (argc - 1 > RUNS_SORTS)
		return err_set(e, ST_USAGE, "at most %d columns to sort by", RUNS_SORTS);
	bool none = argc == 2 && !strcmp(argv[1], "none");
	for (int i = 1; !none && st == ST_OK && i < argc; i++)
		if ((st = parse_order(v, argv[i], &fresh[n], e)) == ST_OK)
			n++;
	if (st != ST_OK) {
		while (n)
			free(fresh[--n].spec);
		return st;
	}
	clear_order(&v->ask);
	memcpy(v->ask.order, fresh, n * sizeof *fresh);
	v->ask.n_order = n;
	sorted(v);
	return ST_OK;
}

/* ---- which rows ----------------------------------------------------------------------------------------------- */

RUNS_CMD(tree)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	v->ask.tree = !v->ask.tree;
	ui_set_setting(v->ui, "runs.flat", v->ask.tree ? NULL : "1");
	runs_load(v, 0);
	return err_set(e, ST_OK, v->ask.tree ? "nested runs under their parents" : "nested runs in one list with the others");
}

RUNS_CMD(deleted)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv;
	v->ask.deleted = !v->ask.deleted;
	runs_load(v, LOAD_EXPERIMENTS);
	return err_set(e, ST_OK, v->ask.deleted ? "deleted runs and experiments are shown, struck through" : "deleted runs and experiments are hidden");
}

RUNS_CMD(refresh)
{
	struct runs_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	chart_stale(v);
	detail_want(v, true);
	runs_load(v, LOAD_EXPERIMENTS);
	return ST_OK;
}

RUNS_CMD(experiment)
{
	struct runs_view *v = c->view;
	(void)argc;
	if (!strcmp(argv[1], "all")) {
		exps_choose(v, 0);
		return ST_OK;
	}
	for (size_t i = 0; v->exps.list && i < v->exps.list->n; i++) {
		const struct experiment *x = &v->exps.list->at[i];
		if (strcmp(x->name, argv[1]))
			continue;
		if (x->deleted && !v->ask.deleted)
			v->ask.deleted = true;
		exps_choose(v, x->id);
		return ST_OK;
	}
	return err_set(e, ST_NOT_FOUND, "there is no experiment \"%s\" here", argv[1]);
}

void runs_complete_experiment(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	const struct runs_view *v = c->view;
	(void)index;
	if (text_fuzzy("all", word) || !*word)
		str_add(out, "all\n");
	for (size_t i = 0; v->exps.list && i < v->exps.list->n; i++)
		if (!*word || text_fuzzy(v->exps.list->at[i].name, word)) {
			text_clean(out, v->exps.list->at[i].name, strlen(v->exps.list->at[i].name), 0);
			str_addc(out, '\n');
		}
}
