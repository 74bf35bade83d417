/* sink -- where importers put what they read: rows and points are gathered, then written in one go.
 *
 * Why      the gate must not be held while a slow or busy source is read, and a killed
 *          import must go on where it was. So rows wait in memory (about 64 MB at
 *          most) and one flush writes them together with the importer's cursor.
 * Model    seven kinds of entities are known by natural keys (a run by its uuid) and
 *          named by an index during the job; their ids are found or made at the flush.
 *          Sets are (owner, key, value) rows: tags, params, aliases, edges. A put that
 *          changes nothing writes nothing and counts nothing.
 * Derived  run.name (when the source has none), user, entry and parent come from tags
 *          and follow them; so does model.is_prompt. experiment_key counts are kept
 *          in the same transaction.
 * Owns     text passed in is copied. Entity indices live as long as the sink, series
 *          indices until the next flush.
 * Errors   after a failed flush the sink only frees. ST_REFUSED with job->again set:
 *          another process moved the cursor; start over from what it wrote.
 * Threads  one.
 */
#ifndef MLYARD_RUNS_SINK_H
#define MLYARD_RUNS_SINK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/runs/import.h"
#include "core/store/series.h"

enum sink_kind { SINK_EXPERIMENT, SINK_RUN, SINK_DATASET, SINK_LOGGED, SINK_MODEL, SINK_VERSION, SINK_TRACE, SINK_KINDS };
enum sink_set { SET_EXPERIMENT_TAG, SET_PARAM, SET_TAG, SET_RUN_DATASET, SET_RUN_INPUT, SET_RUN_OUTPUT, SET_LOGGED_PARAM, SET_LOGGED_TAG,
	SET_MODEL_TAG, SET_VERSION_TAG, SET_ALIAS, SET_TRACE_META, SET_TRACE_ATTR, SET_TRACE_TAG, SET_ASSESSMENT, SETS };
enum sink_row { ROW_LOGGED_METRIC, ROW_SPAN, ROWS };

enum val_type { VAL_NULL, VAL_INT, VAL_REAL, VAL_TEXT, VAL_REF };
struct val {
	enum val_type type; enum sink_kind kind;             /* kind: of VAL_REF, whose index is i */
	union { int64_t i; double d; const char *p; } u;
	size_t n;
};
struct val val_null(void);
struct val val_int(int64_t i);
struct val val_real(double d);                               /* NaN: NULL */
struct val val_text(const char *p, size_t n);                /* p NULL: VAL_NULL */
struct val val_str(const char *s);
struct val val_ref(enum sink_kind kind, size_t index);
uint64_t val_hash(uint64_t h, const struct val *v);

struct sink;
/* distinct: as series_append. */
struct sink *sink_new(struct import_job *job, bool distinct);
void sink_free(struct sink *s);

#define SINK_NONE ((size_t)-1)
/* The index of an entity; `parent` is the experiment of a dataset and the model of a version, else SINK_NONE.
 * Key: a experiment id, run uuid, dataset name, logged model id, model namespace, version number, trace id;
 * b dataset digest, model name; else NULL. */
size_t sink_entity(struct sink *s, enum sink_kind k, size_t parent, const char *a, size_t an, const char *b, size_t bn);
/* Its attributes, in this order (experiment: VAL_REF; the last of all but DATASET says deleted 0 or 1):
 * EXPERIMENT namespace name artifact_uri created_ms updated_ms deleted
 * RUN        experiment name status user entry start_ms end_ms deleted_ms artifact_uri deleted   (empty name, user, entry: keep)
 * DATASET    source_type source schema profile
 * LOGGED     experiment name artifact_uri created_ms updated_ms status model_type source_run status_message deleted
 * MODEL      created_ms updated_ms description deleted
 * VERSION    created_ms updated_ms description user stage source run_uuid status status_message run_link storage_location deleted
 * TRACE      experiment start_ms took_ms status client_id request_preview response_preview deleted */
void sink_put(struct sink *s, enum sink_kind k, size_t index, const struct val *v);
enum { SINK_MAX_VALS = 12 };
size_t sink_put_count(enum sink_kind k);
/* It is there, though nothing was put. */
void sink_seen(struct sink *s, enum sink_kind k, size_t index);
/* Its id, read from the workspace already; group: the experiment's id of a run. Saves the flush a look-up. */
void sink_known(struct sink *s, enum sink_kind k, size_t index, int64_t id, int64_t group);
/* Entities of this source that were neither put nor seen by this sink become deleted. */
void sink_keep_seen(struct sink *s, enum sink_kind k);

void sink_item(struct sink *s, enum sink_set set, size_t owner, struct val key, struct val value);
/* The items between these two are all that the owner has. */
void sink_set_begin(struct sink *s, enum sink_set set, size_t owner);
void sink_set_end(struct sink *s);
/* From now on remembers the items of the set; keep then removes all others of this source. RUN_* and LOGGED_* sets only. */
void sink_track_items(struct sink *s, enum sink_set set);
void sink_keep_items(struct sink *s, enum sink_set set);

/* LOGGED_METRIC (of a logged model) key ms step value run_uuid dataset_name dataset_digest
 * SPAN (of a trace) span_id parent_id name type status start_ns end_ns content */
void sink_row(struct sink *s, enum sink_row r, size_t owner, const struct val *v);

size_t sink_name(struct sink *s, const char *key, size_t n);
size_t sink_series(struct sink *s, size_t run, size_t name);
void sink_point(struct sink *s, size_t series, int64_t step, int64_t ms, double value);
void sink_series_replace(struct sink *s, size_t series);     /* its points of this flush are all it has */
void sink_series_remove(struct sink *s, size_t run, const char *key, size_t n);

void sink_memo(struct sink *s, const char *key, size_t n, const char *value, size_t vn);   /* value NULL: forget */

bool sink_full(const struct sink *s);                        /* time to flush */
bool sink_empty(const struct sink *s);
/* Writes what waits, with the importer's new state (NULL: as it was), in one transaction. Cancel is
 * honoured until shortly before the commit. */
enum status sink_flush(struct sink *s, const char *state, struct err *e);
#endif
