/* monitor -- a standing comparison: a file says reference, source, windows, limits and who is told; a workspace keeps what it saw.
 *
 * File     YAML, with line and column for every finding; docs/monitors.md describes it. Secrets (addresses of hooks, passwords) come from the environment
 *          or from files that it names; a secret in the file itself is refused.
 * Windows  of time (`every: 1d`, on a time column), of rows (`rows: 5000`, `step:` for sliding ones), or the files of a folder, in order. A run looks at each complete
 *          window that was not looked at yet, oldest first, and so catches up what was missed.
 * Lock     one run of a monitor at a time over all processes (flock on a file beside the workspace); the second is refused and says who is at it.
 * Red      `after: N` windows in a row beyond the limits raise an alert, `clear: M` in a row within them end it. Silenced monitors look and keep, but tell nobody.
 * Sure     alert and what is to be sent are written in one transaction with the window; outbox.h sends.
 */
#ifndef MLYARD_DRIFT_MONITOR_H
#define MLYARD_DRIFT_MONITOR_H
#include "core/drift/job.h"
#include "core/drift/report.h"
#include "core/store/store.h"

struct monitor_file;                             /* as read; monitor_impl.h */
enum status monitor_parse(const char *text, size_t n, const char *path, struct monitor_file **out, struct err *e);
void monitor_file_free(struct monitor_file *f);

struct monitor_row {
	int64_t id; const char *name, *path, *model; int64_t version;
	const char *state; int64_t state_ms, ran_ms, next_ms, silent_until_ms; const char *silent_why, *baseline;      /* ran_ms, next_ms 0: never, unknown */
	size_t windows, missing, failed, alerts_open, waiting;   /* waiting: to be sent */
	const char *last_key, *last_verdict; int64_t last_report;
};
struct monitor_rows { struct monitor_row *at; size_t n; struct arena *arena; };
enum status monitor_list(struct store *s, struct monitor_rows **out, struct err *e);         /* worst first */
void monitor_rows_free(struct monitor_rows *r);
enum status monitor_find(struct store *s, const char *name, int64_t *id, struct err *e);

/* Adds the monitor of a file, or takes its changes over. */
enum status monitor_add(struct store *s, const char *path, int64_t *id, struct err *e);
enum status monitor_remove(struct store *s, int64_t id, struct err *e);
enum status monitor_silence(struct store *s, int64_t id, int64_t until_ms, const char *why, struct err *e);    /* until 0: no more */
/* The window's data become the reference of later windows; "": back to the file's. */
enum status monitor_baseline(struct store *s, int64_t id, const char *window_key, struct err *e);
struct monitor_done { size_t windows, drifted, missing, failed, alerts, left; };         /* drifted: beyond the limits; left: due, but more than one run catches up */
/* Looks at what is due. ST_REFUSED when another process does. A source that cannot be read is an alert of its own, not an error. now_ms: what counts as complete. */
enum status monitor_run(struct store_pool *pool, int64_t id, int64_t now_ms, struct task *t, struct monitor_done *out, struct err *e);

/* ---- alerts ---- */
struct alert_row { int64_t id, monitor_id, ms, acked_ms, closed_ms, report_id; const char *monitor, *window_key, *kind, *state, *title, *acked_by, *note; size_t waiting, sent, failed;
	const char *retrain, *retrain_error; int64_t retrain_ms; };       /* on_red: waiting, sending (it runs), sent (ended well), failed, withheld; "": none. When it began, or is to */
struct alert_rows { struct alert_row *at; size_t n; struct arena *arena; };
struct alert_query { int64_t monitor_id; bool open_only; size_t most; };       /* 0: all monitors; 0: all */
enum status alert_list(struct store *s, const struct alert_query *q, struct alert_rows **out, struct err *e);  /* open first, newest first */
void alert_rows_free(struct alert_rows *r);
void alert_told_words(const struct alert_row *a, struct str *out);          /* "2 sent, 1 given up, retraining runs"; "" when nobody was told */
const char *alert_retrain_words(const struct alert_row *a);                 /* "retraining runs"; "": there is none */
enum status alert_ack(struct store *s, int64_t id, const char *by, const char *note, struct err *e);
#endif
