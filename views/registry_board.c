/* The board: lanes of cards. Its cursor, its moves, and how it survives that everything moves under it.
 *
 * Cursor   a version. After a load it is looked for where it is now; when it is gone, the cursor stays in its lane and row. Each lane
 *          keeps its own row and first card by the lane's name.
 * Many     a lane is loaded with its first BOARD_FIRST cards and its whole count; when the cursor comes near the end of those, four
 *          times as many are asked for. */
#include "views/registry_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "views/registry_commands.h"

enum { NEAR_END = 8, VERSION_MIN = 3 };

/* ---- cards ---------------------------------------------------------------------------------------------- */

/* The board, when it is the chosen model's: while the next one is read, the old one is only a picture. */
static const struct reg_board *current(const struct registry_view *v)
{
	const struct reg_board *b = v->board.data;
	return b && b->model_id == v->model_id ? b : NULL;
}

static struct reg_lane *lane_at(const struct registry_view *v, size_t i)
{
	return current(v) && i < v->board.data->n_lanes ? &v->board.data->lanes[i] : NULL;
}

const struct reg_card_row *board_card(const struct registry_view *v)
{
	const struct registry_board *b = &v->board;
	const struct reg_lane *l = lane_at(v, b->lane);
	return l && b->lanes[b->lane].cursor < l->n ? &l->at[b->lanes[b->lane].cursor] : NULL;
}

static const struct reg_card_row *find(const struct registry_view *v, int64_t version, size_t *lane, size_t *row)
{
	const struct reg_board *b = current(v);
	for (size_t i = 0; version && b && i < b->n_lanes; i++)
		for (size_t k = 0; k < b->lanes[i].n; k++)
			if (b->lanes[i].at[k].version == version) {
				*lane = i;
				*row = k;
				return &b->lanes[i].at[k];
			}
	return NULL;
}

const struct reg_card_row *board_find(const struct registry_view *v, int64_t version)
{
	size_t lane, row;
	return find(v, version, &lane, &row);
}

/* Archived cards are a line; the others have one for each thing there is to say, and a blank one. */
int board_card_rows(const struct registry_view *v, const struct reg_lane *lane, const struct reg_card_row *c)
{
	bool by_alias = v->board.data->by_alias;
	if (!by_alias && v->policy && !strcmp(lane->name, v->policy->archive))
		return 1;
	return 2 + (*c->drift.verdict != '\0') + c->has_headline + (*c->lights != '\0') + (c->request_id != 0) + (*c->aliases || by_alias);
}

/* ---- cursor ------------------------------------------------------------------------------------------------ */

static void cursor_on(struct registry_view *v, size_t lane, size_t row)
{
	struct registry_board *b = &v->board;
	const struct reg_lane *l = lane_at(v, lane);
	if (!l || !l->n)
		return;
	b->lane = lane;
	b->lanes[lane].cursor = row < l->n ? row : l->n - 1;
	b->version = board_card(v)->version;
	sheet_follow(v);
	if (b->lanes[lane].cursor + NEAR_END >= l->n && l->n < l->total && b->most <= l->n) {
		b->most *= 4;
		registry_reload(v);
	}
}

void board_to(struct registry_view *v, int64_t version)
{
	size_t lane, row;
	if (find(v, version, &lane, &row))
		cursor_on(v, lane, row);
}

/* Where the eye goes on a fresh board: to who waits for a decision, else to the last lane before the archive that has cards. */
static void first_cursor(struct registry_view *v)
{
	const struct reg_board *b = v->board.data;
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < b->n_lanes; i++) {
		for (size_t k = 0; k < b->lanes[i].n; k++)
			if (b->lanes[i].at[k].request_id) {
				cursor_on(v, i, k);
				return;
			}
		bool archive = i + 1 == b->n_lanes;
		if (b->lanes[i].n && (best == SIZE_MAX || !archive))
			best = i;
	}
	if (best != SIZE_MAX)
		cursor_on(v, best, 0);
}

static void lanes_free(struct lane_state *lanes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lanes[i].name);
	free(lanes);
}

/* Rows and scroll positions go from the lanes of before to those of the same name. */
static void lanes_take(struct registry_board *b)
{
	size_t n = b->data ? b->data->n_lanes : 0;
	struct lane_state *fresh = mem_array(n ? n : 1, sizeof *fresh);
	for (size_t i = 0; i < n; i++) {
		fresh[i] = (struct lane_state){ .name = mem_strdup(b->data->lanes[i].name) };
		for (size_t k = 0; k < b->n_lanes; k++)
			if (!strcmp(b->lanes[k].name, fresh[i].name)) {
				fresh[i].cursor = b->lanes[k].cursor;
				fresh[i].top = b->lanes[k].top;
			}
		size_t cards = b->data->lanes[i].n;
		if (fresh[i].cursor >= cards)
			fresh[i].cursor = cards ? cards - 1 : 0;
		if (fresh[i].top >= cards)
			fresh[i].top = fresh[i].cursor;
	}
	lanes_free(b->lanes, b->n_lanes);
	b->lanes = fresh;
	b->n_lanes = n;
}

static void lanes_reset(struct registry_board *b)
{
	lanes_free(b->lanes, b->n_lanes);
	b->lanes = NULL;
	b->n_lanes = b->lane = b->first = 0;
	b->version = 0;
}

static int widest_version(const struct reg_board *b)
{
	int64_t most = 0;
	char text[32];
	for (size_t i = 0; b && i < b->n_lanes; i++)
		for (size_t k = 0; k < b->lanes[i].n; k++)
			most = b->lanes[i].at[k].version > most ? b->lanes[i].at[k].version : most;
	int w = snprintf(text, sizeof text, "v%lld", (long long)most);
	return w < VERSION_MIN ? VERSION_MIN : w;
}

/* Onto the version in the lane where it was (it may lie in several lanes of aliases), else in any; else to that lane's row. */
static void cursor_back(struct registry_view *v, const char *lane, int64_t version)
{
	struct registry_board *b = &v->board;
	size_t was = SIZE_MAX, at, row;
	for (size_t i = 0; lane && i < b->n_lanes; i++)
		if (!strcmp(b->lanes[i].name, lane))
			was = i;
	const struct reg_lane *l = was == SIZE_MAX ? NULL : lane_at(v, was);
	for (size_t k = 0; version && l && k < l->n; k++)
		if (l->at[k].version == version) {
			cursor_on(v, was, k);
			return;
		}
	if (find(v, version, &at, &row))
		cursor_on(v, at, row);
	else if (l)
		cursor_on(v, was, b->lanes[was].cursor);
	if (!b->version)
		first_cursor(v);
}

void board_install(struct registry_view *v, struct reg_board *data)
{
	struct registry_board *b = &v->board;
	bool same = b->data && data && b->data->model_id == data->model_id && b->data->by_alias == data->by_alias;
	char *lane = same && b->lane < b->n_lanes ? mem_strdup(b->lanes[b->lane].name) : NULL;
	int64_t version = b->version;
	if (!same)
		lanes_reset(b);
	board_free(b->data);
	b->data = data;
	b->version_w = widest_version(data);
	lanes_take(b);
	b->version = 0;
	if (data)
		cursor_back(v, lane, version);
	free(lane);
}

void board_done(struct registry_view *v)
{
	lanes_reset(&v->board);
	free(v->board.at);
	board_free(v->board.data);
}

/* ---- the page --------------------------------------------------------------------------------------------------- */

/* To the next lane with cards; beyond the first one, to the models. */
static void move_lane(struct registry_view *v, int by)
{
	struct registry_board *b = &v->board;
	for (size_t i = b->lane + (size_t)by; current(v) && i < b->n_lanes; i += (size_t)by)
		if (b->data->lanes[i].n) {
			cursor_on(v, i, b->lanes[i].cursor);
			return;
		}
	if (by < 0 && v->panes.models.w)
		registry_focus(v, FOCUS_MODELS);
}

static void board_move(struct registry_view *v, enum registry_move m)
{
	struct registry_board *b = &v->board;
	const struct reg_lane *l = lane_at(v, b->lane);
	if (!l)
		return;
	if (m >= REG_LEFT) {
		move_lane(v, m == REG_LEFT ? -1 : 1);
		return;
	}
	struct lane_state *s = &b->lanes[b->lane];
	long to = (long)s->cursor + registry_rows_of(m, s->shown, l->n);
	cursor_on(v, b->lane, to < 0 ? 0 : (size_t)to);
}

static void board_want(struct registry_view *v, bool again)
{
	(void)again;
	sheet_follow(v);
}

static enum status board_enter(struct registry_view *v, struct err *e)
{
	return board_card(v) ? ui_run_line(v->ui, "registry.promote", e) : err_set(e, ST_REFUSED, "there is no version here");
}

static int64_t board_version(const struct registry_view *v)
{
	return v->board.version;
}

static void model_card(const struct reg_card_row *c, struct str *out)
{
	str_addf(out, "card: v%lld %s", (long long)c->version, c->stage);
	if (*c->lights)
		str_addf(out, " gates %s for %s", c->lights, c->next);
	if (c->request_id)
		str_addf(out, " request %lld %d/%d", (long long)c->request_id, c->approvals_given, c->approvals_needed);
	if (*c->aliases)
		str_addf(out, " aliases %s", c->aliases);
	str_addc(out, '\n');
}

static void board_model(const struct registry_view *v, struct str *out)
{
	const struct registry_board *b = &v->board;
	const struct reg_card_row *c = board_card(v);
	str_addf(out, "lanes: %s\n", b->by_alias ? "alias" : "stage");
	str_add(out, "board:");
	for (size_t i = 0; b->data && i < b->data->n_lanes; i++)
		str_addf(out, " %s=%zu", b->data->lanes[i].name, b->data->lanes[i].total);
	str_addc(out, '\n');
	if (b->data && b->lane < b->n_lanes)
		str_addf(out, "lane: %s\n", b->lanes[b->lane].name);
	if (c)
		model_card(c, out);
}

static const char *board_hints(const struct registry_view *v)
{
	const struct reg_card_row *c = board_card(v);
	if (!c)
		return "pane.next models; registry.by-alias lanes; help help; palette command; quit quit";
	if (c->request_id)
		return "registry.promote sheet; registry.approve approve; registry.reject reject; registry.comment comment; registry.requests requests; help help; pane.next models; palette command";
	if (!*c->next)
		return "registry.rollback roll-back; registry.version version; registry.timeline timeline; registry.lineage lineage; registry.audit audit; registry.requests requests; help help; pane.next models; palette command; quit quit";
	return "registry.promote promote; registry.version version; registry.compare compare; registry.timeline timeline; registry.request request; registry.by-alias lanes; help help; pane.next models; palette command; quit quit";
}

static void board_mouse(struct registry_view *v, const struct event *ev, int x, int y)
{
	struct registry_board *b = &v->board;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		board_move(v, ev->mouse == MOUSE_WHEEL_UP ? REG_UP : REG_DOWN);
		return;
	}
	if (ev->mouse != MOUSE_PRESS)
		return;
	for (size_t i = 0; i < b->n_at; i++) {
		const struct lane_place *at = &b->at[i];
		const struct reg_lane *l = lane_at(v, at->lane);
		if (x < at->x || x >= at->x + at->w || !l || at->lane >= b->n_lanes)
			continue;
		int top = 1;
		for (size_t k = b->lanes[at->lane].top; k < l->n; k++) {
			top += board_card_rows(v, l, &l->at[k]);
			if (y < top) {
				cursor_on(v, at->lane, k);
				return;
			}
		}
	}
}

REGISTRY_CMD(by_alias)
{
	struct registry_view *v = c->view;
	(void)argc, (void)argv, (void)e;
	v->board.by_alias = !v->board.by_alias;
	ui_set_setting(v->ui, "registry.by-alias", v->board.by_alias ? "1" : NULL);
	registry_load(v);
	return ST_OK;
}

const struct registry_page page_board = { .id = "board", .context = "registry", .of_model = true, .paint = board_paint, .model = board_model,
	.want = board_want, .hints = board_hints, .move = board_move, .enter = board_enter, .version = board_version, .mouse = board_mouse };
