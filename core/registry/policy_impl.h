/* policy_impl -- what the files policy_*.c share. */
#ifndef MLYARD_REGISTRY_POLICY_IMPL_H
#define MLYARD_REGISTRY_POLICY_IMPL_H
#include "core/io/yamlread.h"
#include "core/registry/policy.h"

enum {
	POLICY_MOST_LANES = 32, POLICY_MOST_RULES = 256, POLICY_MOST_GATES = 64, POLICY_MOST_WORDS = 256, POLICY_MOST_FREEZES = 256,
	POLICY_MOST_APPROVALS = 16, POLICY_WORD_MAX = YAMLREAD_WORD_MAX, POLICY_REASON_MAX = 1000,
};

void policy_hash_of(const void *text, size_t n, unsigned char out[POLICY_HASH]);
/* `*` any run of characters, `?` one, everything else itself. */
bool policy_glob(const char *glob, const char *text, bool any_case);
bool policy_glob_is_literal(const char *glob);

/* ---- pure readers of words (policy_words.c) ---- */
/* "2026-12-20", "2026-12-20 18:00", "2026-12-20T18:00:00Z", "... 18:00+01:00": UTC without an offset. A day alone is its first
 * moment, or with `end` its last one's end. */
bool policy_date(const char *text, bool end, int64_t *ms);
/* MLflow's rules for aliases; NULL when it may be one, else what is wrong. */
const char *policy_alias_wrong(const char *alias);

/* ---- metric expressions (policy_expr.c) ---- */
/* Fills key, op, relative, lane, scale, offset of g. On failure: the byte where it went wrong, and why. */
struct expr_wrong { size_t at; const char *why; };
bool policy_expr(const struct policy *p, struct arena *a, const char *text, struct gate_spec *g, struct expr_wrong *wrong);

/* ---- a reading: one policy being made of one document (policy_read.c) ---- */
struct policy_reading { struct policy *p; bool has_roles; };      /* what reading.of points to; the policy's arena holds everything */
static inline struct policy *policy_of(const struct reading *r) { return ((const struct policy_reading *)r->of)->p; }
static inline bool policy_has_roles(const struct reading *r) { return ((const struct policy_reading *)r->of)->has_roles; }
bool read_role(struct reading *r, const struct yamldoc_node *x, enum member_role *out);
/* The canonical name of the lane that is named at x. */
const char *read_lane(struct reading *r, const struct yamldoc_node *x, const char *name);

/* ---- gates (policy_gates.c) and rules (policy_rules.c) ---- */
/* when: conditions of an automatic rollback instead of gates. */
struct gate_spec *read_gates(struct reading *r, const struct yamldoc_node *list, bool when, size_t *n);
/* Rules as they are written, so that what is checked across them can point at its place. */
struct rule_in {
	struct policy_rule r; const struct yamldoc_node *node;
	struct rule_in *base; bool extended;         /* what it extends; whether another extends it */
	enum { RULE_NEW, RULE_OPEN, RULE_DONE } state;
};
void read_rules(struct reading *r, const struct yamldoc_node *list);
/* What holds between rules (policy_check.c): targets, order, circles. */
void check_rules(struct reading *r, const struct rule_in *in, size_t n);
#endif
