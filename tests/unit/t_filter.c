/* The filter language: what a text parses to is shown by which of one run's values it takes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/runs/filter.h"
#include "core/runs/number.h"

#define DAY 86400e3

/* One run as the evaluator would tell it. A metric, a param and a tag may share a key (x). */
static struct filter_value answer(const struct filter_field *f)
{
	static const struct { enum filter_kind kind; const char *key, *text; double num; } run[] = {
		{ FF_NAME, NULL, "gbm-Seed7", 0 }, { FF_ID, NULL, "0a1b2c3d4e5f60718293a4b5c6d7e8f9", 0 }, { FF_STATE, NULL, "FAILED", 0 },
		{ FF_USER, NULL, "ann", 0 }, { FF_SOURCE, NULL, "train.py", 0 }, { FF_EXPERIMENT, NULL, "churn gbm", 0 },
		{ FF_AGE, NULL, NULL, 2.5 * DAY }, { FF_TOOK, NULL, NULL, 872e3 },
		{ FF_METRIC, "val_auc", NULL, 0.9412 }, { FF_METRIC, "loss", NULL, NAN }, { FF_METRIC, "val loss", NULL, 0.25 }, { FF_METRIC, "a:b", NULL, 3 },
		{ FF_METRIC, "huge", NULL, INFINITY }, { FF_METRIC, "x", NULL, 1 }, { FF_METRIC_MIN, "val_auc", NULL, 0.5 }, { FF_METRIC_MAX, "val_auc", NULL, 0.99 },
		{ FF_PARAM, "lr", "0.030", 0.03 }, { FF_PARAM, "depth", "None", NAN }, { FF_PARAM, "opt", "Adam W", NAN }, { FF_PARAM, "empty", "", NAN },
		{ FF_TAG, "mlflow.note.content", "first try, caf\xc3\xa9", NAN }, { FF_TAG, "run.speed", "fast", NAN },
	};
	static const char all[] = "gbm-Seed7\n0a1b2c3d4e5f60718293a4b5c6d7e8f9\nann\ntrain.py\nfirst try, caf\xc3\xa9";
	if (f->kind == FF_WORD)
		return (struct filter_value){ .present = true, .text = all, .n = sizeof all - 1 };
	for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
		bool any = f->kind == FF_ANYKEY && run[i].key;
		if ((!any && run[i].kind != f->kind) || strcmp(run[i].key ? run[i].key : "", f->key ? f->key : ""))
			continue;
		bool number = !run[i].text || !isnan(run[i].num);
		return (struct filter_value){ true, number && !(run[i].text && !run[i].key), run[i].num, run[i].text, run[i].text ? strlen(run[i].text) : 0 };
	}
	return (struct filter_value){ 0 };
}

static bool matches(const char *text, struct err *e)
{
	struct filter *f = filter_parse(text, e);
	const struct filter_field *fields;
	struct filter_value slots[FILTER_MAX_TERMS];
	size_t n = filter_fields(f, &fields);
	for (size_t i = 0; i < n; i++)
		slots[i] = answer(&fields[i]);
	bool m = filter_match(f, slots);
	/* Asked term by term it must say the same. */
	bool again = true;
	for (size_t t = 0; t < filter_terms(f); t++)
		again = again && filter_term_says(f, t, &slots[filter_term_field(f, t)]) != filter_term_negated(f, t);
	assert_int_equal(m, again);
	filter_free(f);
	return m;
}

struct row { const char *text; bool match; };

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err e;
		bool m = matches(rows[i].text, &e);
		if (e.code != ST_OK)
			fail_msg("\"%s\" is odd: %s", rows[i].text, e.text);
		if (m != rows[i].match)
			fail_msg("\"%s\" should %smatch", rows[i].text, rows[i].match ? "" : "not ");
	}
}
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows)

static void words(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", true }, { "   ", true }, { "seed", true }, { "SEED7", true }, { "seed8", false }, { "ann train", true }, { "ann AND train", true }, { "ann and bob", false },
		{ "0a1b2c", true }, { "CAF\xc3\x89", true }, { "\"first try\"", true }, { "'try first'", false }, { "-bob", true }, { "-ann", false },
		{ "NOT ann", false }, { "not bob ann", true }, { "NOT -ann", true }, { "and", true }, { "\"and\"", false }, { "try,", true }, { "gbm-seed7", true },
	};
	CHECK(rows);
}

static void comparisons(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "val_auc > 0.9", true }, { "val_auc>0.95", false }, { "metrics.val_auc >= .9412", true }, { "metric.val_auc <= 9412e-4", true },
		{ "metrics.val_auc = 0.9412", true }, { "metrics.val_auc == 0.9412", true }, { "metrics.val_auc != 0.9412", false }, { "metrics.val_auc <> 1", true },
		{ "metrics.val_auc < -3", false }, { "metrics.x = '1'", true }, { "val_auc:min < 0.6", true }, { "metrics.val_auc:max > 0.98", true },
		{ "metrics.val_auc:last = 0.9412", true }, { "val_auc:94", true },
		{ "metrics.\"val loss\" = 0.25", true }, { "metrics.`val loss` < 0.3", true }, { "\"val loss\" < 0.3", true }, { "metrics.\"a:b\" = 3", true },
		/* NaN and infinity */
		{ "loss = nan", true }, { "loss != nan", false }, { "loss != 0.5", true }, { "loss < 1", false }, { "loss > 1", false }, { "huge = Inf", true }, { "huge > 1e308", true },
		{ "val_auc = NaN", false },
		/* params: numbers as numbers, texts as texts */
		{ "params.lr = 0.03", true }, { "params.lr = '0.03'", false }, { "params.lr = \"0.030\"", true }, { "param.lr<0.1", true }, { "lr > 0.01", true },
		{ "depth > 6", false }, { "depth < 6", false }, { "depth = None", true }, { "depth != 6", true }, { "params.opt = \"Adam W\"", true }, { "opt:adam", true },
		{ "opt = adam", false }, { "params.empty = ''", true }, { "params.empty != ''", false }, { "opt > \"AaZ\"", true },
		/* tags and keys with points in them */
		{ "tags.mlflow.note.content:caf\xc3\xa9", true }, { "mlflow.note.content ~ ^first", true }, { "run.speed = fast", true }, { "tag.run.speed=slow", false },
		/* a missing key never matches, but under NOT */
		{ "metrics.nope < 1", false }, { "metrics.nope != 1", false }, { "nope !~ x", false }, { "-metrics.nope<1", true }, { "NOT nope = 1", true },
	};
	CHECK(rows);
}

static void attributes(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "name = gbm-Seed7", true }, { "name=gbm-seed7", false }, { "name:SEED", true }, { "attributes.run_name : seed", true }, { "name ~ seed\\d$", true }, { "name !~ ^GBM", false },
		{ "name != x", true }, { "id:0A1B", true }, { "run_id = 0a1b", false }, { "user=ann", true }, { "user ~ ^(bob|ann)$", true }, { "source : TRAIN", true },
		{ "experiment = 'churn gbm'", true }, { "experiment : churn", true },
		{ "state = failed", true }, { "state=FAILED", true }, { "state=f", true }, { "state=fa", true }, { "state=fi", false }, { "state!=failed", false }, { "status != done", true },
		{ "state=done", false }, { "state = 'failed'", true }, { "attr.status = 'FAILED'", true }, { "state ~ fail|kill", true }, { "state:ail", true },
		{ "state != waiting", true }, { "state = waiting", false }, { "state = scheduled", false }, { "state ~ ^FAILED$", true }, { "state !~ done", true },
		{ "age < 3d", true }, { "age<60h", false }, { "age <= 60h", true }, { "age = 2d", true }, { "age = 3d", false }, { "age != 3d", true }, { "age > 2d11h", true }, { "age < 1w", true },
		{ "took > 14m", true }, { "took >= 14m32s", true }, { "took > 872", false }, { "took = 14min", true }, { "took < 1h", true }, { "duration > 871.5s", true }, { "age<1mo", true },
	};
	CHECK(rows);
}

/* Half-typed and mistaken terms: the rest still decides, and something is said. */
static void odd(void **state)
{
	(void)state;
	static const struct { const char *text; bool match; const char *said; } rows[] = {
		{ "val_auc >", true, "val_auc needs a value" }, { "seed val_auc >= ", true, "needs a value" }, { "bob val_auc >", false, "needs a value" },
		{ "metrics.", true, "metrics. needs an operator" }, { "metrics.lo", true, "metrics.lo needs an operator" }, { "tags.mlflow.note", true, "needs an operator" },
		{ "metrics. > 3", true, "needs a key" }, { "> 3", true, "needs a key" }, { "= ann", true, "needs a key" }, { "metrics.loss > abc", true, "abc is not a number" },
		{ "metrics.val_auc > 0.9e", true, "not a number" }, { "metrics.val_auc > -", true, "not a number" }, { "metrics.val_auc:m", true, "needs an operator" },
		{ "val_auc > abc", true, "abc is not a number" }, { "val_auc >= (", true, "( is not a number" }, { "params.opt < Z", true, "in quotes it is compared as text" },
		{ "seed \"", true, "a quote is still open" }, { "name:\"gbm", true, "quote is still open" },
		{ "age < x", true, "age and took compare with times" }, { "took > 3q", true, "times" }, { "age ~ 3", true, "times" },
		{ "state > failed", true, "states have no order" }, { "state = flying", true, "flying is no state" },
		{ "name ~ (", true, "missing closing parenthesis" }, { "name ~ [a", true, "[a: " }, { "name = \"gbm", true, "quote is still open" },
		{ "ann OR bob", false, "OR is not understood" }, { "(ann train)", true, "parentheses are not understood" }, { "(val_auc > 0.95)", false, "parentheses" },
		{ "params.opt LIKE 'x%' ann", true, "LIKE is not understood" }, { "params.opt in ('a','b')", true, "in is not understood" }, { "tags.a IS NULL seed", true, "IS is not understood" },
		{ "\xff\xfe = ", true, "needs a value" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e;
		bool m = matches(rows[i].text, &e);
		if (e.code != ST_USAGE || !strstr(e.text, rows[i].said))
			fail_msg("\"%s\" says: %s", rows[i].text, e.text);
		if (m != rows[i].match)
			fail_msg("\"%s\" should %smatch", rows[i].text, rows[i].match ? "" : "not ");
	}
}

/* While a comparison is typed letter by letter it must not empty the list: its beginnings decide nothing. */
static void typing(void **state)
{
	(void)state;
	static const char *const neutral[] = {
		"metrics.", "metrics.val", "metrics.val_auc", "metrics.val_auc:", "metrics.val_auc:m", "metrics.val_auc:min", "metrics.val_auc:min ", "metrics.val_auc:min <",
		"metrics.val_auc:min < ", "seed state=", "seed state=f", "seed age<", "seed name~", "seed name~(", "seed params.", "seed params.opt", "seed params.opt:", "tags.\"mlflow",
		"name=\"gbm-Se", "seed -", "seed NOT", "seed AND", "seed \"", "seed -tags.x=", "experiment:\"churn g",
	};
	struct err e;
	for (size_t i = 0; i < sizeof neutral / sizeof *neutral; i++)
		if (!matches(neutral[i], &e))
			fail_msg("\"%s\" drops the run", neutral[i]);
	static const char whole[] = "metrics.val_auc:min < 0.6 state=failed age<3d name~^gbm params.opt:adam";
	for (size_t n = 0; n < sizeof whole; n++) {
		char part[sizeof whole] = "";
		memcpy(part, whole, n);
		matches(part, NULL);
	}
	assert_true(matches(whole, &e));
	assert_int_equal(e.code, ST_OK);
}

static void limits(void **state)
{
	(void)state;
	struct err e;
	struct str text = STR_INIT;
	for (int i = 0; i < FILTER_MAX_TERMS + 3; i++)
		str_addf(&text, "-w%d ", i);
	assert_true(matches(text.p, &e));
	assert_non_null(strstr(e.text, "first 64 terms"));
	str_clear(&text);
	str_addrep(&text, 'a', FILTER_MAX_BYTES + 1);
	assert_false(matches(text.p, &e));
	assert_non_null(strstr(e.text, "4096"));
	str_free(&text);
	filter_free(filter_parse("name ~ (((", NULL));            /* no words wanted */
	filter_free(NULL);
}

/* A pattern that explodes is given up after a while, and said; the others go on. */
static void exploding_pattern(void **state)
{
	(void)state;
	struct err e;
	struct str said = STR_INIT;
	struct filter *f = filter_parse("name ~ ^(a+)+$ name : a", &e);
	char hay[64];
	memset(hay, 'a', sizeof hay);
	hay[sizeof hay - 1] = '!';
	assert_int_equal(e.code, ST_OK);
	struct filter_value v = { .present = true, .text = hay, .n = sizeof hay };
	for (int i = 0; i < 100000; i++)
		assert_false(filter_match(f, &v));
	filter_complaints(f, &said);
	assert_non_null(strstr(said.p, "takes too long"));
	str_free(&said);
	filter_free(f);
	f = filter_parse("name ~ ^a", &e);
	assert_true(filter_match(f, &v));
	filter_complaints(f, &said);
	assert_int_equal(said.len, 0);
	filter_free(f);
}

static void fields_are_distinct(void **state)
{
	(void)state;
	const struct filter_field *fields;
	struct filter *f = filter_parse("loss > 1 loss < 3 metrics.loss != 2 word other age<3d age>1d loss:min>0", NULL);
	assert_int_equal(filter_fields(f, &fields), 5);
	assert_int_equal(fields[0].kind, FF_ANYKEY);
	assert_string_equal(fields[0].key, "loss");
	assert_int_equal(fields[1].kind, FF_METRIC);
	assert_int_equal(fields[2].kind, FF_WORD);
	assert_null(fields[2].key);
	assert_int_equal(fields[3].kind, FF_AGE);
	assert_int_equal(fields[4].kind, FF_METRIC_MIN);
	assert_false(filter_is_empty(f));
	filter_free(f);
	f = filter_parse("metrics.", NULL);
	assert_true(filter_is_empty(f));
	filter_free(f);
}

static void numbers(void **state)
{
	(void)state;
	static const struct { const char *text; bool ok; double value; } rows[] = {
		{ "1", true, 1 }, { "-1.5e-3", true, -1.5e-3 }, { ".5", true, 0.5 }, { "5.", true, 5 }, { "+2", true, 2 }, { " 7 ", true, 7 }, { "1e999", true, INFINITY },
		{ "Inf", true, INFINITY }, { "-infinity", true, -INFINITY }, { "0.1", true, 0.1 }, { "12345678901234567890", true, 12345678901234567890.0 },
		{ "", false, 0 }, { " ", false, 0 }, { "1e", false, 0 }, { "0x10", false, 0 }, { "1_000", false, 0 }, { "1,5", false, 0 }, { "--1", false, 0 }, { ".", false, 0 }, { "e5", false, 0 },
		{ "1 2", false, 0 }, { "infinit", false, 0 }, { "True", false, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double v = -77;
		if (number_parse(rows[i].text, strlen(rows[i].text), &v) != rows[i].ok || (rows[i].ok && v != rows[i].value))
			fail_msg("\"%s\" gives %g", rows[i].text, v);
	}
	double v;
	assert_true(number_parse("NaN", 3, &v) && isnan(v));
	char digits[400];
	memset(digits, '7', sizeof digits);
	assert_true(number_parse(digits, sizeof digits, &v) && isinf(v));
	assert_true(number_parse("12x", 2, &v) && v == 12);              /* no NUL behind it is needed */
}

static void spans(void **state)
{
	(void)state;
	static const struct { const char *text; bool ok; double ms, unit; } rows[] = {
		{ "3d", true, 3 * DAY, DAY }, { "1h30m", true, 5400e3, 60e3 }, { "90", true, 90e3, 1e3 }, { "250ms", true, 250, 1 }, { "1.5h", true, 5400e3, 3600e3 },
		{ "2mo", true, 60 * DAY, 30 * DAY }, { "10min", true, 600e3, 60e3 }, { "1y2w", true, 379 * DAY, 7 * DAY },
		{ "", false, 0, 0 }, { "d", false, 0, 0 }, { "3x", false, 0, 0 }, { "-3d", false, 0, 0 }, { "3d5", false, 0, 0 }, { "3 d", false, 0, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double ms = 0, unit = 0;
		bool ok = number_parse_span(rows[i].text, strlen(rows[i].text), &ms, &unit);
		if (ok != rows[i].ok || (ok && (ms != rows[i].ms || unit != rows[i].unit)))
			fail_msg("\"%s\" gives %g ms in units of %g", rows[i].text, ms, unit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words), cmocka_unit_test(comparisons), cmocka_unit_test(attributes), cmocka_unit_test(odd), cmocka_unit_test(typing),
		cmocka_unit_test(limits), cmocka_unit_test(exploding_pattern), cmocka_unit_test(fields_are_distinct), cmocka_unit_test(numbers), cmocka_unit_test(spans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
