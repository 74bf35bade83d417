/* metrics get: the history of one metric, every point or fewer with nothing extreme lost.
 *
 * Reducing  the points of the window are counted, then cut into groups of equal length; a group gives its first
 *           and last point, its least and greatest finite one and its first that is not finite, in their order. N points
 *           allow N / 5 groups.
 * Memory    one group and one piece of output, whatever the length of the series.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/runs/verbs_impl.h"

enum { KEPT = 5 /* points a group may give */ };

struct summary { int64_t n; double min, max, last; };
struct group { struct point first, last, min, max, odd; bool any, any_finite, any_odd; int64_t n, at[KEPT]; };
struct history {
	struct out *o; struct json_out j; struct out_table *table;
	struct summary sum;
	int64_t group_size;                  /* 0: every point */
	struct group g;
};

static void put_json(struct json_out *j, const struct point *p)
{
	jsonw_open(&j->w, '[');
	jsonw_int(&j->w, p->step);
	jsonw_int(&j->w, p->ms);
	jsonw_num(&j->w, p->value);
	jsonw_close(&j->w, ']');
	json_out_step(j);
}

static void put_row(struct history *h, const struct point *p)
{
	char buf[FMT_MAX], time[FMT_MAX];
	out_table_cellf(h->table, "%" PRId64, p->step);
	if (h->o->tty)
		out_table_cell(h->table, fmt_time(time, p->ms));
	else
		out_table_cellf(h->table, "%" PRId64, p->ms);
	out_table_cell(h->table, fmt_exact(buf, p->value));
}

static void put(struct history *h, const struct point *p)
{
	if (h->table)
		put_row(h, p);
	else
		put_json(&h->j, p);
}

/* The kept points of a group in the order they came, each once. */
static void group_end(struct history *h)
{
	struct group *g = &h->g;
	const struct { const struct point *p; int64_t at; bool have; } kept[KEPT] = {
		{ &g->first, g->at[0], g->any }, { &g->min, g->at[1], g->any_finite }, { &g->max, g->at[2], g->any_finite },
		{ &g->odd, g->at[3], g->any_odd }, { &g->last, g->at[4], g->any },
	};
	for (int64_t done = -1;;) {
		int next = -1;
		for (int i = 0; i < KEPT; i++)
			if (kept[i].have && kept[i].at > done && (next < 0 || kept[i].at < kept[next].at))
				next = i;
		if (next < 0)
			break;
		put(h, kept[next].p);
		done = kept[next].at;
	}
	*g = (struct group){ 0 };
}

static void group_add(struct history *h, const struct point *p)
{
	struct group *g = &h->g;
	int64_t at = g->n++;
	if (!g->any) {
		g->first = *p;
		g->at[0] = at;
	}
	g->last = *p;
	g->at[4] = at;
	g->any = true;
	if (!isfinite(p->value) && !g->any_odd) {
		g->odd = *p;
		g->at[3] = at;
		g->any_odd = true;
	} else if (isfinite(p->value)) {
		if (!g->any_finite || p->value < g->min.value) {
			g->min = *p;
			g->at[1] = at;
		}
		if (!g->any_finite || p->value > g->max.value) {
			g->max = *p;
			g->at[2] = at;
		}
		g->any_finite = true;
	}
	if (g->n == h->group_size)
		group_end(h);
}

static void summary_add(struct summary *s, double v)
{
	s->n++;
	s->last = v;
	if (!isnan(v)) {
		s->min = isnan(s->min) || v < s->min ? v : s->min;
		s->max = isnan(s->max) || v > s->max ? v : s->max;
	}
}

static bool count_point(void *arg, const struct point *p)
{
	(void)p;
	++*(int64_t *)arg;
	return true;
}

static bool take_point(void *arg, const struct point *p)
{
	struct history *h = arg;
	summary_add(&h->sum, p->value);
	if (h->group_size)
		group_add(h, p);
	else
		put(h, p);
	return !ferror(h->o->out);
}

struct window { int64_t run, name, from, to, most; };

static enum status read_window(struct store *s, const struct window *w, struct history *h, struct err *e)
{
	int64_t n = 0;
	if (w->most) {
		enum status rc = series_each(s, w->run, w->name, AXIS_STEP, w->from, w->to, count_point, &n, e);
		if (rc != ST_OK)
			return rc;
		int64_t groups = w->most / KEPT;
		h->group_size = n > w->most ? (n + groups - 1) / groups : 0;
	}
	enum status rc = series_each(s, w->run, w->name, AXIS_STEP, w->from, w->to, take_point, h, e);
	group_end(h);
	return rc;
}

static void json_number(struct jsonw *w, const char *key, double v, bool have)
{
	jsonw_key(w, key);
	if (have)
		jsonw_num(w, v);
	else
		jsonw_null(w);
}

static enum status history_json(struct store *s, const struct window *w, const char *uuid, const char *key, struct history *h, struct err *e)
{
	json_out_init(&h->j, h->o->out);
	struct jsonw *j = &h->j.w;
	jsonw_open(j, '{');
	jsonw_put_str(j, "run_id", uuid);
	jsonw_put_str(j, "key", key);
	jsonw_put_open(j, "points", '[');
	enum status rc = read_window(s, w, h, e);
	jsonw_close(j, ']');
	jsonw_put_int(j, "count", h->sum.n);
	json_number(j, "min", h->sum.min, !isnan(h->sum.min));
	json_number(j, "max", h->sum.max, !isnan(h->sum.max));
	json_number(j, "last", h->sum.last, h->sum.n > 0);
	jsonw_close(j, '}');
	enum status written = json_out_end(&h->j, rc == ST_OK ? e : NULL);
	return rc != ST_OK ? rc : written;
}

static enum status history_table(struct store *s, const struct window *w, struct history *h, struct err *e)
{
	h->table = out_table_new(h->o);
	out_table_column(h->table, "step", OUT_RIGHT);
	out_table_column(h->table, h->o->tty ? "time" : "timestamp_ms", OUT_LEFT);
	out_table_column(h->table, "value", OUT_RIGHT);
	enum status rc = read_window(s, w, h, e);
	out_table_end(h->table);
	return rc != ST_OK ? rc : out_check(h->o->out, e);
}

enum status verb_no_metric(const struct run_detail *d, const char *key, struct err *e)
{
	struct str clean = STR_INIT, near = STR_INIT;
	verb_clean(&clean, key);
	int best = 0;
	for (size_t i = 0; i < d->n_metrics; i++) {
		int score = text_fuzzy(d->metrics[i].key, key);
		if (score > best) {
			best = score;
			verb_clean(&near, d->metrics[i].key);
		}
	}
	if (best)
		err_set(e, ST_NOT_FOUND, "this run has no metric \"%s\"; did you mean \"%s\"?", clean.p, near.p);
	else
		err_set(e, ST_NOT_FOUND, "this run has no metric \"%s\"; it has %zu, see: mlyard runs show %s", clean.p, d->n_metrics, d->row.uuid);
	str_free(&clean);
	str_free(&near);
	return ST_NOT_FOUND;
}

static enum status get(struct store *s, struct window *w, const char *key, struct out *o, struct err *e)
{
	struct run_detail *d;
	struct history *h = &(struct history){ .o = o, .sum = { 0, NAN, NAN, NAN } };
	enum status rc = run_detail_load(s, w->run, &d, e);
	if (rc != ST_OK)
		return rc;
	for (size_t i = 0; i < d->n_metrics && !w->name; i++)
		if (!strcmp(d->metrics[i].key, key))
			w->name = d->metrics[i].name_id;
	if (!w->name)
		rc = verb_no_metric(d, key, e);
	else
		rc = o->json ? history_json(s, w, d->row.uuid, key, h, e) : history_table(s, w, h, e);
	run_detail_free(d);
	return rc;
}

enum status verb_metrics_get(struct workspace *ws, const struct verb_args *a, struct out *o, struct err *e)
{
	struct store *s;
	struct window w = { .from = verb_int(a, "from", INT64_MIN), .to = verb_int(a, "to", INT64_MAX), .most = verb_int(a, "points", 0) };
	if (verb_opt(a, "points") && w.most < KEPT)
		return err_set(e, ST_USAGE, "--points needs a number from %d on: a group of points keeps so many", KEPT);
	if (w.from > w.to)
		return err_set(e, ST_USAGE, "--from %" PRId64 " lies behind --to %" PRId64, w.from, w.to);
	enum status rc = verb_run(ws, a, &s, &w.run, e);
	if (rc != ST_OK)
		return rc;
	rc = get(s, &w, verb_arg(a, 1), o, e);
	store_put(ws->pool, s);
	return rc;
}
