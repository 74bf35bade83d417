/* The audit log: records newest first, narrowed by a line of words; what one of them changed; whether the chain holds.
 *
 * Loading  FIRST records, four times as many when the cursor comes near their end. A jump to an old record loads the stretch around it.
 * Proof    the chain is verified when the page comes up and whenever the log grew since; the title says how far. It is a task that
 *          can be seen and cancelled. */
#include "views/registry_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "views/registry_commands.h"

enum { FIRST = 500, MOST = 100000, NEAR_END = 20, AROUND = 100 };

struct trip { struct audit_filter filter; struct audit_query query; int64_t want; size_t most; int64_t before_seq; struct audit_rows *data; };

struct audit_view *audit_of(const struct registry_view *v)
{
	return v->state[PAGE_audit];
}

const struct audit_row *audit_row(const struct registry_view *v)
{
	const struct audit_view *a = audit_of(v);
	return a->data && a->table.cursor < a->data->n ? &a->data->at[a->table.cursor] : NULL;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	audit_filter_done(&t->filter);
	audit_rows_free(t->data);
	free(t);
}

static bool has(const struct audit_rows *r, int64_t seq)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->at[i].seq == seq)
			return true;
	return false;
}

static enum status ask(struct store *s, struct trip *t, struct err *e)
{
	struct audit_query q = { .most = t->most, .before_seq = t->before_seq };
	audit_filter_query(&t->filter, &q);
	audit_rows_free(t->data);
	t->data = NULL;
	return audit_rows_load(s, &q, &t->data, e);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	enum status st = ask(s, t, e);
	if (st != ST_OK || !t->want || has(t->data, t->want))
		return st;
	t->before_seq = t->want + AROUND;
	return ask(s, t, e);
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct audit_view *a = audit_of(v);
	struct trip *t = arg;
	if (st != ST_CANCELLED)
		a->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK) {
		int64_t seq = t->want ? t->want : a->seq;
		size_t at = a->table.cursor;
		audit_rows_free(a->data);
		a->data = t->data;
		t->data = NULL;
		a->before_seq = t->before_seq;
		a->all = a->data->n < t->most;
		for (size_t i = 0; i < a->data->n; i++)
			if (a->data->at[i].seq == seq)
				at = i;
		a->table.n_rows = a->data->n;
		table_forget(&a->table);
		table_to(&a->table, a->seq || t->want ? at : 0);
		if (t->want)
			a->seq = t->want;
		if (!a->proof.running && (!a->proof.known || a->proof.head_at != a->data->total))
			audit_verify_start(v);
	}
	trip_drop(t);
}

static void load(struct registry_view *v, int64_t want)
{
	struct audit_view *a = audit_of(v);
	struct err ignored;
	struct trip *t = mem_zalloc(sizeof *t);
	if (a->filter.line)
		audit_filter_set(&t->filter, a->filter.line, &ignored);
	t->want = want;
	t->most = a->most;
	t->before_seq = a->before_seq;
	ui_task(v->ui, v, &(struct ui_task){ .title = "audit log", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_audit),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

void audit_load(struct registry_view *v)
{
	load(v, 0);
}

/* A jump to a record takes the filter away when there is one: the record may not be among what it lets through. */
static void audit_want(struct registry_view *v, bool again)
{
	struct audit_view *a = audit_of(v);
	int64_t want = again ? 0 : registry_about(v)->seq;
	if (!again) {
		a->before_seq = 0;
		a->most = FIRST;
		a->seq = 0;
	}
	if (want)
		audit_filter_done(&a->filter);
	load(v, want);
}

/* ---- verifying ------------------------------------------------------------------------------------------------ */

struct proof_trip { struct audit_report report; int64_t us; };

static void proof_drop(void *arg)
{
	struct proof_trip *t = arg;
	audit_report_free(&t->report);
	free(t);
}

static enum status proof_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct proof_trip *t = arg;
	int64_t start = clock_mono_us();
	enum status st = audit_verify(s, 0, 0, task, &t->report, e);
	t->us = clock_mono_us() - start;
	return st;
}

static void proof_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct proof_trip *t = arg;
	struct registry_view *v = view;
	struct audit_view *a = audit_of(v);
	struct audit_proof *p = &a->proof;
	struct str words = p->words;
	str_clear(&words);
	str_addf(&words, "Proved\n%s\nCannot be proved\n%s\nFindings\n%s", t->report.proved.p, t->report.unproved.p, t->report.findings.len ? t->report.findings.p : "none\n");
	*p = (struct audit_proof){ .known = st == ST_OK || st == ST_CHECK, .seq = t->report.head_seq, .checkpoints = t->report.checkpoints, .first_bad = t->report.first_bad,
		.head_at = t->report.records, .ms = (double)t->us / 1000, .st = st, .err = *e, .words = words };
	if (st == ST_CHECK)
		ui_message(v->ui, st, "%s", e->text);
	proof_drop(t);
}

void audit_verify_start(struct registry_view *v)
{
	audit_of(v)->proof.running = true;
	ui_task(v->ui, v, &(struct ui_task){ .title = "verify the audit log", .cls = TASK_LONG, .slot = REG_SLOT_VERIFY,
		.work = proof_work, .apply = proof_apply, .drop = proof_drop, .arg = mem_zalloc(sizeof(struct proof_trip)) });
	ui_watch_tasks(v->ui);
}

const char *registry_why_no_audit(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	return registry_page_id(v) == PAGE_audit ? NULL : registry_words(v, "this is about the audit log; {registry.audit} shows it");
}

REGISTRY_CMD(audit_verify)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv;
	if (audit_of(v)->proof.running)
		return err_set(e, ST_REFUSED, "the log is being verified already");
	audit_verify_start(v);
	return ST_OK;
}

REGISTRY_CMD(audit_proof)
{
	struct registry_view *v = c->view;
	const struct audit_proof *p = &audit_of(v)->proof;
	(void)argc, (void)argv;
	if (!p->known)
		return err_set(e, ST_REFUSED, "the log was not verified yet");
	ui_text(v->ui, "What the verification says", p->words.p, p->words.len, true);
	return ST_OK;
}

/* ---- filter ------------------------------------------------------------------------------------------------------ */

static enum status narrow(struct registry_view *v, const char *line, struct err *e)
{
	struct audit_view *a = audit_of(v);
	enum status st = audit_filter_set(&a->filter, line, e);
	if (st != ST_OK)
		return st;
	a->before_seq = 0;
	a->most = FIRST;
	a->seq = 0;
	audit_load(v);
	return ST_OK;
}

static void filter_given(void *view, const char *text)
{
	struct registry_view *v = view;
	struct err e = { .code = ST_OK };
	if (text && narrow(v, text, &e) != ST_OK)
		ui_message(v->ui, e.code, "%s", e.text);
}

static void complete_filter(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	static const char *const words[] = { "model:", "actor:", "action:", "object:", "since:", "until:" };
	const struct registry_view *v = c->view;
	(void)index;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strncmp(words[i], word, strlen(word)))
			str_addf(out, "%s\n", words[i]);
	for (size_t i = 0; v && v->models.list && !strncmp(word, "model:", 6) && i < v->models.list->n; i++)
		if (!strncmp(v->models.list->at[i].name, word + 6, strlen(word + 6)))
			str_addf(out, "model:%s\n", v->models.list->at[i].name);
}

void registry_complete_audit(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	complete_filter(c, index, word, out);
}

REGISTRY_CMD(audit_filter)
{
	struct registry_view *v = c->view;
	if (argc > 1) {
		struct str line = STR_INIT;
		cmd_rest(&line, argc, argv);
		enum status st = narrow(v, line.p, e);
		str_free(&line);
		return st;
	}
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "only (model: actor: action: since: words): ", .initial = audit_of(v)->filter.line, .history = "registry.audit",
		.done = filter_given, .complete = complete_filter });
	return ST_OK;
}

REGISTRY_CMD(audit_clear)
{
	(void)argc, (void)argv;
	return audit_of(c->view)->filter.line ? narrow(c->view, "", e) : err_set(e, ST_REFUSED, "all records are shown");
}

/* Only what is about the chosen model, or everything again. */
REGISTRY_CMD(audit_model)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv;
	const struct reg_model_row *m = models_row(v);
	struct str line = STR_INIT;
	if (!m)
		return err_set(e, ST_REFUSED, "no model is chosen");
	str_addf(&line, "model:%s", m->name);
	const char *now = audit_of(v)->filter.line;
	enum status st = narrow(v, now && !strcmp(now, line.p) ? "" : line.p, e);
	str_free(&line);
	return st;
}

/* ---- export --------------------------------------------------------------------------------------------------------- */

struct export_trip { struct audit_filter filter; char *path; int64_t bytes; };

static void export_drop(void *arg)
{
	struct export_trip *t = arg;
	audit_filter_done(&t->filter);
	free(t->path);
	free(t);
}

/* A new file: what is there is never written over. */
static enum status export_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct export_trip *t = arg;
	struct audit_query q = { .most = 0 };
	int fd = open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, errno == EEXIST ? ST_REFUSED : ST_FAILED, errno == EEXIST ? "%s is there already; nothing was written" : "%s cannot be written", t->path);
	FILE *f = fdopen(fd, "w");
	if (!f) {
		close(fd);
		return err_set(e, ST_FAILED, "%s: %s", t->path, strerror(errno));
	}
	audit_filter_query(&t->filter, &q);
	enum status st = audit_export(s, &q, f, task, e);
	t->bytes = ftell(f);
	if (fclose(f) && st == ST_OK)
		st = err_set(e, ST_FAILED, "%s: %s", t->path, strerror(errno));
	if (st != ST_OK)
		unlink(t->path);
	return st;
}

static void export_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct export_trip *t = arg;
	char size[FMT_MAX];
	if (st == ST_OK)
		ui_message(v->ui, st, "written: %s, %s%s", t->path, fmt_bytes(size, t->bytes), t->filter.line ? "; only what the filter lets through" : "");
	else
		ui_message(v->ui, st, "%s", e->text);
	export_drop(t);
}

static void export_to(void *view, const char *path)
{
	struct registry_view *v = view;
	struct err ignored;
	if (!path || !*path)
		return;
	struct export_trip *t = mem_zalloc(sizeof *t);
	const char *home = getenv("HOME");
	struct str full = STR_INIT;
	if (!strncmp(path, "~/", 2) && home)
		str_addf(&full, "%s%s", home, path + 1);
	else
		str_add(&full, path);
	t->path = str_take(&full);
	if (audit_of(v)->filter.line)
		audit_filter_set(&t->filter, audit_of(v)->filter.line, &ignored);
	ui_task(v->ui, v, &(struct ui_task){ .title = "export the audit log", .cls = TASK_LONG, .slot = REG_SLOT_EXPORT,
		.work = export_work, .apply = export_apply, .drop = export_drop, .arg = t });
}

REGISTRY_CMD(audit_export)
{
	struct registry_view *v = c->view;
	(void)e;
	if (argc > 1)
		export_to(v, argv[1]);
	else
		ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "export to the new file: ", .initial = "audit.jsonl", .history = "registry.export", .done = export_to });
	return ST_OK;
}

/* ---- the page ------------------------------------------------------------------------------------------------------------ */

static void *audit_open(struct registry_view *v)
{
	(void)v;
	struct audit_view *a = mem_zalloc(sizeof *a);
	a->most = FIRST;
	str_init(&a->proof.words);
	audit_table_init(a);
	return a;
}

static void audit_close(void *state)
{
	struct audit_view *a = state;
	audit_rows_free(a->data);
	audit_filter_done(&a->filter);
	str_free(&a->proof.words);
	free(a->cols);
	free(a);
}

static void audit_move(struct registry_view *v, enum registry_move m)
{
	struct audit_view *a = audit_of(v);
	if (m == REG_LEFT && a->table.col_cursor < 0 && !a->table.left) {
		registry_focus(v, FOCUS_MODELS);
		return;
	}
	table_move(&a->table, registry_rows_of(m, a->table.page, a->table.n_rows));
	const struct audit_row *r = audit_row(v);
	a->seq = r && a->table.cursor ? r->seq : 0;
	if (!a->all && a->most < MOST && a->table.cursor + NEAR_END >= a->table.n_rows) {
		a->most *= 4;
		audit_load(v);
	}
}

static enum status audit_enter(struct registry_view *v, struct err *e)
{
	const struct audit_row *r = audit_row(v);
	struct str story = STR_INIT;
	char title[48];
	if (!r)
		return err_set(e, ST_REFUSED, "there is no record here");
	audit_story(r, ui_glyphs(v->ui) == GLYPHS_ASCII, &story);
	snprintf(title, sizeof title, "Record %lld", (long long)r->seq);
	ui_text(v->ui, title, story.p, story.len, true);
	str_free(&story);
	return ST_OK;
}

static void audit_model(const struct registry_view *v, struct str *out)
{
	const struct audit_view *a = audit_of(v);
	const struct audit_row *r = audit_row(v);
	const struct audit_proof *p = &a->proof;
	str_addf(out, "records: %zu of %lld\nfilter: %s\n", a->data ? a->data->n : 0, a->data ? (long long)a->data->total : 0LL, a->filter.line ? a->filter.line : "");
	if (r)
		str_addf(out, "record: %lld %s %s %s\n", (long long)r->seq, r->action, r->object, r->actor);
	if (p->known)
		str_addf(out, "proof: %s to %lld, %lld checkpoints, first bad %lld\n", p->st == ST_OK ? "holds" : "broken", (long long)p->seq, (long long)p->checkpoints,
			(long long)p->first_bad);
}

static const char *audit_hints(const struct registry_view *v)
{
	return audit_of(v)->filter.line ? "registry.open record; audit.filter filter; audit.clear all; audit.verify verify; audit.export export; cancel back; help help"
		: "registry.open record; audit.filter filter; audit.model model; audit.verify verify; audit.export export; audit.proof proof; cancel back; help help";
}

static bool audit_leave(struct registry_view *v)
{
	struct err ignored;
	return audit_of(v)->filter.line && !registry_about(v)->seq && narrow(v, "", &ignored) == ST_OK;
}

static void audit_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct audit_view *a = audit_of(v);
	int col;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		audit_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
		return;
	}
	long row = table_hit(&a->table, x, y - 1, &col);
	if (ev->mouse == MOUSE_PRESS && row >= 0)
		table_to(&a->table, (size_t)row);
}

const struct registry_page page_audit = { .id = "audit", .context = "registry.audit", .of_model = true, .open = audit_open, .close = audit_close, .want = audit_want,
	.paint = audit_paint, .model = audit_model, .hints = audit_hints, .move = audit_move, .enter = audit_enter, .leave = audit_leave, .mouse = audit_mouse };
