/* Requests and what people said to them, as they stand. Whether a vote counts towards a promotion is measured by votes_count (gates.h); here
 * is told what is known of the vote itself. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/registry/decide_impl.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"
#include "core/secret/key.h"

struct loading { struct store *s; struct arena *a; struct reg_request_row *at; size_t n, cap; int64_t now_ms; };

/* Signed by a key that was introduced here and not revoked since. */
static bool signature_good(sqlite3_stmt *st, int public, int statement, int signature)
{
	if (sqlite3_column_bytes(st, public) != KEY_PUBLIC || sqlite3_column_bytes(st, signature) != KEY_SIGNATURE || sqlite3_column_bytes(st, statement) <= 0)
		return false;
	const void *message = sqlite3_column_blob(st, statement);
	return key_verify(sqlite3_column_blob(st, public), VOTE_DOMAIN, message, (size_t)sqlite3_column_bytes(st, statement), sqlite3_column_blob(st, signature));
}

static enum status load_votes(struct loading *l, struct reg_request_row *r, struct err *e)
{
	struct reg_vote_row *at = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT v.actor, v.verdict, v.comment, v.key_id, v.void_why, v.ms, v.expires_ms, v.statement, v.signature, k.public FROM reg_vote v"
		" LEFT JOIN reg_key k ON k.key_id = v.key_id AND k.revoked_ms IS NULL WHERE v.request_id = ?1 ORDER BY v.id", "i", r->id);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW) {
		MEM_GROW(at, cap, n + 1);
		at[n++] = (struct reg_vote_row){ .actor = reg_cell(l->a, st, 0), .verdict = reg_cell(l->a, st, 1), .comment = reg_cell_lines(l->a, st, 2), .key_id = reg_cell(l->a, st, 3),
			.void_why = reg_cell(l->a, st, 4), .ms = sqlite3_column_int64(st, 5), .expires_ms = sqlite3_column_int64(st, 6), .signature_good = signature_good(st, 9, 7, 8) };
	}
	r->votes = reg_keep(l->a, at, n, sizeof *at);
	r->n_votes = n;
	return reg_end(l->s, st, e);
}

static void take(struct loading *l, sqlite3_stmt *st)
{
	MEM_GROW(l->at, l->cap, l->n + 1);
	const char *space = reg_cell(l->a, st, 10), *name = reg_cell(l->a, st, 9), *state = reg_cell(l->a, st, 11);
	int64_t expires = sqlite3_column_int64(st, 3);
	bool over = !strcmp(state, "open") && expires <= l->now_ms;     /* nobody has written it down yet */
	l->at[l->n++] = (struct reg_request_row){ .id = sqlite3_column_int64(st, 0), .version = sqlite3_column_int64(st, 1), .created_ms = sqlite3_column_int64(st, 2),
		.expires_ms = expires, .closed_ms = reg_cell_ms(st, 4), .from = reg_cell(l->a, st, 5), .to = reg_cell(l->a, st, 6), .requester = reg_cell(l->a, st, 7),
		.reason = reg_cell_lines(l->a, st, 8), .model = strcmp(space, "default") ? arena_printf(l->a, "%s/%s", space, name) : name, .state = over ? "expired" : state };
}

static enum status load(struct loading *l, int64_t model_id, bool open_only, int64_t id, struct err *e)
{
	sqlite3_stmt *st = reg_query(l->s, e, "SELECT q.id, q.version, q.created_ms, q.expires_ms, q.closed_ms, q.from_stage, q.to_stage, q.requester, q.reason, m.name, m.namespace, q.state"
		" FROM reg_request q JOIN model m ON m.id = q.model_id WHERE (?1 = 0 OR q.model_id = ?1) AND (?2 = 0 OR (q.state = 'open' AND q.expires_ms > ?4))"
		" AND (?3 = 0 OR q.id = ?3) ORDER BY q.created_ms DESC, q.id DESC", "iiii", model_id, (int64_t)open_only, id, l->now_ms);
	if (!st)
		return ST_FAILED;
	while (sqlite3_step(st) == SQLITE_ROW)
		take(l, st);
	enum status rc = reg_end(l->s, st, e);
	for (size_t i = 0; i < l->n && rc == ST_OK; i++)
		rc = load_votes(l, &l->at[i], e);
	return rc;
}

static enum status load_all(struct store *s, int64_t model_id, bool open_only, int64_t id, struct reg_requests **out, struct err *e)
{
	struct loading l = { .s = s, .a = arena_new(), .now_ms = clock_wall_ms() };
	*out = NULL;
	enum status rc = store_read_begin(s, e);
	if (rc == ST_OK) {
		rc = load(&l, model_id, open_only, id, e);
		store_read_end(s);
	}
	if (rc == ST_OK && id && !l.n)
		rc = err_set(e, ST_NOT_FOUND, "there is no request %" PRId64 "; `mlyard models requests` lists them", id);
	if (rc != ST_OK) {
		free(l.at);
		arena_free(l.a);
		return rc;
	}
	struct reg_requests *r = arena_zalloc(l.a, sizeof *r);
	*r = (struct reg_requests){ l.a, reg_keep(l.a, l.at, l.n, sizeof *l.at), l.n };
	*out = r;
	return ST_OK;
}

enum status requests_load(struct store *s, int64_t model_id, bool open_only, struct reg_requests **out, struct err *e)
{
	return load_all(s, model_id, open_only, 0, out, e);
}

enum status request_load(struct store *s, int64_t id, struct reg_requests **out, struct err *e)
{
	return load_all(s, 0, false, id > 0 ? id : -1, out, e);
}

void requests_free(struct reg_requests *r)
{
	if (r)
		arena_free(r->arena);
}

enum status requests_waiting(struct store *s, const struct actor *who, size_t *n, struct err *e)
{
	enum member_role role;
	int64_t found = 0;
	*n = 0;
	enum status st = actor_role(s, who, &role, e);
	if (st == ST_OK && role >= MEMBER_APPROVER)
		st = reg_int(s, e, 0, &found, "SELECT count(*) FROM reg_request q WHERE state = 'open' AND expires_ms > ?1 AND requester <> ?2"
			" AND NOT EXISTS(SELECT 1 FROM reg_vote v WHERE v.request_id = q.id AND v.actor = ?2 AND v.verdict <> 'comment')", "it", clock_wall_ms(), who->name);
	*n = (size_t)found;
	return st;
}
