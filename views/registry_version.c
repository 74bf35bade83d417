/* A version: everything that is known of it, on one page. Left and right go to the version before and after; Enter opens its run. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/registry/card.h"
#include "views/registry_facts.h"

struct version_page { struct facts *facts; struct err err; int64_t model_id, version; char *run_uuid, *title; bool run_here; };
struct trip { int64_t model_id, version; struct reg_version *data; struct facts *facts; };

static struct version_page *page_of(const struct registry_view *v)
{
	return v->state[PAGE_version];
}

/* ---- what is known, in words -------------------------------------------------------------------------------- */

static void add_time(struct facts *f, const char *label, int64_t ms)
{
	char when[FMT_MAX], age[FMT_MAX];
	if (ms > 0)
		facts_add(f, ROLE_TEXT, label, "%.16s, %s ago", fmt_time(when, ms), registry_ago(age, ms));
}

static void add_identity(struct facts *f, const struct reg_version *r)
{
	char when[FMT_MAX], age[FMT_MAX];
	struct str aliases = STR_INIT;
	facts_head(f, "Identity", "%s", r->deleted ? "deleted; its number is never used again" : "");
	if (r->since_known && r->stage_since_ms > 0)
		facts_add(f, ROLE_STRONG, "stage", "%s since %.16s, %s", r->stage, fmt_time(when, r->stage_since_ms), registry_ago(age, r->stage_since_ms));
	else
		facts_add(f, ROLE_STRONG, "stage", "%s, since when is not known", r->stage);
	for (size_t i = 0; i < r->n_aliases; i++)
		str_addf(&aliases, "%s@%s", i ? "  " : "", r->aliases[i]);
	facts_add(f, ROLE_ACCENT, "aliases", "%s", aliases.p);
	facts_add(f, ROLE_TEXT, "semantic version", "%s", r->semver);
	facts_add(f, ROLE_TEXT, "description", "%s", r->description);
	facts_add(f, ROLE_TEXT, "registered by", "%s", *r->registered_by ? r->registered_by : r->user);
	add_time(f, "created", r->created_ms);
	add_time(f, "updated", r->updated_ms);
	if (*r->status && strcmp(r->status, "READY"))
		facts_add(f, ROLE_WARN, "status", "%s %s", r->status, r->status_message);
	str_free(&aliases);
}

static void add_source(struct facts *f, const struct reg_version *r)
{
	facts_head(f, "Made by", "%s", r->run_id ? "" : *r->run_uuid ? "the run is not in this workspace" : "no run is known");
	facts_add(f, ROLE_TEXT, "run", "%s", r->run_name);
	facts_add(f, ROLE_DIM, "run id", "%s", r->run_uuid);
	facts_add(f, ROLE_TEXT, "experiment", "%s", r->experiment);
	facts_add(f, ROLE_DIM, "source", "%s", r->source);
	facts_add(f, ROLE_DIM, "stored at", "%s", strcmp(r->storage, r->source) ? r->storage : "");
}

static void add_files(struct facts *f, const struct reg_version *r)
{
	char size[FMT_MAX], when[FMT_MAX];
	bool good = !strcmp(r->digest_state, "verified"), changed = !strncmp(r->digest_state, "changed", 7);
	facts_head(f, "Files", "%s", "");
	facts_add(f, good ? ROLE_GOOD : changed ? ROLE_BAD : ROLE_WARN, "digest", "%s", r->digest_state);
	if (*r->digest)
		facts_add(f, ROLE_DIM, "blake2b", "%s", r->digest);
	if (r->digest_ms > 0)
		facts_add(f, ROLE_DIM, "computed", "%.16s", fmt_time(when, r->digest_ms));
	if (r->bytes > 0 && !r->files)
		facts_add(f, ROLE_TEXT, "size", "%s", fmt_bytes(size, r->bytes));
	else if (r->bytes > 0)
		facts_add(f, ROLE_TEXT, "size", "%s in %lld %s", fmt_bytes(size, r->bytes), (long long)r->files, r->files == 1 ? "file" : "files");
	facts_add(f, ROLE_TEXT, "flavours", "%s", r->flavors);
	facts_add(f, ROLE_TEXT, "signature", "%s", r->signature);
	facts_add(f, ROLE_DIM, "environment", "%s", r->environment);
	facts_add(f, ROLE_DIM, "note", "%s", r->mlmodel_note);
}

static void add_metrics(struct facts *f, const struct reg_version *r)
{
	char now[FMT_MAX], then[FMT_MAX];
	facts_head(f, "Metrics", "%s", r->n_metrics ? "" : "none were logged");
	for (size_t i = 0; i < r->n_metrics; i++) {
		const struct reg_metric *m = &r->metrics[i];
		bool moved = m->has_then && m->has_value && m->at_registration != m->value;
		if (m->has_value)
			facts_add(f, moved ? ROLE_WARN : ROLE_TEXT, m->key, moved ? "%s   %s at registration" : "%s", fmt_number(now, m->value, 6), fmt_number(then, m->at_registration, 6));
		else if (m->has_then)
			facts_add(f, ROLE_WARN, m->key, "%s at registration, gone since", fmt_number(then, m->at_registration, 6));
	}
}

static void add_pairs(struct facts *f, const char *title, const struct reg_kv *at, size_t n)
{
	if (n)
		facts_head(f, title, "%s", "");
	for (size_t i = 0; i < n; i++)
		facts_add(f, ROLE_TEXT, at[i].key, "%s", *at[i].value ? at[i].value : "(empty)");
}

static void add_links(struct facts *f, const struct reg_version *r)
{
	if (r->n_links)
		facts_head(f, "Came from, runs at", "%s", "");
	for (size_t i = 0; i < r->n_links; i++) {
		const struct reg_link_row *l = &r->links[i];
		char *kind = arena_strdup(f->arena, l->kind);
		for (char *c = kind; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		facts_add(f, !strcmp(l->kind, "deployed") ? ROLE_GOOD : ROLE_TEXT, kind, "%s%s%s", l->target, *l->detail ? "   " : "", l->detail);
	}
}

static void add_votes(struct facts *f, const struct reg_request_row *q)
{
	char age[FMT_MAX];
	for (size_t k = 0; k < q->n_votes; k++) {
		const struct reg_vote_row *x = &q->votes[k];
		bool comment = !strcmp(x->verdict, "comment"), yes = !strcmp(x->verdict, "approve") && x->signature_good && !*x->void_why;
		facts_add(f, comment ? ROLE_DIM : yes ? ROLE_GOOD : ROLE_WARN, x->actor, "%s %s ago%s%s%s%s%s", comment ? "said" : yes ? "approved" : x->verdict, registry_ago(age, x->ms),
			!comment && !x->signature_good ? ", signature bad" : "", *x->void_why ? ", void: " : "", x->void_why, *x->comment ? ": " : "", x->comment);
	}
}

static void add_requests(struct facts *f, const struct reg_requests *q, int64_t version)
{
	char age[FMT_MAX];
	bool any = false;
	for (size_t i = 0; i < q->n; i++) {
		const struct reg_request_row *r = &q->at[i];
		if (r->version != version)
			continue;
		if (!any)
			facts_head(f, "Requests and votes", "%s", "");
		any = true;
		facts_add(f, !strcmp(r->state, "open") ? ROLE_WARN : ROLE_TEXT, r->state, "#%lld %s to %s, %s ago by %s: %s", (long long)r->id, r->from, r->to,
			registry_ago(age, r->created_ms), r->requester, r->reason);
		add_votes(f, r);
	}
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	version_free(t->data);
	facts_free(t->facts);
	free(t);
}

static enum status add_card(struct facts *f, struct store *s, const struct trip *t, struct err *e)
{
	struct str text = STR_INIT, missing = STR_INIT;
	struct policy *p = NULL;
	int64_t rev = 0;
	char *note = NULL;
	enum status st = card_load(s, t->model_id, t->version, &text, &rev, e);
	if (st == ST_OK && policy_load(s, &p, &note, e) != ST_OK)
		p = policy_default();
	if (st == ST_OK) {
		card_missing(text.p, text.len, p->card_sections, p->n_card_sections, &missing);
		facts_head(f, "Card", "%s", "");
		facts_add(f, missing.len ? ROLE_WARN : ROLE_GOOD, "sections", missing.len ? "not written: %s" : "all %s%zu are written", missing.p, p->n_card_sections);
		if (rev)
			facts_add(f, ROLE_DIM, "revision", "%lld", (long long)rev);
	}
	free(note);
	policy_free(p);
	str_free(&text);
	str_free(&missing);
	return st;
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	struct reg_requests *q = NULL;
	(void)task;
	enum status st = version_load(s, t->model_id, t->version, &t->data, e);
	if (st == ST_OK)
		st = requests_load(s, t->model_id, false, &q, e);
	if (st != ST_OK)
		return st;
	t->facts = facts_new();
	add_identity(t->facts, t->data);
	add_source(t->facts, t->data);
	add_files(t->facts, t->data);
	add_metrics(t->facts, t->data);
	st = add_card(t->facts, s, t, e);
	add_requests(t->facts, q, t->version);
	add_links(t->facts, t->data);
	add_pairs(t->facts, "Params", t->data->params, t->data->n_params);
	add_pairs(t->facts, "Tags", t->data->tags, t->data->n_tags);
	requests_free(q);
	return st;
}

static void install(struct version_page *p, struct trip *t)
{
	bool same = p->facts && p->model_id == t->model_id && p->version == t->version;
	if (same)
		facts_keep_place(t->facts, p->facts);
	facts_free(p->facts);
	p->facts = t->facts;
	t->facts = NULL;
	free(p->run_uuid);
	free(p->title);
	struct str title = STR_INIT;
	str_addf(&title, "%s v%lld · %s", t->data->model, (long long)t->version, t->data->stage);
	p->title = str_take(&title);
	p->run_uuid = mem_strdup(t->data->run_uuid);
	p->run_here = t->data->run_id != 0;
	p->model_id = t->model_id;
	p->version = t->version;
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct version_page *p = page_of(view);
	struct trip *t = arg;
	if (st != ST_CANCELLED)
		p->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK)
		install(p, t);
	trip_drop(t);
}

static void version_want(struct registry_view *v, bool again)
{
	struct trip *t = mem_zalloc(sizeof *t);
	(void)again;
	t->model_id = v->model_id;
	t->version = registry_about(v)->version;
	ui_task(v->ui, v, &(struct ui_task){ .title = "version", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_version),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

/* ---- the page --------------------------------------------------------------------------------------------------------- */

static void *version_open(struct registry_view *v)
{
	(void)v;
	return mem_zalloc(sizeof(struct version_page));
}

static void version_close(void *state)
{
	struct version_page *p = state;
	facts_free(p->facts);
	free(p->run_uuid);
	free(p->title);
	free(p);
}

static void version_paint(struct registry_view *v, struct paint *p)
{
	struct version_page *page = page_of(v);
	const char *words[] = { page->err.code ? page->err.text : "reading the version" };
	bool current = page->facts && page->version == registry_about(v)->version && page->model_id == v->model_id && !page->err.code;
	struct str note = STR_INIT;
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (current)
		facts_paint(page->facts, &inner);
	else
		ui_empty(v->ui, &inner, words, 1);
	if (current && page->facts->lines > (size_t)page->facts->page)
		str_addf(&note, "%zu-%zu of %zu lines", page->facts->top + 1, page->facts->top + (size_t)page->facts->page, page->facts->lines);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, current ? page->title : "Version", note.p, p->focus);
	str_free(&note);
}

static void version_move(struct registry_view *v, enum registry_move m)
{
	struct version_page *p = page_of(v);
	const struct reg_model_row *row = models_row(v);
	int64_t to = registry_about(v)->version + (m == REG_RIGHT ? 1 : -1);
	if (m < REG_LEFT && p->facts)
		facts_move(p->facts, m);
	else if (m >= REG_LEFT && row && to >= 1 && to <= row->latest)
		registry_go(v, PAGE_version, &(struct registry_subject){ .version = to });
}

static enum status version_enter(struct registry_view *v, struct err *e)
{
	const struct version_page *p = page_of(v);
	if (!p->facts)
		return err_set(e, ST_REFUSED, "the version is still being read");
	return p->run_here ? registry_to_run(v, p->run_uuid, e) : err_set(e, ST_REFUSED, "the run that made this version is not in this workspace");
}

static void version_model(const struct registry_view *v, struct str *out)
{
	const struct version_page *p = page_of(v);
	str_addf(out, "about: v%lld\n", (long long)registry_about(v)->version);
	if (!p->facts)
		return;
	str_addf(out, "facts: %zu\ntop: %zu\n", p->facts->n, p->facts->top);
	if (p->facts->hit != SIZE_MAX)
		str_addf(out, "found: %s %s\n", p->facts->at[p->facts->hit].label, p->facts->at[p->facts->hit].value);
}

static const char *version_hints(const struct registry_view *v)
{
	(void)v;
	return "registry.open run; registry.find search; list.left version before; list.right after; registry.compare compare; registry.lineage lineage; registry.card card; cancel back; help help";
}

static bool version_search(struct registry_view *v, const char *needle, int dir)
{
	struct version_page *p = page_of(v);
	return p->facts && facts_find(p->facts, needle, dir);
}

static void version_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	(void)x, (void)y;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		version_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
}

const struct registry_page page_version = { .id = "version", .context = "registry.version", .open = version_open, .close = version_close, .want = version_want,
	.paint = version_paint, .model = version_model, .hints = version_hints, .move = version_move, .enter = version_enter, .mouse = version_mouse, .find = version_search };
