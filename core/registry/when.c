#include "core/registry/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/str.h"
#include "core/base/text.h"
#include "core/runs/number.h"

/* A fixed number of digits within bounds; moves *p behind them. */
static bool digits(const char **p, int n, int least, int most, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return *out >= least && *out <= most;
}

static bool literal(const char **p, const char *any_of)
{
	if (!**p || !strchr(any_of, **p))
		return false;
	++*p;
	return true;
}

/* ".250": any number of digits, the first three count. */
static bool fraction(const char **p, int *ms)
{
	int n = 0, worth = 100;
	if (**p != '.')
		return true;
	for (++*p; **p >= '0' && **p <= '9'; ++*p, n++, worth /= 10)
		*ms += (**p - '0') * worth;
	return n > 0;
}

struct zone { bool given; int seconds; };

static bool read_zone(const char **p, struct zone *z)
{
	int hours, minutes = 0, sign = **p == '-' ? -1 : 1;
	if (!**p)
		return true;
	z->given = true;
	if (literal(p, "zZ"))
		return !**p;
	if (!literal(p, "+-") || !digits(p, 2, 0, 14, &hours))
		return false;
	(void)literal(p, ":");
	if (**p && !digits(p, 2, 0, 59, &minutes))
		return false;
	z->seconds = sign * (hours * 3600 + minutes * 60);
	return !**p;
}

static bool read_date(const char *p, int64_t *ms)
{
	struct tm t = { .tm_isdst = -1 };
	struct zone z = { 0 };
	int year, month, part = 0;
	if (!digits(&p, 4, 1970, 9999, &year) || !literal(&p, "-") || !digits(&p, 2, 1, 12, &month) || !literal(&p, "-") || !digits(&p, 2, 1, 31, &t.tm_mday))
		return false;
	const int day = t.tm_mday;
	t.tm_year = year - 1900;
	t.tm_mon = month - 1;
	if (*p) {
		if (!literal(&p, "T ") || !digits(&p, 2, 0, 23, &t.tm_hour) || !literal(&p, ":") || !digits(&p, 2, 0, 59, &t.tm_min))
			return false;
		if (literal(&p, ":") && (!digits(&p, 2, 0, 60, &t.tm_sec) || !fraction(&p, &part)))
			return false;
		if (!read_zone(&p, &z))
			return false;
	}
	time_t seconds = z.given ? timegm(&t) : mktime(&t);
	*ms = ((int64_t)seconds - z.seconds) * 1000 + part;
	return t.tm_mday == day;                 /* 2026-02-30 would have become March */
}

enum status when_parse(const char *text, int64_t now_ms, int64_t *ms, struct err *e)
{
	double span, unit;
	size_t n = strlen(text);
	if (!strcmp(text, "now")) {
		*ms = now_ms;
		return ST_OK;
	}
	if (read_date(text, ms))
		return ST_OK;
	if (n && !(text[n - 1] >= '0' && text[n - 1] <= '9') && number_parse_span(text, n, &span, &unit) && span >= 0 && span < 1e15) {
		*ms = now_ms - (int64_t)span;
		return ST_OK;
	}
	struct str clean = STR_INIT;
	text_clean(&clean, text, strnlen(text, 60), 0);
	err_set(e, ST_USAGE, "\"%s\" is no moment: a date (2026-11-20), with a time and a zone if you like (2026-11-20T14:30Z), or how long ago (3d, 2h30m)", clean.p);
	str_free(&clean);
	return ST_USAGE;
}
