/* Promotions, rollbacks, conflicts and automatic moves, and what they leave in the tables and the log. */
#include "core/registry/decide_impl.h"
#include "tests/unit/decide_help.h"

static void three_versions(void)
{
	for (int i = 0; i < 3; i++)
		registered("churn");
}

static int64_t rev_of(const char *name)
{
	return strtoll(ask("SELECT rev FROM reg_model WHERE model_id = %" PRId64, model(name)), NULL, 10);
}

/* ---- promotions ---- */

static void one_version_holds_production(void **state)
{
	(void)state;
	three_versions();
	OK(try_promote(REQUESTER, "churn", 1, "production"));
	assert_string_equal(stage_of("churn", 1), "Production");
	turn_clock(HOUR_MS);
	OK(try_promote(REQUESTER, "churn", 2, "Production"));
	assert_non_null(strstr(why.text, "churn v2 is in Production (from None), v1 went to Archived, record "));
	assert_string_equal(stage_of("churn", 1), "Archived");
	assert_string_equal(stage_of("churn", 2), "Production");
	assert_string_equal(ask("SELECT how || ' ' || (from_ms - %" PRId64 ") FROM reg_held WHERE version = 1 AND name = 'Archived'", START_MS), "archive 3600000");
	assert_string_equal(ask("SELECT count(*) FROM reg_held WHERE kind = 'stage' AND to_ms IS NULL"), "3");
	assert_string_equal(ask("SELECT json_extract(before, '$.versions.1.stage') || '>' || json_extract(after, '$.versions.1.stage') FROM audit WHERE action = 'model.promote' ORDER BY seq DESC"), "Production>Archived");
	assert_string_equal(ask("SELECT reason FROM audit WHERE object = 'model:churn/1' ORDER BY seq DESC"), "v2 takes its place");
	OK(try_promote(REQUESTER, "churn", 3, "Staging"));
	OK(try_promote(REQUESTER, "churn", 1, "Staging"));          /* Staging holds as many as it likes */
	assert_string_equal(ask("SELECT count(*) FROM reg_version WHERE stage = 'Staging'"), "2");
	/* the source's own tables are never touched */
	assert_string_equal(ask("SELECT group_concat(DISTINCT stage) FROM model_version"), "None");
}

static void refusals_name_what_holds_it_back(void **state)
{
	(void)state;
	three_versions();
	struct actor who = me(REQUESTER);
	const struct move no_reason = { .model_id = model("churn"), .version = 1, .to = "Staging", .expect_rev = -1 };
	FAILS(decide_promote(s, &who, &no_reason, &why), ST_USAGE, "reason");
	FAILS(try_promote(REQUESTER, "churn", 1, "Nirvana"), ST_USAGE, "there is no lane \"Nirvana\"");
	REFUSED(try_promote(REQUESTER, "churn", 1, "none"), "in None already");
	apply_policy("version: 1\nstrict: true\nrules:\n  - {name: only, from: None, to: Staging}\n"
		"freeze:\n  - {from: 2020-01-01, to: 2099-01-01, lane: Staging, reason: the long winter}\n");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Production"), "strict");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Staging"), "the long winter");
	apply_policy("version: 1\nrules:\n  - {name: owned, to: Staging, gates: [{tag: owner}], checklist: [plan read]}\n");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Staging"), "tag owner");
	OK(decide_tag(s, &who, model("churn"), 1, "owner", "risk", &why));
	REFUSED(try_promote(REQUESTER, "churn", 1, "Staging"), "plan read");
	const bool yes[] = { true };
	const struct move ticked = { .model_id = model("churn"), .version = 1, .to = "Staging", .reason = "r", .expect_rev = -1, .checked = yes, .n_checked = 1 };
	OK(decide_promote(s, &who, &ticked, &why));
	assert_string_equal(ask("SELECT json_extract(after, '$.rule') FROM audit ORDER BY seq DESC LIMIT 1"), "owned");
	assert_string_equal(ask("SELECT json_extract(after, '$.gates[0].value') FROM audit ORDER BY seq DESC LIMIT 1"), "risk");
}

static void items_ticked_with_a_request_stay_ticked(void **state)
{
	(void)state;
	three_versions();
	apply_policy("version: 1\nrules:\n  - {name: listed, to: Staging, checklist: [plan read, support told]}\n");
	struct actor who = me(REQUESTER);
	const bool second[] = { false, true }, first[] = { true };
	struct move m = { .model_id = model("churn"), .version = 1, .to = "Staging", .reason = "r", .expect_rev = -1, .checked = second, .n_checked = 2 };
	int64_t id;
	OK(decide_request(s, &who, &m, &id, &why));
	assert_string_equal(ask("SELECT checked FROM reg_request"), "[\"support told\"]");
	REFUSED(try_promote(REQUESTER, "churn", 1, "Staging"), "plan read");
	m.checked = first;
	m.n_checked = 1;
	OK(decide_promote(s, &who, &m, &why));
	assert_string_equal(ask("SELECT state FROM reg_request"), "done");
	assert_string_equal(ask("SELECT json_extract(after, '$.checked') FROM audit ORDER BY seq DESC LIMIT 1"), "[\"plan read\",\"support told\"]");
}

static void the_second_of_two_is_told(void **state)
{
	(void)state;
	three_versions();
	int64_t seen = rev_of("churn");
	OK(try_promote_at(FIRST, "churn", 1, "Production", seen));
	REFUSED(try_promote_at(SECOND, "churn", 2, "Production", seen), "changed since you looked: by first approver ");
	assert_non_null(strstr(why.text, "model.promote model:churn/1, record "));
	assert_string_equal(stage_of("churn", 2), "None");
	OK(try_promote_at(SECOND, "churn", 2, "Production", rev_of("churn")));
	registered("fraud");
	assert_int_equal(try_promote_at(SECOND, "churn", 3, "Staging", rev_of("churn")), ST_OK);    /* another model is another matter */
}

static void a_version_deleted_while_its_sheet_is_open(void **state)
{
	(void)state;
	three_versions();
	struct actor admin = me(ADMIN);
	int64_t seen = rev_of("churn");
	OK(decide_delete(s, &admin, model("churn"), 2, "broken", &why));
	REFUSED(try_promote_at(FIRST, "churn", 2, "Staging", seen), "changed since you looked: by admin ");
	assert_non_null(strstr(why.text, "model.delete model:churn/2, record "));
	FAILS(try_promote(FIRST, "churn", 2, "Staging"), ST_NOT_FOUND, "v2 was deleted");
}

static void overtaken_requests_are_closed(void **state)
{
	(void)state;
	three_versions();
	int64_t id = requested("churn", 1, "Staging");
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	assert_non_null(strstr(why.text, "request 1 is overtaken"));
	assert_string_equal(ask("SELECT state FROM reg_request WHERE id = %" PRId64, id), "withdrawn");
	assert_string_equal(ask("SELECT json_extract(after, '$.overtaken[0]') FROM audit ORDER BY seq DESC LIMIT 1"), "1");
}

/* ---- models of a source ---- */

static void source_says(const char *sql)
{
	OK(store_begin(s, &why));
	OK(store_exec(s, sql, &why));
	OK(store_commit(s, 0, &why));
}

/* MLflow lets two versions share Production, and knows no decision made here. */
static void versions_of_a_source_are_decided_here(void **state)
{
	(void)state;
	int64_t v, n, id;
	source_says("INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'mlflow_db', '/team/mlflow.db', 0, 0); INSERT INTO model(id, source_id, name) VALUES(1, 1, 'churn');"
		"INSERT INTO model_version(model_id, version, stage, user, created_ms, updated_ms) VALUES(1, 1, 'Production', 'registrar', 1, 2), (1, 2, 'Production', 'registrar', 1, 3), (1, 3, 'Staging', 'registrar', 1, 4);"
		"INSERT INTO model_alias VALUES(1, 'champion', 1)");
	apply_policy("version: 1\nrules:\n  - {name: up, from: Staging, to: Production, approvals: 1, aliases: ['@champion'], rollback: {waive_approvals: true}}\n");
	OK(try_request(REQUESTER, "churn", 3, "Production", &id));  /* takes over first what the source says */
	REFUSED(try_vote(REGISTRAR, id, true), "who registered the version cannot vote");
	OK(try_vote(FIRST, id, true));
	OK(try_promote(REQUESTER, "churn", 3, "Production"));
	assert_string_equal(ask("SELECT group_concat(r.stage) FROM reg_version r"), "Archived,Archived,Production");
	assert_string_equal(alias_of("churn", "champion"), "3");
	assert_string_equal(ask("SELECT group_concat(stage) FROM model_version"), "Production,Production,Staging");   /* the source's word stays as it is */
	n = number_of(s, "SELECT count(*) FROM audit");
	OK(try_rollback(ADMIN, "churn", "Production", &v));
	assert_int_equal(v, 2);
	assert_string_equal(alias_of("churn", "champion"), "2");     /* it came with the move that is undone */
	source_says("UPDATE model_version SET stage = 'Archived', updated_ms = 9 WHERE version = 2");
	OK(try_promote(REQUESTER, "churn", 1, "Staging"));          /* the source's new word counts, a record each */
	assert_string_equal(stage_of("churn", 2), "Archived");
	assert_true(number_of(s, "SELECT count(*) FROM audit") >= n + 4);
	struct audit_report r = { 0 };
	if (audit_verify(s, 0, 0, NULL, &r, &why) != ST_OK)
		fail_msg("%s\n%s", why.text, r.findings.p);
	audit_report_free(&r);
}

/* ---- rollbacks ---- */

static void back_and_not_forth(void **state)
{
	(void)state;
	int64_t v;
	three_versions();
	FAILS(try_rollback(REQUESTER, "churn", "Production", &v), ST_NOT_FOUND, "no version of churn");
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	FAILS(try_rollback(REQUESTER, "churn", "Production", &v), ST_NOT_FOUND, "before the one that holds it now");
	OK(try_promote(REQUESTER, "churn", 2, "Production"));
	OK(try_promote(REQUESTER, "churn", 3, "Production"));
	OK(try_rollback(REQUESTER, "churn", "production", &v));
	assert_int_equal(v, 2);
	assert_string_equal(stage_of("churn", 3), "Archived");
	assert_string_equal(ask("SELECT how FROM reg_held WHERE version = 3 AND to_ms IS NULL"), "rolled back");
	assert_string_equal(ask("SELECT how FROM reg_held WHERE version = 2 AND to_ms IS NULL"), "rollback");
	OK(try_rollback(REQUESTER, "churn", "Production", &v));     /* once more goes further back, not to what was just left */
	assert_int_equal(v, 1);
	FAILS(try_rollback(REQUESTER, "churn", "Production", &v), ST_NOT_FOUND, "no version");
	OK(try_promote(REQUESTER, "churn", 3, "Production"));
	OK(try_rollback(REQUESTER, "churn", "Production", &v));
	assert_int_equal(v, 1);
	FAILS(try_rollback(REQUESTER, "churn", "Nowhere", &v), ST_USAGE, "no lane");
}

static void deleted_versions_do_not_come_back(void **state)
{
	(void)state;
	int64_t v;
	struct actor admin = me(ADMIN);
	three_versions();
	for (int i = 1; i <= 3; i++)
		OK(try_promote(REQUESTER, "churn", i, "Production"));
	OK(decide_delete(s, &admin, model("churn"), 2, "broken", &why));
	OK(try_rollback(REQUESTER, "churn", "Production", &v));
	assert_int_equal(v, 1);
}

/* Production was emptied by hand: the last holder comes back. */
static void an_empty_lane_is_filled_again(void **state)
{
	(void)state;
	int64_t v;
	three_versions();
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	OK(try_promote(REQUESTER, "churn", 2, "Production"));
	OK(try_promote(REQUESTER, "churn", 2, "Archived"));
	OK(try_rollback(REQUESTER, "churn", "Production", &v));
	assert_int_equal(v, 2);
}

static void aliases_go_and_come_back(void **state)
{
	(void)state;
	int64_t v;
	struct actor who = me(REQUESTER);
	apply_policy("version: 1\nrules:\n  - {name: crown, to: Production, aliases: ['@champion']}\n");
	three_versions();
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	OK(try_promote(REQUESTER, "churn", 2, "Production"));
	assert_string_equal(alias_of("churn", "champion"), "2");
	OK(decide_alias(s, &who, model("churn"), "canary", 2, "", &why));
	OK(try_rollback(REQUESTER, "churn", "Production", &v));
	assert_int_equal(v, 1);
	assert_string_equal(alias_of("churn", "champion"), "1");
	assert_string_equal(alias_of("churn", "canary"), "2");       /* came by another way, stays */
	assert_string_equal(ask("SELECT count(*) FROM reg_held WHERE kind = 'alias' AND name = 'champion' AND to_ms IS NULL"), "1");
}

static void a_rollback_is_gated_unless_waived(void **state)
{
	(void)state;
	int64_t v;
	three_versions();
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	OK(try_promote(REQUESTER, "churn", 2, "Production"));
	apply_policy("version: 1\nrules:\n  - {name: owned, to: Production, gates: [{tag: owner}], approvals: 1}\n");
	REFUSED(try_rollback(REQUESTER, "churn", "Production", &v), "tag owner");
	apply_policy("version: 1\nrules:\n  - {name: owned, to: Production, gates: [{tag: owner}], approvals: 1, rollback: {waive_gates: true}}\n");
	REFUSED(try_rollback(REQUESTER, "churn", "Production", &v), "0 of 1 approvals");
	apply_policy("version: 1\nrules:\n  - {name: owned, to: Production, gates: [{tag: owner}], approvals: 1, rollback: {waive_gates: true, waive_approvals: true}}\n");
	OK(try_rollback(REQUESTER, "churn", "Production", &v));
	assert_string_equal(ask("SELECT json_extract(after, '$.gates[0].waived') FROM audit ORDER BY seq DESC LIMIT 1"), "1");
}

/* ---- aliases under rules ---- */

static void rules_for_aliases_apply(void **state)
{
	(void)state;
	struct actor who = me(REQUESTER);
	apply_policy("version: 1\nroles: {admin: [admin], approver: [first approver]}\ndefault_role: contributor\nrules:\n  - {name: crown, to: '@champion', approvals: 1}\n");
	three_versions();
	int64_t id = model("churn"), request = 0;
	REFUSED(decide_alias(s, &who, id, "champion", 1, "best", &why), "0 of 1 approvals");
	OK(decide_alias(s, &who, id, "other", 1, "best", &why));
	OK(try_request(REQUESTER, "churn", 1, "@champion", &request));
	OK(try_vote(FIRST, request, true));
	OK(try_promote(REQUESTER, "churn", 1, "@champion"));
	assert_string_equal(alias_of("churn", "champion"), "1");
	assert_string_equal(ask("SELECT state FROM reg_request"), "done");
	REFUSED(decide_alias(s, &who, id, "champion", 0, "", &why), "only approvers and above take it away");
	struct actor first = me(FIRST);
	OK(decide_alias(s, &first, id, "champion", 0, "", &why));
	assert_string_equal(alias_of("churn", "champion"), "NULL");
}

/* ---- by itself ---- */

static int automatic(bool dry, const char *words)
{
	struct str out = STR_INIT;
	struct actor who = me(REQUESTER);
	int n;
	OK(decide_auto(s, &who, dry, &out, &n, &why));
	if (!strstr(out.p, words))
		fail_msg("%s", out.p);
	str_free(&out);
	return n;
}

static void the_policy_moves_and_never_in_circles(void **state)
{
	(void)state;
	struct actor who = me(REQUESTER);
	apply_policy("version: 1\nrules:\n  - {name: good, from: Staging, to: Production, automatic: true, gates: [quality >= 5], rollback: {waive_gates: true, when: [quality < 3]}}\n");
	three_versions();
	int64_t id = model("churn");
	assert_int_equal(automatic(false, ""), 0);
	for (int v = 1; v <= 2; v++) {
		OK(try_promote(REQUESTER, "churn", v, "Staging"));
		OK(decide_tag(s, &who, id, v, "quality", "4", &why));
	}
	assert_int_equal(automatic(false, ""), 0);
	OK(decide_tag(s, &who, id, 1, "quality", "6", &why));
	OK(decide_tag(s, &who, id, 2, "quality", "6", &why));
	int64_t before = rev_of("churn");
	assert_int_equal(automatic(true, "would promote: churn v2, Production"), 1);
	assert_int_equal(rev_of("churn"), before);
	assert_int_equal(automatic(false, "promoted: churn v2, Production"), 1);
	assert_string_equal(stage_of("churn", 2), "Production");
	assert_string_equal(ask("SELECT action || ': ' || reason FROM audit ORDER BY seq DESC LIMIT 1"), "model.auto: by itself: rule good holds in everything");
	assert_int_equal(automatic(false, ""), 0);                   /* the older one does not take its place */
	OK(try_promote(REQUESTER, "churn", 3, "Production"));
	OK(decide_tag(s, &who, id, 3, "quality", "2", &why));
	assert_int_equal(automatic(true, "would roll back: churn v3, Production: quality is 2"), 1);
	assert_int_equal(automatic(false, "rolled back: churn v3, Production: quality is 2"), 1);
	assert_string_equal(stage_of("churn", 2), "Production");
	assert_string_equal(stage_of("churn", 3), "Archived");
	OK(decide_tag(s, &who, id, 3, "quality", "9", &why));
	OK(try_promote(REQUESTER, "churn", 3, "Staging"));
	assert_int_equal(automatic(false, ""), 0);                   /* it held the lane once: a person decides */
	OK(decide_tag(s, &who, id, 2, "quality", "1", &why));
	assert_int_equal(automatic(false, "held back: churn v2"), 0);                  /* nothing to go back to, and that is said */
}

static void viewers_start_nothing(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	struct actor reader = me(READER);
	int n;
	apply_policy(two_eyes);
	REFUSED(decide_auto(s, &reader, false, &out, &n, &why), "viewer");
	str_free(&out);
}

static void the_log_agrees_with_the_tables(void **state)
{
	(void)state;
	int64_t v;
	struct audit_report r = { 0 };
	three_versions();
	OK(try_promote(REQUESTER, "churn", 1, "Production"));
	OK(try_promote(REQUESTER, "churn", 2, "Production"));
	OK(try_rollback(REQUESTER, "churn", "Production", &v));
	if (audit_verify(s, 0, 0, NULL, &r, &why) != ST_OK)
		fail_msg("%s\n%s", why.text, r.findings.p);
	audit_report_free(&r);
}

int main(void)
{
#define WITH_WORKSPACE(test) cmocka_unit_test_setup_teardown(test, decide_begin, decide_end)
	const struct CMUnitTest tests[] = {
		WITH_WORKSPACE(one_version_holds_production),
		WITH_WORKSPACE(refusals_name_what_holds_it_back),
		WITH_WORKSPACE(items_ticked_with_a_request_stay_ticked),
		WITH_WORKSPACE(the_second_of_two_is_told),
		WITH_WORKSPACE(a_version_deleted_while_its_sheet_is_open),
		WITH_WORKSPACE(overtaken_requests_are_closed),
		WITH_WORKSPACE(versions_of_a_source_are_decided_here),
		WITH_WORKSPACE(back_and_not_forth),
		WITH_WORKSPACE(deleted_versions_do_not_come_back),
		WITH_WORKSPACE(an_empty_lane_is_filled_again),
		WITH_WORKSPACE(aliases_go_and_come_back),
		WITH_WORKSPACE(a_rollback_is_gated_unless_waived),
		WITH_WORKSPACE(rules_for_aliases_apply),
		WITH_WORKSPACE(the_policy_moves_and_never_in_circles),
		WITH_WORKSPACE(viewers_start_nothing),
		WITH_WORKSPACE(the_log_agrees_with_the_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
