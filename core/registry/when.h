/* when -- a moment as people write it. */
#ifndef MLYARD_REGISTRY_WHEN_H
#define MLYARD_REGISTRY_WHEN_H
#include <stdint.h>
#include "core/base/status.h"

/* "2026-11-20" (its beginning), "2026-11-20 14:30", "2026-11-20T14:30:05.250Z", "...+02:00"; local time unless a zone is given. "3d", "2h30m": so long
 * ago. "now". ST_USAGE says what was expected. */
enum status when_parse(const char *text, int64_t now_ms, int64_t *ms, struct err *e);
#endif
