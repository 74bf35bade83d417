/* csv_spool -- what cannot be read twice (a pipe) is copied into a file without a name first.
 *
 * Ends     a pipe may have no end, so a copy has one: a stated size, and a tenth of the space that was free stays free (two sides may be copied at once, so
 *          what is free now counts). What has no end of line for longer than a record may be is refused at once.
 * Stopped  the file has no name from the start: however the program ends, it is gone. */
#include "core/io/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"

enum { LOOK_EVERY = 64 << 20, PATH_ROOM = 300 };
static const char cure[] = "write it to a file and name that";

struct spool { const char *name; char path[PATH_ROOM]; int from, to; double size, most, free, unended, looked, step; };

static double free_bytes(int fd)
{
	struct statvfs fs;
	return fstatvfs(fd, &fs) == 0 ? (double)fs.f_bavail * (double)fs.f_frsize : -1;
}

static enum status make_copy(struct spool *s, struct err *e)
{
	const char *dir = getenv("TMPDIR");
	snprintf(s->path, sizeof s->path, "%s/mlyard-XXXXXX", dir && *dir ? dir : "/tmp");
	if ((s->to = mkostemp(s->path, O_CLOEXEC)) < 0)
		return frame_cannot(e, "make the temporary file", s->path);
	unlink(s->path);
	s->free = free_bytes(s->to);
	s->step = s->free / 32 < LOOK_EVERY ? s->free / 32 : LOOK_EVERY;
	return ST_OK;
}

static enum status no_room(const struct spool *s, struct err *e)
{
	char size[FMT_MAX];
	return err_set(e, ST_REFUSED, "%.300s has not ended after %s, and of the space for temporary files (%.200s) less than a tenth is left; %s, or set TMPDIR to a folder with more room",
		s->name, fmt_bytes(size, (int64_t)s->size), s->path, cure);
}

static enum status check_end(struct spool *s, const char *block, size_t n, struct err *e)
{
	char size[FMT_MAX];
	const char *lf = memrchr(block, '\n', n), *cr = lf ? NULL : memrchr(block, '\r', n), *end = lf ? lf : cr;
	s->unended = end ? (double)(block + n - end - 1) : s->unended + (double)n;
	s->size += (double)n;
	if (s->unended > CSV_MOST_RECORD)
		return err_set(e, ST_REFUSED, "%.300s: no line ends in %d MB of it: no table", s->name, CSV_MOST_RECORD >> 20);
	if (s->size > s->most)
		return err_set(e, ST_REFUSED, "%.300s has not ended after %s, the most that is copied of a pipe; %s, or raise --pipe-limit", s->name, fmt_bytes(size, (int64_t)s->most), cure);
	if (s->free < 0 || s->size - s->looked < s->step)
		return ST_OK;
	s->looked = s->size;
	return free_bytes(s->to) >= s->free / 10 ? ST_OK : no_room(s, e);
}

static enum status put(const struct spool *s, const char *block, size_t n, struct err *e)
{
	for (size_t done = 0; done < n;) {
		const ssize_t w = write(s->to, block + done, n - done);
		if (w < 0 && errno != EINTR)
			return errno == ENOSPC || errno == EDQUOT ? no_room(s, e) : frame_cannot(e, "write the temporary file", s->path);
		done += w > 0 ? (size_t)w : 0;
	}
	return ST_OK;
}

enum status csv_spool(const char *name, int from, size_t most, int *to, struct err *e)
{
	struct spool s = { .name = name, .from = from, .to = -1, .most = most ? (double)most : CSV_PIPE_LIMIT };
	char *block = mem_alloc(CSV_BLOCK);
	enum status st = make_copy(&s, e);
	for (ssize_t got = 1; st == ST_OK && got;) {
		got = read(from, block, CSV_BLOCK);
		if (got < 0 && errno != EINTR)
			st = frame_cannot(e, "read", name);
		if (got > 0)
			st = check_end(&s, block, (size_t)got, e);
		if (got > 0 && st == ST_OK)
			st = put(&s, block, (size_t)got, e);
	}
	free(block);
	if (st != ST_OK && s.to >= 0)
		close(s.to);
	else
		*to = s.to;
	return st;
}
