/* audit log, verify, export, acknowledge, checkpoint. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/registry/audit_impl.h"
#include "core/registry/policy_impl.h"
#include "core/registry/verbs.h"
#include "core/runs/verbs_impl.h"
#include "core/workspace.h"

enum { LOG_LINES = 50 };

/* ---- log ---- */

static enum status take_date(const struct verb_args *a, const char *name, int64_t *ms, struct err *e)
{
	const char *text = verb_opt(a, name);
	if (!text || policy_date(text, strcmp(name, "until") == 0, ms))
		return ST_OK;
	return err_set(e, ST_USAGE, "--%s needs a date like 2026-11-21 or 2026-11-21T18:00, not '%s'", name, text);
}

/* *object: to be freed; the query borrows it. */
static enum status take_query(const struct verb_args *a, struct audit_query *q, char **object, struct err *e)
{
	const char *model = verb_opt(a, "model");
	struct str name = STR_INIT;
	int64_t limit = verb_int(a, "limit", LOG_LINES);
	*q = (struct audit_query){ .actor = verb_opt(a, "actor"), .action_prefix = verb_opt(a, "action"), .text = verb_opt(a, "grep") };
	*object = NULL;
	if (limit < 0)
		return err_set(e, ST_USAGE, "--limit needs a number from 0 on");
	q->most = (size_t)limit;
	enum status st = take_date(a, "since", &q->since_ms, e);
	if (st == ST_OK)
		st = take_date(a, "until", &q->until_ms, e);
	if (st == ST_OK && model) {
		str_addf(&name, "model:%s", model);
		q->object_prefix = *object = str_take(&name);
	}
	return st;
}

static void json_row(struct jsonw *w, const struct audit_row *r)
{
	char hex[2 * AUDIT_HASH + 1];
	audit_hex(r->hash, hex);
	const struct { const char *key, *value; } members[] = { { "actor", r->actor }, { "key_id", *r->key_id ? r->key_id : NULL }, { "action", r->action }, { "object", r->object },
		{ "before", *r->before ? r->before : NULL }, { "after", *r->after ? r->after : NULL }, { "reason", r->reason }, { "hash", hex } };
	jsonw_open(w, '{');
	jsonw_put_int(w, "seq", r->seq);
	jsonw_put_int(w, "ms", r->ms);
	jsonw_put_int(w, "uid", r->uid);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		jsonw_put_str(w, members[i].key, members[i].value);
	jsonw_close(w, '}');
}

static enum status log_json(struct out *o, const struct audit_rows *rows, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_open(&j.w, "records", '[');
	for (size_t i = 0; i < rows->n; i++) {
		json_row(&j.w, &rows->at[i]);
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "total", rows->total);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void log_table(struct out *o, const struct audit_rows *rows)
{
	struct out_table *t = out_table_new(o);
	char when[FMT_MAX];
	out_table_column(t, "record", OUT_RIGHT);
	out_table_column(t, "time", OUT_LEFT);
	out_table_column(t, "actor", OUT_LEFT);
	out_table_column(t, "action", OUT_LEFT);
	out_table_column(t, "object", OUT_LEFT);
	out_table_column(t, "reason", OUT_LEFT);
	for (size_t i = 0; i < rows->n; i++) {
		const struct audit_row *r = &rows->at[i];
		out_table_cellf(t, "%" PRId64, r->seq);
		out_table_cell(t, o->tty ? fmt_time(when, r->ms) : fmt_time_iso(when, r->ms));
		out_table_cell(t, r->actor);
		out_table_cell(t, r->action);
		out_table_cell(t, r->object);
		out_table_cell(t, r->reason);
	}
	out_table_end(t);
}

static enum status log_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct audit_query q;
	struct audit_rows *rows = NULL;
	char *object;
	enum status st = take_query(a, &q, &object, e);
	struct store *s = st == ST_OK ? store_get(ws->pool, e) : NULL;
	if (st == ST_OK)
		st = s ? audit_rows_load(s, &q, &rows, e) : ST_FAILED;
	if (st == ST_OK && o->json)
		st = log_json(o, rows, e);
	else if (st == ST_OK)
		log_table(o, rows);
	if (st == ST_OK && q.most && rows->n == q.most && !verb_opt(a, "limit"))
		fprintf(o->msg, "the newest %zu; more with --limit N, all with --limit 0\n", rows->n);
	audit_rows_free(rows);
	if (s)
		store_put(ws->pool, s);
	free(object);
	return st;
}

/* ---- verify ---- */

static void json_lines(struct jsonw *w, const char *key, const struct str *lines)
{
	jsonw_put_open(w, key, '[');
	for (const char *p = lines->p; *p; ) {
		size_t n = strcspn(p, "\n");
		jsonw_strn(w, p, n);
		p += n + (p[n] == '\n');
	}
	jsonw_close(w, ']');
}

static enum status verify_json(struct out *o, const struct audit_report *r, bool holds, struct err *e)
{
	struct json_out j;
	char hex[2 * AUDIT_HASH + 1];
	const struct { const char *key; int64_t value; } numbers[] = { { "records", r->records }, { "first_bad", r->first_bad }, { "checkpoints", r->checkpoints },
		{ "head_seq", r->head_seq }, { "remembered_seq", r->remembered_seq } };
	audit_hex(r->head, hex);
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "holds", holds);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		jsonw_put_int(&j.w, numbers[i].key, numbers[i].value);
	jsonw_put_str(&j.w, "head", r->head_seq ? hex : NULL);
	json_lines(&j.w, "findings", &r->findings);
	json_lines(&j.w, "proved", &r->proved);
	json_lines(&j.w, "unproved", &r->unproved);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void add_lines(struct str *out, const char *title, const struct str *lines)
{
	if (!lines->len)
		return;
	str_addf(out, "%s\n", title);
	for (const char *p = lines->p; *p; ) {
		size_t n = strcspn(p, "\n");
		str_addf(out, "  %.*s\n", (int)n, p);
		p += n + (p[n] == '\n');
	}
}

static void verify_text(struct out *o, const struct audit_report *r, bool holds)
{
	struct str text = STR_INIT;
	char count[FMT_MAX], hex[2 * AUDIT_HASH + 1];
	audit_hex(r->head, hex);
	if (!holds && r->first_bad)
		str_addf(&text, "DOES NOT HOLD: the first bad record is %" PRId64 "\n", r->first_bad);
	else
		str_addf(&text, "%s: %s record%s, head %.16s\n", holds ? "holds" : "DOES NOT HOLD", fmt_count(count, r->records), r->records == 1 ? "" : "s", r->records ? hex : "none");
	add_lines(&text, "found", &r->findings);
	add_lines(&text, "proved", &r->proved);
	add_lines(&text, "not proved", &r->unproved);
	out_text(o, text.p, text.len);
	str_free(&text);
}

static enum status verify_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct audit_report r;
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	enum status st = audit_verify(s, verb_int(a, "from", 0), verb_int(a, "to", 0), NULL, &r, e), printed = ST_OK;
	if (o->json && (st == ST_OK || st == ST_CHECK))
		printed = verify_json(o, &r, st == ST_OK, e);
	else if (st == ST_OK || st == ST_CHECK)
		verify_text(o, &r, st == ST_OK);
	audit_report_free(&r);
	store_put(ws->pool, s);
	return printed != ST_OK ? printed : st;
}

/* ---- export ---- */

/* A new file, readable for its owner: the log names people and reasons. */
static enum status export_to(struct store *s, const struct audit_query *q, const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f && errno == EEXIST)
		return err_set(e, ST_REFUSED, "%s exists already and is left alone", path);
	if (!f)
		return err_set(e, ST_FAILED, "cannot write %s: %s", path, strerror(errno));
	enum status st = audit_export(s, q, f, NULL, e);
	if (st == ST_OK && fsync(fd) < 0)
		st = err_set(e, ST_FAILED, "cannot flush %s: %s", path, strerror(errno));
	if (fclose(f) != 0 && st == ST_OK)
		st = err_set(e, ST_FAILED, "cannot write %s: %s", path, strerror(errno));
	if (st != ST_OK)
		unlink(path);
	return st;
}

static enum status export_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct audit_query all = { 0 };
	const char *path = verb_arg(a, 0);
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	enum status st = path && strcmp(path, "-") != 0 ? export_to(s, &all, path, e) : audit_export(s, &all, o->out, NULL, e);
	store_put(ws->pool, s);
	return st;
}

/* ---- acknowledge, checkpoint ---- */

static enum status acknowledge_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct actor self;
	struct audit_head head;
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	actor_self(&self);
	enum status st = audit_acknowledge(s, &self, verb_opt(a, "reason"), e);
	if (st == ST_OK)
		st = audit_head(s, &head, e);
	if (st == ST_OK)
		fprintf(o->msg, "accepted and recorded (record %" PRId64 "); everybody who saw more is told\n", head.seq);
	store_put(ws->pool, s);
	return st;
}

static enum status checkpoint_run(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)a;
	struct actor self;
	struct audit_signed last;
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	actor_self(&self);
	enum status st = audit_checkpoint(s, &self, true, e);
	if (st == ST_OK)
		st = audit_signed_last(s, &last, e);
	if (st == ST_OK)
		fprintf(o->msg, "checkpoint %" PRId64 " signs record %" PRId64 "\n", last.n, last.seq);
	store_put(ws->pool, s);
	return st;
}

static const struct verb_opt log_opts[] = {
	{ "model", OPT_STRING, "MODEL", "Only what is about this model, its versions and requests; NAME/VERSION for one version" },
	{ "actor", OPT_STRING, "NAME", "Only what this actor did" },
	{ "action", OPT_STRING, "ACTION", "Only this action or family: request, model.promote" },
	{ "since", OPT_STRING, "DATE", "Only from this day or moment on (UTC)" },
	{ "until", OPT_STRING, "DATE", "Only up to the end of this day, or before this moment (UTC)" },
	{ "grep", OPT_STRING, "TEXT", "Only records with this text in any field" },
	{ "limit", OPT_INT, "N", "At most N records, the newest; 0 for all (50)" },
};
static const struct verb_opt verify_opts[] = {
	{ "from", OPT_INT, "N", "Begin at this record, trusting the one before it" },
	{ "to", OPT_INT, "N", "End at this record" },
};
static const struct verb_opt acknowledge_opts[] = { { "reason", OPT_STRING, "TEXT", "Why it may be accepted; it is recorded" } };

static const struct verb audit_table[] = {
	{ "audit log", "", "List what was changed, by whom and why, newest first", log_opts, sizeof log_opts / sizeof *log_opts, VERB_READS, 0, 0, log_run },
	{ "audit verify", "", "Prove that nobody rewrote the log, and say what cannot be proved (exit code 10 when it does not hold)", verify_opts, 2, VERB_READS, 0, 0, verify_run },
	{ "audit export", "[FILE]", "Write the log with its checkpoints and keys as JSON Lines, to standard output without FILE", NULL, 0, VERB_READS, 0, 1, export_run },
	{ "audit acknowledge", "", "Accept a log that was cut or replaced, as an admin and with a record", acknowledge_opts, 1, VERB_WRITES, 0, 0, acknowledge_run },
	{ "audit checkpoint", "", "Sign the head of the log now", NULL, 0, VERB_WRITES, 0, 0, checkpoint_run },
};
const struct verb_table audit_verbs = { audit_table, sizeof audit_table / sizeof *audit_table };
