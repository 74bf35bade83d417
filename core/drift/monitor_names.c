/* What a monitor's file names and nobody has: the model in the workspace, columns in the reference, metrics. `monitor check` tells of it with its place; a run
 * would find out window by window, or, where a limit is about a metric that does not exist, never. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/drift/monitor_store.h"
#include "core/drift/performance.h"
#include "core/io/sketch.h"

struct names { const char **at; size_t n, cap; const char *of; };        /* of: who has them, in words */

static void names_add(struct names *l, const char *name)
{
	MEM_GROW(l->at, l->cap, l->n + 1);
	l->at[l->n++] = name;
}

static void look_for(struct reading *r, const struct names *l, struct yamldoc_place at, const char *name, size_t n)
{
	const char *word = arena_strndup(r->arena, name, n);
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i], word))
			return;
	const char *near = word_nearest(word, l->at, l->n);
	finding_at(r, at, "%s %s%s%s%s", l->of, quoted(r, name, n), near ? "; did you mean " : "", near ? quoted(r, near, strlen(near)) : "", near ? "?" : "");
}

/* ---- where a file names columns ---- */

enum named_by { BY_KEYS, BY_WORDS };
static const struct place_of_names { const char *section, *key; enum named_by by; } column_places[] = {
	{ NULL, "columns", BY_WORDS }, { NULL, "types", BY_KEYS }, { "window", "time", BY_WORDS }, { "limits", "columns", BY_KEYS },
	{ "roles", "target", BY_WORDS }, { "roles", "prediction", BY_WORDS }, { "roles", "probability", BY_WORDS }, { "roles", "timestamp", BY_WORDS },
	{ "roles", "id", BY_WORDS }, { "roles", "segments", BY_WORDS },
}, metric_places[] = { { "limits", "performance", BY_KEYS } };

static void look_in(struct reading *r, const struct names *l, const struct yamldoc_node *root, const struct place_of_names *p)
{
	const struct yamldoc_node *x = yamldoc_get(p->section ? yamldoc_get(root, p->section) : root, p->key);
	if (p->by == BY_WORDS && x && x->kind == YAMLDOC_SCALAR && x->n)
		look_for(r, l, x->at, x->text, x->n);
	for (const struct yamldoc_node *c = x && x->kind != YAMLDOC_SCALAR ? x->child : NULL; c; c = c->next)
		if (p->by == BY_KEYS)
			look_for(r, l, c->key_at, c->key, c->key_n);
		else
			look_for(r, l, c->at, c->text, c->n);
}

/* ---- who has them ---- */

/* A sample tells the columns of most formats; the others are read. */
static enum status look_for_columns(struct reading *r, const struct monitor_file *f, const struct yamldoc_node *root, struct task *t, struct err *e)
{
	struct frame_options o = f->read;
	struct sketch_plan *plan = NULL;
	struct frame *frame = NULL;
	struct names l = { .of = "the reference has no column" };
	char *path = monitor_path(f, f->reference);
	o.query = f->reference_query;
	enum status st = sketch_plan_new(path, &o, t, &plan, e);
	if (st == ST_REFUSED)
		st = frame_read(path, &o, t, &frame, e);
	for (size_t i = 0; st == ST_OK && i < (plan ? plan->n_cols : frame->n_cols); i++)
		names_add(&l, plan ? plan->cols[i].name : frame->cols[i].name);
	for (size_t i = 0; st == ST_OK && i < sizeof column_places / sizeof *column_places; i++)
		look_in(r, &l, root, &column_places[i]);
	free(l.at);
	sketch_plan_free(plan);
	frame_free(frame);
	free(path);
	return st;
}

static void look_for_metrics(struct reading *r, const struct yamldoc_node *root)
{
	struct names l = { .of = "there is no metric" };
	for (size_t i = 0; performance_metric_name(i); i++)
		names_add(&l, performance_metric_name(i));
	look_in(r, &l, root, &metric_places[0]);
	free(l.at);
}

static void look_for_model(struct reading *r, struct store *s, const struct monitor_file *f, const struct yamldoc_node *root)
{
	const struct yamldoc_node *x = yamldoc_get(root, "model");
	struct err why;
	int64_t version;
	if (x && monitor_model(s, f, &version, &why) != ST_OK)
		finding_at(r, x->at, "%s", why.text);
}

enum status monitor_check_names(struct store *s, const struct monitor_file *f, const char *text, size_t n, struct task *t, struct str *notes, struct err *e)
{
	struct yamldoc *y = NULL;
	struct reading r = { .arena = arena_new() };
	enum status st = yamldoc_parse(text, n, f->path, &y, e);
	if (st == ST_OK) {
		if (s)
			look_for_model(&r, s, f, yamldoc_root(y));
		look_for_metrics(&r, yamldoc_root(y));
		st = look_for_columns(&r, f, yamldoc_root(y), t, e);
		findings_report(&r, f->path, "monitor check", notes, NULL);
	}
	yamldoc_free(y);
	arena_free(r.arena);
	return st;
}
