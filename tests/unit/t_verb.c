#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/arena.h"
#include "core/base/cmd.h"
#include "core/base/verb.h"

static const struct verb_opt opts[] = {
	{ "limit", OPT_INT, "N", "At most N rows" }, { "filter", OPT_STRING, "TEXT", "Only these" }, { "all", OPT_FLAG, NULL, "Everything" },
};
static const struct verb list = { "runs list", "EXPERIMENT...", "List runs", opts, 3, VERB_READS, 0, 2, NULL };
static const struct verb show = { "runs show", "RUN", "Show a run", NULL, 0, VERB_READS, 1, 1, NULL };

/* The words of a line; *buf holds them. */
static enum status parse(const struct verb *v, const char *line, char **buf, struct verb_args **a, struct err *e)
{
	char *argv[CMD_MAX_ARGS + 1];
	int argc;
	assert_int_equal(cmd_split(line, buf, &argc, argv, NULL), ST_OK);
	return verb_parse(v, argc, argv, a, e);
}

static void options_and_words(void **state)
{
	(void)state;
	char *buf;
	struct verb_args *a;
	assert_int_equal(parse(&list, "--limit -5 a --filter=x=y --all -- --b", &buf, &a, NULL), ST_OK);
	assert_int_equal(verb_int(a, "limit", 10), -5);
	assert_string_equal(verb_opt(a, "filter"), "x=y");
	assert_true(verb_flag(a, "all"));
	assert_false(verb_flag(a, "json"));
	assert_int_equal(verb_argc(a), 2);
	assert_string_equal(verb_arg(a, 0), "a");
	assert_string_equal(verb_arg(a, 1), "--b");
	assert_null(verb_arg(a, 2));
	assert_null(verb_arg(a, -1));
	verb_args_free(a);
	free(buf);
}

static void common_options_everywhere(void **state)
{
	(void)state;
	char *buf;
	struct verb_args *a;
	assert_int_equal(parse(&list, "-w x.db --json -h --limit 1 --limit 2", &buf, &a, NULL), ST_OK);
	assert_string_equal(verb_opt(a, "workspace"), "x.db");
	assert_true(verb_flag(a, "json") && verb_flag(a, "help"));
	assert_int_equal(verb_int(a, "limit", 0), 2);
	assert_null(verb_opt(a, "filter"));
	assert_int_equal(verb_int(a, "nothing", 7), 7);
	verb_args_free(a);
	free(buf);
	assert_int_equal(parse(&show, "--help", &buf, &a, NULL), ST_OK);     /* without its argument */
	verb_args_free(a);
	free(buf);
}

static void refusals(void **state)
{
	(void)state;
	static const struct { const struct verb *v; const char *line, *says; } rows[] = {
		{ &list, "--limt 3", "did you mean --limit" }, { &list, "--limit", "needs a value" }, { &list, "--limit 3x", "whole number" },
		{ &list, "--limit 99999999999999999999", "whole number" }, { &list, "--limit=", "whole number" }, { &list, "--all=1", "takes no value" },
		{ &list, "a b c", "too many" }, { &show, "", "missing" }, { &show, "-x", "unknown option -x" }, { &list, "-- a b c", "too many" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *buf;
		struct verb_args *a;
		struct err e = { 0 };
		assert_int_equal(parse(rows[i].v, rows[i].line, &buf, &a, &e), ST_USAGE);
		assert_null(a);
		if (!strstr(e.text, rows[i].says))
			fail_msg("row %zu says: %s", i, e.text);
		free(buf);
	}
}

static char *print_table(struct out *o, const char *const cells[], size_t n)
{
	char *text = NULL;
	size_t size = 0;
	o->out = open_memstream(&text, &size);
	struct out_table *t = out_table_new(o);
	out_table_column(t, "NAME", OUT_LEFT);
	out_table_column(t, "LOSS", OUT_RIGHT);
	for (size_t i = 0; i < n; i++)
		out_table_cell(t, cells[i]);
	out_table_end(t);
	fclose(o->out);
	return text;
}

static void expect_table(struct out o, const char *const cells[], size_t n, const char *want)
{
	char *text = print_table(&o, cells, n);
	assert_string_equal(text, want);
	free(text);
}

static void tables(void **state)
{
	(void)state;
	static const char *const cells[] = { "first\trun\n", "0.25", "\xE6\xBC\xA2\x1b[1m", NULL, "short" };
	expect_table((struct out){ .utf8 = true }, cells, 5, "NAME\tLOSS\nfirst run \t0.25\n\xE6\xBC\xA2\xEF\xBF\xBD[1m\t\nshort\t\n");
	expect_table((struct out){ .tty = true, .utf8 = true, .width = 80 }, cells, 5,
		"NAME        LOSS\nfirst run   0.25\n\xE6\xBC\xA2\xEF\xBF\xBD[1m         \xC2\xB7\nshort          \xC2\xB7\n");
	expect_table((struct out){ .tty = true, .width = 80 }, cells + 2, 2, "NAME    LOSS\n???[1m     .\n");
	expect_table((struct out){ .tty = true, .utf8 = true, .style = true, .width = 80 }, cells + 3, 0, "\x1b[1mNAME\x1b[0m  \x1b[1mLOSS\x1b[0m\n");
	expect_table((struct out){ .utf8 = true }, cells, 0, "NAME\tLOSS\n");
}

static void wide_tables_give_way(void **state)
{
	(void)state;
	static const char *const cells[] = { "a name that is much too long for the screen", "0.123456789" };
	expect_table((struct out){ .tty = true, .utf8 = true, .width = 30 }, cells, 2,
		"NAME                      LOSS\na name that is m\xE2\x80\xA6  0.123456789\n");
	expect_table((struct out){ .tty = true, .utf8 = true, .width = 5 }, cells, 2, "NAME               LOSS\na name th\xE2\x80\xA6  0.123456789\n");
	expect_table((struct out){ .width = 0 }, cells, 2, "NAME\tLOSS\na name that is much too long for the screen\t0.123456789\n");
}

static void text_is_raw_only_in_a_pipe(void **state)
{
	(void)state;
	for (int tty = 0; tty < 2; tty++) {
		char *text = NULL;
		size_t size = 0;
		struct out o = { .out = open_memstream(&text, &size), .tty = tty, .utf8 = true };
		out_text(&o, "a\x1b\n", 3);
		fclose(o.out);
		assert_string_equal(text, tty ? "a\xEF\xBF\xBD\n" : "a\x1b\n");
		free(text);
	}
}

/* The words of --filter given as these values, joined by bars, or the message. */
static void list_is(const char *const *values, int n, const char *expected)
{
	char *argv[8];
	struct arena *room = arena_new();
	struct verb_args *a;
	struct verb_list words;
	struct str joined = STR_INIT;
	struct err e = { 0 };
	for (int i = 0; i < n; i++)
		argv[i] = arena_printf(room, "--filter=%s", values[i]);
	assert_int_equal(verb_parse(&list, n, argv, &a, NULL), ST_OK);
	const enum status st = verb_list(a, "filter", room, &words, &e);
	for (size_t i = 0; i < words.n; i++)
		str_addf(&joined, "%s%s", i ? "|" : "", words.at[i]);
	assert_string_equal(st == ST_OK ? joined.p : e.text, expected);
	assert_true(st == ST_OK || (st == ST_USAGE && !words.n));
	verb_args_free(a);
	str_free(&joined);
	arena_free(room);
}

static void lists_are_quoted_as_csv_is(void **state)
{
	static const struct { const char *text, *expected; } rows[] = {
		{ "a,b", "a|b" }, { ",a,,b,", "a|b" }, { "a b, c", "a b| c" }, { "\"a,b\",c", "a,b|c" }, { "c,\"a,b\"", "c|a,b" }, { "\"say \"\"so\"\"\"", "say \"so\"" }, { "\"\"", "" },
		{ "5\" pipe,x", "5\" pipe|x" }, { "\"a,b\"=numeric,c=text", "a,b=numeric|c=text" }, { "\"a\nb\"", "a\nb" },
		{ "\"a,b", "--filter: the quote of \"a,b is not closed" }, { "x,\"", "--filter: the quote of \" is not closed" },
		{ "\"a\" ,b", "--filter: after the closing quote of \"a\" comes a comma or the end, not ' ,b'" }, { "", "--filter names nothing" }, { ",,", "--filter names nothing" },
	};
	static const char *const twice[] = { "a,b", "", "\"c,d\"" };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		list_is(&rows[i].text, 1, rows[i].expected);
	list_is(twice, 3, "a|b|c,d");
	list_is(NULL, 0, "");
}

#define LONG_NAME "a name that is much too long for the column that the screen has room for, and longer"

static void a_page_is_laid_out_and_uncut_in_a_pipe(void **state)
{
	static const char *const cells[] = { LONG_NAME, "0.5", "b", NULL };
	static const char *const longer[] = { LONG_NAME " than the page, which keeps it whole for those who search in it", "0.5", "b", NULL };
	const struct out in_pipe = { 0 }, on_terminal = { .tty = true, .width = 30, .style = true };
	(void)state;
	expect_table(out_page(&in_pipe), cells, 4,
		"NAME                                                                                  LOSS\n"
		LONG_NAME "   0.5\n"
		"b                                                                                        \xC2\xB7\n");
	expect_table(out_page(&in_pipe), longer, 4,
		"NAME                                                                                                                            LOSS\n"
		LONG_NAME " than the page, which keeps it whole for those who search in it   0.5\n"
		"b                                                                                                                                  \xC2\xB7\n");
	const struct out page = out_page(&on_terminal);
	assert_true(page.tty && page.style && !page.uncut && page.width == 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_words), cmocka_unit_test(common_options_everywhere), cmocka_unit_test(refusals), cmocka_unit_test(tables),
		cmocka_unit_test(wide_tables_give_way), cmocka_unit_test(text_is_raw_only_in_a_pipe), cmocka_unit_test(lists_are_quoted_as_csv_is),
		cmocka_unit_test(a_page_is_laid_out_and_uncut_in_a_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
