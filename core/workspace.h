/* workspace -- an open workspace: its file, its sources, what the command line said of it.
 *
 * Why      panes, verbs, importers and tasks all need the same three things: the
 *          pool of connections, the tasks, and whether writing is allowed.
 * Kinds    a named file (-w FILE), the default one under the data folder, or a cached
 *          one beside the user's cache folder that mirrors the PATHs given: the
 *          sources themselves are only ever read.
 * Threads  made and closed on the UI thread; `pool` may be used from any.
 */
#ifndef MLYARD_WORKSPACE_H
#define MLYARD_WORKSPACE_H
#include <stdbool.h>
#include <stddef.h>
#include "core/base/status.h"
#include "core/store/store.h"

struct workspace {
	struct store_pool *pool;
	char *title;             /* for the top bar: file name without folder, or "demo" */
	char **sources;          /* paths to import and follow; NULL-terminated; may be empty */
	bool read_only;
	char *broken;            /* why the audit log is not the one that was seen before; NULL: it is. A notice says so, too */
};
struct workspace_spec {
	const char *file;        /* -w; NULL: by paths, else the default */
	char *const *paths;      /* PATH...; NULL-terminated; may be NULL */
	bool read_only;          /* nobody changes anything; a cached mirror is still brought up to date */
	bool demo;
	bool must_exist;         /* do not make a named or default workspace: ST_NOT_FOUND with the cure */
};
/* The file that workspace_open would open; new string. Looks at the paths, opens nothing. */
enum status workspace_locate(const struct workspace_spec *spec, char **file, struct err *e);
/* A workspace by what is in it, whatever its name. */
bool workspace_is_file(const char *path);
/* The folder of the demo's store: $MLYARD_DEMO, beside the program or its sources, or installed. New string. */
enum status workspace_demo_dir(char **dir, struct err *e);
/* Opens or makes it. PATHs that hold nothing readable: ST_NOT_FOUND with what was looked for. */
enum status workspace_open(const struct workspace_spec *spec, struct workspace **out, struct err *e);
void workspace_close(struct workspace *ws);
#endif
