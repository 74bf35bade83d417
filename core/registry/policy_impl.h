/* policy_impl -- what the files policy_*.c share. */
#ifndef MLYARD_REGISTRY_POLICY_IMPL_H
#define MLYARD_REGISTRY_POLICY_IMPL_H
#include "core/io/yamldoc.h"
#include "core/registry/policy.h"

enum {
	POLICY_MOST_LANES = 32, POLICY_MOST_RULES = 256, POLICY_MOST_GATES = 64, POLICY_MOST_WORDS = 256, POLICY_MOST_FREEZES = 256,
	POLICY_MOST_APPROVALS = 16, POLICY_WORD_MAX = 256, POLICY_REASON_MAX = 1000, POLICY_MOST_FINDINGS = 200,
};

void policy_hash_of(const void *text, size_t n, unsigned char out[POLICY_HASH]);
/* `*` any run of characters, `?` one, everything else itself. */
bool policy_glob(const char *glob, const char *text, bool any_case);
bool policy_glob_is_literal(const char *glob);

/* ---- pure readers of words (policy_words.c) ---- */
/* "24h", "7d", "1d12h": a unit is required, the span is more than nothing and at most ten years. */
bool policy_span(const char *text, int64_t *ms);
/* "2026-12-20", "2026-12-20 18:00", "2026-12-20T18:00:00Z", "... 18:00+01:00": UTC without an offset. A day alone is its first
 * moment, or with `end` its last one's end. */
bool policy_date(const char *text, bool end, int64_t *ms);
/* MLflow's rules for aliases; NULL when it may be one, else what is wrong. */
const char *policy_alias_wrong(const char *alias);
/* The word that was probably meant, NULL: none is near. */
const char *policy_nearest(const char *typed, const char *const *words, size_t n);

/* ---- metric expressions (policy_expr.c) ---- */
/* Fills key, op, relative, lane, scale, offset of g. On failure: the byte where it went wrong, and why. */
struct expr_wrong { size_t at; const char *why; };
bool policy_expr(const struct policy *p, struct arena *a, const char *text, struct gate_spec *g, struct expr_wrong *wrong);

/* ---- a reading: one policy being made of one document (policy_read.c, policy_values.c) ---- */
struct finding { struct yamldoc_place at; size_t nth; const char *text; };
struct reading {
	struct policy *p;                            /* its arena holds everything */
	bool has_roles;
	struct finding *findings; size_t n_findings, cap;
};
void finding_at(struct reading *r, struct yamldoc_place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Text of the document as messages quote it: cleaned, short. The arena's. */
const char *quoted(struct reading *r, const char *text, size_t n);

void wrong_kind(struct reading *r, const struct yamldoc_node *x, const char *needed);
/* Each puts down a finding and returns false, NULL or nothing when the value is not of its kind. */
const char *read_word(struct reading *r, const struct yamldoc_node *x, size_t most);      /* not empty, clean */
bool read_bool(struct reading *r, const struct yamldoc_node *x, bool *out);
bool read_int(struct reading *r, const struct yamldoc_node *x, int least, int most, int *out);
bool read_span(struct reading *r, const struct yamldoc_node *x, int64_t *ms);
bool read_role(struct reading *r, const struct yamldoc_node *x, enum member_role *out);
/* A list of words, or one word. Its length in *n; doubles are a finding. */
const char **read_words(struct reading *r, const struct yamldoc_node *x, size_t most, size_t *n);
/* How many items a list has; false: it is none, or too long. */
bool read_list(struct reading *r, const struct yamldoc_node *x, size_t most, size_t *n);
/* Maps. The values are taken in the order of the table; unknown and doubled keys are findings. `what` names it: "a rule". */
struct field { const char *key; void (*take)(struct reading *r, const struct yamldoc_node *x, void *into); };
bool read_map(struct reading *r, const struct yamldoc_node *map, const char *what, const struct field *fields, size_t n, void *into);

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
