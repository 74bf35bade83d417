/* Reports of Evidently 0.6.7 and later (snapshot.json()): {"metrics": [{"id", "metric_name" or "metric_id", "config", "value"}], "tests"}. Before 0.7.16 a
 * drift that chose its method by itself names neither method nor threshold: then the words of its test do, where there is one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/drift/import_evidently_impl.h"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);
	return n >= k && strcmp(s + n - k, end) == 0;
}

/* "ValueDrift(column=a,method=m,threshold=0.05)": names may hold commas and brackets, so from the right. */
static const char *column_in_name(struct taking *t, const char *name)
{
	static const char begin[] = "(column=";
	static const char *const further[] = { ",threshold=", ",method=", ",quantile=" };
	const char *from = strstr(name, begin);
	if (!from || name[strlen(name) - 1] != ')')
		return NULL;
	from += sizeof begin - 1;
	char *column = arena_strndup(t->a, from, strlen(from) - 1);
	for (size_t i = 0; i < 3; i++)
		for (char *p = column + strlen(column); p > column; p--)
			if (strncmp(p, further[i], strlen(further[i])) == 0) {
				*p = '\0';
				break;
			}
	return column;
}

/* The test of a metric that says drift or not; NULL: none. */
static const json_t *drift_test_of(const json_t *tests, const char *metric)
{
	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *x = json_array_get(tests, i), *of = json_object_get(json_object_get(x, "metric_config"), "metric_id");
		if (strcmp(evidently_word(x, "id"), "drift") == 0 && json_is_string(of) && strcmp(json_string_value(of), metric) == 0)
			return x;
	}
	return NULL;
}

/* What stands between two phrases; "" when they are not there. */
static const char *between(struct taking *t, const char *text, const char *before, const char *after)
{
	const char *from = strstr(text, before), *to = from ? strstr(from + strlen(before), after) : NULL;
	return to ? arena_strndup(t->a, from + strlen(before), (size_t)(to - from) - strlen(before)) : "";
}

static void take_drift(struct taking *t, const char *column, const json_t *params, const json_t *test, double score)
{
	const char *method = evidently_word(params, "method"), *status = evidently_word(test, "status"), *said = evidently_word(test, "description");
	double threshold = evidently_at(params, "threshold");
	if (!*method)
		method = between(t, said, "drift detection method is ", ". The drift threshold");
	if (isnan(threshold) && strstr(said, "drift threshold is "))
		threshold = strtod(strstr(said, "drift threshold is ") + strlen("drift threshold is "), NULL);
	struct report_column *c = taking_drift(t, column, "", method, threshold, score);
	if (c && *status)
		taking_outcome(t, c, strcmp(status, "SUCCESS") != 0);
	else if (c)
		taking_derive(t, c);
}

/* ---- what describes a column ---- */

static void take_mean(struct report_column *c, double v) { c->cur.mean = v; }
static void take_sd(struct report_column *c, double v) { c->cur.sd = v; }
static void take_min(struct report_column *c, double v) { c->cur.min = v; }
static void take_max(struct report_column *c, double v) { c->cur.max = v; }
static void take_missing(struct report_column *c, double v) { c->cur.missing = v; }

static bool take_description(struct taking *t, const char *kind, const char *column, const json_t *value)
{
	static const struct { const char *kind; void (*take)(struct report_column *c, double v); } rows[] = {
		{ "MeanValue", take_mean }, { "StdValue", take_sd }, { "MinValue", take_min }, { "MaxValue", take_max }, { "MissingValueCount", take_missing },
	};
	const double v = json_is_object(value) ? evidently_at(value, "count") : evidently_number(value);
	for (size_t i = 0; i < sizeof rows / sizeof *rows && !isnan(v); i++)
		if (strcmp(rows[i].kind, kind) == 0) {
			struct report_column *c = taking_column(t, column);
			if (c)
				rows[i].take(c, v);
			return true;
		}
	return false;
}

/* "RowCount" of "evidently:metric_v2:RowCount" or of "RowCount()". */
static const char *kind_of(struct taking *t, const char *type, const char *name)
{
	const char *last = strrchr(type, ':');
	return last ? last + 1 : arena_strndup(t->a, name, strcspn(name, "("));
}

void evidently_new_metric(struct taking *t, const char *id, const char *name, const json_t *params, const json_t *tests, const json_t *value)
{
	const json_t *test = drift_test_of(tests, id);
	if (!params)
		params = json_object_get(json_object_get(test, "metric_config"), "params");
	const char *type = evidently_word(params, "type"), *kind = kind_of(t, type, name), *column = evidently_word(params, "column");
	if (!*column)
		column = column_in_name(t, name);
	if (strcmp(kind, "DriftedColumnsCount") == 0) {
		const double share = evidently_at(value, "share"), limit = evidently_at(params, "drift_share");
		if (!isnan(share))
			taking_dataset(t, share >= (isnan(limit) ? 0.5 : limit), isnan(limit) ? 0.5 : limit);
	} else if (strcmp(kind, "ValueDrift") == 0 && column && *column) {
		take_drift(t, column, params, test, evidently_number(value));
	} else if (strcmp(kind, "RowCount") == 0 && !isnan(evidently_number(value))) {
		t->r->n_cur = evidently_number(value);
	} else if (!(column && *column && take_description(t, kind, column, value)) && !(json_is_number(value) && taking_metric(t, kind, NAN, evidently_number(value)))) {
		taking_passed_over(t, kind);
	}
}

/* Tests that are not of a column's drift. */
static void take_test(struct taking *t, const json_t *x)
{
	const json_t *params = json_object_get(json_object_get(x, "metric_config"), "params");
	if (strcmp(evidently_word(x, "id"), "drift") != 0 && *evidently_word(x, "name") && !ends_with(evidently_word(params, "type"), ":ValueDrift"))
		taking_finding(t, evidently_word(x, "name"), evidently_word(params, "column"), evidently_word(x, "description"), evidently_word(x, "status"));
}

static bool sniff(const json_t *o) { return json_is_array(json_object_get(o, "metrics")) && json_object_get(o, "tests") && !json_object_get(o, "version"); }

static void read(struct taking *t, const json_t *o)
{
	const json_t *list = json_object_get(o, "metrics");
	json_t *tests = json_object_get(o, "tests"), *one;           /* a list; by fingerprint before 0.6.7 */
	const char *key;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *m = json_array_get(list, i);
		const char *name = evidently_word(m, "metric_name");
		evidently_new_metric(t, evidently_word(m, "id"), *name ? name : evidently_word(m, "metric_id"), json_object_get(m, "config"), tests, json_object_get(m, "value"));
	}
	for (size_t i = 0; i < json_array_size(tests); i++)
		take_test(t, json_array_get(tests, i));
	json_object_foreach(tests, key, one)
		take_test(t, one);
}

const struct dialect evidently_report = { "a report", sniff, read };
