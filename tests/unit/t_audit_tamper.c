/* Every way to change a log behind the program's back: found with the first bad record, or named among what cannot be proved. */
#include "tests/unit/audit_help.h"

#include <sodium.h>

#include "core/base/fs.h"
#include "core/registry/audit_impl.h"

enum { RECORDS = 100 };

static struct audit_report report;

/* As somebody with another program would: the triggers are gone for ever, which they are not here to prevent. */
static void tamper(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;
	assert_int_equal(sqlite3_open(in_folder("w.db"), &db), SQLITE_OK);
	sqlite3_exec(db, "DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete; DROP TRIGGER IF EXISTS audit_no_gap", NULL, NULL, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

static enum status verify(int64_t from, int64_t to)
{
	audit_report_free(&report);
	return audit_verify(s, from, to, NULL, &report, &why);
}

static void holds(void)
{
	if (verify(0, 0) != ST_OK)
		fail_msg("%s\n%s", why.text, report.findings.p);
	assert_int_equal(report.first_bad, 0);
	assert_int_equal(report.findings.len, 0);
}

static void fails_at(int64_t seq)
{
	assert_int_equal(verify(0, 0), ST_CHECK);
	if (report.first_bad != seq)
		fail_msg("first bad record %lld, not %lld:\n%s", (long long)report.first_bad, (long long)seq, report.findings.p);
	assert_true(report.findings.len > 0);
}

static void fails_with(const char *words)
{
	assert_int_equal(verify(0, 0), ST_CHECK);
	if (!strstr(report.findings.p, words))
		fail_msg("no \"%s\" in:\n%s", words, report.findings.p);
}

static void lists(const struct str *lines, const char *words)
{
	if (!strstr(lines->p, words))
		fail_msg("no \"%s\" in:\n%s", words, lines->p);
}

/* 100 records with texts of every kind, and a checkpoint in the middle and one at the end. */
static int begin(void **state)
{
	if (help_begin(state) != 0)
		return -1;
	report = (struct audit_report){ .proved = STR_INIT, .unproved = STR_INIT, .findings = STR_INIT };
	help_records(49);
	OK(audit_checkpoint(s, &somebody, true, &why));                /* its key is record 50 */
	clock_set_wall_ms(clock_wall_ms() + 1000);
	help_records(RECORDS - 50);
	OK(audit_checkpoint(s, &somebody, true, &why));
	help_forget();                                                 /* memories have tests of their own */
	assert_int_equal(number_of(s, "SELECT count(*) FROM audit"), RECORDS);
	return 0;
}

static int end(void **state)
{
	audit_report_free(&report);
	return help_end(state);
}

static void a_whole_log_holds(void **state)
{
	(void)state;
	holds();
	assert_int_equal(report.records, RECORDS);
	assert_int_equal(report.head_seq, RECORDS);
	assert_int_equal(report.checkpoints, 2);
	lists(&report.proved, "records 1 to 100");
	lists(&report.proved, "2 checkpoints hold, the last signs record 100");
	lists(&report.unproved, "is requester's");
	lists(&report.unproved, "you have not seen it before");
}

static void an_empty_log_holds(void **state)
{
	(void)state;
	assert_int_equal(verify(0, 0), ST_OK);
	assert_int_equal(report.records, 0);
	lists(&report.unproved, "no signed checkpoint");
}

/* ---- each byte of each field ---- */

/* Each verification reads the record before, the one that was changed and the next one. */
static const char *const fields[] = { "prev", "ms", "up_ms", "actor", "uid", "key_id", "action", "object", "before", "after", "reason", "hash" };

/* A statement on a plain connection that is open all the time: opening one for each byte would be the whole test. */
static void plain_exec(sqlite3 *db, const char *sql)
{
	char *message = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

static int64_t plain_int(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

/* One byte of a field becomes another; of an integer, its lowest bit. */
static void flip(sqlite3 *db, const char *field, int seq, int at, bool integer)
{
	char sql[512];
	if (integer)
		snprintf(sql, sizeof sql, "UPDATE audit SET %s = (%s | (1 << %d)) - (%s & (1 << %d)) WHERE seq = %d", field, field, 8 * at, field, 8 * at, seq);
	else
		snprintf(sql, sizeof sql, "UPDATE audit SET %s = CAST(substr(CAST(%s AS BLOB), 1, %d) || CASE substr(CAST(%s AS BLOB), %d, 1) WHEN x'5A' THEN x'59' ELSE x'5A' END"
			" || substr(CAST(%s AS BLOB), %d) AS %s) WHERE seq = %d", field, field, at, field, at + 1, field, at + 2, strcmp(field, "prev") && strcmp(field, "hash") ? "TEXT" : "BLOB", seq);
	plain_exec(db, sql);
}

static void every_byte_of_a_record_counts(void **state)
{
	(void)state;
	sqlite3 *db;
	int64_t flips = 0;
	tamper("SELECT 1");
	assert_int_equal(sqlite3_open(in_folder("w.db"), &db), SQLITE_OK);
	plain_exec(db, "PRAGMA synchronous = OFF");
	for (int seq = 1; seq <= RECORDS; seq++) {
		for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
			char sql[300];
			bool integer = !strcmp(fields[f], "ms") || !strcmp(fields[f], "up_ms") || !strcmp(fields[f], "uid");
			snprintf(sql, sizeof sql, "SELECT coalesce(length(CAST(%s AS BLOB)), 0) FROM audit WHERE seq = %d", fields[f], seq);
			int n = integer ? 8 : (int)plain_int(db, sql);
			snprintf(sql, sizeof sql, "CREATE TEMP TABLE was AS SELECT * FROM audit WHERE seq = %d", seq);
			plain_exec(db, sql);
			for (int at = 0; at < n; at++) {
				flip(db, fields[f], seq, at, integer);
				assert_int_equal(verify(seq > 1 ? seq - 1 : 1, seq + 1 <= RECORDS ? seq + 1 : seq), ST_CHECK);
				assert_int_equal(report.first_bad, seq);
				plain_exec(db, "REPLACE INTO audit SELECT * FROM was");
				flips++;
			}
			plain_exec(db, "DROP TABLE was");
		}
	}
	assert_true(flips > 15000);
	sqlite3_close(db);
	holds();
}

static void a_field_of_another_type_is_found(void **state)
{
	(void)state;
	tamper("UPDATE audit SET reason = CAST(reason AS BLOB) WHERE seq = 7");
	fails_at(7);
	tamper("UPDATE audit SET reason = CAST(reason AS TEXT) WHERE seq = 7; UPDATE audit SET before = '' WHERE seq = 9 AND before IS NULL");
	fails_at(9);
	tamper("UPDATE audit SET before = NULL WHERE seq = 9; UPDATE audit SET hash = '' WHERE seq = 11");
	fails_at(11);
}

static void a_swap_of_fields_is_found(void **state)
{
	(void)state;
	tamper("UPDATE audit SET action = object, object = action WHERE seq = 20");
	fails_at(20);
	tamper("UPDATE audit SET action = object, object = action WHERE seq = 20; UPDATE audit SET action = 'version.describ', object = 'e' || object WHERE seq = 20");
	fails_at(20);
}

/* ---- records dropped, swapped, doubled, put in ---- */

static void a_missing_head_is_found(void **state)
{
	(void)state;
	tamper("DELETE FROM audit WHERE seq <= 3");
	fails_at(1);
	lists(&report.findings, "records 1 to 3 are missing");
}

static void a_missing_middle_is_found(void **state)
{
	(void)state;
	tamper("DELETE FROM audit WHERE seq = 42");
	fails_at(42);
	tamper("UPDATE audit SET seq = -seq WHERE seq > 42; UPDATE audit SET seq = -seq - 1 WHERE seq < 0");       /* and closed up */
	fails_at(42);
}

static void a_cut_tail_under_a_checkpoint_is_found(void **state)
{
	(void)state;
	tamper("DELETE FROM audit WHERE seq > 90");
	fails_at(91);
	lists(&report.findings, "checkpoint 2 signed record 100");
	tamper("DELETE FROM audit_checkpoint WHERE n = 2");
	holds();                                           /* nobody saw it and nobody signed it: */
	lists(&report.unproved, "cut off or rewrote records after 50");
	tamper("DELETE FROM audit WHERE seq > 40");
	fails_at(41);
}

static void a_cut_tail_that_was_seen_is_found(void **state)
{
	(void)state;
	OK(audit_memory_keep(s, &why));
	tamper("DELETE FROM audit WHERE seq > 90; DELETE FROM audit_checkpoint WHERE n = 2");
	assert_int_equal(verify(0, 0), ST_CHECK);
	assert_int_equal(report.remembered_seq, 100);
	lists(&report.findings, "history was cut");
}

static void swapped_records_are_found(void **state)
{
	(void)state;
	tamper("UPDATE audit SET seq = -1 WHERE seq = 30; UPDATE audit SET seq = 30 WHERE seq = 31; UPDATE audit SET seq = 31 WHERE seq = -1");
	fails_at(30);
}

static void a_doubled_record_is_found(void **state)
{
	(void)state;
	tamper("INSERT INTO audit SELECT 101, prev, ms, up_ms, actor, uid, key_id, action, object, before, after, reason, hash FROM audit WHERE seq = 100");
	fails_at(101);
}

static void a_record_put_in_is_found(void **state)
{
	(void)state;
	tamper("UPDATE audit SET seq = -seq WHERE seq > 60; UPDATE audit SET seq = -seq + 1 WHERE seq < 0;"
		"INSERT INTO audit SELECT 61, prev, ms, up_ms, actor, uid, key_id, action, object, before, after, reason, hash FROM audit WHERE seq = 60");
	fails_at(61);
	tamper("INSERT INTO audit SELECT -5, prev, ms, up_ms, actor, uid, key_id, action, object, before, after, reason, hash FROM audit WHERE seq = 1");
	fails_at(61);
}

static void another_identity_is_found(void **state)
{
	(void)state;
	tamper("UPDATE reg_workspace SET uuid = '11111111-1111-4111-8111-111111111111'");
	fails_at(1);
}

/* ---- rewriting with fresh hashes ---- */

/* Gives records from `from` on the hashes and links that fit, as the program would have. */
static void rehash(int from)
{
	sqlite3 *db;
	sqlite3_stmt *q, *put;
	struct str scratch = STR_INIT;
	unsigned char prev[AUDIT_HASH], hash[AUDIT_HASH];
	char uuid[AUDIT_UUID + 1];
	OK(audit_uuid(s, uuid, &why));
	audit_genesis(uuid, prev);
	assert_int_equal(sqlite3_open(in_folder("w.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT seq, ms, up_ms, uid, actor, key_id, action, object, before, after, reason, hash FROM audit ORDER BY seq", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "UPDATE audit SET prev = ?, hash = ? WHERE seq = ?", -1, &put, NULL), SQLITE_OK);
	plain_exec(db, "BEGIN");
	while (sqlite3_step(q) == SQLITE_ROW) {
		struct audit_record r = { .seq = sqlite3_column_int64(q, 0), .ms = sqlite3_column_int64(q, 1), .up_ms = sqlite3_column_int64(q, 2),
			.uid = sqlite3_column_int64(q, 3), .prev = prev };
		for (int i = 0; i < AUDIT_TEXTS; i++) {
			const char *text = (const char *)sqlite3_column_text(q, 4 + i);
			r.text[i] = (struct audit_text){ text, (size_t)sqlite3_column_bytes(q, 4 + i) };
		}
		audit_hash(&r, &scratch, hash);
		if (r.seq >= from) {
			sqlite3_bind_blob(put, 1, prev, AUDIT_HASH, SQLITE_STATIC);
			sqlite3_bind_blob(put, 2, hash, AUDIT_HASH, SQLITE_STATIC);
			sqlite3_bind_int64(put, 3, r.seq);
			assert_int_equal(sqlite3_step(put), SQLITE_DONE);
			sqlite3_reset(put);
		}
		memcpy(prev, hash, AUDIT_HASH);
	}
	plain_exec(db, "COMMIT");
	sqlite3_finalize(q);
	sqlite3_finalize(put);
	sqlite3_close(db);
	str_free(&scratch);
}

static void a_rewrite_with_fresh_hashes_does_not_fit_the_checkpoints(void **state)
{
	(void)state;
	tamper("UPDATE audit SET reason = 'nobody asked' WHERE seq = 70");
	rehash(70);
	fails_at(100);
	lists(&report.findings, "rewritten somewhere after record 50");
	tamper("UPDATE audit SET reason = 'nobody asked' WHERE seq = 20");
	rehash(20);
	fails_at(50);
}

static void without_checkpoint_and_memory_a_rewrite_is_named_as_unprovable(void **state)
{
	(void)state;
	tamper("UPDATE audit SET reason = 'nobody asked' WHERE seq = 20; DELETE FROM audit_checkpoint");
	rehash(20);
	holds();
	lists(&report.unproved, "there is no signed checkpoint yet");
	lists(&report.unproved, "you have not seen it before");
}

static void a_rewrite_after_it_was_seen_is_found(void **state)
{
	(void)state;
	OK(audit_memory_keep(s, &why));
	tamper("UPDATE audit SET reason = 'nobody asked' WHERE seq = 20; DELETE FROM audit_checkpoint");
	rehash(20);
	fails_at(100);
	lists(&report.findings, "history was replaced");
}

static void checkpoints_are_no_less_guarded(void **state)
{
	(void)state;
	static const struct { const char *sql, *words; } cases[] = {
		{ "DELETE FROM audit_checkpoint WHERE n = 1", "checkpoints 1 to 1 are missing" },
		{ "UPDATE audit_checkpoint SET n = n + 10", "checkpoints 1 to 10 are missing" },
		{ "UPDATE audit_checkpoint SET ms = ms + 1 WHERE n = 1", "checkpoint 1 was altered" },
		{ "UPDATE audit_checkpoint SET seq = 99 WHERE n = 2", "checkpoint 2 was altered" },
		{ "UPDATE audit_checkpoint SET hash = (SELECT hash FROM audit WHERE seq = 99), seq = 99 WHERE n = 2", "checkpoint 2 was altered" },
		{ "UPDATE audit_checkpoint SET signature = zeroblob(64) WHERE n = 2", "checkpoint 2 was altered" },
		{ "UPDATE audit_checkpoint SET signature = '' WHERE n = 2", "checkpoint 2 was altered" },
		{ "UPDATE audit_checkpoint SET key_id = '0000000000000000' WHERE n = 2", "never introduced" },
		{ "UPDATE audit_checkpoint SET signature = (SELECT signature FROM audit_checkpoint WHERE n = 1) WHERE n = 2", "checkpoint 2 was altered" },
		{ "UPDATE audit_checkpoint SET n = -n; UPDATE audit_checkpoint SET n = 3 + n", "altered" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tamper("CREATE TABLE keep AS SELECT * FROM audit_checkpoint");
		tamper(cases[i].sql);
		fails_with(cases[i].words);
		tamper("DELETE FROM audit_checkpoint; INSERT INTO audit_checkpoint SELECT * FROM keep; DROP TABLE keep");
		holds();
	}
}

/* Rewritten and signed anew by somebody with another key: that key was never introduced, or its introduction does not fit. */
static void a_rewrite_signed_with_another_key_is_found(void **state)
{
	(void)state;
	struct key_public other;
	char hex[2 * KEY_PUBLIC + 1], sql[400];
	OK(key_create(in_folder("other.key"), KEY_WITNESS, KEY_SEAL_NONE, "somebody", NULL, &other, &why));
	sodium_bin2hex(hex, sizeof hex, other.bytes, KEY_PUBLIC);
	snprintf(sql, sizeof sql, "UPDATE audit_checkpoint SET key_id = '%s'", other.id);
	tamper(sql);
	fails_with("never introduced");
	snprintf(sql, sizeof sql, "UPDATE reg_key SET key_id = '%s', public = x'%s'", other.id, hex);
	tamper(sql);
	fails_with("is not the one that record 50 introduced");
}

static void keys_policies_and_marks_must_have_their_records(void **state)
{
	(void)state;
	static const struct { const char *sql, *words, *undo; } cases[] = {
		{ "UPDATE reg_key SET actor = 'somebody'", "is not the one that record 50 introduced", "UPDATE reg_key SET actor = 'requester'" },
		{ "UPDATE reg_key SET kind = 'approval'", "is not the one that record 50 introduced", "UPDATE reg_key SET kind = 'witness'" },
		{ "UPDATE reg_key SET revoked_ms = 1", "marked as revoked", "UPDATE reg_key SET revoked_ms = NULL" },
		{ "UPDATE reg_key SET seq = 7", "introduced", "UPDATE reg_key SET seq = 50" },
		{ "INSERT INTO reg_policy VALUES(1, zeroblob(32), 'lanes: []', 0, 'x', 7)", "policy 1 is not the one", "DELETE FROM reg_policy" },
		{ "INSERT INTO model(id, source_id, name) SELECT 1, id, 'm' FROM source; INSERT INTO reg_model(model_id, rev) SELECT 1, 5000", "names record 5000", "DELETE FROM reg_model; DELETE FROM model" },
	};
	tamper("INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'test', 'test:', 0, 0)");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tamper(cases[i].sql);
		fails_with(cases[i].words);
		tamper(cases[i].undo);
		holds();
	}
	tamper("DELETE FROM reg_key");
	fails_with("the key of record 50 is not among the keys any more");
}

/* ---- copies and forks ---- */

static void an_older_copy_put_back_is_found_by_who_saw_more(void **state)
{
	(void)state;
	struct str copy = STR_INIT;
	help_close();
	OK(fs_read(in_folder("w.db"), 1 << 24, &copy, &why));
	help_open();
	help_records(5);
	OK(audit_memory_keep(s, &why));
	help_close();
	OK(fs_replace(in_folder("w.db"), copy.p, copy.len, &why));
	help_open();
	fails_at(105);
	str_free(&copy);
}

static void a_restored_backup_is_found_too(void **state)
{
	(void)state;
	OK(store_backup(pool, in_folder("backup.db"), false, NULL, &why));
	help_records(1);
	OK(audit_memory_keep(s, &why));
	help_close();
	assert_int_equal(rename(in_folder("backup.db"), in_folder("w.db")), 0);
	help_open();
	fails_at(101);
	OK(audit_acknowledge(s, &somebody, "the disk failed", &why));
	holds();
}

/* Both halves are whole; who saw one of them does not take the other. */
static void of_two_forks_the_other_one_is_refused(void **state)
{
	(void)state;
	OK(store_backup(pool, in_folder("fork.db"), false, NULL, &why));
	help_records(3);
	OK(audit_memory_keep(s, &why));
	help_close();
	assert_int_equal(rename(in_folder("fork.db"), in_folder("w.db")), 0);
	help_open();
	clock_set_wall_ms(clock_wall_ms() + 1000);
	help_records(3);
	fails_at(103);
	lists(&report.findings, "history was replaced");
	setenv("XDG_STATE_HOME", in_folder("nobody"), 1);
	holds();
}

/* ---- the rest ---- */

static void a_clock_that_goes_back_is_told_and_no_fault(void **state)
{
	(void)state;
	clock_set_wall_ms(clock_wall_ms() - 3600 * 1000);
	help_records(2);
	holds();
	lists(&report.unproved, "the wall clock went back 1 time, first at record 101");
}

static void a_part_is_verified_from_the_record_before_it(void **state)
{
	(void)state;
	OK(verify(40, 60));
	assert_int_equal(report.records, 21);
	assert_int_equal(report.head_seq, 60);
	lists(&report.unproved, "outside of 40 to 60");
	assert_int_equal(verify(60, 40), ST_USAGE);
	assert_int_equal(verify(90, 200), ST_CHECK);
	assert_int_equal(report.first_bad, 101);
	tamper("UPDATE audit SET reason = '' WHERE seq = 50");
	OK(verify(51, 60));
	assert_int_equal(verify(50, 50), ST_CHECK);
	OK(verify(1, 49));
}

static void many_findings_are_counted(void **state)
{
	(void)state;
	help_records(60);
	tamper("UPDATE audit SET reason = 'x'");
	fails_at(1);
	lists(&report.findings, "and 6");
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_log_holds, help_begin, end),
		EACH(a_whole_log_holds), EACH(every_byte_of_a_record_counts), EACH(a_field_of_another_type_is_found), EACH(a_swap_of_fields_is_found),
		EACH(a_missing_head_is_found), EACH(a_missing_middle_is_found), EACH(a_cut_tail_under_a_checkpoint_is_found), EACH(a_cut_tail_that_was_seen_is_found),
		EACH(swapped_records_are_found), EACH(a_doubled_record_is_found), EACH(a_record_put_in_is_found), EACH(another_identity_is_found),
		EACH(a_rewrite_with_fresh_hashes_does_not_fit_the_checkpoints), EACH(without_checkpoint_and_memory_a_rewrite_is_named_as_unprovable),
		EACH(a_rewrite_after_it_was_seen_is_found), EACH(checkpoints_are_no_less_guarded), EACH(a_rewrite_signed_with_another_key_is_found),
		EACH(keys_policies_and_marks_must_have_their_records), EACH(an_older_copy_put_back_is_found_by_who_saw_more), EACH(a_restored_backup_is_found_too),
		EACH(of_two_forks_the_other_one_is_refused), EACH(a_clock_that_goes_back_is_told_and_no_fault), EACH(a_part_is_verified_from_the_record_before_it),
		EACH(many_findings_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
