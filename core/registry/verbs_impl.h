/* verbs_impl -- what the shell commands of the registry share. */
#ifndef MLYARD_REGISTRY_VERBS_IMPL_H
#define MLYARD_REGISTRY_VERBS_IMPL_H
#include "core/registry/models.h"
#include "core/registry/verbs.h"
#include "core/runs/verbs_impl.h"

#define VERB_FN(name) enum status name(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
/* A connection, with what sources changed taken over; when that is not possible the reason is told and what is known is shown. */
enum status reg_verb_open(struct workspace *ws, struct out *o, struct store **s, struct err *e);
/* The model that argument 0 names. */
enum status reg_verb_model(struct workspace *ws, const struct verb_args *a, struct out *o, struct store **s, int64_t *model_id, struct err *e);
/* The model of argument 0 and the version of argument i. */
enum status reg_verb_version(struct workspace *ws, const struct verb_args *a, int i, struct out *o, struct store **s, int64_t *model_id, int64_t *version, struct err *e);
/* After a change that went well: what it said in e, for people; {"model","version","message"} for programs. */
enum status reg_verb_said(struct out *o, const char *model, int64_t version, struct err *e);

/* verbs_models*.c */
VERB_FN(verb_models_list); VERB_FN(verb_models_show); VERB_FN(verb_models_versions); VERB_FN(verb_models_compare); VERB_FN(verb_models_at); VERB_FN(verb_models_lineage);
VERB_FN(verb_models_register); VERB_FN(verb_models_describe); VERB_FN(verb_models_tag); VERB_FN(verb_models_alias); VERB_FN(verb_models_delete);
VERB_FN(verb_models_link); VERB_FN(verb_models_digest); VERB_FN(verb_models_card); VERB_FN(verb_models_timeline);
/* A version as an object, with everything known of it. */
void version_json(struct jsonw *w, const struct reg_version *v);
void version_print(const struct reg_version *v, struct out *o);
#endif
