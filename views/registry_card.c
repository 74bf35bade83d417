/* The model card, readable: what is missing on top, the text below; edited in the user's own editor; its revisions can be walked.
 *
 * Whose    a version's own card, else its model's, else a template filled in from what is known. Saving makes the first revision of the version's own.
 * Editing  the terminal is handed over; what comes back is saved in a task as the revision after the one that was read. When somebody saved
 *          meanwhile nothing is lost: the text stays in its file, and the message says where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/editor.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/card.h"
#include "tui/markdown.h"
#include "views/registry_commands.h"
#include "views/registry_internal.h"

enum card_whose { CARD_OWN, CARD_MODELS, CARD_TEMPLATE };
struct card_data { struct str text, missing; struct card_revisions *revs; struct markdown *read; int64_t newest; size_t sections; enum card_whose whose; };
struct card_page { struct card_data *data; struct err err; int64_t model_id, version, rev; };      /* rev: the one shown, 0: the newest */
struct trip { int64_t model_id, version, rev; struct card_data *data; };

static struct card_page *page_of(const struct registry_view *v)
{
	return v->state[PAGE_card];
}

/* ---- reading --------------------------------------------------------------------------------------------- */

static void data_free(struct card_data *d)
{
	if (!d)
		return;
	str_free(&d->text);
	str_free(&d->missing);
	card_revisions_free(d->revs);
	markdown_free(d->read);
	free(d);
}

static void trip_drop(void *arg)
{
	struct trip *t = arg;
	data_free(t->data);
	free(t);
}

static enum status find_whose(struct store *s, struct trip *t, struct err *e)
{
	struct card_data *d = t->data;
	struct card_revisions *of_model = NULL;
	d->whose = d->newest ? CARD_OWN : CARD_TEMPLATE;
	if (d->newest || !t->version)
		return ST_OK;
	enum status st = card_revisions(s, t->model_id, 0, &of_model, e);
	if (st == ST_OK && of_model->n)
		d->whose = CARD_MODELS;
	card_revisions_free(of_model);
	return st;
}

static enum status find_missing(struct store *s, struct card_data *d)
{
	struct policy *p = NULL;
	char *note = NULL;
	struct err ignored;
	if (policy_load(s, &p, &note, &ignored) != ST_OK)
		p = policy_default();            /* a broken policy: its sections are not known, the usual ones are looked for */
	free(note);
	card_missing(d->text.p, d->text.len, p->card_sections, p->n_card_sections, &d->missing);
	d->sections = p->n_card_sections;
	policy_free(p);
	return ST_OK;
}

static enum status trip_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct trip *t = arg;
	struct card_data *d = t->data = mem_zalloc(sizeof *d);
	struct str clean = STR_INIT;
	(void)task;
	str_init(&d->text);
	str_init(&d->missing);
	enum status st = card_load(s, t->model_id, t->version, &d->text, &d->newest, e);
	if (st == ST_OK && t->rev && t->rev != d->newest) {
		str_clear(&d->text);
		st = card_load_revision(s, t->model_id, t->version, t->rev, &d->text, e);
	}
	if (st == ST_OK)
		st = card_revisions(s, t->model_id, t->version, &d->revs, e);
	if (st == ST_OK)
		st = find_whose(s, t, e);
	if (st == ST_OK)
		st = find_missing(s, d);
	if (st != ST_OK)
		return st;
	text_clean(&clean, d->text.p, d->text.len, TEXT_LINES);
	d->read = markdown_parse(clean.p, clean.len);
	str_free(&clean);
	return d->read ? ST_OK : err_set(e, ST_REFUSED, "the card is too long to be shown");
}

static void trip_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct card_page *p = page_of(view);
	struct trip *t = arg;
	if (st != ST_CANCELLED)
		p->err = st == ST_OK ? (struct err){ .code = ST_OK } : *e;
	if (st == ST_OK) {
		if (p->data && p->model_id == t->model_id && p->version == t->version)
			markdown_keep_place(t->data->read, p->data->read);
		data_free(p->data);
		p->data = t->data;
		t->data = NULL;
		p->model_id = t->model_id;
		p->version = t->version;
		p->rev = t->rev && t->rev != p->data->newest ? t->rev : 0;
	}
	trip_drop(t);
}

static void load(struct registry_view *v, int64_t rev)
{
	struct trip *t = mem_zalloc(sizeof *t);
	*t = (struct trip){ .model_id = v->model_id, .version = registry_about(v)->version, .rev = rev };
	ui_task(v->ui, v, &(struct ui_task){ .title = "model card", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_card),
		.work = trip_work, .apply = trip_apply, .drop = trip_drop, .arg = t });
}

static void card_want(struct registry_view *v, bool again)
{
	load(v, again ? page_of(v)->rev : 0);
}

/* ---- editing ------------------------------------------------------------------------------------------------ */

struct save_trip { int64_t model_id, version, rev; struct str text; char *path; };

static void save_drop(void *arg)
{
	struct save_trip *t = arg;
	str_free(&t->text);
	free(t->path);
	free(t);
}

static enum status save_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct save_trip *t = arg;
	struct actor who;
	(void)task;
	actor_self(&who);
	return card_save(s, &who, t->model_id, t->version, t->text.p, t->text.len, t->rev, e);
}

static void save_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct save_trip *t = arg;
	if (st == ST_OK) {
		unlink(t->path);
		ui_message(v->ui, st, "%s", e->text);
	} else {
		ui_message(v->ui, st, "%s; your text is still in %s", e->text, t->path);
	}
	registry_reload(v);
	if (registry_page_id(v) == PAGE_card)
		load(v, 0);
	save_drop(t);
}

const char *registry_why_no_card_page(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	if (registry_page_id(v) != PAGE_card)
		return registry_words(v, "this is about a model card; {registry.card} shows it");
	return page_of(v)->data && !page_of(v)->err.code ? NULL : "the card is still being read";
}

const char *registry_why_no_card_edit(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	const char *why = registry_why_no_card_page(c);
	if (why || v->mirror)
		return why ? why : REGISTRY_MIRROR;
	return page_of(v)->rev ? registry_words(v, "this is an older revision; {list.right} goes to the newest, which can be edited") : NULL;
}

/* The editor has the terminal, and this thread, until it ends. */
REGISTRY_CMD(card_edit)
{
	struct registry_view *v = c->view;
	struct card_page *p = page_of(v);
	struct term *term = ui_term(v->ui);
	struct str text = STR_INIT;
	char *path;
	(void)argc, (void)argv;
	term_suspend(term);
	enum status st = editor_run(p->data->text.p, p->data->text.len, ".md", CARD_MOST_BYTES, &text, &path, e);
	term_resume(term);
	term_redraw(term);
	ui_dirty(v->ui);
	bool same = st == ST_OK && text.len == p->data->text.len && !memcmp(text.p, p->data->text.p, text.len);
	if (st != ST_OK || same) {
		if (path && (same || !text.len))
			unlink(path);
		free(path);
		str_free(&text);
		return same ? err_set(e, ST_OK, "nothing was changed; nothing was saved") : st;
	}
	struct save_trip *t = mem_zalloc(sizeof *t);
	*t = (struct save_trip){ .model_id = p->model_id, .version = p->version, .rev = p->data->newest, .text = text, .path = path };
	ui_task(v->ui, v, &(struct ui_task){ .title = "save the card", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT_CARD,
		.work = save_work, .apply = save_apply, .drop = save_drop, .arg = t });
	return ST_OK;
}

/* ---- revisions ------------------------------------------------------------------------------------------------- */

static enum status walk(struct registry_view *v, int by, struct err *e)
{
	const struct card_page *p = page_of(v);
	if (!p->data || !p->data->revs->n)
		return err_set(e, ST_REFUSED, "there is no revision yet");
	int64_t now = p->rev ? p->rev : p->data->newest, to = now + by;
	if (to < p->data->revs->at[0].rev)
		return err_set(e, ST_REFUSED, "this is the first revision");
	if (to > p->data->newest)
		return err_set(e, ST_REFUSED, "this is the newest revision");
	load(v, to);
	return ST_OK;
}

REGISTRY_CMD(card_walk)
{
	(void)argc, (void)argv;
	return walk(c->view, (int)c->arg, e);
}

/* "model": the card of the model as a whole. */
REGISTRY_CMD(card)
{
	struct registry_view *v = c->view;
	bool whole = argc > 1;
	if (whole && strcmp(argv[1], "model"))
		return err_set(e, ST_USAGE, "whose card? nothing for the version's, or: model");
	if (!whole && registry_page_id(v) == PAGE_card)
		registry_leave(v);
	else
		registry_go(v, PAGE_card, &(struct registry_subject){ .version = whole ? 0 : registry_version(v) });
	return ST_OK;
}

/* ---- the page --------------------------------------------------------------------------------------------------- */

static void *card_open(struct registry_view *v)
{
	(void)v;
	return mem_zalloc(sizeof(struct card_page));
}

static void card_close(void *state)
{
	struct card_page *p = state;
	data_free(p->data);
	free(p);
}

static const struct card_revision *shown(const struct card_page *p)
{
	int64_t rev = p->rev ? p->rev : p->data->newest;
	for (size_t i = 0; i < p->data->revs->n; i++)
		if (p->data->revs->at[i].rev == rev)
			return &p->data->revs->at[i];
	return NULL;
}

static void add_title(const struct registry_view *v, bool current, struct str *out)
{
	const struct card_page *p = page_of(v);
	const struct reg_model_row *m = models_row(v);
	char age[FMT_MAX];
	str_addf(out, "Card of %s", m ? m->name : "");
	if (registry_about(v)->version)
		str_addf(out, " v%lld", (long long)registry_about(v)->version);
	const struct card_revision *r = current ? shown(p) : NULL;
	if (r)
		str_addf(out, " · revision %lld of %zu by %s %s ago", (long long)r->rev, p->data->revs->n, r->actor, registry_ago(age, r->ms));
	else if (current)
		str_add(out, p->data->whose == CARD_MODELS ? " · the model's card; the version has none of its own" : " · nobody wrote it yet: what is known of it");
}

static void paint_missing(const struct card_page *p, const struct paint *at)
{
	struct str words = STR_INIT;
	bool missing = p->data->missing.len > 0;
	if (missing)
		str_addf(&words, "not written: %s", p->data->missing.p);
	else
		str_addf(&words, "all %zu sections are written", p->data->sections);
	paint_text(at, 1, 0, PEN(missing ? ROLE_WARN : ROLE_GOOD), registry_sign(at, missing ? 'n' : 'y'));
	paint_field(at, 3, 0, at->r.w - 4, -1, PEN(missing ? ROLE_WARN : ROLE_GOOD), words.p, words.len);
	str_free(&words);
}

static void card_paint(struct registry_view *v, struct paint *p)
{
	struct card_page *page = page_of(v);
	const char *words[] = { page->err.code ? page->err.text : "reading the card" };
	bool current = page->data && !page->err.code && page->model_id == v->model_id && page->version == registry_about(v)->version;
	struct str title = STR_INIT, note = STR_INIT;
	if (current) {
		struct markdown *m = page->data->read;
		struct paint top = paint_sub(p, 0, 1, p->r.w, 1), text = paint_sub(p, 3, 3, p->r.w - 4, p->r.h - 3);
		paint_missing(page, &top);
		markdown_paint(m, &text);
		if (m->n_lines > (size_t)m->page)
			str_addf(&note, "%zu-%zu of %zu lines", m->top + 1, m->top + (size_t)m->page, m->n_lines);
	} else {
		struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
		ui_empty(v->ui, &inner, words, 1);
	}
	add_title(v, current, &title);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.p, p->focus);
	str_free(&title);
	str_free(&note);
}

static void card_move(struct registry_view *v, enum registry_move m)
{
	struct card_page *p = page_of(v);
	struct err e = { .code = ST_OK };
	if (!p->data)
		return;
	if (m < REG_LEFT)
		markdown_scroll(p->data->read, registry_rows_of(m, p->data->read->page, p->data->read->n_lines));
	else if (walk(v, m == REG_LEFT ? -1 : 1, &e) != ST_OK)
		ui_message(v->ui, e.code, "%s", e.text);
}

static void card_model(const struct registry_view *v, struct str *out)
{
	static const char *const whose[] = { [CARD_OWN] = "own", [CARD_MODELS] = "the model's", [CARD_TEMPLATE] = "template" };
	const struct card_page *p = page_of(v);
	str_addf(out, "about: v%lld\n", (long long)registry_about(v)->version);
	if (p->data)
		str_addf(out, "text: %s, revision %lld of %zu\nmissing: %s\nlines: %zu\n", whose[p->data->whose], (long long)(p->rev ? p->rev : p->data->newest), p->data->revs->n,
			p->data->missing.p, p->data->read->n_lines);
}

static const char *card_hints(const struct registry_view *v)
{
	(void)v;
	return "card.edit edit; registry.find search; card.older older; card.newer newer; registry.version version; cancel back; help help";
}

static bool card_find(struct registry_view *v, const char *needle, int dir)
{
	struct card_page *p = page_of(v);
	return p->data && markdown_find(p->data->read, needle, dir);
}

static void card_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct card_page *p = page_of(v);
	(void)x, (void)y;
	if (p->data && (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN))
		markdown_scroll(p->data->read, ev->mouse == MOUSE_WHEEL_UP ? -3 : 3);
}

const struct registry_page page_card = { .id = "card", .context = "registry.card", .open = card_open, .close = card_close, .want = card_want, .paint = card_paint,
	.model = card_model, .hints = card_hints, .move = card_move, .mouse = card_mouse, .find = card_find };
