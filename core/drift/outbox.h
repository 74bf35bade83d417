/* outbox -- what is to be sent, until it is.
 *
 * Written  in the transaction that makes the alert, one row a receiver; so an alert that exists is told, and one that was rolled back never.
 * Sending  one process at a time (flock beside the workspace). A row is marked `sending` before and `sent` after; whoever finds `sending` under the lock
 *          met a crash and sends again with the same key, by which receivers tell a repeat. The on_red command is the exception: it may be dear and knows
 *          no key, so it is not started twice: such a row becomes failed and says so.
 * Order    a row waits for earlier rows of its monitor and receiver: no recovery before its alert.
 * Again    after 30 s, doubling up to an hour, each +-25 % (from the key, so that it is known beforehand); 12 attempts, or what the server asks for
 *          (Retry-After). Then, or when the receiver refuses, the row is failed: `alerts list` and `doctor` show it, `alerts retry` tries again.
 * States   waiting, sending, sent, failed, withheld (the monitor is silenced).
 */
#ifndef MLYARD_DRIFT_OUTBOX_H
#define MLYARD_DRIFT_OUTBOX_H
#include "core/drift/monitor.h"

enum { OUTBOX_ATTEMPTS = 12, OUTBOX_FIRST_MS = 30000, OUTBOX_MOST_MS = 3600000 };
struct outbox_done { size_t sent, failed, later; int64_t next_ms; };     /* later: tried, to be tried again; next_ms: when the next row is due, 0: none waits */
/* Sends what is due at now_ms: messages first, then commands of on_red. ST_REFUSED: another process is sending and did not finish in time; nothing is lost. */
enum status outbox_send(struct store_pool *pool, int64_t now_ms, struct task *t, struct outbox_done *out, struct err *e);
/* The same without commands of on_red, which may take hours: for who waits at a keyboard. */
enum status outbox_send_messages(struct store_pool *pool, int64_t now_ms, struct task *t, struct outbox_done *out, struct err *e);
/* Failed and withheld rows wait again, at once; alert_id 0: failed ones of all alerts. *n: how many. */
enum status outbox_retry(struct store *s, int64_t alert_id, int64_t now_ms, size_t *n, struct err *e);
int64_t outbox_delay_ms(const char *key, int64_t attempts);              /* after so many attempts */
struct outbox_row { int64_t id, alert_id, channel, attempts, next_ms, sent_ms; const char *kind, *target, *key, *state, *error; };
struct outbox_rows { struct outbox_row *at; size_t n; struct arena *arena; };
enum status outbox_list(struct store *s, int64_t alert_id, struct outbox_rows **out, struct err *e);       /* 0: of all alerts that is not sent */
void outbox_log_path(const struct store_pool *pool, const char *monitor, int64_t alert_id, struct str *out);       /* what on_red wrote */
void outbox_rows_free(struct outbox_rows *r);
#endif
