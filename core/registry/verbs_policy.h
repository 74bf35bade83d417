/* verbs_policy -- the shell commands about policies; their rows are in verbs_gates.c. */
#ifndef MLYARD_REGISTRY_VERBS_POLICY_H
#define MLYARD_REGISTRY_VERBS_POLICY_H
#include "core/base/jsonw.h"
#include "core/base/verb.h"
#include "core/registry/gates.h"
#include "core/workspace.h"

enum status verb_policy_check(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_policy_show(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_policy_apply(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);

/* What gates check prints of a report, for other commands: members of an object, "allowed" to "checklist"; and the table, nothing when nothing is asked for. */
void gates_members(struct jsonw *w, const struct gate_report *r);
void gates_table(const struct gate_report *r, struct out *o);
#endif
