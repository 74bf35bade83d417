/* ISO 8601 as data files write it: 2026-11-21, 2026-11-21T12:05, 2026-11-21 12:05:09.123456+01:00, ...Z, +0100, +01. Without a zone: UTC. */
#include "core/io/frame.h"

struct reading { const char *p, *end; };

static bool digits(struct reading *r, int count, int *v)
{
	if (r->end - r->p < count)
		return false;
	*v = 0;
	for (int i = 0; i < count; i++) {
		const unsigned d = (unsigned)(r->p[i] - '0');
		if (d > 9)
			return false;
		*v = *v * 10 + (int)d;
	}
	r->p += count;
	return true;
}

static bool take(struct reading *r, char c)
{
	const bool there = r->p < r->end && *r->p == c;
	r->p += there;
	return there;
}

/* Days since 1970-01-01 of the Gregorian calendar carried on both ways; years begin in March so that leap days come last. */
static int64_t days_since_1970(int y, int m, int d)
{
	const int64_t year = y - (m <= 2), era = (year >= 0 ? year : year - 399) / 400;
	const int64_t of_era = year - era * 400, of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_date(int y, int m, int d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

/* Digits behind the second; what is finer than a double of milliseconds holds is lost. */
static bool fraction(struct reading *r, double *ms)
{
	double unit = 100;
	const char *from = r->p;
	*ms = 0;
	for (int d; digits(r, 1, &d); unit /= 10)
		*ms += d * unit;
	return r->p > from;
}

/* Milliseconds to take off for the zone; none: UTC. */
static bool zone(struct reading *r, double *ms)
{
	int h, m = 0;
	*ms = 0;
	if (take(r, 'Z') || take(r, 'z') || r->p == r->end)
		return true;
	const bool minus = *r->p == '-';
	if (!(take(r, '-') || take(r, '+')) || !digits(r, 2, &h) || h > 23)
		return false;
	if (r->p < r->end && (take(r, ':'), !digits(r, 2, &m) || m > 59))
		return false;
	*ms = (minus ? -1 : 1) * (h * 3600e3 + m * 60e3);
	return true;
}

static bool clock_time(struct reading *r, double *ms)
{
	int h, m, s = 0;
	double part = 0, off;
	if (!digits(r, 2, &h) || !take(r, ':') || !digits(r, 2, &m) || h > 23 || m > 59)
		return false;
	if (take(r, ':')) {
		if (!digits(r, 2, &s) || s > 59)
			return false;
		if ((take(r, '.') || take(r, ',')) && !fraction(r, &part))
			return false;
	}
	take(r, ' ');
	if (!zone(r, &off))
		return false;
	*ms = h * 3600e3 + m * 60e3 + s * 1e3 + part - off;
	return true;
}

bool frame_time(const char *p, size_t n, double *ms)
{
	struct reading r = { p, p + n };
	int y, m, d;
	double of_day = 0;
	while (take(&r, ' '))
		continue;
	while (r.end > r.p && r.end[-1] == ' ')
		r.end--;
	if (!digits(&r, 4, &y) || !take(&r, '-') || !digits(&r, 2, &m) || !take(&r, '-') || !digits(&r, 2, &d) || !is_date(y, m, d))
		return false;
	if (r.p < r.end && (!(take(&r, 'T') || take(&r, 't') || take(&r, ' ')) || !clock_time(&r, &of_day)))
		return false;
	*ms = (double)days_since_1970(y, m, d) * 86400e3 + of_day;
	return r.p == r.end;
}
