#include "core/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/text.h"

enum { KEPT = 2000 };

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static struct log_line ring[KEPT];
static uint64_t count;
static FILE *file;

static const char *const level_name[] = { "debug", "info", "warn", "error" };

void log_add(enum log_level level, const char *fmt, ...)
{
	struct str clean = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	text_vcleanf(&clean, fmt, ap);
	va_end(ap);
	int64_t now = clock_wall_ms();
	pthread_mutex_lock(&mu);
	if (file) {
		char when[FMT_MAX];
		fprintf(file, "%s %s %s\n", fmt_time_iso(when, now), level_name[level], clean.p);
		fflush(file);
	}
	struct log_line *l = &ring[count++ % KEPT];
	free(l->text);
	*l = (struct log_line){ now, level, str_take(&clean) };
	pthread_mutex_unlock(&mu);
}

size_t log_lines(struct log_line **out, size_t most)
{
	pthread_mutex_lock(&mu);
	size_t n = count < KEPT ? (size_t)count : KEPT;
	if (n > most)
		n = most;
	*out = mem_array(n, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		(*out)[i] = ring[(count - n + i) % KEPT];
		(*out)[i].text = mem_strdup((*out)[i].text);
	}
	pthread_mutex_unlock(&mu);
	return n;
}

void log_lines_free(struct log_line *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(l[i].text);
	free(l);
}

enum status log_to_file(const char *path, struct err *e)
{
	enum status st = ST_OK;
	pthread_mutex_lock(&mu);
	if (file)
		fclose(file);
	file = path ? fopen(path, "ae") : NULL;
	if (path && !file)
		st = err_set(e, ST_FAILED, "%s: %s", path, strerror(errno));
	pthread_mutex_unlock(&mu);
	return st;
}

uint64_t log_count(void)
{
	pthread_mutex_lock(&mu);
	uint64_t n = count;
	pthread_mutex_unlock(&mu);
	return n;
}
