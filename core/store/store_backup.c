/* A copy is made beside its destination, checked, synced and renamed: the old copy or the new, never half.
 * The source connection holds a read transaction meanwhile, so the copy is one state of the workspace and
 * does not start over when somebody commits. */
#include "core/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/store_internal.h"

enum { PAGES_AT_ONCE = 1024 };

static enum status copy_pages(struct store *s, sqlite3 *to, const char *path, struct task *t, struct err *e)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
	if (!b)
		return store_sqlite_error(to, path, e, "cannot begin the copy");
	int rc;
	enum status st = ST_OK;
	do {
		rc = sqlite3_backup_step(b, PAGES_AT_ONCE);
		int total = sqlite3_backup_pagecount(b);
		if (t)
			task_progress(t, total - sqlite3_backup_remaining(b), total);
		if (task_cancelled(t))
			st = err_set(e, ST_CANCELLED, "the copy was stopped");
	} while (rc == SQLITE_OK && st == ST_OK);
	int end = sqlite3_backup_finish(b);
	if (st == ST_OK && end != SQLITE_OK)
		st = store_sqlite_error(to, path, e, "cannot write the copy");
	return st;
}

static enum status check_copy(sqlite3 *db, const char *path, struct err *e)
{
	sqlite3_stmt *q = NULL;
	enum status st = ST_OK;
	if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)
		st = store_sqlite_error(db, path, e, "cannot check the copy");
	else if (strcmp((const char *)sqlite3_column_text(q, 0), "ok") != 0)
		st = err_set(e, ST_FAILED, "the copy is damaged (%s); run mlyard doctor on %s", (const char *)sqlite3_column_text(q, 0), path);
	sqlite3_finalize(q);
	return st;
}

static enum status sync_path(const char *path, int flags, struct err *e)
{
	int fd = open(path, flags | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0) {
		enum status st = err_set(e, ST_FAILED, "cannot sync %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return st;
	}
	close(fd);
	return ST_OK;
}

static enum status fill(struct store *s, const char *part, struct task *t, struct err *e)
{
	sqlite3 *to = NULL;
	enum status st = ST_OK;
	if (sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		st = store_sqlite_error(to, part, e, "cannot open the copy");
	if (st == ST_OK)
		st = copy_pages(s, to, part, t, e);
	if (st == ST_OK)
		st = check_copy(to, s->pool->path, e);
	sqlite3_close(to);      /* the only connection: folds in and removes what WAL mode left beside */
	return st == ST_OK ? sync_path(part, O_RDONLY, e) : st;
}

/* A WAL that was left beside the destination would be replayed over the new file. */
static enum status may_take_place(const struct store *s, const char *dest, bool replace, struct err *e)
{
	struct stat is, own;
	if (lstat(dest, &is) < 0)
		return errno == ENOENT ? ST_OK : err_set(e, ST_FAILED, "cannot look at %s: %s", dest, strerror(errno));
	if (!replace)
		return err_set(e, ST_REFUSED, "%s is already there; name another file", dest);
	if (!S_ISREG(is.st_mode))
		return err_set(e, ST_REFUSED, "%s is no plain file", dest);
	if (stat(s->pool->path, &own) == 0 && own.st_dev == is.st_dev && own.st_ino == is.st_ino)
		return err_set(e, ST_REFUSED, "%s is the workspace itself", dest);
	struct str wal = STR_INIT;
	str_addf(&wal, "%s-wal", dest);
	enum status st = stat(wal.p, &is) == 0 && is.st_size > 0 ? err_set(e, ST_REFUSED, "%s is in use as a database; name another file", dest) : ST_OK;
	str_free(&wal);
	return st;
}

static enum status into_place(const char *part, const char *dest, bool replace, struct err *e)
{
	/* link() fails when somebody else made dest meanwhile; rename() would take its place. */
	if ((replace ? rename(part, dest) : link(part, dest)) < 0) {
		if (replace || errno == EEXIST || renameat2(AT_FDCWD, part, AT_FDCWD, dest, RENAME_NOREPLACE) < 0)
			return err_set(e, errno == EEXIST ? ST_REFUSED : ST_FAILED, "cannot name the copy %s: %s", dest, strerror(errno));
	}
	char *copy = mem_strdup(dest);
	enum status st = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, e);
	free(copy);
	return st;
}

enum status store_copy(struct store *s, const char *dest, bool replace, struct task *t, struct err *e)
{
	enum status st = may_take_place(s, dest, replace, e);
	if (st != ST_OK)
		return st;
	struct str part = STR_INIT;
	str_addf(&part, "%s.part-XXXXXX", dest);
	int fd = mkostemp(part.p, O_CLOEXEC);
	if (fd < 0)
		st = err_set(e, ST_FAILED, "cannot make %s: %s", part.p, strerror(errno));
	if (fd >= 0) {
		close(fd);
		st = store_read_begin(s, e);
		if (st == ST_OK) {
			st = fill(s, part.p, t, e);
			store_read_end(s);
		}
		if (st == ST_OK)
			st = into_place(part.p, dest, replace, e);
		unlink(part.p);
		static const char *const beside[] = { "-wal", "-shm", "-journal" };
		size_t n = part.len;
		for (size_t i = 0; i < 3; i++) {
			str_cut(&part, n);
			str_add(&part, beside[i]);
			unlink(part.p);
		}
	}
	str_free(&part);
	return st;
}

enum status store_backup(struct store_pool *p, const char *dest, bool replace, struct task *t, struct err *e)
{
	struct store *s = store_get(p, e);
	if (!s)
		return ST_FAILED;
	enum status st = store_copy(s, dest, replace, t, e);
	store_put(p, s);
	return st == ST_OK ? ST_OK : err_wrap(e, "backup");
}
