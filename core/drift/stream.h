/* stream -- detectors that watch one value after the other: ADWIN, Page-Hinkley, DDM, EDDM, HDDM_A, HDDM_W, KSWIN.
 *
 * One file core/drift/stream_<id>.c and one row in tests.am each. All start anew with the first value after a detection.
 * Values   not finite ones are passed over: the state stays what it was. Errors are 0 or not 0.
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
	size_t size;                                 /* of the state; any bytes before init */
	void (*init)(void *state, const double *params, uint64_t seed);   /* params: one for each name, within sense; NULL: the defaults */
	enum stream_state (*add)(void *state, double value);
	void (*done)(void *state);                   /* frees what init and add made */
};
size_t stream_count(void);
const struct stream_class *stream_at(size_t i);
const struct stream_class *stream_find(const char *id);

/* For the detectors' own files: a mean that is brought up to date value by value. */
struct running { double n, mean; };
struct running running_add(struct running r, double v);
#endif
