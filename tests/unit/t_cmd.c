#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/cmd.h"

static const struct cmd rows[] = {
	{ .name = "quit", .help = "Leave" },
	{ .name = "sort", .args = "COLUMN...", .where = "runs", .min_args = 1, .max_args = -1 },
	{ .name = "sort", .help = "Sort anything", .max_args = 2 },
	{ .name = "fold", .where = "tree", .max_args = 0 },
};

static void the_row_of_the_view_wins(void **state)
{
	(void)state;
	struct cmd_reg *r = cmd_reg_new();
	cmd_reg_add(r, rows, 2);
	cmd_reg_add(r, rows + 2, 2);
	assert_int_equal(cmd_count(r), 4);
	assert_ptr_equal(cmd_at(r, 3), &rows[3]);
	assert_null(cmd_at(r, 4));
	assert_ptr_equal(cmd_find(r, "sort", "runs"), &rows[1]);
	assert_ptr_equal(cmd_find(r, "sort", "tree"), &rows[2]);
	assert_ptr_equal(cmd_find(r, "sort", NULL), &rows[2]);
	assert_null(cmd_find(r, "fold", "runs"));
	assert_null(cmd_find(r, "nothing", "runs"));
	cmd_reg_free(r);
	cmd_reg_free(NULL);
}

static void expect_words(const char *line, const char *joined)
{
	char *buf, *argv[CMD_MAX_ARGS + 1];
	int argc;
	struct err e = { 0 };
	struct str got = STR_INIT;
	assert_int_equal(cmd_split(line, &buf, &argc, argv, &e), ST_OK);
	for (int i = 0; i < argc; i++)
		str_addf(&got, "<%s>", argv[i]);
	assert_null(argv[argc]);
	assert_string_equal(got.p, joined);
	str_free(&got);
	free(buf);
}

static void splitting(void **state)
{
	(void)state;
	expect_words("", "");
	expect_words("  \t ", "");
	expect_words(" a  b\tc ", "<a><b><c>");
	expect_words("f 'a b' \"c d\"", "<f><a b><c d>");
	expect_words("a'b c'\"d e\"f", "<ab cd ef>");
	expect_words("'' \"\"", "<><>");
	expect_words("a\\ b \\'\\\"\\\\", "<a b><'\"\\>");
	expect_words("'a\\b' \"a\\\"b\"", "<a\\b><a\"b>");
	expect_words("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "<1><2><3><4><5><6><7><8><9><10><11><12><13><14><15><16>");
}

static void splitting_refuses(void **state)
{
	(void)state;
	static const char *const lines[] = { "'a", "a \"b", "a\\", "\"a\\\"", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17" };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char *buf, *argv[CMD_MAX_ARGS + 1];
		int argc;
		struct err e = { 0 };
		assert_int_equal(cmd_split(lines[i], &buf, &argc, argv, &e), ST_USAGE);
		assert_null(buf);
		assert_int_equal(argc, 0);
		assert_null(argv[0]);
		assert_true(strlen(e.text) > 0);
		assert_int_equal(cmd_split(lines[i], &buf, &argc, argv, NULL), ST_USAGE);
	}
}

static void quoted_words_come_back(void **state)
{
	(void)state;
	static const char *const words[] = { "a", "", "a b", "it's", "\"", "\\", "'\\\"' ", "\t", "a'b\\c\"d", "\xE6\xBC\xA2", "\n", "''", "-x", "#" };
	struct str line = STR_INIT;
	size_t n = sizeof words / sizeof *words;
	for (size_t i = 0; i < n; i++) {
		cmd_quote(&line, words[i]);
		str_addc(&line, ' ');
	}
	char *buf, *argv[CMD_MAX_ARGS + 1];
	int argc;
	assert_int_equal(cmd_split(line.p, &buf, &argc, argv, NULL), ST_OK);
	assert_int_equal(argc, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(argv[i], words[i]);
	free(buf);
	str_free(&line);
}

static void argument_counts(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_int_equal(cmd_check(&rows[0], 1, &e), ST_OK);
	assert_int_equal(cmd_check(&rows[0], 2, &e), ST_USAGE);
	assert_string_equal(e.text, "quit takes no argument");
	assert_int_equal(cmd_check(&rows[1], 1, &e), ST_USAGE);
	assert_non_null(strstr(e.text, "sort COLUMN..."));
	assert_int_equal(cmd_check(&rows[1], 12, &e), ST_OK);
	assert_int_equal(cmd_check(&rows[2], 3, &e), ST_OK);
	assert_int_equal(cmd_check(&rows[2], 4, NULL), ST_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_row_of_the_view_wins), cmocka_unit_test(splitting), cmocka_unit_test(splitting_refuses),
		cmocka_unit_test(quoted_words_come_back), cmocka_unit_test(argument_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
