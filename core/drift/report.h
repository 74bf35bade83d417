/* report -- what a comparison of current data with a reference found: numbers, verdicts, reasons in words, pictures' data.
 *
 * One structure for reports just made, loaded from a workspace and imported from other tools, so that panes, exports and comparisons know
 * one thing. A number that is not known is NaN; a text that is not known is "".
 * Owns     the report owns everything in its arenas; report_free. Immutable once made; threads may share it.
 * Pictures edges are fixed by the reference alone, so that reports on one reference compare bin by bin.
 */
#ifndef MLYARD_DRIFT_REPORT_H
#define MLYARD_DRIFT_REPORT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/fmt.h"
#include "core/base/jsonw.h"
#include "core/base/status.h"
#include "core/store/store.h"

enum { REPORT_MOST_SEVERE = 100, REPORT_QUANTILES = 41, REPORT_BINS = 24, REPORT_LABELS = 30, REPORT_NEW_CATEGORIES = 100 };

struct report_test {
	const char *name, *title;                    /* "ks", "Kolmogorov-Smirnov" */
	const char *effect_name;                     /* "D", "W/sd"; "" */
	bool primary, drifted;                       /* primary: its adjusted p decides; drifted: this test alone says so */
	double statistic, p_value, p_adjusted, effect, threshold, null_value;   /* threshold: of the effect (ours), of p or distance (Evidently) */
	double low, high;                            /* the exact statistic surely lies between, where the data were sketched; NaN: statistic is exact */
	bool sampled;                                /* of the sample of rows that the report names, not of all */
	const char *why_not;                         /* why it gives nothing; "" */
};
/* Bars over edges (numbers) or labels (words); outside: below the first and above the last edge, or labels not shown. */
struct report_picture {
	size_t n; const double *edges; const char *const *labels;   /* edges: n + 1, or NULL; labels: n, or NULL */
	const double *ref, *cur; double ref_outside[2], cur_outside[2];
};
struct report_side {                             /* of one column */
	double rows, missing, nan, inf, mixed, distinct;
	double mean, sd, min, max;
	const double *quantiles;                     /* REPORT_QUANTILES evenly spaced from 0 to 1, or NULL */
	double outliers, outside;                    /* beyond the reference's Tukey fences; beyond its range */
};
struct report_category { const char *name; double rows; };
struct report_word { const char *word; double weight, ref, cur; };   /* weight > 0: typical of the current side; shares of rows that hold it */
struct report_column {
	const char *name, *type, *role, *status;     /* role: "", "target", "prediction", "probability", "id", "timestamp", "segment"; NULL is "" */            /* status: "compared", "no data", "too few rows", "constant", "time", "id", "no labels yet", "only in reference", ... */
	size_t position;
	bool drifted, watch;                         /* watch: certain but below the floors, or a finding of its own that is small */
	double severity;                             /* sort key, greatest first: effect over floor where it drifts, 1 to REPORT_MOST_SEVERE; below 1 else */
	const char *const *reasons; size_t n_reasons;
	const struct report_test *tests; size_t n_tests;
	struct report_side ref, cur;
	double missing_low, missing_high;            /* interval of the change of the missing share */
	const struct report_category *gained, *lost; size_t n_gained, n_lost;   /* listed, most rows first */
	size_t all_gained, all_lost;                 /* counted */
	const char *note, *differs;                  /* differs: where the other rule set says otherwise, and why; "" */
	bool other_drifted;                          /* with a rule set of another tool: what mlyard's own says */
	struct report_picture picture;
	const struct report_word *words; size_t n_words;   /* of text: what tells the sides apart, strongest first */
};
/* All columns together: the domain classifier, MMD, correlations. */
struct report_joint {
	const char *name, *title, *text;             /* "domain_classifier", ..., in words */
	double statistic, low, high, p_value, threshold; bool drifted, sampled;   /* low, high: 95 % interval; NaN: none; sampled: as of report_test */
	const char *why_not;
	const struct report_weight { const char *name; double weight; } *weights; size_t n_weights;   /* which columns tell the sides apart, strongest first */
};
/* How good the model is on both sides (performance.h). n_metrics 0: nothing known. */
struct report_metric {
	const char *name, *title;                    /* "roc_auc", "ROC AUC" */
	double ref, cur, low, high;                  /* low..high: 95 % interval of the current value, or the sampling band of an estimate; NaN: none */
	bool less_is_better, estimated, worse;       /* worse: beyond what the reference's own chunks or the interval explain */
};
struct report_segment { const char *column, *value; double rows_ref, rows_cur, ref, cur; bool worse; };      /* ref, cur: of the metric that performance names */
struct report_calibration { double predicted_ref, observed_ref, rows_ref, predicted_cur, observed_cur, rows_cur; };
struct report_performance {
	const char *task;                            /* "binary", "multiclass", "regression"; "": unknown */
	const char *target, *prediction, *probability, *positive;
	const char *assumption;                      /* under which estimates hold; "": nothing is estimated */
	const char *segment_metric, *why_not;
	const char *sample;                          /* "from a sample of ..."; "": from all rows */
	const struct report_metric *metrics; size_t n_metrics;
	const struct report_segment *segments; size_t n_segments;        /* those that got worst first */
	const char *const *labels; size_t n_labels; const double *confusion_ref, *confusion_cur;     /* n_labels x n_labels, rows: target; NULL: none */
	const struct report_calibration *calibration; size_t n_calibration;
};
struct report_finding { const char *check, *column, *text; int level; double ref, cur; };   /* level 0 to know, 1 to look at, 2 wrong */
struct report {
	const char *name, *origin, *mode;            /* mode: "mlyard", "evidently", or what an imported one says */
	int64_t ms; int64_t id;                      /* id 0: not stored */
	const char *reference, *current, *model; int64_t version;
	unsigned char reference_digest[32], current_digest[32]; bool has_digests;
	bool drifted, other_drifted; const char *verdict;   /* "stable", "watch", "drifted" */
	double share, alpha, n_ref, n_cur;           /* share of drifted columns among those compared */
	size_t n_drifted, n_compared;
	const struct report_column *columns; size_t n_columns;   /* by severity */
	const struct report_finding *findings; size_t n_findings;
	double duplicates_ref, duplicates_cur;
	const char *const *notes; size_t n_notes;
	const struct report_joint *joint; size_t n_joint;
	struct report_performance performance;
	double sample_ref, sample_cur;               /* of sketched data: rows of which whole ones were kept, for what needs them; 0: none */
	double rank_error;                           /* of sketched data: the largest error of a rank, as a share of rows; 0: all is exact */
	struct arena *arena;                         /* further ones belong to workers that made columns */
	struct arena **more; size_t n_more;
};
void report_free(struct report *r);
const char *report_sample_words(struct arena *a, const struct report *r);      /* "from a sample of 20,000 of 1,000,000 rows of the reference and ..."; "": there is none */
const struct report_column *report_column(const struct report *r, const char *name);   /* NULL: none */

/* ---- the effect that a list shows of a column: report_effect.c ---- */
enum report_effect_unit { EFFECT_NUMBER, EFFECT_POINTS, EFFECT_NEW, EFFECT_LOST, EFFECT_TIMES, EFFECT_P };      /* points: a change of a share; times: of spread. Stored: never renumber */
struct report_effect { const struct report_test *test; double value; enum report_effect_unit unit; };
const struct report_test *report_primary(const struct report_column *c);     /* or the first that gives something; NULL: none */
const struct report_test *report_decider(const struct report_test *tests, size_t n);         /* among those that drifted; NULL: none */
struct report_effect report_effect_of(const struct report_column *c);
char *report_effect_say(char buf[FMT_MAX], double value, enum report_effect_unit unit);      /* "0.310", "+6.0 %", "2 new", "x1.35"; "" for NaN */
char *report_effect_words(char buf[FMT_MAX], const struct report_column *c);
bool report_is_own_check(const char *test);                   /* missing values, new and lost categories: judged by themselves */
double report_severity_of(const struct report_test *t);       /* effect over floor, 0 to REPORT_MOST_SEVERE */

/* The document: what `drift run --json` prints, what is stored, what `drift export FILE.json` writes. */
void report_json(struct jsonw *w, const struct report *r);
/* Reads such a document; other fields are passed over. `name` is what error words call it. */
enum status report_read(const char *text, size_t n, const char *name, struct report **out, struct err *e);

/* Whether what a document from outside says can be: counts that can be counted, a position and a name for each column. Words name the file, the place and the cure. */
enum status report_check(const struct report *r, const char *file, struct err *e);

/* ---- in a workspace ---- */
struct report_row { int64_t id, ms, version; const char *name, *origin, *reference, *current, *model, *mode, *verdict; bool drifted; double share, n_ref, n_cur; int64_t columns; };
struct report_rows { struct report_row *at; size_t n; struct arena *arena; };
struct report_query { const char *model; size_t most; };      /* model NULL: all; most 0: all */
/* Stores it; sets *id. Where the report names a model, its verdict becomes one of the model's (drift gates see it). Inside a change it is part of that,
 * else one of its own. */
enum status report_save(struct store *s, const struct report *r, int64_t *id, struct err *e);
enum status report_list(struct store *s, const struct report_query *q, struct report_rows **out, struct err *e);   /* newest first */
void report_rows_free(struct report_rows *r);
enum status report_load(struct store *s, int64_t id, struct report **out, struct err *e);
enum status report_delete(struct store *s, int64_t id, struct err *e);
#endif
