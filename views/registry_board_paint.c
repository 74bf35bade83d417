/* The picture of the board: which lanes are shown and how wide, and what stands on a card.
 *
 * Lanes    all of them when they fit, empty ones as wide as their name. Else the empty ones fold away, then a window of the others follows the
 *          cursor; what is not shown is counted in a column at the right.
 * Cards    version, age, run | headline and its difference to Production | gate lights, first gate that fails |
 *          drift | request. Each line is there only when there is something to say, so that a lane shows as many cards as it can. */
#include "views/registry_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { LANE_MIN = 24, LANE_MOST = 46, OTHERS_MIN = 16, OTHERS_MOST = 24, AGE_W = 4 };

/* ---- which lanes, where ------------------------------------------------------------------------------------ */

static int empty_w(const struct reg_lane *l)
{
	return text_width(l->name, strlen(l->name)) + 9;       /* "- NAME . 0 -" */
}

static int least_w(const struct reg_lane *l)
{
	return l->total ? LANE_MIN : empty_w(l);
}

static void place(struct registry_board *b, size_t lane, int w)
{
	MEM_GROW(b->at, b->cap_at, b->n_at + 1);
	b->at[b->n_at++] = (struct lane_place){ .lane = lane, .w = w };
}

static int place_all(struct registry_board *b)
{
	int sum = -1;
	b->n_at = 0;
	for (size_t i = 0; i < b->data->n_lanes; i++) {
		place(b, i, least_w(&b->data->lanes[i]));
		sum += b->at[i].w + 1;
	}
	return sum;
}

/* As many lanes with cards as fit into w, from b->first on, so that the cursor's is among them. */
static void place_window(struct registry_board *b, int w)
{
	size_t full[REG_LANES_SHOWN], n = 0, at = 0, fits = (size_t)((w + 1) / (LANE_MIN + 1));
	for (size_t i = 0; i < b->data->n_lanes && n < REG_LANES_SHOWN; i++)
		if (b->data->lanes[i].total) {
			at = i == b->lane ? n : at;
			full[n++] = i;
		}
	fits = fits ? fits : 1;
	size_t first = b->first < n ? b->first : 0;
	if (at < first)
		first = at;
	if (at >= first + fits)
		first = at - fits + 1;
	if (first + fits > n)
		first = n > fits ? n - fits : 0;
	b->first = first;
	b->n_at = 0;
	for (size_t i = first; i < n && i < first + fits; i++)
		place(b, full[i], LANE_MIN);
}

/* What is left over goes to the lanes with cards, alike. */
static void widen(struct registry_board *b, int w)
{
	int used = -1, n = 0, x = 0;
	for (size_t i = 0; i < b->n_at; i++) {
		used += b->at[i].w + 1;
		n += b->data->lanes[b->at[i].lane].total > 0;
	}
	int spare = w - used;
	for (size_t i = 0; i < b->n_at; i++) {
		struct lane_place *at = &b->at[i];
		if (n && b->data->lanes[at->lane].total) {
			int more = spare / n, room = LANE_MOST - at->w;
			more = more < room ? more : room;
			at->w += more > 0 ? more : 0;
			spare -= more > 0 ? more : 0;
			n--;
		}
		at->x = x;
		x += at->w + 1;
	}
	if (b->n_at == 1 && b->at[0].w > w)
		b->at[0].w = w;
}

/* Wide enough for the names, as far as that costs no lane. */
static int others_w(const struct reg_board *b)
{
	int w = OTHERS_MIN;
	for (size_t i = 0; i < b->n_lanes; i++) {
		int name = text_width(b->lanes[i].name, strlen(b->lanes[i].name)) + 9;
		w = name > w ? name : w;
	}
	return w > OTHERS_MOST ? OTHERS_MOST : w;
}

void board_places(struct registry_view *v, int w)
{
	struct registry_board *b = &v->board;
	b->others_x = 0;
	if (place_all(b) > w) {
		place_window(b, w - OTHERS_MIN - 1);
		int used = (int)b->n_at * (LANE_MIN + 1), others = others_w(b->data);
		widen(b, w - 1 - (used + others <= w ? others : OTHERS_MIN));
		const struct lane_place *last = &b->at[b->n_at - 1];
		b->others_x = last->x + last->w + 1;
	} else {
		widen(b, w);
	}
}

/* ---- cards ------------------------------------------------------------------------------------------------------ */

static int put_lights(const struct paint *p, int x, int y, const char *lights)
{
	for (; *lights; lights++, x += 2)
		paint_text(p, x, y, PEN(registry_light_role(*lights)), registry_sign(p, *lights));
	return x;
}

/* Version and age stand in columns of the whole board; returns the x behind them. */
static int card_start(const struct registry_view *v, const struct paint *p, int y, const struct reg_card_row *c, struct pen pen)
{
	char version[32], age[FMT_MAX];
	int x = 2 + v->board.version_w + 1;
	snprintf(version, sizeof version, "v%lld", (long long)c->version);
	paint_text(p, 2, y, pen, version);
	if (registry_marked(v, c->version))
		paint_put(p, 1, y, PEN(ROLE_MARK), paint_sign(p, SIGN_MARK));
	registry_ago(age, c->stage_since_ms > 0 ? c->stage_since_ms : c->created_ms);
	paint_text(p, x, y, PEN(ROLE_DIM), age);
	return x + AGE_W + 1;
}

static void card_head(const struct registry_view *v, const struct paint *p, int y, const struct reg_card_row *c, bool strong)
{
	int x = card_start(v, p, y, c, (struct pen){ ROLE_STRONG, ROLE_TEXT, strong ? ATTR_BOLD : 0 });
	const char *name = *c->semver ? c->semver : *c->run_name ? c->run_name : c->description;
	paint_field(p, x, y, p->r.w - x, -1, PEN(ROLE_TEXT), name, strlen(name));
}

/* What happened to a card that is no longer used stands where the others have their run. */
static void card_line(const struct registry_view *v, const struct paint *p, int y, const struct reg_card_row *c)
{
	char held[FMT_MAX];
	struct str how = STR_INIT;
	int x = card_start(v, p, y, c, PEN(ROLE_TEXT));
	if (c->held_ms > 0)
		str_addf(&how, "held %s", fmt_age(held, c->held_ms));
	if (*c->how)
		str_addf(&how, "%s%s", how.len ? ", " : "", c->how);
	paint_field(p, x, y, p->r.w - x, -1, PEN(ROLE_DIM), how.len ? how.p : c->run_name, how.len ? how.len : strlen(c->run_name));
	str_free(&how);
}

/* As many decimals as the value beside it has; a difference that they do not show has its own two digits. */
static void delta_text(const struct reg_card_row *c, const char *value, char *out, size_t cap)
{
	char digits[FMT_MAX];
	double size = c->delta < 0 ? -c->delta : c->delta;
	const char *point = strchr(value, '.');
	int decimals = point && strspn(point + 1, "0123456789") == strlen(point + 1) ? (int)strlen(point + 1) : 0;
	snprintf(digits, sizeof digits, "%.*f", decimals, size);
	if (size > 0 && (strtod(digits, NULL) == 0 || strlen(digits) > 12))
		fmt_number(digits, size, 2);
	snprintf(out, cap, "%s%s", c->delta < 0 ? "-" : c->delta > 0 ? "+" : "=", digits);
}

static void card_headline(const struct paint *p, int y, const struct reg_board *b, const struct reg_card_row *c)
{
	char value[FMT_MAX], delta[FMT_MAX + 8] = "";
	int w = p->r.w, room = w - 2;
	fmt_metric(value, c->headline);
	if (c->has_delta) {
		delta_text(c, value, delta, sizeof delta);
		room -= (int)strlen(delta) + 4;
	}
	int name = text_width(b->headline, strlen(b->headline)), most = room - (int)strlen(value) - 1;
	bool tight = c->has_delta && name > most;      /* the arrow says the direction; the name is worth more than a second sign of it */
	most += tight ? 3 : 0;
	name = name < most ? name : most;
	paint_field(p, 2, y, name, -1, PEN(ROLE_DIM), b->headline, strlen(b->headline));
	paint_text(p, 2 + (name > 0 ? name + 1 : 0), y, PEN(ROLE_TEXT), value);
	if (!c->has_delta)
		return;
	enum role role = c->better ? ROLE_GOOD : c->worse ? ROLE_BAD : ROLE_DIM;
	const char *digits = tight && c->delta != 0 ? delta + 1 : delta;
	int x = w - (int)strlen(digits) - !tight;
	paint_text(p, x, y, PEN(role), digits);
	if (c->delta != 0)
		paint_put(p, x - (tight ? 1 : 2), y, PEN(role), paint_sign(p, c->delta < 0 ? SIGN_DOWN : SIGN_UP));
}

static void card_gates(const struct paint *p, int y, const struct reg_card_row *c)
{
	int x = paint_text(p, 2, y, PEN(ROLE_DIM), "gates ");
	x = put_lights(p, x, y, c->lights) + 1;
	if (*c->failing)
		paint_field(p, x, y, p->r.w - x, -1, PEN(ROLE_BAD), c->failing, strlen(c->failing));
}

/* The sign, the verdict, which monitor where it is not calm, how old. */
static void card_drift(const struct paint *p, int y, const struct reg_card_row *c)
{
	static const struct { const char *sign, *ascii; enum role role; } verdicts[] = { { "●", "o", ROLE_GOOD }, { "◌", "?", ROLE_WARN }, { "▲", "^", ROLE_BAD }, { "?", "?", ROLE_BAD } };
	int bad = reg_drift_badness(c->drift.verdict), x = paint_text(p, 2, y, PEN(ROLE_DIM), "drift ");
	struct str text = STR_INIT;
	char age[FMT_MAX];
	x = paint_text(p, x, y, PEN(verdicts[bad].role), p->ascii ? verdicts[bad].ascii : verdicts[bad].sign) + 1;
	registry_ago(age, c->drift.ms);
	str_addf(&text, "%s, %s%s%s", c->drift.verdict, age, bad && *c->drift.monitor ? ", " : "", bad ? c->drift.monitor : "");
	paint_field(p, x, y, p->r.w - x, -1, PEN(bad ? verdicts[bad].role : ROLE_DIM), text.p, text.len);
	str_free(&text);
}

static void card_request(const struct paint *p, int y, const struct reg_card_row *c)
{
	char age[FMT_MAX], text[96];
	bool enough = c->approvals_given >= c->approvals_needed;
	registry_ago(age, c->request_ms);
	snprintf(text, sizeof text, "asked %s ago %s %d of %d ", *age ? age : "?", p->ascii ? "-" : "·", c->approvals_given, c->approvals_needed);
	int x = paint_text(p, 2, y, PEN(ROLE_WARN), text);
	paint_text(p, x, y, PEN(enough ? ROLE_GOOD : ROLE_WARN), registry_sign(p, 'y'));
}

/* Its other coordinate: the aliases in a lane of stages, the stage in one of aliases. */
static void card_aliases(const struct paint *p, int y, const struct reg_board *b, const struct reg_card_row *c)
{
	if (b->by_alias) {
		paint_field(p, 2, y, p->r.w - 2, -1, PEN(ROLE_ACCENT), c->stage, strlen(c->stage));
		return;
	}
	paint_put(p, 2, y, PEN(ROLE_DIM), '@');
	paint_field(p, 3, y, p->r.w - 3, -1, PEN(ROLE_ACCENT), c->aliases, strlen(c->aliases));
}

static void paint_card(const struct registry_view *v, const struct paint *p, const struct reg_lane *lane, const struct reg_card_row *c, bool here)
{
	const struct reg_board *b = v->board.data;
	int rows = board_card_rows(v, lane, c), y = 0;
	if (rows == 1) {
		card_line(v, p, y++, c);
	} else {
		card_head(v, p, y++, c, here);
		if (c->has_headline)
			card_headline(p, y++, b, c);
		if (*c->aliases || b->by_alias)
			card_aliases(p, y++, b, c);
		if (*c->lights)
			card_gates(p, y++, c);
		if (*c->drift.verdict)
			card_drift(p, y++, c);
		if (c->request_id)
			card_request(p, y++, c);
	}
	if (!here)
		return;
	for (int i = 0; i < y; i++)
		paint_put(p, 0, i, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
	surface_paint_bg(p->s, p->r, (struct rect){ 0, 0, p->r.w, y }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
}

/* ---- lanes -------------------------------------------------------------------------------------------------------- */

/* Cards from `top` on that fit into h rows. */
static size_t fitting(const struct registry_view *v, const struct reg_lane *l, size_t top, int h)
{
	size_t n = 0;
	for (int y = 0; top + n < l->n; n++) {
		int rows = board_card_rows(v, l, &l->at[top + n]);
		if (y + rows - (rows > 1) > h)
			break;
		y += rows;
	}
	return n;
}

/* The first card that must be shown so that the cursor's is shown whole. */
static void keep_visible(const struct registry_view *v, const struct reg_lane *l, struct lane_state *s, int h)
{
	if (s->cursor < s->top)
		s->top = s->cursor;
	int rows = 0;
	for (size_t i = s->cursor + 1; i-- > 0;) {
		rows += board_card_rows(v, l, &l->at[i]);
		if (rows - 1 > h && i < s->cursor) {
			s->top = s->top > i ? s->top : i + 1;
			break;
		}
		if (i <= s->top)
			break;
	}
	size_t shown = fitting(v, l, s->top, h);
	s->shown = (int)(shown ? shown : 1);
}

/* "Staging . 2"; where no list of models says which model it is, the first lane does, as far as its own name leaves room. */
static void lane_title(const struct registry_view *v, const struct lane_place *at, bool first, struct str *out)
{
	const struct reg_board *b = v->board.data;
	const struct reg_lane *l = &b->lanes[at->lane];
	struct str own = STR_INIT;
	str_addf(&own, "%s · %zu", l->name, l->total);
	int room = at->w - 8 - text_width(own.p, own.len);
	bool beside = v->panes.models.w && !v->panes.drawer;
	if (first && !beside && room > 4) {
		text_fit(out, b->model, strlen(b->model), room);
		str_add(out, " · ");
	}
	str_add(out, own.p);
	str_free(&own);
}

/* The cards from the first visible one on, as many as fit whole, but at least one; returns the row behind the last. */
static size_t paint_cards(const struct registry_view *v, const struct paint *lane, size_t i, int h)
{
	const struct registry_board *b = &v->board;
	const struct reg_lane *l = &b->data->lanes[i];
	const struct lane_state *s = &b->lanes[i];
	size_t k = s->top;
	for (int y = 0; k < l->n && (y < h || k == s->top); k++) {
		int rows = board_card_rows(v, l, &l->at[k]);
		if (y + rows - (rows > 1) > h && k > s->top)
			break;
		struct paint card = paint_sub(lane, 0, y, lane->r.w, h - y);
		paint_card(v, &card, l, &l->at[k], i == b->lane && k == s->cursor);
		y += rows;
	}
	return k;
}

/* How many cards are out of sight on either side. */
static void paint_more(const struct paint *lane, size_t above, size_t below)
{
	char a[FMT_MAX], b[FMT_MAX], text[2 * FMT_MAX + 32] = "";
	if (above && below)
		snprintf(text, sizeof text, "%s above, %s below", fmt_count(a, (int64_t)above), fmt_count(b, (int64_t)below));
	else if (above || below)
		snprintf(text, sizeof text, "%s %s", fmt_count(a, (int64_t)(above + below)), above ? "above" : "more");
	paint_text(lane, 2, lane->r.h - 1, PEN(ROLE_DIM), text);
}

static void paint_lane(struct registry_view *v, struct paint *p, const struct lane_place *at, size_t i)
{
	struct registry_board *b = &v->board;
	const struct reg_lane *l = &b->data->lanes[at->lane];
	struct lane_state *s = &b->lanes[at->lane];
	struct str title = STR_INIT;
	bool here = at->lane == b->lane && b->version;
	lane_title(v, at, i == 0, &title);
	ui_rule(p, (struct rect){ p->r.x + at->x, p->r.y, at->w, 1 }, title.p, NULL, p->focus && here);
	str_free(&title);
	struct paint lane = paint_sub(p, at->x, 1, at->w, p->r.h - 1);
	bool more_line = fitting(v, l, 0, lane.r.h) < l->total;
	int h = lane.r.h - more_line;
	if (l->n)
		keep_visible(v, l, s, h);
	size_t end = paint_cards(v, &lane, at->lane, h);
	if (more_line)
		paint_more(&lane, s->top, l->total - end);
}

static bool is_shown(const struct registry_board *b, size_t lane)
{
	for (size_t i = 0; i < b->n_at; i++)
		if (b->at[i].lane == lane)
			return true;
	return false;
}

/* The lanes that are not shown: name and count, and on which side of the shown ones they are. */
static void paint_others(const struct registry_view *v, struct paint *p)
{
	const struct registry_board *b = &v->board;
	int x = b->others_x, w = p->r.w - x, y = 1;
	ui_rule(p, (struct rect){ p->r.x + x, p->r.y, w, 1 }, "other lanes", NULL, false);
	for (size_t i = 0; i < b->data->n_lanes; i++) {
		const struct reg_lane *l = &b->data->lanes[i];
		char count[FMT_MAX];
		if (is_shown(b, i))
			continue;
		bool left = i < b->at[0].lane;
		fmt_si(count, (double)l->total);
		struct pen pen = PEN(l->total ? ROLE_TEXT : ROLE_DIM);
		if (l->total)
			paint_put(p, x + 1, y, PEN(ROLE_DIM), paint_sign(p, left ? SIGN_LEFT : SIGN_RIGHT));
		paint_field(p, x + 3, y, w - 3 - 5, -1, pen, l->name, strlen(l->name));
		paint_field(p, x + w - 5, y, 4, 1, pen, count, strlen(count));
		y++;
	}
}

static void paint_lines(const struct registry_view *v, struct paint *p)
{
	const struct registry_board *b = &v->board;
	for (size_t i = 0; i < b->n_at; i++)
		if (b->at[i].x + b->at[i].w < p->r.w)
			registry_vline(p, p->r.x + b->at[i].x + b->at[i].w, p->r.y, p->r.h + (v->panes.panel.w > 0 && !*b->data->policy_note));
}

static void paint_empty(const struct registry_view *v, struct paint *p)
{
	static const char *const none[] = { "No registered models in this workspace yet.", "",
		"mlyard import PATH                          brings those of an MLflow store", "mlyard models register NAME --run RUN       registers the model of a run" };
	static const char *const bare[] = { "This model has no versions yet.", "", "mlyard models register NAME --run RUN       registers the model of a run" };
	bool broken = v->load_err.code != ST_OK && v->load_err.text[0];
	const char *words[] = { broken ? v->load_err.text : "reading the registry" };
	const struct reg_model_row *m = models_row(v);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, m ? m->name : "Registry", NULL, p->focus);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (!v->loaded || broken)
		ui_empty(v->ui, &inner, words, broken);
	else if (!m)
		ui_empty(v->ui, &inner, none, sizeof none / sizeof *none);
	else
		ui_empty(v->ui, &inner, bare, sizeof bare / sizeof *bare);
}

/* What people should be told of the policy, in the last row. */
static void paint_note(const struct paint *p, const char *note)
{
	paint_text(p, 2, p->r.h - 1, PEN(ROLE_WARN), "!");
	paint_field(p, 4, p->r.h - 1, p->r.w - 5, -1, PEN(ROLE_WARN), note, strlen(note));
}

void board_paint(struct registry_view *v, struct paint *p)
{
	struct registry_board *b = &v->board;
	bool any = false;
	for (size_t i = 0; b->data && i < b->data->n_lanes; i++)
		any |= b->data->lanes[i].total > 0;
	if (!any) {
		paint_empty(v, p);
		return;
	}
	struct paint whole = *p;
	if (*b->data->policy_note) {
		paint_note(p, b->data->policy_note);
		whole.r.h--;                 /* the lanes end above it */
		p = &whole;
	}
	board_places(v, p->r.w);
	int end = b->at[b->n_at - 1].x + b->at[b->n_at - 1].w;
	if (!b->others_x && end < p->r.w)
		surface_hline(p->s, p->r, end, 0, p->r.w - end, PEN(ROLE_RULE));
	for (size_t i = 0; i < b->n_at; i++)
		paint_lane(v, p, &b->at[i], i);
	if (b->others_x)
		paint_others(v, p);
	paint_lines(v, p);
}
