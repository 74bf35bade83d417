/* The picture of the promotion sheet: sections with their label at the left, the verdict always in its last row.
 *
 * Rows are built once per reading and width. Columns of the gates are as wide as their texts, up to limits; the source, which people
 * need least, has what is left. */
#include "views/registry_sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/runs_internal.h"

#define MISSING "missing"
enum { LABEL_X = 3, TEXT_X = 14, NAME_MOST = 24, VALUE_MOST = 14, LIMIT_MOST = 40, SHEET_EMPTY_H = 10, VERDICT_MOST = 3, LABELS_FROM = 60, NAME_LEAST = 8 };

/* ---- rows ------------------------------------------------------------------------------------------------- */

/* Where there is no room for both, the texts have the labels' place. */
static int text_x(int width)
{
	return width >= LABELS_FROM ? TEXT_X : LABEL_X;
}

static struct sheet_row *add(struct sheet *s, const char *label, char light, enum role role, const char *text)
{
	MEM_GROW(s->rows, s->cap_rows, s->n_rows + 1);
	struct sheet_row *r = &s->rows[s->n_rows++];
	*r = (struct sheet_row){ .label = label ? label : "", .light = light, .role = (uint8_t)role, .cell = { text, "", "", "" }, .item = -1 };
	return r;
}

/* Pieces side by side while they fit, then below each other: what changes together stands together. */
static void add_pieces(struct sheet *s, const char *label, char *const *piece, size_t n, int width)
{
	struct str line = STR_INIT;
	int room = width - text_x(width) - 1, used = 0;
	for (size_t i = 0; i < n; i++) {
		int w = text_width(piece[i], strlen(piece[i]));
		if (used && used + 4 + w > room) {
			add(s, label, 0, ROLE_TEXT, arena_strdup(s->words, line.p));
			label = "";
			str_clear(&line);
			used = 0;
		}
		str_addf(&line, "%s%s", used ? "    " : "", piece[i]);
		used += w + (used ? 4 : 0);
	}
	add(s, label, 0, ROLE_TEXT, arena_strdup(s->words, line.p));
	str_free(&line);
}

static void build_changes(struct sheet *s, int width, bool ascii)
{
	const struct sheet_data *d = s->data;
	const struct gate_report *r = d->report;
	const char *arrow = ascii ? "->" : "→";
	char *piece[16];
	size_t n = 0;
	bool alias = *r->to == '@';
	if (alias)
		piece[n++] = arena_printf(s->words, "alias %s %s v%lld", r->to + 1, arrow, (long long)r->version);
	else
		piece[n++] = arena_printf(s->words, "v%lld %s %s %s", (long long)r->version, r->from, arrow, r->to);
	if (r->replaces)
		piece[n++] = arena_printf(s->words, "v%lld %s %s %s", (long long)r->replaces, r->to, arrow, d->policy->archive);
	for (size_t i = 0; i < d->n_aliases && n < 14; i++)
		piece[n++] = d->aliases[i].from ? arena_printf(s->words, "alias %s v%lld %s v%lld", d->aliases[i].name, (long long)d->aliases[i].from, arrow, (long long)r->version)
			: arena_printf(s->words, "alias %s %s v%lld", d->aliases[i].name, arrow, (long long)r->version);
	piece[n] = arena_strdup(s->words, n > 1 ? "in one transaction" : "nothing else changes");
	n++;
	add_pieces(s, "changes", piece, n, width);
}

static int widest(int so_far, const char *text, int most)
{
	int w = text_width(text, strlen(text));
	return w > most ? most : w > so_far ? w : so_far;
}

static const char *value_of(const struct gate_result *g)
{
	return *g->value ? g->value : MISSING;
}

static void measure_gates(struct sheet *s)
{
	const struct gate_report *r = s->data->report;
	s->gate_w[0] = s->gate_w[1] = s->gate_w[2] = 0;
	for (size_t i = 0; i < r->n; i++) {
		s->gate_w[0] = widest(s->gate_w[0], r->at[i].name, NAME_MOST);
		s->gate_w[1] = widest(s->gate_w[1], value_of(&r->at[i]), VALUE_MOST);
		s->gate_w[2] = widest(s->gate_w[2], r->at[i].limit, LIMIT_MOST);
	}
}

/* Beside the gate where it fits; on the open sheet else below it, on as many lines as it needs. */
static void add_source(struct sheet *s, struct sheet_row *row, const char *source, int width)
{
	int room = width - text_x(width) - 2 - s->gate_w[0] - 2 - s->gate_w[1] - 3 - s->gate_w[2] - 3 - 1, own = width - text_x(width) - 5;
	row->cell[3] = source;
	if (s->preview || text_width(source, strlen(source)) <= room || own < NAME_LEAST)
		return;
	row->cell[3] = "";
	for (const char *at = source, *end = at + strlen(at), *cut; at < end; at = cut + (*cut == ' ')) {
		cut = runs_wrap(at, end, own);
		add(s, "", 0, ROLE_DIM, arena_printf(s->words, "    %.*s", (int)(cut - at), at));
	}
}

static void build_gates(struct sheet *s, int width)
{
	const struct gate_report *r = s->data->report;
	measure_gates(s);
	for (size_t i = 0; i < r->n; i++) {
		const struct gate_result *g = &r->at[i];
		struct sheet_row *row = add(s, i ? "" : "gates", g->waived ? 'w' : g->ok ? 'y' : 'n', ROLE_TEXT, g->name);
		row->kind = SHEET_GATE;
		row->cell[1] = value_of(g);
		row->cell[2] = g->limit;
		add_source(s, row, g->waived ? arena_printf(s->words, "waived; %s", g->source) : g->source, width);
	}
	if (!r->n)
		add(s, "gates", 0, ROLE_DIM, r->rule ? "the rule of this move has none" : "no rule of the policy speaks of this move");
}

static void build_checklist(struct sheet *s)
{
	const struct gate_report *r = s->data->report;
	for (size_t i = 0; i < r->n_checklist; i++) {
		struct sheet_row *row = add(s, i ? "" : "checklist", r->checked[i] ? 'y' : '?', ROLE_TEXT, r->checklist[i]);
		row->kind = SHEET_CHECK;
		row->item = (int)i;
	}
}

static void build_vote(struct sheet *s, const struct reg_vote_row *vote)
{
	char age[FMT_MAX];
	bool comment = !strcmp(vote->verdict, "comment"), counts = !*vote->void_why && vote->signature_good;
	struct str text = STR_INIT;
	registry_ago(age, vote->ms);
	str_addf(&text, "%s %s ago by %s", comment ? "said" : !strcmp(vote->verdict, "approve") ? "approved" : "rejected", age, vote->actor);
	if (!comment)
		str_addf(&text, ", signature %s", vote->signature_good ? "good" : "bad");
	if (*vote->void_why)
		str_addf(&text, ", void: %s", vote->void_why);
	if (*vote->comment)
		str_addf(&text, ": %s", vote->comment);
	add(s, "", comment ? 0 : counts && !strcmp(vote->verdict, "approve") ? 'y' : 'n', comment ? ROLE_DIM : ROLE_TEXT, arena_strdup(s->words, text.p));
	str_free(&text);
}

static void build_approvals(struct sheet *s)
{
	const struct sheet_data *d = s->data;
	const struct gate_report *r = d->report;
	const struct reg_request_row *q = d->request && d->request->n ? &d->request->at[0] : NULL;
	char age[FMT_MAX], left[FMT_MAX];
	if (!r->approvals_needed && !q)
		return;
	int more = r->approvals_needed - r->approvals_given;
	const char *state = !r->approvals_needed ? "none needed" : arena_printf(s->words, "%d of %d%s", r->approvals_given, r->approvals_needed,
		more > 0 && q ? arena_printf(s->words, "; %d more, not by the requester nor by who registered v%lld", more, (long long)r->version) : "");
	add(s, "approvals", more > 0 ? '?' : 'y', ROLE_TEXT, state);
	if (!q) {
		add(s, "", 0, ROLE_DIM, "nobody has asked for this move yet");
		return;
	}
	registry_ago(age, q->created_ms);
	int64_t ms = q->expires_ms - clock_wall_ms();
	add(s, "", 0, ROLE_DIM, arena_printf(s->words, "asked %s ago by %s (request %lld, ends in %s): %s", age, q->requester, (long long)q->id,
		ms > 0 ? fmt_age(left, ms) : "no time", q->reason));
	for (size_t i = 0; i < q->n_votes; i++)
		build_vote(s, &q->votes[i]);
	if (d->members)
		add(s, "", 0, ROLE_DIM, "roles are advice here: who can write a shared file can run other programs on it");
}

static void build_reason(struct registry_view *v, struct sheet *s)
{
	bool none = !s->reason[strspn(s->reason, " ")];
	struct sheet_row *row = add(s, "reason", 0, none ? ROLE_INPUT_HINT : ROLE_STRONG,
		none ? arena_printf(s->words, "required; %s writes it", registry_words(v, "{registry.reason}")) : arena_strdup(s->words, s->reason));
	row->kind = SHEET_REASON;
	row->item = (int)s->data->report->n_checklist;
}

void sheet_build(struct registry_view *v, int width, bool ascii)
{
	struct sheet *s = sheet_of(v);
	bool preview = registry_page_id(v) != PAGE_sheet;
	if (s->built_w == width && s->ascii == ascii && s->preview == preview && s->words)
		return;
	s->ascii = ascii;
	s->preview = preview;
	arena_free(s->words);
	s->words = arena_new();
	s->n_rows = 0;
	s->built_w = width;
	if (!s->data)
		return;
	if (s->said)
		add(s, "", 'w', ROLE_WARN, arena_strdup(s->words, s->said));
	build_changes(s, width, ascii);
	build_gates(s, width);
	build_checklist(s);
	build_approvals(s);
	if (registry_page_id(v) == PAGE_sheet)
		build_reason(v, s);
}

/* ---- picture --------------------------------------------------------------------------------------------------- */

static void paint_gate(const struct paint *p, int y, int x, const struct sheet *s, const struct sheet_row *r)
{
	int name = s->gate_w[0], value = s->gate_w[1], limit = s->gate_w[2], least = p->r.w - x - 2 - value - 1;
	name = name > least && least >= NAME_LEAST ? least : name;
	bool bad = r->light == 'n', none = !bad && !strcmp(r->cell[1], MISSING);
	paint_field(p, x, y, name, -1, PEN(bad ? ROLE_BAD : ROLE_TEXT), r->cell[0], strlen(r->cell[0]));
	x += name + 2;
	paint_field(p, x, y, value, 1, PEN(bad ? ROLE_BAD : none ? ROLE_DIM : ROLE_STRONG), r->cell[1], strlen(r->cell[1]));
	x += value + 3;
	int room = p->r.w - x - 1;
	paint_field(p, x, y, limit < room ? limit : room, -1, PEN(ROLE_TEXT), r->cell[2], strlen(r->cell[2]));
	x += limit + 3;
	if (p->r.w - x > 8)
		paint_field(p, x, y, p->r.w - x - 1, -1, PEN(ROLE_DIM), r->cell[3], strlen(r->cell[3]));
}

static void paint_row(const struct paint *p, int y, const struct sheet *s, const struct sheet_row *r)
{
	int x = text_x(p->r.w);
	bool here = !s->preview && r->item >= 0 && (size_t)r->item == s->cursor;
	if (x == TEXT_X)
		paint_text(p, LABEL_X, y, PEN(ROLE_DIM), r->label);
	if (r->light) {
		paint_text(p, x, y, PEN(registry_light_role(r->light)), registry_sign(p, r->light));
		x += 2;
	}
	if (r->kind == SHEET_GATE)
		paint_gate(p, y, x, s, r);
	else
		paint_field(p, x, y, p->r.w - x - 1, -1, PEN(r->role), r->cell[0], strlen(r->cell[0]));
	if (!here)
		return;
	paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
	surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
}

static void keep_visible(struct sheet *s, int h)
{
	size_t page = h > 0 ? (size_t)h : 1, at = 0;
	s->page = h;
	for (size_t i = 0; i < s->n_rows; i++)
		if (s->rows[i].item >= 0 && (size_t)s->rows[i].item == s->cursor)
			at = i;
	if (s->n_rows <= page || !s->cursor)
		s->top = 0;
	if (at < s->top)
		s->top = at;
	if (at >= s->top + page)
		s->top = at - page + 1;
}

static void verdict(struct registry_view *v, const struct gate_report *r, char *light, struct str *out)
{
	const struct sheet *s = sheet_of(v);
	bool preview = registry_page_id(v) != PAGE_sheet, reason = s->reason[strspn(s->reason, " ")];
	*light = !r->allowed ? 'n' : preview || reason ? 'y' : '?';
	if (!r->allowed)
		str_addf(out, "not yet: %s", r->why_not ? r->why_not : "its rule does not allow it");
	else if (preview)
		str_addf(out, "may move to %s: %s opens the sheet", r->to, registry_words(v, "{registry.promote}"));
	else if (reason)
		str_addf(out, "may move: %s confirms", registry_words(v, "{registry.open}"));
	else
		str_addf(out, "may move once there is a reason: %s writes it", registry_words(v, "{registry.reason}"));
}

/* Below the last row, on as many lines as it needs; how many. At the bottom of the pane where the rows leave no room. */
static int paint_verdict(struct registry_view *v, const struct paint *p, int y, bool paint)
{
	struct str text = STR_INIT;
	char light;
	int n = 0, x = LABEL_X + 2, w = p->r.w - x - 1;
	verdict(v, sheet_of(v)->data->report, &light, &text);
	enum role role = registry_light_role(light);
	struct pen pen = { (uint8_t)(light == '?' ? ROLE_TEXT : role), ROLE_TEXT, ATTR_BOLD };
	if (paint)
		paint_text(p, LABEL_X, y, PEN(role), registry_sign(p, light));
	for (const char *at = text.p, *end = at + text.len, *cut; w > 0 && at < end && n < VERDICT_MOST; at = cut + (*cut == ' '), n++) {
		cut = n + 1 < VERDICT_MOST ? runs_wrap(at, end, w) : end;
		if (paint)
			paint_field(p, x, y + n, w, -1, pen, at, (size_t)(cut - at));
	}
	str_free(&text);
	return n;
}

static bool is_step_back(const struct sheet_data *d)
{
	for (size_t i = 0; i < d->policy->n_lanes; i++) {
		if (!strcmp(d->policy->lanes[i], d->report->from))
			return !strcmp(d->report->to, d->policy->archive);
		if (!strcmp(d->policy->lanes[i], d->report->to))
			return true;
	}
	return false;
}

int sheet_rows(struct registry_view *v, int width)
{
	const struct sheet *s = sheet_of(v);
	if (s->data && s->built_w == 0)
		sheet_build(v, width, s->ascii);
	return s->data ? (int)s->n_rows + 4 : SHEET_EMPTY_H;
}

/* A card that has no next lane: where it is, and what can be done with it. */
static void paint_still(const struct registry_view *v, const struct paint *p, const struct reg_card_row *card)
{
	char age[FMT_MAX];
	bool single = v->policy && policy_lane_single(v->policy, card->stage);
	registry_ago(age, card->stage_since_ms);
	struct str line = STR_INIT;
	str_addf(&line, "in %s for %s%s%s%s", card->stage, *age ? age : "unknown time", card->since_known ? "" : " at least", *card->aliases ? " · alias " : "", card->aliases);
	paint_text(p, LABEL_X, 0, PEN(ROLE_TEXT), line.p);
	if (*card->description)
		paint_field(p, LABEL_X, 1, p->r.w - LABEL_X - 1, -1, PEN(ROLE_DIM), card->description, strlen(card->description));
	paint_text(p, LABEL_X, 3, PEN(ROLE_DIM), registry_words(v, "{registry.promote-to} moves it to another lane"));
	if (single) {
		paint_text(p, LABEL_X, 4, PEN(ROLE_DIM), registry_words(v, "{registry.back} opens the sheet for the lane before"));
		paint_text(p, LABEL_X, 5, PEN(ROLE_DIM), registry_words(v, "{registry.rollback} puts back the version that was here before"));
	}
	str_free(&line);
}

static void sheet_title(const struct registry_view *v, const struct paint *p, const struct gate_report *r, int64_t version, struct str *title, struct str *note)
{
	const struct reg_model_row *m = models_row(v);
	bool open = registry_page_id(v) == PAGE_sheet;
	const char *what = !open ? "" : r && is_step_back(sheet_of(v)->data) ? "move " : "promote ";
	str_addf(title, "%s%s v%lld", what, m ? m->name : "", (long long)(r ? r->version : version));
	if (r)
		str_addf(title, "%s %s %s %s", open ? ":" : " ·", r->from, p->ascii ? "->" : "→", r->to);
	if (v->mirror)
		str_add(note, "a mirror: nothing is decided here");
	else if (r && r->rule)
		str_addf(note, "rule %s", r->rule->name);
}

void sheet_paint(struct registry_view *v, struct paint *p)
{
	struct sheet *s = sheet_of(v);
	struct str title = STR_INIT, note = STR_INIT;
	const char *lane;
	int64_t version;
	bool open = registry_page_id(v) == PAGE_sheet, any = sheet_subject(v, &version, &lane);
	const struct gate_report *r = open ? sheet_report(s) : any && s->data ? s->data->report : NULL;
	sheet_title(v, p, r, version, &title, &note);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.p, p->focus);
	str_free(&title);
	str_free(&note);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (!any) {
		if (board_card(v))
			paint_still(v, &inner, board_card(v));
		return;
	}
	if (!r) {
		const char *words[] = { s->err.code ? s->err.text : "measuring the gates" };
		if (open || s->err.code)
			ui_empty(v->ui, &inner, words, 1);
		return;
	}
	sheet_build(v, inner.r.w, p->ascii);
	int lines = paint_verdict(v, &inner, 0, false), rows = inner.r.h - lines;
	keep_visible(s, rows);
	for (int y = 0; y < rows && s->top + (size_t)y < s->n_rows; y++)
		paint_row(&inner, y, s, &s->rows[s->top + (size_t)y]);
	int last = (int)(s->n_rows - s->top) < rows ? (int)(s->n_rows - s->top) : rows;
	paint_verdict(v, &inner, last + (last + lines < inner.r.h), true);
}
