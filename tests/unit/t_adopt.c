/* Adopting: every change at the source against every decision made here. */
#include "tests/unit/models_help.h"

#include "core/registry/audit.h"
#include "core/registry/change.h"
#include "core/registry/regsql.h"

/* A decision made here, as decide.c makes them: a change with a record. */
static void decide(int64_t model, const char *sql)
{
	struct change c;
	struct actor who;
	actor_self(&who);
	OK(change_begin(&c, db, &who, ACT_PROMOTE, "model:test", model, -1, &why));
	OK(change_record(&c, NULL, "model:test", NULL, NULL, "decided in a test", &why));
	OK(reg_exec(db, &why, sql, ""));
	OK(change_commit(&c, TOPIC_MODELS, &why));
}

static const char *stage_of(int64_t version_id)
{
	char sql[100];
	snprintf(sql, sizeof sql, "SELECT stage FROM reg_version WHERE version_id = %" PRId64, version_id);
	return text_of(sql);
}

static void first_sight(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Archived", NOW - 50 * DAY, NOW - 20 * DAY);
	source_version(1, 2, "Production", NOW - 40 * DAY, NOW - 20 * DAY);
	source_version(1, 3, "None", NOW - 5 * DAY, NOW - 5 * DAY);
	source_version(1, 4, "None", NOW - 4 * DAY, NOW - 3 * DAY);
	source_alias(1, "champion", 2);
	assert_true(models_adopt_due(db));
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit"), 1);
	assert_string_equal(text_of("SELECT actor || '|' || action || '|' || object || '|' || reason FROM audit"), "source mlflow.db|model.source|model:churn|first seen");
	assert_string_equal(text_of("SELECT after FROM audit"), "{\"versions\":{\"1\":{\"stage\":\"Archived\"},\"2\":{\"stage\":\"Production\"},\"3\":{\"stage\":\"None\"},\"4\":{\"stage\":\"None\"}},"
		"\"aliases\":{\"champion\":2}}");
	assert_string_equal(text_of("SELECT before FROM audit"), "(null)");
	assert_string_equal(stage_of(102), "Production");
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held WHERE to_ms IS NULL"), 5);
	/* Proof reaches back to the last update; only what was never updated is known from its beginning. */
	assert_int_equal(number_of(db, "SELECT from_ms FROM reg_held WHERE kind = 'stage' AND version = 2"), NOW - 20 * DAY);
	assert_int_equal(number_of(db, "SELECT from_known FROM reg_held WHERE kind = 'stage' AND version = 2"), 0);
	assert_int_equal(number_of(db, "SELECT from_known FROM reg_held WHERE kind = 'stage' AND version = 3"), 1);
	assert_int_equal(number_of(db, "SELECT from_known FROM reg_held WHERE kind = 'stage' AND version = 4"), 0);
	assert_int_equal(number_of(db, "SELECT from_ms FROM reg_held WHERE kind = 'alias'"), NOW);
}

static void nothing_new_changes_nothing(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_model(2, "empty");
	source_version(1, 1, "Staging", NOW - DAY, NOW - HOUR);
	source_alias(1, "champion", 1);
	assert_int_equal(adopt(), 2);
	assert_false(models_adopt_due(db));
	assert_int_equal(adopt(), 0);
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit"), 2);
	source_says("UPDATE model_version SET description = 'new words', updated_ms = %" PRId64, NOW);
	assert_int_equal(adopt(), 0);
}

static void models_of_this_place_are_left_alone(void **state)
{
	(void)state;
	source_says("INSERT INTO model(id, source_id, name) VALUES(7, 2, 'here'); INSERT INTO model_version(id, model_id, version, stage) VALUES(701, 7, 1, 'None')");
	assert_false(models_adopt_due(db));
	assert_int_equal(adopt(), 0);
}

static void a_move_at_the_source(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Staging", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	clock_set_wall_ms(NOW + 2 * HOUR);
	source_stage(1, 1, "Production", NOW + HOUR);
	assert_int_equal(adopt(), 1);
	assert_string_equal(text_of("SELECT before || after || reason FROM audit ORDER BY seq DESC LIMIT 1"),
		"{\"versions\":{\"1\":{\"stage\":\"Staging\"}},\"aliases\":{}}{\"versions\":{\"1\":{\"stage\":\"Production\"}},\"aliases\":{}}changed at the source");
	assert_int_equal(number_of(db, "SELECT to_ms FROM reg_held WHERE name = 'Staging'"), NOW + HOUR);
	assert_int_equal(number_of(db, "SELECT from_ms FROM reg_held WHERE name = 'Production'"), NOW + HOUR);
	assert_int_equal(number_of(db, "SELECT from_known FROM reg_held WHERE name = 'Production'"), 1);
	assert_int_equal(number_of(db, "SELECT since_ms FROM reg_version"), NOW + HOUR);
}

/* The source's clock may say anything; a span never ends before it began. */
static void times_that_do_not_fit(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Staging", NOW - 9 * DAY, NOW + 400 * DAY);
	adopt();
	assert_int_equal(number_of(db, "SELECT from_ms FROM reg_held"), NOW);
	clock_set_wall_ms(NOW + HOUR);
	source_stage(1, 1, "Production", 12);
	adopt();
	assert_int_equal(number_of(db, "SELECT to_ms FROM reg_held WHERE name = 'Staging'"), NOW + HOUR);
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held WHERE to_ms < from_ms"), 0);
}

static void a_decision_here_outlives_imports(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Staging", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	decide(1, "UPDATE reg_version SET stage = 'Production' WHERE version_id = 101");
	assert_int_equal(adopt(), 0);
	source_says("UPDATE model_version SET updated_ms = %" PRId64, NOW);
	assert_int_equal(adopt(), 0);
	assert_string_equal(stage_of(101), "Production");
}

static void the_source_decides_again(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Staging", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	decide(1, "UPDATE reg_version SET stage = 'Production' WHERE version_id = 101");
	source_stage(1, 1, "Archived", NOW);
	assert_int_equal(adopt(), 1);
	assert_string_equal(stage_of(101), "Archived");
	/* and the other way round: it says what was decided here, which changes nothing but what it last said. */
	decide(1, "UPDATE reg_version SET stage = 'Staging' WHERE version_id = 101");
	source_stage(1, 1, "Staging", NOW);
	int64_t held = number_of(db, "SELECT count(*) FROM reg_held");
	assert_int_equal(adopt(), 1);
	assert_string_equal(stage_of(101), "Staging");
	assert_string_equal(text_of("SELECT stage_seen FROM reg_version"), "Staging");
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held"), held);
	assert_int_equal(adopt(), 0);
}

static void lanes_of_their_own_stay(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Canary", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	assert_string_equal(stage_of(101), "Canary");
}

static void deleted_and_restored(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Production", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	source_says("UPDATE model_version SET stage = 'Deleted_Internal', deleted = 1");
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT deleted FROM reg_version"), 1);
	assert_string_equal(stage_of(101), "Production");          /* what it was when it went */
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held WHERE to_ms IS NULL"), 0);
	assert_int_equal(adopt(), 0);
	clock_set_wall_ms(NOW + HOUR);
	source_says("UPDATE model_version SET stage = 'Production', deleted = 0");
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT deleted FROM reg_version"), 0);
	assert_int_equal(number_of(db, "SELECT from_ms FROM reg_held WHERE to_ms IS NULL"), NOW + HOUR);
}

static void deleted_here_and_then_there(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "None", NOW - 9 * DAY, NOW - 8 * DAY);
	adopt();
	decide(1, "UPDATE reg_version SET deleted = 1 WHERE version_id = 101");
	assert_int_equal(adopt(), 0);
	source_says("UPDATE model_version SET deleted = 1, stage = 'Deleted_Internal'");
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT deleted AND deleted_seen FROM reg_version"), 1);
}

static void deleted_when_first_seen(void **state)
{
	(void)state;
	source_model(1, "churn");
	source_version(1, 1, "Deleted_Internal", NOW - 9 * DAY, NOW - 8 * DAY);
	source_says("UPDATE model_version SET deleted = 1");
	adopt();
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held"), 0);
	assert_string_equal(stage_of(101), "None");
	assert_int_equal(adopt(), 0);
	source_says("UPDATE model_version SET deleted = 0, stage = 'Staging'");
	assert_int_equal(adopt(), 1);
	assert_string_equal(stage_of(101), "Staging");
}

static void aliases_move_and_go(void **state)
{
	(void)state;
	source_model(1, "churn");
	for (int v = 1; v <= 3; v++)
		source_version(1, v, "None", NOW - 9 * DAY, NOW - 9 * DAY);
	source_alias(1, "champion", 1);
	source_alias(1, "Champion", 2);                            /* another one */
	adopt();
	source_alias(1, "champion", 3);
	clock_set_wall_ms(NOW + HOUR);
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT version FROM reg_alias WHERE alias = 'champion'"), 3);
	assert_int_equal(number_of(db, "SELECT version FROM reg_alias WHERE alias = 'Champion'"), 2);
	assert_int_equal(number_of(db, "SELECT to_ms FROM reg_held WHERE name = 'champion' AND version = 1"), NOW + HOUR);
	source_says("DELETE FROM model_alias WHERE alias = 'champion'");
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_alias WHERE alias = 'champion'"), 0);
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held WHERE kind = 'alias' AND name = 'champion' AND to_ms IS NULL"), 0);
	assert_int_equal(adopt(), 0);
}

static void aliases_decided_here(void **state)
{
	(void)state;
	source_model(1, "churn");
	for (int v = 1; v <= 3; v++)
		source_version(1, v, "None", NOW - 9 * DAY, NOW - 9 * DAY);
	source_alias(1, "champion", 1);
	adopt();
	decide(1, "UPDATE reg_alias SET version = 2");
	assert_int_equal(adopt(), 0);
	assert_int_equal(number_of(db, "SELECT version FROM reg_alias"), 2);
	decide(1, "UPDATE reg_alias SET version = NULL");           /* removed here */
	assert_int_equal(adopt(), 0);
	assert_string_equal(text_of("SELECT version FROM reg_alias"), "(null)");
	source_alias(1, "champion", 3);                            /* the source decides again */
	assert_int_equal(adopt(), 1);
	assert_int_equal(number_of(db, "SELECT version FROM reg_alias"), 3);
}

static void an_alias_that_points_nowhere(void **state)
{
	(void)state;
	int64_t id, version;
	source_model(1, "churn");
	source_version(1, 1, "None", NOW - 9 * DAY, NOW - 9 * DAY);
	source_alias(1, "ghost", 9);
	adopt();
	OK(model_find(db, "churn", &id, &why));
	assert_int_equal(version_find(db, id, "@ghost", &version, &why), ST_NOT_FOUND);
	assert_non_null(strstr(why.text, "points at version 9"));
}

static void many_models_in_batches(void **state)
{
	(void)state;
	source_says("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO model(id, source_id, name) SELECT i, 1, 'm' || i FROM n;"
		"INSERT INTO model_version(model_id, version, stage, created_ms, updated_ms) SELECT id, 1, 'Staging', 5, 6 FROM model WHERE source_id = 1");
	assert_int_equal(adopt(), 600);
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit"), 600);
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_version"), 600);
	assert_int_equal(adopt(), 0);
}

/* Whatever happens on both sides in whatever order: what is held is what holds, and nothing is done twice. */
static void both_sides_at_random(void **state)
{
	(void)state;
	static const char *const stages[] = { "None", "Staging", "Production", "Archived" };
	unsigned seed = 7;
	source_model(1, "churn");
	for (int v = 1; v <= 4; v++)
		source_version(1, v, "None", NOW - 9 * DAY, NOW - 9 * DAY);
	for (int round = 0; round < 150; round++) {
		seed = seed * 1103515245 + 12345;
		int v = 1 + (int)(seed >> 16 & 3);
		clock_set_wall_ms(NOW + round * HOUR);
		if (seed >> 20 & 1)
			source_stage(1, v, stages[seed >> 21 & 3], NOW + round * HOUR);
		else if (seed >> 23 & 1)
			source_alias(1, "champion", v);
		else
			source_says("UPDATE model_version SET deleted = 1 - deleted WHERE version = %d", v);
		adopt();
		assert_int_equal(adopt(), 0);
		assert_int_equal(number_of(db, "SELECT count(*) FROM reg_version r JOIN model_version v ON v.id = r.version_id WHERE r.deleted <> v.deleted OR (NOT v.deleted AND r.stage <> v.stage)"), 0);
		/* exactly one open span for each version that is there, in its stage */
		assert_int_equal(number_of(db, "SELECT count(*) FROM reg_version r JOIN model_version v ON v.id = r.version_id LEFT JOIN reg_held h ON h.version = v.version AND h.kind = 'stage'"
			" AND h.to_ms IS NULL WHERE (r.deleted AND h.id IS NOT NULL) OR (NOT r.deleted AND h.name IS NOT r.stage)"), 0);
		assert_int_equal(number_of(db, "SELECT count(*) FROM (SELECT version, count(*) AS n FROM reg_held WHERE kind = 'stage' AND to_ms IS NULL GROUP BY version) WHERE n > 1"), 0);
		assert_true(number_of(db, "SELECT count(*) FROM reg_held WHERE kind = 'alias' AND to_ms IS NULL") <= 1);
	}
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_held WHERE to_ms < from_ms"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_sight), TEST(nothing_new_changes_nothing), TEST(models_of_this_place_are_left_alone), TEST(a_move_at_the_source), TEST(times_that_do_not_fit),
		TEST(a_decision_here_outlives_imports), TEST(the_source_decides_again), TEST(lanes_of_their_own_stay), TEST(deleted_and_restored), TEST(deleted_here_and_then_there),
		TEST(deleted_when_first_seen), TEST(aliases_move_and_go), TEST(aliases_decided_here), TEST(an_alias_that_points_nowhere), TEST(many_models_in_batches), TEST(both_sides_at_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
