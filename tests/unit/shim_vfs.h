/* shim_vfs -- SQLite's own "unix" VFS with a hole in every call: a test may look on, step in between, or make the call fail.
 *
 * Installed as the default, so that everything that opens a database in the process goes through it. Not thread-safe. */
#ifndef MLYARD_TESTS_SHIM_VFS_H
#define MLYARD_TESTS_SHIM_VFS_H
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

enum shim_call { SHIM_OPEN, SHIM_DELETE, SHIM_READ, SHIM_WRITE, SHIM_TRUNCATE, SHIM_SYNC, SHIM_LOCK, SHIM_SHM_LOCK, SHIM_SHM_MAP, SHIM_UNFETCH };

static struct shim {
	int (*step)(enum shim_call call);    /* before the call: an error to give instead of making it, or SQLITE_OK */
	bool no_sync;                        /* xSync does nothing: quicker, and nobody pulls the plug */
	bool busy;                           /* inside step(): its own calls go straight through */
	sqlite3_vfs vfs, *real;
	sqlite3_io_methods methods;
} shim;

struct shim_file { sqlite3_file base; sqlite3_file *real; };

static inline sqlite3_file *shim_real(sqlite3_file *f) { return ((struct shim_file *)f)->real; }

static inline int shim_step(enum shim_call call)
{
	if (!shim.step || shim.busy)
		return SQLITE_OK;
	shim.busy = true;
	int rc = shim.step(call);
	shim.busy = false;
	return rc;
}

/* A method that only asks first. */
#define SHIM_METHOD(name, call, parameters, arguments) \
	static inline int shim_##name parameters \
	{ \
		int rc = shim_step(call); \
		return rc != SQLITE_OK ? rc : shim_real(f)->pMethods->name arguments; \
	}
#define SHIM_PLAIN(name, parameters, arguments) \
	static inline int shim_##name parameters { return shim_real(f)->pMethods->name arguments; }

SHIM_METHOD(xRead, SHIM_READ, (sqlite3_file *f, void *to, int n, sqlite3_int64 at), (shim_real(f), to, n, at))
SHIM_METHOD(xWrite, SHIM_WRITE, (sqlite3_file *f, const void *from, int n, sqlite3_int64 at), (shim_real(f), from, n, at))
SHIM_METHOD(xTruncate, SHIM_TRUNCATE, (sqlite3_file *f, sqlite3_int64 n), (shim_real(f), n))
SHIM_METHOD(xLock, SHIM_LOCK, (sqlite3_file *f, int kind), (shim_real(f), kind))
SHIM_METHOD(xShmLock, SHIM_SHM_LOCK, (sqlite3_file *f, int at, int n, int flags), (shim_real(f), at, n, flags))
SHIM_METHOD(xShmMap, SHIM_SHM_MAP, (sqlite3_file *f, int page, int size, int extend, void volatile **to), (shim_real(f), page, size, extend, to))
SHIM_METHOD(xUnfetch, SHIM_UNFETCH, (sqlite3_file *f, sqlite3_int64 at, void *p), (shim_real(f), at, p))
SHIM_PLAIN(xFetch, (sqlite3_file *f, sqlite3_int64 at, int n, void **to), (shim_real(f), at, n, to))
SHIM_PLAIN(xFileSize, (sqlite3_file *f, sqlite3_int64 *n), (shim_real(f), n))
SHIM_PLAIN(xUnlock, (sqlite3_file *f, int kind), (shim_real(f), kind))
SHIM_PLAIN(xCheckReservedLock, (sqlite3_file *f, int *is), (shim_real(f), is))
SHIM_PLAIN(xFileControl, (sqlite3_file *f, int op, void *arg), (shim_real(f), op, arg))
SHIM_PLAIN(xSectorSize, (sqlite3_file *f), (shim_real(f)))
SHIM_PLAIN(xDeviceCharacteristics, (sqlite3_file *f), (shim_real(f)))
SHIM_PLAIN(xShmUnmap, (sqlite3_file *f, int remove), (shim_real(f), remove))

static inline int shim_xSync(sqlite3_file *f, int flags)
{
	int rc = shim_step(SHIM_SYNC);
	return rc != SQLITE_OK || shim.no_sync ? rc : shim_real(f)->pMethods->xSync(shim_real(f), flags);
}

static inline void shim_xShmBarrier(sqlite3_file *f) { shim_real(f)->pMethods->xShmBarrier(shim_real(f)); }

static inline int shim_xClose(sqlite3_file *f)
{
	sqlite3_file *real = shim_real(f);
	return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static inline int shim_xOpen(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *got)
{
	(void)vfs;
	struct shim_file *file = (struct shim_file *)f;
	file->real = (sqlite3_file *)(file + 1);
	f->pMethods = NULL;
	int rc = shim_step(SHIM_OPEN);
	if (rc == SQLITE_OK)
		rc = shim.real->xOpen(shim.real, name, file->real, flags, got);
	if (rc == SQLITE_OK || (file->real->pMethods && rc != SQLITE_OK))
		f->pMethods = &shim.methods;
	return rc;
}

static inline int shim_xDelete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	int rc = shim_step(SHIM_DELETE);
	return rc != SQLITE_OK ? rc : shim.real->xDelete(shim.real, name, shim.no_sync ? 0 : sync);
}

static inline void shim_install(void)
{
	shim.real = sqlite3_vfs_find(NULL);
	shim.vfs = *shim.real;
	shim.vfs.zName = "shim";
	shim.vfs.szOsFile = (int)sizeof(struct shim_file) + shim.real->szOsFile;
	shim.vfs.xOpen = shim_xOpen;
	shim.vfs.xDelete = shim_xDelete;
	shim.methods = (sqlite3_io_methods){ .iVersion = 3, .xClose = shim_xClose, .xRead = shim_xRead, .xWrite = shim_xWrite, .xTruncate = shim_xTruncate,
		.xSync = shim_xSync, .xFileSize = shim_xFileSize, .xLock = shim_xLock, .xUnlock = shim_xUnlock, .xCheckReservedLock = shim_xCheckReservedLock,
		.xFileControl = shim_xFileControl, .xSectorSize = shim_xSectorSize, .xDeviceCharacteristics = shim_xDeviceCharacteristics,
		.xShmMap = shim_xShmMap, .xShmLock = shim_xShmLock, .xShmBarrier = shim_xShmBarrier, .xShmUnmap = shim_xShmUnmap,
		.xFetch = shim_xFetch, .xUnfetch = shim_xUnfetch };
	sqlite3_vfs_register(&shim.vfs, 1);
}

static inline void shim_remove(void)
{
	sqlite3_vfs_unregister(&shim.vfs);
	memset(&shim, 0, sizeof shim);
}
#endif
