/* verdict_impl -- what the files that make a verdict share. A column's work is one thread's until all are joined. */
#ifndef MLYARD_DRIFT_VERDICT_IMPL_H
#define MLYARD_DRIFT_VERDICT_IMPL_H
#include <stdatomic.h>
#include "core/drift/joint.h"
#include "core/drift/quality.h"
#include "core/drift/verdict.h"
#include "core/io/sketch.h"

enum { MOST_REASONS = 12 };
struct column_work {
	const struct frame_col *ref, *cur;           /* one may be NULL */
	struct report_column out;
	struct report_test tests[VERDICT_TESTS + 4]; size_t n_tests;
	const char *reasons[MOST_REASONS]; size_t n_reasons;
	struct arena *arena; struct pair_room *room; /* of the thread that does it */
	bool text_length;                            /* texts are compared by length */
	struct text_result text; bool has_text;      /* and by their words */
	double sure_alpha; bool unsure;              /* of sketches: the upper end of an interval would be drift */
	size_t together;                             /* tests whose smallest p decides, primary; 0: one */
	size_t partner;                              /* of numbers: the test of spread, which decides beside the primary one; 0: none */
	double spread_p;                             /* its p, the more careful one (test_levene.c) */
	struct evidently {                           /* what Evidently would say; filled in its mode */
		const struct drift_test *test; const char *left_out;
		double score, threshold, null_value; bool judged, drifted; size_t at;   /* at: of its test among the column's */
	} theirs;
	struct fences { double low, high; } fences;  /* Tukey's, of the reference; NaN: none */
};
struct compare {
	const struct frame *ref, *cur;
	const struct drift_options *o;
	double alpha;
	struct column_work *work; size_t n;
	struct quality_pairs pairs;
	const struct drift_options *asked;           /* of sketches: what was asked for; o has what is done */
	const struct sketch *sketch_ref, *sketch_cur;        /* NULL: ref and cur hold the data; else only their faces */
	atomic_size_t next, done;
	uint32_t *order; size_t n_order, n_chunks;   /* rows of the reference by time; n_chunks 0: no calibration */
	const char *time_name;
};
extern const char late_labels[];              /* a status: "no labels yet" */
bool is_words(enum frame_type t);
const char *label_of(struct arena *a, const char *p, size_t n);      /* cleaned and not too long to show */
void work_reason(struct column_work *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const struct drift_test *work_test(const struct column_work *w, size_t i);
/* verdict_column.c: everything of one column but what needs the others */
bool labels_late(const struct column_work *w, size_t n_ref, size_t n_cur);     /* the target has values in the reference only */
void labels_note(struct column_work *w);
void compare_column(struct compare *c, struct column_work *w);
void column_list_absent(struct column_work *w, const struct pair *p);          /* new and lost categories */
bool column_by_shares(const struct pair *p);      /* few values: they are compared by their shares */
void column_fill(struct compare *c, struct column_work *w, const struct pair *p, const struct frame_col *ref);
void work_run(struct column_work *w, const char *id, const struct pair *p, bool primary);     /* the test, once */
/* verdict_sketch.c */
void sketch_face(const struct sketch *s, struct frame *f);           /* cols are to be freed */
void sketch_column(struct compare *c, struct column_work *w);
void sketch_watch(struct compare *c);
void sketch_notes(const struct compare *c, struct report *r, const char **notes);
/* verdict_text.c */
void text_compare(struct column_work *w);
void text_tests(struct column_work *w);      /* after all others of the column */
bool is_content_test(const struct report_test *t);
void text_reason(struct column_work *w);
/* verdict_picture.c */
void picture_fill(struct column_work *w, const struct pair *p);
/* verdict_floors.c */
void floors_prepare(struct compare *c);
void floors_calibrate(const struct compare *c, struct column_work *w, const struct frame_col *ref);
/* verdict_judge.c */
void judge_columns(struct compare *c);
/* compat_evidently.c */
void evidently_column(const struct compare *c, struct column_work *w, const struct pair *p);
void evidently_judge(struct compare *c);
#endif
