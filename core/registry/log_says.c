#include "core/registry/log_says.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/registry/regsql.h"

enum status log_doubts_request(struct store *s, struct arena *a, int64_t id, const char **why, struct err *e)
{
	char *words = NULL;
	enum status st = reg_text(s, e, &words, "SELECT" LOG_DOUBTS_REQUEST "FROM reg_request q JOIN model m ON m.id = q.model_id WHERE q.id = ?", "i", id);
	*why = st == ST_OK && words ? arena_strdup(a, words) : NULL;
	free(words);
	return st;
}

enum status log_doubts_policy(struct store *s, int64_t version, const unsigned char hash[POLICY_HASH], struct err *e)
{
	static const char cure[] = "another program edited it, and nothing is decided by it: see mlyard audit verify, and put a backup back";
	char hex[2 * POLICY_HASH + 1];
	int64_t newer, same = 1;
	enum status st = reg_int(s, e, 0, &newer, "SELECT seq FROM audit WHERE object = 'policy:' || (?1 + 1) AND action = 'policy.apply'", "i", version);
	if (st == ST_OK && newer)
		return err_set(e, ST_REFUSED, "policy %" PRId64 ", which record %" PRId64 " brought into force, is not in the workspace: %s", version + 1, newer, cure);
	sodium_bin2hex(hex, sizeof hex, hash, POLICY_HASH);
	if (st == ST_OK && version)
		st = reg_int(s, e, 0, &same, "SELECT count(*) FROM audit a JOIN reg_policy p ON p.seq = a.seq WHERE p.version = ?1 AND a.object = 'policy:' || ?1 AND a.action = 'policy.apply'"
			" AND CASE WHEN json_valid(a.after) THEN json_extract(a.after, '$.hash') END = ?2", "it", version, hex);
	return st == ST_OK && !same ? err_set(e, ST_REFUSED, "policy %" PRId64 " is not the text that its record brought into force: %s", version, cure) : st;
}
