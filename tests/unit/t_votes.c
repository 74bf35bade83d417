/* Requests and votes: who may, what counts, and every way in which an approval stops counting. */
#include "core/registry/audit_impl.h"
#include "core/registry/decide_impl.h"
#include "tests/unit/decide_help.h"

/* churn v1 waits in Staging with a request for Production under two_eyes. */
static int64_t request_waiting(void)
{
	apply_policy(two_eyes);
	registered("churn");
	OK(try_promote(REQUESTER, "churn", 1, "Staging"));
	return requested("churn", 1, "Production");
}

static struct str count_why = STR_INIT;

/* Approvals that count now; the reasons of the others in count_why. */
static int good_votes(int64_t request)
{
	struct policy *p;
	struct request r;
	struct gate_report *g;
	struct arena *a = arena_new();
	int good;
	str_clear(&count_why);
	OK(policy_load(s, &p, NULL, &why));
	OK(request_read(s, a, request, &r, &why));
	OK(gates_check(s, p, r.model_id, r.version, r.to, GATES_FOR_PROMOTION, NULL, 0, &g, &why));
	OK(votes_count(s, p, g->rule, request, g->basis, &good, &count_why, &why));
	assert_int_equal(g->approvals_given, g->request_id ? good : 0);
	gate_report_free(g);
	policy_free(p);
	arena_free(a);
	return good;
}

#define COUNTS(request, n, words) counts((request), (n), (words), __FILE__, __LINE__)
static void counts(int64_t request, int n, const char *words, const char *file, int line)
{
	int good = good_votes(request);
	if (good == n && strstr(count_why.p, words))
		return;
	print_error("%d good, because: %s\nwanted %d with: %s\n", good, count_why.p, n, words);
	_fail(file, line);
}

/* As somebody would who can write the file: no record, no gate. */
static void tamper(const char *sql)
{
	sqlite3 *db = NULL;
	char *error = NULL;
	assert_int_equal(sqlite3_open(in_folder("w.db"), &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 120000);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

/* ---- asking ---- */

static void a_request_is_asked_once_and_for_something(void **state)
{
	(void)state;
	int64_t id = request_waiting(), other = 0;
	struct actor reader = me(READER);
	const struct move none = { .model_id = model("churn"), .version = 1, .to = "Production", .reason = "  ", .expect_rev = -1 };
	REFUSED(try_request(FIRST, "churn", 1, "Production", &other), "request 1 by requester asks for this already");
	REFUSED(try_request(FIRST, "churn", 1, "Staging", &other), "in Staging already");
	FAILS(try_request(FIRST, "churn", 1, "Nowhere", &other), ST_USAGE, "lane");
	FAILS(try_request(FIRST, "churn", 5, "Production", &other), ST_NOT_FOUND, "no version 5");
	FAILS(decide_request(s, &reader, &none, &other, &why), ST_USAGE, "reason");
	REFUSED(try_request(READER, "churn", 1, "Archived", &other), "viewer");
	assert_int_equal(other, 0);
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "0 of 2 approvals");
	assert_string_equal(ask("SELECT expires_ms - created_ms FROM reg_request WHERE id = %" PRId64, id), "259200000");
	assert_string_equal(ask("SELECT json_extract(after, '$.state') FROM audit WHERE object = 'request:1'"), "open");
}

static void two_other_people_must_agree(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	REFUSED(try_vote(REQUESTER, id, true), "who asked for a move cannot vote");
	REFUSED(try_vote(REGISTRAR, id, true), "who registered the version cannot vote");
	REFUSED(try_vote(READER, id, true), "viewer");
	struct actor agent = me(FIRST);
	agent.agent = true;
	REFUSED(decide_vote(s, &agent, keys[FIRST], id, true, "", &why), "agents may not approve");
	REFUSED(decide_vote(s, &agent, keys[FIRST], id, false, "", &why), "agents may not reject");
	COUNTS(id, 0, "");
	OK(try_vote(FIRST, id, true));
	assert_non_null(strstr(why.text, "1 of 2"));
	REFUSED(try_vote(FIRST, id, true), "one person counts once");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "1 of 2 approvals");
	OK(try_vote(SECOND, id, true));
	COUNTS(id, 2, "");
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	assert_string_equal(ask("SELECT state FROM reg_request"), "done");
	assert_string_equal(alias_of("churn", "champion"), "1");
	REFUSED(try_vote(ADMIN, id, true), "the move was made");
	assert_string_equal(ask("SELECT json_extract(after, '$.approved_by') FROM audit WHERE action = 'model.promote' ORDER BY seq DESC"), "[\"first approver\",\"second approver\"]");
	assert_string_equal(ask("SELECT json_extract(after, '$.approvals_given') FROM audit WHERE action = 'model.promote' ORDER BY seq DESC"), "2");
}

/* Another name with the requester's or the registrar's key is still that person. */
static void keys_tell_people_apart(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	struct actor first = me(FIRST);
	REFUSED(decide_vote(s, &first, keys[REQUESTER], id, true, "", &why), "who asked for a move cannot vote");
	REFUSED(decide_vote(s, &first, keys[REGISTRAR], id, true, "", &why), "who registered the version cannot vote");
	OK(try_vote(FIRST, id, true));
	struct actor second = me(SECOND);
	REFUSED(decide_vote(s, &second, keys[FIRST], id, true, "", &why), "belongs to first approver");
	COUNTS(id, 1, "");
}

static void a_rejection_ends_it(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	OK(try_vote(SECOND, id, false));
	assert_string_equal(ask("SELECT state FROM reg_request"), "rejected");
	REFUSED(try_vote(ADMIN, id, true), "rejected");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "0 of 2 approvals");
	int64_t again = requested("churn", 1, "Production");
	assert_int_equal(again, id + 1);
	COUNTS(again, 0, "");                                        /* nothing came along */
}

static void who_asked_may_take_it_back(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	struct actor first = me(FIRST), requester = me(REQUESTER);
	REFUSED(decide_withdraw(s, &first, id, "", &why), "only requester");
	OK(decide_comment(s, &first, id, "why now?", &why));
	FAILS(decide_comment(s, &first, id, "", &why), ST_USAGE, "empty");
	OK(decide_withdraw(s, &requester, id, "later", &why));
	REFUSED(decide_withdraw(s, &requester, id, "", &why), "withdrawn");
	REFUSED(decide_comment(s, &first, id, "too late", &why), "withdrawn");
	FAILS(decide_comment(s, &first, 99, "x", &why), ST_NOT_FOUND, "no request 99");
	COUNTS(id, 0, "");
}

/* ---- what stops an approval from counting ---- */

static void time_runs_out(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	turn_clock(71 * HOUR_MS);
	COUNTS(id, 1, "");
	turn_clock(HOUR_MS);
	COUNTS(id, 0, "it has expired");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "0 of 2");
	REFUSED(try_vote(SECOND, id, true), "expired");
	assert_string_equal(ask("SELECT state FROM reg_request"), "open");          /* that change was undone with what it refused */
	struct actor somebody = me(REQUESTER);
	OK(decide_expire(s, &somebody, &why));
	assert_string_equal(ask("SELECT state FROM reg_request"), "expired");
	assert_string_equal(ask("SELECT action FROM audit WHERE object = 'request:1' ORDER BY seq DESC LIMIT 1"), "request.expire");
	turn_clock(-100 * HOUR_MS);                                  /* turning the clock back revives nothing */
	COUNTS(id, 0, "it has expired");
	registered("churn");                                         /* nor does a record at that time */
	COUNTS(id, 0, "it has expired");
	OK(decide_expire(s, &somebody, &why));
	assert_int_equal(requested("churn", 1, "Production"), id + 1);
}

static void a_new_policy_voids(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	OK(try_vote(SECOND, id, true));
	char *weaker = mem_strdup(two_eyes);
	memcpy(strstr(weaker, "needed: 2"), "needed: 1", 9);
	apply_policy(weaker);
	COUNTS(id, 0, "the policy changed after it was given");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "0 of 1 approvals");
	assert_string_equal(ask("SELECT count(*) FROM reg_vote WHERE void_why IS NOT NULL"), "2");   /* and it is written down */
	assert_string_equal(ask("SELECT count(*) FROM audit WHERE action = 'request.void'"), "2");
	apply_policy(two_eyes);                                      /* the old text again revives nothing */
	COUNTS(id, 0, "the policy changed");
	OK(try_vote(FIRST, id, true));
	OK(try_vote(SECOND, id, true));
	COUNTS(id, 2, "the policy changed");
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	free(weaker);
}

static void a_new_artifact_voids(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	tamper("UPDATE reg_version SET digest = x'0101010101010101010101010101010101010101010101010101010101010101'");
	COUNTS(id, 0, "the artifact changed after it was given");
	OK(try_vote(FIRST, id, true));                               /* having looked at the new one */
	COUNTS(id, 1, "the artifact changed");
}

static void other_metrics_void(void **state)
{
	(void)state;
	apply_policy(two_eyes);
	tamper("INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(7, 'mlflow_db', '/m.db', 0, 0); INSERT INTO experiment(id, source_id, ext_id, name) VALUES(1, 7, '1', 'e');"
		"INSERT INTO run(id, experiment_id, source_id, uuid, name, status, artifact_uri) VALUES(1, 1, 7, 'feedbeef', 'trial', 3, '/nowhere'); INSERT INTO name(id, text) VALUES(1, 'auc');"
		"INSERT INTO metric(name_id, run_id, n, first_step, last_step, first_ms, last_ms, last) VALUES(1, 1, 1, 0, 0, 0, 0, 0.9)");
	struct actor who = me(REGISTRAR);
	const struct register_spec spec = { .model = "churn", .run = "feedbeef" };
	int64_t v;
	OK(decide_register(s, &who, &spec, &v, &why));
	OK(try_promote(REQUESTER, "churn", v, "Staging"));
	int64_t id = requested("churn", v, "Production");
	OK(try_vote(FIRST, id, true));
	tamper("UPDATE metric SET last = 0.91");
	COUNTS(id, 0, "the metrics or files changed after it was given");
}

static void forged_votes_do_not_count(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	static const struct { const char *change, *words; } tampered[] = {
		{ "UPDATE reg_vote SET signature = zeroblob(64)", "its signature is not good" },
		{ "UPDATE reg_vote SET signature = x'00'", "its signature is not good" },
		{ "UPDATE reg_vote SET statement = statement || x'00'", "its signature is not good" },
		{ "UPDATE reg_vote SET statement = NULL", "its signature is not good" },
		{ "UPDATE reg_vote SET expires_ms = expires_ms + 1", "it says something else" },
		{ "UPDATE reg_vote SET key_id = 'ffffffffffffffff'", "never introduced" },
		{ "UPDATE reg_vote SET actor = 'second approver'", "belongs to somebody else" },
		{ "UPDATE reg_key SET revoked_ms = 1", "its key was revoked" },
		{ "UPDATE reg_key SET kind = 'witness'", "never introduced" },
		{ "UPDATE reg_request SET to_stage = 'Staging'", "it says something else" },
		{ "UPDATE reg_request SET key_id = 'other'", "it says something else" },
		{ "UPDATE reg_workspace SET uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff'", "another workspace" },
	};
	for (size_t i = 0; i < sizeof tampered / sizeof *tampered; i++) {
		tamper("CREATE TABLE k_vote AS SELECT * FROM reg_vote; CREATE TABLE k_key AS SELECT * FROM reg_key; CREATE TABLE k_request AS SELECT * FROM reg_request; CREATE TABLE k_ws AS SELECT * FROM reg_workspace");
		tamper(tampered[i].change);
		struct arena *a = arena_new();
		struct policy *p;
		struct request r;
		struct judgement j;
		unsigned char basis[POLICY_HASH] = { 0 };
		OK(policy_load(s, &p, NULL, &why));
		OK(request_read(s, a, id, &r, &why));
		OK(votes_judge(s, a, p, &p->rules[0], &r, basis, &j, &why));
		assert_int_equal(j.good, 0);
		if (!strstr(j.at[0].why, tampered[i].words))
			fail_msg("%s: %s", tampered[i].change, j.at[0].why);
		policy_free(p);
		arena_free(a);
		tamper("PRAGMA foreign_keys = OFF; DELETE FROM reg_vote; INSERT INTO reg_vote SELECT * FROM k_vote; DELETE FROM reg_key; INSERT INTO reg_key SELECT * FROM k_key; DELETE FROM reg_request;"
			"INSERT INTO reg_request SELECT * FROM k_request; DELETE FROM reg_workspace; INSERT INTO reg_workspace SELECT * FROM k_ws; DROP TABLE k_vote; DROP TABLE k_key; DROP TABLE k_request; DROP TABLE k_ws");
	}
	COUNTS(id, 1, "");
}

/* The same signed bytes once more: for this request, and for another. */
static void replayed_votes_do_not_count(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	tamper("INSERT INTO reg_vote(request_id, actor, uid, key_id, verdict, ms, expires_ms, statement, signature, seq) SELECT request_id, actor, uid, key_id, verdict, ms, expires_ms, statement, signature, seq FROM reg_vote");
	COUNTS(id, 1, "one person counts once");
	struct actor requester = me(REQUESTER);
	OK(decide_withdraw(s, &requester, id, "again later", &why));
	int64_t next = requested("churn", 1, "Production");
	tamper("UPDATE reg_vote SET request_id = 2, expires_ms = (SELECT expires_ms FROM reg_request WHERE id = 2)");
	COUNTS(next, 0, "it was signed for another request");
	OK(try_vote(FIRST, next, true));                             /* the real one counts beside them */
	COUNTS(next, 1, "another request");
}

/* A workspace file that was put back lost the vote's records; the vote itself is put in again. */
static void votes_of_another_history_do_not_count(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	tamper("DROP TRIGGER audit_no_update; UPDATE audit SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) - 1 FROM audit)");
	COUNTS(id, 0, "a history that is not this one");
}

static void a_reject_is_no_approval(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, false));
	tamper("UPDATE reg_vote SET verdict = 'approve'; UPDATE reg_request SET state = 'open'");
	COUNTS(id, 0, "it says something else than what was signed");
}

static void tamper_with(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void tamper_with(const char *fmt, ...)
{
	struct str sql = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&sql, fmt, ap);
	va_end(ap);
	tamper(sql.p);
	str_free(&sql);
}

/* What another program edits in the file: refused when it would be used, found by a verification, also after a regular move went over it. */
static void the_log_is_asked_about_requests(void **state)
{
	(void)state;
	static const struct { const char *change, *words; } edits[] = {
		{ "UPDATE reg_request SET requester = 'nobody'", "is not what record" },
		{ "UPDATE reg_request SET checked = '[\"all of it\"]'", "is not what record" },
		{ "UPDATE reg_request SET uid = uid + 1", "is not what record" },
		{ "UPDATE reg_request SET seq = seq - 1", "is not what record" },
	};
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	tamper("CREATE TABLE k_request AS SELECT * FROM reg_request");
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		tamper(edits[i].change);
		COUNTS(id, 0, edits[i].words);
		REFUSED(try_vote(SECOND, id, true), edits[i].words);
		tamper("PRAGMA foreign_keys = OFF; DELETE FROM reg_request; INSERT INTO reg_request SELECT * FROM k_request");
	}
	COUNTS(id, 1, "");
}

static void a_closed_request_stays_closed(void **state)
{
	(void)state;
	struct audit_report report;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	OK(try_vote(SECOND, id, true));
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	OK(try_promote(REQUESTER, "churn", 1, "Staging"));
	tamper("UPDATE reg_request SET state = 'open', closed_ms = NULL");
	COUNTS(id, 0, "was closed by record");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "was closed by record");
	REFUSED(try_vote(ADMIN, id, true), "was closed by record");
	assert_int_equal(audit_verify(s, 0, 0, NULL, &report, &why), ST_CHECK);
	assert_non_null(strstr(report.findings.p, "request 1 was closed by record"));
	audit_report_free(&report);
}

static void void_and_revoked_stay_so(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	struct actor first = me(FIRST);
	OK(audit_key_revoke(s, &first, first.key_id, "lost", &why));
	tamper("UPDATE reg_key SET revoked_ms = NULL");
	COUNTS(id, 0, "its key was revoked");
	OK(try_vote(SECOND, id, true));
	apply_policy("version: 1\nroles: {admin: [admin], approver: [first approver, second approver]}\ndefault_role: contributor\nrules:\n  - {name: r, to: Production, approvals: 2}\n");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "0 of 2 approvals");
	assert_string_equal(ask("SELECT count(*) FROM reg_vote WHERE void_why IS NOT NULL"), "1");
	tamper("UPDATE reg_vote SET void_why = NULL");
	COUNTS(id, 0, "says that it is void");
}

static void edited_tables_are_not_decided_on(void **state)
{
	(void)state;
	struct policy *p;
	request_waiting();
	tamper("UPDATE reg_version SET stage = 'Archived'");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Development"), "churn v1 is in Archived, and record");
	tamper("UPDATE reg_version SET stage = 'Staging'");
	tamper("CREATE TABLE k_policy AS SELECT * FROM reg_policy; UPDATE reg_policy SET text = replace(text, 'needed: 2', 'needed: 0')");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "is not the text that its record brought into force");
	tamper("UPDATE reg_policy SET hash = zeroblob(32)");
	REFUSED(policy_load(s, &p, NULL, &why), "is not the text");
	tamper("DELETE FROM reg_policy");
	REFUSED(policy_load(s, &p, NULL, &why), "is not in the workspace");
	tamper("INSERT INTO reg_policy SELECT * FROM k_policy");
	OK(try_promote(REQUESTER, "churn", 1, "Development"));
}

/* The rest of the tables against the log: each edit is found, and nothing is found without one. */
static void a_verification_finds_edited_rows(void **state)
{
	(void)state;
	static const char *const tables[] = { "reg_version", "reg_held", "reg_request", "reg_vote" };
	static const struct { const char *edit, *words; } edits[] = {
		{ "UPDATE reg_version SET digest = zeroblob(32)", "its digest is not the last that was recorded" },
		{ "UPDATE reg_version SET registered_by = 'nobody'", "who registered it is not who the record says" },
		{ "UPDATE reg_held SET from_ms = from_ms - 86400000 WHERE how = 'promote'", "the timeline of churn says something else" },
		{ "UPDATE reg_held SET from_ms = from_ms + 86400000 WHERE how = 'promote'", "the timeline of churn says something else" },
		{ "UPDATE reg_held SET to_ms = to_ms - 86400000, from_ms = from_ms - 86400001", "ends something at another time" },
		{ "UPDATE reg_held SET name = 'Production' WHERE how = 'register'", "the timeline of churn says something else" },
		{ "UPDATE reg_held SET by = 'nobody'", "the timeline of churn says something else" },
		{ "DELETE FROM reg_held WHERE how = 'register'", "the timeline lacks what record" },
		{ "DELETE FROM reg_vote; DELETE FROM reg_request", "is not among the requests any more" },
		{ "DELETE FROM reg_vote WHERE verdict = 'comment'", "is not what the votes say" },
		{ "UPDATE reg_vote SET verdict = 'reject' WHERE verdict = 'approve'", "is not what the votes say" },
		{ "UPDATE reg_vote SET comment = 'never'", "is not what the votes say" },
	};
	int64_t id = request_waiting();
	struct actor requester = me(REQUESTER);
	OK(try_vote(FIRST, id, true));
	turn_clock(-HOUR_MS);                                        /* a clock that goes backwards is no edit */
	OK(decide_comment(s, &requester, id, "soon", &why));
	OK(try_promote(REQUESTER, "churn", 1, "Development"));
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct audit_report report;
		OK(audit_verify(s, 0, 0, NULL, &report, &why));
		audit_report_free(&report);
		for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
			tamper_with("CREATE TABLE kept_%s AS SELECT * FROM %s", tables[k], tables[k]);
		tamper(edits[i].edit);
		assert_int_equal(audit_verify(s, 0, 0, NULL, &report, &why), ST_CHECK);
		if (!strstr(report.findings.p, edits[i].words))
			fail_msg("%s: %s", edits[i].edit, report.findings.p);
		audit_report_free(&report);
		for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
			tamper_with("PRAGMA foreign_keys = OFF; DELETE FROM %s; INSERT INTO %s SELECT * FROM kept_%s; DROP TABLE kept_%s", tables[k], tables[k], tables[k], tables[k]);
	}
}

static void roles_are_those_of_the_day(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	OK(try_vote(FIRST, id, true));
	struct policy *p;
	struct request r;
	struct arena *a = arena_new();
	OK(policy_load(s, &p, NULL, &why));
	OK(request_read(s, a, id, &r, &why));
	const struct voter first = { people[FIRST], key_of(keys[FIRST])->id, 7 };
	assert_null(voter_refused(a, p, &p->rules[0], &r, &first));
	p->rules[0].approver_role = MEMBER_ADMIN;
	assert_non_null(strstr(voter_refused(a, p, &p->rules[0], &r, &first), "only admins vote here"));
	p->rules[0].approver_role = MEMBER_APPROVER;
	const char *only[] = { "second approver" };
	p->rules[0].approvers = only;
	p->rules[0].n_approvers = 1;
	assert_non_null(strstr(voter_refused(a, p, &p->rules[0], &r, &first), "names who approves"));
	p->rules[0].n_approvers = 0;
	p->rules[0].separate_uids = true;
	assert_null(voter_refused(a, p, &p->rules[0], &r, &first));
	const struct voter same = { people[FIRST], key_of(keys[FIRST])->id, r.uid };
	assert_non_null(strstr(voter_refused(a, p, &p->rules[0], &r, &same), "another system user"));
	policy_free(p);
	arena_free(a);
}

static void statements_differ_in_every_field(void **state)
{
	(void)state;
	int64_t id = request_waiting();
	struct str yes = STR_INIT, no = STR_INIT, again = STR_INIT, later = STR_INIT;
	OK(vote_statement(s, id, true, 1000, &yes, &why));
	OK(vote_statement(s, id, true, 1000, &again, &why));
	OK(vote_statement(s, id, false, 1000, &no, &why));
	OK(vote_statement(s, id, true, 1001, &later, &why));
	assert_int_equal(yes.len, again.len);
	assert_memory_equal(yes.p, again.p, yes.len);
	assert_true(yes.len != no.len || memcmp(yes.p, no.p, yes.len));
	assert_true(memcmp(yes.p, later.p, yes.len));
	FAILS(vote_statement(s, 99, true, 0, &yes, &why), ST_NOT_FOUND, "no request 99");
	str_free(&yes);
	str_free(&no);
	str_free(&again);
	str_free(&later);
}

static int forget(void **state)
{
	str_free(&count_why);
	return decide_end(state);
}

int main(void)
{
#define WITH_WORKSPACE(test) cmocka_unit_test_setup_teardown(test, decide_begin, forget)
	const struct CMUnitTest tests[] = {
		WITH_WORKSPACE(a_request_is_asked_once_and_for_something),
		WITH_WORKSPACE(two_other_people_must_agree),
		WITH_WORKSPACE(keys_tell_people_apart),
		WITH_WORKSPACE(a_rejection_ends_it),
		WITH_WORKSPACE(who_asked_may_take_it_back),
		WITH_WORKSPACE(time_runs_out),
		WITH_WORKSPACE(a_new_policy_voids),
		WITH_WORKSPACE(a_new_artifact_voids),
		WITH_WORKSPACE(other_metrics_void),
		WITH_WORKSPACE(forged_votes_do_not_count),
		WITH_WORKSPACE(replayed_votes_do_not_count),
		WITH_WORKSPACE(votes_of_another_history_do_not_count),
		WITH_WORKSPACE(a_reject_is_no_approval),
		WITH_WORKSPACE(the_log_is_asked_about_requests),
		WITH_WORKSPACE(a_closed_request_stays_closed),
		WITH_WORKSPACE(void_and_revoked_stay_so),
		WITH_WORKSPACE(edited_tables_are_not_decided_on),
		WITH_WORKSPACE(a_verification_finds_edited_rows),
		WITH_WORKSPACE(roles_are_those_of_the_day),
		WITH_WORKSPACE(statements_differ_in_every_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
