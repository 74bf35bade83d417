/* Writing the report that is shown to a file: asks where, and once more where something is already. Written in a task, from a copy that is loaded there:
 * the cache may let go of the shown one meanwhile. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/drift/export.h"
#include "views/drift_commands.h"
#include "views/drift_report.h"

enum { REPORT_SLOT_EXPORT = 12 };
struct trip { int64_t id; char *path; };

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	free(t->path);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	struct report *r = NULL;
	(void)task;
	enum status st = report_load(s, t->id, &r, e);
	if (st == ST_OK)
		st = report_export(r, t->path, &(struct export_options){ 0 }, e);
	report_free(r);
	return st;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct drift_view *v = view;
	struct trip *t = arg;
	if (st == ST_OK)
		ui_message(v->ui, ST_OK, "report %lld is in %s", (long long)t->id, t->path);
	else if (st != ST_CANCELLED)
		ui_message(v->ui, st, "%s", e->text);
	trip_drop(t);
}

static void start(void *view)
{
	struct drift_view *v = view;
	struct report_page *s = report_page(v);
	struct trip *t = mem_zalloc(sizeof *t);
	t->id = s->shown_id;
	t->path = s->export_path;
	s->export_path = NULL;
	ui_task(v->ui, v, &(struct ui_task){ .title = "export of a drift report", .cls = TASK_QUICK, .slot = REPORT_SLOT_EXPORT,
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

static enum status export_to(struct drift_view *v, const char *path, struct err *e)
{
	struct report_page *s = report_page(v);
	struct stat st;
	enum status ok = report_export_check(path, e);
	if (ok != ST_OK)
		return ok;
	free(s->export_path);
	s->export_path = mem_strdup(path);
	if (stat(path, &st) == 0)
		ui_confirm(v->ui, v, "Replace the file?", path, start);
	else
		start(v);
	return ST_OK;
}

static void prompt_done(void *view, const char *text)
{
	struct drift_view *v = view;
	struct err e;
	if (text && *text && export_to(v, text, &e) != ST_OK)
		ui_message(v->ui, e.code, "%s", e.text);
}

DRIFT_CMD(report_export)
{
	struct drift_view *v = c->view;
	const struct report_page *s = report_page(v);
	char name[64];
	if (argc > 1)
		return export_to(v, argv[1], e);
	snprintf(name, sizeof name, "drift-%lld.html", (long long)s->shown_id);
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "write the report to (.html .md .json .csv): ", .initial = name, .history = "drift.export", .done = prompt_done });
	return ST_OK;
}
