/* drift_commands -- the functions behind the command table of the Drift view, each beside what it changes. */
#ifndef MLYARD_VIEWS_DRIFT_COMMANDS_H
#define MLYARD_VIEWS_DRIFT_COMMANDS_H
#include "core/base/cmd.h"
#include "tui/event.h"
#include "tui/surface.h"
#define DRIFT_CMD(name) enum status drift_cmd_##name(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
enum { DRIFT_CMDS = 17 };
extern const struct cmd drift_cmds[DRIFT_CMDS];

DRIFT_CMD(list); DRIFT_CMD(open); DRIFT_CMD(cancel); DRIFT_CMD(page); DRIFT_CMD(filter); DRIFT_CMD(filter_clear); DRIFT_CMD(refresh);

const char *drift_why_no_filter(const struct cmd_ctx *c);
void drift_mouse(void *view, const struct event *ev, struct rect r);
#endif
