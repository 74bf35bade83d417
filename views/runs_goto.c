/* To a run from anywhere: its experiment is shown, the cursor stands on it. */
#include "views/runs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "views/runs_commands.h"

struct goto_trip { char *text; int64_t run, experiment; };

static void goto_drop(void *arg)
{
	struct goto_trip *t = arg;
	free(t->text);
	free(t);
}

static enum status goto_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct goto_trip *t = arg;
	struct run_detail *run = NULL;
	(void)task;
	enum status st = run_find(s, t->text, &t->run, e);
	if (st == ST_OK)
		st = run_detail_load_parts(s, t->run, 0, &run, e);
	if (st == ST_OK)
		t->experiment = run->row.experiment_id;
	run_detail_free(run);
	return st;
}

static void goto_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct runs_view *v = view;
	struct goto_trip *t = arg;
	if (st != ST_OK) {
		if (st != ST_CANCELLED)
			ui_message(v->ui, st, "%s", e->text);
		goto_drop(t);
		return;
	}
	if (*v->ask.filter)
		ui_run(v->ui, "runs.filter-clear");
	exps_choose(v, t->experiment);
	if (table_row_of(v, t->run) >= 0) {
		table_goto(v, t->run);
	} else {
		v->tab.recall_id = t->run;
		runs_load(v, LOAD_EXPERIMENTS);
	}
	goto_drop(t);
}

RUNS_CMD(goto)
{
	struct runs_view *v = c->view;
	(void)argc, (void)e;
	struct goto_trip *t = mem_zalloc(sizeof *t);
	t->text = mem_strdup(argv[1]);
	ui_task(v->ui, v, &(struct ui_task){ .title = "find a run", .cls = TASK_QUICK, .hidden = true, .slot = SLOT_GOTO,
		.work = goto_work, .apply = goto_apply, .drop = goto_drop, .arg = t });
	return ST_OK;
}
