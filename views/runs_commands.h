/* runs_commands -- the functions behind the command table of the Runs view, each beside what it changes. */
#ifndef MLYARD_VIEWS_RUNS_COMMANDS_H
#define MLYARD_VIEWS_RUNS_COMMANDS_H
#include "core/base/cmd.h"
#define RUNS_CMD(name) enum status runs_cmd_##name(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
RUNS_CMD(list); RUNS_CMD(open); RUNS_CMD(back); RUNS_CMD(goto);
RUNS_CMD(pane_step); RUNS_CMD(pane_zoom); RUNS_CMD(pane_grow); RUNS_CMD(pane_toggle); RUNS_CMD(pane_show);
RUNS_CMD(mark); RUNS_CMD(mark_range); RUNS_CMD(mark_invert); RUNS_CMD(mark_clear);
RUNS_CMD(filter); RUNS_CMD(filter_clear); RUNS_CMD(match);
RUNS_CMD(sort_column); RUNS_CMD(sort); RUNS_CMD(tree); RUNS_CMD(deleted); RUNS_CMD(refresh); RUNS_CMD(experiment);
RUNS_CMD(fold); RUNS_CMD(fold_all); RUNS_CMD(copy); RUNS_CMD(copy_row);
RUNS_CMD(columns); RUNS_CMD(column_add); RUNS_CMD(column_move); RUNS_CMD(column_width); RUNS_CMD(column_pin); RUNS_CMD(column_hide);
RUNS_CMD(chart_move); RUNS_CMD(chart_jump); RUNS_CMD(chart_zoom); RUNS_CMD(chart_fit); RUNS_CMD(chart_pan); RUNS_CMD(chart_log);
RUNS_CMD(chart_axis); RUNS_CMD(chart_smooth); RUNS_CMD(chart_metric); RUNS_CMD(chart_metric_step); RUNS_CMD(chart_grid); RUNS_CMD(drift);
RUNS_CMD(detail_section); RUNS_CMD(detail_open); RUNS_CMD(detail_find);

void runs_complete_pane(struct cmd_ctx *c, int index, const char *word, struct str *out);
void runs_complete_experiment(struct cmd_ctx *c, int index, const char *word, struct str *out);
void runs_complete_column(struct cmd_ctx *c, int index, const char *word, struct str *out);
void runs_complete_order(struct cmd_ctx *c, int index, const char *word, struct str *out);
void runs_complete_metric(struct cmd_ctx *c, int index, const char *word, struct str *out);
const char *runs_why_no_filter(const struct cmd_ctx *c);
const char *runs_why_no_run(const struct cmd_ctx *c);
const char *runs_why_no_marks(const struct cmd_ctx *c);
const char *runs_why_no_mark(const struct cmd_ctx *c);
const char *runs_why_no_column(const struct cmd_ctx *c);
const char *runs_why_no_chart(const struct cmd_ctx *c);
const char *runs_why_no_children(const struct cmd_ctx *c);
const char *runs_why_no_detail(const struct cmd_ctx *c);
#endif
