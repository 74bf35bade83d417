/* drift stream: where detectors see the history of a metric, or a column of a file, change. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/drift/changes.h"
#include "core/drift/verbs_impl.h"
#include "core/io/frame.h"

/* ---- values ---- */

static bool take_point(void *arg, const struct point *p)
{
	changes_add(arg, p->step, p->ms, p->value);
	return true;
}

static enum status watch_metric(struct store *s, int64_t run, const char *key, struct change_watch *w, struct err *e)
{
	struct run_detail *d = NULL;
	int64_t name = 0;
	enum status st = run_detail_load_parts(s, run, RUN_METRICS, &d, e);
	for (size_t i = 0; st == ST_OK && i < d->n_metrics && !name; i++)
		if (!strcmp(d->metrics[i].key, key))
			name = d->metrics[i].name_id;
	if (st == ST_OK)
		st = name ? series_each(s, run, name, AXIS_STEP, INT64_MIN, INT64_MAX, take_point, w, e) : verb_no_metric(d, key, e);
	run_detail_free(d);
	return st;
}

static enum status watch_run(const struct verb_args *a, struct change_watch *w, struct err *e)
{
	const struct workspace_spec spec = { .file = verb_opt(a, "workspace"), .read_only = true, .must_exist = true };
	struct workspace *ws = NULL;
	struct store *s = NULL;
	int64_t run;
	enum status st = workspace_open(&spec, &ws, e);
	if (st == ST_OK)
		st = verb_run(ws, a, &s, &run, e);
	if (st == ST_OK)
		st = watch_metric(s, run, verb_arg(a, 1), w, e);
	if (s)
		store_put(ws->pool, s);
	workspace_close(ws);
	return st;
}

static enum status no_column(const struct frame *f, const char *name, const char *why, struct err *e)
{
	struct str clean = STR_INIT, file = STR_INIT;
	text_clean(&clean, name, strlen(name), 0);
	text_clean(&file, f->name, strlen(f->name), 0);
	err_set(e, ST_NOT_FOUND, "%s: the column \"%s\" %s", file.p, clean.p, why);
	str_free(&clean);
	str_free(&file);
	return ST_NOT_FOUND;
}

static enum status watch_frame(const struct frame *f, const char *column, const char *time, struct change_watch *w, struct err *e)
{
	const struct frame_col *values = frame_find(f, column), *times = time ? frame_find(f, time) : NULL;
	if (!values)
		return no_column(f, column, "is not there", e);
	if (values->type != FRAME_NUMBER && values->type != FRAME_BOOLEAN)
		return no_column(f, column, "holds no numbers; detectors watch numbers, or 0 and 1 for errors", e);
	if (time && (!times || times->type != FRAME_TIME))
		return no_column(f, time, times ? "holds no times" : "is not there", e);
	for (size_t i = 0; i < values->n; i++)
		changes_add(w, (int64_t)i, times && isfinite(times->num[i]) ? (int64_t)times->num[i] : INT64_MIN, values->num[i]);
	return ST_OK;
}

static enum status watch_file(const struct verb_args *a, struct change_watch *w, struct err *e)
{
	const char *column = verb_opt(a, "column"), *time = verb_opt(a, "time"), *names[2] = { column, time };
	struct frame_options opt = { .columns = names, .n_columns = time && strcmp(time, column) != 0 ? 2 : 1, .query = verb_opt(a, "query") };
	struct frame *f = NULL;
	enum status st = verb_size(a, "pipe-limit", &opt.pipe_limit, e);
	if (st == ST_OK)
		st = frame_read(verb_opt(a, "file"), &opt, NULL, &f, e);
	if (st == ST_OK)
		st = watch_frame(f, column, time, w, e);
	frame_free(f);
	return st;
}

/* ---- what came out ---- */

static void json_change(struct jsonw *w, const struct seen_change *c)
{
	jsonw_open(w, '{');
	jsonw_put_int(w, "index", (int64_t)c->at.index);
	jsonw_put_int(w, "step", c->at.step);
	json_time(w, "timestamp_ms", c->at.ms);
	jsonw_put_num(w, "mean_before", c->before);
	jsonw_put_int(w, "n_before", (int64_t)c->n_before);
	jsonw_key(w, "mean_after");
	if (c->n_after)
		jsonw_num(w, c->after);
	else
		jsonw_null(w);
	jsonw_put_int(w, "n_after", (int64_t)c->n_after);
	jsonw_close(w, '}');
}

static void json_detector(struct jsonw *w, const struct changes *c, const struct change_detector *d)
{
	struct str why = STR_INIT;
	jsonw_open(w, '{');
	jsonw_put_str(w, "name", d->by->id);
	jsonw_put_str(w, "title", d->by->title);
	jsonw_put_bool(w, "used", d->used);
	if (!d->used)
		changes_why_unused(c, d, &why);
	jsonw_put_str(w, "why", d->used ? NULL : why.p);
	jsonw_put_open(w, "changes", '[');
	for (size_t i = 0; i < d->n; i++)
		json_change(w, &d->at[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
	str_free(&why);
}

static enum status print_json(struct out *o, const struct changes *c, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_int(&j.w, "values", (int64_t)c->values);
	jsonw_put_int(&j.w, "not_finite", (int64_t)c->not_finite);
	jsonw_put_bool(&j.w, "drifted", changes_count(c) > 0);
	jsonw_key(&j.w, "page_hinkley_scale");
	if (c->scaled) {
		jsonw_open(&j.w, '{');
		jsonw_put_num(&j.w, "median", c->median);
		jsonw_put_num(&j.w, "spread", c->spread);
		jsonw_close(&j.w, '}');
	} else {
		jsonw_null(&j.w);
	}
	jsonw_put_open(&j.w, "detectors", '[');
	for (size_t i = 0; i < c->n_detectors; i++)
		json_detector(&j.w, c, &c->detector[i]);
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void put_change(struct out_table *t, const struct out *o, const struct change_detector *d, const struct seen_change *c)
{
	char buf[FMT_MAX];
	out_table_cell(t, o->tty ? d->by->title : d->by->id);
	out_table_cellf(t, "%" PRIu64, c->at.index);
	out_table_cellf(t, "%" PRId64, c->at.step);
	if (c->at.ms == INT64_MIN || o->tty)
		out_table_cell(t, c->at.ms == INT64_MIN ? NULL : fmt_time(buf, c->at.ms));
	else
		out_table_cellf(t, "%" PRId64, c->at.ms);
	out_table_cell(t, o->tty ? fmt_metric(buf, c->before) : fmt_exact(buf, c->before));
	out_table_cell(t, !c->n_after ? NULL : o->tty ? fmt_metric(buf, c->after) : fmt_exact(buf, c->after));
}

static void say_notes(struct out *o, const struct changes *c)
{
	char a[FMT_MAX], b[FMT_MAX];
	struct str why = STR_INIT;
	if (!changes_count(c))
		fprintf(o->msg, "no change seen in %s values\n", fmt_count(a, (int64_t)(c->values - c->not_finite)));
	for (size_t i = 0; i < c->n_detectors; i++)
		if (!c->detector[i].used) {
			str_clear(&why);
			changes_why_unused(c, &c->detector[i], &why);
			fprintf(o->msg, "left out: %s\n", why.p);
		}
	if (c->not_finite)
		fprintf(o->msg, "passed over: %s missing or not finite\n", fmt_count(a, (int64_t)c->not_finite));
	if (c->scaled)
		fprintf(o->msg, "Page-Hinkley sees (value - %s) / %s: median and spread of the first %d values\n", fmt_number(a, c->median, 4),
			fmt_number(b, c->spread, 4), CHANGES_SCALE);
	str_free(&why);
}

static enum status print_table(struct out *o, const struct changes *c, struct err *e)
{
	const char *titles[] = { "detector", "index", "step", o->tty ? "time" : "timestamp_ms", "mean_before", "mean_after" };
	if (changes_count(c)) {
		struct out_table *t = out_table_new(o);
		for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
			out_table_column(t, titles[i], i == 0 || i == 3 ? OUT_LEFT : OUT_RIGHT);
		for (size_t i = 0; i < c->n_detectors; i++)
			for (size_t k = 0; k < c->detector[i].n; k++)
				put_change(t, o, &c->detector[i], &c->detector[i].at[k]);
		out_table_end(t);
	}
	say_notes(o, c);
	return out_check(o->out, e);
}

/* ---- the command ---- */

static enum status check_words(const struct verb_args *a, struct err *e)
{
	const char *const of_files[] = { "column", "time", "query", "pipe-limit" };
	bool file = verb_opt(a, "file") != NULL;
	if (file ? verb_argc(a) != 0 : verb_argc(a) != 2)
		return err_set(e, ST_USAGE, "name a series: drift stream RUN METRIC, or drift stream --file FILE --column NAME");
	if (file && !verb_opt(a, "column"))
		return err_set(e, ST_USAGE, "name the column to watch: --column NAME");
	for (size_t i = 0; !file && i < sizeof of_files / sizeof *of_files; i++)
		if (verb_opt(a, of_files[i]))
			return err_set(e, ST_USAGE, "--%s belongs to --file", of_files[i]);
	return ST_OK;
}

static enum status take_detectors(const struct verb_args *a, const struct stream_class *by[CHANGES_DETECTORS], size_t *n, struct err *e)
{
	struct arena *room = arena_new();
	struct verb_list names;
	enum status st = verb_list(a, "detector", room, &names, e);
	if (st == ST_OK)
		st = changes_detectors(names.at, names.n, by, n, e);
	arena_free(room);
	return st;
}

/* A detector that was asked for by name and cannot be used is an error; of a choice made for the user it is a note. */
static enum status check_used(const struct verb_args *a, const struct changes *c, struct err *e)
{
	const char *names = verb_opt(a, "detector");
	struct str why = STR_INIT;
	enum status st = ST_OK;
	for (size_t i = 0; names && strcmp(names, "all") != 0 && i < c->n_detectors && st == ST_OK; i++)
		if (!c->detector[i].used) {
			changes_why_unused(c, &c->detector[i], &why);
			st = err_set(e, ST_USAGE, "%s; adwin, kswin and page_hinkley take any number", why.p);
		}
	str_free(&why);
	return st;
}

DRIFT_VERB(verb_drift_stream)
{
	const struct stream_class *by[CHANGES_DETECTORS];
	size_t n;
	(void)ws;
	enum status st = check_words(a, e);
	if (st == ST_OK)
		st = take_detectors(a, by, &n, e);
	if (st != ST_OK)
		return st;
	struct change_watch *w = changes_watch(by, n);
	st = verb_opt(a, "file") ? watch_file(a, w, e) : watch_run(a, w, e);
	struct changes *c = changes_done(w);
	if (st == ST_OK)
		st = check_used(a, c, e);
	if (st == ST_OK)
		st = o->json ? print_json(o, c, e) : print_table(o, c, e);
	if (st == ST_OK && changes_count(c) && verb_flag(a, "fail-on-drift"))
		st = err_set(e, ST_CHECK, "%zu %s seen", changes_count(c), changes_count(c) == 1 ? "change was" : "changes were");
	changes_free(c);
	return st;
}
