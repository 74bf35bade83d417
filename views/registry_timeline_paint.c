/* The picture of the timeline: lanes of bars over an axis of time, the cursor's column through all of them, below it what held each
 * lane at that moment.
 *
 * Bar      "|v5=====": where it began (a question mark when nobody knows), the version, a line in the version's colour, an arrow when it holds still. A
 *          bar is a cell at least; where two share a cell the later one is seen. Colours repeat what the numbers say.
 * Room     every lane gets a line; what is left over goes to lanes whose spans overlap, from the top, then to the words below. */
#include "views/registry_timeline.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "tui/chart.h"
#include "tui/chart_parts.h"

enum { TICKS_MOST = 12, TICK_W = 12, WORDS_LEAST = 3, NOW_W = 2 };

struct picture { const struct registry_view *v; struct timeline *t; const struct paint *p; int64_t lo, hi; };

static uint32_t sign(const struct paint *p, uint32_t nice, uint32_t plain)
{
	return p->ascii ? plain : nice;
}

/* Column of a moment in the plot, also beyond its edges. */
static int column(const struct picture *c, int64_t ms)
{
	double share = ((double)ms - (double)c->lo) / ((double)c->hi - (double)c->lo);
	double x = share * c->t->plot_w;
	return x < -1 ? -1 : x > c->t->plot_w ? c->t->plot_w : (int)x;
}

/* ---- bars ----------------------------------------------------------------------------------------------- */

static void paint_span(const struct picture *c, int y, const struct reg_held_row *h)
{
	const struct paint *p = c->p;
	bool open = h->to_ms == INT64_MAX;
	int64_t end = open ? c->t->now_ms : h->to_ms;
	if (end < c->lo || h->from_ms > c->hi)
		return;
	int x0 = column(c, h->from_ms), x1 = column(c, end);
	bool cut = x0 < 0;
	x0 = cut ? 0 : x0;
	x1 = x1 <= x0 ? x0 + 1 : x1;
	struct paint plot = paint_sub(p, c->t->plot_x, y, c->t->plot_w, 1);
	struct pen pen = PEN(role_series((unsigned)h->version));
	struct pen head = pen;
	head.attr = ATTR_BOLD;
	for (int x = x0; x < x1; x++)
		paint_put(&plot, x, 0, pen, sign(p, 0x2501, '='));
	if (open && x1 - x0 > 1)
		paint_put(&plot, x1 - 1, 0, pen, sign(p, 0x25b6, '>'));
	if (cut)
		paint_put(&plot, x0, 0, PEN(ROLE_DIM), sign(p, 0x25c2, '<'));
	else if (h->from_known)
		paint_put(&plot, x0, 0, pen, sign(p, 0x258c, '|'));
	else
		paint_put(&plot, x0, 0, PEN(ROLE_WARN), '?');
	char label[24];
	int w = snprintf(label, sizeof label, "v%lld", (long long)h->version);
	if (x1 - x0 > w)
		paint_text(&plot, x0 + 1, 0, head, label);
}

static void paint_label(const struct picture *c, int y, const struct timeline_lane *l, bool here)
{
	const struct paint *p = c->p;
	size_t others;
	char holds[40] = "";
	const struct reg_held_row *h = timeline_holder(l, c->t->at_ms, &others);
	if (h)
		snprintf(holds, sizeof holds, others ? "v%lld+%zu" : "v%lld", (long long)h->version, others);
	bool alias = !strcmp(l->kind, "alias");
	if (alias)
		paint_put(p, 1, y, PEN(ROLE_DIM), '@');
	paint_field(p, 2, y, TIMELINE_LABEL_W - 3, -1, PEN(here ? ROLE_STRONG : ROLE_TEXT), l->name, strlen(l->name));
	struct pen pen = h ? PEN(role_series((unsigned)h->version)) : PEN(ROLE_DIM);
	if (h)
		paint_field(p, TIMELINE_LABEL_W - 1, y, TIMELINE_HOLDS_W, -1, pen, holds, strlen(holds));
	else
		paint_put(p, TIMELINE_LABEL_W - 1, y, pen, paint_sign(p, SIGN_MISSING));
	if (here)
		paint_put(p, 0, y, PEN(p->focus ? ROLE_ACCENT : ROLE_RULE), paint_sign(p, SIGN_BAR));
}

/* Lines for each lane: one, and more where spans overlap and there is room. */
static void share_lines(const struct timeline *t, int h, int *lines)
{
	int left = h - (int)(t->n_lanes - t->top);
	for (size_t i = t->top; i < t->n_lanes; i++)
		lines[i] = 1;
	for (bool more = left > 0; more && left > 0;) {
		more = false;
		for (size_t i = t->top; i < t->n_lanes && left > 0; i++)
			if (lines[i] < t->lanes[i].tracks) {
				lines[i]++;
				left--;
				more = true;
			}
	}
}

/* The line behind the last lane. */
static int paint_lanes(const struct picture *c, int y0, int h)
{
	struct timeline *t = c->t;
	int y = y0;
	size_t fits = h > 0 ? (size_t)h : 1;
	t->rows = h;
	if (t->lane < t->top)
		t->top = t->lane;
	if (t->lane >= t->top + fits)
		t->top = t->lane - fits + 1;
	share_lines(t, h, t->lane_y);
	for (size_t i = 0; i < t->top; i++)
		t->lane_y[i] = -1;
	for (size_t i = t->top; i < t->n_lanes; i++) {
		const struct timeline_lane *l = &t->lanes[i];
		int lines = t->lane_y[i];
		t->lane_y[i] = y;
		if (y >= y0 + h)
			continue;
		paint_label(c, y, l, i == t->lane);
		for (size_t k = 0; k < l->n; k++)
			paint_span(c, y + (l->at[k].track < lines ? l->at[k].track : lines - 1), l->at[k].held);
		if (i == t->lane)
			surface_paint_bg(c->p->s, c->p->r, (struct rect){ 0, y, c->p->r.w, lines }, c->p->focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
		y += lines;
	}
	t->lane_y[t->n_lanes] = y < y0 + h ? y : y0 + h;
	return t->lane_y[t->n_lanes];
}

/* ---- axis and cursor ---------------------------------------------------------------------------------------- */

static void paint_axis(const struct picture *c, int y)
{
	double tick[TICKS_MOST + 1];
	char label[TICKS_MOST + 1][AXIS_LABEL_MAX];
	int most = c->t->plot_w / TICK_W;
	most = most > TICKS_MOST ? TICKS_MOST : most < 1 ? 1 : most;
	int n = axis_time_ticks((double)c->lo, (double)c->hi, most, true, tick);
	axis_time_labels(tick, n, true, label);
	struct paint plot = paint_sub(c->p, c->t->plot_x, y, c->t->plot_w, 2);
	for (int x = 0; x < plot.r.w; x++)
		paint_put(&plot, x, 0, PEN(ROLE_AXIS), sign(c->p, 0x2500, '-'));
	int free_from = 0;
	for (int i = 0; i < n; i++) {
		int x = column(c, (int64_t)tick[i]), w = (int)strlen(label[i]), at = x - w / 2;
		at = at < free_from ? free_from : at + w > plot.r.w ? plot.r.w - w : at;
		paint_put(&plot, x, 0, PEN(ROLE_AXIS), sign(c->p, 0x252c, '+'));
		if (at < free_from || at + w > plot.r.w)
			continue;
		paint_text(&plot, at, 1, PEN(ROLE_AXIS), label[i]);
		free_from = at + w + 1;
	}
}

static void paint_cursor(const struct picture *c, int y0, int y1)
{
	int x = column(c, c->t->at_ms);
	const struct paint *p = c->p;
	x = x < 0 ? 0 : x >= c->t->plot_w ? c->t->plot_w - 1 : x;
	x += c->t->plot_x;
	for (int y = y0; y < y1; y++) {
		int sx = p->r.x + x, sy = p->r.y + y;
		if (sy < 0 || sy >= surface_h(p->s) || sx < 0 || sx >= surface_w(p->s))
			continue;
		uint32_t ch = surface_row(p->s, sy)[sx].ch;
		if (ch == ' ' || ch == 0)
			paint_put(p, x, y, PEN(ROLE_CROSSHAIR), sign(p, 0x254e, ':'));
	}
	surface_paint_bg(p->s, p->r, (struct rect){ x, y0, 1, y1 - y0 }, ROLE_SELECTION);
	paint_put(p, x, y1, PEN(ROLE_CROSSHAIR), sign(p, 0x25b2, '^'));
}

/* ---- the words below ------------------------------------------------------------------------------------------- */

static void add_names(const struct timeline_lane *l, int64_t ms, struct str *out)
{
	for (size_t i = l->n; i-- > 0;) {
		const struct reg_held_row *h = l->at[i].held;
		if (h->from_ms <= ms && ms < h->to_ms)
			str_addf(out, "%sv%lld", out->len ? " " : "", (long long)h->version);
	}
}

struct words_place { int holds_x, holds_w, from_x, for_x, until_x, how_x; };       /* until_x 0: no room for it */

static struct words_place words_place(int w)
{
	struct words_place at = { .holds_x = TIMELINE_LABEL_W - 1, .holds_w = w / 8 < 8 ? 8 : w / 8 > 20 ? 20 : w / 8 };
	at.from_x = at.holds_x + at.holds_w + 1;
	at.for_x = at.from_x + 18;
	at.until_x = w >= 110 ? at.for_x + 6 : 0;
	at.how_x = at.until_x ? at.until_x + 18 : at.for_x + 6;
	return at;
}

static void paint_story(const struct picture *c, int y, const struct words_place *at, const struct reg_held_row *h, enum role role)
{
	const struct paint *p = c->p;
	char text[FMT_MAX];
	struct str how = STR_INIT;
	fmt_time(text, h->from_ms);
	if (!h->from_known)
		paint_put(p, at->from_x - 1, y, PEN(ROLE_WARN), '?');
	paint_field(p, at->from_x, y, 16, -1, PEN(role), text, 16);
	fmt_age(text, (h->to_ms == INT64_MAX ? c->t->now_ms : h->to_ms) - h->from_ms);
	paint_field(p, at->for_x, y, 4, 1, PEN(role), text, strlen(text));
	if (at->until_x && h->to_ms != INT64_MAX)
		paint_field(p, at->until_x, y, 16, -1, PEN(role), fmt_time(text, h->to_ms), 16);
	else if (at->until_x)
		paint_text(p, at->until_x, y, PEN(ROLE_DIM), "still");
	str_addf(&how, "%s", h->how);
	if (*h->by && strncmp(h->by, h->how, strlen(h->how)))
		str_addf(&how, "%sby %s", how.len ? " " : "", h->by);
	else if (*h->by)
		str_addf(&how, "%s", h->by + strlen(h->how));
	if (h->from_seq)
		str_addf(&how, " #%lld", (long long)h->from_seq);
	paint_field(p, at->how_x, y, p->r.w - at->how_x - 1, -1, PEN(role), how.p, how.len);
	str_free(&how);
}

static void paint_words_row(const struct picture *c, int y, const struct words_place *at, const struct timeline_lane *l, bool here)
{
	const struct paint *p = c->p;
	struct str names = STR_INIT;
	const struct reg_held_row *h = timeline_holder(l, c->t->at_ms, NULL);
	if (!strcmp(l->kind, "alias"))
		paint_put(p, 1, y, PEN(ROLE_DIM), '@');
	paint_field(p, 2, y, at->holds_x - 3, -1, PEN(here ? ROLE_STRONG : ROLE_TEXT), l->name, strlen(l->name));
	if (h) {
		add_names(l, c->t->at_ms, &names);
		paint_field(p, at->holds_x, y, at->holds_w - 1, -1, PEN(role_series((unsigned)h->version)), names.p, names.len);
		paint_story(c, y, at, h, here ? ROLE_TEXT : ROLE_DIM);
	} else {
		paint_put(p, at->holds_x, y, PEN(ROLE_DIM), paint_sign(p, SIGN_MISSING));
	}
	str_free(&names);
}

static void paint_words_head(const struct paint *p, int y, const struct words_place *at)
{
	paint_text(p, 2, y, PEN(ROLE_HEAD), "lane");
	paint_text(p, at->holds_x, y, PEN(ROLE_HEAD), "version");
	paint_text(p, at->from_x, y, PEN(ROLE_HEAD), "since");
	paint_text(p, at->for_x + 1, y, PEN(ROLE_HEAD), "for");
	if (at->until_x)
		paint_text(p, at->until_x, y, PEN(ROLE_HEAD), "until");
	paint_text(p, at->how_x, y, PEN(ROLE_HEAD), "how");
}

static void paint_words(const struct picture *c, int y, int h)
{
	const struct timeline *t = c->t;
	struct words_place at = words_place(c->p->r.w);
	if ((size_t)h > t->n_lanes) {
		paint_words_head(c->p, y++, &at);
		h--;
	}
	size_t first = t->lane >= (size_t)h ? t->lane - (size_t)h + 1 : 0;
	for (size_t i = first; i < t->n_lanes && (int)(i - first) < h; i++)
		paint_words_row(c, y + (int)(i - first), &at, &t->lanes[i], i == t->lane);
}

static void words_title(const struct timeline *t, struct str *out)
{
	char when[FMT_MAX], age[FMT_MAX];
	str_addf(out, "At %.16s", fmt_time(when, t->at_ms));
	if (t->follow)
		str_add(out, ", now");
	else
		str_addf(out, ", %s ago", fmt_age(age, t->now_ms - t->at_ms));
}

/* ---- the whole ---------------------------------------------------------------------------------------------------- */

static void paint_filled(struct registry_view *v, struct paint *p)
{
	struct timeline *t = timeline_of(v);
	struct picture c = { .v = v, .t = t, .p = p };
	struct str title = STR_INIT;
	int n = (int)t->n_lanes, h = p->r.h - 1, wanted = 0;
	timeline_window(t, &c.lo, &c.hi);
	t->plot_x = TIMELINE_LABEL_W + TIMELINE_HOLDS_W;
	t->plot_w = p->r.w - t->plot_x - NOW_W;
	t->plot_w = t->plot_w < 1 ? 1 : t->plot_w;
	for (size_t i = 0; i < t->n_lanes; i++)
		wanted += t->lanes[i].tracks;
	int words = h - 3 - wanted > n ? n + 1 : h - 3 - n > WORDS_LEAST ? h - 3 - n : WORDS_LEAST;
	words = words > n + 1 ? n + 1 : words;
	int lanes = h - 3 - words;
	if (lanes < 2) {
		words = 0;
		lanes = h - 2;
	}
	int y = paint_lanes(&c, 1, lanes);
	paint_cursor(&c, 1, y);
	paint_axis(&c, y);
	paint_put(p, t->plot_x + (column(&c, t->at_ms) < t->plot_w ? column(&c, t->at_ms) : t->plot_w - 1), y, PEN(ROLE_CROSSHAIR), sign(p, 0x25b2, '^'));
	if (words) {
		words_title(t, &title);
		ui_rule(p, (struct rect){ p->r.x, p->r.y + y + 2, p->r.w, 1 }, title.p, NULL, false);
		paint_words(&c, y + 3, p->r.h - y - 3);
	}
	str_free(&title);
}

static void add_title(const struct registry_view *v, struct str *out)
{
	const struct timeline *t = timeline_of(v);
	const struct reg_model_row *m = models_row(v);
	char lo_text[FMT_MAX], hi_text[FMT_MAX];
	str_addf(out, "Timeline of %s", m ? m->name : "no model");
	if (!t->n_lanes)
		return;
	if (t->lo_ms < t->hi_ms)
		str_addf(out, " · %.10s to %.10s", fmt_time(lo_text, t->lo_ms), fmt_time(hi_text, t->hi_ms));
	else
		str_addf(out, " · since %.10s", fmt_time(lo_text, t->data->first_ms));
}

void timeline_paint(struct registry_view *v, struct paint *p)
{
	struct timeline *t = timeline_of(v);
	static const char *const none[] = { "Nothing held a stage or an alias of this model yet.", "", "{registry.promote} on a card of the board moves a version",
		"{registry.alias} gives it an alias" };
	const char *words[] = { t->err.code ? t->err.text : "reading the timeline" };
	struct str title = STR_INIT, note = STR_INIT;
	bool unknown = false;
	for (size_t i = 0; t->data && i < t->data->n; i++)
		unknown |= !t->data->at[i].from_known;
	add_title(v, &title);
	if (t->n_lanes && unknown)
		str_add(&note, "? held it when first seen");
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.p, p->focus);
	if (t->n_lanes) {
		paint_filled(v, p);
	} else {
		struct paint inner = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
		ui_empty(v->ui, &inner, t->data && !t->err.code ? none : words, t->data && !t->err.code ? sizeof none / sizeof *none : 1);
	}
	str_free(&title);
	str_free(&note);
}
