/* All columns together: what tells the two data sets apart, though no single column may. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "views/drift_report.h"

enum { WEIGHTS_SHOWN = 20, BAR_W = 24 };

static void weights(struct leaf *s, const struct report_joint *j)
{
	double top = 0;
	for (size_t i = 0; i < j->n_weights; i++)
		top = fmax(top, fabs(j->weights[i].weight));
	if (!j->n_weights || !(top > 0))
		return;
	leaf_text(s, ROLE_DIM, "which columns do it, strongest first:");
	leaf_table(s, "column|>weight|");
	for (size_t i = 0; i < j->n_weights && i < WEIGHTS_SHOWN; i++) {
		struct str bar = STR_INIT;
		int n = (int)lrint(fabs(j->weights[i].weight) / top * BAR_W);
		for (int k = 0; k < n; k++)
			str_add(&bar, "━");
		leaf_cell(s, ROLE_TEXT, "%s", j->weights[i].name);
		leaf_number(s, ROLE_TEXT, j->weights[i].weight, 3);
		leaf_cell(s, ROLE_S2, "%s", bar.p ? bar.p : "");
		str_free(&bar);
	}
}

static void one(struct leaf *s, const struct report_joint *j)
{
	char p[FMT_MAX], value[FMT_MAX], limit[FMT_MAX], low[FMT_MAX], high[FMT_MAX];
	struct str line = STR_INIT;
	leaf_head(s, *j->title ? j->title : j->name, "%s", *j->why_not ? "not computed" : j->drifted ? "drifted" : "unchanged");
	if (*j->why_not)
		leaf_text(s, ROLE_DIM, "%s", j->why_not);
	if (*j->text)
		leaf_text(s, j->drifted ? ROLE_BAD : ROLE_TEXT, "%s", j->text);
	if (!isnan(j->statistic)) {
		str_addf(&line, "value %s", fmt_number(value, j->statistic, 4));
		if (!isnan(j->low) && !isnan(j->high))
			str_addf(&line, ", 95 %% interval %s to %s", fmt_number(low, j->low, 4), fmt_number(high, j->high, 4));
		if (!isnan(j->p_value))
			str_addf(&line, ", p %s", report_p_words(p, j->p_value));
		if (!isnan(j->threshold))
			str_addf(&line, ", limit %s", fmt_number(limit, j->threshold, 3));
		leaf_text(s, ROLE_DIM, "%s", line.p);
	}
	str_free(&line);
	weights(s, j);
}

/* Correlations that changed are findings of the quality checks as well; here they stand beside what they may explain. */
static void correlations(struct leaf *s, const struct report *r)
{
	bool any = false;
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct report_finding *f = &r->findings[i];
		if (!strstr(f->check, "correlation"))
			continue;
		if (!any) {
			leaf_head(s, "Correlations that changed", "%s", "");
			leaf_table(s, "columns|>reference|>current|finding");
		}
		any = true;
		leaf_cell(s, ROLE_TEXT, "%s", f->column);
		leaf_number(s, ROLE_TEXT, f->ref, 2);
		leaf_number(s, ROLE_TEXT, f->cur, 2);
		leaf_cell(s, ROLE_DIM, "%s", f->text);
	}
}

struct leaf *report_joint_leaf(const struct report *r)
{
	struct leaf *s = leaf_new();
	for (size_t i = 0; i < r->n_joint; i++)
		one(s, &r->joint[i]);
	if (!r->n_joint)
		leaf_text(s, ROLE_DIM, "%s", strcmp(r->mode, "mlyard") == 0 ? "the columns were compared one by one only" : "this report says nothing about all columns together");
	correlations(s, r);
	return s;
}
