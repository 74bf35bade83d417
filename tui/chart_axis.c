/* Ticks and labels.
 *
 * Ticks      a linear axis steps by 1, 2 or 5 times a power of ten: the smallest step whose multiples inside the window
 *            are few enough. A tick is i * m / 10^-e rather than i * step, so that 0.3 prints as 0.3. A log axis takes 1 2 5,
 *            then decades, then every so many decades; a window narrower than that is ticked like a linear one.
 * Time       steps come from a table; wall clock ticks stand on local midnights, hours and minutes.
 * Labels     are made for all ticks of an axis together: as many decimals as the step needs, one unit (k M G T) for the
 *            whole axis. Where even that takes more than seven digits, the first label is rounded and the
 *            others say how much is added to it.
 */
#include "tui/chart_parts.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND 1e3
#define MINUTE 60e3
#define HOUR 3600e3
#define DAY 86400e3

/* ---- positions ---- */

void axis_set(struct axis *a, double lo, double hi, bool log)
{
	*a = (struct axis){ .lo = lo, .hi = hi, .log = log, .pre = 1 };
	if (log) {
		a->base = log10(lo);
		a->inv = 1 / (log10(hi) - a->base);
		return;
	}
	int e;
	frexp(hi / 2 - lo / 2, &e);
	e = e > 1000 ? 1000 : e < -1000 ? -1000 : e;
	a->pre = ldexp(1, -e);
	a->base = lo * a->pre;
	a->inv = 1 / (hi * a->pre - a->base);
}

double axis_pos(const struct axis *a, double v)
{
	double t = ((a->log ? log10(v) : v * a->pre) - a->base) * a->inv;
	return t > 1e12 ? 1e12 : t > -1e12 ? t : -1e12;
}

double axis_value(const struct axis *a, double pos)
{
	if (!a->log)
		return a->lo * (1 - pos) + a->hi * pos;
	double hi = log10(a->hi);
	return pow(10, a->base + pos * (hi - a->base));
}

void axis_open(double *lo, double *hi, bool log)
{
	if (log) {
		if (!(*lo > 0))
			*lo = *hi > 0 ? *hi / 10 : 1;
		if (!(*hi > 0))
			*hi = *lo * 10;
		if (log10(*hi) - log10(*lo) < 1e-9) {
			*lo = fmax(*lo / 2, 5e-324);
			*hi = fmin(fmax(*hi * 2, 1e-323), 1.7e308);
		}
		return;
	}
	double size = fmax(fabs(*lo), fabs(*hi));
	if (*hi / 2 - *lo / 2 > size * 1e-15)
		return;
	double room = size > 0 ? size * 0.1 : 1;
	if (!(room > 0))
		room = 5e-324;
	*lo = fmax(*lo - room, -1.7e308);
	*hi = fmin(*hi + room, 1.7e308);
}

/* ---- ticks ---- */

/* i * m * 10^e, rounded as if typed in decimal. */
static double decimal(double i, int m, int e)
{
	if (e < 0 && e > -300)
		return i * m / pow(10, -e);
	return i * m * pow(10, e);
}

struct tick_run { double first, last; int m, e; };

static double tick_count(struct tick_run *t, double lo, double hi)
{
	double step = decimal(1, t->m, t->e), slack = 1e-9;
	if (!(step > 0))
		return INFINITY;
	t->first = ceil(lo / step - slack);
	t->last = floor(hi / step + slack);
	return t->last - t->first + 1;
}

static int tick_fill(const struct tick_run *t, int most, double *out)
{
	int n = 0;
	double stride = ceil((t->last - t->first + 1) / most);
	for (double i = t->first; i <= t->last && n < most; i += stride) {
		double v = decimal(i, t->m, t->e);
		out[n++] = v == 0 ? 0 : v;             /* never -0 */
	}
	return n;
}

int axis_ticks(double lo, double hi, int most, double *out)
{
	static const int mantissa[] = { 1, 2, 5 };
	if (!(lo <= hi) || !isfinite(lo) || !isfinite(hi) || most < 1)
		return 0;
	if (lo == hi) {
		out[0] = lo;
		return 1;
	}
	double half = hi / 2 - lo / 2;                         /* the whole may be more than a double holds */
	int e = half > 0 ? (int)floor(log10(half) + log10(2.0 / most)) - 1 : -324;
	struct tick_run last = { 0 };
	for (int k = 0; k < 12; k++) {
		struct tick_run t = { .m = mantissa[k % 3], .e = e + k / 3 };
		double count = tick_count(&t, lo, hi);
		if (count <= most && (count >= 1 || last.m == 0))
			return count >= 1 ? tick_fill(&t, most, out) : 0;
		if (count < 1)
			break;
		last = t;
	}
	return last.m && isfinite(last.last) ? tick_fill(&last, most, out) : 0;
}

static int log_set(double lo, double hi, int most, const int *m, int n_m, int every, double *out)
{
	int n = 0, e0 = (int)floor(log10(lo)) - 1, e1 = (int)ceil(log10(hi));
	for (int e = e0; e <= e1; e++)
		for (int i = 0; i < n_m && (e % every) == 0; i++) {
			double v = decimal(1, m[i], e);
			if (v < lo * (1 - 1e-12) || v > hi * (1 + 1e-12) || v == 0)
				continue;
			if (n == most)
				return most + 1;
			out[n++] = v;
		}
	return n;
}

int axis_log_ticks(double lo, double hi, int most, double *out)
{
	static const int all[] = { 1, 2, 5 }, every[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500 };
	if (!(lo > 0) || !(lo < hi) || !isfinite(hi) || most < 1)
		return 0;
	int n = log_set(lo, hi, most, all, 3, 1, out);
	if (n < 2)
		return axis_ticks(lo, hi, most, out);
	for (size_t i = 0; n > most && i < sizeof every / sizeof *every; i++)
		n = log_set(lo, hi, most, all, 1, every[i], out);
	return n > most ? most : n;
}

static const double time_steps[] = {
	SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
	MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
	HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY,
};

/* Minutes and hours count from local midnight, so the zone's offset goes in and out again. */
static double zone_offset_ms(double wall_ms)
{
	time_t t = (time_t)(wall_ms / 1e3);
	struct tm tm;
	return localtime_r(&t, &tm) ? (double)tm.tm_gmtoff * 1e3 : 0;
}

/* Firsts of months, every `months`; years when that is 12 or more. */
static int month_ticks(double lo, double hi, int most, int months, double *out)
{
	time_t t = (time_t)(lo / 1e3);
	struct tm tm;
	int n = 0;
	if (!localtime_r(&t, &tm))
		return 0;
	int at = (tm.tm_year * 12 + tm.tm_mon) / months * months;
	for (int i = 0; i <= most + 2; i++, at += months) {
		struct tm first = { .tm_year = at / 12, .tm_mon = at % 12, .tm_mday = 1, .tm_isdst = -1 };
		double ms = (double)mktime(&first) * 1e3;
		if (ms < lo)
			continue;
		if (ms > hi)
			return n;
		if (n == most)
			return most + 1;
		out[n++] = ms;
	}
	return n;
}

static int calendar_ticks(double lo, double hi, int most, double *out)
{
	static const int months[] = { 1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000 };
	for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
		int n = month_ticks(lo, hi, most, months[i], out);
		if (n <= most && n > 0)
			return n;
	}
	return axis_ticks(lo, hi, most, out);
}

int axis_time_ticks(double lo_ms, double hi_ms, int most, bool wall, double *out)
{
	if (!(lo_ms < hi_ms) || !isfinite(lo_ms) || !isfinite(hi_ms) || most < 1)
		return lo_ms == hi_ms ? axis_ticks(lo_ms, hi_ms, most, out) : 0;
	bool dated = wall && fabs(lo_ms) < 2e14 && fabs(hi_ms) < 2e14;      /* years that struct tm can name */
	if (hi_ms - lo_ms < SECOND * most)
		return axis_ticks(lo_ms, hi_ms, most, out);
	double zone = dated ? zone_offset_ms(lo_ms) : 0;
	for (size_t i = 0; i < sizeof time_steps / sizeof *time_steps; i++) {
		double step = time_steps[i];
		double first = ceil((lo_ms + zone) / step), last = floor((hi_ms + zone) / step);
		if (last - first + 1 > most)
			continue;
		int n = 0;
		for (double k = first; k <= last; k++)
			out[n++] = k * step - zone;
		if (n > 0)
			return n;
	}
	if (dated)
		return calendar_ticks(lo_ms, hi_ms, most, out);
	int n = axis_ticks(lo_ms / DAY, hi_ms / DAY, most, out);
	for (int i = 0; i < n; i++)
		out[i] *= DAY;
	return n;
}

/* Elapsed time on a log axis: a second, ten, a minute, ten, an hour: not 16m40s. */
int axis_log_time_ticks(double lo_ms, double hi_ms, int most, double *out)
{
	static const double decades[] = { 1, 10, 100, SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 10 * HOUR, DAY, 10 * DAY, 100 * DAY, 1000 * DAY };
	enum { N = sizeof decades / sizeof *decades };
	for (int every = 1; every < N; every++) {
		int n = 0;
		for (int i = 0; i < N && n <= most; i += every)
			if (decades[i] >= lo_ms && decades[i] <= hi_ms && n++ < most)
				out[n - 1] = decades[i];
		if (n < 2 && every == 1)
			return axis_time_ticks(lo_ms, hi_ms, most, false, out);
		if (n <= most)
			return n;
	}
	return 0;
}

/* ---- labels ---- */

/* printf's exponent without its plus and zeros: 1.5e+07 -> 1.5e7. */
static void short_exponent(char *text)
{
	char *e = strchr(text, 'e');
	if (!e)
		return;
	char *to = e + 1, *from = e + 1;
	if (*from == '-')
		to++;
	from++;
	while (*from == '0' && from[1])
		from++;
	memmove(to, from, strlen(from) + 1);
}

/* One exponent for the whole axis: 0.5e8 1.0e8 1.5e8. */
static void label_exponent(char out[AXIS_LABEL_MAX], double v, int size_e, int step_e)
{
	int digits = size_e - step_e;
	double mantissa = size_e < -300 ? v * 1e200 / pow(10, size_e + 200) : v / pow(10, size_e);
	if (v == 0)
		snprintf(out, AXIS_LABEL_MAX, "0");
	else
		snprintf(out, AXIS_LABEL_MAX, "%.*fe%d", digits < 0 ? 0 : digits > 9 ? 9 : digits, mantissa, size_e);
}

static void label_unit(char out[AXIS_LABEL_MAX], double v, int unit_e, int step_e)
{
	static const char *const suffix[] = { "", "k", "M", "G", "T" };
	int digits = unit_e - step_e;
	if (v == 0)
		snprintf(out, AXIS_LABEL_MAX, "0");
	else
		snprintf(out, AXIS_LABEL_MAX, "%.*f%s", digits < 0 ? 0 : digits, v / pow(10, unit_e), suffix[unit_e / 3]);
}

/* One label each for values of up to `size` that differ by at least 10^step_e. */
static void label_numbers(const double *tick, int n, double size, int step_e, char out[][AXIS_LABEL_MAX])
{
	int size_e = size > 0 ? (int)floor(log10(size) + 1e-9) : 0;
	int unit_e = size_e >= 4 ? size_e / 3 * 3 : 0;
	for (int i = 0; i < n; i++) {
		if (size_e >= 15 || size_e < -3)
			label_exponent(out[i], tick[i], size_e, step_e);
		else
			label_unit(out[i], tick[i], unit_e, step_e);
	}
}

static void labels_by_offset(const double *tick, int n, int step_e, char out[][AXIS_LABEL_MAX])
{
	double rest[AXIS_TICKS_MAX] = { 0 };
	char text[AXIS_TICKS_MAX][AXIS_LABEL_MAX];
	for (int i = 1; i < n; i++)
		rest[i - 1] = tick[i] - tick[0];
	label_numbers(rest, n - 1, rest[n - 2], step_e, text);
	bool whole = fabs(tick[0]) < 1e10 && tick[0] == floor(tick[0]);
	snprintf(out[0], AXIS_LABEL_MAX, whole ? "%.0f" : "%.6g", tick[0]);
	short_exponent(out[0]);
	for (int i = 1; i < n; i++)
		snprintf(out[i], AXIS_LABEL_MAX, "+%.*s", AXIS_LABEL_MAX - 2, text[i - 1]);
}

/* The power of ten of the last digit that a 1-2-5 step can touch. */
static int step_exponent(const double *tick, int n)
{
	double step = INFINITY;
	for (int i = 1; i < n; i++)
		step = fmin(step, tick[i] - tick[i - 1]);
	return step > 0 && isfinite(step) ? (int)floor(log10(step) + 1e-6) : 0;
}

void axis_labels(const double *tick, int n, bool log, char out[][AXIS_LABEL_MAX])
{
	double size = 0;
	if (n < 1)
		return;
	for (int i = 0; i < n; i++)
		size = fmax(size, fabs(tick[i]));
	if (n == 1 || (log && tick[n - 1] / tick[0] >= 2 * n)) {      /* nothing to tell apart by digits: each for itself */
		for (int i = 0; i < n; i++) {
			double own = fabs(tick[i]);
			int e = own > 0 ? (int)floor(log10(own) + 1e-9) : 0;
			if (n == 1) {
				snprintf(out[i], AXIS_LABEL_MAX, "%.6g", tick[i]);
				short_exponent(out[i]);
			} else {
				label_numbers(&tick[i], 1, own, e, &out[i]);
			}
		}
		return;
	}
	int step_e = step_exponent(tick, n);
	int size_e = size > 0 ? (int)floor(log10(size) + 1e-9) : 0;
	if (size_e - step_e > 6)
		labels_by_offset(tick, n, step_e, out);
	else
		label_numbers(tick, n, size, step_e, out);
}

/* 45s, 1m30s, 2h00m05s, 3d12h: from the largest unit that is not zero to the smallest. */
static void label_span(char out[AXIS_LABEL_MAX], double ms, double step)
{
	double a = fabs(ms);
	const double part[4] = { floor(a / DAY), fmod(floor(a / HOUR), 24), fmod(floor(a / MINUTE), 60), fmod(floor(a / SECOND), 60) };
	int first = 0, last = 3, len = 0;
	while (first < 3 && part[first] == 0)
		first++;
	while (last > first && part[last] == 0)
		last--;
	if (a == 0) {
		snprintf(out, AXIS_LABEL_MAX, "0");
		return;
	}
	if (part[0] >= 1e4 || step < SECOND) {
		int digits = step < 10 ? 3 : step < 100 ? 2 : 1;
		if (part[0] >= 1e4)
			snprintf(out, AXIS_LABEL_MAX, "%.5gd", ms / DAY);
		else
			snprintf(out, AXIS_LABEL_MAX, "%.*fs", digits, ms / SECOND);
		return;
	}
	if (ms < 0)
		out[len++] = '-';
	for (int i = first; i <= last; i++)
		len += snprintf(out + len, (size_t)(AXIS_LABEL_MAX - len), i == first ? "%.0f%c" : "%02.0f%c", part[i], "dhms"[i]);
}

static void label_wall(char out[AXIS_LABEL_MAX], double ms, double step)
{
	static const char month[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	double whole = floor(ms / 1e3);
	time_t t = (time_t)whole + (step >= DAY ? 3600 : 0);          /* a day's tick may stand an hour off across a clock change */
	struct tm tm;
	if (fabs(ms) >= 2e14 || !localtime_r(&t, &tm)) {
		label_span(out, ms, step);
		return;
	}
	bool midnight = tm.tm_hour == 0 && tm.tm_min == 0 && tm.tm_sec == 0;
	if (step > 300 * DAY)
		snprintf(out, AXIS_LABEL_MAX, "%d", tm.tm_year + 1900);
	else if (step > 25 * DAY)
		snprintf(out, AXIS_LABEL_MAX, tm.tm_mon ? "%s" : "%s %d", month[tm.tm_mon], tm.tm_year + 1900);
	else if (step >= DAY || (midnight && step >= MINUTE))
		snprintf(out, AXIS_LABEL_MAX, "%d %s", tm.tm_mday, month[tm.tm_mon]);
	else if (step >= MINUTE)
		snprintf(out, AXIS_LABEL_MAX, "%02d:%02d", tm.tm_hour, tm.tm_min);
	else if (step >= SECOND)
		snprintf(out, AXIS_LABEL_MAX, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	else
		snprintf(out, AXIS_LABEL_MAX, "%02d:%02d:%06.3f", tm.tm_hour, tm.tm_min, tm.tm_sec + (ms - whole * 1e3) / 1e3);
}

void axis_time_labels(const double *tick, int n, bool wall, char out[][AXIS_LABEL_MAX])
{
	double step = n > 1 ? INFINITY : SECOND;
	for (int i = 1; i < n; i++)
		step = fmin(step, tick[i] - tick[i - 1]);
	for (int i = 0; i < n; i++)
		(wall ? label_wall : label_span)(out[i], tick[i], step);
}
