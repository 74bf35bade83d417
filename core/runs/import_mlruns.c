/* MLflow file stores: mlruns/ with its experiments, trash and registry.
 *
 * Broken   a meta file that cannot be read leaves what was imported before as it is and is named in the
 *          report. A folder without meta.yaml is no run; it is only reported when it holds metrics, params
 *          or tags (an mlruns folder beside a database holds nothing but artifacts).
 * Identity a run is its folder's name. Where the meta file names another experiment or run, MLflow
 *          ignores the run; so does this, with a word. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/runs/mlruns.h"

extern const struct importer importer_mlruns;
enum { SHARE = 20 };
static const char *const experiment_parts[] = { "meta.yaml", "tags", NULL };

/* ---- memory ---- */

char *memo_get(struct mlruns *m, const char *key)
{
	sqlite3_stmt *st = store_stmt(m->job->store, "SELECT value FROM source_memo WHERE source_id=?1 AND key=?2", NULL);
	char *value = NULL;

	if (!st)
		return NULL;
	sqlite3_bind_int64(st, 1, m->job->source_id);
	sqlite3_bind_text(st, 2, key, -1, SQLITE_STATIC);
	if (sqlite3_step(st) == SQLITE_ROW)
		value = mem_strdup((const char *)sqlite3_column_text(st, 0));
	sqlite3_reset(st);
	return value;
}

static void stamp_text(char out[24], const struct unit *u)
{
	snprintf(out, 24, "%s%016llx", u->unsettled ? "!" : "", (unsigned long long)u->stamp);
}

bool memo_same(struct mlruns *m, const char *key, const struct unit *u)
{
	char stamp[24], *was = memo_get(m, key);
	const bool same = (stamp_text(stamp, u), was && !u->unsettled && !strncmp(was, stamp, 16) && (!was[16] || was[16] == '\n'));

	map_add(m->touched, key, strlen(key), NULL);
	free(was);
	return same;
}

void memo_put(struct mlruns *m, const char *key, const struct unit *u)
{
	char stamp[24];

	stamp_text(stamp, u);
	sink_memo(m->sink, key, strlen(key), stamp, strlen(stamp));
}

/* Memos of units that are not there any more. */
static enum status forget_gone(struct mlruns *m, struct err *e)
{
	sqlite3_stmt *st = store_stmt(m->job->store, "SELECT key FROM source_memo WHERE source_id=?1", e);

	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, m->job->source_id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(st, 0);
		const size_t n = (size_t)sqlite3_column_bytes(st, 0);

		if (map_find(m->touched, key, n) < 0)
			sink_memo(m->sink, key, n, NULL, 0);
	}
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(m->job->store, e, "reading the importer's memory");
}

static char *state_text(int64_t seq, int64_t cost_us, int64_t at_ms, int64_t again)
{
	struct str s = STR_INIT;

	str_addf(&s, "{\"again_ms\":%lld,\"full\":[%lld,%lld],\"seq\":%lld}", (long long)again, (long long)cost_us, (long long)at_ms, (long long)seq);
	return str_take(&s);
}

struct memory { int64_t seq, cost_us, at_ms, again_ms; };

static struct memory read_state(const char *text)
{
	json_t *x = json_loads(text, 0, NULL);
	const json_t *full = json_object_get(x, "full");
	const struct memory mem = { json_integer_value(json_object_get(x, "seq")), json_integer_value(json_array_get(full, 0)), json_integer_value(json_array_get(full, 1)),
		json_integer_value(json_object_get(x, "again_ms")) };

	json_decref(x);
	return mem;
}

/* The state during a pass: what is owed stays owed until the pass has ended. */
enum status mlruns_flush(struct mlruns *m, struct err *e)
{
	if (sink_empty(m->sink))
		return ST_OK;
	const struct memory mem = read_state(m->job->state);
	char *text = state_text(m->seq = mem.seq + 1, mem.cost_us, mem.at_ms, 1);
	const enum status rc = sink_flush(m->sink, text, e);

	free(text);
	return rc;
}

enum status mlruns_pace(struct mlruns *m, struct err *e)
{
	if (task_cancelled(m->job->task))
		return err_set(e, ST_CANCELLED, "%s: the import was stopped", m->job->path);
	return sink_full(m->sink) ? mlruns_flush(m, e) : ST_OK;
}

/* ---- experiments ---- */

static bool is_reserved(const char *name)
{
	static const char *const words[] = { "tags", "datasets", "traces", "models", "meta.yaml" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(name, words[i]))
			return true;
	return false;
}

static void put_experiment(struct mlruns *m, struct unit *u, const struct yamldoc_node *meta, size_t index, bool trashed)
{
	const struct val space = meta_word(meta, "workspace");
	const struct val v[] = { space.n ? space : val_str("default"), meta_word(meta, "name"), meta_word(meta, "artifact_location"),
		meta_int(meta, "creation_time"), meta_int(meta, "last_update_time"), trashed ? val_int(1) : meta_deleted(meta) };

	sink_put_new(m->sink, SINK_EXPERIMENT, index, v);
	unit_put_set(u, "tags", SET_EXPERIMENT_TAG, index);
}

/* Reads the experiment's own files. False: it is none, or it cannot be told which. */
static bool read_experiment_meta(struct mlruns *m, struct unit *u, const char *id, const char *key, size_t *index, bool trashed)
{
	bool ours = true;

	*index = sink_entity(m->sink, SINK_EXPERIMENT, SINK_NONE, id, strlen(id), NULL, 0);
	sink_seen(m->sink, SINK_EXPERIMENT, *index);
	if (memo_same(m, key, u))
		return true;
	struct yamldoc *y = unit_yaml(u, "meta.yaml");

	if (y && !meta_is(yamldoc_root(y), "experiment_id", id)) {
		const struct val named = meta_word(yamldoc_root(y), "experiment_id");

		import_problem(m->job, "%s/meta.yaml: it says experiment '%.*s', but lies in folder %s; MLflow ignores such an experiment, and so does this", u->path,
			(int)named.n, named.u.p, id);
		ours = false;
	} else if (y) {
		put_experiment(m, u, yamldoc_root(y), *index, trashed);
		memo_put(m, key, u);
	}
	yamldoc_free(y);
	return ours;
}

/* Whether the list of what an experiment's folder holds is worth reading in a hot pass: its own stamp changed. */
static bool folder_changed(struct mlruns *m, int fd, const char *id)
{
	struct str key = STR_INIT, now = STR_INIT;
	struct stat sb;

	str_addf(&key, "x/%s", id);
	char *was = memo_get(m, key.p);

	if (fstat(fd, &sb) == 0)
		str_addf(&now, "%llu %lld.%09ld", (unsigned long long)sb.st_ino, (long long)sb.st_ctim.tv_sec, sb.st_ctim.tv_nsec);
	const bool changed = !was || strcmp(was, now.p) != 0;

	map_add(m->touched, key.p, key.len, NULL);
	if (changed)
		sink_memo(m->sink, key.p, key.len, now.p, now.len);
	free(was);
	str_free(&key);
	str_free(&now);
	return changed;
}

static enum status read_each(struct mlruns *m, const struct mlruns_experiment *x, const char *folder,
	enum status (*read)(struct mlruns *, const struct mlruns_experiment *, const char *, struct err *), struct err *e)
{
	struct str sub = STR_INIT;
	char **names = dir_names(m, x->fd, folder, x->path);
	enum status rc = ST_OK;

	for (size_t i = 0; names && names[i] && rc == ST_OK; i++) {
		str_clear(&sub);
		str_addf(&sub, "%s%s%s", strcmp(folder, ".") ? folder : "", strcmp(folder, ".") ? "/" : "", names[i]);
		if (strcmp(folder, ".") != 0 || !is_reserved(names[i]))
			rc = read(m, x, sub.p, e);
		if (rc == ST_OK)
			rc = mlruns_pace(m, e);
	}
	dir_names_free(names);
	str_free(&sub);
	return rc;
}

static enum status read_dataset(struct mlruns *m, const struct mlruns_experiment *x, const char *sub, struct err *e)
{
	static const char *const parts[] = { "meta.yaml", NULL };
	struct str key = STR_INIT;
	struct unit u;

	(void)e;
	str_addf(&key, "d/%s/%s", x->id, sub);
	if (unit_open(m, &u, x->fd, x->path, sub, parts)) {
		if (u.n && !memo_same(m, key.p, &u)) {
			mlruns_dataset(m, x, sub + strlen("datasets/"));
			memo_put(m, key.p, &u);
		}
		unit_close(&u);
	}
	str_free(&key);
	return ST_OK;
}

static enum status read_new_run(struct mlruns *m, const struct mlruns_experiment *x, const char *name, struct err *e)
{
	struct str key = STR_INIT;

	str_addf(&key, "r/%s/%s", x->id, name);
	char *known = memo_get(m, key.p);
	const enum status rc = known ? ST_OK : mlruns_read_run(m, x, name, e);

	free(known);
	str_free(&key);
	return rc;
}

/* Runs that are not finished here, in one experiment. */
static enum status read_live(struct mlruns *m, const struct mlruns_experiment *x, struct err *e)
{
	struct map *names = map_new();
	sqlite3_stmt *st = store_stmt(m->job->store, "SELECT r.uuid FROM run r JOIN experiment x ON x.id=r.experiment_id"
		" WHERE r.source_id=?1 AND x.ext_id=?2 AND r.status IN (1,2) AND r.deleted=0", e);
	enum status rc = st ? ST_OK : ST_FAILED;

	if (st) {
		sqlite3_bind_int64(st, 1, m->job->source_id);
		sqlite3_bind_text(st, 2, x->id, -1, SQLITE_STATIC);
	}
	while (st && sqlite3_step(st) == SQLITE_ROW)
		map_add(names, sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0), NULL);
	if (st && sqlite3_reset(st) != SQLITE_OK)
		rc = store_error(m->job->store, e, "reading what is unfinished");
	for (size_t i = 0; i < map_count(names) && rc == ST_OK; i++) {
		rc = mlruns_read_run(m, x, map_key(names, i, NULL), e);
		if (rc == ST_OK)
			rc = mlruns_pace(m, e);
	}
	map_free(names);
	return rc;
}

static enum status read_everything(struct mlruns *m, const struct mlruns_experiment *x, struct err *e)
{
	enum status rc = read_each(m, x, "datasets", read_dataset, e);

	if (rc == ST_OK)
		rc = read_each(m, x, ".", mlruns_read_run, e);
	if (rc == ST_OK)
		rc = read_each(m, x, "models", mlruns_read_logged, e);
	if (rc == ST_OK)
		rc = read_each(m, x, "traces", mlruns_read_trace, e);
	return rc;
}

static enum status read_experiment(struct mlruns *m, int at, const char *at_path, const char *id, bool trashed, struct err *e)
{
	struct unit u;
	struct str key = STR_INIT;
	enum status rc = ST_OK;

	if (!dir_has(m, at, id, "meta.yaml", at_path) || !unit_open(m, &u, at, at_path, id, experiment_parts))
		return ST_OK;
	struct mlruns_experiment x = { .id = id, .path = u.path, .fd = u.fd };

	str_addf(&key, "e%s/%s", trashed ? "-trash" : "", id);
	const bool changed = folder_changed(m, u.fd, id);

	if (read_experiment_meta(m, &u, id, key.p, &x.index, trashed)) {
		rc = m->full ? read_everything(m, &x, e) : changed ? read_each(m, &x, ".", read_new_run, e) : ST_OK;
		if (rc == ST_OK && !m->full)
			rc = read_live(m, &x, e);
	}
	str_free(&key);
	unit_close(&u);
	return rc;
}

static enum status read_experiments(struct mlruns *m, int root, const char *sub, const char *path, bool trashed, struct err *e)
{
	const int fd = dir_open(root, sub);
	char **names = fd < 0 && errno == ENOENT ? NULL : dir_names(m, root, sub, path);
	enum status rc = ST_OK;

	for (size_t i = 0; names && names[i] && rc == ST_OK; i++)
		if (trashed || strcmp(names[i], "models") != 0)
			rc = read_experiment(m, fd, path, names[i], trashed, e);
	dir_names_free(names);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* ---- a pass ---- */

static enum status load(struct mlruns *m, struct err *e)
{
	static const enum sink_kind kinds[] = { SINK_EXPERIMENT, SINK_RUN, SINK_DATASET, SINK_LOGGED, SINK_MODEL, SINK_VERSION, SINK_TRACE };
	enum status rc = ST_OK;

	for (size_t i = 0; i < (m->full ? sizeof kinds / sizeof *kinds : 1) && rc == ST_OK; i++)
		rc = sink_load(m->sink, kinds[i], e);
	return rc;
}

static enum status mark_gone(struct mlruns *m, struct err *e)
{
	static const enum sink_kind kinds[] = { SINK_EXPERIMENT, SINK_RUN, SINK_LOGGED, SINK_MODEL, SINK_VERSION, SINK_TRACE };

	if (m->damaged || !m->full)
		return ST_OK;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		sink_keep_seen(m->sink, kinds[i]);
	return forget_gone(m, e);
}

static enum status pass(struct mlruns *m, struct err *e)
{
	const int root = open(m->job->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct str trash = STR_INIT;

	if (root < 0)
		return err_set(e, ST_FAILED, "%s: cannot be opened (%s)", m->job->path, strerror(errno));
	str_addf(&trash, "%s/.trash", m->job->path);
	enum status rc = load(m, e);

	if (rc == ST_OK)
		rc = read_experiments(m, root, ".", m->job->path, false, e);
	if (rc == ST_OK && m->full)
		rc = read_experiments(m, root, ".trash", trash.p, true, e);
	if (rc == ST_OK && m->full)
		rc = mlruns_read_registry(m, root, m->job->path, e);
	if (rc == ST_OK)
		rc = mark_gone(m, e);
	if (rc == ST_OK)
		rc = mlruns_flush(m, e);
	str_free(&trash);
	close(root);
	return rc;
}

static enum status run(struct import_job *job, struct err *e)
{
	struct mlruns m = { .job = job, .sink = sink_new(job, false), .touched = map_new(), .datasets = map_new(), .now_ns = mlruns_now_ns() };
	const struct memory mem = read_state(job->state);
	const int64_t start = clock_mono_us(), now = clock_wall_ms(), due = mem.at_ms + mem.cost_us * SHARE / 1000;

	m.full = !job->hot || !mem.at_ms || now >= due || now < mem.at_ms;
	const enum status rc = pass(&m, e);
	const int64_t seq = read_state(job->state).seq + 1;

	if (rc == ST_OK && m.full)
		job->end_state = state_text(seq, clock_mono_us() - start, now, 0);
	else if (rc == ST_OK && (m.seq || mem.again_ms != due))
		job->end_state = state_text(seq, mem.cost_us, mem.at_ms, due);
	job->incomplete = !m.full || m.damaged;
	sink_free(m.sink);
	map_free(m.touched);
	map_free(m.datasets);
	return rc;
}

/* ---- what the registry of importers asks ---- */

static bool all_digits(const char *s) { return *s && s[strspn(s, "0123456789")] == 0; }

static bool says_experiment(int at, const char *name)
{
	char text[4096];
	struct str rel = STR_INIT;

	str_addf(&rel, "%s/meta.yaml", name);
	const int fd = openat(at, rel.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (fd >= 0)
		close(fd);
	str_free(&rel);
	return n == 0 || (n > 0 && (memmem(text, (size_t)n, "experiment_id", 13) || memmem(text, (size_t)n, "lifecycle_stage", 15)));
}

/* A folder that holds a numbered one with the meta file of an experiment; an emptied file counts, it was one. */
static bool probe_below(int fd)
{
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	bool yes = false;

	for (struct dirent *x; d && !yes && (x = readdir(d));)
		yes = all_digits(x->d_name) && says_experiment(dirfd(d), x->d_name);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return yes;
}

static bool probe(const char *path)
{
	struct str trash = STR_INIT;

	str_addf(&trash, "%s/.trash", path);
	const bool yes = probe_below(dir_open(AT_FDCWD, path)) || probe_below(dir_open(AT_FDCWD, trash.p));

	str_free(&trash);
	return yes;
}

static char *why_not(const char *path)
{
	struct stat sb;

	if (stat(path, &sb) != 0 || !S_ISDIR(sb.st_mode))
		return NULL;
	if (access(path, R_OK | X_OK) != 0)
		return mem_strdup("a folder that you may not read");
	return mem_strdup("a folder without numbered experiment folders that hold a meta.yaml (runs kept in a database have only their artifacts here)");
}

const struct importer importer_mlruns = { .id = "mlruns", .title = "MLflow file store", .slow_fingerprint = true, .probe = probe,
	.fingerprint = mlruns_fingerprint,
	.run = run, .why_not = why_not, .watch = mlruns_watch };
