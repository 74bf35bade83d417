/* Gates: each kind true, false and missing; freezes, checklist, waivers; what an approval is bound to; the policy of a workspace. */
#include "tests/unit/runs_help.h"

#include <inttypes.h>
#include <sodium.h>

#include "core/base/fs.h"
#include "core/registry/card.h"
#include "core/registry/gates.h"
#include "core/registry/models.h"

#define HOUR INT64_C(3600000)
static struct actor somebody;

/* SQL inside a change with its record, as decisions are written. */
static void here(const char *sql)
{
	const struct audit_entry x = { "test", "workspace", NULL, NULL, "" };
	OK(store_begin(db, &why));
	OK(store_exec(db, sql, &why));
	OK(audit_append(db, &somebody, &x, NULL, &why));
	OK(store_commit(db, TOPIC_MODELS, &why));
}

static void source(const char *sql)
{
	OK(store_begin(db, &why));
	OK(store_exec(db, sql, &why));
	OK(store_commit(db, TOPIC_MODELS, &why));
}

/* Model 1, "churn": v1 in Production (run 1), v2 in Staging since 10 hours (run 2), v3 in None (a logged model), v4 in None (nothing). */
static int setup(void **state)
{
	if (help_folder_make(state) != 0)
		return -1;
	setenv("XDG_CONFIG_HOME", in_folder("config"), 1);
	setenv("XDG_STATE_HOME", in_folder("state"), 1);
	setenv("MLYARD_USER", "requester", 1);
	workspace_make();
	actor_self(&somebody);
	put_experiment(1, "e", false);
	put_run((struct new_run){ .id = 1, .name = "steady" });
	put_run((struct new_run){ .id = 2, .name = "bold" });
	put_metric(1, "accuracy", 0.94);
	put_metric(1, "latency_ms", 10);
	put_metric(1, "odd", NAN);
	put_metric(2, "accuracy", 0.95);
	put_metric(2, "latency_ms", 11.5);
	put_metric(2, "odd", 1);
	put_metric(2, "lost", NAN);
	OK(store_exec(db,
		"INSERT INTO model(id, source_id, name) VALUES(1, 1, 'churn');"
		"INSERT INTO model_version(id, model_id, version, stage, run_uuid, source, created_ms, updated_ms) VALUES"
		" (1, 1, 1, 'Production', 'u1', '', 1600000000000, 1600000000000), (2, 1, 2, 'Staging', 'u2', '', 1600000000000, 1600000000000),"
		" (3, 1, 3, 'None', NULL, 'models:/m-abc', 1600000000000, 1600000000000), (4, 1, 4, 'None', NULL, '', 1600000000000, 1600000000000);"
		"INSERT INTO model_version_tag VALUES(2, 'owner', 'risk team'), (2, 'validation', ' 0.97 '), (2, 'empty', ''), (2, 'words', 'many');"
		"INSERT INTO logged_model(id, source_id, model_id, experiment_id, name) VALUES(1, 1, 'm-abc', 1, 'forest');"
		"INSERT INTO logged_model_metric(logged_model_id, key, ms, step, value) VALUES(1, 'accuracy', 5, 1, 0.5), (1, 'accuracy', 6, 2, 0.93), (1, 'bad', 1, 1, NULL)", &why));
	commit(TOPIC_MODELS);
	here("INSERT INTO reg_version(version_id, stage, since_ms, registered_by) VALUES(1, 'Production', 1600000000000, 'builder'), (2, 'Staging', 1699964000000, 'builder'),"
		" (3, 'None', 1600000000000, ''), (4, 'None', 1600000000000, '');"
		"INSERT INTO reg_model(model_id, rev) VALUES(1, 7);"
		"INSERT INTO reg_held(model_id, kind, name, version, from_ms, from_seq, by, how) VALUES(1, 'stage', 'Staging', 2, 1699964000000, 1, 'builder', 'promote')");
	return 0;
}

static int teardown(void **state)
{
	workspace_drop();
	return help_folder_remove(state);
}

static struct policy *parsed(const char *text)
{
	struct policy *p;
	OK(policy_parse(text, strlen(text), "policy.yaml", &p, NULL, &why));
	return p;
}

/* A policy whose one rule lets churn into a lane with these gates (a list in YAML's flow style). */
static struct policy *with_gates(const char *gates)
{
	struct str text = STR_INIT;
	str_addf(&text, "rules:\n- {name: the rule, to: '*', gates: [%s]}\n", gates);
	struct policy *p = parsed(text.p);
	str_free(&text);
	return p;
}

static struct gate_report *check(const struct policy *p, int64_t version, const char *to)
{
	struct gate_report *r;
	OK(gates_check(db, p, 1, version, to, GATES_FOR_PROMOTION, NULL, 0, &r, &why));
	return r;
}

struct expected { const char *gate; int64_t version; const char *to, *name, *value, *limit, *source; bool ok; };

static void expect(const struct expected *x)
{
	struct policy *p = with_gates(x->gate);
	struct gate_report *r = check(p, x->version, x->to);
	const struct gate_result *g = &r->at[0];
	bool same = r->n == 1 && g->ok == x->ok && r->allowed == x->ok && !strcmp(g->name, x->name) && !strcmp(g->value, x->value) && !strcmp(g->limit, x->limit)
		&& strstr(g->source, x->source) && (r->why_not == NULL) == x->ok;
	if (!same)
		fail_msg("%s of v%" PRId64 ": %zu gates, name '%s' value '%s' limit '%s' source '%s' %s: %s", x->gate, x->version, r->n, g->name, g->value, g->limit, g->source,
			g->ok ? "ok" : "not ok", r->why_not ? r->why_not : "");
	if (!x->ok && !strstr(r->why_not, "the rule (policy.yaml:2)"))
		fail_msg("%s names no rule: %s", x->gate, r->why_not);
	gate_report_free(r);
	policy_free(p);
}

static void test_metrics(void **state)
{
	(void)state;
	static const struct expected cases[] = {
		{ "accuracy >= 0.95", 2, "Production", "accuracy", "0.95", ">= 0.95", "run bold u2", true },
		{ "accuracy > 0.95", 2, "Production", "accuracy", "0.95", "> 0.95", "run bold u2", false },
		{ "accuracy >= 0.9500000001", 2, "Production", "accuracy", "0.95", ">= 0.9500000001", "run bold", false },       /* not two numbers that look alike */
		{ "latency_ms <= production * 1.1", 2, "Production", "latency_ms", "11.5", "<= 11", "v1 in Production has 10", false },
		{ "latency_ms <= production * 1.1 + 0.5", 2, "Production", "latency_ms", "11.5", "<= 11.5", "v1 in Production has 10", true },
		{ "accuracy >= production - 0.005", 3, "Staging", "accuracy", "0.93", ">= 0.935", "logged model forest m-abc; v1", false },      /* the last step counts */
		{ "accuracy >= staging - 0.05", 3, "Production", "accuracy", "0.93", ">= 0.9", "v2 in Staging has 0.95", true },
		{ "accuracy != 0.95", 2, "Production", "accuracy", "0.95", "!= 0.95", "run bold", false },
		{ "accuracy == 0.95", 2, "Production", "accuracy", "0.95", "== 0.95", "run bold", true },
		{ "validation >= 0.97", 2, "Production", "validation", "0.97", ">= 0.97", "tag validation", true },
		{ "words >= 0.97", 2, "Production", "words", "", ">= 0.97", "neither its run", false },
		{ "recall >= 0.1", 2, "Production", "recall", "", ">= 0.1", "neither its run", false },
		{ "accuracy >= 0.1", 4, "Staging", "accuracy", "", ">= 0.1", "neither its run", false },
		{ "lost >= 0", 2, "Production", "lost", "NaN", ">= 0", "run bold", false },
		{ "lost != 0", 2, "Production", "lost", "NaN", "!= 0", "run bold", false },
		{ "bad < 1", 3, "Staging", "bad", "NaN", "< 1", "logged model", false },
		{ "odd >= production", 2, "Production", "odd", "1", "NaN of v1 in Production", "run bold", false },
		{ "validation >= production", 2, "Production", "validation", "0.97", "no value of v1 in Production", "tag", false },
		{ "accuracy >= development", 2, "Production", "accuracy", "0.95", "nothing in Development to compare with", "run bold", true },
		{ "lost >= development", 2, "Production", "lost", "NaN", "nothing in Development to compare with", "run bold", false },
		{ "{metric: accuracy >= development, if_missing: refuse}", 2, "Production", "accuracy", "0.95", "nothing in Development to compare with", "run bold", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect(&cases[i]);
}

static void test_numbers(void **state)
{
	(void)state;
	struct policy *p = with_gates("accuracy >= production - 0.005");
	struct gate_report *r = check(p, 2, "Production");
	assert_true(r->at[0].has_number && r->at[0].has_bound);
	assert_float_equal(r->at[0].number, 0.95, 0);
	assert_float_equal(r->at[0].bound, 0.935, 1e-12);
	assert_string_equal(r->from, "Staging");
	assert_string_equal(r->model, "churn");
	assert_int_equal(r->replaces, 1);
	assert_int_equal(r->rev, 7);
	gate_report_free(r);
	policy_free(p);
}

static void test_age(void **state)
{
	(void)state;
	expect(&(struct expected){ "{min_age: 10h}", 2, "Production", "age in Staging", "10h00m", ">= 10h00m", "since 2023-11-14", true });
	clock_set_wall_ms(NOW - HOUR);
	struct policy *p = with_gates("{min_age: 10h}");
	struct gate_report *r = check(p, 2, "Production");
	assert_true(r->at[0].ok);                                /* the clock was turned back, but there is a record of NOW */
	gate_report_free(r);
	policy_free(p);
	clock_set_wall_ms(NOW);
	expect(&(struct expected){ "{min_age: 601min}", 2, "Production", "age in Staging", "10h00m", ">= 10h01m", "since", false });
	here("UPDATE reg_held SET from_known = 0");
	expect(&(struct expected){ "{min_age: 1h}", 2, "Production", "age in Staging", "at least 10h00m", ">= 1h00m", "or before", true });
}

static void test_drift(void **state)
{
	(void)state;
	expect(&(struct expected){ "{drift: stable}", 2, "Production", "drift", "no report", "stable", "no drift report", true });
	expect(&(struct expected){ "{drift: stable, if_missing: refuse}", 2, "Production", "drift", "no report", "stable", "no drift report", false });
	source("INSERT INTO drift_verdict(model, version, monitor, ms, verdict) VALUES('churn', 0, 'income', 1000, 'drifted'), ('churn', 0, 'income', 2000, 'stable'),"
		"('churn', 2, 'age', 1000, 'watch'), ('churn', 3, 'age', 3000, 'drifted'), ('wine', 0, 'age', 3000, 'drifted')");
	expect(&(struct expected){ "{drift: stable}", 2, "Production", "drift", "watch", "stable", "age, report of 1970", false });      /* newest a monitor, then the worst */
	expect(&(struct expected){ "{drift: watch}", 2, "Production", "drift", "watch", "no worse than watch", "age", true });
	expect(&(struct expected){ "{drift: watch}", 3, "Production", "drift", "drifted", "no worse than watch", "age", false });
	expect(&(struct expected){ "{drift: stable}", 1, "Staging", "drift", "stable", "stable", "income", true });
	/* Windows that one run caught up with have one moment: the last that was written counts. */
	source("INSERT INTO drift_verdict(model, version, monitor, ms, verdict) VALUES('churn', 0, 'income', 5000, 'stable'), ('churn', 0, 'income', 5000, 'drifted')");
	expect(&(struct expected){ "{drift: watch}", 1, "Staging", "drift", "drifted", "no worse than watch", "income", false });
	source("INSERT INTO drift_verdict(model, version, monitor, ms, verdict) VALUES('churn', 0, 'income', 5000, 'stable')");
	expect(&(struct expected){ "{drift: stable}", 1, "Staging", "drift", "stable", "stable", "income", true });
	source("INSERT INTO drift_verdict(model, version, monitor, ms, verdict) VALUES('churn', 1, 'x', 9, 'strange')");
	expect(&(struct expected){ "{drift: watch}", 1, "Staging", "drift", "strange", "no worse than watch", "x", false });
}

static void test_tags(void **state)
{
	(void)state;
	expect(&(struct expected){ "{tag: owner}", 2, "Production", "tag owner", "risk team", "set", "of the source", true });
	expect(&(struct expected){ "{tag: owner, value: risk team}", 2, "Production", "tag owner", "risk team", "= risk team", "of the source", true });
	expect(&(struct expected){ "{tag: owner, value: risk}", 2, "Production", "tag owner", "risk team", "= risk", "of the source", false });
	expect(&(struct expected){ "{tag: Owner}", 2, "Production", "tag Owner", "", "set", "no such tag", false });
	expect(&(struct expected){ "{tag: empty}", 2, "Production", "tag empty", "", "set", "of the source", false });
	here("INSERT INTO reg_tag(model_id, version, key, value) VALUES(1, 2, 'owner', 'us'), (1, 2, 'words', NULL), (1, 0, 'whole', 'model')");
	expect(&(struct expected){ "{tag: owner}", 2, "Production", "tag owner", "us", "set", "set here", true });
	expect(&(struct expected){ "{tag: words}", 2, "Production", "tag words", "", "set", "no such tag", false });                      /* removed here */
	expect(&(struct expected){ "{tag: whole}", 2, "Production", "tag whole", "", "set", "no such tag", false });                      /* the model's is not the version's */
}

static void test_card(void **state)
{
	(void)state;
	expect(&(struct expected){ "{card: [data, Owner]}", 2, "Production", "card", "", "2 sections", "no card was saved", false });
	here("INSERT INTO reg_card(model_id, version, rev, ms, actor, text, seq) VALUES(1, 0, 1, 0, 'a', '# Churn\n## Data\nrows\n## Owner\nus', 1)");
	expect(&(struct expected){ "{card: [data, Owner]}", 2, "Production", "card", "complete", "2 sections", "of the model, revision 1", true });
	here("INSERT INTO reg_card(model_id, version, rev, ms, actor, text, seq) VALUES(1, 2, 1, 0, 'a', '## Data\nrows\n## Owner\n<!-- who? -->', 1),"
		"(1, 2, 2, 0, 'a', '## Data\n\n## Owner\nus', 1)");
	expect(&(struct expected){ "{card: [data, Owner]}", 2, "Production", "card", "missing: data", "2 sections", "of the version, revision 2", false });
	expect(&(struct expected){ "{card: [data, Owner]}", 3, "Production", "card", "complete", "2 sections", "of the model", true });
	expect(&(struct expected){ "{card: complete}", 3, "Production", "card", "missing: intended use, metrics, limitations, fairness", "6 sections", "of the model", false });
}

static void test_card_sections(void **state)
{
	(void)state;
	static const struct { const char *text, *section; bool there; } cases[] = {
		{ "", "data", false }, { "## Data", "data", false }, { "## Data\nx", "data", true }, { "## Data  \r\nx\r\n", "DATA", true }, { "##Data\nx", "data", false },
		{ "# Data\nx", "data", false }, { "## Data\n### Rows\n", "data", false }, { "## Data\n### Rows\nmany", "data", true }, { "## Data\n# End\nx", "data", false },
		{ "## Data\n<!-- a\nb -->\n", "data", false }, { "## Data\n<!-- a -->b", "data", true }, { "## Data\n<!-- ## X\n\n--> \n## Y\nz", "data", false },
		{ "## Data\n" CARD_HINT "\n", "data", false }, { "## Data\n" CARD_HINT " But this is.\n", "data", true }, { "## Data\n```\n## Owner\n```\n", "owner", false },
		{ "## Data\n```\n## Owner\n```\n", "data", true }, { "## A\nx\n## A\n", "a", true }, { "## Intended  use\nx", "intended use", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (card_has_section(cases[i].text, strlen(cases[i].text), cases[i].section) != cases[i].there)
			fail_msg("%s of: %s", cases[i].section, cases[i].text);
}

static void test_digest(void **state)
{
	(void)state;
	expect(&(struct expected){ "{digest: verified}", 2, "Production", "digest", "not computed", "verified", "sizes", false });
}

/* ---- besides gates ---- */

static void test_no_policy(void **state)
{
	(void)state;
	struct policy *p = policy_default();
	struct gate_report *r = check(p, 3, "production");
	assert_true(r->allowed);
	assert_null(r->rule);
	assert_int_equal(r->n, 0);
	assert_string_equal(r->to, "Production");
	assert_int_equal(r->replaces, 1);
	gate_report_free(r);
	r = check(p, 3, "Archived");
	assert_int_equal(r->replaces, 0);
	gate_report_free(r);
	r = check(p, 2, "staging");
	assert_false(r->allowed);
	assert_string_equal(r->why_not, "churn v2 is in Staging already");
	gate_report_free(r);
	assert_int_equal(gates_check(db, p, 1, 9, "Staging", GATES_FOR_PROMOTION, NULL, 0, &r, &why), ST_NOT_FOUND);
	assert_null(r);
	assert_string_equal(why.text, "churn has no version 9");
	assert_int_equal(gates_check(db, p, 2, 1, "Staging", GATES_FOR_PROMOTION, NULL, 0, &r, &why), ST_NOT_FOUND);
	assert_int_equal(gates_check(db, p, 1, 1, "prod", GATES_FOR_PROMOTION, NULL, 0, &r, &why), ST_USAGE);
	assert_non_null(strstr(why.text, "the lanes are None, Development"));
	here("UPDATE reg_version SET deleted = 1 WHERE version_id = 3");
	assert_int_equal(gates_check(db, p, 1, 3, "Staging", GATES_FOR_PROMOTION, NULL, 0, &r, &why), ST_NOT_FOUND);
	assert_string_equal(why.text, "churn v3 was deleted");
	policy_free(p);
}

static void test_strict(void **state)
{
	(void)state;
	struct policy *p = parsed("strict: true\nrules:\n- {name: a, from: Staging, to: Production}\n");
	struct gate_report *r = check(p, 3, "Production");
	assert_false(r->allowed);
	assert_string_equal(r->at[0].name, "rule");
	assert_string_equal(r->why_not, "no rule lets churn move from None to Production, and the policy is strict (policy.yaml)");
	gate_report_free(r);
	r = check(p, 2, "Production");
	assert_true(r->allowed);
	gate_report_free(r);
	policy_free(p);
}

static void test_alias(void **state)
{
	(void)state;
	source("INSERT INTO model_alias VALUES(1, 'champion', 1)");
	struct policy *p = parsed("rules:\n- {name: crown, to: '@champion', gates: [accuracy >= 0.94]}\n");
	struct gate_report *r = check(p, 3, "@champion");
	assert_string_equal(r->rule->name, "crown");
	assert_int_equal(r->replaces, 1);
	assert_false(r->allowed);
	gate_report_free(r);
	r = check(p, 3, "@Champion");
	assert_null(r->rule);
	assert_int_equal(r->replaces, 0);
	gate_report_free(r);
	policy_free(p);
}

static void test_freeze(void **state)
{
	(void)state;
	/* NOW is 2023-11-14 22:13:20 UTC */
	struct policy *p = parsed("freeze:\n- {from: 2023-11-14, to: '2023-11-14T22:13:21Z', lane: Production, reason: audit}\nrules:\n"
		"- {name: a, to: Production, gates: [accuracy > 0], rollback: {waive_gates: true}}\n");
	struct gate_report *r = check(p, 2, "Production");
	assert_false(r->allowed);
	assert_int_equal(r->n, 2);
	assert_string_equal(r->at[0].name, "frozen");
	assert_true(r->at[1].ok);
	assert_string_equal(r->why_not, "frozen until 2023-11-14 22:13:21: audit (policy.yaml, line 2)");
	gate_report_free(r);
	OK(gates_check(db, p, 1, 2, "Production", GATES_FOR_ROLLBACK, NULL, 0, &r, &why));
	assert_true(r->allowed && r->at[0].waived);
	gate_report_free(r);
	clock_set_wall_ms(NOW + 1000);
	r = check(p, 2, "Production");
	assert_true(r->allowed);
	gate_report_free(r);
	policy_free(p);
}

static void test_checklist(void **state)
{
	(void)state;
	struct policy *p = parsed("rules:\n- {name: a, to: Production, checklist: [read, told, asked]}\n");
	struct gate_report *r = check(p, 2, "Production");
	assert_int_equal(r->n_checklist, 3);
	assert_string_equal(r->why_not, "the checklist of a (policy.yaml:2) has 3 items left: read, ...");
	gate_report_free(r);
	here("INSERT INTO reg_request(model_id, version, from_stage, to_stage, requester, uid, key_id, reason, checked, created_ms, expires_ms, state, basis, seq)"
		" VALUES(1, 2, 'Staging', 'Production', 'requester', 1, '', 'r', '[\"told\", \"gone\", 7]', 0, 1700000000001, 'open', x'00', 1)");
	const bool ticks[] = { true, false, false, true };
	OK(gates_check(db, p, 1, 2, "Production", GATES_FOR_PROMOTION, ticks, 4, &r, &why));
	assert_int_equal(r->request_id, 1);
	assert_true(r->checked[0] && r->checked[1] && !r->checked[2]);
	assert_string_equal(r->why_not, "the checklist of a (policy.yaml:2) has 1 item left: asked");
	gate_report_free(r);
	clock_set_wall_ms(NOW + 1);                              /* the request is over, and its ticks with it */
	r = check(p, 2, "Production");
	assert_int_equal(r->request_id, 0);
	assert_false(r->checked[1]);
	gate_report_free(r);
	policy_free(p);
}

static void test_approvals(void **state)
{
	(void)state;
	struct policy *p = parsed("rules:\n- {name: a, to: Production, approvals: 2, rollback: {waive_approvals: true}}\n");
	struct gate_report *r = check(p, 2, "Production");
	assert_int_equal(r->approvals_needed, 2);
	assert_int_equal(r->approvals_given, 0);
	assert_string_equal(r->why_not, "0 of 2 approvals, asked for by a (policy.yaml:2); open a request first");
	gate_report_free(r);
	OK(gates_check(db, p, 1, 2, "Production", GATES_FOR_ROLLBACK, NULL, 0, &r, &why));
	assert_true(r->allowed);
	assert_int_equal(r->approvals_needed, 0);
	gate_report_free(r);
	policy_free(p);
}

static void test_rollback_rule(void **state)
{
	(void)state;
	struct policy *p = parsed("strict: true\nrules:\n- {name: up, from: Staging, to: Production, gates: [accuracy > 0.99]}\n");
	struct gate_report *r;
	here("UPDATE reg_version SET stage = 'Archived' WHERE version_id = 2");
	OK(gates_check(db, p, 1, 2, "Production", GATES_FOR_ROLLBACK, NULL, 0, &r, &why));
	assert_string_equal(r->rule->name, "up");                /* no rule from Archived: the way in has its gates all the same */
	assert_false(r->allowed);
	gate_report_free(r);
	policy_free(p);
	p = parsed("strict: true\nrules:\n- {name: up, from: Staging, to: Production, gates: [accuracy > 0.99]}\n- {name: back, from: Archived, to: Production, gates: [accuracy > 0.9]}\n");
	OK(gates_check(db, p, 1, 2, "Production", GATES_FOR_ROLLBACK, NULL, 0, &r, &why));
	assert_string_equal(r->rule->name, "back");
	assert_true(r->allowed);
	gate_report_free(r);
	policy_free(p);
}

static void test_red(void **state)
{
	(void)state;
	struct policy *p = parsed("rules:\n- {name: up, to: Production, rollback: {when: [accuracy < 0.95, odd < 5, nothing < 1, {drift: watch}, accuracy < staging, accuracy < development]}}\n");
	struct gate_report *r;
	OK(gates_red(db, p, &p->rules[0], 1, 1, &r, &why));
	assert_int_equal(r->n, 6);
	const bool red[] = { true, false, false, false, true, false };   /* neither NaN nor what is missing turns anything red */
	for (size_t i = 0; i < r->n; i++)
		assert_int_equal(r->at[i].ok, red[i]);
	assert_false(r->allowed);
	assert_string_equal(r->why_not, "accuracy is 0.94, and up (policy.yaml:2) rolls back when accuracy < 0.95");
	gate_report_free(r);
	source("INSERT INTO drift_verdict(model, version, ms, verdict) VALUES('churn', 1, 9, 'drifted')");
	OK(gates_red(db, p, &p->rules[0], 1, 1, &r, &why));
	assert_true(r->at[3].ok);
	gate_report_free(r);
	policy_free(p);
}

/* ---- the basis of approvals ---- */

static void basis_of(const struct policy *p, int64_t version, const char *to, unsigned char out[POLICY_HASH])
{
	struct gate_report *r = check(p, version, to);
	memcpy(out, r->basis, POLICY_HASH);
	gate_report_free(r);
}

static void expect_other(const struct policy *p, unsigned char last[POLICY_HASH], bool other)
{
	unsigned char now[POLICY_HASH];
	basis_of(p, 2, "Production", now);
	assert_int_equal(memcmp(now, last, POLICY_HASH) != 0, other);
	memcpy(last, now, POLICY_HASH);
}

static void test_basis(void **state)
{
	(void)state;
	struct policy *p = with_gates("accuracy > 0"), *q = with_gates("accuracy >  0");
	unsigned char last[POLICY_HASH], other[POLICY_HASH];
	basis_of(p, 2, "Production", last);
	expect_other(p, last, false);
	source("UPDATE metric SET last = 0.95 WHERE run_id = 2 AND last = 0.95");
	expect_other(p, last, false);
	source("UPDATE metric SET last = 0.9500000001 WHERE run_id = 2 AND last = 0.95");
	expect_other(p, last, true);
	source("UPDATE metric SET last = 0.5 WHERE run_id = 1");                  /* another run */
	expect_other(p, last, false);
	source("INSERT INTO name(id, text) VALUES(99, 'aaa')");
	source("INSERT INTO metric(name_id, run_id, n, first_step, last_step, first_ms, last_ms, last) VALUES(99, 2, 1, 0, 0, 0, 0, 1)");
	expect_other(p, last, true);
	here("UPDATE reg_version SET digest = x'0102' WHERE version_id = 2");
	expect_other(p, last, true);
	here("UPDATE reg_version SET stage = 'None' WHERE version_id = 2");
	expect_other(p, last, true);
	here("UPDATE reg_version SET since_ms = 5 WHERE version_id = 2");
	expect_other(p, last, false);
	expect_other(q, last, true);                                              /* one blank more in the policy */
	basis_of(q, 2, "Staging", other);
	assert_memory_not_equal(other, last, POLICY_HASH);
	basis_of(q, 3, "Staging", last);
	source("UPDATE logged_model_metric SET value = 0.94 WHERE value = 0.93");
	basis_of(q, 3, "Staging", other);
	assert_memory_not_equal(other, last, POLICY_HASH);
	policy_free(p);
	policy_free(q);
}

/* ---- the policy of a workspace ---- */

static void put_file(const char *text)
{
	OK(fs_replace(in_folder("policy.yaml"), text, strlen(text), &why));
}

static void expect_policy(int version, const char *name, size_t rules, const char *says)
{
	struct policy *p;
	char *note;
	OK(policy_load(db, &p, &note, &why));
	assert_int_equal(p->version, version);
	assert_string_equal(p->name, name);
	assert_int_equal(p->n_rules, rules);
	if (!*says)
		assert_string_equal(note, "");
	else if (!strstr(note, says))
		fail_msg("%s", note);
	free(note);
	policy_free(p);
}

static void test_in_force(void **state)
{
	(void)state;
	static const char first[] = "rules: [{name: a, to: Staging}]\n", second[] = "rules: []\n";
	struct policy *p;
	char *file = policy_file(db);
	assert_string_equal(file, in_folder("policy.yaml"));
	free(file);
	expect_policy(0, "the default policy", 0, "");
	put_file(first);
	expect_policy(0, "policy.yaml", 1, "with the first decision");
	put_file("rules: [{name: a}]\n");
	assert_int_equal(policy_load(db, &p, NULL, &why), ST_FAILED);
	assert_null(p);
	assert_non_null(strstr(why.text, "policy.yaml:1:9: the rule \"a\" says no \"to\""));
	assert_non_null(strstr(why.text, "nothing may move"));
	put_file(first);
	OK(policy_apply(db, &somebody, first, strlen(first), "begin", &why));
	assert_string_equal(why.text, "policy 1 is in force, record 2");
	expect_policy(1, "policy.yaml", 1, "");
	put_file(second);
	expect_policy(1, "policy 1", 1, "policy.yaml differs from policy 1 in force: mlyard policy apply");
	put_file("rules: 3\n");
	expect_policy(1, "policy 1", 1, "differs");                               /* a broken file changes nothing */
	OK(policy_apply(db, &somebody, second, strlen(second), "weaker", &why));
	expect_policy(2, "policy 2", 0, "differs");
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit WHERE action = 'policy.apply' AND before LIKE '%\"version\":1,%' AND after LIKE '%\"version\":2,%'"), 1);
	unlink(in_folder("policy.yaml"));
	expect_policy(2, "policy 2", 0, "");
}

static void test_apply_refused(void **state)
{
	(void)state;
	static const char roles[] = "roles: {admin: [head], contributor: [requester]}\n", broken[] = "roles: {admin: []}\n", other[] = "strict: true\n";
	struct actor head;
	actor_named(&head, "head");
	assert_int_equal(policy_apply(db, &somebody, broken, strlen(broken), "r", &why), ST_FAILED);
	assert_int_equal(policy_apply(db, &somebody, roles, strlen(roles), "", &why), ST_USAGE);
	OK(policy_apply(db, &somebody, roles, strlen(roles), "roles", &why));
	int64_t records = number_of(db, "SELECT count(*) FROM audit");
	OK(policy_apply(db, &head, roles, strlen(roles), "again", &why));
	assert_string_equal(why.text, "policy 1 is this text already");
	assert_int_equal(policy_apply(db, &somebody, other, strlen(other), "mine", &why), ST_REFUSED);
	assert_int_equal(number_of(db, "SELECT count(*) FROM audit"), records);
	assert_int_equal(number_of(db, "SELECT count(*) FROM reg_policy"), 1);
	OK(policy_apply(db, &head, other, strlen(other), "all equal", &why));
	assert_int_equal(number_of(db, "SELECT max(version) FROM reg_policy"), 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_metrics), T(test_numbers), T(test_age), T(test_drift), T(test_tags), T(test_card), cmocka_unit_test(test_card_sections), T(test_digest),
		T(test_no_policy), T(test_strict), T(test_alias), T(test_freeze), T(test_checklist), T(test_approvals), T(test_rollback_rule), T(test_red), T(test_basis),
		T(test_in_force), T(test_apply_refused),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("gates", tests, NULL, NULL);
}
