/* Reading reports for the report page: one that is asked for, its neighbours in time, and which versions of the model take a column.
 *
 * Slots      the report asked for has the page's slot, so that holding a key down reads only the last; neighbours have two of their own and never
 *            disturb it. An answer that is no longer asked for still goes into the cache: it was the window just walked past.
 * Eviction   the one that was shown longest ago goes. What is shown was used last, so it stays.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/mlmodel.h"
#include "core/registry/models.h"
#include "views/drift_report.h"

enum { VERSIONS_ASKED = 12 };

/* ---- the cache ------------------------------------------------------------------------------------------- */

static struct report_kept *kept(struct report_page *s, int64_t id)
{
	for (int i = 0; i < REPORT_KEPT; i++)
		if (id && s->kept[i].id == id)
			return &s->kept[i];
	return NULL;
}

static void keep(struct report_page *s, int64_t id, struct report *r)
{
	struct report_kept *at = &s->kept[0];
	for (int i = 1; i < REPORT_KEPT; i++)
		if (s->kept[i].used < at->used)
			at = &s->kept[i];
	report_free(at->report);
	*at = (struct report_kept){ .id = id, .used = ++s->clock, .report = r };
	if (s->shown) {                              /* what is shown stays the newest of all */
		struct report_kept *now = kept(s, s->shown_id);
		now->used = ++s->clock;
	}
}

static void show(struct drift_view *v, struct report_kept *k)
{
	struct report_page *s = report_page(v);
	k->used = ++s->clock;
	s->shown = k->report;
	s->shown_id = k->id;
	s->err.code = ST_OK;
	report_leaves_forget(s);
	report_list_sort(s);
	report_uses_want(v);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

struct trip { int64_t id; struct report *report; };

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	report_free(t->report);
	free(t);
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	(void)task;
	return report_load(s, t->id, &t->report, e);
}

static void neighbours(struct drift_view *v);

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct drift_view *v = view;
	struct report_page *s = report_page(v);
	struct trip *t = arg;
	bool wanted = drift_page_id(v) == DRIFT_PAGE_report && drift_about(v)->report_id == t->id;
	if (st == ST_OK && !kept(s, t->id)) {
		keep(s, t->id, t->report);
		t->report = NULL;
	}
	if (wanted && kept(s, t->id)) {
		if (s->shown_id != t->id)
			show(v, kept(s, t->id));
		neighbours(v);
	} else if (wanted && st != ST_OK && st != ST_CANCELLED) {
		s->err = *e;
	}
	trip_drop(t);
}

static void read_report(struct drift_view *v, int64_t id, int slot)
{
	struct trip *t = mem_zalloc(sizeof *t);
	t->id = id;
	ui_task(v->ui, v, &(struct ui_task){ .title = "drift report", .cls = TASK_QUICK, .hidden = true, .slot = slot,
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

static void neighbours(struct drift_view *v)
{
	struct report_page *s = report_page(v);
	const struct pulse_group *g = drift_group(v, drift_about(v)->group);
	for (int dir = -1; dir <= 1; dir += 2) {
		const struct pulse_window *w = drift_walk(g, s->shown_id, dir);
		if (w && !kept(s, w->report_id))
			read_report(v, w->report_id, dir < 0 ? REPORT_SLOT_OLDER : REPORT_SLOT_NEWER);
	}
}

/* A stop that names a group only is about its newest report. */
static int64_t asked(const struct drift_view *v)
{
	const struct drift_stop *about = drift_about(v);
	const struct pulse_group *g = drift_group(v, about->group);
	if (about->report_id || !g)
		return about->report_id;
	for (size_t i = g->n_windows; i-- > 0;)
		if (g->windows[i].report_id)
			return g->windows[i].report_id;
	return 0;
}

void report_show(struct drift_view *v)
{
	struct report_page *s = report_page(v);
	const struct drift_stop *about = drift_about(v);
	int64_t id = asked(v);
	if (id && id != about->report_id) {
		char *group = about->group ? mem_strdup(about->group) : NULL, *column = about->column ? mem_strdup(about->column) : NULL;
		drift_about_set(v, &(struct drift_subject){ id, group, column });    /* comes back here */
		free(group);
		free(column);
		return;
	}
	if (about->column)
		report_choose(v, about->column);
	struct report_kept *k = kept(s, id);
	if (k) {
		if (s->shown != k->report)
			show(v, k);
		neighbours(v);
	} else if (id) {
		read_report(v, id, DRIFT_SLOT(DRIFT_PAGE_report));
	}
}

bool report_step(struct drift_view *v, int dir)
{
	struct report_page *s = report_page(v);
	const struct drift_stop *about = drift_about(v);
	const struct pulse_window *w = drift_walk(drift_group(v, about->group), about->report_id, dir);
	if (!w)
		return false;
	const struct report_column *c = report_chosen(s);
	char *group = mem_strdup(about->group), *column = c ? mem_strdup(c->name) : s->column ? mem_strdup(s->column) : NULL;
	drift_about_set(v, &(struct drift_subject){ w->report_id, group, column });
	free(group);
	free(column);
	return true;
}

/* ---- who uses a column ------------------------------------------------------------------------------------------ */

struct uses_trip { struct report_uses uses; };

static void uses_free(struct report_uses *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->at[i].stage);
	free(u->at);
	str_free(&u->views);
	free(u->model);
	free(u->column);
	*u = (struct report_uses){ 0 };
}

static void uses_drop(void *arg)
{
	struct uses_trip *t = arg;
	uses_free(&t->uses);
	free(t);
}

static bool takes(const struct reg_version *r, const char *column)
{
	size_t n;
	const char *const *names = mlmodel_inputs(r->mlmodel, r->arena, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], column) == 0)
			return true;
	return false;
}

static bool has_word(const char *list, const char *word)
{
	const size_t n = strlen(word);
	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word))
		if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ','))
			return true;
	return false;
}

/* Links say VIEW:FEATURE; each view is named once. */
static bool add_views(const struct reg_version *r, const char *column, struct str *views)
{
	bool some = false;
	for (size_t i = 0; i < r->n_links; i++) {
		const char *target = r->links[i].target, *colon = strrchr(target, ':');
		if (strcmp(r->links[i].kind, "feature") != 0 || !colon || strcmp(colon + 1, column) != 0)
			continue;
		some = true;
		char *view = mem_strndup(target, (size_t)(colon - target));
		if (!views->len || !has_word(views->p, view))
			str_addf(views, "%s%s", views->len ? ", " : "", view);
		free(view);
	}
	return some;
}

static int64_t newest_version(struct store *s, const char *model, int64_t *id, struct err *e)
{
	struct reg_models *models = NULL;
	int64_t newest = 0;
	if (model_find(s, model, id, e) != ST_OK || models_load(s, false, false, &models, e) != ST_OK)
		return 0;
	for (size_t i = 0; i < models->n; i++)
		if (models->at[i].id == *id)
			newest = models->at[i].latest;
	models_free(models);
	return newest;
}

/* A version that cannot be read is not one that uses the column; a model that is not here has none. */
static enum status uses_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct uses_trip *t = arg;
	int64_t id = 0, v = newest_version(s, t->uses.model, &id, e);
	t->uses.at = mem_array(VERSIONS_ASKED, sizeof *t->uses.at);
	for (int asked = 0; v > 0 && asked < VERSIONS_ASKED && !task_cancelled(task); v--, asked++) {
		struct reg_version *r = NULL;
		struct err why;
		const bool known = version_load(s, id, v, &r, &why) == ST_OK && !r->deleted, viewed = known && add_views(r, t->uses.column, &t->uses.views);
		if (viewed || (known && takes(r, t->uses.column)))
			t->uses.at[t->uses.n++] = (struct report_use){ .version = v, .stage = mem_strdup(r->stage) };
		version_free(r);
	}
	return ST_OK;
}

static void uses_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct report_page *s = report_page(view);
	struct uses_trip *t = arg;
	(void)e;
	if (st == ST_OK) {
		uses_free(&s->uses);
		s->uses = t->uses;
		t->uses = (struct report_uses){ 0 };
		report_leaves_forget(s);
	}
	uses_drop(t);
}

void report_uses_want(struct drift_view *v)
{
	struct report_page *s = report_page(v);
	const struct report_column *c = report_chosen(s);
	if (!c || !*s->shown->model || (s->uses.column && strcmp(s->uses.column, c->name) == 0 && strcmp(s->uses.model, s->shown->model) == 0))
		return;
	struct uses_trip *t = mem_zalloc(sizeof *t);
	t->uses.model = mem_strdup(s->shown->model);
	t->uses.column = mem_strdup(c->name);
	ui_task(v->ui, v, &(struct ui_task){ .title = "versions that use a column", .cls = TASK_QUICK, .hidden = true, .slot = REPORT_SLOT_USES,
		.work = uses_work, .apply = uses_apply, .drop = uses_drop, .arg = t });
}

void report_load_done(struct report_page *s)
{
	for (int i = 0; i < REPORT_KEPT; i++)
		report_free(s->kept[i].report);
	uses_free(&s->uses);
}
