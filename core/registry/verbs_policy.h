/* verbs_policy -- the shell commands about policies; their rows are in verbs_gates.c. */
#ifndef MLYARD_REGISTRY_VERBS_POLICY_H
#define MLYARD_REGISTRY_VERBS_POLICY_H
#include "core/base/jsonw.h"
#include "core/base/verb.h"
#include "core/workspace.h"

enum status verb_policy_check(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_policy_show(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_policy_apply(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);

/* Members of JSON objects. */
void json_text(struct jsonw *w, const char *key, const char *value);     /* NULL: null */
void json_int(struct jsonw *w, const char *key, int64_t value);
void json_bool(struct jsonw *w, const char *key, bool value);
#endif
