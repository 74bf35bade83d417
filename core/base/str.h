/* str -- a growing byte string that is always NUL-terminated.
 *
 * Invariants  I1 p is never NULL; p[len] == 0.  I2 cap == 0 means p is the
 *             shared empty string and must not be written.
 * Owns        str_free() or str_take(); a struct str set to STR_INIT owns nothing.
 */
#ifndef MLYARD_BASE_STR_H
#define MLYARD_BASE_STR_H
#include <stdarg.h>
#include <stddef.h>

struct str { char *p; size_t len, cap; };
extern char str_empty[1];
#define STR_INIT { str_empty, 0, 0 }

void str_init(struct str *s);
void str_free(struct str *s);                      /* back to STR_INIT */
void str_clear(struct str *s);                     /* keeps the memory */
void str_reserve(struct str *s, size_t extra);
void str_cut(struct str *s, size_t len);           /* shorten to len */
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addrep(struct str *s, char c, size_t n);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *s, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
char *str_take(struct str *s);                     /* new string, caller frees; s is STR_INIT again */
#endif
