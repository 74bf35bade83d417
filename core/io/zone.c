/* Design
 *
 * A zone is its transitions (times and offsets side by side, searched by halves) and the rule for what comes after the last one. A rule gives two moments a
 * year, by month, week and weekday or by day of the year (POSIX.1, TZ; RFC 8536, 3.3.1 widens the hours to -167..167).
 *
 * Midnight is searched between bounds that hold it whatever the offset, on the question "does the local clock show that day or a later one". Where clocks go back
 * over midnight the answer is yes, no, yes; one of the two moments is found, the same one each time. */
#include "core/io/zone.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fs.h"
#include "core/base/str.h"

enum { HEAD = 44, DAY_S = 86400, MOST_OFFSET_S = 26 * 3600 - 1, MOST_TRANSITIONS = 4000, MOST_HOURS = 167 };

enum rule_day { DAY_MONTH_WEEK, DAY_JULIAN, DAY_OF_YEAR };       /* Mm.w.d; Jn: 1..365, February 29 is never counted; n: 0..365 */
struct rule { enum rule_day kind; int month, week, day; int64_t at_s; };
struct after { int standard_s, summer_s; bool has_summer; struct rule begin, end; };
struct zone { const char *name; size_t n; int64_t *at; int32_t *offset; int32_t first; bool has_after; struct after after; };

/* ---- the calendar ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static bool is_leap(int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }
static int64_t year_begins(int64_t y) { return 365 * (y - 1970) + floor_div(y - 1969, 4) - floor_div(y - 1901, 100) + floor_div(y - 1601, 400); }

static int64_t year_of(int64_t day)
{
	int64_t y = 1970 + floor_div(day, 366);
	while (year_begins(y + 1) <= day)
		y++;
	while (year_begins(y) > day)
		y--;
	return y;
}

static int64_t month_begins(int64_t y, int month)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
	return year_begins(y) + before[month - 1] + (month > 2 && is_leap(y));
}

static int64_t rule_day(const struct rule *r, int64_t y)
{
	if (r->kind == DAY_OF_YEAR)
		return year_begins(y) + r->day;
	if (r->kind == DAY_JULIAN)
		return year_begins(y) + r->day - 1 + (r->day >= 60 && is_leap(y));
	const int64_t begin = month_begins(y, r->month), next = r->month == 12 ? year_begins(y + 1) : month_begins(y, r->month + 1);
	const int weekday = (int)(((begin + 4) % 7 + 7) % 7);    /* 1970-01-01 was a Thursday */
	int64_t day = begin + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
	while (day >= next)
		day -= 7;                                /* the fifth one is the last */
	return day;
}

static int after_offset(const struct after *a, int64_t utc_s)
{
	if (!a->has_summer)
		return a->standard_s;
	const int64_t y = year_of(floor_div(utc_s + a->standard_s, DAY_S));
	const int64_t begin = rule_day(&a->begin, y) * DAY_S + a->begin.at_s - a->standard_s, end = rule_day(&a->end, y) * DAY_S + a->end.at_s - a->summer_s;
	const bool summer = begin < end ? utc_s >= begin && utc_s < end : utc_s >= begin || utc_s < end;      /* south of the equator it spans the new year */
	return summer ? a->summer_s : a->standard_s;
}

/* ---- the footer ---- */

static bool take_number(const char **p, int most, int *out)
{
	int v = 0;
	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p); (*p)++)
		if ((v = 10 * v + (**p - '0')) > most)
			return false;
	*out = v;
	return true;
}

/* [+-]hh[:mm[:ss]] */
static bool take_clock(const char **p, int most_hours, int64_t *out)
{
	int h = 0, m = 0, s = 0;
	const int sign = **p == '-' ? -1 : 1;
	*p += **p == '-' || **p == '+';
	if (!take_number(p, most_hours, &h))
		return false;
	if (**p == ':' && (++*p, !take_number(p, 59, &m)))
		return false;
	if (**p == ':' && (++*p, !take_number(p, 59, &s)))
		return false;
	*out = sign * (h * INT64_C(3600) + m * 60 + s);
	return true;
}

static bool take_name(const char **p)
{
	const char *from = *p;
	if (**p == '<') {
		*p += strcspn(*p, ">");
		return *(*p)++ == '>';
	}
	while (isalpha((unsigned char)**p))
		(*p)++;
	return *p - from >= 3;
}

static bool take_rule(const char **p, struct rule *r)
{
	bool ok = *(*p)++ == ',';
	*r = (struct rule){ .kind = DAY_OF_YEAR, .at_s = 2 * 3600 };
	if (ok && **p == 'M') {
		r->kind = DAY_MONTH_WEEK;
		ok = (++*p, take_number(p, 12, &r->month)) && r->month >= 1 && *(*p)++ == '.' && take_number(p, 5, &r->week) && r->week >= 1 && *(*p)++ == '.'
			&& take_number(p, 6, &r->day);
	} else if (ok && **p == 'J') {
		r->kind = DAY_JULIAN;
		ok = (++*p, take_number(p, 365, &r->day)) && r->day >= 1;
	} else if (ok) {
		ok = take_number(p, 365, &r->day);
	}
	return ok && (**p != '/' || (++*p, take_clock(p, MOST_HOURS, &r->at_s)));
}

static bool footer_parse(const char *p, struct after *a)
{
	int64_t west;
	*a = (struct after){ 0 };
	if (!take_name(&p) || !take_clock(&p, 24, &west))
		return false;
	a->standard_s = (int)-west;
	if (!*p)
		return true;
	a->has_summer = true;
	a->summer_s = a->standard_s + 3600;
	if (!take_name(&p))
		return false;
	if (*p != ',') {
		if (!take_clock(&p, 24, &west))
			return false;
		a->summer_s = (int)-west;
	}
	return take_rule(&p, &a->begin) && take_rule(&p, &a->end) && !*p;
}

/* ---- the file ---- */

static uint32_t word_at(const unsigned char *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }
static int64_t long_at(const unsigned char *p) { return (int64_t)((uint64_t)word_at(p) << 32 | word_at(p + 4)); }

struct head { unsigned char version; uint32_t isut, isstd, leap, time, type, chars; };

static bool head_read(const unsigned char *p, size_t n, struct head *h)
{
	if (n < HEAD || memcmp(p, "TZif", 4) != 0)
		return false;
	*h = (struct head){ p[4], word_at(p + 20), word_at(p + 24), word_at(p + 28), word_at(p + 32), word_at(p + 36), word_at(p + 40) };
	const uint32_t counts[] = { h->isut, h->isstd, h->leap, h->time, h->type, h->chars };
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i] > MOST_TRANSITIONS)
			return false;
	return true;
}

static size_t body_size(const struct head *h, size_t time_size)
{
	return h->time * (time_size + 1) + h->type * 6 + h->chars + h->leap * (time_size + 4) + h->isstd + h->isut;
}

static const char *body_wrong(struct zone *z, const unsigned char *p, const struct head *h, struct arena *a)
{
	const unsigned char *index = p + 8 * (size_t)h->time, *types = index + h->time;
	if (h->leap)
		return "it counts leap seconds; choose the zone without them";
	if (!h->type)
		return "it is damaged: no type of local time";
	z->n = h->time;
	z->at = arena_array(a, z->n + 1, sizeof *z->at);
	z->offset = arena_array(a, z->n + 1, sizeof *z->offset);
	for (size_t i = 0; i <= z->n; i++) {
		const size_t type = i < z->n ? index[i] : 0;
		const int32_t offset = type < h->type ? (int32_t)word_at(types + 6 * type) : INT32_MAX;
		if (offset > MOST_OFFSET_S || offset < -MOST_OFFSET_S)
			return "it is damaged: an offset that no clock has";
		if (i == z->n) {
			z->first = offset;               /* before the first transition: type 0 */
			break;
		}
		z->at[i] = long_at(p + 8 * i), z->offset[i] = offset;
		if (i && z->at[i] <= z->at[i - 1])
			return "it is damaged: its transitions are not in order";
	}
	return NULL;
}

static const char *footer_wrong(struct zone *z, const unsigned char *p, size_t n)
{
	char text[128];
	const unsigned char *end = n && *p == '\n' ? memchr(p + 1, '\n', n - 1) : NULL;
	if (!end || (size_t)(end - p) > sizeof text)
		return "it is cut off";
	memcpy(text, p + 1, (size_t)(end - p) - 1);
	text[end - p - 1] = '\0';
	z->has_after = *text;
	return !*text || footer_parse(text, &z->after) ? NULL : "it is damaged: its last line is no rule for the future";
}

static const char *parse(struct zone *z, const unsigned char *p, size_t n, struct arena *a)
{
	struct head h;
	if (!head_read(p, n, &h))
		return "it is no file of a time zone";
	const size_t old = HEAD + body_size(&h, 4);
	if (h.version < '2')
		return "it is of the first version, which ends in 2037; newer time zone data are needed";
	if (old > n || !head_read(p + old, n - old, &h))
		return "it is cut off";
	const size_t body = old + HEAD, after = body + body_size(&h, 8);
	if (after > n)
		return "it is cut off";
	const char *wrong = body_wrong(z, p + body, &h, a);
	return wrong ? wrong : footer_wrong(z, p + after, n - after);
}

enum status zone_parse(const char *name, const void *bytes, size_t n, struct arena *a, const struct zone **out, struct err *e)
{
	struct zone *z = arena_zalloc(a, sizeof *z);
	z->name = arena_strdup(a, name);
	const char *wrong = parse(z, bytes, n, a);
	*out = wrong ? NULL : z;
	return wrong ? err_set(e, ST_FAILED, "the time zone %s cannot be used: %s", name, wrong) : ST_OK;
}

static bool name_is_odd(const char *name)
{
	const size_t n = strlen(name);
	return !n || n > ZONE_NAME_MAX || *name == '/' || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") != n;
}

enum status zone_load(const char *name, struct arena *a, const struct zone **out, struct err *e)
{
	const char *folder = getenv("TZDIR");
	struct str bytes = STR_INIT;
	*out = NULL;
	if (!strcmp(name, "UTC")) {
		struct zone *utc = arena_zalloc(a, sizeof *utc);
		utc->name = arena_strdup(a, name);
		*out = utc;
		return ST_OK;
	}
	if (name_is_odd(name))
		return err_set(e, ST_USAGE, "that is no name of a time zone; one is called like Europe/Berlin");
	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	char *path = fs_join(folder, name);
	enum status st = fs_is_file(path) ? fs_read(path, ZONE_MOST_BYTES, &bytes, e)
		: err_set(e, ST_NOT_FOUND, "there is no time zone %s in %s%s", name, folder, fs_is_dir(folder) ? "" : ", which is not there: time zone data (tzdata) are not installed");
	if (st == ST_OK)
		st = zone_parse(name, bytes.p, bytes.len, a, out, e);
	str_free(&bytes);
	free(path);
	return st;
}

/* ---- asked ---- */

const char *zone_name(const struct zone *z) { return z->name; }

int zone_offset_s(const struct zone *z, int64_t utc_s)
{
	size_t lo = 0, hi = z->n;                        /* transitions before lo are not later than utc_s, those from hi on are */
	if (z->has_after && (!z->n || utc_s >= z->at[z->n - 1]))
		return after_offset(&z->after, utc_s);
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (z->at[mid] <= utc_s)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? z->offset[lo - 1] : z->first;
}

int64_t zone_midnight_s(const struct zone *z, int64_t day)
{
	const int64_t midnight = day * DAY_S;
	int64_t lo = midnight - MOST_OFFSET_S - 1, hi = midnight + MOST_OFFSET_S + 1;    /* surely before, surely not */
	while (hi - lo > 1) {
		const int64_t mid = lo + (hi - lo) / 2;
		if (mid + zone_offset_s(z, mid) >= midnight)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}
