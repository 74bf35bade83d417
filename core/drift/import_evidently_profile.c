/* Profiles of Evidently 0.1: {"data_drift": {"datetime", "data": {"metrics": {"age": {"feature_type", "p_value" or "drift_score", "stattest_name", "drift_detected", "ref_small_hist",
 * "current_small_hist"}, ..., "dataset_drift"}}}}. Columns stand beside the numbers of the data set, or (0.1.46 and later) under "features". A small histogram is [heights,
 * edges or labels]. Confidence c means a threshold of 1 - c. */
#include <math.h>
#include <string.h>

#include "core/drift/import_evidently_impl.h"

static const json_t *small_bars(const json_t *x, const char *key, const char *other, size_t which)
{
	const json_t *hist = json_object_get(x, key);
	return json_array_get(hist ? hist : json_object_get(x, other), which);
}

static void take_column(struct taking *t, const char *name, const json_t *x, double threshold)
{
	const char *type = evidently_word(x, "feature_type"), *method = evidently_word(x, "stattest_name");
	const double score = json_object_get(x, "drift_score") ? evidently_at(x, "drift_score") : evidently_at(x, "p_value");
	if (!json_is_object(x) || !*type || isnan(score))
		return;
	/* before methods could be chosen: Kolmogorov-Smirnov for numbers, chi-square or z for categories; both give p */
	struct report_column *c = taking_drift(t, name, type, *method ? method : strcmp(type, "num") == 0 ? "ks" : "chisquare", threshold, score);
	if (!c)
		return;
	if (json_is_boolean(json_object_get(x, "drift_detected")))
		taking_outcome(t, c, json_is_true(json_object_get(x, "drift_detected")));
	else
		taking_derive(t, c);
	const struct bars b = { small_bars(x, "ref_small_hist", "reference_small_hist", 1), small_bars(x, "ref_small_hist", "reference_small_hist", 0),
		small_bars(x, "current_small_hist", "prod_small_hist", 1), small_bars(x, "current_small_hist", "prod_small_hist", 0), true };
	taking_bars(t, c, &b);
}

static json_t *metrics_of(const json_t *o) { return json_object_get(json_object_get(json_object_get(o, "data_drift"), "data"), "metrics"); }

static bool sniff(const json_t *o) { return json_is_object(metrics_of(o)); }

static void read(struct taking *t, const json_t *o)
{
	const json_t *drift = json_object_get(o, "data_drift"), *data = json_object_get(drift, "data"), *options = json_object_get(data, "options");
	json_t *metrics = metrics_of(o), *one;
	const char *key;
	double confidence = evidently_at(options ? options : json_object_get(data, "utility_columns"), options ? "confidence" : "drift_conf_level");
	json_object_foreach(metrics, key, one)
		take_column(t, key, one, 1 - confidence);
	json_object_foreach(json_object_get(metrics, "features"), key, one)
		take_column(t, key, one, 1 - confidence);
	if (json_is_boolean(json_object_get(metrics, "dataset_drift")))
		taking_dataset(t, json_is_true(json_object_get(metrics, "dataset_drift")), NAN);
	if (!*t->stamp)
		t->stamp = arena_strdup(t->a, evidently_word(drift, "datetime"));
}

const struct dialect evidently_profile = { "a profile", sniff, read };
