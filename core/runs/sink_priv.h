/* sink_priv -- what the gathering half (sink.c) and the writing half (sink_write.c) of a sink share. */
#ifndef MLYARD_RUNS_SINK_PRIV_H
#define MLYARD_RUNS_SINK_PRIV_H
#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/runs/sink.h"

/* One kind of entity. Parameters of all its statements: ?1 source, ?2 id of the parent, ?3 and ?4 the key's
 * texts, ?5... the attributes. A column with a leading '?' keeps its value when the new one is empty. */
struct kind_def {
	const char *what, *table, *key_cols, *key_params, *find, *cols, *owned;   /* owned: condition for rows of source ?1 */
	enum sink_kind parent; size_t counter; uint32_t topic;
};
/* One set: rows (owner, key, value) of a table, some of a fixed kind, some with interned keys. */
struct set_def {
	const char *what, *table, *owner, *kind, *key, *value;
	enum sink_kind owner_kind; bool interned; int key_kind;   /* experiment_key.kind, -1: not counted there */
	size_t counter; uint32_t topic;
};
struct row_def { const char *what, *sql; enum sink_kind owner_kind; int n; uint32_t topic; };
extern const struct kind_def sink_kinds[SINK_KINDS];
extern const struct set_def sink_sets[SETS];
extern const struct row_def sink_rows[ROWS];

enum op { OP_PUT, OP_GONE, OP_ITEM, OP_TRACK, OP_KEEP_OWNER, OP_ROW, OP_MEMO, OP_SERIES_REMOVE };
struct op_row { uint8_t op, which; size_t owner; struct val *v; };

enum { MAX_SOFT = 3 };
struct entity {
	int64_t id, group;               /* group: a run's experiment */
	uint64_t hash, soft[MAX_SOFT];   /* of its row when loaded: the columns that always follow the source, the others one by one */
	bool loaded, dead, seen, named;  /* dead: deleted when loaded; named: its absence was reported */
};
struct entities { struct map *keys; struct entity *at; size_t cap; };

struct sample { uint32_t series; struct point p; };
struct series_ref { uint32_t run, name; bool replace; };
struct u64s { uint64_t *at; size_t n, cap; bool sorted; };
/* Texts of statements made from the tables above, once. */
struct kind_sql { char *insert, *update; };
struct set_sql { char *insert, *update, *keys, *remove; };

struct sink {
	struct import_job *job;
	bool distinct, broken, loaded[SINK_KINDS];
	struct arena *arena;                                 /* texts and values of waiting rows */
	struct op_row *rows; size_t n_rows, cap_rows;
	struct entities kinds[SINK_KINDS];
	struct map *names; int64_t *name_ids; size_t cap_name_ids;

	struct sample *samples; size_t n_samples, cap_samples;
	struct series_ref *series; size_t n_series, cap_series;
	uint32_t *slots; size_t n_slots;                     /* open addressing over series: index + 1 */

	/* while writing */
	struct kind_sql kind_sql[SINK_KINDS];
	struct set_sql set_sql[SETS];
	struct u64s tracked[SETS]; bool track[SETS];
	struct map *counts;                                  /* changes of experiment_key */
	struct map *recount;                                 /* experiments whose counts are made anew */
	uint32_t topics;
};
/* sink_write.c: the id of an entity, 0 when it is not there; makes an experiment that is only spoken of. */
enum status sink_resolve(struct sink *s, enum sink_kind k, size_t index, int64_t *id, struct err *e);
enum status sink_step(struct sink *s, sqlite3_stmt *st, const char *what, struct err *e);
void sink_count_key(struct sink *s, size_t run, int kind, int64_t name_id, int by);
enum status sink_name_id(struct sink *s, size_t name, int64_t *id, struct err *e);
/* sink_points.c */
enum status sink_write_series_remove(struct sink *s, const struct op_row *r, struct err *e);
enum status sink_write_points(struct sink *s, struct err *e);
/* sink_sets.c */
enum status sink_write_item(struct sink *s, const struct op_row *r, struct err *e);
enum status sink_write_keep_owner(struct sink *s, const struct op_row *r, struct err *e);
int sink_bind(sqlite3_stmt *st, int i, const struct val *v, int64_t ref_id);
void u64s_add(struct u64s *v, uint64_t x);
bool u64s_has(struct u64s *v, uint64_t x);                   /* sorts when needed */
/* The parts of an entity's key. */
struct entity_key { size_t parent, an, bn; const char *a, *b; bool has_b; };
struct entity_key sink_key(const struct sink *s, enum sink_kind k, size_t index);
#endif
