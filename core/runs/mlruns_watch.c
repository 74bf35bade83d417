/* What tells that a file store changed: its fingerprint, and the folders to watch.
 *
 * Fingerprint   a sum over name, inode, size and ctime of every file that is read: no artifacts. For stores
 *          of some ten thousand files that is quick; hot passes do without it.
 * Watched  the root, the newest experiments, and of the newest unfinished runs the folders to which they log.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "core/base/clock.h"
#include "core/runs/hash.h"
#include "core/runs/mlruns.h"

enum { MOST_WATCHED = 200, UNSETTLED_MS = 50 };

int64_t mlruns_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);       /* beside file times, which are never injected */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct walk { uint64_t sum; int64_t now_ns, files; bool unsettled; };

static void walk_file(struct walk *w, const char *rel, const struct stat *sb)
{
	const int64_t changed = (int64_t)sb->st_ctim.tv_sec * 1000000000 + sb->st_ctim.tv_nsec;
	uint64_t h = hash_bytes(HASH_START, rel, strlen(rel));

	h = hash_word(hash_word(h, sb->st_ino), (uint64_t)sb->st_size);
	w->sum += hash_word(h, (uint64_t)changed);
	w->files++;
	w->unsettled |= w->now_ns >= changed && w->now_ns - changed < (int64_t)UNSETTLED_MS * 1000000;
}

/* Symbolic links to folders are followed for experiments and runs only, so that no loop is walked more than once. */
static void walk(struct walk *w, int at, const char *name, const char *rel, int depth, bool in_keys)
{
	static const char *const keyed[] = { "metrics", "params", "tags", "request_metadata" };
	const int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (depth > 2 ? O_NOFOLLOW : 0));
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct str sub = STR_INIT;

	for (size_t i = 0; i < sizeof keyed / sizeof *keyed; i++)
		in_keys |= !strcmp(name, keyed[i]);
	for (struct dirent *x; d && depth <= MLRUNS_MOST_DEPTH + 4 && w->files < (int64_t)MLRUNS_MOST_FILES * 100 && (x = readdir(d));) {
		struct stat sb;
		const bool artifacts = !in_keys && !strcmp(x->d_name, "artifacts");

		if (!strcmp(x->d_name, ".") || !strcmp(x->d_name, ".."))
			continue;
		str_clear(&sub);
		str_addf(&sub, "%s/%s%s", rel, x->d_name, artifacts ? "/traces.json" : "");
		if (fstatat(fd, artifacts ? "artifacts/traces.json" : x->d_name, &sb, 0) != 0)
			continue;
		if (S_ISREG(sb.st_mode))
			walk_file(w, sub.p, &sb);
		else if (S_ISDIR(sb.st_mode) && !artifacts)
			walk(w, fd, x->d_name, sub.p, depth + 1, in_keys);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	str_free(&sub);
}

enum status mlruns_fingerprint(const char *path, struct str *out, struct err *e)
{
	struct walk w = { .now_ns = mlruns_now_ns() };

	if (access(path, R_OK | X_OK) != 0)
		return err_set(e, ST_FAILED, "%s: cannot be read (%s)", path, strerror(errno));
	walk(&w, AT_FDCWD, path, "", 0, false);
	str_addf(out, "1 %lld %016llx", (long long)w.files, (unsigned long long)w.sum);
	if (w.unsettled)
		str_addf(out, " unsettled %lld", (long long)clock_mono_us());
	return ST_OK;
}

/* A folder and those below it, a few levels: keys with '/' make folders. */
static void watch_folder(int at, const char *path, int depth, struct str *out)
{
	const int fd = dir_open(at, path);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct str sub = STR_INIT;

	if (d)
		str_addf(out, "%s\n", path);
	for (struct dirent *x; d && depth > 0 && (x = readdir(d));) {
		if (x->d_name[0] == '.' || (x->d_type != DT_DIR && x->d_type != DT_UNKNOWN))
			continue;
		str_clear(&sub);
		str_addf(&sub, "%s/%s", path, x->d_name);
		watch_folder(at, sub.p, depth - 1, out);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	str_free(&sub);
}

static void watch_run(const char *path, const char *experiment, const char *uuid, struct str *out)
{
	static const char *const parts[] = { "metrics", "params", "tags" };
	struct str run = STR_INIT;

	str_addf(&run, "%s/%s/%s", path, experiment, uuid);
	watch_folder(AT_FDCWD, run.p, 0, out);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		str_clear(&run);
		str_addf(&run, "%s/%s/%s/%s", path, experiment, uuid, parts[i]);
		watch_folder(AT_FDCWD, run.p, i == 0 ? 3 : 0, out);
	}
	str_free(&run);
}

/* The root, its experiments, and the folders of the newest unfinished runs. */
void mlruns_watch(struct store *s, int64_t source_id, const char *path, struct str *out)
{
	static const char *const sql[] = { "SELECT ext_id,NULL FROM experiment WHERE source_id=?1 AND deleted=0 ORDER BY updated_ms DESC LIMIT ?2",
		"SELECT x.ext_id,r.uuid FROM run r JOIN experiment x ON x.id=r.experiment_id"
		" WHERE r.source_id=?1 AND r.status IN (1,2) AND r.deleted=0 ORDER BY r.start_ms DESC LIMIT ?2" };
	struct str folder = STR_INIT;

	str_addf(out, "%s\n", path);
	for (int i = 0; i < 2; i++) {
		sqlite3_stmt *st = store_stmt(s, sql[i], NULL);

		if (!st)
			break;
		sqlite3_bind_int64(st, 1, source_id);
		sqlite3_bind_int64(st, 2, MOST_WATCHED);
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *id = (const char *)sqlite3_column_text(st, 0), *uuid = (const char *)sqlite3_column_text(st, 1);

			str_clear(&folder);
			str_addf(&folder, "%s/%s", path, id);
			if (uuid)
				watch_run(path, id, uuid, out);
			else
				watch_folder(AT_FDCWD, folder.p, 0, out);
		}
		sqlite3_reset(st);
	}
	str_free(&folder);
}
