/* Where a version's files lie.
 *
 * A version records a place: its storage location where the tracker knows one, else its source. That is a folder, a URI, or a reference: models:/m-ID (a
 * logged model), models:/NAME/VERSION (another version), runs:/RUN/PATH. References are followed a few steps; what is at the end is looked for as
 * core/runs/artifacts.h says, also beside the store that recorded it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fs.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/digest.h"
#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"
#include "core/runs/artifacts.h"

enum { MOST_STEPS = 8 };

/* uri: what was recorded; id: the part that its path must keep when it is looked for elsewhere; source: the store that recorded it; below: a path in it. */
struct place { char *uri, *id, *source, *below; };

static void place_free(struct place *p)
{
	free(p->uri), free(p->id), free(p->source), free(p->below);
	*p = (struct place){ 0 };
}

static void take(char **into, const char *text)
{
	free(*into);
	*into = mem_strdup(text ? text : "");
}

/* The id in a path or URI that names what is meant wherever the store was moved to: the last part that looks like one (m- and 32 hex digits, or 32). */
static void find_id(struct place *p)
{
	for (const char *at = p->uri; *at;) {
		size_t n = strcspn(at, "/"), dash = n > 2 && at[0] == 'm' && at[1] == '-' ? 2 : 0;
		if (n == 32 + dash && strspn(at + dash, "0123456789abcdef") == 32) {
			free(p->id);
			p->id = mem_strndup(at, n);
		}
		at += n + (at[n] == '/');
	}
}

static enum status of_version(struct store *s, int64_t model_id, int64_t version, struct place *p, struct err *e)
{
	sqlite3_stmt *st = reg_query(s, e, "SELECT v.storage_location, v.source, CASE WHEN o.kind <> '" REG_LOCAL_KIND "' THEN o.uri ELSE"
		" coalesce((SELECT p.uri FROM run x JOIN source p ON p.id = x.source_id WHERE x.uuid = v.run_uuid LIMIT 1), o.uri) END, v.run_uuid FROM model_version v JOIN model m ON m.id = v.model_id JOIN source o ON o.id = m.source_id"
		" WHERE v.model_id = ?1 AND v.version = ?2", "ii", model_id, version);
	if (!st)
		return ST_FAILED;
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found) {
		const char *storage = reg_column(st, 0), *source = reg_column(st, 1);
		/* Older trackers keep the reference in the storage location, too. */
		take(&p->uri, *storage ? storage : source);
		take(&p->source, reg_column(st, 2));
		take(&p->id, reg_column(st, 3));
	}
	enum status rc = reg_end(s, st, e);
	if (rc == ST_OK && !found)
		rc = err_set(e, ST_NOT_FOUND, "there is no version %" PRId64, version);
	if (rc == ST_OK && !*p->uri)
		rc = err_set(e, ST_NOT_FOUND, "the version records no place for its files");
	return rc;
}

/* A row (uri, id, source uri) about the text after "models:/" or "runs:/". *found false: none. */
static enum status of_row(struct store *s, const char *sql, const char *text, size_t n, struct place *p, bool *found, struct err *e)
{
	char *key = mem_strndup(text, n);
	sqlite3_stmt *st = reg_query(s, e, sql, "tt", key, p->source);
	enum status rc = st ? ST_OK : ST_FAILED;
	*found = st && sqlite3_step(st) == SQLITE_ROW;
	if (*found) {
		take(&p->uri, reg_column(st, 0));
		take(&p->id, reg_column(st, 1));
		take(&p->source, reg_column(st, 2));
	}
	if (st)
		rc = reg_end(s, st, e);
	free(key);
	return rc;
}

static enum status dangling(const char *uri, const char *what, struct err *e)
{
	struct str clean = STR_INIT;
	text_clean(&clean, uri, strnlen(uri, 200), 0);
	err_set(e, ST_NOT_FOUND, "the files are said to be at %s, but %s is not in this workspace", clean.p, what);
	str_free(&clean);
	return ST_NOT_FOUND;
}

static enum status step_models(struct store *s, struct place *p, struct err *e)
{
	const char *rest = p->uri + strlen("models:/");
	bool found;
	rest += strspn(rest, "/");
	const char *slash = strrchr(rest, '/');
	if (slash) {
		struct err ignored;
		char *name = mem_strndup(rest, (size_t)(slash - rest)), *version = mem_strdup(slash + 1);
		int64_t model_id, number;
		bool known = model_find(s, name, &model_id, &ignored) == ST_OK && version_find(s, model_id, version, &number, &ignored) == ST_OK;
		enum status rc = known ? of_version(s, model_id, number, p, e) : dangling(p->uri, "that version", e);
		free(name);
		free(version);
		return rc;
	}
	enum status rc = of_row(s, "SELECT l.artifact_uri, l.model_id, o.uri FROM logged_model l JOIN source o ON o.id = l.source_id WHERE l.model_id = ?1 AND l.source_id IN (SELECT id FROM source)"
		" ORDER BY o.uri = ?2 DESC LIMIT 1", rest, strlen(rest), p, &found, e);
	return rc == ST_OK && !found ? dangling(p->uri, "that logged model", e) : rc;
}

static enum status step_runs(struct store *s, struct place *p, struct err *e)
{
	const char *rest = p->uri + strlen("runs:/"), *end = strchrnul(rest, '/');
	bool found;
	char *below = mem_strdup(*end ? end + 1 : "");
	char *whole = mem_strdup(p->uri);
	enum status rc = of_row(s, "SELECT r.artifact_uri, r.uuid, o.uri FROM run r JOIN source o ON o.id = r.source_id WHERE r.uuid = ?1 ORDER BY o.uri = ?2 DESC LIMIT 1",
		rest, (size_t)(end - rest), p, &found, e);
	if (rc == ST_OK && !found)
		rc = dangling(whole, "that run", e);
	free(whole);
	free(p->below);
	p->below = below;
	return rc;
}

static enum status follow(struct store *s, struct place *p, struct err *e)
{
	for (int step = 0; step < MOST_STEPS; step++) {
		enum status rc;
		if (!strncmp(p->uri, "models:/", 8))
			rc = step_models(s, p, e);
		else if (!strncmp(p->uri, "runs:/", 6))
			rc = step_runs(s, p, e);
		else
			return ST_OK;
		if (rc != ST_OK)
			return rc;
	}
	return err_set(e, ST_NOT_FOUND, "the place of the files is a reference that leads in a circle");
}

/* ".." would lead out of the run's folder. */
static bool leads_out(const char *path)
{
	for (const char *at = path; *at;) {
		size_t n = strcspn(at, "/");
		if (n == 2 && !memcmp(at, "..", 2))
			return true;
		at += n + (at[n] == '/');
	}
	return false;
}

/* Where a tracker keeps a model in a run's folder is told by the URI; one that is a single file is taken as it is. */
static enum status locate(struct place *p, char **root, struct err *e)
{
	bool exists = false;
	find_id(p);
	if (p->uri[0] == '/' && fs_is_file(p->uri)) {
		*root = mem_strdup(p->uri);
		return ST_OK;
	}
	enum status rc = artifacts_place(p->uri, p->id, p->source, root, &exists, e);
	if (rc != ST_OK)
		return rc;
	if (p->below && leads_out(p->below)) {
		exists = false;                      /* what is asked for is not among the run's files, whatever lies there */
	} else if (exists && p->below && *p->below) {
		char *deeper = fs_join(*root, p->below);
		free(*root);
		*root = deeper;
		exists = fs_is_dir(deeper) || fs_is_file(deeper);
	}
	if (exists)
		return ST_OK;
	struct str clean = STR_INIT;
	text_clean(&clean, *root, strnlen(*root, 200), 0);
	err_set(e, ST_NOT_FOUND, "no files at %s", clean.p);
	str_free(&clean);
	free(*root);
	*root = NULL;
	return ST_NOT_FOUND;
}

enum status version_files(struct store *s, int64_t model_id, int64_t version, char **root, struct err *e)
{
	struct place p = { 0 };
	*root = NULL;
	enum status rc = of_version(s, model_id, version, &p, e);
	if (rc == ST_OK)
		rc = follow(s, &p, e);
	if (rc == ST_OK)
		rc = locate(&p, root, e);
	place_free(&p);
	return rc;
}
