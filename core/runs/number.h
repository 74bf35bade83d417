/* number -- reads numbers and spans of time that people and programs wrote, whatever the locale. */
#ifndef MLYARD_RUNS_NUMBER_H
#define MLYARD_RUNS_NUMBER_H
#include <stdbool.h>
#include <stddef.h>

/* The whole of s[0..n), blanks around it allowed, is one decimal number, NaN, Inf or Infinity (any case,
 * with sign). Hexadecimal and the like are text. */
bool number_parse(const char *s, size_t n, double *out);
/* "3d", "2h30m", "90" (seconds): milliseconds; *unit_ms is that of the last part. Units ms s m min h d w mo y. */
bool number_parse_span(const char *s, size_t n, double *ms, double *unit_ms);
#endif
