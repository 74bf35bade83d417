/* demo_monitors -- the demo's monitors: half a year of weeks, looked at by the real engine when the demo is first opened.
 *
 * Why      a pulse without history shows nothing. So a task behind the first screen adds the monitors of app/demo/served and runs them with the clock put to
 *          the end of one week after the other; one of the alerts that come of it is acknowledged.
 * Again    windows that were looked at are not looked at again, so a demo that was killed half-way goes on there; one that is done costs a query.
 */
#ifndef MLYARD_APP_DEMO_MONITORS_H
#define MLYARD_APP_DEMO_MONITORS_H
#include "core/workspace.h"
#include "views/ui.h"
struct demo_monitors;
/* Submits the task, if there is anything to do. */
struct demo_monitors *demo_monitors_new(struct ui *ui, struct workspace *ws, struct tasks *tasks);
void demo_monitors_stop(struct demo_monitors *d);            /* nothing is told to the interface any more; NULL: nothing to stop */
void demo_monitors_free(struct demo_monitors *d);            /* after the tasks have ended */
#endif
