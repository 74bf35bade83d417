/* verbs_decide_impl -- what the shell commands for decisions share; for verbs_decide.c and verbs_move.c. */
#ifndef MLYARD_REGISTRY_VERBS_DECIDE_IMPL_H
#define MLYARD_REGISTRY_VERBS_DECIDE_IMPL_H
#include "core/base/verb.h"
#include "core/registry/decide_impl.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/verbs_impl.h"
#include "core/registry/verbs_policy.h"
#include "core/runs/verbs_impl.h"
#include "core/workspace.h"

/* A connection, who asks, and what the words name. done_with gives the connection back. */
struct asked { struct workspace *ws; struct store *s; struct actor who; int64_t model_id, version, rev; };   /* rev: of the model when its names were read */
enum status asked_open(struct asked *q, struct workspace *ws, struct err *e);
/* Words 0 and, when there is one to read, 1: a model and a version of it. */
enum status asked_version(struct asked *q, const struct verb_args *a, bool version, struct err *e);
void asked_done(struct asked *q);
/* Takes over what sources changed, so that names are found; not when nobody may write. */
enum status asked_adopt(struct asked *q, struct err *e);

/* What was done, e->text as a line, or {"done":true,"message":...,key: value...,"record":N}. */
struct told { const char *key, *text; int64_t number; };                 /* text NULL: the number */
enum status verb_told(struct out *o, const struct told *t, size_t n, int64_t record, struct err *e);
/* The last record about the version. */
int64_t version_record(struct store *s, int64_t model_id, int64_t version);

enum status verb_models_promote(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_models_rollback(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_models_auto(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
/* Which items of the rule's checklist --check names, by text or number; new array, *n of them. */
enum status verb_checked(struct asked *q, const struct verb_args *a, const char *to, bool **checked, size_t *n, struct err *e);
#endif
