/* Logged models, and the registry: registered models, versions, aliases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/base/mem.h"
#include "core/runs/metric_line.h"
#include "core/runs/mlruns.h"

static const char *const logged_parts[] = { "meta.yaml", "metrics", "params", "tags", NULL };
static const char *const model_parts[] = { "meta.yaml", "tags", "aliases", NULL };
static const char *const version_parts[] = { "meta.yaml", "tags", NULL };

/* ---- logged models ---- */

static void put_metric_line(struct unit *u, size_t model, const char *key, const char *p, size_t n)
{
	struct metric_line l;

	if (n == 0)
		return;
	if (!metric_line_parse(p, n, true, &l)) {
		import_problem(u->m->job, "%s/metrics/%s: not \"time value step run\": '%.*s'; the line is left out", u->path, key, (int)(n < 60 ? n : 60), p);
		return;
	}
	const struct val v[] = { val_str(key), val_int(l.ms), val_int(l.step), val_real(l.value), val_text(l.run.p, l.run.n),
		val_text(l.dataset.p, l.dataset.n), val_text(l.digest.p, l.digest.n) };

	sink_row(u->m->sink, ROW_LOGGED_METRIC, model, v);
}

static void put_metrics(struct unit *u, size_t model)
{
	struct str text = STR_INIT;
	const char *key;

	for (size_t i = 0; i < u->n; i++) {
		str_clear(&text);
		if (!unit_is_part(&u->files[i], "metrics", &key) || !unit_read(u, u->files[i].rel, MLRUNS_MOST_VALUE, &text))
			continue;
		for (const char *p = text.p, *end; *p && (end = memchr(p, '\n', text.len - (size_t)(p - text.p))); p = end + 1)
			put_metric_line(u, model, key, p, (size_t)(end - p));
	}
	str_free(&text);
}

static void put_logged(struct unit *u, const struct mlruns_experiment *x, size_t index, const struct yamldoc_node *meta)
{
	const struct val status = meta_int(meta, "status");
	const struct val v[] = { val_ref(SINK_EXPERIMENT, x->index), meta_text(meta, "name"), meta_text(meta, "artifact_location"),
		meta_int(meta, "creation_timestamp"), meta_int(meta, "last_updated_timestamp"), status.type == VAL_INT ? status : val_int(0),
		meta_text(meta, "model_type"), meta_text(meta, "source_run_id"), meta_text(meta, "status_message"), meta_deleted(meta) };

	sink_put_new(u->m->sink, SINK_LOGGED, index, v);
	unit_put_set(u, "params", SET_LOGGED_PARAM, index);
	unit_put_set(u, "tags", SET_LOGGED_TAG, index);
	put_metrics(u, index);
}

enum status mlruns_read_logged(struct mlruns *m, const struct mlruns_experiment *x, const char *sub, struct err *e)
{
	const char *id = strrchr(sub, '/') + 1;
	struct str key = STR_INIT;
	struct unit u;

	(void)e;
	if (!unit_open(m, &u, x->fd, x->path, sub, logged_parts))
		return ST_OK;
	str_addf(&key, "m/%s/%s", x->id, id);
	if (unit_file(&u, "meta.yaml")) {
		const size_t index = sink_entity(m->sink, SINK_LOGGED, SINK_NONE, id, strlen(id), NULL, 0);
		struct yamldoc *y = NULL;

		sink_seen(m->sink, SINK_LOGGED, index);
		if (!memo_same(m, key.p, &u) && (y = unit_yaml(&u, "meta.yaml"))) {
			put_logged(&u, x, index, yamldoc_root(y));
			memo_put(m, key.p, &u);
		}
		yamldoc_free(y);
	}
	str_free(&key);
	unit_close(&u);
	return ST_OK;
}

/* ---- registry ---- */

static struct val stage_of(const struct yamldoc_node *meta)
{
	const struct val stage = meta_text(meta, "current_stage");

	return stage.type == VAL_NULL ? val_str("None") : stage;
}

static void put_version(struct unit *u, size_t index, const struct yamldoc_node *meta)
{
	const struct val v[] = { meta_int(meta, "creation_timestamp"), meta_int(meta, "last_updated_timestamp"), meta_text(meta, "description"),
		meta_text(meta, "user_id"), stage_of(meta), meta_text(meta, "source"), meta_text(meta, "run_id"), meta_text(meta, "status"),
		meta_text(meta, "status_message"), meta_text(meta, "run_link"), meta_text(meta, "storage_location"),
		val_int(meta_is(meta, "current_stage", "Deleted_Internal")) };

	sink_put_new(u->m->sink, SINK_VERSION, index, v);
	unit_put_set(u, "tags", SET_VERSION_TAG, index);
}

/* folder: "version-3". */
static void read_version(struct unit *model, size_t model_index, const char *folder)
{
	struct mlruns *m = model->m;
	const char *number = folder + strlen("version-");
	struct str key = STR_INIT;
	struct unit u;

	if (number[strspn(number, "0123456789")] || !*number || !unit_open(m, &u, model->fd, model->path, folder, version_parts))
		return;
	str_addf(&key, "v/%s", u.path + strlen(m->job->path));
	if (unit_file(&u, "meta.yaml")) {
		const size_t index = sink_entity(m->sink, SINK_VERSION, model_index, number, strlen(number), NULL, 0);
		struct yamldoc *y = NULL;

		sink_seen(m->sink, SINK_VERSION, index);
		if (!memo_same(m, key.p, &u) && (y = unit_yaml(&u, "meta.yaml"))) {
			put_version(&u, index, yamldoc_root(y));
			memo_put(m, key.p, &u);
		}
		yamldoc_free(y);
	}
	str_free(&key);
	unit_close(&u);
}

/* Files aliases/<alias> hold a version number. */
static void put_aliases(struct unit *u, size_t model)
{
	struct str text = STR_INIT;
	const char *alias;
	bool whole = true;

	sink_track(u->m->sink, SET_ALIAS);
	for (size_t i = 0; i < u->n; i++) {
		int64_t version;

		str_clear(&text);
		if (!unit_is_part(&u->files[i], "aliases", &alias))
			continue;
		whole &= unit_read(u, u->files[i].rel, 64, &text);
		while (text.len && strchr("\n\r ", text.p[text.len - 1]))
			str_cut(&text, text.len - 1);
		if (metric_integer(text.p, text.len, &version))
			sink_item(u->m->sink, SET_ALIAS, model, val_str(alias), val_int(version));
		else
			import_problem(u->m->job, "%s/%s: not the number of a version; the alias is left out", u->path, u->files[i].rel);
	}
	if (whole)
		sink_keep_owner(u->m->sink, SET_ALIAS, model);
	str_free(&text);
}

static void put_model(struct unit *u, size_t index, const struct yamldoc_node *meta)
{
	const struct val v[] = { meta_int(meta, "creation_timestamp"), meta_int(meta, "last_updated_timestamp"), meta_text(meta, "description"), val_int(0) };

	sink_put_new(u->m->sink, SINK_MODEL, index, v);
	unit_put_set(u, "tags", SET_MODEL_TAG, index);
	put_aliases(u, index);
}

static void read_model(struct mlruns *m, int at, const char *path, const char *name)
{
	struct str key = STR_INIT;
	struct unit u;

	if (!dir_has(m, at, name, "meta.yaml", path) || !unit_open(m, &u, at, path, name, model_parts))
		return;
	struct yamldoc *y = unit_yaml(&u, "meta.yaml");

	if (y) {
		const struct val space = meta_word(yamldoc_root(y), "workspace");
		const size_t index = sink_entity(m->sink, SINK_MODEL, SINK_NONE, space.n ? space.u.p : "default", space.n ? space.n : 7, name, strlen(name));
		char **names = dir_names(m, u.fd, ".", u.path);

		str_addf(&key, "g/%s", name);
		sink_seen(m->sink, SINK_MODEL, index);
		if (!memo_same(m, key.p, &u)) {
			put_model(&u, index, yamldoc_root(y));
			memo_put(m, key.p, &u);
		}
		for (size_t i = 0; names && names[i]; i++)
			if (!strncmp(names[i], "version-", 8))
				read_version(&u, index, names[i]);
		dir_names_free(names);
	} else {
		m->damaged = true;       /* it cannot be told which of those here it is, so none may be marked as gone */
	}
	yamldoc_free(y);
	str_free(&key);
	unit_close(&u);
}

enum status mlruns_read_registry(struct mlruns *m, int root, const char *path, struct err *e)
{
	struct str sub = STR_INIT;
	const int fd = dir_open(root, "models");
	char **names = fd >= 0 ? dir_names(m, root, "models", path) : NULL;
	enum status rc = ST_OK;

	str_addf(&sub, "%s/models", path);
	for (size_t i = 0; names && names[i] && rc == ST_OK; i++) {
		read_model(m, fd, sub.p, names[i]);
		rc = mlruns_pace(m, e);
	}
	dir_names_free(names);
	if (fd >= 0)
		close(fd);
	str_free(&sub);
	return rc;
}
