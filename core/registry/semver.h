/* semver -- semantic versions (semver.org, 2.0.0): what is one, and which comes first. Build metadata does not order. */
#ifndef MLYARD_REGISTRY_SEMVER_H
#define MLYARD_REGISTRY_SEMVER_H
#include <stdbool.h>

enum { SEMVER_MAX = 128 };               /* bytes */
bool semver_valid(const char *text);
/* < 0, 0, > 0 by precedence; both must be valid. */
int semver_compare(const char *a, const char *b);
#endif
