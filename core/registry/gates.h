/* gates -- measures a version against a rule: value, limit, verdict, source of every gate; freeze; what people still have to do.
 *
 * Pure reading: `gates check`, the board's lights, the promotion sheet and the promotion itself ask the same function, the last
 * one inside the gate of the store.
 * Metrics  the last value in the version's source run; else of its logged model; else the number in its tag of that name; else missing, which
 *          fails, as NaN does. "production" is the newest other version in that lane; none there: holds, and says so (unless the rule refuses); one without
 *          the metric, or with NaN: fails.
 * Rollback the rule of the move, else the first rule to that lane, whatever its `from`; waivers cover gates, freezes and checklist, or approvals.
 * Digest   holds when a digest is recorded and names, sizes and times of the files are still those it was computed over.
 */
#ifndef MLYARD_REGISTRY_GATES_H
#define MLYARD_REGISTRY_GATES_H
#include "core/base/arena.h"
#include "core/registry/policy.h"

struct gate_result {
	const struct gate_spec *spec;                /* NULL for "frozen", "rule" (strict, and none matches), "move" (it is there already) */
	const char *name, *value, *limit, *source;   /* for people; cleaned. value "" when missing */
	bool has_number, has_bound; double number, bound;   /* GATE_METRIC: the measured value, and the limit it was compared with */
	const char *rule;                            /* "production-ready (policy.yaml:14)" */
	bool ok, waived;
};
struct gate_report {
	struct arena *arena;
	const struct policy *policy;                 /* borrowed from who asked */
	const struct policy_rule *rule;              /* NULL: none matches */
	const char *model; int64_t model_id, version_id, version; const char *from, *to;
	struct gate_result *at; size_t n;
	const char **checklist; bool *checked; size_t n_checklist;
	int approvals_needed, approvals_given;
	int64_t request_id;                          /* the open request for this move, 0: none */
	int64_t replaces;                            /* version that leaves a single lane or loses the alias, 0: none */
	unsigned char basis[POLICY_HASH];            /* see reg_request.basis; over policy, move, recorded digest (and whether the files changed since), last metrics of run and logged model */
	int64_t rev;                                 /* reg_model.rev that was looked at */
	bool allowed;                                /* everything holds: gates, freeze, checklist, approvals */
	const char *why_not;                         /* first reason in words, naming its rule; NULL when allowed */
};
enum gate_purpose { GATES_FOR_PROMOTION, GATES_FOR_ROLLBACK };
/* to: a lane, or "@alias". checked: indices ticked on a sheet besides those of the request; may be NULL. Arena-backed. */
enum status gates_check(struct store *s, const struct policy *p, int64_t model_id, int64_t version, const char *to, enum gate_purpose purpose,
	const bool *checked, size_t n_checked, struct gate_report **out, struct err *e);
/* Is a version in its lane red? A report with the rule's rollback_when as its gates, `ok` for those that hold: one is enough to roll back. What is not known, or NaN,
 * turns nothing red. allowed: none holds. Asked by decide_auto. */
enum status gates_red(struct store *s, const struct policy *p, const struct policy_rule *rule, int64_t model_id, int64_t version, struct gate_report **out, struct err *e);
void gate_report_free(struct gate_report *r);
/* Approvals of a request that count now: good signature, known unrevoked key, right basis, not expired, distinct people (neither requester nor who registered
 * the version), role. Fills why for each vote that does not: lines "who: why". Implemented in decide.c's folder (votes.c). */
enum status votes_count(struct store *s, const struct policy *p, const struct policy_rule *rule, int64_t request_id, const unsigned char basis[POLICY_HASH],
	int *good, struct str *why, struct err *e);
#endif
