#include "core/base/notice.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/text.h"

enum { MOST = 200 };

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static struct notice held[MOST];      /* oldest first */
static size_t n_held;
static uint64_t version;

static void release(struct notice *n)
{
	free(n->key);
	free(n->text);
	free(n->command);
}

static void drop_at(size_t i)
{
	release(&held[i]);
	memmove(&held[i], &held[i + 1], (n_held - i - 1) * sizeof held[0]);
	n_held--;
}

/* Index of the notice with that key, n_held when there is none. */
static size_t find(const char *key)
{
	size_t i = 0;
	while (i < n_held && strcmp(held[i].key, key) != 0)
		i++;
	return i;
}

void notice_post(const char *key, enum notice_level level, const char *command, const char *fmt, ...)
{
	struct str clean = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	text_vcleanf(&clean, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&mu);
	size_t i = find(key);
	if (i < n_held && held[i].level == level && !strcmp(held[i].text, clean.p)) {
		pthread_mutex_unlock(&mu);
		str_free(&clean);
		return;
	}
	if (i < n_held)
		drop_at(i);
	else if (n_held == MOST)
		drop_at(0);
	held[n_held++] = (struct notice){ mem_strdup(key), str_take(&clean), command ? mem_strdup(command) : NULL, level, clock_wall_ms() };
	version++;
	pthread_mutex_unlock(&mu);
}

void notice_clear(const char *key)
{
	pthread_mutex_lock(&mu);
	size_t i = find(key);
	if (i < n_held) {
		drop_at(i);
		version++;
	}
	pthread_mutex_unlock(&mu);
}

size_t notice_list(struct notice **out)
{
	pthread_mutex_lock(&mu);
	size_t n = n_held;
	*out = mem_array(n, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		const struct notice *from = &held[n - 1 - i];
		(*out)[i] = (struct notice){ mem_strdup(from->key), mem_strdup(from->text), from->command ? mem_strdup(from->command) : NULL,
			from->level, from->ms };
	}
	pthread_mutex_unlock(&mu);
	return n;
}

void notice_list_free(struct notice *n, size_t count)
{
	for (size_t i = 0; i < count; i++)
		release(&n[i]);
	free(n);
}

uint64_t notice_version(void)
{
	pthread_mutex_lock(&mu);
	uint64_t v = version;
	pthread_mutex_unlock(&mu);
	return v;
}
