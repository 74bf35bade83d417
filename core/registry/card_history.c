/* The revisions of a model card: every text that was saved, with who and when. */
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/card.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

enum status card_revisions(struct store *s, int64_t model_id, int64_t version, struct card_revisions **out, struct err *e)
{
	struct arena *a = arena_new();
	struct card_revision *at = NULL;
	size_t n = 0, cap = 0;
	*out = NULL;
	sqlite3_stmt *st = reg_query(s, e, "SELECT rev, ms, actor FROM reg_card WHERE model_id = ? AND version = ? ORDER BY rev", "ii", model_id, version);
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(at, cap, n + 1);
		at[n++] = (struct card_revision){ .rev = sqlite3_column_int64(st, 0), .ms = sqlite3_column_int64(st, 1), .actor = reg_cell(a, st, 2) };
	}
	enum status rc = st ? reg_end(s, st, e) : ST_FAILED;
	struct card_revisions *r = arena_zalloc(a, sizeof *r);
	*r = (struct card_revisions){ .arena = a, .at = reg_keep(a, at, n, sizeof *at), .n = n };
	if (rc == ST_OK)
		*out = r;
	else
		arena_free(a);
	return rc;
}

void card_revisions_free(struct card_revisions *r)
{
	if (r)
		arena_free(r->arena);
}

enum status card_load_revision(struct store *s, int64_t model_id, int64_t version, int64_t rev, struct str *out, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT text FROM reg_card WHERE model_id = ? AND version = ? AND rev = ?", "iii", model_id, version, rev);
	bool found = false;
	if (!st)
		return ST_FAILED;
	if (sqlite3_step(st) == SQLITE_ROW) {
		str_addn(out, reg_column(st, 0), (size_t)sqlite3_column_bytes(st, 0));
		found = true;
	}
	enum status rc = reg_end(s, st, e);
	return rc == ST_OK && !found ? err_set(e, ST_NOT_FOUND, "the card has no revision %lld", (long long)rev) : rc;
}
