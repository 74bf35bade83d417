/* Design
 *
 * Statement  what a vote signs: a list of fields, each with its length in 8 bytes (audit_impl.h), in the order of enum field. It names
 *            everything that was decided about, so that it cannot be used for anything else: another workspace, request, model,
 *            version or lane, other files (digest), other numbers (basis), another policy.
 * Counting   is done anew each time from the stored bytes; nothing that is stored beside them is believed. A vote that is asked to count
 *            goes through a list of questions, and the first one that fails is its reason. The head of the log is the one
 *            before the vote: it must be in this history, so that a vote cannot come back from a file that was put back.
 * Void       a vote over another policy version, digest or basis is void for good: when somebody with a change at hand
 *            finds it, the reason is written down (void_why), so that putting the old state back does not revive it.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/registry/audit_impl.h"
#include "core/registry/decide_impl.h"
#include "core/registry/log_says.h"

enum field { F_UUID, F_REQUEST, F_MODEL, F_VERSION, F_DIGEST, F_FROM, F_TO, F_POLICY_HASH, F_POLICY, F_GATES, F_BASIS, F_REQUESTER_KEY, F_VERDICT, F_EXPIRES, F_HEAD_SEQ, F_HEAD, FIELDS };

struct span { const unsigned char *p; size_t n; };

/* ---- the request ---- */

static void take_request(sqlite3_stmt *q, struct arena *a, struct request *r)
{
	const char **const texts[] = { &r->model, &r->from, &r->to, &r->requester, &r->key_id, &r->reason, &r->state, &r->registered_by, &r->registrar_key, &r->stage };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = arena_strdup(a, reg_column(q, 6 + (int)i));
	r->model_id = sqlite3_column_int64(q, 0);
	r->version = sqlite3_column_int64(q, 1);
	r->uid = sqlite3_column_int64(q, 2);
	r->created_ms = sqlite3_column_int64(q, 3);
	r->expires_ms = sqlite3_column_int64(q, 4);
	r->n_digest = (size_t)sqlite3_column_bytes(q, 5);
	r->digest = r->n_digest ? arena_strndup(a, sqlite3_column_blob(q, 5), r->n_digest) : "";
	r->shown = decide_clean(a, r->model);
}

/* Who registered a version: as the log says, else as the source says, else whose run it is. The key is that of the record. */
enum status request_read(struct store *s, struct arena *a, int64_t id, struct request *out, struct err *e)
{
	*out = (struct request){ .id = id };
	sqlite3_stmt *q = reg_query(s, e, "SELECT q.model_id, q.version, q.uid, q.created_ms, q.expires_ms, r.digest, " REG_MODEL_NAME ", "
		"q.from_stage, q.to_stage, q.requester, q.key_id, q.reason, q.state, coalesce((SELECT u.actor FROM audit u WHERE u.object = 'model:' || m.name || '/' || v.version "
		"AND u.action = 'model.register'), nullif(r.registered_by, ''), nullif(v.user, ''), (SELECT user FROM run WHERE run.uuid = v.run_uuid AND run.source_id = m.source_id)), (SELECT u.key_id FROM audit u WHERE u.object = 'model:' || m.name || '/' || v.version "
		"AND u.action = 'model.register'), r.stage FROM reg_request q JOIN model m ON m.id = q.model_id JOIN model_version v ON v.model_id = q.model_id AND v.version = q.version "
		"JOIN reg_version r ON r.version_id = v.id WHERE q.id = ?", "i", id);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	bool found = rc == SQLITE_ROW;
	if (found)
		take_request(q, a, out);
	enum status st = reg_done(s, q, rc, e);
	return st == ST_OK && !found ? err_set(e, ST_NOT_FOUND, "there is no request %" PRId64, id) : st;
}

/* ---- the statement ---- */

static void gates_hash(const struct gate_report *g, unsigned char out[AUDIT_HASH])
{
	struct str bytes = STR_INIT;
	for (size_t i = 0; i < g->n; i++) {
		const char *const texts[] = { g->at[i].name, g->at[i].value, g->at[i].limit };
		for (size_t k = 0; k < 3; k++)
			audit_put_bytes(&bytes, texts[k] ? texts[k] : "", texts[k] ? strlen(texts[k]) : 0);
		audit_put_int(&bytes, g->at[i].ok);
	}
	crypto_generichash(out, AUDIT_HASH, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
	str_free(&bytes);
}

static void put_text(struct str *out, const char *text)
{
	audit_put_bytes(out, text, strlen(text));
}

enum status statement_for(struct store *s, const struct request *r, const struct gate_report *g, bool approve, int64_t expires_ms, struct str *out, struct err *e)
{
	char uuid[AUDIT_UUID + 1];
	struct audit_head head;
	unsigned char gates[AUDIT_HASH];
	enum status st = audit_uuid(s, uuid, e);
	if (st == ST_OK)
		st = audit_head(s, &head, e);
	if (st != ST_OK)
		return st;
	gates_hash(g, gates);
	put_text(out, uuid);
	audit_put_int(out, r->id);
	put_text(out, r->model);
	audit_put_int(out, r->version);
	audit_put_bytes(out, r->digest, r->n_digest);
	put_text(out, r->from);
	put_text(out, r->to);
	audit_put_bytes(out, g->policy->hash, POLICY_HASH);
	audit_put_int(out, g->policy->version);
	audit_put_bytes(out, gates, sizeof gates);
	audit_put_bytes(out, g->basis, sizeof g->basis);
	put_text(out, r->key_id);
	put_text(out, approve ? "approve" : "reject");
	audit_put_int(out, expires_ms);
	audit_put_int(out, head.seq);
	audit_put_bytes(out, head.hash, sizeof head.hash);
	return ST_OK;
}

enum status vote_statement(struct store *s, int64_t request_id, bool approve, int64_t expires_ms, struct str *out, struct err *e)
{
	struct request r;
	struct policy *p = NULL;
	struct gate_report *g = NULL;
	struct arena *a = arena_new();
	enum status st = request_read(s, a, request_id, &r, e);
	if (st == ST_OK)
		st = policy_load(s, &p, NULL, e);
	if (st == ST_OK)
		st = gates_check(s, p, r.model_id, r.version, r.to, GATES_FOR_PROMOTION, NULL, 0, &g, e);
	if (st == ST_OK)
		st = statement_for(s, &r, g, approve, expires_ms, out, e);
	gate_report_free(g);
	policy_free(p);
	arena_free(a);
	return st;
}

static uint64_t get_64(const unsigned char *p)
{
	uint64_t v = 0;
	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

/* The fields of a statement; false: it is none. */
static bool split(const unsigned char *p, size_t n, struct span out[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		uint64_t len = n >= 8 ? get_64(p) : UINT64_MAX;
		if (n < 8 || len > n - 8)
			return false;
		out[i] = (struct span){ p + 8, (size_t)len };
		p += 8 + len;
		n -= 8 + (size_t)len;
	}
	return !n;
}

static bool is_text(const struct span *f, const char *text) { return f->n == strlen(text) && memcmp(f->p, text, f->n) == 0; }
static bool is_bytes(const struct span *f, const void *bytes, size_t n) { return f->n == n && (!n || memcmp(f->p, bytes, n) == 0); }
static bool is_int(const struct span *f, int64_t v) { return f->n == 8 && get_64(f->p) == (uint64_t)v; }

/* ---- who may vote ---- */

static bool listed(const struct policy_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->n_approvers; i++)
		if (strcmp(rule->approvers[i], name) == 0)
			return true;
	return !rule->n_approvers;
}

const char *voter_refused(struct arena *a, const struct policy *p, const struct policy_rule *rule, const struct request *r, const struct voter *v)
{
	enum member_role role = policy_role(p, v->name), least = rule && rule->approver_role > MEMBER_APPROVER ? rule->approver_role : MEMBER_APPROVER;
	if (strcmp(v->name, r->requester) == 0 || (*r->key_id && strcmp(v->key_id, r->key_id) == 0))
		return "who asked for a move cannot vote on it";
	if (strcmp(v->name, r->registered_by) == 0 || (*r->registrar_key && strcmp(v->key_id, r->registrar_key) == 0))
		return "who registered the version cannot vote on its moves";
	if (rule && rule->separate_uids && v->uid == r->uid)
		return arena_printf(a, "rule %s wants another system user than the requester's (uid %" PRId64 ")", rule->name, v->uid);
	if (role < least)
		return arena_printf(a, "only %ss vote here, and the role of %s is %s", member_role_name(least), v->name, member_role_name(role));
	if (rule && !listed(rule, v->name))
		return arena_printf(a, "rule %s names who approves, and %s is not among them", rule->name, v->name);
	return NULL;
}

/* ---- counting ---- */

struct vote {
	int64_t id, uid, expires_ms;
	const char *actor, *key_id, *void_why, *key_actor, *key_kind;
	bool known, revoked;
	struct span statement, signature, public;
};
struct counting {
	struct store *s; struct arena *a;
	const struct policy *p; const struct policy_rule *rule; const struct request *r;
	const unsigned char *basis;
	const char *doubt;                       /* about the request itself */
	int64_t now_ms;
	char uuid[AUDIT_UUID + 1];
	struct vote *votes; size_t n, cap;
	struct judged *judged;
};

static struct span column_span(struct arena *a, sqlite3_stmt *q, int i)
{
	size_t n = (size_t)sqlite3_column_bytes(q, i);
	const void *p = n ? arena_strndup(a, sqlite3_column_blob(q, i), n) : "";
	return (struct span){ p, n };
}

static enum status read_votes(struct counting *c, struct err *e)
{
	int rc;
	sqlite3_stmt *q = reg_query(c->s, e, "SELECT v.id, v.uid, v.expires_ms, v.actor, v.key_id, coalesce(v.void_why, (SELECT 'record ' || u.seq || ' says that it is void' FROM audit u "
		"WHERE u.object = 'request:' || v.request_id AND u.action = 'request.void' AND CASE WHEN json_valid(u.after) THEN json_extract(u.after, '$.vote') END = v.id)), k.actor, k.kind, k.key_id IS NOT NULL, "
		"k.revoked_ms IS NOT NULL OR EXISTS(SELECT 1 FROM audit u WHERE u.object = 'key:' || v.key_id AND u.action = 'key.revoke'), v.statement, v.signature, k.public "
		"FROM reg_vote v LEFT JOIN reg_key k ON k.key_id = v.key_id WHERE v.request_id = ? AND v.verdict = 'approve' ORDER BY v.id", "i", c->r->id);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(c->votes, c->cap, c->n + 1);
		struct vote *v = &c->votes[c->n++];
		*v = (struct vote){ .id = sqlite3_column_int64(q, 0), .uid = sqlite3_column_int64(q, 1), .expires_ms = sqlite3_column_int64(q, 2),
			.known = sqlite3_column_int(q, 8) != 0, .revoked = sqlite3_column_int(q, 9) != 0 };
		const char **const texts[] = { &v->actor, &v->key_id, &v->void_why, &v->key_actor, &v->key_kind };
		for (int i = 0; i < 5; i++)
			*texts[i] = arena_strdup(c->a, reg_column(q, 3 + i));
		v->statement = column_span(c->a, q, 10);
		v->signature = column_span(c->a, q, 11);
		v->public = column_span(c->a, q, 12);
	}
	return reg_done(c->s, q, rc, e);
}

static const char *key_wrong(const struct vote *v)
{
	if (!v->known || strcmp(v->key_kind, key_kind_name(KEY_APPROVAL)) != 0 || v->public.n != KEY_PUBLIC)
		return "its key was never introduced here";
	if (v->revoked)
		return "its key was revoked";
	if (strcmp(v->key_actor, v->actor) != 0)
		return "its key belongs to somebody else";
	if (v->signature.n != KEY_SIGNATURE || !key_verify(v->public.p, VOTE_DOMAIN, v->statement.p, v->statement.n, v->signature.p))
		return "its signature is not good";
	return NULL;
}

/* Signed for this request, as it is stored here? */
static const char *about_something_else(const struct counting *c, const struct vote *v, const struct span f[FIELDS])
{
	const struct request *r = c->r;
	if (!is_text(&f[F_UUID], c->uuid))
		return "it was signed for another workspace";
	if (!is_int(&f[F_REQUEST], r->id))
		return "it was signed for another request";
	bool same = is_text(&f[F_MODEL], r->model) && is_int(&f[F_VERSION], r->version) && is_text(&f[F_FROM], r->from) && is_text(&f[F_TO], r->to)
		&& is_text(&f[F_REQUESTER_KEY], r->key_id);
	if (!same || !is_text(&f[F_VERDICT], "approve") || !is_int(&f[F_EXPIRES], v->expires_ms))
		return "it says something else than what was signed";
	return NULL;
}

static const char *changed_since(const struct counting *c, const struct span f[FIELDS])
{
	if (!is_int(&f[F_POLICY], c->p->version) || !is_bytes(&f[F_POLICY_HASH], c->p->hash, POLICY_HASH))
		return "the policy changed after it was given";
	if (*c->r->to != '@' && strcasecmp(c->r->stage, c->r->from) != 0)
		return "the version was moved after it was given";
	if (!is_bytes(&f[F_DIGEST], c->r->digest, c->r->n_digest))
		return "the artifact changed after it was given";
	if (!is_bytes(&f[F_BASIS], c->basis, POLICY_HASH))
		return "the metrics or files changed after it was given";
	return NULL;
}

static enum status in_this_history(const struct counting *c, const struct span f[FIELDS], bool *yes, struct err *e)
{
	sqlite3_stmt *q = reg_query(c->s, e, "SELECT hash FROM audit WHERE seq = ?", "i", f[F_HEAD_SEQ].n == 8 ? (int64_t)get_64(f[F_HEAD_SEQ].p) : 0);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	*yes = rc == SQLITE_ROW && is_bytes(&f[F_HEAD], sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
	return reg_done(c->s, q, rc, e);
}

/* The same key or person counted already? */
static const char *counted_before(const struct counting *c, size_t at)
{
	const struct vote *v = &c->votes[at];
	for (size_t i = 0; i < at; i++) {
		const struct vote *other = &c->votes[i];
		if (c->judged[i].why)
			continue;
		if (strcmp(other->key_id, v->key_id) == 0 || strcmp(other->actor, v->actor) == 0)
			return "one person counts once";
		if (c->rule && c->rule->separate_uids && other->uid == v->uid)
			return "the rule wants different system users, and this one counted already";
	}
	return NULL;
}

static enum status judge(struct counting *c, size_t at, struct err *e)
{
	const struct vote *v = &c->votes[at];
	struct judged *j = &c->judged[at];
	struct span f[FIELDS];
	bool here = true;
	enum status st = ST_OK;
	*j = (struct judged){ v->id, decide_clean(c->a, v->actor), *v->void_why ? decide_clean(c->a, v->void_why) : key_wrong(v), false };
	if (j->why)
		return ST_OK;
	if (!split(v->statement.p, v->statement.n, f))
		j->why = "what it signed is no vote";
	else
		j->why = about_something_else(c, v, f);
	if (!j->why)
		st = in_this_history(c, f, &here, e);
	if (!here)
		j->why = "it was given in a history that is not this one";
	if (!j->why && v->expires_ms <= c->now_ms)
		j->why = "it has expired";
	if (!j->why && (j->why = changed_since(c, f)))
		j->stale = true;
	const struct voter who = { v->actor, v->key_id, v->uid };
	if (!j->why)
		j->why = voter_refused(c->a, c->p, c->rule, c->r, &who);
	if (!j->why)
		j->why = c->doubt;
	if (!j->why)
		j->why = counted_before(c, at);
	return st;
}

enum status votes_judge(struct store *s, struct arena *a, const struct policy *p, const struct policy_rule *rule, const struct request *r,
	const unsigned char basis[POLICY_HASH], struct judgement *out, struct err *e)
{
	struct counting c = { .s = s, .a = a, .p = p, .rule = rule, .r = r, .basis = basis };
	*out = (struct judgement){ 0 };
	enum status st = registry_now(s, &c.now_ms, e);
	if (st == ST_OK)
		st = audit_uuid(s, c.uuid, e);
	if (st == ST_OK)
		st = log_doubts_request(s, a, r->id, &c.doubt, e);
	if (st == ST_OK)
		st = read_votes(&c, e);
	c.judged = arena_array(a, c.n, sizeof *c.judged);
	for (size_t i = 0; i < c.n && st == ST_OK; i++) {
		st = judge(&c, i, e);
		out->good += !c.judged[i].why;
	}
	out->at = c.judged;
	out->n = c.n;
	free(c.votes);
	return st;
}

enum status votes_count(struct store *s, const struct policy *p, const struct policy_rule *rule, int64_t request_id, const unsigned char basis[POLICY_HASH],
	int *good, struct str *why, struct err *e)
{
	struct request r;
	struct judgement j;
	struct arena *a = arena_new();
	*good = 0;
	enum status st = request_read(s, a, request_id, &r, e);
	if (st == ST_OK)
		st = votes_judge(s, a, p, rule, &r, basis, &j, e);
	if (st == ST_OK) {
		*good = j.good;
		for (size_t i = 0; i < j.n && why; i++)
			if (j.at[i].why)
				str_addf(why, "%s%s: %s", why->len ? "\n" : "", j.at[i].actor, j.at[i].why);
	}
	arena_free(a);
	return st;
}
