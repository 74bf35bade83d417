/* registry_commands -- the functions behind the command table of the Registry view, each beside what it changes. */
#ifndef MLYARD_VIEWS_REGISTRY_COMMANDS_H
#define MLYARD_VIEWS_REGISTRY_COMMANDS_H
#include "core/base/cmd.h"
#define REGISTRY_CMD(name) enum status registry_cmd_##name(struct cmd_ctx *c, int argc, char *const argv[], struct err *e)
enum { REGISTRY_CMDS = 71 };
extern const struct cmd registry_cmds[REGISTRY_CMDS];

REGISTRY_CMD(list); REGISTRY_CMD(open); REGISTRY_CMD(cancel); REGISTRY_CMD(page); REGISTRY_CMD(model); REGISTRY_CMD(refresh);
REGISTRY_CMD(pane_step); REGISTRY_CMD(pane_zoom); REGISTRY_CMD(pane_grow); REGISTRY_CMD(pane_toggle);
REGISTRY_CMD(by_alias);
REGISTRY_CMD(promote); REGISTRY_CMD(promote_to); REGISTRY_CMD(tick); REGISTRY_CMD(reason); REGISTRY_CMD(run); REGISTRY_CMD(drift);
REGISTRY_CMD(request); REGISTRY_CMD(rollback); REGISTRY_CMD(words); REGISTRY_CMD(describe); REGISTRY_CMD(delete); REGISTRY_CMD(on_request); REGISTRY_CMD(digest);
REGISTRY_CMD(time_at); REGISTRY_CMD(time_step); REGISTRY_CMD(time_end); REGISTRY_CMD(time_zoom);
REGISTRY_CMD(card); REGISTRY_CMD(card_edit); REGISTRY_CMD(card_walk); REGISTRY_CMD(compare); REGISTRY_CMD(mark); REGISTRY_CMD(find); REGISTRY_CMD(compare_only); REGISTRY_CMD(compare_swap); REGISTRY_CMD(lineage_fold);
REGISTRY_CMD(lineage_fold_all); REGISTRY_CMD(audit_filter); REGISTRY_CMD(audit_clear); REGISTRY_CMD(audit_model); REGISTRY_CMD(audit_verify); REGISTRY_CMD(audit_proof); REGISTRY_CMD(audit_export);

void registry_complete_model(struct cmd_ctx *c, int index, const char *word, struct str *out);
const char *registry_why_no_model(const struct cmd_ctx *c);
void registry_complete_lane(struct cmd_ctx *c, int index, const char *word, struct str *out);
const char *registry_why_no_card(const struct cmd_ctx *c);
const char *registry_why_no_back(const struct cmd_ctx *c);
const char *registry_why_no_sheet(const struct cmd_ctx *c);
const char *registry_why_no_change(const struct cmd_ctx *c);
const char *registry_why_no_rollback(const struct cmd_ctx *c);
const char *registry_why_no_request(const struct cmd_ctx *c);
const char *registry_why_no_run(const struct cmd_ctx *c);
const char *registry_why_no_version(const struct cmd_ctx *c);
const char *registry_why_no_timeline(const struct cmd_ctx *c);
const char *registry_why_no_audit(const struct cmd_ctx *c);
void registry_complete_audit(struct cmd_ctx *c, int index, const char *word, struct str *out);
const char *registry_why_no_find(const struct cmd_ctx *c);
const char *registry_why_no_compare(const struct cmd_ctx *c);
const char *registry_why_no_lineage(const struct cmd_ctx *c);
const char *registry_why_no_card_page(const struct cmd_ctx *c);
const char *registry_why_no_card_edit(const struct cmd_ctx *c);
#endif
