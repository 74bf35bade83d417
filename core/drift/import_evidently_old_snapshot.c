/* Snapshots of Evidently's workspaces up to 0.6: {"suite": {"metric_results": [...], "test_results": [...], "data_definition"}, "timestamp"}. Results are those of
 * old reports with all their fields; "type" ends in the kind. */
#include <string.h>

#include "core/drift/import_evidently_impl.h"

static bool sniff(const json_t *o) { return json_is_object(json_object_get(o, "suite")); }

static const char *kind_of(const json_t *x)
{
	const char *type = evidently_word(x, "type"), *last = strrchr(type, ':');
	return last ? last + 1 : type;
}

static void read(struct taking *t, const json_t *o)
{
	const json_t *suite = json_object_get(o, "suite"), *results = json_object_get(suite, "metric_results"), *tests = json_object_get(suite, "test_results");
	for (size_t i = 0; i < json_array_size(results); i++)
		evidently_old_result(t, kind_of(json_array_get(results, i)), json_array_get(results, i));
	for (size_t i = 0; i < json_array_size(tests); i++)
		evidently_old_test(t, json_array_get(tests, i));
}

const struct dialect evidently_old_snapshot = { "a snapshot", sniff, read };
