/* import_evidently_impl -- what the readers of Evidently's dialects share: one file core/drift/import_evidently_<id>.c and one row in tests.am each.
 *
 * A reader says what it finds by the functions below, in any order and as often as the file says it: the first word about a column's drift stands.
 * Numbers that a file leaves out are NaN. Everything given is copied into the report's arena. */
#ifndef MLYARD_DRIFT_IMPORT_EVIDENTLY_IMPL_H
#define MLYARD_DRIFT_IMPORT_EVIDENTLY_IMPL_H
#include <jansson.h>
#include "core/base/map.h"
#include "core/base/str.h"
#include "core/drift/drift_test.h"
#include "core/drift/report.h"

struct taking {
	struct report *r; struct arena *a;
	struct report_column *columns; size_t n, cap; struct map *names;
	struct report_finding *findings; size_t n_findings, cap_findings;
	struct report_metric *metrics; size_t n_metrics, cap_metrics;
	struct map *passed_over;                     /* kinds of results that have no place in a report */
	double drift_share; bool said, drifted;      /* of the data set, where the file says so itself */
	const char *name, *stamp;
};
struct dialect { const char *what; bool (*sniff)(const json_t *o); void (*read)(struct taking *t, const json_t *o); };
#define X(id) extern const struct dialect evidently_##id;
#include "core/drift/dialect_table.inc"
#undef X

/* ---- JSON as Python writes it ---- */
double evidently_number(const json_t *v);                    /* also "Infinity"; NaN: no number */
double evidently_at(const json_t *o, const char *key);
const char *evidently_word(const json_t *o, const char *key);        /* "" when it is no string; of the document */
/* JSON with NaN and infinities made strings that evidently_number reads. */
void evidently_plain(const char *p, size_t n, struct str *out);
/* The page's own JSON as one document: {"name", "widgets", "additional_graphs"}; NULL: no such page. */
json_t *evidently_page(const char *text, size_t n);

/* ---- what was found ---- */
struct report_column *taking_column(struct taking *t, const char *name);  /* made when it is new; NULL: too many. Valid until the next */
/* The drift of a column; threshold NaN: the method's own. NULL: it is known already, or there are too many. */
struct report_column *taking_drift(struct taking *t, const char *name, const char *type, const char *method, double threshold, double score);
void taking_outcome(struct taking *t, struct report_column *c, bool drifted);
/* From score, threshold and method, where the file does not say. */
void taking_derive(struct taking *t, struct report_column *c);
void taking_type(struct report_column *c, const char *theirs);
void taking_dataset(struct taking *t, bool drifted, double share);
/* Bars of both sides: x are labels, edges (one more than bars) or left edges. density: heights over each side's own range. What is there stays. */
struct bars { const json_t *ref_x, *ref_y, *cur_x, *cur_y; bool density; };
void taking_bars(struct taking *t, struct report_column *c, const struct bars *b);
/* Status as Evidently has it: FAIL, SUCCESS, ... */
void taking_finding(struct taking *t, const char *check, const char *column, const char *text, const char *status);
/* Of a model, by Evidently's name of it; false: no metric that we know. */
bool taking_metric(struct taking *t, const char *name, double ref, double cur);
void taking_passed_over(struct taking *t, const char *kind);

/* ---- shared by dialects ---- */
void evidently_old_result(struct taking *t, const char *kind, const json_t *result);
void evidently_old_test(struct taking *t, const json_t *test);
void evidently_widgets(struct taking *t, const json_t *widgets, const json_t *graphs);
/* Bars named reference and current of a plot's traces. */
void evidently_plot(struct taking *t, struct report_column *c, const json_t *traces);
void evidently_new_metric(struct taking *t, const char *id, const char *name, const json_t *params, const json_t *tests, const json_t *value);
#endif
