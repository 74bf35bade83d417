/* Gathering: rows wait as (operation, owner, values) with their texts in one arena, points in one array
 * that carries the index of its series. Nothing here touches the workspace. Entities are interned by
 * their natural key: parent, length of a, a, b. Series of one flush are found by (run, name) through a
 * small open-addressing table, because a scan of metrics asks for one per row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/sink_priv.h"

enum { SINK_BYTES = 24 << 20, SINK_POINTS = 1 << 19, SINK_ROWS = 200000, FIRST_SLOTS = 1024 };

struct val val_null(void) { return (struct val){ .type = VAL_NULL }; }
struct val val_int(int64_t i) { return (struct val){ .type = VAL_INT, .u.i = i }; }
struct val val_real(double d) { return isnan(d) ? val_null() : (struct val){ .type = VAL_REAL, .u.d = d }; }
struct val val_text(const char *p, size_t n) { return p ? (struct val){ .type = VAL_TEXT, .u.p = p, .n = n } : val_null(); }
struct val val_str(const char *s) { return val_text(s, s ? strlen(s) : 0); }
struct val val_ref(enum sink_kind kind, size_t index) { return (struct val){ .type = VAL_REF, .kind = kind, .u.i = (int64_t)index }; }

uint64_t val_hash(uint64_t h, const struct val *v)
{
	h = hash_word(h, v->type);
	if (v->type == VAL_TEXT)
		return hash_bytes(h, v->u.p, v->n);
	return v->type == VAL_NULL ? h : hash_word(h, (uint64_t)v->u.i);
}

struct sink *sink_new(struct import_job *job, bool distinct)
{
	struct sink *s = mem_zalloc(sizeof *s);

	s->job = job;
	s->distinct = distinct;
	s->arena = arena_new();
	s->names = map_new();
	s->counts = map_new();
	s->recount = map_new();
	for (int k = 0; k < SINK_KINDS; k++)
		s->kinds[k].keys = map_new();
	s->n_slots = FIRST_SLOTS;
	s->slots = mem_zalloc(s->n_slots * sizeof *s->slots);
	return s;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	for (int k = 0; k < SINK_KINDS; k++) {
		map_free(s->kinds[k].keys);
		free(s->kinds[k].at);
		free(s->kind_sql[k].insert), free(s->kind_sql[k].update);
	}
	for (int t = 0; t < SETS; t++) {
		struct set_sql *q = &s->set_sql[t];

		free(q->insert), free(q->update), free(q->keys), free(q->remove);
		free(s->tracked[t].at);
	}
	map_free(s->names);
	map_free(s->counts);
	map_free(s->recount);
	arena_free(s->arena);
	free(s->rows), free(s->name_ids), free(s->samples), free(s->series), free(s->slots);
	free(s);
}

/* ---- entities and names ---- */

size_t sink_entity(struct sink *s, enum sink_kind k, size_t parent, const char *a, size_t an, const char *b, size_t bn)
{
	struct entities *es = &s->kinds[k];
	char small[256], *key = small;
	const uint32_t p = (uint32_t)(parent + 1), n = (uint32_t)an;      /* SINK_NONE becomes 0 */
	const size_t need = sizeof p + sizeof n + an + (b ? bn + 1 : 0);
	bool added;

	if (need > sizeof small)
		key = mem_alloc(need);
	memcpy(key, &p, sizeof p);
	memcpy(key + sizeof p, &n, sizeof n);
	memcpy(key + sizeof p + sizeof n, a, an);
	if (b) {
		key[sizeof p + sizeof n + an] = 1;
		memcpy(key + sizeof p + sizeof n + an + 1, b, bn);
	}
	const size_t i = map_add(es->keys, key, need, &added);

	if (key != small)
		free(key);
	if (added) {
		MEM_GROW(es->at, es->cap, i + 1);
		es->at[i] = (struct entity){ 0 };
	}
	return i;
}

struct entity_key sink_key(const struct sink *s, enum sink_kind k, size_t index)
{
	struct entity_key key = { 0 };
	size_t n;
	uint32_t parent, an;
	const char *p = map_key(s->kinds[k].keys, index, &n);

	memcpy(&parent, p, sizeof parent);
	memcpy(&an, p + sizeof parent, sizeof an);
	key.parent = (size_t)parent - 1;
	key.a = p + sizeof parent + sizeof an;
	key.an = an;
	key.has_b = n > sizeof parent + sizeof an + an;
	key.b = key.a + an + (key.has_b ? 1 : 0);
	key.bn = n - (size_t)(key.b - p);
	return key;
}

struct entity_name sink_entity_name(const struct sink *s, enum sink_kind k, size_t index)
{
	const struct entity_key key = sink_key(s, k, index);

	return (struct entity_name){ key.a, key.an };
}

size_t sink_count(const struct sink *s, enum sink_kind k) { return map_count(s->kinds[k].keys); }

size_t sink_name(struct sink *s, const char *key, size_t n)
{
	bool added;
	const size_t i = map_add(s->names, key, n, &added);

	if (added) {
		MEM_GROW(s->name_ids, s->cap_name_ids, i + 1);
		s->name_ids[i] = 0;
	}
	return i;
}

/* ---- rows ---- */

static void push(struct sink *s, enum op op, unsigned which, size_t owner, const struct val *v, size_t n)
{
	struct val *copy = n ? arena_alloc(s->arena, n * sizeof *v) : NULL;

	for (size_t i = 0; i < n; i++) {
		copy[i] = v[i];
		if (v[i].type == VAL_TEXT)
			copy[i].u.p = arena_strndup(s->arena, v[i].u.p, v[i].n);
	}
	MEM_GROW(s->rows, s->cap_rows, s->n_rows + 1);
	s->rows[s->n_rows++] = (struct op_row){ (uint8_t)op, (uint8_t)which, owner, copy };
}

size_t sink_put_count(enum sink_kind k)
{
	size_t n = 1;

	for (const char *p = sink_kinds[k].cols; (p = strchr(p, ',')); p++)
		n++;
	return n;
}

void sink_put(struct sink *s, enum sink_kind k, size_t index, const struct val *v)
{
	push(s, OP_PUT, k, index, v, sink_put_count(k));
	sink_seen(s, k, index);
}

void sink_seen(struct sink *s, enum sink_kind k, size_t index) { s->kinds[k].at[index].seen = true; }
bool sink_is_seen(const struct sink *s, enum sink_kind k, size_t index) { return s->kinds[k].at[index].seen; }

void sink_keep_seen(struct sink *s, enum sink_kind k)
{
	for (size_t i = 0; i < sink_count(s, k); i++) {
		struct entity *ent = &s->kinds[k].at[i];

		if (ent->loaded && !ent->seen && !ent->dead)
			push(s, OP_GONE, k, i, NULL, 0);
	}
}

void sink_item(struct sink *s, enum sink_set set, size_t owner, struct val key, struct val value)
{
	const struct val v[2] = { key, value.type == VAL_NULL ? val_text("", 0) : value };

	push(s, OP_ITEM, set, owner, v, 2);
}

void sink_track(struct sink *s, enum sink_set set) { push(s, OP_TRACK, set, 0, NULL, 0); }
void sink_keep_owner(struct sink *s, enum sink_set set, size_t owner) { push(s, OP_KEEP_OWNER, set, owner, NULL, 0); }

void sink_row(struct sink *s, enum sink_row r, size_t owner, const struct val *v)
{
	push(s, OP_ROW, r, owner, v, (size_t)sink_rows[r].n);
}

void sink_memo(struct sink *s, const char *key, size_t n, const char *value, size_t vn)
{
	const struct val v[2] = { val_text(key, n), val_text(value, vn) };

	push(s, OP_MEMO, 0, 0, v, 2);
}

void sink_series_remove(struct sink *s, size_t run, const char *key, size_t n)
{
	const struct val v[1] = { val_int((int64_t)sink_name(s, key, n)) };

	push(s, OP_SERIES_REMOVE, 0, run, v, 1);
}

/* ---- points ---- */

static size_t slot_of(const struct sink *s, uint32_t run, uint32_t name)
{
	const size_t mask = s->n_slots - 1;
	size_t i = hash_word(HASH_START, (uint64_t)run << 32 | name) & mask;

	for (; s->slots[i]; i = (i + 1) & mask) {
		const struct series_ref *r = &s->series[s->slots[i] - 1];

		if (r->run == run && r->name == name)
			break;
	}
	return i;
}

static void grow_slots(struct sink *s)
{
	free(s->slots);
	s->n_slots *= 4;
	s->slots = mem_zalloc(s->n_slots * sizeof *s->slots);
	for (size_t i = 0; i < s->n_series; i++)
		s->slots[slot_of(s, s->series[i].run, s->series[i].name)] = (uint32_t)i + 1;
}

size_t sink_series(struct sink *s, size_t run, size_t name)
{
	size_t i = slot_of(s, (uint32_t)run, (uint32_t)name);

	if (s->slots[i])
		return s->slots[i] - 1;
	if (s->n_series * 2 >= s->n_slots) {
		grow_slots(s);
		i = slot_of(s, (uint32_t)run, (uint32_t)name);
	}
	MEM_GROW(s->series, s->cap_series, s->n_series + 1);
	s->series[s->n_series] = (struct series_ref){ (uint32_t)run, (uint32_t)name, false };
	s->slots[i] = (uint32_t)++s->n_series;
	return s->n_series - 1;
}

void sink_point(struct sink *s, size_t series, int64_t step, int64_t ms, double value)
{
	MEM_GROW(s->samples, s->cap_samples, s->n_samples + 1);
	s->samples[s->n_samples++] = (struct sample){ (uint32_t)series, { step, ms, value } };
}

void sink_series_replace(struct sink *s, size_t series) { s->series[series].replace = true; }

static size_t most_points = SINK_POINTS, most_rows = SINK_ROWS;

void sink_limit_for_tests(size_t points, size_t rows)
{
	most_points = points ? points : SINK_POINTS;
	most_rows = rows ? rows : SINK_ROWS;
}

bool sink_full(const struct sink *s)
{
	return s->n_samples >= most_points || s->n_rows >= most_rows || arena_bytes(s->arena) >= SINK_BYTES;
}

bool sink_broken(const struct sink *s) { return s->broken; }
bool sink_empty(const struct sink *s) { return s->n_rows == 0 && s->n_samples == 0 && s->n_series == 0; }
