/* What Evidently draws, read back: tables of drift with small bars, plots of distributions, counters that say a result in words, lists of tests. New snapshots and HTML pages hold
 * these. A table's scores are rounded to six digits and name no threshold; what a file says exactly elsewhere must therefore be read before. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/drift/import_evidently_impl.h"

enum { MOST_DEPTH = 16 };

/* ---- plots ---- */

static const json_t *bar_trace(const json_t *traces, const char *name)
{
	for (size_t i = 0; i < json_array_size(traces); i++) {
		const json_t *x = json_array_get(traces, i);      /* the hidden twin of each shows percents */
		if (strcmp(evidently_word(x, "type"), "bar") == 0 && strcmp(evidently_word(x, "name"), name) == 0 && !json_is_false(json_object_get(x, "visible")))
			return x;
	}
	return NULL;
}

void evidently_plot(struct taking *t, struct report_column *c, const json_t *traces)
{
	const json_t *ref = bar_trace(traces, "reference"), *cur = bar_trace(traces, "current");
	const struct bars b = { json_object_get(ref, "x"), json_object_get(ref, "y"), json_object_get(cur, "x"), json_object_get(cur, "y"), false };
	taking_bars(t, c, &b);
}

/* ---- tables ---- */

static const json_t *graph_called(const json_t *graphs, const json_t *own, const char *id)
{
	for (size_t i = 0; i < json_array_size(own); i++)
		if (strcmp(evidently_word(json_array_get(own, i), "id"), id) == 0)
			return json_array_get(own, i);
	return json_object_get(graphs, id);
}

static void take_details(struct taking *t, struct report_column *c, const json_t *row, const json_t *own, const json_t *graphs)
{
	const json_t *parts = json_object_get(json_object_get(row, "details"), "parts");
	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *part = json_array_get(parts, i), *graph = graph_called(graphs, own, evidently_word(part, "id"));
		if (strcmp(evidently_word(part, "title"), "DATA DISTRIBUTION") == 0)
			evidently_plot(t, c, json_object_get(json_object_get(graph, "params"), "data"));
	}
}

static void take_row(struct taking *t, const json_t *row, const json_t *own, const json_t *graphs)
{
	const char *name = evidently_word(row, "column_name"), *drift = evidently_word(row, "data_drift");
	if (!json_is_string(json_object_get(row, "column_name")) || !*evidently_word(row, "stattest_name"))
		return;
	struct report_column *c = taking_drift(t, name, evidently_word(row, "column_type"), evidently_word(row, "stattest_name"), NAN, evidently_at(row, "drift_score"));
	if (c)
		taking_outcome(t, c, strcmp(drift, "Detected") == 0);
	c = taking_column(t, name);
	if (!c)
		return;
	take_details(t, c, row, own, graphs);
	const json_t *ref = json_object_get(row, "reference_distribution"), *cur = json_object_get(row, "current_distribution");
	const struct bars small = { json_object_get(ref, "x"), json_object_get(ref, "y"), json_object_get(cur, "x"), json_object_get(cur, "y"), true };
	taking_bars(t, c, &small);
}

/* ---- words ---- */

/* The rest of the text behind a phrase; NULL: it is not there. */
static const char *behind(const char *text, const char *phrase)
{
	const char *p = strstr(text, phrase);
	return p ? p + strlen(phrase) : NULL;
}

static char *until(struct taking *t, const char *from, const char *end)
{
	const char *to = strstr(from, end);
	return arena_strndup(t->a, from, to ? (size_t)(to - from) : strlen(from));
}

/* "Drift in column 'age'": "Data drift detected. Drift detection method: K-S p_value. Drift score: 0.0" */
static void take_counter(struct taking *t, const json_t *one)
{
	const char *value = evidently_word(one, "value"), *label = evidently_word(one, "label");
	const char *name = behind(value, "Drift in column '"), *method = behind(label, "Drift detection method: "), *score = behind(label, "Drift score: ");
	if (strcmp(value, "Dataset Drift") == 0) {
		const char *limit = behind(label, "threshold is ");
		taking_dataset(t, !strstr(label, "NOT detected"), limit ? strtod(limit, NULL) : NAN);
	}
	if (!name || !method || !score || !*name)
		return;
	char *column = arena_strdup(t->a, name);
	column[strlen(column) - 1] = '\0';
	struct report_column *c = taking_drift(t, column, "", until(t, method, ". Drift score"), NAN, strtod(score, NULL));
	if (c)
		taking_outcome(t, c, !strstr(label, "not detected"));
}

/* "The drift score for the feature **age** is 0.0. The drift detection method is K-S p_value. The drift detection threshold is 0.05." */
static bool take_drift_words(struct taking *t, const char *text, const char *state)
{
	const char *name = behind(text, "The drift score for the feature **"), *score = name ? behind(name, "** is ") : NULL;
	const char *method = score ? behind(score, "drift detection method is ") : NULL, *limit = method ? behind(method, "threshold is ") : NULL;
	if (!limit)
		return false;
	struct report_column *c = taking_drift(t, until(t, name, "** is "), "", until(t, method, ". The drift"), strtod(limit, NULL), strtod(score, NULL));
	if (c)
		taking_outcome(t, c, strcmp(state, "success") != 0);
	return true;
}

static void take_test(struct taking *t, const json_t *x)
{
	const char *text = evidently_word(x, "description"), *state = evidently_word(x, "state");
	if (!take_drift_words(t, text, state) && *evidently_word(x, "title") && !behind(evidently_word(x, "title"), "Value Drift"))
		taking_finding(t, evidently_word(x, "title"), "", text, state);
}

/* ---- all ---- */

static void walk(struct taking *t, const json_t *widgets, const json_t *graphs, int depth);

static void take_widget(struct taking *t, const json_t *w, const json_t *graphs, int depth)
{
	const char *type = evidently_word(w, "type");
	const json_t *params = json_object_get(w, "params"), *rows = json_object_get(params, "data"), *tests = json_object_get(params, "tests");
	const json_t *counters = json_object_get(params, "counters"), *tabs = json_object_get(w, "tabs");
	for (size_t i = 0; strcmp(type, "big_table") == 0 && i < json_array_size(rows); i++)
		take_row(t, json_array_get(rows, i), json_object_get(w, "additionalGraphs"), graphs);
	for (size_t i = 0; strcmp(type, "counter") == 0 && i < json_array_size(counters); i++)
		take_counter(t, json_array_get(counters, i));
	for (size_t i = 0; strcmp(type, "test_suite") == 0 && i < json_array_size(tests); i++)
		take_test(t, json_array_get(tests, i));
	walk(t, json_object_get(w, "widgets"), graphs, depth + 1);
	for (size_t i = 0; i < json_array_size(tabs) && depth < MOST_DEPTH; i++)
		take_widget(t, json_object_get(json_array_get(tabs, i), "widget"), graphs, depth + 1);
}

static void walk(struct taking *t, const json_t *widgets, const json_t *graphs, int depth)
{
	for (size_t i = 0; i < json_array_size(widgets) && depth < MOST_DEPTH; i++)
		take_widget(t, json_array_get(widgets, i), graphs, depth);
}

void evidently_widgets(struct taking *t, const json_t *widgets, const json_t *graphs)
{
	walk(t, widgets, graphs, 0);
}
