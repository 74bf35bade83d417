/* Following sources: inotify for what the local kernel sees, stat() for the rest, one descriptor for both.
 *
 * Data     a source has a watch list (from its importer): files, watched through their folder so that a replaced
 *          or returning file is seen, and folders. A rule ties an inotify watch to a source and, for
 *          files, a name. The list's stats are hashed into a stamp.
 * Polling  every source's stamp is compared now and then: each second where inotify cannot see (network and
 *          FUSE file systems, a vanished folder, no watches left), each 5 seconds as a safety net else.
 * Time     all moments that matter - the end of a merged burst, the next poll, work an import put
 *          off, a path handed out too long ago - arm one timerfd; it and inotify sit in one epoll
 *          descriptor, so that the caller only needs to watch that.
 * Bounds   1,024 rules; lists are cut at 4,096 paths. Beyond: polling. */
#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/runs/hash.h"
#include "core/runs/import.h"

enum { MERGE_MS = 100, POLL_MS = 1000, SAFETY_MS = 5000, HANDED_OUT_MS = 10000, MOST_RULES = 1024, MOST_PATHS = 4096 };
static const uint32_t mask = IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;

struct rule { int wd; size_t source; char *name; };     /* name NULL: anything in the folder */
struct followed {
	char *path;
	char **list; size_t n_list, cap_list;   /* what it watches */
	uint64_t stamp;
	int64_t dirty_ms, named_ms, poll_ms;     /* monotonic; 0: not */
	int64_t owed_ms;                         /* wall clock; 0: nothing was put off */
	bool polled;                             /* inotify does not see all of it */
};
struct follow {
	struct store_pool *pool;
	struct followed *at; size_t n;
	struct rule *rules; size_t n_rules, cap_rules;
	char **due;
	int inotify, timer, epoll;
};

static int64_t now_ms(void) { return clock_mono_us() / 1000; }

/* ---- what is watched ---- */

static uint64_t stamp_stat(uint64_t h, const struct stat *sb)
{
	h = hash_word(hash_word(h, (uint64_t)sb->st_ino), (uint64_t)sb->st_size);
	return hash_word(hash_word(h, (uint64_t)sb->st_mtim.tv_sec), (uint64_t)sb->st_mtim.tv_nsec);
}

/* The files right below a folder: appending to one does not change the folder itself. */
static uint64_t stamp_files(const char *folder)
{
	DIR *d = opendir(folder);
	uint64_t sum = 0;

	for (struct dirent *x; d && (x = readdir(d));) {
		struct stat sb;

		if (fstatat(dirfd(d), x->d_name, &sb, 0) == 0 && S_ISREG(sb.st_mode))
			sum += stamp_stat(hash_bytes(HASH_START, x->d_name, strlen(x->d_name)), &sb);
	}
	if (d)
		closedir(d);
	return sum;
}

static uint64_t stamp_of(const struct followed *s)
{
	uint64_t h = HASH_START;

	for (size_t i = 0; i < s->n_list; i++) {
		struct stat sb;

		if (stat(s->list[i], &sb) != 0) {
			h = hash_word(h, i);
			continue;
		}
		h = stamp_stat(h, &sb);
		if (s->polled && S_ISDIR(sb.st_mode))
			h = hash_word(h, stamp_files(s->list[i]));
	}
	return h;
}

static bool is_remote(const char *folder)
{
	static const unsigned long remote[] = { 0x6969 /* NFS */, 0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */, 0x517b /* SMB */, 0x65735546 /* FUSE */,
		0x01021997 /* 9p */, 0x0bd00bd0 /* Lustre */, 0x47504653 /* GPFS */, 0x19830326 /* BeeGFS */, 0x00c36400 /* Ceph */ };
	struct statfs fs;

	if (statfs(folder, &fs) != 0)
		return true;
	for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
		if ((unsigned long)fs.f_type == remote[i])
			return true;
	return false;
}

static void drop_rules(struct follow *f, size_t source)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_rules; i++) {
		if (f->rules[i].source == source)
			free(f->rules[i].name);
		else
			f->rules[kept++] = f->rules[i];
	}
	f->n_rules = kept;
}

/* Watches that no rule needs any more. */
static void drop_watch(struct follow *f, int wd)
{
	for (size_t i = 0; i < f->n_rules; i++)
		if (f->rules[i].wd == wd)
			return;
	inotify_rm_watch(f->inotify, wd);
}

static void add_rule(struct follow *f, size_t source, const char *path)
{
	struct stat sb;
	const char *slash = strrchr(path, '/');
	const bool folder = stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
	char *watched = folder ? mem_strdup(path) : slash && slash > path ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup("/");
	const int wd = f->n_rules < MOST_RULES && f->inotify >= 0 ? inotify_add_watch(f->inotify, watched, mask) : -1;

	if (wd < 0 || is_remote(watched))
		f->at[source].polled = true;
	if (wd >= 0) {
		MEM_GROW(f->rules, f->cap_rules, f->n_rules + 1);
		f->rules[f->n_rules++] = (struct rule){ wd, source, folder ? NULL : mem_strdup(slash ? slash + 1 : path) };
	}
	free(watched);
}

static const struct importer *importer_named(const char *id)
{
	for (size_t i = 0; i < import_count(); i++)
		if (!strcmp(import_at(i)->id, id))
			return import_at(i);
	return NULL;
}

/* The importer's list for a known source, and when work it put off is due; else just the path. */
static void ask_importer(struct follow *f, struct followed *s, struct str *out)
{
	struct store *store = store_get(f->pool, NULL);
	sqlite3_stmt *st = store ? store_stmt(store, "SELECT id,kind,state FROM source WHERE uri=?1", NULL) : NULL;

	s->owed_ms = 0;
	if (st) {
		sqlite3_bind_text(st, 1, s->path, -1, SQLITE_STATIC);
		if (sqlite3_step(st) == SQLITE_ROW) {
			const int64_t id = sqlite3_column_int64(st, 0);
			const struct importer *im = importer_named((const char *)sqlite3_column_text(st, 1));
			json_t *state = json_loads((const char *)sqlite3_column_text(st, 2), 0, NULL);

			s->owed_ms = json_integer_value(json_object_get(state, "again_ms"));
			json_decref(state);
			sqlite3_reset(st);
			if (im)
				im->watch(store, id, s->path, out);
		}
		sqlite3_reset(st);
	}
	if (store)
		store_put(f->pool, store);
	if (!out->len)
		str_addf(out, "%s\n", s->path);
}

static void set_list(struct followed *s, char *text)
{
	for (size_t i = 0; i < s->n_list; i++)
		free(s->list[i]);
	s->n_list = 0;
	for (char *line = text, *end; *line && s->n_list < MOST_PATHS; line = end + 1) {
		if (!(end = strchr(line, '\n')))
			break;
		*end = 0;
		MEM_GROW(s->list, s->cap_list, s->n_list + 1);
		s->list[s->n_list++] = mem_strdup(line);
	}
	s->polled = s->n_list == MOST_PATHS;
}

static bool same_list(const struct followed *s, const char *text)
{
	for (size_t i = 0; i < s->n_list; i++) {
		const size_t n = strlen(s->list[i]);

		if (strncmp(text, s->list[i], n) != 0 || text[n] != '\n')
			return false;
		text += n + 1;
	}
	return *text == 0 && s->n_list > 0;
}

/* Takes a new watch list. Folders are watched again also when the list is the same: they may have been replaced. */
static void rewatch(struct follow *f, size_t i)
{
	struct followed *s = &f->at[i];
	struct str text = STR_INIT;
	int *old = mem_array(f->n_rules + 1, sizeof *old);
	size_t n_old = 0;

	for (size_t r = 0; r < f->n_rules; r++)
		if (f->rules[r].source == i)
			old[n_old++] = f->rules[r].wd;
	ask_importer(f, s, &text);
	const bool same = same_list(s, text.p);

	if (!same)
		set_list(s, text.p);
	s->polled = s->n_list == MOST_PATHS;
	drop_rules(f, i);
	for (size_t k = 0; k < s->n_list; k++)
		add_rule(f, i, s->list[k]);
	for (size_t k = 0; k < n_old; k++)
		drop_watch(f, old[k]);
	if (!same) {
		s->stamp = stamp_of(s);
		s->dirty_ms = now_ms();          /* something may have changed before it was watched */
	}
	free(old);
	str_free(&text);
}

/* ---- time ---- */

static int64_t poll_every(const struct followed *s) { return s->polled ? POLL_MS : SAFETY_MS; }

/* When, from now, the source is to be looked at again. */
static int64_t next_moment(const struct followed *s, int64_t now)
{
	int64_t at = s->poll_ms + poll_every(s);

	if (s->named_ms)
		return s->named_ms + HANDED_OUT_MS - now;
	if (s->dirty_ms && s->dirty_ms + MERGE_MS < at)
		at = s->dirty_ms + MERGE_MS;
	if (s->owed_ms) {
		const int64_t owed = now + s->owed_ms - clock_wall_ms();

		at = owed < at ? owed : at;
	}
	return at - now;
}

static void arm(struct follow *f)
{
	const int64_t now = now_ms();
	int64_t wait = SAFETY_MS;

	for (size_t i = 0; i < f->n; i++) {
		const int64_t next = next_moment(&f->at[i], now);

		wait = next < wait ? next : wait;
	}
	wait = wait < 1 ? 1 : wait;
	const struct itimerspec t = { .it_value = { wait / 1000, wait % 1000 * 1000000 } };

	if (f->timer >= 0)
		timerfd_settime(f->timer, 0, &t, NULL);
}

/* ---- events ---- */

static void mark(struct followed *s, int64_t now)
{
	if (!s->dirty_ms)
		s->dirty_ms = now;
}

static void take_event(struct follow *f, const struct inotify_event *ev, int64_t now)
{
	for (size_t i = 0; i < f->n && ev->mask & IN_Q_OVERFLOW; i++)
		mark(&f->at[i], now);
	for (size_t i = 0; i < f->n_rules; i++) {
		const struct rule *r = &f->rules[i];
		struct followed *s = &f->at[r->source];

		if (r->wd != ev->wd || s->dirty_ms)
			continue;
		if (ev->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF))
			s->polled = true;        /* the folder is gone: its return is only seen by looking */
		if (!r->name || !ev->len || !strcmp(r->name, ev->name) || ev->mask & (IN_DELETE_SELF | IN_MOVE_SELF))
			mark(s, now);
	}
}

static void drain(struct follow *f)
{
	_Alignas(struct inotify_event) char buf[16384];
	const int64_t now = now_ms();
	uint64_t ticks;
	ssize_t n;

	while (f->inotify >= 0 && (n = read(f->inotify, buf, sizeof buf)) > 0)
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *ev = (const struct inotify_event *)(void *)p;

			take_event(f, ev, now);
			p += sizeof *ev + ev->len;
		}
	while (f->timer >= 0 && read(f->timer, &ticks, sizeof ticks) > 0)
		;
}

static void poll_source(struct followed *s, int64_t now)
{
	if (now - s->poll_ms < poll_every(s))
		return;
	s->poll_ms = now;
	if (stamp_of(s) != s->stamp)
		mark(s, now - MERGE_MS);
}

static bool is_due(struct followed *s, int64_t now)
{
	if (s->named_ms && now - s->named_ms < HANDED_OUT_MS)
		return false;
	s->named_ms = 0;
	return (s->dirty_ms && now - s->dirty_ms >= MERGE_MS) || (s->owed_ms && clock_wall_ms() >= s->owed_ms);
}

char *const *follow_due(struct follow *f)
{
	const int64_t now = now_ms();
	size_t n = 0;

	drain(f);
	for (size_t i = 0; i < f->n; i++) {
		struct followed *s = &f->at[i];

		poll_source(s, now);
		if (!is_due(s, now))
			continue;
		s->stamp = stamp_of(s);          /* taken before the import looks */
		s->named_ms = now;
		s->dirty_ms = s->owed_ms = 0;
		f->due[n++] = s->path;
	}
	f->due[n] = NULL;
	arm(f);
	return f->due;
}

void follow_rescan(struct follow *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->at[i].path, path) != 0)
			continue;
		f->at[i].named_ms = 0;
		rewatch(f, i);
	}
	arm(f);
}

/* ---- life ---- */

static void join(struct follow *f, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (f->epoll >= 0 && fd >= 0)
		epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &ev);
}

struct follow *follow_new(struct store_pool *pool, char *const *paths)
{
	struct follow *f = mem_zalloc(sizeof *f);

	f->pool = pool;
	f->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	f->epoll = f->timer >= 0 ? epoll_create1(EPOLL_CLOEXEC) : -1;
	join(f, f->inotify);
	join(f, f->timer);
	while (paths && paths[f->n])
		f->n++;
	f->at = mem_array(f->n + 1, sizeof *f->at);
	f->due = mem_array(f->n + 1, sizeof *f->due);
	for (size_t i = 0; i < f->n; i++) {
		f->at[i].path = mem_strdup(paths[i]);
		f->at[i].poll_ms = now_ms();
		rewatch(f, i);
		f->at[i].dirty_ms = 0;
	}
	arm(f);
	return f;
}

int follow_fd(const struct follow *f) { return f->epoll; }

int follow_poll_ms(const struct follow *f) { return f->epoll >= 0 ? SAFETY_MS : MERGE_MS * 2; }

void follow_stop(struct follow *f)
{
	int last = -1;

	for (size_t i = 0; f && i < f->n_rules; i++) {
		if (f->rules[i].wd != last)
			inotify_rm_watch(f->inotify, f->rules[i].wd);    /* a watch that several rules share: the next ones fail, which is no harm */
		last = f->rules[i].wd;
	}
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		drop_rules(f, i);
		set_list(&f->at[i], str_empty);
		free(f->at[i].list);
		free(f->at[i].path);
	}
	for (int i = 0; i < 3; i++) {
		const int fd = (const int[]){ f->inotify, f->timer, f->epoll }[i];

		if (fd >= 0)
			close(fd);
	}
	free(f->at), free(f->rules), free(f->due);
	free(f);
}
