#include "core/base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

char *fs_join(const char *a, const char *b)
{
	struct str s = STR_INIT;
	if (b[0] != '/') {
		str_add(&s, a);
		if (s.len && s.p[s.len - 1] != '/')
			str_addc(&s, '/');
	}
	str_add(&s, b);
	return str_take(&s);
}

/* An XDG variable counts only when it is absolute, as its specification says. */
static char *xdg(const char *variable, const char *under_home)
{
	const char *base = getenv(variable);
	if (base && base[0] == '/')
		return fs_join(base, "mlyard");
	const char *home = getenv("HOME");
	char *dir = fs_join(home && home[0] == '/' ? home : "/tmp", under_home);
	char *path = fs_join(dir, "mlyard");
	free(dir);
	return path;
}

char *fs_data_dir(void) { return xdg("XDG_DATA_HOME", ".local/share"); }
char *fs_config_dir(void) { return xdg("XDG_CONFIG_HOME", ".config"); }
char *fs_cache_dir(void) { return xdg("XDG_CACHE_HOME", ".cache"); }
char *fs_state_dir(void) { return xdg("XDG_STATE_HOME", ".local/state"); }

static enum status fail(struct err *e, const char *what, const char *path)
{
	int why = errno;
	return err_set(e, why == ENOENT || why == ENOTDIR ? ST_NOT_FOUND : ST_FAILED, "%s %s: %s", what, path, strerror(why));
}

enum status fs_mkdirs(const char *path, struct err *e)
{
	char *copy = mem_strdup(path);
	enum status st = ST_OK;
	for (char *p = copy + 1; st == ST_OK; p++) {
		if (*p && *p != '/')
			continue;
		char end = *p;
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			st = fail(e, "cannot make the folder", copy);
		*p = end;
		if (!end)
			break;
	}
	free(copy);
	if (st == ST_OK && !fs_is_dir(path))
		st = err_set(e, ST_FAILED, "%s is there but is no folder", path);
	return st;
}

static enum status read_fd(int fd, const char *path, size_t limit, struct str *out, struct err *e)
{
	size_t from = out->len;
	for (;;) {
		str_reserve(out, 65536);
		ssize_t n = read(fd, out->p + out->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(e, "cannot read", path);
		if (!n)
			return ST_OK;
		out->len += (size_t)n;
		out->p[out->len] = '\0';
		if (out->len - from > limit) {
			str_cut(out, from + limit);
			return err_set(e, ST_REFUSED, "%s is larger than the %zu bytes allowed here", path, limit);
		}
	}
}

enum status fs_read(const char *path, size_t limit, struct str *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);   /* a FIFO must not hold us up */
	struct stat sb;
	if (fd < 0)
		return fail(e, "cannot open", path);
	enum status st;
	if (fstat(fd, &sb) < 0)
		st = fail(e, "cannot look at", path);
	else if (!S_ISREG(sb.st_mode))
		st = err_set(e, ST_FAILED, "%s is no regular file", path);
	else
		st = read_fd(fd, path, limit, out, e);
	close(fd);
	return st;
}

static enum status write_all(int fd, const char *bytes, size_t n, const char *path, struct err *e)
{
	while (n) {
		ssize_t k = write(fd, bytes, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return fail(e, "cannot write", path);
		bytes += k;
		n -= (size_t)k;
	}
	return fsync(fd) < 0 ? fail(e, "cannot flush", path) : ST_OK;
}

/* The rename is durable only when the folder is flushed too. */
static void flush_folder(const char *path)
{
	char *dir = mem_strdup(path);
	char *slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);             /* some file systems refuse; the content itself is flushed */
		close(fd);
	}
	free(dir);
}

/* A new file beside `path`; its mode is that of the file that is there already, else what the umask leaves. */
static int make_beside(const char *path, struct str *tmp)
{
	struct stat sb;
	uint32_t r[2];
	if (getrandom(r, sizeof r, 0) != sizeof r)
		return -1;
	str_addf(tmp, "%s.%08x%08x", path, (unsigned)r[0], (unsigned)r[1]);
	const int fd = open(tmp->p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd >= 0 && stat(path, &sb) == 0 && S_ISREG(sb.st_mode))
		(void)fchmod(fd, sb.st_mode & 0777);       /* somebody else's file: the mode stays what the umask gives */
	return fd;
}

enum status fs_replace(const char *path, const void *bytes, size_t n, struct err *e)
{
	struct str tmp = STR_INIT;
	if (fs_is_dir(path))
		return err_set(e, ST_FAILED, "%s is a folder; name a file in it", path);
	int fd = make_beside(path, &tmp);
	if (fd < 0) {
		enum status failed = fail(e, "cannot write beside", path);
		str_free(&tmp);
		return failed;
	}
	enum status st = write_all(fd, bytes, n, path, e);
	close(fd);
	if (st == ST_OK && rename(tmp.p, path) < 0)
		st = fail(e, "cannot replace", path);
	if (st == ST_OK)
		flush_folder(path);
	else
		unlink(tmp.p);
	str_free(&tmp);
	return st;
}

bool fs_is_dir(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

bool fs_is_file(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}
