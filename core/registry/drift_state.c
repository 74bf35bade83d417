/* What drift reports say of a version: of every monitor (and every series of reports) the newest verdict, of those the worst. */
#include <inttypes.h>
#include <string.h>

#include "core/registry/models.h"
#include "core/registry/models_impl.h"
#include "core/registry/regsql.h"

int reg_drift_badness(const char *verdict)
{
	static const char *const verdicts[] = { "stable", "watch", "drifted" };
	int i = 0;
	while (i < 3 && strcmp(verdicts[i], verdict) != 0)
		i++;
	return i;
}

enum status version_drift(struct store *s, struct arena *a, int64_t model_id, int64_t version, struct reg_drift *out, struct err *e)
{
	int worst = -1;
	*out = (struct reg_drift){ .verdict = "", .monitor = "", .report = "" };
	/* One run of a monitor may look at many windows at one moment: of these the last that was written is the newest. */
	sqlite3_stmt *q = reg_query(s, e, "SELECT verdict, monitor, ms, report FROM (SELECT verdict, monitor, ms, report, row_number() OVER (PARTITION BY monitor ORDER BY ms DESC, id DESC) AS age"
		" FROM drift_verdict WHERE model = (SELECT name FROM model WHERE id = ?1) AND version IN (0, ?2)) WHERE age = 1 ORDER BY monitor", "ii", model_id, version);
	if (!q)
		return ST_FAILED;
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *verdict = reg_cell(a, q, 0);
		if (reg_drift_badness(verdict) <= worst)
			continue;
		worst = reg_drift_badness(verdict);
		*out = (struct reg_drift){ verdict, reg_cell(a, q, 1), reg_cell(a, q, 3), sqlite3_column_int64(q, 2) };
	}
	return reg_end(s, q, e);
}
