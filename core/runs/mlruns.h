/* mlruns -- the parts of the importer of MLflow file stores.
 *
 * Units    the store is a heap of small folders: experiment, run, logged model, trace,
 *          registered model, version. Each is a unit: it is read again as a whole when the
 *          stamp of its files (names, inodes, sizes, ctimes) is not the one remembered.
 * Memory   source_memo holds a row a unit, key "<kind>/<folder...>", value its stamp; while
 *          a run is not finished also how far each of its metric files was read.
 * Passes   a full pass stats every file. A hot pass lists experiments whose folder changed and looks
 *          into unfinished runs; the full one is put off so that it takes at most a
 *          twentieth of the time.
 * Safety   every file is opened below its unit's descriptor, regular files only,
 *          without following symbolic links inside a unit; sizes are limited.
 */
#ifndef MLYARD_RUNS_MLRUNS_H
#define MLYARD_RUNS_MLRUNS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/io/yamldoc.h"
#include "core/runs/import.h"
#include "core/runs/sink.h"

enum { MLRUNS_MOST_VALUE = 64 << 20, MLRUNS_MOST_FILES = 500000, MLRUNS_MOST_DEPTH = 32 };

struct mlruns {
	struct import_job *job; struct sink *sink;
	struct map *touched;             /* memo keys of this pass */
	struct map *datasets;            /* "<experiment>/<folder>" -> entity + 1; 0: unreadable */
	bool full, damaged;              /* damaged: a folder could not be listed, so nothing is marked gone */
	int64_t seq, now_ns, runs;
};

/* ---- mlruns_dir.c ---- */
struct unit_file { const char *rel; int64_t size, changed_ns; uint64_t ino; };   /* changed: ctime, which nobody can set back */
struct unit {
	struct mlruns *m;
	int fd; char *path;              /* path: for words */
	struct arena *arena;
	struct unit_file *files; size_t n, cap;
	uint64_t stamp;
	bool unsettled;                  /* a file changed this very moment: look again next time */
};
/* Opens folder `name` below `at` and stats its `parts` (files, or folders with all below). False: not there or not to be read. */
bool unit_open(struct mlruns *m, struct unit *u, int at, const char *at_path, const char *name, const char *const *parts);
void unit_close(struct unit *u);
const struct unit_file *unit_file(const struct unit *u, const char *rel);        /* NULL: not there */
/* Appends a file's bytes; false (and a problem noted) when it cannot be read. */
bool unit_read(struct unit *u, const char *rel, size_t limit, struct str *out);
int unit_open_file(struct unit *u, const char *rel);                             /* -1 and a problem noted */
struct yamldoc *unit_yaml(struct unit *u, const char *rel);                         /* NULL and a problem noted */
bool unit_is_part(const struct unit_file *f, const char *part, const char **key);   /* key: what follows "<part>/" */
/* Puts all files of a part as the owner's whole set. */
void unit_put_set(struct unit *u, const char *part, enum sink_set set, size_t owner);
/* Names in a folder, sorted; hidden ones left out. NULL-terminated; NULL when it cannot be listed. */
char **dir_names(struct mlruns *m, int at, const char *name, const char *path);
void dir_names_free(char **names);
int dir_open(int at, const char *name);
/* Whether `folder` holds the file; when that cannot be told (rights), a problem is noted. */
bool dir_has(struct mlruns *m, int at, const char *folder, const char *name, const char *path);

/* ---- import_mlruns.c ---- */
/* Whether the memo of this key still has this stamp; also marks the key as alive. */
bool memo_same(struct mlruns *m, const char *key, const struct unit *u);
void memo_put(struct mlruns *m, const char *key, const struct unit *u);
char *memo_get(struct mlruns *m, const char *key);                               /* new; NULL: none */
enum status mlruns_pace(struct mlruns *m, struct err *e);
enum status mlruns_flush(struct mlruns *m, struct err *e);

/* ---- mlruns_watch.c ---- */
int64_t mlruns_now_ns(void);                                                     /* the clock of file times, never injected */
enum status mlruns_fingerprint(const char *path, struct str *out, struct err *e);
void mlruns_watch(struct store *s, int64_t source_id, const char *path, struct str *out);

/* ---- the kinds ---- */
struct mlruns_experiment { const char *id, *path; int fd; size_t index; };
enum status mlruns_read_run(struct mlruns *m, const struct mlruns_experiment *x, const char *name, struct err *e);
/* Entity of a data set's folder, SINK_NONE when there is none to be read. */
size_t mlruns_dataset(struct mlruns *m, const struct mlruns_experiment *x, const char *folder);
enum status mlruns_read_logged(struct mlruns *m, const struct mlruns_experiment *x, const char *name, struct err *e);
enum status mlruns_read_registry(struct mlruns *m, int root, const char *path, struct err *e);
enum status mlruns_read_trace(struct mlruns *m, const struct mlruns_experiment *x, const char *name, struct err *e);

/* Attributes out of a meta file. */
struct val meta_text(const struct yamldoc_node *map, const char *key);              /* null: VAL_NULL */
struct val meta_word(const struct yamldoc_node *map, const char *key);              /* null: "" */
struct val meta_int(const struct yamldoc_node *map, const char *key);
struct val meta_deleted(const struct yamldoc_node *map);
bool meta_is(const struct yamldoc_node *map, const char *key, const char *word);
#endif
