/* Sparklines of the run table: for the rows around the screen, in a task, kept until the next window or new points.
 *
 * One trip reads the page on the screen and one on either side, so that scrolling by rows rarely asks. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct spark_trip { char *key; int64_t *ids; size_t n; double *values; uint64_t version; };

static void spark_drop(void *arg)
{
	struct spark_trip *t = arg;
	free(t->key);
	free(t->ids);
	free(t->values);
	free(t);
}

static enum status spark_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct spark_trip *t = arg;
	(void)task;
	t->values = mem_array(t->n, RUNS_SPARK * sizeof *t->values);
	return runs_spark(s, t->ids, t->n, t->key, RUNS_SPARK, t->values, e);
}

static void spark_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct runs_table *tab = &v->tab;
	struct spark_trip *t = arg;
	(void)e;                             /* the store's words come with the table itself; a line that is not there is left blank */
	tab->spark_busy = false;
	if (st == ST_OK) {
		MEM_GROW(tab->spark, tab->cap_spark, t->n);
		for (size_t i = 0; i < t->n; i++) {
			tab->spark[i].id = t->ids[i];
			memcpy(tab->spark[i].at, t->values + i * RUNS_SPARK, sizeof tab->spark[i].at);
		}
		tab->n_spark = t->n;
		tab->spark_answer = t->version;
	}
	spark_drop(t);
	if (st == ST_OK)
		table_want_spark(v);
}

static const char *spark_column(const struct runs_view *v)
{
	for (size_t i = 0; i < v->tab.columns.n; i++)
		if (v->tab.columns.at[i].col.kind == COL_SPARK)
			return v->tab.columns.at[i].key;
	return NULL;
}

static bool spark_here(const struct runs_table *t, int64_t id)
{
	for (size_t i = 0; i < t->n_spark; i++)
		if (t->spark[i].id == id)
			return true;
	return false;
}

void table_want_spark(struct runs_view *v)
{
	struct runs_table *t = &v->tab;
	const char *key = spark_column(v);
	size_t page = t->w.page > 0 ? (size_t)t->w.page : 40, from = t->w.top > page ? t->w.top - page : 0;
	size_t to = t->w.top + 2 * page < t->w.n_rows ? t->w.top + 2 * page : t->w.n_rows;
	if (!key || t->spark_busy || from >= to)
		return;
	bool fresh = t->spark_key && !strcmp(key, t->spark_key) && t->spark_answer == t->spark_version;
	for (size_t i = t->w.top; fresh && i < to && i < t->w.top + page; i++)
		fresh = spark_here(t, table_run(v, i)->id);
	if (fresh)
		return;
	struct spark_trip *trip = mem_zalloc(sizeof *trip);
	*trip = (struct spark_trip){ mem_strdup(key), mem_array(to - from, sizeof *trip->ids), to - from, NULL, t->spark_version };
	for (size_t i = from; i < to; i++)
		trip->ids[i - from] = table_run(v, i)->id;
	free(t->spark_key);
	t->spark_key = mem_strdup(key);
	t->spark_busy = true;
	ui_task(v->ui, v, &(struct ui_task){ .title = "sparklines", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_SPARK,
		.work = spark_work, .apply = spark_apply, .drop = spark_drop, .arg = trip });
}
