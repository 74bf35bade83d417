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
