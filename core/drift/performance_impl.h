/* performance_impl -- what the files that measure a model share.
 *
 * A sample is rows side by side in arrays of their own, so that a chunk of the reference is a pointer and a length. Classes are numbers:
 * indexes into the table of classes of both sides; numbers of a regression are doubles.
 */
#ifndef MLYARD_DRIFT_PERFORMANCE_IMPL_H
#define MLYARD_DRIFT_PERFORMANCE_IMPL_H
#include "core/drift/performance.h"

enum metric_id { M_ACCURACY, M_PRECISION, M_RECALL, M_SPECIFICITY, M_F1, M_AUC, M_LOG_LOSS, M_BRIER, M_ECE, M_BASE_ACCURACY,
	M_ME, M_MAE, M_RMSE, M_R2, M_MAPE, M_MAX_ERROR, M_BASE_MAE, METRICS };
enum task_kind { TASK_NOT_KNOWN, TASK_BINARY, TASK_MULTICLASS, TASK_REGRESSION };
enum { CALIBRATION_BINS = 10, PERFORMANCE_CHUNKS = 20, PERFORMANCE_FEWEST_CHUNKS = 6, PERFORMANCE_CHUNK_ROWS = 30, PERFORMANCE_MOST_CLASSES = 65536 };
#define NO_CLASS UINT32_MAX

/* ---- a value with its uncertainty ---- */
enum estimate_form {
	EST_NONE,                                    /* no interval */
	EST_NORMAL,                                  /* value +- z se */
	EST_UNIT,                                    /* the same, between 0 and 1 */
	EST_SHARE,                                   /* hits of rows: Wilson */
	EST_F1,                                      /* 2 s / (1 + s) of a share s */
	EST_ROOT,                                    /* the root of a mean whose standard error is se */
	EST_GIVEN,                                   /* low and high, at 95 % whatever z is asked for */
};
struct estimate { double value, se, hits, rows, unit, low, high; enum estimate_form form; };        /* unit: what a relative floor is relative to */
void estimate_interval(const struct estimate *e, double z, double *low, double *high);
/* How much worse the second is than the first, and the least that it surely is. */
struct harm { double size, surely; };
struct harm estimate_harm(const struct estimate *ref, const struct estimate *cur, bool less_is_better, bool by_size, double z);
struct estimate estimate_share(double hits, double rows);

/* ---- classes ---- */
struct classes { struct map *keys; const char **labels; size_t n, cap; struct arena *arena; uint32_t *order; };      /* order: by number or bytewise */
void classes_init(struct classes *c, struct arena *a);
void classes_free(struct classes *c);
/* The class of each row, NO_CLASS where it is missing; to be freed. NULL: more than PERFORMANCE_MOST_CLASSES. */
uint32_t *classes_take(struct classes *c, const struct frame_col *col);
uint32_t classes_add(struct classes *c, const char *label);
uint32_t classes_find(const struct classes *c, const char *label);          /* NO_CLASS: none */
void classes_sort(struct classes *c);

/* ---- samples ---- */
/* p: NaN not known; t, f: target and forecast of a regression; each: of each class its column of probabilities in the frame or NULL, of which row[i] is the place; NULL: there are none */
struct sample { size_t n; const uint32_t *y, *said, *row; const double *p, *t, *f; const double *const *each; };
struct problem {
	enum task_kind task;
	size_t n_classes; uint32_t positive, usual;  /* usual: the reference's most frequent class */
	double median;                               /* of the reference's target */
	bool has_said, has_p;
};
void measure(const struct problem *p, const struct sample *s, struct estimate out[METRICS]);
/* performance_each.c */
const double **each_find(const struct classes *c, const struct drift_roles *roles, const struct frame *f);       /* by class; NULL: no role names any; free */
double each_at(const double *const *each, uint32_t class, size_t row);          /* NaN: none between 0 and 1 */
uint32_t each_likeliest(const double *const *each, size_t n_classes, size_t row);
void measure_each(const struct problem *p, const struct sample *s, struct estimate *out);        /* AUC and log loss of many classes */
/* Whether a row is one that its probability is about: of the positive class; with many classes: predicted rightly. */
static inline bool sample_hit(const struct problem *p, const struct sample *s, size_t i)
{
	return p->task == TASK_BINARY ? s->y[i] == p->positive : s->said[i] == s->y[i];
}

/* ---- levels: distinct probabilities, ascending, with rows of two kinds ---- */
struct level { double p, hits, misses; };
struct ranked { double *hits, *misses; size_t n_hits, n_misses; };          /* probabilities by kind, ascending */
void ranked_sort(struct ranked *r);
struct level *ranked_levels(const struct ranked *r, size_t *n);
void ranked_of(const struct problem *p, const struct sample *s, struct ranked *r);
void ranked_free(struct ranked *r);
size_t calibration_edges(const struct level *l, size_t n, double edges[CALIBRATION_BINS]);   /* upper ends; equal counts, ties together */
struct calibration_bin { double p, hits, rows; };
void calibration_count(const struct level *l, size_t n, const double *edges, size_t bins, struct calibration_bin *out);
double calibration_error(const struct calibration_bin *b, size_t n);
/* 95 % by bootstrap with a fixed seed; NaN with fewer than two rows. */
void calibration_interval(const struct level *l, size_t n, const double *edges, size_t bins, double *low, double *high);

/* ---- slices ---- */
struct sliced { const struct frame *f; const uint32_t *row; const double *score; size_t n; };      /* score of each labelled row; row: its place in the frame */
void slices_fill(struct report *r, const struct sliced *ref, const struct sliced *cur, const struct drift_roles *roles, bool less_is_better);

/* ---- without labels (cbpe.c) ---- */
struct cbpe { double value[METRICS], sd[METRICS]; bool calibrated; };
/* Estimates of the current sample's metrics, whose y is not looked at. */
void cbpe_estimate(const struct problem *p, const struct sample *ref, const struct sample *cur, struct cbpe *out);

/* ---- all of it, while it is made ---- */
struct gathered {                                 /* rows gathered */
	uint32_t *y, *said, *row; double *p, *t, *f; size_t n;
	const double *const *each;                   /* the side's */
};
struct measured_side {
	const struct frame *f; const char *name;
	const struct frame_col *target, *prediction, *probability;
	const double **each;                         /* by class */
	struct gathered have, open;                   /* with labels; without */
	size_t beyond;                               /* probabilities outside 0..1 */
	size_t labels;                               /* rows with one */
};
struct measuring {
	struct report *r; struct report_performance *out; const struct drift_roles *roles;
	struct measured_side ref, cur; struct problem problem; struct classes classes;
	double threshold; uint32_t other;            /* said below the threshold */
	struct estimate at_ref[METRICS], at_cur[METRICS];
};
void measuring_note(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* performance_judge.c */
struct chunks { double mean[METRICS], sd[METRICS]; size_t n, rows; };      /* n 0: too few rows */
struct sample gathered_sample(const struct gathered *r, size_t from, size_t n);
bool measuring_order(struct measuring *w);       /* the reference's rows by time; false: there is no time axis */
struct chunks measuring_chunks(const struct measuring *w, size_t rows);
void measuring_put(struct measuring *w, const struct cbpe *open, const struct chunks *c);        /* open NULL: the current data have labels */
void measuring_confusion(struct measuring *w);
void measuring_calibration(struct measuring *w); /* bins, and the calibration errors into at_ref and at_cur */
#endif
