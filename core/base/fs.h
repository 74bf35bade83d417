/* fs -- paths and small files: where things live, bounded reads, whole-file replacement. */
#ifndef MLYARD_BASE_FS_H
#define MLYARD_BASE_FS_H
#include <stdbool.h>
#include <stddef.h>
#include "core/base/status.h"
#include "core/base/str.h"

/* XDG base directories plus "/mlyard"; environment first, then $HOME. New strings, caller frees. */
char *fs_data_dir(void);
char *fs_config_dir(void);
char *fs_cache_dir(void);
char *fs_state_dir(void);
char *fs_join(const char *a, const char *b);                 /* new; b absolute: a copy of b */
enum status fs_mkdirs(const char *path, struct err *e);      /* 0700 for what it makes */
/* Whole file, at most `limit` bytes (more: ST_REFUSED naming the limit). Appends to out. */
enum status fs_read(const char *path, size_t limit, struct str *out, struct err *e);
/* Write beside, fsync, rename: the old content or the new, never half. */
enum status fs_replace(const char *path, const void *bytes, size_t n, struct err *e);
bool fs_is_dir(const char *path);
bool fs_is_file(const char *path);
#endif
