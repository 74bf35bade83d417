/* Every action of the Drift view: names, words, arguments, and why not. The functions are beside what they change. */
#include "views/drift_commands.h"

#include "views/drift_internal.h"

#define ROW(n, fn, words) .name = n, .help = words, .where = "drift", .run = drift_cmd_##fn
#define LIST(n, i, words) { ROW("list." n, list, words), .flags = CMD_REPEAT, .arg = i }

const struct cmd drift_cmds[] = {
	LIST("down", DRIFT_DOWN, "Go one row down"), LIST("up", DRIFT_UP, "Go one row up"), LIST("page-down", DRIFT_PAGE_DOWN, "Go a page down"),
	LIST("page-up", DRIFT_PAGE_UP, "Go a page up"), LIST("half-down", DRIFT_HALF_DOWN, "Go half a page down"), LIST("half-up", DRIFT_HALF_UP, "Go half a page up"),
	LIST("top", DRIFT_TOP, "Go to the first row"), LIST("bottom", DRIFT_BOTTOM, "Go to the last row"),
	LIST("left", DRIFT_LEFT, "Go to the window before"), LIST("right", DRIFT_RIGHT, "Go to the window after"),
	{ ROW("cancel", cancel, "Go one step back") },

	{ ROW("drift.open", open, "Open what is under the cursor") },
	{ ROW("drift.filter", filter, "Show only what has these letters in its name"), .args = "[TEXT]", .max_args = 1, .why_not = drift_why_no_filter },
	{ ROW("drift.filter-clear", filter_clear, "Show everything again"), .why_not = drift_why_no_filter },
	{ ROW("drift.alerts", page, "Show the alerts of all monitors, and go back"), .arg = DRIFT_PAGE_alerts },
	{ ROW("drift.reports", page, "Show all stored reports, and go back"), .arg = DRIFT_PAGE_reports },
	/* the report page: rows of views/drift_report.c go here */
	{ ROW("drift.refresh", refresh, "Read everything anew") },
};
_Static_assert(sizeof drift_cmds / sizeof drift_cmds[0] == DRIFT_CMDS, "DRIFT_CMDS counts these rows");
