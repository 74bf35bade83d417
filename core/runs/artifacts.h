/* artifacts -- the files of a run, read where they lie, bounded, never followed out of their folder.
 *
 * Resolving   a recorded URI is a plain path, file://, or mlflow-artifacts:/ (of a local server); when the
 *             path does not exist, its tail (<experiment>/<run>/artifacts, models/...) is tried
 *             beside the source, so that a store copied from another machine still opens. Other
 *             schemes: ST_UNREACHABLE naming the scheme.
 * Nothing there   trackers make a run's folder with its first file. When the experiment's folder exists, or the recorded
 *             place lies in the source's own folder, the run simply has none: ST_OK with n == 0. Otherwise ST_NOT_FOUND with
 *             what was looked for.
 * Models      what a run logged as a model since MLflow 3 lies elsewhere; like MLflow's client the listing shows it as a
 *             folder of the model's name (of its id when that name is taken).
 * Safety      openat2(RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS), component by component where the kernel lacks it;
 *             regular files only; a FIFO never blocks.
 */
#ifndef MLYARD_RUNS_ARTIFACTS_H
#define MLYARD_RUNS_ARTIFACTS_H
#include <stdbool.h>
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/base/tasks.h"
#include "core/runs/runs.h"

struct artifact { char *path; int64_t size; bool is_dir; int depth; };   /* path relative to the root, '/' between, bytes as on disk */
/* depth-first, folders first, by name; cut: more than `most`, or deeper than 64; skipped: links, devices and the like left out */
struct artifacts { char *root; struct artifact *at; size_t n; bool cut; size_t skipped; };
enum status artifacts_list(const struct run_detail *run, size_t most, struct artifacts **out, struct err *e);
void artifacts_free(struct artifacts *a);
/* At most `limit` bytes from the start of one file; *size its whole size. */
enum status artifacts_read(const struct run_detail *run, const char *path, size_t limit, struct str *out, int64_t *size, struct err *e);
/* The same file as a descriptor for reading, the caller closes it; -1 on failure, with e filled. */
int artifacts_open(const struct run_detail *run, const char *path, int64_t *size, struct err *e);
/* Where the run's own files are: a new string; *exists says whether the folder is there. */
enum status artifacts_root(const struct run_detail *run, char **root, bool *exists, struct err *e);
/* The same for any recorded place; the path that is looked for beside the source keeps the part `id`. */
enum status artifacts_place(const char *uri, const char *id, const char *source_uri, char **root, bool *exists, struct err *e);
#endif
