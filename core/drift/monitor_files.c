/* Windows that are files of a folder, in the order of their names (numbers by value); a file that appears later comes later, whatever its name. Names that begin with
 * a dot, and those of files being written (.tmp, .part), are passed over; `settle` leaves out what changed a moment ago.
 *
 * Missing  where the window says how often a file comes (every:), the days in their names tell which did not. A period between two files without one of its own is
 *          missing; after the last file those are that are over for `wait` and ended after the monitor was added.
 * Guessed  without `every:`, seven days or more in the names that follow each other by one day, or by a week, three times in four, say the same for gaps; but
 *          nothing is concluded from the end of such a series, from a pause of more than a month, or from a day of the week that never had a file.
 * Named    what is missing is called as its file would be: the name before it, with its day. When a file of that day comes after all, it takes the place. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/drift/monitor_due.h"

enum { MOST_FILES = 100000, DAY_MS = 86400000, GUESS_FROM = 7, LONGEST_GUESSED = 31, STAMP_DIGITS = 14, FIRST_YEAR = 1970, LAST_YEAR = 2200 };

/* ---- the folder ---- */

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

static void sooner(int64_t *next_ms, int64_t ms) { *next_ms = *next_ms && *next_ms < ms ? *next_ms : ms; }

static bool is_wanted(const struct monitor_file *f, int folder, const char *name, int64_t now_ms, int64_t *next_ms)
{
	struct stat st;
	if (being_written(name) || fnmatch(f->source.glob, name, 0) != 0 || fstatat(folder, name, &st, 0) != 0 || !S_ISREG(st.st_mode))
		return false;
	const int64_t changed = st.st_mtim.tv_sec * INT64_C(1000) + st.st_mtim.tv_nsec / 1000000;
	if (f->window.settle_ms && changed + f->window.settle_ms > now_ms) {
		sooner(next_ms, changed + f->window.settle_ms);
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

/* ---- days in names ---- */

/* Where a name holds a day: year, month and day with one kind of sign between them, or none, and perhaps the hour after them. */
struct stamp { size_t at; char sign; int64_t local_ms; };

static bool digits(const char *p, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		if (!isdigit((unsigned char)p[i]))
			return false;
		*out = 10 * *out + (p[i] - '0');
	}
	return true;
}

/* The hour, where it follows: "T05", "_05", "-05", "05"; a number that goes on (a part, a version of one digit) is none. */
static int hour_after(const char *p)
{
	int hour, minute;
	p += *p && strchr("T_-", *p) && *p;
	if (!digits(p, 2, &hour) || hour > 23 || (isdigit((unsigned char)p[2]) && (!digits(p + 2, 2, &minute) || minute > 59)))
		return 0;
	return hour;
}

static bool stamp_at(const char *p, struct stamp *s)
{
	int y, m, d;
	struct tm t = { 0 };
	if (!digits(p, 4, &y))
		return false;
	s->sign = p[4] && strchr("-_.", p[4]) ? p[4] : '\0';
	const int gap = s->sign != '\0';
	if (!digits(p + 4 + gap, 2, &m) || (gap && p[7] != s->sign) || !digits(p + 6 + 2 * gap, 2, &d))
		return false;
	t = (struct tm){ .tm_year = y - 1900, .tm_mon = m - 1, .tm_mday = d };
	const time_t day = timegm(&t);
	if (y < FIRST_YEAR || y > LAST_YEAR || t.tm_mon != m - 1 || t.tm_mday != d)       /* the 31st of June became the 1st of July */
		return false;
	s->local_ms = (int64_t)day * 1000 + hour_after(p + 8 + 2 * gap) * INT64_C(3600000);
	return true;
}

static bool stamp_of(const char *name, struct stamp *s)
{
	for (size_t i = 0; name[i]; i++) {
		const size_t run = strspn(name + i, "0123456789");
		if ((run == 4 || run == 8 || run == 10 || run == 12 || run == STAMP_DIGITS) && stamp_at(name + i, s)) {
			s->at = i;
			return true;
		}
		i += run ? run - 1 : 0;
	}
	return false;
}

/* The name before it, with the moment at which window k begins in place of its own. */
static const char *expected_name(struct arena *a, const char *like, const struct monitor_window *w, int64_t k)
{
	struct stamp s;
	const char *key = grid_key(a, w, k);         /* "2026-11-20", perhaps with "T05:00Z" */
	if (!stamp_of(like, &s))
		return key;
	const char sign[2] = { s.sign, '\0' }, *rest = like + s.at + (s.sign ? 10 : 8);
	const char *day = arena_printf(a, "%.*s%.4s%s%.2s%s%.2s", (int)s.at, like, key, sign, key + 5, sign, key + 8);
	if (w->every_ms % DAY_MS == 0)
		return arena_printf(a, "%s%s", day, rest);
	const size_t before = *rest && strchr("T_-", *rest) != NULL, hour = strspn(rest + before, "0123456789");
	if (hour < 2)
		return arena_printf(a, "%sT%.2s%s", day, key + 11, rest);
	return arena_printf(a, "%s%.*s%.2s%.*s%s", day, (int)before, rest, key + 11, hour < 4 ? 0 : 2, key + 14, rest + before + (hour < 4 ? 2 : 4));
}

/* ---- which come how often ---- */

struct dated { const char *name; int64_t k; bool known; };           /* known: its name holds a day */
struct series {
	const struct monitor_file *f; const struct seen *seen; struct due *d; size_t cap; char *folder;
	struct monitor_window every; bool guessed, weekday[7];       /* every_ms 0: not known how often; weekday: had a file */
	struct dated *at; size_t n; int64_t *there; size_t n_there;          /* there: the periods of files, in order */
	int64_t next_seq, next_k, looked_k; bool has_next; const char *like; /* looked_k: where the series went on when this run began */
};

static int by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static int64_t guess_every(const char *const *names, size_t n)
{
	int64_t *days = mem_array(n + 1, sizeof *days);
	size_t dated = 0, distinct = 0, by[8] = { 0 };
	struct stamp s;
	for (size_t i = 0; i < n; i++)
		if (stamp_of(names[i], &s))
			days[dated++] = s.local_ms / DAY_MS;
	qsort(days, dated, sizeof *days, by_number);
	for (size_t i = 0; i < dated; i++)
		if (!i || days[i] != days[i - 1]) {
			const int64_t step = i ? days[i] - days[i - 1] : 0;
			by[step > 0 && step <= 7 ? step : 0] += i > 0;
			distinct++;
		}
	free(days);
	if (dated < n || distinct < GUESS_FROM)
		return 0;
	return 4 * by[1] >= 3 * (distinct - 1) ? DAY_MS : 4 * by[7] >= 3 * (distinct - 1) ? 7 * (int64_t)DAY_MS : 0;
}

static void series_begin(struct series *s, const char *const *names, size_t n)
{
	struct stamp stamp;
	s->every = s->f->window;
	s->at = mem_array(n + 1, sizeof *s->at);
	s->there = mem_array(n + 1, sizeof *s->there);
	s->n = n;
	if (!s->every.every_ms && s->f->missing != MISSING_IGNORE) {
		s->every.every_ms = guess_every(names, n);
		s->guessed = true;
	}
	for (size_t i = 0; i < n; i++) {
		s->at[i] = (struct dated){ .name = names[i] };
		s->at[i].known = s->every.every_ms && stamp_of(names[i], &stamp);
		if (s->at[i].known)
			s->there[s->n_there++] = s->at[i].k = grid_at_local(&s->every, stamp.local_ms);
		if (s->at[i].known)
			s->weekday[stamp.local_ms / DAY_MS % 7] = true;
	}
	qsort(s->there, s->n_there, sizeof *s->there, by_number);
}

/* Where the series goes on: after the last window that was looked at, or with the first file. */
static void take_next(struct series *s, int64_t k, bool later, const char *name)
{
	if (s->has_next && (later ? k <= s->next_k : k >= s->next_k))
		return;
	s->next_k = k, s->has_next = true, s->like = name;
}

static void find_next(struct series *s)
{
	const struct map *const maps[] = { s->seen->keys, s->seen->failed, s->seen->missing };
	struct stamp stamp;
	for (size_t m = 0; s->every.every_ms && m < 3; m++)
		for (size_t i = 0; i < map_count(maps[m]); i++) {
			const char *key = map_key(maps[m], i, NULL);
			if (stamp_of(key, &stamp))
				take_next(s, grid_at_local(&s->every, stamp.local_ms) + 1, true, arena_strdup(s->d->arena, key));
		}
	if (!s->has_next)
		for (size_t i = 0; i < s->n; i++)
			if (s->at[i].known)
				take_next(s, s->at[i].k, false, s->at[i].name);
	if (s->has_next && s->f->has_start && grid_at(&s->every, s->f->start_ms) > s->next_k)
		s->next_k = grid_at(&s->every, s->f->start_ms);
	s->looked_k = s->next_k;
}

static bool is_there(const struct series *s, int64_t k) { return bsearch(&k, s->there, s->n_there, sizeof k, by_number) != NULL; }

/* Of a series that was guessed: a day on which no file is awaited. */
static bool is_free(const struct series *s, int64_t k) { return s->guessed && s->every.every_ms == DAY_MS && !s->weekday[k % 7]; }

/* A file that may not be looked at yet (settle:) is not missing. */
static bool is_coming(const struct series *s, const char *name)
{
	char *path = fs_join(s->folder, name);
	const bool yes = fs_is_file(path);
	free(path);
	return yes;
}

static void add_missing(struct series *s, int64_t to, bool silent)
{
	const bool pause = s->guessed && to - s->next_k > LONGEST_GUESSED;
	for (; s->next_k < to; s->next_k++) {
		const char *name = pause || is_there(s, s->next_k) || is_free(s, s->next_k) ? NULL : expected_name(s->d->arena, s->like, &s->every, s->next_k);
		int64_t seq;
		if (!name || is_coming(s, name) || seen_in(s->seen->keys, name, &seq) || seen_in(s->seen->missing, name, &seq))
			continue;
		*due_add(s->d, &s->cap) = (struct due_window){ .seq = s->next_seq++, .key = name, .missing = true, .silent = silent };
	}
}

/* The place of a window that was missing, by its name or by its day. */
static bool was_missing(const struct series *s, const struct dated *x, int64_t *seq)
{
	struct stamp stamp;
	if (seen_in(s->seen->missing, x->name, seq))
		return true;
	for (size_t i = 0; x->known && x->k < s->looked_k && i < map_count(s->seen->missing); i++)
		if (stamp_of(map_key(s->seen->missing, i, NULL), &stamp) && grid_at_local(&s->every, stamp.local_ms) == x->k) {
			*seq = (int64_t)*map_value(s->seen->missing, i);
			for (size_t d = 0; d < s->d->n; d++)
				if (s->d->at[d].seq == *seq)
					return false;    /* another file of that day has it */
			return true;
		}
	return false;
}

static void add_file(struct series *s, const struct dated *x)
{
	int64_t seq;
	if (seen_in(s->seen->keys, x->name, &seq))
		return;
	if (!seen_in(s->seen->failed, x->name, &seq) && !was_missing(s, x, &seq)) {
		if (x->known && s->has_next && x->k >= s->next_k) {
			add_missing(s, x->k, false);
			s->next_k = x->k + 1;
		}
		seq = s->next_seq++;
	}
	if (x->known)
		s->like = x->name;
	struct due_window *w = due_add(s->d, &s->cap);
	w->seq = seq, w->key = x->name, w->late = is_late(s->seen, seq);
}

/* The end of the series: periods that are over. */
static void add_silent(struct series *s, int64_t added_ms, int64_t now_ms)
{
	const struct monitor_window *w = &s->every;
	const int64_t at = grid_at(w, now_ms);
	int64_t to = s->next_k;
	while (to < at && grid_start(w, to + 1) + w->wait_ms <= now_ms)
		to++;
	while (s->next_k < to && grid_start(w, s->next_k + 1) <= added_ms)
		s->next_k++;                             /* nobody promised those */
	add_missing(s, to, true);
	sooner(&s->d->next_ms, grid_start(w, to + 1) + w->wait_ms);
}

static enum status too_many(const struct series *s, int64_t now_ms, struct err *e)
{
	int64_t last = grid_at(&s->every, now_ms);
	for (size_t i = 0; i < s->n; i++)
		last = s->at[i].known && s->at[i].k > last ? s->at[i].k : last;
	if (s->guessed || last - s->next_k <= MONITOR_MOST_WINDOWS)
		return ST_OK;
	return err_set(e, ST_REFUSED, "between %s and the newest file or now lie %" PRId64 " windows, more than %d; say from when on with start:, or mend the names",
		grid_key(s->d->arena, &s->every, s->next_k), last - s->next_k, MONITOR_MOST_WINDOWS);
}

/* The key of a file is its name, which therefore must be one that can be shown. */
static size_t keep_shown(const char **names, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (text_is_clean(names[i], strlen(names[i]), 0))
			names[kept++] = names[i];
	return kept;
}

enum status due_files(const struct monitor_file *f, const struct seen *seen, int64_t added_ms, int64_t now_ms, struct due *d, struct err *e)
{
	const char **names;
	size_t n;
	struct series s = { .f = f, .seen = seen, .d = d, .next_seq = seen->any ? seen->last_seq + 1 : 0 };
	enum status st = list_files(f, now_ms, d, &names, &n, e);
	if (st == ST_OK) {
		const size_t shown = keep_shown(names, n);
		d->unshown = n - shown;
		s.folder = monitor_path(f, f->source.path);
		series_begin(&s, names, shown);
		find_next(&s);
		st = s.has_next ? too_many(&s, now_ms, e) : ST_OK;
	}
	for (size_t i = 0; st == ST_OK && i < s.n; i++)
		add_file(&s, &s.at[i]);
	if (st == ST_OK && s.has_next && !s.guessed)
		add_silent(&s, added_ms, now_ms);
	free(s.at);
	free(s.there);
	free(s.folder);
	free(names);
	return st;
}
