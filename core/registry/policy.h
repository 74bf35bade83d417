/* policy -- what must hold before a version may move: policy.yaml, read, checked, brought into force.
 *
 * File     policy.yaml in the folder of the workspace file. The policy in force is a row of reg_policy: the first file found is taken into force with
 *          the first change of the registry; later ones by `policy apply` (role admin, recorded). Until then the old one stays in force and everybody is
 *          told that the file differs. So a policy cannot be weakened, used and put back without three records.
 * Schema   docs/policy.md. Every finding has line and column; unknown keys, wrong types, bad expressions, unknown
 *          lanes, rules that extend each other in a circle and automatic moves in a circle are errors.
 * Default  no file: lanes None, Development, Staging, Production, Archived; one version in Production, the one before it is archived;
 *          a reason is required; no gates, no approvals.
 * Threads  a struct policy is immutable after parsing.
 */
#ifndef MLYARD_REGISTRY_POLICY_H
#define MLYARD_REGISTRY_POLICY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/registry/change.h"
#include "core/store/store.h"

enum { POLICY_MOST_BYTES = 1 << 20, POLICY_HASH = 32 };

enum gate_kind { GATE_METRIC, GATE_MIN_AGE, GATE_DRIFT, GATE_TAG, GATE_CARD, GATE_DIGEST, GATE_KINDS };
enum gate_op { GATE_LT, GATE_LE, GATE_GT, GATE_GE, GATE_EQ, GATE_NE };
/* limit of a metric gate: scale * production + offset, or offset alone when !relative. */
struct gate_spec {
	enum gate_kind kind; const char *name;       /* as shown: "accuracy", "age", "tag owner", "card" */
	const char *key;                             /* metric or tag; NULL else */
	enum gate_op op; bool relative; const char *lane; double scale, offset;   /* lane: the one compared with, "Production" */
	const char *text;                            /* as written: "accuracy >= production - 0.005" */
	int64_t min_ms;                              /* GATE_MIN_AGE */
	const char *value;                           /* GATE_TAG: required value, NULL any; GATE_DRIFT: worst verdict allowed, "stable" or "watch" (op GATE_LE), or in
	                                              * rollback_when the least bad that is red, "watch" or "drifted" (op GATE_GE) */
	const char **sections; size_t n_sections;    /* GATE_CARD */
	bool if_missing_refuse;                      /* drift: no report at all; relative metric: nothing in the lane */
	int line, col;
};
struct policy_rule {
	const char *name; int line;
	const char *models, *from, *to;              /* globs of * and ?; `to` may be "@alias" */
	struct gate_spec *gates; size_t n_gates;
	const char **checklist; size_t n_checklist;
	int approvals; enum member_role approver_role; const char **approvers; size_t n_approvers;   /* names; none: anybody with the role */
	bool separate_uids;                          /* approvers must be different system users, too */
	int64_t request_ms;                          /* how long a request lives; default 7 days */
	const char *aliases[8]; size_t n_aliases;    /* that move to the version with the transition */
	bool automatic;                              /* moves by itself when everything holds */
	bool waive_on_rollback, waive_approvals_on_rollback;
	struct gate_spec *rollback_when; size_t n_rollback_when;   /* red when one of these HOLDS for the version in `to` */
};
struct freeze { const char *models, *lane, *why; int64_t from_ms, to_ms; int line; };
struct policy_member { const char *name; enum member_role role; };
struct policy {
	int version;                                 /* reg_policy.version; 0: the default, or a file not in force */
	unsigned char hash[POLICY_HASH];             /* BLAKE2b-256 of the text */
	const char *name;                            /* for messages: "policy.yaml" or "policy 3" */
	const char **lanes; size_t n_lanes;
	const char **single; size_t n_single;        /* lanes that hold one version a model; who comes in sends the other to `archive` */
	const char *archive;                         /* "Archived" */
	const char *headline;                        /* metric shown on cards; NULL: the first gate's */
	bool strict;                                 /* a transition without a rule is refused */
	const char **card_sections; size_t n_card_sections;
	struct policy_member *members; size_t n_members; enum member_role default_role;
	struct policy_rule *rules; size_t n_rules;
	struct freeze *freezes; size_t n_freezes;
	struct arena *arena;                         /* owns everything above */
};
/* The policy of who has none. */
struct policy *policy_default(void);
/* findings: one line each, "policy.yaml:14:5: ...". ST_FAILED and *out NULL when there is any error. */
enum status policy_parse(const char *text, size_t n, const char *name, struct policy **out, struct str *findings, struct err *e);
/* What it allows that was probably not meant: one line each, "policy.yaml:14:1: ...". */
void policy_warnings(const struct policy *p, struct str *out);
void policy_free(struct policy *p);
/* The canonical name of a lane, whatever its case; NULL: unknown. */
const char *policy_lane(const struct policy *p, const char *text);
bool policy_lane_single(const struct policy *p, const char *lane);
/* The rule for a move: the first in the file that matches model, from and to. NULL: none. */
const struct policy_rule *policy_rule_for(const struct policy *p, const char *model, const char *from, const char *to);
/* The role of somebody by name. In change.c. */
enum member_role policy_role(const struct policy *p, const char *name);
/* The rule for a move back: that of the move, else the first that leads to the lane, whatever its `from`. */
const struct policy_rule *policy_rollback_rule(const struct policy *p, const char *model, const char *from, const char *to);
bool policy_rule_leads(const struct policy_rule *r, const char *model, const char *to);
/* The freeze that holds at this time, NULL: none. */
const struct freeze *policy_frozen(const struct policy *p, const char *model, const char *to, int64_t now_ms);
/* The lane after / before one, as cards move on the board; NULL at the ends. The archive lane is never "after". */
const char *policy_next_lane(const struct policy *p, const char *lane);
const char *policy_prev_lane(const struct policy *p, const char *lane);

/* The policy in force; without one the file beside the workspace; without one the default. *note: new string, what people should be told
 * ("policy.yaml differs from policy 3 in force: mlyard policy apply"), "" when nothing. ST_FAILED when the file is first and broken: then nothing may move. */
enum status policy_load(struct store *s, struct policy **out, char **note, struct err *e);
char *policy_file(struct store *s);                          /* where the file is looked for; new string */
/* Brings a text into force. Needs an open change; records action "policy.apply" with the hashes before and after. */
enum status policy_put(struct change *c, const char *text, size_t n, const char *reason, struct err *e);
/* Opens the change itself (ACT_POLICY). */
enum status policy_apply(struct store *s, const struct actor *who, const char *text, size_t n, const char *reason, struct err *e);
#endif
