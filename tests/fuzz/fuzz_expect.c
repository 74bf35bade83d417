/* Files of expectations: whatever the text, there are expectations or an error that names the file; held against a table each gives a result with its line. */
#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/drift/expect.h"
#include "tests/fuzz/fuzz.h"

static void check_against_table(const struct expectations *x)
{
	static double numbers[] = { 1, NAN, -3, 1e300 };
	static uint32_t codes[] = { 0, 1, FRAME_NO_CODE, 0 };
	static struct frame_word words[] = { { "red", 3 }, { "a\0b", 3 } };
	static char names[][6] = { "x", "kind", "table" };
	struct frame_col cols[] = {
		{ .name = names[0], .type = FRAME_NUMBER, .n = 4, .missing = 1, .nan = 1, .num = numbers },
		{ .name = names[1], .type = FRAME_CATEGORY, .n = 4, .missing = 1, .code = codes, .words = words, .n_words = 2 },
	};
	const struct frame f = { .cols = cols, .n_cols = 2, .n_rows = 4, .name = names[2] };
	struct expect_results *r;
	size_t failed = 0;
	expectations_check(x, &f, &r);
	for (size_t i = 0; i < r->n; i++) {
		MUST(r->at[i].column && r->at[i].check && r->at[i].expected && r->at[i].found && r->at[i].line >= 0);
		failed += !r->at[i].ok;
	}
	MUST(failed == r->failed);
	expect_results_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expectations *x;
	struct err e = { 0 };
	const enum status st = expect_parse((const char *)data, size, "expect.yaml", &x, &e);
	MUST((st == ST_OK) == (x != NULL));
	MUST(x || strstr(e.text, "expect.yaml"));
	if (x)
		check_against_table(x);
	expectations_free(x);
	return 0;
}
