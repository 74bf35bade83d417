/* runs -- experiments and runs as immutable snapshots: rows, typed columns, order, tree.
 *
 * Why      75,000 runs with 50 columns cannot go through SQL for every key press.
 *          A snapshot keeps the rows and only the columns asked for, as arrays;
 *          filtering and sorting touch nothing else. A new snapshot takes over what
 *          did not change from the previous one (parts are reference-counted).
 * Threads  built in a task, read anywhere; never changed after that. The reference
 *          counts are atomic.
 * Order    texts by their bytes with ASCII case ignored; params and tags numerically when all present values are numbers.
 *          A sparkline column sorts by its metric's last value.
 * Limits   2^31 runs. Text cells are cut to 256 bytes here; details fetch them whole.
 */
#ifndef MLYARD_RUNS_RUNS_H
#define MLYARD_RUNS_RUNS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/str.h"
#include "core/store/series.h"
#include "core/store/store.h"

enum run_status { RUN_RUNNING = 1, RUN_SCHEDULED, RUN_FINISHED, RUN_FAILED, RUN_KILLED };
/* How a status is written: in scripts and in JSON as MLflow does, for people by a short word behind its sign. Never NULL. */
struct run_status_words { const char *name, *word, *sign, *ascii; };   /* "FINISHED" "done" "✓" "+" */
const struct run_status_words *run_status_words(int status);           /* any number: the one for unknown */
const struct run_status_words *run_status_named(const char *name);     /* "FINISHED" */
const char *run_status_name(enum run_status s);

/* Columns: written and read as text: name state age took user source experiment id start end
 * metrics.KEY[:last|min|max] params.KEY tags.KEY spark.KEY */
enum col_kind { COL_NAME, COL_STATE, COL_AGE, COL_TOOK, COL_USER, COL_SOURCE, COL_EXPERIMENT, COL_ID, COL_START, COL_END,
	COL_METRIC, COL_METRIC_MIN, COL_METRIC_MAX, COL_PARAM, COL_TAG, COL_SPARK, COL_KINDS };
struct col { enum col_kind kind; const char *key; };         /* key: NULL for attributes */
enum status col_parse(const char *text, struct col *out, char **key_storage, struct err *e);   /* *key_storage: new or NULL */
/* Also bare keys that runs of the workspace have: a metric, then a param, then a tag. */
enum status col_resolve(struct store *s, const char *text, struct col *out, char **key_storage, struct err *e);
bool col_known(struct store *s, const struct col *c);          /* some run has had this key; attributes are always known */
void col_format(struct str *out, const struct col *c);
bool col_is_number(enum col_kind k);                         /* sorts numerically, aligns right; params decide per column */

struct run_sort { struct col col; bool desc; };
struct runs_query {
	const int64_t *experiments; size_t n_experiments;        /* none: all */
	bool deleted;                                            /* also deleted runs */
	bool tree;                                               /* children under their parents; else flat */
	const char *filter;                                      /* filter.h; NULL or "" none */
	const struct run_sort *sort; size_t n_sort;              /* none: newest first. Missing and NaN last in both directions; ties by start, id */
	const struct col *cols; size_t n_cols;                   /* what cells() must be able to answer */
	size_t first;                                            /* > 0: only about the newest so many runs (and their parents), fast, for the first frame; filter and sort see only those */
};
enum run_flag { RUN_DELETED = 1, RUN_CONTEXT = 2 /* shown only because a child matches */, RUN_HAS_CHILDREN = 4 };
struct run_row {
	int64_t id, experiment_id, start_ms, end_ms;             /* INT64_MIN: unknown */
	const char *uuid, *name, *user, *source;                 /* cleaned, never NULL */
	uint32_t subtree;                                        /* rows below that belong to it (tree) */
	uint16_t depth; uint8_t status, flags;
};
struct run_cell { bool present, is_num; double num; const char *text; };   /* text: cleaned; NULL for numbers, but params and tags keep it as written */
struct runs_snap;
/* prev (may be NULL) lends unchanged parts; it stays valid and is released by its owner. *partial when `first` cut it short. */
enum status runs_snap_build(struct store *s, const struct runs_query *q, const struct runs_snap *prev, struct runs_snap **out, struct err *e);
/* The user is about to search: reads the tag texts that the filter's words are looked for in, if that was not done yet. A
 * build that needs them at the same time waits instead of reading them too. */
enum status runs_snap_words(struct store *s, const struct runs_snap *sn, struct err *e);
struct runs_snap *runs_snap_ref(const struct runs_snap *sn);
void runs_snap_unref(struct runs_snap *sn);
size_t runs_snap_count(const struct runs_snap *sn);          /* rows in display order */
size_t runs_snap_total(const struct runs_snap *sn);          /* runs in the experiments before the filter */
size_t runs_snap_matched(const struct runs_snap *sn);        /* rows that match themselves (without RUN_CONTEXT) */
bool runs_snap_partial(const struct runs_snap *sn);
const struct run_row *runs_snap_row(const struct runs_snap *sn, size_t i);
struct run_cell runs_snap_cell(const struct runs_snap *sn, size_t i, size_t col);   /* col: index into the query's cols */
bool runs_snap_col_numeric(const struct runs_snap *sn, size_t col);
int64_t runs_snap_find(const struct runs_snap *sn, int64_t run_id);  /* row or -1 */
const char *runs_snap_filter_note(const struct runs_snap *sn);       /* what of the filter was not understood, or finds nothing here; "" */
bool runs_snap_filter_odd(const struct runs_snap *sn);               /* part of it was left out */

struct run_item { const char *key, *value; size_t n; };      /* as stored: value may hold any byte */

/* The experiment list, ordered by name, deleted last. Arena-backed; free with experiments_free. Texts are cleaned but for the
 * run_items; a name outside MLflow's "default" workspace is shown as workspace/name. */
struct experiment {
	int64_t id, runs, running, deleted_runs, created_ms, updated_ms; const char *ext_id, *name, *note; bool deleted;
	const char *namespace; struct run_item stored_name, artifact_uri;
};
struct experiments { struct arena *arena; struct experiment *at; size_t n; };
enum status experiments_load(struct store *s, struct experiments **out, struct err *e);
void experiments_free(struct experiments *x);

/* Keys that the runs of these experiments have: what columns there are to add. Keys as stored. Sorted by runs desc, then name. */
struct run_key { enum col_kind kind; const char *key; int64_t runs; };   /* COL_METRIC, COL_PARAM, COL_TAG */
struct run_keys { struct arena *arena; struct run_key *at; size_t n; };
enum status run_keys_load(struct store *s, const int64_t *experiments, size_t n, struct run_keys **out, struct err *e);
void run_keys_free(struct run_keys *k);

/* Everything about one run. Strings are as stored (not cleaned, may hold any byte; lengths beside them), but for `row`. */
struct run_metric { const char *key; int64_t name_id; struct series_sum sum; };
struct run_dataset { const char *name, *digest, *source_type, *source, *schema, *profile, *context, *tags; };
struct run_model { const char *model_id; bool output; int64_t step; const char *name, *artifact_uri; };   /* the last two "" when unknown */
/* parent: uuid or NULL; other texts are "" when absent. */
struct run_detail {
	struct arena *arena;
	struct run_row row; const char *experiment, *experiment_ext_id, *artifact_uri, *parent, *note, *source_kind, *source_uri;
	struct run_item stored_name;                                     /* the name as stored; key NULL */
	struct run_item *params, *tags; size_t n_params, n_tags;         /* by key */
	struct run_metric *metrics; size_t n_metrics;                    /* by key */
	struct run_dataset *datasets; size_t n_datasets;
	struct run_model *models; size_t n_models;
};
enum status run_detail_load(struct store *s, int64_t run_id, struct run_detail **out, struct err *e);
/* The row and only these parts: a run may have thousands of metrics, each on a page of its own. The note comes with the tags. */
enum run_part { RUN_PARAMS = 1, RUN_TAGS = 2, RUN_METRICS = 4, RUN_CURVES = 8 /* metrics of more than one point */, RUN_DATASETS = 16, RUN_MODELS = 32 };
enum status run_detail_load_parts(struct store *s, int64_t run_id, unsigned parts, struct run_detail **out, struct err *e);
void run_detail_free(struct run_detail *d);
/* A run by id, unique id prefix (>= 4 characters), or unique name. ST_NOT_FOUND, or ST_USAGE when several (lists them). */
enum status run_find(struct store *s, const char *text, int64_t *run_id, struct err *e);
int64_t run_name_id(struct store *s, const char *key);               /* interned key, 0 when unknown */

/* How far runs are that say how far they mean to go (run_progress.c): 0..1, NAN when nothing can be said; end_ms: when the rest will be
 * done at the pace of its points so far, INT64_MIN when unknown. Asks about at[].run_id. */
struct run_progress { int64_t run_id; double share; int64_t end_ms; };
enum status runs_progress(struct store *s, struct run_progress *at, size_t n, struct err *e);

/* Sparkline values: `width` (1..1024) values per run, straight lines between the cells that points fall into, NAN before,
 * after and where the metric is NaN; row-major into out[n*width]. */
enum status runs_spark(struct store *s, const int64_t *run_ids, size_t n, const char *key, int width, double *out, struct err *e);
#endif
