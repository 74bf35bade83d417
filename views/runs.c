/* The Runs view: its life, its whole picture, what it says of itself. The rooms are listed in runs_internal.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fmt.h"
#include "core/base/mem.h"
#include "views/runs_internal.h"

enum { FOLLOW_MS = 120 };
extern const struct view_class view_runs;

/* ---- life ----------------------------------------------------------------------------------------- */

static void *runs_open(struct ui *ui)
{
	struct runs_view *v = mem_zalloc(sizeof *v);
	v->ui = ui;
	v->ask.filter = mem_strdup("");
	v->ask.tree = ui_setting(ui, "runs.flat") == NULL;
	const char *kept = ui_setting(ui, "runs.experiment");
	v->ask.experiment = kept ? strtoll(kept, NULL, 10) : 0;
	v->exps.explicit = kept != NULL;
	str_init(&v->words);
	table_init(&v->tab.w);
	v->tab.w.show_marks = v->tab.w.show_head = true;
	v->tab.automatic = true;
	panes_init(v);
	chart_init(v);
	return v;
}

bool runs_menu_take(struct runs_view *v, size_t n)
{
	for (size_t i = 0; i < v->n_menu; i++)
		free(v->menu[i]);
	free(v->menu);
	v->menu = n ? mem_array(n, sizeof *v->menu) : NULL;
	if (n)
		memset(v->menu, 0, n * sizeof *v->menu);
	v->n_menu = n;
	return n > 0;
}

static void runs_close(void *view)
{
	struct runs_view *v = view;
	const int timers[] = { v->follow_timer, v->geometry_timer };
	for (size_t i = 0; i < 2; i++)
		if (timers[i])
			loop_cancel(ui_loop(v->ui), timers[i]);
	runs_load_done(v);
	table_free(v);
	detail_free(v);
	chart_free(v);
	free(v->marks.at);
	idset_free(&v->marks.set);
	runs_menu_take(v, 0);
	free(v->filter_before);
	str_free(&v->words);
	free(v);
}

static void runs_refresh(void *view, uint32_t topics)
{
	struct runs_view *v = view;
	if (!v->loaded) {
		if (!v->loading)
			runs_load(v, LOAD_EXPERIMENTS | LOAD_COLUMNS | LOAD_FIRST);
		return;
	}
	if (topics & (TOPIC_RUNS | TOPIC_METRICS)) {
		runs_reload(v);
		detail_want(v, true);
		chart_stale(v);
	}
}

void runs_setting_key(const struct runs_view *v, const char *what, char *buf, size_t n)
{
	ask_setting_key(&v->ask, what, buf, n);
}

/* "{runs.mark} marks one": the commands in braces become the keys that run them. */
const char *runs_words(const struct runs_view *view, const char *text)
{
	struct runs_view *v = (struct runs_view *)(uintptr_t)view;   /* only the buffer for words changes */
	str_clear(&v->words);
	ui_words(v->ui, text, &v->words);
	return v->words.p;
}

/* ---- the run under the cursor ------------------------------------------------------------------------ */

static void rested(void *arg)
{
	struct runs_view *v = arg;
	v->follow_timer = 0;
	v->chart_run = v->tab.cursor_id;
	detail_want(v, false);
	chart_want(v);
	ui_dirty(v->ui);
}

/* A held key moves the cursor only; what hangs on the run follows when it rests. The first run, and a terminal that nobody
 * watches (scripts), are followed at once. */
void runs_follow(struct runs_view *v)
{
	if (v->follow_timer)
		loop_cancel(ui_loop(v->ui), v->follow_timer);
	v->follow_timer = 0;
	if (!v->chart_run || term_fd(ui_term(v->ui)) < 0)
		rested(v);
	else
		v->follow_timer = loop_after(ui_loop(v->ui), FOLLOW_MS, rested, v);
}

/* ---- painting ------------------------------------------------------------------------------------------- */

static void pane_words(const struct runs_view *v, enum runs_pane id, struct str *title, struct str *note)
{
	char buf[FMT_MAX];
	switch (id) {
	case PANE_EXPERIMENTS:
		str_add(title, "Experiments");
		str_add(note, exps_note(v));
		break;
	case PANE_TABLE:
		table_title(v, title);
		str_add(note, v->slow ? "reading" : v->tab.snap && v->tab.w.n_rows ? runs_snap_filter_note(v->tab.snap) : "");
		break;
	case PANE_DETAIL:
		detail_title(v, title);
		break;
	case PANE_CHART:
		chart_title(v, title);
		if (v->chart.n_metrics > 1 && chart_visible(v) == 1 && !chart_is_bare(v))
			str_addf(note, "%zu of %s metrics", v->chart.first + 1, fmt_count(buf, (int64_t)v->chart.n_metrics));
		break;
	default:
		break;
	}
}

static void paint_pane(struct runs_view *v, struct paint *p, const struct placed *at)
{
	static void (*const paint[RUNS_PANES])(struct runs_view *, struct paint *) = { exps_paint, table_pane_paint, detail_paint, chart_pane_paint };
	struct str title = STR_INIT, note = STR_INIT;
	struct paint inner = *p;
	inner.r = at->r;
	inner.focus = p->focus && v->panes.focus == (enum runs_pane)at->id;
	pane_words(v, (enum runs_pane)at->id, &title, &note);
	if ((int)v->panes.drawer == at->id)
		panes_clear_drawer(v, p, at);
	ui_rule(p, at->title, title.p, note.len ? note.p : NULL, inner.focus);
	paint[at->id](v, &inner);
	str_free(&title);
	str_free(&note);
}

static void geometry_changed(void *arg)
{
	struct runs_view *v = arg;
	v->geometry_timer = 0;
	table_want_spark(v);
	if (!v->follow_timer)                        /* else the cursor is on its way: see runs_follow */
		detail_want(v, false);
	chart_want(v);
}

/* Painting asks nothing; but what it learned (how many charts, rows and columns there is room for) may ask for more, after it. */
static void note_geometry(struct runs_view *v)
{
	uint64_t sum = (uint64_t)(v->chart.shown * 31 + v->chart.plot_w) * 1000003u + (uint64_t)(v->tab.w.page * 31 + v->panes.n) + v->tab.w.top * 7;
	if (sum != v->geometry && !v->geometry_timer)
		v->geometry_timer = loop_after(ui_loop(v->ui), 0, geometry_changed, v);
	v->geometry = sum;
}

static void runs_paint(void *view, struct paint *p)
{
	struct runs_view *v = view;
	struct placed at;
	panes_place(v, p->r);
	if (v->det.picture) {
		preview_paint(v, p);
		return;
	}
	panes_paint_rules(v, p);                     /* first: the panes' own rules join them */
	for (int i = 0; i < v->panes.n; i++)
		paint_pane(v, p, &v->panes.at[i]);
	if (v->panes.drawer != PANE_NONE && panes_has(v, v->panes.drawer, &at))
		paint_pane(v, p, &at);
	note_geometry(v);
}

/* ---- words ------------------------------------------------------------------------------------------------- */

static void model_list(const struct runs_view *v, struct str *out)
{
	str_add(out, v->ask.n_order ? "sort:" : "sort: none");
	for (size_t i = 0; i < v->ask.n_order; i++)
		str_addf(out, " %s:%s", v->ask.order[i].spec, v->ask.order[i].desc ? "desc" : "asc");
	str_add(out, "\ncolumns:");
	for (size_t i = 0; i < v->tab.columns.n; i++)
		str_addf(out, " %s", v->tab.columns.at[i].spec);
	str_addf(out, "\nmarks: %zu", v->marks.n);
	for (size_t i = 0; i < v->marks.n && i < 20; i++) {
		int64_t at = v->tab.snap ? runs_snap_find(v->tab.snap, v->marks.at[i].id) : -1;
		str_addf(out, " %s", at >= 0 ? runs_snap_row(v->tab.snap, (size_t)at)->name : "(hidden)");
	}
	str_addc(out, '\n');
}

static void runs_model(const void *view, struct str *out)
{
	const struct runs_view *v = view;
	const struct run_row *r = table_cursor_run(v);
	const struct experiment *x = exps_find(v, v->ask.experiment);
	str_addf(out, "focus: %s\ndrawer: %s\nzoom: %s\n", pane_name(v->panes.focus), pane_name(v->panes.drawer), pane_name((enum runs_pane)v->panes.layout.zoom));
	str_addf(out, "experiment: %s\nrows: %zu\n", x ? x->name : "all", v->tab.w.n_rows);
	for (size_t i = 0; i < v->ask.several.n; i++)
		str_addf(out, "selected: %s\n", (x = exps_find(v, v->ask.several.at[i])) ? x->name : "?");
	if (v->tab.snap)
		str_addf(out, "matched: %zu\ntotal: %zu\n", runs_snap_matched(v->tab.snap), runs_snap_total(v->tab.snap));
	int col = table_column(v);
	str_addf(out, "cursor: %zu\nrun: %s\ncolumn: %s\nfilter: %s\n", v->tab.w.cursor, r ? (*r->name ? r->name : r->uuid) : "none",
		col >= 0 ? v->tab.columns.at[col].spec : "none", v->ask.filter);
	model_list(v, out);
	chart_model(v, out);
	if (v->det.run)
		str_addf(out, "detail: %s\nfiles: %zu\n", v->det.run->row.name, v->det.files ? v->det.files->n : 0);
	if (v->det.picture)
		str_addf(out, "picture: %s\n", v->det.picture_title);
}

static const char *runs_context(const void *view)
{
	static const char *const contexts[RUNS_PANES] = { "runs.experiments", "runs", "runs.detail", "runs.chart" };
	return contexts[((const struct runs_view *)view)->panes.focus];
}

static const char *runs_hints(const void *view)
{
	static const char *const by_pane[RUNS_PANES] = {
		"runs.mark select; runs.open runs; pane.next pane; runs.deleted deleted; pane.toggle experiments fold; help help; palette command; quit quit",
		"runs.mark mark; runs.filter filter; runs.sort-column sort; runs.columns columns; runs.open details; runs.chart charts; help help; pane.zoom zoom; palette command; quit quit",
		"detail.open open; detail.next-section section; detail.find find; runs.copy copy; cancel back; help help; pane.zoom zoom; palette command",
		"chart.left crosshair; chart.zoom-in zoom; chart.zoom-fit fit; chart.metric-next metric; cancel back; help help; chart.smooth-more smooth; chart.log-y log; chart.axis axis",
	};
	const struct runs_view *v = view;
	return v->det.picture ? "cancel back; help help" : by_pane[v->panes.focus];
}

const struct view_class view_runs = {
	.id = "runs", .title = "Runs", .topics = TOPIC_RUNS | TOPIC_METRICS | TOPIC_SOURCES | TOPIC_SETTINGS | TOPIC_CLOCK,
	.open = runs_open, .close = runs_close, .refresh = runs_refresh, .paint = runs_paint, .model = runs_model, .context = runs_context,
	.hints = runs_hints, .mouse = panes_mouse, .cmds = runs_cmds, .n_cmds = RUNS_CMDS,
};
