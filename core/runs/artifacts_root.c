/* Where a run's files are, when what was recorded may be true only on another machine.
 *
 * The recorded place wins when it exists. Otherwise its path is cut from the left, longest rest first, and
 * looked for beside the source: /home/ann/p/mlruns/1/R/artifacts becomes <beside>/p/mlruns/1/R/artifacts,
 * <beside>/mlruns/1/R/artifacts, <beside>/1/R/artifacts. The rest always holds the run's id (or the model's), so
 * that it cannot mean anything else. Servers keep files under a root that the URI does not tell: mlruns and
 * mlartifacts are tried.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/runs/artifacts.h"

enum { PARTS_MAX = 64, PATH_MAX_BYTES = 4096 };

/* Length of the scheme before ':', 0 for a plain path (or a drive letter). */
static size_t scheme_length(const char *uri)
{
	size_t n = strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
	return n > 1 && uri[n] == ':' ? n : 0;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Undoes %41; what is no code stays, and so does %00. */
static void percent_decode(struct str *out, const char *s)
{
	for (; *s; s++) {
		int high = *s == '%' ? hex_digit(s[1]) : -1, low = high >= 0 ? hex_digit(s[2]) : -1;
		if (low < 0 || !(high | low)) {
			str_addc(out, *s);
			continue;
		}
		str_addc(out, (char)(high << 4 | low));
		s += 2;
	}
}

/* After the scheme: //host/path, ///path or /path. False when the host is not this machine (unless any will do). */
static bool strip_host(const char **rest, bool any_host)
{
	if (strncmp(*rest, "//", 2))
		return true;
	const char *host = *rest + 2, *slash = strchr(host, '/');
	size_t n = slash ? (size_t)(slash - host) : strlen(host);
	*rest = slash ? slash : "";
	return any_host || !n || (n == 9 && !memcmp(host, "localhost", 9));
}

/* A URI as a local path; ST_UNREACHABLE for what is elsewhere. *server: the path is below a root the URI does not tell. */
static enum status uri_path(const char *uri, struct str *path, bool *server, struct err *e)
{
	size_t n = scheme_length(uri);
	const char *rest = uri + n + (n > 0);
	bool file = n == 4 && !strncmp(uri, "file", 4), here = true;
	*server = n == 16 && !strncmp(uri, "mlflow-artifacts", 16);
	if (!n) {
		str_add(path, uri);
		return ST_OK;
	}
	if (file || *server)
		here = strip_host(&rest, *server);
	if ((!file && !*server) || !here) {
		struct str clean = STR_INIT;
		text_clean(&clean, uri, strnlen(uri, 200), 0);
		err_set(e, ST_UNREACHABLE, "the files of this run are at %s; only local folders can be read", clean.p);
		str_free(&clean);
		return ST_UNREACHABLE;
	}
	percent_decode(path, rest);
	return ST_OK;
}

/* The folder that a source lies in, and for a folder source itself too. */
static void source_folders(const char *uri, char *dirs[3])
{
	const char *path = uri;
	if (!strncmp(uri, "sqlite:///", 10))
		path = uri + 10;
	else if (!strncmp(uri, "file://", 7))
		path = uri + 7;
	size_t n = 0;
	if (fs_is_dir(path))
		dirs[n++] = mem_strdup(path);
	const char *slash = strrchr(path, '/');
	if (slash)
		dirs[n++] = slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
	else if (*path)
		dirs[n++] = mem_strdup(".");
	dirs[n] = NULL;
}

/* Start offsets of the path's parts. 0 when it has ".." in it, or is absurdly long. */
static size_t split(const char *path, size_t starts[PARTS_MAX])
{
	size_t n = 0;
	if (strlen(path) >= PATH_MAX_BYTES)
		return 0;
	for (size_t i = 0; path[i];) {
		size_t len = strcspn(path + i, "/");
		if (len == 2 && !memcmp(path + i, "..", 2))
			return 0;
		if (len) {
			if (n == PARTS_MAX)
				return 0;
			starts[n++] = i;
		}
		i += len + (path[i + len] == '/');
	}
	return n;
}

/* The last part that a rest must keep: the run's (or model's) id, else "models", else the third from the end. */
static size_t anchor_part(const char *path, const size_t *starts, size_t n, const char *id)
{
	size_t models = n;
	for (size_t i = n; i-- > 0;) {
		size_t len = strcspn(path + starts[i], "/");
		if (len == strlen(id) && len && !memcmp(path + starts[i], id, len))
			return i;
		if (len == 6 && !memcmp(path + starts[i], "models", 6))
			models = i;
	}
	return models < n ? models : n > 3 ? n - 3 : 0;
}

struct search { char *found, *empty; };      /* a folder that exists; else where one would be */

/* base/prefix/rest: taken when it is there; remembered when its experiment's folder is. */
static void try_place(struct search *s, const char *base, const char *prefix, const char *rest, size_t parts)
{
	char *dir = *prefix ? fs_join(base, prefix) : mem_strdup(base), *path = fs_join(dir, rest);
	free(dir);
	if (fs_is_dir(path)) {
		s->found = path;
		return;
	}
	if (!s->empty && parts >= 3) {
		char *above = mem_strdup(path);
		for (int up = 0; up < 2; up++) {
			char *slash = strrchr(above, '/');
			if (slash && slash != above)
				*slash = '\0';
		}
		if (fs_is_dir(above)) {
			s->empty = path;
			path = NULL;
		}
		free(above);
	}
	free(path);
}

static void search_beside(struct search *s, char *const *dirs, const char *path, const char *id)
{
	static const char *const prefixes[] = { "", "mlruns", "mlartifacts" };
	size_t starts[PARTS_MAX], n = split(path, starts);
	size_t anchor = n ? anchor_part(path, starts, n, id) : 0;
	for (size_t i = 0; i < n && i <= anchor && !s->found; i++)
		for (size_t d = 0; dirs[d] && !s->found; d++)
			for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes && !s->found; p++)
				try_place(s, dirs[d], prefixes[p], path + starts[i], n - i);
}

static bool lies_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	return n > 1 && !strncmp(path, dir, n) && path[n] == '/';
}

static enum status nowhere(const char *uri, char *const *dirs, struct err *e)
{
	struct str clean = STR_INIT, beside = STR_INIT;
	text_clean(&clean, uri, strnlen(uri, 200), 0);
	text_clean(&beside, dirs[0] ? dirs[0] : "?", strnlen(dirs[0] ? dirs[0] : "?", 200), 0);
	err_set(e, ST_NOT_FOUND, "no files of this run: %s is not on this machine, and no copy of it lies beside the source in %s", clean.p, beside.p);
	str_free(&clean);
	str_free(&beside);
	return ST_NOT_FOUND;
}

enum status artifacts_place(const char *uri, const char *id, const char *source_uri, char **root, bool *exists, struct err *e)
{
	struct str path = STR_INIT;
	struct search s = { NULL, NULL };
	char *dirs[3];
	bool server;
	enum status rc = uri_path(uri, &path, &server, e);
	if (rc != ST_OK) {
		str_free(&path);
		return rc;
	}
	source_folders(source_uri, dirs);
	if (path.p[0] == '/' && !server)
		try_place(&s, "/", "", path.p, 3);
	if (!s.found)
		search_beside(&s, dirs, path.p, id);
	if (!s.found && !s.empty && path.p[0] == '/' && !server && dirs[0] && lies_in(path.p, dirs[0]))
		s.empty = mem_strdup(path.p);
	*exists = s.found != NULL;
	*root = s.found ? s.found : s.empty;
	if (s.found)
		free(s.empty);
	if (!*root)
		rc = nowhere(uri, dirs, e);
	for (size_t i = 0; dirs[i]; i++)
		free(dirs[i]);
	str_free(&path);
	return rc;
}

enum status artifacts_root(const struct run_detail *run, char **root, bool *exists, struct err *e)
{
	if (!*run->artifact_uri)
		return err_set(e, ST_NOT_FOUND, "this run records no place for its files");
	return artifacts_place(run->artifact_uri, run->row.uuid, run->source_uri, root, exists, e);
}
