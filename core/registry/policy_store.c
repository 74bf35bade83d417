#include "core/registry/policy_impl.h"

#include <sodium.h>

#include "core/base/fs.h"
#include "core/base/mem.h"

void policy_hash_of(const void *text, size_t n, unsigned char out[POLICY_HASH])
{
	crypto_generichash(out, POLICY_HASH, text, n, NULL, 0);
}

enum status policy_load(struct store *s, struct policy **out, char **note, struct err *e)
{
	(void)s, (void)e;
	*out = policy_default();
	if (note)
		*note = mem_strdup("");
	return ST_OK;
}
