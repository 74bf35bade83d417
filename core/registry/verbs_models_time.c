/* models at, timeline, lineage: who held what when, where a version came from and what came of it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/registry/lineage.h"
#include "core/registry/verbs_impl.h"
#include "core/registry/when.h"

/* ---- at ---- */

/* The row is the one that counts for its kind and name: a later one of the same may hold at that time, too. */
static bool counts(const struct reg_timeline *t, const struct reg_held_row *r, const char *kind, int64_t when)
{
	return !strcmp(r->kind, kind) && r->from_ms <= when && timeline_at(t, kind, r->name, when) == r;
}

static void json_held(struct jsonw *w, const struct reg_timeline *t, const char *key, const char *kind, int64_t when)
{
	jsonw_put_open(w, key, '{');
	for (size_t i = 0; i < t->n; i++) {
		const struct reg_held_row *r = &t->at[i];
		if (!counts(t, r, kind, when))
			continue;
		jsonw_put_open(w, r->name, '{');
		jsonw_put_int(w, "version", r->version);
		jsonw_put_int(w, "since_ms", r->from_ms);
		jsonw_put_str(w, "by", r->by);
		jsonw_close(w, '}');
	}
	jsonw_close(w, '}');
}

static enum status at_json(const struct reg_timeline *t, int64_t when, struct out *o, struct err *e)
{
	struct json_out j;
	char buf[FMT_MAX];
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", t->model);
	jsonw_put_str(&j.w, "when", fmt_time_iso(buf, when));
	json_held(&j.w, t, "stages", "stage", when);
	json_held(&j.w, t, "aliases", "alias", when);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void held_cells(struct out_table *t, const struct reg_held_row *r, const struct out *o)
{
	char buf[FMT_MAX];
	out_table_cell(t, r->kind);
	out_table_cell(t, r->name);
	out_table_cellf(t, "%" PRId64, r->version);
	out_table_cellf(t, "%s%s", o->tty ? fmt_time(buf, r->from_ms) : fmt_time_iso(buf, r->from_ms), r->from_known ? "" : " or before");
}

static void at_table(const struct reg_timeline *x, int64_t when, struct out *o)
{
	static const char *const kinds[] = { "stage", "alias" }, *const titles[] = { "kind", "name", "version", "since", "by" };
	struct out_table *t = out_table_new(o);
	size_t n = 0;
	for (size_t i = 0; i < 5; i++)
		out_table_column(t, titles[i], i == 2 ? OUT_RIGHT : OUT_LEFT);
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < x->n; i++)
			if (counts(x, &x->at[i], kinds[k], when)) {
				held_cells(t, &x->at[i], o);
				out_table_cell(t, *x->at[i].by ? x->at[i].by : NULL);
				n++;
			}
	out_table_end(t);
	if (o->tty && !n)
		fputs("nothing is known of that time\n", o->out);
}

VERB_FN(verb_models_at)
{
	struct store *s;
	struct reg_timeline *t;
	int64_t id, when = clock_wall_ms();
	bool now = !verb_opt(a, "when") || !strcmp(verb_opt(a, "when"), "now");
	enum status rc = verb_opt(a, "when") ? when_parse(verb_opt(a, "when"), when, &when, e) : ST_OK;
	if (rc == ST_OK)
		rc = reg_verb_model(ws, a, o, &s, &id, e);
	if (rc != ST_OK)
		return rc;
	rc = timeline_load(s, id, &t, e);
	store_put(ws->pool, s);
	if (rc != ST_OK)
		return rc;
	if (now && when < t->last_ms)            /* this clock is behind the one that the latest record was made by */
		when = t->last_ms;
	if (o->json) {
		rc = at_json(t, when, o, e);
	} else {
		at_table(t, when, o);
		rc = out_check(o->out, e);
	}
	timeline_free(t);
	return rc;
}

/* ---- timeline ---- */

static void span_json(struct jsonw *w, const struct reg_held_row *r)
{
	jsonw_open(w, '{');
	jsonw_put_str(w, "kind", r->kind);
	jsonw_put_str(w, "name", r->name);
	jsonw_put_int(w, "version", r->version);
	jsonw_put_int(w, "from_ms", r->from_ms);
	jsonw_put_bool(w, "from_known", r->from_known);
	json_time(w, "to_ms", r->to_ms == INT64_MAX ? INT64_MIN : r->to_ms);
	jsonw_put_str(w, "by", r->by);
	jsonw_put_str(w, "how", r->how);
	jsonw_put_int(w, "from_record", r->from_seq);
	jsonw_put_nonzero(w, "to_record", r->to_seq);
	jsonw_close(w, '}');
}

static enum status timeline_json(const struct reg_timeline *t, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", t->model);
	jsonw_put_open(&j.w, "spans", '[');
	for (size_t i = 0; i < t->n; i++) {
		span_json(&j.w, &t->at[i]);
		json_out_step(&j);
	}
	jsonw_close(&j.w, ']');
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

static void timeline_table(const struct reg_timeline *x, struct out *o)
{
	static const char *const titles[] = { "kind", "name", "version", "from", "to", "how", "by" };
	char buf[FMT_MAX];
	struct out_table *t = out_table_new(o);
	for (size_t i = 0; i < 7; i++)
		out_table_column(t, titles[i], i == 2 ? OUT_RIGHT : OUT_LEFT);
	for (size_t i = 0; i < x->n; i++) {
		const struct reg_held_row *r = &x->at[i];
		held_cells(t, r, o);
		out_table_cell(t, r->to_ms == INT64_MAX ? NULL : o->tty ? fmt_time(buf, r->to_ms) : fmt_time_iso(buf, r->to_ms));
		out_table_cell(t, r->how);
		out_table_cell(t, *r->by ? r->by : NULL);
	}
	out_table_end(t);
}

VERB_FN(verb_models_timeline)
{
	struct store *s;
	struct reg_timeline *t;
	int64_t id;
	enum status rc = reg_verb_model(ws, a, o, &s, &id, e);
	if (rc != ST_OK)
		return rc;
	rc = timeline_load(s, id, &t, e);
	store_put(ws->pool, s);
	if (rc != ST_OK)
		return rc;
	if (o->json) {
		rc = timeline_json(t, o, e);
	} else {
		timeline_table(t, o);
		rc = out_check(o->out, e);
	}
	timeline_free(t);
	return rc;
}

/* ---- lineage ---- */

static const char *const kind_names[] = { [LINEAGE_DATASET] = "dataset", [LINEAGE_FEATURE] = "feature", [LINEAGE_RUN] = "run", [LINEAGE_LOGGED] = "logged model",
	[LINEAGE_VERSION] = "version", [LINEAGE_PLACE] = "place" };

static void nodes_json(struct json_out *j, const char *key, const struct lineage_node *at, size_t n)
{
	jsonw_put_open(&j->w, key, '[');
	for (size_t i = 0; i < n; i++) {
		jsonw_open(&j->w, '{');
		jsonw_put_int(&j->w, "depth", at[i].depth);
		jsonw_put_str(&j->w, "kind", kind_names[at[i].kind]);
		jsonw_put_str(&j->w, "name", at[i].name);
		jsonw_put_str(&j->w, "detail", at[i].detail);
		jsonw_put_str(&j->w, "edge", at[i].edge);
		jsonw_put_bool(&j->w, "seen", at[i].seen);
		jsonw_close(&j->w, '}');
		json_out_step(j);
	}
	jsonw_close(&j->w, ']');
}

static enum status lineage_json(const struct lineage *l, const char *model, struct out *o, struct err *e)
{
	struct json_out j;
	json_out_init(&j, o->out);
	jsonw_open(&j.w, '{');
	jsonw_put_str(&j.w, "model", model);
	jsonw_put_int(&j.w, "version", l->up[0].version);
	nodes_json(&j, "up", l->up, l->n_up);
	nodes_json(&j, "down", l->down, l->n_down);
	jsonw_put_bool(&j.w, "cut", l->cut);
	jsonw_close(&j.w, '}');
	return json_out_end(&j, e);
}

/* Branches as `tree` draws them; `more[d]`: the branch at depth d goes on below. */
static void nodes_tree(const struct lineage_node *at, size_t n, struct out *o)
{
	bool more[66] = { false };
	for (size_t i = 1; i < n; i++) {
		const struct lineage_node *x = &at[i];
		more[x->depth] = !x->last;
		for (int d = 1; d < x->depth; d++)
			fputs(more[d] ? o->utf8 ? "│  " : "|  " : "   ", o->out);
		fputs(x->last ? o->utf8 ? "└─ " : "`- " : o->utf8 ? "├─ " : "|- ", o->out);
		const bool said = x->kind == LINEAGE_DATASET || x->kind == LINEAGE_FEATURE;      /* the edge names the kind */
		fprintf(o->out, "%s %s%s%s%s%s%s%s\n", x->edge, said ? "" : kind_names[x->kind], said ? "" : " ", x->name, *x->detail ? " (" : "", x->detail, *x->detail ? ")" : "", x->seen ? ", seen above" : "");
	}
}

static void lineage_text(const struct lineage *l, struct out *o)
{
	fprintf(o->out, "%s (%s)\n", l->up[0].name, l->up[0].detail);
	fputs(l->n_up > 1 ? "came from\n" : "came from: nothing is recorded\n", o->out);
	nodes_tree(l->up, l->n_up, o);
	fputs(l->n_down > 1 ? "led to\n" : "led to: nothing is recorded\n", o->out);
	nodes_tree(l->down, l->n_down, o);
	if (l->cut)
		fputs("note: only the first 4,096 nodes and 64 levels are shown\n", o->msg);
}

VERB_FN(verb_models_lineage)
{
	struct store *s;
	struct lineage *l;
	int64_t id, version;
	enum status rc = reg_verb_version(ws, a, 1, o, &s, &id, &version, e);
	if (rc != ST_OK)
		return rc;
	rc = lineage_load(s, id, version, &l, e);
	store_put(ws->pool, s);
	if (rc != ST_OK)
		return rc;
	if (o->json) {
		rc = lineage_json(l, verb_arg(a, 0), o, e);
	} else {
		lineage_text(l, o);
		rc = out_check(o->out, e);
	}
	lineage_free(l);
	return rc;
}
