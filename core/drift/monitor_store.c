/* Monitors in the workspace: added, changed, listed, silenced, removed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"
#include "core/drift/monitor_store.h"
#include "core/registry/actor.h"
#include "core/registry/models.h"
#include "core/registry/regsql.h"

/* ---- list ---- */

#define LAST_WINDOW(column) "ifnull((SELECT w." column " FROM monitor_window w WHERE w.monitor_id = m.id AND w.state = 'done' ORDER BY w.seq DESC LIMIT 1), "
#define WINDOWS(state) "(SELECT count(*) FROM monitor_window w WHERE w.monitor_id = m.id AND w.state = '" state "')"

static void read_row(struct arena *a, sqlite3_stmt *q, struct monitor_row *r)
{
	int64_t *const numbers[] = { &r->id, &r->version, &r->state_ms, &r->ran_ms, &r->next_ms, &r->silent_until_ms, &r->last_report };
	size_t *const counts[] = { &r->windows, &r->missing, &r->failed, &r->alerts_open, &r->waiting };
	const char **const texts[] = { &r->name, &r->path, &r->model, &r->state, &r->silent_why, &r->baseline, &r->last_key, &r->last_verdict };
	int at = 0;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		*numbers[i] = sqlite3_column_int64(q, at++);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		*counts[i] = (size_t)sqlite3_column_int64(q, at++);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = arena_strdup(a, reg_column(q, at++));
}

enum status monitor_list(struct store *s, struct monitor_rows **out, struct err *e)
{
	size_t cap = 0;
	int rc;
	*out = NULL;
	sqlite3_stmt *q = reg_query(s, e, "SELECT m.id, m.version, m.state_ms, ifnull(m.ran_ms, 0), ifnull(m.next_ms, 0), m.silent_until_ms, " LAST_WINDOW("report_id") "0), "
		WINDOWS("done") ", " WINDOWS("missing") ", " WINDOWS("failed") ", (SELECT count(*) FROM alert a WHERE a.monitor_id = m.id AND a.state <> 'closed'),"
		" ifnull(u.n, 0),"
		" m.name, m.path, m.model, m.state, m.silent_why, m.baseline, " LAST_WINDOW("key") "''), " LAST_WINDOW("verdict") "'') FROM monitor m"
		" LEFT JOIN (SELECT a.monitor_id, count(*) AS n FROM outbox o JOIN alert a ON a.id = o.alert_id WHERE o.state IN ('waiting', 'sending') GROUP BY a.monitor_id) u"
		" ON u.monitor_id = m.id"
		" ORDER BY CASE m.state WHEN 'drifted' THEN 0 WHEN 'trouble' THEN 1 WHEN 'watch' THEN 2 WHEN 'new' THEN 3 ELSE 4 END, m.name", "");
	if (!q)
		return ST_FAILED;
	struct monitor_rows *rows = mem_zalloc(sizeof *rows);
	rows->arena = arena_new();
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		MEM_GROW(rows->at, cap, rows->n + 1);
		read_row(rows->arena, q, &rows->at[rows->n++]);
	}
	enum status st = reg_done(s, q, rc, e);
	if (st == ST_OK)
		*out = rows;
	else
		monitor_rows_free(rows);
	return st;
}

void monitor_rows_free(struct monitor_rows *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r->at);
	free(r);
}

/* ---- find ---- */

static enum status not_there(struct store *s, const char *name, struct err *e)
{
	struct monitor_rows *all = NULL;
	struct str clean = STR_INIT;
	const char *near = NULL;
	enum status st = monitor_list(s, &all, e);
	if (st != ST_OK)
		return st;
	const char **names = mem_array(all->n + 1, sizeof *names);
	for (size_t i = 0; i < all->n; i++)
		names[i] = all->at[i].name;
	near = word_nearest(name, names, all->n);
	text_clean(&clean, name, strnlen(name, MONITOR_NAME_MAX), 0);
	err_set(e, ST_NOT_FOUND, "there is no monitor %s; %s%s%s", clean.p,
		near ? "did you mean " : all->n ? "mlyard monitor list tells which there are" : "mlyard monitor add FILE adds one",
		near ? near : "", near ? "?" : "");
	free(names);
	str_free(&clean);
	monitor_rows_free(all);
	return ST_NOT_FOUND;
}

enum status monitor_find(struct store *s, const char *name, int64_t *id, struct err *e)
{
	enum status st = reg_int(s, e, 0, id, "SELECT id FROM monitor WHERE name = ?1", "t", name);
	return st == ST_OK && !*id ? not_there(s, name, e) : st;
}

static enum status gone(struct store *s, int64_t id, struct err *e)
{
	int64_t there;
	enum status st = reg_int(s, e, 0, &there, "SELECT 1 FROM monitor WHERE id = ?1", "i", id);
	return st == ST_OK && !there ? err_set(e, ST_NOT_FOUND, "there is no monitor with the number %" PRId64, id) : st;
}

/* ---- one change ---- */

struct edit { int64_t id; const char *text, *why; int64_t ms; const struct monitor_file *f; int64_t version; };
typedef enum status (*edit_fn)(struct store *s, struct edit *c, struct err *e);

static enum status in_change(struct store *s, edit_fn fn, struct edit *c, struct err *e)
{
	enum status st = store_begin(s, e);
	if (st != ST_OK)
		return st;
	st = fn(s, c, e);
	if (st == ST_OK)
		return store_commit(s, TOPIC_DRIFT, e);
	store_rollback(s);
	return st;
}

/* ---- add ---- */

enum status monitor_model(struct store *s, const struct monitor_file *f, int64_t *version, struct err *e)
{
	int64_t id;
	*version = 0;
	if (!*f->model)
		return ST_OK;
	enum status st = model_find(s, f->model, &id, e);
	return st == ST_OK && *f->version ? version_find(s, id, f->version, version, e) : st;
}

enum status monitor_check_windows(struct store *s, const struct monitor_file *f, const char *known_text, struct err *e)
{
	struct monitor_file *known = NULL;
	int64_t n = 0;
	enum status st = reg_int(s, e, 0, &n, "SELECT count(*) FROM monitor_window w JOIN monitor m ON m.id = w.monitor_id WHERE m.name = ?1", "t", f->name);
	/* What is remembered was read once, so it can be read again. */
	if (st != ST_OK || !n || monitor_parse(known_text, strlen(known_text), f->path, &known, NULL) != ST_OK)
		return st;
	const struct monitor_window *a = &known->window, *b = &f->window;
	/* Files are named by themselves, however often they come. */
	const bool same_time = b->kind != WINDOW_TIME || (a->every_ms == b->every_ms && !strcmp(a->zone ? zone_name(a->zone) : "UTC", b->zone ? zone_name(b->zone) : "UTC"));
	if (a->kind != b->kind || !same_time || a->rows != b->rows || a->step != b->step)
		st = err_set(e, ST_REFUSED, "%.300s: it cuts windows otherwise than the %" PRId64 " that were looked at; give it another name, or remove the monitor and add it again: mlyard monitor remove %s",
			f->path, n, f->name);
	monitor_file_free(known);
	return st;
}

/* A name belongs to one file; a file that moved takes it along. */
static enum status check_known(struct store *s, const struct monitor_file *f, struct err *e)
{
	char *known = NULL, *text = NULL;
	enum status st = reg_text(s, e, &known, "SELECT path FROM monitor WHERE name = ?1", "t", f->name);
	if (st == ST_OK && known && strcmp(known, f->path) && fs_is_file(known))
		st = err_set(e, ST_REFUSED, "there is a monitor %s already, of %.300s; choose another name, or remove that one: mlyard monitor remove %s", f->name, known, f->name);
	if (st == ST_OK)
		st = reg_text(s, e, &text, "SELECT text FROM monitor WHERE name = ?1", "t", f->name);
	if (st == ST_OK && text)
		st = monitor_check_windows(s, f, text, e);
	free(known);
	free(text);
	return st;
}

static enum status add(struct store *s, struct edit *c, struct err *e)
{
	struct actor self;
	actor_self(&self);
	enum status st = check_known(s, c->f, e);
	if (st == ST_OK)
		st = reg_exec(s, e, "INSERT INTO monitor(name, path, text, model, version, state_ms, added_ms, added_by) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)"
			" ON CONFLICT(name) DO UPDATE SET path = excluded.path, text = excluded.text, model = excluded.model, version = excluded.version", "ttttiit", c->f->name,
			c->f->path, c->text, c->f->model,
			c->version, c->ms, self.name);
	return st == ST_OK ? reg_int(s, e, 0, &c->id, "SELECT id FROM monitor WHERE name = ?1", "t", c->f->name) : st;
}

enum status monitor_add(struct store *s, const char *path, int64_t *id, struct err *e)
{
	struct str text = STR_INIT;
	struct monitor_file *f = NULL;
	char *whole = realpath(path, NULL);
	if (!whole)
		return err_set(e, errno == ENOENT ? ST_NOT_FOUND : ST_FAILED, "cannot open %.300s: %s", path, strerror(errno));
	struct edit c = { .ms = clock_wall_ms() };
	enum status st = monitor_load(whole, &f, &text, NULL, e);
	if (st == ST_OK && store_is_mirror(s))
		st = err_set(e, ST_REFUSED, "this workspace only mirrors other stores and may be deleted, so monitors have no place here; name one: mlyard -w FILE");
	if (st == ST_OK)
		st = monitor_model(s, f, &c.version, e);
	c.f = f, c.text = text.p;
	if (st == ST_OK)
		st = in_change(s, add, &c, e);
	*id = c.id;
	monitor_file_free(f);
	str_free(&text);
	free(whole);
	return st;
}

/* ---- remove, silence, baseline ---- */

static enum status remove_it(struct store *s, struct edit *c, struct err *e)
{
	enum status st = gone(s, c->id, e);
	return st == ST_OK ? reg_exec(s, e, "DELETE FROM monitor WHERE id = ?1", "i", c->id) : st;
}

enum status monitor_remove(struct store *s, int64_t id, struct err *e) { return in_change(s, remove_it, &(struct edit){ .id = id }, e); }

static enum status silence(struct store *s, struct edit *c, struct err *e)
{
	struct str clean = STR_INIT;
	enum status st = gone(s, c->id, e);
	text_clean(&clean, c->why, strlen(c->why), 0);
	if (st == ST_OK)
		st = reg_exec(s, e, "UPDATE monitor SET silent_until_ms = ?2, silent_why = ?3 WHERE id = ?1", "iit", c->id, c->ms, clean.p);
	str_free(&clean);
	return st;
}

enum status monitor_silence(struct store *s, int64_t id, int64_t until_ms, const char *why, struct err *e)
{
	return in_change(s, silence, &(struct edit){ .id = id, .ms = until_ms, .why = why && until_ms ? why : "" }, e);
}

static enum status baseline(struct store *s, struct edit *c, struct err *e)
{
	char *state = NULL;
	enum status st = gone(s, c->id, e);
	if (st == ST_OK && *c->text)
		st = reg_text(s, e, &state, "SELECT state FROM monitor_window WHERE monitor_id = ?1 AND key = ?2", "it", c->id, c->text);
	if (st == ST_OK && *c->text && (!state || strcmp(state, "done"))) {
		struct str clean = STR_INIT;
		text_clean(&clean, c->text, strnlen(c->text, 200), 0);
		st = err_set(e, state ? ST_REFUSED : ST_NOT_FOUND,
			state ? "the window %s is %s: it has no data to compare with" : "there is no window %s; mlyard monitor show lists them%s", clean.p, state ? state : "");
		str_free(&clean);
	}
	/* What was counted so far was against another reference. */
	if (st == ST_OK)
		st = reg_exec(s, e, "UPDATE monitor SET baseline = ?2, red = 0, green = 0 WHERE id = ?1", "it", c->id, c->text);
	free(state);
	return st;
}

enum status monitor_baseline(struct store *s, int64_t id, const char *window_key, struct err *e)
{
	return in_change(s, baseline, &(struct edit){ .id = id, .text = window_key }, e);
}

/* ---- for runs ---- */

static enum status take_over(struct store *s, struct edit *c, struct err *e)
{
	return reg_exec(s, e, "UPDATE monitor SET text = ?2, model = ?3, version = ?4 WHERE id = ?1", "itti", c->id, c->text, c->f->model, c->version);
}

enum status monitor_take_over(struct store *s, int64_t id, const struct monitor_file *f, const char *text, int64_t version, struct err *e)
{
	return in_change(s, take_over, &(struct edit){ .id = id, .f = f, .text = text, .version = version }, e);
}

static enum status ran(struct store *s, struct edit *c, struct err *e)
{
	return reg_exec(s, e, "UPDATE monitor SET ran_ms = ?2, next_ms = nullif(?3, 0) WHERE id = ?1", "iii", c->id, c->ms, c->version);
}

enum status monitor_ran(struct store *s, int64_t id, int64_t now_ms, int64_t next_ms, struct err *e)
{
	return in_change(s, ran, &(struct edit){ .id = id, .ms = now_ms, .version = next_ms }, e);
}

enum status monitor_row_load(struct store *s, int64_t id, struct arena *a, struct monitor_known *out, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT name, path, text, baseline, added_ms, silent_until_ms, version FROM monitor WHERE id = ?1", "i", id);
	*out = (struct monitor_known){ .id = id };
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		const char **const texts[] = { &out->name, &out->path, &out->text, &out->baseline };
		for (int i = 0; i < 4; i++)
			*texts[i] = arena_strdup(a, reg_column(q, i));
		out->added_ms = sqlite3_column_int64(q, 4), out->silent_until_ms = sqlite3_column_int64(q, 5), out->version = sqlite3_column_int64(q, 6);
	}
	enum status st = reg_done(s, q, rc, e);
	return st == ST_OK && rc == SQLITE_DONE ? err_set(e, ST_NOT_FOUND, "there is no monitor with the number %" PRId64, id) : st;
}

enum status monitor_window_load(struct store *s, int64_t id, const char *key, int64_t *first, int64_t *last, struct err *e)
{
	sqlite3_stmt *q = reg_query(s, e, "SELECT first, last FROM monitor_window WHERE monitor_id = ?1 AND key = ?2", "it", id, key);
	if (!q)
		return ST_FAILED;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*first = sqlite3_column_int64(q, 0), *last = sqlite3_column_int64(q, 1);
	enum status st = reg_done(s, q, rc, e);
	return st == ST_OK && rc == SQLITE_DONE ? err_set(e, ST_NOT_FOUND, "the window %s, which is the reference, is not there", key) : st;
}
