/* filter_impl -- a parsed filter, shared by the parser and the matcher only. */
#ifndef MLYARD_RUNS_FILTER_IMPL_H
#define MLYARD_RUNS_FILTER_IMPL_H
#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/runs/filter.h"

enum filter_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_HAS, OP_RE, OP_NOT_RE };

struct filter_regex;     /* a compiled pattern with its limits and failure count */
struct filter_term {
	size_t field;
	enum filter_op op;
	bool negated;
	const char *text; size_t n;          /* the value as typed, without quotes */
	bool ascii;                          /* text holds no byte >= 0x80 */
	bool is_num; double num;             /* the value is a number (never when it was quoted) */
	bool metric_num;                     /* it reads as a number, quoted or not: what a metric, which has no text, compares with */
	double unit_ms;                      /* age and took: num is milliseconds, "=" holds within this */
	uint8_t states;                      /* state: bit per run_status that the value means */
	struct filter_regex *re;
};
struct filter {
	struct arena *arena;
	struct filter_field fields[FILTER_MAX_TERMS]; size_t n_fields;
	struct filter_term terms[FILTER_MAX_TERMS]; size_t n_terms;
};

/* NULL when the pattern does not compile; why is filled then. */
struct filter_regex *filter_regex_new(const char *pattern, size_t n, char *why, size_t why_size);
void filter_regex_free(struct filter_regex *re);
bool filter_regex_match(struct filter_regex *re, const char *text, size_t n);
bool filter_regex_gave_up(const struct filter_regex *re);
#endif
