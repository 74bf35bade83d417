/* monitor_due -- what the files share that find out which windows are due: monitor_windows.c (time, rows), monitor_files.c (files of a folder), monitor_grid.c (when
 * windows of time begin). */
#ifndef MLYARD_DRIFT_MONITOR_DUE_H
#define MLYARD_DRIFT_MONITOR_DUE_H
#include "core/base/map.h"
#include "core/drift/monitor_impl.h"

/* What was looked at: a key's value is its seq. What may still become a window is in a map of its own: those that failed and are to be looked at again, and
 * those that were missing. last_done: the last one that was not missing. */
struct seen { struct map *keys, *failed, *missing; int64_t last_seq, first_again, first_missing, last_done; bool any; };
bool seen_in(struct map *m, const char *key, int64_t *seq);
bool is_late(const struct seen *seen, int64_t seq);        /* later ones were looked at: it says nothing of how things are now */
struct due_window *due_add(struct due *d, size_t *cap);
enum status due_files(const struct monitor_file *f, const struct seen *seen, int64_t added_ms, int64_t now_ms, struct due *d, struct err *e);

/* ---- windows of time: number k begins at grid_start(k) and ends where the next one begins ---- */
int64_t grid_start(const struct monitor_window *w, int64_t k);
int64_t grid_at(const struct monitor_window *w, int64_t ms);             /* the window that holds a moment */
int64_t grid_at_local(const struct monitor_window *w, int64_t local_ms); /* ... that holds what a clock of the zone shows, as if it were UTC */
const char *grid_key(struct arena *a, const struct monitor_window *w, int64_t k);
#endif
