/* t_text_drift -- texts that speak of other things, and bytes that are no text. Words are drawn from stated vocabularies by a stated seed. */
#include <math.h>
#include "tests/unit/verdict_help.h"
#include "core/base/text.h"
#include "core/drift/joint.h"

static const char *const shop[] = { "price", "late", "box", "good", "fits", "red", "fast", "slow", "again", "order", "item", "return" };
enum { SHOP = sizeof shop / sizeof *shop };

/* rows texts of 4 to 11 words of the shop; each word becomes `other` with the chance `often`. */
static struct frame_col *texts(struct table *t, const char *name, const char *other, double often)
{
	struct frame_col *c = table_column(t, name, FRAME_TEXT);
	struct str s = STR_INIT;
	c->n_words = c->n, c->words = arena_array(t->a, c->n + 1, sizeof *c->words);
	for (size_t i = 0; i < c->n; i++) {
		size_t n = 4 + (size_t)(8 * stream_unit(&t->seed));
		str_clear(&s);
		for (size_t k = 0; k < n; k++)
			str_addf(&s, "%s%s", k ? " " : "", stream_unit(&t->seed) < often ? other : shop[(size_t)(SHOP * stream_unit(&t->seed))]);
		c->words[i] = (struct frame_word){ arena_strndup(t->a, s.p, s.len), (uint32_t)s.len };
		c->code[i] = (uint32_t)i;
	}
	str_free(&s);
	return c;
}

static void one_text(struct table *t, size_t i, const char *p, size_t n)
{
	t->cols[0].words[i] = (struct frame_word){ p, (uint32_t)n };
}

static void test_words(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 1500, 1), table_init(&cur, 1200, 2);
	texts(&ref, "review", "refund", 0.005), texts(&cur, "review", "REFUND", 0.06);      /* as long as others; case is no matter */
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_column *c = &r->columns[0];
	const struct report_test *t = test_named(c, "text_classifier");
	assert_true(c->drifted && r->drifted && t->drifted && t->primary && t->p_adjusted < 1e-6 && t->effect > 0.1);
	assert_true(!test_named(c, "letters")->drifted && !test_named(c, "unknown_words")->drifted);
	assert_true(c->n_words >= 1 && !strcmp(c->words[0].word, "refund") && c->words[0].weight > 0);
	assert_true(c->words[0].ref < 0.08 && c->words[0].cur > 0.25 && c->words[0].cur < 0.5);      /* of 7.5 words: 1 - 0.995^7.5, 1 - 0.94^7.5 = 0.37 */
	assert_true(some_reason(c, "'refund'"));
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_unknown_words(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 800, 3), table_init(&cur, 800, 4);
	texts(&ref, "t", "gift", 0.1), texts(&cur, "t", "\xd0\xa1\xd1\x87\xd1\x91\xd1\x82", 0.2);      /* Cyrillic */
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_test *t = test_named(&r->columns[0], "unknown_words");
	assert_true(t->drifted && fabs(t->effect - 0.2) < 0.02 && t->null_value == 0);
	bool found = false;
	for (size_t i = 0; i < r->columns[0].n_words; i++)
		found |= !strcmp(r->columns[0].words[i].word, "\xd1\x81\xd1\x87\xd1\x91\xd1\x82");       /* in lower case */
	assert_true(found);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

static void test_letters(void **state)
{
	(void)state;
	struct table ref, cur;
	table_init(&ref, 500, 5), table_init(&cur, 500, 6);
	texts(&ref, "t", "$$$$", 0.02), texts(&cur, "t", "$$$$", 0.3);
	struct report *r = compare_tables(&ref, &cur, NULL);
	const struct report_test *t = test_named(&r->columns[0], "letters");
	assert_true(t->drifted && t->effect < -0.1 && t->null_value > 0.95);
	report_free(r);
	table_done(&ref), table_done(&cur);
}

/* Same length for all, so that length says nothing; numbers are no words of their own. */
static void test_codes(void **state)
{
	(void)state;
	struct table t[2];
	for (int k = 0; k < 2; k++) {
		table_init(&t[k], 300, 7 + (uint64_t)k);
		struct frame_col *c = texts(&t[k], "code", "", 0);
		for (size_t i = 0; i < c->n; i++) {
			const char *s = arena_printf(t[k].a, "%s %06zu", k ? "north" : "south", i * 37 + (size_t)k);
			one_text(&t[k], i, s, strlen(s));
		}
	}
	struct report *r = compare_tables(&t[0], &t[1], NULL);
	const struct report_column *c = &r->columns[0];
	assert_string_equal(c->status, "compared");
	assert_true(c->drifted && test_named(c, "text_classifier")->effect == 1 && !test_named(c, "chi_square")->drifted);
	assert_int_equal(c->n_words, 2);                         /* 000000 is on both sides */
	report_free(r);
	table_done(&t[0]), table_done(&t[1]);
}

static void test_trouble(void **state)
{
	(void)state;
	enum { ROWS = 120, LONG = 1 << 20 };
	static char long_text[LONG];
	static const char broken[] = "\xff\xfe" "caf\xe9 \xf0\x9f\x98 \xc3", controls[] = "\x1b[31mred\x07\0nul \xe2\x80\xae" "abc", signs[] = "!!! --- ...", cjk[] = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e";
	struct table t[2];
	for (size_t i = 0; i < LONG; i++)
		long_text[i] = i % 7 == 6 ? ' ' : (char)('a' + i % 26);
	for (int k = 0; k < 2; k++) {
		table_init(&t[k], ROWS, 9 + (uint64_t)k);
		texts(&t[k], "t", "x", 0.1);
		one_text(&t[k], 0, long_text, LONG), one_text(&t[k], 1, long_text, k ? 5000 : 4095), one_text(&t[k], 2, "", 0), one_text(&t[k], 3, broken, sizeof broken - 1);
		one_text(&t[k], 4, controls, sizeof controls - 1), one_text(&t[k], 5, signs, sizeof signs - 1), one_text(&t[k], 6, cjk, sizeof cjk - 1);
		one_text(&t[k], 7, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 100);
		for (size_t i = 0; k && i < 60; i++)
			one_text(&t[k], i + 8, controls, sizeof controls - 1);
	}
	struct report *r = compare_tables(&t[0], &t[1], NULL);
	const struct report_column *c = &r->columns[0];
	assert_true(test_named(c, "text_classifier")->drifted && c->n_words > 0);
	for (size_t i = 0; i < c->n_words; i++)
		assert_true(text_is_clean(c->words[i].word, strlen(c->words[i].word), 0));
	report_free(r);
	table_done(&t[0]), table_done(&t[1]);
}

static void test_empty(void **state)
{
	(void)state;
	static const size_t rows[] = { 0, 1, 9, 12, 49, 60 };
	for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
		for (int what = 0; what < 2; what++) {           /* all empty, all missing */
			struct table t[2];
			struct text_result x;
			struct arena *a = arena_new();
			for (int k = 0; k < 2; k++) {
				table_init(&t[k], rows[n], 11);
				struct frame_col *c = texts(&t[k], "t", "", 0);
				for (size_t i = 0; i < rows[n]; i++) {
					one_text(&t[k], i, "", 0);
					if (what)
						c->code[i] = FRAME_NO_CODE, c->missing++;
				}
			}
			joint_text(&t[0].cols[0], &t[1].cols[0], a, &x);
			assert_true(x.n_words == 0 && (*x.why_not || (x.auc == 0.5 && x.p == 1)) && isnan(x.oov_p) && isnan(x.letters_ref));
			struct report *r = compare_tables(&t[0], &t[1], NULL);
			assert_false(r->drifted);
			report_free(r);
			arena_free(a);
			table_done(&t[0]), table_done(&t[1]);
		}
}

/* Evidently's thresholds on the classifier here: up to 1000 rows a percentile of chance, beyond an AUC of 0.55. 1.5: five folds vary as 9/20 of one, not 1/5. */
static void test_evidently(void **state)
{
	(void)state;
	static const size_t rows[] = { 400, 1200 };
	const struct drift_options theirs = { .evidently = true };
	for (int n = 0; n < 2; n++)
		for (int drifts = 0; drifts < 2; drifts++) {
			struct table ref, cur;
			table_init(&ref, rows[n], 12), table_init(&cur, rows[n], 13);
			texts(&ref, "t", "refund", 0.01), texts(&cur, "t", "refund", drifts ? 0.1 : 0.01);
			struct report *r = compare_tables(&ref, &cur, &theirs);
			const struct report_test *t = test_named(&r->columns[0], n ? "abs_text_content_drift" : "perc_text_content_drift");
			assert_true(t && t->primary && t->drifted == (drifts > 0) && r->columns[0].drifted == (drifts > 0) && r->n_compared == 1);
			assert_true(n ? t->threshold == 0.55 : fabs(t->threshold - (0.5 + 1.6449 * 1.5 * sqrt(801.0 / (12 * 400.0 * 400)))) < 0.004);
			assert_non_null(strstr(r->columns[0].note, "trains"));
			report_free(r);
			table_done(&ref), table_done(&cur);
		}
}

/* In every hundred data sets of one text column at most five may be called drifted. */
static void test_false_alarms(void **state)
{
	(void)state;
	static const size_t sizes[][2] = { { 60, 60 }, { 200, 100 }, { 600, 600 } };
	const char *much = getenv("MLYARD_FALSE_ALARMS");
	int trials = much ? (int)strtol(much, NULL, 10) : 15;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		int drifted = 0;
		for (int k = 0; k < trials; k++) {
			struct table ref, cur;
			table_init(&ref, sizes[s][0], 50000 + 2 * (uint64_t)k), table_init(&cur, sizes[s][1], 50001 + 2 * (uint64_t)k);
			texts(&ref, "t", "gift", 0.1), texts(&cur, "t", "gift", 0.1);
			struct report *r = compare_tables(&ref, &cur, NULL);
			drifted += r->drifted;
			report_free(r);
			table_done(&ref), table_done(&cur);
		}
		if (much)
			printf("%5zu %5zu  drifted %.1f %%\n", sizes[s][0], sizes[s][1], 100.0 * drifted / trials);
		assert_true(drifted <= 3 + trials / 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_words), cmocka_unit_test(test_unknown_words), cmocka_unit_test(test_letters), cmocka_unit_test(test_codes), cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_empty), cmocka_unit_test(test_evidently), cmocka_unit_test(test_false_alarms) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
