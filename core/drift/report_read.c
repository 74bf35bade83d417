/* report_read -- a report out of its JSON document, as report_json writes it.
 *
 * Tolerant  a member that is missing or of another kind is "not known" (NaN, "", none), so that documents of older and newer programs
 *           read; what a picture or a list of quantiles needs as a whole is taken whole or not at all.
 * Limits    16,384 columns, 1,000 tests or categories a column, 10,000 bars.
 */
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "core/drift/report_parts.h"

enum { MOST_COLUMNS = 16384, MOST_BARS = 10000 };
static const char format_name[] = "mlyard drift report ";

static double number_or(const json_t *o, const char *key, double otherwise)
{
	double v = get_number(o, key);
	return isnan(v) ? otherwise : v;
}

static size_t count(const json_t *o, const char *key)
{
	double v = get_number(o, key);
	return v >= 0 && v < 4e9 ? (size_t)v : 0;
}

static int64_t whole(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const double *numbers(struct arena *a, const json_t *list, size_t n)
{
	if (json_array_size(list) != n)
		return NULL;
	double *v = arena_array(a, n, sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = get_bare(json_array_get(list, i));
	return v;
}

static const char *const *texts(struct arena *a, const json_t *list, size_t n)
{
	const char **v = arena_array(a, n, sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = get_words(a, json_array_get(list, i));
	return v;
}

static void pair_of_numbers(const json_t *list, double out[2])
{
	out[0] = get_bare(json_array_get(list, 0));
	out[1] = get_bare(json_array_get(list, 1));
}

static void read_test(struct arena *a, const json_t *o, struct report_test *t)
{
	*t = (struct report_test){ .low = get_number(o, "low"), .high = get_number(o, "high"), .name = get_text(a, o, "name"), .title = get_text(a, o, "title"), .effect_name = get_text(a, o, "effect_name"), .primary = get_yes(o, "primary"), .sampled = get_yes(o, "sampled"),
		.drifted = get_yes(o, "drifted"), .statistic = get_number(o, "statistic"), .p_value = get_number(o, "p_value"), .p_adjusted = get_number(o, "p_adjusted"),
		.effect = get_number(o, "effect"), .threshold = get_number(o, "threshold"), .null_value = get_number(o, "expected_without_drift"), .why_not = get_text(a, o, "why_not") };
}

static void read_side(struct arena *a, const json_t *o, struct report_side *s)
{
	*s = (struct report_side){ .rows = number_or(o, "rows", 0), .missing = number_or(o, "missing", 0), .nan = number_or(o, "nan", 0), .inf = number_or(o, "inf", 0),
		.mixed = number_or(o, "mixed", 0), .distinct = get_number(o, "distinct"), .mean = get_number(o, "mean"), .sd = get_number(o, "sd"), .min = get_number(o, "min"),
		.max = get_number(o, "max"), .outliers = get_number(o, "outliers"), .outside = get_number(o, "outside_range"),
		.quantiles = numbers(a, json_object_get(o, "quantiles"), REPORT_QUANTILES) };
}

static const struct report_category *read_categories(struct arena *a, const json_t *list, size_t *n)
{
	*n = get_length(list, MOST_PARTS);
	struct report_category *c = arena_array(a, *n, sizeof *c);
	for (size_t i = 0; i < *n; i++) {
		c[i].name = get_text(a, json_array_get(list, i), "name");
		c[i].rows = get_number(json_array_get(list, i), "rows");
	}
	return c;
}

static void read_picture(struct arena *a, const json_t *o, struct report_picture *p)
{
	const json_t *ref = json_object_get(o, "ref"), *labels = json_object_get(o, "labels");
	size_t n = get_length(ref, MOST_BARS + 1);
	*p = (struct report_picture){ .n = 0 };
	if (!n || n > MOST_BARS)
		return;
	p->ref = numbers(a, ref, n), p->cur = numbers(a, json_object_get(o, "cur"), n);
	p->edges = numbers(a, json_object_get(o, "edges"), n + 1);
	p->labels = json_array_size(labels) == n ? texts(a, labels, n) : NULL;
	pair_of_numbers(json_object_get(o, "ref_outside"), p->ref_outside);
	pair_of_numbers(json_object_get(o, "cur_outside"), p->cur_outside);
	if (p->ref && p->cur && (p->edges || p->labels))
		p->n = n;
}

/* Documents without positions have their columns in order; SIZE_MAX: it says what is none. */
static size_t position_of(const json_t *o, size_t i)
{
	const double v = get_number(o, "position");
	return isnan(v) ? i : v >= 0 && v < 4e9 && v == floor(v) ? (size_t)v : SIZE_MAX;
}

static void read_column(struct arena *a, const json_t *o, size_t at, struct report_column *c)
{
	const json_t *tests = json_object_get(o, "tests"), *reasons = json_object_get(o, "reasons"), *interval = json_object_get(o, "missing_change_interval");
	double ends[2];
	pair_of_numbers(interval, ends);
	*c = (struct report_column){ .name = get_text(a, o, "name"), .type = get_text(a, o, "type"), .status = get_text(a, o, "status"), .role = get_text(a, o, "role"), .position = position_of(o, at),
		.drifted = get_yes(o, "drifted"), .watch = get_yes(o, "watch"), .other_drifted = get_yes(o, "mlyard_drifted"), .severity = fmin(number_or(o, "severity", 0), REPORT_MOST_SEVERE),
		.missing_low = ends[0], .missing_high = ends[1], .all_gained = count(o, "gained_count"), .all_lost = count(o, "lost_count"),
		.note = get_text(a, o, "note"), .differs = get_text(a, o, "differs") };
	c->n_reasons = get_length(reasons, MOST_PARTS);
	c->reasons = texts(a, reasons, c->n_reasons);
	c->n_tests = get_length(tests, MOST_PARTS);
	struct report_test *t = arena_array(a, c->n_tests, sizeof *t);
	for (size_t i = 0; i < c->n_tests; i++)
		read_test(a, json_array_get(tests, i), &t[i]);
	c->tests = t;
	read_side(a, json_object_get(o, "reference"), &c->ref);
	read_side(a, json_object_get(o, "current"), &c->cur);
	c->gained = read_categories(a, json_object_get(o, "gained"), &c->n_gained);
	c->lost = read_categories(a, json_object_get(o, "lost"), &c->n_lost);
	read_picture(a, json_object_get(o, "histogram"), &c->picture);
	report_words_read(a, o, c);
}

static void read_quality(struct report *r, const json_t *o)
{
	const json_t *list = json_object_get(o, "findings");
	r->n_findings = get_length(list, MOST_COLUMNS);
	struct report_finding *f = arena_array(r->arena, r->n_findings, sizeof *f);
	for (size_t i = 0; i < r->n_findings; i++) {
		const json_t *x = json_array_get(list, i);
		f[i] = (struct report_finding){ .check = get_text(r->arena, x, "check"), .column = get_text(r->arena, x, "column"), .text = get_text(r->arena, x, "text"),
			.level = (int)fmin(2, number_or(x, "level", 0)), .ref = get_number(x, "ref"), .cur = get_number(x, "cur") };
	}
	r->findings = f;
	r->rank_error = number_or(o, "rank_error", 0);
	r->duplicates_ref = get_number(o, "duplicates_ref");
	r->duplicates_cur = get_number(o, "duplicates_cur");
}

static bool read_digest(const json_t *o, const char *key, unsigned char out[32])
{
	const char *hex = json_string_value(json_object_get(o, key));
	size_t n = 0;
	return hex && sodium_hex2bin(out, 32, hex, strlen(hex), NULL, &n, NULL) == 0 && n == 32;
}

static void read_head(struct report *r, const json_t *o)
{
	const json_t *d = json_object_get(o, "dataset"), *notes = json_object_get(o, "notes");
	struct arena *a = r->arena;
	r->name = get_text(a, o, "name"), r->origin = get_text(a, o, "origin"), r->mode = get_text(a, o, "mode");
	r->reference = get_text(a, o, "reference"), r->current = get_text(a, o, "current"), r->model = get_text(a, o, "model");
	r->ms = whole(o, "ms"), r->version = whole(o, "version"), r->alpha = get_number(o, "alpha");
	r->has_digests = read_digest(o, "reference_digest", r->reference_digest) && read_digest(o, "current_digest", r->current_digest);
	r->drifted = get_yes(d, "drifted"), r->other_drifted = get_yes(d, "mlyard_drifted"), r->verdict = get_text(a, d, "verdict");
	r->share = get_number(d, "share"), r->n_ref = number_or(d, "n_ref", 0), r->n_cur = number_or(d, "n_cur", 0);
	r->sample_ref = number_or(d, "sample_ref", 0), r->sample_cur = number_or(d, "sample_cur", 0);
	r->n_drifted = count(d, "drifted_columns"), r->n_compared = count(d, "compared_columns");
	r->n_notes = get_length(notes, MOST_PARTS);
	r->notes = texts(a, notes, r->n_notes);
}

enum status report_read(const char *text_, size_t n, const char *name, struct report **out, struct err *e)
{
	json_error_t bad;
	json_t *o = json_loadb(text_, n, 0, &bad);
	*out = NULL;
	if (!o)
		return err_set(e, ST_FAILED, "%s:%d:%d: no JSON: %s", name, bad.line, bad.column, bad.text);
	const char *format = json_string_value(json_object_get(o, "format"));
	const json_t *list = json_object_get(o, "columns");
	if (!format || strncmp(format, format_name, sizeof format_name - 1) != 0 || json_array_size(list) > MOST_COLUMNS) {
		json_decref(o);
		return err_set(e, ST_FAILED, "%s: not a drift report of this program, or one of more than %d columns", name, MOST_COLUMNS);
	}
	struct arena *a = arena_new();
	struct report *r = arena_zalloc(a, sizeof *r);
	r->arena = a;
	read_head(r, o);
	r->n_columns = json_array_size(list);
	struct report_column *c = arena_array(a, r->n_columns, sizeof *c);
	for (size_t i = 0; i < r->n_columns; i++)
		read_column(a, json_array_get(list, i), i, &c[i]);
	r->columns = c;
	read_quality(r, json_object_get(o, "quality"));
	report_joint_read(r, o);
	report_performance_read(r, o);
	json_decref(o);
	*out = r;
	return ST_OK;
}
