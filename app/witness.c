#include "app/witness.h"

#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/registry/audit.h"

enum { EVERY_MS = 60 * 1000 };

struct witness { struct workspace *ws; struct loop *loop; struct tasks *tasks; int timer; bool busy; };

static enum status work(struct task *t, void *arg, struct err *e)
{
	(void)t;
	struct witness *w = arg;
	struct actor self;
	struct store *s = store_get(w->ws->pool, e);
	if (!s)
		return ST_FAILED;
	actor_self(&self);
	enum status st = audit_checkpoint(s, &self, false, e);
	store_put(w->ws->pool, s);
	return st;
}

static void done(void *arg, enum status st, const struct err *e)
{
	struct witness *w = arg;
	w->busy = false;
	if (st != ST_OK && st != ST_CANCELLED)
		log_add(LOG_WARN, "the audit log was not signed: %s", e->text);
}

static void look(void *arg)
{
	struct witness *w = arg;
	if (!w->busy)
		w->busy = tasks_submit(w->tasks, &(struct task_spec){ .title = "sign the audit log", .cls = TASK_QUICK, .hidden = true, .work = work, .done = done, .arg = w });
	w->timer = loop_after(w->loop, EVERY_MS, look, w);
}

struct witness *witness_new(struct workspace *ws, struct loop *loop, struct tasks *tasks)
{
	struct witness *w = mem_zalloc(sizeof *w);
	*w = (struct witness){ .ws = ws, .loop = loop, .tasks = tasks };
	if (!ws->read_only)
		w->timer = loop_after(loop, EVERY_MS, look, w);
	return w;
}

void witness_stop(struct witness *w)
{
	if (w->timer)
		loop_cancel(w->loop, w->timer);
	w->timer = 0;
}

void witness_free(struct witness *w)
{
	free(w);
}
