/* gates check and policy check, show, apply, as scripts see them. */
#include "tests/unit/verbs_help.h"

#include <sodium.h>

#include "core/base/fs.h"
#include "core/registry/policy.h"
#include "core/registry/verbs.h"

#define RUN(json, name, ...) run_verb(gates_verbs.at, gates_verbs.n, json, name, (const char *const[]){ __VA_ARGS__, NULL })
#define RUN0(json, name) run_verb(gates_verbs.at, gates_verbs.n, json, name, (const char *const[]){ NULL })

/* A model whose v1 is in Production and whose v2 is in Staging. */
static int setup(void **state)
{
	if (help_folder_make(state) != 0)
		return -1;
	setenv("XDG_CONFIG_HOME", in_folder("config"), 1);
	setenv("XDG_STATE_HOME", in_folder("state"), 1);
	setenv("XDG_DATA_HOME", in_folder("data"), 1);
	setenv("MLYARD_USER", "requester", 1);
	verbs_ready();
	put_experiment(1, "e", false);
	put_run((struct new_run){ .id = 1, .name = "steady" });
	put_run((struct new_run){ .id = 2, .name = "bold" });
	put_metric(1, "acc", 0.94);
	put_metric(2, "acc", 0.9);
	put_metric(2, "lost", NAN);
	OK(store_exec(db, "INSERT INTO model(id, source_id, name, created_ms, updated_ms) VALUES(1, 1, 'churn', 1, 1);"
		"INSERT INTO model_version(id, model_id, version, stage, run_uuid, created_ms, updated_ms) VALUES"
		"(1, 1, 1, 'Production', 'u1', 1600000000000, 1600000000000), (2, 1, 2, 'Staging', 'u2', 1600000000000, 1600000000000)", &why));
	commit(TOPIC_MODELS);
	return 0;
}

static int teardown(void **state)
{
	verbs_done();
	return help_folder_remove(state);
}

static const char *put_file(const char *text)
{
	const char *path = in_folder("policy.yaml");
	OK(fs_replace(path, text, strlen(text), &why));
	return path;
}

static const char rule[] =
	"rules:\n"
	"  - name: ready\n"
	"    from: Staging\n"
	"    to: Production\n"
	"    gates: [acc >= production - 0.05, lost < 1, {min_age: 24h}]\n"
	"    checklist: [read it]\n"
	"    approvals: 2\n";

static void test_check_json(void **state)
{
	(void)state;
	const char *name, *source;
	double value, limit;
	int allowed, ok, needed, given, version, line, checked;
	put_file(rule);
	assert_int_equal(RUN(true, "gates check", "churn", "2", "production"), ST_CHECK);
	assert_non_null(strstr(why.text, "lost is NaN, and ready (policy.yaml:2) asks for < 1"));
	json_t *j = document(), *gates = json_object_get(j, "gates"), *first = json_array_get(gates, 0), *list;
	assert_int_equal(json_object_size(j), 7);
	assert_int_equal(json_array_size(gates), 3);
	assert_int_equal(json_object_size(first), 5);
	assert_int_equal(json_unpack(j, "{s:b, s:{s:i, s:i}, s:i, s:{s:s, s:i}, s:o}", "allowed", &allowed, "approvals", "needed", &needed, "given", &given, "policy_version", &version,
		"rule", "name", &name, "line", &line, "checklist", &list), 0);
	assert_true(!allowed && needed == 2 && given == 0 && version == 0 && line == 2);
	assert_string_equal(name, "ready");
	assert_int_equal(json_unpack(json_array_get(list, 0), "{s:s, s:b}", "item", &name, "checked", &checked), 0);
	assert_true(!strcmp(name, "read it") && !checked);
	assert_int_equal(json_unpack(first, "{s:s, s:f, s:f, s:b, s:s}", "name", &name, "value", &value, "limit", &limit, "ok", &ok, "source", &source), 0);
	assert_string_equal(name, "acc");
	assert_float_equal(value, 0.9, 0);
	assert_float_equal(limit, 0.89, 1e-12);
	assert_true(ok && strstr(source, "run bold"));
	assert_string_equal(json_string_value(json_object_get(json_array_get(gates, 1), "value")), "NaN");
	assert_string_equal(json_string_value(json_object_get(json_array_get(gates, 2), "limit")), ">= 1d00h");
	json_decref(j);
}

static void test_check_table(void **state)
{
	(void)state;
	put_file(rule);
	assert_int_equal(RUN(false, "gates check", "churn", "v2", "Production"), ST_CHECK);
	assert_non_null(strstr(printed, "gate\tvalue\tlimit\tverdict\tsource\nacc\t0.9\t>= 0.89\tholds\trun bold u2; v1 in Production has 0.94\nlost\tNaN\t< 1\tFAILS\t"));
	assert_non_null(strstr(printed, "checklist\t\tticked\twaits\tread it\n"));
	assert_non_null(strstr(printed, "approvals\t0\t2\twaits\tno open request\n"));
	OK(RUN(false, "gates check", "churn", "2", "Development"));
	assert_string_equal(printed, "");
	assert_int_equal(RUN(false, "gates check", "churn", "2", "Prod"), ST_USAGE);
	assert_int_equal(RUN(false, "gates check", "churn", "7", "Production"), ST_NOT_FOUND);
	assert_int_equal(RUN(false, "gates check", "chum", "2", "Production"), ST_NOT_FOUND);
	put_file("rules: 3\n");
	assert_int_equal(RUN(false, "gates check", "churn", "2", "Production"), ST_FAILED);
	assert_non_null(strstr(why.text, "policy.yaml:1:8"));
	put_file(rule);
	OK(RUN(false, "policy apply", "--reason", "first"));
	put_file("rules: []\n");
	assert_int_equal(RUN(false, "gates check", "churn", "2", "Production"), ST_CHECK);
	assert_string_equal(told, "note: policy.yaml differs from policy 1 in force: mlyard policy apply\n");
	assert_non_null(strstr(why.text, "ready (policy 1, line 2)"));
}

static void test_policy_check(void **state)
{
	(void)state;
	const char *w = in_folder("w"), *text;
	int line, column, ok, in_force;
	char *file = mem_strdup(put_file("rules:\n- {name: a, to: Stagin}\nstrct: true\n"));
	assert_int_equal(RUN(false, "policy check", "-w", w), ST_CHECK);
	char *expected = NULL;
	assert_true(asprintf(&expected, "%s:2:17: there is no lane \"Stagin\"; did you mean \"Staging\"?\n%s:3:1: a policy has no key \"strct\"; did you mean \"strict\"?\n", file, file) > 0);
	assert_string_equal(printed, expected);
	free(expected);
	assert_int_equal(RUN(true, "policy check", "-w", w), ST_CHECK);
	json_t *j = document(), *findings = json_object_get(j, "findings");
	assert_int_equal(json_array_size(findings), 2);
	assert_int_equal(json_unpack(json_array_get(findings, 1), "{s:i, s:i, s:s}", "line", &line, "column", &column, "text", &text), 0);
	assert_true(line == 3 && column == 1 && strstr(text, "a policy has no key"));
	json_decref(j);
	put_file(rule);
	OK(RUN(false, "policy check", "-w", w));
	assert_non_null(strstr(printed, "no findings; lanes: 5, rules: 1, freezes: 0; no policy is in force yet"));
	OK(RUN(false, "policy check", file));                    /* there is no default workspace, and none is needed */
	OK(RUN(false, "policy apply", "--reason", "first"));
	OK(RUN(true, "policy check", file, "-w", w));
	j = document();
	assert_int_equal(json_unpack(j, "{s:b, s:b, s:i}", "ok", &ok, "in_force", &in_force, "policy_version", &line), 0);
	assert_true(ok && in_force && line == 1);
	json_decref(j);
	put_file("rules: []\n");
	OK(RUN(false, "policy check", "-w", w));
	assert_non_null(strstr(printed, "not in force, policy 1 is: mlyard policy apply"));
	unlink(file);
	assert_int_equal(RUN(false, "policy check", "-w", w), ST_NOT_FOUND);
	assert_int_equal(RUN(false, "policy check", "-w", in_folder("none.db"), file), ST_NOT_FOUND);
	free(file);
}

static void test_policy_show(void **state)
{
	(void)state;
	struct policy *p;
	OK(RUN0(false, "policy show"));
	OK(policy_parse(printed, printed_n, "shown", &p, NULL, &why));   /* the default is a file to start with */
	assert_int_equal(p->n_lanes, 5);
	policy_free(p);
	put_file(rule);
	OK(RUN0(false, "policy show"));
	assert_string_equal(printed, rule);
	OK(RUN(false, "policy apply", "--reason", "first"));
	assert_string_equal(printed, "policy 1 is in force, record 1\n");
	put_file("rules: []\n");
	OK(RUN0(false, "policy show"));
	assert_string_equal(printed, rule);
	OK(RUN0(true, "policy show"));
	json_t *j = document(), *shown = json_array_get(json_object_get(j, "rules"), 0);
	assert_int_equal(json_integer_value(json_object_get(j, "policy_version")), 1);
	assert_non_null(strstr(json_string_value(json_object_get(j, "note")), "differs from policy 1"));
	assert_string_equal(json_string_value(json_object_get(j, "by")), "requester");
	assert_string_equal(json_string_value(json_object_get(j, "text")), rule);
	assert_string_equal(json_string_value(json_array_get(json_object_get(shown, "gates"), 2)), "min_age: 24h");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(shown, "approvals"), "needed")), 2);
	json_decref(j);
}

static void test_policy_apply(void **state)
{
	(void)state;
	put_file("roles: {admin: [head]}\n");
	assert_int_equal(RUN0(false, "policy apply"), ST_USAGE);
	assert_int_equal(RUN(false, "policy apply", "--reason", "mine"), ST_REFUSED);    /* the file's own roles hold already */
	setenv("MLYARD_USER", "head", 1);
	OK(RUN(true, "policy apply", "--reason", "roles"));
	json_t *j = document();
	assert_int_equal(json_integer_value(json_object_get(j, "policy_version")), 1);
	json_decref(j);
	OK(RUN(false, "policy apply", "--reason", "again"));
	assert_string_equal(printed, "policy 1 is this text already\n");
	put_file("roles: {}\n");
	assert_int_equal(RUN(false, "policy apply", "--reason", "nobody"), ST_FAILED);
	assert_int_equal(RUN(false, "policy apply", in_folder("none.yaml"), "--reason", "r"), ST_NOT_FOUND);
	unlink(in_folder("policy.yaml"));
	assert_int_equal(RUN(false, "policy apply", "--reason", "r"), ST_NOT_FOUND);
	setenv("MLYARD_USER", "requester", 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = { T(test_check_json), T(test_check_table), T(test_policy_check), T(test_policy_show), T(test_policy_apply) };
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("verbs of gates and policies", tests, NULL, NULL);
}
