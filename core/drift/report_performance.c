/* report_performance -- how good the model is, as JSON. */
#include <jansson.h>
#include <string.h>

#include "core/drift/report_parts.h"

enum { MOST_CLASSES = 200 };                     /* of a confusion matrix that is read */

static const char *or_none(const char *s) { return s ? s : ""; }

/* ---- writing ---- */

static void write_metrics(struct jsonw *w, const struct report_performance *p)
{
	jsonw_put_open(w, "metrics", '[');
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct report_metric *m = &p->metrics[i];
		jsonw_open(w, '{');
		jsonw_put_str(w, "name", m->name);
		jsonw_put_str(w, "title", m->title);
		jsonw_put_known(w, "ref", m->ref);
		jsonw_put_known(w, "cur", m->cur);
		jsonw_put_known(w, "low", m->low);
		jsonw_put_known(w, "high", m->high);
		jsonw_put_bool(w, "less_is_better", m->less_is_better);
		jsonw_put_bool(w, "estimated", m->estimated);
		jsonw_put_bool(w, "worse", m->worse);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void write_segments(struct jsonw *w, const struct report_performance *p)
{
	if (!p->n_segments)
		return;
	jsonw_put_str(w, "segment_metric", or_none(p->segment_metric));
	jsonw_put_open(w, "segments", '[');
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct report_segment *s = &p->segments[i];
		jsonw_open(w, '{');
		jsonw_put_str(w, "column", s->column);
		jsonw_put_str(w, "value", s->value);
		jsonw_put_known(w, "rows_ref", s->rows_ref);
		jsonw_put_known(w, "rows_cur", s->rows_cur);
		jsonw_put_known(w, "ref", s->ref);
		jsonw_put_known(w, "cur", s->cur);
		jsonw_put_bool(w, "worse", s->worse);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void write_matrix(struct jsonw *w, const char *key, const double *cells, size_t n)
{
	if (!cells)
		return;
	jsonw_put_open(w, key, '[');
	for (size_t i = 0; i < n; i++) {
		jsonw_open(w, '[');
		for (size_t k = 0; k < n; k++)
			jsonw_known(w, cells[i * n + k]);
		jsonw_close(w, ']');
	}
	jsonw_close(w, ']');
}

static void write_confusion(struct jsonw *w, const struct report_performance *p)
{
	if (!p->n_labels)
		return;
	jsonw_put_open(w, "confusion", '{');
	jsonw_put_strs(w, "labels", p->labels, p->n_labels);
	write_matrix(w, "ref", p->confusion_ref, p->n_labels);
	write_matrix(w, "cur", p->confusion_cur, p->n_labels);
	jsonw_close(w, '}');
}

static void write_calibration(struct jsonw *w, const struct report_performance *p)
{
	if (!p->n_calibration)
		return;
	jsonw_put_open(w, "calibration", '[');
	for (size_t i = 0; i < p->n_calibration; i++) {
		const struct report_calibration *c = &p->calibration[i];
		const struct { const char *key; double value; } members[] = { { "predicted_ref", c->predicted_ref }, { "observed_ref", c->observed_ref }, { "rows_ref", c->rows_ref },
			{ "predicted_cur", c->predicted_cur }, { "observed_cur", c->observed_cur }, { "rows_cur", c->rows_cur } };
		jsonw_open(w, '{');
		for (size_t k = 0; k < sizeof members / sizeof *members; k++)
			jsonw_put_known(w, members[k].key, members[k].value);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* Where no column is the target there is nothing to say of performance. */
void report_performance_json(struct jsonw *w, const struct report *r)
{
	const struct report_performance *p = &r->performance;
	if (!*or_none(p->target) && !p->n_metrics)
		return;
	const struct { const char *key, *value; } words[] = { { "task", p->task }, { "target", p->target }, { "prediction", p->prediction }, { "probability", p->probability },
		{ "positive", p->positive }, { "assumption", p->assumption }, { "why_not", p->why_not } };
	jsonw_put_open(w, "performance", '{');
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		jsonw_put_str(w, words[i].key, or_none(words[i].value));
	if (*or_none(p->sample))
		jsonw_put_str(w, "sample", p->sample);
	write_metrics(w, p);
	write_segments(w, p);
	write_confusion(w, p);
	write_calibration(w, p);
	jsonw_close(w, '}');
}

/* ---- reading ---- */

static void read_metrics(struct arena *a, const json_t *list, struct report_performance *p)
{
	p->n_metrics = get_length(list, MOST_PARTS);
	struct report_metric *m = arena_array(a, p->n_metrics, sizeof *m);
	for (size_t i = 0; i < p->n_metrics; i++) {
		const json_t *o = json_array_get(list, i);
		m[i] = (struct report_metric){ .name = get_text(a, o, "name"), .title = get_text(a, o, "title"), .ref = get_number(o, "ref"), .cur = get_number(o, "cur"), .low = get_number(o, "low"),
			.high = get_number(o, "high"), .less_is_better = get_yes(o, "less_is_better"), .estimated = get_yes(o, "estimated"), .worse = get_yes(o, "worse") };
	}
	p->metrics = m;
}

static void read_segments(struct arena *a, const json_t *list, struct report_performance *p)
{
	p->n_segments = get_length(list, MOST_PARTS);
	struct report_segment *s = arena_array(a, p->n_segments, sizeof *s);
	for (size_t i = 0; i < p->n_segments; i++) {
		const json_t *o = json_array_get(list, i);
		s[i] = (struct report_segment){ .column = get_text(a, o, "column"), .value = get_text(a, o, "value"), .rows_ref = get_number(o, "rows_ref"), .rows_cur = get_number(o, "rows_cur"),
			.ref = get_number(o, "ref"), .cur = get_number(o, "cur"), .worse = get_yes(o, "worse") };
	}
	p->segments = s;
}

/* Whole or not at all. */
static const double *read_matrix(struct arena *a, const json_t *list, size_t n)
{
	if (json_array_size(list) != n)
		return NULL;
	double *cells = arena_array(a, n * n, sizeof *cells);
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(list, i);
		if (json_array_size(row) != n)
			return NULL;
		for (size_t k = 0; k < n; k++)
			cells[i * n + k] = get_bare(json_array_get(row, k));
	}
	return cells;
}

static void read_confusion(struct arena *a, const json_t *o, struct report_performance *p)
{
	const json_t *list = json_object_get(o, "labels");
	size_t n = json_array_size(list);
	if (!n || n > MOST_CLASSES)
		return;
	const char **labels = arena_array(a, n, sizeof *labels);
	for (size_t i = 0; i < n; i++)
		labels[i] = get_words(a, json_array_get(list, i));
	p->labels = labels, p->n_labels = n;
	p->confusion_ref = read_matrix(a, json_object_get(o, "ref"), n);
	p->confusion_cur = read_matrix(a, json_object_get(o, "cur"), n);
}

static void read_calibration(struct arena *a, const json_t *list, struct report_performance *p)
{
	p->n_calibration = get_length(list, MOST_PARTS);
	struct report_calibration *c = arena_array(a, p->n_calibration, sizeof *c);
	for (size_t i = 0; i < p->n_calibration; i++) {
		const json_t *o = json_array_get(list, i);
		c[i] = (struct report_calibration){ .predicted_ref = get_number(o, "predicted_ref"), .observed_ref = get_number(o, "observed_ref"), .rows_ref = get_number(o, "rows_ref"),
			.predicted_cur = get_number(o, "predicted_cur"), .observed_cur = get_number(o, "observed_cur"), .rows_cur = get_number(o, "rows_cur") };
	}
	p->calibration = c;
}

void report_performance_read(struct report *r, const json_t *document)
{
	const json_t *o = json_object_get(document, "performance");
	struct report_performance *p = &r->performance;
	struct arena *a = r->arena;
	*p = (struct report_performance){ .task = get_text(a, o, "task"), .target = get_text(a, o, "target"), .prediction = get_text(a, o, "prediction"), .probability = get_text(a, o, "probability"),
		.positive = get_text(a, o, "positive"), .assumption = get_text(a, o, "assumption"), .why_not = get_text(a, o, "why_not"), .sample = get_text(a, o, "sample"), .segment_metric = get_text(a, o, "segment_metric") };
	read_metrics(a, json_object_get(o, "metrics"), p);
	read_segments(a, json_object_get(o, "segments"), p);
	read_confusion(a, json_object_get(o, "confusion"), p);
	read_calibration(a, json_object_get(o, "calibration"), p);
}
