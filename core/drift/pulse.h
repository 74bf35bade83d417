/* pulse -- features by windows: what monitors saw, and series of reports of one name, as heat maps and sparklines show it.
 *
 * Missing  a window that was not looked at, one whose source had nothing and one that failed differ from each other and from a severity of 0.
 * Cost     one pass over the narrow tables (drift_column); no document is unpacked.
 * Owns     everything in its arena; immutable, threads may share it.
 */
#ifndef MLYARD_DRIFT_PULSE_H
#define MLYARD_DRIFT_PULSE_H
#include "core/base/arena.h"
#include "core/store/store.h"

enum pulse_state { PULSE_NOT_RUN, PULSE_MISSING, PULSE_FAILED, PULSE_DONE };
struct pulse_window { const char *key, *label, *verdict, *why; int64_t first, last, ms, report_id; enum pulse_state state; double rows; };     /* label: short, for axes */
struct pulse_cell { float severity, effect; bool drifted, watch; uint8_t unit; };          /* unit: of effect, enum report_effect_unit. severity NaN: the window does not have the column */
struct pulse_row { const char *name, *type, *role; struct pulse_cell *cells; size_t n_drifted; float worst, last; };   /* cells: one a window, oldest first */
struct pulse_group {                             /* a monitor, or the reports of one name about one model */
	int64_t monitor_id, version, silent_until_ms; const char *name, *model, *state, *baseline;   /* monitor_id 0: no monitor. state: as monitor_row, or the newest verdict */
	size_t alerts_open, alerts_acked;
	struct pulse_window *windows; size_t n_windows;
	struct pulse_row *rows; size_t n_rows;       /* in the order of the data; panes sort */
};
struct pulse { struct pulse_group *groups; size_t n; struct arena *arena; };   /* worst state first */
struct pulse_query { size_t most_windows; };     /* newest N of each; 0: 400 */
struct task;
enum status pulse_load(struct store *s, const struct pulse_query *q, struct task *t, struct pulse **out, struct err *e);
void pulse_free(struct pulse *p);
#endif
