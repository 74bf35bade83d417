/* When windows of time begin. In UTC: multiples of their length since 1970, weeks at Mondays. In a zone, whose days have 23, 24 or 25 hours: at the local midnight
 * of every so many days; those are whole days, so that a window has one name whatever the clocks do. */
#include <time.h>

#include "core/drift/monitor_due.h"
#include "core/io/zone.h"

enum { DAY_MS = 86400000, WEEK_MS = 7 * DAY_MS, MONDAY = 4 /* 1970-01-05 */ };

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static int64_t offset_of(const struct monitor_window *w) { return w->every_ms % WEEK_MS == 0 ? MONDAY * (int64_t)DAY_MS : 0; }

/* As a clock of the zone would show it. */
static int64_t local_start(const struct monitor_window *w, int64_t k) { return k * w->every_ms + offset_of(w); }

int64_t grid_start(const struct monitor_window *w, int64_t k)
{
	return w->zone ? 1000 * zone_midnight_s(w->zone, local_start(w, k) / DAY_MS) : local_start(w, k);
}

int64_t grid_at_local(const struct monitor_window *w, int64_t local_ms) { return floor_div(local_ms - offset_of(w), w->every_ms); }

int64_t grid_at(const struct monitor_window *w, int64_t ms)
{
	if (!w->zone)
		return grid_at_local(w, ms);
	int64_t k = grid_at_local(w, ms + 1000 * (int64_t)zone_offset_s(w->zone, floor_div(ms, 1000)));
	/* Clocks that go back over midnight show a day twice: the beginnings decide. */
	while (ms < grid_start(w, k))
		k--;
	while (ms >= grid_start(w, k + 1))
		k++;
	return k;
}

const char *grid_key(struct arena *a, const struct monitor_window *w, int64_t k)
{
	const time_t seconds = (time_t)(local_start(w, k) / 1000);
	struct tm t;
	gmtime_r(&seconds, &t);
	const char *day = arena_printf(a, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
	return w->every_ms % DAY_MS == 0 ? day : arena_printf(a, "%sT%02d:%02dZ", day, t.tm_hour, t.tm_min);
}
