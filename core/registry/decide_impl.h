/* decide_impl -- what the files decide_*.c and votes.c share: one decision about one model from opening to commit. */
#ifndef MLYARD_REGISTRY_DECIDE_IMPL_H
#define MLYARD_REGISTRY_DECIDE_IMPL_H
#include "core/base/arena.h"
#include "core/base/jsonw.h"
#include "core/registry/change.h"
#include "core/registry/decide.h"
#include "core/registry/policy.h"
#include "core/registry/regsql.h"

#define VOTE_DOMAIN "mlyard/approval/v1"
enum { DECIDE_TEXT_MAX = 5000, DECIDE_REASON_MAX = 2000 };

/* Texts are the arena's, as stored but for `shown`, the model's name cleaned for messages. */
struct decision {
	struct change c;
	struct arena *arena;
	struct policy *policy;
	int64_t model_id, version, version_id;   /* version 0: about the model */
	const char *model, *shown, *object;      /* "model:NAME" or "model:NAME/7" */
	const char *stage, *registered_by;       /* of the version */
	bool local;
};
/* Takes over what the sources changed, opens the gate, looks the version up (deleted: ST_NOT_FOUND), loads the policy and closes requests
 * whose time is over. On failure nothing stays open. object NULL: the model's own. */
enum status decide_open(struct decision *d, struct store *s, const struct actor *who, enum act act, int64_t model_id, int64_t version, const char *object,
	int64_t expect_rev, struct err *e);
/* Commits when st is ST_OK, else undoes; frees; returns the outcome. `said` goes to e on success. */
enum status decide_close(struct decision *d, enum status st, const char *said, struct err *e);
/* Marks the version as changed by the last record. */
enum status decide_touch(struct decision *d, int64_t version, struct err *e);
/* ST_USAGE when there is none or it is too long. */
enum status decide_reason(const char *reason, struct err *e);
const char *decide_clean(struct arena *a, const char *text);

/* ---- links ---- */
enum status link_check(const struct register_link *l, struct err *e);
enum status link_put(struct change *c, int64_t version_id, const struct register_link *l, struct err *e);
void links_json(struct jsonw *w, const struct register_link *l, size_t n);       /* the member "links" */

/* ---- requests ---- */
struct request {
	int64_t id, model_id, version, uid, created_ms, expires_ms;
	const char *model, *shown, *from, *to, *requester, *key_id, *reason, *state, *registered_by, *registrar_key, *stage;   /* stage: where the version is now */
	const void *digest; size_t n_digest;
};
enum status request_read(struct store *s, struct arena *a, int64_t id, struct request *out, struct err *e);
/* Closes open requests whose time is over, in the open change, a record each. */
enum status requests_expire(struct change *c, struct err *e);

/* Where an alias points from now on; 0: nowhere. Its span in reg_held is the caller's. */
enum status alias_put(struct change *c, const char *alias, int64_t version, struct err *e);

/* ---- votes ---- */
struct voter { const char *name, *key_id; int64_t uid; };
struct judged { int64_t id; const char *actor, *why; bool stale; };     /* why NULL: counts; stale: void for good */
struct judgement { struct judged *at; size_t n; int good; };
enum status votes_judge(struct store *s, struct arena *a, const struct policy *p, const struct policy_rule *rule, const struct request *r,
	const unsigned char basis[POLICY_HASH], struct judgement *out, struct err *e);
/* Why somebody may not vote on a request whatever he signs; NULL: he may. In the arena. */
const char *voter_refused(struct arena *a, const struct policy *p, const struct policy_rule *rule, const struct request *r, const struct voter *v);
/* After a refusal: votes of the open request for this move that were found void are marked so, in a change of its own. A failure is logged. */
void votes_void_stale(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *to);
/* The statement for a report at hand. */
enum status statement_for(struct store *s, const struct request *r, const struct gate_report *g, bool approve, int64_t expires_ms, struct str *out, struct err *e);

/* ---- moves: what a transition changes, worked out before anything is changed ---- */
struct step { int64_t version, version_id; const char *from, *to, *how; };
struct alias_step { const char *alias; int64_t from, to; };              /* from 0: nobody had it */
struct plan {
	struct gate_report *gates;
	struct step *steps; size_t n_steps;      /* the first is the version itself; none for an alias alone */
	struct alias_step *aliases; size_t n_aliases;
	int64_t *overtaken; size_t n_overtaken;  /* open requests that no longer fit */
	const char *how;
};
enum move_kind { MOVE_PROMOTE, MOVE_ROLLBACK, MOVE_AUTO };
/* The report must be about this version; it is the caller's. current: who is rolled back, 0 for promotions. */
enum status plan_make(struct store *s, struct arena *a, struct gate_report *g, enum move_kind kind, int64_t current, struct plan *out, struct err *e);
/* Records and changes everything in the plan. */
enum status plan_apply(struct decision *d, const struct plan *p, const char *reason, struct err *e);
/* "churn v7 is in Production, v5 was archived, champion moved from v5" */
void plan_words(const struct plan *p, const char *model, bool future, struct str *out);
/* Which version holds a lane now and which a rollback would put back. ST_NOT_FOUND with why. */
enum status rollback_target(struct store *s, const struct policy *p, int64_t model_id, const char *model, const char *lane, int64_t *current, int64_t *previous, struct err *e);
/* Inside an open decision about the model; d->version says which came back. */
enum status rollback_inside(struct decision *d, const char *lane, const char *reason, struct str *said, struct err *e);
/* Inside an open decision about the version, as an automatic move. */
enum status promote_inside(struct decision *d, const char *to, const char *reason, struct str *said, struct err *e);
/* Refuses in words when the report does not allow the move. */
enum status gates_hold(const struct gate_report *g, struct err *e);

/* A member of records, so that a history can be replayed from them alone: "versions":{"7":{"stage":"Staging"}} (with "deleted":true when it is gone).
 * Beside it stands "aliases":{"champion":5} (null: nobody has it). */
void json_member_version(struct jsonw *w, int64_t version, const char *stage, bool deleted);
#endif
