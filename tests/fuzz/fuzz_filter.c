/* Filters: whatever is typed parses, says clean words, asks for keys that are there, and answers the same as a whole and
 * term by term. The second half of the input, after a newline, is the text that terms are asked about. */
#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/filter.h"
#include "tests/fuzz/fuzz.h"

static void check_terms(const struct filter *f, const struct filter_value *slots, size_t n)
{
	bool all = true;
	for (size_t t = 0; t < filter_terms(f); t++) {
		MUST(filter_term_field(f, t) < n);
		all = all && filter_term_says(f, t, &slots[filter_term_field(f, t)]) != filter_term_negated(f, t);
	}
	MUST(filter_match(f, slots) == all);
}

static void check(const char *text, const char *value)
{
	struct err e = { .code = ST_FAILED };
	struct filter *f = filter_parse(text, &e);
	const struct filter_field *fields;
	struct filter_value slots[FILTER_MAX_TERMS];
	size_t n = filter_fields(f, &fields), len = strlen(value);
	MUST(f && (e.code == ST_OK || (e.code == ST_USAGE && e.text[0])));
	MUST(e.code == ST_OK || text_utf8_valid(e.text, strlen(e.text)) || strlen(e.text) == sizeof e.text - 1);
	MUST(n <= FILTER_MAX_TERMS && filter_terms(f) <= FILTER_MAX_TERMS && filter_is_empty(f) == !filter_terms(f));
	for (size_t way = 0; way < 3; way++) {
		for (size_t i = 0; i < n; i++) {
			bool keyed = fields[i].kind >= FF_METRIC && fields[i].kind <= FF_ANYKEY;
			MUST(!!fields[i].key == keyed && (!keyed || fields[i].key[0]));
			slots[i] = (struct filter_value){ .present = way != 2, .is_num = way == 1, .num = (double)len - 3, .text = way == 1 ? NULL : value, .n = way == 1 ? 0 : len };
			/* a state always comes as a word */
			if (fields[i].kind == FF_STATE)
				slots[i] = (struct filter_value){ .present = true, .text = "FAILED", .n = 6 };
		}
		check_terms(f, slots, n);
	}
	struct str said = STR_INIT;
	filter_complaints(f, &said);
	MUST(text_utf8_valid(said.p, said.len));
	str_free(&said);
	filter_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	MUST(text);
	char *value = strchr(text, '\n');
	if (value)
		*value++ = '\0';
	check(text, value ? value : "FAILED");
	free(text);
	return 0;
}
