/* verbs_policy -- the shell commands about policies; their rows are in verbs_gates.c. */
#ifndef MLYARD_REGISTRY_VERBS_POLICY_H
#define MLYARD_REGISTRY_VERBS_POLICY_H
#include "core/base/verb.h"
#include "core/workspace.h"

enum status verb_policy_check(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_policy_show(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_policy_apply(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
#endif
