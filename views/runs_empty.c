/* The run table without rows: what is missing, why, and what to do about it. */
#include "views/runs_internal.h"

#include <string.h>

#include "core/base/notice.h"
#include "core/base/text.h"

enum { NOTICES = 3, NOTICE_W = 76 };

static void middle(const struct paint *p, int y, struct pen pen, const char *text)
{
	int w = text_width(text, strlen(text)), x = (p->r.w - w) / 2;
	paint_text(p, x > 1 ? x : 1, y, pen, text);
}

/* What is empty, then what to do about it: those lines start at one column, so that commands stand below each other. */
static void empty_lines(const struct runs_view *v, const struct paint *p, int y, const char *const *lines, size_t n)
{
	int widest = 0;
	for (size_t i = 1; i < n; i++) {
		const char *text = runs_words(v, lines[i]);
		int w = text_width(text, strlen(text));
		widest = w > widest ? w : widest;
	}
	int x = widest < p->r.w - 2 ? (p->r.w - widest) / 2 : 1;
	y = y > 0 ? y : 0;
	middle(p, y, PEN(ROLE_TEXT), lines[0]);
	for (size_t i = 1; i < n; i++)
		paint_text(p, x, y + (int)i, PEN(ROLE_DIM), runs_words(v, lines[i]));
}

static int centered(const struct paint *p, int rows)
{
	return rows < p->r.h ? (p->r.h - rows) / 2 : 0;
}

/* The newest notices in full, from row y on, or only counted; returns how many rows they take. */
static int notice_rows(const struct paint *p, int y, bool paint)
{
	struct notice *list;
	size_t count = notice_list(&list);
	int w = p->r.w - 2 < NOTICE_W ? p->r.w - 2 : NOTICE_W, x = (p->r.w - w) / 2, rows = 0;
	for (size_t i = 0; i < count && i < NOTICES; i++) {
		struct str text = STR_INIT;
		text_clean(&text, list[i].text, strlen(list[i].text), 0);
		for (const char *at = text.p, *end = at + text.len, *cut; w > 0 && at < end; at = cut + (*cut == ' '), rows++) {
			cut = runs_wrap(at, end, w);
			if (paint && y + rows < p->r.h)
				paint_field(p, x, y + rows, w, -1, PEN(list[i].level == NOTICE_BAD ? ROLE_BAD : ROLE_WARN), at, (size_t)(cut - at));
		}
		str_free(&text);
	}
	notice_list_free(list, count);
	return rows;
}

/* A source that could not be read leaves nothing else to see: say why here, not only in the corner. */
static void paint_nothing(const struct runs_view *v, const struct paint *p)
{
	static const char *const lines[] = { "No runs in this workspace yet.", "", "mlyard PATH     opens an MLflow database or an mlruns folder",
		"mlyard import   brings one into this workspace", "mlyard demo     shows a store of 82 real runs" };
	int n = p->r.w > 64 ? 5 : 1, rows = notice_rows(p, 0, false), gap = rows ? 1 : 0, y = centered(p, rows + gap + n);
	notice_rows(p, y, true);
	empty_lines(v, p, y + rows + gap, lines, (size_t)n);
}

void empty_paint(struct runs_view *v, const struct paint *p)
{
	static const char *const none_here[] = { "No runs in this experiment.", "", "{pane.prev} goes to the others, {runs.deleted} shows deleted runs" };
	static const char *const none_folded[] = { "No runs in this experiment.", "", "{pane.toggle experiments} shows the others, {runs.deleted} the deleted runs" };
	struct placed at;
	const char *filtered[] = { "No run matches the filter.", "", "{runs.filter-clear} clears it, {runs.filter} changes it", NULL };
	if (!v->loaded) {
		bool broken = v->load_err.code != ST_OK && v->load_err.text[0];
		if (broken || v->slow)
			middle(p, p->r.h / 2, PEN(broken ? ROLE_BAD : ROLE_DIM), broken ? v->load_err.text : "reading the runs");
		return;
	}
	struct task_info task;
	if (!v->ask.filter[0] && tasks_list(ui_tasks(v->ui), &task, 1) && task.state <= TASK_RUNNING) {
		middle(p, p->r.h / 2, PEN(ROLE_DIM), task.title);
		return;
	}
	filtered[3] = v->tab.snap ? runs_snap_filter_note(v->tab.snap) : "";
	if (!v->exps.list || !v->exps.list->n)
		paint_nothing(v, p);
	else if (*v->ask.filter)
		empty_lines(v, p, centered(p, 4), filtered, 4);
	else
		empty_lines(v, p, centered(p, 3), panes_has(v, PANE_EXPERIMENTS, &at) ? none_here : none_folded, 3);
}
