/* import: sources into the workspace, with a bar on a terminal and a report at the end.
 *
 * The import runs as a task on a worker thread; this thread waits for it, for signals and for the clock of
 * the bar. INT, TERM and HUP arrive through a descriptor: a cancel is passed to the task, which commits what it
 * has, and the next import goes on from there. Following is the same in a loop: whatever follow_due()
 * names is imported again; being interrupted is then its regular end.
 */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/models.h"
#include "core/runs/import.h"
#include "core/runs/verbs_impl.h"

enum { BAR_EVERY_MS = 100, BAR_CELLS = 24, LINE_CELLS = 78 };

struct source_list { char **at; size_t n, cap; };
struct importing {
	struct workspace *ws; struct out *o;
	struct tasks *tasks; int signals; sigset_t old_mask;
	bool interrupted, bar;
	struct json_out j; bool json_lines;      /* following: a document per line */
};
/* One import, filled by the worker, read here after done(). */
struct one { struct workspace *ws; const char *path; bool hot, ended; struct import_report report; enum status st, adopted; struct err err, adopt_err; };

static const struct { const char *key, *singular, *plural; size_t offset; } counts[] = {
#define COUNT(field, singular, plural) { #field, singular, plural, offsetof(struct import_report, field) }
	COUNT(experiments, "experiment", "experiments"), COUNT(runs, "run", "runs"), COUNT(points, "point", "points"),
	COUNT(params, "param", "params"), COUNT(tags, "tag", "tags"), COUNT(datasets, "data set", "data sets"), COUNT(models, "model", "models"),
	COUNT(versions, "model version", "model versions"), COUNT(logged_models, "logged model", "logged models"), COUNT(traces, "trace", "traces"),
#undef COUNT
};
enum { N_COUNTS = sizeof counts / sizeof *counts };

static int64_t count_of(const struct import_report *r, size_t i)
{
	int64_t n;
	memcpy(&n, (const char *)r + counts[i].offset, sizeof n);
	return n;
}

static enum status work(struct task *t, void *arg, struct err *e)
{
	struct one *one = arg;
	enum status st = (one->hot ? import_hot : import_path)(one->ws->pool, one->path, t, &one->report, e);
	if (st == ST_OK)
		one->adopted = models_adopt_pool(one->ws->pool, &one->adopt_err);
	return st;
}

static void done(void *arg, enum status st, const struct err *e)
{
	struct one *one = arg;
	one->st = st;
	one->err = *e;
	one->ended = true;
}

static void bar_clear(const struct importing *m)
{
	if (m->bar)
		fprintf(m->o->msg, "\r%*s\r", LINE_CELLS, "");
}

/* "mlflow.db  ######..........  38 %  1.2M/s  14s left" */
static void bar_draw(const struct importing *m, const struct one *one, int64_t began_us)
{
	struct task_info info;
	char rate[FMT_MAX], left[FMT_MAX], bar[BAR_CELLS + 1];
	struct str line = STR_INIT, name = STR_INIT;
	if (!m->bar || !tasks_list(m->tasks, &info, 1) || (info.state != TASK_RUNNING && info.state != TASK_WAITING))
		return;
	const char *slash = strrchr(one->path, '/');
	text_clean(&name, slash && slash[1] ? slash + 1 : one->path, strnlen(slash && slash[1] ? slash + 1 : one->path, 200), 0);
	text_fit(&line, name.p, name.len, 24);
	double seconds = (double)(clock_mono_us() - began_us) / 1e6, share = info.total > 0 ? (double)info.done / (double)info.total : 0;
	int full = (int)(share * BAR_CELLS + 0.5);
	for (int i = 0; i < BAR_CELLS; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_CELLS] = '\0';
	if (info.total > 0)
		str_addf(&line, "  %s %3d %%", bar, (int)(share * 100));
	if (info.done > 0 && seconds > 0.5)
		str_addf(&line, "  %s/s", fmt_si(rate, (double)info.done / seconds));
	if (info.left_ms >= 0 && seconds > 1)
		str_addf(&line, "  %s left", fmt_duration(left, info.left_ms));
	int used = text_width(line.p, line.len);
	fprintf(m->o->msg, "\r%s%*s", line.p, used < LINE_CELLS ? LINE_CELLS - used : 0, "");
	str_free(&line);
	str_free(&name);
}

/* Reads what came; true when a signal asks us to end. */
static bool signal_came(struct importing *m)
{
	struct signalfd_siginfo info;
	while (m->signals >= 0 && read(m->signals, &info, sizeof info) == (ssize_t)sizeof info)
		m->interrupted = true;
	return m->interrupted;
}

/* Runs one import to its end; a signal cancels it. */
static void run_one(struct importing *m, struct one *one)
{
	struct task_spec spec = { .title = "import", .cls = TASK_LONG, .work = work, .done = done, .arg = one };
	int64_t began = clock_mono_us();
	uint64_t id = tasks_submit(m->tasks, &spec);
	bool cancelled = false;
	while (!one->ended) {
		struct pollfd fds[] = { { .fd = tasks_fd(m->tasks), .events = POLLIN }, { .fd = m->signals, .events = POLLIN } };
		(void)poll(fds, 2, BAR_EVERY_MS);
		if (signal_came(m) && !cancelled)
			cancelled = tasks_cancel(m->tasks, id);
		tasks_drain(m->tasks);
		if (!one->ended)
			bar_draw(m, one, began);
	}
	bar_clear(m);
}

static void report_json(struct jsonw *w, const struct one *one)
{
	const struct import_report *r = &one->report;
	jsonw_open(w, '{');
	jsonw_put_str(w, "path", one->path);
	jsonw_put_str(w, "status", status_name(one->st));
	jsonw_put_str(w, "error", one->st == ST_OK ? NULL : one->err.text);
	jsonw_put_bool(w, "unchanged", r->unchanged);
	for (size_t i = 0; i < N_COUNTS; i++)
		jsonw_put_int(w, counts[i].key, count_of(r, i));
	jsonw_put_int(w, "problems", r->problems);
	jsonw_put_open(w, "problem_lines", '[');
	for (const char *line = r->lines.p, *end; line && *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		jsonw_strn(w, line, (size_t)(end - line));
	}
	jsonw_close(w, ']');
	jsonw_put_int(w, "took_ms", r->took_ms);
	jsonw_close(w, '}');
}

static void report_counts(struct out *o, const struct one *one)
{
	const struct import_report *r = &one->report;
	char buf[FMT_MAX];
	bool any = false;
	for (size_t i = 0; i < N_COUNTS; i++)
		if (count_of(r, i)) {
			fprintf(o->out, "%s%s %s", any ? ", " : "", fmt_count(buf, count_of(r, i)), count_of(r, i) == 1 ? counts[i].singular : counts[i].plural);
			any = true;
		}
	if (!any && one->st == ST_OK && !r->unchanged)
		fputs("nothing new", o->out);
	if (one->st == ST_CANCELLED)
		fprintf(o->out, "%sinterrupted, the next import goes on from here", any ? "; " : "");
	fprintf(o->out, " in %s\n", fmt_duration(buf, r->took_ms));
}

/* What failed is told once, with its path: here, or by whom the error goes to (`told`). */
static void report_text(struct out *o, const struct one *one, bool told)
{
	const struct import_report *r = &one->report;
	const bool failed = one->st != ST_OK && one->st != ST_CANCELLED;
	char buf[FMT_MAX];
	struct str path = STR_INIT;
	text_clean(&path, one->path, strlen(one->path), 0);
	if (!failed || r->runs || r->points) {
		fprintf(o->out, "%s: %s", path.p, failed ? "failed; kept so far: " : r->unchanged ? "unchanged" : "");
		report_counts(o, one);
	}
	fflush(o->out);
	if (failed && !told)
		fprintf(o->msg, "mlyard: %s\n", one->err.text);
	if (r->problems)
		fprintf(o->msg, "%s could not be read:\n%s%s", fmt_count(buf, r->problems), r->lines.p,
			r->lines.len && r->lines.p[r->lines.len - 1] != '\n' ? "\n" : "");
	str_free(&path);
}

static bool changed_anything(const struct import_report *r)
{
	bool any = r->problems > 0;
	for (size_t i = 0; i < N_COUNTS; i++)
		any = any || count_of(r, i);
	return any;
}

/* Imports one path and tells about it; while following only when there is something to tell. */
static enum status import_one(struct importing *m, const char *path, bool hot, struct err *e)
{
	struct one one = { .ws = m->ws, .path = path, .hot = hot, .report = { .lines = STR_INIT } };
	run_one(m, &one);
	if (one.adopted != ST_OK)
		fprintf(m->o->msg, "note: what the source says of models was not taken over: %s\n", one.adopt_err.text);
	if (!hot || one.st != ST_OK || changed_anything(&one.report)) {
		if (!m->o->json)
			report_text(m->o, &one, e != NULL);
		else
			report_json(&m->j.w, &one);
		if (m->o->json && m->json_lines) {
			str_addc(&m->j.text, '\n');
			fwrite(m->j.text.p, 1, m->j.text.len, m->o->out);
			fflush(m->o->out);
			str_clear(&m->j.text);
			jsonw_init(&m->j.w, &m->j.text);
		}
	}
	import_report_free(&one.report);
	return one.st == ST_OK ? ST_OK : err_set(e, one.st, "%s", one.err.text);
}

static void add_path(struct source_list *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i], path))
			return;
	MEM_GROW(l->at, l->cap, l->n + 2);
	l->at[l->n++] = mem_strdup(path);
	l->at[l->n] = NULL;
}

/* What lies at the arguments. An argument that holds nothing stays, for the importer's words about it. */
static void find_sources(const struct verb_args *a, struct source_list *l)
{
	for (int i = 0; i < verb_argc(a); i++) {
		char **found = import_discover(verb_arg(a, i));
		if (!found || !found[0])
			add_path(l, verb_arg(a, i));
		for (size_t k = 0; found && found[k]; k++)
			add_path(l, found[k]);
		import_paths_free(found);
	}
}

static void follow(struct importing *m, const struct source_list *l, struct err *e)
{
	struct follow *f = follow_new(m->ws->pool, l->at);
	if (!m->o->json)
		fputs("following; Ctrl-C ends\n", m->o->msg);
	while (!signal_came(m)) {
		struct pollfd fds[] = { { .fd = follow_fd(f), .events = POLLIN }, { .fd = m->signals, .events = POLLIN } };
		(void)poll(fds, 2, follow_poll_ms(f));
		struct source_list due = { 0 };
		for (char *const *p = follow_due(f); p && *p; p++)
			add_path(&due, *p);
		for (size_t i = 0; i < due.n && !signal_came(m); i++) {
			(void)import_one(m, due.at[i], true, e);       /* told; the next change is another chance */
			follow_rescan(f, due.at[i]);
		}
		for (size_t i = 0; i < due.n; i++)
			free(due.at[i]);
		free(due.at);
	}
	follow_free(f);
}

static enum status import_all(struct importing *m, const struct source_list *l, bool following, struct err *e)
{
	enum status first = ST_OK;
	m->json_lines = following;
	json_out_init(&m->j, m->o->out);
	if (m->o->json && !following) {
		jsonw_open(&m->j.w, '{');
		jsonw_put_open(&m->j.w, "sources", '[');
	}
	for (size_t i = 0; i < l->n && !m->interrupted; i++) {
		enum status st = import_one(m, l->at[i], false, first == ST_OK && !following ? e : NULL);
		first = first == ST_OK ? st : first;
	}
	if (following && !m->interrupted) {
		follow(m, l, NULL);
		first = ST_OK;
	}
	if (m->o->json && !following) {
		jsonw_close(&m->j.w, ']');
		jsonw_close(&m->j.w, '}');
		enum status written = json_out_end(&m->j, first == ST_OK ? e : NULL);
		return first == ST_OK ? written : first;
	}
	str_free(&m->j.text);
	return first;
}

/* Signals become readable before the workers start, so that these inherit the mask. */
static void signals_open(struct importing *m)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, &m->old_mask);
	m->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

enum status verb_import(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct importing m = { .ws = ws, .o = o, .bar = isatty(fileno(o->msg)) };
	struct source_list l = { 0 };
	if (ws->read_only)
		return err_set(e, ST_REFUSED, "the workspace is open for reading only: an import writes");
	find_sources(a, &l);
	signals_open(&m);
	m.tasks = tasks_new(1, 1);
	enum status st = import_all(&m, &l, verb_flag(a, "follow"), e);
	tasks_free(m.tasks);
	if (m.signals >= 0)
		close(m.signals);
	pthread_sigmask(SIG_SETMASK, &m.old_mask, NULL);
	for (size_t i = 0; i < l.n; i++)
		free(l.at[i]);
	free(l.at);
	return st;
}
