/* The promotion sheet: what would change, what must hold, what people still have to do; and the only way to do it.
 *
 * Truth    everything on the sheet comes from one reading of the store (registry_sheet_read.c), with the model's rev. The decision is asked for with the rev
 *          that was shown when it was confirmed, so that nobody confirms what he has not seen: on a conflict the sheet is read anew and says
 *          what happened meanwhile.
 * Ticks    of the checklist are kept here until the move or the request carries them; each one measures the gates anew. */
#include "views/registry_sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "views/registry_acts.h"
#include "views/registry_commands.h"

/* ---- what holds it back -------------------------------------------------------------------------------------- */

size_t sheet_items(const struct sheet *s)
{
	return sheet_report(s) ? s->data->report->n_checklist + 1 : 0;
}

const char *sheet_why_not(const struct sheet *s)
{
	const struct gate_report *r = sheet_report(s);
	if (!r)
		return "the sheet is not read yet";
	if (!r->allowed)
		return r->why_not ? r->why_not : "its rule does not allow it";
	return s->reason[strspn(s->reason, " ")] ? NULL : "a reason is required for every move";
}

/* ---- commands -------------------------------------------------------------------------------------------------- */

const char *registry_why_no_sheet(const struct cmd_ctx *c)
{
	const struct registry_view *v = c->view;
	if (registry_page_id(v) != PAGE_sheet)
		return registry_words(v, "no promotion sheet is open; {registry.promote} opens one");
	return sheet_report(sheet_of(v)) ? NULL : "the sheet is not read yet";
}

static void reason_typed(void *view, const char *text)
{
	struct sheet *s = sheet_of(view);
	if (!text)
		return;
	free(s->reason);
	s->reason = mem_strdup(text);
	sheet_forget(s);
}

static void ask_reason(struct registry_view *v)
{
	struct sheet *s = sheet_of(v);
	s->cursor = sheet_items(s) ? sheet_items(s) - 1 : 0;
	ui_prompt(v->ui, v, &(struct ui_prompt){ .prompt = "reason: ", .initial = s->reason, .history = "registry.reason", .done = reason_typed });
}

REGISTRY_CMD(reason)
{
	(void)e;
	if (argc > 1)
		reason_typed(c->view, argv[1]);
	else
		ask_reason(c->view);
	return ST_OK;
}

REGISTRY_CMD(tick)
{
	struct registry_view *v = c->view;
	struct sheet *s = sheet_of(v);
	(void)argc, (void)argv, (void)e;
	if (s->cursor >= s->n_checked) {
		ask_reason(v);
		return ST_OK;
	}
	s->checked[s->cursor] = !s->checked[s->cursor];
	sheet_want(v, true);
	return ST_OK;
}

static enum status open_sheet(struct registry_view *v, int64_t version, const char *lane)
{
	struct registry_subject about = { .version = version, .lane = (char *)(uintptr_t)lane };     /* registry_go copies it */
	registry_go(v, PAGE_sheet, &about);
	return ST_OK;
}

/* Nobody signs what he cannot see: a vote from a board without room for the preview brings the sheet up. */
void sheet_show_request(struct registry_view *v)
{
	const struct reg_card_row *card = registry_card(v);
	if (registry_page_id(v) == PAGE_board && !v->panes.panel.w && card && sheet_card_lane(card))
		open_sheet(v, card->version, sheet_card_lane(card));
}

/* The lane beside a card's: by 1 the next one (never the archive), -1 the one before; NULL: there is none. */
static const char *lane_beside(const struct registry_view *v, const struct reg_card_row *card, int by)
{
	if (by > 0 && sheet_card_lane(card))
		return sheet_card_lane(card);
	return by > 0 ? policy_next_lane(v->policy, card->stage) : policy_prev_lane(v->policy, card->stage);
}

static const char *why_no_lane(struct registry_view *v, const struct reg_card_row *card, int by)
{
	struct str other = STR_INIT;
	ui_words(v->ui, "{registry.promote-to}", &other);
	str_clear(&v->words);
	if (by > 0 && policy_lane_single(v->policy, card->stage))
		str_addf(&v->words, "v%lld is in %s already; %s chooses another lane", (long long)card->version, card->stage, other.p);
	else
		str_addf(&v->words, "there is no lane %s %s; %s chooses one", by > 0 ? "beyond" : "before", card->stage, other.p);
	str_free(&other);
	return v->words.p;
}

REGISTRY_CMD(promote)
{
	struct registry_view *v = c->view;
	const struct reg_card_row *card = registry_card(v);
	const char *lane = argc > 1 && *argv[1] == '@' ? argv[1] : argc > 1 ? policy_lane(v->policy, argv[1]) : lane_beside(v, card, (int)c->arg);
	if (!lane && argc > 1)
		return err_set(e, ST_NOT_FOUND, "there is no lane \"%s\"", argv[1]);
	if (!lane)
		return err_set(e, ST_REFUSED, "%s", why_no_lane(v, card, (int)c->arg));
	if (!strcmp(lane, card->stage))
		return err_set(e, ST_REFUSED, "v%lld is in %s already", (long long)card->version, card->stage);
	return open_sheet(v, card->version, lane);
}

const char *registry_why_no_card(const struct cmd_ctx *c)
{
	struct registry_view *v = c->view;
	const struct reg_card_row *card = registry_card(v);
	if (registry_why_no_version(c) || !card || !v->policy)
		return registry_why_no_version(c) ? registry_why_no_version(c) : "this version is not on the board";
	if (!card->deleted)
		return NULL;
	str_clear(&v->words);
	str_addf(&v->words, "v%lld was deleted", (long long)card->version);
	return v->words.p;
}

const char *registry_why_no_back(const struct cmd_ctx *c)
{
	struct registry_view *v = c->view;
	const struct reg_card_row *card = registry_card(v);
	const char *why = registry_why_no_card(c);
	return why || lane_beside(v, card, -1) ? why : why_no_lane(v, card, -1);
}

static void lane_picked(void *view, size_t i, bool on)
{
	struct registry_view *v = view;
	struct str line = STR_INIT;
	(void)on;
	if (!v->policy || i >= v->policy->n_lanes)
		return;
	str_add(&line, "registry.promote ");
	cmd_quote(&line, v->policy->lanes[i]);
	ui_run(v->ui, line.p);
	str_free(&line);
}

REGISTRY_CMD(promote_to)
{
	struct registry_view *v = c->view;
	const struct reg_card_row *card = registry_card(v);
	struct ui_item *items = mem_array(v->policy->n_lanes + 1, sizeof *items);
	char title[96];
	(void)argc, (void)argv, (void)e;
	for (size_t i = 0; i < v->policy->n_lanes; i++) {
		const char *lane = v->policy->lanes[i];
		items[i] = (struct ui_item){ .label = lane, .why_not = strcmp(lane, card->stage) ? NULL : "it is there already",
			.detail = policy_lane_single(v->policy, lane) ? "holds one version" : "" };
	}
	snprintf(title, sizeof title, "Move v%lld to", (long long)card->version);
	ui_menu(v->ui, v, title, items, v->policy->n_lanes, false, lane_picked);
	free(items);
	return ST_OK;
}

void registry_complete_lane(struct cmd_ctx *c, int index, const char *word, struct str *out)
{
	const struct registry_view *v = c->view;
	for (size_t i = 0; index == 1 && v->policy && i < v->policy->n_lanes; i++)
		if (!strncasecmp(v->policy->lanes[i], word, strlen(word)))
			str_addf(out, "%s\n", v->policy->lanes[i]);
}

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static void *sheet_open(struct registry_view *v)
{
	struct sheet *s = mem_zalloc(sizeof *s);
	(void)v;
	s->reason = mem_strdup("");
	return s;
}

static void sheet_close(void *state)
{
	struct sheet *s = state;
	sheet_fresh(s);
	sheet_data_free(s->data);
	free(s->reason);
	arena_free(s->words);
	free(s->rows);
	free(s);
}

static void sheet_move(struct registry_view *v, enum registry_move m)
{
	struct sheet *s = sheet_of(v);
	long n = (long)sheet_items(s), to = (long)s->cursor + registry_rows_of(m, s->page, (size_t)n);
	if (n)
		s->cursor = (size_t)(to < 0 ? 0 : to >= n ? n - 1 : to);
}

static void confirmed(void *view)
{
	struct registry_view *v = view;
	struct sheet *s = sheet_of(v);
	const struct gate_report *r = sheet_report(s);
	if (!r || registry_page_id(v) != PAGE_sheet)
		return;
	struct deed *d = deed_new(DEED_PROMOTE, r->model_id, r->version);
	d->name = mem_strdup(r->to);
	d->text = mem_strdup(s->reason);
	d->expect_rev = s->confirm_rev;
	deed_checked(d, s->checked, s->n_checked);
	deed_go(v, d);
}

/* A move that takes a lane from another version, or moves people's alias, is asked for once more; the default is no. */
static enum status sheet_enter(struct registry_view *v, struct err *e)
{
	struct sheet *s = sheet_of(v);
	const struct gate_report *r = sheet_report(s);
	if (!r)
		return err_set(e, ST_REFUSED, "%s", s->err.code ? s->err.text : "the sheet is not read yet");
	if (ui_read_only(v->ui) || v->mirror)
		return err_set(e, ST_REFUSED, "%s", v->mirror ? REGISTRY_MIRROR : "this workspace is open read-only");
	if (r->allowed && !s->reason[strspn(s->reason, " ")]) {
		ask_reason(v);
		return ST_OK;
	}
	if (!r->allowed)
		return err_set(e, ST_REFUSED, "%s; %s", sheet_why_not(s),
			r->request_id ? registry_words(v, "{registry.approve} approves the request") : registry_words(v, "{registry.request} asks for it"));
	s->confirm_rev = r->rev;
	if (!r->replaces && !s->data->n_aliases && !policy_lane_single(s->data->policy, r->from)) {
		confirmed(v);
		return ST_OK;
	}
	struct str question = STR_INIT, detail = STR_INIT;
	str_addf(&question, "Move %s v%lld from %s to %s?", r->model, (long long)r->version, r->from, r->to);
	if (r->replaces)
		str_addf(&detail, "v%lld goes to %s. ", (long long)r->replaces, s->data->policy->archive);
	str_addf(&detail, "Reason: %s", s->reason);
	ui_confirm(v->ui, v, question.p, detail.p, confirmed);
	str_free(&question);
	str_free(&detail);
	return ST_OK;
}

/* The move was made, or was not: on a refusal the sheet stays, is read anew, and says why. */
void sheet_moved(struct registry_view *v, enum status st, const struct err *e)
{
	if (registry_page_id(v) != PAGE_sheet)
		return;
	if (st == ST_OK) {
		int64_t version = sheet_of(v)->version;
		sheet_fresh(sheet_of(v));
		registry_leave(v);
		v->board.version = version;
	} else {
		sheet_say(sheet_of(v), e->text);
		sheet_want(v, true);
	}
}

void sheet_fill(const struct registry_view *v, struct deed *d)
{
	const struct sheet *s = sheet_of(v);
	if (registry_page_id(v) != PAGE_sheet)
		return;
	if (s->reason[strspn(s->reason, " ")])
		d->text = mem_strdup(s->reason);
	if (sheet_report(s))
		d->expect_rev = s->data->report->rev;
	deed_checked(d, s->checked, s->n_checked);
}

void sheet_own_change(struct registry_view *v)
{
	sheet_of(v)->own = true;
}

static void sheet_model(const struct registry_view *v, struct str *out)
{
	const struct sheet *s = sheet_of(v);
	const struct gate_report *r = sheet_report(s);
	str_addf(out, "sheet: %s\n", r ? "here" : s->err.code ? s->err.text : "reading");
	if (!r)
		return;
	str_addf(out, "move: v%lld %s to %s\nallowed: %s\nwhy not: %s\nreason: %s\nsaid: %s\n", (long long)r->version, r->from, r->to,
		sheet_why_not(s) ? "no" : "yes", sheet_why_not(s) ? sheet_why_not(s) : "", s->reason, s->said ? s->said : "");
	str_addf(out, "approvals: %d of %d\n", r->approvals_given, r->approvals_needed);
	str_add(out, "checklist:");
	for (size_t i = 0; i < r->n_checklist; i++)
		str_addf(out, " %c", r->checked[i] ? 'y' : 'n');
	str_addc(out, '\n');
	for (size_t i = 0; i < r->n; i++)
		str_addf(out, "gate: %s %s value %s limit %s\n", r->at[i].name, r->at[i].ok ? "ok" : r->at[i].waived ? "waived" : "failed", r->at[i].value, r->at[i].limit);
}

static const char *sheet_hints(const struct registry_view *v)
{
	const struct sheet *s = sheet_of(v);
	const struct gate_report *r = sheet_report(s);
	if (!r)
		return "cancel back; help help";
	if (r->allowed)
		return "registry.open confirm; registry.reason reason; registry.tick tick; registry.compare compare; registry.run run; cancel back; help help";
	if (r->request_id)
		return "registry.approve approve; registry.reject reject; registry.tick tick; registry.comment comment; registry.withdraw withdraw; cancel back; help help";
	return "registry.request request; registry.tick tick; registry.reason reason; registry.compare compare; registry.run run; cancel back; help help";
}

/* A click puts the cursor on an item; on the one that has it, ticks it. */
static void sheet_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct sheet *s = sheet_of(v);
	size_t row = s->top + (size_t)(y > 0 ? y - 1 : 0);
	(void)x;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		sheet_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
	} else if (ev->mouse == MOUSE_PRESS && y >= 1 && y <= s->page && row < s->n_rows && s->rows[row].item >= 0) {
		bool again = s->cursor == (size_t)s->rows[row].item;
		s->cursor = (size_t)s->rows[row].item;
		if (again)
			ui_run(v->ui, "registry.tick");
	}
}

const struct registry_page page_sheet = { .id = "sheet", .context = "registry.sheet", .panel = true, .open = sheet_open, .close = sheet_close,
	.want = sheet_want, .paint = sheet_paint, .rows = sheet_rows, .model = sheet_model, .hints = sheet_hints, .move = sheet_move, .enter = sheet_enter, .mouse = sheet_mouse };
