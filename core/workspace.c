/* Design
 *
 * Three ways lead to a file: it is named, it is the default one, or it mirrors paths. A mirror lies in the user's
 * cache folder under a digest of the real paths, so that the same words find the same mirror from any folder, and
 * two stores never share one. What a mirror follows is what the paths hold now; a named workspace
 * follows the sources that were imported into it.
 */
#include "core/workspace.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/notice.h"
#include "core/registry/audit.h"
#include "core/runs/import.h"

enum { DIGEST_BYTES = 16, HEADER_BYTES = 72, APPLICATION_ID_AT = 68 };

struct names { char **at; size_t n, cap; };     /* NULL-terminated once it holds anything */

static void names_add(struct names *l, char *name)
{
	MEM_GROW(l->at, l->cap, l->n + 2);
	l->at[l->n++] = name;
	l->at[l->n] = NULL;
}

static void names_free(struct names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- the demo's store ---- */

static char *beside_program(const char *relative)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
	if (!slash)
		return mem_strdup("");
	*slash = '\0';
	return fs_join(exe, relative);
}

enum status workspace_demo_dir(char **dir, struct err *e)
{
	const char *named = getenv("MLYARD_DEMO");
	char *places[] = {
		mem_strdup(named ? named : ""), beside_program("app/demo"), beside_program("../app/demo"),
		beside_program("../share/mlyard/demo"), mem_strdup(MLYARD_DATADIR "/demo"),
	};
	*dir = NULL;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (!*dir && *places[i] && fs_is_dir(places[i]))
			*dir = places[i];
		else
			free(places[i]);
	}
	if (*dir)
		return ST_OK;
	return err_set(e, ST_NOT_FOUND, "the demo's store is not installed (looked in %s/demo); set MLYARD_DEMO to its folder", MLYARD_DATADIR);
}

/* ---- where the file is ---- */

bool workspace_is_file(const char *path)
{
	unsigned char h[HEADER_BYTES];
	FILE *f = fs_is_file(path) ? fopen(path, "rbe") : NULL;
	bool whole = f && fread(h, 1, sizeof h, f) == sizeof h;
	if (f)
		fclose(f);
	const unsigned char *id = h + APPLICATION_ID_AT;
	return whole && memcmp(h, "SQLite format 3", 16) == 0
		&& ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3]) == STORE_APPLICATION_ID;
}

static enum status real_paths(char *const *paths, struct names *out, struct err *e)
{
	for (; *paths; paths++) {
		char *real = realpath(*paths, NULL);
		if (!real)
			return err_set(e, errno == EACCES ? ST_REFUSED : ST_NOT_FOUND, "%s: %s", *paths, strerror(errno));
		names_add(out, real);
	}
	qsort(out->at, out->n, sizeof *out->at, by_name);
	return ST_OK;
}

static char *mirror_path(const struct names *real)
{
	crypto_generichash_state h;
	unsigned char digest[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];
	crypto_generichash_init(&h, NULL, 0, sizeof digest);
	for (size_t i = 0; i < real->n; i++)
		crypto_generichash_update(&h, (const unsigned char *)real->at[i], strlen(real->at[i]) + 1);
	crypto_generichash_final(&h, digest, sizeof digest);
	struct str name = STR_INIT;
	str_addf(&name, "%s.db", sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
	char *cache = fs_cache_dir(), *path = fs_join(cache, name.p);
	free(cache);
	str_free(&name);
	return path;
}

static char *default_path(void)
{
	char *dir = fs_data_dir(), *path = fs_join(dir, "workspace.db");
	free(dir);
	return path;
}

/* What a spec comes down to. */
struct place {
	char *file;
	struct names paths;     /* real paths of a mirror; empty for a file */
};

static void place_free(struct place *p)
{
	free(p->file);
	names_free(&p->paths);
}

static enum status locate(const struct workspace_spec *spec, struct place *p, struct err *e)
{
	char *demo = NULL;
	enum status st = ST_OK;
	if (sodium_init() < 0)
		return err_set(e, ST_FAILED, "libsodium does not start: no source of random numbers");
	if (spec->demo) {
		st = workspace_demo_dir(&demo, e);
		if (st == ST_OK)
			st = real_paths((char *[]){ demo, NULL }, &p->paths, e);
		free(demo);
	} else if (spec->paths && spec->paths[0] && !spec->paths[1] && workspace_is_file(spec->paths[0])) {
		p->file = mem_strdup(spec->paths[0]);
	} else if (spec->paths && spec->paths[0]) {
		st = real_paths(spec->paths, &p->paths, e);
	}
	if (spec->file) {
		free(p->file);
		p->file = mem_strdup(spec->file);
	}
	if (st == ST_OK && !p->file)
		p->file = p->paths.n ? mirror_path(&p->paths) : default_path();
	return st;
}

enum status workspace_locate(const struct workspace_spec *spec, char **file, struct err *e)
{
	struct place p = { 0 };
	enum status st = locate(spec, &p, e);
	*file = st == ST_OK ? mem_strdup(p.file) : NULL;
	place_free(&p);
	return st;
}

/* ---- opening ---- */

static enum status discover(const struct names *paths, struct names *sources, struct err *e)
{
	for (size_t i = 0; i < paths->n; i++) {
		char **found = import_discover(paths->at[i]);
		if (!found || !found[0]) {
			import_paths_free(found);
			if (access(paths->at[i], R_OK | X_OK) != 0)
				return err_set(e, ST_REFUSED, "permission denied: %s", paths->at[i]);
			return err_set(e, ST_NOT_FOUND, "%s: nothing to read here: looked for an MLflow database (mlflow.db) and for an mlruns folder, "
				"two levels deep; give the path of one", paths->at[i]);
		}
		for (size_t k = 0; found[k]; k++)
			names_add(sources, mem_strdup(found[k]));
		import_paths_free(found);
	}
	return ST_OK;
}

/* Sources that were imported into a workspace and are still there. */
static enum status recorded_sources(struct store_pool *pool, struct names *sources, struct err *e)
{
	struct store *s = store_get(pool, e);
	if (!s)
		return e ? e->code : ST_FAILED;
	sqlite3_stmt *q = store_stmt(s, "SELECT uri FROM source ORDER BY id", e);
	while (q && sqlite3_step(q) == SQLITE_ROW) {
		const char *uri = (const char *)sqlite3_column_text(q, 0);
		if (uri && access(uri, F_OK) == 0)
			names_add(sources, mem_strdup(uri));
	}
	store_put(pool, s);
	return ST_OK;
}

static char *title_of(const struct workspace_spec *spec, const struct place *p)
{
	if (spec->demo)
		return mem_strdup("demo");
	const char *path = p->paths.n ? p->paths.at[0] : p->file, *slash = strrchr(path, '/');
	const char *name = slash && slash[1] ? slash + 1 : path;
	struct str t = STR_INIT;
	str_add(&t, name);
	if (p->paths.n > 1)
		str_addf(&t, " +%zu", p->paths.n - 1);
	return str_take(&t);
}

static enum status make_folder_of(const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	if (!slash || slash == file)
		return ST_OK;
	char *dir = mem_strndup(file, (size_t)(slash - file));
	enum status st = fs_mkdirs(dir, e);
	free(dir);
	return st;
}

static enum status open_pool(const struct workspace_spec *spec, const struct place *p, struct store_pool **pool, struct err *e)
{
	bool mirror = p->paths.n > 0 && !spec->file;
	if (access(p->file, F_OK) < 0) {
		if (!mirror && (spec->must_exist || spec->read_only))
			return err_set(e, ST_NOT_FOUND, "%s: no such workspace; 'mlyard%s%s import PATH' makes it", p->file,
				spec->file ? " -w " : "", spec->file ? spec->file : "");
		struct err why = { 0 };
		enum status st = make_folder_of(p->file, &why);
		if (st)
			return err_set(e, st, "%s; name a file that can be written with -w FILE, or set %s", why.text, mirror ? "XDG_CACHE_HOME" : "XDG_DATA_HOME");
	}
	enum status st = store_pool_open(p->file, spec->read_only && !mirror ? STORE_READ_ONLY : STORE_CREATE, pool, e);
	if (st == ST_OK)
		store_pool_set_mirror(*pool, mirror && !spec->demo);
	return st;
}

/* Whoever opens a workspace is a witness of its audit log: is all there that was seen before? Then what is there now is remembered. */
static char *look_at_history(struct store_pool *pool)
{
	struct err e = { 0 };
	struct store *s = store_get(pool, &e);
	if (!s)
		return NULL;                         /* whatever is asked next says why */
	enum status st = store_is_mirror(s) ? ST_OK : audit_memory_check(s, &e);
	if (st == ST_OK && !store_is_mirror(s) && audit_memory_keep(s, &e) != ST_OK)
		log_add(LOG_WARN, "the head of the audit log was not remembered: %s", e.text);
	else if (st != ST_OK && st != ST_CHECK)
		log_add(LOG_WARN, "the audit log was not looked at: %s", e.text);
	store_put(pool, s);
	if (st != ST_CHECK)
		return NULL;
	notice_post("audit.broken", NOTICE_BAD, NULL, "%s. Nothing is decided here until an admin has looked into it: mlyard audit verify, then mlyard audit acknowledge --reason TEXT", e.text);
	return mem_strdup(e.text);
}

enum status workspace_open(const struct workspace_spec *spec, struct workspace **out, struct err *e)
{
	struct place p = { 0 };
	struct names sources = { 0 };
	struct store_pool *pool = NULL;
	*out = NULL;
	enum status st = locate(spec, &p, e);
	if (st == ST_OK && p.paths.n)
		st = discover(&p.paths, &sources, e);
	if (st == ST_OK)
		st = open_pool(spec, &p, &pool, e);
	if (st == ST_OK && !p.paths.n)
		st = recorded_sources(pool, &sources, e);
	if (st == ST_OK) {
		struct workspace *ws = mem_zalloc(sizeof *ws);
		ws->pool = pool;
		ws->title = title_of(spec, &p);
		ws->sources = sources.at ? sources.at : mem_zalloc(sizeof *ws->sources);
		ws->read_only = spec->read_only || store_pool_read_only(pool);
		ws->broken = look_at_history(pool);
		*out = ws;
	} else {
		names_free(&sources);
		if (pool)
			store_pool_close(pool);
	}
	place_free(&p);
	return st;
}

void workspace_close(struct workspace *ws)
{
	if (!ws)
		return;
	store_pool_close(ws->pool);
	for (char **s = ws->sources; *s; s++)
		free(*s);
	free(ws->sources);
	free(ws->title);
	free(ws->broken);
	free(ws);
}
