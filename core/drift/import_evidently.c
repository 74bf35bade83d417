#include "core/drift/import_evidently.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/drift/drift_test.h"

enum { MOST_COLUMNS = 16384, MOST_BARS = 10000 };
/* test: of the column added last. */
struct taking { struct report *r; struct arena *a; struct report_column *columns; size_t n, cap; struct report_test *test; double drift_share; bool said, drifted; };

/* ---- JSON as Python writes it ---- */

/* NaN becomes null, infinities words; strings are passed over. */
static void plain_json(const char *p, size_t n, struct str *out)
{
	static const struct { const char *from, *to; } words[] = { { "NaN", "null" }, { "-Infinity", "\"-Infinity\"" }, { "Infinity", "\"Infinity\"" } };
	bool string = false;
	str_reserve(out, n);
	for (size_t i = 0; i < n; i++) {
		bool found = false;
		for (size_t k = 0; !string && k < 3 && !found; k++) {
			size_t len = strlen(words[k].from);
			if (n - i >= len && memcmp(p + i, words[k].from, len) == 0) {
				str_add(out, words[k].to);
				i += len - 1;
				found = true;
			}
		}
		if (found)
			continue;
		str_addc(out, p[i]);
		if (string && p[i] == '\\' && i + 1 < n)
			str_addc(out, p[++i]);
		else if (p[i] == '"')
			string = !string;
	}
}

static double number_of(const json_t *v)
{
	const char *word = json_string_value(v);
	return word && strcmp(word, "Infinity") == 0 ? INFINITY : word && strcmp(word, "-Infinity") == 0 ? -INFINITY : json_is_number(v) ? json_number_value(v) : NAN;
}

static double number(const json_t *o, const char *key) { return number_of(json_object_get(o, key)); }

static const char *text(struct taking *t, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_string(v) ? arena_strndup(t->a, json_string_value(v), json_string_length(v)) : "";
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);
	return n >= k && strcmp(s + n - k, end) == 0;
}

/* ---- columns ---- */

static const struct drift_test *test_called(const char *method)
{
	for (size_t i = 0; i < drift_test_count(); i++) {
		const struct drift_test *x = drift_test_at(i);
		if (x->evidently_id && (strcmp(x->evidently_title, method) == 0 || strcmp(x->evidently_id, method) == 0))
			return x;
	}
	return NULL;
}

static const char *type_word(const char *theirs)
{
	return strcmp(theirs, "num") == 0 ? "numeric" : strcmp(theirs, "cat") == 0 ? "categorical" : strcmp(theirs, "text") == 0 ? "text" : "";
}

static struct report_column *add_column(struct taking *t, const char *name, const char *type, const char *method, double threshold, double score)
{
	static const struct report_side unknown = { .distinct = NAN, .mean = NAN, .sd = NAN, .min = NAN, .max = NAN, .outliers = NAN, .outside = NAN };
	const struct drift_test *known = test_called(method);
	struct report_test *x = t->test = arena_zalloc(t->a, sizeof *x);
	bool p = known && known->kind == TEST_P_VALUE;
	*x = (struct report_test){ .low = NAN, .high = NAN, .name = known ? known->evidently_id : method, .title = method, .effect_name = "", .primary = true, .statistic = p ? NAN : score, .p_value = p ? score : NAN,
		.p_adjusted = NAN, .effect = NAN, .threshold = threshold, .null_value = NAN, .why_not = "" };
	MEM_GROW(t->columns, t->cap, t->n + 1);
	struct report_column *c = &t->columns[t->n];
	*c = (struct report_column){ .name = name, .type = type_word(type), .status = "compared", .position = t->n, .tests = x, .n_tests = 1, .missing_low = NAN, .missing_high = NAN, .note = "",
		.differs = "", .ref = unknown, .cur = unknown };
	t->n++;
	return c;
}

static void set_drifted(struct taking *t, struct report_column *c, bool drifted)
{
	c->drifted = c->other_drifted = drifted;
	c->severity = drifted ? 1 : 0;
	t->test->drifted = drifted;
}

static const double *numbers(struct taking *t, const json_t *list, size_t n)
{
	double *v = arena_array(t->a, n, sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = number_of(json_array_get(list, i));
	return v;
}

static const char *label(struct taking *t, const json_t *v)
{
	if (json_is_string(v))
		return arena_strdup(t->a, json_string_value(v));
	return json_is_number(v) ? arena_printf(t->a, "%.15g", json_number_value(v)) : "";
}

/* Bars that both sides share: the same labels, or the same edges with counts. Densities over each side's own range are no such. */
static void take_bars(struct taking *t, const json_t *entry, struct report_column *c)
{
	static const char *const kinds[] = { "distribution", "small_distribution" };
	for (size_t k = 0; k < 2 && !c->picture.n; k++) {
		const json_t *ref = json_object_get(json_object_get(entry, "reference"), kinds[k]), *cur = json_object_get(json_object_get(entry, "current"), kinds[k]);
		const json_t *x = json_object_get(ref, "x"), *y = json_object_get(ref, "y"), *z = json_object_get(cur, "y");
		size_t n = json_array_size(y), edges = json_array_size(x);
		if (!n || n > MOST_BARS || json_array_size(z) != n || !json_equal(x, json_object_get(cur, "x")) || (edges != n && edges != n + 1))
			continue;
		c->picture.ref = numbers(t, y, n), c->picture.cur = numbers(t, z, n), c->picture.n = n;
		if (edges == n + 1) {
			c->picture.edges = numbers(t, x, n + 1);
			continue;
		}
		const char **labels = arena_array(t->a, n, sizeof *labels);
		for (size_t i = 0; i < n; i++)
			labels[i] = label(t, json_array_get(x, i));
		c->picture.labels = labels;
	}
}

/* ---- old files ---- */

static void old_column(struct taking *t, const json_t *x)
{
	if (!json_is_string(json_object_get(x, "column_name")) || !json_object_get(x, "drift_score") || t->n == MOST_COLUMNS)
		return;
	const char *name = text(t, x, "column_name");
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return;
	double threshold = number(x, "stattest_threshold");
	struct report_column *c = add_column(t, name, text(t, x, "column_type"), text(t, x, "stattest_name"), isnan(threshold) ? number(x, "threshold") : threshold, number(x, "drift_score"));
	set_drifted(t, c, json_is_true(json_object_get(x, "drift_detected")));
	take_bars(t, x, c);
}

static void old_result(struct taking *t, const json_t *x)
{
	const char *key;
	json_t *one;
	if (json_is_boolean(json_object_get(x, "dataset_drift"))) {
		t->said = true, t->drifted = json_is_true(json_object_get(x, "dataset_drift"));
		t->drift_share = number(x, "drift_share");
	}
	json_object_foreach(json_object_get(x, "drift_by_columns"), key, one)
		old_column(t, one);
	old_column(t, x);
}

static void old_report(struct taking *t, const json_t *o)
{
	const json_t *suite = json_object_get(o, "suite"), *list = suite ? json_object_get(suite, "metric_results") : json_object_get(o, "metrics");
	for (size_t i = 0; i < json_array_size(list); i++)
		old_result(t, suite ? json_array_get(list, i) : json_object_get(json_array_get(list, i), "result"));
}

/* ---- new files ---- */

/* "ValueDrift(column=a,method=m,threshold=0.05)": names may hold commas and brackets, so from the right. */
static const char *column_in_name(struct taking *t, const char *name)
{
	static const char begin[] = "ValueDrift(column=";
	size_t n = strlen(name);
	if (strncmp(name, begin, sizeof begin - 1) != 0 || name[n - 1] != ')')
		return NULL;
	char *column = arena_strndup(t->a, name + sizeof begin - 1, n - sizeof begin);
	static const char *const further[] = { ",threshold=", ",method=" };
	for (size_t i = 0; i < 2; i++)
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
		const json_t *x = json_array_get(tests, i);
		const char *id = json_string_value(json_object_get(x, "id")), *of = json_string_value(json_object_get(json_object_get(x, "metric_config"), "metric_id"));
		if (id && of && strcmp(id, "drift") == 0 && strcmp(of, metric) == 0)
			return x;
	}
	return NULL;
}

static void new_drift(struct taking *t, const char *column, const json_t *params, const json_t *test, double score)
{
	const char *method = text(t, params, "method"), *status = json_string_value(json_object_get(test, "status"));
	double threshold = number(params, "threshold");
	const struct drift_test *known = test_called(method);
	if (t->n == MOST_COLUMNS)
		return;
	struct report_column *c = add_column(t, column, "", method, threshold, score);
	if (status)
		set_drifted(t, c, strcmp(status, "SUCCESS") != 0);
	else if (known && !isnan(threshold))
		set_drifted(t, c, drift_test_evidently_drifted(known, score, threshold));
	else
		c->status = "unknown", c->note = "the file holds no test and no method that says whether this score is drift";
}

static void new_metric(struct taking *t, const char *id, const char *name, const json_t *params, const json_t *tests, const json_t *value)
{
	const char *type = json_string_value(json_object_get(params, "type"));
	const json_t *test = drift_test_of(tests, id);
	if (!params)
		params = json_object_get(json_object_get(test, "metric_config"), "params");
	if ((type && ends_with(type, ":DriftedColumnsCount")) || strncmp(name, "DriftedColumnsCount", 19) == 0) {
		double share = number_of(json_object_get(value, "share")), limit = number(params, "drift_share");
		t->drift_share = isnan(limit) ? 0.5 : limit;
		t->said = !isnan(share), t->drifted = share >= t->drift_share;
		return;
	}
	const char *column = json_is_string(json_object_get(params, "column")) ? text(t, params, "column") : column_in_name(t, name);
	if (column && ((type && ends_with(type, ":ValueDrift")) || strncmp(name, "ValueDrift(", 11) == 0))
		new_drift(t, column, params, test, number_of(value));
}

static const char *word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static void new_report(struct taking *t, const json_t *o)
{
	const json_t *list = json_object_get(o, "metrics");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *m = json_array_get(list, i);
		const char *name = word(m, json_object_get(m, "metric_name") ? "metric_name" : "metric_id");
		new_metric(t, word(m, "id"), name, json_object_get(m, "config"), json_object_get(o, "tests"), json_object_get(m, "value"));
	}
}

static void new_snapshot(struct taking *t, const json_t *o)
{
	const char *id;
	json_t *m;
	json_object_foreach(json_object_get(o, "metric_results"), id, m) {
		const json_t *params = json_object_get(json_object_get(json_object_get(m, "metric_value_location"), "metric"), "params"), *share = json_object_get(m, "share");
		json_t *value = share ? json_pack("{s:O?}", "share", json_object_get(share, "value")) : NULL;
		new_metric(t, id, "", params, json_object_get(m, "tests"), value ? value : json_object_get(m, "value"));
		json_decref(value);
	}
}

/* ---- the file ---- */

static bool take(struct taking *t, const json_t *o)
{
	bool metrics = json_is_array(json_object_get(o, "metrics"));
	if ((metrics && json_object_get(o, "version")) || json_is_object(json_object_get(o, "suite")))
		old_report(t, o);
	else if (json_is_object(json_object_get(o, "metric_results")))
		new_snapshot(t, o);
	else if (metrics && json_object_get(o, "tests"))
		new_report(t, o);
	else
		return false;
	return true;
}

static int by_drift(const void *a, const void *b)
{
	const struct report_column *x = a, *y = b;
	return x->drifted != y->drifted ? (x->drifted ? -1 : 1) : x->position < y->position ? -1 : x->position > y->position;
}

static void finish(struct taking *t, const json_t *o, const char *name)
{
	struct report *r = t->r;
	struct report_column *c = arena_array(t->a, t->n, sizeof *c);
	memcpy(c, t->columns, t->n * sizeof *c);
	qsort(c, t->n, sizeof *c, by_drift);
	r->columns = c, r->n_columns = t->n;
	for (size_t i = 0; i < t->n; i++) {
		r->n_drifted += c[i].drifted;
		r->n_compared += strcmp(c[i].status, "compared") == 0;
	}
	r->share = r->n_compared ? (double)r->n_drifted / (double)r->n_compared : 0;
	r->drifted = r->other_drifted = t->said ? t->drifted : r->share >= 0.5;
	r->verdict = r->drifted ? "drifted" : r->n_drifted ? "watch" : "stable";
	r->name = text(t, o, "name"), r->origin = "evidently", r->mode = "evidently", r->model = "";
	r->reference = "", r->current = arena_strdup(t->a, name);
	r->ms = clock_wall_ms(), r->alpha = NAN, r->duplicates_ref = r->duplicates_cur = NAN;
	const char **notes = arena_array(t->a, 1, sizeof *notes);
	const char *stamp = text(t, o, "timestamp");
	if (*stamp)
		notes[r->n_notes++] = arena_printf(t->a, "Evidently made it at %s", stamp);
	r->notes = notes;
}

enum status import_evidently(const char *bytes, size_t n, const char *name, struct report **out, struct err *e)
{
	struct str s = STR_INIT;
	json_error_t bad;
	*out = NULL;
	plain_json(bytes, n, &s);
	json_t *o = json_loadb(s.p, s.len, 0, &bad);
	str_free(&s);
	if (!o)
		return err_set(e, ST_FAILED, "%s:%d: no JSON: %s", name, bad.line, bad.text);
	struct taking t = { .a = arena_new(), .drift_share = NAN };
	t.r = arena_zalloc(t.a, sizeof *t.r);
	t.r->arena = t.a;
	enum status st = take(&t, o) ? ST_OK : err_set(e, ST_FAILED, "%s: neither a drift report of this program nor a report or snapshot of Evidently", name);
	if (st == ST_OK && !t.n)
		st = err_set(e, ST_NOT_FOUND, "%s: the file of Evidently holds no drift of columns", name);
	if (st == ST_OK) {
		finish(&t, o, name);
		*out = t.r;
	} else {
		arena_free(t.a);
	}
	free(t.columns);
	json_decref(o);
	return st;
}
