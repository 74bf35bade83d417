/* monitor_store -- rows of monitors as runs and the outbox need them. */
#ifndef MLYARD_DRIFT_MONITOR_STORE_H
#define MLYARD_DRIFT_MONITOR_STORE_H
#include "core/drift/monitor_impl.h"

struct monitor_known { int64_t id, version, added_ms, silent_until_ms; const char *name, *path, *text, *baseline; };
enum status monitor_row_load(struct store *s, int64_t id, struct arena *a, struct monitor_known *out, struct err *e);
enum status monitor_window_load(struct store *s, int64_t id, const char *key, int64_t *first, int64_t *last, struct err *e);
/* The version of the model that the file names, as the registry has it now; 0: none, or all. */
enum status monitor_model(struct store *s, const struct monitor_file *f, int64_t *version, struct err *e);
/* ST_REFUSED when windows were looked at that the file would cut otherwise: their numbers would mean something else. */
enum status monitor_check_windows(struct store *s, const struct monitor_file *f, const char *known_text, struct err *e);
/* The file changed. */
enum status monitor_take_over(struct store *s, int64_t id, const struct monitor_file *f, const char *text, int64_t version, struct err *e);
enum status monitor_ran(struct store *s, int64_t id, int64_t now_ms, int64_t next_ms, struct err *e);
#endif
