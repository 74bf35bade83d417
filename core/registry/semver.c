#include "core/registry/semver.h"

#include <stddef.h>
#include <string.h>

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool word(char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

/* Length of a number without leading zeros; 0: none. */
static size_t number(const char *s)
{
	size_t n = 0;
	while (digit(s[n]))
		n++;
	return n > 1 && *s == '0' ? 0 : n;
}

static size_t identifier(const char *s, bool *numeric)
{
	size_t n = 0;
	*numeric = true;
	for (; word(s[n]); n++)
		*numeric &= digit(s[n]);
	return n;
}

/* Identifiers with dots between, none empty; numbers among them without leading zeros where that counts. */
static size_t identifiers(const char *s, bool strict)
{
	size_t at = 0;
	for (;;) {
		bool numeric;
		size_t n = identifier(s + at, &numeric);
		if (!n || (strict && numeric && n > 1 && s[at] == '0'))
			return 0;
		at += n;
		if (s[at] != '.')
			return at;
		at++;
	}
}

bool semver_valid(const char *text)
{
	const char *s = text;
	if (strnlen(text, SEMVER_MAX + 1) > SEMVER_MAX)
		return false;
	for (int i = 0; i < 3; i++) {
		size_t n = number(s);
		if (!n || (i < 2 && s[n] != '.'))
			return false;
		s += n + (i < 2);
	}
	for (int i = 0; i < 2; i++) {
		if (*s != "-+"[i])
			continue;
		size_t n = identifiers(s + 1, i == 0);
		if (!n)
			return false;
		s += 1 + n;
	}
	return !*s;
}

static int by_number(const char *a, size_t na, const char *b, size_t nb)
{
	return na != nb ? (na < nb ? -1 : 1) : memcmp(a, b, na);
}

static int by_text(const char *a, size_t na, const char *b, size_t nb)
{
	int c = memcmp(a, b, na < nb ? na : nb);
	return c ? c : na < nb ? -1 : na > nb;
}

/* Pre-releases: identifier by identifier, numbers before words, the shorter list first. */
static int by_prerelease(const char *a, const char *b)
{
	for (;; a++, b++) {
		bool an, bn;
		size_t na = identifier(a, &an), nb = identifier(b, &bn);
		int c = an != bn ? (an ? -1 : 1) : an ? by_number(a, na, b, nb) : by_text(a, na, b, nb);
		a += na;
		b += nb;
		if (c || *a != '.' || *b != '.')
			return c ? c : (*a == '.') - (*b == '.');
	}
}

int semver_compare(const char *a, const char *b)
{
	for (int i = 0; i < 3; i++) {
		size_t na = number(a), nb = number(b);
		int c = by_number(a, na, b, nb);
		if (c)
			return c;
		a += na + (i < 2);
		b += nb + (i < 2);
	}
	if (*a == '-' && *b == '-')
		return by_prerelease(a + 1, b + 1);
	return (*b == '-') - (*a == '-');        /* with a pre-release comes before without */
}
