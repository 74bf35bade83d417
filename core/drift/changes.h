/* changes -- where detectors see a series of values change: any number of detectors in one pass, series of any length.
 *
 * Change   the value at which a detector fired (it starts anew with the next), the mean of the values since the change before (or the
 *          start) up to it, and of those behind it up to the next change (or the end).
 * Scale    Page-Hinkley's tolerance and limit are in the unit of the data, so it sees (value - median) / spread of the first CHANGES_SCALE
 *          finite values; spread is 1.4826 times the median absolute deviation, where that is 0 the standard deviation, where that
 *          is 0 as well 1. The others take the values as they are.
 * Errors   DDM, EDDM and HDDM take 0 and 1 (an error). With any other finite value they are left out: used is false, odd says why.
 * Places   index counts every value from 0, also those that are not finite, which no detector sees.
 * Memory   the detectors' own, and one struct seen_change a detection. Threads: belongs to its caller.
 */
#ifndef MLYARD_DRIFT_CHANGES_H
#define MLYARD_DRIFT_CHANGES_H
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/drift/stream.h"
enum { CHANGES_SCALE = 30, CHANGES_DETECTORS = 16 };
struct change_at { uint64_t index; int64_t step, ms; };          /* ms: INT64_MIN: not known */
struct seen_change { struct change_at at; double before, after; uint64_t n_before, n_after; };   /* after: NAN when nothing came since */
struct change_detector { const struct stream_class *by; bool used; struct seen_change *at; size_t n, cap; };
struct changes {
	struct change_detector detector[CHANGES_DETECTORS]; size_t n_detectors;
	uint64_t values, not_finite;
	bool has_odd; struct change_at odd; double odd_value;    /* the first that is neither 0 nor 1 */
	double median, spread; bool scaled;                      /* scaled: Page-Hinkley was among them and saw values */
};
struct change_watch;
/* At most CHANGES_DETECTORS. */
struct change_watch *changes_watch(const struct stream_class *const *by, size_t n);
void changes_add(struct change_watch *w, int64_t step, int64_t ms, double value);
struct changes *changes_done(struct change_watch *w);            /* frees the watch */
void changes_free(struct changes *c);
size_t changes_count(const struct changes *c);                   /* of the detectors that were used */
/* Detectors by name, or "all" alone; none named: ADWIN and HDDM_A. ST_USAGE names what is not one. */
enum status changes_detectors(const char *const *names, size_t n_names, const struct stream_class *by[CHANGES_DETECTORS], size_t *n, struct err *e);
/* "HDDM_A watches errors, 0 or 1; the value at index 3 is 0.41". */
void changes_why_unused(const struct changes *c, const struct change_detector *d, struct str *out);
#endif
