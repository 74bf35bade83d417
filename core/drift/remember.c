/* One row a source and column: the type and the role that somebody named.
 *
 * What a run says itself is taken first, then the rows of its source, then those of the source's folder; the first word about a column or role stands.
 */
#include "core/drift/remember.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"

/* The roles that one column has each, as they are called in the table. */
static const struct role { const char *name; size_t at; } role_rows[] = { { "target", offsetof(struct drift_roles, target) }, { "prediction", offsetof(struct drift_roles, prediction) },
	{ "probability", offsetof(struct drift_roles, probability) }, { "timestamp", offsetof(struct drift_roles, timestamp) }, { "id", offsetof(struct drift_roles, id) } };
enum { ROLES = sizeof role_rows / sizeof *role_rows };

static const char **role_of(struct drift_roles *roles, size_t i) { return (const char **)((char *)roles + role_rows[i].at); }

bool remember_type(const char *word, enum frame_type *out)
{
	for (int i = 0; i < FRAME_TYPES; i++)
		if (!strcmp(frame_type_name((enum frame_type)i), word)) {
			*out = (enum frame_type)i;
			return true;
		}
	return false;
}

const char *remember_source(const char *path, const char *query, struct arena *a)
{
	char *real = realpath(path, NULL);
	const char *out = arena_printf(a, "%s%s%s", real ? real : path, query ? "#" : "", query ? query : "");
	free(real);
	return out;
}

/* ---- reading ---- */

struct taking { struct remembered *known; struct frame_override *types; const char **segments; size_t cap_types, cap_segments, n_types, n_segments; struct arena *a; struct str said; };

static void tell(struct taking *t, const char *column, const char *what)
{
	str_addf(&t->said, "%s%s = %s", t->said.len ? ", " : "", column, what);
}

static void take_type(struct taking *t, const char *column, const char *word)
{
	enum frame_type type;
	if (!remember_type(word, &type))
		return;
	for (size_t i = 0; i < t->n_types; i++)
		if (!strcmp(t->types[i].name, column))
			return;
	MEM_GROW(t->types, t->cap_types, t->n_types + 1);
	t->types[t->n_types++] = (struct frame_override){ arena_strdup(t->a, column), type };
	tell(t, column, word);
}

static void take_role(struct taking *t, const char *column, const char *role)
{
	for (size_t i = 0; i < ROLES; i++) {
		const char **at = role_of(&t->known->roles, i);
		if (strcmp(role_rows[i].name, role) != 0 || *at)
			continue;
		*at = arena_strdup(t->a, column);
		tell(t, column, role);
	}
	if (strcmp(role, "segment") != 0 || t->known->roles.n_segments)
		return;
	MEM_GROW(t->segments, t->cap_segments, t->n_segments + 1);
	t->segments[t->n_segments++] = arena_strdup(t->a, column);
	tell(t, column, role);
}

static enum status read_rows(struct store *s, const char *source, struct taking *t, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "SELECT column_name, type, role FROM column_type WHERE source = ?1 ORDER BY column_name", e);
	int rc;
	if (!q)
		return ST_FAILED;
	sqlite3_bind_text(q, 1, source, -1, SQLITE_TRANSIENT);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *column = (const char *)sqlite3_column_text(q, 0), *type = (const char *)sqlite3_column_text(q, 1), *role = (const char *)sqlite3_column_text(q, 2);
		if (!column || !type || !role)
			continue;
		take_type(t, column, type);
		take_role(t, column, role);
	}
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot read the remembered types of columns");
}

static const char *folder_of(const char *source, struct arena *a)
{
	const char *slash = strrchr(source, '/');
	return slash && slash > source && !strchr(source, '#') ? arena_strndup(a, source, (size_t)(slash - source)) : NULL;
}

static void hand_over(struct taking *t, const char *source)
{
	struct remembered *k = t->known;
	struct frame_override *types = arena_array(t->a, t->n_types + 1, sizeof *types);
	const char **segments = arena_array(t->a, t->n_segments + 1, sizeof *segments);
	if (t->n_types)
		memcpy(types, t->types, t->n_types * sizeof *types);
	k->types = types, k->n_types = t->n_types;
	if (t->n_segments) {
		memcpy(segments, t->segments, t->n_segments * sizeof *segments);
		k->roles.segments = segments, k->roles.n_segments = t->n_segments;
	}
	if (t->said.len) {
		struct str words = STR_INIT, clean = STR_INIT;
		str_addf(&words, "remembered for %s: %s (--forget-types forgets)", source, t->said.p);
		text_clean(&clean, words.p, words.len, 0);
		k->note = arena_strndup(t->a, clean.p, clean.len);
		str_free(&words);
		str_free(&clean);
	}
}

enum status remember_load(struct store *s, const char *source, struct remembered *known, struct arena *a, struct err *e)
{
	struct taking t = { .known = known, .a = a };
	const char *folder = folder_of(source, a);
	str_init(&t.said);
	for (size_t i = 0; i < known->n_types; i++) {
		MEM_GROW(t.types, t.cap_types, t.n_types + 1);
		t.types[t.n_types++] = known->types[i];
	}
	enum status st = read_rows(s, source, &t, e);
	if (st == ST_OK && folder)
		st = read_rows(s, folder, &t, e);
	if (st == ST_OK)
		hand_over(&t, source);
	free(t.types);
	free(t.segments);
	str_free(&t.said);
	return st;
}

/* ---- writing ---- */

static enum status put(struct store *s, const char *source, const char *column, const char *type, const char *role, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, "INSERT INTO column_type(source, column_name, type, role) VALUES(?1,?2,?3,?4) ON CONFLICT(source, column_name) DO UPDATE SET"
		" type = CASE WHEN excluded.type <> '' THEN excluded.type ELSE type END, role = CASE WHEN excluded.role <> '' THEN excluded.role ELSE role END", e);
	const char *const words[] = { source, column, type, role };
	if (!q)
		return ST_FAILED;
	for (int i = 0; i < 4; i++)
		sqlite3_bind_text(q, i + 1, words[i], -1, SQLITE_TRANSIENT);
	const int rc = sqlite3_step(q);
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot remember the types of columns");
}

static enum status clear(struct store *s, const char *sql, const char *source, const char *role, struct err *e)
{
	sqlite3_stmt *q = store_stmt(s, sql, e);
	if (!q)
		return ST_FAILED;
	sqlite3_bind_text(q, 1, source, -1, SQLITE_TRANSIENT);
	if (role)
		sqlite3_bind_text(q, 2, role, -1, SQLITE_TRANSIENT);
	const int rc = sqlite3_step(q);
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? ST_OK : store_error(s, e, "cannot forget the types of columns");
}

/* A role has one column: the one that had it before loses it. */
static enum status put_role(struct store *s, const char *source, const char *column, const char *role, struct err *e)
{
	enum status st = strcmp(role, "segment") ? clear(s, "UPDATE column_type SET role = '' WHERE source = ?1 AND role = ?2", source, role, e) : ST_OK;
	return st == ST_OK ? put(s, source, column, "", role, e) : st;
}

static enum status put_all(struct store *s, const char *source, const struct remembered *said, struct err *e)
{
	struct drift_roles roles = said->roles;
	enum status st = ST_OK;
	for (size_t i = 0; i < said->n_types && st == ST_OK; i++)
		st = put(s, source, said->types[i].name, frame_type_name(said->types[i].type), "", e);
	for (size_t i = 0; i < ROLES && st == ST_OK; i++)
		if (*role_of(&roles, i) && **role_of(&roles, i))
			st = put_role(s, source, *role_of(&roles, i), role_rows[i].name, e);
	for (size_t i = 0; i < roles.n_segments && st == ST_OK; i++)
		st = put_role(s, source, roles.segments[i], "segment", e);
	return st;
}

static enum status end(struct store *s, enum status st, struct err *e)
{
	if (st == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return st;
}

enum status remember_save(struct store *s, const char *source, const struct remembered *said, struct err *e)
{
	enum status st = store_begin(s, e);
	return st == ST_OK ? end(s, put_all(s, source, said, e), e) : st;
}

enum status remember_forget(struct store *s, const char *source, struct err *e)
{
	enum status st = store_begin(s, e);
	return st == ST_OK ? end(s, clear(s, "DELETE FROM column_type WHERE source = ?1", source, NULL, e), e) : st;
}
