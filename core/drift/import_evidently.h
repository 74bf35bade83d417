/* import_evidently -- results of Evidently as a report of ours: reports, test suites and snapshots of 0.2 to 0.6 ("old"), reports and snapshots of 0.6.7 and later ("new"), profiles of
 * 0.1, and the pages (HTML) of all since 0.2.
 *
 * Taken    per column: name, type, method, threshold, score, drifted, distributions, and what describes it; of the data set: verdict, share, rows; tests that are not about
 *          drift as findings; a model's metrics as performance. What else a file holds is named in a note.
 * Unknown  what the files do not say. Where a new file holds no tests, the outcome follows from score, threshold and the direction of the method; without a method it cannot be
 *          known and the column says so.
 * Literals NaN, Infinity and -Infinity, which Python writes, are read.
 */
#ifndef MLYARD_DRIFT_IMPORT_EVIDENTLY_H
#define MLYARD_DRIFT_IMPORT_EVIDENTLY_H
#include "core/drift/report.h"
/* ST_FAILED: no JSON, or none of these files; ST_NOT_FOUND: one of them, but with nothing that a report could show. */
enum status import_evidently(const char *text, size_t n, const char *name, struct report **out, struct err *e);
#endif
