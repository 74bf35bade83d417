/* policy_impl -- what the files policy_*.c share. */
#ifndef MLYARD_REGISTRY_POLICY_IMPL_H
#define MLYARD_REGISTRY_POLICY_IMPL_H
#include "core/registry/policy.h"

void policy_hash_of(const void *text, size_t n, unsigned char out[POLICY_HASH]);
/* `*` any run of bytes, `?` one byte, everything else itself. Linear but for one step back. */
bool policy_glob(const char *glob, const char *text, bool any_case);
#endif
