/* drift_acts -- what can be done from the Drift view: acts that change the workspace, asked for by commands, done by a task. */
#ifndef MLYARD_VIEWS_DRIFT_ACTS_H
#define MLYARD_VIEWS_DRIFT_ACTS_H
#include "views/drift_internal.h"

enum drift_act { DRIFT_ACT_ACK, DRIFT_ACT_SILENCE, DRIFT_ACT_BASELINE, DRIFT_ACT_RUN, DRIFT_ACT_ADD, DRIFT_ACT_REMOVE, DRIFT_ACT_DELETE };
void drift_acts_close(struct drift_view *v);
/* Asks `question`, then deletes them; ids are copied. */
void drift_delete_reports(struct drift_view *v, const int64_t *ids, size_t n, const char *question);
/* The open alert under the cursor of the alerts page; 0: none there, or another page. */
int64_t drift_alert_in_hand(const struct drift_view *v);
#endif
