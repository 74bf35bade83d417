/* What a column shows in a few words: effect, change, p-value, verdict. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "views/drift_report.h"

const char *const report_tab_names[TAB_COUNT] = {
#define X(id, name) [TAB_##id] = name,
	REPORT_TABS(X)
#undef X
};
const char *const report_picture_names[PICTURE_COUNT] = {
#define X(id, name) [PICTURE_##id] = name,
	REPORT_PICTURES(X)
#undef X
};
const char *const report_order_names[ORDER_COUNT] = { [ORDER_SEVERITY] = "severity", [ORDER_NAME] = "name", [ORDER_POSITION] = "position" };

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

static const struct report_test *decider(const struct report_column *c)
{
	const struct report_test *t = report_primary(c);
	for (size_t i = 0; c->drifted && t && !t->drifted && i < c->n_tests; i++)
		if (c->tests[i].drifted)
			return &c->tests[i];
	return t;
}

char *report_effect_words(char buf[FMT_MAX], const struct report_column *c)
{
	const struct report_test *t = decider(c);
	char number[FMT_MAX];
	double from = c->ref.missing / c->ref.rows, to = c->cur.missing / c->cur.rows;
	*buf = '\0';
	if (!t)
		return buf;
	if (strcmp(t->name, "new_categories") == 0)
		snprintf(buf, FMT_MAX, "%zu new", c->all_gained);
	else if (strcmp(t->name, "lost_categories") == 0)
		snprintf(buf, FMT_MAX, "%zu lost", c->all_lost);
	else if (strcmp(t->name, "missing") == 0 && !isnan(to - from))
		snprintf(buf, FMT_MAX, "%+.1f %%", 100 * (to - from));
	else if (!isnan(t->effect))
		snprintf(buf, FMT_MAX, "%s", fabs(t->effect) < 10 ? (snprintf(number, sizeof number, "%.3f", t->effect), number) : fmt_number(number, t->effect, 4));
	else if (!isnan(t->p_value))
		snprintf(buf, FMT_MAX, "p %s", report_p_words(number, t->p_value));
	else if (!isnan(t->statistic))
		snprintf(buf, FMT_MAX, "%s", fmt_number(number, t->statistic, 3));
	return buf;
}

char *report_change_words(char buf[FMT_MAX], double ref, double cur)
{
	char number[FMT_MAX];
	*buf = '\0';
	if (isnan(ref) || isnan(cur) || !isfinite(cur - ref))
		return buf;
	if (cur == ref)
		snprintf(buf, FMT_MAX, "0");
	else if (ref > 0 && cur > 0 && cur / ref < 11)
		snprintf(buf, FMT_MAX, "%+.*f %%", fabs(cur / ref - 1) < 0.0995 ? 1 : 0, 100 * (cur / ref - 1));
	else
		snprintf(buf, FMT_MAX, "%s%s", cur > ref ? "+" : "", fmt_number(number, cur - ref, 3));
	return buf;
}

char *report_p_words(char buf[FMT_MAX], double p)
{
	if (isnan(p))
		*buf = '\0';
	else if (p < 1e-300)
		snprintf(buf, FMT_MAX, "<1e-300");
	else
		fmt_number(buf, p, 2);
	return buf;
}

const char *report_verdict_words(const struct report_column *c)
{
	return c->drifted ? "drifted" : c->watch ? "watch" : strcmp(c->status, "compared") == 0 ? "unchanged" : c->status;
}
