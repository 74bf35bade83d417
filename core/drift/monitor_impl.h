/* monitor_impl -- a monitor's file as read, and what the files monitor_*.c, alerts.c, outbox.c and notify_*.c share.
 *
 * File     struct monitor_file lives in its arena, immutable. Paths are absolute or relative to `folder`, the folder of the file.
 * Run      monitor_due lists complete windows that were not looked at; monitor_keep writes what came of one, in one transaction.
 */
#ifndef MLYARD_DRIFT_MONITOR_IMPL_H
#define MLYARD_DRIFT_MONITOR_IMPL_H
#include "core/drift/monitor.h"
#include "core/io/yamlread.h"
#include "core/io/zone.h"

enum {
	MONITOR_MOST_BYTES = 256 << 10, MONITOR_MOST_COLUMNS = 4096, MONITOR_MOST_TELL = 16, MONITOR_MOST_ARGS = 64, MONITOR_MOST_HEADERS = 16,
	MONITOR_MOST_WINDOWS = 20000,                /* time windows between first row and now */
	MONITOR_CATCH_UP = 200,                      /* windows a run looks at unless the file says otherwise */
	MONITOR_NAME_MAX = 100,
};

enum source_kind { SOURCE_NONE, SOURCE_FOLDER, SOURCE_FILE, SOURCE_SQLITE, SOURCE_POSTGRES };
enum window_kind { WINDOW_NONE, WINDOW_FILES, WINDOW_TIME, WINDOW_ROWS };
struct monitor_source { enum source_kind kind; const char *path, *glob, *query; };     /* glob of a folder; query: table or SELECT */
/* every_ms of files: how often one comes, 0: not said. zone NULL: UTC. */
struct monitor_window { enum window_kind kind; int64_t every_ms, wait_ms, settle_ms, rows, step; const char *time; const struct zone *zone; };
enum missing { MISSING_TELL, MISSING_IGNORE, MISSING_ALERT };
struct monitor_column_limit { const char *column; bool drifted; double effect; };    /* drifted: its verdict counts; else the effect of its primary test */
struct monitor_metric_limit { const char *metric; bool worse; double value; };       /* worse: as the report judges; else beyond the value, on the bad side */
enum red_when { RED_DRIFTED, RED_WATCH, RED_NEVER };
struct monitor_limits {
	enum red_when when; bool has_when; double share;         /* share 0: none */
	struct monitor_column_limit *columns; size_t n_columns;
	struct monitor_metric_limit *metrics; size_t n_metrics;
	int after, clear;
};

/* A value that is no business of the file: exactly one of the three is set where there is one. */
struct monitor_secret { const char *literal, *env, *file; };
enum tell_on { TELL_DRIFT = 1, TELL_RECOVERED = 2, TELL_TROUBLE = 4, TELL_MISSING = 8, TELL_ACKNOWLEDGED = 16, TELL_ALL = 31 };
unsigned tell_bit(const char *kind);             /* of an alert's kind, which is the word in on:; 0: there is none */
struct monitor_header { const char *name; struct monitor_secret value; };
struct notify_kind;
struct monitor_tell {
	const struct notify_kind *kind; unsigned on;
	struct monitor_secret url, password;         /* url: of hooks; password: also PagerDuty's routing key */
	const char *user, *from, **to; size_t n_to;
	const char **argv; size_t n_argv; int64_t timeout_ms;    /* argv ends with NULL */
	struct monitor_header *headers; size_t n_headers;
	struct yamldoc_place at;
};
struct monitor_file {
	struct arena *arena;
	const char *path, *folder, *name, *model, *version;      /* model "": none; version: as written, "": all */
	const char *reference, *reference_query;
	struct monitor_source source;
	struct monitor_window window;
	int64_t start_ms, schedule_ms; bool has_start; enum missing missing; int catch_up;
	const struct drift_test **tests; size_t n_tests;
	const char **columns; size_t n_columns;
	struct frame_override *types; size_t n_types;
	struct drift_roles roles;
	struct frame_options read;                   /* format, delimiter, decimal, encoding, header, budget */
	double alpha; bool evidently, no_calibration;
	struct monitor_limits limits;
	struct monitor_tell *tell; size_t n_tell;
	struct monitor_tell on_red; bool has_on_red; /* a command */
};
/* As monitor_parse, and every finding as a line of `findings` (may be NULL). */
enum status monitor_read(const char *text, size_t n, const char *path, struct monitor_file **out, struct str *findings, struct err *e);
/* The same for a file on disk; its text into *text where that is not NULL. */
enum status monitor_load(const char *path, struct monitor_file **out, struct str *text, struct str *findings, struct err *e);
char *monitor_path(const struct monitor_file *f, const char *path);      /* absolute, or the address of a database; new */
/* tell: and on_red: (monitor_tell.c). */
void monitor_take_tell(struct reading *r, const struct yamldoc_node *x, void *into);
void monitor_take_on_red(struct reading *r, const struct yamldoc_node *x, void *into);
void monitor_take_limits(struct reading *r, const struct yamldoc_node *x, void *into);
double *monitor_take_number(struct reading *r, const struct yamldoc_node *x, double least, double most, double *out);  /* NULL: a finding */

/* What the file (whose text is given) names and nobody has: the model (s NULL: not looked for), columns of the reference, metrics; lines with their places, appended
 * to notes. An error is about the reference, which cannot be read (monitor_names.c). */
enum status monitor_check_names(struct store *s, const struct monitor_file *f, const char *text, size_t n, struct task *t, struct str *notes, struct err *e);

/* ---- windows (monitor_windows.c) ---- */
/* silent: missing, and nothing came after it; late: it failed before, and later ones were looked at. */
struct due_window { int64_t seq, first, last; const char *key; bool missing, silent, late; };
struct due { struct due_window *at; size_t n, left, unshown; struct arena *arena; int64_t next_ms; };      /* left: beyond the catch-up limit; unshown: files passed over for their names */
struct monitor_seen { int64_t id, added_ms; bool again; };   /* what the workspace knows of it; again: every window that failed is due, not only the newest */
/* s NULL: as if nothing was looked at. */
enum status monitor_due(struct store *s, const struct monitor_file *f, const struct monitor_seen *known, int64_t now_ms, struct task *t, struct due *out,
	struct err *e);
void due_free(struct due *d);
/* The side of a comparison that a window is. Texts are the arena's or the file's. */
void monitor_side(const struct monitor_file *f, int64_t first, int64_t last, const char *key, struct arena *a, const char **path, struct drift_rows *rows);

/* ---- state (monitor_state.c) ---- */
struct hysteresis { int64_t red, green; bool open; };        /* windows in a row; an alert is open */
enum hysteresis_step { STEP_NONE, STEP_OPENS, STEP_CLOSES };
enum hysteresis_step hysteresis_step(struct hysteresis *h, bool red, int after, int clear);
/* Whether a report passes the limits; why, in words, appended. */
bool monitor_is_red(const struct monitor_limits *l, const struct report *r, struct str *why);
struct window_result { const struct due_window *w; enum { RESULT_DONE, RESULT_MISSING, RESULT_FAILED } kind; const struct report *report; const char *why; };
/* Window, report, state, alert and what is to be sent, in one transaction. */
enum status monitor_keep(struct store *s, const struct monitor_file *f, int64_t id, const struct window_result *w, int64_t now_ms,
	struct monitor_done *done, struct err *e);
/* Trouble with the whole source: an alert when there is none; why NULL: it ended. */
enum status monitor_trouble(struct store *s, const struct monitor_file *f, int64_t id, const char *window, const char *why, int64_t now_ms,
	struct monitor_done *done, struct err *e);

/* ---- alerts (alerts.c): inside a change ---- */
/* of: the alert that this one ends; 0: none. */
struct alert_new { int64_t monitor_id, of, ms, report_id, version; const char *window, *kind, *title, *why; const struct report *report; bool silenced; };
enum status alert_make(struct store *s, const struct monitor_file *f, const struct alert_new *a, int64_t *id, struct err *e);
enum status alert_close(struct store *s, int64_t id, int64_t now_ms, struct err *e);

/* ---- locks (monitor_lock.c) ---- */
/* flock on "<workspace>.<name>.lock"; *fd to close. Waits up to wait_ms. ST_REFUSED says who holds it and since when. */
enum status monitor_lock(const char *workspace, const char *name, int wait_ms, int *fd, struct err *e);
void monitor_unlock(int fd);

/* ---- running, with words (monitor_run.c) ---- */
typedef void (*monitor_tell_fn)(void *arg, const char *line);
struct monitor_watching { monitor_tell_fn say; void *arg; bool quiet_outbox, again; };       /* quiet_outbox: the caller sends; again: failed windows, too */
enum status monitor_run_saying(struct store_pool *pool, int64_t id, int64_t now_ms, struct task *t, const struct monitor_watching *w,
	struct monitor_done *out, struct err *e);
/* For tests: called at named points of a run ("compared", "stored", "committed", "sending", "sent"); NULL else. Set before threads start. */
extern void (*monitor_test_point)(const char *point);
void monitor_at_point(const char *point);

extern const char monitor_example[];             /* a documented file to start from */
#endif
