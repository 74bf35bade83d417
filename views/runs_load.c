/* Questions to the store and what comes back: experiments, keys, columns, the snapshot of rows.
 *
 * One trip carries everything the table needs, so that a frame never mixes two states. The first trip for an experiment
 * asks for one screen of rows only (LOAD_FIRST); the whole follows when that is on the screen. While an answer is under
 * way the old rows stay. A refresh (runs_reload) waits for the trip under way instead of restarting it: a source that
 * is written ten times a second must not keep the table from ever arriving. */
#include "views/runs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { FIRST_ROWS = 200, PROGRESS_MOST = 64, SLOW_MS = 150 };

struct runs_trip {
	unsigned want;
	/* out */
	struct runs_ask ask;
	bool chosen;                              /* ask.experiment is the user's choice */
	char *setting;                            /* kept columns, when known here */
	bool automatic; size_t n_keys;            /* columns were our choice, made when there were so many keys */
	struct runs_columns columns;
	const struct runs_snap *prev;
	/* back */
	struct experiments *experiments;
	struct run_keys *keys;
	struct rank_probe probe;
	struct runs_snap *snap;
	struct runs_shape *shape;
};

void runs_shape_free(struct runs_shape *s)
{
	if (!s)
		return;
	free(s->parent);
	free(s->whole);
	free(s->progress);
	free(s);
}

size_t ask_experiments(const struct runs_ask *a, const int64_t **ids)
{
	*ids = a->several.n ? a->several.at : a->experiment ? &a->experiment : NULL;
	return a->several.n ? a->several.n : a->experiment != 0;
}

void ask_setting_key(const struct runs_ask *a, const char *what, char *buf, size_t n)
{
	if (a->several.n > 1)
		snprintf(buf, n, "runs.%s.several", what);
	else
		snprintf(buf, n, "runs.%s.%lld", what, (long long)(a->several.n ? a->several.at[0] : a->experiment));
}

static void ask_done(struct runs_ask *a)
{
	idset_free(&a->several);
	free(a->filter);
	for (size_t i = 0; i < a->n_order; i++)
		free(a->order[i].spec);
}

static void ask_copy(struct runs_ask *to, const struct runs_ask *from)
{
	*to = *from;
	to->filter = mem_strdup(from->filter);
	to->several = (struct idset){ 0 };
	idset_fill(&to->several, from->several.at, from->several.n);
	for (size_t i = 0; i < from->n_order; i++)
		to->order[i].spec = mem_strdup(from->order[i].spec);
}

static void trip_free(void *arg)
{
	struct runs_trip *t = arg;
	ask_done(&t->ask);
	free(t->setting);
	columns_clear(&t->columns);
	if (t->prev)
		runs_snap_unref((struct runs_snap *)(uintptr_t)t->prev);
	experiments_free(t->experiments);
	run_keys_free(t->keys);
	rank_probe_free(&t->probe);
	runs_snap_unref(t->snap);
	runs_shape_free(t->shape);
	free(t);
}

/* ---- in the task ----------------------------------------------------------------------------------- */

/* Where to start when nobody said: where something runs, else where the latest work is. */
static int64_t newest_experiment(const struct experiments *x)
{
	const struct experiment *best = NULL;
	for (size_t i = 0; i < x->n; i++) {
		const struct experiment *e = &x->at[i];
		if (e->deleted || !e->runs)
			continue;
		if (!best || !best->running > !e->running || (!best->running == !e->running && e->updated_ms > best->updated_ms))
			best = e;
	}
	return best ? best->id : 0;
}

static bool known_experiment(const struct experiments *x, int64_t id)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->at[i].id == id)
			return true;
	return id == 0;
}

static enum status trip_experiments(struct runs_trip *t, struct store *s, struct err *e)
{
	if (!(t->want & LOAD_EXPERIMENTS))
		return ST_OK;
	enum status st = experiments_load(s, &t->experiments, e);
	if (st == ST_OK && !t->ask.several.n && (!t->chosen || !known_experiment(t->experiments, t->ask.experiment))) {
		t->ask.experiment = newest_experiment(t->experiments);
		t->want |= LOAD_COLUMNS;
	}
	return st;
}

static enum status trip_columns(struct runs_trip *t, struct store *s, struct err *e)
{
	const int64_t *ids;
	size_t n = ask_experiments(&t->ask, &ids);
	enum status st = run_keys_load(s, ids, n, &t->keys, e);
	if (st == ST_OK && t->automatic && t->keys->n != t->n_keys)
		t->want |= LOAD_COLUMNS;             /* an import brought keys that were not there when we chose */
	if (st != ST_OK || !(t->want & LOAD_COLUMNS))
		return st;
	columns_clear(&t->columns);
	if (!t->setting) {
		char key[64];
		ask_setting_key(&t->ask, "columns", key, sizeof key);
		t->setting = store_setting(s, key);
	}
	t->automatic = !columns_load(&t->columns, t->setting);
	st = columns_choose(s, ids, n, t->keys, &t->columns, &t->probe, e);
	if (st == ST_OK && t->automatic && n != 1)
		columns_add(&t->columns, "experiment", NULL);        /* which of them a run belongs to */
	return st;
}

/* Parents by one pass over the rows in tree order: the stack holds the last row seen at each depth. */
static void shape_parents(struct runs_shape *sh, const struct runs_snap *sn)
{
	size_t n = runs_snap_count(sn), cap = 0;
	uint32_t *last = NULL;
	sh->parent = mem_array(n ? n : 1, sizeof *sh->parent);
	for (size_t i = 0; i < n; i++) {
		uint16_t depth = runs_snap_row(sn, i)->depth;
		MEM_GROW(last, cap, (size_t)depth + 1);
		last[depth] = (uint32_t)i;
		sh->parent[i] = depth ? last[depth - 1] : UINT32_MAX;
		sh->nested |= depth > 0;
	}
	free(last);
}

/* A metric column of whole numbers is shown as such; real-valued ones are told after a row or two. */
static bool column_is_whole(const struct runs_snap *sn, size_t col)
{
	size_t n = runs_snap_count(sn), seen = 0;
	for (size_t i = 0; i < n; i++) {
		struct run_cell c = runs_snap_cell(sn, i, col);
		if (!c.present || !c.is_num || c.num != c.num)
			continue;
		if (c.num != (double)(int64_t)(c.num < 1e15 && c.num > -1e15 ? c.num : 0.5))
			return false;
		seen++;
	}
	return seen > 0;
}

static struct runs_shape *shape_of(const struct runs_snap *sn, const struct runs_columns *columns)
{
	struct runs_shape *sh = mem_zalloc(sizeof *sh);
	shape_parents(sh, sn);
	sh->whole = mem_array(columns->n ? columns->n : 1, sizeof *sh->whole);
	for (size_t i = 0; i < columns->n; i++)
		sh->whole[i] = columns->at[i].col.kind >= COL_METRIC && columns->at[i].col.kind <= COL_METRIC_MAX && column_is_whole(sn, i);
	return sh;
}

/* Of the first rows that run: more than a screen of them are not looked at. */
static enum status shape_progress(struct runs_shape *sh, const struct runs_snap *sn, struct store *s, struct err *e)
{
	size_t n = 0, rows = runs_snap_count(sn), cap = 0;
	for (size_t i = 0; i < rows && n < PROGRESS_MOST; i++)
		if (runs_snap_row(sn, i)->status == RUN_RUNNING) {
			MEM_GROW(sh->progress, cap, n + 1);
			sh->progress[n++].run_id = runs_snap_row(sn, i)->id;
		}
	sh->n_progress = n;
	return runs_progress(s, sh->progress, n, e);
}

static enum status trip_rows(struct runs_trip *t, struct store *s, struct err *e)
{
	struct col *cols = mem_array(t->columns.n ? t->columns.n : 1, sizeof *cols);
	for (size_t i = 0; i < t->columns.n; i++)
		cols[i] = t->columns.at[i].col;
	struct run_sort sort[RUNS_SORTS];
	char *keys[RUNS_SORTS] = { 0 };
	size_t n_sort = 0;
	for (size_t i = 0; i < t->ask.n_order; i++)
		if (col_parse(t->ask.order[i].spec, &sort[n_sort].col, &keys[i], NULL) == ST_OK)
			sort[n_sort++].desc = t->ask.order[i].desc;
	struct runs_query q = { .deleted = t->ask.deleted, .tree = t->ask.tree, .filter = t->ask.filter, .sort = sort, .n_sort = n_sort,
		.cols = cols, .n_cols = t->columns.n, .first = t->want & LOAD_FIRST ? FIRST_ROWS : 0 };
	q.n_experiments = ask_experiments(&t->ask, &q.experiments);
	enum status st = runs_snap_build(s, &q, t->prev, &t->snap, e);
	if (st == ST_OK) {
		t->shape = shape_of(t->snap, &t->columns);
		st = shape_progress(t->shape, t->snap, s, e);
	}
	for (size_t i = 0; i < RUNS_SORTS; i++)
		free(keys[i]);
	free(cols);
	return st;
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct runs_trip *t = arg;
	enum status st = trip_experiments(t, s, e);
	if (st == ST_OK && !task_cancelled(task))
		st = trip_columns(t, s, e);
	if (st == ST_OK && !task_cancelled(task))
		st = trip_rows(t, s, e);
	return st == ST_OK && task_cancelled(task) ? ST_CANCELLED : st;
}

/* ---- back on the loop ---------------------------------------------------------------------------------- */

static void not_loading(struct runs_view *v)
{
	if (v->slow_timer)
		loop_cancel(ui_loop(v->ui), v->slow_timer);
	v->slow_timer = 0;
	v->loading = v->slow = false;
}

static void install(struct runs_view *v, struct runs_trip *t)
{
	if (t->experiments) {
		experiments_free(v->exps.list);
		v->exps.list = t->experiments;
		t->experiments = NULL;
		v->ask.experiment = t->ask.experiment;
	}
	run_keys_free(v->keys);
	v->keys = t->keys;
	t->keys = NULL;
	if (t->want & LOAD_COLUMNS) {
		v->tab.automatic = t->automatic;
		columns_copy(&v->tab.columns, &t->columns);
		table_forget(&v->tab.w);
		chart_set_metrics(v, &t->probe);
	}
	exps_sync(v);
	columns_copy(&v->tab.answered, &t->columns);
	table_install(v, t->snap, t->shape);
	t->snap = NULL;
	t->shape = NULL;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct runs_trip *t = arg;
	not_loading(v);
	v->want = 0;
	v->load_err.code = st;
	if (st == ST_OK) {
		install(v, t);
		v->loaded = true;
		filter_read_ahead(v);
	} else if (st != ST_CANCELLED) {
		v->load_err = *e;
		ui_message(v->ui, st, "%s", e->text);
	}
	bool more = st == ST_OK && runs_snap_partial(v->tab.snap);
	trip_free(t);
	if (more)
		runs_load(v, 0);
	else if (v->again) {
		v->again = false;
		runs_load(v, LOAD_EXPERIMENTS);
	}
}

static void grown_slow(void *arg)
{
	struct runs_view *v = arg;
	v->slow_timer = 0;
	v->slow = true;
	ui_dirty(v->ui);
}

void runs_load(struct runs_view *v, unsigned want)
{
	struct runs_trip *t = mem_zalloc(sizeof *t);
	char key[64];
	want = v->want |= want;                      /* what a superseded trip was to bring is still wanted */
	if (*v->ask.filter || v->ask.n_order)
		want &= ~(unsigned)LOAD_FIRST;       /* the first rows of another order are no help */
	t->want = want;
	ask_copy(&t->ask, &v->ask);
	t->chosen = v->ask.experiment || (v->loaded && v->exps.explicit);
	t->automatic = v->tab.automatic;
	t->n_keys = v->keys ? v->keys->n : 0;
	if (t->chosen && want & LOAD_COLUMNS) {
		runs_setting_key(v, "columns", key, sizeof key);
		const char *kept = ui_setting(v->ui, key);
		t->setting = kept ? mem_strdup(kept) : NULL;
	}
	columns_copy(&t->columns, &v->tab.columns);
	t->prev = v->tab.snap ? runs_snap_ref(v->tab.snap) : NULL;
	v->loading = true;
	if (!v->slow_timer && !v->slow)
		v->slow_timer = loop_after(ui_loop(v->ui), SLOW_MS, grown_slow, v);
	ui_task(v->ui, v, &(struct ui_task){ .title = "run table", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_LOAD,
		.work = trip_work, .apply = trip_apply, .drop = trip_free, .arg = t });
}

void runs_reload(struct runs_view *v)
{
	if (v->loading)
		v->again = true;
	else
		runs_load(v, LOAD_EXPERIMENTS);
}

void runs_load_done(struct runs_view *v)
{
	not_loading(v);
	ask_done(&v->ask);
	experiments_free(v->exps.list);
	run_keys_free(v->keys);
	columns_clear(&v->tab.columns);
	columns_clear(&v->tab.answered);
}
