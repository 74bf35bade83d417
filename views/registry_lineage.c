/* Lineage of a version: what it came from and what came of it, as one tree that folds. Enter goes to the run or version under the cursor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/lineage.h"
#include "tui/tree.h"
#include "views/registry_commands.h"
#include "views/registry_internal.h"

/* Rows of the tree: the version, a heading, what it came from, a heading, what came of it. node NULL: a heading or a word. */
struct lineage_row { const struct lineage_node *node; const char *words; };
struct lineage_page { struct lineage *data; struct err err; int64_t model_id, version; struct lineage_row *rows; size_t n; struct tree tree; char *find; bool ascii; };
struct trip { int64_t model_id, version; struct lineage *data; };

static struct lineage_page *page_of(const struct registry_view *v)
{
	return v->state[PAGE_lineage];
}

/* ---- rows ------------------------------------------------------------------------------------------------- */

static const struct { const char *word, *sign, *ascii; enum role role; } kinds[] = {
	[LINEAGE_DATASET] = { "data set", "▤", "#", ROLE_S3 }, [LINEAGE_FEATURE] = { "feature", "◇", "o", ROLE_S4 }, [LINEAGE_RUN] = { "run", "▸", ">", ROLE_S1 },
	[LINEAGE_LOGGED] = { "logged model", "▢", "=", ROLE_TEXT }, [LINEAGE_VERSION] = { "version", "●", "*", ROLE_STRONG }, [LINEAGE_PLACE] = { "deployed", "▲", "^", ROLE_GOOD },
};

static void row(void *data, size_t i, char *buf, size_t cap, struct tree_row *out)
{
	const struct lineage_page *p = data;
	const struct lineage_row *r = &p->rows[i];
	out->pen = PEN(ROLE_DIM);
	out->text = r->words;
	if (r->node) {
		const struct lineage_node *x = r->node;
		const char *edge = x->depth && *x->edge && strcmp(x->edge, kinds[x->kind].word) ? x->edge : "";
		snprintf(buf, cap, "%s %.120s%s%.60s%s", p->ascii ? kinds[x->kind].ascii : kinds[x->kind].sign, x->name, *edge ? "  " : "", edge, x->seen ? "  (seen above)" : "");
		out->text = buf;
		out->note = *x->detail ? x->detail : kinds[x->kind].word;
		out->pen = PEN(x->seen ? ROLE_DIM : kinds[x->kind].role);
	}
	out->n = strlen(out->text);
}

static void push(struct lineage_page *p, uint16_t *depth, const struct lineage_node *node, const char *words, int at)
{
	depth[p->n] = (uint16_t)at;
	p->rows[p->n++] = (struct lineage_row){ node, words };
}

/* same: the rows are as many as before and as deep, only their words are new; folds and the cursor stay. */
static void build(struct lineage_page *p, bool same)
{
	const struct lineage *l = p->data;
	size_t most = l->n_up + l->n_down + 6;
	uint16_t *depth = mem_array(most, sizeof *depth);
	free(p->rows);
	p->rows = mem_array(most, sizeof *p->rows);
	p->n = 0;
	push(p, depth, NULL, "came from", 0);
	for (size_t i = 1; i < l->n_up; i++)
		push(p, depth, &l->up[i], NULL, l->up[i].depth);
	if (l->n_up <= 1)
		push(p, depth, NULL, "nothing that is known: no run, no data, no parent", 1);
	push(p, depth, l->n_up ? &l->up[0] : NULL, "this version", 0);
	push(p, depth, NULL, "what came of it", 0);
	for (size_t i = 1; i < l->n_down; i++)
		push(p, depth, &l->down[i], NULL, l->down[i].depth);
	if (l->n_down <= 1)
		push(p, depth, NULL, "nothing yet: no version was made from it, it is deployed nowhere that is known", 1);
	if (l->cut)
		push(p, depth, NULL, "more is known than is shown here", 0);
	if (!same)
		tree_set(&p->tree, depth, p->n, UINT16_MAX);
	p->tree.data = p;
	p->tree.row = row;
	free(depth);
	for (size_t i = 0; i < p->n && !same; i++)
		if (l->n_up && p->rows[i].node == &l->up[0])
			tree_show(&p->tree, i);
}

static const struct lineage_node *node_of(const struct registry_view *v)
{
	const struct lineage_page *p = page_of(v);
	size_t i;
	return p->data && tree_at(&p->tree, &i) && i < p->n ? p->rows[i].node : NULL;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	lineage_free(t->data);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return lineage_load(s, t->model_id, t->version, &t->data, e);
}

/* The same graph read again keeps folds and cursor. */
static bool same_graph(const struct lineage *a, const struct lineage *b)
{
	if (!a || a->n_up != b->n_up || a->n_down != b->n_down || a->cut != b->cut)
		return false;
	for (size_t i = 0; i < a->n_up; i++)
		if (strcmp(a->up[i].name, b->up[i].name) || a->up[i].depth != b->up[i].depth)
			return false;
	for (size_t i = 0; i < a->n_down; i++)
		if (strcmp(a->down[i].name, b->down[i].name) || a->down[i].depth != b->down[i].depth)
			return false;
	return true;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct lineage_page *p = page_of(view);
	struct trip *t = arg;
	if (st != ST_CANCELLED)
		p->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK) {
		struct lineage *old = p->data;
		p->data = t->data;
		t->data = old;
		build(p, same_graph(old, p->data));
	}
	if (st == ST_OK) {
		p->model_id = t->model_id;
		p->version = t->version;
	}
	trip_drop(t);
}

static void lineage_want(struct registry_view *v, bool again)
{
	struct trip *t = mem_zalloc(sizeof *t);
	(void)again;
	t->model_id = v->model_id;
	t->version = registry_about(v)->version;
	ui_task(v->ui, v, &(struct ui_task){ .title = "lineage", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_lineage),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

const char *registry_why_no_lineage(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	if (registry_page_id(v) != PAGE_lineage)
		return registry_words(v, "this is about a lineage; {registry.lineage} shows it");
	return page_of(v)->data ? NULL : "the lineage is still being read";
}

REGISTRY_CMD(lineage_fold)
{
	(void)argc, (void)argv, (void)e;
	tree_toggle(&page_of(c->view)->tree);
	return ST_OK;
}

REGISTRY_CMD(lineage_fold_all)
{
	struct lineage_page *p = page_of(c->view);
	(void)argc, (void)argv, (void)e;
	bool any = false;
	for (size_t i = 0; i < p->n; i++)
		any |= p->tree.depth[i] >= 1 && tree_has_children(&p->tree, i) && !p->tree.folded[i];
	for (size_t i = 0; i < p->n; i++)
		if (p->tree.depth[i] >= 1 && tree_has_children(&p->tree, i))
			tree_fold(&p->tree, i, any);
	return ST_OK;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

static void *lineage_open(struct registry_view *v)
{
	struct lineage_page *p = mem_zalloc(sizeof *p);
	(void)v;
	tree_init(&p->tree);
	return p;
}

static void lineage_close(void *state)
{
	struct lineage_page *p = state;
	tree_done(&p->tree);
	lineage_free(p->data);
	free(p->rows);
	free(p->find);
	free(p);
}

static void lineage_paint(struct registry_view *v, struct paint *p)
{
	struct lineage_page *page = page_of(v);
	const struct reg_model_row *m = models_row(v);
	const char *words[] = { page->err.code ? page->err.text : "reading the lineage" };
	bool current = page->data && !page->err.code && page->model_id == v->model_id && page->version == registry_about(v)->version;
	struct str title = STR_INIT;
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	page->ascii = p->ascii;
	str_addf(&title, "Lineage of %s v%lld", m ? m->name : "", (long long)registry_about(v)->version);
	if (current) {
		str_addf(&title, " · %zu before · %zu after", page->data->n_up ? page->data->n_up - 1 : 0, page->data->n_down ? page->data->n_down - 1 : 0);
		tree_paint(&page->tree, &inner);
	} else {
		ui_empty(v->ui, &inner, words, 1);
	}
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, current && page->data->cut ? "cut: the graph is larger" : NULL, p->focus);
	str_free(&title);
}

static void lineage_move(struct registry_view *v, enum registry_move m)
{
	struct lineage_page *p = page_of(v);
	if (m == REG_LEFT)
		tree_left(&p->tree);
	else if (m == REG_RIGHT)
		tree_right(&p->tree);
	else
		tree_move(&p->tree, registry_rows_of(m, p->tree.page, p->tree.n_shown));
}

static enum status lineage_enter(struct registry_view *v, struct err *e)
{
	const struct lineage_node *x = node_of(v);
	if (!x) {
		tree_toggle(&page_of(v)->tree);
		return ST_OK;
	}
	if (x->kind == LINEAGE_VERSION && x->version) {
		registry_to_version(v, x->model_id, x->version);
		return ST_OK;
	}
	if (x->kind == LINEAGE_RUN)
		return registry_to_run(v, x->detail, e);             /* a run's detail is its id */
	struct str text = STR_INIT;
	str_addf(&text, "%s\n%s\n", x->name, x->detail);
	ui_text(v->ui, kinds[x->kind].word, text.p, text.len, true);
	str_free(&text);
	return ST_OK;
}

static bool lineage_find(struct registry_view *v, const char *needle, int dir)
{
	struct lineage_page *p = page_of(v);
	size_t at = 0;
	if (needle) {
		free(p->find);
		p->find = mem_strdup(needle);
	}
	if (!p->find || !tree_at(&p->tree, &at))
		return false;
	for (size_t k = 1; k <= p->n; k++) {
		size_t i = (at + (dir > 0 ? k : p->n - k)) % p->n;
		const struct lineage_node *x = p->rows[i].node;
		if (x && (text_contains(x->name, strlen(x->name), p->find, strlen(p->find)) || text_contains(x->detail, strlen(x->detail), p->find, strlen(p->find)))) {
			tree_show(&p->tree, i);
			return true;
		}
	}
	return false;
}

static void lineage_model(const struct registry_view *v, struct str *out)
{
	const struct lineage_page *p = page_of(v);
	const struct lineage_node *x = node_of(v);
	str_addf(out, "about: v%lld\n", (long long)registry_about(v)->version);
	if (p->data)
		str_addf(out, "lineage: %zu before, %zu after, %zu rows shown\n", p->data->n_up ? p->data->n_up - 1 : 0, p->data->n_down ? p->data->n_down - 1 : 0, p->tree.n_shown);
	if (x)
		str_addf(out, "node: %s %s\n", kinds[x->kind].word, x->name);
}

static const char *lineage_hints(const struct registry_view *v)
{
	const struct lineage_node *x = node_of(v);
	if (x && x->kind == LINEAGE_VERSION)
		return "registry.open version; lineage.fold fold; lineage.fold-all fold all; registry.find search; cancel back; help help";
	return x && x->kind == LINEAGE_RUN ? "registry.open run; lineage.fold fold; lineage.fold-all fold all; registry.find search; cancel back; help help"
		: "lineage.fold fold; lineage.fold-all fold all; registry.find search; cancel back; help help";
}

static int64_t lineage_version(const struct registry_view *v)
{
	const struct lineage_node *x = node_of(v);
	return x && x->kind == LINEAGE_VERSION && x->model_id == v->model_id ? x->version : registry_about(v)->version;
}

static void lineage_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct lineage_page *p = page_of(v);
	size_t shown;
	(void)x;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		tree_scroll(&p->tree, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3);
	else if (ev->mouse == MOUSE_PRESS && tree_hit(&p->tree, y - 1, &shown))
		p->tree.cursor = shown;
}

const struct registry_page page_lineage = { .id = "lineage", .context = "registry.lineage", .open = lineage_open, .close = lineage_close, .want = lineage_want,
	.paint = lineage_paint, .model = lineage_model, .hints = lineage_hints, .move = lineage_move, .enter = lineage_enter, .version = lineage_version, .mouse = lineage_mouse,
	.find = lineage_find };
