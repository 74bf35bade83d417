/* Reading back: what is here of a source, as hashes, so that only differences are written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/sink_priv.h"

static struct val column_val(sqlite3_stmt *st, int i)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER: return val_int(sqlite3_column_int64(st, i));
	case SQLITE_FLOAT:   return val_real(sqlite3_column_double(st, i));
	case SQLITE_NULL:    return val_null();
	}
	const char *p = (const char *)sqlite3_column_text(st, i);

	return val_text(p ? p : "", (size_t)sqlite3_column_bytes(st, i));
}

struct row_hash { uint64_t hash, soft[MAX_SOFT]; bool empty[MAX_SOFT]; };

/* Hashes a row of attributes; columns marked '?' apart from the rest. */
static struct row_hash hash_row(const struct kind_def *d, const struct val *v)
{
	struct row_hash h = { .hash = HASH_START };
	size_t soft = 0, i = 0;

	for (const char *p = d->cols; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL, i++) {
		if (*p != '?') {
			h.hash = val_hash(h.hash, &v[i]);
			continue;
		}
		h.empty[soft] = v[i].type == VAL_TEXT && v[i].n == 0;
		h.soft[soft++] = val_hash(HASH_START, &v[i]);
	}
	return h;
}

static void load_sql(struct str *q, const struct kind_def *d)
{
	str_addf(q, "SELECT id,%s", d->key_cols);
	for (const char *p = d->cols, *end; p; p = *end ? end + 1 : NULL) {
		p += *p == '?';
		end = strchrnul(p, ',');
		str_addf(q, ",%.*s", (int)(end - p), p);
	}
	str_addf(q, " FROM %s WHERE %s", d->table, d->owned);
}

struct id_index { int64_t id; size_t index; };
struct id_map { struct id_index *at; size_t n; };

static int compare_ids(const void *a, const void *b)
{
	const int64_t x = ((const struct id_index *)a)->id, y = ((const struct id_index *)b)->id;

	return (x > y) - (x < y);
}

/* Entities of a kind by their id. */
static struct id_map map_ids(const struct sink *s, enum sink_kind k)
{
	const size_t all = k == SINK_KINDS ? 0 : sink_count(s, k);
	struct id_map m = { mem_array(all + 1, sizeof *m.at), 0 };

	for (size_t i = 0; i < all; i++)
		if (s->kinds[k].at[i].id)
			m.at[m.n++] = (struct id_index){ s->kinds[k].at[i].id, i };
	qsort(m.at, m.n, sizeof *m.at, compare_ids);
	return m;
}

static size_t index_of(const struct id_map *m, int64_t id)
{
	const struct id_index want = { id, 0 }, *got = bsearch(&want, m->at, m->n, sizeof *m->at, compare_ids);

	return got ? got->index : SINK_NONE;
}

/* The entity whose key is in columns 1 (source or parent), 2 and, when the key has two texts, 3. */
static size_t entity_of(struct sink *s, enum sink_kind k, sqlite3_stmt *st, int n_key, const struct id_map *parents)
{
	const struct val a = column_val(st, 2), b = n_key == 3 ? column_val(st, 3) : val_null();
	const size_t parent = sink_kinds[k].parent == SINK_KINDS ? SINK_NONE : index_of(parents, sqlite3_column_int64(st, 1));
	char number[24];
	size_t n = a.n;
	const char *text = a.u.p;

	if (a.type == VAL_INT) {
		n = (size_t)snprintf(number, sizeof number, "%lld", (long long)a.u.i);
		text = number;
	}
	return sink_entity(s, k, parent, text, n, b.type == VAL_TEXT ? b.u.p : NULL, b.n);
}

static void load_row(struct sink *s, enum sink_kind k, sqlite3_stmt *st, int n_key, const struct id_map *parents)
{
	const size_t i = entity_of(s, k, st, n_key, parents), n = sink_put_count(k);
	struct entity *ent = &s->kinds[k].at[i];
	struct val v[SINK_MAX_VALS];

	for (size_t c = 0; c < n; c++)
		v[c] = column_val(st, 1 + n_key + (int)c);
	const struct row_hash h = hash_row(&sink_kinds[k], v);

	*ent = (struct entity){ .seen = ent->seen, .named = ent->named, .id = sqlite3_column_int64(st, 0), .group = k == SINK_RUN ? v[0].u.i : 0, .hash = h.hash, .loaded = true,
		.dead = k != SINK_DATASET && v[n - 1].u.i };
	memcpy(ent->soft, h.soft, sizeof h.soft);
}

enum status sink_load(struct sink *s, enum sink_kind k, struct err *e)
{
	const struct kind_def *d = &sink_kinds[k];
	const int n_key = 2 + (strchr(strchr(d->key_cols, ',') + 1, ',') != NULL);
	struct str q = STR_INIT;

	if (s->loaded[k])
		return ST_OK;
	load_sql(&q, d);
	sqlite3_stmt *st = store_stmt(s->job->store, q.p, e);

	str_free(&q);
	if (!st)
		return ST_FAILED;
	struct id_map parents = map_ids(s, d->parent);

	sqlite3_bind_int64(st, 1, s->job->source_id);
	while (sqlite3_step(st) == SQLITE_ROW)
		load_row(s, k, st, n_key, &parents);
	free(parents.at);
	s->loaded[k] = true;
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s->job->store, e, "reading what is already here");
}

bool sink_put_new(struct sink *s, enum sink_kind k, size_t index, const struct val *v)
{
	const struct entity *ent = &s->kinds[k].at[index];
	struct val plain[SINK_MAX_VALS];
	const size_t n = sink_put_count(k);

	for (size_t i = 0; i < n; i++)
		plain[i] = v[i].type == VAL_REF ? val_int(s->kinds[v[i].kind].at[v[i].u.i].id) : v[i];
	const struct row_hash h = hash_row(&sink_kinds[k], plain);
	bool same = ent->loaded && ent->hash == h.hash;

	for (int i = 0; i < MAX_SOFT; i++)
		same &= h.empty[i] || ent->soft[i] == h.soft[i];
	if (same)
		sink_seen(s, k, index);
	else
		sink_put(s, k, index, v);
	return !same;
}

/* ---- sums ---- */

void sums_add(struct sums *m, size_t owner, uint64_t hash)
{
	if (owner >= m->n) {
		MEM_GROW(m->at, m->cap, owner + 1);
		memset(m->at + m->n, 0, (owner + 1 - m->n) * sizeof *m->at);
		m->n = owner + 1;
	}
	m->at[owner] += hash;
}

uint64_t sums_get(const struct sums *m, size_t owner) { return owner < m->n ? m->at[owner] : 0; }

uint64_t sink_item_hash(const char *key, size_t kn, const char *value, size_t vn)
{
	return hash_bytes(hash_bytes(HASH_START, key, kn), value, vn);
}

enum status sink_each_owned(struct sink *s, enum sink_kind k, const char *sql, void (*fn)(void *arg, size_t owner, sqlite3_stmt *st), void *arg, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s->job->store, sql, e);
	int64_t last_id = 0;
	size_t last = SINK_NONE;

	if (!st)
		return ST_FAILED;
	struct id_map ids = map_ids(s, k);

	if (sqlite3_bind_parameter_count(st) > 0)
		sqlite3_bind_int64(st, 1, s->job->source_id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const int64_t id = sqlite3_column_int64(st, 0);

		if (id != last_id)
			last = index_of(&ids, id);
		last_id = id;
		if (last != SINK_NONE)
			fn(arg, last, st);
	}
	free(ids.at);
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s->job->store, e, "reading what is already here");
}

static void add_sum(void *arg, size_t owner, sqlite3_stmt *st)
{
	const char *key = (const char *)sqlite3_column_text(st, 1);
	const size_t kn = (size_t)sqlite3_column_bytes(st, 1);
	const char *value = (const char *)sqlite3_column_text(st, 2);

	sums_add(arg, owner, sink_item_hash(key ? key : "", kn, value ? value : "", (size_t)sqlite3_column_bytes(st, 2)));
}

enum sink_kind sink_owner_kind(enum sink_set set) { return sink_sets[set].owner_kind; }

enum status sink_sums(struct sink *s, enum sink_set set, struct sums *out, struct err *e)
{
	const struct set_def *d = &sink_sets[set];
	struct str q = STR_INIT;
	enum status rc;

	if (d->interned)
		str_addf(&q, "SELECT t.%s,n.text,t.%s FROM %s t JOIN name n ON n.id=t.%s", d->owner, d->value, d->table, d->key);
	else
		str_addf(&q, "SELECT %s,%s,%s FROM %s", d->owner, d->key, d->value, d->table);
	if (d->kind)
		str_addf(&q, " WHERE %s", d->kind);
	rc = sink_each_owned(s, d->owner_kind, q.p, add_sum, out, e);
	str_free(&q);
	return rc;
}
