/* Which importer takes a path, and one import from fingerprint to report.
 *
 * An import is a row of `source`: its kind, the fingerprint that the source had when its last complete import
 * began, and the importer's own memory. The fingerprint is taken before anything is read, so that a
 * change during the import makes the next one look again. A pass that finds its source or its cursor moved
 * (job.again) starts over from the memory as it is then, a few times. */
#include "core/runs/import.h"
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/clock.h"
#include "core/base/fs.h"
#include "core/base/jsonw.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/topic.h"

enum { PROBLEM_LINES = 100, PROBLEM_BYTES = 1000, MOST_PASSES = 5, DISCOVER_DEPTH = 2, DISCOVER_ENTRIES = 10000 };

/* ---- the importers ---- */

#define X(id) extern const struct importer importer_##id;
#include "core/runs/importer_table.inc"
#undef X
static const struct importer *const importers[] = {
#define X(id) &importer_##id,
#include "core/runs/importer_table.inc"
#undef X
};

size_t import_count(void) { return sizeof importers / sizeof *importers; }
const struct importer *import_at(size_t i) { return importers[i]; }

const struct importer *import_probe(const char *path)
{
	for (size_t i = 0; i < import_count(); i++)
		if (importers[i]->probe(path))
			return importers[i];
	return NULL;
}

static const struct importer *by_id(const char *id)
{
	for (size_t i = 0; i < import_count(); i++)
		if (!strcmp(importers[i]->id, id))
			return importers[i];
	return NULL;
}

/* ---- what lies at a path ---- */

struct paths { char **at; size_t n, cap; int entries; };

static void add_path(struct paths *p, char *path)
{
	MEM_GROW(p->at, p->cap, p->n + 2);
	p->at[p->n++] = path;
	p->at[p->n] = NULL;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static int not_hidden(const struct dirent *d) { return d->d_name[0] != '.'; }

static bool may_be_database(const char *name)
{
	static const char *const ends[] = { ".db", ".sqlite", ".sqlite3" };
	const size_t n = strlen(name);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (n > strlen(ends[i]) && !strcmp(name + n - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

static void look_in(struct paths *p, const char *folder, int depth)
{
	struct dirent **found = NULL;
	const int n = scandir(folder, &found, not_hidden, by_name);

	for (int i = 0; i < n; i++) {
		char *path = fs_join(folder, found[i]->d_name);
		const bool is_dir = p->entries++ < DISCOVER_ENTRIES && fs_is_dir(path);

		if ((is_dir || (may_be_database(path) && fs_is_file(path))) && import_probe(path))
			add_path(p, mem_strdup(path));
		else if (is_dir && depth > 1)
			look_in(p, path, depth - 1);
		free(path);
		free(found[i]);
	}
	free(found);
}

char **import_discover(const char *path)
{
	struct paths p = { 0 };
	char *real = realpath(path, NULL);

	if (real && (fs_is_file(real) || import_probe(real)))
		add_path(&p, mem_strdup(real));
	else if (real && fs_is_dir(real))
		look_in(&p, real, DISCOVER_DEPTH);
	free(real);
	return p.at ? p.at : mem_zalloc(sizeof *p.at);
}

void import_paths_free(char **paths)
{
	for (size_t i = 0; paths && paths[i]; i++)
		free(paths[i]);
	free(paths);
}

static enum status nobodys(const char *path, struct err *e)
{
	if (access(path, fs_is_dir(path) ? R_OK | X_OK : R_OK) != 0)
		return err_set(e, ST_REFUSED, "permission denied: %s", path);
	for (size_t i = 0; i < import_count(); i++) {
		char *why = importers[i]->why_not(path);

		if (!why)
			continue;
		err_set(e, ST_FAILED, "%s: %s; mlyard imports MLflow databases (mlflow.db) and mlruns folders", path, why);
		free(why);
		return ST_FAILED;
	}
	return err_set(e, ST_FAILED, "%s: nothing that mlyard imports; it takes MLflow databases (mlflow.db) and mlruns folders", path);
}

static enum status nothing_there(const char *path, struct err *e)
{
	if (access(path, F_OK) != 0 && errno == EACCES)
		return err_set(e, ST_REFUSED, "permission denied: %s", path);
	return err_set(e, ST_NOT_FOUND, "there is nothing at %s", path);
}

enum status import_find(const char *path, char ***found, struct err *e)
{
	char *real = realpath(path, NULL);

	*found = NULL;
	if (!real)
		return nothing_there(path, e);
	char **all = import_discover(real);
	const bool is_file = all[0] && fs_is_file(all[0]);
	enum status rc = ST_OK;

	if (!all[0] || (is_file && !import_probe(all[0])))
		rc = nobodys(real, e);
	if (rc == ST_OK)
		*found = all;
	else
		import_paths_free(all);
	free(real);
	return rc;
}

/* ---- reports ---- */

void import_report_free(struct import_report *r) { str_free(&r->lines); }

void import_problem(struct import_job *job, const char *fmt, ...)
{
	struct str raw = STR_INIT;
	va_list ap;

	if (job->report->problems++ >= PROBLEM_LINES)
		return;
	va_start(ap, fmt);
	str_vaddf(&raw, fmt, ap);
	va_end(ap);
	text_clean(&job->report->lines, raw.p, raw.len < PROBLEM_BYTES ? raw.len : PROBLEM_BYTES, 0);
	str_addc(&job->report->lines, '\n');
	str_free(&raw);
}

static const struct { const char *name; size_t at; } counters[] = {
#define COUNTER(f) { #f, offsetof(struct import_report, f) }
	COUNTER(experiments), COUNTER(runs), COUNTER(points), COUNTER(params), COUNTER(tags), COUNTER(datasets), COUNTER(models), COUNTER(versions),
	COUNTER(logged_models), COUNTER(traces), COUNTER(problems),
};

static char *report_json(const struct import_report *r, const char *error)
{
	struct str out = STR_INIT;
	struct jsonw w;

	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
		int64_t n;

		memcpy(&n, (const char *)r + counters[i].at, sizeof n);
		jsonw_put_int(&w, counters[i].name, n);
	}
	jsonw_put_strn(&w, "lines", r->lines.p, r->lines.len);
	jsonw_put_str(&w, "error", error);
	jsonw_close(&w, '}');
	return str_take(&out);
}

/* ---- the source's row ---- */

struct source { int64_t id; char *kind, *fingerprint, *state; };

static void source_free(struct source *s)
{
	free(s->kind), free(s->fingerprint), free(s->state);
	*s = (struct source){ 0 };
}

static enum status source_find(struct store *store, const char *uri, struct source *out, struct err *e)
{
	sqlite3_stmt *st = store_stmt(store, "SELECT id,kind,fingerprint,state FROM source WHERE uri=?1", e);

	*out = (struct source){ 0 };
	if (!st)
		return ST_FAILED;
	sqlite3_bind_text(st, 1, uri, -1, SQLITE_STATIC);
	if (sqlite3_step(st) == SQLITE_ROW)
		*out = (struct source){ sqlite3_column_int64(st, 0), mem_strdup((const char *)sqlite3_column_text(st, 1)),
			mem_strdup((const char *)sqlite3_column_text(st, 2)), mem_strdup((const char *)sqlite3_column_text(st, 3)) };
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(store, e, "looking up the source");
}

static enum status source_make(struct store *store, const char *uri, const char *kind, struct source *out, struct err *e)
{
	enum status rc = store_begin(store, e);

	if (rc != ST_OK)
		return rc;
	sqlite3_stmt *st = store_stmt(store, "INSERT INTO source(kind,uri,first_ms,last_ms) VALUES(?1,?2,?3,?3) ON CONFLICT DO NOTHING", e);

	if (st) {
		sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, uri, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 3, clock_wall_ms());
	}
	if (!st || sqlite3_step(st) != SQLITE_DONE) {
		rc = st ? store_error(store, e, "adding the source") : ST_FAILED;
		store_rollback(store);
		return rc;
	}
	sqlite3_reset(st);
	rc = store_commit(store, TOPIC_SOURCES, e);
	return rc == ST_OK ? source_find(store, uri, out, e) : rc;
}

/* Writes how an import ended. `moved`: another process went on with the same source meanwhile. */
static enum status source_write(struct import_job *job, const char *fingerprint, const char *error, bool *moved, struct err *e)
{
	char *report = report_json(job->report, error);
	enum status rc = store_begin(job->store, e);
	sqlite3_stmt *st = rc == ST_OK ? store_stmt(job->store, "UPDATE source SET fingerprint=?1,state=?2,last_ms=?3,problems=?4,report=?5"
		" WHERE id=?6 AND state=?7", e) : NULL;

	if (st) {
		sqlite3_bind_text(st, 1, fingerprint, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, job->end_state ? job->end_state : job->state, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 3, clock_wall_ms());
		sqlite3_bind_int64(st, 4, job->report->problems);
		sqlite3_bind_text(st, 5, report, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 6, job->source_id);
		sqlite3_bind_text(st, 7, job->state, -1, SQLITE_STATIC);
		if (sqlite3_step(st) != SQLITE_DONE)
			rc = store_error(job->store, e, "writing the report");
		sqlite3_reset(st);
		*moved = rc == ST_OK && sqlite3_changes(store_db(job->store)) == 0;
	} else if (rc == ST_OK) {
		rc = ST_FAILED;
	}
	if (store_in_write(job->store)) {
		if (rc == ST_OK)
			rc = store_commit(job->store, job->report->problems || error ? TOPIC_SOURCES : 0, e);
		else
			store_rollback(job->store);
	}
	free(report);
	return rc;
}

/* ---- one import ---- */

/* When work that a hot pass put off is due; 0: none. */
static int64_t again_ms(const char *state)
{
	json_t *x = json_loads(state, 0, NULL);
	const int64_t ms = json_integer_value(json_object_get(x, "again_ms"));

	json_decref(x);
	return ms;
}

static bool nothing_to_do(const struct source *s, const char *fingerprint, bool hot)
{
	if (!s->fingerprint || !*fingerprint || strcmp(s->fingerprint, fingerprint) != 0)
		return false;
	const int64_t due = again_ms(s->state);

	return !due || (hot && clock_wall_ms() < due);
}

static bool found_nothing(const struct import_report *r)
{
	int64_t n, all = 0;

	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
		memcpy(&n, (const char *)r + counters[i].at, sizeof n);
		all += n;
	}
	return all == 0;
}

static void job_end(struct import_job *job)
{
	free(job->state);
	free(job->end_state);
	job->state = job->end_state = NULL;
}

/* Passes until one ends as it should. */
static enum status import_source(struct import_job *job, const struct importer *im, struct source *s, struct err *e)
{
	struct str fp = STR_INIT;
	enum status rc = ST_FAILED;
	bool moved = true;

	for (int pass = 0; pass < MOST_PASSES && moved; pass++) {
		str_clear(&fp);
		if (pass > 0) {
			source_free(s);
			if ((rc = source_find(job->store, job->path, s, e)) != ST_OK)
				break;
		}
		if (!(job->hot && im->slow_fingerprint) && (rc = im->fingerprint(job->path, &fp, e)) != ST_OK)
			break;
		if (nothing_to_do(s, fp.p, job->hot)) {
			job->report->unchanged = pass == 0;
			break;
		}
		job->source_id = s->id;
		job->state = mem_strdup(s->state);
		job->again = job->incomplete = moved = false;
		rc = im->run(job, e);
		const char *keep = job->incomplete ? "" : fp.p;
		const bool same = !job->end_state && found_nothing(job->report) && !strcmp(keep, s->fingerprint);

		if (rc == ST_OK && !same)
			rc = source_write(job, keep, NULL, &moved, e);
		else if (rc != ST_OK)
			moved = job->again && !task_cancelled(job->task);
		if (rc != ST_OK && !moved && rc != ST_CANCELLED) {
			struct err other;
			bool ignored;

			/* The words are kept beside the source when they can be; rc and e already tell the caller. */
			(void)source_write(job, "", e ? e->text : "it failed", &ignored, &other);
		}
		job_end(job);
	}
	job->report->unchanged |= rc == ST_OK && job->hot && found_nothing(job->report);
	str_free(&fp);
	return rc;
}

static enum status import_at_path(struct store *store, const char *path, bool hot, struct task *t, struct import_report *r, struct err *e)
{
	struct import_job job = { .store = store, .path = path, .task = t, .report = r, .hot = hot };
	struct source s;
	enum status rc = source_find(store, path, &s, e);
	const struct importer *im = rc == ST_OK && s.kind ? by_id(s.kind) : NULL;

	if (rc == ST_OK && !im)
		im = import_probe(path);
	if (rc == ST_OK && !im)
		rc = nobodys(path, e);
	if (rc == ST_OK && !s.id)
		rc = source_make(store, path, im->id, &s, e);
	if (rc == ST_OK)
		rc = import_source(&job, im, &s, e);
	source_free(&s);
	return rc;
}

/* Names out of a damaged schema may be part of SQLite's words. */
static void clean_words(struct err *e)
{
	struct str clean = STR_INIT;

	text_clean(&clean, e->text, strlen(e->text), 0);
	snprintf(e->text, sizeof e->text, "%s", clean.p);
	str_free(&clean);
}

/* Only of a source can be said that it was here. */
static enum status gone(struct store *store, const char *path, struct err *e)
{
	struct source s;
	enum status rc = source_find(store, path, &s, e);

	if (rc == ST_OK && s.id)
		rc = err_set(e, ST_NOT_FOUND, "%s: there is nothing at this path now; what was imported from it stays, and it is read again when it is back", path);
	else if (rc == ST_OK)
		rc = nothing_there(path, e);
	source_free(&s);
	return rc;
}

static enum status import_any(struct store_pool *pool, const char *path, bool hot, struct task *t, struct import_report *r, struct err *e)
{
	const int64_t start = clock_mono_us();
	char *real = realpath(path, NULL);
	struct err own;

	*r = (struct import_report){ .lines = STR_INIT };
	if (!e)
		e = &own;
	struct store *store = store_get(pool, e);
	enum status rc = store ? ST_OK : ST_FAILED;

	if (store && !real)
		rc = gone(store, path, e);
	if (rc == ST_OK)
		rc = import_at_path(store, real, hot, t, r, e);
	if (store)
		store_put(pool, store);
	free(real);
	r->took_ms = (clock_mono_us() - start) / 1000;
	if (rc != ST_OK)
		clean_words(e);
	if (rc != ST_OK && rc != ST_CANCELLED)
		log_add(LOG_WARN, "import: %s", e->text);
	return rc;
}

enum status import_path(struct store_pool *pool, const char *path, struct task *t, struct import_report *r, struct err *e)
{
	return import_any(pool, path, false, t, r, e);
}

enum status import_hot(struct store_pool *pool, const char *path, struct task *t, struct import_report *r, struct err *e)
{
	return import_any(pool, path, true, t, r, e);
}
