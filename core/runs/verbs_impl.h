/* verbs_impl -- what the shell commands of this domain share; for the files verbs_*.c and run_json.c only. */
#ifndef MLYARD_RUNS_VERBS_IMPL_H
#define MLYARD_RUNS_VERBS_IMPL_H
#include "core/base/fmt.h"
#include "core/base/jsonw.h"
#include "core/base/verb.h"
#include "core/runs/runs.h"
#include "core/workspace.h"

enum status verb_experiments_list(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_runs_list(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_runs_show(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_metrics_get(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_artifacts_list(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_artifacts_cat(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);
enum status verb_import(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e);

/* One JSON document going out in pieces, so that its length is not our memory. */
struct json_out { struct str text; struct jsonw w; FILE *f; };
void json_out_init(struct json_out *j, FILE *f);
void json_out_step(struct json_out *j);                      /* between values: writes what is there when it is much */
enum status json_out_end(struct json_out *j, struct err *e); /* newline, flush, free; ST_FAILED when writing failed */
/* ST_FAILED when something written to f was lost. */
enum status out_check(FILE *f, struct err *e);
void json_time(struct jsonw *w, const char *key, int64_t ms);        /* null when unknown */

/* Runs as JSON objects, exactly as stored. Names of keys are read once. */
struct run_json;
struct run_json *run_json_new(struct store *s, struct err *e);
void run_json_free(struct run_json *r);
/* Limits params, metrics and tags to these columns; borrowed. */
void run_json_only(struct run_json *r, const struct col *cols, size_t n);
/* The members of a run's object, without its braces. */
enum status run_json_members(struct run_json *r, struct jsonw *w, int64_t run_id, struct err *e);

/* The run that argument 0 names, and a connection to ask more about it (store_put it). */
enum status verb_run(struct workspace *ws, const struct verb_args *a, struct store **s, int64_t *run_id, struct err *e);
/* ST_NOT_FOUND for a metric that the run lacks, with the one that may be meant. */
enum status verb_no_metric(const struct run_detail *d, const char *key, struct err *e);
/* Text from outside for messages: cleaned, in *into. */
const char *verb_clean(struct str *into, const char *text);
/* A state as a person reads it on a terminal, sign and word as in the panes; in MLflow's words elsewhere. */
const char *verb_state(const struct out *o, int status, char buf[FMT_MAX]);
#endif
