/* The Registry view: its life, what it reads, its whole picture, what it says of itself. The rooms are listed in registry_internal.h.
 *
 * One trip to the store brings the list of models and the board of the chosen one, so that a frame never mixes two states. It first takes
 * over what the sources of the workspace changed. A refresh waits for the trip under way; choosing another model supersedes it. */
#include "views/registry_acts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "views/registry_commands.h"

static const struct registry_page *const pages[REG_PAGES] = {
#define X(id) [PAGE_##id] = &page_##id,
	REGISTRY_PAGES(X)
#undef X
};

/* ---- reading ------------------------------------------------------------------------------------------ */

struct trip {
	int64_t model_id; char *name; bool by_alias, read_only; size_t most;         /* out; name: of the model to start with */
	struct reg_models *models; size_t waiting; struct reg_board *board; struct policy *policy; struct err adopt;         /* back */
};

static void trip_free(void *arg)
{
	struct trip *t = arg;
	free(t->name);
	models_free(t->models);
	board_free(t->board);
	policy_free(t->policy);
	free(t);
}

static const struct reg_model_row *row_of(const struct reg_models *m, int64_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->at[i].id == id)
			return &m->at[i];
	return NULL;
}

/* Where to start when nobody said: where somebody waits for a decision, else what is in Production, else what is newest. */
static const struct reg_model_row *first_model(const struct reg_models *m)
{
	const struct reg_model_row *best = NULL;
	for (size_t i = 0; i < m->n; i++) {
		const struct reg_model_row *r = &m->at[i];
		int64_t a = (r->requests > 0) * 2 + (r->production > 0), b = best ? (best->requests > 0) * 2 + (best->production > 0) : -1;
		if (a > b || (a == b && r->updated_ms > best->updated_ms))
			best = r;
	}
	return best;
}

static const struct reg_model_row *trip_model(const struct trip *t)
{
	const struct reg_model_row *r = row_of(t->models, t->model_id);
	for (size_t i = 0; !r && t->name && i < t->models->n; i++)
		if (!strcmp(t->models->at[i].name, t->name))
			r = &t->models->at[i];
	return r ? r : first_model(t->models);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	int changed;
	struct actor self;
	if (!t->read_only && models_adopt_due(s) && models_adopt(s, &changed, &t->adopt) == ST_OK)
		t->adopt.text[0] = '\0';
	enum status st = models_load(s, false, false, &t->models, e);
	if (st != ST_OK || task_cancelled(task))
		return st == ST_OK ? ST_CANCELLED : st;
	char *note = NULL;
	st = policy_load(s, &t->policy, &note, e);
	free(note);
	const struct reg_model_row *r = trip_model(t);
	t->model_id = r ? r->id : 0;
	actor_self(&self);
	if (st == ST_OK)
		st = requests_waiting(s, &self, &t->waiting, e);
	if (st == ST_FAILED && (t->policy = policy_default()))
		st = ST_OK;                  /* a broken file: the board is shown, and its note says why nothing may move */
	return st == ST_OK && r ? board_load(s, r->id, t->by_alias, t->most, &t->board, e) : st;
}

static void install(struct registry_view *v, struct trip *t)
{
	models_free(v->models.list);
	v->models.list = t->models;
	t->models = NULL;
	v->models.waiting = t->waiting;
	v->model_id = t->model_id;
	models_sync(v);
	policy_free(v->policy);
	v->policy = t->policy;
	t->policy = NULL;
	board_install(v, t->board);
	t->board = NULL;
	v->loaded = true;
	if (t->adopt.text[0])
		ui_message(v->ui, t->adopt.code, "%s", t->adopt.text);
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct trip *t = arg;
	v->loading = false;
	v->load_err.code = st;
	if (st == ST_OK) {
		install(v, t);
	} else if (st != ST_CANCELLED) {
		v->load_err = *e;
		ui_message(v->ui, st, "%s", e->text);
	}
	trip_free(t);
	bool again = v->again;
	v->again = false;
	if (again)
		registry_load(v);
}

void registry_load(struct registry_view *v)
{
	struct trip *t = mem_zalloc(sizeof *t);
	t->model_id = v->model_id;
	t->name = !v->model_id && v->model_name ? mem_strdup(v->model_name) : NULL;
	t->by_alias = v->board.by_alias;
	t->most = v->board.most;
	t->read_only = ui_read_only(v->ui);
	v->loading = true;
	ui_task(v->ui, v, &(struct ui_task){ .title = "registry", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT_LOAD,
		.work = trip_work, .apply = trip_apply, .drop = trip_free, .arg = t });
}

void registry_reload(struct registry_view *v)
{
	if (v->loading)
		v->again = true;
	else
		registry_load(v);
}

/* ---- life ----------------------------------------------------------------------------------------------- */

static void *registry_open(struct ui *ui)
{
	struct registry_view *v = mem_zalloc(sizeof *v);
	v->ui = ui;
	str_init(&v->words);
	v->n_stack = 1;
	v->stack[0].page = PAGE_board;
	v->board.most = BOARD_FIRST;
	v->board.by_alias = ui_setting(ui, "registry.by-alias") != NULL;
	const char *kept = ui_setting(ui, "registry.model");
	v->model_name = kept ? mem_strdup(kept) : NULL;
	struct store *s = store_get(ui_workspace(ui)->pool, NULL);
	v->mirror = s && store_is_mirror(s);
	if (s)
		store_put(ui_workspace(ui)->pool, s);
	registry_panes_load(v);
	for (int i = 0; i < REG_PAGES; i++)
		v->state[i] = pages[i]->open ? pages[i]->open(v) : NULL;
	return v;
}

static void registry_close(void *view)
{
	struct registry_view *v = view;
	if (v->follow_timer)
		loop_cancel(ui_loop(v->ui), v->follow_timer);
	registry_home(v);
	deed_drop(v);
	for (int i = 0; i < REG_PAGES; i++)
		if (pages[i]->close)
			pages[i]->close(v->state[i]);
	models_free(v->models.list);
	board_done(v);
	policy_free(v->policy);
	free(v->model_name);
	str_free(&v->words);
	free(v);
}

static void registry_refresh(void *view, uint32_t topics)
{
	struct registry_view *v = view;
	if (v->loaded && !(topics & (TOPIC_MODELS | TOPIC_RUNS | TOPIC_SOURCES)))
		return;
	registry_reload(v);
	const struct registry_page *top = registry_page(v);
	if (v->loaded && top->want)
		top->want(v, true);
}

/* ---- what is in hand ---------------------------------------------------------------------------------- */

const struct registry_page *registry_page(const struct registry_view *v)
{
	return pages[v->stack[v->n_stack - 1].page];
}

enum registry_page_id registry_page_id(const struct registry_view *v)
{
	return v->stack[v->n_stack - 1].page;
}

const struct registry_subject *registry_about(const struct registry_view *v)
{
	return &v->stack[v->n_stack - 1].about;
}

int64_t registry_version(const struct registry_view *v)
{
	const struct registry_page *top = registry_page(v);
	return top->version ? top->version(v) : registry_about(v)->version;
}

const struct reg_card_row *registry_card(const struct registry_view *v)
{
	return board_find(v, registry_version(v));
}

const char *registry_words(const struct registry_view *view, const char *text)
{
	struct registry_view *v = (struct registry_view *)(uintptr_t)view;   /* only the buffer for words changes */
	str_clear(&v->words);
	ui_words(v->ui, text, &v->words);
	return v->words.p;
}

const char *registry_why_no_run(const struct cmd_ctx *c)
{
	const struct reg_card_row *card = registry_card(c->view);
	const char *why = registry_why_no_version(c);
	return why ? why : card && *card->run_uuid ? NULL : "the run that made this version is not known here";
}

REGISTRY_CMD(run)
{
	struct registry_view *v = c->view;
	struct str line = STR_INIT;
	(void)argc, (void)argv;
	str_add(&line, "runs.goto ");
	cmd_quote(&line, registry_card(v)->run_uuid);
	enum status st = ui_run_line(v->ui, "tab runs", e);
	if (st == ST_OK)
		st = ui_run_line(v->ui, line.p, e);
	str_free(&line);
	return st;
}

/* The monitors of the model, in their own tab. */
REGISTRY_CMD(drift)
{
	struct registry_view *v = c->view;
	const struct reg_model_row *m = models_row(v);
	struct str line = STR_INIT;
	(void)argc, (void)argv;
	str_add(&line, "drift.model ");
	cmd_quote(&line, m ? m->name : "");
	enum status st = ui_run_line(v->ui, "tab drift", e);
	if (st == ST_OK)
		st = ui_run_line(v->ui, line.p, e);
	str_free(&line);
	return st;
}

/* ---- signs and words ------------------------------------------------------------------------------------- */

static const struct { char light; const char *sign, *ascii; enum role role; } lights[] = {
	{ 'y', "✓", "+", ROLE_GOOD }, { 'n', "✗", "x", ROLE_BAD }, { '?', "·", ".", ROLE_DIM }, { 'w', "~", "~", ROLE_WARN },
};

static size_t light_row(char light)
{
	for (size_t i = 0; i < sizeof lights / sizeof *lights; i++)
		if (lights[i].light == light)
			return i;
	return 2;
}

const char *registry_sign(const struct paint *p, char light)
{
	size_t i = light_row(light);
	return p->ascii ? lights[i].ascii : lights[i].sign;
}

enum role registry_light_role(char light)
{
	return lights[light_row(light)].role;
}

char *registry_ago(char *buf, int64_t then_ms)
{
	int64_t ms = clock_wall_ms() - then_ms;
	buf[0] = '\0';
	return then_ms <= 0 ? buf : fmt_age(buf, ms > 0 ? ms : 0);
}

/* ---- the class ---------------------------------------------------------------------------------------------- */

static void registry_paint(void *view, struct paint *p)
{
	struct registry_view *v = view;
	registry_panes_place(v, p->r);
	registry_panes_paint(v, p);
}

static void registry_model(const void *view, struct str *out)
{
	const struct registry_view *v = view;
	const struct reg_model_row *m = models_row(v);
	const struct registry_page *top = registry_page(v);
	str_addf(out, "focus: %s\ndrawer: %s\npage: %s\ndepth: %d\n", v->panes.focus == FOCUS_MODELS ? "models" : top->id,
		v->panes.drawer ? "models" : "none", top->id, v->n_stack);
	str_addf(out, "waiting: %zu\nmodels: %zu\nmodel: %s\nversion: %lld\n", v->models.waiting, v->models.list ? v->models.list->n : 0, m ? m->name : "none", (long long)registry_version(v));
	if (v->n_stack > 1)
		pages[PAGE_board]->model(v, out);
	if (top->model)
		top->model(v, out);
}

static const char *registry_context(const void *view)
{
	const struct registry_view *v = view;
	return v->panes.focus == FOCUS_MODELS ? "registry.models" : registry_page(v)->context;
}

static const char *registry_hints(const void *view)
{
	const struct registry_view *v = view;
	if (v->panes.focus == FOCUS_MODELS)
		return "registry.open board; list.down next; registry.requests requests; pane.next pane; help help; palette command; quit quit";
	return registry_page(v)->hints(v);
}

extern const struct view_class view_registry;
const struct view_class view_registry = {
	.id = "registry", .title = "Registry", .topics = TOPIC_MODELS | TOPIC_RUNS | TOPIC_SOURCES | TOPIC_CLOCK,
	.open = registry_open, .close = registry_close, .refresh = registry_refresh, .paint = registry_paint, .model = registry_model,
	.context = registry_context, .hints = registry_hints, .mouse = registry_mouse, .cmds = registry_cmds, .n_cmds = REGISTRY_CMDS,
};
