/* stream -- detectors that watch one value after the other: ADWIN, Page-Hinkley, DDM, EDDM, HDDM_A, HDDM_W, KSWIN.
 *
 * One file core/drift/stream_<id>.c and one row in tests.am each. All start anew with the first value after a detection.
 * Memory   bounded, stated in each file. Threads: a detector belongs to its caller.
 */
#ifndef MLYARD_DRIFT_STREAM_H
#define MLYARD_DRIFT_STREAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
enum stream_state { STREAM_QUIET, STREAM_WARNING, STREAM_DRIFT };
struct stream_class {
	const char *id, *title, *source;             /* "adwin", "ADWIN", "Bifet and Gavalda 2007" */
	bool errors_only;                            /* input is 0 or 1: an error */
	const char *params[8]; double defaults[8];   /* names and defaults, NULL-terminated */
	size_t size;                                 /* of the state */
	void (*init)(void *state, const double *params, uint64_t seed);
	enum stream_state (*add)(void *state, double value);
	void (*done)(void *state);                   /* frees what init and add made */
};
size_t stream_count(void);
const struct stream_class *stream_at(size_t i);
const struct stream_class *stream_find(const char *id);
#endif
