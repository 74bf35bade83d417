/* report_effect -- which finding of a column a list shows, and its size in words.
 *
 * Of a column that drifted it is the one that decided: the primary test where it drifted, else the test furthest above its floor; missing values, new and lost
 * categories where they are further above theirs than any test is. Of another column that was compared it is the primary test.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/drift/report.h"

static const double least_p = 1e-37;             /* below it a heat map's single precision ends: no smaller p is told */

bool report_is_own_check(const char *test)
{
	return strcmp(test, "missing") == 0 || strcmp(test, "new_categories") == 0 || strcmp(test, "lost_categories") == 0;
}

double report_severity_of(const struct report_test *t)
{
	const double size = fabs(t->effect);
	if (isnan(size) || isnan(t->threshold))
		return 0;
	return t->threshold > 0 ? fmin(REPORT_MOST_SEVERE, size / t->threshold) : size > 0 ? REPORT_MOST_SEVERE : 0;
}

const struct report_test *report_primary(const struct report_column *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].primary)
			return &c->tests[i];
	for (size_t i = 0; i < c->n_tests; i++)
		if (!*c->tests[i].why_not)
			return &c->tests[i];
	return NULL;
}

const struct report_test *report_decider(const struct report_test *tests, size_t n)
{
	const struct report_test *test = NULL, *own = NULL;
	double most = 0;
	for (size_t i = 0; i < n; i++) {
		const struct report_test *t = &tests[i], **best = report_is_own_check(t->name) ? &own : &test;
		if (!t->drifted)
			continue;
		if (best == &test)
			most = fmax(most, report_severity_of(t));
		if (!*best || (!(*best)->primary && (t->primary || report_severity_of(t) > report_severity_of(*best))))
			*best = t;
	}
	return own && (!test || report_severity_of(own) > most) ? own : test;
}

struct report_effect report_effect_of(const struct report_column *c)
{
	const struct report_test *t = c->drifted ? report_decider(c->tests, c->n_tests) : NULL;
	t = t ? t : report_primary(c);
	if (!t || (!c->drifted && !c->watch && strcmp(c->status, "compared") != 0))
		return (struct report_effect){ NULL, NAN, EFFECT_NUMBER };
	if (strcmp(t->name, "new_categories") == 0)
		return (struct report_effect){ t, (double)c->all_gained, EFFECT_NEW };
	if (strcmp(t->name, "lost_categories") == 0)
		return (struct report_effect){ t, (double)c->all_lost, EFFECT_LOST };
	if (strcmp(t->name, "missing") == 0)
		return (struct report_effect){ t, c->cur.missing / c->cur.rows - c->ref.missing / c->ref.rows, EFFECT_POINTS };
	if (strcmp(t->name, "levene") == 0 && !isnan(t->effect))
		return (struct report_effect){ t, exp(t->effect), EFFECT_TIMES };
	if (!isnan(t->effect))
		return (struct report_effect){ t, t->effect, EFFECT_NUMBER };
	return isnan(t->p_value) ? (struct report_effect){ t, t->statistic, EFFECT_NUMBER } : (struct report_effect){ t, t->p_value, EFFECT_P };
}

char *report_effect_say(char buf[FMT_MAX], double value, enum report_effect_unit unit)
{
	static const char *const after[] = { [EFFECT_NUMBER] = "", [EFFECT_NEW] = " new", [EFFECT_LOST] = " lost" };
	char number[FMT_MAX];
	*buf = '\0';
	if (isnan(value))
		return buf;
	if (unit == EFFECT_P && value < least_p)
		snprintf(buf, FMT_MAX, "p<%.0e", least_p);
	else if (unit == EFFECT_P)
		snprintf(buf, FMT_MAX, "p %.2g", value);
	else if (unit == EFFECT_TIMES)
		snprintf(buf, FMT_MAX, "x%.40s", fmt_number(number, value, 3));
	else if (unit == EFFECT_POINTS)
		snprintf(buf, FMT_MAX, "%+.1f %%", 100 * value);
	else if (unit == EFFECT_NUMBER && fabs(value) < 10)
		snprintf(buf, FMT_MAX, "%.3f", value);
	else
		snprintf(buf, FMT_MAX, "%.40s%s", fmt_number(number, value, 4), after[unit]);
	return buf;
}

char *report_effect_words(char buf[FMT_MAX], const struct report_column *c)
{
	const struct report_effect x = report_effect_of(c);
	return report_effect_say(buf, x.value, x.unit);
}
