/* runs_impl -- what a snapshot is made of; for the files runs_*.c only.
 *
 * Parts    base     the runs of the chosen experiments, newest first, with their tree
 *          column   one metric, param or tag of every run of a base
 *          words    every tag text of every run of a base, for word search
 *          Base and columns are counted and immutable once built, and know nothing of filters and order, so
 *          a snapshot that only filters or sorts differently takes all of them from the one before. Words
 *          belong to their base, but are read when somebody first asks; who asks meanwhile, in another thread, waits.
 * Texts    values are kept once each: 75,000 runs share a few optimisers. A value is an index + 1, 0 is missing.
 */
#ifndef MLYARD_RUNS_RUNS_IMPL_H
#define MLYARD_RUNS_RUNS_IMPL_H
#include <pthread.h>
#include <stdatomic.h>
#include "core/base/arena.h"
#include "core/runs/filter.h"
#include "core/runs/runs.h"

enum { CELL_MAX = 256 /* bytes of a text cell */, WORD_MAX = 1024 /* bytes of a tag that words are looked for in */ };
#define MS_UNKNOWN INT64_MIN

/* Distinct texts, cleaned and cut to `limit` bytes. */
struct runs_slot { uint32_t value, hash; };
struct runs_texts {
	size_t limit, n;
	char *bytes; size_t len, cap;        /* one after another, NUL after each */
	size_t *at; size_t at_cap;           /* n + 1 offsets into bytes */
	double *num;                         /* of each, NAN when it is no number; NULL unless texts_finish was asked for numbers */
	bool all_numbers;
	struct runs_slot *slot; size_t mask; /* hash index; gone after texts_finish */
};
void texts_init(struct runs_texts *tx, size_t limit);
void texts_done(struct runs_texts *tx);
uint32_t texts_add(struct runs_texts *tx, const char *s, size_t n);      /* index + 1 */
void texts_finish(struct runs_texts *tx, bool numbers);
const char *texts_get(const struct runs_texts *tx, uint32_t value, size_t *n);   /* value: index + 1 */
/* Cleaned and cut to CELL_MAX, in the arena. */
const char *runs_clean(struct arena *a, const char *s, size_t n);

struct runs_experiment { int64_t id; const char *name; bool deleted; };
struct runs_base {
	atomic_int refs;
	struct arena *arena;
	int64_t *asked; size_t n_asked;      /* experiments asked for, sorted; none: all */
	bool deleted, partial;
	size_t total;                        /* runs there are, also when partial */
	struct run_row *rows; size_t n;      /* newest first, unknown start last, then by id; depth, subtree, flags unset */
	uint32_t *by_id;                     /* rows in order of id */
	int32_t *parent;                     /* row or -1; free of cycles */
	bool nested;                         /* any parent at all */
	struct runs_experiment *experiments; size_t n_experiments;      /* by id */
	pthread_mutex_t words_mu;
	struct runs_words *words;            /* NULL until base_need_words(); never changes after that */
};
enum status base_load(struct store *s, const struct runs_query *q, struct runs_base **out, struct err *e);
bool base_answers(const struct runs_base *b, const struct runs_query *q);
void base_unref(struct runs_base *b);
/* In a read transaction that shows the state of the store in which the base was read. */
enum status base_need_words(struct runs_base *b, struct store *s, struct err *e);
/* Its runs lie so far apart in the store that looking each up is cheaper than scanning the range. */
bool base_is_sparse(const struct runs_base *b);
/* Steps a statement whose first column is a run id, ordered by it, between ?2 and ?3 (bound here), and tells fn of each run of the base. */
typedef void (*base_row_fn)(void *arg, uint32_t row, sqlite3_stmt *st);
enum status base_each_row(struct store *s, const struct runs_base *b, sqlite3_stmt *st, base_row_fn fn, void *arg, const char *what, struct err *e);
int64_t base_find(const struct runs_base *b, int64_t run_id);           /* row or -1 */
const struct runs_experiment *base_experiment(const struct runs_base *b, int64_t id);
void base_link_parents(struct runs_base *b, const char *const *parent_uuid);   /* fills parent; breaks cycles */

struct runs_column {
	atomic_int refs;
	enum col_kind kind; char *key;       /* COL_METRIC*, COL_PARAM or COL_TAG */
	size_t n, present;
	bool numeric;
	double *num; uint8_t *have;          /* metrics */
	uint32_t *value; struct runs_texts texts;      /* params and tags */
};
enum status column_load(struct store *s, const struct runs_base *b, enum col_kind kind, const char *key, struct runs_column **out, struct err *e);
void column_unref(struct runs_column *c);

struct runs_words {
	size_t n;
	size_t *start;                       /* n + 1: row i has value[start[i]] .. value[start[i + 1] - 1] */
	uint32_t *value;
	struct runs_texts texts;
};
enum status words_load(struct store *s, const struct runs_base *b, struct runs_words **out, struct err *e);
void words_free(struct runs_words *w);

struct runs_snap {
	atomic_int refs;
	int64_t cursor;                      /* of store_changed */
	struct runs_base *base;
	struct runs_column **columns; size_t n_columns, columns_cap;
	struct col *cols; size_t n_cols;     /* the query's; keys are ours */
	struct runs_column **col_data;       /* per col, NULL for attributes */
	struct run_row *rows; size_t n, matched;
	uint32_t *of;                        /* display row -> row of base */
	int32_t *shown;                      /* row of base -> display row or -1 */
	char *note; bool odd;                /* what is to be said of the filter; a term of it was left out */
};
struct runs_column *snap_column(const struct runs_snap *sn, enum col_kind kind, const char *key);   /* NULL: not there */

/* filter: keep[i] for every row of the base; notes what the data do not have. Its columns and words are loaded. False: a
 * term makes no sense of these data and was left out. */
bool snap_filter(const struct runs_snap *sn, const struct filter *f, uint8_t *keep, struct str *notes);
size_t snap_field_columns(const struct filter_field *field, enum col_kind kinds[3]);    /* 0: needs no column */
/* order: rows of the base as the query wants them. */
void snap_sort(const struct runs_snap *sn, const struct run_sort *sort, size_t n_sort, uint32_t *order);
/* rows, of, shown, n, matched from an order and what to keep (NULL: all). */
void snap_arrange(struct runs_snap *sn, const uint32_t *order, const uint8_t *keep, bool tree);

/* Texts: ASCII case ignored, then bytes. */
int runs_text_order(const char *a, size_t an, const char *b, size_t bn);
/* Stable: reorders `order` by keys[order[i]]. */
void runs_radix(uint32_t *order, size_t n, const uint64_t *keys);
/* rank[i] of texts[i] under runs_text_order; equal texts share one. */
void runs_text_ranks(const char *const *texts, size_t n, uint64_t *rank);
/* Milliseconds a run took, or took so far; MS_UNKNOWN. */
int64_t run_took_ms(const struct run_row *r, int64_t now_ms);
#endif
