/* The shell commands of this domain, one row each, and the list of experiments. */
#include "core/runs/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/runs/verbs_impl.h"

static const struct verb_opt runs_list_opts[] = {
	{ "experiment", OPT_STRING, "E", "Only runs of this experiment (its name or id)" },
	{ "filter", OPT_STRING, "F", "Only runs that match, for example 'metrics.loss < 0.3 params.opt=adam'" },
	{ "sort", OPT_STRING, "K[:desc],...", "Order by these columns, missing values last; newest first otherwise" },
	{ "columns", OPT_STRING, "K,...", "Columns to show: name state age took user source experiment id start end metrics.K[:min|max] params.K tags.K" },
	{ "limit", OPT_INT, "N", "At most so many runs" },
	{ "deleted", OPT_FLAG, NULL, "Also runs that were deleted" },
};
static const struct verb_opt metrics_get_opts[] = {
	{ "from", OPT_INT, "S", "From this step on" },
	{ "to", OPT_INT, "S", "Up to this step" },
	{ "points", OPT_INT, "N", "At most so many points, with every extreme kept (5 or more)" },
};
static const struct verb_opt import_opts[] = {
	{ "follow", OPT_FLAG, NULL, "Go on importing what is written, until interrupted" },
};
#define OPTS(rows) rows, sizeof rows / sizeof *rows

const struct verb runs_verbs[] = {
	{ "import", "PATH...", "Bring MLflow databases and mlruns folders into the workspace", OPTS(import_opts), VERB_WRITES, 1, -1, verb_import },
	{ "experiments list", "", "List the experiments with their numbers of runs", NULL, 0, VERB_READS, 0, 0, verb_experiments_list },
	{ "runs list", "", "List runs with their metrics and params", OPTS(runs_list_opts), VERB_READS, 0, 0, verb_runs_list },
	{ "runs show", "RUN", "Show everything known about a run", NULL, 0, VERB_READS, 1, 1, verb_runs_show },
	{ "metrics get", "RUN KEY", "Print the history of a metric", OPTS(metrics_get_opts), VERB_READS, 2, 2, verb_metrics_get },
	{ "artifacts list", "RUN [PATH]", "List the files of a run", NULL, 0, VERB_READS, 1, 2, verb_artifacts_list },
	{ "artifacts cat", "RUN PATH", "Print a file of a run", NULL, 0, VERB_READS, 2, 2, verb_artifacts_cat },
};
const size_t runs_n_verbs = sizeof runs_verbs / sizeof *runs_verbs;

const char *verb_clean(struct str *into, const char *text)
{
	str_clear(into);
	text_clean(into, text, strnlen(text, 300), 0);
	return into->p;
}

const char *verb_state(const struct out *o, int status, char buf[FMT_MAX])
{
	const struct run_status_words *w = run_status_words(status);
	if (!o->tty)
		return w->name;
	snprintf(buf, FMT_MAX, "%s %s", o->utf8 ? w->sign : w->ascii, w->word);
	return buf;
}

enum status verb_run(struct workspace *ws, const struct verb_args *a, struct store **s, int64_t *run_id, struct err *e)
{
	*s = store_get(ws->pool, e);
	if (!*s)
		return ST_FAILED;
	enum status rc = run_find(*s, verb_arg(a, 0), run_id, e);
	if (rc != ST_OK) {
		store_put(ws->pool, *s);
		*s = NULL;
	}
	return rc;
}

static void experiment_json(struct jsonw *w, const struct experiment *x)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "experiment_id", x->ext_id);
	jsonw_put_strn(w, "name", x->stored_name.value, x->stored_name.n);
	jsonw_put_str(w, "lifecycle_stage", x->deleted ? "deleted" : "active");
	jsonw_put_int(w, "runs", x->runs);
	jsonw_put_int(w, "running", x->running);
	jsonw_put_int(w, "deleted_runs", x->deleted_runs);
	json_time(w, "creation_time_ms", x->created_ms);
	json_time(w, "last_update_time_ms", x->updated_ms);
	jsonw_put_str(w, "workspace", x->namespace);
	jsonw_put_strn(w, "artifact_location", x->artifact_uri.value, x->artifact_uri.n);
	jsonw_put_str(w, "note", x->note);
	jsonw_close(w, '}');
}

static enum status experiments_json(const struct experiments *x, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_open(&j.w, "experiments", '[');
	for (size_t i = 0; i < x->n; i++) {
		experiment_json(&j.w, &x->at[i]);
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_put_int(&j.w, "total", (int64_t)x->n);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void experiments_table(const struct experiments *x, struct out *o)
{
	static const struct { const char *title; enum out_align align; } columns[] = {
		{ "id", OUT_LEFT }, { "name", OUT_LEFT }, { "runs", OUT_RIGHT }, { "running", OUT_RIGHT }, { "deleted", OUT_RIGHT }, { "state", OUT_LEFT }, { "created", OUT_LEFT },
	};
	char time[FMT_MAX];
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		out_table_column(t, columns[i].title, columns[i].align);
	for (size_t i = 0; i < x->n; i++) {
		const struct experiment *r = &x->at[i];
		out_table_cell(t, r->ext_id);
		out_table_cell(t, r->name);
		out_table_cellf(t, "%lld", (long long)r->runs);
		out_table_cellf(t, "%lld", (long long)r->running);
		out_table_cellf(t, "%lld", (long long)r->deleted_runs);
		out_table_cell(t, r->deleted ? "deleted" : "active");
		out_table_cell(t, r->created_ms == INT64_MIN ? NULL : o->tty ? fmt_time(time, r->created_ms) : fmt_time_iso(time, r->created_ms));
	}
	out_table_end(t);
}

enum status verb_experiments_list(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	(void)a;
	struct experiments *x;
	struct store *s = store_get(ws->pool, e);
	if (!s)
		return ST_FAILED;
	enum status rc = experiments_load(s, &x, e);
	store_put(ws->pool, s);
	if (rc != ST_OK)
		return rc;
	if (o->json) {
		rc = experiments_json(x, o, e);
	} else {
		experiments_table(x, o);
		rc = out_check(o->out, e);
	}
	experiments_free(x);
	return rc;
}
