/* compat_evidently -- the choices and the rule of Evidently 0.7, quirks included, and why its verdict differs from ours.
 *
 * Types     the reference decides: numbers with a point, or with any value missing, are numeric; whole numbers with at most 10 values and truth values are
 *           categories; words of which more than half are distinct are text, which it compares with a classifier that it trains on half of the rows. Its numbers come from random draws
 *           of its own, so they cannot be reproduced: the classifier here is ours, the thresholds are its.
 * Method    by the reference's rows (1000 and fewer: a p-value; more: a distance) and the distinct values of both sides.
 * Threshold the test's own, no correction for many columns, no floor, no regard to the number of rows.
 * Data set  drifts when half of the columns do. A score that is no number is "not drifted". A column without values ends its whole report with an
 *           error; here it is left out and said.
 */
#include <math.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/drift/verdict_impl.h"

enum { CATEGORY_VALUES = 10, PERCENTILE_ROWS = 1000 };

enum taken_as { AS_NUMBER, AS_CATEGORY, AS_TEXT };

static const struct drift_test text_tests_of_its[] = {
	{ .id = "text_classifier", .kind = TEST_DISTANCE, .types = FOR_TEXT, .evidently_id = "perc_text_content_drift", .evidently_title = "Percentile text content drift", .evidently_threshold = 0.95,
		.evidently_op = '>' },
	{ .id = "text_classifier", .kind = TEST_DISTANCE, .types = FOR_TEXT, .evidently_id = "abs_text_content_drift", .evidently_title = "Absolute text content drift", .evidently_threshold = 0.55,
		.evidently_op = '>' },
};

/* NULL: it is compared. */
static const char *left_out(const struct column_work *w, const struct pair *p, enum taken_as *as)
{
	*as = AS_NUMBER;
	if (!w->ref || !w->cur)
		return "it is on one side only";
	if (p->n_ref == 0 || p->n_cur == 0)
		return "Evidently ends its whole report with an error: the column holds no value on one side";
	switch (w->ref->type) {
	case FRAME_NUMBER:
		*as = p->ref.integer && p->ref.distinct <= CATEGORY_VALUES ? AS_CATEGORY : AS_NUMBER;
		return NULL;
	case FRAME_BOOLEAN:
		*as = AS_CATEGORY;
		return w->ref->missing ? "truth values with missing ones are of no type that Evidently knows" : NULL;
	case FRAME_TIME:
		return "times are not compared";
	default:
		break;
	}
	*as = w->out.ref.distinct > 0.5 * (double)p->n_ref || w->text_length ? AS_TEXT : AS_CATEGORY;
	return *as == AS_TEXT && !w->cur->code ? "texts are compared with texts only" : NULL;
}

/* Its threshold for up to 1000 rows: what 95 of 100 classifiers that only guess stay below. */
static void text_column(const struct compare *c, struct column_work *w, const struct pair *p)
{
	struct evidently *x = &w->theirs;
	if (!w->has_text)
		text_compare(w);
	if (*w->text.why_not) {
		x->left_out = w->text.why_not;
		return;
	}
	x->test = &text_tests_of_its[p->n_ref > PERCENTILE_ROWS];
	x->score = w->text.auc, x->null_value = 0.5;
	x->threshold = c->o->threshold > 0 ? c->o->threshold : p->n_ref > PERCENTILE_ROWS ? x->test->evidently_threshold : w->text.null_auc;
	w->out.note = "Evidently draws and trains its text classifier at random; the AUC here is that of mlyard's own, held against Evidently's threshold";
}

static const struct drift_test *method(const struct compare *c, const struct pair *p, bool category)
{
	for (size_t i = 0; i < c->o->n_tests; i++) {
		const struct drift_test *t = c->o->tests[i];
		if (t->evidently_id && (t->types & (category ? FOR_WORDS : FOR_NUMBERS)))
			return t;
	}
	return drift_test_evidently_choice(p, category);
}

static void test_column(const struct compare *c, struct evidently *x, const struct pair *p, struct test_result *r)
{
	const struct test_options o = { .evidently = true, .permutations = 1000 };
	drift_test_run(x->test, p, &o, r);
	x->score = drift_test_score(x->test, r);
	x->null_value = r->null_value;
	x->threshold = c->o->threshold > 0 ? c->o->threshold : x->test->evidently_threshold;
}

void evidently_column(const struct compare *c, struct column_work *w, const struct pair *p)
{
	struct evidently *x = &w->theirs;
	struct test_result r = { .statistic = NAN, .null_value = NAN };
	enum taken_as as;
	*x = (struct evidently){ .score = NAN, .threshold = NAN, .null_value = NAN };
	x->left_out = left_out(w, p, &as);
	if (!x->left_out && as == AS_TEXT)
		text_column(c, w, p);
	else if (!x->left_out && (x->test = method(c, p, as == AS_CATEGORY)))
		test_column(c, x, p, &r);
	if (!x->test)
		return;
	x->judged = true;
	x->drifted = drift_test_evidently_drifted(x->test, x->score, x->threshold);
	x->at = w->n_tests;
	w->tests[w->n_tests++] = (struct report_test){ .low = NAN, .high = NAN, .name = x->test->evidently_id, .title = x->test->evidently_title, .effect_name = "",
		.statistic = as == AS_TEXT ? x->score : r.statistic, .p_value = x->test->kind == TEST_P_VALUE ? x->score : NAN, .p_adjusted = NAN, .effect = NAN, .threshold = x->threshold,
		.null_value = x->null_value, .why_not = r.why_not ? r.why_not : "" };
}

/* ---- why ---- */

static const struct report_test *our_primary(const struct column_work *w)
{
	for (size_t i = 0; i < w->n_tests; i++)
		if (w->tests[i].primary)
			return &w->tests[i];
	return NULL;
}

static const char *why_only_theirs(const struct compare *c, const struct column_work *w)
{
	const struct evidently *x = &w->theirs;
	const struct report_test *ours = our_primary(w);
	char score[FMT_MAX], other[FMT_MAX];
	fmt_number(score, x->score, 3);
	if (!ours)
		return arena_printf(w->arena, "mlyard does not judge this column (%s)", w->out.status);
	if (x->test->kind == TEST_DISTANCE && !(ours->p_adjusted < c->alpha))
		return arena_printf(w->arena, "its threshold knows no sample size: %s %s, about %s without any drift at these sizes", x->test->evidently_title, score, fmt_number(other, x->null_value, 3));
	if (strcmp(x->test->id, "chi_square") == 0 && x->score == 0 && w->out.all_gained)
		return arena_printf(w->arena, "a category that the reference lacks makes its p 0 whatever the count; the test of homogeneity gives %s", fmt_number(other, ours->p_value, 3));
	if (strcmp(x->test->id, "chi_square") == 0 && !(ours->p_value < c->alpha))
		return arena_printf(w->arena, "its chi-square takes the reference for the truth itself; the test of homogeneity gives p %s", fmt_number(other, ours->p_value, 3));
	if (!(ours->p_adjusted < c->alpha))
		return arena_printf(w->arena, "p %s is not corrected for the number of columns; corrected it is %s", score, fmt_number(other, ours->p_adjusted, 3));
	return arena_printf(w->arena, "certain, but the effect (%s %s) is below its floor", ours->effect_name, fmt_number(other, ours->effect, 3));
}

static const char *why_only_ours(const struct column_work *w)
{
	for (size_t i = 0; i < w->n_tests; i++) {
		const struct report_test *t = &w->tests[i];
		if (t->drifted && strcmp(t->name, "missing") == 0)
			return "it drops missing values before it compares, so their growth is not seen";
		if (t->drifted && (strcmp(t->name, "new_categories") == 0 || strcmp(t->name, "lost_categories") == 0))
			return "it does not judge new and lost categories by themselves";
	}
	if (w->theirs.left_out)
		return w->theirs.left_out;
	if (isnan(w->theirs.score))
		return "its score is no number, which counts as no drift";
	return arena_printf(w->arena, "its score %s stays within its threshold %s, although the change is certain", fmt_number((char[FMT_MAX]){ 0 }, w->theirs.score, 3),
		fmt_number((char[FMT_MAX]){ 0 }, w->theirs.threshold, 3));
}

/* Its test is the one that decides. */
static void mark_theirs(struct column_work *w)
{
	for (size_t i = 0; w->theirs.judged && i < w->n_tests; i++) {
		w->tests[i].primary = i == w->theirs.at;
		if (w->tests[i].primary)
			w->tests[i].drifted = w->theirs.drifted;
	}
}

void evidently_judge(struct compare *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct column_work *w = &c->work[i];
		struct evidently *x = &w->theirs;
		bool ours = w->out.drifted;
		w->out.other_drifted = ours;
		w->out.drifted = x->drifted;
		if (x->left_out && !ours)
			w->out.note = x->left_out;
		if (x->drifted && !ours)
			w->out.differs = why_only_theirs(c, w);
		else if (ours && !x->drifted)
			w->out.differs = why_only_ours(w);
		if (x->drifted != ours)
			w->out.severity = x->drifted ? 1 : 0.99;
		mark_theirs(w);
	}
}
