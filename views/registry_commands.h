/* registry_commands -- the functions behind the command table of the Registry view, each beside what it changes. */
#ifndef MLYARD_VIEWS_REGISTRY_COMMANDS_H
#define MLYARD_VIEWS_REGISTRY_COMMANDS_H
#include "core/base/cmd.h"
#define REGISTRY_CMD(name) enum status registry_cmd_##name(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
enum { REGISTRY_CMDS = 21 };
extern const struct cmd registry_cmds[REGISTRY_CMDS];

REGISTRY_CMD(list); REGISTRY_CMD(open); REGISTRY_CMD(cancel); REGISTRY_CMD(page); REGISTRY_CMD(model); REGISTRY_CMD(refresh);
REGISTRY_CMD(pane_step); REGISTRY_CMD(pane_zoom); REGISTRY_CMD(pane_grow); REGISTRY_CMD(pane_toggle);
REGISTRY_CMD(by_alias);

void registry_complete_model(struct cmd_ctx *c, int index, const char *word, struct str *out);
const char *registry_why_no_model(const struct cmd_ctx *c);
const char *registry_why_no_version(const struct cmd_ctx *c);
#endif
