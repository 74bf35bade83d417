/* The list of models: three passes over sorted rows (models, their versions, their aliases and requests), joined by model id in memory.
 * A correlated subquery a column would look each version up several times; a pass reads it once. */
#include "core/registry/models.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

struct loading { struct store *s; struct arena *a; struct reg_model_row *at; size_t n, cap; };

/* Rows are in id order while they are filled. */
static struct reg_model_row *row_of(const struct loading *l, int64_t id)
{
	size_t lo = 0, hi = l->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (l->at[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->n && l->at[lo].id == id ? &l->at[lo] : NULL;
}

static enum status load_rows(struct loading *l, bool prompts, bool deleted, struct err *e)
{
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT m.id, m.created_ms, m.updated_ms, coalesce(g.rev, 0), m.name, m.namespace, coalesce(g.description, m.description), o.kind, o.uri,"
		REG_MODEL_DELETED ", m.is_prompt FROM" REG_MODELS "JOIN source o ON o.id = m.source_id WHERE m.is_prompt <= ?1 AND" REG_MODEL_DELETED "<= ?2 ORDER BY m.id",
		"ii", (int64_t)prompts, (int64_t)deleted);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(l->at, l->cap, l->n + 1);
		const char *space = reg_cell(l->a, st, 5), *name = reg_cell(l->a, st, 4);
		bool local = !strcmp((const char *)sqlite3_column_text(st, 7), REG_LOCAL_KIND);
		l->at[l->n++] = (struct reg_model_row){ .id = sqlite3_column_int64(st, 0), .created_ms = reg_cell_ms(st, 1), .updated_ms = reg_cell_ms(st, 2), .rev = sqlite3_column_int64(st, 3),
			.name = strcmp(space, "default") ? arena_printf(l->a, "%s/%s", space, name) : name, .description = reg_cell_lines(l->a, st, 6), .source = local ? "here" : reg_cell(l->a, st, 8),
			.production_since = "", .production_since_ms = INT64_MIN, .aliases = "", .local = local,
			.deleted = sqlite3_column_int(st, 9) != 0, .prompt = sqlite3_column_int(st, 10) != 0 };
	}
	return reg_end(l->s, st, e);
}

static enum status load_versions(struct loading *l, struct err *e)
{
	struct reg_model_row *row = NULL;
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT v.model_id, v.version," REG_STAGE "= 'Production'," REG_SINCE "FROM" REG_VERSIONS
		"WHERE NOT" REG_DELETED "ORDER BY v.model_id, v.version", "");
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(st, 0);
		if (!row || row->id != id)
			row = row_of(l, id);
		if (!row)
			continue;
		row->versions++;
		row->latest = sqlite3_column_int64(st, 1);
		if (sqlite3_column_int(st, 2)) {
			row->production = row->latest;
			row->production_since_ms = reg_cell_ms(st, 3);
		}
	}
	return reg_end(l->s, st, e);
}

static enum status load_aliases(struct loading *l, struct err *e)
{
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT model_id, alias, version FROM reg_alias WHERE version IS NOT NULL UNION ALL SELECT a.model_id, a.alias, a.version FROM model_alias a"
		" WHERE NOT EXISTS(SELECT 1 FROM reg_alias x WHERE x.model_id = a.model_id AND x.alias = a.alias) ORDER BY 1, 3 DESC, 2", "");
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct reg_model_row *row = row_of(l, sqlite3_column_int64(st, 0));
		if (row)
			row->aliases = arena_printf(l->a, "%s%s%s %" PRId64, row->aliases, *row->aliases ? ", " : "", reg_cell(l->a, st, 1), (int64_t)sqlite3_column_int64(st, 2));
	}
	return reg_end(l->s, st, e);
}

static enum status load_requests(struct loading *l, struct err *e)
{
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT model_id, count(*) FROM reg_request WHERE state = 'open' AND expires_ms > ?1 GROUP BY model_id", "i", clock_wall_ms());
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct reg_model_row *row = row_of(l, sqlite3_column_int64(st, 0));
		if (row)
			row->requests = sqlite3_column_int64(st, 1);
	}
	return reg_end(l->s, st, e);
}

static int by_name(const void *a, const void *b)
{
	const struct reg_model_row *x = a, *y = b;
	int order = strcasecmp(x->name, y->name);
	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static void say_since(struct loading *l)
{
	char buf[FMT_MAX];
	int64_t now = clock_wall_ms();
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].production && l->at[i].production_since_ms != INT64_MIN)
			l->at[i].production_since = arena_strdup(l->a, fmt_age(buf, now - l->at[i].production_since_ms));
}

enum status models_load(struct store *s, bool prompts, bool deleted, struct reg_models **out, struct err *e)
{
	struct loading l = { .s = s, .a = arena_new() };
	*out = NULL;
	enum status rc = store_read_begin(s, e);
	if (rc != ST_OK) {
		arena_free(l.a);
		return rc;
	}
	rc = load_rows(&l, prompts, deleted, e);
	if (rc == ST_OK)
		rc = load_versions(&l, e);
	if (rc == ST_OK)
		rc = load_aliases(&l, e);
	if (rc == ST_OK)
		rc = load_requests(&l, e);
	store_read_end(s);
	if (rc != ST_OK) {
		free(l.at);
		arena_free(l.a);
		return rc;
	}
	if (l.n)
		qsort(l.at, l.n, sizeof *l.at, by_name);
	say_since(&l);
	struct reg_models *m = mem_alloc(sizeof *m);
	*m = (struct reg_models){ l.a, reg_keep(l.a, l.at, l.n, sizeof *l.at), l.n };
	*out = m;
	return ST_OK;
}

void models_free(struct reg_models *m)
{
	if (!m)
		return;
	arena_free(m->arena);
	free(m);
}
