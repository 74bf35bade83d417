/* Every action of the Runs view: names, words, arguments, and why not. The functions are beside what they change. */
#include "views/runs_commands.h"

#include "views/runs_internal.h"

#define ROW(n, fn, words) .name = n, .help = words, .where = "runs", .run = runs_cmd_##fn
#define LIST(n, i, words) { ROW("list." n, list, words), .flags = CMD_REPEAT, .arg = i }

const struct cmd runs_cmds[] = {
	LIST("down", 0, "Go one row down"), LIST("up", 1, "Go one row up"), LIST("page-down", 2, "Go a page down"), LIST("page-up", 3, "Go a page up"),
	LIST("half-down", 4, "Go half a page down"), LIST("half-up", 5, "Go half a page up"), LIST("top", 6, "Go to the first row"),
	LIST("bottom", 7, "Go to the last row"), LIST("left", 8, "Go a column to the left"), LIST("right", 9, "Go a column to the right"),
	{ ROW("cancel", back, "Go one step back: preview, drawer, crosshair, zoom, pane") },

	{ ROW("pane.next", pane_step, "Go to the next pane"), .arg = 1 },
	{ ROW("pane.prev", pane_step, "Go to the pane before"), .arg = -1 },
	{ ROW("pane.zoom", pane_zoom, "Let this pane fill the view, or put it back") },
	{ ROW("pane.grow", pane_grow, "Make this pane larger"), .args = "[width|height]", .max_args = 1, .flags = CMD_REPEAT, .arg = 1 },
	{ ROW("pane.shrink", pane_grow, "Make this pane smaller"), .args = "[width|height]", .max_args = 1, .flags = CMD_REPEAT, .arg = -1 },
	{ ROW("pane.toggle", pane_toggle, "Show or fold a pane"), .args = "experiments|detail|chart", .min_args = 1, .max_args = 1, .complete = runs_complete_pane },

	{ ROW("runs.open", open, "Open what is under the cursor") },
	{ ROW("runs.goto", goto, "Go to a run: by id, start of an id, or name"), .args = "RUN", .min_args = 1, .max_args = 1 },
	{ ROW("runs.detail", pane_show, "Go to the details of the run, and back"), .arg = PANE_DETAIL, .why_not = runs_why_no_run },
	{ ROW("runs.chart", pane_show, "Go to the charts, and back"), .arg = PANE_CHART },
	{ ROW("runs.experiment", experiment, "Show the runs of an experiment"), .args = "NAME|all", .min_args = 1, .max_args = 1, .complete = runs_complete_experiment },
	{ ROW("runs.refresh", refresh, "Read everything anew") },

	{ ROW("runs.mark", mark, "Mark the run for the charts, or the experiment to be shown too; again: unmark"), .flags = CMD_REPEAT, .why_not = runs_why_no_mark },
	{ ROW("runs.mark-range", mark_range, "Mark all runs between the one marked last and this one"), .why_not = runs_why_no_run },
	{ ROW("runs.mark-invert", mark_invert, "Mark what is not marked, and the other way round"), .why_not = runs_why_no_run },
	{ ROW("runs.mark-clear", mark_clear, "Take all marks away"), .why_not = runs_why_no_marks },

	{ ROW("runs.filter", filter, "Show only the runs that match"), .args = "[TERM...]", .max_args = -1 },
	{ ROW("runs.filter-clear", filter_clear, "Show all runs again"), .why_not = runs_why_no_filter },
	{ ROW("runs.next-match", match, "Go to the next match"), .arg = 1, .why_not = runs_why_no_run },
	{ ROW("runs.prev-match", match, "Go to the match before"), .arg = -1, .why_not = runs_why_no_run },
	{ ROW("runs.sort-column", sort_column, "Sort by the chosen column: best first, the other way, not at all"), .why_not = runs_why_no_run },
	{ ROW("runs.sort", sort, "Sort by columns"), .args = "[none|COLUMN[:asc|:desc]...]", .max_args = -1, .complete = runs_complete_order },
	{ ROW("runs.tree", tree, "Show nested runs under their parents, or all in one list") },
	{ ROW("runs.fold", fold, "Fold or open the runs inside this one"), .why_not = runs_why_no_children },
	{ ROW("runs.fold-all", fold_all, "Fold all nested runs, or open them"), .why_not = runs_why_no_run },
	{ ROW("runs.deleted", deleted, "Show deleted runs too, or hide them") },

	{ ROW("runs.columns", columns, "Choose the columns") },
	{ ROW("runs.column-add", column_add, "Add a column"), .args = "COLUMN", .min_args = 1, .max_args = 1, .complete = runs_complete_column },
	{ ROW("runs.column-left", column_move, "Move the column to the left"), .arg = -1, .why_not = runs_why_no_column },
	{ ROW("runs.column-right", column_move, "Move the column to the right"), .arg = 1, .why_not = runs_why_no_column },
	{ ROW("runs.column-wider", column_width, "Make the column wider"), .arg = 2, .flags = CMD_REPEAT, .why_not = runs_why_no_column },
	{ ROW("runs.column-narrower", column_width, "Make the column narrower"), .arg = -2, .flags = CMD_REPEAT, .why_not = runs_why_no_column },
	{ ROW("runs.column-pin", column_pin, "Keep the column in sight, or let it scroll"), .why_not = runs_why_no_column },
	{ ROW("runs.column-hide", column_hide, "Hide the column"), .why_not = runs_why_no_column },

	{ ROW("runs.copy", copy, "Copy the cell, or the run's id"), .why_not = runs_why_no_run },
	{ ROW("runs.copy-row", copy_row, "Copy the row"), .why_not = runs_why_no_run },

	{ ROW("chart.left", chart_move, "Move the crosshair to the left"), .arg = -1, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.right", chart_move, "Move the crosshair to the right"), .arg = 1, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.page-left", chart_move, "Move the crosshair far to the left"), .arg = -10, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.page-right", chart_move, "Move the crosshair far to the right"), .arg = 10, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.start", chart_jump, "Move the crosshair to the first point"), .arg = -1, .why_not = runs_why_no_chart },
	{ ROW("chart.end", chart_jump, "Move the crosshair to the last point"), .arg = 1, .why_not = runs_why_no_chart },
	{ ROW("chart.zoom-in", chart_zoom, "Look at half of the window"), .arg = 1, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.zoom-out", chart_zoom, "Look at twice the window"), .arg = -1, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.zoom-fit", chart_fit, "Look at all points"), .why_not = runs_why_no_chart },
	{ ROW("chart.pan-left", chart_pan, "Move the window to the left"), .arg = -1, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.pan-right", chart_pan, "Move the window to the right"), .arg = 1, .flags = CMD_REPEAT, .why_not = runs_why_no_chart },
	{ ROW("chart.log-y", chart_log, "Switch the value axis between linear and logarithmic"), .arg = 'y' },
	{ ROW("chart.log-x", chart_log, "Switch the step axis between linear and logarithmic"), .arg = 'x' },
	{ ROW("chart.axis", chart_axis, "Draw over steps, time since the start, or the clock"), .args = "[step|relative|wall]", .max_args = 1 },
	{ ROW("chart.smooth-more", chart_smooth, "Smooth the curves more"), .arg = 1 },
	{ ROW("chart.smooth-less", chart_smooth, "Smooth the curves less"), .arg = -1 },
	{ ROW("chart.metric", chart_metric, "Draw a metric"), .args = "KEY", .min_args = 1, .max_args = 1, .complete = runs_complete_metric, .why_not = runs_why_no_chart },
	{ ROW("chart.metric-next", chart_metric_step, "Draw the next metric"), .arg = 1, .why_not = runs_why_no_chart },
	{ ROW("chart.metric-prev", chart_metric_step, "Draw the metric before"), .arg = -1, .why_not = runs_why_no_chart },
	{ ROW("chart.grid", chart_grid, "Draw one chart, or as many as there is room for") },

	{ ROW("runs.drift", drift, "Mark where the curve of the run changes, as ADWIN and HDDM_A see it; again: not"), .why_not = runs_why_no_chart },

	{ ROW("detail.next-section", detail_section, "Go to the next section"), .args = "[back]", .max_args = 1, .why_not = runs_why_no_detail },
	{ ROW("detail.open", detail_open, "Show the whole value or file"), .why_not = runs_why_no_detail },
	{ ROW("detail.find", detail_find, "Search the details of the run"), .args = "[TEXT]", .max_args = 1, .why_not = runs_why_no_detail },
};
_Static_assert(sizeof runs_cmds / sizeof runs_cmds[0] == RUNS_CMDS, "RUNS_CMDS counts these rows");
