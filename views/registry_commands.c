/* Every action of the Registry view: names, words, arguments, and why not. The functions are beside what they change. */
#include "views/registry_commands.h"

#include "views/registry_internal.h"

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
	{ ROW("registry.refresh", refresh, "Read everything anew") },
};
_Static_assert(sizeof registry_cmds / sizeof registry_cmds[0] == REGISTRY_CMDS, "REGISTRY_CMDS counts these rows");
