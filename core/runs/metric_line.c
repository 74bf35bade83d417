#include "core/runs/metric_line.h"
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_FIELDS = 6, MOST_DIGITS = 63 };

bool metric_integer(const char *p, size_t n, int64_t *out)
{
	const bool neg = n && *p == '-';
	uint64_t v = 0;
	size_t i = n && (*p == '-' || *p == '+');

	if (i == n)
		return false;
	for (; i < n; i++) {
		if (p[i] < '0' || p[i] > '9' || v > UINT64_MAX / 10 - 1)
			return false;
		v = v * 10 + (uint64_t)(p[i] - '0');
	}
	if (v > (uint64_t)INT64_MAX + neg)
		return false;
	*out = neg ? (int64_t)-v : (int64_t)v;
	return true;
}

static bool word_number(const char *p, size_t n, double *out)
{
	static const struct { const char *word; double value; } words[] = { { "nan", NAN }, { "inf", INFINITY }, { "infinity", INFINITY } };
	const bool sign = n && (*p == '-' || *p == '+');

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == n - sign && !strncasecmp(words[i].word, p + sign, n - sign)) {
			*out = sign && *p == '-' ? -words[i].value : words[i].value;
			return true;
		}
	return false;
}

bool metric_number(const char *p, size_t n, double *out)
{
	char text[MOST_DIGITS + 1], *end;

	if (n == 0 || n > MOST_DIGITS)
		return false;
	memcpy(text, p, n);
	text[n] = 0;
	if (strspn(text, "0123456789+-.eE") != n)
		return word_number(p, n, out);
	/* The whole C locale costs nothing to get; the user's may write decimals with a comma. */
	const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

	*out = c ? strtod_l(text, &end, c) : strtod(text, &end);
	if (c)
		freelocale(c);
	return end == text + n;
}

bool metric_line_parse(const char *p, size_t n, bool model, struct metric_line *out)
{
	struct word f[MOST_FIELDS + 1] = { { 0 } };
	size_t k = 0;

	for (size_t i = 0; i < n && k <= MOST_FIELDS;) {
		while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r'))
			i++;
		if (i == n)
			break;
		f[k].p = p + i;
		while (i < n && p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			i++;
		f[k].n = (size_t)(p + i - f[k].p);
		k++;
	}
	if (model ? k != 4 && k != 6 : k != 2 && k != 3 && k != 5)
		return false;
	*out = (struct metric_line){ 0 };
	out->run = model ? f[3] : (struct word){ 0 };
	out->dataset = k >= 5 ? f[k - 2] : (struct word){ 0 };
	out->digest = k >= 5 ? f[k - 1] : (struct word){ 0 };
	return metric_integer(f[0].p, f[0].n, &out->ms) && metric_number(f[1].p, f[1].n, &out->value)
		&& (k == 2 || metric_integer(f[2].p, f[2].n, &out->step));
}
