/* The picture of the pulse: the list of groups beside, the map, the axis, what is under the cursor, the legend.
 *
 * Layout   rows: sign, name, cells, figures at the right. The cells stand directly beside the names; what is older than the room is to the left, the
 *          right end is the newest. A frame costs cells on the screen, not windows: only a step's windows are compared, once a cell.
 * Room     what rows leave free on a large screen shows the distribution of the column under the cursor, so that walking windows moves it.
 * Cursor   a bar over the row and the cell in reverse; sideways only two cells, the label on the axis and the lines below change. */
#include "views/drift_pulse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/drift/report.h"
#include "views/drift_report.h"

enum { NAME_X = 4, NAME_WHOLE = 11 /* "all columns" */, NAME_PREVIEW = 18, NAME_MOST = 30, FIGURES_FROM = 72, BELOW = 4 /* rule, two lines, legend */, TICK_GAP = 3, PICTURE_FROM = 9, PICTURE_TALL = 18, PICTURE_WIDE = 110 };
struct layout { int picture, name_w, cells_x, cells_w, figures_x, figures_w, rows_y, page; struct pulse_steps k; };

/* ---- places ------------------------------------------------------------------------------------------------- */

static int names_width(const struct drift_view *v, int w)
{
	const struct pulse_page *s = pulse_page(v);
	int widest = pulse_chosen(v) ? NAME_WHOLE : NAME_PREVIEW, most = w * 3 / 10 < NAME_MOST ? w * 3 / 10 : NAME_MOST;
	for (size_t i = 0; i < s->n_order && widest < most; i++) {
		const char *name = pulse_row_name(v, s->order[i]);
		int n = text_width(name, strlen(name));
		widest = n > widest ? n : widest;
	}
	return widest < most ? widest : most;
}

/* What rows, axis and, in the overview, the longest list of columns leave: the same wherever the cursor is. */
static int picture_rows(const struct drift_view *v, const struct layout *l, int h)
{
	const struct pulse_page *s = pulse_page(v);
	size_t longest = 0;
	for (size_t i = 0; !pulse_chosen(v) && i < v->pulse->n; i++)
		longest = v->pulse->groups[i].n_rows > longest ? v->pulse->groups[i].n_rows : longest;
	size_t rows = s->n_order + (longest ? longest + 2 : 0), most = h > 0 ? (size_t)h : 0;
	int room = h - BELOW - l->rows_y - 2 - (int)(rows < most ? rows : most);
	return room < PICTURE_FROM ? 0 : room > PICTURE_TALL ? PICTURE_TALL : room;
}

static struct layout place(struct drift_view *v, struct rect r)
{
	struct pulse_page *s = pulse_page(v);
	bool group = pulse_chosen(v) != NULL;
	struct layout l = { .name_w = names_width(v, r.w), .figures_w = r.w < FIGURES_FROM ? 0 : group ? 15 : 24, .rows_y = group ? 3 : 2 };
	l.cells_x = NAME_X + l.name_w + 1;
	int room = r.w - l.cells_x - l.figures_w - 1;
	l.k = pulse_steps_of(v, room);
	size_t n = pulse_windows(v), steps = (n + l.k.each - 1) / l.k.each, fit = room > l.k.cells ? (size_t)(room / l.k.cells) : 1;
	steps = steps < fit ? steps : fit;
	l.cells_w = (int)steps * l.k.cells;
	l.figures_x = l.cells_x + l.cells_w + 1;
	l.page = r.h - l.rows_y - 1 - BELOW;
	l.page = l.page > 1 ? l.page : 1;
	s->page = l.page, s->steps = (int)steps, s->cells_x = l.cells_x, s->cells_w = l.cells_w, s->rows_y = l.rows_y;
	size_t all = (n + l.k.each - 1) / l.k.each, most = all > steps ? all - steps : 0;
	s->left = s->left < most ? s->left : most;
	s->top = s->cursor < s->top ? s->cursor : s->cursor >= s->top + (size_t)l.page ? s->cursor + 1 - (size_t)l.page : s->top;
	l.picture = picture_rows(v, &l, r.h);
	return l;
}

static int step_x(const struct layout *l, const struct pulse_page *s, size_t step)
{
	return l->cells_x + l->cells_w - (int)(step - s->left + 1) * l->k.cells;
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

/* Levels fill their cells, so that neighbours join to one band; other signs stand once. A window that failed is red once, in the row of the whole. */
static void paint_heat(const struct paint *p, int x, int y, int cells, enum heat h, bool whole)
{
	struct pen pen = h == HEAT_FAILED && !whole ? PEN(ROLE_DIM) : heat_pen(h);
	bool level = h == HEAT_CALM || h == HEAT_SLIGHT || h == HEAT_SOME || h == HEAT_WATCH || h == HEAT_DRIFTED || h == HEAT_STRONG;
	int wide = cells > 2 ? cells - 1 : cells;
	for (int i = 0; i < (level ? wide : 1); i++)
		paint_put(p, x + i, y, pen, heat_sign(p, h));
}

static enum heat worst_of(const struct drift_view *v, size_t row, size_t step, size_t each)
{
	enum heat best = HEAT_BEYOND;
	for (size_t age = step * each; age < (step + 1) * each; age++) {
		enum heat h = pulse_heat(v, row, age);
		best = h > best ? h : best;
	}
	return best;
}

static void paint_cells(const struct drift_view *v, const struct paint *p, const struct layout *l, int y, size_t row)
{
	const struct pulse_page *s = pulse_page(v);
	for (size_t i = 0; i < (size_t)s->steps; i++)
		paint_heat(p, step_x(l, s, s->left + i), y, l->k.cells, worst_of(v, row, s->left + i, l->k.each), !pulse_chosen(v));
}

/* The group as a whole, above its columns. */
static void paint_whole(const struct drift_view *v, const struct paint *p, const struct layout *l, int y)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	const struct pulse_over *over = &s->over[g - v->pulse->groups];
	paint_text(p, 2, y, PEN(pulse_state_role(g)), pulse_state_sign(p, g));
	paint_field(p, NAME_X, y, l->name_w, -1, PEN(ROLE_STRONG), "all columns", NAME_WHOLE);
	for (size_t i = 0; i < (size_t)s->steps; i++) {
		enum heat best = HEAT_BEYOND;
		for (size_t k = 0, age = (s->left + i) * l->k.each; k < l->k.each && age < g->n_windows; k++, age++) {
			enum heat h = (enum heat)over->heat[g->n_windows - 1 - age];
			best = h > best ? h : best;
		}
		paint_heat(p, step_x(l, s, s->left + i), y, l->k.cells, best, true);
	}
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

static void column_figures(const struct paint *p, const struct layout *l, int y, const struct pulse_group *g, const struct pulse_row *r)
{
	char text[FMT_MAX] = "";
	size_t newest = g->n_windows;
	while (newest && g->windows[newest - 1].state != PULSE_DONE)
		newest--;
	const float effect = newest ? r->cells[newest - 1].effect : NAN;
	if (isnan(effect))
		snprintf(text, sizeof text, "%s", p->ascii ? "." : "·");
	else
		report_effect_say(text, (double)effect, r->cells[newest - 1].unit);
	paint_field(p, l->figures_x, y, 7, 1, PEN(isnan(effect) ? ROLE_DIM : ROLE_TEXT), text, strlen(text));
	snprintf(text, sizeof text, "%zu", r->n_drifted);
	paint_field(p, l->figures_x + 8, y, 6, 1, PEN(r->n_drifted ? ROLE_BAD : ROLE_DIM), text, strlen(text));
}

static void group_figures(const struct paint *p, const struct layout *l, int y, const struct pulse_group *g)
{
	char text[FMT_MAX] = "";
	const struct pulse_window *w = pulse_window(g, 0);
	paint_field(p, l->figures_x + 1, y, 8, -1, PEN(pulse_state_role(g)), g->state, strlen(g->state));
	if (g->alerts_open) {
		snprintf(text, sizeof text, "!%zu open", g->alerts_open);
		paint_field(p, l->figures_x + 10, y, 8, -1, PEN(ROLE_BAD), text, strlen(text));
	} else if (g->silent_until_ms > clock_wall_ms()) {
		paint_field(p, l->figures_x + 10, y, 8, -1, PEN(ROLE_DIM), "silent", 6);
	} else if (g->alerts_acked) {
		paint_field(p, l->figures_x + 10, y, 8, -1, PEN(ROLE_DIM), "taken", 5);
	}
	if (w && w->ms) {
		fmt_age(text, clock_wall_ms() > w->ms ? clock_wall_ms() - w->ms : 0);
		paint_field(p, l->figures_x + 19, y, 4, 1, PEN(ROLE_DIM), text, strlen(text));
	}
}

static void paint_row(const struct drift_view *v, const struct paint *p, const struct layout *l, int y, size_t i)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	size_t row = s->order[i];
	const char *name = pulse_row_name(v, row);
	bool cursor = i == s->cursor;
	if (g) {
		enum heat now = HEAT_BEYOND;
		for (size_t age = 0; age < g->n_windows && now < HEAT_ABSENT; age++)
			now = pulse_heat(v, row, age);
		bool drifted = now >= HEAT_DRIFTED, watch = now == HEAT_WATCH;
		paint_text(p, 2, y, PEN(drift_role(drifted, watch)), drift_sign(p, drifted, watch));
	} else {
		paint_text(p, 2, y, PEN(pulse_state_role(&v->pulse->groups[row])), pulse_state_sign(p, &v->pulse->groups[row]));
	}
	paint_field(p, NAME_X, y, l->name_w, -1, PEN(cursor ? ROLE_STRONG : ROLE_TEXT), name, strlen(name));
	paint_cells(v, p, l, y, row);
	if (l->figures_w && g)
		column_figures(p, l, y, g, &g->rows[row]);
	else if (l->figures_w)
		group_figures(p, l, y, &v->pulse->groups[row]);
}

static void paint_cursor(const struct drift_view *v, const struct paint *p, const struct layout *l, int y)
{
	const struct pulse_page *s = pulse_page(v);
	size_t step = s->age / l->k.each;
	paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
	surface_paint_bg(p->s, p->r, (struct rect){ 0, y, p->r.w, 1 }, p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
	if (step >= s->left && step < s->left + (size_t)s->steps)
		surface_paint_attr(p->s, p->r, (struct rect){ step_x(l, s, step), y, l->k.cells > 2 ? l->k.cells - 1 : l->k.cells, 1 }, ATTR_REVERSE);
}

/* ---- head and axis -------------------------------------------------------------------------------------------------- */

static void paint_head(const struct drift_view *v, const struct paint *p, const struct layout *l)
{
	const struct pulse_page *s = pulse_page(v);
	size_t n = pulse_windows(v), older = n > (s->left + (size_t)s->steps) * l->k.each ? n - (s->left + (size_t)s->steps) * l->k.each : 0;
	struct str text = STR_INIT;
	bool group = pulse_chosen(v) != NULL;
	paint_field(p, NAME_X, 1, l->name_w, -1, PEN(group && s->sort == SORT_NAME ? ROLE_HEAD_SORT : ROLE_HEAD), group ? "column" : "monitor", group ? 6 : 7);
	if (older)
		str_addf(&text, "%s%zu older  ", p->ascii ? "<" : "◂", older);
	str_addf(&text, "%zu window%s", n, n == 1 ? "" : "s");
	if (l->k.each > 1)
		str_addf(&text, ", the worst of %zu a cell", l->k.each);
	if (s->left)
		str_addf(&text, "  %zu newer%s", s->left * l->k.each, p->ascii ? ">" : "▸");
	int room = l->figures_w ? l->cells_w : p->r.w - l->cells_x;
	paint_field(p, l->cells_x, 1, room > text_width(text.p, text.len) || l->figures_w == 0 ? room : l->cells_w, -1, PEN(ROLE_HEAD), text.p, text.len);
	if (l->figures_w && group) {
		paint_field(p, l->figures_x, 1, 7, 1, PEN(s->sort == SORT_LAST ? ROLE_HEAD_SORT : ROLE_HEAD), "effect", 6);
		paint_field(p, l->figures_x + 8, 1, 6, 1, PEN(s->sort == SORT_OFTEN ? ROLE_HEAD_SORT : ROLE_HEAD), "often", 5);
	} else if (l->figures_w) {
		paint_field(p, l->figures_x + 1, 1, 8, -1, PEN(ROLE_HEAD), "state", 5);
		paint_field(p, l->figures_x + 10, 1, 8, -1, PEN(ROLE_HEAD), "alerts", 6);
		paint_field(p, l->figures_x + 19, 1, 4, 1, PEN(ROLE_HEAD), "age", 3);
	}
	str_free(&text);
}

static void paint_label(const struct drift_view *v, const struct paint *p, const struct layout *l, int y, size_t step, enum role role, struct rect *taken)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_window *w = pulse_window(pulse_at(v), role == ROLE_ACCENT ? s->age : step * l->k.each);
	int x = step_x(l, s, step), n = w ? text_width(w->label, strlen(w->label)) : 0, at = x + 1;
	if (!n || n > 16)
		return;
	bool mirrored = at + n > l->cells_x + l->cells_w + (l->figures_w ? 1 : 0);
	at = mirrored ? x - n : at;
	int from = (mirrored ? at : x) - 1, to = mirrored ? x + 1 : at + n;
	if (from + 1 < l->cells_x || (taken->w && from <= taken->x + taken->w && to >= taken->x))
		return;
	paint_put(p, x, y, PEN(role), p->ascii ? '\'' : 0x2575);
	paint_text(p, at, y, PEN(role), w->label);
	if (role == ROLE_ACCENT)
		*taken = (struct rect){ from + 1, y, to - from - 1, 1 };
}

/* A label every so many cells, counted from the oldest so that none moves with the cursor; the cursor's own wins over its neighbours. */
static void paint_axis(const struct drift_view *v, const struct paint *p, const struct layout *l, int y)
{
	const struct pulse_page *s = pulse_page(v);
	struct rect taken = { 0, 0, 0, 0 };
	int widest = 5;
	for (size_t i = 0; i < (size_t)s->steps; i++) {
		const struct pulse_window *w = pulse_window(pulse_at(v), (s->left + i) * l->k.each);
		int n = w ? text_width(w->label, strlen(w->label)) : 0;
		widest = n > widest && n <= 16 ? n : widest;
	}
	size_t every = (size_t)((widest + TICK_GAP + l->k.cells - 1) / l->k.cells), step = s->age / l->k.each;
	if (step >= s->left && step < s->left + (size_t)s->steps)
		paint_label(v, p, l, y, step, ROLE_ACCENT, &taken);
	for (size_t i = every - 1; i < (size_t)s->steps; i += every)
		paint_label(v, p, l, y, s->left + i, ROLE_AXIS, &taken);
}

/* ---- below ------------------------------------------------------------------------------------------------------------ */

static void add_facts(const struct drift_view *v, const struct pulse_group *g, const struct pulse_window *w, struct str *out)
{
	const struct pulse_page *s = pulse_page(v);
	char text[FMT_MAX];
	if (pulse_chosen(v)) {
		const struct pulse_cell *c = &g->rows[s->order[s->cursor]].cells[g->n_windows - 1 - s->age];
		if (w->state == PULSE_DONE && !isnan(c->effect))
			str_addf(out, "   effect %s", report_effect_say(text, (double)c->effect, c->unit));
		if (w->state == PULSE_DONE && !isnan(c->severity))
			str_addf(out, "   severity %s", fmt_number(text, (double)c->severity, 2));
	} else if (w->state == PULSE_DONE) {
		str_addf(out, "   %u of %zu columns drifted", pulse_page(v)->over[g - v->pulse->groups].drifted[g->n_windows - 1 - s->age], pulse_columns(g));
	}
	if (w->state == PULSE_DONE && w->rows > 0)
		str_addf(out, "   %s rows", fmt_count(text, (int64_t)w->rows));
	if (w->ms)
		str_addf(out, "   looked at %s ago", fmt_age(text, clock_wall_ms() > w->ms ? clock_wall_ms() - w->ms : 0));
}

static const struct report *report_of(const struct pulse_page *s, const struct pulse_window *w)
{
	return s->report && w->report_id && s->report->id == w->report_id ? s->report : NULL;
}

static void add_reasons(const struct drift_view *v, const struct pulse_window *w, struct str *out)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	const struct report *r = report_of(s, w);
	if (r && g) {
		const struct report_column *c = report_column(r, g->rows[s->order[s->cursor]].name);
		for (size_t i = 0; c && i < c->n_reasons; i++)
			str_addf(out, "%s%s", i ? "; " : "", c->reasons[i]);
	} else if (r) {
		for (size_t i = 0; i < r->n_columns; i++)
			if (r->columns[i].drifted)
				str_addf(out, "%s%s%s%s", out->len ? "; " : "", r->columns[i].name, r->columns[i].n_reasons ? ": " : "", r->columns[i].n_reasons ? r->columns[i].reasons[0] : "");
	}
	if (!out->len)
		str_add(out, w->why);
}

/* While the next window's report is read the one before it stays. */
static const struct report_column *pictured(const struct drift_view *v, const struct pulse_group *g, const struct pulse_window *w)
{
	const struct pulse_page *s = pulse_page(v);
	if (!g || !w || !w->report_id || !s->report || !drift_window_of(g, s->report->id))
		return NULL;
	if (pulse_chosen(v))
		return s->n_order ? report_column(s->report, g->rows[s->order[s->cursor]].name) : NULL;
	for (size_t i = 0; i < s->report->n_columns; i++)
		if (s->report->columns[i].drifted && report_has_picture(&s->report->columns[i], PICTURE_HISTOGRAM))
			return &s->report->columns[i];
	return NULL;
}

static void paint_picture(const struct drift_view *v, struct paint *p, int y, int rows, const struct pulse_window *w)
{
	const struct report_column *c = pictured(v, pulse_at(v), w);
	int room = p->r.w - NAME_X - 1;
	struct paint in = paint_sub(p, NAME_X, y + 1, room < PICTURE_WIDE ? room : PICTURE_WIDE, rows - 1);
	if (!c || !report_has_picture(c, PICTURE_HISTOGRAM))
		return;
	if (!pulse_chosen(v))
		paint_field(p, NAME_X, y, room, -1, PEN(ROLE_STRONG), c->name, strlen(c->name));
	report_picture_paint(c, PICTURE_HISTOGRAM, &in);
}

static void paint_below(const struct drift_view *v, struct paint *p, const struct layout *l, int y)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_at(v);
	const struct pulse_window *w = pulse_window(g, s->age);
	struct str title = STR_INIT, line = STR_INIT;
	str_add(&title, s->n_order ? pulse_row_name(v, s->order[s->cursor]) : "nothing under the cursor");
	if (w && *w->key)
		str_addf(&title, " · %s", w->key);
	if (w && l->k.each > 1)
		str_addf(&title, " · the worst of %zu windows", l->k.each);
	ui_rule(p, (struct rect){ p->r.x, p->r.y + y, p->r.w, 1 }, title.p, NULL, false);
	if (s->n_order) {
		enum heat h = pulse_heat(v, s->order[s->cursor], s->age);
		str_add(&line, heat_words(h));
		if (w)
			add_facts(v, g, w, &line);
		paint_put(p, 2, y + 1, heat_pen(h), heat_sign(p, h));
		paint_field(p, NAME_X, y + 1, p->r.w - NAME_X - 1, -1, PEN(ROLE_TEXT), line.p, line.len);
		str_clear(&line);
		if (w)
			add_reasons(v, w, &line);
		paint_field(p, NAME_X, y + 2, p->r.w - NAME_X - 1, -1, PEN(ROLE_DIM), line.p, line.len);
	}
	if (l->picture)
		paint_picture(v, p, y + BELOW - 1, l->picture, w);
	str_free(&title);
	str_free(&line);
}

static void paint_legend(const struct paint *p, int y)
{
	static const struct { enum heat h[3]; int n; const char *words; } entries[] = {
		{ { HEAT_CALM, HEAT_SLIGHT, HEAT_SOME }, 3, "below its floor" }, { { HEAT_WATCH }, 1, "watch" }, { { HEAT_DRIFTED, HEAT_STRONG }, 2, "drifted" },
		{ { HEAT_NOT_RUN }, 1, "not run" }, { { HEAT_MISSING }, 1, "no data" }, { { HEAT_FAILED }, 1, "failed" }, { { HEAT_ABSENT }, 1, "no column" },
	};
	int x = 2;
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		if (x + entries[i].n + 1 + (int)strlen(entries[i].words) > p->r.w)
			return;
		for (int k = 0; k < entries[i].n; k++)
			paint_put(p, x++, y, heat_pen(entries[i].h[k]), heat_sign(p, entries[i].h[k]));
		x = paint_text(p, x + 1, y, PEN(ROLE_DIM), entries[i].words) + 2;
	}
}

/* ---- below the overview: the worst columns of the group under the cursor ---- */

static enum heat worst_cell(const struct pulse_group *g, const struct pulse_row *r, size_t step, size_t each)
{
	enum heat best = HEAT_BEYOND;
	for (size_t age = step * each; age < (step + 1) * each && age < g->n_windows; age++) {
		enum heat h = heat_of_cell(pulse_window(g, age), &r->cells[g->n_windows - 1 - age]);
		best = h > best ? h : best;
	}
	return best;
}

/* The next after `before` in the order worst first; NULL starts. Few rows are shown, so that looking through all of them for each is cheap. */
static const struct pulse_row *next_worst(const struct pulse_group *g, const struct pulse_row *before)
{
	const struct pulse_row *best = NULL;
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct pulse_row *r = &g->rows[i];
		bool later = !before || r->worst < before->worst || (r->worst == before->worst && r > before);
		if (later && !isnan(r->worst) && !pulse_row_idle(g, i) && (!best || r->worst > best->worst))
			best = r;
	}
	return best;
}

static void paint_preview(const struct drift_view *v, struct paint *p, const struct layout *l, int y, int end)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_at(v);
	char title[160];
	if (!g || !g->n_rows || end - y < 3)
		return;
	snprintf(title, sizeof title, "%.100s · worst of its %zu columns", g->name, pulse_columns(g));
	ui_rule(p, (struct rect){ p->r.x, p->r.y + y++, p->r.w, 1 }, title, NULL, false);
	for (const struct pulse_row *r = next_worst(g, NULL); r && y < end; r = next_worst(g, r), y++) {
		enum heat now = worst_cell(g, r, 0, 1);
		bool drifted = now >= HEAT_DRIFTED, watch = now == HEAT_WATCH;
		paint_text(p, 2, y, PEN(drift_role(drifted, watch)), drift_sign(p, drifted, watch));
		paint_field(p, NAME_X, y, l->name_w, -1, PEN(ROLE_TEXT), r->name, strlen(r->name));
		for (size_t i = 0; i < (size_t)s->steps; i++)
			paint_heat(p, step_x(l, s, s->left + i), y, l->k.cells, worst_cell(g, r, s->left + i, l->k.each), false);
		if (l->figures_w)
			column_figures(p, l, y, g, r);
	}
}

/* ---- the map ------------------------------------------------------------------------------------------------------------- */

static void add_rows_words(const struct drift_view *v, struct str *out)
{
	const struct pulse_page *s = pulse_page(v);
	const struct pulse_group *g = pulse_chosen(v);
	size_t all = g ? g->n_rows - s->n_idle : v->pulse->n;
	const char *what = g ? all == 1 ? "column" : "columns" : "watched";
	if (s->n_order == all)
		str_addf(out, " · %zu %s", all, what);
	else
		str_addf(out, " · %zu of %zu %s", s->n_order, all, what);
	if (s->only)
		str_add(out, ", only drifted");
	if (*s->filter)
		str_addf(out, ", with \"%s\"", s->filter);
	static const char *const orders[SORT_COUNT] = { "worst first", "worst of the newest first", "most often drifted first", "by name", "in the order of the data" };
	if (g)
		str_addf(out, " · %s", orders[s->sort]);
}

static void add_group_words(const struct pulse_group *g, struct str *out)
{
	char text[FMT_MAX];
	const char *between = "";
	if (*g->model) {
		str_addf(out, "model %s", g->model);
		if (g->version)
			str_addf(out, " v%lld", (long long)g->version);
		between = " · ";
	}
	if (*g->baseline)
		str_addf(out, "%sbaseline %s", between, g->baseline), between = " · ";
	if (g->silent_until_ms > clock_wall_ms())
		str_addf(out, "%ssilent for %s", between, fmt_age(text, g->silent_until_ms - clock_wall_ms())), between = " · ";
	if (g->alerts_open)
		str_addf(out, "%s%zu alert%s open", between, g->alerts_open, g->alerts_open == 1 ? "" : "s");
}

static void paint_title(const struct drift_view *v, const struct paint *p)
{
	const struct pulse_group *g = pulse_chosen(v);
	struct str title = STR_INIT, note = STR_INIT;
	struct paint whole = *p;
	str_add(&title, g ? g->name : "Pulse");
	add_rows_words(v, &title);
	if (g)
		add_group_words(g, &note);
	ui_rule(&whole, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.len ? note.p : NULL, p->focus);
	str_free(&title);
	str_free(&note);
}

static void paint_map(struct drift_view *v, struct paint *p)
{
	const struct pulse_page *s = pulse_page(v);
	struct layout l = place(v, p->r);
	paint_title(v, p);
	paint_head(v, p, &l);
	if (pulse_chosen(v))
		paint_whole(v, p, &l, 2);
	int shown = 0;
	for (; shown < l.page && s->top + (size_t)shown < s->n_order; shown++)
		paint_row(v, p, &l, l.rows_y + shown, s->top + (size_t)shown);
	if (s->n_order) {
		paint_cursor(v, p, &l, l.rows_y + (int)(s->cursor - s->top));
		paint_axis(v, p, &l, l.rows_y + shown);
	} else {
		paint_text(p, NAME_X, l.rows_y, PEN(ROLE_DIM), "nothing of that kind; Escape shows the others");
	}
	if (!pulse_chosen(v))
		paint_preview(v, p, &l, l.rows_y + shown + 2, p->r.h - BELOW - l.picture - 1);
	paint_below(v, p, &l, p->r.h - BELOW - l.picture);
	paint_legend(p, p->r.h - 1);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------- */

static void paint_nothing(struct drift_view *v, struct paint *p)
{
	static const char *const none[] = { "Nothing has been compared yet.", "A monitor looks at every new window of your data by itself:",
		"  mlyard monitor example > m.yaml    then here    :drift.add m.yaml", "Or compare two files once, in a shell:",
		"  mlyard drift run --reference R.csv --current C.csv" };
	static const char *const reading[] = { "reading" };
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, "Pulse", NULL, p->focus);
	struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	if (v->load_err.code)
		paint_field(&inner, 2, 1, p->r.w - 4, -1, PEN(ROLE_BAD), v->load_err.text, strlen(v->load_err.text));
	else if (v->loaded)
		ui_empty(v->ui, &inner, none, sizeof none / sizeof *none);
	else
		ui_empty(v->ui, &inner, reading, 1);
}

static void vline(struct paint *p, int x, int y, int h)
{
	struct rect all = surface_all(p->s);
	struct pen pen = PEN(ROLE_RULE);
	surface_vline(p->s, all, x, y, h, pen);
	surface_hline(p->s, all, x - 1, y, 2, pen);
	surface_hline(p->s, all, x, y, 2, pen);
}

static void paint_list(struct drift_view *v, struct paint *p)
{
	struct pulse_page *s = pulse_page(v);
	struct paint list = *p;
	list.r = s->list;
	list.focus = p->focus && s->list_focus;
	if (s->drawer)
		surface_fill(p->s, p->r, (struct rect){ 0, 0, s->list.w + 1, s->list.h }, PEN(ROLE_TEXT), ' ');
	pulse_list_paint(v, &list);
	vline(p, s->list.x + s->list.w, s->list.y, s->list.h);
}

void pulse_paint(struct drift_view *v, struct paint *p)
{
	struct pulse_page *s = pulse_page(v);
	if (!v->pulse || !v->pulse->n) {
		paint_nothing(v, p);
		return;
	}
	bool beside = pulse_chosen(v) && v->pulse->n > 1 && p->r.w >= PULSE_WIDE && !s->folded;
	int w = beside ? pulse_list_width(v, p->r.w) : s->drawer ? LIST_DRAWER : 0;
	if (beside)
		s->drawer = false;
	s->list = (struct rect){ p->r.x, p->r.y, w < p->r.w - 1 ? w : p->r.w - 1, p->r.h };
	s->map = p->r;
	if (beside) {
		s->map.x += w + 1;
		s->map.w -= w + 1;
	}
	struct paint map = *p;
	map.r = s->map;
	map.focus = p->focus && !s->list_focus;
	paint_map(v, &map);
	if (w)
		paint_list(v, p);
	else
		s->list.w = 0;
}
