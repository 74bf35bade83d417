/* A full disk. The first write that fails for want of space makes the pool read-only and posts a notice; who draws a
 * screen asks every second, who wants to write asks then, whether there is room again, and it goes on by itself. Readers
 * never notice: their pages are in the file or in the log, both of which are whole. */
#include "core/store/store.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "core/base/notice.h"
#include "core/store/store_internal.h"

enum { ROOM_BYTES = 1 << 20 };

bool store_no_room(const struct store_pool *p)
{
	struct statvfs fs;
	if (p->tuning.no_room)
		return p->tuning.no_room();
	return statvfs(p->path, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < ROOM_BYTES;
}

/* What the last call on the database's file or its log failed with. */
static int last_errno(sqlite3 *db)
{
	static const int which[] = { SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER };
	for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
		sqlite3_file *f = NULL;
		int why = 0;
		if (sqlite3_file_control(db, "main", which[i], &f) == SQLITE_OK && f && f->pMethods
			&& f->pMethods->xFileControl(f, SQLITE_FCNTL_LAST_ERRNO, &why) == SQLITE_OK && why)
			return why;
	}
	return sqlite3_system_errno(db);
}

static bool size_is_limited(void)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* SQLite calls only ENOSPC full; a quota and a limit on the size of files (ulimit -f) are I/O errors to it. A rollback journal
 * is gone with its errno when we come to ask, so a write that failed under a limit is put down to that. */
enum no_space store_no_space(sqlite3 *db)
{
	int code = sqlite3_extended_errcode(db);
	if ((code & 0xff) == SQLITE_FULL)
		return NO_SPACE_DISK;
	if (code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_SHMSIZE && code != SQLITE_IOERR_SHMOPEN)
		return SPACE_IS_NOT_IT;
	int why = last_errno(db);
	if (why == EFBIG || (code == SQLITE_IOERR_WRITE && why != EDQUOT && size_is_limited()))
		return NO_SPACE_LIMIT;
	return why == ENOSPC ? NO_SPACE_DISK : why == EDQUOT ? NO_SPACE_QUOTA : SPACE_IS_NOT_IT;
}

void store_pool_is_full(struct store_pool *p)
{
	if (!p->read_only && !atomic_exchange(&p->full, true))
		notice_post("store.full", NOTICE_BAD, NULL, "%s: the disk is full. What was saved is safe; nothing new is until there is space, then it goes on by itself", p->path);
}

bool store_pool_has_room(struct store_pool *p)
{
	if (!atomic_load(&p->full))
		return true;
	if (store_no_room(p))
		return false;
	if (atomic_exchange(&p->full, false))
		notice_clear("store.full");
	return true;
}
