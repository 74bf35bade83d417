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
#include "core/store/store.h"

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
bool sink_is_seen(const struct sink *s, enum sink_kind k, size_t index);
/* Reads ids and a hash of every row of this source (models before versions, experiments before datasets), so
 * that sink_put_new() need not put what is the same; it returns false when it was, and the entity is only seen.
 * A second load does nothing. */
enum status sink_load(struct sink *s, enum sink_kind k, struct err *e);
bool sink_put_new(struct sink *s, enum sink_kind k, size_t index, const struct val *v);
/* Loaded entities that were neither put nor seen since become deleted. */
void sink_keep_seen(struct sink *s, enum sink_kind k);

void sink_item(struct sink *s, enum sink_set set, size_t owner, struct val key, struct val value);
/* From now on remembers the items of the set (also over flushes); keep_owner then removes all others of one owner. */
void sink_track(struct sink *s, enum sink_set set);
void sink_keep_owner(struct sink *s, enum sink_set set, size_t owner);
/* Sum of sink_item_hash() over what is here, per owner. The sink must be flushed. */
struct sums { uint64_t *at; size_t n, cap; };
void sums_add(struct sums *m, size_t owner, uint64_t hash);
uint64_t sums_get(const struct sums *m, size_t owner);
uint64_t sink_item_hash(const char *key, size_t kn, const char *value, size_t vn);
enum sink_kind sink_owner_kind(enum sink_set set);
enum status sink_sums(struct sink *s, enum sink_set set, struct sums *out, struct err *e);
/* Calls fn for each row (owner, ...) of a statement whose first column is the owner's id; ?1 is the source. */
enum status sink_each_owned(struct sink *s, enum sink_kind k, const char *sql, void (*fn)(void *arg, size_t owner, sqlite3_stmt *st), void *arg, struct err *e);
/* The id, 0 when the entity is not here. Looks it up when need be. */
int64_t sink_id(struct sink *s, enum sink_kind k, size_t index);
/* The first part of an entity's key; borrowed until the next entity is named. */
struct entity_name { const char *p; size_t n; };
struct entity_name sink_entity_name(const struct sink *s, enum sink_kind k, size_t index);
size_t sink_count(const struct sink *s, enum sink_kind k);   /* entities named so far */

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
/* Tests make flushes small; 0: as usual. The one state that sinks share; set it while none is in use. */
void sink_limit_for_tests(size_t points, size_t rows);
bool sink_broken(const struct sink *s);                      /* a flush failed */
bool sink_empty(const struct sink *s);
/* Writes what waits, with the importer's new state (NULL: as it was), in one transaction. Cancel is
 * honoured until shortly before the commit. */
enum status sink_flush(struct sink *s, const char *state, struct err *e);
#endif
