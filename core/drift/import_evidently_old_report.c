/* Reports of Evidently 0.2 to 0.6 (report.json()): {"version", "metrics": [{"metric", "result"}], "timestamp"}. A result says what it is by its fields; those of
 * old snapshots are the same with more of them. */
#include <math.h>
#include <string.h>

#include "core/drift/import_evidently_impl.h"

/* Full counts with shared edges where the file was asked for them, else small ones: labels, or densities over each side's own range. */
static void take_pictures(struct taking *t, const json_t *entry, struct report_column *c)
{
	static const struct { const char *key; bool density; } kinds[] = { { "distribution", false }, { "small_distribution", true } };
	for (size_t k = 0; k < 2; k++) {
		const json_t *ref = json_object_get(json_object_get(entry, "reference"), kinds[k].key), *cur = json_object_get(json_object_get(entry, "current"), kinds[k].key);
		const struct bars b = { json_object_get(ref, "x"), json_object_get(ref, "y"), json_object_get(cur, "x"), json_object_get(cur, "y"), kinds[k].density };
		taking_bars(t, c, &b);
	}
}

static void take_drift(struct taking *t, const json_t *x)
{
	if (!json_is_string(json_object_get(x, "column_name")) || !json_object_get(x, "drift_score"))
		return;
	const double threshold = evidently_at(x, "stattest_threshold");
	struct report_column *c = taking_drift(t, evidently_word(x, "column_name"), evidently_word(x, "column_type"), evidently_word(x, "stattest_name"),
		isnan(threshold) ? evidently_at(x, "threshold") : threshold, evidently_at(x, "drift_score"));
	if (!c)
		return;
	taking_outcome(t, c, json_is_true(json_object_get(x, "drift_detected")));
	take_pictures(t, x, c);
}

static void take_side(struct report_side *s, const json_t *x)
{
	const double rows = evidently_at(x, "number_of_rows"), missing = evidently_at(x, "missing"), inf = evidently_at(x, "infinite_count");
	if (isnan(rows))
		return;
	s->rows = rows, s->missing = isnan(missing) ? 0 : missing, s->inf = isnan(inf) ? 0 : inf;
	s->distinct = evidently_at(x, "unique"), s->mean = evidently_at(x, "mean"), s->sd = evidently_at(x, "std");
	s->min = evidently_at(x, "min"), s->max = evidently_at(x, "max");
}

static bool take_summary(struct taking *t, const json_t *x)
{
	const json_t *ref = json_object_get(x, "reference_characteristics"), *cur = json_object_get(x, "current_characteristics");
	struct report_column *c = json_is_object(cur) && *evidently_word(x, "column_name") ? taking_column(t, evidently_word(x, "column_name")) : NULL;
	if (!c)
		return json_is_object(cur);
	taking_type(c, evidently_word(x, "column_type"));
	take_side(&c->ref, ref);
	take_side(&c->cur, cur);
	return true;
}

/* Both sides of a data set's or a model's numbers. */
static bool take_sides(struct taking *t, const json_t *x)
{
	const json_t *ref = json_object_get(x, "reference");
	json_t *cur = json_object_get(x, "current"), *v;
	const double rows = evidently_at(cur, "number_of_rows");
	const char *key;
	bool any = !isnan(rows);
	if (any) {
		t->r->n_cur = rows;
		t->r->n_ref = isnan(evidently_at(ref, "number_of_rows")) ? 0 : evidently_at(ref, "number_of_rows");
	}
	json_object_foreach(cur, key, v)
		if (json_is_number(v))
			any |= taking_metric(t, key, evidently_at(ref, key), evidently_number(v));
	return any;
}

void evidently_old_result(struct taking *t, const char *kind, const json_t *x)
{
	const char *key;
	json_t *one;
	bool known = json_is_boolean(json_object_get(x, "dataset_drift")) || json_object_get(x, "drift_score");
	if (json_is_boolean(json_object_get(x, "dataset_drift")))
		taking_dataset(t, json_is_true(json_object_get(x, "dataset_drift")), evidently_at(x, "drift_share"));
	json_object_foreach(json_object_get(x, "drift_by_columns"), key, one)
		take_drift(t, one);
	take_drift(t, x);
	known |= take_summary(t, x);
	known |= take_sides(t, x);
	if (!known)
		taking_passed_over(t, kind);
}

static bool sniff(const json_t *o) { return json_is_array(json_object_get(o, "metrics")) && json_object_get(o, "version"); }

static void read(struct taking *t, const json_t *o)
{
	const json_t *list = json_object_get(o, "metrics");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *m = json_array_get(list, i);
		evidently_old_result(t, evidently_word(m, "metric"), json_object_get(m, "result"));
	}
}

const struct dialect evidently_old_report = { "a report", sniff, read };
