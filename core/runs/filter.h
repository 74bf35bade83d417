/* filter -- what the user types into "/": a small language over runs, apart from any view.
 *
 * Grammar  filter := term { [AND | space] term };  OR and parentheses come with the full query language.
 *          term   := [-|NOT ] ( word | key op value )
 *          word   := text matched (case-insensitive substring) against name, id, user, source, tag values
 *          key    := name id state user source experiment age took | metrics.K | params.K | tags.K | K (metric, then param, then tag)
 *          op     := = != > >= < <= : ~ !~      ':' contains, '~' regular expression (PCRE2, limits set)
 *          value  := number | word | "quoted" | 3d 2h 10m for age and took
 * A half-typed term is ignored, not an error, so that filtering works while typing; filter_error
 * says what is odd. A run without the key never matches, also for !=.
 */
#ifndef MLYARD_RUNS_FILTER_H
#define MLYARD_RUNS_FILTER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"

struct filter;
struct filter *filter_parse(const char *text, struct err *e);   /* never NULL; e says what was ignored, code ST_OK when all was understood */
void filter_free(struct filter *f);
bool filter_is_empty(const struct filter *f);
/* What the evaluator asks for. kind as enum filter_field; text fields return borrowed strings, NULL when absent. */
enum filter_kind { FF_NAME, FF_ID, FF_STATE, FF_USER, FF_SOURCE, FF_EXPERIMENT, FF_AGE, FF_TOOK, FF_METRIC, FF_PARAM, FF_TAG, FF_ANYKEY, FF_WORD };
struct filter_field { enum filter_kind kind; const char *key; };
size_t filter_fields(const struct filter *f, const struct filter_field **out);   /* distinct fields it needs: load these columns first */
/* slot i answers fields[i]. Numbers win when is_num. `word` fields: haystack of all searched text joined with '\n'. */
struct filter_value { bool present, is_num; double num; const char *text; size_t n; };
bool filter_match(const struct filter *f, const struct filter_value *slots);
#endif
