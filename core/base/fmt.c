/* Decimal points: the program never leaves the C locale for LC_NUMERIC, so printf and strtod speak one format. */
#include "core/base/fmt.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIXED_EXP_MIN = -4, FIXED_EXP_MAX = 7, SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
static const int64_t DAY = 24LL * HOUR;

static bool special(char *buf, double x, const char *inf)
{
	if (isfinite(x))
		return false;
	if (isnan(x))
		snprintf(buf, FMT_MAX, "NaN");
	else
		snprintf(buf, FMT_MAX, "%s%s", x < 0 ? "-" : "", inf);
	return true;
}

/* 12.500 -> 12.5, 3.00e-05 -> 3e-05 */
static void strip_zeros(char *buf)
{
	char *point = strchr(buf, '.'), *end = buf + strcspn(buf, "e");
	if (!point)
		return;
	char *keep = end;
	while (keep[-1] == '0')
		keep--;
	if (keep[-1] == '.')
		keep--;
	memmove(keep, end, strlen(end) + 1);
}

char *fmt_number(char *buf, double x, int digits)
{
	if (special(buf, x, "Inf"))
		return buf;
	x = x == 0 ? 0 : x;    /* no "-0" for people */
	digits = digits < 1 ? 1 : digits > 17 ? 17 : digits;
	snprintf(buf, FMT_MAX, "%.*e", digits - 1, x);
	int exponent = (int)strtol(strchr(buf, 'e') + 1, NULL, 10);    /* after rounding */
	if (exponent >= FIXED_EXP_MIN && exponent < FIXED_EXP_MAX) {
		int decimals = digits - 1 - exponent;
		snprintf(buf, FMT_MAX, "%.*f", decimals > 0 ? decimals : 0, x);
	}
	strip_zeros(buf);
	return buf;
}

char *fmt_exact(char *buf, double x)
{
	if (special(buf, x, "Infinity"))
		return buf;
	/* 15 digits hold every decimal of 15 digits or fewer unchanged; 17 hold every double. */
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buf, FMT_MAX, "%.*g", digits, x);
		if (strtod(buf, NULL) == x)
			break;
	}
	return buf;
}

char *fmt_count(char *buf, int64_t n)
{
	char d[24];
	int len = snprintf(d, sizeof d, "%" PRIu64, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
	char *o = buf;
	if (n < 0)
		*o++ = '-';
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*o++ = ',';
		*o++ = d[i];
	}
	*o = '\0';
	return buf;
}

/* Scales by thousands until three digits are enough; returns the steps taken. */
static int scale(double *v, int most)
{
	int step = 0;
	while (fabs(*v) >= 999.5 && step < most) {
		*v /= 1000;
		step++;
	}
	return step;
}

/* Two digits below ten ("1.2"), whole numbers above. */
static int print_scaled(char *buf, double v)
{
	v = fabs(v) < 0.05 ? 0 : v;
	int n = snprintf(buf, FMT_MAX, "%.*f", fabs(v) < 9.95 ? 1 : 0, v);
	if (n > 2 && strcmp(buf + n - 2, ".0") == 0)
		buf[n -= 2] = '\0';
	return n;
}

char *fmt_si(char *buf, double n)
{
	static const char units[] = "\0kMGTPEZYRQ";
	if (special(buf, n, "Inf"))
		return buf;
	int step = scale(&n, (int)sizeof units - 2);
	if (fabs(n) >= 999.5) {
		snprintf(buf, FMT_MAX, "%.0e", n * 1e30);
		return buf;
	}
	int len = print_scaled(buf, n);
	buf[len] = units[step];
	buf[len + 1] = '\0';
	return buf;
}

char *fmt_bytes(char *buf, int64_t n)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double v = (double)n;
	int step = scale(&v, 6);
	int len = print_scaled(buf, v);
	snprintf(buf + len, (size_t)(FMT_MAX - len), " %s", units[step]);
	return buf;
}

char *fmt_duration(char *buf, int64_t ms)
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t t = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	if (t == 0)
		snprintf(buf, FMT_MAX, "0s");
	else if (t < 100)
		snprintf(buf, FMT_MAX, "%s%" PRIu64 "ms", sign, t);
	else if (t < 10 * SECOND)
		snprintf(buf, FMT_MAX, "%s%" PRIu64 ".%" PRIu64 "s", sign, t / SECOND, t % SECOND / 100);
	else if (t < MINUTE)
		snprintf(buf, FMT_MAX, "%s%" PRIu64 "s", sign, t / SECOND);
	else if (t < HOUR)
		snprintf(buf, FMT_MAX, "%s%" PRIu64 "m%02" PRIu64 "s", sign, t / MINUTE, t % MINUTE / SECOND);
	else if (t < (uint64_t)DAY)
		snprintf(buf, FMT_MAX, "%s%" PRIu64 "h%02" PRIu64 "m", sign, t / HOUR, t % HOUR / MINUTE);
	else
		snprintf(buf, FMT_MAX, "%s%" PRIu64 "d%02" PRIu64 "h", sign, t / (uint64_t)DAY, t % (uint64_t)DAY / HOUR);
	return buf;
}

char *fmt_age(char *buf, int64_t ms)
{
	static const struct { int64_t below, unit; const char *name; } rows[] = {
		{ 60, 1, "s" }, { 3600, 60, "m" }, { 86400, 3600, "h" }, { 14 * 86400, 86400, "d" },
		{ 60 * 86400, 7 * 86400, "w" }, { 730 * 86400, 2629746, "mo" }, { INT64_MAX, 31556952, "y" },
	};
	int64_t s = ms < 0 ? 0 : ms / 1000;    /* a clock ahead of ours: now */
	size_t i = 0;
	while (s >= rows[i].below)
		i++;
	snprintf(buf, FMT_MAX, "%" PRId64 "%s", s / rows[i].unit, rows[i].name);
	return buf;
}

/* Seconds and milliseconds, rounding down also before 1970. */
static time_t split_ms(int64_t unix_ms, int *ms)
{
	int64_t s = unix_ms / 1000, r = unix_ms % 1000;
	if (r < 0) {
		r += 1000;
		s--;
	}
	*ms = (int)r;
	return (time_t)s;
}

char *fmt_time(char *buf, int64_t unix_ms)
{
	int ms;
	time_t t = split_ms(unix_ms, &ms);
	struct tm tm;
	if (!localtime_r(&t, &tm) || strftime(buf, FMT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, FMT_MAX, "-");
	return buf;
}

char *fmt_time_iso(char *buf, int64_t unix_ms)
{
	int ms;
	time_t t = split_ms(unix_ms, &ms);
	struct tm tm;
	size_t n = gmtime_r(&t, &tm) ? strftime(buf, FMT_MAX, "%Y-%m-%dT%H:%M:%S", &tm) : 0;
	if (n == 0)
		snprintf(buf, FMT_MAX, "-");
	else
		snprintf(buf + n, FMT_MAX - n, ".%03dZ", ms);
	return buf;
}

char *fmt_metric(char *buf, double x)
{
	fmt_number(buf, x, 4);
	size_t n = strlen(buf);
	bool plain = strspn(buf, "-.0123456789") == n, point = strchr(buf, '.') != NULL;
	int digits = 0;
	for (const char *p = buf + strspn(buf, "-0."); *p; p++)
		digits += *p != '.';
	if (!plain || !digits)
		return buf;
	if (!point && digits < 4)
		buf[n++] = '.';
	for (; digits < 4; digits++)
		buf[n++] = '0';
	buf[n] = '\0';
	return buf;
}
