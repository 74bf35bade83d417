/* models_impl -- what the files that read the registry share: columns into arenas, names, the words for what holds now. */
#ifndef MLYARD_REGISTRY_MODELS_IMPL_H
#define MLYARD_REGISTRY_MODELS_IMPL_H
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/store/store.h"

/* What holds of a version, whether or not its source was adopted yet: v is model_version, r the row of reg_version or none. */
#define REG_VERSIONS " model_version v LEFT JOIN reg_version r ON r.version_id = v.id "
#define REG_STAGE " coalesce(r.stage, v.stage) "
#define REG_DELETED " coalesce(r.deleted, v.deleted) "
#define REG_SINCE " coalesce(r.since_ms, v.updated_ms, v.created_ms) "
/* The same of a model: m is model, g the row of reg_model or none. */
#define REG_MODELS " model m LEFT JOIN reg_model g ON g.model_id = m.id "
#define REG_MODEL_DELETED " (m.deleted OR coalesce(g.deleted, 0)) "
/* Aliases of model ?1 as (alias, version). */
#define REG_ALIASES "SELECT alias, version FROM reg_alias WHERE model_id = ?1 AND version IS NOT NULL" \
	" UNION ALL SELECT a.alias, a.version FROM model_alias a WHERE a.model_id = ?1" \
	" AND NOT EXISTS(SELECT 1 FROM reg_alias x WHERE x.model_id = a.model_id AND x.alias = a.alias) ORDER BY 1"
#define REG_LOCAL_KIND "local"

/* Cleaned; "" for NULL. _lines keeps line ends. */
const char *reg_clean(struct arena *a, const char *s, size_t n, unsigned flags);
const char *reg_cell(struct arena *a, sqlite3_stmt *st, int i);
const char *reg_cell_lines(struct arena *a, sqlite3_stmt *st, int i);
int64_t reg_cell_ms(sqlite3_stmt *st, int i);                     /* INT64_MIN for NULL */
/* Moves a grown array into the arena. */
void *reg_keep(struct arena *a, void *at, size_t n, size_t size);
enum status reg_end(struct store *s, sqlite3_stmt *st, struct err *e);   /* after regsql.h: resets, and says whether all rows were read */

/* A model's name as people write it ("ns/name" beside MLflow's "default"), cleaned; stored: the same as it is; and its source: "here" or a path. */
struct reg_name { const char *name, *source, *stored; bool local, deleted; int64_t source_id; };
enum status model_name(struct store *s, int64_t model_id, struct arena *a, struct reg_name *out, struct err *e);
const char *reg_source_label(const char *uri);               /* the last part of a path */

/* The last value of a metric in a version's source run, else in its logged model. NaN is no value. */
enum status version_metric(struct store *s, int64_t version_id, const char *key, double *value, bool *has, struct err *e);
/* BLAKE2b-256 of bytes; hex of bytes (out: 2 n + 1). */
void reg_hash(const void *p, size_t n, unsigned char out[32]);
void reg_hex(const unsigned char *p, size_t n, char *out);
/* The detail of a link (JSON) in words. */
const char *reg_detail_words(struct arena *a, const char *json);
#endif
