/* verbs_monitor -- what the files of the commands of monitors and alerts share. */
#ifndef MLYARD_DRIFT_VERBS_MONITOR_H
#define MLYARD_DRIFT_VERBS_MONITOR_H
#include "core/drift/monitor_store.h"
#include "core/drift/outbox.h"
#include "core/drift/verbs_impl.h"

DRIFT_VERB(verb_monitor_add); DRIFT_VERB(verb_monitor_list); DRIFT_VERB(verb_monitor_show); DRIFT_VERB(verb_monitor_check); DRIFT_VERB(verb_monitor_example);
DRIFT_VERB(verb_monitor_run); DRIFT_VERB(verb_monitor_watch); DRIFT_VERB(verb_monitor_ack); DRIFT_VERB(verb_monitor_silence); DRIFT_VERB(verb_monitor_remove); DRIFT_VERB(verb_monitor_baseline);
DRIFT_VERB(verb_alerts_list); DRIFT_VERB(verb_alerts_show); DRIFT_VERB(verb_alerts_ack); DRIFT_VERB(verb_alerts_retry);
/* The monitor that argument i names, and a connection to ask more (store_put it, whatever comes back). */
enum status verb_monitor(struct workspace *ws, const struct verb_args *a, int i, struct store **s, int64_t *id, struct err *e);
void moment_cell(struct out_table *t, int64_t ms);
void alert_table(struct out *o, const struct alert_rows *rows, bool with_monitor);
void alert_json(struct jsonw *w, const struct alert_row *r);
void verb_tell_acks(struct workspace *ws, struct out *o);
void verb_say_line(void *arg, const char *line);                          /* arg: struct out */
#endif
