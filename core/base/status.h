/* status -- outcome of an operation, and the words that explain it.
 *
 * The codes are the program's exit codes, so that what a pane refuses and what
 * a shell command returns are one thing.
 * Errors   functions that can fail return enum status and fill a struct err;
 *          a NULL err is allowed everywhere and only loses the words.
 * Threads  a struct err belongs to its caller.
 */
#ifndef MLYARD_BASE_STATUS_H
#define MLYARD_BASE_STATUS_H
#include <stdarg.h>

enum status {
	ST_OK = 0,
	ST_FAILED = 1,       /* it was tried and did not work                   */
	ST_USAGE = 2,        /* the request itself is malformed                 */
	ST_NOT_FOUND = 3,    /* the named thing does not exist                  */
	ST_REFUSED = 4,      /* read-only, policy, conflict                     */
	ST_UNREACHABLE = 5,  /* a remote did not answer                         */
	ST_CHECK = 10,       /* a check ran and did not hold                    */
	ST_CANCELLED = 11,   /* stopped on request; as an exit code becomes 1   */
};

struct err {
	enum status code;
	char text[512];      /* one line, no trailing newline; names place and cure */
};

/* Fills e (when not NULL) and returns code, so that callers write
 * `return err_set(e, ST_FAILED, "...")`. */
enum status err_set(struct err *e, enum status code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "context: " before the words already there; returns e's code. */
enum status err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *status_name(enum status code);
#endif
