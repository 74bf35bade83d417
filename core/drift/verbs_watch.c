/* monitor run, watch, check, example.
 *
 * Watch    a worker runs what is due; this thread waits for signals and looks every second whether a monitor is due (next_ms) or its file or source changed
 *          (size, time of change). On SIGINT or SIGTERM the worker is asked to stop; if it does not within STOP_MS the process ends as it is, which loses
 *          nothing: a window is one transaction. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/tasks.h"
#include "core/drift/notify.h"
#include "core/drift/verbs_monitor.h"
#include "core/runs/hash.h"
#include "core/workspace.h"

enum { LOOK_MS = 1000, STOP_MS = 40, CHECKED_WINDOWS = 10 };

/* ---- run ---- */

static void done_json(struct jsonw *w, const char *name, const struct monitor_done *d)
{
	const struct { const char *key; size_t value; } counts[] = { { "windows", d->windows }, { "drifted", d->drifted }, { "missing", d->missing },
		{ "failed", d->failed }, { "alerts", d->alerts },
		{ "left", d->left } };
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", name);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		jsonw_put_int(w, counts[i].key, (int64_t)counts[i].value);
	jsonw_close(w, '}');
}

static void done_words(struct out *o, const char *name, const struct monitor_done *d)
{
	fprintf(o->msg, "%s: %zu window%s, %zu beyond the limits, %zu missing, %zu failed, %zu new alert%s\n", name, d->windows, d->windows == 1 ? "" : "s",
		d->drifted, d->missing, d->failed,
		d->alerts, d->alerts == 1 ? "" : "s");
}

/* One that another process runs does not keep the others from running; the first trouble is what the command ends with. */
static enum status run_all(struct workspace *ws, const struct monitor_rows *rows, int64_t only, bool again, struct out *o, struct jsonw *w, size_t *drifted,
	struct err *e)
{
	const struct monitor_watching say = { .say = verb_say_line, .arg = o, .again = again };
	enum status first = ST_OK;
	for (size_t i = 0; i < rows->n; i++) {
		const struct monitor_row *r = &rows->at[i];
		struct monitor_done done;
		struct err own;
		if (only && r->id != only)
			continue;
		enum status st = monitor_run_saying(ws->pool, r->id, clock_wall_ms(), NULL, &say, &done, &own);
		*drifted += done.drifted;
		if (st != ST_OK && first == ST_OK)
			first = err_set(e, st, "%s", own.text);
		else if (st != ST_OK)
			fprintf(o->msg, "%s\n", own.text);
		if (st == ST_OK && o->json)
			done_json(w, r->name, &done);
		else if (st == ST_OK)
			done_words(o, r->name, &done);
	}
	return first;
}

static enum status load_rows(struct workspace *ws, const struct verb_args *a, struct monitor_rows **rows, int64_t *only, struct err *e)
{
	struct store *s = store_get(ws->pool, e);
	enum status st = s ? ST_OK : ST_FAILED;
	*only = 0;
	if (st == ST_OK && verb_argc(a))
		st = monitor_find(s, verb_arg(a, 0), only, e);
	if (st == ST_OK)
		st = monitor_list(s, rows, e);
	if (s)
		store_put(ws->pool, s);
	return st;
}

DRIFT_VERB(verb_monitor_run)
{
	struct monitor_rows *rows = NULL;
	struct json_out j;
	int64_t only;
	size_t drifted = 0;
	if (verb_flag(a, "all") == (verb_argc(a) > 0))
		return err_set(e, ST_USAGE, "name a monitor, or say --all");
	enum status st = load_rows(ws, a, &rows, &only, e);
	if (st != ST_OK)
		return st;
	if (!rows->n)
		fputs("there is no monitor yet; mlyard monitor example prints a file to start from\n", o->msg);
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '[');
	st = run_all(ws, rows, only, verb_flag(a, "again"), o, &j.w, &drifted, e);
	jsonw_close(&j.w, ']');
	if (o->json) {
		enum status written = json_out_end(&j, st == ST_OK ? e : NULL);
		st = st == ST_OK ? written : st;
	} else {
		str_free(&j.text);
	}
	if (st == ST_OK && drifted && verb_flag(a, "fail-on-drift"))
		st = err_set(e, ST_CHECK, "%zu window%s beyond the limits", drifted, drifted == 1 ? " is" : "s are");
	monitor_rows_free(rows);
	return st;
}

/* ---- watch ---- */

struct watched { int64_t id; uint64_t stamp; };
struct watch {
	struct workspace *ws; struct out *o; struct tasks *tasks; int64_t only;
	struct watched *at; size_t n, cap;
	int64_t *due; size_t n_due, cap_due; bool send, busy; uint64_t task; int64_t send_ms;
};

static uint64_t stamp_path(uint64_t h, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return hash_word(h, 1);
	h = hash_word(hash_word(h, (uint64_t)st.st_ino), (uint64_t)st.st_size);
	return hash_word(hash_word(h, (uint64_t)st.st_mtim.tv_sec), (uint64_t)st.st_mtim.tv_nsec);
}

/* Of the file and of what it names; a file that cannot be read is a stamp, too. */
static uint64_t stamp_of(const struct monitor_row *r)
{
	struct monitor_file *f = NULL;
	uint64_t h = stamp_path(HASH_START, r->path);
	if (monitor_load(r->path, &f, NULL, NULL, NULL) != ST_OK)
		return h;
	char *source = monitor_path(f, f->source.path);
	h = stamp_path(h, source);
	free(source);
	monitor_file_free(f);
	return h;
}

static bool changed(struct watch *w, const struct monitor_row *r)
{
	const uint64_t stamp = stamp_of(r);
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].id == r->id) {
			const bool other = w->at[i].stamp != stamp;
			w->at[i].stamp = stamp;
			return other;
		}
	MEM_GROW(w->at, w->cap, w->n + 1);
	w->at[w->n++] = (struct watched){ r->id, stamp };
	return true;                                 /* not looked at since we are here */
}

static enum status work(struct task *t, void *arg, struct err *e)
{
	struct watch *w = arg;
	const struct monitor_watching say = { .say = verb_say_line, .arg = w->o, .quiet_outbox = true };
	struct outbox_done sent = { 0 };
	for (size_t i = 0; i < w->n_due && !task_cancelled(t); i++) {
		struct monitor_done done;
		struct err own;
		if (monitor_run_saying(w->ws->pool, w->due[i], clock_wall_ms(), t, &say, &done, &own) != ST_OK && own.code != ST_CANCELLED)
			verb_say_line(w->o, own.text);
	}
	enum status st = outbox_send(w->ws->pool, clock_wall_ms(), t, &sent, e);
	w->send_ms = sent.next_ms;
	return st;
}

static void worked(void *arg, enum status st, const struct err *e)
{
	struct watch *w = arg;
	w->busy = false;
	if (st != ST_OK && st != ST_CANCELLED)
		verb_say_line(w->o, e->text);
}

static enum status look(struct watch *w, struct err *e)
{
	struct monitor_rows *rows = NULL;
	struct store *s = store_get(w->ws->pool, e);
	const int64_t now = clock_wall_ms();
	enum status st = s ? monitor_list(s, &rows, e) : ST_FAILED;
	if (s)
		store_put(w->ws->pool, s);
	w->n_due = 0;
	for (size_t i = 0; st == ST_OK && i < rows->n; i++) {
		const struct monitor_row *r = &rows->at[i];
		if (w->only && r->id != w->only)
			continue;
		if (changed(w, r) | (r->next_ms && (r->next_ms <= now || r->ran_ms > now))) {         /* run later than now: the clock went back */
			MEM_GROW(w->due, w->cap_due, w->n_due + 1);
			w->due[w->n_due++] = r->id;
		}
	}
	monitor_rows_free(rows);
	if (st == ST_OK && (w->n_due || (w->send_ms && w->send_ms <= now))) {
		w->busy = true;
		w->task = tasks_submit(w->tasks, &(struct task_spec){ .title = "monitors", .cls = TASK_LONG, .work = work, .done = worked, .arg = w });
	}
	return st;
}

/* Until the worker is through, or the time is up. */
static bool stopped(struct watch *w)
{
	const int64_t until_us = clock_mono_us() + STOP_MS * 1000;
	if (w->busy)
		tasks_cancel(w->tasks, w->task);
	while (w->busy && clock_mono_us() < until_us) {
		struct pollfd fd = { tasks_fd(w->tasks), POLLIN, 0 };
		poll(&fd, 1, 5);
		tasks_drain(w->tasks);
	}
	return !w->busy;
}

static enum status stay(struct watch *w, int signals, struct err *e)
{
	enum status st = ST_OK;
	for (int64_t next_us = 0; st == ST_OK; ) {
		struct pollfd fds[2] = { { signals, POLLIN, 0 }, { tasks_fd(w->tasks), POLLIN, 0 } };
		const int64_t now_us = clock_mono_us();
		if (!w->busy && now_us >= next_us) {
			st = look(w, e);
			next_us = clock_mono_us() + LOOK_MS * INT64_C(1000);
		}
		const int64_t left_ms = (next_us - clock_mono_us()) / 1000 + 1;
		poll(fds, 2, w->busy ? -1 : left_ms > 0 ? (int)left_ms : 0);
		struct signalfd_siginfo info;
		if (fds[0].revents && read(signals, &info, sizeof info) > 0)     /* taken, so that it does not strike when signals are let through again */
			break;
		tasks_drain(w->tasks);
	}
	if (stopped(w))
		return st;
	fflush(w->o->msg);
	_exit(0);
}

DRIFT_VERB(verb_monitor_watch)
{
	struct watch w = { .ws = ws, .o = o };
	struct monitor_rows *rows = NULL;
	sigset_t stop, before;
	enum status st = load_rows(ws, a, &rows, &w.only, e);
	monitor_rows_free(rows);
	if (st != ST_OK)
		return st;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT), sigaddset(&stop, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop, &before);  /* before threads start: they inherit it */
	int signals = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return err_set(e, ST_FAILED, "cannot watch for signals");
	w.tasks = tasks_new(1, 1);
	fprintf(o->msg, "watching; interrupt to stop\n");
	fflush(o->msg);
	st = stay(&w, signals, e);
	tasks_free(w.tasks);
	close(signals);
	free(w.at), free(w.due);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return st;
}

/* ---- check ---- */

struct checked { struct monitor_file *f; struct str text, findings, notes, remarks; struct due due; };      /* remarks: what is not wrong */

static void note(struct checked *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct checked *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&c->notes, fmt, ap);
	va_end(ap);
	str_addc(&c->notes, '\n');
}

/* The workspace is needed for the model alone, and need not be there yet when nobody named one. */
static void check_names(struct checked *c, const struct verb_args *a)
{
	const struct workspace_spec spec = { .file = verb_opt(a, "workspace"), .read_only = true, .must_exist = true };
	struct workspace *ws = NULL;
	struct store *s = NULL;
	struct err e;
	enum status st = *c->f->model ? workspace_open(&spec, &ws, &e) : ST_OK;
	if (ws)
		st = (s = store_get(ws->pool, &e)) ? ST_OK : ST_FAILED;
	if (st == ST_NOT_FOUND && !spec.file)
		str_addf(&c->remarks, "whether there is a model %s was not looked at: there is no workspace yet; name one with -w\n", c->f->model);
	else if (st != ST_OK)
		note(c, "whether there is a model %s could not be looked at: %s", c->f->model, e.text);
	if (monitor_check_names(s, c->f, c->text.p, c->text.len, NULL, &c->notes, &e) != ST_OK)
		note(c, "the reference: %s", e.text);
	if (s)
		store_put(ws->pool, s);
	workspace_close(ws);
}

/* What the file names is there: the secrets, the source. */
static void check_world(struct checked *c)
{
	const struct monitor_file *f = c->f;
	struct err e;
	for (size_t i = 0; i < f->n_tell; i++) {
		const struct monitor_tell *t = &f->tell[i];
		const struct { const struct monitor_secret *secret; const char *what; } secrets[] = { { &t->url, "its address" }, { &t->password, "its secret" } };
		for (size_t k = 0; k < 2; k++) {
			struct str value = STR_INIT;
			if ((secrets[k].secret->env || secrets[k].secret->file) && secret_read(f, secrets[k].secret, secrets[k].what, &value, &e) != ST_OK)
				note(c, "%s (line %d): %s", t->kind->id, t->at.line, e.text);
			secret_forget(&value);
		}
	}
	if (monitor_due(NULL, f, &(struct monitor_seen){ 0 }, clock_wall_ms(), NULL, &c->due, &e) != ST_OK)
		note(c, "%s", e.text);
}

static enum status check_json(struct out *o, const struct checked *c, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "ok", c->f && !c->notes.len);
	const struct { const char *key; const struct str *lines; } lists[] = { { "findings", &c->findings }, { "notes", &c->notes }, { "remarks", &c->remarks } };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		jsonw_put_open(&j.w, lists[i].key, '[');
		for (const char *p = lists[i].lines->p; *p; ) {
			size_t n = strcspn(p, "\n");
			jsonw_strn(&j.w, p, n);
			p += n + (p[n] == '\n');
		}
		jsonw_close(&j.w, ']');
	}
	jsonw_put_str(&j.w, "name", c->f ? c->f->name : NULL);
	jsonw_put_open(&j.w, "due", '[');
	for (size_t i = 0; i < c->due.n; i++)
		jsonw_str(&j.w, c->due.at[i].key);
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "left", (int64_t)c->due.left);
	jsonw_put_nonzero(&j.w, "next_ms", c->due.next_ms);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void check_text(struct out *o, const struct checked *c)
{
	char when[FMT_MAX];
	out_text(o, c->findings.p, c->findings.len);
	if (!c->f)
		return;
	fprintf(o->out, "%s: an alert after %d red window%s in a row, its end after %d\n", c->f->name, c->f->limits.after, c->f->limits.after == 1 ? "" : "s",
		c->f->limits.clear);
	for (size_t i = 0; i < c->f->n_tell; i++) {
		struct str target = STR_INIT, clean = STR_INIT;
		c->f->tell[i].kind->target(&c->f->tell[i], &target);
		fprintf(o->out, "tells %s\n", verb_clean(&clean, target.p));
		str_free(&target), str_free(&clean);
	}
	out_text(o, c->notes.p, c->notes.len);
	out_text(o, c->remarks.p, c->remarks.len);
	fprintf(o->out, "windows a first run would look at: %zu\n", c->due.n);
	for (size_t i = 0; i < c->due.n && i < CHECKED_WINDOWS; i++)
		fprintf(o->out, "  %s%s\n", c->due.at[i].key, c->due.at[i].missing ? " (missing)" : "");
	if (c->due.n > CHECKED_WINDOWS)
		fprintf(o->out, "  and %zu more\n", c->due.n - CHECKED_WINDOWS);
	if (c->due.left)
		fprintf(o->out, "%zu more would be left to later runs (catch_up: %d)\n", c->due.left, c->f->catch_up);
	if (c->due.next_ms)
		fprintf(o->out, "to be looked at again: %s\n", fmt_time(when, c->due.next_ms));
}

DRIFT_VERB(verb_monitor_check)
{
	struct checked c = { .text = STR_INIT, .findings = STR_INIT, .notes = STR_INIT, .remarks = STR_INIT };
	(void)ws;
	enum status st = fs_read(verb_arg(a, 0), MONITOR_MOST_BYTES + 1, &c.text, e), parsed = ST_OK;
	if (st == ST_OK) {
		parsed = monitor_read(c.text.p, c.text.len, verb_arg(a, 0), &c.f, &c.findings, NULL);
		if (c.f) {
			check_names(&c, a);
			check_world(&c);
		}
		if (o->json)
			st = check_json(o, &c, e);
		else
			check_text(o, &c);
	}
	if (st == ST_OK)
		st = out_check(o->out, e);
	if (st == ST_OK && (parsed != ST_OK || c.notes.len))
		st = err_set(e, ST_CHECK, parsed != ST_OK ? "the file does not hold as a monitor" : "the file holds, but not all that it names is there");
	if (c.f)
		due_free(&c.due);
	monitor_file_free(c.f);
	str_free(&c.text), str_free(&c.findings), str_free(&c.notes), str_free(&c.remarks);
	return st;
}

DRIFT_VERB(verb_monitor_example)
{
	(void)ws, (void)a;
	if (o->json)
		return verb_facts(o, &(struct verb_fact){ "text", monitor_example, 0 }, 1, e);
	out_text(o, monitor_example, strlen(monitor_example));
	return out_check(o->out, e);
}
