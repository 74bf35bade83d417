/* private -- small files that nobody else may read: keys, passphrases, what was last seen of a log. */
#ifndef MLYARD_SECRET_PRIVATE_H
#define MLYARD_SECRET_PRIVATE_H
#include <stddef.h>
#include "core/base/status.h"

/* No link, ours, mode 0?00, at most `cap` bytes; else ST_REFUSED with the cure. ST_NOT_FOUND when it is not there. */
enum status private_read(const char *path, void *bytes, size_t cap, size_t *n, struct err *e);
/* Makes one that did not exist, whole or not at all; makes its folders. */
enum status private_create(const char *path, const void *bytes, size_t n, struct err *e);
/* Puts it in the place of what was there, whole or not at all; makes its folders. Survives a kill of the program; after a loss of power
 * the old content may be back, which is cheaper by two flushes. */
enum status private_replace(const char *path, const void *bytes, size_t n, struct err *e);
#endif
