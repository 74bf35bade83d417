/* Who held what when: the spans of reg_held, oldest first, and what a source says of models that were not adopted yet (a workspace
 * open for reading only), as spans whose beginning is not known. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

static const char spans[] =
	"SELECT kind, name, by, how, version, from_ms, coalesce(to_ms, 9223372036854775807), from_seq, coalesce(to_seq, 0), from_known, id FROM reg_held WHERE model_id = ?1"
	" UNION ALL SELECT 'stage', v.stage, '', 'source', v.version, coalesce(v.updated_ms, v.created_ms, ?2), 9223372036854775807, 0, 0, 0, 0 FROM" REG_VERSIONS
	"WHERE v.model_id = ?1 AND r.version_id IS NULL AND NOT v.deleted"
	" UNION ALL SELECT 'alias', a.alias, '', 'source', a.version, ?2, 9223372036854775807, 0, 0, 0, 0 FROM model_alias a"
	" WHERE a.model_id = ?1 AND NOT EXISTS(SELECT 1 FROM reg_alias x WHERE x.model_id = a.model_id AND x.alias = a.alias)"
	" ORDER BY 6, 11";

struct loading { struct arena *a; struct reg_held_row *at; size_t n, cap; };

static void take(struct loading *l, sqlite3_stmt *st)
{
	MEM_GROW(l->at, l->cap, l->n + 1);
	l->at[l->n++] = (struct reg_held_row){ .kind = reg_cell(l->a, st, 0), .name = reg_cell(l->a, st, 1), .by = reg_cell(l->a, st, 2), .how = reg_cell(l->a, st, 3),
		.version = sqlite3_column_int64(st, 4), .from_ms = sqlite3_column_int64(st, 5), .to_ms = sqlite3_column_int64(st, 6),
		.from_seq = sqlite3_column_int64(st, 7), .to_seq = sqlite3_column_int64(st, 8), .from_known = sqlite3_column_int(st, 9) != 0 };
}

static enum status load_spans(struct loading *l, struct store *s, int64_t model_id, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, spans, "ii", model_id, clock_wall_ms());
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW)
		take(l, st);
	return reg_end(s, st, e);
}

static void find_ends(struct reg_timeline *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct reg_held_row *r = &t->at[i];
		int64_t last = r->to_ms == INT64_MAX ? r->from_ms : r->to_ms;
		t->first_ms = !i || r->from_ms < t->first_ms ? r->from_ms : t->first_ms;
		t->last_ms = !i || last > t->last_ms ? last : t->last_ms;
	}
}

enum status timeline_load(struct store *s, int64_t model_id, struct reg_timeline **out, struct err *e)
{
	struct loading l = { .a = arena_new() };
	struct reg_name name = { .name = "" };
	*out = NULL;
	enum status rc = store_read_begin(s, e);
	if (rc == ST_OK) {
		rc = model_name(s, model_id, l.a, &name, e);
		if (rc == ST_OK)
			rc = load_spans(&l, s, model_id, e);
		store_read_end(s);
	}
	if (rc != ST_OK) {
		free(l.at);
		arena_free(l.a);
		return rc;
	}
	struct reg_timeline *t = arena_zalloc(l.a, sizeof *t);
	*t = (struct reg_timeline){ .arena = l.a, .model = name.name, .at = reg_keep(l.a, l.at, l.n, sizeof *l.at), .n = l.n };
	find_ends(t);
	*out = t;
	return ST_OK;
}

void timeline_free(struct reg_timeline *t)
{
	if (t)
		arena_free(t->arena);
}

const struct reg_held_row *timeline_at(const struct reg_timeline *t, const char *kind, const char *name, int64_t when_ms)
{
	const struct reg_held_row *found = NULL;
	for (size_t i = 0; i < t->n && t->at[i].from_ms <= when_ms; i++)
		if (when_ms < t->at[i].to_ms && !strcmp(t->at[i].kind, kind) && !strcmp(t->at[i].name, name))
			found = &t->at[i];
	return found;
}
