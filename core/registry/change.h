/* change -- the one way to change the registry: ask whether one may, open the gate, change, record, commit.
 *
 * Why      "never a transition without its record" must not depend on callers being careful. change_begin decides (authorise) and
 *          opens the gate; change_record appends to the audit chain; change_commit refuses without a record. The store
 *          refuses to commit reg_ tables that were changed any other way (store.h).
 * Roles    viewer < contributor < approver < admin, from the policy in force (policy.h). Without a roles section everybody is
 *          admin. In a shared file this is advice (anybody who can write the file can run other programs on it) and the screen says so;
 *          a server that owns the file enforces it through the same function.
 * Conflict `expect_rev`: what the caller looked at (reg_model.rev, seq of the last record about the model); when somebody has changed the model
 *          since, change_begin refuses with ST_REFUSED and says who did what when. -1: does not matter.
 * Mirrors  the cache folder's copy of PATHs takes what sources say and digests, no decisions (store_is_mirror).
 * Memory   while the user's memory of the log's head is broken (audit.h), only acknowledging it goes on. After a commit the
 *          memory is kept and a due checkpoint signed.
 * Threads  one change per store connection.
 */
#ifndef MLYARD_REGISTRY_CHANGE_H
#define MLYARD_REGISTRY_CHANGE_H
#include <stdbool.h>
#include <stdint.h>
#include "core/registry/actor.h"
#include "core/registry/audit.h"
#include "core/store/store.h"

enum member_role { MEMBER_VIEWER, MEMBER_CONTRIBUTOR, MEMBER_APPROVER, MEMBER_ADMIN, MEMBER_ROLES };
const char *member_role_name(enum member_role r);            /* "viewer" */

/* One row each in change.c: its name in the audit log, the least role, whether an agent may. */
enum act { ACT_REGISTER, ACT_DESCRIBE, ACT_TAG, ACT_ALIAS, ACT_CARD, ACT_LINK, ACT_DIGEST, ACT_REQUEST, ACT_COMMENT, ACT_WITHDRAW, ACT_APPROVE, ACT_REJECT,
	ACT_PROMOTE, ACT_ROLLBACK, ACT_AUTO, ACT_DELETE, ACT_POLICY, ACT_KEY, ACT_ACKNOWLEDGE, ACT_SOURCE, ACTS };
const char *act_name(enum act a);                            /* "model.promote" */

/* May this actor do this to this object? Pure but for reading the policy in force. The words name rule and cure. */
enum status authorise(struct store *s, const struct actor *who, enum act act, const char *object, struct err *e);
/* The role that the policy in force gives this actor. */
enum status actor_role(struct store *s, const struct actor *who, enum member_role *out, struct err *e);

/* Registry time: the wall clock, but never before the latest record, so that turning the clock back revives nothing and ends no freeze. */
enum status registry_now(struct store *s, int64_t *now_ms, struct err *e);
/* now_ms: registry time when it began; behind_ms: how far the wall clock was behind it. */
struct change { struct store *s; struct actor who; enum act act; int64_t model_id; int64_t seq, now_ms, behind_ms; int records; };
/* The first change also brings a first policy.yaml into force. model_id 0: not about one model. After ST_OK the gate is open until commit or cancel. */
enum status change_begin(struct change *c, struct store *s, const struct actor *who, enum act act, const char *object, int64_t model_id, int64_t expect_rev, struct err *e);
/* Appends a record; sets reg_model.rev of c->model_id (and makes the row). seq is c->seq afterwards. action NULL: act_name(c->act). */
enum status change_record(struct change *c, const char *action, const char *object, const char *before, const char *after, const char *reason, struct err *e);
enum status change_commit(struct change *c, uint32_t topics, struct err *e);
void change_cancel(struct change *c);                        /* after a failure; harmless after commit */

/* Keeps reg_held: ends what `version` (0: anybody) holds of (kind, name), or starts it. Inside a change, after change_record. */
enum status held_end(struct change *c, const char *kind, const char *name, int64_t version, struct err *e);
enum status held_start(struct change *c, const char *kind, const char *name, int64_t version, const char *how, struct err *e);
#endif
