/* Verify asks SQLite (pages, indexes, references) and then our own ledgers, which SQLite cannot know:
 * rows that belong to a run that is not there, and series whose blocks do not add up (series_verify.c).
 * A lost commit leaves a database that integrity_check calls sound; the ledgers are what notices. */
#include "core/store/store.h"

#include <string.h>

#include "core/store/store_internal.h"

enum { MOST_FINDINGS = 100, OPCODES_BETWEEN_LOOKS = 20000 };

struct verify { struct store *s; struct task *t; struct str *out; size_t findings; struct err *e; };

static int stop_when_cancelled(void *arg)
{
	return task_cancelled(arg);
}

static void finding(struct verify *v, const char *kind, const char *text)
{
	if (v->findings++ < MOST_FINDINGS)
		str_addf(v->out, "%s: %s\n", kind, text);
}

/* Each row of the statement is a finding but "ok". Damage that stops the statement is one too. */
static enum status each_row(struct verify *v, const char *kind, const char *sql)
{
	sqlite3_stmt *q = store_stmt(v->s, sql, v->e);
	int rc = q ? SQLITE_OK : SQLITE_ERROR;
	while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(q, 0);
		if (text && strcmp(text, "ok") != 0)
			finding(v, kind, text);
	}
	if (rc == SQLITE_DONE || rc == SQLITE_OK) {
		sqlite3_reset(q);
		return ST_OK;
	}
	enum status st = task_cancelled(v->t) ? err_set(v->e, ST_CANCELLED, "the check was stopped") : ST_OK;
	if (st == ST_OK)
		finding(v, kind, sqlite3_errmsg(store_db(v->s)));
	if (q)
		sqlite3_reset(q);
	return st;
}

static const struct check { const char *kind, *sql; bool quick, full; } checks[] = {
	{ "file", "PRAGMA quick_check(100)", true, false },
	{ "file", "PRAGMA integrity_check(100)", false, true },
	{ "reference", "SELECT format('%s row %s names a row of %s that is not there', \"table\", coalesce(rowid, '?'), parent) FROM pragma_foreign_key_check LIMIT 100", false, true },
	{ "ledger", "SELECT format('metric of run %d, which is not there', run_id) FROM metric WHERE run_id NOT IN (SELECT id FROM run) LIMIT 100", false, true },
	{ "ledger", "SELECT format('param of run %d, which is not there', run_id) FROM param WHERE run_id NOT IN (SELECT id FROM run) LIMIT 100", false, true },
	{ "ledger", "SELECT format('tag of run %d, which is not there', run_id) FROM tag WHERE run_id NOT IN (SELECT id FROM run) LIMIT 100", false, true },
	{ "ledger", "SELECT format('metric of name %d, which is not there', name_id) FROM metric WHERE name_id NOT IN (SELECT id FROM name) LIMIT 100", false, true },
	{ "ledger", "SELECT format('points of run %d without a series that has them', run_id) FROM block b"
		" WHERE NOT EXISTS (SELECT 1 FROM metric m WHERE m.name_id = b.name_id AND m.run_id = b.run_id AND m.n > 1) LIMIT 100", false, true },
};

static enum status run_checks(struct verify *v, bool quick)
{
	enum status st = ST_OK;
	size_t n = sizeof checks / sizeof *checks;
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (quick ? !checks[i].quick : !checks[i].full)
			continue;
		if (v->t && !quick)
			task_note(v->t, "%s, step %zu of %zu", checks[i].kind, i + 1, n + 1);
		st = each_row(v, checks[i].kind, checks[i].sql);
	}
	if (st == ST_OK && !quick)
		st = series_verify_all(v->s, v->t, v->out, &v->findings, v->e);
	return st;
}

enum status store_verify(struct store *s, bool quick, struct task *t, struct str *out, struct err *e)
{
	struct err words;
	struct verify v = { .s = s, .t = t, .out = out, .e = e ? e : &words };
	enum status st = store_read_begin(s, v.e);
	if (st != ST_OK) {
		finding(&v, "file", v.e->text);
		return err_set(e, ST_CHECK, "%s: cannot even be read", store_pool_path(s->pool));
	}
	if (!quick)
		store_cache_kb(s, STORE_CACHE_CHECKING_KB);
	sqlite3_progress_handler(s->db, OPCODES_BETWEEN_LOOKS, stop_when_cancelled, t);
	st = run_checks(&v, quick);
	sqlite3_progress_handler(s->db, 0, NULL, NULL);
	store_read_end(s);
	if (st != ST_OK)
		return st;
	return v.findings ? err_set(e, ST_CHECK, "%s: %zu finding%s", store_pool_path(s->pool), v.findings, v.findings == 1 ? "" : "s") : ST_OK;
}
