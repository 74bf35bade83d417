/* The outbox and its receivers, against a web server and a mail server of our own: none lost, none sent twice after success, in order, and no secret anywhere. */
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>

#include "core/base/text.h"
#include "core/drift/notify.h"
#include "tests/unit/monitor_help.h"
#include "tests/unit/server_help.h"

#define FILES "name: m\nreference: ref.csv\nsource: {folder: in}\nwindow: {files: 1}\n"
#define STATES "SELECT group_concat(state || ' ' || attempts, ', ') FROM (SELECT * FROM outbox ORDER BY id)"
static const int64_t NOW = INT64_C(1795219200000), MINUTE = 60000;
static const char SECRET[] = "T0PS3CRETtoken4711aa";

static struct store_pool *drifted(const char *tell, ...) __attribute__((format(printf, 1, 2)));
/* A workspace whose monitor has just seen its first drifted window; nothing is sent yet. */
static struct store_pool *drifted(const char *tell, ...)
{
	struct str text = STR_INIT;
	struct monitor_done done;
	va_list ap;
	OK(fs_mkdirs(in_folder("in"), &why));
	help_data("ref.csv", 400, 0);
	help_data("in/a.csv", 400, 10);
	str_add(&text, FILES);
	va_start(ap, tell);
	str_vaddf(&text, tell, ap);
	va_end(ap);
	struct store_pool *pool = pool_of("w.db");
	const int64_t id = help_add(pool, "m.yaml", text.p);
	const struct monitor_watching quiet = { .quiet_outbox = true };
	OK(monitor_run_saying(pool, id, NOW, NULL, &quiet, &done, &why));
	assert_int_equal(done.alerts, 1);
	str_free(&text);
	return pool;
}

static void recovered(struct store_pool *pool)
{
	const struct monitor_watching quiet = { .quiet_outbox = true };
	struct monitor_done done;
	help_data("in/b.csv", 400, 0);
	OK(monitor_run_saying(pool, 1, NOW, NULL, &quiet, &done, &why));
}

static struct outbox_done sent_at(struct store_pool *pool, int64_t ms)
{
	struct outbox_done done;
	OK(outbox_send(pool, ms, NULL, &done, &why));
	return done;
}

static void ends_with(struct store_pool *pool, struct server *server)
{
	store_pool_close(pool);
	server_stop(server);
}

/* ---- HTTP ---- */

static void test_webhook(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, false, NULL, 0, NULL);
	setenv("MLYARD_T_TOKEN", SECRET, 1);
	struct store_pool *pool = drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/hook\", headers: {X-Token: {from_env: MLYARD_T_TOKEN}, X-Room: ml}}]\n", server.port);
	assert_int_equal(sent_at(pool, NOW).sent, 1);
	assert_int_equal(sent_at(pool, NOW + 60 * MINUTE).sent, 0);
	assert_int_equal(server_count(&server), 1);
	char *key = server_header(&server, 0, "Idempotency-Key"), *token = server_header(&server, 0, "X-Token"), *room = server_header(&server, 0, "X-Room");
	SAYS(pool, "SELECT key FROM outbox", key);
	assert_string_equal(token, SECRET);
	assert_string_equal(room, "ml");
	json_t *j = json_loads(server_body(&server, 0), 0, NULL);
	assert_string_equal(json_string_value(json_object_get(j, "schema")), "mlyard.alert/1");
	assert_string_equal(json_string_value(json_object_get(j, "kind")), "drift");
	assert_string_equal(json_string_value(json_object_get(j, "window")), "a.csv");
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(j, "columns"), 0), "name")), "x");
	assert_int_equal(json_integer_value(json_object_get(j, "report")), 1);
	assert_int_equal(json_integer_value(json_object_get(j, "compared")), 2);
	json_decref(j);
	free(key), free(token), free(room);
	ends_with(pool, &server);
}

/* Errors and a hang-up; each again after its delay and not before, and never after success. */
static void test_retries(void **state)
{
	(void)state;
	static const int answers[] = { 500, HANG_UP, 429, 200 };
	struct server server;
	server_start(&server, false, answers, 4, "Retry-After: 1800\r\n");
	struct store_pool *pool = drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/\", timeout: 5m}]\n", server.port);
	char *key = help_text(pool, "SELECT key FROM outbox");
	int64_t now = NOW;
	for (int i = 0; i < 3; i++) {
		struct outbox_done done = sent_at(pool, now);
		assert_int_equal(done.later, 1);
		const int64_t own = outbox_delay_ms(key, i + 1), next = now + (i == 1 ? own : 1800000);     /* 500 and 429 ask for half an hour */
		assert_int_equal(done.next_ms, next);
		assert_int_equal(sent_at(pool, next - 1).later, 0);
		now = next;
	}
	assert_int_equal(server_count(&server), 3);
	assert_int_equal(sent_at(pool, now).sent, 1);
	assert_int_equal(sent_at(pool, now + 100 * MINUTE).sent, 0);
	assert_int_equal(server_count(&server), 4);
	for (size_t i = 0; i < 4; i++) {
		char *got = server_header(&server, i, "Idempotency-Key");
		assert_string_equal(got, key);
		free(got);
	}
	SAYS(pool, STATES, "sent 4");
	free(key);
	ends_with(pool, &server);
}

/* A server that takes the message and says nothing is left after the time limit: whether it had read all by then does not matter. */
static void test_silent(void **state)
{
	(void)state;
	static const int answers[] = { SILENT };
	struct server server;
	server_start(&server, false, answers, 1, NULL);
	struct store_pool *pool = drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/\", timeout: 200ms}]\n", server.port);
	char *key = help_text(pool, "SELECT key FROM outbox");
	struct outbox_done done = sent_at(pool, NOW);
	assert_int_equal(done.later, 1);
	assert_int_equal(done.next_ms, NOW + outbox_delay_ms(key, 1));
	free(key);
	ends_with(pool, &server);
}

/* Tried while the clock was ten years ahead: when it is right again, nobody waits ten years. */
static void test_clock_goes_back(void **state)
{
	(void)state;
	static const int answers[] = { 500, 200 };
	struct server server;
	server_start(&server, false, answers, 2, NULL);
	struct store_pool *pool = drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/\"}]\n", server.port);
	assert_int_equal(sent_at(pool, NOW + INT64_C(10) * 365 * 86400000).later, 1);
	assert_int_equal(sent_at(pool, NOW).sent, 1);
	ends_with(pool, &server);
}

/* 30 s, 60 s, ... at most an hour, each +-25 %; known beforehand, and different for different messages. */
static void test_delays(void **state)
{
	(void)state;
	int64_t base = 30000;
	for (int64_t n = 1; n <= 20; n++) {
		const int64_t d = outbox_delay_ms("some key", n);
		assert_true(d >= base * 3 / 4 && d <= base * 5 / 4);
		assert_int_equal(d, outbox_delay_ms("some key", n));
		base = base * 2 < 3600000 ? base * 2 : 3600000;
	}
	assert_int_not_equal(outbox_delay_ms("some key", 3), outbox_delay_ms("another key", 3));
}

/* The recovery waits for its alert, however often that fails; then both go, in order. */
static void test_order(void **state)
{
	(void)state;
	static const int answers[] = { 503, 200, 200 };
	struct server server;
	server_start(&server, false, answers, 3, NULL);
	setenv("MLYARD_T_KEY", SECRET, 1);
	struct store_pool *pool = drifted("tell: [pagerduty: {routing_key: {from_env: MLYARD_T_KEY}, url: \"http://127.0.0.1:%d/v2/enqueue\"}]\n", server.port);
	recovered(pool);
	assert_int_equal(sent_at(pool, NOW).sent, 0);
	assert_int_equal(server_count(&server), 1);
	assert_int_equal(sent_at(pool, NOW + MINUTE).sent, 2);
	assert_int_equal(server_count(&server), 3);
	const char *dedup = NULL;
	json_t *j[3];
	for (size_t i = 0; i < 3; i++) {
		j[i] = json_loads(server_body(&server, i), 0, NULL);
		assert_string_equal(json_string_value(json_object_get(j[i], "event_action")), i < 2 ? "trigger" : "resolve");
		assert_string_equal(json_string_value(json_object_get(j[i], "routing_key")), SECRET);
		const char *key = json_string_value(json_object_get(j[i], "dedup_key"));
		assert_true(!dedup || !strcmp(dedup, key));
		dedup = key;
	}
	assert_string_equal(json_string_value(json_object_get(json_object_get(j[0], "payload"), "summary")), "m: drift in window a.csv");
	assert_string_equal(json_string_value(json_object_get(json_object_get(j[0], "payload"), "severity")), "warning");
	for (size_t i = 0; i < 3; i++)
		json_decref(j[i]);
	ends_with(pool, &server);
}

static const char *member(const char *body, const char *key, json_t **j)
{
	json_decref(*j);
	*j = json_loads(body, 0, NULL);
	return json_string_value(json_object_get(*j, key));
}

/* PagerDuty and Slack hear who acknowledged, once, after the alert and before its end, even when the alert itself had to be sent again; others only where they ask for it. */
static void test_ack_is_told(void **state)
{
	(void)state;
	static const int answers[] = { 503 };
	static const char *const actions[] = { "trigger", "acknowledge", "resolve" };
	struct server duty, slack, hook;
	server_start(&duty, false, answers, 1, NULL), server_start(&slack, false, NULL, 0, NULL), server_start(&hook, false, NULL, 0, NULL);
	setenv("MLYARD_T_KEY", SECRET, 1);
	struct store_pool *pool = drifted("tell:\n  - pagerduty: {routing_key: {from_env: MLYARD_T_KEY}, url: \"http://127.0.0.1:%d/\"}\n"
		"  - slack: {url: \"http://127.0.0.1:%d/\"}\n  - webhook: {url: \"http://127.0.0.1:%d/\"}\n  - webhook: {url: \"http://127.0.0.1:%d/asks\", on: acknowledged}\n",
		duty.port, slack.port, hook.port, hook.port);
	assert_int_equal(sent_at(pool, NOW).later, 1);
	struct store *s = conn_of(pool);
	OK(alert_ack(s, 1, "ann", "known <b>", &why));
	OK(alert_ack(s, 1, "bob", NULL, &why));
	store_put(pool, s);
	recovered(pool);
	sent_at(pool, help_number(pool, "SELECT max(next_ms) FROM outbox"));       /* acknowledged by the clock of this machine, whatever it shows */
	assert_int_equal(help_number(pool, "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'withheld')"), 0);
	json_t *j = NULL;
	assert_int_equal(server_count(&duty), 4);
	char *dedup = mem_strdup(member(server_body(&duty, 0), "dedup_key", &j));
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(member(server_body(&duty, i + 1), "event_action", &j), actions[i]);
		assert_string_equal(json_string_value(json_object_get(j, "dedup_key")), dedup);
		assert_int_equal(json_object_get(j, "payload") != NULL, i == 0);
	}
	free(dedup);
	assert_int_equal(server_count(&slack), 3);
	assert_string_equal(member(server_body(&slack, 1), "text", &j), "m: acknowledged by ann");
	assert_non_null(strstr(server_body(&slack, 1), "m: drift in window a.csv; known &lt;b&gt;"));
	/* Who asks for acknowledgements alone was not told of the alert, and so hears nothing. */
	assert_int_equal(server_count(&hook), 2);
	assert_string_equal(member(server_body(&hook, 1), "kind", &j), "recovered");
	json_decref(j);
	SAYS(pool, "SELECT group_concat(kind || ' ' || state, ', ') FROM (SELECT * FROM alert ORDER BY id)", "drift closed, acknowledged closed, recovered closed");
	server_stop(&slack), server_stop(&hook);
	ends_with(pool, &duty);
}

/* A file that cannot be read any more keeps nobody from acknowledging; where nobody is to be told there is no entry. */
static void test_ack_without_receivers(void **state)
{
	(void)state;
	struct store_pool *pool = drifted("tell: [command: {run: [\"true\"]}]\n");
	struct store *s = conn_of(pool);
	OK(alert_ack(s, 1, "ann", NULL, &why));
	OK(store_begin(s, &why));
	OK(store_exec(s, "UPDATE monitor SET text = 'wat: ['", &why));
	OK(store_exec(s, "UPDATE alert SET state = 'open'", &why));
	OK(store_commit(s, 0, &why));
	OK(alert_ack(s, 1, "bob", NULL, &why));
	store_put(pool, s);
	SAYS(pool, "SELECT group_concat(kind || ' ' || state || ' ' || acked_by) FROM alert", "drift acknowledged bob");
	store_pool_close(pool);
}

static void test_given_up(void **state)
{
	(void)state;
	static const int answers[] = { 404, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 200, REDIRECT };
	struct server server;
	size_t n;
	server_start(&server, false, answers, 15, "Location: http://127.0.0.1:1/elsewhere\r\n");
	struct store_pool *pool = drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/\"}]\n", server.port);
	/* Refused: at once. */
	assert_int_equal(sent_at(pool, NOW).failed, 1);
	SAYS(pool, STATES, "failed 1");
	struct store *s = conn_of(pool);
	OK(outbox_retry(s, 0, NOW, &n, &why));
	assert_int_equal(n, 1);
	/* Tried in vain, twelve times. */
	for (int i = 1; i <= 12; i++) {
		struct outbox_done done = sent_at(pool, NOW + i * 100 * MINUTE);
		assert_int_equal(done.later, i < 12);
		assert_int_equal(done.failed, i == 12);
	}
	SAYS(pool, STATES, "failed 12");
	struct alert_rows *rows;
	OK(alert_list(s, &(struct alert_query){ 0 }, &rows, &why));
	assert_int_equal(rows->at[0].failed, 1);
	alert_rows_free(rows);
	OK(outbox_retry(s, 1, NOW + 9000 * MINUTE, &n, &why));
	assert_int_equal(sent_at(pool, NOW + 9000 * MINUTE).sent, 1);
	/* A redirect is not followed. */
	recovered(pool);
	assert_int_equal(sent_at(pool, NOW + 9000 * MINUTE).failed, 1);
	char *error = help_text(pool, "SELECT error FROM outbox WHERE state = 'failed'");
	assert_non_null(strstr(error, "answered 302, a redirect, which is not followed"));
	assert_int_equal(server_count(&server), 15);
	free(error);
	store_put(pool, s);
	ends_with(pool, &server);
}

static void test_slack(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, false, NULL, 0, NULL);
	help_write("x", "");
	OK(fs_mkdirs(in_folder("in"), &why));
	struct store_pool *pool = drifted("tell: [slack: {url: {from_file: hook}}]\n");
	struct str hook = STR_INIT;
	str_addf(&hook, "http://127.0.0.1:%d/services/%s\n", server.port, SECRET);
	help_write("hook", hook.p);
	/* Everybody may read it: refused, and to be tried again when that is put right. */
	assert_int_equal(chmod(in_folder("hook"), 0644), 0);
	assert_int_equal(sent_at(pool, NOW).later, 1);
	char *error = help_text(pool, "SELECT error FROM outbox");
	assert_non_null(strstr(error, "chmod o-rw"));
	free(error);
	assert_int_equal(chmod(in_folder("hook"), 0600), 0);
	assert_int_equal(sent_at(pool, NOW + MINUTE).sent, 1);
	json_t *j = json_loads(server_body(&server, 0), 0, NULL), *blocks = json_object_get(j, "blocks");
	assert_string_equal(json_string_value(json_object_get(j, "text")), "m: drift in window a.csv");
	assert_int_equal(json_array_size(blocks), 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(blocks, 0), "type")), "header");
	const char *text = json_string_value(json_object_get(json_object_get(json_array_get(blocks, 1), "text"), "text"));
	assert_non_null(strstr(text, "x drifted"));
	json_decref(j);
	str_free(&hook);
	ends_with(pool, &server);
}

/* Names in the data cannot call a channel or make a link. */
static void test_slack_escapes(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, false, NULL, 0, NULL);
	struct str url = STR_INIT;
	str_addf(&url, "http://127.0.0.1:%d/", server.port);
	const struct monitor_tell t = { .kind = &notify_slack, .url = { .literal = url.p } };
	const struct notify_message m = { .kind = "drift", .key = "k", .thread = "t", .title = "<!here>", .text = "<!channel> & <http://x|y>", .document = "{}", .monitor = "m", .model = "", .window = "w", .host = "h" };
	struct notify_answer answer = { 0 };
	struct monitor_file *f;
	OK(monitor_parse(FILES, strlen(FILES), "m.yaml", &f, &why));
	assert_int_equal(notify_slack.send(f, &t, &m, NULL, &answer), NOTIFY_SENT);
	assert_non_null(strstr(server_body(&server, 0), "&lt;!channel&gt; &amp; &lt;http://x|y&gt;"));
	assert_non_null(strstr(server_body(&server, 0), "{\"text\":\"&lt;!here&gt;\""));
	monitor_file_free(f);
	str_free(&url);
	server_stop(&server);
}

/* ---- a crash while sending ---- */

static const char *kill_at;
static void kill_here(const char *point)
{
	if (!strcmp(point, kill_at))
		kill(getpid(), SIGKILL);
}

/* Before the message went out: sent once. After it, before that was written down: sent again with the same key. */
static void test_crash(void **state)
{
	(void)state;
	static const struct { const char *point; size_t requests; } rows[] = { { "sending", 1 }, { "sent", 2 } };
	for (size_t i = 0; i < 2; i++) {
		struct server server;
		int status;
		server_start(&server, false, NULL, 0, NULL);
		unlink(in_folder("w.db")), unlink(in_folder("w.db-wal")), unlink(in_folder("w.db-shm"));
		store_pool_close(drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/\"}]\n", server.port));
		pid_t pid = fork();
		if (pid == 0) {
			struct store_pool *own;
			struct outbox_done done;
			kill_at = rows[i].point, monitor_test_point = kill_here;
			if (store_pool_open(in_folder("w.db"), 0, &own, NULL) == ST_OK)
				outbox_send(own, NOW, NULL, &done, NULL);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		struct store_pool *pool = pool_of("w.db");
		SAYS(pool, "SELECT state FROM outbox", "sending");
		assert_int_equal(sent_at(pool, NOW).sent, 1);
		assert_int_equal(server_count(&server), rows[i].requests);
		char *first = server_header(&server, 0, "Idempotency-Key"), *last = server_header(&server, rows[i].requests - 1, "Idempotency-Key");
		assert_string_equal(first, last);
		free(first), free(last);
		ends_with(pool, &server);
	}
}

/* ---- mail ---- */

static char *decoded(const char *base64, size_t n)
{
	char *text = mem_alloc(n + 1);
	size_t len;
	assert_int_equal(sodium_base642bin((unsigned char *)text, n, base64, n, "\r\n", &len, NULL, sodium_base64_VARIANT_ORIGINAL), 0);
	text[len] = '\0';
	return text;
}

static void test_mail(void **state)
{
	(void)state;
	static const int answers[] = { 451, HANG_UP, 250, 250 };
	struct server server;
	server_start(&server, true, answers, 4, NULL);
	struct store_pool *pool = drifted("tell: [email: {server: \"smtp://127.0.0.1:%d\", from: ml@example.org, to: [a@example.org, b@example.org]}]\n", server.port);
	int64_t now = NOW;
	for (int i = 0; i < 2; i++) {
		struct outbox_done done = sent_at(pool, now);
		assert_int_equal(done.later, 1);
		now = done.next_ms;
	}
	assert_int_equal(sent_at(pool, now).sent, 1);
	recovered(pool);
	assert_int_equal(sent_at(pool, now).sent, 1);
	assert_int_equal(server_count(&server), 4);
	const char *mail = server.got[2];
	assert_non_null(strstr(mail, "MAIL FROM:<ml@example.org>"));
	assert_non_null(strstr(mail, "RCPT TO:<a@example.org>"));
	assert_non_null(strstr(mail, "RCPT TO:<b@example.org>"));
	char *id[4], *refers = server_header(&server, 3, "References"), *began = server_header(&server, 2, "References");
	for (size_t i = 0; i < 4; i++)
		id[i] = server_header(&server, i, "Message-ID");
	assert_string_equal(id[0], id[2]);
	assert_string_not_equal(id[2], id[3]);
	assert_string_equal(refers, began);
	const char *body = strstr(mail, "\r\n\r\n") + 4;
	char *text = decoded(body, strlen(body) - 3), *subject = server_header(&server, 2, "Subject"), *title = decoded(subject + 10, strlen(subject) - 12);
	assert_string_equal(title, "m: drift in window a.csv");
	assert_non_null(strstr(text, "- x drifted"));
	free(text), free(subject), free(title), free(refers), free(began);
	for (size_t i = 0; i < 4; i++)
		free(id[i]);
	ends_with(pool, &server);
}

/* Line ends, dots and a long title with letters beyond ASCII: one header, whole letters in each encoded word, no line beyond 78 characters. */
static void test_mail_form(void **state)
{
	(void)state;
	struct server server;
	server_start(&server, true, NULL, 0, NULL);
	struct str url = STR_INIT, title = STR_INIT, got = STR_INIT;
	str_addf(&url, "smtp://127.0.0.1:%d", server.port);
	str_add(&title, "x\r\nBcc: evil@example.org\r\n\r\n.\r\n");
	for (int i = 0; i < 40; i++)
		str_add(&title, "\xc3\xa4\xe2\x82\xac");
	const char *to[] = { "a@example.org" };
	const struct monitor_tell t = { .kind = &notify_email, .url = { .literal = url.p }, .from = "ml@example.org", .to = to, .n_to = 1 };
	const struct notify_message m = { .kind = "drift", .key = "k", .thread = "t", .title = title.p, .text = ".\r\n.\r\nQUIT\r\n", .document = "{}", .monitor = "m", .model = "", .window = "w", .host = "h" };
	struct notify_answer answer = { 0 };
	struct monitor_file *f;
	OK(monitor_parse(FILES, strlen(FILES), "m.yaml", &f, &why));
	assert_int_equal(notify_email.send(f, &t, &m, NULL, &answer), NOTIFY_SENT);
	const char *mail = server.got[0];
	assert_null(strstr(mail, "Bcc"));
	const char *at = strstr(mail, "Subject: ");
	for (const char *p = at; p && p < strstr(at, "\r\nDate:"); ) {
		const char *word = strstr(p, "=?UTF-8?B?") + 10, *end = strstr(word, "?=");
		char *text = decoded(word, (size_t)(end - word));
		assert_true(text_utf8_valid(text, strlen(text)));
		str_add(&got, text);
		free(text);
		p = end[2] == '\r' && end[4] == ' ' ? end + 4 : NULL;
	}
	assert_string_equal(got.p, title.p);
	for (const char *line = strstr(mail, "From:"); *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : "")
		assert_true(strcspn(line, "\n") <= 79);
	const char *body = strstr(mail, "\r\n\r\n") + 4;
	char *text = decoded(body, strlen(body) - 3);
	assert_string_equal(text, m.text);
	free(text);
	monitor_file_free(f);
	str_free(&url), str_free(&title), str_free(&got);
	server_stop(&server);
}

/* ---- commands ---- */

static void test_command(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	struct store_pool *pool = drifted("tell: [command: {run: [sh, -c, 'cat > got; echo \"$0|$MLYARD_MONITOR|$MLYARD_WINDOW|$MLYARD_REPORT|$MLYARD_ALERT_KIND\" > env', '$(touch shell)']}]\n"
		"on_red: [sh, -c, 'echo out; echo err >&2; exit 3']\n");
	struct outbox_done done = sent_at(pool, NOW);
	assert_int_equal(done.sent, 1);
	assert_int_equal(done.failed, 1);
	char *document = help_text(pool, "SELECT document FROM alert");
	OK(fs_read(in_folder("got"), 100000, &text, &why));
	assert_string_equal(text.p, document);
	str_clear(&text);
	OK(fs_read(in_folder("env"), 1000, &text, &why));
	assert_string_equal(text.p, "$(touch shell)|m|a.csv|1|drift\n");
	str_clear(&text);
	OK(fs_read(in_folder("w.db.on-red/m-alert-1.log"), 1000, &text, &why));
	assert_string_equal(text.p, "out\nerr\n");
	SAYS(pool, "SELECT group_concat(kind || ' ' || state || ' ' || error, ', ') FROM (SELECT * FROM outbox ORDER BY id)", "command sent , command failed sh ended with exit code 3");
	assert_int_equal(sent_at(pool, NOW + 1000 * MINUTE).sent, 0);
	free(document);
	str_free(&text);
	store_pool_close(pool);
}

static void test_command_trouble(void **state)
{
	(void)state;
	static const struct { const char *run, *limit, *error; } rows[] = {
		{ "[\"/nowhere/at/all\"]", "5m", "/nowhere/at/all cannot be started: it is not there" },
		{ "[sh, -c, 'kill -9 $$']", "5m", "sh was ended by signal 9" },
		{ "[sleep, \"3600\"]", "200ms", "sleep took longer than 0.2s and was ended" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unlink(in_folder("w.db")), unlink(in_folder("w.db-wal")), unlink(in_folder("w.db-shm"));
		struct store_pool *pool = drifted("tell: [command: {run: %s, timeout: %s}]\n", rows[i].run, rows[i].limit);
		assert_int_equal(sent_at(pool, NOW).later, 1);
		SAYS(pool, "SELECT error FROM outbox", rows[i].error);
		store_pool_close(pool);
	}
}

/* Retraining is not started twice by itself, even when mlyard died while it ran. */
static void test_on_red_once(void **state)
{
	(void)state;
	int status;
	store_pool_close(drifted("on_red: [sh, -c, 'echo x >> runs']\n"));
	pid_t pid = fork();
	if (pid == 0) {
		struct store_pool *own;
		struct outbox_done done;
		kill_at = "sent", monitor_test_point = kill_here;
		if (store_pool_open(in_folder("w.db"), 0, &own, NULL) == ST_OK)
			outbox_send(own, NOW, NULL, &done, NULL);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	struct store_pool *pool = pool_of("w.db");
	sent_at(pool, NOW);
	struct str runs = STR_INIT;
	OK(fs_read(in_folder("runs"), 100, &runs, &why));
	assert_string_equal(runs.p, "x\n");
	SAYS(pool, "SELECT state FROM outbox", "failed");
	char *error = help_text(pool, "SELECT error FROM outbox");
	assert_non_null(strstr(error, "whether it finished is not known"));
	free(error);
	str_free(&runs);
	store_pool_close(pool);
}

/* ---- secrets ---- */

/* After failures of every kind the secret is nowhere in the workspace. */
static void test_no_secret_kept(void **state)
{
	(void)state;
	static const int answers[] = { 500, 404, HANG_UP };
	struct server server;
	struct str bytes = STR_INIT;
	server_start(&server, false, answers, 3, NULL);
	setenv("MLYARD_T_HOOK", "x", 1);
	struct store_pool *pool = drifted("tell:\n  - slack: {url: {from_env: MLYARD_T_HOOK}}\n  - webhook: {url: {from_env: MLYARD_T_HOOK}}\n  - pagerduty: {routing_key: {from_env: MLYARD_T_KEY}, url: \"http://127.0.0.1:%d/\"}\n", server.port);
	char hook[128];
	snprintf(hook, sizeof hook, "http://127.0.0.1:%d/services/%s?token=%s", server.port, SECRET, SECRET);
	setenv("MLYARD_T_HOOK", hook, 1);
	setenv("MLYARD_T_KEY", SECRET, 1);
	sent_at(pool, NOW);
	snprintf(hook, sizeof hook, "gopher://%s/%s", SECRET, SECRET);
	setenv("MLYARD_T_HOOK", hook, 1);
	sent_at(pool, NOW + 100 * MINUTE);
	assert_int_equal(server_count(&server), 4);  /* slack, webhook and twice PagerDuty; the gopher goes nowhere */
	struct store *s = conn_of(pool);
	OK(store_checkpoint(s, true, &why));
	store_put(pool, s);
	OK(fs_read(in_folder("w.db"), 100 << 20, &bytes, &why));
	assert_null(memmem(bytes.p, bytes.len, SECRET, strlen(SECRET)));
	str_free(&bytes);
	ends_with(pool, &server);
}

static void test_addresses(void **state)
{
	(void)state;
	static const struct { const char *url; bool ok, local, secret; const char *shown; } rows[] = {
		{ "https://ops.example/hook", true, false, false, "https://ops.example" },
		{ "http://ops.example/hook", false, false, false, "http://ops.example" },
		{ "http://localhost:8080/a", true, true, false, "http://localhost:8080" },
		{ "http://127.0.0.1/a", true, true, false, "http://127.0.0.1" },
		{ "http://[::1]:9/a", true, true, false, "http://[::1]:9" },
		{ "http://127.0.0.1.evil.example/a", false, false, false, "http://127.0.0.1.evil.example" },
		{ "http://localhost.evil.example/", false, false, false, "http://localhost.evil.example" },
		{ "https://user:geheim@ops.example/", false, false, true, "https://ops.example" },
		{ "https://ops.example/a?token=b", true, false, true, "https://ops.example" },
		{ "https://hooks.slack.com/services/T/B/x", true, false, true, "https://hooks.slack.com" },
		{ "https://ops.example/abcdef0123456789abcdef", true, false, true, "https://ops.example" },
		{ "ftp://ops.example/", false, false, false, "ftp://ops.example" },
		{ "file:///etc/passwd", false, false, false, NULL },
		{ "no address", false, false, false, NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str shown = STR_INIT;
		url_redact(rows[i].url, &shown);
		const bool ok = !url_wrong(rows[i].url, URL_HTTP);
		if (ok != rows[i].ok || url_is_local(rows[i].url) != rows[i].local || url_holds_secret(rows[i].url) != rows[i].secret || (rows[i].shown && strcmp(shown.p, rows[i].shown)))
			fail_msg("%s: ok %d, shown %s", rows[i].url, ok, shown.p);
		str_free(&shown);
	}
	static const char *const bad[] = { "", "a", "a@", "@b", "a b@c", "a@b@c", "a@b\r\nX: y", "<a@b>", "a,b@c", "\xc3\xa4@b" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!mail_address_wrong(bad[i]))
			fail_msg("%s is taken for an address", bad[i]);
	assert_null(mail_address_wrong("ml-team+drift@mail.example.org"));
}

/* Two processes' worth of senders: the second waits for the lock, finds nothing left, and nothing goes out twice. */
static void *send_in_thread(void *arg)
{
	struct outbox_done *done = arg;
	struct store_pool *own;
	if (store_pool_open(in_folder("w.db"), 0, &own, NULL) == ST_OK) {
		outbox_send(own, NOW, NULL, done, NULL);
		store_pool_close(own);
	}
	return NULL;
}

static void test_two_senders(void **state)
{
	(void)state;
	struct server server;
	pthread_t threads[4];
	struct outbox_done done[4] = { { 0 } };
	size_t sent = 0;
	server_start(&server, false, NULL, 0, NULL);
	struct store_pool *pool = drifted("tell: [webhook: {url: \"http://127.0.0.1:%d/1\"}, webhook: {url: \"http://127.0.0.1:%d/2\"}, webhook: {url: \"http://127.0.0.1:%d/3\"}]\n", server.port,
		server.port, server.port);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, send_in_thread, &done[i]);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		sent += done[i].sent;
	}
	assert_int_equal(sent, 3);
	assert_int_equal(server_count(&server), 3);
	ends_with(pool, &server);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, help_folder_make, help_folder_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_webhook), TEST(test_retries), TEST(test_delays), TEST(test_order), TEST(test_clock_goes_back), TEST(test_ack_is_told), TEST(test_ack_without_receivers), TEST(test_given_up), TEST(test_slack), TEST(test_slack_escapes), TEST(test_crash), TEST(test_mail),
		TEST(test_mail_form), TEST(test_command), TEST(test_command_trouble), TEST(test_on_red_once), TEST(test_no_secret_kept), TEST(test_addresses), TEST(test_two_senders), TEST(test_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
