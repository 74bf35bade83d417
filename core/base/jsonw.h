/* jsonw -- writes JSON as a stream.
 *
 * Why      a list of 75,000 runs has millions of values; jansson (which reads all
 *          JSON here) would hold them all, and prints 0.1 as 0.10000000000000001.
 * Output   UTF-8; invalid bytes become U+FFFD; control characters are escaped;
 *          NaN and infinities are the strings "NaN", "Infinity", "-Infinity".
 */
#ifndef MLYARD_BASE_JSONW_H
#define MLYARD_BASE_JSONW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/str.h"
struct jsonw { struct str *out; uint64_t comma; int depth; bool after_key; };   /* bit per depth: a comma is due; depth <= 60 */
void jsonw_init(struct jsonw *w, struct str *out);
void jsonw_open(struct jsonw *w, char bracket);          /* '{' or '[' */
void jsonw_close(struct jsonw *w, char bracket);         /* '}' or ']' */
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_keyn(struct jsonw *w, const char *key, size_t n);
void jsonw_str(struct jsonw *w, const char *s);          /* NULL: null */
void jsonw_strn(struct jsonw *w, const char *s, size_t n);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_num(struct jsonw *w, double v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
void jsonw_known(struct jsonw *w, double v);             /* NaN: null */
/* A member of an object: its key and value. */
void jsonw_put_str(struct jsonw *w, const char *key, const char *s);
void jsonw_put_strn(struct jsonw *w, const char *key, const char *s, size_t n);
void jsonw_put_strs(struct jsonw *w, const char *key, const char *const *s, size_t n);      /* a list */
void jsonw_put_int(struct jsonw *w, const char *key, int64_t v);
void jsonw_put_num(struct jsonw *w, const char *key, double v);
void jsonw_put_bool(struct jsonw *w, const char *key, bool v);
void jsonw_put_known(struct jsonw *w, const char *key, double v);    /* NaN: null */
void jsonw_put_nonzero(struct jsonw *w, const char *key, int64_t v); /* 0: null, as of an id, version or moment that there is not */
void jsonw_put_open(struct jsonw *w, const char *key, char bracket);
#endif
