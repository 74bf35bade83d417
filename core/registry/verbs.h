/* verbs -- the shell commands of the registry: models, gates, policy, audit, key. One table a file, joined in verbs_registry.c. */
#ifndef MLYARD_REGISTRY_VERBS_H
#define MLYARD_REGISTRY_VERBS_H
#include <stddef.h>
#include "core/base/verb.h"
struct verb_table { const struct verb *at; size_t n; };
extern const struct verb_table *const registry_verbs[];      /* ends with NULL */
/* verbs_audit.c, verbs_key.c, verbs_gates.c (gates, policy), verbs_decide.c (request ... rollback, auto), verbs_models.c (list ... card) */
extern const struct verb_table audit_verbs, key_verbs, gates_verbs, decide_verbs, models_verbs;
#endif
