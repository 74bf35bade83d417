/* runs show: everything known about one run, as sections for people and as one object for programs. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/runs/verbs_impl.h"

enum { VALUE_MAX = 4096 };       /* bytes of a param or tag on a terminal; JSON and pipes have them whole */

static void json_step(struct jsonw *w, const char *key, double value, int64_t step)
{
	jsonw_key(w, key);
	if (isnan(value))
		jsonw_null(w);
	else
		jsonw_int(w, step);
}

static void json_metric(struct jsonw *w, const struct run_metric *m)
{
	const struct series_sum *s = &m->sum;
	jsonw_put_open(w, m->key, '{');
	jsonw_put_num(w, "last", s->last);
	jsonw_put_int(w, "step", s->last_step);
	jsonw_put_int(w, "timestamp_ms", s->last_ms);
	jsonw_put_num(w, "min", s->min);
	json_step(w, "min_step", s->min, s->min_step);
	jsonw_put_num(w, "max", s->max);
	json_step(w, "max_step", s->max, s->max_step);
	jsonw_put_int(w, "points", s->n);
	jsonw_put_int(w, "nan", s->nan);
	jsonw_close(w, '}');
}

static void json_dataset(struct jsonw *w, const struct run_dataset *d)
{
	const struct { const char *key, *value; } members[] = {
		{ "name", d->name }, { "digest", d->digest }, { "context", d->context }, { "source_type", d->source_type },
		{ "source", d->source }, { "schema", d->schema }, { "profile", d->profile }, { "tags", d->tags },
	};
	jsonw_open(w, '{');
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		jsonw_put_str(w, members[i].key, members[i].value);
	jsonw_close(w, '}');
}

static void json_models(struct jsonw *w, const struct run_detail *d)
{
	jsonw_put_open(w, "models", '[');
	for (size_t i = 0; i < d->n_models; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "model_id", d->models[i].model_id);
		jsonw_put_str(w, "name", d->models[i].name);
		jsonw_put_str(w, "direction", d->models[i].output ? "output" : "input");
		jsonw_put_int(w, "step", d->models[i].step);
		jsonw_put_str(w, "artifact_uri", d->models[i].artifact_uri);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* The run as in `runs list`, then what only the detail knows. */
static enum status show_json(struct store *s, const struct run_detail *d, struct out *o, struct err *e)
{
	struct json_out j;
	struct run_json *r = run_json_new(s, e);
	if (!r)
		return ST_FAILED;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	enum status rc = run_json_members(r, &j.w, d->row.id, e);
	jsonw_put_open(&j.w, "metric_summaries", '{');
	for (size_t i = 0; i < d->n_metrics; i++)
		json_metric(&j.w, &d->metrics[i]);
	jsonw_close(&j.w, '}');
	jsonw_put_open(&j.w, "datasets", '[');
	for (size_t i = 0; i < d->n_datasets; i++)
		json_dataset(&j.w, &d->datasets[i]);
	jsonw_close(&j.w, ']');
	json_models(&j.w, d);
	jsonw_put_str(&j.w, "note", d->note);
	jsonw_put_str(&j.w, "artifact_uri", d->artifact_uri);
	jsonw_put_str(&j.w, "source_store", d->source_uri);
	jsonw_close(&j.w, '}');
	run_json_free(r);
	enum status written = json_out_end(&j, rc == ST_OK ? e : NULL);
	return rc != ST_OK ? rc : written;
}

static void field(struct out *o, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(o->out, o->tty ? "%-11s " : "%s\t", name);
	out_text(o, value, strnlen(value, o->tty ? VALUE_MAX : SIZE_MAX));
	fputc('\n', o->out);
}

static void field_time(struct out *o, const char *name, int64_t ms)
{
	char buf[FMT_MAX];
	if (ms != INT64_MIN)
		field(o, name, o->tty ? fmt_time(buf, ms) : fmt_time_iso(buf, ms));
}

static void show_head(const struct run_detail *d, struct out *o)
{
	const struct run_row *r = &d->row;
	char buf[FMT_MAX];
	field(o, "run", r->name);
	field(o, "id", r->uuid);
	field(o, "experiment", d->experiment);
	field(o, "state", verb_state(o, r->status, buf));
	if (r->flags & RUN_DELETED)
		field(o, "lifecycle", "deleted");
	field_time(o, "start", r->start_ms);
	field_time(o, "end", r->end_ms);
	if (r->start_ms != INT64_MIN && r->end_ms != INT64_MIN && o->tty)
		field(o, "took", fmt_duration(buf, r->end_ms - r->start_ms));
	field(o, "user", r->user);
	field(o, "source", r->source);
	field(o, "parent", d->parent);
	field(o, "files", d->artifact_uri);
	field(o, "store", d->source_uri);
}

static struct out_table *section(struct out *o, const char *title, size_t n, const char *const *columns, size_t n_columns, size_t n_left)
{
	if (!n)
		return NULL;
	fprintf(o->out, "\n%s (%zu)\n", title, n);
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < n_columns; i++)
		out_table_column(t, columns[i], i < n_left ? OUT_LEFT : OUT_RIGHT);
	return t;
}

static void show_items(struct out *o, const char *title, const struct run_item *items, size_t n)
{
	static const char *const columns[] = { "key", "value" };
	struct str value = STR_INIT;
	struct out_table *t = section(o, title, n, columns, 2, 2);
	for (size_t i = 0; i < n; i++) {
		out_table_cell(t, items[i].key);
		str_clear(&value);
		text_clean(&value, items[i].value, o->tty && items[i].n > VALUE_MAX ? VALUE_MAX : items[i].n, 0);
		out_table_cell(t, value.p);
	}
	if (t)
		out_table_end(t);
	str_free(&value);
}

static void number_cell(struct out_table *t, const struct out *o, double v)
{
	char buf[FMT_MAX];
	out_table_cell(t, o->tty ? fmt_number(buf, v, 6) : fmt_exact(buf, v));
}

static void step_cell(struct out_table *t, double v, int64_t step)
{
	if (isnan(v))
		out_table_cell(t, NULL);
	else
		out_table_cellf(t, "%" PRId64, step);
}

static void show_metrics(const struct run_detail *d, struct out *o)
{
	static const char *const columns[] = { "metric", "last", "step", "min", "at", "max", "at", "points" };
	struct out_table *t = section(o, "metrics", d->n_metrics, columns, 8, 1);
	for (size_t i = 0; i < d->n_metrics; i++) {
		const struct series_sum *s = &d->metrics[i].sum;
		out_table_cell(t, d->metrics[i].key);
		number_cell(t, o, s->last);
		out_table_cellf(t, "%" PRId64, s->last_step);
		number_cell(t, o, s->min);
		step_cell(t, s->min, s->min_step);
		number_cell(t, o, s->max);
		step_cell(t, s->max, s->max_step);
		out_table_cellf(t, "%" PRId64, s->n);
	}
	if (t)
		out_table_end(t);
}

static void show_datasets(const struct run_detail *d, struct out *o)
{
	static const char *const columns[] = { "name", "context", "digest", "source" };
	struct out_table *t = section(o, "data sets", d->n_datasets, columns, 4, 4);
	for (size_t i = 0; i < d->n_datasets; i++) {
		out_table_cell(t, d->datasets[i].name);
		out_table_cell(t, d->datasets[i].context);
		out_table_cell(t, d->datasets[i].digest);
		out_table_cell(t, d->datasets[i].source);
	}
	if (t)
		out_table_end(t);
}

static void show_models(const struct run_detail *d, struct out *o)
{
	static const char *const columns[] = { "model", "name", "direction", "step" };
	struct out_table *t = section(o, "models", d->n_models, columns, 4, 3);
	for (size_t i = 0; i < d->n_models; i++) {
		out_table_cell(t, d->models[i].model_id);
		out_table_cell(t, d->models[i].name);
		out_table_cell(t, d->models[i].output ? "output" : "input");
		out_table_cellf(t, "%" PRId64, d->models[i].step);
	}
	if (t)
		out_table_end(t);
}

static enum status show_text(const struct run_detail *d, struct out *o, struct err *e)
{
	show_head(d, o);
	show_items(o, "params", d->params, d->n_params);
	show_metrics(d, o);
	show_items(o, "tags", d->tags, d->n_tags);
	show_datasets(d, o);
	show_models(d, o);
	if (*d->note) {
		fputs("\nnote\n", o->out);
		out_text(o, d->note, strlen(d->note));
		fputc('\n', o->out);
	}
	return out_check(o->out, e);
}

enum status verb_runs_show(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct store *s;
	int64_t id;
	struct run_detail *d;
	enum status rc = verb_run(ws, a, &s, &id, e);
	if (rc != ST_OK)
		return rc;
	rc = run_detail_load(s, id, &d, e);
	if (rc == ST_OK) {
		rc = o->json ? show_json(s, d, o, e) : show_text(d, o, e);
		run_detail_free(d);
	}
	store_put(ws->pool, s);
	return rc;
}
