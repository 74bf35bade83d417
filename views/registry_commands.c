/* Every action of the Registry view: names, words, arguments, and why not. The functions are beside what they change. */
#include "views/registry_commands.h"

#include "views/registry_acts.h"

#define ROW(n, fn, words) .name = n, .help = words, .where = "registry", .run = registry_cmd_##fn
#define LIST(n, i, words) { ROW("list." n, list, words), .flags = CMD_REPEAT, .arg = i }

const struct cmd registry_cmds[] = {
	LIST("down", REG_DOWN, "Go one card or row down"), LIST("up", REG_UP, "Go one card or row up"), LIST("page-down", REG_PAGE_DOWN, "Go a page down"),
	LIST("page-up", REG_PAGE_UP, "Go a page up"), LIST("half-down", REG_HALF_DOWN, "Go half a page down"), LIST("half-up", REG_HALF_UP, "Go half a page up"),
	LIST("top", REG_TOP, "Go to the first card or row"), LIST("bottom", REG_BOTTOM, "Go to the last card or row"),
	LIST("left", REG_LEFT, "Go a lane to the left"), LIST("right", REG_RIGHT, "Go a lane to the right"),
	{ ROW("cancel", cancel, "Go one step back: drawer, zoom, page") },

	{ ROW("pane.next", pane_step, "Go to the models, and back") },
	{ ROW("pane.prev", pane_step, "Go to the models, and back") },
	{ ROW("pane.zoom", pane_zoom, "Let this page fill the view, or put the models back") },
	{ ROW("pane.grow", pane_grow, "Make this pane larger"), .flags = CMD_REPEAT, .arg = 1 },
	{ ROW("pane.shrink", pane_grow, "Make this pane smaller"), .flags = CMD_REPEAT, .arg = -1 },
	{ ROW("pane.toggle", pane_toggle, "Show or fold the models"), .args = "[models]", .max_args = 1 },

	{ ROW("registry.open", open, "Open what is under the cursor") },
	{ ROW("registry.model", model, "Show the board of a model"), .args = "NAME", .min_args = 1, .max_args = 1, .complete = registry_complete_model },
	{ ROW("registry.by-alias", by_alias, "Lanes by alias, or by stage") },
	{ ROW("registry.requests", page, "Show the requests of all models, and go back"), .arg = PAGE_requests },
	{ ROW("registry.run", run, "Go to the run that made the version"), .why_not = registry_why_no_run },

	{ ROW("registry.promote", promote, "Open the promotion sheet: to the next lane, or to the one named"), .args = "[LANE]", .max_args = 1, .arg = 1,
		.complete = registry_complete_lane, .why_not = registry_why_no_card },
	{ ROW("registry.promote-to", promote_to, "Choose a lane to move the version to"), .why_not = registry_why_no_card },
	{ ROW("registry.back", promote, "Open the sheet for the lane before"), .arg = -1, .why_not = registry_why_no_back },
	{ ROW("registry.tick", tick, "Tick the item of the checklist, or take the tick off"), .why_not = registry_why_no_sheet },
	{ ROW("registry.reason", reason, "Write the reason of the move"), .args = "[TEXT]", .max_args = 1, .why_not = registry_why_no_sheet },
	{ ROW("registry.request", request, "Ask others to approve the move"), .args = "[REASON]", .max_args = 1, .flags = CMD_WRITE, .why_not = registry_why_no_change },
	{ ROW("registry.approve", on_request, "Approve the request, signed with your key"), .args = "[COMMENT]", .max_args = 1, .flags = CMD_WRITE, .arg = DEED_APPROVE,
		.why_not = registry_why_no_request },
	{ ROW("registry.reject", on_request, "Reject the request, signed with your key"), .args = "[COMMENT]", .max_args = 1, .flags = CMD_WRITE, .arg = DEED_REJECT,
		.why_not = registry_why_no_request },
	{ ROW("registry.comment", on_request, "Say something about the request"), .args = "[TEXT]", .max_args = 1, .flags = CMD_WRITE, .arg = DEED_COMMENT,
		.why_not = registry_why_no_request },
	{ ROW("registry.withdraw", on_request, "Take your request back"), .args = "[REASON]", .max_args = 1, .flags = CMD_WRITE, .arg = DEED_WITHDRAW,
		.why_not = registry_why_no_request },
	{ ROW("registry.rollback", rollback, "Put the version back that held the lane before"), .args = "[LANE [REASON]]", .max_args = 2, .flags = CMD_WRITE,
		.complete = registry_complete_lane, .why_not = registry_why_no_rollback },
	{ ROW("registry.alias", words, "Give the version an alias, or take it away"), .args = "[NAME [none]]", .max_args = 2, .flags = CMD_WRITE, .arg = DEED_ALIAS,
		.why_not = registry_why_no_change },
	{ ROW("registry.tag", words, "Set a tag of the version; without a value take it away"), .args = "[KEY [VALUE]]", .max_args = 2, .flags = CMD_WRITE, .arg = DEED_TAG,
		.why_not = registry_why_no_change },
	{ ROW("registry.describe", describe, "Describe the version"), .args = "[TEXT]", .max_args = 1, .flags = CMD_WRITE, .why_not = registry_why_no_change },
	{ ROW("registry.digest", digest, "Compute the digest of the version's files, in the background"), .flags = CMD_WRITE, .why_not = registry_why_no_version },
	{ ROW("registry.delete", delete, "Delete the version; its number is never used again"), .args = "[REASON]", .max_args = 1, .flags = CMD_DANGER, .why_not = registry_why_no_change },
	{ ROW("registry.timeline", page, "Show which version held what when, and go back"), .arg = PAGE_timeline, .why_not = registry_why_no_model },
	{ ROW("timeline.at", time_at, "Go to a date: what was in Production then"), .args = "[WHEN...]", .max_args = 3, .why_not = registry_why_no_timeline },
	{ ROW("timeline.back", time_step, "Go back a day, or a week where months are shown"), .flags = CMD_REPEAT, .arg = -1, .why_not = registry_why_no_timeline },
	{ ROW("timeline.on", time_step, "Go on a day, or a week where months are shown"), .flags = CMD_REPEAT, .arg = 1, .why_not = registry_why_no_timeline },
	{ ROW("timeline.start", time_end, "Go to the first that is known"), .arg = -1, .why_not = registry_why_no_timeline },
	{ ROW("timeline.end", time_end, "Go to now"), .arg = 1, .why_not = registry_why_no_timeline },
	{ ROW("timeline.zoom-in", time_zoom, "Show a shorter time, around the cursor"), .flags = CMD_REPEAT, .arg = 1, .why_not = registry_why_no_timeline },
	{ ROW("timeline.zoom-out", time_zoom, "Show a longer time"), .flags = CMD_REPEAT, .arg = -1, .why_not = registry_why_no_timeline },
	{ ROW("timeline.zoom-fit", time_zoom, "Show all of the time"), .why_not = registry_why_no_timeline },
	{ ROW("registry.audit", page, "Show the audit log, and go back"), .arg = PAGE_audit },
	{ ROW("audit.filter", audit_filter, "Narrow the log: model:NAME actor:NAME action:NAME since:WHEN until:WHEN words"), .args = "[TERM...]", .max_args = -1,
		.complete = registry_complete_audit, .why_not = registry_why_no_audit },
	{ ROW("audit.clear", audit_clear, "Show all records again"), .why_not = registry_why_no_audit },
	{ ROW("audit.model", audit_model, "Show only records about the chosen model, or all again"), .why_not = registry_why_no_audit },
	{ ROW("audit.verify", audit_verify, "Verify the chain of records, in the background"), .why_not = registry_why_no_audit },
	{ ROW("audit.proof", audit_proof, "Say what the verification proved and what it cannot prove"), .why_not = registry_why_no_audit },
	{ ROW("audit.export", audit_export, "Write the records to a new file, as JSON Lines"), .args = "[FILE]", .max_args = 1, .why_not = registry_why_no_audit },
	{ ROW("registry.refresh", refresh, "Read everything anew") },
};
_Static_assert(sizeof registry_cmds / sizeof registry_cmds[0] == REGISTRY_CMDS, "REGISTRY_CMDS counts these rows");
