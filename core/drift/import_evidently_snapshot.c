/* Snapshots of Evidently 0.7 (dumps(), workspace files): {"metric_results": {fingerprint: {"metric_value_location": {"metric": {"params"}}, "value" or "count", "share", "widget",
 * "tests"}}, "widgets", "timestamp"}. Distributions are in the widgets only, as plots. */
#include <string.h>

#include "core/drift/import_evidently_impl.h"

static bool sniff(const json_t *o) { return json_is_object(json_object_get(o, "metric_results")); }

/* The plot of a metric's own column. */
static void take_plots(struct taking *t, const char *column, const json_t *widgets)
{
	struct report_column *c = *column ? taking_column(t, column) : NULL;
	for (size_t i = 0; c && i < json_array_size(widgets); i++) {
		const json_t *tabs = json_object_get(json_array_get(widgets, i), "tabs");
		for (size_t k = 0; k < json_array_size(tabs); k++) {
			const json_t *tab = json_array_get(tabs, k);
			if (strcmp(evidently_word(tab, "title"), "DATA DISTRIBUTION") == 0)
				evidently_plot(t, c, json_object_get(json_object_get(json_object_get(tab, "widget"), "params"), "data"));
		}
	}
}

static void take_tests(struct taking *t, const json_t *params, const json_t *tests)
{
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *x = json_array_get(tests, i);
		if (strcmp(evidently_word(x, "id"), "drift") != 0 && *evidently_word(x, "name"))
			taking_finding(t, evidently_word(x, "name"), evidently_word(params, "column"), evidently_word(x, "description"), evidently_word(x, "status"));
	}
}

static const json_t *params_of(const json_t *m) { return json_object_get(json_object_get(json_object_get(m, "metric_value_location"), "metric"), "params"); }

/* Scores first, as tables round them; then the tables, which know the types; then the plots, whose meaning depends on the type. */
static void read(struct taking *t, const json_t *o)
{
	const char *id;
	json_t *m, *results = json_object_get(o, "metric_results");
	json_object_foreach(results, id, m) {
		const json_t *params = params_of(m), *share = json_object_get(m, "share");
		json_t *value = share ? json_pack("{s:O?,s:O?}", "share", json_object_get(share, "value"), "count", json_object_get(json_object_get(m, "count"), "value")) : NULL;
		evidently_new_metric(t, id, "", params, json_object_get(m, "tests"), value ? value : json_object_get(m, "value"));
		json_decref(value);
		take_tests(t, params, json_object_get(m, "tests"));
	}
	evidently_widgets(t, json_object_get(o, "widgets"), NULL);
	json_object_foreach(results, id, m)
		if (strstr(evidently_word(params_of(m), "type"), ":ValueDrift"))
			take_plots(t, evidently_word(params_of(m), "column"), json_object_get(m, "widget"));
}

const struct dialect evidently_snapshot = { "a snapshot", sniff, read };
