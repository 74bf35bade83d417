/* digest -- one BLAKE2b-256 over all files of a version, so that a changed byte, name or missing file shows.
 *
 * Value    over "mlyard/digest/v1" and, for each regular file in bytewise order of its path relative to the root: length and bytes of the
 *          path, length of the file, its bytes. Links, devices and empty folders do not count.
 * Stamp    names, sizes, mtimes and inodes, to tell cheaply whether the files are still those.
 * Speed    the disk's: one sequential read of each file with read-ahead; progress in bytes; cancel within a block of 64 KB.
 */
#ifndef MLYARD_REGISTRY_DIGEST_H
#define MLYARD_REGISTRY_DIGEST_H
#include <stdint.h>
#include "core/base/status.h"
#include "core/base/str.h"
#include "core/base/tasks.h"
#include "core/registry/actor.h"
#include "core/store/store.h"

enum { DIGEST_BYTES_OUT = 32 };
struct digest { unsigned char hash[DIGEST_BYTES_OUT]; int64_t bytes, files; };
/* Files under a folder (or one file). ST_CHECK: it changed while it was read. stamp may be NULL. */
enum status digest_path(const char *root, struct task *t, struct digest *out, struct str *stamp, struct err *e);
enum status digest_stamp(const char *root, struct str *out, struct err *e);          /* without reading contents */
/* Where a version's files lie; new string. ST_NOT_FOUND or ST_UNREACHABLE in words. */
enum status version_files(struct store *s, int64_t model_id, int64_t version, char **root, struct err *e);
/* Computes and records it (action "model.digest"), with size, file count and MLmodel; when there was another digest, the record says so. */
enum status digest_version(struct store *s, const struct actor *who, int64_t model_id, int64_t version, struct task *t, struct digest *out, struct err *e);
/* "verified", "changed since", "not computed", or why the files cannot be looked at. Cheap. */
enum status digest_state(struct store *s, int64_t model_id, int64_t version, struct str *out, struct err *e);
#endif
