/* Locks between processes: flock on a small file beside the workspace, freed by the kernel however its holder ends. The file says who holds it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/drift/monitor_impl.h"

enum { LOCK_POLL_MS = 20 };

static enum status held(int fd, const char *path, struct err *e)
{
	char text[64] = "", when[FMT_MAX];
	int64_t pid = 0, since = 0;
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n > 0 && sscanf(text, "%" SCNd64 " %" SCNd64, &pid, &since) == 2 && pid > 0)
		return err_set(e, ST_REFUSED, "another mlyard is at it: process %" PRId64 ", since %s (%s)", pid, fmt_time(when, since), path);
	return err_set(e, ST_REFUSED, "another mlyard is at it (%s)", path);
}

enum status monitor_lock(const char *workspace, const char *name, int wait_ms, int *fd, struct err *e)
{
	struct str path = STR_INIT;
	char text[64];
	enum status st = ST_OK;
	str_addf(&path, "%s.%s.lock", workspace, name);
	*fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0) {
		err_set(e, ST_FAILED, "cannot open %s: %s; check the rights of its folder", path.p, strerror(errno));
		str_free(&path);
		return ST_FAILED;
	}
	const int64_t until_us = clock_mono_us() + wait_ms * INT64_C(1000);
	while (flock(*fd, LOCK_EX | LOCK_NB) != 0 && st == ST_OK) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			st = err_set(e, ST_FAILED, "cannot lock %s: %s", path.p, strerror(errno));
		else if (clock_mono_us() >= until_us)
			st = held(*fd, path.p, e);
		else
			usleep(LOCK_POLL_MS * 1000);
	}
	if (st == ST_OK) {
		int n = snprintf(text, sizeof text, "%ld %" PRId64 "\n", (long)getpid(), clock_wall_ms());
		/* Who waits reads it for a message only: an old or a torn text does no harm. */
		if (ftruncate(*fd, 0) != 0 || pwrite(*fd, text, (size_t)n, 0) != n)
			st = err_set(e, ST_FAILED, "cannot write %s: %s", path.p, strerror(errno));
	}
	if (st != ST_OK)
		close(*fd);
	str_free(&path);
	return st;
}

void monitor_unlock(int fd)
{
	close(fd);
}
