/* The input line: grapheme-wise edits, words, kill and yank, history, painting in little room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base/text.h"
#include "tests/unit/screen.h"
#include "tui/input.h"

/* Runs actions separated by blanks; 'text inserts text. */
static void run(struct input *in, const char *actions)
{
	char copy[256], *save = NULL;
	snprintf(copy, sizeof copy, "%s", actions);
	for (char *a = strtok_r(copy, " ", &save); a; a = strtok_r(NULL, " ", &save)) {
		if (*a == '\'')
			input_insert(in, a + 1, strlen(a + 1));
		else
			assert_true(input_do(in, a));
	}
}

/* The text with | where the cursor stands. */
static void expect(struct input *in, const char *want)
{
	char got[512];
	snprintf(got, sizeof got, "%.*s|%s", (int)in->cursor, in->text.p, in->text.p + in->cursor);
	assert_string_equal(got, want);
}

static void edits(void **state)
{
	(void)state;
	static const struct { const char *start, *actions, *want; } cases[] = {
		{ "", "backspace delete left right kill-line yank", "|" },
		{ "abc", "left left 'X", "aX|bc" }, { "abc", "home delete", "|bc" }, { "abc", "left backspace", "a|c" },
		{ "metrics.val_auc > 0.9", "word-left", "metrics.val_auc > 0.|9" }, { "metrics.val_auc > 0.9", "word-left word-left word-left", "metrics.|val_auc > 0.9" },
		{ "metrics.val_auc > 0.9", "home word-right word-right", "metrics.val_auc| > 0.9" }, { "a  b", "kill-word", "a  |" },
		{ "one two three", "kill-word kill-word yank", "one two |" }, { "one two", "home word-right kill-line", "one|" },
		{ "one two", "home word-right kill-line home yank", " two|one" }, { "one two", "left kill-all", "|" }, { "one two", "left kill-all yank yank", "one twoone two|" },
		{ "é日本", "left left", "é|日本" }, { "日本", "backspace", "日|" },
		{ "e\u0301x", "left backspace", "|x" },                                                   /* e and its accent are one */
		{ "\U0001F469\u200D\U0001F469\u200D\U0001F467!", "home right", "\U0001F469\u200D\U0001F469\u200D\U0001F467|!" },
		{ "\U0001F1E9\U0001F1EA", "left", "|\U0001F1E9\U0001F1EA" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct input in;
		input_init(&in, NULL);
		input_set(&in, cases[i].start);
		run(&in, cases[i].actions);
		expect(&in, cases[i].want);
		input_done(&in);
	}
}

static void unknown_actions_change_nothing(void **state)
{
	(void)state;
	struct input in;
	input_init(&in, NULL);
	input_set(&in, "abc");
	assert_false(input_do(&in, "explode"));
	assert_false(input_do(&in, ""));
	expect(&in, "abc|");
	input_done(&in);
}

static void pasted_text_is_cleaned(void **state)
{
	(void)state;
	struct input in;
	input_init(&in, NULL);
	input_insert(&in, "a\nb\t\x1b[31mc\xff", 12);
	assert_null(strchr(in.text.p, '\n'));
	assert_null(strchr(in.text.p, '\x1b'));
	assert_non_null(strstr(in.text.p, "a b "));
	assert_true(text_is_clean(in.text.p, in.text.len, 0));
	assert_int_equal(in.cursor, in.text.len);
	char *big = malloc(200000);
	memset(big, 'x', 200000);
	input_insert(&in, big, 200000);                        /* over the limit: what does not fit is refused */
	assert_true(in.text.len <= 65536 + 64);
	free(big);
	input_done(&in);
}

static void a_mark_joins_the_letter_before_it(void **state)
{
	(void)state;
	struct input in;
	input_init(&in, NULL);
	input_set(&in, "eX");
	run(&in, "left '\u0301");
	expect(&in, "e\u0301|X");
	run(&in, "left");
	expect(&in, "|e\u0301X");
	input_done(&in);
}

static void history(void **state)
{
	(void)state;
	struct input_history h = { 0 };
	struct input in;
	input_history_add(&h, "first");
	input_history_add(&h, "");
	input_history_add(&h, "second");
	input_history_add(&h, "second");
	assert_int_equal(h.n, 2);
	input_init(&in, &h);
	run(&in, "'draft prev");
	expect(&in, "second|");
	run(&in, "prev prev prev");
	expect(&in, "first|");
	run(&in, "next next");
	expect(&in, "draft|");
	run(&in, "next");
	expect(&in, "draft|");
	char line[32];
	for (int i = 0; i < 600; i++) {
		snprintf(line, sizeof line, "line %d", i);
		input_history_add(&h, line);
	}
	assert_int_equal(h.n, 500);
	assert_string_equal(h.at[0], "line 100");
	assert_string_equal(h.at[499], "line 599");
	input_set(&in, "");
	run(&in, "prev");
	expect(&in, "line 599|");
	input_done(&in);
	input_history_free(&h);
	assert_true(h.n == 0 && h.at == NULL);
}

static void assert_line(struct input *in, const char *prompt, int w, const char *want, int cursor)
{
	struct screen sc = screen_new(w, 1, GLYPHS_BRAILLE);
	struct str out = STR_INIT;
	int x = -1, y = -1;
	input_paint(in, &sc.p, prompt);
	surface_dump(sc.s, &out);
	assert_string_equal(out.p, want);
	assert_true(surface_get_cursor(sc.s, &x, &y));
	assert_int_equal(x, cursor);
	str_free(&out);
	screen_free(&sc);
}

static void painting(void **state)
{
	(void)state;
	struct input in;
	input_init(&in, NULL);
	in.hint = "type a filter";
	assert_line(&in, "/", 20, "/type a filter\n", 1);
	input_set(&in, "val_auc > 0.9");
	assert_line(&in, "/", 20, "/val_auc > 0.9\n", 14);
	assert_line(&in, "/", 12, "/\u2039uc > 0.9\n", 10);
	run(&in, "home");
	assert_line(&in, "/", 12, "/val_auc > \u203a\n", 1);
	input_set(&in, "日本語日本語日本語");
	run(&in, "left left");
	assert_line(&in, ": ", 13, ": \u2039 本語日本\u203a\n", 10);
	in.hint = NULL;
	input_done(&in);
}

static void the_cursor_is_always_on_screen(void **state)
{
	(void)state;
	uint64_t s = 4;
	static const char *const actions[] = { "left", "right", "home", "end", "word-left", "word-right", "backspace", "delete", "kill-word", "yank" };
	struct input in;
	input_init(&in, NULL);
	for (int k = 0; k < 3000; k++) {
		s = s * 6364136223846793005u + 1442695040888963407u;
		unsigned r = (unsigned)(s >> 33);
		if (r % 3 == 0)
			input_insert(&in, r % 2 ? "ab cd" : "日e\u0301", r % 2 ? 5 : strlen("日e\u0301"));
		else
			input_do(&in, actions[r / 3 % (sizeof actions / sizeof *actions)]);
		assert_true(in.cursor <= in.text.len);
		if (in.text.len > 300)
			input_do(&in, "kill-all");
		struct screen sc = screen_framed(1 + (int)(r >> 8) % 40, 1, (enum glyphs)(k % 3));
		int x, y;
		input_paint(&in, &sc.p, k % 2 ? ":" : NULL);
		screen_assert_margin(&sc);
		assert_true(surface_get_cursor(sc.s, &x, &y));
		assert_true(rect_has(sc.p.r, x, y));
		screen_free(&sc);
	}
	input_done(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits), cmocka_unit_test(unknown_actions_change_nothing), cmocka_unit_test(pasted_text_is_cleaned),
		cmocka_unit_test(a_mark_joins_the_letter_before_it), cmocka_unit_test(history), cmocka_unit_test(painting),
		cmocka_unit_test(the_cursor_is_always_on_screen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
