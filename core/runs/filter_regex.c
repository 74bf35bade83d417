/* Regular expressions over cells: PCRE2 with limits.
 *
 * A pattern like (a+)+$ can take minutes on thirty bytes. PCRE2's match, depth and heap limits bound one
 * try, and a pattern that hits them GIVE_UP_AFTER times is not tried again: with 75,000 runs the sum
 * counts, not the single match. filter_complaints() says so.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/runs/filter_impl.h"

enum { PATTERN_MAX = 1024, MATCH_LIMIT = 20000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 1024, GIVE_UP_AFTER = 32 };

struct filter_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	int failures;
};

static pcre2_code *compile(const char *pattern, size_t n, char *why, size_t why_size)
{
	int error = 0;
	PCRE2_SIZE at = 0;
	/* Nesting is limited at compile time too: the compiler recurses. */
	pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
	if (!cc)
		return NULL;
	pcre2_set_parens_nest_limit(cc, 50);
	pcre2_set_max_pattern_length(cc, PATTERN_MAX);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, n, PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C,
		&error, &at, cc);
	pcre2_compile_context_free(cc);
	if (!code) {
		PCRE2_UCHAR words[128];
		if (pcre2_get_error_message(error, words, sizeof words) < 0)
			words[0] = '\0';
		snprintf(why, why_size, "%s at character %zu", (const char *)words, (size_t)at + 1);
	}
	return code;
}

struct filter_regex *filter_regex_new(const char *pattern, size_t n, char *why, size_t why_size)
{
	snprintf(why, why_size, "out of memory");
	struct filter_regex *re = mem_zalloc(sizeof *re);
	re->code = compile(pattern, n, why, why_size);
	re->data = re->code ? pcre2_match_data_create(1, NULL) : NULL;
	re->limits = re->data ? pcre2_match_context_create(NULL) : NULL;
	if (!re->limits) {
		filter_regex_free(re);
		return NULL;
	}
	pcre2_set_match_limit(re->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(re->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(re->limits, HEAP_LIMIT_KIB);
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);      /* without it the interpreter does the same, slower */
	return re;
}

void filter_regex_free(struct filter_regex *re)
{
	if (!re)
		return;
	pcre2_match_context_free(re->limits);
	pcre2_match_data_free(re->data);
	pcre2_code_free(re->code);
	free(re);
}

bool filter_regex_match(struct filter_regex *re, const char *text, size_t n)
{
	if (re->failures >= GIVE_UP_AFTER)
		return false;
	int rc = pcre2_match(re->code, (PCRE2_SPTR)text, n, 0, 0, re->data, re->limits);
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
		re->failures++;
	return rc >= 0;
}

bool filter_regex_gave_up(const struct filter_regex *re)
{
	return re->failures > 0;
}
