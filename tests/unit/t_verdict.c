/* t_verdict -- what is drift and what is not: shifts, nothing at all, missing values, new categories, trouble that stays in its column; Evidently's
 * choices against the golden set; how often nothing is called drift. */
#include "tests/unit/verdict_help.h"

static const char *const abc[] = { "a", "b", "c", "d" };
static const double thirds[] = { 0.5, 0.3, 0.2 };

static void test_benjamini_hochberg(void **state)
{
	(void)state;
	double p[] = { 0.01, NAN, 0.04, 0.03, 0.5, 0.005 };      /* m = 5: 0.025, 0.05, 0.05, 0.5, 0.025 */
	adjust_benjamini_hochberg(p, 6);
	assert_true(near(p[0], 0.025, 1e-12, 0) && isnan(p[1]) && near(p[2], 0.05, 1e-12, 0) && near(p[3], 0.05, 1e-12, 0) && near(p[4], 0.5, 1e-12, 0) && near(p[5], 0.025, 1e-12, 0));
	double one[] = { 0.9, 0.8 };
	adjust_benjamini_hochberg(one, 2);
	assert_true(one[0] == 0.9 && one[1] == 0.9);
}

static void fill_plain(struct table *t, double shift)
{
	table_normals(t, "steady", 10, 2);
	table_normals(t, "moved", 10 + shift, 2);
	table_labels(t, "kind", 3, abc, thirds);
}

static void test_shift(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 2000, 1), table_init(&cur, 1500, 2);
	fill_plain(&ref, 0), fill_plain(&cur, 1);
	struct report *r = compare_tables(&ref, &cur, NULL);
	assert_true(r->drifted);
	assert_string_equal(r->verdict, "drifted");
	assert_int_equal(r->n_drifted, 1);
	assert_int_equal(r->n_compared, 3);
	assert_string_equal(r->columns[0].name, "moved");        /* worst first */
	const struct report_column *c = &r->columns[0];
	assert_true(c->severity >= 1 && c->severity <= REPORT_MOST_SEVERE && r->columns[1].severity < 0.5 && c->n_reasons == 2);
	for (size_t i = 0; i < c->n_reasons; i++)
		assert_true(strlen(c->reasons[i]) <= 120);
	assert_true(some_reason(c, "distribution changed") && some_reason(c, "mean"));
	const struct report_test *ks = test_named(c, "ks");
	assert_true(ks && ks->primary && ks->drifted && ks->p_adjusted >= ks->p_value && ks->effect > 0.1 && !isnan(ks->null_value));
	assert_true(c->picture.n == REPORT_BINS && c->picture.edges && c->ref.quantiles && c->cur.quantiles);
	double sum = c->picture.cur_outside[0] + c->picture.cur_outside[1];
	for (size_t i = 0; i < c->picture.n; i++)
		sum += c->picture.cur[i];
	assert_true(sum == 1500);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_small_but_certain(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 100000, 3), table_init(&cur, 100000, 4);
	table_normals(&ref, "x", 0, 1), table_normals(&cur, "x", 0.04, 1);
	struct report *r = compare_tables(&ref, &cur, NULL);
	assert_false(r->drifted);
	assert_string_equal(r->verdict, "watch");
	assert_true(r->columns[0].watch && some_reason(&r->columns[0], "certain but small"));
	assert_true(r->columns[0].severity >= 0.5 && r->columns[0].severity < 1);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_missing(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 1000, 5), table_init(&cur, 1000, 6);
	for (int i = 0; i < 2; i++) {
		struct table *t = i ? &cur : &ref;
		column_lose(t, table_normals(t, "more", 0, 1), i ? 0.08 : 0.01);
		column_lose(t, table_normals(t, "same", 0, 1), 0.05);
		column_lose(t, table_normals(t, "fewer", 0, 1), i ? 0.0 : 0.2);
		column_lose(t, table_normals(t, "gone", 0, 1), i ? 1.1 : 0);
	}
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_column *more = report_column(r, "more"), *gone = report_column(r, "gone");
	assert_true(more->drifted && some_reason(more, "missing") && test_named(more, "missing")->drifted && !test_named(more, "ks")->drifted);
	assert_true(more->missing_low > 0.03 && more->missing_high < 0.12);
	assert_false(report_column(r, "same")->drifted);
	assert_true(!report_column(r, "fewer")->drifted && report_column(r, "fewer")->watch);
	assert_string_equal(gone->status, "no data");
	assert_true(gone->drifted && gone->cur.missing == 1000);
	assert_int_equal(finding(r, "missing", "gone")->level, 2);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* The sizes of findings are comparable: each over the floor that it must pass; the list shows the one that decided. */
static void test_severity(void **state)
{
	(void)state;
	static const double before[] = { 0.5, 0.3, 0.2, 0 }, after[] = { 0.46, 0.3, 0.18, 0.06 };
	struct table ref, cur;
	char words[FMT_MAX];
	table_init(&ref, 4000, 5), table_init(&cur, 4000, 6);
	for (int i = 0; i < 2; i++) {
		struct table *t = i ? &cur : &ref;
		struct frame_col *when = table_column(t, "when", FRAME_TIME);
		for (size_t k = 0; k < when->n; k++)
			when->num[k] = 1.7e12 + 1e9 * i + 60000.0 * (double)k;
		column_lose(t, table_normals(t, "some", 0, 1), i ? 0.08 : 0);
		column_lose(t, table_normals(t, "gone", 0, 1), i ? 1.1 : 0);
		table_labels(t, "gains", 4, abc, i ? after : before);
	}
	struct report *r = compare_tables(&ref, &cur, NULL);       /* chunks of the reference lack nothing: what is calibrated on them would be 0 */
	const struct report_column *some = report_column(r, "some"), *gone = report_column(r, "gone"), *gains = report_column(r, "gains");
	assert_true(some->drifted && near(some->severity, 100 * some->cur.missing / 4000, 1e-9, 0) && some->severity < 10);
	assert_true(gone->drifted && gone->severity == REPORT_MOST_SEVERE);
	const struct report_test *gained = test_named(gains, "new_categories");
	assert_true(gains->drifted && gained->drifted && gained->threshold == 0.01 && gains->severity >= report_severity_of(gained) && gains->severity <= REPORT_MOST_SEVERE);
	snprintf(words, sizeof words, "%+.1f %%", 100 * some->cur.missing / 4000);
	assert_string_equal(report_effect_words((char[FMT_MAX]){ 0 }, some), words);
	assert_string_equal(report_effect_words(words, gone), "+100.0 %");
	report_free(r);
	r = compare_tables(&ref, &cur, &(struct drift_options){ .no_calibration = true });
	gains = report_column(r, "gains");
	assert_true(near(gains->severity, 100 * gains->gained[0].rows / 4000, 1e-9, 0));
	assert_string_equal(report_effect_words(words, gains), "1 new");
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* A fifth more spread at 1000 rows is what Kolmogorov-Smirnov hardly sees; Levene's p decides beside it, and both bear the column's adjusted p. */
static void test_spread(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 1000, 21), table_init(&cur, 1000, 22);
	table_normals(&ref, "wider", 0, 1), table_normals(&cur, "wider", 0, 1.25);
	table_normals(&ref, "same", 0, 1), table_normals(&cur, "same", 0, 1);
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_column *c = report_column(r, "wider");
	const struct report_test *ks = test_named(c, "ks"), *levene = test_named(c, "levene");
	assert_true(c->drifted && !ks->drifted && levene->drifted && ks->primary && !levene->primary);
	assert_true(levene->p_value < 1e-4 && ks->p_adjusted == levene->p_adjusted);
	assert_true(levene->p_adjusted >= 0.999 * 2 * 2 * levene->p_value / 0.8 && levene->p_adjusted < 1e-3);      /* two tests, two columns */
	assert_true(near(levene->effect, log(1.25), 0, 0.12) && some_reason(c, "distribution changed: spread x1.") && some_reason(c, "(floor x1.11)"));
	assert_false(report_column(r, "same")->drifted);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_categories(void **state)
{
	(void)state;
	static const double before[] = { 0.5, 0.3, 0.2, 0 }, after[] = { 0.48, 0.3, 0.16, 0.06 }, lost[] = { 0.6, 0.4, 0, 0 };
	struct table ref, cur;
	table_init(&ref, 3000, 7), table_init(&cur, 3000, 8);
	table_labels(&ref, "gains", 4, abc, before), table_labels(&cur, "gains", 4, abc, after);
	table_labels(&ref, "loses", 4, abc, before), table_labels(&cur, "loses", 4, abc, lost);
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_column *gains = report_column(r, "gains"), *loses = report_column(r, "loses");
	assert_true(gains->drifted && gains->n_gained == 1 && gains->all_gained == 1);
	assert_string_equal(gains->gained[0].name, "d");
	assert_true(some_reason(gains, "1 new category") && some_reason(gains, ": d"));
	assert_true(loses->drifted && loses->n_lost == 1 && some_reason(loses, "lost category"));
	assert_non_null(finding(r, "new categories", "gains"));
	report_free(r);
	cur.cols[0].code[0] = 3;                                 /* and one row alone is listed, but is no drift */
	for (size_t i = 1; i < 3000; i++)
		cur.cols[0].code[i] = ref.cols[0].code[i];
	r = compare_tables(&ref, &cur, NULL);
	gains = report_column(r, "gains");
	assert_true(!gains->drifted && gains->n_gained == 1 && gains->gained[0].rows == 1);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_trouble(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 200, 9), table_init(&cur, 200, 10);
	column_lose(&ref, table_normals(&ref, "empty", 0, 1), 2);
	column_lose(&cur, table_normals(&cur, "empty", 0, 1), 2);
	table_normals(&ref, "constant", 3, 0), table_normals(&cur, "constant", 3, 0);
	table_normals(&ref, "was constant", 3, 0), table_normals(&cur, "was constant", 3, 1);
	struct frame_col *few = table_normals(&ref, "few", 0, 1);
	for (size_t i = 5; i < 200; i++)
		few->num[i] = NAN, few->missing++;
	table_normals(&cur, "few", 9, 1);
	table_normals(&ref, "only here", 0, 1);
	table_normals(&cur, "only there", 0, 1);
	table_labels(&ref, "other type", 3, abc, thirds), table_normals(&cur, "other type", 0, 1);
	struct report *r = compare_tables(&ref, &cur, NULL);
	static const struct { const char *name, *status; bool drifted; } want[] = { { "empty", "no data", false }, { "constant", "constant", false }, { "was constant", "compared", true },
		{ "only here", "only in reference", false }, { "only there", "only in current", false } };
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct report_column *c = report_column(r, want[i].name);
		assert_string_equal(c->status, want[i].status);
		assert_int_equal(c->drifted, want[i].drifted);
	}
	assert_string_equal(report_column(r, "few")->status, "too few rows");
	assert_non_null(finding(r, "type", "other type"));
	assert_int_equal(finding(r, "columns", "only here")->level, 2);
	assert_true(*report_column(r, "other type")->note);
	report_free(r);
	table_done(&ref), table_done(&cur);
	table_init(&ref, 0, 1), table_init(&cur, 0, 1);
	r = compare_tables(&ref, &cur, NULL);
	assert_false(r->drifted);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_options(void **state)
{
	(void)state;
	struct table ref, cur;
	struct report *r;
	struct err e;
	table_init(&ref, 300, 11), table_init(&cur, 300, 12);
	fill_plain(&ref, 0), fill_plain(&cur, 2);
	const char *one = "moved", *none = "nothing";
	const struct drift_test *tests[] = { drift_test_find("psi"), drift_test_find("anderson") };
	r = compare_tables(&ref, &cur, &(struct drift_options){ .columns = &one, .n_columns = 1, .tests = tests, .n_tests = 2 });
	assert_int_equal(r->n_columns, 1);
	assert_true(test_named(&r->columns[0], "anderson")->primary && test_named(&r->columns[0], "psi") && !test_named(&r->columns[0], "ks"));
	report_free(r);
	r = compare_tables(&ref, &cur, &(struct drift_options){ .tests = tests, .n_tests = 1 });       /* a distance alone decides nothing */
	assert_true(test_named(report_column(r, "moved"), "ks")->primary);
	report_free(r);
	assert_int_equal(drift_compare(&ref.f, &cur.f, &(struct drift_options){ .columns = &none, .n_columns = 1 }, &r, &e), ST_USAGE);
	assert_non_null(strstr(e.text, "nothing"));
	assert_int_equal(drift_compare(&ref.f, &cur.f, &(struct drift_options){ .time_column = "kind" }, &r, &e), ST_USAGE);
	table_done(&ref), table_done(&cur);
}

/* A reference that swings by the week makes room for its own swings; one that holds still does not. */
static void test_time_axis(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 4000, 13), table_init(&cur, 400, 14);
	struct frame_col *when = table_column(&ref, "when", FRAME_TIME), *swings = table_column(&ref, "swings", FRAME_NUMBER);
	table_column(&cur, "when", FRAME_TIME);
	for (size_t i = 0; i < 4000; i++) {
		when->num[i] = 1.7e12 + 60000.0 * (double)i;
		swings->num[i] = table_normal(&ref) + (i / 400 % 2 ? 1 : -1);
	}
	for (size_t i = 0; i < 400; i++)
		cur.cols[0].num[i] = 1.8e12 + 60000.0 * (double)i;
	table_normals(&cur, "swings", 1, 1);
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_test *ks = test_named(report_column(r, "swings"), "ks");
	assert_string_equal(report_column(r, "when")->status, "time");
	assert_true(ks->threshold > 0.2 && ks->effect > 0.2 && !report_column(r, "swings")->drifted && report_column(r, "swings")->watch);
	assert_non_null(finding(r, "freshness", "when"));
	report_free(r);
	r = compare_tables(&ref, &cur, &(struct drift_options){ .no_calibration = true });
	assert_true(report_column(r, "swings")->drifted && test_named(report_column(r, "swings"), "ks")->threshold == 0.1);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_text(void **state)
{
	(void)state;
	struct table t[2];
	for (int i = 0; i < 2; i++) {
		table_init(&t[i], 200, 15 + (uint64_t)i);
		struct frame_col *c = table_column(&t[i], "words", FRAME_TEXT);
		c->n_words = 200, c->words = arena_array(t[i].a, 200, sizeof *c->words);
		for (uint32_t k = 0; k < 200; k++) {
			char *s = arena_printf(t[i].a, "%0*u", (int)(10 + k % 7 + (i ? 5 : 0)), k);
			c->words[k] = (struct frame_word){ s, (uint32_t)strlen(s) };
			c->code[k] = k;
		}
	}
	struct report *r = compare_tables(&t[0], &t[1], NULL);
	assert_true(r->columns[0].drifted && some_reason(&r->columns[0], "texts changed") && some_reason(&r->columns[0], "mean length"));
	assert_true(near(r->columns[0].cur.mean - r->columns[0].ref.mean, 5, 1e-9, 0));
	report_free(r);
	table_done(&t[0]), table_done(&t[1]);
}

/* ---- data quality ---- */

static void test_quality(void **state)
{
	(void)state;
	static const char *const variants[] = { "Yes", "yes ", "no" };
	struct table t[2];
	for (int i = 0; i < 2; i++) {
		table_init(&t[i], 500, 20 + (uint64_t)i);
		struct frame_col *x = table_normals(&t[i], "x", 0, 1), *y = table_normals(&t[i], "y", 0, 1), *z = table_normals(&t[i], "z", 0, 1);
		for (size_t k = 0; k < 500; k++)
			y->num[k] = x->num[k] * (i ? -1 : 1) + 0.1 * y->num[k];
		table_labels(&t[i], "answer", 3, variants, thirds);
		struct frame_col *fixed = table_normals(&t[i], "fixed", 1, i ? 0 : 1);
		if (i) {
			for (size_t k = 0; k < 30; k++)
				z->num[k] = 50;
			z->num[499] = INFINITY, z->inf = 1, z->missing++;
			fixed->mixed = 2, fixed->mixed_example = arena_strdup(t[1].a, "n.a.");
			for (size_t c = 0; c < t[1].f.n_cols; c++)       /* the last row but one is that before */
				if (t[1].cols[c].num)
					t[1].cols[c].num[498] = t[1].cols[c].num[497];
				else
					t[1].cols[c].code[498] = t[1].cols[c].code[497];
		}
	}
	struct report *r = compare_tables(&t[0], &t[1], NULL);
	static const struct { const char *check, *column, *text; } want[] = { { "variants", "answer", "'Yes' and 'yes '" }, { "constant", "fixed", "became" }, { "outliers", "z", "fences" },
		{ "range", "z", "outside the reference" }, { "infinite", "z", "1 infinite" }, { "duplicates", "", "1 rows" }, { "mixed types", "fixed", "n.a." }, { "correlation", "x", "with y" } };
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct report_finding *f = finding(r, want[i].check, want[i].column);
		if (!f || !strstr(f->text, want[i].text))
			fail_msg("%s %s: %s", want[i].check, want[i].column, f ? f->text : "not found");
	}
	assert_null(finding(r, "range", "answer"));
	assert_true(r->duplicates_ref == 0 && r->duplicates_cur == 1);
	report_free(r);
	table_done(&t[0]), table_done(&t[1]);
}

/* Whole numbers: up to ten values are categories, whose shares are said; more are numbers, whose mean is. Mostly zeros have no fences, so no outliers. */
static void test_whole_numbers(void **state)
{
	(void)state;
	struct table t[2];
	for (int i = 0; i < 2; i++) {
		table_init(&t[i], 1000, 40 + (uint64_t)i);
		struct frame_col *calls = table_normals(&t[i], "calls", 0, 1), *plan = table_normals(&t[i], "plan", 0, 1), *rare = table_normals(&t[i], "rare", 0, 1);
		for (size_t k = 0; k < 1000; k++) {
			calls->num[k] = (double)(k % 14 + (i ? 2 : 0));
			plan->num[k] = (double)(k % (i ? 3 : 5));
			rare->num[k] = k % 100 < (i ? 20 : 5) ? 7 : 0;
		}
	}
	struct report *r = compare_tables(&t[0], &t[1], NULL);
	const struct report_column *calls = report_column(r, "calls"), *plan = report_column(r, "plan"), *rare = report_column(r, "rare");
	assert_true(calls->drifted && some_reason(calls, "mean 6.") && !some_reason(calls, "share of"));
	assert_true(plan->drifted && some_reason(plan, "share of '") && !some_reason(plan, "mean"));
	assert_true(rare->drifted && isnan(rare->ref.outliers) && isnan(rare->cur.outliers) && !finding(r, "outliers", "rare"));
	assert_true(calls->ref.outliers == 0);
	report_free(r);
	table_done(&t[0]), table_done(&t[1]);
}

/* ---- Evidently ---- */

static const struct report_test *primary_of(const struct report_column *c)
{
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].primary)
			return &c->tests[i];
	return NULL;
}

static void check_evidently(struct arena *a, const json_t *one)
{
	const char *id = json_string_value(json_object_get(one, "id"));
	const json_t *want = json_object_get(json_object_get(one, "evidently"), "default");
	struct frame_col *ref = golden_column(a, one, "ref"), *cur = golden_column(a, one, "cur");
	struct frame x = { .cols = ref, .n_cols = 1, .n_rows = ref->n, .name = arena_strdup(a, "ref"), .notes = STR_INIT };
	struct frame y = { .cols = cur, .n_cols = 1, .n_rows = cur->n, .name = arena_strdup(a, "cur"), .notes = STR_INIT };
	struct report *r;
	struct err e = { 0 };
	assert_int_equal(drift_compare(&x, &y, &(struct drift_options){ .evidently = true }, &r, &e), ST_OK);
	const struct report_column *c = &r->columns[0];
	const struct report_test *t = primary_of(c);
	bool text = !strncmp(id, "cat_highcard", 12);            /* declared a category there; by itself the column is text */
	if (!want || text) {
		if (c->drifted || (!*c->note && !*c->differs))
			fail_msg("%s: should be left out and said", id);
	} else if (!t || strcmp(t->name, json_string_value(json_object_get(want, "method"))) || !near(isnan(t->p_value) ? t->statistic : t->p_value, golden_number(json_object_get(want, "score")), 1e-8, 1e-14) ||
		c->drifted != json_is_true(json_object_get(want, "drifted")) || t->threshold != json_number_value(json_object_get(want, "threshold"))) {
		fail_msg("%s: %s, score %.17g, drifted %d", id, t ? t->name : "another method", t ? (isnan(t->p_value) ? t->statistic : t->p_value) : 0, c->drifted);
	}
	if (c->drifted != c->other_drifted && !*c->differs)
		fail_msg("%s: the verdicts differ and nothing says why", id);
	assert_int_equal(r->drifted, c->drifted);
	report_free(r);
}

static void test_evidently_golden(void **state)
{
	(void)state;
	size_t n, i;
	char *text = golden_read("golden.json", &n);
	json_t *all = json_loadb(text, n, 0, NULL), *one;
	json_array_foreach(json_object_get(all, "cases"), i, one) {
		struct arena *a = arena_new();
		check_evidently(a, one);
		arena_free(a);
	}
	assert_true(i >= 50);
	json_decref(all);
	free(text);
}

static void test_evidently_quirks(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 1001, 30), table_init(&cur, 60, 31);    /* its distances know no sample size */
	for (int i = 0; i < 10; i++) {
		char name[16];
		snprintf(name, sizeof name, "x%d", i);
		table_normals(&ref, name, 0, 1), table_normals(&cur, name, 0, 1);
	}
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .evidently = true });
	assert_true(r->n_drifted >= 6 && r->drifted && !r->other_drifted);
	for (size_t i = 0; i < r->n_columns; i++)
		if (r->columns[i].drifted)
			assert_non_null(strstr(r->columns[i].differs, "sample size"));
	report_free(r);
	r = compare_tables(&ref, &cur, &(struct drift_options){ .evidently = true, .threshold = 5 });
	assert_int_equal(r->n_drifted, 0);
	report_free(r);
	table_done(&ref), table_done(&cur);
	table_init(&ref, 800, 32), table_init(&cur, 800, 33);    /* and missing values are not seen */
	table_normals(&ref, "x", 0, 1);
	column_lose(&cur, table_normals(&cur, "x", 0, 1), 0.3);
	r = compare_tables(&ref, &cur, &(struct drift_options){ .evidently = true });
	assert_true(!r->columns[0].drifted && r->columns[0].other_drifted && strstr(r->columns[0].differs, "missing"));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* ---- how often nothing is drift ---- */

/* Columns in turns: normal, normal of another scale, normal with 5 % missing, three equal categories, four of which the rarest is in 0.5 % of the rows. */
static bool flagged(size_t n, size_t m, int columns, uint64_t seed)
{
	struct table ref, cur;
	table_init(&ref, n, seed), table_init(&cur, m, seed + 1000003);
	for (int i = 0; i < 2 * columns; i++) {
		struct table *t = i >= columns ? &cur : &ref;
		char name[16];
		snprintf(name, sizeof name, "c%d", i % columns);
		switch (i % columns % 5) {
		case 0: table_normals(t, name, 0, 1); break;
		case 1: table_normals(t, name, 5, 3); break;
		case 2: column_lose(t, table_normals(t, name, 0, 1), 0.05); break;
		case 3: table_labels(t, name, 3, abc, thirds); break;
		default: table_labels(t, name, 4, abc, (const double[]){ 0.9, 0.07, 0.015, 0.005 });
		}
	}
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .threads = 1 });
	bool drifted = r->drifted;
	report_free(r);
	table_done(&ref), table_done(&cur);
	return drifted;
}

static uint64_t number_from(const char *name, uint64_t usual)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 10) : usual;
}

/* 12 pairs of sizes, 30 trials each, together 360: at 5 % more than 34 happen in fewer than 1 of 1000 such tests. With MLYARD_FALSE_ALARMS=N it makes N trials a pair (of
 * MLYARD_COLUMNS columns, else 5) and prints the shares that docs/drift.md shows. */
static void test_false_alarms(void **state)
{
	static const size_t sizes[][2] = { { 50, 50 }, { 200, 50 }, { 200, 200 }, { 1000, 50 }, { 1000, 200 }, { 1000, 1000 }, { 1001, 100 }, { 1001, 1001 }, { 3000, 300 }, { 300, 3000 }, { 3000, 3000 }, { 5000, 1000 } };
	const uint64_t trials = number_from("MLYARD_FALSE_ALARMS", 30);
	const int columns = (int)number_from("MLYARD_COLUMNS", 5);
	int alarms = 0;
	(void)state;
	assert_in_range(columns, 1, HELP_COLUMNS);
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		int here = 0;
		for (uint64_t i = 0; i < trials; i++)
			here += flagged(sizes[k][0], sizes[k][1], columns, 7919 * (i + 1) + k);
		alarms += here;
		if (trials != 30)
			print_message("| %zu | %zu | %.1f %% |\n", sizes[k][0], sizes[k][1], 100.0 * here / (double)trials);
	}
	if (trials == 30 && alarms > 34)
		fail_msg("%d of 360", alarms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_benjamini_hochberg), cmocka_unit_test(test_shift), cmocka_unit_test(test_small_but_certain), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_categories), cmocka_unit_test(test_severity), cmocka_unit_test(test_spread), cmocka_unit_test(test_trouble), cmocka_unit_test(test_options), cmocka_unit_test(test_time_axis), cmocka_unit_test(test_text),
		cmocka_unit_test(test_quality), cmocka_unit_test(test_whole_numbers), cmocka_unit_test(test_evidently_golden), cmocka_unit_test(test_evidently_quirks), cmocka_unit_test(test_false_alarms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
