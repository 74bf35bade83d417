/* models show NAME V, models compare: one version, or two side by side. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registry/verbs_impl.h"

/* ---- as JSON ---- */

static void json_pairs(struct jsonw *w, const char *key, const struct reg_kv *at, size_t n)
{
	jsonw_put_open(w, key, '{');
	for (size_t i = 0; i < n; i++)
		jsonw_put_str(w, at[i].key, at[i].value);
	jsonw_close(w, '}');
}

static void json_metrics(struct jsonw *w, const struct reg_version *v)
{
	jsonw_put_open(w, "metrics", '{');
	for (size_t i = 0; i < v->n_metrics; i++) {
		const struct reg_metric *m = &v->metrics[i];
		jsonw_put_open(w, m->key, '{');
		jsonw_key(w, "value");
		if (m->has_value)
			jsonw_num(w, m->value);
		else
			jsonw_null(w);
		jsonw_key(w, "at_registration");
		if (m->has_then)
			jsonw_num(w, m->at_registration);
		else
			jsonw_null(w);
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
}

static void json_links(struct jsonw *w, const struct reg_version *v)
{
	jsonw_put_open(w, "links", '[');
	for (size_t i = 0; i < v->n_links; i++) {
		jsonw_open(w, '{');
		jsonw_put_str(w, "kind", v->links[i].kind);
		jsonw_put_str(w, "target", v->links[i].target);
		jsonw_put_str(w, "detail", v->links[i].detail);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void version_json(struct jsonw *w, const struct reg_version *v)
{
	const struct { const char *key, *value; } texts[] = {
		{ "stage", v->stage }, { "description", v->description }, { "user", v->user }, { "registered_by", v->registered_by }, { "source", v->source }, { "storage_location", v->storage },
		{ "run_id", v->run_uuid }, { "run_name", v->run_name }, { "experiment", v->experiment }, { "status", v->status }, { "status_message", v->status_message },
		{ "semver", v->semver }, { "digest", v->digest }, { "digest_state", v->digest_state }, { "flavors", v->flavors }, { "signature", v->signature }, { "environment", v->environment },
		{ "mlmodel_note", v->mlmodel_note },
	};
	jsonw_open(w, '{');
	jsonw_put_str(w, "model", v->model);
	jsonw_put_int(w, "version", v->version);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		jsonw_put_str(w, texts[i].key, texts[i].value);
	json_time(w, "since_ms", v->stage_since_ms);
	jsonw_put_bool(w, "since_known", v->since_known);
	json_time(w, "creation_time_ms", v->created_ms);
	json_time(w, "last_update_time_ms", v->updated_ms);
	json_time(w, "digest_ms", v->digest_ms);
	jsonw_put_int(w, "bytes", v->bytes);
	jsonw_put_int(w, "files", v->files);
	jsonw_put_bool(w, "deleted", v->deleted);
	jsonw_put_bool(w, "local", v->local);
	jsonw_put_strs(w, "aliases", v->aliases, v->n_aliases);
	json_metrics(w, v);
	json_pairs(w, "params", v->params, v->n_params);
	json_pairs(w, "tags", v->tags, v->n_tags);
	json_links(w, v);
	jsonw_close(w, '}');
}

/* ---- for people ---- */

static void field(struct out *o, const char *name, const char *value)
{
	if (!*value)
		return;
	fprintf(o->out, o->tty ? "%-11s " : "%s\t", name);
	out_text(o, value, strlen(value));
	fputc('\n', o->out);
}

static void field_time(struct out *o, const char *name, int64_t ms, const char *note)
{
	char buf[FMT_MAX];
	if (ms == INT64_MIN)
		return;
	fprintf(o->out, o->tty ? "%-11s %s%s\n" : "%s\t%s%s\n", name, o->tty ? fmt_time(buf, ms) : fmt_time_iso(buf, ms), note);
}

static void print_head(const struct reg_version *v, struct out *o)
{
	char buf[FMT_MAX];
	struct str aliases = STR_INIT;
	for (size_t i = 0; i < v->n_aliases; i++)
		str_addf(&aliases, "%s%s", i ? ", " : "", v->aliases[i]);
	fprintf(o->out, "%s v%" PRId64 "%s\n", v->model, v->version, v->deleted ? " (deleted)" : "");
	field(o, "stage", v->stage);
	field_time(o, "since", v->stage_since_ms, v->since_known ? "" : " or before");
	field(o, "aliases", aliases.p);
	field(o, "semver", v->semver);
	field(o, "description", v->description);
	field(o, "by", *v->registered_by ? v->registered_by : v->user);
	field_time(o, "created", v->created_ms, "");
	field(o, "run", *v->run_name ? v->run_name : v->run_uuid);
	field(o, "experiment", v->experiment);
	field(o, "source", v->source);
	field(o, "status", strcmp(v->status, "READY") ? v->status : "");
	field(o, "message", v->status_message);
	field(o, "size", v->bytes ? fmt_bytes(buf, v->bytes) : "");
	field(o, "digest", v->digest);
	field(o, "files", *v->digest ? v->digest_state : "");
	field(o, "flavours", v->flavors);
	field(o, "signature", v->signature);
	field(o, "MLmodel", v->mlmodel_note);
	str_free(&aliases);
}

static struct out_table *section(struct out *o, const char *title, size_t n, const char *first, const char *second, const char *third)
{
	const char *const titles[] = { first, second, third };
	if (!n)
		return NULL;
	fprintf(o->out, "\n%s (%zu)\n", title, n);
	struct out_table *t = out_table_new(o);
	for (int i = 0; i < 3 && titles[i]; i++)
		out_table_column(t, titles[i], OUT_LEFT);
	return t;
}

static void print_pairs(struct out *o, const char *title, const struct reg_kv *at, size_t n)
{
	struct out_table *t = section(o, title, n, "key", "value", NULL);
	for (size_t i = 0; i < n; i++) {
		out_table_cell(t, at[i].key);
		out_table_cell(t, at[i].value);
	}
	if (t)
		out_table_end(t);
}

static void number_cell(struct out_table *t, const struct out *o, bool has, double v)
{
	char buf[FMT_MAX];
	out_table_cell(t, !has ? NULL : o->tty ? fmt_number(buf, v, 6) : fmt_exact(buf, v));
}

static void print_metrics(const struct reg_version *v, struct out *o)
{
	struct out_table *t = section(o, "metrics", v->n_metrics, "metric", "value", "at registration");
	for (size_t i = 0; i < v->n_metrics; i++) {
		out_table_cell(t, v->metrics[i].key);
		number_cell(t, o, v->metrics[i].has_value, v->metrics[i].value);
		number_cell(t, o, v->metrics[i].has_then, v->metrics[i].at_registration);
	}
	if (t)
		out_table_end(t);
}

void version_print(const struct reg_version *v, struct out *o)
{
	print_head(v, o);
	print_metrics(v, o);
	print_pairs(o, "params", v->params, v->n_params);
	print_pairs(o, "tags", v->tags, v->n_tags);
	struct out_table *t = section(o, "links", v->n_links, "kind", "target", "detail");
	for (size_t i = 0; i < v->n_links; i++) {
		out_table_cell(t, v->links[i].kind);
		out_table_cell(t, v->links[i].target);
		out_table_cell(t, *v->links[i].detail ? v->links[i].detail : NULL);
	}
	if (t)
		out_table_end(t);
	if (*v->environment) {
		fputs("\nenvironment\n", o->out);
		out_text(o, v->environment, strlen(v->environment));
		fputc('\n', o->out);
	}
}

/* ---- two of them ---- */

static enum status diff_json(const struct reg_diff *d, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", d->a->model);
	jsonw_put_int(&j.w, "a", d->a->version);
	jsonw_put_int(&j.w, "b", d->b->version);
	jsonw_put_int(&j.w, "differing", (int64_t)d->differing);
	jsonw_put_open(&j.w, "rows", '[');
	for (size_t i = 0; i < d->n; i++) {
		const struct reg_diff_row *r = &d->at[i];
		jsonw_open(&j.w, '{');
		jsonw_put_str(&j.w, "kind", r->kind);
		jsonw_put_str(&j.w, "key", r->key);
		jsonw_put_str(&j.w, "a", *r->a ? r->a : NULL);
		jsonw_put_str(&j.w, "b", *r->b ? r->b : NULL);
		jsonw_put_bool(&j.w, "same", r->same);
		jsonw_key(&j.w, "delta");
		if (r->numeric)
			jsonw_num(&j.w, r->db - r->da);
		else
			jsonw_null(&j.w);
		jsonw_close(&j.w, '}');
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void diff_table(const struct reg_diff *d, struct out *o)
{
	char buf[FMT_MAX];
	struct out_table *t = out_table_new(o);
	out_table_column(t, "kind", OUT_LEFT);
	out_table_column(t, "key", OUT_LEFT);
	snprintf(buf, sizeof buf, "v%" PRId64, d->a->version);
	out_table_column(t, buf, OUT_LEFT);
	snprintf(buf, sizeof buf, "v%" PRId64, d->b->version);
	out_table_column(t, buf, OUT_LEFT);
	out_table_column(t, "change", OUT_RIGHT);
	for (size_t i = 0; i < d->n; i++) {
		const struct reg_diff_row *r = &d->at[i];
		if (!*r->a && !*r->b)
			continue;
		out_table_cell(t, r->kind);
		out_table_cell(t, r->key);
		out_table_cell(t, *r->a ? r->a : NULL);
		out_table_cell(t, *r->b ? r->b : NULL);
		if (r->same)
			out_table_cell(t, NULL);
		else if (r->numeric)
			out_table_cellf(t, "%s%s", r->db > r->da ? "+" : "", fmt_number(buf, r->db - r->da, 4));
		else
			out_table_cell(t, "differs");
	}
	out_table_end(t);
}

VERB_FN(verb_models_compare)
{
	struct store *s;
	int64_t id, va, vb;
	struct reg_diff *d;
	enum status rc = reg_verb_version(ws, a, 1, o, &s, &id, &va, e);
	if (rc != ST_OK)
		return rc;
	rc = version_find(s, id, verb_arg(a, 2), &vb, e);
	if (rc == ST_OK)
		rc = versions_compare(s, id, va, vb, &d, e);
	store_put(ws->pool, s);
	if (rc != ST_OK)
		return rc;
	if (o->json) {
		rc = diff_json(d, o, e);
	} else {
		diff_table(d, o);
		rc = out_check(o->out, e);
	}
	diff_free(d);
	return rc;
}
