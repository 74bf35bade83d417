/* text -- the one door for text from outside: validate, clean, measure, cut.
 *
 * Why      run names, tags, documents and server errors may carry escape
 *          sequences, bidi controls, zero-width characters or broken UTF-8
 *          (CVE-2021-42574, CWE-150). Every cell, log line and terminal byte
 *          comes from text_clean()ed text.
 * Method   strict UTF-8 (no overlong forms, surrogates, > U+10FFFF); malformed
 *          bytes become U+FFFD; C0, C1, DEL become a visible U+FFFD-like mark;
 *          bidi controls, tags, noncharacters and other Cf are dropped except
 *          ZWJ and variation selectors inside emoji sequences; at most four
 *          combining marks stay on a base. Widths and grapheme clusters come
 *          from utf8proc.
 * Invariant   text_clean is idempotent; its output holds no byte < 0x20 but
 *             '\n' (TEXT_LINES), and no DEL.
 * Threads  pure functions.
 */
#ifndef MLYARD_BASE_TEXT_H
#define MLYARD_BASE_TEXT_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/base/str.h"

enum { TEXT_LINES = 1 /* keep \n, expand tabs to 4 columns; else both become one space */ };

/* One code point from s[0..n), n > 0: its length in bytes (>= 1). Malformed: *cp = 0xFFFD, length 1. */
size_t text_decode(const char *s, size_t n, uint32_t *cp);
size_t text_encode(uint32_t cp, char out[4]);
void text_clean(struct str *out, const char *s, size_t n, unsigned flags);      /* appends */
/* What printf would write, cleaned as one line; appends. */
void text_vcleanf(struct str *out, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* True when text_clean would return the same bytes. */
bool text_is_clean(const char *s, size_t n, unsigned flags);

struct grapheme { const char *p; size_t n; int width; };   /* width 0..2 cells */
/* Next extended grapheme cluster of clean text; false at the end. */
bool text_next(const char **s, const char *end, struct grapheme *g);
int text_width(const char *s, size_t n);
/* Appends clean text cut to `width` cells, with an ellipsis when cut. Returns the cells used. */
int text_fit(struct str *out, const char *s, size_t n, int width);
/* Bytes of clean text that a line of `width` cells takes: up to a newline, to behind the last blank before the edge, or to the edge; 0 only at a line's end. */
size_t text_break(const char *s, int width);
bool text_utf8_valid(const char *s, size_t n);
/* Case-insensitive (Unicode simple folding) substring search; empty needle matches. */
bool text_contains(const char *hay, size_t hn, const char *needle, size_t nn);
/* The same, and where: the first match is the *len bytes from *at on. */
bool text_search(const char *hay, size_t hn, const char *needle, size_t nn, size_t *at, size_t *len);
/* Subsequence match for palettes: score > 0 (higher is better), 0: no match. */
int text_fuzzy(const char *hay, const char *needle);
/* Bytes to change, add, drop or swap with their neighbour to make b of a; INT_MAX when one is longer than a word is. */
int text_distance(const char *a, const char *b);
/* For "did you mean": near enough, and nearer than *best, which it then becomes (start with INT_MAX). */
bool text_near(const char *typed, const char *word, int *best);
#endif
