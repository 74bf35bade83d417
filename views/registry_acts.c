/* Decisions: what each of them asks before it is made, and how it is made. See registry_acts.h. */
#include "views/registry_acts.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/registry/digest.h"
#include "views/registry_commands.h"

/* ---- what the store is asked, in the task ---------------------------------------------------------------- */

static struct move move_of(const struct deed *d)
{
	return (struct move){ .model_id = d->model_id, .version = d->version, .to = d->name, .reason = d->text, .expect_rev = d->expect_rev,
		.checked = d->checked, .n_checked = d->n_checked };
}

static enum status do_promote(struct store *s, struct deed *d, struct err *e)
{
	struct move m = move_of(d);
	return decide_promote(s, &d->who, &m, e);
}

static enum status do_rollback(struct store *s, struct deed *d, struct err *e)
{
	return decide_rollback(s, &d->who, d->model_id, d->name, d->text, d->expect_rev, &d->found, e);
}

static enum status do_request(struct store *s, struct deed *d, struct err *e)
{
	struct move m = move_of(d);
	return decide_request(s, &d->who, &m, &d->request, e);
}

static enum status do_withdraw(struct store *s, struct deed *d, struct err *e) { return decide_withdraw(s, &d->who, d->request, d->text, e); }
static enum status do_comment(struct store *s, struct deed *d, struct err *e) { return decide_comment(s, &d->who, d->request, d->text, e); }
static enum status do_approve(struct store *s, struct deed *d, struct err *e) { return deed_vote(s, d, true, e); }
static enum status do_reject(struct store *s, struct deed *d, struct err *e) { return deed_vote(s, d, false, e); }
static enum status do_describe(struct store *s, struct deed *d, struct err *e) { return decide_describe(s, &d->who, d->model_id, d->version, d->text, e); }
static enum status do_delete(struct store *s, struct deed *d, struct err *e) { return decide_delete(s, &d->who, d->model_id, d->version, d->text, e); }

static enum status do_alias(struct store *s, struct deed *d, struct err *e)
{
	return decide_alias(s, &d->who, d->model_id, d->name, d->remove ? 0 : d->version, d->text, e);
}

static enum status do_tag(struct store *s, struct deed *d, struct err *e)
{
	return decide_tag(s, &d->who, d->model_id, d->version, d->name, d->remove ? NULL : d->text, e);
}

/* name, text: the prompts, NULL where nothing is asked. sure: the start and the end of a question that must be answered with yes; the deed's name stands between. */
static const struct {
	const char *title, *name, *text, *sure[2], *history;
	bool needed, key;                    /* needed: an empty text is no answer */
	enum status (*work)(struct store *s, struct deed *d, struct err *e);
} deeds[DEEDS] = {
	[DEED_PROMOTE] = { "move a version", NULL, "reason: ", { NULL, NULL }, "registry.reason", true, false, do_promote },
	[DEED_ROLLBACK] = { "roll back", NULL, "why roll back: ", { "Put back the version that held", "before?" }, "registry.reason", true, false, do_rollback },
	[DEED_REQUEST] = { "request a move", NULL, "why it should move: ", { NULL, NULL }, "registry.reason", true, false, do_request },
	[DEED_WITHDRAW] = { "withdraw a request", NULL, "why withdraw it: ", { NULL, NULL }, "registry.reason", true, false, do_withdraw },
	[DEED_COMMENT] = { "comment on a request", NULL, "comment: ", { NULL, NULL }, "registry.comment", true, false, do_comment },
	[DEED_APPROVE] = { "approve a request", NULL, "comment (may be empty): ", { NULL, NULL }, "registry.comment", false, true, do_approve },
	[DEED_REJECT] = { "reject a request", NULL, "why reject it: ", { NULL, NULL }, "registry.comment", true, true, do_reject },
	[DEED_ALIAS] = { "set an alias", "alias (NAME, or NAME none to remove it): ", NULL, { NULL, NULL }, "registry.alias", false, false, do_alias },
	[DEED_TAG] = { "set a tag", "tag (KEY VALUE, or KEY alone to remove it): ", NULL, { NULL, NULL }, "registry.tag", false, false, do_tag },
	[DEED_DESCRIBE] = { "describe", NULL, "description: ", { NULL, NULL }, "registry.describe", false, false, do_describe },
	[DEED_DELETE] = { "delete a version", NULL, "why delete it: ", { NULL, NULL }, "registry.reason", true, false, do_delete },
};

/* ---- life ------------------------------------------------------------------------------------------------------ */

struct deed *deed_new(enum deed_id id, int64_t model_id, int64_t version)
{
	struct deed *d = mem_zalloc(sizeof *d);
	*d = (struct deed){ .id = id, .model_id = model_id, .version = version, .expect_rev = -1 };
	return d;
}

void deed_checked(struct deed *d, const bool *checked, size_t n)
{
	d->checked = mem_zalloc(n + 1);
	d->n_checked = n;
	if (n)
		memcpy(d->checked, checked, n);
}

void deed_free(struct deed *d)
{
	if (!d)
		return;
	free(d->initial);
	free(d->name);
	free(d->text);
	free(d->checked);
	free(d->key_file);
	sodium_free(d->secret);
	free(d);
}

void deed_drop(struct registry_view *v)
{
	deed_free(v->deed);
	v->deed = NULL;
}

/* ---- done ------------------------------------------------------------------------------------------------------- */

static void deed_lost(void *arg)
{
	deed_free(arg);
}

static enum status deed_work(struct store *s, struct task *t, void *arg, struct err *e)
{
	struct deed *d = arg;
	(void)t;
	actor_self(&d->who);                 /* now: a key may have been made since the program started */
	return deeds[d->id].work(s, d, e);
}

static void deed_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct deed *d = arg;
	v->acting = false;
	if (st == ST_OK)
		sheet_own_change(v);
	if (d->id == DEED_PROMOTE)
		sheet_moved(v, st, e);
	ui_message(v->ui, st, "%s", e->text[0] ? e->text : "done");
	if (st == ST_OK && d->found)
		v->board.version = d->found;
	registry_reload(v);
	const struct registry_page *top = registry_page(v);
	if (top->want && d->id != DEED_PROMOTE)
		top->want(v, true);
	deed_free(d);
}

static void deed_start(struct registry_view *v, struct deed *d)
{
	v->acting = true;
	ui_task(v->ui, v, &(struct ui_task){ .title = deeds[d->id].title, .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT_ACT,
		.work = deed_work, .apply = deed_apply, .drop = deed_lost, .arg = d });
}

/* ---- asked -------------------------------------------------------------------------------------------------------- */

static struct deed *waiting(struct registry_view *v)
{
	struct deed *d = v->deed;
	v->deed = NULL;
	return d;
}

static void text_given(void *view, const char *text)
{
	struct registry_view *v = view;
	struct deed *d = waiting(v);
	bool blank = text && !text[strspn(text, " ")];
	if (!d)
		return;
	if (text && blank && deeds[d->id].needed)
		ui_message(v->ui, ST_USAGE, "nothing was done: it needs words, which the audit log keeps");
	if (!text || (blank && deeds[d->id].needed)) {
		deed_free(d);
		return;
	}
	d->text = mem_strdup(text);
	deed_go(v, d);
}

/* "NAME REST": an alias may be followed by none, a tag's key by its value. */
static void deed_words(struct deed *d, const char *text)
{
	text += strspn(text, " ");
	size_t n = strcspn(text, " ");
	const char *rest = text + n + strspn(text + n, " ");
	d->name = mem_strndup(text, n);
	d->remove = d->id == DEED_ALIAS ? !strcmp(rest, "none") : !*rest;
	d->text = mem_strdup(d->id == DEED_ALIAS ? "" : rest);
}

static void name_given(void *view, const char *text)
{
	struct registry_view *v = view;
	struct deed *d = waiting(v);
	if (!d || !text || !text[strspn(text, " ")]) {
		deed_free(d);
		return;
	}
	deed_words(d, text);
	deed_go(v, d);
}

static void yes_given(void *view)
{
	struct registry_view *v = view;
	struct deed *d = waiting(v);
	if (!d)
		return;
	d->confirmed = true;
	deed_go(v, d);
}

static void ask_sure(struct registry_view *v, const struct deed *d)
{
	char question[256];
	snprintf(question, sizeof question, "%s %s %s", deeds[d->id].sure[0], d->name, deeds[d->id].sure[1]);
	ui_confirm(v->ui, v, question, d->text, yes_given);
}

/* A prompt or dialog that was left without an answer leaves its deed behind: the next one takes its place. */
void deed_go(struct registry_view *v, struct deed *d)
{
	if (v->acting) {
		ui_message(v->ui, ST_REFUSED, "the decision before is still being written");
		deed_free(d);
		return;
	}
	deed_drop(v);
	bool name = deeds[d->id].name && !d->name, text = deeds[d->id].text && !d->text;
	if (name || text) {
		v->deed = d;
		ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = name ? deeds[d->id].name : deeds[d->id].text, .initial = d->initial, .history = deeds[d->id].history,
			.done = name ? name_given : text_given });
	} else if (deeds[d->id].sure[0] && !d->confirmed) {
		v->deed = d;
		ask_sure(v, d);
	} else if (!deeds[d->id].key || deed_has_key(v, d)) {
		deed_start(v, d);
	}
}

/* ---- commands: about a version ---------------------------------------------------------------------------------------- */

static enum status go(struct registry_view *v, struct deed *d, int argc, char *const argv[], int text_at)
{
	if (argc > text_at)
		d->text = mem_strdup(argv[text_at]);
	deed_go(v, d);
	return ST_OK;
}

const char *registry_why_no_change(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	return registry_why_no_version(c) ? registry_why_no_version(c) : v->mirror ? REGISTRY_MIRROR : NULL;
}

/* On the sheet the move that it shows, with its ticks and reason; else to the next lane. */
REGISTRY_CMD(request)
{
	struct registry_view *v = c->view;
	const struct reg_card_row *card = registry_card(v);
	const struct registry_subject *about = registry_about(v);
	const char *lane = about->lane ? about->lane : card ? policy_next_lane(v->policy, card->stage) : NULL;
	if (!lane)
		return err_set(e, ST_REFUSED, "there is no lane beyond %s", card ? card->stage : "this one");
	struct deed *d = deed_new(DEED_REQUEST, v->model_id, registry_version(v));
	d->name = mem_strdup(lane);
	sheet_fill(v, d);
	return go(v, d, argc, argv, 1);
}

/* The lane that holds one version; where several are such, the last of them: that is where models serve. */
static const char *rollback_lane(const struct registry_view *v)
{
	const struct policy *p = v->policy;
	return p && p->n_single ? p->single[p->n_single - 1] : "Production";
}

const char *registry_why_no_rollback(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	return registry_why_no_model(c) ? registry_why_no_model(c) : v->mirror ? REGISTRY_MIRROR : NULL;
}

REGISTRY_CMD(rollback)
{
	struct registry_view *v = c->view;
	const char *lane = argc > 1 ? policy_lane(v->policy, argv[1]) : rollback_lane(v);
	if (!lane)
		return err_set(e, ST_NOT_FOUND, "there is no lane \"%s\"", argv[1]);
	struct deed *d = deed_new(DEED_ROLLBACK, v->model_id, 0);
	d->name = mem_strdup(lane);
	d->expect_rev = v->board.data ? v->board.data->rev : -1;
	return go(v, d, argc, argv, 2);
}

REGISTRY_CMD(words)
{
	struct registry_view *v = c->view;
	(void)e;
	struct deed *d = deed_new((enum deed_id)c->arg, v->model_id, registry_version(v));
	if (argc > 1) {
		struct str line = STR_INIT;
		str_addf(&line, "%s %s", argv[1], argc > 2 ? argv[2] : "");
		deed_words(d, line.p);
		str_free(&line);
	}
	deed_go(v, d);
	return ST_OK;
}

REGISTRY_CMD(describe)
{
	struct registry_view *v = c->view;
	const struct reg_card_row *card = registry_card(v);
	(void)e;
	struct deed *d = deed_new(DEED_DESCRIBE, v->model_id, registry_version(v));
	d->initial = card ? mem_strdup(card->description) : NULL;
	return go(v, d, argc, argv, 1);
}

REGISTRY_CMD(delete)
{
	struct registry_view *v = c->view;
	(void)e;
	return go(v, deed_new(DEED_DELETE, v->model_id, registry_version(v)), argc, argv, 1);
}

/* ---- commands: about a request -------------------------------------------------------------------------------------------- */

static int64_t request_here(const struct registry_view *v)
{
	const struct reg_card_row *card = registry_card(v);
	const struct registry_page *top = registry_page(v);
	int64_t id = top->request ? top->request(v) : 0;
	return id ? id : card ? card->request_id : 0;
}

const char *registry_why_no_request(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	if (!request_here(v))
		return registry_words(v, "there is no open request here; {registry.requests} lists them");
	return v->mirror ? REGISTRY_MIRROR : NULL;
}

REGISTRY_CMD(on_request)
{
	struct registry_view *v = c->view;
	(void)e;
	struct deed *d = deed_new((enum deed_id)c->arg, v->model_id, registry_version(v));
	d->request = request_here(v);
	if (deeds[d->id].key)
		sheet_show_request(v);
	return go(v, d, argc, argv, 1);
}

/* ---- the digest ------------------------------------------------------------------------------------------------------------ */

struct digest_trip { int64_t model_id, version; struct digest out; };

static enum status digest_work(struct store *s, struct task *t, void *arg, struct err *e)
{
	struct digest_trip *d = arg;
	struct actor who;
	actor_self(&who);
	return digest_version(s, &who, d->model_id, d->version, t, &d->out, e);
}

static void digest_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct digest_trip *d = arg;
	char size[FMT_MAX];
	if (st == ST_OK)
		ui_message(v->ui, st, "digest of v%lld: %02x%02x%02x%02x, %s in %lld %s", (long long)d->version, d->out.hash[0], d->out.hash[1], d->out.hash[2], d->out.hash[3],
			fmt_bytes(size, d->out.bytes), (long long)d->out.files, d->out.files == 1 ? "file" : "files");
	else
		ui_message(v->ui, st, "%s", e->text);
	if (st == ST_OK)
		sheet_own_change(v);
	registry_reload(v);
	if (registry_page(v)->want)
		registry_page(v)->want(v, true);
	free(d);
}

REGISTRY_CMD(digest)
{
	struct registry_view *v = c->view;
	char title[96];
	(void)argc, (void)argv, (void)e;
	struct digest_trip *d = mem_zalloc(sizeof *d);
	*d = (struct digest_trip){ .model_id = v->model_id, .version = registry_version(v) };
	const struct reg_model_row *m = models_row(v);
	snprintf(title, sizeof title, "digest of %.60s v%lld", m ? m->name : "", (long long)d->version);
	ui_task(v->ui, v, &(struct ui_task){ .title = title, .cls = TASK_LONG, .slot = REG_SLOT_DIGEST,
		.work = digest_work, .apply = digest_apply, .drop = free, .arg = d });
	return ST_OK;
}
