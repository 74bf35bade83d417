/* trace_spans -- the spans of one trace out of the traces.json that MLflow keeps as an artifact. */
#ifndef MLYARD_RUNS_TRACE_SPANS_H
#define MLYARD_RUNS_TRACE_SPANS_H
#include <stddef.h>
#include "core/base/status.h"
#include "core/runs/sink.h"

enum { TRACE_SPANS_MOST_JSON = 64 << 20 };       /* a larger file is not read */
/* Puts the spans of `trace`. ST_FAILED: no JSON, or without spans; the words say where. */
enum status trace_spans_put(struct sink *s, size_t trace, const char *json, size_t n, struct err *e);
#endif
