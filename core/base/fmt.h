/* fmt -- numbers, times and sizes as people read them, and as programs read them back.
 * All write into a caller's buffer of FMT_MAX bytes and return it. No allocation.
 */
#ifndef MLYARD_BASE_FMT_H
#define MLYARD_BASE_FMT_H
#include <stddef.h>
#include <stdint.h>
enum { FMT_MAX = 48 };

/* `digits` significant digits, fixed where that fits 1e-4 <= |x| < 1e7, else exponent: 0.9412, 12.54, 3.1e-05, NaN, Inf, -Inf. */
char *fmt_number(char *buf, double x, int digits);
/* Four significant digits throughout, zeros kept: 0.937 and 0.9412 in one column look like different precision. */
char *fmt_metric(char *buf, double x);
/* Shortest decimal that reads back as the same double; integers without a point get none. "NaN", "Infinity", "-Infinity". */
char *fmt_exact(char *buf, double x);
char *fmt_count(char *buf, int64_t n);          /* 4,812 */
char *fmt_si(char *buf, double n);              /* 1.2k 75k 3.4M: at most 5 characters */
char *fmt_bytes(char *buf, int64_t n);          /* 1.2 MB (10^6) */
char *fmt_duration(char *buf, int64_t ms);      /* 41s 14m32s 2h05m 3d04h; 0.8s below 10 s */
char *fmt_age(char *buf, int64_t ms);           /* one unit: 41s 14m 2h 3d 5w 8mo 2y */
char *fmt_time(char *buf, int64_t unix_ms);     /* local 2026-11-21 13:05:09 */
char *fmt_time_iso(char *buf, int64_t unix_ms); /* UTC 2026-11-21T12:05:09.123Z */
#endif
