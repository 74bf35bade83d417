/* Decisions about versions: numbers, names, semantic versions, descriptions, tags, links, aliases, deletion, roles; what records say. */
#include "core/registry/change.h"
#include "core/registry/semver.h"
#include "tests/unit/decide_help.h"

/* ---- semantic versions ---- */

static void semantic_versions_order_as_written(void **state)
{
	(void)state;
	static const char *const rising[] = { "0.0.0", "0.9.10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
		"1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "99999999999999999999.0.0" };
	for (size_t i = 0; i < sizeof rising / sizeof *rising; i++)
		for (size_t k = 0; k < sizeof rising / sizeof *rising; k++) {
			assert_true(semver_valid(rising[i]));
			int c = semver_compare(rising[i], rising[k]);
			assert_int_equal(i < k ? c < 0 : i > k ? c > 0 : c == 0, 1);
		}
	assert_int_equal(semver_compare("1.0.0+a", "1.0.0+b"), 0);
	assert_true(semver_compare("1.0.0-x+a", "1.0.0+b") < 0);
	static const char *const none[] = { "", "1", "1.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0-a..b", "v1.0.0", "1.0.0 ", "1.0.0-ä", "1.0.0.0", "-1.0.0", "1..0" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(semver_valid(none[i]));
	assert_true(semver_valid("1.0.0-0A.is.legal+001.x"));
}

/* ---- registering ---- */

static void numbers_are_given_once(void **state)
{
	(void)state;
	struct actor admin = me(ADMIN);
	assert_int_equal(registered("churn"), 1);
	assert_non_null(strstr(why.text, "churn v1 is registered"));
	assert_int_equal(registered("churn"), 2);
	assert_int_equal(registered("fraud"), 1);
	OK(decide_delete(s, &admin, model("churn"), 2, "broken", &why));
	assert_int_equal(registered("churn"), 3);
	OK(decide_delete(s, &admin, model("churn"), 0, "given up", &why));
	FAILS(try_promote(ADMIN, "fraud", 9, "Staging"), ST_NOT_FOUND, "no version 9");
	assert_int_equal(registered("churn"), 4);                  /* the name comes back, its numbers do not */
	assert_string_equal(stage_of("churn", 4), "None");
	assert_string_equal(ask("SELECT registered_by FROM reg_version WHERE version_id = 1"), "registrar");
}

static void what_is_no_version_is_refused(void **state)
{
	(void)state;
	struct actor who = me(REGISTRAR);
	int64_t v;
	const struct { struct register_spec spec; enum status st; const char *words; } bad[] = {
		{ { .model = "", .source = "/x" }, ST_USAGE, "name" },
		{ { .model = "a/b", .source = "/x" }, ST_USAGE, "'/'" },
		{ { .model = "a\033[31m", .source = "/x" }, ST_USAGE, "control" },
		{ { .model = "a" }, ST_USAGE, "a run or a source" },
		{ { .model = "a", .source = "relative/path" }, ST_USAGE, "absolute" },
		{ { .model = "a", .source = "/x/../etc" }, ST_USAGE, "'..'" },
		{ { .model = "a", .source = "s3://bucket/.." }, ST_USAGE, "'..'" },
		{ { .model = "a", .source = "/x", .semver = "1.0" }, ST_USAGE, "semantic version" },
		{ { .model = "a", .run = "no-such-run" }, ST_NOT_FOUND, "no-such-run" },
		{ { .model = "a", .source = "/x", .links = (struct register_link[]){ { "friend_of", "b/1", NULL } }, .n_links = 1 }, ST_USAGE, "fine_tuned_from" },
		{ { .model = "a", .source = "/x", .links = (struct register_link[]){ { "dataset", "d", "[1]" } }, .n_links = 1 }, ST_USAGE, "JSON object" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAILS(decide_register(s, &who, &bad[i].spec, &v, &why), bad[i].st, bad[i].words);
	assert_string_equal(ask("SELECT count(*) FROM audit"), "0");
	assert_string_equal(ask("SELECT count(*) FROM model"), "0");
}

static void semantic_versions_only_grow(void **state)
{
	(void)state;
	int64_t v;
	struct actor admin = me(ADMIN);
	OK(try_register(REGISTRAR, "churn", "1.0.0", &v));
	REFUSED(try_register(REGISTRAR, "churn", "1.0.0", &v), "does not come after 1.0.0 of v1");
	REFUSED(try_register(REGISTRAR, "churn", "1.0.0-rc.1", &v), "only grow");
	OK(try_register(REGISTRAR, "churn", "1.0.1-rc.1", &v));
	OK(decide_delete(s, &admin, model("churn"), v, "broken", &why));
	REFUSED(try_register(REGISTRAR, "churn", "1.0.1-rc.1", &v), "v2");
	OK(try_register(REGISTRAR, "churn", NULL, &v));
	OK(version_find(s, model("churn"), "1.0.0", &v, &why));
	assert_int_equal(v, 1);
}

static void a_name_of_an_mlflow_store_is_taken(void **state)
{
	(void)state;
	int64_t v;
	OK(store_begin(s, &why));
	OK(store_exec(s, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'mlflow_db', '/team/mlflow.db', 0, 0); INSERT INTO model(source_id, name) VALUES(1, 'churn')", &why));
	OK(store_commit(s, 0, &why));
	REFUSED(try_register(REGISTRAR, "churn", NULL, &v), "lives in /team/mlflow.db");
	assert_string_equal(ask("SELECT count(*) FROM reg_version"), "0");
}

/* A run with a metric, a NaN, a param and an MLmodel in its files. */
static void make_run(void)
{
	OK(fs_mkdirs(in_folder("art/gbm"), &why));
	write_in_folder("art/gbm/MLmodel", "flavors: {}\n");
	struct str sql = STR_INIT;
	str_addf(&sql, "INSERT INTO source(id, kind, uri, first_ms, last_ms) VALUES(1, 'mlflow_db', '%s/mlflow.db', 0, 0); INSERT INTO experiment(id, source_id, ext_id, name) VALUES(1, 1, '1', 'e');"
		"INSERT INTO run(id, experiment_id, source_id, uuid, name, status, artifact_uri) VALUES(1, 1, 1, 'feedbeef00000000000000000000cafe', 'trial-5', 3, '%s/art');"
		"INSERT INTO name(id, text) VALUES(1, 'auc'), (2, 'loss'), (3, 'lr'); INSERT INTO param VALUES(3, 1, '0.10');"
		"INSERT INTO metric(name_id, run_id, n, first_step, last_step, first_ms, last_ms, last) VALUES(1, 1, 1, 0, 0, 0, 0, 0.1), (2, 1, 1, 0, 0, 0, 0, NULL)", help_folder, help_folder);
	OK(store_begin(s, &why));
	OK(store_exec(s, sql.p, &why));
	OK(store_commit(s, 0, &why));
	str_free(&sql);
}

static void a_version_keeps_what_its_run_said(void **state)
{
	(void)state;
	struct actor who = me(REGISTRAR);
	int64_t v;
	const struct register_link links[] = { { "fine_tuned_from", "base/3", NULL }, { "dataset", "orders", "{\"split\":\"train\"}" } };
	const struct register_spec r = { .model = "churn", .run = "trial-5", .description = "first", .links = links, .n_links = 2 };
	make_run();
	OK(decide_register(s, &who, &r, &v, &why));
	assert_non_null(strstr(why.text, "from run trial-5"));
	assert_string_equal(ask("SELECT snapshot FROM reg_version"), "{\"metrics\":{\"auc\":0.1,\"loss\":\"NaN\"},\"params\":{\"lr\":\"0.10\"}}");
	const char *source = ask("SELECT source FROM model_version");
	assert_string_equal(source + strlen(help_folder), "/art/gbm");       /* where its MLmodel is */
	assert_string_equal(ask("SELECT run_uuid FROM model_version"), "feedbeef00000000000000000000cafe");
	assert_string_equal(ask("SELECT group_concat(kind || ' ' || target || ' ' || detail, '; ') FROM reg_link"), "fine_tuned_from base/3 {}; dataset orders {\"split\":\"train\"}");
	OK(fs_mkdirs(in_folder("art/other"), &why));
	write_in_folder("art/other/MLmodel", "flavors: {}\n");
	FAILS(decide_register(s, &who, &r, &v, &why), ST_USAGE, "gbm, other");
	const struct register_spec other = { .model = "churn", .run = "feedbeef", .path = "other" };
	OK(decide_register(s, &who, &other, &v, &why));
	assert_int_equal(v, 2);
}

/* ---- descriptions, tags, links ---- */

static void what_changes_nothing_records_nothing(void **state)
{
	(void)state;
	struct actor who = me(REQUESTER);
	registered("churn");
	int64_t id = model("churn");
	OK(decide_describe(s, &who, id, 1, "for the call centre", &why));
	OK(decide_describe(s, &who, id, 0, "who leaves", &why));
	OK(decide_tag(s, &who, id, 1, "owner", "risk", &why));
	OK(decide_tag(s, &who, id, 0, "team", "ml", &why));
	const struct register_link l = { "deployed", "eu-west", NULL };
	OK(decide_link(s, &who, id, 1, &l, false, &why));
	assert_string_equal(ask("SELECT count(*) FROM audit"), "6");
	OK(decide_describe(s, &who, id, 1, "for the call centre", &why));
	OK(decide_tag(s, &who, id, 1, "owner", "risk", &why));
	OK(decide_tag(s, &who, id, 1, "never set", NULL, &why));
	OK(decide_link(s, &who, id, 1, &l, false, &why));
	assert_string_equal(ask("SELECT count(*) FROM audit"), "6");
	OK(decide_tag(s, &who, id, 1, "owner", NULL, &why));
	OK(decide_link(s, &who, id, 1, &l, true, &why));
	FAILS(decide_link(s, &who, id, 1, &l, true, &why), ST_NOT_FOUND, "no such link");
	const struct register_link itself = { "fine_tuned_from", "churn/1", NULL };
	FAILS(decide_link(s, &who, id, 1, &itself, false, &why), ST_USAGE, "churn v1 did not come from itself");
	assert_string_equal(ask("SELECT count(*) FROM audit"), "8");
	assert_string_equal(ask("SELECT before FROM audit WHERE seq = 7"), "{\"tags\":{\"owner\":\"risk\"}}");
	assert_string_equal(ask("SELECT description FROM reg_version"), "for the call centre");
	assert_string_equal(ask("SELECT rev FROM reg_version"), "8");
	assert_string_equal(ask("SELECT rev FROM reg_model"), "8");
	FAILS(decide_tag(s, &who, id, 1, "", "x", &why), ST_USAGE, "key");
}

/* ---- aliases ---- */

static void aliases_follow_mlflows_rules(void **state)
{
	(void)state;
	struct actor who = me(REQUESTER);
	registered("churn");
	registered("churn");
	int64_t id = model("churn"), v;
	static const char *const bad[] = { "", "a b", "a.b", "a/b", "@champion", "latest", "LATEST", "v1", "V22", "a\n" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAILS(decide_alias(s, &who, id, bad[i], 1, "", &why), ST_USAGE, i >= 5 && i < 9 ? "reserved" : "an alias has");
	static const char *const good[] = { "champion", "Champ_2-x", "v", "v1a", "latest2", "1" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		OK(decide_alias(s, &who, id, good[i], 1, "", &why));
	OK(decide_alias(s, &who, id, "champion", 2, "better", &why));
	assert_non_null(strstr(why.text, "champion points to churn v2 (before: v1)"));
	assert_string_equal(alias_of("churn", "champion"), "2");
	OK(version_find(s, id, "champion", &v, &why));
	assert_int_equal(v, 2);
	OK(decide_alias(s, &who, id, "champion", 2, "", &why));
	assert_non_null(strstr(why.text, "already"));
	OK(decide_alias(s, &who, id, "champion", 0, "", &why));
	assert_string_equal(alias_of("churn", "champion"), "NULL");
	OK(decide_alias(s, &who, id, "champion", 0, "", &why));
	FAILS(decide_alias(s, &who, id, "champion", 7, "", &why), ST_NOT_FOUND, "no version 7");
	assert_string_equal(ask("SELECT count(*) FROM reg_held WHERE kind = 'alias' AND name = 'champion' AND to_ms IS NOT NULL"), "2");
}

/* ---- deletion ---- */

static void deleting_takes_aliases_along(void **state)
{
	(void)state;
	struct actor who = me(ADMIN);
	registered("churn");
	registered("churn");
	int64_t id = model("churn");
	OK(decide_alias(s, &who, id, "challenger", 2, "", &why));
	OK(try_promote(ADMIN, "churn", 1, "production"));
	REFUSED(decide_delete(s, &who, id, 1, "old", &why), "is in Production: move it");
	REFUSED(decide_delete(s, &who, id, 0, "old", &why), "v1 is in Production");
	FAILS(decide_delete(s, &who, id, 2, " ", &why), ST_USAGE, "reason");
	OK(decide_delete(s, &who, id, 2, "broken", &why));
	assert_non_null(strstr(why.text, "churn v2 is deleted with 1 alias"));
	assert_string_equal(alias_of("churn", "challenger"), "NULL");
	assert_string_equal(ask("SELECT count(*) FROM reg_held WHERE version = 2 AND to_ms IS NULL"), "0");
	FAILS(decide_delete(s, &who, id, 2, "again", &why), ST_NOT_FOUND, "was deleted");
	FAILS(try_promote(ADMIN, "churn", 2, "Staging"), ST_NOT_FOUND, "was deleted");
	assert_string_equal(ask("SELECT json_extract(before, '$.aliases.challenger') FROM audit WHERE action = 'model.delete'"), "2");
	assert_string_equal(ask("SELECT json_extract(after, '$.versions.2.deleted') FROM audit WHERE action = 'model.delete'"), "1");
}

/* ---- roles ---- */

static void blanks_around_a_name_make_no_other_person(void **state)
{
	(void)state;
	struct actor who;
	actor_named(&who, "  first approver ");
	assert_string_equal(who.name, "first approver");
	actor_named(&who, "   ");
	assert_memory_equal(who.name, "uid ", 4);
}

static void every_role_has_its_acts(void **state)
{
	(void)state;
	apply_policy(two_eyes);
	struct actor agent = me(ADMIN);
	agent.agent = true;
	static const char *const of_role[MEMBER_ROLES] = { "reader", "somebody", "first approver", "admin" };
	for (enum act a = 0; a < ACTS; a++) {
		int allowed = 0;
		for (int r = 0; r < MEMBER_ROLES; r++) {
			struct actor who;
			actor_named(&who, of_role[r]);
			enum status st = authorise(s, &who, a, "model:churn", &why);
			assert_true(st == ST_OK || (st == ST_REFUSED && strstr(why.text, "role")));
			assert_true(st == ST_OK || !allowed);      /* a higher role may at least as much */
			allowed += st == ST_OK;
		}
		assert_true(allowed >= 1);
		assert_int_equal(allowed, a == ACT_SOURCE ? 4 : a == ACT_APPROVE || a == ACT_REJECT ? 2 : a == ACT_DELETE || a == ACT_POLICY || a == ACT_ACKNOWLEDGE ? 1 : 3);
		bool human = a == ACT_APPROVE || a == ACT_REJECT || a == ACT_DELETE || a == ACT_POLICY || a == ACT_KEY || a == ACT_ACKNOWLEDGE;
		assert_int_equal(authorise(s, &agent, a, "model:churn", &why), human ? ST_REFUSED : ST_OK);
	}
	int64_t v;
	REFUSED(try_register(READER, "churn", NULL, &v), "reader is a viewer here, and only contributors and above may register versions");
	assert_string_equal(ask("SELECT count(*) FROM model"), "0");
}

static void the_first_policy_comes_with_the_first_change(void **state)
{
	(void)state;
	int64_t v;
	write_in_folder("policy.yaml", two_eyes);
	REFUSED(try_register(READER, "churn", NULL, &v), "viewer");
	assert_string_equal(ask("SELECT count(*) FROM reg_policy"), "0");
	registered("churn");
	assert_string_equal(ask("SELECT group_concat(action) FROM audit"), "policy.apply,model.register");
	write_in_folder("policy.yaml", "version: 1\n");             /* not in force by lying there */
	REFUSED(try_register(READER, "churn", NULL, &v), "viewer");
	assert_string_equal(ask("SELECT count(*) FROM reg_policy"), "1");
}

static void a_broken_first_policy_stops_everything(void **state)
{
	(void)state;
	int64_t v;
	struct actor who = me(ADMIN);
	write_in_folder("policy.yaml", "version: 1\nrulez: []\n");
	FAILS(try_register(ADMIN, "churn", NULL, &v), ST_FAILED, "policy.yaml:2");
	assert_string_equal(ask("SELECT count(*) FROM audit"), "0");
	OK(policy_apply(s, &who, two_eyes, strlen(two_eyes), "mended", &why));
	registered("churn");
}

static void a_mirror_takes_no_decisions(void **state)
{
	(void)state;
	int64_t v;
	struct change c;
	struct actor who = me(ADMIN);
	store_pool_set_mirror(pool, true);
	REFUSED(try_register(ADMIN, "churn", NULL, &v), "mlyard -w FILE PATH");
	OK(change_begin(&c, s, &who, ACT_SOURCE, "workspace", 0, -1, &why));
	change_cancel(&c);
	store_pool_set_mirror(pool, false);
	OK(try_register(ADMIN, "churn", NULL, &v));
}

/* An older copy of the file is put back: nothing is decided on it until an admin accepts that. */
static void a_history_that_was_cut_stops_decisions(void **state)
{
	(void)state;
	int64_t v;
	struct actor admin = me(ADMIN);
	registered("churn");
	OK(store_backup(pool, in_folder("older.db"), false, NULL, &why));
	registered("churn");
	store_put(pool, s);
	store_pool_close(pool);
	pool = pool_of("older.db");
	s = conn_of(pool);
	REFUSED(try_register(REGISTRAR, "churn", NULL, &v), "history was cut");
	REFUSED(try_promote(ADMIN, "churn", 1, "Staging"), "audit acknowledge");
	OK(audit_acknowledge(s, &admin, "restored from the backup of yesterday", &why));
	OK(try_promote(ADMIN, "churn", 1, "Staging"));
}

static void a_change_needs_a_record(void **state)
{
	(void)state;
	struct change c;
	struct actor who = me(ADMIN);
	OK(change_begin(&c, s, &who, ACT_TAG, "workspace", 0, -1, &why));
	FAILS(change_commit(&c, 0, &why), ST_FAILED, "without an audit record");
	assert_false(store_in_write(s));
	change_cancel(&c);
}

/* ---- the clock ---- */

static void time_never_runs_backwards(void **state)
{
	(void)state;
	registered("churn");
	turn_clock(5 * HOUR_MS);
	OK(try_promote(ADMIN, "churn", 1, "Staging"));
	turn_clock(-3 * HOUR_MS);
	OK(try_promote(ADMIN, "churn", 1, "Production"));
	assert_string_equal(ask("SELECT count(*) FROM reg_held WHERE to_ms < from_ms"), "0");
	assert_string_equal(ask("SELECT from_ms - %" PRId64 " FROM reg_held WHERE to_ms IS NULL", START_MS), "18000000");
	assert_string_equal(ask("SELECT json_extract(after, '$.clock_behind_ms') FROM audit ORDER BY seq DESC LIMIT 1"), "10800000");   /* and it is on record */
}

int main(void)
{
#define WITH_WORKSPACE(test) cmocka_unit_test_setup_teardown(test, decide_begin, decide_end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(semantic_versions_order_as_written),
		WITH_WORKSPACE(numbers_are_given_once),
		WITH_WORKSPACE(what_is_no_version_is_refused),
		WITH_WORKSPACE(semantic_versions_only_grow),
		WITH_WORKSPACE(a_name_of_an_mlflow_store_is_taken),
		WITH_WORKSPACE(a_version_keeps_what_its_run_said),
		WITH_WORKSPACE(what_changes_nothing_records_nothing),
		WITH_WORKSPACE(aliases_follow_mlflows_rules),
		WITH_WORKSPACE(deleting_takes_aliases_along),
		WITH_WORKSPACE(blanks_around_a_name_make_no_other_person),
		WITH_WORKSPACE(every_role_has_its_acts),
		WITH_WORKSPACE(the_first_policy_comes_with_the_first_change),
		WITH_WORKSPACE(a_broken_first_policy_stops_everything),
		WITH_WORKSPACE(a_mirror_takes_no_decisions),
		WITH_WORKSPACE(a_history_that_was_cut_stops_decisions),
		WITH_WORKSPACE(a_change_needs_a_record),
		WITH_WORKSPACE(time_never_runs_backwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
