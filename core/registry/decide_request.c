/* Design
 *
 * Requests and what people say to them: opened, commented, voted on, withdrawn, expired. Whether a vote counts is asked in votes.c, each time anew.
 * State      open, then one of done (the move was made), rejected (one rejection is enough), withdrawn (by who asked, by an admin, or overtaken),
 *            expired. A closed request never opens again; one request a move is open at a time.
 * Expiry     nobody wakes up to do it: whoever makes the next change closes what is over first, in the same transaction and with a record each.
 *            Until then readers and counting go by the time, not by the state.
 * Vote       in the gate: who may at all, then what counts already, then the key (introduced with its first vote), then votes found void are
 *            marked, then the statement is signed over what was measured here and now, recorded and kept.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/registry/decide_impl.h"
#include "core/registry/log_says.h"

enum { REQUEST_MS = 7 * 24 * 3600 * 1000, COMMENT_MAX = 5000 };

/* ---- small records ---- */

/* {"state":"open"}, or with more members of its own. */
static char *state_json(const char *state)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "state", state);
	jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status close_as(struct change *c, int64_t id, const char *action, const char *state, const char *reason, struct err *e)
{
	char *before = state_json("open"), *after = state_json(state);
	struct str object = STR_INIT;
	str_addf(&object, "request:%" PRId64, id);
	enum status st = change_record(c, action, object.p, before, after, reason, e);
	if (st == ST_OK)
		st = reg_exec(c->s, e, "UPDATE reg_request SET state = ?, closed_ms = ? WHERE id = ?", "tii", state, c->now_ms, id);
	str_free(&object);
	free(before);
	free(after);
	return st;
}

/* ---- expiry ---- */

struct due { int64_t *id, *model; size_t n, cap, cap_m; };

static enum status find_due(struct store *s, int64_t now_ms, struct due *d, struct err *e)
{
	int rc;
	sqlite3_stmt *q = reg_query(s, e, "SELECT id, model_id FROM reg_request WHERE state = 'open' AND expires_ms <= ? ORDER BY id", "i", now_ms);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(d->id, d->cap, d->n + 1);
		MEM_GROW(d->model, d->cap_m, d->n + 1);
		d->id[d->n] = sqlite3_column_int64(q, 0);
		d->model[d->n++] = sqlite3_column_int64(q, 1);
	}
	return reg_done(s, q, rc, e);
}

enum status requests_expire(struct change *c, struct err *e)
{
	struct due d = { 0 };
	int64_t model = c->model_id;
	int records = c->records;
	enum status st = find_due(c->s, c->now_ms, &d, e);
	for (size_t i = 0; i < d.n && st == ST_OK; i++) {
		c->model_id = d.model[i];
		st = close_as(c, d.id[i], "request.expire", "expired", "its time is over", e);
	}
	c->model_id = model;
	c->records = records;                    /* these are no record of what the change is about */
	free(d.id);
	free(d.model);
	return st;
}

enum status decide_expire(struct store *s, const struct actor *who, struct err *e)
{
	struct change c;
	struct due d = { 0 };
	int64_t now_ms;
	enum status st = registry_now(s, &now_ms, e);
	if (st == ST_OK)
		st = find_due(s, now_ms, &d, e);
	size_t n = d.n;
	free(d.id);
	free(d.model);
	if (st != ST_OK || !n)
		return st;
	st = change_begin(&c, s, who, ACT_WITHDRAW, "workspace", 0, -1, e);
	if (st == ST_OK)
		st = requests_expire(&c, e);
	if (st == ST_OK && c.seq) {
		c.records = 1;
		return change_commit(&c, TOPIC_MODELS, e);
	}
	change_cancel(&c);
	return st;
}

/* ---- asking ---- */

static char *request_json(const struct gate_report *g, int64_t id, const struct move *m, int64_t expires_ms, bool only_checked)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	if (!only_checked) {
		jsonw_open(&w, '{');
		const struct { const char *key, *text; } texts[] = { { "state", "open" }, { "model", g->model }, { "from", g->from }, { "to", g->to } };
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			jsonw_put_str(&w, texts[i].key, texts[i].text);
		const struct { const char *key; int64_t value; } numbers[] = { { "request", id }, { "version", g->version }, { "expires_ms", expires_ms }, { "policy", g->policy->version } };
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
			jsonw_put_int(&w, numbers[i].key, numbers[i].value);
		jsonw_key(&w, "checked");
	}
	jsonw_open(&w, '[');
	for (size_t i = 0; i < g->n_checklist && i < m->n_checked; i++)
		if (m->checked && m->checked[i])
			jsonw_str(&w, g->checklist[i]);
	jsonw_close(&w, ']');
	if (!only_checked)
		jsonw_close(&w, '}');
	return str_take(&out);
}

static enum status no_other(struct decision *d, const struct gate_report *g, struct err *e)
{
	struct request r;
	int64_t id;
	if (*g->to != '@' && strcasecmp(g->from, g->to) == 0)
		return err_set(e, ST_REFUSED, "%s v%" PRId64 " is in %s already", d->shown, d->version, g->to);
	enum status st = reg_int(d->c.s, e, 0, &id, "SELECT id FROM reg_request WHERE model_id = ? AND version = ? AND to_stage = ? AND state = 'open'", "iit", d->model_id, d->version, g->to);
	if (st != ST_OK || !id)
		return st;
	st = request_read(d->c.s, d->arena, id, &r, e);
	return st == ST_OK ? err_set(e, ST_REFUSED, "request %" PRId64 " by %s asks for this already", id, decide_clean(d->arena, r.requester)) : st;
}

static enum status ask(struct decision *d, const struct gate_report *g, const struct move *m, int64_t *id, struct err *e)
{
	int64_t expires = d->c.now_ms + (g->rule && g->rule->request_ms > 0 ? g->rule->request_ms : REQUEST_MS);
	char *checked = request_json(g, 0, m, 0, true), *after = NULL;
	enum status st = no_other(d, g, e);
	if (st == ST_OK)
		st = reg_int(d->c.s, e, 0, id, "SELECT coalesce(max(id), 0) + 1 FROM reg_request", "");
	if (st == ST_OK) {
		after = request_json(g, *id, m, expires, false);
		d->object = arena_printf(d->arena, "request:%" PRId64, *id);
		st = change_record(&d->c, NULL, d->object, NULL, after, m->reason, e);
	}
	if (st == ST_OK)
		st = reg_exec(d->c.s, e, "INSERT INTO reg_request(id, model_id, version, from_stage, to_stage, requester, uid, key_id, reason, checked, created_ms, expires_ms, state, basis, seq) "
			"VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)", "iiitttitttiibi", *id, d->model_id, d->version, g->from, g->to, d->c.who.name, d->c.who.uid, d->c.who.key_id, m->reason,
			checked, d->c.now_ms, expires, g->basis, (size_t)POLICY_HASH, d->c.seq);
	free(checked);
	free(after);
	return st;
}

enum status decide_request(struct store *s, const struct actor *who, const struct move *m, int64_t *request_id, struct err *e)
{
	struct decision d;
	struct gate_report *g = NULL;
	const char *said = NULL;
	*request_id = 0;
	enum status st = decide_reason(m->reason, e);
	if (st == ST_OK)
		st = decide_open(&d, s, who, ACT_REQUEST, m->model_id, m->version, NULL, m->expect_rev, e);
	if (st != ST_OK)
		return st;
	st = gates_check(s, d.policy, m->model_id, m->version, m->to, GATES_FOR_PROMOTION, m->checked, m->n_checked, &g, e);
	if (st == ST_OK)
		st = ask(&d, g, m, request_id, e);
	if (st == ST_OK)
		said = arena_printf(d.arena, "request %" PRId64 ": %s v%" PRId64 " from %s to %s; %d approval%s needed", *request_id, d.shown, d.version, g->from, g->to,
			g->approvals_needed, g->approvals_needed == 1 ? "" : "s");
	gate_report_free(g);
	return decide_close(&d, st, said, e);
}

/* ---- answering ---- */

/* Opens the decision about the request's model and makes sure that the request is still open. */
static enum status open_request(struct decision *d, struct store *s, const struct actor *who, enum act act, int64_t id, struct request *r, struct err *e)
{
	struct request found;
	struct arena *a = arena_new();
	enum status st = request_read(s, a, id, &found, e);
	int64_t model = found.model_id, version = found.version;
	arena_free(a);
	if (st != ST_OK)
		return st;
	char object[40];
	snprintf(object, sizeof object, "request:%" PRId64, id);
	st = decide_open(d, s, who, act, model, version, object, -1, e);
	if (st != ST_OK)
		return st;
	st = request_read(s, d->arena, id, r, e);
	if (st == ST_OK && strcmp(r->state, "open") != 0)
		st = err_set(e, ST_REFUSED, "request %" PRId64 " is no longer open: %s", id, strcmp(r->state, "done") == 0 ? "the move was made" : r->state);
	const char *doubt = NULL;
	if (st == ST_OK)
		st = log_doubts_request(s, d->arena, id, &doubt, e);
	if (doubt)
		st = err_set(e, ST_REFUSED, "another program edited the workspace: %s; see mlyard audit verify", doubt);
	return st == ST_OK ? ST_OK : decide_close(d, st, NULL, e);
}

enum status decide_withdraw(struct store *s, const struct actor *who, int64_t request_id, const char *reason, struct err *e)
{
	struct decision d;
	struct request r;
	const char *said = NULL;
	enum status st = open_request(&d, s, who, ACT_WITHDRAW, request_id, &r, e);
	if (st != ST_OK)
		return st;
	if (strcmp(r.requester, who->name) != 0 && policy_role(d.policy, who->name) < MEMBER_ADMIN)
		st = err_set(e, ST_REFUSED, "only %s, who asked, or an admin withdraws request %" PRId64, decide_clean(d.arena, r.requester), request_id);
	if (st == ST_OK)
		st = close_as(&d.c, request_id, NULL, "withdrawn", reason ? reason : "", e);
	if (st == ST_OK)
		said = arena_printf(d.arena, "request %" PRId64 " is withdrawn", request_id);
	return decide_close(&d, st, said, e);
}

static enum status add_vote(struct decision *d, const struct request *r, const char *verdict, const char *comment, const char *key_id, const struct str *statement,
	const unsigned char *signature, int64_t expires_ms, struct err *e)
{
	return reg_exec(d->c.s, e, "INSERT INTO reg_vote(request_id, actor, uid, key_id, verdict, ms, expires_ms, comment, statement, signature, seq) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"itittiitbbi", r->id, d->c.who.name, d->c.who.uid, key_id, verdict, d->c.now_ms, expires_ms, comment ? comment : "", statement ? statement->p : NULL,
		statement ? statement->len : (size_t)0, signature, signature ? (size_t)KEY_SIGNATURE : (size_t)0, d->c.seq);
}

static enum status check_comment(const char *text, struct err *e)
{
	return text && strnlen(text, COMMENT_MAX + 1) > COMMENT_MAX ? err_set(e, ST_USAGE, "the comment is longer than %d bytes", COMMENT_MAX) : ST_OK;
}

enum status decide_comment(struct store *s, const struct actor *who, int64_t request_id, const char *text, struct err *e)
{
	struct decision d;
	struct request r;
	const char *said = NULL;
	enum status st = *text ? check_comment(text, e) : err_set(e, ST_USAGE, "the comment is empty");
	if (st == ST_OK)
		st = open_request(&d, s, who, ACT_COMMENT, request_id, &r, e);
	if (st != ST_OK)
		return st;
	st = change_record(&d.c, NULL, d.object, NULL, NULL, text, e);
	if (st == ST_OK)
		st = add_vote(&d, &r, "comment", text, "", NULL, NULL, 0, e);
	if (st == ST_OK)
		said = arena_printf(d.arena, "commented on request %" PRId64, request_id);
	return decide_close(&d, st, said, e);
}

/* ---- votes ---- */

/* Writes down which votes are void for good, with a record when there is one. */
static enum status mark_void(struct decision *d, int64_t request, const struct judgement *j, struct err *e)
{
	enum status st = ST_OK;
	for (size_t i = 0; i < j->n && st == ST_OK; i++) {
		if (!j->at[i].stale)
			continue;
		struct str object = STR_INIT;
		const char *after = arena_printf(d->arena, "{\"state\":\"void\",\"vote\":%" PRId64 "}", j->at[i].id);
		str_addf(&object, "request:%" PRId64, request);
		st = change_record(&d->c, "request.void", object.p, NULL, after, arena_printf(d->arena, "the approval by %s is void: %s", j->at[i].actor, j->at[i].why), e);
		if (st == ST_OK)
			st = reg_exec(d->c.s, e, "UPDATE reg_vote SET void_why = ? WHERE id = ?", "ti", j->at[i].why, j->at[i].id);
		str_free(&object);
	}
	return st;
}

void votes_void_stale(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *to)
{
	struct decision d;
	struct gate_report *g = NULL;
	struct request r;
	struct judgement j = { 0 };
	struct err why;
	enum status st = decide_open(&d, s, who, ACT_COMMENT, model_id, version, NULL, -1, &why);
	if (st == ST_OK) {
		st = gates_check(s, d.policy, model_id, version, to, GATES_FOR_PROMOTION, NULL, 0, &g, &why);
		if (st == ST_OK && g->request_id)
			st = request_read(s, d.arena, g->request_id, &r, &why);
		if (st == ST_OK && g->request_id)
			st = votes_judge(s, d.arena, d.policy, g->rule, &r, g->basis, &j, &why);
		if (st == ST_OK && g->request_id)
			st = mark_void(&d, r.id, &j, &why);
		gate_report_free(g);
		st = decide_close(&d, st, d.c.records ? "void" : NULL, &why);
	}
	if (st != ST_OK)
		log_add(LOG_WARN, "void approvals were not marked: %s", why.text);
}

static enum status own_key(struct decision *d, const struct key_public *k, struct err *e)
{
	char *owner = NULL;
	if (k->kind != KEY_APPROVAL)
		return err_set(e, ST_REFUSED, "a %s key cannot approve; make one with: mlyard key init", key_kind_name(k->kind));
	enum status st = audit_key_introduce(d->c.s, &d->c.who, k, e);
	if (st == ST_OK)
		st = reg_text(d->c.s, e, &owner, "SELECT actor FROM reg_key WHERE key_id = ?", "t", k->id);
	if (st == ST_OK && owner && strcmp(owner, d->c.who.name) != 0)
		st = err_set(e, ST_REFUSED, "the key %s belongs to %s here, and you are %s: use your own", k->id, decide_clean(d->arena, owner), d->c.who.name);
	free(owner);
	return st;
}

/* An earlier vote of the same key or person that still counts? */
static enum status not_twice(struct decision *d, const struct request *r, const struct judgement *j, struct err *e)
{
	for (size_t i = 0; i < j->n; i++)
		if (!j->at[i].why && strcmp(j->at[i].actor, d->c.who.name) == 0)
			return err_set(e, ST_REFUSED, "%s has approved request %" PRId64 " already; one person counts once", d->c.who.name, r->id);
	return ST_OK;
}

static enum status sign(struct decision *d, const struct key *key, const struct request *r, const struct gate_report *g, bool approve, const char *comment, struct err *e)
{
	struct str statement = STR_INIT, after = STR_INIT;
	struct jsonw w;
	unsigned char signature[KEY_SIGNATURE], hash[AUDIT_HASH];
	char hex[2 * AUDIT_HASH + 1];
	enum status st = statement_for(d->c.s, r, g, approve, r->expires_ms, &statement, e);
	if (st == ST_OK) {
		key_sign(key, VOTE_DOMAIN, statement.p, statement.len, signature);
		crypto_generichash(hash, sizeof hash, (const unsigned char *)statement.p, statement.len, NULL, 0);
		const struct { const char *key, *value; } texts[] = { { "verdict", approve ? "approve" : "reject" }, { "key", key_of(key)->id },
			{ "statement", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash) }, { "state", approve ? "open" : "rejected" } };
		jsonw_init(&w, &after);
		jsonw_open(&w, '{');
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			jsonw_put_str(&w, texts[i].key, texts[i].value);
		jsonw_close(&w, '}');
		st = change_record(&d->c, NULL, d->object, NULL, after.p, comment ? comment : "", e);
	}
	if (st == ST_OK)
		st = add_vote(d, r, approve ? "approve" : "reject", comment, key_of(key)->id, &statement, signature, r->expires_ms, e);
	if (st == ST_OK && !approve)
		st = reg_exec(d->c.s, e, "UPDATE reg_request SET state = 'rejected', closed_ms = ? WHERE id = ?", "ii", d->c.now_ms, r->id);
	str_free(&statement);
	str_free(&after);
	return st;
}

static enum status vote(struct decision *d, const struct key *key, const struct request *r, const struct gate_report *g, bool approve, const char *comment, const char **said, struct err *e)
{
	const struct voter me = { d->c.who.name, key_of(key)->id, d->c.who.uid };
	const char *no = voter_refused(d->arena, d->policy, g->rule, r, &me);
	struct judgement j;
	if (no)
		return err_set(e, ST_REFUSED, "%s cannot vote on request %" PRId64 ": %s", d->c.who.name, r->id, no);
	enum status st = votes_judge(d->c.s, d->arena, d->policy, g->rule, r, g->basis, &j, e);
	if (st == ST_OK)
		st = not_twice(d, r, &j, e);
	if (st == ST_OK)
		st = own_key(d, key_of(key), e);
	if (st == ST_OK)
		st = mark_void(d, r->id, &j, e);
	if (st == ST_OK)
		st = sign(d, key, r, g, approve, comment, e);
	if (st == ST_OK && approve)
		*said = arena_printf(d->arena, "request %" PRId64 " is approved by %s (%d of %d)", r->id, me.name, j.good + 1, g->approvals_needed);
	else if (st == ST_OK)
		*said = arena_printf(d->arena, "request %" PRId64 " is rejected", r->id);
	return st;
}

enum status decide_vote(struct store *s, const struct actor *who, const struct key *key, int64_t request_id, bool approve, const char *comment, struct err *e)
{
	struct decision d;
	struct request r;
	struct gate_report *g = NULL;
	const char *said = NULL;
	enum status st = check_comment(comment, e);
	if (st == ST_OK)
		st = open_request(&d, s, who, approve ? ACT_APPROVE : ACT_REJECT, request_id, &r, e);
	if (st != ST_OK)
		return st;
	st = gates_check(s, d.policy, r.model_id, r.version, r.to, GATES_FOR_PROMOTION, NULL, 0, &g, e);
	if (st == ST_OK && *r.to != '@' && strcasecmp(g->from, r.from) != 0)
		st = err_set(e, ST_REFUSED, "request %" PRId64 " asks for a move from %s, and %s v%" PRId64 " is in %s by now", r.id, r.from, d.shown, r.version, g->from);
	if (st == ST_OK)
		st = vote(&d, key, &r, g, approve, comment, &said, e);
	gate_report_free(g);
	return decide_close(&d, st, said, e);
}
