#include "core/base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static _Atomic int64_t injected = -1;

static int64_t from_environment(void)
{
	const char *s = getenv("MLYARD_NOW_MS");
	char *end;
	if (!s || !*s)
		return -1;
	long long v = strtoll(s, &end, 10);
	return *end || v < 0 ? -1 : v;
}

int64_t clock_wall_ms(void)
{
	int64_t set = atomic_load(&injected);
	if (set >= 0)
		return set;
	if ((set = from_environment()) >= 0)
		return set;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_boot_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_set_wall_ms(int64_t ms)
{
	return atomic_exchange(&injected, ms);
}
