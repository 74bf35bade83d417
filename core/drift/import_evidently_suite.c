/* Test suites of Evidently 0.2 to 0.6: {"tests": [{"name", "description", "status", "parameters"}], "summary"}. Tests of a column's drift become the columns' tests (scores are
 * rounded to three digits there, and whether it drifted is said); the others are findings. */
#include <string.h>

#include "core/drift/import_evidently_impl.h"

static void take_drift(struct taking *t, const char *column, const json_t *x)
{
	struct report_column *c = json_is_string(json_object_get(x, "stattest")) ?
		taking_drift(t, column, "", evidently_word(x, "stattest"), evidently_at(x, "threshold"), evidently_at(x, "score")) : NULL;
	if (c)
		taking_outcome(t, c, json_is_true(json_object_get(x, "detected")));
}

void evidently_old_test(struct taking *t, const json_t *test)
{
	const json_t *p = json_object_get(test, "parameters");
	const char *status = evidently_word(test, "status"), *column = evidently_word(p, "column_name"), *key;
	json_t *one;
	json_object_foreach(json_object_get(p, "features"), key, one)
		take_drift(t, key, one);
	if (json_is_string(json_object_get(p, "stattest")) && *column)
		take_drift(t, column, p);
	else if (*evidently_word(test, "name"))
		taking_finding(t, evidently_word(test, "name"), column, evidently_word(test, "description"), status);
}

static bool sniff(const json_t *o) { return json_is_array(json_object_get(o, "tests")) && json_is_object(json_object_get(o, "summary")); }

static void read(struct taking *t, const json_t *o)
{
	const json_t *tests = json_object_get(o, "tests");
	for (size_t i = 0; i < json_array_size(tests); i++)
		evidently_old_test(t, json_array_get(tests, i));
}

const struct dialect evidently_suite = { "a test suite", sniff, read };
