/* audit_clock -- one clock that was far ahead, and how registry time comes back from it.
 *
 * Trouble   registry time is never before the latest record, so that turning a clock back revives no approval and ends no freeze (change.h). A machine whose
 *           clock is a year ahead writes one record, and for a year nothing ages and nothing expires, for everybody.
 * Rule      nobody can tell by himself whether the others were ahead or he is behind. So registry time follows the record, and what is more than
 *           AUDIT_AHEAD_MS ahead of this machine's clock is a finding of doctor and of audit verify, until an admin says which clock is
 *           right. That is a record of its own ("audit.acknowledge" of object "clock"), written with the admin's clock: from then on only it and
 *           what follows it hold registry time up.
 * Cost      the latest record is found through the index by time; records before an acknowledgement that are ahead of it are stepped over.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/base/text.h"
#include "core/registry/audit_impl.h"
#include "core/registry/change.h"
#include "core/registry/regsql.h"

enum status audit_latest(struct store *s, int64_t *seq, int64_t *ms, struct err *e)
{
	int64_t accepted;
	*seq = *ms = 0;
	enum status st = reg_int(s, e, 0, &accepted, "SELECT max(seq) FROM audit WHERE object = 'clock' AND action = 'audit.acknowledge'", "");
	sqlite3_stmt *q = st == ST_OK ? reg_query(s, e, "SELECT seq, ms FROM audit WHERE seq >= ? ORDER BY ms DESC LIMIT 1", "i", accepted) : NULL;
	if (!q)
		return st == ST_OK ? ST_FAILED : st;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		*seq = sqlite3_column_int64(q, 0);
		*ms = sqlite3_column_int64(q, 1);
	}
	return reg_done(s, q, rc, e);
}

static enum status who_wrote(struct store *s, int64_t seq, struct str *out, struct err *e)
{
	char *actor;
	enum status st = reg_text(s, e, &actor, "SELECT actor FROM audit WHERE seq = ?", "i", seq);
	if (actor)
		text_clean(out, actor, strlen(actor), 0);
	free(actor);
	return st;
}

enum status audit_clock_check(struct store *s, int64_t *seq, struct err *e)
{
	int64_t ms, wall = clock_wall_ms();
	char date[FMT_MAX], ahead[FMT_MAX];
	struct str who = STR_INIT;
	enum status st = audit_latest(s, seq, &ms, e);
	if (st == ST_OK && ms - wall <= AUDIT_AHEAD_MS)
		*seq = 0;
	else if (st == ST_OK)
		st = who_wrote(s, *seq, &who, e);
	if (st == ST_OK && *seq)
		st = err_set(e, ST_CHECK, "record %lld, by %s, is dated %s, %s ahead of this machine's clock: until then nothing ages or expires here, for everybody. "
			"Where this clock is right, an admin says so: mlyard audit acknowledge --reason TEXT", (long long)*seq, who.p, fmt_time(date, ms), fmt_age(ahead, ms - wall));
	str_free(&who);
	return st;
}

static enum status record_clock(struct store *s, const struct actor *who, int64_t latest, const char *reason, struct err *e)
{
	char before[64], after[64];
	snprintf(before, sizeof before, "{\"ms\":%lld}", (long long)latest);
	snprintf(after, sizeof after, "{\"ms\":%lld}", (long long)clock_wall_ms());
	return audit_accept(s, who, "clock", before, after, reason, e);
}

enum status audit_clock_accept(struct store *s, const struct actor *who, const char *reason, struct err *e)
{
	int64_t seq, found, latest;
	enum status st = audit_clock_check(s, &found, e);
	if (st == ST_OK)
		return err_set(e, ST_REFUSED, "there is nothing to accept: the audit log holds all that was seen here, and no record is far ahead of this clock");
	if (st == ST_CHECK)
		st = audit_latest(s, &seq, &latest, e);
	return st == ST_OK ? record_clock(s, who, latest, reason, e) : st;
}
