/* verdict_judge -- from the numbers of all columns to verdicts with reasons.
 *
 * 1 Of numbers p is the smaller of Kolmogorov-Smirnov's (place and shape) and Levene's (spread), times two. The p-values are adjusted over all columns that were compared (Benjamini and Hochberg), and divided by four fifths: a fifth of alpha is for the checks of 3.
 * 2 A column drifts when its adjusted p is below alpha and any effect is at its floor or above; a distance must also exceed what it would be without drift.
 * 3 The checks of their own (missing share, new and lost categories; three a column) use p times columns times 15: together they take the other fifth of alpha at most.
 *   Missing values must also have grown by one percentage point and to twice the share, with an interval (Newcombe) that leaves out no change. Labels (the target) are not judged
 *   by what is missing: they come late.
 * 4 "watch" is what is certain (adjusted p below a tenth of alpha) but small, a column that is there on one side only, and missing values that became fewer by the same rule.
 * Severity: effect over floor where it drifts (1 to 100); 0.5 to 1 to watch; below 0.5 what is left, by p.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "core/drift/verdict_impl.h"

enum { OWN_PART = 15, SURE_PART = 10, NAMES_SHOWN = 3, WORDS_MAX = 160 };
static const double main_part = 0.8, missing_times = 2;

static bool named(const struct report_test *t, const char *name) { return strcmp(t->name, name) == 0; }
static bool is_own_check(const struct report_test *t) { return report_is_own_check(t->name); }

static struct report_test *primary_of(struct column_work *w)
{
	for (size_t i = 0; i < w->n_tests; i++)
		if (w->tests[i].primary)
			return &w->tests[i];
	return NULL;
}

/* ---- adjusting ---- */

struct ranked { double p; size_t i; };

static int by_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return x->p < y->p ? -1 : x->p > y->p ? 1 : x->i < y->i ? -1 : x->i > y->i;
}

void adjust_benjamini_hochberg(double *p, size_t n)
{
	struct ranked *r = mem_array(n ? n : 1, sizeof *r);
	size_t m = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			r[m++] = (struct ranked){ p[i], i };
	qsort(r, m, sizeof *r, by_p);
	double least = 1;
	for (size_t k = m; k-- > 0; ) {
		least = fmin(least, r[k].p * (double)m / (double)(k + 1));
		p[r[k].i] = least;
	}
	free(r);
}

/* Numbers are judged by place and by spread: the other test beside the primary. */
static struct report_test *partner_of(struct column_work *w) { return w->partner ? &w->tests[w->partner] : NULL; }

/* The smallest p among those that decide together, times their number (Bonferroni). */
static double own_p(struct column_work *w)
{
	const struct report_test *t = primary_of(w), *other = partner_of(w);
	if (!t)
		return NAN;
	if (other && !isnan(w->spread_p) && !isnan(t->p_value))
		return fmin(1, 2 * fmin(t->p_value, w->spread_p));
	return fmin(1, t->p_value * (double)(w->together ? w->together : 1));
}

static void adjust_primaries(struct compare *c)
{
	double *p = mem_array(c->n ? c->n : 1, sizeof *p);
	for (size_t i = 0; i < c->n; i++)
		p[i] = own_p(&c->work[i]);
	adjust_benjamini_hochberg(p, c->n);
	for (size_t i = 0; i < c->n; i++) {
		struct report_test *t = primary_of(&c->work[i]), *other = partner_of(&c->work[i]);
		const double adjusted = isnan(p[i]) ? NAN : fmin(1, p[i] / main_part);
		if (t)
			t->p_adjusted = adjusted;
		if (other && t && c->work[i].spread_p < t->p_value)
			other->p_adjusted = adjusted;
	}
	free(p);
}

static void adjust_own(struct compare *c)
{
	size_t k = 0;
	for (size_t i = 0; i < c->n; i++)
		k += c->work[i].n_tests > 0;
	for (size_t i = 0; i < c->n; i++)
		for (size_t t = 0; t < c->work[i].n_tests; t++) {
			struct report_test *x = &c->work[i].tests[t];
			if (is_own_check(x))
				x->p_adjusted = fmin(1, x->p_value * (double)k * OWN_PART);
		}
}

/* ---- words ---- */

static const char *p_words(char *buf, double p)
{
	char number[FMT_MAX];
	snprintf(buf, FMT_MAX, "adjusted p %s", p < 1e-300 ? "below 1e-300" : fmt_number(number, p, 2));
	return buf;
}

static const char *percent(char *buf, double share)
{
	char number[FMT_MAX];
	snprintf(buf, FMT_MAX, "%s %%", fmt_number(number, 100 * share, 3));
	return buf;
}

/* "W/sd 0.767 (floor 0.1)"; a ratio of spreads as people say it. */
static const char *effect_words(char *buf, const struct report_test *t)
{
	char effect[FMT_MAX], floor_[FMT_MAX];
	if (named(t, "levene"))
		snprintf(buf, WORDS_MAX, "spread x%s (floor x%s)", fmt_number(effect, exp(t->effect), 3), fmt_number(floor_, exp(t->effect < 0 ? -t->threshold : t->threshold), 3));
	else
		snprintf(buf, WORDS_MAX, "%s %s (floor %s)", t->effect_name, fmt_number(effect, t->effect, 3), fmt_number(floor_, t->threshold, 3));
	return buf;
}

/* What decided, and how sure it is; the table of tests has the rest. */
static void reason_distribution(struct column_work *w, const struct report_test *primary)
{
	const struct report_test *t = report_decider(w->tests, w->n_tests);      /* own checks are judged later */
	char p[FMT_MAX], effect[WORDS_MAX];
	const char *what = !w->text_length ? "distribution changed" : is_content_test(t) ? "texts changed" : "texts changed, length";
	work_reason(w, "%s: %s, %s", what, effect_words(effect, t), p_words(p, primary->p_adjusted));
}

static void reason_mean(struct column_work *w)
{
	const struct report_side *r = &w->out.ref, *c = &w->out.cur;
	char from[FMT_MAX], to[FMT_MAX], by[FMT_MAX];
	if (isnan(r->mean) || isnan(c->mean))
		return;
	fmt_number(from, r->mean, 4), fmt_number(to, c->mean, 4);
	const char *what = w->text_length ? "mean length" : "mean";
	if (r->sd > 0)
		work_reason(w, "%s %s \xe2\x86\x92 %s (%+.2f sd), sd %s \xe2\x86\x92 %s", what, from, to, (c->mean - r->mean) / r->sd, fmt_number((char[FMT_MAX]){ 0 }, r->sd, 3), fmt_number(by, c->sd, 3));
	else
		work_reason(w, "%s %s \xe2\x86\x92 %s", what, from, to);
}

/* The label whose share changed most. */
static void reason_label(struct column_work *w)
{
	const struct report_picture *p = &w->out.picture;
	double n = w->out.ref.rows - w->out.ref.missing, m = w->out.cur.rows - w->out.cur.missing, most = 0;
	size_t at = 0;
	char from[FMT_MAX], to[FMT_MAX];
	for (size_t i = 0; p->labels && i < p->n; i++)
		if (fabs(p->cur[i] / m - p->ref[i] / n) > most)
			most = fabs(p->cur[i] / m - p->ref[i] / n), at = i;
	if (most > 0)
		work_reason(w, "share of '%s' %s \xe2\x86\x92 %s", p->labels[at], percent(from, p->ref[at] / n), percent(to, p->cur[at] / m));
}

static void reason_missing(struct column_work *w, const struct report_test *t)
{
	const struct report_column *c = &w->out;
	char from[FMT_MAX], to[FMT_MAX];
	percent(from, c->ref.missing / c->ref.rows), percent(to, c->cur.missing / c->cur.rows);
	work_reason(w, "missing %s \xe2\x86\x92 %s (%+.1f pp; 95 %% interval %+.1f to %+.1f)", from, to, 100 * t->effect, 100 * c->missing_low, 100 * c->missing_high);
}

static void reason_categories(struct column_work *w, const struct report_test *t, bool gained)
{
	const struct report_category *list = gained ? w->out.gained : w->out.lost;
	size_t shown = gained ? w->out.n_gained : w->out.n_lost, all = gained ? w->out.all_gained : w->out.all_lost;
	char share[FMT_MAX];
	struct str names = STR_INIT;
	for (size_t i = 0; i < shown && i < NAMES_SHOWN; i++)
		str_addf(&names, "%s%s", i ? ", " : "", list[i].name);
	work_reason(w, "%zu %s categor%s in %s of the %s rows: %s%s", all, gained ? "new" : "lost", all == 1 ? "y" : "ies", percent(share, fabs(t->effect)), gained ? "current" : "reference", names.p,
		all > NAMES_SHOWN ? ", ..." : "");
	str_free(&names);
}

/* ---- verdicts ---- */

static bool above_noise(const struct report_test *t)
{
	const struct drift_test *test = drift_test_find(t->name);
	return !test || test->kind == TEST_P_VALUE || isnan(t->null_value) || t->statistic > t->null_value;
}

/* Missing values: the shares that the rule compares, whichever way they went. The floor is what it asks of the change: a percentage point, and as much as there was. */
static bool missing_changed(const struct column_work *w, struct report_test *t, double alpha)
{
	const double x = w->out.ref.missing / w->out.ref.rows, y = w->out.cur.missing / w->out.cur.rows;
	t->threshold = fmax(t->threshold, (missing_times - 1) * fmin(x, y));
	return t->p_adjusted < alpha && (w->out.missing_low > 0 || w->out.missing_high < 0) && fabs(y - x) >= t->threshold;
}

static void judge_missing(struct column_work *w, struct report_test *t, double alpha)
{
	if (strcmp(w->out.role, "target") == 0 || !missing_changed(w, t, alpha))       /* labels come late */
		return;
	t->drifted = t->effect > 0;
	w->out.watch |= t->effect < 0;
	reason_missing(w, t);
}

static void judge_own(struct column_work *w, struct report_test *t, double alpha)
{
	if (named(t, "missing")) {
		judge_missing(w, t, alpha);
		return;
	}
	bool gained = named(t, "new_categories");
	t->drifted = t->p_adjusted < alpha && report_severity_of(t) >= 1;
	if (t->drifted)
		reason_categories(w, t, gained);
	else
		w->out.watch |= t->p_adjusted < alpha;
}

/* Of place and spread, what is the surer. */
static const struct report_test *surest(struct column_work *w, const struct report_test *primary)
{
	const struct report_test *other = partner_of(w);
	return other && w->spread_p < primary->p_value ? other : primary;
}

static void judge_distribution(struct column_work *w, const struct report_test *primary, double alpha)
{
	char p[FMT_MAX], effect[WORDS_MAX];
	bool any = false, content = false;
	if (!(primary->p_adjusted < alpha))
		return;
	for (size_t i = 0; i < w->n_tests; i++) {
		struct report_test *t = &w->tests[i];
		if (is_own_check(t))
			continue;
		t->drifted = report_severity_of(t) >= 1 && above_noise(t) && !(t->p_value >= alpha);
		any |= t->drifted;
		content |= t->drifted && is_content_test(t);
	}
	if (!any && primary->p_adjusted < alpha / SURE_PART) {
		w->out.watch = true;
		work_reason(w, "certain but small: %s, %s", effect_words(effect, surest(w, primary)), p_words(p, primary->p_adjusted));
	}
	if (!any)
		return;
	reason_distribution(w, primary);
	if (content)
		text_reason(w);
	if (w->out.picture.labels && !w->text_length && (isnan(w->out.ref.mean) || named(primary, "chi_square")))
		reason_label(w);
	else
		reason_mean(w);
}

static void set_severity(struct column_work *w, const struct report_test *primary)
{
	double most = 0;
	for (size_t i = 0; i < w->n_tests; i++) {
		w->out.drifted |= w->tests[i].drifted;
		if (w->tests[i].drifted)
			most = fmax(most, report_severity_of(&w->tests[i]));
	}
	double rest = primary && !isnan(primary->p_adjusted) ? 0.49 * (1 - primary->p_adjusted) : 0;
	w->out.severity = w->out.drifted ? fmax(1, most) : w->out.watch ? 0.5 + 0.5 * fmin(0.99, primary ? report_severity_of(primary) : 0.99) : rest;
	w->out.watch &= !w->out.drifted;
	w->out.other_drifted = w->out.drifted;
}

static void judge_one(struct column_work *w, double alpha)
{
	struct report_test *primary = primary_of(w);
	if (primary)
		judge_distribution(w, primary, alpha);
	for (size_t i = 0; i < w->n_tests; i++)
		if (is_own_check(&w->tests[i]))
			judge_own(w, &w->tests[i], alpha);
	if ((!w->ref || !w->cur) && strcmp(w->out.status, late_labels) != 0) {
		w->out.watch = true;
		work_reason(w, "only in the %s data", w->ref ? "reference" : "current");
	}
	set_severity(w, primary);
}

void judge_columns(struct compare *c)
{
	adjust_primaries(c);
	adjust_own(c);
	for (size_t i = 0; i < c->n; i++)
		judge_one(&c->work[i], c->alpha);
}
