/* Traces of a file store: trace_info.yaml, tags, metadata, assessments, and the spans in artifacts/traces.json.
 *
 * Two generations: 2.x writes request_id, status, timestamp_ms and spans with hexadecimal ids and plain
 * nanoseconds; 3.x writes trace_id, state, request_time (RFC 3339) and spans with base64 ids. Both end up in the
 * same columns (spans: trace_spans.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base/mem.h"
#include "core/runs/mlruns.h"
#include "core/runs/trace_spans.h"

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

static void put_spans(struct unit *u, size_t trace)
{
	static const char file[] = "artifacts/traces.json";
	struct str text = STR_INIT;
	struct err why;

	if (unit_file(u, file) && unit_read(u, file, TRACE_SPANS_MOST_JSON, &text) && trace_spans_put(u->m->sink, trace, text.p, text.len, &why) != ST_OK)
		import_problem(u->m->job, "%s/%s: %s; the trace is shown without spans", u->path, file, why.text);
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
