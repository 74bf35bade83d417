/* Which windows are complete and were not looked at yet, oldest first: those of time and rows here, files in monitor_files.c.
 *
 * Time     windows are aligned (monitor_grid.c). The first is that of the first row (or of start:). One is complete when it is over and a row of after its end is
 *          there, or when `wait` has passed since. A complete one without a row is missing; after the last row only those count that ended after the monitor was
 *          added: before that nobody promised data. One that was missing is due when rows of it came after all.
 * Rows     window k covers rows k * step to k * step + rows, complete when they are there. A last line without its line end is not counted: it is being written.
 * Again    the newest window, when it failed, is looked at again: it may have been read half written. Once a later one is there it stays as it is,
 *          unless it is asked for (monitor run --again). */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/drift/monitor_due.h"
#include "core/registry/regsql.h"

static void keep_key(struct map *m, const char *key, int64_t seq) { *map_value(m, map_add(m, key, strlen(key), NULL)) = (intptr_t)seq; }

static enum status seen_load(struct store *s, const struct monitor_seen *known, struct seen *seen, struct err *e)
{
	int rc;
	*seen = (struct seen){ .keys = map_new(), .failed = map_new(), .missing = map_new(), .first_again = INT64_MAX, .first_missing = INT64_MAX, .last_done = INT64_MIN };
	if (!s)
		return ST_OK;
	sqlite3_stmt *q = reg_query(s, e,
		"SELECT seq, key, state = 'failed' AND (?2 OR seq = (SELECT max(seq) FROM monitor_window WHERE monitor_id = ?1)), state = 'missing' FROM monitor_window WHERE monitor_id = ?1 ORDER BY seq",
		"ii", known->id, (int64_t)known->again);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const bool again = sqlite3_column_int(q, 2), missing = sqlite3_column_int(q, 3);
		seen->last_seq = sqlite3_column_int64(q, 0), seen->any = true;
		keep_key(again ? seen->failed : missing ? seen->missing : seen->keys, reg_column(q, 1), seen->last_seq);
		if (again && seen->last_seq < seen->first_again)
			seen->first_again = seen->last_seq;
		if (missing && seen->last_seq < seen->first_missing)
			seen->first_missing = seen->last_seq;
		if (!missing)
			seen->last_done = seen->last_seq;
	}
	return reg_done(s, q, rc, e);
}

/* The first window by number that may be due. */
static int64_t seen_next(const struct seen *seen, int64_t otherwise)
{
	return !seen->any ? otherwise : seen->first_again < seen->last_seq + 1 ? seen->first_again : seen->last_seq + 1;
}

bool seen_in(struct map *m, const char *key, int64_t *seq)
{
	const int64_t i = map_find(m, key, strlen(key));
	if (i >= 0)
		*seq = (int64_t)*map_value(m, (size_t)i);
	return i >= 0;
}

static bool seen_key(const struct seen *seen, const char *key) { return map_find(seen->keys, key, strlen(key)) >= 0; }
bool is_late(const struct seen *seen, int64_t seq) { return seq < seen->last_done; }

struct due_window *due_add(struct due *d, size_t *cap)
{
	MEM_GROW(d->at, *cap, d->n + 1);
	d->at[d->n] = (struct due_window){ .key = "" };
	return &d->at[d->n++];
}

/* ---- reading what is needed to know the windows ---- */

static enum status read_source(const struct monitor_file *f, const char *column, struct task *t, struct frame **out, struct err *e)
{
	struct frame_options o = f->read;
	struct frame_override type = { column, FRAME_TIME };
	char *path = monitor_path(f, f->source.path);
	o.query = f->source.query;
	if (column)
		o.columns = &column, o.n_columns = 1;
	if (column && f->window.kind == WINDOW_TIME)
		o.types = &type, o.n_types = 1;
	enum status st = frame_read(path, &o, t, out, e);
	free(path);
	return st;
}

/* ---- time ---- */

struct span { int64_t first, last; bool any; };  /* of the times that are there */

static struct span span_of(const struct frame_col *c)
{
	struct span s = { INT64_MAX, INT64_MIN, false };
	for (size_t i = 0; i < c->n; i++)
		if (isfinite(c->num[i])) {
			const int64_t ms = (int64_t)floor(c->num[i]);
			s.first = ms < s.first ? ms : s.first, s.last = ms > s.last ? ms : s.last;
			s.any = true;
		}
	return s;
}

/* The windows from `from` on: begin[i] to begin[i + 1], and which have rows. */
struct grid { int64_t *begin; bool *has; size_t n; };

static struct grid grid_make(const struct monitor_window *w, int64_t from, size_t n)
{
	struct grid g = { mem_array(n + 1, sizeof *g.begin), mem_zalloc(n + 1), n };
	for (size_t i = 0; i <= n; i++)
		g.begin[i] = grid_start(w, from + (int64_t)i);
	return g;
}

static void grid_free(struct grid *g)
{
	free(g->begin);
	free(g->has);
}

/* Neighbouring rows are mostly of one window. */
static void grid_fill(struct grid *g, const struct frame_col *c)
{
	size_t at = 0;
	for (size_t i = 0; g->n && i < c->n; i++) {
		if (!isfinite(c->num[i]))
			continue;
		const int64_t ms = (int64_t)floor(c->num[i]);
		if (ms < g->begin[0] || ms >= g->begin[g->n])
			continue;
		if (ms < g->begin[at] || ms >= g->begin[at + 1]) {
			size_t lo = 0, hi = g->n;
			while (hi - lo > 1) {
				const size_t mid = lo + (hi - lo) / 2;
				*(g->begin[mid] <= ms ? &lo : &hi) = mid;
			}
			at = lo;
		}
		g->has[at] = true;
	}
}

static bool is_complete(const struct monitor_file *f, int64_t end_ms, const struct span *s, int64_t now_ms)
{
	return end_ms <= now_ms && (s->last >= end_ms || now_ms >= end_ms + f->window.wait_ms);
}

/* Of the grid's windows those that are complete. Days that the zone left out begin and end together, and are none. */
static void add_complete(const struct monitor_file *f, const struct seen *seen, const struct grid *g, int64_t from, const struct span *s, int64_t added_ms, int64_t now_ms,
	struct due *d)
{
	size_t cap = 0;
	for (size_t i = 0; i < g->n; i++) {
		const int64_t k = from + (int64_t)i, start = g->begin[i], end = g->begin[i + 1];
		if (!is_complete(f, end, s, now_ms)) {
			d->next_ms = end + f->window.wait_ms;
			return;
		}
		const char *key = grid_key(d->arena, &f->window, k);
		int64_t seq;
		if (start == end || (!g->has[i] && (seen_in(seen->missing, key, &seq) || (end > s->last && end <= added_ms))) || seen_key(seen, key))
			continue;
		*due_add(d, &cap) = (struct due_window){ .seq = k, .first = start, .last = end, .key = key, .missing = !g->has[i], .silent = !g->has[i] && end > s->last,
			.late = is_late(seen, k) };
	}
}

static enum status due_time(const struct monitor_file *f, const struct seen *seen, int64_t added_ms, int64_t now_ms, struct task *t, struct due *d, struct err *e)
{
	const struct monitor_window *w = &f->window;
	struct frame *frame = NULL;
	enum status st = read_source(f, w->time, t, &frame, e);
	const struct frame_col *c = st == ST_OK ? frame_find(frame, w->time) : NULL;
	if (st != ST_OK || !c || !c->num)
		goto done;
	const struct span s = span_of(c);
	if (!s.any && !seen->any)
		goto done;
	const int64_t to = grid_at(w, now_ms);           /* the one at hand is not over */
	int64_t from = seen_next(seen, s.any ? grid_at(w, s.first) : 0);
	if (seen->first_missing < from)
		from = seen->first_missing > to - MONITOR_MOST_WINDOWS ? seen->first_missing : to - MONITOR_MOST_WINDOWS;
	if (f->has_start && grid_at(w, f->start_ms) > from)
		from = grid_at(w, f->start_ms);
	if (to - from > MONITOR_MOST_WINDOWS) {
		st = err_set(e, ST_REFUSED, "between %s and now lie %" PRId64 " windows, more than %d; say from when on with start:, or choose longer windows",
			grid_key(d->arena, w, from), to - from, MONITOR_MOST_WINDOWS);
		goto done;
	}
	struct grid g = grid_make(w, from, to > from ? (size_t)(to - from) : 0);
	d->next_ms = grid_start(w, from + (int64_t)g.n + 1);
	grid_fill(&g, c);
	add_complete(f, seen, &g, from, &s, added_ms, now_ms, d);
	grid_free(&g);
done:
	frame_free(frame);
	return st;
}

/* ---- rows ---- */

/* Text formats are written line by line: the last line counts when it is whole. */
static bool last_line_open(const char *path, const struct monitor_file *f)
{
	char magic[4] = "", last = '\n';
	int fd = f->source.kind == SOURCE_FILE ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	off_t size = lseek(fd, 0, SEEK_END);
	bool text = size > 0 && pread(fd, magic, 4, 0) >= 0 && memcmp(magic, "PAR1", 4) && pread(fd, &last, 1, size - 1) == 1;
	close(fd);
	return text && last != '\n';
}

static enum status due_rows(const struct monitor_file *f, const struct seen *seen, struct task *t, struct due *d, struct err *e)
{
	struct frame *frame = NULL;
	size_t cap = 0;
	const char *column = f->roles.timestamp && *f->roles.timestamp ? f->roles.timestamp : f->n_columns ? f->columns[0] : NULL;
	enum status st = read_source(f, column, t, &frame, e);
	if (st != ST_OK)
		return st;
	char *path = monitor_path(f, f->source.path);
	int64_t rows = (int64_t)frame->n_rows, k = seen_next(seen, 0);
	rows -= rows && last_line_open(path, f);
	free(path);
	frame_free(frame);
	if (seen->any && rows < seen->last_seq * f->window.step + f->window.rows)
		return err_set(e, ST_FAILED, "the source has %" PRId64 " rows, fewer than the %"
		PRId64 " that were looked at: it was cut or replaced; remove the monitor and add it again", rows,
			seen->last_seq * f->window.step + f->window.rows);
	for (; k * f->window.step + f->window.rows <= rows; k++) {
		const int64_t first = k * f->window.step;
		const char *key = arena_printf(d->arena, "%" PRId64 "-%" PRId64, first + 1, first + f->window.rows);
		if (!seen_key(seen, key))
			*due_add(d, &cap) = (struct due_window){ .seq = k, .first = first, .last = first + f->window.rows, .key = key, .late = is_late(seen, k) };
	}
	return ST_OK;
}

/* ---- all ---- */

enum status monitor_due(struct store *s, const struct monitor_file *f, const struct monitor_seen *known, int64_t now_ms, struct task *t, struct due *out, struct err *e)
{
	struct seen seen;
	*out = (struct due){ .arena = arena_new() };
	enum status st = seen_load(s, known, &seen, e);
	if (st == ST_OK)
		st = f->window.kind == WINDOW_FILES ? due_files(f, &seen, known->added_ms, now_ms, out, e) : f->window.kind == WINDOW_ROWS ? due_rows(f, &seen, t, out, e)
			: due_time(f, &seen, known->added_ms, now_ms, t, out, e);
	map_free(seen.keys), map_free(seen.failed), map_free(seen.missing);
	if (out->n > (size_t)f->catch_up)
		out->left = out->n - (size_t)f->catch_up, out->n = (size_t)f->catch_up;
	if (f->schedule_ms)
		out->next_ms = now_ms + f->schedule_ms;
	if (out->left)
		out->next_ms = now_ms;
	return st;
}

void due_free(struct due *d)
{
	arena_free(d->arena);
	free(d->at);
	*d = (struct due){ .n = 0 };
}

void monitor_side(const struct monitor_file *f, int64_t first, int64_t last, const char *key, struct arena *a, const char **path, struct drift_rows *rows)
{
	char *source = monitor_path(f, f->source.path), *file = f->window.kind == WINDOW_FILES ? fs_join(source, key) : NULL;
	*rows = (struct drift_rows){ 0 };
	*path = arena_strdup(a, file ? file : source);
	if (f->window.kind == WINDOW_TIME)
		rows->time_column = f->window.time, rows->from_ms = first, rows->to_ms = last;
	if (f->window.kind == WINDOW_ROWS)
		rows->first = (size_t)first, rows->count = (size_t)(last - first);
	free(source);
	free(file);
}
