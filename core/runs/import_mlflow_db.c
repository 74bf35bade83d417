/* MLflow SQLite databases of any release: what is there is read, no revision is asked for.
 *
 * Fingerprint   device, inode, size and mtime of the file, the header's change counter, and
 *          size, mtime and salts of a -wal. An mtime of the last instant is marked unsettled, so that a second
 *          write within the clock's grain cannot hide.
 * Order    experiments, runs, then what hangs on them, points last but for models and traces: the
 *          run table is complete before a long history comes in.
 * Failure  a table that cannot be read is a line in the report, the others are still read; then
 *          the fingerprint is not kept, so that the next import tries again.
 * Never read   `secrets` and the other tables of the gateway.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/mlflow_db.h"

extern const struct importer importer_mlflow_db;
enum { SHARE = 20, UNSETTLED_MS = 50, PACE_ROWS = 4096 };

/* ---- memory ---- */

static json_t *child(json_t *parent, const char *key)
{
	json_t *x = json_object_get(parent, key);

	if (!json_is_object(x)) {
		x = json_object();
		json_object_set_new(parent, key, x);
	}
	return x;
}

enum cursor db_cursor(struct mlflow_db *m, const struct src_table *t, int64_t *rowid)
{
	const json_t *at = json_object_get(child(m->state, "rows"), t->id);
	const char *check = json_string_value(json_array_get(at, 1));

	*rowid = INT64_MIN;
	if (!check)
		return CURSOR_NONE;
	const int64_t row = json_integer_value(json_array_get(at, 0));
	const uint64_t was = strtoull(check, NULL, 16), now = src_row_check(&m->src, t, row);

	if (was != now || (!was && row))
		return CURSOR_BAD;
	*rowid = row;
	return CURSOR_OK;
}

void db_cursor_put(struct mlflow_db *m, const struct src_table *t, int64_t rowid, uint64_t check)
{
	char text[20];

	snprintf(text, sizeof text, "%llx", (unsigned long long)check);
	json_object_set_new(child(m->state, "rows"), t->id, json_pack("[Is]", (json_int_t)rowid, text));
}

void db_cursor_set(struct mlflow_db *m, const struct src_table *t, int64_t rowid)
{
	db_cursor_put(m, t, rowid, src_row_check(&m->src, t, rowid));
}

int64_t db_last_count(struct mlflow_db *m, const char *table) { return json_integer_value(json_object_get(child(m->state, "counts"), table)); }
void db_set_count(struct mlflow_db *m, const char *table, int64_t n) { json_object_set_new(child(m->state, "counts"), table, json_integer(n)); }

void db_stage_begin(struct mlflow_db *m) { m->stage_us = clock_mono_us(); }

bool db_stage_due(struct mlflow_db *m, const char *stage)
{
	const json_t *at = json_object_get(child(m->state, "stage"), stage);
	const int64_t due = json_integer_value(json_array_get(at, 1)) + json_integer_value(json_array_get(at, 0)) * SHARE / 1000;

	const int64_t now = clock_wall_ms();

	if (!m->job->hot || m->full || !at || now >= due || now < json_integer_value(json_array_get(at, 1)))
		return true;
	if (!m->owed_ms || due < m->owed_ms)
		m->owed_ms = due;
	return false;
}

void db_stage_done(struct mlflow_db *m, const char *stage)
{
	json_object_set_new(child(m->state, "stage"), stage, json_pack("[II]", (json_int_t)(clock_mono_us() - m->stage_us), (json_int_t)clock_wall_ms()));
}

static char *state_text(struct mlflow_db *m)
{
	json_object_set_new(m->state, "seq", json_integer(json_integer_value(json_object_get(m->state, "seq")) + 1));
	json_object_set_new(m->state, "again_ms", json_integer(m->owed_ms));
	return json_dumps(m->state, JSON_COMPACT | JSON_SORT_KEYS);
}

enum status db_flush(struct mlflow_db *m, struct err *e)
{
	if (!src_settled(&m->src)) {
		m->job->again = true;
		return err_set(e, ST_FAILED, "%s: its writer opened it while it was read", m->job->path);
	}
	if (sink_empty(m->sink))
		return ST_OK;
	char *text = state_text(m);
	const enum status rc = sink_flush(m->sink, text, e);

	free(text);
	return rc;
}

void db_progress(struct mlflow_db *m, const char *table, int64_t rows)
{
	char n[FMT_MAX];

	if (!m->job->task)
		return;
	task_progress(m->job->task, m->rows_done, m->rows_total > m->rows_done ? m->rows_total : m->rows_done);
	task_note(m->job->task, "%s: %s rows", table, fmt_si(n, (double)rows));
}

enum status db_pace(struct mlflow_db *m, struct scan *sc, bool cursor, struct err *e)
{
	if (++m->rows_done % PACE_ROWS == 0)
		db_progress(m, sc->t->name, sc->rows);
	if (!sink_full(m->sink))
		return ST_OK;
	scan_pause(sc);
	if (cursor)
		db_cursor_set(m, sc->t, sc->last);
	return db_flush(m, e);
}

/* ---- a pass ---- */

static enum status read_registry(struct mlflow_db *m, struct err *e)
{
	const int64_t start = clock_mono_us();

	if (!db_stage_due(m, "registry"))
		return ST_OK;
	enum status rc = db_read_registry(m, e);

	if (rc == ST_OK)
		rc = db_read_registry_items(m, e);
	m->stage_us = start;
	db_stage_done(m, "registry");
	return rc;
}

static enum status (*const parts[])(struct mlflow_db *m, struct err *e) = { db_read_experiments, db_read_runs, db_read_run_items, db_read_inputs,
	read_registry, db_read_logged_models, db_read_logged_items, db_read_metrics, db_read_logged_metrics, db_read_traces, db_read_trace_items, db_read_spans,
	db_read_trace_files };

/* Whether the pass must end with this outcome of one part; else it was noted and the next part may go on. */
static bool ends_pass(struct mlflow_db *m, enum status rc, const struct err *why)
{
	if (rc == ST_OK)
		return false;
	if (rc != ST_FAILED || m->job->again || sink_broken(m->sink) || task_cancelled(m->job->task))
		return true;
	import_problem(m->job, "%s", why->text);
	m->job->incomplete = true;
	return false;
}

/* For the progress bar: the rows that are new, about. */
static int64_t new_rows(struct mlflow_db *m)
{
	static const char *const tables[] = { "metrics", "params", "tags", "runs" };
	int64_t n = 0;

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		n += src_count(&m->src, tables[i], "max(rowid)") - json_integer_value(json_array_get(json_object_get(child(m->state, "rows"), tables[i]), 0));
	return n;
}

static enum status pass(struct mlflow_db *m, struct err *e)
{
	m->full = db_runs_cursor(m) == CURSOR_BAD || db_metrics_cursor(m) == CURSOR_BAD;
	m->rows_total = new_rows(m);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct err why = { 0 };
		enum status rc = parts[i](m, &why);

		if (rc == ST_OK && i < 2)
			rc = db_flush(m, &why);          /* runs are shown while the rest is read */
		if (ends_pass(m, rc, &why)) {
			if (e)
				*e = why;
			return rc;
		}
	}
	return db_flush(m, e);
}

static enum status run(struct import_job *job, struct err *e)
{
	struct mlflow_db m = { .job = job, .state = json_loads(job->state, 0, NULL) };
	enum status rc = src_open(&m.src, job, e);

	if (!json_is_object(m.state)) {
		json_decref(m.state);
		m.state = json_object();
	}
	m.sink = sink_new(job, true);
	if (rc == ST_OK && !src_has(&m.src, "experiments", NULL) && !src_has(&m.src, "runs", NULL))
		rc = err_set(e, ST_FAILED, "%s: a SQLite database, but without MLflow's tables (experiments, runs)", job->path);
	if (rc == ST_OK && (rc = pass(&m, e)) == ST_OK)
		job->end_state = state_text(&m);
	sink_free(m.sink);
	json_decref(m.state);
	src_close(&m.src);
	return rc;
}

/* ---- what the registry of importers asks ---- */

static bool probe(const char *path)
{
	struct str why = STR_INIT;
	const bool yes = src_is_mlflow(path, &why);

	str_free(&why);
	return yes;
}

static bool named_like_one(const char *path)
{
	static const char *const ends[] = { ".db", ".sqlite", ".sqlite3" };
	const size_t n = strlen(path);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (n > strlen(ends[i]) && !strcmp(path + n - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

static char *why_not(const char *path)
{
	struct str why = STR_INIT;

	if (fs_is_dir(path) || (!fs_is_file(path) && !named_like_one(path)) || src_is_mlflow(path, &why)) {
		str_free(&why);
		return NULL;
	}
	return str_take(&why);
}

static void add_stamp(struct str *out, const struct stat *sb)
{
	str_addf(out, " %llu.%llu %lld %lld.%09ld", (unsigned long long)sb->st_dev, (unsigned long long)sb->st_ino, (long long)sb->st_size,
		(long long)sb->st_mtim.tv_sec, sb->st_mtim.tv_nsec);
	const int64_t age = clock_wall_ms() - ((int64_t)sb->st_mtim.tv_sec * 1000 + sb->st_mtim.tv_nsec / 1000000);

	if (age >= 0 && age < UNSETTLED_MS)
		str_addf(out, " unsettled %lld", (long long)clock_mono_us());
}

/* The -wal is never locked, so it may be opened plainly. Its first 32 bytes hold the salts that change with each reset. */
static void add_wal(struct str *out, const char *path)
{
	struct str wal = STR_INIT;
	struct stat sb;
	unsigned char head[32];

	str_addf(&wal, "%s-wal", path);
	const int fd = open(wal.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode)) {
		const ssize_t n = read(fd, head, sizeof head);

		str_add(out, " wal");
		add_stamp(out, &sb);
		str_addf(out, " %016llx", (unsigned long long)hash_bytes(HASH_START, head, n > 0 ? (size_t)n : 0));
	}
	if (fd >= 0)
		close(fd);
	str_free(&wal);
}

static enum status fingerprint(const char *path, struct str *out, struct err *e)
{
	struct stat sb;
	unsigned char head[100] = { 0 };

	if (stat(path, &sb) != 0)
		return err_set(e, ST_NOT_FOUND, "%s: %s", path, strerror(errno));
	src_header(path, head);
	str_add(out, "1");
	add_stamp(out, &sb);
	str_addf(out, " %02x%02x%02x%02x", head[24], head[25], head[26], head[27]);
	add_wal(out, path);
	return ST_OK;
}

static void watch(struct store *s, int64_t source_id, const char *path, struct str *out)
{
	(void)s, (void)source_id;
	str_addf(out, "%s\n%s-wal\n%s-journal\n", path, path, path);
}

const struct importer importer_mlflow_db = { .id = "mlflow-db", .title = "MLflow database", .probe = probe, .fingerprint = fingerprint, .run = run,
	.why_not = why_not, .watch = watch };
