/* decide -- requests, votes, promotions, rollbacks and all other changes of the registry.
 *
 * Every function here is one change (change.h): decided, done, recorded and committed together, or nothing. A promotion measures its
 * gates inside the store's gate, so that what was measured is what is moved.
 * Errors   ST_REFUSED: a rule, a role, a conflict, in words that name it. ST_NOT_FOUND, ST_USAGE: names and values.
 * Texts    e->text also says what was done on ST_OK ("churn v7 is in Production, v5 was archived, record 318").
 */
#ifndef MLYARD_REGISTRY_DECIDE_H
#define MLYARD_REGISTRY_DECIDE_H
#include "core/registry/gates.h"
#include "core/secret/key.h"

/* ---- versions ---- */
struct register_link { const char *kind, *target, *detail; };           /* reg_link's; detail JSON or NULL */
struct register_spec {
	const char *model, *run, *source, *description, *semver;             /* run: as run_find; source NULL: the run's artifact place. At least one of run and source */
	const char *path;                                                    /* of the model inside the run's artifacts; NULL: where its MLmodel is */
	const struct register_link *links; size_t n_links;
};
/* The next version of a model that lives here (a model of an MLflow source is registered there: ST_REFUSED, two registries would give
 * one number twice). A semantic version must be greater than all before it. */
enum status decide_register(struct store *s, const struct actor *who, const struct register_spec *r, int64_t *version, struct err *e);
enum status decide_describe(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *text, struct err *e);      /* version 0: the model */
enum status decide_tag(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *key, const char *value, struct err *e);   /* NULL removes */
/* MLflow's rules: ^[\w-]{1,255}$, not "latest" in any case, not v<digits>. version 0 removes. Rules for "@alias" apply. */
enum status decide_alias(struct store *s, const struct actor *who, int64_t model_id, const char *alias, int64_t version, const char *reason, struct err *e);
enum status decide_link(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const struct register_link *l, bool remove, struct err *e);
/* version 0: the whole model. A version in a single lane is not deleted (move it first). Its aliases go, its number is never used again. */
enum status decide_delete(struct store *s, const struct actor *who, int64_t model_id, int64_t version, const char *reason, struct err *e);

/* ---- transitions ---- */
struct move { int64_t model_id, version; const char *to, *reason; int64_t expect_rev; const bool *checked; size_t n_checked; };   /* expect_rev -1: any */
enum status decide_request(struct store *s, const struct actor *who, const struct move *m, int64_t *request_id, struct err *e);
enum status decide_withdraw(struct store *s, const struct actor *who, int64_t request_id, const char *reason, struct err *e);
enum status decide_comment(struct store *s, const struct actor *who, int64_t request_id, const char *text, struct err *e);
/* Signs with `key`, which is introduced to the workspace with a record when it is new. ST_REFUSED: the requester, who registered it, twice, no role, expired. */
enum status decide_vote(struct store *s, const struct actor *who, const struct key *key, int64_t request_id, bool approve, const char *comment, struct err *e);
/* Moves the version when the policy allows; replaces and aliases go with it; the open request for the move is done. */
enum status decide_promote(struct store *s, const struct actor *who, const struct move *m, struct err *e);
/* Puts back the last version that held the lane before the one that holds it now; *version says which. What a rollback took off is not
 * gone back to; deleted versions are passed over. Aliases that came with the present holder go back, too. ST_NOT_FOUND: nothing to go back to. */
enum status decide_rollback(struct store *s, const struct actor *who, int64_t model_id, const char *lane, const char *reason, int64_t expect_rev, int64_t *version, struct err *e);
/* Rollbacks whose `rollback_when` is red, then automatic promotions, over all models; a line each is appended to out, also for what was held back. dry: only says. *n: how many.
 * No version is brought by itself to a lane that it held before, or that a newer one has held. */
enum status decide_auto(struct store *s, const struct actor *who, bool dry, struct str *out, int *n, struct err *e);
/* Open requests past their end become expired, with a record. Called by the others; cheap when there is none. */
enum status decide_expire(struct store *s, const struct actor *who, struct err *e);

/* What a vote signs; canonical bytes, every field with its length: workspace uuid, request, model, version, artifact digest, from, to, policy hash and
 * version, hash of the gate results, basis, requester's key, verdict, expiry, audit head. */
enum status vote_statement(struct store *s, int64_t request_id, bool approve, int64_t expires_ms, struct str *out, struct err *e);
#endif
