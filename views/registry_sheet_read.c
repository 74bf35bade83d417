/* What a promotion sheet shows: read in one transaction, put in place, read anew when it may have changed.
 *
 * Identity model, version and lane. Data about anything else may stand in the preview until the answer comes, never on an open sheet
 *          (sheet_report). */
#include "views/registry_sheet.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/registry_acts.h"

enum { FOLLOW_MS = 90 };

struct sheet *sheet_of(const struct registry_view *v)
{
	return v->state[PAGE_sheet];
}

const struct gate_report *sheet_report(const struct sheet *s)
{
	const struct gate_report *r = s->data ? s->data->report : NULL;
	return r && s->lane && r->model_id == s->model_id && r->version == s->version && !strcmp(r->to, s->lane) ? r : NULL;
}

/* Where a card is to go next: where somebody asked for it to go, else to the next lane; NULL: nowhere. */
const char *sheet_card_lane(const struct reg_card_row *card)
{
	return card->request_id && *card->request_to ? card->request_to : *card->next ? card->next : NULL;
}

bool sheet_subject(const struct registry_view *v, int64_t *version, const char **lane)
{
	const struct registry_subject *about = registry_about(v);
	const struct reg_card_row *card = board_card(v);
	bool open = registry_page_id(v) == PAGE_sheet;
	*version = open ? about->version : card ? card->version : 0;
	*lane = open ? about->lane : card ? sheet_card_lane(card) : NULL;
	return *version && *lane && (open || registry_preview(v));
}

void sheet_data_free(struct sheet_data *d)
{
	if (!d)
		return;
	gate_report_free(d->report);
	policy_free(d->policy);
	requests_free(d->request);
	arena_free(d->arena);
	free(d);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

struct sheet_trip {
	int64_t model_id, version; char *lane; bool *checked; size_t n_checked;      /* out */
	struct sheet_data *data;                                                     /* back */
};

static void sheet_drop(void *arg)
{
	struct sheet_trip *t = arg;
	sheet_data_free(t->data);
	free(t->lane);
	free(t->checked);
	free(t);
}

static enum status read_aliases(struct store *s, struct sheet_data *d)
{
	const struct policy_rule *rule = d->report->rule;
	size_t n = rule ? rule->n_aliases : 0;
	d->aliases = arena_array(d->arena, n ? n : 1, sizeof *d->aliases);
	for (size_t i = 0; i < n; i++) {
		char *at = arena_printf(d->arena, "@%s", rule->aliases[i]);
		d->aliases[i].name = at + 1;
		if (version_find(s, d->report->model_id, at, &d->aliases[i].from, NULL) != ST_OK)
			d->aliases[i].from = 0;
	}
	d->n_aliases = n;
	return ST_OK;
}

static const char *clean_column(struct arena *a, sqlite3_stmt *q, int i)
{
	struct str clean = STR_INIT;
	const char *text = (const char *)sqlite3_column_text(q, i);
	text_clean(&clean, text ? text : "", (size_t)sqlite3_column_bytes(q, i), 0);
	const char *kept = arena_strdup(a, clean.p);
	str_free(&clean);
	return kept;
}

/* Who changed the model last: what is said when that happened under an open sheet. rev is the number of that record. */
static enum status read_latest(struct store *s, struct sheet_data *d, struct err *e)
{
	char age[FMT_MAX];
	sqlite3_stmt *q = store_stmt(s, "SELECT action, object, actor, ms FROM audit WHERE seq = ?", e);
	d->latest = "";
	if (!q)
		return ST_FAILED;
	sqlite3_bind_int64(q, 1, d->report->rev);
	if (sqlite3_step(q) == SQLITE_ROW) {
		const char *action = clean_column(d->arena, q, 0), *object = clean_column(d->arena, q, 1), *who = clean_column(d->arena, q, 2);
		registry_ago(age, sqlite3_column_int64(q, 3));
		d->latest = arena_printf(d->arena, "%s of %s by %s %s ago (record %lld)", action, object, who, age, (long long)d->report->rev);
	}
	sqlite3_reset(q);
	return ST_OK;
}

static enum status sheet_work(struct store *s, struct task *task, void *arg, struct err *e)
{
	struct sheet_trip *t = arg;
	struct sheet_data *d = t->data = mem_zalloc(sizeof *d);
	char *note = NULL;
	(void)task;
	d->arena = arena_new();
	enum status st = store_read_begin(s, e);
	if (st != ST_OK)
		return st;
	st = policy_load(s, &d->policy, &note, e);
	free(note);
	if (st == ST_OK)
		st = gates_check(s, d->policy, t->model_id, t->version, t->lane, GATES_FOR_PROMOTION, t->checked, t->n_checked, &d->report, e);
	if (st == ST_OK && d->report->request_id)
		st = request_load(s, d->report->request_id, &d->request, e);
	if (st == ST_OK)
		st = read_aliases(s, d);
	if (st == ST_OK)
		st = read_latest(s, d, e);
	d->members = st == ST_OK && d->policy->n_members > 0;
	store_read_end(s);
	return st;
}

/* ---- back on the loop -------------------------------------------------------------------------------------- */

void sheet_forget(struct sheet *s)
{
	s->built_w = 0;
}

void sheet_say(struct sheet *s, const char *words)
{
	free(s->said);
	s->said = words ? mem_strdup(words) : NULL;
	sheet_forget(s);
}

static void take(const struct registry_view *v, struct sheet *s, struct sheet_data *d)
{
	const struct gate_report *shown = sheet_report(s);
	int64_t before = shown && registry_page_id(v) == PAGE_sheet ? shown->rev : -1;
	if (before >= 0 && before != d->report->rev && !s->own && *d->latest) {
		char *words = arena_printf(d->arena, "%s changed since: %s", d->report->model, d->latest);
		sheet_say(s, words);
	}
	s->own = false;
	sheet_data_free(s->data);
	s->data = d;
	if (s->n_checked != d->report->n_checklist) {
		free(s->checked);
		s->n_checked = d->report->n_checklist;
		s->checked = mem_zalloc(s->n_checked + 1);
		s->cursor = 0;
	}
	sheet_forget(s);
}

/* What the sheet was about is gone: it says so and closes. */
static void gone(struct registry_view *v, const struct err *e)
{
	registry_leave(v);
	registry_reload(v);
	ui_message(v->ui, ST_NOT_FOUND, "%s; its sheet is closed", e->text);
}

static void sheet_apply(void *view, void *arg, enum status st, const struct err *e)
{
	struct registry_view *v = view;
	struct sheet_trip *t = arg;
	struct sheet *s = sheet_of(v);
	const char *lane;
	int64_t version;
	bool shown = sheet_subject(v, &version, &lane) && v->model_id == t->model_id && version == t->version && !strcmp(lane, t->lane);
	if (shown && st == ST_OK) {
		s->err.code = ST_OK;
		take(v, s, t->data);
		t->data = NULL;
	} else if (shown && st == ST_NOT_FOUND && registry_page_id(v) == PAGE_sheet) {
		gone(v, e);
	} else if (shown && st != ST_CANCELLED) {
		s->err = *e;
		sheet_data_free(s->data);
		s->data = NULL;
		sheet_forget(s);
	}
	sheet_drop(t);
}

/* Another move: what people wrote and ticked was about the one before. The picture of that stays until the new one is read. */
void sheet_fresh(struct sheet *s)
{
	free(s->lane);
	free(s->checked);
	free(s->reason);
	free(s->said);
	s->lane = s->said = NULL;
	s->checked = NULL;
	s->n_checked = s->cursor = s->top = 0;
	s->reason = mem_strdup("");
	s->err = (struct err){ .code = ST_OK };
	sheet_forget(s);
}

void sheet_want(struct registry_view *v, bool again)
{
	struct sheet *s = sheet_of(v);
	const char *lane;
	int64_t version;
	if (!sheet_subject(v, &version, &lane))
		return;
	if (s->model_id != v->model_id || s->version != version || !s->lane || strcmp(s->lane, lane)) {
		char *kept = mem_strdup(lane);
		sheet_fresh(s);
		s->model_id = v->model_id;
		s->version = version;
		s->lane = kept;
	} else if (!again) {
		sheet_say(s, NULL);
	}
	struct sheet_trip *t = mem_zalloc(sizeof *t);
	*t = (struct sheet_trip){ .model_id = v->model_id, .version = version, .lane = mem_strdup(lane), .n_checked = s->n_checked };
	t->checked = mem_zalloc(s->n_checked + 1);
	memcpy(t->checked, s->checked ? s->checked : t->checked, s->n_checked);
	ui_task(v->ui, v, &(struct ui_task){ .title = "promotion sheet", .cls = TASK_QUICK, .hidden = true, .slot = REG_SLOT(PAGE_sheet),
		.work = sheet_work, .apply = sheet_apply, .drop = sheet_drop, .arg = t });
}

static void rested(void *arg)
{
	struct registry_view *v = arg;
	v->follow_timer = 0;
	sheet_want(v, true);
}

/* The preview below the board follows the cursor when it rests; at once on a terminal that nobody watches. */
void sheet_follow(struct registry_view *v)
{
	if (v->follow_timer)
		loop_cancel(ui_loop(v->ui), v->follow_timer);
	v->follow_timer = 0;
	if (registry_page_id(v) != PAGE_board)
		return;
	if (term_fd(ui_term(v->ui)) < 0)
		rested(v);
	else
		v->follow_timer = loop_after(ui_loop(v->ui), FOLLOW_MS, rested, v);
}
