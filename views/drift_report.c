/* The report page: a head with the verdict, tabs, and below them features beside the chosen one, or a page of text.
 *
 * Layout     from REPORT_WIDE columns on, list and feature beside each other. Below that the feature lies under the list where there are DRAWER_FROM_H rows,
 *            and in its place when it is zoomed (Enter).
 * Windows    left and right go to the window before and after; see drift_report_load.c. */
#include "views/drift_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { HEAD_ROWS = 2, DRAWER_FROM_H = 20, LIST_LEAST = 46, LIST_MOST = 84, LEAF_TWICE_FROM = 160, LEAF_GAP = 3 };

struct report_page *report_page(const struct drift_view *v)
{
	return v->state[DRIFT_PAGE_report];
}

static void *page_open(struct drift_view *v)
{
	struct report_page *s = mem_zalloc(sizeof *s);
	s->view = v;
	report_list_init(s);
	return s;
}

void report_leaves_forget(struct report_page *s)
{
	for (int i = 0; i < TAB_COUNT; i++)
		s->leaf_of[i] = NULL;
}

static void page_close(void *state)
{
	struct report_page *s = state;
	for (int i = 0; i < TAB_COUNT; i++)
		leaf_free(s->leaf[i]);
	report_load_done(s);
	free(s->rows);
	free(s->lines.v);
	free(s->filter);
	free(s->column);
	free(s->export_path);
	free(s);
}

static void page_want(struct drift_view *v, bool again)
{
	(void)again;
	report_show(v);
}

/* ---- head ------------------------------------------------------------------------------------------------- */

static bool current(const struct drift_view *v)
{
	const struct report_page *s = report_page(v);
	return s->shown && s->shown_id == drift_about(v)->report_id;
}

static void head_title(const struct drift_view *v, struct str *out)
{
	const struct report_page *s = report_page(v);
	const struct pulse_group *g = drift_group(v, drift_about(v)->group);
	const struct pulse_window *w = drift_window_of(g, drift_about(v)->report_id);
	if (g && w)
		str_addf(out, "%s · window %s · %zu of %zu", g->name, w->label, (size_t)(w - g->windows) + 1, g->n_windows);
	else
		str_addf(out, "%s", s->shown && *s->shown->name ? s->shown->name : "Report");
	if (!w && s->shown && s->shown_id)
		str_addf(out, " · report %lld", (long long)s->shown_id);
}

static void head_note(const struct drift_view *v, struct str *out)
{
	const struct report_page *s = report_page(v);
	char a[FMT_MAX], b[FMT_MAX];
	if (!current(v)) {
		str_add(out, s->err.code ? "not read" : "reading");
		return;
	}
	if (s->shown->n_ref > 0 && s->shown->n_cur > 0)
		str_addf(out, "%s rows against %s", fmt_count(a, (int64_t)s->shown->n_cur), fmt_count(b, (int64_t)s->shown->n_ref));
	if (strcmp(s->shown->mode, "mlyard") != 0)
		str_addf(out, "%srules of %s", out->len ? " · " : "", s->shown->mode);
}

static size_t watched(const struct report *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n_columns; i++)
		n += r->columns[i].watch && !r->columns[i].drifted;
	return n;
}

/* Verdict and counts at the right end; returns where they start. */
static int paint_counts(const struct report *r, const struct paint *p, int from)
{
	char text[160];
	size_t w = watched(r);
	int n = snprintf(text, sizeof text, "%s %s: %zu of %zu columns%s", drift_sign(p, r->drifted, strcmp(r->verdict, "watch") == 0), r->verdict, r->n_drifted, r->n_compared,
		r->drifted ? "" : " drifted");
	if (w)
		n += snprintf(text + n, sizeof text - (size_t)n, ", %zu to watch", w);
	int width = text_width(text, (size_t)n), x = p->r.w - width - 1;
	if (x <= from)
		return p->r.w;
	paint_text(p, x, 1, (struct pen){ (uint8_t)drift_role(r->drifted, strcmp(r->verdict, "watch") == 0), ROLE_TEXT, ATTR_BOLD }, text);
	return x;
}

static bool tab_has(const struct report *r, enum report_tab tab)
{
	return tab == TAB_QUALITY ? r->n_findings > 0 : tab == TAB_PERFORMANCE ? r->performance.n_metrics > 0 : tab == TAB_JOINT ? r->n_joint > 0 : true;
}

static int tabs_width(void)
{
	int w = 1;
	for (int i = 0; i < TAB_COUNT; i++)
		w += (int)strlen(report_tab_names[i]) + 3;
	return w;
}

static void paint_tabs(struct report_page *s, const struct paint *p)
{
	int x = 0;
	bool all = tabs_width() <= p->r.w;
	for (int i = 0; i < TAB_COUNT; i++) {
		s->tab_x[i] = s->tab_x[i + 1] = x;
		if (!all && i != (int)s->tab)
			continue;
		bool here = i == (int)s->tab;
		struct pen pen = here ? PEN_ON(ROLE_TAB_ACTIVE, ROLE_TAB_ACTIVE) : PEN(tab_has(s->shown, (enum report_tab)i) ? ROLE_TEXT : ROLE_DIM);
		x = paint_text(p, x, 1, pen, " ");
		x = paint_text(p, x, 1, pen, report_tab_names[i]);
		x = paint_text(p, x, 1, pen, " ");
		s->tab_x[i + 1] = ++x;
	}
	paint_counts(s->shown, p, x);
}

/* ---- body ---------------------------------------------------------------------------------------------------- */

static void paint_beside(struct drift_view *v, struct paint *p)
{
	int w = p->r.w * 2 / 5;
	w = w < LIST_LEAST ? LIST_LEAST : w > LIST_MOST ? LIST_MOST : w;
	struct paint left = paint_sub(p, 0, 0, w, p->r.h), right = paint_sub(p, w + 1, 0, p->r.w - w - 1, p->r.h);
	report_list_paint(v, &left);
	report_feature_paint(v, &right);
	surface_hline(p->s, p->r, w, 0, 1, PEN(ROLE_RULE));
	surface_vline(p->s, p->r, w, 0, p->r.h, PEN(ROLE_RULE));
}

static void paint_stacked(struct drift_view *v, struct paint *p)
{
	int below = p->r.h >= DRAWER_FROM_H ? p->r.h * 55 / 100 : 0;
	struct paint top = paint_sub(p, 0, 0, p->r.w, p->r.h - below), low = paint_sub(p, 0, p->r.h - below, p->r.w, below);
	report_list_paint(v, &top);
	if (below)
		report_feature_paint(v, &low);
}

static void paint_features(struct drift_view *v, struct paint *p)
{
	struct report_page *s = report_page(v);
	s->list_at = s->feature_at = (struct rect){ 0 };
	if (s->zoom && report_chosen(s))
		report_feature_paint(v, p);
	else if (p->r.w >= REPORT_WIDE)
		paint_beside(v, p);
	else
		paint_stacked(v, p);
}

static const struct leaf *tab_leaf(struct report_page *s)
{
	static struct leaf *(*const make[TAB_COUNT])(const struct report *r) = { [TAB_QUALITY] = report_quality_leaf, [TAB_PERFORMANCE] = report_performance_leaf,
		[TAB_JOINT] = report_joint_leaf, [TAB_ABOUT] = report_about_leaf };
	if (s->leaf_of[s->tab] != s->shown) {
		leaf_free(s->leaf[s->tab]);
		s->leaf[s->tab] = make[s->tab](s->shown);
		s->leaf_of[s->tab] = s->shown;
	}
	return s->leaf[s->tab];
}

/* On a wide screen, what is too long for one column stands in two, parted between sections, if that is room enough for all of it. */
static bool paint_leaf_twice(const struct leaf *leaf, const struct paint *p)
{
	int w = (p->r.w - LEAF_GAP) / 2, h = p->r.h - 1;
	if (p->r.w < LEAF_TWICE_FROM || h < 1)
		return false;
	size_t room = (size_t)h, lines = leaf_lines(leaf, w), parted = leaf_section(leaf, w, room);
	if (!parted || lines - parted > room)
		return false;
	struct paint left = paint_sub(p, 0, 1, w, (int)parted < h ? (int)parted : h), right = paint_sub(p, w + LEAF_GAP, 1, w, h);
	leaf_paint(leaf, &left, 0);
	leaf_paint(leaf, &right, parted);
	return true;
}

static void paint_leaf(struct report_page *s, struct paint *p)
{
	const struct leaf *leaf = tab_leaf(s);
	size_t lines = leaf_lines(leaf, p->r.w), room = (size_t)(p->r.h > 1 ? p->r.h - 1 : 0), most = lines > room ? lines - room : 0;
	struct paint in = paint_sub(p, 0, 1, p->r.w, p->r.h - 1);
	struct str note = STR_INIT;
	s->page_h = in.r.h;
	if (most && paint_leaf_twice(leaf, p)) {
		s->top[s->tab] = 0;
		ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, report_tab_names[s->tab], NULL, p->focus);
		return;
	}
	s->top[s->tab] = s->top[s->tab] < most ? s->top[s->tab] : most;
	if (most)
		str_addf(&note, "%zu-%zu of %zu lines", s->top[s->tab] + 1, s->top[s->tab] + room, lines);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, report_tab_names[s->tab], note.p, p->focus);
	leaf_paint(leaf, &in, s->top[s->tab]);
	str_free(&note);
}

static void page_paint(struct drift_view *v, struct paint *p)
{
	struct report_page *s = report_page(v);
	struct str title = STR_INIT, note = STR_INIT;
	struct paint body = paint_sub(p, 0, HEAD_ROWS, p->r.w, p->r.h - HEAD_ROWS);
	const char *words[] = { s->err.code ? s->err.text : drift_about(v)->report_id ? "reading the report" : "there is no report here yet" };
	head_title(v, &title);
	head_note(v, &note);
	ui_rule(p, (struct rect){ p->r.x, p->r.y, p->r.w, 1 }, title.p, note.p, p->focus);
	if (!s->shown || (s->err.code && !current(v))) {
		ui_empty(v->ui, &body, words, 1);
	} else {
		paint_tabs(s, p);
		if (s->tab == TAB_FEATURES)
			paint_features(v, &body);
		else
			paint_leaf(s, &body);
	}
	str_free(&title);
	str_free(&note);
}

/* ---- moves ------------------------------------------------------------------------------------------------------- */

void report_follow(struct drift_view *v)
{
	struct report_page *s = report_page(v);
	const struct report_column *c = report_chosen(s);
	if (!c || (s->column && strcmp(s->column, c->name) == 0))
		return;
	free(s->column);
	s->column = mem_strdup(c->name);
	s->top[TAB_FEATURES] = 0;
	report_uses_want(v);
}

static void page_move(struct drift_view *v, enum drift_move m)
{
	struct report_page *s = report_page(v);
	if (m >= DRIFT_LEFT) {
		if (!report_step(v, m == DRIFT_LEFT ? -1 : 1))
			ui_message(v->ui, ST_OK, "%s", m == DRIFT_LEFT ? "this is the oldest window that has a report" : "this is the newest window that has a report");
	} else if (!s->shown) {
		return;
	} else if (s->tab != TAB_FEATURES) {
		long to = (long)s->top[s->tab] + drift_rows_of(m, s->page_h, leaf_lines(tab_leaf(s), v->area.w));
		s->top[s->tab] = to < 0 ? 0 : (size_t)to;
	} else if (s->zoom) {
		report_feature_scroll(s, m);
	} else {
		table_move(&s->list, drift_rows_of(m, s->list.page, s->list.n_rows));
		report_follow(v);
	}
}

static enum status page_enter(struct drift_view *v, struct err *e)
{
	struct report_page *s = report_page(v);
	if (s->tab != TAB_FEATURES)
		return ST_OK;
	if (!report_chosen(s))
		return err_set(e, ST_REFUSED, "no feature is chosen");
	s->zoom = !s->zoom;
	return ST_OK;
}

static bool page_leave(struct drift_view *v)
{
	struct report_page *s = report_page(v);
	if (s->zoom && s->tab == TAB_FEATURES) {
		s->zoom = false;
		return true;
	}
	if (s->filter && *s->filter) {
		drift_page_report.filter(v, "");
		return true;
	}
	return false;
}

static void page_filter(struct drift_view *v, const char *text)
{
	struct report_page *s = report_page(v);
	char *copy = mem_strdup(text);
	free(s->filter);
	s->filter = copy;
	report_list_sort(s);
	report_follow(v);
}

static void page_mouse(struct drift_view *v, const struct event *ev, int x, int y)
{
	struct report_page *s = report_page(v);
	int ax = x + v->area.x, ay = y + v->area.y, col;
	bool in_list = s->tab == TAB_FEATURES && rect_has(s->list_at, ax, ay);
	if (!s->shown)
		return;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN) {
		if (in_list || s->tab != TAB_FEATURES || s->zoom)
			page_move(v, ev->mouse == MOUSE_WHEEL_UP ? DRIFT_UP : DRIFT_DOWN);
		else
			report_feature_scroll(s, ev->mouse == MOUSE_WHEEL_UP ? DRIFT_UP : DRIFT_DOWN);
		return;
	}
	for (int i = 0; ev->mouse == MOUSE_PRESS && y == 1 && i < TAB_COUNT; i++)
		if (x >= s->tab_x[i] && x < s->tab_x[i + 1])
			s->tab = (enum report_tab)i;
	if (ev->mouse != MOUSE_PRESS || !in_list)
		return;
	long row = table_hit(&s->list, ax - s->list_at.x, ay - s->list_at.y, &col);
	if (row >= 0) {
		table_to(&s->list, (size_t)row);
		report_follow(v);
	}
}

/* ---- what it says of itself ------------------------------------------------------------------------------------------ */

static void page_model(const struct drift_view *v, struct str *out)
{
	const struct report_page *s = report_page(v);
	const struct report_column *c = report_chosen(s);
	str_addf(out, "shown: %lld\ntab: %s\npicture: %s\norder: %s\nzoom: %s\n", (long long)s->shown_id, report_tab_names[s->tab], report_picture_names[s->picture], report_order_names[s->order], s->zoom ? "yes" : "no");
	str_addf(out, "kept:");
	for (int i = 0; i < REPORT_KEPT; i++)
		if (s->kept[i].id)
			str_addf(out, " %lld", (long long)s->kept[i].id);
	str_addc(out, '\n');
	if (!s->shown)
		return;
	str_addf(out, "verdict: %s\nrows: %zu\nfilter: %s\nonly drifted: %s\n", s->shown->verdict, s->list.n_rows, s->filter ? s->filter : "", s->only ? "yes" : "no");
	if (c)
		str_addf(out, "feature: %s %s\n", c->name, report_verdict_words(c));
	for (size_t i = 0; c && s->uses.column && strcmp(s->uses.column, c->name) == 0 && i < s->uses.n; i++)
		str_addf(out, "used by: v%lld\n", (long long)s->uses.at[i].version);
}

static const char *page_hints(const struct drift_view *v)
{
	const struct report_page *s = report_page(v);
	if (!s->shown)
		return "cancel back; help help; palette command; quit quit";
	if (s->tab != TAB_FEATURES)
		return "report.tab tab; list.left older; list.right newer; report.export export; cancel back; help help; palette command";
	if (s->zoom)
		return "list.left older; list.right newer; report.histogram histogram; report.ecdf ecdf; report.qq q-q; report.quantiles quantiles; report.tab tab; cancel back; help help";
	const struct pulse_group *g = drift_group(v, drift_about(v)->group);
	if (g && g->monitor_id)
		return "list.left older; list.right newer; drift.open feature; report.ecdf ecdf; report.qq q-q; report.tab tab; drift.ack acknowledge; drift.baseline baseline; report.export export; help help; report.sort sort; drift.filter filter";
	return "list.left older; list.right newer; drift.open feature; report.ecdf ecdf; report.qq q-q; report.tab tab; report.export export; report.sort sort; drift.filter filter; help help";
}

const struct drift_page drift_page_report = { .id = "report", .context = "drift.report", .open = page_open, .close = page_close, .want = page_want,
	.paint = page_paint, .model = page_model, .hints = page_hints, .move = page_move, .enter = page_enter, .leave = page_leave, .filter = page_filter, .mouse = page_mouse };
