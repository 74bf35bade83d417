/* A report of the Drift view: what was compared, and its verdict. */
#include "views/drift_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/drift/report.h"

struct page { struct report *report; int64_t id; struct err err; };
struct trip { int64_t id; struct report *report; };

static struct page *page_of(const struct drift_view *v)
{
	return v->state[DRIFT_PAGE_report];
}

static void *report_open(struct drift_view *v)
{
	(void)v;
	return mem_zalloc(sizeof(struct page));
}

static void report_close(void *state)
{
	struct page *s = state;
	report_free(s->report);
	free(s);
}

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	report_free(t->report);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return report_load(s, t->id, &t->report, e);
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct page *s = page_of(view);
	struct trip *t = arg;
	s->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	report_free(s->report);
	s->report = t->report;
	s->id = t->id;
	t->report = NULL;
	trip_drop(t);
}

static void report_want(struct drift_view *v, bool again)
{
	(void)again;
	struct page *s = page_of(v);
	int64_t id = drift_about(v)->report_id;
	if (!id || (s->report && s->id == id))
		return;
	struct trip *t = mem_zalloc(sizeof *t);
	t->id = id;
	ui_task(v->ui, v, &(struct ui_task){ .title = "drift report", .cls = TASK_QUICK, .hidden = true, .slot = DRIFT_SLOT(DRIFT_PAGE_report),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

static void report_paint(struct drift_view *v, struct paint *p)
{
	const struct page *s = page_of(v);
	char title[128];
	snprintf(title, sizeof title, "Report %lld", (long long)drift_about(v)->report_id);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title, NULL, p->focus);
	if (s->report)
		surface_textf(p->s, p->r, 2, 2, PEN(drift_role(s->report->drifted, false)), "%s: %zu of %zu columns drifted", s->report->verdict, s->report->n_drifted,
			s->report->n_compared);
	else if (s->err.code)
		paint_text(p, 2, 2, PEN(ROLE_BAD), s->err.text);
}

static void report_model(const struct drift_view *v, struct str *out)
{
	const struct page *s = page_of(v);
	str_addf(out, "verdict: %s\n", s->report ? s->report->verdict : "none");
}

static const char *report_hints(const struct drift_view *v)
{
	(void)v;
	return "cancel back; help help; palette command; quit quit";
}

static void report_move(struct drift_view *v, enum drift_move m)
{
	(void)v, (void)m;
}

const struct drift_page drift_page_report = { .id = "report", .context = "drift.report", .open = report_open, .close = report_close, .want = report_want,
	.paint = report_paint, .model = report_model, .hints = report_hints, .move = report_move };
