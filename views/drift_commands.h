/* drift_commands -- the functions behind the command table of the Drift view, each beside what it changes. */
#ifndef MLYARD_VIEWS_DRIFT_COMMANDS_H
#define MLYARD_VIEWS_DRIFT_COMMANDS_H
#include "core/base/cmd.h"
#include "tui/event.h"
#include "tui/surface.h"
#define DRIFT_CMD(name) enum status drift_cmd_##name(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
enum { DRIFT_CMDS = 56 };
extern const struct cmd drift_cmds[DRIFT_CMDS];

DRIFT_CMD(list); DRIFT_CMD(open); DRIFT_CMD(cancel); DRIFT_CMD(page); DRIFT_CMD(filter); DRIFT_CMD(filter_clear); DRIFT_CMD(refresh);
DRIFT_CMD(pulse); DRIFT_CMD(model); DRIFT_CMD(sort); DRIFT_CMD(only); DRIFT_CMD(next_red); DRIFT_CMD(window); DRIFT_CMD(zoom); DRIFT_CMD(pane_step); DRIFT_CMD(pane_toggle);
DRIFT_CMD(board);
DRIFT_CMD(ack); DRIFT_CMD(silence); DRIFT_CMD(unsilence); DRIFT_CMD(baseline); DRIFT_CMD(run); DRIFT_CMD(add); DRIFT_CMD(remove);
DRIFT_CMD(mark); DRIFT_CMD(delete); DRIFT_CMD(compare);
DRIFT_CMD(report); DRIFT_CMD(report_tab); DRIFT_CMD(report_picture); DRIFT_CMD(report_sort); DRIFT_CMD(report_only); DRIFT_CMD(report_column); DRIFT_CMD(report_export);

const char *drift_why_no_report(const struct cmd_ctx *c);
void drift_complete_tab(struct cmd_ctx *c, int index, const char *word, struct str *out);
void drift_complete_order(struct cmd_ctx *c, int index, const char *word, struct str *out);
void drift_complete_column(struct cmd_ctx *c, int index, const char *word, struct str *out);
const char *drift_why_no_filter(const struct cmd_ctx *c);
const char *drift_why_no_monitor(const struct cmd_ctx *c);
const char *drift_why_no_reports(const struct cmd_ctx *c);
const char *drift_why_no_pulse(const struct cmd_ctx *c);
const char *drift_why_no_map(const struct cmd_ctx *c);
const char *drift_why_no_list(const struct cmd_ctx *c);
const char *drift_why_no_board(const struct cmd_ctx *c);
void drift_complete_group(struct cmd_ctx *c, int index, const char *word, struct str *out);
void drift_complete_model(struct cmd_ctx *c, int index, const char *word, struct str *out);
void drift_complete_sort(struct cmd_ctx *c, int index, const char *word, struct str *out);
void drift_mouse(void *view, const struct event *ev, struct rect r);
#endif
