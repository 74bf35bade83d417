/* Spans of a traces.json: hexadecimal ids and plain nanoseconds (2.x), or base64 ids (3.x). A span's whole object is kept as
 * its content. */
#include "core/runs/trace_spans.h"
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void put_span(struct sink *s, size_t trace, const json_t *span)
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
		sink_row(s, ROW_SPAN, trace, v);
	free(content);
}

enum status trace_spans_put(struct sink *s, size_t trace, const char *json, size_t n, struct err *e)
{
	json_error_t why;
	json_t *doc = json_loadb(json, n, JSON_ALLOW_NUL, &why);
	const json_t *spans = json_object_get(doc, "spans");
	const bool right = json_is_array(spans);

	for (size_t i = 0; i < json_array_size(spans); i++)
		put_span(s, trace, json_array_get(spans, i));
	if (!doc)
		err_set(e, ST_FAILED, "line %d: not JSON (%s)", why.line, why.text);
	else if (!right)
		err_set(e, ST_FAILED, "it holds no list of spans");
	json_decref(doc);
	return right ? ST_OK : ST_FAILED;
}
