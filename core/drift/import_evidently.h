/* import_evidently -- drift results of Evidently's JSON files as a report of ours: reports and snapshots of 0.2 to 0.6 ("old"), reports and snapshots of 0.7 ("new").
 *
 * Taken    per column: name, type, method, threshold, score, drifted, and bars where both sides have the same ones; of the data set: its verdict and share.
 * Unknown  rows, missing values, everything that the files do not say. Where a file of 0.7 holds no tests, the outcome follows from score, threshold and the direction of the
 *          method; without a method it cannot be known and the column says so.
 * Literals NaN, Infinity and -Infinity, which Python writes, are read.
 */
#ifndef MLYARD_DRIFT_IMPORT_EVIDENTLY_H
#define MLYARD_DRIFT_IMPORT_EVIDENTLY_H
#include "core/drift/report.h"
/* ST_FAILED: no JSON, or none of these files; ST_NOT_FOUND: one of them, but without drift results. */
enum status import_evidently(const char *text, size_t n, const char *name, struct report **out, struct err *e);
#endif
