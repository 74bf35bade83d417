/* log_says -- decisions rest on rows that any program with the file can edit; before one is made, those rows are held against the records that made them.
 * So an edit is refused before it is used, and cannot be hidden by a regular move afterwards. */
#ifndef MLYARD_REGISTRY_LOG_SAYS_H
#define MLYARD_REGISTRY_LOG_SAYS_H
#include "core/base/arena.h"
#include "core/registry/policy.h"
#include "core/registry/regsql.h"
#include "core/store/store.h"

/* Why a request's row is not to be believed, in the arena; NULL: the log says the same. A closed row is not asked about. */
enum status log_doubts_request(struct store *s, struct arena *a, int64_t id, const char **why, struct err *e);
/* ST_REFUSED unless the newest policy (version, hash of its text; version 0: none) is the newest that a record brought into force. */
enum status log_doubts_policy(struct store *s, int64_t version, const unsigned char hash[POLICY_HASH], struct err *e);
/* ST_REFUSED unless the stages and aliases of a model are what the last records about them say (audit_state.c). */
enum status log_doubts_model(struct store *s, int64_t model_id, struct err *e);

/* Words of doubt about the request q of the model m, else NULL. */
#define LOG_DOUBTS_REQUEST \
	" CASE WHEN NOT EXISTS(SELECT 1 FROM audit a WHERE a.seq = q.seq AND a.action = 'request.open' AND a.object = 'request:' || q.id AND a.actor = q.requester AND a.uid = q.uid" \
	" AND a.key_id = q.key_id AND CASE WHEN json_valid(a.after) AND json_valid(q.checked) THEN json_extract(a.after, '$.model') = " REG_MODEL_NAME \
	" AND json_extract(a.after, '$.version') = q.version AND json_extract(a.after, '$.from') = q.from_stage AND json_extract(a.after, '$.to') = q.to_stage" \
	" AND json_extract(a.after, '$.expires_ms') = q.expires_ms AND json_extract(a.after, '$.checked') = json(q.checked) ELSE 0 END)" \
	" THEN 'request ' || q.id || ' is not what record ' || q.seq || ' says'" \
	" WHEN q.state = 'open' THEN (SELECT 'request ' || q.id || ' was closed by record ' || u.seq FROM audit u WHERE u.seq > q.seq" \
	" AND u.object IN ('request:' || q.id, 'model:' || " REG_MODEL_NAME ", 'model:' || " REG_MODEL_NAME " || '/' || q.version)" \
	" AND (u.action IN ('request.reject', 'request.withdraw', 'request.expire', 'model.delete')" \
	" OR CASE WHEN json_valid(u.after) THEN json_extract(u.after, '$.request') = q.id OR (q.to_stage NOT LIKE '@%' AND json_extract(u.after, '$.stage') IS NOT NULL) ELSE 0 END)" \
	" ORDER BY u.seq LIMIT 1) END "
#endif
