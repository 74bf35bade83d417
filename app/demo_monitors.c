#include "app/demo_monitors.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/drift/monitor.h"

#define WEEK_MS (INT64_C(7) * 86400 * 1000)
#define DAY_MS (INT64_C(86400) * 1000)
#define FIRST_MS INT64_C(1779062400000)          /* 2026-05-18, the Monday on which the data begin */
enum { WEEKS = 26 };
static const char setting[] = "demo.monitors";
static const char *const files[] = { "screening.yaml", "screening-answers.yaml", "progression.yaml" };
static const char acknowledged[] = "screening-inputs", by[] = "first approver", note[] = "the clinic in the east is new; its scanner is known to be another one";

struct demo_monitors { struct ui *ui; struct workspace *ws; struct tasks *tasks; uint64_t task; };      /* ui: NULL: stopped; task 0: none */

/* Every morning after a week's end. */
static enum status run_weeks(struct store_pool *pool, int64_t id, int step, struct task *t, struct err *e)
{
	enum status st = ST_OK;
	for (int week = 0; week < WEEKS && st == ST_OK && !task_cancelled(t); week++) {
		struct monitor_done done;
		st = monitor_run(pool, id, FIRST_MS + (week + 1) * WEEK_MS + DAY_MS, t, &done, e);
		task_progress(t, step * WEEKS + week + 1, (int64_t)(sizeof files / sizeof *files) * WEEKS);
	}
	return task_cancelled(t) ? ST_CANCELLED : st;
}

static enum status add_and_run(struct store_pool *pool, struct store *s, const char *folder, int step, struct task *t, struct err *e)
{
	int64_t id;
	char *path = fs_join(folder, files[step]);
	enum status st = monitor_add(s, path, &id, e);
	if (st == ST_OK)
		st = run_weeks(pool, id, step, t, e);
	free(path);
	return st;
}

static enum status acknowledge(struct store *s, struct err *e)
{
	struct alert_rows *rows;
	const struct alert_query q = { .open_only = true };
	enum status st = alert_list(s, &q, &rows, e);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < rows->n && st == ST_OK; i++)
		if (!strcmp(rows->at[i].monitor, acknowledged) && !strcmp(rows->at[i].state, "open"))
			st = alert_ack(s, rows->at[i].id, by, note, e);
	alert_rows_free(rows);
	return st;
}

static enum status work(struct task *t, void *arg, struct err *e)
{
	struct store_pool *pool = ((struct demo_monitors *)arg)->ws->pool;
	struct store *s = store_get(pool, e);
	char *demo = NULL, *folder = NULL;
	enum status st = s ? workspace_demo_dir(&demo, e) : ST_FAILED;
	if (st == ST_OK)
		folder = fs_join(demo, "served");
	for (int i = 0; st == ST_OK && i < (int)(sizeof files / sizeof *files); i++)
		st = add_and_run(pool, s, folder, i, t, e);
	if (st == ST_OK)
		st = acknowledge(s, e);
	if (st == ST_OK)
		st = store_set_setting(s, setting, "done", e);
	if (s)
		store_put(pool, s);
	free(folder);
	free(demo);
	return st;
}

static void done(void *arg, enum status st, const struct err *e)
{
	struct demo_monitors *d = arg;
	d->task = 0;
	if (st != ST_OK && st != ST_CANCELLED)
		log_add(LOG_WARN, "the demo's monitors are not complete: %s", e->text);
	if (d->ui)
		ui_changed(d->ui, TOPIC_DRIFT | TOPIC_MODELS);
}

static bool is_done(struct workspace *ws)
{
	struct store *s = store_get(ws->pool, NULL);
	char *kept = s ? store_setting(s, setting) : NULL;
	bool yes = kept != NULL;
	free(kept);
	if (s)
		store_put(ws->pool, s);
	return yes;
}

struct demo_monitors *demo_monitors_new(struct ui *ui, struct workspace *ws, struct tasks *tasks)
{
	struct demo_monitors *d = mem_alloc(sizeof *d);
	*d = (struct demo_monitors){ ui, ws, tasks, 0 };
	if (ws->read_only || is_done(ws))
		return d;
	d->task = tasks_submit(tasks, &(struct task_spec){ .title = "monitors of the demo", .cls = TASK_LONG, .work = work, .done = done, .arg = d });
	ui_watch_tasks(ui);
	return d;
}

void demo_monitors_stop(struct demo_monitors *d)
{
	if (!d)
		return;
	d->ui = NULL;
	if (d->task)
		tasks_cancel(d->tasks, d->task);
}

void demo_monitors_free(struct demo_monitors *d)
{
	free(d);
}
