/* One run of a file store: its meta file, params and tags, inputs and outputs, metrics.
 *
 * Metrics  while a run is unfinished its memo says of each metric file: inode, size, ctime, how far it was
 *          read, and a hash of the bytes just before that place. A file that grew and still has those bytes
 *          is read from there; any other change reads it from the start, replacing the series. A last
 *          line without its newline waits for the next time unless the run has ended. A finished run
 *          only keeps its stamp: should it change after all, everything of it is read again.
 * Memo     "<stamp>" or "<stamp>\n<ino> <size> <changed> <offset> <tail> <key>\n...", keys with newline and '%'
 *          as %0A and %25.
 * Commits  a flush in the middle of a run first puts the memo as far as it is true, so that points
 *          and offsets always commit together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/metric_line.h"
#include "core/runs/mlruns.h"

enum { CHUNK = 1 << 20, MOST_LINE = 4096, TAIL = 64, MOST_LINE_PROBLEMS = 3 };
static const char *const parts[] = { "meta.yaml", "metrics", "params", "tags", "inputs", "outputs", NULL };

struct progress { uint64_t ino, tail; int64_t size, changed_ns, offset; };
struct run_reader {
	struct mlruns *m; struct unit *u;
	const char *memo_key;
	size_t run;
	bool ended;
	struct map *keys; struct progress *at; size_t cap;   /* of metric files, by key */
};

/* ---- memo ---- */

static void add_key(struct str *out, const char *key)
{
	for (; *key; key++) {
		if (*key == '\n' || *key == '%')
			str_addf(out, "%%%02X", (unsigned)(unsigned char)*key);
		else
			str_addc(out, *key);
	}
}

static void decode_key(char *key)
{
	char *to = key;

	for (char *p = key; *p; p++) {
		const bool newline = !strncmp(p, "%0A", 3);

		if (newline || !strncmp(p, "%25", 3)) {
			*to++ = newline ? '\n' : '%';
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = 0;
}

static struct progress *progress_of(struct run_reader *r, const char *key)
{
	bool added;
	const size_t i = map_add(r->keys, key, strlen(key), &added);

	MEM_GROW(r->at, r->cap, i + 1);
	if (added)
		r->at[i] = (struct progress){ 0 };
	return &r->at[i];
}

static void parse_line(struct run_reader *r, char *line)
{
	unsigned long long ino, tail;
	long long size, changed, offset;
	int n = 0;

	if (sscanf(line, "%llu %lld %lld %lld %llx %n", &ino, &size, &changed, &offset, &tail, &n) < 5 || n == 0)
		return;
	decode_key(line + n);
	*progress_of(r, line + n) = (struct progress){ .ino = ino, .tail = tail, .size = size, .changed_ns = changed, .offset = offset };
}

static void parse_memo(struct run_reader *r, char *memo)
{
	for (char *line = memo ? strchr(memo, '\n') : NULL; line;) {
		char *end = strchr(++line, '\n');

		if (end)
			*end = 0;
		parse_line(r, line);
		line = end;
	}
}

/* `stamped`: the whole run was read, so that an equal stamp means there is nothing to do. */
static void put_memo(struct run_reader *r, bool stamped)
{
	struct str out = STR_INIT;

	str_addf(&out, "%s%016llx", stamped && !r->u->unsettled ? "" : "!", (unsigned long long)r->u->stamp);
	for (size_t i = 0; i < map_count(r->keys) && !(stamped && r->ended); i++) {
		const struct progress *p = &r->at[i];

		if (!p->offset)
			continue;
		str_addf(&out, "\n%llu %lld %lld %lld %llx ", (unsigned long long)p->ino, (long long)p->size, (long long)p->changed_ns, (long long)p->offset,
			(unsigned long long)p->tail);
		add_key(&out, map_key(r->keys, i, NULL));
	}
	sink_memo(r->m->sink, r->memo_key, strlen(r->memo_key), out.p, out.len);
	str_free(&out);
}

/* ---- metrics ---- */

static uint64_t tail_before(int fd, int64_t offset)
{
	char bytes[TAIL];
	const int64_t start = offset > TAIL ? offset - TAIL : 0;
	const ssize_t n = pread(fd, bytes, (size_t)(offset - start), start);

	return n == offset - start ? hash_bytes(HASH_START, bytes, (size_t)n) : 0;
}

struct metric_reader { struct run_reader *r; const char *key; size_t name; int64_t line; int problems; };

static void bad_line(struct metric_reader *x, const char *p, size_t n)
{
	struct unit *u = x->r->u;

	if (x->problems++ < MOST_LINE_PROBLEMS)
		import_problem(u->m->job, "%s/metrics/%s:%lld: not \"time value step\": '%.*s'; the line is left out", u->path, x->key, (long long)x->line,
			(int)(n < 60 ? n : 60), p);
	else
		u->m->job->report->problems++;
}

static void take_line(struct metric_reader *x, const char *p, size_t n)
{
	struct metric_line l;

	x->line++;
	if (n == 0)
		return;
	if (metric_line_parse(p, n, false, &l))
		sink_point(x->r->m->sink, sink_series(x->r->m->sink, x->r->run, x->name), l.step, l.ms, l.value);
	else
		bad_line(x, p, n);
}

/* Lines of p[0..n); returns how many bytes were used. `last`: nothing follows, and the run has ended. */
static size_t take_lines(struct metric_reader *x, const char *p, size_t n, bool last)
{
	size_t used = 0;

	for (const char *end; used < n && (end = memchr(p + used, '\n', n - used)); used = (size_t)(end - p) + 1)
		take_line(x, p + used, (size_t)(end - p) - used);
	if ((last && used < n) || n - used > MOST_LINE) {
		take_line(x, p + used, n - used);
		used = n;
	}
	return used;
}

static enum status read_points(struct metric_reader *x, int fd, struct progress *at, struct err *e)
{
	struct run_reader *r = x->r;
	char *buf = mem_alloc(CHUNK);
	enum status rc = ST_OK;

	for (bool more = true; more && rc == ST_OK;) {
		ssize_t n = 0, got;

		while (n < CHUNK && (got = pread(fd, buf + n, (size_t)(CHUNK - n), at->offset + n)) > 0)
			n += got;
		more = n == CHUNK;
		const size_t used = take_lines(x, buf, (size_t)n, !more && r->ended);

		at->offset += (int64_t)used;
		if (sink_full(r->m->sink)) {
			at->tail = tail_before(fd, at->offset);
			put_memo(r, false);
			rc = mlruns_flush(r->m, e);
		}
		if (rc == ST_OK && task_cancelled(r->m->job->task))
			rc = err_set(e, ST_CANCELLED, "%s: the import was stopped", r->m->job->path);
	}
	free(buf);
	return rc;
}

static enum status read_metric(struct run_reader *r, const struct unit_file *f, const char *key, bool replace, struct err *e)
{
	struct metric_reader x = { r, key, sink_name(r->m->sink, key, strlen(key)), 0, 0 };
	struct progress *at = progress_of(r, key);
	const bool untouched = at->offset && at->ino == f->ino && at->size == f->size && at->changed_ns == f->changed_ns;
	enum status rc = ST_OK;

	if (untouched && at->offset == f->size && !replace)
		return ST_OK;
	const int fd = unit_open_file(r->u, f->rel);

	if (fd < 0)
		return ST_OK;
	if (replace || at->ino != f->ino || f->size < at->offset || (f->size == at->size && !untouched) || tail_before(fd, at->offset) != at->tail)
		at->offset = 0;
	if (at->offset == 0)
		sink_series_replace(r->m->sink, sink_series(r->m->sink, r->run, x.name));
	at->ino = f->ino;
	at->size = f->size;
	at->changed_ns = f->changed_ns;
	rc = read_points(&x, fd, at, e);
	at->tail = tail_before(fd, at->offset);
	if (x.problems > MOST_LINE_PROBLEMS)
		import_problem(r->m->job, "%s/metrics/%s: %d more such lines", r->u->path, key, x.problems - MOST_LINE_PROBLEMS);
	close(fd);
	return rc;
}

/* Series whose file is gone. */
static enum status remove_series(struct run_reader *r, struct err *e)
{
	struct sink *sink = r->m->sink;
	const int64_t id = sink_id(sink, SINK_RUN, r->run);
	sqlite3_stmt *st = id ? store_stmt(r->m->job->store, "SELECT n.text FROM metric s JOIN name n ON n.id=s.name_id WHERE s.run_id=?1", e) : NULL;
	struct str rel = STR_INIT;

	if (!st)
		return id ? ST_FAILED : ST_OK;
	sqlite3_bind_int64(st, 1, id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(st, 0);

		str_clear(&rel);
		str_addf(&rel, "metrics/%s", key ? key : "");
		if (!unit_file(r->u, rel.p))
			sink_series_remove(sink, r->run, key ? key : "", (size_t)sqlite3_column_bytes(st, 0));
	}
	str_free(&rel);
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(r->m->job->store, e, "reading what is already here");
}

static enum status read_metrics(struct run_reader *r, bool replace, struct err *e)
{
	enum status rc = remove_series(r, e);
	const char *key;

	for (size_t i = 0; i < r->u->n && rc == ST_OK; i++)
		if (unit_is_part(&r->u->files[i], "metrics", &key))
			rc = read_metric(r, &r->u->files[i], key, replace, e);
	return rc;
}

/* ---- inputs and outputs ---- */

size_t mlruns_dataset(struct mlruns *m, const struct mlruns_experiment *x, const char *folder)
{
	static const char *const meta_only[] = { "meta.yaml", NULL };
	struct str name = STR_INIT, sub = STR_INIT;
	struct unit u;
	bool added;
	size_t index = SINK_NONE;

	if (strchr(folder, '/') || folder[0] == '.')
		return SINK_NONE;
	str_addf(&name, "%s/%s", x->id, folder);
	str_addf(&sub, "datasets/%s", folder);
	const size_t slot = map_add(m->datasets, name.p, name.len, &added);

	if (!added && *map_value(m->datasets, slot)) {
		index = (size_t)*map_value(m->datasets, slot) - 1;
	} else if (added && unit_open(m, &u, x->fd, x->path, sub.p, meta_only)) {
		struct yamldoc *y = unit_file(&u, "meta.yaml") ? unit_yaml(&u, "meta.yaml") : NULL;

		if (y) {
			const struct yamldoc_node *meta = yamldoc_root(y);
			const struct val title = meta_word(meta, "name"), digest = meta_word(meta, "digest");
			const struct val v[] = { meta_text(meta, "source_type"), meta_text(meta, "source"), meta_text(meta, "schema"), meta_text(meta, "profile") };

			index = sink_entity(m->sink, SINK_DATASET, x->index, title.u.p, title.n, digest.u.p, digest.n);
			sink_put_new(m->sink, SINK_DATASET, index, v);
			*map_value(m->datasets, slot) = (intptr_t)index + 1;
		}
		yamldoc_free(y);
		unit_close(&u);
	}
	str_free(&name);
	str_free(&sub);
	return index;
}

static void put_dataset_edge(struct run_reader *r, const struct mlruns_experiment *x, const struct yamldoc_node *meta)
{
	const struct val id = meta_word(meta, "source_id");
	const struct yamldoc_node *tags = yamldoc_get(meta, "tags");
	const size_t dataset = mlruns_dataset(r->m, x, id.u.p);
	struct str json = STR_INIT;

	if (dataset == SINK_NONE) {
		import_problem(r->m->job, "%s: its data set %.*s is not to be found under %s/datasets", r->u->path, (int)id.n, id.u.p, x->path);
		r->u->unsettled = true;
		return;
	}
	if (tags && tags->kind == YAMLDOC_MAP)
		yamldoc_to_json(tags, &json);
	sink_item(r->m->sink, SET_RUN_DATASET, r->run, val_ref(SINK_DATASET, dataset), json.len ? val_text(json.p, json.len) : val_str("{}"));
	str_free(&json);
}

static void put_edge(struct run_reader *r, const struct mlruns_experiment *x, const struct yamldoc_node *meta)
{
	const struct val step = meta_int(meta, "step");

	if (meta_is(meta, "source_type", "DATASET"))
		put_dataset_edge(r, x, meta);
	else if (meta_is(meta, "source_type", "MODEL") || meta_is(meta, "source_type", "RUN_INPUT"))
		sink_item(r->m->sink, SET_RUN_INPUT, r->run, meta_word(meta, meta_is(meta, "source_type", "MODEL") ? "source_id" : "destination_id"), val_int(0));
	else if (meta_is(meta, "destination_type", "MODEL_OUTPUT"))
		sink_item(r->m->sink, SET_RUN_OUTPUT, r->run, meta_word(meta, "destination_id"), val_int(step.type == VAL_INT ? step.u.i : 0));
}

static void read_edges(struct run_reader *r, const struct mlruns_experiment *x)
{
	static const enum sink_set sets[] = { SET_RUN_DATASET, SET_RUN_INPUT, SET_RUN_OUTPUT };
	const char *key;
	bool whole = true;

	for (size_t i = 0; i < 3; i++)
		sink_track(r->m->sink, sets[i]);
	for (size_t i = 0; i < r->u->n; i++) {
		const struct unit_file *f = &r->u->files[i];

		if ((!unit_is_part(f, "inputs", &key) && !unit_is_part(f, "outputs", &key)) || !strchr(key, '/') || strcmp(strrchr(key, '/'), "/meta.yaml") != 0)
			continue;
		struct yamldoc *y = unit_yaml(r->u, f->rel);

		if (y)
			put_edge(r, x, yamldoc_root(y));
		whole &= y != NULL;
		yamldoc_free(y);
	}
	for (size_t i = 0; i < 3 && whole; i++)
		sink_keep_owner(r->m->sink, sets[i], r->run);
}

/* ---- the run ---- */

static struct val status_of(struct mlruns *m, const struct unit *u, const struct yamldoc_node *meta)
{
	static const char *const words[] = { "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED" };
	const struct yamldoc_node *x = yamldoc_get(meta, "status");
	int64_t n;

	if (yamldoc_is_null(x))
		return val_int(1);
	if (yamldoc_int(x, &n) && n >= 1 && n <= 5)
		return val_int(n);
	for (int i = 0; i < 5; i++)
		if (meta_is(meta, "status", words[i]))
			return val_int(i + 1);
	import_problem(m->job, "%s/meta.yaml: its status is not one MLflow knows; shown as running", u->path);
	return val_int(1);
}

static bool put_run(struct run_reader *r, const struct mlruns_experiment *x, const char *name, const struct yamldoc_node *meta)
{
	const struct val experiment = meta_word(meta, "experiment_id"), id = meta_text(meta, yamldoc_is_null(yamldoc_get(meta, "run_id")) ? "run_uuid" : "run_id");
	const struct val status = status_of(r->m, r->u, meta);
	const struct val v[] = { val_ref(SINK_EXPERIMENT, x->index), meta_word(meta, "run_name"), status, meta_word(meta, "user_id"), meta_word(meta, "source_name"),
		meta_int(meta, "start_time"), meta_int(meta, "end_time"), meta_int(meta, "deleted_time"), meta_word(meta, "artifact_uri"), meta_deleted(meta) };

	if (experiment.n && (experiment.n != strlen(x->id) || memcmp(experiment.u.p, x->id, experiment.n))) {
		import_problem(r->m->job, "%s/meta.yaml: it says experiment '%.*s', but lies in %s; MLflow ignores such a run, and so does this", r->u->path,
			(int)experiment.n, experiment.u.p, x->id);
		return false;
	}
	if (id.type == VAL_TEXT && (id.n != strlen(name) || memcmp(id.u.p, name, id.n))) {
		import_problem(r->m->job, "%s/meta.yaml: it says run '%.*s', but lies in folder %s; it is left out", r->u->path, (int)id.n, id.u.p, name);
		return false;
	}
	r->ended = status.u.i >= 3;
	sink_put_new(r->m->sink, SINK_RUN, r->run, v);
	return true;
}

static enum status read_changed(struct run_reader *r, const struct mlruns_experiment *x, const char *name, char *memo, struct err *e)
{
	struct yamldoc *y = unit_yaml(r->u, "meta.yaml");
	enum status rc = ST_OK;

	if (y && put_run(r, x, name, yamldoc_root(y))) {
		const bool had_progress = memo && strchr(memo, '\n');

		parse_memo(r, memo);
		unit_put_set(r->u, "tags", SET_TAG, r->run);
		unit_put_set(r->u, "params", SET_PARAM, r->run);
		read_edges(r, x);
		rc = read_metrics(r, !had_progress, e);
		if (rc == ST_OK)
			put_memo(r, true);
	}
	yamldoc_free(y);
	return rc;
}

static bool holds_run_data(const struct unit *u)
{
	const char *key;

	for (size_t i = 0; i < u->n; i++)
		if (unit_is_part(&u->files[i], "metrics", &key) || unit_is_part(&u->files[i], "params", &key) || unit_is_part(&u->files[i], "tags", &key))
			return true;
	return false;
}

enum status mlruns_read_run(struct mlruns *m, const struct mlruns_experiment *x, const char *name, struct err *e)
{
	struct unit u;
	struct str key = STR_INIT;
	enum status rc = ST_OK;

	if (!unit_open(m, &u, x->fd, x->path, name, parts))
		return ST_OK;
	struct run_reader r = { .m = m, .u = &u, .keys = map_new() };

	str_addf(&key, "r/%s/%s", x->id, name);
	r.memo_key = key.p;
	if (!unit_file(&u, "meta.yaml")) {
		if (holds_run_data(&u))
			import_problem(m->job, "%s: a run's folder without its meta.yaml; it is left out", u.path);
	} else {
		r.run = sink_entity(m->sink, SINK_RUN, SINK_NONE, name, strlen(name), NULL, 0);
		sink_seen(m->sink, SINK_RUN, r.run);
		if (!memo_same(m, key.p, &u)) {
			char *memo = memo_get(m, key.p);

			rc = read_changed(&r, x, name, memo, e);
			free(memo);
		}
	}
	map_free(r.keys);
	free(r.at);
	str_free(&key);
	unit_close(&u);
	return rc;
}
