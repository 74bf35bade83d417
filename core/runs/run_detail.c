/* Everything about one run, read in one transaction into one arena. Each part is a query by run over its
 * table's run index; the parts are independent and know only how to take one row. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/runs/runs_impl.h"

/* An array being filled, in the arena once it is complete. */
struct list { void *at; size_t n, cap, size; };
struct part {
	const char *sql;
	size_t size;
	void (*take)(struct arena *a, sqlite3_stmt *st, void *item);
};

/* As stored: NULL stays NULL. */
static const char *stored(struct arena *a, sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	return s ? arena_strndup(a, s, (size_t)sqlite3_column_bytes(st, i)) : NULL;
}

static const char *stored_or_empty(struct arena *a, sqlite3_stmt *st, int i)
{
	const char *s = stored(a, st, i);
	return s ? s : "";
}

static const char *cleaned(struct arena *a, sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);
	return runs_clean(a, s ? s : "", (size_t)sqlite3_column_bytes(st, i));
}

static double number_or_nan(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? NAN : sqlite3_column_double(st, i);
}

static int64_t ms_or_unknown(sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL ? MS_UNKNOWN : sqlite3_column_int64(st, i);
}

static void take_item(struct arena *a, sqlite3_stmt *st, void *item)
{
	*(struct run_item *)item = (struct run_item){ stored_or_empty(a, st, 0), stored_or_empty(a, st, 1), (size_t)sqlite3_column_bytes(st, 1) };
}

static void take_metric(struct arena *a, sqlite3_stmt *st, void *item)
{
	*(struct run_metric *)item = (struct run_metric){ stored_or_empty(a, st, 0), sqlite3_column_int64(st, 1), {
		.n = sqlite3_column_int64(st, 2), .nan = sqlite3_column_int64(st, 3),
		.first_step = sqlite3_column_int64(st, 4), .last_step = sqlite3_column_int64(st, 5),
		.first_ms = sqlite3_column_int64(st, 6), .last_ms = sqlite3_column_int64(st, 7), .last = number_or_nan(st, 8),
		.min = number_or_nan(st, 9), .min_step = sqlite3_column_int64(st, 10),
		.max = number_or_nan(st, 11), .max_step = sqlite3_column_int64(st, 12) } };
}

/* What a data set was used for, out of the JSON object of its tags. */
static const char *dataset_context(struct arena *a, const char *tags)
{
	json_t *object = json_loads(tags, 0, NULL);
	const char *context = json_string_value(json_object_get(object, "mlflow.data.context"));
	const char *copy = arena_strdup(a, context ? context : "");
	json_decref(object);
	return copy;
}

static void take_dataset(struct arena *a, sqlite3_stmt *st, void *item)
{
	struct run_dataset *d = item;
	*d = (struct run_dataset){ .name = stored_or_empty(a, st, 0), .digest = stored_or_empty(a, st, 1), .source_type = stored_or_empty(a, st, 2),
		.source = stored_or_empty(a, st, 3), .schema = stored_or_empty(a, st, 4), .profile = stored_or_empty(a, st, 5), .tags = stored_or_empty(a, st, 6) };
	d->context = dataset_context(a, d->tags);
}

static void take_model(struct arena *a, sqlite3_stmt *st, void *item)
{
	*(struct run_model *)item = (struct run_model){ stored_or_empty(a, st, 0), sqlite3_column_int(st, 1) != 0, sqlite3_column_int64(st, 2),
		stored_or_empty(a, st, 3), stored_or_empty(a, st, 4) };
}

#define METRIC_COLUMNS "SELECT n.text, m.name_id, m.n, m.nan, m.first_step, m.last_step, m.first_ms, m.last_ms, m.last, m.min, m.min_step, m.max, m.max_step "
static const struct part
	params = { "SELECT n.text, p.value FROM param p JOIN name n ON n.id = p.name_id WHERE p.run_id = ?1 ORDER BY n.text",
		sizeof(struct run_item), take_item },
	tags = { "SELECT n.text, t.value FROM tag t JOIN name n ON n.id = t.name_id WHERE t.run_id = ?1 ORDER BY n.text",
		sizeof(struct run_item), take_item },
	metrics = { METRIC_COLUMNS "FROM metric m JOIN name n ON n.id = m.name_id WHERE m.run_id = ?1 ORDER BY n.text", sizeof(struct run_metric), take_metric },
	/* A series of one point has no block. */
	curves = { METRIC_COLUMNS "FROM block b JOIN metric m ON m.name_id = b.name_id AND m.run_id = b.run_id JOIN name n ON n.id = b.name_id "
		"WHERE b.run_id = ?1 AND b.level = 0 AND b.seq = 0 ORDER BY n.text", sizeof(struct run_metric), take_metric },
	datasets = { "SELECT d.name, d.digest, d.source_type, d.source, d.schema, d.profile, r.tags FROM run_dataset r JOIN dataset d ON d.id = r.dataset_id "
		"WHERE r.run_id = ?1 ORDER BY d.name, d.digest", sizeof(struct run_dataset), take_dataset },
	models = { "SELECT m.model_id, m.direction, m.step, l.name, l.artifact_uri FROM run_model m JOIN run r ON r.id = m.run_id "
		"LEFT JOIN logged_model l ON l.model_id = m.model_id AND l.source_id = r.source_id "
		"WHERE m.run_id = ?1 ORDER BY m.direction DESC, m.step, m.model_id", sizeof(struct run_model), take_model };

static enum status part_load(struct store *s, const struct part *p, int64_t run_id, struct arena *a, void *out, size_t *n, struct err *e)
{
	struct list l = { .size = p->size };
	sqlite3_stmt *st = store_stmt(s, p->sql, e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, run_id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		mem_grow(&l.at, &l.cap, l.n + 1, l.size);
		p->take(a, st, (char *)l.at + l.n++ * l.size);
	}
	void *kept = arena_array(a, l.n, l.size);
	if (l.n)
		memcpy(kept, l.at, l.n * l.size);
	free(l.at);
	memcpy(out, &kept, sizeof kept);         /* the caller's pointer has its own type */
	*n = l.n;
	return sqlite3_reset(st) == SQLITE_OK ? ST_OK : store_error(s, e, "read a run");
}

static const char run_sql[] =
	"SELECT r.id, r.experiment_id, r.start_ms, r.end_ms, r.uuid, r.name, r.user, r.entry, r.status, r.deleted, "
	"x.name, x.ext_id, r.artifact_uri, r.parent, s.kind, s.uri "
	"FROM run r JOIN experiment x ON x.id = r.experiment_id JOIN source s ON s.id = r.source_id WHERE r.id = ?1";

static enum status row_load(struct store *s, int64_t run_id, struct run_detail *d, struct err *e)
{
	sqlite3_stmt *st = store_stmt(s, run_sql, e);
	if (!st)
		return ST_FAILED;
	sqlite3_bind_int64(st, 1, run_id);
	int found = sqlite3_step(st);
	if (found == SQLITE_ROW) {
		int status = sqlite3_column_int(st, 8);
		d->row = (struct run_row){
			.id = sqlite3_column_int64(st, 0), .experiment_id = sqlite3_column_int64(st, 1),
			.start_ms = ms_or_unknown(st, 2), .end_ms = ms_or_unknown(st, 3),
			.uuid = cleaned(d->arena, st, 4), .name = cleaned(d->arena, st, 5), .user = cleaned(d->arena, st, 6), .source = cleaned(d->arena, st, 7),
			.status = status > 0 && status <= RUN_KILLED ? (uint8_t)status : 0, .flags = sqlite3_column_int(st, 9) ? RUN_DELETED : 0,
		};
		d->stored_name = (struct run_item){ .value = stored_or_empty(d->arena, st, 5), .n = (size_t)sqlite3_column_bytes(st, 5) };
		d->experiment = stored_or_empty(d->arena, st, 10);
		d->experiment_ext_id = stored_or_empty(d->arena, st, 11);
		d->artifact_uri = stored_or_empty(d->arena, st, 12);
		d->parent = stored(d->arena, st, 13);
		d->source_kind = stored_or_empty(d->arena, st, 14);
		d->source_uri = stored_or_empty(d->arena, st, 15);
	}
	if (sqlite3_reset(st) != SQLITE_OK)
		return store_error(s, e, "read a run");
	return found == SQLITE_ROW ? ST_OK : err_set(e, ST_NOT_FOUND, "this run is no longer in the workspace");
}

static enum status parts_load(struct store *s, int64_t run_id, unsigned wanted, struct run_detail *d, struct err *e)
{
	const struct { enum run_part is; const struct part *part; void *out; size_t *n; } parts[] = {
		{ RUN_PARAMS, &params, &d->params, &d->n_params }, { RUN_TAGS, &tags, &d->tags, &d->n_tags },
		{ RUN_METRICS, &metrics, &d->metrics, &d->n_metrics }, { RUN_CURVES, &curves, &d->metrics, &d->n_metrics },
		{ RUN_DATASETS, &datasets, &d->datasets, &d->n_datasets }, { RUN_MODELS, &models, &d->models, &d->n_models },
	};
	enum status rc = row_load(s, run_id, d, e);
	for (size_t i = 0; i < sizeof parts / sizeof *parts && rc == ST_OK; i++)
		if (wanted & parts[i].is)
			rc = part_load(s, parts[i].part, run_id, d->arena, parts[i].out, parts[i].n, e);
	d->note = "";
	for (size_t i = 0; i < d->n_tags; i++)
		if (!strcmp(d->tags[i].key, "mlflow.note.content"))
			d->note = d->tags[i].value;
	return rc;
}

enum status run_detail_load_parts(struct store *s, int64_t run_id, unsigned parts, struct run_detail **out, struct err *e)
{
	enum status rc = store_read_begin(s, e);
	if (rc != ST_OK)
		return rc;
	struct run_detail *d = mem_zalloc(sizeof *d);
	d->arena = arena_new();
	rc = parts_load(s, run_id, parts, d, e);
	store_read_end(s);
	if (rc != ST_OK) {
		run_detail_free(d);
		return rc;
	}
	*out = d;
	return ST_OK;
}

enum status run_detail_load(struct store *s, int64_t run_id, struct run_detail **out, struct err *e)
{
	return run_detail_load_parts(s, run_id, RUN_PARAMS | RUN_TAGS | RUN_METRICS | RUN_DATASETS | RUN_MODELS, out, e);
}

void run_detail_free(struct run_detail *d)
{
	if (!d)
		return;
	arena_free(d->arena);
	free(d);
}
