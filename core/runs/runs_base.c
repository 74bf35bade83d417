/* The runs of the chosen experiments: read once, newest first.
 *
 * Reading   nearly all runs wanted: one scan of the table in id order. Few: by the index, an experiment at
 *           a time. The first frame: the newest ids come from the index alone, then their rows, then
 *           their ancestors, so that children do not lie about for a tenth of a second.
 * Order     start descending, unknown start last, then id descending: one radix sort. Everything else
 *           (columns, words, filters) is indexed by the row number this gives.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/runs/runs_impl.h"

/* Rows as they come from the store, with what only the load needs. */
struct loader {
	struct store *s;
	const struct runs_query *q;
	struct runs_base *b;
	struct run_row *rows; const char **parents; size_t n, cap, parents_cap;   /* parents: uuid or NULL */
	struct runs_texts users, sources;    /* shared by many runs */
	uint32_t *user, *source; size_t user_cap, source_cap;
};

#define RUN_COLUMNS "id, experiment_id, uuid, name, status, user, entry, start_ms, end_ms, deleted, parent"

static int64_t column_ms(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? MS_UNKNOWN : sqlite3_column_int64(st, i);
}

static const char *column_text(struct arena *a, sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	return runs_clean(a, s ? s : "", (size_t)sqlite3_column_bytes(st, i));
}

static uint32_t column_shared(struct runs_texts *tx, sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	return texts_add(tx, s ? s : "", (size_t)sqlite3_column_bytes(st, i));
}

static int by_experiment_id(const void *a, const void *b)
{
	int64_t x = ((const struct runs_experiment *)a)->id, y = ((const struct runs_experiment *)b)->id;
	return (x > y) - (x < y);
}

const struct runs_experiment *base_experiment(const struct runs_base *b, int64_t id)
{
	struct runs_experiment key = { .id = id };
	return bsearch(&key, b->experiments, b->n_experiments, sizeof key, by_experiment_id);
}

static int by_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static bool base_asked(const struct runs_base *b, int64_t experiment_id)
{
	if (b->n_asked)
		return bsearch(&experiment_id, b->asked, b->n_asked, sizeof experiment_id, by_int64);
	const struct runs_experiment *x = base_experiment(b, experiment_id);
	return b->deleted || !x || !x->deleted;
}

/* Every experiment's name; with none asked for, those that are not deleted are meant. */
static enum status load_experiments(struct loader *l, struct err *e)
{
	size_t cap = 0;
	sqlite3_stmt *st = store_stmt(l->s, "SELECT id, name, deleted FROM experiment ORDER BY id", e);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(l->b->experiments, cap, l->b->n_experiments + 1);
		l->b->experiments[l->b->n_experiments++] = (struct runs_experiment){ sqlite3_column_int64(st, 0),
			column_text(l->b->arena, st, 1), sqlite3_column_int(st, 2) != 0 };
	}
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(l->s, e, "read experiments");
}

static void loader_take(struct loader *l, sqlite3_stmt *st)
{
	struct runs_base *b = l->b;
	MEM_GROW(l->rows, l->cap, l->n + 1);
	MEM_GROW(l->parents, l->parents_cap, l->n + 1);
	MEM_GROW(l->user, l->user_cap, l->n + 1);
	MEM_GROW(l->source, l->source_cap, l->n + 1);
	int status = sqlite3_column_int(st, 4);
	l->rows[l->n] = (struct run_row){
		.id = sqlite3_column_int64(st, 0), .experiment_id = sqlite3_column_int64(st, 1),
		.uuid = column_text(b->arena, st, 2), .name = column_text(b->arena, st, 3),
		.status = status > 0 && status <= RUN_KILLED ? (uint8_t)status : 0,
		.start_ms = column_ms(st, 7), .end_ms = column_ms(st, 8), .flags = sqlite3_column_int(st, 9) ? RUN_DELETED : 0,
	};
	l->user[l->n] = column_shared(&l->users, st, 5);
	l->source[l->n] = column_shared(&l->sources, st, 6);
	l->parents[l->n] = sqlite3_column_type(st, 10) == SQLITE_NULL ? NULL : column_text(b->arena, st, 10);
	l->n++;
}

/* All rows of a prepared query that were asked for. */
static enum status loader_run(struct loader *l, sqlite3_stmt *st, struct err *e)
{
	while (sqlite3_step(st) == SQLITE_ROW)
		if ((l->b->deleted || !sqlite3_column_int(st, 9)) && base_asked(l->b, sqlite3_column_int64(st, 1)))
			loader_take(l, st);
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(l->s, e, "read runs");
}

/* One number that a query with up to two integers gives. */
static enum status ask_number(struct loader *l, const char *sql, int64_t a, int64_t b, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = store_stmt(l->s, sql, e);
	if (!st)
		return ST_FAILED;
	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++)
		sqlite3_bind_int64(st, i, i == 1 ? a : b);
	*out = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(l->s, e, "count runs");
}

/* Counting a whole table is a matter of pages, not rows; what does not belong to it is little and is taken off. */
static enum status count_all(struct loader *l, int64_t *total, struct err *e)
{
	int64_t off = 0;
	enum status rc = ask_number(l, "SELECT count(*) FROM run", 0, 0, total, e);
	for (size_t i = 0; i < l->b->n_experiments && rc == ST_OK && !l->b->deleted; i++) {
		const struct runs_experiment *x = &l->b->experiments[i];
		rc = ask_number(l, x->deleted ? "SELECT count(*) FROM run WHERE experiment_id = ?1"
			: "SELECT count(*) FROM run WHERE experiment_id = ?1 AND deleted = 1", x->id, 0, &off, e);
		*total -= off;
	}
	return rc;
}

static enum status count_runs(struct loader *l, int64_t *total, struct err *e)
{
	enum status rc = ST_OK;
	int64_t n = 0;
	if (!l->b->n_asked)
		return count_all(l, total, e);
	*total = 0;
	for (size_t i = 0; i < l->b->n_asked && rc == ST_OK; i++) {
		if (i && l->b->asked[i] == l->b->asked[i - 1])
			continue;
		rc = ask_number(l, "SELECT count(*) FROM run WHERE experiment_id = ?1 AND deleted <= ?2", l->b->asked[i], l->b->deleted, &n, e);
		*total += n;
	}
	return rc;
}

static enum status load_all(struct loader *l, struct err *e)
{
	sqlite3_stmt *st = store_stmt(l->s, "SELECT " RUN_COLUMNS " FROM run ORDER BY id", e);
	return st ? loader_run(l, st, e) : ST_FAILED;
}

static enum status load_by_experiment(struct loader *l, struct err *e)
{
	sqlite3_stmt *st = store_stmt(l->s, "SELECT " RUN_COLUMNS " FROM run WHERE experiment_id = ?1", e);
	enum status rc = st ? ST_OK : ST_FAILED;
	for (size_t i = 0; i < l->b->n_asked && rc == ST_OK; i++) {
		if (i && l->b->asked[i] == l->b->asked[i - 1])
			continue;
		sqlite3_bind_int64(st, 1, l->b->asked[i]);
		rc = loader_run(l, st, e);
	}
	return rc;
}

struct newest { int64_t start, id; };
static int newest_first(const void *a, const void *b)
{
	const struct newest *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? 1 : -1;
	return (x->id < y->id) - (x->id > y->id);
}

/* The newest `first` runs of one experiment, start and id only. */
static enum status newest_of(struct loader *l, sqlite3_stmt *st, int64_t experiment, struct newest **at, size_t *n, size_t *cap, struct err *e)
{
	for (int deleted = 0; deleted <= l->b->deleted; deleted++) {
		sqlite3_bind_int64(st, 1, experiment);
		sqlite3_bind_int(st, 2, deleted);
		sqlite3_bind_int64(st, 3, l->q->first > INT64_MAX ? INT64_MAX : (int64_t)l->q->first);
		while (sqlite3_step(st) == SQLITE_ROW) {
			MEM_GROW(*at, *cap, *n + 1);
			(*at)[(*n)++] = (struct newest){ column_ms(st, 0), sqlite3_column_int64(st, 1) };
		}
		if (sqlite3_reset(st) != SQLITE_OK)
			return store_error(l->s, e, "read the newest runs");
	}
	return ST_OK;
}

static bool loaded(const struct loader *l, const char *uuid, int64_t experiment)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->rows[i].experiment_id == experiment && !strcmp(l->rows[i].uuid, uuid))
			return true;
	return false;
}

/* Parents of what is there, and theirs; each turn looks only at what the last one added. */
static enum status load_ancestors(struct loader *l, struct err *e)
{
	sqlite3_stmt *st = store_stmt(l->s, "SELECT " RUN_COLUMNS " FROM run WHERE uuid = ?1 AND experiment_id = ?2", e);
	enum status rc = st ? ST_OK : ST_FAILED;
	size_t limit = l->q->first > SIZE_MAX / 4 ? SIZE_MAX : l->q->first * 4;
	for (size_t i = 0; i < l->n && l->n < limit && rc == ST_OK; i++) {
		if (!l->parents[i] || (i && l->parents[i - 1] && !strcmp(l->parents[i], l->parents[i - 1]))
				|| loaded(l, l->parents[i], l->rows[i].experiment_id))
			continue;
		sqlite3_bind_text(st, 1, l->parents[i], -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(st, 2, l->rows[i].experiment_id);
		rc = loader_run(l, st, e);
	}
	return rc;
}

static enum status load_newest(struct loader *l, struct err *e)
{
	struct newest *at = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *list = store_stmt(l->s, "SELECT start_ms, id FROM run INDEXED BY run_by_start WHERE experiment_id = ?1 AND deleted = ?2 "
		"ORDER BY start_ms DESC, id DESC LIMIT ?3", e);
	sqlite3_stmt *one = list ? store_stmt(l->s, "SELECT " RUN_COLUMNS " FROM run WHERE id = ?1", e) : NULL;
	enum status rc = one ? ST_OK : ST_FAILED;
	for (size_t i = 0; i < l->b->n_experiments && rc == ST_OK; i++)
		if (base_asked(l->b, l->b->experiments[i].id))
			rc = newest_of(l, list, l->b->experiments[i].id, &at, &n, &cap, e);
	if (n)
		qsort(at, n, sizeof *at, newest_first);
	for (size_t i = 0; i < n && i < l->q->first && rc == ST_OK; i++) {
		sqlite3_bind_int64(one, 1, at[i].id);
		rc = loader_run(l, one, e);
	}
	free(at);
	return rc == ST_OK && l->q->tree ? load_ancestors(l, e) : rc;
}

static enum status load_rows(struct loader *l, struct err *e)
{
	int64_t total, most = 0;
	enum status rc = count_runs(l, &total, e);
	if (rc != ST_OK)
		return rc;
	l->b->total = (size_t)total;
	l->b->partial = l->q->first && (size_t)total > l->q->first;
	if (l->b->partial)
		return load_newest(l, e);
	if (!l->b->n_asked)
		return load_all(l, e);
	rc = ask_number(l, "SELECT max(id) FROM run", 0, 0, &most, e);
	if (rc != ST_OK)
		return rc;
	return total > most / 4 ? load_all(l, e) : load_by_experiment(l, e);
}

/* A key whose ascending order is: newest start first, unknown last. */
static uint64_t start_key(int64_t start_ms)
{
	return start_ms == MS_UNKNOWN ? UINT64_MAX : ~((uint64_t)start_ms ^ (uint64_t)1 << 63);
}

/* order[] of the loaded rows by keys made from them, on top of the order it has. */
static void order_by(const struct loader *l, uint32_t *order, bool by_id)
{
	uint64_t *keys = mem_array(l->n, sizeof *keys);
	for (size_t i = 0; i < l->n; i++)
		keys[i] = by_id ? (uint64_t)l->rows[i].id ^ (uint64_t)1 << 63 : start_key(l->rows[i].start_ms);
	runs_radix(order, l->n, keys);
	free(keys);
}

/* Puts the rows into their order and makes texts that were shared into pointers. */
static void loader_finish(struct loader *l)
{
	struct runs_base *b = l->b;
	size_t len;
	uint32_t *order = mem_array(l->n, sizeof *order), *place = mem_array(l->n, sizeof *place);
	const char **parents = mem_array(l->n, sizeof *parents);
	char *users = arena_alloc(b->arena, l->users.len + 1), *sources = arena_alloc(b->arena, l->sources.len + 1);
	memcpy(users, l->users.bytes ? l->users.bytes : "", l->users.len);
	memcpy(sources, l->sources.bytes ? l->sources.bytes : "", l->sources.len);
	for (size_t i = 0; i < l->n; i++) {
		order[i] = (uint32_t)i;
		l->rows[i].user = users + (texts_get(&l->users, l->user[i], &len) - l->users.bytes);
		l->rows[i].source = sources + (texts_get(&l->sources, l->source[i], &len) - l->sources.bytes);
	}
	order_by(l, order, true);
	b->by_id = mem_array(l->n, sizeof *b->by_id);
	memcpy(b->by_id, order, l->n * sizeof *order);
	for (size_t i = 0; i < l->n / 2; i++) {          /* ties by id descending */
		uint32_t swap = order[i];
		order[i] = order[l->n - 1 - i];
		order[l->n - 1 - i] = swap;
	}
	order_by(l, order, false);
	b->n = l->n;
	b->rows = mem_array(l->n, sizeof *b->rows);
	for (size_t i = 0; i < l->n; i++) {
		b->rows[i] = l->rows[order[i]];
		parents[i] = l->parents[order[i]];
		place[order[i]] = (uint32_t)i;
	}
	for (size_t i = 0; i < l->n; i++)
		b->by_id[i] = place[b->by_id[i]];
	base_link_parents(b, parents);
	free(order);
	free(place);
	free(parents);
}

static struct runs_base *base_new(const struct runs_query *q)
{
	struct runs_base *b = mem_zalloc(sizeof *b);
	atomic_init(&b->refs, 1);
	pthread_mutex_init(&b->words_mu, NULL);
	b->arena = arena_new();
	b->deleted = q->deleted;
	b->n_asked = q->n_experiments;
	b->asked = mem_array(q->n_experiments, sizeof *b->asked);
	if (q->n_experiments) {
		memcpy(b->asked, q->experiments, q->n_experiments * sizeof *b->asked);
		qsort(b->asked, b->n_asked, sizeof *b->asked, by_int64);
	}
	return b;
}

enum status base_load(struct store *s, const struct runs_query *q, struct runs_base **out, struct err *e)
{
	struct loader l = { .s = s, .q = q, .b = base_new(q) };
	texts_init(&l.users, CELL_MAX);
	texts_init(&l.sources, CELL_MAX);
	enum status rc = load_experiments(&l, e);
	if (rc == ST_OK)
		rc = load_rows(&l, e);
	if (rc == ST_OK) {
		loader_finish(&l);
		*out = l.b;
	} else {
		base_unref(l.b);
	}
	free(l.rows);
	free(l.parents);
	free(l.user);
	free(l.source);
	texts_done(&l.users);
	texts_done(&l.sources);
	return rc;
}

bool base_answers(const struct runs_base *b, const struct runs_query *q)
{
	if (b->partial || b->deleted != q->deleted || b->n_asked != q->n_experiments)
		return false;
	int64_t *asked = mem_array(q->n_experiments, sizeof *asked);
	if (q->n_experiments) {
		memcpy(asked, q->experiments, q->n_experiments * sizeof *asked);
		qsort(asked, q->n_experiments, sizeof *asked, by_int64);
	}
	bool same = !q->n_experiments || !memcmp(asked, b->asked, q->n_experiments * sizeof *asked);
	free(asked);
	return same;
}

void base_unref(struct runs_base *b)
{
	if (!b || atomic_fetch_sub(&b->refs, 1) > 1)
		return;
	words_free(b->words);
	pthread_mutex_destroy(&b->words_mu);
	arena_free(b->arena);
	free(b->asked);
	free(b->rows);
	free(b->by_id);
	free(b->parent);
	free(b->experiments);
	free(b);
}

bool base_is_sparse(const struct runs_base *b)
{
	enum { IDS_PER_RUN = 12 };
	return b->n && (b->rows[b->by_id[b->n - 1]].id - b->rows[b->by_id[0]].id) / (int64_t)b->n > IDS_PER_RUN;
}

enum status base_each_row(struct store *s, const struct runs_base *b, sqlite3_stmt *st, base_row_fn fn, void *arg, const char *what, struct err *e)
{
	sqlite3_bind_int64(st, 2, b->rows[b->by_id[0]].id);
	sqlite3_bind_int64(st, 3, b->rows[b->by_id[b->n - 1]].id);
	size_t at = 0;
	while (sqlite3_step(st) == SQLITE_ROW) {
		int64_t run = sqlite3_column_int64(st, 0);
		while (at < b->n && b->rows[b->by_id[at]].id < run)
			at++;
		if (at < b->n && b->rows[b->by_id[at]].id == run)
			fn(arg, b->by_id[at], st);
	}
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, what);
}

int64_t base_find(const struct runs_base *b, int64_t run_id)
{
	size_t lo = 0, hi = b->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (b->rows[b->by_id[mid]].id < run_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < b->n && b->rows[b->by_id[lo]].id == run_id ? (int64_t)b->by_id[lo] : -1;
}
