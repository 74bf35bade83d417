/* log -- one line per event, kept in memory for the log view and, when asked (MLYARD_LOG), in a file.
 * Lines are text_clean()ed. Secrets are never passed here. Threads: any.
 */
#ifndef MLYARD_BASE_LOG_H
#define MLYARD_BASE_LOG_H
#include <stddef.h>
#include <stdint.h>
#include "core/base/status.h"
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
struct log_line { int64_t ms; enum log_level level; char *text; };
void log_add(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Copies the newest lines, oldest first, into *out (caller frees with log_lines_free); returns how many. */
size_t log_lines(struct log_line **out, size_t most);
void log_lines_free(struct log_line *l, size_t n);
/* Appends from now on to this file too; NULL stops. ST_FAILED: it cannot be opened, and lines go to no file. */
enum status log_to_file(const char *path, struct err *e);
uint64_t log_count(void);             /* grows with each line: cheap "anything new?" */
#endif
