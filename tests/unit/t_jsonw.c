#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include "core/base/jsonw.h"

static void documents(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "a");
	jsonw_open(&w, '[');
	jsonw_int(&w, INT64_MIN);
	jsonw_num(&w, 0.1);
	jsonw_num(&w, NAN);
	jsonw_num(&w, INFINITY);
	jsonw_num(&w, -INFINITY);
	jsonw_open(&w, '{');
	jsonw_close(&w, '}');
	jsonw_open(&w, '[');
	jsonw_close(&w, ']');
	jsonw_bool(&w, true);
	jsonw_bool(&w, false);
	jsonw_close(&w, ']');
	jsonw_key(&w, "b");
	jsonw_str(&w, NULL);
	jsonw_keyn(&w, "c\"d", 3);
	jsonw_strn(&w, "x\0y", 3);
	jsonw_close(&w, '}');
	assert_string_equal(out.p, "{\"a\":[-9223372036854775808,0.1,\"NaN\",\"Infinity\",\"-Infinity\",{},[],true,false],"
		"\"b\":null,\"c\\\"d\":\"x\\u0000y\"}");
	str_free(&out);
}

static void members(void **state)
{
	static const char *const words[] = { "x", NULL };
	(void)state;
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_open(&w, '{');
	jsonw_put_str(&w, "s", "t");
	jsonw_put_str(&w, "none", NULL);
	jsonw_put_strn(&w, "n", "abc", 2);
	jsonw_put_strs(&w, "l", words, 2);
	jsonw_put_strs(&w, "empty", NULL, 0);
	jsonw_put_int(&w, "i", -1);
	jsonw_put_num(&w, "nan", NAN);
	jsonw_put_known(&w, "unknown", NAN);
	jsonw_put_known(&w, "inf", INFINITY);
	jsonw_put_known(&w, "zero", 0);
	jsonw_put_bool(&w, "b", false);
	jsonw_put_nonzero(&w, "id", 7);
	jsonw_put_nonzero(&w, "no_id", 0);
	jsonw_put_open(&w, "o", '[');
	jsonw_known(&w, 1.5);
	jsonw_known(&w, NAN);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	assert_string_equal(out.p, "{\"s\":\"t\",\"none\":null,\"n\":\"ab\",\"l\":[\"x\",null],\"empty\":[],\"i\":-1,\"nan\":\"NaN\",\"unknown\":null,"
		"\"inf\":\"Infinity\",\"zero\":0,\"b\":false,\"id\":7,\"no_id\":null,\"o\":[1.5,null]}");
	str_free(&out);
}

static void expect_json(const char *in, size_t n, const char *want)
{
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	jsonw_strn(&w, in, n);
	assert_string_equal(out.p, want);
	str_free(&out);
}

static void strings_are_safe_to_print(void **state)
{
	(void)state;
	expect_json("\"\\\b\f\n\r\t/", 8, "\"\\\"\\\\\\b\\f\\n\\r\\t/\"");
	expect_json("\x1b[31m\x7f", 6, "\"\\u001b[31m\\u007f\"");
	expect_json("\xC2\x9B\xE2\x80\xAE", 5, "\"\\u009b\\u202e\"");
	expect_json("\xF3\xA0\x81\xA1", 4, "\"\\udb40\\udc61\"");
	expect_json("\xE6\xBC\xA2\xF0\x9F\x98\x80", 7, "\"\xE6\xBC\xA2\xF0\x9F\x98\x80\"");
	expect_json("a\xFF\xE2\x82z", 5, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\"");
	expect_json("", 0, "\"\"");
}

static void every_byte_pair_reads_back(void **state)
{
	(void)state;
	for (int a = 0; a < 256; a++) {
		struct str out = STR_INIT;
		struct jsonw w;
		jsonw_init(&w, &out);
		jsonw_open(&w, '[');
		for (int b = 0; b < 256; b++) {
			char s[2] = { (char)a, (char)b };
			jsonw_strn(&w, s, 2);
		}
		jsonw_close(&w, ']');
		json_error_t err;
		json_t *doc = json_loadb(out.p, out.len, JSON_ALLOW_NUL, &err);
		assert_non_null(doc);
		assert_int_equal(json_array_size(doc), 256);
		for (int b = 0; a < 128 && b < 128; b++) {
			char s[2] = { (char)a, (char)b };
			json_t *v = json_array_get(doc, (size_t)b);
			assert_int_equal(json_string_length(v), 2);
			assert_memory_equal(json_string_value(v), s, 2);
		}
		json_decref(doc);
		str_free(&out);
	}
}

static void deep_nesting(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	struct jsonw w;
	jsonw_init(&w, &out);
	for (int i = 0; i < 60; i++) {
		jsonw_open(&w, '[');
		jsonw_int(&w, i);
	}
	for (int i = 0; i < 60; i++)
		jsonw_close(&w, ']');
	json_t *doc = json_loadb(out.p, out.len, 0, NULL);
	assert_non_null(doc);
	assert_int_equal(json_array_size(doc), 2);
	json_decref(doc);
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents), cmocka_unit_test(members), cmocka_unit_test(strings_are_safe_to_print), cmocka_unit_test(every_byte_pair_reads_back),
		cmocka_unit_test(deep_nesting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
