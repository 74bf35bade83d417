/* verbs_impl -- what the files of drift's shell commands share. */
#ifndef MLYARD_DRIFT_VERBS_IMPL_H
#define MLYARD_DRIFT_VERBS_IMPL_H
#include "core/drift/job.h"
#include "core/drift/report.h"
#include "core/drift/verbs.h"
#include "core/runs/verbs_impl.h"

#define DRIFT_VERB(name) enum status name(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
DRIFT_VERB(verb_drift_run);
DRIFT_VERB(verb_drift_list); DRIFT_VERB(verb_drift_show); DRIFT_VERB(verb_drift_compare); DRIFT_VERB(verb_drift_export); DRIFT_VERB(verb_drift_import);
DRIFT_VERB(verb_drift_stream);
DRIFT_VERB(verb_drift_expect); DRIFT_VERB(verb_drift_check);
/* The report as a table for people, or its document with --json. */
enum status drift_print(struct out *o, const struct report *r, struct err *e);
void performance_print(struct out *o, const struct report *r);          /* for people; nothing where no column is the target */
/* The report that argument i names: a number, or "last". */
enum status drift_load(struct workspace *ws, const struct verb_args *a, int i, struct report **out, struct err *e);
/* How both sides are read, and what their columns mean, from the options of `drift run`; texts live in the arena. */
enum status verb_job(const struct verb_args *a, struct drift_job *j, struct arena *room, struct err *e);
/* An option of bytes: 512MB, 1.5GiB; left as it is where it is not given. */
enum status verb_size(const struct verb_args *a, const char *option, size_t *out, struct err *e);
/* What a command that changes something did, with --json: one object. text NULL: the number, 0 of which is null. Nothing without --json. */
struct verb_fact { const char *key, *text; int64_t number; };
enum status verb_facts(struct out *o, const struct verb_fact *facts, size_t n, struct err *e);
/* A number of rows to list: 0 or more. */
enum status verb_limit(const struct verb_args *a, int64_t otherwise, int64_t *out, struct err *e);
bool verb_names_roles(const struct verb_args *a);
#endif
