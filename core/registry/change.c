/* Design
 *
 * One table says of every act what it is called, the least role, and what is special about it. change_begin is the only
 * caller of store_begin among the registry's decisions; in this order it
 *   1  opens the gate, so that nothing below can be overtaken by another process
 *   2  refuses a mirror, a broken memory of the log, an actor without the role, a model that somebody changed meanwhile
 *   3  brings the first policy.yaml into force, in the same transaction, before anything is decided by it
 * Registry time: now_ms is the wall clock, but never before the latest record. A clock that goes backwards can so neither
 * revive an expired approval nor make a timeline run backwards; how far it was behind is kept for the record (behind_ms),
 * and the record itself says what the wall clock said. Refusing instead would let one machine with a wrong clock hold up everybody;
 * how an admin sets registry time right after such a clock: audit_clock.c.
 */
#include "core/registry/change.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/policy.h"
#include "core/registry/regsql.h"

enum { HUMAN = 1,            /* no agent may */
	IN_MIRROR = 2,           /* what a source says, not a decision: a mirror takes it */
	FORGETFUL = 4,           /* goes on although the memory of the log is broken */
	UNRULED = 8 };           /* goes on although the first policy.yaml is broken, and brings none into force */

static const struct { const char *name; enum member_role least; unsigned flags; const char *does; } acts[ACTS] = {
	[ACT_REGISTER] = { "model.register", MEMBER_CONTRIBUTOR, 0, "register versions" },
	[ACT_DESCRIBE] = { "model.describe", MEMBER_CONTRIBUTOR, 0, "describe models" },
	[ACT_TAG] = { "model.tag", MEMBER_CONTRIBUTOR, 0, "set tags" },
	[ACT_ALIAS] = { "model.alias", MEMBER_CONTRIBUTOR, 0, "move aliases" },
	[ACT_CARD] = { "model.card", MEMBER_CONTRIBUTOR, 0, "write model cards" },
	[ACT_LINK] = { "model.link", MEMBER_CONTRIBUTOR, 0, "link versions" },
	[ACT_DIGEST] = { "model.digest", MEMBER_CONTRIBUTOR, IN_MIRROR, "record digests" },
	[ACT_REQUEST] = { "request.open", MEMBER_CONTRIBUTOR, 0, "ask for a move" },
	[ACT_COMMENT] = { "request.comment", MEMBER_CONTRIBUTOR, 0, "comment" },
	[ACT_WITHDRAW] = { "request.withdraw", MEMBER_CONTRIBUTOR, 0, "withdraw requests" },
	[ACT_APPROVE] = { "request.approve", MEMBER_APPROVER, HUMAN, "approve" },
	[ACT_REJECT] = { "request.reject", MEMBER_APPROVER, HUMAN, "reject" },
	[ACT_PROMOTE] = { "model.promote", MEMBER_CONTRIBUTOR, 0, "promote" },
	[ACT_ROLLBACK] = { "model.rollback", MEMBER_CONTRIBUTOR, 0, "roll back" },
	[ACT_AUTO] = { "model.auto", MEMBER_CONTRIBUTOR, 0, "start automatic moves" },
	[ACT_DELETE] = { "model.delete", MEMBER_ADMIN, HUMAN, "delete" },
	[ACT_POLICY] = { "policy.apply", MEMBER_ADMIN, HUMAN | UNRULED, "change the policy" },
	[ACT_KEY] = { "key.introduce", MEMBER_CONTRIBUTOR, HUMAN, "introduce or revoke keys" },
	[ACT_ACKNOWLEDGE] = { "audit.acknowledge", MEMBER_ADMIN, HUMAN | FORGETFUL | UNRULED, "accept a history that was cut" },
	[ACT_SOURCE] = { "model.source", MEMBER_VIEWER, IN_MIRROR | UNRULED, "take over what a source says" },
};

static const char *const role_names[MEMBER_ROLES] = { "viewer", "contributor", "approver", "admin" };

const char *member_role_name(enum member_role r) { return role_names[r]; }
const char *act_name(enum act a) { return acts[a].name; }

/* ---- who may ---- */

enum member_role policy_role(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->n_members; i++)
		if (strcmp(p->members[i].name, name) == 0)
			return p->members[i].role;
	return p->default_role;
}

enum status actor_role(struct store *s, const struct actor *who, enum member_role *out, struct err *e)
{
	struct policy *p;
	enum status st = policy_load(s, &p, NULL, e);
	if (st != ST_OK)
		return st;
	*out = policy_role(p, who->name);
	policy_free(p);
	return ST_OK;
}

static enum status policy_in_force(struct store *s, bool *yes, struct err *e)
{
	int64_t version;
	enum status st = reg_int(s, e, 0, &version, "SELECT max(version) FROM reg_policy", "");
	*yes = version > 0;
	return st;
}

/* With a first policy.yaml that is broken nobody has a role yet; mending it must be possible. */
static enum status role_for(struct store *s, const struct actor *who, enum act act, enum member_role *role, struct err *e)
{
	struct err broken;
	bool in_force;
	enum status st = actor_role(s, who, role, &broken);
	if (st == ST_OK)
		return ST_OK;
	if (acts[act].flags & UNRULED && policy_in_force(s, &in_force, e) == ST_OK && !in_force) {
		*role = MEMBER_ADMIN;
		return ST_OK;
	}
	return err_set(e, st, "%s", broken.text);
}

enum status authorise(struct store *s, const struct actor *who, enum act act, const char *object, struct err *e)
{
	enum member_role role;
	if (who->agent && acts[act].flags & HUMAN)
		return err_set(e, ST_REFUSED, "%s is an agent, and agents may not %s (%s): ask a person to do it", who->name, acts[act].does, object);
	if (acts[act].least == MEMBER_VIEWER)
		return ST_OK;
	enum status st = role_for(s, who, act, &role, e);
	if (st != ST_OK || role >= acts[act].least)
		return st;
	return err_set(e, ST_REFUSED, "%s is a %s here, and only %ss%s may %s (%s): the roles are in the policy; ask an admin", who->name, role_names[role],
		role_names[acts[act].least], acts[act].least == MEMBER_ADMIN ? "" : " and above", acts[act].does, object);
}

/* ---- beginning ---- */

static enum status no_mirror(const struct store *s, enum act act, struct err *e)
{
	if (!store_is_mirror(s) || acts[act].flags & IN_MIRROR)
		return ST_OK;
	return err_set(e, ST_REFUSED, "this is a mirror of what the paths hold, in the cache folder, and may be deleted any day: no place for decisions; "
		"name a workspace: mlyard -w FILE PATH");
}

/* What happened to the model since the caller looked, in words. */
static enum status conflict(struct store *s, int64_t rev, int64_t now_ms, struct err *e)
{
	char age[FMT_MAX];
	struct str who = STR_INIT, what = STR_INIT;
	enum status st = ST_REFUSED;
	sqlite3_stmt *q = reg_query(s, e, "SELECT actor, action || ' ' || object, ms FROM audit WHERE seq = ?", "i", rev);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		const char *actor = reg_column(q, 0), *action = reg_column(q, 1);
		text_clean(&who, actor, strlen(actor), 0);
		text_clean(&what, action, strlen(action), 0);
		int64_t ago = now_ms - sqlite3_column_int64(q, 2);
		err_set(e, st, "changed since you looked: by %s %s ago, %s, record %lld; look again and decide then", who.p, fmt_age(age, ago > 0 ? ago : 0),
			what.p, (long long)rev);
	} else {
		err_set(e, st, "changed since you looked; look again and decide then");
	}
	sqlite3_reset(q);
	str_free(&who);
	str_free(&what);
	return st;
}

static enum status expect(struct change *c, int64_t rev, struct err *e)
{
	int64_t now;
	if (!c->model_id || rev < 0)
		return ST_OK;
	enum status st = reg_int(c->s, e, 0, &now, "SELECT rev FROM reg_model WHERE model_id = ?", "i", c->model_id);
	return st == ST_OK && now != rev ? conflict(c->s, now, c->now_ms, e) : st;
}

enum status registry_now(struct store *s, int64_t *now_ms, struct err *e)
{
	int64_t seq, latest, wall = clock_wall_ms();
	enum status st = audit_latest(s, &seq, &latest, e);
	*now_ms = wall > latest ? wall : latest;
	return st;
}

static enum status tell_time(struct change *c, struct err *e)
{
	enum status st = registry_now(c->s, &c->now_ms, e);
	int64_t wall = clock_wall_ms();
	c->behind_ms = c->now_ms > wall ? c->now_ms - wall : 0;
	return st;
}

/* The first change of a workspace brings the first policy.yaml into force. */
static enum status first_policy(struct change *c, struct err *e)
{
	bool in_force;
	struct str text = STR_INIT;
	enum status st = acts[c->act].flags & (UNRULED | IN_MIRROR) ? ST_CANCELLED : policy_in_force(c->s, &in_force, e);
	if (st == ST_CANCELLED || (st == ST_OK && in_force))
		return ST_OK;
	char *path = policy_file(c->s);
	int64_t model = c->model_id;
	if (st == ST_OK && fs_is_file(path)) {
		st = fs_read(path, POLICY_MOST_BYTES, &text, e);
		c->model_id = 0;                     /* that record is not about the model */
		if (st == ST_OK)
			st = policy_put(c, text.p, text.len, "policy.yaml found with the first change of this workspace", e);
		c->model_id = model;
		c->records = 0;                      /* it does not count as the record of what follows */
	}
	free(path);
	str_free(&text);
	return st;
}

enum status change_begin(struct change *c, struct store *s, const struct actor *who, enum act act, const char *object, int64_t model_id, int64_t expect_rev, struct err *e)
{
	*c = (struct change){ .s = s, .who = *who, .act = act, .model_id = model_id };
	enum status st = no_mirror(s, act, e);
	if (st == ST_OK)
		st = store_begin(s, e);
	if (st != ST_OK) {
		c->s = NULL;
		return st;
	}
	if (!(acts[act].flags & FORGETFUL))
		st = audit_memory_check(s, e);
	if (st == ST_CHECK)
		st = err_set(e, ST_REFUSED, "%s; until an admin has looked into it and accepted it (mlyard audit acknowledge), nothing is decided here", e ? e->text : "");
	if (st == ST_OK)
		st = tell_time(c, e);
	if (st == ST_OK)
		st = authorise(s, who, act, object, e);
	if (st == ST_OK)
		st = expect(c, expect_rev, e);
	if (st == ST_OK)
		st = first_policy(c, e);
	if (st != ST_OK)
		change_cancel(c);
	return st;
}

/* ---- recording and ending ---- */

enum status change_record(struct change *c, const char *action, const char *object, const char *before, const char *after, const char *reason, struct err *e)
{
	const struct audit_entry x = { action ? action : act_name(c->act), object, before, after, reason ? reason : "" };
	enum status st = audit_append(c->s, &c->who, &x, &c->seq, e);
	if (st == ST_OK && c->model_id)
		st = reg_exec(c->s, e, "INSERT INTO reg_model(model_id, rev) VALUES(?1, ?2) ON CONFLICT(model_id) DO UPDATE SET rev = excluded.rev", "ii", c->model_id, c->seq);
	c->records += st == ST_OK;
	return st;
}

/* What was committed stays so whatever happens here: a failure is only told. */
static void look_after_the_log(struct store *s, const struct actor *who, enum act act)
{
	struct err why;
	if (audit_memory_keep(s, &why) != ST_OK)
		log_add(LOG_WARN, "the head of the audit log was not remembered: %s", why.text);
	bool signable = act != ACT_KEY && act != ACT_SOURCE;       /* introducing the key that signs is a change, too; imports sign nothing */
	if (signable && audit_checkpoint(s, who, false, &why) != ST_OK)
		log_add(LOG_WARN, "the audit log was not signed: %s", why.text);
}

enum status change_commit(struct change *c, uint32_t topics, struct err *e)
{
	struct store *s = c->s;
	if (!s)
		return err_set(e, ST_FAILED, "there is no change to commit");
	if (!c->records) {
		change_cancel(c);
		return err_set(e, ST_FAILED, "a change without an audit record was undone");
	}
	c->s = NULL;
	enum status st = store_commit(s, topics, e);       /* rolls back when it fails */
	if (st == ST_OK)
		look_after_the_log(s, &c->who, c->act);
	return st;
}

void change_cancel(struct change *c)
{
	if (c->s)
		store_rollback(c->s);
	c->s = NULL;
}

/* ---- who held what ---- */

enum status held_end(struct change *c, const char *kind, const char *name, int64_t version, struct err *e)
{
	return reg_exec(c->s, e, "UPDATE reg_held SET to_ms = max(?1, from_ms), to_seq = ?2 WHERE model_id = ?3 AND kind = ?4 AND name = ?5 AND to_ms IS NULL "
		"AND (?6 = 0 OR version = ?6)", "iiitti", c->now_ms, c->seq, c->model_id, kind, name, version);
}

enum status held_start(struct change *c, const char *kind, const char *name, int64_t version, const char *how, struct err *e)
{
	return reg_exec(c->s, e, "INSERT INTO reg_held(model_id, kind, name, version, from_ms, from_seq, by, how) VALUES(?, ?, ?, ?, ?, ?, ?, ?)", "ittiiitt",
		c->model_id, kind, name, version, c->now_ms, c->seq, c->who.name, how);
}
