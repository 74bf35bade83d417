/* t_report -- reports survive their document and the workspace whole; exports escape; a model's verdict reaches the drift gate's table. */
#include "tests/unit/verdict_help.h"
#include "tests/unit/store_help.h"
#include "core/drift/export.h"

static const char *const nasty[] = { "<script>alert(1)</script>", "a|b`c\n", "\"x\",=cmd", "plain" };

static const struct export_options usual;

static struct report *sample(void)
{
	static const double before[] = { 0.4, 0.3, 0.3, 0 }, after[] = { 0.2, 0.3, 0.2, 0.3 };
	struct table ref, cur;
	table_init(&ref, 600, 1), table_init(&cur, 500, 2);
	table_normals(&ref, "x & <y>", 0, 1), table_normals(&cur, "x & <y>", 1, 1);
	column_lose(&cur, table_normals(&cur, "z", 0, 1), 0.1);
	table_normals(&ref, "z", 0, 1);
	table_labels(&ref, "k", 4, nasty, before), table_labels(&cur, "k", 4, nasty, after);
	table_normals(&ref, "only here", 0, 1);
	struct report *r = compare_tables(&ref, &cur, &(struct drift_options){ .name = "nightly", .model = "churn", .version = 3 });
	table_done(&ref), table_done(&cur);
	return r;
}

static void document(const struct report *r, struct str *out)
{
	str_clear(out);
	export_json(out, r);
}

static void test_round_trip(void **state)
{
	(void)state;
	struct str first = STR_INIT, again = STR_INIT;
	struct report *r = sample(), *back;
	struct err e;
	document(r, &first);
	assert_int_equal(report_read(first.p, first.len, "test", &back, &e), ST_OK);
	document(back, &again);
	assert_string_equal(first.p, again.p);
	assert_int_equal(back->n_columns, 4);
	report_free(r), report_free(back);
	str_free(&first), str_free(&again);
}

/* One letter a kind of value: s text, n number, b truth, a list, o object, N null or number. */
static bool is_kind(const json_t *v, char kind)
{
	return kind == 's' ? json_is_string(v) : kind == 'b' ? json_is_boolean(v) : kind == 'a' ? json_is_array(v) : kind == 'o' ? json_is_object(v) : json_is_number(v) || (kind == 'N' && json_is_null(v));
}

/* "name:s type:s": members and their kinds. */
static void has_members(const json_t *o, const char *members)
{
	char key[40], kind;
	int n;
	for (const char *p = members; sscanf(p, " %39[a-z_]:%c%n", key, &kind, &n) == 2; p += n)
		if (!is_kind(json_object_get(o, key), kind))
			fail_msg("%s is not of kind %c", key, kind);
}

static void all_texts(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_true(json_is_string(json_array_get(list, i)));
}

/* The shape that is promised of `drift run --json`: names and types, also of a column that one side lacks and of a number that is not known. */
static void test_contract(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	struct report *r = sample();
	document(r, &s);
	json_t *o = json_loadb(s.p, s.len, 0, NULL), *d = json_object_get(o, "dataset"), *c, *t;
	size_t i, k, n_tests = 0, n_new = 0;
	has_members(o, "dataset:o columns:a quality:o");
	has_members(d, "drifted:b share:n n_ref:n n_cur:n");
	assert_true(json_is_true(json_object_get(d, "drifted")));
	assert_true(json_number_value(json_object_get(d, "n_ref")) == 600 && json_number_value(json_object_get(d, "n_cur")) == 500);
	json_array_foreach(json_object_get(o, "columns"), i, c) {
		has_members(c, "name:s type:s drifted:b reasons:a tests:a missing_ref:N missing_cur:N new_categories:a");
		all_texts(json_object_get(c, "reasons")), all_texts(json_object_get(c, "new_categories"));
		n_new += json_array_size(json_object_get(c, "new_categories"));
		json_array_foreach(json_object_get(c, "tests"), k, t) {
			has_members(t, "name:s statistic:N p_value:N p_adjusted:N effect:N threshold:N drifted:b");
			n_tests++;
		}
	}
	assert_int_equal(i, 4);
	assert_true(n_tests > 4 && n_new == 1);
	json_decref(o);
	report_free(r);
	str_free(&s);
}

static void test_not_a_report(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "null", "{\"format\":\"other\"}", "{\"format\":3,\"columns\":[]}" };
	struct report *r;
	struct err e;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(report_read(bad[i], strlen(bad[i]), "file.json", &r, &e), ST_FAILED);
		assert_null(r);
		assert_non_null(strstr(e.text, "file.json"));
	}
	const char odd[] = "{\"format\":\"mlyard drift report 1\",\"columns\":[3,{\"name\":7,\"tests\":{},\"histogram\":{\"ref\":[1,2],\"cur\":[1]},\"reference\":{\"quantiles\":[1]}}]}";
	assert_int_equal(report_read(odd, sizeof odd - 1, "odd", &r, &e), ST_OK);
	assert_int_equal(r->n_columns, 2);
	assert_true(r->columns[1].picture.n == 0 && !r->columns[1].ref.quantiles && !*r->columns[1].name);
	report_free(r);
}

static void test_exports(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	struct report *r = sample();
	export_html(&s, r, &usual);
	assert_null(strstr(s.p, "<script"));
	assert_non_null(strstr(s.p, "x &amp; &lt;y&gt;"));
	assert_non_null(strstr(s.p, "<svg"));
	assert_null(strstr(s.p, "http"));                        /* nothing is fetched */
	str_clear(&s);
	export_markdown(&s, r);
	assert_non_null(strstr(s.p, "x \\& &lt;y\\>"));
	assert_null(strstr(s.p, "<script"));
	str_clear(&s);
	export_csv(&s, r);
	assert_non_null(strstr(s.p, "\nonly here,numeric,only in reference,"));
	assert_non_null(strstr(s.p, ",ks,"));
	str_free(&s);
	report_free(r);
}

static void test_files(void **state)
{
	(void)state;
	struct report *r = sample();
	assert_int_equal(report_export(r, in_folder("r.txt"), &usual, &why), ST_USAGE);
	assert_int_equal(report_export(r, in_folder("none/r.md"), &usual, &why), ST_NOT_FOUND);
	OK(report_export(r, in_folder("r.html"), &usual, &why));
	struct stat st;
	assert_int_equal(stat(in_folder("r.html"), &st), 0);
	assert_true(st.st_size > 4000 && st.st_size < 100000);
	report_free(r);
}

/* Documents of two columns with one thing that cannot be; the words name file, place and cure. */
static void test_what_cannot_be(void **state)
{
	static const struct { const char *dataset, *first, *second, *words; } rows[] = {
		{ "", "\"name\":\"a\",\"position\":1", "\"name\":\"b\",\"position\":1", "r.json: columns[1], \"b\": its position 1 is that of columns[0]; number the columns from 0, each once" },
		{ "", "\"name\":\"a\",\"position\":1", "\"name\":\"b\"", "columns[1], \"b\": its position 1 is that of columns[0]" },
		{ "", "\"name\":\"a\"", "\"name\":\"b\",\"position\":-3", "columns[1], \"b\": its position is no whole number" },
		{ "", "\"name\":\"a\"", "\"name\":\"b\",\"position\":1e300", "columns[1], \"b\": its position is no whole number" },
		{ "", "\"name\":\"a\"", "\"name\":\"a\"", "columns[1], \"a\": columns[0] has this name already" },
		{ "\"n_ref\":1e300", "\"name\":\"a\"", "\"name\":\"b\"", "r.json: dataset: n_ref cannot be 1e+300, only 0 to 2^53" },
		{ "\"n_cur\":-1", "\"name\":\"a\"", "\"name\":\"b\"", "dataset: n_cur cannot be -1" },
		{ "\"compared_columns\":40", "\"name\":\"a\"", "\"name\":\"b\"", "dataset: it counts 40 compared and 0 drifted columns and has 2" },
		{ "", "\"name\":\"a\"", "\"name\":\"b\",\"current\":{\"rows\":\"Infinity\"}", "columns[1], \"b\": rows now cannot be" },
		{ "", "\"name\":\"a\",\"reference\":{\"rows\":10,\"missing\":11}", "\"name\":\"b\"", "columns[0], \"a\": of 10 rows 11 cannot be missing" },
		{ "", "\"name\":\"a\",\"gained\":[{\"name\":\"x\",\"rows\":-5}]", "\"name\":\"b\"", "columns[0], \"a\": rows of a new category cannot be -5" },
		{ "\"n_ref\":9007199254740992", "\"name\":\"a\",\"position\":7", "\"name\":\"b\",\"position\":3", NULL }, { "", "\"name\":\"a\"", "\"name\":\"\"", NULL },
	};
	struct str text = STR_INIT;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report *r;
		str_clear(&text);
		str_addf(&text, "{\"format\":\"mlyard drift report 1\",\"dataset\":{%s},\"columns\":[{%s},{%s}]}", rows[i].dataset, rows[i].first, rows[i].second);
		OK(report_read(text.p, text.len, "r.json", &r, &why));
		assert_int_equal(report_check(r, "r.json", &why), rows[i].words ? ST_FAILED : ST_OK);
		if (rows[i].words && !strstr(why.text, rows[i].words))
			fail_msg("row %zu: %s", i, why.text);
		report_free(r);
	}
	str_free(&text);
	struct report *r = sample();
	OK(report_check(r, "sample", &why));
	report_free(r);
}

/* A report of `n` columns, of which every `nth` drifts. */
static struct report *many(size_t n, size_t nth)
{
	struct str text = STR_INIT;
	struct report *r;
	str_add(&text, "{\"format\":\"mlyard drift report 1\",\"dataset\":{\"verdict\":\"drifted\"},\"columns\":[");
	for (size_t i = 0; i < n; i++)
		str_addf(&text, "%s{\"name\":\"f%zu\",\"type\":\"numeric\",\"status\":\"compared\",\"drifted\":%s,\"histogram\":{\"edges\":[0,1,2],\"ref\":[3,4],\"cur\":[1,6]},"
			"\"tests\":[{\"name\":\"ks\",\"primary\":true,\"effect\":0.05,\"p_adjusted\":0.5,\"threshold\":0.1}]}", i ? "," : "", i, nth && i % nth == 0 ? "true" : "false");
	str_add(&text, "]}");
	OK(report_read(text.p, text.len, "many", &r, &why));
	str_free(&text);
	return r;
}

static size_t occurs(const struct str *s, const char *word)
{
	size_t n = 0;
	for (const char *p = s->p; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

/* Two thousand columns on one page: what is drawn, what is a row, and what the page says of it. */
static void test_wide_page(void **state)
{
	static const struct { size_t n, nth; bool all; size_t drawn; } rows[] = { { 2000, 100, false, EXPORT_PICTURES }, { 2000, 2, false, EXPORT_DRIFTED }, { 2000, 5, false, 400 }, { 2000, 0, false, EXPORT_PICTURES },
		{ 2000, 2, true, 2000 }, { 200, 2, false, 200 } };
	struct str page = STR_INIT;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report *r = many(rows[i].n, rows[i].nth);
		str_clear(&page);
		export_html(&page, r, &(struct export_options){ rows[i].all });
		assert_int_equal(occurs(&page, "<details"), rows[i].drawn);
		assert_int_equal(occurs(&page, "</details>"), rows[i].drawn);
		assert_int_equal(occurs(&page, "href=\"#c"), rows[i].drawn);
		assert_int_equal(occurs(&page, "<tr><td>"), rows[i].n + rows[i].drawn);          /* the table, and the table of tests of each that is drawn */
		assert_int_equal(occurs(&page, "--all-pictures"), rows[i].drawn < rows[i].n);
		assert_int_equal(occurs(&page, "effect 0.05"), rows[i].n - rows[i].drawn);
		if (rows[i].nth == 100)
			assert_non_null(strstr(page.p, "href=\"#c1900\""));                          /* the last that drifts */
		report_free(r);
	}
	str_free(&page);
}

static int64_t one_number(struct store *s, const char *sql)
{
	sqlite3_stmt *q = store_stmt(s, sql, &why);
	assert_non_null(q);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t v = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return v;
}

static void test_store(void **state)
{
	(void)state;
	struct store_pool *pool;
	struct report_rows *rows;
	struct report *r = sample(), *back;
	struct str before = STR_INIT, after = STR_INIT;
	int64_t id = 0, other = 0;
	OK(store_pool_open(in_folder("w.db"), STORE_CREATE, &pool, &why));
	struct store *s = store_get(pool, &why);
	OK(report_save(s, r, &id, &why));
	OK(report_save(s, r, &other, &why));
	assert_true(id > 0 && other > id);
	OK(report_load(s, id, &back, &why));
	assert_true(back->id == id);
	document(r, &before), document(back, &after);
	assert_string_equal(before.p, after.p);
	report_free(back);
	OK(report_list(s, &(struct report_query){ .model = "churn" }, &rows, &why));
	assert_true(rows->n == 2 && rows->at[0].id == other && rows->at[0].drifted && rows->at[0].version == 3 && !strcmp(rows->at[0].verdict, "drifted"));
	report_rows_free(rows);
	OK(report_list(s, &(struct report_query){ .model = "wine" }, &rows, &why));
	assert_int_equal(rows->n, 0);
	report_rows_free(rows);
	assert_int_equal(one_number(s, "SELECT count(*) FROM drift_column"), 8);
	assert_int_equal(one_number(s, "SELECT count(*) FROM drift_verdict WHERE model = 'churn' AND version = 3 AND verdict = 'drifted' AND monitor = 'nightly'"), 2);
	OK(report_delete(s, id, &why));
	assert_int_equal(one_number(s, "SELECT count(*) FROM drift_column"), 4);
	assert_int_equal(report_delete(s, id, &why), ST_NOT_FOUND);
	assert_int_equal(report_load(s, id, &back, &why), ST_NOT_FOUND);
	OK(store_begin(s, &why));
	OK(store_exec(s, "UPDATE drift_report SET document = x'00'", &why));
	OK(store_commit(s, 0, &why));
	assert_int_equal(report_load(s, other, &back, &why), ST_FAILED);
	assert_non_null(strstr(why.text, "damaged"));
	store_put(pool, s);
	store_pool_close(pool);
	report_free(r);
	str_free(&before), str_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_contract), cmocka_unit_test(test_not_a_report), cmocka_unit_test(test_exports), cmocka_unit_test(test_what_cannot_be), cmocka_unit_test(test_wide_page),
		cmocka_unit_test_setup_teardown(test_files, help_folder_make, help_folder_remove), cmocka_unit_test_setup_teardown(test_store, help_folder_make, help_folder_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
