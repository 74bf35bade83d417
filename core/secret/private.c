/* Files that hold secrets: who may read them is checked on the open file, so that nothing can be put in its place between the look and the use. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/secret/private.h"

static enum status fit_for_secrets(int fd, const char *path, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_set(e, ST_FAILED, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ST_REFUSED, "%s is no regular file", path);
	if (st.st_uid != geteuid())
		return err_set(e, ST_REFUSED, "%s belongs to somebody else (uid %lld); a file with secrets must be your own", path, (long long)st.st_uid);
	if (st.st_mode & 077)
		return err_set(e, ST_REFUSED, "%s can be read by others (mode %03o); run: chmod 600 %s", path, (unsigned)st.st_mode & 0777, path);
	return ST_OK;
}

static enum status read_whole(int fd, const char *path, unsigned char *bytes, size_t cap, size_t *n, struct err *e)
{
	unsigned char more;
	for (*n = 0;;) {
		bool full = *n == cap;
		ssize_t k = full ? read(fd, &more, 1) : read(fd, bytes + *n, cap - *n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_set(e, ST_FAILED, "cannot read %s: %s", path, strerror(errno));
		if (k == 0)
			return ST_OK;
		if (full)
			return err_set(e, ST_REFUSED, "%s is larger than the %zu bytes allowed here", path, cap);
		*n += (size_t)k;
	}
}

enum status private_read(const char *path, void *bytes, size_t cap, size_t *n, struct err *e)
{
	*n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ELOOP)
		return err_set(e, ST_REFUSED, "%s is a symbolic link; give the file itself", path);
	if (fd < 0)
		return err_set(e, errno == ENOENT || errno == ENOTDIR ? ST_NOT_FOUND : ST_REFUSED, "cannot open %s: %s", path, strerror(errno));
	enum status st = fit_for_secrets(fd, path, e);
	if (st == ST_OK)
		st = read_whole(fd, path, bytes, cap, n, e);
	close(fd);
	return st;
}

static enum status write_whole(int fd, const char *path, const char *bytes, size_t n, struct err *e)
{
	while (n) {
		ssize_t k = write(fd, bytes, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_set(e, ST_FAILED, "cannot write %s: %s", path, strerror(errno));
		bytes += k;
		n -= (size_t)k;
	}
	return ST_OK;
}

/* link() refuses an existing name, which rename() would replace. */
static enum status give_name(const char *tmp, const char *path, struct err *e)
{
	if (link(tmp, path) == 0)
		return ST_OK;
	if (errno == EEXIST)
		return err_set(e, ST_REFUSED, "%s exists already and is left alone", path);
	return err_set(e, ST_FAILED, "cannot make %s: %s", path, strerror(errno));
}

static enum status make_folder_of(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return ST_OK;
	char *dir = mem_strndup(path, (size_t)(slash - path));
	enum status st = fs_mkdirs(dir, e);
	free(dir);
	return st;
}

/* A file beside `path` with these bytes; *tmp is its name. */
static enum status write_beside(const char *path, const void *bytes, size_t n, bool flush, struct str *tmp, struct err *e)
{
	enum status st = make_folder_of(path, e);
	if (st != ST_OK)
		return st;
	str_addf(tmp, "%s.XXXXXX", path);
	int fd = mkostemp(tmp->p, O_CLOEXEC);             /* 0600 whatever the umask */
	if (fd < 0)
		return err_set(e, ST_FAILED, "cannot write beside %s: %s", path, strerror(errno));
	st = write_whole(fd, path, bytes, n, e);
	if (st == ST_OK && flush && fsync(fd) < 0)
		st = err_set(e, ST_FAILED, "cannot flush %s: %s", path, strerror(errno));
	close(fd);
	if (st != ST_OK)
		unlink(tmp->p);
	return st;
}

enum status private_create(const char *path, const void *bytes, size_t n, struct err *e)
{
	struct str tmp = STR_INIT;
	enum status st = write_beside(path, bytes, n, true, &tmp, e);
	if (st == ST_OK) {
		st = give_name(tmp.p, path, e);
		unlink(tmp.p);
	}
	str_free(&tmp);
	return st;
}

enum status private_replace(const char *path, const void *bytes, size_t n, struct err *e)
{
	struct str tmp = STR_INIT;
	enum status st = write_beside(path, bytes, n, false, &tmp, e);
	if (st == ST_OK && rename(tmp.p, path) < 0) {
		st = err_set(e, ST_FAILED, "cannot replace %s: %s", path, strerror(errno));
		unlink(tmp.p);
	}
	str_free(&tmp);
	return st;
}
