/* notify -- one way of telling people each: a file core/drift/notify_<id>.c and a row in tests.am.
 *
 * Secrets  are read from environment or file for each message, wiped after it, and are in no log, error, argument or table: targets and errors name
 *          scheme and host only, and what a server answered is not quoted (it may repeat the address).
 * Network  HTTPS, and HTTP to this machine only; redirects are not followed; answers are cut at 64 KiB; connecting takes 10 s and the whole 30 s at most.
 * Repeats  `key` is the same for every attempt of one message: the header Idempotency-Key, the Message-ID of mail, MLYARD_KEY of commands. PagerDuty's
 *          dedup_key is `thread`, which an alert shares with its recovery.
 */
#ifndef MLYARD_DRIFT_NOTIFY_H
#define MLYARD_DRIFT_NOTIFY_H
#include "core/drift/monitor_impl.h"

enum notify_outcome { NOTIFY_SENT, NOTIFY_LATER, NOTIFY_REFUSED, NOTIFY_STOPPED };   /* LATER: try again; REFUSED: trying again will not help; STOPPED: cancelled */
struct notify_answer { int64_t retry_after_ms; struct err err; };
struct notify_message {
	const char *kind, *key, *thread, *title, *text, *document;       /* text: lines for people; document: JSON */
	const char *monitor, *model, *window, *host; int64_t version, report_id, alert_id, ms;
	const char *log;                             /* where a command's output goes; NULL: nowhere */
};
struct notify_kind {
	const char *id; bool acknowledges;           /* is told of acknowledgements unless the file says otherwise: somebody else may be woken */
	const struct field *fields; size_t n_fields; /* its keys in the file */
	void (*check)(struct reading *r, const struct yamldoc_node *x, struct monitor_tell *t);      /* what lacks, after the fields were read */
	void (*target)(const struct monitor_tell *t, struct str *out);                               /* for people, without secrets */
	enum notify_outcome (*send)(const struct monitor_file *f, const struct monitor_tell *t, const struct notify_message *m, struct task *task, struct notify_answer *answer);
};
size_t notify_count(void);
const struct notify_kind *notify_at(size_t i);
#define X(id) extern const struct notify_kind notify_##id;
#include "core/drift/notify_table.inc"
#undef X

/* ---- secrets and addresses (notify_secret.c) ---- */
enum status secret_read(const struct monitor_file *f, const struct monitor_secret *s, const char *what, struct str *out, struct err *e);
void secret_forget(struct str *s);
void secret_source(const struct monitor_secret *s, struct str *out);     /* "$NAME", "file PATH", or the redacted address */
enum url_for { URL_HTTP, URL_SMTP };
const char *url_wrong(const char *url, enum url_for what);               /* NULL: it may be used */
bool url_is_local(const char *url);                                      /* its host is this machine */
bool url_holds_secret(const char *url);                                  /* user, query, or a part that looks like a token */
void url_redact(const char *url, struct str *out);                       /* scheme://host[:port] */
const char *mail_address_wrong(const char *address);

/* Fields that kinds share. */
void tell_take_url(struct reading *r, const struct yamldoc_node *x, void *into);
void tell_take_on(struct reading *r, const struct yamldoc_node *x, void *into);
void tell_take_timeout(struct reading *r, const struct yamldoc_node *x, void *into);
void tell_take_argv(struct reading *r, const struct yamldoc_node *x, void *into);
bool tell_take_secret(struct reading *r, const struct yamldoc_node *x, struct monitor_secret *s, const char *why_not_here);   /* why_not_here NULL: a literal is fine */

/* ---- HTTP (notify_http.c) ---- */
struct http_post { const char *url, *type; const char *const *headers; size_t n_headers; const char *body; size_t n; int64_t timeout_ms; };     /* headers: "Name: value" */
enum notify_outcome notify_post(const struct http_post *p, struct task *task, struct notify_answer *answer);
void notify_curl(void);                          /* libcurl is ready after it; any thread, any number of times */
#endif
