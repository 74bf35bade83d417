/* t_joint -- drift that no column shows: relations that change, and how often nothing is called so. Frames come from a stated process and seed; the AUC of a changed correlation is that of
 * its own likelihood ratio, computed here for all pairs. */
#include <math.h>
#include "tests/unit/verdict_help.h"
#include "core/base/mem.h"
#include "core/drift/classifier.h"
#include "core/drift/export.h"
#include "core/drift/joint.h"

static void relate(struct table *t, const char *a, const char *b, double rho)
{
	struct frame_col *x = table_normals(t, a, 0, 1), *y = table_normals(t, b, 0, 1);
	for (size_t i = 0; i < x->n; i++)
		y->num[i] = rho * x->num[i] + sqrt(1 - rho * rho) * y->num[i];
}

static struct report *compare_all(const struct table *ref, const struct table *cur, enum joint_choice choice, const struct drift_options *o)
{
	struct report *r = compare_tables(ref, cur, o);
	joint_fill(r, &ref->f, &cur->f, NULL, choice, NULL);
	return r;
}

static const struct report_joint *result(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->n_joint; i++)
		if (!strcmp(r->joint[i].name, name))
			return &r->joint[i];
	fail_msg("no %s", name);
	return NULL;
}

/* With x, y standard normal and correlation r, -r, x y is sufficient: its AUC is the best there is. */
static void test_relation(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 3000, 1), table_init(&cur, 2000, 2);
	relate(&ref, "speed", "heat", 0.6), relate(&cur, "speed", "heat", -0.6);
	table_normals(&ref, "other", 5, 2), table_normals(&cur, "other", 5, 2);
	double *score = mem_array(5000, sizeof *score);
	bool *positive = mem_array(5000, sizeof *positive);
	for (size_t i = 0; i < 5000; i++) {
		const struct frame_col *c = i < 3000 ? ref.f.cols : cur.f.cols;
		size_t row = i < 3000 ? i : i - 3000;
		score[i] = -c[0].num[row] * c[1].num[row], positive[i] = i >= 3000;
	}
	struct auc best;
	auc_compute(score, positive, 5000, &best);
	free(score), free(positive);
	struct report *r = compare_all(&ref, &cur, JOINT_USUAL, NULL);
	const struct report_joint *c = result(r, "domain_classifier");
	assert_int_equal(r->n_drifted, 0);
	assert_true(r->drifted && !strcmp(r->verdict, "drifted") && r->n_notes == 1);
	assert_true(c->drifted && fabs(c->statistic - best.value) < 0.01 && c->low < best.value && c->high > best.value);
	assert_string_equal(c->weights[0].name, "speed \xc3\x97 heat");
	assert_true(c->weights[0].weight > 3 * c->weights[1].weight);
	assert_true(result(r, "mmd")->drifted && result(r, "mmd")->p_value == 0.002);
	assert_true(result(r, "correlations")->drifted && result(r, "correlations")->statistic > 1);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* A report with all of it survives its document, and names of columns are escaped where they go. */
static void test_document(void **state)
{
	(void)state;
	static const char odd[] = "<b>|x\x1b[0m";
	struct table t[2];
	struct str first = STR_INIT, again = STR_INIT, page = STR_INIT, text = STR_INIT;
	for (int k = 0; k < 2; k++) {
		table_init(&t[k], 600, 60 + (uint64_t)k);
		relate(&t[k], odd, "b", k ? -0.8 : 0.8);
		struct frame_col *c = table_column(&t[k], "words", FRAME_TEXT);
		c->n_words = 2, c->words = arena_array(t[k].a, 2, sizeof *c->words);
		c->words[0] = (struct frame_word){ "usual words", 11 }, c->words[1] = (struct frame_word){ "refund wanted", 13 };
		for (size_t i = 0; i < 600; i++)
			c->code[i] = stream_unit(&t[k].seed) < (k ? 0.5 : 0.1);
	}
	struct report *r = compare_all(&t[0], &t[1], JOINT_USUAL, NULL), *back;
	struct err e;
	export_json(&first, r);
	assert_int_equal(report_read(first.p, first.len, "test", &back, &e), ST_OK);
	export_json(&again, back);
	assert_string_equal(first.p, again.p);
	assert_true(back->n_joint == 3 && back->joint[0].drifted && back->joint[0].n_weights > 1 && isnan(back->joint[1].threshold));
	assert_true(report_column(back, "words")->n_words == 4 && report_column(back, "words")->words[0].cur > 0.4);
	export_html(&page, back, &(struct export_options){ 0 }), export_markdown(&text, back);
	assert_true(strstr(page.p, "All columns together") && !strstr(page.p, "<b>|x") && !strstr(page.p, "\x1b") && strstr(page.p, "&lt;b&gt;") && strstr(page.p, "refund"));
	assert_true(strstr(text.p, "## All columns together") && strstr(text.p, "refund") && !strstr(text.p, "<b>"));
	str_free(&first), str_free(&again), str_free(&page), str_free(&text);
	report_free(r), report_free(back);
	table_done(&t[0]), table_done(&t[1]);
}

/* A little: certain, but the interval of the AUC does not clear 0.55. */
static void test_watch(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 1500, 3), table_init(&cur, 1500, 4);
	relate(&ref, "a", "b", 0.5), relate(&cur, "a", "b", 0.3);
	struct report *r = compare_all(&ref, &cur, JOINT_USUAL, NULL);
	const struct report_joint *c = result(r, "domain_classifier");
	assert_true(!r->drifted && !strcmp(r->verdict, "watch"));
	assert_true(c->low > 0.5 && c->low < 0.55);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_choice(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 300, 5), table_init(&cur, 300, 6);
	relate(&ref, "a", "b", 0.9), relate(&cur, "a", "b", -0.9);
	struct report *r = compare_all(&ref, &cur, JOINT_NEVER, NULL);
	assert_true(r->n_joint == 0 && !strcmp(r->verdict, "stable"));
	report_free(r);
	const struct drift_options theirs = { .evidently = true };
	r = compare_all(&ref, &cur, JOINT_USUAL, &theirs);
	assert_int_equal(r->n_joint, 0);
	report_free(r);
	r = compare_all(&ref, &cur, JOINT_ALWAYS, &theirs);          /* told, but the verdict is Evidently's */
	assert_true(result(r, "domain_classifier")->drifted && !r->drifted);
	report_free(r);
	struct drift_roles roles = { .target = "a" };
	r = compare_tables(&ref, &cur, NULL);
	joint_fill(r, &ref.f, &cur.f, &roles, JOINT_USUAL, NULL);
	assert_true(*result(r, "domain_classifier")->why_not);       /* one column is left */
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* Categories and missing values: the two labels agree in the reference and not in the current data; so do two gaps. */
static void test_words_and_gaps(void **state)
{
	(void)state;
	static const char *const ab[] = { "a", "b" }, *const ba[] = { "b", "a" };
	static const double half[] = { 0.5, 0.5 };
	struct table t[2];
	for (int k = 0; k < 2; k++) {
		table_init(&t[k], 1000, 7 + (uint64_t)k);
		table_labels(&t[k], "kind", 2, k ? ba : ab, half);       /* other codes for the same words */
		struct frame_col *gaps = table_normals(&t[k], "gaps", 0, 1);
		column_lose(&t[k], gaps, k ? 0.5 : 0.02);
	}
	struct report *r = compare_all(&t[0], &t[1], JOINT_USUAL, NULL);
	const struct report_joint *c = result(r, "domain_classifier");
	assert_true(c->drifted && fabs(c->statistic - 0.74) < 0.03); /* an indicator of 2 % against 50 %: 0.5 + 0.48 / 2 */
	assert_string_equal(c->weights[0].name, "gaps");
	report_free(r);
	table_done(&t[0]), table_done(&t[1]);
}

/* Nothing of this may crash, overflow or count. */
static void test_trouble(void **state)
{
	(void)state;
	static const char *const abc[] = { "a", "b", "c" };
	static const double shares[] = { 0.5, 0.3, 0.2 };
	static const size_t rows[] = { 0, 1, 2, 9, 49, 60, 400 };
	for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
		struct table t[2];
		for (int k = 0; k < 2; k++) {
			table_init(&t[k], rows[n], 20 + (uint64_t)k);
			table_normals(&t[k], "constant", 3, 0);
			column_lose(&t[k], table_normals(&t[k], "empty", 0, 1), 2);
			struct frame_col *wild = table_normals(&t[k], "wild", 0, 1), *most = table_normals(&t[k], "mostly one", 1, 0);
			for (size_t i = 0; i < rows[n]; i++)
				wild->num[i] = i % 5 == 0 ? INFINITY : i % 5 == 1 ? -1e308 : i % 5 == 2 ? 1e308 : i % 5 == 3 ? NAN : 1e-308;
			if (rows[n])
				most->num[0] = 1e300;
			table_labels(&t[k], "label", 3, abc, shares);
			table_normals(&t[k], k ? "only there" : "only here", 0, 1);
		}
		struct report *r = compare_all(&t[0], &t[1], JOINT_ALWAYS, NULL);
		const struct report_joint *c = result(r, "domain_classifier");
		assert_true(*c->why_not ? isnan(c->statistic) : c->statistic > 0.3 && c->statistic < 0.7);
		assert_true((*c->why_not != '\0') == (rows[n] < CLASSIFIER_FEWEST_ROWS) && !c->drifted);
		report_free(r);
		table_done(&t[0]), table_done(&t[1]);
	}
}

/* Sides that do not overlap anywhere: weights and AUC stay finite. */
static void test_apart(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 500, 30), table_init(&cur, 500, 31);
	table_normals(&ref, "a", 0, 1), table_normals(&cur, "a", 1000, 1);
	table_normals(&ref, "b", 0, 1), table_normals(&cur, "b", 0, 1);
	struct report *r = compare_all(&ref, &cur, JOINT_USUAL, NULL);
	const struct report_joint *c = result(r, "domain_classifier");
	assert_true(c->statistic == 1 && c->high == 1 && c->low <= 1 && c->p_value < 1e-50 && isfinite(c->weights[0].weight));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_many_columns(void **state)
{
	(void)state;
	enum { COLUMNS = 1000, ROWS = 120 };
	struct frame f[2] = { { .name = NULL } };
	struct arena *a = arena_new();
	uint64_t seed = 40;
	for (int k = 0; k < 2; k++) {
		f[k] = (struct frame){ .cols = arena_array(a, COLUMNS, sizeof *f->cols), .n_cols = COLUMNS, .n_rows = ROWS, .name = arena_strdup(a, "wide") };
		str_init(&f[k].notes);
		for (size_t i = 0; i < COLUMNS; i++) {
			f[k].cols[i] = (struct frame_col){ .name = arena_printf(a, "c%zu", i), .type = FRAME_NUMBER, .n = ROWS, .num = arena_array(a, ROWS, sizeof(double)) };
			for (size_t row = 0; row < ROWS; row++)
				f[k].cols[i].num[row] = stream_unit(&seed) + (k && i == 700 ? 5 : 0);
		}
	}
	struct report *r;
	struct err e = { 0 };
	for (int always = 0; always < 2; always++) {
		assert_int_equal(drift_compare(&f[0], &f[1], &(struct drift_options){ 0 }, &r, &e), ST_OK);
		joint_fill(r, &f[0], &f[1], NULL, always ? JOINT_ALWAYS : JOINT_USUAL, NULL);
		const struct report_joint *c = result(r, "domain_classifier");
		assert_true(always ? c->drifted && !strcmp(c->weights[0].name, "c700") : strstr(c->why_not, "--joint") != NULL);
		report_free(r);
	}
	arena_free(a);
}

/* The same data give the same numbers, whatever the threads do. */
static void test_repeat(void **state)
{
	(void)state;
	struct table ref, cur;
	double first = 0, mmd = 0;
	table_init(&ref, 700, 50), table_init(&cur, 900, 51);
	relate(&ref, "a", "b", 0.3), relate(&cur, "a", "b", 0);
	for (int i = 0; i < 3; i++) {
		struct report *r = compare_all(&ref, &cur, JOINT_USUAL, NULL);
		if (i == 0)
			first = result(r, "domain_classifier")->statistic, mmd = result(r, "mmd")->p_value;
		assert_true(result(r, "domain_classifier")->statistic == first && result(r, "mmd")->p_value == mmd);
		report_free(r);
	}
	table_done(&ref), table_done(&cur);
}

static void test_samples(void **state)
{
	(void)state;
	static uint32_t row[1000];
	assert_int_equal(sample_rows(7, 1000, 1, row), 7);
	assert_true(row[0] == 0 && row[6] == 6);
	assert_int_equal(sample_rows(1234567, 1000, 1, row), 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_true(row[i] >= i * 1234567 / 1000 && row[i] < (i + 1) * 1234567 / 1000 + 1);
	assert_int_equal(sample_rows(0, 10, 1, row), 0);
}

/* ---- false alarms ---- */

/* Two normal columns that belong together, one with 5 % missing, three categories: drawn twice from the same process. */
static void fill_same(struct table *t)
{
	static const char *const abc[] = { "a", "b", "c" };
	static const double shares[] = { 0.5, 0.3, 0.2 };
	relate(t, "a", "b", 0.7);
	column_lose(t, table_normals(t, "c", 3, 5), 0.05);
	table_labels(t, "d", 3, abc, shares);
}

/* A tenth of alpha for classifier and MMD each, a hundredth for correlations: 2 % of the data sets may be watched for these. "Drifted" by the classifier alone must hardly ever come. */
static void test_false_alarms(void **state)
{
	(void)state;
	static const size_t sizes[][2] = { { 50, 50 }, { 60, 300 }, { 200, 200 }, { 1000, 200 } };
	const char *much = getenv("MLYARD_FALSE_ALARMS");
	int trials = much ? (int)strtol(much, NULL, 10) : 15;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		int found[3] = { 0 }, drifted = 0;
		for (int k = 0; k < trials; k++) {
			struct table ref, cur;
			table_init(&ref, sizes[s][0], 100000 + 2 * (uint64_t)k), table_init(&cur, sizes[s][1], 100001 + 2 * (uint64_t)k);
			fill_same(&ref), fill_same(&cur);
			struct report *r = compare_tables(&ref, &cur, NULL);
			bool before = r->drifted;
			joint_fill(r, &ref.f, &cur.f, NULL, JOINT_USUAL, NULL);
			drifted += r->drifted && !before;
			for (int i = 0; i < 3; i++)
				found[i] += r->joint[i].drifted;
			report_free(r);
			table_done(&ref), table_done(&cur);
		}
		if (much)
			printf("%5zu %5zu  classifier %.1f %%, MMD %.1f %%, correlations %.1f %%, drifted by them alone %.1f %%\n", sizes[s][0], sizes[s][1], 100.0 * found[0] / trials, 100.0 * found[1] / trials,
				100.0 * found[2] / trials, 100.0 * drifted / trials);
		for (int i = 0; i < 3; i++)
			assert_true(found[i] <= 2 + trials / 50);
		assert_true(drifted <= 1 + trials / 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_relation), cmocka_unit_test(test_document), cmocka_unit_test(test_watch), cmocka_unit_test(test_choice), cmocka_unit_test(test_words_and_gaps), cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_apart), cmocka_unit_test(test_many_columns), cmocka_unit_test(test_repeat), cmocka_unit_test(test_samples), cmocka_unit_test(test_false_alarms) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
