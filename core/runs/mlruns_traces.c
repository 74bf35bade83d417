/* Traces of a file store: trace_info.yaml, tags, metadata, assessments, and the spans in artifacts/traces.json.
 *
 * Two generations: 2.x writes request_id, status, timestamp_ms and spans with hexadecimal ids and plain
 * nanoseconds; 3.x writes trace_id, state, request_time (RFC 3339) and spans with base64 ids. Both end up in the
 * same columns; a span's whole object is kept as its content. */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base/mem.h"
#include "core/runs/mlruns.h"

enum { MOST_JSON = 64 << 20 };
static const char *const parts[] = { "trace_info.yaml", "tags", "request_metadata", "assessments", "artifacts/traces.json", NULL };

/* "2025-11-19T12:34:56.789Z", also with an offset. */
static bool parse_rfc3339(const char *s, int64_t *ms)
{
	struct tm tm = { 0 };
	const char *p = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction = 0;
	int hours = 0, minutes = 0;

	if (!p)
		return false;
	if (*p == '.') {
		double unit = 0.1;

		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			fraction += unit * (*p - '0');
	}
	if (*p == '+' || *p == '-') {
		if (sscanf(p + 1, "%2d:%2d", &hours, &minutes) < 1)
			return false;
		if (*p == '-')
			hours = -hours, minutes = -minutes;
	}
	*ms = ((int64_t)timegm(&tm) - hours * 3600 - minutes * 60) * 1000 + (int64_t)(fraction * 1000 + 0.5);
	return true;
}

static struct val start_of(const struct yamldoc_node *meta)
{
	const struct val ms = meta_int(meta, "timestamp_ms"), text = meta_text(meta, "request_time");
	int64_t t;

	if (ms.type == VAL_INT)
		return ms;
	return text.type == VAL_TEXT && parse_rfc3339(text.u.p, &t) ? val_int(t) : val_null();
}

static struct val either(const struct yamldoc_node *meta, const char *a, const char *b)
{
	const struct val v = meta_text(meta, a);

	return v.type == VAL_NULL ? meta_text(meta, b) : v;
}

static void put_trace(struct unit *u, const struct mlruns_experiment *x, size_t index, const struct yamldoc_node *meta)
{
	const struct val took = meta_int(meta, "execution_time_ms");
	const struct val v[] = { val_ref(SINK_EXPERIMENT, x->index), start_of(meta), took.type == VAL_INT ? took : meta_int(meta, "execution_duration_ms"),
		either(meta, "status", "state"), meta_text(meta, "client_request_id"), meta_text(meta, "request_preview"), meta_text(meta, "response_preview"), val_int(0) };

	sink_put_new(u->m->sink, SINK_TRACE, index, v);
	unit_put_set(u, "tags", SET_TRACE_TAG, index);
	unit_put_set(u, "request_metadata", SET_TRACE_META, index);
}

static void put_assessments(struct unit *u, size_t trace)
{
	const char *file;
	struct str json = STR_INIT;

	sink_track(u->m->sink, SET_ASSESSMENT);
	for (size_t i = 0; i < u->n; i++) {
		struct yamldoc *y = unit_is_part(&u->files[i], "assessments", &file) ? unit_yaml(u, u->files[i].rel) : NULL;

		if (!y)
			continue;
		const struct val id = meta_text(yamldoc_root(y), "assessment_id");

		str_clear(&json);
		yamldoc_to_json(yamldoc_root(y), &json);
		sink_item(u->m->sink, SET_ASSESSMENT, trace, id.type == VAL_TEXT ? id : val_text(file, strcspn(file, ".")), val_text(json.p, json.len));
		yamldoc_free(y);
	}
	if (!u->unsettled)
		sink_keep_owner(u->m->sink, SET_ASSESSMENT, trace);
	str_free(&json);
}

/* ---- spans ---- */

/* 16 hexadecimal digits of "0x64a7..." or of the base64 of 8 bytes; other ids as they are. */
static void span_id(char out[64], const char *id)
{
	unsigned char raw[32];
	size_t n = 0;

	out[0] = 0;
	if (!id)
		return;
	if (!strncmp(id, "0x", 2))
		snprintf(out, 64, "%s", id + 2);
	else if (strlen(id) == 12 && sodium_base642bin(raw, sizeof raw, id, 12, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && n == 8)
		sodium_bin2hex(out, 64, raw, n);
	else
		snprintf(out, 64, "%s", id);
}

static const char *first_string(const json_t *a, const char *ka, const json_t *b, const char *kb)
{
	const char *s = json_string_value(json_object_get(a, ka));

	return s ? s : json_string_value(json_object_get(b, kb));
}

static struct val first_int(const json_t *span, const char *a, const char *b)
{
	const json_t *x = json_object_get(span, a);

	x = x ? x : json_object_get(span, b);
	return json_is_integer(x) ? val_int(json_integer_value(x)) : val_null();
}

/* The attribute is JSON in a string: "\"LLM\"". */
static struct val type_of(const json_t *span)
{
	const char *s = json_string_value(json_object_get(json_object_get(span, "attributes"), "mlflow.spanType"));
	const size_t n = s ? strlen(s) : 0;

	return n >= 2 && s[0] == '"' && s[n - 1] == '"' ? val_text(s + 1, n - 2) : val_text(s, n);
}

static void put_span(struct unit *u, size_t trace, const json_t *span)
{
	const json_t *context = json_object_get(span, "context");
	const char *status = first_string(span, "status_code", json_object_get(span, "status"), "code");
	const char *parent = first_string(span, "parent_id", span, "parent_span_id");
	char *content = json_dumps(span, JSON_COMPACT);
	char id[64], parent_id[64];

	span_id(id, first_string(context, "span_id", span, "span_id"));
	span_id(parent_id, parent);
	if (status && !strncmp(status, "STATUS_CODE_", 12))
		status += 12;
	const struct val v[] = { val_str(id), parent ? val_str(parent_id) : val_null(), val_str(json_string_value(json_object_get(span, "name"))), type_of(span),
		val_str(status), first_int(span, "start_time", "start_time_unix_nano"), first_int(span, "end_time", "end_time_unix_nano"), val_str(content) };

	if (id[0])
		sink_row(u->m->sink, ROW_SPAN, trace, v);
	free(content);
}

static void put_spans(struct unit *u, size_t trace)
{
	static const char file[] = "artifacts/traces.json";
	struct str text = STR_INIT;
	json_error_t why;

	if (unit_file(u, file) && unit_read(u, file, MOST_JSON, &text)) {
		json_t *doc = json_loadb(text.p, text.len, JSON_ALLOW_NUL, &why);
		const json_t *spans = json_object_get(doc, "spans");

		if (!doc)
			import_problem(u->m->job, "%s/%s:%d: not JSON (%s); the trace is shown without spans", u->path, file, why.line, why.text);
		for (size_t i = 0; i < json_array_size(spans); i++)
			put_span(u, trace, json_array_get(spans, i));
		json_decref(doc);
	}
	str_free(&text);
}

enum status mlruns_read_trace(struct mlruns *m, const struct mlruns_experiment *x, const char *sub, struct err *e)
{
	const char *id = strrchr(sub, '/') + 1;
	struct str key = STR_INIT;
	struct unit u;

	(void)e;
	if (!unit_open(m, &u, x->fd, x->path, sub, parts))
		return ST_OK;
	str_addf(&key, "t/%s/%s", x->id, id);
	if (unit_file(&u, "trace_info.yaml")) {
		const size_t index = sink_entity(m->sink, SINK_TRACE, SINK_NONE, id, strlen(id), NULL, 0);
		struct yamldoc *y = NULL;

		sink_seen(m->sink, SINK_TRACE, index);
		if (!memo_same(m, key.p, &u) && (y = unit_yaml(&u, "trace_info.yaml"))) {
			put_trace(&u, x, index, yamldoc_root(y));
			put_assessments(&u, index);
			put_spans(&u, index);
			memo_put(m, key.p, &u);
		}
		yamldoc_free(y);
	}
	str_free(&key);
	unit_close(&u);
	return ST_OK;
}
