/* Writing: one flush is one gate transaction.
 *
 * Order    cursor check, rows in the order they were put, points series by series, counts of
 *          experiment_key, the new cursor. So parents precede children as their
 *          importer put them; an entity that was only referred to is looked up, an
 *          experiment that exists nowhere is made as a stand-in (a run is never
 *          lost because its experiment's row is).
 * Counts   runs per (experiment, key) change by deltas; a run that moved to another
 *          experiment makes both be counted anew.
 * Cost     O(rows) statements of a few microseconds; for points see sink_points.c.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/topic.h"
#include "core/runs/sink_priv.h"

enum { CANCEL_EVERY = 512 };

/* ---- small helpers ---- */

void u64s_add(struct u64s *v, uint64_t x)
{
	MEM_GROW(v->at, v->cap, v->n + 1);
	v->at[v->n++] = x;
	v->sorted = false;
}

static int compare_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

bool u64s_has(struct u64s *v, uint64_t x)
{
	if (!v->sorted && v->n)
		qsort(v->at, v->n, sizeof *v->at, compare_u64);
	v->sorted = true;
	return v->n && bsearch(&x, v->at, v->n, sizeof *v->at, compare_u64);
}

int sink_bind(sqlite3_stmt *st, int i, const struct val *v, int64_t ref_id)
{
	switch (v->type) {
	case VAL_INT:  return sqlite3_bind_int64(st, i, v->u.i);
	case VAL_REAL: return sqlite3_bind_double(st, i, v->u.d);
	case VAL_TEXT: return sqlite3_bind_text64(st, i, v->u.p, v->n, SQLITE_STATIC, SQLITE_UTF8);
	case VAL_REF:  return sqlite3_bind_int64(st, i, ref_id);
	case VAL_NULL: break;
	}
	return sqlite3_bind_null(st, i);
}

enum status sink_step(struct sink *s, sqlite3_stmt *st, const char *what, struct err *e)
{
	const int rc = sqlite3_step(st);

	if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
		const enum status bad = store_error(s->job->store, e, what);

		sqlite3_reset(st);
		return bad;
	}
	sqlite3_reset(st);
	return ST_OK;
}

enum status sink_name_id(struct sink *s, size_t name, int64_t *id, struct err *e)
{
	if (!s->name_ids[name]) {
		size_t n;
		const char *text = map_key(s->names, name, &n);

		s->name_ids[name] = store_name_id(s->job->store, text, n, e);
	}
	*id = s->name_ids[name];
	return *id ? ST_OK : ST_FAILED;
}

void sink_count_key(struct sink *s, size_t run, int kind, int64_t name_id, int by)
{
	const int64_t key[3] = { s->kinds[SINK_RUN].at[run].group, kind, name_id };
	bool added;
	const size_t i = map_add(s->counts, key, sizeof key, &added);

	*map_value(s->counts, i) = (added ? 0 : *map_value(s->counts, i)) + by;
}

/* ---- entities ---- */

static void bind_key(struct sink *s, sqlite3_stmt *st, const struct entity_key *key, int64_t parent_id)
{
	sqlite3_bind_int64(st, 1, s->job->source_id);
	sqlite3_bind_int64(st, 2, parent_id);
	sqlite3_bind_text64(st, 3, key->a, key->an, SQLITE_STATIC, SQLITE_UTF8);
	if (key->has_b)
		sqlite3_bind_text64(st, 4, key->b, key->bn, SQLITE_STATIC, SQLITE_UTF8);
}

static enum status parent_id_of(struct sink *s, enum sink_kind k, const struct entity_key *key, int64_t *id, struct err *e)
{
	*id = 0;
	return key->parent == SINK_NONE ? ST_OK : sink_resolve(s, sink_kinds[k].parent, key->parent, id, e);
}

/* Looks an entity up; id 0 when it is not in the workspace. */
static enum status find(struct sink *s, enum sink_kind k, size_t index, struct err *e)
{
	struct entity *ent = &s->kinds[k].at[index];
	const struct entity_key key = sink_key(s, k, index);
	int64_t parent;

	if (ent->id)
		return ST_OK;
	enum status rc = parent_id_of(s, k, &key, &parent, e);

	if (rc != ST_OK)
		return rc;
	sqlite3_stmt *st = store_stmt(s->job->store, sink_kinds[k].find, e);

	if (!st)
		return ST_FAILED;
	bind_key(s, st, &key, parent);
	if (sqlite3_step(st) == SQLITE_ROW) {
		ent->id = sqlite3_column_int64(st, 0);
		ent->group = sqlite3_column_int64(st, 1);
	}
	if (sqlite3_reset(st) != SQLITE_OK)
		return store_error(s->job->store, e, "looking up what is already here");
	return ST_OK;
}

int64_t sink_id(struct sink *s, enum sink_kind k, size_t index)
{
	return find(s, k, index, NULL) == ST_OK ? s->kinds[k].at[index].id : 0;
}

static enum status make_stand_in(struct sink *s, size_t index, struct err *e)
{
	const struct entity_key key = sink_key(s, SINK_EXPERIMENT, index);
	sqlite3_stmt *st = store_stmt(s->job->store, "INSERT INTO experiment(source_id,ext_id,name) VALUES(?1,?3,'experiment '||?3)", e);

	if (!st)
		return ST_FAILED;
	bind_key(s, st, &key, 0);
	const enum status rc = sink_step(s, st, "writing an experiment", e);

	if (rc == ST_OK) {
		s->kinds[SINK_EXPERIMENT].at[index].id = sqlite3_last_insert_rowid(store_db(s->job->store));
		s->topics |= TOPIC_RUNS;
		import_problem(s->job, "experiment %.*s: runs name it, but it cannot be read; they are shown under its number", (int)key.an, key.a);
	}
	return rc;
}

enum status sink_resolve(struct sink *s, enum sink_kind k, size_t index, int64_t *id, struct err *e)
{
	enum status rc = find(s, k, index, e);

	if (rc == ST_OK && !s->kinds[k].at[index].id && k == SINK_EXPERIMENT)
		rc = make_stand_in(s, index, e);
	*id = s->kinds[k].at[index].id;
	return rc;
}

static void add_insert(struct str *q, const struct kind_def *d, int n)
{
	str_addf(q, "INSERT INTO %s(%s", d->table, d->key_cols);
	for (const char *p = d->cols, *end; p; p = *end ? end + 1 : NULL) {
		p += *p == '?';
		end = strchrnul(p, ',');
		str_addf(q, ",%.*s", (int)(end - p), p);
	}
	str_addf(q, ") VALUES(%s", d->key_params);
	for (int i = 0; i < n; i++)
		str_addf(q, ",?%d", 5 + i);
	str_addc(q, ')');
}

static void add_update(struct str *q, const struct kind_def *d)
{
	struct str where = STR_INIT;
	int i = 5;

	str_addf(q, "UPDATE %s SET ", d->table);
	for (const char *p = d->cols, *end; p; p = *end ? end + 1 : NULL, i++) {
		const bool keep = *p == '?';

		p += keep;
		end = strchrnul(p, ',');
		const int n = (int)(end - p);

		str_addf(q, "%s%.*s=", i > 5 ? "," : "", n, p);
		str_addf(&where, "%s", i > 5 ? " OR " : "");
		if (keep) {
			str_addf(q, "CASE WHEN ?%d='' THEN %.*s ELSE ?%d END", i, n, p, i);
			str_addf(&where, "(?%d<>'' AND %.*s IS NOT ?%d)", i, n, p, i);
		} else {
			str_addf(q, "?%d", i);
			str_addf(&where, "%.*s IS NOT ?%d", n, p, i);
		}
	}
	str_addf(q, " WHERE id=?1 AND (%s)", where.p);
	str_free(&where);
}

static struct kind_sql *sql_of(struct sink *s, enum sink_kind k)
{
	struct kind_sql *q = &s->kind_sql[k];
	struct str insert = STR_INIT, update = STR_INIT;

	if (q->insert)
		return q;
	add_insert(&insert, &sink_kinds[k], (int)sink_put_count(k));
	add_update(&update, &sink_kinds[k]);
	q->insert = str_take(&insert);
	q->update = str_take(&update);
	return q;
}

/* Notes that a run is in experiment `group`; when it was in another, both are counted anew. */
static void set_group(struct sink *s, struct entity *run, int64_t group)
{
	if (run->group && run->group != group) {
		map_add(s->recount, &run->group, sizeof run->group, NULL);
		map_add(s->recount, &group, sizeof group, NULL);
	}
	run->group = group;
}

static enum status bind_vals(struct sink *s, sqlite3_stmt *st, int first, const struct val *v, int n, int64_t *ref, struct err *e)
{
	for (int i = 0; i < n; i++) {
		int64_t id = 0;
		enum status rc;

		if (v[i].type == VAL_REF) {
			if ((rc = sink_resolve(s, v[i].kind, (size_t)v[i].u.i, &id, e)) != ST_OK)
				return rc;
			*ref = id;
		}
		if (sink_bind(st, first + i, &v[i], id) != SQLITE_OK)
			return store_error(s->job->store, e, "binding a value");
	}
	return ST_OK;
}

static void count_change(struct sink *s, size_t counter, uint32_t topic)
{
	s->topics |= topic;
	if (counter != SIZE_MAX)
		++*(int64_t *)(void *)((char *)s->job->report + counter);
}

static enum status write_put(struct sink *s, const struct op_row *r, struct err *e)
{
	const enum sink_kind k = r->which;
	const struct kind_def *d = &sink_kinds[k];
	struct entity *ent = &s->kinds[k].at[r->owner];
	const struct entity_key key = sink_key(s, k, r->owner);
	struct kind_sql *q = sql_of(s, k);
	int64_t parent, ref = 0;
	enum status rc = find(s, k, r->owner, e);

	if (rc != ST_OK || (rc = parent_id_of(s, k, &key, &parent, e)) != ST_OK)
		return rc;
	const bool isnew = ent->id == 0;
	sqlite3_stmt *st = store_stmt(s->job->store, isnew ? q->insert : q->update, e);

	if (!st || (rc = bind_vals(s, st, 5, r->v, (int)sink_put_count(k), &ref, e)) != ST_OK)
		return st ? rc : ST_FAILED;
	if (isnew)
		bind_key(s, st, &key, parent);
	else
		sqlite3_bind_int64(st, 1, ent->id);
	if ((rc = sink_step(s, st, d->what, e)) != ST_OK)
		return rc;
	sqlite3 *db = store_db(s->job->store);

	if (sqlite3_changes(db) > 0)
		count_change(s, d->counter, d->topic);
	if (isnew)
		ent->id = sqlite3_last_insert_rowid(db);
	if (k == SINK_RUN)
		set_group(s, ent, ref);
	return ST_OK;
}

static enum status write_gone(struct sink *s, const struct op_row *r, struct err *e)
{
	const struct kind_def *d = &sink_kinds[r->which];
	struct str q = STR_INIT;

	str_addf(&q, "UPDATE %s SET deleted=1 WHERE id=?1", d->table);
	sqlite3_stmt *st = store_stmt(s->job->store, q.p, e);

	str_free(&q);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, s->kinds[r->which].at[r->owner].id);
	count_change(s, d->counter, d->topic);
	return sink_step(s, st, d->what, e);
}

/* ---- plain rows and memos ---- */

static enum status write_row(struct sink *s, const struct op_row *r, struct err *e)
{
	const struct row_def *d = &sink_rows[r->which];
	int64_t owner, ref = 0;
	enum status rc = sink_resolve(s, d->owner_kind, r->owner, &owner, e);

	if (rc != ST_OK || !owner)
		return rc;
	sqlite3_stmt *st = store_stmt(s->job->store, d->sql, e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, owner);
	if ((rc = bind_vals(s, st, 2, r->v, d->n, &ref, e)) == ST_OK && (rc = sink_step(s, st, d->what, e)) == ST_OK
		&& sqlite3_changes(store_db(s->job->store)) > 0)
		s->topics |= d->topic;
	return rc;
}

static enum status write_memo(struct sink *s, const struct op_row *r, struct err *e)
{
	const bool forget = r->v[1].type == VAL_NULL;
	sqlite3_stmt *st = store_stmt(s->job->store, forget ? "DELETE FROM source_memo WHERE source_id=?1 AND key=?2"
		: "INSERT INTO source_memo(source_id,key,value) VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET value=excluded.value", e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, s->job->source_id);
	sink_bind(st, 2, &r->v[0], 0);
	if (!forget)
		sink_bind(st, 3, &r->v[1], 0);
	return sink_step(s, st, "writing the importer's memory", e);
}

/* ---- experiment_key ---- */

static enum status write_counts(struct sink *s, struct err *e)
{
	enum status rc = ST_OK;

	for (size_t i = 0; i < map_count(s->counts) && rc == ST_OK; i++) {
		const intptr_t by = *map_value(s->counts, i);
		int64_t key[3];
		sqlite3_stmt *st = store_stmt(s->job->store, "INSERT INTO experiment_key(experiment_id,kind,name_id,runs) VALUES(?1,?2,?3,?4)"
			" ON CONFLICT DO UPDATE SET runs=runs+excluded.runs", e);

		if (!st)
			return ST_FAILED;
		memcpy(key, map_key(s->counts, i, NULL), sizeof key);
		for (int c = 0; c < 3; c++)
			sqlite3_bind_int64(st, c + 1, key[c]);
		sqlite3_bind_int64(st, 4, by);
		if (by)
			rc = sink_step(s, st, "counting keys", e);
		if (by < 0 && rc == ST_OK)
			rc = store_exec(s->job->store, "DELETE FROM experiment_key WHERE runs<=0", e);
	}
	return rc;
}

static enum status write_recounts(struct sink *s, struct err *e)
{
	static const char *const sql[] = { "DELETE FROM experiment_key WHERE experiment_id=?1",
		"INSERT INTO experiment_key SELECT ?1,0,m.name_id,count(*) FROM metric m JOIN run r ON r.id=m.run_id WHERE r.experiment_id=?1 GROUP BY m.name_id",
		"INSERT INTO experiment_key SELECT ?1,1,p.name_id,count(*) FROM param p JOIN run r ON r.id=p.run_id WHERE r.experiment_id=?1 GROUP BY p.name_id",
		"INSERT INTO experiment_key SELECT ?1,2,t.name_id,count(*) FROM tag t JOIN run r ON r.id=t.run_id WHERE r.experiment_id=?1 GROUP BY t.name_id" };
	enum status rc = ST_OK;

	for (size_t i = 0; i < map_count(s->recount); i++)
		for (size_t q = 0; q < sizeof sql / sizeof *sql && rc == ST_OK; q++) {
			sqlite3_stmt *st = store_stmt(s->job->store, sql[q], e);
			int64_t id;

			if (!st)
				return ST_FAILED;
			memcpy(&id, map_key(s->recount, i, NULL), sizeof id);
			sqlite3_bind_int64(st, 1, id);
			rc = sink_step(s, st, "counting keys", e);
		}
	return rc;
}

/* ---- the flush ---- */

static enum status write_track(struct sink *s, const struct op_row *r, struct err *e)
{
	(void)e;
	s->track[r->which] = true;
	s->tracked[r->which].n = 0;
	return ST_OK;
}

static enum status write_rows(struct sink *s, struct err *e)
{
	static enum status (*const write[])(struct sink *, const struct op_row *, struct err *) = {
		[OP_PUT] = write_put, [OP_GONE] = write_gone, [OP_ITEM] = sink_write_item,
		[OP_TRACK] = write_track, [OP_KEEP_OWNER] = sink_write_keep_owner, [OP_ROW] = write_row,
		[OP_MEMO] = write_memo, [OP_SERIES_REMOVE] = sink_write_series_remove };
	enum status rc = ST_OK;

	for (size_t i = 0; i < s->n_rows && rc == ST_OK; i++) {
		rc = write[s->rows[i].op](s, &s->rows[i], e);
		if (i % CANCEL_EVERY == 0 && rc == ST_OK && task_cancelled(s->job->task))
			rc = err_set(e, ST_CANCELLED, "the import was stopped");
	}
	return rc;
}

/* The cursor must still be the one this job knows; else somebody else imports the same source. */
static enum status check_state(struct sink *s, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s->job->store, "SELECT state FROM source WHERE id=?1", e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, s->job->source_id);
	const bool same = sqlite3_step(st) == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(st, 0), s->job->state);

	if (sqlite3_reset(st) != SQLITE_OK)
		return store_error(s->job->store, e, "reading the import's cursor");
	s->job->again |= !same;
	return same ? ST_OK : err_set(e, ST_REFUSED, "%s: another mlyard is importing it at this moment; try again when that has ended", s->job->path);
}

static enum status write_state(struct sink *s, const char *state, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s->job->store, "UPDATE source SET state=?2 WHERE id=?1", e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, s->job->source_id);
	sqlite3_bind_text(st, 2, state, -1, SQLITE_STATIC);
	return sink_step(s, st, "writing the import's cursor", e);
}

static enum status write_all(struct sink *s, const char *state, struct err *e)
{
	enum status rc = check_state(s, e);

	if (rc == ST_OK)
		rc = write_rows(s, e);
	if (rc == ST_OK && s->n_series)
		rc = sink_write_points(s, e);
	if (rc == ST_OK)
		rc = write_counts(s, e);
	if (rc == ST_OK)
		rc = write_recounts(s, e);
	if (rc == ST_OK && state)
		rc = write_state(s, state, e);
	return rc;
}

static void clear(struct sink *s)
{
	s->n_rows = s->n_samples = s->n_series = 0;
	memset(s->slots, 0, s->n_slots * sizeof *s->slots);
	arena_free(s->arena);
	s->arena = arena_new();
	map_free(s->counts);
	map_free(s->recount);
	s->counts = map_new();
	s->recount = map_new();
	s->topics = 0;
}

enum status sink_flush(struct sink *s, const char *state, struct err *e)
{
	struct import_job *job = s->job;
	struct import_report before = *job->report;
	enum status rc;

	if (s->broken)
		return err_set(e, ST_FAILED, "%s: the import was given up before", job->path);
	if (sink_empty(s) && (!state || !strcmp(state, job->state)))
		return ST_OK;
	if ((rc = store_begin(job->store, e)) == ST_OK) {
		if ((rc = write_all(s, state, e)) == ST_OK)
			rc = store_commit(job->store, s->topics, e);
		else
			store_rollback(job->store);
	}
	if (rc != ST_OK) {      /* ids made in the lost transaction are void, and so is what was counted */
		s->broken = true;
		memcpy(job->report, &before, offsetof(struct import_report, problems));
		return rc;
	}
	clear(s);
	if (state) {
		free(job->state);
		job->state = mem_strdup(state);
	}
	return ST_OK;
}
