/* Memories of a log's head: whole, or refused in words. */
#include <string.h>
#include "core/registry/audit_impl.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_memory m;
	struct err e = { 0 };
	enum status st = audit_memory_parse((const char *)data, size, "m", &m, &e);
	MUST(st == ST_OK || (st == ST_REFUSED && !strncmp(e.text, "m: ", 3)));
	if (st == ST_OK)
		MUST(m.head.seq >= 1 && m.head.ms >= 0 && m.checkpoint >= 0 && strlen(m.uuid) == AUDIT_UUID && !strchr(m.uuid, '/') && !strchr(m.uuid, '.'));
	return 0;
}
