/* filter -- what the user types into "/": a small language over runs, apart from any view.
 *
 * Grammar  filter := term { [AND | space] term };  OR and parentheses come with the full query language.
 *          term   := [-|NOT ] ( word | key op value )
 *          word   := text matched (case-insensitive substring) against name, id, user, source, tag values
 *          key    := name id state user source experiment age took | metrics.K[:min|:max] | params.K | tags.K | K (metric, then param, then tag)
 *                    K with spaces or operators in it: metrics."val loss", metrics.`a:b`, "val loss"
 *          op     := = != > >= < <= : ~ !~      ':' contains, '~' regular expression (PCRE2, limits set); both ignore case
 *          value  := number | word | "quoted" | 'quoted' | 3d 2h 10m for age and took
 * A half-typed term is ignored, not an error, so that filtering works while typing; filter_parse
 * says what is odd. A run without the key never matches, also for !=; under NOT and '-' it does.
 * Numbers   when both sides are numbers they compare as numbers, unless the value was quoted. NaN equals NaN
 *           and is neither less nor greater than anything. "=" on age and took holds within the unit given (age=2d).
 *           A metric is a number and nothing else: quotes around a number are ignored, another text is complained of.
 * States    any beginning of what people read (running, waiting, done, failed, killed) or MLflow writes (SCHEDULED, FINISHED), in any case.
 * Threads   a filter is used by one thread at a time: regular expressions count their failures in it.
 * Limits    4096 bytes, 64 terms; what is beyond is ignored and said.
 */
#ifndef MLYARD_RUNS_FILTER_H
#define MLYARD_RUNS_FILTER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"

enum { FILTER_MAX_BYTES = 4096, FILTER_MAX_TERMS = 64 };
struct filter;
struct filter *filter_parse(const char *text, struct err *e);   /* never NULL; e says what was ignored, code ST_OK when all was understood */
void filter_free(struct filter *f);
bool filter_is_empty(const struct filter *f);
/* What the evaluator asks for. Text fields return borrowed strings, not present when absent. Age and took are milliseconds. */
enum filter_kind { FF_NAME, FF_ID, FF_STATE, FF_USER, FF_SOURCE, FF_EXPERIMENT, FF_AGE, FF_TOOK,
	FF_METRIC, FF_METRIC_MIN, FF_METRIC_MAX, FF_PARAM, FF_TAG, FF_ANYKEY, FF_WORD };
struct filter_field { enum filter_kind kind; const char *key; };
size_t filter_fields(const struct filter *f, const struct filter_field **out);   /* distinct fields it needs: load these columns first */
/* slot i answers fields[i]. Numbers win when is_num. `word` fields: haystack of all searched text joined with '\n'. */
struct filter_value { bool present, is_num; double num; const char *text; size_t n; };
bool filter_match(const struct filter *f, const struct filter_value *slots);
/* The same term by term, for evaluators that go column by column: a run matches when for every term
 * filter_term_says() differs from filter_term_negated(). A word may be asked of each text on its own. */
size_t filter_terms(const struct filter *f);
size_t filter_term_field(const struct filter *f, size_t term);      /* index into the fields */
bool filter_term_negated(const struct filter *f, size_t term);
/* Can a metric answer it? An order or equality with a text that is no number says nothing of one. Otherwise appends the term as
 * it would be typed (loss > "abc"). */
bool filter_term_suits_metric(const struct filter *f, size_t term, struct str *typed);
bool filter_term_says(const struct filter *f, size_t term, const struct filter_value *v);
/* After matching: regular expressions that were given up because they cost too much, as words; appends nothing when all went well. */
void filter_complaints(const struct filter *f, struct str *out);
#endif
