/* report_parts -- what the files that write and read a report's document share: members that may be unknown. */
#ifndef MLYARD_DRIFT_REPORT_PARTS_H
#define MLYARD_DRIFT_REPORT_PARTS_H
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "core/base/str.h"
#include "core/drift/report.h"

enum { MOST_PARTS = 1000 };                      /* members of a list that are read */

static inline double get_bare(const json_t *v)
{
	const char *word = json_string_value(v);
	if (word && strcmp(word, "Infinity") == 0)
		return INFINITY;
	if (word && strcmp(word, "-Infinity") == 0)
		return -INFINITY;
	return json_is_number(v) ? json_number_value(v) : NAN;
}

static inline double get_number(const json_t *o, const char *key) { return get_bare(json_object_get(o, key)); }
static inline bool get_yes(const json_t *o, const char *key) { return json_is_true(json_object_get(o, key)); }

static inline const char *get_words(struct arena *a, const json_t *v)
{
	return json_is_string(v) ? arena_strndup(a, json_string_value(v), json_string_length(v)) : "";
}

static inline const char *get_text(struct arena *a, const json_t *o, const char *key) { return get_words(a, json_object_get(o, key)); }

/* Members of a list that are taken. */
static inline size_t get_length(const json_t *list, size_t most)
{
	size_t n = json_array_size(list);
	return n < most ? n : most;
}

/* report_joint.c: all columns together, and the words of a text column. Nothing is written where there is none. */
void report_joint_json(struct jsonw *w, const struct report *r);
void report_joint_read(struct report *r, const json_t *document);
void report_words_json(struct jsonw *w, const struct report_column *c);
void report_words_read(struct arena *a, const json_t *column, struct report_column *c);
/* report_performance.c; likewise. */
void report_performance_json(struct jsonw *w, const struct report *r);
void report_performance_read(struct report *r, const json_t *document);
/* Not cleaned: names are those of the data. */
void report_joint_line(struct str *out, const struct report_joint *j);
void report_words_line(struct str *out, const struct report_column *c);
#endif
