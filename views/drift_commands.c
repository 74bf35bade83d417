/* Every action of the Drift view: names, words, arguments, and why not. The functions are beside what they change. */
#include "views/drift_commands.h"

#include "views/drift_report.h"

#define ROW(n, fn, words) .name = n, .help = words, .where = "drift", .run = drift_cmd_##fn
#define LIST(n, i, words) { ROW("list." n, list, words), .flags = CMD_REPEAT, .arg = i }

const struct cmd drift_cmds[] = {
	LIST("down", DRIFT_DOWN, "Go one row down"), LIST("up", DRIFT_UP, "Go one row up"), LIST("page-down", DRIFT_PAGE_DOWN, "Go a page down"),
	LIST("page-up", DRIFT_PAGE_UP, "Go a page up"), LIST("half-down", DRIFT_HALF_DOWN, "Go half a page down"), LIST("half-up", DRIFT_HALF_UP, "Go half a page up"),
	LIST("top", DRIFT_TOP, "Go to the first row"), LIST("bottom", DRIFT_BOTTOM, "Go to the last row"),
	LIST("left", DRIFT_LEFT, "Go to the window before"), LIST("right", DRIFT_RIGHT, "Go to the window after"),
	{ ROW("cancel", cancel, "Go one step back") },

	{ ROW("pane.next", pane_step, "Go to the list of monitors, and back"), .why_not = drift_why_no_list },
	{ ROW("pane.prev", pane_step, "Go to the list of monitors, and back"), .why_not = drift_why_no_list },
	{ ROW("pane.toggle", pane_toggle, "Show or fold the list of monitors"), .args = "[groups]", .max_args = 1, .why_not = drift_why_no_list },

	{ ROW("drift.pulse", pulse, "Show the pulse of all monitors, or of the one named"), .args = "[NAME]", .max_args = 1, .complete = drift_complete_group },
	{ ROW("drift.model", model, "Show the pulse of a model"), .args = "NAME", .min_args = 1, .max_args = 1, .complete = drift_complete_model },
	{ ROW("drift.open", open, "Open what is under the cursor") },
	{ ROW("drift.filter", filter, "Show only what has these letters in its name"), .args = "[TEXT]", .max_args = 1, .why_not = drift_why_no_filter },
	{ ROW("drift.filter-clear", filter_clear, "Show everything again"), .why_not = drift_why_no_filter },
	{ ROW("drift.sort", sort, "Sort columns by the next of worst, last, often, name, position, or the one named"), .args = "[ORDER]", .max_args = 1,
		.complete = drift_complete_sort, .why_not = drift_why_no_pulse },
	{ ROW("drift.only", only, "Show only what drifted, or everything"), .why_not = drift_why_no_pulse },
	{ ROW("drift.next-red", next_red, "Go to the next cell that drifted"), .flags = CMD_REPEAT, .arg = 1, .why_not = drift_why_no_map },
	{ ROW("drift.prev-red", next_red, "Go to the previous cell that drifted"), .flags = CMD_REPEAT, .arg = -1, .why_not = drift_why_no_map },
	{ ROW("drift.older", window, "Go a page of windows back"), .flags = CMD_REPEAT, .arg = 0, .why_not = drift_why_no_map },
	{ ROW("drift.newer", window, "Go a page of windows on"), .flags = CMD_REPEAT, .arg = 1, .why_not = drift_why_no_map },
	{ ROW("drift.oldest", window, "Go to the oldest window"), .arg = 2, .why_not = drift_why_no_map },
	{ ROW("drift.newest", window, "Go to the newest window"), .arg = 3, .why_not = drift_why_no_map },
	{ ROW("drift.zoom-in", zoom, "Show fewer windows, each wider"), .flags = CMD_REPEAT, .arg = 1, .why_not = drift_why_no_map },
	{ ROW("drift.zoom-out", zoom, "Show more windows, each narrower, then several a cell"), .flags = CMD_REPEAT, .arg = -1, .why_not = drift_why_no_map },
	{ ROW("drift.zoom-fit", zoom, "Show all windows, as they fit"), .why_not = drift_why_no_map },
	{ ROW("drift.board", board, "Open the model on the registry board"), .why_not = drift_why_no_board },
	{ ROW("drift.alerts", page, "Show the alerts of all monitors, and go back"), .arg = DRIFT_PAGE_alerts },
	{ ROW("drift.reports", page, "Show all stored reports, and go back"), .arg = DRIFT_PAGE_reports },
	{ ROW("drift.report", report, "Show a stored report: the newest, or the one with this number"), .args = "[NUMBER]", .max_args = 1 },
	{ ROW("report.tab", report_tab, "Go to the next part of the report, or to the one named"), .args = "[TAB]", .max_args = 1, .arg = 1, .complete = drift_complete_tab, .why_not = drift_why_no_report },
	{ ROW("report.tab-prev", report_tab, "Go to the part before"), .arg = -1, .why_not = drift_why_no_report },
	{ ROW("report.histogram", report_picture, "Draw the feature as histograms over each other"), .arg = PICTURE_HISTOGRAM, .why_not = drift_why_no_report },
	{ ROW("report.beside", report_picture, "Draw the histograms beside each other, or over each other again"), .arg = PICTURE_BESIDE, .why_not = drift_why_no_report },
	{ ROW("report.ecdf", report_picture, "Draw the distribution functions, or the histograms again"), .arg = PICTURE_ECDF, .why_not = drift_why_no_report },
	{ ROW("report.qq", report_picture, "Draw quantiles against quantiles, or the histograms again"), .arg = PICTURE_QQ, .why_not = drift_why_no_report },
	{ ROW("report.quantiles", report_picture, "Show the quantiles as a table, or the histograms again"), .arg = PICTURE_QUANTILES, .why_not = drift_why_no_report },
	{ ROW("report.sort", report_sort, "Order the features by severity, name or position"), .args = "[ORDER]", .max_args = 1, .complete = drift_complete_order, .why_not = drift_why_no_report },
	{ ROW("report.only", report_only, "Show only what drifted, or all features"), .why_not = drift_why_no_report },
	{ ROW("report.column", report_column, "Go to a feature by name"), .args = "NAME", .min_args = 1, .max_args = 1, .complete = drift_complete_column, .why_not = drift_why_no_report },
	{ ROW("report.export", report_export, "Write the report to a file: .html .md .json .csv"), .args = "[FILE]", .max_args = 1, .why_not = drift_why_no_report },
	{ ROW("drift.ack", ack, "Acknowledge the alert: it is yours now"), .args = "[NOTE]", .max_args = 1, .flags = CMD_WRITE, .why_not = drift_why_no_monitor },
	{ ROW("drift.silence", silence, "Let the monitor look, but tell nobody, until then"), .args = "[UNTIL [WHY]]", .max_args = 2, .flags = CMD_WRITE, .why_not = drift_why_no_monitor },
	{ ROW("drift.unsilence", unsilence, "Let the monitor tell again"), .flags = CMD_WRITE, .why_not = drift_why_no_monitor },
	{ ROW("drift.baseline", baseline, "Make the window the reference of later ones, or go back to the file's"), .args = "[file]", .max_args = 1, .flags = CMD_WRITE,
		.why_not = drift_why_no_monitor },
	{ ROW("drift.run", run, "Look at what is due, in the background"), .flags = CMD_WRITE, .why_not = drift_why_no_monitor },
	{ ROW("drift.add", add, "Add the monitor that a file describes, or take its changes over"), .args = "[FILE]", .max_args = 1, .flags = CMD_WRITE },
	{ ROW("drift.remove", remove, "Remove the monitor with its windows and alerts"), .flags = CMD_WRITE, .why_not = drift_why_no_monitor },
	{ ROW("drift.mark", mark, "Mark the report, or take the mark off"), .why_not = drift_why_no_reports },
	{ ROW("drift.compare", compare, "Compare the two marked reports, bin by bin"), .why_not = drift_why_no_reports },
	{ ROW("drift.delete", delete, "Delete the marked reports, or the one under the cursor"), .flags = CMD_WRITE, .why_not = drift_why_no_reports },
	{ ROW("drift.refresh", refresh, "Read everything anew") },
};
_Static_assert(sizeof drift_cmds / sizeof drift_cmds[0] == DRIFT_CMDS, "DRIFT_CMDS counts these rows");
