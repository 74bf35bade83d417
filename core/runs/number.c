#include "core/base/mem.h"
#include "core/runs/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void c_locale_make(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t skip_digits(const char *s, size_t n, size_t i)
{
	while (i < n && is_digit(s[i]))
		i++;
	return i;
}

/* Length of the decimal number at the start of s, 0 when there is none. */
static size_t decimal_length(const char *s, size_t n)
{
	size_t i = n && (s[0] == '-' || s[0] == '+'), start = i;
	i = skip_digits(s, n, i);
	size_t digits = i - start;
	if (i < n && s[i] == '.') {
		size_t after = skip_digits(s, n, i + 1);
		digits += after - i - 1;
		i = after;
	}
	if (!digits)
		return 0;
	if (i < n && (s[i] == 'e' || s[i] == 'E')) {
		size_t sign = i + 1 < n && (s[i + 1] == '-' || s[i + 1] == '+');
		size_t after = skip_digits(s, n, i + 1 + sign);
		if (after > i + 1 + sign)
			i = after;
	}
	return i;
}

static bool parse_word(const char *s, size_t n, double *out)
{
	static const struct { const char *word; double value; } words[] = {
		{ "nan", NAN }, { "inf", INFINITY }, { "infinity", INFINITY },
	};
	bool minus = n && s[0] == '-';
	if (n && (s[0] == '-' || s[0] == '+'))
		s++, n--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n && !strncasecmp(s, words[i].word, n)) {
			*out = minus ? -words[i].value : words[i].value;
			return true;
		}
	return false;
}

/* s[0..n) is a checked decimal: the copy bounds what strtod may read. */
static double convert(const char *s, size_t n)
{
	char small[64], *copy = n < sizeof small ? small : mem_strndup(s, n);
	if (!copy)
		return NAN;
	if (copy == small) {
		memcpy(small, s, n);
		small[n] = '\0';
	}
	pthread_once(&c_locale_once, c_locale_make);
	double v = strtod_l(copy, NULL, c_locale);
	if (copy != small)
		free(copy);
	return v;
}

bool number_parse(const char *s, size_t n, double *out)
{
	while (n && (s[0] == ' ' || s[0] == '\t'))
		s++, n--;
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	if (!n)
		return false;
	if (decimal_length(s, n) == n) {
		*out = convert(s, n);
		return true;
	}
	return parse_word(s, n, out);
}

/* Milliseconds of the unit at the start of s and its length; 0 when there is none. */
static double span_unit(const char *s, size_t n, size_t *length)
{
	static const struct { const char *unit; double ms; } units[] = {      /* longer ones before what they start with */
		{ "ms", 1 }, { "min", 60e3 }, { "mo", 30 * 86400e3 }, { "m", 60e3 }, { "s", 1e3 }, { "h", 3600e3 },
		{ "d", 86400e3 }, { "w", 7 * 86400e3 }, { "y", 365 * 86400e3 },
	};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		*length = strlen(units[i].unit);
		if (*length <= n && !memcmp(s, units[i].unit, *length))
			return units[i].ms;
	}
	*length = 0;
	return 0;
}

bool number_parse_span(const char *s, size_t n, double *ms, double *unit_ms)
{
	double sum = 0, unit = 0;
	if (!n)
		return false;
	for (size_t i = 0; i < n;) {
		size_t digits = s[i] == '-' ? 0 : decimal_length(s + i, n - i), letters = 0;
		if (!digits)
			return false;
		double v = convert(s + i, digits);
		i += digits;
		if (digits == n)
			unit = 1e3;             /* a bare number: seconds */
		else if ((unit = span_unit(s + i, n - i, &letters)) == 0)
			return false;
		i += letters;
		sum += v * unit;
	}
	*ms = sum;
	*unit_ms = unit;
	return true;
}
