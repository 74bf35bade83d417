/* What monitors and reports leave in a workspace, written by SQL from a stated process, so that expected values are known without running one.
 *
 *   churn-daily     model churn v2, drifted: 60 daily windows up to 2026-11-17, 14 columns. tenure_months drifts in the last 8 windows, ever more; plan in the last 3;
 *                   support_calls is watched in the last 5; region exists only from window 30 on. Window 20 had no data, 41 failed, 50 and 51 were not looked
 *                   at. One alert is open, one was acknowledged. The newest window has a real report with reasons.
 *   credit-weekly   26 weekly windows, stable, silenced for two more days
 *   uploads         files of a folder, in trouble: its newest window failed
 *   wine by hand    three reports without a monitor
 */
#ifndef MLYARD_TESTS_PULSE_FIXTURE_H
#define MLYARD_TESTS_PULSE_FIXTURE_H
#include "tests/unit/runs_fixture.h"

enum { PULSE_CHURN_COLUMNS = 14, PULSE_CHURN_WINDOWS = 60 };
void pulse_fill(struct fixture *f);
/* One monitor of so many columns and daily windows, for figures. */
void pulse_fill_large(struct fixture *f, int columns, int windows);
#endif
