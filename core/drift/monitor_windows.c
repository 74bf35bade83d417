/* Which windows are complete and were not looked at yet, oldest first.
 *
 * Time     windows are aligned: to multiples of their length since 1970 UTC, weeks to Mondays. The first is that of the first row (or of start:). One is
 *          complete when it is over and a row of after its end is there, or when `wait` has passed since. A complete one without a row is missing; after the
 *          last row only those count that ended after the monitor was added: before that nobody promised data.
 * Rows     window k covers rows k * step to k * step + rows, complete when they are there. A last line without its line end is not counted: it is being written.
 * Files    in the order of their names (numbers by value); a file that appears later comes later, whatever its name. Names that begin with a dot, and
 *          those of files being written (.tmp, .part), are passed over; `settle` leaves out what changed a moment ago.
 * Again    the newest window, when it failed, is looked at again: it may have been read half written. Once a later one is there it stays as it is,
 *          unless it is asked for (monitor run --again). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/monitor_impl.h"
#include "core/registry/regsql.h"

enum { DAY_MS = 86400000, WEEK_MS = 7 * DAY_MS, MOST_FILES = 100000 };

/* What was looked at: a key's value is its seq. Windows that are to be looked at again are left out of `keys`. */
struct seen { struct map *keys, *failed; int64_t last_seq, first_again; bool any; };

static void keep_key(struct map *m, const char *key, int64_t seq) { *map_value(m, map_add(m, key, strlen(key), NULL)) = (intptr_t)seq; }

static enum status seen_load(struct store *s, const struct monitor_seen *known, struct seen *seen, struct err *e)
{
	int rc;
	*seen = (struct seen){ .keys = map_new(), .failed = map_new(), .first_again = INT64_MAX };
	if (!s)
		return ST_OK;
	sqlite3_stmt *q = reg_query(s, e,
		"SELECT seq, key, state = 'failed' AND (?2 OR seq = (SELECT max(seq) FROM monitor_window WHERE monitor_id = ?1)) FROM monitor_window WHERE monitor_id = ?1 ORDER BY seq",
		"ii", known->id, (int64_t)known->again);
	if (!q)
		return ST_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		const bool again = sqlite3_column_int(q, 2);
		seen->last_seq = sqlite3_column_int64(q, 0), seen->any = true;
		keep_key(again ? seen->failed : seen->keys, reg_column(q, 1), seen->last_seq);
		if (again && seen->last_seq < seen->first_again)
			seen->first_again = seen->last_seq;
	}
	return reg_done(s, q, rc, e);
}

/* The first window by number that may be due. */
static int64_t seen_next(const struct seen *seen, int64_t otherwise)
{
	return !seen->any ? otherwise : seen->first_again < seen->last_seq + 1 ? seen->first_again : seen->last_seq + 1;
}

static bool seen_key(const struct seen *seen, const char *key) { return map_find(seen->keys, key, strlen(key)) >= 0; }
static bool is_late(const struct seen *seen, int64_t seq) { return seen->any && seq < seen->last_seq; }

static struct due_window *add_window(struct due *d, size_t *cap)
{
	MEM_GROW(d->at, *cap, d->n + 1);
	d->at[d->n] = (struct due_window){ .key = "" };
	return &d->at[d->n++];
}

/* ---- files ---- */

static int by_name(const void *a, const void *b) { return strverscmp(*(const char *const *)a, *(const char *const *)b); }

static bool being_written(const char *name)
{
	static const char *const ends[] = { ".tmp", ".part", ".partial", ".crdownload", "~" };
	const size_t n = strlen(name);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (n > strlen(ends[i]) && !strcmp(name + n - strlen(ends[i]), ends[i]))
			return true;
	return *name == '.';
}

static bool is_wanted(const struct monitor_file *f, int folder, const char *name, int64_t now_ms, int64_t *next_ms)
{
	struct stat st;
	if (being_written(name) || fnmatch(f->source.glob, name, 0) != 0 || fstatat(folder, name, &st, 0) != 0 || !S_ISREG(st.st_mode))
		return false;
	const int64_t changed = st.st_mtim.tv_sec * INT64_C(1000) + st.st_mtim.tv_nsec / 1000000;
	if (f->window.settle_ms && changed + f->window.settle_ms > now_ms) {
		*next_ms = *next_ms && *next_ms < changed + f->window.settle_ms ? *next_ms : changed + f->window.settle_ms;
		return false;
	}
	return true;
}

static enum status list_files(const struct monitor_file *f, int64_t now_ms, struct due *d, const char ***out, size_t *n, struct err *e)
{
	size_t cap = 0;
	char *path = monitor_path(f, f->source.path);
	DIR *folder = opendir(path);
	struct dirent *entry;
	enum status st = ST_OK;
	*out = NULL, *n = 0;
	if (!folder)
		st = err_set(e, ST_FAILED, "cannot open the folder %s: %s", path, strerror(errno));
	while (st == ST_OK && (errno = 0, entry = readdir(folder)))
		if (is_wanted(f, dirfd(folder), entry->d_name, now_ms, &d->next_ms)) {
			if (*n == MOST_FILES) {
				st = err_set(e, ST_REFUSED, "the folder %s has more than %d files; choose some with glob:", path, MOST_FILES);
				break;
			}
			MEM_GROW(*out, cap, *n + 1);
			(*out)[(*n)++] = arena_strdup(d->arena, entry->d_name);
		}
	if (st == ST_OK && errno)
		st = err_set(e, ST_FAILED, "cannot read the folder %s: %s", path, strerror(errno));
	if (folder)
		closedir(folder);
	free(path);
	if (*n)
		qsort(*out, *n, sizeof **out, by_name);
	return st;
}

/* The key of a file is its name, which therefore must be one that can be shown. */
static enum status due_files(const struct monitor_file *f, const struct seen *seen, int64_t now_ms, struct due *d, struct err *e)
{
	const char **names;
	size_t n, cap = 0;
	int64_t seq = seen->any ? seen->last_seq + 1 : 0;
	enum status st = list_files(f, now_ms, d, &names, &n, e);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		const int64_t failed = map_find(seen->failed, names[i], strlen(names[i]));
		const bool shown = text_is_clean(names[i], strlen(names[i]), 0);
		d->unshown += !shown;
		if (!shown || seen_key(seen, names[i]))
			continue;
		struct due_window *w = add_window(d, &cap);
		w->seq = failed >= 0 ? (int64_t)*map_value(seen->failed, (size_t)failed) : seq++;
		w->key = names[i];
		w->late = is_late(seen, w->seq);
	}
	free(names);
	return st;
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

static int64_t window_of(int64_t ms, int64_t every)
{
	const int64_t offset = every % WEEK_MS == 0 ? 4 * (int64_t)DAY_MS : 0;    /* 1970-01-05 was a Monday */
	int64_t k = (ms - offset) / every;
	return k - ((ms - offset) % every < 0);
}

static int64_t window_start(int64_t k, int64_t every) { return k * every + (every % WEEK_MS == 0 ? 4 * (int64_t)DAY_MS : 0); }

static const char *time_key(struct arena *a, int64_t ms, int64_t every)
{
	const time_t seconds = (time_t)(ms / 1000);
	struct tm t;
	gmtime_r(&seconds, &t);
	const char *day = arena_printf(a, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
	return every % DAY_MS == 0 ? day : arena_printf(a, "%sT%02d:%02dZ", day, t.tm_hour, t.tm_min);
}

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

/* Which of the windows from `from` on have rows. */
static bool *filled_windows(const struct frame_col *c, int64_t from, size_t n, int64_t every)
{
	bool *has = mem_zalloc(n + 1);
	for (size_t i = 0; i < c->n; i++) {
		if (!isfinite(c->num[i]))
			continue;
		const int64_t k = window_of((int64_t)floor(c->num[i]), every) - from;
		if (k >= 0 && (size_t)k < n)
			has[k] = true;
	}
	return has;
}

static bool is_complete(const struct monitor_file *f, int64_t end_ms, const struct span *s, int64_t now_ms)
{
	return end_ms <= now_ms && (s->last >= end_ms || now_ms >= end_ms + f->window.wait_ms);
}

static enum status due_time(const struct monitor_file *f, const struct seen *seen, int64_t added_ms, int64_t now_ms, struct task *t, struct due *d, struct err *e)
{
	const int64_t every = f->window.every_ms;
	struct frame *frame = NULL;
	size_t cap = 0;
	enum status st = read_source(f, f->window.time, t, &frame, e);
	const struct frame_col *c = st == ST_OK ? frame_find(frame, f->window.time) : NULL;
	if (st != ST_OK || !c || !c->num)
		goto done;
	const struct span s = span_of(c);
	if (!s.any && !seen->any)
		goto done;
	int64_t from = seen_next(seen, s.any ? window_of(s.first, every) : 0);
	if (f->has_start && window_of(f->start_ms, every) > from)
		from = window_of(f->start_ms, every);
	const int64_t to = window_of(now_ms, every);     /* the one at hand is not over */
	if (to - from > MONITOR_MOST_WINDOWS) {
		st = err_set(e, ST_REFUSED, "between %s and now lie %" PRId64 " windows, more than %d; say from when on with start:, or choose longer windows",
			time_key(d->arena, window_start(from, every), every), to - from, MONITOR_MOST_WINDOWS);
		goto done;
	}
	const size_t n = to > from ? (size_t)(to - from) : 0;
	bool *has = filled_windows(c, from, n, every);
	d->next_ms = window_start(from + (int64_t)n, every) + every;
	for (size_t i = 0; i < n; i++) {
		const int64_t k = from + (int64_t)i, start = window_start(k, every), end = start + every;
		if (!is_complete(f, end, &s, now_ms)) {
			d->next_ms = end + f->window.wait_ms;
			break;
		}
		const char *key = time_key(d->arena, start, every);
		if ((!has[i] && end > s.last && end <= added_ms) || seen_key(seen, key))
			continue;
		struct due_window *w = add_window(d, &cap);
		*w = (struct due_window){ .seq = k, .first = start, .last = end, .key = key, .missing = !has[i], .silent = !has[i] && end > s.last,
			.late = is_late(seen, k) };
	}
	free(has);
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
			*add_window(d, &cap) = (struct due_window){ .seq = k, .first = first, .last = first + f->window.rows, .key = key, .late = is_late(seen, k) };
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
		st = f->window.kind == WINDOW_FILES ? due_files(f, &seen, now_ms, out, e) : f->window.kind == WINDOW_ROWS ? due_rows(f, &seen, t, out, e)
			: due_time(f, &seen, known->added_ms, now_ms, t, out, e);
	map_free(seen.keys), map_free(seen.failed);
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
