/* import -- bring what other trackers wrote into the workspace, again and again, without harm.
 *
 * Rules    a source is only ever read, in short transactions, retried while busy,
 *          never locked in a way that makes its writer fail. What cannot be read is
 *          counted and named in the report and never stops the rest. A second import
 *          of an unchanged store is decided by its fingerprint alone. Each batch
 *          commits with its cursor: a killed import goes on where it was.
 * Gone     what was deleted in the source, or removed from it for good (mlflow gc, a
 *          deleted model), is kept here and marked deleted; it comes back when it does there.
 *          Tags, params, aliases and edges have no such mark: they mirror the source.
 * Two at once   several processes may import one source: each commit checks that the cursor
 *          is the one it started from, else the pass starts again from the other's.
 * Extend   a format is one file (import_<id>.c) and one row in runs.am.
 */
#ifndef MLYARD_RUNS_IMPORT_H
#define MLYARD_RUNS_IMPORT_H
#include <stdbool.h>
#include <stdint.h>
#include "core/base/str.h"
#include "core/base/tasks.h"
#include "core/store/store.h"

struct import_report {
	int64_t experiments, runs, points, params, tags, datasets, models, versions, logged_models, traces;   /* added or changed */
	int64_t problems;              /* things that could not be read */
	struct str lines;              /* one problem per line, the first 100, cleaned: place and cure */
	bool unchanged;                /* the fingerprint said so and nothing else was done; or a hot pass found nothing new */
	int64_t took_ms;
};
void import_report_free(struct import_report *r);

struct import_job {                /* what an importer works with */
	struct store *store; int64_t source_id; const char *path;
	struct task *task;             /* progress and cancel; may be NULL */
	struct import_report *report;
	bool hot;                      /* following: look first at what changes while runs train */
	bool incomplete;               /* something was not read that may be readable next time: keep no fingerprint */
	bool again;                    /* set when a pass must start over: the source or its cursor moved under it */
	char *state;                   /* the importer's own memory: source.state as last committed; owned by the job */
	char *end_state;               /* what it leaves behind, committed with the fingerprint; NULL: as it is */
};
/* Counts a thing that could not be read and keeps its words: place and cure. */
void import_problem(struct import_job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct importer {
	const char *id, *title;        /* "mlflow-sqlite", "MLflow database" */
	bool slow_fingerprint;         /* it looks at every file: hot passes do without */
	bool (*probe)(const char *path);                                   /* cheap: is it mine? */
	enum status (*fingerprint)(const char *path, struct str *out, struct err *e);
	enum status (*run)(struct import_job *job, struct err *e);
	/* Why `path`, which nobody's probe took, is not mine though it looks so; NULL: it does not. New string. */
	char *(*why_not)(const char *path);
	/* Files and folders whose change means "look again": one per line; for inotify and for polling. */
	void (*watch)(struct store *s, int64_t source_id, const char *path, struct str *out);
};
size_t import_count(void);
const struct importer *import_at(size_t i);
const struct importer *import_probe(const char *path);                     /* NULL: nobody's */
/* Looks for sources at path: itself, or (a folder) what it holds, two levels deep. New NULL-terminated array of new strings. */
char **import_discover(const char *path);
/* The same for people: when there is no source, why, with the path: not there, not allowed, damaged, something else. */
enum status import_find(const char *path, char ***found, struct err *e);
void import_paths_free(char **paths);
/* One source. Takes the gate in short turns. */
enum status import_path(struct store_pool *pool, const char *path, struct task *t, struct import_report *r, struct err *e);
/* The same while following a live source: new runs, points, params and tags at once; comparing all that is
 * already here (edited tags, removed runs) may be put off so that it takes at most a twentieth of the time.
 * follow_due() names the path again when that is due. */
enum status import_hot(struct store_pool *pool, const char *path, struct task *t, struct import_report *r, struct err *e);

/* Following: says when a source may have changed. inotify where it works, stat() polling else. */
struct follow;
struct follow *follow_new(struct store_pool *pool, char *const *paths);
int follow_fd(const struct follow *f);             /* readable: call follow_due; wakes for polls and merged bursts too */
int follow_poll_ms(const struct follow *f);        /* how often to call follow_due anyway */
/* Paths that may have changed since the last call: borrowed, NULL-terminated; cheap. Bursts are merged (100 ms).
 * A path is not named again until follow_rescan() tells that its import ended, or 10 s passed. */
char *const *follow_due(struct follow *f);
void follow_rescan(struct follow *f, const char *path);   /* after an import of path: its watch list may have changed */
/* The end is near: nothing is watched any more. The kernel needs up to 20 ms to let go of watches, and the free, which may come
 * later then, waits for that. */
void follow_stop(struct follow *f);
void follow_free(struct follow *f);
#endif
