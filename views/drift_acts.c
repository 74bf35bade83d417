/* Acts of the Drift view: what they ask, and the task that does them. Each is a row of acts[]: its words, and its call into the core.
 *
 * An act is about what was in hand when it was asked for, kept by id, so that a refresh under an open prompt changes nothing. One waits for an
 * answer at a time. Looking at a monitor may take long: it is listed among the tasks and cancelled there; the others are transactions of a moment. */
#include "views/drift_acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/drift/outbox.h"
#include "core/registry/actor.h"
#include "core/registry/when.h"
#include "views/drift_commands.h"
#include "views/drift_pulse.h"

struct drift_deed {
	enum drift_act kind;
	int64_t monitor_id, alert_id, report_id, until_ms;
	char *name, *text, *window; size_t n_done;
	int64_t *ids; size_t n_ids;
	struct store_pool *pool; struct str said;
};

static void act_free(void *arg)
{
	struct drift_deed *a = arg;
	if (!a)
		return;
	char *const texts[] = { a->name, a->text, a->window };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	free(a->ids);
	str_free(&a->said);
	free(a);
}

void drift_acts_close(struct drift_view *v)
{
	act_free(v->act);
	v->act = NULL;
}

/* ---- what they do, on a worker ---- */

static enum status do_ack(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	struct actor who;
	actor_self(&who);
	enum status st = ST_OK;
	if (!a->alert_id) {
		struct alert_rows *rows = NULL;
		st = alert_list(s, &(struct alert_query){ .monitor_id = a->monitor_id, .open_only = true }, &rows, e);
		for (size_t i = 0; st == ST_OK && i < rows->n && !a->alert_id; i++)
			if (strcmp(rows->at[i].state, "open") == 0)
				a->alert_id = rows->at[i].id;
		alert_rows_free(rows);
		if (st == ST_OK && !a->alert_id)
			st = err_set(e, ST_NOT_FOUND, "%s has no open alert", a->name);
	}
	if (st == ST_OK)
		st = alert_ack(s, a->alert_id, who.name, a->text, e);
	str_addf(&a->said, "alert %lld of %s is yours", (long long)a->alert_id, a->name);
	struct outbox_done told;
	struct err later;                                    /* what cannot be told now waits in the outbox */
	if (st == ST_OK && outbox_send_messages(a->pool, clock_wall_ms(), t, &told, &later) != ST_OK)
		str_addf(&a->said, "; what is to be sent waits: %s", later.text);
	return st;
}

static enum status do_silence(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	char when[FMT_MAX];
	(void)t;
	str_addf(&a->said, a->until_ms ? "%s looks and keeps, and tells nobody until %s" : "%s tells again", a->name, fmt_time(when, a->until_ms));
	return monitor_silence(s, a->monitor_id, a->until_ms, a->text, e);
}

static enum status do_baseline(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	(void)t;
	str_addf(&a->said, *a->window ? "%s compares with window %s from its next look on" : "%s compares with the reference of its file again", a->name, a->window);
	return monitor_baseline(s, a->monitor_id, a->window, e);
}

static enum status do_run(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	struct monitor_done done = { 0 };
	(void)s;                                             /* a run takes connections of its own, for as long as each is needed */
	enum status st = monitor_run(a->pool, a->monitor_id, clock_wall_ms(), t, &done, e);
	if (!done.windows && !done.missing && !done.failed)
		str_addf(&a->said, "%s: nothing new to look at", a->name);
	else
		str_addf(&a->said, "%s: %zu window%s looked at, %zu beyond the limits, %zu without data, %zu failed", a->name, done.windows, done.windows == 1 ? "" : "s", done.drifted,
			done.missing, done.failed);
	if (done.alerts)
		str_addf(&a->said, ", %zu alert%s", done.alerts, done.alerts == 1 ? "" : "s");
	if (done.left)
		str_addf(&a->said, "; %zu left for the next run", done.left);
	return st;
}

static enum status do_add(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	(void)t;
	str_addf(&a->said, "the monitor of %s is added", a->text);
	return monitor_add(s, a->text, &a->monitor_id, e);
}

static enum status do_remove(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	(void)t;
	str_addf(&a->said, "%s is removed; its reports stay", a->name);
	return monitor_remove(s, a->monitor_id, e);
}

static enum status do_delete(struct store *s, struct task *t, struct drift_deed *a, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; i < a->n_ids && st == ST_OK && !task_cancelled(t); i++) {
		st = report_delete(s, a->ids[i], e);
		a->n_done += st == ST_OK;
	}
	str_addf(&a->said, "%zu report%s deleted", a->n_done, a->n_done == 1 ? "" : "s");
	return st;
}

static const struct act_kind {
	const char *title; bool longer;
	enum status (*work)(struct store *s, struct task *t, struct drift_deed *a, struct err *e);
} acts[] = {
	[DRIFT_ACT_ACK] = { "acknowledge", false, do_ack }, [DRIFT_ACT_SILENCE] = { "silence", false, do_silence }, [DRIFT_ACT_BASELINE] = { "baseline", false, do_baseline },
	[DRIFT_ACT_RUN] = { "look at", true, do_run }, [DRIFT_ACT_ADD] = { "add monitor", false, do_add }, [DRIFT_ACT_REMOVE] = { "remove", false, do_remove },
	[DRIFT_ACT_DELETE] = { "delete reports", false, do_delete },
};

/* ---- the task ---- */

static enum status act_work(struct store *s, struct task *t, void *arg, struct err *e)
{
	struct drift_deed *a = arg;
	return acts[a->kind].work(s, t, a, e);
}

static void act_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct drift_view *v = view;
	struct drift_deed *a = arg;
	v->looking = v->looking && !acts[a->kind].longer;
	if (st == ST_OK)
		ui_message(v->ui, ST_OK, "%s", a->said.p);
	else if (st == ST_CANCELLED)
		ui_message(v->ui, ST_OK, "%s: stopped; what was looked at is kept", a->name ? a->name : acts[a->kind].title);
	else
		ui_message(v->ui, st, "%s", e->text);
	ui_changed(v->ui, TOPIC_DRIFT | TOPIC_MODELS);
	act_free(a);
}

/* Long looks have a slot of their own: acknowledging meanwhile does not stop them. */
static void act_start(struct drift_view *v, struct drift_deed *a)
{
	char title[160];
	snprintf(title, sizeof title, "%s %s", acts[a->kind].title, a->name ? a->name : "");
	bool longer = acts[a->kind].longer;
	ui_task(v->ui, v, &(struct ui_task){ .title = title, .cls = longer ? TASK_LONG : TASK_QUICK, .hidden = !longer, .slot = longer ? DRIFT_SLOT_RUN : DRIFT_SLOT_ACT,
		.work = act_work, .apply = act_apply, .drop = act_free, .arg = a });
	if (longer)
		ui_watch_tasks(v->ui);
}

static struct drift_deed *act_new(const struct drift_view *v, enum drift_act kind, const struct pulse_group *g)
{
	struct drift_deed *a = mem_zalloc(sizeof *a);
	str_init(&a->said);
	a->kind = kind;
	a->pool = ui_workspace(v->ui)->pool;
	a->monitor_id = g ? g->monitor_id : 0;
	a->name = g ? mem_strdup(g->name) : NULL;
	return a;
}

/* ---- asking ---- */

static struct drift_deed *taken(struct drift_view *v)
{
	struct drift_deed *a = v->act;
	v->act = NULL;
	return a;
}

static void keep(struct drift_view *v, struct drift_deed *a)
{
	act_free(v->act);
	v->act = a;
}

static void yes(void *view)
{
	struct drift_deed *a = taken(view);
	if (a)
		act_start(view, a);
}

static void answered(void *view, const char *text)
{
	struct drift_deed *a = taken(view);
	if (!a || !text) {
		act_free(a);
		return;
	}
	free(a->text);
	a->text = mem_strdup(text);
	act_start(view, a);
}

/* "2d" is so long from now, as everywhere else "2d" is so long ago. */
static enum status until(const char *text, int64_t *ms, struct err *e)
{
	int64_t now = clock_wall_ms();
	enum status st = when_parse(text, now, ms, e);
	if (st == ST_OK && *ms < now && !strchr(text, '-'))
		*ms = now + (now - *ms);
	if (st == ST_OK && *ms <= now)
		st = err_set(e, ST_USAGE, "that is in the past; drift.unsilence ends a silence");
	return st;
}

static void silence_answered(void *view, const char *text)
{
	struct drift_view *v = view;
	struct drift_deed *a = taken(v);
	struct err e = { 0 };
	if (!a || !text || until(text, &a->until_ms, &e) != ST_OK) {
		if (text && a)
			ui_message(v->ui, e.code, "%s", e.text);
		act_free(a);
		return;
	}
	act_start(v, a);
}

static void ask(struct drift_view *v, struct drift_deed *a, const char *prompt, const char *history, void (*done)(void *view, const char *text))
{
	keep(v, a);
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = prompt, .history = history, .done = done });
}

/* ---- commands ---- */

const char *drift_why_no_monitor(const struct cmd_ctx *c)
{
	const struct pulse_group *g = drift_in_hand(c->view);
	return !g ? "there is no monitor here" : g->monitor_id ? NULL : "these are reports without a monitor";
}

DRIFT_CMD(ack)
{
	struct drift_view *v = c->view;
	(void)e;
	const struct pulse_group *g = drift_in_hand(v);
	struct drift_deed *a = act_new(v, DRIFT_ACT_ACK, g);
	a->alert_id = drift_alert_in_hand(v);
	if (!a->alert_id && !g->alerts_open) {
		act_free(a);
		return err_set(e, ST_REFUSED, "%s has no open alert", g->name);
	}
	if (argc > 1) {
		a->text = mem_strdup(argv[1]);
		act_start(v, a);
	} else {
		ask(v, a, "note, for others to read: ", "drift.ack", answered);
	}
	return ST_OK;
}

DRIFT_CMD(silence)
{
	struct drift_view *v = c->view;
	struct drift_deed *a = act_new(v, DRIFT_ACT_SILENCE, drift_in_hand(v));
	a->text = mem_strdup(argc > 2 ? argv[2] : "");
	if (argc < 2) {
		ask(v, a, "silent until (2d, 2026-12-24): ", "drift.silence", silence_answered);
		return ST_OK;
	}
	enum status st = until(argv[1], &a->until_ms, e);
	if (st == ST_OK)
		act_start(v, a);
	else
		act_free(a);
	return st;
}

DRIFT_CMD(unsilence)
{
	struct drift_view *v = c->view;
	const struct pulse_group *g = drift_in_hand(v);
	(void)argc, (void)argv;
	if (g->silent_until_ms <= clock_wall_ms())
		return err_set(e, ST_REFUSED, "%s is not silent", g->name);
	struct drift_deed *a = act_new(v, DRIFT_ACT_SILENCE, g);
	a->text = mem_strdup("");
	act_start(v, a);
	return ST_OK;
}

static const struct pulse_window *window_in_hand(const struct drift_view *v)
{
	const struct pulse_group *g = drift_in_hand(v);
	return drift_page_id(v) == DRIFT_PAGE_pulse ? pulse_window(g, pulse_page(v)->age) : drift_window_of(g, drift_about(v)->report_id);
}

DRIFT_CMD(baseline)
{
	struct drift_view *v = c->view;
	const struct pulse_group *g = drift_in_hand(v);
	const struct pulse_window *w = window_in_hand(v);
	bool back = argc > 1 && strcmp(argv[1], "file") == 0;
	char question[256];
	if (argc > 1 && !back)
		return err_set(e, ST_USAGE, "drift.baseline takes the window under the cursor; drift.baseline file goes back to the reference of the monitor's file");
	if (!back && (!w || w->state != PULSE_DONE))
		return err_set(e, ST_REFUSED, "this window has no data that others could be compared with");
	struct drift_deed *a = act_new(v, DRIFT_ACT_BASELINE, g);
	a->window = mem_strdup(back ? "" : w->key);
	if (back)
		snprintf(question, sizeof question, "Compare %.80s with the reference of its file again?", g->name);
	else
		snprintf(question, sizeof question, "Make window %.60s the reference of %.80s?", w->key, g->name);
	keep(v, a);
	ui_confirm(v->ui, v, question, "It counts from the next window that is looked at; what was looked at stays as it is.", yes);
	return ST_OK;
}

DRIFT_CMD(run)
{
	struct drift_view *v = c->view;
	(void)argc, (void)argv;
	if (v->looking)
		return err_set(e, ST_REFUSED, "a monitor is being run already; the tab Tasks shows how far it is, and cancels it");
	v->looking = true;
	act_start(v, act_new(v, DRIFT_ACT_RUN, drift_in_hand(v)));
	return ST_OK;
}

DRIFT_CMD(add)
{
	struct drift_view *v = c->view;
	(void)e;
	struct drift_deed *a = act_new(v, DRIFT_ACT_ADD, NULL);
	if (argc > 1) {
		a->text = mem_strdup(argv[1]);
		act_start(v, a);
	} else {
		ask(v, a, "file of the monitor: ", "drift.add", answered);
	}
	return ST_OK;
}

DRIFT_CMD(remove)
{
	struct drift_view *v = c->view;
	const struct pulse_group *g = drift_in_hand(v);
	char question[192];
	(void)argc, (void)argv, (void)e;
	snprintf(question, sizeof question, "Remove the monitor %.80s?", g->name);
	keep(v, act_new(v, DRIFT_ACT_REMOVE, g));
	ui_confirm(v->ui, v, question, "Its windows and alerts go with it; its reports stay.", yes);
	return ST_OK;
}

void drift_delete_reports(struct drift_view *v, const int64_t *ids, size_t n, const char *question)
{
	struct drift_deed *a = act_new(v, DRIFT_ACT_DELETE, NULL);
	a->ids = mem_array(n, sizeof *ids);
	memcpy(a->ids, ids, n * sizeof *ids);
	a->n_ids = n;
	keep(v, a);
	ui_confirm(v->ui, v, question, "Windows of monitors that point to them stay, without their numbers.", yes);
}
