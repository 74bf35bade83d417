/* notice -- "this needs a person": one small interface for every module.
 * A notice has a key; posting the same key again replaces it. Threads: any.
 */
#ifndef MLYARD_BASE_NOTICE_H
#define MLYARD_BASE_NOTICE_H
#include <stddef.h>
#include <stdint.h>
enum notice_level { NOTICE_INFO, NOTICE_WARN, NOTICE_BAD };
struct notice { char *key, *text, *command; enum notice_level level; int64_t ms; };
/* command: what to run to deal with it (a command line), or NULL. */
void notice_post(const char *key, enum notice_level level, const char *command, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void notice_clear(const char *key);
size_t notice_list(struct notice **out);   /* copies, newest first; free with notice_list_free */
void notice_list_free(struct notice *n, size_t count);
uint64_t notice_version(void);
#endif
