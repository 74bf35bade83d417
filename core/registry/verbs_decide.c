/* Design
 *
 * Requests from the shell: asked for, answered, withdrawn, commented, listed; and the table of all commands for decisions (verbs_move.c has the moves).
 * A command reads names first and remembers the model's rev, decides with it, and prints what the decision said of itself; JSON
 * has the same beside stable keys. So two commands at once conflict as two sheets do. Keys are unlocked before the store is
 * asked for its gate: a passphrase takes its time.
 */
#include "core/registry/verbs_decide_impl.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/verbs.h"

/* ---- shared ---- */

enum status asked_open(struct asked *q, struct workspace *ws, struct err *e)
{
	*q = (struct asked){ .ws = ws, .s = store_get(ws->pool, e) };
	actor_self(&q->who);
	return q->s ? ST_OK : ST_FAILED;
}

void asked_done(struct asked *q)
{
	store_put(q->ws->pool, q->s);
}

enum status asked_adopt(struct asked *q, struct err *e)
{
	int n;
	return !q->ws->read_only && models_adopt_due(q->s) ? models_adopt(q->s, &n, e) : ST_OK;
}

enum status asked_version(struct asked *q, const struct verb_args *a, bool version, struct err *e)
{
	enum status st = asked_adopt(q, e);
	if (st == ST_OK)
		st = model_find(q->s, verb_arg(a, 0), &q->model_id, e);
	if (st == ST_OK)
		st = reg_int(q->s, e, 0, &q->rev, "SELECT rev FROM reg_model WHERE model_id = ?", "i", q->model_id);
	return st == ST_OK && version ? version_find(q->s, q->model_id, verb_arg(a, 1), &q->version, e) : st;
}

int64_t version_record(struct store *s, int64_t model_id, int64_t version)
{
	int64_t rev;
	reg_int(s, NULL, 0, &rev, "SELECT r.rev FROM reg_version r JOIN model_version v ON v.id = r.version_id WHERE v.model_id = ? AND v.version = ?", "ii", model_id, version);
	return rev;
}

enum status verb_told(struct out *o, const struct told *t, size_t n, int64_t record, struct err *e)
{
	if (!o->json) {
		out_text(o, e->text, strlen(e->text));
		fputc('\n', o->out);
		return out_check(o->out, e);
	}
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_bool(&j.w, "done", true);
	for (size_t i = 0; i < n; i++) {
		if (t[i].text)
			jsonw_put_str(&j.w, t[i].key, t[i].text);
		else
			jsonw_put_int(&j.w, t[i].key, t[i].number);
	}
	jsonw_put_int(&j.w, "record", record);
	jsonw_put_str(&j.w, "message", e->text);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static enum status read_id(const char *word, int64_t *id, struct err *e)
{
	char *end;
	long long n = strtoll(word, &end, 10);
	*id = n;
	return end != word && !*end && n > 0 ? ST_OK : err_set(e, ST_USAGE, "'%.60s' is no number of a request; mlyard models requests lists them", word);
}

/* The last record about a request. */
static int64_t request_record(struct store *s, int64_t id)
{
	int64_t seq;
	char object[40];
	snprintf(object, sizeof object, "request:%" PRId64, id);
	reg_int(s, NULL, 0, &seq, "SELECT max(seq) FROM audit WHERE object = ?", "t", object);
	return seq;
}

/* ---- asking ---- */

static enum status verb_request(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct asked q;
	bool *checked = NULL;
	int64_t id = 0;
	struct move m = { .to = verb_arg(a, 2), .reason = verb_opt(a, "reason") };
	enum status st = asked_open(&q, ws, e);
	if (st != ST_OK)
		return st;
	st = asked_version(&q, a, true, e);
	if (st == ST_OK)
		st = verb_checked(&q, a, m.to, &checked, &m.n_checked, e);
	if (st == ST_OK) {
		m.model_id = q.model_id;
		m.version = q.version;
		m.expect_rev = q.rev;
		m.checked = checked;
		st = decide_request(q.s, &q.who, &m, &id, e);
	}
	if (st == ST_OK) {
		const struct told t[] = { { "request", NULL, id }, { "model", verb_arg(a, 0), 0 }, { "version", NULL, q.version }, { "to", m.to, 0 } };
		st = verb_told(o, t, sizeof t / sizeof *t, request_record(q.s, id), e);
	}
	free(checked);
	asked_done(&q);
	return st;
}

/* ---- answering ---- */

static enum status unlock_by_passphrase(const char *path, struct key **key, struct err *e)
{
	struct key_secret how = { 0 };
	char *pass;
	enum status st = key_ask_passphrase("Passphrase of your approval key: ", false, &pass, &how.n, e);
	if (st != ST_OK)
		return st;
	how.passphrase = pass;
	st = key_unlock(path, &how, key, e);
	sodium_free(pass);
	return st;
}

static enum status unlock(const struct verb_args *a, struct key **key, struct err *e)
{
	struct key_public public;
	const struct key_secret how = { .key_file = verb_opt(a, "key-file") };
	char *path = key_path(KEY_APPROVAL);
	enum status st = key_read_public(path, &public, e);
	if (st == ST_OK && public.seal == KEY_SEAL_FILE && !how.key_file)
		st = err_set(e, ST_USAGE, "your approval key is sealed by a key file: name it with --key-file FILE");
	if (st == ST_OK)
		st = how.key_file ? key_unlock(path, &how, key, e) : unlock_by_passphrase(path, key, e);
	free(path);
	return st;
}

/* What is about to be signed, for people. */
static void say_request(struct out *o, const struct request *r)
{
	struct str text = STR_INIT;
	str_addf(&text, "request %" PRId64 ": %s v%" PRId64 " from %s to %s, asked for by %s: %s", r->id, r->model, r->version, r->from, r->to, r->requester, r->reason);
	struct str clean = STR_INIT;
	text_clean(&clean, text.p, text.len, 0);
	fprintf(o->msg, "%s\n", clean.p);
	str_free(&clean);
	str_free(&text);
}

static enum status answer(struct workspace *ws, const struct verb_args *a, struct out *o, bool approve, const char *comment, struct err *e)
{
	struct asked q;
	struct request r;
	struct key *key = NULL;
	int64_t id;
	struct arena *arena = arena_new();
	enum status st = asked_open(&q, ws, e);
	if (st == ST_OK)
		st = read_id(verb_arg(a, 0), &id, e);
	if (st == ST_OK)
		st = asked_adopt(&q, e);
	if (st == ST_OK)
		st = request_read(q.s, arena, id, &r, e);
	if (st == ST_OK && o->tty && !o->json)
		say_request(o, &r);
	if (st == ST_OK)
		st = unlock(a, &key, e);
	if (st == ST_OK)
		st = decide_vote(q.s, &q.who, key, id, approve, comment, e);
	if (st == ST_OK) {
		const struct told t[] = { { "request", NULL, id }, { "verdict", approve ? "approve" : "reject", 0 }, { "key", key_of(key)->id, 0 } };
		st = verb_told(o, t, sizeof t / sizeof *t, request_record(q.s, id), e);
	}
	key_free(key);
	arena_free(arena);
	asked_done(&q);
	return st;
}

static enum status verb_approve(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	return answer(ws, a, o, true, verb_opt(a, "comment"), e);
}

static enum status verb_reject(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	const char *reason = verb_opt(a, "reason"), *comment = verb_opt(a, "comment");
	if (reason && comment)
		return err_set(e, ST_USAGE, "--reason and --comment are the same here: give one");
	return answer(ws, a, o, false, reason ? reason : comment, e);
}

static enum status change_request(struct workspace *ws, const struct verb_args *a, struct out *o, const char *comment, struct err *e)
{
	struct asked q;
	int64_t id;
	enum status st = asked_open(&q, ws, e);
	if (st != ST_OK)
		return st;
	st = read_id(verb_arg(a, 0), &id, e);
	if (st == ST_OK)
		st = asked_adopt(&q, e);
	if (st == ST_OK)
		st = comment ? decide_comment(q.s, &q.who, id, comment, e) : decide_withdraw(q.s, &q.who, id, verb_opt(a, "reason"), e);
	if (st == ST_OK) {
		const struct told t[] = { { "request", NULL, id } };
		st = verb_told(o, t, 1, request_record(q.s, id), e);
	}
	asked_done(&q);
	return st;
}

static enum status verb_withdraw(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	return change_request(ws, a, o, NULL, e);
}

static enum status verb_comment(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	return change_request(ws, a, o, verb_arg(a, 1), e);
}

/* ---- listing ---- */

struct approvals { int needed, given; };

/* Of an open request, as things stand now; a version that is gone has none. */
static enum status count_approvals(struct store *s, const struct policy *p, int64_t id, struct approvals *out, struct err *e)
{
	struct request r;
	struct gate_report *g;
	struct arena *a = arena_new();
	enum status st = request_read(s, a, id, &r, e);
	*out = (struct approvals){ 0 };
	if (st == ST_OK && gates_check(s, p, r.model_id, r.version, r.to, GATES_FOR_PROMOTION, NULL, 0, &g, NULL) == ST_OK) {
		*out = (struct approvals){ g->approvals_needed, g->approvals_given };
		gate_report_free(g);
	}
	arena_free(a);
	return st;
}

static void vote_json(struct jsonw *w, const struct reg_vote_row *v)
{
	const struct { const char *key, *text; } texts[] = { { "actor", v->actor }, { "verdict", v->verdict }, { "comment", v->comment }, { "key", v->key_id }, { "void", v->void_why } };
	jsonw_open(w, '{');
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		jsonw_put_str(w, texts[i].key, texts[i].text);
	json_time(w, "ms", v->ms);
	json_time(w, "expires_ms", v->expires_ms ? v->expires_ms : INT64_MIN);
	jsonw_put_bool(w, "signature_good", v->signature_good);
	jsonw_close(w, '}');
}

static void request_json(struct jsonw *w, const struct reg_request_row *r, const struct approvals *x)
{
	const struct { const char *key, *text; } texts[] = { { "model", r->model }, { "from", r->from }, { "to", r->to }, { "requester", r->requester }, { "reason", r->reason }, { "state", r->state } };
	jsonw_open(w, '{');
	jsonw_put_int(w, "request", r->id);
	jsonw_put_int(w, "version", r->version);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		jsonw_put_str(w, texts[i].key, texts[i].text);
	json_time(w, "created_ms", r->created_ms);
	json_time(w, "expires_ms", r->expires_ms);
	json_time(w, "closed_ms", r->closed_ms);
	jsonw_put_open(w, "approvals", '{');
	jsonw_put_int(w, "needed", x->needed);
	jsonw_put_int(w, "given", x->given);
	jsonw_close(w, '}');
	jsonw_put_open(w, "votes", '[');
	for (size_t i = 0; i < r->n_votes; i++)
		vote_json(w, &r->votes[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static enum status requests_json(const struct reg_requests *r, const struct approvals *x, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_open(&j.w, "requests", '[');
	for (size_t i = 0; i < r->n; i++) {
		request_json(&j.w, &r->at[i], &x[i]);
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "total", (int64_t)r->n);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

/* For people how long ago, or how long from now; for programs the time itself. */
static void time_cell(struct out_table *t, const struct out *o, int64_t ms, int64_t now_ms)
{
	char text[FMT_MAX];
	if (!o->tty)
		out_table_cell(t, fmt_time_iso(text, ms));
	else if (ms > now_ms)
		out_table_cellf(t, "in %s", fmt_age(text, ms - now_ms));
	else
		out_table_cellf(t, "%s ago", fmt_age(text, now_ms - ms));
}

static void requests_table(const struct reg_requests *r, const struct approvals *x, struct out *o)
{
	static const struct { const char *title; enum out_align align; } columns[] = { { "request", OUT_RIGHT }, { "model", OUT_LEFT }, { "version", OUT_RIGHT }, { "from", OUT_LEFT },
		{ "to", OUT_LEFT }, { "approvals", OUT_LEFT }, { "state", OUT_LEFT }, { "asked by", OUT_LEFT }, { "asked", OUT_LEFT }, { "until", OUT_LEFT }, { "reason", OUT_LEFT } };
	int64_t now_ms = clock_wall_ms();
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		out_table_column(t, columns[i].title, columns[i].align);
	for (size_t i = 0; i < r->n; i++) {
		const struct reg_request_row *q = &r->at[i];
		bool open = strcmp(q->state, "open") == 0;
		out_table_cellf(t, "%" PRId64, q->id);
		out_table_cell(t, q->model);
		out_table_cellf(t, "%" PRId64, q->version);
		out_table_cell(t, q->from);
		out_table_cell(t, q->to);
		if (open)
			out_table_cellf(t, "%d of %d", x[i].given, x[i].needed);
		else
			out_table_cell(t, NULL);
		out_table_cell(t, q->state);
		out_table_cell(t, q->requester);
		time_cell(t, o, q->created_ms, now_ms);
		time_cell(t, o, q->expires_ms, now_ms);
		out_table_cell(t, q->reason);
	}
	out_table_end(t);
}

static enum status print_requests(struct asked *q, const struct reg_requests *r, struct out *o, struct err *e)
{
	struct policy *p;
	enum status st = policy_load(q->s, &p, NULL, e);
	if (st != ST_OK)
		return st;
	struct approvals *x = mem_array(r->n ? r->n : 1, sizeof *x);
	for (size_t i = 0; i < r->n && st == ST_OK; i++) {
		x[i] = (struct approvals){ 0 };
		if (strcmp(r->at[i].state, "open") == 0)
			st = count_approvals(q->s, p, r->at[i].id, &x[i], e);
	}
	if (st == ST_OK && o->json) {
		st = requests_json(r, x, o, e);
	} else if (st == ST_OK && r->n) {
		requests_table(r, x, o);
		st = out_check(o->out, e);
	} else if (st == ST_OK) {
		fputs("no request is open\n", o->msg);
	}
	free(x);
	policy_free(p);
	return st;
}

static enum status verb_requests(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct asked q;
	struct reg_requests *r;
	enum status st = asked_open(&q, ws, e);
	if (st != ST_OK)
		return st;
	if (verb_opt(a, "model"))
		st = model_find(q.s, verb_opt(a, "model"), &q.model_id, e);
	if (st == ST_OK)
		st = requests_load(q.s, q.model_id, !verb_flag(a, "all"), &r, e);
	if (st == ST_OK) {
		st = print_requests(&q, r, o, e);
		requests_free(r);
	}
	asked_done(&q);
	return st;
}

/* ---- the table ---- */

#define REASON { "reason", OPT_STRING, "R", "Why; kept in the history" }
#define CHECK { "check", OPT_STRING, "ITEM", "Tick an item of the checklist, by its text or number; may be given several times" }
#define DRY { "dry-run", OPT_FLAG, NULL, "Only say what would change" }
static const struct verb_opt request_opts[] = { REASON, CHECK };
static const struct verb_opt reject_opts[] = { REASON, { "comment", OPT_STRING, "C", "The same as --reason" }, { "key-file", OPT_FILE, "F", "The key file that unlocks your approval key" } };
static const struct verb_opt answer_opts[] = { { "comment", OPT_STRING, "C", "What to say with it" }, { "key-file", OPT_FILE, "F", "The key file that unlocks your approval key" } };
static const struct verb_opt withdraw_opts[] = { REASON };
static const struct verb_opt requests_opts[] = { { "model", OPT_STRING, "M", "Only of this model" }, { "all", OPT_FLAG, NULL, "Also those that are closed" } };
static const struct verb_opt promote_opts[] = { REASON, CHECK, DRY };
static const struct verb_opt rollback_opts[] = { REASON, DRY };
static const struct verb_opt auto_opts[] = { DRY };
#define OPTS(rows) rows, sizeof rows / sizeof *rows

static const struct verb rows[] = {
	{ "models request", "NAME V STAGE", "Ask for a version to be moved, or for an alias (@NAME) to point to it", OPTS(request_opts), VERB_WRITES, 3, 3, verb_request },
	{ "models requests", "", "List the requests that are open, with their approvals", OPTS(requests_opts), VERB_READS, 0, 0, verb_requests },
	{ "models approve", "REQUEST", "Approve a request with your signature", OPTS(answer_opts), VERB_WRITES, 1, 1, verb_approve },
	{ "models reject", "REQUEST", "Reject a request with your signature", OPTS(reject_opts), VERB_WRITES, 1, 1, verb_reject },
	{ "models withdraw", "REQUEST", "Take a request back", OPTS(withdraw_opts), VERB_WRITES, 1, 1, verb_withdraw },
	{ "models comment", "REQUEST TEXT", "Say something about a request", NULL, 0, VERB_WRITES, 2, 2, verb_comment },
	{ "models promote", "NAME V STAGE", "Move a version to a stage when the policy allows it", OPTS(promote_opts), VERB_WRITES, 3, 3, verb_models_promote },
	{ "models rollback", "NAME STAGE", "Put back the version that held a stage before", OPTS(rollback_opts), VERB_WRITES, 2, 2, verb_models_rollback },
	{ "models auto", "", "Make the rollbacks and promotions that the policy makes by itself", OPTS(auto_opts), VERB_WRITES, 0, 0, verb_models_auto },
};
const struct verb_table decide_verbs = { rows, sizeof rows / sizeof *rows };
