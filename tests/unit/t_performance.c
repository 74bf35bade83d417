/* t_performance -- metrics, intervals, slices and estimates without labels.
 *
 * Values   of small tables: the examples in scikit-learn's manual pages of each metric, or worked by hand as noted. Random data are held against scikit-learn
 *          itself by tests/peers/peer_performance.sh. Decisions are tested on data of a stated process.
 */
#include "tests/unit/verdict_help.h"
#include "core/drift/export.h"
#include "core/drift/performance_impl.h"

static struct frame_col *numbers(struct table *t, const char *name, const double *v)
{
	struct frame_col *c = table_column(t, name, FRAME_NUMBER);
	for (size_t i = 0; v && i < c->n; i++)
		c->num[i] = v[i], c->missing += isnan(v[i]);
	return c;
}

static struct frame_col *coded(struct table *t, const char *name, const char *const *words, size_t n_words, const uint32_t *codes)
{
	struct frame_col *c = table_column(t, name, FRAME_CATEGORY);
	c->n_words = n_words, c->words = arena_array(t->a, n_words + 1, sizeof *c->words);
	for (size_t i = 0; i < n_words; i++)
		c->words[i] = (struct frame_word){ words[i], (uint32_t)strlen(words[i]) };
	for (size_t i = 0; codes && i < c->n; i++)
		c->code[i] = codes[i], c->missing += codes[i] == FRAME_NO_CODE;
	return c;
}

static struct report *measured(const struct table *ref, const struct table *cur, struct drift_roles roles)
{
	struct report *r = compare_tables(ref, cur, NULL);
	struct err e = { 0 };
	if (roles_settle(&roles, &ref->f, &cur->f, r->arena, &e) != ST_OK)
		fail_msg("%s", e.text);
	performance_fill(r, &ref->f, &cur->f, &roles);
	return r;
}

static const struct report_metric *metric(const struct report *r, const char *name)
{
	static const struct report_metric none = { .ref = NAN, .cur = NAN, .low = NAN, .high = NAN };
	for (size_t i = 0; i < r->performance.n_metrics; i++)
		if (!strcmp(r->performance.metrics[i].name, name))
			return &r->performance.metrics[i];
	return &none;
}

static bool noted(const struct report *r, const char *part)
{
	for (size_t i = 0; i < r->n_notes; i++)
		if (strstr(r->notes[i], part))
			return true;
	return false;
}

static void same(double got, double want)
{
	if (!near(got, want, 1e-12, 1e-14))
		fail_msg("%.17g, not %.17g", got, want);
}

/* The example of roc_auc_score. Wilson's interval of 3 of 4 (statsmodels' proportion_confint), DeLong's variance by hand: placements 1/2, 1 and 1, 1/2, each of variance 1/8. */
static void test_two_classes(void **state)
{
	(void)state;
	struct table t;
	table_init(&t, 4, 1);
	numbers(&t, "target", (double[]){ 0, 0, 1, 1 }), numbers(&t, "probability", (double[]){ 0.1, 0.4, 0.35, 0.8 });
	struct report *r = measured(&t, &t, (struct drift_roles){ 0 });
	assert_string_equal(r->performance.task, "binary");
	assert_string_equal(r->performance.positive, "1");
	same(metric(r, "roc_auc")->cur, 0.75);
	same(metric(r, "brier")->cur, 0.158125);
	same(metric(r, "log_loss")->cur, -(log(0.9) + log(0.6) + log(0.35) + log(0.8)) / 4);
	same(metric(r, "accuracy")->cur, 0.75);
	same(metric(r, "precision")->cur, 1), same(metric(r, "recall")->cur, 0.5), same(metric(r, "specificity")->cur, 1), same(metric(r, "f1")->cur, 2.0 / 3);
	const double z = 1.959963984540054, centre = 0.75 + z * z / 8, half = z * sqrt(0.1875 / 4 + z * z / 64), all = 1 + z * z / 4;
	assert_true(near(metric(r, "accuracy")->low, (centre - half) / all, 1e-9, 0) && near(metric(r, "accuracy")->high, (centre + half) / all, 1e-9, 0));
	assert_true(near(metric(r, "roc_auc")->low, 0.75 - z * sqrt(0.125), 1e-9, 0) && metric(r, "roc_auc")->high == 1);
	const double cells[] = { 2, 0, 1, 1 };
	assert_int_equal(r->performance.n_labels, 2);
	assert_memory_equal(r->performance.confusion_cur, cells, sizeof cells);
	report_free(r);
	table_done(&t);
}

/* The examples of f1_score, precision_score and recall_score with average='macro'. */
static void test_many_classes(void **state)
{
	(void)state;
	static const char *const words[] = { "c", "a", "b" };      /* the order of first sight is not that of the matrix */
	struct table t;
	table_init(&t, 6, 1);
	coded(&t, "label", words, 3, (uint32_t[]){ 1, 2, 0, 1, 2, 0 }), coded(&t, "y_pred", words, 3, (uint32_t[]){ 1, 0, 2, 1, 1, 2 });
	struct report *r = measured(&t, &t, (struct drift_roles){ 0 });
	assert_string_equal(r->performance.task, "multiclass");
	same(metric(r, "precision")->ref, 2.0 / 9), same(metric(r, "recall")->ref, 1.0 / 3), same(metric(r, "f1")->ref, 4.0 / 15), same(metric(r, "accuracy")->ref, 1.0 / 3);
	const double cells[] = { 2, 0, 0, 1, 0, 1, 0, 2, 0 };
	assert_string_equal(r->performance.labels[0], "a");
	assert_memory_equal(r->performance.confusion_ref, cells, sizeof cells);
	report_free(r);
	table_done(&t);
}

/* By hand: the AUC of a is 7 of 8 pairs (0.7 is above all four others; 0.2 above 0.1 twice and level with 0.2 twice), of b 6.5 and of c 4.5; their mean is 0.75. */
static void test_each_class(void **state)
{
	(void)state;
	static const char *const words[] = { "c", "a", "b" };
	static const struct class_column columns[] = { { "a", "pa" }, { "b", "pb" }, { "c", "pc" } };
	const struct drift_roles roles = { .probabilities = columns, .n_probabilities = 3 };
	struct table t;
	table_init(&t, 6, 1);
	coded(&t, "label", words, 3, (uint32_t[]){ 1, 2, 0, 1, 2, 0 });
	double *pa = numbers(&t, "pa", (double[]){ 0.7, 0.2, 0.1, 0.2, 0.1, 0.2 })->num;
	numbers(&t, "pb", (double[]){ 0.2, 0.4, 0.3, 0.2, 0.5, 0.5 }), numbers(&t, "pc", (double[]){ 0.1, 0.4, 0.6, 0.6, 0.4, 0.3 });
	struct report *r = measured(&t, &t, roles);
	assert_string_equal(r->performance.task, "multiclass");
	same(metric(r, "log_loss")->cur, -(log(0.7) + log(0.4) + log(0.6) + log(0.2) + log(0.5) + log(0.3)) / 6);
	same(metric(r, "roc_auc")->cur, 0.75);
	assert_true(metric(r, "roc_auc")->low < metric(r, "roc_auc")->cur && metric(r, "roc_auc")->high > metric(r, "roc_auc")->cur);
	same(metric(r, "accuracy")->cur, 4.0 / 6);     /* without a prediction, that of the greatest probability: a, b (level with c, seen first), c, c, b, b */
	report_free(r);
	pa[0] = 1.5;                                   /* is no probability: its row is left out */
	r = measured(&t, &t, roles);
	same(metric(r, "log_loss")->cur, -(log(0.4) + log(0.6) + log(0.2) + log(0.5) + log(0.3)) / 5);
	report_free(r);
	r = measured(&t, &t, (struct drift_roles){ .probabilities = columns, .n_probabilities = 2 });
	assert_true(isnan(metric(r, "log_loss")->cur) && isnan(metric(r, "roc_auc")->cur));          /* c has no column */
	report_free(r);
	table_done(&t);
}

/* Probabilities that hold have an interval that begins at 0; of those that are a tenth too high it holds the tenth. The same draws give the same numbers. */
static void test_calibration_interval(void **state)
{
	(void)state;
	for (int off = 0; off < 2; off++) {
		struct table t;
		table_init(&t, 4000, 7);
		double *y = numbers(&t, "target", NULL)->num, *p = numbers(&t, "probability", NULL)->num;
		for (size_t i = 0; i < 4000; i++) {
			const double v = 0.2 + 0.6 * stream_unit(&t.seed);
			y[i] = stream_unit(&t.seed) < v, p[i] = v + 0.1 * off;
		}
		struct report *r = measured(&t, &t, (struct drift_roles){ 0 }), *again = measured(&t, &t, (struct drift_roles){ 0 });
		const struct report_metric *m = metric(r, "calibration_error");
		if (!(m->low <= 0.1 * off && (off || m->low == 0) && m->high >= 0.1 * off && m->high < 0.1 * off + 0.05 && (!off || m->low > 0.05)))
			fail_msg("%g: %g to %g, with %d tenths off", m->cur, m->low, m->high, off);
		assert_true(m->low == metric(again, "calibration_error")->low && !m->worse);
		report_free(r), report_free(again);
		table_done(&t);
	}
}

/* The examples of mean_absolute_error, mean_squared_error, r2_score and mean_absolute_percentage_error. A target of 0 has no percentage. */
static void test_regression(void **state)
{
	(void)state;
	struct table t;
	table_init(&t, 4, 1);
	numbers(&t, "target", (double[]){ 3, -0.5, 2, 7 }), numbers(&t, "prediction", (double[]){ 2.5, 0, 2, 8 });
	struct report *r = measured(&t, &t, (struct drift_roles){ 0 });
	assert_string_equal(r->performance.task, "regression");
	same(metric(r, "mae")->cur, 0.5), same(metric(r, "rmse")->cur, sqrt(0.375)), same(metric(r, "r2")->cur, 0.9486081370449679), same(metric(r, "mape")->cur, 32.73809523809524);
	same(metric(r, "mean_error")->cur, 0.25), same(metric(r, "max_error")->cur, 1);
	report_free(r);
	t.cols[0].num[0] = 0;
	r = measured(&t, &t, (struct drift_roles){ 0 });
	same(metric(r, "mape")->cur, 100 * (1 + 0 + 1.0 / 7) / 3);
	report_free(r);
	table_done(&t);
}

/* 1, "1", "1.0" and true are one class; "01" is not. */
static void test_spellings(void **state)
{
	(void)state;
	static const char *const mixed[] = { "True", "0", "1.0", "01" };
	struct table t;
	struct classes c;
	table_init(&t, 4, 1);
	classes_init(&c, t.a);
	struct frame_col *yes = numbers(&t, "a", (double[]){ 1, 0, 1, NAN }), *words = coded(&t, "b", mixed, 4, (uint32_t[]){ 0, 1, 2, 3 }), *flags = table_column(&t, "c", FRAME_BOOLEAN);
	flags->num[0] = 1;
	uint32_t *x = classes_take(&c, yes), *y = classes_take(&c, words), *z = classes_take(&c, flags);
	assert_true(x[0] == y[0] && x[0] == y[2] && x[0] == z[0] && x[1] == y[1] && x[1] == z[1] && x[3] == NO_CLASS);
	assert_true(y[3] != x[0] && y[3] != x[1]);
	assert_int_equal(c.n, 3);
	free(x), free(y), free(z);
	classes_free(&c);
	table_done(&t);
}

/* ---- data of a process: p uniform, the label drawn with chance p ^ power ---- */

static void model(struct table *t, size_t rows, uint64_t seed, double power, bool labels)
{
	table_init(t, rows, seed);
	struct frame_col *y = table_column(t, "target", FRAME_NUMBER), *p = table_column(t, "probability", FRAME_NUMBER), *g = table_column(t, "x", FRAME_NUMBER);
	for (size_t i = 0; i < rows; i++) {
		p->num[i] = stream_unit(&t->seed);
		y->num[i] = stream_unit(&t->seed) < pow(p->num[i], power);
		g->num[i] = stream_unit(&t->seed);
		if (!labels)
			y->num[i] = NAN, y->missing++;
	}
}

static void test_worse(void **state)
{
	(void)state;
	struct table ref, alike, bad;
	model(&ref, 4000, 1, 1, true), model(&alike, 2000, 2, 1, true), model(&bad, 2000, 3, 1, true);
	for (size_t i = 0; i < 600; i++)
		bad.cols[0].num[i] = 1 - bad.cols[0].num[i];
	struct report *r = measured(&ref, &alike, (struct drift_roles){ 0 });
	for (size_t i = 0; i < r->performance.n_metrics; i++)
		assert_false(r->performance.metrics[i].worse);
	report_free(r);
	r = measured(&ref, &bad, (struct drift_roles){ 0 });
	assert_true(metric(r, "accuracy")->worse && metric(r, "roc_auc")->worse && metric(r, "brier")->worse && metric(r, "f1")->worse);
	report_free(r);
	r = measured(&bad, &ref, (struct drift_roles){ 0 });     /* better is not worse */
	for (size_t i = 0; i < r->performance.n_metrics; i++)
		assert_false(r->performance.metrics[i].worse);
	report_free(r);
	table_done(&ref), table_done(&alike), table_done(&bad);
}

/* Labels are what the model says but for a share of errors, which goes 10 %, 40 %, 10 %, ... along the time; rows are in no order of it. */
static void errors_by_time(struct table *t, size_t rows, uint64_t seed, double even, double odd)
{
	model(t, rows, seed, 1, true);
	struct frame_col *when = table_column(t, "when", FRAME_TIME);
	for (size_t i = 0; i < rows; i++) {
		size_t at = (i * 7919) % rows;
		bool said = t->cols[1].num[i] >= 0.5, wrong = stream_unit(&t->seed) < ((at * 6 / rows) % 2 ? odd : even);
		when->num[i] = 1.7e12 + 1000 * (double)at, t->cols[0].num[i] = said != wrong;
	}
}

/* What the reference does by itself from week to week is not called worse; without its time axis the same fall of accuracy, 0.75 to 0.68, is. */
static void test_time_axis(void **state)
{
	(void)state;
	struct table ref, cur;
	errors_by_time(&ref, 12000, 1, 0.1, 0.4), errors_by_time(&cur, 2000, 2, 0.32, 0.32);
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	assert_true(fabs(metric(r, "accuracy")->ref - 0.75) < 0.02 && fabs(metric(r, "accuracy")->cur - 0.68) < 0.03);
	assert_false(metric(r, "accuracy")->worse);
	assert_true(noted(r, "6 chunks of the reference"));
	report_free(r);
	r = measured(&ref, &cur, (struct drift_roles){ .timestamp = "" });
	assert_true(metric(r, "accuracy")->worse);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* With no change, how often is any metric or slice called worse? At most 5 % of the trials, by the rule; 100 trials of 300 against 200 rows, seeds 1 to 200. */
static void test_false_alarms(void **state)
{
	(void)state;
	int metrics = 0, slices = 0;
	for (uint64_t k = 0; k < 100; k++) {
		struct table ref, cur;
		model(&ref, 300, 2 * k + 1, 1, true), model(&cur, 200, 2 * k + 2, 1, true);
		struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
		bool any = false;
		for (size_t i = 0; i < r->performance.n_metrics; i++)
			any |= r->performance.metrics[i].worse;
		metrics += any;
		slices += r->performance.n_segments && r->performance.segments[0].worse;
		report_free(r);
		table_done(&ref), table_done(&cur);
	}
	assert_in_range(metrics, 0, 8);
	assert_in_range(slices, 0, 8);
}

/* Labels turn over where x is above 3/4: that quarter is the slice that got worst. */
static void test_slices(void **state)
{
	(void)state;
	struct table ref, cur;
	model(&ref, 4000, 1, 1, true), model(&cur, 4000, 2, 1, true);
	for (size_t i = 0; i < 4000; i++)
		if (cur.cols[2].num[i] > 0.75)
			cur.cols[0].num[i] = 1 - cur.cols[0].num[i];
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	const struct report_performance *p = &r->performance;
	assert_int_equal(p->n_segments, 4);
	assert_string_equal(p->segment_metric, "accuracy");
	assert_string_equal(p->segments[0].column, "x");
	assert_non_null(strstr(p->segments[0].value, "above 0.7"));
	assert_true(p->segments[0].worse && !p->segments[1].worse && p->segments[0].cur < 0.4);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* ---- without labels ---- */

/* Probabilities that mean p ^ 2: only calibrated ones can say how often rows are positive. The truth is what the process gives in expectation:
 * with the cut at 1/2, recall = (1 - 1/8) = 0.875, precision = (1/3) (1 - 1/8) / (1/2) = 0.583, accuracy = 1/2 - 1/24 + 7/24 = 0.75. */
static void test_estimate(void **state)
{
	(void)state;
	struct table ref, cur;
	model(&ref, 20000, 1, 2, true), model(&cur, 20000, 2, 2, false);
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	assert_non_null(strstr(r->performance.assumption, "were calibrated"));
	const struct { const char *name; double truth; } want[] = { { "recall", 0.875 }, { "precision", 7.0 / 12 }, { "accuracy", 0.75 } };
	for (size_t i = 0; i < 3; i++) {
		const struct report_metric *m = metric(r, want[i].name);
		assert_true(m->estimated && !m->worse && m->low < m->cur && m->cur < m->high);
		assert_true(fabs(m->cur - want[i].truth) < 0.02);
	}
	assert_true(isnan(metric(r, "log_loss")->cur));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* All rows move to where the model is least sure: the estimate falls and says so. */
static void test_estimate_worse(void **state)
{
	(void)state;
	struct table ref, cur;
	model(&ref, 20000, 1, 1, true), model(&cur, 3000, 2, 1, false);
	for (size_t i = 0; i < 3000; i++)
		cur.cols[1].num[i] = 0.3 + 0.4 * cur.cols[1].num[i];
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	assert_true(metric(r, "accuracy")->worse && metric(r, "roc_auc")->worse);
	assert_true(fabs(metric(r, "accuracy")->cur - 0.6) < 0.02);      /* mean of max(p, 1 - p) over 0.3 .. 0.7 */
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_no_estimate(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 200, 1), table_init(&cur, 200, 2);
	table_normals(&ref, "target", 0, 1), table_normals(&ref, "prediction", 0, 1);
	table_normals(&cur, "prediction", 0, 1);
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	assert_non_null(strstr(r->performance.why_not, "cannot be estimated"));
	assert_true(isnan(metric(r, "mae")->cur) && !isnan(metric(r, "mae")->ref));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* ---- odd data ---- */

static void test_probability_beyond(void **state)
{
	(void)state;
	struct table ref, cur;
	model(&ref, 400, 1, 1, true), model(&cur, 400, 2, 1, true);
	cur.cols[1].num[3] = 1.5, cur.cols[1].num[4] = -INFINITY, cur.cols[1].num[5] = NAN;
	struct report *r = measured(&ref, &cur, (struct drift_roles){ .probability = "probability" });
	assert_non_null(finding(r, "probability", "probability"));
	assert_true(finding(r, "probability", "probability")->cur == 2);
	assert_true(metric(r, "roc_auc")->cur > 0.5);
	assert_true(noted(r, "397 of the 400 rows of the current data"));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_new_class(void **state)
{
	(void)state;
	static const char *const words[] = { "no", "yes", "perhaps" };
	struct table ref, cur;
	table_init(&ref, 100, 1), table_init(&cur, 100, 2);
	table_labels(&ref, "label", 2, words, (double[]){ 0.5, 0.5 }), table_labels(&ref, "y_pred", 2, words, (double[]){ 0.5, 0.5 });
	table_labels(&cur, "label", 3, words, (double[]){ 0.4, 0.4, 0.2 }), table_labels(&cur, "y_pred", 2, words, (double[]){ 0.5, 0.5 });
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	assert_string_equal(r->performance.task, "binary");
	assert_string_equal(r->performance.positive, "yes");
	assert_non_null(strstr(finding(r, "new class", "label")->text, "'perhaps'"));
	assert_int_equal(r->performance.n_labels, 3);
	report_free(r);
	r = measured(&ref, &cur, (struct drift_roles){ .positive = "maybe" });
	assert_non_null(strstr(r->performance.why_not, "'maybe'"));
	assert_int_equal(r->performance.n_metrics, 0);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_ten_thousand_classes(void **state)
{
	(void)state;
	enum { CLASSES = 10000 };
	struct table t;
	table_init(&t, 2 * CLASSES, 1);
	const char **words = arena_array(t.a, CLASSES, sizeof *words);
	uint32_t *codes = arena_array(t.a, 2 * CLASSES, sizeof *codes);
	for (uint32_t i = 0; i < CLASSES; i++)
		words[i] = arena_printf(t.a, "k%u", i), codes[i] = codes[CLASSES + i] = i;
	coded(&t, "label", words, CLASSES, codes), coded(&t, "y_pred", words, CLASSES, codes);
	struct report *r = measured(&t, &t, (struct drift_roles){ 0 });
	assert_int_equal(r->performance.n_labels, 31);
	assert_string_equal(r->performance.labels[30], "(other)");
	assert_true(metric(r, "f1")->cur == 1 && noted(r, "30 classes with most rows"));
	report_free(r);
	table_done(&t);
}

/* One class, nothing but missing values, no rows, a target of another type: words or fewer metrics, never a crash. */
static void test_degenerate(void **state)
{
	(void)state;
	static const char *const words[] = { "a" };
	struct table ref, cur, none, odd;
	model(&ref, 50, 1, 1, true), model(&cur, 50, 2, 1, true), model(&none, 0, 3, 1, true);
	table_init(&odd, 50, 4);
	table_labels(&odd, "target", 1, words, (double[]){ 1 }), table_labels(&odd, "probability", 1, words, (double[]){ 1 });
	for (size_t i = 0; i < 50; i++)
		cur.cols[0].num[i] = 1;
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	assert_true(isnan(metric(r, "roc_auc")->cur) && isnan(metric(r, "specificity")->cur) && !isnan(metric(r, "recall")->cur));
	report_free(r);
	const struct table *pairs[][2] = { { &cur, &cur }, { &ref, &none }, { &none, &ref }, { &none, &none }, { &ref, &odd }, { &odd, &ref }, { &odd, &odd } };
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		r = measured(pairs[i][0], pairs[i][1], (struct drift_roles){ 0 });
		assert_true(r->performance.n_metrics || *r->performance.why_not);
		report_free(r);
	}
	for (size_t i = 0; i < 50; i++)
		cur.cols[1].num[i] = NAN;
	cur.cols[1].missing = 50;
	r = measured(&ref, &cur, (struct drift_roles){ .probability = "probability" });
	assert_true(isnan(metric(r, "accuracy")->cur));
	report_free(r);
	ref.cols[0].name = arena_strdup(ref.a, "churned"), cur.cols[0].name = arena_strdup(cur.a, "churned");      /* nothing says what was to be predicted */
	r = measured(&ref, &cur, (struct drift_roles){ 0 });
	bool told = false;
	for (size_t i = 0; i < r->n_notes; i++)
		told |= strstr(r->notes[i], "--target COLUMN names it") != NULL;
	assert_true(told && !r->performance.n_metrics);
	report_free(r);
	assert_true(performance_is_judged("accuracy") && !performance_is_judged("calibration_error") && !performance_is_judged("no such"));
	table_done(&ref), table_done(&cur), table_done(&none), table_done(&odd);
}

static void test_document(void **state)
{
	(void)state;
	struct table ref, cur;
	struct str first = STR_INIT, again = STR_INIT, page = STR_INIT;
	struct report *back;
	struct err e;
	model(&ref, 1000, 1, 1, true), model(&cur, 1000, 2, 3, true);
	struct report *r = measured(&ref, &cur, (struct drift_roles){ 0 });
	export_json(&first, r);
	assert_int_equal(report_read(first.p, first.len, "test", &back, &e), ST_OK);
	export_json(&again, back);
	assert_string_equal(first.p, again.p);
	assert_true(back->performance.n_metrics == r->performance.n_metrics && back->performance.confusion_cur && back->performance.n_calibration == 10);
	export_html(&page, back, &(struct export_options){ 0 });
	assert_non_null(strstr(page.p, "<h2>Performance</h2>"));
	str_clear(&page);
	export_markdown(&page, back);
	assert_non_null(strstr(page.p, "## Performance"));
	str_free(&first), str_free(&again), str_free(&page);
	report_free(r), report_free(back);
	table_done(&ref), table_done(&cur);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_classes), cmocka_unit_test(test_many_classes), cmocka_unit_test(test_each_class), cmocka_unit_test(test_calibration_interval), cmocka_unit_test(test_regression), cmocka_unit_test(test_spellings), cmocka_unit_test(test_worse),
		cmocka_unit_test(test_time_axis), cmocka_unit_test(test_false_alarms), cmocka_unit_test(test_slices), cmocka_unit_test(test_estimate), cmocka_unit_test(test_estimate_worse), cmocka_unit_test(test_no_estimate),
		cmocka_unit_test(test_probability_beyond), cmocka_unit_test(test_new_class), cmocka_unit_test(test_ten_thousand_classes), cmocka_unit_test(test_degenerate), cmocka_unit_test(test_document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
