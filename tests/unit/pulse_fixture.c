#include "tests/unit/pulse_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/drift/report.h"

#define DAY_MS INT64_C(86400000)
#define TODAY_MS (FIXTURE_NOW - FIXTURE_NOW % DAY_MS)

static const char *const columns[PULSE_CHURN_COLUMNS] = { "age", "contract", "tenure_months", "monthly_charge", "plan", "support_calls", "region", "payment_method", "paperless",
	"partner", "internet_service", "total_charges", "streaming", "late_payments" };

static void sql(struct fixture *f, const char *fmt, ...)
{
	struct err e = { 0 };
	va_list ap;
	va_start(ap, fmt);
	char *text = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	if (store_exec(f->s, text, &e) != ST_OK)
		fail_msg("%s: %s", text, e.text);
	sqlite3_free(text);
}

static void add_report(struct fixture *f, int64_t id, const char *name, const char *model, int64_t ms, const char *verdict)
{
	sql(f, "INSERT INTO drift_report(id, name, ms, reference, current, model, version, mode, verdict, drifted, share, n_ref, n_cur, columns, document_bytes, document)"
		" VALUES(%lld, %Q, %lld, 'ref.csv', 'cur.csv', %Q, 2, 'mlyard', %Q, %d, 0, 70412, 11907, 14, 0, x'')", (long long)id, name, (long long)ms, model, verdict,
		strcmp(verdict, "drifted") == 0);
}

static void add_column(struct fixture *f, int64_t report, int position, const char *name, double severity, bool watch)
{
	struct err e = { 0 };
	sqlite3_stmt *q = store_stmt(f->s, "INSERT INTO drift_column(report_id, position, name, type, status, drifted, severity, effect, p_adjusted, missing_ref, missing_cur, watch, role)"
		" VALUES(?1, ?2, ?3, 'number', 'compared', ?4, ?5, ?6, 0.5, 0, 0, ?7, '')", &e);
	assert_non_null(q);
	sqlite3_bind_int64(q, 1, report), sqlite3_bind_int(q, 2, position), sqlite3_bind_text(q, 3, name, -1, SQLITE_STATIC), sqlite3_bind_int(q, 4, severity >= 1);
	sqlite3_bind_double(q, 5, severity), sqlite3_bind_double(q, 6, severity * 0.05), sqlite3_bind_int(q, 7, watch);
	assert_int_equal(sqlite3_step(q), SQLITE_DONE);
	sqlite3_reset(q);
}

static void add_monitor(struct fixture *f, int id, const char *name, const char *model, const char *state, int64_t silent_until)
{
	sql(f, "INSERT INTO monitor(id, name, path, text, model, version, state, state_ms, ran_ms, silent_until_ms, added_ms) VALUES(%d, %Q, '/etc/m.yaml', '', %Q, 2, %Q, %lld, %lld, %lld, 0)",
		id, name, model, state, (long long)FIXTURE_NOW, (long long)(FIXTURE_NOW - 7200000), (long long)silent_until);
}

static void add_window(struct fixture *f, int monitor, int seq, const char *key, int64_t first, int64_t last, const char *state, int64_t report, const char *verdict, const char *why)
{
	sql(f, "INSERT INTO monitor_window(monitor_id, seq, key, first, last, state, rows, report_id, verdict, why, ran_ms) VALUES(%d, %d, %Q, %lld, %lld, %Q, %d, NULLIF(%lld, 0), %Q, %Q, %lld)",
		monitor, seq, key, (long long)first, (long long)last, state, report ? 11907 : 0, (long long)report, verdict, why, (long long)(last ? last + 3600000 : FIXTURE_NOW - 60000));
}

/* A calm severity from 0 to 0.5 that depends on nothing but its place. */
static double calm(int column, int window)
{
	unsigned x = (unsigned)(column * 7919 + window * 104729 + 13);
	x = (x ^ (x >> 7)) * 2654435761u;
	return (double)(x >> 8 & 0xffff) / 65536 * (x & 0x40000000 ? 0.2 : 0.5);
}

static double churn_severity(int column, int window)
{
	if (column == 2 && window >= 52)
		return 1 + (window - 52) * 0.5;
	if (column == 4 && window >= 57)
		return 1.4;
	if (column == 11 && window == 33)
		return 1.1;
	if (column == 5 && window >= 55)
		return 0.9;
	return calm(column, window);
}

static void day_key(char *key, size_t cap, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(key, cap, "%Y-%m-%d", &tm);
}

static void churn_window(struct fixture *f, int w, int64_t first)
{
	char key[32];
	bool drifted = w >= 52 || w == 33;
	day_key(key, sizeof key, first);
	if (w == 50 || w == 51)
		return;
	if (w == 20 || w == 41) {
		add_window(f, 1, w, key, first, first + DAY_MS, w == 20 ? "missing" : "failed", 0, "", w == 20 ? "the source has no rows for it" : "cur.csv: line 812 has 13 fields, the head has 14");
		return;
	}
	add_report(f, 100 + w, "churn-daily", "churn", first + DAY_MS, drifted ? "drifted" : w >= 49 ? "watch" : "stable");
	for (int c = 0; c < PULSE_CHURN_COLUMNS; c++)
		if (c != 6 || w >= 30)
			add_column(f, 100 + w, c, columns[c], churn_severity(c, w), c == 5 && w >= 55);
	add_window(f, 1, w, key, first, first + DAY_MS, "done", 100 + w, drifted ? "drifted" : w >= 49 ? "watch" : "stable", drifted ? "tenure_months drifted" : "");
}

static void alerts(struct fixture *f)
{
	static const struct { int id, window; const char *kind, *state, *title, *by, *note; } all[] = {
		{ 1, 33, "drift", "closed", "churn-daily: total_charges drifted", "", "" },
		{ 2, 41, "trouble", "acknowledged", "churn-daily: its source cannot be read", "operator", "upload was cut, asked for a new one" },
		{ 3, 54, "drift", "open", "churn-daily: tenure_months drifted for 3 windows", "", "" },
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		char key[32];
		int64_t at = TODAY_MS - (PULSE_CHURN_WINDOWS - all[i].window) * DAY_MS;
		day_key(key, sizeof key, at);
		sql(f, "INSERT INTO alert(id, monitor_id, window_key, kind, state, ms, title, document, report_id, acked_ms, acked_by, note, closed_ms)"
			" VALUES(%d, 1, %Q, %Q, %Q, %lld, %Q, '{}', %s, %lld, %Q, %Q, NULL)", all[i].id, key, all[i].kind, all[i].state, (long long)(at + DAY_MS), all[i].title,
			all[i].window == 54 ? "154" : all[i].window == 33 ? "133" : "NULL", (long long)(*all[i].by ? at + 2 * DAY_MS : 0), all[i].by, all[i].note);
	}
	sql(f, "INSERT INTO outbox(alert_id, channel, kind, target, key, state, attempts, next_ms, sent_ms) VALUES(3, 0, 'slack', 'hooks.slack.com', 'a3-0', 'sent', 1, 0, 1),"
		" (3, 1, 'mail', 'ml@example.org', 'a3-1', 'waiting', 2, 0, NULL), (1, 0, 'slack', 'hooks.slack.com', 'a1-0', 'failed', 9, 0, NULL)");
}

static const char *const tenure_reasons[] = { "Kolmogorov-Smirnov D 0.225 is above its floor of 0.05 (p adjusted 3e-41)", "the median fell from 29 to 20" };
static const char *const plan_reasons[] = { "4 new categories, the largest \"family plus\" with 3.1 % of rows" };

/* The newest window of churn-daily has its document. */
static void real_report(struct fixture *f)
{
	struct err e = { 0 };
	int64_t id = 0;
	struct report_column c[PULSE_CHURN_COLUMNS];
	struct report_test tests[PULSE_CHURN_COLUMNS];
	memset(c, 0, sizeof c);
	for (int i = 0; i < PULSE_CHURN_COLUMNS; i++) {
		double severity = churn_severity(i, PULSE_CHURN_WINDOWS - 1);
		tests[i] = (struct report_test){ .name = "ks", .title = "Kolmogorov-Smirnov", .effect_name = "D", .primary = true, .drifted = severity >= 1, .statistic = severity * 0.05,
			.effect = severity * 0.05, .p_value = 0.5, .p_adjusted = 0.5, .threshold = 0.05, .null_value = 0.01, .low = NAN, .high = NAN, .why_not = "" };
		c[i] = (struct report_column){ .name = columns[i], .type = "number", .role = "", .status = "compared", .position = (size_t)i, .drifted = severity >= 1, .watch = i == 5,
			.severity = severity, .note = "", .differs = "", .tests = &tests[i], .n_tests = 1, .missing_low = NAN, .missing_high = NAN, .ref = { .rows = 70412 }, .cur = { .rows = 11907 } };
	}
	c[2].reasons = tenure_reasons, c[2].n_reasons = 2;
	c[4].reasons = plan_reasons, c[4].n_reasons = 1;
	struct report r = { .name = "churn-daily", .origin = "", .mode = "mlyard", .ms = TODAY_MS, .reference = "ref.csv", .current = "cur.csv", .model = "churn", .version = 2, .drifted = true,
		.verdict = "drifted", .share = 2.0 / 14, .alpha = 0.05, .n_ref = 70412, .n_cur = 11907, .n_drifted = 2, .n_compared = 14, .columns = c, .n_columns = PULSE_CHURN_COLUMNS,
		.performance = { .task = "", .target = "", .prediction = "", .probability = "", .positive = "", .assumption = "", .segment_metric = "", .why_not = "" } };
	assert_int_equal(store_commit(f->s, 0, &e), ST_OK);
	if (report_save(f->s, &r, &id, &e) != ST_OK)
		fail_msg("%s", e.text);
	assert_int_equal(store_begin(f->s, &e), ST_OK);
	sql(f, "UPDATE monitor_window SET report_id = %lld WHERE monitor_id = 1 AND seq = %d", (long long)id, PULSE_CHURN_WINDOWS - 1);
	sql(f, "DELETE FROM drift_report WHERE id = %d", 100 + PULSE_CHURN_WINDOWS - 1);
}

static void others(struct fixture *f)
{
	char key[32];
	add_monitor(f, 2, "credit-weekly", "credit", "stable", FIXTURE_NOW + 2 * DAY_MS);
	for (int w = 0; w < 26; w++) {
		int64_t first = TODAY_MS - (26 - w) * 7 * DAY_MS;
		day_key(key, sizeof key, first);
		add_report(f, 300 + w, "credit-weekly", "credit", first + 7 * DAY_MS, "stable");
		for (int c = 0; c < 6; c++)
			add_column(f, 300 + w, c, columns[c + 6], calm(c + 20, w) * 1.6, false);
		add_window(f, 2, w, key, first, first + 7 * DAY_MS, "done", 300 + w, "stable", "");
	}
	add_monitor(f, 3, "uploads", "", "trouble", 0);
	for (int w = 0; w < 5; w++) {
		snprintf(key, sizeof key, "batch-%02d.csv", w + 1);
		if (w < 4) {
			add_report(f, 400 + w, "uploads", "", FIXTURE_NOW - (5 - w) * DAY_MS, w == 2 ? "watch" : "stable");
			for (int c = 0; c < 3; c++)
				add_column(f, 400 + w, c, columns[c], w == 2 && c == 1 ? 0.9 : calm(c, w), w == 2 && c == 1);
		}
		add_window(f, 3, w, key, 0, 0, w < 4 ? "done" : "failed", w < 4 ? 400 + w : 0, w == 2 ? "watch" : w < 4 ? "stable" : "", w < 4 ? "" : "batch-05.csv: permission denied");
	}
	for (int w = 0; w < 3; w++) {
		add_report(f, 500 + w, "wine by hand", "wine", FIXTURE_NOW - (3 - w) * DAY_MS, "stable");
		for (int c = 0; c < 4; c++)
			add_column(f, 500 + w, c, columns[c + 8], calm(c, w + 40), false);
	}
}

void pulse_fill(struct fixture *f)
{
	add_monitor(f, 1, "churn-daily", "churn", "drifted", 0);
	for (int w = 0; w < PULSE_CHURN_WINDOWS; w++)
		churn_window(f, w, TODAY_MS - (PULSE_CHURN_WINDOWS - w) * DAY_MS);
	real_report(f);
	alerts(f);
	others(f);
}

void pulse_fill_large(struct fixture *f, int n_columns, int windows)
{
	char key[32], name[32];
	add_monitor(f, 1, "large", "large", "drifted", 0);
	for (int w = 0; w < windows; w++) {
		int64_t first = TODAY_MS - (windows - w) * DAY_MS;
		day_key(key, sizeof key, first);
		add_report(f, 1000 + w, "large", "large", first + DAY_MS, w > windows - 30 ? "drifted" : "stable");
		for (int c = 0; c < n_columns; c++) {
			snprintf(name, sizeof name, "feature_%03d", c);
			add_column(f, 1000 + w, c, name, c % 17 == 3 && w > windows - 30 ? 1.5 + c % 5 : calm(c, w) * 1.8, false);
		}
		add_window(f, 1, w, key, first, first + DAY_MS, "done", 1000 + w, w > windows - 30 ? "drifted" : "stable", "");
	}
}
