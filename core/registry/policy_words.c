#include "core/registry/policy_impl.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>


enum { ALIAS_MAX = 255 };

/* Exactly `digits` digits. */
static bool take_number(const char **p, int digits, int *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + **p - '0';
	}
	return true;
}

static bool take_char(const char **p, const char *any)
{
	if (!**p || !strchr(any, **p))
		return false;
	++*p;
	return true;
}

static bool take_day(const char **p, struct tm *t)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (!take_number(p, 4, &t->tm_year) || !take_char(p, "-") || !take_number(p, 2, &t->tm_mon) || !take_char(p, "-") || !take_number(p, 2, &t->tm_mday))
		return false;
	bool leap = (t->tm_year % 4 == 0 && t->tm_year % 100 != 0) || t->tm_year % 400 == 0;
	if (t->tm_year < 1970 || t->tm_mon < 1 || t->tm_mon > 12 || t->tm_mday < 1 || t->tm_mday > days[t->tm_mon - 1] + (t->tm_mon == 2 && leap))
		return false;
	t->tm_year -= 1900;
	t->tm_mon--;
	return true;
}

static bool take_clock(const char **p, struct tm *t)
{
	if (!take_number(p, 2, &t->tm_hour) || !take_char(p, ":") || !take_number(p, 2, &t->tm_min))
		return false;
	if (take_char(p, ":") && !take_number(p, 2, &t->tm_sec))
		return false;
	return t->tm_hour < 24 && t->tm_min < 60 && t->tm_sec < 60;
}

/* "Z", "+01:00" or nothing. */
static bool take_offset(const char **p, int *seconds)
{
	int hours, minutes, sign = **p == '-' ? -1 : 1;
	*seconds = 0;
	if (!**p || take_char(p, "Zz"))
		return true;
	if (!take_char(p, "+-") || !take_number(p, 2, &hours) || !take_char(p, ":") || !take_number(p, 2, &minutes) || hours > 14 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool policy_date(const char *text, bool end, int64_t *ms)
{
	struct tm t = { 0 };
	int offset = 0;
	bool day_only = strlen(text) == strlen("2026-12-20");
	if (!take_day(&text, &t))
		return false;
	if (!day_only && (!take_char(&text, " Tt") || !take_clock(&text, &t) || !take_offset(&text, &offset)))
		return false;
	if (*text)
		return false;
	*ms = ((int64_t)timegm(&t) - offset) * 1000 + (day_only && end ? INT64_C(86400000) : 0);
	return true;
}

const char *policy_alias_wrong(const char *alias)
{
	size_t n = strlen(alias);
	if (!n || n > ALIAS_MAX)
		return "an alias has 1 to 255 characters";
	for (const char *c = alias; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return "an alias is made of letters, digits, _ and -";
	if (strcasecmp(alias, "latest") == 0)
		return "\"latest\" always means the newest version";
	if ((*alias == 'v' || *alias == 'V') && n > 1 && strspn(alias + 1, "0123456789") == n - 1)
		return "v and a number is a version";
	return NULL;
}
