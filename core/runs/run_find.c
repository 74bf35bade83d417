/* What a person calls a run: its id, the beginning of it, or its name. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/runs.h"

enum { PREFIX_MIN = 4, LISTED = 5, TEXT_MAX_BYTES = 4096 };

int64_t run_name_id(struct store *s, const char *key)
{
	sqlite3_stmt *st = store_stmt(s, "SELECT id FROM name WHERE text = ?1", NULL);
	if (!st)
		return 0;
	sqlite3_bind_text(st, 1, key, -1, SQLITE_TRANSIENT);
	int64_t id = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return id;
}

/* The ways a text can mean a run, tried in this order. Runs that are not deleted come first. */
static const char *const ways[] = {
	"SELECT id, uuid, name, deleted FROM run WHERE uuid = ?1 ORDER BY deleted, id LIMIT 6",
	"SELECT id, uuid, name, deleted FROM run WHERE uuid >= ?1 AND uuid < ?2 ORDER BY deleted, id LIMIT 6",
	"SELECT id, uuid, name, deleted FROM run WHERE name = ?1 ORDER BY deleted, id LIMIT 6",
};
struct hits { int64_t id; int n, alive; struct str list; };

static void hits_add(struct hits *h, sqlite3_stmt *st)
{
	if (!h->n++)
		h->id = sqlite3_column_int64(st, 0);
	h->alive += !sqlite3_column_int(st, 3);
	if (h->n > LISTED) {
		str_add(&h->list, ", ...");
		return;
	}
	const char *uuid = (const char *)sqlite3_column_text(st, 1);
	str_add(&h->list, h->n > 1 ? ", " : "");
	text_clean(&h->list, uuid ? uuid : "", (size_t)sqlite3_column_bytes(st, 1), 0);
	const char *name = (const char *)sqlite3_column_text(st, 2);
	str_add(&h->list, " (");
	text_clean(&h->list, name ? name : "", strnlen(name ? name : "", 40), 0);
	str_add(&h->list, ")");
}

static enum status hits_read(struct store *s, size_t way, const char *text, struct hits *h, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, ways[way], e);
	if (!st)
		return ST_FAILED;
	struct str end = STR_INIT;
	str_add(&end, text);
	str_addc(&end, '\x7f');                  /* behind every id that begins with the text: ids are ASCII */
	sqlite3_bind_text(st, 1, text, -1, SQLITE_TRANSIENT);
	if (way == 1)
		sqlite3_bind_text(st, 2, end.p, -1, SQLITE_TRANSIENT);
	while (sqlite3_step(st) == SQLITE_ROW)
		hits_add(h, st);
	str_free(&end);
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "look for a run");
}

static enum status not_found(const char *text, struct err *e)
{
	struct str clean = STR_INIT;
	text_clean(&clean, text, strnlen(text, 100), 0);
	err_set(e, ST_NOT_FOUND, "no run has the id, the beginning of an id (at least %d characters) or the name \"%s\"", PREFIX_MIN, clean.p);
	str_free(&clean);
	return ST_NOT_FOUND;
}

enum status run_find(struct store *s, const char *text, int64_t *run_id, struct err *e)
{
	struct hits h = { .list = STR_INIT };
	enum status rc = ST_OK;
	size_t n = strnlen(text, TEXT_MAX_BYTES);
	for (size_t way = 0; way < sizeof ways / sizeof *ways && !h.n && rc == ST_OK && n; way++)
		if (way != 1 || n >= PREFIX_MIN)
			rc = hits_read(s, way, text, &h, e);
	if (rc == ST_OK && !h.n)
		rc = not_found(text, e);
	else if (rc == ST_OK && h.n > 1 && h.alive != 1)
		rc = err_set(e, ST_USAGE, "several runs are meant, name one by its id: %s", h.list.p);
	*run_id = rc == ST_OK ? h.id : 0;
	str_free(&h.list);
	return rc;
}
