/* t_expect -- expectations: what is proposed is met by its reference, each kind of breach is found, a file that is wrong is told with its place. */
#include "tests/unit/verdict_help.h"
#include "core/drift/expect.h"

static const char *const words[] = { "x: \"y\"", "\xe5\x8c\x97", "- a\n#b", "plain" };
static const double shares[] = { 0.4, 0.3, 0.2, 0.1 };

static void fill(struct table *t, size_t rows, uint64_t seed, double shift)
{
	table_init(t, rows, seed);
	column_lose(t, table_normals(t, "size: \"cm\"", 100 + shift, 10), 0.02);
	struct frame_col *whole = table_normals(t, "whole", 0, 0), *id = table_normals(t, "id", 0, 0);
	for (size_t i = 0; i < rows; i++)
		whole->num[i] = (double)(i % 2), id->num[i] = (double)i;
	whole->integer = id->integer = true;
	table_labels(t, "kind", 4, words, shares);
}

static struct expect_results *check_text(const char *text, const struct table *t)
{
	struct expectations *x;
	struct expect_results *r;
	struct err e = { 0 };
	if (expect_parse(text, strlen(text), "file.yaml", &x, &e) != ST_OK)
		fail_msg("%s", e.text);
	expectations_check(x, &t->f, &r);
	expectations_free(x);
	return r;
}

static const struct expect_result *failing(const struct expect_results *r, const char *column, const char *check)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->at[i].ok && !strcmp(r->at[i].column, column) && !strcmp(r->at[i].check, check))
			return &r->at[i];
	return NULL;
}

static void test_proposed(void **state)
{
	(void)state;
	struct table ref, next, other;
	struct str text = STR_INIT;
	fill(&ref, 500, 1, 0), fill(&next, 400, 2, 0), fill(&other, 400, 3, 100);
	expect_propose(&ref.f, &text);
	assert_non_null(strstr(text.p, "name: \"whole\", type: numeric, required: true, missing_at_most: 0, min: 0, max: 1}"));
	assert_non_null(strstr(text.p, "\"- a\\u000A#b\""));
	assert_non_null(strstr(text.p, "name: \"id\", type: numeric, required: true, missing_at_most: 0, unique: true}"));
	struct expect_results *r = check_text(text.p, &ref);
	assert_true(r->n > 10 && r->failed == 0);
	expect_results_free(r);
	r = check_text(text.p, &next);
	assert_int_equal(r->failed, 0);
	expect_results_free(r);
	r = check_text(text.p, &other);
	assert_int_equal(r->failed, 1);
	assert_non_null(failing(r, "size: \"cm\"", "max"));
	assert_true(failing(r, "size: \"cm\"", "max")->line > 3);
	expect_results_free(r);
	str_free(&text);
	table_done(&ref), table_done(&next), table_done(&other);
}

static void test_breaches(void **state)
{
	(void)state;
	struct table t;
	fill(&t, 200, 4, 0);
	for (size_t c = 0; c < 3; c++)
		t.cols[c].num[1] = t.cols[c].num[0];
	t.cols[3].code[1] = t.cols[3].code[0];
	struct expect_results *r = check_text("rows: {min: 300, max: 1000}\nduplicates_at_most: 0\ncolumns:\n- {name: gone, required: true}\n- {name: optional}\n"
		"- {name: id, unique: true, type: categorical}\n- {name: kind, values: [plain], distinct_at_most: 2, min: 0}\n- {name: whole, values: [0]}\n- {name: 'size: \"cm\"', missing_at_most: 0}\n", &t);
	static const struct { const char *column, *check, *found; } want[] = { { "", "rows", "200" }, { "", "duplicates", "0.005" }, { "gone", "required", "absent" }, { "id", "unique", "199" },
		{ "id", "type", "numeric" }, { "kind", "values", "- a #b" }, { "kind", "distinct", "4" }, { "kind", "range", "categorical" }, { "whole", "values", "'1'" }, { "size: \"cm\"", "missing", "0.0" } };
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct expect_result *f = failing(r, want[i].column, want[i].check);
		if (!f || !strstr(f->found, want[i].found))
			fail_msg("%s %s: %s", want[i].column, want[i].check, f ? f->found : "not found");
	}
	assert_int_equal(r->failed, sizeof want / sizeof *want);
	expect_results_free(r);
	table_done(&t);
}

static void test_wrong_files(void **state)
{
	static const struct { const char *text, *place, *what; } bad[] = {
		{ "columns: 3\n", "file.yaml:1:10", "a list is needed" }, { "rows: 3\n", "file.yaml:1:7", "as a map" }, { "rows: {most: 3}\n", "file.yaml:1:8", "has no key \"most\"" },
		{ "colums: []\n", "file.yaml:1:1", "did you mean \"columns\"" }, { "columns:\n- {name: a, mean: 3}\n", "file.yaml:2:13", "a column has no key \"mean\"" },
		{ "columns:\n- {name: a, min: few}\n", "file.yaml:2:18", "number" }, { "columns:\n- {name: a, type: money}\n", "file.yaml:2:19", "numeric" },
		{ "columns:\n- {name: a, min: 1, min: 2}\n", "file.yaml:2:21", "" }, { "rows: {min: x, max: y}\ncolumns: 3\n", "file.yaml:1:13", "(and 2 more)" },
		{ "columns:\n- {min: 1}\n", "file.yaml:2:", "no name" }, { "columns:\n- a\n", "file.yaml:2:", "map" }, { "columns:\n- {name: a, unique: 2}\n", "file.yaml:2:21", "true or false" },
		{ "columns:\n- {name: a, values: 3}\n", "file.yaml:2:21", "a list is needed" }, { "[", "file.yaml", "" }, { "- a\n", "file.yaml", "as a map" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct expectations *x;
		struct err e = { 0 };
		assert_int_equal(expect_parse(bad[i].text, strlen(bad[i].text), "file.yaml", &x, &e), ST_FAILED);
		assert_null(x);
		if (!strstr(e.text, bad[i].place) || !strstr(e.text, bad[i].what))
			fail_msg("%s: %s", bad[i].text, e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_proposed), cmocka_unit_test(test_breaches), cmocka_unit_test(test_wrong_files) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
