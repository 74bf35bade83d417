/* One run: lock, file, windows due, one comparison and one transaction each, then what is to be sent.
 *
 * Killed   anywhere, it leaves whole windows: what was compared and not stored is compared again by the next run. The lock goes with the process.
 * File     is read anew each run. When it is gone or wrong, that is trouble of its own, told by what the workspace remembers of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/drift/monitor_store.h"
#include "core/drift/outbox.h"
#include "core/registry/regsql.h"

void (*monitor_test_point)(const char *point);

void monitor_at_point(const char *point)
{
	if (monitor_test_point)
		monitor_test_point(point);
}

struct run {
	struct store *s; struct store_pool *pool; struct task *task; const struct monitor_watching *watching; struct monitor_done *done;
	struct monitor_known known; struct monitor_file *f; int64_t version, now_ms, next_ms; struct arena *arena;
	struct drift_kept *kept;                     /* what all windows share; NULL: there is one window */
};

static void say(const struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct run *r, const char *fmt, ...)
{
	struct str line = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_addf(&line, "%s: ", r->known.name);
	text_vcleanf(&line, fmt, ap);
	va_end(ap);
	task_note(r->task, "%s", line.p);
	if (r->watching && r->watching->say)
		r->watching->say(r->watching->arg, line.p);
	str_free(&line);
}

/* ---- the file ---- */

/* Sets r->f to what is to be run; *why when it is only what was remembered. */
static enum status take_file(struct run *r, struct str *why, struct err *e)
{
	struct str text = STR_INIT;
	struct monitor_file *f = NULL;
	struct err own;
	enum status st = monitor_load(r->known.path, &f, &text, NULL, &own);
	if (st == ST_OK && strcmp(f->name, r->known.name))
		st = err_set(&own, ST_FAILED, "%.300s: its name is \"%s\" now, not \"%s\"; add it again", r->known.path, f->name, r->known.name);
	if (st == ST_OK)
		st = monitor_model(r->s, f, &r->version, &own);
	if (st == ST_OK)
		st = monitor_check_windows(r->s, f, r->known.text, &own);
	if (st == ST_OK) {
		if (strcmp(text.p, r->known.text) || r->version != r->known.version)
			st = monitor_take_over(r->s, r->known.id, f, text.p, r->version, e);
		r->f = f, f = NULL;
	} else {
		str_add(why, own.text);
		st = monitor_parse(r->known.text, strlen(r->known.text), r->known.path, &r->f, e);
	}
	monitor_file_free(f);
	str_free(&text);
	return st;
}

/* ---- one comparison ---- */

static enum status set_reference(const struct run *r, struct drift_job *j, struct err *e)
{
	const struct monitor_file *f = r->f;
	int64_t first = 0, last = 0;
	if (!*r->known.baseline) {
		char *path = monitor_path(f, f->reference);
		j->reference = arena_strdup(r->arena, path);
		j->read_reference.query = f->reference_query;
		free(path);
		return ST_OK;
	}
	enum status st = monitor_window_load(r->s, r->known.id, r->known.baseline, &first, &last, e);
	if (st == ST_OK) {
		monitor_side(f, first, last, r->known.baseline, r->arena, &j->reference, &j->rows_reference);
		j->read_reference.query = f->source.query;
	}
	return st;
}

static enum status compare(const struct run *r, const struct due_window *w, struct report **out, struct err *e)
{
	const struct monitor_file *f = r->f;
	struct drift_job j = { .kept = r->kept, .read_reference = f->read, .read_current = f->read, .roles = f->roles, .compare = { .alpha = f->alpha, .evidently = f->evidently,
		.columns = f->columns, .n_columns = f->n_columns, .tests = f->tests, .n_tests = f->n_tests, .no_calibration = f->no_calibration, .name = f->name,
		.model = *f->model && !w->late ? f->model : NULL, .version = r->version } };
	j.read_reference.types = f->types, j.read_reference.n_types = f->n_types;
	j.read_current.query = f->source.query;
	if (f->window.kind == WINDOW_TIME && !j.roles.timestamp)
		j.roles.timestamp = f->window.time;
	enum status st = set_reference(r, &j, e);
	if (st != ST_OK)
		return st;
	monitor_side(f, w->first, w->last, w->key, r->arena, &j.current, &j.rows_current);
	return drift_job_run(&j, r->task, out, e);
}

static enum status tell_trouble(struct run *r, const char *window, const char *why, struct err *e)
{
	say(r, "%s", why);
	return monitor_trouble(r->s, r->f, r->known.id, window, why, r->now_ms, r->done, e);
}

/* Why the reference cannot be read, into `why`; false: it can, so that a comparison that failed failed by its window. */
static bool reference_is_bad(const struct run *r, struct err *why)
{
	struct drift_job j = { .read_reference = r->f->read };
	struct frame *f = NULL;
	enum status st = set_reference(r, &j, why);
	if (st == ST_OK)
		st = frame_read(j.reference, &j.read_reference, r->task, &f, why);
	frame_free(f);
	return st != ST_OK && st != ST_REFUSED && st != ST_CANCELLED;       /* refused: too large to be read whole, which a job need not */
}

/* *go_on: false when it is not the window's fault; then nothing is kept of it, and it stays due. */
static enum status look_at(struct run *r, const struct due_window *w, size_t i, size_t n, bool *go_on, struct err *e)
{
	struct report *report = NULL;
	struct err own = { 0 };
	struct window_result result = { .w = w, .kind = RESULT_MISSING, .why = "the source has nothing for it" };
	if (!w->missing) {
		enum status st = compare(r, w, &report, &own);
		monitor_at_point("compared");
		if (st == ST_CANCELLED)
			return err_set(e, ST_CANCELLED, "stopped");
		if (st != ST_OK && reference_is_bad(r, &own)) {
			*go_on = false;
			err_wrap(&own, "the reference");
			return tell_trouble(r, "", own.text, e);
		}
		result.kind = st == ST_OK ? RESULT_DONE : RESULT_FAILED;
		if (st == ST_OK)
			report->ms = r->now_ms;
		result.report = report, result.why = own.text;
	}
	enum status st = monitor_keep(r->s, r->f, r->known.id, &result, r->now_ms, r->done, e);
	monitor_at_point("committed");
	if (st == ST_OK && result.kind == RESULT_DONE)
		say(r, "window %s (%zu of %zu): %s, %zu of %zu columns drifted", w->key, i + 1, n, report->verdict, report->n_drifted, report->n_compared);
	else if (st == ST_OK)
		say(r, "window %s (%zu of %zu): %s%s%s", w->key, i + 1, n, w->missing ? "missing" : "failed", w->missing ? "" : ": ", w->missing ? "" : own.text);
	task_progress(r->task, (int64_t)i + 1, (int64_t)n);
	report_free(report);
	return st;
}

/* ---- the run ---- */

/* A gap between windows with data is only noted; nothing at the end means that the source is silent. */
static enum status after_windows(struct run *r, const struct due *due, struct err *e)
{
	const struct due_window *last = due->n ? &due->at[due->n - 1] : NULL;
	if (last && last->silent && r->f->missing != MISSING_IGNORE && !due->left)
		return tell_trouble(r, last->key, "nothing arrived for the window that is over: the source is silent", e);
	/* That the source could be read ends trouble with the source; trouble with a window ends with the next one that is looked at. */
	int64_t bad;
	enum status st = reg_int(r->s, e, 0, &bad,
		"SELECT (SELECT window_key FROM alert WHERE monitor_id = ?1 AND kind = 'trouble' AND state <> 'closed' ORDER BY id DESC LIMIT 1) <> ''"
		" AND (SELECT state FROM monitor_window WHERE monitor_id = ?1 ORDER BY seq DESC LIMIT 1) <> 'done'", "i", r->known.id);
	if (st != ST_OK)
		return st;
	return bad ? ST_OK : monitor_trouble(r->s, r->f, r->known.id, "", NULL, r->now_ms, r->done, e);
}

/* What is to come cannot be missing: the clock was ahead when that was said. */
static enum status forget_future(const struct run *r, struct err *e)
{
	int64_t n = 0;
	enum status st = r->f->window.kind == WINDOW_TIME ? reg_int(r->s, e, 0, &n, "SELECT count(*) FROM monitor_window WHERE monitor_id = ?1 AND state = 'missing' AND last > ?2",
		"ii", r->known.id, r->now_ms) : ST_OK;
	if (st != ST_OK || !n || (st = store_begin(r->s, e)) != ST_OK)
		return st;
	say(r, "%" PRId64 " window%s missing by a clock that was ahead; forgotten", n, n == 1 ? " was" : "s were");
	st = reg_exec(r->s, e, "DELETE FROM monitor_window WHERE monitor_id = ?1 AND state = 'missing' AND last > ?2", "ii", r->known.id, r->now_ms);
	if (st == ST_OK)
		return store_commit(r->s, TOPIC_DRIFT, e);
	store_rollback(r->s);
	return st;
}

static enum status look_at_all(struct run *r, struct err *e)
{
	struct str file_wrong = STR_INIT;
	struct due due = { .n = 0 };
	struct err own = { 0 };
	enum status st = take_file(r, &file_wrong, e);
	if (st == ST_OK)
		st = forget_future(r, e);
	if (st == ST_OK && file_wrong.len)
		st = tell_trouble(r, "", file_wrong.p, e);
	else if (st == ST_OK) {
		enum status read = monitor_due(r->s, r->f, &(struct monitor_seen){ r->known.id, r->known.added_ms, r->watching && r->watching->again }, r->now_ms,
			r->task, &due, &own);
		if (read == ST_CANCELLED)
			st = err_set(e, ST_CANCELLED, "stopped");
		else if (read != ST_OK)
			st = tell_trouble(r, "", own.text, e);
		if (due.unshown)
			say(r, "%zu file%s passed over: names that cannot be shown name no window; rename them", due.unshown, due.unshown == 1 ? " is" : "s are");
		bool go_on = true;
		r->kept = due.n > 1 ? drift_kept_new() : NULL;
		for (size_t i = 0; st == ST_OK && go_on && i < due.n; i++)
			st = task_cancelled(r->task) ? err_set(e, ST_CANCELLED, "stopped") : look_at(r, &due.at[i], i, due.n, &go_on, e);
		drift_kept_free(r->kept);
		if (st == ST_OK && read == ST_OK && go_on)
			st = after_windows(r, &due, e);
		r->done->left = due.left;
		if (due.left)
			say(r, "%zu windows are left for the next run (catch_up: %d)", due.left, r->f->catch_up);
	}
	r->next_ms = due.next_ms ? due.next_ms : r->f && r->f->schedule_ms ? r->now_ms + r->f->schedule_ms : 0;
	due_free(&due);
	str_free(&file_wrong);
	return st == ST_OK ? monitor_ran(r->s, r->known.id, r->now_ms, r->next_ms, e) : st;
}

static enum status run_locked(struct run *r, struct err *e)
{
	enum status st = look_at_all(r, e);
	monitor_file_free(r->f);
	return st;
}

static enum status send_what_waits(const struct run *r, struct err *e)
{
	struct outbox_done sent;
	struct err own;
	if (r->watching && r->watching->quiet_outbox)
		return ST_OK;
	enum status st = outbox_send(r->pool, r->now_ms, r->task, &sent, &own);
	if (st == ST_REFUSED) {
		say(r, "what is to be sent waits: %s", own.text);   /* it is in the outbox: whoever is sending, or the next run, sends it */
		return ST_OK;
	}
	if (sent.sent || sent.later || sent.failed)
		say(r, "%zu sent, %zu to be tried again, %zu given up", sent.sent, sent.later, sent.failed);
	return st == ST_OK ? st : err_set(e, st, "%s", own.text);
}

enum status monitor_run_saying(struct store_pool *pool, int64_t id, int64_t now_ms, struct task *t, const struct monitor_watching *w,
	struct monitor_done *out, struct err *e)
{
	struct run r = { .pool = pool, .task = t, .watching = w, .done = out, .now_ms = now_ms, .s = store_get(pool, e) };
	char name[32];
	int lock = -1;
	*out = (struct monitor_done){ 0 };
	if (!r.s)
		return ST_FAILED;
	r.arena = arena_new();
	snprintf(name, sizeof name, "monitor-%" PRId64, id);
	enum status st = monitor_row_load(r.s, id, r.arena, &r.known, e);
	if (st == ST_OK && (st = monitor_lock(store_pool_path(pool), name, 0, &lock, e)) != ST_OK)
		err_wrap(e, "monitor %s", r.known.name);
	if (st == ST_OK) {
		st = run_locked(&r, e);
		monitor_unlock(lock);
	}
	store_put(pool, r.s);
	if (st == ST_OK)
		st = send_what_waits(&r, e);
	arena_free(r.arena);
	return st;
}

enum status monitor_run(struct store_pool *pool, int64_t id, int64_t now_ms, struct task *t, struct monitor_done *out, struct err *e)
{
	return monitor_run_saying(pool, id, now_ms, t, NULL, out, e);
}
