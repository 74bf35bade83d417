/* The policy as a text: what is read, and every kind of error with its place. */
#include <locale.h>
#include <math.h>
#include <sodium.h>

#include "core/registry/policy_impl.h"
#include "tests/unit/store_help.h"

static struct policy *good(const char *text)
{
	struct policy *p = NULL;
	struct str findings = STR_INIT;
	if (policy_parse(text, strlen(text), "policy.yaml", &p, &findings, &why) != ST_OK)
		fail_msg("%s\n%s", why.text, findings.p);
	assert_string_equal(findings.p, "");
	str_free(&findings);
	return p;
}

/* What is found in a text that must not be taken; free it. */
static char *findings_of(const char *text, size_t n)
{
	struct policy *p = (struct policy *)&why;
	struct str findings = STR_INIT;
	assert_int_equal(policy_parse(text, n, "policy.yaml", &p, &findings, &why), ST_FAILED);
	assert_null(p);
	assert_int_equal(why.code, ST_FAILED);
	assert_true(findings.len > 0);
	return str_take(&findings);
}

static const char whole[] =
	"version: 1\n"
	"lanes: [None, Development, Staging, Canary, Production, Archived]\n"
	"single: [canary, Production]\n"
	"archive: archived\n"
	"headline: accuracy\n"
	"strict: true\n"
	"card_sections: [data, owner]\n"
	"roles:\n"
	"  admin: [head]\n"
	"  approver: [first, second]\n"
	"  contributor: [builder]\n"
	"default_role: viewer\n"
	"freeze:\n"
	"  - {from: 2026-12-20, to: 2027-01-02, models: 'churn*', lane: production, reason: holidays}\n"
	"rules:\n"
	"  - name: to staging\n"
	"    to: Staging\n"
	"    gates:\n"
	"      - accuracy >= 0.9\n"
	"  - name: ready\n"
	"    extends: base\n"
	"    models: churn*\n"
	"    from: staging\n"
	"    to: production\n"
	"    gates:\n"
	"      - latency_ms <= production * 1.1\n"
	"      - {min_age: 24h}\n"
	"      - {drift: stable, if_missing: refuse}\n"
	"      - {tag: owner}\n"
	"      - {tag: tier, value: gold}\n"
	"      - {card: complete}\n"
	"      - {card: [limitations]}\n"
	"      - {metric: f1 >= production, if_missing: refuse}\n"
	"    checklist: [read the card, told support]\n"
	"    aliases: ['@champion', stable]\n"
	"    rollback: {waive_gates: true, waive_approvals: false, when: [accuracy < 0.8, {drift: drifted}]}\n"
	"  - name: base\n"
	"    gates: [{digest: verified}]\n"
	"    approvals: {needed: 2, role: approver, from: [first, second], separate_uids: true, expire: 3d}\n"
	"  - {name: crown, to: '@champion', approvals: 1}\n";

static void test_whole(void **state)
{
	(void)state;
	struct policy *p = good(whole);
	assert_int_equal(p->n_lanes, 6);
	assert_int_equal(p->n_single, 2);
	assert_string_equal(p->single[0], "Canary");
	assert_string_equal(p->archive, "Archived");
	assert_string_equal(p->headline, "accuracy");
	assert_true(p->strict);
	assert_int_equal(p->n_card_sections, 2);
	assert_int_equal(policy_role(p, "head"), MEMBER_ADMIN);
	assert_int_equal(policy_role(p, "second"), MEMBER_APPROVER);
	assert_int_equal(policy_role(p, "builder"), MEMBER_CONTRIBUTOR);
	assert_int_equal(policy_role(p, "somebody else"), MEMBER_VIEWER);
	assert_int_equal(p->n_freezes, 1);
	assert_string_equal(p->freezes[0].lane, "Production");
	assert_string_equal(p->freezes[0].why, "holidays");
	assert_int_equal(p->freezes[0].from_ms, INT64_C(1797724800000));
	assert_int_equal(p->freezes[0].to_ms, INT64_C(1798934400000));
	assert_int_equal(p->n_rules, 3);                   /* the template is none */
	policy_free(p);
}

static void test_whole_rule(void **state)
{
	(void)state;
	struct policy *p = good(whole);
	const struct policy_rule *r = policy_rule_for(p, "churn-eu", "Staging", "Production");
	assert_non_null(r);
	assert_string_equal(r->name, "ready");
	assert_int_equal(r->line, 20);
	assert_int_equal(r->n_gates, 9);
	assert_int_equal(r->gates[0].kind, GATE_DIGEST);   /* the inherited one first */
	const struct gate_spec *g = &r->gates[1];
	assert_int_equal(g->kind, GATE_METRIC);
	assert_string_equal(g->key, "latency_ms");
	assert_int_equal(g->op, GATE_LE);
	assert_true(g->relative);
	assert_ptr_equal(g->lane, policy_lane(p, "PRODUCTION"));
	assert_float_equal(g->scale, 1.1, 1e-12);
	assert_float_equal(g->offset, 0, 0);
	assert_int_equal(g->line, 26);
	assert_int_equal(g->col, 9);
	assert_int_equal(r->gates[2].min_ms, 24 * 3600 * 1000);
	assert_string_equal(r->gates[3].value, "stable");
	assert_true(r->gates[3].if_missing_refuse);
	assert_null(r->gates[4].value);
	assert_string_equal(r->gates[5].value, "gold");
	assert_string_equal(r->gates[5].name, "tag tier");
	assert_int_equal(r->gates[6].n_sections, 2);
	assert_string_equal(r->gates[7].sections[0], "limitations");
	assert_true(r->gates[8].if_missing_refuse);
	assert_int_equal(r->n_checklist, 2);
	assert_int_equal(r->n_aliases, 2);
	assert_string_equal(r->aliases[0], "champion");
	assert_int_equal(r->approvals, 2);
	assert_int_equal(r->n_approvers, 2);
	assert_true(r->separate_uids);
	assert_int_equal(r->request_ms, INT64_C(3) * 86400 * 1000);
	assert_true(r->waive_on_rollback);
	assert_false(r->waive_approvals_on_rollback);
	assert_int_equal(r->n_rollback_when, 2);
	assert_int_equal(r->rollback_when[1].op, GATE_GE);
	policy_free(p);
}

static void test_which_rule(void **state)
{
	(void)state;
	struct policy *p = good(whole);
	assert_null(policy_rule_for(p, "wine", "Staging", "Production"));        /* another model */
	assert_null(policy_rule_for(p, "churn", "None", "Production"));          /* another lane */
	assert_string_equal(policy_rule_for(p, "wine", "None", "Staging")->name, "to staging");
	assert_string_equal(policy_rule_for(p, "wine", "Staging", "@champion")->name, "crown");
	assert_null(policy_rule_for(p, "wine", "Staging", "@Champion"));         /* aliases know case */
	assert_null(policy_rule_for(p, "wine", "None", "Archived"));
	policy_free(p);
}

static void test_lanes(void **state)
{
	(void)state;
	struct policy *p = policy_default();
	assert_string_equal(policy_lane(p, "production"), "Production");
	assert_null(policy_lane(p, "prod"));
	assert_true(policy_lane_single(p, "PRODUCTION"));
	assert_false(policy_lane_single(p, "Staging"));
	assert_string_equal(policy_next_lane(p, "none"), "Development");
	assert_string_equal(policy_next_lane(p, "Staging"), "Production");
	assert_null(policy_next_lane(p, "Production"));                          /* never the archive */
	assert_null(policy_next_lane(p, "Archived"));
	assert_string_equal(policy_prev_lane(p, "Archived"), "Production");
	assert_null(policy_prev_lane(p, "None"));
	assert_null(policy_next_lane(p, "elsewhere"));
	assert_null(policy_prev_lane(p, "elsewhere"));
	assert_int_equal(policy_role(p, "anybody"), MEMBER_ADMIN);
	policy_free(p);
}

static void test_freeze_edges(void **state)
{
	(void)state;
	struct policy *p = good("freeze:\n- {from: 2026-12-20, to: 2026-12-20, lane: Production, models: a*}\n"
		"- {from: '2026-12-31 18:00+01:00', to: 2027-01-01T06:00Z, reason: night}\n");
	const int64_t day = INT64_C(1797724800000), night = INT64_C(1798736400000);
	assert_null(policy_frozen(p, "abc", "Production", day - 1));
	assert_ptr_equal(policy_frozen(p, "abc", "Production", day), &p->freezes[0]);
	assert_ptr_equal(policy_frozen(p, "abc", "Production", day + 86400000 - 1), &p->freezes[0]);   /* the day it ends is in it */
	assert_null(policy_frozen(p, "abc", "Production", day + 86400000));
	assert_null(policy_frozen(p, "abc", "Staging", day));
	assert_null(policy_frozen(p, "xyz", "Production", day));
	assert_null(policy_frozen(p, "abc", "@champion", day));
	assert_null(policy_frozen(p, "xyz", "Staging", night - 1));
	assert_ptr_equal(policy_frozen(p, "xyz", "@champion", night), &p->freezes[1]);                 /* no lane: aliases, too */
	policy_free(p);
}

/* ---- words ---- */

static void test_globs(void **state)
{
	(void)state;
	static const struct { const char *glob, *text; bool match; } cases[] = {
		{ "*", "", true }, { "*", "abc", true }, { "a*c", "abbc", true }, { "a*c", "abb", false }, { "a?c", "abc", true }, { "a?c", "ac", false },
		{ "*a*b*a", "xaybza", true }, { "*a*b*a", "xaybz", false }, { "", "", true }, { "", "a", false }, { "ns/*", "ns/churn", true }, { "A", "a", false }, { "a?c", "aöc", true }, { "a??c", "aöc", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(policy_glob(cases[i].glob, cases[i].text, false), cases[i].match);
	assert_true(policy_glob("prod*", "Production", true));
}

static void test_spans(void **state)
{
	(void)state;
	int64_t ms;
	assert_true(word_span("24h", &ms) && ms == 86400000);
	assert_true(word_span("1d12h", &ms) && ms == 129600000);
	static const char *const bad[] = { "", "24", "0h", "-1h", "h", "1 fortnight", "11y", "nan h", "1e99d" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (word_span(bad[i], &ms))
			fail_msg("%s was taken", bad[i]);
}

static void test_dates(void **state)
{
	(void)state;
	int64_t ms;
	assert_true(policy_date("1970-01-01", false, &ms) && ms == 0);
	assert_true(policy_date("1970-01-01", true, &ms) && ms == 86400000);
	assert_true(policy_date("2024-02-29T23:59:59-00:30", false, &ms) && ms == INT64_C(1709252999000));
	static const char *const bad[] = { "", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-01-32", "2026-1-1", "2026-01-01T", "2026-01-01T24:00",
		"2026-01-01T10:60", "2026-01-01T10:00+15:00", "2026-01-01T10:00Zz", "1969-12-31", "yesterday" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (policy_date(bad[i], false, &ms))
			fail_msg("%s was taken", bad[i]);
}

/* ---- expressions ---- */

static bool expr(const struct policy *p, const char *text, struct gate_spec *g, struct expr_wrong *wrong)
{
	memset(g, 0, sizeof *g);
	return policy_expr(p, p->arena, text, g, wrong);
}

static void test_expressions(void **state)
{
	(void)state;
	static const struct { const char *text, *key; enum gate_op op; double scale, offset; } cases[] = {
		{ "accuracy >= production - 0.005", "accuracy", GATE_GE, 1, -0.005 }, { "latency_ms<=production*1.1", "latency_ms", GATE_LE, 1.1, 0 },
		{ "loss < .3", "loss", GATE_LT, 0, 0.3 }, { "f1 >= staging * 0.98 + 0.01", "f1", GATE_GE, 0.98, 0.01 }, { "n > 1e3", "n", GATE_GT, 0, 1000 },
		{ "`val loss (new)` != -2E-1", "val loss (new)", GATE_NE, 0, -0.2 }, { "a == 0.5 * `Production` + 1 - 3", "a", GATE_EQ, 0.5, -2 },
		{ "val-loss.x/y@k <= -production", "val-loss.x/y@k", GATE_LE, -1, 0 }, { "größe < 2", "größe", GATE_LT, 0, 2 },
	};
	struct policy *p = policy_default();
	struct gate_spec g;
	struct expr_wrong wrong;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!expr(p, cases[i].text, &g, &wrong))
			fail_msg("%s: at %zu: %s", cases[i].text, wrong.at, wrong.why);
		assert_string_equal(g.key, cases[i].key);
		assert_int_equal(g.op, cases[i].op);
		assert_int_equal(g.relative, g.lane != NULL);
		assert_float_equal(g.scale, cases[i].scale, 1e-12);
		assert_float_equal(g.offset, cases[i].offset, 1e-12);
	}
	policy_free(p);
}

static void test_wrong_expressions(void **state)
{
	(void)state;
	static const struct { const char *text; size_t at; const char *says; } cases[] = {
		{ "", 0, "name of a metric is missing" }, { ">= 1", 0, "name of a metric" }, { "a b < 1", 2, "backticks" }, { "a = 1", 2, "==" },
		{ "a => 1", 2, "==" }, { "a <", 3, "missing at the end" }, { "a < <", 4, "expected here" }, { "a < 1.2.3", 4, "no number" },
		{ "a < 1e999", 4, "no number" }, { "a < nan", 4, "no lane \"nan\"" }, { "a < prodution", 4, "did you mean \"Production\"?" },
		{ "a < production + staging", 17, "only one lane" }, { "a < production * staging", 17, "multiplied by a number" }, { "a < 2 * 3", 8, "lane was expected" },
		{ "a < production / 2", 15, "only + - and *" }, { "a < 1 2", 6, "only + - and *" }, { "`a < 1", 0, "no partner" }, { "`` < 1", 0, "name is missing" },
		{ "a < production -", 16, "missing at the end" }, { "a < 1e308 + 1e308", 0, "too large" },
	};
	struct policy *p = policy_default();
	struct gate_spec g;
	struct expr_wrong wrong;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (expr(p, cases[i].text, &g, &wrong))
			fail_msg("%s was taken", cases[i].text);
		if (!strstr(wrong.why, cases[i].says) || wrong.at != cases[i].at)
			fail_msg("%s: at %zu: %s", cases[i].text, wrong.at, wrong.why);
	}
	policy_free(p);
}

/* ---- errors, each with its place ---- */

static const struct { const char *text, *place, *says; } errors[] = {
	{ "", "policy.yaml", "empty" },
	{ "- a\n", "1:1", "a policy, as a map, is needed here, not a list" },
	{ "a: [\n", "2:1", "not YAML" },
	{ "a: *b\n", "1:4", "aliases" },
	{ "version: 2\n", "1:10", "whole number from 1 to 1" },
	{ "rules: []\nrule: []\n", "2:1", "a policy has no key \"rule\"; did you mean \"rules\"?" },
	{ "colour: red\n", "1:1", "a policy has no key \"colour\"\n" },
	{ "strict: true\nstrict: false\n", "2:1", "stands already in line 1" },
	{ "strict: yes\n", "1:9", "true or false is needed here, not \"yes\"" },
	{ "strict:\n", "1:8", "not nothing" },
	{ "lanes: Production\n", "1:8", "\"None\" is missing" },
	{ "lanes: {a: b}\n", "1:8", "a list is needed here, not a map" },
	{ "lanes: [None, Archived, none]\n", "1:8", "there twice" },
	{ "lanes: [None, Archived, 'a*']\n", "1:8", "no name for a lane" },
	{ "lanes: [None, Done]\n", "1:8", "no lane \"Archived\" for what leaves" },
	{ "lanes: [None, \"a\\x07b\", Archived]\n", "1:15", "cannot be shown" },
	{ "archive: Bin\n", "1:10", "no lane \"Bin\"" },
	{ "single: [Production, Stagin]\n", "1:9", "did you mean \"Staging\"?" },
	{ "single: [Archived]\n", "1:9", "cannot be one" },
	{ "headline: [a]\n", "1:11", "text is needed here, not a list" },
	{ "card_sections: [data, data]\n", "1:23", "stands here twice" },
	{ "roles: {boss: [a]}\n", "1:9", "no key \"boss\"" },
	{ "roles: {approver: [a], admin: [a]}\n", "1:19", "has the role admin already" },
	{ "roles: {approver: [a]}\n", "1:1", "nobody is an admin" },
	{ "default_role: approver\n", "1:1", "nobody is an admin" },
	{ "default_role: king\n", "1:15", "viewer, contributor, approver or admin is needed here" },
	{ "freeze:\n- {to: 2026-01-01}\n", "2:3", "needs \"from\" and \"to\"" },
	{ "freeze:\n- {from: 2026-02-30, to: 2026-03-01}\n", "2:10", "a date, like" },
	{ "freeze:\n- {from: 2026-03-02, to: 2026-03-01}\n", "2:26", "ends before it begins" },
	{ "freeze:\n- {from: 2026-03-02, to: 2026-03-03, lane: Prod}\n", "2:44", "no lane \"Prod\"" },
	{ "rules: {}\n", "1:8", "a list is needed here" },
	{ "rules:\n- to: Staging\n", "2:3", "needs a \"name\"" },
	{ "rules:\n- name: a\n", "2:3", "no \"to\", and no rule extends it" },
	{ "rules:\n- {name: a, to: Prod}\n", "2:17", "no lane \"Prod\"" },
	{ "rules:\n- {name: a, to: 'x*'}\n", "2:17", "matches no lane" },
	{ "rules:\n- {name: a, to: '@latest'}\n", "2:17", "always means the newest" },
	{ "rules:\n- {name: a, from: '@b', to: Staging}\n", "2:19", "no lane \"@b\"" },
	{ "rules:\n- {name: a, from: staging, to: Staging}\n", "2:32", "moves nowhere" },
	{ "rules:\n- {name: a, to: Staging}\n- {name: a, to: Production}\n", "3:10", "a rule \"a\" in line 2 already" },
	{ "rules:\n- {name: a, to: '*'}\n- {name: b, models: c*, from: None, to: Staging}\n", "3:3", "never applies: \"a\" in line 2" },
	{ "rules:\n- {name: a, to: '@*'}\n- {name: b, to: '@champion'}\n", "3:3", "never applies" },
	{ "rules:\n- {name: a, extends: b, to: Staging}\n", "2:22", "no rule \"b\"" },
	{ "rules:\n- {name: a, extends: a, to: Staging}\n", "2:22", "in a circle" },
	{ "rules:\n- {name: a, extends: b, to: Staging}\n- {name: b, extends: c}\n- {name: c, extends: a}\n", "4:22", "comes back to \"a\" in line 2" },
	{ "rules:\n- {name: a, to: Staging, approvals: two}\n", "2:37", "whole number from 0 to 16 is needed here, not \"two\"" },
	{ "rules:\n- {name: a, to: Staging, approvals: {role: admin}}\n", "2:37", "how many approvals" },
	{ "rules:\n- {name: a, to: Staging, approvals: {needed: 2, from: [x]}}\n", "2:55", "only 1 may give one" },
	{ "rules:\n- {name: a, to: Staging, approvals: {needed: 1, role: contributor}}\n", "2:55", "may not approve" },
	{ "rules:\n- {name: a, to: Staging, approvals: {needed: 1, expire: 7}}\n", "2:57", "with its unit" },
	{ "roles: {admin: [x]}\nrules:\n- {name: a, to: Staging, approvals: 2}\n", "3:37", "name only 1" },
	{ "roles: {admin: [x], viewer: [y]}\nrules:\n- {name: a, to: Staging, approvals: {needed: 1, from: [y]}}\n", "3:55", "the role is viewer" },
	{ "rules:\n- {name: a, to: Staging, aliases: [v7]}\n", "2:35", "is a version" },
	{ "rules:\n- {name: a, to: Staging, rollback: {wave_gates: true}}\n", "2:37", "did you mean \"waive_gates\"?" },
	{ "rules:\n- {name: a, to: Production, rollback: {when: [f1 < production]}}\n", "2:47", "with itself" },
	{ "rules:\n- {name: a, to: Production, rollback: {when: [{tag: x}]}}\n", "2:53", "only metrics and drift" },
	{ "rules:\n- {name: a, to: Production, rollback: {when: [{drift: stable}]}}\n", "2:55", "watch or drifted" },
	{ "rules:\n- name: a\n  to: Staging\n  gates:\n    - accuracy >= prodction - 0.1\n", "5:19", "did you mean \"Production\"?" },
	{ "rules:\n- name: a\n  to: Staging\n  gates:\n    - 'größe >= prodction'\n", "5:17", "did you mean \"Production\"?" },
	{ "rules:\n- {name: a, to: Staging, gates: [{min_age: 24}]}\n", "2:44", "like 24h or 7d" },
	{ "rules:\n- {name: a, to: Staging, gates: [{drift: bad}]}\n", "2:42", "stable or watch" },
	{ "rules:\n- {name: a, to: Staging, gates: [{digest: yes}]}\n", "2:43", "\"verified\" is needed" },
	{ "rules:\n- {name: a, to: Staging, gates: [{card: []}]}\n", "2:41", "name the sections" },
	{ "rules:\n- {name: a, to: Staging, gates: [{tag: [x]}]}\n", "2:40", "text is needed here" },
	{ "rules:\n- {name: a, to: Staging, gates: [{tag: x, card: complete}]}\n", "2:34", "one gate an item" },
	{ "rules:\n- {name: a, to: Staging, gates: [{if_missing: allow}]}\n", "2:34", "this is no gate" },
	{ "rules:\n- {name: a, to: Staging, gates: [{digest: verified, value: x}]}\n", "2:53", "only a gate of a tag" },
	{ "rules:\n- {name: a, to: Staging, gates: [{metric: a > 1, if_missing: refuse}]}\n", "2:50", "a missing metric always fails" },
	{ "rules:\n- {name: a, to: Staging, gates: [{drift: watch, if_missing: never}]}\n", "2:61", "allow or refuse" },
	{ "rules:\n- {name: a, to: '*', automatic: true, gates: [a > 1]}\n", "2:33", "needs one lane" },
	{ "rules:\n- {name: a, to: Staging, automatic: true}\n", "2:37", "asks for nothing" },
	{ "rules:\n- {name: a, from: Staging, to: Production, automatic: true, gates: [a > 1]}\n- {name: b, from: Archived, to: Staging, automatic: true, gates: [a > 1]}\n",
		"2:55", "in a circle: Staging → Production → Archived → Staging" },
	{ "rules:\n- {name: a, from: None, to: Staging, automatic: true, gates: [a > 1]}\n- {name: b, from: Staging, to: None, automatic: true, gates: [a > 1]}\n",
		"3:49", "Staging → None → Staging" },
};

static void test_errors(void **state)
{
	(void)state;
	int wrong = 0;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		char *found = findings_of(errors[i].text, strlen(errors[i].text)), *line = found;
		bool seen = false;
		for (; line && !seen; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
			const char *place = strncmp(line, "policy.yaml:", 12) == 0 ? line + 12 : line;
			size_t n = strlen(errors[i].place);
			const char *says = strstr(line, errors[i].says), *end = strchr(line, '\n');
			seen = strncmp(place, errors[i].place, n) == 0 && place[n] == ':' && says && end && says < end;
			seen |= strcmp(errors[i].place, "policy.yaml") == 0 && says;
		}
		if (!seen) {
			print_error("%s: expected %s: %s\n%s\n", errors[i].text, errors[i].place, errors[i].says, found);
			wrong++;
		}
		free(found);
	}
	assert_int_equal(wrong, 0);
}

static void test_all_findings(void **state)
{
	(void)state;
	static const char text[] = "strict: 1\nlanes: [None, Archived, Production]\nrulez: []\nfreeze: 3\nrules:\n- {to: Staging, gates: [a >]}\n";
	char *found = findings_of(text, strlen(text));
	static const char *const places[] = { ":1:9:", ":3:1:", ":4:9:", ":6:3:", ":6:8:", ":6:28:" };
	const char *at = found;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *next = strstr(at, places[i]);
		if (!next)
			fail_msg("%s is missing, or not in order:\n%s", places[i], found);
		at = next;
	}
	assert_non_null(strstr(why.text, "5 more"));
	free(found);
}

static void test_limits(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	char *found = findings_of("a: \xff", 4);
	assert_non_null(strstr(found, "not UTF-8"));
	free(found);
	str_addrep(&text, '#', POLICY_MOST_BYTES + 1);
	found = findings_of(text.p, text.len);
	assert_non_null(strstr(found, "1024 KiB"));
	free(found);
	str_clear(&text);
	str_add(&text, "rules:\n");
	for (int i = 0; i <= POLICY_MOST_RULES; i++)
		str_addf(&text, "- {name: r%d, to: '@a%d'}\n", i, i);
	found = findings_of(text.p, text.len);
	assert_non_null(strstr(found, "at most 256 items, not 257"));
	free(found);
	str_clear(&text);
	for (int i = 0; i < 2 * YAMLREAD_MOST_FINDINGS; i++)
		str_addf(&text, "key%d: 1\n", i);
	found = findings_of(text.p, text.len);
	assert_non_null(strstr(found, "there may be more"));
	free(found);
	str_free(&text);
}

/* A chain of rules that each add gates must not grow without end. */
static void test_long_chain(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	str_add(&text, "rules:\n");
	for (int i = 0; i < 200; i++) {
		str_addf(&text, "- {name: r%d, to: '@a%d'%s%.*d, gates: [", i, i, i < 199 ? ", extends: r" : ", models: m", 1, i + 1);
		for (int k = 0; k < 40; k++)
			str_addf(&text, "%sm%d > 1", k ? ", " : "", k);
		str_add(&text, "]}\n");
	}
	char *found = findings_of(text.p, text.len);
	assert_non_null(strstr(found, "at most 256 items of a list, with the inherited ones"));
	free(found);
	str_free(&text);
}

static void test_locale(void **state)
{
	(void)state;
	struct gate_spec g;
	struct expr_wrong wrong;
	struct policy *p = policy_default();
	setlocale(LC_NUMERIC, "de_DE.UTF-8");
	assert_true(expr(p, "a < 0.25", &g, &wrong));
	assert_float_equal(g.offset, 0.25, 0);
	setlocale(LC_NUMERIC, "C");
	policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_whole_rule), cmocka_unit_test(test_which_rule), cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_freeze_edges), cmocka_unit_test(test_globs), cmocka_unit_test(test_spans), cmocka_unit_test(test_dates),
		cmocka_unit_test(test_expressions), cmocka_unit_test(test_wrong_expressions), cmocka_unit_test(test_errors), cmocka_unit_test(test_all_findings),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_long_chain), cmocka_unit_test(test_locale),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
