/* models -- the registry as people see it: lists, boards, versions, timelines; and what sources say taken over.
 *
 * Reading  snapshots, arena-backed, texts cleaned, never NULL ("" when absent), made in a task and read anywhere.
 * Adopting a source (an MLflow store) goes on changing by other hands. models_adopt compares what it says now with what it said last time: only
 *          what changed there is taken over (with a record by actor "source NAME"); a decision made here stays until the source changes again.
 *          What is missing here is made: the first sight of a model is one record. MLflow keeps no history, so how long a version had held its stage before it was
 *          first seen is not known: reg_held.from_known 0.
 * Times    Unix ms; INT64_MIN: unknown.
 */
#ifndef MLYARD_REGISTRY_MODELS_H
#define MLYARD_REGISTRY_MODELS_H
#include <stdbool.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/registry/gates.h"
#include "core/store/store.h"

/* Takes over what changed in the sources. Cheap when nothing did (one query). *n: models changed. Call after every import and before showing. */
enum status models_adopt(struct store *s, int *n, struct err *e);
bool models_adopt_due(struct store *s);
/* The same on a connection of its own, when it is due: what follows an import. */
enum status models_adopt_pool(struct store_pool *pool, struct err *e);

/* A model by name ("ns/name" for another MLflow workspace); ST_NOT_FOUND lists near names. */
enum status model_find(struct store *s, const char *name, int64_t *model_id, struct err *e);
/* "7", "v7", "champion" or "@champion", "Production" (newest in the lane), "2.1.0" (semantic version) of a model. */
enum status version_find(struct store *s, int64_t model_id, const char *text, int64_t *version, struct err *e);

struct reg_kv { const char *key, *value; };
struct reg_model_row {
	int64_t id, versions, requests, created_ms, updated_ms, rev;
	const char *name, *description, *source;     /* source: where it lives: "here" or the store's path */
	int64_t production; const char *production_since; int64_t production_since_ms;   /* newest in Production, 0: none */
	int64_t latest; const char *aliases;         /* "champion 4, challenger 3" */
	bool deleted, prompt, local;
};
struct reg_models { struct arena *arena; struct reg_model_row *at; size_t n; };
/* Models (not prompts unless asked), by name; deleted ones only with `deleted`. */
enum status models_load(struct store *s, bool prompts, bool deleted, struct reg_models **out, struct err *e);
void models_free(struct reg_models *m);

/* What drift reports say: of every monitor the newest verdict about this version or all of them, of those the worst. verdict "": there is none. */
struct reg_drift { const char *verdict, *monitor, *report; int64_t ms; };       /* report: "drift report 12", "" where it was not said */
enum status version_drift(struct store *s, struct arena *a, int64_t model_id, int64_t version, struct reg_drift *out, struct err *e);
int reg_drift_badness(const char *verdict);                  /* 0 stable, 1 watch, 2 drifted, 3 a word that is none of these */

/* gate lights of a card: one a gate of the rule to the next lane, 'y' holds, 'n' does not, '?' waits (approvals, checklist), 'w' waived */
struct reg_card_row {
	int64_t version_id, version, stage_since_ms, created_ms, bytes; bool since_known, deleted, digest_ok;
	const char *stage, *semver, *run_name, *run_uuid, *aliases, *user, *description;
	bool has_headline, has_delta; double headline, delta;    /* delta: against the version in Production */
	bool better, worse;                                      /* by the direction of the headline's gate; neither when unknown */
	const char *next, *lights, *failing, *why_not;           /* lane the lights are for; first gate that does not hold, by name; first reason in words; "" when there is none */
	int64_t request_id, request_ms; int approvals_given, approvals_needed; const char *request_to;   /* open request, id 0: none */
	struct reg_drift drift;
	int64_t held_ms; const char *how;                        /* archived: how long it held Production; "rolled back", ... */
};
struct reg_lane { const char *name; struct reg_card_row *at; size_t n, total; };   /* newest stage change first */
struct reg_board {
	struct arena *arena; int64_t model_id, rev; const char *model, *headline, *policy_note; int policy_version;
	struct reg_lane *lanes; size_t n_lanes; bool by_alias;
};
/* by_alias: a lane an alias, then "no alias". most: cards a lane holds in full (0: all); total counts all. */
enum status board_load(struct store *s, int64_t model_id, bool by_alias, size_t most, struct reg_board **out, struct err *e);
void board_free(struct reg_board *b);

struct reg_vote_row { const char *actor, *verdict, *comment, *key_id, *void_why; int64_t ms, expires_ms; bool signature_good; };
struct reg_request_row { int64_t id, version, created_ms, expires_ms, closed_ms; const char *model, *from, *to, *requester, *reason, *state; struct reg_vote_row *votes; size_t n_votes; };
struct reg_requests { struct arena *arena; struct reg_request_row *at; size_t n; };
/* model_id 0: of all models. open_only, or with their history. Newest first. */
enum status requests_load(struct store *s, int64_t model_id, bool open_only, struct reg_requests **out, struct err *e);
/* How many open requests wait for this actor's vote: not asked by him, not voted on by him, and his role may approve. */
enum status requests_waiting(struct store *s, const struct actor *who, size_t *n, struct err *e);
enum status request_load(struct store *s, int64_t id, struct reg_requests **out, struct err *e);
void requests_free(struct reg_requests *r);

struct reg_metric { const char *key; double value, at_registration; bool has_value, has_then; int64_t step; };
struct reg_link_row { const char *kind, *target, *detail; };
struct reg_version {
	struct arena *arena;
	int64_t model_id, version_id, version, created_ms, updated_ms, stage_since_ms, rev; bool since_known, deleted, local;
	const char *model, *stage, *semver, *description, *user, *registered_by, *source, *run_uuid, *run_name, *experiment, *status, *status_message, *storage;
	int64_t run_id;                                          /* 0: the run is not here */
	const char *digest, *digest_state;                       /* hex; "verified", "changed since", "not computed", "files not here: why" */
	int64_t digest_ms, bytes, files;
	const char *mlmodel_note;                                /* why nothing, or nothing newer than the digest, is known of MLmodel; "" else */
	const char *flavors, *signature, *mlmodel, *environment; /* from MLmodel: "sklearn 1.5, python_function 3.11"; signature as "in: a double, b long; out: double" */
	struct reg_kv *tags; size_t n_tags; const char **aliases; size_t n_aliases;
	struct reg_metric *metrics; size_t n_metrics; struct reg_kv *params; size_t n_params;
	struct reg_link_row *links; size_t n_links;              /* parents, data sets (also of the run), features, deployed */
};
enum status version_load(struct store *s, int64_t model_id, int64_t version, struct reg_version **out, struct err *e);
void version_free(struct reg_version *v);

/* Rows for a side by side of two versions. kind: "metric", "param", "signature", "size", "data", "environment", "tag", ... */
struct reg_diff_row { const char *kind, *key, *a, *b; bool same, numeric; double da, db; };
struct reg_diff { struct arena *arena; struct reg_version *a, *b; struct reg_diff_row *at; size_t n, differing; };
enum status versions_compare(struct store *s, int64_t model_id, int64_t va, int64_t vb, struct reg_diff **out, struct err *e);
void diff_free(struct reg_diff *d);

/* Who held what when, oldest first. */
struct reg_held_row { const char *kind, *name, *by, *how; int64_t version, from_ms, to_ms, from_seq, to_seq; bool from_known; };   /* to_ms INT64_MAX: still */
struct reg_timeline { struct arena *arena; const char *model; struct reg_held_row *at; size_t n; int64_t first_ms, last_ms; };
enum status timeline_load(struct store *s, int64_t model_id, struct reg_timeline **out, struct err *e);
void timeline_free(struct reg_timeline *t);
/* What held kind and name at a time; NULL: nothing, or not known. Newest start wins where several did. */
const struct reg_held_row *timeline_at(const struct reg_timeline *t, const char *kind, const char *name, int64_t when_ms);
#endif
